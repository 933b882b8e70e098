//! What a command works with: output, interrupt, settings, session.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::args::GlobalArgs;
use super::interrupt::{Interrupt, beside};
use super::output::{
    Failure, Io, Outcome, Output, Stdin, StdinKind, Surroundings, discard_input, lock,
};
use super::upstream::{LocalFlags, banner, local_options};
use crate::app;
use crate::app::direct::DirectEngine;
use crate::app::quota::Quotas;
use crate::app::token::in_words;
use crate::client::{Client, Notice, NoticeSink, Session};
use crate::domain::time::now;
use crate::domain::{AccessToken, Error, ErrorKind, RefreshToken, Result, Tokens};
use crate::engine::EngineHandle;
use crate::local::LocalUpstream;
use crate::settings::{
    AccountName, Environment, FoundTokens, Loaded, Overrides, TokenSource, load, warn_once_a_day,
};

/// Added to the idle timeout for the local upstream with an engine: it may list the models first and
/// read the text of an error.
const ENGINE_GRACE: Duration = Duration::from_secs(30);

/// What a command works with.
pub(super) struct Context {
    /// The printer.
    pub output: Output,
    /// The global flags.
    pub globals: GlobalArgs,
    /// The settings that the flags override.
    pub overrides: Overrides,
    /// The environment variables.
    pub environment: Environment,
    /// Ctrl-C and SIGTERM.
    pub interrupt: Interrupt,
    /// Whether prompting is possible.
    pub can_ask: bool,
    /// Whether there was a prompt.
    pub has_prompted: AtomicBool,
    stdin_kind: StdinKind,
    stdin: Mutex<Option<Stdin>>,
    loaded: OnceCell<Arc<Loaded>>,
    /// Found once: they may be read from standard input.
    found: OnceCell<Option<FoundTokens>>,
    connection: OnceCell<Connection>,
}

/// The client of this run, with the local upstream if it uses one.
struct Connection {
    client: Client,
    tokens: FoundOrLocal,
    local: Mutex<Option<LocalUpstream>>,
    /// The engine behind the local upstream.
    engine: Option<EngineHandle>,
}

/// The tokens of this run.
#[derive(Debug, Clone)]
pub(super) enum FoundOrLocal {
    /// The user's.
    Found(FoundTokens),
    /// Those of the local upstream, which are neither secret nor stored.
    Local(Tokens),
}

impl FoundOrLocal {
    /// The tokens themselves.
    pub(super) fn tokens(&self) -> &Tokens {
        match self {
            Self::Found(found) => &found.tokens,
            Self::Local(tokens) => tokens,
        }
    }

    /// The name of the stored account, if they are stored.
    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Found(found) => found.account.as_ref().map(AccountName::as_str),
            Self::Local(_) => None,
        }
    }

    /// One word for JSON: `flag`, `environment`, `stored` or `local`.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Found(found) => found.source.word(),
            Self::Local(_) => "local",
        }
    }

    /// Their exact origin.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Found(found) => found.to_string(),
            Self::Local(_) => "the local upstream".to_owned(),
        }
    }
}

impl Context {
    /// The context of one run in `io`.
    pub(super) fn new(globals: GlobalArgs, overrides: Overrides, io: Io) -> Self {
        let (output, Surroundings { stdin, environment, signals, can_ask }) =
            Output::open(&globals, io);
        Self {
            can_ask,
            has_prompted: AtomicBool::new(false),
            output,
            globals,
            overrides,
            environment,
            interrupt: if signals { Interrupt::catch() } else { Interrupt::never() },
            stdin_kind: stdin.kind,
            stdin: Mutex::new(Some(stdin)),
            loaded: OnceCell::new(),
            found: OnceCell::new(),
            connection: OnceCell::new(),
        }
    }

    /// What standard input is connected to.
    pub(super) fn stdin_kind(&self) -> StdinKind {
        self.stdin_kind
    }

    /// Standard input, once.
    pub(super) fn take_stdin(&self) -> Option<Stdin> {
        lock(&self.stdin).take()
    }

    /// Whether the token of this run is read from standard input.
    ///
    /// # Errors
    /// Those of [`Context::settings`].
    pub(super) async fn stdin_is_token(&self) -> Outcome<bool> {
        if self.is_local() {
            return Ok(false);
        }
        let loaded = self.settings().await?;
        Ok(loaded.token_is_on_stdin(&self.environment)?)
    }

