//! Requests to the upstream: URLs, headers, connections. One [`Transport`] serves all sessions.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AGE, AUTHORIZATION, CONNECTION, CONTENT_TYPE, COOKIE, HeaderMap,
    HeaderName, HeaderValue, ORIGIN, REFERER, USER_AGENT,
};
use reqwest::{Method, RequestBuilder, Response, Url};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::ClientConfig;
use super::body::Patience;
use super::classify::{JsonBody, ResponseBody, classify};
use super::failure::{Cause, Failure};
use super::form::Form;
use super::observer::{Observed, Observer};
use crate::domain::time::now;
use crate::domain::{AccessToken, Carrier, ChatId, Cookies, Error, Result};
use crate::net::address::http_url;
use crate::net::http::{self, Connections, Proxy};

const ACCEPT_JSON: &str = "application/json, text/plain, */*";

/// Seconds by which two clocks may differ without a difference.
const CLOCK_TOLERANCE: i64 = 5;

/// Maximum number of idle connections. Each holds memory, and a burst needs no more afterwards.
const SPARE_CONNECTIONS: usize = 64;

/// Who answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Api,
    AccountService,
}

/// One request to the API.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    /// Below the base URL of the API. An empty last segment is a trailing slash. Only constants and the id of
    /// a chat become segments, never other text from outside.
    path: &'static [&'static str],
    /// Whether the id of the chat is the next segment.
    names_chat: bool,
    /// The segment after it.
    part: Option<&'static str>,
    query: Vec<(&'static str, String)>,
    /// JSON.
    body: Option<Bytes>,
    chat: Option<ChatId>,
    /// Whether the request is idempotent.
    pub repeatable: bool,
    /// Whether to avoid pooled connections.
    afresh: bool,
    /// Who answers it.
    host: Host,
}

impl Call {
    /// `GET` on these segments.
    pub(super) fn get(path: &'static [&'static str]) -> Self {
        Self {
            method: Method::GET,
            path,
            names_chat: false,
            part: None,
            query: Vec::new(),
            body: None,
            chat: None,
            repeatable: true,
            afresh: false,
            host: Host::Api,
        }
    }

    /// `DELETE` on these segments.
    pub(super) fn delete(path: &'static [&'static str]) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    /// `POST` of `body`, or of nothing for null, to these segments; not repeatable.
    pub(super) fn post(path: &'static [&'static str], body: Value) -> Self {
        let body = Some(body).filter(|body| !body.is_null());
        let body = body.map(|body| Bytes::from(body.to_string()));
        Self { method: Method::POST, body, repeatable: false, ..Self::get(path) }
    }

    /// The length of the body.
    pub(super) fn length(&self) -> usize {
        self.body.as_ref().map_or(0, Bytes::len)
    }

    /// Adds to the query.
    #[must_use]
    pub(super) fn query(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Names the chat that the request is about.
    #[must_use]
    pub(super) fn about(mut self, chat: &ChatId) -> Self {
        self.chat = Some(chat.clone());
        self
    }

    /// Adds this chat's id to the path.
    #[must_use]
    pub(super) fn of(self, chat: &ChatId) -> Self {
        Self { names_chat: true, ..self.about(chat) }
    }

    /// Adds a segment after the chat's id.
    #[must_use]
    pub(super) fn part(self, part: &'static str) -> Self {
        Self { part: Some(part), ..self }
    }

    /// Avoids pooled connections. After one broke, the others may be stale too: a server or a gateway
    /// closes them all at once.
    #[must_use]
    pub(super) fn afresh(mut self) -> Self {
        self.afresh = true;
        self
    }

    /// Sends it to the account service, where the path is the whole one.
    #[must_use]
    pub(super) fn of_account_service(self) -> Self {
        Self { host: Host::AccountService, ..self }
    }

    /// Whether it makes a new chat.
    pub(super) fn creates_chat(&self) -> bool {
        self.path == ["v2", "chats", "new"]
    }

    /// Its path with `{id}` in place of the chat's id: one of a few.
    fn template(&self) -> String {
        let id = self.names_chat.then_some("{id}");
        self.path.iter().copied().chain(id).chain(self.part).collect::<Vec<_>>().join("/")
    }

    /// The segments of its path.
    fn segments(&self) -> impl Iterator<Item = &str> {
        let chat = self.chat.as_ref().filter(|_| self.names_chat);
        self.path.iter().copied().chain(chat.map(ChatId::as_str)).chain(self.part)
    }

    fn method(&self) -> &'static str {
        match self.method {
            Method::GET => "GET",
            Method::DELETE => "DELETE",
            _ => "POST",
        }
    }

    /// Adapts a failure to this request: without a chat, no chat can be missing.
    fn blame(&self, failure: Failure) -> Failure {
        match failure.cause {
            Cause::NotFound if self.chat.is_none() => {
                Failure { cause: Cause::NoSuchAddress, ..failure }
            }
            // One source knows these calls, so the service may lack them.
            Cause::NetworkRefused if self.part.is_some() || self.path.contains(&"batch_delete") => {
                Failure { cause: Cause::BadRequest, ..failure }
            }
            Cause::Quota | Cause::Limited | Cause::Throttled
                if self.path.contains(&"getstsToken") =>
            {
                Failure { cause: Cause::UploadBudget, ..failure }
            }
            _ => failure,
        }
    }

    /// Marks the request as idempotent.
    #[must_use]
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

