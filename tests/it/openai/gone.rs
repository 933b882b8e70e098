//! A client that disconnects: the upstream is stopped, and the ephemeral chat is deleted.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{DELETE, NEW, answers, chat, served, upstream, with};
use crate::server::world::{post, read_until};
use crate::support::bodies::{C1, R1, U1, envelope, one_turn, unfinished};
use crate::support::frames::{created, d, sse};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, STOP};

const PATH: &str = "/v1/chat/completions";
const AT_MOST: Duration = Duration::from_secs(1);

fn request(stream: bool) -> String {
    post(PATH, &with(chat("Hi"), &json!({"stream": stream})))
}

async fn is_stopped_and_deleted(upstream: &Upstream, gone: Instant) {
    upstream.until(STOP, 1).await;
    assert!(gone.elapsed() < AT_MOST, "{:?}", gone.elapsed());
    upstream.until(DELETE, 1).await;
    assert_eq!(upstream.request(STOP).json()["response_id"], R1);
}

#[tokio::test]
async fn a_disconnect_during_a_stream_stops_the_upstream() {
    let upstream = upstream().await;
    answers(&upstream, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    let mut stream = served.raw(request(true)).await;
    read_until(&mut stream, "Hal").await;
    let gone = Instant::now();
    drop(stream);
    is_stopped_and_deleted(&upstream, gone).await;
}

#[tokio::test]
async fn a_disconnect_during_a_whole_answer_stops_the_upstream() {
    let upstream = upstream().await;
    let read = Gate::default();
    let stream = sse([created().as_str(), &d("Hal")]).when_read(&read);
    answers(&upstream, stream.ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    let stream = served.raw(request(false)).await;
    read.opened().await;
    let gone = Instant::now();
    drop(stream);
    is_stopped_and_deleted(&upstream, gone).await;
}

#[tokio::test]
async fn a_disconnect_before_the_first_event_stops_the_upstream() {
    for stream in [true, false] {
        let upstream = upstream().await;
        answers(&upstream, Response::silence());
        upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "")));
        upstream.on(STOP, envelope(json!({"status": true})));
        let served = served(&upstream, |_| {}).await;
        let stream = served.raw(post(PATH, &with(chat("Hello"), &json!({"stream": stream})))).await;
        upstream.until(COMPLETIONS, 1).await;
        let gone = Instant::now();
        drop(stream);
        is_stopped_and_deleted(&upstream, gone).await;
    }
}

#[tokio::test]
async fn a_disconnect_while_the_chat_is_created_deletes_it() {
    let upstream = upstream().await;
    let gate = Gate::default();
    let id = json!({"success": true, "data": {"id": C1}}).to_string();
    upstream.on(
        NEW,
        Response::stream(Vec::<String>::new())
            .header("content-type", "application/json")
            .gate(&gate)
            .then(id),
    );
    upstream.on(DELETE, envelope(json!(true)));
    let mut served = served(&upstream, |_| {}).await;
    let stream = served.raw(request(true)).await;
    upstream.until(NEW, 1).await;
    drop(stream);
    gate.open();
    upstream.until(DELETE, 1).await;
    assert_eq!(upstream.count(COMPLETIONS), 0);
    served.signal();
    served.ended().await;
}
