//! The form of requests that the upstream accepts: how they carry the access token, and whether they name
//! the version of the page (protocol update, 1.2 and 2.7). After a rejected token another form is tried
//! once; the one that works is remembered for the account.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::{AccessToken, Carrier};

/// Maximum number of accounts that are remembered.
const MAX_ACCOUNTS: usize = 1024;

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
    /// The form for the account of `token`.
    pub(super) fn of(&self, token: &AccessToken) -> Form {
        let habits = self.0.lock();
        habits.get(account(token)).copied().unwrap_or_default()
    }

    /// Remembers the form for the account of `token`.
    pub(super) fn learn(&self, token: &AccessToken, form: Form) {
        let mut habits = self.0.lock();
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
    /// Another way to carry a token, and the token: a new one is carried as usual.
    carrier: Option<(AccessToken, Carrier)>,
    /// Leaving out the header `Version`.
    pub without_version: bool,
    /// Another token.
    pub refreshed: bool,
    /// The configured carrier in place of a learned one that got a browser check.
    pub unlearned: bool,
}

impl Remedies {
    /// Another way to carry `token`, if one is tried.
    pub(super) fn carrier(&self, token: &AccessToken) -> Option<Carrier> {
        self.carrier.as_ref().filter(|(tried, _)| tried == token).map(|(_, carrier)| *carrier)
    }

    /// Tries another way to carry `token`.
    pub(super) fn try_carrier(&mut self, token: &AccessToken, carrier: Carrier) {
        self.carrier = Some((token.clone(), carrier));
    }
}
