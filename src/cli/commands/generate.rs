//! `completions` and `man`: what is generated from the command line's definition.

use std::io;
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::args::{completion_script, tree};
use crate::cli::context::Context;
use crate::cli::output::Outcome;
use crate::cli::topics::{TOPICS, see_also};
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
                .with_hint("name a directory that can be written")
        })?;
        let document = DataDocument::new(json!({ "directory": shown }));
        return context.output.result(&document, |_| format!("{shown}\n"));
    }
    let mut tree = tree().disable_help_subcommand(true);
    tree.build();
    let page = page(&tree).map_err(|fault| {
        Error::new(ErrorKind::Internal, "cannot render the man page").caused_by(fault)
    })?;
    context.output.result(&DataDocument::new(json!({ "page": page })), |_| page.clone())
}

fn write_pages(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let mut commands = tree().disable_help_subcommand(true);
    commands.build();
    write_page(&commands, directory)?;
    TOPICS.iter().try_for_each(|topic| {
        let name = format!("qwenctl-{}.7", topic.name);
        std::fs::write(directory.join(name), topic.man(&tree()))
    })
}

fn write_page(command: &clap::Command, directory: &Path) -> io::Result<()> {
    let name = Man::new(command.clone()).get_filename();
    std::fs::write(directory.join(name), page(command)?)?;
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set());
    commands.into_iter().try_for_each(|command| write_page(command, directory))
}

/// The page of a command, which names its subcommands, and the topics if it is the first one.
fn page(command: &clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    let is_first = command.get_display_name().is_none_or(|name| name == "qwenctl");
    let mut names = if is_first { Vec::new() } else { vec!["qwenctl(1)".to_owned()] };
    let commands = command.get_subcommands().filter_map(clap::Command::get_display_name);
    names.extend(commands.map(|name| format!("{name}(1)")));
    if is_first {
        names.extend(TOPICS.map(|topic| format!("qwenctl-{}(7)", topic.name)));
    }
    Ok(String::from_utf8_lossy(&page).into_owned() + &see_also(names))
}
