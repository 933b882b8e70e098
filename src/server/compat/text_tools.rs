//! Tools over the text of an account's answers: the model is told how to write calls, and its text is read
//! for them.
//!
//! What this module keeps true: a call is sent when it is whole and its tool is on offer; what cannot be read
//! is asked for once more and never lost in silence; the code of the marks is in nothing that is sent.

use std::sync::Arc;

use crate::app::history::Message;
use crate::domain::{Error, ErrorKind, Reply, Result};
use crate::tools::catalogue::signature;
use crate::tools::json::Repairs;
use crate::tools::prompt::{Scene, TooLong, Written, new_code};
use crate::tools::reader::{End, MAX_CALLS, Output, Reader, Rules};
use crate::tools::resolve::{Problem, resolve};
use crate::tools::tags::{Body, Candidate, without_code};
use crate::tools::toolbox::Toolbox;
use crate::tools::{Call, Input, Offer, ToolChoice};

/// How the model's answer begins that believes in a tool of its own.
const GHOST: &str = "Tool ";

/// The longest of these answers, in bytes.
const MAX_GHOST: usize = 200;

/// The most names that a question names.
const MAX_NAMES: usize = 60;

/// A piece of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text.
    Text(String),
    /// A call, without an id.
    Call(Call),
}

/// Why there is no call, or not the right one.
#[derive(Debug)]
struct Fault {
    /// In words, for the model and for errors.
    why: String,
    /// What it wrote.
    candidate: Option<Candidate>,
    source: String,
    /// Whether a request that lets the model choose fails with it, too.
    is_fatal: bool,
}

/// Reads one answer, and the one more that it may take.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct TextTools {
    offer: Offer,
    toolbox: Arc<Toolbox>,
    code: String,
    reader: Reader,
    /// Reads what the model thinks, for the code alone.
    thoughts: Reader,
    /// What the model thought.
    thought: String,
    /// The text that was read.
    content: String,
    /// The beginning of the text, as long as it may be an answer of the upstream's own tools.
    opening: Option<String>,
    /// Text of the second answer, which is sent only if there is no call in it.
    second: Option<String>,
    /// The call of the first answer that could not be used.
    rejected: String,
    /// Whether the text holds a call that could not be used.
    shows_calls: bool,
    /// Whether the text of the second answer takes the place of the first one's.
    replaces: bool,
    faults: Vec<Fault>,
    /// How many calls were sent.
    calls: usize,
    /// Calls in the text, which the upstream may have taken as well.
    read: Vec<(String, Input)>,
    has_text: bool,
    has_asked: bool,
    repairs: Vec<Repairs>,
}

impl TextTools {
    /// The tools of `offer`, and the prompt for the messages from the number `from` on.
    ///
    /// # Errors
    /// If the prompt does not fit.
    pub(crate) fn new(
        messages: &[Message],
        offer: &Offer,
        from: usize,
    ) -> Result<(Self, Written), TooLong> {
        let code = new_code(messages, offer);
        let toolbox = Arc::new(Toolbox::new(offer));
        let written = Scene { messages, offer, toolbox: &toolbox, code: &code }.taught(from)?;
        let rules = rules(offer, &toolbox, &code);
        let tools = Self {
            reader: Reader::new(rules.clone()),
            thoughts: Reader::new(Rules { most: 0, ..rules }),
            offer: offer.clone(),
            toolbox,
            code,
            thought: String::new(),
            content: String::new(),
            opening: Some(String::new()),
            second: None,
            rejected: String::new(),
            shows_calls: false,
            replaces: false,
            faults: Vec::new(),
            calls: 0,
            read: Vec::new(),
            has_text: false,
            has_asked: false,
            repairs: Vec::new(),
        };
        Ok((tools, written))
    }

    /// Takes a piece of text of `reply`. What follows a call that the upstream took is about that.
    pub(crate) fn delta(&mut self, piece: &str, reply: Option<&Reply>) -> Vec<Piece> {
        let room = reply
            .filter(|reply| !reply.intercepted.calls.is_empty())
            .map(|reply| reply.intercepted.at.saturating_sub(self.content.len()));
        let piece = room.and_then(|room| piece.get(..room)).unwrap_or(piece);
        self.content.push_str(piece);
        let outputs = self.reader.feed(piece);
        self.take(outputs)
    }

    /// Takes the whole text in place of what came before; `None` if that was something else.
    pub(crate) fn rewrite(&mut self, whole: &str, reply: Option<&Reply>) -> Option<Vec<Piece>> {
        let rest = whole.strip_prefix(self.content.as_str())?.to_owned();
        Some(self.delta(&rest, reply))
    }

