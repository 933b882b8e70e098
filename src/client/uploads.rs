//! What all sessions know of earlier uploads: the files, and when credentials were granted.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::domain::{UploadStore, UploadedFile};

/// How many sets of credentials the service grants in a window (protocol F114).
const BUDGET: usize = 20;
/// How many accounts and files are remembered.
const MAX_ACCOUNTS: usize = 1024;
const MAX_FILES: usize = 1024;
/// How long an uploaded file is used again, in seconds (protocol 10.6).
pub const REUSE: i64 = 6 * 3600;

/// What all sessions know of earlier uploads.
#[derive(Clone, Default)]
pub(super) struct Uploads {
    /// When credentials were granted, by account.
    granted: Arc<Mutex<HashMap<String, VecDeque<Instant>>>>,
    known: Arc<Memory>,
}

/// Uploaded files, for as long as the process runs.
#[derive(Default)]
struct Memory(Mutex<HashMap<String, UploadedFile>>);

impl UploadStore for Memory {
    fn get(&self, key: &str, now: i64) -> Option<UploadedFile> {
        let known = self.0.lock();
        known.get(key).filter(|file| now - file.uploaded_at < REUSE).cloned()
    }

    fn put(&self, key: &str, file: &UploadedFile, now: i64) {
        let mut known = self.0.lock();
        if known.len() >= MAX_FILES {
            known.retain(|_, file| now - file.uploaded_at < REUSE);
        }
        if known.len() < MAX_FILES {
            known.insert(key.to_owned(), file.clone());
        }
    }

    fn remove(&self, key: &str) {
        self.0.lock().remove(key);
    }
}

impl Uploads {
    /// The files that this process has uploaded.
    pub(super) fn known(&self) -> &dyn UploadStore {
        &*self.known
    }

    /// The wait until another set of credentials is within the budget of `account`. Reserves it.
    pub(super) fn reserve(&self, account: &str, window: Duration) -> Duration {
        let mut granted = self.granted.lock();
        if granted.len() >= MAX_ACCOUNTS && !granted.contains_key(account) {
            granted.clear();
        }
        let times = granted.entry(account.to_owned()).or_default();
        let now = Instant::now();
        while times.front().is_some_and(|at| *at + window <= now) {
            times.pop_front();
        }
        let at = match times.len().checked_sub(BUDGET).and_then(|index| times.get(index)) {
            Some(before) => (*before + window).max(now),
            None => now,
        };
        times.push_back(at);
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_budget_of_an_account_is_kept_also_in_parallel() {
        let uploads = Uploads::default();
        let window = Duration::from_secs(75);
        for _ in 0..BUDGET {
            assert!(uploads.reserve("a", window).is_zero());
        }
        assert_eq!(uploads.reserve("a", window), window);
        assert_eq!(uploads.reserve("a", window), window);
        assert!(uploads.reserve("b", window).is_zero());
        tokio::time::advance(window).await;
        assert!(uploads.reserve("a", window).is_zero());
    }
}
