//! The trash: chats on their way out of the account, and those that have left it.
//!
//! What this module keeps true: each step of a deletion is on disk before it is made; a chat is
//! deleted upstream only after its copy; one process works on a deletion at a time, by a lease that ends
//! soon after the process; what has left the account stays readable until it is purged.
//!
//! ```text
//! asked ──copy──> pending ──due──> deleting ──confirmed──> deleted ──kept long enough──> purged
//! ```

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::queue::LIST_LAG;
use super::schema;
use super::search::{Mode, Order, Owner, Pattern, SearchRequest, chats_with};
use super::store::{Account, AccountHash, Archive};
use super::write::store;
use crate::domain::{Chat, ChatId, Error, ErrorKind, Result};

/// How long a process may work on a deletion without a sign of life, in seconds.
pub const LEASE: i64 = 15;
/// The most deletions that a process takes at a time.
const TAKEN: i64 = 50;
/// Attempts before a deletion is given up.
const MAX_TRIES: i64 = 8;
/// The pause after the first failure, and the longest one, in seconds.
const PAUSES: (i64, i64) = (60, 24 * 3600);

/// How long the search of a selection may take.
const SEARCH_TIME: Duration = Duration::from_mins(1);

/// The state of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrashState {
    /// Requested; there is no copy yet.
    Asked,
    /// The copy is made; the chat is still in the account.
    Pending,
    /// The request to the upstream may have left.
    Deleting,
    /// The chat has left the account.
    Deleted,
    /// Given up after a failure; the chat is still in the account.
    Failed,
}

impl TrashState {
    const ALL: [Self; 5] =
        [Self::Asked, Self::Pending, Self::Deleting, Self::Deleted, Self::Failed];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Pending => "pending",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }
}

/// A chat in the trash, or on the way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// The chat.
    pub id: ChatId,
    /// Its title.
    pub title: Option<String>,
    /// The state of its deletion.
    pub state: TrashState,
    /// When the deletion was requested, in seconds since 1970.
    pub asked_at: i64,
    /// When it is due.
    pub due_at: i64,
    /// When the chat left the account.
    pub deleted_at: Option<i64>,
    /// When it is purged.
    pub keep_until: Option<i64>,
    /// Whether the upstream did not have it any more.
    pub was_gone: bool,
    /// Failed attempts.
    pub tries: i64,
    /// The code of the last failure, and the failure.
    pub failure: Option<(String, String)>,
    /// When it is tried again.
    pub next_at: i64,
    /// When the copy was made.
    pub copied_at: Option<i64>,
    /// A message after this time prevents the deletion.
    pub unless_after: Option<i64>,
    /// Archived messages.
    pub messages: i64,
    /// When the last message was written.
    pub last_message_at: Option<i64>,
}

/// A request to delete chats.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The chats, and the time of the last message that is known of each, if a later one is to prevent the
    /// deletion.
    pub chats: Vec<(ChatId, Option<i64>)>,
    /// How long the deletion can be undone, in seconds.
    pub grace: i64,
    /// Names the chats that were requested together.
    pub batch: Option<String>,
    /// Who works on it at once.
    pub holder: Option<String>,
}

/// Which chats of an account to delete: those for which all of it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The last message is from before this time, in seconds since 1970.
    pub before: Option<i64>,
    /// This search finds the chat.
    pub matching: Option<String>,
    /// This is the model of the chat.
    pub model: Option<String>,
    /// It has no messages.
    pub empty: bool,
    /// Pinned chats, too.
    pub pinned: bool,
}

impl Selection {
    /// Whether it selects every chat.
    pub fn is_unrestricted(&self) -> bool {
        self.before.is_none() && self.matching.is_none() && self.model.is_none() && !self.empty
    }
}

/// A selected chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its id.
    pub id: ChatId,
    /// Its title.
    pub title: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// When the last message was written, in seconds since 1970.
    pub last_message_at: Option<i64>,
    /// Its messages.
    pub messages: i64,
    /// Whether it is pinned.
    pub pinned: bool,
}

/// What restoring has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// The deletion is cancelled; nothing has been sent to the upstream.
    Cancelled,
    /// The deletion is cancelled, but an attempt may have reached the upstream.
    Uncertain,
    /// The chat has left the account, and is back in the archive.
    Archived,
}

