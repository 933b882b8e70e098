//! The one account of a database, its signing secret and its refresh tokens.

use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::local::clock;

/// How long an unused refresh token is kept, in seconds: every start of a local upstream issues
/// one.
const REFRESH_LIFETIME: i64 = 30 * 24 * 3600;

/// The account that every valid token belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Account id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// Display name.
    pub name: String,
    /// What access tokens are signed with.
    pub secret: Vec<u8>,
}

/// Reads the account.
pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Account> {
    let value = |key: &str| -> rusqlite::Result<String> {
        connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
    };
    Ok(Account {
        id: value("user_id")?,
        email: value("user_email")?,
        name: value("user_name")?,
        secret: value("secret")?.into_bytes(),
    })
}

/// Issues a new refresh token and forgets those that nobody used in time.
pub(crate) fn new_refresh_token(connection: &Connection) -> rusqlite::Result<String> {
    let now = clock::seconds();
    connection
        .execute("DELETE FROM refresh_tokens WHERE issued_at < ?1", [now - REFRESH_LIFETIME])?;
    let token = format!("local-refresh-{}", Uuid::new_v4().simple());
    connection.execute(
        "INSERT INTO refresh_tokens (token, issued_at) VALUES (?1, ?2)",
        params![token, now],
    )?;
    Ok(token)
}

/// Uses a refresh token up and gives its successor; `None` when it is unknown or was used before
/// (protocol 2.4).
pub(crate) fn rotate(connection: &Connection, token: &str) -> rusqlite::Result<Option<String>> {
    let used = connection.execute("DELETE FROM refresh_tokens WHERE token = ?1", [token])?;
    if used == 0 {
        return Ok(None);
    }
    new_refresh_token(connection).map(Some)
}
