//! The chats of the account.

use std::time::Duration;

use serde_json::json;

use super::account::now;
use super::classify::JsonBody;
use super::failure::{Cause, Failure};
use super::notice::Notice;
use super::session::Session;
use super::transport::Call;
use super::wire::chat::{ChatKind, Confirmation, Created, Detail, Row};
use super::wire::envelope::Envelope;
use crate::client::wire::lenient::Object;
use crate::domain::{Chat, ChatId, ChatSummary, Result};

/// A chat comes with all of its messages. In bytes.
const CHAT_CAP: usize = 512 << 20;

impl Session {
    /// Page `page` (from 1) of the chats, newest first; at most 60 rows. Only an empty page, or one
    /// without a new id, is the end (protocol 5.1).
    ///
    /// # Errors
    /// An answer without a list is an error, never an empty list.
    pub async fn chats(&self, page: u32) -> Result<Vec<ChatSummary>> {
        let call = Call::get(&["v2", "chats", ""]).query("page", page.to_string());
        let body = self.call(&call).await?;
        let list = body
            .parse::<Envelope<Vec<Object<Row<'_>>>>>("a list of chats")
            .map_err(Failure::into_error)?;
        let rows = list
            .data
            .ok_or_else(|| body.failure("a list of chats without the list").into_error())?;
        let total = rows.len();
        let usable: Vec<_> = rows.into_iter().filter_map(|row| row.0?.summary()).collect();
        if usable.is_empty() && total > 0 {
            return Err(body.failure("a list of chats without usable ids").into_error());
        }
        Ok(usable)
    }

    /// A chat with its messages.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn chat(&self, id: &ChatId) -> Result<Chat> {
        match self.read_chat(id).await {
            // A long chat is read while it comes, after the attempts of the call are over.
            Ok(Err(failure)) if failure.is_transient() => {
                self.tell(Notice::Retrying { reason: failure.reason(), delay: Duration::ZERO });
                self.read_chat(id).await?.map_err(Failure::into_error)
            }
            chat => chat?.map_err(Failure::into_error),
        }
    }

    async fn read_chat(&self, id: &ChatId) -> Result<Result<Chat, Failure>> {
        let body = self.call(&Call::get(&["v2", "chats"]).of(id)).await?;
        let shapeless = body.failure("a chat without the chat");
        let detail = body.read::<Envelope<Object<Detail>>>("a chat", CHAT_CAP).await;
        Ok(detail.and_then(|detail| {
            let data = detail.data.and_then(|data| data.0).filter(Detail::is_chat);
            data.map(|data| data.chat(id)).ok_or(shapeless)
        }))
    }

    /// Creates an empty chat for prompts of this kind (protocol 5.4). An attempt that a gateway lost
    /// is repeated, which may leave another empty chat behind. A title of the caller's own replaces
    /// the usual one, so that the caller can find the chat in the list.
    ///
    /// # Errors
    /// Also if the upstream does not say its id.
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
            body.parse::<Envelope<Object<Created>>>("a new chat").map_err(Failure::into_error)?;
        created
            .data
            .and_then(|data| data.0?.id.non_empty()?.parse().ok())
            .ok_or_else(|| body.failure("a new chat without its id").into_error())
    }

    /// Gives a chat another title.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn rename_chat(&self, id: &ChatId, title: &str) -> Result<()> {
        let call = Call::post(&["v2", "chats"], json!({ "title": title })).of(id);
        confirmed(&self.call(&call.repeatable()).await?)
    }

    /// Deletes a chat.
    ///
    /// # Errors
    /// `NotFound` if there is none; but not if an earlier attempt of ours may have deleted it.
    pub async fn delete_chat(&self, id: &ChatId) -> Result<()> {
        let call = Call::delete(&["v2", "chats"]).of(id);
        match self.attempts(&call).await {
            Err(error) if error.cause == Some(Cause::NotFound) && error.unsure => Ok(()),
            other => confirmed(&other?),
        }
    }

    /// Stops an answer. That it has ended already is fine (protocol 8.6).
    ///
    /// # Errors
    /// If the upstream cannot be told.
    pub async fn stop(&self, chat: &ChatId, message_id: &str) -> Result<()> {
        let body = json!({ "chat_id": chat, "response_id": message_id });
        let call = Call::post(&["v2", "chat", "completions", "stop"], body);
        let call = call.query("chat_id", chat.as_str()).about(chat).repeatable();
        match self.attempts(&call).await {
            // What has ended is refused in words that vary.
            Err(error) if matches!(error.cause, Some(Cause::Unknown | Cause::BadRequest)) => Ok(()),
            other => Ok(other.map(drop)?),
        }
    }
}

/// What a change is answered with: `true`, `{"status":true}`, the chat, or nothing (protocol 5.6). Only
/// a plain no is an error.
fn confirmed(body: &JsonBody) -> Result<()> {
    let answer = body.parse::<Envelope<Confirmation>>("a confirmation");
    match answer.map_err(Failure::into_error)?.data {
        Some(Confirmation::No) => {
            let failure =
                Failure::new(Cause::Unknown).with_details("it says that nothing was done");
            Err(body.named(failure).into_error())
        }
        _ => Ok(()),
    }
}
