//! The shapes of the answers, compared with the documented ones: the same keys, the same types.

use qwenctl::local::{LocalOptions, fault_names};
use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Peer, quick, slow, turn_body};

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../fixtures/protocol/", $name)))
            .expect("valid JSON")
    };
}

/// Checks that both have the same keys and types; of an array, every element is like the first
/// expected one.
fn same_shape(actual: &Value, expected: &Value, path: &str) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let keys = |map: &serde_json::Map<String, Value>| {
                map.keys().cloned().collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(keys(actual), keys(expected), "members of {path}");
            for (key, value) in actual {
                same_shape(value, &expected[key], &format!("{path}.{key}"));
            }
        }
        (Value::Array(actual), Value::Array(expected)) => {
            if let Some(first) = expected.first() {
                assert!(!actual.is_empty(), "{path} is empty");
                for item in actual {
                    same_shape(item, first, &format!("{path}[]"));
                }
            }
        }
        _ => {
            assert_eq!(kind(actual), kind(expected), "type of {path}: {actual} against {expected}");
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[tokio::test]
async fn the_account_is_as_documented() {
    let peer = Peer::quick().await;
    same_shape(&peer.get("/api/v1/auths/").await, &fixture!("auths.json"), "auths");
    same_shape(&peer.get("/api/v2/users/status").await, &fixture!("status.json"), "status");
    same_shape(
        &peer.post("/api/v2/users/status", json!({"typarms": {}})).await,
        &fixture!("status.json"),
        "status",
    );
}

#[tokio::test]
async fn refreshing_and_stopping_are_as_documented() {
    let peer = Peer::with(slow()).await;
    let refreshed = peer.refresh(&peer.upstream.refresh_token());
    let refreshed: Value = refreshed.send().await.expect("a response").json().await.expect("JSON");
    same_shape(&refreshed, &fixture!("refresh.json"), "refresh");
    let chat = peer.new_chat().await;
    let response = peer.begin(&chat, "[[lorem:100000]]").await;
    let path = format!("/api/v2/chat/completions/stop?chat_id={chat}");
    let stop = json!({"chat_id": chat, "response_id": ""});
    assert_eq!(stripped(peer.post(&path, stop.clone()).await), fixture!("stopped.json"));
    assert_eq!(stripped(peer.post(&path, stop).await), fixture!("stop_late.json"));
    drop(response);
}

#[tokio::test]
async fn a_chat_is_as_documented() {
    let peer = Peer::quick().await;
    let made = peer.post("/api/v2/chats/new", json!({})).await;
    same_shape(&made, &fixture!("chats_new.json"), "new");
    let chat = made["data"]["id"].as_str().expect("an id").to_owned();
    let mut body = turn_body(&chat, None, "Hello");
    body["messages"][0]["feature_config"] = json!({"thinking_enabled": true, "output_schema": "phase",
        "research_mode": "normal", "auto_thinking": false, "thinking_mode": "Thinking", "thinking_format": "summary",
        "auto_search": true});
    peer.turn(&chat, &body).send().await.expect("a response").text().await.expect("whole");

    let mut detail = peer.get(&format!("/api/v2/chats/{chat}")).await;
    let mut expected = fixture!("chat.json");
    let history = &mut expected["data"]["chat"]["history"]["messages"];
    let (question, answer) = (history["U1"].take(), history["R1"].take());
    *history = json!({});
    let tree = detail["data"]["chat"]["history"]["messages"].take();
    detail["data"]["chat"]["history"]["messages"] = json!({});
    same_shape(&detail, &expected, "chat");
    let messages = tree.as_object().expect("a tree");
    assert_eq!(messages.len(), 2);
    for (id, message) in messages {
        assert_eq!(message["id"], json!(id));
        if message["role"] == "user" {
            same_shape(message, &question, "question");
        } else {
            let (mut parts, mut expected_parts) =
                (message["content_list"].clone(), answer["content_list"].clone());
            for index in 0..2 {
                same_shape(&parts[index].take(), &expected_parts[index].take(), "part");
            }
            let without_parts = |message: &Value| {
                let mut message = message.clone();
                message["content_list"] = json!([]);
                message
            };
            same_shape(&without_parts(message), &without_parts(&answer), "answer");
        }
    }
    same_shape(&peer.get("/api/v2/chats/?page=1").await, &fixture!("chats_page.json"), "page");
    same_shape(
        &peer.delete(&format!("/api/v2/chats/{chat}")).await,
        &fixture!("delete.json"),
        "delete",
    );
    assert_eq!(stripped(peer.detail_envelope(&chat).await), stripped(fixture!("not_found.json")));
}

impl Peer {
    async fn detail_envelope(&self, chat: &str) -> Value {
        self.get(&format!("/api/v2/chats/{chat}")).await
    }
}

fn stripped(mut envelope: Value) -> Value {
    envelope["request_id"] = json!("Q1");
    envelope
}

#[tokio::test]
async fn an_answer_without_streaming_is_as_documented() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut body = turn_body(&chat, None, "[[deltas:Hi]]");
    body["stream"] = json!(false);
    let answer: Value =
        peer.turn(&chat, &body).send().await.expect("a response").json().await.expect("JSON");
    same_shape(&answer, &fixture!("plain_answer.json"), "answer");
    assert_eq!(answer["data"]["choices"][0]["message"]["content"], "Hi");
}

