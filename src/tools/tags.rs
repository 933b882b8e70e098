//! The marks of the taught format: tags that hold a code which no message of the chat holds, so that
//! no text of a person, a file or a tool can pass for a call.

use super::json::{Json, Repair, Repairs};

/// The most bytes between the code of a tag and its end.
const MAX_HEAD: usize = 512;

/// The most spaces in an odd tag.
const MAX_SPACES: usize = 3;

/// What a tag marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A call.
    Call,
    /// An argument of a call.
    Argument,
    /// The result of a call.
    Result,
}

/// A tag up to its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub kind: Kind,
    pub closes: bool,
    /// Its length up to the end of the code.
    pub length: usize,
    pub repairs: Repairs,
}

/// What a text begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Match<T> {
    /// This.
    Found(T),
    /// Something else.
    Nothing,
    /// More text decides.
    Unknown,
}

/// The rest of an opening tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its length.
    pub length: usize,
    /// Whether the tag is also the closing one.
    pub closes: bool,
    /// Names and values.
    pub attributes: Vec<(String, String)>,
    pub repairs: Repairs,
}

impl Head {
    /// The first of the attributes `names`.
    pub(crate) fn take(&mut self, names: &[&str]) -> Option<String> {
        let is_named = |(name, _): &(String, String)| names.contains(&name.as_str());
        let at = self.attributes.iter().position(is_named)?;
        if self.attributes[at].0 != names[0] {
            self.repairs.add(Repair::TagForm);
        }
        Some(self.attributes.remove(at).1)
    }
}

/// A call as the model wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The name, where it stands in the tag.
    pub name: String,
    pub body: Body,
    pub repairs: Repairs,
    /// Whether it ended with a tag of its own, or the next call.
    pub is_closed: bool,
    /// The beginning of its text, without the code.
    pub source: String,
}

/// The content of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// Arguments with their texts.
    Arguments(Vec<(String, String)>),
    /// A text without tags.
    Text(String),
    /// JSON that was read already.
    Json(Json),
}

/// A cursor over the characters of a tag.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip(&mut self, is: impl Fn(char) -> bool, most: usize) -> usize {
        let mut count = 0;
        while let Some(c) = self.peek().filter(|c| count < most && is(*c)) {
            self.at += c.len_utf8();
            count += 1;
        }
        count
    }
}

/// The tag with `code` that `text` begins with; `is_whole` if nothing follows the text.
pub(crate) fn tag(text: &str, code: &str, is_whole: bool) -> Match<Tag> {
    let unknown = if is_whole { Match::Nothing } else { Match::Unknown };
    let mut repairs = Repairs::default();
    let mut cursor = Cursor { text, at: 0 };
    if cursor.skip(|c| c == '<', 1) == 0 {
        if cursor.skip(|c| c == '＜', 1) == 0 {
            return Match::Nothing;
        }
        repairs.add(Repair::TagForm);
    }
    let mut spaces = cursor.skip(|c| c == ' ', MAX_SPACES);
    let closes = cursor.skip(|c| matches!(c, '/' | '／'), 1) == 1;
    if closes {
        spaces += cursor.skip(|c| c == ' ', MAX_SPACES);
    }
    let words = [("call", Kind::Call), ("arg", Kind::Argument), ("out", Kind::Result)];
    let rest = &text[cursor.at..];
    let word = words.iter().find(|(word, _)| begins_with(rest, word));
    let Some((word, kind)) = word else {
        let is_part = |(word, _): &(&str, Kind)| begins_with(word, rest);
        return if words.iter().any(is_part) { unknown } else { Match::Nothing };
    };
    let is_lower = rest.starts_with(word);
    cursor.at += word.len();
    if cursor.skip(|c| matches!(c, '-' | '_'), 1) == 0 {
        return if cursor.peek().is_none() { unknown } else { Match::Nothing };
    }
    let found = &text.as_bytes()[cursor.at..];
    let found = &found[..found.len().min(code.len())];
    let differ = |(a, b): &(&u8, &u8)| !a.eq_ignore_ascii_case(b);
    let wrong = found.iter().zip(code.as_bytes()).filter(differ).count();
    if wrong > 1 || !found.iter().all(u8::is_ascii_alphanumeric) {
        return Match::Nothing;
    }
    if found.len() < code.len() {
        return unknown;
    }
    cursor.at += code.len();
    match cursor.peek() {
        None if !is_whole => return Match::Unknown,
        Some(c) if c.is_alphanumeric() || matches!(c, '-' | '_') => return Match::Nothing,
        _ => {}
    }
    if wrong > 0 {
        repairs.add(Repair::Code);
    }
    if spaces > 0 || !is_lower {
        repairs.add(Repair::TagForm);
    }
    Match::Found(Tag { kind: *kind, closes, length: cursor.at, repairs })
}

