//! `POST /v1/responses`: the object `response`, and the events that make one. Each event has its number,
//! and names the item it belongs to.
//!
//! A response is kept only with `"store": true`: then its chat stays in the account, and the response's
//! id names the chat and the message, so that `previous_response_id` needs no memory of ours.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;
use warp::reply::Response;

use super::chat_completions::is_effort;
use super::history::{Message, Speaker};
use super::input::{self, Object, bad};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, new_id, params, target_of,
};
use crate::app::answer::Target;
use crate::domain::time::now;
use crate::domain::{ChatId, Error, ErrorKind, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::{Detail, code};
use crate::server::http::response::{ErrorResponse, Outcome, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_event;

/// `POST /v1/responses`: the answer to an input.
pub(crate) async fn respond(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let body = members.all();
    let request = read(&call, body)?;
    answer(call, request, ResponsesFormat::new(Echo::of(body))).await
}

fn read(call: &RequestContext, body: &Object) -> Result<CompletionRequest, ErrorResponse> {
    let ignored = params::ignored(params::RESPONSES, body, call.state.openai.strict)?;
    let mut messages = Vec::new();
    if let Some(text) = input::text(body, "instructions")? {
        let text = text.to_owned();
        messages.push(Message { speaker: Speaker::System, text, images: Vec::new() });
    }
    messages.extend(input_messages(body)?);
    let tools = input::member(body, "tools").and_then(Value::as_array);
    let (target, parent) = target_and_parent(call, body)?;
    Ok(CompletionRequest {
        model: input::text(body, "model")?.map(str::to_owned),
        messages,
        field: "input",
        target,
        parent,
        thinking: thinks(body)?,
        search: tools.is_some_and(|tools| tools.iter().any(params::searches)),
        stop: Vec::new(),
        max_tokens: input::count(body, "max_output_tokens")?,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

fn input_messages(body: &Object) -> Result<Vec<Message>, ErrorResponse> {
    match input::member(body, "input") {
        Some(Value::String(text)) => {
            let text = text.clone();
            Ok(vec![Message { speaker: Speaker::User, text, images: Vec::new() }])
        }
        _ => input::messages(body, "input"),
    }
}

fn thinks(body: &Object) -> Result<bool, ErrorResponse> {
    match input::member(body, "reasoning") {
        None => Ok(false),
        Some(Value::Object(reasoning)) => {
            Ok(input::text(reasoning, "effort")?.is_some_and(is_effort))
        }
        Some(_) => Err(bad("reasoning", "must be an object")),
    }
}

/// The chat of the previous response and its message, else the chat that the client names, else a new
/// one.
fn target_and_parent(
    call: &RequestContext,
    body: &Object,
) -> Result<(Target, Option<String>), ErrorResponse> {
    if let Some(previous) = input::text(body, "previous_response_id")? {
        let (chat, message) = parse_id(previous).ok_or_else(|| not_kept(previous))?;
        return Ok((Target::Chat(chat), Some(message)));
    }
    let named = target_of(call, input::chat_of_metadata(body)?)?;
    let stores = input::flag(body, "store")?.unwrap_or(false);
    let is_ephemeral = named == Target::New { ephemeral: true };
    Ok((if is_ephemeral && stores { Target::New { ephemeral: false } } else { named }, None))
}

fn not_kept(id: &str) -> ErrorResponse {
    let id: String = id.chars().filter(|c| !c.is_control()).take(100).collect();
    let error = Error::new(ErrorKind::NotFound, format!("the response `{id}` was not kept"))
        .with_hint("ask for a response with `\"store\": true` to go on from it");
    ErrorResponse::from(error).with_detail(Detail {
        param: Some("previous_response_id".to_owned()),
        code: Some("previous_response_not_found"),
        ..Detail::default()
    })
}

/// Writes one response.
struct ResponsesFormat {
    /// Empty until the answer begins.
    id: String,
    message_id: String,
    reasoning_id: String,
    created: i64,
    echo: Echo,
    model: String,
    thinking: String,
    /// The number of the next event.
    number: u64,
    /// Where the message stands in the output, once it does.
    message_at: Option<usize>,
}

/// The parts of the request that a response repeats.
struct Echo {
    instructions: Value,
    max_output_tokens: Value,
    metadata: Value,
    previous_response_id: Value,
    effort: Value,
}

impl Echo {
    /// What the response to `body` repeats.
    fn of(body: &Object) -> Self {
        let member = |name: &str| body.get(name).cloned().unwrap_or_default();
        Self {
            instructions: member("instructions"),
            max_output_tokens: member("max_output_tokens"),
            metadata: body
                .get("metadata")
                .filter(|m| m.is_object())
                .cloned()
                .unwrap_or_else(|| Value::Object(Object::new())),
            previous_response_id: member("previous_response_id"),
            effort: body
                .get("reasoning")
                .map_or(Value::Null, |reasoning| reasoning["effort"].clone()),
        }
    }
}

/// An event: what all of them have, and what this one has.
#[derive(Serialize)]
struct Event<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    sequence_number: u64,
    #[serde(flatten)]
    more: T,
}

#[derive(Serialize)]
struct OfResponse<'a> {
    response: ResponseDocument<'a>,
}

#[derive(Serialize)]
struct OfItem<'a> {
    output_index: usize,
    item: Item<'a>,
}

/// About a part of the message or of what the model thinks.
#[derive(Serialize)]
struct OfPart<'a, T> {
    item_id: &'a str,
    output_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary_index: Option<usize>,
    #[serde(flatten)]
    more: T,
}

#[derive(Serialize)]
struct APart<'a> {
    part: Part<'a>,
}

