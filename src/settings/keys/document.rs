//! What stands in the keys file: one `[[key]]` for each.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::private_file::PrivateFile;
use crate::domain::{ApiKey, Error, ErrorKind, KeyHash, Result};

const VERSION: u32 = 1;
const HEADER: &str = "# Written by qwenctl. It holds no keys, only what recognises them.\n";

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    key: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    scope: String,
    #[serde(default)]
    limits: Vec<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last4: String,
    sha256: String,
}

impl Document {
    /// The document that holds `keys`.
    pub(super) fn of(keys: &[ApiKey]) -> Self {
        Self { version: VERSION, key: keys.iter().map(Row::of).collect() }
    }

    /// Reads the file; one that does not exist is empty.
    pub(super) fn read(file: &PrivateFile) -> Result<Self> {
        let Some(text) = file.read()? else { return Ok(Self::default()) };
        let document: Self = toml::from_str(&text).map_err(|fault| {
            let at = fault.span().map_or(0, |span| span.start).min(text.len());
            let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
            unusable(file.path(), &format!("is broken at line {line}"))
        })?;
        if document.version > VERSION {
            return Err(unusable(file.path(), "was written by a newer qwenctl"));
        }
        Ok(document)
    }

    /// The keys in it.
    pub(super) fn keys(&self, path: &Path) -> Result<Vec<ApiKey>> {
        let keys = self.key.iter().map(|row| {
            row.key().ok_or_else(|| unusable(path, &format!("has a broken key `{}`", row.name)))
        });
        keys.collect()
    }

    pub(super) fn render(&self) -> Result<String> {
        let body = toml::to_string(self)
            .map_err(|_| Error::new(ErrorKind::Internal, "cannot write the keys as TOML"))?;
        Ok(format!("{HEADER}{body}"))
    }
}

impl Row {
    fn of(key: &ApiKey) -> Self {
        Self {
            id: key.id.clone(),
            name: key.name.clone(),
            scope: key.scope.to_string(),
            limits: key.limits.iter().map(ToString::to_string).collect(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last4: key.last4.clone(),
            sha256: key.hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")),
        }
    }

    fn key(&self) -> Option<ApiKey> {
        let limits: Result<Vec<_>> = self.limits.iter().map(|limit| limit.parse()).collect();
        Some(ApiKey {
            id: self.id.clone(),
            name: self.name.clone(),
            scope: self.scope.parse().ok()?,
            limits: limits.ok()?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last4: self.last4.clone(),
            hash: hash(&self.sha256)?,
        })
    }
}

fn hash(hex: &str) -> Option<KeyHash> {
    let mut hash = KeyHash::default();
    if hex.len() != 2 * hash.len() || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(hash)
}

fn unusable(path: &Path, fault: &str) -> Error {
    let path = path.display();
    Error::invalid(format!("the keys file {path} {fault}"))
        .with_hint(format!("move it away with `mv '{path}' '{path}.old'`, and make new keys"))
}
