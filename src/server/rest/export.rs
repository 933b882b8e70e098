//! Downloads of a chat or of the chats of the archive, and imports into the archive.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, stream};
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderValue,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use warp::reply::{Reply as _, Response};

use crate::app::Session;
use crate::app::archive::{self, AccountHash, Owner};
use crate::app::documents::ImportDocument;
use crate::app::export::{
    Branches, Encoder, Format, Place, Record, Selection, Shelf, Style, create, fetch, file_name,
    matching,
};
use crate::app::import::{
    self, Format as ImportFormat, ImportRequest, Source as File, SourcePlace,
};
use crate::domain::{ChatId, Error, ErrorKind, Result};
use crate::server::body;
use crate::server::form;
use crate::server::http::response::{ErrorResponse, Outcome, json, refused_with};
use crate::server::options::ArchivePlace;
use crate::server::request::{RequestContext, Source, chat_id, switch};

/// `GET /api/chats/<id>/export?format=`: a chat of the account; one of the server's own account also from
/// the archive, if the upstream cannot be read or has it no longer.
pub(crate) async fn chat(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    let style = style(&call.query(), Format::Markdown)?;
    let (session, source) = call.session()?;
    let record = match fetch(&session, &id).await {
        Ok(record) => record,
        Err(error) => {
            let archived = archived(call, (&session, source), &id, &style, &error).await?;
            archived.ok_or(error)?
        }
    };
    let mut encoder = Encoder::new(style, true);
    let name = format!("{}.{}", file_name(&record), style.format.extension());
    let mut body = encoder.encode(record).await?.unwrap_or_default();
    body.extend(encoder.end());
    Ok(download(Response::new(body.into()), style.format, &name))
}

async fn archived(
    call: &RequestContext,
    (session, source): (&Session, Source),
    id: &ChatId,
    style: &Style,
    error: &Error,
) -> Result<Option<Record>> {
    use ErrorKind::{NotFound, Timeout, UpstreamUnreachable};
    let is_missing = matches!(error.kind(), NotFound | Timeout | UpstreamUnreachable);
    let Some(place) =
        call.state.archive.as_ref().filter(|_| source == Source::Server && is_missing)
    else {
        return Ok(None);
    };
    let account = call.state.archive_monitor.account_hash(session, &place.upstream).await?;
    let shelf = Shelf::open(place.path.clone(), Owner::Account(account)).await?;
    match shelf.named(id.to_string()).await? {
        Some(place) if place.id == *id => shelf.record(place, style.needs_raw()).await,
        _ => Ok(None),
    }
}

/// How long the search for the chats of a download may take.
const SEARCH_TIME: Duration = Duration::from_secs(30);

/// `GET /api/archive/export?format=`: the chats of the archive, written as they are read.
pub(crate) async fn archive(call: &Arc<RequestContext>) -> Outcome {
    let query = call.query();
    let style = style(&query, Format::Ndjson)?;
    if matches!(style.format, Format::Markdown | Format::Html) {
        return Err(Error::invalid("this format makes one file for each chat")
            .with_hint("download single chats with `GET /api/chats/<id>/export`")
            .into());
    }
    let time = |name: &str| {
        let value = query.get(name).map(|value| value.parse::<i64>());
        let fault = |_| Error::invalid(format!("`{name}` must be a time in seconds since 1970"));
        value.transpose().map_err(fault)
    };
    let selection = Selection {
        since: time("since")?,
        until: time("until")?,
        matching: query.get("match").map(|query| matching(query, SEARCH_TIME)).transpose()?,
    };
    let (place, account) = own_archive(call).await?;
    let shelf = Shelf::open(place.path.clone(), Owner::Account(account)).await?;
    let places = shelf.select(selection).await?.ok_or_else(archive::no_archive)?;
    let encoder = Encoder::new(style, false);
    let rest = Rest { shelf, places: places.into_iter(), encoder, style, is_over: false };
    let pieces = stream::unfold(rest, async |mut rest| {
        let piece = rest.next().await?;
        // An error cuts the response, so that its reader does not take it for whole.
        Some((piece.map_err(std::io::Error::other), rest))
    });
    let response = warp::reply::stream(pieces).into_response();
    Ok(download(response, style.format, style.format.collection()))
}

/// The archive of the server's own account, for a client that may use it.
async fn own_archive(call: &RequestContext) -> Result<(&ArchivePlace, AccountHash)> {
    let (session, source) = call.session()?;
    let place = call.state.archive.as_ref().filter(|_| source == Source::Server);
    let place = place.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "the server has no archive of this account")
            .with_hint("start it with `--archive`; it has the chats of the server's own account")
    })?;
    let account = call.state.archive_monitor.account_hash(&session, &place.upstream).await?;
    Ok((place, account))
}

/// The types of a body to import.
pub(crate) const IMPORTS: [&str; 6] = [
    "application/x-ndjson",
    "application/json",
    "application/zip",
    "application/gzip",
    "application/octet-stream",
    FORM,
];
const FORM: &str = "multipart/form-data";

