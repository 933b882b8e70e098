//! The state that all requests share, with the phases of the shutdown and the running answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::LogSink;
use super::cache::Cache;
use super::files::Files;
use super::metrics::Metrics;
use super::options::{ArchivePlace, FileOptions, Limits, OpenAiOptions, OwnAccount, ServerOptions};
use super::shared::{ChatKey, Shared};
use crate::app::answer::stopped;
use crate::app::archive::Monitor;
use crate::app::deletion::{Hidden, Trash};
use crate::app::direct::DirectEngine;
use crate::app::ephemeral::Journal;
use crate::app::quota::Quotas;
use crate::app::token;
use crate::app::{Client, Session};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::mcp::{KeptChats, Running};
use crate::server::auth::Access;
use crate::server::auth::trust::Names;
use crate::server::plans::Plans;

/// The state of one server.
pub(super) struct State {
    /// The client.
    pub client: Client,
    /// The server's own account.
    pub account: Option<Arc<OwnAccount>>,
    /// The model for prompts without one.
    pub model: Option<String>,
    /// The archive of the server's own account.
    pub archive: Option<ArchivePlace>,
    /// Where the deleted chats of the server's own account are kept.
    pub trash: Option<Trash>,
    /// Plans to delete many chats.
    pub plans: Plans,
    /// Wakes the task that deletes what is due.
    pub trash_changed: Notify,
    /// Files that clients have uploaded and not sent yet.
    pub files: Files,
    /// The options of files that go with prompts.
    pub file_options: FileOptions,
    /// What is known about it.
    pub archive_monitor: Arc<Monitor>,
    /// Whether the upstream is the local one.
    pub is_local: bool,
    /// The host and port of the engine that answers for the local upstream.
    pub engine: Option<String>,
    /// The same engine, for requests that keep no chat.
    pub direct: Option<DirectEngine>,
    /// The names of this server.
    pub names: Names,
    /// Sizes and timeouts.
    pub limits: Limits,
    /// Authentication, authorization and limits.
    pub access: Access,
    /// The state that several processes would share.
    pub shared: Shared,
    /// The running answers.
    pub running: RunningAnswers,
    /// Answers that continue when their client has disconnected.
    pub lasting: TaskTracker,
    /// The options of the compatible APIs.
    pub openai: OpenAiOptions,
    /// The running requests of the Model Context Protocol.
    pub mcp: Arc<Running>,
    /// Chats whose next part its clients may request.
    pub mcp_chats: KeptChats,
    /// Whether its clients may send prompts.
    pub mcp_may_ask: bool,
    /// Work after an answer: deleting ephemeral chats.
    pub chores: TaskTracker,
    /// The phase of the shutdown.
    pub shutdown: Shutdown,
    /// The log.
    pub log: LogSink,
    /// Remembers used-up quotas.
    pub quotas: Option<Arc<Quotas>>,
    /// The cache.
    pub cache: Cache,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    last: Mutex<Option<LastResult>>,
    proxy_noted: Once,
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
            archive: options.archive,
            trash: options.trash,
            plans: Plans::default(),
            trash_changed: Notify::new(),
            files: Files::default(),
            file_options: options.files,
            archive_monitor: Arc::default(),
            is_local: options.is_local,
            engine: options.engine,
            direct: options.direct,
            limits: options.limits,
            access: Access::new(options.access),
            shared,
            running: RunningAnswers::default(),
            lasting: TaskTracker::new(),
            openai: options.openai,
            mcp: Arc::default(),
            mcp_chats: KeptChats::default(),
            mcp_may_ask: options.mcp_may_ask,
            quotas: options.quotas,
            chores: TaskTracker::new(),
            shutdown: Shutdown::default(),
            log: options.log,
            metrics,
            last: Mutex::default(),
            proxy_noted: Once::new(),
        }
    }

    /// Notes once that a proxy on this machine forwards requests.
    pub(super) fn note_proxy(&self) {
        self.proxy_noted.call_once(|| {
            self.access.report_proxy();
            self.log.note(
                "a proxy forwards requests to this server, and their clients cannot use its token: \
                 start it with `--require-key`, and see `--trust-proxy`",
            );
        });
    }

    /// A session of the server's own account, for one action.
    pub(super) fn own_session(&self) -> Option<Session> {
        self.account.as_ref()?.session().map(|session| session.restarted())
    }

    /// The chats that lists leave out; those in the trash belong to the server's own account.
    pub(super) async fn hidden(&self, session: &Session, is_own: bool) -> Hidden {
        let recorded = self.openai.journal.as_ref().map(Journal::recorded);
        let mut hidden = Hidden { recorded, ..Hidden::default() };
        if let Some(trash) = self.trash.as_ref().filter(|_| is_own)
            && let Ok(account) = self.archive_monitor.account_hash(session, &trash.upstream).await
        {
            hidden.leaving = trash.leaving(account).await;
        }
        hidden
    }

    /// The state of the server's own token in a word, and when its access token expires, in seconds since
    /// 1970.
    pub(super) fn token_state(&self) -> (&'static str, Option<i64>) {
        let Some(session) = self.own_session() else { return ("none", None) };
        let info = token::info(&session.tokens(), now());
        let word = match (info.expired, info.refreshable) {
            (false, _) => "valid",
            (true, true) => "refreshable",
            (true, false) => "expired",
        };
        (word, info.expires_at)
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

/// A phase of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Requests are accepted.
    Serving,
    /// The signal to end has come: no new connections and no new work; running requests continue.
    Draining,
    /// The drain time is over: running requests are ended.
    Ending,
    /// Connections are closed.
    Closing,
}

