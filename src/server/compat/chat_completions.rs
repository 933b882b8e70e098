//! `POST /v1/chat/completions`: the objects `chat.completion` and `chat.completion.chunk`.

use std::sync::Arc;

use hyper::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use warp::reply::Response;

use super::input::{Reader, Texts, count};
use super::{
    Begun, CompletionRequest, Finished, Format, TextEnd, answer, metadata, new_id, params,
};
use crate::domain::time::now;
use crate::domain::{Error, Usage};
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
    let mut reader = Reader::default();
    let reader = reader.add_list(&members, "messages").map(|()| reader);
    let own: ChatRequest = members.parse()?;
    let effort = own.reasoning_effort.as_deref().map(is_effort);
    let searches = own.enable_search.unwrap_or(false);
    let request = CompletionRequest {
        // Clients request it in several ways; the first one takes precedence.
        thinking: own.thinking.or(own.enable_thinking).or(effort).unwrap_or(false),
        search: searches || members.get("web_search_options").is_some(),
        stop: own.stop.map(Vec::from).unwrap_or_default(),
        max_tokens: own.max_completion_tokens.or(own.max_tokens),
        ..CompletionRequest::new(&call, &members, params::CHAT, ("messages", reader))?
    };
    let includes_usage = own.stream_options.unwrap_or_default().include_usage.unwrap_or(false);
    answer(call, request, ChatFormat::new(includes_usage)).await
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
    fn new(includes_usage: bool) -> Self {
        let (id, model) = (new_id("chatcmpl-"), String::new());
        Self { id, created: now(), includes_usage, model }
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
        let message = object! {
            role: "assistant",
            content: finished.text,
            refusal: (),
            #[serde(flatten)]
            thinking: finished.thinking().map(|text| object! { reasoning_content: text }),
            annotations: annotations(finished),
        };
        let choice = object! {
            index: 0,
            message: message,
            logprobs: (),
            finish_reason: finish_reason(finished),
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

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        let annotations = annotations(finished);
        if !annotations.is_empty() {
            self.delta(
                out,
                Delta { annotations, role: None, content: None, reasoning_content: None },
                None,
            );
        }
        self.delta(out, PlainDelta::default(), Some(finish_reason(finished)));
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

fn finish_reason(finished: &Finished) -> &'static str {
    match finished.text_end() {
        TextEnd::Natural | TextEnd::Sequence(_) => "stop",
        TextEnd::Length => "length",
        TextEnd::ContentFilter => "content_filter",
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
