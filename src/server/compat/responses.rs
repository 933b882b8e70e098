//! `POST /v1/responses`: the object `response`, and the events that make one. Each event has its number,
//! and names the item it belongs to.
//!
//! A response is kept only with `"store": true`: then its chat stays in the account, and the response's
//! id names the chat and the message, so that `previous_response_id` needs no memory of ours.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use warp::reply::Response;

use super::chat_completions::is_effort;
use super::input::{Reader, count};
use super::offer::{Form, Forms};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, engine_for, new_id, params,
};
use crate::app::answer::Target;
use crate::app::history::Speaker;
use crate::domain::time::now;
use crate::domain::{Call, ChatId, Error, ErrorKind, Input, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::{Detail, code};
use crate::server::http::object;
use crate::server::http::response::{ErrorResponse, Outcome, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_event;

/// The parameters of its own that this API has.
#[derive(Deserialize)]
struct ResponsesRequest {
    #[serde(default, deserialize_with = "count")]
    max_output_tokens: Option<u64>,
    reasoning: Option<ReasoningOptions>,
    previous_response_id: Option<String>,
    store: Option<bool>,
}

#[derive(Deserialize)]
struct ReasoningOptions {
    effort: Option<String>,
}

fn reader(members: &Members, takes_data: bool) -> Result<Reader, ErrorResponse> {
    let mut reader = Reader::taking_data(takes_data);
    reader.add(Speaker::System, members.get("instructions"), "instructions")?;
    match members.get("input") {
        Some(text @ Value::String(_)) => reader.add(Speaker::User, Some(text), "input")?,
        _ => reader.add_list(members, "input")?,
    }
    Ok(reader)
}

/// `POST /v1/responses`: the answer to an input.
pub(crate) async fn respond(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let own: ResponsesRequest = members.parse()?;
    let engine = engine_for(&call, &members);
    let reader = reader(&members, engine.is_some());
    let (common, offered) =
        CompletionRequest::new(&call, &members, params::RESPONSES, ("input", reader), engine)?;
    // The chat of the previous response and its message, else the chat that the client names, else a
    // new one.
    let (target, parent) = match &own.previous_response_id {
        Some(previous) => {
            let (chat, message) = parse_id(previous).ok_or_else(|| not_kept(previous))?;
            (Target::Chat(chat), Some(message))
        }
        None if common.target == (Target::New { ephemeral: true }) => {
            (Target::New { ephemeral: own.store != Some(true) }, None)
        }
        None => (common.target.clone(), None),
    };
    let effort = own.reasoning.and_then(|reasoning| reasoning.effort);
    let request = CompletionRequest {
        target,
        parent,
        thinking: effort.as_deref().map(is_effort),
        max_tokens: own.max_output_tokens,
        ..common
    };
    answer(call, request, ResponsesFormat::new(Echo::of(&members), offered.forms)).await
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
    /// The ids of what the model thinks before and after the beginning of the message.
    reasoning_ids: [String; 2],
    created: i64,
    echo: Echo,
    model: String,
    thinking: String,
    /// What the model thinks after the beginning of the message. It is an item after it.
    late_thinking: String,
    /// The number of the next event.
    number: u64,
    /// Where the message stands in the output, once it does.
    message_at: Option<usize>,
    /// Whether the thoughts before the message are closed.
    has_ended_thinking: bool,
    /// The calls, which follow everything else.
    calls: Vec<Call>,
    /// The tools with a form of their own.
    forms: Forms,
}

/// The parts of the request that a response repeats.
struct Echo {
    instructions: Value,
    max_output_tokens: Value,
    metadata: Value,
    previous_response_id: Value,
    effort: Value,
    /// `tools`, `tool_choice`, `parallel_tool_calls`, and the format of the text.
    tools: Value,
    choice: Value,
    parallel: Value,
    format: Value,
}

impl Echo {
    /// What the response to a request with these members repeats.
    fn of(members: &Members) -> Self {
        let member = |name: &str| members.get(name).cloned().unwrap_or_default();
        Self {
            instructions: member("instructions"),
            max_output_tokens: member("max_output_tokens"),
            metadata: members.get("metadata").cloned().unwrap_or_else(|| json!({})),
            previous_response_id: member("previous_response_id"),
            effort: members.get("reasoning").map(|own| own["effort"].clone()).unwrap_or_default(),
            tools: members.get("tools").cloned().unwrap_or_else(|| json!([])),
            choice: members.get("tool_choice").cloned().unwrap_or_else(|| "auto".into()),
            // Without tools there are no calls at all.
            parallel: match members.get("tools") {
                None => false.into(),
                Some(_) => members.get("parallel_tool_calls").cloned().unwrap_or(true.into()),
            },
            format: match members.get("text").map(|text| &text["format"]) {
                None | Some(Value::Null) => json!({"type": "text"}),
                Some(format) => format.clone(),
            },
        }
    }
}

/// An item of the output, whose text cites `A`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a, A> {
    /// What the model thought.
    Reasoning { id: &'a str, summary: Vec<Part<'a, A>>, status: &'static str },
    /// What it says.
    Message { id: &'a str, status: &'static str, role: &'static str, content: Vec<Part<'a, A>> },
    /// A call, with a type of its own.
    #[serde(untagged)]
    Call(Value),
}

/// A part of an item.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a, A> {
    /// Of a message.
    OutputText { text: &'a str, annotations: Vec<A>, logprobs: [(); 0] },
    /// Of what the model thought.
    SummaryText { text: &'a str },
}

/// An item without annotations.
type PlainItem<'a> = Item<'a, ()>;
type PlainPart<'a> = Part<'a, ()>;

/// How a response ends.
struct End<E, U> {
    error: Option<E>,
    incomplete: Option<&'static str>,
    usage: Option<U>,
}

impl ResponsesFormat {
    /// For one answer to the request that is echoed.
    fn new(echo: Echo, forms: Forms) -> Self {
        Self {
            id: String::new(),
            message_id: new_id("msg_"),
            reasoning_ids: [new_id("rs_"), new_id("rs_")],
            created: now(),
            echo,
            model: String::new(),
            thinking: String::new(),
            late_thinking: String::new(),
            number: 0,
            message_at: None,
            has_ended_thinking: false,
            calls: Vec::new(),
            forms,
        }
    }

    fn document<'a, O: Serialize, E: Serialize, U: Serialize>(
        &'a self,
        (id, model, status): (&'a str, &'a str, &'static str),
        output: O,
        end: End<E, U>,
    ) -> impl Serialize + use<'a, O, E, U> {
        let echo = &self.echo;
        object! {
            id: id,
            object: "response",
            created_at: self.created,
            status: status,
            error: end.error,
            incomplete_details: end.incomplete.map(|reason| object! { reason: reason }),
            instructions: &echo.instructions,
            max_output_tokens: &echo.max_output_tokens,
            metadata: &echo.metadata,
            model: model,
            output: output,
            parallel_tool_calls: &echo.parallel,
            previous_response_id: &echo.previous_response_id,
            reasoning: object! { effort: &echo.effort, summary: () },
            store: parse_id(id).is_some(),
            temperature: (),
            text: object! { format: &echo.format },
            tool_choice: &echo.choice,
            tools: &echo.tools,
            top_p: (),
            truncation: "disabled",
            usage: end.usage,
        }
    }

    /// The response so far.
    fn unfinished(&self, status: &'static str, error: Option<impl Serialize>) -> impl Serialize {
        let end = End { error, incomplete: None, usage: None::<()> };
        self.document((&self.id, &self.model, status), [(); 0], end)
    }

    /// The whole response. Its items are those of a stream: see [`Self::thinking`].
    fn finished<'a>(
        &'a self,
        id: &'a str,
        finished: &'a Finished<'a>,
    ) -> (&'static str, impl Serialize + use<'a>) {
        let (status, incomplete) = status(finished);
        let thoughts = [&self.thinking, &self.late_thinking];
        let [before, after] = [0, 1].map(|which| {
            let text = Some(thoughts[which].as_str()).filter(|text| !text.is_empty());
            text.map(|text| reasoning(&self.reasoning_ids[which], Some(text)))
        });
        let message = self.message(status, vec![output_text(finished)]);
        let is_said = !finished.text.is_empty() || finished.calls.is_empty();
        let message = Some(message).filter(|_| is_said);
        let calls = finished.calls.iter().map(|call| Item::Call(self.item_of(call, true)));
        let output: Vec<_> = before.into_iter().chain(message).chain(after).chain(calls).collect();
        let end = End { error: None::<()>, incomplete, usage: Some(usage(finished.usage())) };
        (status, self.document((id, finished.begun.model, status), output, end))
    }

    fn message<'a, A>(&'a self, status: &'static str, content: Vec<Part<'a, A>>) -> Item<'a, A> {
        Item::Message { id: &self.message_id, status, role: "assistant", content }
    }

    fn created(&mut self, out: &mut Vec<u8>) {
        for kind in ["response.created", "response.in_progress"] {
            let response = self.unfinished("in_progress", None::<()>);
            write(out, self.number, kind, object! { response: response });
            self.number += 1;
        }
    }

    fn begin_thinking(&mut self, out: &mut Vec<u8>, thoughts: Thoughts) {
        let Thoughts { which, output_index } = thoughts;
        let item: PlainItem = reasoning(&self.reasoning_ids[which], None);
        let item = object! { output_index: output_index, item: item };
        write(out, self.number, "response.output_item.added", item);
        let part = PlainPart::SummaryText { text: "" };
        let part = self.thought(thoughts, object! { part: part });
        write(out, self.number + 1, "response.reasoning_summary_part.added", part);
        self.number += 2;
    }

    fn add_thinking(&mut self, out: &mut Vec<u8>, thoughts: Thoughts, piece: &str) {
        let delta = self.thought(thoughts, object! { delta: piece });
        write(out, self.number, "response.reasoning_summary_text.delta", delta);
        self.number += 1;
    }

    fn end_thinking(&mut self, out: &mut Vec<u8>, thoughts: Thoughts, text: &str) {
        let (Thoughts { which, output_index }, n) = (thoughts, self.number);
        let whole = self.thought(thoughts, object! { text: text });
        write(out, n, "response.reasoning_summary_text.done", whole);
        let part = self.thought(thoughts, object! { part: PlainPart::SummaryText { text } });
        write(out, n + 1, "response.reasoning_summary_part.done", part);
        let item: PlainItem = reasoning(&self.reasoning_ids[which], Some(text));
        let item = object! { output_index: output_index, item: item };
        write(out, n + 2, "response.output_item.done", item);
        self.number += 3;
    }

    /// About what the model thinks.
    fn thought(&self, thoughts: Thoughts, more: impl Serialize) -> impl Serialize {
        object! {
            item_id: &self.reasoning_ids[thoughts.which],
            output_index: thoughts.output_index,
            summary_index: 0,
            #[serde(flatten)]
            more: more,
        }
    }

    fn begin_message(&mut self, out: &mut Vec<u8>) {
        if self.message_at.is_some() {
            return;
        }
        self.end_first_thinking(out);
        let output_index = usize::from(!self.thinking.is_empty());
        self.message_at = Some(output_index);
        let item: PlainItem = self.message("in_progress", Vec::new());
        let item = object! { output_index: output_index, item: item };
        write(out, self.number, "response.output_item.added", item);
        let part = PlainPart::OutputText { text: "", annotations: Vec::new(), logprobs: [] };
        let part = self.said(object! { part: part });
        write(out, self.number + 1, "response.content_part.added", part);
        self.number += 2;
    }

    /// Ends the thoughts before the message.
    fn end_first_thinking(&mut self, out: &mut Vec<u8>) {
        if !self.thinking.is_empty() && !self.has_ended_thinking {
            self.has_ended_thinking = true;
            let thinking = std::mem::take(&mut self.thinking);
            self.end_thinking(out, FIRST, &thinking);
            self.thinking = thinking;
        }
    }

    /// A call as an item: as it begins, or `whole`.
    fn item_of(&self, call: &Call, whole: bool) -> Value {
        let text = if whole { call.input.as_str() } else { "" };
        let status = if whole { "completed" } else { "in_progress" };
        let form = self.forms.get(&call.name);
        let (prefix, kind, member) = match (&call.input, form) {
            (Input::Text(_), _) => ("ctc_", "custom_tool_call", "input"),
            (_, Some(Form::LocalShell)) => ("lsh_", "local_shell_call", "action"),
            (_, Some(Form::Shell)) => ("sh_", "shell_call", "action"),
            (_, Some(Form::ApplyPatch)) => ("apc_", "apply_patch_call", "operation"),
            (Input::Json(_), Some(Form::Within { .. }) | None) => {
                ("fc_", "function_call", "arguments")
            }
        };
        let id = item_id(prefix, call);
        let mut item = json!({"type": kind, "id": id, "call_id": call.id, "status": status});
        match form {
            Some(Form::LocalShell | Form::Shell | Form::ApplyPatch) => {
                let mut action: Value =
                    serde_json::from_str(call.input.as_str()).unwrap_or_default();
                if let (Some(Form::LocalShell), Some(action)) = (form, action.as_object_mut()) {
                    action.insert("type".to_owned(), "exec".into());
                    action.entry("env").or_insert_with(|| json!({}));
                }
                item[member] = action;
            }
            Some(Form::Within { space, name }) => {
                item["namespace"] = space.as_str().into();
                item["name"] = name.as_str().into();
                item[member] = text.into();
            }
            None => {
                item["name"] = call.name.as_str().into();
                item[member] = text.into();
            }
        }
        item
    }

    /// Writes the events of a call, which stands at this place in the output.
    fn write_call(&mut self, out: &mut Vec<u8>, call: &Call, output_index: usize) {
        let (begun, whole) = (self.item_of(call, false), self.item_of(call, true));
        let item_id = begun["id"].clone();
        let added = object! { output_index: output_index, item: begun };
        let kinds = match whole["type"].as_str() {
            Some("function_call") => Some((
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done",
                "arguments",
            )),
            Some("custom_tool_call") => Some((
                "response.custom_tool_call_input.delta",
                "response.custom_tool_call_input.done",
                "input",
            )),
            _ => None,
        };
        write(out, self.number, "response.output_item.added", added);
        self.number += 1;
        if let Some((delta, done, member)) = kinds {
            let text = call.input.as_str();
            let about = json!({"item_id": item_id, "output_index": output_index});
            let mut more = about.clone();
            more["delta"] = text.into();
            write(out, self.number, delta, more);
            let mut all = about;
            all[member] = text.into();
            if member == "arguments" {
                all["name"] = whole["name"].clone();
            }
            write(out, self.number + 1, done, all);
            self.number += 2;
        }
        let done = object! { output_index: output_index, item: whole };
        write(out, self.number, "response.output_item.done", done);
        self.number += 1;
    }

    /// Ends the message.
    fn end_message(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        let (mut n, output_index) = (self.number, self.message_at.unwrap_or(0));
        for (index, annotation) in annotations(finished).into_iter().enumerate() {
            let added = self.said(object! { annotation_index: index, annotation: annotation });
            write(out, n, "response.output_text.annotation.added", added);
            n += 1;
        }
        let text = self.said(object! { text: finished.text, logprobs: [(); 0] });
        write(out, n, "response.output_text.done", text);
        let part = self.said(object! { part: output_text(finished) });
        write(out, n + 1, "response.content_part.done", part);
        let (status, _) = status(finished);
        let item = self.message(status, vec![output_text(finished)]);
        let item = object! { output_index: output_index, item: item };
        write(out, n + 2, "response.output_item.done", item);
        self.number = n + 3;
    }

    /// About the message.
    fn said(&self, more: impl Serialize) -> impl Serialize {
        object! {
            item_id: &self.message_id,
            output_index: self.message_at.unwrap_or(0),
            content_index: 0,
            #[serde(flatten)]
            more: more,
        }
    }
}

