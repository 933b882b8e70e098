//! The one list of settings. To add a setting, add a row here and its flag in `cli/args`: the row makes
//! its spec, its field of `Settings` and of `Overrides`, its line of `config show` and of the
//! reference.

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
    /// True or false.
    Flag,
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
            Self::Flag => "true or false",
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

/// Passes the list to the macro `$define`. Rows of `settings` are `field: type = how it is read, how it
/// is shown; name, in the config file, variable, flag, default, form, doc`. Rows of `listed` are part
/// of the reference and read elsewhere.
macro_rules! setting_list {
    ($define:ident) => {
        $define! {
            settings {
                api_url: String = |from, spec| from.required(spec, parse::base_url), Clone::clone;
                    "api_url", true, "QWEN_API_URL", Some("--api-url"), "https://chat.qwen.ai/api", Url,
                    "base URL of the API";
                auth_url: String = |from, spec| from.required(spec, parse::base_url), Clone::clone;
                    "auth_url", true, "QWEN_AUTH_URL", None, "https://auth.qwen.ai", Url,
                    "base URL of the account service, which refreshes tokens";
                model: Option<String> = |from, spec| from.optional(spec, parse::model), show::text;
                    "model", true, "QWENCTL_MODEL", Some("--model"), "the chat's, else the first one offered", Text,
                    "model of new prompts";
                quick: QuickChat = |from, spec| from.required(spec, parse::quick_chat), show::quick_chat;
                    "quick", true, "QWENCTL_QUICK", None, "recent", Text,
                    "chat of `quick`: `recent` continues the most recent one, `new` starts one";
                highlight: bool = |from, spec| from.required(spec, parse::flag), ToString::to_string;
                    "highlight", true, "QWENCTL_HIGHLIGHT", Some("--no-highlight"), "true", Flag,
                    "colour code by its language on a terminal";
                proxy: Option<SecretString> = |from, spec| from.optional(spec, parse::proxy_url), show::proxy;
                    "proxy", true, "QWENCTL_PROXY", Some("--proxy"), "HTTPS_PROXY, ALL_PROXY and NO_PROXY", Url,
                    "proxy for all requests: an http, https, socks5 or socks5h URL";
                ca_file: Option<PathBuf> = |from, spec| from.path(spec), show::path;
                    "ca_file", true, "QWENCTL_CA_FILE", Some("--ca-file"), "system certificates only", Path,
                    "additional CA certificates to trust, in PEM format";
                connect_timeout: Duration = |from, spec| from.required(spec, parse::parse_duration), show::duration;
                    "connect_timeout", true, "QWENCTL_CONNECT_TIMEOUT", Some("--connect-timeout"), "10s", Duration,
                    "timeout for connecting";
                idle_timeout: Duration = |from, spec| from.required(spec, parse::parse_duration), show::duration;
                    "idle_timeout", true, "QWENCTL_IDLE_TIMEOUT", Some("--idle-timeout"), "3m", Duration,
                    "timeout for a silent upstream; models think for minutes";
                max_time: Option<Duration> = |from, spec| from.required(spec, parse::time_limit), show::time_limit;
                    "max_time", true, "QWENCTL_MAX_TIME", Some("--max-time"), "off", Duration,
                    "timeout for a whole command; `off` or `0` disables it";
                prompt_warning: u64 = |from, spec| from.required(spec, parse::bytes), ToString::to_string;
                    "prompt_warning", true, "QWENCTL_PROMPT_WARNING", None, "102400", Number,
                    "size in bytes above which a prompt is sent with a warning; 0 disables it";
                prompt_limit: u64 = |from, spec| from.required(spec, parse::bytes), ToString::to_string;
                    "prompt_limit", true, "QWENCTL_PROMPT_LIMIT", None, "184320", Number,
                    "size in bytes above which a prompt is refused; 0 disables it";
                long_as_file: LongTexts = |from, spec| from.required(spec, parse::long_texts), show::long_texts;
                    "long_as_file", true, "QWENCTL_LONG_AS_FILE", Some("--long-as-file"), "auto", Text,
                    "send a long message as a file: `auto` above the limit, `always` or `never`";
                private_urls: bool = |from, spec| from.required(spec, parse::flag), ToString::to_string;
                    "private_urls", true, "QWENCTL_PRIVATE_URLS", None, "false", Flag,
                    "fetch attached URLs from private addresses, too; in `serve` for local clients";
                cookie: Option<SecretString> = |from, spec| from.optional(spec, parse::cookie), show::hidden;
                    "cookie", true, "QWEN_COOKIE", None, "none", Text,
                    "additional cookies, as one line";
                carrier: Carrier = |from, spec| from.required(spec, parse::carrier), show::carrier;
                    "carrier", true, "QWENCTL_CARRIER", None, "cookie", Text,
                    "how requests carry the access token: cookie, bearer or both";
                extra_headers: Vec<(String, SecretString)> = |from, spec| from.headers(spec), show::header_names;
                    "headers", true, "QWENCTL_HEADERS", None, "none", Headers,
                    "additional headers; in the variable one `Name: value` per line, or a JSON object";
                user_agent: String = |from, spec| from.required(spec, parse::header_value), Clone::clone;
                    "user_agent", true, "QWENCTL_USER_AGENT", None, concat!("qwenctl/", env!("CARGO_PKG_VERSION")), Text,
                    "the header `User-Agent`";
                web_version: String = |from, spec| from.required(spec, parse::header_value), Clone::clone;
                    "web_version", true, "QWENCTL_WEB_VERSION", None, "0.3.12", Text,
                    "the header `Version`, the version of the web page";
                data_dir: Option<PathBuf> = |from, spec| from.data_dir(spec), show::path;
                    "data_dir", true, "QWENCTL_DATA_DIR", None, "$XDG_DATA_HOME/qwenctl", Path,
                    "directory of the local upstream's chats and other data";
                archive: ArchiveMode = |from, spec| from.required(spec, parse::archive_mode), show::archive_mode;
                    "archive", true, "QWENCTL_ARCHIVE", None, "auto", Text,
                    "archived copies of deleted chats: `auto` once `chats sync` has run, `on` or `off`";
                trash_keep: Option<Duration> = |from, spec| from.required(spec, parse::time_limit), show::time_limit;
                    "trash_keep", true, "QWENCTL_TRASH_KEEP", None, "30d", Duration,
                    "time after which deleted chats are purged from the trash; `off` keeps them";
                delete_grace: Duration = |from, spec| from.required(spec, parse::parse_duration_or_off), show::duration;
                    "delete_grace", true, "QWENCTL_DELETE_GRACE", None, "10s", Duration,
                    "time for which a deletion on the page can be undone";
                archive_keep: Option<Duration> = |from, spec| from.required(spec, parse::time_limit), show::time_limit;
                    "archive_keep", true, "QWENCTL_ARCHIVE_KEEP", None, "off", Duration,
                    "age at which a sync purges chats from the archive; `off` keeps them";
                archive_thinking: bool = |from, spec| from.required(spec, parse::flag), ToString::to_string;
                    "archive_thinking", true, "QWENCTL_ARCHIVE_THINKING", None, "true", Flag,
                    "whether thoughts can be searched and shown from the archive";
                sync_rate: RateLimit = |from, spec| from.required(spec, parse::rate_limit), ToString::to_string;
                    "sync_rate", true, "QWENCTL_SYNC_RATE", None, "3 per second", Text,
                    "maximum rate of requests of a sync; none for a local upstream";
                sync_every: Option<Duration> = |from, spec| from.required(spec, parse::time_limit), show::time_limit;
                    "sync_every", true, "QWENCTL_SYNC_EVERY", None, "off", Duration,
                    "interval at which `serve` syncs the archive";
                log: Option<LogLevel> = |from, spec| from.optional(spec, parse::log_level), show::log_level;
                    "log", true, "QWENCTL_LOG", None, "info", Text,
                    "log level of `serve`: error, warn, info or debug; `-q` is error, `-v` is debug";
                rate_limit: Vec<RateLimit> = |from, spec| from.or_default(spec, parse::rate_limits), show::limits;
                    "rate_limit", true, "QWENCTL_RATE_LIMIT", Some("--rate-limit"), "none", Limits,
                    "request limit per client of `serve`; in the variable `100 per day; 10 per minute`";
                rate_limit_send: Vec<RateLimit> = |from, spec| from.or_default(spec, parse::rate_limits), show::limits;
                    "rate_limit_send", true, "QWENCTL_RATE_LIMIT_SEND", Some("--rate-limit-send"), "none", Limits,
                    "prompt limit per client of `serve`";
                engine: Option<String> = |from, spec| from.required(spec, parse::engine_url), show::engine_or_echo;
                    "engine", true, "QWENCTL_ENGINE", Some("--engine"), "echo", Text,
                    "model server behind `--local`: a URL, ollama, lmstudio, dashscope, dashscope-intl or echo";
                engine_model: ModelMap = |from, spec| from.or_default(spec, parse::engine_models), ToString::to_string;
                    "engine_model", true, "QWENCTL_ENGINE_MODEL", Some("--engine-model"), "the requested one", Models,
                    "engine model for every unknown model name, or for one: `qwen3-max=llama3.2; llama3.2`";
                engine_context: Option<u64> = |from, spec| from.optional(spec, parse::engine_context), show::displayed;
                    "engine_context", true, "QWENCTL_ENGINE_CONTEXT", Some("--engine-context"), "reported by the engine, else 8192", Number,
                    "context window of the engine's model, in tokens";
                account: Option<AccountName> = |from, spec| from.optional(spec, str::parse), show::displayed;
                    "account", true, "QWENCTL_ACCOUNT", Some("--account"), "the one of `qwenctl account use`", Text,
                    "stored account to use, by its name";
                token_file: Option<PathBuf> = |from, spec| from.path(spec), show::path;
                    "token_file", false, "QWENCTL_TOKEN_FILE", Some("--token-file"), "none", Path,
                    "file with the access token; `-` is standard input";
                engine_key: Option<SecretString> = |from, spec| from.engine_key(spec), show::hidden;
                    "engine_key", false, "QWENCTL_ENGINE_KEY", None, "DASHSCOPE_API_KEY for DashScope, else none", Text,
                    "API key of the engine";
                secret_key: Option<SecretString> = |from, spec| from.optional(spec, parse::secret_key), show::hidden;
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
    };
}
pub(super) use setting_list;

macro_rules! define_specs {
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
        #[allow(non_upper_case_globals, reason = "named after the fields")]
        pub(super) mod spec {
            use super::{Form, SettingSpec};
            $(pub(crate) const $field: SettingSpec = SettingSpec {
                name: $name, in_file: $file, variable: $variable, flag: $flag, default: $default,
                form: Form::$form, doc: $doc,
            };)*
            $(pub(crate) const $id: SettingSpec = SettingSpec {
                name: $lname, in_file: false, variable: $lvariable, flag: $lflag,
                default: $ldefault, form: Form::$lform, doc: $ldoc,
            };)*
        }

        /// Every setting, in the order of the reference and of `config show`.
        pub const SETTINGS: &[SettingSpec] = &[$(spec::$field,)* $(spec::$id,)*];
    };
}

setting_list!(define_specs);

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
