//! What the page has to know before it asks for a token.

use std::sync::Arc;

use serde::Serialize;

use crate::app::documents::DataDocument;
use crate::server::call::Call;
use crate::server::reply::{Outcome, json};

#[derive(Serialize)]
struct Session {
    server_token: bool,
    upstream: &'static str,
    version: &'static str,
}

/// `GET /api/session`: whether this caller needs a token of their own. Asks nobody.
pub async fn show(call: Arc<Call>) -> Outcome {
    json(&DataDocument::new(Session {
        server_token: call.has_server_token(),
        upstream: call.state.upstream_name(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
