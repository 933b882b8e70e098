//! What a synchronization remembers: the list of chats, those that are to be fetched, and its runs.
//!
//! What this module keeps true: a chat that cannot be fetched is tried again later each time, until it
//! changes; what the upstream no longer has is marked, never removed.

use std::collections::HashSet;

use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::index::index_title;
use super::store::{Account, Archive};
use crate::domain::{ChatId, ChatSummary, ErrorKind, Result};

/// How long the list of the upstream may still have a deleted chat, in seconds.
pub(super) const LIST_LAG: i64 = 600;

/// What a page of the list brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listed {
    /// Chats that were not in the archive.
    pub new: usize,
    /// Chats that have changed.
    pub changed: usize,
    /// Chats that are as they were.
    pub unchanged: usize,
}

/// A chat that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The id of the chat.
    pub id: String,
    /// The code of the failure.
    pub code: String,
    /// The failure.
    pub error: String,
    /// When it is tried again, in seconds since 1970.
    pub next_try_at: i64,
}

impl Archive {
    /// Takes a page of the list: stores titles, and puts what has to be fetched in the queue.
    ///
    /// # Errors
    /// Those of the file.
    pub fn listed(&mut self, account: Account, rows: &[ChatSummary]) -> Result<Listed> {
        self.change(|change| {
            let mut listed = Listed::default();
            for row in rows {
                let count = match take_row(change, account, row)? {
                    RowChange::New => &mut listed.new,
                    RowChange::Changed => &mut listed.changed,
                    RowChange::None => &mut listed.unchanged,
                };
                *count += 1;
            }
            Ok(listed)
        })
    }

    /// Puts these chats in the queue, as they are needed whatever the list says.
    ///
    /// # Errors
    /// Those of the file.
    pub fn request(&mut self, account: Account, ids: &[ChatId]) -> Result<()> {
        self.change(|change| {
            ids.iter().try_for_each(|id| queue(change, account, id, Some(i64::MAX)))
        })
    }

    /// The chats that are to be fetched now, newest first.
    ///
    /// # Errors
    /// Those of the file.
    pub fn due(&self, account: Account, now: i64) -> Result<Vec<ChatId>> {
        self.read(|connection| {
            let mut find = connection.prepare(
                "SELECT chat_id FROM sync_work WHERE account = ?1 AND next_at <= ?2
                 ORDER BY wanted DESC, chat_id",
            )?;
            let ids = find.query_map(params![account.n, now], |row| row.get::<_, String>(0))?;
            ids.filter_map(|id| id.map(|id| id.parse().ok()).transpose()).collect()
        })
    }

    /// Records that a chat could not be fetched. It is tried again later each time, at most after a day.
    ///
    /// # Errors
    /// Those of the file.
    pub fn failed(
        &mut self,
        account: Account,
        id: &ChatId,
        (kind, error): (ErrorKind, &str),
        now: i64,
    ) -> Result<()> {
        self.change(|change| {
            retry(change, account, id, now)?;
            change.execute(
                "UPDATE sync_work SET code = ?3, error = ?4 WHERE account = ?1 AND chat_id = ?2",
                params![account.n, id.as_str(), kind.code(), error],
            )?;
            Ok(())
        })
    }

    /// The chats that could not be fetched, those that are tried again first first.
    ///
    /// # Errors
    /// Those of the file.
    pub fn failures(&self, account: Account) -> Result<Vec<Failed>> {
        self.read(|connection| {
            let mut find = connection.prepare(
                "SELECT chat_id, code, error, next_at FROM sync_work
                 WHERE account = ?1 AND code IS NOT NULL ORDER BY next_at, chat_id",
            )?;
            let rows = find.query_map([account.n], |row| {
                let (code, error, next_try_at) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(Failed { id: row.get(0)?, code, error, next_try_at })
            })?;
            rows.collect()
        })
    }

