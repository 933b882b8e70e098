//! Failures, as people and as scripts read them.

use super::{Output, clean, paint};
use crate::app::documents::{ErrorDocument, EventDocument};
use crate::cli::args::Format;
use crate::domain::Error;

impl Output {
    /// Tells why the command failed: in JSON as the one document (or the last event) on standard
    /// output, else on standard error. `is_stream` is true for the commands that print events.
    pub fn failure(&self, error: &Error, is_stream: bool) {
        // Where even this cannot be printed, the exit code has to do.
        let _ = match self.policy.format {
            Format::Pretty => {
                self.failure_for_people(error);
                Ok(())
            }
            Format::Ndjson if is_stream => self.document(&EventDocument::Error(error.into())),
            Format::Json | Format::Ndjson => self.document(&ErrorDocument::from(error)),
        };
    }

    fn failure_for_people(&self, error: &Error) {
        let color = self.policy.stderr_color;
        let mut lines = format!("{} {}\n", paint("error:", "31;1", color), clean(error.message()));
        if let Some(hint) = error.hint() {
            lines += &format!("{} {}\n", paint("hint:", "36;1", color), clean(hint));
        }
        if self.policy.verbose {
            if let Some(id) = error.request_id() {
                lines += &format!("request id: {}\n", clean(id));
            }
        }
        self.stderr_text(&lines);
    }
}
