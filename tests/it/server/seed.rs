//! The seed's own curl lines and `fetch` bodies work; only host, token and chat id are replaced.

use serde_json::{Value, json};

use super::world::Served;

/// Each with the route it is about.
const CURL_LINES: [&str; 7] = [
    "curl http://localhost:5001/health",
    "curl -H \"Authorization: Bearer YOUR_TOKEN\" \\\n     http://localhost:5001/api/chats",
    "curl -X POST \\\n  -H \"Authorization: Bearer YOUR_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"chat_id\":\"chat-id\",\"message\":\"Hello\",\"model\":\"qwen3-max\"}' \\\n  http://localhost:5001/api/chat/send",
    "curl -X POST \\\n  -H \"Authorization: Bearer YOUR_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"message\":\"What is AI?\"}' \\\n  http://localhost:5001/api/chat/quick",
    "curl -X POST \\\n  -H \"Authorization: Bearer YOUR_TOKEN\" \\\n  http://localhost:5001/api/token/refresh",
    "curl -H \"Authorization: Bearer YOUR_TOKEN\" \\\n     http://localhost:5001/api/stats",
    "curl -H \"Authorization: Bearer YOUR_TOKEN\" \\\n     http://localhost:5001/api/token/info",
];

async fn shell(line: String) -> Value {
    let script = format!("unset http_proxy https_proxy all_proxy ALL_PROXY; {line}");
    let run = move || std::process::Command::new("sh").args(["-c", &script]).output();
    let output = tokio::task::spawn_blocking(run).await.expect("no panic").expect("sh and curl");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {line}\n{text}"))
}

#[tokio::test]
async fn curl_lines_of_the_seed_work() {
    // Without a token of its own, so that the lines have to bring theirs.
    let (served, local) = Served::local(|options| options.account = None).await;
    let made = served.http.post(served.url("/api/chats")).bearer_auth(local.token());
    let made = served.ask(made.json(&json!({}))).await.json();
    let chat = made["data"]["id"].as_str().expect("an id");
    let mut answers = Vec::new();
    for line in CURL_LINES {
        let line = line
            .replace("curl ", "curl -sS ")
            .replace("http://localhost:5001", &format!("http://{}", served.address))
            .replace("YOUR_TOKEN", &local.token())
            .replace("\"chat-id\"", &format!("{chat:?}"));
        answers.push(shell(line).await);
    }
    let [health, chats, send, quick, refresh, stats, info] = &answers[..] else { panic!() };
    assert_eq!((&health["status"], &health["service"]), (&json!("ok"), &json!("qwen-api-server")));
    assert!(health["timestamp"].is_i64());
    assert_eq!((&chats["success"], &chats["total"]), (&json!(true), &json!(1)));
    assert_eq!(chats["data"][0]["id"], chat);
    assert!(chats["data"][0]["title"].is_string() && chats["data"][0]["created_at"].is_i64());
    assert!(send["data"]["content"].as_str().is_some_and(|text| text.contains("Hello")), "{send}");
    assert!(quick["data"]["content"].as_str().is_some_and(|text| text.contains("What is AI?")));
    assert_eq!(quick["chat_id"], chat, "the most recent chat");
    assert!(refresh["token"].as_str().is_some_and(|token| token.split('.').count() == 3));
    assert!(refresh["expires_at"].is_i64() && refresh["user"]["email"].is_string());
    assert_eq!(stats["stats"]["total_chats"], 1);
    assert!(
        stats["stats"]["user"]["name"].is_string() && stats["stats"]["token_expires_at"].is_i64()
    );
    assert_eq!((&info["success"], &info["source"]), (&json!(true), &json!("header")));
}

#[tokio::test]
async fn fetch_calls_from_another_port_work() {
    let (served, local) = Served::local(|options| options.account = None).await;
    let fetch = |method: reqwest::Method, path: &str| {
        let request = served.http.request(method, served.url(path)).bearer_auth(local.token());
        request.header("origin", "http://localhost:8000").header("sec-fetch-site", "same-site")
    };
    let made = served.ask(fetch(reqwest::Method::POST, "/api/chats").json(&json!({}))).await.json();
    let chat_id = &made["data"]["id"];

    let chats = served.ask(fetch(reqwest::Method::GET, "/api/chats")).await;
    assert_eq!(chats.header("access-control-allow-origin"), "*");
    assert_eq!(chats.json()["data"][0]["id"], *chat_id);

    let body = json!({
        "chat_id": chat_id, "message": "Hello AI!", "model": "qwen3-max", "stream": false
    });
    let sent = served.ask(fetch(reqwest::Method::POST, "/api/chat/send").json(&body)).await.json();
    assert!(sent["data"]["content"].as_str().is_some_and(|text| text.contains("Hello AI!")));

    let body = json!({"message": "Tell me a joke"});
    let quick =
        served.ask(fetch(reqwest::Method::POST, "/api/chat/quick").json(&body)).await.json();
    assert!(quick["data"]["content"].as_str().is_some_and(|text| text.contains("Tell me a joke")));
}