    /// Whether text follows a call that the upstream took, so that it may be stopped.
    pub(crate) fn is_past_calls(&self, reply: Option<&Reply>) -> bool {
        reply.is_some_and(|reply| {
            let found = &reply.intercepted;
            !found.calls.is_empty()
                && self.content.len() >= found.at
                && reply.content.len() > found.at
        })
    }

    /// Whether the answer is whole as far as it came: calls, and nothing that is cut.
    pub(crate) fn is_settled(&self) -> bool {
        self.calls > 0 && !self.reader.is_within()
    }

    /// Takes a piece of what the model thinks; returns what may be sent of it.
    pub(crate) fn thinking(&mut self, piece: &str) -> String {
        self.thought.push_str(piece);
        let outputs = self.thoughts.feed(piece);
        outputs.into_iter().map(text_of).collect()
    }

    /// What the model thought, without the code.
    pub(crate) fn clean(&self, text: &str) -> String {
        without_code(text, &self.code)
    }

    /// Whether the calls are over, so that the upstream may be stopped.
    pub(crate) fn is_done(&self) -> bool {
        self.reader.is_done() && self.calls > 0
    }

    /// The repairs so far.
    pub(crate) fn take_repairs(&mut self) -> Vec<Repairs> {
        std::mem::take(&mut self.repairs)
    }

    /// Takes the end of an answer; `is_cut` if it is not whole.
    pub(crate) fn finish(&mut self, is_cut: bool, reply: &Reply) -> Vec<Piece> {
        let end = if is_cut { End::Cut } else { End::Natural };
        let outputs = self.reader.finish(end);
        let mut pieces = self.take(outputs);
        for call in &reply.intercepted.calls {
            let text = match call.input.as_str().trim() {
                "" => "{}".to_owned(),
                text => text.to_owned(),
            };
            let candidate = Candidate {
                name: call.name.clone(),
                body: Body::Text(text),
                repairs: Repairs::default(),
                is_closed: true,
                source: String::new(),
            };
            let read = resolve(&candidate, &self.toolbox, false).ok();
            let is_read = read.is_some_and(|call| self.read.contains(&(call.name, call.input)));
            if !is_read {
                pieces.extend(self.take(vec![Output::Call(candidate)]));
            }
        }
        pieces.extend(self.end_opening(true));
        let is_blank =
            !self.has_text && self.second.as_ref().is_none_or(|text| text.trim().is_empty());
        if self.calls == 0 && is_blank && self.faults.is_empty() && !is_cut {
            // A call may stand at the end of what the model thinks.
            let outputs = self.in_thought();
            pieces.extend(self.take(outputs));
            if self.calls == 0 && self.faults.is_empty() {
                self.fault("your reply was empty", None, String::new(), true);
            }
        }
        self.check_choice(is_cut);
        pieces
    }

    /// The calls at the end of what the model thought.
    fn in_thought(&self) -> Vec<Output> {
        let rules = Rules { takes_foreign: false, ..rules(&self.offer, &self.toolbox, &self.code) };
        let mut reader = Reader::new(rules);
        let mut outputs = reader.feed(&self.thought);
        outputs.extend(reader.finish(End::Natural));
        let is_tail = !outputs.iter().any(|output| matches!(output, Output::Dropped(_)));
        outputs.retain(|output| matches!(output, Output::Call(_)) && is_tail);
        outputs
    }

    fn take(&mut self, outputs: Vec<Output>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for output in outputs {
            match output {
                Output::Text(text) => pieces.extend(self.text(text)),
                Output::Call(candidate) => {
                    if let Some(call) = self.call(&candidate, false) {
                        pieces.extend(self.end_opening(true));
                        pieces.push(call);
                    }
                }
                Output::Bad { source, why } => {
                    self.fault(
                        &format!("your block could not be read: {why}"),
                        None,
                        source,
                        false,
                    );
                }
                Output::Dropped(_) => {}
            }
        }
        pieces
    }

    fn text(&mut self, text: String) -> Option<Piece> {
        if let Some(opening) = &mut self.opening {
            opening.push_str(&text);
            return self.end_opening(false);
        }
        self.send(text)
    }

