//! The JSON documents of the product: `--json` prints and the server sends the same structs, and
//! `/openapi.json` describes them.
//!
//! Times are seconds since 1970. A member without a value is left out where only some documents have
//! it (thinking, citations, usage) and `null` elsewhere.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::app::archive::State;
use crate::app::chats::Deletion;
use crate::app::deletion::{Restoration, Selected, Trash, TrashState, Trashed};
use crate::app::import::{ImportReport, Skipped};
use crate::app::token::{self, TokenInfo};
use crate::client::FileSource;
use crate::domain::{
    ApiKey, Chat, ChatId, ChatSummary, Citation, Completeness, Error, ErrorKind, Message,
    MessageFile, MessageState, Model, OtherPart, Reply, ReplyEvent, Role, Stats, Usage, User,
};
use crate::settings::{SpentQuota, StoredAccount};

mod archive;

pub(crate) use archive::{
    ArchiveData, ArchiveStateData, ArchiveStatsData, CheckDocument, SearchDocument, SyncDocument,
    SyncStateData, sync_progress,
};

/// `{"success":true,"data":…}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct DataDocument<T> {
    success: bool,
    #[schema(inline)]
    data: T,
}

impl<T> DataDocument<T> {
    /// A success that holds `data`.
    pub(crate) fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// Whether the account is signed in, and which of its quotas are used up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = UserStatus)]
pub(crate) struct UserStatusDocument<'a> {
    success: bool,
    /// Whether the upstream accepts the token.
    data: bool,
    /// Left out if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quotas: Vec<QuotaData<'a>>,
}

/// A quota that the service has reported as used up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SpentQuota)]
pub(crate) struct QuotaData<'a> {
    model: &'a str,
    /// What it limits: `prompt`.
    kind: &'a str,
    /// When it renews.
    until: i64,
    /// Seconds until then.
    retry_after: i64,
    /// Whether that is a guess, because the service named no time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_estimate: bool,
    /// The message of the refusal.
    message: &'a str,
}

impl<'a> UserStatusDocument<'a> {
    /// The status at `now` of an account with these used-up quotas.
    pub(crate) fn new(signed_in: bool, quotas: &'a [SpentQuota], now: i64) -> Self {
        Self { success: true, data: signed_in, quotas: QuotaData::all(quotas, now) }
    }
}

impl<'a> QuotaData<'a> {
    fn all(quotas: &'a [SpentQuota], now: i64) -> Vec<Self> {
        let quotas = quotas.iter().filter_map(|quota| {
            let retry_after = quota.seconds_left(now)?;
            let until = now.saturating_add(retry_after);
            let SpentQuota { model, kind, message, .. } = quota;
            let is_estimate = quota.is_estimate();
            Some(Self { model, kind, until, retry_after, is_estimate, message })
        });
        quotas.collect()
    }
}

/// A success with nothing to show but a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Done)]
pub(crate) struct DoneDocument {
    success: bool,
    message: String,
}

impl DoneDocument {
    /// A success with this message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { success: true, message: message.into() }
    }

    /// A mark or the project of a chat was changed.
    pub(crate) fn chat_changed() -> Self {
        Self::new("Chat changed successfully")
    }

    /// A chat was renamed.
    pub(crate) fn chat_renamed() -> Self {
        Self::new("Chat renamed successfully")
    }
}

/// The result of a request to stop an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Stopped)]
pub(crate) struct StoppedDocument {
    success: bool,
    /// Whether an answer was being written in this chat.
    stopped: bool,
}

impl StoppedDocument {
    /// `stopped` says whether there was an answer to stop.
    pub(crate) fn new(stopped: bool) -> Self {
        Self { success: true, stopped }
    }
}

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub(crate) struct ErrorDocument<'a> {
    success: bool,
    /// One sentence.
    error: &'a str,
    #[schema(schema_with = error_code)]
    code: &'static str,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hint: Option<&'a str>,
    /// The id of the request, as in `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
    /// Seconds to wait before the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after: Option<u64>,
    /// The part of an interrupted answer that was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    partial: Option<ReplyData<'a>>,
}

