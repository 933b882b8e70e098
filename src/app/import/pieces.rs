//! Cuts a file into chats without reading them.
//!
//! What this module keeps true: at most one chat is held, and one that is too long is passed over; a chat
//! that is broken inside ends where its brackets do.

use std::io::{self, BufRead};

use memchr::memchr2;

use super::invalid;
use crate::archive::record::is_line;

/// The longest chat, in bytes.
pub(super) const MAX_CHAT: usize = 32 << 20;
/// How large a chat may become in memory, and roughly how large a value and an object are, in bytes.
const MAX_VALUES: (usize, usize, usize) = (192 << 20, 64, 640);
/// The longest name of a member of a document around chats, in bytes.
const MAX_NAME: usize = 4 << 10;
/// Members around a list of chats.
const LISTS: [&str; 3] = ["data", "chats", "conversations"];

/// Whether a document of this size in memory may be read. Counts what is between strings.
pub(super) fn is_moderate(json: &[u8]) -> bool {
    let (most, value, object) = MAX_VALUES;
    let (mut size, mut at) = (0, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'{' => size += object,
            b'[' | b',' => size += value,
            b'"' => {
                while let Some(found) = memchr2(b'"', b'\\', &json[at..]) {
                    at += found + 1;
                    if json[at - 1] == b'"' {
                        break;
                    }
                    at = json.len().min(at + 1);
                }
            }
            _ => {}
        }
        if size > most {
            return false;
        }
    }
    true
}

/// A piece of a file that may be a chat.
pub(super) enum Piece {
    /// The whole piece.
    Chat(Vec<u8>),
    /// It is longer than any chat.
    TooLong,
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// In a list of chats.
    List,
    /// In an object that is a chat, or has a list of chats.
    Object,
}

/// Cuts a document into chats: the elements of an array, the object itself, or one object after another. It
/// only looks for where they end; whether they are JSON shows when they are read.
pub(super) struct Pieces<R> {
    input: R,
    levels: Vec<Level>,
    /// The members of the object so far.
    own: Vec<u8>,
    own_is_too_long: bool,
    /// Whether the object has a list of chats.
    is_wrapper: bool,
    /// Whether each line is a document of its own.
    has_lines: bool,
}

