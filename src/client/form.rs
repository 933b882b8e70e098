//! The form of requests that the upstream accepts: how they carry the access token, and whether they name
//! the version of the page (protocol update, 1.2 and 2.7). After a rejected token another form is tried
//! once; the one that works is remembered for the account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::failure::Failure;
use super::session::Session;
use super::transport::Credentials;
use crate::domain::{AccessToken, Carrier, Error, ErrorKind, Result, TokenKind};

/// Maximum number of accounts that are remembered.
const MAX_ACCOUNTS: usize = 1024;

const LONG_TOKEN: &str = "this looks like the old long token, which the service refuses: copy the value of \
     `qwen_access_token_state` (developer tools of the browser > Application > Local storage > \
     https://chat.qwen.ai) and run `qwenctl token set`";

/// What differs from the usual form of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// How the token is carried, if not as configured.
    pub carrier: Option<Carrier>,
    /// Whether the request for a new chat leaves out the header `Version`.
    pub without_version: bool,
}

/// The forms that work, by account.
#[derive(Clone, Default)]
pub(super) struct Habits(Arc<Mutex<HashMap<String, Form>>>);

impl Habits {
    fn of(&self, token: &AccessToken) -> Form {
        let habits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        habits.get(account(token)).copied().unwrap_or_default()
    }

    fn learn(&self, token: &AccessToken, form: Form) {
        let mut habits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if habits.len() >= MAX_ACCOUNTS {
            habits.clear();
        }
        habits.insert(account(token).to_owned(), form);
    }
}

fn account(token: &AccessToken) -> &str {
    token.claims().account_id.as_deref().unwrap_or_default()
}

/// What was tried for one request after its token was rejected: each way once.
#[derive(Debug, Default)]
pub(super) struct Remedies {
    carrier: Option<Carrier>,
    without_version: bool,
    refreshed: bool,
}

impl Session {
    fn form(&self, remedies: &Remedies, token: &AccessToken) -> Form {
        let usual = self.habits().of(token);
        Form {
            carrier: remedies.carrier.or(usual.carrier),
            without_version: remedies.without_version || usual.without_version,
        }
    }

    /// What authenticates a request with `token`.
    pub(super) fn credentials(&self, remedies: &Remedies, token: &AccessToken) -> Credentials {
        let form = self.form(remedies, token);
        Credentials { access: token.clone(), cookies: self.account().cookies(), form }
    }

    /// Remembers the form that `remedies` found.
    pub(super) fn learn(&self, remedies: &Remedies, token: &AccessToken) {
        if remedies.carrier.is_some() || remedies.without_version {
            self.habits().learn(token, self.form(remedies, token));
        }
    }

    /// Prepares another attempt after `failure`, a rejection of the token, and returns it. The rejection is
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
        let may_change = failure.code.is_some()
            && remedies.carrier.is_none()
            && !self.account().has_tried_carriers(rejected);
        if may_change && carrier != Carrier::Cookie {
            remedies.carrier = Some(Carrier::Cookie);
            return Ok(failure);
        }
        let is_plain =
            failure.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case("unauthorized"));
        if creates_chat && is_plain && !form.without_version {
            remedies.without_version = true;
            return Ok(failure);
        }
        if !std::mem::replace(&mut remedies.refreshed, true)
            && self.reauthenticate(rejected).await?
        {
            return Ok(failure);
        }
        if may_change {
            remedies.carrier = Some(Carrier::Both);
            return Ok(failure);
        }
        if remedies.carrier.is_some() {
            self.account().set_tried_carriers(rejected);
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
        match self.refreshed(rejected).await {
            Ok(token) => Ok(token != *rejected),
            Err(error) if is_telling(&error) => Err(error),
            Err(_) => Ok(false),
        }
    }
}
