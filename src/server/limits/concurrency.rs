//! Concurrency limits: requests with a bounded queue (`--max-inflight`, `--max-queue`), and connections
//! in total and per client address (`--max-connections`).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::rate::network_of;
use crate::net::address::is_loopback;
use crate::server::http::response::ErrorResponse;

/// How long a request waits in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(30);
/// One address may hold this part of all connections: one in so many.
const SHARE: usize = 4;

/// Bounds the concurrent requests and the queue before them.
pub(crate) struct RequestLimit {
    free: Arc<Semaphore>,
    queued: AtomicUsize,
    max_queue: usize,
}

/// A slot for a running request, until it is dropped.
#[derive(Debug)]
pub(crate) struct RequestSlot(
    #[allow(dead_code, reason = "held, and released by its drop")] OwnedSemaphorePermit,
);

impl RequestLimit {
    /// `max` concurrent requests, and `max_queue` that wait.
    pub(crate) fn new(max: usize, max_queue: usize) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(max)), queued: AtomicUsize::new(0), max_queue }
    }

    /// Waits for a slot, first come first served.
    ///
    /// # Errors
    /// 503 if the queue is full or the wait takes too long.
    pub(crate) async fn enter(&self) -> Result<RequestSlot, ErrorResponse> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(RequestSlot(permit));
        }
        let _queued = Queued::enter(self).ok_or_else(ErrorResponse::overloaded)?;
        match timeout(QUEUE_TIMEOUT, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(RequestSlot(permit)),
            _ => Err(ErrorResponse::overloaded()),
        }
    }
}

/// A request in the queue; it leaves the queue when dropped, also if its client disconnects.
struct Queued<'a>(&'a RequestLimit);

impl<'a> Queued<'a> {
    fn enter(limit: &'a RequestLimit) -> Option<Self> {
        let before = limit.queued.fetch_add(1, Ordering::Relaxed);
        let queued = Self(limit);
        (before < limit.max_queue).then_some(queued)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Bounds the connections. No address of another machine can hold more than its share; loopback clients
/// all have the same address and are not counted one by one.
pub(crate) struct ConnectionLimit {
    free: Arc<Semaphore>,
    /// Connections of one address.
    share: usize,
    /// Connections by network; never more entries than connections.
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// A slot for a connection, until it is dropped.
pub(crate) struct ConnectionSlot {
    limit: Arc<ConnectionLimit>,
    network: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl ConnectionLimit {
    /// `max` connections.
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))),
            share: (max / SHARE).max(1),
            held: Mutex::default(),
        })
    }

    /// Waits until a slot is free.
    pub(crate) async fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Assigns a free slot to `peer`, unless it holds its share already.
    pub(crate) fn assign(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        peer: IpAddr,
    ) -> Option<ConnectionSlot> {
        let network = (!is_loopback(peer)).then(|| network_of(peer));
        if let Some(network) = network {
            let mut held = self.held.lock();
            let count = held.entry(network).or_default();
            if *count >= self.share {
                return None;
            }
            *count += 1;
        }
        Some(ConnectionSlot { limit: Arc::clone(self), network, _permit: permit })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut held = self.limit.held.lock();
        if let Some(count) = held.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_queue_and_the_wait_are_bounded() {
        let limit = RequestLimit::new(1, 1);
        let slot = limit.enter().await.expect("free");
        let mut waiting = Box::pin(limit.enter());
        assert!((&mut waiting).now_or_never().is_none(), "waits");
        assert!(limit.enter().now_or_never().expect("at once").is_err(), "the queue is full");
        drop(slot);
        let slot = waiting.await.expect("a free slot");
        assert!(limit.enter().await.is_err(), "the wait is bounded");
        let gone = limit.enter().now_or_never();
        assert!(gone.is_none() && limit.queued.load(Ordering::Relaxed) == 0, "left the queue");
        drop(slot);
        assert!(limit.enter().now_or_never().is_some_and(|entered| entered.is_ok()));
    }

    async fn take(limit: &Arc<ConnectionLimit>, peer: &str) -> Option<ConnectionSlot> {
        let permit = limit.free().await.expect("a slot");
        limit.assign(permit, peer.parse().expect("an address"))
    }

    #[tokio::test]
    async fn one_address_holds_a_quarter_of_the_connections() {
        let limit = ConnectionLimit::new(8);
        let first = take(&limit, "192.0.2.1").await;
        let _second = take(&limit, "::ffff:192.0.2.1").await.expect("the same address");
        assert!(first.is_some() && take(&limit, "192.0.2.1").await.is_none());
        let _other = take(&limit, "192.0.2.2").await.expect("another address");
        drop(first);
        assert!(take(&limit, "192.0.2.1").await.is_some(), "released");
        let _six = take(&limit, "2001:db8::1").await.expect("a slot");
        let _seven = take(&limit, "2001:db8::2").await.expect("a slot");
        assert!(take(&limit, "2001:db8::ffff:3").await.is_none(), "the same network");
        assert!(take(&limit, "2001:db8:0:1::3").await.is_some());
    }

    #[tokio::test]
    async fn loopback_may_hold_all_connections_and_all_are_released() {
        let limit = ConnectionLimit::new(4);
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(take(&limit, "127.0.0.1").await.expect("a slot"));
        }
        all.push(take(&limit, "198.51.100.7").await.expect("a slot"));
        assert_eq!(limit.free.available_permits(), 0);
        all.clear();
        assert_eq!(limit.free.available_permits(), 4);
        assert!(limit.held.lock().is_empty());
    }
}