/// One of the codes in the error table.
fn error_code() -> RefOr<Schema> {
    let codes = ErrorKind::ALL.map(ErrorKind::code);
    let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
    text.description(Some("Stable, for programs")).into()
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

/// Rounded up, so that the next attempt is not too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Reply)]
pub(crate) struct ReplyData<'a> {
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other: &'a [OtherPart],
    #[schema(value_type = String)]
    chat_id: &'a ChatId,
    message_id: Option<&'a str>,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    usage: Option<Usage>,
    /// Left out if it is `complete`; else `stopped`, `doubtful` or `partial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    completeness: Option<Completeness>,
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
            completeness: Some(reply.completeness)
                .filter(|completeness| *completeness != Completeness::Complete),
        }
    }
}

/// The answer to `quick`: that of `send` with the chat also at the top.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Quick)]
pub(crate) struct QuickDocument<'a> {
    success: bool,
    data: ReplyData<'a>,
    #[schema(value_type = String)]
    chat_id: &'a ChatId,
}

impl<'a> From<&'a Reply> for QuickDocument<'a> {
    fn from(reply: &'a Reply) -> Self {
        Self { success: true, data: reply.into(), chat_id: &reply.chat_id }
    }
}

/// One event of a streamed answer: a line of `ndjson`, or an SSE event with the name `event` and
/// the data `data`.
#[derive(Debug, Serialize)]
pub(crate) struct EventDocument<'a> {
    /// Its name.
    pub event: &'static str,
    /// Its members.
    #[serde(flatten)]
    pub data: EventData<'a>,
}

/// The members of an event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum EventData<'a> {
    /// Of `start`.
    Start(StartData<'a>),
    /// Of `thinking`, `delta`, `rewrite` and `rewrite_thinking`.
    Text(TextData<'a>),
    /// Of `search`.
    Search(SearchData<'a>),
    /// Of `done`.
    Done(ReplyData<'a>),
    /// Of `error`.
    Error(ErrorDocument<'a>),
}

/// The upstream accepted the prompt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamStart)]
pub(crate) struct StartData<'a> {
    #[schema(value_type = String)]
    chat_id: &'a ChatId,
    message_id: Option<&'a str>,
    model: &'a str,
}

/// A piece of a text, or all of it so far.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamPiece)]
pub(crate) struct TextData<'a> {
    content: &'a str,
}

/// The queries of a web search, and all sources found so far.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamSearch)]
pub(crate) struct SearchData<'a> {
    queries: &'a [String],
    citations: &'a [Citation],
}

/// The whole answer so far as sanitized HTML: the event `render` of the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamPicture)]
pub(crate) struct RenderData {
    /// The HTML.
    pub html: String,
    /// The thoughts as HTML, if they have changed since the last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub thinking_html: Option<String>,
}

impl<'a> EventDocument<'a> {
    /// The event for a step of a reply by `model`.
    pub(crate) fn step(event: &'a ReplyEvent, model: &'a str) -> Self {
        let (event, data) = match event {
            ReplyEvent::Start { chat_id, message_id, .. } => {
                let message_id = message_id.as_deref();
                ("start", EventData::Start(StartData { chat_id, message_id, model }))
            }
            ReplyEvent::Thinking(content) => ("thinking", EventData::Text(TextData { content })),
            ReplyEvent::Search { queries, citations } => {
                ("search", EventData::Search(SearchData { queries, citations }))
            }
            ReplyEvent::Delta(content) => ("delta", EventData::Text(TextData { content })),
            ReplyEvent::Rewrite(content) => ("rewrite", EventData::Text(TextData { content })),
            ReplyEvent::RewriteThinking(content) => {
                ("rewrite_thinking", EventData::Text(TextData { content }))
            }
        };
        Self { event, data }
    }

    /// The answer is complete.
    pub(crate) fn done(reply: &'a Reply) -> Self {
        Self { event: "done", data: EventData::Done(reply.into()) }
    }

    /// The answer failed.
    pub(crate) fn error(error: &'a Error) -> Self {
        Self { event: "error", data: EventData::Error(error.into()) }
    }
}

/// A list of chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Chats)]
pub(crate) struct ChatsDocument<'a> {
    success: bool,
    data: &'a [ChatSummary],
    /// The number of rows in `data`.
    total: usize,
    /// The number of all chats, if a limit cuts the list (CLI only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_all: Option<usize>,
    /// Left out if all pages were requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<u32>,
    /// `archive` while the upstream cannot be reached (REST only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<&'static str>,
}

