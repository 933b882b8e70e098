//! The API keys, stored as hashes in a file beside the config file.
//!
//! What this module keeps true: the file never contains a key, only its hash; it is private and
//! replaced atomically (see `private_file`); as a [`Keyring`], [`KeyStore`] checks the file at each call
//! and reads it if it has changed, so that a running server sees changes at once.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::paths::Paths;
use super::private_file::no_home;
use super::private_file::{Contents, PrivateFile};
use crate::domain::{ApiKey, Error, ErrorKind, KeyHash, Keyring, Result, hex};

const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Each request with a key is compared with every key.
const MOST_KEYS: usize = 1000;

static CONTENTS: Contents = Contents {
    name: "keys",
    things: "keys",
    writer: "qwenctl keys create",
    instead: "name another place with QWENCTL_CONFIG",
    kind: ErrorKind::InvalidRequest,
    is_mended: false,
};

/// The file of the API keys.
#[derive(Debug, Clone)]
pub struct KeyStore {
    file: Option<PrivateFile>,
    read: Arc<Mutex<Option<Known>>>,
}

/// The keys as last read.
#[derive(Debug)]
struct Known {
    stamp: Stamp,
    keys: Arc<Vec<ApiKey>>,
}

/// The state of the file. A replaced file has another inode, so two changes differ even within one tick
/// of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
    mode: u32,
}

impl Paths {
    /// The store of the API keys, beside the config file: empty and read-only without a home directory.
    pub fn keys(&self) -> KeyStore {
        match self.config_file() {
            Ok(config) => KeyStore::at(config.with_file_name("keys.toml")),
            Err(_) => KeyStore::nowhere(),
        }
    }
}

impl KeyStore {
    /// The store at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(PrivateFile::new(path, &CONTENTS)), read: Arc::default() }
    }

    /// An empty, read-only store, for a user without a home directory.
    fn nowhere() -> Self {
        Self { file: None, read: Arc::default() }
    }

    /// The file.
    ///
    /// # Errors
    /// Without a home directory.
    pub fn path(&self) -> Result<&Path> {
        self.file().map(PrivateFile::path)
    }

    /// All keys, oldest first.
    ///
    /// # Errors
    /// If the file cannot be read, belongs to another user, is readable by others, or is broken.
    pub fn list(&self) -> Result<Vec<ApiKey>> {
        match &self.file {
            Some(file) => Document::read(file)?.keys(file.path()),
            None => Ok(Vec::new()),
        }
    }

    /// Adds `key`.
    ///
    /// # Errors
    /// If a key with that name or id exists, or there are too many; if the file cannot be read or
    /// written.
    pub fn add(&self, key: &ApiKey) -> Result<()> {
        self.change(|keys| {
            if keys.iter().any(|known| known.name == key.name) {
                return Err(Error::invalid(format!("a key called `{}` already exists", key.name))
                    .with_hint(
                        "choose another name, or revoke that one with `qwenctl keys revoke`",
                    ));
            }
            if keys.iter().any(|known| known.id == key.name) {
                return Err(Error::invalid(format!("`{}` is the id of another key", key.name))
                    .with_hint("choose another name: a key is revoked by its id or its name"));
            }
            if keys.len() >= MOST_KEYS {
                return Err(Error::invalid(format!("there are {MOST_KEYS} keys already"))
                    .with_hint("revoke some with `qwenctl keys revoke`"));
            }
            keys.push(key.clone());
            Ok(())
        })
    }

    /// Removes the key with this id, else this name, and returns it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; if the file cannot be read or written.
    pub fn remove(&self, id_or_name: &str) -> Result<ApiKey> {
        self.change(|keys| {
            let by_id = keys.iter().position(|key| key.id == id_or_name);
            let found = by_id.or_else(|| keys.iter().position(|key| key.name == id_or_name));
            let at = found.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("there is no key `{id_or_name}`"))
                    .with_hint("`qwenctl keys list` shows the names and ids")
            })?;
            Ok(keys.remove(at))
        })
    }

    fn file(&self) -> Result<&PrivateFile> {
        self.file.as_ref().ok_or_else(|| no_home("keys file", "QWENCTL_CONFIG"))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<ApiKey>) -> Result<T>) -> Result<T> {
        let file = self.file()?;
        let _lock = file.lock(LOCK_WAIT)?;
        let room = file.reserve(0)?;
        let mut keys = self.list()?;
        let result = change(&mut keys)?;
        room.replace(&Document::of(&keys).render()?)?;
        Ok(result)
    }

    /// The current keys, read only if the file has changed.
    fn current(&self) -> Result<Arc<Vec<ApiKey>>> {
        let Some(file) = &self.file else { return Ok(Arc::default()) };
        let stamp = std::fs::metadata(file.path()).ok().map(|metadata| Stamp::of(&metadata));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.as_ref().filter(|known| Some(known.stamp) == stamp) {
            return Ok(Arc::clone(&known.keys));
        }
        // The stamp is older than the content: a change in between is noticed at the next call.
        let keys = Arc::new(self.list()?);
        *read = stamp.map(|stamp| Known { stamp, keys: Arc::clone(&keys) });
        Ok(keys)
    }
}

