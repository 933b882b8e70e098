//! The part of a reply that comes from its chat (protocol 14.2, step 6): the rest of a cut stream, or the
//! confirmation or repair of a whole one.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{ReplyStream, State, start};
use crate::client::failure::{Cause, Failure};
use crate::client::observer::Notice;
use crate::client::stopper::{Trace, trace};
use crate::client::wire::envelope::Refusal;
use crate::domain::{
    Chat, Completeness, Error, ErrorKind, Message, MessageState, ReplyEvent, Result,
};

/// Number of reads of the chat after which it does not confirm a resumed stream.
const LOOKS_AFTER_RESUME: u32 = 3;

/// Why the chat is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The stream was cut: without the chat there is no answer.
    Rest,
    /// The stream may be whole; the chat can confirm it.
    Confirmation,
    /// Part of the stream was unreadable; the chat may have it.
    Repair,
}

pub(super) struct Recovery {
    need: Need,
    looks: u32,
    /// Last time the chat showed something new.
    progress: Instant,
    seen: Option<(usize, MessageState)>,
    /// The read in progress. Kept here because a wait for it may be dropped.
    look: Option<Look>,
}

type Look = Pin<Box<dyn Future<Output = Result<Chat>> + Send>>;

impl ReplyStream {
    pub(super) fn recover(&mut self, need: Need) {
        if need == Need::Rest {
            self.session.notify(Notice::Recovering);
        }
        let progress = Instant::now();
        self.state =
            State::Recovering(Recovery { need, looks: 0, progress, seen: None, look: None });
    }

    /// Reads the chat once; waits before any read but the first.
    pub(super) async fn look(&mut self) {
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
            Err(error) if error.kind() == ErrorKind::Timeout => self.fail(error),
            Err(error) => self.give_up(need, Some(error)),
        }
    }

    fn compare(&mut self, chat: &Chat, need: Need) {
        let reply = self.fold.reply();
        let trace =
            trace(chat, &self.sent, reply.message_id.as_deref(), reply.prompt_id.as_deref());
        match trace {
            Trace::Reply(message) => self.found(message),
            Trace::Nothing | Trace::Unclear | Trace::Prompt
                if need == Need::Rest || self.is_resumed_lately() =>
            {
                self.check_patience(None);
            }
            Trace::Nothing | Trace::Unclear | Trace::Prompt => self.give_up(need, None),
        }
    }

    /// Whether the chat may not have caught up with a resumed stream yet.
    fn is_resumed_lately(&self) -> bool {
        let State::Recovering(recovery) = &self.state else { return false };
        self.resumed.is_some() && recovery.looks < LOOKS_AFTER_RESUME
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
                self.stopper.disarm();
                self.adopt(message, false);
                let failure = self.session.conceal(failed(message));
                self.fail(failure.into_error());
            }
            MessageState::Done | MessageState::Stopped => {
                self.adopt(message, true);
                if !self.fold.reply().is_answer() {
                    self.stopper.disarm();
                    return self.fail(self.empty_answer());
                }
                if self.fold.broken_events() > 0 && message.content.is_empty() && streamed > 0 {
                    return self.end(Completeness::Doubtful);
                }
                let stopped = message.state == MessageState::Stopped;
                self.end(if stopped { Completeness::Stopped } else { Completeness::Complete });
            }
        }
    }

    /// Adds what the chat has and the stream lacked. Only a finished message may replace streamed text.
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
            if let Some(thinking) = &message.thinking {
                let shown = reply.thinking.get_or_insert_default();
                match thinking.strip_prefix(shown.as_str()) {
                    Some("") => {}
                    Some(rest) => self.queue.push_back(ReplyEvent::Thinking(rest.to_owned())),
                    None => self.queue.push_back(ReplyEvent::RewriteThinking(thinking.clone())),
                }
                shown.clone_from(thinking);
            }
            // Sources and images from after the cut are only in the chat.
            if reply.citations.len() < message.citations.len() {
                let new = message.citations.iter().filter(|source| {
                    !reply.citations.iter().any(|known| known.number == source.number)
                });
                let citations = new.cloned().collect();
                self.queue.push_back(ReplyEvent::Search { queries: Vec::new(), citations });
                reply.citations.clone_from(&message.citations);
            }
            if reply.images.len() < message.images.len() {
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

    /// Keeps reading, unless progress has stalled for too long.
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

    fn empty_answer(&self) -> Error {
        let hint = "send the prompt again; if that does not help, look at the chat on https://chat.qwen.ai";
        Failure::new(Cause::EmptyAnswer).sized(self.sent.bytes).into_error().with_hint(hint)
    }

    fn recovery_time(&self) -> Duration {
        self.session.config().timing.recovery
    }

    /// The chat does not help: the streamed text must do, or the reply fails.
    fn give_up(&mut self, need: Need, cause: Option<Error>) {
        match need {
            Need::Confirmation | Need::Repair => {
                self.session.notify(Notice::Odd(
                    "the answer may be incomplete: the chat does not confirm it".to_owned(),
                ));
                self.end(Completeness::Doubtful);
            }
            Need::Rest => {
                // A stop would prevent the rest from appearing later.
                self.stopper.disarm();
                let error = if self.fold.reply().has_substance() {
                    Error::new(
                        ErrorKind::UpstreamProtocol,
                        "the answer was cut and could not be recovered",
                    )
                } else {
                    self.empty_answer()
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

/// The upstream's error for a message, from the chat.
fn failed(message: &Message) -> Failure {
    let error = message.error.clone().unwrap_or_default();
    let failure = Failure::refusal(
        Refusal { code: error.code.clone(), details: error.details.clone(), hours: None },
        200,
    );
    match failure.cause {
        Cause::Unknown => Failure::new(Cause::Internal).with_details(error.to_string()),
        _ => failure,
    }
}

/// Whether a later read of the chat can succeed.
fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UpstreamUnreachable | ErrorKind::RateLimited)
}
