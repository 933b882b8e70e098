//! Staying signed in with a token of 15 minutes and refresh tokens that work once, over processes and hours.

use std::sync::Arc;
use std::time::{Duration, Instant};

use qwenctl::client::{Client, ClientConfig};
use qwenctl::local::{LocalOptions, LocalUpstream};
use qwenctl::server::OwnAccount;
use serde_json::{Value, json};

use super::local;
use crate::server::world::Served;
use crate::support::cmd::Home;
use crate::support::tokens::{MemoryStore, tokens};

/// Calls the admin API.
async fn admin(upstream: &LocalUpstream, part: &str, body: Option<Value>) -> Value {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/__local/{part}", upstream.auth_url());
    let request = match body {
        Some(body) => http.post(url).json(&body),
        None => http.get(url),
    };
    request.send().await.expect("a response").json().await.expect("JSON")
}

/// How often this call was made.
async fn count(upstream: &LocalUpstream, call: &str) -> u64 {
    let requests = admin(upstream, "requests", None).await;
    requests["counts"][call].as_u64().unwrap_or(0)
}

const REFRESH: &str = "GET /api/v2/auths/refresh";

/// A home that stores a token of 15 minutes, which expires in `seconds`, and a refresh token.
async fn signed_in(seconds: i64) -> (LocalUpstream, Home) {
    let (upstream, mut home) = local().await;
    let issued = json!({"form": "short", "expires_in": seconds});
    let issued = admin(&upstream, "tokens", Some(issued)).await;
    let text = |key: &str| issued[key].as_str().expect("a text").to_owned();
    let line = format!("cna=X; token={}; refresh_token={}", text("token"), text("refresh_token"));
    home.unset("QWEN_TOKEN");
    let set = home.run(&["token", "set"]).stdin(line).triple();
    assert_eq!(set.status, 0, "{}", set.stderr);
    (upstream, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_processes_with_an_expired_token_make_one_refresh() {
    let (upstream, home) = signed_in(-10).await;
    let all: Vec<_> = (0..20).map(|_| home.start(&["chats", "list"])).collect();
    let ends = tokio::task::spawn_blocking(move || {
        all.into_iter().map(crate::support::cmd::Running::end).collect::<Vec<_>>()
    });
    for end in ends.await.expect("ends") {
        assert_eq!(end.status, 0, "{}", end.stderr);
    }
    assert_eq!(count(&upstream, REFRESH).await, 1);
    // A refresh token that works once leaves nothing to a second refresh of an old one.
    assert_eq!(home.triple(&["token", "refresh"]).status, 0);
    assert_eq!(home.triple(&["token", "refresh"]).status, 0);
    assert_eq!(count(&upstream, "GET /api/v1/auths/").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn process_killed_in_a_refresh_loses_and_blocks_nothing() {
    let (upstream, home) = signed_in(-10).await;
    admin(&upstream, "options", Some(json!({"refresh_delay_ms": 30_000}))).await;
    let mut killed = home.start(&["chats", "list"]);
    let began = Instant::now();
    while count(&upstream, REFRESH).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "no refresh");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    killed.0.kill().expect("killed");
    killed.0.wait().expect("an end");
    admin(&upstream, "options", Some(json!({"refresh_delay_ms": 0}))).await;

    let end = home.triple(&["chats", "list"]);

    assert_eq!(end.status, 0, "{}", end.stderr);
    assert_eq!(count(&upstream, REFRESH).await, 2);
    assert_eq!(home.triple(&["token", "refresh"]).status, 0, "the successor is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn f96_commands_about_the_account_do_not_sign_the_browser_out() {
    let (upstream, home) = signed_in(900).await;
    for command in [
        &["status"][..],
        &["doctor"],
        &["token", "info", "--check"],
        &["stats"],
        &["token", "refresh"],
    ] {
        let end = home.triple(command);
        assert_eq!(end.status, 0, "{command:?}: {}{}", end.stdout, end.stderr);
    }
    assert_eq!(count(&upstream, "GET /api/v1/auths/").await, 0);
    assert_eq!(count(&upstream, REFRESH).await, 1, "only on request");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_answers_for_two_hours_with_the_refreshes_it_needs() {
    let options = LocalOptions {
        pace: Duration::ZERO,
        access: qwenctl::local::Access::Programs,
        ..LocalOptions::default()
    };
    let store = MemoryStore::default();
    let (kept, mut account) = (store.clone(), None);
    let upstream = qwenctl::local::start(options).await.expect("a local upstream");
    let issued = admin(&upstream, "tokens", Some(json!({"form": "short"}))).await;
    let text = |key: &str| issued[key].as_str().expect("a text");
    let first = tokens(text("token"), Some(text("refresh_token")));
    let client = Client::new(ClientConfig {
        api_url: upstream.api_url(),
        auth_url: upstream.auth_url(),
        ignore_environment_proxy: true,
        ..ClientConfig::default()
    });
    let client = client.expect("a client");
    account.replace(OwnAccount::new(client.session(first, Some(Arc::new(kept)))));
    let scripted = crate::support::upstream::Upstream::start().await;
    let served = Served::configured(&scripted, |options| {
        options.client = client;
        options.account = account.map(Arc::new);
        options.is_local = true;
        options.model = None;
    })
    .await;

    for minute in 0..120 {
        let answer = served.get("/api/chats?page=1").await;
        assert_eq!(answer.status, 200, "minute {minute}: {}", answer.text);
        if minute % 30 == 0 {
            let prompt = json!({"message": "Hello"});
            let answer = served.post("/api/chat/quick", prompt).await;
            assert_eq!(answer.status, 200, "minute {minute}: {}", answer.text);
        }
        upstream.advance_clock(Duration::from_mins(1));
    }

    // A token is refreshed when less than 4 of its 15 minutes are left, so each lasts 11 to 12.
    let refreshes = count(&upstream, REFRESH).await;
    assert!((9..=11).contains(&refreshes), "{refreshes}");
    assert_eq!(u64::try_from(store.writes()).ok(), Some(refreshes), "each is stored");
    assert_eq!(count(&upstream, "GET /api/v1/auths/").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn process_stopped_in_a_refresh_reads_the_response_when_it_continues() {
    let (upstream, mut home) = signed_in(-10).await;
    home.set("QWENCTL_IDLE_TIMEOUT", "2s");
    admin(&upstream, "options", Some(json!({"refresh_delay_ms": 1_000}))).await;
    let stopped = home.start(&["chats", "list"]);
    let began = Instant::now();
    while count(&upstream, REFRESH).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "no refresh");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stopped.signal("STOP");
    let waiting = home.start(&["chats", "list", "--max-time", "3s"]);
    let waiting = tokio::task::spawn_blocking(move || waiting.end()).await.expect("an end");
    assert_eq!(waiting.status, 7, "{waiting:?}");
    assert!(waiting.stderr.contains("another qwenctl process is refreshing"), "{waiting:?}");
    stopped.signal("CONT");
    let end = tokio::task::spawn_blocking(move || stopped.end()).await.expect("an end");
    assert_eq!(end.status, 0, "{end:?}");
    let next = home.triple(&["chats", "list"]);
    assert_eq!((next.status, count(&upstream, REFRESH).await), (0, 1), "{next:?}");
}
