//! The tokens of one account and their refresh. One caller at a time refreshes, in this process and among
//! all processes that share the store: a refresh token may work only once (protocol 2.4).
//!
//! New tokens are stored before they are used. A refresh token is dropped only if the account service says
//! that it is dead; it is then not sent again. Any other failure leaves the tokens as they are, and a valid
//! access token remains in use.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard, RwLock};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use super::body::Patience;
use super::classify::JsonBody;
use super::failure::{Cause, Failure, TOKEN_HINT};
use super::form::{Form, Habits};
use super::observer::Notice;
use super::transport::{Call, Credentials, Transport};
use super::uploads::Uploads;
use super::wire::chat;
use super::wire::envelope::Envelope;
use crate::domain::{
    AccessToken, Carrier, Cookies, Error, ErrorKind, RefreshToken, Result, StoreLock, TokenKind,
    TokenState, TokenStore, Tokens, User,
};

/// Remaining lifetime in seconds below which a token is refreshed before use (protocol 14.3). A turn may
/// take minutes, and recovery from the chat needs a valid token.
const MARGIN: i64 = 240;

/// Timeout of one response of the account service; other callers wait for the lock meanwhile.
const LONGEST_REFRESH: Duration = Duration::from_secs(20);
/// Time after which no further attempt starts, so that all attempts end before other callers give up.
const LAST_ATTEMPT: Duration = Duration::from_secs(8);
/// Longest delay of a request with a valid token; the refresh continues in the background.
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// Delay before a refresh of a valid token is attempted again after a failure.
const PAUSE: Duration = Duration::from_secs(30);

const SHARED_HINT: &str = "the account service rejects the refresh token; if a browser uses the same session, it and qwenctl \
     sign each other out: sign in to https://chat.qwen.ai in a private window, run `qwenctl token set` with \
     its cookies, and close the window without signing out";

/// The connections, and the tasks that outlive their caller.
#[derive(Clone)]
pub(super) struct Upstream {
    /// The connections.
    pub transport: Transport,
    /// Background tasks.
    pub background: TaskTracker,
    /// What the upstream accepts from each account.
    pub habits: Habits,
    /// What was uploaded.
    pub uploads: Uploads,
}

/// The tokens of one account.
pub(super) struct Account {
    tokens: RwLock<Tokens>,
    /// Stored tokens that are used up, because their successors could not be stored.
    used_up: RwLock<Option<Tokens>>,
    store: Option<Arc<dyn TokenStore>>,
    turn: tokio::sync::Mutex<()>,
    tried: Mutex<Tried>,
}

/// The attempts that need no repetition.
#[derive(Default)]
struct Tried {
    /// When a refresh last failed to give a token that lasts.
    failed: Option<Instant>,
    /// The token without a refresh token that was presented in place of one.
    session: Option<AccessToken>,
    /// The token that was rejected however it was carried.
    carriers: Option<AccessToken>,
}

/// Why tokens are refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// They expire soon.
    Ahead,
    /// They have expired or were rejected.
    Rejected,
    /// The user requests it.
    Command,
}

impl Account {
    /// Starts with `tokens`; writes new ones to `store`.
    pub(super) fn new(tokens: Tokens, store: Option<Arc<dyn TokenStore>>) -> Self {
        Self {
            tokens: RwLock::new(tokens),
            used_up: RwLock::default(),
            store,
            turn: tokio::sync::Mutex::new(()),
            tried: Mutex::default(),
        }
    }

    /// The current access token.
    pub(super) fn access(&self) -> AccessToken {
        self.read().access
    }

    /// The cookies that belong to the tokens.
    pub(super) fn cookies(&self) -> Cookies {
        self.read().cookies
    }

    /// How the upstream accepts the token, if not as configured.
    pub(super) fn carrier(&self) -> Option<Carrier> {
        self.read().carrier
    }

    /// Remembers how the upstream accepts `token`, also for later processes.
    pub(super) fn set_carrier(
        self: &Arc<Self>,
        token: &AccessToken,
        carrier: Carrier,
        upstream: &Upstream,
        patience: Patience,
    ) {
        let tokens = self.read();
        if tokens.access != *token || tokens.carrier == Some(carrier) {
            return;
        }
        self.replace(Tokens { carrier: Some(carrier), ..tokens });
        let (account, token) = (Arc::clone(self), token.clone());
        upstream.background.spawn(async move {
            let _turn = account.turn.lock().await;
            // It is found by trial again if it cannot be stored.
            if let Ok(Some((lock, Some(stored)))) = account.lock_store(patience).await
                && stored.access == token
            {
                let _ = write(lock, Tokens { carrier: Some(carrier), ..stored }).await;
            }
        });
    }

