//! Reads an answer as it arrives, and knows whether it is whole.
//!
//! An answer is whole if its stream ended as the format says: with `[DONE]`, or with a finish reason
//! after which no more words came. A finish reason that more words follow says nothing: some servers
//! put one into every event. A document is whole if its JSON is.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use reqwest::Response;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Step;
use super::chunk::{self, CallPiece, Chunk, Counts};
use super::direct::{self, MAX_CALLS};
use super::event::{Event, Form, is_alarm, is_blank, is_done};
use super::failure::{self, Failure};
use super::http::Connection;
use super::think_tags::{Habit, Said, Splitter};
use crate::domain::FinishReason;
use crate::net::http::Charset;
use crate::net::json::{self, Joiner};
use crate::tools::{Call, Offer};

/// How long to wait after an event that only ends the answer, for the token counts and the end.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait after words with a finish reason: more words may follow.
const LONG_GRACE: Duration = Duration::from_secs(30);
/// The shortest time between two signs of life from a silent engine. It may read a long prompt for
/// minutes, and our own client has an idle timeout, too.
const ALIVE: Duration = Duration::from_secs(10);
/// How long text may stay provisional, and how much of it, in bytes: for a model that may think, and
/// for one that has often begun with text, or that hardly thinks.
const PROVISIONAL: [(Duration, usize); 2] =
    [(Duration::from_secs(10), 16 << 10), (Duration::from_millis(300), 1 << 10)];
/// The longest answer, in bytes.
const MAX_ANSWER: usize = 8 << 20;

/// Reads one answer. Dropping it closes the connection.
pub(super) struct Reader {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    charset: Charset,
    /// Known from the first byte.
    form: Option<Form>,
    place: String,
    idle: Duration,
    key: Conceal,
    splitter: Splitter,
    /// Removes tags from thoughts that arrive by themselves.
    thought_splitter: Splitter,
    habit: Habit,
    queue: VecDeque<Result<Step, Failure>>,
    said: Words,
    thoughts: Words,
    /// White space at the beginning of thoughts that may be nothing else.
    blank: String,
    ending: Ending,
    /// What an event said that was no piece, unless a finish reason followed.
    alien: Option<String>,
    usage: Option<Counts>,
    calls: Calls,
    /// The tools that the model may call.
    offer: Option<Offer>,
    /// Whether there was text of the answer.
    has_text: bool,
    /// Whether there was an event of a chat completion.
    is_known: bool,
    provisional: Provisional,
    life: Life,
    over: bool,
}

/// What is known of the end of the answer.
#[derive(Debug, Default)]
struct Ending {
    /// Why the answer ends, unless more words followed.
    finish: Option<FinishReason>,
    /// Whether words have followed a finish reason.
    is_unreliable: bool,
    /// Whether the finish reason came with words.
    is_early: bool,
    /// The deadline for the rest, set by the finish reason.
    by: Option<Instant>,
}

impl Ending {
    /// Whether the answer is complete, so that it does not matter how the connection ends. A finish
    /// reason beside words may be in every event.
    fn is_certain(&self) -> bool {
        self.finish.is_some() && !self.is_unreliable && !self.is_early
    }
}

/// The signs of life of the engine.
#[derive(Debug)]
struct Life {
    /// The time of the last step.
    passed_on: Instant,
    /// Whether bytes have arrived since then.
    is_new: bool,
}

/// Whether text that has been passed on may turn out to be thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provisional {
    /// There was none.
    NotYet,
    /// It may.
    Unlimited,
    /// It may, until this time or this length of the text, in bytes.
    Until(Instant, usize),
    Over,
}

/// One kind of words, as the server sends them.
#[derive(Debug, Default)]
struct Words {
    joiner: Joiner,
    so_far: String,
    /// Whether they come as whole messages.
    in_messages: bool,
}

impl Words {
    /// The next piece, with whole characters.
    fn piece(&mut self, piece: &str) -> String {
        let piece = self.joiner.push(piece).into_owned();
        self.so_far.push_str(&piece);
        piece
    }

