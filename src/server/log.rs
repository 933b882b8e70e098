//! The log: a line for each request, optionally one for each upstream call, and notes for the operator. It
//! holds no tokens, no chat ids, and prompts and answers only with `--log-bodies`.
//!
//! [`Trace`] collects what one request leaves for log and metrics; [`LogLine`] writes its line.
//!
//! This is not `tracing`: a request has exactly one line with fixed fields in two formats, which
//! `tracing-subscriber` cannot write without a layer of about the size of this file, and a line that
//! is dropped with its request needs no span.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::app::{CallEnding, CallReport, Observer};
use crate::domain::{AccessToken, Error, ErrorKind, LogLevel, hex};
use crate::server::metrics::{Finished, Metrics};

/// The status in log and metrics for a client that disconnected before the response was complete.
const CLIENT_GONE: u16 = 499;

/// The longest method in a message, in bytes.
const MAX_METHOD: usize = 32;

/// The format of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The options of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The most detailed level to write.
    pub level: LogLevel,
    /// The format.
    pub format: LogFormat,
    /// Whether to write prompts and answers.
    pub bodies: bool,
}

/// The state of the writer of the log.
#[derive(Debug, Default)]
pub struct LogHealth {
    lost: AtomicU64,
    is_failing: AtomicBool,
}

impl LogHealth {
    /// Counts a line that could not be queued.
    pub fn lose(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Lines lost since the start.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Records whether the last line was written.
    pub fn wrote(&self, ok: bool) {
        self.is_failing.store(!ok, Ordering::Relaxed);
    }

    /// Whether the last line could not be written.
    pub fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }
}

/// Writes the lines of the log.
#[derive(Clone)]
pub struct LogSink {
    receive: Arc<dyn Fn(String) + Send + Sync>,
    health: Arc<LogHealth>,
    options: LogOptions,
}

impl LogSink {
    /// Passes each line, without a line break, to `receive`, which must not block.
    pub fn new(receive: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self { receive: Arc::new(receive), health: Arc::default(), options: LogOptions::default() }
    }

    /// The same with the state of its writer.
    #[must_use]
    pub fn watching(self, health: Arc<LogHealth>) -> Self {
        Self { health, ..self }
    }

    /// The state of the writer.
    pub fn health(&self) -> &LogHealth {
        &self.health
    }

    /// The same with `options`.
    #[must_use]
    pub fn with(self, options: LogOptions) -> Self {
        Self { options, ..self }
    }

    /// Writes a note for the operator.
    pub fn note(&self, message: &str) {
        self.write(LogLevel::Warn, &Line::Note(Note { message, request_id: None }));
    }

    /// Writes an internal fault during the request with this id.
    pub fn fault(&self, request_id: &str, message: &str) {
        let note = Note { message, request_id: Some(request_id) };
        self.write(LogLevel::Error, &Line::Note(note));
    }

    /// Writes a prompt or an answer, if [`LogOptions::bodies`] is set.
    pub fn body(&self, request_id: &str, what: &'static str, text: &str) {
        if self.options.bodies {
            self.write(LogLevel::Info, &Line::Body(Body { what, text, request_id }));
        }
    }

    fn upstream(&self, call: &UpstreamLine<'_>) {
        self.write(LogLevel::Debug, &Line::Upstream(call));
    }

    fn request(&self, level: LogLevel, request: &RequestLine<'_>) {
        self.write(level, &Line::Request(request));
    }

    fn write(&self, level: LogLevel, line: &Line<'_>) {
        if level <= self.options.level {
            (self.receive)(render(jiff::Timestamp::now(), level, line, self.options.format));
        }
    }
}

/// How a request ended: the error, if there was one. Travels as an extension of its response.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<OnceLock<Failure>>);

/// The error that ended a request, as the log shows it.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The code of the error.
    pub code: &'static str,
    /// Its causes, for the log alone.
    pub causes: Option<String>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { code: error.kind().code(), causes: error.causes() }
    }
}

impl Ending {
    /// The ending of a request that failed with `error`.
    pub(super) fn failed(error: &Error) -> Self {
        let ending = Self::default();
        ending.fail(error);
        ending
    }

    /// Records that the request failed with `error`; the first one stays.
    pub(super) fn fail(&self, error: &Error) {
        self.0.get_or_init(|| error.into());
    }

    /// The failure, if there is one.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.0.get()
    }
}

/// What one request leaves for log and metrics. The upstream session carries it, so that each call is
/// attributed to its request.
pub(crate) struct Trace {
    /// The id of the request.
    pub request_id: String,
    /// The metrics of the server.
    pub metrics: Arc<Metrics>,
    /// The log of the server.
    pub log: LogSink,
    who: OnceLock<String>,
    calls: AtomicU32,
    upstream_micros: AtomicU64,
    has_proof: AtomicBool,
}