    /// All current tokens.
    pub(super) fn tokens(&self) -> Tokens {
        self.read()
    }

    fn read(&self) -> Tokens {
        self.tokens.read().clone()
    }

    fn tried(&self) -> MutexGuard<'_, Tried> {
        self.tried.lock()
    }

    /// Whether `token` was rejected however it was carried.
    pub(super) fn has_tried_carriers(&self, token: &AccessToken) -> bool {
        self.tried().carriers.as_ref() == Some(token)
    }

    /// Records that `token` was rejected however it was carried.
    pub(super) fn set_tried_carriers(&self, token: &AccessToken) {
        self.tried().carriers = Some(token.clone());
    }

    /// Whether these tokens are the stored ones whose successors could not be stored.
    fn is_used_up(&self, stored: &Tokens) -> bool {
        self.used_up.read().as_ref() == Some(stored)
    }

    fn replace(&self, tokens: Tokens) {
        *self.tokens.write() = tokens;
    }

    fn failed_lately(&self) -> bool {
        self.tried().failed.is_some_and(|at| at.elapsed() < PAUSE)
    }

    /// Whether the next request refreshes the access token first.
    pub(super) fn is_due(&self, now: i64) -> bool {
        let token = self.access();
        let is_expired = matches!(token.state(now), TokenState::Expired { .. });
        is_expired || (expires_soon(&token, now) && !self.failed_lately())
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
        let now = upstream.transport.now();
        let access = self.access();
        if !self.is_due(now) {
            return Ok(access);
        }
        if matches!(access.state(now), TokenState::Expired { .. }) {
            return self.refresh_as(Reason::Rejected, &access, upstream, patience).await;
        }
        let refresh = self.refresh_as(Reason::Ahead, &access, upstream, patience);
        match tokio::time::timeout(LONGEST_DELAY, refresh).await {
            Ok(Ok(token)) => Ok(token),
            Ok(Err(error)) => {
                let notice = format!("the access token could not be refreshed ahead: {error}");
                upstream.transport.config().notices.send(Notice::Odd(notice));
                Ok(access)
            }
            Err(_) => Ok(access),
        }
    }

    /// Replaces the tokens of `rejected`, unless another caller has done so meanwhile. A failure to store the
    /// new token is a notice, not an error.
    pub(super) async fn refresh(
        self: &Arc<Self>,
        rejected: &AccessToken,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<AccessToken> {
        self.refresh_as(Reason::Rejected, rejected, upstream, patience).await
    }

    async fn refresh_as(
        self: &Arc<Self>,
        reason: Reason,
        stale: &AccessToken,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<AccessToken> {
        let renewed = self.renew(reason, stale, upstream, patience).await?;
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
        let renewed = self.renew(Reason::Command, &stale, upstream, patience).await?;
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
        reason: Reason,
        stale: &AccessToken,
        upstream: &Upstream,
        patience: Patience,
    ) -> Result<Renewed> {
        let (account, stale, task) = (Arc::clone(self), stale.clone(), upstream.clone());
        let patience = Patience { idle: patience.idle.min(LONGEST_REFRESH), ..patience };
        let renewal =
            async move { account.renew_in_turn(reason, &stale, &task.transport, patience).await };
        upstream.background.spawn(renewal).await.map_err(task_failed)?
    }

    async fn renew_in_turn(
        &self,
        reason: Reason,
        stale: &AccessToken,
        transport: &Transport,
        patience: Patience,
    ) -> Result<Renewed> {
        let _turn = self.turn.lock().await;
        let tokens = self.read();
        if tokens.access != *stale || (reason == Reason::Ahead && self.failed_lately()) {
            return Ok(Renewed::unchanged(tokens.access));
        }
        let locked = match self.lock_store(patience).await {
            // Nothing can be used up.
            Err(_) if tokens.refresh.is_none() => None,
            locked => locked?,
        };
        let (lock, in_store) = locked.unzip();
        let in_store = in_store.flatten();
        let tokens = match in_store.clone().filter(|stored| !self.is_used_up(stored)) {
            Some(stored) if supersedes(&stored, stale, transport.now()) => {
                self.replace(stored.clone());
                return Ok(Renewed::unchanged(stored.access));
            }
            // The refresh token of an older pair may be used up, and the user may have signed in anew.
            Some(stored) => stored,
            None => tokens,
        };
        let answer = self.request(reason, &tokens, transport, patience).await;
        let lasts =
            answer.as_ref().is_ok_and(|(new, _)| !expires_soon(&new.access, transport.now()));
        self.tried().failed = (!lasts).then(Instant::now);
        let (new, user) = match answer {
            Ok(answer) => answer,
            Err(Refused::NoWay) => return Err(no_way(stale, transport.now())),
            Err(Refused::Failure(failure)) => return Err(unfinished(failure)),
            Err(Refused::Dead(failure)) => {
                let dead = Tokens { refresh: None, ..tokens };
                if let Some(lock) = lock {
                    // Without it, the next process hears the same once more.
                    let _ = write_after(lock, in_store, dead.clone()).await;
                }
                self.replace(dead);
                transport.config().notices.send(Notice::Warning(SHARED_HINT.to_owned()));
                return Err(dead_error(failure));
            }
        };
        let stored = match lock {
            Some(lock) if new != tokens => {
                let stored = write_after(lock, in_store.clone(), new.clone()).await;
                let used_up = stored.is_err().then_some(in_store).flatten();
                *self.used_up.write() = used_up;
                stored
            }
            _ => Ok(()),
        };
        self.replace(new.clone());
        Ok(Renewed { access: new.access, user, stored })
    }

    /// Gets new tokens for `tokens`: by the refresh token, or by a long token in its place, once.
    async fn request(
        &self,
        reason: Reason,
        tokens: &Tokens,
        transport: &Transport,
        patience: Patience,
    ) -> Result<(Tokens, Option<User>), Refused> {
        if tokens.refresh.is_some() {
            let answer = by_cookie(&Held::from(tokens), transport, patience).await;
            let answer = answer.map_err(|failure| {
                if is_dead(&failure) {
                    self.tried().session = Some(tokens.access.clone());
                    return Refused::Dead(failure);
                }
                Refused::Failure(failure)
            })?;
            return Ok((answer, None));
        }
        let is_expired = matches!(tokens.access.state(transport.now()), TokenState::Expired { .. });
        let is_command = reason == Reason::Command;
        // Without a store the new tokens would be lost with this session.
        if self.store.is_none() && !is_command {
            return Err(Refused::NoWay);
        }
        if tokens.access.kind() == TokenKind::Access || (is_expired && !is_command) {
            return Err(Refused::NoWay);
        }
        let is_first =
            self.tried().session.replace(tokens.access.clone()).as_ref() != Some(&tokens.access);
        if is_first || is_command {
            match by_cookie(&Held::from(tokens), transport, patience).await {
                Ok(new) => return Ok((new, None)),
                // The call is a trial: the rejection of the access token stays the error.
                Err(_) if !is_command => return Err(Refused::NoWay),
                Err(_) => {}
            }
        }
        if !is_command {
            return Err(Refused::NoWay);
        }
        transport.config().notices.send(Notice::Warning(OLD_CALL.to_owned()));
        by_access_token(tokens, transport, patience).await.map_err(Refused::Failure)
    }

    async fn lock_store(&self, patience: Patience) -> Result<Option<Locked>> {
        let Some(store) = self.store.clone() else { return Ok(None) };
        let locking = blocking(move || {
            let lock = store.lock()?;
            let stored = lock.read()?;
            Ok(Some((lock, stored)))
        });
        // The store has its own timeout, which names the cause; the upstream is not concerned.
        match patience.deadline {
            Some(end) => timeout_at(end, locking).await.unwrap_or_else(|_| Err(still_locked())),
            None => locking.await,
        }
    }
}

fn still_locked() -> Error {
    let message =
        "another qwenctl process is refreshing the access token, and the total timeout has ended";
    Error::new(ErrorKind::Timeout, message)
        .with_hint("wait for that process or end it, then try again; or raise `--max-time`")
}

const OLD_CALL: &str = "without a refresh token the old address for tokens is used, which may sign the browser out; \
     `qwenctl token set` with the browser's cookies avoids that";

/// Why there are no new tokens.
enum Refused {
    /// There is nothing to get them with.
    NoWay,
    /// The refresh token is dead.
    Dead(Failure),
    /// Any other failure, which is no verdict on the tokens.
    Failure(Failure),
}

/// The locked store and its content.
type Locked = (Box<dyn StoreLock>, Option<Tokens>);

struct Renewed {
    access: AccessToken,
    user: Option<User>,
    /// Whether the new tokens are in the store.
    stored: Result<()>,
}

impl Renewed {
    fn unchanged(access: AccessToken) -> Self {
        Self { access, user: None, stored: Ok(()) }
    }
}

/// Whether a token is to be refreshed before use. One of a short lifetime is used for half of it.
fn expires_soon(token: &AccessToken, now: i64) -> bool {
    let half = token.lifetime().map_or(MARGIN, |lifetime| lifetime / 2);
    token.expires_within(half.min(MARGIN), now)
}

/// Whether `stored` replaces `stale` and is still valid.
fn supersedes(stored: &Tokens, stale: &AccessToken, now: i64) -> bool {
    stored.access != *stale && !expires_soon(&stored.access, now)
}

async fn write(mut lock: Box<dyn StoreLock>, tokens: Tokens) -> Result<()> {
    blocking(move || lock.write(&tokens)).await
}

/// Writes `tokens` if the store still holds `before`: a new sign-in is never overwritten.
async fn write_after(
    mut lock: Box<dyn StoreLock>,
    before: Option<Tokens>,
    tokens: Tokens,
) -> Result<()> {
    blocking(move || if lock.read()? == before { lock.write(&tokens) } else { Ok(()) }).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(task_failed)?
}

fn task_failed(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Internal, "a task failed").caused_by(error)
}

