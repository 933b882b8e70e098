//! One request, as the handlers see it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use hyper::http::request;
use hyper::{Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use warp::reply::Response;

use crate::app::connect::token_missing;
use crate::app::{Client, Session};
use crate::domain::{AccessToken, ApiKey, ChatId, Error, ErrorKind, Result, Tokens};
use crate::server::auth::trust::{Distrust, trust};
use crate::server::auth::{Credentials, Token, is_session_token};
use crate::server::cache::Found;
use crate::server::http::error_format::Shape;
use crate::server::http::response::{Recipient, json_bytes, shutting_down};
use crate::server::log::trace::Trace;
use crate::server::shared::TokenHash;
use crate::server::shutdown::Phase;
use crate::server::state::State;
use crate::server::table::{Endpoint, find};

/// One request: what its head says, and what all requests share.
pub(super) struct RequestContext {
    /// What all requests share.
    pub state: Arc<State>,
    /// Its id: the caller's own if that is harmless, else a new one.
    pub request_id: String,
    /// What it leaves behind.
    pub trace: Arc<Trace>,
    /// Its method; `GET` stands for `HEAD` too.
    pub method: Method,
    /// The path it asks for. A copy, as all of this is: what is read from a connection lies in one
    /// buffer, which a stream would otherwise hold on to from its first byte to its last.
    pub path: String,
    query: Option<String>,
    /// Its route.
    pub route: Endpoint,
    /// The type of its body, without parameters and in lower case.
    pub content_type: Option<String>,
    /// The header `Accept`.
    pub accept: String,
    /// Whether it asks for a stream of events by `Accept`.
    pub accepts_events: bool,
    /// The chat that a caller of the compatible APIs names in `X-Qwen-Chat-Id`.
    pub chat: Option<String>,
    /// Who is at the other end of the connection.
    pub peer: SocketAddr,
    /// Where the request comes from; behind a trusted proxy not the same as `peer`.
    pub address: IpAddr,
    /// What it says about its sender.
    pub credentials: Credentials,
    /// The API key that it was made with, once that is known to be good.
    pub holder: Option<ApiKey>,
    /// What to remember its token by, once the upstream has accepted it.
    pub unproven: Option<TokenHash>,
    trust: Result<(), Distrust>,
    asked_upstream: AtomicBool,
    token_refused: AtomicBool,
}

/// Where the token of a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The caller sent it.
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
            content_type: media_type(headers),
            accept: accept(headers),
            accepts_events: accepts_events(headers),
            chat: headers.get("x-qwen-chat-id").map(|id| text_or_nothing(id.to_str())),
            peer,
            address: peer.ip(),
            credentials: credentials(&head.uri, headers),
            holder: None,
            unproven: None,
            trust: trust(&state.names, peer, &head.uri, headers),
            asked_upstream: AtomicBool::new(false),
            token_refused: AtomicBool::new(false),
            state,
        }
    }

    /// The client, acting for the caller: with their own token, or with the server's if they brought
    /// none and have an API key or are trusted.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`], [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
    pub(super) fn session(&self) -> Result<(Session, Source)> {
        let found = match &self.credentials.token {
            Token::One(value) => (own_session(&self.state.client, value)?, Source::Header),
            Token::Unusable => return Err(unusable_authorization()),
            Token::None => {
                if self.holder.is_none() {
                    self.trust.clone().map_err(Distrust::into_error)?;
                }
                (self.state.own_session().ok_or_else(token_missing)?, Source::Server)
            }
        };
        self.asked_upstream.store(true, Ordering::Relaxed);
        let (session, source) = found;
        self.trace.set_account(&session.access_token());
        Ok((session.observed_by(Arc::clone(&self.trace) as _), source))
    }

    /// Whether the caller may use the server's own token, and there is one.
    pub(super) fn has_server_token(&self) -> bool {
        let is_trusted = self.trust.is_ok() && !self.state.access.requires_key();
        (self.holder.is_some() || is_trusted) && self.state.own_session().is_some()
    }

    /// The account that the caller's own token names, whether or not it is theirs.
    pub(super) fn own_account(&self) -> Option<String> {
        let Token::One(value) = &self.credentials.token else { return None };
        let token = AccessToken::parse(value.expose_secret()).ok()?;
        Some(token.claims().account_id.clone().unwrap_or_else(|| token.masked()))
    }

    /// The upstream did not accept the token, though the answer is a success.
    pub(super) fn note_refused_token(&self) {
        self.token_refused.store(true, Ordering::Relaxed);
    }

    /// Whether an answer with success means that the upstream accepted the token.
    pub(super) fn shows_acceptance(&self) -> bool {
        self.asked_upstream() && !self.token_refused.load(Ordering::Relaxed)
    }

    /// Refuses callers who may not see how the server works: those who are not trusted and have no key.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`].
    pub(super) fn may_operate(&self) -> Result<()> {
        if self.holder.is_some() {
            return Ok(());
        }
        self.trust.clone().map_err(Distrust::into_operating_error)
    }

    /// Waits until the request may not go on, and says why: the server ends, or the key that it was
    /// made with is good no more.
    pub(super) async fn must_end(&self) -> Error {
        tokio::select! {
            biased;
            () = self.state.shutdown.reached(Phase::Ending) => shutting_down(),
            error = self.state.access.lost(self.holder.as_ref()) => error,
        }
    }

    /// Whether a session was asked for, so that a result says something about the upstream.
    pub(super) fn asked_upstream(&self) -> bool {
        self.asked_upstream.load(Ordering::Relaxed)
    }

    /// What a refusal has to know of it.
    pub(super) fn recipient(&self) -> Recipient {
        Recipient::new(&self.request_id, &self.path)
    }

    /// A document that the cache may have had.
    pub(super) fn cached(&self, (document, found): (Bytes, Option<Found>)) -> Response {
        let mut response = json_bytes(StatusCode::OK, document);
        if let Some(found) = found {
            found.mark(&mut response);
            self.note_cache(found);
        }
        response
    }

    /// Takes note of what the cache had: a hit says nothing about the upstream.
    pub(super) fn note_cache(&self, found: Found) {
        if found == Found::Hit {
            self.asked_upstream.store(false, Ordering::Relaxed);
        }
    }

    /// The members of the query, decoded; of several with one name the first.
    pub(super) fn query(&self) -> HashMap<String, String> {
        let query = self.query.as_deref().unwrap_or_default();
        let mut members = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            members.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        members
    }
}

