//! `chats trash …`, and the deletions that are due.

use std::time::Duration;

use super::archive::place;
use super::chats::print_chat;
use crate::app::deletion::{self, OpenTrash, Restoration, Trash, TrashState, Trashed};
use crate::app::documents::{DataDocument, DoneDocument, RestoredData, TrashDocument};
use crate::cli::args::{PurgeArgs, RestoreArgs, TrashCommand};
use crate::cli::context::Context;
use crate::cli::output::{Moment, Outcome, Table, View};
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{ChatId, Error, ErrorKind, Result};

/// How long a command works on deletions that other ones have left.
const DUE_TIME: Duration = Duration::from_secs(30);
/// The shortest beginning of an id.
const SHORTEST: usize = 4;

/// Deletes what is due, in a bounded time. Failures are noted: the command itself has not failed.
pub(super) async fn finish_due(context: &Context) {
    let work = async {
        let trash = place(context, &*context.settings().await?)?;
        if trash.next_due().await?.is_none_or(|next| next > now()) {
            return Ok(());
        }
        let session = context.session().await?;
        let Some(open) = trash.open(&session).await? else { return Ok(()) };
        for deletion in open.finish_due().await? {
            match deletion.result {
                Ok(()) => context.output.aside(&format!("deleted {}, as it was due", deletion.id)),
                Err(error) => {
                    context.output.aside(&format!("{} is not deleted: {error}", deletion.id));
                }
            }
        }
        Outcome::Ok(())
    };
    // What is not finished is finished by the next command.
    // Boxed, because it is large.
    let work = Box::pin(work);
    let work = async { tokio::time::timeout(DUE_TIME, work).await.unwrap_or(Ok(())) };
    let _ = context.interrupt.or(work).await;
}

/// `chats trash …`
pub(super) async fn run(context: &Context, command: TrashCommand) -> Outcome {
    if matches!(command, TrashCommand::List) {
        finish_due(context).await;
    }
    let place = place(context, &*context.settings().await?)?;
    let session = context.session().await?;
    let open = place.open(&session).await?;
    match command {
        TrashCommand::List => list(context, &place, open.as_ref()).await,
        TrashCommand::Show(args) => {
            let open = required(open)?;
            let id = find(&open, &args.id).await?;
            let chat = open.chat(&id).await?;
            print_chat(context, &chat, args.tree, true)
        }
        TrashCommand::Restore(args) => {
            let open = required(open)?;
            let id = find(&open, &args.id).await?;
            if args.as_new {
                return restore_as_new(context, (&session, &open), &id, &args).await;
            }
            restore(context, &open, &id).await
        }
        TrashCommand::Purge(args) => purge(context, &required(open)?, args).await,
    }
}

fn required(open: Option<OpenTrash>) -> Result<OpenTrash> {
    open.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "there is no trash: no archive keeps deleted chats")
            .with_hint("run `qwenctl chats sync` once")
    })
}

async fn list(context: &Context, place: &Trash, open: Option<&OpenTrash>) -> Outcome {
    let rows = match open {
        Some(open) => Some(open.list(None).await?),
        None => None,
    };
    if !context.output.policy().is_json() {
        match rows.as_deref() {
            None => context.output.note("no archive keeps deleted chats; see `qwenctl chats sync`"),
            Some([]) => context.output.note("the trash is empty"),
            Some(_) => {}
        }
    }
    let document = TrashDocument::new(rows.as_deref(), Some(place));
    let rows = rows.as_deref().unwrap_or_default();
    context.output.list(&document, document.rows(), |view| table(rows, view))
}

fn table(rows: &[Trashed], view: &View) -> String {
    let is_terminal = view.width.is_some();
    let mut table = Table::new(&["ID", "TITLE", "STATE", "DELETED", "PURGED"], 1).spare(4);
    for row in rows {
        let at = match row.state {
            TrashState::Deleted => row.deleted_at,
            _ => Some(row.due_at),
        };
        table.row([
            row.id.to_string(),
            row.title.clone().unwrap_or_default(),
            row.state.name().to_owned(),
            Moment(at).show(is_terminal),
            Moment(row.keep_until).show(is_terminal),
        ]);
    }
    table.render(view)
}

/// The chat of the trash whose id begins so.
async fn find(open: &OpenTrash, named: &str) -> Result<ChatId> {
    let named = named.to_ascii_lowercase();
    let rows = open.list(None).await?;
    let mut found = rows.into_iter().map(|row| row.id).filter(|id| {
        let id = id.as_str().to_ascii_lowercase();
        id == named || (named.len() >= SHORTEST && id.starts_with(&named))
    });
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => {
            Err(Error::invalid(format!("several ids in the trash begin with `{named}`")))
        }
        (None, _) => Err(Error::new(
            ErrorKind::NotFound,
            format!("no chat in the trash has the id `{named}`"),
        )
        .with_hint("`qwenctl chats trash list` shows the ids")),
    }
}

async fn restore(context: &Context, open: &OpenTrash, id: &ChatId) -> Outcome {
    let restoration = open.restore(id).await?;
    match restoration {
        Restoration::Cancelled => {}
        Restoration::Uncertain => context.output.warn(
            "an earlier attempt may have reached the upstream: `qwenctl chats sync --full` shows it",
        ),
        Restoration::Archived => context.output.note(
            "it cannot go back into the account: read, search and export it in the archive",
        ),
    }
    let document = DataDocument::new(RestoredData::new(id, restoration, None));
    context.output.result(&document, |_| match restoration {
        Restoration::Archived => format!("restored {id} to the archive\n"),
        _ => format!("{id} is not deleted\n"),
    })
}

async fn restore_as_new(
    context: &Context,
    (session, open): (&Session, &OpenTrash),
    id: &ChatId,
    args: &RestoreArgs,
) -> Outcome {
    open.is_out(id).await.map_err(|error| error.with_hint("restore it without `--as-new`"))?;
    if !args.yes {
        let unconfirmed = Error::invalid("a new chat with the transcript costs one answer")
            .with_hint("add `--yes` to make it without asking");
        let question = "Make a new chat with the transcript? It costs one answer.";
        if !context.ask_yes(question, unconfirmed).await? {
            context.output.note("nothing was restored");
            return Ok(());
        }
    }
    let chat = open.chat(id).await?;
    let spinner = context.output.spinner("sending the transcript");
    let new_id = deletion::restore_as_new(session, &chat, args.model.as_deref()).await?;
    drop(spinner);
    let restoration = open.restore(id).await?;
    let document = DataDocument::new(RestoredData::new(id, restoration, Some(&new_id)));
    context.output.result(&document, |_| format!("{new_id}\n"))
}

async fn purge(context: &Context, open: &OpenTrash, args: PurgeArgs) -> Outcome {
    let mut ids = Vec::with_capacity(args.ids.len());
    for named in &args.ids {
        ids.push(find(open, named).await?);
    }
    if !args.yes {
        let unconfirmed = Error::invalid("purging requires confirmation")
            .with_hint("add `--yes` to purge without asking");
        let question = match ids.len() {
            0 => "Purge all chats of the trash? No copy is left.".to_owned(),
            1 => "Purge the chat? No copy is left.".to_owned(),
            count => format!("Purge {count} chats? No copy is left."),
        };
        if !context.ask_yes(&question, unconfirmed).await? {
            context.output.note("nothing was purged");
            return Ok(());
        }
    }
    let spinner = context.output.spinner("purging");
    let count = open.purge((!args.all).then_some(ids)).await?;
    drop(spinner);
    let message = format!("purged {count} chats");
    context.output.result(&DoneDocument::new(&message), |_| message.clone() + "\n")
}
