//! `"on_disconnect":"continue"`: the answer continues after its client disconnects, within bounds.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{PATIENCE, Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope, json as json_body, quota};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS, STOP};

fn body(message: &str, streams: bool) -> Value {
    json!({"chat_id": C1, "message": message, "stream": streams, "on_disconnect": "continue"})
}

fn ask(streams: bool) -> String {
    post("/api/chat/send", &body("Hello", streams))
}

/// The upstream writes to the end; only then is the chat free, and no stop call was made.
async fn ends_undisturbed(served: &Served, upstream: &Upstream, gate: &Gate) {
    upstream.on(COMPLETIONS, whole("next"));
    let next = served.post("/api/chat/send", body("Again", false));
    let mut next = std::pin::pin!(next);
    // A round trip through the server gives the next prompt time to overtake in the queue, if it could.
    tokio::select! {
        _ = &mut next => panic!("the chat was free too early"),
        health = served.get("/health") => assert_eq!(health.status, 200),
    }
    assert_eq!(upstream.count(COMPLETIONS), 1);
    gate.open();
    assert_eq!(next.await.json()["data"]["content"], "next");
    assert_eq!((upstream.count(COMPLETIONS), upstream.count(STOP)), (2, 0));
}

fn gated(gate: &Gate) -> Response {
    let begun = sse([created().as_str(), &d("Hal")]);
    begun.gate(gate).then(d("lo")).then(end())
}

#[tokio::test]
async fn disconnect_during_a_stream() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream.on(COMPLETIONS, gated(&gate));
    let served = Served::new(&upstream).await;
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;

    drop(stream);

    ends_undisturbed(&served, &upstream, &gate).await;
}

/// An answer that nobody reads any more is still work for the upstream.
#[tokio::test]
async fn an_answer_that_continues_keeps_its_slot() {
    for streams in [true, false] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        upstream.always(CHATS, || envelope(json!([])));
        let gate = Gate::default();
        upstream.on(COMPLETIONS, gated(&gate));
        let served = Served::configured(&upstream, |options| {
            options.access.max_inflight = Some(1);
            options.access.max_queue = 0;
        })
        .await;
        let stream = served.raw(ask(streams)).await;
        upstream.until(COMPLETIONS, 1).await;
        drop(stream);
        for _ in 0..5 {
            served.get("/api/chats").await.failure(503, "rate_limited");
        }
        gate.open();
        tokio::time::timeout(PATIENCE, async {
            while served.get("/api/chats").await.status != 200 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("a free slot");
    }
}

#[tokio::test]
async fn disconnect_during_a_whole_answer() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream.on(COMPLETIONS, gated(&gate));
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(false)).await;
    upstream.until(COMPLETIONS, 1).await;

    drop(stream);

    ends_undisturbed(&served, &upstream, &gate).await;
}

#[tokio::test]
async fn disconnect_before_a_stream_begins() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    let held = Response::stream([""; 0]).gate(&gate).then(created()).then(d("Hi")).then(end());
    upstream.on(COMPLETIONS, held);
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(true)).await;
    upstream.until(COMPLETIONS, 1).await;

    drop(stream);

    ends_undisturbed(&served, &upstream, &gate).await;
}

#[tokio::test]
async fn continue_does_not_change_the_answer_of_a_connected_client() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let served = Served::new(&upstream).await;
    for streams in [false, true] {
        upstream.on(COMPLETIONS, whole("Hi"));
        let answer = served.post("/api/chat/send", body("Hello", streams)).await;
        assert!(answer.status == 200 && answer.text.contains("\"content\":\"Hi\""), "{answer:?}");
    }
    upstream.always(COMPLETIONS, || json_body(quota()));
    for streams in [false, true] {
        let answer = served.post("/api/chat/send", body("Hello", streams)).await;
        assert_eq!(answer.status, 429, "an early failure has its status: {answer:?}");
    }
}

#[tokio::test]
async fn other_words_are_refused() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for word in [json!("go on"), json!(""), json!(true), json!("Continue"), json!(["stop"])] {
        let body = json!({"chat_id": C1, "message": "m", "on_disconnect": word});
        for path in ["/api/chat/send", "/api/chat/quick"] {
            let failure = served.post(path, body.clone()).await.failure(400, "invalid_request");
            assert_eq!(failure["error"], "`on_disconnect` must be `stop` or `continue`");
        }
    }
    assert_eq!(upstream.count(COMPLETIONS), 0);
}

#[tokio::test]
async fn the_drain_waits_for_it() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream.on(COMPLETIONS, gated(&gate));
    let mut served = Served::new(&upstream).await;
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;
    drop(stream);
    served.signal();
    let early = tokio::time::timeout(Duration::from_millis(50), &mut served.task).await;
    assert!(early.is_err(), "it waits");
    gate.open();
    served.ended().await;
    assert_eq!(upstream.count(STOP), 0);
}

#[tokio::test]
async fn it_does_not_outlive_the_drain() {
    for streams in [true, false] {
        let upstream = Upstream::start().await;
        with_empty_chat(&upstream);
        let read = Gate::default();
        let hanging = sse([created().as_str(), &d("Hal")]).when_read(&read);
        upstream.on(COMPLETIONS, hanging.ending(Ending::Hang));
        upstream.on(STOP, envelope(json!({"status": true})));
        let mut served = Served::configured(&upstream, |options| {
            options.limits.drain = Duration::from_millis(20);
        })
        .await;
        let stream = served.raw(ask(streams)).await;
        read.opened().await;
        drop(stream);
        served.signal();
        tokio::time::timeout(PATIENCE, served.ended()).await.expect("it ends");
        upstream.until(STOP, 1).await;
    }
}
