//! What the model thinks: increments (`think`, protocol 7.6), or snapshots that repeat the whole
//! list each time and whose last element may still grow (`thinking_summary`, protocol 7.5).

/// Folds both formats into one text, which the caller keeps.
#[derive(Debug, Default)]
pub struct Thinking {
    round: Option<Round>,
}

/// A list of steps that is still growing.
#[derive(Debug)]
struct Round {
    /// Where it begins in the text.
    start: usize,
    /// What has been handed out of it.
    shown: String,
    steps: Vec<String>,
}

impl Thinking {
    /// Adds an increment to `text`; returns what to show.
    pub fn push(&mut self, text: &mut String, piece: &str) -> Option<String> {
        if piece.is_empty() {
            return None;
        }
        let mut show = self.settle(text).unwrap_or_default();
        text.push_str(piece);
        show.push_str(piece);
        Some(show)
    }

    /// Puts a snapshot into `text`; returns what it adds, if it only adds.
    pub fn snapshot(
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
        let mut show = if is_new { self.settle(text) } else { None };
        let mut separator = "";
        let round = self.round.get_or_insert_with(|| {
            separator = if text.is_empty() { "" } else { "\n\n" };
            text.push_str(separator);
            Round { start: text.len(), shown: String::new(), steps: Vec::new() }
        });
        text.truncate(round.start);
        text.push_str(&steps.join("\n\n"));
        round.steps = steps;
        let added =
            text[round.start..].strip_prefix(&round.shown).filter(|added| !added.is_empty());
        if let Some(added) = added {
            show.get_or_insert_default().extend([separator, added]);
            text[round.start..].clone_into(&mut round.shown);
        }
        show
    }

    /// Ends a round; returns what had been held back because it changed under way. The caller may
    /// have replaced the text meanwhile.
    pub fn settle(&mut self, text: &str) -> Option<String> {
        let round = self.round.take()?;
        let current = text.get(round.start..)?;
        (round.shown != current).then(|| {
            let same = round.shown.chars().zip(current.chars()).take_while(|(a, b)| a == b);
            let same: usize = same.map(|(a, _)| a.len_utf8()).sum();
            format!("\n{}", &current[same..])
        })
    }
}

/// A title and a thought make a step; either list may be the longer one.
fn steps(titles: &[impl AsRef<str>], thoughts: &[impl AsRef<str>]) -> Vec<String> {
    (0..titles.len().max(thoughts.len()))
        .map(|i| {
            let title = titles.get(i).map(AsRef::as_ref).unwrap_or_default();
            let thought = thoughts.get(i).map(AsRef::as_ref).unwrap_or_default();
            let separator = if title.is_empty() || thought.is_empty() { "" } else { "\n" };
            format!("{title}{separator}{thought}")
        })
        .filter(|step| !step.is_empty())
        .collect()
}

/// Whether `new` is a later snapshot of the same list, and not the first of another round.
fn continues(old: &[String], new: &[String]) -> bool {
    let (Some(old_first), Some(new_first)) = (old.first(), new.first()) else { return true };
    let heading = old_first.lines().next().unwrap_or_default();
    new.len() >= old.len() && new_first.starts_with(heading)
}

/// Renders the stored form of thinking, where all of it is there at once.
pub fn render(titles: &[impl AsRef<str>], thoughts: &[impl AsRef<str>]) -> String {
    steps(titles, thoughts).join("\n\n")
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
        assert_eq!(thinking.settle(&text), None);
        assert_eq!(shown, "Plan more\n\nCheck");
        assert_eq!(text, shown);
    }

    #[test]
    fn a_title_that_grows_over_its_thought_is_shown_when_the_round_ends() {
        let (mut thinking, mut text) = (Thinking::default(), String::new());
        let shown = thinking.snapshot(&mut text, &["Plan"], &["I greet."]);
        assert_eq!(shown.as_deref(), Some("Plan\nI greet."));
        assert_eq!(thinking.snapshot(&mut text, &["Plan more"], &["I greet."]), None);
        assert_eq!(thinking.settle(&text).as_deref(), Some("\n more\nI greet."));
        assert_eq!(text, "Plan more\nI greet.");
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