impl<'a> ChatsDocument<'a> {
    /// The rows of `page`, or of all pages.
    pub(crate) fn new(rows: &'a [ChatSummary], page: Option<u32>) -> Self {
        Self { success: true, data: rows, total: rows.len(), total_all: None, page, source: None }
    }

    /// Notes that the rows come from the archive.
    #[must_use]
    pub(crate) fn of_archive(mut self) -> Self {
        self.source = Some("archive");
        self
    }

    /// Adds the number of all chats.
    #[must_use]
    pub(crate) fn of_all(mut self, total_all: Option<usize>) -> Self {
        self.total_all = total_all;
        self
    }
}

/// A chat with the messages of the current branch, or of all branches.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Chat)]
pub(crate) struct ChatData<'a> {
    #[schema(value_type = String)]
    id: &'a ChatId,
    title: Option<&'a str>,
    model: Option<&'a str>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    pinned: bool,
    /// The last message of the current branch.
    current_id: Option<&'a str>,
    /// Whether the upstream holds older messages that it did not send.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
    /// `archive` if the upstream could not be read, or has the chat no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<&'static str>,
    /// Of an archived copy: `live`, `gone` if the upstream has the chat no longer, or `imported` (REST only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    state: Option<&'static str>,
    /// When the archived copy was made (REST only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    synced_at: Option<i64>,
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
            source: None,
            state: None,
            synced_at: None,
            messages: messages.into_iter().map(MessageData::new).collect(),
        }
    }

    /// `chat` with the current branch.
    pub(crate) fn branch(chat: &'a Chat) -> Self {
        Self::new(chat, chat.branch())
    }

    /// Notes that the chat comes from the archive.
    #[must_use]
    pub(crate) fn archived_copy(mut self, is_copy: bool) -> Self {
        self.source = is_copy.then_some("archive");
        self
    }

    /// Notes that the chat comes from the archive, and where it is besides.
    #[must_use]
    pub(crate) fn stored(mut self, state: State, synced_at: Option<i64>) -> Self {
        self.source = Some("archive");
        self.state = Some(state.word());
        self.synced_at = synced_at;
        self
    }

    /// Adds the HTML that `render` makes of each message that a model wrote.
    #[must_use]
    pub(crate) fn rendered(mut self, render: impl Fn(&str, &[Citation]) -> String) -> Self {
        for message in &mut self.messages {
            if *message.role != Role::User {
                message.html = Some(render(message.content, message.citations));
                message.thinking_html = message.thinking.map(|thinking| render(thinking, &[]));
            }
        }
        self
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Message)]
pub(crate) struct MessageData<'a> {
    id: &'a str,
    parent_id: Option<&'a str>,
    /// `user`, `assistant`, or another role of the upstream.
    #[schema(value_type = String)]
    role: &'a Role,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    citations: &'a [Citation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
    /// The files that were sent with it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    files: &'a [MessageFile],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    model: Option<&'a str>,
    timestamp: Option<i64>,
    /// Left out if it is complete; else `in_progress`, `stopped` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    state: Option<MessageState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
    /// Sanitized HTML, with `render=html`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    html: Option<String>,
    /// The thoughts as sanitized HTML, with `render=html`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    thinking_html: Option<String>,
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
            files: &message.files,
            model: message.model.as_deref(),
            timestamp: message.timestamp,
            state: Some(message.state).filter(|state| *state != MessageState::Done),
            error: message.error.as_ref().map(ToString::to_string),
            html: None,
            thinking_html: None,
        }
    }
}

/// What a prompt would send.
#[derive(Debug, Serialize)]
pub(crate) struct DryRunData<'a> {
    dry_run: bool,
    message: &'a str,
    files: Vec<MessageFile>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    images: &'a [String],
}

impl<'a> DryRunData<'a> {
    /// For a message with these files, and addresses of pictures.
    pub(crate) fn new(message: &'a str, files: &[FileSource], images: &'a [String]) -> Self {
        Self { dry_run: true, message, files: files.iter().map(message_file).collect(), images }
    }
}

