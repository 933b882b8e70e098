//! The index of words.
//!
//! What this module keeps true: the index has the fold of each title and text, and nothing else; it can
//! be made anew from them.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::fold::{FOLD, index_parts, index_text};
use super::store::Archive;
use crate::domain::Result;
use crate::files::{free_space, is_one_device};

/// The tables of the index. They have no texts: `messages.w` and `chats.n` are the row numbers.
pub(super) const INDEX: &str = "
    CREATE VIRTUAL TABLE message_words USING fts5(text, parts, thoughts, content='',
        contentless_delete=1, tokenize='ascii');
    CREATE VIRTUAL TABLE chat_words USING fts5(title, content='', contentless_delete=1,
        tokenize='ascii');
";

/// How many messages are indexed in one transaction.
const REBUILT_AT_ONCE: i64 = 2000;

/// Whether the index was made with another fold, or was not finished.
pub(super) fn is_outdated(connection: &Connection) -> rusqlite::Result<bool> {
    let fold = "SELECT value FROM meta WHERE key = 'fold'";
    let fold = connection.query_row(fold, [], |row| row.get::<_, i64>(0)).optional()?;
    Ok(fold.is_some_and(|fold| fold != FOLD))
}

impl Archive {
    /// Whether the index was made with another fold, or was not finished.
    ///
    /// # Errors
    /// Those of the file.
    pub fn is_outdated(&self) -> Result<bool> {
        self.read(is_outdated)
    }

    /// Makes the index anew from the texts, in steps between which others can write. Until it is finished,
    /// the index is outdated.
    ///
    /// # Errors
    /// Those of the file.
    pub fn rebuild(&mut self) -> Result<()> {
        let (first, mut next) = self.change(|change| {
            // The index's own repair does not help after damage: it is dropped and filled again.
            change.execute_batch(&format!(
                "DROP TABLE message_words; DROP TABLE chat_words; {INDEX}
                 REPLACE INTO meta VALUES ('fold', 0)"
            ))?;
            let mut chats = change.prepare("SELECT n, title FROM chats WHERE title IS NOT NULL")?;
            let mut rows = chats.query([])?;
            while let Some(row) = rows.next()? {
                index_title(change, row.get(0)?, Some(row.get_ref(1)?.as_str()?))?;
            }
            let ends = "SELECT coalesce((SELECT min(w) FROM messages), 1),
                coalesce((SELECT max(w) FROM messages), 0)";
            change.query_row(ends, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        })?;
        // What others store meanwhile is below the first place or above the last one.
        while next >= first {
            next = self.change(|change| {
                let mut texts = change.prepare(
                    "SELECT w, text, thinking FROM messages JOIN texts ON message = n
                     WHERE w BETWEEN ?1 AND ?2 ORDER BY w DESC LIMIT ?3",
                )?;
                let mut rows = texts.query(params![first, next, REBUILT_AT_ONCE])?;
                let mut last = first;
                while let Some(row) = rows.next()? {
                    last = row.get(0)?;
                    let thinking = row.get_ref(2)?.as_str_or_null()?;
                    index_message(change, last, row.get_ref(1)?.as_str()?, thinking)?;
                }
                Ok(last - 1)
            })?;
        }
        self.merge()?;
        self.change(|change| {
            change.execute("REPLACE INTO meta VALUES ('fold', ?1)", [FOLD]).map(drop)
        })
    }

    /// Makes the file as small as it can be, after many chats were stored. It needs space for two copies for
    /// a while; without it, the file stays as it is. Returns why it does.
    ///
    /// # Errors
    /// Those of the file.
    pub fn compact(&mut self) -> Result<Option<String>> {
        self.compact_within(free_space)
    }

    /// The same, where `free` returns the free space of a directory in bytes, if it is known.
    pub(super) fn compact_within(
        &mut self,
        free: impl Fn(&Path) -> Option<u64>,
    ) -> Result<Option<String>> {
        self.merge()?;
        let fault = match self.lacking_room(free) {
            // It is only smaller and faster: another writer is no failure.
            None => {
                let done = self.read(|connection| connection.execute_batch("VACUUM"));
                done.err().map(|error| error.message().to_owned())
            }
            fault => fault,
        };
        self.read(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })?;
        Ok(fault.map(|fault| format!("the archive is not compacted: {fault}")))
    }

    /// What is too small for the copies that compacting makes: one beside the file, and one among the
    /// temporary files.
    fn lacking_room(&self, free: impl Fn(&Path) -> Option<u64>) -> Option<String> {
        let size = self.path().metadata().ok()?.len();
        let own = self.path().parent()?;
        // SQLite prefers this one.
        let usual = Path::new("/var/tmp");
        let other = Some(std::env::temp_dir()).filter(|other| other != Path::new("/tmp"));
        let other = other.unwrap_or_else(|| usual.to_owned());
        let needed = if is_one_device(own, &other) { size * 2 } else { size };
        [own, &other].into_iter().find_map(|place| {
            let free = free(place)?;
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            (free < needed).then(|| {
                let place = place.display();
                format!("{place} has {} MiB left, and it takes {} MiB", free >> 20, mib(needed))
            })
        })
    }

    /// Merges the parts of the index into one: it becomes smaller, and no longer has what was deleted from
    /// it. Others can write between the steps.
    ///
    /// # Errors
    /// Those of the file.
    pub fn merge(&mut self) -> Result<()> {
        for index in ["message_words", "chat_words"] {
            // A negative number of pages merges all parts, not only those of one size.
            let step = format!("INSERT INTO {index} ({index}, rank) VALUES ('merge', -2000)");
            loop {
                let written = self.change(|change| {
                    let before = change.total_changes();
                    change.execute(&step, [])?;
                    Ok(change.total_changes() - before)
                })?;
                // The command itself is one change.
                if written < 2 {
                    break;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn index_title(
    change: &Transaction<'_>,
    n: i64,
    title: Option<&str>,
) -> rusqlite::Result<()> {
    change.execute("DELETE FROM chat_words WHERE rowid = ?1", [n])?;
    if let Some(title) = title {
        let words = index_text(title);
        change
            .execute("INSERT INTO chat_words (rowid, title) VALUES (?1, ?2)", params![n, words])?;
    }
    Ok(())
}

pub(super) fn index_message(
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

#[cfg(test)]
mod tests {
    use super::super::samples::{chat, message, new, number, with_word};
    use super::*;

    #[test]
    fn index_of_another_fold_is_made_anew_on_request() {
        let (directory, mut archive, account) = new();
        let said = [message("m1", "user", "đường", 5), message("m2", "user", "đường", 6)];
        archive.store(account, &chat("c1", "Đà Nẵng", &said), b"1", 7).expect("stored");
        let spoil = "DELETE FROM message_words; DELETE FROM chat_words; UPDATE meta SET value = 0";
        archive.read(|connection| connection.execute_batch(spoil)).expect("spoiled");
        drop(archive);
        let mut archive = Archive::open(&directory.path().join("archive.db")).expect("opened");
        assert!(archive.is_outdated().expect("read"));
        for _ in 0..2 {
            archive.rebuild().expect("rebuilt");
            assert_eq!(with_word(&archive, "duong"), ["m2", "m1"]);
            let titles = "SELECT count(*) FROM chat_words WHERE chat_words MATCH 'nang'";
            assert_eq!(number(&archive, titles), 1);
            assert!(!archive.is_outdated().expect("read"));
        }
    }
}
