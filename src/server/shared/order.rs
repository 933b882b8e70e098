//! One prompt at a time per chat.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::app::Session;
use crate::domain::{ChatId, Result};

/// A chat of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ChatKey {
    /// Identifies the account.
    pub account: String,
    /// The chat.
    pub chat: ChatId,
}

impl ChatKey {
    /// The chat of the account of `session`.
    pub(crate) fn new(session: &Session, chat: ChatId) -> Self {
        let access = session.access_token();
        let account = access.claims().account_id.clone();
        Self { account: account.unwrap_or_else(|| access.masked()), chat }
    }
}

/// The queues before all chats, first come first served.
pub(crate) trait ChatOrder: Send + Sync {
    /// Waits for the turn, at most for `patience`.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the wait takes longer.
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>>;

    /// How many prompts wait in all queues together.
    ///
    /// # Errors
    /// If the number is unknown.
    fn waiting(&self) -> BoxFuture<'_, Result<usize>>;
}

/// The turn to send a prompt to a chat, until it is dropped.
pub(crate) struct Turn(
    #[allow(dead_code, reason = "held, and given back by its drop")] Box<dyn Send>,
);

impl Turn {
    /// A turn that lasts as long as `held` does.
    pub(crate) fn new(held: impl Send + 'static) -> Self {
        Self(Box::new(held))
    }
}
