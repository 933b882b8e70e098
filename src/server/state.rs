//! What all requests share.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::task::TaskTracker;

use super::LogSink;
use super::cache::Cache;
use super::metrics::Metrics;
use super::options::{Limits, OpenAiOptions, OwnAccount, ServerOptions};
use super::shared::Shared;
use crate::app::{Client, Session};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind};
use crate::server::auth::Access;
use crate::server::auth::trust::Names;
use crate::server::limits::running::Running;
use crate::server::shutdown::Shutdown;

/// What all requests share.
pub(super) struct State {
    /// The client.
    pub client: Client,
    /// The server's own account.
    pub account: Option<Arc<OwnAccount>>,
    /// The model for prompts that do not name one.
    pub model: Option<String>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// What this server is called.
    pub names: Names,
    /// Bounds.
    pub limits: Limits,
    /// Who may come in, and how often.
    pub access: Access,
    /// What several processes would share.
    pub shared: Shared,
    /// The answers that run.
    pub running: Running,
    /// Work that goes on when its caller has gone away.
    pub lasting: TaskTracker,
    /// How the compatible APIs behave.
    pub openai: OpenAiOptions,
    /// Work that outlives its caller: what is cleared away after an answer.
    pub chores: TaskTracker,
    /// How far the shutdown has come.
    pub shutdown: Shutdown,
    /// Where the access log goes.
    pub log: LogSink,
    /// What is kept of the upstream's answers.
    pub cache: Cache,
    /// Numbers about its work.
    pub metrics: Arc<Metrics>,
    last: Mutex<Option<LastResult>>,
}

/// How the last call to the upstream ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastResult {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The failure, if it was one.
    pub failure: Option<ErrorKind>,
}

impl State {
    /// The state of a server that listens at `address`.
    pub(super) fn new(options: ServerOptions, address: std::net::SocketAddr) -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        let shared = Shared::in_memory(options.cache.size);
        Self {
            cache: Cache::new(options.cache, &shared, Arc::clone(&metrics)),
            names: Names::new(address, &options.allowed_hosts),
            client: options.client,
            account: options.account,
            model: options.model,
            is_local: options.is_local,
            limits: options.limits,
            access: Access::new(options.access),
            shared,
            running: Running::default(),
            lasting: TaskTracker::new(),
            openai: options.openai,
            chores: TaskTracker::new(),
            shutdown: Shutdown::default(),
            log: options.log,
            metrics,
            last: Mutex::default(),
        }
    }

    /// The server's own account, for one action.
    pub(super) fn own_session(&self) -> Option<Session> {
        self.account.as_ref()?.session().map(|session| session.restarted())
    }

    /// When its own access token expires, in seconds since 1970.
    pub(super) fn token_expires_at(&self) -> Option<i64> {
        self.account.as_ref()?.session()?.access_token().claims().expires_at
    }

    /// `local` or `qwen`.
    pub(super) fn upstream_name(&self) -> &'static str {
        if self.is_local { "local" } else { "qwen" }
    }

    /// Remembers how a call to the upstream ended.
    pub(super) fn note_result(&self, result: Result<(), &Error>) {
        let last = LastResult { at: now(), failure: result.err().map(Error::kind) };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }

    /// How the last call to the upstream ended.
    pub(super) fn last_result(&self) -> Option<LastResult> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
