//! HTTP: responses, the format of errors, CORS, and the address of the client.

pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod error_format;
pub(crate) mod response;
