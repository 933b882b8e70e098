//! `serve --print-unit`: how to run this server as a service, with the flags that were given.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::app::documents::DataDocument;
use crate::cli::args::{GlobalArgs, ServeArgs, UnitKind};
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::domain::{Error, Result};

const SERVICE: &str = include_str!("units/qwenctl.service");
const SOCKET: &str = include_str!("units/qwenctl.socket");
const CONTAINER: &str = include_str!("units/container.txt");

/// What the server needs after its drain, in seconds, before it may be killed.
const FAREWELL: u64 = 15;

#[derive(Serialize)]
struct Unit<'a> {
    kind: &'static str,
    text: &'a str,
}

/// Prints it.
pub(super) fn print(context: &Context, args: &ServeArgs, kind: UnitKind) -> Outcome {
    let (kind, text) = match kind {
        UnitKind::Systemd => ("systemd", service(args, &context.globals)?),
        UnitKind::Socket => ("socket", SOCKET.replace("@ADDRESS@", &address(args))),
        UnitKind::Container => ("container", container(args)),
    };
    context.output.result(&DataDocument::new(Unit { kind, text: &text }), |_| text.clone())
}

fn address(args: &ServeArgs) -> String {
    let host = args.host.trim_start_matches('[').trim_end_matches(']');
    if host.contains(':') {
        format!("[{host}]:{}", args.port)
    } else {
        format!("{host}:{}", args.port)
    }
}

fn stop_seconds(args: &ServeArgs) -> String {
    (args.drain.as_secs() + FAREWELL).to_string()
}

fn container(args: &ServeArgs) -> String {
    CONTAINER.replace("@PORT@", &args.port.to_string()).replace("@STOP@", &stop_seconds(args))
}

fn service(args: &ServeArgs, globals: &GlobalArgs) -> Result<String> {
    let is_local = globals.is_local();
    let mut flags = format!(" --host {} --port {}", word(&args.host)?, args.port);
    let mut credentials = String::new();
    let mut credential = |flag: &str, name: &str, path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let path = path.to_str().filter(|path| !path.contains(char::is_control));
        let path = path.ok_or_else(|| {
            Error::invalid(format!("the path of `{flag}` cannot stand in a unit file"))
        })?;
        let _ = write!(flags, " {flag} %d/{name}");
        let _ = writeln!(credentials, "LoadCredential={name}:{}", escaped(path));
        Ok::<_, Error>(())
    };
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        credential("--tls-cert", "certificate", certificate)?;
        credential("--tls-key", "key", key)?;
    }
    if !is_local && !args.no_server_token {
        credential("--token-file", "token", Path::new("/etc/qwenctl/token"))?;
    }
    if is_local {
        flags.push_str(" --local");
    }
    if let Some(engine) = &globals.engine {
        let _ = write!(flags, " --engine {}", word(engine)?);
    }
    for model in &globals.engine_model {
        let _ = write!(flags, " --engine-model {}", word(model)?);
    }
    if let Some(tokens) = &globals.engine_context {
        let _ = write!(flags, " --engine-context {}", word(tokens)?);
    }
    if args.no_server_token {
        flags.push_str(" --no-server-token");
    }
    for host in &args.allow_host {
        let _ = write!(flags, " --allow-host {}", word(host)?);
    }
    if let Some(model) = &args.model {
        let _ = write!(flags, " --model {}", word(model)?);
    }
    let text = SERVICE
        .replace("@FLAGS@", &flags)
        .replace("@STOP@", &stop_seconds(args))
        .replace("@CREDENTIALS@", &credentials);
    Ok(text)
}

/// A word of a command line as systemd reads it; only what needs no quotes.
fn word(text: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || "-_.:/[]@+=".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(Error::invalid(format!(
            "`{}` cannot stand in a unit file",
            text.escape_debug()
        )));
    }
    Ok(text.to_owned())
}

/// A value in which `%` stands for itself (`systemd.unit(5)`, specifiers).
fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}
