//! Text that a person edits in `$VISUAL` or `$EDITOR`.
//!
//! What it keeps true: a text is never lost. If the editor fails or leaves nothing, the text is in a file
//! that the error names.

use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::interrupt::beside;
use super::output::{Failure, Outcome, Output};
use crate::domain::{Error, ErrorKind, Result};
use crate::settings::Environment;

/// The editor if no variable names one.
const DEFAULT: &str = "vi";

fn named(environment: &Environment) -> Option<&str> {
    ["VISUAL", "EDITOR"].into_iter().find_map(|name| environment.get(name))
}

/// Whether a variable names an editor.
pub(super) fn is_set(environment: &Environment) -> bool {
    named(environment).is_some()
}

/// The text after `text` was edited; never empty.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] if the editor fails or leaves nothing; the hint names the file with the
/// text.
pub(super) async fn edit(environment: &Environment, text: &str) -> Result<String> {
    let (editor, text) = (named(environment).unwrap_or(DEFAULT).to_owned(), text.to_owned());
    let edited: Outcome<Result<String>> = beside(move || run(&editor, &text)).await;
    edited.unwrap_or_else(|failure| match failure {
        Failure::Error(error) => Err(error),
        _ => Err(Error::new(ErrorKind::Internal, "the editor was not started")),
    })
}

/// Keeps `text` in a file, and says in which.
pub(super) fn keep(output: &Output, text: &str) {
    let kept = file().and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.keep().map_err(|fault| fault.error)
    });
    output.complaint(&match kept {
        Ok((_, path)) => format!("the text is in {}\n", path.display()),
        Err(fault) => format!("the text could not be kept: {fault}\n{text}\n"),
    });
}

/// A private temporary file.
fn file() -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix("qwenctl-").suffix(".md").tempfile()
}

fn run(editor: &str, text: &str) -> Result<String> {
    let unusable = |fault: std::io::Error| {
        Error::invalid(format!("cannot write a file for the editor: {fault}"))
            .with_hint("set TMPDIR to a directory that can be written")
    };
    let mut file = file().map_err(unusable)?;
    file.write_all(text.as_bytes()).map_err(unusable)?;
    let status = command(editor).arg(file.path()).status();
    let fault = match status {
        Ok(status) if status.success() => match std::fs::read_to_string(file.path()) {
            Ok(edited) if !edited.trim().is_empty() => {
                return Ok(edited.trim_end_matches(['\r', '\n']).to_owned());
            }
            Ok(_) if text.trim().is_empty() => {
                return Err(Error::invalid("the editor left no text"));
            }
            Ok(_) => {
                // What it was before.
                let _ = std::fs::write(file.path(), text);
                "the editor left no text".to_owned()
            }
            Err(fault) => format!("cannot read what the editor wrote: {fault}"),
        },
        Ok(status) => match status.code() {
            Some(code) => format!("the editor `{editor}` failed with exit code {code}"),
            None => format!("the editor `{editor}` was killed"),
        },
        Err(fault) => format!("cannot start the editor `{editor}`: {fault}"),
    };
    let error = Error::invalid(fault);
    let is_kept = std::fs::metadata(file.path()).is_ok_and(|metadata| metadata.len() > 0);
    Err(match is_kept.then(|| file.keep()) {
        Some(Ok((_, path))) => error.with_hint(format!("the text is in {}", path.display())),
        _ => error.with_hint("set VISUAL or EDITOR to the command of another editor"),
    })
}

/// The editor on the terminal itself: the standard streams may be pipes. The variable is a line for the
/// shell, such as `code --wait`.
fn command(editor: &str) -> Command {
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{editor} \"$@\""), editor]);
        shell
    } else {
        Command::new(editor)
    };
    let terminal = || File::options().read(true).write(true).open("/dev/tty").map(Stdio::from);
    if let (Ok(input), Ok(output)) = (terminal(), terminal()) {
        command.stdin(input).stdout(output);
    }
    command
}