impl Trace {
    /// A trace of the request with this id.
    pub(crate) fn new(request_id: String, metrics: Arc<Metrics>, log: LogSink) -> Self {
        let (calls, upstream_micros) = (AtomicU32::new(0), AtomicU64::new(0));
        let (who, has_proof) = (OnceLock::new(), AtomicBool::new(false));
        Self { request_id, metrics, log, who, calls, upstream_micros, has_proof }
    }

    /// Sets the label of the client, such as the name of its API key; the first one stays. It must not
    /// contain a secret.
    pub(crate) fn set_who(&self, label: impl Into<String>) {
        let _ = self.who.set(label.into());
    }

    /// Labels the client with a short hash of the account of `token`, unless it has a label.
    pub(crate) fn set_account(&self, token: &AccessToken) {
        if self.who.get().is_none() {
            self.set_who(account_label(token));
        }
    }

    /// The label of the client, if there is one.
    pub(crate) fn who(&self) -> Option<&str> {
        self.who.get().map(String::as_str)
    }

    /// Whether the upstream has answered a call that needs a valid token.
    pub(crate) fn has_proof(&self) -> bool {
        self.has_proof.load(Ordering::Relaxed)
    }

    /// The number of upstream calls and their total time.
    pub(crate) fn upstream(&self) -> (u32, Duration) {
        let micros = self.upstream_micros.load(Ordering::Relaxed);
        (self.calls.load(Ordering::Relaxed), Duration::from_micros(micros))
    }
}

/// Distinguishes accounts without naming them; for a token without an account the token is hashed.
fn account_label(token: &AccessToken) -> String {
    let account = token.claims().account_id.as_deref().unwrap_or_else(|| token.expose());
    let hash = Sha256::new_with_prefix(b"qwenctl account ").chain_update(account).finalize();
    format!("account:{}", hex(&hash[..4]))
}

impl Observer for Trace {
    fn request_id(&self) -> Option<&str> {
        Some(&self.request_id)
    }

    fn called(&self, report: &CallReport) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let micros = u64::try_from(report.took.as_micros()).unwrap_or(u64::MAX);
        self.upstream_micros.fetch_add(micros, Ordering::Relaxed);
        // The upstream lists its models to everybody.
        if report.ending == CallEnding::Answered && !report.path.contains("models") {
            self.has_proof.store(true, Ordering::Relaxed);
        }
        self.metrics.called(report);
        self.log.upstream(&UpstreamLine {
            request_id: &self.request_id,
            call,
            method: report.method,
            path: &report.path,
            status: report.status,
            result: report.ending.word(),
            total_ms: millis(report.took),
        });
    }
}

/// The line of one request, written when this is dropped: after the last byte of the response, or when
/// the client has disconnected.
pub(crate) struct LogLine {
    method: String,
    route: &'static str,
    trace: Arc<Trace>,
    began: Instant,
    first_byte: Option<Duration>,
    bytes: u64,
    /// The status; `None` until there is a response.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// Whether the response was sent completely.
    pub whole: bool,
}

