//! The upkeep of the archive: its size and state, a check, and a new index.

use std::path::Path;

use rusqlite::{Connection, Row};

use super::schema;
use super::store::Archive;
use crate::domain::Result;

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

fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<_> = lines.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::samples::{account, chat, message, place};

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
}
