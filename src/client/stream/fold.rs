//! Folds the events of a stream into a [`Reply`] and emits a [`ReplyEvent`] for each step.
//!
//! Text is kept verbatim (protocol 14.4). Only the end of the stream ends a reply: after a phase with status
//! `finished` another may follow (protocol 7.10).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use super::thinking::{Change, Thinking};
use crate::client::wire::envelope::{Refusal, Verdict};
use crate::client::wire::frame::{
    Choice, Delta, Extra, Frame, FunctionCall, Phase, SearchHit, Snapshot, UsageCounts, number,
};
use crate::client::wire::lenient::{Int, List, Object, Text};
use crate::domain::{Call, Citation, Completeness, Input, OtherPart, Reply, ReplyEvent};
use crate::net::json::{self, Joiner};

/// The most sources, images and parts of other phases that are kept of one answer.
const MAX_ITEMS: usize = 10_000;

/// How the stream stands if it ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Unfinished: an end here is a cut.
    Open,
    /// The answer's phase finished in the form that more may follow (protocol F53).
    Paused,
    /// The last event of an answer, or an explicit end.
    Finished,
    /// Stopped on request.
    Stopped,
}

/// A growing reply.
#[derive(Debug)]
pub struct Fold {
    reply: Reply,
    thinking: Thinking,
    /// Thoughts that are blank so far: these are none.
    blank: String,
    /// How much of the text is final, in bytes, if the rest may still turn out to be thoughts.
    final_text: Option<usize>,
    ending: Ending,
    /// Another phase followed answer text: the next answer text starts a new paragraph.
    part_ended: bool,
    /// Whether any event had a `status`; a stream without one ends only at EOF (protocol F58).
    has_status: bool,
    last_queries: Vec<String>,
    /// The numbers of the sources.
    sources: HashSet<u32>,
    /// The latest usage counts, as unparsed JSON.
    usage: String,
    /// Whether [`ReplyEvent::Delta`]s are suppressed.
    is_hushed: bool,
    broken_events: usize,
    /// Join characters that are cut in two, in the text and in the thoughts.
    text_joiner: Joiner,
    thought_joiner: Joiner,
}

impl Fold {
    /// Starts with `reply`, usually an empty one.
    pub fn new(reply: Reply) -> Self {
        Self {
            reply,
            thinking: Thinking::default(),
            blank: String::new(),
            final_text: None,
            ending: Ending::Open,
            part_ended: false,
            has_status: false,
            last_queries: Vec::new(),
            sources: HashSet::new(),
            usage: String::new(),
            is_hushed: false,
            broken_events: 0,
            text_joiner: Joiner::default(),
            thought_joiner: Joiner::default(),
        }
    }

    /// The reply so far. Its usage is as of the last [`Fold::settle`].
    pub fn reply(&self) -> &Reply {
        &self.reply
    }

    /// Emits no more [`ReplyEvent::Delta`]s.
    pub fn hush(&mut self) {
        self.is_hushed = true;
    }

    /// Whether it emits no more [`ReplyEvent::Delta`]s.
    pub(crate) fn is_hushed(&self) -> bool {
        self.is_hushed
    }

    /// Returns the reply.
    pub fn into_reply(self) -> Reply {
        self.reply
    }

    /// For data from outside the stream.
    pub fn reply_mut(&mut self) -> &mut Reply {
        &mut self.reply
    }

    /// How much of the thoughts and of the text will not change any more, in bytes.
    pub(crate) fn final_lengths(&self) -> (usize, usize) {
        let thinking =
            self.reply.thinking.as_deref().map_or(0, |text| self.thinking.final_length(text));
        (thinking, self.final_text.unwrap_or(self.reply.content.len()))
    }

    /// Whether any event had a `status`.
    pub fn has_status(&self) -> bool {
        self.has_status
    }

