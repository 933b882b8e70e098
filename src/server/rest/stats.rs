//! Statistics.

use std::sync::Arc;

use crate::app::documents::StatsDocument;
use crate::app::stats::stats;
use crate::server::cache::{Document, Kind};
use crate::server::http::response::Outcome;
use crate::server::request::RequestContext;
use crate::server::rest::documents;

/// `GET /api/stats`: counts all chats, over all pages.
#[utoipa::path(get, path = "/api/stats", tag = "account",
    responses((status = 200, description = "Numbers about the account", body = documents::StatsAnswer)))]
pub(crate) async fn show(call: Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let is_local = call.state.is_local;
    let found = call.state.cache.document((Kind::Lists, "stats"), &session, async move |session| {
        let stats = stats(&session, |_| ()).await?;
        Document::new(&StatsDocument::new(&stats, is_local))
    });
    Ok(call.cached(found.await?))
}
