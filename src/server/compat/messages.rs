//! `POST /v1/messages`, as Anthropic has it: the object `message`, and the events that make one.

use std::sync::Arc;

use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;
use warp::reply::Response;

use super::chat_completions::is_enabled;
use super::history::{Message, Speaker};
use super::input::{self, Object, bad};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, new_id, params, target_of,
};
use crate::domain::{Citation, Error, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::Shape;
use crate::server::http::response::{ErrorResponse, Outcome, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_event;

/// `POST /v1/messages`: the answer to a history of messages.
pub(crate) async fn message(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let request = read(&call, members.all())?;
    answer(call, request, MessagesFormat::new()).await
}

fn read(call: &RequestContext, body: &Object) -> Result<CompletionRequest, ErrorResponse> {
    let ignored = params::ignored(params::MESSAGES, body, call.state.openai.strict)?;
    let mut messages = system(body)?;
    messages.extend(input::messages(body, "messages")?);
    let thinking = input::member(body, "thinking").map(|thinking| {
        is_enabled(thinking).ok_or_else(|| bad("thinking.type", "must be enabled or disabled"))
    });
    let tools = input::member(body, "tools").and_then(Value::as_array);
    Ok(CompletionRequest {
        model: input::text(body, "model")?.map(str::to_owned),
        messages,
        field: "messages",
        target: target_of(call, input::chat_of_metadata(body)?)?,
        parent: None,
        thinking: thinking.transpose()?.unwrap_or(false),
        search: tools.is_some_and(|tools| tools.iter().any(params::searches)),
        stop: input::texts(body, "stop_sequences")?,
        max_tokens: input::count(body, "max_tokens")?,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

/// The instructions: a text, or a list of parts.
fn system(body: &Object) -> Result<Vec<Message>, ErrorResponse> {
    input::member(body, "system").map_or(Ok(Vec::new()), |content| {
        input::one_message(Speaker::System, content, "system").map(|message| vec![message])
    })
}

/// Writes one message.
struct MessagesFormat {
    id: String,
    /// The number of blocks that were opened.
    blocks: usize,
    open: Option<BlockKind>,
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    Thinking,
    Text,
}

#[derive(Serialize)]
struct MessageDocument<'a> {
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
    MessageStart { message: MessageDocument<'a> },
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

impl MessagesFormat {
    /// For one answer.
    fn new() -> Self {
        Self { id: new_id("msg_"), blocks: 0, open: None }
    }

    fn message<'a>(&'a self, begun: &Begun<'a>) -> MessageDocument<'a> {
        MessageDocument {
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

    /// Opens a block of this kind unless one is open.
    fn turn_to(&mut self, out: &mut Vec<u8>, kind: BlockKind) {
        if self.open == Some(kind) {
            return;
        }
        self.close(out);
        let content_block = match kind {
            BlockKind::Thinking => Block::Thinking { thinking: "", signature: "" },
            BlockKind::Text => Block::Text { text: "", citations: Vec::new() },
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
        if kind == BlockKind::Thinking {
            // A client that sends the block back has to send a signature; ours is empty.
            self.delta(out, Delta::Signature { signature: "" });
        }
        Event::ContentBlockStop { index: self.blocks.saturating_sub(1) }.write(out);
    }
}

impl Format for MessagesFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let thinking = finished.thinking();
        let thinking = thinking.map(|thinking| Block::Thinking { thinking, signature: "" });
        let text = Block::Text { text: finished.text, citations: sources(finished) };
        let stop = stop(finished);
        let document = MessageDocument {
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
        self.turn_to(out, BlockKind::Thinking);
        self.delta(out, Delta::Thinking { thinking: piece });
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.turn_to(out, BlockKind::Text);
        self.delta(out, Delta::Text { text: piece });
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        self.turn_to(out, BlockKind::Text);
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
    let (stop_reason, stop_sequence) = match finished.text_end() {
        TextEnd::Natural => ("end_turn", None),
        TextEnd::Length => ("max_tokens", None),
        TextEnd::ContentFilter => ("refusal", None),
        TextEnd::Sequence(sequence) => ("stop_sequence", Some(sequence)),
    };
    Stop { stop_reason, stop_sequence }
}

/// The sources that the text cites, each once.
fn sources<'a>(finished: &Finished<'a>) -> Vec<Source<'a>> {
    let mut cited: Vec<&Citation> = Vec::new();
    for mark in finished.citations() {
        if !cited.iter().any(|source| source.url == mark.source.url) {
            cited.push(mark.source);
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
            // Here cached tokens are not part of the input tokens.
            input: usage.input_tokens.saturating_sub(cached),
            output: usage.output_tokens,
            cache_creation: 0,
            cache_read: cached,
        }
    }
}
