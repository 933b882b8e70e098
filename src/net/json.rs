//! The one lenient reader of JSON from other programs: upstream, engines, clients of the server.
//!
//! A document is parsed strictly first. Only if that fails is it repaired and parsed again: a byte
//! order mark, raw control characters in strings, unpaired surrogates, invalid UTF-8, `NaN`. What is
//! broken beyond that stays an error. In a stream, [`Joiner`] joins characters that a server has cut
//! in two; elsewhere each half becomes U+FFFD.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A half of a character that [`repair`] keeps for a [`Joiner`] is this character and one of a private
/// area. No text has the first, which Unicode reserves for the use within a program.
const MARK: char = '\u{10fffe}';
/// The second one: this plus the unpaired surrogate, or plus the invalid byte.
const SURROGATE: u32 = 0x0010_0000;
const BYTE: u32 = 0x0010_fe00;
/// The first byte of the mark.
const LEAD: u8 = 0xf4;

/// Reads a document, repaired if it needs to be.
///
/// # Errors
/// The fault that the strict parser finds.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    strict(bytes).or_else(|fault| {
        let repaired = repair(bytes).plain();
        // Invalid UTF-8 has no position.
        serde_json::from_str(&repaired)
            .map_err(|again| if fault.line() == 0 { again } else { fault })
    })
}

/// Reads a document as it is; a byte order mark is skipped.
///
/// Validates UTF-8 once for the whole input: `serde_json` validates bytes string by string, which
/// takes a tenth of the parsing time, and its parser of bytes would double the code of each type.
///
/// # Errors
/// If the bytes are not JSON, or not a `T`.
pub(crate) fn strict<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(fault) => Err(serde::de::Error::custom(fault)),
    }
}

/// The document without the byte order mark that may precede it.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A document that a strict parser accepts, unless it is broken beyond repair.
#[derive(Debug)]
pub(crate) struct Repaired {
    /// The document. Halves of characters are still there, for a [`Joiner`].
    pub text: String,
    /// Whether the name of a member was damaged: a member may be missing.
    pub has_bad_name: bool,
}

impl Repaired {
    /// The document, with U+FFFD in place of halves of characters.
    pub(crate) fn plain(self) -> String {
        match plain(&self.text) {
            Cow::Owned(text) => text,
            Cow::Borrowed(_) => self.text,
        }
    }
}

/// `text` with U+FFFD in place of halves of characters.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let mut joiner = Joiner::default();
    let whole = joiner.push(text);
    match joiner.finish() {
        Some(end) => Cow::Owned(whole.into_owned() + end),
        None => whole,
    }
}

/// A document with U+FFFD in place of each half of a character, and unchanged otherwise.
pub(crate) fn without_halves(json: &str) -> String {
    let mut repair = Repair::<true>::default();
    repair.text(json);
    Repaired { text: repair.out, has_bad_name: false }.plain()
}

/// Repairs a document. For one that strict parsing has refused.
pub(crate) fn repair(json: &[u8]) -> Repaired {
    let out = String::with_capacity(json.len() + 16);
    let mut repair = Repair::<false> { out, ..Repair::default() };
    for chunk in without_mark(json).utf8_chunks() {
        repair.text(chunk.valid());
        for byte in chunk.invalid() {
            repair.half(BYTE + u32::from(*byte));
        }
    }
    Repaired { text: repair.out, has_bad_name: repair.has_bad_name }
}

/// With `ONLY_HALVES` everything else stays as it is.
#[derive(Default)]
struct Repair<const ONLY_HALVES: bool> {
    out: String,
    in_string: bool,
    /// Whether the current or last string was damaged.
    is_damaged: bool,
    has_bad_name: bool,
}

impl<const ONLY_HALVES: bool> Repair<ONLY_HALVES> {
    fn text(&mut self, mut text: &str) {
        while let Some(c) = text.chars().next() {
            let width = if self.in_string { self.inside(c, text) } else { self.outside(c, text) };
            text = &text[width..];
        }
    }

