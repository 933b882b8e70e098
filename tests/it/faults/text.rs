//! F57, F72, F75: the text of an answer is what the model wrote, to the byte.

use qwenctl::domain::{ReplyEvent, Turn};

use crate::support::frames::{created, d, end, search_result, sse};
use crate::support::response::Response;
use crate::support::world::{COMPLETIONS, Outcome, World, drain, turn};

async fn written(pieces: &[&str]) -> Outcome {
    let world = World::new().await;
    let mut events = vec![created()];
    events.extend(pieces.iter().map(|piece| d(piece)));
    events.push(end());
    world.on(COMPLETIONS, Response::stream(events));
    world.ask().await
}

#[tokio::test]
async fn f57_pieces_that_look_cumulative_are_not() {
    for thinking in [false, true] {
        let world = World::new().await;
        world.on(COMPLETIONS, sse([created().as_str(), &d("a"), &d("aa"), &d("a"), &end()]));

        let stream = world.session.send(Turn { thinking, ..turn() }).await.expect("a stream");

        assert_eq!(drain(stream).await.text(), "aaaa");
        let body = world.upstream.request(COMPLETIONS).json();
        assert_eq!(body["incremental_output"], true, "so nothing is cumulative");
        let features = &body["messages"][0]["feature_config"];
        assert_eq!(features["thinking_mode"], if thinking { "Thinking" } else { "Fast" });
        assert_eq!(features["thinking_enabled"], thinking);
        assert_eq!(features["auto_thinking"], false);
        assert_eq!(features["output_schema"], "phase");
    }
}

#[tokio::test]
async fn f72_split_citations() {
    let world = World::new().await;
    let pages = [("https://a.example/", "A"), ("https://b.example/", "B")];
    let events =
        [created(), search_result(&pages, 57), d("fact [["), d("55,"), d("113]] end"), end()];
    world.on(COMPLETIONS, Response::stream(events));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "fact [[55,113]] end", "numbers that lead nowhere stay");
    let reply = outcome.reply();
    let cited: Vec<_> = reply.citations.iter().map(|one| (one.number, one.url.as_str())).collect();
    assert_eq!(cited, [(55, "https://a.example/"), (56, "https://b.example/")]);
}

#[tokio::test]
async fn f75_white_space_is_text() {
    let pieces = ["\n", "  ", "```", "\n", "", " "];

    let outcome = written(&pieces).await;

    assert_eq!(outcome.text(), pieces.concat());
    let deltas = outcome.events.iter().filter(|event| matches!(event, ReplyEvent::Delta(_)));
    assert_eq!(deltas.count(), 5, "each as it came, and none for an empty piece");
}
