//! A growing reply: from the stream; if that is cut, from a resumed stream and from the chat.

mod recover;
mod resume;

use std::collections::VecDeque;

use tokio::time::{Instant, timeout_at};

use self::recover::{Need, Recovery};
use self::resume::{Opening, Resumed};
use super::body::Body;
use super::classify::JsonBody;
use super::failure::{Cause, Failure};
use super::session::Session;
use super::stopper::Sent;
use super::stopper::Stopper;
use super::stream::fold::{Ending, Fold};
use super::wire::completion::Whole;
use super::wire::envelope::Refusal;
use crate::domain::Turn;
use crate::domain::{Completeness, Error, FinishReason, Reply, ReplyEvent, Result};
use crate::net::sse::{Decoder, TooLong};

/// Maximum size of a reply in bytes of text: no model writes that much.
const MAX_REPLY: usize = 64 << 20;

/// What a [`ReplyStream`] holds back until it will not change any more, for readers that cannot take
/// anything back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing: what changes is sent again as [`ReplyEvent::Rewrite`] or [`ReplyEvent::RewriteThinking`].
    #[default]
    Nothing,
    /// Thoughts.
    Thoughts,
    /// Thoughts and text.
    Everything,
}

/// What the reader of a reply that is held back has been sent.
#[derive(Debug, Default)]
struct Shown {
    thinking: String,
    text: String,
    /// Whether there are thoughts, or text, that are held back.
    holds_thoughts: bool,
    holds_text: bool,
}

/// A growing reply. Dropped before its end, it stops the upstream in the background.
pub struct ReplyStream {
    session: Session,
    stopper: Stopper,
    sent: Sent,
    fold: Fold,
    queue: VecDeque<ReplyEvent>,
    hold: Hold,
    shown: Shown,
    /// When the apparent last event came; keep-alives may follow.
    last_event_at: Option<Instant>,
    /// Number of resume calls made.
    resumes: u32,
    /// What the last resume call has brought.
    resumed: Option<Resumed>,
    state: State,
}

/// What a [`ReplyStream`] is made of.
pub(super) struct Parts {
    /// The account.
    pub session: Session,
    /// Stops the upstream if the stream is dropped.
    pub stopper: Stopper,
    /// The prompt as sent.
    pub sent: Sent,
    /// The prompt.
    pub turn: Turn,
}

enum State {
    Streaming {
        body: Box<Body>,
        decoder: Decoder,
    },
    Resuming(Opening),
    Recovering(Recovery),
    /// An error that [`ReplyStream::next`] returns after the events before it.
    Failed(Option<Error>),
    Ended,
}

impl ReplyStream {
    fn new(parts: Parts, state: State) -> Self {
        let reply = Reply::empty(parts.turn.chat_id, parts.turn.model);
        Self {
            session: parts.session,
            stopper: parts.stopper,
            sent: parts.sent,
            fold: Fold::new(reply),
            queue: VecDeque::new(),
            hold: Hold::Nothing,
            shown: Shown::default(),
            last_event_at: None,
            resumes: 0,
            resumed: None,
            state,
        }
    }

    /// The warning of a large request.
    pub fn size_warning(&self) -> Option<String> {
        self.session.config().request_limits?.warning(self.sent.bytes)
    }

    /// From a stream; returns with its first event.
    ///
    /// # Errors
    /// A refusal in place of the first event.
    pub(super) async fn streaming(parts: Parts, body: Body) -> Result<Self, Failure> {
        let mut stream = Self::new(
            parts,
            State::Streaming { body: Box::new(body), decoder: Decoder::default() },
        );
        while stream.queue.is_empty() {
            let State::Streaming { body, .. } = &mut stream.state else { break };
            let piece = body.piece().await.map_err(|failure| stream.nothing_came(failure))?;
            let refusal = stream.take(piece.as_deref());
            match refusal {
                Some(refusal) if stream.queue.is_empty() => {
                    let failure = stream.session.conceal(Failure::refusal(refusal, 200));
                    return Err(stream.nothing_came(failure));
                }
                Some(refusal) => stream.refused(refusal),
                None if piece.is_some() => {}
                None if stream.queue.is_empty() => {
                    return Err(stream.nothing_came(Failure::new(Cause::Empty)));
                }
                None => stream.stream_ended(true),
            }
        }
        Ok(stream)
    }

