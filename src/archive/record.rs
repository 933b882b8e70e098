//! Chats with everything that the archive knows about them: as they leave it, and as they come into it.
//!
//! What this module keeps true: a record that is written as a line and read again is the same; an import
//! never replaces a chat that came from the account, and the same import changes nothing the second time.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::queue::unqueue;
use super::read::{message_of, role_of, state_name, state_of};
use super::search::{Owner, SearchRequest, chats_with, owner_hash};
use super::store::{Account, AccountHash, Archive};
use super::write::{UNIQUE_ID, absorb, store};
use super::{raw, schema};
use crate::domain::{
    Chat, ChatId, Citation, Error, Message, MessageError, MessageFile, MessageState, Result,
};

/// Marks a line of our own format.
pub const SCHEMA: &str = "qwenctl.chat/1";

/// Where chats are on the web.
const SITE: &str = "https://chat.qwen.ai/";

/// A chat with everything that is known about it. Without `Debug`: it holds texts.
#[derive(Clone, PartialEq)]
pub struct Record {
    /// The chat with all of its branches.
    pub chat: Chat,
    /// What it was created for.
    pub chat_type: Option<String>,
    /// When the account no longer had it, in seconds since 1970.
    pub gone_at: Option<i64>,
    /// When it was fetched, in seconds since 1970.
    pub synced_at: Option<i64>,
    /// The format that it was imported from.
    pub source: Option<String>,
    /// Its id there.
    pub source_id: Option<String>,
    /// Its address on the web.
    pub url: Option<String>,
    /// What is known about messages besides their content, by their ids.
    pub notes: HashMap<String, Note>,
    /// What the upstream or the import gave.
    pub raw: Option<Vec<u8>>,
}

/// What is known about a message besides its content.
#[derive(Clone, Default, PartialEq)]
pub struct Note {
    /// When the account no longer had it, in seconds since 1970.
    pub absent_since: Option<i64>,
    /// Content of an import that a message has no place for.
    pub other: Option<Value>,
    /// Earlier texts, and when they were replaced.
    pub revisions: Vec<Revision>,
}

/// An earlier text of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The text.
    pub text: String,
    /// When it was replaced, in seconds since 1970.
    pub replaced_at: i64,
}

impl Record {
    /// A chat of which nothing else is known. `raw` is what the upstream sent.
    pub fn new(chat: Chat, raw: Option<Vec<u8>>) -> Self {
        Self {
            chat,
            chat_type: None,
            gone_at: None,
            synced_at: None,
            source: None,
            source_id: None,
            url: None,
            notes: HashMap::new(),
            raw,
        }
    }

    /// Sets the address on the web of a chat of this upstream, if it has one.
    pub fn set_site(&mut self, upstream: &str) {
        let is_on_the_web = upstream.starts_with(SITE);
        self.url = is_on_the_web.then(|| format!("{SITE}c/{}", self.chat.id));
    }

    /// The record as a JSON document in one line, without a line break.
    ///
    /// # Errors
    /// Does not fail for a record.
    pub fn line(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Line::from(self))
    }

    /// Reads a line. Members that are not known are ignored.
    ///
    /// # Errors
    /// If it is not one.
    pub fn parse(line: &Value) -> serde_json::Result<Self> {
        Line::deserialize(line).map(Self::from)
    }

    /// Puts the messages in order: by their time, and after the ones that they follow.
    fn sort(&mut self) {
        let messages: Vec<_> = self.chat.messages.iter().collect();
        let depths: HashMap<String, usize> = super::write::depths(&messages)
            .into_iter()
            .map(|(id, depth)| (id.to_owned(), depth))
            .collect();
        self.chat.messages.sort_by_key(|message| (message.timestamp, depths.get(&message.id)));
    }
}

/// A record as it is written.
#[derive(Serialize, Deserialize)]
struct Line {
    schema: String,
    id: ChatId,
    title: Option<String>,
    model: Option<String>,
    chat_type: Option<String>,
    project_id: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    incomplete: bool,
    current_id: Option<String>,
    gone_at: Option<i64>,
    synced_at: Option<i64>,
    source: Option<String>,
    source_id: Option<String>,
    messages: Vec<MessageLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    /// The same if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
}