#[derive(Serialize)]
struct ADelta<'a> {
    delta: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<[(); 0]>,
}

#[derive(Serialize)]
struct AText<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<[(); 0]>,
}

#[derive(Serialize)]
struct AnAnnotation<'a> {
    annotation_index: usize,
    annotation: Annotation<'a>,
}

impl ResponsesFormat {
    /// For one answer to the request that is echoed.
    fn new(echo: Echo) -> Self {
        Self {
            id: String::new(),
            message_id: new_id("msg_"),
            reasoning_id: new_id("rs_"),
            created: now(),
            echo,
            model: String::new(),
            thinking: String::new(),
            number: 0,
            message_at: None,
        }
    }

    fn document<'a>(
        &'a self,
        id: &'a str,
        model: &'a str,
        status: &'static str,
    ) -> ResponseDocument<'a> {
        ResponseDocument {
            id,
            object: "response",
            created_at: self.created,
            status,
            error: None,
            incomplete_details: None,
            instructions: &self.echo.instructions,
            max_output_tokens: &self.echo.max_output_tokens,
            metadata: &self.echo.metadata,
            model,
            output: Vec::new(),
            parallel_tool_calls: false,
            previous_response_id: &self.echo.previous_response_id,
            reasoning: Reasoning { effort: &self.echo.effort, summary: None },
            store: parse_id(id).is_some(),
            temperature: None,
            text: TextOptions { format: TextFormat { kind: "text" } },
            tool_choice: "auto",
            tools: [],
            top_p: None,
            truncation: "disabled",
            usage: None,
        }
    }

    /// The whole response.
    fn finished<'a>(&'a self, id: &'a str, finished: &'a Finished<'a>) -> ResponseDocument<'a> {
        let incomplete = match finished.text_end() {
            TextEnd::Natural | TextEnd::Sequence(_) => None,
            TextEnd::Length => Some("max_output_tokens"),
            TextEnd::ContentFilter => Some("content_filter"),
        };
        let status = if incomplete.is_some() { "incomplete" } else { "completed" };
        let reasoning = finished.thinking().map(|text| self.reasoning(Some(text)));
        let message = self.message(status, vec![output_text(finished)]);
        ResponseDocument {
            incomplete_details: incomplete.map(|reason| Incomplete { reason }),
            output: reasoning.into_iter().chain([message]).collect(),
            usage: Some(finished.usage().into()),
            ..self.document(id, finished.begun.model, status)
        }
    }

    fn reasoning<'a>(&'a self, text: Option<&'a str>) -> Item<'a> {
        let status = if text.is_some() { "completed" } else { "in_progress" };
        let summary = text.map(|text| Part::SummaryText { text }).into_iter().collect();
        Item::Reasoning { id: &self.reasoning_id, summary, status }
    }

    fn message<'a>(&'a self, status: &'static str, content: Vec<Part<'a>>) -> Item<'a> {
        Item::Message { id: &self.message_id, status, role: "assistant", content }
    }

    fn thought<T>(&self, more: T) -> OfPart<'_, T> {
        OfPart {
            item_id: &self.reasoning_id,
            output_index: 0,
            content_index: None,
            summary_index: Some(0),
            more,
        }
    }

    fn said<T>(&self, more: T) -> OfPart<'_, T> {
        OfPart {
            item_id: &self.message_id,
            output_index: self.message_at.unwrap_or(0),
            content_index: Some(0),
            summary_index: None,
            more,
        }
    }

    fn begin_thinking(&mut self, out: &mut Vec<u8>) {
        let item = OfItem { output_index: 0, item: self.reasoning(None) };
        write(out, self.number, "response.output_item.added", item);
        let part = self.thought(APart { part: Part::SummaryText { text: "" } });
        write(out, self.number + 1, "response.reasoning_summary_part.added", part);
        self.number += 2;
    }

    fn end_thinking(&mut self, out: &mut Vec<u8>) {
        let text = self.thinking.as_str();
        let n = self.number;
        let whole = self.thought(AText { text, logprobs: None });
        write(out, n, "response.reasoning_summary_text.done", whole);
        let part = self.thought(APart { part: Part::SummaryText { text } });
        write(out, n + 1, "response.reasoning_summary_part.done", part);
        let item = OfItem { output_index: 0, item: self.reasoning(Some(text)) };
        write(out, n + 2, "response.output_item.done", item);
        self.number += 3;
    }

    fn begin_message(&mut self, out: &mut Vec<u8>) {
        if self.message_at.is_some() {
            return;
        }
        let thought = !self.thinking.is_empty();
        if thought {
            self.end_thinking(out);
        }
        let output_index = usize::from(thought);
        self.message_at = Some(output_index);
        let item = OfItem { output_index, item: self.message("in_progress", Vec::new()) };
        write(out, self.number, "response.output_item.added", item);
        let part = Part::OutputText { text: "", annotations: Vec::new(), logprobs: [] };
        let part = self.said(APart { part });
        write(out, self.number + 1, "response.content_part.added", part);
        self.number += 2;
    }
}

