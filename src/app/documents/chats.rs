//! Chats and their messages.

use serde::Serialize;

use crate::app::chats::Deletion;
use crate::domain::{Chat, ChatId, ChatSummary, Citation, Error, Message, MessageState, Role};

/// A list of chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ChatsDocument<'a> {
    success: bool,
    data: &'a [ChatSummary],
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
}

impl<'a> ChatsDocument<'a> {
    /// The rows of `page`, or of all pages.
    pub(crate) fn new(rows: &'a [ChatSummary], page: Option<u32>) -> Self {
        Self { success: true, data: rows, total: rows.len(), page }
    }
}

/// A chat with the messages of the branch that is shown, or of all branches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ChatData<'a> {
    id: &'a ChatId,
    title: Option<&'a str>,
    model: Option<&'a str>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    pinned: bool,
    current_id: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    incomplete: bool,
    messages: Vec<MessageData<'a>>,
}

impl<'a> ChatData<'a> {
    /// `chat` with `messages` of it.
    pub(crate) fn new(chat: &'a Chat, messages: impl IntoIterator<Item = &'a Message>) -> Self {
        Self {
            id: &chat.id,
            title: chat.title.as_deref(),
            model: chat.model.as_deref(),
            created_at: chat.created_at,
            updated_at: chat.updated_at,
            pinned: chat.pinned,
            current_id: chat.current_id.as_deref(),
            incomplete: chat.incomplete,
            messages: messages.into_iter().map(MessageData::new).collect(),
        }
    }

    /// The same with the text of each message of a model as HTML, made by `render`.
    #[must_use]
    pub(crate) fn rendered(mut self, render: impl Fn(&str, &[Citation]) -> String) -> Self {
        for message in &mut self.messages {
            if *message.role != Role::User {
                message.html = Some(render(message.content, message.citations));
            }
        }
        self
    }

    /// `chat` with the branch that is shown.
    pub(crate) fn branch(chat: &'a Chat) -> Self {
        Self::new(chat, chat.branch())
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MessageData<'a> {
    id: &'a str,
    parent_id: Option<&'a str>,
    role: &'a Role,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "is_done")]
    state: MessageState,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The text as HTML, if somebody made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl<'a> MessageData<'a> {
    fn new(message: &'a Message) -> Self {
        Self {
            id: &message.id,
            parent_id: message.parent_id.as_deref(),
            role: &message.role,
            content: &message.content,
            thinking: message.thinking.as_deref(),
            citations: &message.citations,
            images: &message.images,
            model: message.model.as_deref(),
            timestamp: message.timestamp,
            state: message.state,
            error: message.error.as_ref().map(ToString::to_string),
            html: None,
        }
    }
}

/// The id of a new chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NewChatData<'a> {
    /// The id.
    pub id: &'a ChatId,
}

/// What became of several chats that were to be deleted.
#[derive(Debug, Serialize)]
pub(crate) struct DeletionsDocument<'a> {
    success: bool,
    #[serde(flatten)]
    outcome: DeletionsOutcome<'a>,
    data: Vec<DeletionData<'a>>,
    total: usize,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum DeletionsOutcome<'a> {
    AllGone { message: String },
    SomeLeft { error: String, code: &'a str },
}

#[derive(Debug, Serialize)]
struct DeletionData<'a> {
    id: &'a ChatId,
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

impl<'a> From<&'a [Deletion]> for DeletionsDocument<'a> {
    fn from(deletions: &'a [Deletion]) -> Self {
        let total = deletions.len();
        let failures: Vec<_> = deletions.iter().filter_map(|d| d.result.as_ref().err()).collect();
        let outcome = match failures.first() {
            None => {
                DeletionsOutcome::AllGone { message: format!("{total} chats deleted successfully") }
            }
            Some(first) => DeletionsOutcome::SomeLeft {
                error: format!("{} of {total} chats could not be deleted", failures.len()),
                code: first.kind().code(),
            },
        };
        let data = deletions.iter().map(DeletionData::from).collect();
        Self { success: failures.is_empty(), outcome, data, total }
    }
}

impl<'a> From<&'a Deletion> for DeletionData<'a> {
    fn from(deletion: &'a Deletion) -> Self {
        let error = deletion.result.as_ref().err();
        Self {
            id: &deletion.id,
            success: error.is_none(),
            error: error.map(Error::message),
            code: error.map(|error| error.kind().code()),
        }
    }
}

/// What would be deleted.
#[derive(Debug, Serialize)]
pub(crate) struct DryRunDocument<'a> {
    success: bool,
    dry_run: bool,
    data: Vec<NewChatData<'a>>,
    total: usize,
}

impl<'a> DryRunDocument<'a> {
    /// The document about `ids`.
    pub(crate) fn new(ids: &'a [ChatId]) -> Self {
        let data = ids.iter().map(|id| NewChatData { id }).collect();
        Self { success: true, dry_run: true, data, total: ids.len() }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_done(state: &MessageState) -> bool {
    *state == MessageState::Done
}