/// What the model thinks, as an item.
#[derive(Clone, Copy)]
struct Thoughts {
    /// Before the message, or after its beginning.
    which: usize,
    output_index: usize,
}

/// The thoughts before the message.
const FIRST: Thoughts = Thoughts { which: 0, output_index: 0 };

fn reasoning<'a, A>(id: &'a str, text: Option<&'a str>) -> Item<'a, A> {
    let status = if text.is_some() { "completed" } else { "in_progress" };
    let summary = text.map(|text| Part::SummaryText { text }).into_iter().collect();
    Item::Reasoning { id, summary, status }
}

impl Format for ResponsesFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let id = response_id(&finished.begun);
        let (_, response) = self.finished(&id, finished);
        json_with(StatusCode::OK, &response)
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        self.id = response_id(begun);
        begun.model.clone_into(&mut self.model);
        if let (Some(chat), Some(metadata)) = (begun.chat, self.echo.metadata.as_object_mut()) {
            metadata.insert("chat_id".to_owned(), chat.as_str().into());
        }
        self.created(out);
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if self.message_at.is_some() {
            self.late_thinking.push_str(piece);
            return;
        }
        if self.thinking.is_empty() {
            self.begin_thinking(out, FIRST);
        }
        self.thinking.push_str(piece);
        self.add_thinking(out, FIRST, piece);
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.begin_message(out);
        let delta = self.said(object! { delta: piece, logprobs: [(); 0] });
        write(out, self.number, "response.output_text.delta", delta);
        self.number += 1;
    }

    fn call(&mut self, _: &mut Vec<u8>, call: &Call) {
        self.calls.push(call.clone());
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        if finished.calls.is_empty() {
            self.begin_message(out);
        }
        self.end_first_thinking(out);
        let mut next = usize::from(!self.thinking.is_empty());
        if self.message_at.is_some() {
            self.end_message(out, finished);
            next += 1;
        }
        let late_thinking = std::mem::take(&mut self.late_thinking);
        if !late_thinking.is_empty() {
            let late = Thoughts { which: 1, output_index: next };
            self.begin_thinking(out, late);
            self.add_thinking(out, late, &late_thinking);
            self.end_thinking(out, late, &late_thinking);
            self.late_thinking = late_thinking;
            next += 1;
        }
        for (at, call) in std::mem::take(&mut self.calls).iter().enumerate() {
            self.write_call(out, call, next + at);
        }
        let (status, response) = self.finished(&self.id, finished);
        let kind = if status == "completed" { "response.completed" } else { "response.incomplete" };
        write(out, self.number, kind, object! { response: response });
        self.number += 1;
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        // Clients expect it first, also of an answer that fails before it begins.
        if self.id.is_empty() {
            self.id = new_id(PREFIX);
            self.created(out);
        }
        let error = object! { code: code(error), message: error.message() };
        let response = self.unfinished("failed", Some(error));
        write(out, self.number, "response.failed", object! { response: response });
        self.number += 1;
    }
}

