//! The one door to what several `serve` processes behind a balancer would share.
//!
//! Handlers and the code around them see the traits in here, and never what stands behind them: today
//! the memory of this process ([`Shared::in_memory`]), some day an engine that several processes ask.
//! So every question is asynchronous and may fail. One kind of state is one trait, one field of
//! [`Shared`], and one file under `memory/`; whatever else is to be shared (a cache, say) gets its own.
//!
//! API keys are shared already: they live in a file, and sessions are signed tokens that name their
//! key, so neither needs a place here.

mod accounts;
mod counters;
mod memory;
mod order;

pub use accounts::{AcceptedTokens, TokenHash};
pub use counters::{Counters, Standing, Subject, Tally, Window};
pub use order::{ChatKey, ChatOrder, Turn};

/// What several processes would share.
pub struct Shared {
    /// How often who did what.
    pub counters: Box<dyn Counters>,
    /// Whose turn it is in a chat.
    pub order: Box<dyn ChatOrder>,
    /// Whose the tokens of callers are.
    pub accepted: Box<dyn AcceptedTokens>,
}

impl Shared {
    /// All of it in the memory of this process, within bounds.
    pub fn in_memory() -> Self {
        Self {
            counters: Box::new(memory::Counts::default()),
            order: Box::new(memory::Lines::default()),
            accepted: Box::new(memory::Accepted::default()),
        }
    }
}
