//! Reading chats back.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::store::{Account, AccountHash, Archive};
use super::{raw, schema};
use crate::domain::{
    Chat, ChatId, ChatSummary, Citation, Error, Message, MessageError, MessageFile, MessageState,
    Result, Role,
};

/// Where a chat of the archive is besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The account has it.
    Live,
    /// The account has it no longer.
    Gone,
    /// It was imported: the account never had it.
    Imported,
}

impl State {
    /// The state with this name in the database.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "live" => Self::Live,
            "imported" => Self::Imported,
            _ => Self::Gone,
        }
    }

    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Gone => "gone",
            Self::Imported => "imported",
        }
    }
}

/// A chat of the archive.
pub struct Stored {
    /// The chat.
    pub chat: Chat,
    /// Where it is besides.
    pub state: State,
    /// When it was fetched, in seconds since 1970.
    pub synced_at: Option<i64>,
}

impl Archive {
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
        self.read(|connection| {
            let sql = "SELECT n FROM chats WHERE account = ?1 AND id = ?2";
            let found =
                connection.query_row(sql, params![account.n, id.as_str()], |row| row.get(0));
            found.optional()?.map_or(Ok(None), |n| raw::read(connection, n))
        })
    }
}

/// The chat whose id begins with `id`, in the archive at `path`: of one account, or of any. `None` if there
/// is none.
///
/// # Errors
/// Those of the file; [`crate::domain::ErrorKind::InvalidRequest`] for several ids with this beginning.
pub fn find(path: &Path, hash: Option<&AccountHash>, id: &str) -> Result<Option<Stored>> {
    find_with(path, hash, id, read_chat)
}

/// Picks the messages of a chat whose texts are needed, by the lengths of all texts in characters.
pub type Pick<'a> = &'a dyn Fn(&Chat, &HashMap<String, usize>) -> HashSet<String>;

/// As [`find`], with the texts of those messages only that `pick` names.
///
/// # Errors
/// Those of [`find`].
pub fn find_part(
    path: &Path,
    hash: Option<&AccountHash>,
    id: &str,
    pick: Pick<'_>,
) -> Result<Option<Stored>> {
    find_with(path, hash, id, |connection, account, id| read_part(connection, account, id, pick))
}

fn find_with(
    path: &Path,
    hash: Option<&AccountHash>,
    id: &str,
    read_chat: impl Fn(&Connection, i64, &ChatId) -> rusqlite::Result<Option<Stored>>,
) -> Result<Option<Stored>> {
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

/// The chats of the archive at `path` that were fetched, newest first: of one account, or of all, and only
/// those that the upstream still has, or all. `None` if there is no archive.
///
/// # Errors
/// Those of the file.
pub fn rows(
    path: &Path,
    hash: Option<&AccountHash>,
    (is_live, since): (bool, Option<i64>),
) -> Result<Option<Vec<ChatSummary>>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
    let read = || {
        let mut find = connection.prepare(
            "SELECT id, title, c.created_at, coalesce(listed_at, updated_at), pinned, archived, chat_type,
                 project_id
             FROM chats c JOIN accounts a ON a.n = account
             WHERE synced_at IS NOT NULL AND (?1 IS NULL OR hash = ?1)
                 AND (?2 IS NULL OR last_message_at >= ?2) AND (state = 'live' OR NOT ?3)
             ORDER BY 4 DESC, c.n",
        )?;
        let rows =
            find.query_map(params![hash.map(AccountHash::bytes), since, is_live], |row| {
                let Ok(id) = row.get_ref(0)?.as_str()?.parse() else { return Ok(None) };
                Ok(Some(ChatSummary {
                    id,
                    title: row.get(1)?,
                    created_at: row.get(2)?,
                    updated_at: row.get(3)?,
                    pinned: row.get(4)?,
                    archived: row.get(5)?,
                    chat_type: row.get(6)?,
                    project_id: row.get(7)?,
                }))
            })?;
        rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<Vec<_>>>()
    };
    read().map(Some).map_err(|fault| schema::fault_of(path, &fault))
}

fn read_chat(
    connection: &Connection,
    account: i64,
    id: &ChatId,
) -> rusqlite::Result<Option<Stored>> {
    let Some((n, mut stored)) = read_head(connection, account, id)? else { return Ok(None) };
    let mut find = connection.prepare(
        "SELECT id, parent_id, role, model, at, state, text, thinking, extra
         FROM messages JOIN texts ON message = n WHERE chat = ?1 ORDER BY seq, n",
    )?;
    let messages = find.query_map([n], message_of)?;
    stored.chat.messages = messages.collect::<rusqlite::Result<_>>()?;
    Ok(Some(stored))
}

