//! Chats that are created for one answer and deleted after it, even if the process is killed meanwhile.
//!
//! Each of them is in a journal on disk from before it is created until after it is deleted, and has a
//! title by which it can be found even if its id never arrived. What a dead process left in its journal is
//! deleted by [`Journal::sweep`] at the next start. The journal holds no prompts, no answers and no
//! tokens: only a hash of the account, a time and an id.
//!
//! ```text
//! <data directory>/ephemeral/lock           held briefly while a directory is created or claimed
//! <data directory>/ephemeral/<run>/lock     held as long as the process lives
//! <data directory>/ephemeral/<run>/<mark>   one chat: {"account":…,"at":…}, then {"chat_id":…}
//! ```
//!
//! A lock ends with its process, however that ends, so a directory whose lock is free belongs to a dead
//! process. There are as many files as there are chats to be deleted, and one thread writes them, in the
//! order of the calls: nothing grows without a bound.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use indexmap::IndexSet;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::chats::{ListRequest, list};
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{ChatId, ChatSummary, Error, ErrorKind, Result};
use crate::files::{
    create_private_directory, open_private, secure_private_directory, sync_directory,
};

/// The beginning of the titles of such chats.
const MARK: &str = "qwenctl-ephemeral-";

/// Whether a chat with this title is one that is about to be deleted.
pub(crate) fn is_mark(title: &str) -> bool {
    title.strip_prefix(MARK).is_some_and(|rest| uuid::Uuid::try_parse(rest).is_ok())
}

/// A title that no other chat has.
fn new_mark() -> String {
    format!("{MARK}{}", uuid::Uuid::new_v4())
}

const LOCK: &str = "lock";
/// The most chats that one process leaves for the next start.
const MAX_LEFT: usize = 1000;
/// The most calls that wait for the thread that writes. Further ones wait for room.
const QUEUE: usize = 64;
/// How many of its chats a process remembers after they are deleted: a list that was read before may
/// still name them.
const MAX_REMEMBERED: usize = 4096;

/// The journal of this process. It also reads those of dead ones.
#[derive(Clone)]
pub struct Journal(Arc<Run>);

/// The chats that this process and others with the same data directory have made for one answer. The
/// upstream gives them titles of its own after their first answer, so that they look like any other.
#[derive(Clone)]
pub(crate) struct Recorded {
    /// The parent of the directories of all processes.
    root: PathBuf,
    /// The chats of this process.
    own: Arc<Mutex<IndexSet<ChatId>>>,
}

impl Recorded {
    /// What processes with the data directory `data` have recorded.
    pub(crate) fn under(data: &Path) -> Self {
        Self { root: data.join(DIRECTORY), own: Arc::default() }
    }

    /// Leaves out of `rows` the chats that exist now, or were deleted by this process. What cannot be read
    /// names none.
    pub(crate) async fn leave_out(&self, rows: &mut Vec<ChatSummary>) {
        let root = self.root.clone();
        let read = move || -> HashSet<ChatId> {
            let directories = fs::read_dir(root).into_iter().flatten().flatten();
            directories
                .flat_map(|entry| orphans(&entry.path()))
                .filter_map(|orphan| orphan.chat_id)
                .collect()
        };
        let recorded = tokio::task::spawn_blocking(read).await.unwrap_or_default();
        let own = self.own.lock();
        rows.retain(|row| {
            let is_marked = row.title.as_deref().is_some_and(is_mark);
            !is_marked && !recorded.contains(&row.id) && !own.contains(&row.id)
        });
    }

    fn remember(&self, chat: ChatId) {
        let mut own = self.own.lock();
        own.insert(chat);
        if own.len() > MAX_REMEMBERED {
            own.shift_remove_index(0);
        }
    }
}

/// The directory of all journals in the data directory.
const DIRECTORY: &str = "ephemeral";

/// The directory of this process.
struct Run {
    /// The parent of the directories of all processes.
    root: PathBuf,
    /// The directory of this process.
    directory: PathBuf,
    /// The name of the upstream; part of the hash of an account.
    upstream: String,
    /// How many chats this process has left for the next start.
    left: Arc<AtomicUsize>,
    recorded: Recorded,
    writer: Writer,
    _alive: File,
}

/// One chat in the journal. Dropped without [`Entry::done`], it stays for the next start.
pub struct Entry {
    path: PathBuf,
    mark: String,
    left: Arc<AtomicUsize>,
    recorded: Recorded,
    writer: Writer,
}

/// The thread that works on the files, outside the threads of the runtime.
#[derive(Clone)]
struct Writer(mpsc::Sender<Box<dyn FnOnce() + Send>>);