    /// The chats that are live here and not among `seen`, and the number of all that are live here.
    ///
    /// # Errors
    /// Those of the file.
    pub fn unseen(&self, account: Account, seen: &HashSet<ChatId>) -> Result<(Vec<ChatId>, usize)> {
        self.read(|connection| {
            let sql = "SELECT id FROM chats WHERE account = ?1 AND state = 'live' ORDER BY n";
            let mut find = connection.prepare(sql)?;
            let rows = find.query_map([account.n], |row| row.get::<_, String>(0))?;
            let ids: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
            let live = ids.len();
            let parsed = ids.iter().filter_map(|id| id.parse::<ChatId>().ok());
            Ok((parsed.filter(|id| !seen.contains(id)).collect(), live))
        })
    }

    /// Marks a chat that the upstream has no longer. Its content stays.
    ///
    /// # Errors
    /// Those of the file.
    pub fn gone(&mut self, account: Account, id: &ChatId, now: i64) -> Result<()> {
        self.change(|change| {
            change.execute(
                "UPDATE chats SET state = 'gone', gone_at = ?3 WHERE account = ?1 AND id = ?2",
                params![account.n, id.as_str(), now],
            )?;
            unqueue(change, account, id)
        })
    }

    /// Records the end of a walk through the list, and the newest change in it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn walked(&mut self, account: Account, newest_at: Option<i64>) -> Result<()> {
        self.change(|change| {
            let sql = "UPDATE accounts SET newest_at = coalesce(?2, newest_at), not_before = NULL
                WHERE n = ?1";
            change.execute(sql, params![account.n, newest_at])?;
            Ok(())
        })
    }

    /// Records that all chats were listed, and that those that were missing are marked.
    ///
    /// # Errors
    /// Those of the file.
    pub fn walked_all(&mut self, account: Account, now: i64) -> Result<()> {
        self.change(|change| {
            let sql = "UPDATE accounts SET full_walk_at = ?2 WHERE n = ?1";
            change.execute(sql, params![account.n, now])?;
            Ok(())
        })
    }

    /// Records that the upstream must not be asked before this time.
    ///
    /// # Errors
    /// Those of the file.
    pub fn pause(&mut self, account: Account, not_before: i64) -> Result<()> {
        self.change(|change| {
            let sql = "UPDATE accounts SET not_before = ?2 WHERE n = ?1";
            change.execute(sql, params![account.n, not_before])?;
            Ok(())
        })
    }

    /// Records a run; the last hundred are kept. `counts` is JSON.
    ///
    /// # Errors
    /// Those of the file.
    pub fn ran(
        &mut self,
        account: Account,
        (began, ended): (i64, i64),
        counts: &str,
    ) -> Result<()> {
        self.change(|change| {
            change.execute(
                "INSERT INTO sync_runs (account, began, ended, counts) VALUES (?1, ?2, ?3, ?4)",
                params![account.n, began, ended, counts],
            )?;
            let old = "DELETE FROM sync_runs WHERE n <= (SELECT max(n) FROM sync_runs) - 100";
            change.execute(old, [])?;
            Ok(())
        })
    }
}

enum RowChange {
    New,
    Changed,
    None,
}

