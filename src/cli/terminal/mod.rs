//! Prompts at the terminal: a line, a secret, yes or no.
//!
//! They need standard input and standard error to be terminals, and neither `--no-input` nor JSON
//! output. Otherwise the error names the flag to use instead.
//!
//! What this module keeps true: several pasted lines are one answer (bracketed paste); the escape
//! sequences of keys are never part of it; an unanswered prompt leaves the terminal as it was. What is left
//! in the input of the terminal is discarded when the command ends, so that no shell runs it.
//!
//! A conversation keeps the terminal quiet between its prompts: what is typed meanwhile is not
//! shown, and belongs to the next line.

mod line;

use std::cell::RefCell;
use std::io::{self, BufRead as _};
use std::sync::atomic::Ordering;

use rustyline::completion::Completer;
use rustyline::config::Behavior;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{Cmd, Config, Editor, Helper, KeyCode, KeyEvent, Modifiers};

pub(super) use self::line::{Completions, Input, LONGEST_KEPT, LineReader, Suggestion};
use super::context::Context;
use super::interrupt::beside;
use super::output::{Failure, Outcome, PASTE_OFF, PASTE_ON, clean, prompt_terminal, wrap};
use crate::app::answer::MAX_MESSAGE_BYTES;
use crate::domain::{Error, ErrorKind};

/// The length at which a terminal without a line editor truncates a line silently, in bytes.
pub(super) const LONGEST_LINE: usize = 4095;

/// Terminals that understand no escape sequences.
const PLAIN_TERMINALS: [&str; 3] = ["dumb", "cons25", "emacs"];

impl Context {
    /// Prompts for a message of one or more lines. `None` for an empty one or the end of the input.
    ///
    /// # Errors
    /// `instead` if prompting is not possible: it names the flag to use.
    pub(super) async fn ask_line(
        &self,
        question: &'static str,
        instead: Error,
    ) -> Outcome<Option<String>> {
        let line = self.ask(format!("{question}: "), instead, edit, true).await?;
        Ok(line.map(|line| clean(&line)).filter(|line| !line.trim().is_empty()))
    }

    /// Prompts for a secret, without echo. `None` for the end of the input.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub(super) async fn ask_secret(
        &self,
        question: &'static str,
        instead: Error,
    ) -> Outcome<Option<String>> {
        self.ask(format!("{question}: "), instead, read_hidden, cfg!(not(unix))).await
    }

    /// Prompts for yes or no; the default is no.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub(super) async fn ask_yes(&self, question: &str, instead: Error) -> Outcome<bool> {
        let question = format!("{question} [y/N] ");
        // The line editor knows one row: the others precede it.
        let width = self.output.policy().stderr_width.filter(|_| self.can_ask);
        let rows = width.map_or_else(|| question.clone(), |width| wrap(&question, 0, width));
        let last = match rows.rsplit_once('\n') {
            Some((before, last)) => {
                self.output.complaint(&format!("{before}\n"));
                last.to_owned()
            }
            None => question,
        };
        let answer = self.ask(last, instead, edit, true).await?;
        let answer = answer.unwrap_or_default().trim().to_lowercase();
        Ok(matches!(answer.as_str(), "y" | "yes"))
    }

    /// Whether the terminal understands no escape sequences.
    pub(super) fn has_plain_terminal(&self) -> bool {
        let term = self.environment.get("TERM").unwrap_or_default();
        PLAIN_TERMINALS.contains(&term)
    }

    async fn ask(
        &self,
        prompt: String,
        instead: Error,
        read: fn(&str, bool) -> io::Result<Option<String>>,
        by_line: bool,
    ) -> Outcome<Option<String>> {
        if !self.can_ask {
            return Err(instead.into());
        }
        let is_plain = self.has_plain_terminal();
        self.has_prompted.store(true, Ordering::Relaxed);
        let mut terminal = SavedTerminal::save(is_plain);
        let answer = self.interrupt.or(beside(move || read(&prompt, is_plain))).await?;
        terminal.is_answered = true;
        match answer {
            Ok(Some(text))
                if is_plain && by_line && text.lines().any(|line| line.len() >= LONGEST_LINE) =>
            {
                Err(truncated_line().into())
            }
            Ok(text) => Ok(text),
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => Err(Failure::interrupted()),
            Err(fault) => {
                let error = Error::new(ErrorKind::Internal, "cannot prompt on this terminal");
                Err(error.caused_by(fault).into())
            }
        }
    }
}

/// The error for a line of [`LONGEST_LINE`].
pub(super) fn truncated_line() -> Error {
    Error::invalid(format!("the terminal truncates lines to {LONGEST_LINE} bytes"))
        .with_hint("redirect standard input to a file instead, with `< FILE`")
}

