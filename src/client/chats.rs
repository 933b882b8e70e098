//! Chats, models and the account: the calls that return one document.

use std::time::Duration;

use serde_json::{Value, json};

use super::classify::JsonBody;
use super::failure::{Cause, Failure};
use super::observer::Notice;
use super::session::{CallError, Session};
use super::transport::Call;
use super::wire::chat::{
    ChatKind, ChatRow, Confirmation, Detail, ModelList, NewChat, PagedChat, ProjectRow, WireAccount,
};
use super::wire::envelope::Envelope;
use super::wire::lenient::{Flag, Object};
use crate::domain::time::now;
use crate::domain::{
    Chat, ChatId, ChatList, ChatSummary, Error, ErrorKind, FoundChat, Model, Project, Result, User,
};

/// Maximum size of a chat in bytes; it includes all messages.
const CHAT_CAP: usize = 512 << 20;

/// The same for one that is kept as it was received.
const KEPT_CAP: usize = 128 << 20;

/// How many older messages of a long chat are requested at a time.
const OLDER: &str = "100";

impl Session {
    /// Page `page` (from 1) of the chats, newest first; at most 60 rows. The list ends at an empty page or
    /// a page without a new id (protocol 5.1).
    ///
    /// # Errors
    /// A response without a list is an error, never an empty list.
    pub async fn chats(&self, page: u32) -> Result<Vec<ChatSummary>> {
        self.listed(&ChatList::Main, page).await
    }

    /// The same of any list. Those without pages are whole.
    ///
    /// # Errors
    /// As with [`Session::chats`].
    pub async fn listed(&self, list: &ChatList, page: u32) -> Result<Vec<ChatSummary>> {
        Ok(self.listed_with_unusable(list, page).await?.0)
    }

    /// The same, and the ids of rows that cannot be used.
    ///
    /// # Errors
    /// As with [`Session::chats`].
    pub async fn listed_with_unusable(
        &self,
        list: &ChatList,
        page: u32,
    ) -> Result<(Vec<ChatSummary>, Vec<String>)> {
        let pages = || Call::get(&["v2", "chats", ""]).query("page", page.to_string());
        let call = match list {
            ChatList::Main => pages(),
            ChatList::Project(id) => pages().query("project_id", id),
            ChatList::Pinned => Call::get(&["v2", "chats", "pinned"]),
            ChatList::Archived => Call::get(&["v2", "chats", "archived"]),
        };
        let (found, unusable) = self.found_rows(&call).await?;
        let row = |found: FoundChat| {
            let mut row = found.chat;
            row.archived |= *list == ChatList::Archived;
            row.pinned |= *list == ChatList::Pinned;
            row
        };
        Ok((found.into_iter().map(row).collect(), unusable))
    }

    /// Page `page` (from 1) of the upstream's own search for `text`. It ends as a list does; pages vary in
    /// size (protocol 5.3).
    ///
    /// # Errors
    /// A response without a list is an error, never an empty list.
    pub async fn search_chats(&self, text: &str, page: u32) -> Result<Vec<FoundChat>> {
        let call = Call::get(&["v2", "chats", "search"]).query("text", text);
        Ok(self.found_rows(&call.query("page", page.to_string())).await?.0)
    }

    async fn found_rows(&self, call: &Call) -> Result<(Vec<FoundChat>, Vec<String>)> {
        let body = self.call(call).await?;
        let list = body
            .parse::<Envelope<Vec<Object<ChatRow<'_>>>>>("a list of chats")
            .map_err(Failure::into_error)?;
        let rows =
            list.data.ok_or_else(|| body.failure("a list of chats without `data`").into_error())?;
        let total = rows.len();
        let (mut found, mut unusable) = (Vec::with_capacity(total), Vec::new());
        for row in rows.into_iter().filter_map(|row| row.0) {
            match row.found() {
                Ok(row) => found.push(row),
                Err(id) => unusable.push(id),
            }
        }
        if found.is_empty() && total > 0 {
            return Err(body.failure("a list of chats without usable ids").into_error());
        }
        Ok((found, unusable))
    }

