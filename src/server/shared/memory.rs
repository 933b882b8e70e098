//! The shared state in the memory of this process. Every map in here is bounded.
//!
//! Counters of rate limits: a client with very many addresses can fill the table, so the one to remove is,
//! of a few counters picked at random, the one with the smallest share used: an expired one, or one of a
//! client seen once. A used-up limit stays used up, unless as many other subjects have used up theirs.
//! Keys and accounts have a table of their own, which a flood of addresses cannot fill.
//!
//! Order of prompts: the upstream refuses a prompt while it answers another one in the same chat (protocol
//! F34). Here prompts wait in a queue instead, for a bounded time. A queue exists only while a prompt is in
//! it.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use indexmap::IndexMap;
use lru::LruCache;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{
    AcceptedTokens, AccountHash, ChatKey, ChatOrder, Counters, Entries, EntryKey, Generation,
    Generations, Standing, Subject, Tally, TokenHash, Turn, Window,
};
use crate::domain::{Error, ErrorKind, RateLimit, Result};

/// The most counters in a table: about 10 MiB.
const MAX_COUNTERS: usize = 1 << 16;
/// How many counters are compared to find one to remove.
const SAMPLES: usize = 8;

/// The counters by address, and by key or account.
#[derive(Default)]
pub(crate) struct MemoryCounters {
    addresses: Mutex<Table>,
    known: Mutex<Table>,
}

#[derive(Default)]
struct Table(IndexMap<(Subject, Tally), Vec<Counter>>);

/// The use of a limit in one window.
#[derive(Debug, Clone, Copy)]
struct Counter {
    limit: RateLimit,
    used: u32,
    began: Instant,
}

impl Counters for MemoryCounters {
    fn take<'a>(
        &'a self,
        who: &'a Subject,
        what: Tally,
        limits: &'a [RateLimit],
        now: Instant,
    ) -> BoxFuture<'a, Result<Standing>> {
        let table = match who {
            Subject::Address(_) | Subject::Pages(_) => &self.addresses,
            Subject::Key(_) | Subject::Account(_) => &self.known,
        };
        let standing = table.lock().take((who.clone(), what), limits, now);
        ready(Ok(standing)).boxed()
    }
}

impl Table {
    fn take(&mut self, key: (Subject, Tally), limits: &[RateLimit], now: Instant) -> Standing {
        if self.0.len() >= MAX_COUNTERS && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let counters = self.0.entry(key).or_default();
        renew(counters, limits, now);
        let allowed = counters.iter().all(|counter| counter.used < counter.limit.count());
        for counter in counters.iter_mut().filter(|_| allowed) {
            counter.used += 1;
        }
        Standing { allowed, windows: counters.iter().map(|counter| counter.window(now)).collect() }
    }

    fn make_room(&mut self, now: Instant) {
        let share = |at: usize| {
            let counters = self.0.get_index(at).map(|(_, counters)| counters.iter());
            counters.into_iter().flatten().map(|counter| counter.share(now)).fold(0.0, f64::max)
        };
        let picked = (0..SAMPLES).map(|_| fastrand::usize(..self.0.len()));
        let least = picked
            .map(|at| (share(at), at))
            .min_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal));
        if let Some((_, at)) = least {
            self.0.swap_remove_index(at);
        }
    }
}

/// One counter for each limit: the existing one, unless its window has ended.
fn renew(counters: &mut Vec<Counter>, limits: &[RateLimit], now: Instant) {
    let fresh = |limit: &RateLimit| {
        let running = counters.iter().find(|old| old.limit == *limit && !old.left(now).is_zero());
        running.copied().unwrap_or(Counter { limit: *limit, used: 0, began: now })
    };
    *counters = limits.iter().map(fresh).collect();
}

impl Counter {
    fn left(&self, now: Instant) -> Duration {
        self.limit.window().saturating_sub(now.saturating_duration_since(self.began))
    }

    /// The used share of the limit, from 0 to 1.
    fn share(&self, now: Instant) -> f64 {
        if self.left(now).is_zero() {
            return 0.0;
        }
        f64::from(self.used) / f64::from(self.limit.count())
    }

