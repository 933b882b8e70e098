//! A caller who goes away stops the upstream within a second, in all four cases, and frees the chat.

use std::time::{Duration, Instant};

use serde_json::json;

use super::world::{Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, R1, U1, empty_chat, envelope, one_turn, unfinished};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, STOP};

const AT_MOST: Duration = Duration::from_secs(1);

fn ask(streams: bool) -> String {
    let body = json!({"chat_id": C1, "message": "Hello", "stream": streams});
    post("/api/chat/send", &body)
}

/// What the upstream is asked after the caller has gone: to stop, and to answer the next one.
async fn is_stopped_and_free(served: &Served, upstream: &Upstream, gone: Instant) {
    upstream.until(STOP, 1).await;
    assert!(gone.elapsed() < AT_MOST, "{:?}", gone.elapsed());
    upstream.on(COMPLETIONS, whole("next"));
    let next = served.post("/api/chat/send", json!({"chat_id": C1, "message": "Again"})).await;
    assert_eq!(next.json()["data"]["content"], "next");
}

#[tokio::test]
async fn while_it_streams() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = Served::new(&upstream).await;
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
    assert!(
        served.log.lines().iter().any(|line| line.contains(" 499 ")),
        "{:?}",
        served.log.lines()
    );
}

#[tokio::test]
async fn before_a_stream_has_begun() {
    let upstream = Upstream::start().await;
    begun_without_a_word(&upstream);
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(true)).await;
    upstream.until(COMPLETIONS, 1).await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
}

#[tokio::test]
async fn while_a_whole_answer_grows() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let read = Gate::default();
    let stream = sse([created().as_str(), &d("Hal")]).when_read(&read);
    upstream.on(COMPLETIONS, stream.ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(false)).await;
    read.opened().await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
    assert_eq!(upstream.request(STOP).json()["response_id"], R1);
}

#[tokio::test]
async fn before_a_whole_answer_has_begun() {
    let upstream = Upstream::start().await;
    begun_without_a_word(&upstream);
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(false)).await;
    upstream.until(COMPLETIONS, 1).await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
}

#[tokio::test]
async fn with_another_request_sent_behind_it() {
    let upstream = Upstream::start().await;
    begun_without_a_word(&upstream);
    let served = Served::new(&upstream).await;
    let behind = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let stream = served.raw(ask(false) + behind).await;
    upstream.until(COMPLETIONS, 1).await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
}

/// The upstream takes the prompt and is silent; who looks sees an answer in progress.
fn begun_without_a_word(upstream: &Upstream) {
    upstream.on(CHAT, empty_chat());
    upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "")));
    upstream.on(COMPLETIONS, Response::silence());
    upstream.on(STOP, envelope(json!({"status": true})));
}

#[tokio::test]
async fn who_waits_in_line_and_leaves_is_never_asked_upstream() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    let slow = sse([created().as_str(), &d("first")]).gate(&gate);
    upstream.on(COMPLETIONS, slow.then(end()));
    let served = Served::new(&upstream).await;
    let mut first = served.raw(ask(true)).await;
    read_until(&mut first, "first").await;

    let second = served.raw(ask(false)).await;
    drop(second);
    gate.open();
    read_until(&mut first, "event: done").await;

    upstream.on(COMPLETIONS, whole("third"));
    let third = served.post("/api/chat/send", json!({"chat_id": C1, "message": "3"})).await;
    assert_eq!(third.json()["data"]["content"], "third");
    assert_eq!(upstream.count(COMPLETIONS), 2);
}
