//! What a terminal shows for a while: spinners and bars on standard error, and text on standard output
//! that may still change.

use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Outcome, Output, lock};

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

    /// A bar for `total` bytes.
    pub(crate) fn byte_bar(&self, message: &str, total: u64) -> Progress {
        self.show(message, None, || {
            let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes}");
            let bar = ProgressBar::new(total);
            bar.set_style(
                style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "),
            );
            bar
        })
    }

    /// The same for work that takes a while, with the time that is left.
    pub(crate) fn timed_bar(&self, message: &str, total: usize) -> Progress {
        self.show(message, Some(PACE), || {
            let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}, {eta} left");
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

    /// Prints `text` on the terminal in place of the last `tail`, and a new one after it: rows that may
    /// still change.
    ///
    /// # Errors
    /// As with [`Output::result`].
    pub(super) fn redraw(&self, text: &str, tail: String) -> Outcome {
        let before = std::mem::take(&mut *lock(&self.streams.tail));
        let result = self.text(&transition(&before, &format!("{text}{tail}")));
        *lock(&self.streams.tail) = tail;
        result
    }

    /// Removes the rows that may still change; [`Output::redraw`] prints them again.
    pub(super) fn erase_tail(&self) {
        let tail = std::mem::take(&mut *lock(&self.streams.tail));
        if !tail.is_empty() {
            let _ = self.text(&up(tail.matches('\n').count()));
            self.streams.mid_line.store(false, Ordering::Relaxed);
        }
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

/// What turns the rows `before`, at whose end the cursor is, into `after`: as little as possible.
pub(super) fn transition(before: &str, after: &str) -> String {
    if let Some(rest) = after.strip_prefix(before) {
        return rest.to_owned();
    }
    let (rows, new): (Vec<_>, Vec<_>) = (before.split('\n').collect(), after.split('\n').collect());
    let same = rows.iter().zip(&new).take_while(|(before, after)| before == after).count();
    let same = same.min(rows.len() - 1).min(new.len() - 1);
    up(rows.len() - 1 - same) + &new[same..].join("\n")
}

/// Erases the current row and so many above it, from below, and leaves the cursor at the start. Some
/// terminals keep a copy of what is erased at once.
fn up(rows: usize) -> String {
    "\r\u{1b}[K".to_owned() + &"\u{1b}[A\u{1b}[K".repeat(rows)
}