impl Format for ResponsesFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let id = response_id(&finished.begun);
        json_with(StatusCode::OK, &self.finished(&id, finished))
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        self.id = response_id(begun);
        begun.model.clone_into(&mut self.model);
        for kind in ["response.created", "response.in_progress"] {
            let response = self.document(&self.id, &self.model, "in_progress");
            write(out, self.number, kind, OfResponse { response });
            self.number += 1;
        }
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        // Thinking between two parts of an answer has no item of its own here.
        if piece.is_empty() || self.message_at.is_some() {
            return;
        }
        if self.thinking.is_empty() {
            self.begin_thinking(out);
        }
        self.thinking.push_str(piece);
        let delta = self.thought(ADelta { delta: piece, logprobs: None });
        write(out, self.number, "response.reasoning_summary_text.delta", delta);
        self.number += 1;
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.begin_message(out);
        let delta = self.said(ADelta { delta: piece, logprobs: Some([]) });
        write(out, self.number, "response.output_text.delta", delta);
        self.number += 1;
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        self.begin_message(out);
        let mut number = self.number;
        let mut next = || {
            number += 1;
            number - 1
        };
        for (annotation_index, annotation) in annotations(finished).into_iter().enumerate() {
            let annotation = self.said(AnAnnotation { annotation_index, annotation });
            write(out, next(), "response.output_text.annotation.added", annotation);
        }
        let text = self.said(AText { text: finished.text, logprobs: Some([]) });
        write(out, next(), "response.output_text.done", text);
        let part = self.said(APart { part: output_text(finished) });
        write(out, next(), "response.content_part.done", part);
        let mut response = self.finished(&self.id, finished);
        let kind = if response.status == "completed" {
            "response.completed"
        } else {
            "response.incomplete"
        };
        let item = self.message(response.status, vec![output_text(finished)]);
        let output_index = self.message_at.unwrap_or(0);
        write(out, next(), "response.output_item.done", OfItem { output_index, item });
        if !self.thinking.is_empty() {
            // The items are those that were streamed.
            let last = response.output.pop();
            response.output =
                [self.reasoning(Some(&self.thinking))].into_iter().chain(last).collect();
        }
        write(out, next(), kind, OfResponse { response });
        self.number = number;
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        let response = ResponseDocument {
            error: Some(ResponseError { code: code(error), message: error.message() }),
            ..self.document(&self.id, &self.model, "failed")
        };
        write(out, self.number, "response.failed", OfResponse { response });
        self.number += 1;
    }
}

fn write<T: Serialize>(out: &mut Vec<u8>, sequence_number: u64, kind: &'static str, more: T) {
    put_event(out, kind, &Event { kind, sequence_number, more });
}

