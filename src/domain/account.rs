//! The account and its statistics.

use serde::Serialize;
use utoipa::ToSchema;

/// The signed-in account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its e-mail address, which the upstream may mask.
    pub email: String,
    /// Its name; may be empty.
    pub name: String,
}

/// Statistics of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Number of chats, over all pages.
    pub total_chats: usize,
    /// The owner.
    pub user: User,
    /// When the access token expires, in seconds since 1970.
    pub token_expires_at: Option<i64>,
}
