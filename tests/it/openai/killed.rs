//! `kill -9` in every phase of an ephemeral chat: the next start deletes that chat and no other.

use std::net::TcpStream as Blocking;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{DELETE, MODELS, NEW, chat};
use crate::server::world::post;
use crate::support::bodies::{C1, envelope};
use crate::support::cmd::{Home, Running};
use crate::support::frames::{created, d, sse};
use crate::support::response::{Ending, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS};

const SECOND_PAGE: &str = "GET /api/v2/chats/?page=2";

/// A server of its own, and where it listens.
fn start(home: &Home) -> (Running, String) {
    let mut run = home.start(&["serve", "--port", "0", "--json"]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    (run, line["address"].as_str().expect("an address").to_owned())
}

/// Asks, and does not wait for the answer.
fn ask(address: &str) -> Blocking {
    use std::io::Write as _;
    let mut stream = Blocking::connect(address).expect("a connection");
    stream.write_all(post("/v1/chat/completions", &chat("Hi")).as_bytes()).expect("a request");
    stream
}

fn kill(run: Running) {
    run.signal("KILL");
    assert_eq!(run.end().status, -9);
}

/// Starts again, and ends when `request` has come.
async fn sweep(home: &Home, upstream: &Upstream, request: &str) -> String {
    let (run, _) = start(home);
    upstream.until(request, 1).await;
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0, "{end:?}");
    end.stderr
}

/// The files that stand for chats.
fn entries(home: &Home) -> Vec<PathBuf> {
    let root = home.path().join(".local/share/qwenctl/ephemeral");
    let runs = std::fs::read_dir(root).into_iter().flatten().flatten();
    let files = runs.flat_map(|run| std::fs::read_dir(run.path()).into_iter().flatten().flatten());
    files.map(|file| file.path()).filter(|path| !path.ends_with("lock")).collect()
}

fn with_models(upstream: &Upstream) {
    upstream.always(MODELS, || envelope(json!({"data": [{"id": super::MODEL}]})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_chat_is_created_leaves_no_chat() {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let home = Home::with(&upstream);
    upstream.on(NEW, Response::silence());
    let (run, address) = start(&home);
    let _caller = ask(&address);
    upstream.until(NEW, 1).await;
    kill(run);

    let title = upstream.request(NEW).json()["title"].clone();
    let row = |id: &str, title: &Value| json!({"id": id, "title": title, "updated_at": 4_000_000_000_i64, "chat_type": "t2t"});
    upstream.on(CHATS, envelope(json!([row("mine", &json!("New Chat")), row(C1, &title)])));
    upstream.on(SECOND_PAGE, envelope(json!([])));
    upstream.always("GET /api/v2/chats/", || envelope(json!([])));
    upstream.on(DELETE, envelope(json!(true)));
    let log = sweep(&home, &upstream, DELETE).await;
    assert!(log.contains("1 deleted, 0 left"), "{log}");
    assert_eq!(entries(&home), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_prompt_is_sent_leaves_no_chat() {
    after_the_chat_is_made(Response::silence(), COMPLETIONS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_during_the_answer_leaves_no_chat() {
    let answer = sse([created().as_str(), &d("Hal")]).ending(Ending::Hang);
    after_the_chat_is_made(answer, COMPLETIONS).await;
}

async fn after_the_chat_is_made(answer: Response, phase: &str) {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let home = Home::with(&upstream);
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, answer);
    let (run, address) = start(&home);
    let _caller = ask(&address);
    upstream.until(phase, 1).await;
    kill(run);
    is_private(&home);

    upstream.on(DELETE, envelope(json!(true)));
    sweep(&home, &upstream, DELETE).await;
    assert_eq!(entries(&home), Vec::<PathBuf>::new());
}

/// The journal is readable by its owner only, and holds neither accounts nor texts.
fn is_private(home: &Home) {
    use std::os::unix::fs::PermissionsExt as _;
    let entries = entries(home);
    assert_eq!(entries.len(), 1);
    let mode = std::fs::metadata(&entries[0]).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&entries[0]).expect("a text");
    assert!(text.contains(C1) && !text.contains("Hi"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_during_the_deletion_leaves_no_chat() {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let home = Home::with(&upstream);
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, crate::support::frames::whole("Hello"));
    upstream.on(DELETE, Response::silence());
    let (run, address) = start(&home);
    let _caller = ask(&address);
    upstream.until(DELETE, 1).await;
    kill(run);

    // It is gone already: that is as good.
    upstream.on(DELETE, crate::support::bodies::gone());
    let (run, _) = start(&home);
    upstream.until(DELETE, 2).await;
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    assert_eq!(entries(&home), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_skips_the_chats_of_a_running_server() {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let home = Home::with(&upstream);
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    let (living, address) = start(&home);
    let _caller = ask(&address);
    upstream.until(COMPLETIONS, 1).await;

    let (second, _) = start(&home);
    second.signal("TERM");
    assert_eq!(second.end().status, 0);
    assert_eq!((upstream.count(DELETE), entries(&home).len()), (0, 1));
    kill(living);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_skips_the_chats_of_another_account() {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let mut home = Home::with(&upstream);
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, Response::silence());
    let (run, address) = start(&home);
    let _caller = ask(&address);
    upstream.until(COMPLETIONS, 1).await;
    kill(run);

    home.set("QWEN_TOKEN", &other_account());
    let (mut run, _) = start(&home);
    assert!(run.error_line().contains("0 deleted, 1 left"));
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    assert_eq!((upstream.count(DELETE), entries(&home).len()), (0, 1));
}

/// A token of another account.
fn other_account() -> String {
    use base64::Engine as _;
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let payload = r#"{"id":"22222222-2222-4222-8222-222222222222","exp":4000000000}"#;
    [part(r#"{"alg":"HS256"}"#), part(payload), part("signature")].join(".")
}
