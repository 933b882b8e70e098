//! The chat page: its files, which are part of the program, and the routes that serve them.
//!
//! What this module keeps true: the page loads nothing from anywhere else and runs no script but its
//! own files (see `POLICY`); a file's address holds a hash of all files, so that it can be kept for
//! ever and a page never meets the scripts of another version.

mod assets;
pub(super) mod render;

use warp::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use warp::http::{HeaderMap, HeaderValue, StatusCode};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

use assets::SITE;

/// What the page may do. Pictures of other sites are not among it: loading one would tell the site
/// whatever a hostile answer put into its address.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types qwenctl-render";

/// What the page does without.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// The page is asked for each time, its files never again.
const FRESH: &str = "no-cache";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// `GET` and `HEAD` of `/` and of `/assets/<hash>/<file>`.
pub(super) fn routes() -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    let page = warp::path::end()
        .and(reading())
        .and(warp::header::headers_cloned())
        .map(|headers: HeaderMap| file(&headers, "text/html; charset=utf-8", FRESH, SITE.page()));
    let assets = warp::path!("assets" / String / String)
        .and(reading())
        .and(warp::header::headers_cloned())
        .and_then(asset);
    page.or(assets).unify()
}

fn reading() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

async fn asset(version: String, name: String, headers: HeaderMap) -> Result<Response, Rejection> {
    let asset = SITE.asset(&version, &name).ok_or_else(warp::reject::not_found)?;
    Ok(file(&headers, asset.content_type, FOREVER, asset.content))
}

fn file(
    request: &HeaderMap,
    content_type: &'static str,
    caching: &'static str,
    content: &'static str,
) -> Response {
    let etag = SITE.etag();
    let mut response = if is_known(request, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        warp::http::Response::new(content).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, caching),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(ETAG, etag.clone());
    response
}

/// Whether the browser has this version already.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let etag = etag.to_str().unwrap_or_default();
    known.flat_map(|tags| tags.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests;
