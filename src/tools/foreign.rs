//! Calls in the formats that models are trained on. They hold no code, so they may as well be quoted: they
//! are calls only at the end of an answer, alone, with the name and the required arguments of an offered tool.

use super::json::{self, Fault, Json, Repair, Repairs};
use super::resolve::{Problem, resolve};
use super::tags::{self, Body, Candidate, Kind, Match};
use super::toolbox::Toolbox;

/// The longest tag.
const MAX_TAG: usize = 256;

/// What the first key of an object of calls may be.
const KEYS: [&str; 12] = [
    "tool_calls",
    "tool_call",
    "name",
    "tool",
    "tool_name",
    "function",
    "arguments",
    "parameters",
    "args",
    "input",
    "id",
    "type",
];

/// What a text is that begins like a call.
#[derive(Debug)]
pub(crate) enum Decision {
    /// More text decides.
    Wait,
    /// No call, as is known from this many bytes.
    Text(usize),
    /// Calls and nothing else.
    Calls(Vec<Candidate>),
    /// Something of this length before a call of the taught format.
    Own(usize),
}

/// Why reading stops.
enum Stop {
    Wait,
    Text(usize),
}

/// Reads `text`, which begins with a tag; `is_whole` if nothing follows it.
pub(crate) fn blocks(text: &str, is_whole: bool, code: &str, toolbox: &Toolbox) -> Decision {
    let mut reader = Reader { text, at: 0, is_whole, code };
    match reader.calls() {
        Err(Stop::Wait) => Decision::Wait,
        Err(Stop::Text(length)) => Decision::Text(length),
        Ok(None) => Decision::Own(reader.at),
        Ok(Some(calls)) => checked(calls, text.len(), toolbox),
    }
}

/// Reads `text`, which is the whole answer so far and begins with a bracket or a fence. With `forced`, an
/// object may be the arguments of that tool.
pub(crate) fn document(
    text: &str,
    is_whole: bool,
    toolbox: &Toolbox,
    forced: Option<&str>,
) -> Decision {
    let mut at = 0;
    let has_fence = text.starts_with("```");
    if has_fence {
        let Some(end) = text.find('\n') else {
            return if is_whole { Decision::Text(text.len()) } else { Decision::Wait };
        };
        let language = text[3..end].trim();
        if !["", "json", "tool_call", "tool_calls", "tool_code"].contains(&language) {
            return Decision::Text(end);
        }
        at = end + 1;
    }
    let (value, repairs) = match json::prefix(&text[at..]) {
        Err(Fault::At(fault)) => return Decision::Text(at + fault),
        Err(Fault::End) if is_whole => return Decision::Text(text.len()),
        Err(Fault::End) => {
            let is_call = forced.is_some() || may_be_calls(&text[at..], toolbox);
            return if is_call { Decision::Wait } else { Decision::Text(text.len().min(MAX_TAG)) };
        }
        Ok((value, length, repairs)) => {
            at += length;
            (value, repairs)
        }
    };
    let rest = text[at..].trim_start();
    let rest = if has_fence {
        match rest.strip_prefix("```") {
            Some(rest) => rest.trim_start(),
            None if "```".starts_with(rest) && !is_whole => return Decision::Wait,
            None => return Decision::Text(at),
        }
    } else {
        rest
    };
    if !rest.is_empty() {
        return Decision::Text(at);
    }
    let candidates = listed(&value, repairs);
    let checked = checked(candidates, at, toolbox);
    match (checked, forced) {
        (Decision::Text(_), Some(name)) if matches!(value, Json::Object(_)) => {
            let mut repairs = repairs;
            repairs.add(Repair::NamePlace);
            let body = Body::Json(value);
            let (name, source) = (name.to_owned(), String::new());
            let call = Candidate { name, body, repairs, is_closed: true, source };
            self::checked(vec![call], at, toolbox).when(is_whole)
        }
        (decision, _) => decision.when(is_whole),
    }
}

impl Decision {
    /// Calls are decided at the end.
    fn when(self, is_whole: bool) -> Self {
        if matches!(self, Self::Calls(_)) && !is_whole { Self::Wait } else { self }
    }
}

/// Whether an object that is not whole yet may hold calls.
fn may_be_calls(text: &str, toolbox: &Toolbox) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix('[').unwrap_or(text).trim_start();
    let Some(text) = text.strip_prefix('{') else { return text.is_empty() };
    let text = text.trim_start();
    if text.is_empty() {
        return true;
    }
    let Ok((Json::Text(key), length, _)) = json::prefix(text) else {
        return text.len() < MAX_TAG && text.starts_with(['"', '\'', '“']);
    };
    if !KEYS.contains(&key.as_str()) {
        return false;
    }
    let rest = text[length..].trim_start();
    let Some(value) = rest.strip_prefix(':') else { return rest.is_empty() };
    let is_name = ["name", "tool", "tool_name"].contains(&key.as_str());
    match json::prefix(value.trim_start()) {
        Ok((Json::Text(name), ..)) if is_name => toolbox.find(&name).is_some(),
        _ => true,
    }
}

