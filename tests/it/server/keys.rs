//! API keys and sessions: authentication, scopes, expiry and revocation.

use std::sync::Arc;

use qwenctl::app::keys::{NewKey, create, revoke};
use qwenctl::domain::{RateLimit, Scope};
use qwenctl::server::ServerOptions;
use qwenctl::settings::KeyStore;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tempfile::TempDir;

use super::world::{Answer, Served, api, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope};
use crate::support::frames::{created, d, sse};
use crate::support::response::{Ending, Gate, Response};
use crate::support::tokens::{now, token};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS, STOP};

/// Keys in a file.
pub struct Keys {
    _directory: TempDir,
    pub store: KeyStore,
}

impl Keys {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = KeyStore::at(directory.path().join("keys.toml"));
        Self { _directory: directory, store }
    }

    /// A key of this name and scope.
    pub fn make(&self, name: &str, scope: Scope) -> String {
        self.make_with(name, scope, &[], None)
    }

    pub fn make_with(
        &self,
        name: &str,
        scope: Scope,
        limits: &[RateLimit],
        expires_at: Option<i64>,
    ) -> String {
        let limits = limits.to_vec();
        let new = NewKey { name: name.to_owned(), scope, limits, expires_at };
        // Created long ago, so that an expired one is possible.
        let (_, secret) = create(&self.store, new, 1).expect("a key");
        secret.expose_secret().to_owned()
    }

    /// Gives a server these keys.
    pub fn in_options(&self, options: &mut ServerOptions) {
        // Like the command: a store of its own on the same file.
        let store = KeyStore::at(self.store.path().expect("a path"));
        options.access.keys = Some(Arc::new(store));
    }
}

/// A server with a token of its own that requires a key.
async fn locked(upstream: &Upstream, keys: &Keys) -> Served {
    upstream.always(CHATS, || envelope(json!([])));
    Served::configured(upstream, |options| {
        keys.in_options(options);
        options.access.require_key = true;
    })
    .await
}

async fn chats_with(served: &Served, headers: &[(&str, &str)]) -> Answer {
    let request = served.http.get(served.url("/api/chats"));
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    served.ask(request).await
}

async fn login(served: &Served, key: &str) -> Answer {
    served.post("/api/login", json!({ "api_key": key })).await
}

fn bearer(value: &str) -> String {
    format!("Bearer {value}")
}

#[tokio::test]
async fn a_key_grants_the_servers_account_and_never_goes_upstream() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let key = keys.make("n", Scope::Read);
    let foreign = ("origin", "https://page.example");
    for headers in [
        &[("authorization", bearer(&key).as_str())][..],
        &[("x-api-key", &key)],
        &[("x-api-key", &key), ("authorization", &bearer(&key))],
        &[("x-api-key", &key), foreign, ("host", "evil.example")],
    ] {
        assert_eq!(chats_with(&served, headers).await.status, 200, "{headers:?}");
    }
    let servers = format!("token={}", token("server", 7 * 86_400));
    for request in upstream.requests(CHATS) {
        let sent = request.header("cookie").expect("a token");
        assert_eq!(sent.split('.').nth(2), servers.split('.').nth(2));
        assert!(!format!("{request:?}").contains(&key));
    }
}

#[tokio::test]
async fn a_client_may_send_key_and_token() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let (key, own) = (keys.make("n", Scope::Read), token("caller", 86_400));
    for headers in [
        [("authorization", bearer(&key)), ("x-qwen-token", own.clone())],
        [("x-api-key", key.clone()), ("authorization", bearer(&own))],
    ] {
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(chats_with(&served, &headers).await.status, 200, "{headers:?}");
        let sent = upstream.requests(CHATS).pop().expect("a request");
        assert_eq!(sent.header("cookie"), Some(format!("token={own}").as_str()));
    }
    chats_with(&served, &[("authorization", &bearer(&own))]).await.failure(401, "token_missing");
}

