//! The archive of the account's chats: synchronize it, and search in it.
//!
//! What this module keeps true: one chat that cannot be read never stops the others; nothing is asked
//! of the upstream again after a browser check; what the upstream has no longer is marked after a
//! confirmation for each chat, and never removed; a synchronization can end at any time and loses at
//! most the chats that are being fetched.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::ephemeral::Recorded;
pub(crate) use crate::archive::query::{Filters, ROLES, Scope};
use crate::archive::queue::{Failed, Listed};
pub(crate) use crate::archive::read::State;
pub(crate) use crate::archive::read::Stored;
pub(crate) use crate::archive::search::no_archive;
use crate::archive::search::{self, HitMessage, Pattern, SearchRequest};
pub(crate) use crate::archive::search::{Found, Hit, Mode, Order, Owner, Piece};
pub(crate) use crate::archive::stats::{By, Statistics};
pub(crate) use crate::archive::store::AccountHash;
use crate::archive::store::{Account, Archive};
use crate::archive::upkeep;
pub(crate) use crate::archive::upkeep::Status;
use crate::archive::{read, stats};
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{
    Chat, ChatId, ChatList, ChatSummary, Error, ErrorKind, FoundChat, RateLimit, Result,
};
use crate::files::{open_private, secure_private_directory};

/// From this many chats on the index is merged after they are fetched: it becomes smaller and faster.
const MANY_FETCHED: usize = 1000;
/// The longest time for which a refusal is remembered, in seconds.
const LONGEST_PAUSE: i64 = 31 * 24 * 3600;
/// How many chats are fetched at a time.
const AT_ONCE: usize = 2;
/// After this time all chats are listed again, in seconds.
const FULL_AGAIN: i64 = 7 * 24 * 3600;
/// By how much the list may lag behind changes, in seconds.
const LIST_LAG: i64 = 600;
/// How often the first page is read at most until it no longer changes.
const MAX_REREADS: usize = 3;
/// Failures of the connection in a row that end the work.
const MAX_UNREACHABLE: usize = 5;
/// Up to this many chats may vanish at once without a question.
const FEW_GONE: usize = 20;
/// The most ids that cannot be used that are reported.
const MAX_UNUSABLE: usize = 100;
/// The pause after a refusal that names none.
const PAUSE: Duration = Duration::from_mins(1);
/// More pages than any account has.
const MAX_PAGES: u32 = 5_000;

/// How to synchronize.
#[derive(Debug, Clone, Default)]
pub(crate) struct SyncOptions {
    /// Only these chats.
    pub ids: Vec<ChatId>,
    /// List all chats, and try again what has failed.
    pub full: bool,
    /// Mark however many chats the upstream has no longer.
    pub accept_gone: bool,
    /// The most requests for chats and pages.
    pub rate: Option<RateLimit>,
    /// Leave out what the models thought.
    pub no_thinking: bool,
    /// The age at which chats are purged.
    pub keep: Option<Duration>,
}

/// How far a synchronization has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncProgress {
    /// So many chats are listed.
    Listed(usize),
    /// So many of so many chats are fetched.
    Fetched(usize, usize),
    /// The index is made anew, or merged.
    Indexing,
}

/// The result of a synchronization.
#[derive(Debug)]
pub(crate) struct SyncReport {
    /// Chats in the list.
    pub listed: usize,
    /// What has changed among them.
    pub changes: Listed,
    /// Chats that were fetched.
    pub fetched: usize,
    /// Chats that the upstream has no longer.
    pub gone: usize,
    /// Chats that are purged, as they are older than they are kept.
    pub purged: usize,
    /// Chats that could not be fetched.
    pub failed: Vec<Failed>,
    /// Whether all chats were listed.
    pub full: bool,
    /// How long it took.
    pub took: Duration,
    /// Why it ended early.
    pub stopped: Option<Error>,
    /// What did not succeed, though every chat is stored.
    pub warning: Option<String>,
}

/// The path of the archive in the data directory.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("archive.db")
}

/// The name of the account of `session` in the archive.
///
/// # Errors
/// Those of the client, if the token does not name its account.
pub(crate) async fn account_hash(session: &Session, upstream: &str) -> Result<AccountHash> {
    let claimed = session.access_token().claims().account_id.clone();
    let id = match claimed {
        Some(id) => id,
        None => session.user().await?.id,
    };
    Ok(AccountHash::new(upstream, &id))
}