/// Calls, if all of them are calls of offered tools with all that is required.
fn checked(calls: Vec<Candidate>, length: usize, toolbox: &Toolbox) -> Decision {
    let is_call = |call: &Candidate| match resolve(call, toolbox, false) {
        Ok(resolved) => !resolved.faults.iter().any(|fault| fault.contains("lack")),
        Err(Problem::Unknown(_) | Problem::Unreadable) => false,
    };
    if !calls.is_empty() && calls.iter().all(is_call) {
        Decision::Calls(calls)
    } else {
        Decision::Text(length)
    }
}

/// The calls in a JSON value.
fn listed(value: &Json, repairs: Repairs) -> Vec<Candidate> {
    let list = ["tool_calls", "tool_call"].iter().find_map(|key| value.get(key));
    match list.unwrap_or(value) {
        Json::List(items) => items.iter().map(|item| of_json(item.clone(), repairs)).collect(),
        value => vec![of_json(value.clone(), repairs)],
    }
}

fn of_json(value: Json, mut repairs: Repairs) -> Candidate {
    repairs.add(Repair::Dialect);
    let (name, source) = (String::new(), String::new());
    Candidate { name, body: Body::Json(value), repairs, is_closed: true, source }
}

/// What a tag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Around calls.
    List,
    /// Around one call, which may be JSON.
    Call,
    /// Around the arguments of one call.
    Function,
    /// Around one argument.
    Argument,
}

