//! The database file: how it is recognised, created and brought up to date.
//!
//! What this module keeps true: the file is readable by its owner only; a version that this program
//! does not know is never written to; a transaction that has ended is on the disk.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::domain::{Error, ErrorKind, Result};
use crate::files::{open_private, others_may_use, secure_private_directory};

/// Marks a file as ours (`PRAGMA application_id`): `QArc` in ASCII.
const APPLICATION_ID: i64 = 0x5141_7263;

/// The size of the page cache, negative in KiB.
const CACHE: i64 = -16_384;

/// The size of a page in bytes.
const PAGE: i64 = 8192;

/// How long a call waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The steps that lead from an empty file to the newest version, in order.
const MIGRATIONS: [&str; 6] = ["
    CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE accounts (
        n INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        upstream TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        full_walk_at INTEGER,
        newest_at INTEGER,
        not_before INTEGER
    );
    CREATE TABLE chats (
        n INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
        id TEXT NOT NULL,
        title TEXT,
        model TEXT,
        chat_type TEXT,
        project_id TEXT,
        pinned INTEGER NOT NULL DEFAULT 0,
        archived INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER,
        updated_at INTEGER,
        listed_at INTEGER,
        last_message_at INTEGER,
        current_id TEXT,
        state TEXT NOT NULL DEFAULT 'live',
        gone_at INTEGER,
        incomplete INTEGER NOT NULL DEFAULT 0,
        message_count INTEGER NOT NULL DEFAULT 0,
        synced_at INTEGER,
        UNIQUE (account, id)
    );
    CREATE INDEX chats_by_time ON chats (account, state, last_message_at DESC);
    CREATE TABLE raw (
        chat INTEGER PRIMARY KEY REFERENCES chats (n) ON DELETE CASCADE,
        json BLOB NOT NULL,
        sha256 BLOB NOT NULL
    );
    CREATE TABLE messages (
        n INTEGER PRIMARY KEY,
        w INTEGER NOT NULL UNIQUE,
        chat INTEGER NOT NULL REFERENCES chats (n) ON DELETE CASCADE,
        id TEXT NOT NULL,
        parent_id TEXT,
        seq INTEGER NOT NULL,
        role TEXT NOT NULL,
        model TEXT,
        at INTEGER,
        state TEXT NOT NULL,
        chars INTEGER NOT NULL,
        hash BLOB NOT NULL,
        absent_since INTEGER,
        UNIQUE (chat, id)
    );
    CREATE INDEX messages_by_time ON messages (at, model, role, chars);
    CREATE INDEX messages_by_chat ON messages (chat, seq);
    CREATE TABLE texts (
        message INTEGER PRIMARY KEY REFERENCES messages (n) ON DELETE CASCADE,
        text TEXT NOT NULL,
        thinking TEXT,
        extra TEXT
    );
    CREATE TABLE revisions (
        n INTEGER PRIMARY KEY,
        message INTEGER NOT NULL REFERENCES messages (n) ON DELETE CASCADE,
        text TEXT NOT NULL,
        replaced_at INTEGER NOT NULL
    );
    CREATE INDEX revisions_by_message ON revisions (message);
    CREATE TABLE sync_work (
        account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
        chat_id TEXT NOT NULL,
        wanted INTEGER,
        tries INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL DEFAULT 0,
        code TEXT,
        error TEXT,
        PRIMARY KEY (account, chat_id)
    ) WITHOUT ROWID;
    CREATE TABLE sync_runs (
        n INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
        began INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        counts TEXT NOT NULL
    );
    CREATE VIRTUAL TABLE message_words USING fts5(text, parts, thoughts, content='',
        contentless_delete=1, tokenize='ascii');
    CREATE VIRTUAL TABLE chat_words USING fts5(title, content='', contentless_delete=1,
        tokenize='ascii');
", "
    -- The format that a chat was imported from, and its id there; both are null for the upstream's own.
    ALTER TABLE chats ADD COLUMN source TEXT;
    ALTER TABLE chats ADD COLUMN source_id TEXT;
", "
    CREATE TABLE trash (
        n INTEGER PRIMARY KEY,
        account INTEGER NOT NULL REFERENCES accounts (n) ON DELETE CASCADE,
        chat_id TEXT NOT NULL,
        batch TEXT,
        state TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        grace INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        unless_after INTEGER,
        copied_at INTEGER,
        done_at INTEGER,
        keep_until INTEGER,
        was_gone INTEGER NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL DEFAULT 0,
        code TEXT,
        error TEXT,
        lease TEXT,
        lease_until INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account, chat_id)
    );
    CREATE INDEX trash_by_state ON trash (state, due_at);
