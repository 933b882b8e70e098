//! The rule of precedence, as a pure function: flag, then environment, then config file, then default.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::engine::{self, EngineModels};
use super::table::{SettingSpec, spec};
use super::{
    ConfigFile, Environment, Origin, Setting, Settings, parse_duration, parse_duration_or_off,
    show_duration, value,
};
use crate::domain::{RateLimit, Result};

/// Where people have the key of the official API already.
const DASHSCOPE_KEY: &str = "DASHSCOPE_API_KEY";

/// What was typed on the command line. Nothing here has been checked yet.
#[derive(Clone, Default)]
pub struct Overrides {
    /// `--config`.
    pub config_file: Option<PathBuf>,
    /// `--api-url`.
    pub api_url: Option<String>,
    /// `--proxy`; it may hold a password.
    pub proxy: Option<String>,
    /// `--ca-file`.
    pub ca_file: Option<PathBuf>,
    /// `--connect-timeout`.
    pub connect_timeout: Option<Duration>,
    /// `--idle-timeout`.
    pub idle_timeout: Option<Duration>,
    /// `--max-time`; zero is no limit.
    pub max_time: Option<Duration>,
    /// `--model`.
    pub model: Option<String>,
    /// `--rate-limit`.
    pub rate_limit: Vec<RateLimit>,
    /// `--rate-limit-send`.
    pub rate_limit_send: Vec<RateLimit>,
    /// `--engine`.
    pub engine: Option<String>,
    /// `--engine-model`, each `MODEL` or `NAME=MODEL`.
    pub engine_model: Vec<String>,
    /// `--engine-context`.
    pub engine_context: Option<String>,
    /// `--token-file`; `-` is standard input.
    pub token_file: Option<PathBuf>,
}

impl fmt::Debug for Overrides {
    /// Leaves out what may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overrides")
            .field("config_file", &self.config_file)
            .field("ca_file", &self.ca_file)
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_time", &self.max_time)
            .field("model", &self.model)
            .field("rate_limit", &self.rate_limit)
            .field("rate_limit_send", &self.rate_limit_send)
            .field("engine_model", &self.engine_model)
            .field("engine_context", &self.engine_context)
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}

/// Resolves every setting. Pure: the same input gives the same settings; nothing is read or written.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] naming the flag, variable or key of the first value that cannot be used.
pub fn resolve(
    overrides: &Overrides,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<Settings> {
    let from = Sources { environment, file };
    let engine = from.text(spec::ENGINE, overrides.engine.clone(), engine::engine_url)?;
    Ok(Settings {
        engine_key: from.engine_key(engine.value.as_deref())?,
        engine_model: from.engine_models(&overrides.engine_model)?,
        engine_context: from.optional(
            spec::ENGINE_CONTEXT,
            overrides.engine_context.clone(),
            engine::tokens,
        )?,
        engine,
        api_url: from.text(spec::API_URL, overrides.api_url.clone(), value::base_url)?,
        auth_url: from.text(spec::AUTH_URL, None, value::base_url)?,
        web_version: from.text(spec::WEB_VERSION, None, value::header_value)?,
        user_agent: from.text(spec::USER_AGENT, None, value::header_value)?,
        cookie: from.optional(spec::COOKIE, None, value::cookie)?,
        extra_headers: from.headers()?,
        proxy: from.optional(spec::PROXY, overrides.proxy.clone(), value::proxy_url)?,
        ca_file: from.path(spec::CA_FILE, overrides.ca_file.as_deref())?,
        connect_timeout: from.timeout(spec::CONNECT_TIMEOUT, overrides.connect_timeout)?,
        idle_timeout: from.timeout(spec::IDLE_TIMEOUT, overrides.idle_timeout)?,
        max_time: from.limit(spec::MAX_TIME, overrides.max_time)?,
        log: from.optional(spec::LOG, None, value::log_level)?,
        rate_limit: from.limits(spec::RATE_LIMIT, &overrides.rate_limit)?,
        rate_limit_send: from.limits(spec::RATE_LIMIT_SEND, &overrides.rate_limit_send)?,
        model: from.optional(spec::MODEL, overrides.model.clone(), value::model)?,
        data_dir: from.data_dir()?,
        token_file: from.path(spec::TOKEN_FILE, overrides.token_file.as_deref())?,
        secret_key: from.optional(spec::SECRET_KEY, None, value::secret_key)?,
    })
}

/// The places below the flags.
struct Sources<'a> {
    environment: &'a Environment,
    file: &'a ConfigFile,
}

