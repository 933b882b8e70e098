//! `GET /openapi.json`: the description of the API.
//!
//! The document is a file, which a test keeps equal to what `generate` makes of the routes and the
//! documents: the code that describes them is twice as large, and no server needs it.

use bytes::Bytes;
use hyper::StatusCode;

use crate::server::http::response::{Outcome, json_bytes};

#[cfg(test)]
mod generate;

const DOCUMENT: &str = include_str!("document.json");

/// `GET /openapi.json`.
#[allow(clippy::unnecessary_wraps, reason = "the last expression of a handler")]
pub(super) fn describe() -> Outcome {
    Ok(json_bytes(StatusCode::OK, Bytes::from_static(DOCUMENT.as_bytes())))
}