impl<R: BufRead> Pieces<R> {
    /// The pieces of `input`.
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let has_lines = is_line(input.fill_buf()?);
        Ok(Self {
            input,
            levels: Vec::new(),
            own: Vec::new(),
            own_is_too_long: false,
            is_wrapper: false,
            has_lines,
        })
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.has_lines {
            return self.line();
        }
        loop {
            let next = self.next_byte()?;
            match (self.levels.last(), next) {
                (None, None) => return Ok(None),
                (Some(_), None) => return Err(io::ErrorKind::UnexpectedEof.into()),
                (None, Some(b'[')) => {
                    self.input.consume(1);
                    self.levels.push(Level::List);
                }
                (None, Some(b'{')) => {
                    self.input.consume(1);
                    self.levels.push(Level::Object);
                    self.own = b"{".to_vec();
                    (self.own_is_too_long, self.is_wrapper) = (false, false);
                }
                (Some(Level::List), Some(b']')) => {
                    self.input.consume(1);
                    self.levels.pop();
                }
                (Some(Level::List), Some(_)) => {
                    let mut piece = Vec::new();
                    let fits = self.value(&mut piece, MAX_CHAT)?;
                    return Ok(Some(if fits { Piece::Chat(piece) } else { Piece::TooLong }));
                }
                (Some(Level::Object), Some(b'}')) => {
                    self.input.consume(1);
                    self.levels.pop();
                    self.own.push(b'}');
                    let own = std::mem::take(&mut self.own);
                    if !self.is_wrapper {
                        let fits = !self.own_is_too_long;
                        return Ok(Some(if fits { Piece::Chat(own) } else { Piece::TooLong }));
                    }
                }
                (Some(Level::Object), Some(b'"')) => {
                    if let Some(piece) = self.member()? {
                        return Ok(Some(piece));
                    }
                }
                (None | Some(Level::Object), Some(_)) => {
                    return Err(invalid("the file is not JSON"));
                }
            }
        }
    }

    /// Reads a member of the outermost object. Returns the chat in it.
    fn member(&mut self) -> io::Result<Option<Piece>> {
        let mut name = Vec::new();
        if !self.value(&mut name, MAX_NAME)? {
            return Err(invalid("a name in the file is too long"));
        }
        if self.next_byte()? != Some(b':') {
            return Err(invalid("the file is not JSON"));
        }
        self.input.consume(1);
        let next = self.next_byte()?;
        let is_wrapper = LISTS.iter().any(|list| name[1..name.len() - 1] == *list.as_bytes())
            && self.own.len() < MAX_NAME;
        match next {
            Some(b'[') if is_wrapper => {
                self.input.consume(1);
                self.levels.push(Level::List);
                self.is_wrapper = true;
                return Ok(None);
            }
            Some(b'{') if is_wrapper => {
                self.is_wrapper = true;
                let mut piece = Vec::new();
                let fits = self.value(&mut piece, MAX_CHAT)?;
                return Ok(Some(if fits { Piece::Chat(piece) } else { Piece::TooLong }));
            }
            _ => {}
        }
        if !self.own_is_too_long {
            if self.own.len() > 1 {
                self.own.push(b',');
            }
            self.own.extend_from_slice(&name);
            self.own.push(b':');
        }
        let mut own = std::mem::take(&mut self.own);
        let fits = self.value(&mut own, MAX_CHAT);
        self.own = own;
        self.own_is_too_long |= !fits?;
        Ok(None)
    }

    /// A line that is not empty.
    fn line(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let mut line = Vec::new();
            let mut fits = true;
            loop {
                let input = self.input.fill_buf()?;
                let end = memchr::memchr(b'\n', input);
                let length = end.unwrap_or(input.len());
                fits &= line.len() + length <= MAX_CHAT;
                if fits {
                    line.extend_from_slice(&input[..length]);
                }
                let is_over = input.is_empty();
                self.input.consume(length + usize::from(end.is_some()));
                if is_over && line.is_empty() && fits {
                    return Ok(None);
                }
                if end.is_some() || is_over {
                    break;
                }
            }
            if !fits {
                return Ok(Some(Piece::TooLong));
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(Piece::Chat(line)));
            }
        }
    }

    /// The next byte that is not between values.
    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Ok(None);
            }
            let space = |byte: &u8| !(byte.is_ascii_whitespace() || matches!(byte, b',' | 0x1e));
            let skipped = input.iter().position(space);
            let next = skipped.map(|at| input[at]);
            let length = skipped.unwrap_or(input.len());
            self.input.consume(length);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Appends a value to `out`, up to `limit` bytes; returns whether it fits.
    fn value(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<bool> {
        let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
        let (mut fits, mut has_begun) = (true, false);
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                // A number may end the file.
                let is_whole = has_begun && depth == 0 && !in_string;
                return if is_whole { Ok(fits) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
            let mut at = 0;
            let mut is_over = false;
            while at < input.len() && !is_over {
                let byte = input[at];
                if in_string {
                    if is_escaped {
                        is_escaped = false;
                        at += 1;
                        continue;
                    }
                    let Some(found) = memchr2(b'"', b'\\', &input[at..]) else {
                        at = input.len();
                        break;
                    };
                    at += found + 1;
                    if input[at - 1] == b'\\' {
                        is_escaped = true;
                    } else {
                        in_string = false;
                        is_over = depth == 0;
                    }
                    continue;
                }
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth == 0 => break,
                    b'}' | b']' => {
                        depth -= 1;
                        is_over = depth == 0;
                    }
                    _ if depth == 0 && (byte == b',' || byte.is_ascii_whitespace()) => break,
                    _ => {}
                }
                has_begun = true;
                at += 1;
            }
            let ends_here = is_over || at < input.len();
            fits = fits && out.len() + at <= limit;
            if fits {
                out.extend_from_slice(&input[..at]);
            }
            self.input.consume(at);
            if ends_here && has_begun {
                return Ok(fits);
            }
            if ends_here {
                return Err(invalid("the file is not JSON"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    /// The pieces of `text`, which is read `size` bytes at a time.
    fn pieces(text: &str, size: usize) -> io::Result<Vec<String>> {
        let input = BufReader::with_capacity(size, Cursor::new(text.as_bytes().to_vec()));
        let mut pieces = Pieces::new(input)?;
        let mut found = Vec::new();
        while let Some(piece) = pieces.next()? {
            found.push(match piece {
                Piece::Chat(bytes) => String::from_utf8(bytes).expect("UTF-8"),
                Piece::TooLong => "too long".to_owned(),
            });
        }
        Ok(found)
    }

    #[test]
    fn documents_are_cut_into_chats() {
        for (text, expected) in [
            ("", &[][..]),
            (" [ ] ", &[]),
            (r#"[{"a":"]\"}"},{"b":[1,{}]}]"#, &[r#"{"a":"]\"}"}"#, r#"{"b":[1,{}]}"#]),
            ("[1, null ,\"x\"]", &["1", "null", "\"x\""]),
            ("{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
            (r#"{"a" : {"data":[1]} , "b":true}"#, &[r#"{"a":{"data":[1]},"b":true}"#]),
            (r#"{"success":true,"data":[{"a":1},{"b":2}],"total":2}"#, &["{\"a\":1}", "{\"b\":2}"]),
            (r#"{"success":true,"data":{"a":[{}]}}"#, &[r#"{"a":[{}]}"#]),
            (r#"{"chats":[{"a":1}]}[{"b":2}]"#, &["{\"a\":1}", "{\"b\":2}"]),
            (
                "{\"schema\":\"qwenctl.chat/1\",\"a\":1}\n\n{broken\n{\"schema\":\"x\"}",
                &["{\"schema\":\"qwenctl.chat/1\",\"a\":1}", "{broken", "{\"schema\":\"x\"}"],
            ),
        ] {
            for size in [1, 2, 3, 7, 64] {
                // The start shows the format; a real buffer has all of it.
                let size = if text.contains("schema") { 64 } else { size };
                assert_eq!(pieces(text, size).expect(text), expected, "{text} {size}");
            }
        }
    }

    #[test]
    fn broken_documents_are_refused_after_what_is_whole() {
        for text in
            ["x", "[{\"a\":1},{\"b", "{\"a\"", "{\"a\" 1}", "{1:2}", "[\"", "{\"data\":[", "}"]
        {
            assert!(pieces(text, 8).is_err(), "{text}");
        }
        let mut some = Pieces::new(Cursor::new(b"[{\"a\":1},{\"b".to_vec())).expect("begun");
        assert!(matches!(some.next(), Ok(Some(Piece::Chat(_)))));
        assert_eq!(some.next().map(drop).expect_err("cut").kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn values_are_counted_outside_of_strings() {
        assert!(is_moderate(format!("{{\"a\":\"\\\"{}\"}}", "{,".repeat(1 << 20)).as_bytes()));
        assert!(!is_moderate(format!("[{}]", "{},".repeat(1 << 20)).as_bytes()));
        assert!(is_moderate(b"\"\\") && is_moderate(b"[\"a"));
    }

    #[test]
    fn chat_that_is_too_long_is_passed_over() {
        let long = format!("[\"{}\",1]", "x".repeat(MAX_CHAT));
        assert_eq!(pieces(&long, 8192).expect("read"), ["too long", "1"]);
        let long = format!("{{\"a\":\"{}\"}} {{}}", "x".repeat(MAX_CHAT));
        assert_eq!(pieces(&long, 8192).expect("read"), ["too long", "{}"]);
    }
}
