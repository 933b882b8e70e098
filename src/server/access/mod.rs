//! Who may come in, and how often: what `admission` asks about every request.
//!
//! Its client's address (`address`), the keys and tokens in its head (`credentials`), whose they are
//! (`holder`, `session`) and for how long (`vigil`), the limits that hold for them (`limits`), what the route asks for (`need`),
//! and a place among the requests that are worked on (`inflight`).
//!
//! What this module keeps true: a key or session token of ours never goes upstream; a key that is
//! revoked or has expired, and every session that was begun with it, is refused the next time it is
//! used, and what it asked for before ends within about a second; how long an answer to a wrong key
//! takes tells nothing about the right ones; counters and queues are bounded.

mod address;
mod credentials;
mod holder;
mod inflight;
mod limits;
mod need;
mod rates;
mod session;
mod vigil;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderMap;
use ipnet::IpNet;
use secrecy::SecretString;

pub use credentials::{Credentials, Token, hash as token_hash};
pub use holder::WrongKey;
pub use inflight::Place;
pub use limits::{count, count_wrong_key, limits_for, network_of, too_many};
pub use need::{Need, is_counted, is_prompt};
pub use rates::{CurrentRates, Rates};
pub use session::is_ours as is_session_token;

use super::reply::Refusal;
use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result, Scope};
use inflight::Places;
use session::Sessions;
use vigil::Vigil;

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
pub struct Access {
    options: AccessOptions,
    sessions: Sessions,
    places: Option<Places>,
    vigil: Option<Vigil>,
}

impl Access {
    /// Decides as `options` say.
    pub fn new(options: AccessOptions) -> Self {
        let sessions = Sessions::new(options.session_secret.as_ref(), options.session_time);
        let places = options.max_inflight.map(|most| Places::new(most, options.max_queue));
        let vigil = options.keys.clone().map(Vigil::new);
        Self { options, sessions, places, vigil }
    }

    /// Whether nobody may do without a key.
    pub fn requires_key(&self) -> bool {
        self.options.require_key
    }

    /// The key with this text, if it is good at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`], [`ErrorKind::TokenExpired`]; [`ErrorKind::Internal`] if the keys
    /// cannot be read.
    pub async fn key(&self, text: &str, now: i64) -> Result<ApiKey> {
        holder::by_key(self.options.keys.as_ref(), text, now).await
    }

    /// Waits until `holder` may not go on; without a key that is never.
    ///
    /// Returns why.
    pub async fn lost(&self, holder: Option<&ApiKey>) -> Error {
        match (holder, &self.vigil) {
            (Some(key), Some(vigil)) => vigil.until(&key.id, holder::lost).await,
            _ => std::future::pending().await,
        }
    }

    /// A session token for the holder of `key` from `now` on, and when it ends, in seconds since 1970.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn session(&self, key: &ApiKey, now: i64) -> Result<(String, i64)> {
        self.sessions.begin(key, now)
    }

    /// Where a request comes from that `peer` sent with these `headers`.
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        address::client(peer, headers, &self.options.trusted_proxies)
    }

    /// The key that a request with these credentials was made with; `None` if it brought none.
    ///
    /// # Errors
    /// If it is not good at `now` (seconds since 1970), or that cannot be known.
    pub async fn holder(
        &self,
        brought: &Credentials,
        now: i64,
    ) -> Result<Option<ApiKey>, WrongKey> {
        holder::find(&brought.key, self.options.keys.as_ref(), &self.sessions, now).await
    }

    /// Whether `holder` may do what needs `scope`. Without a key it is up to the handler whose token is
    /// used, unless keys are required.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
    pub fn check(&self, holder: Option<&ApiKey>, scope: Scope) -> Result<()> {
        holder::check(holder, scope, self.options.require_key)
    }

    /// The limits that hold at the moment.
    pub fn rates(&self) -> Arc<Rates> {
        self.options.rates.get()
    }

    /// Waits for a place among the requests that are worked on; `None` if any number of them is.
    ///
    /// # Errors
    /// 503 if too many wait already, or the wait gets long.
    pub async fn place(&self) -> Result<Option<Place>, Refusal> {
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
