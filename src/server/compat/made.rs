//! What was made for one answer, and has to be cleared away after it.

use crate::app::Session;
use crate::app::ephemeral::Entry;
use crate::app::send::{Opened, ReplyStream};
use crate::server::limits::running::Run;
use crate::server::shared::Turn;
use crate::server::state::State;

/// What was made for one answer.
#[derive(Default)]
pub(crate) struct Made {
    /// Lets others stop it; not for an ephemeral chat, which nobody else knows.
    pub run: Option<Run>,
    /// The right to prompt the chat.
    pub turn: Option<Turn>,
    /// The ephemeral chat in the journal.
    pub entry: Option<Entry>,
    /// Whether it was asked for.
    pub is_opening: bool,
    /// The ephemeral chat.
    pub opened: Option<Opened>,
    /// Whether a prompt was under way without a word from the upstream.
    pub is_sending: bool,
    /// The answer.
    pub stream: Option<ReplyStream>,
}

impl Made {
    /// Waits until somebody wants it to stop.
    pub(crate) fn stop_wished(&self) -> impl Future<Output = ()> + Send + use<> {
        let wished = self.run.as_ref().map(Run::stop_wished);
        async {
            match wished {
                Some(wished) => wished.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Stops what still runs, then deletes the chat if it was made for this answer.
    pub(crate) async fn clear_away(mut self, state: &State, session: &Session) {
        if let Some(stream) = &mut self.stream {
            // An answer that has ended is not stopped, and one that cannot be is lost with its chat.
            let _ = stream.stop().await;
        } else if self.is_sending {
            // The client stops it in the background, and needs the chat for that.
            state.client.settle().await;
        }
        // In this order: who stopped it hears of its end when the chat is free.
        drop(self.turn);
        drop(self.run);
        let is_gone = match self.opened {
            // What was asked for may have been made all the same.
            None => !self.is_opening,
            Some(opened) => delete(opened, state, session).await,
        };
        match self.entry {
            Some(entry) if is_gone => entry.done().await,
            Some(entry) => entry.leave().await,
            None => {}
        }
    }
}

/// Deletes the chat, if that is what it was made for; tells whether nothing is left to do.
async fn delete(opened: Opened, state: &State, session: &Session) -> bool {
    match opened.close(&session.restarted()).await {
        Ok(()) => true,
        Err(error) => {
            state.log.note(&format!("an ephemeral chat could not be deleted: {error}"));
            false
        }
    }
}