/// The current phase; any number of tasks can wait for a later one.
#[derive(Debug)]
pub(super) struct Shutdown(watch::Sender<Phase>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Shutdown {
    /// Advances to `phase`.
    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let is_later = phase > *now;
            *now = phase.max(*now);
            is_later
        });
    }

    /// Whether `phase` has begun.
    pub(super) fn has_reached(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    /// Waits until `phase` has begun.
    pub(super) async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|now| *now >= phase).await;
    }
}

/// How long a stop request waits for the end of the answer. The call to the upstream is shorter.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

type Registrations = HashMap<ChatKey, Vec<Arc<Registration>>>;

/// All answers that run or wait in a queue, by chat, so that other requests can stop them. An answer is
/// listed from before its prompt joins the queue until its stream is closed.
#[derive(Default)]
pub(super) struct RunningAnswers(Arc<Mutex<Registrations>>);

struct Registration {
    /// The account.
    session: Session,
    /// The client's name for the prompt.
    prompt_id: Option<String>,
    /// Whether it has left the queue.
    runs: AtomicBool,
    /// Cancelled when a request stops it.
    stop: CancellationToken,
    /// Cancelled when it has ended.
    ended: CancellationToken,
}

impl RunningAnswers {
    /// Adds an answer on behalf of `session`; `prompt_id` is the client's name for its prompt.
    pub(super) fn enter(
        &self,
        key: ChatKey,
        session: Session,
        prompt_id: Option<String>,
    ) -> RunningAnswer {
        let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
        let runs = AtomicBool::new(false);
        let registration = Arc::new(Registration { session, prompt_id, runs, stop, ended });
        self.0.lock().entry(key.clone()).or_default().push(Arc::clone(&registration));
        RunningAnswer { registration, key, all: Arc::clone(&self.0) }
    }

    /// Stops the answers in a chat that `which` selects, on behalf of `caller`, and waits for their end;
    /// returns whether there were any.
    ///
    /// # Errors
    /// If the caller has another token than the one of the prompt, and cannot read the chat with it:
    /// anyone who knows the id of an account can put it into a self-made token.
    pub(super) async fn stop(
        &self,
        key: &ChatKey,
        caller: &Session,
        which: &StopTarget,
    ) -> Result<bool> {
        let mut registrations = self.0.lock().get(key).cloned().unwrap_or_default();
        registrations.retain(|registration| which.selects(registration));
        if registrations.is_empty() {
            return Ok(false);
        }
        let token = caller.access_token();
        if registrations.iter().any(|registration| registration.session.access_token() != token) {
            caller.chat(&key.chat).await?;
        }
        for registration in &registrations {
            registration.stop.cancel();
        }
        let ends = registrations.iter().map(|registration| registration.ended.cancelled());
        let _ = timeout(STOP_TIMEOUT, futures_util::future::join_all(ends)).await;
        Ok(true)
    }

    #[cfg(test)]
    fn chats(&self) -> usize {
        self.0.lock().len()
    }
}

/// Which answers of a chat a request stops.
pub(super) enum StopTarget {
    /// All that run or wait in the queue.
    All,
    /// The running one; prompts in the queue stay there.
    Running,
    /// The one to the prompt with this name, whether it runs or waits.
    Prompt(String),
}

