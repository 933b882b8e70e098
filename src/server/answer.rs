//! One prompt and its answer, from the line before the chat to the last word.
//!
//! Dropping an [`Answer`], or the future that begins it, stops the upstream and lets the next one go
//! on: that is what happens when a caller goes away, because hyper drops what nobody waits for. Who
//! wants it to go on says so in [`Question::on_disconnect`]; then a task of its own holds it, until
//! its end, the server's, that of the key it was asked for with, or somebody's wish to stop it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::Session;
use crate::app::send::{Ghosts, ReplyStream, SendRequest, Target, open_found, resolve, verdict};
use crate::domain::{ChatId, Reply, ReplyEvent, Result};

use super::cache::answers::{Follower, Growing};
use super::cache::{Change, Found};
use super::metrics::{AnswerMeter, Loss};
use super::shared::{ChatKey, TokenHash, Turn};
use super::state::State;
use crate::server::auth::token_hash;
use crate::server::http::response::internal;
use crate::server::limits::running::Run;
use crate::server::request::RequestContext;

/// A prompt on behalf of somebody.
pub(super) struct Question {
    /// For whom.
    pub session: Session,
    /// What is asked.
    pub request: SendRequest,
    /// By which route.
    pub kind: Kind,
    /// What becomes of the answer when its caller goes away.
    pub on_disconnect: OnDisconnect,
}

/// Which of the two routes answers: their documents differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `send`.
    Send,
    /// `quick`.
    Quick,
}

/// What becomes of an answer when its caller goes away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnDisconnect {
    /// It is stopped.
    #[default]
    Stop,
    /// It goes on to its end.
    Continue,
}

/// An answer while it grows: to this caller alone, or to all who ask the same. It ends as well when
/// somebody wants it to stop, with a reply that says so.
pub(super) struct Answer {
    /// The model that was asked.
    pub model: String,
    /// What the cache had, if it was asked.
    pub found: Option<Found>,
    source: Source,
}

enum Source {
    Own(Box<Live>),
    Shared(Box<Follower>),
}

impl Answer {
    /// Waits for the chat's turn and sends the prompt, unless the answer is known or on its way;
    /// returns when the first event is there.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the turn does not come; those of the client;
    /// [`crate::app::send::stopped`].
    pub(super) async fn begin(state: &Arc<State>, question: Question) -> Result<Self> {
        let Question { session, request, .. } = question;
        let wish = state.cache.wish(&session, &request).await?;
        // Boxed, because it is large and lies at the bottom of every future of the routes.
        let live = Box::pin(Live::begin(Arc::clone(state), session, request));
        let Some(wish) = wish else {
            let live = Box::new(live.await?);
            return Ok(Self { model: live.model.clone(), found: None, source: Source::Own(live) });
        };
        let follower = state.cache.answer(wish, live).await?;
        let (model, found) = (follower.model.clone(), Some(follower.found));
        Ok(Self { model, found, source: Source::Shared(Box::new(follower)) })
    }

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    pub(super) async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        match &mut self.source {
            Source::Own(live) => live.next().await,
            Source::Shared(follower) => follower.next().await,
        }
    }

    /// What has come so far.
    pub(super) fn reply(&self) -> &Reply {
        match &self.source {
            Source::Own(live) => live.reply(),
            Source::Shared(follower) => follower.reply(),
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub(super) async fn whole(mut self) -> Result<Reply> {
        while let Some(step) = self.next().await {
            if let (ReplyEvent::Delta(_), Source::Own(live)) = (step?, &mut self.source) {
                live.stream.hush();
            }
        }
        verdict(self.reply())?;
        Ok(match self.source {
            Source::Own(live) => live.stream.into_reply(),
            Source::Shared(follower) => follower.reply().clone(),
        })
    }
}

/// The whole answer to `question`, and what the cache had. May be dropped: that is a caller who goes
/// away.
///
/// # Errors
/// As with [`Answer::begin`] and [`Answer::whole`].
pub(super) async fn whole(
    call: &Arc<RequestContext>,
    question: Question,
) -> Result<(Reply, Option<Found>)> {
    let lasts = question.on_disconnect == OnDisconnect::Continue;
    let working = lasts.then(|| call.state.lasting.token());
    let (state, call) = (Arc::clone(&call.state), Arc::clone(call));
    let read = async move {
        let answer = Answer::begin(&state, question).await?;
        let found = answer.found;
        Ok((answer.whole().await?, found))
    };
    if !lasts {
        return read.await;
    }
    let task = tokio::spawn(async move {
        let _working = working;
        tokio::select! {
            biased;
            error = call.must_end() => Err(error),
            read = read => read,
        }
    });
    task.await.unwrap_or_else(|_| Err(internal()))
}

/// An answer while it comes from the upstream.
struct Live {
    model: String,
    // Before the place: the stream is closed before the next prompt's turn comes.
    stream: ReplyStream,
    meter: AnswerMeter,
    /// Until the answer has ended.
    place: Option<Place>,
}

/// What an answer holds while it comes. Whoever stops it hears of its end when the chat is free.
struct Place {
    _change: Change,
    _turn: Turn,
    run: Run,
}

impl Live {
    async fn begin(state: Arc<State>, session: Session, request: SendRequest) -> Result<Self> {
        let asked_at = Instant::now();
        let mut ghosts = Ghosts::default();
        loop {
            let target = resolve(&session, request.target.clone(), &ghosts).await?;
            // Boxed, because it is large and lies at the bottom of every other future.
            let begun =
                Box::pin(Self::begin_in(&state, &session, target.clone(), &request, asked_at))
                    .await;
            match begun {
                Err(error) if ghosts.adds(&request.target, &target, &error) => {}
                begun => return begun?,
            }
        }
    }

    /// In the chat that was found, or a new one. The inner failure came when the prompt was
    /// sent: then no other chat may be tried.
    async fn begin_in(
        state: &Arc<State>,
        session: &Session,
        target: Target,
        request: &SendRequest,
        asked_at: Instant,
    ) -> Result<Result<Self>> {
        let change = state.cache.change(session).await;
        let (chat, made) = if let Target::Chat(id) = &target {
            (id.clone(), None)
        } else {
            // A new chat has a line too: it may be the most recent one for somebody else by now.
            let made = open_found(session, target.clone(), request).await?;
            (made.chat_id.clone(), Some(made))
        };
        let run = state.running.enter(ChatKey::new(session, chat), session.clone());
        let sending = async {
            let (turn, opened) = if let Some(made) = made {
                (wait(state, run.key().clone()).await?, made)
            } else {
                let turn = wait_proven(state, session, run.key()).await?;
                (turn, open_found(session, target, request).await?)
            };
            let sent = opened.send(session, request).await;
            Ok((opened.model, sent, turn))
        };
        let (model, sent, turn) = run.unless_stopped(Box::pin(sending)).await?;
        Ok(sent.map(|stream| {
            let meter = AnswerMeter::new(Arc::clone(&state.metrics), asked_at);
            let place = Some(Place { _change: change, _turn: turn, run });
            Self { model, stream, meter, place }
        }))
    }

    fn end(&mut self) {
        self.place = None;
        match verdict(self.stream.reply()) {
            Ok(()) => self.meter.done(self.stream.reply()),
            Err(_) => self.meter.lost(Loss::Upstream),
        }
    }
}

impl Growing for Live {
    fn model(&self) -> &str {
        &self.model
    }

    async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        let place = self.place.as_ref()?;
        let step = match self.stream.ready() {
            Some(event) => Some(Ok(event)),
            None => next_or_stopped(&mut self.stream, &place.run).await,
        };
        match &step {
            Some(Ok(event)) => self.meter.note(event, &self.model),
            Some(Err(_)) => self.meter.lost(Loss::Upstream),
            None => self.end(),
        }
        step
    }

    fn reply(&self) -> &Reply {
        self.stream.reply()
    }
}

