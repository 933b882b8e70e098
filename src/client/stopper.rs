//! Stops what nobody waits for any more: closing the connection does not (protocol 7.13).

use std::time::Duration;

use tokio::time::Instant;

use super::body::Patience;
use super::session::Session;
use crate::domain::{Chat, ChatId, MessageState, Result};

/// Between two looks for an answer whose id is not known yet.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LOOKS: usize = 3;

/// While it is armed, dropping it stops the generation in the background.
pub struct Stopper {
    session: Session,
    chat_id: ChatId,
    message_id: Option<String>,
    armed: bool,
}

impl Stopper {
    /// For a prompt to this chat; not armed.
    pub fn new(session: Session, chat_id: ChatId) -> Self {
        Self { session, chat_id, message_id: None, armed: false }
    }

    /// The upstream may be generating from now on.
    pub fn arm(&mut self) {
        self.armed = true;
    }

    /// The upstream is not generating, or shall not be stopped.
    pub fn disarm(&mut self) {
        self.armed = false;
    }

    /// What is being generated.
    pub fn set_message(&mut self, id: Option<&str>) {
        self.message_id = id.map(str::to_owned);
    }

    /// Stops now, and tells whether that worked.
    pub async fn stop(&mut self) -> Result<()> {
        self.armed = false;
        stop(self.session.clone(), self.chat_id.clone(), self.message_id.clone()).await
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.armed {
            let work = stop(self.session.clone(), self.chat_id.clone(), self.message_id.take());
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

async fn stop(session: Session, chat_id: ChatId, message_id: Option<String>) -> Result<()> {
    let longest = session.config().timing.stop;
    let session =
        session.with_patience(Patience { idle: longest, deadline: Some(Instant::now() + longest) });
    if let Some(id) = message_id {
        return session.stop(&chat_id, &id).await;
    }
    for _ in 0..LOOKS {
        let running = running(&session.chat(&chat_id).await?);
        for id in &running {
            session.stop(&chat_id, id).await?;
        }
        if !running.is_empty() {
            break;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

/// The newest replies that are not known to be finished.
fn running(chat: &Chat) -> Vec<String> {
    let unfinished = |id: &&String| {
        chat.message(id).is_none_or(|message| message.state == MessageState::InProgress)
    };
    chat.current_reply_ids.iter().filter(unfinished).cloned().collect()
}