/// A message as it is written, also in the documents of the REST API.
#[derive(Serialize, Deserialize)]
struct MessageLine {
    id: String,
    parent_id: Option<String>,
    role: String,
    #[serde(default)]
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    citations: Vec<Citation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<MessageFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent_since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revisions: Vec<Revision>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ErrorLine {
    Parts {
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<String>,
    },
    /// As the REST API has it.
    Words(String),
}

impl From<&Record> for Line {
    fn from(record: &Record) -> Self {
        let Record { chat, chat_type, notes, .. } = record;
        let (raw, raw_base64) = match record.raw.as_deref().map(|raw| (raw, str::from_utf8(raw))) {
            None => (None, None),
            Some((_, Ok(text))) => (Some(text.to_owned()), None),
            Some((raw, Err(_))) => (None, Some(STANDARD.encode(raw))),
        };
        let message = |message: &Message| {
            let note = notes.get(&message.id).cloned().unwrap_or_default();
            MessageLine {
                id: message.id.clone(),
                parent_id: message.parent_id.clone(),
                role: message.role.as_str().to_owned(),
                content: message.content.clone(),
                thinking: message.thinking.clone(),
                citations: message.citations.clone(),
                images: message.images.clone(),
                files: message.files.clone(),
                model: message.model.clone(),
                timestamp: message.timestamp,
                state: (message.state != MessageState::Done)
                    .then(|| state_name(message.state).to_owned()),
                error: message
                    .error
                    .clone()
                    .map(|error| ErrorLine::Parts { code: error.code, details: error.details }),
                absent_since: note.absent_since,
                other: note.other,
                revisions: note.revisions,
            }
        };
        Self {
            schema: SCHEMA.to_owned(),
            id: chat.id.clone(),
            title: chat.title.clone(),
            model: chat.model.clone(),
            chat_type: chat_type.clone(),
            project_id: chat.project_id.clone(),
            created_at: chat.created_at,
            updated_at: chat.updated_at,
            pinned: chat.pinned,
            archived: chat.archived,
            incomplete: chat.incomplete,
            current_id: chat.current_id.clone(),
            gone_at: record.gone_at,
            synced_at: record.synced_at,
            source: record.source.clone(),
            source_id: record.source_id.clone(),
            messages: chat.messages.iter().map(message).collect(),
            raw,
            raw_base64,
        }
    }
}

impl From<Line> for Record {
    fn from(line: Line) -> Self {
        let raw = match (line.raw, line.raw_base64) {
            (Some(text), _) => Some(text.into_bytes()),
            (None, coded) => coded.and_then(|coded| STANDARD.decode(coded).ok()),
        };
        let mut notes = HashMap::new();
        let messages = line.messages.into_iter().map(|message| {
            let note = Note {
                absent_since: message.absent_since,
                other: message.other,
                revisions: message.revisions,
            };
            if note != Note::default() {
                notes.insert(message.id.clone(), note);
            }
            Message {
                role: role_of(&message.role),
                id: message.id,
                parent_id: message.parent_id,
                content: message.content,
                thinking: message.thinking,
                citations: message.citations,
                images: message.images,
                files: message.files,
                model: message.model,
                timestamp: message.timestamp,
                state: message.state.as_deref().map_or(MessageState::Done, state_of),
                error: message.error.map(|error| match error {
                    ErrorLine::Parts { code, details } => MessageError { code, details },
                    ErrorLine::Words(words) => MessageError { code: None, details: Some(words) },
                }),
            }
        });
        Self {
            chat: Chat {
                messages: messages.collect(),
                id: line.id,
                title: line.title,
                model: line.model,
                created_at: line.created_at,
                updated_at: line.updated_at,
                pinned: line.pinned,
                archived: line.archived,
                project_id: line.project_id,
                current_id: line.current_id,
                current_reply_ids: Vec::new(),
                incomplete: line.incomplete,
            },
            chat_type: line.chat_type,
            gone_at: line.gone_at,
            synced_at: line.synced_at,
            source: line.source,
            source_id: line.source_id,
            url: None,
            notes,
            raw,
        }
    }
}

/// Which chats to read.
#[derive(Default)]
pub struct Selection {
    /// With a last message at or after this time, in seconds since 1970.
    pub since: Option<i64>,
    /// With a last message before this time.
    pub until: Option<i64>,
    /// In which this is found.
    pub matching: Option<SearchRequest>,
}

/// A chat of the archive, by its number there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    n: i64,
    /// Its id.
    pub id: ChatId,
}

