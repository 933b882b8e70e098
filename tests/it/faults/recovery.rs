//! F63–F68: errors and silence inside a stream, and streams that are cut.

use std::time::Duration;

use qwenctl::client::{Notice, Timeouts};
use qwenctl::domain::{Completeness, ErrorKind};
use serde_json::{Value, json};

use crate::support::bodies::{
    R1, U1, answer, detail, envelope, gone, one_turn, part, prompt, reply, unfinished,
};
use crate::support::frames::{created, d, end, event, finished, raw, search_result, sse, thoughts};
use crate::support::response::{Ending, Gate, Response};
use crate::support::world::{CHAT, COMPLETIONS, Outcome, STOP, World, next_delta};

/// The outcome of a prompt whose answer is a stream of these events. Expects no other request.
async fn streamed(events: impl IntoIterator<Item = String>) -> Outcome {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::stream(events));
    world.ask().await
}

#[tokio::test]
async fn f63_in_stream_error_first() {
    let error =
        event(json!({"error": {"code": "Too_Many_Requests", "details": "please slow down"},
        "response_id": R1}));

    let outcome = streamed([created(), error]).await;

    assert!(outcome.error(ErrorKind::RateLimited).partial().is_none());
}

#[tokio::test]
async fn f64_in_stream_error_after_text() {
    let error = event(json!({"error": {"code": "Internal_Server_Error", "details": "x"},
        "response_id": R1}));

    let outcome = streamed([created(), d("Hal"), error]).await;

    assert_eq!(outcome.partial(ErrorKind::UpstreamUnreachable), "Hal");
    let partial = outcome.error(ErrorKind::UpstreamUnreachable).partial().expect("a part");
    assert_eq!(partial.completeness, Completeness::Partial);
}

#[tokio::test]
async fn f65_error_variants() {
    let in_delta = |extra: Value| {
        json!({"choices": [{"delta": {"role": "assistant", "content": "", "phase": "answer",
            "status": "error", "extra": extra}}], "response_id": R1})
    };
    for (data, kind) in [
        (json!({"error": "boom"}), None),
        (json!({"error": {"message": "boom"}}), None),
        (json!({"code": "RateLimited", "detail": "x"}), Some(ErrorKind::RateLimited)),
        (json!({"success": false, "data": {"code": "Bad_Request", "details": "x"}}), None),
        (
            in_delta(json!({"error": {"code": "Server_Busy", "details": "x"}})),
            Some(ErrorKind::UpstreamUnreachable),
        ),
        (in_delta(json!(null)), None),
    ] {
        let outcome = streamed([created(), d("Hal"), event(data.clone())]).await;

        let error = outcome.end.expect_err("an error");
        assert_eq!(error.partial().map(|reply| reply.content.as_str()), Some("Hal"), "{data}");
        assert!(kind.is_none_or(|kind| kind == error.kind()), "{data}: {error:?}");
        assert_ne!(error.kind(), ErrorKind::Internal, "{data}: {error:?}");
    }
}

#[tokio::test]
async fn f65_values_that_are_no_error() {
    for data in [r#"{"error": null}"#, r#"{"error": {}}"#, r#"{"error": false}"#] {
        assert_eq!(streamed([created(), d("H"), raw(data), d("i"), end()]).await.text(), "Hi");
    }
}

/// A chat that first shows a growing reply, then all of it.
fn recovers_to(world: &World, text: &str) {
    world.on(CHAT, one_turn(&unfinished(R1, U1, "Hal")));
    world.on(CHAT, one_turn(&answer(R1, U1, text)));
}

#[tokio::test]
async fn f66_clean_end_without_the_finish() {
    for ending in [Ending::Whole, Ending::Fin] {
        let world = World::new().await;
        world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(ending));
        recovers_to(&world, "Hallo");

        let outcome = world.ask().await;

        assert_eq!(outcome.text(), "Hallo");
        assert_eq!(outcome.reply().message_id.as_deref(), Some(R1));
        assert_eq!(world.notices.count(|notice| *notice == Notice::Recovering), 1);
        assert_eq!(world.upstream.count(COMPLETIONS), 1);
    }
}

