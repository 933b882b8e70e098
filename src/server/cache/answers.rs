//! Answers of models, for those who ask the same at the same time or soon after.
//!
//! Only a question whose place in the account's chats does not matter, or is said exactly, is looked
//! up here (see `parts`): the same words in a chat that has gone on are another question. An answer
//! from here is not a turn of the conversation: no chat gets a new message.
//!
//! The work of asking belongs to all who wait for the answer. It is a task of its own, which writes
//! the steps of the answer down; everybody reads them from the beginning, at their own pace. When the
//! last reader has gone away, the task ends, and with it the upstream's generation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::{Cache, Found, key, time_left};
use crate::app::Session;
use crate::app::send::{SendRequest, Target, verdict};
use crate::domain::{ChatId, Completeness, Error, Reply, ReplyEvent, Result};
use crate::server::http::response::internal;
use crate::server::shared::{Entries, EntryKey};

/// An answer while it comes from the upstream.
pub(crate) trait Growing: Send {
    /// The model that was asked.
    fn model(&self) -> &str;

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    fn next(&mut self) -> impl Future<Output = Option<Result<ReplyEvent>>> + Send;

    /// What has come so far.
    fn reply(&self) -> &Reply;
}

/// Flights that are on their way.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<EntryKey, Weak<Flight>>>);

/// A question that may be looked up, and for how long its answer may be kept.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    key: EntryKey,
    time: Duration,
}

/// An answer on its way, as its readers hold it.
struct Flight {
    log: Arc<Log>,
    task: AbortHandle,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The steps so far, and the end.
struct Log {
    written: Mutex<Written>,
    grew: watch::Sender<()>,
}

/// Whose answer it is.
#[derive(Clone)]
struct Begun {
    model: String,
    chat: ChatId,
    found: Found,
}

#[derive(Default)]
struct Written {
    /// Who answers, and whether the answer had been kept; known before the first step.
    begun: Option<Begun>,
    steps: Vec<ReplyEvent>,
    end: Option<Result<Arc<Reply>, Arc<Error>>>,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, change: impl FnOnce(&mut Written)) {
        change(&mut self.lock());
        self.grew.send_replace(());
    }
}

impl Cache {
    /// Whether `request` may be answered from here.
    ///
    /// # Errors
    /// If it cannot be told which entries still count.
    pub(crate) async fn wish(
        &self,
        session: &Session,
        request: &SendRequest,
    ) -> Result<Option<Wish>> {
        let token = session.access_token();
        let wanted = self.options.answers.filter(|time| self.options.size > 0 && !time.is_zero());
        let time = wanted.and_then(|time| time_left(time, &token));
        let (Some(time), Some(parts)) = (time, parts(request)) else { return Ok(None) };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let generation = self.generation(&token).await?.answers;
        Ok(Some(Wish { key: key("answer", &token, generation, &parts), time }))
    }

    /// The answer to `wish`: kept, on its way, or else what `ask` brings.
    ///
    /// # Errors
    /// Those of `ask`, if there is nothing of the answer before.
    pub(crate) async fn answer<F, A>(&self, wish: Wish, ask: F) -> Result<Follower>
    where
        F: Future<Output = Result<A>> + Send + 'static,
        A: Growing,
    {
        let Wish { key, time } = wish;
        let (flight, is_first) = self
            .flights
            .join(key, |log| fly(log, Kept { entries: Arc::clone(&self.entries), key, time }, ask));
        let follower = Follower::board(flight, is_first).await;
        let found = follower.as_ref().map_or(Found::Miss, |follower| follower.found);
        self.metrics.cache_asked("answers", found.word());
        follower
    }
}

/// What tells one question from another; `None` if even the same one has to be asked again. A prompt
/// for a chat without a parent follows whatever is the last message by then.
fn parts(request: &SendRequest) -> Option<Vec<String>> {
    let place = match (&request.target, &request.parent) {
        (Target::Recent, None) => "recent".to_owned(),
        (Target::New { ephemeral }, None) => format!("new {ephemeral}"),
        (Target::Chat(id), Some(parent)) => format!("chat {id} {parent}"),
        _ => return None,
    };
    let optional = |text: &Option<String>| text.as_ref().map_or("-".into(), |t| format!("+{t}"));
    Some(vec![
        place,
        optional(&request.model),
        optional(&request.system),
        format!("{} {}", request.thinking, request.search),
        request.prompt.clone(),
    ])
}

impl Flights {
    /// Boards the flight of this name, or begins it with the task that `begin` spawns.
    fn join(
        &self,
        key: EntryKey,
        begin: impl FnOnce(Arc<Log>) -> AbortHandle,
    ) -> (Arc<Flight>, bool) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key).and_then(Weak::upgrade) {
            return (flight, false);
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let log = Arc::new(Log { written: Mutex::default(), grew: watch::Sender::new(()) });
        let task = begin(Arc::clone(&log));
        let flight = Arc::new(Flight { log, task });
        flights.insert(key, Arc::downgrade(&flight));
        (flight, true)
    }
}

/// Where an answer is kept.
struct Kept {
    entries: Arc<dyn Entries>,
    key: EntryKey,
    time: Duration,
}

impl Kept {
    async fn look(&self) -> Option<Reply> {
        serde_json::from_slice(&self.entries.get(self.key).await?).ok()
    }

    async fn keep(&self, reply: &Reply) {
        // What is not all of it would be told as all of it. Links to images end soon.
        if reply.completeness == Completeness::Complete
            && reply.images.is_empty()
            && let Ok(body) = serde_json::to_vec(reply)
        {
            self.entries.put(self.key, body.into(), self.time).await;
        }
    }
}