/// The archive, open to read whole chats one after another.
pub struct Reader {
    path: PathBuf,
    connection: Connection,
}

impl Reader {
    /// Opens the archive at `path`; `None` if there is none.
    ///
    /// # Errors
    /// Those of the file.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        let connection = schema::open_to_read(path)?;
        Ok(connection.map(|connection| Self { path: path.to_owned(), connection }))
    }

    fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.connection).map_err(|fault| schema::fault_of(&self.path, &fault))
    }

    /// The selected chats of `owner`, those with the newest message first.
    ///
    /// # Errors
    /// Those of the file; [`crate::domain::ErrorKind::InvalidRequest`] if it is not clear whose chats.
    pub fn select(&self, owner: Owner, selection: &Selection) -> Result<Vec<Place>> {
        let hash = owner_hash(&self.path, &self.connection, owner)?;
        let hash = hash.as_ref().map(AccountHash::bytes);
        let matching = selection.matching.as_ref();
        let matching = matching.map(|request| chats_with(&self.path, request)).transpose()?;
        let places = self.run(|connection| {
            let mut find = connection.prepare(
                "SELECT c.n, c.id FROM chats c JOIN accounts a ON a.n = c.account
                 WHERE synced_at IS NOT NULL AND (?1 IS NULL OR a.hash = ?1)
                     AND (?2 IS NULL OR last_message_at >= ?2)
                     AND (?3 IS NULL OR last_message_at < ?3)
                 ORDER BY last_message_at DESC, c.id",
            )?;
            let rows = find.query_map(params![hash, selection.since, selection.until], place)?;
            rows.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let is_wanted =
            |place: &Place| matching.as_ref().is_none_or(|found| found.contains(&place.n));
        Ok(places.into_iter().filter(is_wanted).collect())
    }

    /// The chat of `owner` whose id begins like this.
    ///
    /// # Errors
    /// Those of the file; [`crate::domain::ErrorKind::InvalidRequest`] if there are several.
    pub fn named(&self, owner: Owner, id: &str) -> Result<Option<Place>> {
        let hash = owner_hash(&self.path, &self.connection, owner)?;
        let hash = hash.as_ref().map(AccountHash::bytes);
        let mut found = self.run(|connection| {
            let mut find = connection.prepare(
                "SELECT c.n, c.id FROM chats c JOIN accounts a ON a.n = c.account
                 WHERE synced_at IS NOT NULL AND (?1 IS NULL OR a.hash = ?1)
                     AND substr(c.id, 1, length(?2)) = ?2 ORDER BY c.id <> ?2 LIMIT 2",
            )?;
            let rows = find.query_map(params![hash, id], place)?;
            rows.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        if found.first().is_some_and(|place| place.id.as_str() == id) {
            found.truncate(1);
        }
        match (found.pop(), found.is_empty()) {
            (found, true) => Ok(found),
            _ => Err(Error::invalid(format!("several ids of archived chats begin with `{id}`"))),
        }
    }

    /// Everything about a chat; `None` if it is no longer there.
    ///
    /// # Errors
    /// Those of the file.
    pub fn record(&self, place: &Place, with_raw: bool) -> Result<Option<Record>> {
        self.run(|connection| read(connection, place.n, with_raw))
    }
}

/// `None` for a chat without a usable id.
fn place(row: &Row<'_>) -> rusqlite::Result<Option<Place>> {
    let n = row.get(0)?;
    Ok(row.get_ref(1)?.as_str()?.parse().ok().map(|id| Place { n, id }))
}

/// Everything about chat number `n`.
fn read(connection: &Connection, n: i64, with_raw: bool) -> rusqlite::Result<Option<Record>> {
    let found = connection
        .query_row(
            "SELECT id, title, model, created_at, updated_at, pinned, archived, project_id,
                 current_id, incomplete, chat_type, gone_at, synced_at, source, source_id,
                 iif(state = 'imported', '', upstream)
             FROM chats c JOIN accounts a ON a.n = account WHERE c.n = ?1",
            [n],
            |row| {
                let Ok(id) = row.get_ref(0)?.as_str()?.parse::<ChatId>() else { return Ok(None) };
                let mut record = Record {
                    url: None,
                    chat: Chat {
                        id,
                        title: row.get(1)?,
                        model: row.get(2)?,
                        created_at: row.get(3)?,
                        updated_at: row.get(4)?,
                        pinned: row.get(5)?,
                        archived: row.get(6)?,
                        project_id: row.get(7)?,
                        current_id: row.get(8)?,
                        current_reply_ids: Vec::new(),
                        messages: Vec::new(),
                        incomplete: row.get(9)?,
                    },
                    chat_type: row.get(10)?,
                    gone_at: row.get(11)?,
                    synced_at: row.get(12)?,
                    source: row.get(13)?,
                    source_id: row.get(14)?,
                    notes: HashMap::new(),
                    raw: None,
                };
                record.set_site(row.get_ref(15)?.as_str()?);
                Ok(Some(record))
            },
        )
        .optional()?;
    let Some(mut record) = found.flatten() else { return Ok(None) };
    let mut find = connection.prepare(
        "SELECT id, parent_id, role, model, at, state, text, thinking, extra, absent_since
         FROM messages JOIN texts ON message = n WHERE chat = ?1 ORDER BY seq, n",
    )?;
    let mut rows = find.query([n])?;
    while let Some(row) = rows.next()? {
        let message = message_of(row)?;
        let extra = row.get_ref(8)?.as_str_or_null()?;
        let extra: Option<Value> = extra.and_then(|json| serde_json::from_str(json).ok());
        let other = extra.and_then(|mut extra| extra.get_mut("other").map(Value::take));
        let note = Note { absent_since: row.get(9)?, other, revisions: Vec::new() };
        if note != Note::default() {
            record.notes.insert(message.id.clone(), note);
        }
        record.chat.messages.push(message);
    }
    let mut find = connection.prepare(
        "SELECT m.id, r.text, r.replaced_at FROM revisions r JOIN messages m ON m.n = r.message
         WHERE m.chat = ?1 ORDER BY r.n",
    )?;
    let mut rows = find.query([n])?;
    while let Some(row) = rows.next()? {
        let note = record.notes.entry(row.get(0)?).or_default();
        note.revisions.push(Revision { text: row.get(1)?, replaced_at: row.get(2)? });
    }
    record.sort();
    if with_raw {
        record.raw = raw::read(connection, n)?;
        // A line of ours without the upstream's own document.
        record.raw = record.raw.filter(|raw| !is_line(raw));
    }
    Ok(Some(record))
}

/// Whether `json` is a line of our own format.
pub fn is_line(json: &[u8]) -> bool {
    let start = json.get(..64).unwrap_or(json);
    let start: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    start.starts_with(b"{\"schema\":\"qwenctl.chat/")
}

/// A chat to import.
pub struct Incoming {
    /// The chat.
    pub record: Record,
    /// What the file had for it.
    pub given: Vec<u8>,
}

/// What an import did with a chat. One that the archive has from the account only gets what it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It was not in the archive.
    Made,
    /// It was in the archive with another content.
    Changed,
    /// It was in the archive as it is.
    Unchanged,
}

impl Archive {
    /// Imports chats for an account in one transaction; with `dry_run` nothing is written. Returns what was
    /// done with each.
    ///
    /// # Errors
    /// Those of the file; then none is imported.
    pub fn import(
        &mut self,
        account: Account,
        chats: &[Incoming],
        now: i64,
        dry_run: bool,
    ) -> Result<Vec<Imported>> {
        self.change(|change| {
            chats.iter().map(|incoming| import(change, account, incoming, now, dry_run)).collect()
        })
    }
}

fn import(
    change: &Transaction<'_>,
    account: Account,
    incoming: &Incoming,
    now: i64,
    dry_run: bool,
) -> rusqlite::Result<Imported> {
    let Incoming { record, given } = incoming;
    let raw = record.raw.as_deref().unwrap_or(given);
    let sha256: [u8; 32] = Sha256::digest(raw).into();
    let known = match known(change, account, record.chat.id.as_str())? {
        None => original(change, account, record)?,
        known => known,
    };
    let result = match &known {
        None => Imported::Made,
        Some(known) => {
            let is_same = known.sha256 == Some(sha256) || {
                let stored = read(change, known.n, record.raw.is_some())?;
                let is_same = if known.is_import { has_same_content } else { has_all_words };
                stored.is_some_and(|stored| is_same(&stored, record))
            };
            if is_same { Imported::Unchanged } else { Imported::Changed }
        }
    };
    if dry_run || result == Imported::Unchanged {
        return Ok(result);
    }
    match known {
        // What came from the account stays as it is, and gets what it lacks.
        Some(Known { n, is_import: false, .. }) => {
            add_missing(change, (n, account), incoming, now)?;
        }
        // It was imported from another format, and keeps its ids.
        Some(Known { id, source, source_id, .. }) if id != record.chat.id.as_str() => {
            let mut record = record.clone();
            record.chat.id = id.parse().unwrap_or(record.chat.id);
            (record.source, record.source_id) = (source, source_id);
            store(change, account, &record.chat, (raw, sha256), now)?;
            complete(change, account, (&record, given), now)?;
        }
        _ => {
            store(change, account, &record.chat, (raw, sha256), now)?;
            complete(change, account, (record, given), now)?;
        }
    }
    Ok(result)
}

/// Adds what only the import has to a chat of the account, as messages that the account no longer has.
fn add_missing(
    change: &Transaction<'_>,
    (n, account): (i64, Account),
    Incoming { record, given }: &Incoming,
    now: i64,
) -> rusqlite::Result<()> {
    let raw = raw::read(change, n)?;
    let mut copy = record.clone();
    copy.chat.id = format!("imp-0{n}").parse().unwrap_or(copy.chat.id);
    store(change, account, &copy.chat, (&[], [0; 32]), now)?;
    complete(change, account, (&copy, given), now)?;
    if let Some(copy) = known(change, account, copy.chat.id.as_str())? {
        absorb(change, n, copy.n, Some(now))?;
    }
    if let Some(raw) = raw {
        // It names texts by their place.
        raw::write(change, n, (&raw, Sha256::digest(&raw).into()))?;
    }
    Ok(())
}

/// A chat of the archive.
struct Known {
    n: i64,
    id: String,
    is_import: bool,
    sha256: Option<[u8; 32]>,
    source: Option<String>,
    source_id: Option<String>,
}

const KNOWN: &str = "SELECT n, id, state = 'imported', sha256, source, source_id
    FROM chats LEFT JOIN raw ON chat = n WHERE account = ?1 AND synced_at IS NOT NULL";

fn known_of(row: &Row<'_>) -> rusqlite::Result<Known> {
    let (source, source_id) = (row.get(4)?, row.get(5)?);
    let (n, id, is_import, sha256) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Known { n, id, is_import, sha256, source, source_id })
}

fn known(change: &Transaction<'_>, account: Account, id: &str) -> rusqlite::Result<Option<Known>> {
    let sql = format!("{KNOWN} AND id = ?2");
    change.query_row(&sql, params![account.n, id], known_of).optional()
}

/// The same chat from the account, or from a file of another format. Without an id it is the one that has its
/// first message.
fn original(
    change: &Transaction<'_>,
    account: Account,
    record: &Record,
) -> rusqlite::Result<Option<Known>> {
    if let Some(id) = &record.source_id {
        if let Some(known) = known(change, account, id)? {
            return Ok(Some(known));
        }
        let sql = format!("{KNOWN} AND state = 'imported' AND source_id = ?2");
        return change.query_row(&sql, params![account.n, id], known_of).optional();
    }
    let id = record.chat.messages.first().map(|message| message.id.as_str());
    let Some(id) = id.filter(|id| id.len() >= UNIQUE_ID) else { return Ok(None) };
    let sql = format!(
        "{KNOWN} AND (title IS ?2 OR created_at IS ?3)
             AND EXISTS (SELECT 1 FROM messages m WHERE m.chat = chats.n AND m.id = ?4)"
    );
    let Chat { title, created_at, .. } = &record.chat;
    change.query_row(&sql, params![account.n, title, created_at, id], known_of).optional()
}

fn said(message: &Message) -> (&str, &str, Option<&str>) {
    (message.role.as_str(), &message.content, message.thinking.as_deref())
}

/// Whether a record has every text of another one, be it as an earlier text.
fn has_all_words(stored: &Record, record: &Record) -> bool {
    let known: HashMap<&str, &Message> =
        stored.chat.messages.iter().map(|message| (message.id.as_str(), message)).collect();
    let texts: HashSet<_> = stored.chat.messages.iter().map(said).collect();
    record.chat.messages.iter().all(|message| match known.get(message.id.as_str()) {
        None => texts.contains(&said(message)),
        Some(own) => {
            let earlier = || {
                let note = stored.notes.get(&message.id);
                let mut texts = note.into_iter().flat_map(|note| &note.revisions);
                texts.any(|revision| revision.text == message.content)
            };
            (message.thinking.is_none() || own.thinking.is_some())
                && (message.content.is_empty() || own.content == message.content || earlier())
        }
    })
}

/// Whether two records of one chat say the same. When they were fetched and by which id are left aside.
fn has_same_content(stored: &Record, record: &Record) -> bool {
    let mut record = record.clone();
    record.sort();
    record.chat.id = stored.chat.id.clone();
    let known: HashSet<_> = stored.notes.keys().collect();
    let notes: HashSet<_> = record.notes.keys().collect();
    stored.chat.messages == record.chat.messages
        && stored.chat.title == record.chat.title
        && (stored.source != record.source || known == notes && stored.notes == record.notes)
}

/// Adds what [`store`] does not know: an import has no place in a list of the account.
fn complete(
    change: &Transaction<'_>,
    account: Account,
    (record, given): (&Record, &[u8]),
    now: i64,
) -> rusqlite::Result<()> {
    let Record { chat, .. } = record;
    // No other format has the earlier texts.
    let has_revisions = is_line(given);
    unqueue(change, account, &chat.id)?;
    change.execute(
        "UPDATE chats SET state = 'imported', title = ?3, created_at = ?4, updated_at = ?5,
             chat_type = ?6, gone_at = ?7, synced_at = ?8, source = ?9, source_id = ?10,
             project_id = ?11, incomplete = ?12
         WHERE account = ?1 AND id = ?2",
        params![
            account.n,
            chat.id.as_str(),
            chat.title,
            chat.created_at,
            chat.updated_at,
            record.chat_type,
            record.gone_at,
            record.synced_at.unwrap_or(now),
            record.source,
            record.source_id,
            chat.project_id,
            chat.incomplete,
        ],
    )?;
    let mut messages: HashMap<String, i64> = HashMap::new();
    if !record.notes.is_empty() {
        let mut find = change.prepare(
            "SELECT m.id, m.n FROM messages m JOIN chats c ON c.n = m.chat
             WHERE c.account = ?1 AND c.id = ?2",
        )?;
        let mut rows = find.query(params![account.n, chat.id.as_str()])?;
        while let Some(row) = rows.next()? {
            messages.insert(row.get(0)?, row.get(1)?);
        }
    }
    for (id, note) in &record.notes {
        let Some(&message) = messages.get(id) else { continue };
        let sql = "UPDATE messages SET absent_since = ?2 WHERE n = ?1";
        change.execute(sql, params![message, note.absent_since])?;
        if let Some(other) = &note.other {
            let sql =
                "UPDATE texts SET extra = json_set(coalesce(extra, '{}'), '$.other', json(?2))
                WHERE message = ?1";
            change.execute(sql, params![message, other.to_string()])?;
        }
        if !has_revisions {
            continue;
        }
        change.execute("DELETE FROM revisions WHERE message = ?1", [message])?;
        for Revision { text, replaced_at } in &note.revisions {
            let sql = "INSERT INTO revisions (message, text, replaced_at) VALUES (?1, ?2, ?3)";
            change.execute(sql, params![message, text, replaced_at])?;
        }
    }
    let sql = "UPDATE chats SET message_count =
            (SELECT count(*) FROM messages WHERE chat = n AND absent_since IS NULL)
        WHERE account = ?1 AND id = ?2";
    change.execute(sql, params![account.n, chat.id.as_str()])?;
    Ok(())
}
