//! `serve`

mod access;
mod account;
mod announce;
mod log;
pub(crate) mod log_file;
mod reload;
mod signals;
mod unit;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use self::access::guarded;
use self::announce::announce;
use self::log::{FilePlan, LogWriter};
use self::reload::Hangups;
use self::signals::Supervisor;
use crate::app::ephemeral::Journal;
use crate::cli::args::{LogFormatArg, ServeArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::threads::beside;
use crate::domain::{Error, ErrorKind, LogLevel, Result};
use crate::local::EXAMPLE_MODEL;
use crate::server::{
    self, CacheOptions, Limits, LogFormat, LogOptions, OpenAiOptions, Reload, ServerOptions, Tls,
    TlsFiles,
};
use crate::settings::{Loaded, Overrides};

/// How long a name may take to be looked up.
const LOOK_UP: Duration = Duration::from_secs(10);
/// Each connection needs a descriptor, and so does the one to the upstream that it leads to.
const DESCRIPTORS: u64 = 2;

/// Serves until it is told to end, which is how it is meant to end.
pub(super) async fn run(context: &Context, args: &ServeArgs) -> Outcome {
    if let Some(kind) = args.print_unit {
        return unit::print(context, args, kind);
    }
    let supervisor = Supervisor::of(&context.environment);
    let given = supervisor.listener()?;
    let ip = match &given {
        Some(listener) => local_address(listener)?.ip(),
        None => address(&args.host).await?,
    };
    let flags = flags(context, args);
    let loaded = context.settings_by(&flags).await?;
    let tls = tls(args).await?;
    let (client, account) = account::find(context, args).await?;
    let has_token = account.as_ref().is_some_and(|account| account.session().is_some());
    let access = access::access(&args.access, &loaded);
    guarded(&loaded.paths.keys(), &args.access, has_token.then_some(ip)).await?;
    let listener = match given {
        Some(listener) => listener,
        None => server::bind(ip, args.port).await?,
    };
    let address = local_address(&listener)?;
    allow_descriptors(args.max_connections as u64 * DESCRIPTORS);
    let log = log(context, args, loaded.settings.log.value.unwrap_or_default())?;
    let hangups = Hangups::catch();
    let mut reload = Reload::default();
    if let Some(account) = &account
        && let Some(again) = account::reload(context, &client, account, args, ip).await?
    {
        reload.add("access token", again);
    }
    if let Some(tls) = &tls {
        let (tls, now) = (Arc::clone(tls), server::now);
        reload.add("certificate", move || {
            tls.reload(now()).map(|_| tls.warning(now()).unwrap_or_else(|| "read again".to_owned()))
        });
    }
    reload.add(
        "rate limits",
        access::reload(Arc::clone(&access.rates), flags, context.environment.clone()),
    );
    let options = ServerOptions {
        client,
        account,
        model: loaded.settings.model.value.clone(),
        is_local: context.is_local(),
        allowed_hosts: args.allow_host.clone(),
        access,
        openai: OpenAiOptions {
            aliases: aliases(context, args),
            any_model: args.any_model,
            strict: args.strict,
            journal: journal(context, &loaded).await,
        },
        limits: limits(args),
        cache: CacheOptions {
            lists: args.cache_lists,
            answers: args.cache_answers,
            size: args.cache_size,
            ..CacheOptions::default()
        },
        log: log.sink(),
        tls,
    };
    announce(context, address, options.tls.as_deref(), token_rule(&options, has_token))?;
    context.interrupt.be_patient();
    supervisor.ready();
    let end = async {
        tokio::select! {
            () = context.interrupt.wait() => {}
            () = reload::on(hangups, Arc::new(reload), log.sink(), &supervisor) => {}
            () = supervisor.keep_watchdog_quiet() => {}
        }
        supervisor.stopping();
        context.output.note(&format!(
            "shutting down: running requests get up to {} s; once more ends them now",
            args.drain.as_secs_f64()
        ));
    };
    server::serve(listener, options, end, context.interrupt.wait_again()).await?;
    log.finish().await;
    Ok(())
}

/// What the flags say about the settings.
fn flags(context: &Context, args: &ServeArgs) -> Overrides {
    Overrides {
        rate_limit: args.access.rate_limit.clone(),
        rate_limit_send: args.access.rate_limit_send.clone(),
        ..context.globals.overrides(args.model.as_deref())
    }
}

/// Begins the log. `level` counts if no flag says otherwise.
fn log(context: &Context, args: &ServeArgs, level: LogLevel) -> Result<LogWriter> {
    let policy = context.output.policy();
    let level = match (policy.verbose, policy.quiet) {
        (true, _) => LogLevel::Debug,
        (_, true) => LogLevel::Error,
        _ => level,
    };
    let format = match args.log_format {
        LogFormatArg::Text => LogFormat::Text,
        LogFormatArg::Json => LogFormat::Json,
    };
    if args.log_bodies {
        context.output.warn("`--log-bodies`: prompts and answers are written into the log");
    }
    let plan = args.log_file.clone().map(|path| FilePlan {
        path,
        max_size: args.log_max_size,
        keep: args.log_keep,
    });
    LogWriter::start(&context.output, plan, LogOptions { level, format, bodies: args.log_bodies })
}

/// Those of the flags. The local upstream answers for the model of the examples, here as elsewhere.
fn aliases(context: &Context, args: &ServeArgs) -> BTreeMap<String, String> {
    let name = || EXAMPLE_MODEL.to_owned();
    let example = context.is_local().then(|| (name(), name()));
    example.into_iter().chain(args.model_alias.iter().cloned()).collect()
}

fn limits(args: &ServeArgs) -> Limits {
    Limits {
        body: args.max_body,
        chat_wait: args.chat_wait,
        drain: args.drain,
        connections: args.max_connections,
        patience: args.client_timeout,
        upload: args.body_timeout,
        reader: args.reader_timeout,
        ..Limits::default()
    }
}

fn local_address(listener: &TcpListener) -> Result<std::net::SocketAddr> {
    listener.local_addr().map_err(|fault| {
        Error::new(ErrorKind::Internal, "the listener has no address").caused_by(fault)
    })
}

/// The certificate, if one is named.
async fn tls(args: &ServeArgs) -> Outcome<Option<Arc<Tls>>> {
    let (Some(certificate), Some(key)) = (args.tls_cert.clone(), args.tls_key.clone()) else {
        return Ok(None);
    };
    let load = move || Tls::load(TlsFiles { certificate, key }, server::now());
    let tls = beside(load).await?.map_err(Failure::from)?;
    Ok(Some(Arc::new(tls)))
}

/// Asks for as many descriptors as the limits allow for; where fewer can be had, connections wait.
fn allow_descriptors(wanted: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let wanted = limit.maximum.map_or(wanted, |most| wanted.min(most));
        if limit.current.is_some_and(|current| current < wanted) {
            let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
            let _ = setrlimit(Resource::Nofile, raised);
        }
    }
    #[cfg(not(unix))]
    let _ = wanted;
}

/// Who needs which token, in a few words.
fn token_rule(options: &ServerOptions, has_token: bool) -> &'static str {
    match (options.access.require_key, has_token) {
        (true, true) => "every caller brings an API key",
        (true, false) => "every caller brings an API key and an access token",
        (false, true) => "callers on this machine need no token, others an API key",
        (false, false) => "every caller brings an access token",
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

/// Where ephemeral chats are noted. Without such a place `serve` works all the same.
async fn journal(context: &Context, loaded: &Loaded) -> Option<Journal> {
    let opened =
        async { Journal::open(loaded.paths.data_dir()?, context.upstream_name(loaded)).await };
    opened.await.inspect_err(|error| context.output.warn(&error.to_string())).ok()
}
