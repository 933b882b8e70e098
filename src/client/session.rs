//! The client acting for one account.

use std::sync::Arc;

use super::{ClientConfig, ReplyStream, Turn};
use crate::domain::{
    AccessToken, Chat, ChatId, ChatSummary, Model, Result, TokenStore, Tokens, User,
};

/// What all callers share.
#[derive(Clone)]
pub struct Client {
    config: Arc<ClientConfig>,
}

impl Client {
    /// A client for `config`. Makes no connection yet.
    pub fn new(config: ClientConfig) -> Result<Self> {
        Ok(Self { config: Arc::new(config) })
    }

    /// Acts with `tokens`; new ones are written to `store`.
    pub fn session(&self, _tokens: Tokens, _store: Option<Arc<dyn TokenStore>>) -> Session {
        Session { client: self.clone() }
    }
}

/// The client acting for one account.
#[derive(Clone)]
pub struct Session {
    client: Client,
}

#[allow(clippy::unused_async, clippy::todo, missing_docs)]
impl Session {
    /// The access token in use now.
    pub fn access_token(&self) -> AccessToken {
        todo!()
    }
    /// Who is signed in; asks the upstream.
    pub async fn user(&self) -> Result<User> {
        todo!()
    }
    /// Whether the upstream accepts the token.
    pub async fn is_signed_in(&self) -> Result<bool> {
        todo!()
    }
    /// Gets new tokens now and stores them.
    pub async fn refresh(&self) -> Result<(AccessToken, User)> {
        todo!()
    }
    /// The models, default first; never empty.
    pub async fn models(&self) -> Result<Vec<Model>> {
        todo!()
    }
    /// Page `page` (from 1) of the chats, newest first; at most 60 rows.
    pub async fn chats(&self, page: u32) -> Result<Vec<ChatSummary>> {
        todo!()
    }
    /// The pinned chats.
    pub async fn pinned_chats(&self) -> Result<Vec<ChatSummary>> {
        todo!()
    }
    /// Page `page` (from 1) of the chats that contain `text`.
    pub async fn search_chats(&self, text: &str, page: u32) -> Result<Vec<ChatSummary>> {
        todo!()
    }
    /// A chat with its messages.
    pub async fn chat(&self, id: &ChatId) -> Result<Chat> {
        todo!()
    }
    /// Makes an empty chat.
    pub async fn create_chat(&self, model: &str, chat_type: &str) -> Result<ChatId> {
        todo!()
    }
    /// Gives a chat another title.
    pub async fn rename_chat(&self, id: &ChatId, title: &str) -> Result<()> {
        todo!()
    }
    /// Deletes a chat. `NotFound` if there is none.
    pub async fn delete_chat(&self, id: &ChatId) -> Result<()> {
        todo!()
    }
    /// Sends a prompt; returns when the upstream's first event is there.
    pub async fn send(&self, turn: Turn) -> Result<ReplyStream> {
        todo!()
    }
    /// Stops an answer. Fine if it has ended already.
    pub async fn stop(&self, chat: &ChatId, message_id: &str) -> Result<()> {
        todo!()
    }
}
