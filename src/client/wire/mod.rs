//! What the upstream sends and wants, as serde types. Nothing here leaves the client.

pub mod chat;
pub mod completion;
pub mod envelope;
pub mod json;
pub mod lax;
pub mod model;
pub mod user;
