//! `serve`

mod log;

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use self::log::LogWriter;
use crate::app::ephemeral::Journal;
use crate::cli::args::ServeArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::{Error, ErrorKind, Result};
use crate::server::{self, Limits, OpenAiOptions, OwnAccount, ServerOptions};
use crate::settings::Loaded;

/// How long a name may take to be looked up.
const LOOK_UP: Duration = Duration::from_secs(10);

/// Serves until it is told to end, which is how it is meant to end.
pub async fn run(context: &Context, args: &ServeArgs) -> Outcome {
    let ip = address(&args.host).await?;
    let loaded = context.settings(args.model.as_deref()).await?;
    let (client, account) = account(context, args, ip).await?;
    let listener = server::bind(ip, args.port).await?;
    let address = listener.local_addr().map_err(|fault| {
        Error::new(ErrorKind::Internal, "the listener has no address").caused_by(fault)
    })?;
    let log = LogWriter::start(&context.output);
    let options = ServerOptions {
        client,
        account,
        model: loaded.settings.model.value.clone(),
        is_local: context.is_local(),
        allowed_hosts: args.allow_host.clone(),
        openai: OpenAiOptions {
            aliases: args.model_alias.iter().cloned().collect(),
            any_model: args.any_model,
            strict: args.strict,
            journal: journal(context, &loaded).await,
        },
        limits: Limits {
            body: args.max_body,
            chat_wait: args.chat_wait,
            drain: args.drain,
            ..Limits::default()
        },
        log: log.sink(),
    };
    announce(context, address, options.account.is_some())?;
    context.interrupt.be_patient();
    let drain = args.drain;
    let end = async {
        context.interrupt.wait().await;
        context.output.note(&format!(
            "shutting down: running requests get up to {} s; once more ends them now",
            drain.as_secs_f64()
        ));
    };
    server::serve(listener, options, end, context.interrupt.wait_again()).await?;
    log.finish().await;
    Ok(())
}

/// The address that `host` names.
async fn address(host: &str) -> Result<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse() {
        return Ok(ip);
    }
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, 0))).await;
    let mut found = found.ok().and_then(Result::ok).into_iter().flatten().map(|found| found.ip());
    let first = found.next();
    // `localhost` is both; most programs try the old one first, or as well.
    let ip = found.find(IpAddr::is_ipv4).filter(|_| first.is_some_and(|ip| ip.is_ipv6())).or(first);
    ip.ok_or_else(|| {
        Error::invalid(format!("`--host`: there is no address for `{host}`"))
            .with_hint("use an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    })
}

/// The client, and the server's own account if it has one and may use it.
async fn account(
    context: &Context,
    args: &ServeArgs,
    ip: IpAddr,
) -> Outcome<(crate::app::Client, Option<OwnAccount>)> {
    if args.no_server_token {
        return Ok((context.client().await?, None));
    }
    let session = match context.session(args.model.as_deref()).await {
        Ok(session) => session,
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => {
            context.output.note("no access token of its own: callers have to bring one");
            return Ok((context.client().await?, None));
        }
        Err(failure) => return Err(failure),
    };
    if !ip.to_canonical().is_loopback() {
        return Err(exposed(ip).into());
    }
    Ok((context.client().await?, Some(OwnAccount { session })))
}

/// Where ephemeral chats are noted. Without such a place `serve` works all the same.
async fn journal(context: &Context, loaded: &Loaded) -> Option<Journal> {
    let opened = async {
        let upstream = if context.is_local() { "local" } else { &loaded.settings.api_url.value };
        Journal::open(loaded.paths.data_dir()?, upstream).await
    };
    opened.await.inspect_err(|error| context.output.warn(&error.to_string())).ok()
}

fn exposed(ip: IpAddr) -> Error {
    let message = format!(
        "at {ip} other machines could use the server's own access token without one of theirs"
    );
    Error::invalid(message).with_hint(
        "add `--no-server-token`, so that every caller brings a token, or listen at a loopback \
         address (`--host 127.0.0.1`)",
    )
}

#[derive(Serialize)]
struct Announcement {
    success: bool,
    address: String,
    url: String,
}

/// Tells where the server is: to people on standard error, to programs on standard output.
fn announce(context: &Context, address: SocketAddr, has_token: bool) -> Outcome {
    let url = format!("http://{address}");
    if context.output.policy().is_json() {
        let address = address.to_string();
        return context.output.document(&Announcement { success: true, address, url });
    }
    context.output.note(&banner(&url, has_token));
    Ok(())
}

/// As the seed's server greeted.
fn banner(url: &str, has_token: bool) -> String {
    let rule = "=".repeat(60);
    let token = if has_token {
        "callers on this machine need no token"
    } else {
        "every caller brings an access token"
    };
    let mut text = format!(
        "{rule}\n  Qwen API Backend Server\n{rule}\n\n✓ Listening on: {url}\n\
         ✓ CORS enabled for all origins\n✓ Token: {token}\n\n📚 Available Endpoints:\n"
    );
    for endpoint in server::endpoints().iter().chain(server::compatible_endpoints()) {
        let _ = writeln!(
            text,
            "  {:<6} {:<24} - {}",
            endpoint.method,
            endpoint.path.replace("{id}", "<id>"),
            endpoint.about
        );
    }
    text.push_str("\nCtrl-C ends it.");
    text
}