    /// A chat with the messages that one request returns: all of them, or the newest ones of a long
    /// chat (see [`Session::whole_chat`]).
    ///
    /// # Errors
    /// `NotFound` if the chat does not exist.
    pub async fn chat(&self, id: &ChatId) -> Result<Chat> {
        Ok(PagedChat::new(self.detail(id, None, None).await?, id).finish())
    }

    /// A chat with all messages. The older ones of a long chat come page by page (protocol F113). If the
    /// upstream does not send them, the chat is marked as incomplete.
    ///
    /// # Errors
    /// `NotFound` if the chat does not exist; nothing is returned if a page cannot be read now.
    pub async fn whole_chat(&self, id: &ChatId) -> Result<Chat> {
        self.pages(id, None).await
    }

    /// The same, and what the upstream sent for it: one JSON document a page, in lines.
    ///
    /// # Errors
    /// As with [`Session::whole_chat`].
    pub async fn chat_as_sent(&self, id: &ChatId) -> Result<(Chat, Vec<u8>)> {
        let mut sent = Vec::new();
        let chat = self.pages(id, Some(&mut sent)).await?;
        Ok((chat, sent))
    }

    async fn pages(&self, id: &ChatId, mut sent: Option<&mut Vec<u8>>) -> Result<Chat> {
        let first = self.detail(id, None, sent.as_deref_mut()).await?;
        let mut chat = PagedChat::new(first, id);
        while let Some(cursor) = chat.cursor() {
            match self.detail(id, Some(&cursor), sent.as_deref_mut()).await {
                Ok(older) => drop(chat.add(older)),
                // An upstream without cursors.
                Err(error) if is_refusal(error.kind()) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(chat.finish())
    }

    /// A page of a chat: the newest one, or the one before the message `cursor`. Adds what was received
    /// to `sent`.
    async fn detail(
        &self,
        id: &ChatId,
        cursor: Option<&str>,
        mut sent: Option<&mut Vec<u8>>,
    ) -> Result<Detail> {
        match self.read_detail(id, cursor, sent.as_deref_mut()).await {
            // The body of a long chat is read after the retries of the call are over.
            Err(ReadError::Body(failure)) if failure.is_transient() => {
                self.notify(Notice::Retrying { reason: failure.reason(), delay: Duration::ZERO });
                Ok(self.read_detail(id, cursor, sent).await?)
            }
            detail => Ok(detail?),
        }
    }

    async fn read_detail(
        &self,
        id: &ChatId,
        cursor: Option<&str>,
        sent: Option<&mut Vec<u8>>,
    ) -> Result<Detail, ReadError> {
        let mut call = Call::get(&["v2", "chats"]).of(id);
        if let Some(cursor) = cursor {
            call = call.query("cursor", cursor).query("direction", "up").query("limit", OLDER);
        }
        let body = self.call(&call).await.map_err(ReadError::Call)?;
        let shapeless = body.failure("a document without a chat");
        let document: Envelope<Object<Detail>> = match sent {
            None => body.read("a chat", CHAT_CAP).await.map_err(ReadError::Body)?,
            Some(sent) => {
                let kept = body.read_kept("a chat", KEPT_CAP).await;
                let (document, bytes) = kept.map_err(ReadError::Body)?;
                if !sent.is_empty() {
                    sent.push(b'\n');
                }
                sent.extend_from_slice(&bytes);
                document
            }
        };
        let data = document.data.and_then(|data| data.0);
        data.filter(Detail::is_chat).ok_or(ReadError::Body(shapeless))
    }

    /// Creates an empty chat for prompts of this kind (protocol 5.4). An attempt that a gateway lost
    /// is repeated, which may leave another empty chat behind. A title of the caller's own replaces
    /// the usual one, so that the caller can find the chat in the list.
    ///
    /// # Errors
    /// Also if the response lacks the id of the chat.
    pub async fn create_chat(
        &self,
        model: &str,
        kind: ChatKind,
        title: Option<&str>,
    ) -> Result<ChatId> {
        let request = json!({
            "chatId": "",
            "title": title.unwrap_or("New Chat"),
            "models": [model],
            "project_id": "",
            "timestamp": now().saturating_mul(1000),
            "chat_type": kind.chat_type(),
            "chat_mode": "normal",
        });
        let body = self.call(&Call::post(&["v2", "chats", "new"], request).repeatable()).await?;
        let created =
            body.parse::<Envelope<Object<NewChat>>>("a new chat").map_err(Failure::into_error)?;
        created
            .data
            .and_then(|data| data.0?.id.non_empty()?.parse().ok())
            .ok_or_else(|| body.failure("a new chat without its id").into_error())
    }

    /// Renames a chat.
    ///
    /// # Errors
    /// `NotFound` if the chat does not exist.
    pub async fn rename_chat(&self, id: &ChatId, title: &str) -> Result<()> {
        let call = Call::post(&["v2", "chats"], json!({ "title": title })).of(id);
        confirmed(self.call(&call.repeatable()).await?).await
    }

    /// Deletes a chat.
    ///
    /// # Errors
    /// `NotFound` if the chat does not exist, unless an earlier attempt of ours may have deleted it.
    pub async fn delete_chat(&self, id: &ChatId) -> Result<()> {
        let call = Call::delete(&["v2", "chats"]).of(id);
        match self.attempts(&call).await {
            Err(error) if error.cause == Some(Cause::NotFound) && error.unsure => Ok(()),
            other => confirmed(other?).await,
        }
    }

    /// Deletes several chats with one request, which one source knows: the service may not have it. Returns
    /// whether the chats are gone; the caller deletes them one by one otherwise.
    ///
    /// # Errors
    /// If the request is known to fail for reasons that have nothing to do with it: those of the account
    /// and the network.
    pub async fn delete_chats(&self, ids: &[ChatId]) -> Result<Batch> {
        if ids.is_empty() {
            return Ok(Batch::Gone);
        }
        let call = Call::post(&["v2", "chats", "batch_delete"], json!({ "ids": ids }));
        let outcome = match self.attempts(&call).await {
            Ok(body) => confirmed(body).await,
            Err(error) => {
                let is_lost =
                    matches!(error.cause, Some(Cause::Cut | Cause::Idle | Cause::Gateway));
                if error.unsure || is_lost {
                    return Ok(Batch::Unsure);
                }
                Err(error.error)
            }
        };
        match outcome {
            Ok(()) => Ok(Batch::Gone),
            Err(error) if is_refusal(error.kind()) => Ok(Batch::Refused),
            Err(error) => Err(error),
        }
    }

    /// The projects of the account (protocol 5.10).
    ///
    /// # Errors
    /// A response without a list is an error, never an empty list.
    pub async fn projects(&self) -> Result<Vec<Project>> {
        let body = self.call(&Call::get(&["v2", "projects", ""])).await?;
        let list = body
            .parse::<Envelope<Vec<Object<ProjectRow>>>>("a list of projects")
            .map_err(Failure::into_error)?;
        let rows = list
            .data
            .ok_or_else(|| body.failure("a list of projects without `data`").into_error())?;
        Ok(rows.into_iter().filter_map(|row| row.0?.project()).collect())
    }

    /// Moves a chat into the project with this id, or out of its project (protocol 5.10).
    ///
    /// # Errors
    /// `NotFound` if the chat or the project does not exist.
    pub async fn move_chat(&self, id: &ChatId, project: Option<&str>) -> Result<()> {
        let body = json!({ "chat_ids": [id], "project_id": project.unwrap_or_default() });
        let call = Call::post(&["v2", "projects", "add_chat"], body).about(id);
        confirmed(self.call(&call.repeatable()).await?).await
    }

    /// Sets or clears a mark of a chat. The calls toggle it (protocol 5.8, 5.9, F31), so the chat is read
    /// before and after. One source knows each of them: the service may not have it.
    ///
    /// # Errors
    /// `NotFound` if the chat does not exist; an error that names the call if the mark does not change.
    pub async fn mark_chat(&self, id: &ChatId, mark: Mark, on: bool) -> Result<()> {
        if mark.of(&self.chat(id).await?) == on {
            return Ok(());
        }
        let call = Call::post(&["v2", "chats"], Value::Null).of(id).part(mark.part());
        let outcome = match self.call(&call).await {
            Ok(body) => confirmed(body).await,
            Err(error) => Err(error),
        };
        match outcome {
            Err(error) if !is_refusal(error.kind()) => return Err(error),
            // Another client may have toggled it meanwhile.
            Ok(()) if mark.of(&self.chat(id).await?) == on => return Ok(()),
            _ => {}
        }
        let (name, is) = (mark.part(), if on { "not set" } else { "not cleared" });
        let message =
            format!("the mark is {is}: the upstream did not do `POST /api/v2/chats/{{id}}/{name}`");
        Err(Error::new(ErrorKind::UpstreamProtocol, message)
            .with_hint("do it at https://chat.qwen.ai instead"))
    }

    /// Stops an answer. An answer that has already ended is no error (protocol 8.6).
    ///
    /// # Errors
    /// If the upstream does not accept the request.
    pub async fn stop(&self, chat: &ChatId, message_id: &str) -> Result<()> {
        let body = json!({ "chat_id": chat, "response_id": message_id });
        let call = Call::post(&["v2", "chat", "completions", "stop"], body);
        let call = call.query("chat_id", chat.as_str()).about(chat).repeatable();
        match self.attempts(&call).await {
            // The refusal for an answer that has ended comes in varying words.
            Err(error) if matches!(error.cause, Some(Cause::Unknown | Cause::BadRequest)) => Ok(()),
            other => proof(other?).await.map(drop),
        }
    }
}

/// The outcome of deleting several chats at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// They are gone.
    Gone,
    /// The service does not do it.
    Refused,
    /// The response was lost: they may be gone.
    Unsure,
}

/// A mark of a chat that a call toggles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Pinned.
    Pinned,
    /// Archived.
    Archived,
}

