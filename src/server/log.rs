//! The access log: one line a request, without prompts and without tokens.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// Receives the lines of the access log.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(String) + Send + Sync>);

impl LogSink {
    /// Calls `receive` for each line (without its end); it must not block.
    pub fn new(receive: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// A line that belongs to no request.
    pub fn note(&self, line: &str) {
        (self.0)(line.to_owned());
    }
}

/// Says with which error code a request ended, if it did; travels as an extension of its response.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<OnceLock<&'static str>>);

impl Ending {
    /// An ending that is known already.
    pub fn with(code: &'static str) -> Self {
        let ending = Self::default();
        ending.set(code);
        ending
    }

    /// Says so; the first word counts.
    pub fn set(&self, code: &'static str) {
        let _ = self.0.set(code);
    }
}

/// The line of one request, written when it is dropped: after the last byte of the answer, or when
/// the caller has gone away.
pub struct LogLine {
    /// The method.
    pub method: String,
    /// The route as it stands in the table, so that ids do not get into the log.
    pub route: &'static str,
    /// The id of the request.
    pub request_id: String,
    /// The status; `None` until there is an answer.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Bytes of the body that were handed out.
    pub bytes: u64,
    /// Whether the answer was handed out to its end.
    pub whole: bool,
    /// When it began.
    pub began: Instant,
    /// Where it goes.
    pub sink: LogSink,
}

/// What servers note for a caller who went away before the answer was whole.
const CLIENT_GONE: u16 = 499;

impl Drop for LogLine {
    fn drop(&mut self) {
        let Self { method, route, request_id, bytes, .. } = self;
        let status = self.status.filter(|_| self.whole).unwrap_or(CLIENT_GONE);
        let took = self.began.elapsed().as_secs_f64() * 1000.0;
        let mut line = format!("{method} {route} {status} {took:.1}ms {bytes}B {request_id}");
        if let Some(code) = self.ending.0.get() {
            line = format!("{line} {code}");
        }
        (self.sink.0)(line);
    }
}
