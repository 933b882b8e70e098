//! The use cases that the command line and the server share.
//!
//! What this module keeps true: a use case acts through the [`crate::client::Session`] that it is
//! given, so that a server can call it with another account for each request; it does not print, ask
//! or know of a terminal; what it returns can be shown to people or put into the one set of
//! `documents`.

pub(crate) mod chats;
pub(crate) mod connect;
pub(crate) mod doctor;
pub(crate) mod documents;
pub(crate) mod ephemeral;
pub mod keys;
pub(crate) mod models;
pub(crate) mod send;
pub(crate) mod stats;
pub(crate) mod token;

/// What the use cases act through, for callers who only pass it on or watch it.
pub use crate::client::{CallEnding, CallReport, Client, Observer, Session};