impl Sources<'_> {
    /// What was written, by the first of the three who wrote something.
    fn written(&self, spec: SettingSpec, flag: Option<String>) -> Result<Option<Setting<String>>> {
        if let (Some(value), Some(name)) = (flag, spec.flag) {
            return Ok(Some(Setting { value, origin: Origin::Flag(name) }));
        }
        if let Some(text) = self.environment.text(spec.variable)? {
            let origin = Origin::Environment(spec.variable);
            return Ok(Some(Setting { value: text.to_owned(), origin }));
        }
        let written = self.file.text(spec.name);
        Ok(written.map(|text| Setting { value: text.to_owned(), origin: self.file_origin(spec) }))
    }

    fn file_origin(&self, spec: SettingSpec) -> Origin {
        Origin::File { path: self.file.path().to_owned(), key: spec.name }
    }

    fn optional<T>(
        &self,
        spec: SettingSpec,
        flag: Option<String>,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<Option<T>>> {
        let Some(Setting { value, origin }) = self.written(spec, flag)? else {
            return Ok(Setting { value: None, origin: Origin::Default });
        };
        let value = check(&value).map_err(|fault| origin.error(&fault))?;
        Ok(Setting { value: Some(value), origin })
    }

    fn text<T>(
        &self,
        spec: SettingSpec,
        flag: Option<String>,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<T>> {
        let Setting { value, origin } = self.optional(spec, flag, &check)?;
        let value = match value {
            Some(value) => value,
            None => check(spec.default).map_err(|fault| origin.error(&fault))?,
        };
        Ok(Setting { value, origin })
    }

    fn timeout(&self, spec: SettingSpec, flag: Option<Duration>) -> Result<Setting<Duration>> {
        self.text(spec, flag.map(show_duration), parse_duration)
    }

    fn limit(
        &self,
        spec: SettingSpec,
        flag: Option<Duration>,
    ) -> Result<Setting<Option<Duration>>> {
        let Setting { value, origin } =
            self.text(spec, flag.map(show_duration), parse_duration_or_off)?;
        Ok(Setting { value: Some(value).filter(|limit| !limit.is_zero()), origin })
    }

    fn limits(&self, spec: SettingSpec, flag: &[RateLimit]) -> Result<Setting<Vec<RateLimit>>> {
        let flag = (!flag.is_empty()).then(|| RateLimit::list(flag));
        let Setting { value, origin } = self.optional(spec, flag, value::rate_limits)?;
        Ok(Setting { value: value.unwrap_or_default(), origin })
    }

    fn engine_models(&self, flag: &[String]) -> Result<Setting<EngineModels>> {
        let flag = (!flag.is_empty()).then(|| flag.join(";"));
        let Setting { value, origin } = self.optional(spec::ENGINE_MODEL, flag, engine::models)?;
        Ok(Setting { value: value.unwrap_or_default(), origin })
    }

    /// The official API has a variable of its own, which nobody else is told.
    fn engine_key(&self, engine: Option<&str>) -> Result<Setting<Option<SecretString>>> {
        let found = self.optional(spec::ENGINE_KEY, None, engine::key)?;
        if found.value.is_some() || !engine.is_some_and(engine::is_dashscope) {
            return Ok(found);
        }
        let origin = Origin::Environment(DASHSCOPE_KEY);
        match self.environment.text(DASHSCOPE_KEY)? {
            Some(key) => {
                let key = engine::key(key).map_err(|fault| origin.error(&fault))?;
                Ok(Setting { value: Some(key), origin })
            }
            None => Ok(found),
        }
    }

    fn headers(&self) -> Result<Setting<Vec<(String, SecretString)>>> {
        let Setting { value, origin } = self.optional(spec::HEADERS, None, value::headers)?;
        if let Some(value) = value {
            return Ok(Setting { value, origin });
        }
        let written = self.file.headers();
        if written.is_empty() {
            return Ok(Setting { value: Vec::new(), origin: Origin::Default });
        }
        let origin = self.file_origin(spec::HEADERS);
        let headers: Result<_, _> = written
            .iter()
            .map(|(name, value)| value::header(name, value.expose_secret()))
            .collect();
        Ok(Setting { value: headers.map_err(|fault| origin.error(&fault))?, origin })
    }

    /// A path of the config file starts at the config file, and `~/` is the home directory.
    fn path(&self, spec: SettingSpec, flag: Option<&Path>) -> Result<Setting<Option<PathBuf>>> {
        let (value, origin) = if let (Some(path), Some(name)) = (flag, spec.flag) {
            (path.to_owned(), Origin::Flag(name))
        } else if let Some(path) = self.environment.path(spec.variable) {
            (path, Origin::Environment(spec.variable))
        } else if let Some(text) = self.file.text(spec.name) {
            if text.trim().is_empty() {
                return Err(self.file_origin(spec).error("must name a file or directory"));
            }
            let directory = self.file.path().parent().unwrap_or(Path::new(""));
            (directory.join(self.expand_home(text)), self.file_origin(spec))
        } else {
            return Ok(Setting { value: None, origin: Origin::Default });
        };
        Ok(Setting { value: Some(value), origin })
    }

    fn expand_home(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), self.environment.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        }
    }

    fn data_dir(&self) -> Result<Setting<Option<PathBuf>>> {
        let found = self.path(spec::DATA_DIR, None)?;
        if found.value.is_some() {
            return Ok(found);
        }
        Ok(Setting { value: self.environment.default_data_dir(), origin: Origin::Default })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Error;
    use crate::settings::SETTINGS;

    fn file(text: &str) -> ConfigFile {
        ConfigFile::parse(Path::new("/etc/q/config.toml"), text).expect("a config file").0
    }

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::from_pairs(pairs.iter().copied())
    }

    fn refused(pairs: &[(&str, &str)], text: &str) -> Error {
        let resolved = resolve(&Overrides::default(), &environment(pairs), &file(text));
        resolved.expect_err("a setting that cannot be used")
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let in_file = file("api_url = \"https://file.test/\"\nidle_timeout = 7");
        let in_environment =
            environment(&[("QWEN_API_URL", "https://env.test"), ("QWENCTL_IDLE_TIMEOUT", "8s")]);
        let flags = Overrides {
            api_url: Some("https://flag.test/api/".to_owned()),
            idle_timeout: Some(Duration::from_secs(9)),
            ..Overrides::default()
        };
        let none = (Overrides::default(), Environment::default(), ConfigFile::default());
        let path = PathBuf::from("/etc/q/config.toml");
        for (flags, environment, file, url, idle, origin) in [
            (
                &flags,
                &in_environment,
                &in_file,
                "https://flag.test/api",
                9,
                Origin::Flag("--api-url"),
            ),
            (
                &none.0,
                &in_environment,
                &in_file,
                "https://env.test",
                8,
                Origin::Environment("QWEN_API_URL"),
            ),
            (
                &none.0,
                &none.1,
                &in_file,
                "https://file.test",
                7,
                Origin::File { path, key: "api_url" },
            ),
            (&none.0, &none.1, &none.2, "https://chat.qwen.ai/api", 180, Origin::Default),
        ] {
            let settings = resolve(flags, environment, file).expect("settings");
            assert_eq!(settings.api_url.value, url);
            assert_eq!(settings.api_url.origin, origin);
            assert_eq!(settings.idle_timeout.value, Duration::from_secs(idle));
        }
    }

    #[test]
    fn every_default_can_be_resolved_and_every_row_is_in_the_list() {
        let settings = resolve(&Overrides::default(), &Environment::default(), &file(""))
            .expect("the defaults");
        let rows_too = ["token_file", "engine_key", "secret_key"];
        let listed = SETTINGS.iter().filter(|spec| spec.in_file || rows_too.contains(&spec.name));
        let listed: Vec<_> = listed.map(|spec| spec.name).collect();
        let rows: Vec<_> = settings.rows().iter().map(|row| row.key).collect();
        assert_eq!(rows, listed);
        assert!(settings.rows().iter().all(|row| row.origin == Origin::Default));
        assert_eq!(settings.max_time.value, None);
        assert!(settings.warnings().is_empty());
    }

    /// A value for each setting, so that none is forgotten by the resolver.
    fn sample(spec: &SettingSpec) -> &'static str {
        match spec.name {
            "api_url" | "auth_url" | "proxy" | "engine" => "http://127.0.0.1:1",
            "engine_context" => "4096",
            "engine_key" => "a-made-up-key",
            "connect_timeout" | "idle_timeout" | "max_time" => "77s",
            "cookie" => "a=b",
            "headers" => "X-A: b",
            "secret_key" => "a made-up one of 32 characters...",
            "log" => "debug",
            "rate_limit" | "rate_limit_send" => "7 per hour",
            _ => "/some-thing",
        }
    }

    #[test]
    fn every_variable_of_the_list_counts() {
        let shown = |spec: &&SettingSpec| {
            spec.in_file || ["token_file", "engine_key", "secret_key"].contains(&spec.name)
        };
        for spec in SETTINGS.iter().filter(shown) {
            let environment = environment(&[(spec.variable, sample(spec))]);
            let settings =
                resolve(&Overrides::default(), &environment, &file("")).expect(spec.name);
            let row =
                settings.rows().into_iter().find(|row| row.key == spec.name).expect(spec.name);
            assert_eq!(row.origin, Origin::Environment(spec.variable));
            assert!(!row.value.is_empty(), "{}", spec.name);
        }
    }

    #[test]
    fn every_key_of_the_list_counts() {
        for spec in SETTINGS.iter().filter(|spec| spec.in_file) {
            let value = match spec.name {
                "headers" => "{ X-A = \"b\" }".to_owned(),
                _ => format!("\"{}\"", sample(spec)),
            };
            let file = file(&format!("{} = {value}", spec.name));
            let settings =
                resolve(&Overrides::default(), &Environment::default(), &file).expect(spec.name);
            let row =
                settings.rows().into_iter().find(|row| row.key == spec.name).expect(spec.name);
            assert_eq!(row.origin.to_string(), "config file /etc/q/config.toml", "{}", spec.name);
        }
    }

    #[test]
    fn a_value_that_cannot_be_used_is_traced_to_where_it_was_written() {
        for (error, place) in [
            (refused(&[("QWEN_API_URL", "chat.qwen.ai")], ""), "QWEN_API_URL must start with"),
            (refused(&[("QWENCTL_MAX_TIME", "soon")], ""), "QWENCTL_MAX_TIME must be a length"),
            (refused(&[("QWENCTL_CONNECT_TIMEOUT", "off")], ""), "must be longer than zero"),
            (refused(&[("QWENCTL_MODEL", "a\u{7}b")], ""), "QWENCTL_MODEL must be the name"),
            (refused(&[], "idle_timeout = -1"), "`idle_timeout` in /etc/q/config.toml must be"),
            (refused(&[], "ca_file = \"\""), "`ca_file` in /etc/q/config.toml must name"),
            (refused(&[], "[headers]\nHost = \"x\""), "`headers` in /etc/q/config.toml must not"),
        ] {
            assert!(error.message().contains(place), "{error}");
            assert_eq!(error.kind(), crate::domain::ErrorKind::InvalidRequest);
            assert!(error.hint().is_some(), "{error}");
        }
        let flags = Overrides { proxy: Some("proxy:1".to_owned()), ..Overrides::default() };
        let error = resolve(&flags, &Environment::default(), &file("")).expect_err("no scheme");
        assert!(error.message().starts_with("--proxy must start with http://"), "{error}");
    }

    #[test]
    fn limits_can_be_switched_off_where_that_makes_sense() {
        for text in ["max_time = 0", "max_time = \"off\"", "max_time = \"0s\""] {
            let settings = resolve(&Overrides::default(), &Environment::default(), &file(text));
            assert_eq!(settings.expect(text).max_time.value, None);
        }
        let flags = Overrides { max_time: Some(Duration::ZERO), ..Overrides::default() };
        let settings = resolve(&flags, &Environment::default(), &file("max_time = 5"));
        assert_eq!(settings.expect("settings").max_time.value, None);
    }

    #[test]
    fn paths_of_the_config_file_start_there_or_at_home() {
        let environment = environment(&[("HOME", "/home/u")]);
        for (text, path) in [
            ("ca.pem", "/etc/q/ca.pem"),
            ("~/ca.pem", "/home/u/ca.pem"),
            ("/x/ca.pem", "/x/ca.pem"),
        ] {
            let file = file(&format!("ca_file = \"{text}\""));
            let settings = resolve(&Overrides::default(), &environment, &file).expect(text);
            assert_eq!(settings.ca_file.value, Some(PathBuf::from(path)));
        }
    }

    #[test]
    fn a_bearer_in_clear_is_warned_of() {
        let risky = environment(&[("QWEN_API_URL", "http://example.org/api")]);
        let settings = resolve(&Overrides::default(), &risky, &file("")).expect("settings");
        let warnings = settings.warnings();
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains("http://example.org/api") && warnings[0].contains("QWEN_API_URL")
        );
    }

    #[test]
    fn the_key_of_an_engine_in_clear_is_warned_of_where_it_is_used() {
        let pairs = [("QWENCTL_ENGINE", "http://gpu.example/v1"), ("QWENCTL_ENGINE_KEY", "sk-a")];
        let settings = |pairs: &[(&str, &str)]| {
            resolve(&Overrides::default(), &environment(pairs), &file("")).expect("settings")
        };
        let risky = settings(&pairs);
        assert!(risky.warnings().is_empty());
        let warning = risky.engine_warning().expect("a warning");
        assert!(warning.contains("http://gpu.example/v1") && warning.contains("QWENCTL_ENGINE"));
        assert!(!warning.contains("sk-a"));
        assert_eq!(settings(&pairs[..1]).engine_warning(), None);
        assert_eq!(settings(&[("QWENCTL_ENGINE", "ollama"), pairs[1]]).engine_warning(), None);
    }

    #[test]
    fn secrets_are_not_shown() {
        let secret = ["can", "ary"].concat();
        let pairs = [
            ("QWEN_COOKIE", format!("a={secret}")),
            ("QWENCTL_HEADERS", format!("X-Key: {secret}")),
            ("QWENCTL_PROXY", format!("http://{secret}:{secret}@p:1")),
            ("QWENCTL_ENGINE_KEY", format!("sk-{secret}")),
        ];
        let environment = Environment::from_pairs(pairs.clone());
        let settings = resolve(&Overrides::default(), &environment, &file("")).expect("settings");
        let in_file = file(&format!(
            "cookie = \"a={secret}\"\nproxy = \"http://{secret}@p\"\nheaders = {{ X = \"{secret}\" }}"
        ));
        let flags = Overrides { proxy: Some(secret.clone()), ..Overrides::default() };
        let error = resolve(&flags, &environment, &in_file).expect_err("a bad proxy");
        let shown = format!(
            "{settings:?} {:?} {in_file:?} {flags:?} {error} {error:?} {:?}",
            settings.rows(),
            error.hint()
        );
        assert!(shown.contains("X-Key") && !shown.contains(&secret), "{shown}");
    }

    #[test]
    fn an_engine_is_a_preset_or_an_address() {
        let engine = |text: &str| {
            let flags = Overrides { engine: Some(text.to_owned()), ..Overrides::default() };
            resolve(&flags, &Environment::default(), &file(""))
                .map(|settings| settings.engine.value)
        };
        let url = |text: &str| engine(text).expect("an engine").expect("an address");
        assert_eq!(url("ollama"), "http://127.0.0.1:11434/v1");
        assert_eq!(url("LMStudio"), "http://127.0.0.1:1234/v1");
        assert_eq!(url("dashscope"), "https://dashscope.aliyuncs.com/compatible-mode/v1");
        assert_eq!(url("dashscope-intl"), "https://dashscope-intl.aliyuncs.com/compatible-mode/v1");
        assert_eq!(url("http://127.0.0.1:8080/v1/"), "http://127.0.0.1:8080/v1");
        assert_eq!(engine("echo").expect("made up"), None);
        let refused = engine("llama").expect_err("neither");
        assert!(refused.message().contains("--engine must be"), "{refused}");
        assert!(engine("http://key:word@h/v1").is_err());
    }

    #[test]
    fn models_of_the_engine_are_one_for_all_or_pairs() {
        let settings = |text: &str| {
            let pairs = environment(&[("QWENCTL_ENGINE_MODEL", text)]);
            resolve(&Overrides::default(), &pairs, &file(""))
        };
        let models = settings("qwen3-max = llama3.2:1b; a=b; gemma3").expect("models").engine_model;
        let pair = |name: &str, model: &str| (name.to_owned(), model.to_owned());
        assert_eq!(models.value.pairs, [pair("qwen3-max", "llama3.2:1b"), pair("a", "b")]);
        assert_eq!(models.value.default.as_deref(), Some("gemma3"));
        for wrong in ["a=", "=b", "a; b", "a=b; a=c"] {
            assert!(settings(wrong).is_err(), "{wrong}");
        }
        let in_file = file("engine_model = [\"a=b\", \"c\"]\nengine_context = 4096");
        let settings = resolve(&Overrides::default(), &Environment::default(), &in_file);
        let settings = settings.expect("settings");
        assert_eq!(settings.engine_model.value.default.as_deref(), Some("c"));
        assert_eq!(settings.engine_context.value, Some(4096));
    }

    #[test]
    fn the_variable_of_the_official_api_is_for_it_alone() {
        let key = |pairs: &[(&str, &str)]| {
            let settings = resolve(&Overrides::default(), &environment(pairs), &file(""));
            settings.expect("settings").engine_key
        };
        let theirs = ("DASHSCOPE_API_KEY", "sk-theirs");
        assert!(key(&[theirs]).value.is_none());
        assert!(key(&[theirs, ("QWENCTL_ENGINE", "ollama")]).value.is_none());
        for other in [
            "https://aliyuncs.com.example/v1",
            "https://my.oss.aliyuncs.com/v1",
            "https://dashscope.my.aliyuncs.com/v1",
            "https://dashscope-a.my.aliyuncs.com/v1",
            "https://mydashscope.aliyuncs.com/v1",
            "http://dashscope.aliyuncs.com/v1",
        ] {
            assert!(key(&[theirs, ("QWENCTL_ENGINE", other)]).value.is_none(), "{other}");
        }
        for engine in ["dashscope", "dashscope-intl"] {
            let found = key(&[theirs, ("QWENCTL_ENGINE", engine)]);
            assert_eq!(found.value.expect("a key").expose_secret(), "sk-theirs");
            assert_eq!(found.origin, Origin::Environment("DASHSCOPE_API_KEY"));
        }
        let ours = ("QWENCTL_ENGINE_KEY", "sk-ours");
        let found = key(&[theirs, ours, ("QWENCTL_ENGINE", "dashscope")]);
        assert_eq!(found.value.expect("a key").expose_secret(), "sk-ours");
    }
}
