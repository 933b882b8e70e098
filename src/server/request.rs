//! The context of one request, for its handler.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use hyper::http::request;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use warp::reply::Response;

use crate::app::token_missing;
use crate::app::{Client, Session};
use crate::domain::{AccessToken, ApiKey, ChatId, Error, ErrorKind, Result, Scope, Tokens};
use crate::net::address::is_loopback;
use crate::server::auth::trust::{Distrust, is_foreign, trust};
use crate::server::auth::{Credentials, Token, is_session_token};
use crate::server::cache::Found;
use crate::server::http::error_format::Shape;
use crate::server::http::response::{Recipient, json_bytes, shutting_down};
use crate::server::limits::concurrency::RequestSlot;
use crate::server::limits::rate::{count, limits_for, network_of};
use crate::server::log::Trace;
use crate::server::options::OwnAccount;
use crate::server::shared::{Subject, TokenHash};
use crate::server::state::Phase;
use crate::server::state::State;
use crate::server::table::{Endpoint, find};

/// One request: what its head says, and what all requests share.
pub(super) struct RequestContext {
    /// What all requests share.
    pub state: Arc<State>,
    /// Its id: the client's own if that is harmless, else a new one.
    pub request_id: String,
    /// Its record for log and metrics.
    pub trace: Arc<Trace>,
    /// Its method; `GET` stands for `HEAD` too.
    pub method: Method,
    /// Its path. This is a copy, as is the rest: slices of the connection's read buffer would keep that
    /// alive as long as a stream runs.
    pub path: String,
    query: Option<String>,
    /// Its route.
    pub route: Endpoint,
    /// The format of errors that its client expects; `None` is the envelope.
    pub shape: Option<Shape>,
    /// When it arrived.
    pub arrived: tokio::time::Instant,
    /// The type of its body, without parameters and in lower case.
    pub content_type: Option<String>,
    /// The character set of its body, in lower case.
    pub charset: Option<String>,
    /// The header `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// The header `Accept`.
    pub accept: String,
    /// Whether `Accept` requests a stream of events.
    pub accepts_events: bool,
    /// The chat that a client of the compatible APIs names in `X-Qwen-Chat-Id`.
    pub chat: Option<String>,
    /// How it has `X-Qwen-Tools` offer tools to the model of an account.
    pub tools: Option<String>,
    /// Whether it requests in `X-Qwenctl-Force` that a prompt is sent although its quota is used up.
    pub forces: bool,
    /// The address at the other end of the connection.
    pub peer: SocketAddr,
    /// The address of the client; behind a trusted proxy not the same as `peer`.
    pub address: IpAddr,
    /// Its API key and Qwen token.
    pub credentials: Credentials,
    /// Its API key, once that is known to be valid.
    pub holder: Option<ApiKey>,
    /// The subject of its limits, once it is admitted.
    pub subject: Option<Subject>,
    /// The hash of its token, if the upstream has not confirmed that yet.
    pub unproven: Option<TokenHash>,
    /// Its slot among the concurrent requests, which its response holds. A task that outlives the
    /// response has to hold it, too.
    pub slot: Weak<RequestSlot>,
    trust: Result<(), Distrust>,
    /// Whether a page of another origin has sent it.
    is_foreign: bool,
    token_refused: AtomicBool,
}

/// The origin of the token of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The client sent it.
    Header,
    /// It is the server's own.
    Server,
}

impl Source {
    /// The word in `token/info`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Server => "server",
        }
    }
}

impl RequestContext {
    /// The request with this head, from `peer`.
    pub(super) fn new(state: Arc<State>, peer: SocketAddr, head: &request::Parts) -> Self {
        let headers = &head.headers;
        let shape = Shape::of_request(head.uri.path(), headers);
        let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
        let request_id = request_id(headers);
        let trace = Trace::new(request_id.clone(), Arc::clone(&state.metrics), state.log.clone());
        Self {
            request_id,
            trace: Arc::new(trace),
            route: find(&method, head.uri.path()),
            method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            shape,
            arrived: tokio::time::Instant::now(),
            content_type: media_type(headers),
            charset: charset(headers),
            content_encoding: content_encoding(headers),
            accept: accept(headers),
            accepts_events: accepts_events(headers),
            chat: headers.get("x-qwen-chat-id").map(|id| text_or_nothing(id.to_str())),
            tools: headers.get("x-qwen-tools").map(|mode| text_or_nothing(mode.to_str())),
            forces: headers.get("x-qwenctl-force").is_some_and(|value| value == "true"),
            peer,
            address: peer.ip(),
            credentials: credentials(shape, headers),
            holder: None,
            subject: None,
            unproven: None,
            slot: Weak::new(),
            trust: trust(&state.names, peer, head),
            is_foreign: is_foreign(head),
            token_refused: AtomicBool::new(false),
            state,
        }
    }

