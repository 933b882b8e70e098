//! Streams: what comes, when it comes, and how it fails.

use std::time::Duration;

use serde_json::json;

use super::world::{Served, events, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, R1, challenge, envelope, gone, quota, unauthorized};
use crate::support::frames::{
    created, d, delta, end, event, finished, search_call, search_result, sse, thoughts, whole,
};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

fn body(streams: bool) -> serde_json::Value {
    json!({"chat_id": C1, "message": "Hello", "stream": streams})
}

#[tokio::test]
async fn deltas_are_sent_at_once_and_headers_with_the_first() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let (first, second, last) = (Gate::default(), Gate::default(), Gate::default());
    let answer = Response::stream([""; 0]).gate(&first).then(created() + &d("one"));
    let answer = answer.gate(&second).then(d("two")).gate(&last).then(end());
    upstream.on(COMPLETIONS, answer);
    let served = Served::new(&upstream).await;

    let mut stream = served.raw(post("/api/chat/send", &body(true))).await;
    upstream.until(COMPLETIONS, 1).await;
    let mut byte = [0];
    assert!(stream.try_read(&mut byte).is_err(), "headers are held back");
    first.open();
    let head = read_until(&mut stream, "one").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    for header in [
        "content-type: text/event-stream; charset=utf-8",
        "cache-control: no-cache",
        "x-accel-buffering: no",
        "access-control-allow-origin: *",
        "x-request-id: ",
    ] {
        assert!(head.contains(header), "{head}");
    }
    second.open();
    assert!(!read_until(&mut stream, "two").await.contains("event: done"));
    last.open();
    read_until(&mut stream, "event: done").await;
}

#[tokio::test]
async fn each_event_is_written_in_one_piece() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("a"), &d("b"), &end()]));
    let served = Served::new(&upstream).await;
    let mut stream = served.raw(post("/api/chat/send", &body(true))).await;
    let text = read_until(&mut stream, "0\r\n\r\n").await;
    let mut rest = text.split_once("\r\n\r\n").expect("a head").1;
    let mut chunks = Vec::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a length");
        chunks.push(&after[..length]);
        rest = &after[length + 2..];
    }
    assert_eq!(chunks.pop(), Some(""));
    assert_eq!(chunks.len(), 4, "start, two deltas, done: {chunks:?}");
    for chunk in chunks {
        assert!(chunk.starts_with("event: ") && chunk.ends_with("\n\n"), "{chunk:?}");
        assert_eq!(chunk.matches("\n\n").count(), 1, "{chunk:?}");
    }
}

#[tokio::test]
async fn a_streamed_answer_equals_the_whole_one() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let answer = || {
        sse([
            created().as_str(),
            &thoughts(&["Plan"], &["I look it up."]),
            &finished("thinking_summary"),
            &search_call("{\"queries\": [\"qwen\"]}"),
            &search_result(&[("https://a.example/", "A")], 1),
            &d("It is "),
            &d("so [[0]]."),
            &delta("", "answer", "finished"),
            &end(),
        ])
    };
    upstream.on(COMPLETIONS, answer());
    upstream.on(COMPLETIONS, answer());
    upstream.on(COMPLETIONS, answer());
    let served = Served::new(&upstream).await;

    let whole = served.post("/api/chat/send", body(false)).await.json();
    let streamed = served.post("/api/chat/send", body(true)).await;
    let accepted = served.http.post(served.url("/api/chat/send")).json(&body(false));
    let accepted = served.ask(accepted.header("accept", "text/event-stream")).await;
    assert_eq!(streamed.text, accepted.text, "`Accept` streams as well");

    let events = events(&streamed.text);
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"start"), Some(&"done")));
    assert_eq!(events[0].1, json!({"chat_id": C1, "message_id": R1, "model": "qwen-example-max"}));
    let text_of = |kind: &str| -> String {
        let pieces = events.iter().filter(|(name, _)| name == kind);
        pieces.map(|(_, data)| data["content"].as_str().expect("a text")).collect()
    };
    assert_eq!(text_of("delta"), whole["data"]["content"]);
    assert_eq!(text_of("thinking"), whole["data"]["thinking"]);
    assert!(whole["data"]["thinking"].is_string() && whole["data"]["citations"].is_array());
    assert!(names.contains(&"search"), "{names:?}");
    assert_eq!(events.last().expect("done").1, whole);
}

