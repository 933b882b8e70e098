//! The only place that prints.
//!
//! Three things are kept apart: *where* it goes ([`Io`], [`Sink`]), *how* it looks ([`Policy`],
//! decided once) and *what* is printed (the modules for tables, Markdown, JSON, streams and errors).
//!
//! What this module keeps true: the result goes to standard output and everything else to standard
//! error; text from the upstream is cleaned before it reaches a terminal or a pretty pipe; a reader
//! who has gone away ends the command quietly; a broken standard error is nobody's problem.

pub(super) mod ask;
mod io;
mod journal;
mod markdown;
mod panic;
mod policy;
mod progress;
mod report;
mod stream;
mod table;
mod text;
mod when;

use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use owo_colors::{OwoColorize as _, Style};
use serde::Serialize;

pub use io::Io;
pub(super) use io::{Sink, Stdin, StdinKind, Terminal, stderr_is_terminal};
pub use panic::report_panic;
pub(super) use policy::Policy;
pub(super) use progress::Progress;
pub(super) use stream::{ReplyKind, ReplyPrinter};
pub(super) use table::Table;
pub(super) use text::{clean, one_line};
pub(super) use when::{Moment, now};

use super::args::GlobalArgs;
use super::failure::{Failure, Outcome};
use crate::settings::Environment;
use journal::{Level, marked};
use markdown::Markdown;
use text::cut;

/// Prints. Cheap to clone; all clones share the two streams.
#[derive(Clone)]
pub(super) struct Output {
    policy: Policy,
    streams: Arc<Streams>,
}

struct Streams {
    stdout: Mutex<Sink>,
    stderr: Mutex<Sink>,
    bar: Mutex<Option<ProgressBar>>,
}

/// What a command has besides its output.
pub(super) struct Surroundings {
    /// Standard input.
    pub stdin: Stdin,
    /// The environment variables.
    pub environment: Environment,
    /// Whether signals are caught.
    pub signals: bool,
    /// Whether there is a person who may be asked.
    pub can_ask: bool,
}

/// What decides the looks of a pretty result.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Columns of the terminal; `None` in a pipe.
    pub width: Option<usize>,
    /// Whether colour is welcome.
    pub color: bool,
    /// Whether Markdown is rendered.
    pub markdown: bool,
}

impl Output {
    /// Prints to these two streams in this way.
    fn new(policy: Policy, stdout: Sink, stderr: Sink) -> Self {
        let (stdout, stderr) = (Mutex::new(stdout), Mutex::new(stderr));
        Self { policy, streams: Arc::new(Streams { stdout, stderr, bar: Mutex::default() }) }
    }

    /// Prints to the streams of `io` as `flags` and its environment ask for. What is left of `io`
    /// comes back.
    pub(super) fn open(flags: &GlobalArgs, io: Io) -> (Self, Surroundings) {
        let Io { stdin, stdout, stderr, environment, signals } = io;
        let policy = Policy::decide(flags, &environment, stdout.terminal, stderr.terminal);
        let sees = stdin.kind == StdinKind::Terminal && stderr.terminal.is_some();
        let can_ask = sees && !policy.no_input;
        (Self::new(policy, stdout, stderr), Surroundings { stdin, environment, signals, can_ask })
    }

