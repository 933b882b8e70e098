//! What the client of chat.qwen.ai and the engines have in common: connections, addresses, downloads,
//! event streams and lenient JSON. It knows the wire format of neither.

pub(crate) mod address;
pub(crate) mod download;
pub(crate) mod http;
pub(crate) mod json;
pub(crate) mod pem;
pub(crate) mod proxy;
pub mod sse;
