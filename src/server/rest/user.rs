//! The user.

use std::sync::Arc;

use crate::app::documents::DataDocument;
use crate::domain::ErrorKind;
use crate::server::cache::{Document, Kind};
use crate::server::http::response::Outcome;
use crate::server::request::RequestContext;
use crate::server::rest::documents;

/// `GET /api/user/status`: whether the token is accepted.
#[utoipa::path(get, path = "/api/user/status", tag = "account",
    responses((status = 200, description = "Whether the token is accepted", body = documents::UserStatus)))]
pub(crate) async fn status(call: Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let refused = Document::new(&DataDocument::new(false))?.body;
    let found = call.state.cache.document((Kind::Token, "status"), &session, async |session| {
        let signed_in = match session.is_signed_in().await {
            Err(error)
                if matches!(error.kind(), ErrorKind::TokenExpired | ErrorKind::TokenInvalid) =>
            {
                false
            }
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
