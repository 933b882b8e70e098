//! Rate limits and concurrent requests.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use qwenctl::domain::Scope;
use qwenctl::server::ServerOptions;
use serde_json::json;

use super::keys::Keys;
use super::world::{Answer, Served, post, rates, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::Gate;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS};

async fn limited(upstream: &Upstream, limits: &[&str]) -> Served {
    configured(upstream, limits, |_| {}).await
}

async fn configured(
    upstream: &Upstream,
    limits: &[&str],
    change: impl FnOnce(&mut ServerOptions),
) -> Served {
    upstream.always(CHATS, || envelope(json!([])));
    Served::configured(upstream, |options| {
        options.access.rates = rates(limits, &[]);
        change(options);
    })
    .await
}

async fn chats_as(served: &Served, name: &str, value: &str) -> Answer {
    served.ask(served.http.get(served.url("/api/chats")).header(name, value)).await
}

#[tokio::test]
async fn exactly_the_limit_is_allowed() {
    let upstream = Upstream::start().await;
    let served = limited(&upstream, &["30 per day", "10 per minute"]).await;
    let answers = join_all((0..100).map(|_| served.get("/api/chats"))).await;
    let mut counted = BTreeMap::new();
    for answer in &answers {
        *counted.entry(answer.status).or_insert(0) += 1;
        assert_eq!(answer.header("ratelimit-policy"), "\"day\";q=30;w=86400, \"minute\";q=10;w=60");
        let exposed = answer.header("access-control-expose-headers");
        assert!(exposed.contains("ratelimit, ratelimit-policy"), "{exposed}");
    }
    assert_eq!(counted, BTreeMap::from([(200, 10), (429, 90)]));
    // Concurrent requests for the same document share a call.
    assert!((1..=10).contains(&upstream.count(CHATS)));
    let refused = answers.iter().find(|answer| answer.status == 429).expect("one");
    let body = refused.failure(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(body["retry_after"], wait);
    let standing = refused.header("ratelimit");
    assert!(
        standing.contains("\"day\";r=20;t=")
            && standing.ends_with(&format!("\"minute\";r=0;t={wait}")),
        "{standing}"
    );
}

#[tokio::test]
async fn refused_requests_count_but_probes_and_the_page_do_not() {
    let upstream = Upstream::start().await;
    let served = limited(&upstream, &["3 per day"]).await;
    for path in ["/health", "/readyz", "/", "/health"] {
        let answer = served.get(path).await;
        assert_eq!((answer.status, answer.header("ratelimit")), (200, ""), "{path}");
    }
    served.get("/nothing").await.failure(404, "not_found");
    served.post("/api/chat/send", json!({})).await.failure(400, "invalid_request");
    chats_as(&served, "x-api-key", "wrong").await.failure(401, "token_invalid");
    served.get("/api/chats").await.failure(429, "rate_limited");
    assert_eq!(served.get("/health").await.status, 200);
}

#[tokio::test]
async fn metrics_are_available_past_the_limit() {
    let upstream = Upstream::start().await;
    let served = configured(&upstream, &["1 per day"], |options| {
        options.access.max_inflight = Some(0);
        options.access.max_queue = 0;
    })
    .await;
    served.get("/api/chats").await.failure(503, "rate_limited");
    served.get("/api/chats").await.failure(429, "rate_limited");
    for _ in 0..3 {
        let answer = served.get("/metrics").await;
        assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
    }
    for attempt in 0..12 {
        let wrong = served.http.get(served.url("/metrics")).header("x-api-key", "qk-wrong");
        let expected = if attempt < 10 { 401 } else { 429 };
        assert_eq!(served.ask(wrong).await.status, expected, "a place to try keys it is not");
    }
}

#[tokio::test]
async fn prompts_have_a_limit_of_their_own() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    let served = configured(&upstream, &["50 per day"], |options| {
        options.access.rates = rates(&["50 per day"], &["1 per hour"]);
    })
    .await;
    let body = json!({"chat_id": C1, "message": "m"});
    let first = served.post("/api/chat/send", body.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(
        first.header("ratelimit-policy"),
        "\"day\";q=50;w=86400, \"prompts-hour\";q=1;w=3600"
    );
    served.post("/api/chat/send", body.clone()).await.failure(429, "rate_limited");
    served.post("/api/chat/quick", body).await.failure(429, "rate_limited");
    let other = served.get("/api/chats").await;
    assert_eq!((other.status, other.header("ratelimit-policy")), (200, "\"day\";q=50;w=86400"));
}

#[tokio::test]
async fn each_key_is_counted_separately_and_may_have_its_own_limit() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = configured(&upstream, &["2 per day"], |options| keys.in_options(options)).await;
    let own = ["4 per day".parse().expect("a limit")];
    let allowed = async |key: &str| {
        let mut allowed = 0;
        for _ in 0..6 {
            allowed += usize::from(chats_as(&served, "x-api-key", key).await.status == 200);
        }
        allowed
    };
    assert_eq!(allowed(&keys.make("a", Scope::Read)).await, 2);
    assert_eq!(allowed(&keys.make("b", Scope::Read)).await, 2);
    assert_eq!(allowed(&keys.make_with("c", Scope::Read, &own, None)).await, 4);
    assert_eq!(served.get("/api/chats").await.status, 200, "and a client without a key by address");
}

