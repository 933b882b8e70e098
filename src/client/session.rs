//! The client acting for one account.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::ClientConfig;
use super::account::{Account, Link};
use super::body::Patience;
use super::classify::{Answer, JsonBody};
use super::failure::{Cause, Failure};
use super::notice::Notice;
use super::observer::Observer;
use super::retry;
use super::transport::{Call, Transport};
use crate::domain::{AccessToken, Error, ErrorKind, Result, TokenStore, Tokens, User};

/// What all callers share: connections, headers, timers, and work that outlives its caller.
#[derive(Clone)]
pub struct Client(Link);

impl Client {
    /// A client for `config`. Makes no connection yet.
    ///
    /// # Errors
    /// If an address, a header, the proxy or a certificate is not one.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let transport = Transport::new(config)?;
        Ok(Self(Link { transport, background: TaskTracker::new() }))
    }

    /// Acts with `tokens`; new ones are written to `store`. The total timer begins now.
    pub fn session(&self, tokens: Tokens, store: Option<Arc<dyn TokenStore>>) -> Session {
        Session {
            patience: Patience::start(&self.0.transport.config().timeouts),
            link: self.0.clone(),
            account: Arc::new(Account::new(tokens, store)),
        }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    /// Waits for what was left in the background, as long as a stop call may take: stop calls, and
    /// refreshes whose tokens have to be stored.
    pub async fn settle(&self) {
        let longest = self.0.transport.config().timing.stop;
        self.0.background.close();
        let _ = tokio::time::timeout(longest, self.0.background.wait()).await;
        self.0.background.reopen();
    }
}

/// The client acting for one account.
#[derive(Clone)]
pub struct Session {
    link: Link,
    account: Arc<Account>,
    patience: Patience,
}

impl Session {
    /// The access token in use now.
    pub fn access_token(&self) -> AccessToken {
        self.account.access()
    }

    /// Gets new tokens now, by whichever way the account has, and stores them. An upstream that
    /// gives no new token leaves the old one (protocol F7). Where it does not say whose they are,
    /// the token does.
    ///
    /// # Errors
    /// `TokenExpired` if the upstream refuses; or that they cannot be stored.
    pub async fn refresh(&self) -> Result<(AccessToken, User)> {
        let (token, user) = self.account.refresh_now(&self.link, self.patience).await?;
        let user = match user {
            Some(user) => user,
            None => self.user().await.unwrap_or_else(|_| User {
                id: token.claims().account_id.clone().unwrap_or_default(),
                email: String::new(),
                name: String::new(),
            }),
        };
        Ok((token, user))
    }

    /// The same account for another action: it shares the tokens, and the total timer begins now. For
    /// callers that keep a session for longer than one action.
    #[must_use]
    pub fn restarted(&self) -> Self {
        self.with_patience(Patience::start(&self.config().timeouts))
    }

    /// The same session, with `observer` watching the calls that are made through it.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        let transport = self.link.transport.observed_by(observer);
        Self { link: Link { transport, ..self.link.clone() }, ..self.clone() }
    }

    /// The access token in use now, and the refresh token if there is one.
    pub fn tokens(&self) -> Tokens {
        self.account.tokens()
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.link.transport
    }

    pub(super) fn config(&self) -> &ClientConfig {
        self.transport().config()
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn background(&self) -> &TaskTracker {
        &self.link.background
    }

    /// The same session with other timers.
    pub(super) fn with_patience(&self, patience: Patience) -> Self {
        Self { patience, ..self.clone() }
    }

    pub(super) fn tell(&self, notice: Notice) {
        self.config().notices.send(notice);
    }

    /// Makes a request, again where that is safe: after a refresh if the upstream does not accept
    /// the token, and after transient failures.
    pub(super) async fn call(&self, call: &Call) -> Result<JsonBody> {
        Ok(self.attempts(call).await?)
    }

    /// The same, for callers to whom the cause of a failure matters.
    pub(super) async fn attempts(&self, call: &Call) -> Result<JsonBody, CallError> {
        let mut made = 0;
        let mut refreshed = false;
        let mut unsure = false;
        let mut call = Cow::Borrowed(call);
        loop {
            let token = self.account.fresh(&self.link, self.patience).await?;
            made += 1;
            let failure = match self.transport().json(&call, &token, self.patience).await {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            if failure.cause == Cause::Auth && !std::mem::replace(&mut refreshed, true) {
                self.reauthenticate(&token, failure).await?;
                continue;
            }
            let may_repeat = call.repeatable || failure.was_never_sent();
            let delay =
                retry::delay(&failure, made, self.config().timing.backoff).filter(|_| may_repeat);
            let Some(delay) = delay else {
                let cause = Some(failure.cause);
                return Err(CallError { unsure, cause, error: failure.into_error() });
            };
            unsure |= failure.may_have_been_accepted();
            if failure.may_have_been_accepted() {
                call = Cow::Owned(call.into_owned().afresh());
            }
            self.tell(Notice::Retrying { reason: failure.reason(), delay });
            self.wait(failure, delay).await?;
        }
    }

    /// Waits before another attempt, and gives the failure back. If there is no time for that, it
    /// stands.
    pub(super) async fn wait(&self, failure: Failure, delay: Duration) -> Result<Failure> {
        if self.patience.ends_within(delay) {
            return Err(failure.into_error());
        }
        sleep(delay).await;
        Ok(failure)
    }

    /// One refresh after a rejected token, which gives the failure back. The rejection stays the
    /// error, unless the refresh failed for a reason of its own that the user can do something about.
    pub(super) async fn reauthenticate(
        &self,
        rejected: &AccessToken,
        failure: Failure,
    ) -> Result<Failure> {
        use ErrorKind::{BrowserCheck, RateLimited, Timeout, UpstreamUnreachable};
        match self.account.refresh(rejected, &self.link, self.patience).await {
            Ok(token) if token != *rejected => Ok(failure),
            Err(error)
                if matches!(
                    error.kind(),
                    BrowserCheck | RateLimited | Timeout | UpstreamUnreachable
                ) =>
            {
                Err(error)
            }
            _ => Err(failure.into_error()),
        }
    }

    /// A failure without the secrets of this session.
    pub(super) fn conceal(&self, failure: Failure) -> Failure {
        self.transport().conceal(failure, &self.access_token())
    }

    /// Opens a stream, once. The token is the one to blame if it is not accepted.
    pub(super) async fn open(&self, call: &Call) -> Result<Result<Answer, (Failure, AccessToken)>> {
        let token = self.account.fresh(&self.link, self.patience).await?;
        let answer = self.transport().stream(call, &token, self.patience).await;
        Ok(answer.map_err(|failure| (failure, token)))
    }
}

/// Why a call failed, for callers to whom the cause matters.
pub(super) struct CallError {
    /// Whether an attempt before the last one may have been accepted.
    pub unsure: bool,
    /// The cause of the last one.
    pub cause: Option<Cause>,
    /// What the user is told.
    pub error: Error,
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self { unsure: false, cause: None, error }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        error.error
    }
}