/// What authenticates a request.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// The access token.
    pub access: AccessToken,
    /// The other cookies.
    pub cookies: Cookies,
    /// The form of the request.
    pub form: Form,
}

/// The connections and the common parts of all requests. Cheap to clone.
#[derive(Clone)]
pub(super) struct Transport {
    shared: Arc<Shared>,
    observed: Observed,
}

struct Shared {
    http: reqwest::Client,
    /// A client without pooled connections, made when first needed.
    afresh: OnceLock<reqwest::Client>,
    /// The client for uploads, made when first needed.
    bucket: OnceLock<reqwest::Client>,
    api: Url,
    auth: Url,
    origin: String,
    config: ClientConfig,
    /// The user's own cookies.
    own_cookies: Cookies,
    /// The account of the token among them.
    own_account: Option<String>,
    /// The seconds by which the upstream's clock is ahead of ours.
    clock_offset: AtomicI64,
}

impl Transport {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::domain::ErrorKind::InvalidRequest) for an invalid address,
    /// header, proxy or certificate.
    pub(super) fn new(config: ClientConfig) -> Result<Self> {
        let api = address(&config.api_url, "API address")?;
        let auth = address(&config.auth_url, "account service address")?;
        let origin = api.origin().ascii_serialization();
        let http = connections(&config, needs_tls(&config, &api, &auth), SPARE_CONNECTIONS)?;
        let own = config.cookie.as_ref().map(ExposeSecret::expose_secret);
        let own_token = own.and_then(|own| AccessToken::parse(own).ok());
        let shared = Arc::new(Shared {
            own_cookies: own.map(Cookies::parse).unwrap_or_default(),
            own_account: own_token.and_then(|token| token.claims().account_id.clone()),
            http,
            afresh: OnceLock::new(),
            bucket: OnceLock::new(),
            api,
            auth,
            origin,
            config,
            clock_offset: AtomicI64::new(0),
        });
        Ok(Self { shared, observed: Observed::default() })
    }

    /// The same connections, with `observer` for the requests.
    #[must_use]
    pub(super) fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        Self { shared: Arc::clone(&self.shared), observed: Observed::by(observer) }
    }

    /// The base URL of the API.
    pub(super) fn api(&self) -> &Url {
        &self.shared.api
    }

    /// The HTTP client for uploads. It has no cookies and no headers of its own, except for the user's own
    /// upstream (`is_own`), and can speak TLS even if the API does not.
    pub(super) fn bucket(&self, is_own: bool) -> &reqwest::Client {
        let Shared { http, config, .. } = &*self.shared;
        if is_own {
            return http;
        }
        self.shared
            .bucket
            .get_or_init(|| connections(config, true, 0).unwrap_or_else(|_| http.clone()))
    }

    /// The configuration.
    pub(super) fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// The time of the upstream's clock, in seconds since 1970: the expiry of a token is judged by it, as
    /// ours may be wrong. It is ours until the first response.
    pub(super) fn now(&self) -> i64 {
        now().saturating_add(self.shared.clock_offset.load(Ordering::Relaxed))
    }

    /// Learns the upstream's clock. The response of a cache is older than it looks.
    fn set_clock(&self, headers: &HeaderMap) {
        if let Some(time) = http::server_time(headers).filter(|_| !headers.contains_key(AGE)) {
            let offset = time.saturating_sub(now());
            // A delay on the way is no difference.
            let offset = if offset.abs() <= CLOCK_TOLERANCE { 0 } else { offset };
            self.shared.clock_offset.store(offset, Ordering::Relaxed);
        }
    }

    /// Sends a request for a JSON document.
    pub(super) async fn json(
        &self,
        call: &Call,
        credentials: &Credentials,
        patience: Patience,
    ) -> Result<JsonBody, Failure> {
        let request = self.request(call, credentials, ACCEPT_JSON)?;
        match self.exchange((call.method(), call.template()), request, patience, false).await {
            Ok(ResponseBody::Json(body)) => Ok(body),
            Ok(ResponseBody::Stream(_)) => {
                Err(Failure::shape("a stream of events instead of data"))
            }
            Err(failure) => Err(self.conceal(call.blame(failure), credentials)),
        }
    }

    /// Sends a request for a stream.
    pub(super) async fn stream(
        &self,
        call: &Call,
        credentials: &Credentials,
        patience: Patience,
    ) -> Result<ResponseBody, Failure> {
        let request = self
            .request(call, credentials, "text/event-stream")?
            .header("X-Accel-Buffering", "no")
            .header(CONNECTION, "keep-alive");
        let name = (call.method(), call.template());
        let answer = self.exchange(name, request, patience, true).await;
        answer.map_err(|failure| self.conceal(call.blame(failure), credentials))
    }

    /// Requests new tokens from the account service (protocol 2.4). Sends all cookies and the named token.
    pub(super) async fn refresh(
        &self,
        cookies: &Cookies,
        (name, token): (&str, &str),
        patience: Patience,
    ) -> Result<JsonBody, Failure> {
        let mut url = self.shared.auth.clone();
        let path = ["api", "v2", "auths", "refresh"];
        extend(&mut url, path);
        let jar = self.jar(cookies);
        let cookie = secret(&with_cookie(&jar, name, token))?;
        let request = self
            // A refresh token may work only once, so a stale connection must not waste it.
            .common(self.http(true).get(url), ACCEPT_JSON)
            .header("Version", &self.shared.config.web_version)
            .header("x-request-origin", &self.shared.origin)
            .header(REFERER, format!("{}/", self.shared.origin))
            .header(COOKIE, cookie);
        let call = ("GET", path[1..].join("/"));
        match self.exchange(call, request, patience, false).await {
            Ok(ResponseBody::Json(body)) => Ok(body),
            Ok(ResponseBody::Stream(_)) => {
                Err(Failure::shape("a stream of events instead of tokens"))
            }
            Err(failure) => {
                let jar = jar.expose().map(|(_, value)| value);
                let secrets: Vec<&str> = jar.chain([token]).collect();
                Err(failure.without(&secrets))
            }
        }
    }

    /// Sends a request that needs no token (protocol 1.1). It includes the user's own headers, because a
    /// proxy may require them.
    pub(super) async fn greet(&self, path: &str, patience: Patience) -> Result<Response, Failure> {
        let mut url = self.shared.api.clone();
        extend(&mut url, [path]);
        let request = self
            .common(self.shared.http.get(url), ACCEPT_JSON)
            .header(REFERER, format!("{}/", self.shared.origin))
            .headers(self.own_headers()?);
        patience.wait(request.send()).await?.map_err(Failure::transport)
    }

    /// Removes the secrets of the request from a failure.
    pub(super) fn conceal(&self, failure: Failure, credentials: &Credentials) -> Failure {
        let cookies = self.jar(&credentials.cookies);
        let cookies = cookies.expose().map(|(_, value)| value);
        let headers =
            self.shared.config.extra_headers.iter().map(|(_, value)| value.expose_secret());
        let token = std::iter::once(credentials.access.expose());
        let secrets: Vec<&str> = token.chain(cookies).chain(headers).collect();
        failure.without(&secrets)
    }

    async fn exchange(
        &self,
        (method, path): (&'static str, String),
        request: RequestBuilder,
        patience: Patience,
        want_stream: bool,
    ) -> Result<ResponseBody, Failure> {
        let mut running = self.observed.begin(method, path);
        // Boxed: this large future is part of every other one.
        let answer = Box::pin(async {
            let response = patience.wait(request.send()).await?.map_err(Failure::transport)?;
            self.set_clock(response.headers());
            running.answered(response.status().as_u16());
            classify(response, patience, want_stream).await
        })
        .await;
        running.ended(answer.as_ref().err().map(Failure::kind));
        answer
    }

    fn request(
        &self,
        call: &Call,
        credentials: &Credentials,
        accept: &str,
    ) -> Result<RequestBuilder, Failure> {
        let jar = self.jar(&credentials.cookies);
        self.refuse_foreign_cookies(&credentials.access)?;
        let base = match call.host {
            Host::Api => &self.shared.api,
            Host::AccountService => &self.shared.auth,
        };
        let mut url = base.clone();
        extend(&mut url, call.segments());
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let referer = match &call.chat {
            Some(chat) => format!("{}/c/{chat}", self.shared.origin),
            None => format!("{}/", self.shared.origin),
        };
        let mut request =
            self.common(self.http(call.afresh).request(call.method.clone(), url), accept);
        if !(credentials.form.without_version && call.creates_chat()) {
            request = request.header("Version", &self.shared.config.web_version);
        }
        if call.host == Host::AccountService {
            request = request.header("x-request-origin", &self.shared.origin);
        }
        let carrier = credentials.form.carrier.unwrap_or(self.shared.config.carrier);
        let token = credentials.access.expose();
        if carrier != Carrier::Cookie {
            request = request.header(AUTHORIZATION, secret(&format!("Bearer {token}"))?);
        }
        let cookies = match carrier {
            Carrier::Bearer => jar.expose_line(),
            Carrier::Cookie | Carrier::Both => with_cookie(&jar, "token", token),
        };
        if !cookies.is_empty() {
            request = request.header(COOKIE, secret(&cookies)?);
        }
        if let Ok(referer) = HeaderValue::try_from(referer) {
            request = request.header(REFERER, referer);
        }
        if call.body.is_some() || call.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        if call.host == Host::AccountService {
            return Ok(request);
        }
        Ok(request.headers(self.own_headers()?))
    }

    /// Refuses a token among the user's own cookies that belongs to another account: the upstream answers
    /// such a mixture with a browser check (protocol F95).
    fn refuse_foreign_cookies(&self, access: &AccessToken) -> Result<(), Failure> {
        let ours = access.claims().account_id.as_ref();
        match (ours, &self.shared.own_account) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(Failure::new(Cause::OtherAccount)),
            _ => Ok(()),
        }
    }

    /// The HTTP client, with or without pooled connections.
    fn http(&self, afresh: bool) -> &reqwest::Client {
        let Shared { http, api, auth, config, .. } = &*self.shared;
        if !afresh {
            return http;
        }
        // Cannot fail: the first client has the same configuration.
        self.shared.afresh.get_or_init(|| {
            connections(config, needs_tls(config, api, auth), 0).unwrap_or_else(|_| http.clone())
        })
    }

    /// The headers of protocol 1.2 without secrets.
    fn common(&self, request: RequestBuilder, accept: &str) -> RequestBuilder {
        request
            .header(ACCEPT, accept)
            .header(ACCEPT_LANGUAGE, "en-US,en;q=0.9")
            .header("source", "web")
            .header(
                "Timezone",
                jiff::Zoned::now().strftime("%a %b %d %Y %H:%M:%S GMT%z").to_string(),
            )
            .header("X-Request-Id", self.observed.request_id())
            .header(ORIGIN, &self.shared.origin)
            .header(USER_AGENT, &self.shared.config.user_agent)
    }

    /// The cookies besides the tokens: the account's, then the user's own, which replace them by name.
    fn jar(&self, account: &Cookies) -> Cookies {
        let mut jar = account.clone();
        for (name, value) in self.shared.own_cookies.expose() {
            jar.set(name, value);
        }
        jar
    }

    /// The user's own headers; they replace the client's.
    fn own_headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.shared.config.extra_headers {
            let name = HeaderName::try_from(name.as_str()).map_err(|_| {
                bad_header(&format!("invalid header name `{}`", name.escape_debug()))
            })?;
            headers.append(name, secret(value.expose_secret())?);
        }
        Ok(headers)
    }
}

