//! What a client may do without a token, and session tokens for API keys.

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::documents::{DataDocument, LoginDocument};
use crate::domain::RateLimit;
use crate::domain::time::now;
use crate::server::body::{self, Members};
use crate::server::http::response::{Outcome, json};
use crate::server::limits::rate::{network_of, too_many};
use crate::server::request::RequestContext;
use crate::server::shared::{Subject, Tally};

#[derive(Serialize, ToSchema)]
pub(crate) struct SessionData {
    /// Whether the server's own token is used for this client.
    server_token: bool,
    /// Whether every client must send an API key.
    key_required: bool,
    upstream: &'static str,
    version: &'static str,
}

/// `GET /api/session`: whether this client needs a token of its own.
pub(crate) fn show(call: &RequestContext) -> Outcome {
    json(&DataDocument::new(SessionData {
        server_token: call.has_server_token(),
        key_required: call.state.access.requires_key(),
        upstream: call.state.upstream_name(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    #[serde(deserialize_with = "body::filled")]
    #[schema(min_length = 1)]
    api_key: String,
}

/// Attempts from one address, whether they succeed or not.
const ATTEMPTS: [RateLimit; 1] = [RateLimit::per_minute(10)];

/// `POST /api/login`: a session token for an API key. It has the scope of the key, and expires with it.
pub(crate) async fn log_in(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let LoginRequest { api_key } = members.parse()?;
    let state = &call.state;
    let who = Subject::Address(network_of(call.address));
    let standing =
        state.shared.counters.take(&who, Tally::Logins, &ATTEMPTS, Instant::now()).await?;
    too_many(&standing, "too many login attempts from your address")?;
    let now = now();
    let key = state.access.key(&api_key, now).await?;
    let (token, expires_at) = state.access.session(&key, now)?;
    json(&LoginDocument::new(&token, expires_at))
}
