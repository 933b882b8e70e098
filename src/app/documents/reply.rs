//! Replies, whole and while they grow.

use serde::Serialize;

use super::ErrorDocument;
use crate::domain::{ChatId, Citation, Completeness, OtherPart, Reply, ReplyEvent, Usage};

/// A reply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ReplyData<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other: &'a [OtherPart],
    chat_id: &'a ChatId,
    message_id: Option<&'a str>,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    /// Only there if it is not `complete`.
    #[serde(skip_serializing_if = "is_complete")]
    completeness: Completeness,
}

impl<'a> From<&'a Reply> for ReplyData<'a> {
    fn from(reply: &'a Reply) -> Self {
        Self {
            content: &reply.content,
            thinking: reply.thinking.as_deref(),
            citations: &reply.citations,
            images: &reply.images,
            other: &reply.other,
            chat_id: &reply.chat_id,
            message_id: reply.message_id.as_deref(),
            model: &reply.model,
            usage: reply.usage,
            completeness: reply.completeness,
        }
    }
}

/// The answer to `quick`: as the one to `send`, with the chat also at the top.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct QuickDocument<'a> {
    success: bool,
    data: ReplyData<'a>,
    chat_id: &'a ChatId,
}

impl<'a> From<&'a Reply> for QuickDocument<'a> {
    fn from(reply: &'a Reply) -> Self {
        Self { success: true, data: reply.into(), chat_id: &reply.chat_id }
    }
}

/// One step of a reply: a line of `ndjson`, or an SSE event (whose name is the member `event`).
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum EventDocument<'a> {
    /// The upstream accepted the prompt.
    Start {
        /// The chat.
        chat_id: &'a ChatId,
        /// The id of the answer.
        message_id: Option<&'a str>,
        /// The model that was asked.
        model: &'a str,
    },
    /// The model thought a bit more.
    Thinking {
        /// The increment.
        content: &'a str,
    },
    /// The model looks something up.
    Search {
        /// What it asks for.
        queries: &'a [String],
        /// What it found.
        citations: &'a [Citation],
    },
    /// The answer grew.
    Delta {
        /// The increment.
        content: &'a str,
    },
    /// What was streamed so far was wrong; this is the text of the answer so far.
    Rewrite {
        /// The whole text.
        content: &'a str,
    },
    /// The answer is whole.
    Done(ReplyData<'a>),
    /// The answer ended in a failure.
    Error(ErrorDocument<'a>),
}

impl<'a> EventDocument<'a> {
    /// The document for a step of the reply that `model` gives.
    pub(crate) fn step(event: &'a ReplyEvent, model: &'a str) -> Self {
        match event {
            ReplyEvent::Start { chat_id, message_id, .. } => {
                Self::Start { chat_id, message_id: message_id.as_deref(), model }
            }
            ReplyEvent::Thinking(content) => Self::Thinking { content },
            ReplyEvent::Search { queries, citations } => Self::Search { queries, citations },
            ReplyEvent::Delta(content) => Self::Delta { content },
            ReplyEvent::Rewrite(content) => Self::Rewrite { content },
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_complete(completeness: &Completeness) -> bool {
    *completeness == Completeness::Complete
}