impl Writer {
    /// Ends with its last handle.
    fn start() -> io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Box<dyn FnOnce() + Send>>(QUEUE);
        thread::Builder::new().name("journal".to_owned()).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                job();
            }
        })?;
        Ok(Self(jobs))
    }

    /// Does `work`, also if the caller leaves while it is in the queue.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (result, received) = oneshot::channel();
        self.send(move || drop(result.send(work()))).await?;
        received.await.map_err(io::Error::other)?
    }

    /// Does `work` for a caller who still waits for it; otherwise `undo`es what it has done.
    async fn run_or_undo<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
        undo: impl FnOnce(T) + Send + 'static,
    ) -> io::Result<T> {
        let (result, received) = oneshot::channel();
        let job = move || {
            if !result.is_closed()
                && let Err(Ok(unwanted)) = result.send(work())
            {
                undo(unwanted);
            }
        };
        self.send(job).await?;
        received.await.map_err(io::Error::other)?
    }

    async fn send(&self, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.0.send(Box::new(job)).await.map_err(|_| io::Error::other("the journal has ended"))
    }
}

/// The first line of a file, written before the chat is created.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    /// The hash of the account and its upstream.
    account: String,
    /// When, in seconds since 1970.
    at: i64,
}

/// The second line.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    chat_id: ChatId,
}

impl Journal {
    /// Opens the journal in the data directory `data`, for chats of the upstream that is known as
    /// `upstream`.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if nothing can be written there.
    pub async fn open(data: &Path, upstream: &str) -> Result<Self> {
        let (data, upstream) = (data.to_owned(), upstream.to_owned());
        let recorded = Recorded::under(&data);
        let root = recorded.root.clone();
        let place = root.display().to_string();
        let open = async {
            let writer = Writer::start()?;
            let own = writer.clone();
            let open = move || {
                secure_private_directory(&data)?;
                create_private_directory(&root)?;
                let directory = root.join(uuid::Uuid::new_v4().to_string());
                let _claiming = claim_lock(&root)?;
                create_private_directory(&directory)?;
                let alive = open_lock(&directory)?;
                alive.lock()?;
                let left = Arc::default();
                Ok(Run { root, directory, upstream, left, recorded, writer: own, _alive: alive })
            };
            writer.run(open).await
        };
        open.await.map(|run| Self(Arc::new(run))).map_err(|fault| {
            let message = format!("the journal of ephemeral chats cannot be kept in {place}");
            Error::new(ErrorKind::Internal, format!("{message}: {fault}"))
                .with_hint("name a writable place with QWENCTL_DATA_DIR")
                .caused_by(fault)
        })
    }

    /// Records that `session` is about to create a chat. It is on disk when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it is not.
    pub async fn begin(&self, session: &Session) -> Result<Entry> {
        let intent = Intent { account: self.0.account(session), at: now() };
        let mark = new_mark();
        let (left, writer) = (Arc::clone(&self.0.left), self.0.writer.clone());
        let (directory, line) = (self.0.directory.clone(), line(&intent));
        let recorded = self.0.recorded.clone();
        let entry = Entry { path: directory.join(&mark), mark, left, recorded, writer };
        let begin = move || {
            let mut options = OpenOptions::new();
            append(&open_private(options.write(true).create_new(true), &entry.path)?, &line)?;
            sync_directory(&directory)?;
            Ok(entry)
        };
        // A file that stays only costs a search at the next start.
        let undo = |entry: Entry| drop(fs::remove_file(entry.path));
        self.0.writer.run_or_undo(begin, undo).await.map_err(unwritten)
    }

    /// The chats in this journal, and in those of other processes.
    pub(crate) fn recorded(&self) -> Recorded {
        self.0.recorded.clone()
    }
}

impl Run {
    /// A hash of the account of `session`: the journal does not say whose it is.
    fn account(&self, session: &Session) -> String {
        account_hash(&self.upstream, session)
    }
}

/// A hash of the account of `session` at the upstream that is known as `upstream`.
pub(crate) fn account_hash(upstream: &str, session: &Session) -> String {
    let access = session.access_token();
    let id = access.claims().account_id.clone();
    let mut hash = Sha256::new();
    hash.update(upstream.as_bytes());
    hash.update([0]);
    hash.update(id.as_deref().unwrap_or_else(|| access.expose()).as_bytes());
    let hash = hash.finalize();
    URL_SAFE_NO_PAD.encode(&hash[..16])
}

impl Drop for Run {
    fn drop(&mut self) {
        // Fails on purpose if there are chats left.
        if fs::remove_file(self.directory.join(LOCK)).is_ok() {
            let _ = fs::remove_dir(&self.directory);
        }
    }
}

impl Entry {
    /// The title that the chat has to get.
    pub fn title(&self) -> &str {
        &self.mark
    }

