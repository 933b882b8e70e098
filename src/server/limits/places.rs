//! How many connections there may be, all together and from one address.
//!
//! Where other machines can connect, one of them must not be able to hold all the places. Callers on
//! this machine are not counted one by one: they all have the same address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::net::address::is_loopback;

/// One address may hold one of so many places.
const SHARE: usize = 4;

/// The places for connections.
pub(crate) struct Places {
    free: Arc<Semaphore>,
    /// Places for one address.
    share: usize,
    /// By whom they are held. Never more entries than places.
    held: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    holder: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many.
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))),
            share: (count / SHARE).max(1),
            held: Mutex::default(),
        })
    }

    /// Waits until a place is free.
    pub(crate) async fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives a free place to `peer`, unless they hold their share already.
    pub(crate) fn give(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        peer: IpAddr,
    ) -> Option<Place> {
        let holder = holder(peer);
        if let Some(holder) = holder {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(holder).or_default();
            if *count >= self.share {
                return None;
            }
            *count += 1;
        }
        Some(Place { places: Arc::clone(self), holder, _permit: permit })
    }
}

/// Whom a place is counted for. Who has an IPv6 address has a whole network of them: at least a /64.
fn holder(peer: IpAddr) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let network = match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    };
    (!is_loopback(peer)).then_some(network)
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(holder) = self.holder else { return };
        let mut held = self.places.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                held.remove(&holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(places: &Arc<Places>, peer: &str) -> Option<Place> {
        let permit = places.free().await.expect("a place");
        places.give(permit, peer.parse().expect("an address"))
    }

    #[tokio::test]
    async fn one_address_holds_a_quarter_at_most() {
        let places = Places::new(8);
        let first = take(&places, "192.0.2.1").await;
        let _second = take(&places, "::ffff:192.0.2.1").await.expect("the same address");
        assert!(first.is_some() && take(&places, "192.0.2.1").await.is_none());
        let _other = take(&places, "192.0.2.2").await.expect("another address");
        drop(first);
        assert!(take(&places, "192.0.2.1").await.is_some(), "given back");
        let _six = take(&places, "2001:db8::1").await.expect("a place");
        let _seven = take(&places, "2001:db8::2").await.expect("a place");
        assert!(take(&places, "2001:db8::ffff:3").await.is_none(), "the same network");
        assert!(take(&places, "2001:db8:0:1::3").await.is_some());
    }

    #[tokio::test]
    async fn this_machine_may_hold_all_and_nothing_is_left_behind() {
        let places = Places::new(4);
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(take(&places, "127.0.0.1").await.expect("a place"));
        }
        all.push(take(&places, "198.51.100.7").await.expect("a place"));
        assert_eq!(places.free.available_permits(), 0);
        all.clear();
        assert_eq!(places.free.available_permits(), 4);
        assert!(places.held.lock().expect("a lock").is_empty());
    }
}
