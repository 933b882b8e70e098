//! Separates thinking from text where a server leaves a model's `<think>…</think>` in the text. Only
//! the very beginning counts as thinking; later tags are text of the answer.
//!
//! Many templates open the tag in the prompt, so that only the closing one is in the answer. All text
//! before it was thinking then, although it has been passed on as text: see [`Said::Recast`]. A tag in
//! code or in quotation marks, or one whose opening is in the text, is what the text is about.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// The names of tags.
const NAMES: [&str; 4] = ["think", "thinking", "reasoning", "thought"];

/// How much white space is held back before a possible tag, in bytes.
const MAX_HELD: usize = 1 << 10;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Text of the answer.
    Text(String),
    /// Text of its thoughts.
    Thought(String),
    /// All text so far was thoughts.
    Recast,
}

/// How many models are remembered.
const MAX_HABITS: usize = 256;

/// How the answers of each model begin, as far as they have shown it.
#[derive(Debug, Default)]
pub(super) struct Habits(Arc<Mutex<HashMap<(String, bool), Beginning>>>);

/// How the answers of one model begin.
#[derive(Debug)]
pub(super) struct Habit {
    habits: Arc<Mutex<HashMap<(String, bool), Beginning>>>,
    key: (String, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// With the text, so many times.
    Plain(u32),
    /// With thoughts that only a closing tag tells from the text.
    Unmarked,
}

impl Habits {
    /// The habit of `model`, with or without thinking.
    pub(super) fn of(&self, model: &str, thinks: bool) -> Habit {
        Habit { habits: Arc::clone(&self.0), key: (model.to_owned(), thinks) }
    }
}

impl Habit {
    /// How many answers began with the text; `None` if one began with thoughts, and may do so again.
    pub(super) fn plain_answers(&self) -> Option<u32> {
        match self.get() {
            Some(Beginning::Unmarked) => None,
            Some(Beginning::Plain(times)) => Some(times),
            None => Some(0),
        }
    }

    /// An answer had nothing but text.
    pub(super) fn note_plain(&self) {
        if let Some(times) = self.plain_answers() {
            self.set(Beginning::Plain(times.saturating_add(1)));
        }
    }

    /// An answer began with thoughts.
    pub(super) fn note_unmarked(&self) {
        self.set(Beginning::Unmarked);
    }

    fn get(&self) -> Option<Beginning> {
        self.habits.lock().unwrap_or_else(PoisonError::into_inner).get(&self.key).copied()
    }

    fn set(&self, beginning: Beginning) {
        let mut habits = self.habits.lock().unwrap_or_else(PoisonError::into_inner);
        if habits.len() < MAX_HABITS || habits.contains_key(&self.key) {
            habits.insert(self.key.clone(), beginning);
        }
    }
}

/// Splits the text of one answer.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The possible beginning of a tag.
    held: String,
    /// What has been passed on of a text that may still be thoughts.
    context: Context,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only white space so far.
    #[default]
    Beginning,
    /// Thoughts, up to the end of the tag with this name.
    Thinking(&'static str),
    /// Text without an opening tag: a closing one makes thoughts of it.
    Undecided,
    /// The white space after the thoughts, which is dropped.
    Between,
    Answer,
}

impl Splitter {
    /// Takes a piece of text.
    pub(super) fn take(&mut self, piece: &str) -> Vec<Said> {
        self.held.push_str(piece);
        let mut said = Vec::new();
        while self.step(&mut said).is_continue() {}
        said
    }

    /// The rest is the answer: the server sends the thinking separately.
    pub(super) fn rest_is_answer(&mut self) {
        match self.state {
            State::Beginning if self.held.trim().is_empty() => self.state = State::Between,
            State::Undecided => self.state = State::Answer,
            _ => {}
        }
    }

    /// Whether text so far may turn out to be thoughts.
    pub(super) fn is_undecided(&self) -> bool {
        self.state == State::Undecided
    }

    /// The end of the text.
    pub(super) fn finish(&mut self) -> Option<Said> {
        let held = std::mem::take(&mut self.held);
        match self.state {
            _ if held.is_empty() => None,
            State::Thinking(_) => Some(Said::Thought(held)),
            State::Between if held.trim().is_empty() => None,
            State::Beginning | State::Undecided | State::Between | State::Answer => {
                Some(Said::Text(held))
            }
        }
    }

