//! `chats delete`: with a copy in the trash while the archive is in use, else for good.

use std::collections::HashMap;
use std::time::Duration;

use super::archive;
use crate::app::chats::{self, ChatRef, Deletion};
use crate::app::deletion::{OpenTrash, Selected, Selection, Trashed, unchanged};
use crate::app::documents::{
    DeletedDocument, DeletionsDocument, DryRunDocument, SelectionDocument,
};
use crate::cli::args::DeleteArgs;
use crate::cli::context::Context;
use crate::cli::output::{Failure, Moment, Outcome, Table, View, cut, one_line, past};
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{ChatId, Error, ErrorKind, Result};
use crate::settings::ArchiveMode;

/// The longest title in a question, in columns.
const LONGEST_TITLE: usize = 60;

/// How `chats delete` is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmation {
    /// By a question.
    Ask,
    /// With `--yes`.
    Given,
    /// With `--dry-run`: nothing is deleted.
    DryRun,
}

/// `chats delete`. An interrupt ends it between two chats, with a result for each.
pub(super) async fn delete(context: &Context, args: &DeleteArgs) -> Outcome {
    let confirmation = match (args.dry_run, args.yes) {
        (true, _) => Confirmation::DryRun,
        (false, true) => Confirmation::Given,
        (false, false) => Confirmation::Ask,
    };
    if args.ids.is_empty() {
        return delete_selected(context, args, confirmation).await;
    }
    let is_single = args.ids.len() == 1;
    if confirmation == Confirmation::Ask && !context.can_ask {
        return Err(unconfirmed().into());
    }
    let session = context.interrupt.or(context.session()).await?;
    let ids = context.interrupt.or(each_once(&session, &args.ids)).await?;
    let trash = context.interrupt.or(copies(context, &session, args)).await?;
    if confirmation != Confirmation::Given {
        let titles = context.interrupt.or(titles(&session, &ids)).await?;
        if confirmation == Confirmation::DryRun {
            return preview(context, &ids, &titles);
        }
        if !confirmed(context, &ids, &titles).await? || !confirmed_loss(context, args).await? {
            context.output.note("nothing was deleted");
            return Ok(());
        }
    }
    let chats = ids.into_iter().map(|id| (id, None)).collect();
    let grace = args.grace.unwrap_or_default();
    let deletions = delete_all(context, &session, trash.as_ref(), (chats, grace)).await?;
    report(context, trash.as_ref(), &deletions, is_single).await
}

/// The most chats that are deleted with `--yes`.
const MAX_SELECTED: u32 = 500;
/// More chats than this are confirmed by their number.
const FEW: usize = 20;

/// `chats delete` of what the filters select in the archive.
async fn delete_selected(
    context: &Context,
    args: &DeleteArgs,
    confirmation: Confirmation,
) -> Outcome {
    let selection = selection(args)?;
    if confirmation == Confirmation::Ask && !context.can_ask {
        return Err(unconfirmed().into());
    }
    let loaded = context.settings().await?;
    let session = context.interrupt.or(context.session()).await?;
    let place = archive::place(context, &loaded)?;
    let Some(open) = context.interrupt.or(place.open(&session)).await? else {
        let message = "chats are selected in the archive, and there is none";
        return Err(Error::invalid(message)
            .with_hint("run `qwenctl chats sync` once, or delete chats by their ids")
            .into());
    };
    if !args.no_sync {
        let spinner = context.output.spinner("syncing the archive");
        context.interrupt.or(place.sync(&session, |_| ())).await?;
        drop(spinner);
    }
    let selected = open.select(selection).await?;
    if confirmation == Confirmation::DryRun {
        let document = SelectionDocument::new(&selected);
        return context.output.list(&document, document.rows(), |view| table(&selected, view));
    }
    if selected.is_empty() {
        context.output.aside("no chat is selected");
        return report_all(context, &[]);
    }
    let max = args.max.unwrap_or(MAX_SELECTED);
    let is_bounded = confirmation == Confirmation::Given || args.max.is_some();
    if is_bounded && selected.len() > max as usize {
        let message = format!("{} chats are selected, more than {max}", selected.len());
        return Err(Error::invalid(message)
            .with_hint("nothing was deleted; look at them with `--dry-run`, and raise `--max`")
            .into());
    }
    if confirmation == Confirmation::Ask
        && !(confirmed_number(context, &selected).await? && confirmed_loss(context, args).await?)
    {
        context.output.note("nothing was deleted");
        return Ok(());
    }
    let chats = (unchanged(&selected), args.grace.unwrap_or_default());
    let trash = Some(&open).filter(|_| !args.no_archive);
    let deletions = delete_all(context, &session, trash, chats).await?;
    report(context, trash, &deletions, false).await
}

