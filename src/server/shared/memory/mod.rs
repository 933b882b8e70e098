//! What is shared, in the memory of this process. Every map in here is bounded.

mod accounts;
mod counters;
mod entries;
mod generations;
mod order;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) use accounts::Accepted;
pub(super) use counters::Counts;
pub(super) use entries::Kept;
pub(super) use generations::Book;
pub(super) use order::Lines;

/// Nothing that runs under these locks leaves a map half changed, so a panic elsewhere is no reason
/// to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
