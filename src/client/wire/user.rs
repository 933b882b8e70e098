//! The account and its tokens (protocol 2.3, 2.4).

use serde::Deserialize;

use crate::client::wire::lenient::{Object, Owned};
use crate::domain::User;

/// `GET /api/v1/auths/`, bare or in an envelope.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Account {
    id: Owned,
    user_id: Owned,
    email: Owned,
    name: Owned,
    token: Owned,
    data: Object<Box<Account>>,
}

impl Account {
    /// The account itself, out of its envelope if it came in one.
    pub(crate) fn unwrapped(self) -> Self {
        match self.data.0 {
            Some(inner) => *inner,
            None => self,
        }
    }

    /// A token to use from now on, if it brought one.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone().non_empty()
    }

    /// Who it is; `None` when nobody is signed in (protocol F5).
    pub(crate) fn user(self) -> Option<User> {
        Some(User {
            id: self.id.non_empty().or(self.user_id.non_empty())?,
            email: self.email.non_empty().unwrap_or_default(),
            name: self.name.non_empty().unwrap_or_default(),
        })
    }
}

/// The payload of a refresh.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refreshed {
    /// The new access token.
    pub access_token: Owned,
    /// Its name in the older variant.
    pub token: Owned,
    /// The next refresh token, when it was rotated.
    pub refresh_token: Owned,
}
