//! `completions`

use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::args::{CompletionsArgs, completion_script};
use crate::cli::context::Context;
use crate::cli::failure::Outcome;

/// Prints the completion script for a shell.
pub(super) fn run(context: &Context, args: &CompletionsArgs) -> Outcome {
    let script = completion_script(args.shell);
    let document = json!({ "shell": args.shell.to_string(), "script": script });
    context.output.result(&DataDocument::new(document), |_| script.clone())
}
