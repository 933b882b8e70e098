//! The account: its user, token, statistics and models; what a client may do without a token, and session
//! tokens for API keys.

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::documents::{
    DataDocument, LoginDocument, ModelsDocument, RefreshDocument, StatsDocument, TokenDocument,
};
use crate::app::{chats, token};
use crate::domain::time::now;
use crate::domain::{ErrorKind, RateLimit};
use crate::server::body::{self, Members};
use crate::server::cache::{Document, Kind};
use crate::server::http::response::{Outcome, json, refused_with};
use crate::server::limits::rate::too_many;
use crate::server::request::{RequestContext, Source};
use crate::server::shared::Tally;

/// `GET /api/user/status`: whether the upstream accepts the token.
pub(crate) async fn status(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let refused = Document::new(&DataDocument::new(false))?.body;
    let found = call.state.cache.document((Kind::Token, "status"), &session, async |session| {
        let signed_in = match session.is_signed_in().await {
            Err(error) if is_about_the_token(error.kind()) => false,
            result => result?,
        };
        Ok(Document::new(&DataDocument::new(signed_in))?.kept_if(signed_in))
    });
    let (body, found) = found.await?;
    if body == refused {
        call.note_refused_token();
    }
    Ok(RequestContext::cached((body, found)))
}

/// `GET /api/token/info`: the account and the expiry of the token. For an invalid token the document
/// holds the members of a failure as well.
pub(crate) async fn token(call: &Arc<RequestContext>) -> Outcome {
    let (session, source) = call.session()?;
    let checked = token::check(&session).await;
    let info = token::info(&session.tokens(), now());
    let source = (source.word(), None);
    match checked {
        Ok(user) => json(&TokenDocument::new(&info, source, Some(&user), None)),
        Err(error) if is_about_the_token(error.kind()) => {
            let error = error.with_request_id(Some(call.request_id.clone()));
            let document = TokenDocument::new(&info, source, None, Some(&error));
            Ok(refused_with(&error, &document))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_about_the_token(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::TokenExpired | ErrorKind::TokenInvalid)
}

/// `POST /api/token/refresh`: a new token. Only a client that sent its own token receives the new
/// one; the server's own is stored, and shown masked.
pub(crate) async fn refresh_token(call: &Arc<RequestContext>) -> Outcome {
    let (session, source) = call.session()?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let shown = if source == Source::Header { access.expose() } else { &masked };
    json(&RefreshDocument::new(shown, access.claims().expires_at, &user))
}

/// `GET /api/stats`: statistics over all pages of chats.
pub(crate) async fn stats(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let is_local = call.state.is_local;
    let found = call.state.cache.document((Kind::Lists, "stats"), &session, async move |session| {
        let stats = chats::stats(&session, |_| ()).await?;
        Document::new(&StatsDocument::new(&stats, is_local))
    });
    Ok(RequestContext::cached(found.await?))
}

/// `GET /api/models`: the models of the account, default first.
pub(crate) async fn models(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let (models, found) = call.state.cache.models(Kind::Models, &session).await?;
    Ok(RequestContext::marked(json(&ModelsDocument::new(&models))?, found))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SessionData {
    /// Whether the server's own token is used for this client.
    server_token: bool,
    /// Whether every client must send an API key.
    key_required: bool,
    upstream: &'static str,
    /// The host and port of the engine that answers for the local upstream, for a client that may use
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engine: Option<String>,
    version: &'static str,
}

/// `GET /api/session`: whether this client needs a token of its own.
pub(crate) fn session(call: &RequestContext) -> Outcome {
    let server_token = call.has_server_token();
    json(&DataDocument::new(SessionData {
        server_token,
        key_required: call.state.access.requires_key(),
        upstream: call.state.upstream_name(),
        engine: call.state.engine.clone().filter(|_| server_token),
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
    let who = call.network();
    let standing =
        state.shared.counters.take(&who, Tally::Logins, &ATTEMPTS, Instant::now()).await?;
    too_many(&standing, "too many login attempts from your address")?;
    let now = now();
    let key = state.access.key(&api_key, now).await?;
    let (token, expires_at) = state.access.session(&key, now)?;
    json(&LoginDocument::new(&token, expires_at))
}