    /// Takes what is at the start of `text`, in a string; returns its length.
    fn inside(&mut self, c: char, text: &str) -> usize {
        match c {
            '\\' => return self.escape(text),
            '"' => self.in_string = false,
            c if c.is_ascii_control() && !ONLY_HALVES => {
                self.is_damaged = true;
                let _ = write!(self.out, "\\u{:04x}", u32::from(c));
                return c.len_utf8();
            }
            _ => {}
        }
        self.out.push(c);
        c.len_utf8()
    }

    /// The same between strings.
    fn outside(&mut self, c: char, text: &str) -> usize {
        for number in ["NaN", "Infinity", "-Infinity"] {
            if text.starts_with(number) && !ONLY_HALVES {
                self.out.push_str("null");
                return number.len();
            }
        }
        match c {
            '"' => (self.in_string, self.is_damaged) = (true, false),
            ':' => self.has_bad_name |= self.is_damaged,
            _ => {}
        }
        self.out.push(c);
        c.len_utf8()
    }

    /// Copies the escape sequence at the start of `text` and returns its length.
    fn escape(&mut self, text: &str) -> usize {
        let width = match unit(text) {
            Some(0xd800..=0xdbff) if matches!(unit(&text[6..]), Some(0xdc00..=0xdfff)) => 12,
            Some(half @ 0xd800..=0xdfff) => {
                self.half(SURROGATE + half);
                return 6;
            }
            Some(_) => 6,
            None => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
        };
        self.out.push_str(&text[..width]);
        width
    }

    fn half(&mut self, half: u32) {
        self.is_damaged = true;
        self.out.extend(char::from_u32(half).map_or([MARK; 2], |half| [MARK, half]));
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        u32::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// Joins the halves of characters that [`repair`] has kept, across the pieces of a text.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    /// Halves at the end of the text so far.
    held: String,
}

impl Joiner {
    /// The next piece with whole characters. A half at its end is held back.
    pub(crate) fn push<'a>(&mut self, piece: &'a str) -> Cow<'a, str> {
        let is_whole = memchr::memchr(LEAD, piece.as_bytes()).is_none();
        if is_whole && (self.held.is_empty() || piece.is_empty()) {
            return Cow::Borrowed(piece);
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut whole = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let Some(half) = Half::at(rest) else {
                whole.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            };
            let written;
            (written, rest) = rest.split_at(Half::WIDTH);
            match half {
                Half::High(_) if rest.is_empty() => self.held.push_str(written),
                Half::High(high) => {
                    if let Some(Half::Low(low)) = Half::at(rest) {
                        rest = &rest[Half::WIDTH..];
                        let pair = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        whole.push(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
                    } else {
                        whole.push(char::REPLACEMENT_CHARACTER);
                    }
                }
                Half::Low(_) => whole.push(char::REPLACEMENT_CHARACTER),
                Half::Byte(first) => rest = self.bytes(first, rest, &mut whole),
            }
        }
        Cow::Owned(whole)
    }

    /// Takes `first` and the bytes at the start of `rest`; returns what follows them.
    fn bytes<'a>(&mut self, first: u8, mut rest: &'a str, whole: &mut String) -> &'a str {
        let mut bytes = vec![first];
        while let Some(Half::Byte(byte)) = Half::at(rest) {
            bytes.push(byte);
            rest = &rest[Half::WIDTH..];
        }
        let end = match std::str::from_utf8(&bytes) {
            Err(fault) if rest.is_empty() && fault.error_len().is_none() => fault.valid_up_to(),
            _ => bytes.len(),
        };
        whole.push_str(&String::from_utf8_lossy(&bytes[..end]));
        let held = bytes[end..].iter();
        let held = held.filter_map(|byte| char::from_u32(BYTE + u32::from(*byte)));
        self.held.extend(held.flat_map(|half| [MARK, half]));
        rest
    }

    /// The end of the text: what to show in place of a half that was held back.
    pub(crate) fn finish(&mut self) -> Option<&'static str> {
        (!std::mem::take(&mut self.held).is_empty()).then_some("\u{fffd}")
    }
}

/// A half of a character.
enum Half {
    High(u32),
    Low(u32),
    Byte(u8),
}

impl Half {
    /// The length of a half as it is written, in bytes.
    const WIDTH: usize = 8;

