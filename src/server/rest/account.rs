//! The account: its user, token, statistics and models.

use std::sync::Arc;

use bytes::Bytes;

use crate::app::documents::{
    DataDocument, ModelsDocument, RefreshDocument, StatsDocument, TokenDocument,
};
use crate::app::{Session, chats, token};
use crate::domain::time::now;
use crate::domain::{ErrorKind, Result};
use crate::server::cache::{Document, Found, Kind};
use crate::server::http::response::{Outcome, json, refused_with};
use crate::server::request::{RequestContext, Source};
use crate::server::state::State;

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
    Ok(call.cached((body, found)))
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
    Ok(call.cached(found.await?))
}

/// `GET /api/models`: the models of the account, default first.
pub(crate) async fn models(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    Ok(call.cached(models_document(&call.state, &session, Kind::Models).await?))
}

/// The document about the models, kept as long as its `kind`.
///
/// # Errors
/// Those of the client.
pub(crate) async fn models_document(
    state: &State,
    session: &Session,
    kind: Kind,
) -> Result<(Bytes, Option<Found>)> {
    let work = async move |session: Session| {
        let models = session.models().await?;
        Document::new(&ModelsDocument::new(&models))
    };
    state.cache.document((kind, "rest"), session, work).await
}