impl Keyring for KeyStore {
    fn by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>> {
        // All are compared: the time must not depend on the key.
        let keys = self.current()?;
        let fitting = keys.iter().filter(|key| bool::from(key.hash.ct_eq(hash)));
        Ok(fitting.fold(None, |_, key| Some(key)).cloned())
    }

    fn by_id(&self, id: &str) -> Result<Option<ApiKey>> {
        Ok(self.current()?.iter().find(|key| key.id == id).cloned())
    }

    fn all(&self) -> Result<Arc<Vec<ApiKey>>> {
        self.current()
    }
}

impl Stamp {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let (inode, mode) = (metadata.ino(), metadata.mode());
        Self { modified: metadata.modified().ok(), length: metadata.len(), inode, mode }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), length: metadata.len(), inode: 0, mode: 0 }
    }
}

const VERSION: u32 = 1;
const HEADER: &str = "# Written by qwenctl. It contains hashes of the keys, not the keys.\n";

/// The content of the file: one `[[key]]` for each.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
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
    fn of(keys: &[ApiKey]) -> Self {
        Self { version: VERSION, key: keys.iter().map(Row::of).collect() }
    }

    /// Reads the file; a missing one is empty.
    fn read(file: &PrivateFile) -> Result<Self> {
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

    /// Its keys.
    fn keys(&self, path: &Path) -> Result<Vec<ApiKey>> {
        let keys = self.key.iter().map(|row| {
            row.key().ok_or_else(|| unusable(path, &format!("has a broken key `{}`", row.name)))
        });
        keys.collect()
    }

    fn render(&self) -> Result<String> {
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
            sha256: hex(&key.hash),
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
        .of_a_file()
        .with_hint(format!("move it away with `mv '{path}' '{path}.old'`, and create new keys"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RateLimit, Scope};

    fn key(number: u8) -> ApiKey {
        ApiKey {
            id: format!("k{number}"),
            name: format!("name {number}"),
            scope: Scope::Send,
            limits: vec![RateLimit::per_minute(20)],
            created_at: 5,
            expires_at: Some(7),
            last4: "abcd".to_owned(),
            hash: [number; 32],
        }
    }

    fn store() -> (tempfile::TempDir, KeyStore) {
        let directory = tempfile::tempdir().expect("a directory");
        let store = KeyStore::at(directory.path().join("deep/keys.toml"));
        (directory, store)
    }

    #[test]
    fn an_added_key_is_found_until_it_is_removed() {
        let (_directory, store) = store();
        assert_eq!(store.by_hash(&[1; 32]).ok(), Some(None));
        store.add(&key(1)).expect("added");
        store.add(&key(2)).expect("added");
        assert_eq!(store.list().expect("keys"), [key(1), key(2)]);
        assert_eq!(store.by_hash(&[2; 32]).ok(), Some(Some(key(2))));
        assert_eq!(store.by_id("k1").ok(), Some(Some(key(1))));
        assert_eq!(store.remove("name 2").ok(), Some(key(2)));
        assert_eq!(store.by_hash(&[2; 32]).ok(), Some(None));
        assert_eq!(store.remove("k2").expect_err("gone").kind(), ErrorKind::NotFound);
        assert!(store.add(&key(1)).expect_err("twice").message().contains("already"));
        let like_an_id = ApiKey { name: "k1".to_owned(), ..key(3) };
        assert!(store.add(&like_an_id).expect_err("ambiguous").message().contains("id"));
    }

    #[test]
    fn a_change_by_another_process_is_noticed_at_once() {
        let (_directory, server) = store();
        let elsewhere = KeyStore::at(server.path().expect("a path"));
        for _ in 0..20 {
            elsewhere.add(&key(1)).expect("added");
            assert!(server.by_id("k1").is_ok_and(|found| found.is_some()));
            elsewhere.remove("k1").expect("removed");
            assert!(server.by_id("k1").is_ok_and(|found| found.is_none()));
        }
    }

    #[test]
    fn an_untrusted_file_grants_no_access() {
        let (_directory, store) = store();
        store.add(&key(1)).expect("added");
        let path = store.path().expect("a path").to_owned();
        std::fs::write(&path, "not = [a keys file").expect("written");
        assert!(store.by_id("k1").is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::remove_file(&path).expect("removed");
            store.add(&key(1)).expect("added");
            assert!(store.by_id("k1").is_ok_and(|found| found.is_some()));
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(&path, open).expect("changed");
            let error = store.by_id("k1").expect_err("open to others");
            assert!(error.hint().is_some_and(|hint| hint.contains("chmod 600")), "{error}");
        }
    }
}