fn begins_with(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
}

/// The length of the rest of a closing tag, which may lack its bracket.
pub(crate) fn closing(text: &str, is_whole: bool) -> Match<usize> {
    let rest = text.trim_start_matches(' ');
    let spaces = text.len() - rest.len();
    match rest.chars().next() {
        Some(c @ ('>' | '＞')) if spaces <= MAX_SPACES => Match::Found(spaces + c.len_utf8()),
        None if !is_whole && spaces <= MAX_SPACES => Match::Unknown,
        _ => Match::Found(0),
    }
}

/// The rest of an opening tag.
pub(crate) fn head(text: &str, is_whole: bool) -> Match<Head> {
    let mut head = Head::default();
    let mut cursor = Cursor { text, at: 0 };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    loop {
        cursor.skip(char::is_whitespace, MAX_HEAD);
        if cursor.at > MAX_HEAD {
            return Match::Nothing;
        }
        let Some(c) = cursor.peek() else { break };
        if matches!(c, '>' | '＞') {
            head.length = cursor.at + c.len_utf8();
            return Match::Found(head);
        }
        if matches!(c, '/' | '／') {
            cursor.at += c.len_utf8();
            cursor.skip(|c| c == ' ', MAX_SPACES);
            match cursor.peek() {
                None => break,
                Some(c @ ('>' | '＞')) => {
                    head.closes = true;
                    head.length = cursor.at + c.len_utf8();
                    return Match::Found(head);
                }
                Some(_) => continue,
            }
        }
        if !is_name(c) {
            return Match::Nothing;
        }
        let from = cursor.at;
        cursor.skip(is_name, MAX_HEAD);
        let name = text[from..cursor.at].to_ascii_lowercase();
        cursor.skip(char::is_whitespace, MAX_HEAD);
        if cursor.skip(|c| c == '=', 1) == 0 {
            head.attributes.push((name, String::new()));
            continue;
        }
        cursor.skip(char::is_whitespace, MAX_HEAD);
        let Some(quote) = cursor.peek() else { break };
        let closers: &[char] = match quote {
            '"' => &['"'],
            '\'' => &['\''],
            '“' | '”' => &['”', '“'],
            '‘' | '’' => &['’', '‘'],
            _ => &[],
        };
        if quote != '"' {
            head.repairs.add(Repair::TagForm);
        }
        let value = if closers.is_empty() {
            let from = cursor.at;
            let ends = |c: char| c.is_whitespace() || matches!(c, '>' | '＞' | '<');
            cursor.skip(|c| !ends(c), MAX_HEAD);
            if cursor.peek().is_none() {
                break;
            }
            let value = &text[from..cursor.at];
            let bare = value.strip_suffix('/').unwrap_or(value);
            cursor.at -= value.len() - bare.len();
            bare
        } else {
            cursor.at += quote.len_utf8();
            let from = cursor.at;
            cursor.skip(|c| !closers.contains(&c), MAX_HEAD);
            let Some(closer) = cursor.peek() else { break };
            let value = &text[from..cursor.at];
            cursor.at += closer.len_utf8();
            value
        };
        head.attributes.push((name, value.to_owned()));
    }
    if is_whole || cursor.at > MAX_HEAD { Match::Nothing } else { Match::Unknown }
}