fn message_file(file: &FileSource) -> MessageFile {
    MessageFile {
        name: file.name.clone(),
        media_type: Some(file.media_type.to_owned()),
        size: Some(file.size),
        kind: Some(file.kind),
    }
}

/// A file that the server keeps until a prompt takes it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File, example = json!({"id": "file-1f0e", "name": "a.png", "type": "image/png", "size": 1234, "kind": "image"}))]
pub(crate) struct FileData<'a> {
    /// Its id, for `files` of a prompt.
    id: &'a str,
    #[serde(flatten)]
    file: MessageFile,
    /// When it is deleted if no prompt takes it, in seconds since 1970.
    expires_at: i64,
}

impl<'a> FileData<'a> {
    /// For a kept file.
    pub(crate) fn new(id: &'a str, file: &FileSource, expires_at: i64) -> Self {
        Self { id, file: message_file(file), expires_at }
    }
}

/// The id of a new chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChatRef)]
pub(crate) struct NewChatData<'a> {
    /// The id.
    #[schema(value_type = String)]
    pub id: &'a ChatId,
}

/// The result of deleting several chats.
#[derive(Debug, Serialize)]
pub(crate) struct DeletionsDocument<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    data: Vec<DeletionData<'a>>,
    total: usize,
}

#[derive(Debug, Serialize)]
struct DeletionData<'a> {
    id: &'a ChatId,
    success: bool,
    /// When it will be deleted, if that can still be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

impl<'a> From<&'a [Deletion]> for DeletionsDocument<'a> {
    fn from(deletions: &'a [Deletion]) -> Self {
        let total = deletions.len();
        let failures: Vec<_> = deletions.iter().filter_map(|d| d.result.as_ref().err()).collect();
        let success = failures.is_empty();
        Self {
            success,
            message: success.then(|| {
                if deletions.iter().any(|deletion| deletion.due_at.is_some()) {
                    format!("{total} chats will be deleted")
                } else {
                    format!("{total} chats deleted successfully")
                }
            }),
            error: (!success)
                .then(|| format!("{} of {total} chats could not be deleted", failures.len())),
            code: failures.first().map(|first| first.kind().code()),
            data: deletions.iter().map(DeletionData::from).collect(),
            total,
        }
    }
}

impl<'a> From<&'a Deletion> for DeletionData<'a> {
    fn from(deletion: &'a Deletion) -> Self {
        let error = deletion.result.as_ref().err();
        Self {
            id: &deletion.id,
            success: error.is_none(),
            due_at: deletion.due_at,
            error: error.map(Error::message),
            code: error.map(|error| error.kind().code()),
        }
    }
}

/// The chats that `--dry-run` would delete.
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

/// The result of deleting a chat.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Deleted)]
pub(crate) struct DeletedDocument<'a> {
    success: bool,
    message: &'static str,
    /// The chat in the trash; left out if no copy is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data: Option<TrashedData<'a>>,
}

impl<'a> DeletedDocument<'a> {
    /// The document about a chat that is deleted for good, or with a copy in the trash.
    pub(crate) fn new(row: Option<&'a Trashed>) -> Self {
        let is_due = row.is_none_or(|row| row.state == TrashState::Deleted);
        let message = if is_due { "Chat deleted successfully" } else { "The chat will be deleted" };
        Self { success: true, message, data: row.map(TrashedData::from) }
    }
}

/// A chat in the trash, or on its way there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Trashed)]
pub(crate) struct TrashedData<'a> {
    #[schema(value_type = String)]
    id: &'a ChatId,
    title: Option<&'a str>,
    /// `asked` (no copy yet), `pending` (can be undone), `deleting`, `deleted`, or `failed` (given up).
    state: &'static str,
    asked_at: i64,
    /// When it is deleted, or was to be.
    due_at: i64,
    deleted_at: Option<i64>,
    /// When it is purged.
    keep_until: Option<i64>,
    messages: i64,
    last_message_at: Option<i64>,
    /// The last failure; left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<TrashErrorData<'a>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = TrashError)]
pub(crate) struct TrashErrorData<'a> {
    code: &'a str,
    error: &'a str,
    next_try_at: i64,
}

