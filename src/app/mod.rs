//! The use cases that the command line and the server share.
//!
//! What this module keeps true: a use case acts through the [`crate::client::Session`] that it gets, so
//! that a server can call it with another account for each request; it does not print, prompt or know
//! of a terminal; its results can be printed or put into the one set of `documents`.

pub(crate) mod answer;
pub(crate) mod chats;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod documents;
pub mod ephemeral;
pub mod keys;
pub(crate) mod token;

/// The client, for callers that only pass it on or observe it.
pub use crate::client::{CallEnding, CallReport, Client, Hold, Observer, Session};
