//! The response to a prompt: the finished [`Reply`], and [`ReplyEvent`]s while it grows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChatId, Citation};

/// Token counts of one answer, as the upstream reports them.
///
/// An answer that uses a tool takes several rounds; these are the counts of the last one
/// (protocol 7.3, F77).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Tokens of the input.
    pub input_tokens: u64,
    /// Tokens of the output.
    pub output_tokens: u64,
    /// Sum of both.
    pub total_tokens: u64,
    /// Tokens of the output spent on thinking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reasoning_tokens: Option<u64>,
    /// Tokens of the input from the upstream's cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cached_tokens: Option<u64>,
}

/// Text of a phase that is neither the answer nor thinking, kept apart so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OtherPart {
    /// The upstream's name of the phase.
    pub phase: String,
    /// Its text.
    pub content: String,
}

/// Whether a reply is all that the model wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// The upstream finished it.
    Complete,
    /// Stopped on request.
    Stopped,
    /// The upstream finished it, but part of the stream was unreadable (protocol F60).
    Doubtful,
    /// Still growing, or cut.
    Partial,
}

/// Why the model stopped writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The natural end of the answer.
    Stop,
    /// A token limit.
    Length,
    /// A content filter.
    ContentFilter,
    /// A call of tools.
    ToolCalls,
    /// Another reason, as the upstream spells it.
    #[serde(untagged)]
    Other(String),
}

impl FinishReason {
    /// Reads a reason as the APIs of models spell it; `None` for one that says nothing.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "" | "null" | "none" => return None,
            "stop" => Self::Stop,
            "length"
            | "max_tokens"
            | "max_output_tokens"
            | "model_length"
            | "model_context_window_exceeded" => Self::Length,
            "content_filter"
            | "content_filtered"
            | "content_policy"
            | "content_policy_violation"
            | "safety"
            | "image_safety"
            | "sensitive"
            | "recitation"
            | "prohibited_content"
            | "blocklist"
            | "spii"
            | "guardrail_intervened"
            | "refusal" => Self::ContentFilter,
            "tool_calls" | "tool_call" | "tool_use" | "function_call" | "function_calls" => {
                Self::ToolCalls
            }
            _ => Self::Other(text.to_owned()),
        })
    }

    /// Whether it is the natural end of a whole answer.
    pub fn is_natural(&self) -> bool {
        matches!(self, Self::Stop | Self::Other(_)) && !self.is_failure()
    }

    /// Whether the answer is not whole: only the known names of a natural end mean that it is.
    pub fn is_failure(&self) -> bool {
        const ENDS: [&str; 15] = [
            "complete",
            "completed",
            "done",
            "end",
            "end_of_text",
            "end_turn",
            "eos",
            "eos_token",
            "finish",
            "finish_reason_stop",
            "finished",
            "stop_sequence",
            "stop_token",
            "stop_word",
            "stopped",
        ];
        matches!(self, Self::Other(reason) if !ENDS.contains(&reason.trim().to_ascii_lowercase().as_str()))
    }
}

/// A call of a tool of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id, unique in the conversation. Its result names it.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// What the tool gets.
    pub input: Input,
}

/// What a tool gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The text of a JSON object, as the model wrote it. In a history it may be any text.
    Json(String),
    /// Free text, for a custom tool.
    Text(String),
}

impl Input {
    /// The text, whatever its form.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Json(text) | Self::Text(text) => text,
        }
    }
}

/// Calls that the upstream took out of the text, for tools that it does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intercepted {
    /// The calls, without ids.
    pub calls: Vec<Call>,
    /// How long the text was before them, in bytes. What follows is about the missing tool.
    pub at: usize,
}

