//! The only place that prints.
//!
//! Three things are separate: the destination ([`Io`], [`Sink`]), the format ([`Policy`], decided
//! once) and the content (tables, Markdown, JSON, streams, errors).
//!
//! What this module keeps true: the result goes to standard output, everything else to standard
//! error; text from the upstream is cleaned before it reaches a terminal or a pretty pipe; a closed
//! standard output ends the command quietly; a broken standard error is ignored.

mod failure;
mod io;
mod markdown;
mod policy;
mod progress;
mod quiet;
mod stream;
mod style;
mod table;
mod text;
mod when;

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::ser::Formatter;

pub use failure::report_panic;
pub(super) use failure::{Failure, Outcome, interrupted};
pub use io::Io;
pub(super) use io::{
    Sink, Stdin, StdinKind, Terminal, discard_input, prompt_terminal, stderr_is_terminal,
};
pub(super) use policy::Policy;
pub(super) use progress::Progress;
pub(super) use quiet::{PASTE_OFF, PASTE_ON, Quiet, is_gone, restore};
pub(super) use stream::{ReplyKind, ReplyPrinter, source_lines};
pub(super) use style::Role;
pub(super) use table::Table;
pub(super) use text::{clean, cut, one_line, wrap};
pub(super) use when::{Moment, Side, moment, past};

use super::args::{Format, GlobalArgs};
use crate::domain::Citation;
use crate::settings::Environment;
use io::{Level, become_pager, columns, marked, terminal_rows};
use markdown::Markdown;

/// The printer. Cheap to clone; all clones share the two streams.
#[derive(Clone)]
pub(super) struct Output {
    policy: Policy,
    streams: Arc<Streams>,
}

struct Streams {
    stdout: Mutex<Sink>,
    stderr: Mutex<Sink>,
    /// Whether standard error is the systemd journal.
    is_journal: bool,
    /// The queue of a thread that writes to standard error, if there is one.
    queue: Mutex<Option<SyncSender<Queued>>>,
    bar: Mutex<Option<ProgressBar>>,
    /// The rows at the end of standard output that may still change.
    tail: Mutex<String>,
    /// Whether code has colours by its language.
    highlights: AtomicBool,
    /// Whether the cursor of a note would be in the middle of a line.
    mid_line: AtomicBool,
    /// The command that shows long texts.
    pager: Option<String>,
    paged: Mutex<Option<String>>,
}

/// What waits for the thread that writes to standard error.
enum Queued {
    Text(String),
    /// Answered when all before it has been written.
    Mark(SyncSender<()>),
}

/// The length of that queue.
const QUEUE: usize = 256;

/// What is left of [`Io`] besides the output.
pub(super) struct Surroundings {
    /// Standard input.
    pub stdin: Stdin,
    /// The environment variables.
    pub environment: Environment,
    /// Whether signals are caught.
    pub signals: bool,
    /// Whether prompting is possible.
    pub can_ask: bool,
}

/// How a pretty result is rendered.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent decisions")]
pub(super) struct View {
    /// Columns of the terminal; `None` in a pipe.
    pub width: Option<usize>,
    /// Whether colours are enabled.
    pub color: bool,
    /// Whether Markdown is rendered.
    pub markdown: bool,
    /// How many rows can be redrawn.
    pub redraws: usize,
    /// Whether code has colours by its language.
    pub highlights: bool,
    /// Whether the terminal understands links.
    pub links: bool,
}

impl Output {
    /// A printer for these two streams.
    fn new(policy: Policy, stdout: Sink, stderr: Sink, pager: Option<String>) -> Self {
        let streams = Streams {
            is_journal: stderr.journal,
            stdout: Mutex::new(stdout),
            stderr: Mutex::new(stderr),
            queue: Mutex::default(),
            bar: Mutex::default(),
            tail: Mutex::default(),
            highlights: AtomicBool::new(true),
            mid_line: AtomicBool::new(false),
            pager,
            paged: Mutex::default(),
        };
        Self { policy, streams: Arc::new(streams) }
    }

    /// A printer for the streams of `io`, with the policy of `flags` and the environment. Returns the
    /// rest of `io`.
    pub(super) fn open(flags: &GlobalArgs, io: Io) -> (Self, Surroundings) {
        let Io { stdin, stdout, stderr, environment, signals } = io;
        let policy = Policy::decide(flags, &environment, stdout.terminal, stderr.terminal);
        let sees = stdin.kind == StdinKind::Terminal && stderr.terminal.is_some();
        let can_ask = sees && !policy.no_input;
        let pager = environment.get("PAGER").map(str::to_owned);
        let output = Self::new(policy, stdout, stderr, pager);
        (output, Surroundings { stdin, environment, signals, can_ask })
    }

    /// The policy.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Colours code by its language, or does not.
    pub(super) fn set_highlights(&self, highlights: bool) {
        self.streams.highlights.store(highlights, Ordering::Relaxed);
    }

    /// The same printer for the present size of the terminal.
    pub(super) fn measured(&self) -> Self {
        let mut output = self.clone();
        let Policy { width, stderr_width, .. } = &mut output.policy;
        *width = width.map(|_| columns(&console::Term::stdout()));
        *stderr_width = stderr_width.map(|_| columns(&console::Term::stderr()));
        output
    }