", "
    -- The same without a hash, which nothing reads, and without an index on the ids, which are read by chat.
    CREATE TABLE new_messages (
        n INTEGER PRIMARY KEY,
        w INTEGER NOT NULL UNIQUE,
        chat INTEGER NOT NULL REFERENCES chats (n) ON DELETE CASCADE,
        id TEXT NOT NULL,
        parent_id TEXT,
        seq INTEGER NOT NULL,
        role TEXT NOT NULL,
        model TEXT,
        at INTEGER,
        state TEXT NOT NULL,
        chars INTEGER NOT NULL,
        absent_since INTEGER
    );
    INSERT INTO new_messages
        SELECT n, w, chat, id, parent_id, seq, role, model, at, state, chars, absent_since FROM messages;
    DROP TABLE messages;
    ALTER TABLE new_messages RENAME TO messages;
    CREATE INDEX messages_by_time ON messages (at, model, role, chars);
    CREATE INDEX messages_by_chat ON messages (chat, seq);
", "
    -- The oldest chat with messages, which is looked up for each one that is stored.
    CREATE INDEX chats_with_messages ON chats (account, last_message_at) WHERE message_count > 0;
", "
    -- Imported chats by their id in the other program, which each chat of the account is looked up in.
    CREATE INDEX chats_imported ON chats (account, source_id, source) WHERE state = 'imported';
"];

/// The version this program writes.
const NEWEST: u32 = 6;

/// Opens the file for writing; creates it if it does not exist.
pub(super) fn open(path: &Path) -> Result<Connection> {
    exists(path)?;
    create(path)?;
    let connect = || {
        let mut connection = Connection::open(path)?;
        prepare(&mut connection).map(|found| (connection, found))
    };
    let (connection, found) = connect().map_err(|fault| fault_of(path, &fault))?;
    found.usable(path).map(|()| connection)
}

/// Opens the file for reading. `None` if it does not exist or is still empty.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Connection>> {
    match connect_to_read(path)? {
        None | Some((_, Found::Empty)) => Ok(None),
        Some((connection, found)) => {
            match found {
                // A reader can expect the tables of this version.
                Found::Ours(version) if version < NEWEST => drop(open(path)?),
                found => found.usable(path)?,
            }
            Ok(Some(connection))
        }
    }
}

/// The same for a file of an older version, which stays as it is.
pub(super) fn open_as_it_is(path: &Path) -> Result<Option<Connection>> {
    match connect_to_read(path)? {
        None | Some((_, Found::Empty)) => Ok(None),
        Some((connection, found)) => found.usable(path).map(|()| Some(connection)),
    }
}

fn connect_to_read(path: &Path) -> Result<Option<(Connection, Found)>> {
    if !exists(path)? {
        return Ok(None);
    }
    let connect = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        identify(&connection).map(|found| Some((connection, found)))
    };
    connect().map_err(|fault| fault_of(path, &fault))
}

/// Whether there is a file. Opening something else might wait for ever; one that others can read is
/// refused, as every file with what is private.
fn exists(path: &Path) -> Result<bool> {
    let shown = path.display();
    match path.metadata() {
        Ok(found) if !found.is_file() => {
            Err(Error::invalid(format!("the archive {shown} is not a file"))
                .with_hint("move it away, or set QWENCTL_DATA_DIR"))
        }
        Ok(found) if others_may_use(&found) => {
            Err(Error::invalid(format!("other users can read the archive {shown}"))
                .with_hint(format!("run `chmod 600 {shown}`")))
        }
        found => Ok(found.is_ok()),
    }
}

fn create(path: &Path) -> Result<()> {
    let make = || {
        if let Some(directory) = path.parent() {
            secure_private_directory(directory)?;
        }
        open_private(OpenOptions::new().append(true).create(true), path)
    };
    make().map(drop).map_err(|fault| {
        let message = format!("cannot create the archive {}: {fault}", path.display());
        Error::invalid(message).with_hint("set QWENCTL_DATA_DIR to a directory that can be written")
    })
}

/// What a file is.
enum Found {
    Empty,
    Ours(u32),
    Foreign,
}

impl Found {
    fn usable(self, path: &Path) -> Result<()> {
        let shown = path.display();
        match self {
            Self::Ours(version) if version > NEWEST => Err(Error::invalid(format!(
                "the archive {shown} has version {version}, this program knows {NEWEST}"
            ))
            .with_hint("install the newer qwenctl that wrote it")),
            Self::Foreign => {
                Err(Error::invalid(format!("{shown} is a database of another program"))
                    .with_hint("move it away, or choose another place with QWENCTL_DATA_DIR"))
            }
            Self::Ours(_) | Self::Empty => Ok(()),
        }
    }
}

