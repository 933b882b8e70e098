//! The resolved settings: plain values, each with where it comes from.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::engine::EngineModels;
use super::table::{SettingSpec, spec};
use super::{show_duration, value};
use crate::domain::{Error, LogLevel, RateLimit};

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, such as `--api-url`.
    Flag(&'static str),
    /// An environment variable, such as `QWEN_API_URL`.
    Environment(&'static str),
    /// The config file.
    File {
        /// Its path.
        path: PathBuf,
        /// The key in it.
        key: &'static str,
    },
    /// Nobody set it.
    Default,
}

impl Origin {
    /// An error about the value: `fault` goes on with the sentence ("must be …").
    pub(super) fn error(&self, fault: &str) -> Error {
        let error = Error::invalid(match self {
            Self::File { path, key } => format!("`{key}` in {} {fault}", path.display()),
            origin => format!("{origin} {fault}"),
        });
        match self {
            Self::File { path, .. } => error.with_hint(format!("edit {}", path.display())),
            Self::Environment(name) => {
                error.with_hint(format!("set {name} again, or remove it with `unset {name}`"))
            }
            Self::Flag(_) | Self::Default => error,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Environment(name) => f.write_str(name),
            Self::File { path, .. } => write!(f, "config file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every setting, resolved and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base of the API, without a slash at its end.
    pub api_url: Setting<String>,
    /// The account service, without a slash at its end (protocol 2.4).
    pub auth_url: Setting<String>,
    /// Value of the header `Version` (protocol 1.2).
    pub web_version: Setting<String>,
    /// Value of the header `User-Agent`.
    pub user_agent: Setting<String>,
    /// A cookie line of the user's own, without `Cookie:`.
    pub cookie: Setting<Option<SecretString>>,
    /// Headers of the user's own.
    pub extra_headers: Setting<Vec<(String, SecretString)>>,
    /// A proxy for everything; `None` leaves it to the usual variables.
    pub proxy: Setting<Option<SecretString>>,
    /// Certificates to trust besides the system's.
    pub ca_file: Setting<Option<PathBuf>>,
    /// To get a connection.
    pub connect_timeout: Setting<Duration>,
    /// Between two signs of life.
    pub idle_timeout: Setting<Duration>,
    /// For a whole command; `None` is no limit.
    pub max_time: Setting<Option<Duration>>,
    /// The model of new prompts.
    pub model: Setting<Option<String>>,
    /// Where the program keeps data; `None` only if there is no home directory either.
    pub data_dir: Setting<Option<PathBuf>>,
    /// How much `serve` logs.
    pub log: Setting<Option<LogLevel>>,
    /// How often a caller of `serve` may ask.
    pub rate_limit: Setting<Vec<RateLimit>>,
    /// How often a caller of `serve` may send a prompt.
    pub rate_limit_send: Setting<Vec<RateLimit>>,
    /// Base of the API of the server that answers with `--local`; `None` makes answers up.
    pub engine: Setting<Option<String>>,
    /// Which of its models are taken for which names.
    pub engine_model: Setting<EngineModels>,
    /// How many tokens its models can look at.
    pub engine_context: Setting<Option<u64>>,
    /// Its key.
    pub engine_key: Setting<Option<SecretString>>,
    /// A file that holds the access token; `-` is standard input.
    pub token_file: Setting<Option<PathBuf>>,
    /// What session tokens are signed with.
    pub secret_key: Setting<Option<SecretString>>,
}

/// A line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The name of the setting.
    pub key: &'static str,
    /// Its value, secrets hidden; empty if it has none.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl Settings {
    /// The lines of `config show`, in the order of [`super::SETTINGS`]. Secrets are hidden.
    pub fn rows(&self) -> Vec<SettingRow> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let hidden = |value: &Option<SecretString>| {
            value.as_ref().map(|_| "(hidden)".to_owned()).unwrap_or_default()
        };
        let path = |value: &Option<PathBuf>| {
            value.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
        };
        vec![
            row(spec::API_URL, &self.api_url, Clone::clone),
            row(spec::AUTH_URL, &self.auth_url, Clone::clone),
            row(spec::MODEL, &self.model, text),
            row(spec::PROXY, &self.proxy, |proxy| {
                proxy.as_ref().map(|url| value::shown_url(url.expose_secret())).unwrap_or_default()
            }),
            row(spec::CA_FILE, &self.ca_file, path),
            row(spec::CONNECT_TIMEOUT, &self.connect_timeout, |time| show_duration(*time)),
            row(spec::IDLE_TIMEOUT, &self.idle_timeout, |time| show_duration(*time)),
            row(spec::MAX_TIME, &self.max_time, |time| show_duration(time.unwrap_or_default())),
            row(spec::COOKIE, &self.cookie, hidden),
            row(spec::HEADERS, &self.extra_headers, |headers| {
                let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
                names.join(", ")
            }),
            row(spec::USER_AGENT, &self.user_agent, Clone::clone),
            row(spec::WEB_VERSION, &self.web_version, Clone::clone),
            row(spec::DATA_DIR, &self.data_dir, path),
            row(spec::LOG, &self.log, |level| level.unwrap_or_default().word().to_owned()),
            row(spec::RATE_LIMIT, &self.rate_limit, |limits| RateLimit::list(limits)),
            row(spec::RATE_LIMIT_SEND, &self.rate_limit_send, |limits| RateLimit::list(limits)),
            row(spec::ENGINE, &self.engine, |url| url.clone().unwrap_or_else(|| "echo".to_owned())),
            row(spec::ENGINE_MODEL, &self.engine_model, ToString::to_string),
            row(spec::ENGINE_CONTEXT, &self.engine_context, |tokens| {
                tokens.map(|tokens| tokens.to_string()).unwrap_or_default()
            }),
            row(spec::TOKEN_FILE, &self.token_file, path),
            row(spec::ENGINE_KEY, &self.engine_key, hidden),
            row(spec::SECRET_KEY, &self.secret_key, hidden),
        ]
    }

    /// What the user should know about settings that are allowed and still risky.
    pub fn warnings(&self) -> Vec<String> {
        let urls = [(&self.api_url, "the access token"), (&self.auth_url, "the refresh token")];
        let in_clear = urls.into_iter().filter(|(url, _)| value::is_clear_text(&url.value));
        in_clear
            .map(|(url, what)| {
                let Setting { value, origin } = url;
                format!("{value} is not encrypted: {what} would travel in clear (set by {origin})")
            })
            .collect()
    }

    /// The same for whoever uses the engine.
    pub fn engine_warning(&self) -> Option<String> {
        let Setting { value, origin } = &self.engine;
        let url = value.as_ref().filter(|_| self.engine_key.value.is_some())?;
        value::is_clear_text(url).then(|| {
            format!(
                "{url} is not encrypted: the engine's key would travel in clear (set by {origin})"
            )
        })
    }
}

fn row<T>(spec: SettingSpec, setting: &Setting<T>, show: impl Fn(&T) -> String) -> SettingRow {
    SettingRow { key: spec.name, value: show(&setting.value), origin: setting.origin.clone() }
}