fn selection(args: &DeleteArgs) -> Result<Selection> {
    let before = args.older_than.as_deref().map(|text| past("--older-than", text)).transpose()?;
    if before.is_some_and(|before| before > now()) {
        return Err(Error::invalid("`--older-than` must be in the past"));
    }
    Ok(Selection {
        before,
        matching: args.r#match.clone(),
        model: args.model.clone(),
        empty: args.empty,
        pinned: args.pinned,
    })
}

fn table(selected: &[Selected], view: &View) -> String {
    let is_terminal = view.width.is_some();
    let mut table = Table::new(&["ID", "TITLE", "MESSAGES", "LAST MESSAGE", "MODEL"], 1).spare(4);
    for chat in selected {
        let title = chat.title.as_deref().unwrap_or_default();
        table.row([
            chat.id.to_string(),
            if is_terminal && chat.pinned { format!("* {title}") } else { title.to_owned() },
            chat.messages.to_string(),
            Moment(chat.last_message_at).show(is_terminal),
            chat.model.clone().unwrap_or_default(),
        ]);
    }
    table.render(view)
}

/// Shows the chats, and asks: for many of them their number has to be typed.
async fn confirmed_number(context: &Context, selected: &[Selected]) -> Outcome<bool> {
    let count = selected.len();
    context.output.complaint(&table(selected, &context.output.view()));
    if count <= FEW {
        return context.ask_yes(&format!("Delete {count} chats?"), unconfirmed()).await;
    }
    context.output.complaint(&format!("{count} chats are selected.\n"));
    let typed = context.ask_line("Type their number to delete them", unconfirmed()).await?;
    Ok(typed.is_some_and(|typed| typed.trim() == count.to_string()))
}

/// The trash for the copies; `None` if there are none to be made.
async fn copies(
    context: &Context,
    session: &Session,
    args: &DeleteArgs,
) -> Outcome<Option<OpenTrash>> {
    if args.no_archive {
        return Ok(None);
    }
    let trash = archive::place(context, &*context.settings().await?)?;
    let opened = trash.open(session).await?;
    if opened.is_none() {
        if args.grace.is_some_and(|grace| !grace.is_zero()) {
            let message = "`--grace` needs an archive, which keeps a copy of the chat";
            return Err(Error::invalid(message)
                .with_hint("run `qwenctl chats sync` once, or leave `--grace` out")
                .into());
        }
        if !args.dry_run {
            context.output.aside(if trash.mode == ArchiveMode::Off {
                "no copy is kept; remove the setting `archive` to keep deleted chats in a trash"
            } else {
                "no copy is kept; run `qwenctl chats sync` once to keep deleted chats in a trash"
            });
        }
    }
    Ok(opened)
}

/// A deletion without a copy is asked about apart.
async fn confirmed_loss(context: &Context, args: &DeleteArgs) -> Outcome<bool> {
    if !args.no_archive {
        return Ok(true);
    }
    context.ask_yes("Keep no copy? This cannot be undone.", unconfirmed()).await
}

