//! F69 and what follows from it: an answer that nobody wants any more is stopped upstream.

use qwenctl::domain::{Completeness, ErrorKind};
use serde_json::json;

use crate::support::bodies::{C1, R1, U1, envelope, one_turn, unfinished};
use crate::support::frames::{created, d, end, event, sse};
use crate::support::response::{Ending, Gate, Response};
use crate::support::world::{CHAT, COMPLETIONS, STOP, World, chat_id, drain, next_delta};

fn stopped() -> Response {
    envelope(json!({"status": true}))
}

#[tokio::test]
async fn f69_stopped_by_us() {
    let world = World::new().await;
    let gate = Gate::default();
    let last = event(json!({"response.stopped": {"response_id": R1}}));
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).gate(&gate).then(last));
    world.on(STOP, stopped());
    let mut stream = world.send().await.expect("a stream");
    assert_eq!(next_delta(&mut stream).await, "Hal");

    gate.open();
    stream.stop().await.expect("stopped");

    assert!(stream.next().await.is_none());
    assert_eq!(stream.reply().content, "Hal");
    assert_eq!(stream.reply().completeness, Completeness::Stopped);
    let call = world.upstream.request(STOP);
    assert_eq!(call.query, format!("chat_id={C1}"));
    assert_eq!(call.json(), json!({"chat_id": C1, "response_id": R1}));
    drop(stream);
    assert_eq!(world.upstream.count(STOP), 1, "once");
}

#[tokio::test]
async fn f69_stopped_from_elsewhere() {
    let world = World::new().await;
    let last = event(json!({"response.stopped": {"response_id": R1}}));
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal"), &last]));

    let outcome = world.ask().await;

    assert_eq!(outcome.reply().completeness, Completeness::Stopped);
    assert_eq!(outcome.reply().content, "Hal");
}

#[tokio::test]
async fn f69_second_stop_is_fine() {
    let world = World::new().await;
    let ended = json!({"status": false, "details": "The request is ended!"});
    world.on(STOP, stopped()).on(STOP, envelope(ended.clone()));
    let refused = json!({"success": false, "request_id": "Q1", "data": ended}).to_string();
    world.on(STOP, crate::support::bodies::json(refused));

    for _ in 0..3 {
        world.session.stop(&chat_id(), R1).await.expect("fine");
    }
}

#[tokio::test]
async fn a_dropped_stream_is_stopped() {
    let world = World::new().await;
    let stream = sse([created().as_str(), &d("Hal")]).ending(Ending::Hang);
    world.on(COMPLETIONS, stream).on(STOP, stopped());
    let mut stream = world.send().await.expect("a stream");
    next_delta(&mut stream).await;

    drop(stream);

    world.upstream.until(STOP, 1).await;
    assert_eq!(world.upstream.request(STOP).json()["response_id"], R1);
}

#[tokio::test]
async fn a_stream_that_was_read_to_its_end_is_not_stopped() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &end()]));
    let outcome = drain(world.send().await.expect("a stream")).await;
    assert_eq!(outcome.text(), "Hi");

    // A request that is answered after any stop call would have been made.
    world.on("GET /api/v2/chats/pinned", envelope(json!([])));
    world.session.pinned_chats().await.expect("none");
}

#[tokio::test]
async fn a_dropped_send_is_stopped_by_what_the_chat_says() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::silence());
    world.on(CHAT, one_turn(&unfinished(R1, U1, ""))).on(STOP, stopped());
    {
        let send = std::pin::pin!(world.send());
        let arrival = world.upstream.until(COMPLETIONS, 1);
        tokio::select! {
            _ = send => panic!("there is no answer"),
            () = arrival => {}
        }
    }

    world.upstream.until(STOP, 1).await;
    assert_eq!(world.upstream.request(STOP).json()["response_id"], R1);
}

#[tokio::test]
async fn stop_tells_when_it_failed() {
    let world = World::new().await;
    world.on(STOP, crate::support::bodies::gone());

    let error = world.session.stop(&chat_id(), R1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}