/// The cookie line of `jar` and one more pair.
fn with_cookie(jar: &Cookies, name: &str, value: &str) -> String {
    let line = jar.expose_line();
    let separator = if line.is_empty() { "" } else { "; " };
    format!("{line}{separator}{name}={value}")
}

fn bad_header(what: &str) -> Failure {
    Failure::new(Cause::BadRequest).with_details(what)
}

/// A header value that `Debug` hides.
fn secret(value: &str) -> Result<HeaderValue, Failure> {
    http::sensitive(value).ok_or_else(|| {
        bad_header("the token, the cookie or a header has a character that is invalid in headers")
    })
}

fn extend(url: &mut Url, segments: impl IntoIterator<Item: AsRef<str>>) {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
}

fn address(text: &str, what: &str) -> Result<Url> {
    http_url(text).ok_or_else(|| {
        Error::invalid(format!("invalid {what}"))
            .with_hint("use an address such as `https://chat.qwen.ai/api`")
    })
}

fn needs_tls(config: &ClientConfig, api: &Url, auth: &Url) -> bool {
    [api, auth].iter().any(|url| url.scheme() == "https") || config.proxy.is_some()
}

/// An HTTP client with up to `spare` pooled connections.
fn connections(config: &ClientConfig, needs_tls: bool, spare: usize) -> Result<reqwest::Client> {
    let proxy = match &config.proxy {
        Some(url) => Proxy::Given(url),
        None if config.ignore_environment_proxy => Proxy::Direct,
        None => Proxy::Environment,
    };
    let connections = Connections {
        connect_timeout: config.timeouts.connect,
        needs_tls,
        extra_ca_pem: config.extra_ca_pem.as_deref(),
        proxy,
    };
    let builder = connections
        .builder()?
        .pool_max_idle_per_host(spare)
        .default_headers(config.private_header.clone().into_iter().collect());
    http::build(builder)
}
