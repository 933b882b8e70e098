//! An API key for a session token that ends soon.

use std::sync::Arc;
use std::time::Instant;

use crate::app::documents::LoginDocument;
use crate::domain::time::now;
use crate::domain::{RateLimit, Result};
use crate::server::auth::{network_of, too_many};
use crate::server::body::Members;
use crate::server::http::response::{ErrorResponse, Outcome, json};
use crate::server::request::RequestContext;
use crate::server::rest::documents;
use crate::server::shared::{Subject, Tally};

/// Attempts from one address, right or wrong.
const ATTEMPTS: [RateLimit; 1] = [RateLimit::per_minute(10)];

/// `POST /api/login`: a session token for an API key. It allows what the key allows, and ends with it.
#[utoipa::path(post, path = "/api/login", tag = "server", security(()),
    request_body = documents::LoginRequest,
    responses((status = 200, description = "A session token", body = documents::Login)))]
pub(crate) async fn login(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let text = members.text("api_key")?;
    let state = &call.state;
    let who = Subject::Address(network_of(call.address));
    let standing =
        state.shared.counters.take(&who, Tally::Logins, &ATTEMPTS, Instant::now()).await?;
    too_many(&standing, "too many attempts to log in came from your address")?;
    let now = now();
    let key = state.access.key(text, now).await?;
    let (token, expires_at) = state.access.session(&key, now)?;
    json(&LoginDocument::new(&token, expires_at))
}
