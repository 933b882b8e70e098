//! An ephemeral chat: made for one answer, deleted after it, and noted on disk meanwhile, so that a
//! process that is killed leaves nothing for good.

use crate::app::ephemeral::{Entry, Journal};
use crate::app::send::{Opened, Prepared};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::client::Session;
use crate::domain::Result;
use crate::settings::Loaded;

/// An ephemeral chat.
pub(super) struct Passing {
    opened: Opened,
    /// Without a place to write it does without.
    note: Option<(Journal, Entry)>,
}

impl Passing {
    /// Makes the chat. It is waited for also after Ctrl-C: only who knows its id can delete it. What
    /// follows ends at once then.
    pub(super) async fn open(
        context: &Context,
        loaded: &Loaded,
        session: &Session,
        mut prepared: Prepared,
    ) -> Outcome<Self> {
        let note = note(context, loaded, session).await;
        let note = note.inspect_err(|error| context.output.detail(&error.to_string())).ok();
        if let Some((_, entry)) = &note {
            prepared.set_title(entry.title());
        }
        let tell = || context.output.note("waiting for the chat that is being made, to delete it");
        let Some(opened) = context.interrupt.bounded(prepared.open(session), tell).await else {
            leave(note).await;
            context
                .output
                .warn("the upstream did not say whether it made a chat; it may still be there");
            return Err(Failure::interrupted());
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                if let Some((_, entry)) = note {
                    entry.failed(&error).await;
                }
                return Err(error.into());
            }
        };
        if let Some((_, entry)) = &note
            && let Err(error) = entry.made(&opened.chat_id).await
        {
            context.output.detail(&error.to_string());
        }
        Ok(Self { opened, note })
    }

    /// The chat.
    pub(super) fn chat(&self) -> &Opened {
        &self.opened
    }

    /// Deletes the chat, however the answer ended, with time of its own; and then what processes left
    /// that were killed.
    pub(super) async fn close(self, context: &Context, session: &Session) {
        let Self { opened, note } = self;
        let id = opened.chat_id.clone();
        let session = session.restarted();
        let tell = || context.output.note(&format!("deleting the chat {id}"));
        let fault = match context.interrupt.bounded(opened.close(&session), tell).await {
            Some(Ok(())) => {
                if let Some((journal, entry)) = note {
                    entry.done().await;
                    sweep(context, &journal, &session.restarted()).await;
                }
                return;
            }
            Some(Err(error)) => error.to_string(),
            None => "the upstream took too long".to_owned(),
        };
        leave(note).await;
        context.output.warn(&format!("the chat {id} could not be deleted: {fault}"));
    }
}

async fn note(context: &Context, loaded: &Loaded, session: &Session) -> Result<(Journal, Entry)> {
    let upstream = context.upstream_name(loaded);
    let journal = Journal::open(loaded.paths.data_dir()?, upstream).await?;
    let entry = journal.begin(session).await?;
    Ok((journal, entry))
}

/// The next one to sweep looks for it.
async fn leave(note: Option<(Journal, Entry)>) {
    if let Some((_, entry)) = note {
        entry.leave().await;
    }
}

/// Nobody waits for this after Ctrl-C; what it does not come to is done the next time.
async fn sweep(context: &Context, journal: &Journal, session: &Session) {
    match context.interrupt.or(journal.sweep(session)).await {
        Ok(swept) if swept.deleted > 0 => {
            let s = if swept.deleted == 1 { "" } else { "s" };
            context
                .output
                .detail(&format!("{} chat{s} of killed processes deleted", swept.deleted));
        }
        Err(Failure::Error(error)) => context.output.detail(&error.to_string()),
        Ok(_) | Err(_) => {}
    }
}