#[tokio::test]
async fn without_a_key_only_open_routes_respond() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    for endpoint in api() {
        let url = served.url(&endpoint.path.replace("{id}", "c1"));
        let method: reqwest::Method = endpoint.method.parse().expect("a method");
        let answer = served.ask(served.http.request(method, url).json(&json!({}))).await;
        match endpoint.path {
            "/health" | "/readyz" | "/openapi.json" | "/api/session" => {
                assert_eq!(answer.status, 200, "{endpoint:?}");
            }
            "/api/login" => drop(answer.failure(400, "invalid_request")),
            _ => {
                answer.failure(401, "token_missing");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }
    assert_eq!(served.get("/").await.status, 200, "the page, where a key can be entered");
    let preflight = served.http.request(reqwest::Method::OPTIONS, served.url("/api/chats"));
    assert_eq!(served.ask(preflight).await.status, 204);
    let session = served.get("/api/session").await.json();
    assert_eq!(session["data"]["server_token"], false);
    assert_eq!(session["data"]["key_required"], true);
    assert!(upstream.requests(CHATS).is_empty());
}

#[tokio::test]
async fn every_route_requires_its_scope() {
    let keys = Keys::new();
    let (served, _local) = Served::local(|options| keys.in_options(options)).await;
    for scope in Scope::ALL {
        let key = keys.make(scope.name(), scope);
        for endpoint in api() {
            let needed = match (endpoint.method, endpoint.path) {
                (_, "/health" | "/readyz" | "/openapi.json" | "/api/session" | "/api/login") => {
                    None
                }
                ("DELETE", _)
                | ("PUT", "/api/token")
                | (
                    "POST",
                    "/api/token/refresh"
                    | "/api/archive/import"
                    | "/api/chats/deletions"
                    | "/api/chats/deletions/{id}",
                ) => Some(Scope::Admin),
                ("GET", _) | ("POST", "/api/chat/search") => Some(Scope::Read),
                _ => Some(Scope::Send),
            };
            let url = served.url(&endpoint.path.replace("{id}", "c1"));
            let method: reqwest::Method = endpoint.method.parse().expect("a method");
            let request = served.http.request(method, url).header("x-api-key", &key);
            let answer = served.ask(request.json(&json!({}))).await;
            if needed.is_some_and(|needed| needed > scope) {
                let body = answer.failure(403, "forbidden");
                assert!(body["hint"].as_str().is_some_and(|hint| hint.contains("scope")), "{body}");
            } else {
                assert!(![401, 403].contains(&answer.status), "{scope} {endpoint:?}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_revoked_key_and_its_sessions_are_refused_at_once() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let key = keys.make("n", Scope::Read);
    let session = login(&served, &key).await.json();
    let session = bearer(session["access_token"].as_str().expect("a token"));
    for credential in [bearer(&key), session.clone()] {
        assert_eq!(chats_with(&served, &[("authorization", &credential)]).await.status, 200);
    }
    revoke(&keys.store, "n").expect("revoked");
    for credential in [bearer(&key), session] {
        let answer = chats_with(&served, &[("authorization", &credential)]).await;
        answer.failure(401, "token_invalid");
    }
    login(&served, &key).await.failure(401, "token_invalid");
}

#[tokio::test]
async fn wrong_and_expired_keys_are_refused() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let expired = keys.make_with("old", Scope::Admin, &[], Some(now() - 1));
    let wrong = format!("qk-{}", "0".repeat(32));
    chats_with(&served, &[("x-api-key", &expired)]).await.failure(401, "token_expired");
    login(&served, &expired).await.failure(401, "token_expired");
    for headers in [
        &[("x-api-key", wrong.as_str())][..],
        &[("authorization", &bearer(&wrong))],
        &[("authorization", "Bearer qk-")],
        &[("x-api-key", "something else")],
        &[("x-api-key", &expired), ("authorization", &bearer(&wrong))],
    ] {
        chats_with(&served, headers).await.failure(401, "token_invalid");
    }
    login(&served, &wrong).await.failure(401, "token_invalid");
    assert!(upstream.requests(CHATS).is_empty());
}

#[tokio::test]
async fn a_session_is_signed_and_ends_with_its_key() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    upstream.always(CHATS, || envelope(json!([])));
    let secret = || Some("a made-up one of 32 characters...".into());
    let with_secret = async |secret: Option<secrecy::SecretString>| {
        Served::configured(&upstream, |options| {
            keys.in_options(options);
            options.access.require_key = true;
            options.access.session_secret = secret;
        })
        .await
    };
    let end = now() + 600;
    let key = keys.make_with("n", Scope::Read, &[], Some(end));
    let served = with_secret(secret()).await;
    let begun = login(&served, &key).await.json();
    assert_eq!((&begun["success"], &begun["expires_at"]), (&json!(true), &json!(end)));
    let session = begun["access_token"].as_str().expect("a token");
    let asked = async |served: &Served, token: &str| {
        chats_with(served, &[("authorization", &bearer(token))]).await
    };
    assert_eq!(asked(&served, session).await.status, 200);
    assert_eq!(asked(&with_secret(secret()).await, session).await.status, 200, "another process");
    asked(&with_secret(None).await, session).await.failure(401, "token_invalid");
    asked(&served, &session[..session.len() - 2]).await.failure(401, "token_invalid");
    let quoted = format!("\"{session}\"");
    let both = [("x-api-key", key.as_str()), ("authorization", &quoted)];
    chats_with(&served, &both).await.failure(401, "token_invalid");
    assert!(upstream.requests(CHATS).iter().all(|made| !format!("{made:?}").contains(session)));
}

#[tokio::test]
async fn many_wrong_keys_are_rate_limited() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let (key, wrong) = (keys.make("n", Scope::Read), format!("qk-{}", "x".repeat(32)));
    for _ in 0..10 {
        login(&served, &wrong).await.failure(401, "token_invalid");
        chats_with(&served, &[("x-api-key", &wrong)]).await.failure(401, "token_invalid");
    }
    for answer in [
        login(&served, &wrong).await,
        login(&served, &key).await,
        chats_with(&served, &[("x-api-key", &wrong)]).await,
    ] {
        answer.failure(429, "rate_limited");
        let wait: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(chats_with(&served, &[("x-api-key", &key)]).await.status, 200, "others go on");
}

#[tokio::test]
async fn an_untrusted_keys_file_admits_no_client() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    let key = keys.make("n", Scope::Read);
    std::fs::write(keys.store.path().expect("a path"), "nonsense").expect("written");
    let body = chats_with(&served, &[("x-api-key", &key)]).await.failure(500, "internal");
    assert!(body["hint"].as_str().is_some_and(|hint| hint.contains("qwenctl keys list")), "{body}");
}

/// A prompt with this key, as bytes.
fn prompt_with(key: &str, path: &str, members: &serde_json::Value) -> String {
    post(path, members).replacen("\r\n", &format!("\r\nx-api-key: {key}\r\n"), 1)
}

#[tokio::test]
async fn running_requests_end_when_their_key_is_revoked() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    with_empty_chat(&upstream);
    upstream.always(STOP, || envelope(json!({"status": true})));
    let members = |streams| json!({"chat_id": C1, "message": "m", "stream": streams});

    // A stream ends with an error and the partial answer.
    let gate = Gate::default();
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("so far")]).gate(&gate).then(d("never")));
    let key = keys.make("streams", Scope::Send);
    let mut stream = served.raw(prompt_with(&key, "/api/chat/send", &members(true))).await;
    read_until(&mut stream, "so far").await;
    revoke(&keys.store, "streams").expect("revoked");
    let text =
        read_until(&mut stream, "event: error").await + &read_until(&mut stream, "\n\n").await;
    assert!(text.contains("\"token_invalid\"") && text.contains("revoked"), "{text}");
    upstream.until(STOP, 1).await;

    // A whole answer is refused.
    upstream.on(COMPLETIONS, Response::silence());
    let key = keys.make("waits", Scope::Send);
    let mut stream = served.raw(prompt_with(&key, "/api/chat/send", &members(false))).await;
    upstream.until(COMPLETIONS, 2).await;
    revoke(&keys.store, "waits").expect("revoked");
    let refusal = read_until(&mut stream, "token_invalid").await;
    assert!(refusal.starts_with("HTTP/1.1 401 "), "{refusal}");

    // Others continue.
    upstream.on(
        COMPLETIONS,
        sse([created().as_str(), &d("whole")]).then(crate::support::frames::end()),
    );
    let key = keys.make("stays", Scope::Send);
    let mut stream = served.raw(prompt_with(&key, "/api/chat/send", &members(true))).await;
    read_until(&mut stream, "event: done").await;
}

