//! `config show`

use serde::Serialize;

use crate::app::documents::DataDocument;
use crate::cli::args::ConfigShowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Table, View};
use crate::settings::SettingRow;

/// Prints every setting that counts; secrets are hidden.
pub(crate) async fn run(context: &Context, args: &ConfigShowArgs) -> Outcome {
    let loaded = context.settings(None).await?;
    let rows = loaded.settings.rows();
    let data: Vec<_> = rows.iter().map(|row| SettingData::new(row, args.origin)).collect();
    context.output.result(&DataDocument::new(data), |view| table(&rows, args.origin, view))
}

#[derive(Serialize)]
struct SettingData<'a> {
    key: &'a str,
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
}

impl<'a> SettingData<'a> {
    fn new(row: &'a SettingRow, with_origin: bool) -> Self {
        Self {
            key: row.key,
            value: Some(row.value.as_str()).filter(|value| !value.is_empty()),
            origin: with_origin.then(|| row.origin.to_string()),
        }
    }
}

fn table(rows: &[SettingRow], with_origin: bool, view: &View) -> String {
    let headings: &[_] = if with_origin { &["KEY", "VALUE", "ORIGIN"] } else { &["KEY", "VALUE"] };
    let mut table = Table::new(headings, 1);
    for row in rows {
        let origin = with_origin.then(|| row.origin.to_string());
        table.row([row.key.to_owned(), row.value.clone()].into_iter().chain(origin));
    }
    table.render(view)
}
