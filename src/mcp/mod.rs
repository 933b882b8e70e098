//! The Model Context Protocol: the chats of the account as tools and resources for other programs.
//!
//! [`answer`] answers one request, whatever carries it: `stdio` reads and writes lines, the server has a
//! route. Revisions of the protocol with a handshake and the one without it are answered side by side.
//!
//! What this module keeps true: nothing here changes or deletes a chat, except `ask`, where its face allows
//! it; every result is bounded, with a cursor to the rest; texts of chats are JSON strings and never mix
//! with our own words; a failure of a tool is a result with a sentence and a hint. It is our own because
//! the official crate would add 1.8 MB and 13 crates.

mod chat_page;
mod kept;
mod message;
mod methods;
mod running;
pub(crate) mod stdio;
mod tools;

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

pub(crate) use self::kept::KeptChats;
pub(crate) use self::message::{Fault, Id, Incoming, Message, Request, Version, parse, response};
pub(crate) use self::methods::{answer, revision};
pub(crate) use self::running::Running;
use crate::app::Session;
use crate::app::answer::Question;
use crate::app::archive::Owner;
use crate::app::deletion::Hidden;
use crate::domain::{Error, Reply, Result};

/// Where notifications about a request go: as text, and never waiting.
pub(crate) type Notify = mpsc::Sender<String>;

/// What a face lends to the tools: the account, its archive, and how it asks.
pub(crate) trait Host: Send + Sync {
    /// A session of the account, for one action.
    fn session(&self) -> BoxFuture<'_, Result<Session>>;

    /// The archive of the account, if it is to be searched, and whose chats of it.
    fn archive(&self) -> BoxFuture<'_, Result<Option<(PathBuf, Owner)>>>;

    /// The chats of the account that lists leave out.
    fn hidden(&self) -> BoxFuture<'_, Hidden>;

    /// Chats whose next part a client may request.
    fn kept(&self) -> &KeptChats;

    /// Why the client may not ask; `None` if it may.
    fn ask_refusal(&self) -> Option<Error>;

    /// The model for questions that name none.
    fn model(&self) -> Option<String>;

    /// Answers `question`. `progress` receives its length so far, in bytes. The model is stopped if the
    /// future is dropped.
    fn ask<'a>(
        &'a self,
        session: Session,
        question: Question,
        progress: &'a mut (dyn FnMut(usize) + Send),
    ) -> BoxFuture<'a, Result<Reply>>;

    /// Takes note of the failure of a tool, which the client gets as a result.
    fn note(&self, failure: &Error);
}
