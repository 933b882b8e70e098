//! The documents of the archive.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::whole_seconds;
use crate::app::archive::{
    Found, Hit, Piece, Statistics, Status, SyncProgress, SyncReport, SyncState,
};
use crate::domain::{ChatId, Error, ErrorKind};

/// The result of a synchronization of the archive.
#[derive(Debug, Serialize)]
pub(crate) struct SyncDocument<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    data: SyncData<'a>,
}

#[derive(Debug, Serialize)]
struct SyncData<'a> {
    listed: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    fetched: usize,
    gone: usize,
    purged: usize,
    failed: Vec<FailedData<'a>>,
    full: bool,
    took_ms: u64,
}

/// A chat that could not be fetched.
#[derive(Debug, Serialize)]
struct FailedData<'a> {
    id: &'a str,
    code: &'a str,
    error: &'a str,
    next_try_at: i64,
}

impl<'a> From<&'a SyncReport> for SyncDocument<'a> {
    fn from(report: &'a SyncReport) -> Self {
        let SyncReport { changes, failed, stopped, .. } = report;
        let first = failed.first();
        let failed = failed.iter().map(|failed| FailedData {
            id: &failed.id,
            code: &failed.code,
            error: &failed.error,
            next_try_at: failed.next_try_at,
        });
        Self {
            success: stopped.is_none() && first.is_none(),
            error: match stopped {
                Some(error) => Some(error.message()),
                None => first.map(|_| "some chats could not be fetched"),
            },
            code: match stopped {
                Some(error) => Some(error.kind().code()),
                None => first.map(|failed| failed.code.as_str()),
            },
            retry_after: stopped.as_ref().and_then(Error::retry_after).map(whole_seconds),
            data: SyncData {
                listed: report.listed,
                new: changes.new,
                changed: changes.changed,
                unchanged: changes.unchanged,
                fetched: report.fetched,
                gone: report.gone,
                purged: report.purged,
                failed: failed.collect(),
                full: report.full,
                took_ms: milliseconds(report.took),
            },
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The result of a search.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(crate) struct SearchDocument<'a> {
    success: bool,
    results: Vec<HitData<'a>>,
    /// The number of all hits.
    total: usize,
    /// Whether there may be more hits than `total`.
    total_is_exact: bool,
    /// Send it as `cursor` to get the next results; `null` at the end.
    cursor: Option<String>,
    /// `archive` or `upstream`.
    source: &'static str,
    /// When the archive was last synchronized.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    synced_at: Option<i64>,
    took_ms: u64,
}

/// A message or a title that matches.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub(crate) struct HitData<'a> {
    #[schema(value_type = String)]
    chat_id: &'a ChatId,
    title: Option<&'a str>,
    /// `null` for a title.
    message_id: Option<&'a str>,
    role: Option<&'a str>,
    model: Option<&'a str>,
    timestamp: Option<i64>,
    /// `live`, `gone` if the upstream has the chat no longer, or `imported`.
    state: &'static str,
    snippet: Vec<PieceData<'a>>,
    /// The number of further hits in this chat.
    more_in_chat: usize,
}

/// A piece of an excerpt.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchPiece)]
struct PieceData<'a> {
    text: &'a str,
    /// Whether it matches.
    #[serde(rename = "match", skip_serializing_if = "std::ops::Not::not")]
    is_match: bool,
}

impl<'a> SearchDocument<'a> {
    /// The document about what was `found` in `source`: `archive` or `upstream`.
    pub(crate) fn new(found: &'a Found, source: &'static str, took: Duration) -> Self {
        Self {
            success: true,
            results: found.hits.iter().map(HitData::from).collect(),
            total: found.total,
            total_is_exact: found.total_is_exact,
            cursor: found.next.map(|next| next.to_string()),
            source,
            synced_at: found.synced_at,
            took_ms: milliseconds(took),
        }
    }

    /// The hits.
    pub(crate) fn results(&self) -> &[HitData<'a>] {
        &self.results
    }
}

impl<'a> From<&'a Hit> for HitData<'a> {
    fn from(hit: &'a Hit) -> Self {
        let message = hit.message.as_ref();
        let piece = |piece: &'a Piece| PieceData { text: &piece.text, is_match: piece.is_match };
        Self {
            chat_id: &hit.chat_id,
            title: hit.title.as_deref(),
            message_id: message.map(|message| message.id.as_str()),
            role: message.and_then(|message| message.role.as_deref()),
            model: message.and_then(|message| message.model.as_deref()),
            timestamp: hit.timestamp,
            state: hit.state.word(),
            snippet: hit.snippet.iter().map(piece).collect(),
            more_in_chat: hit.more_in_chat,
        }
    }
}

/// The state of the archive.
#[derive(Debug, Serialize)]
pub(crate) struct ArchiveData<'a> {
    path: &'a Path,
    bytes: u64,
    accounts: i64,
    chats: i64,
    gone: i64,
    messages: i64,
    characters: i64,
    waiting: i64,
    failed: i64,
    synced_at: Option<i64>,
}

