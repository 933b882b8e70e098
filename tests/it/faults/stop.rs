//! F69: an answer without a reader is stopped upstream.

use qwenctl::domain::{Completeness, ErrorKind};
use serde_json::json;

use crate::support::bodies::{
    C1, R1, U1, answer, empty_chat, envelope, one_turn, refusal, unfinished,
};
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
async fn dropped_stream_is_stopped() {
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
async fn settle_waits_for_stop_requests() {
    let world = World::new().await;
    let stream = sse([created().as_str(), &d("Hal")]).ending(Ending::Hang);
    world.on(COMPLETIONS, stream).on(STOP, stopped());
    drop(world.send().await.expect("a stream"));

    world.client.settle().await;

    assert_eq!(world.upstream.count(STOP), 1);
}

#[tokio::test]
async fn finished_stream_is_not_stopped() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &end()]));

    assert_eq!(world.ask().await.text(), "Hi");

    assert_eq!(world.upstream.count(STOP), 0);
}

#[tokio::test]
async fn refused_prompt_is_not_stopped() {
    for (code, details) in [
        ("CHAT_IN_PROGRESS", "The chat is in progress!"),
        ("RateLimited", "upper limit"),
        ("Not_Found", "deleted"),
    ] {
        let world = World::new().await;
        world.upstream.always(COMPLETIONS, move || refusal(code, details));
        world.upstream.always(CHAT, empty_chat);

        world.ask().await.end.expect_err("an error");

        assert_eq!(world.upstream.count(STOP), 0, "the answer of another client continues");
        let retries = world.upstream.count(COMPLETIONS) - 1;
        assert_eq!(world.upstream.count(CHAT), retries, "read before a retry only");
    }
}

#[tokio::test]
async fn dropped_recovery_is_stopped() {
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
async fn dropped_send_is_stopped_by_the_id_in_the_chat() {
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
async fn dropped_send_does_not_stop_a_finished_answer() {
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
async fn failed_stop_is_an_error() {
    let world = World::new().await;
    world.on(STOP, crate::support::bodies::gone());

    let error = world.session.stop(&chat_id(), R1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}
