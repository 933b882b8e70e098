//! Answers of the upstream that need not be asked for again.
//!
//! What this module keeps true: an entry is found only with the very access token for which it was
//! made (an account id in a token is a claim that anybody can write); errors are never kept; equal
//! questions at once cost one question upstream, which goes on while anybody waits for it; what is
//! changed through this server is forgotten; all entries together stay below a number of bytes.
//!
//! The entries themselves, and what still counts of them, stand behind `super::shared`, so that several
//! servers can share them some day. What is on its way ([`flight`], [`answers`]) stays in the process.

pub(super) mod answers;
mod flight;
mod generations;
mod key;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::HeaderValue;
use warp::reply::Response;

use self::answers::Flights;
pub(super) use self::flight::Document;
use self::flight::Documents;
pub(super) use self::generations::Change;
use self::generations::account;
use self::key::key;
use super::metrics::Metrics;
use super::shared::{Entries, EntryKey, Generation, Generations, Shared};
use crate::app::Session;
use crate::domain::{AccessToken, Result};

/// For how long a list of models counts that was read for the sake of a name.
const NEW_MODELS: Duration = Duration::from_secs(10);

/// What is kept, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct CacheOptions {
    /// The models that an account may use.
    pub models: Duration,
    /// That the upstream accepts a token.
    pub token: Duration,
    /// Lists of chats, chats, and numbers about them; not without a time.
    pub lists: Option<Duration>,
    /// Answers of models; not without a time.
    pub answers: Option<Duration>,
    /// All of it together, in bytes. Nothing is kept if this is 0.
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

/// What the cache had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The answer.
    Hit,
    /// Nothing: the upstream was asked.
    Miss,
    /// Somebody else's question to the upstream, on its way.
    Coalesced,
}

impl Found {
    /// The value of `x-cache`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }

    /// Says so in the headers of an answer.
    pub(super) fn mark(self, response: &mut Response) {
        response.headers_mut().insert("x-cache", HeaderValue::from_static(self.word()));
    }
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The models.
    Models,
    /// The models, for a name that is not among those that are kept.
    NewModels,
    /// Whether the token is accepted.
    Token,
    /// Lists of chats, chats, numbers.
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

/// The caches of one server.
pub(super) struct Cache {
    options: CacheOptions,
    entries: Arc<dyn Entries>,
    documents: Documents,
    flights: Flights,
    generations: Arc<dyn Generations>,
    metrics: Arc<Metrics>,
}

impl Cache {
    /// Caches whose entries stand in `shared`.
    pub(super) fn new(options: CacheOptions, shared: &Shared, metrics: Arc<Metrics>) -> Self {
        Self {
            entries: Arc::clone(&shared.entries),
            documents: Documents::default(),
            flights: Flights::default(),
            generations: Arc::clone(&shared.generations),
            options,
            metrics,
        }
    }

    /// The document of this kind and name for the account of `session`: kept, or else made by `make`.
    /// Without a [`Found`] nothing of this kind is kept; who asks while somebody else does shares all
    /// the same.
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

    /// What else a document of this `kind` is kept as: who reads the models anew for the sake of a name
    /// has also read those that are listed.
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

    /// Something about the chats of the account changes until the [`Change`] is dropped.
    pub(super) async fn change(&self, session: &Session) -> Change {
        Change::begin(&self.generations, &session.access_token(), false).await
    }

    /// A chat of the account goes away: kept answers may be in it.
    pub(super) async fn deletion(&self, session: &Session) -> Change {
        Change::begin(&self.generations, &session.access_token(), true).await
    }
}

/// Nothing is kept longer than the token is good.
fn time_left(time: Duration, token: &AccessToken) -> Option<Duration> {
    let left = match token.claims().expires_at {
        Some(at) => u64::try_from(at.saturating_sub(crate::domain::time::now())).unwrap_or(0),
        None => u64::MAX,
    };
    Some(time.min(Duration::from_secs(left))).filter(|time| !time.is_zero())
}
