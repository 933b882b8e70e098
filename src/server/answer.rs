//! One prompt and its answer, from the line before the chat to the last word.
//!
//! Dropping an [`Answer`], or the future that begins it, stops the upstream and lets the next one go
//! on: that is what happens when a caller goes away, because hyper drops what nobody waits for.

use std::sync::Arc;
use std::time::Instant;

use crate::app::Session;
use crate::app::send::{ReplyStream, SendRequest, Target, open, resolve, verdict};
use crate::domain::{ChatId, Reply, ReplyEvent, Result};

use super::cache::answers::Follower;
use super::cache::{Change, Found};
use super::metrics::{AnswerMeter, Loss};
use super::queue::{Key, Turn};
use super::rest::chat::Kind;
use super::state::State;

/// A prompt on behalf of somebody.
pub struct Question {
    /// For whom.
    pub session: Session,
    /// What is asked.
    pub request: SendRequest,
    /// By which route.
    pub kind: Kind,
}

/// An answer while it grows: to this caller alone, or to all who ask the same.
pub struct Answer {
    /// The model that was asked.
    pub model: String,
    /// What the cache had, if it was asked.
    pub found: Option<Found>,
    source: Source,
}

#[allow(clippy::large_enum_variant, reason = "there is one for each answer")]
enum Source {
    Own(Live),
    Shared(Follower),
}

impl Answer {
    /// Waits for the chat's turn and sends the prompt, unless the answer is known or on its way;
    /// returns when the first event is there.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the turn does not come; those of the client.
    pub async fn begin(state: &Arc<State>, question: Question) -> Result<Self> {
        let Question { session, request, .. } = question;
        let wish = state.cache.wish(&session, &request);
        let live = Live::begin(Arc::clone(state), session, request);
        let Some(wish) = wish else {
            let live = live.await?;
            return Ok(Self { model: live.model.clone(), found: None, source: Source::Own(live) });
        };
        let follower = state.cache.answer(wish, live).await?;
        let (model, found) = (follower.model.clone(), Some(follower.found));
        Ok(Self { model, found, source: Source::Shared(follower) })
    }

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        match &mut self.source {
            Source::Own(live) => live.next().await,
            Source::Shared(follower) => follower.next().await,
        }
    }

    /// What has come so far.
    pub fn reply(&self) -> &Reply {
        match &self.source {
            Source::Own(live) => live.reply(),
            Source::Shared(follower) => follower.reply(),
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub async fn whole(mut self) -> Result<Reply> {
        while let Some(step) = self.next().await {
            step?;
        }
        verdict(self.reply())?;
        Ok(self.reply().clone())
    }
}

/// An answer while it comes from the upstream.
pub struct Live {
    /// The model that was asked.
    pub model: String,
    stream: ReplyStream,
    meter: AnswerMeter,
    _change: Change,
    _turn: Turn,
}

impl Live {
    async fn begin(state: Arc<State>, session: Session, mut request: SendRequest) -> Result<Self> {
        let asked_at = Instant::now();
        request.target = resolve(&session, request.target).await?;
        let turn = match &request.target {
            Target::Chat(id) => Some(enter(&state, &session, id).await?),
            _ => None,
        };
        let change = state.cache.change(&session);
        let opened = open(&session, &request).await?;
        // A new chat has a line too: it may be the most recent one for somebody else by now.
        let turn = match turn {
            Some(turn) => turn,
            None => enter(&state, &session, &opened.chat_id).await?,
        };
        let stream = opened.send(&session, &request).await?;
        let meter = AnswerMeter::new(Arc::clone(&state.metrics), asked_at);
        Ok(Self { model: opened.model, stream, meter, _change: change, _turn: turn })
    }

    /// The next step, as with [`Answer::next`].
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        let step = self.stream.next().await;
        match &step {
            Some(Ok(event)) => self.meter.note(event, &self.model),
            Some(Err(_)) => self.meter.lost(Loss::Upstream),
            None if verdict(self.stream.reply()).is_err() => self.meter.lost(Loss::Upstream),
            None => self.meter.done(self.stream.reply()),
        }
        step
    }

    /// What has come so far.
    pub fn reply(&self) -> &Reply {
        self.stream.reply()
    }
}

async fn enter(state: &State, session: &Session, chat: &ChatId) -> Result<Turn> {
    let access = session.access_token();
    let account = access.claims().account_id.clone();
    let key = Key { account: account.unwrap_or_else(|| access.masked()), chat: chat.clone() };
    let since = Instant::now();
    let turn = state.chats.enter(key, state.limits.chat_wait).await;
    state.metrics.waited(since.elapsed());
    turn
}