#[tokio::test]
async fn an_answer_without_its_client_ends_with_its_key() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    with_empty_chat(&upstream);
    upstream.always(STOP, || envelope(json!({"status": true})));
    for (number, (streams, leaves)) in
        [(true, true), (true, false), (false, true), (false, false)].into_iter().enumerate()
    {
        let read = Gate::default();
        let begun = sse([created().as_str(), &d("so far")]).when_read(&read);
        upstream.on(COMPLETIONS, begun.ending(Ending::Hang));
        let key = keys.make("n", Scope::Send);
        let members = json!({"chat_id": C1, "message": "m", "stream": streams,
            "on_disconnect": "continue"});
        let stream = served.raw(prompt_with(&key, "/api/chat/send", &members)).await;
        read.opened().await;
        let stream = (!leaves).then_some(stream);
        revoke(&keys.store, "n").expect("revoked");
        upstream.until(STOP, number + 1).await;
        if let (Some(mut stream), false) = (stream, streams) {
            let refusal = read_until(&mut stream, "token_invalid").await;
            assert!(refusal.starts_with("HTTP/1.1 401 "), "{refusal}");
        }
    }
}

#[tokio::test]
async fn an_answer_ends_with_its_key_if_its_client_left_after_the_last_event() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    with_empty_chat(&upstream);
    upstream.on(STOP, envelope(json!({"status": true})));
    let begun = sse([created().as_str(), &d("so far")]);
    upstream.on(COMPLETIONS, begun.ending(Ending::Hang));
    let key = keys.make("n", Scope::Send);
    let members = json!({"chat_id": C1, "message": "m", "stream": true,
        "on_disconnect": "continue"});
    let mut stream = served.raw(prompt_with(&key, "/api/chat/send", &members)).await;
    read_until(&mut stream, "so far").await;
    drop(stream);
    revoke(&keys.store, "n").expect("revoked");
    upstream.until(STOP, 1).await;
}