    /// Sends the beginning of the text unless it may still be an answer of the upstream's own tools.
    fn end_opening(&mut self, is_whole: bool) -> Option<Piece> {
        let opening = self.opening.as_ref()?;
        let trimmed = opening.trim_start();
        let may_be = GHOST.starts_with(trimmed) || trimmed.starts_with(GHOST);
        if may_be && !is_whole && opening.len() <= MAX_GHOST {
            return None;
        }
        let text = self.opening.take()?;
        if is_whole && is_ghost(&text) {
            self.fault("no such tool was called", None, String::new(), true);
            return None;
        }
        self.send(text)
    }

    fn send(&mut self, text: String) -> Option<Piece> {
        if text.is_empty() {
            return None;
        }
        if let Some(second) = &mut self.second {
            second.push_str(&text);
            return None;
        }
        self.has_text |= !text.trim().is_empty();
        Some(Piece::Text(text))
    }

    /// The call that `candidate` stands for, unless it is at fault.
    fn call(&mut self, candidate: &Candidate, guesses: bool) -> Option<Piece> {
        let source = candidate.source.clone();
        let resolved = match resolve(candidate, &self.toolbox, guesses) {
            Ok(resolved) => resolved,
            Err(Problem::Unknown(name)) => {
                let known = self.toolbox.tools().iter().take(MAX_NAMES);
                let known: Vec<_> = known.map(|tool| tool.spoken.as_str()).collect();
                let name: String = name.chars().take(64).collect();
                let why = format!("there is no tool `{name}`; the tools are: {}", known.join(", "));
                self.fault(&why, Some(candidate.clone()), source, false);
                return None;
            }
            Err(Problem::Unreadable) => {
                let of = self.toolbox.find(&candidate.name).map(|(tool, _)| signature(tool));
                let of = of.map_or_else(String::new, |of| format!(" as {of}"));
                let why = format!("the arguments of your block could not be read{of}");
                self.fault(&why, Some(candidate.clone()), source, false);
                return None;
            }
        };
        let forced = match &self.offer.choice {
            ToolChoice::Named(name) if *name != resolved.name => {
                self.fault("your block was for another tool", None, source, true);
                return None;
            }
            choice => matches!(choice, ToolChoice::Named(_) | ToolChoice::Required),
        };
        if !resolved.faults.is_empty() && (resolved.strict || forced) {
            let of = self.toolbox.named(&resolved.name).map(signature).unwrap_or_default();
            let why = format!("{}; the tool is {of}", resolved.faults.join("; "));
            self.fault(&why, None, source, true);
            return None;
        }
        if !resolved.repairs.is_empty() {
            self.repairs.push(resolved.repairs);
        }
        self.calls += 1;
        self.read.push((resolved.name.clone(), resolved.input.clone()));
        Some(Piece::Call(Call { id: String::new(), name: resolved.name, input: resolved.input }))
    }

    fn fault(&mut self, why: &str, candidate: Option<Candidate>, source: String, is_fatal: bool) {
        let why = why.to_owned();
        self.faults.push(Fault { why, candidate, source, is_fatal });
    }

    /// Notes that a demanded call is missing.
    fn check_choice(&mut self, is_cut: bool) {
        let is_demanded = matches!(self.offer.choice, ToolChoice::Required | ToolChoice::Named(_));
        if is_demanded && self.calls == 0 && self.faults.is_empty() && !is_cut {
            self.fault("your reply held no block, and this one has to", None, String::new(), true);
        }
    }

    /// The one question that may follow an answer without a call that should have one.
    pub(crate) fn again(&mut self) -> Option<String> {
        let fault = self.faults.first().filter(|_| self.calls == 0 && !self.has_asked)?;
        let scene =
            Scene { messages: &[], offer: &self.offer, toolbox: &self.toolbox, code: &self.code };
        let is_empty = fault.why.contains("was empty");
        let want = if is_empty { "Answer the last message." } else { "Send only the block." };
        let question = format!("Not done: {}. {want}\n\n{}", fault.why, scene.demand());
        self.has_asked = true;
        let sources = self.faults.drain(..).map(|fault| fault.source);
        self.rejected = sources.into_iter().find(|source| !source.is_empty()).unwrap_or_default();
        self.reader = Reader::new(rules(&self.offer, &self.toolbox, &self.code));
        self.content.clear();
        self.thought.clear();
        self.opening = Some(String::new());
        if !is_empty {
            self.second = Some(String::new());
        }
        Some(question)
    }

    /// Whether the text holds a call that could not be used, for a warning.
    pub(crate) fn shows_calls(&self) -> bool {
        self.shows_calls
    }

    /// Whether the text of the second answer takes the place of the first one's.
    pub(crate) fn replaces(&self) -> bool {
        self.replaces
    }

