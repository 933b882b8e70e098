//! The events that make a response. Each has its number, and says which item it belongs to.

use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;
use warp::reply::Response;

use super::document::{
    Annotation, Document, Failure, Format, Incomplete, Item, Part, Reasoning, TextOptions,
};
use super::id;
use crate::domain::Error;
use crate::domain::time::now;
use crate::server::compat::citations::places;
use crate::server::compat::cutter::Cut;
use crate::server::compat::dialect::{Begun, Dialect, Finished, new_id};
use crate::server::compat::input::Object;
use crate::server::http::error_format::code;
use crate::server::http::response::json_with;
use crate::server::stream::put_event;

/// Writes one response.
pub(super) struct ResponsesDialect {
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

/// What a response says back of its request.
pub(super) struct Echo {
    instructions: Value,
    max_output_tokens: Value,
    metadata: Value,
    previous_response_id: Value,
    effort: Value,
}

impl Echo {
    /// What the response to `body` says back.
    pub(super) fn of(body: &Object) -> Self {
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
    response: Document<'a>,
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

impl ResponsesDialect {
    /// For one answer to the request that is echoed.
    pub(super) fn new(echo: Echo) -> Self {
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

    fn document<'a>(&'a self, id: &'a str, model: &'a str, status: &'static str) -> Document<'a> {
        Document {
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
            store: id::parse(id).is_some(),
            temperature: None,
            text: TextOptions { format: Format { kind: "text" } },
            tool_choice: "auto",
            tools: [],
            top_p: None,
            truncation: "disabled",
            usage: None,
        }
    }

    /// The whole response.
    fn finished<'a>(&'a self, id: &'a str, finished: &'a Finished<'a>) -> Document<'a> {
        let is_cut = finished.cut == Some(Cut::Length);
        let status = if is_cut { "incomplete" } else { "completed" };
        let reasoning = finished.thinking().map(|text| self.reasoning(Some(text)));
        let message = self.message(status, vec![output_text(finished)]);
        Document {
            incomplete_details: is_cut.then_some(Incomplete { reason: "max_output_tokens" }),
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

impl Dialect for ResponsesDialect {
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
        // Thoughts between two parts of an answer have no place of their own here.
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
        let response = Document {
            error: Some(Failure { code: code(error), message: error.message() }),
            ..self.document(&self.id, &self.model, "failed")
        };
        write(out, self.number, "response.failed", OfResponse { response });
        self.number += 1;
    }
}

fn write<T: Serialize>(out: &mut Vec<u8>, sequence_number: u64, kind: &'static str, more: T) {
    put_event(out, kind, &Event { kind, sequence_number, more });
}

/// The id tells the place of an answer that is kept.
fn response_id(begun: &Begun) -> String {
    match (begun.chat, begun.message_id) {
        (Some(chat), Some(message)) => id::of(chat, message),
        _ => id::new(),
    }
}

fn output_text<'a>(finished: &Finished<'a>) -> Part<'a> {
    Part::OutputText { text: finished.text, annotations: annotations(finished), logprobs: [] }
}

fn annotations<'a>(finished: &Finished<'a>) -> Vec<Annotation<'a>> {
    let places = places(finished.reply, finished.text).into_iter();
    places
        .map(|place| Annotation {
            kind: "url_citation",
            start_index: place.start,
            end_index: place.end,
            url: &place.source.url,
            title: &place.source.title,
        })
        .collect()
}