impl<'a> From<&'a Trashed> for TrashedData<'a> {
    fn from(row: &'a Trashed) -> Self {
        let failure = row.failure.as_ref();
        Self {
            id: &row.id,
            title: row.title.as_deref(),
            state: row.state.name(),
            asked_at: row.asked_at,
            due_at: row.due_at,
            deleted_at: row.deleted_at,
            keep_until: row.keep_until,
            messages: row.messages,
            last_message_at: row.last_message_at,
            error: failure.map(|(code, error)| TrashErrorData {
                code,
                error,
                next_try_at: row.next_at,
            }),
        }
    }
}

/// The trash: chats on their way out first, then those that are deleted, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Trash)]
pub(crate) struct TrashDocument<'a> {
    success: bool,
    /// Whether deleted chats are kept.
    on: bool,
    /// The grace time of the page, in seconds.
    grace: u64,
    /// How long deleted chats are kept, in seconds; `null` without an end.
    keep: Option<u64>,
    data: Vec<TrashedData<'a>>,
}

impl<'a> TrashDocument<'a> {
    /// The document about `rows`; `None` while the archive is off.
    pub(crate) fn new(rows: Option<&'a [Trashed]>, trash: Option<&Trash>) -> Self {
        Self {
            success: true,
            on: rows.is_some(),
            grace: trash.map_or(0, |trash| trash.grace.as_secs()),
            keep: trash.and_then(|trash| trash.keep).map(|keep| keep.as_secs()),
            data: rows.unwrap_or_default().iter().map(TrashedData::from).collect(),
        }
    }

    /// The chats.
    pub(crate) fn rows(&self) -> &[TrashedData<'a>] {
        &self.data
    }
}

/// The chats that a deletion has selected.
#[derive(Debug, Serialize)]
pub(crate) struct SelectionDocument<'a> {
    success: bool,
    dry_run: bool,
    data: Vec<SelectedData<'a>>,
    total: usize,
}

impl<'a> SelectionDocument<'a> {
    /// The document about `selected`.
    pub(crate) fn new(selected: &'a [Selected]) -> Self {
        let data = selected.iter().map(SelectedData::from).collect();
        Self { success: true, dry_run: true, data, total: selected.len() }
    }

    /// The chats.
    pub(crate) fn rows(&self) -> &[SelectedData<'a>] {
        &self.data
    }
}

/// A chat that a deletion has selected.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SelectedChat)]
pub(crate) struct SelectedData<'a> {
    #[schema(value_type = String)]
    id: &'a ChatId,
    title: Option<&'a str>,
    model: Option<&'a str>,
    last_message_at: Option<i64>,
    messages: i64,
    pinned: bool,
}

impl<'a> From<&'a Selected> for SelectedData<'a> {
    fn from(chat: &'a Selected) -> Self {
        Self {
            id: &chat.id,
            title: chat.title.as_deref(),
            model: chat.model.as_deref(),
            last_message_at: chat.last_message_at,
            messages: chat.messages,
            pinned: chat.pinned,
        }
    }
}

/// A plan to delete chats.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DeletionPlan)]
pub(crate) struct PlanData<'a> {
    /// Its id; `null` after a dry run.
    plan: Option<&'a str>,
    /// `planned`, `running` or `done`.
    state: &'static str,
    /// When it is forgotten, unless it is executed.
    expires_at: Option<i64>,
    /// The chats in it.
    count: usize,
    /// The first of them, those with the oldest last message first; empty once it is executed.
    sample: Vec<SelectedData<'a>>,
    /// Chats that are deleted.
    deleted: usize,
    /// Chats that are not deleted; the last failure of each.
    failed: Vec<TrashedData<'a>>,
}

impl<'a> PlanData<'a> {
    /// The most chats in a sample.
    const SAMPLE: usize = 20;

    /// A plan that is not executed yet.
    pub(crate) fn planned(
        plan: Option<&'a str>,
        selected: &'a [Selected],
        expires_at: Option<i64>,
    ) -> Self {
        let sample = selected.iter().take(Self::SAMPLE).map(SelectedData::from).collect();
        let (count, failed) = (selected.len(), Vec::new());
        Self { plan, state: "planned", expires_at, count, sample, deleted: 0, failed }
    }

