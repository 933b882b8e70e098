//! The object `response` and its parts.

use serde::Serialize;
use serde_json::Value;

use crate::domain::Usage;

/// A response.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created_at: i64,
    pub status: &'static str,
    pub error: Option<Failure<'a>>,
    pub incomplete_details: Option<Incomplete>,
    pub instructions: &'a Value,
    pub max_output_tokens: &'a Value,
    pub metadata: &'a Value,
    pub model: &'a str,
    pub output: Vec<Item<'a>>,
    pub parallel_tool_calls: bool,
    pub previous_response_id: &'a Value,
    pub reasoning: Reasoning<'a>,
    pub store: bool,
    pub temperature: Option<f64>,
    pub text: TextOptions,
    pub tool_choice: &'static str,
    pub tools: [(); 0],
    pub top_p: Option<f64>,
    pub truncation: &'static str,
    pub usage: Option<ResponseUsage>,
}

#[derive(Serialize)]
pub(super) struct Failure<'a> {
    pub code: &'static str,
    pub message: &'a str,
}

#[derive(Serialize)]
pub(super) struct Incomplete {
    pub reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct Reasoning<'a> {
    pub effort: &'a Value,
    pub summary: Option<()>,
}

#[derive(Serialize)]
pub(super) struct TextOptions {
    pub format: Format,
}

#[derive(Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// An item of the output.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    /// What the model thought.
    Reasoning { id: &'a str, summary: Vec<Part<'a>>, status: &'static str },
    /// What it says.
    Message { id: &'a str, status: &'static str, role: &'static str, content: Vec<Part<'a>> },
}

/// A part of an item.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    /// Of a message.
    OutputText { text: &'a str, annotations: Vec<Annotation<'a>>, logprobs: [(); 0] },
    /// Of what the model thought.
    SummaryText { text: &'a str },
}

/// A place that cites a source.
#[derive(Serialize)]
pub(super) struct Annotation<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub start_index: usize,
    pub end_index: usize,
    pub url: &'a str,
    pub title: &'a str,
}

/// Counts of tokens.
#[derive(Serialize)]
pub(super) struct ResponseUsage {
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
