//! What the client has to be told. Plain values; nothing here reads files or the environment.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;

use super::NoticeSink;

/// How to reach the upstream, and how to behave towards it.
#[derive(Clone)]
pub struct ClientConfig {
    /// Base of the API, such as `https://chat.qwen.ai/api`.
    pub api_url: String,
    /// Origin of the account service, such as `https://auth.qwen.ai` (protocol 2.4).
    pub auth_url: String,
    /// Value of the header `Version`: the version of the web page that we stand for (protocol 1.1).
    pub web_version: String,
    /// Value of the header `User-Agent`.
    pub user_agent: String,
    /// A cookie line of the user's own, passed on as it is.
    pub cookie: Option<SecretString>,
    /// Headers of the user's own, passed on as they are. Their values may be secrets.
    pub extra_headers: Vec<(String, SecretString)>,
    /// A header that every request carries, to the account service as well. Its value is a secret.
    pub private_header: Option<(HeaderName, HeaderValue)>,
    /// A proxy for everything; without one the usual environment variables count.
    pub proxy: Option<SecretString>,
    /// Go straight to the upstream, whatever the environment says about proxies.
    pub ignore_environment_proxy: bool,
    /// Certificates in PEM form to trust besides the system's own.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// The three timers.
    pub timeouts: Timeouts,
    /// Waits between attempts; only tests change them.
    pub timing: Timing,
    /// Where to tell about retries and recoveries.
    pub notices: NoticeSink,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            api_url: "https://chat.qwen.ai/api".to_owned(),
            auth_url: "https://auth.qwen.ai".to_owned(),
            web_version: "0.3.12".to_owned(),
            user_agent: concat!("qwenctl/", env!("CARGO_PKG_VERSION")).to_owned(),
            cookie: None,
            extra_headers: Vec::new(),
            private_header: None,
            proxy: None,
            ignore_environment_proxy: false,
            extra_ca_pem: None,
            timeouts: Timeouts::default(),
            timing: Timing::default(),
            notices: NoticeSink::default(),
        }
    }
}

/// The three timers of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To get a connection, TLS included.
    pub connect: Duration,
    /// Between two signs of life of the upstream. Models think for minutes without a byte (protocol 7.11).
    pub idle: Duration,
    /// For the whole of an action; off by default.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_mins(3), total: None }
    }
}

/// Waits between attempts (protocol 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// First back-off after a transient failure; doubles each time, with jitter.
    pub backoff: Duration,
    /// Before a prompt is sent again to a chat that is still answering: at least this, at most twice this.
    pub in_progress: Duration,
    /// Before the chat is read after an answer that may or may not have been accepted.
    pub recheck: Duration,
    /// Between two looks at a chat whose stream was cut.
    pub poll: Duration,
    /// How long to look at such a chat without seeing it grow.
    pub recovery: Duration,
    /// How long to wait for the end of the connection after the last event of an answer.
    pub grace: Duration,
    /// How long a stop call may take.
    pub stop: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            backoff: Duration::from_millis(500),
            in_progress: Duration::from_secs(2),
            recheck: Duration::from_secs(1),
            poll: Duration::from_secs(2),
            recovery: Duration::from_mins(1),
            grace: Duration::from_secs(5),
            stop: Duration::from_secs(5),
        }
    }
}