/// The next step of `stream`; it ends when somebody wants `run` to stop.
async fn next_or_stopped(stream: &mut ReplyStream, run: &Run) -> Option<Result<ReplyEvent>> {
    tokio::select! {
        biased;
        () = run.stop_wished() => {
            // An upstream that cannot be told changes nothing for those who wait here.
            let _ = Box::pin(stream.stop()).await;
            None
        }
        step = stream.next() => step,
    }
}

/// Waits for the turn of a caller with `session` in `chat`.
///
/// # Errors
/// [`crate::domain::ErrorKind::ChatInProgress`] if it does not come.
pub(super) async fn enter(state: &State, session: &Session, chat: &ChatId) -> Result<Turn> {
    wait_proven(state, session, &ChatKey::new(session, chat.clone())).await
}

async fn wait(state: &State, key: ChatKey) -> Result<Turn> {
    let mut waited = Duration::ZERO;
    let turn = stand_in_line(state, key, &mut waited).await;
    state.metrics.waited(waited);
    turn
}

/// The line before a chat is that of an account, and a token of somebody's own making may name any. So
/// one that the upstream has not accepted of late has to read the chat before it may stand there. As
/// that takes a while, there is a line of the same token before it: its prompts keep their order.
async fn wait_proven(state: &State, session: &Session, key: &ChatKey) -> Result<Turn> {
    let token = session.access_token();
    if state.own_session().is_some_and(|own| own.access_token() == token) {
        return wait(state, key.clone()).await;
    }
    let hash = token_hash(token.expose());
    let own_line = ChatKey { account: format!("{hash:02x?}"), chat: key.chat.clone() };
    let mut waited = Duration::ZERO;
    let turn = async {
        let _first = stand_in_line(state, own_line, &mut waited).await?;
        prove(state, session, key, hash).await?;
        stand_in_line(state, key.clone(), &mut waited).await
    }
    .await;
    state.metrics.waited(waited);
    turn
}

async fn stand_in_line(state: &State, key: ChatKey, waited: &mut Duration) -> Result<Turn> {
    let (since, patience) = (Instant::now(), state.limits.chat_wait.saturating_sub(*waited));
    let turn = state.shared.order.enter(key, patience).await;
    *waited += since.elapsed();
    turn
}

async fn prove(state: &State, session: &Session, key: &ChatKey, hash: TokenHash) -> Result<()> {
    let accepted = &state.shared.accepted;
    if accepted.account(hash, Instant::now()).await?.is_none() {
        session.chat(&key.chat).await?;
        accepted.remember(hash, key.account.clone(), Instant::now()).await;
    }
    Ok(())
}
