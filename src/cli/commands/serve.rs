//! `serve`

mod access;
mod log;

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use self::access::{access, guarded};
use self::log::LogWriter;
use crate::cli::args::ServeArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::{Error, ErrorKind, Result};
use crate::server::{self, Limits, OwnAccount, ServerOptions};

/// How long a name may take to be looked up.
const LOOK_UP: Duration = Duration::from_secs(10);

/// Serves until it is told to end, which is how it is meant to end.
pub async fn run(context: &Context, args: &ServeArgs) -> Outcome {
    let ip = address(&args.host).await?;
    let loaded = context.settings(args.model.as_deref()).await?;
    let (client, account) = account(context, args).await?;
    let access = access(&args.access, &loaded);
    guarded(&loaded.paths.keys(), &args.access, account.is_some().then_some(ip)).await?;
    allow_many_connections();
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
        access,
        limits: Limits {
            body: args.max_body,
            chat_wait: args.chat_wait,
            drain: args.drain,
            ..Limits::default()
        },
        log: log.sink(),
    };
    announce(context, address, token_rule(&options))?;
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

/// A stream takes two connections, and the usual limit of open files is 1024; the system lets every
/// process raise that as far as the hard limit.
fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
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
    Ok((context.client().await?, Some(OwnAccount { session })))
}

#[derive(Serialize)]
struct Announcement {
    success: bool,
    address: String,
    url: String,
}

/// Tells where the server is: to people on standard error, to programs on standard output.
fn announce(context: &Context, address: SocketAddr, token: &str) -> Outcome {
    let url = format!("http://{address}");
    if context.output.policy().is_json() {
        let address = address.to_string();
        return context.output.document(&Announcement { success: true, address, url });
    }
    context.output.note(&banner(&url, token));
    Ok(())
}

/// Who needs which token, in a few words.
fn token_rule(options: &ServerOptions) -> &'static str {
    match (options.access.require_key, options.account.is_some()) {
        (true, true) => "every caller brings an API key",
        (true, false) => "every caller brings an API key and an access token",
        (false, true) => "callers on this machine need no token, others an API key",
        (false, false) => "every caller brings an access token",
    }
}

/// As the seed's server greeted.
fn banner(url: &str, token: &str) -> String {
    let rule = "=".repeat(60);
    let mut text = format!(
        "{rule}\n  Qwen API Backend Server\n{rule}\n\n✓ Listening on: {url}\n\
         ✓ CORS enabled for all origins\n✓ Token: {token}\n\n📚 Available Endpoints:\n"
    );
    for endpoint in server::endpoints() {
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