/// The chat that a segment of the path names.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] if it is not an id.
pub(super) fn chat_id(segment: &str) -> Result<ChatId> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map_err(|_| Error::invalid("not a chat id: it is not UTF-8"))?.parse()
}

fn own_session(client: &Client, value: &SecretString) -> Result<Session> {
    let access = AccessToken::parse(value.expose_secret())?;
    // As it was pasted it did not look like one of ours.
    if is_session_token(access.expose()) {
        return Err(unusable_authorization());
    }
    Ok(client.session(Tokens { access, refresh: None }, None))
}

fn unusable_authorization() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the access token of this request cannot be used")
        .with_hint(
            "send it once: as `Authorization: Bearer TOKEN`, or beside an API key as \
             `x-qwen-token: TOKEN`",
        )
}

/// SDKs have to send some key, also one that means nothing.
fn credentials(uri: &Uri, headers: &HeaderMap) -> Credentials {
    let credentials = Credentials::of(headers);
    if Shape::of(uri.path()).is_some() { credentials.of_an_sdk() } else { credentials }
}

/// What is no text is no chat id either, and is refused as such.
fn text_or_nothing<E>(text: Result<&str, E>) -> String {
    text.map_or_else(|_| String::new(), str::to_owned)
}

/// A client's own id is kept if it is safe in a header, a log line and a document.
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