    /// A plan that is executed, with its chats in the trash.
    pub(crate) fn executed(plan: &'a str, rows: &'a [Trashed]) -> Self {
        use TrashState::{Deleted, Failed};
        let is_open = |row: &Trashed| !matches!(row.state, Deleted | Failed);
        let state = if rows.iter().any(is_open) { "running" } else { "done" };
        Self {
            plan: Some(plan),
            state,
            expires_at: None,
            count: rows.len(),
            sample: Vec::new(),
            deleted: rows.iter().filter(|row| row.state == Deleted).count(),
            failed: rows
                .iter()
                .filter(|row| row.failure.is_some())
                .map(TrashedData::from)
                .collect(),
        }
    }
}

/// The result of restoring a chat.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Restored)]
pub(crate) struct RestoredData<'a> {
    #[schema(value_type = String)]
    id: &'a ChatId,
    /// `cancelled` (the chat is in the account as before), `uncertain` (the same, unless an earlier attempt
    /// has reached the upstream), or `archived` (it is only in the archive).
    state: &'static str,
    /// The new chat with the transcript; left out if none was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    new_id: Option<&'a ChatId>,
}

impl<'a> RestoredData<'a> {
    /// The data about the chat `id`.
    pub(crate) fn new(
        id: &'a ChatId,
        restoration: Restoration,
        new_id: Option<&'a ChatId>,
    ) -> Self {
        let state = match restoration {
            Restoration::Cancelled => "cancelled",
            Restoration::Uncertain => "uncertain",
            Restoration::Archived => "archived",
        };
        Self { id, state, new_id }
    }
}

/// The result of an export to files.
#[derive(Debug, Serialize)]
pub(crate) struct ExportDocument<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    data: ExportData<'a>,
}

#[derive(Debug, Serialize)]
struct ExportData<'a> {
    path: &'a Path,
    exported: usize,
    written: usize,
    unchanged: usize,
    left_out: usize,
    failed: Vec<DeletionData<'a>>,
}

impl<'a> ExportDocument<'a> {
    /// An export to `path` with the numbers of exported chats, of written and unchanged files, and of chats
    /// that the format has nothing of.
    pub(crate) fn new(
        path: &'a Path,
        [exported, written, unchanged, left_out]: [usize; 4],
        failed: &'a [(ChatId, Error)],
    ) -> Self {
        let failure = |(id, error): &'a (ChatId, Error)| DeletionData {
            id,
            success: false,
            due_at: None,
            error: Some(error.message()),
            code: Some(error.kind().code()),
        };
        let first = failed.first().map(|(_, error)| error);
        Self {
            success: first.is_none(),
            error: first.map(|_| format!("{} chats could not be fetched", failed.len())),
            code: first.map(|error| error.kind().code()),
            data: ExportData {
                path,
                exported,
                written,
                unchanged,
                left_out,
                failed: failed.iter().map(failure).collect(),
            },
        }
    }
}

/// The result of an import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportDocument<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
    data: ImportData<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportCounts)]
struct ImportData<'a> {
    /// Whether nothing was written.
    dry_run: bool,
    /// Chats that were read.
    read: usize,
    /// Chats that are new in the archive.
    made: usize,
    /// Chats that have changed.
    changed: usize,
    /// Chats that were in the archive as they are.
    unchanged: usize,
    /// Pieces that are not in the archive now.
    skipped: usize,
    /// Why, for the first 1,000 of them.
    reasons: Vec<SkippedData<'a>>,
    /// Files without chats in a ZIP archive.
    ignored: &'a [String],
    /// Files that could not be read to their end.
    failed: Vec<FailedFileData<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SkippedChat)]
struct SkippedData<'a> {
    file: &'a str,
    /// The place in the file, from 1.
    number: usize,
    title: Option<&'a str>,
    reason: &'a str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailedFile)]
struct FailedFileData<'a> {
    file: &'a str,
    error: &'a str,
    code: &'static str,
}