    /// The settings of this run, read at the first call. All flags of the command line apply,
    /// whichever part of the command calls first. Warnings are printed once.
    ///
    /// # Errors
    /// Those of [`load`].
    pub(super) async fn settings(&self) -> Outcome<Arc<Loaded>> {
        let resolved = self.loaded.get_or_try_init(async || {
            let loaded = load(&self.overrides, &self.environment)?;
            self.output.set_highlights(loaded.settings.highlight.value);
            for warning in &loaded.warnings {
                self.output.warn(warning);
            }
            Ok::<_, Error>(Arc::new(loaded))
        });
        Ok(Arc::clone(resolved.await?))
    }

    /// Whether this run uses the local upstream.
    pub(super) fn is_local(&self) -> bool {
        self.globals.is_local()
    }

    /// The name of the upstream in files on disk.
    pub(super) fn upstream_name<'a>(&self, loaded: &'a Loaded) -> &'a str {
        if self.is_local() { "local" } else { &loaded.settings.api_url.value }
    }

    /// The used-up quotas of the accounts at this upstream; `None` for the local upstream, whose quotas
    /// are made up. Faults of their file go to `report`.
    pub(super) fn quotas(
        &self,
        loaded: &Loaded,
        advice: &'static str,
        report: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Option<Quotas> {
        if self.is_local() {
            return None;
        }
        Some(Quotas::new(loaded.paths.quotas(), self.upstream_name(loaded), advice, report))
    }

    /// The same, whose faults are warnings of this command.
    pub(super) fn own_quotas(&self, loaded: &Loaded) -> Option<Quotas> {
        const ADVICE: &str = "wait, choose another model with `-m`, or add `--force` to ask anyway";
        let output = self.output.clone();
        self.quotas(loaded, ADVICE, move |error| output.warn(error.message()))
    }

    /// A session of the account of this run.
    ///
    /// # Errors
    /// [`ErrorKind::TokenMissing`]; invalid settings or an invalid token.
    pub(super) async fn session(&self) -> Outcome<Session> {
        let connection = self.connection().await?;
        Ok(match &connection.tokens {
            FoundOrLocal::Found(found) => app::session(&connection.client, Some(found.clone()))?,
            FoundOrLocal::Local(tokens) => connection.client.session(tokens.clone(), None),
        })
    }

    /// The client of this run, without a token.
    ///
    /// # Errors
    /// Invalid settings.
    pub(super) async fn client(&self) -> Outcome<Client> {
        if self.is_local() || self.connection.initialized() {
            return Ok(self.connection().await?.client.clone());
        }
        let loaded = self.settings().await?;
        Ok(app::client(&loaded.settings, notices(&self.output))?)
    }

    /// The engine behind the local upstream, if there is one, for requests that keep no chat.
    pub(super) async fn direct_engine(&self) -> Outcome<Option<DirectEngine>> {
        if !self.is_local() {
            return Ok(None);
        }
        let total = self.settings().await?.settings.max_time.value;
        let engine = self.connection().await?.engine.clone();
        Ok(engine.map(|engine| DirectEngine { engine, total }))
    }

    /// The tokens of this run and their origin.
    ///
    /// # Errors
    /// As with [`Context::session`].
    pub(super) async fn tokens(&self) -> Outcome<FoundOrLocal> {
        if self.is_local() {
            return Ok(self.connection().await?.tokens.clone());
        }
        Ok(FoundOrLocal::Found(self.found_tokens().await?.ok_or_else(app::token_missing)?))
    }

    /// The tokens of the user, read once: a pipe can be read only once.
    pub(super) async fn found_tokens(&self) -> Outcome<Option<FoundTokens>> {
        let find = self.found.get_or_try_init(async || {
            let loaded = self.settings().await?;
            let environment = self.environment.clone();
            let find = move || loaded.find_tokens(&environment);
            self.interrupt.or(beside(find)).await?.map_err(Failure::from)
        });
        find.await.cloned()
    }

    /// The same as they are stored now; those from a file or the environment stay as they are.
    ///
    /// # Errors
    /// As [`Context::found_tokens`].
    pub(super) async fn current_tokens(&self) -> Outcome<Option<FoundTokens>> {
        match self.found_tokens().await? {
            Some(found) if !matches!(found.source, TokenSource::Stored(_)) => Ok(Some(found)),
            _ => {
                let loaded = self.settings().await?;
                let environment = self.environment.clone();
                let find = move || loaded.find_tokens(&environment);
                self.interrupt.or(beside(find)).await?.map_err(Failure::from)
            }
        }
    }

    async fn connection(&self) -> Outcome<&Connection> {
        self.connection
            .get_or_try_init(async || {
                let loaded = self.settings().await?;
                if self.is_local() {
                    self.connect_local(&loaded).await
                } else {
                    self.connect(&loaded).await
                }
            })
            .await
    }

    async fn connect(&self, loaded: &Loaded) -> Outcome<Connection> {
        let found = self.found_tokens().await?.ok_or_else(app::token_missing)?;
        self.remind_of_expiry(&found.tokens, loaded);
        let uploads = loaded.paths.uploads();
        let client = app::remembering_client(&loaded.settings, notices(&self.output), uploads)?;
        let tokens = FoundOrLocal::Found(found);
        Ok(Connection { client, tokens, local: Mutex::default(), engine: None })
    }

    async fn connect_local(&self, loaded: &Loaded) -> Outcome<Connection> {
        let options = local_options(&LocalFlags::of(&self.globals), loaded)?;
        self.warn_of_engine(loaded);
        let (banner, engine) = (banner(&options), options.engine.clone());
        let is_first = options.database.as_ref().is_some_and(|database| !database.exists());
        let local = start_local(options).await?;
        // Once, and on request.
        if is_first || self.output.policy().verbose {
            self.output.aside(&banner);
        }
        let mut config = app::client_config(&loaded.settings, notices(&self.output));
        if engine.is_some() {
            // The local upstream reports which side was silent.
            config.timeouts.idle = config.timeouts.idle.saturating_add(ENGINE_GRACE);
            config.takes_roles = true;
            // An engine has a limit of its own.
            config.request_limits = None;
        }
        config.api_url = local.api_url();
        config.auth_url = local.auth_url();
        // Settings of the real account and of the network do not apply to it.
        (config.cookie, config.proxy) = (None, None);
        config.extra_headers.clear();
        config.ignore_environment_proxy = true;
        config.private_header = local.private_header();
        let tokens = Tokens {
            refresh: RefreshToken::parse(&local.refresh_token()).ok(),
            ..AccessToken::parse(&local.token())?.into()
        };
        Ok(Connection {
            client: Client::new(config)?,
            tokens: FoundOrLocal::Local(tokens),
            local: Mutex::new(Some(local)),
            engine,
        })
    }

    /// Prints the warning about a risky engine.
    pub(super) fn warn_of_engine(&self, loaded: &Loaded) {
        if let Some(warning) = loaded.settings.engine_warning() {
            self.output.warn(&warning);
        }
    }

    fn remind_of_expiry(&self, tokens: &Tokens, loaded: &Loaded) {
        if self.output.policy().quiet || tokens.refresh.is_some() {
            return;
        }
        if let Some(expiry) = warn_once_a_day(now(), &tokens.access, loaded.paths.data_dir().ok()) {
            let left = in_words(expiry.seconds_left);
            self.output.warn(&format!(
                "the access token expires in {left}; refresh it with `qwenctl token refresh`"
            ));
        }
    }

    /// Waits for background work, stops the local upstream, and leaves no input to the shell.
    pub(super) async fn close(&self) {
        if self.has_prompted.load(Ordering::Relaxed) {
            discard_input();
        }
        let Some(connection) = self.connection.get() else { return };
        connection.client.settle().await;
        let local = lock(&connection.local).take();
        if let Some(local) = local {
            local.shutdown().await;
        }
    }
}

/// Starts a local upstream.
///
/// # Errors
/// [`ErrorKind::Internal`] if it cannot listen or use its database.
pub(super) async fn start_local(options: crate::local::LocalOptions) -> Result<LocalUpstream> {
    let hint = if options.address.port() == 0 {
        "choose another data directory with QWENCTL_DATA_DIR"
    } else {
        "choose another port with `--port`, or another data directory with QWENCTL_DATA_DIR"
    };
    crate::local::start(options).await.map_err(|fault| {
        Error::new(ErrorKind::Internal, format!("cannot start the local upstream: {fault}"))
            .with_hint(hint)
    })
}

/// Prints retries and recoveries on standard error, and oddities with `-v`.
pub(super) fn notices(output: &Output) -> NoticeSink {
    let output = output.clone();
    NoticeSink::new(move |notice| match &notice {
        Notice::Odd(_) => output.detail(&notice.to_string()),
        _ => output.note(&notice.to_string()),
    })
}
