//! How a command fails, and how people and scripts read it.

use std::io::{self, Write as _};
use std::panic::{Location, PanicHookInfo};

use super::io::Level;
use super::style::Role;
use super::{Output, clean};
use crate::app::documents::{ErrorDocument, EventDocument};
use crate::app::token::in_words;
use crate::cli::args::Format;
use crate::domain::{Error, ErrorKind};

/// The result of a command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A failure that is still to be reported.
    Error(Error),
    /// A failure that has been reported; only the exit code is left.
    Reported(ErrorKind),
    /// Standard output has been closed (`| head -1`): a quiet end.
    Unread,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// The failure for a failed write to standard output.
    pub(crate) fn unwritable(fault: io::Error) -> Self {
        if fault.kind() == io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        let message = format!("cannot write to standard output: {fault}");
        Self::Error(Error::new(ErrorKind::Internal, message).caused_by(fault))
    }

    /// Ctrl-C or SIGTERM.
    pub(crate) fn interrupted() -> Self {
        Self::Error(interrupted())
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Error(error) => error.kind().exit_code(),
            Self::Reported(kind) => kind.exit_code(),
            Self::Unread => 0,
        }
    }
}

/// The error for Ctrl-C and SIGTERM.
pub(crate) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

impl Output {
    /// Reports why the command failed: in JSON as the one document (or the last event) on standard
    /// output, else on standard error, and there too if standard output cannot be written. `is_stream` is
    /// true for the commands that print events.
    pub(crate) fn failure(&self, error: &Error, is_stream: bool) {
        let printed = match self.policy.format {
            Format::Pretty => return self.failure_for_people(error),
            Format::Ndjson if is_stream => self.document(&EventDocument::error(error)),
            Format::Json | Format::Ndjson => self.document(&ErrorDocument::from(error)),
        };
        if let Err(unprinted) = printed {
            self.failure_for_people(error);
            if let Failure::Error(fault) = unprinted
                && fault.message() != error.message()
            {
                self.failure_for_people(&fault);
            }
        }
    }

    fn failure_for_people(&self, error: &Error) {
        let label = |role: Role, text: &str| role.paint(text, self.policy.stderr_color);
        let message = self.wrapped(error.message(), "error: ".len());
        let mut lines = vec![format!("{} {message}", label(Role::Error, "error:"))];
        let hint_label = || label(Role::Hint, "hint:");
        if let Some(hint) = error.hint() {
            lines.push(format!("{} {}", hint_label(), self.wrapped(hint, "hint: ".len())));
        }
        if let Some(delay) = error.retry_after() {
            let seconds = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
            lines.push(format!("{} try again in {}", hint_label(), in_words(seconds)));
        }
        if self.policy.verbose {
            lines.extend(error.causes().map(|causes| format!("caused by: {}", clean(&causes))));
            lines.extend(error.request_id().map(|id| format!("request id: {}", clean(id))));
        }
        self.stderr_line(&lines.join("\n"), Level::Error);
    }
}

/// Reports where `panic` was, without its message, which may quote a prompt or a token. For
/// [`std::panic::set_hook`].
pub fn report_panic(panic: &PanicHookInfo<'_>) {
    // If standard error cannot be written, there is nowhere else to report it.
    let _ = writeln!(std::io::stderr(), "{}", sentence(panic.location()));
}

fn sentence(location: Option<&Location<'_>>) -> String {
    let place = location.map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    format!("error: internal error of qwenctl (panic{place})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_reported_with_its_location() {
        let text = sentence(Some(Location::caller()));
        assert!(text.starts_with("error: ") && text.contains("failure.rs:"), "{text}");
        assert!(sentence(None).ends_with("(panic)"));
    }
}