/// Takes a row of the list. A chat that was gone is back.
fn take_row(
    change: &Transaction<'_>,
    account: Account,
    row: &ChatSummary,
) -> rusqlite::Result<RowChange> {
    struct Known {
        n: i64,
        title: Option<String>,
        updated_at: Option<i64>,
        /// Whether it was fetched after the second of its last change: more may have followed within.
        is_fetched: bool,
        is_live: bool,
        pinned: bool,
        place: (bool, Option<String>),
    }

    if is_leaving(change, account, &row.id)? {
        return Ok(RowChange::None);
    }
    let read = |row: &Row<'_>| {
        Ok(Known {
            n: row.get(0)?,
            title: row.get(1)?,
            updated_at: row.get(2)?,
            is_fetched: row.get(3)?,
            is_live: row.get(4)?,
            pinned: row.get(5)?,
            place: (row.get(6)?, row.get(7)?),
        })
    };
    let known = change
        .query_row(
            "SELECT n, title, updated_at, coalesce(synced_at > updated_at, synced_at IS NOT NULL),
                 state = 'live', pinned, archived, project_id
             FROM chats WHERE account = ?1 AND id = ?2",
            params![account.n, row.id.as_str()],
            read,
        )
        .optional()?;
    let is_due = known.as_ref().is_none_or(|known| {
        !known.is_fetched
            || !known.is_live
            || row.updated_at > known.updated_at
            || row.title != known.title
            || row.pinned != known.pinned
    });
    // A chat can be moved without a new time; the row says all about it.
    let is_moved = known
        .as_ref()
        .is_some_and(|known| known.place.0 != row.archived || known.place.1 != row.project_id);
    if !is_due && !is_moved {
        return Ok(RowChange::None);
    }
    change.execute(
        "INSERT INTO chats (account, id, title, chat_type, project_id, pinned, created_at, listed_at,
             last_message_at, archived)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
         ON CONFLICT (account, id) DO UPDATE SET title = ?3, chat_type = ?4, project_id = ?5,
             pinned = ?6, listed_at = ?8, state = 'live', gone_at = NULL, archived = ?9",
        params![
            account.n,
            row.id.as_str(),
            row.title,
            row.chat_type,
            row.project_id,
            row.pinned,
            row.created_at,
            row.updated_at,
            row.archived,
        ],
    )?;
    let n = known.as_ref().map_or_else(|| change.last_insert_rowid(), |known| known.n);
    if known.as_ref().is_none_or(|known| known.title != row.title) {
        index_title(change, n, row.title.as_deref())?;
    }
    if is_due {
        queue(change, account, &row.id, row.updated_at)?;
    }
    Ok(if known.is_some() { RowChange::Changed } else { RowChange::New })
}

/// Whether the list of the upstream may still have a chat that has left the account. One that is listed
/// after that time was not deleted after all, and leaves the trash.
fn is_leaving(change: &Transaction<'_>, account: Account, id: &ChatId) -> rusqlite::Result<bool> {
    let sql = "SELECT done_at > unixepoch() - ?3 FROM trash
        WHERE account = ?1 AND chat_id = ?2 AND state IN ('deleted', 'purged', 'restored')";
    let found = change.query_row(sql, params![account.n, id.as_str(), LIST_LAG], |row| row.get(0));
    let is_leaving = found.optional()?;
    if is_leaving == Some(false) {
        let sql = "DELETE FROM trash WHERE account = ?1 AND chat_id = ?2";
        change.execute(sql, params![account.n, id.as_str()])?;
    }
    Ok(is_leaving.unwrap_or_default())
}

pub(super) fn queue(
    change: &Transaction<'_>,
    account: Account,
    id: &ChatId,
    wanted: Option<i64>,
) -> rusqlite::Result<()> {
    // A chat that has changed again is tried at once; one that failed waits.
    change.execute(
        "INSERT INTO sync_work (account, chat_id, wanted) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET wanted = ?3,
             next_at = iif(wanted IS ?3, next_at, 0), tries = iif(wanted IS ?3, tries, 0)",
        params![account.n, id.as_str(), wanted],
    )?;
    Ok(())
}

/// Lets a chat of the queue wait: longer each time, at most a day.
pub(super) fn retry(
    change: &Transaction<'_>,
    account: Account,
    id: &ChatId,
    now: i64,
) -> rusqlite::Result<()> {
    const FIRST: i64 = 60;
    const LAST: i64 = 24 * 3600;
    let find = "SELECT tries FROM sync_work WHERE account = ?1 AND chat_id = ?2";
    let tries = change.query_row(find, params![account.n, id.as_str()], |row| row.get(0));
    let tries: u32 = tries.optional()?.unwrap_or(0);
    let next = now + 4_i64.saturating_pow(tries).saturating_mul(FIRST).min(LAST);
    change.execute(
        "UPDATE sync_work SET tries = tries + 1, next_at = ?3 WHERE account = ?1 AND chat_id = ?2",
        params![account.n, id.as_str(), next],
    )?;
    Ok(())
}