/// Whether the archive of this account is in use, and has been brought up to date at least once.
///
/// # Errors
/// Those of the file.
pub fn is_synced(path: &std::path::Path, hash: &AccountHash) -> Result<bool> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(false) };
    let sql =
        "SELECT EXISTS (SELECT 1 FROM accounts a WHERE hash = ?1 AND (full_walk_at IS NOT NULL
        OR EXISTS (SELECT 1 FROM sync_runs r WHERE r.account = a.n)
        OR EXISTS (SELECT 1 FROM chats c WHERE c.account = a.n AND synced_at IS NOT NULL
            AND source IS NULL)))";
    let found = connection.query_row(sql, [hash.bytes()], |row| row.get(0));
    found.map_err(|fault| schema::fault_of(path, &fault))
}

/// When the next deletion or purge of any account is due, in seconds since 1970; `None` without one.
///
/// # Errors
/// Those of the file.
pub fn next_due(path: &std::path::Path) -> Result<Option<i64>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
    let any: Option<i64> = None;
    let found = connection.query_row(NEXT_DUE, [any], |row| row.get(0));
    found.map_err(|fault| schema::fault_of(path, &fault))
}

/// The chats of an account that are still in it, but are deleted unless that is undone.
///
/// # Errors
/// Those of the file.
pub fn leaving(path: &std::path::Path, hash: &AccountHash) -> Result<HashSet<ChatId>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(HashSet::new()) };
    let read = || {
        // After a failure the chat stays for a while.
        let mut find = connection.prepare(
            "SELECT chat_id FROM trash t JOIN accounts a ON a.n = t.account WHERE hash = ?1
                 AND t.state IN ('asked', 'pending', 'deleting') AND grace > 0 AND tries = 0",
        )?;
        let ids = find.query_map([hash.bytes()], |row| row.get::<_, String>(0))?;
        let ids = ids.filter_map(|id| id.map(|id| id.parse().ok()).transpose());
        ids.collect::<rusqlite::Result<_>>()
    };
    read().map_err(|fault| schema::fault_of(path, &fault))
}

/// When the next deletion or purge is due: of the account ?1, or of any.
const NEXT_DUE: &str = "SELECT min(CASE state WHEN 'asked' THEN max(next_at, lease_until)
        WHEN 'deleted' THEN keep_until ELSE max(due_at, next_at, lease_until) END)
    FROM trash WHERE (?1 IS NULL OR account = ?1) AND (state IN ('asked', 'pending', 'deleting')
        OR (state = 'deleted' AND keep_until IS NOT NULL))";

/// What a row of the trash needs to be shown.
const TRASHED: &str =
    "SELECT t.chat_id, c.title, t.state, t.asked_at, t.due_at, t.done_at, t.keep_until,
    t.was_gone, t.tries, t.code, t.error, t.next_at, t.copied_at, t.unless_after,
    coalesce(c.message_count, 0), c.last_message_at
    FROM trash t LEFT JOIN chats c ON c.account = t.account AND c.id = t.chat_id";

/// Holds if no living process works on the deletion. A lease that ends far in the future is from a clock
/// that was set back.
fn is_free() -> String {
    format!("(lease IS NULL OR lease IS ?3 OR lease_until < ?2 OR lease_until > ?2 + {LEASE})")
}

