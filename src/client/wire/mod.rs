//! What the upstream sends and wants, as serde types. Nothing here leaves the client.

pub(super) mod chat;
pub(super) mod completion;
pub(super) mod envelope;
pub(crate) mod frame;
pub(super) mod json;
pub(super) mod lenient;
pub(super) mod model;
pub(crate) mod repair;
pub(super) mod user;
