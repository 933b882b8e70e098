//! API keys: look-up, and the revocation of keys whose requests are running.
//!
//! All running requests share one look at the keys a second; without running requests there is none.
//! Another process (`qwenctl keys revoke`) changes the file, so there is no event to wait for.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use crate::domain::time::now;
use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result};
use crate::server::http::response::internal;

/// How often the keys of running requests are checked.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// The API keys of the server.
pub(super) struct Keys(Arc<Shared>);

struct Shared {
    ring: Arc<dyn Keyring>,
    /// The last read; keys that cannot be read leave it as it was.
    snapshots: watch::Sender<Option<Snapshot>>,
    /// Whether a task reads. Changes together with the number of receivers.
    is_watched: Mutex<bool>,
}

/// The keys at one time.
struct Snapshot {
    /// Keys created later are not part of it.
    began: Instant,
    keys: Arc<Vec<ApiKey>>,
}

impl Keys {
    /// The keys of `ring`.
    pub(super) fn new(ring: Arc<dyn Keyring>) -> Self {
        let snapshots = watch::Sender::new(None);
        Self(Arc::new(Shared { ring, snapshots, is_watched: Mutex::new(false) }))
    }

    /// The key that `question` finds. Keys are kept in a file, so they are read on a blocking thread.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if they cannot be read.
    pub(super) async fn find(
        &self,
        question: impl FnOnce(&dyn Keyring) -> Result<Option<ApiKey>> + Send + 'static,
    ) -> Result<Option<ApiKey>> {
        let ring = Arc::clone(&self.0.ring);
        let found = spawn_blocking(move || question(&*ring)).await;
        found.unwrap_or_else(|_| Err(internal())).map_err(|fault| {
            Error::new(ErrorKind::Internal, "the server cannot read its API keys")
                .with_hint("run `qwenctl keys list` on the server's machine to see the reason")
                .caused_by(fault)
        })
    }

    /// Waits until the key with this id is revoked or has expired, and returns the error.
    pub(super) async fn revoked(&self, id: &str) -> Error {
        let since = Instant::now();
        let mut snapshots = self.watch();
        loop {
            // The sender lives as long as `self`.
            let _ = snapshots.changed().await;
            let seen = snapshots.borrow_and_update();
            let Some(snapshot) = seen.as_ref().filter(|seen| seen.began >= since) else { continue };
            match snapshot.keys.iter().find(|key| key.id == id) {
                None => return revoked(),
                Some(key) if key.has_expired(now()) => return expired(),
                Some(_) => {}
            }
        }
    }

    fn watch(&self) -> watch::Receiver<Option<Snapshot>> {
        let mut is_watched = self.0.is_watched.lock();
        let snapshots = self.0.snapshots.subscribe();
        if !std::mem::replace(&mut *is_watched, true) {
            tokio::spawn(Arc::clone(&self.0).read());
        }
        snapshots
    }
}

impl Shared {
    /// Reads the keys until no request waits.
    async fn read(self: Arc<Self>) {
        loop {
            sleep(CHECK_EVERY).await;
            if self.has_ended() {
                return;
            }
            let (ring, began) = (Arc::clone(&self.ring), Instant::now());
            if let Ok(Ok(keys)) = spawn_blocking(move || ring.all()).await {
                self.snapshots.send_replace(Some(Snapshot { began, keys }));
            }
        }
    }

    fn has_ended(&self) -> bool {
        let mut is_watched = self.is_watched.lock();
        *is_watched = self.snapshots.receiver_count() > 0;
        !*is_watched
    }
}

/// The error for a key that does not exist.
pub(super) fn unknown() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key is not known to this server")
        .with_hint("it may have been revoked; `qwenctl keys list` shows the valid keys")
}

/// The error for a key past its end.
pub(super) fn expired() -> Error {
    Error::new(ErrorKind::TokenExpired, "the API key has expired").with_hint(NEW_KEY)
}

fn revoked() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key of this request has been revoked")
        .with_hint(NEW_KEY)
}

const NEW_KEY: &str = "ask the operator of this server for a new one (`qwenctl keys create`)";

/// The error for several keys, or one that is not text.
pub(super) fn unusable() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key cannot be used")
        .with_hint("send one, once: as `Authorization: Bearer qk-…` or `x-api-key: qk-…`")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::domain::{KeyHash, Scope};

    /// Keys that can be removed; counts the reads.
    #[derive(Default)]
    struct Ring {
        /// `None`: unreadable.
        keys: Mutex<Option<Vec<ApiKey>>>,
        reads: AtomicUsize,
    }

    impl Ring {
        fn set(&self, keys: Option<Vec<ApiKey>>) {
            *self.keys.lock() = keys;
        }

        fn reads(&self) -> usize {
            self.reads.load(Ordering::Relaxed)
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
            self.reads.fetch_add(1, Ordering::Relaxed);
            let keys = self.keys.lock().clone();
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

    #[tokio::test(start_paused = true)]
    async fn a_thousand_requests_cost_one_read_a_second() {
        let ring = Arc::new(Ring::default());
        ring.set(Some(vec![key("a"), key("b")]));
        let keys = Keys::new(Arc::clone(&ring) as Arc<dyn Keyring>);
        let mut other = std::pin::pin!(keys.revoked("b"));
        let all = async { join_all((0..1000).map(|_| keys.revoked("a"))).await };
        let revoking = async {
            sleep(Duration::from_millis(5500)).await;
            assert_eq!(ring.reads(), 5);
            // An unreadable file revokes nothing, and is not read more often.
            ring.set(None);
            sleep(Duration::from_secs(2)).await;
            assert_eq!(ring.reads(), 7);
            ring.set(Some(vec![key("b")]));
        };
        assert!(other.as_mut().now_or_never().is_none());
        let (errors, ()) = tokio::join!(all, revoking);
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::TokenInvalid));
        assert_eq!(ring.reads(), 8);
        assert!(other.as_mut().now_or_never().is_none(), "another key is still valid");
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_read_only_while_a_request_runs() {
        let ring = Arc::new(Ring::default());
        ring.set(Some(Vec::new()));
        let keys = Keys::new(Arc::clone(&ring) as Arc<dyn Keyring>);
        assert!(keys.revoked("a").now_or_never().is_none());
        sleep(Duration::from_secs(10)).await;
        assert_eq!(ring.reads(), 0);
        keys.revoked("a").await;
        assert_eq!(ring.reads(), 1);
    }
}
