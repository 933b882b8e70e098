//! One prompt, and what it follows.

use std::collections::HashSet;

use crate::domain::{Chat, ChatId};

/// A prompt, and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The chat.
    pub chat_id: ChatId,
    /// What the user says.
    pub prompt: String,
    /// Instructions to put in front of it: the upstream has no field for them (protocol 6.4).
    pub system: Option<String>,
    /// Addresses of images that belong to it; the upstream fetches them.
    pub images: Vec<String>,
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
    /// The current message of the chat, as it was read just now (see [`Parent::seen`]).
    Seen {
        /// The message; none in an empty chat.
        id: Option<String>,
        /// What followed it already: other branches.
        followers: HashSet<String>,
    },
    /// Nothing: the first message of an empty chat.
    Nothing,
    /// Nothing, in a chat that has messages already: the first message of another branch.
    Root,
    /// This message.
    Message(String),
}

impl Parent {
    /// The current message of `chat`, which spares reading it again.
    pub fn seen(chat: &Chat) -> Self {
        let followers = chat.children(chat.current());
        Self::Seen {
            followers: followers.map(|message| message.id.clone()).collect(),
            id: chat.current().map(str::to_owned),
        }
    }
}