/// What to search for.
pub(crate) struct Search {
    /// The query.
    pub query: String,
    /// How it is read.
    pub mode: Mode,
    /// Filters besides those in the query.
    pub filters: Filters,
    /// The order of the hits.
    pub order: Order,
    /// How many hits to leave out at the beginning.
    pub offset: usize,
    /// The most hits to return.
    pub limit: usize,
    /// How long it may take.
    pub time: Duration,
}

impl Search {
    /// Searches the archive at `path`, in the chats of `owner`. It runs beside the
    /// runtime, and ends with its caller.
    ///
    /// # Errors
    /// Those of [`search::search`]; [`ErrorKind::InvalidRequest`] for the query.
    pub(crate) async fn run(self, path: PathBuf, owner: Owner) -> Result<Found> {
        let (pattern, filters) = Pattern::parse(&self.query, self.mode)?;
        let leaving = Leaving(Arc::default());
        let request = SearchRequest {
            pattern,
            filters: filters.and(self.filters),
            order: self.order,
            offset: self.offset,
            limit: self.limit,
            owner,
            time: self.time,
            cancelled: Arc::clone(&leaving.0),
        };
        beside(move || search::search(&path, &request)).await
    }
}

/// Page `page` (from 1) of the upstream's own search, for an account without an archive.
///
/// # Errors
/// Those of the client.
pub(crate) async fn search_upstream(session: &Session, query: &str, page: u32) -> Result<Found> {
    let rows = session.search_chats(query, page).await?;
    let pattern = match Pattern::parse(query, Mode::Words) {
        Ok((pattern, _)) => pattern,
        // The upstream may understand it all the same.
        Err(_) => Pattern::parse(query, Mode::Literal)?.0,
    };
    let hit = |found: FoundChat| {
        let text = found.content.or_else(|| found.chat.title.clone()).unwrap_or_default();
        let message = |id| HitMessage { id, role: None, model: None };
        Hit {
            chat_id: found.chat.id,
            title: found.chat.title,
            state: State::Live,
            message: found.message_id.map(message),
            timestamp: found.chat.updated_at,
            snippet: pattern.excerpt(&text, || false),
            more_in_chat: 0,
        }
    };
    let hits: Vec<_> = rows.into_iter().map(hit).collect();
    Ok(Found {
        total: hits.len(),
        total_is_exact: hits.is_empty() && page == 1,
        next: (!hits.is_empty()).then_some(page as usize + 1),
        synced_at: None,
        hits,
    })
}

/// Reads a chat from the archive at `path`, by the beginning of its id.
///
/// # Errors
/// Those of the archive.
pub(crate) async fn find(
    path: PathBuf,
    account: Option<AccountHash>,
    id: String,
) -> Result<Option<Stored>> {
    beside(move || read::find(&path, account.as_ref(), &id)).await
}

/// The same with the texts of those messages only that `needed` picks, from the chat without texts and their
/// lengths in characters.
///
/// # Errors
/// Those of the archive.
pub(crate) async fn find_part(
    path: PathBuf,
    account: Option<AccountHash>,
    id: String,
    needed: impl Fn(&Chat, &HashMap<String, usize>) -> HashSet<String> + Send + 'static,
) -> Result<Option<Stored>> {
    beside(move || read::find_part(&path, account.as_ref(), &id, &needed)).await
}

/// The archived chats of `account`, or of all accounts, that the upstream still has, as they are in `list`,
/// newest first.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is no archive; those of the file.
pub(crate) async fn listed(
    path: PathBuf,
    account: Option<AccountHash>,
    list: ChatList,
) -> Result<Vec<ChatSummary>> {
    let rows = beside(move || read::rows(&path, account.as_ref(), (true, None)))
        .await?
        .ok_or_else(search::no_archive)?;
    let is_listed = |row: &ChatSummary| match &list {
        ChatList::Main => !row.archived && row.project_id.is_none(),
        ChatList::Pinned => row.pinned,
        ChatList::Archived => row.archived,
        ChatList::Project(id) => row.project_id.as_ref() == Some(id),
    };
    Ok(rows.into_iter().filter(is_listed).collect())
}