    fn window(&self, now: Instant) -> Window {
        Window {
            limit: self.limit,
            remaining: self.limit.count().saturating_sub(self.used),
            resets_in: self.left(now),
        }
    }
}

/// The queues before all chats.
#[derive(Default)]
pub(crate) struct MemoryQueues(Arc<Mutex<HashMap<ChatKey, Queue>>>);

/// The queue before a chat.
struct Queue {
    turn: Arc<Semaphore>,
    /// Prompts that wait or have the turn.
    members: usize,
}

impl ChatOrder for MemoryQueues {
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>> {
        let member = self.join(chat);
        async move {
            let turn = Arc::clone(&member.turn);
            match timeout(patience, turn.acquire_owned()).await {
                Ok(Ok(permit)) => Ok(Turn::new(Head { _permit: permit, _member: member })),
                _ => Err(still_busy(patience)),
            }
        }
        .boxed()
    }

    fn waiting(&self) -> BoxFuture<'_, Result<usize>> {
        let waiting = self.0.lock().values().map(|queue| queue.members.saturating_sub(1)).sum();
        async move { Ok(waiting) }.boxed()
    }
}

impl MemoryQueues {
    fn join(&self, key: ChatKey) -> Member {
        let mut queues = self.0.lock();
        let queue = queues
            .entry(key.clone())
            .or_insert_with(|| Queue { turn: Arc::new(Semaphore::new(1)), members: 0 });
        queue.members += 1;
        Member { turn: Arc::clone(&queue.turn), key, queues: Arc::clone(&self.0) }
    }

    #[cfg(test)]
    fn queues(&self) -> usize {
        self.0.lock().len()
    }
}

/// The head of a queue.
struct Head {
    // In this order: the turn passes on before the queue may be removed.
    _permit: OwnedSemaphorePermit,
    _member: Member,
}

/// A member of a queue.
struct Member {
    turn: Arc<Semaphore>,
    key: ChatKey,
    queues: Arc<Mutex<HashMap<ChatKey, Queue>>>,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get_mut(&self.key) {
            queue.members -= 1;
            if queue.members == 0 {
                queues.remove(&self.key);
            }
        }
    }
}

fn still_busy(waited: Duration) -> Error {
    let message = format!(
        "the chat is still answering earlier prompts, after a wait of {} s",
        waited.as_secs_f64()
    );
    Error::new(ErrorKind::ChatInProgress, message)
        .with_hint("send the prompt again later, or to another chat")
        .with_retry_after(Some(Duration::from_secs(2)))
}

/// More tokens than a team has; beyond that, some are confirmed again.
const MAX_TOKENS: usize = 10_000;
/// How long a confirmation is valid.
const VALID_FOR: Duration = Duration::from_hours(1);

/// Accepted tokens with their accounts.
#[derive(Default)]
pub(crate) struct MemoryTokens(Mutex<IndexMap<TokenHash, (String, Instant)>>);