impl<'a> ImportDocument<'a> {
    /// The result in `report`, which is a failure if there is an `error`.
    pub(crate) fn new(report: &'a ImportReport, dry_run: bool, error: Option<&'a Error>) -> Self {
        let skipped = |skipped: &'a Skipped| SkippedData {
            file: &skipped.file,
            number: skipped.number,
            title: skipped.title.as_deref(),
            reason: &skipped.reason,
        };
        let failed = |(file, error): &'a (String, Error)| FailedFileData {
            file,
            error: error.message(),
            code: error.kind().code(),
        };
        Self {
            success: error.is_none(),
            error: error.map(Error::message),
            code: error.map(|error| error.kind().code()),
            request_id: error.and_then(Error::request_id),
            data: ImportData {
                dry_run,
                read: report.read,
                made: report.made,
                changed: report.changed,
                unchanged: report.unchanged,
                skipped: report.skipped,
                reasons: report.reasons.iter().map(skipped).collect(),
                ignored: &report.ignored,
                failed: report.failed.iter().map(failed).collect(),
            },
        }
    }
}

/// What is known about the access token. If it is not valid, the members of a failure come first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenInfo)]
pub(crate) struct TokenDocument<'a> {
    /// `None` where `failure` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = true)]
    success: Option<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    failure: Option<ErrorDocument<'a>>,
    user: TokenUser<'a>,
    expires_at: Option<i64>,
    /// Seconds left; negative if it has expired.
    expires_in: Option<i64>,
    /// Whether it can be renewed without signing in again.
    refreshable: bool,
    /// `header` (sent by the client) or `server`.
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    source_name: Option<String>,
    /// Masked.
    token: &'a str,
    /// `access` (valid for 15 minutes), `session` or `legacy`.
    kind: &'a str,
    /// Name of the stored account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    account: Option<&'a str>,
}

/// Whether the user is signed in, and with which token.
#[derive(Debug, Serialize)]
pub(crate) struct StatusDocument<'a> {
    success: bool,
    data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<StatusToken<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quotas: Vec<QuotaData<'a>>,
}

#[derive(Debug, Serialize)]
struct StatusToken<'a> {
    kind: &'a str,
    expires_at: Option<i64>,
    expires_in: Option<i64>,
    refreshable: bool,
}

impl<'a> StatusDocument<'a> {
    /// The document for the token of `info`, of the stored account of this name.
    pub(crate) fn new(signed_in: bool, account: Option<&'a str>, info: Option<&TokenInfo>) -> Self {
        let token = info.map(|info| StatusToken {
            kind: info.kind.word(),
            expires_at: info.expires_at,
            expires_in: info.expires_in,
            refreshable: info.refreshable,
        });
        Self { success: true, data: signed_in, account, token, quotas: Vec::new() }
    }

    /// Adds the used-up quotas at `now`.
    #[must_use]
    pub(crate) fn with_quotas(self, quotas: &'a [SpentQuota], now: i64) -> Self {
        Self { quotas: QuotaData::all(quotas, now), ..self }
    }
}

/// A stored account.
#[derive(Debug, Serialize)]
pub(crate) struct AccountDocument<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is the default one.
    #[serde(rename = "default")]
    pub is_default: bool,
    /// The account id in its token.
    pub account_id: Option<String>,
    token: Option<String>,
    kind: Option<&'static str>,
    /// When the access token expires, in seconds since 1970.
    pub expires_at: Option<i64>,
    expires_in: Option<i64>,
    /// Whether it can be renewed without signing in again.
    pub refreshable: bool,
    /// `file` or `keyring`.
    pub storage: &'static str,
    /// Why the credentials cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> AccountDocument<'a> {
    /// The document about `account` at `now` (seconds since 1970).
    pub(crate) fn new(account: &'a StoredAccount, now: i64) -> Self {
        let info = account.tokens.as_ref().ok().map(|tokens| token::info(tokens, now));
        let info = info.as_ref();
        Self {
            name: account.name.as_str(),
            is_default: account.is_default,
            account_id: info.and_then(|info| info.account_id.clone()),
            token: info.map(|info| info.masked.clone()),
            kind: info.map(|info| info.kind.word()),
            expires_at: info.and_then(|info| info.expires_at),
            expires_in: info.and_then(|info| info.expires_in),
            refreshable: info.is_some_and(|info| info.refreshable),
            storage: if account.in_keyring { "keyring" } else { "file" },
            error: account.tokens.as_ref().err().map(ToString::to_string),
        }
    }

    /// `valid`, `expired` or `unreadable`.
    pub(crate) fn token_state(&self) -> &'static str {
        match (&self.error, self.expires_in) {
            (Some(_), _) => "unreadable",
            (None, Some(left)) if left <= 0 => "expired",
            _ => "valid",
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct TokenUser<'a> {
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<&'a str>,
}

