//! Chats and their messages.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Citation, Error, Result};

/// The id of a chat: a safe last segment of a path.
///
/// It consists of ASCII letters, digits, `-` and `_`, and has a digit, as every UUID v4 does
/// (protocol 0.1). So it is never empty, because `DELETE /api/v2/chats/` deletes every chat of the
/// account (protocol 5.6), and never the name of another route below `/api/v2/chats/`, such as `new`,
/// `delete` or `batch_delete`: those are words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ChatId(String);

impl ChatId {
    /// The longest id that is accepted, in characters.
    pub const MAX_LEN: usize = 128;

    /// The id as it goes into a path segment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChatId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fault = if id.trim().is_empty() {
            "it is empty"
        } else if id.chars().count() > Self::MAX_LEN {
            "it is longer than 128 characters"
        } else if id.contains(['/', '\\']) {
            "it contains a slash"
        } else if id == "." || id.contains("..") {
            "it contains `..`"
        } else if id.chars().any(|c| c.is_control() || c.is_whitespace()) {
            "it contains white space or a control character"
        } else if !id.bytes().all(plain) {
            "it contains a character other than letters, digits, `-` and `_`"
        } else if !id.bytes().any(|b| b.is_ascii_digit()) {
            "it contains no digit"
        } else {
            return Ok(Self(id.to_owned()));
        };
        Err(Error::invalid(format!("not a chat id: {fault}"))
            .with_hint("`qwenctl chats list` shows the ids of your chats"))
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ChatId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        id.parse().map_err(serde::de::Error::custom)
    }
}

/// One row of the list of chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChatRow)]
pub struct ChatSummary {
    /// Its id.
    #[schema(value_type = String)]
    pub id: ChatId,
    /// Its title; absent until the upstream has made one.
    pub title: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: Option<i64>,
    /// When it last changed, in seconds since 1970.
    pub updated_at: Option<i64>,
    /// Whether the user pinned it.
    pub pinned: bool,
    /// What it was made for: `t2t` (text), `search`, …
    pub chat_type: Option<String>,
    /// The project that it belongs to.
    pub project_id: Option<String>,
}

/// A chat with all of its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// Its title; absent until the upstream has made one.
    pub title: Option<String>,
    /// The model that it was made with.
    pub model: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: Option<i64>,
    /// When it last changed, in seconds since 1970.
    pub updated_at: Option<i64>,
    /// Whether the user pinned it.
    pub pinned: bool,
    /// The last message of the branch that is shown, and the parent of the next prompt.
    pub current_id: Option<String>,
    /// The newest replies: several if several models answered.
    pub current_reply_ids: Vec<String>,
    /// Every message of every branch. Those that follow the same message stand in the order in which
    /// they were made, as far as the upstream tells it.
    pub messages: Vec<Message>,
    /// Whether the upstream holds older messages that it did not send (protocol F28).
    pub incomplete: bool,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
    /// Anything else that the upstream may come up with.
    #[serde(untagged)]
    Other(String),
}

impl Role {
    /// The role as it is written in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Other(role) => role,
        }
    }
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It is whole.
    Done,
    /// The model is still writing it.
    InProgress,
    /// It was stopped by the user.
    Stopped,
    /// The upstream failed while writing it.
    Failed,
}

/// What the upstream says went wrong with a message, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageError {
    /// Its code.
    pub code: Option<String>,
    /// Its description.
    pub details: Option<String>,
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.details.as_deref().or(self.code.as_deref());
        f.write_str(words.unwrap_or("it does not say why"))
    }
}

/// One message of a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// The message that it answers or follows.
    pub parent_id: Option<String>,
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub content: String,
    /// What the model thought before it answered.
    pub thinking: Option<String>,
    /// The sources that the text cites.
    pub citations: Vec<Citation>,
    /// Links to the images that belong to it.
    pub images: Vec<String>,
    /// The model that wrote it.
    pub model: Option<String>,
    /// When it was written, in seconds since 1970.
    pub timestamp: Option<i64>,
    /// How far it has come.
    pub state: MessageState,
    /// What the upstream says went wrong with it.
    pub error: Option<MessageError>,
}

impl Chat {
    /// The branch that is shown: from its first message to [`Chat::current_id`].
    ///
    /// Follows parents from the current message (protocol 5.5), and stops at a missing parent or a
    /// cycle. A chat without a current message shows the branch of its newest message.
    pub fn branch(&self) -> Vec<&Message> {
        let by_id: HashMap<&str, &Message> =
            self.messages.iter().map(|message| (message.id.as_str(), message)).collect();
        let leaf = self
            .current_id
            .as_deref()
            .and_then(|id| by_id.get(id).copied())
            .or_else(|| self.messages.iter().max_by_key(|message| message.timestamp));
        let mut seen = HashSet::new();
        let mut branch: Vec<&Message> = std::iter::successors(leaf, |message| {
            by_id.get(message.parent_id.as_deref()?).copied()
        })
        .take_while(|message| seen.insert(message.id.as_str()))
        .collect();
        branch.reverse();
        branch
    }

    /// The message that a new one follows: [`Chat::current_id`], or where the upstream names none,
    /// the last reply of the branch that is shown. None in an empty chat.
    pub fn current(&self) -> Option<&str> {
        self.current_id.as_deref().or_else(|| {
            let mut last = self.branch().into_iter().rev();
            last.find(|message| message.role == Role::Assistant).map(|reply| reply.id.as_str())
        })
    }

    /// The message with this id.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// The messages that follow `parent` (the first messages of the chat for `None`).
    pub fn children<'a, 'p>(
        &'a self,
        parent: Option<&'p str>,
    ) -> impl Iterator<Item = &'a Message> + use<'a, 'p> {
        self.messages.iter().filter(move |message| message.parent_id.as_deref() == parent)
    }
}