    /// The upstream session of the request: with the client's own token, or with the server's if it has
    /// none and holds an API key or is trusted.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`], [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
    pub(super) fn session(&self) -> Result<(Session, Source)> {
        let found = match &self.credentials.token {
            Token::One(value) => (own_session(&self.state.client, value)?, Source::Header),
            Token::Unusable => return Err(unusable_authorization()),
            Token::None => {
                if self.holder.is_none() {
                    if matches!(self.trust, Err(Distrust::Far | Distrust::OldHttp))
                        && is_loopback(self.peer.ip())
                    {
                        self.state.note_proxy();
                    }
                    self.trust.clone().map_err(Distrust::into_error)?;
                }
                (self.state.own_session().ok_or_else(token_missing)?, Source::Server)
            }
        };
        let (session, source) = found;
        self.trace.set_account(&session.access_token());
        Ok((session.observed_by(Arc::clone(&self.trace) as _), source))
    }

    /// Whether the server has a token of its own that this client may use.
    pub(super) fn has_server_token(&self) -> bool {
        let is_trusted = self.trust.is_ok() && !self.state.access.requires_key();
        (self.holder.is_some() || is_trusted) && self.state.own_session().is_some()
    }

    /// The account that the client's own token claims.
    pub(super) fn own_account(&self) -> Option<String> {
        let Token::One(value) = &self.credentials.token else { return None };
        let token = AccessToken::parse(value.expose_secret()).ok()?;
        Some(token.claims().account_id.clone().unwrap_or_else(|| token.masked()))
    }

    /// Records that the upstream refused the token, although the response is a success.
    pub(super) fn note_refused_token(&self) {
        self.token_refused.store(true, Ordering::Relaxed);
    }

    /// Whether a response with success means that the upstream accepted the token.
    pub(super) fn shows_acceptance(&self) -> bool {
        self.trace.has_proof() && !self.token_refused.load(Ordering::Relaxed)
    }

    /// Records that the upstream has accepted the client's token: from now on it identifies an account.
    pub(super) async fn confirm_account(&self) {
        if let (Some(hash), Some(account)) = (self.unproven, self.own_account()) {
            self.state.shared.accepted.remember(hash, account, Instant::now()).await;
        }
    }

    /// The subject of limits for a client that no key and no account identifies.
    pub(super) fn network(&self) -> Subject {
        let network = network_of(self.address);
        match &self.trust {
            Err(Distrust::Foreign | Distrust::Host(_)) => Subject::Pages(network),
            Ok(()) | Err(Distrust::Far | Distrust::OldHttp) => Subject::Address(network),
        }
    }

    /// Refuses clients that may not see the operation of the server: those without key and trust.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`].
    pub(super) fn may_operate(&self) -> Result<()> {
        if self.holder.is_some() {
            return Ok(());
        }
        let only = "only reports on its operation";
        self.trust.clone().map_err(|distrust| distrust.into_operating_error(only))
    }