impl Mark {
    /// The last segment of the call.
    fn part(self) -> &'static str {
        match self {
            Self::Pinned => "pin",
            Self::Archived => "archive",
        }
    }

    fn of(self, chat: &Chat) -> bool {
        match self {
            Self::Pinned => chat.pinned,
            Self::Archived => chat.archived,
        }
    }
}

/// A chat as the service stores or exports it, without its envelope; `None` if it is none. `id` is used if it
/// has no id.
pub fn read_detail(detail: &[u8], id: &ChatId) -> Option<Chat> {
    let detail: Detail = crate::net::json::read(detail).ok()?;
    detail.is_chat().then(|| PagedChat::new(detail, id).finish())
}

/// Why a chat could not be read.
enum ReadError {
    /// The call failed, after its own retries.
    Call(Error),
    /// The body broke off or is not a chat.
    Body(Failure),
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Call(error) => error,
            ReadError::Body(failure) => failure.into_error(),
        }
    }
}

/// Whether the upstream does not do what was requested, rather than fail at it.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::UpstreamProtocol)
}

/// Checks the response to a change: only what proves it is a success (protocol 5.6, 5.7).
async fn confirmed(body: JsonBody) -> Result<()> {
    let refused = body.named(Failure::new(Cause::Unknown).with_details("no change was made"));
    if proof(body).await? { Ok(()) } else { Err(refused.into_error()) }
}

