//! Who may come in, and how often: what every request passes before its handler sees it.
//!
//! Its client's address (`address`), the keys and tokens in its head (`credentials`), whose they are
//! (`holder`, `session`), the limits that hold for them (`limits`), what the route asks for (`need`),
//! and a place among the requests that are worked on (`inflight`).
//!
//! What this module keeps true: a key or session token of ours never goes upstream; a key that is
//! revoked or has expired, and every session that was begun with it, is refused the next time it is
//! used, and what it asked for before ends within about a second; how long an answer to a wrong key takes tells nothing about the right ones; counters and
//! queues are bounded.

mod address;
mod credentials;
mod holder;
mod inflight;
mod limits;
mod need;
mod rates;
mod session;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::header::HeaderMap;
use hyper::http::request;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

pub use credentials::{Credentials, Token, hash as token_hash};
pub use inflight::Place;
pub use limits::{network_of, too_many};
pub use need::Need;
use need::is_counted;
pub use rates::{CurrentRates, Rates};
pub use session::is_ours as is_session_token;

use super::call::Call;
use super::reply::Refusal;
use super::shared::{Subject, TokenHash};
use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result};
use holder::WrongKey;
use inflight::Places;
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
pub struct Access {
    options: AccessOptions,
    sessions: Sessions,
    places: Option<Places>,
}

/// What goes with a request that was let in, or with the refusal.
#[derive(Default)]
pub struct Admission {
    /// How the caller stands with the limits, for the head of the answer.
    pub headers: HeaderMap,
    /// The place among the requests that are worked on, until the answer is sent.
    pub place: Option<Place>,
}

impl Access {
    /// Decides as `options` say.
    pub fn new(options: AccessOptions) -> Self {
        let sessions = Sessions::new(options.session_secret.as_ref(), options.session_time);
        let places = options.max_inflight.map(|most| Places::new(most, options.max_queue));
        Self { options, sessions, places }
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
        match holder {
            Some(key) => holder::lost(key, self.options.keys.as_ref()).await,
            None => std::future::pending().await,
        }
    }

    /// A session token for the holder of `key` from `now` on, and when it ends, in seconds since 1970.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn session(&self, key: &ApiKey, now: i64) -> Result<(String, i64)> {
        self.sessions.begin(key, now)
    }

    fn counts(&self) -> bool {
        *self.options.rates.get() != Rates::default()
    }
}

/// Lets the request `call` in, or not. `admission` holds what is known by then in either case.
///
/// # Errors
/// 401 without a good key where one is needed, 403 if it does not allow this, 429 past a limit, 503 if
/// there is no place.
pub async fn admit(
    call: &mut Call,
    head: &request::Parts,
    admission: &mut Admission,
) -> Result<(), Refusal> {
    let state = Arc::clone(&call.state);
    let access = &state.access;
    call.address = address::client(call.peer, &head.headers, &access.options.trusted_proxies);
    let need = Need::of(&call.method, call.route);
    if need == Need::Nothing {
        return Ok(());
    }
    let (identified, now) = (identify(call).await, Instant::now());
    let subject = subject(call, now).await?;
    if is_counted(call.route) {
        limits::count(call, &subject, now, &mut admission.headers).await?;
    }
    match identified {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::RateLimited => return Err(error.into()),
        Err(_) if need == Need::Anybody => {}
        Err(error) => return Err(error.into()),
    }
    if let Need::Scope(scope) = need {
        holder::check(call.holder.as_ref(), scope, access.options.require_key)?;
    }
    if let (Some(places), true) = (&access.places, is_counted(call.route)) {
        admission.place = Some(places.enter().await?);
    }
    Ok(())
}

/// Finds out whose the key of the request is.
async fn identify(call: &mut Call) -> Result<()> {
    let state = Arc::clone(&call.state);
    let access = &state.access;
    let now = super::clock::now();
    let keys = access.options.keys.as_ref();
    match holder::find(&call.credentials.key, keys, &access.sessions, now).await {
        Ok(holder) => call.holder = holder,
        Err(WrongKey::Unreadable(error)) => return Err(error),
        Err(WrongKey::Refused(error)) => {
            limits::count_wrong_key(&state.shared, call.address).await?;
            return Err(error);
        }
    }
    Ok(())
}

/// Who is counted: the holder of a key, an account that is known to be the caller's, or an address.
async fn subject(call: &mut Call, now: Instant) -> Result<Subject> {
    if let Some(key) = &call.holder {
        return Ok(Subject::Key(key.id.clone()));
    }
    if let (Token::One(token), true) = (&call.credentials.token, call.state.access.counts()) {
        let hash: TokenHash = credentials::hash(token.expose_secret());
        match call.state.shared.accepted.account(hash, now).await? {
            Some(account) => return Ok(Subject::Account(account)),
            None => call.unproven = Some(hash),
        }
    }
    Ok(Subject::Address(network_of(call.address)))
}

/// The upstream has accepted the token that the caller brought: from now on it says whose it is.
pub async fn accepted(call: &Call) {
    if let (Some(hash), Some(account)) = (call.unproven, call.own_account()) {
        call.state.shared.accepted.remember(hash, account, Instant::now()).await;
    }
}

/// The keys cannot be read, which is not the caller's fault.
fn unreadable(fault: Error) -> Error {
    Error::new(ErrorKind::Internal, "the server cannot read its API keys")
        .with_hint("`qwenctl keys list` on the server's machine tells why")
        .caused_by(fault)
}