impl AcceptedTokens for MemoryTokens {
    fn remember(&self, token: TokenHash, account: String, now: Instant) -> BoxFuture<'_, ()> {
        let mut known = self.0.lock();
        if known.len() >= MAX_TOKENS && !known.contains_key(&token) {
            let any = fastrand::usize(..known.len());
            known.swap_remove_index(any);
        }
        known.insert(token, (account, now));
        ready(()).boxed()
    }

    fn account(&self, token: TokenHash, now: Instant) -> BoxFuture<'_, Result<Option<String>>> {
        let known = self.0.lock();
        let fresh = known.get(&token).filter(|(_, at)| now.duration_since(*at) < VALID_FOR);
        ready(Ok(fresh.map(|(account, _)| account.clone()))).boxed()
    }
}

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
    until: tokio::time::Instant,
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

    fn get(&mut self, key: EntryKey, now: tokio::time::Instant) -> Option<Bytes> {
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
        ready(self.0.lock().get(key, tokio::time::Instant::now())).boxed()
    }

    fn put(&self, key: EntryKey, body: Bytes, time: Duration) -> BoxFuture<'_, ()> {
        let entry = Entry { body, until: tokio::time::Instant::now() + time };
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
    mod counters {
        use std::net::{IpAddr, Ipv4Addr};

        use super::super::*;

        fn limits(texts: &[&str]) -> Vec<RateLimit> {
            texts.iter().map(|text| text.parse().expect("a limit")).collect()
        }

        fn address(number: u32) -> Subject {
            Subject::Address(IpAddr::V4(Ipv4Addr::from(number)))
        }

        fn take(
            counts: &MemoryCounters,
            who: &Subject,
            limits: &[RateLimit],
            now: Instant,
        ) -> Standing {
            let taken = counts.take(who, Tally::Requests, limits, now);
            taken.now_or_never().expect("at once").expect("an answer")
        }

        #[test]
        fn exactly_the_limit_is_allowed_in_each_window() {
            let (counts, start) = (MemoryCounters::default(), Instant::now());
            let limits = limits(&["10 per minute"]);
            for window in 0..3 {
                let allowed = (0..60)
                    .filter(|second| {
                        let now = start + Duration::from_secs(window * 60 + second);
                        take(&counts, &address(1), &limits, now).allowed
                    })
                    .count();
                assert_eq!(allowed, 10, "window {window}");
            }
        }

        #[test]
        fn a_refusal_reports_the_time_to_wait() {
            let (counts, start) = (MemoryCounters::default(), Instant::now());
            let limits = limits(&["1 per minute"]);
            assert!(take(&counts, &address(1), &limits, start).allowed);
            let refused = take(&counts, &address(1), &limits, start + Duration::from_secs(13));
            let window = refused.windows[0];
            assert!(!refused.allowed);
            assert_eq!((window.remaining, window.resets_in), (0, Duration::from_secs(47)));
            let then = start + Duration::from_secs(13) + window.resets_in;
            assert!(
                take(&counts, &address(1), &limits, then).allowed,
                "the reported time is right"
            );
        }

        #[test]
        fn a_refused_use_is_not_counted_by_other_limits() {
            let (counts, start) = (MemoryCounters::default(), Instant::now());
            let limits = limits(&["3 per minute", "5 per day"]);
            let allowed =
                |now| (0..50).filter(|_| take(&counts, &address(1), &limits, now).allowed).count();
            assert_eq!(allowed(start), 3);
            assert_eq!(allowed(start + Duration::from_mins(1)), 2);
            assert_eq!(allowed(start + Duration::from_mins(2)), 0);
            assert_eq!(allowed(start + Duration::from_hours(24)), 3);
        }

        #[test]
        fn subjects_and_tallies_are_counted_separately() {
            let (counts, now) = (MemoryCounters::default(), Instant::now());
            let limits = limits(&["1 per day"]);
            for who in [
                address(1),
                address(2),
                Subject::Key("1".to_owned()),
                Subject::Account("1".to_owned()),
            ] {
                for what in [Tally::Requests, Tally::Prompts, Tally::Logins, Tally::WrongKeys] {
                    let take = || counts.take(&who, what, &limits, now).now_or_never();
                    let allowed = || take().expect("at once").expect("an answer").allowed;
                    assert_eq!((allowed(), allowed()), (true, false), "{who:?} {what:?}");
                }
            }
        }

        #[test]
        fn a_flood_of_addresses_neither_fills_the_memory_nor_resets_a_used_up_limit() {
            let (counts, now) = (MemoryCounters::default(), Instant::now());
            let limits = limits(&["20 per day"]);
            let abusers: Vec<Subject> = (0..100).map(address).collect();
            let key = Subject::Key("k".to_owned());
            for who in abusers.iter().chain([&key]) {
                for _ in 0..20 {
                    assert!(take(&counts, who, &limits, now).allowed);
                }
            }
            for number in 0..1_000_000 {
                assert!(take(&counts, &address(1 << 24 | number), &limits, now).allowed);
            }
            assert_eq!(counts.addresses.lock().0.len(), MAX_COUNTERS);
            assert_eq!(counts.known.lock().0.len(), 1);
            for who in abusers.iter().chain([&key]) {
                assert!(!take(&counts, who, &limits, now).allowed, "{who:?} is still refused");
            }
        }
    }

    mod order {
        use super::super::*;

        const LONG: Duration = Duration::from_hours(1);

        fn key(chat: &str) -> ChatKey {
            ChatKey { account: "a".to_owned(), chat: chat.parse().expect("an id") }
        }

        #[tokio::test]
        async fn prompts_proceed_in_order_of_arrival() {
            let queue = Arc::new(MemoryQueues::default());
            let first = queue.enter(key("c1"), LONG).await.expect("at once");
            let order = Arc::new(Mutex::new(Vec::new()));
            let mut waiting = Vec::new();
            for number in 0..20 {
                let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
                waiting.push(tokio::spawn(async move {
                    let _turn = queue.enter(key("c1"), LONG).await.expect("a turn");
                    order.lock().push(number);
                }));
                tokio::task::yield_now().await;
            }
            assert!(order.lock().is_empty());
            assert_eq!(queue.waiting().await.expect("a number"), 20);
            drop(first);
            for task in waiting {
                task.await.expect("no panic");
            }
            assert_eq!(*order.lock(), (0..20).collect::<Vec<_>>());
            assert_eq!(queue.queues(), 0);
        }

        #[tokio::test]
        async fn a_wait_is_bounded_and_leaves_no_queue() {
            let queue = MemoryQueues::default();
            let turn = queue.enter(key("c1"), LONG).await.expect("at once");
            let error = queue.enter(key("c1"), Duration::ZERO).await.err().expect("no turn");
            assert_eq!(error.kind(), ErrorKind::ChatInProgress);
            assert!(error.retry_after().is_some());
            assert_eq!(queue.queues(), 1);
            assert_eq!(queue.waiting().await.expect("a number"), 0);
            drop(turn);
            assert_eq!(queue.queues(), 0);
        }

        #[tokio::test]
        async fn chats_and_accounts_do_not_wait_for_each_other() {
            let queue = MemoryQueues::default();
            let _one = queue.enter(key("c1"), LONG).await.expect("at once");
            let _two = queue.enter(key("d1"), Duration::ZERO).await.expect("at once");
            let other = ChatKey { account: "b".to_owned(), ..key("c1") };
            let _three = queue.enter(other, Duration::ZERO).await.expect("at once");
        }

        #[tokio::test]
        async fn a_prompt_that_leaves_the_queue_does_not_block_it() {
            let queue = MemoryQueues::default();
            let first = queue.enter(key("c1"), LONG).await.expect("at once");
            {
                let left = queue.enter(key("c1"), LONG);
                assert!(futures_util::FutureExt::now_or_never(left).is_none());
            }
            drop(first);
            let _next = queue.enter(key("c1"), Duration::ZERO).await.expect("at once");
        }
    }

    mod tokens {
        use super::super::*;

        fn account(accepted: &MemoryTokens, token: u8, now: Instant) -> Option<String> {
            accepted.account([token; 32], now).now_or_never().expect("at once").expect("an answer")
        }

        #[test]
        fn a_confirmation_is_valid_for_its_time() {
            let (accepted, now) = (MemoryTokens::default(), Instant::now());
            assert_eq!(account(&accepted, 1, now), None);
            accepted.remember([1; 32], "a".to_owned(), now).now_or_never().expect("at once");
            assert_eq!(account(&accepted, 1, now).as_deref(), Some("a"));
            assert_eq!(account(&accepted, 2, now), None);
            assert_eq!(account(&accepted, 1, now + VALID_FOR), None);
        }

        #[test]
        fn memory_is_bounded() {
            let (accepted, now) = (MemoryTokens::default(), Instant::now());
            for number in 0..3 * MAX_TOKENS as u64 {
                let mut token = [0; 32];
                token[..8].copy_from_slice(&number.to_be_bytes());
                accepted.remember(token, String::new(), now).now_or_never().expect("at once");
            }
            assert_eq!(accepted.0.lock().len(), MAX_TOKENS);
        }
    }

    mod cache {
        use sha2::{Digest as _, Sha256};

        use super::super::*;

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
}
