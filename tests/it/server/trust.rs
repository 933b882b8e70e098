//! Trust: which requests without a token may use the server's own, for every combination. Clients on other machines
//! are tested in `server::auth::trust`, without a second machine.

use serde_json::json;

use super::world::Served;
use crate::support::bodies::envelope;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::CHATS;

const HOSTS: [(Option<&str>, bool); 9] = [
    (Some("localhost:PORT"), true),
    (Some("127.0.0.1:PORT"), true),
    (Some("[::1]:PORT"), true),
    (Some("localhost"), true),
    (Some("Allowed.Example"), true),
    (Some("evil.example"), false),
    (Some("localhost.evil.example:PORT"), false),
    (Some("192.0.2.1"), false),
    (None, false),
];

/// `HOST` stands for the value of `Host`.
const ORIGINS: [(Option<&str>, bool); 6] = [
    (None, true),
    (Some("http://HOST"), true),
    (Some("https://evil.example"), false),
    (Some("http://localhost:1"), false),
    (Some("null"), false),
    (Some("http://HOST.evil.example"), false),
];

#[derive(Clone, Copy, PartialEq, Debug)]
enum Bearer {
    None,
    Own,
    Garbage,
    Empty,
    Basic,
    Twice,
}

const BEARERS: [Bearer; 6] =
    [Bearer::None, Bearer::Own, Bearer::Garbage, Bearer::Empty, Bearer::Basic, Bearer::Twice];

#[tokio::test]
async fn every_combination_of_token_host_and_origin() {
    for has_own in [true, false] {
        for (host, is_ours) in HOSTS {
            combinations(has_own, host, is_ours).await;
        }
    }
}

async fn combinations(has_own: bool, host: Option<&str>, is_ours: bool) {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::configured(&upstream, |options| {
        if !has_own {
            options.account = None;
        }
    })
    .await;
    let caller = token("caller", 86_400);
    let own = format!("token={caller}");
    for (origin, is_same) in ORIGINS {
        for bearer in BEARERS {
            let before = upstream.count(CHATS);
            let request = request(&served, host, origin, bearer, &caller);
            let answer = served.raw_whole(&request).await;
            let expected = match bearer {
                Bearer::Own => 200,
                Bearer::None if !is_ours => 403,
                Bearer::None if is_same && has_own => 200,
                _ => 401,
            };
            let line = format!("HTTP/1.1 {expected} ");
            assert!(answer.starts_with(&line), "{has_own} {request}\n{answer}");
            assert!(answer.contains("access-control-allow-origin: *\r\n"), "{answer}");
            let asked = upstream.requests(CHATS).split_off(before);
            assert_eq!(asked.len(), usize::from(expected == 200), "nothing is spent");
            let is_own = asked.first().and_then(|made| made.header("cookie")) == Some(&own);
            assert_eq!(is_own, bearer == Bearer::Own, "{request}");
        }
    }
}

fn request(
    served: &Served,
    host: Option<&str>,
    origin: Option<&str>,
    bearer: Bearer,
    caller: &str,
) -> String {
    let host = host.map(|host| host.replace("PORT", &served.address.port().to_string()));
    let header = |name: &str, value: Option<String>| {
        value.map_or_else(String::new, |value| format!("{name}: {value}\r\n"))
    };
    let origin = origin.map(|origin| origin.replace("HOST", host.as_deref().unwrap_or("")));
    let bearer = match bearer {
        Bearer::None => String::new(),
        Bearer::Own => format!("Authorization: Bearer {caller}\r\n"),
        Bearer::Garbage => "Authorization: Bearer x.y.z\r\n".to_owned(),
        Bearer::Empty => "Authorization: Bearer \r\n".to_owned(),
        Bearer::Basic => "Authorization: Basic dXNlcjpwdw==\r\n".to_owned(),
        Bearer::Twice => format!("Authorization: Bearer {caller}\r\n").repeat(2),
    };
    let (host, origin) = (header("Host", host), header("Origin", origin));
    format!("GET /api/chats HTTP/1.1\r\nConnection: close\r\n{host}{origin}{bearer}\r\n")
}