/// Whether the account service says that the refresh token is dead (protocol 2.4): by status and code, never
/// by words, which it translates.
fn is_dead(failure: &Failure) -> bool {
    let code = failure.code.as_deref().unwrap_or_default();
    let code: String = code.chars().filter(|c| c.is_alphanumeric()).collect();
    let is_refusal = matches!(
        code.to_ascii_lowercase().as_str(),
        "unauthorized" | "forbidden" | "invalidtoken" | "tokeninvalid" | "tokenexpired" | "401"
    );
    match (failure.cause, failure.status) {
        (Cause::BrowserCheck, _) => false,
        (_, Some(401)) => true,
        (_, Some(200..300 | 403)) => is_refusal,
        _ => false,
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

/// What a refresh begins with: a refresh token, or a long access token in its place.
struct Held<'a> {
    access: Option<&'a AccessToken>,
    refresh: Option<&'a RefreshToken>,
    cookies: &'a Cookies,
    carrier: Option<Carrier>,
}

impl<'a> From<&'a Tokens> for Held<'a> {
    fn from(tokens: &'a Tokens) -> Self {
        let Tokens { access, refresh, cookies, carrier } = tokens;
        Self { access: Some(access), refresh: refresh.as_ref(), cookies, carrier: *carrier }
    }
}

