//! Prompts with an unknown outcome: they are not sent twice, answers of other clients are left alone, and
//! an answer that may be cut is not reported as whole.

use std::time::Duration;

use qwenctl::domain::{Completeness, ErrorKind, Parent, Turn};
use serde_json::{Value, json};

use crate::support::bodies::{
    R1, U1, answer, challenge, detail, empty_chat, envelope, gateway_page, one_turn, prompt,
    refusal, unfinished,
};
use crate::support::frames::{created, d, end, event, finished, raw, sse, whole};
use crate::support::response::{Ending, Response};
use crate::support::world::{CHAT, COMPLETIONS, STOP, World, chat_id, drain, next_delta, turn};

const OTHER: &str = "a0000000-0000-4000-8000-0000000000f1";

#[tokio::test]
async fn busy_chat_after_a_lost_prompt_is_only_read() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504)).on(CHAT, empty_chat());
    world.on(COMPLETIONS, refusal("CHAT_IN_PROGRESS", "The chat is in progress!"));
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hello you")));

    assert_eq!(world.ask().await.text(), "Hello you");
    assert_eq!(world.upstream.count(COMPLETIONS), 2);
}

#[tokio::test]
async fn stale_connections_lose_no_answer_and_duplicate_no_prompt() {
    let world = World::new().await;
    world.upstream.give_up_kept_connections();
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hi")));
    world.on(COMPLETIONS, whole("Hello again"));

    let next = Turn { parent: Parent::Current, ..turn() };
    let stream = world.session.send(next).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "Hello again");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn late_prompt_is_not_sent_again_after_a_refusal() {
    for (code, details) in [
        ("Too_Many_Requests", "slow down"),
        ("Bad_Request", "internal error, please try again"),
        ("Bad_Request", "Invalid input chat parent_id x is not exist."),
    ] {
        let world = World::new().await;
        world.on(COMPLETIONS, gateway_page(504)).on(CHAT, empty_chat());
        world.on(COMPLETIONS, refusal(code, details));
        world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hello you")));

        assert_eq!(world.ask().await.text(), "Hello you", "{code}: {details}");
        assert_eq!(world.upstream.count(COMPLETIONS), 2, "{code}: {details}");
    }
}

#[tokio::test]
async fn lost_prompt_is_sent_again_after_a_refusal() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504));
    world.on(COMPLETIONS, refusal("Too_Many_Requests", "slow down"));
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &end()]));
    world.upstream.always(CHAT, empty_chat);

    assert_eq!(world.ask().await.text(), "Hi");
    assert_eq!(world.upstream.count(COMPLETIONS), 3);
}

#[tokio::test]
async fn refusal_after_a_lost_prompt_warns_that_it_may_be_accepted() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504)).on(CHAT, empty_chat());
    world.on(COMPLETIONS, refusal("Bad_Request", "model is wrong"));

    let outcome = world.ask().await;

    let error = outcome.error(ErrorKind::InvalidRequest);
    assert!(error.hint().is_some_and(|hint| hint.contains("may have been accepted")), "{error}");
}

#[tokio::test]
async fn error_of_a_lost_prompt_advises_no_retry() {
    for (code, details, says) in [
        ("CHAT_IN_PROGRESS", "The chat is in progress!", "still answering"),
        ("RateLimited", "the upper limit", "quota"),
    ] {
        let world = World::new().await;
        world.on(COMPLETIONS, gateway_page(504));
        world.on(COMPLETIONS, refusal(code, details));
        world.upstream.always(CHAT, empty_chat);

        let outcome = world.ask().await;

        let error = outcome.error(ErrorKind::UpstreamUnreachable);
        assert!(error.message().contains(says), "{error}");
        assert!(
            error.hint().is_some_and(|hint| hint.contains("may have been accepted")),
            "{error}"
        );
        assert_eq!(error.retry_after(), None);
        assert_eq!(world.upstream.count(COMPLETIONS), 2, "{code}");
    }
}

#[tokio::test]
async fn any_error_after_a_lost_prompt_warns_that_it_may_be_accepted() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504)).on(CHAT, empty_chat());
    world.on(COMPLETIONS, refusal("Bad_Request", "Invalid input chat parent_id x is not exist."));
    world.on(CHAT, empty_chat()).on(CHAT, challenge());

    let outcome = world.ask().await;

    let error = outcome.end.as_ref().expect_err("an error");
    assert!(error.hint().is_some_and(|hint| hint.contains("may have been accepted")), "{error}");
}

#[tokio::test]
async fn trimmed_prompt_is_recognised() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504));
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hello you")));

    let stream = world.session.send(Turn { prompt: "\r\nHello\n".to_owned(), ..turn() }).await;

    assert_eq!(drain(stream.expect("a stream")).await.text(), "Hello you");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn prompt_of_another_client_is_left_alone() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504));
    world.upstream.always(CHAT, || {
        envelope(detail(&[
            prompt(OTHER, None, "Something else", &[R1]),
            answer(R1, OTHER, "Theirs"),
        ]))
    });

    let outcome = world.ask().await;

    let error = outcome.error(ErrorKind::UpstreamUnreachable);
    assert!(error.hint().is_some_and(|hint| hint.contains("may have been accepted")));
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn answer_in_an_older_branch_is_not_ours() {
    let world = World::new().await;
    let child = || prompt(OTHER, Some(R1), "Hello", &[]);
    let before =
        || envelope(detail(&[prompt(U1, None, "Hello", &[R1]), answer(R1, U1, "old"), child()]));
    world.on(CHAT, before()).on(COMPLETIONS, gateway_page(502)).on(CHAT, before());
    world.on(COMPLETIONS, sse([created().as_str(), &d("new"), &end()]));

    let parent = Parent::Message(R1.to_owned());
    let stream = world.session.send(Turn { parent, ..turn() }).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "new");
}

