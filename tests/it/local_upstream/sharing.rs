//! Several local upstreams on one database, and files that belong to other programs.

use qwenctl::local::{LocalOptions, start};
use serde_json::json;

use super::peer::{Peer, quick, response_id, slow};
use crate::support::cmd::Home;

#[tokio::test]
async fn two_processes_share_chats_tokens_and_locks() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LocalOptions { database: Some(folder.path().join("local.db")), ..slow() };
    let one = Peer::with(options.clone()).await;
    let two = Peer::with(options).await;
    let chat = one.new_chat().await;
    assert_eq!(two.get("/api/v2/chats/?page=1").await["data"][0]["id"], json!(chat));

    let mut response = one.begin(&chat, "[[lorem:100000]]").await;
    let first = response.chunk().await.expect("readable").expect("a first event");
    let id = response_id(std::str::from_utf8(&first).expect("UTF-8"));
    assert!(two.ask(&chat, None, "Hello").await.contains("CHAT_IN_PROGRESS"));
    // The other process stops it, and the first one notices that its lease is gone.
    let stop = json!({"chat_id": chat, "response_id": id});
    let path = format!("/api/v2/chat/completions/stop?chat_id={chat}");
    assert_eq!(two.post(&path, stop).await["data"]["status"], true);
    assert!(
        two.ask(&chat, Some(&id), "[[deltas:a]] [[slow:0]]").await.contains("response.created")
    );
    assert!(response.text().await.expect("a proper end").contains("response.stopped"));

    let url = format!("{}/v1/auths/", two.upstream.api_url());
    let user =
        two.http.get(url).bearer_auth(one.upstream.token()).send().await.expect("a response");
    assert_eq!(user.headers()["x-actual-status-code"], "200");
}

#[tokio::test]
async fn a_killed_process_frees_its_chat_within_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LocalOptions { database: Some(folder.path().join("local.db")), ..slow() };
    let killed = options.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // The runtime is dropped during the answer: no cleanup runs.
        runtime.expect("a runtime").block_on(async {
            let peer = Peer::with(killed).await;
            let chat = peer.new_chat().await;
            let mut response = peer.begin(&chat, "[[lorem:100000]]").await;
            let first = response.chunk().await.expect("readable").expect("a first event");
            (chat, response_id(std::str::from_utf8(&first).expect("UTF-8")))
        })
    });
    let (chat, first) = thread.join().expect("an answer begun");
    let peer = Peer::with(options).await;
    let waiting = std::time::Instant::now();
    while !peer.ask(&chat, Some(&first), "[[deltas:a]]").await.contains("response.created") {
        assert!(waiting.elapsed().as_secs() < 10, "still locked");
        // A pause on the other side: this count is never reached.
        peer.get("/__local/wait?for=ended&count=1000000&timeout_ms=100").await;
    }
    let detail = peer.detail(&chat).await;
    let answer = &detail["chat"]["history"]["messages"][first];
    assert_eq!((&answer["done"], &answer["is_stop"]), (&json!(true), &json!(true)));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_user_can_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("local.db");
    let peer = Peer::with(LocalOptions { database: Some(file.clone()), ..quick() }).await;
    peer.new_chat().await;
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&file), 0o600);
    peer.upstream.shutdown().await;
}

#[tokio::test]
async fn chats_persist_after_the_process_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LocalOptions { database: Some(folder.path().join("local.db")), ..quick() };
    let peer = Peer::with(options.clone()).await;
    let (chat, token) = (peer.new_chat().await, peer.upstream.token());
    peer.upstream.shutdown().await;
    let peer = Peer::with(options).await;
    assert_eq!(peer.get("/api/v2/chats/?page=1").await["data"][0]["id"], json!(chat));
    let url = format!("{}/v1/auths/", peer.upstream.api_url());
    let user = peer.http.get(url).bearer_auth(token).send().await.expect("a response");
    assert_eq!(user.headers()["x-actual-status-code"], "200");
}

#[tokio::test]
async fn the_error_of_a_file_that_is_not_a_database_names_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "no database at all ".repeat(100)).expect("written");
    let options = LocalOptions { database: Some(file.path().to_owned()), ..quick() };
    let error = start(options).await.expect_err("must be refused").to_string();
    assert!(error.contains(&file.path().display().to_string()), "{error}");
}

#[tokio::test]
async fn a_database_in_a_missing_directory_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("missing").join("local.db");
    let options = LocalOptions { database: Some(file.clone()), ..quick() };
    let error = start(options).await.expect_err("must be refused").to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
    assert!(error.contains("its directory does not exist"), "{error}");
    assert!(!folder.path().join("missing").exists());
}

#[tokio::test]
async fn the_error_of_a_port_in_use_names_it() {
    let peer = Peer::quick().await;
    let options = LocalOptions { address: peer.upstream.address(), ..quick() };
    let error = start(options).await.expect_err("taken").to_string();
    assert!(error.contains(&peer.upstream.address().to_string()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_of_several_processes_make_one_branch() {
    let peer = Peer::with(slow()).await;
    for shares_database in [true, false] {
        let local: &[&str] = if shares_database { &["--local"] } else { &[] };
        let home = if shares_database {
            Home::new()
        } else {
            Home::at(&peer.upstream.auth_url(), &peer.upstream.token())
        };
        let run = |arguments: &[&str]| home.triple(&[local, arguments, &["--json"]].concat());
        let chat = run(&["chats", "new"]).json()["data"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(run(&["send", &chat, "first"]).status, 0);
        let prompts = [1, 2, 3].map(|number| format!("[[slow:30]] prompt {number}"));
        let runs = prompts
            .each_ref()
            .map(|prompt| home.start(&[local, &["send", &chat, prompt, "--json"]].concat()));
        for run in runs {
            let end = run.end();
            assert_eq!(end.status, 0, "{end:?}");
        }
        let shown = run(&["chats", "show", &chat]).json();
        let messages = shown["data"]["messages"].as_array().expect("messages").iter();
        let asked = messages.filter(|message| message["role"] == "user");
        let mut asked: Vec<_> = asked.filter_map(|message| message["content"].as_str()).collect();
        assert_eq!(asked[0], "first");
        asked[1..].sort_unstable();
        assert_eq!(asked[1..], prompts, "{shares_database}");
    }
}
