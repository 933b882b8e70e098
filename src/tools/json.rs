//! JSON as models write it: read with repairs that cannot change the content of a string, each of which
//! has a name. Members keep their order, and numbers their digits.

use std::fmt::Write as _;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 48;

/// The most members of one object.
const MAX_MEMBERS: usize = 4096;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object. No key occurs twice.
    Object(Vec<(String, Json)>),
}

/// Something that a model wrote wrongly and that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repair {
    /// A comma before a closing bracket.
    TrailingComma,
    /// No comma between members.
    MissingComma,
    /// Other quotes than double ones.
    Quotes,
    /// A key without quotes.
    BareKey,
    /// `True`, `False` or `None`.
    PythonLiteral,
    /// A comment.
    Comment,
    /// A control character in a string.
    ControlCharacter,
    /// A backslash that begins no escape.
    Backslash,
    /// Half of a surrogate pair.
    Surrogate,
    /// A missing closing bracket.
    MissingBracket,
    /// A key or an argument that occurs twice.
    Duplicate,
    /// A number that JSON does not allow, such as `007`.
    NumberForm,
    /// Arguments within another object.
    Wrapper,
    /// JSON in a string.
    DoubleEncoding,
    /// The name of the tool in another place.
    NamePlace,
    /// The name of the tool in another spelling.
    NameForm,
    /// A wrong character in the code of the marks.
    Code,
    /// A missing or wrong closing tag.
    ClosingTag,
    /// Tags in another spelling.
    TagForm,
    /// Arguments as attributes or as tags of their own.
    ArgumentForm,
    /// A type that the schema does not allow.
    ValueType,
    /// Another format of calls.
    Dialect,
    /// Quotes within a string. This one is a guess.
    InnerQuotes,
}

impl Repair {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 23] = [
        Self::TrailingComma,
        Self::MissingComma,
        Self::Quotes,
        Self::BareKey,
        Self::PythonLiteral,
        Self::Comment,
        Self::ControlCharacter,
        Self::Backslash,
        Self::Surrogate,
        Self::MissingBracket,
        Self::Duplicate,
        Self::NumberForm,
        Self::Wrapper,
        Self::DoubleEncoding,
        Self::NamePlace,
        Self::NameForm,
        Self::Code,
        Self::ClosingTag,
        Self::TagForm,
        Self::ArgumentForm,
        Self::ValueType,
        Self::Dialect,
        Self::InnerQuotes,
    ];

    /// Its name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TrailingComma => "trailing_comma",
            Self::MissingComma => "missing_comma",
            Self::Quotes => "quotes",
            Self::BareKey => "bare_key",
            Self::PythonLiteral => "python_literal",
            Self::Comment => "comment",
            Self::ControlCharacter => "control_character",
            Self::Backslash => "backslash",
            Self::Surrogate => "surrogate",
            Self::MissingBracket => "missing_bracket",
            Self::Duplicate => "duplicate",
            Self::NumberForm => "number_form",
            Self::Wrapper => "wrapper",
            Self::DoubleEncoding => "double_encoding",
            Self::NamePlace => "name_place",
            Self::NameForm => "name_form",
            Self::Code => "code",
            Self::ClosingTag => "closing_tag",
            Self::TagForm => "tag_form",
            Self::ArgumentForm => "argument_form",
            Self::ValueType => "value_type",
            Self::Dialect => "dialect",
            Self::InnerQuotes => "inner_quotes",
        }
    }
}

/// A set of repairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Repairs(u32);

impl Repairs {
    /// Adds one.
    pub(crate) fn add(&mut self, repair: Repair) {
        self.0 |= 1 << repair as u32;
    }

    /// Adds those of `other`.
    pub(crate) fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `repair` is one of them.
    pub(crate) fn has(self, repair: Repair) -> bool {
        self.0 & (1 << repair as u32) != 0
    }

    /// All of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = Repair> {
        Repair::ALL.into_iter().filter(move |repair| self.has(*repair))
    }
}

/// Why no value was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text ends within the value.
    End,
    /// It is no JSON from this byte on.
    At(usize),
}

