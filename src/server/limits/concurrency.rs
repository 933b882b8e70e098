//! Places for requests that are worked on, and a bounded line before them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::server::http::response::ErrorResponse;

/// How long a request waits for a place.
const PATIENCE: Duration = Duration::from_secs(30);

/// The places.
pub(crate) struct Places {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(
    #[allow(dead_code, reason = "held, and given back by its drop")] OwnedSemaphorePermit,
);

impl Places {
    /// So many places, and so many who may wait for one.
    pub(crate) fn new(most: usize, most_waiting: usize) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(most)), waiting: AtomicUsize::new(0), most_waiting }
    }

    /// Waits for a place, in the order in which requests come.
    ///
    /// # Errors
    /// 503 if too many wait already, or the wait gets long.
    pub(crate) async fn enter(&self) -> Result<Place, ErrorResponse> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Place(permit));
        }
        let _in_line = InLine::stand(self).ok_or_else(ErrorResponse::overloaded)?;
        match timeout(PATIENCE, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place(permit)),
            _ => Err(ErrorResponse::overloaded()),
        }
    }
}

/// Somebody who waits; also one whose caller goes away meanwhile.
struct InLine<'a>(&'a Places);

impl<'a> InLine<'a> {
    fn stand(places: &'a Places) -> Option<Self> {
        let before = places.waiting.fetch_add(1, Ordering::Relaxed);
        let in_line = Self(places);
        (before < places.most_waiting).then_some(in_line)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_line_and_the_wait_are_bounded() {
        let places = Places::new(1, 1);
        let place = places.enter().await.expect("free");
        let mut waiting = Box::pin(places.enter());
        assert!((&mut waiting).now_or_never().is_none(), "waits");
        assert!(places.enter().now_or_never().expect("at once").is_err(), "the line is full");
        drop(place);
        let place = waiting.await.expect("its turn");
        assert!(places.enter().await.is_err(), "the wait is over some time");
        let gone = places.enter().now_or_never();
        assert!(gone.is_none() && places.waiting.load(Ordering::Relaxed) == 0, "left the line");
        drop(place);
        assert!(places.enter().now_or_never().is_some_and(|entered| entered.is_ok()));
    }
}
