//! `GET /openapi.json`: the description of the API.
//!
//! The document is a file, which a test keeps equal to what `generate` makes of the routes and the
//! documents: the code that describes them is larger than the document, and no server needs it.

use hyper::header::{CACHE_CONTROL, HeaderMap, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use warp::reply::Response;

use crate::server::http::packed::{Packed, packed};

#[cfg(test)]
mod generate;

static DOCUMENT: Packed = packed!("document.json");

/// `GET /openapi.json`.
pub(super) fn describe(request: &HeaderMap) -> Response {
    let mut response = DOCUMENT.response(request, "application/json");
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
