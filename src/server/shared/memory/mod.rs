//! The shared state in the memory of this process. Every map in here is bounded.

mod cache;
mod counters;
mod order;
mod tokens;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) use cache::{MemoryEntries, MemoryGenerations};
pub(super) use counters::MemoryCounters;
pub(super) use order::MemoryQueues;
pub(super) use tokens::MemoryTokens;

/// Code under these locks leaves no map half changed, so a panic elsewhere does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
