//! An answer, printed while it arrives.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use indexmap::IndexMap;

use super::failure::Outcome;
use super::style::Role;
use super::text::Cleaner;
use super::{Markdown, Output, Progress, clean, one_line};
use crate::app::documents::{DataDocument, EventDocument, QuickDocument, ReplyData};
use crate::cli::args::Format;
use crate::domain::{Citation, Completeness, Reply, ReplyEvent};

/// The shortest answer at whose end the person has probably looked elsewhere.
const NOTABLE: Duration = Duration::from_secs(10);

const DONE: &str = "qwenctl: the answer is done";

/// The command that prints the answer: their documents differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyKind {
    /// `send`
    Send,
    /// `quick`
    Quick,
}

/// Prints one answer: the text as it arrives, `ndjson` as one event per line, `json` as one document at
/// the end.
pub(crate) struct ReplyPrinter {
    output: Output,
    kind: ReplyKind,
    streams: bool,
    since: Instant,
    spinner: Option<Progress>,
    text: Text,
    thinking: Thinking,
    /// Whether model, tokens and time follow the answer.
    shows_usage: bool,
    notifies: bool,
}

/// The text of the answer on standard output.
struct Text {
    cleaner: Cleaner,
    markdown: Option<Markdown>,
    /// Whether the incomplete block is shown and redrawn.
    redraws: bool,
    /// The raw text so far, for comparison with a rewrite.
    taken: String,
    at_line_start: bool,
    has_printed: bool,
}

/// The thinking of the model, on standard error.
#[derive(Default)]
struct Thinking {
    cleaner: Cleaner,
    /// Thoughts that were printed as text.
    printed: String,
    is_open: bool,
    at_line_start: bool,
}

impl ReplyPrinter {
    /// Shows a spinner until the first text. Without `streams` the answer is printed at its end.
    pub(crate) fn new(output: &Output, kind: ReplyKind, streams: bool) -> Self {
        Self {
            output: output.clone(),
            kind,
            streams,
            since: Instant::now(),
            spinner: Some(output.spinner("waiting for the answer")),
            text: Text::new(output),
            thinking: Thinking::default(),
            shows_usage: false,
            notifies: false,
        }
    }

    /// Prints model, tokens and time after the answer.
    #[must_use]
    pub(crate) fn with_usage(self, shows_usage: bool) -> Self {
        Self { shows_usage, ..self }
    }

    /// Notifies at the end of an answer that took [`NOTABLE`].
    #[must_use]
    pub(crate) fn notifying(self, notifies: bool) -> Self {
        Self { notifies, ..self }
    }

    /// Prints an event of the answer of `model`.
    ///
    /// # Errors
    /// If standard output cannot be written or has been closed.
    pub(crate) fn event(&mut self, event: &ReplyEvent, model: &str) -> Outcome {
        match self.output.policy.format {
            Format::Ndjson if self.streams || matches!(event, ReplyEvent::Start { .. }) => {
                self.output.document(&EventDocument::step(event, model))
            }
            Format::Pretty if self.streams => self.pretty(event),
            Format::Json | Format::Ndjson | Format::Pretty => Ok(()),
        }
    }

    fn pretty(&mut self, event: &ReplyEvent) -> Outcome {
        match event {
            // Thoughts are held back until they are final.
            ReplyEvent::Start { .. } | ReplyEvent::RewriteThinking(_) => Ok(()),
            ReplyEvent::Thinking(text) => {
                self.think(text);
                Ok(())
            }
            ReplyEvent::Search { queries, citations } => {
                self.end_thinking();
                self.text.cite(citations);
                if !queries.is_empty() {
                    self.output.note(&format!("searching: {}", one_line(&queries.join("; "))));
                }
                Ok(())
            }
            ReplyEvent::Delta(text) => self.delta(text),
            ReplyEvent::Rewrite(whole) => self.rewrite(whole),
        }
    }

    fn think(&mut self, text: &str) {
        if self.output.policy.quiet || text.is_empty() {
            return;
        }
        self.spinner = None;
        self.output.erase_tail();
        let printed = std::mem::take(&mut self.thinking.printed);
        let text = self.thinking.cleaner.piece(text.strip_prefix(&printed).unwrap_or(text));
        self.thinking.is_open = true;
        self.thinking.at_line_start = text.ends_with('\n');
        self.output.stderr_text(&Role::Muted.paint(&text, self.output.policy.stderr_color));
        self.output.note_end(text.as_bytes());
    }

    fn end_thinking(&mut self) {
        if std::mem::take(&mut self.thinking.is_open) {
            let end = if self.thinking.at_line_start { "\n" } else { "\n\n" };
            self.output.stderr_text(end);
        }
    }

