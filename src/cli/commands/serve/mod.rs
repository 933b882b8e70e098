//! `serve`: finds what the server needs, starts it, and reloads what can change.

mod log_file;
mod signals;
pub(super) mod unit;

use std::collections::BTreeMap;
use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parking_lot::Mutex;
use serde::Serialize;
use tokio::net::TcpListener;

use self::log_file::{LAST_LINES, LogWriter};
use self::signals::{Hangups, Supervisor};
use super::archive::calm_rate as archive_rate;
use super::archive::place as trash_place;
use crate::app::archive::{self, SyncOptions, SyncReport};
use crate::app::doctor::BEHIND_PROXY;
use crate::app::ephemeral::Journal;
use crate::app::quota::Quotas;
use crate::app::{self, Client, Session};
use crate::cli::context::Context;
use crate::cli::interrupt::beside;
use crate::cli::output::{Failure, Outcome};
use crate::domain::time::now;
use crate::domain::{ApiKey, Error, ErrorKind, LogLevel, RateLimit, Result, Tokens};
use crate::engine::EXAMPLE_MODEL;
use crate::files::Stamp;
use crate::net::address::is_loopback;
use crate::server::{
    self, AccessOptions, AccountStore, ArchivePlace, CacheOptions, CurrentRates, FileOptions,
    Limits, LogFormat, LogOptions, LogSink, OpenAiOptions, OwnAccount, Rates, Reload, Renewal,
    ServerOptions, Tls, TlsFiles, ToolsMode, Trash,
};
use crate::settings::{
    AccountName, ArchiveMode, Environment, FoundTokens, KeyStore, Loaded, Overrides, Settings,
    TokenSource, load, note_proxied, was_proxied,
};

/// Timeout for the lookup of `--host`.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection needs a file descriptor, and so does its call to the upstream.
const DESCRIPTORS: u64 = 2;

/// What the command line says about the server.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct ServeOptions {
    pub host: String,
    pub port: u16,
    pub allowed_hosts: Vec<String>,
    pub no_server_token: bool,
    pub require_key: bool,
    pub session_time: Duration,
    pub trusted_proxies: Vec<IpNet>,
    pub max_inflight: Option<usize>,
    pub max_queue: usize,
    /// Pairs of an alias and a model.
    pub aliases: Vec<(String, String)>,
    pub any_model: bool,
    pub strict: bool,
    pub tools: ToolsMode,
    pub archive: bool,
    /// Whether clients of the Model Context Protocol may send prompts.
    pub mcp_may_ask: bool,
    pub sync_every: Option<Duration>,
    pub limits: Limits,
    pub cache: CacheOptions,
    pub log: LogFlags,
    pub tls: Option<TlsFiles>,
}

/// What the command line says about the log.
#[derive(Debug)]
pub(super) struct LogFlags {
    pub file: Option<PathBuf>,
    pub format: LogFormat,
    pub bodies: bool,
}

