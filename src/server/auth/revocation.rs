//! Whether the keys of requests that run are still good: one look a second for all of them together,
//! and none while nothing runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::domain::{ApiKey, Keyring};

/// How often it is looked.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The keys as somebody saw them.
struct Look {
    /// When: what was made later is not among them.
    began: Instant,
    keys: Arc<Vec<ApiKey>>,
}

/// Looks at the keys for all who wait.
pub(super) struct RevocationWatch(Arc<Shared>);

struct Shared {
    ring: Arc<dyn Keyring>,
    /// Keys that cannot be read leave the last look as it was.
    looks: watch::Sender<Option<Look>>,
    /// Whether a task looks. It is set and taken back together with the number of those who wait.
    is_kept: Mutex<bool>,
}

impl RevocationWatch {
    /// Looks at these keys.
    pub(super) fn new(ring: Arc<dyn Keyring>) -> Self {
        Self(Arc::new(Shared { ring, looks: watch::Sender::new(None), is_kept: Mutex::new(false) }))
    }

    /// Waits for a look at the keys after which `ends` gives something for the key with this id, or for
    /// none if it is gone.
    pub(super) async fn until<T>(
        &self,
        id: &str,
        ends: impl Fn(Option<&ApiKey>) -> Option<T>,
    ) -> T {
        let since = Instant::now();
        let mut looks = self.join();
        loop {
            // The sender lives as long as `self`.
            let _ = looks.changed().await;
            let seen = looks.borrow_and_update();
            let Some(look) = seen.as_ref().filter(|look| look.began >= since) else { continue };
            if let Some(end) = ends(look.keys.iter().find(|key| key.id == id)) {
                return end;
            }
        }
    }

    fn join(&self) -> watch::Receiver<Option<Look>> {
        let mut is_kept = self.0.is_kept.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = self.0.looks.subscribe();
        if !std::mem::replace(&mut *is_kept, true) {
            tokio::spawn(Arc::clone(&self.0).keep());
        }
        looks
    }
}

impl Shared {
    /// Looks until nobody waits.
    async fn keep(self: Arc<Self>) {
        loop {
            sleep(LOOK_AGAIN).await;
            if self.has_ended() {
                return;
            }
            let (ring, began) = (Arc::clone(&self.ring), Instant::now());
            // Keys lie in a file, so they are asked for beside the threads that serve.
            if let Ok(Ok(keys)) = tokio::task::spawn_blocking(move || ring.all()).await {
                self.looks.send_replace(Some(Look { began, keys }));
            }
        }
    }

    fn has_ended(&self) -> bool {
        let mut is_kept = self.is_kept.lock().unwrap_or_else(PoisonError::into_inner);
        *is_kept = self.looks.receiver_count() > 0;
        !*is_kept
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::domain::{Error, ErrorKind, KeyHash, Result, Scope};

    /// Keys that can be taken away, and counts how often they are looked at.
    #[derive(Default)]
    struct Ring {
        /// `None`: they cannot be read.
        keys: Mutex<Option<Vec<ApiKey>>>,
        looks: AtomicUsize,
    }

    impl Ring {
        fn set(&self, keys: Option<Vec<ApiKey>>) {
            *self.keys.lock().expect("no panic") = keys;
        }

        fn looks(&self) -> usize {
            self.looks.load(Ordering::Relaxed)
        }
    }

    impl Keyring for Ring {
        fn by_hash(&self, _: &KeyHash) -> Result<Option<ApiKey>> {
            Ok(None)
        }

        fn by_id(&self, _: &str) -> Result<Option<ApiKey>> {
            Ok(None)
        }

        fn all(&self) -> Result<Arc<Vec<ApiKey>>> {
            self.looks.fetch_add(1, Ordering::Relaxed);
            let keys = self.keys.lock().expect("no panic").clone();
            keys.map(Arc::new).ok_or_else(|| Error::new(ErrorKind::Internal, "broken"))
        }
    }

    fn key(id: &str) -> ApiKey {
        ApiKey {
            id: id.to_owned(),
            name: id.to_owned(),
            scope: Scope::Send,
            limits: Vec::new(),
            created_at: 1,
            expires_at: None,
            last4: "abcd".to_owned(),
            hash: [0; 32],
        }
    }

    fn gone(key: Option<&ApiKey>) -> Option<()> {
        key.is_none().then_some(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_who_wait_cost_one_look_a_second() {
        let ring = Arc::new(Ring::default());
        ring.set(Some(vec![key("a"), key("b")]));
        let revocations = RevocationWatch::new(Arc::clone(&ring) as Arc<dyn Keyring>);
        let others = revocations.until("b", gone);
        let all = async {
            join_all((0..1000).map(|_| revocations.until("a", gone))).await;
        };
        let revoking = async {
            sleep(Duration::from_millis(5500)).await;
            assert_eq!(ring.looks(), 5);
            // A file that is broken says nothing, and is read no oftener either.
            ring.set(None);
            sleep(Duration::from_secs(2)).await;
            assert_eq!(ring.looks(), 7);
            ring.set(Some(vec![key("b")]));
        };
        let mut others = std::pin::pin!(others);
        assert!(others.as_mut().now_or_never().is_none());
        tokio::join!(all, revoking);
        assert_eq!(ring.looks(), 8);
        assert!(others.as_mut().now_or_never().is_none(), "another key is still good");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_looks_while_nobody_waits_and_the_next_one_is_seen_to() {
        let ring = Arc::new(Ring::default());
        ring.set(Some(Vec::new()));
        let revocations = RevocationWatch::new(Arc::clone(&ring) as Arc<dyn Keyring>);
        assert!(revocations.until("a", gone).now_or_never().is_none());
        sleep(Duration::from_secs(10)).await;
        assert_eq!(ring.looks(), 0);
        revocations.until("a", gone).await;
        assert_eq!(ring.looks(), 1);
    }
}