/// The chats in the archive at `path`, newest first: those of one account, or of all.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none.
pub(crate) async fn rows(
    path: PathBuf,
    account: Option<AccountHash>,
    since: Option<i64>,
) -> Result<Vec<ChatSummary>> {
    let read = move || read::rows(&path, account.as_ref(), (false, since));
    beside(read).await?.ok_or_else(search::no_archive)
}

/// The state of the archive at `path`.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none.
pub(crate) async fn status(path: PathBuf) -> Result<Status> {
    beside(move || upkeep::status(&path)?.ok_or_else(search::no_archive)).await
}

/// What is wrong with the archive at `path`.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none.
pub(crate) async fn check(path: PathBuf) -> Result<Vec<String>> {
    beside(move || upkeep::check(&path)?.ok_or_else(search::no_archive)).await
}

/// Makes the index of the archive at `path` anew.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none.
pub(crate) async fn rebuild(path: PathBuf) -> Result<()> {
    status(path.clone()).await?;
    beside(move || {
        let _lock = lock(path.parent().unwrap_or(&path))?;
        Archive::open(&path)?.rebuild()
    })
    .await
}

/// Statistics of the archive at `path`.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none.
pub(crate) async fn statistics(
    path: PathBuf,
    account: Option<AccountHash>,
    by: By,
    since: Option<i64>,
) -> Result<Statistics> {
    let read = move || stats::statistics(&path, account.as_ref(), by, since);
    beside(read).await?.ok_or_else(search::no_archive)
}

/// Writes a copy of the archive at `path` to a new file.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; those of the file.
pub(crate) async fn back_up(path: PathBuf, target: PathBuf) -> Result<()> {
    status(path.clone()).await?;
    beside(move || Archive::open(&path)?.back_up(&target)).await
}

/// Deletes the chats of an account, or of all accounts, from the archive at `path`; returns how many
/// there were.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; [`ErrorKind::SyncInProgress`].
pub(crate) async fn forget(path: PathBuf, account: Option<AccountHash>) -> Result<usize> {
    status(path.clone()).await?;
    beside(move || {
        let _lock = lock(path.parent().unwrap_or(&path))?;
        let mut archive = Archive::open(&path)?;
        let mut deleted = 0;
        for account in archive.accounts(account.as_ref())? {
            deleted += archive.purge_account(account)?;
        }
        Ok(deleted)
    })
    .await
}

/// What a server remembers about the archive of its own account.
#[derive(Default)]
pub(crate) struct Monitor {
    sync: Mutex<SyncState>,
    /// The last token, hashed, and its account: not each token names it.
    account: Mutex<Option<([u8; 32], AccountHash)>>,
}

/// A synchronization that runs, or the last one.
#[derive(Clone, Default)]
pub(crate) struct SyncState {
    /// Whether it runs.
    pub is_running: bool,
    /// Chats that are listed.
    pub listed: usize,
    /// Chats that are fetched, of how many.
    pub fetched: (usize, usize),
    /// Why it failed.
    pub error: Option<Error>,
}

impl Monitor {
    /// The state of the synchronization.
    pub(crate) fn state(&self) -> SyncState {
        self.sync.lock().clone()
    }

    /// Starts one.
    ///
    /// # Errors
    /// [`ErrorKind::SyncInProgress`] if one is running.
    pub(crate) fn start(&self) -> Result<()> {
        let mut sync = self.sync.lock();
        if sync.is_running {
            return Err(already_running());
        }
        *sync = SyncState { is_running: true, ..SyncState::default() };
        Ok(())
    }

    /// Records how far it has come.
    pub(crate) fn advance(&self, progress: SyncProgress) {
        let mut sync = self.sync.lock();
        match progress {
            SyncProgress::Listed(listed) => sync.listed = listed,
            SyncProgress::Fetched(fetched, total) => sync.fetched = (fetched, total),
            SyncProgress::Indexing => {}
        }
    }

    /// Records its end.
    pub(crate) fn end(&self, error: Option<Error>) {
        let mut sync = self.sync.lock();
        sync.is_running = false;
        sync.error = error;
    }

