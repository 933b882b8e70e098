//! One event of an answer's stream (protocol 7.2). Every member may be missing, null or odd.
//!
//! Rare members are boxed: most events are a few words of text, and small structs move fast.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::wire::envelope::Fault;
use crate::client::wire::lenient::{Flag, Int, List, Object, Owned, Text};
use crate::domain::{FinishReason, Usage};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Frame<'a> {
    #[serde(borrow)]
    pub choices: List<Object<Choice<'a>>>,
    #[serde(borrow)]
    pub response_id: Text<'a>,
    /// As JSON text: it is in nearly every event, larger than the text, and only the last one counts.
    #[serde(borrow, deserialize_with = "unread")]
    pub usage: Option<&'a str>,
    #[serde(borrow)]
    pub error: Fault<'a>,
    pub timestamp: Int,
    #[serde(borrow, rename = "response.created")]
    pub created: Object<Box<Created<'a>>>,
    #[serde(borrow, rename = "response.stopped")]
    pub stopped: Object<Box<Created<'a>>>,
    pub done: Flag,
}

impl<'a> Frame<'a> {
    /// The counts as JSON text, if it has any.
    pub(crate) fn counts(&self) -> Option<&'a str> {
        self.usage.filter(|json| json.starts_with('{'))
    }
}

fn unread<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de str>, D::Error> {
    Ok(Option::<&RawValue>::deserialize(deserializer)?.map(RawValue::get))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Created<'a> {
    #[serde(borrow)]
    pub parent_id: Text<'a>,
    #[serde(borrow)]
    pub response_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice<'a> {
    #[serde(borrow)]
    pub delta: Object<Delta<'a>>,
    #[serde(borrow)]
    pub finish_reason: Text<'a>,
}

impl Choice<'_> {
    /// Why the model stopped. The upstream's own events have no such member (protocol 7.2); the
    /// values are those of OpenAI's format, which it comes from.
    pub(crate) fn finish_reason(&self) -> Option<FinishReason> {
        finish_reason(&self.finish_reason)
    }
}

/// Reads a `finish_reason`, in an event or in a whole document.
pub(super) fn finish_reason(text: &Text<'_>) -> Option<FinishReason> {
    Some(match text.non_empty()? {
        "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        other => FinishReason::Other(other.to_owned()),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delta<'a> {
    #[serde(borrow)]
    pub role: Text<'a>,
    #[serde(borrow)]
    pub content: Text<'a>,
    #[serde(borrow)]
    pub reasoning_content: Text<'a>,
    #[serde(borrow)]
    pub phase: Text<'a>,
    #[serde(borrow)]
    pub status: Text<'a>,
    #[serde(borrow)]
    pub function_call: Object<Box<FunctionCall<'a>>>,
    #[serde(borrow)]
    pub extra: Object<Box<Extra<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FunctionCall<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    /// Cumulative JSON text, or already an object (protocol F73).
    pub arguments: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Extra<'a> {
    #[serde(borrow)]
    pub summary_title: Object<Snapshot<'a>>,
    #[serde(borrow)]
    pub summary_thought: Object<Snapshot<'a>>,
    pub web_search_info: List<Object<Document>>,
    pub image_list: List<Object<Image>>,
    /// An object with `docs` for a search, a list of images for a drawing.
    pub tool_result: Option<Value>,
    #[serde(borrow)]
    pub error: Fault<'a>,
}

/// A cumulative list (protocol 7.5).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Snapshot<'a> {
    #[serde(borrow)]
    pub content: List<Text<'a>>,
}

/// One result of a search.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Its address.
    pub url: Owned,
    /// Its title.
    pub title: Owned,
    /// A few words of it.
    pub snippet: Owned,
    /// When it was published, in free text.
    pub date: Owned,
}

/// An image that the model made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Image {
    /// Its address.
    pub image: Owned,
}

/// The counts of protocol 7.3, with the variants that have been seen.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UsageCounts {
    input_tokens: Int,
    prompt_tokens: Int,
    output_tokens: Int,
    completion_tokens: Int,
    total_tokens: Int,
    output_tokens_details: Object<Details>,
    prompt_tokens_details: Object<Details>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Details {
    reasoning_tokens: Int,
    cached_tokens: Int,
}

impl UsageCounts {
    /// The counts, unless there are none: `{}` does not erase earlier ones.
    pub(crate) fn usage(self) -> Option<Usage> {
        let input = self.input_tokens.unsigned().or(self.prompt_tokens.unsigned());
        let output = self.output_tokens.unsigned().or(self.completion_tokens.unsigned());
        let total = self.total_tokens.unsigned();
        if input.is_none() && output.is_none() && total.is_none() {
            return None;
        }
        let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
        Some(Usage {
            input_tokens: input,
            output_tokens: output,
            total_tokens: total.unwrap_or(input.saturating_add(output)),
            reasoning_tokens: self
                .output_tokens_details
                .0
                .and_then(|d| d.reasoning_tokens.unsigned()),
            cached_tokens: self.prompt_tokens_details.0.and_then(|d| d.cached_tokens.unsigned()),
        })
    }
}
