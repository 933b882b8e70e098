//! Failures in the shapes that SDKs expect.

use serde_json::{Value, json};

use super::{MODEL, NEW, ROUTES, answers, ask, chat, served, upstream, with};
use crate::server::world::{Answer, Served};
use crate::support::bodies::{C1, challenge, envelope, json as body, quota, unauthorized};
use crate::support::frames::{created, d, event, sse};
use crate::support::response::{Ending, Response};
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, STOP};

const CHAT_PATH: &str = "/v1/chat/completions";

const OTHER_TYPES: [&str; 2] = ["request_too_large", "insufficient_quota"];

/// The failure, in the shape of `path`.
#[track_caller]
fn failure(path: &str, answer: &Answer, status: u16) -> Value {
    let document = answer.json();
    assert_eq!(answer.status, status, "{answer:?}");
    let error = &document["error"];
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    assert!(
        error["type"]
            .as_str()
            .is_some_and(|text| text.ends_with("_error") || OTHER_TYPES.contains(&text)),
        "{answer:?}"
    );
    let keys: Vec<&str> = error.as_object().expect("one").keys().map(String::as_str).collect();
    if path.starts_with("/v1/messages") {
        assert_eq!(document["type"], "error");
        assert_eq!(keys.len(), 2, "{answer:?}");
        assert_eq!(document["request_id"], answer.header("request-id"));
    } else {
        assert_eq!(keys.len(), 4, "{answer:?}");
        for key in ["message", "type", "param", "code"] {
            assert!(keys.contains(&key), "{answer:?}");
        }
        assert_eq!(document.as_object().map(serde_json::Map::len), Some(1));
    }
    assert!(!answer.header("x-request-id").is_empty());
    assert!(!answer.header("x-should-retry").is_empty());
    error.clone()
}

#[tokio::test]
async fn wrong_paths_methods_types_and_bodies_are_refused() {
    let upstream = Upstream::start().await;
    let served = served(&upstream, |options| options.limits.body = 1000).await;
    let nothing = served.get("/v1/nothing").await;
    assert_eq!(failure("/v1/nothing", &nothing, 404)["code"], "not_found");
    for (path, _) in ROUTES {
        failure(path, &served.get(path).await, 405);
        let url = served.url(path);
        let text = served.http.post(&url).header("content-type", "text/plain").body("{}");
        failure(path, &served.ask(text).await, 415);
        let long = json!({"model": "x".repeat(2000)});
        failure(path, &served.post(path, long).await, 413);
        for wrong in [json!([]), json!({}), json!({"messages": 1, "input": 1})] {
            failure(path, &served.post(path, wrong).await, 400);
        }
        let deep = format!("{{\"messages\":{}", "[".repeat(500));
        let deep = served.http.post(&url).header("content-type", "application/json").body(deep);
        failure(path, &served.ask(deep).await, 400);
    }
    let models = served.ask(served.http.delete(served.url("/v1/models/x"))).await;
    failure("/v1/models", &models, 405);
    assert!(models.header("allow").starts_with("GET"));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let upstream = Upstream::start().await;
    let served = served(&upstream, |_| {}).await;
    for (more, param) in [
        (json!({"messages": []}), "messages"),
        (json!({"messages": [{"role": "x", "content": ""}]}), "messages[0].role"),
        (json!({"messages": [{"role": "user", "content": " "}]}), "messages"),
        (json!({"max_tokens": -2}), "max_tokens"),
        (json!({"max_tokens": "x"}), "max_tokens"),
        (json!({"stream": "yes"}), "stream"),
        (json!({"stop": [1]}), "stop"),
        (json!({"model": 1}), "model"),
        (json!({"metadata": {"chat_id": 1}}), "metadata.chat_id"),
        (json!({"stream_options": 1}), "stream_options"),
        (json!({"tool_choice": "required"}), "tool_choice"),
        (json!({"thinking": "yes"}), "thinking"),
    ] {
        let answer = served.post(CHAT_PATH, with(chat("Hi"), &more)).await;
        assert_eq!(failure(CHAT_PATH, &answer, 400)["param"], param, "{more}");
    }
    let odd =
        served.http.post(served.url(CHAT_PATH)).json(&chat("Hi")).header("x-qwen-chat-id", "a/b");
    failure(CHAT_PATH, &served.ask(odd).await, 400);
}

