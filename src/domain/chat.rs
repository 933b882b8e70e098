//! Chats, their messages, and the prompt that continues one.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::file::{MessageFile, UploadedFile};

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
    /// How much of it people need to see.
    pub const SHORT: usize = 8;
    /// The longest id that is accepted, in characters.
    pub const MAX_LEN: usize = 128;

    /// Checks an id; the error says what is wrong with it. For callers outside: [`std::str::FromStr`].
    pub(super) fn checked(id: &str) -> Result<Self, String> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fault = if id.trim().is_empty() {
            "is empty"
        } else if id.chars().count() > Self::MAX_LEN {
            "is longer than 128 characters"
        } else if id.contains(['/', '\\']) {
            "contains a slash"
        } else if id == "." || id.contains("..") {
            "contains `..`"
        } else if id.chars().any(|c| c.is_control() || c.is_whitespace()) {
            "contains white space or a control character"
        } else if !id.bytes().all(plain) {
            "contains a character other than letters, digits, `-` and `_`"
        } else if !id.bytes().any(|b| b.is_ascii_digit()) {
            return Err(format!("`{id}` is not a chat id"));
        } else {
            return Ok(Self(id.to_owned()));
        };
        Err(format!("the chat id {fault}"))
    }

    /// The id as it goes into a path segment.
    pub fn as_str(&self) -> &str {
        &self.0
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
        Self::checked(&id).map_err(serde::de::Error::custom)
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
    /// When it was created, in seconds since 1970.
    pub created_at: Option<i64>,
    /// When it last changed, in seconds since 1970.
    pub updated_at: Option<i64>,
    /// Whether the user pinned it.
    pub pinned: bool,
    /// Whether the user archived it; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// What it was created for: `t2t` (text), `search`, …
    pub chat_type: Option<String>,
    /// The project that it belongs to.
    pub project_id: Option<String>,
}

/// A result of the upstream's own search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundChat {
    /// The chat.
    pub chat: ChatSummary,
    /// The message that matches; none if the title does.
    pub message_id: Option<String>,
    /// An excerpt of the message.
    pub content: Option<String>,
}

/// A project: a group of chats, which the list of chats does not contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A list of chats.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ChatList {
    /// The chats outside of projects that are not archived.
    Main,
    /// The pinned ones.
    Pinned,
    /// The archived ones.
    Archived,
    /// Those of the project with this id.
    Project(String),
}

impl ChatList {
    /// Whether the list comes in pages (protocol 5.1, 5.2).
    pub fn has_pages(&self) -> bool {
        matches!(self, Self::Main | Self::Project(_))
    }
}

/// A chat with all of its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// Its title; absent until the upstream has made one.
    pub title: Option<String>,
    /// The model that it was created with.
    pub model: Option<String>,
    /// When it was created, in seconds since 1970.
    pub created_at: Option<i64>,
    /// When it last changed, in seconds since 1970.
    pub updated_at: Option<i64>,
    /// Whether the user pinned it.
    pub pinned: bool,
    /// Whether the user archived it.
    pub archived: bool,
    /// The project that it belongs to.
    pub project_id: Option<String>,
    /// The last message of the visible branch, and the parent of the next prompt.
    pub current_id: Option<String>,
    /// The newest replies: several if several models answered.
    pub current_reply_ids: Vec<String>,
    /// Every message of every branch. Messages with the same parent are in order of creation, as far as the
    /// upstream reports it.
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
    /// Any other role of the upstream.
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

/// The state of a message.
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

/// The upstream's error for a message.
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
        f.write_str(words.unwrap_or("no reason given"))
    }
}

/// A source that an answer cites as `[[number]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The number by which the text refers to it.
    pub number: u32,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// An excerpt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub snippet: Option<String>,
    /// Publication date in the upstream's own words ("3 days ago").
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub date: Option<String>,
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
    /// The files that the person sent with it.
    pub files: Vec<MessageFile>,
    /// The model that wrote it.
    pub model: Option<String>,
    /// When it was written, in seconds since 1970.
    pub timestamp: Option<i64>,
    /// Its state.
    pub state: MessageState,
    /// The upstream's error for it.
    pub error: Option<MessageError>,
}

impl Chat {
    /// The visible branch: from its first message to [`Chat::current_id`].
    ///
    /// Follows parents from the current message (protocol 5.5), and stops at a missing parent or a
    /// cycle. A chat without a current message shows the branch of its newest message.
    pub fn branch(&self) -> Vec<&Message> {
        self.branch_to(self.current_id.as_deref())
    }

    /// The same to the message `leaf` instead of the current one.
    pub fn branch_to(&self, leaf: Option<&str>) -> Vec<&Message> {
        let by_id: HashMap<&str, &Message> =
            self.messages.iter().map(|message| (message.id.as_str(), message)).collect();
        let leaf = leaf
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

    /// The parent of a new message: [`Chat::current_id`], or where the upstream names none, the last reply of
    /// the visible branch. `None` in an empty chat.
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

/// A prompt and how to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The chat.
    pub chat_id: ChatId,
    /// The user's text.
    pub prompt: String,
    /// Instructions to put in front of it: the upstream has no field for them (protocol 6.4).
    pub system: Option<String>,
    /// Addresses of its images; the upstream fetches them.
    pub images: Vec<String>,
    /// Its files, which the upstream has.
    pub files: Vec<UploadedFile>,
    /// The same prompt taken apart, for an upstream that takes roles. Without it `prompt` and `system`
    /// are all there is.
    pub conversation: Option<Conversation>,
    /// The model to ask.
    pub model: String,
    /// Whether it is the chat's own model, and not one that the user named.
    pub has_chat_model: bool,
    /// What the prompt follows.
    pub parent: Parent,
    /// Whether the model thinks first.
    pub thinking: bool,
    /// Whether the model searches the web.
    pub search: bool,
}

/// An earlier prompt and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The prompt.
    pub prompt: String,
    /// URLs of the images that belong to the prompt.
    pub images: Vec<String>,
    /// The text of the answer.
    pub answer: String,
}

/// A prompt, the exchanges before it, and the instructions for all of them, each by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The system prompt. `None` leaves that of the chat in place.
    pub system: Option<String>,
    /// The earlier exchanges, oldest first. An empty list leaves those of the chat in place.
    pub earlier: Vec<Exchange>,
    /// The prompt.
    pub prompt: String,
    /// URLs of the images that belong to the prompt.
    pub images: Vec<String>,
}

/// What a prompt follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// The current message of the chat; finding it takes a request.
    Current,
    /// The current message of a chat that was just read (see [`Parent::seen`]).
    Seen {
        /// The message; none in an empty chat.
        id: Option<String>,
        /// Its followers so far: other branches.
        followers: HashSet<String>,
    },
    /// Nothing: the first message of an empty chat.
    Nothing,
    /// Nothing, in a chat with messages: the first message of another branch.
    Root,
    /// This message.
    Message(String),
}

impl Parent {
    /// The current message of `chat`, without another read.
    pub fn seen(chat: &Chat) -> Self {
        let followers = chat.children(chat.current());
        Self::Seen {
            followers: followers.map(|message| message.id.clone()).collect(),
            id: chat.current().map(str::to_owned),
        }
    }
}
