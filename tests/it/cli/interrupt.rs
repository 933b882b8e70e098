//! Conventions 1.14: Ctrl-C, SIGTERM, SIGHUP and SIGQUIT.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::bodies::{self, C1};
use crate::support::cmd::{Home, Running};
use crate::support::frames;
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, STOP};

/// An upstream that writes half an answer and then waits for ever.
async fn half_an_answer() -> (Upstream, Home) {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let half = Response::stream([frames::created(), frames::d("Hel")]).ending(Ending::Hang);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, half);
    (upstream, home)
}

const NEW: &str = "POST /api/v2/chats/new";

fn delete_call() -> String {
    format!("DELETE /api/v2/chats/{C1}")
}

fn stopped() -> Response {
    bodies::envelope(json!({"status": true}))
}

fn send(home: &Home, more: &[&str]) -> Running {
    home.start(&[&["send", C1, "hi", "--model", "m"], more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_signal_stops_the_model_and_keeps_the_partial_answer() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let (upstream, home) = half_an_answer().await;
        upstream.on(STOP, stopped());
        let mut run = send(&home, &[]);
        run.reads("Hel");
        run.signal(signal);
        let end = run.end();
        assert_eq!((end.status, end.stdout.as_str()), (130, "\n"), "{signal}");
        let hint =
            format!("hint: the chat keeps the text so far; continue with `qwenctl send {C1}`");
        assert_eq!(end.stderr, format!("error: interrupted\n{hint}\n"));
        let body = upstream.request(STOP).json();
        assert_eq!((&body["chat_id"], &body["response_id"]), (&json!(C1), &json!(bodies::R1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_under_nohup_outlives_its_terminal() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    let answer = Response::stream([frames::created(), frames::d("Hel")]).gate(&gate);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, answer.then(frames::d("lo")).then(frames::end()));
    let line = format!("trap '' HUP; exec qwenctl send {C1} hi --model m");
    let mut command = home.shell(&line);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = Running(command.spawn().expect("a shell"));
    run.reads("Hel");
    run.signal("HUP");
    gate.open();
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_answer_is_in_the_document() {
    let (upstream, home) = half_an_answer().await;
    upstream.on(STOP, stopped());
    let mut run = send(&home, &["-o", "ndjson"]);
    assert!(run.line().contains("start") && run.line().contains("Hel"));
    run.signal("INT");
    let end = run.end();
    let last: Value = serde_json::from_str(&end.stdout).expect("one more document");
    assert_eq!(
        (end.status, &last["event"], &last["code"]),
        (130, &json!("error"), &json!("interrupted"))
    );
    assert_eq!(last["partial"]["content"], "Hel");
    assert_eq!(last["partial"]["completeness"], "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_at_once() {
    let (upstream, home) = half_an_answer().await;
    upstream.on(STOP, Response::silence());
    let mut run = send(&home, &[]);
    run.reads("Hel");
    let begin = std::time::Instant::now();
    run.signal("INT");
    upstream.until(STOP, 1).await;
    run.signal("INT");
    assert_eq!(run.end().status, 130);
    // The stop call alone may take five seconds.
    assert!(begin.elapsed() < std::time::Duration::from_secs(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_stopped_before_its_first_word() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, Response::silence());
    let unfinished = || bodies::one_turn(&bodies::unfinished(bodies::R1, bodies::U1, ""));
    upstream.always(CHAT, unfinished);
    upstream.on(STOP, stopped());
    let run = home.start(&["send", C1, "Hello", "--model", "m"]);
    upstream.until(COMPLETIONS, 1).await;
    run.signal("INT");
    let end = run.end();
    assert_eq!((end.status, end.stdout.as_str()), (130, ""), "{}", end.stderr);
    assert_eq!(upstream.request(STOP).json()["response_id"], bodies::R1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_chat_is_deleted_after_an_interrupt() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let delete = delete_call();
    upstream.on(NEW, bodies::envelope(json!({"id": C1})));
    upstream.on(
        COMPLETIONS,
        Response::stream([frames::created(), frames::d("Hel")]).ending(Ending::Hang),
    );
    upstream.on(STOP, stopped());
    upstream.on(&delete, bodies::envelope(json!({"status": true})));
    let mut run = home.start(&["quick", "--ephemeral", "hi", "--model", "m"]);
    run.reads("Hel");
    run.signal("INT");
    assert_eq!(run.end().status, 130);
    assert_eq!((upstream.count(STOP), upstream.count(&delete)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_printed_if_stop_and_deletion_hang() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let half = Response::stream([frames::created(), frames::d("Hel")]).ending(Ending::Hang);
    upstream.on(NEW, bodies::envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, half);
    upstream.on(STOP, Response::silence());
    upstream.on(&delete_call(), Response::silence());
    let mut run = home.start(&["quick", "--ephemeral", "hi", "--model", "m", "-o", "ndjson"]);
    assert!(run.line().contains("start") && run.line().contains("Hel"));
    run.signal("INT");
    let end = run.end();
    let last: Value = serde_json::from_str(&end.stdout).expect("one more document");
    assert_eq!((end.status, &last["code"]), (130, &json!("interrupted")), "{}", end.stderr);
    assert_eq!(last["partial"]["content"], "Hel");
    assert!(end.stderr.contains("could not be deleted"), "{}", end.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_chat_interrupted_during_creation_is_deleted() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    let made = json!({"success": true, "request_id": "Q1", "data": {"id": C1}}).to_string();
    let (head, rest) = made.split_at(10);
    let slow = Response::new("application/json", head).gate(&gate).then(rest);
    upstream.on(NEW, slow);
    upstream.on(&delete_call(), bodies::envelope(json!({"status": true})));
    let mut run = home.start(&["quick", "--ephemeral", "hi", "--model", "m", "--json"]);
    upstream.until(NEW, 1).await;
    run.signal("INT");
    assert!(run.error_line().contains("is being made"));
    gate.open();
    let end = run.end();
    let document: Value = serde_json::from_str(&end.stdout).expect("a document");
    assert_eq!((end.status, &document["code"]), (130, &json!("interrupted")));
    assert_eq!((upstream.count(&delete_call()), upstream.count(COMPLETIONS)), (1, 0));
}

/// What the journal of ephemeral chats has for other processes.
fn in_journal(home: &Home) -> Vec<std::ffi::OsString> {
    let found = std::fs::read_dir(home.path().join(".local/share/qwenctl/ephemeral"));
    found.expect("a journal").flatten().map(|entry| entry.file_name()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_of_a_killed_process_is_deleted_by_the_next() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let half = Response::stream([frames::created(), frames::d("Hel")]).ending(Ending::Hang);
    upstream.on(NEW, bodies::envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, half);
    let arguments = ["quick", "--ephemeral", "hi", "--model", "m"];
    let mut run = home.start(&arguments);
    run.reads("Hel");
    run.signal("KILL");
    assert_eq!((run.end().status, upstream.count(&delete_call())), (-9, 0));

    let next = "c0000000-0000-4000-8000-0000000000c2";
    let delete_next = format!("DELETE /api/v2/chats/{next}");
    upstream.on(NEW, bodies::envelope(json!({"id": next})));
    upstream.on(COMPLETIONS, frames::whole("ok"));
    for delete in [&delete_next, &delete_call()] {
        upstream.on(delete, bodies::envelope(json!({"status": true})));
    }
    home.run(&arguments).stdout("ok\n").stderr("").check();
    assert_eq!((upstream.count(&delete_next), upstream.count(&delete_call())), (1, 1));
    assert_eq!(in_journal(&home), ["lock"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_ephemeral_chat_leaves_no_journal_entry() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on(NEW, bodies::refusal("Bad_Request", "no"));
    let run = home.triple(&["quick", "--ephemeral", "hi", "--model", "m"]);
    assert_ne!(run.status, 0);
    assert_eq!(in_journal(&home), ["lock"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_before_the_creation_ends_at_once() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let models = "GET /api/v2/models/";
    upstream.on(models, Response::silence());
    let run = home.start(&["quick", "--ephemeral", "hi"]);
    upstream.until(models, 1).await;
    run.signal("INT");
    assert_eq!((run.end().status, upstream.count(NEW)), (130, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_any_other_command() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on(CHATS, Response::silence());
    let run = home.start(&["chats", "list", "--json"]);
    upstream.until(CHATS, 1).await;
    run.signal("INT");
    let end = run.end();
    let document: Value = serde_json::from_str(&end.stdout).expect("a document");
    assert_eq!((end.status, &document["code"]), (130, &json!("interrupted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_deletion_reports_each_chat() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on("DELETE /api/v2/chats/chat-1", bodies::envelope(json!({"status": true})));
    upstream.on("DELETE /api/v2/chats/chat-2", Response::silence());
    let run = home.start(&["chats", "delete", "--yes", "chat-1", "chat-2", "chat-3", "--json"]);
    upstream.until("DELETE /api/v2/chats/chat-2", 1).await;
    run.signal("INT");
    let end = run.end();
    let document: Value = serde_json::from_str(&end.stdout).expect("a document");
    assert_eq!((end.status, &document["code"]), (130, &json!("interrupted")));
    let gone: Vec<_> = document["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["success"].clone())
        .collect();
    assert_eq!(gone, [json!(true), json!(false), json!(false)]);
}
