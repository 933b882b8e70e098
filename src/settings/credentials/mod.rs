//! Where tokens are kept and which of them count.
//!
//! The credentials file lies beside the config file and is readable by its owner alone: one that
//! others can read is refused (see `private_file`). Whoever changes it holds a lock. So two refreshes at once leave one valid file, and the second one sees what the first one got.

mod document;
mod find;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::document::Document;
use self::find::Seed;
use super::home::no_home;
use super::private_file::{Contents, FileLock, PrivateFile};
use crate::domain::{ErrorKind, Result, StoreLock, TokenStore, Tokens};

pub use self::find::{FoundTokens, TokenSource, find_tokens, token_is_on_stdin};

/// Another process holds the lock while it refreshes, which the client ends after 20 s.
const LOCK_WAIT: Duration = Duration::from_secs(30);

static CONTENTS: Contents = Contents {
    name: "credentials",
    things: "tokens",
    writer: "qwenctl token set",
    instead: "set QWEN_TOKEN to go on without it",
    kind: ErrorKind::TokenInvalid,
};

/// The credentials file.
#[derive(Debug, Clone)]
pub struct CredentialStore {
    file: Option<PrivateFile>,
    lock_wait: Duration,
}

impl CredentialStore {
    /// The store in the file at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(PrivateFile::new(path, &CONTENTS)), lock_wait: LOCK_WAIT }
    }

    /// An empty store that cannot be written, for a user without a home directory.
    pub(super) fn nowhere() -> Self {
        Self { file: None, lock_wait: LOCK_WAIT }
    }

    /// The same store, waiting at most this long for another process.
    #[must_use]
    pub fn with_lock_wait(self, lock_wait: Duration) -> Self {
        Self { lock_wait, ..self }
    }

    /// The file.
    ///
    /// # Errors
    /// If there is no home directory for it.
    pub fn path(&self) -> Result<&Path> {
        self.file().map(PrivateFile::path)
    }

    fn file(&self) -> Result<&PrivateFile> {
        self.file.as_ref().ok_or_else(|| no_home("credentials file", "QWENCTL_CONFIG"))
    }

    /// The tokens that `qwenctl token set` stored, with the refreshes since then.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::TokenInvalid`] if the file cannot be read, is not the user's own, is open to
    /// others, or is broken.
    pub fn load(&self) -> Result<Option<Tokens>> {
        self.document()?.account()
    }

    /// Stores `tokens` as the user's own, all or nothing.
    ///
    /// # Errors
    /// If the file cannot be locked, read or written.
    pub fn save(&self, tokens: &Tokens) -> Result<()> {
        self.guard(None)?.write(tokens)
    }

    fn document(&self) -> Result<Document> {
        match &self.file {
            Some(file) => Document::read(file),
            None => Ok(Document::default()),
        }
    }

    /// The right to change the file, or the part of it that belongs to `seed`.
    fn guard(&self, seed: Option<Seed>) -> Result<Guard> {
        let file = self.file()?.clone();
        let lock = file.lock(self.lock_wait)?;
        // Whatever can be known to fail must fail now, before a refresh token is used up.
        Document::read(&file)?;
        file.check_writable()?;
        Ok(Guard { file, seed, _lock: lock })
    }
}

impl TokenStore for CredentialStore {
    fn lock(&self) -> Result<Box<dyn StoreLock>> {
        match self.load()? {
            Some(Tokens { refresh: None, .. }) => Ok(Box::new(LateGuard::new(self, None))),
            _ => Ok(Box::new(self.guard(None)?)),
        }
    }
}

/// For tokens without a refresh token: nothing is used up by their refresh, so two at once do no
/// harm, and nothing on disk is touched before there is something to write.
struct LateGuard {
    store: CredentialStore,
    seed: Option<Seed>,
}

impl LateGuard {
    fn new(store: &CredentialStore, seed: Option<Seed>) -> Self {
        Self { store: store.clone(), seed }
    }
}

impl StoreLock for LateGuard {
    fn read(&self) -> Result<Option<Tokens>> {
        self.store.document()?.tokens(self.seed.as_ref())
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        self.store.guard(self.seed.clone())?.write(tokens)
    }
}

struct Guard {
    file: PrivateFile,
    seed: Option<Seed>,
    _lock: FileLock,
}

impl StoreLock for Guard {
    fn read(&self) -> Result<Option<Tokens>> {
        Document::read(&self.file)?.tokens(self.seed.as_ref())
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        let mut document = Document::read(&self.file)?;
        match &self.seed {
            None => document.set_account(tokens),
            Some(seed) => document.set_descendant(seed, tokens),
        }
        self.file.replace(&document.render()?)
    }
}