#[tokio::test]
async fn an_unknown_model_is_404_without_any_model() {
    let upstream = upstream().await;
    let strict = served(&upstream, |_| {}).await;
    for (path, question) in ROUTES {
        let body = with(question("Hi"), &json!({"model": "gpt-4o"}));
        let error = failure(path, &strict.post(path, body).await, 404);
        assert!(error["message"].as_str().is_some_and(|text| text.contains(MODEL)));
        if path != "/v1/messages" {
            assert_eq!(
                (&error["code"], &error["param"]),
                (&json!("model_not_found"), &json!("model"))
            );
        }
    }
    let missing = strict.get("/v1/models/gpt-4o").await;
    assert_eq!(failure("/v1/models", &missing, 404)["code"], "model_not_found");

    let any = served(&upstream, |options| options.openai.any_model = true).await;
    answers(&upstream, crate::support::frames::whole("Hi"));
    let answer = any.post(CHAT_PATH, with(chat("Hi"), &json!({"model": "gpt-4o"}))).await;
    assert_eq!(answer.json()["model"], MODEL);
    upstream.until(super::DELETE, 1).await;
    assert_eq!(any.get("/v1/models/gpt-4o").await.json()["id"], "gpt-4o");
}

#[tokio::test]
async fn ignored_parameters_are_named_or_refused() {
    let upstream = upstream().await;
    let body = with(chat("Hi"), &json!({"temperature": 0.1, "n": 2, "seed": null, "new_thing": 1}));
    let lenient = served(&upstream, |_| {}).await;
    answers(&upstream, crate::support::frames::whole("Hi"));
    let answer = super::ask(&lenient, &upstream, CHAT_PATH, body.clone()).await;
    assert_eq!(answer.header("x-qwenctl-warning"), "ignored: n, new_thing, temperature");
    let strict = served(&upstream, |options| options.openai.strict = true).await;
    let error = failure(CHAT_PATH, &strict.post(CHAT_PATH, body).await, 400);
    assert_eq!((&error["code"], &error["param"]), (&json!("unsupported_parameter"), &json!("n")));
}

/// What the upstream says to a prompt, and what is made of it.
async fn refused(answer: Response) -> (Answer, Served, Upstream) {
    let upstream = upstream().await;
    answers(&upstream, answer);
    let served = served(&upstream, |_| {}).await;
    let answer = super::ask(&served, &upstream, CHAT_PATH, chat("Hi")).await;
    (answer, served, upstream)
}

#[tokio::test]
async fn a_quota_error_has_retry_after_and_forbids_sdk_retries() {
    let (answer, ..) = refused(body(quota())).await;
    let error = failure(CHAT_PATH, &answer, 429);
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("insufficient_quota"), &json!("insufficient_quota"))
    );
    assert_eq!(answer.header("retry-after"), "10800");
    assert_eq!(answer.header("retry-after-ms"), "10800000");
    assert_eq!(answer.header("x-should-retry"), "false");
}

#[tokio::test]
async fn a_browser_check_forbids_sdk_retries() {
    let (answer, ..) = refused(challenge()).await;
    assert_eq!(failure(CHAT_PATH, &answer, 503)["code"], "browser_check");
    assert_eq!(answer.header("x-should-retry"), "false");
}

#[tokio::test]
async fn a_failure_before_the_first_word_keeps_its_status_in_a_stream() {
    let error = json!({"error": {"code": "Internal_Server_Error", "details": "boom"}});
    for (path, question) in ROUTES {
        let upstream = upstream().await;
        answers(&upstream, Response::stream([created(), event(error.clone())]));
        let served = served(&upstream, |_| {}).await;
        let body = with(question("Hi"), &json!({"stream": true}));
        let answer = ask(&served, &upstream, path, body).await;
        failure(path, &answer, 502);
        assert!(answer.text.contains("boom"), "{answer:?}");
    }
    let upstream = upstream().await;
    crate::server::world::with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, Response::stream([created(), event(error)]));
    let served = served(&upstream, |_| {}).await;
    let body = json!({"chat_id": C1, "message": "Hi", "stream": true});
    let answer = served.post("/api/chat/send", body).await;
    assert_eq!(answer.status, 502, "{answer:?}");
}

#[tokio::test]
async fn a_failure_in_a_stream_is_an_error_event() {
    for (path, question) in ROUTES {
        let upstream = upstream().await;
        let error =
            "data: {\"error\": {\"code\": \"RateLimited\", \"details\": \"Slow down.\"}}\n\n";
        answers(&upstream, sse([created().as_str(), &d("Hal"), error]));
        let served = served(&upstream, |_| {}).await;
        let body = with(question("Hi"), &json!({"stream": true}));
        let answer = super::ask(&served, &upstream, path, body).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("Hal"), "{answer:?}");
        assert!(!answer.text.contains("[DONE]"), "{answer:?}");
        for end in ["message_stop", "response.completed", "finish_reason\":\"stop"] {
            assert!(!answer.text.contains(end), "{answer:?}");
        }
        let last = answer.text.trim_end().rsplit("\n\n").next().expect("an event");
        let sign = match path {
            "/v1/messages" => "event: error\ndata: {\"type\":\"error\"",
            "/v1/responses" => "event: response.failed\n",
            _ => "data: {\"error\":{\"message\"",
        };
        assert!(last.starts_with(sign), "{last}");
    }
}

