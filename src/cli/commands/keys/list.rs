//! `keys list`

use crate::app::documents::KeysDocument;
use crate::app::keys::list;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Moment, Table, View, now};
use crate::cli::threads::beside;
use crate::domain::ApiKey;

/// Lists the keys.
pub(crate) async fn run(context: &Context) -> Outcome {
    let store = context.settings(None).await?.paths.keys();
    let keys = beside(move || list(&store)).await??;
    if keys.is_empty() && !context.output.policy().is_json() {
        context.output.note("no keys");
    }
    let now = now();
    context.output.result(&KeysDocument::new(&keys, now), |view| table(&keys, now, view))
}

fn table(keys: &[ApiKey], now: i64, view: &View) -> String {
    let is_terminal = view.width.is_some();
    let headings = ["ID", "NAME", "KEY", "SCOPE", "LIMITS", "CREATED", "EXPIRES"];
    let mut table = Table::new(&headings, 1).spare(5);
    for key in keys {
        let limits: Vec<_> = key.limits.iter().map(ToString::to_string).collect();
        let expires = match key.expires_at {
            None => "never".to_owned(),
            end if key.has_expired(now) => format!("{} (over)", Moment(end).show(is_terminal)),
            end => Moment(end).show(is_terminal),
        };
        table.row([
            key.id.clone(),
            key.name.clone(),
            format!("qk-…{}", key.last4),
            key.scope.to_string(),
            limits.join(", "),
            Moment(Some(key.created_at)).show(is_terminal),
            expires,
        ]);
    }
    table.render(view)
}
