//! Just enough HTTP/1.1 to read a request off a socket, byte by byte as it comes; and a client.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A client for tests that talk to the program from outside. reqwest wants to know a provider of
/// cryptography even for plain HTTP.
pub fn client() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(20))
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, in upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What follows the `?`, still percent-encoded; empty without one.
    pub query: String,
    /// The headers in their order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Method and target, as in a request line.
    pub fn line(&self) -> String {
        let question = if self.query.is_empty() { "" } else { "?" };
        format!("{} {}{question}{}", self.method, self.path, self.query)
    }

    /// The value of header `name`; panics if it came more than once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "`{name}` came twice in {}", self.line());
        value
    }

    /// The body as JSON; panics if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} has no JSON body: {error}", self.line()))
    }
}

/// Reads the next request; `None` when the client closed the connection.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let (mut request, head) = loop {
        if let Some(parsed) = parse_head(&bytes) {
            break parsed;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let length =
        request.header("content-length").map_or(0, |value| value.parse().expect("a length"));
    assert_eq!(request.header("transfer-encoding"), None, "a body of unknown length");
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    assert_eq!(bytes.len(), head + length, "the client sent more than its request");
    request.body = bytes.split_off(head);
    Some(request)
}

/// The request line and headers, and how many bytes they take; `None` while they are not whole.
fn parse_head(bytes: &[u8]) -> Option<(Request, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(bytes).expect("an HTTP/1.1 request") else {
        return None;
    };
    let (path, query) = {
        let target = parsed.path.expect("a target");
        target.split_once('?').unwrap_or((target, ""))
    };
    let header = |header: &httparse::Header| {
        let value = std::str::from_utf8(header.value).expect("an ASCII header");
        assert!(value.is_ascii(), "{}: {value:?} is not ASCII", header.name);
        (header.name.to_ascii_lowercase(), value.to_owned())
    };
    let request = Request {
        method: parsed.method.expect("a method").to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: parsed.headers.iter().map(header).collect(),
        body: Vec::new(),
    };
    Some((request, head))
}

/// A port that refuses connections: it is taken, so that no other test gets it, and nothing listens on it.
pub fn closed_port() -> (tokio::net::TcpSocket, std::net::SocketAddr) {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = socket.local_addr().expect("an address");
    (socket, address)
}
