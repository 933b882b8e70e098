//! One event of an answer's stream (protocol 7.2). Every member may be missing, null or malformed.
//!
//! Rare members are boxed: most events are a few words of text, and small structs are cheap to move.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::wire::envelope::Fault;
use crate::client::wire::lenient::{Flag, Int, List, Object, Owned, Text};
use crate::domain::{Citation, FinishReason, Usage};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Frame<'a> {
    #[serde(borrow)]
    pub choices: List<Object<Choice<'a>>>,
    #[serde(borrow)]
    pub response_id: Text<'a>,
    /// The number of the candidate: text or a number.
    response_index: Int,
    /// Unparsed JSON: nearly every event has it, it is larger than the text, and only the last one matters.
    #[serde(borrow, deserialize_with = "unread")]
    pub usage: Option<&'a str>,
    #[serde(borrow)]
    pub error: Fault<'a>,
    pub timestamp: Int,
    #[serde(borrow, rename = "response.created")]
    pub created: Object<Box<Created<'a>>>,
    #[serde(borrow, rename = "response.stopped")]
    pub stopped: Object<Box<Created<'a>>>,
    #[serde(borrow, rename = "response.info")]
    pub info: Object<Box<Info<'a>>>,
    pub done: Flag,
}

impl<'a> Frame<'a> {
    /// The counts as JSON, if there are any.
    pub(crate) fn counts(&self) -> Option<&'a str> {
        self.usage.filter(|json| json.starts_with('{'))
    }

    /// Whether it is about another candidate than the first one (protocol F110).
    pub(crate) fn is_other_candidate(&self) -> bool {
        let named = [&self.created, &self.stopped].into_iter().flat_map(|event| &event.0);
        let mut indices = named.map(|event| event.response_index).chain([self.response_index]);
        indices.any(|index| index.0.is_some_and(|index| index != 0))
    }

    /// Whether a value that decides what a text is was damaged and then repaired.
    pub(crate) fn has_bad_structure(&self) -> bool {
        let is_bad = |text: &Text<'_>| {
            text.non_empty()
                .is_some_and(|text| text.contains(|c: char| c.is_control() || c == '\u{fffd}'))
        };
        let choices = self.choices.0.iter().flat_map(|choice| &choice.0);
        is_bad(&self.response_id)
            || choices.into_iter().any(|choice| {
                let deltas = choice.delta.0.iter();
                is_bad(&choice.finish_reason)
                    || deltas.into_iter().any(|delta| {
                        is_bad(&delta.phase) || is_bad(&delta.status) || is_bad(&delta.role)
                    })
            })
    }

    /// Takes the texts of `other`, another reading of the same event, which keeps halves of characters.
    pub(crate) fn take_texts(&mut self, other: Self) {
        let ours = self.choices.0.iter_mut().flat_map(|choice| &mut choice.0);
        let others = other.choices.0.into_iter().filter_map(|choice| choice.0);
        for (ours, other) in ours.zip(others) {
            if let (Some(ours), Some(other)) = (&mut ours.delta.0, other.delta.0) {
                ours.reasoning_content = other.reasoning_content;
                if matches!(Phase::of(ours), Phase::Answer | Phase::Thinking) {
                    ours.content = other.content;
                }
            }
        }
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
    response_index: Int,
}

/// An event without content. Actions other than `keep_alive` are our local upstream's own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Info<'a> {
    #[serde(borrow)]
    pub action: Text<'a>,
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
    /// Why the model stopped. The upstream's own events have no such member (protocol 7.2); the values are
    /// those of OpenAI's format, which its events resemble.
    pub(crate) fn finish_reason(&self) -> Option<FinishReason> {
        finish_reason(&self.finish_reason)
    }
}

