//! Authentication and authorization: API keys, sessions, tokens, scopes, and who may use the server's own token.
//!
//! What this module keeps true: a key or session token of ours never goes upstream; a key that is revoked
//! or expired, and every session started with it, is refused at its next use, and its running requests end
//! within about a second; the time that a wrong key takes to refuse says nothing about the valid keys.

mod credentials;
mod keys;
mod revocation;
mod session;
pub(crate) mod trust;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderMap;
use ipnet::IpNet;
use secrecy::SecretString;

pub(super) use crate::server::auth::keys::WrongKey;
pub(super) use crate::server::limits::concurrency::Place;
pub(super) use crate::server::limits::network::{
    count, count_wrong_key, limits_for, network_of, too_many,
};
pub use crate::server::limits::rates::{CurrentRates, Rates};
pub(super) use credentials::{Credentials, Token, hash as token_hash};
pub(super) use session::is_ours as is_session_token;

use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result, Scope};
use crate::server::auth::revocation::RevocationWatch;
use crate::server::http::response::ErrorResponse;
use crate::server::limits::concurrency::Places;
use session::Sessions;

/// Who may come in, and how often.
#[derive(Clone)]
pub struct AccessOptions {
    /// The API keys; without them every key is a wrong one.
    pub keys: Option<Arc<dyn Keyring>>,
    /// Whether callers on this machine need a key as well.
    pub require_key: bool,
    /// Signs session tokens, so that they outlive the process; a random one without it.
    pub session_secret: Option<SecretString>,
    /// How long a session lasts.
    pub session_time: Duration,
    /// How often a caller may do what.
    pub rates: Arc<CurrentRates>,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// How many requests are worked on at a time; any number without it.
    pub max_inflight: Option<usize>,
    /// How many more may wait for that.
    pub max_queue: usize,
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
        }
    }
}

/// Decides who may come in.
pub(super) struct Access {
    options: AccessOptions,
    sessions: Sessions,
    places: Option<Places>,
    revocations: Option<RevocationWatch>,
}

impl Access {
    /// Decides as `options` say.
    pub(super) fn new(options: AccessOptions) -> Self {
        let sessions = Sessions::new(options.session_secret.as_ref(), options.session_time);
        let places = options.max_inflight.map(|most| Places::new(most, options.max_queue));
        let revocations = options.keys.clone().map(RevocationWatch::new);
        Self { options, sessions, places, revocations }
    }

    /// Whether nobody may do without a key.
    pub(super) fn requires_key(&self) -> bool {
        self.options.require_key
    }

    /// The key with this text, if it is good at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`], [`ErrorKind::TokenExpired`]; [`ErrorKind::Internal`] if the keys
    /// cannot be read.
    pub(super) async fn key(&self, text: &str, now: i64) -> Result<ApiKey> {
        crate::server::auth::keys::by_key(self.options.keys.as_ref(), text, now).await
    }

    /// Waits until `holder` may not go on; without a key that is never.
    ///
    /// Returns why.
    pub(super) async fn lost(&self, holder: Option<&ApiKey>) -> Error {
        match (holder, &self.revocations) {
            (Some(key), Some(revocations)) => {
                revocations.until(&key.id, crate::server::auth::keys::lost).await
            }
            _ => std::future::pending().await,
        }
    }

    /// A session token for the holder of `key` from `now` on, and when it ends, in seconds since 1970.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(super) fn session(&self, key: &ApiKey, now: i64) -> Result<(String, i64)> {
        self.sessions.begin(key, now)
    }

    /// Where a request comes from that `peer` sent with these `headers`.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        crate::server::http::client_ip::client(peer, headers, &self.options.trusted_proxies)
    }

    /// The key that a request with these credentials was made with; `None` if it brought none.
    ///
    /// # Errors
    /// If it is not good at `now` (seconds since 1970), or that cannot be known.
    pub(super) async fn holder(
        &self,
        brought: &Credentials,
        now: i64,
    ) -> Result<Option<ApiKey>, WrongKey> {
        crate::server::auth::keys::find(
            &brought.key,
            self.options.keys.as_ref(),
            &self.sessions,
            now,
        )
        .await
    }

    /// Whether `holder` may do what needs `scope`. Without a key it is up to the handler whose token is
    /// used, unless keys are required.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
    pub(super) fn check(&self, holder: Option<&ApiKey>, scope: Scope) -> Result<()> {
        crate::server::auth::keys::check(holder, scope, self.options.require_key)
    }

    /// The limits that hold at the moment.
    pub(super) fn rates(&self) -> Arc<Rates> {
        self.options.rates.get()
    }

    /// Waits for a place among the requests that are worked on; `None` if any number of them is.
    ///
    /// # Errors
    /// 503 if too many wait already, or the wait gets long.
    pub(super) async fn place(&self) -> Result<Option<Place>, ErrorResponse> {
        match &self.places {
            Some(places) => places.enter().await.map(Some),
            None => Ok(None),
        }
    }
}

/// The keys cannot be read, which is not the caller's fault.
fn unreadable(fault: Error) -> Error {
    Error::new(ErrorKind::Internal, "the server cannot read its API keys")
        .with_hint("`qwenctl keys list` on the server's machine tells why")
        .caused_by(fault)
}
