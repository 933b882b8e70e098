//! Writing to the archive, and reading chats back.
//!
//! What this module keeps true: a chat is stored in one transaction, wholly or not at all; what the
//! upstream sent is kept byte by byte, and texts and index follow from it; a text that was stored is
//! never lost, whatever the upstream sends later; the accounts are apart.
//!
//! The place of a message in the index, `w`, is the order of the search: the first chats come newest
//! first and go below all others, and a chat that has changed goes above all others.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fold::{FOLD, index_parts, index_text};
use super::schema;
use crate::domain::{
    Chat, ChatId, ChatSummary, Citation, Error, ErrorKind, Message, MessageError, MessageState,
    Result, Role,
};

/// The place of the first message that is stored.
const FIRST_PLACE: i64 = 1 << 28;

/// Names an account without saying whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountHash([u8; 32]);

impl AccountHash {
    /// The hash of an account of an upstream.
    pub fn new(upstream: &str, account: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(upstream.as_bytes());
        hash.update([0]);
        hash.update(account.as_bytes());
        Self(hash.finalize().into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The archive, open for writing.
pub struct Archive {
    path: PathBuf,
    connection: Connection,
}

/// An account in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    n: i64,
    /// When all of its chats were last listed, in seconds since 1970.
    pub full_walk_at: Option<i64>,
    /// The newest change that the last list had.
    pub newest_at: Option<i64>,
    /// The upstream must not be asked before.
    pub not_before: Option<i64>,
}

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
    /// The chat.
    pub id: ChatId,
    /// The code of the failure.
    pub code: String,
    /// The failure.
    pub error: String,
    /// When it is tried again, in seconds since 1970.
    pub next_try_at: i64,
}

/// A chat of the archive.
pub struct Stored {
    /// The chat.
    pub chat: Chat,
    /// Whether the upstream has it no longer.
    pub is_gone: bool,
    /// When it was fetched, in seconds since 1970.
    pub synced_at: Option<i64>,
}

impl Archive {
    /// Opens the archive; creates it if it does not exist. An index that was made with another fold is
    /// made anew.
    ///
    /// # Errors
    /// If it cannot be used: another program's, of a newer version, damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = schema::open(path)?;
        let mut archive = Self { path: path.to_owned(), connection };
        let fold = archive.change(|change| {
            let find = "SELECT value FROM meta WHERE key = 'fold'";
            let found: Option<i64> = change.query_row(find, [], |row| row.get(0)).optional()?;
            if found.is_none() {
                change.execute("INSERT INTO meta VALUES ('fold', ?1)", [FOLD])?;
            }
            Ok(found.unwrap_or(FOLD))
        })?;
        if fold != FOLD {
            archive.rebuild()?;
        }
        Ok(archive)
    }

