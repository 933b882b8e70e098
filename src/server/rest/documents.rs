//! The shapes of bodies. What is answered are the borrowed documents of `app::documents`; these are
//! their descriptions, and are never made.

#![allow(dead_code, missing_docs, reason = "descriptions of JSON, which nothing constructs")]

use utoipa::ToSchema;

use super::texts::{self, ErrorCode};

/// A failure.
#[derive(ToSchema)]
pub(crate) struct Failure {
    success: bool,
    /// One sentence.
    error: String,
    #[schema(inline)]
    code: ErrorCode,
    /// What to do next.
    #[schema(nullable = false)]
    hint: Option<String>,
    /// The id of the request, as in `x-request-id`.
    #[schema(nullable = false)]
    request_id: Option<String>,
    /// Seconds to wait before asking again.
    #[schema(nullable = false)]
    retry_after: Option<u64>,
    /// What had come of an answer that was cut short.
    #[schema(nullable = false)]
    partial: Option<Reply>,
}

/// Something was done.
#[derive(ToSchema)]
pub(crate) struct Done {
    success: bool,
    message: String,
}

/// What came of the wish to stop an answer.
#[derive(ToSchema)]
pub(crate) struct Stopped {
    success: bool,
    /// Whether anything ran in that chat.
    stopped: bool,
}

#[derive(ToSchema)]
pub(crate) struct UserStatus {
    success: bool,
    /// Whether the token is accepted.
    data: bool,
}

#[derive(ToSchema)]
pub(crate) struct TokenInfo {
    success: bool,
    user: TokenUser,
    expires_at: Option<i64>,
    /// Seconds left; negative if it has expired.
    expires_in: Option<i64>,
    /// Whether new ones can be got without signing in again.
    refreshable: bool,
    /// `header` (the caller's own) or `server`.
    source: String,
    /// Masked.
    token: String,
}

#[derive(ToSchema)]
pub(crate) struct TokenUser {
    id: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false)]
    name: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct Refreshed {
    success: bool,
    /// The new token; masked if it is the server's own.
    token: String,
    expires_at: Option<i64>,
    user: User,
}

#[derive(ToSchema)]
pub(crate) struct User {
    id: String,
    email: String,
    name: String,
}

#[derive(ToSchema)]
pub(crate) struct Chats {
    success: bool,
    data: Vec<ChatRow>,
    /// The rows in `data`.
    total: usize,
    /// Left out when all pages were asked for.
    #[schema(nullable = false)]
    page: Option<u32>,
}

