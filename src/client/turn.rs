//! One prompt and its reply.

use crate::domain::{ChatId, Reply, ReplyEvent, Result};

/// A prompt, and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The chat.
    pub chat_id: ChatId,
    /// What the user says.
    pub prompt: String,
    /// Instructions to put in front of it: the upstream has no field for them (protocol 6.4).
    pub system: Option<String>,
    /// The model to ask.
    pub model: String,
    /// What the prompt follows.
    pub parent: Parent,
    /// Whether the model shall think first.
    pub thinking: bool,
    /// Whether the model shall search the web.
    pub search: bool,
}

/// What a prompt follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// The current message of the chat; costs a request.
    Current,
    /// Nothing: the first message of an empty chat.
    Nothing,
    /// This message.
    Message(String),
}

/// A reply while it grows. Dropped before its end, it stops the upstream in the background.
pub struct ReplyStream {
    reply: Reply,
}

#[allow(clippy::unused_async, clippy::todo, missing_docs)]
impl ReplyStream {
    /// The next step; `None` at the end of a whole reply. An error is the last item.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        todo!()
    }
    /// What has come so far.
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
    /// Stops the upstream's generation and ends the stream; what has come so far stays.
    pub async fn stop(&mut self) -> Result<()> {
        todo!()
    }
}
