//! Chats: creating, listing, reading as a tree, changing, deleting.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::turns;
use crate::local::clock;

/// Rows of a full list page (protocol 5.1).
pub(crate) const PAGE_ROWS: i64 = 60;

/// The requested list.
#[derive(Debug, Clone)]
pub(crate) enum Listing {
    /// One page of the chats that are in no project (or in the given one), 1-based.
    Page { page: i64, project: Option<String> },
    /// The pinned ones.
    Pinned,
    /// The archived ones.
    Archived,
}

/// The initial fields of a new chat.
#[derive(Debug, Clone)]
pub(crate) struct NewChat {
    pub title: String,
    pub chat_type: String,
    pub chat_mode: String,
    pub project_id: Option<String>,
    pub models: Value,
    /// Milliseconds, as the client sent them.
    pub timestamp: Value,
}

const ROW: &str = "id, title, updated_ms, created_at, chat_type, project_id, pinned";

/// Creates an empty chat and returns its id.
pub(crate) fn create(connection: &Connection, chat: &NewChat) -> rusqlite::Result<String> {
    let id = Uuid::new_v4().to_string();
    let now = clock::millis();
    let meta = json!({"timestamp": chat.timestamp, "tags": []});
    connection.execute(
        "INSERT INTO chats (id, title, chat_type, chat_mode, project_id, created_at, updated_ms, meta, models)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id,
            chat.title,
            chat.chat_type,
            chat.chat_mode,
            chat.project_id,
            now / 1000,
            now,
            meta.to_string(),
            chat.models.to_string()
        ],
    )?;
    Ok(id)
}

/// The rows of a list, newest first.
pub(crate) fn list(connection: &Connection, listing: &Listing) -> rusqlite::Result<Vec<Value>> {
    write_due_titles(connection)?;
    let (filter, page, project) = match listing {
        Listing::Page { page, project } => {
            ("archived = 0 AND coalesce(project_id, '') = ?3", Some(*page), project.as_deref())
        }
        Listing::Pinned => ("archived = 0 AND pinned = 1 AND ?3 = ''", None, None),
        Listing::Archived => ("archived = 1 AND ?3 = ''", None, None),
    };
    let (limit, offset) = page.map_or((-1, 0), |page| (PAGE_ROWS, first_row(page)));
    let sql = format!(
        "SELECT {ROW} FROM chats WHERE chat_mode <> 'local' AND {filter}
         ORDER BY updated_ms DESC, rowid DESC LIMIT ?1 OFFSET ?2"
    );
    let mut statement = connection.prepare(&sql)?;
    let rows =
        statement.query_map(params![limit, offset, project.unwrap_or_default()], list_row)?;
    rows.collect()
}

/// Where a page starts, its number being 1-based.
fn first_row(page: i64) -> i64 {
    (page.max(1) - 1).saturating_mul(PAGE_ROWS)
}

