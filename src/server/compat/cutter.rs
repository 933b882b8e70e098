//! The text that a client gets of an answer, within its limits. The upstream does not know `stop` and
//! `max_tokens`: the answer is cut here, and the upstream is stopped.
//!
//! Tokens are estimated, on the text of the answer alone: four ASCII characters are one
//! token, two characters of other alphabets are one, and each Chinese character or emoji is one.

use std::borrow::Cow;

use crate::app::history::{Message, Prompt};
use crate::tools::{Offer, Tool};

/// Why an answer is cut before the model has ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cut {
    /// This stop sequence occurred.
    Stop(String),
    /// It reached the requested number of tokens.
    Length,
}

/// Cuts a text that arrives in pieces.
#[derive(Debug, Default)]
struct Cutter {
    stop: Vec<String>,
    /// How much more text fits, in quarters of a token.
    room: Option<u64>,
    /// The end of the text, which may be the beginning of a stop sequence.
    held: String,
}

impl Cutter {
    /// For these stop sequences (empty ones are ignored) and at most so many tokens.
    fn new(stop: &[String], max_tokens: Option<u64>) -> Self {
        Self {
            stop: stop.iter().filter(|stop| !stop.is_empty()).cloned().collect(),
            room: max_tokens.map(|tokens| tokens.saturating_mul(4)),
            held: String::new(),
        }
    }

    /// Text that is held back.
    fn held(&self) -> &str {
        &self.held
    }

    /// Takes a piece; returns the text to send, and the cut if it ends the answer.
    fn push<'a>(&mut self, piece: &'a str) -> (Cow<'a, str>, Option<Cut>) {
        let (text, cut) = self.until_stop(piece);
        match self.fitting(&text) {
            Some(length) => (Cow::Owned(text[..length].to_owned()), Some(Cut::Length)),
            None => (text, cut),
        }
    }

    /// The model has ended: the text that was held back belongs to the answer after all.
    fn finish(&mut self) -> (String, Option<Cut>) {
        let mut rest = std::mem::take(&mut self.held);
        let length = self.fitting(&rest);
        rest.truncate(length.unwrap_or(rest.len()));
        (rest, length.map(|_| Cut::Length))
    }

    fn until_stop<'a>(&mut self, piece: &'a str) -> (Cow<'a, str>, Option<Cut>) {
        if self.stop.is_empty() {
            return (Cow::Borrowed(piece), None);
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let found = self.stop.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop)));
        // The one that is complete first, as if the text arrived character by character.
        if let Some((at, stop)) = found.min_by_key(|(at, stop)| (at + stop.len(), *at)) {
            let cut = Cut::Stop(stop.clone());
            text.truncate(at);
            return (Cow::Owned(text), Some(cut));
        }
        let keep = self.stop.iter().map(|stop| beginning_at_end(&text, stop)).max();
        self.held = text.split_off(text.len() - keep.unwrap_or(0));
        (Cow::Owned(text), None)
    }

    /// How many bytes of `text` fit; `None` if all do.
    fn fitting(&mut self, text: &str) -> Option<usize> {
        let room = self.room.as_mut()?;
        for (at, character) in text.char_indices() {
            match room.checked_sub(quarters(character)) {
                Some(left) => *room = left,
                None => return Some(at),
            }
        }
        None
    }
}

/// How long the longest end of `text` is that `stop` begins with.
fn beginning_at_end(text: &str, stop: &str) -> usize {
    let longest = text.len().min(stop.len() - 1);
    (1..=longest)
        .rev()
        .find(|length| text.as_bytes().ends_with(&stop.as_bytes()[..*length]))
        .unwrap_or(0)
}

/// The cost of a character, in quarters of a token.
fn quarters(character: char) -> u64 {
    match u32::from(character) {
        0..0x80 => 1,
        0x80..0x2000 => 2,
        _ => 4,
    }
}

/// About how many tokens a prompt has.
pub(crate) fn prompt_tokens(prompt: &Prompt) -> u64 {
    estimate(&prompt.text) + prompt.system.as_deref().map_or(0, estimate)
}

/// About how many tokens messages and tools have that a model gets as they are.
pub(crate) fn request_tokens(messages: &[Message], offer: &Offer) -> u64 {
    let schema = |tool: &Tool| tool.parameters.as_ref().map_or(0, |schema| estimate(schema.get()));
    let tool = |tool: &Tool| {
        estimate(&tool.name) + tool.description.as_deref().map_or(0, estimate) + schema(tool)
    };
    let messages = messages.iter().map(|message| estimate(&message.text()) + PER_MESSAGE);
    let tools = offer.is_open().then_some(&offer.tools).into_iter().flatten().map(tool);
    messages.sum::<u64>() + tools.sum::<u64>()
}

/// What a message has besides its text, in tokens.
const PER_MESSAGE: u64 = 4;

/// About how many tokens `text` has.
pub(crate) fn estimate(text: &str) -> u64 {
    text.chars().map(quarters).sum::<u64>().div_ceil(4)
}

/// The text of an answer so far, within its limits.
pub(crate) struct Transcript {
    text: String,
    cutter: Cutter,
    limits: (Vec<String>, Option<u64>),
}

/// Text that was sent turned out to be wrong.
pub(crate) struct Irreparable;

impl Transcript {
    /// An empty one, within these limits.
    pub(crate) fn new(stop: Vec<String>, max_tokens: Option<u64>) -> Self {
        Self {
            text: String::new(),
            cutter: Cutter::new(&stop, max_tokens),
            limits: (stop, max_tokens),
        }
    }

