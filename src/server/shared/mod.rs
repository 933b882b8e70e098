//! The state that several `serve` processes behind a load balancer would share.
//!
//! Handlers see the traits in here, never the implementation: today the memory of this process
//! ([`Shared::in_memory`]), later perhaps a store that several processes use. So every method is
//! asynchronous and may fail.
//!
//! Running work stays in its process: answers in progress, and the requests that wait for them. API keys are
//! shared already: they are in a file, and sessions are signed tokens that name their key.

mod memory;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::app::Session;
use crate::domain::{ChatId, RateLimit, Result};

/// The shared state.
pub(super) struct Shared {
    /// The rate limits of clients.
    pub counters: Box<dyn Counters>,
    /// The order of prompts in a chat.
    pub order: Box<dyn ChatOrder>,
    /// The accounts of access tokens.
    pub accepted: Box<dyn AcceptedTokens>,
    /// Cached documents and answers.
    pub entries: Arc<dyn Entries>,
    /// The validity of cached entries.
    pub generations: Arc<dyn Generations>,
}

impl Shared {
    /// All of it in the memory of this process, within bounds; `cache_size` is that of the entries, in
    /// bytes.
    pub(super) fn in_memory(cache_size: usize) -> Self {
        Self {
            counters: Box::new(memory::MemoryCounters::default()),
            order: Box::new(memory::MemoryQueues::default()),
            accepted: Box::new(memory::MemoryTokens::default()),
            entries: Arc::new(memory::MemoryEntries::new(cache_size)),
            generations: Arc::new(memory::MemoryGenerations::default()),
        }
    }
}

/// The subject of a rate limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// An API key, by its id.
    Key(String),
    /// An account whose token the upstream has accepted.
    Account(String),
    /// A network: an IPv4 address, or the first 64 bits of an IPv6 address.
    Address(IpAddr),
    /// Pages of other sites in browsers on a network. They must not use up what its programs may do.
    Pages(IpAddr),
}

/// What a rate limit counts, each separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tally {
    /// All requests.
    Requests,
    /// Prompts.
    Prompts,
    /// Login attempts.
    Logins,
    /// Invalid keys and session tokens.
    WrongKeys,
}

/// The state of a subject after a use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether the use was allowed and counted.
    pub allowed: bool,
    /// One for each limit, in order.
    pub windows: Vec<Window>,
}

/// The window of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The limit.
    pub limit: RateLimit,
    /// Remaining uses.
    pub remaining: u32,
    /// The time until the next window.
    pub resets_in: Duration,
}

/// Counts uses. A window begins with the first use, so exactly the allowed number passes in each window,
/// and the beginning of the next one is known to the second; a smoothed rate (GCRA) would allow more
/// in the first window than the limit says.
pub(crate) trait Counters: Send + Sync {
    /// Counts one use against all of `limits`, or against none if one of them is used up.
    ///
    /// # Errors
    /// If the store fails.
    fn take<'a>(
        &'a self,
        who: &'a Subject,
        what: Tally,
        limits: &'a [RateLimit],
        now: Instant,
    ) -> BoxFuture<'a, Result<Standing>>;
}

/// The SHA-256 of an access token.
pub(crate) type TokenHash = [u8; 32];

/// The access tokens that the upstream has accepted recently. The claims of a token are not verified here,
/// so anyone can forge a token of any account; one that the upstream has accepted is not forged.
pub(crate) trait AcceptedTokens: Send + Sync {
    /// Records that the upstream accepted a token of `account`.
    fn remember(&self, token: TokenHash, account: String, now: Instant) -> BoxFuture<'_, ()>;

    /// The account of a token that was accepted shortly before `now`.
    ///
    /// # Errors
    /// If the store fails.
    fn account(&self, token: TokenHash, now: Instant) -> BoxFuture<'_, Result<Option<String>>>;
}

/// The key of an entry: a hash, so that no token or prompt is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey(pub [u8; 32]);

/// The entries of the cache. They may vanish at any time.
pub(crate) trait Entries: Send + Sync {
    /// The entry of `key`.
    fn get(&self, key: EntryKey) -> BoxFuture<'_, Option<Bytes>>;

    /// Keeps `body` as the entry of `key` for at most `time`.
    fn put(&self, key: EntryKey, body: Bytes, time: Duration) -> BoxFuture<'_, ()>;
}

/// The hash of an account in [`Generations`].
pub(crate) type AccountHash = [u8; 32];

/// Numbers that are part of the keys of entries. None is used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation {
    /// For lists of chats, chats, and statistics.
    pub lists: u64,
    /// For answers of models.
    pub answers: u64,
}

/// Invalidates entries: each belongs to a generation of its account, and a change begins a new one. An
/// answer that was in progress during the change is kept under the old generation and never found.
pub(crate) trait Generations: Send + Sync {
    /// The generation of an account.
    ///
    /// # Errors
    /// If the store fails.
    fn current(&self, account: AccountHash) -> BoxFuture<'_, Result<Generation>>;

    /// Begins a new generation of lists, and of answers if chats are deleted.
    fn begin(&self, account: AccountHash, answers_too: bool) -> BoxFuture<'_, ()>;
}

/// A chat of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ChatKey {
    /// Identifies the account.
    pub account: String,
    /// The chat.
    pub chat: ChatId,
}

impl ChatKey {
    /// The chat of the account of `session`.
    pub(crate) fn new(session: &Session, chat: ChatId) -> Self {
        let access = session.access_token();
        let account = access.claims().account_id.clone();
        Self { account: account.unwrap_or_else(|| access.masked()), chat }
    }
}

/// The queues before all chats, first come first served.
pub(crate) trait ChatOrder: Send + Sync {
    /// Waits for the turn, at most for `patience`.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the wait takes longer.
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>>;

    /// How many prompts wait in all queues together.
    ///
    /// # Errors
    /// If the number is unknown.
    fn waiting(&self) -> BoxFuture<'_, Result<usize>>;
}

/// The turn to send a prompt to a chat, until it is dropped.
pub(crate) struct Turn(
    #[allow(dead_code, reason = "held, and given back by its drop")] Box<dyn Send>,
);

impl Turn {
    /// A turn that lasts as long as `held` does.
    pub(crate) fn new(held: impl Send + 'static) -> Self {
        Self(Box::new(held))
    }
}
