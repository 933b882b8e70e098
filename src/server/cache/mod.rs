//! The cache of upstream responses.
//!
//! What this module keeps true: an entry is found only with the access token for which it was made (the
//! account id in a token is an unverified claim); errors are not cached; equal concurrent requests for a document
//! cost one upstream call, which continues while one of them waits; changes through this server invalidate
//! entries; all entries together stay within a number of bytes.
//!
//! The entries and their generations are in `super::shared`. Requests in progress ([`documents`])
//! stay in the process.
//!
//! This is not `moka`: its single flight calls the upstream again when the first caller leaves.

pub(super) mod answers;
mod documents;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use sha2::{Digest as _, Sha256};

use self::documents::Documents;
pub(super) use self::documents::{Document, Found};
use super::metrics::Metrics;
use super::shared::{AccountHash, Entries, EntryKey, Generation, Generations, Shared};
use crate::app::Session;
use crate::domain::{AccessToken, Result};

/// The lifetime of a list of models that was read because of an unknown name.
const NEW_MODELS: Duration = Duration::from_secs(10);

/// The lifetimes and the size of the cache.
#[derive(Debug, Clone, Copy)]
pub struct CacheOptions {
    /// The models of an account.
    pub models: Duration,
    /// The validity of a token.
    pub token: Duration,
    /// Lists of chats, chats, and statistics; not cached by default.
    pub lists: Option<Duration>,
    /// Answers of models; not cached by default.
    pub answers: Option<Duration>,
    /// The size of all entries in bytes; 0 disables the cache.
    pub size: usize,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            models: Duration::from_mins(5),
            token: Duration::from_mins(2),
            lists: None,
            answers: None,
            size: 32 << 20,
        }
    }
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The models.
    Models,
    /// The models, for a name that is not among the cached ones.
    NewModels,
    /// Whether the token is accepted.
    Token,
    /// Lists of chats, chats, statistics.
    Lists,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Models => "models",
            Self::NewModels => "new_models",
            Self::Token => "token",
            Self::Lists => "lists",
        }
    }
}

/// The cache of one server.
pub(super) struct Cache {
    options: CacheOptions,
    entries: Arc<dyn Entries>,
    documents: Documents,
    generations: Arc<dyn Generations>,
    metrics: Arc<Metrics>,
}

impl Cache {
    /// A cache with its entries in `shared`.
    pub(super) fn new(options: CacheOptions, shared: &Shared, metrics: Arc<Metrics>) -> Self {
        Self {
            entries: Arc::clone(&shared.entries),
            documents: Documents::default(),
            generations: Arc::clone(&shared.generations),
            options,
            metrics,
        }
    }

    /// The document of this kind and name for the account of `session`, from the cache or from `make`.
    /// Without a [`Found`] this kind is not cached; concurrent requests share the call all the same.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) async fn document<F>(
        &self,
        (kind, name): (Kind, &str),
        session: &Session,
        make: impl FnOnce(Session) -> F,
    ) -> Result<(Bytes, Option<Found>)>
    where
        F: Future<Output = Result<Document>> + Send + 'static,
    {
        let work = make(session.clone());
        let token = session.access_token();
        let time = self.time_of(kind).and_then(|time| time_left(time, &token));
        let generation = match kind {
            Kind::Lists => self.generation(&token).await?.lists,
            Kind::Models | Kind::NewModels | Kind::Token => 0,
        };
        let renewed = self.renewed_by(kind, &token, name);
        let work = async move {
            let document = work.await?;
            if let Some((entries, key, time)) = renewed {
                entries.put(key, document.body.clone(), time).await;
            }
            Ok(document)
        };
        let key = key(kind.word(), &token, generation, &[name]);
        let keep = time.map(|time| (Arc::clone(&self.entries), time));
        let is_used = keep.is_some();
        let (body, found) = self.documents.get(key, keep, work).await?;
        if is_used {
            self.metrics.cache_asked(kind.word(), found.word());
        }
        Ok((body, is_used.then_some(found)))
    }

    /// The other entry that a document of this `kind` renews: new models replace the listed ones.
    fn renewed_by(
        &self,
        kind: Kind,
        token: &AccessToken,
        name: &str,
    ) -> Option<(Arc<dyn Entries>, EntryKey, Duration)> {
        let listed = Kind::Models;
        let time = self.time_of(listed).filter(|_| kind == Kind::NewModels)?;
        let time = time_left(time, token)?;
        Some((Arc::clone(&self.entries), key(listed.word(), token, 0, &[name]), time))
    }

    async fn generation(&self, token: &AccessToken) -> Result<Generation> {
        self.generations.current(account(token)).await
    }

    fn time_of(&self, kind: Kind) -> Option<Duration> {
        let time = match kind {
            Kind::Models => Some(self.options.models),
            Kind::NewModels => Some(self.options.models.min(NEW_MODELS)),
            Kind::Token => Some(self.options.token),
            Kind::Lists => self.options.lists,
        };
        time.filter(|time| self.options.size > 0 && !time.is_zero())
    }

    /// Begins a change of the chats of the account, until the [`Change`] is dropped.
    pub(super) async fn change(&self, session: &Session) -> Change {
        Change::begin(&self.generations, &session.access_token(), false).await
    }

    /// Begins a deletion of chats of the account, which also invalidates answers.
    pub(super) async fn deletion(&self, session: &Session) -> Change {
        Change::begin(&self.generations, &session.access_token(), true).await
    }
}

/// The lifetime of an entry ends with its token.
fn time_left(time: Duration, token: &AccessToken) -> Option<Duration> {
    let left = match token.claims().expires_at {
        Some(at) => u64::try_from(at.saturating_sub(crate::domain::time::now())).unwrap_or(0),
        None => u64::MAX,
    };
    Some(time.min(Duration::from_secs(left))).filter(|time| !time.is_zero())
}

/// A change in progress, until this is dropped.
pub(super) struct Change {
    generations: Arc<dyn Generations>,
    account: AccountHash,
    answers_too: bool,
}

impl Change {
    /// Begins a new generation of lists now, and another one after the change; of answers, too, if chats
    /// are deleted.
    async fn begin(
        generations: &Arc<dyn Generations>,
        token: &AccessToken,
        answers_too: bool,
    ) -> Self {
        let change =
            Self { generations: Arc::clone(generations), account: account(token), answers_too };
        change.generations.begin(change.account, answers_too).await;
        change
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let (generations, account) = (Arc::clone(&self.generations), self.account);
        let answers_too = self.answers_too;
        let mut end = async move { generations.begin(account, answers_too).await }.boxed();
        // In memory this completes at once; another store would take a while.
        if (&mut end).now_or_never().is_none() {
            tokio::spawn(end);
        }
    }
}

/// The hash of the account that a token claims; a claim may be long. A forged claim can only invalidate
/// entries.
fn account(token: &AccessToken) -> AccountHash {
    let account = token.claims().account_id.as_deref().unwrap_or_else(|| token.expose());
    Sha256::digest(account).into()
}

/// The key of an entry for `token` and `parts`, in a generation of its account.
fn key(kind: &str, token: &AccessToken, generation: u64, parts: &[&str]) -> EntryKey {
    let mut hash = Sha256::new();
    for part in [kind, token.expose()].iter().chain(parts) {
        // With its length, so that no two lists of parts have the same hash.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(generation.to_le_bytes());
    EntryKey(hash.finalize().into())
}
