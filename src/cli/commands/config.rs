//! `config …`

use serde::Serialize;
use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::context::Context;
use crate::cli::output::{Outcome, Table, View};
use crate::settings::{Paths, SettingRow};

/// `config path`: the paths of the files, existing or not. Works with a broken config file.
pub(super) async fn path(context: &Context) -> Outcome {
    let paths = Paths::find(&context.environment, context.globals.config.as_deref());
    // The config file may set the data directory.
    let data_dir = match context.settings().await {
        Ok(loaded) => loaded.paths.data_dir().map(|path| path.display().to_string()),
        Err(_) => paths.data_dir().map(|path| path.display().to_string()),
    };
    let config = paths.config_file()?.display().to_string();
    let (credentials, data_dir) = (paths.credentials_file()?.display().to_string(), data_dir?);
    let document =
        json!({ "config_file": config, "credentials_file": credentials, "data_dir": data_dir });
    context.output.result(&DataDocument::new(document), |view| {
        view.pairs([
            ("config file", config.clone()),
            ("credentials", credentials.clone()),
            ("data", data_dir.clone()),
        ])
    })
}

/// `config show`: the effective settings, secrets hidden.
pub(super) async fn show(context: &Context, with_origin: bool) -> Outcome {
    let loaded = context.settings().await?;
    let rows = loaded.settings.rows();
    let data: Vec<_> = rows.iter().map(|row| SettingData::new(row, with_origin)).collect();
    let document = DataDocument::new(data.as_slice());
    context.output.list(&document, &data, |view| table(&rows, with_origin, view))
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
