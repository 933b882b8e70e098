//! Folds the events of a stream into a [`Reply`], and tells each step as a [`ReplyEvent`].
//!
//! Text is kept verbatim (protocol 14.4). Only the end of the stream ends a reply: a phase that says
//! `finished` may be followed by another (protocol 7.10).

use serde_json::Value;

use super::search;
use super::thinking::Thinking;
use crate::client::wire::envelope::{Refusal, Verdict};
use crate::client::wire::frame::{Choice, Delta, Extra, Frame, UsageCounts};
use crate::client::wire::json;
use crate::client::wire::lenient::{Object, Text};
use crate::client::wire::repair::repair;
use crate::domain::{Completeness, OtherPart, Reply, ReplyEvent};

/// What the stream has said about its end so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Nothing: an end here is a cut.
    Open,
    /// The answer's phase finished, but in the form that may be followed by more (protocol F53).
    Paused,
    /// The last event of an answer, or an explicit end.
    Finished,
    /// It was stopped on request.
    Stopped,
}

/// A reply in the making.
#[derive(Debug)]
pub struct Fold {
    reply: Reply,
    thinking: Thinking,
    ending: Ending,
    /// Another phase came after answer text: the next answer text is a part of its own.
    part_ended: bool,
    /// Whether any event carried a `status`; streams without one only end by EOF (protocol F58).
    has_status: bool,
    last_queries: Vec<String>,
    /// The last counts that came, as JSON text that nobody has read yet.
    usage: String,
    /// Nobody wants to hear of single deltas.
    is_hushed: bool,
    broken_events: usize,
}

impl Fold {
    /// Begins with `reply`, usually an empty one.
    pub fn new(reply: Reply) -> Self {
        Self {
            reply,
            thinking: Thinking::default(),
            ending: Ending::Open,
            part_ended: false,
            has_status: false,
            last_queries: Vec::new(),
            usage: String::new(),
            is_hushed: false,
            broken_events: 0,
        }
    }

    /// What has come so far. Its usage is that of the last [`Fold::settle`].
    pub fn reply(&self) -> &Reply {
        &self.reply
    }

    /// Emits no [`ReplyEvent::Delta`] any more.
    pub fn hush(&mut self) {
        self.is_hushed = true;
    }

    /// Gives the reply away.
    pub fn into_reply(self) -> Reply {
        self.reply
    }

    /// For what is known from elsewhere than the stream.
    pub fn reply_mut(&mut self) -> &mut Reply {
        &mut self.reply
    }

    /// Whether any event said how far its phase has come.
    pub fn has_status(&self) -> bool {
        self.has_status
    }

    /// Events that could not be read.
    pub fn broken_events(&self) -> usize {
        self.broken_events
    }

    /// How the reply stands if the stream ends here.
    pub fn ending(&self) -> Ending {
        let plain =
            !self.has_status && self.ending == Ending::Open && !self.reply.content.is_empty();
        if plain { Ending::Finished } else { self.ending }
    }