    /// The chat may still have the answer of a stream that failed before its first event, so only a
    /// timeout stops the upstream.
    fn nothing_came(&mut self, failure: Failure) -> Failure {
        if !failure.is_out_of_time() {
            self.stopper.disarm();
        }
        failure
    }

    /// From one document (protocol 7.12).
    ///
    /// # Errors
    /// If the document holds no answer.
    pub(super) fn whole(parts: Parts, body: &JsonBody) -> Result<Self, Failure> {
        let mut stream = Self::new(parts, State::Ended);
        stream.stopper.disarm();
        let answer = body.parse::<Whole<'_>>("an answer")?.answer();
        let answer = answer.ok_or_else(|| body.failure("an answer without text"))?;
        let reply = stream.fold.reply_mut();
        reply.message_id = answer.message_id;
        reply.prompt_id = answer.prompt_id;
        reply.thinking = answer.thinking;
        reply.finish_reason = answer.finish_reason;
        reply.content.clone_from(&answer.content);
        reply.completeness = Completeness::Complete;
        stream.queue.push_back(start(reply));
        stream.queue.extend(reply.thinking.clone().map(ReplyEvent::Thinking));
        stream.queue.push_back(ReplyEvent::Delta(answer.content));
        Ok(stream)
    }

    /// From the chat, for an accepted prompt without a stream.
    pub(super) fn recovering(parts: Parts) -> Self {
        let mut stream = Self::new(parts, State::Ended);
        stream.recover(Need::Rest);
        stream
    }

    /// The reply so far. It is whole once [`ReplyStream::next`] has returned `None`.
    pub fn reply(&self) -> &Reply {
        self.fold.reply()
    }

    /// Emits no more [`ReplyEvent::Delta`]s, for callers that need only the whole reply.
    pub fn hush(&mut self) {
        self.fold.hush();
    }

    /// Holds back what may still change. For a reader that has got no event yet.
    pub fn hold(&mut self, hold: Hold) {
        self.hold = hold;
    }

    /// The reply, for callers that need no further events.
    pub fn into_reply(self) -> Reply {
        self.fold.into_reply()
    }

    /// The next event, if it is already there.
    pub fn ready(&mut self) -> Option<ReplyEvent> {
        if self.hold == Hold::Nothing {
            return self.queue.pop_front();
        }
        loop {
            if let Some(event) = self.release() {
                return Some(event);
            }
            let event = self.queue.pop_front()?;
            let (thoughts, text) = self.final_lengths();
            let reply = self.fold.reply();
            let shown = &mut self.shown;
            match &event {
                ReplyEvent::Thinking(piece) => {
                    let all = reply.thinking.as_deref().unwrap_or_default();
                    if !shown.holds_thoughts && is_next(piece, &shown.thinking, all, thoughts) {
                        shown.thinking.push_str(piece);
                        return Some(event);
                    }
                    shown.holds_thoughts = true;
                }
                ReplyEvent::RewriteThinking(_) => shown.holds_thoughts = true,
                ReplyEvent::Delta(piece) if self.hold == Hold::Everything => {
                    if !shown.holds_text && is_next(piece, &shown.text, &reply.content, text) {
                        shown.text.push_str(piece);
                        return Some(event);
                    }
                    shown.holds_text = true;
                }
                ReplyEvent::Rewrite(_) if self.hold == Hold::Everything => shown.holds_text = true,
                _ => return Some(event),
            }
        }
    }

