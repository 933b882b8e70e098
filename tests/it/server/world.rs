//! A server in this process, between a test and a scripted or a local upstream.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use qwenctl::client::{Client, ClientConfig, Timing};
use qwenctl::local::{Access, LocalOptions, LocalUpstream};
use qwenctl::server::{
    AccessOptions, CacheOptions, CurrentRates, Endpoint, FileOptions, Limits, LogSink,
    OpenAiOptions, OwnAccount, Rates, ServerOptions, bind, endpoints, serve,
};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::bodies::empty_chat;
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, config};

/// Longer than anything in a test takes; only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Limits in the words of people.
pub fn rates(requests: &[&str], prompts: &[&str]) -> Arc<CurrentRates> {
    let parsed = |limits: &[&str]| {
        limits.iter().map(|limit| limit.parse().expect("a limit")).collect::<Vec<_>>()
    };
    let rates = Rates { requests: parsed(requests), prompts: parsed(prompts) };
    Arc::new(CurrentRates::new(rates))
}

/// A running server.
pub struct Served {
    pub address: SocketAddr,
    pub http: reqwest::Client,
    pub log: Log,
    end: Option<oneshot::Sender<()>>,
    now: Option<oneshot::Sender<()>>,
    pub task: JoinHandle<()>,
}

/// The lines of the access log.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, of a log in JSON.
    pub fn json(&self) -> Vec<Value> {
        let lines = self.lines();
        lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn sink(&self) -> LogSink {
        let kept = self.0.clone();
        LogSink::new(move |line| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        })
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The failure, which has to be in the envelope and to have this status and code.
    #[track_caller]
    pub fn failure(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(body["success"], false);
        assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }
}

impl Served {
    /// In front of `upstream`, with a token of its own.
    pub async fn new(upstream: &Upstream) -> Self {
        Self::configured(upstream, |_| {}).await
    }

    /// The same after a change to the options.
    pub async fn configured(upstream: &Upstream, change: impl FnOnce(&mut ServerOptions)) -> Self {
        let client = Client::new(config(upstream)).expect("a client");
        let session = client.session(tokens(&token("server", 7 * 86_400), None), None);
        Self::start(client, session, false, change).await
    }

    /// In front of a local upstream that answers at once.
    pub async fn local(change: impl FnOnce(&mut ServerOptions)) -> (Self, LocalUpstream) {
        let options = LocalOptions {
            pace: Duration::ZERO,
            access: Access::Programs,
            ..LocalOptions::default()
        };
        Self::local_with(options, change).await
    }

    /// In front of a local upstream with these options.
    pub async fn local_with(
        options: LocalOptions,
        change: impl FnOnce(&mut ServerOptions),
    ) -> (Self, LocalUpstream) {
        let local = qwenctl::local::start(options).await.expect("a local upstream");
        let client = Client::new(ClientConfig {
            api_url: local.api_url(),
            auth_url: local.auth_url(),
            ignore_environment_proxy: true,
            timing: Timing {
                backoff: Duration::from_millis(1),
                recheck: Duration::from_millis(1),
                resume: Duration::from_millis(1),
                ..Timing::default()
            },
            ..ClientConfig::default()
        });
        let client = client.expect("a client");
        let session = client.session(tokens(&local.token(), None), None);
        (Self::start(client, session, true, change).await, local)
    }

    async fn start(
        client: Client,
        session: qwenctl::client::Session,
        is_local: bool,
        change: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let log = Log::default();
        let mut options = ServerOptions {
            quotas: None,
            client,
            account: Some(Arc::new(OwnAccount::new(session))),
            tls: None,
            model: Some("qwen-example-max".to_owned()).filter(|_| !is_local),
            archive: None,
            trash: None,
            is_local,
            engine: None,
            direct: None,
            allowed_hosts: vec!["allowed.example".to_owned()],
            access: AccessOptions::default(),
            openai: OpenAiOptions::default(),
            mcp_may_ask: false,
            files: FileOptions::default(),
            limits: Limits { drain: PATIENCE, chat_wait: PATIENCE, ..Limits::default() },
            cache: CacheOptions::default(),
            log: log.sink(),
        };
        change(&mut options);
        let listener = bind("127.0.0.1".parse().expect("an address"), 0).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel::<()>();
        let (now, hurried) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let end = async { drop(ended.await) };
            let now = async { drop(hurried.await) };
            serve(listener, options, end, now).await.expect("a server");
        });
        let http =
            reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let (end, now) = (Some(end), Some(now));
        Self { address, http, log, end, now, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The first signal.
    pub fn signal(&mut self) {
        drop(self.end.take());
    }

    /// The second signal.
    pub fn signal_again(&mut self) {
        drop(self.now.take());
    }

    /// Waits for the end of the server.
    pub async fn ended(&mut self) {
        let ended = tokio::time::timeout(PATIENCE, &mut self.task).await;
        ended.expect("the server ends").expect("no panic");
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(self.http.get(self.url(path))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(self.http.post(self.url(path)).json(&body)).await
    }

    pub async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a text") }
    }

    /// Sends bytes as they are.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(bytes.as_ref()).await.expect("a request");
        stream
    }

    /// Sends bytes as they are, and reads until the server closes.
    pub async fn raw_whole(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.raw(bytes).await;
        let mut text = String::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await;
        read.expect("the server closes").expect("a text");
        text
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The routes of the REST API.
pub fn api() -> impl Iterator<Item = &'static Endpoint> {
    endpoints().filter(|endpoint| endpoint.is_described() && !endpoint.path.starts_with("/v1/"))
}

/// A chat without messages at every read.
pub fn with_empty_chat(upstream: &Upstream) {
    upstream.always(CHAT, empty_chat);
}

/// Reads from `stream` until `mark` has come; returns all of it.
pub async fn read_until(stream: &mut (impl AsyncRead + Unpin), mark: &str) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&bytes).contains(mark) {
            let length = stream.read_buf(&mut bytes).await.expect("bytes");
            assert!(length > 0, "the end before `{mark}`: {}", String::from_utf8_lossy(&bytes));
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it comes");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A request with a JSON body, as bytes.
pub fn post(path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The events of a stream: names and data.
pub fn events(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("\n\n").filter(|block| block.starts_with("event: "));
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').expect("two lines");
            let data = data.strip_prefix("data: ").expect("data");
            let name = name.strip_prefix("event: ").expect("a name").to_owned();
            (name, serde_json::from_str(data).expect("JSON"))
        })
        .collect()
}
