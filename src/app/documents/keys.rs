//! Documents about API keys.

use serde::Serialize;

use crate::domain::ApiKey;

/// A key, without the key itself.
#[derive(Debug, Serialize)]
pub(crate) struct KeyData<'a> {
    id: &'a str,
    name: &'a str,
    scope: &'static str,
    limits: Vec<String>,
    created_at: i64,
    expires_at: Option<i64>,
    expired: bool,
    last4: &'a str,
}

impl<'a> KeyData<'a> {
    /// What is known about `key` at `now` (seconds since 1970).
    pub(crate) fn new(key: &'a ApiKey, now: i64) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            scope: key.scope.name(),
            limits: key.limits.iter().map(ToString::to_string).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            expired: key.has_expired(now),
            last4: &key.last4,
        }
    }
}

/// `keys create`: the only document that ever holds a key.
#[derive(Serialize)]
pub(crate) struct NewKeyData<'a> {
    key: &'a str,
    #[serde(flatten)]
    data: KeyData<'a>,
}

impl<'a> NewKeyData<'a> {
    /// The new `key` itself, and what is known about it.
    pub(crate) fn new(key: &'a str, data: KeyData<'a>) -> Self {
        Self { key, data }
    }
}

/// `keys list`.
#[derive(Debug, Serialize)]
pub(crate) struct KeysDocument<'a> {
    success: bool,
    data: Vec<KeyData<'a>>,
    total: usize,
}

impl<'a> KeysDocument<'a> {
    /// The document of `keys` at `now` (seconds since 1970).
    pub(crate) fn new(keys: &'a [ApiKey], now: i64) -> Self {
        let data = keys.iter().map(|key| KeyData::new(key, now)).collect();
        Self { success: true, data, total: keys.len() }
    }
}

/// `POST /api/login`.
#[derive(Serialize)]
pub(crate) struct LoginDocument<'a> {
    success: bool,
    access_token: &'a str,
    expires_at: i64,
}

impl<'a> LoginDocument<'a> {
    /// A session token, and when it ends in seconds since 1970.
    pub(crate) fn new(access_token: &'a str, expires_at: i64) -> Self {
        Self { success: true, access_token, expires_at }
    }
}