/// The answer to a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The chat that it belongs to.
    pub chat_id: ChatId,
    /// The id of the answer; the parent of the next prompt.
    pub message_id: Option<String>,
    /// The upstream's id of the prompt.
    pub prompt_id: Option<String>,
    /// The requested model.
    pub model: String,
    /// The text of the answer.
    pub content: String,
    /// The model's thoughts.
    pub thinking: Option<String>,
    /// The sources that the text cites, by their numbers.
    pub citations: Vec<Citation>,
    /// Links to images made by the model. They are short-lived and contain a key: not for logs.
    pub images: Vec<String>,
    /// Text of other phases.
    pub other: Vec<OtherPart>,
    /// Calls of tools of the client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// Calls that the upstream took out of the text (protocol 6.6).
    #[serde(skip)]
    pub intercepted: Intercepted,
    /// Token counts.
    pub usage: Option<Usage>,
    /// Why the model stopped, where the upstream reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// Whether the reply is whole.
    pub completeness: Completeness,
}

impl Reply {
    /// A reply without any content yet.
    pub fn empty(chat_id: ChatId, model: impl Into<String>) -> Self {
        Self {
            chat_id,
            message_id: None,
            prompt_id: None,
            model: model.into(),
            content: String::new(),
            thinking: None,
            citations: Vec::new(),
            images: Vec::new(),
            other: Vec::new(),
            calls: Vec::new(),
            intercepted: Intercepted::default(),
            usage: None,
            finish_reason: None,
            completeness: Completeness::Partial,
        }
    }

    /// Whether there is an answer: text, an image or a call.
    pub fn is_answer(&self) -> bool {
        !self.content.is_empty() || !self.images.is_empty() || !self.calls.is_empty()
    }

    /// Length of all texts together, in bytes.
    pub fn text_length(&self) -> usize {
        let other: usize = self.other.iter().map(|part| part.content.len()).sum();
        self.content.len() + self.thinking.as_ref().map_or(0, String::len) + other
    }

    /// The sources that the text cites as `[[1]]` or `[[1,2]]`; all of them if it cites none.
    pub fn cited(&self) -> Vec<&Citation> {
        let numbers = cited_numbers(&self.content);
        let cited: Vec<_> =
            self.citations.iter().filter(|source| numbers.contains(&source.number)).collect();
        if cited.is_empty() { self.citations.iter().collect() } else { cited }
    }

    /// Whether the reply holds anything worth keeping.
    pub fn has_substance(&self) -> bool {
        self.is_answer() || self.thinking.is_some() || !self.other.is_empty()
    }
}

/// The numbers in `[[1]]` and `[[1,2]]` (protocol 7.7).
fn cited_numbers(text: &str) -> BTreeSet<u32> {
    let marks = text.split("[[").skip(1).filter_map(|rest| rest.split_once("]]"));
    marks
        .flat_map(|(numbers, _)| numbers.split(','))
        .filter_map(|n| n.trim().parse().ok())
        .collect()
}

/// One step in the growth of a reply. The pieces of text are increments.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplyEvent {
    /// The upstream accepted the prompt.
    Start {
        /// The chat.
        chat_id: ChatId,
        /// The id of the answer.
        message_id: Option<String>,
        /// The id of the prompt.
        prompt_id: Option<String>,
    },
    /// More thoughts.
    Thinking(String),
    /// A web search.
    Search {
        /// The queries; empty where the upstream does not report them.
        queries: Vec<String>,
        /// The results; empty while the search runs.
        citations: Vec<Citation>,
    },
    /// The answer grew.
    Delta(String),
    /// Replaces the text streamed so far.
    Rewrite(String),
    /// Replaces the thoughts streamed so far.
    RewriteThinking(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f72_cited_sources_are_found_by_their_numbers() {
        let source = |number| Citation {
            number,
            url: String::new(),
            title: String::new(),
            snippet: None,
            date: None,
        };
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.citations = vec![source(7), source(55), source(56)];
        reply.content = "a [[7]], b [[55, 113]] and [[x]] [[".to_owned();
        let numbers = |reply: &Reply| reply.cited().iter().map(|c| c.number).collect::<Vec<_>>();
        assert_eq!(numbers(&reply), [7, 55]);
        reply.content.clear();
        assert_eq!(numbers(&reply), [7, 55, 56]);
    }
}
