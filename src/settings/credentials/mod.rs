//! The stored tokens, and the choice of the tokens of a run ([`find_tokens`]).
//!
//! The credentials file is stored beside the config file and readable by its owner only (see
//! `private_file`). It is changed under a lock: two concurrent refreshes leave one valid file, and the
//! second one sees the result of the first.

mod find;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::find::Seed;
use super::paths::Paths;
use super::private_file::no_home;
use super::private_file::{Contents, FileLock, PrivateFile, Reserved};
use crate::domain::{
    AccessToken, Cookies, Error, ErrorKind, RefreshToken, Result, StoreLock, TokenStore, Tokens,
};

pub use self::find::{FoundTokens, TokenSource, find_tokens, token_is_on_stdin};

/// Longer than a refresh of another process, which holds the lock for up to 20 s.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// More bytes than new tokens take.
const NEW_TOKENS: usize = 32 << 10;

static CONTENTS: Contents = Contents {
    name: "credentials",
    things: "tokens",
    writer: "qwenctl token set",
    instead: "set QWEN_TOKEN to continue without it",
    kind: ErrorKind::TokenInvalid,
};

/// The credentials file.
#[derive(Debug, Clone)]
pub struct CredentialStore {
    file: Option<PrivateFile>,
    lock_wait: Duration,
}

impl Paths {
    /// The store of the tokens: empty and read-only without a home directory.
    pub fn credentials(&self) -> CredentialStore {
        match self.credentials_file() {
            Ok(path) => CredentialStore::at(path),
            Err(_) => CredentialStore::nowhere(),
        }
    }
}

impl CredentialStore {
    /// The store at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(PrivateFile::new(path, &CONTENTS)), lock_wait: LOCK_WAIT }
    }

    /// An empty, read-only store, for a user without a home directory.
    fn nowhere() -> Self {
        Self { file: None, lock_wait: LOCK_WAIT }
    }

    /// The same store with another timeout for the lock.
    #[must_use]
    pub fn with_lock_wait(self, lock_wait: Duration) -> Self {
        Self { lock_wait, ..self }
    }

    /// The file.
    ///
    /// # Errors
    /// Without a home directory.
    pub fn path(&self) -> Result<&Path> {
        self.file().map(PrivateFile::path)
    }

    fn file(&self) -> Result<&PrivateFile> {
        self.file.as_ref().ok_or_else(|| no_home("credentials file", "QWENCTL_CONFIG"))
    }

    /// The tokens of `qwenctl token set`, as refreshed since then.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`] if the file cannot be read, belongs to another user, is readable by
    /// others, or is broken.
    pub fn load(&self) -> Result<Option<Tokens>> {
        self.document()?.account()
    }

    /// Stores `tokens` atomically as the user's own.
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

    /// Locks the file for a change, of the part for `seed` if given.
    fn guard(&self, seed: Option<Seed>) -> Result<Guard> {
        let file = self.file()?.clone();
        let lock = file.lock(self.lock_wait)?;
        // Predictable failures must occur now, before a refresh token is used up.
        let text = file.read()?.unwrap_or_default();
        Document::parse(file.path(), &text)?;
        let room = Some(file.reserve(text.len() + NEW_TOKENS)?);
        Ok(Guard { file, seed, room, _lock: lock })
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

/// For tokens without a refresh token: concurrent refreshes are harmless, and the disk is not accessed
/// before there is something to write.
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
    /// For the first write.
    room: Option<Reserved>,
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
        let room = self.room.take().map_or_else(|| self.file.reserve(0), Ok)?;
        room.replace(&document.render()?)
    }
}

const VERSION: u32 = 1;
const HEADER: &str = "# Written by qwenctl. Anyone who can read this file can use the account.\n";

/// Maximum number of `[[refreshed]]`; the least recently used one is dropped first.
const MAX_REFRESHED: usize = 16;

/// The content of the file. `[account]` holds the tokens of `qwenctl token set`. Each `[[refreshed]]`
/// holds tokens that were refreshed from given ones, which are recognised by their SHA-256.
#[derive(Default, Serialize, Deserialize)]
struct Document {
    #[serde(default)]
    version: u32,
    account: Option<Pair>,
    #[serde(default)]
    refreshed: Vec<Refreshed>,
}

#[derive(Serialize, Deserialize)]
struct Pair {
    access_token: String,
    refresh_token: Option<String>,
    /// The other cookies, as one line.
    cookies: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Refreshed {
    seed_access_sha256: Option<String>,
    seed_refresh_sha256: Option<String>,
    access_token: String,
    refresh_token: Option<String>,
    cookies: Option<String>,
}

impl Document {
    /// Reads and checks the file; a missing one is empty.
    fn read(file: &PrivateFile) -> Result<Self> {
        match file.read()? {
            Some(text) => Self::parse(file.path(), &text),
            None => Ok(Self::default()),
        }
    }