impl StopTarget {
    fn selects(&self, registration: &Registration) -> bool {
        match self {
            Self::All => true,
            Self::Running => registration.runs.load(Ordering::Acquire),
            Self::Prompt(id) => registration.prompt_id.as_ref() == Some(id),
        }
    }
}

/// An answer that runs, until this is dropped.
pub(super) struct RunningAnswer {
    registration: Arc<Registration>,
    key: ChatKey,
    all: Arc<Mutex<Registrations>>,
}

impl RunningAnswer {
    /// The chat.
    pub(super) fn key(&self) -> &ChatKey {
        &self.key
    }

    /// Takes note that it is no longer in the queue.
    pub(super) fn leave_queue(&self) {
        self.registration.runs.store(true, Ordering::Release);
    }

    /// Cancelled when a request stops the answer.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.registration.stop.clone()
    }

    /// The result of `work`, unless a request stops the answer before; then `work` is dropped.
    ///
    /// # Errors
    /// Those of `work`, and [`stopped`].
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            () = self.registration.stop.cancelled() => Err(stopped()),
            result = work => result,
        }
    }
}

impl Drop for RunningAnswer {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(registrations) = all.get_mut(&self.key) {
            registrations.retain(|registration| !Arc::ptr_eq(registration, &self.registration));
            if registrations.is_empty() {
                all.remove(&self.key);
            }
        }
        drop(all);
        self.registration.ended.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::app::Client;
    use crate::domain::{AccessToken, ErrorKind, Tokens};

    /// A session that makes no request.
    #[allow(clippy::default_trait_access, reason = "the type is not for this layer to import")]
    fn session() -> Session {
        let client = Client::new(Default::default()).expect("a client");
        let access =
            AccessToken::parse("eyJhbGciOiJub25lIn0.eyJpZCI6ImEifQ.c2ln").expect("a token");
        client.session(Tokens::from(access), None)
    }

    fn key(chat: &str) -> ChatKey {
        ChatKey { account: "a".to_owned(), chat: chat.parse().expect("an id") }
    }

    #[tokio::test]
    async fn stop_ends_all_answers_of_the_chat_and_no_others() {
        let (running, session) = (RunningAnswers::default(), session());
        let other = running.enter(key("d1"), session.clone(), None);
        let runs = [(); 2].map(|()| running.enter(key("c1"), session.clone(), None));
        let tasks = runs.map(|run| {
            tokio::spawn(async move { run.unless_stopped(pending::<Result<()>>()).await })
        });
        assert_eq!(running.stop(&key("c1"), &session, &StopTarget::All).await.ok(), Some(true));
        for task in tasks {
            let error = task.await.expect("no panic").expect_err("stopped");
            assert_eq!(error.kind(), ErrorKind::Interrupted);
        }
        assert_eq!(running.chats(), 1);
        assert!(!other.stop_token().is_cancelled());
        drop(other);
        assert_eq!(running.chats(), 0);
    }

    #[tokio::test]
    async fn stop_ends_only_what_it_names() {
        let (running, session) = (RunningAnswers::default(), session());
        let name = |name: &str| Some(name.to_owned());
        let first = running.enter(key("c1"), session.clone(), name("a"));
        first.leave_queue();
        let second = running.enter(key("c1"), session.clone(), name("b"));
        let third = running.enter(key("c1"), session.clone(), None);
        let stopped = |run: &RunningAnswer| run.stop_token().is_cancelled();
        let stop = async |which| {
            let key = key("c1");
            let stop = running.stop(&key, &session, &which);
            timeout(Duration::from_millis(10), stop).await.map_or(Some(true), Result::ok)
        };
        assert_eq!(stop(StopTarget::Prompt("c".to_owned())).await, Some(false));
        assert_eq!(stop(StopTarget::Prompt("b".to_owned())).await, Some(true));
        assert_eq!([&first, &second, &third].map(stopped), [false, true, false]);
        assert_eq!(stop(StopTarget::Running).await, Some(true));
        assert_eq!([&first, &second, &third].map(stopped), [true, true, false]);
        drop(first);
        assert_eq!(stop(StopTarget::Running).await, Some(false));
    }

    #[tokio::test]
    async fn stop_reports_that_no_answer_runs() {
        let (running, session) = (RunningAnswers::default(), session());
        drop(running.enter(key("c1"), session.clone(), None));
        let _foreign =
            running.enter(ChatKey { account: "b".to_owned(), ..key("c1") }, session.clone(), None);
        assert_eq!(running.stop(&key("c1"), &session, &StopTarget::All).await.ok(), Some(false));
    }
}
