//! Access to the port: never for web pages, and for no other process if the port is private.

use std::io::ErrorKind;

use qwenctl::local::{Access, LocalOptions};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::peer::{Peer, quick};

/// Requests of each kind: the calls of chat.qwen.ai, the admin API, and paths that do not exist.
const REQUESTS: [(&str, &str); 12] = [
    ("GET", "/api/config"),
    ("GET", "/api/models"),
    ("GET", "/api/v1/auths/"),
    ("GET", "/api/v2/chats/?page=1"),
    ("POST", "/api/v2/chats/new"),
    ("DELETE", "/api/v2/chats/"),
    ("POST", "/api/v2/chat/completions"),
    ("GET", "/__local/"),
    ("GET", "/__local/requests"),
    ("POST", "/__local/tokens"),
    ("POST", "/__local/faults"),
    ("OPTIONS", "/nothing"),
];

async fn private() -> Peer {
    Peer::with(LocalOptions { access: Access::Process, ..quick() }).await
}

/// Sends a head that announces a body and no body; returns the status and the rest.
async fn refusal(peer: &Peer, method: &str, path: &str, headers: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(peer.upstream.address()).await.expect("connected");
    let token = peer.upstream.token();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-length: 9\r\n{headers}\r\n"
    );
    socket.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    match socket.read_to_string(&mut answer).await {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => {}
    }
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_default(), answer)
}

#[tokio::test]
async fn web_pages_can_use_neither_the_calls_nor_the_admin_api() {
    const JSON: &str = "content-type: application/json\r\n";
    const TEXT: &str = "content-type: text/plain\r\n";
    let peer = Peer::quick().await;
    let here = format!("host: {}\r\n", peer.upstream.address());
    for (method, path) in REQUESTS {
        for headers in [
            "host: evil.example\r\n".to_owned() + JSON,
            format!("{here}{JSON}origin: http://evil.example\r\n"),
            format!("{here}{JSON}origin: null\r\n"),
            format!("{here}{JSON}sec-fetch-site: cross-site\r\n"),
            format!("{here}{JSON}host: evil.example\r\n"),
            JSON.to_owned(),
        ] {
            let (status, answer) = refusal(&peer, method, path, &headers).await;
            assert_eq!(status, 403, "{method} {path} {headers}{answer}");
        }
        if method != "GET" {
            let (status, answer) = refusal(&peer, method, path, &(here.clone() + TEXT)).await;
            assert_eq!(status, 415, "{method} {path} {answer}");
        }
    }
    let after = peer.get("/__local/requests").await;
    assert_eq!(after["total"], 0, "{after}");
    assert_eq!(peer.get("/__local/faults").await["armed"], json!([]));
}

#[tokio::test]
async fn a_private_port_answers_only_to_its_secret() {
    let peer = private().await;
    let (name, right) = peer.upstream.private_header().expect("a header");
    let (_, other) = private().await.upstream.private_header().expect("a header");
    let here = format!("host: {}\r\ncontent-type: application/json\r\n", peer.upstream.address());
    let wrong = format!("{here}{name}: {}\r\n", other.to_str().expect("ASCII"));
    for (method, path) in REQUESTS {
        for headers in [&here, &wrong] {
            let (status, answer) = refusal(&peer, method, path, headers).await;
            assert_eq!(status, 403, "{method} {path} {headers}{answer}");
        }
        if path.starts_with("/__local/") {
            let method = method.parse().expect("a method");
            let request = peer.request(method, path).header(&name, &right).json(&json!({}));
            assert_eq!(request.send().await.expect("an answer").status(), 404, "{path}");
        }
    }
    let list = peer.request(Method::GET, "/api/v2/chats/?page=1").header(&name, &right);
    let list: Value = list.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(list["data"], json!([]));
    assert!(!format!("{:?}{right:?}", peer.upstream).contains(right.to_str().expect("ASCII")));
}