    /// The half at the start of `text`.
    fn at(text: &str) -> Option<Self> {
        let c = text.strip_prefix(MARK)?.chars().next()?;
        match u32::from(c) {
            high @ 0x0010_d800..=0x0010_dbff => Some(Self::High(high - SURROGATE)),
            low @ 0x0010_dc00..=0x0010_dfff => Some(Self::Low(low - SURROGATE)),
            byte @ 0x0010_fe80..=0x0010_feff => u8::try_from(byte - BYTE).ok().map(Self::Byte),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn value(json: &[u8]) -> Value {
        read(json).unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(json)))
    }

    #[test]
    fn harmless_defects_are_repaired() {
        assert_eq!(value(b"[\"a\tb\nc\r\n\x7f\"]"), json!(["a\tb\nc\r\n\u{7f}"]));
        assert_eq!(value(b"\xef\xbb\xbf {\"a\":\r1}\r\n"), json!({"a": 1}));
        assert_eq!(value(b"\xef\xbb\xbf[\"\x01\"]"), json!(["\u{1}"]));
        assert_eq!(value(br#"["x\ud83dy"]"#), json!(["x\u{fffd}y"]));
        assert_eq!(value(br#"["\ud83d\ude42\"\\", "\ud83d"]"#), json!(["🙂\"\\", "\u{fffd}"]));
        assert_eq!(value(br#"["\ude42\ud83d"]"#), json!(["\u{fffd}\u{fffd}"]));
        assert_eq!(value(br#"["\ud83d\ud83d\ude42"]"#), json!(["\u{fffd}🙂"]));
        assert_eq!(value(b"[\"\xff\"]"), json!(["\u{fffd}"]));
        assert_eq!(value(b"[\"a\xf0\x9fb\xe4\xbd\"]"), json!(["a\u{fffd}b\u{fffd}"]));
        assert_eq!(
            value(b"[NaN, -Infinity, {\"a\":Infinity}, \"\t\"]"),
            json!([null, null, {"a": null}, "\t"])
        );
    }

    #[test]
    fn characters_for_private_use_are_no_halves() {
        let text = "a\u{10d83d}\u{10de42}\u{10fe80}\u{10feff}\u{10ffff}b";
        for json in [format!("[\"{text}\"]"), format!("[\"{text}\", \"\\ud83d\"]")] {
            let found = value(json.as_bytes());
            assert_eq!(found[0], text);
            assert!(found[1].is_null() || found[1] == "\u{fffd}");
        }
        let mut joiner = Joiner::default();
        assert_eq!(joiner.push(text), text);
        assert_eq!(joiner.finish(), None);
    }

    #[test]
    fn only_halves_are_replaced_where_the_rest_has_to_be_valid() {
        let repaired = |json: &str| serde_json::from_str::<Value>(&without_halves(json)).ok();
        assert_eq!(
            repaired(r#"{"a":"x\ud83dy","b":"\ud83d\ude42"}"#),
            Some(json!({"a": "x\u{fffd}y", "b": "🙂"}))
        );
        for broken in ["[\"\\ud83d\", NaN]", "[\"\\ud83d\", \"a\tb\"]", "[\"\\ud83d\",]"] {
            assert_eq!(repaired(broken), None, "{broken}");
        }
    }

    #[test]
    fn broken_json_stays_broken() {
        for broken in [
            "{\"a\": \"x",
            "\"\\",
            "\"\\u12",
            "\"\\u\u{e9}\u{e9}\u{e9}",
            "\\",
            "\"\\u+12f\"",
            "\"a\\\nb\"",
            "",
            "{\"a\":1,}",
            "{'a':1}",
            "[1] 2",
        ] {
            let fault = read::<Value>(broken.as_bytes()).expect_err(broken);
            assert!(!fault.is_data(), "{broken}: {fault}");
        }
    }

    #[test]
    fn a_fault_has_the_position_in_the_original() {
        let fault = read::<Value>(b"{\"a\": \"\xff\",\n\"b\" 1}").expect_err("broken");
        assert_eq!(fault.line(), 2, "the invalid byte is repaired");
        let fault = read::<Vec<u8>>(b"[1, \"x\"]").expect_err("another type");
        assert!(fault.is_data());
    }

    #[test]
    fn a_damaged_name_is_noticed() {
        for (json, expected) in [
            (b"{\"co\xffntent\": \"a\"}".as_slice(), true),
            (b"{\"a\": {\"ph\tase\" : 1}}", true),
            (b"{\"ph\\ud83dase\": 1}", true),
            (b"{\"content\": \"a\xff:\"}", false),
            (b"{\"content\": [\"a\tb\", \"c\"]}", false),
        ] {
            assert_eq!(repair(json).has_bad_name, expected, "{}", String::from_utf8_lossy(json));
        }
    }

    /// What a stream of one-string events says.
    fn joined(events: &[&[u8]]) -> Vec<String> {
        let mut joiner = Joiner::default();
        let mut texts: Vec<String> = Vec::new();
        for event in events {
            let text =
                strict::<String>(event).or_else(|_| serde_json::from_str(&repair(event).text));
            texts.push(joiner.push(&text.expect("a text")).into_owned());
        }
        texts.extend(joiner.finish().map(str::to_owned));
        texts
    }

    #[test]
    fn halves_are_joined_across_events() {
        assert_eq!(joined(&[br#""a\ud83d""#, br#""\ude42b""#]), ["a", "🙂b"]);
        assert_eq!(joined(&[br#""a\ud83d""#, br#""""#, br#""\ude42""#]), ["a", "", "🙂"]);
        assert_eq!(joined(&[br#""a\ud83d""#, br#""b""#]), ["a", "\u{fffd}b"]);
        assert_eq!(joined(&[br#""a\ud83d""#]), ["a", "\u{fffd}"]);
        assert_eq!(joined(&[b"\"a\xf0\x9f\"", b"\"\x99\"", b"\"\x82b\""]), ["a", "", "🙂b"]);
        assert_eq!(joined(&[b"\"\xe4\xbd\"", b"\"\xa0\xe5\""]), ["", "你", "\u{fffd}"]);
        assert_eq!(joined(&[b"\"\xf0\x9f\"", b"\"x\""]), ["", "\u{fffd}x"]);
        assert_eq!(joined(&[br#""\ude42""#, b"\"\x82\""]), ["\u{fffd}", "\u{fffd}"]);
    }

    mod fuzz {
        use super::*;

        proptest! {
            #[test]
            fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
                let _ = read::<Value>(&bytes);
            }

            #[test]
            fn whatever_a_string_holds_it_is_repaired(
                parts in prop::collection::vec(prop::collection::vec(
                    // Neither ends the string.
                    any::<u8>().prop_map(|byte| if matches!(byte, b'"' | b'\\') { b'x' } else { byte }), 0..20), 1..6),
            ) {
                for part in &parts {
                    let json = [b"[\"", part.as_slice(), b"\"]"].concat();
                    let expected = String::from_utf8_lossy(part).into_owned();
                    let read = read::<Vec<String>>(&json).map_err(|fault| fault.to_string());
                    prop_assert_eq!(read, Ok(vec![expected]));
                }
            }

            #[test]
            fn valid_json_is_read_as_it_is(text in "\\PC{0,60}", number in any::<i64>()) {
                let document = json!({"a": text, "b": [number, null, true], text.clone(): {}});
                prop_assert_eq!(read::<Value>(document.to_string().as_bytes()).expect("JSON"), document.clone());
                let repaired = repair(document.to_string().as_bytes());
                prop_assert!(!repaired.has_bad_name);
                prop_assert_eq!(serde_json::from_str::<Value>(&repaired.plain()).expect("JSON"), document);
            }

            #[test]
            fn a_character_is_joined_wherever_it_is_cut(text in "\\PC{1,30}", size in 1..5_usize) {
                let text = text.replace(['"', '\\'], "x");
                let events: Vec<Vec<u8>> = text.as_bytes().chunks(size).map(|cut| [b"\"", cut, b"\""].concat()).collect();
                let events: Vec<&[u8]> = events.iter().map(Vec::as_slice).collect();
                prop_assert_eq!(joined(&events).concat(), text.clone());
                let units: Vec<String> = text.encode_utf16().map(|unit| format!("\"\\u{unit:04x}\"")).collect();
                let units: Vec<&[u8]> = units.iter().map(String::as_bytes).collect();
                prop_assert_eq!(joined(&units).concat(), text);
            }
        }
    }
}
