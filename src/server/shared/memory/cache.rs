//! The entries of the cache and their generations, in memory.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use lru::LruCache;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::domain::Result;
use crate::server::shared::{AccountHash, Entries, EntryKey, Generation, Generations};

/// The cost of an entry besides its bytes.
const OVERHEAD: usize = 160;
/// One entry may take this part of the whole: one in so many.
const LARGEST: usize = 4;
/// Accounts with a known generation. Beyond that all are forgotten, and with them their entries: that
/// costs upstream calls and is never wrong.
const MAX_ACCOUNTS: usize = 10_000;

/// Entries in a bounded number of bytes. The least recently used one is removed first.
pub(crate) struct MemoryEntries(Mutex<Lru>);

struct Lru {
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

impl MemoryEntries {
    /// At most `limit` bytes of entries.
    pub(crate) fn new(limit: usize) -> Self {
        let most = NonZeroUsize::new(limit / OVERHEAD).unwrap_or(NonZeroUsize::MIN);
        // This allocates memory only as entries are added.
        let mut entries = LruCache::unbounded();
        entries.resize(most);
        Self(Mutex::new(Lru { entries, size: 0, limit }))
    }
}

impl Lru {
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

impl Entries for MemoryEntries {
    fn get(&self, key: EntryKey) -> BoxFuture<'_, Option<Bytes>> {
        ready(self.0.lock().get(key, Instant::now())).boxed()
    }

    fn put(&self, key: EntryKey, body: Bytes, time: Duration) -> BoxFuture<'_, ()> {
        let entry = Entry { body, until: Instant::now() + time };
        self.0.lock().put(key, entry);
        ready(()).boxed()
    }
}

/// The generations of all accounts.
#[derive(Default)]
pub(crate) struct MemoryGenerations(Mutex<Accounts>);

#[derive(Default)]
struct Accounts {
    known: HashMap<AccountHash, Generation>,
    next: u64,
}

impl Accounts {
    /// The current generation. No number is used twice, not even for different accounts.
    fn of(&mut self, account: AccountHash) -> Generation {
        if let Some(known) = self.known.get(&account) {
            return *known;
        }
        if self.known.len() >= MAX_ACCOUNTS {
            self.known.clear();
        }
        self.next += 1;
        let new = Generation { lists: self.next, answers: self.next };
        self.known.insert(account, new);
        new
    }

    fn begin(&mut self, account: AccountHash, answers_too: bool) {
        let old = self.of(account);
        self.next += 1;
        let lists = self.next;
        let answers = if answers_too { lists } else { old.answers };
        self.known.insert(account, Generation { lists, answers });
    }
}

impl Generations for MemoryGenerations {
    fn current(&self, account: AccountHash) -> BoxFuture<'_, Result<Generation>> {
        ready(Ok(self.0.lock().of(account))).boxed()
    }

    fn begin(&self, account: AccountHash, answers_too: bool) -> BoxFuture<'_, ()> {
        self.0.lock().begin(account, answers_too);
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
    async fn entries_expire() {
        let store = MemoryEntries::new(10_000);
        store.put(key("a"), "x".into(), Duration::from_secs(5)).await;
        assert_eq!(store.get(key("a")).await.as_deref(), Some(&b"x"[..]));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(store.get(key("a")).await, None);
        assert_eq!(store.0.lock().size, 0);
    }

    #[tokio::test]
    async fn the_size_is_bounded_and_used_entries_stay() {
        let hour = Duration::from_hours(1);
        let store = MemoryEntries::new(4 * (100 + OVERHEAD));
        let body = || Bytes::from(vec![b'x'; 100]);
        for name in ["a", "b", "c", "d"] {
            store.put(key(name), body(), hour).await;
        }
        assert!(store.get(key("a")).await.is_some());
        store.put(key("e"), body(), hour).await;
        assert!(store.get(key("a")).await.is_some() && store.get(key("b")).await.is_none());
        store.put(key("a"), body(), hour).await;
        assert_eq!(store.0.lock().size, 4 * (100 + OVERHEAD));
        store.put(key("huge"), vec![b'x'; 200].into(), hour).await;
        assert!(store.get(key("huge")).await.is_none(), "too large");
        assert!(store.get(key("e")).await.is_some(), "and removes no other entry");
    }

    #[test]
    fn a_generation_is_never_used_twice() {
        let mut accounts = Accounts::default();
        let account =
            |number: usize| -> AccountHash { Sha256::digest(number.to_le_bytes()).into() };
        let first = accounts.of(account(0));
        assert_eq!(accounts.of(account(0)).lists, first.lists);
        for number in 0..=MAX_ACCOUNTS {
            accounts.of(account(number));
        }
        assert!(accounts.known.len() <= MAX_ACCOUNTS);
        assert!(accounts.of(account(0)).lists > first.lists);
    }
}
