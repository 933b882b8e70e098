//! What the product talks about, in the words of its users. No I/O and no wire format: every other
//! module may import this one, and it imports none of them.

mod chat;
mod citation;
mod error;
mod key;
mod log_level;
mod model;
mod paste;
mod rate;
pub(crate) mod redact;
mod reply;
mod stats;
mod store;
pub(crate) mod time;
mod token;
mod user;

pub use chat::{Chat, ChatId, ChatSummary, Message, MessageError, MessageState, Role};
pub use citation::Citation;
pub use error::{Error, ErrorKind, Result, RetryAdvice};
pub use key::{ApiKey, KEY_PREFIX, KeyHash, Keyring, Scope};
pub use log_level::LogLevel;
pub use model::{Model, ModelAbilities};
pub use rate::RateLimit;
pub use reply::{Completeness, FinishReason, OtherPart, Reply, ReplyEvent, Usage};
pub use stats::Stats;
pub use store::{StoreLock, TokenStore, Tokens};
pub use token::{AccessToken, Claims, RefreshToken, TokenState};
pub use user::User;
