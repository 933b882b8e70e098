//! Limits: rates, concurrent requests and connections, and the running answers of a chat.

pub(crate) mod concurrency;
pub(crate) mod rate;
pub(crate) mod running;
