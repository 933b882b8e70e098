//! `serve --print-unit`: a systemd unit that runs this server with the flags that were given.
//!
//! Every flag of the command line ends up in `ExecStart`, except those that only decide how the unit
//! itself is printed. A flag that cannot be kept is refused, never dropped: without `--require-key`,
//! say, the service would be open.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueHint;
use serde::Serialize;

use super::ServeOptions;
use crate::app::documents::DataDocument;
use crate::cli::args::{GivenFlag, UnitKind};
use crate::cli::context::Context;
use crate::cli::output::Outcome;
use crate::domain::{Error, Result};

const SERVICE: &str = include_str!("units/qwenctl.service");
const SOCKET: &str = include_str!("units/qwenctl.socket");

/// Seconds between the end of the drain and the kill.
const STOP_MARGIN: u64 = 15;

/// Flags that concern this output, and the one that the template holds.
const NOT_IN_UNIT: [&str; 5] = ["print_unit", "output", "json", "color", "no_input"];

/// Flags that are always in the unit, given or not.
const ALWAYS: [&str; 2] = ["host", "port"];

/// Flags whose files systemd passes on with `LoadCredential=`: the service runs as a user of its own
/// that could not read them. The second word is the name of the credential.
const CREDENTIALS: [(&str, &str); 4] =
    [("tls_cert", "certificate"), ("tls_key", "key"), ("ca_file", "ca"), ("token_file", "token")];

#[derive(Serialize)]
struct Unit<'a> {
    kind: &'static str,
    text: &'a str,
}

/// Prints the unit.
///
/// # Errors
/// If a given flag cannot be kept in a unit.
pub(crate) fn print(
    context: &Context,
    args: &ServeOptions,
    kind: UnitKind,
    given: &[GivenFlag],
) -> Outcome {
    let (kind, text) = match kind {
        UnitKind::Systemd => ("systemd", service(args, given, context.is_local())?),
        UnitKind::Socket => ("socket", SOCKET.replace("@ADDRESS@", &address(args))),
        UnitKind::Container => {
            return Err(Error::invalid("`--print-unit container` was removed")
                .with_hint(
                    "use the files `tests/release/Containerfile` and `tests/release/compose.yaml` \
                     of the source repository",
                )
                .into());
        }
    };
    context.output.result(&DataDocument::new(Unit { kind, text: &text }), |_| text.clone())
}

fn address(args: &ServeOptions) -> String {
    let host = args.host.trim_start_matches('[').trim_end_matches(']');
    if host.contains(':') {
        format!("[{host}]:{}", args.port)
    } else {
        format!("{host}:{}", args.port)
    }
}

fn service(args: &ServeOptions, given: &[GivenFlag], is_local: bool) -> Result<String> {
    if args.host.contains(char::is_whitespace) {
        return Err(Error::invalid("`--host` is not a host name or an address"));
    }
    let mut flags = format!(" --host {} --port {}", word("--host", &args.host)?, args.port);
    let mut credentials = String::new();
    let is_kept = |flag: &&GivenFlag| {
        !NOT_IN_UNIT.contains(&flag.id.as_str()) && !ALWAYS.contains(&flag.id.as_str())
    };
    for flag in given.iter().filter(is_kept) {
        let credential = CREDENTIALS.iter().find(|(id, _)| *id == flag.id);
        if let (Some((_, name)), Some(path)) = (credential, flag.values.last()) {
            load_credential(&mut flags, &mut credentials, &flag.name, name, Path::new(path))?;
        } else {
            flags += &as_words(flag)?;
        }
    }
    let has_token = given.iter().any(|flag| flag.id == "token_file");
    if !is_local && !args.no_server_token && !has_token {
        let path = Path::new("/etc/qwenctl/token");
        load_credential(&mut flags, &mut credentials, "--token-file", "token", path)?;
    }
    let stop = (args.limits.drain.as_secs() + STOP_MARGIN).to_string();
    let log = args.log.file.as_deref().map(log_directory).transpose()?.unwrap_or_default();
    let capabilities = if (1..FIRST_FREE_PORT).contains(&args.port) {
        "AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE"
    } else {
        "CapabilityBoundingSet="
    };
    let values = [
        ("@FLAGS@", flags.as_str()),
        ("@STOP@", &stop),
        ("@CREDENTIALS@", &credentials),
        ("@LOG@", &log),
        ("@CAPABILITIES@", capabilities),
    ];
    Ok(fill(SERVICE, values))
}

