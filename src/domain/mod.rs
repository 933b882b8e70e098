//! The nouns of the product, as its users know them. No I/O and no wire format: every other module may
//! import this one, and it imports none of them.

mod chat;
mod error;
mod file;
pub(crate) mod html;
mod key;
mod log_level;
pub(crate) mod markdown;
mod model;
mod rate;
pub(crate) mod redact;
mod reply;
mod token;

pub use chat::{
    Chat, ChatId, ChatList, ChatSummary, Citation, Conversation, Exchange, FoundChat, Message,
    MessageError, MessageState, Parent, Project, Role, Turn,
};
pub use error::{Error, ErrorKind, Result, RetryAdvice};
pub use file::{FileKind, MessageFile, UploadStore, UploadedFile};
pub use key::{ApiKey, KEY_PREFIX, KeyHash, Keyring, Scope};
pub use log_level::LogLevel;
pub use model::{Model, ModelAbilities, ModelMap};
pub use rate::RateLimit;
pub use reply::{
    Call, Completeness, FinishReason, Input, Intercepted, OtherPart, Reply, ReplyEvent, Usage,
};
pub(crate) use token::WHERE_TO_FIND;
pub use token::{
    AccessToken, Carrier, Claims, Cookies, Pasted, RefreshToken, StoreLock, TokenKind, TokenState,
    TokenStore, Tokens,
};

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
    /// The chats that were created in each month (`2026-11`, in UTC), oldest first.
    #[serde(skip)]
    pub months: Vec<(String, usize)>,
    /// The owner.
    pub user: User,
    /// When the access token expires, in seconds since 1970.
    pub token_expires_at: Option<i64>,
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The time of day.
pub(crate) mod time {
    /// Seconds since 1970.
    pub fn now() -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
