//! Separates thinking from text where a server leaves a model's `<think>…</think>` in the text. Only
//! the very beginning counts as thinking; later tags are text of the answer.
//!
//! Many templates open the tag in the prompt, so that only the closing one is in the answer. All text
//! before it was thinking then, although it has been passed on as text: see [`Said::Recast`]. A tag in
//! code, in quotation marks or inside a sentence, or one whose opening is in the text, is what the text
//! is about; so is a tag in quotation marks among the thoughts.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// The tags, in lower case: the opening and the closing one.
const TAGS: [(&str, &str); 5] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("◁think▷", "◁/think▷"),
];
/// The first characters of tags.
const STARTS: [char; 2] = ['<', '◁'];
/// Quotation marks: the opening and the closing one.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('‘', '’'),
    ('«', '»'),
    ('「', '」'),
    ('『', '』'),
];

/// Parts of the names of models that may begin with thoughts without an opening tag.
const THINKERS: [&str; 8] = ["think", "reason", "qwq", "qvq", "r1", "qwen3", "minimax", "nemotron"];
/// Parts of the names of their variants that do not.
const PLAIN: [&str; 3] = ["instruct", "coder", "no-think"];

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
    /// Whether thoughts are likely before the model has shown its habit.
    may_think: bool,
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
        let name = model.to_ascii_lowercase();
        let is_thinker = THINKERS.iter().any(|part| name.contains(part))
            && !PLAIN.iter().any(|part| name.contains(part));
        Habit {
            habits: Arc::clone(&self.0),
            key: (model.to_owned(), thinks),
            may_think: thinks || is_thinker,
        }
    }
}