fn identify(connection: &Connection) -> rusqlite::Result<Found> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, tables) {
        (APPLICATION_ID, _) => {
            let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            Ok(Found::Ours(version))
        }
        (0, 0) => Ok(Found::Empty),
        _ => Ok(Found::Foreign),
    }
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<Found> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    match identify(connection)? {
        Found::Ours(version) if version <= NEWEST => {}
        Found::Empty => {}
        unusable => return Ok(unusable),
    }
    // Only for a new file: larger pages waste less beside what was sent for a chat.
    connection.pragma_update(None, "page_size", PAGE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    // A step may replace a table to which others refer.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for step in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(step)?;
    }
    if version < NEWEST {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", NEWEST)?;
    }
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(Found::Ours(version.max(NEWEST)))
}

/// The error for a fault of the database at `path`. It holds no text of a chat.
pub(super) fn fault_of(path: &Path, fault: &rusqlite::Error) -> Error {
    let shown = path.display();
    match fault.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            let message = format!("the archive {shown} is damaged: {fault}");
            Error::new(ErrorKind::Internal, message).with_hint(format!(
                "run `qwenctl archive check`; if only the index is damaged, `qwenctl archive rebuild` \
                 mends it, else move `{shown}` away and run `qwenctl chats sync`"
            ))
        }
        Some(ErrorCode::DiskFull) => {
            Error::new(ErrorKind::Internal, format!("no space left for the archive {shown}"))
                .with_hint("free some space; what was written before is unchanged")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(
            ErrorKind::Timeout,
            format!("another process has written to the archive {shown} for more than 5 seconds"),
        )
        .with_hint("try again"),
        _ => {
            Error::new(ErrorKind::Internal, format!("the archive {shown} cannot be used: {fault}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        let error = open(path).expect_err("refused");
        let reading = open_to_read(path).expect_err("refused");
        assert_eq!(error.message(), reading.message());
        assert!(error.hint().is_some());
        error.to_string()
    }

    /// A file that only its owner can read.
    fn private(path: &Path, text: &str) {
        use std::io::Write as _;
        let mut options = OpenOptions::new();
        let file = open_private(options.write(true).create(true).truncate(true), path);
        file.expect("created").write_all(text.as_bytes()).expect("written");
    }

    fn new() -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("data/archive.db");
        (directory, path)
    }

    #[test]
    fn what_is_not_an_archive_of_this_version_is_left_alone() {
        let (_directory, path) = new();
        assert!(open_to_read(&path).expect("no file").is_none());
        let ours = open(&path).expect("created");
        ours.pragma_update(None, "user_version", 99).expect("set");
        drop(ours);
        assert!(refused(&path).contains("version 99"));
        let (_directory, path) = new();
        std::fs::create_dir_all(&path).expect("created");
        assert!(refused(&path).contains("not a file"));
        let (_directory, path) = new();
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        private(&path, "");
        assert!(open_to_read(&path).expect("an empty file").is_none());
        let other = Connection::open(&path).expect("opened");
        other.execute_batch("CREATE TABLE bookmarks (url TEXT)").expect("created");
        assert!(refused(&path).contains("another program"));
        drop(other);
        private(&path, &"This is a letter, not a database. ".repeat(50));
        assert!(refused(&path).contains("is damaged"));
    }

    #[test]
    fn version_is_kept_and_nothing_is_migrated_twice() {
        let (_directory, path) = new();
        for _ in 0..2 {
            let connection = open(&path).expect("opened");
            let version: u32 = connection
                .query_row("PRAGMA user_version", [], |row| row.get(0))
                .expect("a number");
            let mode: String =
                connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a word");
            assert_eq!((version, mode.as_str()), (NEWEST, "wal"));
        }
        assert!(open_to_read(&path).expect("readable").is_some());
    }

    #[test]
    fn older_version_is_brought_up_to_date_by_a_reader() {
        let (_directory, path) = new();
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        private(&path, "");
        let old = Connection::open(&path).expect("created");
        old.execute_batch(MIGRATIONS[0]).expect("made");
        old.pragma_update(None, "application_id", APPLICATION_ID).expect("set");
        old.pragma_update(None, "user_version", 1).expect("set");
        drop(old);
        let reader = open_to_read(&path).expect("readable").expect("there");
        let version: u32 =
            reader.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a number");
        assert_eq!(version, NEWEST);
        assert!(reader.prepare("SELECT source, source_id FROM chats").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn archive_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_directory, path) = new();
        drop(open(&path).expect("created"));
        for (mode, is_refused) in [(0o644, true), (0o640, true), (0o606, true), (0o600, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            if is_refused {
                assert!(refused(&path).contains("other users can read"), "{mode:o}");
            } else {
                open(&path).expect("opened");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_files() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_directory, path) = new();
        let connection = open(&path).expect("opened");
        connection.execute("INSERT INTO meta VALUES ('a', 1)", []).expect("written");
        let parent = path.parent().expect("a parent");
        for entry in std::fs::read_dir(parent).expect("listed") {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", entry.path().display());
        }
    }
}
