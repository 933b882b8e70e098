//! The server's own token, stored by a client.

use std::sync::Arc;

use qwenctl::client::{Client, Session};
use qwenctl::domain::{Result, Scope, StoreLock as _, Tokens};
use qwenctl::server::{AccountStore, OwnAccount, ServerOptions};
use qwenctl::settings::CredentialStore;
use serde_json::{Value, json};

use super::keys::Keys;
use super::world::{Answer, Served};
use crate::support::bodies::{envelope, unauthorized};
use crate::support::tokens::{MemoryStore, token, token_of, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, config};

const STATUS: &str = "GET /api/v2/users/status";

/// A store in memory.
struct Store(Client, MemoryStore);

impl AccountStore for Store {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn replace(&self, tokens: Option<Tokens>) -> Result<Option<Session>> {
        self.1.clear();
        let Some(tokens) = tokens else { return Ok(None) };
        self.1.clone().write(&tokens)?;
        Ok(Some(self.0.session(tokens, Some(Arc::new(self.1.clone())))))
    }
}

/// A server with this token of its own, if any, and a store for another.
async fn served(
    upstream: &Upstream,
    own: Option<&str>,
    change: impl FnOnce(&mut ServerOptions),
) -> (Served, MemoryStore) {
    let client = Client::new(config(upstream)).expect("a client");
    let store = MemoryStore::default();
    let own = own.map(|own| client.session(tokens(own, None), None));
    let account = OwnAccount::new(own).stored_in(Ok(Arc::new(Store(client, store.clone()))));
    let served = Served::configured(upstream, |options| {
        options.account = Some(Arc::new(account));
        change(options);
    });
    (served.await, store)
}

async fn put(served: &Served, body: &Value) -> Answer {
    served.ask(served.http.put(served.url("/api/token")).json(body)).await
}

/// The token of the last list of chats.
async fn used(served: &Served, upstream: &Upstream) -> String {
    upstream.on(CHATS, envelope(json!([])));
    let listed = served.get("/api/chats").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let requests = upstream.requests(CHATS);
    let cookie =
        requests.last().expect("a request").header("cookie").unwrap_or_default().to_owned();
    cookie
        .split("token=")
        .nth(1)
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn pasted_token_becomes_the_own_one_and_is_stored() {
    let new = token("new", 900);
    let jar = format!("cna=x; token={new}; refresh_token=r1");
    for body in [
        json!({ "pasted": format!("Cookie: {jar}") }),
        json!({"token": new, "refresh_token": "r1", "cookies": "cna=x"}),
    ] {
        let upstream = Upstream::start().await;
        upstream.on(STATUS, envelope(json!(true)));
        let (served, store) = served(&upstream, None, |_| {}).await;
        served.get("/api/chats").await.failure(401, "token_missing");
        assert_eq!(served.get("/api/session").await.json()["data"]["may_store_token"], true);

        let stored = put(&served, &body).await;

        assert_eq!(stored.status, 200, "{stored:?}");
        assert_eq!(
            (&stored.json()["source"], &stored.json()["refreshable"]),
            (&json!("server"), &json!(true))
        );
        assert!(!stored.text.contains(&new) && !stored.text.contains("r1\""), "{stored:?}");
        let kept = store.tokens().expect("stored");
        assert_eq!(
            (kept.access.expose(), kept.refresh.expect("kept").expose()),
            (new.as_str(), "r1")
        );
        assert_eq!(kept.cookies.expose_line(), "cna=x");
        assert_eq!(used(&served, &upstream).await, new);
        let session = served.get("/api/session").await.json();
        assert_eq!(
            (&session["data"]["server_token"], &session["data"]["token_state"]),
            (&json!(true), &json!("valid"))
        );
    }
}

#[tokio::test]
async fn plain_text_is_pasted_text() {
    let new = token("new", 900);
    let upstream = Upstream::start().await;
    upstream.on(STATUS, envelope(json!(true)));
    let (served, store) = served(&upstream, None, |_| {}).await;
    let request = served.http.put(served.url("/api/token")).header("content-type", "text/plain");
    assert_eq!(served.ask(request.body(format!("Bearer {new}\n"))).await.status, 200);
    assert_eq!(store.tokens().expect("stored").access.expose(), new);
}

#[tokio::test]
async fn bad_token_leaves_the_own_one_in_place() {
    let (old, new) = (token("old", 900), token("new", 900));
    let upstream = Upstream::start().await;
    let (served, store) = served(&upstream, Some(&old), |_| {}).await;
    for (body, status, code) in [
        (json!({}), 401, "token_invalid"),
        (json!({"pasted": 1}), 400, "invalid_request"),
        (json!({"pasted": "hello"}), 401, "token_invalid"),
        (json!({"pasted": token("late", -60)}), 401, "token_expired"),
        (
            json!({"pasted": format!("token={new}; token={}", token_of("other", "x", 900))}),
            401,
            "token_invalid",
        ),
        (json!({"pasted": json!({"version": 2, "token": new}).to_string()}), 401, "token_invalid"),
    ] {
        let refused = put(&served, &body).await.failure(status, code);
        assert!(!refused.to_string().contains(&new), "{refused}");
    }
    put(&served, &json!({ "pasted": "a=b; ".repeat(20_000) }))
        .await
        .failure(413, "invalid_request");
    upstream.on(STATUS, envelope(json!(false)));
    upstream.always("GET /api/v2/auths/", unauthorized);
    put(&served, &json!({ "pasted": new })).await.failure(401, "token_expired");
    assert!(store.tokens().is_none());
    assert_eq!(used(&served, &upstream).await, old);
}

#[tokio::test]
async fn expired_token_with_a_dead_refresh_token_is_not_kept() {
    let old = token("old", 900);
    let upstream = Upstream::start().await;
    upstream.on("GET /api/v2/auths/refresh", unauthorized().status(401));
    let (served, store) = served(&upstream, Some(&old), |_| {}).await;
    let jar = format!("token={}; refresh_token=r1", token("late", -60));
    put(&served, &json!({ "pasted": jar })).await.failure(401, "token_expired");
    assert_eq!(store.tokens().expect("the old one").access.expose(), old);
    assert_eq!(used(&served, &upstream).await, old);
}

#[tokio::test]
async fn own_token_is_removed() {
    let upstream = Upstream::start().await;
    let (served, store) = served(&upstream, Some(&token("old", 900)), |_| {}).await;
    let removed = served.ask(served.http.delete(served.url("/api/token"))).await;
    assert_eq!((removed.status, store.tokens()), (200, None));
    served.get("/api/chats").await.failure(401, "token_missing");
    assert_eq!(served.get("/readyz").await.json()["server_token"]["state"], "none");
}

#[tokio::test]
async fn clients_do_not_see_the_files_of_the_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let upstream = Upstream::start().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("credentials.toml");
    let stored = tokens(&token("server", -10), Some("REFRESH1"));
    let store = CredentialStore::at(&file);
    store.save(&stored).expect("stored");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("set");
    let client = Client::new(config(&upstream)).expect("a client");
    let account = OwnAccount::new(client.session(stored, Some(Arc::new(store))));
    let served =
        Served::configured(&upstream, |options| options.account = Some(Arc::new(account))).await;

    for path in ["/api/chats", "/api/user/status", "/api/token/info", "/v1/models"] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, 500, "{path} {answer:?}");
        assert!(!answer.text.contains("credentials.toml"), "{path} {answer:?}");
    }
    let log = served.log.lines().join("\n");
    assert!(log.contains("credentials.toml"), "{log}");
}

