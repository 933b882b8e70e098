//! Reads the text of an answer: what is text, and what are calls.
//!
//! What this module keeps true, however the text is cut into pieces: the outcome is the same; the time is
//! linear in the length, and no text fails; what comes out as text is a part of what went in, in order; and
//! the code of the marks is in no text.

use std::sync::Arc;

use super::foreign::{self, Decision};
use super::json::{Repair, Repairs};
use super::tags::{self, Body, Candidate, Kind, Match, Tag};
use super::toolbox::Toolbox;

/// The longest call.
const MAX_CALL: usize = 1 << 20;

/// The most calls of one answer.
pub(crate) const MAX_CALLS: usize = 16;

/// How much text between calls is dropped, in characters. More ends them.
const MAX_BETWEEN: usize = 200;

/// How much of what may be dropped before a call is held back, in bytes.
const MAX_HELD: usize = 4096;

/// How much of a call is kept to be shown, in bytes.
const MAX_SOURCE: usize = 64 << 10;

/// How many bytes are read in vain for calls without marks.
const MAX_VAIN: usize = 1 << 20;

/// The longest line that opens a fence, or separates messages.
const MAX_LINE: usize = 80;

/// How a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The model ended it.
    Natural,
    /// It was cut, by a limit or a failure: a call that is not whole is none.
    Cut,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// Text.
    Text(String),
    /// A call.
    Call(Candidate),
    /// A call that cannot be read: the beginning of its text without the code, and why.
    Bad { source: String, why: &'static str },
    /// So many characters after the first call were dropped.
    Dropped(usize),
}

/// What the reader needs to know of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// The code of the marks, in lower case.
    pub code: String,
    pub toolbox: Arc<Toolbox>,
    /// The most calls. With 0, everything is text.
    pub most: usize,
    /// The tool whose arguments alone are a call.
    pub forced: Option<String>,
    /// Whether calls without marks are calls.
    pub takes_foreign: bool,
}

/// What stands in the line so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Spaces.
    Blank,
    /// Marks of a list or a quotation.
    Marks,
    /// Text.
    Text,
}

#[derive(Debug)]
enum State {
    /// Text.
    Text,
    /// What looks like a result of a tool.
    Result,
    /// A call.
    Call(Block),
    /// After a call; so many characters of other text.
    After(usize),
    /// The rest is dropped.
    Done,
}

/// A call that is being read.
#[derive(Debug)]
struct Block {
    /// Where it begins.
    from: usize,
    name: String,
    arguments: Vec<(String, String)>,
    repairs: Repairs,
    part: Part,
    /// Whether a tag without the code has closed it.
    has_ended: bool,
    /// Whether it begins within a line of text, so that it may only be spoken of.
    is_inline: bool,
    /// The spaces before it, which go with it.
    spaces: String,
}

