//! Stops what nobody waits for any more: closing the connection does not (protocol 7.13).

use std::time::Duration;

use tokio::time::Instant;

use super::body::Patience;
use super::recovery::{Sent, Trace, trace};
use super::session::Session;
use crate::domain::{Chat, ChatId, MessageState, Result};

/// Between two looks for an answer whose id is not known yet.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LOOKS: usize = 3;

/// While it is armed, dropping it stops the generation in the background.
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

    /// The upstream may be generating an answer to this prompt from now on.
    pub(super) fn arm(&mut self, sent: &Sent) {
        self.sent.clone_from(sent);
        self.armed = true;
    }

    /// The upstream is not generating, or shall not be stopped.
    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }

    /// What is being generated.
    pub(super) fn set_message(&mut self, id: Option<&str>) {
        if self.message_id.as_deref() != id {
            self.message_id = id.map(str::to_owned);
        }
    }

    /// Stops now, and tells whether that worked. Dropped before its end, it goes on in the background
    /// when this is dropped.
    pub(super) async fn stop(&mut self) -> Result<()> {
        let told = stop(
            self.session.clone(),
            self.chat_id.clone(),
            self.sent.clone(),
            self.message_id.clone(),
        );
        let told = told.await;
        self.armed = false;
        told
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
                    // Nobody is left to be told.
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
            // Whatever is being answered here, it is not ours (yet).
            Trace::Nothing | Trace::Unclear => {}
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

/// The newest replies of which nothing has been written.
fn unwritten(chat: &Chat) -> impl Iterator<Item = &String> {
    chat.current_reply_ids.iter().filter(|id| chat.message(id).is_none())
}
