//! The connection to an engine: its address, its key, its requests.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::failure::{self, Failure};
use super::options::EngineOptions;
use crate::domain::{self, Error, redact};
use crate::net::address::{self, http_url};
use crate::net::http::{self, Charset, Connections, Proxy};
use crate::net::json;

/// How long the list of models, or the rest of an error, may take.
const SHORT: Duration = Duration::from_secs(10);
/// The longest list of models, in bytes.
const MAX_LIST: usize = 4 << 20;
/// How much of an error is read, in bytes.
const MAX_ERROR: usize = 64 << 10;

/// A connection to one engine.
#[derive(Debug)]
pub(super) struct Connection {
    http: Client,
    url: Url,
    place: String,
    key: Option<SecretString>,
    idle: Duration,
}

impl Connection {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// If the address, the key, the proxy or a certificate cannot be used.
    pub(super) fn new(options: &EngineOptions) -> domain::Result<Self> {
        let url = http_url(&options.url).filter(is_usable);
        let url = url.ok_or_else(|| {
            Error::invalid("invalid engine address")
                .with_hint("`--engine` takes a URL such as `http://127.0.0.1:8080/v1`")
        })?;
        if let Some(key) = &options.key {
            bearer(key)?;
        }
        let place = format!("the engine at {}", url.as_str().trim_end_matches('/'));
        let http = connections(options, &url)?;
        Ok(Self { http, place, url, key: options.key.clone(), idle: options.idle })
    }

    /// Base of the engine's API.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Its name in sentences.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// How long the engine may be silent.
    pub(super) fn idle(&self) -> Duration {
        self.idle
    }

    /// Requests an answer, and waits until it begins or is refused.
    ///
    /// # Errors
    /// If the engine refuses or does not answer.
    pub(super) async fn ask(&self, body: &impl Serialize) -> Result<Response, Failure> {
        let request = self.request(Method::POST, ["chat", "completions"])?;
        let request = request.header(ACCEPT, "text/event-stream").json(body);
        self.send(request, self.idle).await
    }

    /// Requests the list of models.
    ///
    /// # Errors
    /// As for [`Connection::ask`], or if the answer is not a list.
    pub(super) async fn models(&self) -> Result<Value, Failure> {
        let request = self.request(Method::GET, ["models"])?.header(ACCEPT, "application/json");
        let response = self.send(request, self.idle.min(SHORT)).await?;
        let bytes = beginning(response, MAX_LIST).await;
        let list = json::read(&bytes).ok();
        list.ok_or_else(|| failure::odd(self.place(), "its list of models is not valid"))
    }

    /// Removes the key from the engine's words.
    pub(super) fn concealer(&self) -> Box<dyn Fn(&str) -> String + Send> {
        let key = self.key.clone();
        Box::new(move |words| conceal(key.as_ref(), words))
    }

    async fn send(&self, request: RequestBuilder, patience: Duration) -> Result<Response, Failure> {
        let response = match timeout(patience, request.send()).await {
            Err(_) => return Err(failure::stalled(self.place(), patience)),
            Ok(Err(error)) => return Err(failure::no_answer(self.place(), error)),
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(failure::redirected(self.place(), status.as_u16()));
        }
        let wait = http::retry_after(response.headers());
        let bytes = beginning(response, MAX_ERROR).await;
        let text = String::from_utf8_lossy(&bytes);
        let key = |words: &str| conceal(self.key.as_ref(), words);
        Err(failure::answered(self.place(), status.as_u16(), wait, &text, &key))
    }

    fn request<const N: usize>(
        &self,
        method: Method,
        path: [&'static str; N],
    ) -> Result<RequestBuilder, Failure> {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let request = self.http.request(method, url);
        let Some(key) = &self.key else { return Ok(request) };
        let key = bearer(key).map_err(|_| failure::odd(self.place(), "the key is not valid"))?;
        Ok(request.header(AUTHORIZATION, key))
    }
}

/// A body, as far as it arrives soon and whole; at most about `most` bytes.
async fn beginning(mut response: Response, most: usize) -> Vec<u8> {
    let mut charset = Charset::of(response.headers());
    let mut bytes = Vec::new();
    let read = async {
        while let Ok(Some(piece)) = response.chunk().await
            && bytes.len() <= most
        {
            bytes.extend_from_slice(&charset.decode(&piece, false));
        }
    };
    // What has arrived may say enough.
    let _ = timeout(SHORT, read).await;
    bytes.extend_from_slice(&charset.decode(&[], true));
    bytes
}

fn conceal(key: Option<&SecretString>, words: &str) -> String {
    redact::without(words, key.map(ExposeSecret::expose_secret).as_slice())
}

fn is_usable(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// The header that carries the key; `Debug` does not show it.
fn bearer(key: &SecretString) -> domain::Result<HeaderValue> {
    http::sensitive(&format!("Bearer {}", key.expose_secret())).ok_or_else(|| {
        Error::invalid("the engine's key has a character that headers cannot carry")
            .with_hint("set QWENCTL_ENGINE_KEY to the key alone")
    })
}

/// An engine on this machine is always reached directly.
fn connections(options: &EngineOptions, url: &Url) -> domain::Result<Client> {
    let is_local = address::is_local(url);
    let proxy = match &options.proxy {
        _ if is_local => Proxy::Direct,
        Some(url) => Proxy::Given(url),
        None => Proxy::Environment,
    };
    let connections = Connections {
        connect_timeout: options.connect,
        needs_tls: !is_local || url.scheme() == "https",
        extra_ca_pem: options.extra_ca_pem.as_deref(),
        proxy,
    };
    let builder = connections
        .builder()?
        .user_agent(concat!("qwenctl/", env!("CARGO_PKG_VERSION")))
        // A coding would hold back what the model has written; it is still decoded.
        .default_headers(
            [(ACCEPT_ENCODING, HeaderValue::from_static("identity"))].into_iter().collect(),
        );
    http::build(builder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_not_shown() {
        let secret = ["can", "ary-key"].concat();
        let options =
            EngineOptions { key: Some(secret.clone().into()), ..EngineOptions::default() };
        let connection = Connection::new(&options).expect("a connection");
        assert!(!format!("{options:?} {connection:?}").contains(&secret));
        assert_eq!(connection.concealer()(&format!("no key {secret}!")), "no key …!");
        for wrong in ["ftp://x", "http://u:p@x/v1", "x"] {
            let options = EngineOptions { url: wrong.to_owned(), ..EngineOptions::default() };
            assert!(Connection::new(&options).is_err(), "{wrong}");
        }
    }
}