    fn delta(&mut self, text: &str) -> Outcome {
        self.end_thinking();
        // The spinner ends with the first text: what an interrupt leaves of it would stand in the
        // answer.
        if self.text.shows_words() || self.text.has_printed {
            self.spinner = None;
        }
        self.text.push(text, &self.output)
    }

    /// Prints the final text of the upstream, which usually continues the text so far.
    fn rewrite(&mut self, whole: &str) -> Outcome {
        if let Some(rest) = whole.strip_prefix(self.text.taken.as_str()) {
            let rest = rest.to_owned();
            return self.delta(&rest);
        }
        self.text.end(&self.output)?;
        if whole.is_empty() {
            self.output.warn("the text so far was the model's thinking; the answer follows");
            self.thinking.printed = std::mem::take(&mut self.text.taken);
        } else {
            self.output.warn("the upstream kept a different answer; the whole text follows");
        }
        self.text = Text::new(&self.output);
        self.delta(whole)
    }

    /// Prints the rest of a complete answer.
    ///
    /// # Errors
    /// As with [`ReplyPrinter::event`].
    pub(crate) fn done(mut self, reply: &Reply) -> Outcome {
        self.spinner = None;
        match (self.output.policy.format, self.kind) {
            (Format::Json, ReplyKind::Send) => {
                self.output.document(&DataDocument::new(ReplyData::from(reply)))
            }
            (Format::Json, ReplyKind::Quick) => self.output.document(&QuickDocument::from(reply)),
            (Format::Ndjson, _) => self.output.document(&EventDocument::done(reply)),
            (Format::Pretty, _) => self.finish_pretty(reply),
        }
    }

    fn finish_pretty(&mut self, reply: &Reply) -> Outcome {
        self.keep(reply)?;
        self.sources(reply);
        self.remarks(reply);
        Ok(())
    }

    /// Prints what surrounds a whole answer that goes elsewhere.
    pub(crate) fn finish_instead(&mut self, reply: &Reply) {
        self.spinner = None;
        self.notify(DONE);
        self.remarks(reply);
    }

    /// The same for one that is of no use; `prints` it on standard error.
    pub(crate) fn keep_aside(&mut self, reply: &Reply, prints: bool) {
        self.finish_instead(reply);
        if prints {
            self.output.complaint(&format!("{}\n", clean(&reply.content).trim_end()));
        }
    }

    fn remarks(&self, reply: &Reply) {
        if reply.completeness == Completeness::Doubtful {
            self.output.warn("part of the answer could not be read; it may be incomplete");
        }
        let summary = summary(reply, self.since.elapsed());
        if self.shows_usage {
            self.output.note(&summary);
        } else {
            self.output.detail(&summary);
        }
    }

    /// Ends without an answer.
    pub(crate) fn end(&mut self) {
        self.spinner = None;
        self.output.erase_tail();
        self.end_thinking();
        self.notify("qwenctl: the answer failed");
    }

    /// Draws attention to the end of a long answer.
    fn notify(&mut self, text: &str) {
        if std::mem::take(&mut self.notifies) && self.since.elapsed() >= NOTABLE {
            self.output.attract(text);
        }
    }

    /// Prints the rest of a partial answer and ends its last line. JSON carries it in the failure
    /// instead.
    ///
    /// # Errors
    /// As with [`ReplyPrinter::event`].
    pub(crate) fn keep(&mut self, reply: &Reply) -> Outcome {
        self.spinner = None;
        if self.output.policy.is_json() {
            return Ok(());
        }
        if !self.streams {
            if let Some(thinking) = &reply.thinking {
                self.think(thinking);
            }
            self.end_thinking();
            self.text.cite(&reply.citations);
            self.text.push(&reply.content, &self.output)?;
        }
        self.end_thinking();
        self.text.end(&self.output)?;
        self.notify(DONE);
        let images = reply.images.iter().filter(|url| !reply.content.contains(url.as_str()));
        self.output.text(&images.map(|url| clean(url) + "\n").collect::<String>())
    }

    /// Erases the `^C` that the terminal has printed at the start of a line.
    pub(crate) fn erase_interrupt(&mut self) {
        self.spinner = None;
        // The terminal has printed it behind the words.
        self.output.erase_tail();
        if self.output.policy.progress && self.text.has_printed && self.text.at_line_start {
            self.output.stderr_text("\r\u{1b}[K");
            self.output.note_end(b"\n");
        }
    }

    /// Prints the sources on standard error: a pipe gets the text alone.
    fn sources(&self, reply: &Reply) {
        if reply.citations.is_empty() {
            return;
        }
        // On a terminal they follow the answer after an empty line.
        let gap = if self.output.policy.width.is_some() { "\n" } else { "" };
        self.output.note(&format!("{gap}Sources:"));
        for line in source_lines(reply.cited()) {
            self.output.note(&format!("  {line}"));
        }
    }
}

