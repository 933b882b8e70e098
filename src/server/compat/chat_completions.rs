//! `POST /v1/chat/completions`: the objects `chat.completion` and `chat.completion.chunk`.

use std::sync::Arc;

use hyper::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};
use warp::reply::Response;

use super::input::{Reader, Texts, count};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, engine_for, metadata, new_id,
    params,
};
use crate::domain::time::now;
use crate::domain::{Call, Error, Input, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::Shape;
use crate::server::http::object;
use crate::server::http::response::{ErrorResponse, Outcome, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_data;

/// The parameters of its own that this API has.
#[derive(Deserialize)]
struct ChatRequest {
    #[serde(default, deserialize_with = "count")]
    max_tokens: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    max_completion_tokens: Option<u64>,
    #[serde(default, deserialize_with = "enabled")]
    thinking: Option<bool>,
    enable_thinking: Option<bool>,
    reasoning_effort: Option<String>,
    enable_search: Option<bool>,
    stop: Option<Texts>,
    stream_options: Option<StreamOptions>,
}

#[derive(Default, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// `POST /v1/chat/completions`: the answer to a history of messages.
pub(crate) async fn complete(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let engine = engine_for(&call, &members);
    let mut reader = Reader::taking_data(engine.is_some());
    let reader = reader.add_list(&members, "messages").map(|()| reader);
    let own: ChatRequest = members.parse()?;
    let effort = own.reasoning_effort.as_deref().map(is_effort);
    let searches = own.enable_search.unwrap_or(false);
    let (common, offered) =
        CompletionRequest::new(&call, &members, params::CHAT, ("messages", reader), engine)?;
    let request = CompletionRequest {
        // Clients request it in several ways; the first one takes precedence.
        thinking: own.thinking.or(own.enable_thinking).or(effort),
        search: searches || members.get("web_search_options").is_some() || common.search,
        stop: own.stop.map(Vec::from).unwrap_or_default(),
        max_tokens: own.max_completion_tokens.or(own.max_tokens),
        ..common
    };
    let includes_usage = own.stream_options.unwrap_or_default().include_usage.unwrap_or(false);
    answer(call, request, ChatFormat::new(includes_usage, offered.is_legacy)).await
}

/// Whether this effort means that the model thinks.
pub(crate) fn is_effort(effort: &str) -> bool {
    !matches!(effort, "none" | "minimal")
}

/// Reads an optional switch that is `true`, or an object with that meaning, for `deserialize_with`
/// together with `default`.
pub(crate) fn enabled<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    let thinking = Value::deserialize(deserializer)?;
    match (&thinking, thinking["type"].as_str()) {
        (Value::Null, _) => Ok(None),
        (Value::Bool(enabled), _) => Ok(Some(*enabled)),
        (_, Some("enabled" | "adaptive" | "auto")) => Ok(Some(true)),
        (_, Some("disabled")) => Ok(Some(false)),
        _ => Err(de::Error::custom(
            "expected true, false, or an object whose `type` is `enabled` or `disabled`",
        )),
    }
}

/// Writes one completion.
struct ChatFormat {
    id: String,
    created: i64,
    /// Whether a stream ends with the token counts.
    includes_usage: bool,
    /// Whether calls have the form that OpenAI had first.
    is_legacy: bool,
    /// The number of calls so far.
    calls: usize,
    /// Empty until the answer begins.
    model: String,
}

/// What a chunk adds.
#[derive(Default, Serialize)]
struct Delta<'a, A> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<A>,
}

type PlainDelta<'a> = Delta<'a, ()>;

impl ChatFormat {
    fn new(includes_usage: bool, is_legacy: bool) -> Self {
        let (id, model) = (new_id("chatcmpl-"), String::new());
        Self { id, created: now(), includes_usage, is_legacy, calls: 0, model }
    }

    /// The member with the calls of a message.
    fn calls(&self, calls: &[Call]) -> Option<Value> {
        let first = calls.first()?;
        if self.is_legacy {
            return Some(json!({"function_call": function(first)}));
        }
        let call =
            |call: &Call| json!({"id": call.id, "type": kind(call), kind(call): function(call)});
        Some(json!({"tool_calls": calls.iter().map(call).collect::<Vec<_>>()}))
    }

