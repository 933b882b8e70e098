//! HTTP as the server speaks it: responses, the format of errors, CORS, and whose address a request is from.

pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod error_format;
pub(crate) mod response;
