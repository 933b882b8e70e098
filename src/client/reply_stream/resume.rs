//! The resume call after a cut (protocol 7): the upstream repeats the answer, sends only its rest, or
//! nothing. What comes is compared with what the stream brought before; the chat has the last word.

use std::pin::Pin;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::super::form::Remedies;
use super::recover::Need;
use super::{ReplyStream, State};
use crate::client::classify::{JsonBody, ResponseBody};
use crate::client::failure::{Cause, Failure};
use crate::client::observer::Notice;
use crate::client::stream::fold::{Ending, Fold};
use crate::client::transport::Call;
use crate::client::wire::completion::Whole;
use crate::domain::{Completeness, Reply, ReplyEvent};
use crate::net::sse::Decoder;

/// Maximum number of resume calls for one answer.
const TRIES: u32 = 2;

/// A resume call in progress. Kept here because a wait for it may be dropped.
pub(super) type Opening = Pin<Box<dyn Future<Output = Result<ResponseBody, Failure>> + Send>>;

/// An answer that is continued by a resume call.
pub(super) struct Resumed {
    /// What the resumed stream has brought.
    pub fold: Fold,
    /// The length of the text before the cut, in bytes.
    before: usize,
    /// How much of the new text is compared with it.
    compared: usize,
    /// How much of the new text is part of the answer, once it is clear whether it repeats the old one.
    taken: Option<usize>,
}

impl Resumed {
    fn new(reply: &Reply) -> Self {
        let mut fresh = Reply::empty(reply.chat_id.clone(), reply.model.as_str());
        // Skips the events of other answers.
        fresh.message_id.clone_from(&reply.message_id);
        fresh.prompt_id.clone_from(&reply.prompt_id);
        let mut fold = Fold::new(fresh);
        fold.hush();
        Self { fold, before: reply.content.len(), compared: 0, taken: None }
    }

    /// How much of the answer is certain, in bytes: only the chat tells whether text was repeated.
    pub(super) fn certain(&self) -> usize {
        self.before
    }

    /// The text to add to `old`, the text before the cut and what was added since.
    fn rest(&mut self, old: &str) -> &str {
        let new = self.fold.reply().content.as_str();
        let old = &old[..self.before];
        let end = new.len().min(old.len());
        let from = match self.taken {
            Some(taken) => taken,
            // The new text may have become shorter than what was compared.
            None if old.as_bytes().get(self.compared..end)
                != new.as_bytes().get(self.compared..end) =>
            {
                0
            }
            None if new.len() < old.len() => {
                self.compared = end;
                return "";
            }
            None => old.len(),
        };
        self.taken = Some(new.len());
        new.get(from..).unwrap_or_default()
    }
}

impl ReplyStream {
    /// Continues a cut answer: by the resume call if that can help, else from the chat.
    pub(super) fn continue_after_cut(&mut self) {
        let has_id = self.fold.reply().message_id.is_some();
        if has_id && self.resumes < TRIES { self.resume() } else { self.recover(Need::Rest) }
    }

    fn resume(&mut self) {
        self.session.notify(Notice::Resuming);
        let session = self.session.clone();
        let reply = self.fold.reply();
        let id = reply.message_id.clone().unwrap_or_default();
        let call = Call::post(&["v2", "chat", "completions"], json!({}))
            .query("chat_id", reply.chat_id.as_str())
            .query("response_id", id)
            .about(&reply.chat_id)
            .afresh();
        let delay = if self.resumes == 0 { Duration::ZERO } else { session.config().timing.resume };
        self.resumes += 1;
        self.state = State::Resuming(Box::pin(async move {
            sleep(delay).await;
            session.open(&call, &session.access_token(), &Remedies::default()).await
        }));
    }

    /// Waits for the response to a resume call.
    pub(super) async fn open_resumed(&mut self) {
        let State::Resuming(opening) = &mut self.state else { return };
        match opening.await {
            Ok(ResponseBody::Stream(body)) => {
                self.resumed = Some(Resumed::new(self.fold.reply()));
                self.last_event_at = None;
                let decoder = Decoder::default();
                self.state = State::Streaming { body: Box::new(body), decoder };
            }
            Ok(ResponseBody::Json(body)) => self.take_document(&body),
            Err(failure) if failure.cause == Cause::Total => self.fail(failure.into_error()),
            Err(failure)
                if failure.is_transient() && failure.cause != Cause::Empty
                    || failure.cause == Cause::InProgress =>
            {
                self.continue_after_cut();
            }
            // There is nothing to resume, or no such call.
            Err(_) => self.recover(Need::Rest),
        }
    }

    /// An answer without a stream (protocol 7.12).
    fn take_document(&mut self, body: &JsonBody) {
        let whole = body.parse::<Whole<'_>>("an answer").ok().and_then(Whole::answer);
        let Some(answer) = whole else { return self.recover(Need::Rest) };
        let mut resumed = Resumed::new(self.fold.reply());
        resumed.fold.reply_mut().content = answer.content;
        self.resumed = Some(resumed);
        self.join();
        self.recover(Need::Confirmation);
    }

    /// Adds to the answer what the resumed stream has brought of it.
    pub(super) fn join(&mut self) {
        let Some(resumed) = &mut self.resumed else { return };
        let rest = resumed.rest(&self.fold.reply().content);
        if rest.is_empty() {
            return;
        }
        let reply = self.fold.reply_mut();
        reply.content.push_str(rest);
        if !self.fold.is_hushed() {
            self.queue.push_back(ReplyEvent::Delta(rest.to_owned()));
        }
    }

    /// Decides what the end of a resumed stream means.
    pub(super) fn resumed_stream_ended(&mut self) {
        let Some(resumed) = &mut self.resumed else { return };
        let theirs = resumed.fold.reply();
        let has_more = theirs.has_substance();
        let reply = self.fold.reply_mut();
        reply.usage = theirs.usage.or(reply.usage);
        reply.finish_reason = theirs.finish_reason.clone().or(reply.finish_reason.take());
        match resumed.fold.ending() {
            Ending::Finished if has_more => self.recover(Need::Confirmation),
            Ending::Stopped => self.end(Completeness::Stopped),
            Ending::Paused | Ending::Open if has_more => self.continue_after_cut(),
            Ending::Finished | Ending::Paused | Ending::Open => self.recover(Need::Rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_text_may_become_shorter() {
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.content = "Hallo Welt".to_owned();
        let mut resumed = Resumed::new(&reply);
        for (new, rest) in [("Hallo", ""), ("", ""), ("Ha", ""), ("Hallo Welt!", "!")] {
            resumed.fold.reply_mut().content = new.to_owned();
            assert_eq!(resumed.rest(&reply.content), rest, "{new}");
        }
    }
}
