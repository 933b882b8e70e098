//! The trash: deleted chats of the server's own account, and the task that deletes what is due.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::app::Session;
use crate::app::deletion::{self, OpenTrash, Trash};
use crate::app::documents::{DataDocument, DoneDocument, RestoredData, TrashDocument};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::http::response::{Outcome, json};
use crate::server::request::{RequestContext, Source, chat_id, switch};
use crate::server::state::State;

/// The longest pause between two looks at the trash: other processes write it, too.
const LOOK: Duration = Duration::from_mins(1);
/// The shortest one.
const LEAST: Duration = Duration::from_secs(1);

/// The trash of the caller: only the server's own account has one, while its archive is in use.
///
/// # Errors
/// Those of the archive.
pub(crate) async fn open(
    call: &RequestContext,
    session: &Session,
    source: Source,
) -> Result<Option<OpenTrash>> {
    match (&call.state.trash, source) {
        (Some(trash), Source::Server) => trash.open(session).await,
        _ => Ok(None),
    }
}

/// The same for a request that needs one.
pub(super) async fn required(call: &RequestContext) -> Result<OpenTrash> {
    let (session, source) = call.session()?;
    open(call, &session, source).await?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "there is no trash: no archive keeps deleted chats")
            .with_hint("run `qwenctl chats sync` once")
    })
}

/// `GET /api/trash`
pub(crate) async fn list(call: &Arc<RequestContext>) -> Outcome {
    let (session, source) = call.session()?;
    let rows = match open(call, &session, source).await? {
        Some(trash) => Some(trash.list(None).await?),
        None => None,
    };
    json(&TrashDocument::new(rows.as_deref(), call.state.trash.as_ref()))
}

/// `POST /api/trash/<id>/restore?as_new=true&model=MODEL`: with `as_new` also a new chat with the transcript,
/// which costs one answer.
pub(crate) async fn restore(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    let mut query = call.query();
    let as_new = query.get("as_new").map(|value| switch("as_new", value)).transpose()?;
    let model = query.remove("model").filter(|model| !model.is_empty());
    let open = required(call).await?;
    let (session, _) = call.session()?;
    let new_id = if as_new == Some(true) {
        open.is_out(&id).await?;
        call.count_prompt().await?;
        let chat = open.chat(&id).await?;
        let model = model.as_deref().or(call.state.model.as_deref());
        let _change = call.state.cache.change(&session).await;
        Some(deletion::restore_as_new(&session, &chat, model).await?)
    } else if model.is_some() {
        return Err(Error::invalid("`model` needs `as_new=true`").into());
    } else {
        None
    };
    // The chat is in the lists again.
    let _change = call.state.cache.change(&session).await;
    let restoration = open.restore(&id).await?;
    json(&DataDocument::new(RestoredData::new(&id, restoration, new_id.as_ref())))
}

/// `DELETE /api/trash/<id>`
pub(crate) async fn purge(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    required(call).await?.purge(Some(vec![id])).await?;
    json(&DoneDocument::new("The chat is purged"))
}

/// Deletes what is due, at the start and whenever something is due. Never ends.
pub(crate) async fn finish_due(state: &State) {
    let Some(trash) = &state.trash else { return std::future::pending().await };
    loop {
        let next = finish_once(state, trash).await.unwrap_or_else(|error| {
            state.log.note(&format!("the trash cannot be used: {error}"));
            None
        });
        let left = next.map(|next| next.saturating_sub(now()).max(0).unsigned_abs());
        let pause = left.map_or(LOOK, Duration::from_secs).clamp(LEAST, LOOK);
        // A new deletion may be due earlier.
        let _ = timeout(pause, state.trash_changed.notified()).await;
    }
}

/// Returns when something will be due again, in seconds since 1970.
async fn finish_once(state: &State, trash: &Trash) -> Result<Option<i64>> {
    let next = trash.next_due().await?;
    if next.is_none_or(|next| next > now()) {
        return Ok(next);
    }
    let Some(session) = state.own_session() else { return Ok(None) };
    let Some(open) = trash.open(&session).await? else { return Ok(None) };
    let _deletion = state.cache.deletion(&session).await;
    for deletion in open.finish_due().await? {
        if let Err(error) = deletion.result {
            state.log.note(&format!("the chat {} is not deleted: {error}", deletion.id));
        }
    }
    open.next_due().await
}
