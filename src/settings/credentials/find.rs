//! The choice of the tokens of a run, with their origin and the store of their refreshes.
//!
//! A refresh token may be valid for one use only (protocol 2.4). Once tokens from the environment or a
//! file have been refreshed, the given ones are used up. The credentials file then keeps the refreshed
//! ones under the SHA-256 of the given ones. They apply as long as the same value is given; a new
//! value replaces them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::{CredentialStore, LateGuard};
use crate::domain::{
    AccessToken, Error, ErrorKind, RefreshToken, Result, StoreLock, TokenStore, Tokens,
};
use crate::settings::schema::spec;
use crate::settings::{Environment, Origin, Setting};

/// Maximum size of a token file.
const MAX_INPUT: u64 = 1 << 20;

/// The origin of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// A named file, or standard input for the path `-`.
    File {
        /// The file.
        path: PathBuf,
        /// The origin of its name: `--token-file` or `QWENCTL_TOKEN_FILE`.
        origin: Origin,
    },
    /// `QWEN_TOKEN`.
    Environment,
    /// The credentials file.
    Stored(PathBuf),
}

impl TokenSource {
    /// One word for JSON: `flag`, `environment` or `stored`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::File { origin: Origin::Flag(_), .. } => "flag",
            Self::File { .. } | Self::Environment => "environment",
            Self::Stored(_) => "stored",
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, origin } if is_stdin(path) => write!(f, "{origin} (standard input)"),
            Self::File { path, origin } => write!(f, "{origin} ({})", path.display()),
            Self::Environment => f.write_str(spec::TOKEN.variable),
            Self::Stored(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Usable tokens with their origin.
#[derive(Clone)]
pub struct FoundTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Their origin.
    pub source: TokenSource,
    /// Whether they were refreshed from those of the source.
    pub refreshed: bool,
    /// The store of their refreshes.
    pub store: Arc<dyn TokenStore>,
}

impl fmt::Debug for FoundTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundTokens")
            .field("tokens", &self.tokens)
            .field("source", &self.source)
            .field("refreshed", &self.refreshed)
            .finish_non_exhaustive()
    }
}

/// The tokens of this run: `--token-file`, then `QWEN_TOKEN` (with `QWEN_REFRESH_TOKEN`), then
/// `QWENCTL_TOKEN_FILE`, then the credentials file. May block on standard input.
///
/// # Errors
/// [`ErrorKind::TokenInvalid`] if the first given one is unusable. There is no fallback to the next,
/// which might be another account.
pub fn find_tokens(
    token_file: &Setting<Option<PathBuf>>,
    environment: &Environment,
    store: &CredentialStore,
) -> Result<Option<FoundTokens>> {
    match source(token_file, environment)? {
        Source::File(path) => from_file(path, &token_file.origin, store).map(Some),
        Source::Environment { access, refresh } => {
            from_environment(access, refresh, store).map(Some)
        }
        Source::Store => from_store(store),
    }
}

/// Whether [`find_tokens`] reads standard input.
///
/// # Errors
/// If a deciding variable is not UTF-8.
pub fn token_is_on_stdin(
    token_file: &Setting<Option<PathBuf>>,
    environment: &Environment,
) -> Result<bool> {
    Ok(matches!(source(token_file, environment)?, Source::File(path) if is_stdin(path)))
}

/// The source that applies.
enum Source<'a> {
    File(&'a Path),
    Environment { access: Option<&'a str>, refresh: Option<&'a str> },
    Store,
}

fn source<'a>(
    token_file: &'a Setting<Option<PathBuf>>,
    environment: &'a Environment,
) -> Result<Source<'a>> {
    let by_flag = matches!(token_file.origin, Origin::Flag(_));
    if by_flag && let Some(path) = &token_file.value {
        return Ok(Source::File(path));
    }
    let access = environment.text(spec::TOKEN.variable)?;
    let refresh = environment.text(spec::REFRESH_TOKEN.variable)?;
    if access.is_some() || refresh.is_some() {
        return Ok(Source::Environment { access, refresh });
    }
    Ok(token_file.value.as_deref().map_or(Source::Store, Source::File))
}

fn from_store(store: &CredentialStore) -> Result<Option<FoundTokens>> {
    let Some(tokens) = store.load()? else { return Ok(None) };
    let source = TokenSource::Stored(store.path()?.to_owned());
    let store = Arc::new(store.clone());
    Ok(Some(FoundTokens { tokens, source, refreshed: false, store }))
}

fn from_environment(
    access: Option<&str>,
    refresh: Option<&str>,
    store: &CredentialStore,
) -> Result<FoundTokens> {
    let access = access
        .map(|pasted| AccessToken::parse_from(pasted, &format!("`{}`", spec::TOKEN.variable)))
        .transpose()?;
    let refresh = refresh
        .map(|pasted| {
            RefreshToken::parse_from(pasted, &format!("`{}`", spec::REFRESH_TOKEN.variable))
        })
        .transpose()?;
    with_descendants(access, refresh, TokenSource::Environment, store)
}

