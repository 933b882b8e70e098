//! The stored credentials, and the choice of those of a run ([`find_tokens`]).
//!
//! The credentials file is stored beside the config file and readable by its owner only (see
//! `private_file`). It is changed under a lock: two concurrent refreshes leave one valid file, and the
//! second one sees the result of the first. It holds named accounts. A store is that of one account, and
//! what it writes never reaches another one, whichever is the default one meanwhile.

mod document;
mod find;
#[cfg(unix)]
mod keyring;

use std::path::{Path, PathBuf};
use std::time::Duration;

use self::document::{Document, Entry, Seed};
use super::paths::Paths;
use super::private_file::no_home;
use super::private_file::{Contents, FileLock, PrivateFile, Reserved};
use crate::domain::{Error, ErrorKind, Result, StoreLock, TokenStore, Tokens};

pub use self::document::AccountName;
pub use self::find::{FoundTokens, TokenSource};
pub(super) use self::find::{find_tokens, token_is_on_stdin};

/// Longer than a refresh of another process, which holds the lock for up to 20 s.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// More bytes than new tokens take.
const NEW_TOKENS: usize = 64 << 10;

static CONTENTS: Contents = Contents {
    name: "credentials",
    things: "tokens",
    writer: "qwenctl token set",
    instead: "set QWEN_TOKEN to continue without it",
    kind: ErrorKind::TokenInvalid,
    is_mended: false,
};

/// The credentials file, for one account.
#[derive(Debug, Clone)]
pub struct CredentialStore {
    file: Option<PrivateFile>,
    /// The default one, if there is none.
    account: Option<AccountName>,
    /// Whether the account was there: it is not created again after its removal.
    is_known: bool,
    lock_wait: Duration,
}

/// An account in the credentials file.
#[derive(Debug)]
pub struct StoredAccount {
    /// Its name.
    pub name: AccountName,
    /// Whether it is the default one.
    pub is_default: bool,
    /// Whether its credentials are in the keyring of the desktop.
    pub in_keyring: bool,
    /// Its credentials.
    pub tokens: Result<Tokens>,
}

impl Paths {
    /// The store of the credentials of the default account: empty and read-only without a home directory.
    pub fn credentials(&self) -> CredentialStore {
        match self.credentials_file() {
            Ok(path) => CredentialStore::at(path),
            Err(_) => CredentialStore::nowhere(),
        }
    }
}