#[tokio::test]
async fn failed_message_in_any_spelling_is_no_answer() {
    for error in [
        json!({"content": "model crashed"}),
        json!("model crashed"),
        json!(["model crashed"]),
        json!(500),
    ] {
        let world = World::new().await;
        let mut failed = answer(R1, U1, "Hal");
        failed["error"] = error;
        world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")])).on(CHAT, one_turn(&failed));

        let outcome = world.ask().await;

        assert_eq!(outcome.partial(ErrorKind::UpstreamUnreachable), "Hal");
    }
    let world = World::new().await;
    let mut refused = answer(R1, U1, "Hal");
    refused["error"] = json!({"code": "data_inspection_failed", "details": "no"});
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")])).on(CHAT, one_turn(&refused));
    assert_eq!(world.ask().await.partial(ErrorKind::ContentRefused), "Hal");
}

#[tokio::test]
async fn unconfirmed_pause_at_the_end_is_doubtful() {
    let broken = raw("{\"choices\": [{\"delta\": {\"content\": \"x");
    for middle in ["", broken.as_str()] {
        let world = World::new().await;
        let pause = finished("answer");
        world.on(COMPLETIONS, sse([created().as_str(), &d("Let me look."), middle, &pause]));
        world.upstream.always(CHAT, || gateway_page(502));

        let outcome = world.ask().await;

        assert_eq!(outcome.reply().content, "Let me look.");
        assert_eq!(outcome.reply().completeness, Completeness::Doubtful);
    }
}

#[tokio::test]
async fn answer_of_another_client_is_not_stopped() {
    let world = World::new().await;
    world.upstream.always(CHAT, || {
        envelope(detail(&[prompt(OTHER, None, "Theirs", &[R1]), unfinished(R1, OTHER, "Hal")]))
    });
    world.on(COMPLETIONS, Response::silence());
    {
        let parent = Parent::Current;
        let send = std::pin::pin!(world.session.send(Turn { parent, ..turn() }));
        let posted = world.upstream.until(COMPLETIONS, 1);
        tokio::select! {
            _ = send => panic!("nothing was answered"),
            () = posted => {}
        }
    }

    world.client.settle().await;

    assert_eq!(world.upstream.count(STOP), 0);
}

#[tokio::test]
async fn keep_alives_after_the_last_event_do_not_delay_the_end() {
    let world = World::new().await;
    let info = json!({"response.info": {"action": "keep_alive", "response_id": R1}});
    let mut response = Response::stream([created(), d("Hi"), end()]).ending(Ending::Hang);
    for _ in 0..40 {
        response = response.pause(Duration::from_millis(50)).then(event(info.clone()));
    }
    world.on(COMPLETIONS, response);

    let mut stream = world.send().await.expect("a stream");

    assert_eq!(next_delta(&mut stream).await, "Hi");
    let end = tokio::time::timeout(Duration::from_secs(1), stream.next()).await;
    assert!(matches!(end, Ok(None)), "ended within the grace: {end:?}");
}

#[tokio::test]
async fn long_error_details_are_truncated_in_linear_time() {
    let world = World::new().await;
    let details = "\"".repeat(1 << 20);
    let body: Value =
        json!({"success": false, "data": {"code": "Bad_Request", "details": details}});
    world.on(COMPLETIONS, crate::support::bodies::json(body.to_string()));

    let outcome =
        tokio::time::timeout(Duration::from_secs(20), world.ask()).await.expect("in time");

    assert!(outcome.error(ErrorKind::InvalidRequest).message().len() < 2000);
}

#[tokio::test]
async fn unknown_address_is_not_a_missing_chat() {
    let world = World::new().await;
    world.upstream.always("GET /api/v2/chats/", || {
        crate::support::bodies::json(r#"{"detail":"Not Found"}"#).status(404)
    });

    let error = world.session.chats(1).await.expect_err("nothing there");

    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().contains("address"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--api-url")));
}

#[tokio::test]
async fn missing_chat_is_an_error_after_an_unsent_delete() {
    let world = World::new().await;
    let delete = "DELETE /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
    world.on(delete, refusal("Too_Many_Requests", "slow down"));
    world.on(delete, crate::support::bodies::gone());
    let error = world.session.delete_chat(&chat_id()).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);

    world.on(delete, gateway_page(504)).on(delete, crate::support::bodies::gone());
    world.session.delete_chat(&chat_id()).await.expect("the first attempt may have deleted it");
}

#[tokio::test]
async fn long_chat_with_a_raw_control_character_is_read() {
    let world = World::new().await;
    let text = "x".repeat(6 << 20);
    let body = detail(&[prompt(U1, None, &text, &[R1]), answer(R1, U1, "A-TAB-B")]);
    let body = json!({"success": true, "request_id": "Q1", "data": body}).to_string();
    world.on(CHAT, crate::support::bodies::json(body.replace("-TAB-", "\t")));

    let chat = world.session.chat(&chat_id()).await.expect("a chat");

    assert_eq!(chat.message(R1).map(|message| message.content.as_str()), Some("A B"));
}
