//! Where API keys are kept: in a file of their own beside the config file, as hashes.
//!
//! What this module keeps true: the file never holds a key, only what recognises one; it is its owner's
//! alone and replaced whole (see `private_file`); [`KeyStore`] as a [`Keyring`] looks at the file each
//! time it is asked, so that a running server sees a change at once, and reads it only if it changed.

mod document;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq as _;

use self::document::Document;
use super::home::no_home;
use super::private_file::{Contents, PrivateFile};
use crate::domain::{ApiKey, Error, ErrorKind, KeyHash, Keyring, Result};

const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Each request with a key is compared with every key there is.
const MOST_KEYS: usize = 1000;

static CONTENTS: Contents = Contents {
    name: "keys",
    things: "keys",
    writer: "qwenctl keys create",
    instead: "name another place with QWENCTL_CONFIG",
    kind: ErrorKind::InvalidRequest,
};

/// The file of the API keys.
#[derive(Debug, Clone)]
pub struct KeyStore {
    file: Option<PrivateFile>,
    read: Arc<Mutex<Option<Known>>>,
}

/// The keys as they were read last.
#[derive(Debug)]
struct Known {
    stamp: Stamp,
    keys: Arc<Vec<ApiKey>>,
}

/// Tells one state of the file from another. A file that is replaced is another file, so this differs
/// even if two changes fall on one tick of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
    mode: u32,
}

impl KeyStore {
    /// The store in the file at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(PrivateFile::new(path, &CONTENTS)), read: Arc::default() }
    }

    /// An empty store that cannot be written, for a user without a home directory.
    pub(super) fn nowhere() -> Self {
        Self { file: None, read: Arc::default() }
    }

    /// The file.
    ///
    /// # Errors
    /// If there is no home directory for it.
    pub fn path(&self) -> Result<&Path> {
        self.file().map(PrivateFile::path)
    }

    /// Every key, the oldest first.
    ///
    /// # Errors
    /// If the file cannot be read, is not the user's own, is open to others, or is broken.
    pub fn list(&self) -> Result<Vec<ApiKey>> {
        match &self.file {
            Some(file) => Document::read(file)?.keys(file.path()),
            None => Ok(Vec::new()),
        }
    }

    /// Adds `key`.
    ///
    /// # Errors
    /// If there is a key of that name or id, or there are too many; if the file cannot be read or written.
    pub fn add(&self, key: &ApiKey) -> Result<()> {
        self.change(|keys| {
            if keys.iter().any(|known| known.name == key.name) {
                return Err(Error::invalid(format!(
                    "there is a key called `{}` already",
                    key.name
                ))
                .with_hint("choose another name, or revoke that one with `qwenctl keys revoke`"));
            }
            if keys.iter().any(|known| known.id == key.name) {
                return Err(Error::invalid(format!("`{}` is the id of another key", key.name))
                    .with_hint(
                        "choose another name: ids and names both tell which key to revoke",
                    ));
            }
            if keys.len() >= MOST_KEYS {
                return Err(Error::invalid(format!("there are {MOST_KEYS} keys already"))
                    .with_hint("revoke some with `qwenctl keys revoke`"));
            }
            keys.push(key.clone());
            Ok(())
        })
    }

    /// Removes the key with this id or name, and returns it. An id counts before a name.
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
        file.check_writable()?;
        let mut keys = self.list()?;
        let result = change(&mut keys)?;
        file.replace(&Document::of(&keys).render()?)?;
        Ok(result)
    }

    /// The keys as they are now, read only if the file is not the one that was read last.
    fn current(&self) -> Result<Arc<Vec<ApiKey>>> {
        let Some(file) = &self.file else { return Ok(Arc::default()) };
        let stamp = std::fs::metadata(file.path()).ok().map(|metadata| Stamp::of(&metadata));
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.as_ref().filter(|known| Some(known.stamp) == stamp) {
            return Ok(Arc::clone(&known.keys));
        }
        // The stamp is older than what is read now, so a change in between is seen the next time.
        let keys = Arc::new(self.list()?);
        *read = stamp.map(|stamp| Known { stamp, keys: Arc::clone(&keys) });
        Ok(keys)
    }
}

impl Keyring for KeyStore {
    fn by_hash(&self, hash: &KeyHash) -> Result<Option<ApiKey>> {
        // All are compared, so that the time tells nothing.
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
    fn what_is_added_is_found_until_it_is_removed() {
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
    fn a_change_by_another_process_is_seen_at_once() {
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
    fn a_file_that_cannot_be_trusted_lets_nobody_in() {
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
