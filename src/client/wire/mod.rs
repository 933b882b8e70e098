//! What the upstream sends and wants, as serde types. Nothing here leaves the client.

pub mod chat;
pub mod completion;
pub mod envelope;
pub(crate) mod frame;
pub mod json;
pub mod lenient;
pub mod model;
pub(crate) mod repair;
pub mod user;