impl LogLine {
    /// The line of a request that starts now. `route` is its template, so that no id gets into the log.
    pub(crate) fn begin(method: &hyper::Method, route: &'static str, trace: Arc<Trace>) -> Self {
        trace.metrics.began();
        Self {
            method: shown_method(method).to_owned(),
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

    /// Counts bytes of the body.
    pub(crate) fn sent(&mut self, bytes: usize) {
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

/// The method of a request, which may be any word, short enough for a message.
pub(crate) fn shown_method(method: &hyper::Method) -> &str {
    method.as_str().get(..MAX_METHOD).unwrap_or(method.as_str())
}

/// A line of the log.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    /// A completed request.
    Request(&'a RequestLine<'a>),
    /// A completed upstream call.
    Upstream(&'a UpstreamLine<'a>),
    /// A note for the operator.
    Note(Note<'a>),
    /// A prompt or an answer.
    Body(Body<'a>),
}

/// A completed request. Times are in milliseconds.
#[derive(Serialize)]
struct RequestLine<'a> {
    request_id: &'a str,
    method: &'a str,
    route: &'static str,
    status: u16,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<f64>,
    total_ms: f64,
    upstream_ms: f64,
    upstream_calls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

/// A completed upstream call.
#[derive(Serialize)]
struct UpstreamLine<'a> {
    request_id: &'a str,
    /// Its number within the request, from 1.
    call: u32,
    method: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    result: &'static str,
    total_ms: f64,
}

/// A note for the operator.
#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

/// A prompt or an answer.
#[derive(Serialize)]
struct Body<'a> {
    what: &'static str,
    text: &'a str,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    time: &'a str,
    level: &'static str,
    #[serde(flatten)]
    line: &'a Line<'a>,
}

/// In milliseconds, to the microsecond.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// The line of a note at the current time.
pub(crate) fn note_line(message: &str, format: LogFormat) -> String {
    let note = Note { message, request_id: None };
    render(Timestamp::now(), LogLevel::Warn, &Line::Note(note), format)
}

/// The text of a line. It never contains a line break.
fn render(at: Timestamp, level: LogLevel, line: &Line<'_>, format: LogFormat) -> String {
    let time = format!("{at:.3}");
    let level = level.word();
    if format == LogFormat::Json {
        return serde_json::to_string(&Document { time: &time, level, line }).unwrap_or_default();
    }
    let mut text = format!("{time} {level} ");
    // Writing to a `String` does not fail.
    let _ = match line {
        Line::Request(request) => request.write(&mut text),
        Line::Upstream(call) => call.write(&mut text),
        Line::Note(Note { message, request_id: Some(id) }) => {
            write!(text, "{} id={id}", message.escape_debug())
        }
        Line::Note(Note { message, request_id: None }) => {
            write!(text, "{}", message.escape_debug())
        }
        Line::Body(Body { what, text: body, request_id }) => {
            write!(text, "{what} id={request_id} {body:?}")
        }
    };
    text
}

impl RequestLine<'_> {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { method, route, status, bytes, total_ms, .. } = self;
        // The method is the client's own text.
        let method = method.escape_debug();
        write!(text, "{method} {route} {status} {bytes}B total={total_ms:.1}ms")?;
        if let Some(first) = self.first_byte_ms {
            write!(text, " first={first:.1}ms")?;
        }
        if self.upstream_calls > 0 {
            write!(text, " upstream={:.1}ms calls={}", self.upstream_ms, self.upstream_calls)?;
        }
        if let Some(who) = self.who {
            write!(text, " who={who}")?;
        }
        write!(text, " id={}", self.request_id)?;
        self.code.map_or(Ok(()), |code| write!(text, " {code}"))?;
        self.cause.map_or(Ok(()), |cause| write!(text, " cause={cause:?}"))
    }
}

impl UpstreamLine<'_> {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { method, path, call, total_ms, request_id, result, .. } = self;
        write!(text, "upstream {method} {path} ")?;
        match self.status {
            Some(status) => write!(text, "{status}")?,
            None => text.push('-'),
        }
        write!(text, " {result} total={total_ms:.1}ms call={call} id={request_id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_line() -> RequestLine<'static> {
        RequestLine {
            request_id: "r1",
            method: "GET",
            route: "/api/chats/{id}",
            status: 502,
            bytes: 12,
            first_byte_ms: Some(1.25),
            total_ms: 2.5,
            upstream_ms: 2.0,
            upstream_calls: 1,
            who: Some("account:0123abcd"),
            code: Some("timeout"),
            cause: None,
        }
    }

    fn lines(line: &Line<'_>) -> [String; 2] {
        let at = Timestamp::from_millisecond(1_790_000_000_123).expect("a time");
        [LogFormat::Text, LogFormat::Json].map(|format| render(at, LogLevel::Error, line, format))
    }

    #[test]
    fn a_request_is_one_line_in_both_formats() {
        let request = RequestLine { cause: Some("no \"route\""), ..request_line() };
        let [text, json] = lines(&Line::Request(&request));
        assert_eq!(
            text,
            "2026-09-21T14:13:20.123Z error GET /api/chats/{id} 502 12B total=2.5ms first=1.2ms \
             upstream=2.0ms calls=1 who=account:0123abcd id=r1 timeout cause=\"no \\\"route\\\"\""
        );
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["time"], "2026-09-21T14:13:20.123Z");
        assert_eq!((&json["event"], &json["level"]), (&"request".into(), &"error".into()));
        assert_eq!((&json["status"], &json["code"]), (&502.into(), &"timeout".into()));
        assert_eq!(json["cause"], "no \"route\"");
    }

    #[test]
    fn foreign_text_does_not_break_a_line() {
        let evil = "a\nb\u{1b}[31m\r";
        let body = Line::Body(Body { what: "prompt", text: evil, request_id: "r" });
        let note = Line::Note(Note { message: evil, request_id: Some("r") });
        let request = RequestLine { method: evil, cause: Some(evil), ..request_line() };
        for line in [body, note, Line::Request(&request)] {
            for written in lines(&line) {
                assert!(!written.contains(['\n', '\r', '\u{1b}']), "{written}");
            }
        }
    }
}
