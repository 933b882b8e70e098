//! The one list of settings. Each row makes the field of [`Settings`] and of [`Overrides`], the line of
//! `config show` and of the reference, and names the variable, the flag and the key in the config
//! file. To add a setting, add a row here and its flag in `cli/args`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::engine::{self, EngineModels};
use super::parse::{self, show_duration};
use super::resolve::Sources;
use crate::domain::{Error, LogLevel, RateLimit, Result};

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// An `http` or `https` URL.
    Url,
    /// A path; in the config file relative to the directory of the config file.
    Path,
    /// A duration (see [`super::parse_duration`]).
    Duration,
    /// Header names and values.
    Headers,
    /// A list of rate limits.
    Limits,
    /// A whole number.
    Number,
    /// A list of model names.
    Models,
}

impl Form {
    /// The end of "… must be …".
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a quoted text",
            Self::Url => "a quoted URL, such as \"https://example.org\"",
            Self::Path => "a quoted path",
            Self::Duration => "a duration, such as \"10s\", \"3m\" or a number of seconds",
            Self::Limits => "quoted limits, such as [\"100 per day\", \"10 per minute\"]",
            Self::Number => "a whole number, such as 8192",
            Self::Models => "quoted models, such as [\"qwen3-max=llama3.2\", \"llama3.2\"]",
            Self::Headers => "a table of texts, such as { \"X-Team\" = \"blue\" }",
        }
    }
}

/// A setting: its names and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// Its name in `config show`.
    pub name: &'static str,
    /// Whether the config file may set it, under this name.
    pub in_file: bool,
    /// Its environment variable.
    pub variable: &'static str,
    /// Its flag.
    pub flag: Option<&'static str>,
    /// Its default, in words.
    pub default: &'static str,
    /// The form of its values.
    pub form: Form,
    /// One line about it.
    pub doc: &'static str,
}

impl SettingSpec {
    /// Its key in the config file, if allowed there.
    pub const fn key(&self) -> Option<&'static str> {
        if self.in_file { Some(self.name) } else { None }
    }
}

/// The origin of a value.
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
    /// The built-in default.
    Default,
}

