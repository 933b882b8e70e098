//! The archive of the server's own account: its state, its synchronization and statistics.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::app::Session;
use crate::app::archive::{self, By, SyncOptions, SyncReport};
use crate::app::documents::{
    ArchiveStateData, ArchiveStatsData, DataDocument, ErrorDocument, SyncDocument, SyncStateData,
    sync_progress,
};
use crate::domain::{Error, ErrorKind, Result};
use crate::server::body::Members;
use crate::server::http::response::{Outcome, json, json_with};
use crate::server::options::ArchivePlace;
use crate::server::request::{RequestContext, Source};
use crate::server::state::Phase;
use crate::server::stream::{of_channel, put_event};

/// The names of the groups of the statistics.
pub(crate) const GROUPS: [(&str, By); 4] =
    [("month", By::Month), ("model", By::Model), ("weekday", By::Weekday), ("chat", By::Chat)];

/// Events that wait for their reader; more are left out.
const AHEAD: usize = 16;

/// `POST /api/archive/sync`
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SyncRequest {
    /// List all chats and retry all failed ones, not only what has changed.
    full: Option<bool>,
    /// Accept that many chats are deleted upstream.
    accept_gone: Option<bool>,
    /// Answer with server-sent events, as with `Accept: text/event-stream`.
    stream: Option<bool>,
}

/// The archive and the session of the server's own account.
fn own(call: &RequestContext) -> Result<(Session, ArchivePlace)> {
    let (session, source) = call.session()?;
    if source == Source::Header {
        let message = "the archive has the chats of the server's own account";
        return Err(Error::new(ErrorKind::Forbidden, message)
            .with_hint("send no access token; an API key of this server may be required"));
    }
    let place = call.state.archive.clone().ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "this server has no archive")
            .with_hint("start it with `--archive`")
    })?;
    Ok((session, place))
}

/// `GET /api/archive`
pub(crate) async fn state(call: &Arc<RequestContext>) -> Outcome {
    let place = match own(call) {
        Ok((_, place)) => place,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return json(&DataDocument::new(ArchiveStateData::default()));
        }
        Err(error) => return Err(error.into()),
    };
    let status = match archive::status(place.path).await {
        Ok(status) => Some(status),
        // It is not synchronized yet.
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let sync = SyncStateData::from(&call.state.archive_monitor.state());
    json(&DataDocument::new(ArchiveStateData::new(status.as_ref(), sync)))
}

/// `POST /api/archive/sync`: starts it, and answers at once or with its events.
pub(crate) fn sync(call: &Arc<RequestContext>, members: &Members) -> Outcome {
    members.only(&["full", "accept_gone", "stream"])?;
    let request: SyncRequest = members.parse()?;
    let (session, place) = own(call)?;
    let monitor = Arc::clone(&call.state.archive_monitor);
    monitor.start()?;
    let options = SyncOptions {
        full: request.full == Some(true),
        accept_gone: request.accept_gone == Some(true),
        rate: place.rate,
        no_thinking: place.no_thinking,
        keep: place.keep,
        ..SyncOptions::default()
    };
    let (sender, receiver) = mpsc::channel(AHEAD);
    let state = Arc::clone(&call.state);
    // It continues when its client leaves, and ends with the server: what is fetched is kept.
    call.state.chores.spawn(async move {
        let progress = |progress| {
            state.archive_monitor.advance(progress);
            // A slow reader misses events; the last one says all.
            let _ = sender.try_send(event("progress", &sync_progress(progress)));
        };
        let data = place.path.parent().unwrap_or(&place.path);
        let result = tokio::select! {
            result = archive::sync(&session, (data, &place.upstream), &options, progress) => result,
            () = state.shutdown.reached(Phase::Draining) => {
                Err(Error::new(ErrorKind::Interrupted, "the server is shutting down"))
            }
        };
        let error = failure(&result);
        if let Some(error) = &error {
            state.log.note(&format!("the archive is not synchronized: {error}"));
        }
        if let Ok(SyncReport { warning: Some(warning), .. }) = &result {
            state.log.note(warning);
        }
        state.archive_monitor.end(error);
        let last = match &result {
            Ok(report) => event("done", &SyncDocument::from(report)),
            Err(error) => event("error", &ErrorDocument::from(error)),
        };
        let _ = sender.send_timeout(last, state.limits.reader).await;
    });
    if request.stream == Some(true) || call.accepts_events {
        return Ok(of_channel(receiver, std::convert::identity, call.state.limits.heartbeat));
    }
    let data = SyncStateData::from(&monitor.state());
    Ok(json_with(StatusCode::ACCEPTED, &DataDocument::new(data)))
}

/// Why a synchronization did not end as it should.
fn failure(result: &Result<SyncReport>) -> Option<Error> {
    match result {
        Ok(report) => report.stopped.clone(),
        Err(error) => Some(error.clone()),
    }
}

fn event(name: &str, data: &impl serde::Serialize) -> Bytes {
    let mut event = Vec::new();
    put_event(&mut event, name, data);
    event.into()
}

/// `GET /api/archive/stats?by=month&since=…`
pub(crate) async fn stats(call: &Arc<RequestContext>) -> Outcome {
    let query = call.query();
    let name = query.get("by").map_or("month", String::as_str);
    let found = GROUPS.into_iter().find(|(known, _)| *known == name);
    let (name, by) = found
        .ok_or_else(|| Error::invalid("`by` must be `month`, `model`, `weekday` or `chat`"))?;
    let since = query.get("since").map(|since| {
        since.parse().map_err(|_| Error::invalid("`since` must be seconds since 1970"))
    });
    let since: Option<i64> = since.transpose()?;
    let (session, place) = own(call)?;
    let account = call.state.archive_monitor.account_hash(&session, &place.upstream).await?;
    let statistics = archive::statistics(place.path, Some(account), by, since).await?;
    json(&DataDocument::new(ArchiveStatsData::new(&statistics, name)))
}