impl Habit {
    /// How many answers began with the text, many for a model that hardly thinks; `None` if one began
    /// with thoughts, and may do so again.
    pub(super) fn plain_answers(&self) -> Option<u32> {
        match self.get() {
            Some(Beginning::Unmarked) => None,
            Some(Beginning::Plain(times)) => Some(times),
            None if self.may_think => Some(0),
            None => Some(u32::MAX),
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
    /// Whether text without a tag is the answer, whatever follows.
    has_plain_text: bool,
    /// The possible beginning of a tag.
    held: String,
    /// The quotation marks in the thoughts so far.
    quotes: OpenQuotes,
    /// What has been passed on of a text that may still be thoughts.
    context: Context,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only white space so far.
    #[default]
    Beginning,
    /// Thoughts, up to this tag.
    Thinking(&'static str),
    /// Text without an opening tag: a closing one makes thoughts of it.
    Undecided,
    /// The white space after the thoughts, which is dropped.
    Between,
    Answer,
}

impl Splitter {
    /// For thoughts that arrive by themselves: separates them from the tags around them.
    pub(super) fn of_thoughts() -> Self {
        Self { has_plain_text: true, ..Self::default() }
    }

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
    pub(super) fn finish(&mut self) -> Vec<Said> {
        let held = std::mem::take(&mut self.held);
        match self.state {
            _ if held.is_empty() => Vec::new(),
            State::Thinking(_) => vec![Said::Thought(held)],
            State::Between if held.trim().is_empty() => Vec::new(),
            // A closing tag after which the rest of the sentence could have followed.
            State::Undecided if tag_at(&held).is_some() => vec![Said::Recast],
            State::Beginning | State::Undecided | State::Between | State::Answer => {
                vec![Said::Text(held)]
            }
        }
    }

    /// Uses up some of the held text; continues if there is more to do.
    fn step(&mut self, said: &mut Vec<Said>) -> ControlFlow<()> {
        match self.state {
            State::Beginning if self.has_plain_text => self.begin(State::Answer),
            State::Beginning => self.begin(State::Undecided),
            State::Between => self.begin(State::Answer),
            State::Thinking(close) => self.think(close, said),
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
        if let Some((length, state)) = tag_at(text) {
            self.held = text[length..].to_owned();
            self.state = state;
            return ControlFlow::Continue(());
        }
        let may_be_tag = may_be_tag(text);
        if !is_first {
            self.held = text.to_owned();
        }
        if may_be_tag && self.held.len() <= MAX_HELD {
            return ControlFlow::Break(());
        }
        self.state = otherwise;
        ControlFlow::Continue(())
    }

    /// Passes on thoughts up to the tag `close`.
    fn think(&mut self, close: &'static str, said: &mut Vec<Said>) -> ControlFlow<()> {
        let lower = self.held.to_ascii_lowercase();
        let (mut from, mut read) = (0, 0);
        let mut quotes = self.quotes;
        while let Some(at) = lower[from..].find(close).map(|at| from + at) {
            let end = at + close.len();
            quotes.push(&self.held[read..at]);
            read = at;
            let after = self.held[end..].chars().next();
            match quotes.just_opened() {
                // The next character decides.
                Some(_) if after.is_none() => {
                    self.pass_thoughts(at, said);
                    return ControlFlow::Break(());
                }
                Some(closing) if after == Some(closing) => from = end,
                _ => {
                    self.pass_thoughts(at, said);
                    self.held.drain(..close.len());
                    self.state = State::Between;
                    return ControlFlow::Continue(());
                }
            }
        }
        let longest = self.held.len().saturating_sub(close.len());
        let tail = from.max(self.held.ceil_char_boundary(longest));
        let mut starts = self.held[tail..].char_indices().map(|(at, _)| tail + at);
        let partial = starts.find(|at| close.starts_with(&lower[*at..]));
        self.pass_thoughts(partial.unwrap_or(self.held.len()), said);
        ControlFlow::Break(())
    }

    /// Passes on the first `length` bytes of what is held.
    fn pass_thoughts(&mut self, length: usize, said: &mut Vec<Said>) {
        let rest = self.held.split_off(length);
        let thoughts = std::mem::replace(&mut self.held, rest);
        self.quotes.push(&thoughts);
        push(said, thoughts, Said::Thought);
    }

    /// Passes on text up to a tag.
    fn look(&mut self, said: &mut Vec<Said>) -> ControlFlow<()> {
        let mut from = 0;
        while let Some(at) = self.held[from..].find(STARTS).map(|at| from + at) {
            self.context.push(&self.held[from..at]);
            match tag_at(&self.held[at..]) {
                // The text is about tags.
                Some((_, State::Thinking(_))) => {
                    self.state = State::Answer;
                    return ControlFlow::Continue(());
                }
                Some((length, state)) if !self.context.is_quoted() => {
                    let after = self.held[at + length..].chars().next();
                    let may_be_text = self.context.is_in_sentence();
                    if may_be_text && after.is_none() {
                        return self.pass(at, said);
                    }
                    if may_be_text && after.is_some_and(continues_sentence) {
                        self.context.push(&self.held[at..at + length]);
                        from = at + length;
                        continue;
                    }
                    if self.context.is_used {
                        said.push(Said::Recast);
                    }
                    push(said, self.held[..at].to_owned(), Said::Thought);
                    self.held.drain(..at + length);
                    self.state = state;
                    return ControlFlow::Continue(());
                }
                None if may_be_tag(&self.held[at..]) => return self.pass(at, said),
                _ => {
                    let start = self.held[at..].chars().next().map_or(1, char::len_utf8);
                    self.context.push(&self.held[at..at + start]);
                    from = at + start;
                }
            }
        }
        self.context.push(&self.held[from..]);
        self.pass(self.held.len(), said)
    }

    /// Passes on the first `length` bytes of what is held, and waits for more.
    fn pass(&mut self, length: usize, said: &mut Vec<Said>) -> ControlFlow<()> {
        let rest = self.held.split_off(length);
        let text = std::mem::replace(&mut self.held, rest);
        self.context.is_used |= !text.is_empty();
        push(said, text, Said::Text);
        ControlFlow::Break(())
    }
}

/// The length of the tag at the start of `text`, and the state after it.
fn tag_at(text: &str) -> Option<(usize, State)> {
    let is_at = |tag: &str| {
        text.as_bytes()
            .get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    TAGS.iter().find_map(|(open, close)| {
        if is_at(open) {
            Some((open.len(), State::Thinking(close)))
        } else {
            is_at(close).then_some((close.len(), State::Between))
        }
    })
}

/// Whether `text` is the beginning of a tag.
fn may_be_tag(text: &str) -> bool {
    TAGS.iter().flat_map(|(open, close)| [open, close]).any(|tag| {
        tag.as_bytes()
            .get(..text.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    })
}

/// Whether a sentence goes on with this character after a tag that it is about.
fn continues_sentence(after: char) -> bool {
    after == ' '
        || after.is_ascii_punctuation()
        || matches!(after, '，' | '。' | '、' | '；' | '：')
}

fn push(said: &mut Vec<Said>, text: String, kind: fn(String) -> Said) {
    if !text.is_empty() {
        said.push(kind(text));
    }
}

/// Quotation marks that open and close alike.
const ALIKE: [char; 3] = ['"', '\'', '`'];

/// Which quotation marks are open on the current line.
#[derive(Debug, Default, Clone, Copy)]
struct OpenQuotes {
    /// Those of [`ALIKE`].
    open: [bool; 3],
    last: Option<char>,
}

impl OpenQuotes {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.open = Default::default();
            } else if let Some(at) = ALIKE.iter().position(|quote| *quote == c) {
                // One after a word closes, or is an apostrophe.
                let is_after_word = self.last.is_some_and(char::is_alphanumeric);
                self.open[at] = !self.open[at] && !is_after_word;
            }
            self.last = Some(c);
        }
    }

    /// The mark that closes the quotation which the last character opens, if it opens one.
    fn just_opened(self) -> Option<char> {
        let last = self.last?;
        let (_, closing) = QUOTES.iter().find(|(open, _)| *open == last)?;
        let at = ALIKE.iter().position(|quote| *quote == last);
        at.is_none_or(|at| self.open[at]).then_some(*closing)
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
    quotes: OpenQuotes,
    last: Option<char>,
    /// The last character of the current line that is no white space.
    last_mark: Option<char>,
}

impl Context {
    fn push(&mut self, text: &str) {
        self.quotes.push(text);
        for c in text.chars() {
            match c {
                '\n' => {
                    self.in_fence ^= self.fence >= 3;
                    (self.ticks, self.fence, self.is_line_start) = (0, 0, true);
                    self.last_mark = None;
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
            if !c.is_whitespace() {
                self.last_mark = Some(c);
            }
        }
    }

    fn is_quoted(&self) -> bool {
        let is_quote = self.last == Some('\\') || self.quotes.just_opened().is_some();
        self.in_fence || self.ticks % 2 == 1 || is_quote
    }

    /// Whether a space after a word comes last.
    fn is_in_sentence(&self) -> bool {
        self.last == Some(' ')
            && self
                .last_mark
                .is_some_and(|last| last.is_alphanumeric() || matches!(last, ',' | ';'))
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
            ("<think>He said \"hi\"</think>\"Four.\"", ("He said \"hi\"", "\"Four.\"")),
            ("<think>Don't say 'x'</think>'Four.'", ("Don't say 'x'", "'Four.'")),
            ("<think>Not \"</think>\", so.</think>4", ("Not \"</think>\", so.", "4")),
            ("He said \"hi\"\n\"so\"</think>\"Four.\"", ("He said \"hi\"\n\"so\"", "\"Four.\"")),
            ("\n</thinking>Four.", ("", "Four.")),
            ("<THINK>Hm</Think>\nFour.", ("Hm", "Four.")),
            ("Hm.\n</THINK>\nFour.", ("Hm.\n", "Four.")),
            ("◁think▷Hm ◁ 你◁/think▷\n\nFour.", ("Hm ◁ 你", "Four.")),
            ("Hm.\n◁/think▷Four.", ("Hm.\n", "Four.")),
            (
                "<think>say `</think>` or \"</think>\"</think>Four.",
                ("say `</think>` or \"</think>\"", "Four."),
            ),
            ("<think>5 o`</think>Four.", ("5 o`", "Four.")),
            ("Four it is then </think>\n\nFour.", ("Four it is then ", "Four.")),
            ("Four. </think> Four.", ("Four. ", "Four.")),
            ("Four it is then </think>", ("Four it is then ", "")),
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
            "The tag </think> ends the thoughts, and </thinking>, too.",
            "◁ and ◁/thin",
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
    fn tags_around_thoughts_that_arrive_by_themselves_are_removed() {
        for text in ["<think>\nHm </b>\n</think>", "\nHm </b>\n", "<Thought>\nHm </b>\n"] {
            let mut splitter = Splitter::of_thoughts();
            let mut said: Vec<Said> =
                text.chars().flat_map(|c| splitter.take(&c.to_string())).collect();
            said.extend(splitter.finish());
            let texts = said.into_iter().map(|said| match said {
                Said::Text(text) | Said::Thought(text) => text,
                Said::Recast => panic!("recast"),
            });
            assert_eq!(texts.collect::<String>(), "\nHm </b>\n");
        }
    }

    #[test]
    fn only_some_models_may_begin_with_thoughts() {
        let habits = Habits::default();
        let plain = |model: &str, thinks| habits.of(model, thinks).plain_answers();
        for model in ["Qwen3-30B-A3B-Thinking-2507", "deepseek-r1:8b", "qwen3:8b", "QwQ-32B"] {
            assert_eq!(plain(model, false), Some(0), "{model}");
        }
        for model in ["llama-3.3-70b", "qwen3-coder:30b", "Qwen3-4B-Instruct-2507", "gemma3"] {
            assert_eq!(plain(model, false), Some(u32::MAX), "{model}");
            assert_eq!(plain(model, true), Some(0), "{model}");
        }
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
