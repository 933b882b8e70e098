//! The line of one request, and its place in the numbers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{Error, ErrorKind, LogLevel};
use crate::server::log::trace::Trace;
use crate::server::log::{Ending, RequestLine, millis};
use crate::server::metrics::Finished;

/// What servers note for a caller who went away before the answer was whole.
const CLIENT_GONE: u16 = 499;

/// The line of one request, written when it is dropped: after the last byte of the answer, or when
/// the caller has gone away.
pub(crate) struct LogLine {
    method: String,
    route: &'static str,
    trace: Arc<Trace>,
    began: Instant,
    first_byte: Option<Duration>,
    bytes: u64,
    /// The status; `None` until there is an answer.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Whether the answer was handed out to its end.
    pub whole: bool,
}

impl LogLine {
    /// The line of a request that begins now. `route` is its template, so that ids do not get into
    /// the log.
    pub(crate) fn begin(method: &hyper::Method, route: &'static str, trace: Arc<Trace>) -> Self {
        trace.metrics.began();
        Self {
            method: method.to_string(),
            route,
            trace,
            began: Instant::now(),
            first_byte: None,
            bytes: 0,
            status: None,
            ending: Ending::default(),
            whole: false,
        }
    }

    /// Bytes of the body are handed out.
    pub(crate) fn handed_out(&mut self, bytes: usize) {
        if self.first_byte.is_none() {
            self.first_byte = Some(self.began.elapsed());
        }
        self.bytes += bytes as u64;
    }
}

impl Drop for LogLine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.ending.fail(&Error::new(ErrorKind::Internal, "a panic"));
        }
        let status = self.status.filter(|_| self.whole).unwrap_or(CLIENT_GONE);
        let took = self.began.elapsed();
        let (upstream_calls, upstream) = self.trace.upstream();
        let gone = (status == CLIENT_GONE).then(|| ErrorKind::Interrupted.code());
        let failure = self.ending.failure();
        let code = failure.map(|failure| failure.code).or(gone);
        self.trace.metrics.finished(&Finished {
            method: &self.method,
            route: self.route,
            status,
            code,
            bytes: self.bytes,
            took,
            asked_upstream: upstream_calls > 0,
        });
        let level = if status >= 500 { LogLevel::Error } else { LogLevel::Info };
        self.trace.log.request(
            level,
            &RequestLine {
                request_id: &self.trace.request_id,
                method: &self.method,
                route: self.route,
                status,
                bytes: self.bytes,
                first_byte_ms: self.first_byte.map(millis),
                total_ms: millis(took),
                upstream_ms: millis(upstream),
                upstream_calls,
                who: self.trace.who(),
                code,
                cause: failure.and_then(|failure| failure.causes.as_deref()),
            },
        );
    }
}
