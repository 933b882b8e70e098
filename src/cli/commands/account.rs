//! `models`, `stats` and `status`: what the account offers and holds.

use crate::app::chats;
use crate::app::documents::{DataDocument, ModelsDocument, StatsDocument};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{Moment, Table, View};
use crate::domain::{ErrorKind, Model, Stats};

/// How many months `stats` shows.
const MONTHS: usize = 6;

/// `models`
pub(super) async fn models(context: &Context) -> Outcome {
    let session = context.session().await?;
    let models = session.models().await?;
    let document = ModelsDocument::new(models.as_slice());
    context.output.list(&document, &models, |view| models_table(&models, view))
}

fn models_table(models: &[Model], view: &View) -> String {
    let mut table = Table::new(&["ID", "NAME", "CONTEXT", "ABILITIES"], 1);
    for model in models {
        table.row([
            model.id.clone(),
            model.name.clone(),
            model.max_context_length.map(|tokens| tokens.to_string()).unwrap_or_default(),
            abilities(model),
        ]);
    }
    table.render(view)
}

fn abilities(model: &Model) -> String {
    let abilities = model.abilities;
    let named = [
        (abilities.thinking, "thinking"),
        (abilities.search, "search"),
        (abilities.vision, "vision"),
        (abilities.document, "document"),
        (abilities.video, "video"),
        (abilities.audio, "audio"),
    ];
    let named: Vec<_> = named.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect();
    named.join(",")
}

/// `stats`
pub(super) async fn stats(context: &Context) -> Outcome {
    let session = context.session().await?;
    let progress = context.output.counter("chats counted:");
    let stats = chats::stats(&session, |count| progress.set(count)).await?;
    drop(progress);
    let document = StatsDocument::new(&stats, context.is_local());
    context.output.result(&document, |view| stats_rows(&stats, context.is_local(), view))
}

fn stats_rows(stats: &Stats, is_local: bool, view: &View) -> String {
    let expires = Moment(stats.token_expires_at).show(view.width.is_some());
    let mut rows = vec![("chats", stats.total_chats.to_string())];
    let months = stats.months.iter().rev().take(MONTHS);
    rows.extend(months.map(|(month, chats)| ("chats in", format!("{month}: {chats}"))));
    rows.extend([
        ("name", stats.user.name.clone()),
        ("email", stats.user.email.clone()),
        ("token expires", expires),
    ]);
    if is_local {
        rows.push(("upstream", "local".to_owned()));
    }
    view.pairs(rows)
}

/// `status`. Without a token the upstream is not contacted.
pub(super) async fn status(context: &Context) -> Outcome {
    let signed_in = match context.session().await {
        Ok(session) => session.is_signed_in().await?,
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => false,
        Err(failure) => return Err(failure),
    };
    let text = if signed_in { "signed in\n" } else { "not signed in\n" };
    context.output.result(&DataDocument::new(signed_in), |_| text.to_owned())?;
    if signed_in { Ok(()) } else { Err(Failure::Reported(ErrorKind::TokenInvalid)) }
}
