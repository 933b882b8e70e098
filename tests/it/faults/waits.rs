//! A reader with a timer (a spinner, a heartbeat) drops the wait for the next event at each tick. That loses
//! no text and stops no timeout.

use std::time::{Duration, Instant};

use qwenctl::client::ReplyStream;
use qwenctl::domain::{ErrorKind, ReplyEvent, Result};

use crate::support::bodies::{R1, U1, answer, envelope, one_turn, unfinished};
use crate::support::frames::{created, d, end, sse};
use crate::support::response::{Ending, Response};
use crate::support::world::{CHAT, COMPLETIONS, STOP, World};

const TICK: Duration = Duration::from_millis(5);

/// Reads to the end, with a dropped wait at every tick.
async fn impatiently(stream: &mut ReplyStream) -> Result<String> {
    let began = Instant::now();
    let mut text = String::new();
    loop {
        assert!(began.elapsed() < Duration::from_secs(10), "no timeout was reached");
        match tokio::time::timeout(TICK, stream.next()).await {
            Ok(None) => return Ok(text),
            Ok(Some(Err(error))) => return Err(error),
            Ok(Some(Ok(ReplyEvent::Delta(piece)))) => text += &piece,
            Ok(Some(Ok(ReplyEvent::Rewrite(whole)))) => text = whole,
            Err(_) | Ok(Some(Ok(_))) => {}
        }
    }
}

#[tokio::test]
async fn dropped_waits_lose_no_text() {
    let world = World::new().await;
    let bytes = [created(), d("wörld "), d("你好"), end()].concat().into_bytes();
    let mut response = sse([]);
    for piece in bytes.chunks(40) {
        response = response.then(piece).pause(Duration::from_millis(2));
    }
    world.on(COMPLETIONS, response);

    let mut stream = world.send().await.expect("a stream");

    assert_eq!(impatiently(&mut stream).await.expect("an answer"), "wörld 你好");
}

#[tokio::test]
async fn dropped_waits_keep_the_idle_timeout() {
    let world = World::configured(|config| config.timeouts.idle = Duration::from_millis(200)).await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    world.upstream.always(STOP, || envelope(serde_json::json!({"status": true})));

    let mut stream = world.send().await.expect("a stream");
    let error = impatiently(&mut stream).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[tokio::test]
async fn dropped_waits_keep_the_grace_period() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &end()]).ending(Ending::Hang));

    let mut stream = world.send().await.expect("a stream");

    assert_eq!(impatiently(&mut stream).await.expect("an answer"), "Hi");
}

#[tokio::test]
async fn dropped_waits_keep_the_recovery() {
    let world = World::configured(|config| config.timing.poll = Duration::from_millis(50)).await;
    let slowly = |body: Response| body.slow_start(Duration::from_millis(50));
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]));
    world.on(CHAT, slowly(one_turn(&unfinished(R1, U1, "Hall"))));
    world.on(CHAT, slowly(one_turn(&answer(R1, U1, "Hallo"))));

    let mut stream = world.send().await.expect("a stream");

    assert_eq!(impatiently(&mut stream).await.expect("an answer"), "Hallo");
}