/// Whether the response to a change says that it was made.
///
/// # Errors
/// If it does not say whether.
async fn proof(body: JsonBody) -> Result<bool> {
    let unclear = body.failure("a response that does not confirm the change");
    let confirmation = body.read::<Confirmation>("a confirmation", CHAT_CAP).await;
    match confirmation.map_err(Failure::into_error)? {
        Confirmation::Yes => Ok(true),
        Confirmation::No => Ok(false),
        Confirmation::Unclear => Err(unclear.into_error()),
    }
}

impl Session {
    /// The signed-in account, as the upstream reports it.
    ///
    /// # Errors
    /// `TokenInvalid` if the token is not signed in.
    pub async fn user(&self) -> Result<User> {
        let call = Call::get(&["api", "v2", "auths", ""]).of_account_service();
        let body = self.call(&call).await?;
        let account =
            body.parse::<WireAccount>("an account").map_err(Failure::into_error)?.unwrapped();
        account.user().ok_or_else(|| Failure::new(Cause::Auth).into_error())
    }

    /// Whether the upstream accepts the token. Uses the request of the 2025 page, that of the 2026 page if the
    /// first is refused (protocol 3.1), and the settings if both are (protocol update, 2.3).
    ///
    /// # Errors
    /// If the upstream gives no clear response.
    pub async fn is_signed_in(&self) -> Result<bool> {
        const STATUS: &[&str] = &["v2", "users", "status"];
        const SETTINGS: &[&str] = &["v2", "users", "user", "settings"];
        let lacks = |answer: &Result<_, CallError>| answer.as_ref().is_err_and(is_gone);
        let mut answer = self.attempts(&Call::get(STATUS)).await;
        if lacks(&answer) {
            answer = self.attempts(&Call::post(STATUS, self.heartbeat()).repeatable()).await;
        }
        // A network that is refused gets 405 for everything (protocol F105).
        let is_refused = |error: &CallError| error.cause == Some(Cause::NetworkRefused);
        let has_status = !lacks(&answer) || answer.as_ref().is_err_and(is_refused);
        if !has_status {
            answer = self.attempts(&Call::get(SETTINGS)).await;
        }
        let body = match answer.map_err(Error::from) {
            Err(error)
                if matches!(error.kind(), ErrorKind::TokenInvalid | ErrorKind::TokenExpired)
                    && !error.is_of_a_file() =>
            {
                return Ok(false);
            }
            answer => answer?,
        };
        if !has_status {
            return Ok(true);
        }
        let status = body.parse::<Envelope<Flag>>("a status").map_err(Failure::into_error)?;
        status
            .data
            .and_then(|flag| flag.0)
            .ok_or_else(|| body.failure("a status without true or false").into_error())
    }

