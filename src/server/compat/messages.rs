//! `POST /v1/messages`, as Anthropic has it: the object `message`, and the events that make one; and the
//! length of a prompt.

use std::sync::Arc;

use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use warp::reply::Response;

use super::chat_completions::enabled;
use super::cutter;
use super::input::{Reader, Texts, count};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, engine_for, metadata, new_id,
    offer, params,
};
use crate::app::history::{self, Speaker};
use crate::domain::{Call, Citation, Error, Input, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::{Detail, NO_THREADS, Shape};
use crate::server::http::object;
use crate::server::http::response::{ErrorResponse, Outcome, json as document, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_event;

/// The parameters of its own that this API has.
#[derive(Deserialize)]
struct MessagesRequest {
    #[serde(default, deserialize_with = "count")]
    max_tokens: Option<u64>,
    stop_sequences: Option<Texts>,
    #[serde(default, deserialize_with = "enabled")]
    thinking: Option<bool>,
}

fn reader(members: &Members, takes_data: bool) -> Result<Reader, ErrorResponse> {
    let mut reader = Reader::taking_data(takes_data);
    reader.add(Speaker::System, members.get("system"), "system")?;
    reader.add_list(members, "messages")?;
    Ok(reader)
}

/// `POST /v1/messages`: the answer to a history of messages.
pub(crate) async fn message(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    if members.get("thread").is_some() {
        // A client that counts on it would send only what is new.
        let error = Error::invalid("`thread` is not supported: send the whole history");
        let (param, code) = (Some("thread".to_owned()), Some(NO_THREADS));
        return Err(ErrorResponse::from(error).with_detail(Detail {
            param,
            code,
            ..Detail::default()
        }));
    }
    let engine = engine_for(&call, &members);
    let reader = reader(&members, engine.is_some());
    let own: MessagesRequest = members.parse()?;
    let (common, _) =
        CompletionRequest::new(&call, &members, params::MESSAGES, ("messages", reader), engine)?;
    let request = CompletionRequest {
        thinking: own.thinking,
        stop: own.stop_sequences.map(Vec::from).unwrap_or_default(),
        max_tokens: own.max_tokens,
        ..common
    };
    answer(call, request, MessagesFormat::new()).await
}

/// `POST /v1/messages/count_tokens`: an estimate of the length of the prompt.
pub(crate) fn count_tokens(call: &RequestContext, members: &Members) -> Outcome {
    let engine = engine_for(call, members);
    let strict = call.state.openai.strict;
    let messages = reader(members, engine.is_some())?.finish(strict, &mut Vec::new())?;
    let tokens = match engine {
        Some(_) => cutter::request_tokens(&messages, &offer::read(members, strict)?.offer),
        None => cutter::prompt_tokens(&history::whole(&messages)),
    };
    document(&object! { input_tokens: tokens })
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

/// A block of the content, whose text cites `C`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a, C> {
    Thinking {
        thinking: &'a str,
        signature: &'static str,
    },
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<C>,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Box<RawValue>,
    },
}

/// The input of a call as an object: this API has no other.
fn input_of(call: &Call) -> Box<RawValue> {
    let text = call.input.as_str();
    let object = match &call.input {
        Input::Json(text) if serde_json::from_str::<Map<String, Value>>(text).is_ok() => {
            RawValue::from_string(text.trim().to_owned()).ok()
        }
        Input::Json(_) => to_raw_value(&json!({"arguments": text})).ok(),
        Input::Text(_) => to_raw_value(&json!({"input": text})).ok(),
    };
    object.unwrap_or_else(|| RawValue::NULL.to_owned())
}

impl MessagesFormat {
    fn new() -> Self {
        Self { id: new_id("msg_"), blocks: 0, open: None }
    }

    /// The message with its end, once there is one.
    fn message(
        &self,
        begun: &Begun,
        content: &[impl Serialize],
        (stop_reason, stop_sequence): (Option<&'static str>, Option<&str>),
        usage: impl Serialize,
    ) -> impl Serialize {
        object! {
            id: &self.id,
            r#type: "message",
            role: "assistant",
            model: begun.model,
            content: content,
            stop_reason: stop_reason,
            stop_sequence: stop_sequence,
            usage: usage,
        }
    }

    /// Opens a block of this kind unless one is open.
    fn turn_to(&mut self, out: &mut Vec<u8>, kind: BlockKind) {
        if self.open == Some(kind) {
            return;
        }
        self.close(out);
        let block: Block<'_, ()> = match kind {
            BlockKind::Thinking => Block::Thinking { thinking: "", signature: "" },
            BlockKind::Text => Block::Text { text: "", citations: Vec::new() },
        };
        self.open_block(out, &block);
        self.open = Some(kind);
    }

    fn open_block(&mut self, out: &mut Vec<u8>, block: &impl Serialize) {
        let kind = "content_block_start";
        let start = object! { r#type: kind, index: self.blocks, content_block: block };
        put_event(out, kind, &start);
        if self.blocks == 0 {
            out.extend_from_slice(PING);
        }
        self.blocks += 1;
    }

    fn end_block(&self, out: &mut Vec<u8>) {
        let (kind, index) = ("content_block_stop", self.blocks.saturating_sub(1));
        put_event(out, kind, &object! { r#type: kind, index: index });
    }

    fn delta(&self, out: &mut Vec<u8>, delta: impl Serialize) {
        let (kind, index) = ("content_block_delta", self.blocks.saturating_sub(1));
        put_event(out, kind, &object! { r#type: kind, index: index, delta: delta });
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(kind) = self.open.take() else { return };
        if kind == BlockKind::Thinking {
            // A client that sends the block back has to send a signature; ours is empty.
            self.delta(out, object! { r#type: "signature_delta", signature: "" });
        }
        self.end_block(out);
    }
}

impl Format for MessagesFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let thinking = finished.thinking();
        let thinking = thinking.map(|thinking| Block::Thinking { thinking, signature: "" });
        let text = Block::Text { text: finished.text, citations: sources(finished) };
        let is_said = !finished.text.is_empty() || finished.calls.is_empty();
        let calls = finished.calls.iter().map(|call| Block::ToolUse {
            id: &call.id,
            name: &call.name,
            input: input_of(call),
        });
        let text = Some(text).filter(|_| is_said);
        let content: Vec<_> = thinking.into_iter().chain(text).chain(calls).collect();
        let (reason, sequence) = stop(finished);
        let end = (Some(reason), sequence);
        let message = self.message(&finished.begun, &content, end, usage(finished.usage()));
        json_with(StatusCode::OK, &message)
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        let read = Usage { input_tokens: begun.prompt_tokens, ..Usage::default() };
        let message = self.message(begun, &[(); 0], (None, None), usage(read));
        let message = object! {
            #[serde(flatten)]
            message: message,
            #[serde(flatten)]
            chat: metadata(begun),
        };
        put_event(out, "message_start", &object! { r#type: "message_start", message: message });
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.turn_to(out, BlockKind::Thinking);
        self.delta(out, object! { r#type: "thinking_delta", thinking: piece });
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.turn_to(out, BlockKind::Text);
        self.delta(out, object! { r#type: "text_delta", text: piece });
    }

    fn call(&mut self, out: &mut Vec<u8>, call: &Call) {
        self.close(out);
        let block = json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
        self.open_block(out, &block);
        let input = input_of(call);
        let delta = object! { r#type: "input_json_delta", partial_json: input.get() };
        self.delta(out, delta);
        self.end_block(out);
    }

    fn call_prefix(&self) -> &'static str {
        "toolu_"
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        if finished.calls.is_empty() {
            self.turn_to(out, BlockKind::Text);
        }
        let is_open = self.open == Some(BlockKind::Text);
        for citation in sources(finished).into_iter().filter(|_| is_open) {
            self.delta(out, object! { r#type: "citations_delta", citation: citation });
        }
        self.close(out);
        let (stop_reason, stop_sequence) = stop(finished);
        let end = object! {
            r#type: "message_delta",
            delta: object! { stop_reason: stop_reason, stop_sequence: stop_sequence },
            usage: usage(finished.usage()),
        };
        put_event(out, "message_delta", &end);
        put_event(out, "message_stop", &object! { r#type: "message_stop" });
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&Shape::Anthropic.document(error));
        out.extend_from_slice(b"\n\n");
    }

    fn heartbeat(&self) -> &'static [u8] {
        PING
    }
}

const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

fn stop<'a>(finished: &Finished<'a>) -> (&'static str, Option<&'a str>) {
    match finished.text_end() {
        TextEnd::Natural => ("end_turn", None),
        TextEnd::Length => ("max_tokens", None),
        TextEnd::ContentFilter => ("refusal", None),
        TextEnd::Sequence(sequence) => ("stop_sequence", Some(sequence)),
        TextEnd::Calls => ("tool_use", None),
    }
}

/// The sources that the text cites, each once.
fn sources<'a>(finished: &Finished<'a>) -> Vec<impl Serialize + use<'a>> {
    let mut cited: Vec<&Citation> = Vec::new();
    for mark in finished.citations() {
        if !cited.iter().any(|source| source.url == mark.source.url) {
            cited.push(mark.source);
        }
    }
    let source = |citation: &'a Citation| {
        object! {
            r#type: "web_search_result_location",
            url: &citation.url,
            title: &citation.title,
            cited_text: citation.snippet.as_deref().unwrap_or_default(),
            encrypted_index: "",
        }
    };
    cited.into_iter().map(source).collect()
}

fn usage(usage: Usage) -> impl Serialize {
    let cached = usage.cached_tokens.unwrap_or(0);
    object! {
        // Here cached tokens are not part of the input tokens.
        input_tokens: usage.input_tokens.saturating_sub(cached),
        output_tokens: usage.output_tokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: cached,
    }
}
