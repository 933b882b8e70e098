//! Writing a chat.
//!
//! What this module keeps true: a chat is stored in one transaction, wholly or not at all; what the
//! upstream sent is kept byte by byte, and texts and index follow from it; a text that was stored is
//! never lost, whatever the upstream sends later; a chat that was imported before the account brought it is
//! one chat with it.
//!
//! The place of a message in the index, `w`, is the order of the search: the first chats come newest
//! first and go below all others, and a chat that has changed goes above all others.

use std::collections::{HashMap, HashSet};

use rusqlite::{OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::index::{index_message, index_title};
use super::queue::{queue, retry, unqueue};
use super::raw;
use super::read::{Extra, state_name};
use super::store::{Account, Archive};
use crate::domain::{Chat, Message, MessageState, Result};

/// The place of the first message that is stored.
const FIRST_PLACE: i64 = 1 << 28;

/// Both ends of the places. One query for both would read all of them.
const ENDS: &str = "SELECT (SELECT min(w) FROM messages), (SELECT max(w) FROM messages)";

impl Archive {
    /// Stores a chat, and takes it out of the queue. `raw` is what the upstream sent.
    ///
    /// # Errors
    /// Those of the file.
    pub fn store(&mut self, account: Account, chat: &Chat, raw: &[u8], now: i64) -> Result<()> {
        let sha256: [u8; 32] = Sha256::digest(raw).into();
        self.change(|change| store(change, account, chat, (raw, sha256), now))
    }
}

pub(super) fn store(
    change: &Transaction<'_>,
    account: Account,
    chat: &Chat,
    sent: (&[u8], [u8; 32]),
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
    if known != Some(sent.1) {
        store_messages(change, (n, account), chat, said_at, now)?;
        raw::write(change, n, sent)?;
    }
    for copy in copies(change, (n, account), chat)? {
        absorb(change, n, copy, (!chat.incomplete).then_some(now))?;
        // It names texts by their place.
        raw::write(change, n, sent)?;
    }
    change.execute(
        "UPDATE chats SET incomplete = ?2, synced_at = ?3, last_message_at =
             coalesce(?4, updated_at, created_at, last_message_at),
             message_count = (SELECT count(*) FROM messages WHERE chat = ?1 AND absent_since IS NULL)
         WHERE n = ?1",
        params![n, chat.incomplete || is_answering, now, said_at],
    )?;
    if chat.incomplete || is_answering {
        // The rest may come: it is fetched again, later each time.
        queue(change, account, &chat.id, chat.updated_at)?;
        return retry(change, account, &chat.id, now);
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
             project_id = coalesce(?12, project_id), state = iif(state = 'trash', state, 'live'),
             gone_at = iif(state = 'trash', gone_at, NULL)",
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

/// The imported copies of a chat of the account: they have its id or, without an id, one of its messages.
fn copies(
    change: &Transaction<'_>,
    (n, account): (i64, Account),
    chat: &Chat,
) -> rusqlite::Result<Vec<i64>> {
    let mut find = change.prepare(
        "SELECT n, FALSE FROM chats WHERE account = ?1 AND state = 'imported' AND source_id = ?2
         UNION ALL SELECT n, TRUE FROM chats
             WHERE account = ?1 AND state = 'imported' AND source_id IS NULL AND source > ''",
    )?;
    let found =
        find.query_map(params![account.n, chat.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(i64, bool)> = found.collect::<rusqlite::Result<_>>()?;
    let ids: HashSet<&str> = chat.messages.iter().map(|message| message.id.as_str()).collect();
    let mut copies = Vec::new();
    for (copy, is_nameless) in found.into_iter().filter(|(copy, _)| *copy != n) {
        if !is_nameless || shares_message(change, copy, &ids)? {
            copies.push(copy);
        }
    }
    Ok(copies)
}

/// An id of this length is the same in two chats only if the message is.
pub(super) const UNIQUE_ID: usize = 32;

fn shares_message(
    change: &Transaction<'_>,
    chat: i64,
    ids: &HashSet<&str>,
) -> rusqlite::Result<bool> {
    let mut find = change.prepare("SELECT id FROM messages WHERE chat = ?1")?;
    let mut rows = find.query([chat])?;
    while let Some(row) = rows.next()? {
        let id = row.get_ref(0)?.as_str()?;
        if id.len() >= UNIQUE_ID && ids.contains(id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Moves what only chat `copy` has into chat `n`, and removes the copy. What chat `n` has wins; another text
/// of the same message becomes an earlier one.
pub(super) fn absorb(
    change: &Transaction<'_>,
    n: i64,
    copy: i64,
    absent_since: Option<i64>,
) -> rusqlite::Result<()> {
    let known = whole_messages(change, n)?;
    let by_id: HashMap<&str, &Whole> = known.iter().map(|m| (m.id.as_str(), m)).collect();
    let texts: HashSet<_> = known.iter().map(Whole::said).collect();
    for given in whole_messages(change, copy)? {
        let Some(own) = by_id.get(given.id.as_str()) else {
            if texts.contains(&given.said()) {
                forget(change, &given)?;
            } else {
                let sql = "UPDATE messages SET chat = ?2, absent_since = coalesce(absent_since, ?3)
                    WHERE n = ?1";
                change.execute(sql, params![given.n, n, absent_since])?;
            }
            continue;
        };
        let sql = "UPDATE revisions SET message = ?2 WHERE message = ?1";
        change.execute(sql, [given.n, own.n])?;
        if own.text != given.text && !given.text.is_empty() {
            let sql = "INSERT INTO revisions (message, text, replaced_at)
                SELECT ?1, ?2, coalesce(?3, 0) WHERE NOT EXISTS
                    (SELECT 1 FROM revisions WHERE message = ?1 AND text = ?2)";
            change.execute(sql, params![own.n, given.text, given.at])?;
        }
        if own.thinking.is_none() && given.thinking.is_some() {
            let sql = "UPDATE texts SET thinking = ?2 WHERE message = ?1";
            change.execute(sql, params![own.n, given.thinking])?;
            change.execute("DELETE FROM message_words WHERE rowid = ?1", [own.place])?;
            index_message(change, own.place, &own.text, given.thinking.as_deref())?;
        }
        forget(change, &given)?;
    }
    change.execute("DELETE FROM chat_words WHERE rowid = ?1", [copy])?;
    change.execute("DELETE FROM chats WHERE n = ?1", [copy]).map(drop)
}

/// A message of the archive with its texts.
struct Whole {
    n: i64,
    place: i64,
    id: String,
    role: String,
    at: Option<i64>,
    text: String,
    thinking: Option<String>,
}

impl Whole {
    fn said(&self) -> (&str, &str, Option<&str>) {
        (&self.role, &self.text, self.thinking.as_deref())
    }
}

fn whole_messages(change: &Transaction<'_>, chat: i64) -> rusqlite::Result<Vec<Whole>> {
    let mut find = change.prepare(
        "SELECT n, w, id, role, at, text, thinking FROM messages JOIN texts ON message = n
         WHERE chat = ?1 ORDER BY seq, n",
    )?;
    let rows = find.query_map([chat], |row| {
        let (n, place, id, role) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let (at, text, thinking) = (row.get(4)?, row.get(5)?, row.get(6)?);
        Ok(Whole { n, place, id, role, at, text, thinking })
    })?;
    rows.collect()
}

fn forget(change: &Transaction<'_>, message: &Whole) -> rusqlite::Result<()> {
    change.execute("DELETE FROM message_words WHERE rowid = ?1", [message.place])?;
    change.execute("DELETE FROM messages WHERE n = ?1", [message.n]).map(drop)
}

/// A message of the archive.
struct Known {
    n: i64,
    place: i64,
}

fn store_messages(
    change: &Transaction<'_>,
    (chat_n, account): (i64, Account),
    chat: &Chat,
    said_at: Option<i64>,
    now: i64,
) -> rusqlite::Result<()> {
    let mut known: HashMap<String, Known> = HashMap::new();
    let mut find = change.prepare("SELECT id, n, w FROM messages WHERE chat = ?1")?;
    let mut rows = find.query([chat_n])?;
    while let Some(row) = rows.next()? {
        known.insert(row.get(0)?, Known { n: row.get(1)?, place: row.get(2)? });
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
    for (_, message) in known.iter().filter(|(id, _)| !ids.contains(id.as_str())) {
        let partial = chat.incomplete;
        change.execute(
            "UPDATE messages SET absent_since = iif(?2, absent_since, coalesce(absent_since, ?3))
             WHERE n = ?1",
            params![message.n, partial, now],
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
pub(super) fn depths<'a>(messages: &[&'a Message]) -> HashMap<&'a str, usize> {
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
        change.query_row(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
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

fn store_message(
    change: &Transaction<'_>,
    (chat, seq, place): (i64, usize, i64),
    message: &Message,
    (known, now): (Option<&Known>, i64),
) -> rusqlite::Result<()> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let chars = i64::try_from(message.content.chars().count()).unwrap_or(i64::MAX);
    change.execute(
        match known {
            Some(_) => {
                "UPDATE messages SET parent_id = ?4, seq = ?5, role = ?6, model = ?7, at = ?8,
                     state = ?9, chars = ?10, absent_since = NULL
                 WHERE chat = ?1 AND w = ?2 AND id = ?3"
            }
            None => {
                "INSERT INTO messages (chat, w, id, parent_id, seq, role, model, at, state, chars)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            }
        },
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
        ],
    )?;
    let n = known.map_or_else(|| change.last_insert_rowid(), |known| known.n);
    change.execute(
        "INSERT INTO revisions (message, text, replaced_at)
         SELECT message, text, ?2 FROM texts WHERE message = ?1 AND text <> ?3 AND text <> ''",
        params![n, now, message.content],
    )?;
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

#[cfg(test)]
mod tests {
    use super::super::read::State;
    use super::super::record::{Imported, Incoming, Record};
    use super::super::samples::{chat, id, message, new, number, row, with_word};
    use super::super::upkeep::check;
    use super::*;

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
        assert_eq!((stored.state, stored.chat.messages.len()), (State::Gone, 2));
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
    fn chat_that_is_not_complete_is_fetched_again_later_each_time() {
        let (_directory, mut archive, account) = new();
        let mut open = chat("c1", "t", &[message("m1", "assistant", "so far", 5)]);
        open.messages[0].state = MessageState::InProgress;
        archive.store(account, &open, b"1", 100).expect("stored");
        assert_eq!(archive.due(account, 159).expect("read"), []);
        assert_eq!(archive.due(account, 160).expect("read"), [id("c1")]);
        open.messages[0].state = MessageState::Done;
        open.incomplete = true;
        for (at, wait) in [(200, 240), (1000, 960), (1_000_000, 3840)] {
            archive.listed(account, &[row("c1", "t", 5)]).expect("taken");
            archive.store(account, &open, b"1", at).expect("stored");
            assert_eq!(archive.due(account, at + wait - 1).expect("read"), []);
            assert_eq!(archive.due(account, at + wait).expect("read"), [id("c1")]);
        }
        assert_eq!(with_word(&archive, "so"), ["m1"]);
    }

    #[test]
    fn imported_copy_of_a_chat_is_one_with_it_whichever_comes_first() {
        const QUESTION: &str = "0c5f7a52-1111-4222-8333-944445555666";
        let said = [
            message(QUESTION, "user", "first question", 5),
            message("m2", "assistant", "old answer", 6),
            message("m3", "user", "only in the file", 7),
        ];
        let mut thoughtful = said.clone();
        thoughtful[1].thinking = Some("secret thought".to_owned());
        let now = [
            said[0].clone(),
            message("m2", "assistant", "new answer", 6),
            message("m4", "user", "later", 9),
        ];
        let import = |archive: &mut Archive, account, source_id: Option<&str>, format: &str| {
            let mut record = Record::new(chat("imp-1", "t", &thoughtful), None);
            record.chat.id = id(&format!("imp-{format}1"));
            record.source = Some(format.to_owned());
            record.source_id = source_id.map(str::to_owned);
            let chats = [Incoming { record, given: format.as_bytes().to_vec() }];
            archive.import(account, &chats, 8, false).expect("imported")[0]
        };
        for source_id in [Some("c1"), None] {
            for import_first in [true, false] {
                let (directory, mut archive, account) = new();
                archive.listed(account, &[row("c1", "t", 9)]).expect("listed");
                if import_first {
                    assert_eq!(import(&mut archive, account, source_id, "qwen"), Imported::Made);
                    assert_eq!(
                        import(&mut archive, account, source_id, "json"),
                        Imported::Unchanged
                    );
                }
                archive.store(account, &chat("c1", "t", &now), b"synced", 10).expect("stored");
                let expected = if import_first { Imported::Unchanged } else { Imported::Changed };
                assert_eq!(import(&mut archive, account, source_id, "qwen"), expected);
                assert_eq!(import(&mut archive, account, source_id, "json"), Imported::Unchanged);
                assert_eq!(number(&archive, "SELECT count(*) FROM chats"), 1);
                let sql = "SELECT count(*) FROM chats WHERE id = 'c1' AND state = 'live' AND message_count = 3";
                assert_eq!(number(&archive, sql), 1);
                for (word, ids) in [
                    ("first", &[QUESTION][..]),
                    ("new", &["m2"]),
                    ("old", &[]),
                    ("only", &["m3"]),
                    ("thought", &["m2"]),
                    ("later", &["m4"]),
                ] {
                    assert_eq!(
                        with_word(&archive, word),
                        ids,
                        "{word} {source_id:?} {import_first}"
                    );
                }
                let sql = "SELECT count(*) FROM revisions WHERE text = 'old answer'";
                assert_eq!(number(&archive, sql), 1);
                let raw = archive.raw(account, &id("c1")).expect("read");
                assert_eq!(raw.as_deref(), Some(&b"synced"[..]));
                let faults = check(&directory.path().join("archive.db")).expect("read");
                assert_eq!(faults, Some(Vec::new()));
                // The next synchronization changes nothing.
                archive.store(account, &chat("c1", "t", &now), b"more", 11).expect("stored");
                assert_eq!(with_word(&archive, "only"), ["m3"]);
                assert_eq!(number(&archive, "SELECT count(*) FROM messages"), 4);
            }
        }
    }
}
