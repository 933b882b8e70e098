//! The Qwen client: the only code that knows the upstream's wire format.
//!
//! A [`Client`] holds what all callers share (connections, headers, timers). A [`Session`] is the
//! client acting for one account; it is cheap to make, to clone and to drop. Every answer is
//! classified (protocol 14.1) into a value or a [`crate::domain::Error`]: an unexpected shape is an
//! error, never an empty result.

mod account;
mod body;
mod chats;
mod classify;
mod config;
mod failure;
mod file;
mod form;
mod observer;
mod reply_stream;
mod send;
mod session;
mod signature;
mod stopper;
pub mod stream;
mod transport;
mod upload;
mod uploads;
mod wire;

pub use chats::{Batch, Mark, read_detail};
pub use config::{ClientConfig, RequestLimits, Timeouts, Timing};
pub(crate) use failure::refused;
pub use file::{FileSource, MAX_FILE_BYTES, check_model, check_together, checked_name};
pub use observer::{CallEnding, CallReport, Notice, NoticeSink, Observer};
pub use reply_stream::{Hold, ReplyStream};
pub use session::{Client, Contact, Session};
pub use upload::{UploadSink, UploadStep};
pub use uploads::REUSE;
pub use wire::chat::ChatKind;