    /// Number of unreadable events.
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
    /// The upstream's refusal, if the event is one.
    pub fn event(&mut self, data: &[u8], emit: &mut impl FnMut(ReplyEvent)) -> Result<(), Refusal> {
        let trimmed = data.trim_ascii();
        if trimmed.is_empty() {
            return Ok(());
        }
        if trimmed == b"[DONE]" {
            self.ending = Ending::Finished;
            return Ok(());
        }
        match json::strict::<Object<Frame<'_>>>(trimmed) {
            Ok(Object(frame)) => frame.map_or(Ok(()), |frame| self.frame(&frame, trimmed, emit)),
            Err(_) => self.defective(trimmed, emit),
        }
    }

    /// Takes an event that is not quite JSON. Damage in a text does no harm; damage in the name of a member
    /// or in a value that decides what the text is may hide some of it.
    fn defective(&mut self, data: &[u8], emit: &mut impl FnMut(ReplyEvent)) -> Result<(), Refusal> {
        let repaired = json::repair(data);
        let plain = json::plain(&repaired.text);
        let Ok(Object(frame)) = serde_json::from_str::<Object<Frame<'_>>>(&plain) else {
            self.broken_events += 1;
            return Ok(());
        };
        let Some(mut frame) = frame else { return Ok(()) };
        if repaired.has_bad_name || frame.has_bad_structure() {
            self.broken_events += 1;
            return Ok(());
        }
        if let Ok(Object(Some(halves))) = serde_json::from_str(&repaired.text) {
            frame.take_texts(halves);
        }
        self.frame(&frame, plain.as_bytes(), emit)
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
        if let Some(info) = &frame.info.0 {
            self.info(info.action.non_empty().unwrap_or_default(), emit);
        }
        let mut choices = frame.choices.0.iter().filter_map(|choice| choice.0.as_ref());
        let Some(choice) = choices.next() else { return refusal(json) };
        let is_last = frame.counts().is_none() && frame.timestamp.0.is_none();
        self.choice(choice, is_last, emit)
    }

    fn info(&mut self, action: &str, emit: &mut impl FnMut(ReplyEvent)) {
        match action {
            "provisional" => self.final_text = Some(self.reply.content.len()),
            "settled" => self.final_text = None,
            "recast" => {
                self.final_text = None;
                self.part_ended = false;
                let end = self.text_joiner.finish();
                let mut text = std::mem::take(&mut self.reply.content);
                text.push_str(end.unwrap_or_default());
                emit(ReplyEvent::Rewrite(String::new()));
                self.think(|thinking, thoughts| thinking.push(thoughts, &text), emit);
            }
            _ => {}
        }
    }

    /// Skips frames of another answer (protocol F62, F110).
    fn is_ours(&self, frame: &Frame<'_>) -> bool {
        if frame.is_other_candidate() {
            return false;
        }
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

    /// Counts only grow: shorter JSON may lack some of the previous counts, so those are parsed first.
    fn note_usage(&mut self, json: &str) {
        if json.len() < self.usage.len() {
            self.settle();
        }
        self.usage.clear();
        self.usage.push_str(json);
    }

    /// Parses the latest usage counts. For the end of a batch of events.
    pub fn settle(&mut self) {
        if self.usage.is_empty() {
            return;
        }
        let counts = json::strict::<Object<UsageCounts>>(self.usage.as_bytes());
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
        self.thought(&delta.reasoning_content, emit);
        if let Some(extra) = &delta.extra.0 {
            self.sources(delta, extra, emit);
        }
        if let (Phase::Answer, Some(call)) = (phase, &delta.function_call.0) {
            self.intercept(call);
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

    /// Takes a call that the upstream took out of the text: its arguments grow from event to event, and
    /// begin anew with each call.
    fn intercept(&mut self, call: &FunctionCall<'_>) {
        let name = call.name.non_empty().unwrap_or_default();
        let arguments = match &call.arguments {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let found = &mut self.reply.intercepted;
        if found.calls.is_empty() {
            found.at = self.reply.content.len();
        }
        let last = found.calls.last().map(|last| last.name.clone()).unwrap_or_default();
        let is_same = name.starts_with(&last) || last.starts_with(name);
        let has_room = found.calls.len() < MAX_ITEMS;
        match found.calls.last_mut() {
            Some(call) if is_same && arguments.starts_with(call.input.as_str()) => {
                if name.len() > call.name.len() {
                    name.clone_into(&mut call.name);
                }
                call.input = Input::Json(arguments);
            }
            _ if has_room && !(name.is_empty() && last.is_empty()) => {
                let name = if name.is_empty() { last } else { name.to_owned() };
                found.calls.push(Call { id: String::new(), name, input: Input::Json(arguments) });
            }
            _ => {}
        }
    }

    fn thought(&mut self, content: &Text<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let Some(piece) = content.non_empty() else { return };
        let piece = self.thought_joiner.push(piece);
        self.think(|thinking, text| thinking.push(text, &piece), emit);
    }

    /// Ends the thoughts, which may continue after more text.
    fn end_thoughts(&mut self, emit: &mut impl FnMut(ReplyEvent)) {
        let end = self.thought_joiner.finish();
        if let Some(end) = end {
            self.think(|thinking, text| thinking.push(text, end), emit);
        }
        self.thinking.settle();
    }

    fn answer(&mut self, content: &Text<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let Some(piece) = content.non_empty() else { return };
        let piece = self.text_joiner.push(piece);
        self.end_thoughts(emit);
        self.write(&piece, emit);
    }

    fn write(&mut self, piece: &str, emit: &mut impl FnMut(ReplyEvent)) {
        if piece.is_empty() {
            return;
        }
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

    /// Handles phases outside the text of the answer.
    fn aside(&mut self, phase: Phase<'_>, delta: &Delta<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        match phase {
            Phase::Thinking => self.thought(&delta.content, emit),
            Phase::Search => {
                if let Some(queries) =
                    queries(delta).filter(|queries| *queries != self.last_queries)
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

    /// Takes what a frame brings besides its text: thoughts, search results, images.
    fn sources(&mut self, delta: &Delta<'_>, extra: &Extra<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let list = |snapshot: &Object<Snapshot<'_>>| -> Vec<String> {
            let items = snapshot.0.iter().flat_map(|snapshot| &snapshot.content.0);
            items.map(|item| item.0.as_deref().unwrap_or_default().to_owned()).collect()
        };
        let (titles, thoughts) = (list(&extra.summary_title), list(&extra.summary_thought));
        if !titles.is_empty() || !thoughts.is_empty() {
            self.think(|thinking, text| thinking.snapshot(text, &titles, &thoughts), emit);
        }
        self.found(extra, emit);
        if Phase::named(delta.phase.non_empty()) == Phase::Image {
            let drawn = extra.tool_result.as_ref().into_iter().flat_map(image_urls);
            let listed = extra.image_list.0.iter().filter_map(|image| image.0.clone()?.image.0);
            for url in drawn.chain(listed) {
                self.image(&url);
            }
        }
    }

    fn found(&mut self, extra: &Extra<'_>, emit: &mut impl FnMut(ReplyEvent)) {
        let room = MAX_ITEMS - self.reply.citations.len();
        let found = citations(extra, self.reply.citations.len());
        let new = found.into_iter().filter(|citation| self.sources.insert(citation.number));
        let new: Vec<_> = new.take(room).collect();
        if !new.is_empty() {
            self.reply.citations.extend(new.iter().cloned());
            emit(ReplyEvent::Search { queries: Vec::new(), citations: new });
        }
    }

    fn think(
        &mut self,
        step: impl FnOnce(&mut Thinking, &mut String) -> Change,
        emit: &mut impl FnMut(ReplyEvent),
    ) {
        let Some(text) = &mut self.reply.thinking else {
            step(&mut self.thinking, &mut self.blank);
            if !self.blank.trim().is_empty() {
                let text = std::mem::take(&mut self.blank);
                emit(ReplyEvent::Thinking(text.clone()));
                self.reply.thinking = Some(text);
            }
            return;
        };
        match step(&mut self.thinking, text) {
            Change::None => {}
            Change::Added(before) => emit(ReplyEvent::Thinking(text[before..].to_owned())),
            Change::Replaced => emit(ReplyEvent::RewriteThinking(text.clone())),
        }
    }

    fn image(&mut self, url: &str) {
        let images = &self.reply.images;
        if !url.is_empty() && images.len() < MAX_ITEMS && !images.iter().any(|known| known == url) {
            self.reply.images.push(url.to_owned());
        }
    }

    fn other(&mut self, phase: &str, content: &Text<'_>) {
        let Some(piece) = content.non_empty() else { return };
        let is_full = self.reply.other.len() >= MAX_ITEMS;
        match self.reply.other.last_mut().filter(|part| part.phase == phase) {
            Some(part) => part.content.push_str(piece),
            None if is_full => {}
            None => {
                self.reply
                    .other
                    .push(OtherPart { phase: phase.to_owned(), content: piece.to_owned() });
            }
        }
    }

    /// Ends the reply with `completeness`.
    pub fn finish(&mut self, completeness: Completeness, emit: &mut impl FnMut(ReplyEvent)) {
        self.end_thoughts(emit);
        let end = self.text_joiner.finish();
        self.write(end.unwrap_or_default(), emit);
        self.reply.completeness = completeness;
    }
}

/// A frame without choices is a refusal, or a control event to ignore.
fn refusal(json: &[u8]) -> Result<(), Refusal> {
    let verdict = json::strict::<Verdict<'_>>(json).ok();
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchResult {
    docs: List<Object<SearchHit>>,
    used_id: Int,
}

/// The sources in a search result, after `known` earlier ones of the same turn.
fn citations(extra: &Extra<'_>, known: usize) -> Vec<Citation> {
    let result =
        extra.tool_result.as_ref().and_then(|result| SearchResult::deserialize(result).ok());
    let (documents, used_id) = match result {
        Some(result) if !result.docs.0.is_empty() => (result.docs.0, result.used_id.unsigned()),
        result => {
            (extra.web_search_info.0.clone(), result.and_then(|result| result.used_id.unsigned()))
        }
    };
    number(documents, used_id, known)
}

/// The search queries of the model, once its arguments are complete.
fn queries(delta: &Delta<'_>) -> Option<Vec<String>> {
    let arguments = delta.function_call.0.as_ref()?.arguments.as_ref()?;
    let parsed = match arguments {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let queries = parsed.get("queries")?.as_array()?;
    let queries = queries.iter().filter_map(Value::as_str).filter(|query| !query.trim().is_empty());
    let queries: Vec<_> = queries.map(str::to_owned).collect();
    (!queries.is_empty()).then_some(queries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::FinishReason;
    use crate::net::sse::Decoder;

    fn numbers(extra: &str, known: usize) -> Vec<u32> {
        let extra: Extra<'_> = serde_json::from_str(extra).expect(extra);
        citations(&extra, known).iter().map(|citation| citation.number).collect()
    }

    #[test]
    fn documents_are_numbered_back_from_used_id_and_else_by_position() {
        let docs = r#"[{"url":"https://a.example","title":"A"},{"url":"https://b.example"}]"#;
        assert_eq!(
            numbers(&format!(r#"{{"tool_result":{{"docs":{docs},"used_id":8}}}}"#), 0),
            [6, 7]
        );
        assert_eq!(numbers(&format!(r#"{{"tool_result":{{"docs":{docs}}}}}"#), 3), [4, 5]);
        assert_eq!(numbers(&format!(r#"{{"web_search_info":{docs}}}"#), 0), [1, 2]);
        assert_eq!(
            numbers(&format!(r#"{{"tool_result":{{"used_id":0}},"web_search_info":{docs}}}"#), 0),
            [1, 2]
        );
        assert_eq!(numbers(r#"{"tool_result":[{"image":"u"}]}"#, 0), [0_u32; 0]);
    }

    const CREATED: &str = "data: {\"response.created\":{\"chat_id\": \"C1\", \"parent_id\": \"U1\", \"response_id\":\"R1\", \"response_index\": \"0\"}} \n\n";
    const END: &str = "data: {\"choices\": [{\"delta\": {\"content\": \"\", \"role\": \"assistant\", \"status\": \"finished\", \"phase\": \"answer\"}}], \"response_id\": \"R1\"}\n\n\n";

    fn delta(text: &str) -> String {
        phase("answer", text)
    }

    fn phase(phase: &str, text: &str) -> String {
        format!(
            "data: {{\"choices\": [{{\"delta\": {{\"role\": \"assistant\", \"content\": {}, \"phase\": \"{phase}\", \"status\": \"typing\"}}}}], \"response_id\": \"R1\", \"usage\": {{\"input_tokens\": 20, \"output_tokens\": 1, \"total_tokens\": 21}}, \"timestamp\": 1790000002}}\n\n",
            serde_json::json!(text)
        )
    }

    struct Outcome {
        fold: Fold,
        events: Vec<ReplyEvent>,
        refusal: Option<Refusal>,
    }

    fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
        let mut decoder = Decoder::default();
        let mut fold = Fold::new(Reply::empty("C1".parse().expect("an id"), "m"));
        let (mut events, mut refusal) = (Vec::new(), None);
        let mut take = |data: &[u8]| {
            if let Err(error) = fold.event(data, &mut |event| events.push(event)) {
                refusal.get_or_insert(error);
            }
        };
        for piece in pieces {
            decoder.feed(piece, &mut take).expect("short events");
        }
        decoder.finish(&mut take).expect("short events");
        fold.settle();
        Outcome { fold, events, refusal }
    }

    fn content_of(text: &str) -> String {
        run([text.as_bytes()]).fold.reply().content.clone()
    }

    #[test]
    fn plain_answer_is_assembled() {
        let text = [CREATED, &delta("Hello"), &delta(", wörld"), &delta(""), END].concat();
        let outcome = run([text.as_bytes()]);
        let reply = outcome.fold.reply();
        assert_eq!(reply.content, "Hello, wörld");
        assert_eq!(
            (reply.message_id.as_deref(), reply.prompt_id.as_deref()),
            (Some("R1"), Some("U1"))
        );
        assert_eq!(reply.usage.map(|usage| usage.total_tokens), Some(21));
        assert_eq!(outcome.fold.ending(), Ending::Finished);
        assert!(matches!(
            outcome.events[..],
            [ReplyEvent::Start { .. }, ReplyEvent::Delta(_), ReplyEvent::Delta(_)]
        ));
    }

    #[test]
    fn f57_pieces_are_increments_even_when_they_look_cumulative() {
        let text = [CREATED, &delta("a"), &delta("aa"), &delta("a"), END].concat();
        assert_eq!(content_of(&text), "aaaa");
    }

    #[test]
    fn only_the_last_form_of_finished_ends_an_answer() {
        let finished = "data: {\"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"\", \"phase\": \"answer\", \"status\": \"finished\"}}], \"response_id\": \"R1\", \"timestamp\": 1790000003}\n\n";
        let head = [CREATED, &delta("Let me look."), finished].concat();
        assert_eq!(run([head.as_bytes()]).fold.ending(), Ending::Paused);
        let searched = [head.as_str(), &phase("web_search", ""), &delta("It rains.")].concat();
        let outcome = run([searched.as_bytes()]);
        assert_eq!(outcome.fold.ending(), Ending::Open);
        assert_eq!(outcome.fold.reply().content, "Let me look.\n\nIt rains.");
    }

    #[test]
    fn the_last_finish_reason_is_kept() {
        let event = |reason: &str| {
            format!(
                "data: {{\"choices\": [{{\"delta\": {{\"content\": \"a\"}}, \"finish_reason\": {reason}}}]}}\n\n"
            )
        };
        for (reasons, expected) in [
            (&["null", "\"stop\""][..], Some(FinishReason::Stop)),
            (&["\"stop\"", "\"length\"", "null"], Some(FinishReason::Length)),
            (&["\"content_filter\""], Some(FinishReason::ContentFilter)),
            (&["\"tool_calls\""], Some(FinishReason::ToolCalls)),
            (&["\"eos\""], Some(FinishReason::Other("eos".to_owned()))),
            (&["null", "\"\""], None),
        ] {
            let text: String = reasons.iter().map(|reason| event(reason)).collect();
            let outcome = run([CREATED.as_bytes(), text.as_bytes()]);
            assert_eq!(outcome.fold.reply().finish_reason, expected, "{reasons:?}");
            assert_eq!(outcome.fold.ending(), Ending::Finished);
        }
    }

    #[test]
    fn f59_odd_events_are_skipped() {
        for odd in [
            "null",
            "{}",
            "[1]",
            "\"text\"",
            "7",
            "{\"choices\": null}",
            "{\"choices\": []}",
            "{\"choices\": [{\"delta\": null}]}",
            "{\"choices\": [{}]}",
            "{\"choices\": \"x\", \"usage\": null}",
            "{\"choices\": [{\"delta\": {\"content\": null, \"phase\": null, \"status\": null, \"extra\": \"x\"}}]}",
            "{\"error\": null}",
            "{\"error\": {}}",
            "{\"response.info\": {\"action\": \"keep_alive\", \"chat_id\": \"C1\", \"response_id\": \"R1\"}}",
        ] {
            let text = format!("{CREATED}{}data: {odd}\n\n{}{END}", delta("a"), delta("b"));
            let outcome = run([text.as_bytes()]);
            assert_eq!(outcome.fold.reply().content, "ab", "{odd}");
            assert_eq!((outcome.refusal, outcome.fold.broken_events()), (None, 0), "{odd}");
        }
    }

    #[test]
    fn f65_every_spelling_of_an_error_is_recognised() {
        for (error, code) in [
            ("{\"error\": \"boom\"}", None),
            ("{\"error\": {\"message\": \"boom\"}}", None),
            ("{\"code\": \"RateLimited\", \"detail\": \"x\"}", Some("RateLimited")),
            (
                "{\"success\": false, \"data\": {\"code\": \"Bad_Request\", \"details\": \"x\"}}",
                Some("Bad_Request"),
            ),
            (
                "{\"choices\": [{\"delta\": {\"content\": \"\", \"status\": \"error\", \"extra\": {\"error\": {\"code\": \"E\"}}}}]}",
                Some("E"),
            ),
        ] {
            let text = format!("{CREATED}{}data: {error}\n\n", delta("Hal"));
            let outcome = run([text.as_bytes()]);
            assert_eq!(outcome.refusal.expect(error).code.as_deref(), code, "{error}");
            assert_eq!(outcome.fold.reply().content, "Hal");
        }
    }

    #[test]
    fn blank_thoughts_and_queries_are_none() {
        let call = |queries: &str| {
            let arguments = serde_json::json!(format!("{{\"queries\": {queries}}}"));
            format!(
                "data: {{\"choices\": [{{\"delta\": {{\"phase\": \"web_search\", \"function_call\": {{\"arguments\": {arguments}}}}}}}]}}\n\n"
            )
        };
        let found = "data: {\"choices\": [{\"delta\": {\"phase\": \"web_search\", \"extra\": {\"web_search_info\": [{\"url\": \" \"}]}}}]}\n\n";
        let blank = [
            CREATED,
            &phase("think", "\n"),
            &call("[]"),
            &call("[\" \"]"),
            found,
            &phase("think", " "),
            &delta("a"),
            END,
        ];
        let outcome = run([blank.concat().as_bytes()]);
        assert_eq!(outcome.fold.reply().thinking, None);
        let events = &outcome.events[..];
        assert!(matches!(events, [ReplyEvent::Start { .. }, ReplyEvent::Delta(_)]), "{events:?}");
        let late =
            [CREATED, &phase("think", "\n"), &phase("think", "x"), &delta("a"), END].concat();
        let outcome = run([late.as_bytes()]);
        assert_eq!(outcome.fold.reply().thinking.as_deref(), Some("\nx"));
        assert_eq!(outcome.events[1], ReplyEvent::Thinking("\nx".to_owned()));
    }

    #[test]
    fn a_text_that_was_thoughts_is_recast() {
        let info =
            |action: &str| format!("data: {{\"response.info\": {{\"action\": \"{action}\"}}}}\n\n");
        let head = [CREATED, &info("provisional"), &delta("Let me "), &delta("see.")].concat();
        let outcome = run([head.as_bytes()]);
        assert_eq!(outcome.fold.final_lengths(), (0, 0));
        let settled = run([head.as_bytes(), info("settled").as_bytes()]);
        assert_eq!(settled.fold.final_lengths(), (0, 11));
        let rest = [info("recast"), phase("think", " Yes."), delta("Four."), END.to_owned()];
        let outcome = run([head.as_bytes(), rest.concat().as_bytes()]);
        let reply = outcome.fold.reply();
        assert_eq!(reply.content, "Four.");
        assert_eq!(reply.thinking.as_deref(), Some("Let me see. Yes."));
        let expected = [
            ReplyEvent::Delta("Let me ".to_owned()),
            ReplyEvent::Delta("see.".to_owned()),
            ReplyEvent::Rewrite(String::new()),
            ReplyEvent::Thinking("Let me see.".to_owned()),
            ReplyEvent::Thinking(" Yes.".to_owned()),
            ReplyEvent::Delta("Four.".to_owned()),
        ];
        assert_eq!(outcome.events[1..], expected);
    }

    #[test]
    fn sources_are_bounded_and_told_once() {
        let frame = |first: usize| {
            let pages: Vec<_> =
                (0..3_000).map(|n| format!("{{\"url\": \"https://p.example/{n}\"}}")).collect();
            let (pages, used) = (pages.join(","), first + 3_000);
            format!(
                "data: {{\"choices\": [{{\"delta\": {{\"phase\": \"web_search\", \"extra\": {{\"tool_result\": {{\"docs\": [{pages}], \"used_id\": {used}}}}}}}}}]}}\n\n"
            )
        };
        let text: String = [1, 1, 2_001, 50_000, 60_000, 70_000].map(frame).concat();
        let outcome = run([CREATED.as_bytes(), text.as_bytes()]);
        let citations = &outcome.fold.reply().citations;
        assert_eq!(citations.len(), MAX_ITEMS);
        let numbers: HashSet<u32> = citations.iter().map(|source| source.number).collect();
        assert_eq!(numbers.len(), MAX_ITEMS);
        let told = outcome.events.iter().map(|event| match event {
            ReplyEvent::Search { citations, .. } => citations.len(),
            _ => 0,
        });
        assert_eq!(told.sum::<usize>(), MAX_ITEMS);
    }

    #[test]
    fn f61_halves_of_a_character_are_joined_across_events() {
        let event = |phase: &str, content: &str| {
            format!(
                "data: {{\"choices\": [{{\"delta\": {{\"content\": \"{content}\", \"phase\": \"{phase}\"}}}}]}}\n\n"
            )
        };
        let text = [
            event("think", "why \\ud83e"),
            event("think", "\\udd14"),
            event("answer", "a\\ud83d"),
            event("answer", ""),
            event("answer", "\\ude42b\\ud83d"),
            END.to_owned(),
        ]
        .concat();
        let mut outcome = run([text.as_bytes()]);
        let events = &mut outcome.events;
        outcome.fold.finish(Completeness::Complete, &mut |event| events.push(event));
        let reply = outcome.fold.reply();
        assert_eq!(reply.content, "a🙂b\u{fffd}");
        assert_eq!(reply.thinking.as_deref(), Some("why 🤔"));
        let deltas = events.iter().filter_map(|event| match event {
            ReplyEvent::Delta(piece) => Some(piece.as_str()),
            _ => None,
        });
        assert_eq!(deltas.collect::<String>(), reply.content);
    }

    #[test]
    fn damage_in_a_text_is_repaired_and_damage_in_the_structure_is_not_trusted() {
        let event = |json: &[u8]| [b"data: ", json, b"\n\n"].concat();
        let sound = |text: &str| delta(text).into_bytes();
        for (damaged, is_trusted) in [
            (
                b"{\"choices\":[{\"delta\":{\"content\":\"x\ty\",\"phase\":\"answer\"}}]}"
                    .as_slice(),
                true,
            ),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\xff\",\"phase\":\"answer\"}}]}", true),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\",\"phase\":\"ans\xffwer\"}}]}", false),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\",\"phase\":\"ans\x01wer\"}}]}", false),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\",\"role\":\"assist\xff\"}}]}", false),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\",\"status\":\"typ\ting\"}}]}", false),
            (b"{\"choices\":[{\"delta\":{\"con\xfftent\":\"x\",\"phase\":\"answer\"}}]}", false),
            (b"{\"cho\tices\":[{\"delta\":{\"content\":\"x\"}}]}", false),
            (b"{\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"response_id\":\"R\xff\"}", false),
        ] {
            let pieces = [CREATED.into(), sound("a"), event(damaged), sound("b"), END.into()];
            let outcome = run([pieces.concat().as_slice()]);
            let shown = String::from_utf8_lossy(damaged);
            assert_eq!(outcome.fold.broken_events(), usize::from(!is_trusted), "{shown}");
            assert_eq!(outcome.fold.reply().content.len() > 2, is_trusted, "{shown}");
            assert_eq!(outcome.fold.reply().other, [], "{shown}");
        }
    }

    proptest! {
        #[test]
        fn f49_cuts_do_not_change_the_result(text in "\\PC{0,40}", cuts in prop::collection::vec(0..4000_usize, 0..12)) {
            let whole = [CREATED, &delta("wörld 你好 🙂"), &delta(&text), END].concat();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (whole.len() + 1)).collect();
            cuts.extend([0, whole.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|ends| &whole.as_bytes()[ends[0]..ends[1]]);
            let cut = run(pieces);
            let uncut = run([whole.as_bytes()]);
            prop_assert_eq!(cut.events, uncut.events);
            prop_assert_eq!(cut.fold.reply(), uncut.fold.reply());
            prop_assert_eq!(&cut.fold.reply().content, &format!("wörld 你好 🙂{text}"));
        }

        #[test]
        fn line_ends_do_not_change_the_result(text in "\\PC{0,40}") {
            let lf = [CREATED, &delta(&text), END].concat();
            let expected = run([lf.as_bytes()]).events;
            prop_assert_eq!(&run([lf.replace('\n', "\r\n").as_bytes()]).events, &expected);
            prop_assert_eq!(&run([lf.replace('\n', "\r").as_bytes()]).events, &expected);
            let crlf = lf.replace('\n', "\r\n");
            prop_assert_eq!(&run(crlf.as_bytes().chunks(1)).events, &expected);
        }

    }

    mod fuzz {
        use super::*;

        proptest! {
            #[test]
            fn damaged_streams_add_up(
                text in "\\PC{0,20}",
                damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
                cut in any::<prop::sample::Index>(),
            ) {
                let think = phase("think", &text);
                let summary = "data: {\"choices\": [{\"delta\": {\"phase\": \"thinking_summary\", \"extra\": {\"summary_title\": {\"content\": [\"A\"]}, \"summary_thought\": {\"content\": [\"b\"]}}}}]}\n\n";
                let mut bytes =
                    [CREATED, &think, summary, &summary.replace("\"b\"", "\"c\""), &delta(&text), &delta("🙂"), END]
                        .concat()
                        .into_bytes();
                for (at, byte) in damage {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
                let (before, after) = bytes.split_at(cut.index(bytes.len()));
                let mut outcome = run([before, after]);
                let events = &mut outcome.events;
                outcome.fold.finish(Completeness::Complete, &mut |event| events.push(event));
                let (mut shown, mut thoughts) = (String::new(), String::new());
                for event in outcome.events {
                    match event {
                        ReplyEvent::Delta(piece) => shown.push_str(&piece),
                        ReplyEvent::Rewrite(whole) => shown = whole,
                        ReplyEvent::Thinking(piece) => thoughts.push_str(&piece),
                        ReplyEvent::RewriteThinking(whole) => thoughts = whole,
                        _ => {}
                    }
                }
                let reply = outcome.fold.reply();
                prop_assert_eq!(&reply.content, &shown);
                prop_assert_eq!(reply.thinking.as_deref().unwrap_or_default(), thoughts);
            }

            #[test]
            fn arbitrary_bytes_do_not_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..12)) {
                run(pieces.iter().map(Vec::as_slice));
            }

            #[test]
            fn arbitrary_json_does_not_panic(json in "[\\[\\]{}:,\"a-e0-9\\\\u.\\- ]{0,80}") {
                run([format!("data: {json}\n\n").as_bytes()]);
            }
        }
    }
}
