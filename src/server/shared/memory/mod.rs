//! What is shared, in the memory of this process. Every map in here is bounded.

mod accounts;
mod counters;
mod entries;
mod generations;
mod order;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use accounts::Accepted;
pub use counters::Counts;
pub use entries::Kept;
pub use generations::Book;
pub use order::Lines;

/// Nothing that runs under these locks leaves a map half changed, so a panic elsewhere is no reason
/// to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
