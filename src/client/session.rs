//! The client acting for one account.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use super::ClientConfig;
use super::account::Account;
use super::body::Patience;
use super::classify::{Answer, JsonBody};
use super::failure::{Cause, Failure};
use super::notice::Notice;
use super::retry;
use super::transport::{Call, Transport};
use crate::domain::{AccessToken, Result, TokenStore, Tokens, User};

/// What all callers share: connections, headers, timers.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    /// Stop calls that go on after their caller has left.
    background: TaskTracker,
}

impl Client {
    /// A client for `config`. Makes no connection yet.
    ///
    /// # Errors
    /// If an address, a header, the proxy or a certificate is not one.
    pub fn new(config: ClientConfig) -> Result<Self> {
        Ok(Self { transport: Arc::new(Transport::new(config)?), background: TaskTracker::new() })
    }

    /// Acts with `tokens`; new ones are written to `store`. The total timer begins now.
    pub fn session(&self, tokens: Tokens, store: Option<Arc<dyn TokenStore>>) -> Session {
        Session {
            patience: Patience::start(&self.transport.config().timeouts),
            client: self.clone(),
            account: Arc::new(Account::new(tokens, store)),
        }
    }

    /// Waits until the stop calls are made that were left in the background, as long as one may take.
    pub async fn settle(&self) {
        let longest = self.transport.config().timing.stop;
        self.background.close();
        let _ = tokio::time::timeout(longest, self.background.wait()).await;
        self.background.reopen();
    }
}

/// The client acting for one account.
#[derive(Clone)]
pub struct Session {
    client: Client,
    account: Arc<Account>,
    patience: Patience,
}

impl Session {
    /// The access token in use now.
    pub fn access_token(&self) -> AccessToken {
        self.account.access()
    }

    /// Gets new tokens now, by whichever way the account has, and stores them.
    ///
    /// # Errors
    /// `TokenExpired` if the upstream gives none; or that they cannot be stored.
    pub async fn refresh(&self) -> Result<(AccessToken, User)> {
        let (token, user) = self.account.refresh_now(self.transport(), self.patience).await?;
        let user = match user {
            Some(user) => user,
            None => self.user().await?,
        };
        Ok((token, user))
    }

    /// The same account for another action: it shares the tokens, and the total timer begins now. For
    /// callers that keep a session for longer than one action.
    #[must_use]
    pub fn restarted(&self) -> Self {
        self.with_patience(Patience::start(&self.config().timeouts))
    }

    /// The access token in use now, and the refresh token if there is one.
    pub fn tokens(&self) -> Tokens {
        self.account.tokens()
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.client.transport
    }

    pub(super) fn config(&self) -> &ClientConfig {
        self.transport().config()
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn background(&self) -> &TaskTracker {
        &self.client.background
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
        Ok(self.attempts(call).await.map(|(body, _)| body)?)
    }

    /// The same, with the number of attempts that it took.
    pub(super) async fn attempts(&self, call: &Call) -> Result<(JsonBody, u32), CallError> {
        let mut made = 0;
        let mut refreshed = false;
        loop {
            let token = self
                .account
                .fresh(self.transport(), self.patience)
                .await
                .map_err(CallError::plain)?;
            made += 1;
            let failure = match self.transport().json(call, &token, self.patience).await {
                Ok(body) => return Ok((body, made)),
                Err(failure) => failure,
            };
            if failure.cause == Cause::Auth && !std::mem::replace(&mut refreshed, true) {
                self.reauthenticate(&token, failure).await.map_err(CallError::plain)?;
                continue;
            }
            let may_repeat = call.repeatable || failure.was_never_sent();
            let delay =
                retry::delay(&failure, made, self.config().timing.backoff).filter(|_| may_repeat);
            let Some(delay) = delay else {
                return Err(CallError {
                    made,
                    cause: Some(failure.cause),
                    error: failure.into_error(),
                });
            };
            self.tell(Notice::Retrying { reason: failure.reason(), delay });
            self.patience
                .wait(tokio::time::sleep(delay))
                .await
                .map_err(|f| CallError::plain(f.into_error()))?;
        }
    }

    /// One refresh after a rejected token; the rejection stays the error if it brings nothing.
    pub(super) async fn reauthenticate(
        &self,
        rejected: &AccessToken,
        failure: Failure,
    ) -> Result<()> {
        match self.account.refresh(rejected, self.transport(), self.patience).await {
            Ok(token) if token != *rejected => Ok(()),
            _ => Err(failure.into_error()),
        }
    }

    /// Opens a stream, once. The token is the one to blame if it is not accepted.
    pub(super) async fn open(&self, call: &Call) -> Result<Result<Answer, (Failure, AccessToken)>> {
        let token = self.account.fresh(self.transport(), self.patience).await?;
        let answer = self.transport().stream(call, &token, self.patience).await;
        Ok(answer.map_err(|failure| (failure, token)))
    }
}

/// Why a call failed, for callers to whom the cause matters.
pub(super) struct CallError {
    /// Attempts that were made.
    pub made: u32,
    /// The cause of the last one.
    pub cause: Option<Cause>,
    /// What the user is told.
    pub error: crate::domain::Error,
}

impl CallError {
    fn plain(error: crate::domain::Error) -> Self {
        Self { made: 0, cause: None, error }
    }
}

impl From<CallError> for crate::domain::Error {
    fn from(error: CallError) -> Self {
        error.error
    }
}
