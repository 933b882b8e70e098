//! The upkeep of the archive: its size and state, a check, and the removal of chats.
//!
//! What this module keeps true: what is purged is in no byte of the files.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::schema;
use super::store::{Account, Archive};
use crate::domain::{ChatId, Error, ErrorKind, Result};

/// The state of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The size of its files in bytes.
    pub bytes: u64,
    /// Accounts.
    pub accounts: i64,
    /// Chats whose messages are archived.
    pub chats: i64,
    /// Chats that the upstream has no longer.
    pub gone: i64,
    /// Messages.
    pub messages: i64,
    /// Characters of all messages.
    pub characters: i64,
    /// Chats that are to be fetched.
    pub waiting: i64,
    /// Chats that could not be fetched.
    pub failed: i64,
    /// The end of the last synchronization, in seconds since 1970.
    pub synced_at: Option<i64>,
}

/// The state of the archive at `path`; `None` if there is none.
///
/// # Errors
/// Those of the file.
pub fn status(path: &Path) -> Result<Option<Status>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
    let size = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        std::fs::metadata(name).map_or(0, |metadata| metadata.len())
    };
    let read = |row: &Row<'_>| {
        Ok(Status {
            bytes: size("") + size("-wal"),
            accounts: row.get(0)?,
            chats: row.get(1)?,
            gone: row.get(2)?,
            messages: row.get(3)?,
            characters: row.get(4)?,
            waiting: row.get(5)?,
            failed: row.get(6)?,
            synced_at: row.get(7)?,
        })
    };
    let sql = "SELECT (SELECT count(*) FROM accounts),
        (SELECT count(*) FROM chats WHERE synced_at IS NOT NULL),
        (SELECT count(*) FROM chats WHERE state = 'gone'),
        (SELECT count(*) FROM messages), (SELECT coalesce(sum(chars), 0) FROM messages),
        (SELECT count(*) FROM sync_work WHERE code IS NULL),
        (SELECT count(*) FROM sync_work WHERE code IS NOT NULL),
        (SELECT max(ended) FROM sync_runs)";
    let status = connection.query_row(sql, [], read);
    status.map(Some).map_err(|fault| schema::fault_of(path, &fault))
}

impl Archive {
    /// Deletes chats so that none of their words is left in any byte of the files; returns how many there
    /// were.
    ///
    /// # Errors
    /// Those of the file; [`ErrorKind::Timeout`] if the chats are deleted, but another process still reads
    /// the journal that has them: [`Archive::erase`] then ends the work.
    pub fn purge(&mut self, account: Account, ids: &[ChatId]) -> Result<usize> {
        let deleted = self.change(|change| {
            let mut deleted = 0;
            for id in ids {
                let sql = "SELECT n FROM chats WHERE account = ?1 AND id = ?2";
                let found =
                    change.query_row(sql, params![account.n, id.as_str()], |row| row.get(0));
                if let Some(n) = found.optional()? {
                    delete_chats(change, "n = ?1", n)?;
                    deleted += 1;
                }
                let sql = "DELETE FROM sync_work WHERE account = ?1 AND chat_id = ?2";
                change.execute(sql, params![account.n, id.as_str()])?;
            }
            Ok(deleted)
        })?;
        self.erase().map(|()| deleted)
    }

    /// Deletes an account with all of its chats as [`Archive::purge`] does; returns how many there were.
    ///
    /// # Errors
    /// Those of [`Archive::purge`].
    pub fn purge_account(&mut self, account: Account) -> Result<usize> {
        let deleted = self.change(|change| {
            let deleted = delete_chats(change, "account = ?1", account.n)?;
            change.execute("DELETE FROM accounts WHERE n = ?1", [account.n])?;
            Ok(deleted)
        })?;
        self.erase().map(|()| deleted)
    }

    /// Removes the traces of deleted chats from the index, the free pages and the journal.
    ///
    /// # Errors
    /// Those of [`Archive::purge`].
    pub fn erase(&mut self) -> Result<()> {
        self.merge()?;
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_busy =
            self.read(|connection| connection.query_row(checkpoint, [], |row| row.get(0)));
        if is_busy? {
            let message = "the chats are deleted, but another process still reads their old pages";
            return Err(Error::new(ErrorKind::Timeout, message)
                .with_hint("end it, then purge again to remove the last traces"));
        }
        Ok(())
    }

    /// What is wrong with the file and its index; empty if nothing is.
    ///
    /// # Errors
    /// Those of the file.
    pub fn check(&self) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut faults = integrity(connection)?;
            for index in ["message_words", "chat_words"] {
                let check = format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')");
                if let Err(fault) = connection.execute(&check, []) {
                    faults.push(format!("the index `{index}` is damaged: {fault}"));
                }
            }
            let missing = "SELECT count(*) FROM messages
                WHERE w NOT IN (SELECT rowid FROM message_words)";
            match connection.query_row(missing, [], |row| row.get(0))? {
                0_i64 => {}
                count => faults.push(format!("{count} messages are not in the index")),
            }
            let lost = "SELECT count(*) FROM messages WHERE n NOT IN (SELECT message FROM texts)";
            match connection.query_row(lost, [], |row| row.get(0))? {
                0_i64 => {}
                count => faults.push(format!("{count} messages have no text")),
            }
            Ok(faults)
        })
    }
}