/// Serves until a signal.
#[allow(clippy::too_many_lines, reason = "one line for each option")]
pub(super) async fn run(context: &Context, serve: ServeOptions) -> Outcome {
    let supervisor = Supervisor::of(&context.environment, &context.output);
    let passed = supervisor.listener()?;
    let ip = match &passed {
        Some(listener) => local_address(listener)?.ip(),
        None => resolve(&serve.host).await?,
    };
    let loaded = context.settings().await?;
    let tls = tls(serve.tls.clone()).await?;
    let pinned = PinnedAccount::default();
    let (client, account) = account(context, &serve, ip, &pinned).await?;
    let has_token = account.as_ref().is_some_and(|account| account.session().is_some());
    let (store, require_key) = (loaded.paths.keys(), serve.require_key);
    let exposed = has_token.then_some(ip);
    beside(move || check_keys(&store, require_key, exposed)).await??;
    let listener = match passed {
        Some(listener) => listener,
        None => server::bind(ip, serve.port).await?,
    };
    let address = local_address(&listener)?;
    allow_descriptors(serve.limits.connections as u64 * DESCRIPTORS);
    let log = log(context, &serve.log, loaded.settings.log.value.unwrap_or_default())?;
    let hangups = Hangups::catch(&context.interrupt);
    let access = access(&serve, &loaded);
    let drain = serve.limits.drain;
    let stored =
        stored_account(context, &client, account.as_ref(), (require_key, ip), pinned).await?;
    let mut reload = Reload::default();
    if let Some(stored) = stored.clone() {
        reload.add("access token", move || stored.reload());
    }
    if let Some(tls) = &tls {
        reload.add("certificate", reload_certificate(Arc::clone(tls)));
    }
    if let Some(reopen) = log.reopener() {
        reload.add("log file", reopen);
    }
    let (overrides, environment) = (context.overrides.clone(), context.environment.clone());
    reload.add("rate limits", reload_rates(Arc::clone(&access.rates), overrides, environment));
    let sync_every = serve.sync_every.or(loaded.settings.sync_every.value);
    let archive = archive_place(context, &loaded, serve.archive || sync_every.is_some())?;
    let synced = sync_every.zip(archive.clone()).zip(account.clone());
    let options = ServerOptions {
        client,
        account,
        trash: trash(context, &loaded, archive.is_some()),
        archive,
        model: loaded.settings.model.value.clone(),
        is_local: context.is_local(),
        engine: loaded.settings.engine_host().filter(|_| context.is_local()),
        direct: context.direct_engine().await?,
        allowed_hosts: serve.allowed_hosts,
        access,
        openai: OpenAiOptions {
            aliases: aliases(context.is_local(), serve.aliases),
            any_model: serve.any_model,
            strict: serve.strict,
            tools: serve.tools,
            journal: journal(context, &loaded).await,
        },
        mcp_may_ask: serve.mcp_may_ask,
        files: file_options(&loaded),
        limits: serve.limits,
        quotas: quotas(context, &loaded, &log.sink()),
        cache: serve.cache,
        log: log.sink(),
        tls,
    };
    warn_of_proxy(context, &options.access, &loaded);
    announce(context, address, options.tls.as_deref(), token_rule(&options, has_token))?;
    context.interrupt.be_patient();
    context.output.detach_stderr();
    supervisor.ready();
    let end = async {
        tokio::select! {
            () = context.interrupt.wait() => {}
            () = signals::reload_on_hangup(hangups, Arc::new(reload), log.sink(), &supervisor) => {}
            () = supervisor.send_heartbeats() => {}
            () = keep_synced(synced, log.sink()) => {}
            () = follow(stored, log.sink()) => {}
        }
        supervisor.stopping();
        context.output.note("shutting down");
    };
    let end_now = async {
        context.output.note(&format!(
            "running requests get up to {} s; press Ctrl-C again to end them now",
            drain.as_secs_f64()
        ));
        context.interrupt.wait_again().await;
    };
    // Boxed, because it is large.
    let served = Box::pin(server::serve(listener, options, end, end_now)).await;
    log.finish().await;
    context.output.attach_stderr(LAST_LINES);
    Ok(served?)
}

/// The given aliases. The local upstream also answers for the model of the examples.
fn aliases(is_local: bool, given: Vec<(String, String)>) -> BTreeMap<String, String> {
    let example = is_local.then(|| (EXAMPLE_MODEL.to_owned(), EXAMPLE_MODEL.to_owned()));
    example.into_iter().chain(given).collect()
}

fn file_options(loaded: &Loaded) -> FileOptions {
    FileOptions {
        long_texts: loaded.settings.long_as_file.value,
        private_urls: loaded.settings.private_urls.value,
    }
}

/// The archive of the server's own account.
fn archive_place(context: &Context, loaded: &Loaded, wanted: bool) -> Result<Option<ArchivePlace>> {
    if !wanted {
        return Ok(None);
    }
    let path = archive::path(loaded.paths.data_dir()?);
    let upstream = context.upstream_name(loaded).to_owned();
    let settings = &loaded.settings;
    Ok(Some(ArchivePlace {
        path,
        upstream,
        rate: archive_rate(context, loaded),
        no_thinking: !settings.archive_thinking.value,
        keep: settings.archive_keep.value,
    }))
}

/// Where the deleted chats of the server's own account are kept. A server without a data directory has no
/// such place.
fn trash(context: &Context, loaded: &Loaded, has_archive: bool) -> Option<Trash> {
    let trash = trash_place(context, loaded).ok()?;
    let mode = if has_archive { ArchiveMode::On } else { trash.mode };
    Some(Trash { mode, ..trash })
}

