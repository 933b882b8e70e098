//! The options of the server, and what a reload (SIGHUP) reads again. Nothing here reads files or the
//! environment itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::{CacheOptions, LogSink, Tls};
use crate::app::deletion::Trash;
use crate::app::direct::DirectEngine;
use crate::app::ephemeral::Journal;
use crate::app::quota::Quotas;
use crate::app::{Client, Session};
use crate::domain::{Error, RateLimit, Result, Tokens};
use crate::server::auth::AccessOptions;
use crate::settings::LongTexts;

/// The options of a server.
pub struct ServerOptions {
    /// The client that all requests share.
    pub client: Client,
    /// The server's own account, for trusted clients without a token.
    pub account: Option<Arc<OwnAccount>>,
    /// The certificate; enables HTTPS.
    pub tls: Option<Arc<Tls>>,
    /// The model for prompts without one.
    pub model: Option<String>,
    /// The archive of the server's own account, if it is to be searched.
    pub archive: Option<ArchivePlace>,
    /// Where the deleted chats of the server's own account are kept.
    pub trash: Option<Trash>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// The host and port of the engine that answers for the local upstream.
    pub engine: Option<String>,
    /// The same engine, for requests of the compatible APIs that keep no chat.
    pub direct: Option<DirectEngine>,
    /// Names of this server besides the loopback ones.
    pub allowed_hosts: Vec<String>,
    /// Access and its limits.
    pub access: AccessOptions,
    /// The compatible APIs.
    pub openai: OpenAiOptions,
    /// Files that go with prompts.
    pub files: FileOptions,
    /// Whether clients of the Model Context Protocol may send prompts.
    pub mcp_may_ask: bool,
    /// Sizes and timeouts.
    pub limits: Limits,
    /// Remembers used-up quotas across runs.
    pub quotas: Option<Arc<Quotas>>,
    /// The cache.
    pub cache: CacheOptions,
    /// The log.
    pub log: LogSink,
}

/// The options of files that go with prompts.
#[derive(Debug, Clone, Copy)]
pub struct FileOptions {
    /// When a long message of the REST API goes as a file.
    pub long_texts: LongTexts,
    /// Whether local clients may attach what is at private addresses.
    pub private_urls: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self { long_texts: LongTexts::Never, private_urls: false }
    }
}

/// Where the archive of the server's own account is.
#[derive(Debug, Clone)]
pub struct ArchivePlace {
    /// Its file.
    pub path: PathBuf,
    /// The name of the upstream in it.
    pub upstream: String,
    /// The most requests of a synchronization.
    pub rate: Option<RateLimit>,
    /// Whether it leaves out what the models thought.
    pub no_thinking: bool,
    /// The age at which it purges chats.
    pub keep: Option<Duration>,
}

/// How the model of an account gets to know the client's tools.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToolsMode {
    /// By its prompt; its calls are read from the text of its answer.
    #[default]
    Text,
    /// Not at all: requests that offer tools are refused.
    Off,
}

impl FromStr for ToolsMode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" | "text" => Ok(Self::Text),
            "off" => Ok(Self::Off),
            "native" => Err("the upstream's own format of calls is not supported; use `text`"),
            _ => Err("must be auto, text or off"),
        }
    }
}

/// The options of the compatible APIs (`/v1`).
#[derive(Clone, Default)]
pub struct OpenAiOptions {
    /// Aliases of models.
    pub aliases: BTreeMap<String, String>,
    /// Whether any unknown model means the default one; otherwise it is refused.
    pub any_model: bool,
    /// Whether an unsupported parameter is refused; otherwise it is named in a header of the response.
    pub strict: bool,
    /// How the model of an account gets to know the client's tools.
    pub tools: ToolsMode,
    /// The journal of ephemeral chats, so that they are deleted even if the process is killed.
    pub journal: Option<Journal>,
}

/// The server's own account. A reload or a client may replace it.
pub struct OwnAccount {
    session: Mutex<Option<Session>>,
    /// Whether another program has removed it.
    is_removed: AtomicBool,
    store: std::result::Result<Arc<dyn AccountStore>, String>,
    turn: tokio::sync::Mutex<()>,
}

/// The store of the server's own account. Its method may block.
pub trait AccountStore: Send + Sync {
    /// Whether tokens can be stored now: a refresh token may work only once.
    ///
    /// # Errors
    /// As [`Self::replace`].
    fn check(&self) -> Result<()>;