    /// The heartbeat of the page (protocol 3.1).
    fn heartbeat(&self) -> serde_json::Value {
        let account = self.access_token().claims().account_id.clone().unwrap_or_default();
        json!({"typarms": {
            "typarm1": "web", "typarm2": account, "typarm3": "prod", "typarm4": "qwen_chat",
            "typarm5": "product", "typarm6": "", "orgid": "tongyi", "share_id": "", "project_id": "",
            "channel_type": "", "community_type": "", "from_id": "",
            "cdn_version": self.config().web_version, "page_id": "//chat.qwen.ai/c/", "session_id": "",
            "language": "en-US", "biz_id": "tongyi", "device": "pc", "chat_entry": "qwen_web",
            "init_session_type": "0", "mode_type": "main_chat",
            "utc_timestamp": now().saturating_mul(1000).to_string(),
            "spmId": "", "aemPageId": "", "domain": "",
        }})
    }

    /// The models, default first; never empty. Uses the request of the 2026 page, and the older one if the
    /// route does not exist.
    ///
    /// # Errors
    /// Also if the list is empty: every account has a model (protocol F13).
    pub async fn models(&self) -> Result<Vec<Model>> {
        let body = match self.call(&Call::get(&["v2", "models", ""])).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.call(&Call::get(&["models"])).await?
            }
            answer => answer?,
        };
        let models =
            body.parse::<ModelList>("a list of models").map_err(Failure::into_error)?.models();
        if models.is_empty() {
            return Err(body.failure("a list without any model").into_error());
        }
        Ok(models)
    }
}

/// Whether the upstream does not offer the request, or no longer.
fn is_gone(error: &CallError) -> bool {
    use ErrorKind::{InvalidRequest, NotFound, UpstreamProtocol};
    error.cause != Some(Cause::BrowserCheck)
        && (error.cause == Some(Cause::NetworkRefused)
            || matches!(error.error.kind(), NotFound | InvalidRequest | UpstreamProtocol))
}
