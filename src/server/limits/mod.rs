//! Bounds: rates, concurrent requests, connections, and one prompt at a time per chat.

pub(crate) mod concurrency;
pub(crate) mod network;
pub(crate) mod places;
pub(crate) mod rates;
pub(crate) mod running;