/// The rows whose title or messages contain `text`, with a snippet (protocol 5.3).
pub(crate) fn search(
    connection: &Connection,
    text: &str,
    page: i64,
) -> rusqlite::Result<Vec<Value>> {
    write_due_titles(connection)?;
    let sql = format!(
        "SELECT {ROW}, (SELECT m.id FROM messages m WHERE m.chat_id = chats.id AND instr(lower(m.text), lower(?1)) > 0
                ORDER BY m.seq LIMIT 1) AS hit
         FROM chats WHERE chat_mode <> 'local' AND (hit IS NOT NULL OR instr(lower(title), lower(?1)) > 0)
         ORDER BY updated_ms DESC, rowid DESC LIMIT ?2 OFFSET ?3"
    );
    let mut statement = connection.prepare(&sql)?;
    let offset = first_row(page);
    let found = statement.query_map(params![text, PAGE_ROWS, offset], |row| {
        Ok((list_row(row)?, row.get::<_, Option<String>>(7)?))
    })?;
    let mut rows = Vec::new();
    for pair in found {
        let (mut row, hit) = pair?;
        if let Some(hit) = hit {
            let content: String =
                connection.query_row("SELECT text FROM messages WHERE id = ?1", [&hit], |row| {
                    row.get(0)
                })?;
            let (snippet, highlight) = snippet(&content, text);
            row["content"] = json!(snippet);
            row["highlight_indexes"] = json!(highlight);
            row["message_id"] = json!(hit);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The whole chat as protocol 5.5 shows it; `None` when there is no such chat.
pub(crate) fn detail(connection: &Connection, id: &str) -> rusqlite::Result<Option<Value>> {
    write_due_titles(connection)?;
    turns::expire_lease(connection, id)?;
    let head = connection
        .query_row(
            "SELECT title, updated_ms, created_at, chat_type, project_id, pinned, archived, meta, models, current_id,
                    current_response_ids FROM chats WHERE id = ?1",
            [id],
            |row| head_json(id, row),
        )
        .optional()?;
    let Some(mut detail) = head else { return Ok(None) };
    let owner: String =
        connection
            .query_row("SELECT value FROM meta WHERE key = 'user_id'", [], |row| row.get(0))?;
    detail["user_id"] = json!(owner);
    let messages = messages(connection, id)?;
    attach_messages(&mut detail, messages);
    Ok(Some(detail))
}

/// A change of single fields (protocol 5.7). Returns whether the chat exists.
pub(crate) fn update(connection: &Connection, id: &str, change: &Value) -> rusqlite::Result<bool> {
    if !exists(connection, id)? {
        return Ok(false);
    }
    if let Some(title) = change["title"].as_str() {
        connection.execute(
            "UPDATE chats SET title = ?2, titled = 1, title_next = NULL, title_due = NULL WHERE id = ?1",
            params![id, title],
        )?;
    }
    if let Some(current) = change["currentId"].as_str() {
        connection
            .execute("UPDATE chats SET current_id = ?2 WHERE id = ?1", params![id, current])?;
    }
    if let Some(ids) = change.get("currentResponseIds").filter(|ids| ids.is_array()) {
        connection.execute(
            "UPDATE chats SET current_response_ids = ?2 WHERE id = ?1",
            params![id, ids.to_string()],
        )?;
    }
    if let Some(tags) = change.get("tags").filter(|tags| tags.is_array()) {
        connection.execute(
            "UPDATE chats SET meta = json_set(meta, '$.tags', json(?2)) WHERE id = ?1",
            params![id, tags.to_string()],
        )?;
    }
    Ok(true)
}

/// A field that a call toggles.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Toggle {
    Archived,
    Pinned,
}

/// Toggles a flag. Returns whether the chat exists.
pub(crate) fn toggle(connection: &Connection, id: &str, toggle: Toggle) -> rusqlite::Result<bool> {
    let sql = match toggle {
        Toggle::Archived => "UPDATE chats SET archived = 1 - archived WHERE id = ?1",
        Toggle::Pinned => "UPDATE chats SET pinned = 1 - pinned WHERE id = ?1",
    };
    Ok(connection.execute(sql, [id])? > 0)
}

/// Deletes one chat. Returns whether it existed.
pub(crate) fn delete(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    Ok(connection.execute("DELETE FROM chats WHERE id = ?1", [id])? > 0)
}

/// Deletes these chats. Unknown ids are no error.
pub(crate) fn delete_these(connection: &Connection, ids: &[String]) -> rusqlite::Result<()> {
    ids.iter().try_for_each(|id| delete(connection, id).map(drop))
}

/// The projects, oldest first, or only the one with this id (protocol 5.10).
pub(crate) fn projects(connection: &Connection, id: Option<&str>) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare(
        "SELECT id, body, created_at, updated_at FROM projects WHERE ?1 IS NULL OR id = ?1 ORDER BY created_at, rowid",
    )?;
    let rows = statement.query_map([id], |row| {
        let mut project = parsed(&row.get::<_, String>(1)?);
        project["id"] = json!(row.get::<_, String>(0)?);
        project["created_at"] = json!(row.get::<_, i64>(2)?);
        project["updated_at"] = json!(row.get::<_, i64>(3)?);
        Ok(project)
    })?;
    rows.collect()
}

/// Creates a project, or replaces the given fields of the one with this id. Returns its id.
pub(crate) fn put_project(
    connection: &Connection,
    id: Option<&str>,
    given: &Value,
) -> rusqlite::Result<Option<String>> {
    let known = match id {
        Some(_) => projects(connection, id)?.pop(),
        None => Some(
            json!({"name": "", "icon": null, "custom_instruction": "", "memory_span": "default"}),
        ),
    };
    let Some(mut body) = known else { return Ok(None) };
    for field in ["name", "icon", "custom_instruction", "memory_span", "description"] {
        if let Some(value) = given.get(field) {
            body[field] = value.clone();
        }
    }
    let id = id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    connection.execute(
        "INSERT INTO projects (id, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (id) DO UPDATE SET body = ?2, updated_at = ?3",
        params![id, body.to_string(), clock::seconds()],
    )?;
    Ok(Some(id))
}

/// Deletes a project; its chats remain. Returns whether it existed.
pub(crate) fn delete_project(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    connection.execute("UPDATE chats SET project_id = '' WHERE project_id = ?1", [id])?;
    Ok(connection.execute("DELETE FROM projects WHERE id = ?1", [id])? > 0)
}

/// Moves chats into a project, or with an empty id out of theirs. Returns whether there are such a project
/// and such chats.
pub(crate) fn add_to_project(
    connection: &Connection,
    chats: &[String],
    project: &str,
) -> rusqlite::Result<bool> {
    if !project.is_empty() && projects(connection, Some(project))?.is_empty() {
        return Ok(false);
    }
    for chat in chats {
        if !exists(connection, chat)? {
            return Ok(false);
        }
    }
    for chat in chats {
        connection
            .execute("UPDATE chats SET project_id = ?2 WHERE id = ?1", params![chat, project])?;
    }
    Ok(!chats.is_empty())
}

