//! The database file: how it is recognised, created and brought up to date.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};
use uuid::Uuid;

use crate::files::open_private;

/// Marks a file as ours (`PRAGMA application_id`): `QLoc` in ASCII.
const APPLICATION_ID: i64 = 0x514c_6f63;

/// How long a call waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The steps that lead from an empty file to the newest version, each with the `PRAGMA
/// user_version` it leads to.
const MIGRATIONS: &[(u32, &str)] = &[
    (
        1,
        "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE refresh_tokens (token TEXT PRIMARY KEY, issued_at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE chats (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        titled INTEGER NOT NULL DEFAULT 0,
        title_next TEXT,
        title_due INTEGER,
        chat_type TEXT NOT NULL,
        chat_mode TEXT NOT NULL,
        project_id TEXT,
        pinned INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL,
        meta TEXT NOT NULL,
        models TEXT NOT NULL,
        current_id TEXT,
        current_response_ids TEXT NOT NULL DEFAULT '[]',
        lease_response TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX chats_by_update ON chats (updated_ms DESC);
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
        parent_id TEXT,
        role TEXT NOT NULL,
        visible_at INTEGER NOT NULL DEFAULT 0,
        text TEXT NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX messages_by_chat ON messages (chat_id, seq);
    ",
    ),
    (
        2,
        "
    ALTER TABLE chats ADD COLUMN system TEXT;
    ALTER TABLE chats ADD COLUMN earlier TEXT NOT NULL DEFAULT '[]';
    ",
    ),
    (
        3,
        "
    CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    );
    ",
    ),
    (
        4,
        "
    CREATE TABLE uploads (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        path TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        key_id TEXT NOT NULL UNIQUE,
        secret TEXT NOT NULL,
        security_token TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        media_type TEXT NOT NULL DEFAULT '',
        size INTEGER,
        polls INTEGER,
        created_ms INTEGER NOT NULL
    );
    CREATE TABLE upload_pieces (
        upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (upload, number)
    );
    ",
    ),
];

/// The version this program writes.
const NEWEST: u32 = 4;

/// Opens the file (or memory), checks that it is ours and brings it up to date.
pub(super) fn open(path: Option<&Path>) -> io::Result<Connection> {
    let opened = match path {
        Some(path) => {
            create(path)?;
            Connection::open(path)
        }
        None => Connection::open_in_memory(),
    };
    let prepared =
        opened.and_then(|mut connection| prepare(&mut connection).map(|found| (connection, found)));
    let place = path.map_or_else(|| "memory".to_owned(), |path| path.display().to_string());
    match prepared {
        Ok((connection, Found::Ours)) => Ok(connection),
        Ok((_, Found::Foreign)) => Err(io::Error::other(format!(
            "`{place}` is a database of another program, not of the local upstream"
        ))),
        Ok((_, Found::Newer(version))) => Err(io::Error::other(format!(
            "the local upstream's database `{place}` has version {version}, this program knows {NEWEST}"
        ))),
        Err(error) => Err(io::Error::other(format!(
            "cannot open the local upstream's database `{place}`: {error}"
        ))),
    }
}

/// Creates the file if it is missing, readable only by the user: prompts are private.
fn create(path: &Path) -> io::Result<()> {
    let file = open_private(OpenOptions::new().append(true).create(true), path);
    file.map(drop).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "its directory does not exist".to_owned(),
            _ => error.to_string(),
        };
        let text =
            format!("cannot create the local upstream's database `{}`: {why}", path.display());
        io::Error::new(error.kind(), text)
    })
}

enum Found {
    Ours,
    Foreign,
    Newer(u32),
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<Found> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Ok(Found::Foreign);
    }
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > NEWEST {
        return Ok(Found::Newer(version));
    }
    for (_, step) in MIGRATIONS.iter().filter(|(leads_to, _)| *leads_to > version) {
        transaction.execute_batch(step)?;
    }
    if version < NEWEST {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", NEWEST)?;
    }
    first_account(&transaction)?;
    transaction.commit()?;
    Ok(Found::Ours)
}

/// Generates the account and the signing secret of a new database.
fn first_account(connection: &Connection) -> rusqlite::Result<()> {
    let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let account = [
        ("secret", secret),
        ("user_id", Uuid::new_v4().to_string()),
        ("user_email", "local@example.test".to_owned()),
        ("user_name", "Local User".to_owned()),
    ];
    let mut insert =
        connection.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES (?1, ?2)")?;
    for (key, value) in account {
        insert.execute(params![key, value])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(path: &Path) -> String {
        open(Some(path)).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_file_that_is_no_database_is_named_in_the_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "This is a letter, not a database. ".repeat(50))
            .expect("written");
        let error = error_of(file.path());
        assert!(error.contains("cannot open the local upstream's database"), "{error}");
        assert!(error.contains("not a database"), "{error}");
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let other = Connection::open(file.path()).expect("opened");
        other.execute_batch("CREATE TABLE bookmarks (url TEXT)").expect("created");
        assert!(error_of(file.path()).contains("another program"));
    }

    #[test]
    fn a_newer_version_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let ours = open(Some(file.path())).expect("created");
        ours.pragma_update(None, "user_version", 99).expect("set");
        drop(ours);
        assert!(error_of(file.path()).contains("version 99"));
    }

    #[test]
    fn the_account_is_invented_once() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let secret = |connection: &Connection| -> String {
            connection
                .query_row("SELECT value FROM meta WHERE key = 'secret'", [], |row| row.get(0))
                .expect("there")
        };
        let first = secret(&open(Some(file.path())).expect("created"));
        assert_eq!(first, secret(&open(Some(file.path())).expect("opened again")));
    }
}