async fn each_once(session: &Session, named: &[ChatRef]) -> Result<Vec<ChatId>> {
    let mut ids = Vec::with_capacity(named.len());
    for chat in named {
        let id = chats::find(session, chat).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn preview(context: &Context, ids: &[ChatId], titles: &[String]) -> Outcome {
    context.output.result(&DryRunDocument::new(ids), |view| {
        let line = |(id, title): (&ChatId, &String)| match view.width {
            Some(_) => view.cut(&format!("would delete {id}  {title}")) + "\n",
            None => format!("would delete {id}\n"),
        };
        ids.iter().zip(titles).map(line).collect()
    })
}

async fn confirmed(context: &Context, ids: &[ChatId], titles: &[String]) -> Outcome<bool> {
    let question = match (ids, titles) {
        ([id], [title]) if title.is_empty() => format!("Delete the chat {id}?"),
        ([id], [title]) => format!("Delete the chat \"{title}\" ({id})?"),
        _ => {
            for (id, title) in ids.iter().zip(titles) {
                context.output.note(&format!("{id}  {title}"));
            }
            format!("Delete {} chats?", ids.len())
        }
    };
    context.ask_yes(&question, unconfirmed()).await
}

/// The titles, by which a person knows the chats. An unreadable chat can still be deleted; one that
/// does not exist is an error.
async fn titles(session: &Session, ids: &[ChatId]) -> Outcome<Vec<String>> {
    let mut titles = Vec::with_capacity(ids.len());
    for id in ids {
        titles.push(match chats::show(session, id).await {
            Ok(chat) => cut(&one_line(&chat.title.unwrap_or_default()), LONGEST_TITLE),
            Err(error) if error.kind() == ErrorKind::NotFound && ids.len() > 1 => {
                let hint = format!("leave out {id}; nothing was deleted");
                return Err(error.with_hint(hint).into());
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(error.into()),
            Err(_) => String::new(),
        });
    }
    Ok(titles)
}

fn unconfirmed() -> Error {
    Error::invalid("deleting chats requires confirmation")
        .with_hint("add `--yes` to delete without asking, or `--dry-run` to preview")
}

/// Deletes until done or interrupted. Returns a result for each chat.
async fn delete_all(
    context: &Context,
    session: &Session,
    trash: Option<&OpenTrash>,
    (chats, grace): (Vec<(ChatId, Option<i64>)>, Duration),
) -> Outcome<Vec<Deletion>> {
    let bar = (chats.len() > 1).then(|| context.output.bar("deleting chats", chats.len()));
    let ids: Vec<ChatId> = chats.iter().map(|(id, _)| id.clone()).collect();
    let mut deletions = Vec::with_capacity(ids.len());
    let done = |deletion| {
        deletions.push(deletion);
        if let Some(bar) = &bar {
            bar.set(deletions.len());
        }
    };
    let work = async {
        if let Some(trash) = trash {
            return trash.delete(chats, grace, done).await;
        }
        chats::delete(session, &ids, async |ids| Ok(ids), done).await;
        Ok(())
    };
    tokio::select! {
        biased;
        () = context.interrupt.wait() => {
            if let Some(trash) = trash {
                trash.cancel().await?;
            }
        }
        result = work => result?,
    }
    let mut results: HashMap<_, _> =
        deletions.into_iter().map(|done| (done.id.clone(), done)).collect();
    let result = |id: ChatId| {
        results.remove(&id).unwrap_or_else(|| {
            let message = "interrupted; the chat may still exist";
            Deletion::new(id, Err(Error::new(ErrorKind::Interrupted, message)))
        })
    };
    Ok(ids.into_iter().map(result).collect())
}

async fn report(
    context: &Context,
    trash: Option<&OpenTrash>,
    deletions: &[Deletion],
    is_single: bool,
) -> Outcome {
    if deletions.iter().any(|deletion| deletion.due_at.is_some()) {
        context.output.note(
            "`qwenctl serve`, or the next command that opens the archive, deletes what is due; \
             `qwenctl chats trash restore ID` cancels it",
        );
    }
    match deletions {
        [deletion] if is_single => {
            let rows = match trash {
                Some(trash) => trash.list(None).await?,
                None => Vec::new(),
            };
            let row = rows.iter().find(|row| row.id == deletion.id);
            report_one(context, deletion, row)
        }
        _ => report_all(context, deletions),
    }
}

fn report_one(context: &Context, deletion: &Deletion, row: Option<&Trashed>) -> Outcome {
    match &deletion.result {
        Ok(()) => context.output.result(&DeletedDocument::new(row), |_| line(deletion)),
        Err(error) => {
            context.output.failure(error, false);
            Err(Failure::Reported(error.kind()))
        }
    }
}

fn line(deletion: &Deletion) -> String {
    let id = &deletion.id;
    match (&deletion.result, deletion.due_at) {
        (Ok(()), None) => format!("deleted {id}\n"),
        (Ok(()), due_at) => format!("will delete {id} at {}\n", Moment(due_at).rfc3339()),
        (Err(error), _) => format!("failed {id}: {}\n", one_line(error.message())),
    }
}

fn report_all(context: &Context, deletions: &[Deletion]) -> Outcome {
    context
        .output
        .result(&DeletionsDocument::from(deletions), |_| deletions.iter().map(line).collect())?;
    let mut failures = deletions.iter().filter_map(|deletion| deletion.result.as_ref().err());
    let Some(first) = failures.next() else { return Ok(()) };
    if !context.output.policy().is_json() {
        let (failed, total) = (failures.count() + 1, deletions.len());
        let message = format!("{failed} of {total} chats could not be deleted");
        context.output.failure(&Error::new(first.kind(), message), false);
    }
    Err(Failure::Reported(first.kind()))
}
