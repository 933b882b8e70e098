//! The log of requests, stop calls and streams that tests read through the admin API.
//!
//! Every list is a ring of bounded length; the totals are complete.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::clock;
use super::request::Request;
use super::routes::BUCKET_PATH;

/// How many entries of each list are kept.
const RING: usize = 512;
/// How many characters of a path, query or header are kept.
const LOGGED: usize = 500;
/// How many different method-and-path pairs are counted; later ones are counted together.
const MAX_PATHS: usize = 4096;

/// The state of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamState {
    /// More bytes may follow.
    Open,
    /// Sent completely, or cut on purpose.
    Ended,
    /// The client closed the connection first.
    ClientGone,
}

impl StreamState {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::ClientGone => "client_gone",
        }
    }
}

/// An event that a test can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Milestone {
    /// Requests received (outside the admin API).
    Requests,
    /// Stop calls received.
    Stops,
    /// Streams whose client went away.
    ClientGone,
    /// Streams that ran to their end.
    Ended,
}

impl Milestone {
    /// The milestone with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "requests" => Some(Self::Requests),
            "stops" => Some(Self::Stops),
            "client_gone" => Some(Self::ClientGone),
            "ended" => Some(Self::Ended),
            _ => None,
        }
    }
}

/// The log of one local upstream.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pages: Mutex<Pages>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Pages {
    total: u64,
    counts: BTreeMap<String, u64>,
    requests: VecDeque<Value>,
    stop_total: u64,
    stops: VecDeque<Value>,
    stream_total: u64,
    gone_total: u64,
    ended_total: u64,
    streams: VecDeque<StreamEntry>,
    /// When upload credentials were issued, in seconds.
    uploads: VecDeque<i64>,
}

#[derive(Debug)]
struct StreamEntry {
    number: u64,
    chat_id: String,
    response_id: String,
    state: StreamState,
}

impl Journal {
    /// Notes a request. Of credentials it notes only that they are present.
    pub(super) fn request(&self, request: &Request) {
        let mut pages = self.pages();
        pages.total += 1;
        let is_file = request.path.starts_with(BUCKET_PATH);
        let path = if is_file { format!("{BUCKET_PATH}{{key}}") } else { shortened(&request.path) };
        let mut key = format!("{} {path}", request.method);
        if pages.counts.len() >= MAX_PATHS && !pages.counts.contains_key(&key) {
            "(other)".clone_into(&mut key);
        }
        *pages.counts.entry(key).or_default() += 1;
        let mut entry = json!({
            "number": pages.total, "time": clock::millis(), "method": request.method.as_str(), "path": path,
            "query": shortened(&request.query), "headers": shown_headers(request), "body_bytes": request.body.len(),
        });
        if request.path == "/api/v2/chat/completions" {
            let files = request.json()["messages"][0]["files"].as_array().map_or(0, Vec::len);
            entry["files"] = json!(files);
        }
        push(&mut pages.requests, entry);
        self.announce(pages);
    }

    /// Notes a request for upload credentials, unless the `window` of seconds before `now` holds `allowed`
    /// of them already. Returns whether it was noted.
    pub(super) fn may_upload(&self, now: i64, window: i64, allowed: Option<usize>) -> bool {
        let mut pages = self.pages();
        pages.uploads.retain(|at| *at > now - window);
        if allowed.is_some_and(|allowed| pages.uploads.len() >= allowed) {
            return false;
        }
        push(&mut pages.uploads, now);
        true
    }

    /// Notes a stop call and whether it stopped anything.
    pub(super) fn stop(&self, chat_id: &str, response_id: &str, stopped: bool) {
        let mut pages = self.pages();
        pages.stop_total += 1;
        push(
            &mut pages.stops,
            json!({"chat_id": chat_id, "response_id": response_id, "stopped": stopped}),
        );
        self.announce(pages);
    }

    /// Notes a new stream; the number names it in [`Self::stream_is`].
    pub(super) fn stream(&self, chat_id: &str, response_id: &str) -> u64 {
        let mut pages = self.pages();
        pages.stream_total += 1;
        let number = pages.stream_total;
        let (chat_id, response_id) = (chat_id.to_owned(), response_id.to_owned());
        push(
            &mut pages.streams,
            StreamEntry { number, chat_id, response_id, state: StreamState::Open },
        );
        self.announce(pages);
        number
    }

    /// Notes how a stream ended. Later reports are ignored.
    pub(super) fn stream_is(&self, number: u64, state: StreamState) {
        let mut pages = self.pages();
        let entry = pages.streams.iter_mut().find(|entry| entry.number == number);
        let Some(entry) = entry.filter(|entry| entry.state == StreamState::Open) else { return };
        entry.state = state;
        match state {
            StreamState::ClientGone => pages.gone_total += 1,
            StreamState::Ended => pages.ended_total += 1,
            StreamState::Open => {}
        }
        self.announce(pages);
    }

    /// The request log.
    pub(super) fn requests_json(&self) -> Value {
        let pages = self.pages();
        json!({"total": pages.total, "counts": pages.counts, "requests": pages.requests})
    }

    /// The stop log.
    pub(super) fn stops_json(&self) -> Value {
        let pages = self.pages();
        json!({"total": pages.stop_total, "stops": pages.stops})
    }

    /// The streams, newest last.
    pub(super) fn streams_json(&self) -> Value {
        let pages = self.pages();
        let open = pages.streams.iter().filter(|entry| entry.state == StreamState::Open).count();
        let streams: Vec<_> = pages.streams.iter().map(StreamEntry::json).collect();
        json!({"total": pages.stream_total, "open": open, "client_gone": pages.gone_total, "ended": pages.ended_total,
            "streams": streams})
    }

    /// Waits until a count is reached.
    pub(super) async fn reached(&self, milestone: Milestone, count: u64) {
        loop {
            let changed = self.changed.notified();
            if self.count(milestone) >= count {
                return;
            }
            changed.await;
        }
    }

    /// How often an event has happened.
    pub(super) fn count(&self, milestone: Milestone) -> u64 {
        let pages = self.pages();
        match milestone {
            Milestone::Requests => pages.total,
            Milestone::Stops => pages.stop_total,
            Milestone::ClientGone => pages.gone_total,
            Milestone::Ended => pages.ended_total,
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, pages: MutexGuard<'_, Pages>) {
        drop(pages);
        self.changed.notify_waiters();
    }
}

impl StreamEntry {
    fn json(&self) -> Value {
        json!({"number": self.number, "chat_id": self.chat_id, "response_id": self.response_id,
            "state": self.state.name()})
    }
}

fn push<T>(ring: &mut VecDeque<T>, entry: T) {
    if ring.len() == RING {
        ring.pop_front();
    }
    ring.push_back(entry);
}

fn shown_headers(request: &Request) -> BTreeMap<String, String> {
    let shown = request.headers.iter().map(|(name, value)| {
        let secret = matches!(name.as_str(), "authorization" | "cookie" | "x-oss-security-token");
        let value =
            if secret { "(present)".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        (name.as_str().to_owned(), shortened(&value))
    });
    shown.collect()
}

/// The part of a text from outside that the log keeps.
fn shortened(text: &str) -> String {
    text.chars().take(LOGGED).collect()
}
