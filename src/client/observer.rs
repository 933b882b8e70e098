//! Who watches the calls to the upstream: for logs and metrics, never for the calls themselves.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::ErrorKind;

/// One call to the upstream, when it is over. Holds no secret, no id and nothing of its bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// The method.
    pub method: &'static str,
    /// The path below the base of the API, `{id}` in place of ids: one of a few.
    pub path: String,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: CallEnding,
    /// From the first byte sent to the answer; for a stream to its first piece.
    pub took: Duration,
}

/// How a call to the upstream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnding {
    /// With an answer.
    Answered,
    /// With a failure; it may be tried again.
    Failed(ErrorKind),
    /// Nobody waited for it any more.
    Abandoned,
}

impl CallEnding {
    /// One word for logs and metrics: `ok`, a code of the error table, or `abandoned`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "ok",
            Self::Failed(kind) => kind.code(),
            Self::Abandoned => "abandoned",
        }
    }
}

/// Watches the calls to the upstream. It is called between bytes, so it must not block.
pub trait Observer: Send + Sync {
    /// The name of the work that the calls are for. A UUID goes upstream as `X-Request-Id`; there
    /// anything else would stand out (protocol 1.2).
    fn request_id(&self) -> Option<&str> {
        None
    }

    /// A call is over.
    fn called(&self, report: &CallReport);
}

/// The observer of some calls, or none.
#[derive(Clone, Default)]
pub(super) struct Observed(Option<Arc<dyn Observer>>);

impl Observed {
    /// By this one.
    pub(super) fn by(observer: Arc<dyn Observer>) -> Self {
        Self(Some(observer))
    }

    /// What goes into `X-Request-Id`.
    pub(super) fn request_id(&self) -> String {
        let own = self.0.as_ref().and_then(|observer| observer.request_id());
        let own = own.and_then(|id| uuid::Uuid::try_parse(id).ok());
        own.unwrap_or_else(uuid::Uuid::new_v4).to_string()
    }

    /// A call begins.
    pub(super) fn begin(&self, method: &'static str, path: String) -> Running {
        let ending = CallEnding::Abandoned;
        let report = CallReport { method, path, status: None, ending, took: Duration::ZERO };
        Running { observer: self.clone(), began: Instant::now(), report }
    }
}

/// A call that is not over; it is when this is dropped.
pub(super) struct Running {
    observer: Observed,
    began: Instant,
    report: CallReport,
}

impl Running {
    /// The head of the answer is there.
    pub(super) fn answered(&mut self, status: u16) {
        self.report.status = Some(status);
    }

    /// This is how it ended.
    pub(super) fn ended(mut self, failure: Option<ErrorKind>) {
        self.report.ending = failure.map_or(CallEnding::Answered, CallEnding::Failed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer.0 {
            self.report.took = self.began.elapsed();
            observer.called(&self.report);
        }
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observed").field(&self.0.is_some()).finish()
    }
}
