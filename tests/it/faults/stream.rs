//! F48–F52, F58–F62, F70, F76: the bytes and events of a stream.

use std::time::Duration;

use qwenctl::client::Notice;
use qwenctl::domain::{Completeness, ErrorKind, ReplyEvent};
use serde_json::json;

use crate::support::bodies::{R1, U1, answer, one_turn};
use crate::support::frames::{created, d, delta, end, event, frame, raw, sse};
use crate::support::response::{Ending, Response};
use crate::support::world::{CHAT, COMPLETIONS, Outcome, World};

/// The outcome of a prompt whose answer is a stream of these pieces.
async fn streamed<P: Into<Vec<u8>>>(pieces: impl IntoIterator<Item = P>) -> Outcome {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::stream(pieces));
    world.ask().await
}

#[tokio::test]
async fn f48_odd_first_event() {
    assert!(created().ends_with("}} \n\n"), "with a space before the line feed");

    let outcome = streamed([created(), d("Hi"), end()]).await;

    assert_eq!(outcome.text(), "Hi");
    let ReplyEvent::Start { message_id, prompt_id, .. } = &outcome.events[0] else {
        panic!("{:?}", outcome.events)
    };
    assert_eq!((message_id.as_deref(), prompt_id.as_deref()), (Some(R1), Some(U1)));
}

#[tokio::test]
async fn f49_cut_points() {
    let text = "wörld 你好 🙂";
    let bytes = [created(), d(text), end()].concat().into_bytes();
    let find = |needle: &str| {
        let needle = needle.as_bytes();
        bytes.windows(needle.len()).position(|window| window == needle).expect("in the stream")
    };
    let cuts = [
        find("ö") + 1,
        find("你") + 1,
        find("你") + 2,
        find("🙂") + 2,
        find("data:") + 4,
        find("\n\n") + 1,
        find("\"content\"") + 3,
    ];
    for cut in cuts {
        let outcome = streamed([&bytes[..cut], &bytes[cut..]]).await;
        assert_eq!(outcome.text(), text, "cut at {cut}");
    }
    assert_eq!(streamed(bytes.chunks(1)).await.text(), text, "byte by byte");
}

#[tokio::test]
async fn f50_with_and_without_done() {
    let stream = [created(), d("Hi"), end()].concat();
    for tail in ["", "data: [DONE]\n\n", "data: [DONE]"] {
        assert_eq!(streamed([stream.as_str(), tail]).await.text(), "Hi", "{tail:?}");
    }
}

#[tokio::test]
async fn f51_spacing_and_line_ends() {
    let stream = [created(), d("Hi"), d(" there"), end()].concat();
    let body = stream.trim_end();
    for variant in [
        stream.replace("data: ", "data:"),
        stream.replace('\n', "\r\n"),
        body.to_owned(),
        format!("{body}\n"),
        stream.replace("data: ", "event: message\nid: 7\nretry: 10\ndata: "),
        format!("\u{feff}{stream}"),
    ] {
        assert_eq!(streamed([variant.as_str()]).await.text(), "Hi there", "{variant:?}");
    }
}

#[tokio::test]
async fn f52_comments_and_keep_alives_reset_the_idle_timer() {
    let info = event(json!({"response.info": {"action": "keep_alive", "chat_id": "C1",
        "response_id": R1, "timestamp": 1_790_000_010}}));
    let quiet = delta("", "KeepAlive", "typing");
    let signs = [": keepalive\n\n", "data: \n\n", &info, &quiet, ": keepalive\n\n"];
    let mut stream = sse([created().as_str(), &d("Hi")]);
    for sign in signs {
        stream = stream.pause(Duration::from_millis(300)).then(sign);
    }
    let world = World::configured(|config| config.timeouts.idle = Duration::from_secs(1)).await;
    world.on(COMPLETIONS, stream.then(d(" there")).then(end()));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hi there");
    assert!(outcome.reply().other.is_empty() && outcome.reply().thinking.is_none());
}

#[tokio::test]
async fn f58_missing_phase() {
    let plain = event(json!({"choices": [{"delta": {"role": "assistant", "content": "Hi"}}],
        "response_id": R1}));

    assert_eq!(streamed([plain]).await.text(), "Hi");
}

#[tokio::test]
async fn f59_null_zoo() {
    let zoo = [
        r#"{"choices": null}"#,
        r#"{"choices": []}"#,
        r#"{"choices": [{"delta": null}]}"#,
        r#"{"choices": [{}]}"#,
        r#"{"choices": [null]}"#,
        r#"{"choices": [{"delta": {"content": null, "phase": null, "status": null}}], "usage": null}"#,
        r#"{"choices": {"delta": 1}, "usage": [], "response_id": null}"#,
        "{}",
        "null",
        "\"text\"",
        "[1]",
        "7",
    ];
    for odd in zoo {
        let outcome = streamed([created(), raw(odd), d("H"), raw(odd), d("i"), end()]).await;

        assert_eq!(outcome.text(), "Hi", "{odd}");
        assert!(outcome.reply().usage.is_some(), "{odd}");
    }
}

const BROKEN: &str = "data: {\"choices\": [{\"delta\": {\"content\": \"x\n\n";

