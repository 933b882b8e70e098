//! The flags of `serve`, with the built-in upstream.

use serde_json::{Value, json};

use crate::support::cmd::Home;

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_answers_and_leaves_no_chat() {
    let home = Home::new();
    let mut run = home.start(&[
        "serve",
        "--local",
        "--port",
        "0",
        "--json",
        "--model-alias",
        "gpt-4o=qwen3-max",
    ]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let body =
        json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Xin chào 你好 🙂"}]});
    let answer =
        http.post(format!("{url}/v1/chat/completions")).json(&body).send().await.expect("one");
    let answer: Value = answer.json().await.expect("JSON");
    let content = answer["choices"][0]["message"]["content"].as_str().expect("a text");
    assert!(content.contains("Xin chào 你好 🙂"), "{answer}");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    let chats = home.triple(&["--local", "chats", "list", "--json"]);
    let chats: Value = serde_json::from_str(&chats.stdout).expect("JSON");
    assert_eq!(chats["data"], json!([]));
}

#[test]
fn an_alias_needs_a_name_and_a_model() {
    let home = Home::new();
    for bad in ["gpt-4o", "=x", "x=", ""] {
        let end = home.triple(&["serve", "--local", "--port", "0", "--model-alias", bad]);
        assert_eq!(end.status, 2, "{bad}: {}", end.stderr);
    }
}
