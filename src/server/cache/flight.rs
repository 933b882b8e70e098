//! Documents on their way: who asks for what somebody else is asking for already waits for theirs.
//!
//! The work belongs to all who wait. It goes on when the first of them goes away, and ends with the
//! last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use serde::Serialize;

use super::Found;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::shared::{Entries, EntryKey};

/// A document about something that the upstream said.
pub(crate) struct Document {
    /// Its JSON.
    pub body: Bytes,
    keep: bool,
}

impl Document {
    /// A document that may be kept.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it is not JSON.
    pub(crate) fn new(document: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(document).map_err(|fault| {
            Error::new(ErrorKind::Internal, "a document could not be written").caused_by(fault)
        })?;
        Ok(Self { body: body.into(), keep: true })
    }

    /// The same, but only kept `if` that is so.
    #[must_use]
    pub(crate) fn kept_if(self, keep: bool) -> Self {
        Self { keep, ..self }
    }
}

/// The document, and whether it had been kept. Errors are shared as well.
type Landed = Result<(Bytes, Found), Arc<Error>>;
type Flight = BoxFuture<'static, Landed>;

/// What is on its way.
#[derive(Default)]
pub(super) struct Documents(Mutex<HashMap<EntryKey, WeakShared<Flight>>>);

impl Documents {
    /// What is kept under `key`, or else the outcome of `work`, which is then kept for a time if there
    /// is a place and a time to `keep` it.
    ///
    /// # Errors
    /// Those of `work`.
    pub(super) async fn get(
        &self,
        key: EntryKey,
        keep: Option<(Arc<dyn Entries>, Duration)>,
        work: impl Future<Output = Result<Document>> + Send + 'static,
    ) -> Result<(Bytes, Found)> {
        // Dropped after the flight: then it can be seen whether anybody else is on it.
        let _passenger = Passenger { documents: self, key };
        let (flight, is_first) = self.join(key, || {
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
        match flight.await {
            Ok((body, Found::Miss)) if !is_first => Ok((body, Found::Coalesced)),
            Ok(landed) => Ok(landed),
            Err(error) => Err(Arc::try_unwrap(error).unwrap_or_else(|error| Error::clone(&error))),
        }
    }

    fn join(&self, key: EntryKey, begin: impl FnOnce() -> Flight) -> (Shared<Flight>, bool) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key).and_then(WeakShared::upgrade) {
            return (flight, false);
        }
        let flight = begin().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key, weak);
        }
        (flight, true)
    }

    /// Forgets a flight that has landed, or that nobody waits for.
    fn sweep(&self, key: EntryKey) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |flight: &WeakShared<Flight>| {
            flight.upgrade().is_none_or(|flight| flight.peek().is_some())
        };
        if flights.get(&key).is_some_and(is_over) {
            flights.remove(&key);
        }
    }
}

/// Somebody who waits.
struct Passenger<'a> {
    documents: &'a Documents,
    key: EntryKey,
}

impl Drop for Passenger<'_> {
    fn drop(&mut self) {
        self.documents.sweep(self.key);
    }
}
