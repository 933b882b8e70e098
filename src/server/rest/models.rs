//! Models.

use std::sync::Arc;

use crate::app::documents::ModelsDocument;
use crate::app::models;
use crate::server::cache::{Document, Kind};
use crate::server::call::Call;
use crate::server::openapi::schemas;
use crate::server::reply::{Outcome, cached};

/// `GET /api/models`: the models that the account may use, default first.
#[utoipa::path(get, path = "/api/models", tag = "account",
    responses((status = 200, description = "The models, default first", body = schemas::Models)))]
pub async fn list(call: Arc<Call>) -> Outcome {
    let (session, _) = call.session()?;
    let found = call.state.cache.document((Kind::Models, "rest"), &session, async move |session| {
        let models = models::list(&session).await?;
        Document::new(&ModelsDocument::new(&models))
    });
    Ok(cached(&call, found.await?))
}
