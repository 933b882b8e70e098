//! The line editor of a conversation: history, completion, text of several lines.
//!
//! What it keeps true: a text that was begun is never lost (what Ctrl-C discards is in the history); a
//! paste is never taken apart; a terminal without escape sequences gets plain lines.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustyline::completion::{Candidate, Completer};
use rustyline::config::{Behavior, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{
    Cmd, ColorMode, ConditionalEventHandler, Config, Editor, Event, EventContext, EventHandler,
    Helper, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::{Typed, read_plain};
use crate::cli::interrupt::beside;
use crate::cli::output::{Outcome, Role, clean, lock};
use crate::domain::{Error, ErrorKind};

/// The most lines in the history.
const MOST_LINES: usize = 1000;

/// A longer text is not kept in the history.
pub(crate) const LONGEST_KEPT: usize = 64 << 10;

/// What begins and ends a text of several lines.
const BLOCK: &str = "\"\"\"";

/// What came of a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A text.
    Text(String),
    /// The text so far, which is to be opened in an editor (Ctrl-X Ctrl-E).
    Open(String),
    /// The text so far, after which the program is to be suspended (Ctrl-Z).
    Suspend(String),
    /// Ctrl-C; whether there was a text.
    Cancelled(bool),
    /// Ctrl-D, or the end of the terminal.
    End,
}

/// A completion: what it inserts, and what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// The word.
    pub word: String,
    /// The word with a remark.
    pub shown: String,
}

impl Candidate for Suggestion {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.word
    }
}

/// What completes words. May block for a moment.
pub(crate) trait Completions: Send + Sync {
    /// The completions of the last word of `before`, and where that word begins.
    fn complete(&self, before: &str) -> (usize, Vec<Suggestion>);
}

/// Reads the lines of a conversation.
pub(crate) struct LineReader {
    /// None on a terminal without escape sequences, and while a line is read.
    editor: Option<Box<Editor<Prompter, DefaultHistory>>>,
    is_plain: bool,
    history: Option<PathBuf>,
    leaving: Leaving,
    continued: Continued,
}

/// The key that left the line with its text, if not Enter.
type Leaving = Arc<Mutex<Option<Leave>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    Open,
    Suspend,
}

/// The texts at whose end a backslash began another line. A backslash of a paste is not one of them.
type Continued = Arc<Mutex<Vec<String>>>;

impl LineReader {
    /// A reader with these completions. `history` is the file of the history, if it is kept.
    ///
    /// # Errors
    /// If the terminal cannot be used.
    pub(crate) fn new(
        is_plain: bool,
        color: bool,
        history: Option<PathBuf>,
        completions: Arc<dyn Completions>,
    ) -> Outcome<Self> {
        let (leaving, continued) = (Leaving::default(), Continued::default());
        let mut reader = Self { editor: None, is_plain, history, leaving, continued };
        if is_plain {
            return Ok(reader);
        }
        let config = Config::builder()
            .behavior(Behavior::PreferTerm)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .color_mode(if color { ColorMode::Forced } else { ColorMode::Disabled })
            .history_ignore_space(true)
            .max_history_size(MOST_LINES)
            .map_err(unusable)?
            .build();
        let mut editor =
            Editor::<Prompter, DefaultHistory>::with_config(config).map_err(unusable)?;
        for key in [KeyEvent(KeyCode::Enter, Modifiers::NONE), KeyEvent::ctrl('J')] {
            editor.bind_sequence(
                key,
                EventHandler::Conditional(Box::new(Enter(Arc::clone(&reader.continued)))),
            );
        }
        editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
        let open = Event::KeySeq(vec![KeyEvent::ctrl('X'), KeyEvent::ctrl('E')]);
        let suspend = Event::from(KeyEvent::ctrl('Z'));
        for (event, leave) in [(open, Leave::Open), (suspend, Leave::Suspend)] {
            let handler = LeaveLine(Arc::clone(&reader.leaving), leave);
            editor.bind_sequence(event, EventHandler::Conditional(Box::new(handler)));
        }
        // The terminal has no key for it, which is this one for the editor.
        editor.bind_sequence(KeyEvent::ctrl('@'), Cmd::Noop);
        editor.set_helper(Some(Prompter { typed: Typed::default(), completions, color }));
        if let Some(path) = &reader.history {
            // A history that cannot be read is only shorter.
            let _ = editor.load_history(path);
        }
        reader.editor = Some(Box::new(editor));
        Ok(reader)
    }