    /// Stores these tokens in place of the earlier ones, and returns a session that stores its refreshed
    /// tokens there as well. `None` removes the tokens.
    ///
    /// # Errors
    /// If they cannot be stored, or the server must not have a token.
    fn replace(&self, tokens: Option<Tokens>) -> Result<Option<Session>>;
}

impl OwnAccount {
    /// The account of `session`, if there is one. Clients cannot replace it.
    pub fn new(session: impl Into<Option<Session>>) -> Self {
        let store = Err("the token of this server is fixed".to_owned());
        let (session, turn) = (Mutex::new(session.into()), tokio::sync::Mutex::new(()));
        Self { session, is_removed: AtomicBool::new(false), store, turn }
    }

    /// The same with this store for the tokens that clients bring, or the reason why there is none.
    #[must_use]
    pub fn stored_in(self, store: std::result::Result<Arc<dyn AccountStore>, String>) -> Self {
        Self { store, ..self }
    }

    /// The store, while nothing else changes the account through it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::domain::ErrorKind::InvalidRequest) with the reason why there is none.
    pub(super) async fn store(
        &self,
    ) -> Result<(Arc<dyn AccountStore>, tokio::sync::MutexGuard<'_, ()>)> {
        let store = self.store.clone().map_err(Error::invalid)?;
        Ok((store, self.turn.lock().await))
    }

    /// Whether there is a store.
    pub(super) fn has_store(&self) -> bool {
        self.store.is_ok()
    }

    /// The session of the account.
    pub fn session(&self) -> Option<Session> {
        self.session.lock().clone()
    }

    /// Replaces the account for new requests.
    pub fn replace(&self, session: Option<Session>) {
        self.is_removed.store(false, Ordering::Relaxed);
        *self.session.lock() = session;
    }

    /// Ends the use of the account, which another program has removed.
    pub fn remove(&self) {
        self.replace(None);
        self.is_removed.store(true, Ordering::Relaxed);
    }

    /// Whether another program has removed the account since the server started.
    pub(super) fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Relaxed)
    }
}

/// Sizes and timeouts.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest request body, in bytes.
    pub body: usize,
    /// How long a prompt waits for earlier prompts of its chat.
    pub chat_wait: Duration,
    /// How long running requests may take after the signal to end.
    pub drain: Duration,
    /// Concurrent connections; more wait. An address of another machine gets a quarter of them.
    pub connections: usize,
    /// The timeout of a TLS handshake, of the head of a request, between two chunks of its body, and of
    /// an idle connection.
    pub patience: Duration,
    /// The timeout of the whole body of a request.
    pub upload: Duration,
    /// How long a reader may accept no byte of a response before it is disconnected.
    pub reader: Duration,
    /// How long a stream waits for its first event before it begins with heartbeats.
    pub stream_wait: Duration,
    /// The interval of heartbeats in a stream.
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
            stream_wait: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
        }
    }
}

/// The parts that a reload reads again. A part that fails stays as it is and does not stop the others.
#[derive(Default)]
pub struct Reload(Vec<Part>);

struct Part {
    what: &'static str,
    read_again: Box<dyn Fn() -> Result<String> + Send + Sync>,
}

impl Reload {
    /// Adds a part. `read_again` may block; it returns a short description of the result.
    pub fn add(
        &mut self,
        what: &'static str,
        read_again: impl Fn() -> Result<String> + Send + Sync + 'static,
    ) {
        self.0.push(Part { what, read_again: Box::new(read_again) });
    }

    /// Reads all parts again and returns a line about each. Blocks.
    pub fn run(&self) -> Vec<String> {
        let lines = self.0.iter().map(|part| match (part.read_again)() {
            Ok(found) => format!("{}: {found}", part.what),
            Err(fault) => format!("{}: not reloaded, keeping the current one: {fault}", part.what),
        });
        lines.collect()
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|part| part.what)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_part_does_not_stop_the_others() {
        let mut reload = Reload::default();
        reload.add("keys", || Err(Error::invalid("no such file")));
        reload.add("token", || Ok("a new one".to_owned()));
        assert_eq!(
            reload.run(),
            ["keys: not reloaded, keeping the current one: no such file", "token: a new one"]
        );
    }
}
