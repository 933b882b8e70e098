//! The journal on disk: a directory a process, a file a chat.
//!
//! ```text
//! <data directory>/ephemeral/lock           held for moments, while a directory is made or claimed
//! <data directory>/ephemeral/<run>/lock     held as long as the process lives
//! <data directory>/ephemeral/<run>/<mark>   one chat: {"account":…,"at":…}, then {"chat_id":…}
//! ```
//!
//! A lock ends with its process, however that ends, so a directory whose lock can be had is that of
//! a dead process. There are as many files as there are chats to be deleted: nothing grows for ever.

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

use super::new_mark;
use crate::client::Session;
use crate::domain::{ChatId, Error, ErrorKind, Result};

const LOCK: &str = "lock";
/// How many chats one process may leave for the next start.
const MAX_LEFT: usize = 1000;

/// The journal of this process, and the way to those of dead ones.
#[derive(Clone)]
pub struct Journal(pub(super) Arc<Run>);

/// The directory of this process.
pub(super) struct Run {
    /// Where all processes keep theirs.
    pub(super) root: PathBuf,
    /// That of this one.
    pub(super) directory: PathBuf,
    /// What the upstream is called; goes into the hash of an account.
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

/// The first line of a file: what is known before the chat is made.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Intent {
    /// The hash of the account and its upstream.
    pub(super) account: String,
    /// When, in seconds since 1970.
    pub(super) at: i64,
}

/// The second line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) chat_id: ChatId,
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

    /// Notes that `session` is about to make a chat. It is on disk when this returns.
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
    /// The account of `session`, so that nobody can read from the journal whose it is.
    pub(super) fn account(&self, session: &Session) -> String {
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
        // Fails if there are chats left, and that is as it should be.
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

    /// Notes the id of the chat. It is on disk when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it is not.
    pub async fn made(&self, chat_id: &ChatId) -> Result<()> {
        let (path, line) = (self.path.clone(), line(&Made { chat_id: chat_id.clone() }));
        let written = blocking(move || append(&OpenOptions::new().append(true).open(path)?, &line));
        written.await.map_err(unwritten)
    }

    /// The chat may still be there, and is deleted at the next start. Of very many such chats the
    /// latest are not kept in mind.
    pub async fn leave(self) {
        if self.left.fetch_add(1, Ordering::Relaxed) >= MAX_LEFT {
            self.done().await;
        }
    }

    /// The upstream answered with `error` when it was asked for the chat: nothing is left to do if it
    /// clearly refused.
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

    /// The chat is gone, or was never made.
    pub async fn done(self) {
        // What stays is looked for at the next start, in vain.
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

/// Work on files beside the runtime.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|fault| Err(io::Error::other(fault)))
}

/// The lock under which directories are made and claimed. Nobody holds it for long.
pub(super) fn claim_lock(root: &Path) -> io::Result<File> {
    let lock = open_lock(root)?;
    lock.lock()?;
    Ok(lock)
}

/// The file that stands for the lock of `directory`.
pub(super) fn open_lock(directory: &Path) -> io::Result<File> {
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

/// Makes the name of a new file last.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
