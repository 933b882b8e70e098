//! `local`

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::app::documents::DataDocument;
use crate::cli::args::LocalArgs;
use crate::cli::context::{Context, start_local};
use crate::cli::failure::Outcome;
use crate::cli::upstream::{LocalFlags, engine_options};
use crate::domain::{Error, Result};
use crate::local::{Access, LocalOptions, LocalUpstream};

/// Runs the local upstream until it is interrupted, which is how it is meant to end.
pub(super) async fn run(context: &Context, args: &LocalArgs) -> Outcome {
    let options = options(context, args).await?;
    let banner = match &options.engine {
        Some(engine) => format!("{} answers", engine.url),
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
        "local upstream: {banner}. Set these variables to point a program at it. Ctrl-C ends it."
    ));
    context.interrupt.wait().await;
    upstream.shutdown().await;
    Ok(())
}

async fn options(context: &Context, args: &LocalArgs) -> Outcome<LocalOptions> {
    let loaded = context.settings(None).await?;
    let mut options = LocalOptions {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)),
        access: Access::Programs,
        database: args.database.clone(),
        engine: engine_options(&loaded.settings)?,
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

/// What others need to know. The token is its own, and is told only on request: programs should not
/// learn to find tokens in output.
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
    fn new(upstream: &LocalUpstream, args: &LocalArgs) -> Self {
        Self {
            api_url: upstream.api_url(),
            auth_url: upstream.auth_url(),
            token: args.print_token.then(|| upstream.token()),
            token_file: args.write_token.as_ref().map(|path| path.display().to_string()),
        }
    }
}

fn lines(upstream: &LocalUpstream, args: &LocalArgs) -> String {
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

/// Whole or not at all, and readable by its owner alone from the beginning.
fn write_token(path: &Path, token: &str) -> Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(directory.unwrap_or(Path::new(".")))?;
        writeln!(file, "{token}")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|fault| fault.error).map(drop)
    };
    write().map_err(|fault: std::io::Error| {
        Error::invalid(format!("cannot write the token to {}: {fault}", path.display()))
            .with_hint("name a file in a directory that can be written")
    })
}