#[tokio::test]
async fn a_refused_token_is_as_documented() {
    let peer = Peer::quick().await;
    let expired = peer.post("/__local/tokens", json!({"expires_in": -1})).await["token"].take();
    let expired = expired.as_str().expect("a token").to_owned();
    for token in [expired.as_str(), "not.a.token", ""] {
        let url = format!("{}/v2/chats/?page=1", peer.upstream.api_url());
        let response = peer.http.get(url).bearer_auth(token).send().await.expect("a response");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-actual-status-code"], "401");
        assert_eq!(stripped(response.json().await.expect("JSON")), fixture!("unauthorized.json"));
    }
    let url = format!("{}/v2/users/status", peer.upstream.api_url());
    let status: Value =
        peer.http.get(url).send().await.expect("a response").json().await.expect("JSON");
    assert_eq!(status["data"], false);
}

#[tokio::test]
async fn every_answer_carries_the_documented_headers() {
    let peer = Peer::quick().await;
    let response = peer
        .request(Method::GET, "/api/v2/chats/?page=1")
        .header("x-request-id", "Q1")
        .send()
        .await;
    let response = response.expect("a response");
    let headers = response.headers();
    assert_eq!(headers["x-request-id"], "Q1");
    assert_eq!(headers["x-actual-status-code"], "200");
    assert_eq!(headers["transfer-encoding"], "chunked");
    assert_eq!(headers["access-control-allow-origin"], "https://chat.qwen.ai");
    assert_eq!(response.json::<Value>().await.expect("JSON")["request_id"], "Q1");
}

#[tokio::test]
async fn models_come_in_two_wrappings() {
    let peer = Peer::quick().await;
    let url = format!("{}/models", peer.upstream.api_url());
    let bare: Value =
        peer.http.get(url).send().await.expect("a response").json().await.expect("JSON");
    let double = peer.get("/api/v2/models/").await;
    assert_eq!(bare["data"], double["data"]["data"]);
    assert_eq!(bare.as_object().map(serde_json::Map::len), Some(1));
    for model in bare["data"].as_array().expect("a list") {
        assert!(
            model["id"].is_string() && model["info"]["meta"]["chat_type"].is_array(),
            "{model}"
        );
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let peer = Peer::quick().await;
    for (method, path, status) in [
        (Method::GET, "/api/v2/nothing", 404),
        (Method::GET, "/api/v1/auths", 404),
        (Method::POST, "/api/v2/chats/", 405),
    ] {
        let request = peer.request(method, path).json(&json!({}));
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), status, "{path}");
        assert!(response.json::<Value>().await.expect("JSON")["detail"].is_string());
    }
}

#[tokio::test]
async fn the_default_is_what_it_says() {
    let peer = Peer::with(LocalOptions { seed: 5, ..quick() }).await;
    let about = peer.get("/__local/").await;
    assert_eq!(
        (&about["upstream"], &about["engine"], &about["seed"]),
        (&json!("local"), &json!("echo"), &json!(5))
    );
    assert!(fault_names().count() >= 76);
}
