//! Events that repeat the one before them in all but their text and their counts.
//!
//! Nearly every event of a stream does, and reading JSON is most of the work that a stream makes. So the
//! last event that was read in full is kept as a pattern. One that equals it byte by byte, but for the
//! string that is its text and the whole numbers in its counts, is the same frame with another text and
//! other counts, because JSON is made of its parts; anything else is read in full.

use std::borrow::Cow;

use crate::client::wire::frame::{Choice, Delta, Frame};
use crate::client::wire::lenient::{Int, List, Object, Text};

/// A number of so many digits is none that counts anything, and might not fit.
const MAX_DIGITS: usize = 18;

/// The longest event that becomes a pattern, in bytes: what repeats is short.
const MAX_PATTERN: usize = 4 << 10;

/// The last event that was read in full.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    /// Up to and with the quote that begins the text. Empty while there is no pattern.
    before: String,
    /// From the quote that ends the text: up to the counts, if there are any.
    between: String,
    counts: Option<Counts>,
    role: Option<String>,
    phase: Option<String>,
    status: Option<String>,
    response_id: Option<String>,
    timestamp: Int,
}

/// Counts, and what follows them.
#[derive(Debug)]
struct Counts {
    /// What stands before each number.
    heads: Vec<String>,
    /// What stands behind the last number.
    tail: String,
    after: String,
}

impl Pattern {
    /// Keeps `json`, which was read as `frame`, if a frame that differs only in its text and its counts
    /// would hold nothing else that varies.
    pub(super) fn learn(&mut self, json: &str, frame: &Frame<'_>) {
        if let Some(pattern) = Self::of(json, frame) {
            *self = pattern;
        }
    }

    fn of(json: &str, frame: &Frame<'_>) -> Option<Self> {
        let [Object(Some(choice))] = frame.choices.0.as_slice() else { return None };
        let delta = choice.delta.0.as_ref()?;
        if json.len() > MAX_PATTERN || !is_plain(frame, choice, delta) {
            return None;
        }
        let Some(Cow::Borrowed(text)) = delta.content.0 else { return None };
        let (before, rest) = around(json, text)?;
        let (between, counts) = match frame.usage {
            None => (rest, None),
            Some(usage) => {
                let (between, after) = around(rest, usage)?;
                (between, Some(Counts::of(usage, after)))
            }
        };
        // A number or a part of a list may be text, too.
        if !before.ends_with('"') || !between.starts_with('"') {
            return None;
        }
        let owned = |text: &Text<'_>| text.0.as_deref().map(str::to_owned);
        Some(Self {
            before: before.to_owned(),
            between: between.to_owned(),
            counts,
            role: owned(&delta.role),
            phase: owned(&delta.phase),
            status: owned(&delta.status),
            response_id: owned(&frame.response_id),
            timestamp: frame.timestamp,
        })
    }

    /// The frame that `json` is, if it has this pattern.
    pub(super) fn read<'a>(&'a self, json: &'a str) -> Option<Frame<'a>> {
        let start = self.before.len();
        if start == 0 || !json.starts_with(&self.before) {
            return None;
        }
        let (text, rest) = string(&json[start - 1..])?;
        let rest = rest.strip_prefix(self.between.as_str())?;
        let usage = match &self.counts {
            None if rest.is_empty() => None,
            None => return None,
            Some(counts) => Some(counts.read(rest)?),
        };
        Some(self.frame(text, usage))
    }

    fn frame<'a>(&'a self, text: Cow<'a, str>, usage: Option<&'a str>) -> Frame<'a> {
        let known = |text: &'a Option<String>| Text(text.as_deref().map(Cow::Borrowed));
        let delta = Delta {
            role: known(&self.role),
            content: Text(Some(text)),
            phase: known(&self.phase),
            status: known(&self.status),
            ..Delta::default()
        };
        let choice = Choice { delta: Object(Some(delta)), ..Choice::default() };
        Frame {
            choices: List(vec![Object(Some(choice))]),
            response_id: known(&self.response_id),
            usage,
            timestamp: self.timestamp,
            ..Frame::default()
        }
    }
}

impl Counts {
    fn of(json: &str, after: &str) -> Self {
        let (mut heads, mut start, mut at) = (Vec::new(), 0, 0);
        while let Some(found) = json[at..].find(|letter: char| letter.is_ascii_digit()) {
            let digits = at + found;
            at = digits + digits_at(&json[digits..]);
            if is_whole_number(json, digits, at) {
                heads.push(json[start..digits].to_owned());
                start = at;
            }
        }
        Self { heads, tail: json[start..].to_owned(), after: after.to_owned() }
    }

    /// The counts that `json` begins with, if nothing follows but what does here.
    fn read<'a>(&self, json: &'a str) -> Option<&'a str> {
        let mut rest = json;
        for head in &self.heads {
            rest = rest.strip_prefix(head.as_str())?;
            let digits = digits_at(rest);
            if digits == 0 || digits > MAX_DIGITS || (digits > 1 && rest.starts_with('0')) {
                return None;
            }
            rest = &rest[digits..];
        }
        let after = rest.strip_prefix(self.tail.as_str())?;
        (after == self.after).then(|| &json[..json.len() - after.len()])
    }
}