impl Json {
    /// The member `key` of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The members of an object; none of another value.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The items of a list; none of another value.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A string.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The JSON text, in one line.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (number, (key, value)) in members.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { "," });
                    quote(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Writes a string with quotes and escapes.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Reads a text that is one JSON value without any fault.
pub(crate) fn strict(text: &str) -> Option<Json> {
    repaired(text).filter(|(_, repairs)| repairs.is_empty()).map(|(value, _)| value)
}

/// Reads a text that is one JSON value, with safe repairs.
pub(crate) fn repaired(text: &str) -> Option<(Json, Repairs)> {
    whole(text, false)
}

/// Reads a text that is one JSON value; quotes within strings are guessed.
pub(crate) fn guessed(text: &str) -> Option<(Json, Repairs)> {
    repaired(text).or_else(|| whole(text, true))
}

fn whole(text: &str, guesses: bool) -> Option<(Json, Repairs)> {
    let mut reader = Reader { closes: true, guesses, ..Reader::new(text) };
    let value = reader.value(0).ok()?;
    reader.spaces();
    (reader.at == text.len()).then_some((value, reader.repairs))
}

/// Reads the value that `text` begins with; also returns its length.
///
/// # Errors
/// If the text ends within it, or is no JSON.
pub(crate) fn prefix(text: &str) -> Result<(Json, usize, Repairs), Fault> {
    let mut reader = Reader::new(text);
    let value = reader.value(0)?;
    Ok((value, reader.at, reader.repairs))
}

/// A number in the form of JSON; `None` if it is none. Its digits stay as they are.
pub(crate) fn number(text: &str) -> Option<(String, bool)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], &digits[at..]),
        None => (digits, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.get(1..).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    let is_number = (!whole.is_empty() || !fraction.is_empty())
        && are_digits(whole)
        && are_digits(fraction)
        && power.is_none_or(|power| !power.is_empty() && are_digits(power));
    if !is_number {
        return None;
    }
    let stripped = whole.trim_start_matches('0');
    let whole = if stripped.is_empty() { "0" } else { stripped };
    let point = if fraction.is_empty() { "" } else { "." };
    let number = format!("{sign}{whole}{point}{fraction}{exponent}");
    let is_changed = number != text;
    Some((number, is_changed))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    repairs: Repairs,
    /// Whether the end of the text closes what is open.
    closes: bool,
    /// Whether quotes within strings are guessed.
    guesses: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, repairs: Repairs::default(), closes: false, guesses: false }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(&self) -> Fault {
        if self.rest().is_empty() { Fault::End } else { Fault::At(self.at) }
    }

    /// Skips spaces and comments.
    fn spaces(&mut self) {
        loop {
            let rest = self.rest();
            let spaces = rest.len()
                - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{a0}', '\u{feff}']).len();
            self.at += spaces;
            let rest = self.rest();
            let length = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |at| at + 2)
            } else {
                return;
            };
            self.repairs.add(Repair::Comment);
            self.at += length;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Fault> {
        self.spaces();
        if depth > MAX_DEPTH {
            return Err(Fault::At(self.at));
        }
        match self.peek() {
            None => Err(Fault::End),
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"' | '\'' | '“' | '”' | '‘' | '’') => self.string().map(Json::Text),
            Some('-' | '+' | '.' | '0'..='9') => {
                let rest = self.rest();
                let is_part =
                    |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                if length == rest.len() && !self.closes {
                    return Err(Fault::End);
                }
                let (digits, is_changed) = number(&rest[..length]).ok_or(Fault::At(self.at))?;
                if is_changed {
                    self.repairs.add(Repair::NumberForm);
                }
                self.at += length;
                Ok(Json::Number(digits))
            }
            Some(_) => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<Json, Fault> {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if length == rest.len() && !self.closes {
            return Err(Fault::End);
        }
        let word = &rest[..length];
        let value = match word {
            "true" | "True" => Json::Bool(true),
            "false" | "False" => Json::Bool(false),
            "null" | "None" => Json::Null,
            _ => return Err(Fault::At(self.at)),
        };
        if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            self.repairs.add(Repair::PythonLiteral);
        }
        self.at += length;
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Json, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.is_closed(']', '}', !items.is_empty()) {
            items.push(self.value(depth + 1)?);
        }
        Ok(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json, Fault> {
        self.at += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        while !self.is_closed('}', ']', !members.is_empty()) {
            if members.len() == MAX_MEMBERS {
                return Err(Fault::At(self.at));
            }
            let key = self.key()?;
            self.spaces();
            if self.peek() != Some(':') {
                return Err(self.fault());
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            match members.iter_mut().find(|(name, _)| *name == key) {
                Some((_, earlier)) => {
                    self.repairs.add(Repair::Duplicate);
                    *earlier = value;
                }
                None => members.push((key, value)),
            }
        }
        Ok(Json::Object(members))
    }

    /// Reads what stands before a member: whether `own` closes the list of members there.
    fn is_closed(&mut self, own: char, other: char, has_members: bool) -> bool {
        self.spaces();
        let mut has_comma = !has_members;
        if has_members && self.peek() == Some(',') {
            self.at += 1;
            has_comma = true;
            self.spaces();
        }
        match self.peek() {
            Some(c) if c == own => {
                self.at += 1;
                if has_members && has_comma {
                    self.repairs.add(Repair::TrailingComma);
                }
                true
            }
            // The bracket belongs to what is around.
            Some(c) if c == other && has_members && !has_comma => {
                self.repairs.add(Repair::MissingBracket);
                true
            }
            None if self.closes && has_members && !has_comma => {
                self.repairs.add(Repair::MissingBracket);
                true
            }
            Some(_) if !has_comma => {
                self.repairs.add(Repair::MissingComma);
                false
            }
            _ => false,
        }
    }

    fn key(&mut self) -> Result<String, Fault> {
        match self.peek() {
            None => Err(Fault::End),
            Some('"' | '\'' | '“' | '”' | '‘' | '’') => self.string(),
            Some(c) if c.is_alphabetic() || matches!(c, '_' | '$') => {
                let rest = self.rest();
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-');
                let length = rest.find(|c| !is_part(c)).ok_or(Fault::End)?;
                self.repairs.add(Repair::BareKey);
                self.at += length;
                Ok(rest[..length].to_owned())
            }
            Some(_) => Err(Fault::At(self.at)),
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let opener = self.peek().ok_or(Fault::End)?;
        let closers: &[char] = match opener {
            '"' => &['"'],
            '\'' => &['\''],
            '“' | '”' => &['”', '“'],
            _ => &['’', '‘'],
        };
        if opener != '"' {
            self.repairs.add(Repair::Quotes);
        }
        self.at += opener.len_utf8();
        let mut text = String::new();
        loop {
            let c = self.peek().ok_or(Fault::End)?;
            self.at += c.len_utf8();
            if closers.contains(&c) {
                if !self.guesses || self.ends_string() {
                    return Ok(text);
                }
                self.repairs.add(Repair::InnerQuotes);
                text.push(c);
            } else if c == '\\' {
                self.escape(&mut text)?;
            } else {
                if c < ' ' {
                    self.repairs.add(Repair::ControlCharacter);
                }
                text.push(c);
            }
        }
    }

    /// Whether what follows a quote can follow a string.
    fn ends_string(&self) -> bool {
        let next = self.rest().trim_start();
        next.is_empty() || next.starts_with([',', ':', '}', ']'])
    }

    fn escape(&mut self, text: &mut String) -> Result<(), Fault> {
        let c = self.peek().ok_or(Fault::End)?;
        self.at += c.len_utf8();
        match c {
            '"' | '\\' | '/' => text.push(c),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'u' => match self.unit()? {
                None => {
                    self.repairs.add(Repair::Backslash);
                    text.push_str("\\u");
                }
                Some(unit) => text.push(self.character(unit)?),
            },
            '\'' => {
                self.repairs.add(Repair::Backslash);
                text.push('\'');
            }
            _ => {
                self.repairs.add(Repair::Backslash);
                text.push('\\');
                text.push(c);
            }
        }
        Ok(())
    }

    /// The four digits of an escape, if there are.
    fn unit(&mut self) -> Result<Option<u32>, Fault> {
        let rest = self.rest();
        let digits = rest.bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
        if digits < 4 {
            return if digits == rest.len() { Err(Fault::End) } else { Ok(None) };
        }
        self.at += 4;
        Ok(u32::from_str_radix(&rest[..4], 16).ok())
    }

    /// The character of an escape, which may need a second one.
    fn character(&mut self, unit: u32) -> Result<char, Fault> {
        if let Some(c) = char::from_u32(unit) {
            return Ok(c);
        }
        let before = self.at;
        if unit < 0xdc00 && self.rest().starts_with("\\u") {
            self.at += 2;
            if let Some(low @ 0xdc00..0xe000) = self.unit()? {
                let c = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return char::from_u32(c).ok_or(Fault::At(before));
            }
            self.at = before;
        }
        self.repairs.add(Repair::Surrogate);
        Ok(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<(String, Vec<&'static str>)> {
        repaired(text)
            .map(|(value, repairs)| (value.text(), repairs.iter().map(Repair::name).collect()))
    }

    #[test]
    fn safe_repairs_are_named() {
        for (text, expected, repair) in [
            (r#"{"a":1,}"#, r#"{"a":1}"#, "trailing_comma"),
            (r#"{"a":1 "b":2}"#, r#"{"a":1,"b":2}"#, "missing_comma"),
            (r#"{'a':"b"}"#, r#"{"a":"b"}"#, "quotes"),
            (r#"{“a”:“b"c”}"#, r#"{"a":"b\"c"}"#, "quotes"),
            ("{a:1}", r#"{"a":1}"#, "bare_key"),
            (r#"{"a":None}"#, r#"{"a":null}"#, "python_literal"),
            ("{\"a\":1 // one\n}", r#"{"a":1}"#, "comment"),
            ("{\"a\":\"x\ny\"}", r#"{"a":"x\ny"}"#, "control_character"),
            (r#"{"a":"\d+"}"#, r#"{"a":"\\d+"}"#, "backslash"),
            (r#"{"a":"\ud83d"}"#, "{\"a\":\"\u{fffd}\"}", "surrogate"),
            (r#"{"a":[1,{"b":2"#, r#"{"a":[1,{"b":2}]}"#, "missing_bracket"),
            (r#"{"a":[1,2}"#, r#"{"a":[1,2]}"#, "missing_bracket"),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, "duplicate"),
            (r#"{"a":007}"#, r#"{"a":7}"#, "number_form"),
        ] {
            assert_eq!(read(text), Some((expected.to_owned(), vec![repair])), "{text}");
        }
    }

    #[test]
    fn guesses_are_no_safe_repairs() {
        for text in [
            r#"{"a":"say "hi""}"#,
            r#"{"a":"b"#,
            r#"{"a":1,"#,
            r#"{"a":"#,
            r#"{"a":NaN}"#,
            "1 2",
            "",
            &"[".repeat(1 << 20),
            &format!("{}{}", "[".repeat(60), "]".repeat(60)),
        ] {
            assert_eq!(read(text), None, "{}", &text[..text.len().min(40)]);
        }
        let (value, repairs) = guessed(r#"{"a":"say "hi"","b":1}"#).expect("a guess");
        assert_eq!(value.text(), r#"{"a":"say \"hi\"","b":1}"#);
        assert!(repairs.has(Repair::InnerQuotes));
    }

    #[test]
    fn values_are_written_as_they_were_read() {
        for text in [
            r#"{"b":1,"a":[true,null,"x\"\\\n\u0001"]}"#,
            "9007199254740993",
            "-0.50e-3",
            "\"你好🙂\"",
        ] {
            assert_eq!(read(text), Some((text.to_owned(), Vec::new())));
        }
        assert_eq!(prefix(r#"{"a":1} rest"#).map(|(_, length, _)| length), Ok(7));
        assert_eq!(prefix(r#"{"a":1"#).map(|(_, length, _)| length), Err(Fault::End));
        assert_eq!(prefix("{x}").map(|(_, length, _)| length), Err(Fault::At(2)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:'\\\\ud8ce0-9a-z\\n ]{0,60}") {
            if let Some((value, _)) = guessed(&text) {
                prop_assert_eq!(strict(&value.text()), Some(value));
            }
        }

        #[test]
        fn valid_json_needs_no_repair(text in "\\PC{0,30}", number in any::<i64>()) {
            let document = serde_json::json!({"a": [text, number, null], text.clone(): {"b": true}});
            let read = strict(&document.to_string()).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&read.text()).expect("JSON"), document);
        }
    }
}