/// Reads with the line editor: Enter ends the text, Alt-Enter starts a line, a paste may have several.
fn edit(prompt: &str, is_plain: bool) -> io::Result<Option<String>> {
    if is_plain {
        return read_plain(prompt);
    }
    let fault = |error| match error {
        ReadlineError::Io(fault) => fault,
        ReadlineError::Interrupted => io::ErrorKind::Interrupted.into(),
        error => io::Error::other(error),
    };
    // The terminal itself: standard output may be a pipe.
    let config = Config::builder().behavior(Behavior::PreferTerm).build();
    let mut editor = Editor::<Typed, DefaultHistory>::with_config(config).map_err(fault)?;
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
    editor.set_helper(Some(Typed::default()));
    let (mut before, mut after) = (String::new(), String::new());
    loop {
        match editor.readline_with_initial(prompt, (&before, &after)) {
            Ok(text) => return Ok(Some(text)),
            Err(ReadlineError::Eof) => return Ok(None),
            // A byte that is not UTF-8 ends the editor: it begins again with what was there.
            Err(ReadlineError::Io(fault)) if fault.kind() == io::ErrorKind::InvalidData => {
                let typed = editor.helper().map(|typed| typed.0.borrow().clone());
                (before, after) = typed.unwrap_or_default();
                before.push(char::REPLACEMENT_CHARACTER);
            }
            Err(error) => return Err(fault(error)),
        }
    }
}

/// The text in the line editor before and after the cursor.
#[derive(Default)]
struct Typed(RefCell<(String, String)>);

impl Hinter for Typed {
    type Hint = String;

    fn hint(&self, line: &str, cursor: usize, _: &rustyline::Context<'_>) -> Option<String> {
        let (before, after) = line.split_at(cursor);
        *self.0.borrow_mut() = (before.to_owned(), after.to_owned());
        None
    }
}

impl Completer for Typed {
    type Candidate = String;
}

impl Highlighter for Typed {}
impl Validator for Typed {}
impl Helper for Typed {}

/// Reads a line with what the terminal itself can edit, and the lines that a paste has brought with it.
fn read_plain(prompt: &str) -> io::Result<Option<String>> {
    let term = prompt_terminal();
    term.write_str(prompt)?;
    let mut text = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut text)? == 0 {
        // The cursor is still behind the question.
        term.write_line("")?;
        return Ok(None);
    }
    while text.len() < MAX_MESSAGE_BYTES && has_more_input() {
        if io::stdin().lock().read_until(b'\n', &mut text)? == 0 {
            break;
        }
    }
    let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Whether another line follows at once, as in a paste.
fn has_more_input() -> bool {
    const GAP: std::time::Duration = std::time::Duration::from_millis(50);
    #[cfg(unix)]
    let is_ready = || rustix::io::ioctl_fionread(io::stdin()).is_ok_and(|bytes| bytes > 0);
    #[cfg(not(unix))]
    let is_ready = || false;
    is_ready() || {
        std::thread::sleep(GAP);
        is_ready()
    }
}

/// Reads a secret without echo, key by key: the terminal would truncate a long line.
#[cfg(unix)]
fn read_hidden(prompt: &str, is_plain: bool) -> io::Result<Option<String>> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

    let (term, stdin) = (prompt_terminal(), io::stdin());
    let before = tcgetattr(&stdin)?;
    let mut hidden = before.clone();
    hidden.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN;
    hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
    hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
    // After Ctrl-Z the shell would switch the echo on.
    hidden.special_codes[SpecialCodeIndex::VSUSP] = 0;
    tcsetattr(&stdin, OptionalActions::Now, &hidden)?;
    term.write_str(&format!("{}{prompt}", if is_plain { "" } else { PASTE_ON }))?;
    // One byte at a time: the next line may answer the next prompt.
    let keys = std::iter::from_fn(|| {
        let mut byte = [0];
        loop {
            match rustix::io::read(&stdin, &mut byte) {
                Ok(0) => return None,
                Ok(_) => return Some(Ok(byte[0])),
                Err(rustix::io::Errno::INTR) => {}
                Err(fault) => return Some(Err(fault.into())),
            }
        }
    });
    let secret = typed(keys);
    tcsetattr(&stdin, OptionalActions::Now, &before)?;
    term.write_line(if is_plain { "" } else { PASTE_OFF })?;
    Ok(secret?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(not(unix))]
fn read_hidden(prompt: &str, _is_plain: bool) -> io::Result<Option<String>> {
    let term = prompt_terminal();
    term.write_str(prompt)?;
    term.read_secure_line().map(Some)
}