fn digits_at(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Whether the digits in `json[start..end]` are no part of another kind of number or of a word. In a
/// string they may be anything, and may be replaced all the same.
fn is_whole_number(json: &str, start: usize, end: usize) -> bool {
    json[..start].ends_with([' ', ':', '[', ',']) && json[end..].starts_with([' ', ',', '}', ']'])
}

/// Whether `frame` has nothing but what a [`Pattern`] keeps.
fn is_plain(frame: &Frame<'_>, choice: &Choice<'_>, delta: &Delta<'_>) -> bool {
    frame.error.0.is_none()
        && frame.created.0.is_none()
        && frame.stopped.0.is_none()
        && frame.done.0.is_none()
        && choice.finish_reason().is_none()
        && delta.reasoning_content.0.is_none()
        && delta.function_call.0.is_none()
        && delta.extra.0.is_none()
}

/// What lies before and behind `part`, if that is a part of `whole` and not a copy.
fn around<'a>(whole: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    Some((whole.get(..start)?, whole.get(start.checked_add(part.len())?..)?))
}

/// The string that `json` begins with, and the rest from its last quote on. `None` for what is none,
/// or only after a repair.
fn string(json: &str) -> Option<(Cow<'_, str>, &str)> {
    let bytes = json.as_bytes();
    let (mut end, mut is_escaped) = (1, false);
    loop {
        end += memchr::memchr2(b'"', b'\\', bytes.get(end..)?)?;
        if bytes[end] == b'"' {
            break;
        }
        is_escaped = true;
        end += 2;
    }
    let (text, rest) = (&json[1..end], &json[end..]);
    if is_escaped {
        return Some((serde_json::from_str::<String>(&json[..=end]).ok()?.into(), rest));
    }
    let is_clean = text.bytes().all(|byte| byte >= b' ');
    is_clean.then_some((Cow::Borrowed(text), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Frame<'_>> {
        serde_json::from_str::<Object<Frame<'_>>>(json).ok()?.0
    }

    fn pattern(json: &str) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.learn(json, &read(json).expect("a frame"));
        pattern
    }

    fn event(text: &str, phase: &str, usage: &str) -> String {
        format!(
            r#"{{"choices": [{{"delta": {{"role": "assistant", "content": {text}, "phase": "{phase}", "status": "typing"}}}}], "response_id": "R1", {usage}"timestamp": 17}}"#
        )
    }

    /// What the pattern says of `json` is what reading it in full says.
    fn assert_agrees(pattern: &Pattern, json: &str) {
        if let Some(frame) = pattern.read(json) {
            assert_eq!(format!("{frame:?}"), format!("{:?}", read(json).expect(json)));
        }
    }

    #[test]
    fn another_text_and_other_counts_are_the_same_pattern() {
        let counted = pattern(&event(r#""a""#, "answer", r#""usage": {"output_tokens": 1}, "#));
        let plain = pattern(&event(r#""""#, "answer", ""));
        for text in [r#""""#, r#""xin chào 你好""#, r#""a\n\"b\\\u00e9""#] {
            let usage = r#""usage": {"output_tokens": 22}, "#;
            for (pattern, json) in
                [(&counted, event(text, "answer", usage)), (&plain, event(text, "answer", ""))]
            {
                assert!(pattern.read(&json).is_some(), "{json}");
                assert_agrees(pattern, &json);
            }
        }
    }

    #[test]
    fn what_differs_elsewhere_is_not() {
        let known = pattern(&event(r#""a""#, "answer", r#""usage": {"output_tokens": 1}, "#));
        for json in [
            event(r#""a""#, "think", r#""usage": {"output_tokens": 1}, "#),
            event(r#""a""#, "answer", ""),
            event("null", "answer", r#""usage": {"output_tokens": 1}, "#),
            event("\"a\nb\"", "answer", r#""usage": {"output_tokens": 1}, "#),
            event(r#""\ud800""#, "answer", r#""usage": {"output_tokens": 1}, "#),
            event(r#""a""#, "answer", r#""usage": {"output_tokens": }, "#),
            event(r#""a""#, "answer", r#""usage": {"output_tokens": 07}, "#),
            event(r#""a""#, "answer", r#""usage": {"output_tokens": -7}, "#),
            event(r#""a""#, "answer", r#""usage": {"output_tokens": 7.5}, "#),
            event(r#""a""#, "answer", r#""usage": {"output_tokens": 7, "x": 1}, "#),
            event(r#""a", "extra": {"x": 1}, "y": "z""#, "answer", r#""usage": {}, "#),
            format!("{}x", event(r#""a""#, "answer", r#""usage": {}, "#)),
            String::new(),
        ] {
            assert!(known.read(&json).is_none(), "{json}");
        }
    }

    #[test]
    fn only_plain_frames_become_patterns() {
        for json in [
            event("[\"a\"]", "answer", ""),
            event("7", "answer", ""),
            event(r#""a\tb""#, "answer", ""),
            event(r#""a", "extra": {"x": 1}"#, "answer", ""),
            event(r#""a""#, "answer", r#""error": {"code": "x"}, "#),
            event(r#""a""#, "answer", r#""done": false, "#),
            event(&format!("\"{}\"", "a".repeat(MAX_PATTERN)), "answer", ""),
            r#"{"usage": {}, "choices": [{"delta": {"content": "a"}}]}"#.to_owned(),
        ] {
            assert!(pattern(&json).before.is_empty(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_full_reading(
            first in any::<String>(),
            second in any::<String>(),
            junk in ".{0,6}",
            at in 0..400_usize,
            usage in prop_oneof![
                Just(""),
                Just(r#""usage": {"input_tokens": 3}, "#),
                Just(r#""usage": {"x": [1,2.5, -3, "4, 5", 1e3, {"a 6 ": 70 }]}, "#),
            ],
        ) {
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let known = pattern(&event(&quoted(&first), "answer", usage));
            let mut json = event(&quoted(&second), "answer", usage);
            assert_agrees(&known, &json);
            let at = (at.min(json.len())..=json.len()).find(|&at| json.is_char_boundary(at));
            json.insert_str(at.expect("the end is one"), &junk);
            if known.read(&json).is_some() {
                assert_agrees(&known, &json);
            }
        }
    }
}
