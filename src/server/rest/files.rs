//! Files for prompts: uploaded here first, then named in `files` of a prompt.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Buf;
use futures_util::Stream;
use hyper::header::HeaderMap;

use super::export::boundary;
use crate::app::answer::Question;
use crate::app::documents::{DataDocument, FileData};
use crate::app::{FileSource, MAX_FILE_BYTES, attach};
use crate::domain::{Error, Result};
use crate::server::body;
use crate::server::files::{KEPT, Kept};
use crate::server::form;
use crate::server::http::response::{ErrorResponse, Outcome, json};
use crate::server::request::RequestContext;

/// The type of a body with a file.
pub(crate) const FORM: &str = "multipart/form-data";

/// How much longer than its file a form may be, and how long an upload may take.
const HEAD: u64 = 64 << 10;
const LONGEST: Duration = Duration::from_mins(30);

/// `POST /api/files`: keeps the one file of a form for a prompt.
pub(crate) async fn upload<B: Buf>(
    call: &Arc<RequestContext>,
    headers: &HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Outcome {
    let (id, kept) = receive(call, headers, body).await?;
    let data = FileData::new(&id, &kept.file, kept.expires_at);
    json(&DataDocument::new(data))
}

/// `GET /api/files/<id>`: what is known of a kept file.
pub(crate) fn show(call: &RequestContext, id: &str) -> Outcome {
    let kept = call.state.files.get(&owner(call)?, id)?;
    json(&DataDocument::new(FileData::new(id, &kept.file, kept.expires_at)))
}

/// Reads the one file of a form, and keeps it.
///
/// # Errors
/// 415, 413, or those of the form and the file.
pub(crate) async fn receive<B: Buf>(
    call: &Arc<RequestContext>,
    headers: &HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<(String, Kept), ErrorResponse> {
    // First: a client that may not use the account sends nothing that is stored.
    let owner = owner(call)?;
    if call.content_type.as_deref() != Some(FORM) {
        let message = format!("the body must be a form with a file ({FORM})");
        return Err(ErrorResponse::unsupported_media(message, None));
    }
    let boundary = boundary(headers).ok_or_else(|| Error::invalid("the form has no `boundary`"))?;
    let directory = std::env::temp_dir();
    let limits = (MAX_FILE_BYTES + HEAD, LONGEST);
    let form = body::spooled(call, body, &directory, limits).await?;
    let file = attach::blocking(move || {
        let files = form::files(form, boundary.as_bytes(), &directory)
            .map_err(|fault| Error::invalid(format!("the form cannot be read: {fault}")))?;
        let [(name, file)]: [_; 1] = files.try_into().map_err(|files: Vec<_>| {
            Error::invalid(format!("the form must have one file, not {}", files.len()))
        })?;
        FileSource::of_file(&name, file)
    });
    let kept = call.state.files.keep(owner, file.await?)?;
    drop_later(call);
    Ok(kept)
}

/// Drops the files of `call` once they have expired, also if no other request comes.
fn drop_later(call: &RequestContext) {
    let state = Arc::downgrade(&call.state);
    tokio::spawn(async move {
        tokio::time::sleep(KEPT + Duration::from_secs(1)).await;
        if let Some(state) = Weak::upgrade(&state) {
            state.files.expire();
        }
    });
}

/// Whom the files of a request belong to.
///
/// # Errors
/// Those of the session.
pub(crate) fn owner(call: &RequestContext) -> Result<String> {
    let (session, _) = call.session()?;
    let account = session.access_token().claims().account_id.clone().unwrap_or_default();
    let key = call.holder.as_ref().map_or("", |holder| &holder.id);
    Ok(format!("{account} {key}"))
}

/// Adds the kept files with these ids to a prompt.
///
/// # Errors
/// If there is no such file.
pub(crate) fn add(call: &RequestContext, ids: &[String], question: &mut Question) -> Result<()> {
    /// More than a prompt takes.
    const MAX_IDS: usize = 20;
    if ids.len() > MAX_IDS {
        return Err(Error::invalid(format!("`files` may name at most {MAX_IDS} files")));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let owner = owner(call)?;
    for id in ids {
        question.files.push(call.state.files.get(&owner, id)?.file);
    }
    Ok(())
}