fn from_file(path: &Path, origin: &Origin, store: &CredentialStore) -> Result<FoundTokens> {
    let source = TokenSource::File { path: path.to_owned(), origin: origin.clone() };
    let pasted = read_pasted(path, &source)?;
    let access = AccessToken::parse_from(&pasted, &format!("the content of {source}"))?;
    with_descendants(Some(access), RefreshToken::find(&pasted), source, store)
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn read_pasted(path: &Path, source: &TokenSource) -> Result<String> {
    let mut text = String::new();
    let read = if is_stdin(path) {
        std::io::stdin().lock().take(MAX_INPUT).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(MAX_INPUT).read_to_string(&mut text))
    };
    read.map_err(|fault| {
        Error::new(ErrorKind::TokenInvalid, format!("cannot read the token from {source}: {fault}"))
            .with_hint("name a file that holds the access token and nothing else")
    })?;
    Ok(text)
}

/// The given tokens, or the refreshed ones.
fn with_descendants(
    access: Option<AccessToken>,
    refresh: Option<RefreshToken>,
    source: TokenSource,
    store: &CredentialStore,
) -> Result<FoundTokens> {
    let seed = Seed::of(access.as_ref(), refresh.as_ref());
    let descendant = stored_descendant(store, &seed, refresh.is_some())?;
    let refreshed = descendant.is_some();
    let tokens = match (descendant, access) {
        (Some(descendant), Some(access)) => freshest(descendant, access),
        (Some(descendant), None) => descendant,
        (None, Some(access)) => Tokens { refresh, ..access.into() },
        (None, None) => return Err(refresh_token_alone()),
    };
    let store = seeded_store(store, seed, &tokens);
    Ok(FoundTokens { tokens, source, refreshed, store })
}

/// The tokens refreshed from `seed`. An unusable credentials file is an error only if there is a
/// refresh token, which might be used up.
fn stored_descendant(
    store: &CredentialStore,
    seed: &Seed,
    has_refresh_token: bool,
) -> Result<Option<Tokens>> {
    match store.document().and_then(|document| document.descendant(seed)) {
        Err(_) if !has_refresh_token => Ok(None),
        found => found,
    }
}

/// The given access token may be newer than the refreshed one.
fn freshest(descendant: Tokens, given: AccessToken) -> Tokens {
    let newer = given.claims().expires_at > descendant.access.claims().expires_at;
    if newer { Tokens { access: given, ..descendant } } else { descendant }
}

fn refresh_token_alone() -> Error {
    Error::new(ErrorKind::TokenMissing, "QWEN_REFRESH_TOKEN is set, but QWEN_TOKEN is not")
        .with_hint("set QWEN_TOKEN too; an expired one is refreshed at once")
}

/// What recognises given tokens later: the SHA-256 of each, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seed {
    pub access: Option<String>,
    pub refresh: Option<String>,
}

impl Seed {
    fn of(access: Option<&AccessToken>, refresh: Option<&RefreshToken>) -> Self {
        Self {
            access: access.map(|token| sha256_hex(token.expose())),
            refresh: refresh.map(|token| sha256_hex(token.expose())),
        }
    }
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Stores the refreshes of given tokens in the credentials file. Without a refresh token nothing is used
/// up, and an unusable file only means that they last for this run.
fn seeded_store(store: &CredentialStore, seed: Seed, tokens: &Tokens) -> Arc<dyn TokenStore> {
    let may_forget = tokens.refresh.is_none();
    Arc::new(SeededStore { store: store.clone(), seed, may_forget, memory: Arc::default() })
}

struct SeededStore {
    store: CredentialStore,
    seed: Seed,
    may_forget: bool,
    memory: Arc<Mutex<Option<Tokens>>>,
}

impl TokenStore for SeededStore {
    fn lock(&self) -> Result<Box<dyn StoreLock>> {
        let seed = Some(self.seed.clone());
        if !self.may_forget {
            return Ok(Box::new(self.store.guard(seed)?));
        }
        let file = LateGuard::new(&self.store, seed);
        Ok(Box::new(Forgetful { file, memory: Arc::clone(&self.memory) }))
    }
}

/// Keeps in memory what cannot be written.
struct Forgetful {
    file: LateGuard,
    memory: Arc<Mutex<Option<Tokens>>>,
}

impl StoreLock for Forgetful {
    fn read(&self) -> Result<Option<Tokens>> {
        match self.file.read() {
            Ok(Some(tokens)) => Ok(Some(tokens)),
            _ => Ok(self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone()),
        }
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        match self.file.write(tokens) {
            Err(fault) if fault.kind() != ErrorKind::Timeout => {
                let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
                *memory = Some(tokens.clone());
                Ok(())
            }
            written => written,
        }
    }
}
