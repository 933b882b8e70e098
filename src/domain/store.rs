//! The interface to a store of tokens.

use super::{AccessToken, RefreshToken, Result};

/// The credentials of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// Authenticates requests.
    pub access: AccessToken,
    /// Gets a new access token, where the account has one (protocol 2.4).
    pub refresh: Option<RefreshToken>,
}

/// Where the tokens of an account are kept between runs.
pub trait TokenStore: Send + Sync {
    /// Waits until no other process refreshes these tokens. May block.
    ///
    /// # Errors
    /// If the store cannot be locked.
    fn lock(&self) -> Result<Box<dyn StoreLock>>;
}

/// The right to refresh, until it is dropped.
pub trait StoreLock: Send {
    /// The tokens as they are now: another process may have refreshed them meanwhile.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self) -> Result<Option<Tokens>>;

    /// Replaces the tokens, all or nothing.
    ///
    /// # Errors
    /// If they cannot be written.
    fn write(&mut self, tokens: &Tokens) -> Result<()>;
}
