//! Concurrent clients: each gets its own answer, and a chat one prompt at a time.

use std::time::Duration;

use serde_json::{Value, json};

use super::cache::MODELS;
use super::world::{PATIENCE, Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, R1, U1, answer, empty_chat, envelope, gone, one_turn, row};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Gate, Response};
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

async fn new_chat(served: &Served) -> String {
    let made = served.post("/api/chats", json!({})).await.json();
    made["data"]["id"].as_str().expect("an id").to_owned()
}

async fn send(served: &Served, chat: &str, nonce: usize) -> Value {
    let nonce_text = format!("nonce-{nonce:05}-end");
    let message = format!("[[deltas:{nonce_text}]]");
    let streams = nonce.is_multiple_of(2);
    let body = json!({"chat_id": chat, "message": message, "stream": streams});
    let answer = served.post("/api/chat/send", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let document = if streams {
        super::world::events(&answer.text).pop().expect("done").1
    } else {
        answer.json()
    };
    let content = document["data"]["content"].as_str().expect("a text");
    assert_eq!(content, nonce_text);
    document
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_prompts_to_fifty_chats() {
    let (served, _local) = Served::local(|_| {}).await;
    let one = async |nonce: usize| {
        let chat = new_chat(&served).await;
        let document = send(&served, &chat, nonce).await;
        assert_eq!(document["data"]["chat_id"], chat.as_str());
    };
    futures_util::future::join_all((0..50).map(one)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_prompts_to_one_chat() {
    let (served, _local) = Served::local(|_| {}).await;
    let chat = new_chat(&served).await;
    futures_util::future::join_all((0..50).map(|nonce| send(&served, &chat, nonce))).await;

    let chat = served.get(&format!("/api/chats/{chat}")).await.json();
    let messages = chat["data"]["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 100, "one branch, every turn in it");
    for turn in messages.chunks(2) {
        let prompt = turn[0]["content"].as_str().expect("a prompt");
        assert!(prompt.contains(turn[1]["content"].as_str().expect("an answer")), "{turn:?}");
    }
}

#[tokio::test]
async fn prompts_to_one_chat_are_sent_in_order_of_arrival() {
    in_order("").await;
}

#[tokio::test]
async fn the_prompts_of_a_new_token_keep_their_order_too() {
    in_order(&bearer("another")).await;
}

/// The header with a token for the test account.
fn bearer(mark: &str) -> String {
    format!("Authorization: Bearer {}\r\n", token(mark, 3600))
}

fn prompt(headers: &str, message: &str) -> String {
    let body = json!({"chat_id": C1, "message": message, "stream": true});
    post("/api/chat/send", &body).replacen("\r\n", &format!("\r\n{headers}"), 1)
}

async fn in_order(headers: &str) {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    let first = sse([created().as_str(), &d("first")]).gate(&gate).then(end());
    upstream.on(COMPLETIONS, first);
    for _ in 0..5 {
        upstream.on(COMPLETIONS, whole("next"));
    }
    let served = Served::new(&upstream).await;
    let mut streams = Vec::new();
    streams.push(served.raw(prompt(headers, "0")).await);
    read_until(&mut streams[0], "first").await;
    for number in 1..6 {
        streams.push(served.raw(prompt(headers, &number.to_string())).await);
        wait_for_queue(&served, number).await;
    }
    assert_eq!(upstream.count(COMPLETIONS), 1, "one at a time");
    gate.open();
    for stream in &mut streams {
        read_until(stream, "event: done").await;
    }
    let sent: Vec<_> = upstream
        .requests(COMPLETIONS)
        .iter()
        .map(|request| request.json()["messages"][0]["content"].clone())
        .collect();
    assert_eq!(sent, ["0", "1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_token_that_only_claims_the_account_delays_no_other() {
    let upstream = Upstream::start().await;
    let gate = Gate::default();
    let refused = crate::support::bodies::json("").status(401).gate(&gate);
    upstream.on(CHAT, refused.then(r#"{"detail":"401 Unauthorized"}"#));
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("mine"));
    let served = Served::new(&upstream).await;
    let mut forged = served.raw(prompt(&bearer("forged"), "theirs")).await;
    upstream.until(CHAT, 1).await;
    let answer = served.post("/api/chat/send", json!({"chat_id": C1, "message": "m"})).await;
    assert_eq!((answer.status, &answer.json()["data"]["content"]), (200, &json!("mine")));
    gate.open();
    read_until(&mut forged, "401").await;
    assert_eq!(upstream.count(COMPLETIONS), 1);
}

/// Waits until the server reports this number of waiting prompts.
async fn wait_for_queue(served: &Served, count: usize) {
    let standing =
        async { while served.get("/readyz").await.json()["waiting_prompts"] != count {} };
    tokio::time::timeout(PATIENCE, standing).await.expect("they get in line");
}

#[tokio::test]
async fn the_wait_for_a_chat_is_bounded() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("first")]).gate(&gate).then(end()));
    let served = Served::configured(&upstream, |options| {
        options.limits.chat_wait = Duration::from_millis(50);
    })
    .await;
    let body = json!({"chat_id": C1, "message": "m", "stream": true});
    let mut first = served.raw(post("/api/chat/send", &body)).await;
    read_until(&mut first, "first").await;
    let answer = served.post("/api/chat/send", body).await;
    let failure = answer.failure(409, "chat_in_progress");
    assert_eq!(failure["retry_after"], 2);
    assert_eq!((answer.header("retry-after"), answer.header("retry-after-ms")), ("2", "2000"));
    gate.open();
    read_until(&mut first, "event: done").await;
}

#[tokio::test]
async fn a_refused_prompt_is_not_sent_to_the_next_chat() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([row(1), row(2)])));
    for number in [1, 2] {
        let chat = format!("GET /api/v2/chats/c0000000-0000-4000-8000-{number:012x}");
        upstream.always(&chat, empty_chat);
    }
    upstream.always(COMPLETIONS, gone);
    upstream.always(MODELS, || envelope(json!({"data": [{"id": "m"}]})));
    let served = Served::new(&upstream).await;
    let answer = served.post("/api/chat/quick", json!({"message": "m", "model": "m"})).await;
    answer.failure(404, "not_found");
    assert_eq!(upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn a_first_prompt_that_waits_follows_what_was_sent_meanwhile() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let (creation, read, answered) = (Gate::default(), Gate::default(), Gate::default());
    upstream.always(MODELS, || envelope(json!({"data": [{"id": "m"}]})));
    upstream.on(CHATS, envelope(json!([])));
    let made = json!({"success": true, "data": {"id": C1}}).to_string();
    let late = Response::stream([""; 0]).header("Content-Type", "application/json");
    upstream.on("POST /api/v2/chats/new", late.gate(&creation).then(made));
    // Another client knows the chat before its creation is confirmed.
    upstream.on(CHAT, empty_chat());
    let theirs = sse([created().as_str(), &d("Hal")]).when_read(&read).gate(&answered);
    upstream.on(COMPLETIONS, theirs.then(end()));
    upstream.on(CHAT, one_turn(&answer(R1, U1, "Hal")));
    upstream.on(COMPLETIONS, whole("second"));
    let (first, ()) =
        tokio::join!(served.post("/api/chat/quick", json!({"message": "mine"})), async {
            upstream.until("POST /api/v2/chats/new", 1).await;
            let members = json!({"chat_id": C1, "message": "theirs", "on_disconnect": "continue"});
            let _stream = served.raw(post("/api/chat/send", &members)).await;
            read.opened().await;
            creation.open();
            wait_for_queue(&served, 1).await;
            answered.open();
        });

    assert_eq!(first.json()["data"]["content"], "second", "{first:?}");
    let posts = upstream.requests(COMPLETIONS);
    assert_eq!(posts[1].json()["parent_id"], R1);
}
