//! Finds out from the chat what became of a prompt (protocol 14.2, steps 6 and 7).

use std::collections::HashSet;

use crate::domain::{Chat, Message, Role};

/// A prompt's clock may differ from the upstream's by this much, in seconds.
const CLOCK_SKEW: i64 = 120;

/// What is known about a prompt that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its text, as sent.
    pub text: String,
    /// What it follows.
    pub parent: Option<String>,
    /// When it was sent, in seconds since 1970.
    pub at: i64,
    /// What followed the parent before; `None` if nobody looked.
    pub before: Option<HashSet<String>>,
}

/// What a chat shows of a prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trace<'a> {
    /// Nothing: it was not accepted, or not yet.
    Nothing,
    /// The prompt, without an answer.
    Prompt,
    /// The answer, as far as it has come.
    Reply(&'a Message),
}

/// Looks for the answer `reply_id`, or for that to the prompt `prompt_id`, or for the prompt itself.
pub fn trace<'a>(
    chat: &'a Chat,
    sent: &Sent,
    reply_id: Option<&str>,
    prompt_id: Option<&str>,
) -> Trace<'a> {
    if let Some(reply) = reply_id.and_then(|id| chat.message(id)) {
        return Trace::Reply(reply);
    }
    let prompt = prompt_id.and_then(|id| chat.message(id)).or_else(|| {
        chat.children(sent.parent.as_deref()).filter(|message| sent.is_in(message)).last()
    });
    let Some(prompt) = prompt else { return Trace::Nothing };
    let reply =
        chat.children(Some(&prompt.id)).filter(|message| message.role == Role::Assistant).last();
    reply.map_or(Trace::Prompt, Trace::Reply)
}

impl Sent {
    /// Whether `message` is this prompt, and not an older one with the same words.
    fn is_in(&self, message: &Message) -> bool {
        let is_new = match &self.before {
            Some(before) => !before.contains(&message.id),
            None => message.timestamp.is_none_or(|at| at >= self.at - CLOCK_SKEW),
        };
        message.role == Role::User && is_new && message.content == self.text
    }
}
