//! The access token.

use std::sync::Arc;

use crate::app::documents::{RefreshDocument, TokenDocument};
use crate::app::token;
use crate::domain::ErrorKind;
use crate::domain::time::now;
use crate::server::http::response::{ErrorResponse, Outcome, json, refused_with};
use crate::server::request::{RequestContext, Source};
use crate::server::rest::documents;

/// `GET /api/token/info`: whose token it is and until when. For a token that is no good the answer
/// has the same members, besides those of a failure.
#[utoipa::path(get, path = "/api/token/info", tag = "account",
    responses((status = 200, description = "What is known about the token", body = documents::TokenInfo)))]
pub(crate) async fn info(call: Arc<RequestContext>) -> Outcome {
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

/// `POST /api/token/refresh`: a new token. It is told to the caller whose own token it was, and to
/// nobody else; the server's own goes to where it is stored, and is only shown masked.
#[utoipa::path(post, path = "/api/token/refresh", tag = "account",
    responses((status = 200, description = "A new token", body = documents::Refreshed)))]
pub(crate) async fn refresh(call: Arc<RequestContext>, body: Result<(), ErrorResponse>) -> Outcome {
    body?;
    let (session, source) = call.session()?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let shown = if source == Source::Header { access.expose() } else { &masked };
    json(&RefreshDocument::new(shown, access.claims().expires_at, &user))
}
