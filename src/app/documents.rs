//! The JSON documents of the product (design 3 and 5): what `--json` prints and what the server
//! sends are the same structs. Times are seconds since 1970. Members that have no value are left out
//! where the table of design 5 marks them with `?`; `null` elsewhere.

use std::time::Duration;

use serde::Serialize;

use super::chats::Deletion;
use super::token::TokenInfo;
use crate::domain::{
    Chat, ChatId, ChatSummary, Citation, Completeness, Error, Message, MessageState, Model,
    OtherPart, Reply, ReplyEvent, Role, Stats, Usage, User,
};

/// `{"success":true,"data":…}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataDocument<T> {
    success: bool,
    data: T,
}

impl<T> DataDocument<T> {
    /// The document that says that all went well, and holds `data`.
    pub fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// `{"success":true,"message":"…"}`: something was done, and there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoneDocument {
    success: bool,
    message: String,
}

impl DoneDocument {
    /// The document that says what was done.
    pub fn new(message: impl Into<String>) -> Self {
        Self { success: true, message: message.into() }
    }

    /// A chat was deleted.
    pub fn chat_deleted() -> Self {
        Self::new("Chat deleted successfully")
    }

    /// A chat was renamed.
    pub fn chat_renamed() -> Self {
        Self::new("Chat renamed successfully")
    }
}

/// A list of chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChatsDocument<'a> {
    success: bool,
    data: &'a [ChatSummary],
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
}

impl<'a> ChatsDocument<'a> {
    /// The rows of `page`, or of all pages.
    pub fn new(rows: &'a [ChatSummary], page: Option<u32>) -> Self {
        Self { success: true, data: rows, total: rows.len(), page }
    }
}

/// A chat with the messages of the branch that is shown, or of all branches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChatData<'a> {
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
    pub fn new(chat: &'a Chat, messages: impl IntoIterator<Item = &'a Message>) -> Self {
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
    pub fn rendered(mut self, render: impl Fn(&str, &[Citation]) -> String) -> Self {
        for message in &mut self.messages {
            if *message.role != Role::User {
                message.html = Some(render(message.content, message.citations));
            }
        }
        self
    }

    /// `chat` with the branch that is shown.
    pub fn branch(chat: &'a Chat) -> Self {
        Self::new(chat, chat.branch())
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageData<'a> {
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
    error: Option<&'a str>,
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
            error: message.error.as_deref(),
            html: None,
        }
    }
}

/// The id of a new chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewChatData<'a> {
    /// The id.
    pub id: &'a ChatId,
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplyData<'a> {
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
pub struct QuickDocument<'a> {
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
pub enum EventDocument<'a> {
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
    pub fn step(event: &'a ReplyEvent, model: &'a str) -> Self {
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

/// A failure (design 3).
#[derive(Debug, Serialize)]
pub struct ErrorDocument<'a> {
    success: bool,
    error: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<ReplyData<'a>>,
}

impl<'a> From<&'a Error> for ErrorDocument<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            success: false,
            error: error.message(),
            code: error.kind().code(),
            hint: error.hint(),
            request_id: error.request_id(),
            retry_after: error.retry_after().map(whole_seconds),
            partial: error.partial().map(ReplyData::from),
        }
    }
}

/// What became of several chats that were to be deleted.
#[derive(Debug, Serialize)]
pub struct DeletionsDocument<'a> {
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
pub struct DryRunDocument<'a> {
    success: bool,
    dry_run: bool,
    data: Vec<NewChatData<'a>>,
    total: usize,
}

impl<'a> DryRunDocument<'a> {
    /// The document about `ids`.
    pub fn new(ids: &'a [ChatId]) -> Self {
        let data = ids.iter().map(|id| NewChatData { id }).collect();
        Self { success: true, dry_run: true, data, total: ids.len() }
    }
}

/// What is known about the access token. For an expired one `success` is false, and the members of a
/// failure are there too.
#[derive(Debug, Serialize)]
pub struct TokenDocument<'a> {
    #[serde(flatten)]
    outcome: TokenOutcome<'a>,
    user: TokenUser<'a>,
    expires_at: Option<i64>,
    expires_in: Option<i64>,
    refreshable: bool,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_name: Option<String>,
    token: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "there is one of it, for a moment")]
enum TokenOutcome<'a> {
    Good { success: bool },
    Bad(ErrorDocument<'a>),
}

#[derive(Debug, Serialize)]
struct TokenUser<'a> {
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl<'a> TokenDocument<'a> {
    /// The document about `info`. `source` is one word; `source_name` says exactly which variable or
    /// file. `user` is there if the upstream was asked, `failure` if the token is no good.
    pub fn new(
        info: &'a TokenInfo,
        (source, source_name): (&'a str, Option<String>),
        user: Option<&'a User>,
        failure: Option<&'a Error>,
    ) -> Self {
        Self {
            outcome: match failure {
                None => TokenOutcome::Good { success: true },
                Some(error) => TokenOutcome::Bad(error.into()),
            },
            user: TokenUser {
                id: user.map(|user| user.id.as_str()).or(info.account_id.as_deref()),
                email: user.map(|user| user.email.as_str()),
                name: user.map(|user| user.name.as_str()),
            },
            expires_at: info.expires_at,
            expires_in: info.expires_in,
            refreshable: info.refreshable,
            source,
            source_name,
            token: &info.masked,
        }
    }
}

/// New tokens. `token` is masked unless the caller is the one whose own token it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshDocument<'a> {
    success: bool,
    token: &'a str,
    expires_at: Option<i64>,
    user: &'a User,
}

impl<'a> RefreshDocument<'a> {
    /// The document for `token` (whole or masked) of `user`.
    pub fn new(token: &'a str, expires_at: Option<i64>, user: &'a User) -> Self {
        Self { success: true, token, expires_at, user }
    }
}

/// The seed's statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatsDocument<'a> {
    success: bool,
    stats: StatsData<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StatsData<'a> {
    total_chats: usize,
    user: StatsUser<'a>,
    token_expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StatsUser<'a> {
    name: &'a str,
    email: &'a str,
}

impl<'a> StatsDocument<'a> {
    /// The document for `stats`; says so if they are about the local upstream.
    pub fn new(stats: &'a Stats, is_local: bool) -> Self {
        let user = StatsUser { name: &stats.user.name, email: &stats.user.email };
        Self {
            success: true,
            stats: StatsData {
                total_chats: stats.total_chats,
                user,
                token_expires_at: stats.token_expires_at,
                upstream: is_local.then_some("local"),
            },
        }
    }
}

/// A part of a second is rounded up: to ask again earlier would be too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

/// The models.
pub type ModelsDocument<'a> = DataDocument<&'a [Model]>;

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_done(state: &MessageState) -> bool {
    *state == MessageState::Done
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_complete(completeness: &Completeness) -> bool {
    *completeness == Completeness::Complete
}
