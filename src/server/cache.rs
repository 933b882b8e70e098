//! The cache of upstream responses.
//!
//! What this module keeps true: an entry is found only with the access token for which it was made (the
//! account id in a token is an unverified claim); errors are not cached; equal concurrent requests for a document
//! cost one upstream call, which continues while one of them waits; changes through this server invalidate
//! entries; all entries together stay within a number of bytes.
//!
//! The entries and their generations are in `shared`. Calls in progress ([`Documents`]) stay in the process:
//! a call belongs to all requests that wait for it.
//!
//! Of answers, only finished ones are kept, and only for a question whose place in the account's chats does
//! not matter or is given exactly (see [`parts`]): the same words in a chat with newer messages are another
//! question. An answer from here is not a turn of the conversation: no chat gets a new message.
//!
//! This is not `moka`: its single flight calls the upstream again when the first caller leaves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared as SharedFuture, WeakShared};
use hyper::header::HeaderValue;
use parking_lot::Mutex;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use warp::reply::Response;

use super::metrics::Metrics;
use super::shared::{AccountHash, Entries, EntryKey, Generation, Generations, Shared};
use crate::app::answer::{Question, Target};
use crate::app::{FileSource, Session};
use crate::domain::{
    AccessToken, Completeness, Error, ErrorKind, Model, Reply, ReplyEvent, Result,
};

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

    /// The models of the account, default first; [`Kind::NewModels`] for a name that is not among the
    /// cached ones.
    ///
    /// # Errors
    /// Those of the client.
    pub(super) async fn models(
        &self,
        kind: Kind,
        session: &Session,
    ) -> Result<(Vec<Model>, Option<Found>)> {
        let work = async |session: Session| Document::new(&session.models().await?);
        let (body, found) = self.document((kind, ""), session, work).await?;
        let models = serde_json::from_slice(&body).map_err(|fault| {
            Error::new(ErrorKind::Internal, "cached models could not be read").caused_by(fault)
        })?;
        Ok((models, found))
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

/// The result of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A cached entry.
    Hit,
    /// No entry: the upstream was called.
    Miss,
    /// The upstream call of another request in progress.
    Coalesced,
}

impl Found {
    /// The value of `x-cache`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
        }
    }

    /// Adds the header to a response.
    pub(crate) fn mark(self, response: &mut Response) {
        response.headers_mut().insert("x-cache", HeaderValue::from_static(self.word()));
    }
}

/// A document with upstream data.
pub(crate) struct Document {
    /// Its JSON.
    pub body: Bytes,
    keep: bool,
}

impl Document {
    /// A document that may be cached.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if it cannot be JSON.
    pub(crate) fn new(document: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(document).map_err(|fault| {
            Error::new(ErrorKind::Internal, "a document could not be written").caused_by(fault)
        })?;
        Ok(Self { body: body.into(), keep: true })
    }

    /// The same, cached only if `keep` is set.
    #[must_use]
    pub(crate) fn kept_if(self, keep: bool) -> Self {
        Self { keep, ..self }
    }
}

/// The document, and whether it was cached. Errors are shared as well.
type CallOutcome = Result<(Bytes, Found), Arc<Error>>;
type Call = BoxFuture<'static, CallOutcome>;

/// The calls in progress.
#[derive(Default)]
struct Documents(Mutex<HashMap<EntryKey, WeakShared<Call>>>);

impl Documents {
    /// The entry of `key`, or the result of `work`, which `keep` then caches for its time.
    ///
    /// # Errors
    /// Those of `work`.
    async fn get(
        &self,
        key: EntryKey,
        keep: Option<(Arc<dyn Entries>, Duration)>,
        work: impl Future<Output = Result<Document>> + Send + 'static,
    ) -> Result<(Bytes, Found)> {
        // Dropped after the call, when it is known whether another request waits for it.
        let _waiting = Waiting { documents: self, key };
        let (call, is_first) = self.join(key, || {
            async move {
                if let Some((entries, _)) = &keep
                    && let Some(body) = entries.get(key).await
                {
                    return Ok((body, Found::Hit));
                }
                let document = work.await.map_err(Arc::new)?;
                if let (true, Some((entries, time))) = (document.keep, keep) {
                    entries.put(key, document.body.clone(), time).await;
                }
                Ok((document.body, Found::Miss))
            }
            .boxed()
        });
        match call.await {
            Ok((body, Found::Miss)) if !is_first => Ok((body, Found::Coalesced)),
            Ok(outcome) => Ok(outcome),
            Err(error) => Err(Arc::try_unwrap(error).unwrap_or_else(|error| Error::clone(&error))),
        }
    }

