//! Documents in progress: concurrent requests for the same document share one upstream call.
//!
//! The call belongs to all that wait. It continues when the first of them leaves, and ends with the last.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use hyper::header::HeaderValue;
use parking_lot::Mutex;
use serde::Serialize;
use warp::reply::Response;

use crate::domain::{Error, ErrorKind, Result};
use crate::server::shared::{Entries, EntryKey};

/// The result of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A cached entry.
    Hit,
    /// No entry: the upstream was called.
    Miss,
    /// The upstream call of another request in progress.
    Coalesced,
}

impl Found {
    /// The value of `x-cache`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }

    /// Adds the header to a response.
    pub(crate) fn mark(self, response: &mut Response) {
        response.headers_mut().insert("x-cache", HeaderValue::from_static(self.word()));
    }
}

/// A document with upstream data.
pub(crate) struct Document {
    /// Its JSON.
    pub body: Bytes,
    keep: bool,
}

impl Document {
    /// A document that may be cached.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be JSON.
    pub(crate) fn new(document: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(document).map_err(|fault| {
            Error::new(ErrorKind::Internal, "a document could not be written").caused_by(fault)
        })?;
        Ok(Self { body: body.into(), keep: true })
    }

    /// The same, cached only if `keep` is set.
    #[must_use]
    pub(crate) fn kept_if(self, keep: bool) -> Self {
        Self { keep, ..self }
    }
}

/// The document, and whether it was cached. Errors are shared as well.
type Outcome = Result<(Bytes, Found), Arc<Error>>;
type Call = BoxFuture<'static, Outcome>;

/// The calls in progress.
#[derive(Default)]
pub(super) struct Documents(Mutex<HashMap<EntryKey, WeakShared<Call>>>);

impl Documents {
    /// The entry of `key`, or the result of `work`, which `keep` then caches for its time.
    ///
    /// # Errors
    /// Those of `work`.
    pub(super) async fn get(
        &self,
        key: EntryKey,
        keep: Option<(Arc<dyn Entries>, Duration)>,
        work: impl Future<Output = Result<Document>> + Send + 'static,
    ) -> Result<(Bytes, Found)> {
        // Dropped after the call, when it is known whether another request waits for it.
        let _waiting = Waiting { documents: self, key };
        let (call, is_first) = self.join(key, || {
            async move {
                if let Some((entries, _)) = &keep
                    && let Some(body) = entries.get(key).await
                {
                    return Ok((body, Found::Hit));
                }
                let document = work.await.map_err(Arc::new)?;
                if let (true, Some((entries, time))) = (document.keep, keep) {
                    entries.put(key, document.body.clone(), time).await;
                }
                Ok((document.body, Found::Miss))
            }
            .boxed()
        });
        match call.await {
            Ok((body, Found::Miss)) if !is_first => Ok((body, Found::Coalesced)),
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(Arc::try_unwrap(error).unwrap_or_else(|error| Error::clone(&error))),
        }
    }

    fn join(&self, key: EntryKey, begin: impl FnOnce() -> Call) -> (Shared<Call>, bool) {
        let mut calls = self.0.lock();
        if let Some(call) = calls.get(&key).and_then(WeakShared::upgrade) {
            return (call, false);
        }
        let call = begin().shared();
        if let Some(weak) = call.downgrade() {
            calls.insert(key, weak);
        }
        (call, true)
    }

    /// Removes a call that is complete, or that no request waits for.
    fn sweep(&self, key: EntryKey) {
        let mut calls = self.0.lock();
        let is_over =
            |call: &WeakShared<Call>| call.upgrade().is_none_or(|call| call.peek().is_some());
        if calls.get(&key).is_some_and(is_over) {
            calls.remove(&key);
        }
    }
}

/// A waiting request.
struct Waiting<'a> {
    documents: &'a Documents,
    key: EntryKey,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.documents.sweep(self.key);
    }
}