#[derive(Debug)]
enum Part {
    /// Between arguments.
    Between,
    /// An argument: its name, and where its text begins.
    Value(String, usize),
    /// A text from here on.
    Text(usize),
    /// It cannot be read; so many calls are open.
    Bad(&'static str, usize),
}

/// Reads one answer.
#[derive(Debug)]
pub(crate) struct Reader {
    rules: Rules,
    text: String,
    /// Where the next byte is read.
    at: usize,
    /// Where the text begins that is held back.
    held: usize,
    state: State,
    line: Line,
    /// The fence that is open: its character and its length.
    fence: Option<(char, usize)>,
    /// Whether nothing but spaces came so far.
    is_start: bool,
    /// Whether the text speaks of the format.
    is_about_tags: bool,
    /// The last character of the text so far.
    last: char,
    /// The last bytes of the output, one less than the code has.
    tail: Vec<u8>,
    /// How long the text has to be before a call without marks is tried again.
    retry: usize,
    /// How many bytes may still be read in vain.
    vain: usize,
    calls: usize,
    dropped: usize,
    out: Vec<Output>,
}

impl Reader {
    /// Reads an answer by `rules`.
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            text: String::new(),
            at: 0,
            held: 0,
            state: State::Text,
            line: Line::Blank,
            fence: None,
            is_start: true,
            is_about_tags: false,
            last: '\n',
            tail: Vec::new(),
            retry: 0,
            vain: MAX_VAIN,
            calls: 0,
            dropped: 0,
            out: Vec::new(),
        }
    }

    /// Takes a piece of the answer.
    pub(crate) fn feed(&mut self, piece: &str) -> Vec<Output> {
        self.text.push_str(piece);
        self.run(false);
        let keep = match &self.state {
            State::Text => self.held,
            State::Call(block) => block.from,
            State::Result | State::After(_) => self.at,
            State::Done => self.text.len(),
        };
        if keep > 0 {
            self.text.drain(..keep);
            self.at -= keep.min(self.at);
            self.held = self.held.saturating_sub(keep);
            self.retry = self.retry.saturating_sub(keep);
            if let State::Call(block) = &mut self.state {
                block.from -= keep;
                match &mut block.part {
                    Part::Value(_, from) | Part::Text(from) => *from -= keep,
                    Part::Between | Part::Bad(..) => {}
                }
            }
        }
        std::mem::take(&mut self.out)
    }

    /// Takes the end of the answer.
    pub(crate) fn finish(&mut self, end: End) -> Vec<Output> {
        match (end, &self.state) {
            (End::Cut, State::Call(_)) => self.state = State::Done,
            // A tag that is cut is part of a call.
            (End::Cut, State::Text) if self.is_cut_tag() => {
                self.flush();
                self.state = State::Done;
            }
            _ => self.run(true),
        }
        if matches!(self.state, State::Text) {
            self.at = self.text.len();
            self.flush();
        }
        if self.dropped > 0 {
            self.out.push(Output::Dropped(self.dropped));
        }
        self.state = State::Done;
        self.text.clear();
        (self.at, self.held) = (0, 0);
        std::mem::take(&mut self.out)
    }

    /// Whether the calls are over: what follows is dropped.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Whether a call has begun and not ended.
    pub(crate) fn is_within(&self) -> bool {
        matches!(self.state, State::Call(_))
    }

    /// Whether a call has been read.
    pub(crate) fn has_calls(&self) -> bool {
        self.calls > 0
    }

    fn is_cut_tag(&self) -> bool {
        matches!(tags::tag(&self.text[self.at..], &self.rules.code, true), Match::Found(_))
    }

    fn run(&mut self, is_whole: bool) {
        while match std::mem::replace(&mut self.state, State::Done) {
            State::Text => {
                self.state = State::Text;
                self.read_text(is_whole)
            }
            State::Result => {
                self.state = State::Result;
                self.skip_result(is_whole)
            }
            State::Call(block) => self.read_call(block, is_whole),
            State::After(count) => self.read_after(count, is_whole),
            State::Done => false,
        } {}
    }

    /// Sends what is held back before the current place.
    fn flush(&mut self) {
        let held = self.held;
        self.held = self.at;
        if held == self.at {
            return;
        }
        let mut sent = String::with_capacity(self.at - held);
        let code = self.rules.code.as_bytes();
        let last = code.last().copied().unwrap_or_default();
        let piece = &self.text[held..self.at];
        // No character completes the code, whatever was cut out before it.
        let mut from = 0;
        for (at, _) in
            piece.bytes().enumerate().filter(|(_, byte)| byte.eq_ignore_ascii_case(&last))
        {
            sent.push_str(&piece[from..at]);
            let end = &sent.as_bytes()[sent.len().saturating_sub(code.len() - 1)..];
            let is_code =
                [&self.tail, end].concat().to_ascii_lowercase().ends_with(&code[..code.len() - 1]);
            from = if is_code { at + 1 } else { at };
        }
        sent.push_str(&piece[from..]);
        let end = &sent.as_bytes()[sent.len().saturating_sub(code.len() - 1)..];
        self.tail.extend_from_slice(end);
        self.tail.drain(..self.tail.len().saturating_sub(code.len() - 1));
        match self.out.last_mut() {
            Some(Output::Text(text)) => text.push_str(&sent),
            _ if sent.is_empty() => {}
            _ => self.out.push(Output::Text(sent)),
        }
    }

    /// Leaves out `length` bytes.
    fn cut(&mut self, length: usize) {
        self.flush();
        self.at += length;
        self.held = self.at;
    }

    fn read_text(&mut self, is_whole: bool) -> bool {
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return false };
        if is_space(c) {
            self.at += c.len_utf8();
            self.last = c;
            if c == '\n' {
                self.line = Line::Blank;
            }
            if self.at - self.held > MAX_HELD {
                self.flush();
            }
            return true;
        }
        match self.code_at(rest, is_whole) {
            Match::Found(length) => {
                self.cut(length);
                (self.line, self.is_start) = (Line::Text, false);
                return true;
            }
            Match::Unknown => return false,
            Match::Nothing => {}
        }
        if self.rules.most == 0 {
            // There are no calls.
        } else if matches!(c, '<' | '＜') {
            match tags::tag(rest, &self.rules.code, is_whole) {
                Match::Unknown => return false,
                Match::Found(tag) => return self.own_tag(tag, is_whole),
                Match::Nothing => {}
            }
            if self.line == Line::Blank && self.fence.is_none() && c == '<' {
                return self.foreign(is_whole, false);
            }
        } else if c == '=' && self.line == Line::Blank {
            match self.separator(is_whole) {
                Match::Unknown => return false,
                Match::Found(length) => {
                    self.cut(length);
                    return true;
                }
                Match::Nothing => {}
            }
        } else if self.is_start && matches!(c, '{' | '[') {
            return self.foreign(is_whole, true);
        } else if self.line != Line::Text {
            match self.mark(c, is_whole) {
                Match::Unknown => return false,
                Match::Found(0) => return self.foreign(is_whole, true),
                Match::Found(length) => {
                    self.at += length;
                    self.is_start = false;
                    self.line = Line::Marks;
                    return true;
                }
                Match::Nothing => {}
            }
        }
        self.literal(c);
        true
    }

    /// The length of the code that `rest` begins with, and of the dash before it.
    fn code_at(&self, rest: &str, is_whole: bool) -> Match<usize> {
        let code = self.rules.code.as_bytes();
        let dash = usize::from(rest.starts_with('-'));
        let found = &rest.as_bytes()[dash..];
        let found = &found[..found.len().min(code.len())];
        if !found.eq_ignore_ascii_case(&code[..found.len()]) {
            Match::Nothing
        } else if found.len() == code.len() {
            Match::Found(dash + code.len())
        } else if is_whole {
            Match::Nothing
        } else {
            Match::Unknown
        }
    }

    /// Passes over the character `c` and what follows it, up to what needs a look.
    fn literal(&mut self, c: char) {
        let first = self.rules.code.as_bytes().first().copied().unwrap_or_default();
        let bytes = self.text.as_bytes();
        let mut end = self.at + c.len_utf8();
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'<' | b'\n' | b'-' => break,
                0xef if bytes[end..].starts_with("＜".as_bytes()) => break,
                byte if byte.eq_ignore_ascii_case(&first) => break,
                _ => end += 1,
            }
        }
        let run = &self.text[self.at..end];
        let kept = run.trim_end_matches(is_space).len();
        self.at += kept;
        let last = run.chars().next_back();
        self.flush();
        self.last = last.unwrap_or(c);
        self.at = end;
        (self.line, self.is_start) = (Line::Text, false);
    }

    /// The length of the mark at the start of a line that may be dropped with a call after it; 0 for a fence
    /// around a document.
    fn mark(&mut self, c: char, is_whole: bool) -> Match<usize> {
        let rest = &self.text[self.at..];
        let unknown = if is_whole { Match::Nothing } else { Match::Unknown };
        let next = rest[c.len_utf8()..].chars().next();
        match c {
            '`' | '~' => self.fence(c, is_whole),
            '>' => Match::Found(1),
            '-' | '*' | '+' => match next {
                None => unknown,
                Some(' ' | '\t') => Match::Found(1),
                Some(_) => Match::Nothing,
            },
            '0'..='9' => {
                let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
                match &rest.as_bytes()[digits..] {
                    _ if digits > 3 => Match::Nothing,
                    [] | [b'.' | b')'] => unknown,
                    [b'.' | b')', b' ', ..] => Match::Found(digits + 1),
                    _ => Match::Nothing,
                }
            }
            _ => Match::Nothing,
        }
    }

    fn fence(&mut self, c: char, is_whole: bool) -> Match<usize> {
        let rest = &self.text[self.at..];
        let length = rest.len() - rest.trim_start_matches(c).len();
        let rest = &rest[length..];
        let line = rest.find('\n').map(|end| &rest[..end]);
        if line.is_none() && rest.len() <= MAX_LINE && !is_whole {
            return Match::Unknown;
        }
        if length < 3 {
            return Match::Nothing;
        }
        let info = line.unwrap_or(rest);
        match self.fence {
            Some((open, least)) => {
                if open == c && length >= least && info.trim().is_empty() {
                    self.fence = None;
                }
                Match::Nothing
            }
            None if c == '`' && info.contains('`') => Match::Nothing,
            None if self.is_start && c == '`' && length == 3 => Match::Found(0),
            None => {
                self.fence = Some((c, length));
                if info.len() <= MAX_LINE {
                    Match::Found(length + info.len())
                } else {
                    Match::Nothing
                }
            }
        }
    }

    /// The length of a line that separates messages.
    fn separator(&self, is_whole: bool) -> Match<usize> {
        const START: &str = "=== ";
        let rest = &self.text[self.at..];
        let shared = rest.bytes().zip(START.bytes()).take_while(|(a, b)| a == b).count();
        if shared < START.len() {
            let is_unknown = shared == rest.len() && !is_whole;
            return if is_unknown { Match::Unknown } else { Match::Nothing };
        }
        match self.code_at(&rest[shared..], is_whole) {
            Match::Found(_) => {}
            Match::Unknown => return Match::Unknown,
            Match::Nothing => return Match::Nothing,
        }
        let line = match rest.find('\n') {
            Some(end) if end <= MAX_LINE => end + 1,
            None if rest.len() <= MAX_LINE && !is_whole => return Match::Unknown,
            None if rest.len() <= MAX_LINE => rest.len(),
            _ => return Match::Nothing,
        };
        Match::Found(line)
    }

    /// Whether the tag of this length at the current place stands in code within a line; `None` if more is
    /// needed.
    fn is_quoted(&self, length: usize, is_whole: bool) -> Option<bool> {
        let is_after = self.line == Line::Text && self.last == '`';
        let next = self.text[self.at + length..].chars().next();
        if is_after && next.is_none() && !is_whole {
            return None;
        }
        Some(is_after && next == Some('`'))
    }

    /// Passes over a tag that is only spoken of, as text.
    fn spoken(&mut self) -> bool {
        self.is_about_tags = true;
        self.literal(self.text[self.at..].chars().next().unwrap_or('<'));
        true
    }

    /// Reads a call again as text if it is only spoken of: it begins within a line, has no argument and no end.
    fn is_spoken_of(&mut self, block: &Block, text: Option<usize>) -> bool {
        let is_bare = block.is_inline && block.arguments.is_empty() && !block.has_ended;
        let is_like_call = text.is_some_and(|from| {
            self.text[block.from..from].contains('\n') || self.text[from..].starts_with('{')
        });
        if !is_bare || is_like_call {
            return false;
        }
        self.tail.clear();
        self.out.push(Output::Text(block.spaces.clone()));
        (self.at, self.held) = (block.from, block.from);
        self.state = State::Text;
        self.line = Line::Text;
        self.spoken()
    }

    /// A tag of the taught format in the text.
    fn own_tag(&mut self, tag: Tag, is_whole: bool) -> bool {
        let rest = &self.text[self.at + tag.length..];
        if tag.closes {
            let Match::Found(length) = tags::closing(rest, is_whole) else { return false };
            match self.is_quoted(tag.length + length, is_whole) {
                None => return false,
                Some(is_quoted) if is_quoted || self.is_about_tags && self.line == Line::Text => {
                    return self.spoken();
                }
                Some(_) => self.cut(tag.length + length),
            }
            (self.line, self.is_start) = (Line::Text, false);
            return true;
        }
        let head = match tags::head(rest, is_whole) {
            Match::Unknown => return false,
            Match::Nothing => {
                self.literal('<');
                return true;
            }
            Match::Found(head) => head,
        };
        match self.is_quoted(tag.length + head.length, is_whole) {
            None => return false,
            Some(true) => return self.spoken(),
            Some(false) => {}
        }
        let is_spoken = self.is_about_tags && self.line == Line::Text;
        match tag.kind {
            Kind::Argument | Kind::Result if is_spoken => return self.spoken(),
            Kind::Call => {
                self.open(tag, head);
            }
            Kind::Argument => {
                let source = self.source(self.at, self.at + tag.length + head.length);
                self.cut(tag.length + head.length);
                self.out.push(Output::Bad { source, why: "it has an argument outside of a call" });
            }
            Kind::Result => {
                self.cut(tag.length + head.length);
                if !head.closes {
                    self.state = State::Result;
                }
            }
        }
        true
    }

    /// Begins a call at the current place.
    fn open(&mut self, tag: Tag, mut head: tags::Head) {
        let from = self.at;
        let is_inline = matches!(self.state, State::Text) && self.line == Line::Text;
        let spaces = self.text[self.held.min(from)..from].to_owned();
        self.held = from;
        let name = head.take(&["tool", "name", "function"]).unwrap_or_default();
        let mut repairs = tag.repairs;
        repairs.join(head.repairs);
        self.at += tag.length + head.length;
        let mut arguments = Vec::new();
        if !head.attributes.is_empty() {
            repairs.add(Repair::ArgumentForm);
            let decode = |(name, value): (String, String)| (name, tags::decoded(&value));
            arguments = head.attributes.into_iter().map(decode).collect();
        }
        let part = Part::Between;
        let block =
            Block { from, name, arguments, repairs, part, has_ended: false, is_inline, spaces };
        if head.closes {
            self.end(block, None, true);
        } else {
            self.state = State::Call(block);
        }
    }

    /// Ends a call at the current place.
    fn end(&mut self, mut block: Block, text: Option<(usize, usize)>, is_closed: bool) {
        if self.at - block.from > MAX_CALL {
            return self.give_up(&block, "it is too long");
        }
        if !is_closed {
            block.repairs.add(Repair::ClosingTag);
        }
        let source = self.source(block.from, self.at);
        let body = match text {
            Some((from, to)) => Body::Text(self.text[from..to].to_owned()),
            None => Body::Arguments(block.arguments),
        };
        let Block { name, repairs, .. } = block;
        self.out.push(Output::Call(Candidate { name, body, repairs, is_closed, source }));
        self.calls += 1;
        self.state = if self.calls >= self.rules.most { State::Done } else { State::After(0) };
    }

    /// Ends the answer with a call that cannot be read.
    fn give_up(&mut self, block: &Block, why: &'static str) {
        let source = self.source(block.from, self.at);
        self.out.push(Output::Bad { source, why });
        self.state = State::Done;
    }

    /// The beginning of a call, without the code.
    fn source(&self, from: usize, to: usize) -> String {
        let mut to = to.min(from + MAX_SOURCE);
        while !self.text.is_char_boundary(to) {
            to -= 1;
        }
        tags::without_code(&self.text[from..to], &self.rules.code)
    }

    fn foreign(&mut self, is_whole: bool, is_document: bool) -> bool {
        let text = &self.text[self.at..];
        let is_long = text.len() > MAX_CALL;
        let is_off = !self.rules.takes_foreign || self.vain == 0;
        if !is_off && !is_whole && !is_long && self.text.len() < self.retry {
            return false;
        }
        let rules = &self.rules;
        let decision = if is_off {
            Decision::Text(1)
        } else if is_document {
            foreign::document(text, is_whole, &rules.toolbox, rules.forced.as_deref())
        } else {
            foreign::blocks(text, is_whole, &rules.code, &rules.toolbox)
        };
        match decision {
            Decision::Wait if !is_long => {
                // Short texts are tried again with each piece.
                self.retry = if text.len() < MAX_HELD { 0 } else { self.at + 2 * text.len() };
                false
            }
            Decision::Calls(mut calls) => {
                self.held = self.text.len();
                self.at = self.held;
                calls.truncate(self.rules.most);
                self.calls += calls.len();
                self.out.extend(calls.into_iter().map(Output::Call));
                self.state = State::Done;
                false
            }
            Decision::Own(length) => {
                // It goes with the call after it.
                self.at += length;
                true
            }
            Decision::Wait | Decision::Text(_) => {
                let length = if let Decision::Text(length) = decision { length } else { MAX_CALL };
                self.vain = self.vain.saturating_sub(length);
                self.retry = 0;
                let c = self.text[self.at..].chars().next().unwrap_or('<');
                self.is_start = false;
                if c == '`' {
                    // It is a fence like any other.
                    return true;
                }
                self.literal(c);
                true
            }
        }
    }

    fn skip_result(&mut self, is_whole: bool) -> bool {
        match self.find_tag(is_whole) {
            Some(tag) if tag.kind == Kind::Result && tag.closes => {
                let rest = &self.text[self.at + tag.length..];
                let Match::Found(length) = tags::closing(rest, is_whole) else { return false };
                self.at += tag.length + length;
                self.state = State::Text;
            }
            Some(tag) if tag.kind == Kind::Call && !tag.closes => self.state = State::Text,
            Some(tag) => {
                self.at += tag.length;
                return true;
            }
            None => return false,
        }
        (self.held, self.line) = (self.at, Line::Blank);
        true
    }

    /// Goes to the next tag of the taught format, or as far as there is none.
    fn find_tag(&mut self, is_whole: bool) -> Option<Tag> {
        loop {
            let rest = &self.text[self.at..];
            let Some(next) = rest.find(['<', '＜']) else {
                self.at = self.text.len();
                return None;
            };
            self.at += next;
            match tags::tag(&self.text[self.at..], &self.rules.code, is_whole) {
                Match::Found(tag) => return Some(tag),
                Match::Unknown => return None,
                Match::Nothing => {
                    self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                }
            }
        }
    }

    fn read_after(&mut self, count: usize, is_whole: bool) -> bool {
        self.state = State::After(count);
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return false };
        if is_space(c) {
            self.at += c.len_utf8();
            return true;
        }
        if matches!(c, '<' | '＜') {
            match tags::tag(rest, &self.rules.code, is_whole) {
                Match::Unknown => return false,
                Match::Found(tag) if tag.closes => {
                    let Match::Found(length) = tags::closing(&rest[tag.length..], is_whole) else {
                        return false;
                    };
                    self.at += tag.length + length;
                    return true;
                }
                Match::Found(tag) => match (tags::head(&rest[tag.length..], is_whole), tag.kind) {
                    (Match::Unknown, _) => return false,
                    (Match::Found(head), Kind::Call) => {
                        self.open(tag, head);
                        return true;
                    }
                    (Match::Found(_), Kind::Result) => {
                        self.state = State::Done;
                        return false;
                    }
                    _ => {}
                },
                Match::Nothing => {}
            }
        }
        self.at += c.len_utf8();
        self.dropped += 1;
        self.state = if count < MAX_BETWEEN { State::After(count + 1) } else { State::Done };
        true
    }

    fn read_call(&mut self, mut block: Block, is_whole: bool) -> bool {
        if self.at - block.from > MAX_CALL {
            self.give_up(&block, "it is too long");
            return false;
        }
        if matches!(block.part, Part::Between) {
            return self.read_between(block, is_whole);
        }
        let tag = self.find_tag(is_whole);
        if self.at - block.from > MAX_CALL {
            self.give_up(&block, "it is too long");
            return false;
        }
        let Some(tag) = tag else {
            if !is_whole {
                self.state = State::Call(block);
                return false;
            }
            match block.part {
                Part::Text(from) if self.is_spoken_of(&block, Some(from)) => return true,
                Part::Text(from) => {
                    let to = self.text.len();
                    self.at = to;
                    self.end(block, Some((from, to)), false);
                }
                Part::Bad(why, _) => self.give_up(&block, why),
                _ => self.give_up(&block, "the text ends within an argument"),
            }
            return false;
        };
        match std::mem::replace(&mut block.part, Part::Between) {
            Part::Value(name, from) => self.end_value(block, tag, (name, from), is_whole),
            Part::Text(from) => self.end_text(block, tag, from, is_whole),
            Part::Bad(why, open) => self.skip_bad(block, tag, (why, open), is_whole),
            Part::Between => true,
        }
    }

    fn end_value(
        &mut self,
        mut block: Block,
        tag: Tag,
        value: (String, usize),
        is_whole: bool,
    ) -> bool {
        let (name, from) = value;
        let text = &self.text[from..self.at];
        match (tag.kind, tag.closes) {
            (Kind::Argument, true) => {
                let rest = &self.text[self.at + tag.length..];
                let Match::Found(length) = tags::closing(rest, is_whole) else {
                    block.part = Part::Value(name, from);
                    self.state = State::Call(block);
                    return false;
                };
                block.arguments.push((name, tags::value(text).to_owned()));
                self.at += tag.length + length;
            }
            (Kind::Argument, false) | (Kind::Call, true) => {
                block.repairs.add(Repair::ClosingTag);
                block.arguments.push((name, tags::value(without_closer(text)).to_owned()));
            }
            (Kind::Call, false) => {
                // A call within an argument, or an argument without an end: nothing tells them apart.
                block.part = Part::Bad("a call begins within an argument", 2);
                self.at += tag.length;
            }
            (Kind::Result, _) => {
                block.part = Part::Bad("a result stands within an argument", 1);
                self.at += tag.length;
            }
        }
        self.state = State::Call(block);
        true
    }

    fn end_text(&mut self, mut block: Block, tag: Tag, from: usize, is_whole: bool) -> bool {
        let to = self.at;
        let is_document = self.text[from..].starts_with('{');
        match (tag.kind, tag.closes) {
            (Kind::Call, true) => {
                let rest = &self.text[to + tag.length..];
                let Match::Found(length) = tags::closing(rest, is_whole) else {
                    block.part = Part::Text(from);
                    self.state = State::Call(block);
                    return false;
                };
                self.at += tag.length + length;
                self.end(block, Some((from, to)), true);
            }
            (Kind::Call | Kind::Result, false) => {
                if !self.is_spoken_of(&block, Some(from)) {
                    self.end(block, Some((from, to)), false);
                }
            }
            (Kind::Argument, false) if !is_document => {
                block.repairs.add(Repair::ArgumentForm);
                self.state = State::Call(block);
            }
            _ => {
                block.part = Part::Bad("text stands beside the arguments", 1);
                self.at += tag.length;
                self.state = State::Call(block);
            }
        }
        true
    }

    fn skip_bad(
        &mut self,
        mut block: Block,
        tag: Tag,
        bad: (&'static str, usize),
        is_whole: bool,
    ) -> bool {
        let (why, open) = bad;
        let mut length = 0;
        if tag.closes {
            let rest = &self.text[self.at + tag.length..];
            let Match::Found(found) = tags::closing(rest, is_whole) else {
                block.part = Part::Bad(why, open);
                self.state = State::Call(block);
                return false;
            };
            length = found;
        }
        self.at += tag.length + length;
        let open = match (tag.kind, tag.closes) {
            (Kind::Call, true) => open - 1,
            (Kind::Call, false) => open + 1,
            _ => open,
        };
        if open == 0 {
            let source = self.source(block.from, self.at);
            self.out.push(Output::Bad { source, why });
            self.state = State::After(0);
        } else {
            block.part = Part::Bad(why, open);
            self.state = State::Call(block);
        }
        true
    }

    fn read_between(&mut self, mut block: Block, is_whole: bool) -> bool {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(is_space).len();
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else {
            if is_whole && (!block.arguments.is_empty() || block.has_ended) {
                self.end(block, None, false);
            } else if is_whole && self.is_spoken_of(&block, None) {
                return true;
            } else if is_whole {
                self.give_up(&block, "it has neither arguments nor an end");
            } else {
                self.state = State::Call(block);
            }
            return false;
        };
        let tag = match tags::tag(rest, &self.rules.code, is_whole) {
            Match::Unknown => {
                self.state = State::Call(block);
                return false;
            }
            Match::Found(tag) => tag,
            Match::Nothing => return self.other_between(block, c, is_whole),
        };
        let rest = &rest[tag.length..];
        if tag.closes {
            let Match::Found(length) = tags::closing(rest, is_whole) else {
                self.state = State::Call(block);
                return false;
            };
            if tag.kind == Kind::Call {
                self.at += tag.length + length;
                self.end(block, None, true);
            } else {
                self.at += tag.length + length;
                block.part = Part::Bad("a tag closes nothing", 1);
                self.state = State::Call(block);
            }
            return true;
        }
        match tag.kind {
            Kind::Argument => match tags::head(rest, is_whole) {
                Match::Unknown => {
                    self.state = State::Call(block);
                    return false;
                }
                Match::Nothing => {
                    self.at += tag.length;
                    block.part = Part::Bad("the name of an argument cannot be read", 1);
                    self.state = State::Call(block);
                }
                Match::Found(head) => self.open_argument(block, tag, head),
            },
            // The opening tag stands there twice.
            Kind::Call if block.arguments.is_empty() && !block.has_ended => {
                match tags::head(rest, is_whole) {
                    Match::Unknown => {
                        self.state = State::Call(block);
                        return false;
                    }
                    Match::Nothing => self.give_up(&block, "its name cannot be read"),
                    Match::Found(head) => {
                        let from = block.from;
                        self.open(tag, head);
                        if let State::Call(opened) = &mut self.state {
                            opened.from = from;
                            opened.repairs.join(block.repairs);
                            opened.repairs.add(Repair::TagForm);
                        }
                    }
                }
            }
            Kind::Call | Kind::Result => self.end(block, None, false),
        }
        true
    }

    fn open_argument(&mut self, mut block: Block, tag: Tag, mut head: tags::Head) {
        let name = head.take(&["name", "key", "arg"]);
        block.repairs.join(tag.repairs);
        block.repairs.join(head.repairs);
        self.at += tag.length + head.length;
        block.part = match name {
            None => Part::Bad("an argument has no name", 1),
            Some(name) if head.closes => {
                let value = head.take(&["value"]).unwrap_or_default();
                block.arguments.push((name, tags::decoded(&value)));
                Part::Between
            }
            Some(name) => Part::Value(name, self.at),
        };
        self.state = State::Call(block);
    }

    /// Other text between arguments.
    fn other_between(&mut self, mut block: Block, c: char, is_whole: bool) -> bool {
        let rest = &self.text[self.at..];
        if c == '<' {
            match foreign_closer(rest) {
                Match::Unknown if !is_whole => {
                    self.state = State::Call(block);
                    return false;
                }
                Match::Found((length, ends)) => {
                    self.at += length;
                    block.has_ended |= ends;
                    block.repairs.add(Repair::ClosingTag);
                    self.state = State::Call(block);
                    return true;
                }
                _ => {}
            }
        }
        if block.has_ended {
            self.end(block, None, false);
        } else {
            block.part = if block.arguments.is_empty() {
                Part::Text(self.at)
            } else {
                Part::Bad("text stands between the arguments", 1)
            };
            self.state = State::Call(block);
        }
        true
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}')
}