fn read_part(
    connection: &Connection,
    account: i64,
    id: &ChatId,
    pick: Pick<'_>,
) -> rusqlite::Result<Option<Stored>> {
    let Some((n, mut stored)) = read_head(connection, account, id)? else { return Ok(None) };
    let mut find = connection.prepare(
        "SELECT id, parent_id, role, model, at, state, '', NULL, NULL, chars, n
         FROM messages WHERE chat = ?1 ORDER BY seq, n",
    )?;
    let (mut lengths, mut places) = (HashMap::new(), Vec::new());
    let mut rows = find.query([n])?;
    while let Some(row) = rows.next()? {
        let message = message_of(row)?;
        let length = usize::try_from(row.get::<_, i64>(9)?).unwrap_or_default();
        lengths.insert(message.id.clone(), length);
        places.push(row.get::<_, i64>(10)?);
        stored.chat.messages.push(message);
    }
    let wanted = pick(&stored.chat, &lengths);
    let mut find = connection.prepare(
        "SELECT id, parent_id, role, model, at, state, text, thinking, extra
         FROM messages JOIN texts ON message = n WHERE n = ?1",
    )?;
    for (message, place) in stored.chat.messages.iter_mut().zip(places) {
        if wanted.contains(&message.id) {
            *message = find.query_row([place], message_of)?;
        }
    }
    Ok(Some(stored))
}

/// The chat without its messages, and its number.
fn read_head(
    connection: &Connection,
    account: i64,
    id: &ChatId,
) -> rusqlite::Result<Option<(i64, Stored)>> {
    connection
        .query_row(
            "SELECT n, title, model, created_at, updated_at, pinned, current_id, incomplete,
                 state, synced_at, archived, project_id
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
                let state = State::of(row.get_ref(8)?.as_str()?);
                Ok((n, Stored { chat, state, synced_at: row.get(9)? }))
            },
        )
        .optional()
}

pub(super) fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    let extra = row.get_ref(8)?.as_str_or_null()?;
    let extra: Extra = extra.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let has_error = extra.error.is_some() || extra.error_code.is_some();
    Ok(Message {
        id: row.get(0)?,
        parent_id: row.get(1)?,
        role: role_of(row.get_ref(2)?.as_str()?),
        content: row.get(6)?,
        thinking: row.get(7)?,
        citations: extra.citations,
        images: extra.images,
        files: extra.files,
        model: row.get(3)?,
        timestamp: row.get(4)?,
        state: state_of(row.get_ref(5)?.as_str()?),
        error: has_error.then_some(MessageError { code: extra.error_code, details: extra.error }),
    })
}

/// The role with this name.
pub(super) fn role_of(name: &str) -> Role {
    match name {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => Role::Other(other.to_owned()),
    }
}

pub(super) fn state_of(name: &str) -> MessageState {
    match name {
        "in_progress" => MessageState::InProgress,
        "stopped" => MessageState::Stopped,
        "failed" => MessageState::Failed,
        _ => MessageState::Done,
    }
}

pub(super) fn state_name(state: MessageState) -> &'static str {
    match state {
        MessageState::Done => "done",
        MessageState::InProgress => "in_progress",
        MessageState::Stopped => "stopped",
        MessageState::Failed => "failed",
    }
}

/// What belongs to a message besides its texts.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<Citation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<MessageFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Extra {
    pub(super) fn of(message: &Message) -> Option<String> {
        let error = message.error.clone().unwrap_or_default();
        let extra = Self {
            citations: message.citations.clone(),
            images: message.images.clone(),
            files: message.files.clone(),
            error_code: error.code,
            error: error.details,
        };
        serde_json::to_string(&extra).ok().filter(|json| json != "{}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{chat, hash, id, message, new};
    use super::*;
    use crate::domain::ErrorKind;

    #[test]
    fn chat_is_read_back_as_it_was_stored() {
        let (directory, mut archive, account) = new();
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
        assert_eq!((stored.chat, stored.state, stored.synced_at), (whole, State::Live, Some(7)));
        assert_eq!(archive.raw(account, &id("c1")).expect("readable"), Some(raw));
        assert!(archive.chat(account, &id("c2")).expect("readable").is_none());
        archive.store(account, &chat("c12", "t", &[]), b"1", 7).expect("stored");
        let title = |begins: &str| {
            let found = find(&directory.path().join("archive.db"), Some(&hash()), begins);
            found.map(|stored| stored.and_then(|stored| stored.chat.title))
        };
        assert_eq!(title("c12").ok().flatten().as_deref(), Some("t"));
        assert_eq!(title("c3").ok(), Some(None));
        assert_eq!(title("c%").ok(), Some(None));
        assert_eq!(title("c").expect_err("ambiguous").kind(), ErrorKind::InvalidRequest);
    }
}