#[tokio::test]
async fn a_prompt_that_may_have_been_accepted_forbids_sdk_retries() {
    let upstream = upstream().await;
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(super::DELETE, envelope(json!(true)));
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Reset));
    upstream.always(CHAT, || body("{\"success\":false}"));
    upstream.always(STOP, || envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    let answer = super::ask(&served, &upstream, CHAT_PATH, chat("Hi")).await;
    assert!(answer.status >= 500, "{answer:?}");
    assert_eq!(answer.header("x-should-retry"), "false");
}

#[tokio::test]
async fn a_key_that_is_no_token_is_ignored_for_trusted_clients_only() {
    let upstream = upstream().await;
    let served = served(&upstream, |_| {}).await;
    let url = served.url("/v1/models");
    for key in ["sk-test", "none", "qwenctl"] {
        let bearer = served.http.get(&url).bearer_auth(key);
        assert_eq!(served.ask(bearer).await.status, 200);
        let header = served.http.get(&url).header("x-api-key", key);
        assert_eq!(served.ask(header).await.status, 200);
        let page = served.http.get(&url).bearer_auth(key).header("origin", "https://evil.example");
        let error = failure("/v1/models", &served.ask(page).await, 401);
        assert_eq!(error["code"], "invalid_api_key");
        let other = served.http.get(&url).bearer_auth(key).header("host", "evil.example");
        failure("/v1/models", &served.ask(other).await, 403);
        // Elsewhere a wrong token is a wrong token.
        let own = served.http.get(served.url("/api/models")).bearer_auth(key);
        served.ask(own).await.failure(401, "token_invalid");
    }
    let requests = upstream.requests(super::MODELS);
    assert!(requests.iter().all(|request| {
        request.header("cookie").is_some_and(|value| value.ends_with(&token_part("server")))
    }));
}

/// Enough of the test's own token to tell whose it is.
fn token_part(mark: &str) -> String {
    token(mark, 7 * 86_400).rsplit('.').next().expect("a part").to_owned()
}

#[tokio::test]
async fn a_client_token_is_read_from_every_header() {
    let upstream = upstream().await;
    let served = served(&upstream, |options| options.account = None).await;
    let url = served.url("/v1/models");
    let own = token("caller", 86_400);
    for request in [
        served.http.get(&url).bearer_auth(&own),
        served.http.get(&url).header("x-api-key", &own).header("origin", "https://evil.example"),
    ] {
        assert_eq!(served.ask(request).await.status, 200);
    }
    for request in upstream.requests(super::MODELS) {
        assert_eq!(request.header("cookie"), Some(format!("token={own}").as_str()));
    }
    let none = served.ask(served.http.get(&url)).await;
    failure("/v1/models", &none, 401);
}

#[tokio::test]
async fn a_rejected_token_is_an_authentication_error() {
    let upstream = Upstream::start().await;
    upstream.always(super::MODELS, unauthorized);
    upstream.always("GET /api/models", unauthorized);
    let served = served(&upstream, |_| {}).await;
    let error = failure(CHAT_PATH, &served.post(CHAT_PATH, chat("Hi")).await, 401);
    assert_eq!(error["type"], "authentication_error");
}

#[tokio::test]
async fn every_parameter_is_handled_as_the_table_says() {
    use qwenctl::server::{Fate, parameters};
    let upstream = Upstream::start().await;
    let served = served(&upstream, |options| {
        options.openai.strict = true;
        options.account = None;
    })
    .await;
    for (path, params) in parameters() {
        for param in params.iter().copied().flatten() {
            let is_unsupported = matches!(param.fate, Fate::Unsupported(_) | Fate::Engine(_));
            let odd = match param.name {
                _ if !is_unsupported => json!("auto"),
                "text" => json!({"verbosity": "high"}),
                _ => json!({"odd": "value"}),
            };
            let answer = served.post(path, json!({ param.name: odd })).await.json();
            let message = answer["error"]["message"].as_str().unwrap_or_default();
            let refused = format!("`{}` is not supported", param.name);
            assert_eq!(
                message.starts_with(&refused),
                is_unsupported,
                "{path} {}: {message}",
                param.name
            );
        }
    }
}

#[tokio::test]
async fn a_repeated_path_is_named_in_the_shape_of_the_client() {
    let upstream = Upstream::start().await;
    let served = served(&upstream, |_| {}).await;
    for (path, meant) in [
        ("//v1/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/v1//responses", "/v1/responses"),
        ("/v1/v1/messages", "/v1/messages"),
        // Without `/v1` at the end of the base URL.
        ("/chat/completions", "/v1/chat/completions"),
        ("/responses", "/v1/responses"),
    ] {
        let answer = served.post(path, chat("Hi")).await;
        let error = failure(meant, &answer, 404);
        let message = error["message"].as_str().expect("a text");
        assert!(message.contains(&format!("`{meant}`")), "{message}");
    }
}
