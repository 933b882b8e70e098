//! A used-up quota, remembered by a server and by the next one with the same data directory.

use std::sync::Arc;

use qwenctl::app::quota::Quotas;
use qwenctl::settings::Paths;
use serde_json::{Value, json};

use super::world::{Answer, Served};
use crate::support::bodies::{C1, empty_chat, envelope, json as body, quota};
use crate::support::frames::whole;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS};

/// The models, which `/v1` looks up.
fn with_models(upstream: &Upstream) {
    upstream.always("GET /api/v2/models/", || {
        body(r#"{"success":true,"data":{"data":[{"id":"qwen-example-max","name":"M"}]}}"#)
    });
}

/// A server that remembers in `directory`.
async fn remembering(upstream: &Upstream, directory: &std::path::Path) -> Served {
    let paths = Paths::default().with_data_dir(Some(directory.to_owned()));
    let quotas = Quotas::new(paths.quotas(), "upstream", "wait", |error| panic!("{error}"));
    Served::configured(upstream, |options| options.quotas = Some(Arc::new(quotas))).await
}

fn prompt(more: &Value) -> Value {
    let mut prompt = json!({"chat_id": C1, "message": "Hello"});
    let members = prompt.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    prompt
}

fn retry_after(answer: &Answer) -> i64 {
    let seconds = answer.header("retry-after").parse().expect("seconds");
    assert!((10_700..=10_800).contains(&seconds), "{seconds}");
    seconds
}

#[tokio::test]
async fn used_up_quota_is_refused_by_all_apis_without_a_request() {
    let directory = tempfile::tempdir().expect("a directory");
    let upstream = Upstream::start().await;
    upstream.always(CHAT, empty_chat);
    with_models(&upstream);
    for path in ["GET /api/v2/users/status", "GET /api/v2/users/user/settings"] {
        upstream.always(path, || envelope(json!(true)));
    }
    let served = remembering(&upstream, directory.path()).await;
    upstream.on(COMPLETIONS, body(quota()));
    served.post("/api/chat/send", prompt(&json!({}))).await.failure(429, "rate_limited");
    drop(served);

    let served = remembering(&upstream, directory.path()).await;
    let refused = served.post("/api/chat/send", prompt(&json!({}))).await;
    let left = retry_after(&refused);
    let document = refused.failure(429, "rate_limited");
    assert_eq!(document["retry_after"], left);
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let question = json!({"model": "qwen-example-max", "messages": messages, "max_tokens": 9});
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let refused = served.post(path, question.clone()).await;
        assert_eq!(refused.status, 429, "{path}");
        retry_after(&refused);
    }
    assert_eq!(upstream.count(COMPLETIONS), 1);

    let status = served.get("/api/user/status").await.json();
    assert_eq!(status["data"], true);
    assert_eq!(status["quotas"][0]["model"], "qwen-example-max", "{status}");

    upstream.on(COMPLETIONS, whole("Hi"));
    let other = prompt(&json!({"model": "qwen-other"}));
    assert_eq!(served.post("/api/chat/send", other).await.status, 200);
    upstream.on(COMPLETIONS, whole("Hi"));
    let forced = prompt(&json!({"force": true}));
    assert_eq!(served.post("/api/chat/send", forced).await.status, 200);
    let status = served.get("/api/user/status").await.json();
    assert_eq!(status, json!({"success": true, "data": true}));
}

#[tokio::test]
async fn force_header_sends_a_prompt_of_the_compatible_apis_anyway() {
    let directory = tempfile::tempdir().expect("a directory");
    let upstream = Upstream::start().await;
    with_models(&upstream);
    upstream.always("POST /api/v2/chats/new", || envelope(json!({"id": C1})));
    upstream.always(&format!("DELETE /api/v2/chats/{C1}"), || envelope(json!({"status": true})));
    let served = remembering(&upstream, directory.path()).await;
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let question = json!({"model": "qwen-example-max", "messages": messages});
    upstream.on(COMPLETIONS, body(quota()));
    for _ in 0..2 {
        assert_eq!(served.post("/v1/chat/completions", question.clone()).await.status, 429);
    }
    assert_eq!(upstream.count(COMPLETIONS), 1);

    upstream.on(COMPLETIONS, whole("Hi"));
    let forced = served.http.post(served.url("/v1/chat/completions")).json(&question);
    let forced = served.ask(forced.header("X-Qwenctl-Force", "true")).await;
    assert_eq!((forced.status, upstream.count(COMPLETIONS)), (200, 2), "{forced:?}");
}

#[tokio::test]
async fn prompts_over_the_size_limit_have_the_words_of_agents() {
    let upstream = Upstream::start().await;
    with_models(&upstream);
    let limits = qwenctl::client::RequestLimits::default();
    let client = qwenctl::client::Client::new(qwenctl::client::ClientConfig {
        request_limits: Some(limits),
        ..crate::support::world::config(&upstream)
    });
    let served = Served::configured(&upstream, |options| {
        let client = client.expect("a client");
        let token = crate::support::tokens::token("server", 7 * 86_400);
        let session = client.session(crate::support::tokens::tokens(&token, None), None);
        options.account = Some(Arc::new(qwenctl::server::OwnAccount::new(session)));
        options.client = client;
    })
    .await;
    upstream.always(CHAT, empty_chat);
    upstream.on(COMPLETIONS, whole("Hi"));
    let large = prompt(&json!({"message": "x".repeat(110 << 10)}));
    let answer = served.post("/api/chat/send", large).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let warning = answer.header("x-qwenctl-warning");
    assert!(warning.contains("bytes") && warning.contains("184320"), "{warning}");
    let long = "x".repeat(190 << 10);

    let refused = served.post("/api/chat/quick", json!({"message": long})).await;
    let document = refused.failure(400, "context_too_long");
    assert!(document["error"].as_str().is_some_and(|error| error.contains("184320")), "{document}");
    let messages = json!([{"role": "user", "content": long}]);
    let question = json!({"model": "qwen-example-max", "messages": messages, "max_tokens": 9});
    let refused = served.post("/v1/chat/completions", question.clone()).await;
    let error = refused.json()["error"].clone();
    assert_eq!((refused.status, &error["code"]), (400, &json!("context_length_exceeded")));
    let refused = served.post("/v1/messages", question).await;
    let error = refused.json()["error"].clone();
    assert_eq!((refused.status, &error["type"]), (400, &json!("invalid_request_error")));
    let message = error["message"].as_str().expect("text");
    assert!(message.contains("prompt is too long"), "{message}");
    assert_eq!(upstream.count(COMPLETIONS), 1, "only the large one");
    assert_eq!(upstream.count("POST /api/v2/chats/new"), 0);
}
