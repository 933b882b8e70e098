//! The nouns of the product, as its users know them. No I/O and no wire format: every other module may
//! import this one, and it imports none of them.

mod account;
mod chat;
mod error;
mod key;
mod log_level;
pub(crate) mod markdown;
mod model;
mod paste;
mod rate;
pub(crate) mod redact;
mod reply;
pub(crate) mod time;
mod token;

pub use account::{Stats, User};
pub use chat::{
    Chat, ChatId, ChatSummary, Citation, Conversation, Exchange, Message, MessageError,
    MessageState, Parent, Role, Turn,
};
pub use error::{Error, ErrorKind, Result, RetryAdvice};
pub use key::{ApiKey, KEY_PREFIX, KeyHash, Keyring, Scope};
pub use log_level::LogLevel;
pub use model::{Model, ModelAbilities};
pub use rate::RateLimit;
pub use reply::{Completeness, FinishReason, OtherPart, Reply, ReplyEvent, Usage};
pub use token::{AccessToken, Claims, RefreshToken, StoreLock, TokenState, TokenStore, Tokens};