/// The longest body to import, in bytes, and how long it may take.
const MAX_IMPORT: (u64, Duration) = (2 << 30, Duration::from_mins(30));

/// `POST /api/archive/import`: chats of a file, or of the files of a form, into the archive.
pub(crate) async fn import<B: Buf>(
    call: &Arc<RequestContext>,
    headers: &HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Outcome {
    let query = call.query();
    let format = match query.get("format").map(String::as_str) {
        None | Some("auto") => None,
        Some(name) => {
            let found = ImportFormat::ALL.into_iter().find(|(known, _)| *known == name);
            Some(found.ok_or_else(|| {
                let names = ImportFormat::ALL.map(|(name, _)| name).join(", ");
                Error::invalid(format!("`format` must be `auto` or one of {names}"))
            })?)
        }
    };
    let dry_run = query.get("dry_run").map_or(Ok(false), |value| switch("dry_run", value))?;
    let media_type = call.content_type.as_deref().unwrap_or_default();
    if !IMPORTS.contains(&media_type) {
        let message = format!("the body must be one of {}", IMPORTS.join(", "));
        return Err(ErrorResponse::unsupported_media(message, None));
    }
    let (place, account) = own_archive(call).await?;
    let directory = place.path.parent().unwrap_or(Path::new(".")).to_owned();
    create(&directory)?;
    let file = body::spooled(call, body, &directory, MAX_IMPORT).await?;
    let files = match (media_type == FORM, boundary(headers)) {
        (false, _) => vec![("the body".to_owned(), file)],
        (true, None) => return Err(Error::invalid("the form has no `boundary`").into()),
        (true, Some(boundary)) => {
            let parts = archive::beside(move || {
                form::files(file, boundary.as_bytes(), &directory)
                    .map_err(|fault| Error::invalid(format!("the form cannot be read: {fault}")))
            });
            parts.await?
        }
    };
    let files = files.into_iter().map(|(name, file)| File { name, place: SourcePlace::File(file) });
    let request = ImportRequest {
        files: files.collect(),
        format: format.map(|(_, format)| format),
        dry_run,
        account: Some((account, place.upstream.clone())),
    };
    let report = import::import(place.path.clone(), request, |_| ()).await?;
    let request_id = Some(call.request_id.clone());
    let error = report.error().map(|error| error.with_request_id(request_id));
    let document = ImportDocument::new(&report, dry_run, error.as_ref());
    match &error {
        Some(error) => Ok(refused_with(error, &document)),
        None => json(&document),
    }
}

/// The boundary of a form.
pub(super) fn boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = value.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let found = parameters.map(|(name, value)| (name.trim(), value.trim().trim_matches('"')));
    let boundary = found.filter(|(name, _)| name.eq_ignore_ascii_case("boundary")).last()?.1;
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

/// What is still to be written of a download.
struct Rest {
    shelf: Shelf,
    places: std::vec::IntoIter<Place>,
    encoder: Encoder,
    style: Style,
    is_over: bool,
}

impl Rest {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        for place in self.places.by_ref() {
            let record = match self.shelf.record(place, self.style.needs_raw()).await {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(error) => return Some(Err(error)),
            };
            match self.encoder.encode(record).await {
                Ok(Some(piece)) => return Some(Ok(piece.into())),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        let end = (!self.is_over).then(|| self.encoder.end());
        self.is_over = true;
        end.map(|end| Ok(end.into()))
    }
}

fn style(query: &HashMap<String, String>, usual: Format) -> Result<Style> {
    let format = query.get("format").map_or(Ok(usual), |name| {
        let found = Format::ALL.into_iter().find(|(known, _)| known == name);
        found.map(|(_, format)| format).ok_or_else(|| {
            let names = Format::ALL.map(|(name, _)| name).join(", ");
            Error::invalid(format!("`format` must be one of {names}"))
        })
    })?;
    let branches = match query.get("branches").map(String::as_str) {
        None => None,
        Some("current") => Some(Branches::Current),
        Some("all") => Some(Branches::All),
        Some(_) => return Err(Error::invalid("`branches` must be `current` or `all`")),
    };
    let is_on = |name| query.get(name).map_or(Ok(false), |value| switch(name, value));
    let style = Style { format, branches, thinking: is_on("thinking")?, raw: is_on("raw")? };
    style.check()?;
    Ok(style)
}

/// Marks a response as a file with this name.
fn download(mut response: Response, format: Format, name: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    // If a browser shows it nevertheless, it is apart from this server's pages.
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if let Ok(value) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// What RFC 8187 leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `Content-Disposition` with the name for all clients (RFC 6266) and in any script (RFC 8187).
fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-_[]()".contains(c);
    let simple: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{simple}\"");
    if simple != name {
        let _ = write!(value, "; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_is_safe_and_in_any_script() {
        assert_eq!(disposition("a b [c1].md"), "attachment; filename=\"a b [c1].md\"");
        assert_eq!(
            disposition("tìm 搜\"\r\n.md"),
            "attachment; filename=\"t_m ____.md\"; \
             filename*=UTF-8''t%C3%ACm%20%E6%90%9C%22%0D%0A.md"
        );
    }
}