    /// The server's own account, for a client that may replace it: one with an API key, whose scope is
    /// checked elsewhere, or a trusted one. Never for a page of another origin.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`].
    pub(super) fn account_to_change(&self) -> Result<&OwnAccount> {
        const ONLY: &str = "only stores a token";
        if self.is_foreign {
            return Err(Distrust::Foreign.into_operating_error(ONLY));
        }
        if self.holder.is_none() {
            self.trust.clone().map_err(|distrust| distrust.into_operating_error(ONLY))?;
        }
        self.state.account.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Forbidden, "this server was started without a token of its own")
                .with_hint("start it without `--no-server-token`")
        })
    }

    /// The upstream session of a client of the Model Context Protocol, or why there is none yet.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] for a page of another origin; else as with [`Self::session`], except that the
    /// server's own token may be missing.
    pub(super) fn mcp_session(&self) -> Result<Result<(Session, Source)>> {
        if self.is_foreign {
            return Err(Distrust::Foreign.into_operating_error("only answers `/mcp`"));
        }
        let is_known = self.holder.is_some() || self.trust.is_ok();
        match self.session() {
            Err(error) if is_known && error.kind() == ErrorKind::TokenMissing => Ok(Err(error)),
            session => session.map(Ok),
        }
    }

    /// Counts a prompt of a request whose route usually sends none.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] past a limit.
    pub(super) async fn count_prompt(&self) -> Result<()> {
        let Some(who) = &self.subject else { return Ok(()) };
        let rates = self.state.access.rates();
        let [(name, tally, _), prompts] = limits_for(&rates, self.holder.as_ref(), true);
        let tallies = [(name, tally, &[][..]), prompts];
        count(&self.state.shared, who, tallies, Instant::now(), &mut HeaderMap::new()).await
    }

    /// Whether the client may replace the server's own account.
    pub(super) fn may_change_account(&self) -> bool {
        let has_scope = match &self.holder {
            Some(key) => key.scope >= Scope::Admin,
            None => !self.state.access.requires_key(),
        };
        has_scope && self.account_to_change().is_ok_and(OwnAccount::has_store)
    }

    /// Waits until the request has to end, and returns the error: the server ends, or the key of the
    /// request is revoked or expires.
    pub(super) async fn must_end(&self) -> Error {
        tokio::select! {
            biased;
            () = self.state.shutdown.reached(Phase::Ending) => shutting_down(),
            error = self.state.access.revoked(self.holder.as_ref()) => error,
        }
    }

    /// Whether the result reflects the upstream.
    pub(super) fn asked_upstream(&self) -> bool {
        self.trace.upstream().0 > 0
    }

    /// What an error response needs of it.
    pub(super) fn recipient(&self) -> Recipient {
        Recipient::new(&self.request_id, self.shape)
    }

    /// The response with a document that may come from the cache.
    pub(super) fn cached((document, found): (Bytes, Option<Found>)) -> Response {
        Self::marked(json_bytes(StatusCode::OK, document), found)
    }

    /// Marks a response with the result of the cache.
    pub(super) fn marked(mut response: Response, found: Option<Found>) -> Response {
        if let Some(found) = found {
            found.mark(&mut response);
        }
        response
    }

    /// The decoded parameters of the query; the first of several with one name.
    pub(super) fn query(&self) -> HashMap<String, String> {
        let query = self.query.as_deref().unwrap_or_default();
        let mut members = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            members.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        members
    }
}

/// The chat id in a segment of the path.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] if it is not an id.
pub(super) fn chat_id(segment: &str) -> Result<ChatId> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map_err(|_| Error::invalid("the chat id is not UTF-8"))?.parse()
}

/// A parameter that is on or off.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] if it is neither.
pub(super) fn switch(name: &str, value: &str) -> Result<bool> {
    match value {
        "true" | "1" | "" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Error::invalid(format!("`{name}` must be true or false"))),
    }
}

fn own_session(client: &Client, value: &SecretString) -> Result<Session> {
    let access = AccessToken::parse(value.expose_secret())?;
    // Only after parsing does it look like a session token.
    if is_session_token(access.expose()) {
        return Err(unusable_authorization());
    }
    Ok(client.session(Tokens::from(access), None))
}

fn unusable_authorization() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the access token of this request cannot be used")
        .with_hint(
            "send it once: as `Authorization: Bearer TOKEN`, or beside an API key as \
             `x-qwen-token: TOKEN`",
        )
}

/// SDKs have to send some key, even a meaningless one.
fn credentials(shape: Option<Shape>, headers: &HeaderMap) -> Credentials {
    let credentials = Credentials::of(headers);
    if shape.is_some() { credentials.of_an_sdk() } else { credentials }
}

/// Anything but text is refused later, as an invalid chat id.
fn text_or_nothing<E>(text: Result<&str, E>) -> String {
    text.map_or_else(|_| String::new(), str::to_owned)
}

/// The client's own id is kept if it is safe in a header, a log line and a document.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    let own = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(harmless);
    own.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn charset(headers: &HeaderMap) -> Option<String> {
    let parameters = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').skip(1);
    let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    Some(value.trim().trim_matches('"').to_ascii_lowercase())
}

fn content_encoding(headers: &HeaderMap) -> Option<String> {
    let values =
        headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    Some(values.collect::<Vec<_>>().join(",")).filter(|value| !value.is_empty())
}

fn accept(headers: &HeaderMap) -> String {
    let value = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    kinds.any(|value| {
        value.split(',').any(|kind| {
            let mut parts = kind.split(';').map(str::trim);
            let is_events =
                parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"));
            is_events && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}
