//! The index of words.
//!
//! What this module keeps true: the index has the fold of each title and text, and nothing else; it can
//! be made anew from them.

use rusqlite::{Transaction, params};

use super::fold::{FOLD, index_parts, index_text};
use super::store::Archive;
use crate::domain::Result;

impl Archive {
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
    fn index_of_another_fold_is_made_anew() {
        let (directory, mut archive, account) = new();
        let said = [message("m1", "user", "đường", 5)];
        archive.store(account, &chat("c1", "Đà Nẵng", &said), b"1", 7).expect("stored");
        let spoil = "DELETE FROM message_words; DELETE FROM chat_words; UPDATE meta SET value = 0";
        archive.read(|connection| connection.execute_batch(spoil)).expect("spoiled");
        let path = directory.path().join("archive.db");
        drop(archive);
        let mut archive = Archive::open(&path).expect("opened");
        assert_eq!(with_word(&archive, "duong"), ["m1"]);
        archive.rebuild().expect("rebuilt");
        assert_eq!(
            number(&archive, "SELECT count(*) FROM chat_words WHERE chat_words MATCH 'nang'"),
            1
        );
    }
}