#[tokio::test]
async fn the_error_names_the_host_and_the_flag() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let request = served.http.get(served.url("/api/chats")).header("host", "evil.example");
    let body = served.ask(request).await.failure(403, "forbidden");
    assert!(body["error"].as_str().is_some_and(|text| text.contains("`evil.example`")));
    assert!(body["hint"].as_str().is_some_and(|text| text.contains("--allow-host evil.example")));

    let request = served.http.get(served.url("/api/chats")).header("origin", "https://x.example");
    let answer = served.ask(request).await;
    answer.failure(401, "token_missing");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn forwarded_and_cross_site_requests_are_not_trusted() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("via", "1.1 proxy.example"),
        ("x-forwarded-host", "chat.example"),
        ("cf-connecting-ip", "203.0.113.9"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = served.http.get(served.url("/api/chats")).header(name, value);
        served.ask(request).await.failure(401, "token_missing");
    }
}

#[tokio::test]
async fn the_session_says_whether_a_token_is_needed() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let body = served.get("/api/session").await.json();
    assert_eq!(body["data"]["server_token"], true);
    assert_eq!(body["data"]["upstream"], "qwen");
    let request = served.http.get(served.url("/api/session")).header("origin", "https://x.example");
    assert_eq!(served.ask(request).await.json()["data"]["server_token"], false);

    let without = Served::configured(&upstream, |options| options.account = None).await;
    assert_eq!(without.get("/api/session").await.json()["data"]["server_token"], false);
}

#[tokio::test]
async fn only_a_trusted_client_learns_the_engine() {
    let upstream = Upstream::start().await;
    let engine = Some("127.0.0.1:8099".to_owned());
    let served = Served::configured(&upstream, |options| options.engine = engine).await;
    let body = served.get("/api/session").await.json();
    assert_eq!(body["data"]["engine"], "127.0.0.1:8099");
    let request = served.http.get(served.url("/api/session")).header("origin", "https://x.example");
    assert_eq!(served.ask(request).await.json()["data"].get("engine"), None);
}

#[tokio::test]
async fn a_pasted_token_is_cleaned() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::configured(&upstream, |options| options.account = None).await;
    let token = token("caller", 86_400);
    for written in [format!("bearer {token}"), token.clone(), format!("Bearer \"{token}\"")] {
        let request = served.http.get(served.url("/api/chats")).header("authorization", &written);
        assert_eq!(served.ask(request).await.status, 200, "{written}");
    }
}

/// A proxy with the defaults of nginx leaves no mark but the old version of HTTP.
#[tokio::test]
async fn requests_of_an_old_proxy_are_not_trusted() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let request = "GET /api/chats HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = served.raw_whole(request).await;
    assert!(answer.contains(" 401 ") && answer.contains("token_missing"), "{answer}");
    assert!(answer.contains("over HTTP/1.0") && answer.contains("over HTTP/1.1"), "{answer}");
    let noted = served.log.lines().iter().filter(|line| line.contains("--require-key")).count();
    assert_eq!(noted, 1, "{:?}", served.log.lines());
}

#[tokio::test]
async fn strangers_read_only_whether_the_server_is_ready() {
    let upstream = Upstream::start().await;
    let keys = super::keys::Keys::new();
    let served = Served::configured(&upstream, |options| keys.in_options(options)).await;
    assert!(served.get("/readyz").await.json()["checks"].is_object());
    let ready = async |name: &str, value: &str| {
        served.ask(served.http.get(served.url("/readyz")).header(name, value)).await.json()
    };
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("host", "evil.example"),
        ("x-forwarded-for", "203.0.113.9"),
    ] {
        assert_eq!(ready(name, value).await, json!({"ready": true}), "{name}");
    }
    let key = keys.make("monitor", qwenctl::domain::Scope::Read);
    let request = served.http.get(served.url("/readyz")).header("x-api-key", &key);
    let known = served.ask(request.header("host", "evil.example")).await.json();
    assert!(known["checks"].is_object(), "{known}");
}
