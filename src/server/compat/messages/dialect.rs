//! The object `message`, and the events that make one.

use hyper::StatusCode;
use serde::Serialize;
use warp::reply::Response;

use crate::domain::{Citation, Error, Usage};
use crate::server::compat::citations::places;
use crate::server::compat::cutter::Cut;
use crate::server::compat::dialect::{Begun, Dialect, Finished, new_id};
use crate::server::http::error_format::Shape;
use crate::server::http::response::json_with;
use crate::server::stream::put_event;

/// Writes one message.
pub(super) struct MessagesDialect {
    id: String,
    /// The number of blocks that were begun.
    blocks: usize,
    open: Option<Kind>,
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Thinking,
    Text,
}

#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    usage: MessageUsage,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Thinking {
        thinking: &'a str,
        signature: &'static str,
    },
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Source<'a>>,
    },
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
    title: &'a str,
    cited_text: &'a str,
    encrypted_index: &'static str,
}

#[derive(Default, Serialize)]
struct MessageUsage {
    #[serde(rename = "input_tokens")]
    input: u64,
    #[serde(rename = "output_tokens")]
    output: u64,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_creation: u64,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: u64,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: usize, content_block: Block<'a> },
    Ping,
    ContentBlockDelta { index: usize, delta: Delta<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: Stop<'a>, usage: MessageUsage },
    MessageStop,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Delta<'a> {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'static str },
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "citations_delta")]
    Citations { citation: Source<'a> },
}

#[derive(Serialize)]
struct Stop<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
}

impl Event<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        let name = match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::Ping => "ping",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop => "message_stop",
        };
        put_event(out, name, self);
    }
}

impl MessagesDialect {
    /// For one answer.
    pub(super) fn new() -> Self {
        Self { id: new_id("msg_"), blocks: 0, open: None }
    }

    fn message<'a>(&'a self, begun: &Begun<'a>) -> Message<'a> {
        Message {
            id: &self.id,
            kind: "message",
            role: "assistant",
            model: begun.model,
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: MessageUsage { input: begun.prompt_tokens, ..MessageUsage::default() },
        }
    }

    /// Sees to it that a block of this kind is open.
    fn turn_to(&mut self, out: &mut Vec<u8>, kind: Kind) {
        if self.open == Some(kind) {
            return;
        }
        self.close(out);
        let content_block = match kind {
            Kind::Thinking => Block::Thinking { thinking: "", signature: "" },
            Kind::Text => Block::Text { text: "", citations: Vec::new() },
        };
        Event::ContentBlockStart { index: self.blocks, content_block }.write(out);
        if self.blocks == 0 {
            Event::Ping.write(out);
        }
        self.blocks += 1;
        self.open = Some(kind);
    }

    fn delta(&self, out: &mut Vec<u8>, delta: Delta) {
        Event::ContentBlockDelta { index: self.blocks.saturating_sub(1), delta }.write(out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(kind) = self.open.take() else { return };
        if kind == Kind::Thinking {
            // Whoever sends the block back has to send a signature; ours says nothing.
            self.delta(out, Delta::Signature { signature: "" });
        }
        Event::ContentBlockStop { index: self.blocks.saturating_sub(1) }.write(out);
    }
}

impl Dialect for MessagesDialect {
    fn whole(&self, finished: &Finished) -> Response {
        let thinking = finished.thinking();
        let thinking = thinking.map(|thinking| Block::Thinking { thinking, signature: "" });
        let text = Block::Text { text: finished.text, citations: sources(finished) };
        let stop = stop(finished);
        let document = Message {
            content: thinking.into_iter().chain([text]).collect(),
            stop_reason: Some(stop.stop_reason),
            stop_sequence: stop.stop_sequence,
            usage: finished.usage().into(),
            ..self.message(&finished.begun)
        };
        json_with(StatusCode::OK, &document)
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        Event::MessageStart { message: self.message(begun) }.write(out);
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.turn_to(out, Kind::Thinking);
        self.delta(out, Delta::Thinking { thinking: piece });
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.turn_to(out, Kind::Text);
        self.delta(out, Delta::Text { text: piece });
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        self.turn_to(out, Kind::Text);
        for citation in sources(finished) {
            self.delta(out, Delta::Citations { citation });
        }
        self.close(out);
        let usage = finished.usage().into();
        Event::MessageDelta { delta: stop(finished), usage }.write(out);
        Event::MessageStop.write(out);
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&Shape::Anthropic.document(error));
        out.extend_from_slice(b"\n\n");
    }

    fn heartbeat(&self) -> &'static [u8] {
        b"event: ping\ndata: {\"type\":\"ping\"}\n\n"
    }
}

fn stop<'a>(finished: &'a Finished) -> Stop<'a> {
    match &finished.cut {
        None => Stop { stop_reason: "end_turn", stop_sequence: None },
        Some(Cut::Length) => Stop { stop_reason: "max_tokens", stop_sequence: None },
        Some(Cut::Stop(stop)) => Stop { stop_reason: "stop_sequence", stop_sequence: Some(stop) },
    }
}

/// The sources that the text cites, each once.
fn sources<'a>(finished: &Finished<'a>) -> Vec<Source<'a>> {
    let mut cited: Vec<&Citation> = Vec::new();
    for place in places(finished.reply, finished.text) {
        if !cited.iter().any(|source| source.url == place.source.url) {
            cited.push(place.source);
        }
    }
    cited.into_iter().map(Source::from).collect()
}

impl<'a> From<&'a Citation> for Source<'a> {
    fn from(citation: &'a Citation) -> Self {
        Self {
            kind: "web_search_result_location",
            url: &citation.url,
            title: &citation.title,
            cited_text: citation.snippet.as_deref().unwrap_or_default(),
            encrypted_index: "",
        }
    }
}

impl From<Usage> for MessageUsage {
    fn from(usage: Usage) -> Self {
        let cached = usage.cached_tokens.unwrap_or(0);
        Self {
            // Here the cached ones are not counted among the others.
            input: usage.input_tokens.saturating_sub(cached),
            output: usage.output_tokens,
            cache_creation: 0,
            cache_read: cached,
        }
    }
}