    pub(super) fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let run = || {
            let change =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&change)?;
            change.commit().map(|()| result)
        };
        run().map_err(|fault| schema::fault_of(&self.path, &fault))
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        work(&self.connection).map_err(|fault| schema::fault_of(&self.path, &fault))
    }

    /// The account, which is added if the archive does not have it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn account(&mut self, hash: &AccountHash, upstream: &str, now: i64) -> Result<Account> {
        self.change(|change| {
            change.execute(
                "INSERT OR IGNORE INTO accounts (hash, upstream, made_at) VALUES (?1, ?2, ?3)",
                params![hash.bytes(), upstream, now],
            )?;
            change.query_row(
                "SELECT n, full_walk_at, newest_at, not_before FROM accounts WHERE hash = ?1",
                [hash.bytes()],
                |row| {
                    Ok(Account {
                        n: row.get(0)?,
                        full_walk_at: row.get(1)?,
                        newest_at: row.get(2)?,
                        not_before: row.get(3)?,
                    })
                },
            )
        })
    }

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

    /// Stores a chat, and takes it out of the queue. `raw` is what the upstream sent.
    ///
    /// # Errors
    /// Those of the file.
    pub fn store(&mut self, account: Account, chat: &Chat, raw: &[u8], now: i64) -> Result<()> {
        let sha256: [u8; 32] = Sha256::digest(raw).into();
        self.change(|change| store(change, account, chat, (raw, sha256), now))
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
        const FIRST: i64 = 60;
        const LAST: i64 = 24 * 3600;
        self.change(|change| {
            let find = "SELECT tries FROM sync_work WHERE account = ?1 AND chat_id = ?2";
            let tries = change.query_row(find, params![account.n, id.as_str()], |row| row.get(0));
            let tries: u32 = tries.optional()?.unwrap_or(0);
            let next = now + 4_i64.saturating_pow(tries).saturating_mul(FIRST).min(LAST);
            change.execute(
                "UPDATE sync_work SET tries = tries + 1, next_at = ?3, code = ?4, error = ?5
                 WHERE account = ?1 AND chat_id = ?2",
                params![account.n, id.as_str(), next, kind.code(), error],
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
                let id = row.get_ref(0)?.as_str()?.parse::<ChatId>().ok();
                let (code, error, next_try_at) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(id.map(|id| Failed { id, code, error, next_try_at }))
            })?;
            rows.filter_map(Result::transpose).collect()
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

    /// A chat, as it was last fetched.
    ///
    /// # Errors
    /// Those of the file.
    pub fn chat(&self, account: Account, id: &ChatId) -> Result<Option<Stored>> {
        self.read(|connection| read_chat(connection, account.n, id))
    }

    /// What the upstream sent for a chat.
    ///
    /// # Errors
    /// Those of the file.
    pub fn raw(&self, account: Account, id: &ChatId) -> Result<Option<Vec<u8>>> {
        let packed: Option<Vec<u8>> = self.read(|connection| {
            let sql = "SELECT json FROM raw JOIN chats ON n = chat WHERE account = ?1 AND id = ?2";
            connection.query_row(sql, params![account.n, id.as_str()], |row| row.get(0)).optional()
        })?;
        Ok(packed.and_then(|packed| {
            let mut raw = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut raw).is_ok().then_some(raw)
        }))
    }

    /// Makes the index anew from the texts.
    ///
    /// # Errors
    /// Those of the file.
    pub fn rebuild(&mut self) -> Result<()> {
        self.change(|change| {
            // The index's own repair does not help after damage: it is dropped and filled again.
            change.execute_batch(
                "DROP TABLE message_words;
                 DROP TABLE chat_words;
                 CREATE VIRTUAL TABLE message_words USING fts5(text, parts, thoughts, content='',
                     contentless_delete=1, tokenize='ascii');
                 CREATE VIRTUAL TABLE chat_words USING fts5(title, content='', contentless_delete=1,
                     tokenize='ascii');",
            )?;
            let mut chats = change.prepare("SELECT n, title FROM chats WHERE title IS NOT NULL")?;
            let mut rows = chats.query([])?;
            while let Some(row) = rows.next()? {
                index_title(change, row.get(0)?, Some(row.get_ref(1)?.as_str()?))?;
            }
            let mut texts = change.prepare(
                "SELECT w, text, thinking FROM messages JOIN texts ON message = n ORDER BY w",
            )?;
            let mut rows = texts.query([])?;
            while let Some(row) = rows.next()? {
                let thinking = row.get_ref(2)?.as_str_or_null()?;
                index_message(change, row.get(0)?, row.get_ref(1)?.as_str()?, thinking)?;
            }
            change.execute("REPLACE INTO meta VALUES ('fold', ?1)", [FOLD])?;
            Ok(())
        })
    }
}