#[derive(ToSchema)]
pub(crate) struct ChatRow {
    id: String,
    title: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    pinned: bool,
    chat_type: Option<String>,
    project_id: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct NewChat {
    success: bool,
    data: ChatRef,
}

#[derive(ToSchema)]
pub(crate) struct ChatRef {
    id: String,
}

#[derive(ToSchema)]
pub(crate) struct ChatAnswer {
    success: bool,
    data: Chat,
}

#[derive(ToSchema)]
pub(crate) struct Chat {
    id: String,
    title: Option<String>,
    model: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    pinned: bool,
    current_id: Option<String>,
    /// Whether the upstream holds older messages that it did not send.
    #[schema(nullable = false)]
    incomplete: Option<bool>,
    messages: Vec<Message>,
}

#[derive(ToSchema)]
pub(crate) struct Message {
    id: String,
    parent_id: Option<String>,
    /// `user`, `assistant`, or what else the upstream comes up with.
    role: String,
    content: String,
    #[schema(nullable = false)]
    thinking: Option<String>,
    #[schema(nullable = false)]
    citations: Option<Vec<Citation>>,
    #[schema(nullable = false)]
    images: Option<Vec<String>>,
    #[schema(nullable = false)]
    model: Option<String>,
    timestamp: Option<i64>,
    /// Left out if it is whole; else `in_progress`, `stopped` or `failed`.
    #[schema(nullable = false)]
    state: Option<String>,
    #[schema(nullable = false)]
    error: Option<String>,
    /// Sanitised HTML, with `render=html`.
    #[schema(nullable = false)]
    html: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct Citation {
    /// The text refers to it as `[[number]]`.
    number: u32,
    url: String,
    title: String,
    #[schema(nullable = false)]
    snippet: Option<String>,
    #[schema(nullable = false)]
    date: Option<String>,
}

#[derive(ToSchema)]
#[allow(clippy::struct_field_names, reason = "as the document has them")]
pub(crate) struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    #[schema(nullable = false)]
    reasoning_tokens: Option<u64>,
    #[schema(nullable = false)]
    cached_tokens: Option<u64>,
}

#[derive(ToSchema)]
pub(crate) struct OtherPart {
    phase: String,
    content: String,
}

/// An answer.
#[derive(ToSchema)]
pub(crate) struct Reply {
    content: String,
    #[schema(nullable = false)]
    thinking: Option<String>,
    #[schema(nullable = false)]
    citations: Option<Vec<Citation>>,
    #[schema(nullable = false)]
    images: Option<Vec<String>>,
    #[schema(nullable = false)]
    other: Option<Vec<OtherPart>>,
    chat_id: String,
    message_id: Option<String>,
    model: String,
    #[schema(nullable = false)]
    usage: Option<Usage>,
    /// Left out if it is `complete`; else `stopped`, `doubtful` or `partial`.
    #[schema(nullable = false)]
    completeness: Option<String>,
}

/// The answer has begun.
#[derive(ToSchema)]
pub(crate) struct StreamStart {
    chat_id: String,
    message_id: Option<String>,
    model: String,
}

/// A piece of a text.
#[derive(ToSchema)]
pub(crate) struct StreamPiece {
    content: String,
}

/// What was looked for, and all that was found so far.
#[derive(ToSchema)]
pub(crate) struct StreamSearch {
    queries: Vec<String>,
    citations: Vec<Citation>,
}

/// The whole answer so far as sanitised HTML.
#[derive(ToSchema)]
pub(crate) struct StreamPicture {
    html: String,
}

#[derive(ToSchema)]
pub(crate) struct Sent {
    success: bool,
    data: Reply,
}

#[derive(ToSchema)]
pub(crate) struct Quick {
    success: bool,
    data: Reply,
    chat_id: String,
}

#[derive(ToSchema)]
pub(crate) struct StatsAnswer {
    success: bool,
    stats: Stats,
}

#[derive(ToSchema)]
pub(crate) struct Stats {
    total_chats: usize,
    user: StatsUser,
    token_expires_at: Option<i64>,
    /// `local` if these are made up.
    #[schema(nullable = false)]
    upstream: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct StatsUser {
    name: String,
    email: String,
}

#[derive(ToSchema)]
pub(crate) struct Models {
    success: bool,
    data: Vec<Model>,
}

#[derive(ToSchema)]
pub(crate) struct Model {
    id: String,
    name: String,
    #[schema(nullable = false)]
    description: Option<String>,
    #[schema(nullable = false)]
    max_context_length: Option<u64>,
    #[schema(nullable = false)]
    max_generation_length: Option<u64>,
    abilities: Abilities,
    chat_types: Vec<String>,
}

#[derive(ToSchema)]
#[allow(clippy::struct_excessive_bools, reason = "as the document has them")]
pub(crate) struct Abilities {
    thinking: bool,
    search: bool,
    vision: bool,
    document: bool,
    video: bool,
    audio: bool,
}

#[derive(ToSchema)]
pub(crate) struct LoginRequest {
    #[schema(min_length = 1)]
    api_key: String,
}

#[derive(ToSchema)]
pub(crate) struct Login {
    success: bool,
    /// A session token, to be sent as `Authorization: Bearer …`.
    access_token: String,
    expires_at: i64,
}

#[derive(ToSchema)]
#[schema(example = json!({"title": "Holidays"}))]
pub(crate) struct NewChatRequest {
    /// The first model that the upstream offers, if it is left out.
    model: Option<String>,
    #[schema(inline)]
    title: Option<texts::AnyTitle>,
}

#[derive(ToSchema)]
#[schema(example = json!({"title": "Holidays"}))]
pub(crate) struct RenameRequest {
    #[schema(inline)]
    title: texts::Title,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum OnDisconnect {
    Stop,
    Continue,
}

/// A prompt for a chat.
#[derive(ToSchema)]
#[schema(example = json!({
    "chat_id": "6f0b2f5e-3c1d-4a53-9d6b-0a4f6f1f7a11",
    "message": "Hello",
    "thinking_enabled": false,
}))]
pub(crate) struct SendRequest {
    #[schema(inline)]
    chat_id: texts::ChatId,
    #[schema(inline)]
    message: texts::Prompt,
    /// The chat's own model, if it is left out.
    model: Option<String>,
    /// Answer with server-sent events, as with `Accept: text/event-stream`.
    stream: Option<bool>,
    /// `html` adds `render` events to a stream; anything else is ignored.
    render: Option<String>,
    system_prompt: Option<String>,
    thinking_enabled: Option<bool>,
    search_enabled: Option<bool>,
    /// The message to follow, if not the current one. `root` begins another branch of the chat,
    /// before its first message.
    parent_id: Option<String>,
    /// What becomes of the answer when the caller goes away before its end; `stop` if it is left out.
    on_disconnect: Option<OnDisconnect>,
}

/// A prompt for the most recent chat, or a new one if there is none.
#[derive(ToSchema)]
#[schema(example = json!({"message": "Hello", "parent_id": "root"}))]
pub(crate) struct QuickRequest {
    #[schema(inline)]
    message: texts::Prompt,
    /// The chat's own model, if it is left out.
    model: Option<String>,
    /// Answer with server-sent events, as with `Accept: text/event-stream`.
    stream: Option<bool>,
    /// `html` adds `render` events to a stream; anything else is ignored.
    render: Option<String>,
    system_prompt: Option<String>,
    thinking_enabled: Option<bool>,
    search_enabled: Option<bool>,
    /// The message to follow, if not the current one. `root` begins another branch of the chat,
    /// before its first message.
    parent_id: Option<String>,
    /// What becomes of the answer when the caller goes away before its end; `stop` if it is left out.
    on_disconnect: Option<OnDisconnect>,
}
