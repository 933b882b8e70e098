//! API keys: what somebody may do through our own server.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Error, RateLimit, Result};

/// What every key begins with, so that people and secret scanners recognise one.
pub const KEY_PREFIX: &str = "qk-";

/// The SHA-256 of a key. A key is random and long, so it needs no slow hash.
pub type KeyHash = [u8; 32];

/// What a key allows; each one allows what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// To look: chats, models, numbers, the account.
    Read,
    /// To prompt as well, and to make and rename chats.
    Send,
    /// To delete chats and to refresh the token as well.
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

    /// A few words for `--help` and README.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Read => "look at chats, models, numbers and the account",
            Self::Send => "also send prompts, and make and rename chats",
            Self::Admin => "also delete chats and refresh the token",
        }
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| Error::invalid("not a scope: it has to be `read`, `send` or `admin`"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key as it is kept: all but the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key for ever.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// How often it may be used, if not as often as the server allows everybody.
    pub limits: Vec<RateLimit>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// When it ends, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// The last characters of the key, to recognise it.
    pub last4: String,
    /// What the key is recognised by.
    pub hash: KeyHash,
}

impl ApiKey {
    /// Whether it has ended at `now` (seconds since 1970).
    pub fn has_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The keys that a server accepts, as they are now: a key that is revoked while the server runs is
/// gone the next time somebody asks. All calls may block.
pub trait Keyring: Send + Sync {
    /// The key with this hash, which is compared in constant time.
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
    fn scopes_grow() {
        assert!(Scope::Read < Scope::Send && Scope::Send < Scope::Admin);
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse::<Scope>().ok(), Some(scope));
        }
        assert!("root".parse::<Scope>().is_err());
    }
}