    /// As [`account_hash`], which may ask the upstream, but once for each token.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn account_hash(
        &self,
        session: &Session,
        upstream: &str,
    ) -> Result<AccountHash> {
        let token: [u8; 32] = Sha256::digest(session.access_token().expose()).into();
        if let Some((known, account)) = *self.account.lock()
            && known == token
        {
            return Ok(account);
        }
        let account = account_hash(session, upstream).await?;
        *self.account.lock() = Some((token, account));
        Ok(account)
    }
}

/// Ends work beside the runtime when its caller drops it.
pub(super) struct Leaving(pub Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|fault| {
        Error::new(ErrorKind::Internal, "the work on the archive ended early").caused_by(fault)
    })?
}

/// Brings the archive in the data directory up to date with the account of `session`.
///
/// # Errors
/// If the archive cannot be used, another synchronization is running, or the list cannot be read. What
/// ends the work later is in the report.
pub(crate) async fn sync(
    session: &Session,
    (data, upstream): (&Path, &str),
    options: &SyncOptions,
    progress: impl Fn(SyncProgress) + Send + Sync,
) -> Result<SyncReport> {
    let began = (Instant::now(), now());
    let hash = account_hash(session, upstream).await?;
    let (place, upstream) = (data.to_owned(), upstream.to_owned());
    let opened = beside(move || {
        let lock = lock(&place)?;
        let mut archive = Archive::open(&path(&place))?;
        let account = archive.account(&hash, &upstream, now())?;
        Ok((lock, archive, account))
    });
    let (_lock, archive, account) = opened.await?;
    refuse_pause(account)?;
    let archive = Handle::new(archive);
    if archive.run(|archive| archive.is_outdated()).await? {
        progress(SyncProgress::Indexing);
        archive.run(Archive::rebuild).await?;
    }
    let pacer = Pacer::new(options.rate);
    let ephemeral = Recorded::under(data);
    let progress = &progress;
    let sync = Syncing { session, archive, account, ephemeral, options, pacer, progress };
    let mut report = sync.run().await?;
    if report.fetched >= MANY_FETCHED {
        (sync.progress)(SyncProgress::Indexing);
        report.warning = sync.archive.run(Archive::compact).await?;
    }
    report.took = began.0.elapsed();
    let counts = format!(
        r#"{{"listed":{},"fetched":{},"gone":{},"failed":{}}}"#,
        report.listed,
        report.fetched,
        report.gone,
        report.failed.len()
    );
    sync.archive.run(move |archive| archive.ran(account, (began.1, now()), &counts)).await?;
    Ok(report)
}

fn already_running() -> Error {
    let message = "another synchronization of the archive is running";
    Error::new(ErrorKind::SyncInProgress, message)
        .with_hint("wait for its end; it fetches what has changed until then")
}

/// Lets one synchronization run at a time, in any process.
fn lock(data: &Path) -> Result<File> {
    let path = data.join("archive.lock");
    let open = || {
        secure_private_directory(data)?;
        let mut options = OpenOptions::new();
        open_private(options.read(true).write(true).create(true).truncate(false), &path)
    };
    let unusable = |fault: std::io::Error| {
        Error::invalid(format!("cannot lock {}: {fault}", path.display()))
            .with_hint("set QWENCTL_DATA_DIR to a directory that can be written")
    };
    let file = open().map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(already_running()),
        Err(TryLockError::Error(fault)) => Err(unusable(fault)),
    }
}

/// The upstream said when it can be asked again.
fn refuse_pause(account: Account) -> Result<()> {
    let left = account.not_before.unwrap_or_default().saturating_sub(now());
    match u64::try_from(left) {
        // More is left only if a clock was set back.
        Ok(left @ 1..) if left <= LONGEST_PAUSE.unsigned_abs() => {
            let message = "the upstream limited the last synchronization";
            Err(Error::new(ErrorKind::RateLimited, message)
                .with_retry_after(Some(Duration::from_secs(left))))
        }
        _ => Ok(()),
    }
}

/// The archive, for work beside the runtime.
#[derive(Clone)]
pub(super) struct Handle(Arc<Mutex<Archive>>);

impl Handle {
    pub(super) fn new(archive: Archive) -> Self {
        Self(Arc::new(Mutex::new(archive)))
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Archive) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let archive = Arc::clone(&self.0);
        beside(move || work(&mut archive.lock())).await
    }
}

