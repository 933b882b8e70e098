//! F103 and F109–F112: dropped prompts, resumed streams, and streams with more than one answer in them.

use std::time::Duration;

use qwenctl::client::Notice;
use qwenctl::domain::{Completeness, ErrorKind, ReplyEvent};
use serde_json::json;

use crate::support::bodies::{
    R1, U1, answer, empty_chat, envelope, gateway_page, json as body, one_turn, prompt, refusal,
    unfinished,
};
use crate::support::frames::{created, d, delta, end, event, finished, raw, sse, thoughts, whole};
use crate::support::response::{Ending, Response};
use crate::support::world::{CHAT, COMPLETIONS, Outcome, RESUME, STOP, World};

/// The outcome of an answer that is cut after `Hal`, with these answers to the resume calls. Afterwards
/// the chat has all of it.
async fn resumed(answers: Vec<Response>) -> (World, Outcome) {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    for answer in answers {
        world.on(RESUME, answer);
    }
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hallo")));
    let outcome = world.ask().await;
    assert_eq!(outcome.text(), "Hallo");
    assert_eq!(world.upstream.count(COMPLETIONS), 1, "the prompt is sent once");
    (world, outcome)
}

/// The pieces of the answer.
fn pieces(outcome: &Outcome) -> Vec<&str> {
    let pieces = outcome.events.iter().map(|event| match event {
        ReplyEvent::Delta(piece) => piece.as_str(),
        ReplyEvent::Rewrite(_) => "(rewritten)",
        _ => "",
    });
    pieces.filter(|piece| !piece.is_empty()).collect()
}

#[tokio::test]
async fn f103_dropped_prompt_is_sent_again_once() {
    let dropped = || Response::new("application/json", "");
    let world = World::new().await;
    world.on(COMPLETIONS, dropped()).on(CHAT, empty_chat()).on(CHAT, empty_chat());
    world.on(COMPLETIONS, whole("Hi"));
    assert_eq!(world.ask().await.text(), "Hi");

    let world = World::new().await;
    world.on(COMPLETIONS, dropped()).on(COMPLETIONS, dropped());
    world.upstream.always(CHAT, empty_chat);
    let outcome = world.ask().await;
    let error = outcome.error(ErrorKind::UpstreamProtocol);
    assert!(error.message().starts_with("the service dropped the request"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("size limit")), "{:?}", error.hint());
    assert_eq!(world.upstream.count(COMPLETIONS), 2);
    assert_eq!(world.upstream.count(CHAT), 4);
}

#[tokio::test]
async fn f103_prompt_that_appears_late_is_not_sent_again() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::new("application/json", "")).on(CHAT, empty_chat());
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hallo")));

    assert_eq!(world.ask().await.text(), "Hallo");

    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn f109_resumed_stream_sends_the_rest() {
    let (world, outcome) = resumed(vec![sse([created().as_str(), &d("l"), &d("o"), &end()])]).await;
    assert_eq!(pieces(&outcome).concat(), "Hallo");
    let request = world.upstream.request(RESUME);
    assert_eq!(request.json(), json!({}));
    assert_eq!(world.upstream.count(CHAT), 1);
    assert_eq!(world.notices.count(|notice| *notice == Notice::Resuming), 1);
}

#[tokio::test]
async fn f109_resumed_stream_repeats_the_text() {
    for deltas in [&["Hallo"][..], &["Ha", "llo"], &["H", "a", "l", "l", "o"]] {
        let mut events = vec![created()];
        events.extend(deltas.iter().map(|piece| d(piece)));
        events.push(end());
        let (_, outcome) = resumed(vec![Response::stream(events)]).await;
        assert_eq!(pieces(&outcome).concat(), "Hallo", "{deltas:?}");
    }
}

#[tokio::test]
async fn f109_resumed_stream_is_empty() {
    for empty in [sse([created().as_str()]), sse([]), sse([created().as_str(), &end()])] {
        let (world, _) = resumed(vec![empty]).await;
        assert_eq!(world.upstream.count(RESUME), 1);
    }
}

#[tokio::test]
async fn f109_busy_chat_is_resumed_a_second_time() {
    let busy = || refusal("CHAT_IN_PROGRESS", "对话正在进行中");
    let (world, _) = resumed(vec![busy(), sse([created().as_str(), &d("lo"), &end()])]).await;
    assert_eq!((world.upstream.count(RESUME), world.upstream.count(CHAT)), (2, 1));

    let (world, _) = resumed(vec![busy(), busy()]).await;
    assert_eq!((world.upstream.count(RESUME), world.upstream.count(CHAT)), (2, 1));
}

