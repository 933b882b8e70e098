//! What the server has to be told. Plain values; nothing here reads files or the environment.

use std::collections::BTreeMap;
use std::time::Duration;

use super::LogSink;
use crate::app::ephemeral::Journal;
use crate::app::{Client, Session};

/// What the server works with.
pub struct ServerOptions {
    /// The client that all requests share.
    pub client: Client,
    /// The server's own account, for callers without a token who are trusted.
    pub account: Option<OwnAccount>,
    /// The model for prompts that do not name one.
    pub model: Option<String>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// Names of this server besides the usual ones of a loopback interface.
    pub allowed_hosts: Vec<String>,
    /// How the compatible APIs behave.
    pub openai: OpenAiOptions,
    /// Bounds.
    pub limits: Limits,
    /// Where the access log goes.
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

/// The server's own account.
pub struct OwnAccount {
    /// Acts for it, as long as the server runs.
    pub session: Session,
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
    /// How long a client may take for the head of a request, and between two pieces of its body. An
    /// idle connection is closed after the same time.
    pub patience: Duration,
    /// Time between two signs of life in a stream.
    pub heartbeat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            chat_wait: Duration::from_mins(1),
            drain: Duration::from_secs(30),
            patience: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
        }
    }
}
