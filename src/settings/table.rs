//! The one list of settings. README, `config show`, the reader of the config file and the tests are
//! held against it; a setting that is not here does not exist.

/// What a value of a setting looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// An `http` or `https` address.
    Url,
    /// A path; in the config file a relative one starts at the config file's directory.
    Path,
    /// A length of time (see [`super::parse_duration`]).
    Duration,
    /// Header names and values.
    Headers,
    /// How often something may be done: several limits at once.
    Limits,
    /// A whole number.
    Number,
    /// Names of models: several at once.
    Models,
}

impl Form {
    /// A few words for "… must be …".
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Url => "a URL in quotes, such as \"https://example.org\"",
            Self::Path => "a path in quotes",
            Self::Duration => "a length of time, such as \"10s\", \"3m\" or a number of seconds",
            Self::Limits => "limits in quotes, such as [\"100 per day\", \"10 per minute\"]",
            Self::Number => "a whole number, such as 8192",
            Self::Models => "models in quotes, such as [\"qwen3-max=llama3.2\", \"llama3.2\"]",
            Self::Headers => "a table of texts, such as { \"X-Team\" = \"blue\" }",
        }
    }
}

/// One setting: what it is called everywhere it can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingSpec {
    /// Its name in `config show`.
    pub name: &'static str,
    /// Whether the config file may hold it, under this name.
    pub in_file: bool,
    /// Its environment variable.
    pub variable: &'static str,
    /// Its flag on the command line.
    pub flag: Option<&'static str>,
    /// What counts if nobody sets it, in words.
    pub default: &'static str,
    /// What its values look like.
    pub form: Form,
    /// One line about it.
    pub doc: &'static str,
}

impl SettingSpec {
    /// Its key in the config file, if it may stand there.
    pub const fn key(&self) -> Option<&'static str> {
        if self.in_file { Some(self.name) } else { None }
    }
}

macro_rules! settings {
    ($($id:ident: $name:literal, $file:literal, $variable:literal, $flag:expr, $default:expr, $form:ident, $doc:literal;)*) => {
        /// The rows by name, for the code that resolves them.
        pub(super) mod spec {
            use super::{Form, SettingSpec};
            $(pub(crate) const $id: SettingSpec = SettingSpec {
                name: $name, in_file: $file, variable: $variable, flag: $flag, default: $default,
                form: Form::$form, doc: $doc,
            };)*
        }
        /// Every setting, in the order of README and `config show`.
        pub const SETTINGS: &[SettingSpec] = &[$(spec::$id),*];
    };
}

settings! {
    API_URL: "api_url", true, "QWEN_API_URL", Some("--api-url"), "https://chat.qwen.ai/api", Url,
        "base of the API";
    AUTH_URL: "auth_url", true, "QWEN_AUTH_URL", None, "https://auth.qwen.ai", Url,
        "the account service that refreshes tokens";
    MODEL: "model", true, "QWENCTL_MODEL", Some("--model"), "the chat's, else the first one offered", Text,
        "the model of new prompts";
    PROXY: "proxy", true, "QWENCTL_PROXY", Some("--proxy"), "HTTPS_PROXY, ALL_PROXY and NO_PROXY", Url,
        "a proxy for everything: http, https, socks5 or socks5h";
    CA_FILE: "ca_file", true, "QWENCTL_CA_FILE", Some("--ca-file"), "the system's certificates only", Path,
        "certificates (PEM) to trust besides the system's";
    CONNECT_TIMEOUT: "connect_timeout", true, "QWENCTL_CONNECT_TIMEOUT", Some("--connect-timeout"), "10s", Duration,
        "to get a connection";
    IDLE_TIMEOUT: "idle_timeout", true, "QWENCTL_IDLE_TIMEOUT", Some("--idle-timeout"), "3m", Duration,
        "between two signs of life; models think for minutes";
    MAX_TIME: "max_time", true, "QWENCTL_MAX_TIME", Some("--max-time"), "off", Duration,
        "for a whole command; `off` or `0` is no limit";
    COOKIE: "cookie", true, "QWEN_COOKIE", None, "none", Text,
        "a cookie line of your own, passed on as it is";
    HEADERS: "headers", true, "QWENCTL_HEADERS", None, "none", Headers,
        "headers of your own; in the variable one `Name: value` a line, or a JSON object";
    USER_AGENT: "user_agent", true, "QWENCTL_USER_AGENT", None, concat!("qwenctl/", env!("CARGO_PKG_VERSION")), Text,
        "the header `User-Agent`";
    WEB_VERSION: "web_version", true, "QWENCTL_WEB_VERSION", None, "0.3.12", Text,
        "the header `Version`: the web page we stand for";
    DATA_DIR: "data_dir", true, "QWENCTL_DATA_DIR", None, "$XDG_DATA_HOME/qwenctl", Path,
        "where the local upstream keeps its chats";
    LOG: "log", true, "QWENCTL_LOG", None, "info", Text,
        "how much `serve` logs: error, warn, info or debug; `-q` is error, `-v` is debug";
    RATE_LIMIT: "rate_limit", true, "QWENCTL_RATE_LIMIT", Some("--rate-limit"), "none", Limits,
        "how often a caller of `serve` may ask; in the variable `100 per day; 10 per minute`";
    RATE_LIMIT_SEND: "rate_limit_send", true, "QWENCTL_RATE_LIMIT_SEND", Some("--rate-limit-send"), "none", Limits,
        "how often a caller of `serve` may send a prompt";
    ENGINE: "engine", true, "QWENCTL_ENGINE", Some("--engine"), "echo", Text,
        "who answers with `--local`: a URL, ollama, lmstudio, dashscope, dashscope-intl or echo";
    ENGINE_MODEL: "engine_model", true, "QWENCTL_ENGINE_MODEL", Some("--engine-model"), "the one asked for", Models,
        "the engine's model for every unknown name, or for one: `qwen3-max=llama3.2; llama3.2`";
    ENGINE_CONTEXT: "engine_context", true, "QWENCTL_ENGINE_CONTEXT", Some("--engine-context"), "what the engine says, else 8192", Number,
        "how many tokens the engine's model can look at";
    CONFIG_FILE: "config", false, "QWENCTL_CONFIG", Some("--config"), "$XDG_CONFIG_HOME/qwenctl/config.toml", Path,
        "the config file; the credentials lie beside it";
    TOKEN_FILE: "token_file", false, "QWENCTL_TOKEN_FILE", Some("--token-file"), "none", Path,
        "a file that holds the access token; `-` is standard input";
    TOKEN: "token", false, "QWEN_TOKEN", None, "the one stored by `qwenctl token set`", Text,
        "the access token";
    REFRESH_TOKEN: "refresh_token", false, "QWEN_REFRESH_TOKEN", None, "none", Text,
        "the refresh token that belongs to QWEN_TOKEN";
    ENGINE_KEY: "engine_key", false, "QWENCTL_ENGINE_KEY", None, "for DashScope DASHSCOPE_API_KEY, else none", Text,
        "the engine's key";
    SECRET_KEY: "secret_key", false, "SECRET_KEY", None, "a random one for each start", Text,
        "signs the session tokens of `serve`; at least 32 characters";
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
    fn no_token_belongs_into_the_config_file() {
        let tokens = SETTINGS.iter().filter(|spec| spec.name.contains("token"));
        assert!(tokens.clone().count() >= 3 && tokens.clone().all(|spec| !spec.in_file));
    }
}