    fn finish_reason(&self, finished: &Finished) -> &'static str {
        match finished.text_end() {
            TextEnd::Natural | TextEnd::Sequence(_) => "stop",
            TextEnd::Length => "length",
            TextEnd::ContentFilter => "content_filter",
            TextEnd::Calls if self.is_legacy => "function_call",
            TextEnd::Calls => "tool_calls",
        }
    }

    fn delta(&self, out: &mut Vec<u8>, delta: impl Serialize, finish_reason: Option<&'static str>) {
        self.choice(out, delta, finish_reason, None::<()>);
    }

    fn choice(
        &self,
        out: &mut Vec<u8>,
        delta: impl Serialize,
        finish_reason: Option<&'static str>,
        more: impl Serialize,
    ) {
        let choice = object! { index: 0, delta: delta, logprobs: (), finish_reason: finish_reason };
        // The usage in a chunk, if it is requested: only the last chunk has counts.
        let usage = self.includes_usage.then(|| object! { usage: () });
        let more = object! {
            #[serde(flatten)]
            usage: usage,
            #[serde(flatten)]
            more: more,
        };
        self.chunk(out, &[choice], more);
    }

    fn chunk(&self, out: &mut Vec<u8>, choices: &[impl Serialize], more: impl Serialize) {
        let chunk = object! {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices: choices,
            #[serde(flatten)]
            more: more,
        };
        put_data(out, &chunk);
    }
}

impl Format for ChatFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let has_calls = !finished.calls.is_empty();
        let message = object! {
            role: "assistant",
            content: Some(finished.text).filter(|text| !text.is_empty() || !has_calls),
            refusal: (),
            #[serde(flatten)]
            calls: self.calls(finished.calls),
            #[serde(flatten)]
            thinking: finished.thinking().map(|text| object! { reasoning_content: text }),
            annotations: annotations(finished),
        };
        let choice = object! {
            index: 0,
            message: message,
            logprobs: (),
            finish_reason: self.finish_reason(finished),
        };
        let completion = object! {
            id: &self.id,
            object: "chat.completion",
            created: self.created,
            model: finished.begun.model,
            choices: [choice],
            usage: usage(finished.usage()),
        };
        json_with(StatusCode::OK, &completion)
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        begun.model.clone_into(&mut self.model);
        let first =
            PlainDelta { role: Some("assistant"), content: Some(""), ..PlainDelta::default() };
        self.choice(out, first, None, metadata(begun));
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        let thought = PlainDelta { reasoning_content: Some(piece), ..PlainDelta::default() };
        self.delta(out, thought, None);
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.delta(out, PlainDelta { content: Some(piece), ..PlainDelta::default() }, None);
    }

    fn call(&mut self, out: &mut Vec<u8>, call: &Call) {
        let (kind, input) = (kind(call), call.input.as_str());
        let member = if kind == "custom" { "input" } else { "arguments" };
        let begun = json!({"name": call.name, member: ""});
        let rest = json!({ member: input });
        if self.is_legacy {
            self.delta(out, json!({"function_call": begun}), None);
            return self.delta(out, json!({"function_call": rest}), None);
        }
        let index = self.calls;
        self.calls += 1;
        let begun = json!({"index": index, "id": call.id, "type": kind, kind: begun});
        self.delta(out, json!({"tool_calls": [begun]}), None);
        self.delta(out, json!({"tool_calls": [{"index": index, kind: rest}]}), None);
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        let annotations = annotations(finished);
        if !annotations.is_empty() {
            self.delta(
                out,
                Delta { annotations, role: None, content: None, reasoning_content: None },
                None,
            );
        }
        self.delta(out, PlainDelta::default(), Some(self.finish_reason(finished)));
        if self.includes_usage {
            let usage = Some(object! { usage: usage(finished.usage()) });
            self.chunk(out, &[(); 0], usage);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&Shape::OpenAi.document(error));
        out.extend_from_slice(b"\n\n");
    }
}

/// The kind of a call.
fn kind(call: &Call) -> &'static str {
    match call.input {
        Input::Json(_) => "function",
        Input::Text(_) => "custom",
    }
}

/// What a call says.
fn function(call: &Call) -> Value {
    match &call.input {
        Input::Json(text) => json!({"name": call.name, "arguments": text}),
        Input::Text(text) => json!({"name": call.name, "input": text}),
    }
}

fn annotations<'a>(finished: &Finished<'a>) -> Vec<impl Serialize + use<'a>> {
    let marks = finished.citations().into_iter();
    let annotations = marks.map(|mark| {
        object! {
            r#type: "url_citation",
            url_citation: object! {
                start_index: mark.start,
                end_index: mark.end,
                title: &mark.source.title,
                url: &mark.source.url,
            },
        }
    });
    annotations.collect()
}

fn usage(usage: Usage) -> impl Serialize {
    object! {
        prompt_tokens: usage.input_tokens,
        completion_tokens: usage.output_tokens,
        total_tokens: usage.total_tokens,
        prompt_tokens_details: object! { cached_tokens: usage.cached_tokens.unwrap_or(0) },
        completion_tokens_details: object! {
            reasoning_tokens: usage.reasoning_tokens.unwrap_or(0),
        },
    }
}
