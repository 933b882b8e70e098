//! A reply while it grows: from the stream, and from the chat where the stream was cut.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::body::Body;
use super::classify::JsonBody;
use super::failure::{Cause, Failure};
use super::notice::Notice;
use super::recovery::{Sent, Trace, trace};
use super::send::Parts;
use super::session::Session;
use super::stopper::Stopper;
use super::stream::decoder::Decoder;
use super::stream::fold::{Ending, Fold};
use super::wire::completion::Whole;
use super::wire::envelope::Refusal;
use crate::domain::{
    Chat, Completeness, Error, ErrorKind, Message, MessageState, Reply, ReplyEvent, Result,
};

/// A reply while it grows. Dropped before its end, it stops the upstream in the background.
pub struct ReplyStream {
    session: Session,
    stopper: Stopper,
    sent: Sent,
    fold: Fold,
    queue: VecDeque<ReplyEvent>,
    state: State,
}

enum State {
    Streaming {
        body: Box<Body>,
        decoder: Decoder,
    },
    Recovering(Recovery),
    /// An error to be told after the events before it.
    Failed(Option<Error>),
    Ended,
}

/// Why the chat is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The stream was cut: without the chat there is no answer.
    Rest,
    /// The stream may have been whole; the chat would know.
    Confirmation,
    /// Something in the stream could not be read; the chat may have it.
    Repair,
}

struct Recovery {
    need: Need,
    looks: u32,
    /// When the chat last showed something new.
    progress: Instant,
    seen: Option<(usize, MessageState)>,
    /// The look that is under way. Kept here because a wait for it may be dropped.
    look: Option<Look>,
}

type Look = Pin<Box<dyn Future<Output = Result<Chat>> + Send>>;

impl ReplyStream {
    fn new(parts: Parts, state: State) -> Self {
        let reply = Reply::empty(parts.turn.chat_id, parts.turn.model);
        Self {
            session: parts.session,
            stopper: parts.stopper,
            sent: parts.sent,
            fold: Fold::new(reply),
            queue: VecDeque::new(),
            state,
        }
    }

    /// From a stream; returns when its first event is there.
    ///
    /// # Errors
    /// A refusal that came instead of the first event.
    pub(super) async fn streaming(parts: Parts, body: Body) -> Result<Self, Failure> {
        let mut stream = Self::new(
            parts,
            State::Streaming { body: Box::new(body), decoder: Decoder::default() },
        );
        while stream.queue.is_empty() {
            let State::Streaming { body, decoder } = &mut stream.state else { break };
            let Some(piece) = body.piece().await? else { break };
            let mut refusal = None;
            let fed = decoder.feed(&piece, |data| {
                let queue = &mut stream.queue;
                if refusal.is_none() {
                    refusal = stream.fold.event(data, &mut |event| queue.push_back(event)).err();
                }
            });
            match refusal {
                Some(refusal) if stream.queue.is_empty() => {
                    stream.stopper.disarm();
                    return Err(Failure::refusal(refusal, 200));
                }
                Some(refusal) => stream.refused(refusal),
                None => {}
            }
            if fed.is_err() {
                stream.too_long();
            }
        }
        if stream.queue.is_empty() {
            return Err(Failure::new(Cause::Empty));
        }
        stream.stopper.set_message(stream.fold.reply().message_id.as_deref());
        Ok(stream)
    }

    /// From an answer that came as one document (protocol 7.12).
    ///
    /// # Errors
    /// If there is no answer in it.
    pub(super) fn whole(parts: Parts, body: &JsonBody) -> Result<Self, Failure> {
        let mut stream = Self::new(parts, State::Ended);
        stream.stopper.disarm();
        let answer = body.parse::<Whole<'_>>("an answer")?.answer();
        let answer = answer.ok_or_else(|| body.failure("an answer without text"))?;
        let reply = stream.fold.reply_mut();
        reply.message_id = answer.message_id;
        reply.prompt_id = answer.prompt_id;
        reply.thinking = answer.thinking;
        reply.content.clone_from(&answer.content);
        reply.completeness = Completeness::Complete;
        stream.queue.push_back(start(reply));
        stream.queue.extend(reply.thinking.clone().map(ReplyEvent::Thinking));
        stream.queue.push_back(ReplyEvent::Delta(answer.content));
        Ok(stream)
    }

    /// From the chat: the prompt is there, but its stream never came.
    pub(super) fn recovering(parts: Parts) -> Self {
        let mut stream = Self::new(parts, State::Ended);
        stream.recover(Need::Rest);
        stream
    }

    /// What has come so far. It is whole when [`ReplyStream::next`] has returned `None`.
    pub fn reply(&self) -> &Reply {
        self.fold.reply()
    }