/// The length of a closing tag without the code, and whether it is one of a call.
fn foreign_closer(text: &str) -> Match<(usize, bool)> {
    const MAX: usize = 40;
    let Some(inner) = text.strip_prefix("</") else {
        return if text == "<" { Match::Unknown } else { Match::Nothing };
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
    let length = inner.find(|c| !is_part(c)).unwrap_or(inner.len());
    if length > MAX {
        return Match::Nothing;
    }
    let Some(rest) = inner.get(length..).filter(|rest| !rest.is_empty()) else {
        return Match::Unknown;
    };
    if length == 0 || !rest.starts_with('>') {
        return Match::Nothing;
    }
    let word = inner[..length].to_ascii_lowercase();
    let ends = ["call", "tool_call", "function", "invoke", "tool"].iter().any(|end| {
        word == *end || word.strip_prefix(end).is_some_and(|rest| rest.starts_with('-'))
    });
    Match::Found((length + 3, ends))
}

/// The text of an argument without the wrong tag that was to close it.
fn without_closer(text: &str) -> &str {
    let bare = text.trim_end();
    let Some(at) = bare.rfind("</") else { return text };
    let word = bare[at + 2..].strip_suffix('>').unwrap_or_default();
    let is_closer = ["arg", "argument", "param", "parameter", "value"].iter().any(|closer| {
        word == *closer || word.strip_prefix(closer).is_some_and(|rest| rest.starts_with('-'))
    });
    let is_opened = bare.contains(&format!("<{word}"));
    if is_closer && !is_opened { &text[..at] } else { text }
}