/// The chat whose id begins with `id`, in the archive at `path`: of one account, or of any. `None` if there
/// is none.
///
/// # Errors
/// Those of the file; [`ErrorKind::InvalidRequest`] if several ids begin so.
pub fn find(path: &Path, hash: Option<&AccountHash>, id: &str) -> Result<Option<Stored>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
    let read = || {
        let mut find = connection.prepare(
            "SELECT account, id FROM chats JOIN accounts a ON a.n = account
             WHERE synced_at IS NOT NULL AND (?1 IS NULL OR hash = ?1)
                 AND substr(id, 1, length(?2)) = ?2 LIMIT 2",
        )?;
        let hash = hash.map(AccountHash::bytes);
        let rows = find.query_map(params![hash, id], |row| {
            Ok((row.get(0)?, row.get_ref(1)?.as_str()?.parse::<ChatId>()))
        })?;
        let mut rows: Vec<(i64, _)> = rows.collect::<rusqlite::Result<_>>()?;
        let found = rows.pop();
        match (found, rows.is_empty()) {
            (Some((account, Ok(id))), true) => Ok((read_chat(&connection, account, &id)?, false)),
            (found, _) => Ok((None, found.is_some())),
        }
    };
    let (stored, is_ambiguous) = read().map_err(|fault| schema::fault_of(path, &fault))?;
    if is_ambiguous {
        return Err(Error::invalid(format!("several ids of archived chats begin with `{id}`")));
    }
    Ok(stored)
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
    type Known = (i64, Option<String>, bool, Option<i64>, bool, bool, String);
    let known: Option<Known> = change
        .query_row(
            "SELECT n, title, pinned, updated_at, incomplete, synced_at IS NOT NULL, state
             FROM chats WHERE account = ?1 AND id = ?2",
            params![account.n, row.id.as_str()],
            |row| {
                let (n, title, pinned) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((n, title, pinned, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
            },
        )
        .optional()?;
    let result = match &known {
        None => RowChange::New,
        Some((_, title, pinned, updated_at, incomplete, is_fetched, state)) => {
            let is_same = *is_fetched
                && state == "live"
                && !incomplete
                && row.updated_at <= *updated_at
                && row.title == *title
                && row.pinned == *pinned;
            if is_same { RowChange::None } else { RowChange::Changed }
        }
    };
    if matches!(result, RowChange::None) {
        return Ok(result);
    }
    change.execute(
        "INSERT INTO chats (account, id, title, chat_type, project_id, pinned, created_at, listed_at,
             last_message_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
         ON CONFLICT (account, id) DO UPDATE SET title = ?3, chat_type = ?4, project_id = ?5,
             pinned = ?6, listed_at = ?8, state = 'live', gone_at = NULL",
        params![
            account.n,
            row.id.as_str(),
            row.title,
            row.chat_type,
            row.project_id,
            row.pinned,
            row.created_at,
            row.updated_at,
        ],
    )?;
    let n = known.as_ref().map_or_else(|| change.last_insert_rowid(), |known| known.0);
    if known.is_none_or(|known| known.1 != row.title) {
        index_title(change, n, row.title.as_deref())?;
    }
    queue(change, account, &row.id, row.updated_at)?;
    Ok(result)
}

fn index_title(change: &Transaction<'_>, n: i64, title: Option<&str>) -> rusqlite::Result<()> {
    change.execute("DELETE FROM chat_words WHERE rowid = ?1", [n])?;
    if let Some(title) = title {
        let words = index_text(title);
        change
            .execute("INSERT INTO chat_words (rowid, title) VALUES (?1, ?2)", params![n, words])?;
    }
    Ok(())
}

fn index_message(
    change: &Transaction<'_>,
    place: i64,
    text: &str,
    thinking: Option<&str>,
) -> rusqlite::Result<()> {
    change.execute(
        "INSERT INTO message_words (rowid, text, parts, thoughts) VALUES (?1, ?2, ?3, ?4)",
        params![place, index_text(text), index_parts(text), thinking.map(index_text)],
    )?;
    Ok(())
}

fn queue(
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

fn unqueue(change: &Transaction<'_>, account: Account, id: &ChatId) -> rusqlite::Result<()> {
    let sql = "DELETE FROM sync_work WHERE account = ?1 AND chat_id = ?2";
    change.execute(sql, params![account.n, id.as_str()])?;
    Ok(())
}

/// How long to wait for the end of an answer, in seconds.
const ANSWERING: i64 = 60;

fn store(
    change: &Transaction<'_>,
    account: Account,
    chat: &Chat,
    (raw, sha256): (&[u8], [u8; 32]),
    now: i64,
) -> rusqlite::Result<()> {
    let is_answering = chat.messages.iter().any(|m| m.state == MessageState::InProgress);
    let said_at = chat.messages.iter().filter_map(|message| message.timestamp).max();
    let (n, old_title) = chat_row(change, account, chat, said_at, now)?;
    // A chat without a title keeps its old one.
    if chat.title.is_some() && old_title != chat.title {
        index_title(change, n, chat.title.as_deref())?;
    }
    let known: Option<[u8; 32]> = change
        .query_row("SELECT sha256 FROM raw WHERE chat = ?1", [n], |row| row.get(0))
        .optional()?;
    if known != Some(sha256) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let packed = packed.write_all(raw).and_then(|()| packed.finish());
        let packed =
            packed.map_err(|fault| rusqlite::Error::ToSqlConversionFailure(fault.into()))?;
        let sql = "REPLACE INTO raw (chat, json, sha256) VALUES (?1, ?2, ?3)";
        change.execute(sql, params![n, packed, sha256])?;
        store_messages(change, (n, account), chat, said_at, now)?;
    }
    change.execute(
        "UPDATE chats SET incomplete = ?2, synced_at = ?3, last_message_at =
             coalesce(?4, updated_at, created_at, last_message_at),
             message_count = (SELECT count(*) FROM messages WHERE chat = ?1 AND absent_since IS NULL)
         WHERE n = ?1",
        params![n, chat.incomplete || is_answering, now, said_at],
    )?;
    if is_answering {
        queue(change, account, &chat.id, chat.updated_at)?;
        change.execute(
            "UPDATE sync_work SET next_at = ?3 WHERE account = ?1 AND chat_id = ?2",
            params![account.n, chat.id.as_str(), now + ANSWERING],
        )?;
        return Ok(());
    }
    unqueue(change, account, &chat.id)
}

/// Stores what is known about the chat itself; returns its number and the title that it had.
fn chat_row(
    change: &Transaction<'_>,
    account: Account,
    chat: &Chat,
    said_at: Option<i64>,
    now: i64,
) -> rusqlite::Result<(i64, Option<String>)> {
    let known: Option<(i64, Option<String>)> = change
        .query_row(
            "SELECT n, title FROM chats WHERE account = ?1 AND id = ?2",
            params![account.n, chat.id.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    // The list may be ahead of the chat, or lag behind it: the later time is the one that is held.
    change.execute(
        "INSERT INTO chats (account, id, title, model, pinned, created_at, updated_at, current_id,
             last_message_at, archived, project_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, coalesce(?9, ?7, ?10), ?11, ?12)
         ON CONFLICT (account, id) DO UPDATE SET title = coalesce(?3, title), model = ?4, pinned = ?5,
             created_at = coalesce(?6, created_at), updated_at = max(coalesce(?7, listed_at, 0),
             coalesce(listed_at, ?7, 0)), current_id = ?8, archived = ?11,
             project_id = coalesce(?12, project_id), state = 'live', gone_at = NULL",
        params![
            account.n,
            chat.id.as_str(),
            chat.title,
            chat.model,
            chat.pinned,
            chat.created_at,
            chat.updated_at,
            chat.current_id,
            said_at,
            now,
            chat.archived,
            chat.project_id,
        ],
    )?;
    Ok(known.unwrap_or_else(|| (change.last_insert_rowid(), None)))
}

/// A message of the archive.
struct Known {
    n: i64,
    place: i64,
    hash: Vec<u8>,
}

fn store_messages(
    change: &Transaction<'_>,
    (chat_n, account): (i64, Account),
    chat: &Chat,
    said_at: Option<i64>,
    now: i64,
) -> rusqlite::Result<()> {
    let mut known: HashMap<String, Known> = HashMap::new();
    let mut find = change.prepare("SELECT id, n, w, hash FROM messages WHERE chat = ?1")?;
    let mut rows = find.query([chat_n])?;
    while let Some(row) = rows.next()? {
        known.insert(row.get(0)?, Known { n: row.get(1)?, place: row.get(2)?, hash: row.get(3)? });
    }
    let mut ids = HashSet::new();
    let mut messages: Vec<_> =
        chat.messages.iter().filter(|message| ids.insert(message.id.as_str())).collect();
    let depths = depths(&messages);
    messages.sort_by_key(|message| (message.timestamp, depths.get(message.id.as_str()).copied()));
    let absent = known.keys().filter(|id| !ids.contains(id.as_str())).count();
    let length = i64::try_from(messages.len() + absent).unwrap_or(i64::MAX);
    let mut place = free_block(change, account, length, (known.is_empty(), said_at))?;
    // What is no longer there stays in front: it is the oldest.
    for (id, message) in known.iter().filter(|(id, _)| !ids.contains(id.as_str())) {
        let partial = chat.incomplete;
        change.execute(
            "UPDATE messages SET absent_since = iif(?3, absent_since, coalesce(absent_since, ?4))
             WHERE chat = ?1 AND id = ?2",
            params![chat_n, id, partial, now],
        )?;
        move_to(change, message, place)?;
        let sql = "SELECT text, thinking FROM texts WHERE message = ?1";
        let (text, thinking): (String, Option<String>) =
            change.query_row(sql, [message.n], |row| Ok((row.get(0)?, row.get(1)?)))?;
        index_message(change, place, &text, thinking.as_deref())?;
        place += 1;
    }
    for (seq, message) in messages.into_iter().enumerate() {
        let known = known.get(&message.id);
        if let Some(known) = known {
            move_to(change, known, place)?;
        }
        store_message(change, (chat_n, seq, place), message, (known, now))?;
        place += 1;
    }
    Ok(())
}

/// How many messages each one follows. A question and its answer may have the same time.
fn depths<'a>(messages: &[&'a Message]) -> HashMap<&'a str, usize> {
    let parent = |message: &&'a Message| Some((message.id.as_str(), message.parent_id.as_deref()?));
    let parents: HashMap<&str, &str> = messages.iter().filter_map(parent).collect();
    let mut depths = HashMap::new();
    for message in messages {
        let mut path = Vec::new();
        let mut at = Some(message.id.as_str());
        // Messages may follow each other in a circle (protocol F25).
        while let Some(id) = at.filter(|id| !depths.contains_key(id) && path.len() <= parents.len())
        {
            path.push(id);
            at = parents.get(id).copied();
        }
        let above = at.and_then(|id| depths.get(id)).map_or(0, |depth| depth + 1);
        for (below, id) in path.into_iter().rev().enumerate() {
            depths.entry(id).or_insert(above + below);
        }
    }
    depths
}