    /// Records the id of the chat. It is on disk when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it is not.
    pub async fn made(&self, chat_id: &ChatId) -> Result<()> {
        self.recorded.remember(chat_id.clone());
        let (path, line) = (self.path.clone(), line(&Made { chat_id: chat_id.clone() }));
        let write = move || append(&OpenOptions::new().append(true).open(path)?, &line);
        self.writer.run(write).await.map_err(unwritten)
    }

    /// The chat may still exist, and is deleted at the next start. Beyond a limit such chats are not
    /// recorded.
    pub async fn leave(self) {
        if self.left.fetch_add(1, Ordering::Relaxed) >= MAX_LEFT {
            self.done().await;
        }
    }

    /// The upstream answered the creation of the chat with `error`: nothing is left to do if it clearly
    /// refused.
    pub async fn failed(self, error: &Error) {
        let may_be_made = matches!(
            error.kind(),
            ErrorKind::Timeout
                | ErrorKind::UpstreamUnreachable
                | ErrorKind::UpstreamProtocol
                | ErrorKind::Internal
        );
        if may_be_made { self.leave().await } else { self.done().await }
    }

    /// The chat is deleted, or was never created.
    pub async fn done(self) {
        let path = self.path;
        // A file that stays only costs a search at the next start.
        let _ = self.writer.run(move || fs::remove_file(path)).await;
    }
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

fn append(mut file: &File, line: &[u8]) -> io::Result<()> {
    file.write_all(line)?;
    file.sync_data()
}

fn unwritten(fault: io::Error) -> Error {
    Error::new(ErrorKind::Internal, "the journal of ephemeral chats cannot be written")
        .with_hint("make room in the data directory (`qwenctl config path` names it)")
        .caused_by(fault)
}

/// The lock under which directories are created and claimed. It is held briefly.
fn claim_lock(root: &Path) -> io::Result<File> {
    let lock = open_lock(root)?;
    lock.lock()?;
    Ok(lock)
}

/// The lock file of `directory`.
fn open_lock(directory: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    open_private(&mut options, &directory.join(LOCK))
}

/// How long a chat that cannot be deleted stays recorded, in seconds. It may belong to another account,
/// whose token is never seen again.
const KEEP: i64 = 30 * 24 * 3600;
/// The most by which clocks may differ, in seconds.
const SKEW: i64 = 3600;

/// The result of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Chats that were deleted.
    pub deleted: usize,
    /// Chats that are still to be deleted.
    pub left: usize,
}

/// The journal of a dead process, claimed as long as the lock is held.
struct Claim {
    directory: PathBuf,
    _lock: File,
}

/// A chat that a dead process meant to delete.
struct Orphan {
    path: PathBuf,
    mark: String,
    intent: Option<Intent>,
    chat_id: Option<ChatId>,
}

impl Journal {
    /// Deletes the chats of the account of `session` that dead processes left behind.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the journals cannot be read; those of the client, if the list of
    /// chats has to be read for chats whose ids are unknown. What could not be deleted is counted,
    /// and is tried again at the next start.
    pub async fn sweep(&self, session: &Session) -> Result<Swept> {
        let (root, own) = (self.0.root.clone(), self.0.directory.clone());
        let claim = move || {
            let claims = claim(&root, &own)?;
            let orphans = claims.iter().flat_map(|claim| orphans(&claim.directory)).collect();
            Ok((claims, orphans))
        };
        let claimed = self.0.writer.run(claim).await;
        let (claims, orphans): (Vec<Claim>, Vec<Orphan>) = claimed.map_err(|fault| {
            Error::new(ErrorKind::Internal, "the journals cannot be read").caused_by(fault)
        })?;
        let swept = self.delete_all(session, orphans).await;
        let remove = move || {
            claims.iter().for_each(Claim::remove_if_empty);
            Ok(())
        };
        let _ = self.0.writer.run(remove).await;
        swept
    }
}

/// The journals of dead processes.
fn claim(root: &Path, own: &Path) -> io::Result<Vec<Claim>> {
    let _claiming = claim_lock(root)?;
    let mut claims = Vec::new();
    for entry in fs::read_dir(root)?.flatten() {
        let directory = entry.path();
        if directory == own || !directory.is_dir() {
            continue;
        }
        let Ok(lock) = open_lock(&directory) else { continue };
        if lock.try_lock().is_ok() {
            claims.push(Claim { directory, _lock: lock });
        }
    }
    Ok(claims)
}

