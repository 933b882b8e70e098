//! The one account of a database: its signing secret, its access tokens in both forms of protocol
//! 2.1, and its refresh tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;

/// How long an unused refresh token is kept, in seconds. Every start of a local upstream issues one.
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
    /// The key that signs access tokens.
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

/// Issues a new refresh token and deletes the expired ones.
pub(crate) fn new_refresh_token(connection: &Connection, now: i64) -> rusqlite::Result<String> {
    connection
        .execute("DELETE FROM refresh_tokens WHERE issued_at < ?1", [now - REFRESH_LIFETIME])?;
    let token = format!("local-refresh-{}", Uuid::new_v4().simple());
    connection.execute(
        "INSERT INTO refresh_tokens (token, issued_at) VALUES (?1, ?2)",
        params![token, now],
    )?;
    Ok(token)
}

/// Replaces a refresh token by its successor; `None` if it is unknown, expired or already used
/// (protocol 2.4).
pub(crate) fn rotate(
    connection: &Connection,
    token: &str,
    now: i64,
) -> rusqlite::Result<Option<String>> {
    let used = connection.execute(
        "DELETE FROM refresh_tokens WHERE token = ?1 AND issued_at >= ?2",
        params![token, now - REFRESH_LIFETIME],
    )?;
    if used == 0 {
        return Ok(None);
    }
    new_refresh_token(connection, now).map(Some)
}

/// Whether a refresh token can be used.
pub(crate) fn is_known(connection: &Connection, token: &str) -> rusqlite::Result<bool> {
    let mut found = connection.prepare("SELECT 1 FROM refresh_tokens WHERE token = ?1")?;
    found.exists([token])
}

/// The account that a token names. The signature is not verified.
pub(crate) fn id_in(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    payload["id"].as_str().map(str::to_owned)
}

/// Whether a token has a claim `type`, as those of 15 minutes do.
pub(crate) fn has_type(token: &str) -> bool {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let payload: Option<Value> = payload.and_then(|part| serde_json::from_slice(&part).ok());
    payload.is_some_and(|payload| payload["type"].is_string())
}

/// Seven days: the lifetime of a token of the legacy form, in seconds.
pub(crate) const LEGACY_LIFETIME: i64 = 7 * 24 * 3600;
/// Fifteen minutes: the lifetime of a token of the form used since September 2026, in seconds.
pub(crate) const SHORT_LIFETIME: i64 = 900;

/// Which of the two forms a token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `{"id","last_password_change","exp"}`.
    Legacy,
    /// With `kid` in the header and `type` and `iat` in the payload.
    Short,
}

impl Form {
    /// How long a fresh token of this form is valid, in seconds.
    pub(crate) fn lifetime(self) -> i64 {
        match self {
            Self::Legacy => LEGACY_LIFETIME,
            Self::Short => SHORT_LIFETIME,
        }
    }
}

/// Why a presented token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Not one of our tokens.
    Invalid,
    /// One of our tokens, expired.
    Expired,
}

/// The content of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The account.
    pub id: String,
    /// The form it was issued in.
    pub form: Form,
}

/// Composes and signs a token (HS256) for `account` that is valid until `expires` (seconds since the
/// epoch).
pub(crate) fn issue(secret: &[u8], account: &str, form: Form, now: i64, expires: i64) -> String {
    let mut header = json!({"alg": "HS256", "typ": "JWT"});
    let mut payload = json!({"id": account, "last_password_change": 1_750_000_000, "exp": expires});
    if form == Form::Short {
        header["kid"] = json!("legacy");
        payload["type"] = json!("access_token");
        payload["iat"] = json!(now);
    }
    let signed = format!("{}.{}", encode(&header.to_string()), encode(&payload.to_string()));
    let signature = hmac::sign(&key(secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Checks signature and expiry.
pub(crate) fn verify(secret: &[u8], token: &str, now: i64) -> Result<Claims, Rejected> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Rejected::Invalid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Rejected::Invalid)?;
    // Takes the same time wherever the signatures differ.
    hmac::verify(&key(secret), signed.as_bytes(), &signature).map_err(|_| Rejected::Invalid)?;
    let payload = signed.split_once('.').map(|(_, payload)| payload).ok_or(Rejected::Invalid)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Rejected::Invalid)?;
    let payload: Value = serde_json::from_slice(&payload).map_err(|_| Rejected::Invalid)?;
    if payload["exp"].as_i64().is_none_or(|expires| expires <= now) {
        return Err(Rejected::Expired);
    }
    let id = payload["id"].as_str().ok_or(Rejected::Invalid)?.to_owned();
    let form = if payload["type"] == "access_token" { Form::Short } else { Form::Legacy };
    Ok(Claims { id, form })
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn encode(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let token = issue(b"secret", "user", Form::Legacy, 100, 200);
        assert_eq!(verify(b"secret", &token, 199).map(|claims| claims.id), Ok("user".to_owned()));
        assert_eq!(verify(b"secret", &token, 200), Err(Rejected::Expired));
    }

    #[test]
    fn a_foreign_signature_is_invalid() {
        let token = issue(b"other", "user", Form::Short, 100, 200);
        assert_eq!(verify(b"secret", &token, 150), Err(Rejected::Invalid));
        assert_eq!(verify(b"secret", "no token", 150), Err(Rejected::Invalid));
    }

    #[test]
    fn every_change_of_a_token_is_invalid() {
        let token = issue(b"secret", "user", Form::Legacy, 100, 200);
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        for bit in 0..signature.len() * 8 {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(verify(b"secret", &changed, 150), Err(Rejected::Invalid), "bit {bit}");
        }
        let cut = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature[..31]));
        assert_eq!(verify(b"secret", &cut, 150), Err(Rejected::Invalid));
        assert_eq!(verify(b"secret", &format!("{signed}."), 150), Err(Rejected::Invalid));
        let longer = format!("x{token}");
        assert_eq!(verify(b"secret", &longer, 150), Err(Rejected::Invalid));
    }

    #[test]
    fn the_short_form_names_its_kind_and_issue_time() {
        let token = issue(b"secret", "user", Form::Short, 100, 1000);
        assert_eq!(verify(b"secret", &token, 150).map(|claims| claims.form), Ok(Form::Short));
    }
}
