//! CORS: any page may send requests with a token of its own.
//!
//! Every origin is allowed, without credentials (cookies have no meaning here). That is safe because a
//! foreign page can do only what its own token allows (see `auth::trust`).
//! `Access-Control-Request-Private-Network` is not granted: it would let a public site look for this server
//! on the machines of its visitors. Pages on the same machine do not need it.

use hyper::StatusCode;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ALLOW,
    HeaderMap, HeaderName, HeaderValue, VARY,
};
use warp::reply::Response;

/// Headers that every client may send.
const ALWAYS: &str = "authorization, content-type, accept, x-request-id, x-api-key, x-qwen-token";

/// Adds the CORS headers to a response.
pub(crate) fn mark(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "x-request-id, retry-after, retry-after-ms, x-should-retry, x-cache, ratelimit, \
             ratelimit-policy, x-qwen-chat-id, x-qwenctl-warning",
        ),
    );
    headers.append(VARY, HeaderValue::from_static("origin"));
}

/// The response to `OPTIONS`, for a path with `methods`.
pub(crate) fn options(methods: &str, request: &HeaderMap) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    for name in [ALLOW, ACCESS_CONTROL_ALLOW_METHODS] {
        if let Ok(methods) = HeaderValue::from_str(methods) {
            headers.insert(name, methods);
        }
    }
    if let Ok(allowed) = HeaderValue::from_str(&allowed_headers(request)) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    headers.append(VARY, HeaderValue::from_static("access-control-request-headers"));
    response
}

/// The headers that are always allowed, and all requested ones: a page may send with its own token whatever
/// its SDK sends.
fn allowed_headers(request: &HeaderMap) -> String {
    let mut allowed = ALWAYS.to_owned();
    let asked = request.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let asked = asked.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    for name in asked.filter_map(|name| name.trim().parse::<HeaderName>().ok()).take(64) {
        if !allowed.split(", ").any(|known| known == name.as_str()) {
            allowed.push_str(", ");
            allowed.push_str(name.as_str());
        }
    }
    allowed
}
