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
}

/// How a text has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Not at all.
    None,
    /// What follows this length is new.
    Added(usize),
    /// Other than by growing.
    Replaced,
}

impl Thinking {
    /// Adds an increment to `text`.
    pub(super) fn push(&mut self, text: &mut String, piece: &str) -> Change {
        self.settle();
        let before = text.len();
        text.push_str(piece);
        if piece.is_empty() { Change::None } else { Change::Added(before) }
    }

    /// Writes a snapshot into `text`.
    pub(super) fn snapshot(
        &mut self,
        text: &mut String,
        titles: &[impl AsRef<str>],
        thoughts: &[impl AsRef<str>],
    ) -> Change {
        let steps = steps(titles, thoughts);
        if steps.is_empty() {
            return Change::None;
        }
        if self.round.as_ref().is_some_and(|round| !continues(&round.steps, &steps)) {
            self.settle();
        }
        let before = text.len();
        let round = self.round.get_or_insert_with(|| {
            text.push_str(if text.is_empty() { "" } else { "\n\n" });
            Round { start: text.len(), steps: Vec::new() }
        });
        if round.steps == steps {
            return Change::None;
        }
        let list = steps.join("\n\n");
        round.steps = steps;
        if let Some(rest) = list.strip_prefix(&text[round.start..]) {
            text.push_str(rest);
            return Change::Added(before);
        }
        text.truncate(round.start);
        text.push_str(&list);
        Change::Replaced
    }

    /// Ends a round: its last step is final.
    pub(super) fn settle(&mut self) {
        self.round = None;
    }

    /// How much of `text` will not change any more: all but the last step of a round.
    pub(super) fn final_length(&self, text: &str) -> usize {
        let last = self.round.as_ref().and_then(|round| round.steps.last());
        let Some(last) = last else { return text.len() };
        text[..text.len() - last.len()].trim_end().len()
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

    /// What the events of a text add up to.
    fn show(shown: &mut String, text: &str, change: Change) {
        match change {
            Change::None => {}
            Change::Added(before) => shown.push_str(&text[before..]),
            Change::Replaced => text.clone_into(shown),
        }
    }

    #[test]
    fn f55_snapshots_repeat_and_their_last_element_grows() {
        let (mut thinking, mut text, mut shown) =
            (Thinking::default(), String::new(), String::new());
        for (thoughts, is_final) in [
            (&["Plan"][..], ""),
            (&["Plan"], ""),
            (&["Plan more"], ""),
            (&["Plan more", "Check"], "Plan more"),
        ] {
            let change = thinking.snapshot(&mut text, &[""; 0], thoughts);
            assert_ne!(change, Change::Replaced);
            show(&mut shown, &text, change);
            assert_eq!(&text[..thinking.final_length(&text)], is_final);
        }
        assert_eq!(shown, "Plan more\n\nCheck");
        assert_eq!(text, shown);
        thinking.settle();
        assert_eq!(thinking.final_length(&text), text.len());
    }

    #[test]
    fn a_changed_title_replaces_the_text() {
        let (mut thinking, mut text) = (Thinking::default(), String::new());
        let mut snapshot = |titles: &[&str], thoughts: &[&str]| {
            (thinking.snapshot(&mut text, titles, thoughts), text.clone())
        };
        assert_eq!(
            snapshot(&["Plan"], &["I greet."]),
            (Change::Added(0), "Plan\nI greet.".to_owned())
        );
        let (change, text) = snapshot(&["Plan more"], &["I greet."]);
        assert_eq!((change, text.as_str()), (Change::Replaced, "Plan more\nI greet."));
        let (change, text) = snapshot(&["Plan more", "Answer"], &["I greet."]);
        assert_eq!((change, text.as_str()), (Change::Added(18), "Plan more\nI greet.\n\nAnswer"));
        assert_eq!(snapshot(&["Plan more", "Answer"], &["I greet."]).0, Change::None);
        let (change, text) = snapshot(&["Plan more", "Reply"], &["I greet."]);
        assert_eq!((change, text.as_str()), (Change::Replaced, "Plan more\nI greet.\n\nReply"));
    }

    #[test]
    fn a_second_round_follows_the_first() {
        let (mut thinking, mut text, mut shown) =
            (Thinking::default(), String::new(), String::new());
        for (title, thought) in [("A", "first"), ("B", "second")] {
            let change = thinking.snapshot(&mut text, &[title], &[thought]);
            assert_ne!(change, Change::Replaced);
            show(&mut shown, &text, change);
        }
        let change = thinking.push(&mut text, "!");
        show(&mut shown, &text, change);
        assert_eq!(text, "A\nfirst\n\nB\nsecond!");
        assert_eq!(shown, text);
    }
}
