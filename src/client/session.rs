//! The client acting for one account.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::ClientConfig;
use super::account::{Account, Upstream};
use super::body::Patience;
use super::classify::{JsonBody, ResponseBody};
use super::failure::{Cause, Failure};
use super::form::{Form, Habits, Remedies};
use super::observer::{Notice, Observer};
use super::transport::{Call, Credentials, Transport};
use super::uploads::Uploads;
use crate::domain::{
    AccessToken, Carrier, Cookies, Error, ErrorKind, RefreshToken, Result, TokenKind, TokenState,
    TokenStore, Tokens, User,
};
use crate::net::http;

const LONG_TOKEN: &str = "this looks like the old long token, which the service refuses: copy the value of \
     `qwen_access_token_state` (developer tools of the browser > Application > Local storage > \
     https://chat.qwen.ai) and run `qwenctl token set`";

/// Timeout for the models in a first contact, which may come from a slow engine.
const MODELS_PATIENCE: Duration = Duration::from_secs(5);

/// What all sessions share: connections, headers, timeouts, and background tasks.
#[derive(Clone)]
pub struct Client(Upstream);

impl Client {
    /// A client for `config`. Makes no connection yet.
    ///
    /// # Errors
    /// If an address, a header, the proxy or a certificate is invalid.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let transport = Transport::new(config)?;
        let (habits, uploads) = (Habits::default(), Uploads::default());
        Ok(Self(Upstream { transport, background: TaskTracker::new(), habits, uploads }))
    }

    /// A session with `tokens`; new ones are written to `store`. Starts the total timeout.
    pub fn session(&self, tokens: Tokens, store: Option<Arc<dyn TokenStore>>) -> Session {
        Session {
            patience: Patience::start(&self.0.transport.config().timeouts),
            upstream: self.0.clone(),
            account: Arc::new(Account::new(tokens, store)),
        }
    }

    /// The first tokens of a refresh token that comes without an access token.
    ///
    /// # Errors
    /// [`ErrorKind::TokenExpired`] if the account service refuses it.
    pub async fn sign_in(&self, refresh: &RefreshToken, cookies: &Cookies) -> Result<Tokens> {
        let patience = Patience::start(&self.0.transport.config().timeouts);
        super::account::sign_in(refresh, cookies, &self.0.transport, patience).await
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    /// Waits for background tasks (stop requests, token refreshes), at most as long as a stop request may
    /// take.
    pub async fn settle(&self) {
        settle(&self.0).await;
    }
}

async fn settle(upstream: &Upstream) {
    let longest = upstream.transport.config().timing.stop;
    upstream.background.close();
    let _ = tokio::time::timeout(longest, upstream.background.wait()).await;
    upstream.background.reopen();
}

/// The client acting for one account.
#[derive(Clone)]
pub struct Session {
    upstream: Upstream,
    account: Arc<Account>,
    patience: Patience,
}

impl Session {
    /// The current access token.
    pub fn access_token(&self) -> AccessToken {
        self.account.access()
    }