#[tokio::test]
async fn f66_reset_in_the_middle_of_an_event() {
    let world = World::new().await;
    let gate = Gate::default();
    let half = d("lo");
    let stream = sse([created().as_str(), &d("Hal"), &half[..half.len() / 2]]).gate(&gate);
    world.on(COMPLETIONS, stream.ending(Ending::Reset));
    recovers_to(&world, "Hallo");

    let mut stream = world.send().await.expect("a stream");
    assert_eq!(next_delta(&mut stream).await, "Hal");
    gate.open();
    let outcome = crate::support::world::drain_after(stream, "Hal").await;

    assert_eq!(outcome.text(), "Hallo");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn f66_end_after_a_phase_that_finished() {
    let world = World::new().await;
    let stream = [created(), d("Let me look."), finished("answer")];
    world.on(COMPLETIONS, Response::stream(stream));
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Let me look.")));

    assert_eq!(world.ask().await.text(), "Let me look.");
}

#[tokio::test]
async fn f66_sources_that_were_found_after_the_cut() {
    let world = World::new().await;
    let first = search_result(&[("https://a.example/", "A")], 2);
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal"), &first]));
    let search = |url: &str, used_id: usize| {
        let found = json!([{"url": url, "title": "T", "snippet": "s"}]);
        let mut part = part("web_search", "");
        part["extra"] = json!({"web_search_info": found, "tool_result": {"used_id": used_id}});
        part
    };
    let parts = [
        part("answer", "Hal"),
        search("https://a.example/", 2),
        search("https://b.example/", 3),
        part("answer", "lo"),
    ];
    world.on(CHAT, one_turn(&reply(R1, U1, json!(parts))));

    let outcome = world.ask().await;

    let cited: Vec<_> = outcome.reply().citations.iter().map(|it| (it.number, &*it.url)).collect();
    assert_eq!(cited, [(1, "https://a.example/"), (2, "https://b.example/")]);
}

#[tokio::test]
async fn f66_text_of_the_chat_replaces_streamed_text() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(CHAT, one_turn(&answer(R1, U1, "Something else")));

    assert_eq!(world.ask().await.text(), "Something else");
}

#[tokio::test]
async fn f66_cut_that_cannot_be_recovered() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(CHAT, gone());

    let outcome = world.ask().await;

    let error = outcome.end.expect_err("an error");
    assert!(matches!(error.kind(), ErrorKind::UpstreamProtocol | ErrorKind::NotFound), "{error:?}");
    assert_eq!(error.partial().map(|reply| reply.content.as_str()), Some("Hal"));
}

#[tokio::test]
async fn f66_cut_whose_reply_never_grows() {
    let world = World::configured(|config| config.timeouts.idle = Duration::from_millis(300)).await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "Hall")));

    let outcome = world.ask().await;

    let kind = ErrorKind::UpstreamProtocol;
    assert!(outcome.partial(kind).starts_with("Hal"), "what came is kept");
    assert!(world.upstream.count(CHAT) > 1);
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn f66_chat_is_read_again_after_a_gateway_page() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(CHAT, crate::support::bodies::gateway_page(502));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hallo")));

    assert_eq!(world.ask().await.text(), "Hallo");
}

#[tokio::test]
async fn f67_only_created_then_the_answer_appears() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str()]));
    world.on(CHAT, envelope(detail(&[prompt(U1, None, "Hello", &[])])));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hallo")));

    assert_eq!(world.ask().await.text(), "Hallo");
}

#[tokio::test]
async fn f67_only_created_and_never_an_answer() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str()]));
    world.upstream.always(CHAT, || envelope(detail(&[prompt(U1, None, "Hello", &[])])));

    let outcome = world.ask().await;

    let error = outcome.error(ErrorKind::UpstreamProtocol);
    assert!(error.partial().is_none());
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn f67_finished_without_text() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &end()]));
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "")));

    world.ask().await.error(ErrorKind::UpstreamProtocol);
}

#[tokio::test]
async fn f68_long_silence() {
    let usual = Timeouts::default();
    assert!(usual.idle >= Duration::from_mins(3) && usual.total.is_none());
    // Half of the idle time, as 90 s are half of the usual 180 s.
    let world = World::configured(|config| config.timeouts.idle = Duration::from_secs(2)).await;
    let stream = sse([created().as_str()])
        .pause(Duration::from_secs(1))
        .then(thoughts(&["Plan"], &["Greet."]))
        .then(d("Hi"))
        .then(end());
    world.on(COMPLETIONS, stream);

    assert_eq!(world.ask().await.text(), "Hi");
}

#[tokio::test]
async fn f68_endless_silence_is_a_timeout() {
    let world = World::configured(|config| config.timeouts.idle = Duration::from_millis(100)).await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    world.upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "Hal")));
    world.upstream.always(STOP, || envelope(json!({"status": true})));

    let outcome = world.ask().await;

    assert_eq!(outcome.partial(ErrorKind::Timeout), "Hal");
    let error = outcome.error(ErrorKind::Timeout);
    let shown = format!("{error} {}", error.hint().unwrap_or_default());
    assert!(shown.contains("--idle-timeout"), "{shown}");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}
