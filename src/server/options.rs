//! What the server has to be told. Plain values; nothing here reads files or the environment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{CacheOptions, LogSink, Tls};
use crate::app::ephemeral::Journal;
use crate::app::{Client, Session};
use crate::server::auth::AccessOptions;

/// What the server works with.
pub struct ServerOptions {
    /// The client that all requests share.
    pub client: Client,
    /// The server's own account, for callers without a token who are trusted.
    pub account: Option<Arc<OwnAccount>>,
    /// The certificate, if the server speaks HTTPS.
    pub tls: Option<Arc<Tls>>,
    /// The model for prompts that do not name one.
    pub model: Option<String>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// Names of this server besides the usual ones of a loopback interface.
    pub allowed_hosts: Vec<String>,
    /// Who may come in, and how often.
    pub access: AccessOptions,
    /// How the compatible APIs behave.
    pub openai: OpenAiOptions,
    /// Bounds.
    pub limits: Limits,
    /// What is kept of the upstream's answers.
    pub cache: CacheOptions,
    /// Where the log goes.
    pub log: LogSink,
}

/// How the compatible APIs (`/v1`) behave.
#[derive(Clone, Default)]
pub struct OpenAiOptions {
    /// What callers may say instead of a model's name.
    pub aliases: BTreeMap<String, String>,
    /// Whether any other name stands for the default model; else it is refused.
    pub any_model: bool,
    /// Whether what cannot be honoured is refused; else it is named in a header of the answer.
    pub strict: bool,
    /// Where chats that are made for one answer are noted, so that they are deleted even if the
    /// process is killed.
    pub journal: Option<Journal>,
}

/// The server's own account. It may change while the server runs.
pub struct OwnAccount {
    session: Mutex<Option<Session>>,
}

impl OwnAccount {
    /// The account that `session` acts for; `None` as long as there is none.
    pub fn new(session: impl Into<Option<Session>>) -> Self {
        Self { session: Mutex::new(session.into()) }
    }

    /// Acts for it.
    pub fn session(&self) -> Option<Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests from now on act for this account.
    pub fn replace(&self, session: Option<Session>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

/// What the server bounds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest request body, in bytes.
    pub body: usize,
    /// How long a prompt waits until earlier ones of its chat have been answered.
    pub chat_wait: Duration,
    /// How long requests may go on after the signal to end.
    pub drain: Duration,
    /// Connections at a time; more wait. One address of another machine gets a quarter of them.
    pub connections: usize,
    /// How long a client may take for a TLS handshake, for the whole head of a request, and between
    /// two pieces of its body. An idle connection is closed after the same time.
    pub patience: Duration,
    /// How long a client may take for the whole body of a request.
    pub upload: Duration,
    /// How long a reader may take no byte of an answer before they count as gone.
    pub reader: Duration,
    /// Time between two signs of life in a stream.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            chat_wait: Duration::from_mins(1),
            drain: Duration::from_secs(30),
            connections: 8192,
            patience: Duration::from_secs(30),
            upload: Duration::from_mins(2),
            reader: Duration::from_mins(1),
            heartbeat: Duration::from_secs(15),
        }
    }
}