impl Archive {
    /// Requests deletions. Returns those that another process is working on now, which stay as they are.
    ///
    /// # Errors
    /// Those of the file.
    pub fn ask(&mut self, account: Account, request: &Request, now: i64) -> Result<Vec<ChatId>> {
        self.change(|change| {
            let mut busy = Vec::new();
            for (id, unless_after) in &request.chats {
                let sql = format!(
                    "SELECT 1 FROM trash WHERE account = ?1 AND chat_id = ?4 AND NOT {}",
                    is_free()
                );
                let values = params![account.n, now, request.holder, id.as_str()];
                if change.query_row(&sql, values, |_| Ok(())).optional()?.is_some() {
                    busy.push(id.clone());
                    continue;
                }
                // One that has left the account stays in the trash, unless it proves to be in the account again.
                let kept = change.execute(
                    "UPDATE trash SET batch = coalesce(?3, batch), grace = ?4, unless_after = ?5, lease = ?6,
                         lease_until = iif(?6 IS NULL, 0, ?7)
                     WHERE account = ?1 AND chat_id = ?2 AND state IN ('deleted', 'purged', 'restored')",
                    params![
                        account.n,
                        id.as_str(),
                        request.batch,
                        request.grace,
                        unless_after,
                        request.holder,
                        now + LEASE,
                    ],
                )?;
                if kept == 1 {
                    continue;
                }
                change.execute(
                    "REPLACE INTO trash (account, chat_id, batch, state, asked_at, grace, due_at,
                         unless_after, lease, lease_until)
                     VALUES (?1, ?2, ?3, 'asked', ?4, ?5, ?4 + ?5, ?6, ?7, iif(?7 IS NULL, 0, ?4 + ?8))",
                    params![
                        account.n,
                        id.as_str(),
                        request.batch,
                        now,
                        request.grace,
                        unless_after,
                        request.holder,
                        LEASE,
                    ],
                )?;
            }
            Ok(busy)
        })
    }

    /// Stores the copy of a chat whose deletion `holder` works on; from now on the deletion is pending.
    /// Both are on disk when this returns. Returns `false` if the deletion was cancelled meanwhile; the
    /// chat is stored all the same.
    ///
    /// # Errors
    /// Those of the file.
    pub fn copied(
        &mut self,
        account: Account,
        (chat, raw): (&Chat, &[u8]),
        holder: &str,
        now: i64,
    ) -> Result<bool> {
        let sha256: [u8; 32] = Sha256::digest(raw).into();
        self.change(|change| {
            let changed = change.execute(
                "UPDATE trash SET copied_at = ?4,
                     due_at = iif(state IN ('pending', 'deleting'), due_at, ?4 + grace),
                     asked_at = iif(state IN ('asked', 'pending', 'deleting'), asked_at, ?4),
                     state = iif(state = 'deleting', state, 'pending'),
                     done_at = NULL, keep_until = NULL, was_gone = 0
                 WHERE account = ?1 AND chat_id = ?2 AND lease = ?3 AND state <> 'failed'",
                params![account.n, chat.id.as_str(), holder, now],
            )?;
            if changed == 1 {
                // It is in the account again.
                change.execute(
                    "UPDATE chats SET state = 'gone' WHERE account = ?1 AND id = ?2 AND state = 'trash'",
                    params![account.n, chat.id.as_str()],
                )?;
            }
            store(change, account, chat, (raw, sha256), now)?;
            Ok(changed == 1)
        })
    }

    /// Withdraws the requests of dead processes: no process waits for them, and there is no copy.
    ///
    /// # Errors
    /// Those of the file.
    pub fn withdraw_abandoned(&mut self, account: Account, now: i64) -> Result<()> {
        self.change(|change| {
            let sql = format!(
                "DELETE FROM trash WHERE account = ?1 AND state = 'asked' AND batch IS NULL AND {}",
                is_free()
            );
            let no_holder: Option<&str> = None;
            change.execute(&sql, params![account.n, now, no_holder]).map(drop)
        })
    }

    /// When the next deletion or purge of an account is due, in seconds since 1970; `None` without one.
    ///
    /// # Errors
    /// Those of the file.
    pub fn next_due(&self, account: Account) -> Result<Option<i64>> {
        self.read(|connection| connection.query_row(NEXT_DUE, [account.n], |row| row.get(0)))
    }

    /// Puts off what is due: the upstream cannot be asked before `next_at`.
    ///
    /// # Errors
    /// Those of the file.
    pub fn postpone(&mut self, account: Account, next_at: i64) -> Result<()> {
        self.change(|change| {
            let sql = "UPDATE trash SET next_at = ?2 WHERE account = ?1 AND next_at < ?2
                AND state IN ('asked', 'pending', 'deleting')";
            change.execute(sql, params![account.n, next_at]).map(drop)
        })
    }

    /// Takes requested deletions that have no copy yet, or pending ones that are due, for `holder`.
    ///
    /// # Errors
    /// Those of the file.
    pub fn take(
        &mut self,
        account: Account,
        state: TrashState,
        holder: &str,
        now: i64,
    ) -> Result<Vec<Trashed>> {
        let is_due = match state {
            TrashState::Asked => "t.state = 'asked'",
            // One whose process has died in the middle is made again.
            _ => "t.state IN ('pending', 'deleting') AND t.due_at <= ?2",
        };
        self.change(|change| {
            let sql = format!(
                "{TRASHED} WHERE t.account = ?1 AND {is_due} AND t.next_at <= ?2 AND {}
                 ORDER BY t.due_at, t.n LIMIT ?4",
                is_free()
            );
            let mut find = change.prepare(&sql)?;
            let taken = find.query_map(params![account.n, now, holder, TAKEN], trashed)?;
            let taken: Vec<_> = taken.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            for row in &taken {
                change.execute(
                    "UPDATE trash SET lease = ?3, lease_until = ?4 WHERE account = ?1 AND chat_id = ?2",
                    params![account.n, row.id.as_str(), holder, now + LEASE],
                )?;
            }
            Ok(taken)
        })
    }

    /// Records that `holder` is about to delete these chats upstream. Returns those that it may delete:
    /// their copy is made, and nothing has cancelled the deletion.
    ///
    /// # Errors
    /// Those of the file.
    pub fn deleting(
        &mut self,
        account: Account,
        ids: &[ChatId],
        holder: &str,
        now: i64,
    ) -> Result<Vec<ChatId>> {
        self.change(|change| {
            let mut begun = Vec::with_capacity(ids.len());
            for id in ids {
                let changed = change.execute(
                    "UPDATE trash SET state = 'deleting', lease_until = ?4
                     WHERE account = ?1 AND chat_id = ?2 AND lease = ?3 AND copied_at IS NOT NULL
                         AND state IN ('pending', 'deleting')
                         AND EXISTS (SELECT 1 FROM chats c WHERE c.account = trash.account
                             AND c.id = chat_id AND synced_at IS NOT NULL)",
                    params![account.n, id.as_str(), holder, now + LEASE],
                )?;
                if changed == 1 {
                    begun.push(id.clone());
                }
            }
            Ok(begun)
        })
    }

    /// Whether the copy of a chat that `holder` is about to delete is missing, or was not made between these
    /// times: then the time after which a message prevents the deletion.
    ///
    /// # Errors
    /// Those of the file.
    pub fn outdated_copy(
        &self,
        account: Account,
        id: &ChatId,
        holder: &str,
        (from, until): (i64, i64),
    ) -> Result<Option<Option<i64>>> {
        self.read(|connection| {
            let sql = "SELECT unless_after FROM trash t
                WHERE account = ?1 AND chat_id = ?2 AND lease = ?3 AND state IN ('pending', 'deleting')
                    AND (coalesce(copied_at, 0) NOT BETWEEN ?4 AND ?5
                        OR NOT EXISTS (SELECT 1 FROM chats c WHERE c.account = t.account
                            AND c.id = t.chat_id AND synced_at IS NOT NULL))";
            let values = params![account.n, id.as_str(), holder, from, until];
            connection.query_row(sql, values, |row| row.get(0)).optional()
        })
    }

    /// Shows that `holder` is alive.
    ///
    /// # Errors
    /// Those of the file.
    pub fn renew(&mut self, holder: &str, now: i64) -> Result<()> {
        self.change(|change| {
            let sql = "UPDATE trash SET lease_until = ?2 WHERE lease = ?1";
            change.execute(sql, params![holder, now + LEASE]).map(drop)
        })
    }

    /// Ends the work of `holder`. Deletions that it has not finished are left to others, or are cancelled.
    ///
    /// # Errors
    /// Those of the file.
    pub fn release(&mut self, holder: &str, cancels: bool) -> Result<()> {
        self.change(|change| {
            if cancels {
                let unfinished = "DELETE FROM trash WHERE lease = ?1
                    AND state IN ('asked', 'pending', 'deleting')";
                change.execute(unfinished, [holder])?;
            }
            let sql = "UPDATE trash SET lease = NULL, lease_until = 0 WHERE lease = ?1";
            change.execute(sql, [holder]).map(drop)
        })
    }

    /// Records that a chat has left the account. It is kept until `keep_until`.
    ///
    /// # Errors
    /// Those of the file.
    pub fn deleted(
        &mut self,
        account: Account,
        id: &ChatId,
        (was_gone, keep_until): (bool, Option<i64>),
        now: i64,
    ) -> Result<()> {
        self.change(|change| {
            let changed = change.execute(
                "UPDATE trash SET state = 'deleted', done_at = ?3, keep_until = ?4, was_gone = ?5,
                     code = NULL, error = NULL, lease = NULL, lease_until = 0
                 WHERE account = ?1 AND chat_id = ?2",
                params![account.n, id.as_str(), now, keep_until, was_gone],
            )?;
            // It was cancelled meanwhile: the next synchronization finds that the chat is gone.
            if changed == 0 {
                return Ok(());
            }
            change.execute(
                "UPDATE chats SET state = 'trash', gone_at = ?3 WHERE account = ?1 AND id = ?2",
                params![account.n, id.as_str(), now],
            )?;
            let queued = "DELETE FROM sync_work WHERE account = ?1 AND chat_id = ?2";
            change.execute(queued, params![account.n, id.as_str()]).map(drop)
        })
    }

    /// Records a failure of a deletion that has been taken. It is tried again later each time, and given up
    /// in the end, or at once if another attempt would fail the same way.
    ///
    /// # Errors
    /// Those of the file.
    pub fn not_deleted(
        &mut self,
        account: Account,
        id: &ChatId,
        (error, is_final): (&Error, bool),
        now: i64,
    ) -> Result<()> {
        self.change(|change| {
            change.execute(
                "UPDATE trash SET tries = tries + 1, code = ?3, error = ?4, lease = NULL, lease_until = 0,
                     next_at = ?5 + min(?6 << (2 * min(tries, 10)), ?7),
                     state = CASE WHEN ?8 OR tries + 1 >= ?9 THEN 'failed'
                         WHEN state = 'deleting' THEN 'pending' ELSE state END
                 WHERE account = ?1 AND chat_id = ?2 AND state IN ('asked', 'pending', 'deleting')",
                params![
                    account.n,
                    id.as_str(),
                    error.kind().code(),
                    error.message(),
                    now,
                    PAUSES.0,
                    PAUSES.1,
                    is_final,
                    MAX_TRIES,
                ],
            )?;
            Ok(())
        })
    }

    /// Withdraws the request for a deletion that `holder` has not begun.
    ///
    /// # Errors
    /// Those of the file.
    pub fn withdraw(&mut self, account: Account, id: &ChatId, holder: &str) -> Result<()> {
        self.change(|change| {
            let sql = "DELETE FROM trash
                WHERE account = ?1 AND chat_id = ?2 AND lease = ?3 AND state IN ('asked', 'pending')";
            change.execute(sql, params![account.n, id.as_str(), holder]).map(drop)
        })
    }

    /// Whether the archive has the messages of a chat.
    ///
    /// # Errors
    /// Those of the file.
    pub fn has_copy(&self, account: Account, id: &ChatId) -> Result<bool> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM chats
                WHERE account = ?1 AND id = ?2 AND synced_at IS NOT NULL)";
            connection.query_row(sql, params![account.n, id.as_str()], |row| row.get(0))
        })
    }

    /// The trash: what leaves the account first, then what has left it, newest first.
    ///
    /// # Errors
    /// Those of the file.
    pub fn trash(&self, account: Account, batch: Option<&str>) -> Result<Vec<Trashed>> {
        self.read(|connection| {
            let sql = format!(
                "{TRASHED} WHERE t.account = ?1 AND (?2 IS NULL OR t.batch = ?2)
                     AND t.state NOT IN ('purged', 'restored')
                 ORDER BY t.state = 'deleted', coalesce(t.done_at, t.due_at) DESC, t.n DESC"
            );
            let mut find = connection.prepare(&sql)?;
            let rows = find.query_map(params![account.n, batch], trashed)?;
            rows.filter_map(Result::transpose).collect()
        })
    }

    /// Takes a chat out of the trash. Before its deletion is due, that cancels it; afterwards the chat is
    /// back in the archive, but not in the account.
    ///
    /// # Errors
    /// Those of the file; [`ErrorKind::NotFound`] if it is not in the trash; [`ErrorKind::ChatInProgress`]
    /// if it is being deleted now.
    pub fn restore(&mut self, account: Account, id: &ChatId, now: i64) -> Result<Restored> {
        let restored = self.change(|change| restore(change, account, id, now))?;
        restored.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("the chat {id} is not in the trash"))
        })?
    }

    /// The chats of the trash whose time is over.
    ///
    /// # Errors
    /// Those of the file.
    pub fn outdated(&self, account: Account, now: i64) -> Result<Vec<ChatId>> {
        self.read(|connection| {
            let mut find = connection.prepare(
                "SELECT chat_id FROM trash WHERE account = ?1 AND state = 'deleted' AND keep_until <= ?2",
            )?;
            let ids = find.query_map(params![account.n, now], |row| row.get::<_, String>(0))?;
            ids.filter_map(|id| id.map(|id| id.parse().ok()).transpose()).collect()
        })
    }

    /// Purges chats of the trash: no byte of the files has their words afterwards. Only those that have left
    /// the account are purged; returns how many there were.
    ///
    /// # Errors
    /// Those of [`Archive::purge`].
    pub fn purge_trash(&mut self, account: Account, ids: &[ChatId], now: i64) -> Result<usize> {
        let deleted: Vec<ChatId> = {
            let in_trash = self.trash(account, None)?;
            let named: HashSet<&ChatId> = ids.iter().collect();
            let done = in_trash.into_iter().filter(|row| row.state == TrashState::Deleted);
            done.map(|row| row.id).filter(|id| named.contains(id)).collect()
        };
        if deleted.is_empty() {
            return Ok(0);
        }
        self.purge(account, &deleted)?;
        // The list of the upstream may have a deleted chat for a while: its row stays until then.
        self.change(|change| {
            for id in &deleted {
                change.execute(
                    "UPDATE trash SET state = 'purged', keep_until = NULL, error = NULL
                     WHERE account = ?1 AND chat_id = ?2 AND state = 'deleted'",
                    params![account.n, id.as_str()],
                )?;
            }
            let old = "DELETE FROM trash WHERE state IN ('purged', 'restored') AND done_at < ?1";
            change.execute(old, [now - LIST_LAG])?;
            Ok(deleted.len())
        })
    }

    /// The live chats of an account that are selected, those with the oldest last message first. Only
    /// chats whose messages are archived are selected: none whose changes could not be fetched, and none that
    /// is on its way out already.
    ///
    /// # Errors
    /// Those of the file; [`ErrorKind::InvalidRequest`] for a search that cannot be read.
    pub fn select(&self, account: Account, selection: &Selection) -> Result<Vec<Selected>> {
        let matching = match &selection.matching {
            Some(text) => {
                let (pattern, filters) = Pattern::parse(text, Mode::Words)?;
                let request = SearchRequest {
                    pattern,
                    filters,
                    order: Order::Newest,
                    offset: 0,
                    limit: 0,
                    // The chats of other accounts are left out below.
                    owner: Owner::All,
                    time: SEARCH_TIME,
                    cancelled: Arc::default(),
                };
                Some(chats_with(self.path(), &request)?)
            }
            None => None,
        };
        let selected = self.read(|connection| {
            let mut find = connection.prepare(
                "SELECT n, id, title, model, last_message_at, message_count, pinned FROM chats c
                 WHERE account = ?1 AND state = 'live' AND synced_at IS NOT NULL AND source IS NULL
                     AND (?2 IS NULL OR last_message_at <= ?2) AND (?3 IS NULL OR model = ?3)
                     AND (NOT ?4 OR (NOT incomplete AND NOT EXISTS
                         (SELECT 1 FROM messages m WHERE m.chat = c.n)))
                     AND (?5 OR NOT pinned)
                     AND NOT EXISTS (SELECT 1 FROM trash t WHERE t.account = c.account
                         AND t.chat_id = c.id AND t.state IN ('asked', 'pending', 'deleting'))
                     AND NOT EXISTS (SELECT 1 FROM sync_work w WHERE w.account = c.account
                         AND w.chat_id = c.id AND w.code IS NOT NULL)
                 ORDER BY last_message_at, n",
            )?;
            let Selection { before, model, empty, pinned, .. } = selection;
            let rows = find.query_map(params![account.n, before, model, empty, pinned], |row| {
                let id = row.get_ref(1)?.as_str()?.parse::<ChatId>().ok();
                let (title, model, last_message_at) = (row.get(2)?, row.get(3)?, row.get(4)?);
                let (messages, pinned) = (row.get(5)?, row.get(6)?);
                let selected =
                    id.map(|id| Selected { id, title, model, last_message_at, messages, pinned });
                Ok((row.get(0)?, selected))
            })?;
            rows.collect::<rusqlite::Result<Vec<(i64, _)>>>()
        })?;
        let fits = |n: &i64| matching.as_ref().is_none_or(|found| found.contains(n));
        Ok(selected.into_iter().filter(|(n, _)| fits(n)).filter_map(|(_, chat)| chat).collect())
    }
}

