//! API keys of our own server.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Error, RateLimit, Result};

/// The prefix of every key, so that people and secret scanners recognise one.
pub const KEY_PREFIX: &str = "qk-";

/// The SHA-256 of a key. A key is random and long, so it needs no slow hash.
pub type KeyHash = [u8; 32];

/// The permissions of a key; each scope includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read chats, models, statistics and the account.
    Read,
    /// Also send prompts, and create and rename chats.
    Send,
    /// Also delete chats and refresh the token.
    Admin,
}

impl Scope {
    /// Every scope, the smallest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Send, Self::Admin];

    /// Its name: `read`, `send` or `admin`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Admin => "admin",
        }
    }

    /// A short description for `--help` and README.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Read => "read chats, models, statistics and the account",
            Self::Send => "also send prompts, and create and rename chats",
            Self::Admin => "also delete chats and refresh the token",
        }
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| Error::invalid("invalid scope: use `read`, `send` or `admin`"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key as stored: everything but the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its permanent id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its permissions.
    pub scope: Scope,
    /// Its rate limits, if they differ from the server's.
    pub limits: Vec<RateLimit>,
    /// When it was created, in seconds since 1970.
    pub created_at: i64,
    /// When it expires, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// The last characters of the key, for recognition.
    pub last4: String,
    /// The hash that identifies the key.
    pub hash: KeyHash,
}

impl ApiKey {
    /// Whether it has expired at `now` (seconds since 1970).
    pub fn has_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The current keys of a server: a key that is revoked while the server runs is missing from the next call
/// on. All calls may block.
pub trait Keyring: Send + Sync {
    /// The key with this hash; compares in constant time.
    ///
    /// # Errors
    /// If the keys cannot be read.
    fn by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>>;

    /// The key with this id.
    ///
    /// # Errors
    /// If the keys cannot be read.
    fn by_id(&self, id: &str) -> Result<Option<ApiKey>>;

    /// Every key.
    ///
    /// # Errors
    /// If the keys cannot be read.
    fn all(&self) -> Result<Arc<Vec<ApiKey>>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_ordered() {
        assert!(Scope::Read < Scope::Send && Scope::Send < Scope::Admin);
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse::<Scope>().ok(), Some(scope));
        }
        assert!("root".parse::<Scope>().is_err());
    }
}