    /// Reads a text that begins with `initial`. To be dropped only if nothing is read any more.
    ///
    /// # Errors
    /// If the terminal cannot be used.
    pub(crate) async fn read(&mut self, prompt: &'static str, initial: String) -> Outcome<Input> {
        let Some(mut editor) = self.editor.take() else {
            return read_lines(prompt, initial).await;
        };
        let (read, editor) = beside(move || {
            let read = read_text(&mut editor, prompt, initial);
            (read, editor)
        })
        .await?;
        let typed = editor.helper().map(|helper| helper.typed.0.borrow().clone());
        let typed = typed.map(|(before, after)| before + &after).unwrap_or_default();
        self.editor = Some(editor);
        let continued = std::mem::take(&mut *lock(&self.continued));
        let leaving = lock(&self.leaving).take();
        match (read, leaving) {
            (Ok(text), Some(Leave::Open)) => Ok(Input::Open(joined(&text, &continued))),
            (Ok(text), Some(Leave::Suspend)) => Ok(Input::Suspend(joined(&text, &continued))),
            (Ok(text), None) => Ok(Input::Text(unblock(&clean(&joined(&text, &continued))))),
            (Err(ReadlineError::Interrupted), _) => {
                self.remember(&typed);
                Ok(Input::Cancelled(!typed.is_empty()))
            }
            (Err(ReadlineError::Eof), _) => Ok(Input::End),
            (Err(error), _) => Err(unusable(error).into()),
        }
    }

    /// Adds a text to the history.
    pub(crate) fn remember(&mut self, text: &str) {
        let Some(editor) = &mut self.editor else { return };
        if text.trim().is_empty() || text.len() > LONGEST_KEPT {
            return;
        }
        let is_new = editor.add_history_entry(text).unwrap_or(false);
        if let (true, Some(path)) = (is_new, &self.history) {
            // A history that cannot be written is gone with the conversation.
            let _ = editor.append_history(path);
        }
    }

    /// Whether it is a plain terminal, on which no text can be put into the line.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }
}

fn unusable(error: ReadlineError) -> Error {
    Error::new(ErrorKind::Internal, "cannot prompt on this terminal").caused_by(match error {
        ReadlineError::Io(fault) => fault,
        error => io::Error::other(error),
    })
}

fn read_text(
    editor: &mut Editor<Prompter, DefaultHistory>,
    prompt: &str,
    initial: String,
) -> rustyline::Result<String> {
    let (mut before, mut after) = (initial, String::new());
    loop {
        match editor.readline_with_initial(prompt, (&before, &after)) {
            // A byte that is not UTF-8 ends the editor: it begins again with what was there.
            Err(ReadlineError::Io(fault)) if fault.kind() == io::ErrorKind::InvalidData => {
                let typed = editor.helper().map(|helper| helper.typed.0.borrow().clone());
                (before, after) = typed.unwrap_or_default();
                before.push(char::REPLACEMENT_CHARACTER);
            }
            read => return read,
        }
    }
}

/// The same on a terminal without escape sequences: it cannot put a text into the line, so that an
/// empty line stands for `initial`.
async fn read_lines(prompt: &'static str, initial: String) -> Outcome<Input> {
    let mut text = String::new();
    loop {
        let shown = if text.is_empty() { prompt } else { "... " };
        let read = beside(move || read_plain(shown)).await?;
        let Some(line) = read.map_err(|fault| unusable(fault.into()))? else {
            return Ok(if text.is_empty() { Input::End } else { Input::Text(unblock(&text)) });
        };
        text += &line;
        if is_open_block(&text) {
            text.push('\n');
        } else if is_continued(&text) {
            text.pop();
            text.push('\n');
        } else if text.trim().is_empty() {
            return Ok(Input::Text(initial));
        } else {
            return Ok(Input::Text(unblock(&clean(&text))));
        }
    }
}

/// Whether a text begins with `"""` and has no other at its end.
fn is_open_block(text: &str) -> bool {
    text.trim_start().strip_prefix(BLOCK).is_some_and(|rest| !rest.trim_end().ends_with(BLOCK))
}

