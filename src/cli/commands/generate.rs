//! `completions` and `man`: what is generated from the command line's definition.

use std::io;
use std::path::Path;

use clap_complete::Shell;
use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::args::{completion_script, tree};
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::topics::TOPICS;
use crate::domain::{Error, ErrorKind};

/// `completions`
pub(super) fn completions(context: &Context, shell: Shell) -> Outcome {
    let script = completion_script(shell);
    let document = json!({ "shell": shell.to_string(), "script": script });
    context.output.result(&DataDocument::new(document), |_| script.clone())
}

/// `man`: prints the page of `qwenctl`, or writes the pages of all commands and topics to a
/// directory.
pub(super) fn man(context: &Context, directory: Option<&Path>) -> Outcome {
    if let Some(directory) = directory {
        let shown = directory.display().to_string();
        write_pages(directory).map_err(|fault| {
            Error::invalid(format!("cannot write to {shown}: {fault}"))
                .with_hint("name an existing, writable directory")
        })?;
        let document = DataDocument::new(json!({ "directory": shown }));
        return context.output.result(&document, |_| format!("{shown}\n"));
    }
    let page = page().map_err(|fault| {
        Error::new(ErrorKind::Internal, "cannot render the man page").caused_by(fault)
    })?;
    context.output.result(&DataDocument::new(json!({ "page": page })), |_| page.clone())
}

fn write_pages(directory: &Path) -> io::Result<()> {
    clap_mangen::generate_to(tree(), directory)?;
    TOPICS.iter().try_for_each(|topic| {
        let name = format!("qwenctl-{}.7", topic.name);
        std::fs::write(directory.join(name), topic.man(&tree()))
    })
}

fn page() -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(tree()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