/// The id names the chat and the message of a response that is kept.
fn response_id(begun: &Begun) -> String {
    match (begun.chat, begun.message_id) {
        (Some(chat), Some(message)) => id_of(chat, message),
        _ => new_id(PREFIX),
    }
}

fn output_text<'a>(finished: &Finished<'a>) -> Part<'a> {
    Part::OutputText { text: finished.text, annotations: annotations(finished), logprobs: [] }
}

fn annotations<'a>(finished: &Finished<'a>) -> Vec<Annotation<'a>> {
    let marks = finished.citations().into_iter();
    marks
        .map(|mark| Annotation {
            kind: "url_citation",
            start_index: mark.start,
            end_index: mark.end,
            url: &mark.source.url,
            title: &mark.source.title,
        })
        .collect()
}

/// A response.
#[derive(Serialize)]
struct ResponseDocument<'a> {
    id: &'a str,
    object: &'static str,
    created_at: i64,
    status: &'static str,
    error: Option<ResponseError<'a>>,
    incomplete_details: Option<Incomplete>,
    instructions: &'a Value,
    max_output_tokens: &'a Value,
    metadata: &'a Value,
    model: &'a str,
    output: Vec<Item<'a>>,
    parallel_tool_calls: bool,
    previous_response_id: &'a Value,
    reasoning: Reasoning<'a>,
    store: bool,
    temperature: Option<f64>,
    text: TextOptions,
    tool_choice: &'static str,
    tools: [(); 0],
    top_p: Option<f64>,
    truncation: &'static str,
    usage: Option<ResponseUsage>,
}

#[derive(Serialize)]
struct ResponseError<'a> {
    code: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Incomplete {
    reason: &'static str,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    effort: &'a Value,
    summary: Option<()>,
}

#[derive(Serialize)]
struct TextOptions {
    format: TextFormat,
}

#[derive(Serialize)]
struct TextFormat {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// An item of the output.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    /// What the model thought.
    Reasoning { id: &'a str, summary: Vec<Part<'a>>, status: &'static str },
    /// What it says.
    Message { id: &'a str, status: &'static str, role: &'static str, content: Vec<Part<'a>> },
}

/// A part of an item.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    /// Of a message.
    OutputText { text: &'a str, annotations: Vec<Annotation<'a>>, logprobs: [(); 0] },
    /// Of what the model thought.
    SummaryText { text: &'a str },
}

/// A mark that cites a source.
#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    start_index: usize,
    end_index: usize,
    url: &'a str,
    title: &'a str,
}

/// Counts of tokens.
#[derive(Serialize)]
struct ResponseUsage {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
}

#[derive(Serialize)]
struct InputDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct OutputDetails {
    reasoning_tokens: u64,
}

impl From<Usage> for ResponseUsage {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            input_tokens_details: InputDetails { cached_tokens: usage.cached_tokens.unwrap_or(0) },
            output_tokens: usage.output_tokens,
            output_tokens_details: OutputDetails {
                reasoning_tokens: usage.reasoning_tokens.unwrap_or(0),
            },
            total_tokens: usage.total_tokens,
        }
    }
}

/// The prefix of ids.
const PREFIX: &str = "resp_";
/// The longest message id that is accepted, in bytes.
const MAX_MESSAGE: usize = 128;

/// The id of the response that is this message of this chat.
fn id_of(chat: &ChatId, message: &str) -> String {
    let place = serde_json::json!([chat, message]).to_string();
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(place))
}

/// The chat and the message that an id names; `None` if it is not of a response that was kept.
fn parse_id(id: &str) -> Option<(ChatId, String)> {
    let place = URL_SAFE_NO_PAD.decode(id.strip_prefix(PREFIX)?).ok()?;
    let (chat, message): (ChatId, String) = serde_json::from_slice(&place).ok()?;
    let usable = !message.is_empty() && message.len() <= MAX_MESSAGE && message != "root";
    usable.then_some((chat, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_chat_and_message() {
        let chat: ChatId = "c-1".parse().expect("an id");
        assert_eq!(parse_id(&id_of(&chat, "m/1")), Some((chat, "m/1".to_owned())));
        let empty = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(r#"["","m"]"#));
        for other in [&new_id(PREFIX), "", "resp_", "resp_x", &empty] {
            assert_eq!(parse_id(other), None, "{other}");
        }
    }
}
