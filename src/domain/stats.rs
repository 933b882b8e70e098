//! The numbers of `stats`.

use serde::Serialize;

use super::User;

/// A few numbers about the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// How many chats there are, over all pages.
    pub total_chats: usize,
    /// Whose they are.
    pub user: User,
    /// When the access token expires, in seconds since 1970.
    pub token_expires_at: Option<i64>,
}
