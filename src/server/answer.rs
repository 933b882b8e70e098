//! One prompt and its answer, from the line before the chat to the last word.
//!
//! Dropping an [`Answer`], or the future that begins it, stops the upstream and lets the next one go
//! on: that is what happens when a caller goes away, because hyper drops what nobody waits for. Who
//! wants it to go on says so in [`Question::on_disconnect`]; then a task of its own holds it, until
//! its end, the server's, or somebody's wish to stop it.

use std::sync::Arc;

use crate::app::Session;
use crate::app::send::{ReplyStream, SendRequest, Target, open, resolve, verdict};
use crate::domain::{ChatId, Reply, ReplyEvent, Result};

use super::life::Phase;
use super::reply::{internal, shutting_down};
use super::rest::chat::Kind;
use super::running::Run;
use super::shared::{ChatKey, Turn};
use super::state::State;

/// A prompt on behalf of somebody.
pub struct Question {
    /// For whom.
    pub session: Session,
    /// What is asked.
    pub request: SendRequest,
    /// By which route.
    pub kind: Kind,
    /// What becomes of the answer when its caller goes away.
    pub on_disconnect: OnDisconnect,
}

/// What becomes of an answer when its caller goes away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDisconnect {
    /// It is stopped.
    #[default]
    Stop,
    /// It goes on to its end.
    Continue,
}

/// An answer while it grows.
pub struct Answer {
    /// The model that was asked.
    pub model: String,
    // In this order: the stream is closed before the next prompt's turn comes, and whoever stops the
    // answer hears of its end when the chat is free.
    stream: ReplyStream,
    _turn: Turn,
    run: Run,
}

impl Answer {
    /// Waits for the chat's turn and sends the prompt; returns when the upstream's first event is
    /// there.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::ChatInProgress`] if the turn does not come; those of the client;
    /// [`crate::app::send::stopped`].
    pub async fn begin(state: &State, question: Question) -> Result<Self> {
        let Question { session, mut request, .. } = question;
        request.target = resolve(&session, request.target).await?;
        let (chat, made) = if let Target::Chat(id) = &request.target {
            (id.clone(), None)
        } else {
            // A new chat has a line too: it may be the most recent one for somebody else by now.
            let made = open(&session, &request).await?;
            (made.chat_id.clone(), Some(made))
        };
        let run = state.running.enter(ChatKey::new(&session, chat), session.clone());
        let sending = async {
            let turn = state.shared.order.enter(run.key().clone(), state.limits.chat_wait).await?;
            let opened = match made {
                Some(made) => made,
                None => open(&session, &request).await?,
            };
            let stream = opened.send(&session, &request).await?;
            Ok((opened.model, stream, turn))
        };
        let (model, stream, turn) = run.unless_stopped(sending).await?;
        Ok(Self { model, stream, _turn: turn, run })
    }

    /// The next step; `None` at the end. An error is the last item. May be dropped and called again
    /// without losing anything.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        self.stream.next().await
    }

    /// What has come so far.
    pub fn reply(&self) -> &Reply {
        self.stream.reply()
    }

    /// Waits until somebody wants it to stop.
    pub fn stop_wished(&self) -> impl Future<Output = ()> + Send + use<> {
        self.run.stop_wished()
    }

    /// Stops the upstream and frees the chat; gives what has come.
    pub async fn stop(mut self) -> Reply {
        // An upstream that cannot be told changes nothing for those who wait here.
        let _ = self.stream.stop().await;
        self.stream.reply().clone()
    }

    /// Reads to the end, or until somebody wants it to stop.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub async fn whole(mut self) -> Result<Reply> {
        let read = tokio::select! {
            biased;
            () = self.stop_wished() => None,
            read = self.read() => Some(read),
        };
        let reply = match read {
            Some(read) => read.map(|()| self.reply().clone())?,
            None => self.stop().await,
        };
        verdict(&reply)?;
        Ok(reply)
    }

    async fn read(&mut self) -> Result<()> {
        while let Some(step) = self.next().await {
            step?;
        }
        Ok(())
    }
}

/// The whole answer to `question`. May be dropped: that is a caller who goes away.
///
/// # Errors
/// As with [`Answer::begin`] and [`Answer::whole`].
pub async fn whole(state: &Arc<State>, question: Question) -> Result<Reply> {
    if question.on_disconnect == OnDisconnect::Stop {
        return Answer::begin(state, question).await?.whole().await;
    }
    let working = state.lasting.token();
    let state = Arc::clone(state);
    let task = tokio::spawn(async move {
        let _working = working;
        tokio::select! {
            biased;
            () = state.life.reached(Phase::Ending) => Err(shutting_down()),
            reply = async { Answer::begin(&state, question).await?.whole().await } => reply,
        }
    });
    task.await.unwrap_or_else(|_| Err(internal()))
}

/// Waits for the turn of a caller with `session` in `chat`.
///
/// # Errors
/// [`crate::domain::ErrorKind::ChatInProgress`] if it does not come.
pub async fn enter(state: &State, session: &Session, chat: &ChatId) -> Result<Turn> {
    let key = ChatKey::new(session, chat.clone());
    state.shared.order.enter(key, state.limits.chat_wait).await
}
