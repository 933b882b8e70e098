//! The objects `chat.completion` and `chat.completion.chunk`.

use hyper::StatusCode;
use serde::Serialize;
use warp::reply::Response;

use crate::domain::time::now;
use crate::domain::{Error, Usage};
use crate::server::compat::citations::places;
use crate::server::compat::cutter::Cut;
use crate::server::compat::dialect::{Begun, Dialect, Finished, new_id};
use crate::server::http::error_format::Shape;
use crate::server::http::response::json_with;
use crate::server::stream::put;

/// Writes one completion.
pub(super) struct ChatDialect {
    id: String,
    created: i64,
    includes_usage: bool,
    /// What every chunk begins with, made once.
    head: Vec<u8>,
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

impl ChatDialect {
    /// For one answer; with `includes_usage` a stream ends with the counts of tokens.
    pub(super) fn new(includes_usage: bool) -> Self {
        Self { id: new_id("chatcmpl-"), created: now(), includes_usage, head: Vec::new() }
    }

    fn chunk(&self, out: &mut Vec<u8>, delta: &Delta, finish_reason: Option<&'static str>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(br#""choices":[{"index":0,"delta":"#);
        put(out, delta);
        out.extend_from_slice(br#","logprobs":null,"finish_reason":"#);
        put(out, &finish_reason);
        out.extend_from_slice(b"}]");
        if self.includes_usage {
            out.extend_from_slice(br#","usage":null"#);
        }
        out.extend_from_slice(b"}\n\n");
    }
}

impl Dialect for ChatDialect {
    fn whole(&self, finished: &Finished) -> Response {
        let message = Message {
            role: "assistant",
            content: finished.text,
            refusal: None,
            reasoning_content: finished.thinking(),
            annotations: annotations(finished),
        };
        let finish_reason = finish_reason(finished.cut.as_ref());
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
        self.head.extend_from_slice(br#"data: {"id":"#);
        put(&mut self.head, &self.id);
        self.head.extend_from_slice(br#","object":"chat.completion.chunk","created":"#);
        put(&mut self.head, &self.created);
        self.head.extend_from_slice(br#","model":"#);
        put(&mut self.head, begun.model);
        self.head.push(b',');
        let first = Delta { role: Some("assistant"), content: Some(""), ..Delta::default() };
        self.chunk(out, &first, None);
    }

    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.chunk(out, &Delta { reasoning_content: Some(piece), ..Delta::default() }, None);
    }

    fn text(&mut self, out: &mut Vec<u8>, piece: &str) {
        self.chunk(out, &Delta { content: Some(piece), ..Delta::default() }, None);
    }

    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished) {
        let annotations = annotations(finished);
        if !annotations.is_empty() {
            self.chunk(out, &Delta { annotations, ..Delta::default() }, None);
        }
        self.chunk(out, &Delta::default(), Some(finish_reason(finished.cut.as_ref())));
        if self.includes_usage {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(br#""choices":[],"usage":"#);
            put(out, &CompletionUsage::from(finished.usage()));
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&Shape::OpenAi.document(error));
        out.extend_from_slice(b"\n\n");
    }
}

fn finish_reason(cut: Option<&Cut>) -> &'static str {
    match cut {
        Some(Cut::Length) => "length",
        Some(Cut::Stop(_)) | None => "stop",
    }
}

fn annotations<'a>(finished: &Finished<'a>) -> Vec<Annotation<'a>> {
    let annotation = |place: super::super::citations::Place<'a>| Annotation {
        kind: "url_citation",
        url_citation: UrlCitation {
            start_index: place.start,
            end_index: place.end,
            title: &place.source.title,
            url: &place.source.url,
        },
    };
    places(finished.reply, finished.text).into_iter().map(annotation).collect()
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