    /// How much of the thoughts and of the text is final, in bytes.
    fn final_lengths(&self) -> (usize, usize) {
        let reply = self.fold.reply();
        match self.state {
            State::Failed(_) | State::Ended => {
                (reply.thinking.as_ref().map_or(0, String::len), reply.content.len())
            }
            State::Streaming { .. } | State::Resuming(_) | State::Recovering(_) => {
                let (thoughts, text) = self.fold.final_lengths();
                let certain = self.resumed.as_ref().map_or(text, Resumed::certain);
                (thoughts, text.min(certain))
            }
        }
    }

    /// What was held back and has become final. Thoughts that were shown stay as they are.
    fn release(&mut self) -> Option<ReplyEvent> {
        let (thoughts, text) = self.final_lengths();
        let is_over = matches!(self.state, State::Failed(_) | State::Ended);
        let is_thought = |event: &ReplyEvent| {
            matches!(event, ReplyEvent::Thinking(_) | ReplyEvent::RewriteThinking(_))
        };
        let shown = &mut self.shown;
        // Thoughts that have arrived precede the text that was held back.
        shown.holds_thoughts |= shown.holds_text && self.queue.iter().any(is_thought);
        if shown.holds_thoughts {
            let thinking = self.fold.reply().thinking.as_deref().unwrap_or_default();
            shown.holds_thoughts = thoughts < thinking.len();
            match thinking[..thoughts].strip_prefix(shown.thinking.as_str()) {
                Some("") => {}
                Some(rest) => {
                    let rest = rest.to_owned();
                    shown.thinking.push_str(&rest);
                    self.queue.retain(|event| !is_thought(event));
                    return Some(ReplyEvent::Thinking(rest));
                }
                None if is_over => {
                    self.fold.reply_mut().thinking = Some(shown.thinking.clone());
                }
                None => shown.holds_thoughts = true,
            }
        }
        let content = &self.fold.reply().content;
        if !shown.holds_text || text < content.len() || self.fold.is_hushed() {
            return None;
        }
        shown.holds_text = false;
        let is_text =
            |event: &ReplyEvent| matches!(event, ReplyEvent::Delta(_) | ReplyEvent::Rewrite(_));
        self.queue.retain(|event| !is_text(event));
        let rest = content.strip_prefix(shown.text.as_str()).map(str::to_owned);
        shown.text.clone_from(content);
        match rest {
            Some(rest) => (!rest.is_empty()).then_some(ReplyEvent::Delta(rest)),
            None => Some(ReplyEvent::Rewrite(content.clone())),
        }
    }

