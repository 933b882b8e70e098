//! Models.

use std::sync::Arc;

use bytes::Bytes;

use crate::app::documents::ModelsDocument;
use crate::app::{Session, models};
use crate::domain::Result;
use crate::server::cache::{Document, Found, Kind};
use crate::server::http::response::Outcome;
use crate::server::request::RequestContext;
use crate::server::rest::documents;
use crate::server::state::State;

/// `GET /api/models`: the models that the account may use, default first.
#[utoipa::path(get, path = "/api/models", tag = "account",
    responses((status = 200, description = "The models, default first", body = documents::Models)))]
pub(crate) async fn list(call: Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    Ok(call.cached(document(&call.state, &session, Kind::Models).await?))
}

/// The document about the models, kept as long as its `kind` is.
///
/// # Errors
/// Those of the client.
pub(crate) async fn document(
    state: &State,
    session: &Session,
    kind: Kind,
) -> Result<(Bytes, Option<Found>)> {
    let work = async move |session| {
        let models = models::list(&session).await?;
        Document::new(&ModelsDocument::new(&models))
    };
    state.cache.document((kind, "rest"), session, work).await
}
