//! HTTP: versions, pipelining, incomplete and slow requests, HEAD.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::world::{PATIENCE, Served, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope};
use crate::support::frames::whole;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS};

#[tokio::test]
async fn http_1_0_gets_a_response_and_is_closed() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let answer = served.raw_whole("GET /health HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    assert!(answer.contains("\"status\":\"ok\""), "{answer}");
}

#[tokio::test]
async fn http_1_0_gets_a_stream() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    let served = Served::new(&upstream).await;
    let body = json!({"chat_id": C1, "message": "m", "stream": true}).to_string();
    let answer = served
        .raw_whole(format!(
            "POST /api/chat/send HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
            token("caller", 86_400),
            body.len()
        ))
        .await;
    assert!(answer.contains("event: done\n") && !answer.contains("chunked"), "{answer}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::new(&upstream).await;
    let request = |number: usize| {
        let path = ["/health", "/api/chats", "/nope"][number % 3];
        let last = if number == 4 { "Connection: close\r\n" } else { "" };
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: n{number}\r\n{last}\r\n")
    };
    let text: String = (0..5).map(request).collect();
    let answer = served.raw_whole(text).await;
    let ids: Vec<_> = answer
        .match_indices("x-request-id: n")
        .map(|(at, mark)| &answer[at + mark.len()..=at + mark.len()])
        .collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4"], "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 4, "{answer}");
}

#[tokio::test]
async fn expect_100_continue_is_honoured() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    let served = Served::new(&upstream).await;
    let body = json!({"chat_id": C1, "message": "m"}).to_string();
    let head = format!(
        "POST /api/chat/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = served.raw(head).await;
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(body.as_bytes()).await.expect("written");
    assert!(read_until(&mut stream, "\"content\":\"Hi\"").await.starts_with("HTTP/1.1 200 "));

    let refused = "POST /api/chat/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\
         Expect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let mut stream = served.raw(refused).await;
    let answer = read_until(&mut stream, "\"code\":").await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "no body is asked for in vain: {answer}");
}

#[tokio::test]
async fn an_incomplete_request_times_out() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.patience = Duration::from_millis(100);
    })
    .await;
    for half in
        ["", "P", "GET /hea", "GET /health HTTP/1.1\r\nHost: local", "PRI * HTTP/2.0\r\n\r\nS"]
    {
        let mut stream = served.raw(half).await;
        let mut text = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut text)).await;
        assert!(read.is_ok(), "`{half}` is closed");
    }
    let half = "POST /api/chat/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{\"mess";
    let answer = served.raw_whole(half).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"success\":false"), "{answer}");
}

#[tokio::test]
async fn a_long_head_is_refused_in_the_envelope_and_a_huge_one_barely() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let request = served.http.get(served.url("/health")).header("x-big", "x".repeat(100_000));
    served.ask(request).await.failure(431, "invalid_request");
    let absurd = format!("GET /health HTTP/1.1\r\nX-Big: {}\r\n\r\n", "x".repeat(1 << 20));
    let mut stream = tokio::net::TcpStream::connect(served.address).await.expect("connected");
    let _ = stream.write_all(absurd.as_bytes()).await;
    let mut answer = [0; 12];
    // Unread bytes may reset the connection before the response is read.
    if stream.read_exact(&mut answer).await.is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
    assert_eq!(served.get("/health").await.status, 200);
}

#[tokio::test]
async fn malformed_requests_get_400_and_are_closed() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for nonsense in
        ["\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n"]
    {
        let answer = served.raw_whole(nonsense).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::new(&upstream).await;
    for path in ["/health", "/api/chats", "/nope", "/openapi.json", "/api/session/"] {
        let got = served.get(path).await;
        let line = format!(
            "HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-Id: {}\r\n\r\n",
            got.header("x-request-id")
        );
        let answer = served.raw_whole(line).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with(&format!("HTTP/1.1 {} ", got.status)), "{answer}");
        assert!(head.contains(&format!("content-length: {}", got.text.len())), "{answer}");
        assert_eq!(body, "");
    }
    let answer = served.ask(served.http.head(served.url("/api/chat/send"))).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST, OPTIONS"));
}

#[tokio::test]
async fn http_2_without_tls_works_with_prior_knowledge() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    let served = Served::new(&upstream).await;
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().timeout(PATIENCE);
    let client = client.build().expect("a client");
    let response = client.get(served.url("/health")).send().await.expect("an answer");
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    let body = json!({"chat_id": C1, "message": "m", "stream": true});
    let request = client.post(served.url("/api/chat/send")).json(&body);
    assert!(served.ask(request).await.text.contains("event: done\n"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_a_while() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.patience = Duration::from_millis(200);
    })
    .await;
    let mut stream = served.raw("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    read_until(&mut stream, "\"ok\"").await;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("open");
    read_until(&mut stream, "\"ok\"").await;
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "closed");
}
