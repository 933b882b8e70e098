//! Finds out from the chat what became of a prompt, and stops an answer without a reader: closing the
//! connection does not (protocol 7.13).

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::body::Patience;
use super::session::Session;
use crate::domain::{Chat, ChatId, Message, MessageState, Result, Role};

/// Interval between two reads of the chat, for an answer whose id is not known yet.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LOOKS: usize = 3;

/// Stops the generation in the background when dropped while armed.
pub(super) struct Stopper {
    session: Session,
    chat_id: ChatId,
    sent: Sent,
    message_id: Option<String>,
    armed: bool,
}

impl Stopper {
    /// For a prompt to this chat; not armed.
    pub(super) fn new(session: Session, chat_id: ChatId) -> Self {
        Self { session, chat_id, sent: Sent::default(), message_id: None, armed: false }
    }

    /// From now on the upstream may be generating an answer to this prompt.
    pub(super) fn arm(&mut self, sent: &Sent) {
        self.sent.clone_from(sent);
        self.armed = true;
    }

    /// The upstream is not generating, or may continue.
    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }

    /// Sets the id of the answer.
    pub(super) fn set_message(&mut self, id: Option<&str>) {
        if self.message_id.as_deref() != id {
            self.message_id = id.map(str::to_owned);
        }
    }

    /// Stops now. If the future is dropped before its end, dropping `self` continues in the background.
    pub(super) async fn stop(&mut self) -> Result<()> {
        let result = stop(
            self.session.clone(),
            self.chat_id.clone(),
            self.sent.clone(),
            self.message_id.clone(),
        );
        let result = result.await;
        self.armed = false;
        result
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.armed {
            let work = stop(
                self.session.clone(),
                self.chat_id.clone(),
                std::mem::take(&mut self.sent),
                self.message_id.take(),
            );
            self.session.background().spawn_on(
                async {
                    // No caller is left for the result.
                    let _ = work.await;
                },
                &runtime,
            );
        }
    }
}

async fn stop(
    session: Session,
    chat_id: ChatId,
    sent: Sent,
    message_id: Option<String>,
) -> Result<()> {
    let longest = session.config().timing.stop;
    let session =
        session.with_patience(Patience { idle: longest, deadline: Some(Instant::now() + longest) });
    if let Some(id) = message_id {
        return session.stop(&chat_id, &id).await;
    }
    for _ in 0..LOOKS {
        let chat = session.chat(&chat_id).await?;
        match trace(&chat, &sent, None, None) {
            Trace::Reply(reply) if reply.state == MessageState::InProgress => {
                return session.stop(&chat_id, &reply.id).await;
            }
            Trace::Reply(_) => return Ok(()),
            Trace::Prompt => {
                for id in unwritten(&chat) {
                    session.stop(&chat_id, id).await?;
                }
            }
            // Another answer, or ours has not appeared yet.
            Trace::Nothing | Trace::Unclear => {}
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

/// The newest replies without any text.
fn unwritten(chat: &Chat) -> impl Iterator<Item = &String> {
    chat.current_reply_ids.iter().filter(|id| chat.message(id).is_none())
}

/// A prompt that was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// Its text, as sent.
    pub text: String,
    /// The message that it follows.
    pub parent: Option<String>,
    /// Earlier followers of that message.
    pub before: HashSet<String>,
    /// The size of the request in bytes.
    pub bytes: usize,
}

/// What the chat shows of a prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Trace<'a> {
    /// Nothing: it was not accepted, or not yet.
    Nothing,
    /// Another new prompt stands in its place: another client's, or ours in an unrecognised form.
    Unclear,
    /// The prompt, without an answer.
    Prompt,
    /// The answer so far.
    Reply(&'a Message),
}

/// Looks for the answer `reply_id`, else for the answer to the prompt `prompt_id`, else for the prompt.
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
    /// Whether `stored` is this prompt: an upstream may trim it or change its line ends.
    fn reads_like(&self, stored: &str) -> bool {
        let visible =
            |text: &'_ str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        stored == self.text || visible(stored) == visible(&self.text)
    }
}