    /// What a whole message adds: some servers repeat all words in the last event, and some send
    /// nothing but messages.
    fn rest(&mut self, message: &str) -> String {
        let message = json::plain(message);
        let rest = match message.strip_prefix(self.so_far.as_str()) {
            Some(rest) => rest.to_owned(),
            None if self.in_messages => message.into_owned(),
            None => return String::new(),
        };
        self.in_messages |= self.so_far.is_empty();
        self.piece(&rest)
    }
}

/// The calls of an answer, as they grow.
#[derive(Debug, Default)]
struct Calls {
    list: Vec<CallPiece>,
    /// The length of all of it, in bytes.
    length: usize,
    /// Whether it came in pieces.
    in_pieces: bool,
}

impl Calls {
    /// Takes the next pieces, or all calls of a whole message; returns whether that adds something.
    fn take(&mut self, pieces: Vec<CallPiece>, are_whole: bool) -> bool {
        if are_whole {
            // A message repeats what has come in pieces.
            let adds = !self.in_pieces && !pieces.is_empty() && pieces != self.list;
            if adds {
                let length = |call: &CallPiece| call.name.len() + call.arguments.len();
                self.length = pieces.iter().map(length).sum();
                self.list = pieces;
            }
            return adds;
        }
        let adds = !pieces.is_empty();
        self.in_pieces |= adds;
        for piece in pieces {
            self.length += piece.id.len() + piece.name.len() + piece.arguments.len();
            let known = match piece.index {
                Some(index) => self.list.iter_mut().rfind(|call| call.index == Some(index)),
                None => self.list.last_mut().filter(|call| {
                    piece.name.is_empty() || (!piece.id.is_empty() && piece.id == call.id)
                }),
            };
            // Some servers number all calls of an answer 0.
            let is_same = |call: &&mut CallPiece| {
                piece.id.is_empty() || call.id.is_empty() || call.id == piece.id
            };
            match known.filter(is_same) {
                Some(call) => {
                    call.arguments.push_str(&piece.arguments);
                    // Some servers repeat the name, or send it as it grows.
                    if piece.name.starts_with(&call.name) {
                        call.name = piece.name;
                    }
                    if call.id.is_empty() {
                        call.id = piece.id;
                    }
                }
                None => self.list.push(piece),
            }
        }
        adds
    }
}

type Conceal = Box<dyn Fn(&str) -> String + Send>;

impl Reader {
    /// A reader of an answer that has begun.
    pub(super) fn new(response: Response, connection: &Connection, habit: Habit) -> Self {
        Self {
            charset: Charset::of(response.headers()),
            bytes: response.bytes_stream().boxed(),
            form: None,
            place: connection.place().to_owned(),
            idle: connection.idle(),
            key: connection.concealer(),
            splitter: Splitter::default(),
            thought_splitter: Splitter::of_thoughts(),
            habit,
            queue: VecDeque::new(),
            said: Words::default(),
            thoughts: Words::default(),
            blank: String::new(),
            ending: Ending::default(),
            alien: None,
            usage: None,
            calls: Calls::default(),
            offer: None,
            has_text: false,
            is_known: false,
            provisional: Provisional::NotYet,
            life: Life { passed_on: Instant::now(), is_new: false },
            over: false,
        }
    }

    /// Takes calls of the tools on offer.
    pub(super) fn offering(mut self, offer: &Offer) -> Self {
        self.offer = offer.is_open().then(|| offer.clone());
        self
    }

