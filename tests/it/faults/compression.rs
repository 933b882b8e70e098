//! F71: compressed streams and bodies.

use crate::support::bodies::{R1, U1, answer, empty_chat, one_turn, row};
use crate::support::frames::{Coding, created, d, end};
use crate::support::response::{Ending, Gate, Response};
use crate::support::world::{CHAT, CHATS, COMPLETIONS, World, chat_id, next_delta};

const CODINGS: [Coding; 2] = [Coding::Gzip, Coding::Brotli];

fn events() -> Vec<String> {
    vec![created(), d("Hel"), d("lo"), end()]
}

fn coded(coding: Coding) -> Response {
    Response::stream(Vec::<String>::new()).header("Content-Encoding", coding.name())
}

#[tokio::test]
async fn f71_flushed_events_are_read_as_they_come() {
    for coding in CODINGS {
        let world = World::new().await;
        let gate = Gate::default();
        let mut pieces = coding.compress(&events(), true).await.into_iter();
        let mut response = pieces.by_ref().take(2).fold(coded(coding), Response::then).gate(&gate);
        response = pieces.fold(response, Response::then);
        world.on(COMPLETIONS, response);

        let mut stream = world.send().await.expect("a stream");
        assert_eq!(next_delta(&mut stream).await, "Hel", "{coding:?}, before the rest is sent");
        gate.open();

        assert_eq!(next_delta(&mut stream).await, "lo");
        assert!(stream.next().await.is_none());
        let offered = world.upstream.request(COMPLETIONS);
        let offered = offered.header("accept-encoding").expect("an offer").to_owned();
        assert!(offered.contains(coding.name()), "{offered}");
    }
}

#[tokio::test]
async fn f71_without_a_flush_the_text_is_right_all_the_same() {
    for coding in CODINGS {
        let world = World::new().await;
        let bytes = coding.compress(&events(), false).await.concat();
        world.on(COMPLETIONS, bytes.chunks(3).fold(coded(coding), Response::then));

        assert_eq!(world.ask().await.text(), "Hello", "{coding:?}");
    }
}

#[tokio::test]
async fn f71_truncated_compression_is_a_cut() {
    for coding in CODINGS {
        let world = World::new().await;
        let pieces = coding.compress(&events(), true).await;
        let cut = pieces.into_iter().take(2).fold(coded(coding), Response::then);
        world.on(COMPLETIONS, cut.ending(Ending::Whole));
        world.on(CHAT, one_turn(&answer(R1, U1, "Hello")));

        assert_eq!(world.ask().await.text(), "Hello", "{coding:?}");
    }
}

#[tokio::test]
async fn f71_compressed_json() {
    for coding in CODINGS {
        let world = World::new().await;
        let rows: Vec<_> = (0..60).map(row).collect();
        let list = serde_json::json!({"success": true, "data": rows}).to_string();
        let bytes = coding.compress(&[list], false).await.concat();
        let response = Response::new("application/json", bytes);
        world.on(CHATS, response.header("Content-Encoding", coding.name()));
        world.on(CHAT, empty_chat());

        assert_eq!(world.session.chats(1).await.expect("chats").len(), 60);
        world.session.chat(&chat_id()).await.expect("a chat");
        assert_eq!(world.upstream.connections(), 1, "one connection serves both");
    }
}
