//! Deletes what dead processes left.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::is_mark;
use super::journal::{Intent, Journal, Made, blocking, claim_lock, now, open_lock};
use crate::app::chats::{ListRequest, Pages, list};
use crate::client::Session;
use crate::domain::{ChatId, ErrorKind, Result};

/// For how long a chat that cannot be deleted is kept in mind, in seconds. It may belong to another
/// account, whose token we never see again.
const KEEP: i64 = 30 * 24 * 3600;
/// By how much clocks may differ, in seconds.
const SKEW: i64 = 3600;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Chats that are gone now.
    pub deleted: usize,
    /// Chats that are still to be deleted.
    pub left: usize,
}

/// The journal of a dead process. It is ours as long as the lock is.
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
            crate::domain::Error::new(ErrorKind::Internal, "the journals cannot be read")
                .caused_by(fault)
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
            // Whoever is about to claim it finds nothing, and that is right.
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
            // Killed before the first line was written, and so before the chat was asked for.
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

/// Deletes chats whose ids never reached us; nothing was ever sent to them.
async fn delete_by_title(session: &Session, orphans: Vec<Orphan>, swept: &mut Swept) -> Result<()> {
    let oldest = orphans.iter().filter_map(|orphan| Some(orphan.intent.as_ref()?.at)).min();
    let since = oldest.map(|at| at - SKEW);
    let rows = list(session, ListRequest { pages: Pages::All, limit: None, since }, |_| ()).await?;
    for orphan in orphans {
        swept.left -= 1;
        let titled = |title: &Option<String>| title.as_deref() == Some(orphan.mark.as_str());
        // More than one, if the upstream was asked again for a chat that it had made already.
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

/// Tells whether the chat is gone.
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
        // What stays is looked at again at the next start.
        let _ = blocking(move || fs::remove_file(path)).await;
    }
}

impl Swept {
    fn count(&mut self, gone: bool) {
        *(if gone { &mut self.deleted } else { &mut self.left }) += 1;
    }
}