    /// The next step; `None` at the end of a whole answer. A failure is the last item.
    pub(super) async fn next(&mut self) -> Option<Result<Step, Failure>> {
        loop {
            if let Some(item) = self.queue.pop_front() {
                self.life.passed_on = Instant::now();
                return Some(item);
            }
            if self.over {
                return None;
            }
            if self.life.is_new {
                self.life.is_new = false;
                if self.life.passed_on.elapsed() >= ALIVE.min(self.idle / 4) {
                    self.queue.push_back(Ok(Step::Alive));
                    continue;
                }
            }
            let now = Instant::now();
            if self.ending.by.is_some_and(|ends_by| ends_by <= now) {
                self.end();
                continue;
            }
            if let Provisional::Until(until, _) = self.provisional
                && until <= now
            {
                self.settle();
                continue;
            }
            let patience = self.ending.by.unwrap_or(now + self.idle);
            let next = match self.provisional {
                Provisional::Until(until, _) => patience.min(until),
                _ => patience,
            };
            match timeout_at(next, self.bytes.next()).await {
                Ok(Some(Ok(bytes))) => {
                    self.life.is_new = true;
                    self.take(&bytes);
                }
                Ok(None) => self.end(),
                Ok(Some(Err(_))) if self.ending.is_certain() => self.end(),
                Ok(Some(Err(_))) => self.fail(failure::cut(&self.place)),
                Err(_) if next < patience || self.ending.by.is_some() => {}
                Err(_) => self.fail(failure::stalled(&self.place, self.idle)),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut found = Vec::new();
        let bytes = self.charset.decode(bytes, false);
        let mut bytes = bytes.as_ref();
        if self.form.is_none() {
            let start = bytes.iter().position(|byte| !is_blank(*byte));
            bytes = &bytes[start.unwrap_or(bytes.len())..];
            self.form = Form::of(bytes);
        }
        let taken = self.form.as_mut().map_or(Ok(()), |form| form.feed(bytes, &mut found));
        self.events(&found);
        if taken.is_err() {
            self.fail(failure::odd(&self.place, "an event that is too long"));
        }
    }

    /// The end of the bytes.
    fn end(&mut self) {
        let mut found = Vec::new();
        let mut stray = String::new();
        match self.form.take() {
            None => {}
            // An event that is too long has been refused before.
            Some(Form::Events(mut events)) => {
                let _ = events.finish_named(|name, data| found.push(Event::new(name, data)));
                // The last event needs no blank line, but an end.
                found.retain(|event| !event.is_cut());
                stray = String::from_utf8_lossy(events.stray()).into_owned();
            }
            Some(Form::Whole(document)) => return self.document(&document),
        }
        self.events(&found);
        if self.over {
            return;
        }
        let is_sure = !self.ending.is_unreliable;
        match self.ending.finish {
            Some(ref reason) if is_sure || !reason.is_natural() => self.complete(),
            None if !self.is_known && !stray.is_empty() => {
                self.fail(failure::no_answer_but(&self.place, &stray, &self.key));
            }
            None if !self.is_known => {
                self.fail(failure::odd(&self.place, "no event of a chat completion"));
            }
            _ => {
                let stray = Some(failure::plain_words(&stray)).filter(|words| !words.is_empty());
                match self.alien.take().or(stray.map(str::to_owned)) {
                    Some(words) => self.refuse(&Value::String(words)),
                    None => self.fail(failure::cut(&self.place)),
                }
            }
        }
    }

    /// Takes a body that is no stream of events: one document, or one to a line.
    fn document(&mut self, bytes: &[u8]) {
        let whole = json::read::<Value>(bytes);
        if let Err(fault) = &whole {
            let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            let are_documents = lines.iter().all(|line| json::read::<IgnoredAny>(line).is_ok());
            if lines.len() > 1 && are_documents {
                self.events(
                    &lines.into_iter().map(|line| Event::new(b"", line)).collect::<Vec<_>>(),
                );
                return self.end();
            }
            if !fault.is_eof() {
                return self.fail(failure::odd(&self.place, "a document that is broken"));
            }
            let closed = failure::closed(&String::from_utf8_lossy(bytes));
            let closed = json::read::<Value>(closed.as_bytes()).ok();
            return match closed.as_ref().and_then(chunk::error_of) {
                Some(error) => self.refuse(error),
                None => self.fail(failure::cut(&self.place)),
            };
        }
        self.provisional = Provisional::Over;
        self.event(&Event::new(b"", bytes));
        if self.over {
        } else if self.said.in_messages || self.thoughts.in_messages || self.ending.finish.is_some()
        {
            self.complete();
        } else if let Some(words) = self.alien.take() {
            self.refuse(&Value::String(words));
        } else {
            self.fail(failure::odd(&self.place, "a document without an answer"));
        }
    }

    fn events(&mut self, found: &[Event]) {
        for event in found {
            if self.over {
                return;
            }
            self.event(event);
        }
    }

    fn event(&mut self, event: &Event) {
        let Event { is_error, data } = event;
        let text = data.as_slice();
        if is_done(text) {
            return self.complete();
        }
        let mut value = json::strict::<Value>(text).ok();
        if value.is_none() {
            let repaired = json::repair(text);
            value = serde_json::from_str(&repaired.text).ok().filter(|_| !repaired.has_bad_name);
        }
        match value {
            Some(value) if *is_error => {
                let error = chunk::error_of(&value).unwrap_or(&value);
                self.refuse(error);
            }
            Some(value) => {
                let chunk = Chunk::read(&value);
                if !chunk.is_known && self.alien.is_none() {
                    self.alien = chunk::alien(&String::from_utf8_lossy(text), Some(&value));
                }
                self.chunk(chunk);
            }
            None if *is_error || is_alarm(text) => {
                self.refuse(&Value::String(String::from_utf8_lossy(text).into_owned()));
            }
            // Broken JSON means lost text; anything else was no piece of the answer.
            None if matches!(text.first(), Some(b'{' | b'[')) => {
                self.fail(failure::odd(&self.place, "an event that is broken"));
            }
            None if self.alien.is_none() => {
                self.alien = chunk::alien(&String::from_utf8_lossy(text), None);
            }
            None => {}
        }
    }

    fn chunk(&mut self, chunk: Chunk) {
        if let Some(error) = &chunk.error {
            return self.refuse(error);
        }
        self.is_known |= chunk.is_known;
        let (thought, text) = match &chunk.whole {
            None => (self.thoughts.piece(&chunk.added.thought), self.said.piece(&chunk.added.text)),
            Some(whole) => (self.thoughts.rest(&whole.thought), self.said.rest(&whole.text)),
        };
        let has_calls = self.calls.take(chunk.calls, chunk.whole.is_some());
        let length = self.thoughts.so_far.len() + self.said.so_far.len() + self.calls.length;
        if length > MAX_ANSWER || self.calls.list.len() > MAX_CALLS {
            return self.fail(failure::odd(&self.place, "an answer without an end"));
        }
        let has_words = has_calls || !thought.is_empty() || !text.is_empty();
        if !thought.is_empty() {
            self.splitter.rest_is_answer();
            self.settle();
            self.think(&thought);
        }
        if !text.is_empty() {
            for said in self.splitter.take(&text) {
                self.say(said);
            }
            if !self.splitter.is_undecided() {
                self.settle();
            }
        }
        self.usage = chunk.usage.or(self.usage);
        self.note_finish(chunk.finish, has_words);
    }

    /// A finish reason ends the answer, unless more words follow, or none came before.
    fn note_finish(&mut self, finish: Option<FinishReason>, has_words: bool) {
        if has_words {
            self.ending.is_unreliable |= self.ending.finish.take().is_some();
            self.ending.by = None;
        }
        let Some(finish) = finish else { return };
        self.alien = None;
        self.ending.is_early = has_words;
        // A second event with a finish reason may only have the token counts.
        if self.ending.finish.as_ref().is_none_or(FinishReason::is_natural) {
            self.ending.finish = Some(finish);
        }
        let has_answer = !self.said.so_far.is_empty() || !self.calls.list.is_empty();
        if !self.ending.is_unreliable && has_answer {
            let grace = if has_words { LONG_GRACE } else { GRACE };
            self.ending.by.get_or_insert_with(|| Instant::now() + grace);
        }
    }

    /// Passes on thoughts that arrive by themselves; tags around them mean nothing.
    fn think(&mut self, piece: &str) {
        for said in self.thought_splitter.take(piece) {
            self.say_thought(said);
        }
    }

    fn say_thought(&mut self, said: Said) {
        if let Said::Thought(text) | Said::Text(text) = said {
            self.say(Said::Thought(text));
        }
    }

    fn say(&mut self, said: Said) {
        let step = match said {
            Said::Text(text) => {
                self.has_text |= !text.trim().is_empty();
                self.blank.clear();
                if self.has_text && self.provisional == Provisional::NotYet {
                    self.begin_text();
                }
                Step::Text(text)
            }
            Said::Thought(text) => {
                self.blank.push_str(&text);
                if self.blank.trim().is_empty() {
                    return;
                }
                Step::Think(std::mem::take(&mut self.blank))
            }
            Said::Recast => {
                self.has_text = false;
                self.provisional = Provisional::Over;
                self.habit.note_unmarked();
                Step::Recast
            }
        };
        self.queue.push_back(Ok(step));
        if matches!(self.provisional, Provisional::Until(_, most) if self.said.so_far.len() > most)
        {
            self.settle();
        }
    }

    /// The first text: it is provisional if it may be thoughts.
    fn begin_text(&mut self) {
        if !self.splitter.is_undecided() {
            self.provisional = Provisional::Over;
            return;
        }
        self.queue.push_back(Ok(Step::Provisional(true)));
        self.provisional = match self.habit.plain_answers() {
            None => Provisional::Unlimited,
            Some(times) => {
                let [first, least] = PROVISIONAL;
                let part = times.saturating_add(1);
                let time = (first.0 / part).max(least.0);
                let length = usize::try_from(part).map_or(0, |part| first.1 / part).max(least.1);
                Provisional::Until(Instant::now() + time, length)
            }
        };
    }

    /// Text that has been passed on counts as text.
    fn settle(&mut self) {
        if let Provisional::Until(..) | Provisional::Unlimited = self.provisional {
            self.queue.push_back(Ok(Step::Provisional(false)));
            self.provisional = Provisional::Over;
        }
    }

    /// Passes on what was held back.
    fn say_rest(&mut self) {
        if let Some(end) = self.thoughts.joiner.finish() {
            self.think(end);
        }
        for said in self.thought_splitter.finish() {
            self.say_thought(said);
        }
        if let Some(end) = self.said.joiner.finish() {
            for said in self.splitter.take(end) {
                self.say(said);
            }
        }
        for said in self.splitter.finish() {
            self.say(said);
        }
    }

    /// Ends the answer.
    fn complete(&mut self) {
        self.say_rest();
        if let Some(Counts { input, output, reasoning, cached }) = self.usage {
            self.queue.push_back(Ok(Step::Usage { input, output, reasoning, cached }));
        }
        let finish = self.ending.finish.take();
        if (finish.is_none() || self.ending.is_unreliable)
            && let Some(words) = self.alien.take().or_else(|| self.stray())
        {
            return self.refuse(&Value::String(words));
        }
        match finish {
            Some(FinishReason::Length) => self.fail(failure::too_long_answer(&self.place)),
            Some(FinishReason::ContentFilter) => self.fail(failure::filtered(&self.place)),
            Some(FinishReason::Other(ref reason))
                if finish.as_ref().is_some_and(FinishReason::is_failure) =>
            {
                let reason = (self.key)(reason);
                self.fail(failure::unfinished(&self.place, &reason, self.has_text));
            }
            _ if self.offer.is_some() && !self.calls.list.is_empty() => self.pass_calls(),
            Some(FinishReason::ToolCalls) => self.fail_for_tool(),
            _ if !self.has_text && !self.calls.list.is_empty() => self.fail_for_tool(),
            _ if !self.has_text => self.fail(failure::empty(&self.place)),
            _ => {
                if self.splitter.is_undecided() {
                    self.habit.note_plain();
                }
                self.over = true;
            }
        }
    }

    /// Lines that are no part of an event, such as a page of a gateway.
    fn stray(&self) -> Option<String> {
        let Some(Form::Events(events)) = &self.form else { return None };
        let stray = String::from_utf8_lossy(events.stray());
        match failure::plain_words(&stray) {
            "" if stray.is_empty() => None,
            "" => Some("lines that are no events".to_owned()),
            words => Some(words.to_owned()),
        }
    }

    /// Passes on the calls of a whole answer, all or none.
    fn pass_calls(&mut self) {
        let Some(offer) = self.offer.take() else { return };
        let mut calls = std::mem::take(&mut self.calls.list);
        if !offer.parallel {
            calls.truncate(1);
        }
        if let Some(unknown) = calls.iter().find(|call| offer.tool(&call.name).is_none()) {
            let failed = failure::unknown_tool(&self.place, &(self.key)(&unknown.name));
            return self.fail(failed);
        }
        for CallPiece { id, name, arguments, .. } in calls {
            let input = direct::input_of(offer.tool(&name), arguments);
            self.queue.push_back(Ok(Step::Call(Call { id, name, input })));
        }
        self.over = true;
    }

    fn fail_for_tool(&mut self) {
        let named = self.calls.list.iter().find(|call| !call.name.is_empty());
        let tool = named.map(|call| (self.key)(&call.name));
        self.fail(failure::tool_call(&self.place, tool.as_deref()));
    }

    fn refuse(&mut self, error: &Value) {
        let failed = failure::in_stream(&self.place, error, &self.key);
        self.fail(failed);
    }

    fn fail(&mut self, failed: Failure) {
        if !self.over {
            self.say_rest();
            self.queue.push_back(Err(failed));
            self.over = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::Refusal;
    use crate::engine::think_tags::Habits;

    /// One answer of a server, and what becomes of it.
    struct Shape {
        server: &'static str,
        name: &'static str,
        status: u16,
        body: Vec<u8>,
        expected: Outcome,
    }

    /// What becomes of an answer.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Outcome {
        content: String,
        thinking: String,
        counts: Option<(u64, u64)>,
        /// The code and the details of the failure.
        failure: Option<(String, String)>,
    }

    fn shape(
        server: &'static str,
        name: &'static str,
        body: impl AsRef<[u8]>,
        expected: Outcome,
    ) -> Shape {
        Shape { server, name, status: 200, body: body.as_ref().to_vec(), expected }
    }

    impl Shape {
        fn status(self, status: u16) -> Self {
            Self { status, ..self }
        }

        /// Compares; of the details of a failure only a part is expected.
        fn check(&self, mut found: Outcome, cut: &str) {
            let what = format!("{}: {}, {cut}", self.server, self.name);
            if let (Some((_, part)), Some((_, details))) =
                (&self.expected.failure, &mut found.failure)
            {
                assert!(details.contains(part.as_str()), "{what}: {details}");
                details.clone_from(part);
            }
            assert_eq!(found, self.expected, "{what}");
        }
    }

    fn says(content: &str) -> Outcome {
        Outcome { content: content.to_owned(), ..Outcome::default() }
    }

    fn fails(code: &str, part: &str) -> Outcome {
        Outcome { failure: Some((code.to_owned(), part.to_owned())), ..Outcome::default() }
    }

    impl Outcome {
        fn thinks(self, thinking: &str) -> Self {
            Self { thinking: thinking.to_owned(), ..self }
        }

        fn having_thought(self, thinking: &str) -> Self {
            self.thinks(thinking)
        }

        fn keeps(self, content: &str) -> Self {
            Self { content: content.to_owned(), ..self }
        }

        fn counts(self, input: u64, output: u64) -> Self {
            Self { counts: Some((input, output)), ..self }
        }
    }

    fn shapes() -> Vec<Shape> {
        include!("../../tests/fixtures/engine/shapes.rs")
    }

    fn reader(pieces: Vec<Bytes>) -> Reader {
        Reader {
            charset: Charset::of(&reqwest::header::HeaderMap::new()),
            bytes: futures_util::stream::iter(pieces.into_iter().map(Ok)).boxed(),
            form: None,
            place: "the engine at U".to_owned(),
            idle: Duration::from_mins(1),
            key: Box::new(str::to_owned),
            splitter: Splitter::default(),
            thought_splitter: Splitter::of_thoughts(),
            habit: Habits::default().of("m", false),
            queue: VecDeque::new(),
            said: Words::default(),
            thoughts: Words::default(),
            blank: String::new(),
            ending: Ending::default(),
            alien: None,
            usage: None,
            calls: Calls::default(),
            offer: None,
            has_text: false,
            is_known: false,
            provisional: Provisional::NotYet,
            life: Life { passed_on: Instant::now(), is_new: false },
            over: false,
        }
    }

    async fn outcome(mut reader: Reader) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(step) = reader.next().await {
            match step {
                Ok(Step::Text(text)) => outcome.content.push_str(&text),
                Ok(Step::Think(text)) => outcome.thinking.push_str(&text),
                Ok(Step::Recast) => {
                    let text = std::mem::take(&mut outcome.content);
                    outcome.thinking.push_str(&text);
                }
                Ok(Step::Usage { input, output, .. }) => outcome.counts = Some((input, output)),
                Ok(Step::Provisional(_) | Step::Alive) => {}
                Ok(other) => panic!("{other:?}"),
                Err(failed) => {
                    let Refusal { code, details, .. } = failed.refusal;
                    outcome.failure = Some((code.to_owned(), details));
                }
            }
        }
        outcome
    }

    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().expect("a runtime")
    }

    #[test]
    fn every_shape_of_answer_is_read_right_wherever_it_is_cut() {
        let shapes = shapes();
        assert!(shapes.len() >= 60, "{}", shapes.len());
        let mut names = std::collections::HashSet::new();
        let runtime = runtime();
        let mut cuts = 0;
        for shape in &shapes {
            assert!(names.insert((shape.server, shape.name)), "{} twice", shape.name);
            if shape.status != 200 {
                let body = String::from_utf8_lossy(&shape.body);
                let Refusal { code, details, .. } =
                    failure::answered("the engine at U", shape.status, None, &body, &str::to_owned)
                        .refusal;
                let failure = Some((code.to_owned(), details));
                shape.check(Outcome { failure, ..Outcome::default() }, "its status");
                continue;
            }
            let bytes = |body: &[u8]| Bytes::copy_from_slice(body);
            for at in 0..=shape.body.len() {
                let (before, after) = shape.body.split_at(at);
                let found = runtime.block_on(outcome(reader(vec![bytes(before), bytes(after)])));
                shape.check(found, &format!("cut at {at}"));
                cuts += 1;
            }
            let single = shape.body.chunks(1).map(bytes).collect();
            shape.check(runtime.block_on(outcome(reader(single))), "byte by byte");
        }
        assert!(cuts > 20_000, "{cuts}");
    }

    #[test]
    fn a_stream_of_any_pieces_has_the_words_of_its_pieces() {
        let event = |delta: &str, finish: &str| {
            format!(
                "data: {{\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let (mut text, mut expected) = (String::new(), String::new());
        for piece in 0..50 {
            let _ = write!(expected, "{piece} ");
            let finish = if piece % 7 == 0 { "\"stop\"" } else { "null" };
            let _ = write!(text, "{}", event(&format!("\"content\":\"{piece} \""), finish));
        }
        text.push_str("data: [DONE]\n\n");
        let found = runtime().block_on(outcome(reader(vec![Bytes::from(text)])));
        assert_eq!(found, says(&expected));
    }

    /// What becomes of pieces with a pause before each.
    fn with_pauses(pieces: &[(u64, String)]) -> Outcome {
        let pieces = VecDeque::from(pieces.to_vec());
        let bytes = futures_util::stream::unfold(pieces, |mut pieces| async move {
            let (seconds, piece) = pieces.pop_front()?;
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Some((Ok(Bytes::from(piece)), pieces))
        });
        runtime().block_on(async {
            outcome(Reader { bytes: bytes.boxed(), ..reader(Vec::new()) }).await
        })
    }

    #[test]
    fn an_early_finish_reason_ends_nothing() {
        let event = |content: &str, finish: &str| {
            format!(
                "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}},\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let (stop, null) = ("\"stop\"", "null");
        let done = || "data: [DONE]\n\n".to_owned();
        // Before the first word, with each word, and with the last word before a long pause.
        for pieces in [
            vec![
                (0, event("", stop)),
                (50, event("a", null)),
                (50, event("b", null)),
                (50, done()),
            ],
            vec![(0, event("a", stop)), (20, event("b", stop)), (50, done())],
            vec![(0, event("a", stop)), (20, event("b", null)), (50, done())],
            vec![(0, event("a", null)), (0, event("", stop)), (4, event("b", stop)), (50, done())],
        ] {
            assert_eq!(with_pauses(&pieces), says("ab"), "{pieces:?}");
        }
        // A server that leaves the connection open.
        for (pieces, expected) in [
            (vec![(0, event("ab", null)), (0, event("", stop)), (3_000, done())], says("ab")),
            (vec![(0, event("ab", stop)), (3_000, done())], says("ab")),
            (
                vec![(0, event("a", stop)), (0, event("b", null)), (3_000, done())],
                fails("Timed_Out", "the engine at U sent nothing for 60 s: raise `--idle-timeout`, or use a smaller model").keeps("ab"),
            ),
        ] {
            assert_eq!(with_pauses(&pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn text_stays_provisional_until_the_habit_of_the_model_is_known() {
        let event = |content: &str| {
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n")
        };
        let end =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        let habits = Habits::default();
        let steps = |pieces: &[String]| {
            let pieces = pieces.iter().cloned().map(Bytes::from).collect();
            let mut reader = Reader { habit: habits.of("m", true), ..reader(pieces) };
            runtime().block_on(async {
                let mut steps = Vec::new();
                while let Some(step) = reader.next().await {
                    steps.push(match step.expect("a step") {
                        Step::Provisional(true) => "provisional",
                        Step::Provisional(false) => "settled",
                        Step::Recast => "recast",
                        Step::Think(_) => "think",
                        Step::Text(_) => "text",
                        other => panic!("{other:?}"),
                    });
                }
                steps
            })
        };
        let long = |most: usize| [event(&"x".repeat(most + 1)), event("b"), end.to_owned()];
        let plain = [event("a"), event("b"), end.to_owned()];
        let [first, least] = PROVISIONAL;
        assert_eq!(steps(&plain), ["provisional", "text", "text"]);
        // Half of what it was, as one answer was plain.
        assert_eq!(steps(&long(first.1 / 2)), ["provisional", "text", "settled", "text"]);
        for _ in 0..50 {
            steps(&plain);
        }
        assert_eq!(steps(&long(least.1)), ["provisional", "text", "settled", "text"]);
        assert_eq!(steps(&long(least.1 / 2)), ["provisional", "text", "text"]);
        let unmarked = [event("a"), event("b</think>c"), end.to_owned()];
        assert_eq!(steps(&unmarked), ["provisional", "text", "recast", "think", "text"]);
        assert_eq!(steps(&long(first.1)), ["provisional", "text", "text"]);
        let about = [event("a"), event("see <think>"), end.to_owned()];
        assert_eq!(steps(&about), ["provisional", "text", "text", "settled"]);
    }

    #[test]
    fn text_of_a_model_that_hardly_thinks_is_soon_settled() {
        for (model, seconds) in [("small", 0), ("small-thinking", 10)] {
            let event = |content: &str| {
                Bytes::from(format!(
                    "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n"
                ))
            };
            let bytes = futures_util::stream::iter([Ok(event("a"))]);
            let bytes = bytes.chain(futures_util::stream::pending()).boxed();
            let waited = runtime().block_on(async {
                let habit = Habits::default().of(model, false);
                let mut reader = Reader { bytes, habit, ..reader(Vec::new()) };
                let begin = Instant::now();
                for expected in
                    [Step::Provisional(true), Step::Text("a".to_owned()), Step::Provisional(false)]
                {
                    let step = reader.next().await.expect("a step").expect("no failure");
                    assert_eq!(step, expected);
                }
                begin.elapsed()
            });
            assert_eq!(waited.as_secs(), seconds, "{model}");
        }
    }

    mod fuzz {
        use super::*;

        proptest! {
            #[test]
            fn arbitrary_bytes_are_read_or_refused(
                pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
            ) {
                let pieces = pieces.into_iter().map(Bytes::from).collect();
                let found = runtime().block_on(outcome(reader(pieces)));
                prop_assert!(found.failure.is_some());
            }

            #[test]
            fn damaged_shapes_never_gain_words(
                which in any::<prop::sample::Index>(),
                damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
                cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
                end in any::<prop::sample::Index>(),
            ) {
                let shapes = shapes();
                let shape = which.get(&shapes);
                let mut body = shape.body.clone();
                for (at, byte) in damage {
                    let at = at.index(body.len());
                    body[at] = byte;
                }
                body.truncate(end.index(body.len() + 1));
                let uncut = runtime().block_on(outcome(reader(vec![Bytes::copy_from_slice(&body)])));
                let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
                cuts.extend([0, body.len()]);
                cuts.sort_unstable();
                let pieces = cuts.windows(2).map(|ends| Bytes::copy_from_slice(&body[ends[0]..ends[1]]));
                let cut = runtime().block_on(outcome(reader(pieces.collect())));
                prop_assert_eq!(&cut, &uncut);
                prop_assert!(uncut.content.len() + uncut.thinking.len() <= 3 * body.len());
                // A whole answer has text.
                prop_assert!(uncut.failure.is_some() || !uncut.content.trim().is_empty());
            }
        }
    }
}