/// The first tokens of a refresh token.
///
/// # Errors
/// [`ErrorKind::TokenExpired`] if the account service refuses it.
pub(super) async fn sign_in(
    refresh: &RefreshToken,
    cookies: &Cookies,
    transport: &Transport,
    patience: Patience,
) -> Result<Tokens> {
    let held = Held { access: None, refresh: Some(refresh), cookies, carrier: None };
    by_cookie(&held, transport, patience).await.map_err(|failure| {
        if is_dead(&failure) { dead_error(failure) } else { unfinished(failure) }
    })
}

/// Protocol 2.4: the tokens come in the body or as cookies.
async fn by_cookie(
    held: &Held<'_>,
    transport: &Transport,
    patience: Patience,
) -> Result<Tokens, Failure> {
    let cookie = match (held.refresh, held.access) {
        (Some(refresh), _) => ("refresh_token", refresh.expose()),
        (None, Some(access)) => ("token", access.expose()),
        (None, None) => return Err(Failure::new(Cause::Auth)),
    };
    let body = repeated(transport, patience, Failure::was_never_sent, |_| {
        transport.refresh(held.cookies, cookie, patience)
    });
    let body = body.await?;
    new_tokens(&body, held, transport.now()).map_err(|failure| {
        let refresh = held.refresh.map(RefreshToken::expose);
        let access = held.access.map(AccessToken::expose);
        let secrets: Vec<&str> = refresh.into_iter().chain(access).collect();
        failure.without(&secrets)
    })
}

