//! The account: its user, token, statistics and models; what a client may do without a token, and session
//! tokens for API keys.

use std::sync::Arc;
use std::time::Instant;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::documents::{
    DataDocument, DoneDocument, LoginDocument, ModelsDocument, RefreshDocument, StatsDocument,
    TokenDocument, UserStatusDocument,
};
use crate::app::{Session, chats, token, token_missing};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, RateLimit, Result, TokenState, Tokens};
use crate::server::body::{self, Members};
use crate::server::cache::{Document, Kind};
use crate::server::http::response::{Outcome, json, refused_with};
use crate::server::limits::rate::too_many;
use crate::server::options::AccountStore;
use crate::server::request::{RequestContext, Source};
use crate::server::shared::Tally;

/// `GET /api/user/status`: whether the upstream accepts the token.
pub(crate) async fn status(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let refused = Document::new(&DataDocument::new(false))?.body;
    let found = call.state.cache.document((Kind::Token, "status"), &session, async |session| {
        let signed_in = match session.is_signed_in().await.map_err(Error::for_clients) {
            Err(error) if is_about_the_token(error.kind()) => false,
            result => result?,
        };
        Ok(Document::new(&DataDocument::new(signed_in))?.kept_if(signed_in))
    });
    let (body, found) = found.await?;
    let is_refused = body == refused;
    if is_refused {
        call.note_refused_token();
    }
    // A refused token may name the account of another user.
    let quotas = call.state.quotas.as_ref().filter(|_| !is_refused);
    let quotas = quotas.map(|quotas| quotas.list(&session));
    match quotas.unwrap_or_default().as_slice() {
        [] => Ok(RequestContext::cached((body, found))),
        quotas => json(&UserStatusDocument::new(!is_refused, quotas, now())),
    }
}

/// `GET /api/token/info`: the account and the expiry of the token. For an invalid token the document
/// holds the members of a failure as well.
pub(crate) async fn token(call: &Arc<RequestContext>) -> Outcome {
    let (session, source) = call.session()?;
    let checked = token::check(&session).await.map_err(Error::for_clients);
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

/// Credentials of a Qwen account, in any form in which a browser copies them.
#[derive(ToSchema)]
#[schema(min_properties = 1, example = json!({"pasted": "Cookie: token=…; refresh_token=…"}))]
#[allow(dead_code, reason = "describes what the parser of pasted text reads")]
pub(crate) struct StoreTokenRequest {
    /// A copied request, a cookie line, a jar, the value of `qwen_access_token_state`, or a token.
    #[schema(nullable = false)]
    pasted: Option<String>,
    /// The access token, in place of `pasted`.
    #[schema(nullable = false)]
    token: Option<String>,
    /// The refresh token.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// The other cookies of the same browser session: a cookie line.
    #[schema(nullable = false)]
    cookies: Option<String>,
}

/// `PUT /api/token`: stores a token as the server's own. One that the upstream refuses changes nothing.
pub(crate) async fn store_token(call: &Arc<RequestContext>, pasted: SecretString) -> Outcome {
    let account = call.account_to_change()?;
    let (store, _turn) = account.store().await?;
    let pasted = token::read_pasted(pasted.expose_secret(), None, now())?;
    let writable = Arc::clone(&store);
    beside(move || writable.check()).await?;
    let tokens = token::sign_in(&call.state.client, pasted).await?;
    let before = account.session().map(|session| session.tokens());
    let is_expired = matches!(tokens.access.state(now()), TokenState::Expired { .. });
    if !is_expired {
        // Without the refresh token: its successor would not be stored.
        let once = Tokens { refresh: None, ..tokens.clone() };
        let session =
            call.state.client.session(once, None).observed_by(Arc::clone(&call.trace) as _);
        if !session.is_signed_in().await? {
            // The account service says why, and so does a client that refuses to send a foreign cookie.
            return Err(match session.user().await {
                Err(error) if is_about_the_token(error.kind()) => error.into(),
                _ => refused_token().into(),
            });
        }
    }
    let session = replace(&store, Some(tokens)).await?.ok_or_else(token_missing)?;
    if is_expired {
        let refreshed =
            session.restarted().observed_by(Arc::clone(&call.trace) as _).refresh().await;
        if let Err(error) = refreshed {
            if is_about_the_token(error.kind()) {
                replace(&store, before).await?;
            } else {
                // It is stored, and is refreshed when the upstream answers again.
                account.replace(Some(session));
            }
            return Err(error.into());
        }
    }
    let info = token::info(&session.tokens(), now());
    account.replace(Some(session));
    json(&TokenDocument::new(&info, (Source::Server.word(), None), None, None))
}

/// `DELETE /api/token`: the server has no token of its own any more.
pub(crate) async fn remove_token(call: &Arc<RequestContext>) -> Outcome {
    let account = call.account_to_change()?;
    let (store, _turn) = account.store().await?;
    replace(&store, None).await?;
    account.replace(None);
    json(&DoneDocument::new("Token removed successfully"))
}

async fn replace(store: &Arc<dyn AccountStore>, tokens: Option<Tokens>) -> Result<Option<Session>> {
    let store = Arc::clone(store);
    beside(move || store.replace(tokens)).await
}

async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|fault| Error::new(ErrorKind::Internal, "a task failed").caused_by(fault))?
}

fn refused_token() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the upstream does not accept this token")
        .with_hint("sign in at https://chat.qwen.ai again, and copy the new one")
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
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts in JSON")]
pub(crate) struct SessionData {
    /// Whether the server's own token is used for this client.
    server_token: bool,
    /// Whether this client may store another one with `PUT /api/token`.
    may_store_token: bool,
    /// The state of the server's own token, for a client that may use it: `valid`, `refreshable`, `expired` or
    /// `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token_state: Option<&'static str>,
    /// Whether every client must send an API key.
    key_required: bool,
    upstream: &'static str,
    /// The host and port of the engine that answers for the local upstream, for a client that may use
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    engine: Option<String>,
    /// Whether the chats of the server's own account are archived.
    archive: bool,
    version: &'static str,
}

/// `GET /api/session`: whether this client needs a token of its own.
pub(crate) fn session(call: &RequestContext) -> Outcome {
    let server_token = call.has_server_token();
    json(&DataDocument::new(SessionData {
        server_token,
        may_store_token: call.may_change_account(),
        token_state: server_token.then(|| call.state.token_state().0),
        key_required: call.state.access.requires_key(),
        upstream: call.state.upstream_name(),
        engine: call.state.engine.clone().filter(|_| server_token),
        archive: server_token && call.state.archive.is_some(),
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
