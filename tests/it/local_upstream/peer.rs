//! A plain client of the local upstream, on reqwest, and over a bare socket.

use std::time::Duration;

use qwenctl::local::{Access, LocalOptions, LocalUpstream, start};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A local upstream and a client of it.
pub struct Peer {
    pub upstream: LocalUpstream,
    pub http: reqwest::Client,
}

/// Options that are as fast as possible.
pub fn quick() -> LocalOptions {
    LocalOptions { pace: Duration::ZERO, access: Access::Programs, ..LocalOptions::default() }
}

/// Options with which a long answer does not end within a test.
pub fn slow() -> LocalOptions {
    LocalOptions {
        pace: Duration::from_millis(20),
        access: Access::Programs,
        ..LocalOptions::default()
    }
}

fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_gzip()
        .no_brotli()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .expect("a client")
}

impl Peer {
    pub async fn with(options: LocalOptions) -> Self {
        Self::of(start(options).await.expect("started"))
    }

    pub fn of(upstream: LocalUpstream) -> Self {
        Self { upstream, http: http_client() }
    }

    pub async fn quick() -> Self {
        Self::with(quick()).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.upstream.auth_url());
        self.http
            .request(method, url)
            .header("cookie", format!("token={}", self.upstream.token()))
            .header("version", "0.3.12")
    }

    /// A refresh with the headers of protocol 2.4.
    pub fn refresh(&self, token: &str) -> RequestBuilder {
        let url = format!("{}/api/v2/auths/refresh", self.upstream.auth_url());
        let request = self.http.get(url).header("cookie", format!("refresh_token={token}"));
        let headers = ["x-request-origin", "referer", "version", "x-request-id", "timezone"];
        let request = request.header("origin", self.upstream.auth_url());
        headers
            .into_iter()
            .fold(request, |request, name| request.header(name, "x"))
            .header("source", "web")
    }

    pub async fn get(&self, path: &str) -> Value {
        json_of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        json_of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Value {
        json_of(self.request(Method::DELETE, path)).await
    }

    pub async fn new_chat(&self) -> String {
        let made = self
            .post("/api/v2/chats/new", json!({"models": ["local-echo-max"], "chat_type": "t2t"}))
            .await;
        made["data"]["id"].as_str().expect("an id").to_owned()
    }

    pub fn turn(&self, chat: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, &format!("/api/v2/chat/completions?chat_id={chat}")).json(body)
    }

    /// Sends a prompt and returns the whole body.
    pub async fn ask(&self, chat: &str, parent: Option<&str>, prompt: &str) -> String {
        let sent =
            self.turn(chat, &turn_body(chat, parent, prompt)).send().await.expect("a response");
        sent.text().await.expect("a whole body")
    }

    /// Sends a prompt and returns the response once its head has arrived.
    pub async fn begin(&self, chat: &str, prompt: &str) -> Response {
        self.turn(chat, &turn_body(chat, None, prompt)).send().await.expect("a response")
    }

    pub async fn detail(&self, chat: &str) -> Value {
        self.get(&format!("/api/v2/chats/{chat}")).await["data"].take()
    }

    /// The answer that a chat shows.
    pub async fn answer(&self, chat: &str) -> Value {
        let mut detail = self.detail(chat).await;
        let current = detail["currentId"].as_str().expect("an answer").to_owned();
        detail["chat"]["history"]["messages"][current].take()
    }

    /// Waits until the upstream has counted something.
    pub async fn wait_for(&self, what: &str, count: u64) {
        let found =
            self.get(&format!("/__local/wait?for={what}&count={count}&timeout_ms=10000")).await;
        assert_eq!(found["reached"], true, "{what}: {found}");
    }
}

async fn json_of(request: RequestBuilder) -> Value {
    request.send().await.expect("a response").json().await.expect("a JSON document")
}

/// The body of protocol 6.1.
pub fn turn_body(chat: &str, parent: Option<&str>, prompt: &str) -> Value {
    json!({
        "stream": true, "version": "2.1", "incremental_output": true, "chatId": chat,
        "parentId": parent.unwrap_or(""), "chat_id": chat, "chat_mode": "normal", "model": "local-echo-max",
        "parent_id": parent,
        "messages": [{
            "id": null, "fid": "a0000000-0000-4000-8000-00000000f1d0", "parentId": parent, "parent_id": parent,
            "childrenIds": [], "role": "user", "content": prompt, "user_action": "chat", "files": [],
            "timestamp": 1_790_000_001, "models": ["local-echo-max"], "model": "", "chat_type": "t2t",
            "sub_chat_type": "t2t",
            "feature_config": {"thinking_enabled": false, "output_schema": "phase", "research_mode": "normal",
                "auto_thinking": false, "thinking_mode": "Fast", "auto_search": true},
            "extra": {"meta": {"subChatType": "t2t"}},
        }],
        "timestamp": 1_790_000_001,
    })
}

/// The JSON of every event.
pub fn events(body: &str) -> Vec<Value> {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|json| serde_json::from_str(json).ok()).collect()
}

/// The text of phase `answer` after the whole stream.
pub fn answer_text(body: &str) -> String {
    let deltas = events(body).into_iter().map(|event| event["choices"][0]["delta"].clone());
    let answer = deltas.filter(|delta| delta["phase"] == "answer" && delta["role"] == "assistant");
    answer.filter_map(|delta| delta["content"].as_str().map(str::to_owned)).collect()
}

/// The id of the answer that a stream announces.
pub fn response_id(body: &str) -> String {
    events(body)[0]["response.created"]["response_id"].as_str().expect("an id").to_owned()
}

/// Sends a request over a bare socket; returns everything received until the connection ends, and how
/// it ended.
pub async fn raw(
    peer: &Peer,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (Vec<u8>, std::io::Result<()>) {
    let mut socket = TcpStream::connect(peer.upstream.address()).await.expect("connected");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nversion: 0.3.12\r\ncookie: token={}\r\ncontent-length: {}\r\n{headers}\r\n",
        peer.upstream.token(),
        body.len()
    );
    socket.write_all(head.as_bytes()).await.expect("sent");
    socket.write_all(body.as_bytes()).await.expect("sent");
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match socket.read(&mut buffer).await {
            Ok(0) => return (received, Ok(())),
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) => return (received, Err(error)),
        }
    }
}