/// Whether a text ends in a backslash that is not itself escaped.
fn is_continued(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// A text without the backslashes that began a line. Each of `continued` is a beginning of it, as long as
/// it was not edited.
fn joined(text: &str, continued: &[String]) -> String {
    let is_there = |before: &&String| {
        before.ends_with('\\')
            && text.strip_prefix(before.as_str()).is_some_and(|rest| rest.starts_with('\n'))
    };
    // Once each, although a line that was joined again was continued again.
    let places: BTreeSet<usize> =
        continued.iter().filter(is_there).map(|before| before.len() - 1).collect();
    let mut joined = text.to_owned();
    // From the end, so that the places before it stay.
    for place in places.into_iter().rev() {
        joined.remove(place);
    }
    joined
}

/// A text without the marks of a block.
fn unblock(text: &str) -> String {
    let Some(inner) = text.trim().strip_prefix(BLOCK) else { return text.to_owned() };
    let inner = inner.strip_suffix(BLOCK).unwrap_or(inner);
    inner.trim_matches('\n').to_owned()
}

/// Enter: sends the text, or begins another line in a block and after a backslash.
struct Enter(Continued);

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let (line, at) = (context.line(), context.pos());
        if is_open_block(line) {
            Some(Cmd::Newline)
        } else if at == line.len() && is_continued(line) {
            lock(&self.0).push(line.to_owned());
            Some(Cmd::Newline)
        } else {
            Some(Cmd::AcceptLine)
        }
    }
}

/// A key that leaves the line, as in a shell.
struct LeaveLine(Leaving, Leave);

impl ConditionalEventHandler for LeaveLine {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext) -> Option<Cmd> {
        *lock(&self.0) = Some(self.1);
        Some(Cmd::AcceptLine)
    }
}

/// What helps the line editor.
struct Prompter {
    typed: Typed,
    completions: Arc<dyn Completions>,
    color: bool,
}

/// A hint that is only shown.
struct Remark(&'static str);

impl Hint for Remark {
    fn display(&self) -> &str {
        self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Prompter {
    type Hint = Remark;

    fn hint(&self, line: &str, cursor: usize, context: &rustyline::Context<'_>) -> Option<Remark> {
        let _ = self.typed.hint(line, cursor, context);
        let is_open = cursor == line.len() && line.contains('\n') && is_open_block(line);
        is_open.then_some(Remark("  (\"\"\" and Enter send it)"))
    }
}

impl Completer for Prompter {
    type Candidate = Suggestion;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Suggestion>)> {
        Ok(self.completions.complete(line.get(..cursor).unwrap_or_default()))
    }
}

impl Highlighter for Prompter {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Role::Strong.paint(prompt, self.color).into()
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Role::Muted.paint(hint, self.color).into()
    }
}

impl Validator for Prompter {}
impl Helper for Prompter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_with_its_second_mark() {
        for open in ["\"\"\"", " \"\"\"a", "\"\"\"a\nb", "\"\"\"a \"\"\" b"] {
            assert!(is_open_block(open), "{open}");
        }
        for closed in ["", "a \"\"\"", "\"\"\"a\"\"\"", "\"\"\"\na\n\"\"\"\n", "x = \"\"\"a"] {
            assert!(!is_open_block(closed), "{closed}");
        }
        assert_eq!(unblock("\"\"\"\na\n b\n\"\"\""), "a\n b");
        assert_eq!(unblock("a \"\"\""), "a \"\"\"");
    }

    #[test]
    fn only_typed_backslashes_are_removed() {
        let continued = ["a\\".to_owned(), "a\\\nb\\".to_owned(), "x\\".to_owned()];
        assert_eq!(joined("a\\\nb\\\nc\\\nd", &continued), "a\nb\nc\\\nd");
        assert_eq!(joined("edited\\\nb", &continued), "edited\\\nb");
        let again = ["a\\".to_owned(), "a\\\nb\\".to_owned(), "a\\".to_owned(), "a\\".to_owned()];
        assert_eq!(joined("a\\\nb\\\n", &again), "a\nb\n");
    }

    #[test]
    fn an_escaped_backslash_continues_nothing() {
        assert!(is_continued("a\\") && is_continued("\\\\\\"));
        assert!(!is_continued("a") && !is_continued("a & b \\\\") && !is_continued(""));
    }
}
