//! A client that disconnects stops the upstream within a second and frees the chat, in all four cases.

use std::time::{Duration, Instant};

use serde_json::json;

use super::world::{Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, R1, U1, empty_chat, envelope, one_turn, refusal, unfinished};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, STOP};

const AT_MOST: Duration = Duration::from_secs(1);

fn ask(streams: bool) -> String {
    let body = json!({"chat_id": C1, "message": "Hello", "stream": streams});
    post("/api/chat/send", &body)
}

/// The upstream receives a stop after the disconnect, and then the next prompt.
async fn is_stopped_and_free(served: &Served, upstream: &Upstream, gone: Instant) {
    upstream.until(STOP, 1).await;
    assert!(gone.elapsed() < AT_MOST, "{:?}", gone.elapsed());
    upstream.on(COMPLETIONS, whole("next"));
    let next = served.post("/api/chat/send", json!({"chat_id": C1, "message": "Again"})).await;
    assert_eq!(next.json()["data"]["content"], "next");
}

#[tokio::test]
async fn disconnect_during_a_stream() {
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
async fn disconnect_before_a_stream_begins() {
    let upstream = Upstream::start().await;
    silent_upstream(&upstream);
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(true)).await;
    upstream.until(COMPLETIONS, 1).await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
}

#[tokio::test]
async fn disconnect_during_a_whole_answer() {
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
async fn disconnect_before_a_whole_answer_begins() {
    let upstream = Upstream::start().await;
    silent_upstream(&upstream);
    let served = Served::new(&upstream).await;
    let stream = served.raw(ask(false)).await;
    upstream.until(COMPLETIONS, 1).await;

    let gone = Instant::now();
    drop(stream);

    is_stopped_and_free(&served, &upstream, gone).await;
}

/// The upstream accepts the prompt and stays silent; the chat shows an answer in progress.
fn silent_upstream(upstream: &Upstream) {
    upstream.on(CHAT, empty_chat());
    upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "")));
    upstream.on(COMPLETIONS, Response::silence());
    upstream.on(STOP, envelope(json!({"status": true})));
}

#[tokio::test]
async fn a_queued_prompt_of_a_disconnected_client_is_not_sent() {
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

#[tokio::test]
async fn disconnect_during_the_deletion_of_a_refused_chat_leaves_no_chat() {
    const NEW: &str = "POST /api/v2/chats/new";
    let delete = format!("DELETE /api/v2/chats/{C1}");
    let upstream = Upstream::start().await;
    upstream.on(CHATS, envelope(json!([])));
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, refusal("data_inspection_failed", "no"));
    upstream.on(CHAT, empty_chat().slow_start(Duration::from_millis(300)));
    upstream.on(&delete, envelope(json!({"status": true})));
    let served = Served::new(&upstream).await;
    let stream = served.raw(post("/api/chat/quick", &json!({"message": "Hello"}))).await;
    upstream.until(CHAT, 1).await;
    drop(stream);
    upstream.until(&delete, 1).await;
}
