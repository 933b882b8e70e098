//! The model's thoughts: increments (`think`, protocol 7.6), or snapshots that repeat the whole list each
//! time and whose last element may still grow (`thinking_summary`, protocol 7.5).

use crate::client::wire::frame::steps;

/// Folds both formats into one text, which the caller holds.
#[derive(Debug, Default)]
pub(super) struct Thinking {
    round: Option<Round>,
}

/// A growing list of steps.
#[derive(Debug)]
struct Round {
    /// Where the list starts in the text.
    start: usize,
    steps: Vec<String>,
    /// Index of the first step that is not fully shown.
    at: usize,
    /// The shown part of that step.
    shown: String,
}

impl Thinking {
    /// Adds an increment to `text`; returns what to show.
    pub(super) fn push(&mut self, text: &mut String, piece: &str) -> Option<String> {
        if piece.is_empty() {
            return None;
        }
        let mut show = self.settle().unwrap_or_default();
        text.push_str(piece);
        show.push_str(piece);
        Some(show)
    }

    /// Writes a snapshot into `text`; returns what to show. Shown text cannot be taken back, so a step that
    /// changed other than by growing is shown again when the next one begins.
    pub(super) fn snapshot(
        &mut self,
        text: &mut String,
        titles: &[impl AsRef<str>],
        thoughts: &[impl AsRef<str>],
    ) -> Option<String> {
        let steps = steps(titles, thoughts);
        if steps.is_empty() {
            return None;
        }
        let is_new = self.round.as_ref().is_some_and(|round| !continues(&round.steps, &steps));
        let mut show = if is_new { self.settle() } else { None }.unwrap_or_default();
        let round = self.round.get_or_insert_with(|| {
            let separator = if text.is_empty() { "" } else { "\n\n" };
            text.push_str(separator);
            show.push_str(separator);
            Round { start: text.len(), steps: Vec::new(), at: 0, shown: String::new() }
        });
        text.truncate(round.start);
        text.push_str(&steps.join("\n\n"));
        round.steps = steps;
        round.show(false, &mut show);
        (!show.is_empty()).then_some(show)
    }

    /// Ends a round; returns the text that was held back because it might still change.
    pub(super) fn settle(&mut self) -> Option<String> {
        let mut show = String::new();
        self.round.take()?.show(true, &mut show);
        (!show.is_empty()).then_some(show)
    }
}

impl Round {
    /// Appends to `show` what has not been shown yet. The last step is final only if the round is.
    fn show(&mut self, is_final: bool, show: &mut String) {
        while let Some(step) = self.steps.get(self.at) {
            let is_last = self.at + 1 == self.steps.len();
            if let Some(added) = step.strip_prefix(&self.shown) {
                let separator = if self.shown.is_empty() && self.at > 0 { "\n\n" } else { "" };
                show.extend([separator, added]);
                self.shown.clone_from(step);
            } else if !is_last || is_final {
                show.extend(["\n\n", step]);
                self.shown.clone_from(step);
            }
            if is_last {
                break;
            }
            self.at += 1;
            self.shown.clear();
        }
    }
}

/// Whether `new` is a later snapshot of the same list, and not the first of another round.
fn continues(old: &[String], new: &[String]) -> bool {
    let (Some(old_first), Some(new_first)) = (old.first(), new.first()) else { return true };
    let heading = old_first.lines().next().unwrap_or_default();
    new.len() >= old.len() && new_first.starts_with(heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f55_snapshots_repeat_and_their_last_element_grows() {
        let (mut thinking, mut text, mut shown) =
            (Thinking::default(), String::new(), String::new());
        for thoughts in [&["Plan"][..], &["Plan"], &["Plan more"], &["Plan more", "Check"]] {
            shown += &thinking.snapshot(&mut text, &[""; 0], thoughts).unwrap_or_default();
        }
        assert_eq!(thinking.settle(), None);
        assert_eq!(shown, "Plan more\n\nCheck");
        assert_eq!(text, shown);
    }

    #[test]
    fn changed_title_is_shown_again_with_the_next_step() {
        let (mut thinking, mut text) = (Thinking::default(), String::new());
        let shown = thinking.snapshot(&mut text, &["Plan"], &["I greet."]);
        assert_eq!(shown.as_deref(), Some("Plan\nI greet."));
        assert_eq!(thinking.snapshot(&mut text, &["Plan more"], &["I greet."]), None);
        let shown = thinking.snapshot(&mut text, &["Plan more", "Answer"], &["I greet."]);
        assert_eq!(shown.as_deref(), Some("\n\nPlan more\nI greet.\n\nAnswer"));
        assert_eq!(thinking.snapshot(&mut text, &["Plan more", "Reply"], &["I greet."]), None);
        assert_eq!(thinking.settle().as_deref(), Some("\n\nReply"));
        assert_eq!(text, "Plan more\nI greet.\n\nReply");
    }

    #[test]
    fn a_second_round_follows_the_first() {
        let (mut thinking, mut text) = (Thinking::default(), String::new());
        thinking.snapshot(&mut text, &["A"], &["first"]);
        let shown = thinking.snapshot(&mut text, &["B"], &["second"]);
        assert_eq!(shown.as_deref(), Some("\n\nB\nsecond"));
        assert_eq!(thinking.push(&mut text, "!").as_deref(), Some("!"));
        assert_eq!(text, "A\nfirst\n\nB\nsecond!");
    }
}
