//! Waits: a reader with a timer (a spinner, a heartbeat) drops the wait for the next event at each tick,
//! which loses no text and stops no timeout; and what was read before a wait is read again after it.

use std::time::{Duration, Instant};

use qwenctl::client::ReplyStream;
use std::sync::Arc;

use qwenctl::domain::{ErrorKind, Parent, ReplyEvent, Result, TokenStore, Turn};
use serde_json::{Value, json};

use crate::support::bodies::{
    R1, R2, U1, U2, answer, detail, empty_chat, envelope, gone, one_turn, prompt, refusal,
    unfinished,
};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Response};
use crate::support::tokens::{MemoryStore, token, tokens};
use crate::support::world::{CHAT, COMPLETIONS, REFRESH, STOP, World, drain, turn};

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

const DAY: i64 = 86_400;

/// The chat after another client has added a turn to [`one_turn`], for the model `model`.
fn two_turns(model: &str) -> Response {
    let mut chat = detail(&[
        prompt(U1, None, "Hello", &[R1]),
        answer(R1, U1, "Hi"),
        prompt(U2, Some(R1), "Theirs", &[R2]),
        answer(R2, U2, "So."),
    ]);
    chat["chat"]["models"] = json!([model]);
    envelope(chat)
}

/// A world whose token is refreshed to another one.
async fn refreshed(lifetime: i64) -> World {
    let store = MemoryStore::holding(tokens(&token("first", lifetime), Some("REFRESH1")));
    let shared: Arc<dyn TokenStore> = Arc::new(store.clone());
    let world = World::with(store.tokens().expect("tokens"), Some(shared), |_| {}).await;
    let second = json!({"access_token": token("second", DAY), "refresh_token": "REFRESH2"});
    world.on(REFRESH, envelope(second));
    world
}

fn parents(world: &World) -> Vec<Value> {
    let posts = world.upstream.requests(COMPLETIONS);
    posts.iter().map(|post| post.json()["parent_id"].clone()).collect()
}

#[tokio::test]
async fn parent_and_model_are_read_again_after_every_wait() {
    for (code, details, is_rejected) in [
        ("CHAT_IN_PROGRESS", "The chat is in progress!", false),
        ("Too_Many_Requests", "slow down", false),
        ("Bad_Request", "internal error, please try again", false),
        ("unauthorized", "Token has expired, please log in again.", true),
    ] {
        for parent in [Parent::Current, Parent::Nothing] {
            let is_current = parent == Parent::Current;
            let world = if is_rejected { refreshed(DAY).await } else { World::new().await };
            if is_current {
                world.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
            }
            world.on(COMPLETIONS, refusal(code, details)).on(CHAT, two_turns("another-model"));
            if is_rejected {
                // The same token in the other form, at once.
                world.on(COMPLETIONS, refusal(code, details));
            }
            world.on(COMPLETIONS, whole("Hi"));

            let turn = Turn { parent, has_chat_model: true, ..turn() };
            let stream = world.session.send(turn).await.expect("a stream");

            assert_eq!(drain(stream).await.text(), "Hi");
            let first = if is_current { json!(R1) } else { Value::Null };
            let mut expected = vec![first.clone(), json!(R2)];
            if is_rejected {
                expected.insert(0, first);
            }
            assert_eq!(parents(&world), expected);
            let posts = world.upstream.requests(COMPLETIONS);
            assert_eq!(posts[posts.len() - 1].json()["model"], "another-model");
        }
    }
}

#[tokio::test]
async fn named_parent_and_model_stay_after_a_wait() {
    let world = World::new().await;
    world.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
    world.on(COMPLETIONS, refusal("CHAT_IN_PROGRESS", "The chat is in progress!"));
    world.on(CHAT, two_turns("another-model")).on(COMPLETIONS, whole("Hi"));

    let turn = Turn { parent: Parent::Message(R1.to_owned()), ..turn() };
    let stream = world.session.send(turn.clone()).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "Hi");
    assert_eq!(parents(&world), [json!(R1), json!(R1)]);
    let posts = world.upstream.requests(COMPLETIONS);
    assert_eq!(posts[1].json()["model"], turn.model.as_str());
}

#[tokio::test]
async fn chat_deleted_during_a_wait_gets_no_prompt() {
    let world = World::new().await;
    world.on(COMPLETIONS, refusal("CHAT_IN_PROGRESS", "The chat is in progress!"));
    world.on(CHAT, gone());

    let outcome = world.ask().await;

    outcome.error(ErrorKind::NotFound);
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn due_token_is_refreshed_before_the_chat_is_read() {
    for lifetime in [-10, 30] {
        let world = refreshed(lifetime).await;
        world.on(CHAT, two_turns("m")).on(COMPLETIONS, whole("Hi"));

        let seen = Parent::Seen { id: Some(R1.to_owned()), followers: [].into() };
        let stream = world.session.send(Turn { parent: seen, ..turn() }).await.expect("a stream");

        assert_eq!(drain(stream).await.text(), "Hi");
        assert_eq!(parents(&world), [json!(R2)], "{lifetime}");
    }
}

#[tokio::test]
async fn prompt_of_an_uncertain_attempt_keeps_its_parent() {
    // Otherwise the first prompt, if it appears late, would not be recognised.
    let world = World::new().await;
    world.on(COMPLETIONS, crate::support::bodies::gateway_page(504)).on(CHAT, empty_chat());
    world.on(COMPLETIONS, refusal("Too_Many_Requests", "slow down")).on(CHAT, empty_chat());
    world.on(COMPLETIONS, whole("Hi"));

    assert_eq!(world.ask().await.text(), "Hi");
    assert_eq!(parents(&world), [Value::Null, Value::Null, Value::Null]);
}