/// A line for each source, with all numbers by which the text refers to it.
pub(crate) fn source_lines<'a>(sources: impl IntoIterator<Item = &'a Citation>) -> Vec<String> {
    let mut pages: IndexMap<&str, (String, &str)> = IndexMap::new();
    for source in sources {
        let (numbers, _) = pages.entry(&source.url).or_insert((String::new(), &source.title));
        let _ = write!(numbers, "[{}]", source.number);
    }
    let line = |(url, (numbers, title)): (&str, (String, &str))| {
        format!("{numbers} {} <{}>", one_line(title), one_line(url))
    };
    pages.into_iter().map(line).collect()
}

/// Model, tokens and time of an answer.
fn summary(reply: &Reply, time: Duration) -> String {
    let tokens = reply
        .usage
        .map(|usage| format!("{} tokens in, {} out · ", usage.input_tokens, usage.output_tokens));
    let tokens = tokens.unwrap_or_default();
    format!("{} · {tokens}{:.1} s", one_line(&reply.model), time.as_secs_f64())
}

impl Text {
    fn new(output: &Output) -> Self {
        let view = output.view();
        // A terminal that cannot redraw gets the words as they come.
        let renders = view.markdown && (view.redraws > 0 || view.width.is_none());
        Self {
            cleaner: Cleaner::default(),
            markdown: renders.then(|| Markdown::new(&view)),
            redraws: view.redraws > 0,
            taken: String::new(),
            at_line_start: true,
            has_printed: false,
        }
    }

    fn cite(&mut self, sources: &[Citation]) {
        if let Some(markdown) = &mut self.markdown {
            markdown.cite(sources);
        }
    }

    fn push(&mut self, text: &str, output: &Output) -> Outcome {
        self.taken += text;
        let text = self.cleaner.piece(text);
        match &mut self.markdown {
            Some(markdown) if self.redraws => {
                let (text, tail) = markdown.push_live(&text);
                self.note(if tail.is_empty() { &text } else { &tail });
                output.redraw(&text, tail)
            }
            Some(markdown) => {
                let text = markdown.push(&text);
                self.print(&text, output)
            }
            None => self.print(&text, output),
        }
    }

    /// Whether words are printed as they come.
    fn shows_words(&self) -> bool {
        self.markdown.is_none() || self.redraws
    }

    fn note(&mut self, printed: &str) {
        if !printed.is_empty() {
            self.at_line_start = printed.ends_with('\n');
            self.has_printed = true;
        }
    }

    fn end(&mut self, output: &Output) -> Outcome {
        let rest = self.markdown.as_mut().map(Markdown::finish).unwrap_or_default();
        if self.redraws && self.markdown.is_some() {
            self.note(&rest);
            return output.redraw(&rest, String::new());
        }
        self.print(&rest, output)?;
        if self.at_line_start { Ok(()) } else { self.print("\n", output) }
    }

    fn print(&mut self, text: &str, output: &Output) -> Outcome {
        if text.is_empty() {
            return Ok(());
        }
        self.note(text);
        output.text(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::super::{Io, Sink, Stdin, StdinKind, Terminal, lock};
    use super::*;
    use crate::cli::args::GlobalArgs;
    use crate::settings::Environment;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What standard error gets of an answer that took `time`, on a terminal or in a pipe.
    fn notified(time: Duration, terminal: Option<Terminal>) -> String {
        let written = Written::default();
        let sink = |writer| Sink { writer, terminal, journal: false };
        let io = Io {
            stdin: Stdin { kind: StdinKind::Other, reader: Box::new(io::empty()) },
            stdout: sink(Box::new(io::sink())),
            stderr: sink(Box::new(written.clone())),
            environment: Environment::from_pairs([("TERM", "xterm")]),
            signals: false,
        };
        let (output, _) = Output::open(&GlobalArgs::default(), io);
        let mut printer = ReplyPrinter::new(&output, ReplyKind::Send, true).notifying(true);
        printer.since = Instant::now().checked_sub(time).expect("a moment");
        let reply = Reply::empty("c1".parse().expect("an id"), "m");
        assert!(printer.done(&reply).is_ok());
        let bytes = lock(&written.0).clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn a_long_answer_on_a_terminal_ends_with_a_notification() {
        let terminal = Some(Terminal { width: 80 });
        let shown = notified(NOTABLE, terminal);
        assert!(shown.contains("\u{7}\u{1b}]9;qwenctl: the answer is done\u{7}"), "{shown:?}");
        assert!(!notified(Duration::from_secs(9), terminal).contains("done"));
        assert!(!notified(NOTABLE, None).contains("done"));
    }
}
