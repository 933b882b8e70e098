//! The running requests, which clients can cancel.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::message::{Id, Message};

/// A request, by the name of its session and its id.
type Key = (String, Id);

/// What cancels the running requests.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashMap<Key, CancellationToken>>);

/// A running request, until it is dropped.
pub(crate) struct Cancellable {
    running: Arc<Running>,
    key: Key,
    token: CancellationToken,
}

impl Running {
    /// Adds a request; `None` if one with this id is running.
    pub(crate) fn begin(self: &Arc<Self>, session: &str, id: &Id) -> Option<Cancellable> {
        let (key, token) = ((session.to_owned(), id.clone()), CancellationToken::new());
        let mut all = self.0.lock();
        if all.contains_key(&key) {
            return None;
        }
        all.insert(key.clone(), token.clone());
        Some(Cancellable { running: Arc::clone(self), key, token })
    }

    /// Cancels the request that `message` names, if it is such a notification.
    pub(crate) fn take_note(&self, session: &str, message: &Message) {
        let Message::Notification { method, params } = message else { return };
        if method == "notifications/cancelled"
            && let Some(id) = params.get("requestId").and_then(Id::of)
            && let Some(token) = self.0.lock().get(&(session.to_owned(), id))
        {
            token.cancel();
        }
    }

    /// Cancels all requests of a session.
    pub(crate) fn end(&self, session: &str) {
        let all = self.0.lock();
        all.iter().filter(|((of, _), _)| of == session).for_each(|(_, token)| token.cancel());
    }

    /// How many requests are running.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().len()
    }
}

impl Cancellable {
    /// The result of `work`; `None` if it is cancelled before its end.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.token.cancelled() => None,
            result = work => Some(result),
        }
    }
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        self.running.0.lock().remove(&self.key);
    }
}
