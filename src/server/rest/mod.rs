//! The handlers of the REST API: plain functions from a request to an answer, one file a resource.

pub mod chat;
pub mod chats;
pub(crate) mod documents;
pub(crate) mod events;
pub mod health;
pub mod login;
pub mod metrics;
pub mod models;
pub mod session;
pub mod stats;
pub(crate) mod texts;
pub mod token;
pub mod user;
