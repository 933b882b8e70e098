//! Questions to a person. They are only asked if standard input and standard error are terminals, and
//! neither `--no-input` nor JSON rules them out; whoever would have asked names the flag to use
//! instead (conventions 1.12).

use dialoguer::{Confirm, Input, Password};

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::threads::beside;
use crate::domain::{Error, ErrorKind};

impl Context {
    /// Asks for one line. `None` if there is none: an empty line, or the end of the input.
    ///
    /// # Errors
    /// If it cannot be asked: `instead` says what to do without the question.
    pub async fn ask_line(
        &self,
        question: &'static str,
        instead: Error,
    ) -> Outcome<Option<String>> {
        self.may_ask(instead)?;
        let ask = move || Input::<String>::new().with_prompt(question).allow_empty(true).interact();
        let line = self.interact(ask).await?;
        Ok(Some(line).filter(|line| !line.trim().is_empty()))
    }

    /// Asks for a secret, without showing it.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub async fn ask_secret(&self, question: &'static str, instead: Error) -> Outcome<String> {
        self.may_ask(instead)?;
        let ask = move || {
            Password::new()
                .with_prompt(question)
                .allow_empty_password(true)
                .report(false)
                .interact()
        };
        self.interact(ask).await
    }

    /// Asks yes or no; no is what a mere Enter says.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub async fn ask_yes(&self, question: String, instead: Error) -> Outcome<bool> {
        self.may_ask(instead)?;
        let ask = move || {
            let confirm = Confirm::new().with_prompt(question).default(false);
            confirm.wait_for_newline(true).interact()
        };
        self.interact(ask).await
    }

    fn may_ask(&self, instead: Error) -> Outcome {
        if self.can_ask { Ok(()) } else { Err(instead.into()) }
    }

    async fn interact<T: Send + 'static>(
        &self,
        ask: impl FnOnce() -> dialoguer::Result<T> + Send + 'static,
    ) -> Outcome<T> {
        let terminal = SavedTerminal::save();
        match self.interrupt.or(beside(ask)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(dialoguer::Error::IO(fault)))
                if fault.kind() == std::io::ErrorKind::Interrupted =>
            {
                terminal.restore();
                Err(Failure::interrupted())
            }
            Ok(Err(dialoguer::Error::IO(fault))) => {
                Err(Error::new(ErrorKind::Internal, "cannot ask on this terminal")
                    .caused_by(fault)
                    .into())
            }
            Err(failure) => {
                terminal.restore();
                Err(failure)
            }
        }
    }
}

/// How the terminal was before a question. An interrupted question would leave it without an echo or
/// a cursor.
struct SavedTerminal {
    #[cfg(unix)]
    attributes: Option<rustix::termios::Termios>,
}

impl SavedTerminal {
    fn save() -> Self {
        Self {
            #[cfg(unix)]
            attributes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    fn restore(self) {
        #[cfg(unix)]
        if let Some(attributes) = self.attributes {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &attributes);
        }
        let term = console::Term::stderr();
        let _ = term.show_cursor();
        let _ = term.write_line("");
    }
}
