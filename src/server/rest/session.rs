//! What the page has to know before it asks for a token.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::documents::DataDocument;
use crate::server::http::response::{Outcome, json};
use crate::server::request::RequestContext;

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the document")]
struct SessionAnswer {
    success: bool,
    data: Session,
}

#[derive(Serialize, ToSchema)]
struct Session {
    server_token: bool,
    /// Whether every caller has to bring an API key.
    key_required: bool,
    upstream: &'static str,
    version: &'static str,
}

/// `GET /api/session`: whether this caller needs a token of their own. Asks nobody.
#[utoipa::path(get, path = "/api/session", tag = "server",
    responses((status = 200, description = "What a page may do without a token", body = SessionAnswer)))]
pub(crate) async fn show(call: Arc<RequestContext>) -> Outcome {
    json(&DataDocument::new(Session {
        server_token: call.has_server_token(),
        key_required: call.state.access.requires_key(),
        upstream: call.state.upstream_name(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
