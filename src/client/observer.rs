//! What the client reports while it works: a [`CallReport`] after each request for logs and metrics, and
//! [`Notice`]s for the user.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::ErrorKind;

/// A finished request to the upstream. Holds no secret, no id and no part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReport {
    /// The method.
    pub method: &'static str,
    /// The path below the base of the API, with `{id}` in place of ids: one of a few.
    pub path: String,
    /// The status, if a response came.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: CallEnding,
    /// From the first byte sent to the response; for a stream, to its first piece.
    pub took: Duration,
}

/// How a request to the upstream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnding {
    /// With a response.
    Answered,
    /// With a failure; a retry may follow.
    Failed(ErrorKind),
    /// Its caller dropped it.
    Abandoned,
}

impl CallEnding {
    /// The outcome for logs and metrics: `ok`, a code of the error table, or `abandoned`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "ok",
            Self::Failed(kind) => kind.code(),
            Self::Abandoned => "abandoned",
        }
    }
}

/// Observes requests to the upstream. Its methods run between bytes, so they must not block.
pub trait Observer: Send + Sync {
    /// The id of the work behind the requests. Only a UUID is sent as `X-Request-Id`: other values would be
    /// conspicuous there (protocol 1.2).
    fn request_id(&self) -> Option<&str> {
        None
    }

    /// A request has ended.
    fn called(&self, report: &CallReport);
}

/// An optional observer.
#[derive(Clone, Default)]
pub(super) struct Observed(Option<Arc<dyn Observer>>);

impl Observed {
    /// With this observer.
    pub(super) fn by(observer: Arc<dyn Observer>) -> Self {
        Self(Some(observer))
    }

    /// The value of `X-Request-Id`.
    pub(super) fn request_id(&self) -> String {
        let own = self.0.as_ref().and_then(|observer| observer.request_id());
        let own = own.and_then(|id| uuid::Uuid::try_parse(id).ok());
        own.unwrap_or_else(uuid::Uuid::new_v4).to_string()
    }

    /// Starts the report of a request.
    pub(super) fn begin(&self, method: &'static str, path: String) -> RunningCall {
        let ending = CallEnding::Abandoned;
        let report = CallReport { method, path, status: None, ending, took: Duration::ZERO };
        RunningCall { observer: self.clone(), began: Instant::now(), report }
    }
}

/// A running request; reported when this is dropped.
pub(super) struct RunningCall {
    observer: Observed,
    began: Instant,
    report: CallReport,
}

impl RunningCall {
    /// The response headers are there.
    pub(super) fn answered(&mut self, status: u16) {
        self.report.status = Some(status);
    }

    /// Records the outcome.
    pub(super) fn ended(mut self, failure: Option<ErrorKind>) {
        self.report.ending = failure.map_or(CallEnding::Answered, CallEnding::Failed);
    }
}

impl Drop for RunningCall {
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

/// An event for stderr or the log. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A request failed and will be retried.
    Retrying {
        /// What went wrong.
        reason: String,
        /// Delay until the retry.
        delay: Duration,
    },
    /// The chat is still answering an earlier prompt.
    ChatBusy {
        /// Delay until the next attempt.
        delay: Duration,
    },
    /// The stream was cut; the client resumes it.
    Resuming,
    /// The stream was cut; the client reads the answer from the chat.
    Recovering,
    /// A problem that persists beyond this request.
    Warning(String),
    /// An oddity of the answer that does not stop it.
    Odd(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying { reason, delay } => {
                write!(f, "{reason}; retrying in {:.1} s", delay.as_secs_f64())
            }
            Self::ChatBusy { delay } => {
                write!(f, "the chat is still answering; retrying in {:.1} s", delay.as_secs_f64())
            }
            Self::Resuming => f.write_str("the stream was cut; resuming it"),
            Self::Recovering => f.write_str("the stream was cut; reading the answer from the chat"),
            Self::Warning(what) | Self::Odd(what) => f.write_str(what),
        }
    }
}

/// Receives the notices of a client.
#[derive(Clone)]
pub struct NoticeSink(Arc<dyn Fn(Notice) + Send + Sync>);

impl NoticeSink {
    /// Calls `receive` for each notice; it must not block.
    pub fn new(receive: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    pub(crate) fn send(&self, notice: Notice) {
        (self.0)(notice);
    }
}

impl Default for NoticeSink {
    fn default() -> Self {
        Self::new(drop)
    }
}
