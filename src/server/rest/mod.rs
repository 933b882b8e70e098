//! The handlers of the REST API, by resource: functions from a request to a response.

pub(super) mod account;
pub(super) mod archive;
pub(super) mod chat;
pub(super) mod chats;
pub(super) mod deletions;
pub(super) mod export;
pub(super) mod files;
pub(super) mod health;
pub(super) mod search;
pub(crate) mod trash;
