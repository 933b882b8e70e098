//! Turns: parents, concurrency, stops, disconnects, titles.

use std::time::Duration;

use qwenctl::local::{LocalOptions, start};
use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Peer, answer_text, quick, response_id, slow, turn_body};

const LONG: &str = "[[lorem:100000]]";

async fn code_of(peer: &Peer, chat: &str, parent: Option<&str>) -> Value {
    let body = peer.ask(chat, parent, "Hello").await;
    serde_json::from_str::<Value>(&body).expect("an envelope")["data"].take()
}

#[tokio::test]
async fn the_parent_of_a_turn_is_the_previous_answer() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let first = response_id(&peer.ask(&chat, None, "One").await);
    let second = response_id(&peer.ask(&chat, Some(&first), "Two").await);
    let detail = peer.detail(&chat).await;
    let tree = &detail["chat"]["history"]["messages"];
    let question = tree[&second]["parentId"].as_str().expect("a question").to_owned();
    assert_eq!(tree[&question]["parentId"], json!(first));
    assert_eq!(detail["currentId"], json!(second));
    assert_eq!(detail["chat"]["history"]["pagination"]["path_count"], 4);
}

#[tokio::test]
async fn a_parent_that_is_not_an_answer_of_the_chat_is_stale() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let refused = code_of(&peer, &chat, Some("root")).await;
    assert_eq!(refused["code"], "PARENT_NOT_FOUND");
    assert_eq!(refused["details"], "Invalid input chat parent_id root is not exist.");
}

#[tokio::test]
async fn an_unknown_chat_and_a_differing_id_are_refused() {
    let peer = Peer::quick().await;
    assert_eq!(code_of(&peer, "none", None).await["code"], "CHAT_NOT_FOUND");
    let sent = peer.turn("one", &turn_body("two", None, "Hello")).send().await.expect("a response");
    assert_eq!(sent.headers()["x-actual-status-code"], "400");
}

#[tokio::test]
async fn one_turn_at_a_time_and_a_stop_frees_the_chat_at_once() {
    let peer = Peer::with(slow()).await;
    let chat = peer.new_chat().await;
    let mut response = peer.begin(&chat, LONG).await;
    let first = response.chunk().await.expect("readable").expect("a first event");
    let id = response_id(std::str::from_utf8(&first).expect("UTF-8"));
    assert_eq!(code_of(&peer, &chat, None).await["code"], "CHAT_IN_PROGRESS");

    let stop = json!({"chat_id": chat, "response_id": id});
    let path = format!("/api/v2/chat/completions/stop?chat_id={chat}");
    assert_eq!(peer.post(&path, stop.clone()).await["data"], json!({"status": true}));
    let late = json!({"status": false, "details": "The request is ended!"});
    assert_eq!(peer.post(&path, stop).await["data"], late);
    let rest = response.text().await.expect("a proper end");
    assert!(
        rest.ends_with(&format!(
            "data: {{\"response.stopped\": {{\"response_id\": \"{id}\"}}}}\n\n"
        ))
    );

    let answer = peer.answer(&chat).await;
    assert_eq!((&answer["is_stop"], &answer["done"]), (&json!(true), &json!(true)));
    assert!(peer.ask(&chat, Some(&id), "[[deltas:a]]").await.contains("response.created"));
    let stops = peer.get("/__local/stops").await;
    assert_eq!((&stops["total"], &stops["stops"][0]["stopped"]), (&json!(2), &json!(true)));
}

#[tokio::test]
async fn an_answer_continues_after_its_client_disconnects() {
    let peer = Peer::with(LocalOptions { pace: Duration::from_millis(2), ..slow() }).await;
    let chat = peer.new_chat().await;
    let mut response = peer.begin(&chat, "[[lorem:100]]").await;
    response.chunk().await.expect("readable").expect("a first event");
    drop(response);
    peer.wait_for("client_gone", 1).await;
    assert_eq!(peer.get("/__local/streams").await["open"], 0);
    let mut answer = peer.answer(&chat).await;
    while answer["done"] != true {
        answer = peer.answer(&chat).await;
    }
    assert_eq!(answer["is_stop"], false);
    let text = answer["content_list"][0]["content"].as_str().expect("text");
    assert_eq!(text.split_whitespace().count(), 100);
}

#[tokio::test]
async fn the_title_follows_the_first_answer() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    assert_eq!(peer.detail(&chat).await["title"], "New chat");
    peer.ask(&chat, None, "A walk in the park [[fault:F29]]").await;
    assert_eq!(peer.detail(&chat).await["title"], "New chat");
    let other = peer.new_chat().await;
    peer.ask(&other, None, "A walk in the park").await;
    assert_eq!(peer.detail(&other).await["title"], "A walk in the park");
}

#[tokio::test]
async fn an_odd_thinking_mode_is_never_answered_unless_switched_off() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut body = turn_body(&chat, None, "[[deltas:a]]");
    body["messages"][0]["feature_config"]["thinking_mode"] = json!("Manual");
    let waited =
        tokio::time::timeout(Duration::from_millis(200), peer.turn(&chat, &body).send()).await;
    assert!(waited.is_err(), "it must hang");
    peer.post("/__local/options", json!({"hang_on_odd_thinking_mode": false})).await;
    let text =
        peer.turn(&chat, &body).send().await.expect("a response").text().await.expect("whole");
    assert_eq!(answer_text(&text), "a");
}

#[tokio::test]
async fn a_shutdown_keeps_the_partial_answer_and_frees_the_chat() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LocalOptions { database: Some(folder.path().join("local.db")), ..slow() };
    let peer = Peer::with(options.clone()).await;
    let chat = peer.new_chat().await;
    let mut response = peer.begin(&chat, LONG).await;
    response.chunk().await.expect("readable").expect("a first event");
    peer.upstream.shutdown().await;

    let peer = Peer { upstream: start(options).await.expect("started again"), http: peer.http };
    let answer = peer.answer(&chat).await;
    assert_eq!((&answer["is_stop"], &answer["done"]), (&json!(true), &json!(true)));
    let id = answer["id"].as_str().expect("an id").to_owned();
    assert!(peer.ask(&chat, Some(&id), "[[deltas:a]]").await.contains("response.created"));
}

#[tokio::test]
async fn a_prompt_beyond_the_context_is_refused_and_a_long_one_is_not() {
    let peer = Peer::with(LocalOptions { body_limit: 0, ..quick() }).await;
    let chat = peer.new_chat().await;
    let refused = peer.ask(&chat, None, &"long ".repeat(300_000)).await;
    assert!(refused.contains("ContextLengthExceeded"), "{refused:.200}");
    let prompt = "word ".repeat(100_000);
    assert!(answer_text(&peer.ask(&chat, None, &prompt).await).contains(&prompt));
    assert_eq!(
        peer.request(Method::GET, "/api/v2/chats/?page=1").send().await.expect("alive").status(),
        200
    );
}