#[tokio::test]
async fn only_an_accepted_token_is_counted_by_account() {
    let upstream = Upstream::start().await;
    let served = limited(&upstream, &["3 per day"]).await;
    let own = format!("Bearer {}", token("caller", 86_400));
    // The first is counted by address, because the account of the token is not confirmed yet.
    for expected in [200, 200, 200, 200, 429] {
        assert_eq!(chats_as(&served, "authorization", &own).await.status, expected);
    }

    let upstream = Upstream::start().await;
    let served = configured(&upstream, &["3 per day"], |options| options.account = None).await;
    for attempt in 0..5 {
        let made_up = format!("Bearer {}", token(&format!("made up {attempt}"), -60));
        let status = chats_as(&served, "authorization", &made_up).await.status;
        assert_eq!(status, if attempt < 3 { 401 } else { 429 }, "another token, the same address");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_counted() {
    let upstream = Upstream::start().await;
    let served = configured(&upstream, &["2 per day"], |options| {
        options.access.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    for (client, expected) in [
        ("203.0.113.1", 401),
        ("6.6.6.6, 203.0.113.1", 401),
        ("9.9.9.9, 203.0.113.1", 429),
        ("203.0.113.2", 401),
        ("2001:db8::1", 401),
        ("2001:db8::2", 401),
        ("2001:db8::3", 429),
    ] {
        let answer = chats_as(&served, "x-forwarded-for", client).await;
        assert_eq!(answer.status, expected, "{client}");
    }

    let without = limited(&upstream, &["2 per day"]).await;
    for (client, expected) in [("203.0.113.1", 401), ("203.0.113.2", 401), ("203.0.113.3", 429)] {
        assert_eq!(chats_as(&without, "x-forwarded-for", client).await.status, expected);
    }
}

#[tokio::test]
async fn requests_past_the_maximum_wait_in_a_bounded_queue() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("first")]).gate(&gate).then(end()));
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::configured(&upstream, |options| {
        options.access.max_inflight = Some(1);
        options.access.max_queue = 1;
    })
    .await;
    let body = json!({"chat_id": C1, "message": "m", "stream": true});
    let mut first = served.raw(post("/api/chat/send", &body)).await;
    read_until(&mut first, "first").await;
    let mut waiting = served.raw("GET /api/chats HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    // A place in the queue only shows in that the next request does not get it.
    let refused = loop {
        let answer =
            tokio::time::timeout(std::time::Duration::from_millis(200), served.get("/api/chats"));
        if let Ok(answer) = answer.await {
            break answer;
        }
    };
    refused.failure(503, "rate_limited");
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(served.get("/health").await.status, 200, "a probe needs no place");
    gate.open();
    read_until(&mut first, "event: done").await;
    assert!(read_until(&mut waiting, "\"total\":0").await.starts_with("HTTP/1.1 200 "));
    drop(first);
    assert_eq!(served.get("/api/chats").await.status, 200);
}

#[tokio::test]
async fn the_models_do_not_prove_a_token() {
    let upstream = Upstream::start().await;
    let model = json!({"data": [{"id": "m", "name": "m", "info": {"meta": {}}}]});
    upstream.always("GET /api/v2/models/", move || envelope(model.clone()));
    let served = configured(&upstream, &["3 per day"], |options| options.account = None).await;
    for attempt in 0..5 {
        let made_up = format!("Bearer {}", token(&format!("made up {attempt}"), 60));
        let request = served.http.get(served.url("/api/models"));
        let status = served.ask(request.header("authorization", &made_up)).await.status;
        assert_eq!(status, if attempt < 3 { 200 } else { 429 }, "the same address");
    }
    let other = format!("/api/chats/{C1}/stop");
    let made_up = format!("Bearer {}", token("made up 9", 60));
    let served = configured(&upstream, &["2 per day"], |options| options.account = None).await;
    for expected in [200, 200, 429] {
        let request = served.http.post(served.url(&other)).header("authorization", &made_up);
        assert_eq!(served.ask(request).await.status, expected, "nothing was asked upstream");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_up_the_limits_of_programs() {
    let (upstream, keys) = (Upstream::start().await, Keys::new());
    let served = configured(&upstream, &["30 per day"], |options| keys.in_options(options)).await;
    let key = keys.make("own", Scope::Read);
    let log_in = async |origin: Option<&str>, key: &str| {
        let request = served.http.post(served.url("/api/login")).json(&json!({"api_key": key}));
        let request = match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        served.ask(request).await.status
    };
    for attempt in 0..12 {
        let status = log_in(Some("https://evil.example"), "wrong").await;
        assert_eq!(status, if attempt < 10 { 401 } else { 429 });
    }
    assert_eq!(log_in(None, &key).await, 200);
    for _ in 0..30 {
        chats_as(&served, "origin", "https://evil.example").await;
    }
    chats_as(&served, "origin", "https://evil.example").await.failure(429, "rate_limited");
    assert_eq!(served.get("/api/chats").await.status, 200);
}
