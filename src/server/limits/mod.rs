//! Limits: rates, concurrent requests and connections.

pub(crate) mod concurrency;
pub(crate) mod rate;
