//! Conventions 1.5: an answer is written while it comes. The test holds the rest of the answer back
//! until it has read the beginning, so nothing here depends on time.

use serde_json::Value;

use crate::support::bodies::{self, C1};
use crate::support::cmd::Home;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_stops_the_model_and_fails() {
    let (upstream, home, gate) = world().await;
    upstream.on(crate::support::world::STOP, bodies::envelope(serde_json::json!({"status": true})));
    let mut run = home.start(&["send", C1, "hi", "--model", "m"]);
    run.reads("Hel");
    run.hang_up();
    gate.open();
    let end = run.0.wait_with_output().expect("the end");
    assert_eq!((end.status.code(), end.stderr.as_slice()), (Some(130), &b""[..]));
    assert_eq!(upstream.count(crate::support::world::STOP), 1);
}