/// Reads a `finish_reason`.
pub(super) fn finish_reason(text: &Text<'_>) -> Option<FinishReason> {
    FinishReason::read(text.non_empty()?)
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
    pub web_search_info: List<Object<SearchHit>>,
    pub image_list: List<Object<ImageLink>>,
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
pub(crate) struct SearchHit {
    /// Its address.
    pub url: Owned,
    /// Its title.
    pub title: Owned,
    /// An excerpt.
    pub snippet: Owned,
    /// When it was published, in free text.
    pub date: Owned,
}

/// An image that the model made.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ImageLink {
    /// Its address.
    pub image: Owned,
}

/// Numbers documents: `used_id` is the next free number, so the last document has `used_id - 1`.
pub(crate) fn number(
    documents: Vec<Object<SearchHit>>,
    used_id: Option<u64>,
    known: usize,
) -> Vec<Citation> {
    let count = documents.len();
    let first = used_id
        .and_then(|next| usize::try_from(next).ok()?.checked_sub(count))
        .filter(|first| *first > 0)
        .unwrap_or(known + 1);
    documents
        .into_iter()
        .enumerate()
        .filter_map(|(i, Object(document))| {
            let document = document?;
            Some(Citation {
                number: u32::try_from(first + i).ok()?,
                url: document.url.non_blank()?,
                title: document.title.non_empty().unwrap_or_default(),
                snippet: document.snippet.non_empty(),
                date: document.date.non_empty(),
            })
        })
        .collect()
}

/// Joins titles and thoughts to steps; either list may be longer.
pub(crate) fn steps(titles: &[impl AsRef<str>], thoughts: &[impl AsRef<str>]) -> Vec<String> {
    (0..titles.len().max(thoughts.len()))
        .map(|i| {
            let title = titles.get(i).map(AsRef::as_ref).unwrap_or_default();
            let thought = thoughts.get(i).map(AsRef::as_ref).unwrap_or_default();
            let separator = if title.is_empty() || thought.is_empty() { "" } else { "\n" };
            format!("{title}{separator}{thought}")
        })
        .filter(|step| !step.trim().is_empty())
        .collect()
}

/// The meaning of a phase (protocol 7.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase<'a> {
    /// Text of the answer.
    Answer,
    /// Thoughts.
    Thinking,
    /// A web search.
    Search,
    /// Images made by the model.
    Image,
    /// The result of a tool: never text of the answer.
    Function,
    /// A sign of life.
    Control,
    /// Another phase, by its name.
    Other(&'a str),
}

impl<'a> Phase<'a> {
    /// The phase of an event. The result of a tool is never text of the answer, whatever its phase.
    pub(crate) fn of(delta: &'a Delta<'_>) -> Self {
        let phase = Self::named(delta.phase.non_empty());
        if delta.role.non_empty() != Some("function") {
            return phase;
        }
        if delta.phase.non_empty() == Some("web_search") { phase } else { Self::Function }
    }

    /// The phase with this name.
    pub(crate) fn named(name: Option<&'a str>) -> Self {
        match name {
            None | Some("answer" | "ReportGeneration" | "deep_research_answer") => Self::Answer,
            Some("think" | "thinking" | "thinking_summary") => Self::Thinking,
            Some("web_search" | "web_search_image" | "web_extractor") => Self::Search,
            Some(
                "image_gen" | "image_gen_tool" | "image_edit" | "image_edit_tool"
                | "generate_image" | "image",
            ) => Self::Image,
            Some("KeepAlive" | "finished" | "null") => Self::Control,
            Some(other) => Self::Other(other),
        }
    }

    /// Whether the end of the phase is the end of an answer.
    pub(crate) fn is_answer(self) -> bool {
        matches!(self, Self::Answer | Self::Image)
    }
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
    /// The counts, if there are any: neither `{}` nor zeros erase earlier ones.
    pub(crate) fn usage(self) -> Option<Usage> {
        let input = self.input_tokens.unsigned().or(self.prompt_tokens.unsigned());
        let output = self.output_tokens.unsigned().or(self.completion_tokens.unsigned());
        let total = self.total_tokens.unsigned();
        if [input, output, total].into_iter().flatten().all(|count| count == 0) {
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
