//! Failures, as people and as scripts read them.

use owo_colors::Style;

use super::journal::Level;
use super::{Output, clean, paint};
use crate::app::documents::{ErrorDocument, EventDocument};
use crate::app::token::in_words;
use crate::cli::args::Format;
use crate::domain::Error;

impl Output {
    /// Tells why the command failed: in JSON as the one document (or the last event) on standard
    /// output, else on standard error. `is_stream` is true for the commands that print events.
    pub(crate) fn failure(&self, error: &Error, is_stream: bool) {
        // Where even this cannot be printed, the exit code has to do.
        let _ = match self.policy.format {
            Format::Pretty => {
                self.failure_for_people(error);
                Ok(())
            }
            Format::Ndjson if is_stream => self.document(&EventDocument::error(error)),
            Format::Json | Format::Ndjson => self.document(&ErrorDocument::from(error)),
        };
    }

    fn failure_for_people(&self, error: &Error) {
        let label = |text: &str, style: Style| paint(text, style.bold(), self.policy.stderr_color);
        let mut lines =
            vec![format!("{} {}", label("error:", Style::new().red()), clean(error.message()))];
        let hint_label = || label("hint:", Style::new().cyan());
        if let Some(hint) = error.hint() {
            lines.push(format!("{} {}", hint_label(), clean(hint)));
        }
        if let Some(delay) = error.retry_after() {
            let seconds = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
            lines.push(format!("{} try again in {}", hint_label(), in_words(seconds)));
        }
        if let Some(id) = error.request_id().filter(|_| self.policy.verbose) {
            lines.push(format!("request id: {}", clean(id)));
        }
        self.stderr_line(&lines.join("\n"), Level::Error);
    }
}