    fn join(&self, key: EntryKey, begin: impl FnOnce() -> Call) -> (SharedFuture<Call>, bool) {
        let mut calls = self.0.lock();
        if let Some(call) = calls.get(&key).and_then(WeakShared::upgrade) {
            return (call, false);
        }
        let call = begin().shared();
        if let Some(weak) = call.downgrade() {
            calls.insert(key, weak);
        }
        (call, true)
    }

    /// Removes a call that is complete, or that no request waits for.
    fn sweep(&self, key: EntryKey) {
        let mut calls = self.0.lock();
        let is_over =
            |call: &WeakShared<Call>| call.upgrade().is_none_or(|call| call.peek().is_some());
        if calls.get(&key).is_some_and(is_over) {
            calls.remove(&key);
        }
    }
}

/// A waiting request.
struct Waiting<'a> {
    documents: &'a Documents,
    key: EntryKey,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.documents.sweep(self.key);
    }
}

/// Where an answer is kept, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct AnswerKey {
    key: EntryKey,
    time: Duration,
}

impl Cache {
    /// Where the answer to `question` is kept; `None` if it is not.
    ///
    /// # Errors
    /// If the current generation of entries is unknown.
    pub(crate) async fn answer_key(
        &self,
        session: &Session,
        question: &Question,
    ) -> Result<Option<AnswerKey>> {
        let token = session.access_token();
        let wanted = self.options.answers.filter(|time| self.options.size > 0 && !time.is_zero());
        let time = wanted.and_then(|time| time_left(time, &token));
        let (Some(time), Some(parts)) = (time, parts(question)) else { return Ok(None) };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let generation = self.generation(&token).await?.answers;
        Ok(Some(AnswerKey { key: key("answer", &token, generation, &parts), time }))
    }

    /// The answer that is kept under `key`.
    pub(crate) async fn kept_answer(&self, key: AnswerKey) -> Option<Reply> {
        let kept = self.entries.get(key.key).await;
        let reply = kept.and_then(|body| serde_json::from_slice(&body).ok());
        let found = if reply.is_some() { Found::Hit } else { Found::Miss };
        self.metrics.cache_asked("answers", found.word());
        reply
    }

    /// Keeps `reply` unless a part of it is in doubt. Links to images expire soon.
    pub(crate) async fn keep_answer(&self, key: AnswerKey, reply: &Reply) {
        if reply.completeness == Completeness::Complete
            && reply.images.is_empty()
            && let Ok(body) = serde_json::to_vec(reply)
        {
            self.entries.put(key.key, body.into(), key.time).await;
        }
    }
}

/// What distinguishes one question from another; `None` if even the same one has to be asked again. A
/// prompt for a chat without a parent follows whatever message is the last by then.
fn parts(question: &Question) -> Option<Vec<String>> {
    let place = match (&question.target, &question.parent) {
        (Target::Recent, None) => "recent".to_owned(),
        (Target::New { ephemeral }, None) => format!("new {ephemeral}"),
        (Target::Chat(id), Some(parent)) => format!("chat {id} {parent}"),
        _ => return None,
    };
    let optional = |text: &Option<String>| text.as_ref().map_or("-".into(), |t| format!("+{t}"));
    Some(vec![
        place,
        optional(&question.model),
        optional(&question.system),
        format!("{} {}", question.thinking, question.search),
        question.files.iter().map(FileSource::fingerprint).collect::<Vec<_>>().join(" "),
        question.message().to_owned(),
    ])
}

/// The events by which `reply` might have arrived.
pub(crate) fn replay(reply: &Reply) -> Vec<ReplyEvent> {
    let mut events = vec![ReplyEvent::Start {
        chat_id: reply.chat_id.clone(),
        message_id: reply.message_id.clone(),
        prompt_id: reply.prompt_id.clone(),
    }];
    events.extend(reply.thinking.clone().map(ReplyEvent::Thinking));
    if !reply.citations.is_empty() {
        let citations = reply.citations.clone();
        events.push(ReplyEvent::Search { queries: Vec::new(), citations });
    }
    events.push(ReplyEvent::Delta(reply.content.clone()));
    events
}
