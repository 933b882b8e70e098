//! What comes back for a prompt: the finished [`Reply`], and the [`ReplyEvent`]s while it grows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChatId, Citation};

/// Counts of tokens for one answer, as the upstream reports them.
///
/// An answer that uses a tool takes several rounds; these are the counts of the last one
/// (protocol 7.3, F77).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Tokens that the model read.
    pub input_tokens: u64,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
    /// Both together.
    pub total_tokens: u64,
    /// Tokens of the output that went into thinking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reasoning_tokens: Option<u64>,
    /// Tokens of the input that came out of the upstream's cache.
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
    /// It was stopped on request.
    Stopped,
    /// The upstream finished it, but a piece on the way could not be read (protocol F60).
    Doubtful,
    /// It is still growing, or was cut.
    Partial,
}

/// Why the model stopped writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The answer is at its natural end.
    Stop,
    /// The answer reached a token limit.
    Length,
    /// A content filter cut the answer.
    ContentFilter,
    /// The model calls tools.
    ToolCalls,
    /// Another reason, as the upstream spells it.
    #[serde(untagged)]
    Other(String),
}

/// The answer to a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The chat that it belongs to.
    pub chat_id: ChatId,
    /// The id of the answer; the parent of the next prompt.
    pub message_id: Option<String>,
    /// The id that the upstream gave to the prompt.
    pub prompt_id: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// The text of the answer.
    pub content: String,
    /// What the model thought before it answered.
    pub thinking: Option<String>,
    /// The sources that the text cites, by their numbers.
    pub citations: Vec<Citation>,
    /// Links to images that the model made. They are short-lived and hold a key: not for logs.
    pub images: Vec<String>,
    /// Text of other phases.
    pub other: Vec<OtherPart>,
    /// Counts of tokens.
    pub usage: Option<Usage>,
    /// Why the model stopped, where the upstream reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// Whether this is all of it.
    pub completeness: Completeness,
}

impl Reply {
    /// An answer of which nothing has come yet.
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
            usage: None,
            finish_reason: None,
            completeness: Completeness::Partial,
        }
    }

    /// Whether there is an answer at all: text, or an image.
    pub fn is_answer(&self) -> bool {
        !self.content.is_empty() || !self.images.is_empty()
    }

    /// How long its texts are together, in bytes.
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

    /// Whether anything has been received that would be a pity to lose.
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
    /// The model thought a bit more.
    Thinking(String),
    /// The model looks something up.
    Search {
        /// What it asks for; empty where the upstream does not say.
        queries: Vec<String>,
        /// What it found; empty while it is still looking.
        citations: Vec<Citation>,
    },
    /// The answer grew.
    Delta(String),
    /// What was streamed so far was wrong: this is the text of the answer (after a recovery).
    Rewrite(String),
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
