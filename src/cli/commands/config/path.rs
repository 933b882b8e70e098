//! `config path`

use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::settings::Paths;

/// Prints where the files lie, whether or not they exist. Reads none of them, so that it also helps
/// with a broken one.
pub(crate) async fn run(context: &Context) -> Outcome {
    let paths = Paths::find(&context.environment, context.globals.config.as_deref());
    // The config file may name another data directory; a broken one says nothing.
    let data_dir = match context.settings(None).await {
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