/// Deletes every chat of the account (protocol 5.6).
pub(crate) fn delete_all(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM chats", [])
}

/// Whether there is such a chat.
pub(crate) fn exists(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    let found =
        connection.query_row("SELECT 1 FROM chats WHERE id = ?1", [id], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// Writes the titles that are due. A title appears some time after the first answer; the next reader
/// writes it, so a process that ended in between loses nothing.
fn write_due_titles(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE chats SET title = title_next, titled = 1, title_next = NULL, title_due = NULL
         WHERE title_next IS NOT NULL AND title_due <= ?1",
        [clock::millis()],
    )?;
    Ok(())
}

fn list_row(row: &Row) -> rusqlite::Result<Value> {
    Ok(json!({
        "id": row.get::<_, String>(0)?,
        "title": row.get::<_, String>(1)?,
        "updated_at": row.get::<_, i64>(2)? / 1000,
        "created_at": row.get::<_, i64>(3)?,
        "chat_type": row.get::<_, String>(4)?,
        "project_id": row.get::<_, Option<String>>(5)?,
        "pinned": row.get::<_, bool>(6)?,
        "content": null, "highlight_indexes": null, "message_id": null,
    }))
}

fn head_json(id: &str, row: &Row) -> rusqlite::Result<Value> {
    let current = row.get::<_, Option<String>>(9)?;
    let responses = parsed(&row.get::<_, String>(10)?);
    Ok(json!({
        "id": id,
        "title": row.get::<_, String>(0)?,
        "chat": {"history": {"currentId": current, "currentResponseIds": responses},
                 "models": parsed(&row.get::<_, String>(8)?)},
        "updated_at": row.get::<_, i64>(1)? / 1000,
        "created_at": row.get::<_, i64>(2)?,
        "share_id": null,
        "archived": row.get::<_, bool>(6)?,
        "pinned": row.get::<_, bool>(5)?,
        "meta": parsed(&row.get::<_, String>(7)?),
        "folder_id": null,
        "currentResponseIds": responses,
        "currentId": current,
        "chat_type": row.get::<_, String>(3)?,
        "models": null,
        "project_id": row.get::<_, Option<String>>(4)?,
        "data_source": null,
    }))
}

/// The visible messages in the order they were made, without `childrenIds`.
fn messages(connection: &Connection, chat: &str) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare(
        "SELECT body FROM messages WHERE chat_id = ?1 AND visible_at <= ?2 ORDER BY seq",
    )?;
    let bodies =
        statement.query_map(params![chat, clock::millis()], |row| row.get::<_, String>(0))?;
    bodies.map(|body| body.map(|body: String| parsed(&body))).collect()
}

/// Puts the messages into a chat both as a tree and as an array, with children and pagination
/// worked out.
fn attach_messages(detail: &mut Value, messages: Vec<Value>) {
    let mut children: std::collections::HashMap<String, Vec<Value>> =
        std::collections::HashMap::new();
    for message in &messages {
        if let Some(parent) = message["parentId"].as_str() {
            children.entry(parent.to_owned()).or_default().push(message["id"].clone());
        }
    }
    let mut tree = Map::new();
    let mut flat = Vec::with_capacity(messages.len());
    for mut message in messages {
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        message["childrenIds"] = Value::Array(children.remove(&id).unwrap_or_default());
        flat.push(message.clone());
        tree.insert(id, message);
    }
    let shown = branch(&tree, detail["currentId"].as_str());
    detail["chat"]["history"]["pagination"] = json!({
        "enabled": true, "oldest_id": shown.last(), "newest_id": shown.first(),
        "has_more_older": false, "has_more_newer": false, "path_count": shown.len(),
    });
    detail["chat"]["history"]["messages"] = Value::Object(tree);
    detail["chat"]["messages"] = Value::Array(flat);
}

/// The ids from the leaf back to the root.
fn branch<'a>(tree: &'a Map<String, Value>, leaf: Option<&'a str>) -> Vec<&'a str> {
    let mut ids = Vec::new();
    let mut next = leaf;
    while let Some((id, message)) = next.and_then(|id| tree.get_key_value(id)) {
        if ids.len() > tree.len() {
            break;
        }
        ids.push(id.as_str());
        next = message["parentId"].as_str();
    }
    ids
}

/// About one line of text around the first match, and the position of the match in it (in characters).
fn snippet(content: &str, text: &str) -> (String, Vec<[usize; 2]>) {
    const BEFORE: usize = 20;
    const LENGTH: usize = 80;
    let needle = text.to_lowercase();
    let at = content.to_lowercase().find(&needle).unwrap_or(0);
    let at = content.char_indices().take_while(|(byte, _)| *byte < at).count();
    let start = at.saturating_sub(BEFORE);
    let snippet = content.chars().skip(start).take(LENGTH).collect();
    (snippet, vec![[at - start, at - start + text.chars().count()]])
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