/// Keeps the archive up to date; never ends.
async fn keep_synced(synced: Option<((Duration, ArchivePlace), Arc<OwnAccount>)>, log: LogSink) {
    let Some(((pause, place), account)) = synced else { return pending().await };
    let options = SyncOptions {
        rate: place.rate,
        no_thinking: place.no_thinking,
        keep: place.keep,
        ..SyncOptions::default()
    };
    let data = place.path.parent().unwrap_or(&place.path);
    loop {
        if let Some(session) = account.session() {
            let result = archive::sync(&session, (data, &place.upstream), &options, |_| ()).await;
            if let Ok(SyncReport { warning: Some(warning), .. }) = &result {
                log.note(warning);
            }
            let stopped = result.map(|report| report.stopped);
            if let Err(error) | Ok(Some(error)) = &stopped {
                log.note(&format!("the archive is not synchronized: {error}"));
            }
            // Stop until the user has passed the check in a browser.
            let is_check = |error: &Error| error.kind() == ErrorKind::BrowserCheck;
            if stopped.as_ref().err().is_some_and(is_check)
                || stopped.as_ref().is_ok_and(|stopped| stopped.as_ref().is_some_and(is_check))
            {
                return pending().await;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(|fault| {
        Error::new(ErrorKind::Internal, "the listener has no address").caused_by(fault)
    })
}

/// The address of `host`.
async fn resolve(host: &str) -> Result<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse() {
        return Ok(ip);
    }
    let found = tokio::time::timeout(LOOKUP_TIMEOUT, tokio::net::lookup_host((host, 0))).await;
    let mut found = found.ok().and_then(Result::ok).into_iter().flatten().map(|found| found.ip());
    let first = found.next();
    // `localhost` has both; most programs try IPv4 first, or as well.
    let ip = found.find(IpAddr::is_ipv4).filter(|_| first.is_some_and(|ip| ip.is_ipv6())).or(first);
    ip.ok_or_else(|| {
        Error::invalid(format!("`--host`: no address found for `{host}`"))
            .with_hint("use an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    })
}

async fn tls(files: Option<TlsFiles>) -> Outcome<Option<Arc<Tls>>> {
    let Some(files) = files else { return Ok(None) };
    let tls = beside(move || Tls::load(files, now())).await?.map_err(Failure::from)?;
    Ok(Some(Arc::new(tls)))
}

/// The client, and the server's own account unless it must not have one.
async fn account(
    context: &Context,
    serve: &ServeOptions,
    ip: IpAddr,
    pinned: &PinnedAccount,
) -> Outcome<(Client, Option<Arc<OwnAccount>>)> {
    if serve.no_server_token {
        return Ok((context.client().await?, None));
    }
    let session = match context.session().await {
        Ok(session) => Some(session),
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => {
            context.output.note("no server token: sign in on the page, or clients send their own");
            None
        }
        Err(failure) => return Err(failure),
    };
    let client = context.client().await?;
    let store = token_store(context, &client, (serve.require_key, ip), pinned).await?;
    Ok((client, Some(Arc::new(OwnAccount::new(session).stored_in(store)))))
}

/// The store for the tokens that clients bring, or why there is none: a token from elsewhere would apply
/// again after a restart.
async fn token_store(
    context: &Context,
    client: &Client,
    (require_key, ip): (bool, IpAddr),
    pinned: &PinnedAccount,
) -> Outcome<Result<Arc<dyn AccountStore>, String>> {
    if context.is_local() {
        return Ok(Err("the local upstream needs no token of an account".to_owned()));
    }
    if context.stdin_is_token().await? {
        return Ok(Err("the token of this server comes from standard input".to_owned()));
    }
    let loaded = context.settings().await?;
    let environment = context.environment.clone();
    let (client, pinned) = (client.clone(), Arc::clone(pinned));
    let store = StoredTokens { loaded, environment, client, require_key, ip, pinned };
    let found = context.found_tokens().await?;
    *store.pinned.lock() = found.as_ref().and_then(|found| found.account.clone());
    Ok(match found.map(|found| found.source) {
        None | Some(TokenSource::Stored(_)) => Ok(Arc::new(store)),
        Some(source) => Err(format!("the token of this server comes from {source}")),
    })
}

/// The account that the server uses, which stays the same when another one becomes the default.
type PinnedAccount = Arc<Mutex<Option<AccountName>>>;

/// The credentials file, for tokens that clients bring.
struct StoredTokens {
    loaded: Arc<Loaded>,
    environment: Environment,
    client: Client,
    require_key: bool,
    ip: IpAddr,
    pinned: PinnedAccount,
}

impl AccountStore for StoredTokens {
    fn check(&self) -> Result<()> {
        check_keys(&self.loaded.paths.keys(), self.require_key, Some(self.ip))?;
        self.loaded.credentials().check_writable(false)
    }

    fn replace(&self, tokens: Option<Tokens>) -> Result<Option<Session>> {
        let mut pinned = self.pinned.lock();
        let Some(tokens) = tokens else {
            let store = self.loaded.paths.credentials();
            // Another token gets the same name.
            let name = pinned.clone();
            if let Some(name) = name
                // Another process may have removed it before.
                && store.contains(&name)?
            {
                store.remove(&name)?;
            }
            return Ok(None);
        };
        check_keys(&self.loaded.paths.keys(), self.require_key, Some(self.ip))?;
        let mut loaded = Loaded::clone(&self.loaded);
        let named = pinned.clone().or(loaded.settings.account.value);
        loaded.settings.account.value = Some(match named {
            Some(name) => name,
            None => loaded.paths.credentials().target()?,
        });
        loaded.credentials().save(&tokens)?;
        let found = loaded.find_tokens(&self.environment)?;
        *pinned = found.as_ref().and_then(|found| found.account.clone());
        app::session(&self.client, found).map(Some)
    }
}

/// Reloads the certificate.
fn reload_certificate(tls: Arc<Tls>) -> impl Fn() -> Result<String> + Send + Sync {
    move || {
        let now = now();
        let result = match tls.reload(now)? {
            Renewal::Renewed => "reloaded",
            Renewal::Unchanged => "unchanged",
        };
        let warning = tls.warning(now).map(|warning| format!("; {warning}"));
        Ok(result.to_owned() + &warning.unwrap_or_default())
    }
}

/// The server's own account as the credentials file has it.
struct StoredAccount {
    loaded: Arc<Loaded>,
    environment: Environment,
    client: Client,
    account: Arc<OwnAccount>,
    pinned: PinnedAccount,
    require_key: bool,
    ip: IpAddr,
}

/// The server's own account as it is stored; `None` if it cannot change.
async fn stored_account(
    context: &Context,
    client: &Client,
    account: Option<&Arc<OwnAccount>>,
    (require_key, ip): (bool, IpAddr),
    pinned: PinnedAccount,
) -> Outcome<Option<Arc<StoredAccount>>> {
    let Some(account) = account else { return Ok(None) };
    if context.is_local() || context.stdin_is_token().await? {
        return Ok(None);
    }
    Ok(Some(Arc::new(StoredAccount {
        loaded: context.settings().await?,
        environment: context.environment.clone(),
        client: client.clone(),
        account: Arc::clone(account),
        pinned,
        require_key,
        ip,
    })))
}

impl StoredAccount {
    /// Reloads the tokens.
    fn reload(&self) -> Result<String> {
        let found = self.loaded.find_tokens(&self.environment)?;
        let before = self.account.session().map(|session| session.tokens());
        let now = found.as_ref().map(|found| &found.tokens);
        if before.as_ref() == now {
            return Ok("unchanged".to_owned());
        }
        let result = if now.is_some() { "replaced" } else { "removed" };
        self.replace(found)?;
        Ok(result.to_owned())
    }

    fn replace(&self, found: Option<FoundTokens>) -> Result<()> {
        let exposed = found.is_some().then_some(self.ip);
        check_keys(&self.loaded.paths.keys(), self.require_key, exposed)?;
        *self.pinned.lock() = found.as_ref().and_then(|found| found.account.clone());
        let session = found.map(|found| app::session(&self.client, Some(found))).transpose()?;
        self.account.replace(session);
        Ok(())
    }

    /// Follows a sign-in of another user and a removal by another process, and returns what happened. New
    /// tokens of the same user are read before a refresh anyway.
    fn follow(&self) -> Result<Option<&'static str>> {
        let mut loaded = Loaded::clone(&self.loaded);
        if let Some(name) = self.pinned.lock().clone() {
            loaded.settings.account.value = Some(name);
        }
        let found = match loaded.find_tokens(&self.environment) {
            // There are other accounts only.
            Err(error) if error.kind() == ErrorKind::InvalidRequest => None,
            found => found?,
        };
        let owner = |tokens: &Tokens| tokens.access.claims().account_id.clone();
        let before = self.account.session().map(|session| owner(&session.tokens()));
        let now = found.as_ref().map(|found| owner(&found.tokens));
        if before == now {
            return Ok(None);
        }
        if now.is_none() {
            self.account.remove();
            return Ok(Some("the account was removed: clients get 401 until it is stored again"));
        }
        self.replace(found)?;
        Ok(Some("another user has signed in: new requests use that account"))
    }
}

/// How often the credentials file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Follows the credentials file; never ends.
async fn follow(stored: Option<Arc<StoredAccount>>, log: LogSink) {
    let path = stored.as_ref().and_then(|stored| stored.loaded.paths.credentials_file().ok());
    let Some((stored, path)) = stored.zip(path) else { return pending().await };
    let mut seen = Stamp::of(&path);
    loop {
        tokio::time::sleep(LOOK).await;
        let (stored, path) = (Arc::clone(&stored), path.clone());
        let look = tokio::task::spawn_blocking(move || {
            let stamp = Stamp::of(&path);
            let followed = if stamp == seen { Ok(None) } else { stored.follow() };
            (stamp, followed)
        });
        let Ok((stamp, followed)) = look.await else { continue };
        seen = stamp;
        match followed {
            Ok(None) => {}
            Ok(Some(what)) => log.note(what),
            Err(error) => log.note(&format!("the changed credentials are not used: {error}")),
        }
    }
}

fn access(serve: &ServeOptions, loaded: &Loaded) -> AccessOptions {
    AccessOptions {
        keys: Some(Arc::new(loaded.paths.keys())),
        require_key: serve.require_key,
        session_secret: loaded.settings.secret_key.value.clone(),
        session_time: serve.session_time,
        rates: Arc::new(CurrentRates::new(rates(&loaded.settings))),
        trusted_proxies: serve.trusted_proxies.clone(),
        max_inflight: serve.max_inflight,
        max_queue: serve.max_queue,
        on_proxy: (!serve.require_key).then(|| note_proxy(loaded)),
    }
}

/// Warns if a proxy forwarded requests to an earlier run, and clients still need no API key.
fn warn_of_proxy(context: &Context, access: &AccessOptions, loaded: &Loaded) {
    if !access.require_key && was_proxied(now(), loaded.paths.data_dir().ok()) {
        context.output.warn(&format!("a proxy forwarded requests before; {BEHIND_PROXY}"));
    }
}

/// Notes for later starts that a proxy forwards requests.
fn note_proxy(loaded: &Loaded) -> Arc<dyn Fn() + Send + Sync> {
    let data = loaded.paths.data_dir().ok().map(Path::to_owned);
    Arc::new(move || {
        let data = data.clone();
        std::thread::spawn(move || note_proxied(now(), data.as_deref()));
    })
}

fn rates(settings: &Settings) -> Rates {
    Rates {
        requests: settings.rate_limit.value.clone(),
        prompts: settings.rate_limit_send.value.clone(),
    }
}

/// Reloads the rate limits of the settings. Those of the flags stay.
fn reload_rates(
    current: Arc<CurrentRates>,
    flags: Overrides,
    environment: Environment,
) -> impl Fn() -> Result<String> + Send + Sync + 'static {
    move || {
        let new = rates(&load(&flags, &environment)?.settings);
        if *current.get() == new {
            return Ok("unchanged".to_owned());
        }
        let shown = |limits: &[RateLimit]| match RateLimit::list(limits) {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        };
        let result = format!("{}, for prompts {}", shown(&new.requests), shown(&new.prompts));
        current.replace(new);
        Ok(result)
    }
}

/// Checks that a valid API key exists if clients need one: with `--require-key`, and if remote
/// clients could use the server's own token. `token_at` is the address of a server that has one.
///
/// # Errors
/// If there is no valid key; if the keys cannot be read.
fn check_keys(store: &KeyStore, require_key: bool, token_at: Option<IpAddr>) -> Result<()> {
    let exposed = token_at.filter(|ip| !is_loopback(*ip));
    let (keys, now) = (store.list()?, now());
    let has_key = keys.iter().any(|key: &ApiKey| !key.has_expired(now));
    match exposed {
        _ if has_key => Ok(()),
        Some(ip) => Err(Error::invalid(format!(
            "at {ip} remote clients could use the server's access token, and there is no API key"
        ))
        .with_hint(
            "create a key with `qwenctl keys create NAME`, add `--no-server-token` to make clients \
             send their own token, or listen on loopback only (`--host 127.0.0.1`)",
        )),
        None if require_key => Err(Error::invalid(
            "`--require-key` would lock everyone out: there is no valid API key",
        )
        .with_hint("create one with `qwenctl keys create NAME`")),
        None => Ok(()),
    }
}

/// Starts the log. `-v` and `-q` override `level`.
fn log(context: &Context, flags: &LogFlags, level: LogLevel) -> Result<LogWriter> {
    let policy = context.output.policy();
    let level = match (policy.verbose, policy.quiet) {
        (true, _) => LogLevel::Debug,
        (_, true) => LogLevel::Error,
        _ => level,
    };
    if flags.bodies {
        context.output.warn("`--log-bodies`: the log will contain prompts and answers");
    }
    let options = LogOptions { level, format: flags.format, bodies: flags.bodies };
    LogWriter::start(&context.output, flags.file.clone(), options)
}

/// Raises the limit of open files to `wanted`, as far as allowed. Connections beyond it wait.
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

/// The journal of ephemeral chats. `serve` also works without one.
async fn journal(context: &Context, loaded: &Loaded) -> Option<Journal> {
    let opened =
        async { Journal::open(loaded.paths.data_dir()?, context.upstream_name(loaded)).await };
    opened.await.inspect_err(|error| context.output.warn(&error.to_string())).ok()
}

/// The used-up quotas. Those of the local upstream are made up, one for each prompt that asks for it.
fn quotas(context: &Context, loaded: &Loaded, log: &LogSink) -> Option<Arc<Quotas>> {
    const ADVICE: &str = "wait, or use another model; `\"force\": true` in the body (`/api`) or the header \
                          `X-Qwenctl-Force: true` (`/v1`) sends it anyway";
    if context.is_local() {
        return None;
    }
    let log = log.clone();
    let report = move |error: &Error| log.note(error.message());
    context.quotas(loaded, ADVICE, report).map(Arc::new)
}

#[derive(Serialize)]
struct Announcement {
    success: bool,
    address: String,
    url: String,
}

/// Prints the address of the server: for people on standard error, for programs on standard output.
fn announce(context: &Context, address: SocketAddr, tls: Option<&Tls>, token: &str) -> Outcome {
    if let Some(warning) = tls.and_then(|tls| tls.warning(now())) {
        context.output.warn(&warning);
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    if context.output.policy().is_json() {
        let address = address.to_string();
        return context.output.document(&Announcement { success: true, address, url });
    }
    if context.output.is_journal() {
        context.output.note(&format!("listening on {url}"));
    } else {
        context.output.note(&format!("Chat page: {url}\nToken: {token}"));
    }
    for endpoint in server::endpoints() {
        let (method, path) = (endpoint.method, endpoint.path);
        context.output.detail(&format!("  {method:<6} {path:<24}  {}", endpoint.about));
    }
    if !context.output.is_journal() {
        context.output.note("Press Ctrl-C to stop the server.");
    }
    Ok(())
}

/// Whose token is used, for the start banner.
fn token_rule(options: &ServerOptions, has_token: bool) -> &'static str {
    match (options.access.require_key, has_token) {
        (true, true) => "the server's own; clients need an API key",
        (true, false) => "clients send an API key and an access token",
        (false, true) => "the server's own for local clients; others need an API key",
        (false, false) => "clients send their own access token",
    }
}