    /// The next step; `None` at the end of a whole reply. An error is the last item. May be dropped
    /// and called again without losing anything.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(Ok(event));
            }
            match &mut self.state {
                State::Streaming { .. } => self.read().await,
                State::Recovering(_) => self.look().await,
                State::Failed(error) => {
                    let error = error.take();
                    self.state = State::Ended;
                    return error.map(|error| Err(error.with_partial(self.fold.reply().clone())));
                }
                State::Ended => return None,
            }
        }
    }

    /// Stops the upstream's generation and ends the stream; what has come so far stays.
    ///
    /// # Errors
    /// If the upstream could not be told; the stream is at its end all the same.
    pub async fn stop(&mut self) -> Result<()> {
        if matches!(self.state, State::Ended) {
            return Ok(());
        }
        let told = self.stopper.stop().await;
        self.end(Completeness::Stopped);
        told
    }

    /// Takes the next piece of the stream.
    async fn read(&mut self) {
        let grace = self.session.config().timing.grace;
        let last_event_seen = matches!(self.fold.ending(), Ending::Finished | Ending::Stopped);
        let State::Streaming { body, decoder } = &mut self.state else { return };
        let piece = if last_event_seen {
            timeout_at(body.last_sign() + grace, body.piece()).await.unwrap_or(Ok(None))
        } else {
            body.piece().await
        };
        let mut refusal = None;
        let mut take = |data: &[u8]| {
            let queue = &mut self.queue;
            if refusal.is_none() {
                refusal = self.fold.event(data, &mut |event| queue.push_back(event)).err();
            }
        };
        let fed = match &piece {
            Ok(Some(piece)) => decoder.feed(piece, &mut take),
            Ok(None) => decoder.finish(&mut take),
            Err(_) => Ok(()),
        };
        self.stopper.set_message(self.fold.reply().message_id.as_deref());
        match (refusal, fed, piece) {
            (Some(refusal), ..) => self.refused(refusal),
            (None, Err(_), _) => self.too_long(),
            (None, Ok(()), Ok(Some(_))) => {}
            (None, Ok(()), Ok(None)) => self.stream_ended(true),
            (None, Ok(()), Err(failure)) => self.broke(failure),
        }
    }

    /// An error in the stream: the generation is over (protocol 8.2).
    fn refused(&mut self, refusal: Refusal) {
        self.stopper.disarm();
        self.fail(Failure::refusal(refusal, 200).into_error());
    }

    fn too_long(&mut self) {
        let cap = super::stream::decoder::MAX_EVENT >> 20;
        self.fail(Failure::shape(format!("an event of more than {cap} MiB")).into_error());
    }

    fn broke(&mut self, failure: Failure) {
        if matches!(failure.cause, Cause::Idle | Cause::Total) {
            self.fail(failure.into_error());
        } else {
            self.stream_ended(false);
        }
    }

    /// Decides what the end of the stream means (protocol 7.10).
    fn stream_ended(&mut self, cleanly: bool) {
        let is_answer = self.fold.reply().is_answer();
        match self.fold.ending() {
            Ending::Stopped => self.end(Completeness::Stopped),
            Ending::Finished if !is_answer => self.recover(Need::Rest),
            Ending::Finished if !cleanly && !self.fold.has_status() => self.recover(Need::Rest),
            Ending::Finished if self.fold.broken_events() > 0 => self.recover(Need::Repair),
            Ending::Finished => self.end(Completeness::Complete),
            Ending::Paused if is_answer && cleanly => self.recover(Need::Confirmation),
            Ending::Paused | Ending::Open => self.recover(Need::Rest),
        }
    }

    fn recover(&mut self, need: Need) {
        if need == Need::Rest {
            self.session.tell(Notice::Recovering);
        }
        let progress = Instant::now();
        self.state =
            State::Recovering(Recovery { need, looks: 0, progress, seen: None, look: None });
    }

    fn end(&mut self, completeness: Completeness) {
        self.stopper.disarm();
        let queue = &mut self.queue;
        self.fold.finish(completeness, &mut |event| queue.push_back(event));
        self.state = State::Ended;
    }

    fn fail(&mut self, error: Error) {
        self.state = State::Failed(Some(error));
    }

    /// Reads the chat once, after a wait unless it is the first time.
    async fn look(&mut self) {
        let State::Recovering(recovery) = &mut self.state else { return };
        let look = recovery.look.get_or_insert_with(|| {
            let (session, chat_id) = (self.session.clone(), self.fold.reply().chat_id.clone());
            let wait =
                if recovery.looks > 0 { session.config().timing.poll } else { Duration::ZERO };
            Box::pin(async move {
                sleep(wait).await;
                session.chat(&chat_id).await
            })
        });
        let chat = look.await;
        recovery.look = None;
        recovery.looks += 1;
        let need = recovery.need;
        match chat {
            Ok(chat) => self.compare(&chat, need),
            Err(error) if need == Need::Rest && is_passing(&error) => {
                self.check_patience(Some(error));
            }
            Err(error) => self.give_up(need, Some(error)),
        }
    }

    fn compare(&mut self, chat: &Chat, need: Need) {
        let reply = self.fold.reply();
        let trace =
            trace(chat, &self.sent, reply.message_id.as_deref(), reply.prompt_id.as_deref());
        match trace {
            Trace::Reply(message) => self.found(message),
            Trace::Nothing | Trace::Prompt if need == Need::Rest => self.check_patience(None),
            Trace::Nothing | Trace::Prompt => self.give_up(need, None),
        }
    }

    fn found(&mut self, message: &Message) {
        let streamed = self.fold.reply().content.len();
        match message.state {
            MessageState::InProgress => {
                self.adopt(message, false);
                self.note_progress(message);
                self.check_patience(None);
            }
            MessageState::Failed => {
                let what = message.error.as_deref().unwrap_or("it does not say why");
                self.stopper.disarm();
                self.adopt(message, false);
                self.fail(Failure::new(Cause::Internal).with_details(what).into_error());
            }
            MessageState::Done | MessageState::Stopped => {
                self.adopt(message, true);
                if !self.fold.reply().is_answer() {
                    self.stopper.disarm();
                    return self.fail(empty_answer());
                }
                if self.fold.broken_events() > 0 && message.content.is_empty() && streamed > 0 {
                    return self.end(Completeness::Doubtful);
                }
                let stopped = message.state == MessageState::Stopped;
                self.end(if stopped { Completeness::Stopped } else { Completeness::Complete });
            }
        }
    }

    /// Takes over what the chat has and the stream had not. Only a finished message may contradict
    /// what was streamed.
    fn adopt(&mut self, message: &Message, is_final: bool) {
        let reply = self.fold.reply_mut();
        if reply.message_id.is_none() {
            reply.message_id = Some(message.id.clone());
            reply.prompt_id.clone_from(&message.parent_id);
            self.queue.push_back(start(reply));
        }
        if let Some(rest) = message.content.strip_prefix(&reply.content) {
            if !rest.is_empty() {
                self.queue.push_back(ReplyEvent::Delta(rest.to_owned()));
                reply.content.push_str(rest);
            }
        } else if is_final && !message.content.is_empty() {
            self.queue.push_back(ReplyEvent::Rewrite(message.content.clone()));
            reply.content.clone_from(&message.content);
        }
        if is_final {
            if message.thinking.is_some() {
                reply.thinking.clone_from(&message.thinking);
            }
            if reply.citations.is_empty() {
                reply.citations.clone_from(&message.citations);
            }
            if reply.images.is_empty() {
                reply.images.clone_from(&message.images);
            }
        }
        self.stopper.set_message(self.fold.reply().message_id.as_deref());
    }

    fn note_progress(&mut self, message: &Message) {
        let thinking = message.thinking.as_ref().map_or(0, String::len);
        let seen = Some((message.content.len() + thinking, message.state));
        if let State::Recovering(recovery) = &mut self.state
            && recovery.seen != seen
        {
            recovery.seen = seen;
            recovery.progress = Instant::now();
        }
    }

    /// Goes on looking, unless nothing has come for too long.
    fn check_patience(&mut self, error: Option<Error>) {
        let State::Recovering(recovery) = &self.state else { return };
        let patience = match recovery.seen {
            Some(_) => self.session.patience().idle.max(self.recovery_time()),
            None => self.recovery_time(),
        };
        let total_is_over =
            self.session.patience().deadline.is_some_and(|end| end <= Instant::now());
        if total_is_over {
            self.fail(Failure::new(Cause::Total).into_error());
        } else if recovery.progress.elapsed() >= patience {
            self.give_up(recovery.need, error);
        }
    }

    fn recovery_time(&self) -> Duration {
        self.session.config().timing.recovery
    }

    /// The chat does not help: what was streamed has to do, or there is no answer.
    fn give_up(&mut self, need: Need, cause: Option<Error>) {
        match need {
            Need::Confirmation => self.end(Completeness::Complete),
            Need::Repair => {
                self.session.tell(Notice::Odd(
                    "a piece of the answer could not be read; it may be incomplete".to_owned(),
                ));
                self.end(Completeness::Doubtful);
            }
            Need::Rest => {
                // Stopped now, the rest could not appear later.
                self.stopper.disarm();
                let error = if self.fold.reply().has_substance() {
                    Error::new(
                        ErrorKind::UpstreamProtocol,
                        "the answer was cut short and could not be recovered",
                    )
                } else {
                    empty_answer()
                };
                let hint = format!(
                    "the rest may appear later: `qwenctl chats show {}`",
                    self.fold.reply().chat_id
                );
                let error = error.with_hint(hint);
                self.fail(match cause {
                    Some(cause) => error.caused_by(cause),
                    None => error,
                });
            }
        }
    }
}

fn start(reply: &Reply) -> ReplyEvent {
    ReplyEvent::Start {
        chat_id: reply.chat_id.clone(),
        message_id: reply.message_id.clone(),
        prompt_id: reply.prompt_id.clone(),
    }
}

fn empty_answer() -> Error {
    Error::new(ErrorKind::UpstreamProtocol, "the upstream ended the answer before it said anything")
        .with_hint("send the prompt again; if that does not help, look at the chat on https://chat.qwen.ai")
}

/// Whether the chat may be readable a little later.
fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UpstreamUnreachable | ErrorKind::RateLimited)
}
