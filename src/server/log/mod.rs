//! The log: a line for each request, for each call to the upstream if that is wanted, and for what
//! the server has to say besides. No tokens, no ids of chats, and no prompts unless the operator asks
//! for the bodies.

mod lines;
pub(crate) mod request;
pub(crate) mod trace;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

pub(crate) use self::lines::note_line;
pub(super) use self::lines::{Access as RequestLine, UpstreamCall as UpstreamLine, millis};
use self::lines::{Body, Line, Note, render};
use crate::domain::{Error, LogLevel};

/// How lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// How much.
    pub level: LogLevel,
    /// How it looks.
    pub format: LogFormat,
    /// Also prompts and answers.
    pub bodies: bool,
}

/// How those who write the lines get on.
#[derive(Debug, Default)]
pub struct LogHealth {
    lost: AtomicU64,
    is_failing: AtomicBool,
}

impl LogHealth {
    /// A line could not be taken.
    pub fn lose(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Lines that were lost since the beginning.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// The last line could be written, or could not.
    pub fn wrote(&self, ok: bool) {
        self.is_failing.store(!ok, Ordering::Relaxed);
    }

    /// Whether the last line could not be written.
    pub fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Relaxed)
    }
}

/// Receives the lines of the log.
#[derive(Clone)]
pub struct LogSink {
    receive: Arc<dyn Fn(String) + Send + Sync>,
    health: Arc<LogHealth>,
    options: LogOptions,
}

impl LogSink {
    /// Calls `receive` for each line (without its end); it must not block.
    pub fn new(receive: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self { receive: Arc::new(receive), health: Arc::default(), options: LogOptions::default() }
    }

    /// The same, knowing how its lines get on.
    #[must_use]
    pub fn watching(self, health: Arc<LogHealth>) -> Self {
        Self { health, ..self }
    }

    /// How its lines get on.
    pub fn health(&self) -> &LogHealth {
        &self.health
    }

    /// The same for other lines.
    #[must_use]
    pub fn with(self, options: LogOptions) -> Self {
        Self { options, ..self }
    }

    /// Something that the operator should know, and that belongs to no request.
    pub fn note(&self, message: &str) {
        self.write(LogLevel::Warn, &Line::Note(Note { message, request_id: None }));
    }

    /// A fault of our own, found while `request_id` was worked on.
    pub fn fault(&self, request_id: &str, message: &str) {
        let note = Note { message, request_id: Some(request_id) };
        self.write(LogLevel::Error, &Line::Note(note));
    }

    /// A prompt, or its answer; only if the operator wants them.
    pub fn body(&self, request_id: &str, what: &'static str, text: &str) {
        if self.options.bodies {
            self.write(LogLevel::Info, &Line::Body(Body { what, text, request_id }));
        }
    }

    /// A call to the upstream is over.
    pub fn upstream(&self, call: &UpstreamLine<'_>) {
        self.write(LogLevel::Debug, &Line::Upstream(call));
    }

    /// A request is over.
    pub fn request(&self, level: LogLevel, request: &RequestLine<'_>) {
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