struct Tag {
    role: Role,
    closes: bool,
    /// The name that it gives.
    name: String,
    length: usize,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    is_whole: bool,
    code: &'a str,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn stop<T>(&self) -> Result<T, Stop> {
        Err(Stop::Text(self.at.max(1)))
    }

    /// More text is needed, unless there is none.
    fn wait<T>(&self) -> Result<T, Stop> {
        if self.is_whole { Err(Stop::Text(self.text.len())) } else { Err(Stop::Wait) }
    }

    /// The calls up to the end; `None` if a call of the taught format stands here.
    fn calls(&mut self) -> Result<Option<Vec<Candidate>>, Stop> {
        let mut calls = Vec::new();
        loop {
            self.spaces();
            if self.rest().is_empty() {
                return if self.is_whole { Ok(Some(calls)) } else { Err(Stop::Wait) };
            }
            match tags::tag(self.rest(), self.code, self.is_whole) {
                Match::Found(tag) if tag.kind == Kind::Call && !tag.closes => return Ok(None),
                Match::Found(_) => return self.stop(),
                Match::Unknown => return Err(Stop::Wait),
                Match::Nothing => {}
            }
            let from = self.at;
            let tag = self.tag(from)?;
            self.at += tag.length;
            match (tag.role, tag.closes) {
                (_, true) | (Role::List, false) => {}
                (Role::Call, false) if tag.name.is_empty() => {
                    self.spaces();
                    if self.rest().is_empty() {
                        return self.wait();
                    }
                    if self.rest().starts_with(['{', '[']) {
                        let (value, repairs) = self.json()?;
                        calls.extend(listed(&value, repairs));
                    } else if !self.rest().starts_with('<') {
                        return self.stop();
                    }
                }
                (Role::Call | Role::Function, false) => calls.push(self.function(tag.name)?),
                (Role::Argument, false) => {
                    self.at = from;
                    return self.stop();
                }
            }
        }
    }

    fn json(&mut self) -> Result<(Json, Repairs), Stop> {
        match json::prefix(self.rest()) {
            Ok((value, length, repairs)) => {
                self.at += length;
                Ok((value, repairs))
            }
            // The end of the answer closes what only lacks brackets.
            Err(Fault::End) => self.wait(),
            Err(Fault::At(at)) => Err(Stop::Text(self.at + at)),
        }
    }

    fn function(&mut self, name: String) -> Result<Candidate, Stop> {
        let mut repairs = Repairs::default();
        repairs.add(Repair::Dialect);
        let mut arguments = Vec::new();
        loop {
            self.spaces();
            let rest = self.rest();
            if rest.is_empty() {
                if !self.is_whole {
                    return Err(Stop::Wait);
                }
                break;
            }
            if arguments.is_empty() && rest.starts_with('{') {
                let (value, found) = self.json()?;
                repairs.join(found);
                let source = String::new();
                return Ok(Candidate {
                    name,
                    body: Body::Json(value),
                    repairs,
                    is_closed: true,
                    source,
                });
            }
            if !rest.starts_with('<') {
                return self.stop();
            }
            let tag = self.tag(self.at)?;
            match (tag.role, tag.closes) {
                (Role::Argument, false) => {
                    self.at += tag.length;
                    let value = self.argument()?;
                    arguments.push((tag.name, tags::value(value).to_owned()));
                }
                (Role::Argument, true) => self.at += tag.length,
                (_, true) => {
                    self.at += tag.length;
                    break;
                }
                (_, false) => break,
            }
        }
        let body = Body::Arguments(arguments);
        Ok(Candidate { name, body, repairs, is_closed: true, source: String::new() })
    }

    /// The text of an argument: up to a closing tag that something of the format follows, or, without
    /// one, up to the next argument or the end of the call.
    fn argument(&mut self) -> Result<&'a str, Stop> {
        let from = self.at;
        loop {
            let Some(next) = self.text[self.at..].find('<') else { return self.wait() };
            let at = self.at + next;
            self.at = at + 1;
            let tag = match self.tag(at) {
                Ok(tag) => tag,
                Err(Stop::Wait) => return Err(Stop::Wait),
                Err(Stop::Text(_)) => continue,
            };
            let is_end = match (tag.role, tag.closes) {
                (Role::Argument, true) => self.is_followed(at + tag.length)?,
                (Role::Argument, false) => self.text[from..at].ends_with('\n'),
                (_, closes) => closes,
            };
            if is_end {
                let is_own = tag.role == Role::Argument && tag.closes;
                self.at = if is_own { at + tag.length } else { at };
                return Ok(&self.text[from..at]);
            }
        }
    }

    /// Whether a tag of the format or the end stands at `at`, spaces aside.
    fn is_followed(&self, at: usize) -> Result<bool, Stop> {
        let rest = self.text[at..].trim_start();
        if rest.is_empty() {
            return if self.is_whole { Ok(true) } else { Err(Stop::Wait) };
        }
        match self.tag(self.text.len() - rest.len()) {
            Ok(_) => Ok(true),
            Err(Stop::Wait) => Err(Stop::Wait),
            Err(Stop::Text(_)) => Ok(false),
        }
    }

    /// The tag at `at`, whatever stands around its name.
    fn tag(&self, at: usize) -> Result<Tag, Stop> {
        let text = &self.text[at..];
        let no = Err(Stop::Text(at.max(1)));
        let Some(inner) = text.strip_prefix('<') else { return no };
        let Some(end) = inner.bytes().take(MAX_TAG).position(|byte| matches!(byte, b'>' | b'<'))
        else {
            return if inner.len() < MAX_TAG && !self.is_whole { Err(Stop::Wait) } else { no };
        };
        if inner.as_bytes()[end] == b'<' {
            return no;
        }
        let length = end + 2;
        let bars = ['|', '｜', '▁', ' '];
        let inner = inner[..end].trim_matches(bars);
        let (closes, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let inner = inner.trim_matches(bars);
        let inner = inner.strip_prefix("DSML").unwrap_or(inner).trim_matches(bars);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
        let word = &inner[..inner.find(|c| !is_part(c)).unwrap_or(inner.len())];
        let rest = &inner[word.len()..];
        if !rest.is_empty() && !rest.starts_with([' ', '\n', '=', '/', '|', '｜']) {
            return no;
        }
        let rest = rest.trim();
        let role = match word.rsplit(':').next().unwrap_or(word).to_ascii_lowercase().as_str() {
            "tool_calls" | "function_calls" | "tool_ccalls" | "calls" => Role::List,
            "tool_call" | "toolcall" => Role::Call,
            "function" | "invoke" | "call" => Role::Function,
            "parameter" | "param" | "arg" | "argument" => Role::Argument,
            _ => return no,
        };
        let name = match rest.strip_prefix('=') {
            Some(name) => name.trim().trim_matches(['"', '\'', '“', '”', '‘', '’']).to_owned(),
            None if rest.is_empty() || closes => String::new(),
            None => match tags::head(&format!("{rest}>"), true) {
                Match::Found(mut head) => head.take(&["name", "tool", "key"]).unwrap_or_default(),
                _ => String::new(),
            },
        };
        let needs_name = matches!(role, Role::Function | Role::Argument) && !closes;
        if needs_name && name.is_empty() { no } else { Ok(Tag { role, closes, name, length }) }
    }
}
