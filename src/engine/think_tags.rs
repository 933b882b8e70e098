//! Separates thinking from text where a server leaves a model's `<think>…</think>` in the text. Only
//! the very beginning counts as thinking; later tags are text of the answer.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// How much white space is held back before a possible tag, in bytes.
const MAX_HELD: usize = 1 << 10;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Text of the answer.
    Text(String),
    /// Text of its thoughts.
    Thought(String),
}

/// Splits the text of one answer.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The possible beginning of a tag.
    held: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only white space so far.
    #[default]
    Beginning,
    Thinking,
    /// The white space after the thoughts, which is dropped.
    Between,
    Answer,
}

impl Splitter {
    /// Takes a piece of text.
    pub(super) fn take(&mut self, piece: &str) -> Vec<Said> {
        self.held.push_str(piece);
        let mut said = Vec::new();
        while self.step(&mut said) {}
        said
    }

    /// The rest is the answer: the server sends the thinking separately.
    pub(super) fn rest_is_answer(&mut self) {
        if self.state == State::Beginning && self.held.is_empty() {
            self.state = State::Between;
        }
    }

    /// The end of the text.
    pub(super) fn finish(&mut self) -> Option<Said> {
        let held = std::mem::take(&mut self.held);
        match self.state {
            _ if held.is_empty() => None,
            State::Thinking => Some(Said::Thought(held)),
            State::Between => None,
            State::Beginning | State::Answer => Some(Said::Text(held)),
        }
    }

    /// Uses up some of the held text. Returns whether there is more to do.
    fn step(&mut self, said: &mut Vec<Said>) -> bool {
        match self.state {
            State::Beginning => {
                let text = self.held.trim_start();
                if let Some(thoughts) = text.strip_prefix(OPEN) {
                    self.held = thoughts.to_owned();
                    self.state = State::Thinking;
                } else if OPEN.starts_with(text) && self.held.len() <= MAX_HELD {
                    return false;
                } else {
                    self.state = State::Answer;
                }
                true
            }
            State::Thinking => {
                if let Some((thoughts, rest)) = self.held.split_once(CLOSE) {
                    push(said, thoughts.to_owned(), Said::Thought);
                    self.held = rest.to_owned();
                    self.state = State::Between;
                    return true;
                }
                let keep = (0..CLOSE.len()).rev().find(|at| self.held.ends_with(&CLOSE[..*at]));
                let thoughts = self.held.len() - keep.unwrap_or_default();
                let rest = self.held.split_off(thoughts);
                push(said, std::mem::replace(&mut self.held, rest), Said::Thought);
                false
            }
            State::Between => {
                let text = self.held.trim_start().to_owned();
                let more = !text.is_empty();
                self.held = text;
                if more {
                    self.state = State::Answer;
                }
                more
            }
            State::Answer => {
                push(said, std::mem::take(&mut self.held), Said::Text);
                false
            }
        }
    }
}

fn push(said: &mut Vec<Said>, text: String, kind: fn(String) -> Said) {
    if !text.is_empty() {
        said.push(kind(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> (String, String) {
        let mut splitter = Splitter::default();
        let mut said: Vec<Said> = pieces.iter().flat_map(|piece| splitter.take(piece)).collect();
        said.extend(splitter.finish());
        let mut both = (String::new(), String::new());
        for piece in said {
            match piece {
                Said::Thought(text) => both.0.push_str(&text),
                Said::Text(text) => both.1.push_str(&text),
            }
        }
        both
    }

    #[test]
    fn thoughts_are_found_wherever_they_are_cut() {
        let text = "\n<think>Is <b> or </thin a tag? 你好</think>\n\n  Yes <think>no</think>";
        let expected =
            ("Is <b> or </thin a tag? 你好".to_owned(), "Yes <think>no</think>".to_owned());
        for (at, _) in text.char_indices() {
            let (before, after) = text.split_at(at);
            assert_eq!(split(&[before, after]), expected, "cut at {at}");
        }
        let single: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(split(&single.iter().map(String::as_str).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn text_without_thoughts_is_unchanged() {
        for text in ["", " \n x", "<thin", "<p>think</p>", "  <", "a <think>b</think>"] {
            assert_eq!(split(&[text]), (String::new(), text.to_owned()));
        }
        assert_eq!(split(&["<think>never", " closed"]), ("never closed".to_owned(), String::new()));
    }

    #[test]
    fn white_space_is_not_held_back_for_ever() {
        let mut splitter = Splitter::default();
        let said: usize = (0..10 * MAX_HELD).map(|_| splitter.take(" ").len()).sum();
        assert!(said > 8 * MAX_HELD && splitter.held.len() <= MAX_HELD, "{said}");
    }

    #[test]
    fn thoughts_that_arrive_by_themselves_end_the_search_for_tags() {
        let mut splitter = Splitter::default();
        splitter.rest_is_answer();
        assert_eq!(
            splitter.take("\n\n<think> is a tag"),
            [Said::Text("<think> is a tag".to_owned())]
        );
    }
}
