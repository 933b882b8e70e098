//! The configuration of the client. Plain values; nothing here reads files or the environment.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;

use super::NoticeSink;
use super::failure::{Cause, Failure};
use crate::domain::{Carrier, UploadStore};

/// How to reach the upstream, and the client's timeouts.
#[derive(Clone)]
pub struct ClientConfig {
    /// Base URL of the API, such as `https://chat.qwen.ai/api`.
    pub api_url: String,
    /// Origin of the account service, such as `https://auth.qwen.ai` (protocol 2.4).
    pub auth_url: String,
    /// Value of the header `Version`: the version of the web page that the client mimics (protocol 1.1).
    pub web_version: String,
    /// Value of the header `User-Agent`.
    pub user_agent: String,
    /// The user's own cookies; they replace the account's cookies of the same name. A `token` or a
    /// `refresh_token` among them is not sent.
    pub cookie: Option<SecretString>,
    /// How requests carry the access token.
    pub carrier: Carrier,
    /// The user's own headers, sent unchanged. Their values may be secrets.
    pub extra_headers: Vec<(String, SecretString)>,
    /// A header for every request, also to the account service. Its value is a secret.
    pub private_header: Option<(HeaderName, HeaderValue)>,
    /// The proxy for all requests but those that `NO_PROXY` excepts; without one the usual environment
    /// variables apply.
    pub proxy: Option<SecretString>,
    /// Connect directly, without the proxy of the environment.
    pub ignore_environment_proxy: bool,
    /// CA certificates in PEM format to trust besides the system's.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// The upstream is our own local upstream with an engine. Only then does a completion carry the
    /// system prompt and earlier messages apart from the prompt; otherwise they are part of its text.
    pub takes_roles: bool,
    /// The sizes of requests with a prompt, where the upstream has a limit (protocol 6.1b).
    pub request_limits: Option<RequestLimits>,
    /// Where uploaded files are remembered; without one in memory.
    pub uploads: Option<Arc<dyn UploadStore>>,
    /// Timeouts of a request.
    pub timeouts: Timeouts,
    /// Delays between attempts; only tests change them.
    pub timing: Timing,
    /// Receives notices about retries and recoveries.
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
            carrier: Carrier::default(),
            extra_headers: Vec::new(),
            private_header: None,
            proxy: None,
            ignore_environment_proxy: false,
            extra_ca_pem: None,
            takes_roles: false,
            request_limits: None,
            uploads: None,
            timeouts: Timeouts::default(),
            timing: Timing::default(),
            notices: NoticeSink::default(),
        }
    }
}

/// Sizes of a request with a prompt, in bytes of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// A larger one is sent with a warning.
    pub warn: usize,
    /// A larger one is refused.
    pub most: usize,
}

impl Default for RequestLimits {
    /// Protocol 6.1b.
    fn default() -> Self {
        Self { warn: 100 << 10, most: 180 << 10 }
    }
}

impl RequestLimits {
    /// The warning of a request of this size, if it is large.
    pub(super) fn warning(&self, bytes: usize) -> Option<String> {
        (bytes > self.warn).then(|| {
            let most = self.most;
            format!(
                "the request has {bytes} bytes; the service may refuse large ones, and qwenctl refuses \
                 more than {most}"
            )
        })
    }

    /// # Errors
    /// [`Cause::TooLarge`] for a larger request.
    pub(super) fn check(&self, bytes: usize) -> Result<(), Failure> {
        if bytes <= self.most {
            return Ok(());
        }
        Err(Failure::new(Cause::TooLarge).with_details(format!(
            "the request has {bytes} bytes, and {} are the limit",
            self.most
        )))
    }
}

/// The timeouts of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, including TLS.
    pub connect: Duration,
    /// Between two signs of life of the upstream. Models think for minutes without a byte (protocol 7.11).
    pub idle: Duration,
    /// For a whole action; none by default.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_mins(3), total: None }
    }
}

/// Delays between attempts (protocol 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// First back-off after a transient failure; doubles with each attempt, with jitter.
    pub backoff: Duration,
    /// Minimum delay before a prompt is sent again to a busy chat; the maximum is twice this.
    pub in_progress: Duration,
    /// Delay before the chat is read after a prompt with an unknown outcome.
    pub recheck: Duration,
    /// Delay before the second resume call for a cut stream.
    pub resume: Duration,
    /// Interval between two reads of a chat after its stream was cut.
    pub poll: Duration,
    /// Time without progress after which recovery from the chat gives up.
    pub recovery: Duration,
    /// Time to wait for the end of the connection after the last event of an answer.
    pub grace: Duration,
    /// Timeout of a stop request.
    pub stop: Duration,
    /// The window of the upload budget (protocol F114).
    pub upload_window: Duration,
    /// Interval between two questions about a document that is being read.
    pub parse_poll: Duration,
    /// Time after which a document that is being read is sent all the same (protocol 10.3).
    pub parse_limit: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            backoff: Duration::from_millis(500),
            in_progress: Duration::from_secs(2),
            recheck: Duration::from_secs(1),
            resume: Duration::from_millis(1500),
            poll: Duration::from_secs(2),
            recovery: Duration::from_mins(1),
            grace: Duration::from_secs(5),
            stop: Duration::from_secs(5),
            upload_window: Duration::from_secs(75),
            parse_poll: Duration::from_millis(1500),
            parse_limit: Duration::from_mins(2),
        }
    }
}
