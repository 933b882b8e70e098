//! Whose the tokens are that callers bring.
//!
//! A token's claims are not verified here, so anybody can make up a token of any account. What an
//! upstream has accepted is not made up: only such a token says whose it is.

use std::time::Instant;

use futures_util::future::BoxFuture;

use crate::domain::Result;

/// The SHA-256 of an access token.
pub(crate) type TokenHash = [u8; 32];

/// The tokens that the upstream has accepted of late.
pub(crate) trait AcceptedTokens: Send + Sync {
    /// Remembers that the upstream accepted a token of `account`.
    fn remember(&self, token: TokenHash, account: String, now: Instant) -> BoxFuture<'_, ()>;

    /// The account of a token that was accepted not long before `now`.
    ///
    /// # Errors
    /// If what is shared cannot be asked.
    fn account(&self, token: TokenHash, now: Instant) -> BoxFuture<'_, Result<Option<String>>>;
}