impl<'a> TokenDocument<'a> {
    /// The document about `info`. `source` is one word; `source_name` names the variable or the file
    /// (CLI only). There is a `user` if the upstream accepted the token, a `failure` if it did not.
    pub(crate) fn new(
        info: &'a TokenInfo,
        (source, source_name): (&'a str, Option<String>),
        user: Option<&'a User>,
        failure: Option<&'a Error>,
    ) -> Self {
        Self {
            success: failure.is_none().then_some(true),
            failure: failure.map(ErrorDocument::from),
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
            kind: info.kind.word(),
            account: None,
        }
    }

    /// The same for a stored account of this name.
    pub(crate) fn of_account(self, account: Option<&'a str>) -> Self {
        Self { account, ..self }
    }
}

/// A renewed token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Refreshed)]
pub(crate) struct RefreshDocument<'a> {
    success: bool,
    /// The new token; masked if it is the server's own.
    token: &'a str,
    expires_at: Option<i64>,
    user: &'a User,
}

impl<'a> RefreshDocument<'a> {
    /// The document for `token` (whole or masked) of `user`.
    pub(crate) fn new(token: &'a str, expires_at: Option<i64>, user: &'a User) -> Self {
        Self { success: true, token, expires_at, user }
    }
}

/// Statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StatsAnswer)]
pub(crate) struct StatsDocument<'a> {
    success: bool,
    stats: StatsData<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Stats)]
struct StatsData<'a> {
    total_chats: usize,
    user: StatsUser<'a>,
    token_expires_at: Option<i64>,
    /// `local` if the local upstream made these numbers up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    upstream: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct StatsUser<'a> {
    name: &'a str,
    email: &'a str,
}

impl<'a> StatsDocument<'a> {
    /// The document for `stats`, which may be those of the local upstream.
    pub(crate) fn new(stats: &'a Stats, is_local: bool) -> Self {
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

/// The models.
pub(crate) type ModelsDocument<'a> = DataDocument<&'a [Model]>;

/// An API key, without the key itself.
#[derive(Debug, Serialize)]
pub(crate) struct KeyData<'a> {
    id: &'a str,
    name: &'a str,
    scope: &'static str,
    limits: Vec<String>,
    created_at: i64,
    expires_at: Option<i64>,
    expired: bool,
    last4: &'a str,
}

impl<'a> KeyData<'a> {
    /// The document about `key` at `now` (seconds since 1970).
    pub(crate) fn new(key: &'a ApiKey, now: i64) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            scope: key.scope.name(),
            limits: key.limits.iter().map(ToString::to_string).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            expired: key.has_expired(now),
            last4: &key.last4,
        }
    }
}

/// A new API key: the only document that ever holds a key.
#[derive(Serialize)]
pub(crate) struct NewKeyData<'a> {
    key: &'a str,
    #[serde(flatten)]
    data: KeyData<'a>,
}

impl<'a> NewKeyData<'a> {
    /// The new `key` itself, and what is known about it.
    pub(crate) fn new(key: &'a str, data: KeyData<'a>) -> Self {
        Self { key, data }
    }
}

/// The API keys of the server.
#[derive(Debug, Serialize)]
pub(crate) struct KeysDocument<'a> {
    success: bool,
    data: Vec<KeyData<'a>>,
    total: usize,
}

impl<'a> KeysDocument<'a> {
    /// The document about `keys` at `now` (seconds since 1970).
    pub(crate) fn new(keys: &'a [ApiKey], now: i64) -> Self {
        let data = keys.iter().map(|key| KeyData::new(key, now)).collect();
        Self { success: true, data, total: keys.len() }
    }
}

/// A session token for an API key.
#[derive(Serialize, ToSchema)]
#[schema(as = Login)]
pub(crate) struct LoginDocument<'a> {
    success: bool,
    /// A session token, for `Authorization: Bearer …`.
    access_token: &'a str,
    expires_at: i64,
}

impl<'a> LoginDocument<'a> {
    /// A session token that expires at `expires_at`.
    pub(crate) fn new(access_token: &'a str, expires_at: i64) -> Self {
        Self { success: true, access_token, expires_at }
    }
}