    /// Uses up some of the held text; continues if there is more to do.
    fn step(&mut self, said: &mut Vec<Said>) -> ControlFlow<()> {
        match self.state {
            State::Beginning => self.begin(State::Undecided),
            State::Between => self.begin(State::Answer),
            State::Thinking(name) => {
                let close = format!("</{name}>");
                if let Some((thoughts, rest)) = self.held.split_once(&close) {
                    push(said, thoughts.to_owned(), Said::Thought);
                    self.held = rest.to_owned();
                    self.state = State::Between;
                    return ControlFlow::Continue(());
                }
                let rest = self.held.split_off(partial(&self.held, |tag| tag == close));
                push(said, std::mem::replace(&mut self.held, rest), Said::Thought);
                ControlFlow::Break(())
            }
            State::Undecided => self.look(said),
            State::Answer => {
                push(said, std::mem::take(&mut self.held), Said::Text);
                ControlFlow::Break(())
            }
        }
    }

    /// Looks for a tag at the beginning of the text, or directly after thoughts.
    fn begin(&mut self, otherwise: State) -> ControlFlow<()> {
        let is_first = self.state == State::Beginning;
        let text = self.held.trim_start();
        let tag = tags().find_map(|(tag, state)| Some((text.strip_prefix(tag.as_str())?, state)));
        if let Some((rest, state)) = tag {
            self.held = rest.to_owned();
            self.state = state;
            return ControlFlow::Continue(());
        }
        let may_be_tag = tags().any(|(tag, _)| tag.starts_with(text));
        if !is_first {
            self.held = text.to_owned();
        }
        if may_be_tag && self.held.len() <= MAX_HELD {
            return ControlFlow::Break(());
        }
        self.state = otherwise;
        ControlFlow::Continue(())
    }

    /// Passes on text up to a tag.
    fn look(&mut self, said: &mut Vec<Said>) -> ControlFlow<()> {
        let mut from = 0;
        while let Some(at) = memchr::memchr(b'<', &self.held.as_bytes()[from..]) {
            let at = from + at;
            self.context.push(&self.held[from..at]);
            let tag = tags().find(|(tag, _)| self.held[at..].starts_with(tag.as_str()));
            match tag {
                // The text is about tags.
                Some((_, State::Thinking(_))) => {
                    self.state = State::Answer;
                    return ControlFlow::Continue(());
                }
                Some((tag, state)) if !self.context.is_quoted() => {
                    if self.context.is_used {
                        said.push(Said::Recast);
                    }
                    push(said, self.held[..at].to_owned(), Said::Thought);
                    self.held.drain(..at + tag.len());
                    self.state = state;
                    return ControlFlow::Continue(());
                }
                None if tags().any(|(tag, _)| tag.starts_with(&self.held[at..])) => {
                    let rest = self.held.split_off(at);
                    self.pass(rest, said);
                    return ControlFlow::Break(());
                }
                _ => {
                    self.context.push("<");
                    from = at + 1;
                }
            }
        }
        self.context.push(&self.held[from..]);
        self.pass(String::new(), said);
        ControlFlow::Break(())
    }

