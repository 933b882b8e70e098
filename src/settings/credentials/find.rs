//! The choice of the tokens of a run, with their origin and the store of their refreshes.
//!
//! A refresh token may be valid for one use only (protocol 2.4). Once tokens from the environment or a
//! file have been refreshed, the given ones are used up. The credentials file then keeps the refreshed
//! ones under the SHA-256 of the given ones. They apply as long as the same value is given; a new
//! value replaces them.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind as IoErrorKind, Read};
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use super::document::{AccountName, Seed};
use super::{CredentialStore, LateGuard, Part};
use crate::domain::{
    AccessToken, Error, ErrorKind, Pasted, RefreshToken, Result, StoreLock, TokenStore, Tokens,
};
use crate::settings::schema::spec;
use crate::settings::{Environment, Origin, Setting};

/// Maximum size of a token file.
const MAX_INPUT: u64 = 1 << 20;

/// Timeout for the writer of a named pipe.
const PIPE_WAIT: Duration = Duration::from_secs(10);

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
    /// The stored account, if they are stored.
    pub account: Option<AccountName>,
    /// Their origin.
    pub source: TokenSource,
    /// Whether they were refreshed from those of the source.
    pub refreshed: bool,
    /// The store of their refreshes.
    pub store: Arc<dyn TokenStore>,
}

/// Their exact origin.
impl fmt::Display for FoundTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)?;
        match &self.account {
            Some(name) => write!(f, " (account {name})"),
            None if self.refreshed => f.write_str(" (refreshed)"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FoundTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoundTokens")
            .field("tokens", &self.tokens)
            .field("account", &self.account)
            .field("source", &self.source)
            .field("refreshed", &self.refreshed)
            .finish_non_exhaustive()
    }
}

/// The settings that choose the tokens: the token file and the account.
type Chosen<'a> = (&'a Setting<Option<PathBuf>>, &'a Setting<Option<AccountName>>);

/// The tokens of this run: `--token-file` or `--account`, then `QWEN_TOKEN` (with `QWEN_REFRESH_TOKEN`),
/// then `QWENCTL_TOKEN_FILE`, then the account of the settings. May block on standard input.
///
/// # Errors
/// [`ErrorKind::TokenInvalid`] if the first given one is unusable. There is no fallback to the next,
/// which might be another account.
pub(in crate::settings) fn find_tokens(
    (token_file, account): Chosen<'_>,
    environment: &Environment,
    store: &CredentialStore,
) -> Result<Option<FoundTokens>> {
    match source(token_file, account, environment)? {
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
pub(in crate::settings) fn token_is_on_stdin(
    (token_file, account): Chosen<'_>,
    environment: &Environment,
) -> Result<bool> {
    Ok(matches!(source(token_file, account, environment)?, Source::File(path) if is_stdin(path)))
}

/// The source that applies.
enum Source<'a> {
    File(&'a Path),
    Environment { access: Option<&'a str>, refresh: Option<&'a str> },
    Store,
}

fn source<'a>(
    token_file: &'a Setting<Option<PathBuf>>,
    account: &Setting<Option<AccountName>>,
    environment: &'a Environment,
) -> Result<Source<'a>> {
    let is_flag = |origin: &Origin| matches!(origin, Origin::Flag(_));
    if let Some(path) = token_file.value.as_deref().filter(|_| is_flag(&token_file.origin)) {
        return Ok(Source::File(path));
    }
    if is_flag(&account.origin) {
        return Ok(Source::Store);
    }
    let access = environment.text(spec::TOKEN.variable)?;
    let refresh = environment.text(spec::REFRESH_TOKEN.variable)?;
    if access.is_some() || refresh.is_some() {
        return Ok(Source::Environment { access, refresh });
    }
    Ok(token_file.value.as_deref().map_or(Source::Store, Source::File))
}

fn from_store(store: &CredentialStore) -> Result<Option<FoundTokens>> {
    let Some((name, tokens)) = store.load_named()? else { return Ok(None) };
    let source = TokenSource::Stored(store.path()?.to_owned());
    // Another account may become the default one while this one is in use.
    let store = CredentialStore { is_known: true, account: Some(name.clone()), ..store.clone() };
    let (account, store) = (Some(name), Arc::new(store));
    Ok(Some(FoundTokens { tokens, account, source, refreshed: false, store }))
}

