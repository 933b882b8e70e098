//! `config …`

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::context::Context;
use crate::cli::editor;
use crate::cli::output::{Outcome, Table, View, one_line};
use crate::domain::Error;
use crate::settings::{Paths, SettingRow, edit};

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

/// `config get`: the effective value, as `config show` prints it.
pub(super) async fn get(context: &Context, key: &str) -> Outcome {
    let name = edit::setting(key)?.name;
    let loaded = context.settings().await?;
    let rows = loaded.settings.rows();
    let row = rows.iter().find(|row| row.key == name).ok_or_else(|| {
        Error::invalid(format!("`{key}` has no value that can be shown"))
            .with_hint("`qwenctl token info` shows where the token comes from")
    })?;
    let document = DataDocument::new(SettingData::new(row, true));
    context.output.result(&document, |_| format!("{}\n", one_line(&row.value)))
}

/// `config set` and `config unset`.
pub(super) fn change(context: &Context, key: &str, value: Option<&str>) -> Outcome {
    let paths = Paths::find(&context.environment, context.globals.config.as_deref());
    let path = paths.config_file()?;
    let before = edit::text(path)?;
    let after = edit::changed(path, &before, key, value)?;
    if after != before {
        edit::store(path, &after)?;
    }
    let spec = edit::setting(key)?;
    if context.environment.get(spec.variable).is_some() {
        context.output.warn(&format!("{} overrides the config file", spec.variable));
    }
    stored(context, path)
}

/// `config edit`: a file that is not valid stays as it was.
pub(super) async fn edit(context: &Context) -> Outcome {
    let paths = Paths::find(&context.environment, context.globals.config.as_deref());
    let path = paths.config_file()?;
    // A file that is broken can be mended.
    let before = match edit::text(path) {
        Ok(text) => text,
        Err(error) => std::fs::read_to_string(path).map_err(|_| error)?,
    };
    let begin = if before.is_empty() { NEW } else { &before };
    let mut after = editor::edit(&context.environment, begin).await?;
    after.push('\n');
    if after == before {
        context.output.note("nothing has changed");
        return Ok(());
    }
    if let Err(error) = edit::check(path, &after) {
        editor::keep(&context.output, &after);
        return Err(error.into());
    }
    edit::store(path, &after)?;
    stored(context, path)
}

/// What a new config file begins with in the editor.
const NEW: &str = "# The settings of qwenctl; `qwenctl help settings` lists them.\n";

fn stored(context: &Context, path: &Path) -> Outcome {
    let shown = path.display().to_string();
    let document = DataDocument::new(json!({ "config_file": shown }));
    context.output.result(&document, |_| format!("{shown}\n"))
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
