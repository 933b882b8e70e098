//! Conventions 1.5: an answer is written while it comes. The test holds the rest of the answer back
//! until it has read the beginning, so nothing here depends on time.

use serde_json::Value;

use crate::support::bodies::{self, C1};
use crate::support::cmd::{Home, Running};
use crate::support::frames;
use crate::support::response::{Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS};

/// An answer in two halves; the second one waits for the gate.
fn two_halves(gate: &Gate) -> Response {
    Response::stream([frames::created(), frames::d("Hel")])
        .gate(gate)
        .then(frames::d("lo "))
        .gate(gate)
        .then(frames::d("🙂"))
        .then(frames::end())
}

async fn world() -> (Upstream, Home, Gate) {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, two_halves(&gate));
    (upstream, home, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_delta_reaches_a_pipe_at_once() {
    let (_upstream, home, gate) = world().await;
    let mut run = home.start(&["send", C1, "hi", "--model", "m"]);
    run.reads("Hel");
    gate.open();
    run.reads("lo ");
    gate.open();
    let end = run.end();
    assert_eq!((end.status, end.stdout.as_str(), end.stderr.as_str()), (0, "🙂\n", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_is_a_line_at_once() {
    let (_upstream, home, gate) = world().await;
    let mut run = home.start(&["send", C1, "hi", "--model", "m", "-o", "ndjson"]);
    let mut event = || -> Value { serde_json::from_str(&run.line()).expect("a document") };
    assert_eq!(event()["event"], "start");
    assert_eq!(event()["content"], "Hel");
    gate.open();
    assert_eq!(event()["content"], "lo ");
    gate.open();
    assert_eq!(event()["content"], "🙂");
    assert_eq!(event()["event"], "done");
    assert_eq!(run.end().status, 0);
}

/// Hangs up in the middle of the answer, then lets it end. An unexpected stop call fails the test.
fn hang_up(mut run: Running, gate: &Gate) -> (Option<i32>, String) {
    run.reads("Hel");
    run.hang_up();
    gate.open();
    gate.open();
    let end = run.0.wait_with_output().expect("the end");
    (end.status.code(), String::from_utf8_lossy(&end.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn line_7_a_closed_pipe_ends_the_printing_and_not_the_answer() {
    let (_upstream, home, gate) = world().await;
    let run = home.start(&["send", C1, "hi", "--model", "m"]);
    assert_eq!(hang_up(run, &gate), (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_fails_behind_a_closed_pipe_is_no_success() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    upstream.always(CHAT, bodies::empty_chat);
    let refusal = serde_json::json!({"error": {"code": "data_inspection_failed", "details": "no"}});
    let answer = Response::stream([frames::created(), frames::d("Hel")]).gate(&gate);
    upstream.on(COMPLETIONS, answer.then(frames::d("lo")).gate(&gate).then(frames::event(refusal)));
    let run = home.start(&["send", C1, "hi", "--model", "m"]);
    assert_eq!(hang_up(run, &gate), (Some(3), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_chat_is_deleted_after_a_closed_pipe() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    upstream.on("POST /api/v2/chats/new", bodies::envelope(serde_json::json!({"id": C1})));
    upstream.on(COMPLETIONS, two_halves(&gate));
    let delete = format!("DELETE /api/v2/chats/{C1}");
    upstream.on(&delete, bodies::envelope(serde_json::json!({"status": true})));
    let run = home.start(&["-q", "quick", "--ephemeral", "hi", "--model", "m"]);
    assert_eq!(hang_up(run, &gate), (Some(0), String::new()));
    assert_eq!(upstream.count(&delete), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_keeps_an_answer_whose_reader_has_left() {
    let home = Home::new();
    let line = "qwenctl --local -q quick '[[slow:5]] [[lorem:60]]' | head -c 5";
    assert_eq!(home.shell(line).output().expect("a shell").stdout, b"lorem");
    let list = home.triple(&["--local", "chats", "list", "--json"]).stdout;
    let list: Value = serde_json::from_str(&list).expect("a list");
    let id = list["data"][0]["id"].as_str().expect("a chat");
    let chat = home.triple(&["--local", "chats", "show", id, "--json"]).stdout;
    let chat: Value = serde_json::from_str(&chat).expect("a chat");
    let answer = &chat["data"]["messages"][1];
    assert_eq!(answer["state"], Value::Null, "{answer}");
    let words = answer["content"].as_str().expect("a text").split_whitespace().count();
    assert_eq!(words, 60, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_has_colours_only_where_colours_are_wanted() {
    const CODE: &str = "```rust\nlet a = 1; // b\n```\n";
    let keyword = "\u{1b}[35mlet\u{1b}";
    for (more, variable, is_coloured) in [
        (&["--color", "always"][..], None, true),
        (&["--color", "always", "--no-highlight"], None, false),
        (&["--color", "always"], Some("QWENCTL_HIGHLIGHT"), false),
        (&[], None, false),
        (&["--color", "always", "--raw"], None, false),
    ] {
        let upstream = Upstream::start().await;
        let mut home = Home::with(&upstream);
        if let Some(variable) = variable {
            home.set(variable, "false");
        }
        upstream.on(CHAT, bodies::empty_chat());
        upstream.on(COMPLETIONS, frames::whole(CODE));
        let run = home.triple(&[&["-q", "send", C1, "hi", "--model", "m"], more].concat());
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(run.stdout.contains(keyword), is_coloured, "{more:?} {run:?}");
        assert!(!run.stdout.contains("\u{1b}]8;"), "no links in a pipe");
        let plain = console::strip_ansi_codes(&run.stdout);
        assert!(plain.contains("let a = 1; // b\n"), "{more:?} {run:?}");
    }
}
