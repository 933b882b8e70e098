//! Questions on a terminal. They block, so they belong on a thread of their own.

use dialoguer::theme::{SimpleTheme, Theme as _};
use dialoguer::{Confirm, Password, Result};

/// What a terminal cuts off silently (the line discipline of Linux), in bytes.
pub(crate) const LONGEST_LINE: usize = 4095;

/// Asks for a line; it is empty at the end of the input. Dialoguer would read key by key, and knows
/// no end of the input; the terminal itself does.
///
/// # Errors
/// If the terminal cannot be read or written.
pub(crate) fn line(question: &str) -> Result<String> {
    let mut prompt = String::new();
    let _ = SimpleTheme.format_input_prompt(&mut prompt, question, None);
    let term = console::Term::stderr();
    term.write_str(&format!("{} ", prompt.trim_end()))?;
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line)? == 0 {
        // The end of the input has left the cursor behind the question.
        term.write_line("")?;
    }
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

/// Asks for a secret, without showing it.
///
/// # Errors
/// As with [`line()`].
pub(crate) fn secret(question: &str) -> Result<String> {
    Password::new().with_prompt(question).allow_empty_password(true).report(false).interact()
}

/// Asks yes or no; no is what a mere Enter says.
///
/// # Errors
/// As with [`line()`].
pub(crate) fn yes(question: &str) -> Result<bool> {
    Confirm::new().with_prompt(question).default(false).wait_for_newline(true).interact()
}

/// How the terminal was before a question. A question that is left without an answer would leave the
/// terminal without an echo or a cursor; dropping this puts both back.
pub(crate) struct SavedTerminal {
    answered: bool,
    #[cfg(unix)]
    attributes: Option<rustix::termios::Termios>,
}

impl SavedTerminal {
    /// As it is now.
    pub(crate) fn save() -> Self {
        Self {
            answered: false,
            #[cfg(unix)]
            attributes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// The question was answered, and the terminal is in order.
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for SavedTerminal {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        #[cfg(unix)]
        if let Some(attributes) = &self.attributes {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, attributes);
        }
        let term = console::Term::stderr();
        let _ = term.show_cursor();
        let _ = term.write_line("");
    }
}