/// Deletes the chats for which `condition` on ?1 holds, with all that belongs to them.
fn delete_chats(change: &Transaction<'_>, condition: &str, value: i64) -> rusqlite::Result<usize> {
    let chats = format!("SELECT n FROM chats WHERE {condition}");
    let places = format!("SELECT w FROM messages WHERE chat IN ({chats})");
    change.execute(&format!("DELETE FROM message_words WHERE rowid IN ({places})"), [value])?;
    change.execute(&format!("DELETE FROM chat_words WHERE rowid IN ({chats})"), [value])?;
    change.execute(&format!("DELETE FROM chats WHERE {condition}"), [value])
}

fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<_> = lines.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::archive::samples::{account, chat, id, message, new, number, place};

    #[test]
    fn damaged_index_is_found_and_made_anew() {
        let (_directory, path) = place();
        assert_eq!(status(&path).expect("readable"), None);
        let mut archive = Archive::open(&path).expect("opened");
        let account = account(&mut archive);
        let said = [message("m1", "user", "đường", 5), message("m2", "assistant", "there", 6)];
        archive.store(account, &chat("c1", "t", &said), b"1", 7).expect("stored");
        let found = status(&path).expect("readable").expect("there");
        assert_eq!((found.accounts, found.chats, found.messages, found.characters), (1, 1, 2, 10));
        assert!(found.bytes > 0 && found.gone + found.waiting + found.failed == 0);
        assert_eq!(archive.check().expect("checked"), [""; 0]);
        archive
            .change(|change| change.execute("DELETE FROM message_words WHERE rowid > 0", []))
            .expect("spoiled");
        assert_eq!(archive.check().expect("checked"), ["2 messages are not in the index"]);
        archive.rebuild().expect("rebuilt");
        assert_eq!(archive.check().expect("checked"), [""; 0]);
    }

    /// Whether a byte sequence is in one of the files of the directory.
    fn is_anywhere(directory: &Path, word: &str) -> bool {
        let files = std::fs::read_dir(directory).expect("listed");
        let bytes = files.map(|file| std::fs::read(file.expect("a file").path()).expect("read"));
        bytes.into_iter().any(|bytes| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
    }

    #[test]
    fn purged_words_are_in_no_byte_of_the_files() {
        let (directory, mut archive, account) = new();
        // Enough for parts of several pages in the index.
        let filler: String = (0..3000).map(|n| format!("filler{n} ")).collect();
        for n in 0..20 {
            let mut said = message("m", "user", &format!("{filler} secretquestion{n}x"), n);
            said.thinking = Some(format!("{filler} secretthought{n}x"));
            let id = format!("c{n}");
            let title = format!("secrettitle{n}x");
            archive
                .store(account, &chat(&id, &title, &[said]), title.as_bytes(), 7)
                .expect("stored");
        }
        let mut edited = message("m", "user", "something else", 1);
        edited.thinking = Some("another thought".to_owned());
        archive.store(account, &chat("c3", "New", &[edited]), b"raw", 8).expect("stored");
        let words = |n| ["question", "thought", "title"].map(|kind| format!("secret{kind}{n}x"));
        assert!(words(7).iter().all(|word| is_anywhere(directory.path(), word)));
        assert_eq!(archive.purge(account, &[id("c7"), id("c3"), id("c99")]).expect("purged"), 2);
        for n in [7, 3] {
            for word in words(n) {
                assert!(!is_anywhere(directory.path(), &word), "{word}");
            }
        }
        assert!(words(8).iter().all(|word| is_anywhere(directory.path(), word)));
        assert_eq!(archive.check().expect("checked"), [""; 0]);
        assert_eq!(archive.purge_account(account).expect("purged"), 18);
        assert!(!is_anywhere(directory.path(), "secret"));
        assert_eq!(number(&archive, "SELECT count(*) FROM chats"), 0);
    }

    #[test]
    fn purge_that_a_reader_hinders_says_so_and_is_ended_later() {
        let (directory, mut archive, account) = new();
        archive.store(account, &chat("c1", "secretword", &[]), b"{}", 7).expect("stored");
        let reader = schema::open_to_read(&directory.path().join("archive.db"));
        let reader = reader.expect("readable").expect("there");
        reader.execute_batch("BEGIN; SELECT count(*) FROM chats").expect("reading");
        archive.read(|connection| connection.busy_timeout(Duration::ZERO)).expect("set");
        let error = archive.purge(account, &[id("c1")]).expect_err("hindered");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        reader.execute_batch("COMMIT").expect("ended");
        archive.erase().expect("erased");
        assert!(!is_anywhere(directory.path(), "secretword"));
    }
}
