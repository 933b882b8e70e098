//! Chats for the tests of the archive.

use std::path::PathBuf;

use super::store::{Account, AccountHash, Archive};
use crate::domain::{Chat, ChatId, ChatSummary, Message, MessageState, Role};

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
        files: Vec::new(),
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

pub(crate) fn new() -> (tempfile::TempDir, Archive, Account) {
    let (directory, path) = place();
    let mut archive = Archive::open(&path).expect("opened");
    let account = account(&mut archive);
    (directory, archive, account)
}

pub(crate) fn id(text: &str) -> ChatId {
    text.parse().expect("an id")
}

/// The messages with this word in the index, in the order of the search.
pub(crate) fn with_word(archive: &Archive, word: &str) -> Vec<String> {
    let sql = "SELECT m.id FROM message_words f JOIN messages m ON m.w = f.rowid
        WHERE message_words MATCH ?1 ORDER BY f.rowid DESC";
    let rows = archive.read(|connection| {
        let mut find = connection.prepare(sql)?;
        find.query_map([word], |row| row.get(0))?.collect()
    });
    rows.expect("read")
}

pub(crate) fn number(archive: &Archive, sql: &str) -> i64 {
    archive.read(|connection| connection.query_row(sql, [], |row| row.get(0))).expect(sql)
}
