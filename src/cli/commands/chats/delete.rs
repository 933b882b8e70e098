//! `chats delete`

use std::collections::HashSet;

use crate::app::chats::{Deletion, delete, show};
use crate::app::documents::{DeletionsDocument, DoneDocument, DryRunDocument};
use crate::cli::args::DeleteArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::one_line;
use crate::client::Session;
use crate::domain::{ChatId, Error, ErrorKind};

/// More of a title than a question needs, in characters.
const LONGEST_TITLE: usize = 60;

/// Deletes chats, after a question.
pub(crate) async fn run(context: &Context, args: &DeleteArgs) -> Outcome {
    let ids = each_once(&args.ids);
    if args.dry_run {
        let lines = ids.iter().map(|id| format!("would delete {id}\n"));
        return context.output.result(&DryRunDocument::new(&ids), |_| lines.collect());
    }
    if !args.yes && !context.can_ask {
        return Err(unconfirmed().into());
    }
    let session = context.interrupt.or(context.session(None)).await?;
    if !args.yes && !is_meant(context, &session, &ids).await? {
        context.output.note("nothing was deleted");
        return Ok(());
    }
    let deletions = delete_all(context, &session, ids).await;
    match deletions.as_slice() {
        [single] if args.ids.len() == 1 => report_one(context, single),
        _ => report_all(context, &deletions),
    }
}

fn each_once(ids: &[ChatId]) -> Vec<ChatId> {
    let mut seen = HashSet::new();
    ids.iter().filter(|id| seen.insert(*id)).cloned().collect()
}

async fn is_meant(context: &Context, session: &Session, ids: &[ChatId]) -> Outcome<bool> {
    let question = match ids {
        [id] => match context.interrupt.or(title_of(session, id)).await? {
            Some(title) => format!("Delete the chat \"{title}\" ({id})?"),
            None => format!("Delete the chat {id}?"),
        },
        _ => format!("Delete {} chats?", ids.len()),
    };
    context.ask_yes(question, unconfirmed()).await
}

/// By which a person knows the chat. One that cannot be read can be deleted all the same, but there
/// is nothing to ask about one that does not exist.
async fn title_of(session: &Session, id: &ChatId) -> Outcome<Option<String>> {
    match show(session, id).await {
        Ok(chat) => {
            let title = one_line(&chat.title.unwrap_or_default());
            let title: String = title.chars().take(LONGEST_TITLE).collect();
            Ok(Some(title).filter(|title| !title.is_empty()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn unconfirmed() -> Error {
    Error::invalid("deleting chats needs a confirmation")
        .with_hint("add `--yes` to delete without a question, or `--dry-run` to see what would go")
}

/// Deletes until it is done or interrupted; then says of each chat what became of it.
async fn delete_all(context: &Context, session: &Session, ids: Vec<ChatId>) -> Vec<Deletion> {
    let bar = (ids.len() > 1).then(|| context.output.bar("deleting chats", ids.len()));
    let mut deletions = Vec::with_capacity(ids.len());
    let work = delete(session, &ids, |deletion| {
        deletions.push(deletion);
        if let Some(bar) = &bar {
            bar.set(deletions.len());
        }
    });
    tokio::select! {
        biased;
        () = context.interrupt.wait() => {}
        () = work => {}
    }
    let done = deletions.len();
    deletions.extend(ids.into_iter().skip(done).map(|id| {
        let error = Error::new(ErrorKind::Interrupted, "interrupted; it may still be there");
        Deletion { id, result: Err(error) }
    }));
    deletions
}

fn report_one(context: &Context, deletion: &Deletion) -> Outcome {
    match &deletion.result {
        Ok(()) => context
            .output
            .result(&DoneDocument::chat_deleted(), |_| format!("deleted {}\n", deletion.id)),
        Err(error) => {
            context.output.failure(error, false);
            Err(Failure::Told(error.kind()))
        }
    }
}

fn report_all(context: &Context, deletions: &[Deletion]) -> Outcome {
    context.output.result(&DeletionsDocument::from(deletions), |_| {
        let line = |deletion: &Deletion| match &deletion.result {
            Ok(()) => format!("deleted {}\n", deletion.id),
            Err(error) => format!("failed {}: {}\n", deletion.id, one_line(error.message())),
        };
        deletions.iter().map(line).collect()
    })?;
    let mut failures = deletions.iter().filter_map(|deletion| deletion.result.as_ref().err());
    let Some(first) = failures.next() else { return Ok(()) };
    if !context.output.policy().is_json() {
        let (failed, total) = (failures.count() + 1, deletions.len());
        let message = format!("{failed} of {total} chats could not be deleted");
        context.output.failure(&Error::new(first.kind(), message), false);
    }
    Err(Failure::Told(first.kind()))
}
