//! One prompt at a time per chat.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::app::Session;
use crate::domain::{ChatId, Result};

/// A chat of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ChatKey {
    /// Tells two accounts apart.
    pub account: String,
    /// The chat.
    pub chat: ChatId,
}

impl ChatKey {
    /// The chat of the account that `session` acts for.
    pub(crate) fn new(session: &Session, chat: ChatId) -> Self {
        let access = session.access_token();
        let account = access.claims().account_id.clone();
        Self { account: account.unwrap_or_else(|| access.masked()), chat }
    }
}

/// The lines before all chats, first come first served.
pub(crate) trait ChatOrder: Send + Sync {
    /// Waits for the turn, at most for `patience`.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if it does not come.
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>>;

    /// How many wait for their turn, before all chats together.
    ///
    /// # Errors
    /// If it cannot be told.
    fn waiting(&self) -> BoxFuture<'_, Result<usize>>;
}

/// The right to prompt a chat, until it is dropped.
pub(crate) struct Turn(
    #[allow(dead_code, reason = "held, and given back by its drop")] Box<dyn Send>,
);

impl Turn {
    /// A turn that lasts as long as `held` does.
    pub(crate) fn new(held: impl Send + 'static) -> Self {
        Self(Box::new(held))
    }
}