#[tokio::test]
async fn a_queued_prompt_is_refused_when_its_key_is_revoked() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    with_empty_chat(&upstream);
    for (number, streams) in [true, false].into_iter().enumerate() {
        upstream.on(COMPLETIONS, Response::silence());
        let key = keys.make("n", Scope::Send);
        let members = json!({"chat_id": C1, "message": "m", "stream": streams,
            "on_disconnect": "continue"});
        let mut stream = served.raw(prompt_with(&key, "/api/chat/send", &members)).await;
        upstream.until(COMPLETIONS, number + 1).await;
        revoke(&keys.store, "n").expect("revoked");
        let refusal = read_until(&mut stream, "has been revoked").await;
        assert!(refusal.starts_with("HTTP/1.1 401 "), "{refusal}");
    }
}

#[tokio::test]
async fn a_stream_of_the_compatible_api_ends_with_its_key() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = locked(&upstream, &keys).await;
    with_empty_chat(&upstream);
    upstream.always(STOP, || envelope(json!({"status": true})));
    let gate = Gate::default();
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("so far")]).gate(&gate).then(d("never")));
    upstream.always("GET /api/v2/models/", || {
        envelope(json!({"data": [{"id": "qwen-example-max", "name": "Max", "info": {}}]}))
    });
    let key = keys.make("sdk", Scope::Send);
    let members = json!({
        "model": "qwen-example-max", "stream": true, "metadata": {"chat_id": C1},
        "messages": [{"role": "user", "content": "m"}],
    });
    let mut stream = served.raw(prompt_with(&key, "/v1/chat/completions", &members)).await;
    read_until(&mut stream, "so far").await;
    revoke(&keys.store, "sdk").expect("revoked");
    let text = read_until(&mut stream, "has been revoked").await;
    assert!(!text.contains("[DONE]"), "{text}");
    upstream.until(STOP, 1).await;
}