    /// Takes the data of one event; calls `emit` for each step.
    ///
    /// # Errors
    /// The upstream's refusal, when the event is one.
    pub fn event(&mut self, data: &[u8], emit: &mut impl FnMut(ReplyEvent)) -> Result<(), Refusal> {
        let trimmed = data.trim_ascii();
        if trimmed.is_empty() {
            return Ok(());
        }
        if trimmed == b"[DONE]" {
            self.ending = Ending::Finished;
            return Ok(());
        }
        if let Ok(Object(frame)) = json::read::<Object<Frame<'_>>>(trimmed) {
            return frame.map_or(Ok(()), |frame| self.frame(&frame, trimmed, emit));
        }
        let repaired = repair(trimmed);
        if let Ok(Object(frame)) = serde_json::from_str::<Object<Frame<'_>>>(&repaired) {
            return frame.map_or(Ok(()), |frame| self.frame(&frame, repaired.as_bytes(), emit));
        }
        self.broken_events += 1;
        Ok(())
    }

    fn frame(
        &mut self,
        frame: &Frame<'_>,
        json: &[u8],
        emit: &mut impl FnMut(ReplyEvent),
    ) -> Result<(), Refusal> {
        if !self.is_ours(frame) {
            return Ok(());
        }
        self.note_ids(frame, emit);
        if let Some(usage) = frame.counts() {
            self.note_usage(usage);
        }
        if let Some(error) = &frame.error.0 {
            return Err(error.refusal());
        }
        if frame.stopped.0.is_some() {
            self.ending = Ending::Stopped;
        } else if frame.done.0 == Some(true) {
            self.ending = Ending::Finished;
        }
        let mut choices = frame.choices.0.iter().filter_map(|choice| choice.0.as_ref());
        let Some(choice) = choices.next() else { return refusal(json) };
        let is_last = frame.counts().is_none() && frame.timestamp.0.is_none();
        self.choice(choice, is_last, emit)
    }

    /// Frames of another answer are not ours (protocol F62).
    fn is_ours(&self, frame: &Frame<'_>) -> bool {
        let theirs = frame.response_id.non_empty();
        theirs.is_none()
            || self.reply.message_id.is_none()
            || theirs == self.reply.message_id.as_deref()
    }

    fn note_ids(&mut self, frame: &Frame<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let created = frame.created.0.as_ref();
        let id = created.map_or(&frame.response_id, |created| &created.response_id);
        if let Some(prompt_id) = created.and_then(|created| created.parent_id.owned()) {
            self.reply.prompt_id.get_or_insert(prompt_id);
        }
        if self.reply.message_id.is_none() && (created.is_some() || id.non_empty().is_some()) {
            self.reply.message_id = id.owned();
            emit(ReplyEvent::Start {
                chat_id: self.reply.chat_id.clone(),
                message_id: self.reply.message_id.clone(),
                prompt_id: self.reply.prompt_id.clone(),
            });
        }
    }

    /// Counts only grow: those that are shorter than the last may lack some, and do not replace them
    /// unread.
    fn note_usage(&mut self, json: &str) {
        if json.len() < self.usage.len() {
            self.settle();
        }
        self.usage.clear();
        self.usage.push_str(json);
    }

    /// Brings the reply up to date after some events.
    pub fn settle(&mut self) {
        if self.usage.is_empty() {
            return;
        }
        let counts = json::read::<Object<UsageCounts>>(self.usage.as_bytes());
        if let Some(usage) = counts.ok().and_then(|counts| counts.0?.usage()) {
            self.reply.usage = Some(usage);
        }
        self.usage.clear();
    }

    fn choice(
        &mut self,
        choice: &Choice<'_>,
        is_last: bool,
        emit: &mut impl FnMut(ReplyEvent),
    ) -> Result<(), Refusal> {
        let empty = Delta::default();
        let delta = choice.delta.0.as_ref().unwrap_or(&empty);
        let status = delta.status.non_empty();
        self.has_status |= status.is_some();
        if status == Some("error") {
            let error = delta.extra.0.as_ref().and_then(|extra| extra.error.0.as_ref());
            return Err(error.map_or_else(
                || Refusal { details: delta.content.owned(), ..Refusal::default() },
                |error| error.refusal(),
            ));
        }
        let phase = Phase::of(delta);
        self.delta(phase, delta, emit);
        let reason = choice.finish_reason();
        let is_final = reason.is_some();
        self.reply.finish_reason = reason.or(self.reply.finish_reason.take());
        if phase.is_answer() && status == Some("finished") {
            self.ending = if is_last { Ending::Finished } else { Ending::Paused };
        } else if is_final {
            self.ending = Ending::Finished;
        }
        Ok(())
    }

    fn delta(&mut self, phase: Phase<'_>, delta: &Delta<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        if let Some(piece) = delta.reasoning_content.non_empty() {
            self.think(|thinking, text| thinking.push(text, piece), emit);
        }
        if let Some(extra) = &delta.extra.0 {
            self.sources(delta, extra, emit);
        }
        match phase {
            Phase::Answer => self.answer(&delta.content, emit),
            Phase::Control => {}
            _ => {
                self.part_ended |= !self.reply.content.is_empty();
                self.ending = Ending::Open;
                self.aside(phase, delta, emit);
            }
        }
    }

    fn answer(&mut self, content: &Text<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let Some(piece) = content.non_empty() else { return };
        self.think(|thinking, _| thinking.settle(), emit);
        self.ending = Ending::Open;
        let start = self.reply.content.len();
        if std::mem::take(&mut self.part_ended) {
            self.reply.content.push_str("\n\n");
        }
        self.reply.content.push_str(piece);
        if !self.is_hushed {
            emit(ReplyEvent::Delta(self.reply.content[start..].to_owned()));
        }
    }

    /// Phases that do not belong to the text of the answer.
    fn aside(&mut self, phase: Phase<'_>, delta: &Delta<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        match phase {
            Phase::Thinking => {
                if let Some(piece) = delta.content.non_empty() {
                    self.think(|thinking, text| thinking.push(text, piece), emit);
                }
            }
            Phase::Search => {
                if let Some(queries) =
                    search::queries(delta).filter(|queries| *queries != self.last_queries)
                {
                    self.last_queries.clone_from(&queries);
                    emit(ReplyEvent::Search { queries, citations: Vec::new() });
                }
            }
            Phase::Image => {
                if let Some(url) = delta.content.non_empty().filter(|url| url.starts_with("http")) {
                    self.image(url);
                }
            }
            Phase::Other(name) => self.other(name, &delta.content),
            Phase::Answer | Phase::Control | Phase::Function => {}
        }
    }

    /// What a frame brings besides its text: thoughts, search results, images.
    fn sources(&mut self, delta: &Delta<'_>, extra: &Extra<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let list = |snapshot: &Object<crate::client::wire::frame::Snapshot<'_>>| -> Vec<String> {
            let items = snapshot.0.iter().flat_map(|snapshot| &snapshot.content.0);
            items.map(|item| item.0.as_deref().unwrap_or_default().to_owned()).collect()
        };
        let (titles, thoughts) = (list(&extra.summary_title), list(&extra.summary_thought));
        if !titles.is_empty() || !thoughts.is_empty() {
            self.think(|thinking, text| thinking.snapshot(text, &titles, &thoughts), emit);
        }
        self.found(extra, emit);
        if Phase::name(delta).is_some_and(is_image) {
            let drawn = extra.tool_result.as_ref().into_iter().flat_map(image_urls);
            let listed = extra.image_list.0.iter().filter_map(|image| image.0.clone()?.image.0);
            for url in drawn.chain(listed) {
                self.image(&url);
            }
        }
    }

    fn found(&mut self, extra: &Extra<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let found = search::citations(extra, self.reply.citations.len());
        let new: Vec<_> = found
            .into_iter()
            .filter(|citation| {
                !self.reply.citations.iter().any(|known| known.number == citation.number)
            })
            .collect();
        if !new.is_empty() {
            self.reply.citations.extend(new.iter().cloned());
            emit(ReplyEvent::Search { queries: Vec::new(), citations: new });
        }
    }

    fn think(
        &mut self,
        step: impl FnOnce(&mut Thinking, &mut String) -> Option<String>,
        emit: &mut impl FnMut(ReplyEvent),
    ) {
        let text = self.reply.thinking.get_or_insert_default();
        let shown = step(&mut self.thinking, text);
        if text.is_empty() {
            self.reply.thinking = None;
        }
        if let Some(shown) = shown {
            emit(ReplyEvent::Thinking(shown));
        }
    }

    fn image(&mut self, url: &str) {
        if !url.is_empty() && !self.reply.images.iter().any(|known| known == url) {
            self.reply.images.push(url.to_owned());
        }
    }

    fn other(&mut self, phase: &str, content: &Text<'_>) {
        let Some(piece) = content.non_empty() else { return };
        match self.reply.other.last_mut().filter(|part| part.phase == phase) {
            Some(part) => part.content.push_str(piece),
            None => {
                self.reply
                    .other
                    .push(OtherPart { phase: phase.to_owned(), content: piece.to_owned() });
            }
        }
    }

    /// Ends the reply as `completeness`.
    pub fn finish(&mut self, completeness: Completeness, emit: &mut impl FnMut(ReplyEvent)) {
        self.think(|thinking, _| thinking.settle(), emit);
        self.reply.completeness = completeness;
    }
}