impl Claim {
    fn remove_if_empty(&self) {
        if orphans(&self.directory).is_empty() {
            // Another process that is about to claim it finds nothing.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

fn orphans(directory: &Path) -> Vec<Orphan> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let orphan = |entry: fs::DirEntry| {
        let mark = entry.file_name().into_string().ok().filter(|name| is_mark(name))?;
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let mut lines = text.lines();
        let intent = lines.next().and_then(|line| serde_json::from_str(line).ok());
        let made: Option<Made> = lines.next().and_then(|line| serde_json::from_str(line).ok());
        Some(Orphan { path: entry.path(), mark, intent, chat_id: made.map(|made| made.chat_id) })
    };
    entries.filter_map(orphan).collect()
}

impl Journal {
    async fn delete_all(&self, session: &Session, orphans: Vec<Orphan>) -> Result<Swept> {
        let account = self.0.account(session);
        let mut swept = Swept::default();
        let mut nameless = Vec::new();
        for orphan in orphans {
            match (&orphan.intent, orphan.chat_id.clone()) {
                // Killed before the first line was written, and so before the chat was created.
                (None, _) => self.forget(orphan).await,
                (Some(intent), _) if intent.account != account => {
                    self.settle(orphan, false).await;
                    swept.left += 1;
                }
                (Some(_), Some(id)) => {
                    let gone = delete(session, &id).await.is_ok();
                    self.settle(orphan, gone).await;
                    swept.count(gone);
                }
                (Some(_), None) => nameless.push(orphan),
            }
        }
        if !nameless.is_empty() {
            swept.left += nameless.len();
            self.delete_by_title(session, nameless, &mut swept).await?;
        }
        Ok(swept)
    }

    /// Deletes chats whose ids never arrived; no prompt was ever sent to them.
    async fn delete_by_title(
        &self,
        session: &Session,
        orphans: Vec<Orphan>,
        swept: &mut Swept,
    ) -> Result<()> {
        let oldest = orphans.iter().filter_map(|orphan| Some(orphan.intent.as_ref()?.at)).min();
        let since = oldest.map(|at| at.saturating_sub(SKEW));
        let request = ListRequest { since, ..ListRequest::all() };
        let rows = list(session, request, |_| ()).await?;
        for orphan in orphans {
            swept.left -= 1;
            let titled = |title: &Option<String>| title.as_deref() == Some(orphan.mark.as_str());
            // More than one, if the creation was repeated after it had succeeded.
            let ids = rows.iter().filter(|row| titled(&row.title)).map(|row| &row.id);
            let mut all_gone = true;
            for id in ids {
                let gone = delete(session, id).await.is_ok();
                swept.count(gone);
                all_gone &= gone;
            }
            self.settle(orphan, all_gone).await;
        }
        Ok(())
    }

    /// Forgets an orphan that is gone, or too old.
    async fn settle(&self, orphan: Orphan, gone: bool) {
        if gone || orphan.intent.as_ref().is_none_or(|intent| intent.at < now() - KEEP) {
            self.forget(orphan).await;
        }
    }

    async fn forget(&self, orphan: Orphan) {
        // A file that stays is read again at the next start.
        let _ = self.0.writer.run(move || fs::remove_file(orphan.path)).await;
    }
}

/// Deletes a chat that was made for one answer. It is no error if it is gone already.
///
/// # Errors
/// Those of the client.
pub(super) async fn delete(session: &Session, id: &ChatId) -> Result<()> {
    match session.restarted().delete_chat(id).await {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

impl Swept {
    fn count(&mut self, gone: bool) {
        *(if gone { &mut self.deleted } else { &mut self.left }) += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::app::idle_client;
    use crate::domain::{AccessToken, Tokens};

    fn files(journal: &Journal) -> usize {
        fs::read_dir(&journal.0.directory).expect("a directory").count()
    }

    #[tokio::test]
    async fn callers_who_leave_queue_a_bounded_number_of_writes_and_leave_no_file() {
        let data = tempfile::tempdir().expect("a directory");
        let journal = Journal::open(data.path(), "scripted").await.expect("a journal");
        let token = ["eyJhbGciOiJub25lIn0", "eyJpZCI6ImEifQ", "c2ln"].join(".");
        let access = AccessToken::parse(&token).expect("a token");
        let session = idle_client().session(Tokens::from(access), None);
        let (open, opened) = channel::<()>();
        let held = journal.0.writer.send(move || opened.recv().unwrap_or_default());
        held.await.expect("the writer waits");
        let mut calls: Vec<_> =
            (0..10 * QUEUE).map(|_| Box::pin(journal.begin(&session))).collect();
        for call in &mut calls {
            assert!(futures_util::poll!(call).is_pending());
        }
        assert_eq!(journal.0.writer.0.capacity(), 0, "the others wait for room");
        drop(calls);
        drop(open);

        let entry = journal.begin(&session).await.expect("an entry");

        // The lock, and the entry.
        assert_eq!(files(&journal), 2);
        entry.done().await;
        assert_eq!(files(&journal), 1);
    }

    #[test]
    fn only_our_own_titles_are_marks() {
        assert!(is_mark(&new_mark()));
        for title in ["", "New Chat", MARK, "qwenctl-ephemeral-notes", &new_mark()[1..]] {
            assert!(!is_mark(title), "{title}");
        }
    }
}
