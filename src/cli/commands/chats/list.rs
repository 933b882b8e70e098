//! `chats list`

use crate::app::chats::{ListRequest, Pages, list};
use crate::app::documents::ChatsDocument;
use crate::cli::args::ListArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::moment::{Side, moment};
use crate::cli::output::{Moment, Table, View, now};
use crate::domain::{ChatSummary, Error, Result};

/// Lists chats.
pub(crate) async fn run(context: &Context, args: &ListArgs) -> Outcome {
    let request = request(args, now())?;
    let session = context.session(None).await?;
    let progress = args.all.then(|| context.output.counter("chats read:"));
    let rows = list(&session, request, |count| {
        if let Some(progress) = &progress {
            progress.set(count);
        }
    })
    .await?;
    drop(progress);
    let page = (!args.all).then_some(args.page);
    if rows.is_empty() && !context.output.policy().is_json() {
        context.output.note("no chats");
    }
    context.output.result(&ChatsDocument::new(&rows, page), |view| table(&rows, view))
}

fn request(args: &ListArgs, now: i64) -> Result<ListRequest> {
    Ok(ListRequest {
        pages: if args.all { Pages::All } else { Pages::One(args.page) },
        limit: args.limit.map(|limit| limit as usize),
        since: args.since.as_deref().map(|text| since(text, now)).transpose()?,
    })
}

/// A date, a moment, or how long before `now`.
fn since(text: &str, now: i64) -> Result<i64> {
    moment(text, now, Side::Back).ok_or_else(|| {
        Error::invalid("`--since` must be a date, a moment or how long ago")
            .with_hint("such as `2026-09-01`, `2026-09-01T08:00:00Z`, `3d` or `12h`")
    })
}

fn table(rows: &[ChatSummary], view: &View) -> String {
    let is_terminal = view.width.is_some();
    let mut table = Table::new(&["ID", "TITLE", "CREATED", "UPDATED"], 1).spare(2);
    for row in rows {
        table.row([
            row.id.to_string(),
            row.title.clone().unwrap_or_default(),
            Moment(row.created_at).show(is_terminal),
            Moment(row.updated_at).show(is_terminal),
        ]);
    }
    table.render(view)
}
