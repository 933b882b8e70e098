//! Uploaded files: what the account was allowed to upload, and the bytes that arrived.

use rusqlite::{Connection, OptionalExtension, params};

use crate::local::clock;

/// The size of all files in bytes above which the oldest ones are deleted.
const MAX_TOTAL: i64 = 512 << 20;
/// How many files are kept.
const MAX_FILES: i64 = 1_000;

/// A file that may be uploaded, and what is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload {
    pub id: String,
    /// The key in the bucket.
    pub path: String,
    pub name: String,
    /// `image`, `video`, `audio` or `file`.
    pub kind: String,
    /// The credentials for this one key.
    pub key_id: String,
    pub secret: String,
    pub security_token: String,
    /// When they expire, in seconds since the epoch.
    pub expires_at: i64,
    /// The media type that it was uploaded with.
    pub media_type: String,
    /// Its size in bytes; `None` before it has arrived.
    pub size: Option<i64>,
}

const COLUMNS: &str =
    "id, path, name, kind, key_id, secret, security_token, expires_at, media_type, size";

fn read(row: &rusqlite::Row) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get(0)?,
        path: row.get(1)?,
        name: row.get(2)?,
        kind: row.get(3)?,
        key_id: row.get(4)?,
        secret: row.get(5)?,
        security_token: row.get(6)?,
        expires_at: row.get(7)?,
        media_type: row.get(8)?,
        size: row.get(9)?,
    })
}

/// Adds a file that has not arrived, and deletes the oldest ones if there are too many.
pub(crate) fn add(connection: &Connection, upload: &Upload) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO uploads (id, path, name, kind, key_id, secret, security_token, expires_at, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            upload.id,
            upload.path,
            upload.name,
            upload.kind,
            upload.key_id,
            upload.secret,
            upload.security_token,
            upload.expires_at,
            clock::millis()
        ],
    )?;
    connection.execute(
        "DELETE FROM uploads WHERE seq IN (
            SELECT seq FROM (
                SELECT seq, row_number() OVER newest AS rank, sum(coalesce(size, 0)) OVER newest AS total
                FROM uploads WINDOW newest AS (ORDER BY seq DESC))
            WHERE rank > ?1 OR total > ?2)",
        params![MAX_FILES, MAX_TOTAL],
    )?;
    Ok(())
}

/// The file with this id.
pub(crate) fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<Upload>> {
    let find = format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1");
    connection.query_row(&find, [id], read).optional()
}

/// The file with this key in the bucket.
pub(crate) fn by_path(connection: &Connection, path: &str) -> rusqlite::Result<Option<Upload>> {
    let find = format!("SELECT {COLUMNS} FROM uploads WHERE path = ?1");
    connection.query_row(&find, [path], read).optional()
}

/// The file that these credentials are for.
pub(crate) fn by_key(connection: &Connection, key_id: &str) -> rusqlite::Result<Option<Upload>> {
    let find = format!("SELECT {COLUMNS} FROM uploads WHERE key_id = ?1");
    connection.query_row(&find, [key_id], read).optional()
}

/// Stores the piece with this number.
pub(crate) fn write(
    connection: &Connection,
    id: &str,
    number: i64,
    bytes: &[u8],
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO upload_pieces (upload, number, bytes) VALUES (?1, ?2, ?3)",
        params![id, number, bytes],
    )?;
    Ok(())
}

/// Marks a file as arrived, in `pieces` pieces.
pub(crate) fn finish(
    connection: &Connection,
    id: &str,
    pieces: i64,
    size: i64,
    media_type: &str,
) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM upload_pieces WHERE upload = ?1 AND number >= ?2",
        params![id, pieces],
    )?;
    connection.execute(
        "UPDATE uploads SET size = ?2, media_type = ?3 WHERE id = ?1",
        params![id, size, media_type],
    )?;
    Ok(())
}

/// The piece with this number, if there is one.
pub(crate) fn piece(
    connection: &Connection,
    id: &str,
    number: i64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let find = "SELECT bytes FROM upload_pieces WHERE upload = ?1 AND number = ?2";
    connection.query_row(find, params![id, number], |row| row.get(0)).optional()
}

/// The bytes of a file, up to `most`; `None` if there are more.
pub(crate) fn bytes(
    connection: &Connection,
    id: &str,
    most: usize,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut whole = Vec::new();
    for number in 0.. {
        let Some(piece) = piece(connection, id, number)? else { break };
        whole.extend_from_slice(&piece);
        if whole.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(whole))
}

/// Counts a question about the parsing of a file; `None` if parsing has not begun.
pub(crate) fn poll(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    let count =
        "UPDATE uploads SET polls = polls + 1 WHERE id = ?1 AND polls IS NOT NULL RETURNING polls";
    connection.query_row(count, [id], |row| row.get(0)).optional()
}

/// Begins to parse a file. Returns whether it has arrived.
pub(crate) fn parse(connection: &Connection, id: &str) -> rusqlite::Result<bool> {
    let begin = "UPDATE uploads SET polls = 0 WHERE id = ?1 AND size IS NOT NULL";
    Ok(connection.execute(begin, [id])? > 0)
}