/// Takes a message out of the index and moves it to `place`.
fn move_to(change: &Transaction<'_>, message: &Known, place: i64) -> rusqlite::Result<()> {
    change.execute("DELETE FROM message_words WHERE rowid = ?1", [message.place])?;
    change.execute("UPDATE messages SET w = ?2 WHERE n = ?1", [message.n, place])?;
    Ok(())
}

/// The first of `length` free places: below all others for a chat that was not there and is older than the
/// newest one, else above.
fn free_block(
    change: &Transaction<'_>,
    account: Account,
    length: i64,
    (is_new, said_at): (bool, Option<i64>),
) -> rusqlite::Result<i64> {
    let ends: (Option<i64>, Option<i64>) =
        change.query_row("SELECT min(w), max(w) FROM messages", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let oldest: Option<i64> = change.query_row(
        "SELECT min(last_message_at) FROM chats WHERE account = ?1 AND message_count > 0",
        [account.n],
        |row| row.get(0),
    )?;
    Ok(match ends {
        (Some(lowest), Some(_)) if is_new && said_at < oldest => lowest - length,
        (_, Some(highest)) => highest + 1,
        _ => FIRST_PLACE,
    })
}

/// What belongs to a message besides its texts.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Extra {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<Citation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Extra {
    fn of(message: &Message) -> Option<String> {
        let error = message.error.clone().unwrap_or_default();
        let extra = Self {
            citations: message.citations.clone(),
            images: message.images.clone(),
            error_code: error.code,
            error: error.details,
        };
        serde_json::to_string(&extra).ok().filter(|json| json != "{}")
    }
}

