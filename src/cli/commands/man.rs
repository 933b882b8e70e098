//! `man`

use std::io;
use std::path::Path;

use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::args::{ManArgs, tree};
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::topics::TOPICS;
use crate::domain::{Error, ErrorKind};

/// Prints the manual page, or writes one page for each command and each topic.
pub(super) fn run(context: &Context, args: &ManArgs) -> Outcome {
    if let Some(directory) = &args.all {
        write_all(directory).map_err(|fault| {
            Error::invalid(format!("cannot write to {}: {fault}", directory.display()))
                .with_hint("name a directory that exists and can be written")
        })?;
        let directory = directory.display().to_string();
        let document = DataDocument::new(json!({ "directory": directory }));
        return context.output.result(&document, |_| format!("{directory}\n"));
    }
    let page = page().map_err(|fault| {
        Error::new(ErrorKind::Internal, "cannot make the manual page").caused_by(fault)
    })?;
    context.output.result(&DataDocument::new(json!({ "page": page })), |_| page.clone())
}

fn page() -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(tree()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn write_all(directory: &Path) -> io::Result<()> {
    clap_mangen::generate_to(tree(), directory)?;
    TOPICS.iter().try_for_each(|topic| {
        let name = format!("qwenctl-{}.7", topic.name);
        std::fs::write(directory.join(name), topic.man(&tree()))
    })
}
