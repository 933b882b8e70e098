//! What is kept of the upstream's answers, and which of it still counts.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::domain::Result;

/// The name of an entry: a hash, so that neither tokens nor prompts lie about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey(pub [u8; 32]);

/// Keeps bytes for a while. It may forget anything at any time.
pub(crate) trait Entries: Send + Sync {
    /// What is kept under this name.
    fn get(&self, key: EntryKey) -> BoxFuture<'_, Option<Bytes>>;

    /// Keeps `body` under this name for at most `time`.
    fn put(&self, key: EntryKey, body: Bytes, time: Duration) -> BoxFuture<'_, ()>;
}

/// An account's name for [`Generations`].
pub(crate) type AccountHash = [u8; 32];

/// Numbers that are part of the names of entries. None is ever used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation {
    /// For lists of chats, chats, and numbers about them.
    pub lists: u64,
    /// For answers of models.
    pub answers: u64,
}

/// How entries are forgotten: each belongs to a generation of its account, and a change begins a new
/// one. An answer that was on its way when something changed is kept under the old generation, where
/// nobody looks any more.
pub(crate) trait Generations: Send + Sync {
    /// The generation of an account.
    ///
    /// # Errors
    /// If it cannot be told.
    fn current(&self, account: AccountHash) -> BoxFuture<'_, Result<Generation>>;

    /// Begins a new generation of lists, and of answers too if chats go away.
    fn begin(&self, account: AccountHash, answers_too: bool) -> BoxFuture<'_, ()>;
}