pub(super) fn unqueue(
    change: &Transaction<'_>,
    account: Account,
    id: &ChatId,
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM sync_work WHERE account = ?1 AND chat_id = ?2";
    change.execute(sql, params![account.n, id.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{chat, id, message, new, row};
    use super::*;

    #[test]
    fn list_puts_new_and_changed_chats_in_the_queue() {
        let (_directory, mut archive, account) = new();
        let rows = [row("c1", "one", 10), row("c2", "two", 20)];
        let listed = archive.listed(account, &rows).expect("taken");
        assert_eq!(listed, Listed { new: 2, ..Listed::default() });
        assert_eq!(archive.due(account, 0).expect("read"), [id("c2"), id("c1")]);
        for row in &rows {
            let at = row.updated_at.unwrap_or_default();
            let said = [message("m1", "user", "word", at)];
            let title = row.title.clone().unwrap_or_default();
            archive
                .store(account, &chat(row.id.as_str(), &title, &said), b"1", 30)
                .expect("stored");
        }
        assert_eq!(archive.due(account, 0).expect("read"), []);
        let listed = archive.listed(account, &rows).expect("taken");
        assert_eq!(listed, Listed { unchanged: 2, ..Listed::default() });
        let renamed = [row("c1", "uno", 10), row("c2", "two", 21)];
        let listed = archive.listed(account, &renamed).expect("taken");
        assert_eq!(listed, Listed { changed: 2, ..Listed::default() });
        assert_eq!(archive.due(account, 0).expect("read").len(), 2);
        let (unseen, live) = archive.unseen(account, &HashSet::from([id("c2")])).expect("read");
        assert_eq!((unseen, live), (vec![id("c1")], 2));
    }

    #[test]
    fn failed_chat_is_tried_again_later_each_time_until_it_changes() {
        let (_directory, mut archive, account) = new();
        archive.listed(account, &[row("c1", "one", 10)]).expect("taken");
        let mut waits = Vec::new();
        for _ in 0..9 {
            let failure = (ErrorKind::UpstreamProtocol, "no chat");
            archive.failed(account, &id("c1"), failure, 1000).expect("recorded");
            let failures = archive.failures(account).expect("read");
            assert_eq!((failures.len(), failures[0].code.as_str()), (1, "upstream_protocol"));
            waits.push(failures[0].next_try_at - 1000);
        }
        assert_eq!(waits[..4], [60, 240, 960, 3840]);
        assert_eq!(waits[8], 24 * 3600);
        assert_eq!(archive.due(account, 1000).expect("read"), []);
        archive.listed(account, &[row("c1", "one", 10)]).expect("taken");
        assert_eq!(archive.due(account, 1000).expect("read"), []);
        archive.listed(account, &[row("c1", "one", 11)]).expect("taken");
        assert_eq!(archive.due(account, 1000).expect("read"), [id("c1")]);
        archive.store(account, &chat("c1", "one", &[]), b"1", 1001).expect("stored");
        assert_eq!(archive.failures(account).expect("read"), []);
    }

    #[test]
    fn chat_fetched_in_the_second_of_its_change_is_fetched_once_more() {
        let (_directory, mut archive, account) = new();
        let listed = [row("c1", "one", 10)];
        for (fetched_at, due) in [(10, 1), (11, 0)] {
            let said = [message("m1", "user", "word", 10)];
            archive.store(account, &chat("c1", "one", &said), b"1", fetched_at).expect("stored");
            archive.listed(account, &listed).expect("taken");
            assert_eq!(archive.due(account, 0).expect("read").len(), due, "{fetched_at}");
        }
    }

    #[test]
    fn place_of_a_chat_follows_the_list_without_being_fetched() {
        let (_directory, mut archive, account) = new();
        let said = [message("m1", "user", "word", 5)];
        archive.store(account, &chat("c1", "one", &said), b"1", 6).expect("stored");
        let mut moved = row("c1", "one", 5);
        (moved.archived, moved.project_id) = (true, Some("p1".to_owned()));
        for count in [1, 0] {
            let listed = archive.listed(account, &[moved.clone()]).expect("taken");
            assert_eq!((listed.changed, listed.unchanged), (count, 1 - count));
            assert_eq!(archive.due(account, i64::MAX).expect("read"), []);
        }
        let stored = archive.chat(account, &id("c1")).expect("readable").expect("there").chat;
        assert_eq!((stored.archived, stored.project_id.as_deref()), (true, Some("p1")));
    }
}
