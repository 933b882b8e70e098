//! Spinners and bars on standard error, if it is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Output, lock};

/// The interval of the spinner.
const PACE: Duration = Duration::from_millis(100);

/// A spinner or a bar, removed from the screen when dropped.
pub(crate) struct Progress {
    output: Output,
    bar: Option<ProgressBar>,
}

impl Output {
    /// A spinner for work of unknown length.
    pub(crate) fn spinner(&self, message: &str) -> Progress {
        self.show(message, Some(PACE), || {
            // Not padded to the width: the `^C` echoed by the terminal must stay on the line.
            let style = ProgressStyle::with_template("{spinner} {msg}");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        })
    }

    /// A bar for `total` steps.
    pub(crate) fn bar(&self, message: &str, total: usize) -> Progress {
        self.show(message, None, || {
            let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}");
            let bar = ProgressBar::new(total as u64);
            bar.set_style(
                style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "),
            );
            bar
        })
    }

    /// A counter for work of unknown length.
    pub(crate) fn counter(&self, message: &str) -> Progress {
        self.show(message, Some(PACE), || {
            let style = ProgressStyle::with_template("{spinner} {msg} {pos} ({per_sec})");
            let bar = ProgressBar::no_length();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        })
    }

    fn show(
        &self,
        message: &str,
        pace: Option<Duration>,
        make: impl FnOnce() -> ProgressBar,
    ) -> Progress {
        let bar = self.policy.progress.then(make);
        if let Some(bar) = &bar {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.set_message(message.to_owned());
            bar.tick();
            // Last: a thread that draws while the target changes would leave a line.
            if let Some(pace) = pace {
                bar.enable_steady_tick(pace);
            }
        }
        lock(&self.streams.bar).clone_from(&bar);
        Progress { output: self.clone(), bar }
    }
}

impl Progress {
    /// Sets the position.
    pub(crate) fn set(&self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            lock(&self.output.streams.bar).take();
            bar.finish_and_clear();
        }
    }
}
