//! The upstream's requests and responses as serde types. Only the client uses them.

pub(super) mod chat;
pub(super) mod completion;
pub(super) mod envelope;
pub(crate) mod frame;
pub(super) mod lenient;
pub(super) mod upload;