/// A text with the entities of XML decoded.
pub(crate) fn decoded(text: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// A value without the line break at each end, and without the spaces before an indented closing tag.
pub(crate) fn value(text: &str) -> &str {
    let started = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'));
    let inner = started.unwrap_or(text);
    let bare = inner.trim_end_matches([' ', '\t']);
    let is_indented = started.is_some() && bare.ends_with('\n');
    let inner = if is_indented { bare } else { inner };
    let ended = inner.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    match ended {
        Some(text) => text,
        // The tags stand in lines of their own, with nothing between.
        None if started.is_some() && bare.is_empty() => "",
        None => inner,
    }
}

/// A text without `code`, and without the dash before it.
pub(crate) fn without_code(text: &str, code: &str) -> String {
    let dashed = format!("-{code}");
    let mut text = text.to_owned();
    for mark in [dashed.as_str(), code] {
        // What is left may make up another one.
        while let Some(less) = without(&text, mark) {
            text = less;
        }
    }
    text
}

/// A text without `mark` in any case; `None` if it holds none.
fn without(text: &str, mark: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut less = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(mark) {
        less.push_str(&text[from..at]);
        from = at + mark.len();
    }
    less.push_str(&text[from..]);
    (from > 0).then_some(less)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "7kq2m";

    #[test]
    fn tags_are_known_in_other_forms() {
        for (text, closes, repair) in [
            ("<call-7kq2m tool", false, None),
            ("</call-7kq2m>", true, None),
            ("<CALL-7KQ2M>", false, Some(Repair::TagForm)),
            ("< call-7kq2m >", false, Some(Repair::TagForm)),
            ("＜call-7kq2m >", false, Some(Repair::TagForm)),
            ("<call-7kq2n>", false, Some(Repair::Code)),
        ] {
            let Match::Found(tag) = tag(text, CODE, false) else { panic!("{text}") };
            assert_eq!((tag.kind, tag.closes), (Kind::Call, closes), "{text}");
            assert_eq!(tag.repairs.iter().next(), repair, "{text}");
        }
        for text in
            ["", "a", "<b>", "<call>", "<call-zzzzz>", "<call-7kq2mm>", "<    call-7kq2m>", "<cat"]
        {
            assert_eq!(tag(text, CODE, false), Match::Nothing, "{text}");
        }
        for text in ["<", "< ", "</", "<c", "<cal", "<call", "<call-", "<call-7kq", "<call-7kq2m"] {
            assert_eq!(tag(text, CODE, false), Match::Unknown, "{text}");
        }
    }

    #[test]
    fn heads_are_read_with_any_quotes() {
        for text in [
            " tool=\"read\">",
            " tool='read'>",
            " tool=read>",
            " tool=“read”>",
            " name=\"read\">",
            "  tool = \"read\" ＞",
            " tool=read/>",
        ] {
            let Match::Found(mut head) = head(text, false) else { panic!("{text}") };
            assert_eq!(head.take(&["tool", "name"]).as_deref(), Some("read"), "{text}");
            assert_eq!(head.length, text.len());
        }
        assert_eq!(head(" tool=\"a>b", false), Match::Unknown);
        assert_eq!(head(&format!(" tool=\"{}", "x".repeat(600)), false), Match::Nothing);
        assert_eq!(head(" tool <", false), Match::Nothing);
        let Match::Found(attributes) = head(" path=\"a&lt;b\" limit='3' />", true) else {
            panic!()
        };
        assert_eq!(attributes.attributes.len(), 2);
        assert!(attributes.closes);
    }

    #[test]
    fn values_lose_the_line_breaks_at_the_tags() {
        for (text, expected) in [
            ("\nnotes.md\n", "notes.md"),
            ("", ""),
            ("\n", ""),
            ("\n\n", ""),
            ("\n\n\n", "\n"),
            ("\n    indented\n\n", "    indented\n"),
            ("\nvalue\n  ", "value"),
            (" ls ", " ls "),
            ("\r\na\r\nb\r\n", "a\r\nb"),
            ("\na\n  \n", "a\n  "),
            ("a\n  ", "a\n  "),
            ("\n  ", ""),
            ("\n  x", "  x"),
        ] {
            assert_eq!(value(text), expected, "{text:?}");
        }
        assert_eq!(without_code("a call-7KQ2M, 7k7kq2mq2m.", CODE), "a call, .");
    }
}
