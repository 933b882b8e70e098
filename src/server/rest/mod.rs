//! The handlers of the REST API: plain functions from a request to an answer, one file a resource.

pub(super) mod chat;
pub(super) mod chats;
pub(crate) mod documents;
pub(crate) mod events;
pub(super) mod health;
pub(super) mod login;
pub(super) mod metrics;
pub(super) mod models;
pub(super) mod session;
pub(super) mod stats;
pub(crate) mod texts;
pub(super) mod token;
pub(super) mod user;
