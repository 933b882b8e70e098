//! The clipboard: by a program of the desktop, or by the terminal itself (OSC 52), which also works over
//! ssh.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cli::interrupt::beside;
use crate::cli::output::{Failure, prompt_terminal};
use crate::domain::{Error, ErrorKind, Result};
use crate::settings::Environment;

/// The longest text that terminals take by OSC 52, in bytes before encoding.
const MOST_BY_TERMINAL: usize = 74_994;

/// The programs, and the variable without which each is of no use. Within tmux the terminal belongs to
/// tmux, which passes OSC 52 on only if it is configured to.
const PROGRAMS: [(&str, &str, &[&str]); 5] = [
    ("WAYLAND_DISPLAY", "wl-copy", &[]),
    ("DISPLAY", "xclip", &["-selection", "clipboard"]),
    ("DISPLAY", "xsel", &["--clipboard", "--input"]),
    ("", "pbcopy", &[]),
    ("TMUX", "tmux", &["load-buffer", "-w", "-"]),
];

/// Copies `text`. Returns how, in words.
///
/// # Errors
/// If there is no way to.
pub(super) async fn copy(environment: &Environment, text: &str) -> Result<&'static str> {
    for (variable, program, arguments) in PROGRAMS {
        if !variable.is_empty() && environment.get(variable).is_none() {
            continue;
        }
        let text = text.to_owned();
        let run = beside(move || run(program, arguments, &text)).await;
        if run.is_ok_and(|is_done| is_done) {
            return Ok("");
        }
    }
    if environment.get("TERM").is_none_or(|term| matches!(term, "dumb" | "linux")) {
        return Err(Error::invalid("this terminal has no clipboard")
            .with_hint("install `wl-copy` or `xclip`, or use `/save FILE`"));
    }
    if text.len() > MOST_BY_TERMINAL {
        let message =
            format!("the answer is longer than the {MOST_BY_TERMINAL} bytes that terminals take");
        return Err(Error::invalid(message).with_hint("use `/save FILE`"));
    }
    let encoded = STANDARD.encode(text);
    let written = prompt_terminal().write_str(&format!("\u{1b}]52;c;{encoded}\u{7}"));
    written.map_err(|fault| match Failure::unwritable(fault) {
        Failure::Error(error) => error,
        _ => Error::new(ErrorKind::Internal, "the terminal is closed"),
    })?;
    Ok(" by the terminal, if it allows that")
}

/// Whether the program took the text.
fn run(program: &str, arguments: &[&str], text: &str) -> bool {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written =
        child.stdin.take().is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}