/// The tokens of a refresh, and the cookies with every one that it sets. A refresh token that is only
/// deleted stays: whether it is dead is for the next refresh to say.
fn new_tokens(body: &JsonBody, old: &Held<'_>, now: i64) -> Result<Tokens, Failure> {
    let data = body.parse::<Envelope<chat::Refreshed>>("tokens")?.data.unwrap_or_default();
    let mut cookies = old.cookies.clone();
    let (mut token, mut next) = (None, None);
    for (name, value) in body.set_cookies(now) {
        match name {
            "token" if !value.is_empty() => token = Some(value.to_owned()),
            "refresh_token" if !value.is_empty() => next = Some(value.to_owned()),
            _ => cookies.set(name, value),
        }
    }
    let candidates = [data.access_token.non_empty(), data.token.non_empty(), token];
    let access = candidates.into_iter().flatten().find_map(|token| AccessToken::parse(&token).ok());
    let access = access.ok_or_else(|| body.failure("a refresh without a new access token"))?;
    let id = access.claims().account_id.as_ref();
    let old_id = old.access.and_then(|access| access.claims().account_id.as_ref());
    if id.zip(old_id).is_some_and(|(id, old)| id != old) {
        return Err(body.failure("a refresh with the token of another account"));
    }
    let next = data.refresh_token.non_empty().or(next);
    let next = next.and_then(|token| RefreshToken::parse(&token).ok());
    let refresh = next.or_else(|| old.refresh.cloned());
    Ok(Tokens { access, refresh, cookies, carrier: old.carrier })
}

/// Protocol 2.3, the old call: the response may carry a new token; otherwise the current one stays.
async fn by_access_token(
    tokens: &Tokens,
    transport: &Transport,
    patience: Patience,
) -> Result<(Tokens, Option<User>), Failure> {
    let call = Call::get(&["v1", "auths", ""]);
    let again = call.clone().afresh();
    let Tokens { access, cookies, .. } = tokens.clone();
    let credentials = Credentials { access, cookies, form: Form::default() };
    let body = repeated(transport, patience, Failure::is_transient, |is_again| {
        transport.json(if is_again { &again } else { &call }, &credentials, patience)
    });
    let body = body.await?;
    let account = body.parse::<chat::WireAccount>("an account")?.unwrapped();
    let new = account.token().and_then(|token| AccessToken::parse(&token).ok());
    let user = account.user().ok_or_else(|| Failure::new(Cause::Auth))?;
    Ok((Tokens { access: new.unwrap_or(credentials.access), ..tokens.clone() }, Some(user)))
}

/// The error of a refresh that is no verdict on the tokens.
fn unfinished(failure: Failure) -> Error {
    match failure.cause {
        // A page of a gateway, or a redirect.
        Cause::Auth => Failure { cause: Cause::Gateway, ..failure }.into_error(),
        Cause::BadRequest | Cause::Malformed => {
            let request_id = failure.request_id.clone();
            let what = failure.details.clone().unwrap_or_default();
            let message =
                format!("internal error: the account service rejects the refresh: {what}");
            Error::new(ErrorKind::Internal, message)
                .with_request_id(request_id)
                .caused_by(failure.into_error())
        }
        _ => failure.into_error(),
    }
}

fn no_way(stale: &AccessToken, now: i64) -> Error {
    if matches!(stale.state(now), TokenState::Expired { .. }) {
        return expired_for_good();
    }
    Error::new(ErrorKind::TokenInvalid, "there is no refresh token to renew the access token with")
        .with_hint("run `qwenctl token set` with the cookies of https://chat.qwen.ai, which include `refresh_token`")
}

/// The error for a dead refresh token, with the words of the service in its language.
fn dead_error(failure: Failure) -> Error {
    let request_id = failure.request_id.clone();
    let has_words = failure.details.is_some();
    let theirs = failure.into_error();
    let mut error = expired_for_good();
    if has_words {
        let words = theirs.message().split_once(": ").map_or(theirs.message(), |(_, words)| words);
        let message = format!("{} (the service says: {words})", error.message());
        error = Error::new(ErrorKind::TokenExpired, message).with_hint(TOKEN_HINT);
    }
    error.with_request_id(request_id).caused_by(theirs)
}

fn expired_for_good() -> Error {
    Error::new(ErrorKind::TokenExpired, "the access token has expired and could not be refreshed")
        .with_hint(TOKEN_HINT)
}