/// Ports below this one need a capability.
const FIRST_FREE_PORT: u16 = 1024;

/// The line that lets the service write to its log file: systemd makes a directory below `/var/log`.
fn log_directory(file: &Path) -> Result<String> {
    const LOGS: &str = "/var/log";
    const STATE: &str = "/var/lib/qwenctl";
    let file = absolute("--log-file", file)?;
    let directory = Path::new(&file).parent().unwrap_or(Path::new("/"));
    if directory.starts_with(STATE) {
        return Ok(String::new());
    }
    let below = directory.strip_prefix(LOGS).ok().and_then(Path::to_str);
    Ok(match below {
        Some("") => {
            let hint = "name a file in a directory of its own, such as /var/log/qwenctl/serve.log";
            return Err(Error::invalid("`--log-file`: a service cannot write to /var/log itself")
                .with_hint(hint));
        }
        Some(below) => format!("LogsDirectory={}\n", word("--log-file", below)?),
        None => {
            let directory = directory.to_str().ok_or_else(|| unfit("--log-file"))?;
            format!("ReadWritePaths={}\n", word("--log-file", directory)?)
        }
    })
}

/// Replaces each placeholder of `template` once, in the order of `values`, but none in a value.
fn fill<const N: usize>(template: &str, values: [(&str, &str); N]) -> String {
    let mut text = String::new();
    let mut rest = template;
    for (placeholder, value) in values {
        if let Some((before, after)) = rest.split_once(placeholder) {
            text.extend([before, value]);
            rest = after;
        }
    }
    text + rest
}

/// Adds a flag whose file is read by systemd and passed on under `%d`.
fn load_credential(
    flags: &mut String,
    credentials: &mut String,
    flag: &str,
    name: &str,
    path: &Path,
) -> Result<()> {
    let path = absolute(flag, path)?;
    if path.contains(char::is_control) {
        return Err(unfit(flag));
    }
    let _ = write!(flags, " {flag} %d/{name}");
    let _ = writeln!(credentials, "LoadCredential={name}:{}", path.replace('%', "%%"));
    Ok(())
}

/// A flag as it stands in `ExecStart`, once for each value.
fn as_words(flag: &GivenFlag) -> Result<String> {
    let name = &flag.name;
    if flag.values.is_empty() {
        return Ok(format!(" {name}"));
    }
    let values = flag.values.iter().map(|value| {
        let value = value.to_str().ok_or_else(|| unfit(name))?;
        let value = match flag.hint {
            ValueHint::FilePath | ValueHint::DirPath => absolute(name, Path::new(value))?,
            ValueHint::Url if holds_password(value) => return Err(secret(name)),
            _ => value.to_owned(),
        };
        let joint = if flag.needs_equals || value.starts_with('-') { '=' } else { ' ' };
        Ok(match joint {
            '=' => format!(" {}", word(name, &format!("{name}={value}"))?),
            _ => format!(" {name} {}", word(name, &value)?),
        })
    });
    values.collect()
}

fn holds_password(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    authority.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

/// A unit is run in another directory.
fn absolute(flag: &str, path: &Path) -> Result<String> {
    if path == Path::new("-") {
        return Err(Error::invalid(format!("`{flag} -`: a service has no standard input"))
            .with_hint("name a file"));
    }
    let path = std::path::absolute(path).map_err(|_| unfit(flag))?;
    path.to_str().map(str::to_owned).ok_or_else(|| unfit(flag))
}

/// A word of a command line as systemd reads it (`systemd.service(5)`, "Command lines"): `%` is
/// doubled, and a word with blanks stands in quotes. What would need more than that is refused.
fn word(flag: &str, text: &str) -> Result<String> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/[]@+=,~%".contains(c);
    let needs_quotes = |c: char| matches!(c, ' ' | ';');
    if text.is_empty() || !text.chars().all(|c| is_plain(c) || needs_quotes(c)) {
        return Err(unfit(flag));
    }
    let text = text.replace('%', "%%");
    Ok(if text.contains(needs_quotes) { format!("\"{text}\"") } else { text })
}

fn unfit(flag: &str) -> Error {
    Error::invalid(format!("the value of `{flag}` has characters that a unit file cannot hold"))
        .with_hint(format!("choose a value without them, or leave out `{flag}`"))
}

/// Unit files can be read by every user of the machine.
fn secret(flag: &str) -> Error {
    Error::invalid(format!("the URL of `{flag}` holds a password, which a unit file must not"))
        .with_hint("set it in the config file or in an `EnvironmentFile=` of the unit")
}