#[tokio::test]
async fn f109_refused_resume_call_leaves_the_chat() {
    for refused in [
        refusal("PARENT_NOT_FOUND", "x"),
        refusal("CHAT_NOT_FOUND", "This chat has been deleted."),
        refusal("RequestValidationError", "Field 'messages': Field required"),
        body(r#"{"detail":"Not Found"}"#).status(404),
        body(r#"{"success":true,"data":{"status":true}}"#),
        sse([created().as_str(), &raw(r#"{"error":{"code":"CHAT_IN_PROGRESS"}}"#)]),
    ] {
        let (world, _) = resumed(vec![refused]).await;
        assert_eq!(world.upstream.count(RESUME), 1);
    }
}

#[tokio::test]
async fn f109_resumed_answer_as_a_document() {
    for text in ["Hallo", "lo"] {
        let choices = json!([{"message": {"role": "assistant", "content": text}}]);
        let document = envelope(json!({"message_id": R1, "parent_id": U1, "choices": choices}));
        let (_, outcome) = resumed(vec![document]).await;
        assert_eq!(pieces(&outcome).concat(), "Hallo", "{text}");
    }
}

#[tokio::test]
async fn f109_second_cut_is_resumed_too() {
    let cut = sse([created().as_str(), &d("l")]).ending(Ending::Reset);
    let (world, _) = resumed(vec![cut, sse([created().as_str(), &d("o"), &end()])]).await;
    assert_eq!(world.upstream.count(RESUME), 2);
}

#[tokio::test]
async fn f109_chat_corrects_a_resumed_text() {
    // The rest begins like the text before the cut.
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("a")]));
    world.on(RESUME, sse([created().as_str(), &d("ab"), &end()]));
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "aab")));

    assert_eq!(world.ask().await.text(), "aab");
}

#[tokio::test]
async fn f109_resumed_text_that_the_chat_does_not_confirm_is_doubtful() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(RESUME, sse([created().as_str(), &d("lo"), &end()]));
    world.upstream.always(CHAT, || gateway_page(502));

    let outcome = world.ask().await;

    assert_eq!(outcome.reply().content, "Hallo");
    assert_eq!(outcome.reply().completeness, Completeness::Doubtful);
}

#[tokio::test]
async fn f109_chat_that_lags_behind_a_resumed_stream() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(RESUME, sse([created().as_str(), &d("lo"), &end()]));
    world.on(CHAT, envelope(crate::support::bodies::detail(&[prompt(U1, None, "Hello", &[])])));
    world.on(CHAT, one_turn(&unfinished(R1, U1, "Hal")));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hallo")));

    assert_eq!(world.ask().await.text(), "Hallo");
}

#[tokio::test]
async fn f109_nothing_is_resumed_without_an_id() {
    let world = World::new().await;
    let piece = r#"{"choices": [{"delta": {"role": "assistant", "content": "Hal", "phase": "answer", "status": "typing"}}]}"#;
    world.on(COMPLETIONS, sse([raw(piece).as_str()]));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hallo")));

    assert_eq!(world.ask().await.text(), "Hallo");

    assert_eq!(world.upstream.count(RESUME), 0);
}

#[tokio::test]
async fn f109_dropped_resume_call_stops_the_answer() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(RESUME, Response::silence());
    world.on(STOP, envelope(json!({"status": true})));
    let mut stream = world.send().await.expect("a stream");
    {
        let read = std::pin::pin!(async { while stream.next().await.is_some() {} });
        let resumed = world.upstream.until(RESUME, 1);
        tokio::select! {
            () = read => panic!("there is no more"),
            () = resumed => {}
        }
    }
    drop(stream);

    world.client.settle().await;

    assert_eq!(world.upstream.request(STOP).json()["response_id"], R1);
}

#[tokio::test]
async fn f110_other_candidates_are_ignored() {
    let other = |index: serde_json::Value| {
        event(json!({"choices": [{"delta": {"role": "assistant", "content": "OTHER",
            "phase": "answer", "status": "typing"}}], "response_id": R1, "response_index": index}))
    };
    let end_of_other = event(json!({"choices": [{"delta": {"content": "", "role": "assistant",
        "status": "finished", "phase": "answer"}}], "response_id": R1, "response_index": "1"}));
    let created_too = raw(
        r#"{"response.created":{"chat_id": "C1", "parent_id": "U1", "response_id":"R9", "response_index": "1"}}"#,
    );
    let mine = event(json!({"choices": [{"delta": {"role": "assistant", "content": "lo",
        "phase": "answer", "status": "typing"}}], "response_id": R1, "response_index": 0}));
    let world = World::new().await;
    let events = [
        created_too,
        created(),
        other(json!(1)),
        d("Hal"),
        other(json!("1")),
        end_of_other,
        mine,
        other(json!(2)),
        end(),
    ];
    world.on(COMPLETIONS, Response::stream(events));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hallo");
    assert_eq!(outcome.reply().message_id.as_deref(), Some(R1));
}

#[tokio::test]
async fn f111_finished_thinking_is_not_the_end() {
    let world = World::configured(|config| config.timing.grace = Duration::from_millis(20)).await;
    let stream = sse([created().as_str(), &thoughts(&["Plan"], &["Greet."])])
        .then(finished("thinking_summary"))
        .pause(Duration::from_millis(400))
        .then(d("Hi"))
        .then(end());
    world.on(COMPLETIONS, stream);

    assert_eq!(world.ask().await.text(), "Hi");
}

#[tokio::test]
async fn f112_noise_of_functions_is_not_in_the_answer() {
    let world = World::new().await;
    let mut events = vec![created()];
    for phase in ["local_tool", "bash", "read_file", "slides", "tool_call", "search_result"] {
        events.push(delta("NOISE", phase, "typing"));
        events.push(finished(phase));
    }
    events.extend([d("Hi"), end()]);
    world.on(COMPLETIONS, Response::stream(events));

    assert_eq!(world.ask().await.text(), "Hi");
}
