//! Authentication and authorization: API keys, sessions, tokens, scopes, and the trust in clients that may
//! use the server's own token.
//!
//! What this module keeps true: an API key or session token of this server never goes upstream; a key
//! that is revoked or expired, and every session started with it, is refused at its next use, and its
//! running requests end within about a second; the time that a wrong key takes to refuse reveals nothing
//! about the valid keys.

mod credentials;
mod keys;
mod session;
pub(crate) mod trust;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderMap;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

pub(super) use credentials::{Credentials, Token, hash as token_hash};
pub(super) use session::is_session as is_session_token;

use self::credentials::Key;
use self::keys::Keys;
use self::session::{SessionError, Sessions};
use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result, Scope};
use crate::server::http::client_ip;
use crate::server::http::response::ErrorResponse;
use crate::server::limits::concurrency::{RequestLimit, RequestSlot};
use crate::server::limits::rate::{CurrentRates, Rates};

/// The configuration of access and its limits.
#[derive(Clone)]
pub struct AccessOptions {
    /// The API keys; without them no key is valid.
    pub keys: Option<Arc<dyn Keyring>>,
    /// Whether local clients need a key, too.
    pub require_key: bool,
    /// Signs session tokens, so that they outlive the process; random if not set.
    pub session_secret: Option<SecretString>,
    /// The lifetime of a login session.
    pub session_time: Duration,
    /// The rate limits.
    pub rates: Arc<CurrentRates>,
    /// Proxies whose `X-Forwarded-For` and `Forwarded` are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// The maximum number of concurrent requests.
    pub max_inflight: Option<usize>,
    /// The maximum number of requests in the queue for that.
    pub max_queue: usize,
    /// Called when the first request that a proxy on this machine forwards is refused the server's token. Must
    /// not block.
    pub on_proxy: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Default for AccessOptions {
    fn default() -> Self {
        Self {
            keys: None,
            require_key: false,
            session_secret: None,
            session_time: Duration::from_hours(1),
            rates: Arc::default(),
            trusted_proxies: Vec::new(),
            max_inflight: None,
            max_queue: 64,
            on_proxy: None,
        }
    }
}

/// Why a key was not accepted.
pub(crate) enum KeyError {
    /// It is not valid.
    Refused(Error),
    /// The keys cannot be read.
    Unreadable(Error),
}

impl From<Error> for KeyError {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Internal => Self::Unreadable(error),
            _ => Self::Refused(error),
        }
    }
}

/// Authenticates and authorises requests.
pub(super) struct Access {
    options: AccessOptions,
    sessions: Sessions,
    requests: Option<RequestLimit>,
    keys: Option<Keys>,
}

impl Access {
    /// Access as `options` configure it.
    pub(super) fn new(options: AccessOptions) -> Self {
        Self {
            sessions: Sessions::new(options.session_secret.as_ref(), options.session_time),
            requests: options.max_inflight.map(|max| RequestLimit::new(max, options.max_queue)),
            keys: options.keys.clone().map(Keys::new),
            options,
        }
    }

    /// Whether every client needs a key.
    pub(super) fn requires_key(&self) -> bool {
        self.options.require_key
    }

    /// Reports that a proxy on this machine forwards requests.
    pub(super) fn report_proxy(&self) {
        if let Some(report) = &self.options.on_proxy {
            report();
        }
    }

    /// The address of the client of a request that `peer` sent with these headers.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        client_ip::client(peer, headers, &self.options.trusted_proxies)
    }

    /// The key with this text, if it is valid at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`], [`ErrorKind::TokenExpired`]; [`ErrorKind::Internal`] if the keys
    /// cannot be read.
    pub(super) async fn key(&self, text: &str, now: i64) -> Result<ApiKey> {
        let hash = crate::app::keys::hash(text);
        let key = match &self.keys {
            Some(keys) => keys.find(move |ring| ring.by_hash(&hash)).await?,
            None => None,
        };
        valid(key.ok_or_else(keys::unknown)?, now)
    }

    /// The key of a request with these credentials; `None` if it has none.
    ///
    /// # Errors
    /// If the key or session is not valid at `now` (seconds since 1970), or the keys cannot be read.
    pub(super) async fn holder(
        &self,
        credentials: &Credentials,
        now: i64,
    ) -> Result<Option<ApiKey>, KeyError> {
        match &credentials.key {
            Key::None => Ok(None),
            Key::Unusable => Err(KeyError::Refused(keys::unusable())),
            Key::Text(text) => Ok(Some(self.key(text.expose_secret(), now).await?)),
            Key::Session(token) => Ok(Some(self.session_key(token, now).await?)),
        }
    }

    async fn session_key(&self, token: &SecretString, now: i64) -> Result<ApiKey> {
        let id = self.sessions.check(token.expose_secret(), now).map_err(|error| match error {
            SessionError::Unknown => session::unknown(),
            SessionError::Expired => session::expired(),
        })?;
        let key = match &self.keys {
            Some(keys) => keys.find(move |ring| ring.by_id(&id)).await?,
            None => None,
        };
        valid(key.ok_or_else(session::unknown)?, now)
    }

    /// Whether `holder` may do what needs `scope`. Without a key the handler decides whose token is
    /// used, unless keys are required.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
    pub(super) fn check(&self, holder: Option<&ApiKey>, scope: Scope) -> Result<()> {
        match holder {
            Some(key) if key.scope >= scope => Ok(()),
            Some(key) => {
                let message = format!("this API key may only {}", key.scope.about());
                Err(Error::new(ErrorKind::Forbidden, message)
                    .with_hint(format!("use a key with the scope `{scope}`")))
            }
            None if self.options.require_key => {
                Err(Error::new(ErrorKind::TokenMissing, "this server requires an API key")
                    .with_hint("send one as `Authorization: Bearer qk-…` or `x-api-key: qk-…`"))
            }
            None => Ok(()),
        }
    }

    /// Waits until the key of a running request is revoked or expires, and returns the error; without a
    /// key it waits for ever.
    pub(super) async fn revoked(&self, holder: Option<&ApiKey>) -> Error {
        match (holder, &self.keys) {
            (Some(key), Some(keys)) => keys.revoked(&key.id).await,
            _ => std::future::pending().await,
        }
    }

    /// A session token for the holder of `key` from `now` on, and its end, in seconds since 1970.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub(super) fn session(&self, key: &ApiKey, now: i64) -> Result<(String, i64)> {
        self.sessions.begin(key, now)
    }

    /// The rate limits in force.
    pub(super) fn rates(&self) -> Arc<Rates> {
        self.options.rates.get()
    }

    /// Waits for a slot among the concurrent requests; `None` if their number is not limited.
    ///
    /// # Errors
    /// 503 if the queue is full or the wait takes too long.
    pub(super) async fn slot(&self) -> Result<Option<RequestSlot>, ErrorResponse> {
        match &self.requests {
            Some(limit) => limit.enter().await.map(Some),
            None => Ok(None),
        }
    }
}

fn valid(key: ApiKey, now: i64) -> Result<ApiKey> {
    if key.has_expired(now) { Err(keys::expired()) } else { Ok(key) }
}
