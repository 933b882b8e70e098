//! F69 and what follows from it: an answer that nobody wants any more is stopped upstream.

use qwenctl::domain::{Completeness, ErrorKind};
use serde_json::json;

use crate::support::bodies::{C1, R1, U1, answer, envelope, one_turn, refusal, unfinished};
use crate::support::frames::{created, d, end, event, sse};
use crate::support::response::{Ending, Gate, Response};
use crate::support::world::{CHAT, COMPLETIONS, STOP, World, chat_id, next_delta};

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
async fn a_client_that_settles_has_made_its_stop_calls() {
    let world = World::new().await;
    let stream = sse([created().as_str(), &d("Hal")]).ending(Ending::Hang);
    world.on(COMPLETIONS, stream).on(STOP, stopped());
    drop(world.send().await.expect("a stream"));

    world.client.settle().await;

    assert_eq!(world.upstream.count(STOP), 1);
}

#[tokio::test]
async fn a_stream_that_was_read_to_its_end_is_not_stopped() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &end()]));

    assert_eq!(world.ask().await.text(), "Hi");

    assert_eq!(world.upstream.count(STOP), 0);
}

#[tokio::test]
async fn a_prompt_that_was_refused_leaves_nothing_to_stop() {
    for (code, details) in [
        ("CHAT_IN_PROGRESS", "The chat is in progress!"),
        ("RateLimited", "upper limit"),
        ("Not_Found", "deleted"),
    ] {
        let world = World::new().await;
        world.upstream.always(COMPLETIONS, move || refusal(code, details));

        world.ask().await.end.expect_err("an error");

        assert_eq!(world.upstream.count(STOP), 0, "somebody else's answer goes on");
        assert_eq!(world.upstream.count(CHAT), 0);
    }
}

#[tokio::test]
async fn a_dropped_recovery_is_stopped() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal")])).on(STOP, stopped());
    world.upstream.always(CHAT, || one_turn(&unfinished(R1, U1, "Hal")));
    let mut stream = world.send().await.expect("a stream");
    assert_eq!(next_delta(&mut stream).await, "Hal");
    {
        let next = std::pin::pin!(stream.next());
        let looks = world.upstream.until(CHAT, 2);
        tokio::select! {
            step = next => panic!("there is no more: {step:?}"),
            () = looks => {}
        }
    }
    drop(stream);

    world.client.settle().await;

    assert_eq!(world.upstream.request(STOP).json()["response_id"], R1);
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
async fn a_dropped_send_does_not_stop_what_is_finished() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::silence());
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "an older answer")));
    {
        let send = std::pin::pin!(world.send());
        let arrival = world.upstream.until(COMPLETIONS, 1);
        tokio::select! {
            _ = send => panic!("there is no answer"),
            () = arrival => {}
        }
    }

    world.client.settle().await;

    assert_eq!(world.upstream.count(STOP), 0);
}

#[tokio::test]
async fn stop_tells_when_it_failed() {
    let world = World::new().await;
    world.on(STOP, crate::support::bodies::gone());

    let error = world.session.stop(&chat_id(), R1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}
