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
//! process. There are as many files as there are chats to be deleted: nothing grows without a bound.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::chats::{ListRequest, Pages, list};
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{ChatId, Error, ErrorKind, Result};

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

/// The journal of this process. It also reads those of dead ones.
#[derive(Clone)]
pub struct Journal(Arc<Run>);

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
    _alive: File,
}

/// One chat in the journal. Dropped without [`Entry::done`], it stays for the next start.
pub struct Entry {
    path: PathBuf,
    mark: String,
    left: Arc<AtomicUsize>,
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
        let (root, upstream) = (data.join("ephemeral"), upstream.to_owned());
        let place = root.display().to_string();
        let run = blocking(move || {
            create_directory(&root)?;
            let directory = root.join(uuid::Uuid::new_v4().to_string());
            let _claiming = claim_lock(&root)?;
            create_directory(&directory)?;
            let alive = open_lock(&directory)?;
            alive.lock()?;
            Ok(Run { root, directory, upstream, left: Arc::default(), _alive: alive })
        });
        run.await.map(|run| Self(Arc::new(run))).map_err(|fault| {
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
        let left = Arc::clone(&self.0.left);
        let entry = Entry { path: self.0.directory.join(&mark), mark, left };
        let (path, line) = (entry.path.clone(), line(&intent));
        let written = blocking(move || {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            append(&closed_to_others(&mut options).open(&path)?, &line)?;
            sync_directory(&path)
        });
        written.await.map_err(unwritten)?;
        Ok(entry)
    }
}

impl Run {
    /// A hash of the account of `session`: the journal does not say whose it is.
    fn account(&self, session: &Session) -> String {
        let access = session.access_token();
        let id = access.claims().account_id.clone();
        let mut hash = Sha256::new();
        hash.update(self.upstream.as_bytes());
        hash.update([0]);
        hash.update(id.as_deref().unwrap_or_else(|| access.expose()).as_bytes());
        let hash = hash.finalize();
        URL_SAFE_NO_PAD.encode(&hash[..16])
    }
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
        let (path, line) = (self.path.clone(), line(&Made { chat_id: chat_id.clone() }));
        let written = blocking(move || append(&OpenOptions::new().append(true).open(path)?, &line));
        written.await.map_err(unwritten)
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
        // A file that stays only costs a search at the next start.
        let _ = blocking(move || fs::remove_file(self.path)).await;
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

/// Works on files outside the threads of the runtime.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|fault| Err(io::Error::other(fault)))
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
    closed_to_others(&mut options).open(directory.join(LOCK))
}

fn closed_to_others(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes the name of a new file to disk.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
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
        let (claims, orphans) = blocking(move || {
            let claims = claim(&root, &own)?;
            let orphans = claims.iter().flat_map(|claim| orphans(&claim.directory)).collect();
            Ok((claims, orphans))
        })
        .await
        .map_err(|fault| {
            Error::new(ErrorKind::Internal, "the journals cannot be read").caused_by(fault)
        })?;
        let swept = delete_all(session, &self.0.account(session), orphans).await;
        let _ = blocking(move || {
            claims.iter().for_each(Claim::remove_if_empty);
            Ok(())
        })
        .await;
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

async fn delete_all(session: &Session, account: &str, orphans: Vec<Orphan>) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut nameless = Vec::new();
    for orphan in orphans {
        match (&orphan.intent, orphan.chat_id.clone()) {
            // Killed before the first line was written, and so before the chat was created.
            (None, _) => orphan.forget().await,
            (Some(intent), _) if intent.account != account => {
                orphan.settle(false).await;
                swept.left += 1;
            }
            (Some(_), Some(id)) => {
                let gone = delete(session, &id).await;
                orphan.settle(gone).await;
                swept.count(gone);
            }
            (Some(_), None) => nameless.push(orphan),
        }
    }
    if !nameless.is_empty() {
        swept.left += nameless.len();
        delete_by_title(session, nameless, &mut swept).await?;
    }
    Ok(swept)
}

/// Deletes chats whose ids never arrived; no prompt was ever sent to them.
async fn delete_by_title(session: &Session, orphans: Vec<Orphan>, swept: &mut Swept) -> Result<()> {
    let oldest = orphans.iter().filter_map(|orphan| Some(orphan.intent.as_ref()?.at)).min();
    let since = oldest.map(|at| at - SKEW);
    let rows = list(session, ListRequest { pages: Pages::All, limit: None, since }, |_| ()).await?;
    for orphan in orphans {
        swept.left -= 1;
        let titled = |title: &Option<String>| title.as_deref() == Some(orphan.mark.as_str());
        // More than one, if the creation was repeated after it had succeeded.
        let ids: Vec<_> =
            rows.iter().filter(|row| titled(&row.title)).map(|row| row.id.clone()).collect();
        let mut all_gone = true;
        for id in ids {
            let gone = delete(session, &id).await;
            swept.count(gone);
            all_gone &= gone;
        }
        orphan.settle(all_gone).await;
    }
    Ok(())
}

/// Returns whether the chat is gone.
async fn delete(session: &Session, id: &ChatId) -> bool {
    match session.restarted().delete_chat(id).await {
        Ok(()) => true,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

impl Orphan {
    async fn settle(&self, gone: bool) {
        if gone || self.intent.as_ref().is_none_or(|intent| intent.at < now() - KEEP) {
            self.forget().await;
        }
    }

    async fn forget(&self) {
        let path = self.path.clone();
        // A file that stays is read again at the next start.
        let _ = blocking(move || fs::remove_file(path)).await;
    }
}

impl Swept {
    fn count(&mut self, gone: bool) {
        *(if gone { &mut self.deleted } else { &mut self.left }) += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_titles_are_marks() {
        assert!(is_mark(&new_mark()));
        for title in ["", "New Chat", MARK, "qwenctl-ephemeral-notes", &new_mark()[1..]] {
            assert!(!is_mark(title), "{title}");
        }
    }
}
