//! Finds out from the chat what became of a prompt (protocol 14.2, steps 6 and 7).

use std::collections::HashSet;

use crate::domain::{Chat, Message, Role};

/// What is known about a prompt that was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// Its text, as sent.
    pub text: String,
    /// What it follows.
    pub parent: Option<String>,
    /// What followed the parent before.
    pub before: HashSet<String>,
}

/// What a chat shows of a prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Trace<'a> {
    /// Nothing: it was not accepted, or not yet.
    Nothing,
    /// Another new prompt stands in its place: this one in a form that we do not recognise, or
    /// somebody else's.
    Unclear,
    /// The prompt, without an answer.
    Prompt,
    /// The answer, as far as it has come.
    Reply(&'a Message),
}

/// Looks for the answer `reply_id`, or for that to the prompt `prompt_id`, or for the prompt itself.
pub(super) fn trace<'a>(
    chat: &'a Chat,
    sent: &Sent,
    reply_id: Option<&str>,
    prompt_id: Option<&str>,
) -> Trace<'a> {
    if let Some(reply) = reply_id.and_then(|id| chat.message(id)) {
        return Trace::Reply(reply);
    }
    let new: Vec<&Message> = chat
        .children(sent.parent.as_deref())
        .filter(|message| message.role == Role::User && !sent.before.contains(&message.id))
        .collect();
    let prompt = prompt_id
        .and_then(|id| chat.message(id))
        .or_else(|| new.iter().rev().find(|message| sent.reads_like(&message.content)).copied());
    let Some(prompt) = prompt else {
        return if new.is_empty() { Trace::Nothing } else { Trace::Unclear };
    };
    let replies = chat.children(Some(&prompt.id)).filter(|message| message.role == Role::Assistant);
    replies.last().map_or(Trace::Prompt, Trace::Reply)
}

impl Sent {
    /// Whether `stored` is this prompt: an upstream may trim it, or change its line ends.
    fn reads_like(&self, stored: &str) -> bool {
        let visible =
            |text: &'_ str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        stored == self.text || visible(stored) == visible(&self.text)
    }
}
