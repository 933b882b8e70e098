//! How one of the APIs writes an answer.

use warp::reply::Response;

use super::usage;
use crate::domain::{ChatId, Error, Reply, Usage};
use crate::server::compat::cutter::Cut;

/// An answer that has begun.
pub(crate) struct Begun<'a> {
    /// The model that answers.
    pub model: &'a str,
    /// The chat, if it is kept.
    pub chat: Option<&'a ChatId>,
    /// The upstream's id of the answer.
    pub message_id: Option<&'a str>,
    /// An estimate of the length of the prompt, in tokens.
    pub prompt_tokens: u64,
}

/// An answer at its end.
pub(crate) struct Finished<'a> {
    /// What was known at its beginning.
    pub begun: Begun<'a>,
    /// All that came. Its text may be longer than what is told.
    pub reply: &'a Reply,
    /// What is told.
    pub text: &'a str,
    /// Why it ended early, if it did.
    pub cut: Option<Cut>,
}

impl Finished<'_> {
    /// Counts of tokens.
    pub(crate) fn usage(&self) -> Usage {
        usage::of(self.reply, self.text, self.begun.prompt_tokens)
    }

    /// What the model thought; `None` if nothing.
    pub(crate) fn thinking(&self) -> Option<&str> {
        self.reply.thinking.as_deref().filter(|text| !text.is_empty())
    }
}

/// Writes one answer: whole, or as events. One value is used for one answer only.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The whole answer.
    fn whole(&self, finished: &Finished) -> Response;

    /// The events at the beginning.
    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun);

    /// More of what the model thinks.
    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str);

    /// More of the answer.
    fn text(&mut self, out: &mut Vec<u8>, piece: &str);

    /// The events at the end.
    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished);

    /// The event for a failure; the last one.
    fn fail(&mut self, out: &mut Vec<u8>, error: &Error);

    /// A sign of life.
    fn heartbeat(&self) -> &'static [u8] {
        b": still here\n\n"
    }
}

/// An id as these APIs make them.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::new_v4().simple())
}