    /// How everything is printed.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    fn view(&self) -> View {
        let Policy { width, stdout_color, .. } = self.policy;
        View { width, color: stdout_color, markdown: self.policy.renders_markdown() }
    }

    /// Prints the result: `document` in JSON, or else what `pretty` makes for people.
    ///
    /// # Errors
    /// If standard output cannot be written, or nobody reads it any more.
    pub(super) fn result(
        &self,
        document: &impl Serialize,
        pretty: impl FnOnce(&View) -> String,
    ) -> Outcome {
        if self.policy.is_json() {
            self.document(document)
        } else {
            self.text(&pretty(&self.view()))
        }
    }

    /// Prints a JSON document on a line of its own.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn document(&self, document: &impl Serialize) -> Outcome {
        self.bar_hidden(|| {
            let mut sink = lock(&self.streams.stdout);
            let mut stdout = std::io::BufWriter::new(&mut *sink);
            serde_json::to_writer(&mut stdout, document).map_err(std::io::Error::from)?;
            stdout.write_all(b"\n")?;
            stdout.flush()
        })
        .map_err(Failure::unwritable)
    }

    /// Prints text on standard output as it is, and at once.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn text(&self, text: &str) -> Outcome {
        self.bytes(text.as_bytes())
    }

    /// Prints bytes on standard output as they are, and at once.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn bytes(&self, bytes: &[u8]) -> Outcome {
        self.bar_hidden(|| {
            let mut stdout = lock(&self.streams.stdout);
            stdout.write_all(bytes)?;
            stdout.flush()
        })
        .map_err(Failure::unwritable)
    }

    /// Tells something on standard error that is good to know; not with `-q`.
    pub(super) fn note(&self, text: &str) {
        if !self.policy.quiet {
            self.stderr_line(&clean(text), Level::Info);
        }
    }

    /// Tells something on standard error that is only interesting with `-v`.
    pub(super) fn detail(&self, text: &str) {
        if self.policy.verbose {
            self.stderr_line(&clean(text), Level::Debug);
        }
    }

    /// Warns on standard error; not with `-q`.
    pub(super) fn warn(&self, text: &str) {
        if !self.policy.quiet {
            let label = paint("warning:", Style::new().yellow().bold(), self.policy.stderr_color);
            self.stderr_line(&format!("{label} {}", clean(text)), Level::Warning);
        }
    }

    /// Complains on standard error in words that are complete already.
    pub(super) fn complaint(&self, text: &str) {
        self.stderr_marked(text, Level::Error);
    }

    /// Whether standard error is the journal of systemd.
    pub(super) fn is_journal(&self) -> bool {
        lock(&self.streams.stderr).journal
    }

    fn stderr_line(&self, line: &str, level: Level) {
        self.stderr_marked(&format!("{line}\n"), level);
    }

    fn stderr_marked(&self, text: &str, level: Level) {
        if self.is_journal() {
            self.stderr_text(&marked(text, level));
        } else {
            self.stderr_text(text);
        }
    }

    /// What cannot be written to standard error has nowhere else to go.
    fn stderr_text(&self, text: &str) {
        self.bar_hidden(|| {
            let mut stderr = lock(&self.streams.stderr);
            let _ = stderr.write_all(text.as_bytes());
            let _ = stderr.flush();
        });
    }

    /// Takes a running spinner or bar off the screen while `print` prints.
    fn bar_hidden<T>(&self, print: impl FnOnce() -> T) -> T {
        let bar = lock(&self.streams.bar).clone();
        match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl View {
    /// Something that stands out.
    pub(super) fn strong(&self, text: &str) -> String {
        paint(text, Style::new().bold(), self.color)
    }

    /// Something in a colour of its own, which never says it alone.
    pub(super) fn styled(&self, text: &str, style: Style) -> String {
        paint(text, style, self.color)
    }

    /// Something that stands back.
    pub(super) fn faint(&self, text: &str) -> String {
        paint(text, Style::new().dimmed(), self.color)
    }

    /// Markdown, rendered where that is wanted. It has to be clean already.
    pub(super) fn markdown(&self, text: &str) -> String {
        if self.markdown { Markdown::render(text, self) } else { text.to_owned() }
    }

    /// A line, cut to the terminal's width if there is one.
    pub(super) fn cut(&self, line: &str) -> String {
        self.width.map_or_else(|| line.to_owned(), |width| cut(line, width))
    }

    /// Names and values, one pair a line: aligned for people, tab-separated in a pipe.
    pub(super) fn pairs(&self, pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
        let line = |(name, value): (&str, String)| match self.width {
            Some(_) => self.cut(&format!("{name:<14} {}", one_line(&value))) + "\n",
            None => format!("{name}\t{}\n", one_line(&value)),
        };
        pairs.into_iter().map(line).collect()
    }
}

/// Puts `text` into a style, if that is welcome.
fn paint(text: &str, style: Style, color: bool) -> String {
    if color { text.style(style).to_string() } else { text.to_owned() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