    /// The next event; `None` at the end of a whole reply. An error is the last item. Safe to drop and
    /// call again.
    pub async fn next(&mut self) -> Option<Result<ReplyEvent>> {
        loop {
            if let Some(event) = self.ready() {
                return Some(Ok(event));
            }
            match &mut self.state {
                State::Streaming { .. } => self.read().await,
                State::Resuming(_) => self.open_resumed().await,
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

    /// Stops the upstream and ends the stream; the reply so far stays.
    ///
    /// # Errors
    /// If the stop request fails; the stream ends all the same.
    pub async fn stop(&mut self) -> Result<()> {
        if matches!(self.state, State::Ended) {
            return Ok(());
        }
        let result = self.stopper.stop().await;
        self.end(Completeness::Stopped);
        result
    }

    /// Reads the next piece of the stream.
    async fn read(&mut self) {
        let grace = self.session.config().timing.grace;
        let ending = self.resumed.as_ref().map_or(&self.fold, |resumed| &resumed.fold).ending();
        let last_event_seen = matches!(ending, Ending::Finished | Ending::Stopped);
        if !last_event_seen {
            self.last_event_at = None;
        }
        let State::Streaming { body, .. } = &mut self.state else { return };
        let piece = if last_event_seen {
            let end = *self.last_event_at.get_or_insert_with(Instant::now) + grace;
            timeout_at(end, body.piece()).await.unwrap_or(Ok(None))
        } else {
            body.piece().await
        };
        match piece {
            Err(failure) => self.broke(failure),
            Ok(piece) => match self.take(piece.as_deref()) {
                Some(refusal) => self.refused(refusal),
                None if piece.is_none() => self.stream_ended(true),
                None => {}
            },
        }
    }

    /// Decodes a piece of the stream, or its end; returns a refusal if it holds one.
    fn take(&mut self, piece: Option<&[u8]>) -> Option<Refusal> {
        let State::Streaming { decoder, .. } = &mut self.state else { return None };
        let mut refusal = None;
        let is_resumed = self.resumed.is_some();
        let fold = self.resumed.as_mut().map_or(&mut self.fold, |resumed| &mut resumed.fold);
        let queue = &mut self.queue;
        let mut event = |data: &[u8]| {
            if refusal.is_none() {
                let emit = &mut |event| {
                    if !is_resumed {
                        queue.push_back(event);
                    }
                };
                refusal = fold.event(data, emit).err();
            }
        };
        let taken = match piece {
            Some(piece) => decoder.feed(piece, &mut event),
            None => decoder.finish(&mut event),
        };
        fold.settle();
        let length = fold.reply().text_length();
        self.stopper.set_message(self.fold.reply().message_id.as_deref());
        self.join();
        if let Err(TooLong { cap }) = taken {
            self.too_long("an event", cap);
        } else if length > MAX_REPLY {
            self.too_long("an answer", MAX_REPLY);
        }
        refusal
    }

    /// An error event ends the generation (protocol 8.2). After a resume call it may be about that call.
    fn refused(&mut self, refusal: Refusal) {
        let failure = self.session.conceal(Failure::refusal(refusal, 200));
        if self.resumed.is_some() && failure.cause != Cause::Refused {
            return self.recover(Need::Rest);
        }
        if failure.cause == Cause::Truncated {
            self.fold.reply_mut().finish_reason = Some(FinishReason::Length);
        }
        self.stopper.disarm();
        self.fail(failure.into_error());
    }

    fn too_long(&mut self, what: &str, cap: usize) {
        let what = format!("{what} of more than {} MiB", cap >> 20);
        self.fail(Failure::shape(what).into_error());
    }

    fn broke(&mut self, failure: Failure) {
        if failure.is_out_of_time() {
            self.fail(failure.into_error());
        } else {
            self.stream_ended(false);
        }
    }

    /// Decides what the end of the stream means for the reply (protocol 7.10).
    fn stream_ended(&mut self, cleanly: bool) {
        if matches!(self.state, State::Failed(_)) {
            return;
        }
        if self.resumed.is_some() {
            return self.resumed_stream_ended();
        }
        let is_answer = self.fold.reply().is_answer();
        match self.fold.ending() {
            Ending::Stopped => self.end(Completeness::Stopped),
            Ending::Finished if !is_answer => self.recover(Need::Rest),
            Ending::Finished if !cleanly && !self.fold.has_status() => self.continue_after_cut(),
            Ending::Finished | Ending::Paused if self.fold.broken_events() > 0 => {
                self.recover(Need::Repair);
            }
            Ending::Finished => self.end(Completeness::Complete),
            Ending::Paused if is_answer && cleanly => self.recover(Need::Confirmation),
            Ending::Paused | Ending::Open => self.continue_after_cut(),
        }
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
}

/// Whether `piece` follows `shown` in the first `length` bytes of `all`, which are final. An event in the
/// queue may be of a text that was replaced after it.
fn is_next(piece: &str, shown: &str, all: &str, length: usize) -> bool {
    let end = shown.len() + piece.len();
    end <= length && all.get(shown.len()..end) == Some(piece)
}

fn start(reply: &Reply) -> ReplyEvent {
    ReplyEvent::Start {
        chat_id: reply.chat_id.clone(),
        message_id: reply.message_id.clone(),
        prompt_id: reply.prompt_id.clone(),
    }
}
