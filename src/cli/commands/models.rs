//! `models`

use crate::app::documents::ModelsDocument;
use crate::app::models;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Table, View};
use crate::domain::Model;

/// Lists the models.
pub(super) async fn run(context: &Context) -> Outcome {
    let session = context.session(None).await?;
    let models = models::list(&session).await?;
    let document = ModelsDocument::new(models.as_slice());
    context.output.result(&document, |view| table(&models, view))
}

fn table(models: &[Model], view: &View) -> String {
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
