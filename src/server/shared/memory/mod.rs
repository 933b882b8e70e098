//! The shared state in the memory of this process. Every map in here is bounded.

mod cache;
mod counters;
mod order;
mod tokens;

pub(super) use cache::{MemoryEntries, MemoryGenerations};
pub(super) use counters::MemoryCounters;
pub(super) use order::MemoryQueues;
pub(super) use tokens::MemoryTokens;