#[tokio::test]
async fn a_failure_before_the_first_event_has_its_status() {
    for (answer, status, code) in [
        (Response::new("application/json", quota()), 429, "rate_limited"),
        (challenge(), 503, "browser_check"),
    ] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        upstream.on(COMPLETIONS, answer);
        let served = Served::new(&upstream).await;
        let answer = served.post("/api/chat/send", body(true)).await;
        let failure = answer.failure(status, code);
        if code == "rate_limited" {
            assert_eq!(answer.header("retry-after"), "10800");
            assert_eq!(failure["retry_after"], 10800);
        }
        if code == "browser_check" {
            assert_eq!(answer.header("x-should-retry"), "false");
        }
    }
    let upstream = Upstream::start().await;
    upstream.on(CHAT, gone());
    upstream.always("GET /api/v2/models/", gone);
    upstream.always("GET /api/models", gone);
    let served = Served::new(&upstream).await;
    served.post("/api/chat/send", body(true)).await.failure(404, "not_found");

    let upstream = Upstream::start().await;
    upstream.always(CHAT, unauthorized);
    let served = Served::new(&upstream).await;
    served.post("/api/chat/send", body(true)).await.failure(401, "token_expired");
    let ready = served.get("/readyz").await.json();
    assert_eq!(ready["last_upstream_result"]["code"], "token_expired");
}

#[tokio::test]
async fn a_failure_after_the_first_event_is_an_event_with_the_partial_answer() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let refusal = event(json!({"error": {"code": "data_inspection_failed", "details": "no"}}));
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal"), &refusal]));
    let served = Served::new(&upstream).await;
    let answer = served.post("/api/chat/send", body(true)).await;
    assert_eq!(answer.status, 200);
    let events = events(&answer.text);
    let (name, data) = events.last().expect("an event");
    assert_eq!((name.as_str(), &data["code"]), ("error", &json!("content_refused")));
    assert_eq!(data["partial"]["content"], "Hal");
    assert_eq!(data["request_id"], answer.header("x-request-id"));
    assert!(!answer.text.contains("event: done"));
    assert!(served.log.lines()[0].ends_with(" content_refused"), "{:?}", served.log.lines());
}

#[tokio::test]
async fn heartbeat_comments_fill_silence() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    let answer = sse([created().as_str(), &d("one")]).gate(&gate).then(end());
    upstream.on(COMPLETIONS, answer);
    let served = Served::configured(&upstream, |options| {
        options.limits.heartbeat = Duration::from_millis(20);
    })
    .await;
    let mut stream = served.raw(post("/api/chat/send", &body(true))).await;
    read_until(&mut stream, ": still here\n\n").await;
    gate.open();
    read_until(&mut stream, "event: done").await;
}

#[tokio::test]
async fn quick_names_the_most_recent_chat() {
    let upstream = Upstream::start().await;
    let row = |id: &str, updated: i64| json!({"id": id, "title": "T", "updated_at": updated, "created_at": 1, "chat_type": "t2t"});
    let other = "c0000000-0000-4000-8000-000000000009";
    upstream.always(CHATS, move || {
        crate::support::bodies::envelope(json!([row(other, 5), row(C1, 9)]))
    });
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    upstream.on(COMPLETIONS, whole("Hi"));
    let served = Served::new(&upstream).await;
    let whole = served.post("/api/chat/quick", json!({"message": "Hello"})).await.json();
    assert_eq!((&whole["chat_id"], &whole["data"]["chat_id"]), (&json!(C1), &json!(C1)));
    let streamed =
        served.post("/api/chat/quick", json!({"message": "Hello", "stream": true})).await;
    assert_eq!(events(&streamed.text).last().expect("done").1, whole);
}

#[tokio::test]
async fn a_stream_that_breaks_for_good_ends_in_an_error() {
    let upstream = Upstream::start().await;
    upstream.on(CHAT, crate::support::bodies::empty_chat());
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Reset));
    upstream.always(CHAT, || Response::new("text/html", "<html>gone</html>").status(502));
    upstream.always(crate::support::world::STOP, || {
        crate::support::bodies::envelope(json!({"status": true}))
    });
    let served = Served::new(&upstream).await;
    let answer = served.post("/api/chat/send", body(true)).await;
    let events = events(&answer.text);
    let (name, data) = events.last().expect("an event");
    assert_eq!(name, "error", "{}", answer.text);
    assert_eq!(data["partial"]["content"], "Hal");
}