impl Origin {
    /// An error about the value; `fault` ends the sentence ("must be …").
    pub(super) fn error(&self, fault: &str) -> Error {
        let error = Error::invalid(match self {
            Self::File { path, key } => format!("`{key}` in {} {fault}", path.display()),
            origin => format!("{origin} {fault}"),
        });
        match self {
            Self::File { path, .. } => error.with_hint(format!("edit {}", path.display())),
            Self::Environment(name) => {
                error.with_hint(format!("correct {name}, or remove it with `unset {name}`"))
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

/// A value and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub origin: Origin,
}

/// A line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The name of the setting.
    pub key: &'static str,
    /// Its value, secrets hidden; empty if unset.
    pub value: String,
    /// Its origin.
    pub origin: Origin,
}

/// Rows of `settings`: `field: type = how it is read, how it is shown; names, default, form, doc`.
/// Rows of `listed` are part of the reference and read elsewhere.
macro_rules! settings {
    (
        settings {$(
            $field:ident: $type:ty = $read:expr, $show:expr;
                $name:literal, $file:literal, $variable:literal, $flag:expr, $default:expr, $form:ident,
                $doc:literal;
        )*}
        listed {$(
            $id:ident; $lname:literal, $lvariable:literal, $lflag:expr, $ldefault:expr, $lform:ident,
                $ldoc:literal;
        )*}
    ) => {
        /// The specs by name.
        pub(super) mod spec {
            use super::{Form, SettingSpec};
            $(
                #[allow(non_upper_case_globals, reason = "named after the field")]
                pub(crate) const $field: SettingSpec = SettingSpec {
                    name: $name, in_file: $file, variable: $variable, flag: $flag,
                    default: $default, form: Form::$form, doc: $doc,
                };
            )*
            $(
                #[allow(non_upper_case_globals, reason = "named after the setting")]
                pub(crate) const $id: SettingSpec = SettingSpec {
                    name: $lname, in_file: false, variable: $lvariable, flag: $lflag,
                    default: $ldefault, form: Form::$lform, doc: $ldoc,
                };
            )*
        }

        /// Every setting, in the order of the reference and of `config show`.
        pub const SETTINGS: &[SettingSpec] = &[$(spec::$field,)* $(spec::$id,)*];

        /// The resolved and checked settings.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $(#[doc = $doc] pub $field: Setting<$type>,)*
        }

        /// The flags of the command line that set a setting, as text.
        #[derive(Clone, Default)]
        pub struct Overrides {
            /// `--config`.
            pub config_file: Option<PathBuf>,
            $(#[doc = $doc] pub $field: Option<OsString>,)*
        }

        impl Overrides {
            /// The flag of the setting called `name`.
            pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
                match name {
                    $($name => self.$field.as_deref(),)*
                    _ => None,
                }
            }
        }

        impl Settings {
            /// Reads every setting.
            #[allow(clippy::redundant_closure_for_method_calls, reason = "methods of a lifetime")]
            pub(super) fn read(from: &Sources<'_>) -> Result<Self> {
                Ok(Self {
                    $($field: {
                        let read: fn(&Sources<'_>, SettingSpec) -> Result<Setting<$type>> = $read;
                        read(from, spec::$field)?
                    },)*
                })
            }

            /// The lines of `config show`, in the order of [`SETTINGS`]. Secrets are hidden.
            pub fn rows(&self) -> Vec<SettingRow> {
                vec![$({
                    let show: fn(&$type) -> String = $show;
                    let Setting { value, origin } = &self.$field;
                    SettingRow { key: $name, value: show(value), origin: origin.clone() }
                },)*]
            }
        }
    };
}

settings! {
    settings {
        api_url: String = |from, spec| from.required(spec, parse::base_url), Clone::clone;
            "api_url", true, "QWEN_API_URL", Some("--api-url"), "https://chat.qwen.ai/api", Url,
            "base URL of the API";
        auth_url: String = |from, spec| from.required(spec, parse::base_url), Clone::clone;
            "auth_url", true, "QWEN_AUTH_URL", None, "https://auth.qwen.ai", Url,
            "base URL of the account service, which refreshes tokens";
        model: Option<String> = |from, spec| from.optional(spec, parse::model), text;
            "model", true, "QWENCTL_MODEL", Some("--model"), "the chat's, else the first one offered", Text,
            "model of new prompts";
        proxy: Option<SecretString> = |from, spec| from.optional(spec, parse::proxy_url), proxy;
            "proxy", true, "QWENCTL_PROXY", Some("--proxy"), "HTTPS_PROXY, ALL_PROXY and NO_PROXY", Url,
            "proxy for all requests: an http, https, socks5 or socks5h URL";
        ca_file: Option<PathBuf> = |from, spec| from.path(spec), path;
            "ca_file", true, "QWENCTL_CA_FILE", Some("--ca-file"), "the system's certificates only", Path,
            "additional CA certificates to trust, in PEM format";
        connect_timeout: Duration = |from, spec| from.required(spec, parse::parse_duration), duration;
            "connect_timeout", true, "QWENCTL_CONNECT_TIMEOUT", Some("--connect-timeout"), "10s", Duration,
            "timeout for connecting";
        idle_timeout: Duration = |from, spec| from.required(spec, parse::parse_duration), duration;
            "idle_timeout", true, "QWENCTL_IDLE_TIMEOUT", Some("--idle-timeout"), "3m", Duration,
            "timeout for a silent upstream; models think for minutes";
        max_time: Option<Duration> = |from, spec| from.required(spec, parse::time_limit), time_limit;
            "max_time", true, "QWENCTL_MAX_TIME", Some("--max-time"), "off", Duration,
            "timeout for a whole command; `off` or `0` disables it";
        cookie: Option<SecretString> = |from, spec| from.optional(spec, parse::cookie), hidden;
            "cookie", true, "QWEN_COOKIE", None, "none", Text,
            "additional cookies, sent unchanged";
        extra_headers: Vec<(String, SecretString)> = |from, spec| from.headers(spec), header_names;
            "headers", true, "QWENCTL_HEADERS", None, "none", Headers,
            "additional headers; in the variable one `Name: value` a line, or a JSON object";
        user_agent: String = |from, spec| from.required(spec, parse::header_value), Clone::clone;
            "user_agent", true, "QWENCTL_USER_AGENT", None, concat!("qwenctl/", env!("CARGO_PKG_VERSION")), Text,
            "the header `User-Agent`";
        web_version: String = |from, spec| from.required(spec, parse::header_value), Clone::clone;
            "web_version", true, "QWENCTL_WEB_VERSION", None, "0.3.12", Text,
            "the header `Version`, the version of the web page";
        data_dir: Option<PathBuf> = |from, spec| from.data_dir(spec), path;
            "data_dir", true, "QWENCTL_DATA_DIR", None, "$XDG_DATA_HOME/qwenctl", Path,
            "directory of the local upstream's chats and other data";
        log: Option<LogLevel> = |from, spec| from.optional(spec, parse::log_level), log_level;
            "log", true, "QWENCTL_LOG", None, "info", Text,
            "log level of `serve`: error, warn, info or debug; `-q` is error, `-v` is debug";
        rate_limit: Vec<RateLimit> = |from, spec| from.or_default(spec, parse::rate_limits), limits;
            "rate_limit", true, "QWENCTL_RATE_LIMIT", Some("--rate-limit"), "none", Limits,
            "request limit per client of `serve`; in the variable `100 per day; 10 per minute`";
        rate_limit_send: Vec<RateLimit> = |from, spec| from.or_default(spec, parse::rate_limits), limits;
            "rate_limit_send", true, "QWENCTL_RATE_LIMIT_SEND", Some("--rate-limit-send"), "none", Limits,
            "prompt limit per client of `serve`";
        engine: Option<String> = |from, spec| from.required(spec, engine::engine_url), engine_or_echo;
            "engine", true, "QWENCTL_ENGINE", Some("--engine"), "echo", Text,
            "model server behind `--local`: a URL, ollama, lmstudio, dashscope, dashscope-intl or echo";
        engine_model: EngineModels = |from, spec| from.or_default(spec, engine::models), ToString::to_string;
            "engine_model", true, "QWENCTL_ENGINE_MODEL", Some("--engine-model"), "the requested one", Models,
            "model of the engine for unknown names, or for one: `qwen3-max=llama3.2; llama3.2`";
        engine_context: Option<u64> = |from, spec| from.optional(spec, engine::tokens), number;
            "engine_context", true, "QWENCTL_ENGINE_CONTEXT", Some("--engine-context"), "reported by the engine, else 8192", Number,
            "context window of the engine's model, in tokens";
        token_file: Option<PathBuf> = |from, spec| from.path(spec), path;
            "token_file", false, "QWENCTL_TOKEN_FILE", Some("--token-file"), "none", Path,
            "file with the access token; `-` is standard input";
        engine_key: Option<SecretString> = |from, spec| from.engine_key(spec), hidden;
            "engine_key", false, "QWENCTL_ENGINE_KEY", None, "DASHSCOPE_API_KEY for DashScope, else none", Text,
            "API key of the engine";
        secret_key: Option<SecretString> = |from, spec| from.optional(spec, parse::secret_key), hidden;
            "secret_key", false, "SECRET_KEY", None, "a random one for each start", Text,
            "signs the session tokens of `serve`; at least 32 characters";
    }
    listed {
        CONFIG_FILE; "config", "QWENCTL_CONFIG", Some("--config"), "$XDG_CONFIG_HOME/qwenctl/config.toml", Path,
            "config file; the credentials are stored beside it";
        TOKEN; "token", "QWEN_TOKEN", None, "the one stored by `qwenctl token set`", Text,
            "access token";
        REFRESH_TOKEN; "refresh_token", "QWEN_REFRESH_TOKEN", None, "none", Text,
            "refresh token that belongs to QWEN_TOKEN";
    }
}

#[allow(clippy::ref_option, reason = "the fields are options")]
fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

#[allow(clippy::ref_option, reason = "the fields are options")]
fn hidden(value: &Option<SecretString>) -> String {
    value.as_ref().map(|_| "(hidden)".to_owned()).unwrap_or_default()
}

#[allow(clippy::ref_option, reason = "the fields are options")]
fn proxy(value: &Option<SecretString>) -> String {
    value.as_ref().map(|url| parse::shown_url(url.expose_secret())).unwrap_or_default()
}

#[allow(clippy::ref_option, reason = "the fields are options")]
fn path(value: &Option<PathBuf>) -> String {
    value.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
}

fn duration(value: &Duration) -> String {
    show_duration(*value)
}

fn time_limit(value: &Option<Duration>) -> String {
    show_duration(value.unwrap_or_default())
}

fn header_names(value: &Vec<(String, SecretString)>) -> String {
    value.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn log_level(value: &Option<LogLevel>) -> String {
    value.unwrap_or_default().word().to_owned()
}

fn limits(value: &Vec<RateLimit>) -> String {
    RateLimit::list(value)
}

#[allow(clippy::ref_option, reason = "the fields are options")]
fn engine_or_echo(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "echo".to_owned())
}

fn number(value: &Option<u64>) -> String {
    value.map(|number| number.to_string()).unwrap_or_default()
}

impl fmt::Debug for Overrides {
    /// The names of the flags only: values may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = SETTINGS.iter().filter(|spec| self.get(spec.name).is_some());
        f.debug_struct("Overrides")
            .field("config_file", &self.config_file)
            .field("given", &given.map(|spec| spec.name).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Warnings about settings that are allowed and risky.
    pub fn warnings(&self) -> Vec<String> {
        let urls = [(&self.api_url, "the access token"), (&self.auth_url, "the refresh token")];
        let in_clear = urls.into_iter().filter(|(url, _)| parse::is_clear_text(&url.value));
        in_clear.map(|(Setting { value, origin }, what)| unencrypted(value, what, origin)).collect()
    }

    /// The same, if the engine is used.
    pub fn engine_warning(&self) -> Option<String> {
        let Setting { value, origin } = &self.engine;
        let url = value.as_ref().filter(|_| self.engine_key.value.is_some())?;
        parse::is_clear_text(url).then(|| unencrypted(url, "the engine's key", origin))
    }
}

fn unencrypted(url: &str, what: &str, origin: &Origin) -> String {
    format!("{url} is not encrypted: {what} would be sent in clear text (set by {origin})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_variables_and_flags_are_unique() {
        let names: BTreeSet<_> = SETTINGS.iter().map(|spec| spec.name).collect();
        let variables: BTreeSet<_> = SETTINGS.iter().map(|spec| spec.variable).collect();
        let flags: Vec<_> = SETTINGS.iter().filter_map(|spec| spec.flag).collect();
        assert_eq!(names.len(), SETTINGS.len());
        assert_eq!(variables.len(), SETTINGS.len());
        assert_eq!(flags.iter().collect::<BTreeSet<_>>().len(), flags.len());
    }

    #[test]
    fn no_token_is_allowed_in_the_config_file() {
        let tokens = SETTINGS.iter().filter(|spec| spec.name.contains("token"));
        assert!(tokens.clone().count() >= 3 && tokens.clone().all(|spec| !spec.in_file));
    }
}
