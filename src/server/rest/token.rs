//! The access token.

use std::sync::Arc;

use hyper::StatusCode;

use crate::app::documents::{RefreshDocument, TokenDocument};
use crate::app::token;
use crate::domain::ErrorKind;
use crate::server::call::{Call, Source};
use crate::server::reply::{Outcome, Refusal, json, json_with};
use crate::server::state::now;

/// `GET /api/token/info`: whose token it is and until when. For a token that is no good the answer
/// has the same members, besides those of a failure.
pub async fn info(call: Arc<Call>) -> Outcome {
    let (session, source) = call.session()?;
    let checked = token::check(&session).await;
    let info = token::info(&session.tokens(), now());
    let failure = match &checked {
        Ok(_) => None,
        Err(error) if is_about_the_token(error.kind()) => Some(error),
        Err(_) => return Err(checked.map(drop).unwrap_err().into()),
    };
    let source = (source.word(), None);
    let document = TokenDocument::new(&info, source, checked.as_ref().ok(), failure);
    match failure {
        None => json(&document),
        Some(_) => Ok(json_with(StatusCode::UNAUTHORIZED, &document)),
    }
}

fn is_about_the_token(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::TokenExpired | ErrorKind::TokenInvalid)
}

/// `POST /api/token/refresh`: a new token. It is told to the caller whose own token it was, and to
/// nobody else; the server's own goes to where it is stored, and is only shown masked.
pub async fn refresh(call: Arc<Call>, body: Result<(), Refusal>) -> Outcome {
    body?;
    let (session, source) = call.session()?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let shown = if source == Source::Header { access.expose() } else { &masked };
    json(&RefreshDocument::new(shown, access.claims().expires_at, &user))
}