#[tokio::test]
async fn f60_broken_event_is_repaired_from_the_chat() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::stream([&created(), &d("He"), BROKEN, &d("o"), &end()]));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hello")));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hello");
    assert_eq!(world.upstream.count(CHAT), 1);
}

#[tokio::test]
async fn an_event_with_a_damaged_structure_is_repaired_from_the_chat() {
    let whole = d("l").replace("answer", "MARK").into_bytes();
    for damage in [b"ans\xffwer".as_slice(), b"ans\twer", b"ans\x01wer", b"ans\\ud83dwer"] {
        let mut damaged = whole.clone();
        let at = damaged.windows(4).position(|window| window == b"MARK").expect("a mark");
        damaged.splice(at..at + 4, damage.iter().copied());
        let world = World::new().await;
        let pieces = [created().into(), d("He").into(), damaged, d("lo").into(), end().into()];
        world.on(COMPLETIONS, Response::stream::<Vec<u8>>(pieces));
        world.on(CHAT, one_turn(&answer(R1, U1, "Hello")));

        let outcome = world.ask().await;

        assert_eq!(outcome.text(), "Hello");
        assert_eq!(outcome.reply().other, []);
        assert_eq!(world.upstream.count(CHAT), 1);
    }
}

#[tokio::test]
async fn f60_broken_event_without_help_is_doubtful() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::stream([&created(), &d("He"), BROKEN, &d("o"), &end()]));
    world.on(CHAT, crate::support::bodies::gone());

    let outcome = world.ask().await;

    assert_eq!(outcome.reply().completeness, Completeness::Doubtful);
    assert_eq!(outcome.reply().content, "Heo");
    assert_eq!(world.notices.count(|notice| matches!(notice, Notice::Odd(_))), 1);
}

#[tokio::test]
async fn f61_control_characters() {
    let piece = |content: &str| d("MARK").replace("MARK", content);
    let pieces = [created(), piece("a\tb"), piece(r"c\u0000d"), piece(r"e\ud83df"), end()];

    let outcome = streamed(pieces).await;

    assert_eq!(outcome.text(), "a\tbc\u{0}de\u{fffd}f");

    let mut bytes = [created(), d("gMARKh"), end()].concat().into_bytes();
    let mark = bytes.windows(4).position(|window| window == b"MARK").expect("a mark");
    bytes.splice(mark..mark + 4, [0xff]);
    assert_eq!(streamed([bytes]).await.text(), "g\u{fffd}h", "bytes that are no UTF-8");
}

#[tokio::test]
async fn f62_stale_response_id() {
    let old = d("OLD").replace(R1, "R0");
    let old_end = end().replace(R1, "R0");

    let outcome = streamed([created(), d("H"), old, old_end, d("i"), end()]).await;

    assert_eq!(outcome.text(), "Hi");
    assert_eq!(outcome.reply().message_id.as_deref(), Some(R1));
}

#[tokio::test]
async fn f70_connection_stays_open_after_the_terminal_frame() {
    let world = World::new().await;
    let stream = Response::stream([created(), d("Hi"), end()]).ending(Ending::Hang);
    world.on(COMPLETIONS, stream);

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hi");
    assert_eq!(world.upstream.count(crate::support::world::STOP), 0, "nothing to stop");
}

#[tokio::test]
async fn f70_text_after_the_terminal_frame_is_kept() {
    let world = World::configured(|config| config.timing.grace = Duration::from_secs(5)).await;
    let stream = Response::stream([created(), d("Hi"), end()])
        .pause(Duration::from_millis(50))
        .then(d(" there"))
        .then(end());
    world.on(COMPLETIONS, stream);

    assert_eq!(world.ask().await.text(), "Hi there");
}

fn thought_of(length: usize) -> String {
    let thought = "x".repeat(length);
    let extra = json!({"summary_thought": {"content": [thought]}});
    frame(
        json!({"role": "assistant", "content": "", "phase": "thinking_summary",
            "status": "typing", "extra": extra}),
        json!({}),
    )
}

#[tokio::test]
async fn f76_very_long_line() {
    let outcome = streamed([created(), thought_of(1 << 20), d("Hi"), end()]).await;

    assert_eq!(outcome.text(), "Hi");
    let thinking = outcome.reply().thinking.as_deref().unwrap_or_default();
    assert!(thinking.len() >= 1 << 20);

    let almost = streamed([created(), thought_of((8 << 20) - 4096), d("Hi"), end()]).await;
    assert_eq!(almost.text(), "Hi");
}

#[tokio::test]
async fn f76_line_above_the_cap() {
    let world = World::new().await;
    let stream = Response::stream([created(), d("Hal"), thought_of(9 << 20)]);
    world.on(COMPLETIONS, stream.ending(Ending::Hang));
    world.upstream.always(crate::support::world::STOP, || {
        crate::support::bodies::envelope(json!({"status": true}))
    });

    let outcome = world.ask().await;

    assert_eq!(outcome.partial(ErrorKind::UpstreamProtocol), "Hal");
    let error = outcome.error(ErrorKind::UpstreamProtocol);
    assert!(error.message().contains("MiB"), "names the cap: {error}");
}