fn from_environment(
    access: Option<&str>,
    refresh: Option<&str>,
    store: &CredentialStore,
) -> Result<FoundTokens> {
    let variable = |name| format!("`{name}`");
    let pasted = access
        .map(|pasted| Pasted::parse_from(pasted, &variable(spec::TOKEN.variable)))
        .transpose()?;
    let refresh = refresh
        .map(|pasted| RefreshToken::parse_from(pasted, &variable(spec::REFRESH_TOKEN.variable)))
        .transpose()?;
    let pasted = pasted.unwrap_or_default();
    let pasted = Pasted { refresh: refresh.or(pasted.refresh), ..pasted };
    with_descendants(pasted, TokenSource::Environment, store)
}

fn from_file(path: &Path, origin: &Origin, store: &CredentialStore) -> Result<FoundTokens> {
    let source = TokenSource::File { path: path.to_owned(), origin: origin.clone() };
    let text = read_pasted(path, &source)?;
    let pasted = Pasted::parse_from(&text, &format!("the content of {source}"))?;
    with_descendants(pasted, source, store)
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// The text of a token file, which may be a pipe. A larger one was not made for this.
fn read_pasted(path: &Path, source: &TokenSource) -> Result<String> {
    let mut text = String::new();
    let read = if is_stdin(path) {
        std::io::stdin().lock().take(MAX_INPUT + 1).read_to_string(&mut text)
    } else {
        open(path).and_then(|file| file.take(MAX_INPUT + 1).read_to_string(&mut text))
    };
    let hint = "name a file that holds the access token, a copied request or a cookie jar";
    let fault = match read {
        Ok(_) if text.len() as u64 > MAX_INPUT => "it is larger than 1 MiB".to_owned(),
        Ok(_) => return Ok(text),
        // A long text may end within a character.
        Err(_) if text.len() as u64 > MAX_INPUT - 4 => "it is larger than 1 MiB".to_owned(),
        Err(fault) if fault.kind() == IoErrorKind::InvalidData => "it is not text".to_owned(),
        Err(fault) if fault.kind() == IoErrorKind::IsADirectory => "it is a directory".to_owned(),
        Err(fault) => fault.to_string(),
    };
    let message = format!("cannot read the token from {source}: {fault}");
    Err(Error::new(ErrorKind::TokenInvalid, message).with_hint(hint))
}

/// Opens a token file. A named pipe without a writer would wait forever.
fn open(path: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    if std::fs::metadata(path)?.file_type().is_fifo() {
        let (path, (opened, waiting)) = (path.to_owned(), mpsc::channel());
        std::thread::spawn(move || opened.send(File::open(path)));
        return waiting.recv_timeout(PIPE_WAIT).unwrap_or_else(|_| {
            let fault = format!("nothing writes to the pipe for {} s", PIPE_WAIT.as_secs());
            Err(std::io::Error::other(fault))
        });
    }
    File::open(path)
}

/// The given tokens, or the refreshed ones.
fn with_descendants(
    pasted: Pasted,
    source: TokenSource,
    store: &CredentialStore,
) -> Result<FoundTokens> {
    let Pasted { access, refresh, cookies } = pasted;
    let seed = Seed::of(access.as_ref(), refresh.as_ref());
    let descendant = stored_descendant(store, &seed, refresh.is_some())?;
    let refreshed = descendant.is_some();
    let tokens = match (descendant, access) {
        (Some(descendant), Some(access)) => freshest(descendant, access),
        (Some(descendant), None) => descendant,
        (None, Some(access)) => Tokens { access, refresh, cookies, carrier: None },
        (None, None) => return Err(refresh_token_alone(&source)),
    };
    let store = seeded_store(store, seed, &tokens);
    Ok(FoundTokens { tokens, account: None, source, refreshed, store })
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

fn refresh_token_alone(source: &TokenSource) -> Error {
    let message = match source {
        TokenSource::Environment => "QWEN_REFRESH_TOKEN is set, but QWEN_TOKEN is not".to_owned(),
        source => format!("the content of {source} has a refresh token, but no access token"),
    };
    Error::new(ErrorKind::TokenMissing, message).with_hint(
        "add the access token too; an expired one is refreshed at once; or run `qwenctl token set`, \
         which gets one with the refresh token",
    )
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
        let part = Part::Descendant(self.seed.clone());
        if !self.may_forget {
            return Ok(Box::new(self.store.guard(part)?));
        }
        let file = LateGuard::new(&self.store, part);
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
