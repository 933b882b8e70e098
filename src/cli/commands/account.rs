//! `stats`

use crate::app::documents::StatsDocument;
use crate::app::stats::stats;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Moment, View};
use crate::domain::Stats;

/// Counts the chats of the account.
pub(super) async fn run(context: &Context) -> Outcome {
    let session = context.session(None).await?;
    let progress = context.output.counter("chats counted:");
    let stats = stats(&session, |count| progress.set(count)).await?;
    drop(progress);
    let document = StatsDocument::new(&stats, context.is_local());
    context.output.result(&document, |view| rows(&stats, context.is_local(), view))
}

fn rows(stats: &Stats, is_local: bool, view: &View) -> String {
    let expires = Moment(stats.token_expires_at).show(view.width.is_some());
    let mut rows = vec![
        ("chats", stats.total_chats.to_string()),
        ("name", stats.user.name.clone()),
        ("email", stats.user.email.clone()),
        ("token expires", expires),
    ];
    if is_local {
        rows.push(("upstream", "local".to_owned()));
    }
    view.pairs(rows)
}