/// A stream begins, with heartbeats, before the upstream's first event; a failure after that is an event.
#[tokio::test]
async fn streams_begin_before_the_first_event() {
    const MODELS: &str = "GET /api/v2/models/";
    let message = json!([{"role": "user", "content": "Hi"}]);
    for (path, request, failure) in [
        ("/api/chat/send", body(true), "event: error"),
        ("/v1/chat/completions", json!({"messages": message, "stream": true}), "\"error\":{"),
        ("/v1/responses", json!({"input": "Hi", "stream": true}), "event: response.failed"),
        ("/v1/messages", json!({"messages": message, "stream": true}), "event: error"),
    ] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        let model = json!({"data": [{"id": "m", "name": "m", "info": {"meta": {}}}]});
        upstream.always(MODELS, move || crate::support::bodies::envelope(model.clone()));
        upstream.always("POST /api/v2/chats/new", || {
            crate::support::bodies::envelope(json!({"id": C1}))
        });
        upstream.always(&format!("DELETE /api/v2/chats/{C1}"), || {
            crate::support::bodies::envelope(json!({"status": true}))
        });
        let gate = Gate::default();
        let held = || Response::stream([""; 0]).gate(&gate);
        upstream.on(COMPLETIONS, held().then(created()).then(d("Hi")).then(end()));
        upstream.on(
            COMPLETIONS,
            held().then(crate::support::frames::event(
                json!({"error": {"code": "data_inspection_failed", "details": "no"}}),
            )),
        );
        let served = Served::configured(&upstream, |options| {
            options.limits.stream_wait = Duration::from_millis(30);
            // The first sign of life comes with the head.
            options.limits.heartbeat = Duration::from_mins(1);
            options.model = Some("m".to_owned());
        })
        .await;
        let mut first = served.raw(post(path, &request)).await;
        let begun = read_until(&mut first, ": still here\n\n").await;
        assert!(
            begun.starts_with("HTTP/1.1 200 ") && begun.contains("text/event-stream"),
            "{begun}"
        );
        // In the same chat this one waits for its turn.
        let mut second = served.raw(post(path, &request)).await;
        read_until(&mut second, ": still here\n\n").await;
        gate.open();
        read_until(&mut first, "Hi").await;
        read_until(&mut second, failure).await;
    }
}

#[tokio::test]
async fn an_early_stream_that_fails_still_has_its_first_events() {
    let message = json!([{"role": "user", "content": "Hi"}]);
    let message = json!({"messages": message, "max_tokens": 9, "stream": true, "model": "m"});
    let response = json!({"input": "Hi", "stream": true, "model": "m"});
    for (path, request, first, failure) in [
        ("/api/chat/send", body(true), "event: start", "event: error"),
        ("/v1/responses", response, "event: response.created", "event: response.failed"),
        ("/v1/messages", message, "event: message_start", "event: error"),
    ] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        let model = json!({"data": [{"id": "m", "name": "m", "info": {"meta": {}}}]});
        upstream.always("GET /api/v2/models/", move || envelope(model.clone()));
        upstream.always("POST /api/v2/chats/new", || envelope(json!({"id": C1})));
        upstream
            .always(&format!("DELETE /api/v2/chats/{C1}"), || envelope(json!({"status": true})));
        let gate = Gate::default();
        let refused = json!({"error": {"code": "data_inspection_failed", "details": "no"}});
        let held = Response::stream([""; 0]).gate(&gate);
        upstream.on(COMPLETIONS, held.then(created()).then(crate::support::frames::event(refused)));
        let served = Served::configured(&upstream, |options| {
            options.limits.stream_wait = Duration::from_millis(30);
        })
        .await;
        let mut stream = served.raw(post(path, &request)).await;
        read_until(&mut stream, ": still here\n\n").await;
        gate.open();
        let events = read_until(&mut stream, failure).await;
        assert!(events.contains(first), "{path}: {events}");
    }
}

/// The head of a stream may precede the chat that it would name.
#[tokio::test]
async fn the_first_event_of_a_stream_names_a_new_chat_that_stays() {
    let messages = json!([{"role": "user", "content": "Hi"}]);
    let chat = json!({"stream": true, "max_tokens": 9, "messages": messages, "model": "m"});
    for (path, question) in [
        ("/v1/chat/completions", &chat),
        ("/v1/messages", &chat),
        ("/v1/responses", &json!({"stream": true, "input": "Hi", "model": "m"})),
    ] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        let model = json!({"data": [{"id": "m", "name": "m", "info": {"meta": {}}}]});
        upstream.always("GET /api/v2/models/", move || envelope(model.clone()));
        upstream.always("POST /api/v2/chats/new", || envelope(json!({"id": C1})));
        let gate = Gate::default();
        let held = Response::stream([""; 0]).gate(&gate);
        upstream.on(COMPLETIONS, held.then(created()).then(d("Hi")).then(end()));
        let served = Served::configured(&upstream, |options| {
            options.limits.stream_wait = Duration::from_millis(30);
        })
        .await;
        let mut question = question.clone();
        question["metadata"] = json!({"chat_id": "new"});
        let mut stream = served.raw(post(path, &question)).await;
        let begun = read_until(&mut stream, ": still here\n\n").await;
        assert!(!begun.contains(C1), "{path}: {begun}");
        gate.open();
        let first = read_until(&mut stream, "}\n\n").await;
        let named = format!("\"metadata\":{{\"chat_id\":\"{C1}\"}}");
        assert!(first.contains(&named), "{path}: {first}");
    }
}