    /// Prints Markdown, rendered if enabled, on lines of its own. The text must be clean.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn rendered(&self, text: &str) -> Outcome {
        let text = self.view().markdown(text, &[]);
        self.text(&format!("{}\n", text.trim_end_matches('\n')))
    }

    /// How text is shown on standard output.
    pub(super) fn view(&self) -> View {
        let Policy { width, stdout_color, links, .. } = self.policy;
        let highlights = self.streams.highlights.load(Ordering::Relaxed);
        let rows = || terminal_rows().saturating_sub(1).min(MAX_REDRAWN);
        let redraws = if self.policy.redraws { rows() } else { 0 };
        let markdown = self.policy.renders_markdown();
        View { width, color: stdout_color, markdown, redraws, highlights, links }
    }

    /// Prints the result: `document` as JSON, or what `pretty` renders for people.
    ///
    /// # Errors
    /// If standard output cannot be written or has been closed.
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

    /// As [`Output::result`]; a text that is longer than the terminal goes to the pager, if the
    /// environment names one.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn paged(
        &self,
        document: &impl Serialize,
        pretty: impl FnOnce(&View) -> String,
    ) -> Outcome {
        if self.policy.is_json() || self.streams.pager.is_none() || self.policy.width.is_none() {
            return self.result(document, pretty);
        }
        let text = pretty(&self.view());
        if text.lines().count() < terminal_rows() {
            return self.text(&text);
        }
        *lock(&self.streams.paged) = Some(text);
        Ok(())
    }

    /// Passes the text of [`Output::paged`] on. For the end of the run: the pager takes the place of
    /// this process, and with it the signals of the terminal.
    pub(super) fn finish(&self) -> Outcome {
        let Some(text) = lock(&self.streams.paged).take() else { return Ok(()) };
        let pager = self.streams.pager.as_deref().unwrap_or_default();
        // It returns only if there is no pager to run.
        become_pager(pager, &text);
        self.text(&text)
    }

    /// As [`Output::result`], with `ndjson` as one row per line.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn list(
        &self,
        document: &impl Serialize,
        rows: &[impl Serialize],
        pretty: impl FnOnce(&View) -> String,
    ) -> Outcome {
        if self.policy.format == Format::Ndjson {
            return rows.iter().try_for_each(|row| self.document(row));
        }
        self.result(document, pretty)
    }

    /// Prints a JSON document on a line of its own.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn document(&self, document: &impl Serialize) -> Outcome {
        self.bar_hidden(|| {
            let mut sink = lock(&self.streams.stdout);
            let mut stdout = std::io::BufWriter::new(&mut *sink);
            let mut serializer = serde_json::Serializer::with_formatter(&mut stdout, NoControls);
            document.serialize(&mut serializer).map_err(std::io::Error::from)?;
            stdout.write_all(b"\n")?;
            stdout.flush()
        })
        .map_err(Failure::unwritable)
    }

    /// Prints text on standard output unchanged, and flushes it.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn text(&self, text: &str) -> Outcome {
        self.bytes(text.as_bytes())
    }

    /// Prints bytes on standard output unchanged, and flushes them.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn bytes(&self, bytes: &[u8]) -> Outcome {
        self.bar_hidden(|| {
            let mut stdout = lock(&self.streams.stdout);
            stdout.write_all(bytes)?;
            stdout.flush()?;
            // On a terminal both streams share the line.
            if stdout.terminal.is_some() {
                self.note_end(bytes);
            }
            Ok(())
        })
        .map_err(Failure::unwritable)
    }

    /// Prints a note on standard error, except with `-q`.
    pub(super) fn note(&self, text: &str) {
        if !self.policy.quiet {
            self.stderr_line(&self.wrapped(text, 0), Level::Info);
        }
    }

    /// A cleaned text in lines that fit the terminal; `used` columns are before it.
    fn wrapped(&self, text: &str, used: usize) -> String {
        match self.policy.stderr_width {
            Some(width) => wrap(&clean(text), used, width),
            None => clean(text),
        }
    }

    /// Prints a muted note on standard error, except with `-q` and beside JSON.
    pub(super) fn aside(&self, text: &str) {
        if !self.policy.quiet && !self.policy.is_json() {
            let text = Role::Muted.paint(&self.wrapped(text, 0), self.policy.stderr_color);
            self.stderr_line(&text, Level::Info);
        }
    }

    /// Prints a detail on standard error with `-v`.
    pub(super) fn detail(&self, text: &str) {
        if self.policy.verbose {
            self.stderr_line(&clean(text), Level::Debug);
        }
    }

    /// Prints a warning on standard error, except with `-q`.
    pub(super) fn warn(&self, text: &str) {
        if !self.policy.quiet {
            let label = Role::Warning.paint("warning:", self.policy.stderr_color);
            let text = self.wrapped(text, "warning: ".len());
            self.stderr_line(&format!("{label} {text}"), Level::Warning);
        }
    }

    /// Draws attention to the terminal: the bell, and a notification where it can show one (OSC 9 and
    /// 777).
    pub(super) fn attract(&self, text: &str) {
        if self.policy.redraws && self.policy.stderr_width.is_some() {
            let text = one_line(text);
            self.stderr_text(&format!(
                "\u{7}\u{1b}]9;{text}\u{7}\u{1b}]777;notify;qwenctl;{text}\u{7}"
            ));
        }
    }

    /// Prints preformatted text on standard error, also with `-q`.
    pub(super) fn complaint(&self, text: &str) {
        self.stderr_marked(text, Level::Error);
    }

    /// The same for a thread that may wait.
    pub(super) fn complaint_now(&self, text: &str) {
        let text = if self.is_journal() { &marked(text, Level::Error) } else { text };
        self.stderr_text(text);
    }

    /// Whether standard error is the systemd journal.
    pub(super) fn is_journal(&self) -> bool {
        self.streams.is_journal
    }

    fn stderr_line(&self, line: &str, level: Level) {
        if self.policy.stderr_width.is_some() {
            self.erase_tail();
        }
        let gap = if self.streams.mid_line.load(Ordering::Relaxed) { "\n" } else { "" };
        self.stderr_marked(&format!("{gap}{line}\n"), level);
    }

    fn note_end(&self, text: &[u8]) {
        if let Some(last) = text.last() {
            self.streams.mid_line.store(*last != b'\n', Ordering::Relaxed);
        }
    }

    fn stderr_marked(&self, text: &str, level: Level) {
        let text = if self.is_journal() { &marked(text, level) } else { text };
        match &*lock(&self.streams.queue) {
            // What does not fit is dropped.
            Some(queue) => drop(queue.try_send(Queued::Text(text.to_owned()))),
            None => self.stderr_text(text),
        }
    }

    /// Leaves standard error to a thread from now on: a reader that stops reading must not stop the work.
    pub(super) fn detach_stderr(&self) {
        let (sender, receiver) = sync_channel(QUEUE);
        let output = self.clone();
        let thread = std::thread::Builder::new().name("stderr".to_owned()).spawn(move || {
            for queued in receiver {
                match queued {
                    Queued::Text(text) => output.stderr_text(&text),
                    Queued::Mark(written) => drop(written.try_send(())),
                }
            }
        });
        // Without the thread everything is written at once, as before.
        *lock(&self.streams.queue) = thread.is_ok().then_some(sender);
    }

    /// Ends that thread, and waits at most so long for what it still has to write.
    pub(super) fn attach_stderr(&self, patience: Duration) {
        let Some(queue) = lock(&self.streams.queue).take() else { return };
        let (written, has_written) = sync_channel(1);
        if queue.try_send(Queued::Mark(written)).is_ok() {
            let _ = has_written.recv_timeout(patience);
        }
    }

    /// Failures are ignored: there is nowhere else to report them.
    fn stderr_text(&self, text: &str) {
        self.bar_hidden(|| {
            let mut stderr = lock(&self.streams.stderr);
            let _ = stderr.write_all(text.as_bytes());
            let _ = stderr.flush();
            self.note_end(text.as_bytes());
        });
    }

    /// Hides a running spinner or bar while `print` prints.
    fn bar_hidden<T>(&self, print: impl FnOnce() -> T) -> T {
        let bar = lock(&self.streams.bar).clone();
        match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl View {
    /// `text` in the colour of its role.
    pub(super) fn paint(&self, role: Role, text: &str) -> String {
        role.paint(text, self.color)
    }

    /// Markdown, rendered if enabled. The text must be clean; it may cite these sources.
    pub(super) fn markdown(&self, text: &str, sources: &[Citation]) -> String {
        if self.markdown { Markdown::cited(text, sources, self) } else { text.to_owned() }
    }

    /// A line, cut to the width of the terminal.
    pub(super) fn cut(&self, line: &str) -> String {
        self.width.map_or_else(|| line.to_owned(), |width| cut(line, width))
    }

    /// Names and values, one pair per line: aligned and wrapped on a terminal, tab-separated in a pipe.
    pub(super) fn pairs(&self, pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
        let line = |(name, value): (&str, String)| match self.width {
            Some(width) => {
                let value = wrap(&one_line(&value), 0, width.saturating_sub(NAME + 1));
                format!("{name:<NAME$} {}\n", value.replace('\n', &format!("\n{:NAME$} ", "")))
            }
            None => format!("{name}\t{}\n", one_line(&value)),
        };
        pairs.into_iter().map(line).collect()
    }
}

/// The most rows that are redrawn.
const MAX_REDRAWN: usize = 10;

/// The room for a name beside its value, in columns.
const NAME: usize = 14;

/// JSON in which the control characters U+007F to U+009F are escaped: a terminal obeys them.
struct NoControls;

impl Formatter for NoControls {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| matches!(c, '\u{7f}'..='\u{9f}')) {
            let (plain, control) = rest.split_at(at);
            let mut chars = control.chars();
            let code = chars.next().map_or(0, u32::from);
            write!(writer, "{plain}\\u{code:04x}")?;
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Locks `mutex`, also after a panic of another holder.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
