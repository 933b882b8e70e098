//! One prompt and its answer, from the line before the chat to the last word.
//!
//! Dropping an [`Answer`], or the future that begins it, stops the upstream and lets the next one go
//! on: that is what happens when a caller goes away, because hyper drops what nobody waits for.

use crate::app::Session;
use crate::app::send::{ReplyStream, SendRequest, Target, open, resolve, verdict};
use crate::domain::{ChatId, Reply, ReplyEvent, Result};

use super::queue::{Key, Turn};
use super::rest::chat::Kind;
use super::state::State;

/// A prompt on behalf of somebody.
pub struct Question {
    /// For whom.
    pub session: Session,
    /// What is asked.
    pub request: SendRequest,
    /// By which route.
    pub kind: Kind,
}

/// An answer while it grows.
pub struct Answer {
    /// The model that was asked.
    pub model: String,
    stream: ReplyStream,
    _turn: Turn,
}

impl Answer {
    /// Waits for the chat's turn and sends the prompt; returns when the upstream's first event is
    /// there.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the turn does not come; those of the client.
    pub async fn begin(state: &State, question: Question) -> Result<Self> {
        let Question { session, mut request, .. } = question;
        request.target = resolve(&session, request.target).await?;
        let turn = match &request.target {
            Target::Chat(id) => Some(enter(state, &session, id).await?),
            _ => None,
        };
        let opened = open(&session, &request).await?;
        // A new chat has a line too: it may be the most recent one for somebody else by now.
        let turn = match turn {
            Some(turn) => turn,
            None => enter(state, &session, &opened.chat_id).await?,
        };
        let stream = opened.send(&session, &request).await?;
        Ok(Self { model: opened.model, stream, _turn: turn })
    }

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        self.stream.next().await
    }

    /// What has come so far.
    pub fn reply(&self) -> &Reply {
        self.stream.reply()
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub async fn whole(mut self) -> Result<Reply> {
        while let Some(step) = self.next().await {
            step?;
        }
        verdict(self.reply())?;
        Ok(self.reply().clone())
    }
}

/// Waits for the turn of a caller with `session` in `chat`.
///
/// # Errors
/// [`crate::domain::ErrorKind::ChatInProgress`] if it does not come.
pub async fn enter(state: &State, session: &Session, chat: &ChatId) -> Result<Turn> {
    let key = Key { account: account(session), chat: chat.clone() };
    state.chats.enter(key, state.limits.chat_wait).await
}

/// Tells the account of `session` from others.
pub fn account(session: &Session) -> String {
    let access = session.access_token();
    access.claims().account_id.clone().unwrap_or_else(|| access.masked())
}