    /// Refreshes the tokens now and stores them. An upstream without a new token leaves the old one
    /// (protocol F7). The owner comes from the upstream, or else from the token.
    ///
    /// # Errors
    /// `TokenExpired` if the upstream refuses; an error of the store if the tokens cannot be written.
    pub async fn refresh(&self) -> Result<(AccessToken, User)> {
        let (token, user) = self.account.refresh_now(&self.upstream, self.patience).await?;
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

    /// The same account for another action: shares the tokens and restarts the total timeout. For callers
    /// that keep a session longer than one action.
    #[must_use]
    pub fn restarted(&self) -> Self {
        self.with_patience(Patience::start(&self.config().timeouts))
    }

    /// The same session, with `observer` for its requests.
    #[must_use]
    pub fn observed_by(&self, observer: Arc<dyn Observer>) -> Self {
        let transport = self.upstream.transport.observed_by(observer);
        Self { upstream: Upstream { transport, ..self.upstream.clone() }, ..self.clone() }
    }

    /// As [`Client::settle`].
    pub async fn settle(&self) {
        settle(&self.upstream).await;
    }

    /// The current access token, and the refresh token if the account has one.
    pub fn tokens(&self) -> Tokens {
        self.account.tokens()
    }

    /// How requests carry the access token: as configured, or as the upstream has accepted it since.
    pub fn carrier(&self) -> Carrier {
        let learned = self.upstream.habits.of(&self.access_token()).carrier;
        learned.unwrap_or(self.config().carrier)
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.upstream.transport
    }

    pub(super) fn config(&self) -> &ClientConfig {
        self.transport().config()
    }

    pub(super) fn uploads(&self) -> &Uploads {
        &self.upstream.uploads
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    pub(super) fn background(&self) -> &TaskTracker {
        &self.upstream.background
    }

    /// The same session with other timeouts.
    pub(super) fn with_patience(&self, patience: Patience) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Passes a warning to the user.
    pub fn warn(&self, text: String) {
        self.notify(Notice::Warning(text));
    }

    pub(super) fn notify(&self, notice: Notice) {
        self.config().notices.send(notice);
    }

    /// Makes a request with retries where they are safe: after a refresh of a rejected token, and after
    /// transient failures.
    pub(super) async fn call(&self, call: &Call) -> Result<JsonBody> {
        Ok(self.attempts(call).await?)
    }

    /// The same, for callers that need the cause of a failure.
    pub(super) async fn attempts(&self, call: &Call) -> Result<JsonBody, CallError> {
        let mut made = 0;
        let mut remedies = Remedies::default();
        let mut unsure = false;
        let mut call = Cow::Borrowed(call);
        loop {
            let token = self.account.fresh(&self.upstream, self.patience).await?;
            made += 1;
            let credentials = self.credentials(&remedies, &token);
            let failure = match self.transport().json(&call, &credentials, self.patience).await {
                Ok(body) => {
                    self.learn(&remedies, &token);
                    return Ok(body);
                }
                Err(failure) => failure,
            };
            if self.is_rejected(&token, &remedies, &failure) {
                let creates_chat = call.creates_chat();
                let failed = |error| CallError { unsure, cause: Some(Cause::Auth), error };
                // Boxed, because it is rare and large.
                let remedy = Box::pin(self.remedy(&mut remedies, creates_chat, &token, failure));
                remedy.await.map_err(failed)?;
                continue;
            }
            let may_repeat = call.repeatable || failure.was_never_sent();
            let delay =
                failure.retry_delay(made, self.config().timing.backoff).filter(|_| may_repeat);
            let Some(delay) = delay else {
                let cause = Some(failure.cause);
                return Err(CallError { unsure, cause, error: failure.into_error() });
            };
            unsure |= failure.may_have_been_accepted();
            if failure.may_have_been_accepted() {
                call = Cow::Owned(call.into_owned().afresh());
            }
            self.notify(Notice::Retrying { reason: failure.reason(), delay });
            self.wait(failure, delay).await?;
        }
    }

    /// Waits before another attempt and returns the failure. Fails with it if the total timeout ends
    /// before.
    pub(super) async fn wait(&self, failure: Failure, delay: Duration) -> Result<Failure> {
        if self.patience.ends_within(delay) {
            return Err(failure.into_error());
        }
        sleep(delay).await;
        Ok(failure)
    }

    /// Removes the secrets of this session from a failure.
    pub(super) fn conceal(&self, failure: Failure) -> Failure {
        let credentials = self.credentials(&Remedies::default(), &self.access_token());
        self.transport().conceal(failure, &credentials)
    }

    /// Refreshes a token that expires soon. Returns whether it was due, so that time has passed.
    pub(super) async fn refresh_if_due(&self) -> Result<bool> {
        let is_due = self.account.is_due(self.transport().now());
        if is_due {
            self.account.fresh(&self.upstream, self.patience).await?;
        }
        Ok(is_due)
    }

    /// Opens a stream, without a retry and without a refresh of `token`.
    pub(super) async fn open(
        &self,
        call: &Call,
        token: &AccessToken,
        remedies: &Remedies,
    ) -> Result<ResponseBody, Failure> {
        let credentials = self.credentials(remedies, token);
        let answer = self.transport().stream(call, &credentials, self.patience).await;
        if answer.is_ok() {
            self.learn(remedies, token);
        }
        answer
    }
}

impl Session {
    fn form(&self, remedies: &Remedies, token: &AccessToken) -> Form {
        let usual = self.upstream.habits.of(token);
        Form {
            carrier: remedies.carrier(token).or(usual.carrier).or_else(|| self.account.carrier()),
            without_version: remedies.without_version || usual.without_version,
        }
    }

    /// What authenticates a request with `token`.
    pub(super) fn credentials(&self, remedies: &Remedies, token: &AccessToken) -> Credentials {
        let form = self.form(remedies, token);
        Credentials { access: token.clone(), cookies: self.account.cookies(), form }
    }

    /// Remembers the form that `remedies` found.
    pub(super) fn learn(&self, remedies: &Remedies, token: &AccessToken) {
        let carrier = remedies.carrier(token);
        if carrier.is_some() || remedies.without_version {
            self.upstream.habits.learn(token, self.form(remedies, token));
        }
        if let Some(carrier) = carrier {
            self.account.set_carrier(token, carrier, &self.upstream, self.patience);
        }
    }

    /// Whether `failure` rejects `token` or its form. The service answers some forms with a browser check
    /// (protocol update, 2.7), so that one is no verdict on a form that is not the configured one.
    pub(super) fn is_rejected(
        &self,
        token: &AccessToken,
        remedies: &Remedies,
        failure: &Failure,
    ) -> bool {
        let usual = self.config().carrier;
        match failure.cause {
            Cause::Auth => true,
            Cause::BrowserCheck if remedies.unlearned => false,
            Cause::BrowserCheck => {
                self.form(remedies, token).carrier.is_some_and(|carrier| carrier != usual)
            }
            _ => false,
        }
    }

    /// Prepares another attempt after `failure`, a rejection of the token, and returns it: another form of a
    /// token that has not expired comes before a refresh, which may use up a refresh token. The rejection is
    /// the error if nothing is left to try, unless a refresh failed for a reason that the user can act on.
    pub(super) async fn remedy(
        &self,
        remedies: &mut Remedies,
        creates_chat: bool,
        rejected: &AccessToken,
        failure: Failure,
    ) -> Result<Failure> {
        let form = self.form(remedies, rejected);
        let carrier = form.carrier.unwrap_or(self.config().carrier);
        let has_expired =
            matches!(rejected.state(self.transport().now()), TokenState::Expired { .. });
        let is_trial = remedies.carrier(rejected).is_some();
        if failure.cause == Cause::BrowserCheck && !is_trial {
            remedies.unlearned = true;
            remedies.try_carrier(rejected, self.config().carrier);
            return Ok(failure);
        }
        let may_change = failure.code.is_some()
            && !has_expired
            && !is_trial
            && !self.account.has_tried_carriers(rejected);
        if may_change && carrier != Carrier::Cookie {
            remedies.try_carrier(rejected, Carrier::Cookie);
            return Ok(failure);
        }
        let is_plain =
            failure.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case("unauthorized"));
        if creates_chat && is_plain && !form.without_version {
            remedies.without_version = true;
            return Ok(failure);
        }
        if may_change && is_plain {
            remedies.try_carrier(rejected, Carrier::Both);
            return Ok(failure);
        }
        if is_trial {
            self.account.set_tried_carriers(rejected);
        }
        // The usual form was rejected: what a trial brings about is no reason.
        let failure =
            if failure.cause == Cause::Auth { failure } else { Failure::new(Cause::Auth) };
        if !std::mem::replace(&mut remedies.refreshed, true)
            && self.reauthenticate(rejected).await?
        {
            // The new token is sent as usual.
            remedies.without_version = false;
            return Ok(failure);
        }
        if may_change {
            remedies.try_carrier(rejected, Carrier::Both);
            return Ok(failure);
        }
        let error = failure.into_error();
        Err(if rejected.kind() == TokenKind::Access { error } else { error.with_hint(LONG_TOKEN) })
    }

    /// Refreshes a rejected token. Returns whether there is another one.
    ///
    /// # Errors
    /// If the refresh failed for a reason that the user can act on.
    async fn reauthenticate(&self, rejected: &AccessToken) -> Result<bool> {
        use ErrorKind::{BrowserCheck, Internal, RateLimited, Timeout, UpstreamUnreachable};
        let is_telling = |error: &Error| {
            let kind = error.kind();
            matches!(kind, BrowserCheck | Internal | RateLimited | Timeout | UpstreamUnreachable)
        };
        match self.account.refresh(rejected, &self.upstream, self.patience).await {
            Ok(token) => Ok(token != *rejected),
            Err(error) if is_telling(&error) => Err(error),
            Err(_) => Ok(false),
        }
    }
}

/// Why a request failed, for callers that need the cause.
pub(super) struct CallError {
    /// Whether an earlier attempt may have been accepted.
    pub unsure: bool,
    /// The cause of the last failure.
    pub cause: Option<Cause>,
    /// The error that the user sees.
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

/// The upstream's response to a first request, whatever it is.
#[derive(Debug)]
pub struct Contact {
    /// From the request to the response headers, including the connection.
    pub took: Duration,
    /// The upstream's clock in seconds since 1970, if the response has it.
    pub time: Option<i64>,
    /// The problem with the response, if any.
    pub verdict: Result<()>,
    /// Whether the upstream refuses every request from this network (protocol F105).
    pub refuses_network: bool,
}

impl Client {
    /// Requests the upstream's configuration and its models, which need no token (protocol 1.1, 1.4).
    ///
    /// # Errors
    /// If no response comes.
    pub async fn contact(&self) -> Result<Contact> {
        let transport = self.transport();
        let patience = Patience::start(&transport.config().timeouts);
        let began = Instant::now();
        let models = async {
            let response = transport.greet("models", patience).await?;
            super::classify::classify(response, patience, false).await
        };
        let greeting = async { (transport.greet("config", patience).await, began.elapsed()) };
        let ((response, took), models) = tokio::join!(greeting, timeout(MODELS_PATIENCE, models));
        let response = response.map_err(Failure::into_error)?;
        let time = http::server_time(response.headers());
        let verdict = super::classify::classify(response, patience, false).await;
        let refuses = |failure: &Failure| failure.cause == Cause::NetworkRefused;
        let refuses_network = models.is_ok_and(|models| models.as_ref().is_err_and(refuses))
            || verdict.as_ref().is_err_and(refuses);
        let verdict = verdict.map(drop).map_err(Failure::into_error);
        Ok(Contact { took, time, verdict, refuses_network })
    }
}
