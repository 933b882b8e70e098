//! One call to the upstream for all callers who ask the same at the same time.
//!
//! Tabs of the page, and programs with many threads, ask for the same list at once; the upstream is
//! asked for it once, and its answer is told to all of them. What holds:
//!
//! - Only callers with the same token share, and only while the call is under way: nothing is kept.
//! - Who asks after a change that was made through this server gets an answer that was asked for
//!   after it, too.
//! - When the caller who asks the upstream goes away, the next one asks again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use crate::domain::{AccessToken, Result};

/// What is asked, for whom, and after how many changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key<Q> {
    token: [u8; 32],
    question: Q,
    changes: u64,
}

/// A call that is under way: the answer is a document as it is sent, or a failure.
type Cell = Arc<OnceCell<Result<Bytes>>>;

/// The calls that are under way.
pub struct JointCalls<Q> {
    calls: Mutex<HashMap<Key<Q>, Cell>>,
    changes: AtomicU64,
}

impl<Q> Default for JointCalls<Q> {
    fn default() -> Self {
        Self { calls: Mutex::default(), changes: AtomicU64::new(0) }
    }
}

impl<Q: Clone + Eq + std::hash::Hash> JointCalls<Q> {
    /// The answer to `question` for the owner of `token`: by `call`, or by somebody else's that is
    /// under way.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn ask(
        &self,
        token: &AccessToken,
        question: Q,
        call: impl Future<Output = Result<Bytes>>,
    ) -> Result<Bytes> {
        let changes = self.changes.load(Ordering::Acquire);
        let token = Sha256::digest(token.expose()).into();
        let place = self.join(Key { token, question, changes });
        place.cell.get_or_init(|| call).await.clone()
    }

    /// Something was changed: what was asked before tells nobody who asks from now on.
    pub fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// A call that is over is not joined any more, even if somebody has not taken its answer yet.
    fn join(&self, key: Key<Q>) -> Place<'_, Q> {
        let mut calls = self.lock();
        let cell = calls.entry(key.clone()).or_default();
        if cell.initialized() {
            *cell = Cell::default();
        }
        Place { cell: Arc::clone(cell), key, calls: self }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key<Q>, Cell>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who takes part in a call. The last one clears it away.
struct Place<'a, Q: Clone + Eq + std::hash::Hash> {
    cell: Cell,
    key: Key<Q>,
    calls: &'a JointCalls<Q>,
}

impl<Q: Clone + Eq + std::hash::Hash> Drop for Place<'_, Q> {
    fn drop(&mut self) {
        let mut calls = self.calls.lock();
        let ours = calls.get(&self.key).is_some_and(|cell| Arc::ptr_eq(cell, &self.cell));
        // One count is ours, and one the map's.
        if ours && (self.cell.initialized() || Arc::strong_count(&self.cell) == 2) {
            calls.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;
    use crate::domain::{Error, ErrorKind};

    fn token(mark: &str) -> AccessToken {
        use base64::Engine as _;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let text = format!("{}.{}.{}", part("{}"), part(r#"{"id":"u"}"#), part(mark));
        AccessToken::parse(&text).expect("a token")
    }

    /// A call that waits for its answer, and the means to give it.
    fn call() -> (oneshot::Sender<Result<Bytes>>, impl Future<Output = Result<Bytes>>) {
        let (sender, receiver) = oneshot::channel();
        (sender, async move { receiver.await.expect("an answer") })
    }

    fn never() -> impl Future<Output = Result<Bytes>> {
        std::future::poll_fn(|_| panic!("the upstream is asked again"))
    }

    #[tokio::test]
    async fn who_asks_the_same_meanwhile_gets_the_same_answer() {
        let calls = JointCalls::default();
        let (answer, asked) = call();
        let token = token("a");
        let first = calls.ask(&token, 1, asked);
        let second = calls.ask(&token, 1, never());
        let mut both = Box::pin(async { tokio::join!(first, second) });
        assert!(both.as_mut().now_or_never().is_none());
        answer.send(Ok(Bytes::from_static(b"list"))).expect("wanted");
        let (one, two) = both.await;
        assert_eq!((one.ok(), two.ok()), (Some("list".into()), Some("list".into())));
        let (answer, asked) = call();
        answer.send(Ok(Bytes::from_static(b"newer"))).expect("wanted");
        assert_eq!(calls.ask(&token, 1, asked).await.ok(), Some("newer".into()));
        assert!(calls.lock().is_empty());
    }

    #[tokio::test]
    async fn other_questions_other_people_and_later_changes_are_asked_for_anew() {
        let calls = JointCalls::default();
        let (_answer, asked) = call();
        let first_token = token("a");
        let mut first = Box::pin(calls.ask(&first_token, 1, asked));
        assert!(first.as_mut().now_or_never().is_none());
        let own = async || Ok(Bytes::from_static(b"own"));
        let ask = async |mark: &str, question| calls.ask(&token(mark), question, own()).await.ok();
        assert_eq!(ask("b", 1).now_or_never().flatten(), Some("own".into()));
        assert_eq!(ask("a", 2).now_or_never().flatten(), Some("own".into()));
        assert_eq!(ask("a", 1).now_or_never(), None);
        calls.changed();
        assert_eq!(ask("a", 1).now_or_never().flatten(), Some("own".into()));
        drop(first);
        assert!(calls.lock().is_empty());
    }

    #[tokio::test]
    async fn when_the_one_who_asks_goes_away_the_next_one_asks() {
        let calls = JointCalls::default();
        let token = token("a");
        let (_answer, asked) = call();
        let mut first = Box::pin(calls.ask(&token, 1, asked));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second =
            Box::pin(calls.ask(&token, 1, async { Ok(Bytes::from_static(b"second")) }));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await.ok(), Some("second".into()));
        assert!(calls.lock().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all() {
        let calls = JointCalls::default();
        let token = token("a");
        let (answer, asked) = call();
        let mut both = Box::pin(async {
            tokio::join!(calls.ask(&token, 1, asked), calls.ask(&token, 1, never()))
        });
        assert!(both.as_mut().now_or_never().is_none());
        answer.send(Err(Error::new(ErrorKind::RateLimited, "slow down"))).expect("wanted");
        let (one, two) = both.await;
        let kind = |result: Result<Bytes>| result.err().map(|error| error.kind());
        assert_eq!(
            (kind(one), kind(two)),
            (Some(ErrorKind::RateLimited), Some(ErrorKind::RateLimited))
        );
    }
}
