//! What one request leaves behind: its id, who made it, and its calls to the upstream. It goes along
//! with the session, so that log and numbers know for which request a call was made.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::app::{CallReport, Observer};
use crate::domain::AccessToken;
use crate::server::log::{LogSink, UpstreamLine, millis};
use crate::server::metrics::Metrics;

/// What one request leaves behind.
pub(crate) struct Trace {
    /// Its id.
    pub request_id: String,
    /// The numbers of the server.
    pub metrics: Arc<Metrics>,
    /// The log of the server.
    pub log: LogSink,
    who: OnceLock<String>,
    calls: AtomicU32,
    upstream_micros: AtomicU64,
}

impl Trace {
    /// For the request with this id.
    pub(crate) fn new(request_id: String, metrics: Arc<Metrics>, log: LogSink) -> Self {
        let (calls, upstream_micros) = (AtomicU32::new(0), AtomicU64::new(0));
        Self { request_id, metrics, log, who: OnceLock::new(), calls, upstream_micros }
    }

    /// It was made with this API key, or another name that holds no secret; the first word counts.
    pub(crate) fn set_who(&self, label: impl Into<String>) {
        let _ = self.who.set(label.into());
    }

    /// It was made for the account of `token`: known by a few digits of a hash from now on.
    pub(crate) fn set_account(&self, token: &AccessToken) {
        if self.who.get().is_none() {
            self.set_who(account_label(token));
        }
    }

    /// Who made it, as far as that is known.
    pub(crate) fn who(&self) -> Option<&str> {
        self.who.get().map(String::as_str)
    }

    /// How many calls were made to the upstream, and how long they took together.
    pub(crate) fn upstream(&self) -> (u32, Duration) {
        let micros = self.upstream_micros.load(Ordering::Relaxed);
        (self.calls.load(Ordering::Relaxed), Duration::from_micros(micros))
    }
}

/// Tells accounts apart without naming them; of a token without an account nothing is hashed but
/// the token.
fn account_label(token: &AccessToken) -> String {
    let account = token.claims().account_id.as_deref().unwrap_or_else(|| token.expose());
    let hash = Sha256::new_with_prefix(b"qwenctl account ").chain_update(account).finalize();
    hash.iter().take(4).fold("account:".to_owned(), |label, byte| format!("{label}{byte:02x}"))
}

impl Observer for Trace {
    fn request_id(&self) -> Option<&str> {
        Some(&self.request_id)
    }

    fn called(&self, report: &CallReport) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let micros = u64::try_from(report.took.as_micros()).unwrap_or(u64::MAX);
        self.upstream_micros.fetch_add(micros, Ordering::Relaxed);
        self.metrics.called(report);
        self.log.upstream(&UpstreamLine {
            request_id: &self.request_id,
            call,
            method: report.method,
            path: &report.path,
            status: report.status,
            result: report.ending.word(),
            total_ms: millis(report.took),
        });
    }
}