    /// Errors repeat neither the text nor the messages of serde or TOML, which contain tokens.
    fn parse(path: &Path, text: &str) -> Result<Self> {
        let broken_at = |fault: &toml::de::Error| {
            let at = fault.span().map_or(0, |span| span.start).min(text.len());
            let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
            unusable(path, &format!("is broken at line {line}"))
        };
        let deserializer = toml::Deserializer::parse(text).map_err(|fault| broken_at(&fault))?;
        let mut unknown = None;
        let document: Self = serde_ignored::deserialize(deserializer, |key| {
            // serde_ignored writes an `Option` as `?`.
            unknown.get_or_insert_with(|| key.to_string().replace(".?", ""));
        })
        .map_err(|fault| broken_at(&fault))?;
        if document.version > VERSION {
            return Err(unusable(path, "was written by a newer qwenctl"));
        }
        if let Some(key) = unknown {
            return Err(unusable(path, &format!("has an unknown key{}", shown_key(&key))));
        }
        document.check(path)?;
        Ok(document)
    }

    fn check(&self, path: &Path) -> Result<()> {
        let refreshed = self.refreshed.iter().map(Refreshed::tokens);
        for found in self.account.iter().map(Pair::tokens).chain(refreshed) {
            found.map_err(|fault| unusable(path, &format!("is broken: {fault}")))?;
        }
        Ok(())
    }

    fn account(&self) -> Result<Option<Tokens>> {
        self.account.as_ref().map(Pair::tokens).transpose()
    }

    fn set_account(&mut self, tokens: &Tokens) {
        self.account = Some(tokens.into());
    }

    /// The account's own tokens, or those refreshed from `seed`.
    fn tokens(&self, seed: Option<&Seed>) -> Result<Option<Tokens>> {
        seed.map_or_else(|| self.account(), |seed| self.descendant(seed))
    }

    /// The tokens refreshed from `seed`, if any.
    fn descendant(&self, seed: &Seed) -> Result<Option<Tokens>> {
        let entry = self.refreshed.iter().find(|entry| entry.descends_from(seed));
        entry.map(Refreshed::tokens).transpose()
    }

    /// Stores `tokens` as refreshed from `seed`.
    fn set_descendant(&mut self, seed: &Seed, tokens: &Tokens) {
        self.refreshed.retain(|entry| !entry.descends_from(seed));
        let Pair { access_token, refresh_token, cookies } = tokens.into();
        self.refreshed.insert(
            0,
            Refreshed {
                seed_access_sha256: seed.access.clone(),
                seed_refresh_sha256: seed.refresh.clone(),
                access_token,
                refresh_token,
                cookies,
            },
        );
        self.refreshed.truncate(MAX_REFRESHED);
    }

    fn render(&mut self) -> Result<String> {
        self.version = VERSION;
        let body = toml::to_string(self)
            .map_err(|_| Error::new(ErrorKind::Internal, "cannot write the credentials as TOML"))?;
        Ok(format!("{HEADER}{body}"))
    }
}

impl Pair {
    fn tokens(&self) -> Result<Tokens> {
        tokens(&self.access_token, self.refresh_token.as_deref(), self.cookies.as_deref())
    }
}

impl From<&Tokens> for Pair {
    fn from(tokens: &Tokens) -> Self {
        Self {
            access_token: tokens.access.expose().to_owned(),
            refresh_token: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
            cookies: (!tokens.cookies.is_empty()).then(|| tokens.cookies.expose_line()),
        }
    }
}

impl Refreshed {
    fn tokens(&self) -> Result<Tokens> {
        tokens(&self.access_token, self.refresh_token.as_deref(), self.cookies.as_deref())
    }

    /// The refresh token decides, as it may be valid for one use only; without one the access token
    /// decides.
    fn descends_from(&self, seed: &Seed) -> bool {
        match &seed.refresh {
            Some(refresh) => self.seed_refresh_sha256.as_ref() == Some(refresh),
            None => seed.access.is_some() && self.seed_access_sha256 == seed.access,
        }
    }
}

fn tokens(access: &str, refresh: Option<&str>, cookies: Option<&str>) -> Result<Tokens> {
    Ok(Tokens {
        access: AccessToken::parse(access)?,
        refresh: refresh.map(RefreshToken::parse).transpose()?,
        cookies: cookies.map(Cookies::parse).unwrap_or_default(),
    })
}

fn unusable(path: &Path, fault: &str) -> Error {
    let path = path.display();
    Error::new(ErrorKind::TokenInvalid, format!("the credentials file {path} {fault}"))
        .with_hint(format!("remove it with `rm '{path}'`, then run `qwenctl token set`"))
}

/// A key is shown only if it cannot be a misplaced token.
fn shown_key(key: &str) -> String {
    let plain = key.len() <= 40 && key.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
    if plain { format!(" `{key}`") } else { String::new() }
}
