//! The one door to what several `serve` processes behind a balancer would share.
//!
//! Handlers and the code around them see the traits in here, and never what stands behind them: today
//! the memory of this process ([`Shared::in_memory`]), some day an engine that several processes ask.
//! So every question is asynchronous and may fail. One kind of state is one trait, one field of
//! [`Shared`], and one file under `memory/`.
//!
//! What is in work stays with its process: the answers on their way, and who waits for them. API keys
//! are shared already: they live in a file, and sessions are signed tokens that name their
//! key, so neither needs a place here.

mod accounts;
mod cache;
mod counters;
mod memory;
mod order;

use std::sync::Arc;

pub(super) use accounts::{AcceptedTokens, TokenHash};
pub(super) use cache::{AccountHash, Entries, EntryKey, Generation, Generations};
pub(super) use counters::{Counters, Standing, Subject, Tally, Window};
pub(super) use order::{ChatKey, ChatOrder, Turn};

/// What several processes would share.
pub(super) struct Shared {
    /// How often who did what.
    pub counters: Box<dyn Counters>,
    /// Whose turn it is in a chat.
    pub order: Box<dyn ChatOrder>,
    /// Whose the tokens of callers are.
    pub accepted: Box<dyn AcceptedTokens>,
    /// What the upstream has answered.
    pub entries: Arc<dyn Entries>,
    /// Which of that still counts.
    pub generations: Arc<dyn Generations>,
}

impl Shared {
    /// All of it in the memory of this process, within bounds: that of the entries is `cache_size` in
    /// bytes.
    pub(super) fn in_memory(cache_size: usize) -> Self {
        Self {
            counters: Box::new(memory::Counts::default()),
            order: Box::new(memory::Lines::default()),
            accepted: Box::new(memory::Accepted::default()),
            entries: Arc::new(memory::Kept::new(cache_size)),
            generations: Arc::new(memory::Book::default()),
        }
    }
}
