//! `POST /v1/chat/completions`: the objects `chat.completion` and `chat.completion.chunk`.

use std::sync::Arc;

use hyper::StatusCode;
use serde::Serialize;
use serde_json::Value;
use warp::reply::Response;

use super::input::{self, Object, bad};
use super::{
    Begun, CitationMark, CompletionRequest, Finished, Format, TextEnd, answer, new_id, params,
    target_of,
};
use crate::domain::time::now;
use crate::domain::{Error, Usage};
use crate::server::body::Members;
use crate::server::http::error_format::Shape;
use crate::server::http::response::{ErrorResponse, Outcome, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::put_data;

/// `POST /v1/chat/completions`: the answer to a history of messages.
pub(crate) async fn complete(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let body = members.all();
    let request = read(&call, body)?;
    let format = ChatFormat::new(includes_usage(body)?);
    answer(call, request, format).await
}

fn read(call: &RequestContext, body: &Object) -> Result<CompletionRequest, ErrorResponse> {
    let ignored = params::ignored(params::CHAT, body, call.state.openai.strict)?;
    let max_tokens = input::count(body, "max_tokens")?;
    let max_tokens = input::count(body, "max_completion_tokens")?.or(max_tokens);
    Ok(CompletionRequest {
        model: input::text(body, "model")?.map(str::to_owned),
        messages: input::messages(body, "messages")?,
        field: "messages",
        target: target_of(call, input::chat_of_metadata(body)?)?,
        parent: None,
        thinking: thinks(body)?,
        search: searches(body)?,
        stop: input::texts(body, "stop")?,
        max_tokens,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

/// Clients request it in several ways; the first one takes precedence.
fn thinks(body: &Object) -> Result<bool, ErrorResponse> {
    let thinking = input::member(body, "thinking").map(|thinking| {
        is_enabled(thinking).ok_or_else(|| bad("thinking", "must be true or false"))
    });
    let enabled = input::flag(body, "enable_thinking")?;
    let effort = input::text(body, "reasoning_effort")?.map(is_effort);
    Ok(thinking.transpose()?.or(enabled).or(effort).unwrap_or(false))
}

/// Whether this effort means that the model thinks.
pub(crate) fn is_effort(effort: &str) -> bool {
    !matches!(effort, "none" | "minimal")
}

/// `true`, or an object with that meaning; `None` if it means neither.
pub(crate) fn is_enabled(thinking: &Value) -> Option<bool> {
    match thinking {
        Value::Bool(enabled) => Some(*enabled),
        thinking => match thinking["type"].as_str()? {
            "enabled" | "adaptive" | "auto" => Some(true),
            "disabled" => Some(false),
            _ => None,
        },
    }
}

fn searches(body: &Object) -> Result<bool, ErrorResponse> {
    let enabled = input::flag(body, "enable_search")?.unwrap_or(false);
    Ok(enabled || input::member(body, "web_search_options").is_some())
}

fn includes_usage(body: &Object) -> Result<bool, ErrorResponse> {
    match input::member(body, "stream_options") {
        None => Ok(false),
        Some(Value::Object(options)) => Ok(input::flag(options, "include_usage")?.unwrap_or(false)),
        Some(_) => Err(bad("stream_options", "must be an object")),
    }
}

/// Writes one completion.
struct ChatFormat {
    id: String,
    created: i64,
    includes_usage: bool,
    /// Empty until the answer begins.
    model: String,
}

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: CompletionUsage,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
    refusal: Option<()>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: UrlCitation<'a>,
}

#[derive(Serialize)]
struct UrlCitation<'a> {
    start_index: usize,
    end_index: usize,
    title: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct CompletionUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

/// One event of a stream.
#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<ChunkUsage>,
}

/// The usage in a chunk, if it is requested: only the last chunk has counts.
#[derive(Serialize)]
#[serde(untagged)]
enum ChunkUsage {
    Null(()),
    Counts(CompletionUsage),
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

/// What a chunk adds.
#[derive(Default, Serialize)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
}

impl ChatFormat {
    /// For one answer; with `includes_usage` a stream ends with the token counts.
    fn new(includes_usage: bool) -> Self {
        let (id, model) = (new_id("chatcmpl-"), String::new());
        Self { id, created: now(), includes_usage, model }
    }

    fn delta(&self, out: &mut Vec<u8>, delta: Delta, finish_reason: Option<&'static str>) {
        let choice = ChunkChoice { index: 0, delta, logprobs: None, finish_reason };
        self.chunk(out, &[choice], self.includes_usage.then_some(ChunkUsage::Null(())));
    }

    fn chunk(&self, out: &mut Vec<u8>, choices: &[ChunkChoice], usage: Option<ChunkUsage>) {
        let chunk = Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage,
        };
        put_data(out, &chunk);
    }
}

impl Format for ChatFormat {
    fn whole(&self, finished: &Finished) -> Response {
        let message = Message {
            role: "assistant",
            content: finished.text,
            refusal: None,
            reasoning_content: finished.thinking(),
            annotations: annotations(finished),
        };
        let finish_reason = finish_reason(finished);
        let document = Completion {
            id: &self.id,
            object: "chat.completion",
            created: self.created,
            model: finished.begun.model,
            choices: [Choice { index: 0, message, logprobs: None, finish_reason }],
            usage: finished.usage().into(),
        };
        json_with(StatusCode::OK, &document)
    }

    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun) {
        begun.model.clone_into(&mut self.model);
        let first = Delta { role: Some("assistant"), content: Some(""), ..Delta::default() };
        self.delta(out, first, None);
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.delta(out, Delta { reasoning_content: Some(piece), ..Delta::default() }, None);
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.delta(out, Delta { content: Some(piece), ..Delta::default() }, None);
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        let annotations = annotations(finished);
        if !annotations.is_empty() {
            self.delta(out, Delta { annotations, ..Delta::default() }, None);
        }
        self.delta(out, Delta::default(), Some(finish_reason(finished)));
        if self.includes_usage {
            self.chunk(out, &[], Some(ChunkUsage::Counts(finished.usage().into())));
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

fn annotations<'a>(finished: &Finished<'a>) -> Vec<Annotation<'a>> {
    let annotation = |mark: CitationMark<'a>| Annotation {
        kind: "url_citation",
        url_citation: UrlCitation {
            start_index: mark.start,
            end_index: mark.end,
            title: &mark.source.title,
            url: &mark.source.url,
        },
    };
    finished.citations().into_iter().map(annotation).collect()
}

impl From<Usage> for CompletionUsage {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.input_tokens,
            completion_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens,
            prompt_tokens_details: PromptDetails {
                cached_tokens: usage.cached_tokens.unwrap_or(0),
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: usage.reasoning_tokens.unwrap_or(0),
            },
        }
    }
}