#[tokio::test]
async fn only_trusted_clients_and_admins_store_a_token() {
    let keys = Keys::new();
    let [admin, sender] =
        [Scope::Admin, Scope::Send].map(|scope| keys.make(&format!("{scope:?}"), scope));
    let new = token("new", 900);
    let upstream = Upstream::start().await;
    let (served, store) = served(&upstream, None, |options| keys.in_options(options)).await;
    let bring = async |headers: &[(&str, &str)]| {
        let mut request = served.http.put(served.url("/api/token")).json(&json!({ "pasted": new }));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        served.ask(request).await
    };
    let host = format!("localhost:{}", served.address.port());
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("host", "evil.example")],
        &[("x-forwarded-for", "192.0.2.1")],
        &[("x-api-key", &sender)],
        &[("x-api-key", &admin), ("origin", "https://evil.example")],
        &[("x-api-key", &admin), ("host", &host), ("origin", "http://localhost:1")],
    ] {
        bring(headers).await.failure(403, "forbidden");
    }
    assert!(store.tokens().is_none());
    for headers in [
        &[("x-api-key", admin.as_str()), ("host", "evil.example")][..],
        &[("x-api-key", &admin), ("x-forwarded-for", "192.0.2.1")],
        &[],
    ] {
        upstream.on(STATUS, envelope(json!(true)));
        assert_eq!(bring(headers).await.status, 200, "{headers:?}");
        assert!(store.tokens().is_some());
        store.clear();
    }
    let fixed = Served::new(&upstream).await;
    put(&fixed, &json!({ "pasted": new })).await.failure(400, "invalid_request");
}

#[tokio::test]
async fn wrong_keys_are_counted_at_readyz_too() {
    let keys = Keys::new();
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| keys.in_options(options)).await;
    let mut answers = Vec::new();
    for n in 0..40 {
        let request = served.http.get(served.url("/readyz")).header("host", "evil.example");
        let wrong = format!("qk-{n:032}");
        answers.push(served.ask(request.header("x-api-key", wrong)).await.status);
    }
    assert_eq!((answers[0], answers[39]), (200, 429), "{answers:?}");
    let probe = served.http.get(served.url("/readyz")).header("host", "evil.example");
    assert_eq!(served.ask(probe).await.status, 200);
}
