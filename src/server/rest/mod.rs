//! The handlers of the REST API: plain functions from a request to an answer, one file a resource.

pub mod chat;
pub mod chats;
pub mod health;
pub mod login;
pub mod metrics;
pub mod models;
pub mod session;
pub mod stats;
pub mod token;
pub mod user;
