//! The state that all requests share.

use std::sync::Arc;

use parking_lot::Mutex;
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

/// The state of one server.
pub(super) struct State {
    /// The client.
    pub client: Client,
    /// The server's own account.
    pub account: Option<Arc<OwnAccount>>,
    /// The model for prompts without one.
    pub model: Option<String>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// The names of this server.
    pub names: Names,
    /// Sizes and timeouts.
    pub limits: Limits,
    /// Authentication, authorization and limits.
    pub access: Access,
    /// The state that several processes would share.
    pub shared: Shared,
    /// The running answers.
    pub running: Running,
    /// Answers that continue when their client has disconnected.
    pub lasting: TaskTracker,
    /// The options of the compatible APIs.
    pub openai: OpenAiOptions,
    /// Work after an answer: deleting ephemeral chats.
    pub chores: TaskTracker,
    /// The phase of the shutdown.
    pub shutdown: Shutdown,
    /// The log.
    pub log: LogSink,
    /// The cache.
    pub cache: Cache,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    last: Mutex<Option<LastResult>>,
}

/// The result of the last upstream call.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastResult {
    /// Its time, in seconds since 1970.
    pub at: i64,
    /// Its error, if it failed.
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

    /// A session of the server's own account, for one action.
    pub(super) fn own_session(&self) -> Option<Session> {
        self.account.as_ref()?.session().map(|session| session.restarted())
    }

    /// When the server's own access token expires, in seconds since 1970.
    pub(super) fn token_expires_at(&self) -> Option<i64> {
        self.account.as_ref()?.session()?.access_token().claims().expires_at
    }

    /// `local` or `qwen`.
    pub(super) fn upstream_name(&self) -> &'static str {
        if self.is_local { "local" } else { "qwen" }
    }

    /// Records the result of an upstream call.
    pub(super) fn note_result(&self, result: Result<(), &Error>) {
        let last = LastResult { at: now(), failure: result.err().map(Error::kind) };
        *self.last.lock() = Some(last);
    }

    /// The result of the last upstream call.
    pub(super) fn last_result(&self) -> Option<LastResult> {
        *self.last.lock()
    }
}