fn write(out: &mut Vec<u8>, sequence_number: u64, kind: &'static str, more: impl Serialize) {
    let event = object! {
        r#type: kind,
        sequence_number: sequence_number,
        #[serde(flatten)]
        more: more,
    };
    put_event(out, kind, &event);
}

/// The id of the item that is this call.
fn item_id(prefix: &str, call: &Call) -> String {
    format!("{prefix}{}", call.id.strip_prefix("call_").unwrap_or(&call.id))
}

/// The status of a response at its end, and why it is incomplete.
fn status(finished: &Finished) -> (&'static str, Option<&'static str>) {
    match finished.text_end() {
        TextEnd::Natural | TextEnd::Sequence(_) | TextEnd::Calls => ("completed", None),
        TextEnd::Length => ("incomplete", Some("max_output_tokens")),
        TextEnd::ContentFilter => ("incomplete", Some("content_filter")),
    }
}

/// The id names the chat and the message of a response that is kept.
fn response_id(begun: &Begun) -> String {
    match (begun.chat, begun.message_id) {
        (Some(chat), Some(message)) => id_of(chat, message),
        _ => new_id(PREFIX),
    }
}

fn output_text<'a>(finished: &Finished<'a>) -> Part<'a, impl Serialize + use<'a>> {
    Part::OutputText { text: finished.text, annotations: annotations(finished), logprobs: [] }
}

fn annotations<'a>(finished: &Finished<'a>) -> Vec<impl Serialize + use<'a>> {
    let marks = finished.citations().into_iter();
    let annotations = marks.map(|mark| {
        object! {
            r#type: "url_citation",
            start_index: mark.start,
            end_index: mark.end,
            url: &mark.source.url,
            title: &mark.source.title,
        }
    });
    annotations.collect()
}

fn usage(usage: Usage) -> impl Serialize {
    object! {
        input_tokens: usage.input_tokens,
        input_tokens_details: object! { cached_tokens: usage.cached_tokens.unwrap_or(0) },
        output_tokens: usage.output_tokens,
        output_tokens_details: object! { reasoning_tokens: usage.reasoning_tokens.unwrap_or(0) },
        total_tokens: usage.total_tokens,
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