fn store_message(
    change: &Transaction<'_>,
    (chat, seq, place): (i64, usize, i64),
    message: &Message,
    (known, now): (Option<&Known>, i64),
) -> rusqlite::Result<()> {
    let hash = Sha256::new()
        .chain_update(message.content.as_bytes())
        .chain_update([0])
        .chain_update(message.thinking.as_deref().unwrap_or_default().as_bytes())
        .finalize();
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let chars = i64::try_from(message.content.chars().count()).unwrap_or(i64::MAX);
    change.execute(
        "INSERT INTO messages (chat, w, id, parent_id, seq, role, model, at, state, chars, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (chat, id) DO UPDATE SET parent_id = ?4, seq = ?5, role = ?6, model = ?7, at = ?8,
             state = ?9, chars = ?10, hash = ?11, absent_since = NULL",
        params![
            chat,
            place,
            message.id,
            message.parent_id,
            seq,
            message.role.as_str(),
            message.model,
            message.timestamp,
            state_name(message.state),
            chars,
            hash.as_slice(),
        ],
    )?;
    let n = known.map_or_else(|| change.last_insert_rowid(), |known| known.n);
    if known.is_some_and(|known| known.hash != hash.as_slice()) {
        change.execute(
            "INSERT INTO revisions (message, text, replaced_at)
             SELECT message, text, ?2 FROM texts WHERE message = ?1 AND text <> ?3 AND text <> ''",
            params![n, now, message.content],
        )?;
    }
    let old_thinking: Option<String> = change
        .query_row("SELECT thinking FROM texts WHERE message = ?1", [n], |row| row.get(0))
        .optional()?
        .flatten();
    let text = &message.content;
    // Thoughts that the upstream no longer has are kept.
    let thinking = message.thinking.as_deref().or(old_thinking.as_deref());
    change.execute(
        "REPLACE INTO texts (message, text, thinking, extra) VALUES (?1, ?2, ?3, ?4)",
        params![n, text, thinking, Extra::of(message)],
    )?;
    index_message(change, place, text, thinking)
}

fn state_name(state: MessageState) -> &'static str {
    match state {
        MessageState::Done => "done",
        MessageState::InProgress => "in_progress",
        MessageState::Stopped => "stopped",
        MessageState::Failed => "failed",
    }
}

fn state_of(name: &str) -> MessageState {
    match name {
        "in_progress" => MessageState::InProgress,
        "stopped" => MessageState::Stopped,
        "failed" => MessageState::Failed,
        _ => MessageState::Done,
    }
}

