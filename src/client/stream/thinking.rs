//! What the model thinks: increments (`think`, protocol 7.6), or snapshots that repeat the whole
//! list each time and whose last element may still grow (`thinking_summary`, protocol 7.5).

/// Folds both formats into one text.
#[derive(Debug, Default)]
pub struct Thinking {
    /// Text that will not change any more.
    settled: String,
    /// The snapshot of this round, rendered.
    current: String,
    /// How much of it has been handed out, as it was then.
    shown: String,
    steps: Vec<String>,
}

impl Thinking {
    /// Adds an increment; returns what to show.
    pub fn push(&mut self, piece: &str) -> Option<String> {
        if piece.is_empty() {
            return None;
        }
        let mut show = self.settle().unwrap_or_default();
        self.settled.push_str(piece);
        show.push_str(piece);
        Some(show)
    }

    /// Takes a snapshot; returns what it adds, if it only adds.
    pub fn snapshot(
        &mut self,
        titles: &[impl AsRef<str>],
        thoughts: &[impl AsRef<str>],
    ) -> Option<String> {
        let steps = steps(titles, thoughts);
        if steps.is_empty() {
            return None;
        }
        let mut show = if continues(&self.steps, &steps) { None } else { self.settle() };
        self.current = steps.join("\n\n");
        self.steps = steps;
        if let Some(added) = self.current.strip_prefix(&self.shown) {
            if !added.is_empty() {
                let separator =
                    if self.shown.is_empty() && !self.settled.is_empty() { "\n\n" } else { "" };
                show.get_or_insert_default().extend([separator, added]);
            }
            self.shown.clone_from(&self.current);
        }
        show
    }

    /// Ends a round; returns what had been held back because it changed under way.
    pub fn settle(&mut self) -> Option<String> {
        if self.current.is_empty() {
            return None;
        }
        let held_back = (self.shown != self.current).then(|| {
            let same = self.shown.chars().zip(self.current.chars()).take_while(|(a, b)| a == b);
            let same: usize = same.map(|(a, _)| a.len_utf8()).sum();
            format!("\n{}", &self.current[same..])
        });
        if !self.settled.is_empty() {
            self.settled.push_str("\n\n");
        }
        self.settled.push_str(&std::mem::take(&mut self.current));
        self.shown.clear();
        self.steps.clear();
        held_back
    }

    /// All of it.
    pub fn text(&self) -> Option<String> {
        match (self.settled.as_str(), self.current.as_str()) {
            ("", "") => None,
            (one, "") | ("", one) => Some(one.to_owned()),
            (settled, current) => Some(format!("{settled}\n\n{current}")),
        }
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
        let mut thinking = Thinking::default();
        let mut shown = String::new();
        for thoughts in [&["Plan"][..], &["Plan"], &["Plan more"], &["Plan more", "Check"]] {
            shown += &thinking.snapshot(&[""; 0], thoughts).unwrap_or_default();
        }
        assert_eq!(thinking.settle(), None);
        assert_eq!(shown, "Plan more\n\nCheck");
        assert_eq!(thinking.text().as_deref(), Some("Plan more\n\nCheck"));
    }

    #[test]
    fn a_title_that_grows_over_its_thought_is_shown_when_the_round_ends() {
        let mut thinking = Thinking::default();
        assert_eq!(thinking.snapshot(&["Plan"], &["I greet."]).as_deref(), Some("Plan\nI greet."));
        assert_eq!(thinking.snapshot(&["Plan more"], &["I greet."]), None);
        assert_eq!(thinking.settle().as_deref(), Some("\n more\nI greet."));
        assert_eq!(thinking.text().as_deref(), Some("Plan more\nI greet."));
    }

    #[test]
    fn a_second_round_follows_the_first() {
        let mut thinking = Thinking::default();
        thinking.snapshot(&["A"], &["first"]);
        assert_eq!(thinking.snapshot(&["B"], &["second"]).as_deref(), Some("\n\nB\nsecond"));
        assert_eq!(thinking.push("!").as_deref(), Some("!"));
        assert_eq!(thinking.text().as_deref(), Some("A\nfirst\n\nB\nsecond!"));
    }
}
