//! The tokens of one account and their refresh. One caller at a time refreshes, in this process and among
//! all processes that share the store: a refresh token may work only once (protocol 2.4).

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::body::Patience;
use super::classify::JsonBody;
use super::failure::{Cause, Failure, TOKEN_HINT};
use super::observer::Notice;
use super::transport::{Call, Credentials, Transport};
use super::wire::chat;
use super::wire::envelope::Envelope;
use crate::domain::time::now;
use crate::domain::{
    AccessToken, Cookies, Error, ErrorKind, RefreshToken, Result, StoreLock, TokenState,
    TokenStore, Tokens, User,
};

/// Remaining lifetime in seconds below which a token is refreshed before use (protocol 14.3).
const MARGIN: i64 = 60;

/// Timeout of one response of the account service; other callers wait for the lock meanwhile.
const LONGEST_REFRESH: Duration = Duration::from_secs(20);
/// Time after which no further attempt starts, so that all attempts end before other callers give up.
const LAST_ATTEMPT: Duration = Duration::from_secs(8);

/// The connections, and the tasks that outlive their caller.
#[derive(Clone)]
pub(super) struct Upstream {
    /// The connections.
    pub transport: Transport,
    /// Background tasks.
    pub background: TaskTracker,
}

/// The tokens of one account.
pub(super) struct Account {
    tokens: RwLock<Tokens>,
    /// Stored tokens that are used up, because their successors could not be stored.
    used_up: RwLock<Option<Tokens>>,
    store: Option<Arc<dyn TokenStore>>,
    turn: tokio::sync::Mutex<()>,
}

impl Account {
    /// Starts with `tokens`; writes new ones to `store`.
    pub(super) fn new(tokens: Tokens, store: Option<Arc<dyn TokenStore>>) -> Self {
        let tokens = RwLock::new(tokens);
        Self { tokens, used_up: RwLock::default(), store, turn: tokio::sync::Mutex::new(()) }
    }

    /// The current access token.
    pub(super) fn access(&self) -> AccessToken {
        self.read().access
    }

    /// What authenticates a request with `access`.
    pub(super) fn credentials(&self, access: &AccessToken) -> Credentials {
        Credentials { access: access.clone(), cookies: self.read().cookies }
    }

    /// All current tokens.
    pub(super) fn tokens(&self) -> Tokens {
        self.read()
    }

