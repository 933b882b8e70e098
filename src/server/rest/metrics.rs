//! Numbers for Prometheus.

use std::sync::Arc;

use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::reply::Response;

use crate::server::http::response::Outcome;
use crate::server::request::RequestContext;

/// `GET /metrics`: numbers about the work of the server, for callers on the same machine.
#[utoipa::path(get, path = "/metrics", tag = "server",
    responses((status = 200, description = "The text format of Prometheus, or OpenMetrics if `Accept` asks for it",
        content((String = "text/plain"), (String = "application/openmetrics-text")))))]
pub(crate) async fn show(call: Arc<RequestContext>) -> Outcome {
    call.may_operate()?;
    let state = &call.state;
    state.metrics.refresh(state.token_expires_at(), state.log.health().lost());
    let (kind, text) = state.metrics.text(&call.accept);
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
