//! When a person may be asked. Questions are only asked if standard input and standard error are
//! terminals, and neither `--no-input` nor JSON rules them out; whoever would have asked names the flag
//! to use instead.

use super::context::Context;
use super::failure::{Failure, Outcome};
use super::output::ask;
use super::threads::beside;
use crate::domain::{Error, ErrorKind};

impl Context {
    /// Asks for one line. `None` if there is none: an empty line, or the end of the input.
    ///
    /// # Errors
    /// If it cannot be asked: `instead` says what to do without the question.
    pub(super) async fn ask_line(
        &self,
        question: &'static str,
        instead: Error,
    ) -> Outcome<Option<String>> {
        let line = self.ask(instead, move || ask::line(question)).await?;
        if line.len() >= ask::LONGEST_LINE {
            let message = format!("a terminal takes lines of at most {} bytes", ask::LONGEST_LINE);
            return Err(Error::invalid(message)
                .with_hint("pipe longer messages in, and give `-` as the message")
                .into());
        }
        Ok(Some(line).filter(|line| !line.trim().is_empty()))
    }

    /// Asks for a secret, without showing it.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub(super) async fn ask_secret(
        &self,
        question: &'static str,
        instead: Error,
    ) -> Outcome<String> {
        self.ask(instead, move || ask::secret(question)).await
    }

    /// Asks yes or no; no is what a mere Enter says.
    ///
    /// # Errors
    /// As with [`Context::ask_line`].
    pub(super) async fn ask_yes(&self, question: String, instead: Error) -> Outcome<bool> {
        self.ask(instead, move || ask::yes(&question)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        instead: Error,
        question: impl FnOnce() -> dialoguer::Result<T> + Send + 'static,
    ) -> Outcome<T> {
        if !self.can_ask {
            return Err(instead.into());
        }
        let terminal = ask::SavedTerminal::save();
        let answer = self.interrupt.or(beside(question)).await?;
        let dialoguer::Error::IO(fault) = match answer {
            Ok(answer) => {
                terminal.answered();
                return Ok(answer);
            }
            Err(error) => error,
        };
        if fault.kind() == std::io::ErrorKind::Interrupted {
            return Err(Failure::interrupted());
        }
        let error = Error::new(ErrorKind::Internal, "cannot ask on this terminal");
        Err(error.caused_by(fault).into())
    }
}
