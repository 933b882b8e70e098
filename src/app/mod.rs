//! The use cases that the command line and the server share.
//!
//! What this module keeps true: a use case acts through the [`crate::client::Session`] that it is
//! given, so that a server can call it with another account for each request; it does not print, ask
//! or know of a terminal; what it returns can be shown to people or put into the one set of
//! [`documents`].

pub mod chats;
pub mod connect;
pub mod doctor;
pub mod documents;
pub mod ephemeral;
pub mod keys;
pub mod models;
pub mod send;
pub mod stats;
pub mod token;

/// What the use cases act through, for callers who only pass it on or watch it.
pub use crate::client::{CallEnding, CallReport, Client, Observer, Session};