impl<'a> ArchiveData<'a> {
    /// The document about the archive at `path`.
    pub(crate) fn new(path: &'a Path, status: &Status) -> Self {
        let Status { bytes, accounts, chats, gone, messages, characters, .. } = *status;
        let Status { waiting, failed, synced_at, .. } = *status;
        Self {
            path,
            bytes,
            accounts,
            chats,
            gone,
            messages,
            characters,
            waiting,
            failed,
            synced_at,
        }
    }
}

/// The result of a check of the archive.
#[derive(Debug, Serialize)]
pub(crate) struct CheckDocument<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    data: &'a [String],
}

impl<'a> CheckDocument<'a> {
    /// The document about these faults.
    pub(crate) fn new(faults: &'a [String]) -> Self {
        let success = faults.is_empty();
        let error = (!success).then_some("the archive is damaged");
        let code = (!success).then_some(ErrorKind::Internal.code());
        Self { success, error, code, data: faults }
    }
}

/// The state of the archive of a server's own account.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ArchiveState)]
pub(crate) struct ArchiveStateData {
    /// Whether the server has an archive.
    enabled: bool,
    /// The size of its files.
    bytes: u64,
    /// Chats whose messages are archived.
    chats: i64,
    /// Chats that the upstream has no longer.
    gone: i64,
    messages: i64,
    characters: i64,
    /// Chats that are to be fetched.
    waiting: i64,
    /// Chats that could not be fetched.
    failed: i64,
    /// When the archive was last synchronized.
    synced_at: Option<i64>,
    sync: SyncStateData,
}

impl ArchiveStateData {
    /// The state of an archive, which may not exist yet.
    pub(crate) fn new(status: Option<&Status>, sync: SyncStateData) -> Self {
        let Some(status) = status else { return Self { enabled: true, sync, ..Self::default() } };
        Self {
            enabled: true,
            bytes: status.bytes,
            chats: status.chats,
            gone: status.gone,
            messages: status.messages,
            characters: status.characters,
            waiting: status.waiting,
            failed: status.failed,
            synced_at: status.synced_at,
            sync,
        }
    }
}

/// A synchronization that the server runs, or its last one.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SyncState)]
pub(crate) struct SyncStateData {
    running: bool,
    /// Chats that are listed so far.
    listed: usize,
    /// Chats that are fetched so far.
    fetched: usize,
    /// Chats that are to be fetched.
    total: usize,
    /// Why the last one failed.
    error: Option<String>,
    code: Option<&'static str>,
}

impl From<&SyncState> for SyncStateData {
    fn from(state: &SyncState) -> Self {
        let (fetched, total) = state.fetched;
        Self {
            running: state.is_running,
            listed: state.listed,
            fetched,
            total,
            error: state.error.as_ref().map(|error| error.message().to_owned()),
            code: state.error.as_ref().map(|error| error.kind().code()),
        }
    }
}

/// The progress of a synchronization, as an event.
pub(crate) fn sync_progress(progress: SyncProgress) -> serde_json::Value {
    match progress {
        SyncProgress::Listed(listed) => serde_json::json!({ "listed": listed }),
        SyncProgress::Fetched(fetched, total) => {
            serde_json::json!({ "fetched": fetched, "total": total })
        }
        SyncProgress::Indexing => serde_json::json!({ "indexing": true }),
    }
}

/// Statistics of the archive.
#[derive(Serialize, ToSchema)]
#[schema(as = ArchiveStats)]
pub(crate) struct ArchiveStatsData<'a> {
    /// Chats with a message.
    chats: i64,
    messages: i64,
    characters: i64,
    longest_chat: Option<LongestData<'a>>,
    /// Messages by the hour of the day, in the time zone of the server.
    #[schema(min_items = 24, max_items = 24)]
    hours: &'a [i64],
    /// `month`, `model`, `weekday` or `chat`.
    by: &'static str,
    groups: Vec<GroupData<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LongestChat)]
struct LongestData<'a> {
    chat_id: &'a str,
    title: Option<&'a str>,
    messages: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StatsGroup)]
struct GroupData<'a> {
    /// A month such as `2026-11`, a model, a weekday, or the title of a chat.
    name: &'a str,
    /// Only of a group by chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    chat_id: Option<&'a str>,
    messages: i64,
    characters: i64,
}

impl<'a> ArchiveStatsData<'a> {
    /// The document about `statistics`, which are grouped by `by`.
    pub(crate) fn new(statistics: &'a Statistics, by: &'static str) -> Self {
        let longest = statistics.longest.as_ref().map(|longest| LongestData {
            chat_id: &longest.chat_id,
            title: longest.title.as_deref(),
            messages: longest.messages,
        });
        let groups = statistics.groups.iter().map(|group| GroupData {
            name: &group.name,
            chat_id: group.chat_id.as_deref(),
            messages: group.messages,
            characters: group.characters,
        });
        Self {
            chats: statistics.chats,
            messages: statistics.messages,
            characters: statistics.characters,
            longest_chat: longest,
            hours: &statistics.hours,
            by,
            groups: groups.collect(),
        }
    }
}
