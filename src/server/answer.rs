//! An answer with what the server adds to the driver: the queue before the chat, the cache, the
//! metrics, and what ends it early.
//!
//! Dropping an [`Answer`] stops the upstream and frees the chat.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::cache::AnswerKey;
use super::metrics::{AnswerMeter, Loss};
use super::shared::{ChatKey, TokenHash, Turn};
use super::state::State;
use crate::app::Session;
use crate::app::answer::{Answering, ChatQueue, Guards, Question, QueueSlot, Unfinished};
use crate::app::ephemeral::Journal;
use crate::domain::{ChatId, ReplyEvent, Result, hex};
use crate::server::auth::token_hash;
use crate::server::request::RequestContext;

/// What happens to an answer when its client disconnects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnDisconnect {
    /// It is stopped.
    #[default]
    Stop,
    /// It continues to its end.
    Continue,
}

/// One answer.
pub(super) struct Answer {
    state: Arc<State>,
    // Dropped before `meter`, so that the upstream is stopped first.
    answering: Answering,
    meter: Option<AnswerMeter>,
    key: Option<AnswerKey>,
    asked_at: Instant,
}

impl Answer {
    /// The answer to `question`, until `end` resolves. A whole one is kept under `key`; `prompt_id` is the
    /// client's name for the prompt.
    pub(super) async fn new(
        state: &Arc<State>,
        session: Session,
        question: Question,
        key: Option<AnswerKey>,
        prompt_id: Option<String>,
        end: BoxFuture<'static, Unfinished>,
    ) -> Self {
        let asked_at = Instant::now();
        let change = state.cache.change(&session).await;
        let guards = Guards {
            queue: Some(Arc::new(Queue { state: Arc::clone(state), prompt_id })),
            quotas: state.quotas.clone(),
            journal: state.openai.journal.clone(),
            recorded: state.openai.journal.as_ref().map(Journal::recorded),
            on_journal_error: None,
            uploads: None,
            end,
            held: Some(Box::new(change)),
        };
        let answering = Answering::new(session, question, guards);
        Self { state: Arc::clone(state), answering, meter: None, key, asked_at }
    }

    /// Opens the chat and sends the prompt; returns when the first event arrives.
    ///
    /// # Errors
    /// As with [`Answering::open`] and [`Answering::send`].
    pub(super) async fn begin(&mut self) -> Result<(), Unfinished> {
        // Boxed, because they are large and part of every future of the routes.
        Box::pin(self.answering.open()).await?;
        self.answering.send().await?;
        self.meter = Some(AnswerMeter::new(Arc::clone(&self.state.metrics), self.asked_at));
        Ok(())
    }

    /// As [`Answering::next`].
    ///
    /// # Errors
    /// If the answer is not whole.
    pub(super) async fn next(&mut self) -> Result<Option<ReplyEvent>, Unfinished> {
        if self.answering.is_over() {
            return Ok(None);
        }
        let next = self.answering.next().await;
        if let Some(meter) = &mut self.meter {
            match &next {
                Ok(Some(event)) => meter.note(event, self.answering.model()),
                Err(Unfinished::Failed(_)) => meter.lost(Loss::Upstream),
                // Dropped before its end, the meter counts a loss of the caller.
                Ok(None) | Err(Unfinished::Stopped(_) | Unfinished::Gone) => {}
            }
        }
        if matches!(next, Ok(None)) {
            self.note_success();
            if let (Some(key), Some(reply)) = (self.key, self.answering.reply()) {
                self.state.cache.keep_answer(key, reply).await;
            }
        }
        next
    }

    /// Sends a further prompt after the whole answer, as [`Answering::again`].
    ///
    /// # Errors
    /// As with [`Answering::send`].
    pub(super) async fn again(&mut self, prompt: String) -> Result<(), Unfinished> {
        Box::pin(self.answering.again(prompt)).await?;
        self.meter = Some(AnswerMeter::new(Arc::clone(&self.state.metrics), Instant::now()));
        Ok(())
    }

    /// Counts the answer as successful: it is whole, or was cut on purpose.
    pub(super) fn note_success(&mut self) {
        if let (Some(meter), Some(reply)) = (&mut self.meter, self.answering.reply()) {
            meter.done(reply);
        }
    }

    /// As [`Answering::hush`].
    pub(super) fn hush(&mut self) {
        self.answering.hush();
    }

    /// The driver.
    pub(super) fn driver(&self) -> &Answering {
        &self.answering
    }

    /// As [`Answering::finish`].
    ///
    /// # Errors
    /// If an ephemeral chat could not be deleted.
    pub(super) async fn finish(self) -> Result<()> {
        // Boxed, because it is large.
        Box::pin(self.answering.finish()).await
    }
}

/// Resolves when an answer to `call` has to end: the `client` has disconnected, the server ends, or
/// the API key is revoked.
pub(super) fn end_of(
    call: &Arc<RequestContext>,
    client: Option<mpsc::Sender<Bytes>>,
) -> BoxFuture<'static, Unfinished> {
    let call = Arc::clone(call);
    let end = async move {
        let gone = async {
            match &client {
                Some(client) => client.closed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = gone => Unfinished::Gone,
            error = call.must_end() => Unfinished::Stopped(error),
        }
    };
    end.boxed()
}

/// The queue before each chat.
struct Queue {
    state: Arc<State>,
    /// The client's name for the prompt.
    prompt_id: Option<String>,
}

impl ChatQueue for Queue {
    fn enter(
        &self,
        session: Session,
        chat: ChatId,
        is_new: bool,
    ) -> BoxFuture<'static, Result<QueueSlot>> {
        let (state, prompt_id) = (Arc::clone(&self.state), self.prompt_id.clone());
        let enter = async move {
            let key = ChatKey::new(&session, chat);
            let run = state.running.enter(key, session.clone(), prompt_id);
            let wait = wait(&state, &session, run.key(), is_new);
            let turn = run.unless_stopped(Box::pin(wait)).await?;
            run.leave_queue();
            let stop = run.stop_token();
            // In this order: a stop call returns when the chat is free.
            Ok(QueueSlot { stop, held: Box::new((turn, run)) })
        };
        enter.boxed()
    }
}

/// The queue before a chat is that of an account, and a self-made token may name any account. So a token
/// that the upstream has not accepted recently has to read the chat before it may join. Because that takes
/// a while, there is a queue of the same token before it: its prompts keep their order.
async fn wait(state: &State, session: &Session, key: &ChatKey, is_new: bool) -> Result<Turn> {
    let mut waited = Duration::ZERO;
    let token = session.access_token();
    let is_own = || state.own_session().is_some_and(|own| own.access_token() == token);
    let turn = if is_new || is_own() {
        join(state, key.clone(), &mut waited).await
    } else {
        let hash = token_hash(token.expose());
        let own_queue = ChatKey { account: hex(&hash), chat: key.chat.clone() };
        let proven = async {
            let _first = join(state, own_queue, &mut waited).await?;
            prove(state, session, key, hash).await?;
            join(state, key.clone(), &mut waited).await
        };
        proven.await
    };
    state.metrics.waited(waited);
    turn
}

async fn join(state: &State, key: ChatKey, waited: &mut Duration) -> Result<Turn> {
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
