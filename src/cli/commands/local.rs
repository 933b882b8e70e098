//! `local`: the local upstream alone, for other programs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::app::documents::DataDocument;
use crate::cli::context::{Context, start_local};
use crate::cli::output::{Outcome, Table};
use crate::cli::upstream::{LocalFlags, engine};
use crate::domain::{Error, Result};
use crate::engine::EngineHandle;
use crate::files;
use crate::local::{Access, LocalOptions, LocalUpstream, fault_names};

/// How the local upstream is run.
#[derive(Debug)]
pub(super) struct LocalRun {
    pub port: u16,
    pub database: Option<PathBuf>,
    pub seed: u64,
    /// Without the pauses of a model.
    pub no_pace: bool,
    /// Print the access token.
    pub print_token: bool,
    /// Write the access token to this file.
    pub write_token: Option<PathBuf>,
}

/// `local`. Runs until interrupted.
pub(super) async fn run(context: &Context, args: &LocalRun) -> Outcome {
    let options = options(context, args).await?;
    let banner = match options.engine.as_ref().and_then(EngineHandle::url) {
        Some(url) => format!("answers from {url}"),
        None => "made-up answers".to_owned(),
    };
    let upstream = start_local(options).await?;
    if let Some(path) = &args.write_token {
        write_token(path, &upstream.token())?;
    }
    context
        .output
        .result(&DataDocument::new(LocalData::new(&upstream, args)), |_| lines(&upstream, args))?;
    context.output.note(&format!(
        "local upstream: {banner}; set these variables to use it; press Ctrl-C to stop it"
    ));
    context.interrupt.wait().await;
    upstream.shutdown().await;
    Ok(())
}

/// `local --list-faults`
pub(super) fn list_faults(context: &Context) -> Outcome {
    let faults: Vec<_> = fault_names().collect();
    let rows = faults.iter().map(|(name, about)| FaultData { name, about });
    let rows: Vec<_> = rows.collect();
    context.output.list(&DataDocument::new(rows.as_slice()), &rows, |view| {
        let mut table = Table::new(&["FAULT", "ABOUT"], 1);
        for (name, about) in &faults {
            table.row([(*name).to_owned(), (*about).to_owned()]);
        }
        table.render(view)
    })
}

/// A fault of the local upstream.
#[derive(Serialize)]
struct FaultData<'a> {
    name: &'a str,
    about: &'a str,
}

async fn options(context: &Context, args: &LocalRun) -> Outcome<LocalOptions> {
    let loaded = context.settings().await?;
    let mut options = LocalOptions {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)),
        access: Access::Programs,
        database: args.database.clone(),
        engine: engine(&loaded.settings)?,
        seed: args.seed,
        ..LocalOptions::default()
    };
    if args.no_pace {
        options.pace = Duration::ZERO;
    }
    LocalFlags::of(&context.globals).apply(&mut options)?;
    context.warn_of_engine(&loaded);
    Ok(options)
}

/// What other programs need to connect. The token is printed only on request: programs must not come
/// to expect tokens in output.
#[derive(Serialize)]
struct LocalData {
    api_url: String,
    auth_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_file: Option<String>,
}

impl LocalData {
    fn new(upstream: &LocalUpstream, args: &LocalRun) -> Self {
        Self {
            api_url: upstream.api_url(),
            auth_url: upstream.auth_url(),
            token: args.print_token.then(|| upstream.token()),
            token_file: args.write_token.as_ref().map(|path| path.display().to_string()),
        }
    }
}

fn lines(upstream: &LocalUpstream, args: &LocalRun) -> String {
    let data = LocalData::new(upstream, args);
    let mut text = format!("QWEN_API_URL={}\nQWEN_AUTH_URL={}\n", data.api_url, data.auth_url);
    if let Some(token) = data.token {
        let _ = writeln!(text, "QWEN_TOKEN={token}");
    }
    if let Some(file) = data.token_file {
        let _ = writeln!(text, "QWENCTL_TOKEN_FILE='{}'", file.replace('\'', "'\\''"));
    }
    text
}

/// Writes the file atomically, with mode 0600 from the start.
fn write_token(path: &Path, token: &str) -> Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let write = || {
        let file = files::temporary_in(directory.unwrap_or(Path::new(".")), ".tmp", 0o600)?;
        writeln!(file.as_file(), "{token}")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|fault| fault.error).map(drop)
    };
    write().map_err(|fault: std::io::Error| {
        Error::invalid(format!("cannot write the token to {}: {fault}", path.display()))
            .with_hint("name a file in a writable directory")
    })
}