/// What was typed or pasted until Enter; `None` for Ctrl-D or the end at the beginning. Line breaks in
/// a paste belong to it, and so does one after the mark by which a copied command continues.
#[cfg(unix)]
fn typed(mut keys: impl Iterator<Item = io::Result<u8>>) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    let mut is_paste = false;
    while let Some(key) = keys.next().transpose()? {
        match key {
            b'\r' | b'\n' if !is_paste && !text.ends_with(b"\\") && !text.ends_with(b" ^") => {
                return Ok(Some(text));
            }
            0x1b => match escape_sequence(&mut keys)?.as_slice() {
                b"200~" => is_paste = true,
                b"201~" => is_paste = false,
                _ => {}
            },
            // Characters in a paste are no keys.
            0x04 | 0x08 | 0x15 | 0x7f if is_paste => {}
            // Ctrl-D
            0x04 => return Ok((!text.is_empty()).then_some(text)),
            // Backspace takes the bytes of one character.
            0x08 | 0x7f => while text.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // Ctrl-U
            0x15 => text.clear(),
            key => text.push(key),
        }
        if text.len() > MAX_MESSAGE_BYTES {
            break;
        }
    }
    Ok((!text.is_empty()).then_some(text))
}

/// The rest of the sequence of a key after ESC, without its introducer.
#[cfg(unix)]
fn escape_sequence(keys: &mut impl Iterator<Item = io::Result<u8>>) -> io::Result<Vec<u8>> {
    const LONGEST: usize = 16;
    let mut sequence = Vec::new();
    match keys.next().transpose()? {
        Some(b'[') => {}
        // A function key.
        Some(b'O') => return keys.next().transpose().map(|_| sequence),
        // A key with Alt.
        _ => return Ok(sequence),
    }
    while sequence.len() < LONGEST {
        let Some(key) = keys.next().transpose()? else { break };
        sequence.push(key);
        if (0x40..=0x7e).contains(&key) {
            break;
        }
    }
    Ok(sequence)
}

/// The state of the terminal before a prompt. Dropping it restores what an unanswered prompt leaves
/// changed.
struct SavedTerminal {
    is_plain: bool,
    is_answered: bool,
    #[cfg(unix)]
    attributes: Option<rustix::termios::Termios>,
}

impl SavedTerminal {
    fn save(is_plain: bool) -> Self {
        Self {
            is_plain,
            is_answered: false,
            #[cfg(unix)]
            attributes: rustix::termios::tcgetattr(io::stdin()).ok(),
        }
    }
}

impl Drop for SavedTerminal {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        #[cfg(unix)]
        if let Some(attributes) = &self.attributes {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, attributes);
        }
        let term = prompt_terminal();
        let _ = term.show_cursor();
        let _ = term.write_line(if self.is_plain { "" } else { PASTE_OFF });
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn secret(keys: &str) -> Option<String> {
        let text = typed(keys.bytes().map(Ok)).expect("no fault");
        text.map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    #[test]
    fn a_secret_ends_at_enter_and_may_be_corrected() {
        assert_eq!(secret("abc\nrest").as_deref(), Some("abc"));
        assert_eq!(secret("wrong\u{15}a你\u{7f}b\r").as_deref(), Some("ab"));
        assert_eq!(secret("ab\u{4}").as_deref(), Some("ab"));
        assert_eq!(secret("curl x \\\n -b y\nz").as_deref(), Some("curl x \\\n -b y"));
        assert_eq!(secret("\u{4}"), None);
        assert_eq!(secret(""), None);
    }

    #[test]
    fn keys_leave_no_escape_bytes_in_a_secret() {
        assert_eq!(secret("a\u{1b}[Db\u{1b}OPc\u{1b}[3~d\u{1b}xe\n").as_deref(), Some("abcde"));
    }

    #[test]
    fn a_pasted_secret_may_have_line_breaks_and_any_length() {
        let long = "x".repeat(3 * LONGEST_LINE);
        let keys = format!("\u{1b}[200~{long}\r\ny\u{1b}[201~\n");
        assert_eq!(secret(&keys), Some(format!("{long}\r\ny")));
        // Only the end of the paste is a key in it.
        let keys = "\u{1b}[200~a\u{15}b\u{4}c\u{7f}\u{1b}[31md\u{1b}[201~e\u{15}f\n";
        assert_eq!(secret(keys).as_deref(), Some("f"));
        let keys = "\u{1b}[200~a\u{15}b\u{4}c\u{7f}\u{1b}[31md\u{1b}[201~e\n";
        assert_eq!(secret(keys).as_deref(), Some("abcde"));
    }
}
