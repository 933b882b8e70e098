//! Kept answers of the upstream, in memory.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use lru::LruCache;
use tokio::time::Instant;

use super::lock;
use crate::server::shared::{Entries, EntryKey};

/// What an entry costs besides its bytes.
const OVERHEAD: usize = 160;
/// An entry may take so much of the whole: `1 / LARGEST`.
const LARGEST: usize = 4;

/// Entries in a bounded number of bytes. What was not asked for longest goes first.
pub(crate) struct Kept(Mutex<Shelf>);

struct Shelf {
    entries: LruCache<EntryKey, Entry>,
    size: usize,
    limit: usize,
}

struct Entry {
    body: Bytes,
    until: Instant,
}

impl Entry {
    fn size(&self) -> usize {
        self.body.len() + OVERHEAD
    }
}

impl Kept {
    /// Empty; it will hold at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        let most = NonZeroUsize::new(limit / OVERHEAD).unwrap_or(NonZeroUsize::MIN);
        // The memory for entries is only taken as they come.
        let mut entries = LruCache::unbounded();
        entries.resize(most);
        Self(Mutex::new(Shelf { entries, size: 0, limit }))
    }
}

impl Shelf {
    fn take(&mut self, key: EntryKey) {
        if let Some(entry) = self.entries.pop(&key) {
            self.size -= entry.size();
        }
    }

    fn get(&mut self, key: EntryKey, now: Instant) -> Option<Bytes> {
        let entry = self.entries.get(&key)?;
        if entry.until > now {
            return Some(entry.body.clone());
        }
        self.take(key);
        None
    }

    fn put(&mut self, key: EntryKey, entry: Entry) {
        self.take(key);
        let size = entry.size();
        if size > self.limit / LARGEST {
            return;
        }
        while self.size + size > self.limit {
            let Some((_, oldest)) = self.entries.pop_lru() else { break };
            self.size -= oldest.size();
        }
        self.size += size;
        self.entries.push(key, entry);
    }
}

impl Entries for Kept {
    fn get(&self, key: EntryKey) -> BoxFuture<'_, Option<Bytes>> {
        ready(lock(&self.0).get(key, Instant::now())).boxed()
    }

    fn put(&self, key: EntryKey, body: Bytes, time: Duration) -> BoxFuture<'_, ()> {
        let entry = Entry { body, until: Instant::now() + time };
        lock(&self.0).put(key, entry);
        ready(()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn key(name: &str) -> EntryKey {
        EntryKey(Sha256::digest(name).into())
    }

    #[tokio::test(start_paused = true)]
    async fn entries_end_with_their_time() {
        let store = Kept::new(10_000);
        store.put(key("a"), "x".into(), Duration::from_secs(5)).await;
        assert_eq!(store.get(key("a")).await.as_deref(), Some(&b"x"[..]));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(store.get(key("a")).await, None);
        assert_eq!(lock(&store.0).size, 0);
    }

    #[tokio::test]
    async fn the_size_is_bounded_and_what_is_used_stays() {
        let hour = Duration::from_hours(1);
        let store = Kept::new(4 * (100 + OVERHEAD));
        let body = || Bytes::from(vec![b'x'; 100]);
        for name in ["a", "b", "c", "d"] {
            store.put(key(name), body(), hour).await;
        }
        assert!(store.get(key("a")).await.is_some());
        store.put(key("e"), body(), hour).await;
        assert!(store.get(key("a")).await.is_some() && store.get(key("b")).await.is_none());
        store.put(key("a"), body(), hour).await;
        assert_eq!(lock(&store.0).size, 4 * (100 + OVERHEAD));
        store.put(key("huge"), vec![b'x'; 200].into(), hour).await;
        assert!(store.get(key("huge")).await.is_none(), "one entry is not all");
        assert!(store.get(key("e")).await.is_some(), "and takes no other's place");
    }
}