    fn read(&self) -> Tokens {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether these tokens are the stored ones whose successors could not be stored.
    fn is_used_up(&self, stored: &Tokens) -> bool {
        self.used_up.read().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(stored)
    }

    fn replace(&self, tokens: Tokens) {
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
    }

    /// Whether the access token expires soon.
    pub(super) fn is_due(&self) -> bool {
        self.access().expires_within(MARGIN, now())
    }

    /// An access token for the next request, refreshed if it expires soon.
    ///
    /// # Errors
    /// [`ErrorKind::TokenExpired`] if the token has expired and cannot be refreshed.
    pub(super) async fn fresh(
        self: &Arc<Self>,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<AccessToken> {
        let tokens = self.read();
        let now = now();
        if !tokens.access.expires_within(MARGIN, now) {
            return Ok(tokens.access);
        }
        let expired = matches!(tokens.access.state(now), TokenState::Expired { .. });
        if expired && tokens.refresh.is_none() {
            let stored = self.adopt_stored(&tokens.access, patience).await;
            return stored.ok_or_else(expired_for_good);
        }
        match self.refresh(&tokens.access, upstream, patience).await {
            Ok(token) => Ok(token),
            Err(_) if !expired => Ok(tokens.access),
            Err(error) => Err(error),
        }
    }

    /// Replaces the tokens of `stale`, unless another caller has done so meanwhile. A failure to store the
    /// new token is a notice, not an error.
    pub(super) async fn refresh(
        self: &Arc<Self>,
        stale: &AccessToken,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<AccessToken> {
        let renewed = self.renew(stale, upstream, patience).await?;
        if let Err(error) = renewed.stored {
            let warning = format!(
                "the new tokens are only in memory, because they could not be stored: {error}; correct that \
                 before the next refresh, or sign in again after this process and run `qwenctl token set`"
            );
            upstream.transport.config().notices.send(Notice::Warning(warning));
        }
        Ok(renewed.access)
    }

    /// The same on the user's request: a failure to store the token is an error. Returns the owner of the
    /// token where the upstream names one.
    pub(super) async fn refresh_now(
        self: &Arc<Self>,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<(AccessToken, Option<User>)> {
        let stale = self.access();
        let renewed = self.renew(&stale, upstream, patience).await?;
        renewed.stored.map_err(|error| {
            error.with_hint(
                "the stored tokens are used up, and the new ones are only in the memory of this process: \
                 correct that, or sign in again at https://chat.qwen.ai and run `qwenctl token set`",
            )
        })?;
        Ok((renewed.access, renewed.user))
    }

    /// Runs as a task of its own: the refresh token is used up after the request, so a dropped caller must
    /// not prevent the write to the store.
    async fn renew(
        self: &Arc<Self>,
        stale: &AccessToken,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<Renewed> {
        let (account, stale, task) = (Arc::clone(self), stale.clone(), upstream.clone());
        let patience = Patience { idle: patience.idle.min(LONGEST_REFRESH), ..patience };
        let renewal = async move { account.renew_in_turn(&stale, &task.transport, patience).await };
        upstream.background.spawn(renewal).await.map_err(task_failed)?
    }

    async fn renew_in_turn(
        &self,
        stale: &AccessToken,
        transport: &Transport,
        patience: Patience,
    ) -> Result<Renewed> {
        let _turn = self.turn.lock().await;
        let tokens = self.read();
        if tokens.access != *stale {
            return Ok(Renewed { access: tokens.access, user: None, stored: Ok(()) });
        }
        let (lock, in_store) = self.lock_store(patience).await?.unzip();
        let in_store = in_store.flatten();
        let tokens = match in_store.clone().filter(|stored| !self.is_used_up(stored)) {
            Some(stored) if supersedes(&stored, stale) => {
                self.replace(stored.clone());
                return Ok(Renewed { access: stored.access, user: None, stored: Ok(()) });
            }
            // The refresh token of an older pair may be used up.
            Some(stored) if is_same_account(&stored, stale) => stored,
            _ => tokens,
        };
        let (new, user) = request(&tokens, transport, patience).await.map_err(refused)?;
        self.replace(new.clone());
        let stored = match lock {
            Some(lock) if new != tokens => {
                let stored = write(lock, new.clone()).await;
                let used_up = stored.is_err().then_some(in_store).flatten();
                *self.used_up.write().unwrap_or_else(PoisonError::into_inner) = used_up;
                stored
            }
            _ => Ok(()),
        };
        Ok(Renewed { access: new.access, user, stored })
    }

    /// A token that another process has stored meanwhile.
    async fn adopt_stored(&self, stale: &AccessToken, patience: Patience) -> Option<AccessToken> {
        let (_, stored) = self.lock_store(patience).await.ok()??;
        let stored =
            stored.filter(|stored| supersedes(stored, stale) && !self.is_used_up(stored))?;
        self.replace(stored.clone());
        Some(stored.access)
    }

    async fn lock_store(&self, patience: Patience) -> Result<Option<Locked>> {
        let Some(store) = self.store.clone() else { return Ok(None) };
        let locking = blocking(move || {
            let lock = store.lock()?;
            let stored = lock.read()?;
            Ok(Some((lock, stored)))
        });
        patience.wait(locking).await.map_err(Failure::into_error)?
    }
}

/// The locked store and its content.
type Locked = (Box<dyn StoreLock>, Option<Tokens>);

struct Renewed {
    access: AccessToken,
    user: Option<User>,
    /// Whether the new tokens are in the store.
    stored: Result<()>,
}

fn is_same_account(stored: &Tokens, stale: &AccessToken) -> bool {
    stored.access.claims().account_id == stale.claims().account_id
}

/// Whether `stored` replaces `stale` and is still valid.
fn supersedes(stored: &Tokens, stale: &AccessToken) -> bool {
    is_same_account(stored, stale)
        && stored.access != *stale
        && !stored.access.expires_within(MARGIN, now())
}

async fn write(mut lock: Box<dyn StoreLock>, tokens: Tokens) -> Result<()> {
    blocking(move || lock.write(&tokens)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(task_failed)?
}

fn task_failed(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Internal, "a task failed").caused_by(error)
}

async fn request(
    tokens: &Tokens,
    transport: &Transport,
    patience: Patience,
) -> Result<(Tokens, Option<User>), Failure> {
    match &tokens.refresh {
        Some(refresh) => Ok((by_refresh_token(refresh, tokens, transport, patience).await?, None)),
        None => by_access_token(tokens, transport, patience).await,
    }
}

/// Calls `ask` again after failures that `may_pass`, with the delays of any other request. The argument
/// of `ask` is true for a repeated attempt, which avoids pooled connections. For callers that hold the
/// lock of the store.
async fn repeated<Asked: Future<Output = Result<JsonBody, Failure>>>(
    transport: &Transport,
    patience: Patience,
    may_pass: fn(&Failure) -> bool,
    ask: impl Fn(bool) -> Asked,
) -> Result<JsonBody, Failure> {
    let config = transport.config();
    let (began, mut made) = (Instant::now(), 0);
    loop {
        let failure = match ask(made > 0).await {
            Ok(body) => return Ok(body),
            Err(failure) => failure,
        };
        made += 1;
        let delay = failure.retry_delay(made, config.timing.backoff);
        let delay = delay.filter(|delay| {
            let is_in_time = began.elapsed() + *delay < LAST_ATTEMPT;
            may_pass(&failure) && is_in_time && !patience.ends_within(*delay)
        });
        let Some(delay) = delay else { return Err(failure) };
        config.notices.send(Notice::Retrying { reason: failure.reason(), delay });
        tokio::time::sleep(delay).await;
    }
}

/// Protocol 2.4: the tokens come in the body or as cookies.
async fn by_refresh_token(
    refresh: &RefreshToken,
    tokens: &Tokens,
    transport: &Transport,
    patience: Patience,
) -> Result<Tokens, Failure> {
    let body = repeated(transport, patience, Failure::was_never_sent, |_| {
        transport.refresh(refresh, &tokens.cookies, patience)
    });
    let body = body.await?;
    new_tokens(&body, refresh, tokens.cookies.clone())
        .map_err(|failure| failure.without(&[refresh.expose()]))
}

/// The tokens of a refresh, and `cookies` with every cookie that it sets. A refresh token that is only
/// deleted stays: whether it is dead is for the next refresh to say.
fn new_tokens(
    body: &JsonBody,
    refresh: &RefreshToken,
    mut cookies: Cookies,
) -> Result<Tokens, Failure> {
    let data = body.parse::<Envelope<chat::Refreshed>>("tokens")?.data.unwrap_or_default();
    let (mut token, mut next) = (None, None);
    for (name, value) in body.set_cookies(now()) {
        match name {
            "token" if !value.is_empty() => token = Some(value.to_owned()),
            "refresh_token" if !value.is_empty() => next = Some(value.to_owned()),
            _ => cookies.set(name, value),
        }
    }
    let access = data.access_token.non_empty().or(data.token.non_empty()).or(token);
    let access = access.and_then(|token| AccessToken::parse(&token).ok());
    let access = access.ok_or_else(|| body.failure("a refresh without a new access token"))?;
    let next = data.refresh_token.non_empty().or(next);
    let next = next.and_then(|token| RefreshToken::parse(&token).ok());
    Ok(Tokens { access, refresh: Some(next.unwrap_or_else(|| refresh.clone())), cookies })
}

/// Protocol 2.3: the response may carry a new token; otherwise the current one stays.
async fn by_access_token(
    tokens: &Tokens,
    transport: &Transport,
    patience: Patience,
) -> Result<(Tokens, Option<User>), Failure> {
    let call = Call::get(&["v1", "auths", ""]);
    let again = call.clone().afresh();
    let Tokens { access, cookies, .. } = tokens.clone();
    let credentials = Credentials { access, cookies };
    let body = repeated(transport, patience, Failure::is_transient, |is_again| {
        transport.json(if is_again { &again } else { &call }, &credentials, patience)
    });
    let body = body.await?;
    let account = body.parse::<chat::WireAccount>("an account")?.unwrapped();
    let new = account.token().and_then(|token| AccessToken::parse(&token).ok());
    let user = account.user().ok_or_else(|| Failure::new(Cause::Auth))?;
    let access = new.unwrap_or(credentials.access);
    Ok((Tokens { access, ..tokens.clone() }, Some(user)))
}

fn refused(failure: Failure) -> Error {
    match failure.cause {
        Cause::Auth => {
            let request_id = failure.request_id.clone();
            expired_for_good().with_request_id(request_id).caused_by(failure.into_error())
        }
        _ => failure.into_error(),
    }
}

fn expired_for_good() -> Error {
    Error::new(ErrorKind::TokenExpired, "the access token has expired and could not be refreshed")
        .with_hint(TOKEN_HINT)
}