/// Spreads requests over time.
pub(super) struct Pacer {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pacer {
    pub(super) fn new(rate: Option<RateLimit>) -> Self {
        let interval = rate.map_or(Duration::ZERO, |rate| rate.window() / rate.count());
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    pub(super) async fn wait(&self) {
        if self.interval.is_zero() {
            return;
        }
        let at = {
            let mut next = self.next.lock();
            let at = (*next).max(Instant::now());
            // Half to one and a half intervals: not the beat of a program.
            *next = at + self.interval.mul_f64(0.5 + fastrand::f64());
            at
        };
        tokio::time::sleep_until(at.into()).await;
    }
}

struct Syncing<'a> {
    session: &'a Session,
    archive: Handle,
    account: Account,
    /// Chats for one answer, which are not stored.
    ephemeral: Recorded,
    options: &'a SyncOptions,
    pacer: Pacer,
    progress: &'a (dyn Fn(SyncProgress) + Send + Sync),
}

/// What the list had.
#[derive(Default)]
struct Walk {
    /// The chats, and when they changed.
    seen: HashMap<ChatId, Option<i64>>,
    changes: Listed,
    newest_at: Option<i64>,
    /// The ids that cannot be used.
    unusable: BTreeSet<String>,
}

impl Syncing<'_> {
    async fn run(&self) -> Result<SyncReport> {
        let account = self.account;
        let is_selection = !self.options.ids.is_empty();
        let is_old = account.full_walk_at.is_none_or(|at| at < now() - FULL_AGAIN);
        let full = !is_selection && (self.options.full || is_old);
        let mut walk = Walk::default();
        let due = if is_selection {
            let ids = self.options.ids.clone();
            self.archive.run(move |archive| archive.request(account, &ids)).await?;
            self.options.ids.clone()
        } else {
            let walked = self.walk(&mut walk, full).await;
            self.note_refusal(walked).await?;
            let newest_at = walk.newest_at;
            let until = if self.options.full { i64::MAX } else { now() };
            let due = move |archive: &mut Archive| {
                archive.walked(account, newest_at)?;
                archive.due(account, until)
            };
            let mut due = self.archive.run(due).await?;
            // The list has whole seconds: what follows in the second of a change is read after it.
            if due.iter().any(|id| walk.seen.get(id).copied().flatten() >= Some(now())) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            // Each new chat gets a place above the ones before it, except at the first synchronization.
            if account.full_walk_at.is_some() {
                due.reverse();
            }
            due
        };
        let mut report = SyncReport {
            listed: walk.seen.len(),
            changes: walk.changes,
            fetched: 0,
            gone: 0,
            purged: 0,
            failed: Vec::new(),
            full,
            took: Duration::ZERO,
            stopped: None,
            warning: None,
        };
        report.stopped = self.fetch(due, &mut report.fetched).await?.err();
        if full && report.stopped.is_none() {
            report.stopped = self.mark_gone(&walk, &mut report.gone).await?.err();
        }
        if let Some(oldest) = self.oldest() {
            let purge = move |archive: &mut Archive| archive.purge_older(account, oldest);
            match self.archive.run(purge).await {
                Ok(purged) => report.purged = purged,
                // The chats are deleted; only their last traces are not.
                Err(error) if error.kind() == ErrorKind::Timeout => {
                    report.stopped.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        report.failed = self.archive.run(move |archive| archive.failures(account)).await?;
        report.failed.extend(walk.unusable.into_iter().map(|id| Failed {
            id,
            code: ErrorKind::UpstreamProtocol.code().to_owned(),
            error: "the id of the chat cannot be used".to_owned(),
            next_try_at: now(),
        }));
        Ok(report)
    }

    /// The time before which chats are not kept.
    fn oldest(&self) -> Option<i64> {
        let keep = i64::try_from(self.options.keep?.as_secs()).unwrap_or(i64::MAX);
        Some(now().saturating_sub(keep))
    }

    /// Remembers how long the upstream does not want to be asked.
    async fn note_refusal<T>(&self, result: Result<T>) -> Result<T> {
        if let Some(pause) = result.as_ref().err().and_then(pause_after) {
            let account = self.account;
            self.archive.run(move |archive| archive.pause(account, now() + pause)).await?;
        }
        result
    }

    /// Reads the lists: up to what is known, or all of them. Then the first page until it is stable: a
    /// chat that changes meanwhile moves there (protocol F20).
    async fn walk(&self, walk: &mut Walk, full: bool) -> Result<()> {
        self.walk_list(&ChatList::Main, walk, full).await?;
        if full {
            self.optional(self.walk_list(&ChatList::Archived, walk, full).await)?;
            self.pacer.wait().await;
            let projects = self.session.projects().await;
            for project in self.optional(projects)?.unwrap_or_default() {
                self.walk_list(&ChatList::Project(project.id), walk, full).await?;
            }
        }
        let mut before = Vec::new();
        for _ in 0..=MAX_REREADS {
            self.pacer.wait().await;
            let rows = self.rows(&ChatList::Main, 1, walk).await?;
            let ids: Vec<_> = rows.iter().map(|row| (row.id.clone(), row.updated_at)).collect();
            let is_known = ids.iter().all(|(id, at)| walk.seen.get(id) == Some(at));
            self.take(rows, walk).await?;
            if is_known || ids == before {
                break;
            }
            before = ids;
        }
        Ok(())
    }

    async fn rows(&self, list: &ChatList, page: u32, walk: &mut Walk) -> Result<Vec<ChatSummary>> {
        let (rows, unusable) = self.session.listed_with_unusable(list, page).await?;
        if walk.unusable.len() < MAX_UNUSABLE {
            walk.unusable.extend(unusable);
        }
        Ok(rows)
    }

    /// `None` for a list that this upstream does not have.
    #[allow(clippy::unused_self, reason = "reads as one step of the walk")]
    fn optional<T>(&self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::InvalidRequest | ErrorKind::UpstreamProtocol
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn walk_list(&self, list: &ChatList, walk: &mut Walk, full: bool) -> Result<()> {
        // The list may lag behind changes that were made before its last reading.
        let known_until = self.account.newest_at.unwrap_or(i64::MIN).saturating_sub(LIST_LAG);
        for page in 1..=MAX_PAGES {
            self.pacer.wait().await;
            let rows = self.rows(list, page, walk).await?;
            let oldest = rows.iter().filter_map(|row| row.updated_at).min();
            let has_new_id = rows.iter().any(|row| !walk.seen.contains_key(&row.id));
            let listed = self.take(rows, walk).await?;
            (self.progress)(SyncProgress::Listed(walk.seen.len()));
            let is_known = listed.new + listed.changed == 0
                && oldest.is_some_and(|oldest| oldest < known_until);
            if !has_new_id || !list.has_pages() || (is_known && !full) {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::UpstreamProtocol, "the list of chats does not end"))
    }

    /// Takes rows that are new in this walk, or have changed since they were read.
    async fn take(&self, mut rows: Vec<ChatSummary>, walk: &mut Walk) -> Result<Listed> {
        self.ephemeral.leave_out(&mut rows).await;
        let fresh = rows.into_iter().filter(|row| walk.seen.get(&row.id) != Some(&row.updated_at));
        let (again, new): (Vec<_>, Vec<_>) = fresh.partition(|row| walk.seen.contains_key(&row.id));
        for row in new.iter().chain(&again) {
            walk.newest_at = walk.newest_at.max(row.updated_at);
            walk.seen.insert(row.id.clone(), row.updated_at);
        }
        let account = self.account;
        // What would be purged is not fetched.
        let is_kept = |row: &ChatSummary| self.oldest() <= row.updated_at.or(Some(i64::MAX));
        let new: Vec<_> = new.into_iter().filter(is_kept).collect();
        let taken = move |archive: &mut Archive| {
            archive.listed(account, &again)?;
            archive.listed(account, &new)
        };
        let listed = self.archive.run(taken).await?;
        walk.changes.new += listed.new;
        walk.changes.changed += listed.changed;
        walk.changes.unchanged += listed.unchanged;
        Ok(listed)
    }

    /// Fetches and stores chats. The inner error ends the work and keeps what was stored; the outer one is
    /// of the archive itself.
    async fn fetch(&self, due: Vec<ChatId>, fetched: &mut usize) -> Result<Result<()>> {
        let total = due.len();
        let account = self.account;
        let read = async |id: ChatId| {
            self.pacer.wait().await;
            let chat = self.session.chat_as_sent(&id).await;
            (id, chat)
        };
        // The next chats are read while one is being written.
        let store = async |(id, chat): (ChatId, Result<(crate::domain::Chat, Vec<u8>)>)| {
            let (chat, raw) = match chat {
                Ok((mut chat, raw)) => {
                    if self.options.no_thinking {
                        chat.messages.iter_mut().for_each(|message| message.thinking = None);
                    }
                    (chat, raw)
                }
                Err(error) => return Ok((id, Err(error))),
            };
            let write = move |archive: &mut Archive| archive.store(account, &chat, &raw, now());
            self.archive.run(write).await.map(|()| (id, Ok(())))
        };
        let reading = stream::iter(due).map(read).buffered(AT_ONCE);
        let mut stored = std::pin::pin!(reading.map(store).buffered(AT_ONCE));
        let mut unreachable = 0;
        let mut done = 0;
        while let Some(result) = stored.next().await {
            let (id, chat): (ChatId, Result<()>) = result?;
            done += 1;
            (self.progress)(SyncProgress::Fetched(done, total));
            let Err(error) = chat else {
                *fetched += 1;
                unreachable = 0;
                continue;
            };
            if ends_the_work(error.kind()) {
                return Ok(self.note_refusal(Err(error)).await);
            }
            let failure = (error.kind(), error.message().to_owned());
            let record = move |archive: &mut Archive| {
                archive.failed(account, &id, (failure.0, &failure.1), now())
            };
            self.archive.run(record).await?;
            unreachable = if is_connection(error.kind()) { unreachable + 1 } else { 0 };
            if unreachable == MAX_UNREACHABLE {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    /// Asks for each chat that no list had, and marks those that the upstream has no longer.
    async fn mark_gone(&self, walk: &Walk, gone: &mut usize) -> Result<Result<()>> {
        let account = self.account;
        let seen: HashSet<ChatId> = walk.seen.keys().cloned().collect();
        let unseen = self.archive.run(move |archive| archive.unseen(account, &seen));
        let (unseen, live) = unseen.await?;
        if unseen.len() > FEW_GONE && unseen.len() * 5 > live && !self.options.accept_gone {
            let count = unseen.len();
            let message =
                format!("{count} of {live} chats are not in the list; none was marked as gone");
            return Ok(Err(Error::new(ErrorKind::UpstreamProtocol, message).with_hint(
                "if they are deleted, add `--full --accept-gone`; their archived messages stay",
            )));
        }
        let mut unreachable = 0;
        for id in unseen {
            self.pacer.wait().await;
            match self.session.chat(&id).await {
                Ok(_) => unreachable = 0,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.archive.run(move |archive| archive.gone(account, &id, now())).await?;
                    *gone += 1;
                }
                Err(error) if ends_the_work(error.kind()) => {
                    return Ok(self.note_refusal(Err(error)).await);
                }
                // The next full walk asks for this chat again.
                Err(error) => {
                    unreachable = if is_connection(error.kind()) { unreachable + 1 } else { 0 };
                    if unreachable == MAX_UNREACHABLE {
                        return Ok(Err(error));
                    }
                }
            }
        }
        self.archive.run(move |archive| archive.walked_all(account, now())).await.map(Ok)
    }
}

/// How long to wait after a refusal, in seconds: at most [`LONGEST_PAUSE`].
fn pause_after(error: &Error) -> Option<i64> {
    let pause = (error.kind() == ErrorKind::RateLimited).then(|| error.retry_after())?;
    let pause = pause.unwrap_or(PAUSE).as_secs();
    Some(i64::try_from(pause).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE))
}

fn is_connection(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UpstreamUnreachable | ErrorKind::Timeout)
}

/// Whether the next chat would fail in the same way, or must not be asked for.
fn ends_the_work(kind: ErrorKind) -> bool {
    use ErrorKind::{BrowserCheck, RateLimited, TokenExpired, TokenInvalid, TokenMissing};
    matches!(kind, BrowserCheck | RateLimited | TokenExpired | TokenInvalid | TokenMissing)
}