/// Spawns the work of one flight.
fn fly<F, A>(log: Arc<Log>, kept: Kept, ask: F) -> AbortHandle
where
    F: Future<Output = Result<A>> + Send + 'static,
    A: Growing,
{
    let work = async move {
        // A panic must not leave the readers waiting.
        let fallback = Fallback(Arc::clone(&log));
        let end = if let Some(reply) = kept.look().await {
            Ok(replay(&log, reply))
        } else {
            let end = relay(&log, ask).await;
            if let Ok(reply) = &end {
                kept.keep(reply).await;
            }
            end
        };
        log.write(|written| written.end = Some(end.map(Arc::new).map_err(Arc::new)));
        drop(fallback);
    };
    tokio::spawn(work).abort_handle()
}

/// Writes an end where there is none.
struct Fallback(Arc<Log>);

impl Drop for Fallback {
    fn drop(&mut self) {
        self.0.write(|written| {
            written.end.get_or_insert_with(|| Err(Arc::new(internal())));
        });
    }
}

/// Asks, and writes the answer down as it comes.
async fn relay<A: Growing>(log: &Log, ask: impl Future<Output = Result<A>>) -> Result<Reply> {
    let mut live = ask.await?;
    let (model, chat) = (live.model().to_owned(), live.reply().chat_id.clone());
    log.write(|written| written.begun = Some(Begun { model, chat, found: Found::Miss }));
    while let Some(step) = live.next().await {
        let step = step?;
        log.write(|written| written.steps.push(step));
    }
    verdict(live.reply())?;
    Ok(live.reply().clone())
}

/// Writes the steps down by which an answer that was kept might have come.
fn replay(log: &Log, reply: Reply) -> Reply {
    log.write(|written| {
        let (model, chat) = (reply.model.clone(), reply.chat_id.clone());
        written.begun = Some(Begun { model, chat, found: Found::Hit });
        written.steps.push(ReplyEvent::Start {
            chat_id: reply.chat_id.clone(),
            message_id: reply.message_id.clone(),
            prompt_id: reply.prompt_id.clone(),
        });
        written.steps.extend(reply.thinking.clone().map(ReplyEvent::Thinking));
        if !reply.citations.is_empty() {
            let citations = reply.citations.clone();
            written.steps.push(ReplyEvent::Search { queries: Vec::new(), citations });
        }
        written.steps.push(ReplyEvent::Delta(reply.content.clone()));
    });
    reply
}

/// One reader of an answer.
pub(crate) struct Follower {
    /// Who answers.
    pub model: String,
    /// Where the answer comes from.
    pub found: Found,
    flight: Arc<Flight>,
    grew: watch::Receiver<()>,
    read: usize,
    reply: Reply,
    is_over: bool,
}

impl Follower {
    /// Waits for the first step.
    async fn board(flight: Arc<Flight>, is_first: bool) -> Result<Self> {
        let mut grew = flight.log.grew.subscribe();
        loop {
            grew.mark_unchanged();
            let begun = {
                let written = flight.log.lock();
                match (&written.begun, &written.end) {
                    (begun, Some(Err(error))) if begun.is_none() || written.steps.is_empty() => {
                        return Err(Error::clone(error));
                    }
                    (Some(begun), _) if !written.steps.is_empty() => Some(begun.clone()),
                    _ => None,
                }
            };
            if let Some(Begun { model, chat, found }) = begun {
                let found = match found {
                    Found::Miss if !is_first => Found::Coalesced,
                    found => found,
                };
                let reply = Reply::empty(chat, model.clone());
                let is_over = false;
                return Ok(Self { model, found, flight, grew, read: 0, reply, is_over });
            }
            // The flight, and with it the sender, is held here.
            let _ = grew.changed().await;
        }
    }

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    pub(crate) async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        loop {
            self.grew.mark_unchanged();
            if let Some(step) = self.look()? {
                return Some(step);
            }
            let _ = self.grew.changed().await;
        }
    }

    /// What is written already: `None` at the end, `Some(None)` if nothing new is.
    #[allow(clippy::option_option, reason = "the end, nothing yet, or a step")]
    fn look(&mut self) -> Option<Option<Result<ReplyEvent>>> {
        let written = self.flight.log.lock();
        if let Some(step) = written.steps.get(self.read) {
            let step = step.clone();
            drop(written);
            self.read += 1;
            grow(&mut self.reply, &step);
            return Some(Some(Ok(step)));
        }
        match &written.end {
            _ if self.is_over => None,
            None => Some(None),
            Some(end) => {
                self.is_over = true;
                match end {
                    Ok(reply) => {
                        self.reply = Reply::clone(reply);
                        None
                    }
                    Err(error) => Some(Some(Err(Error::clone(error)))),
                }
            }
        }
    }

    /// What has been read so far.
    pub(crate) fn reply(&self) -> &Reply {
        &self.reply
    }
}

/// What a reply is after another step.
fn grow(reply: &mut Reply, step: &ReplyEvent) {
    match step {
        ReplyEvent::Start { message_id, prompt_id, .. } => {
            reply.message_id.clone_from(message_id);
            reply.prompt_id.clone_from(prompt_id);
        }
        ReplyEvent::Thinking(text) => {
            reply.thinking.get_or_insert_default().push_str(text);
        }
        ReplyEvent::Search { citations, .. } => reply.citations.extend(citations.iter().cloned()),
        ReplyEvent::Delta(text) => reply.content.push_str(text),
        ReplyEvent::Rewrite(text) => reply.content.clone_from(text),
    }
}