fn restore(
    change: &Transaction<'_>,
    account: Account,
    id: &ChatId,
    now: i64,
) -> rusqlite::Result<Option<Result<Restored>>> {
    let sql = format!(
        "SELECT state, tries, {} FROM trash WHERE account = ?1 AND chat_id = ?4
             AND state NOT IN ('purged', 'restored')",
        is_free()
    );
    let no_holder: Option<&str> = None;
    let found: Option<(String, i64, bool)> = change
        .query_row(&sql, params![account.n, now, no_holder, id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((state, tries, is_free)) = found else { return Ok(None) };
    let restored = match state.as_str() {
        "deleted" => {
            change.execute(
                "UPDATE chats SET state = 'gone' WHERE account = ?1 AND id = ?2 AND state = 'trash'",
                params![account.n, id.as_str()],
            )?;
            change.execute(
                "UPDATE trash SET state = 'restored', keep_until = NULL
                 WHERE account = ?1 AND chat_id = ?2",
                params![account.n, id.as_str()],
            )?;
            return Ok(Some(Ok(Restored::Archived)));
        }
        "deleting" => None,
        _ if !is_free => None,
        _ if tries > 0 => Some(Restored::Uncertain),
        _ => Some(Restored::Cancelled),
    };
    let Some(restored) = restored else {
        let message = format!("the chat {id} is being deleted now");
        return Ok(Some(Err(Error::new(ErrorKind::ChatInProgress, message)
            .with_hint("try again in a minute: it is in the trash then"))));
    };
    let sql = "DELETE FROM trash WHERE account = ?1 AND chat_id = ?2";
    change.execute(sql, params![account.n, id.as_str()])?;
    Ok(Some(Ok(restored)))
}

/// A row of [`TRASHED`]; `None` without a usable id.
fn trashed(row: &Row<'_>) -> rusqlite::Result<Option<Trashed>> {
    let name = row.get_ref(2)?.as_str()?;
    let state = TrashState::ALL.into_iter().find(|state| state.name() == name);
    let (Ok(id), Some(state)) = (row.get_ref(0)?.as_str()?.parse(), state) else { return Ok(None) };
    let (code, error): (Option<String>, Option<String>) = (row.get(9)?, row.get(10)?);
    Ok(Some(Trashed {
        id,
        title: row.get(1)?,
        state,
        asked_at: row.get(3)?,
        due_at: row.get(4)?,
        deleted_at: row.get(5)?,
        keep_until: row.get(6)?,
        was_gone: row.get(7)?,
        tries: row.get(8)?,
        failure: code.zip(error),
        next_at: row.get(11)?,
        copied_at: row.get(12)?,
        unless_after: row.get(13)?,
        messages: row.get(14)?,
        last_message_at: row.get(15)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::samples::{chat, id, message, new, number, row};

    const HOLDER: &str = "a";

    fn request(grace: i64) -> Request {
        let holder = Some(HOLDER.to_owned());
        Request { chats: vec![(id("c1"), None)], grace, batch: None, holder }
    }

    /// Brings a deletion to the state in which its request may have left.
    fn deleting(archive: &mut Archive, account: Account, now: i64) {
        assert_eq!(archive.ask(account, &request(0), now).expect("asked"), []);
        let whole = chat("c1", "t", &[message("m1", "user", "word", 5)]);
        assert!(archive.copied(account, (&whole, b"1"), HOLDER, now).expect("copied"));
        let begun = archive.deleting(account, &[id("c1")], HOLDER, now).expect("begun");
        assert_eq!(begun, [id("c1")]);
    }

    #[test]
    fn each_step_is_on_disk_before_the_next() {
        let (_directory, archive, _account) = new();
        assert_eq!(number(&archive, "PRAGMA synchronous"), 2);
    }

    #[test]
    fn deletion_without_a_copy_never_begins() {
        let (_directory, mut archive, account) = new();
        archive.ask(account, &request(0), 100).expect("asked");
        assert_eq!(archive.deleting(account, &[id("c1")], HOLDER, 100).expect("read"), []);
        assert_eq!(archive.take(account, TrashState::Pending, HOLDER, 999).expect("read"), []);
        archive.withdraw_abandoned(account, 100 + LEASE).expect("looked at");
        assert_eq!(archive.trash(account, None).expect("read").len(), 1);
        archive.withdraw_abandoned(account, 101 + LEASE).expect("withdrawn");
        assert_eq!(archive.trash(account, None).expect("read"), []);
    }

    #[test]
    fn deletion_belongs_to_one_process_until_its_lease_ends() {
        let (_directory, mut archive, account) = new();
        deleting(&mut archive, account, 100);
        let other = Request { holder: Some("b".to_owned()), ..request(0) };
        assert_eq!(archive.ask(account, &other, 101).expect("asked"), [id("c1")]);
        let mut take =
            |now| archive.take(account, TrashState::Pending, "b", now).expect("read").len();
        assert_eq!((take(100 + LEASE), take(101 + LEASE)), (0, 1));
        let refused = archive.restore(account, &id("c1"), 999).expect_err("being deleted");
        assert_eq!(refused.kind(), ErrorKind::ChatInProgress);
    }

    #[test]
    fn deleted_chat_is_hidden_from_lists_that_lag_behind() {
        let (_directory, mut archive, account) = new();
        let now = crate::domain::time::now();
        deleting(&mut archive, account, now);
        archive.deleted(account, &id("c1"), (false, Some(now + 9)), now).expect("recorded");
        let listed = archive.listed(account, &[row("c1", "t", 99)]).expect("taken");
        assert_eq!((listed.unchanged, archive.due(account, now).expect("read").len()), (1, 0));
        assert_eq!(number(&archive, "SELECT count(*) FROM chats WHERE state = 'trash'"), 1);
        assert_eq!(archive.next_due(account).expect("read"), Some(now + 9));
        // After that time it was not deleted after all.
        archive.change(|change| change.execute("UPDATE trash SET done_at = 1", [])).expect("old");
        let listed = archive.listed(account, &[row("c1", "t", 99)]).expect("taken");
        assert_eq!((listed.changed, archive.trash(account, None).expect("read").len()), (1, 0));
    }

    #[test]
    fn cancelled_deletion_leaves_the_chat_in_the_archive() {
        let (_directory, mut archive, account) = new();
        deleting(&mut archive, account, 100);
        archive.release(HOLDER, true).expect("cancelled");
        archive.deleted(account, &id("c1"), (false, None), 101).expect("recorded");
        assert_eq!(number(&archive, "SELECT count(*) FROM chats WHERE state = 'live'"), 1);
    }

    #[test]
    fn deletion_needs_a_copy_that_is_not_purged() {
        let (_directory, mut archive, account) = new();
        deleting(&mut archive, account, 100);
        assert_eq!(archive.purge_older(account, 1000).expect("purged"), 0);
        let outdated = |archive: &Archive, from| {
            archive.outdated_copy(account, &id("c1"), HOLDER, (from, 110)).expect("read").is_some()
        };
        assert_eq!((outdated(&archive, 100), outdated(&archive, 101)), (false, true));
        archive.purge(account, &[id("c1")]).expect("purged");
        assert!(outdated(&archive, 100));
        assert_eq!(archive.deleting(account, &[id("c1")], HOLDER, 110).expect("read"), []);
    }

    #[test]
    fn failed_deletion_is_tried_later_each_time_and_given_up() {
        let (_directory, mut archive, account) = new();
        let error = Error::new(ErrorKind::UpstreamUnreachable, "away");
        deleting(&mut archive, account, 100);
        for (tries, pause) in [60, 240, 960].into_iter().enumerate() {
            archive.not_deleted(account, &id("c1"), (&error, false), 100).expect("recorded");
            let row = archive.trash(account, None).expect("read").remove(0);
            assert_eq!((row.state, row.next_at), (TrashState::Pending, 100 + pause), "{tries}");
        }
        for _ in 0..5 {
            archive.not_deleted(account, &id("c1"), (&error, false), 100).expect("recorded");
        }
        let row = archive.trash(account, None).expect("read").remove(0);
        assert_eq!((row.state, row.tries), (TrashState::Failed, MAX_TRIES));
        let restored = archive.restore(account, &id("c1"), 200).expect("restored");
        assert_eq!(restored, Restored::Uncertain);
    }
}