fn read_chat(
    connection: &Connection,
    account: i64,
    id: &ChatId,
) -> rusqlite::Result<Option<Stored>> {
    let found = connection
        .query_row(
            "SELECT n, title, model, created_at, updated_at, pinned, current_id, incomplete,
                 state <> 'live', synced_at, archived, project_id
             FROM chats WHERE account = ?1 AND id = ?2 AND synced_at IS NOT NULL",
            params![account, id.as_str()],
            |row| {
                let chat = Chat {
                    id: id.clone(),
                    title: row.get(1)?,
                    model: row.get(2)?,
                    created_at: row.get(3)?,
                    updated_at: row.get(4)?,
                    pinned: row.get(5)?,
                    archived: row.get(10)?,
                    project_id: row.get(11)?,
                    current_id: row.get(6)?,
                    current_reply_ids: Vec::new(),
                    messages: Vec::new(),
                    incomplete: row.get(7)?,
                };
                let n: i64 = row.get(0)?;
                Ok((n, Stored { chat, is_gone: row.get(8)?, synced_at: row.get(9)? }))
            },
        )
        .optional()?;
    let Some((n, mut stored)) = found else { return Ok(None) };
    let mut find = connection.prepare(
        "SELECT id, parent_id, role, model, at, state, text, thinking, extra
         FROM messages JOIN texts ON message = n WHERE chat = ?1 ORDER BY seq, n",
    )?;
    let messages = find.query_map([n], message_of)?;
    stored.chat.messages = messages.collect::<rusqlite::Result<_>>()?;
    Ok(Some(stored))
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    let role: String = row.get(2)?;
    let extra = row.get_ref(8)?.as_str_or_null()?;
    let extra: Extra = extra.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let has_error = extra.error.is_some() || extra.error_code.is_some();
    Ok(Message {
        id: row.get(0)?,
        parent_id: row.get(1)?,
        role: match role.as_str() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => Role::Other(role),
        },
        content: row.get(6)?,
        thinking: row.get(7)?,
        citations: extra.citations,
        images: extra.images,
        model: row.get(3)?,
        timestamp: row.get(4)?,
        state: state_of(row.get_ref(5)?.as_str()?),
        error: has_error.then_some(MessageError { code: extra.error_code, details: extra.error }),
    })
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;

    /// A directory, and a path in it for an archive.
    pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("archive.db");
        (directory, path)
    }

    pub(crate) fn hash() -> AccountHash {
        AccountHash::new("local", "me")
    }

    pub(crate) fn account(archive: &mut Archive) -> Account {
        archive.account(&hash(), "local", 1).expect("added")
    }

    pub(crate) fn message(id: &str, role: &str, text: &str, at: i64) -> Message {
        Message {
            id: id.to_owned(),
            parent_id: None,
            role: if role == "user" { Role::User } else { Role::Assistant },
            content: text.to_owned(),
            thinking: None,
            citations: Vec::new(),
            images: Vec::new(),
            model: Some("qwen3-max".to_owned()),
            timestamp: Some(at),
            state: MessageState::Done,
            error: None,
        }
    }

    pub(crate) fn chat(id: &str, title: &str, messages: &[Message]) -> Chat {
        Chat {
            id: id.parse().expect("an id"),
            title: Some(title.to_owned()),
            model: Some("qwen3-max".to_owned()),
            created_at: Some(1),
            updated_at: messages.iter().filter_map(|message| message.timestamp).max(),
            pinned: false,
            archived: false,
            project_id: None,
            current_id: messages.last().map(|message| message.id.clone()),
            current_reply_ids: Vec::new(),
            messages: messages.to_vec(),
            incomplete: false,
        }
    }

    pub(crate) fn row(id: &str, title: &str, updated_at: i64) -> ChatSummary {
        ChatSummary {
            id: id.parse().expect("an id"),
            title: Some(title.to_owned()),
            created_at: Some(1),
            updated_at: Some(updated_at),
            pinned: false,
            archived: false,
            chat_type: Some("t2t".to_owned()),
            project_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{account, chat, message, place, row};
    use super::*;

    fn new() -> (tempfile::TempDir, Archive, Account) {
        let (directory, path) = place();
        let mut archive = Archive::open(&path).expect("opened");
        let account = account(&mut archive);
        (directory, archive, account)
    }

    fn id(text: &str) -> ChatId {
        text.parse().expect("an id")
    }

    /// The messages with this word in the index, in the order of the search.
    fn with_word(archive: &Archive, word: &str) -> Vec<String> {
        let sql = "SELECT m.id FROM message_words f JOIN messages m ON m.w = f.rowid
            WHERE message_words MATCH ?1 ORDER BY f.rowid DESC";
        let mut find = archive.connection.prepare(sql).expect("prepared");
        let rows = find.query_map([word], |row| row.get(0)).expect("run");
        rows.collect::<rusqlite::Result<_>>().expect("read")
    }

    fn number(archive: &Archive, sql: &str) -> i64 {
        archive.connection.query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    #[test]
    fn chat_is_read_back_as_it_was_stored() {
        let (_directory, mut archive, account) = new();
        let mut whole = chat("c1", "A title", &[message("m1", "user", "one\0two", 5)]);
        let mut reply = message("m2", "assistant", "an answer", 6);
        reply.parent_id = Some("m1".to_owned());
        reply.thinking = Some("a thought".to_owned());
        reply.images = vec!["https://example.test/a.png".to_owned()];
        reply.error = Some(MessageError { code: Some("E".into()), details: None });
        reply.state = MessageState::Stopped;
        reply.citations = vec![Citation {
            number: 1,
            url: "https://example.test".into(),
            title: "Source".into(),
            snippet: None,
            date: None,
        }];
        whole.messages.push(reply);
        let raw = b"{\"data\":1}".repeat(1000);
        archive.store(account, &whole, &raw, 7).expect("stored");
        let stored = archive.chat(account, &whole.id).expect("readable").expect("there");
        assert_eq!((stored.chat, stored.is_gone, stored.synced_at), (whole, false, Some(7)));
        assert_eq!(archive.raw(account, &id("c1")).expect("readable"), Some(raw));
        assert!(archive.chat(account, &id("c2")).expect("readable").is_none());
        archive.store(account, &chat("c12", "t", &[]), b"1", 7).expect("stored");
        let title = |begins: &str| {
            let found = find(&archive.path, Some(&super::samples::hash()), begins);
            found.map(|stored| stored.and_then(|stored| stored.chat.title))
        };
        assert_eq!(title("c12").ok().flatten().as_deref(), Some("t"));
        assert_eq!(title("c3").ok(), Some(None));
        assert_eq!(title("c%").ok(), Some(None));
        assert_eq!(title("c").expect_err("ambiguous").kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn texts_that_are_replaced_or_vanish_are_kept() {
        let (_directory, mut archive, account) = new();
        let both = [message("m1", "user", "first", 5), message("m2", "assistant", "second", 6)];
        archive.store(account, &chat("c1", "t", &both), b"1", 7).expect("stored");
        let mut partial = chat("c1", "t", &both[1..]);
        partial.incomplete = true;
        archive.store(account, &partial, b"2", 8).expect("stored");
        assert_eq!(number(&archive, "SELECT count(*) FROM messages WHERE absent_since IS NULL"), 2);
        let edited = [message("m2", "assistant", "another", 6)];
        archive.store(account, &chat("c1", "t", &edited), b"3", 9).expect("stored");
        assert_eq!(number(&archive, "SELECT absent_since FROM messages WHERE id = 'm1'"), 9);
        assert_eq!(number(&archive, "SELECT count(*) FROM revisions WHERE text = 'second'"), 1);
        assert_eq!(with_word(&archive, "first"), ["m1"]);
        assert_eq!(with_word(&archive, "another"), ["m2"]);
        assert_eq!(with_word(&archive, "second"), [""; 0]);
        archive.gone(account, &id("c1"), 10).expect("marked");
        let stored = archive.chat(account, &id("c1")).expect("readable").expect("there");
        assert!(stored.is_gone && stored.chat.messages.len() == 2);
        archive.store(account, &chat("c1", "t", &both), b"4", 11).expect("stored");
        assert_eq!(number(&archive, "SELECT count(*) FROM messages WHERE absent_since IS NULL"), 2);
    }

    #[test]
    fn old_chats_go_below_and_changed_ones_above_all_others() {
        let (_directory, mut archive, account) = new();
        for (name, at) in [("c3", 30), ("c2", 20), ("c1", 10), ("c4", 40)] {
            let said = [
                message(&format!("{name}a"), "user", "word", at - 1),
                message(name, "user", "word", at),
            ];
            archive.store(account, &chat(name, "t", &said), name.as_bytes(), 50).expect("stored");
        }
        assert_eq!(
            with_word(&archive, "word"),
            ["c4", "c4a", "c3", "c3a", "c2", "c2a", "c1", "c1a"]
        );
        let said = [
            message("c2a", "user", "word", 19),
            message("c2", "user", "word", 20),
            message("n", "user", "word", 60),
        ];
        archive.store(account, &chat("c2", "t", &said), b"new", 61).expect("stored");
        assert_eq!(with_word(&archive, "word")[..3], ["n", "c2", "c2a"]);
        let places = number(&archive, "SELECT count(*) FROM messages");
        assert_eq!(number(&archive, "SELECT count(*) FROM message_words"), places);
        // The same once more changes nothing.
        archive.store(account, &chat("c1", "t", &said[..1]), b"c1", 62).expect("stored");
        assert_eq!(with_word(&archive, "word").last().map(String::as_str), Some("c1a"));
    }

    #[test]
    fn several_new_chats_of_a_later_sync_go_above_older_ones() {
        let (_directory, mut archive, account) = new();
        for (name, at) in [("c2", 20), ("c1", 10), ("c4", 40), ("c5", 50)] {
            let said = [message(name, "user", "word", at)];
            archive.store(account, &chat(name, "t", &said), name.as_bytes(), 60).expect("stored");
        }
        assert_eq!(with_word(&archive, "word"), ["c5", "c4", "c2", "c1"]);
    }

    #[test]
    fn a_title_and_thoughts_that_are_missing_later_are_kept() {
        let (_directory, mut archive, account) = new();
        let mut said = message("m1", "assistant", "word", 1);
        said.thinking = Some("thought".to_owned());
        archive.store(account, &chat("c1", "Hanoi", &[said.clone()]), b"1", 2).expect("stored");
        said.thinking = None;
        let mut later = chat("c1", "", &[said]);
        later.title = None;
        archive.store(account, &later, b"2", 3).expect("stored");
        let thoughts = "SELECT count(*) FROM texts WHERE thinking = 'thought'";
        assert_eq!(number(&archive, thoughts), 1);
        let titles = "SELECT count(*) FROM chat_words WHERE chat_words MATCH 'hanoi'";
        assert_eq!(number(&archive, titles), 1);
    }

    #[test]
    fn messages_of_the_same_time_follow_their_parents() {
        let (_directory, mut archive, account) = new();
        let mut said: Vec<_> = ["m3", "m1", "m2"].map(|id| message(id, "user", "word", 5)).into();
        said[0].parent_id = Some("m2".to_owned());
        said[2].parent_id = Some("m1".to_owned());
        said.push(message("m0", "user", "word", 4));
        archive.store(account, &chat("c1", "t", &said), b"1", 7).expect("stored");
        assert_eq!(with_word(&archive, "word"), ["m3", "m2", "m1", "m0"]);
        said[1].parent_id = Some("m3".to_owned());
        archive.store(account, &chat("c1", "t", &said), b"2", 8).expect("stored");
        assert_eq!(with_word(&archive, "word").last().map(String::as_str), Some("m0"));
    }

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
    fn answer_that_is_being_written_is_fetched_again_soon() {
        let (_directory, mut archive, account) = new();
        let mut open = chat("c1", "t", &[message("m1", "assistant", "so far", 5)]);
        open.messages[0].state = MessageState::InProgress;
        archive.store(account, &open, b"1", 100).expect("stored");
        assert_eq!(archive.due(account, 159).expect("read"), []);
        assert_eq!(archive.due(account, 160).expect("read"), [id("c1")]);
        assert_eq!(with_word(&archive, "so"), ["m1"]);
    }

    #[test]
    fn index_of_another_fold_is_made_anew() {
        let (_directory, mut archive, account) = new();
        let said = [message("m1", "user", "đường", 5)];
        archive.store(account, &chat("c1", "Đà Nẵng", &said), b"1", 7).expect("stored");
        archive
            .connection
            .execute_batch(
                "DELETE FROM message_words; DELETE FROM chat_words; UPDATE meta SET value = 0",
            )
            .expect("spoiled");
        let path = archive.path.clone();
        drop(archive);
        let mut archive = Archive::open(&path).expect("opened");
        assert_eq!(with_word(&archive, "duong"), ["m1"]);
        archive.rebuild().expect("rebuilt");
        assert_eq!(
            number(&archive, "SELECT count(*) FROM chat_words WHERE chat_words MATCH 'nang'"),
            1
        );
    }

    #[test]
    fn accounts_and_upstreams_are_apart() {
        let (_directory, mut archive, mine) = new();
        let other = AccountHash::new("https://chat.qwen.ai", "me");
        let other = archive.account(&other, "https://chat.qwen.ai", 1).expect("added");
        archive.store(mine, &chat("c1", "t", &[]), b"1", 7).expect("stored");
        assert!(archive.chat(other, &id("c1")).expect("readable").is_none());
        assert_eq!(archive.unseen(other, &HashSet::new()).expect("read"), (Vec::new(), 0));
        assert_ne!(AccountHash::new("a", "bc"), AccountHash::new("ab", "c"));
    }
}