impl CredentialStore {
    /// The store of the default account at `path`, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let file = Some(PrivateFile::new(path, &CONTENTS));
        Self { file, account: None, is_known: false, lock_wait: LOCK_WAIT }
    }

    /// An empty, read-only store, for a user without a home directory.
    fn nowhere() -> Self {
        Self { file: None, account: None, is_known: false, lock_wait: LOCK_WAIT }
    }

    /// The store of another account in the same file; of the default one for `None`.
    #[must_use]
    pub fn of_account(self, account: Option<AccountName>) -> Self {
        Self { account, is_known: false, ..self }
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

    /// The tokens of `qwenctl token set`, as refreshed since then. May block.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`] if the file cannot be read, belongs to another user, is readable by
    /// others, or is broken; [`ErrorKind::InvalidRequest`] if there is no such account.
    pub fn load(&self) -> Result<Option<Tokens>> {
        Ok(self.load_named()?.map(|(_, tokens)| tokens))
    }

    /// The same, with the account that it is.
    fn load_named(&self) -> Result<Option<(AccountName, Tokens)>> {
        let document = self.document()?;
        let Some(name) = self.chosen(&document)? else { return Ok(None) };
        let tokens = self.tokens(&document, &name)?;
        Ok(tokens.map(|tokens| (name, tokens)))
    }

    /// The account that applies; `None` if nothing is stored.
    fn chosen(&self, document: &Document) -> Result<Option<AccountName>> {
        match &self.account {
            Some(name) if self.is_known && !document.accounts().contains_key(name) => {
                Err(removed(name))
            }
            account => document.chosen(account.as_ref()),
        }
    }

    /// The account that applies, if any is stored.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn current(&self) -> Result<Option<AccountName>> {
        self.chosen(&self.document()?)
    }

    /// The account to which [`Self::save`] writes.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn target(&self) -> Result<AccountName> {
        let named = self.account.clone();
        let document = self.document()?;
        Ok(named.or_else(|| document.default_account()).unwrap_or_default())
    }

    /// The accounts, by name. May block.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn accounts(&self) -> Result<Vec<StoredAccount>> {
        let document = self.document()?;
        let default = document.default_account();
        let accounts = document.accounts().iter().map(|(name, entry)| StoredAccount {
            name: name.clone(),
            is_default: default.as_ref() == Some(name),
            in_keyring: entry.keyring,
            tokens: self.tokens(&document, name).and_then(|tokens| {
                tokens.ok_or_else(|| Error::new(ErrorKind::TokenMissing, "it has no tokens"))
            }),
        });
        Ok(accounts.collect())
    }

    /// Whether there is an account of this name.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn contains(&self, name: &AccountName) -> Result<bool> {
        Ok(self.document()?.accounts().contains_key(name))
    }

    /// Whether [`Self::save`], or [`Self::save_in_keyring`], can write now.
    ///
    /// # Errors
    /// As those.
    pub fn check_writable(&self, in_keyring: bool) -> Result<()> {
        self.target_guard()?;
        if in_keyring { keyring_check() } else { Ok(()) }
    }

    /// Locks the file for the account that [`Self::save`] writes, which nothing changes from now on.
    fn target_guard(&self) -> Result<(AccountName, Guard)> {
        let mut guard = self.guard(Part::Account { name: self.target()?, creates: true })?;
        let name = self.target()?;
        self.check_keyring(&name)?;
        guard.part = Part::Account { name: name.clone(), creates: true };
        Ok((name, guard))
    }

    /// If the account is in the keyring: whether it can be stored there now, before a refresh token is used up.
    fn check_keyring(&self, name: &AccountName) -> Result<()> {
        let document = self.document()?;
        match document.accounts().get(name) {
            Some(entry) if entry.keyring => keyring_check(),
            _ => Ok(()),
        }
    }

    /// Stores `tokens` atomically as those of the account, where its earlier ones were. Returns its name.
    ///
    /// # Errors
    /// If the file cannot be locked, read or written; if the keyring is absent or locked.
    pub fn save(&self, tokens: &Tokens) -> Result<AccountName> {
        let (name, mut guard) = self.target_guard()?;
        guard.write(tokens)?;
        Ok(name)
    }

    /// The same in the keyring of the desktop, now and in future. The file only says that they are there.
    ///
    /// # Errors
    /// As [`Self::save`].
    pub fn save_in_keyring(&self, tokens: &Tokens) -> Result<AccountName> {
        let (name, mut guard) = self.target_guard()?;
        keyring_save(&guard.file, &name, tokens)?;
        let mut document = self.document()?;
        document.set_account(&name, Entry::in_keyring());
        guard.replace(document)?;
        self.remove_copy()?;
        Ok(name)
    }

    /// Makes the account the default one.
    ///
    /// # Errors
    /// If there is no such account; as [`Self::save`].
    pub fn make_default(&self, name: &AccountName) -> Result<()> {
        self.change(name, |document| {
            document.set_default(name);
            Ok(())
        })
    }

    /// Removes an account with its credentials. Returns false if they may still be in a keyring that cannot be
    /// reached.
    ///
    /// # Errors
    /// If there is no such account; if the keyring is locked; as [`Self::save`].
    pub fn remove(&self, name: &AccountName) -> Result<bool> {
        let mut is_gone = true;
        self.change(name, |document| {
            let tokens = self.tokens(document, name).ok().flatten();
            if document.accounts().get(name).is_some_and(|entry| entry.keyring) {
                is_gone = keyring_remove(self.file()?, name)?;
            }
            document.remove(name, tokens.as_ref());
            Ok(())
        })?;
        self.remove_copy()?;
        Ok(is_gone)
    }

    fn change(
        &self,
        name: &AccountName,
        change: impl FnOnce(&mut Document) -> Result<()>,
    ) -> Result<()> {
        let mut guard = self.guard(Part::Account { name: name.clone(), creates: false })?;
        let mut document = self.document()?;
        if !document.accounts().contains_key(name) {
            return Err(document.unknown(name));
        }
        change(&mut document)?;
        guard.replace(document)
    }

    fn document(&self) -> Result<Document> {
        match &self.file {
            Some(file) => read(file),
            None => Ok(Document::default()),
        }
    }

    fn tokens(&self, document: &Document, name: &AccountName) -> Result<Option<Tokens>> {
        let Some(entry) = document.accounts().get(name) else { return Ok(None) };
        if entry.keyring {
            keyring_load(self.file()?, name).map(Some)
        } else {
            self.tokens_in_file(entry, name).map(Some)
        }
    }

    /// A damaged account leaves the others usable.
    fn tokens_in_file(&self, entry: &Entry, name: &AccountName) -> Result<Tokens> {
        entry.tokens().map_err(|fault| {
            let path = self.path().map(|path| path.display().to_string()).unwrap_or_default();
            let message =
                format!("the account `{name}` in the credentials file {path} is broken: {fault}");
            Error::new(ErrorKind::TokenInvalid, message)
                .of_a_file()
                .with_hint(format!("store it again with `qwenctl token set --account {name}`"))
        })
    }

    /// Whether the service refused the refresh token of the account since it was stored.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn refresh_was_refused(&self) -> Result<bool> {
        let document = self.document()?;
        let name = self.chosen(&document)?;
        let entry = name.and_then(|name| document.accounts().get(&name));
        Ok(entry.is_some_and(|entry| entry.refresh_refused))
    }

    /// Locks the file for a change of a part.
    fn guard(&self, part: Part) -> Result<Guard> {
        let file = self.file()?.clone();
        let lock = file.lock(self.lock_wait)?;
        // Predictable failures must occur now, before a refresh token is used up.
        let text = file.read()?.unwrap_or_default();
        let document = Document::parse(file.path(), &text)?;
        if document.is_old() {
            // The first write in a new format keeps a copy of the old file.
            self.copy()?.reserve(text.len())?.replace(&text)?;
        }
        let room = Some(file.reserve(text.len() + NEW_TOKENS)?);
        Ok(Guard { store: self.clone(), file, part, room, _lock: lock })
    }

    /// The copy of a file of an older version.
    fn copy(&self) -> Result<PrivateFile> {
        let mut name = self.path()?.as_os_str().to_owned();
        name.push(".v1");
        Ok(PrivateFile::new(PathBuf::from(name), &CONTENTS))
    }

    fn remove_copy(&self) -> Result<()> {
        let copy = self.copy()?;
        match std::fs::remove_file(copy.path()) {
            Err(fault) if fault.kind() != std::io::ErrorKind::NotFound => {
                Err(copy.unwritable(&fault))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn keyring_load(file: &PrivateFile, name: &AccountName) -> Result<Tokens> {
    let secret = keyring::load(file.path(), name)?.ok_or_else(|| {
        Error::new(ErrorKind::TokenMissing, format!("the keyring has no credentials of `{name}`"))
            .with_hint(format!("store them with `qwenctl token set --account {name}`"))
    })?;
    Entry::parse(&secret)?.tokens()
}

#[cfg(unix)]
fn keyring_save(file: &PrivateFile, name: &AccountName, tokens: &Tokens) -> Result<()> {
    keyring::save(file.path(), name, Entry::from(tokens).to_json()?)
}

#[cfg(unix)]
fn keyring_check() -> Result<()> {
    keyring::check()
}

#[cfg(unix)]
fn keyring_remove(file: &PrivateFile, name: &AccountName) -> Result<bool> {
    keyring::remove(file.path(), name)
}

#[cfg(not(unix))]
mod no_keyring {
    use super::{AccountName, Error, PrivateFile, Result, Tokens};

    fn absent() -> Error {
        Error::invalid("the keyring of this system is not supported")
            .with_hint("leave out `--keyring`")
    }

    pub(super) fn keyring_load(_: &PrivateFile, _: &AccountName) -> Result<Tokens> {
        Err(absent())
    }

    pub(super) fn keyring_save(_: &PrivateFile, _: &AccountName, _: &Tokens) -> Result<()> {
        Err(absent())
    }

    pub(super) fn keyring_check() -> Result<()> {
        Err(absent())
    }

    pub(super) fn keyring_remove(_: &PrivateFile, _: &AccountName) -> Result<bool> {
        Ok(false)
    }
}
#[cfg(not(unix))]
use no_keyring::{keyring_check, keyring_load, keyring_remove, keyring_save};

fn read(file: &PrivateFile) -> Result<Document> {
    Document::parse(file.path(), &file.read()?.unwrap_or_default())
}

impl TokenStore for CredentialStore {
    fn lock(&self) -> Result<Box<dyn StoreLock>> {
        let document = self.document()?;
        let part = match self.chosen(&document)? {
            Some(name) => Part::Account { name, creates: false },
            None => Part::Account { name: self.account.clone().unwrap_or_default(), creates: true },
        };
        if let Some(Tokens { refresh: None, .. }) = part.read(self, &document)? {
            return Ok(Box::new(LateGuard::new(self, part)));
        }
        if let Part::Account { name, .. } = &part {
            self.check_keyring(name)?;
        }
        Ok(Box::new(self.guard(part)?))
    }
}

/// Whether the tokens name different users.
fn are_strangers(one: &Tokens, other: &Tokens) -> bool {
    let id = |tokens: &Tokens| tokens.access.claims().account_id.clone();
    id(one).zip(id(other)).is_some_and(|(one, other)| one != other)
}

fn removed(name: &AccountName) -> Error {
    let message = format!("the account `{name}` has been removed");
    Error::new(ErrorKind::TokenMissing, message).with_hint("sign in again")
}

fn taken_over(name: &AccountName) -> Error {
    let message = format!("`{name}` was signed in as another user meanwhile");
    Error::invalid(message).with_hint(
        "start this program again to use the new credentials (`systemctl reload` or SIGHUP for `serve`)",
    )
}

/// The part of the file that a lock is for.
#[derive(Debug, Clone)]
enum Part {
    /// An account; whether a write may create it.
    Account { name: AccountName, creates: bool },
    /// What was refreshed from given tokens.
    Descendant(Seed),
}

impl Part {
    fn read(&self, store: &CredentialStore, document: &Document) -> Result<Option<Tokens>> {
        match self {
            Self::Account { name, .. } => store.tokens(document, name),
            Self::Descendant(seed) => document.descendant(seed),
        }
    }
}

/// For tokens without a refresh token: concurrent refreshes are harmless, and the disk is not accessed
/// before there is something to write.
struct LateGuard {
    store: CredentialStore,
    part: Part,
}

impl LateGuard {
    fn new(store: &CredentialStore, part: Part) -> Self {
        Self { store: store.clone(), part }
    }
}

impl StoreLock for LateGuard {
    fn read(&self) -> Result<Option<Tokens>> {
        self.part.read(&self.store, &self.store.document()?)
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        self.store.guard(self.part.clone())?.write(tokens)
    }
}

struct Guard {
    store: CredentialStore,
    file: PrivateFile,
    part: Part,
    /// For the first write.
    room: Option<Reserved>,
    _lock: FileLock,
}

impl Guard {
    fn replace(&mut self, mut document: Document) -> Result<()> {
        let room = self.room.take().map_or_else(|| self.file.reserve(0), Ok)?;
        room.replace(&document.render()?)
    }
}

impl StoreLock for Guard {
    fn read(&self) -> Result<Option<Tokens>> {
        self.part.read(&self.store, &read(&self.file)?)
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        let mut document = read(&self.file)?;
        match &self.part {
            Part::Account { name, creates } => {
                if !creates && !document.accounts().contains_key(name) {
                    return Err(removed(name));
                }
                let before = self.store.tokens(&document, name).ok().flatten();
                if !creates && before.as_ref().is_some_and(|before| are_strangers(before, tokens)) {
                    return Err(taken_over(name));
                }
                // The client drops a refresh token that the service has refused.
                let refresh_refused = tokens.refresh.is_none()
                    && before.is_some_and(|before| {
                        before.refresh.is_some() && before.access == tokens.access
                    });
                let mut entry = Entry::from(tokens);
                if document.accounts().get(name).is_some_and(|entry| entry.keyring) {
                    keyring_save(&self.file, name, tokens)?;
                    entry = Entry::in_keyring();
                }
                entry.refresh_refused = refresh_refused;
                document.set_account(name, entry);
            }
            Part::Descendant(seed) => document.set_descendant(seed, tokens),
        }
        self.replace(document)
    }
}
