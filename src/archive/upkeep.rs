//! The upkeep of the archive: its size and state, a check, and the removal of chats.
//!
//! What this module keeps true: what is purged is in no byte of the files.

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::index::is_outdated;
use super::schema;
use super::store::{Account, Archive};
use crate::domain::{ChatId, Error, ErrorKind, Result};
use crate::files::open_private;

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

    /// Deletes the chats of an account that last changed before a time in seconds since 1970, as
    /// [`Archive::purge`] does; returns how many there were. Those in the trash have a time of their own,
    /// and the copy of a chat that is being deleted is kept.
    ///
    /// # Errors
    /// Those of [`Archive::purge`].
    pub fn purge_older(&mut self, account: Account, oldest: i64) -> Result<usize> {
        let ids = self.read(|connection| {
            let mut find = connection.prepare(
                "SELECT id FROM chats c WHERE account = ?1 AND state IN ('live', 'gone')
                     AND max(last_message_at, coalesce(updated_at, last_message_at)) < ?2
                     AND NOT EXISTS (SELECT 1 FROM trash t WHERE t.account = c.account
                         AND t.chat_id = c.id AND t.state IN ('asked', 'pending', 'deleting'))",
            )?;
            let rows = find.query_map(params![account.n, oldest], |row| row.get::<_, String>(0))?;
            rows.filter_map(|id| id.map(|id| id.parse().ok()).transpose())
                .collect::<rusqlite::Result<Vec<ChatId>>>()
        })?;
        if ids.is_empty() { Ok(0) } else { self.purge(account, &ids) }
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

    /// Writes a copy of the archive to a new file, which only its owner can read.
    ///
    /// # Errors
    /// If the file exists or cannot be written; then none is left.
    pub fn back_up(&self, target: &Path) -> Result<()> {
        let shown = target.display();
        let unusable = |fault: &dyn std::fmt::Display| {
            Error::invalid(format!("cannot write the backup {shown}: {fault}"))
        };
        let mut options = OpenOptions::new();
        let created = open_private(options.write(true).create_new(true), target);
        let file = created.map_err(|fault| match fault.kind() {
            std::io::ErrorKind::AlreadyExists => Error::invalid(format!("`{shown}` exists"))
                .with_hint("name a new file; a backup overwrites nothing"),
            _ => unusable(&fault),
        })?;
        let copy = || {
            let name = target.to_str().ok_or_else(|| unusable(&"its name is not UTF-8"))?;
            let copied = self.read(|connection| connection.execute("VACUUM INTO ?1", [name]));
            copied.map_err(|error| unusable(&error.message()))?;
            file.sync_all().map_err(|fault| unusable(&fault))
        };
        copy().inspect_err(|_| drop(std::fs::remove_file(target)))
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
}

/// What is wrong with the archive at `path` and its index: nothing is changed. `None` if there is none.
///
/// # Errors
/// If it cannot be read at all.
pub fn check(path: &Path) -> Result<Option<Vec<String>>> {
    let Some(connection) = schema::open_as_it_is(path)? else { return Ok(None) };
    let counted = |sql: &str, what: &str| -> rusqlite::Result<Option<String>> {
        let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok((count > 0).then(|| format!("{count} {what}")))
    };
    let run = || -> rusqlite::Result<_> {
        // It checks the inner order of the index, too.
        let mut faults = integrity(&connection)?;
        if is_outdated(&connection)? {
            faults.push("the index was made by another version of qwenctl".to_owned());
        }
        let missing = "SELECT count(*) FROM messages
            WHERE w NOT IN (SELECT id FROM message_words_docsize)";
        faults.extend(counted(missing, "messages are not in the index")?);
        let extra = "SELECT count(*) FROM message_words_docsize
            WHERE id NOT IN (SELECT w FROM messages)";
        faults.extend(counted(extra, "entries of the index have no message")?);
        let lost = "SELECT count(*) FROM messages WHERE n NOT IN (SELECT message FROM texts)";
        faults.extend(counted(lost, "messages have no text")?);
        Ok(faults)
    };
    run().map(Some).map_err(|fault| schema::fault_of(path, &fault))
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
        assert_eq!(checked(&path), [""; 0]);
        archive
            .change(|change| change.execute("DELETE FROM message_words WHERE rowid > 0", []))
            .expect("spoiled");
        assert_eq!(checked(&path), ["2 messages are not in the index"]);
        archive.rebuild().expect("rebuilt");
        assert_eq!(checked(&path), [""; 0]);
    }

    fn checked(path: &Path) -> Vec<String> {
        check(path).expect("readable").expect("there")
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
        let path = directory.path().join("archive.db");
        // Enough for parts of several pages in the index.
        let filler: String = (0..3000).map(|n| format!("filler{n} ")).collect::<Vec<_>>().concat();
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
        assert_eq!(checked(&path), [""; 0]);
        assert_eq!(archive.purge_account(account).expect("purged"), 18);
        assert!(!is_anywhere(directory.path(), "secret"));
        assert_eq!(number(&archive, "SELECT count(*) FROM chats"), 0);
    }

    #[test]
    fn compact_archive_is_smaller_and_has_the_same_chats() {
        let (directory, mut archive, account) = new();
        for n in 0..60_i64 {
            let words: String =
                (0..200).map(|word| format!("w{}x{n} ", word * n)).collect::<Vec<_>>().concat();
            let said = [message("m", "user", &words, 1000 - n)];
            archive.store(account, &chat(&format!("c{n}"), "t", &said), b"{}", 7).expect("stored");
        }
        let pages = |archive: &Archive| number(archive, "PRAGMA page_count");
        let before = pages(&archive);
        let fault = archive.compact_within(|_| Some(0)).expect("merged");
        assert!(fault.is_some_and(|fault| fault.contains("has 0 MiB left, and it takes ")));
        assert!(number(&archive, "PRAGMA freelist_count") > 0, "compacted without space");
        assert_eq!(archive.compact().expect("compacted"), None);
        assert!(pages(&archive) < before, "{before}");
        assert_eq!(number(&archive, "PRAGMA freelist_count"), 0);
        assert_eq!(checked(&directory.path().join("archive.db")), [""; 0]);
        assert_eq!(number(&archive, "SELECT count(*) FROM messages"), 60);
    }

    #[test]
    fn old_chats_are_purged() {
        let (directory, mut archive, account) = new();
        for (name, at) in [("c1", 10), ("c2", 20), ("c3", 30)] {
            let said = [message("m", "user", &format!("word{name}"), at)];
            archive.store(account, &chat(name, "t", &said), b"{}", 40).expect("stored");
        }
        for (oldest, purged) in [(10, 0), (30, 2), (30, 0)] {
            assert_eq!(archive.purge_older(account, oldest).expect("purged"), purged, "{oldest}");
        }
        assert!(!is_anywhere(directory.path(), "wordc2"));
        assert!(is_anywhere(directory.path(), "wordc3"));
    }

    #[test]
    fn full_disk_is_an_error_and_leaves_the_archive_sound() {
        let (directory, mut archive, account) = new();
        archive.store(account, &chat("c1", "t", &[]), b"{}", 7).expect("stored");
        let pages = number(&archive, "PRAGMA page_count");
        let (mut stored, steps) = (1, 24);
        for extra in 0..steps {
            let limit = |connection: &Connection| {
                connection.query_row(
                    &format!("PRAGMA max_page_count = {}", pages + extra),
                    [],
                    |_| Ok(()),
                )
            };
            archive.read(limit).expect("set");
            let words: String =
                (0..400).map(|n| format!("word{extra}x{n} ")).collect::<Vec<_>>().concat();
            let said = [message("m1", "user", &words, 5)];
            match archive.store(account, &chat(&format!("c{extra}x"), "t", &said), b"{}", 8) {
                Ok(()) => stored += 1,
                Err(error) => assert!(error.message().contains("no space left"), "{error}"),
            }
            assert_eq!(checked(&directory.path().join("archive.db")), [""; 0]);
            let chats = number(&archive, "SELECT count(*) FROM chats WHERE synced_at IS NOT NULL");
            assert_eq!(chats, stored);
        }
        assert!(stored > 1 && stored < 1 + steps, "{stored}");
    }

    #[test]
    fn backup_is_a_private_archive_that_overwrites_nothing() {
        let (directory, mut archive, account) = new();
        archive.store(account, &chat("c1", "Huế", &[]), b"{}", 7).expect("stored");
        let target = directory.path().join("copy.db");
        archive.back_up(&target).expect("written");
        let copy = Archive::open(&target).expect("an archive, which is private");
        assert_eq!(number(&copy, "SELECT count(*) FROM chats WHERE title = 'Huế'"), 1);
        assert_eq!(checked(&target), [""; 0]);
        let before = std::fs::read(&target).expect("read");
        assert!(archive.back_up(&target).expect_err("refused").message().contains("exists"));
        assert!(std::fs::read(&target).expect("read") == before);
        let nowhere = directory.path().join("none/copy.db");
        assert!(archive.back_up(&nowhere).expect_err("refused").message().contains("cannot write"));
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