    /// Passes on what is held, except for `rest`.
    fn pass(&mut self, rest: String, said: &mut Vec<Said>) {
        let text = std::mem::replace(&mut self.held, rest);
        self.context.is_used |= !text.is_empty();
        push(said, text, Said::Text);
    }
}

/// The tags, and the state after each.
fn tags() -> impl Iterator<Item = (String, State)> {
    NAMES.into_iter().flat_map(|name| {
        [(format!("<{name}>"), State::Thinking(name)), (format!("</{name}>"), State::Between)]
    })
}

/// Where the beginning of a tag stands at the end of `text`; its length if there is none.
fn partial(text: &str, is_tag: impl Fn(&str) -> bool) -> usize {
    let tags: Vec<String> = tags().map(|(tag, _)| tag).filter(|tag| is_tag(tag)).collect();
    let longest = tags.iter().map(String::len).max().unwrap_or_default();
    let from = text.ceil_char_boundary(text.len().saturating_sub(longest));
    let mut at = text[from..].char_indices().map(|(at, _)| from + at);
    at.find(|at| tags.iter().any(|tag| tag.starts_with(&text[*at..]))).unwrap_or(text.len())
}

fn push(said: &mut Vec<Said>, text: String, kind: fn(String) -> Said) {
    if !text.is_empty() {
        said.push(kind(text));
    }
}

/// What stands before a possible closing tag: whether it is code, or quoted.
#[derive(Debug, Default)]
struct Context {
    is_used: bool,
    /// Inside of a fenced block.
    in_fence: bool,
    /// How often the current line has a backtick.
    ticks: usize,
    /// How many of them it begins with.
    fence: usize,
    is_line_start: bool,
    last: Option<char>,
}

impl Context {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => {
                    self.in_fence ^= self.fence >= 3;
                    (self.ticks, self.fence, self.is_line_start) = (0, 0, true);
                }
                '`' => {
                    self.ticks += 1;
                    if self.is_line_start
                        || self.last.is_none()
                        || self.fence > 0 && self.last == Some('`')
                    {
                        self.fence += 1;
                        self.is_line_start = false;
                    }
                }
                c if c.is_whitespace() => {}
                _ => self.is_line_start = false,
            }
            self.last = Some(c);
        }
    }

    fn is_quoted(&self) -> bool {
        let quotes = ['"', '\'', '`', '“', '‘', '«', '「', '『', '\\'];
        self.in_fence || self.ticks % 2 == 1 || self.last.is_some_and(|last| quotes.contains(&last))
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
                Said::Recast => both = (std::mem::take(&mut both.1), String::new()),
            }
        }
        both
    }

    fn cut_everywhere(text: &str, expected: (&str, &str)) {
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        for (at, _) in text.char_indices() {
            let (before, after) = text.split_at(at);
            assert_eq!(split(&[before, after]), expected, "{text:?} cut at {at}");
        }
        let single: Vec<String> = text.chars().map(String::from).collect();
        let single: Vec<&str> = single.iter().map(String::as_str).collect();
        assert_eq!(split(&single), expected, "{text:?} by characters");
    }

    #[test]
    fn thoughts_are_found_wherever_they_are_cut() {
        for (text, expected) in [
            (
                "\n<think>Is <b> or </thin a tag? 你好</think>\n\n  Yes <think>no</think>",
                ("Is <b> or </thin a tag? 你好", "Yes <think>no</think>"),
            ),
            ("<thinking>a</think>b</thinking>c", ("a</think>b", "c")),
            ("<reasoning>a</reasoning>\nc", ("a", "c")),
            ("<think>a</think>\n<think>b</think>\nc", ("ab", "c")),
            ("<think>\n\n</think>\n\nc", ("\n\n", "c")),
            ("Let me see.\nTwo.\n</think>\n\nFour.", ("Let me see.\nTwo.\n", "Four.")),
            (
                "Is 1 < 2? `x`\n```\ncode\n```\nYes.</reasoning>Four </think>.",
                ("Is 1 < 2? `x`\n```\ncode\n```\nYes.", "Four </think>."),
            ),
            ("</think>\n\nFour.", ("", "Four.")),
            ("\n</thinking>Four.", ("", "Four.")),
        ] {
            cut_everywhere(text, expected);
        }
    }

    #[test]
    fn text_without_thoughts_is_unchanged() {
        for text in [
            "",
            " \n x",
            "<thin",
            "<p>think</p>",
            "  <",
            "a <think>b</think>",
            "Close it with `</think>`.",
            "Write \"</think>\" or '</thinking>' or “</reasoning>”.",
            "```\nx</think>\n```\nand\n```xml\n</think>\n",
            "a < b, a </ b, a </thin",
        ] {
            cut_everywhere(text, ("", text));
            assert_eq!(split(&[text]), (String::new(), text.to_owned()));
        }
        assert_eq!(split(&["<think>never", " closed"]), ("never closed".to_owned(), String::new()));
    }

    #[test]
    fn a_text_that_is_not_passed_on_yet_is_not_recast() {
        let said = |text: &str| Splitter::default().take(text);
        let (thought, text) = (Said::Thought("a".to_owned()), Said::Text("b".to_owned()));
        assert_eq!(said("a</think>b"), [thought, text]);
        let mut splitter = Splitter::default();
        assert_eq!(splitter.take("a"), [Said::Text("a".to_owned())]);
        assert!(splitter.is_undecided());
        assert_eq!(splitter.take("</think>"), [Said::Recast]);
        assert!(!splitter.is_undecided());
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
            splitter.take("\n\nA <think> is a tag </think>"),
            [Said::Text("A <think> is a tag </think>".to_owned())]
        );
        let mut splitter = Splitter::default();
        splitter.rest_is_answer();
        assert_eq!(splitter.take("</think>\n\na"), [Said::Text("a".to_owned())]);
    }
}