/// A control event is either one that we know and may ignore, or a refusal.
fn refusal(json: &[u8]) -> Result<(), Refusal> {
    let verdict = serde_json::from_slice::<Verdict<'_>>(json).ok();
    match verdict.and_then(|verdict| verdict.refusal()) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// The addresses of images in a `tool_result` (protocol 7.9).
fn image_urls(result: &Value) -> Vec<String> {
    let url = |value: &Value| value.get("image").and_then(Value::as_str).map(str::to_owned);
    match result {
        Value::Array(items) => items.iter().filter_map(url).collect(),
        other => {
            other.get("file_path").and_then(Value::as_str).map(str::to_owned).into_iter().collect()
        }
    }
}

/// Whether a phase is about images that the model makes (protocol 7.8).
pub fn is_image(phase: &str) -> bool {
    matches!(
        phase,
        "image_gen"
            | "image_gen_tool"
            | "image_edit"
            | "image_edit_tool"
            | "generate_image"
            | "image"
    )
}

/// What a phase means to us (protocol 7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase<'a> {
    Answer,
    Thinking,
    Search,
    Image,
    /// The result of a tool: never text of the answer.
    Function,
    Control,
    Other(&'a str),
}

impl<'a> Phase<'a> {
    fn of(delta: &'a Delta<'_>) -> Self {
        let name = Self::name(delta);
        if delta.role.non_empty() == Some("function") {
            return if name == Some("web_search") { Self::Search } else { Self::Function };
        }
        match name {
            None | Some("answer" | "ReportGeneration" | "deep_research_answer") => Self::Answer,
            Some("think" | "thinking" | "thinking_summary") => Self::Thinking,
            Some("web_search" | "web_search_image" | "web_extractor") => Self::Search,
            Some(name) if is_image(name) => Self::Image,
            Some("KeepAlive" | "finished" | "null") => Self::Control,
            Some(other) => Self::Other(other),
        }
    }

    fn name(delta: &'a Delta<'_>) -> Option<&'a str> {
        delta.phase.non_empty()
    }

    fn is_answer(self) -> bool {
        matches!(self, Self::Answer | Self::Image)
    }
}