    /// Whether no limit can end the text.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.limits.1.is_none() && self.limits.0.iter().all(String::is_empty)
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes a piece; returns the text to send, and the cut if it ends the answer.
    pub(crate) fn push<'a>(&mut self, piece: &'a str) -> (Cow<'a, str>, Option<Cut>) {
        let (sent, cut) = self.cutter.push(piece);
        self.text.push_str(&sent);
        (sent, cut)
    }

    /// The model has ended; returns the rest of the text to send.
    pub(crate) fn finish(&mut self) -> (String, Option<Cut>) {
        let (sent, cut) = self.cutter.finish();
        self.text.push_str(&sent);
        (sent, cut)
    }

    /// The whole text is `text` instead, of which nothing has been sent.
    pub(crate) fn replace(&mut self, text: String) {
        self.text = text;
    }

    /// Ends the text with `images`, for which these APIs have no field of their own; returns the text to
    /// send.
    pub(crate) fn add_images(&mut self, images: &[String]) -> String {
        let lines = images.iter().map(|url| format!("![image]({url})"));
        let mut added = lines.collect::<Vec<_>>().join("\n");
        if !added.is_empty() && !self.text.is_empty() {
            added.insert_str(0, "\n\n");
        }
        self.text.push_str(&added);
        added
    }

    /// The text is `whole` instead. If nothing was sent yet, it starts again.
    ///
    /// # Errors
    /// If the client already has other text.
    pub(crate) fn rewrite<'a>(
        &mut self,
        whole: &'a str,
        unread: bool,
    ) -> Result<(Cow<'a, str>, Option<Cut>), Irreparable> {
        if unread {
            *self = Self::new(self.limits.0.clone(), self.limits.1);
            return Ok(self.push(whole));
        }
        let rest = whole
            .strip_prefix(self.text.as_str())
            .and_then(|rest| rest.strip_prefix(self.cutter.held()));
        rest.map(|rest| self.push(rest)).ok_or(Irreparable)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_text(cutter: &mut Cutter, pieces: &[&str]) -> (String, Option<Cut>) {
        let mut text = String::new();
        for piece in pieces {
            let (more, cut) = cutter.push(piece);
            text.push_str(&more);
            if cut.is_some() {
                return (text, cut);
            }
        }
        let (rest, cut) = cutter.finish();
        (text + &rest, cut)
    }

    #[test]
    fn a_stop_sequence_is_found_across_pieces() {
        let stop = ["END".to_owned(), String::new(), "\n\n".to_owned()];
        let mut cutter = Cutter::new(&stop, None);
        let end = (String::from("a E EN b "), Some(Cut::Stop("END".to_owned())));
        assert_eq!(cut_text(&mut cutter, &["a E", " E", "N", " b EN", "D c"]), end);
        let mut cutter = Cutter::new(&stop, None);
        assert_eq!(cut_text(&mut cutter, &["a E", "N"]), ("a EN".to_owned(), None));
    }

    #[test]
    fn the_stop_sequence_that_is_complete_first_cuts() {
        let stop = ["abc".to_owned(), "b".to_owned()];
        let end = ("xa".to_owned(), Some(Cut::Stop("b".to_owned())));
        for pieces in [&["xabc"][..], &["x", "a", "b", "c"]] {
            assert_eq!(cut_text(&mut Cutter::new(&stop, None), pieces), end);
        }
    }

    #[test]
    fn tokens_are_counted_by_the_rule_of_thumb() {
        let mut cutter = Cutter::new(&[], Some(2));
        assert_eq!(cut_text(&mut cutter, &["12345", "678"]), ("12345678".to_owned(), None));
        let mut cutter = Cutter::new(&[], Some(2));
        assert_eq!(
            cut_text(&mut cutter, &["12345", "6789"]),
            ("12345678".to_owned(), Some(Cut::Length))
        );
        let mut cutter = Cutter::new(&[], Some(2));
        assert_eq!(cut_text(&mut cutter, &["你好🙂"]), ("你好".to_owned(), Some(Cut::Length)));
        let mut cutter = Cutter::new(&[], Some(0));
        assert_eq!(cut_text(&mut cutter, &["a"]), (String::new(), Some(Cut::Length)));
        assert_eq!((estimate("abcde"), estimate("ế"), estimate("")), (2, 1, 0));
    }

    proptest! {
        #[test]
        fn cuts_do_not_depend_on_the_pieces(
            text in "[ab你]{0,40}",
            stop in prop::collection::vec("[ab你]{1,4}", 0..3),
            max in prop::option::of(0u64..20),
            sizes in prop::collection::vec(1usize..5, 1..40),
        ) {
            let whole = cut_text(&mut Cutter::new(&stop, max), &[&text]);
            let characters: Vec<char> = text.chars().collect();
            let mut pieces = Vec::new();
            let mut rest = characters.as_slice();
            for size in sizes.iter().cycle() {
                if rest.is_empty() { break; }
                let (piece, after) = rest.split_at((*size).min(rest.len()));
                pieces.push(piece.iter().collect::<String>());
                rest = after;
            }
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            prop_assert_eq!(&cut_text(&mut Cutter::new(&stop, max), &pieces), &whole);
            for stop in &stop {
                prop_assert!(!whole.0.contains(stop.as_str()));
            }
        }
    }
}
