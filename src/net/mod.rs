//! What the client of chat.qwen.ai and the engines have in common: connections, addresses, and
//! event streams. It knows the wire format of neither.

pub(crate) mod address;
pub(crate) mod http;
pub mod sse;