    /// What is sent in place of a call that never came.
    ///
    /// # Errors
    /// If the request demands a call, or nothing at all came.
    pub(crate) fn rest(&mut self) -> Result<Vec<Piece>> {
        if self.calls > 0 {
            return Ok(Vec::new());
        }
        let faults = std::mem::take(&mut self.faults);
        for fault in faults.iter().filter(|fault| !fault.is_fatal) {
            // Nothing else helps: what is guessed is better than nothing, if it has an end.
            let call = fault.candidate.as_ref().and_then(|candidate| self.call(candidate, true));
            if let Some(call) = call {
                return Ok(vec![call]);
            }
        }
        let is_demanded = matches!(self.offer.choice, ToolChoice::Required | ToolChoice::Named(_));
        let second = self.second.take().unwrap_or_default();
        let sources = faults.iter().map(|fault| fault.source.trim());
        let mut raw = sources.filter(|source| !source.is_empty()).collect::<Vec<_>>().join("\n\n");
        if raw.is_empty() && second.trim().is_empty() {
            raw.clone_from(&self.rejected);
        }
        self.shows_calls = !raw.is_empty();
        self.replaces = !second.trim().is_empty();
        let parts = [second.trim(), raw.as_str()];
        let text = parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>();
        let text = text.join("\n\n");
        if let Some(fault) = faults.iter().find(|fault| fault.is_fatal || is_demanded)
            && (is_demanded || (text.is_empty() && !self.has_text) || !fault.source.is_empty())
        {
            let why = self.clean(&fault.why).replace("your ", "its ");
            let error = Error::new(
                ErrorKind::UpstreamProtocol,
                format!("the model did not call a tool as it has to, asked twice: {why}"),
            );
            return Err(error.with_hint("ask again, or with `\"tool_choice\": \"auto\"`"));
        }
        let text = without_code(&text, &self.code);
        Ok(if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] })
    }

    /// A reply as it may be shown: without the code in what the model thought.
    pub(crate) fn shown(&self, reply: &Reply) -> Reply {
        let mut reply = reply.clone();
        reply.thinking = reply.thinking.map(|text| self.clean(&text));
        reply
    }
}

fn rules(offer: &Offer, toolbox: &Arc<Toolbox>, code: &str) -> Rules {
    Rules {
        code: code.to_owned(),
        toolbox: Arc::clone(toolbox),
        most: if offer.parallel { MAX_CALLS } else { 1 },
        forced: match &offer.choice {
            ToolChoice::Named(name) => Some(name.clone()),
            _ => None,
        },
        takes_foreign: true,
    }
}

fn text_of(output: Output) -> String {
    if let Output::Text(text) = output { text } else { String::new() }
}

/// Whether an answer only says that a tool of the upstream is missing.
fn is_ghost(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(GHOST) && text.len() <= MAX_GHOST && text.contains(" does not exist")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::{Tool, ToolKind};

    #[test]
    fn a_second_call_that_cannot_be_used_is_text() {
        let tool = Tool {
            name: "read".to_owned(),
            description: None,
            parameters: None,
            kind: ToolKind::Function,
            strict: false,
        };
        let offer = Offer { tools: vec![tool], choice: ToolChoice::Auto, parallel: true };
        let messages = [Message::new(crate::tools::Speaker::User, "Read.")];
        let reply = Reply::empty("c1".parse().expect("an id"), "m");
        for (second, expected, replaces) in [
            ("Again.", "Again.\n\n<call tool=\"nope\">\n</call>", true),
            ("", "<call tool=\"nope\">\n</call>", false),
        ] {
            let (mut tools, _) = TextTools::new(&messages, &offer, 0).expect("it fits");
            let block = format!("<call-{0} tool=\"nope\">\n</call-{0}>", tools.code);
            let mut first = tools.delta(&format!("Intro.\n\n{block}"), None);
            first.extend(tools.finish(false, &reply));
            assert_eq!(first, [Piece::Text("Intro.".to_owned())]);
            assert!(tools.again().is_some_and(|prompt| prompt.contains("no tool `nope`")));
            assert_eq!(tools.delta(&format!("{second}\n\n{block}"), None), []);
            assert_eq!(tools.finish(false, &reply), []);
            assert!(tools.again().is_none());
            let rest = tools.rest().expect("text");
            assert_eq!(rest, [Piece::Text(expected.to_owned())]);
            assert!(tools.shows_calls());
            assert_eq!(tools.replaces(), replaces);
        }
    }
}
