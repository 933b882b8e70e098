//! Resolves the settings: flag, then environment, then config file, then default.
//!
//! [`resolve()`] is a pure function; [`load()`] finds and reads the config file first.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::parse::{self, ArchiveMode, LongTexts, QuickChat};
use super::schema::{SETTINGS, SettingSpec, setting_list, spec};
use super::show::{self, Origin, Setting, SettingRow};
use super::{AccountName, ConfigFile, Environment, Paths, nearest};
use crate::domain::{Carrier, Error, LogLevel, ModelMap, RateLimit, Result};
use crate::net::address::http_url;
use crate::net::pem;

/// The usual variable for the key of the official API.
const DASHSCOPE_KEY: &str = "DASHSCOPE_API_KEY";

/// Maximum size of the CA file; a bundle of all public authorities has a quarter of it.
const MAX_CA_BYTES: u64 = 1 << 20;

macro_rules! define_settings {
    (
        settings {$(
            $field:ident: $type:ty = $read:expr, $show:expr;
                $name:literal, $file:literal, $variable:literal, $flag:expr, $default:expr, $form:ident,
                $doc:literal;
        )*}
        listed $listed:tt
    ) => {
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
            fn get(&self, name: &str) -> Option<&OsStr> {
                match name {
                    $($name => self.$field.as_deref(),)*
                    _ => None,
                }
            }
        }

        impl Settings {
            /// Reads every setting.
            #[allow(clippy::redundant_closure_for_method_calls, reason = "methods of a lifetime")]
            fn read(from: &Sources<'_>) -> Result<Self> {
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

setting_list!(define_settings);

/// Resolves every setting. Pure: the same input gives the same settings, nothing is read or written.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] naming the flag, variable or key of the first invalid
/// value.
pub fn resolve(
    overrides: &Overrides,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<Settings> {
    Settings::read(&Sources { overrides, environment, file })
}

/// The origins of values, in order of precedence.
struct Sources<'a> {
    overrides: &'a Overrides,
    environment: &'a Environment,
    file: &'a ConfigFile,
}

impl Sources<'_> {
    /// The text of a setting, from the first source that sets it.
    fn written(&self, spec: SettingSpec) -> Result<Option<Setting<String>>> {
        if let (Some(value), Some(name)) = (self.overrides.get(spec.name), spec.flag) {
            let origin = Origin::Flag(name);
            let value = value.to_str().ok_or_else(|| origin.error("is not valid UTF-8"))?;
            return Ok(Some(Setting { value: value.to_owned(), origin }));
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

    /// A value that may be unset.
    fn optional<T>(
        &self,
        spec: SettingSpec,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<Option<T>>> {
        let Some(Setting { value, origin }) = self.written(spec)? else {
            return Ok(Setting { value: None, origin: Origin::Default });
        };
        let value = parse(&value).map_err(|fault| origin.error(&fault))?;
        Ok(Setting { value: Some(value), origin })
    }

    /// A value whose default is the text in the list.
    fn required<T>(
        &self,
        spec: SettingSpec,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<T>> {
        let Setting { value, origin } = self.optional(spec, &parse)?;
        let value = match value {
            Some(value) => value,
            None => parse(spec.default).map_err(|fault| origin.error(&fault))?,
        };
        Ok(Setting { value, origin })
    }

    /// A value whose default is that of its type.
    fn or_default<T: Default>(
        &self,
        spec: SettingSpec,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Setting<T>> {
        let Setting { value, origin } = self.optional(spec, parse)?;
        Ok(Setting { value: value.unwrap_or_default(), origin })
    }

    /// The key of the engine. The variable of the official API applies to that API only.
    fn engine_key(&self, spec: SettingSpec) -> Result<Setting<Option<SecretString>>> {
        let found = self.optional(spec, parse::engine_key)?;
        let engine = self.required(spec::engine, parse::engine_url)?.value;
        if found.value.is_some() || !engine.as_deref().is_some_and(parse::is_dashscope) {
            return Ok(found);
        }
        let Some(key) = self.environment.text(DASHSCOPE_KEY)? else { return Ok(found) };
        let origin = Origin::Environment(DASHSCOPE_KEY);
        let key = parse::engine_key(key).map_err(|fault| origin.error(&fault))?;
        Ok(Setting { value: Some(key), origin })
    }

    /// Additional headers; in the config file they are a table.
    fn headers(&self, spec: SettingSpec) -> Result<Setting<Vec<(String, SecretString)>>> {
        let Setting { value, origin } = self.optional(spec, parse::headers)?;
        if let Some(value) = value {
            return Ok(Setting { value, origin });
        }
        let written = self.file.headers();
        if written.is_empty() {
            return Ok(Setting { value: Vec::new(), origin: Origin::Default });
        }
        let origin = self.file_origin(spec);
        let headers: Result<_, _> = written
            .iter()
            .map(|(name, value)| parse::header(name, value.expose_secret()))
            .collect();
        Ok(Setting { value: headers.map_err(|fault| origin.error(&fault))?, origin })
    }

    /// A path, which need not be UTF-8. In the config file it is relative to that file, and `~/` is
    /// the home directory.
    fn path(&self, spec: SettingSpec) -> Result<Setting<Option<PathBuf>>> {
        let (value, origin) =
            if let (Some(path), Some(name)) = (self.overrides.get(spec.name), spec.flag) {
                (PathBuf::from(path), Origin::Flag(name))
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

    /// The data directory; `None` only without a home directory.
    fn data_dir(&self, spec: SettingSpec) -> Result<Setting<Option<PathBuf>>> {
        let found = self.path(spec)?;
        if found.value.is_some() {
            return Ok(found);
        }
        Ok(Setting { value: self.environment.default_data_dir(), origin: Origin::Default })
    }
}

/// The settings of this run.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// Warnings, one sentence each.
    pub warnings: Vec<String>,
    /// The config file that was read; `None` if there is none.
    pub config_path: Option<PathBuf>,
    /// The paths of the program's files.
    pub paths: Paths,
}

/// Warnings about variables that look like one of ours and are none.
fn misspelt_variables(environment: &Environment) -> Vec<String> {
    const PREFIX: &str = "QWENCTL_";
    let stems = |spec: &SettingSpec| spec.variable.strip_prefix(PREFIX).map(str::to_lowercase);
    let known: Vec<String> = SETTINGS.iter().filter_map(stems).collect();
    let misspelt = environment.names().filter_map(|name| {
        let stem = name.strip_prefix(PREFIX)?.to_lowercase();
        let nearest = nearest(&stem, known.iter().map(String::as_str))?.to_uppercase();
        let unknown = format!("unknown environment variable {name}");
        (stem != nearest.to_lowercase())
            .then(|| format!("{unknown}; did you mean `{PREFIX}{nearest}`?"))
    });
    misspelt.collect()
}

/// Reads the config file and resolves the settings. Creates no file.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] if a named config file does not exist or the file is
/// broken; those of [`resolve()`].
pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Loaded> {
    let paths = Paths::find(environment, overrides.config_file.as_deref());
    let path = paths.config_file().ok().map(Path::to_owned);
    if let (Some(path), Some(origin)) = (&path, named_by(overrides, environment)) {
        must_exist(path, &origin)?;
    }
    let (file, mut warnings) = match &path {
        Some(path) => ConfigFile::read(path)?,
        None => (ConfigFile::default(), Vec::new()),
    };
    warnings.extend(misspelt_variables(environment));
    let settings = resolve(overrides, environment, &file)?;
    warnings.extend(settings.warnings());
    Ok(Loaded {
        paths: paths.with_data_dir(settings.data_dir.value.clone()),
        settings,
        warnings,
        config_path: path.filter(|path| path.exists()),
    })
}

/// The settings without the config file, for a diagnosis that goes beyond a broken one.
///
/// # Errors
/// Those of [`resolve()`].
pub fn load_without_file(overrides: &Overrides, environment: &Environment) -> Result<Loaded> {
    let paths = Paths::find(environment, overrides.config_file.as_deref());
    let settings = resolve(overrides, environment, &ConfigFile::default())?;
    Ok(Loaded {
        paths: paths.with_data_dir(settings.data_dir.value.clone()),
        warnings: settings.warnings(),
        settings,
        config_path: None,
    })
}

fn named_by(overrides: &Overrides, environment: &Environment) -> Option<Origin> {
    let variable = spec::CONFIG_FILE.variable;
    if overrides.config_file.is_some() {
        return spec::CONFIG_FILE.flag.map(Origin::Flag);
    }
    environment.path(variable).map(|_| Origin::Environment(variable))
}

fn must_exist(path: &Path, origin: &Origin) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let message = format!("the config file {} (named by {origin}) does not exist", path.display());
    Err(Error::invalid(message)
        .with_hint("correct the path, or create the file, which may be empty"))
}

impl Settings {
    /// The content of `ca_file`, if set: certificates in PEM format.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`] naming the file and its origin, if it cannot be
    /// read, is larger than 1 MiB or contains no certificate.
    pub fn extra_ca_pem(&self) -> Result<Option<Vec<u8>>> {
        let Some(path) = &self.ca_file.value else { return Ok(None) };
        let refused = |fault: &str| {
            let origin = &self.ca_file.origin;
            Error::invalid(format!("the CA file {} (named by {origin}) {fault}", path.display()))
                .with_hint(
                    "name a file of certificates in PEM format (`-----BEGIN CERTIFICATE-----`)",
                )
        };
        let mut pem = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_CA_BYTES + 1).read_to_end(&mut pem))
            .map_err(|fault| refused(&format!("cannot be read: {fault}")).caused_by(fault))?;
        if pem.len() as u64 > MAX_CA_BYTES {
            return Err(refused("is larger than 1 MiB"));
        }
        match pem::certificates(&pem) {
            Ok(found) if found.is_empty() => Err(refused("contains no certificate")),
            Ok(_) => Ok(Some(pem)),
            Err(fault) => Err(refused(&format!("cannot be used: {fault}"))),
        }
    }
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

    /// The host and port of the engine, without the rest of its address: that may hold secrets.
    pub fn engine_host(&self) -> Option<String> {
        let url = http_url(self.engine.value.as_deref()?)?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}{port}", url.host_str()?))
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
    fn engine_host_holds_no_secret() {
        for (url, host) in [
            ("http://me:secret@127.0.0.1:8099/v1?key=secret", "127.0.0.1:8099"),
            ("https://models.example/secret/v1", "models.example"),
            ("http://[::1]:8099/v1", "[::1]:8099"),
        ] {
            let engine = Setting { value: Some(url.to_owned()), origin: Origin::Default };
            let settings = resolve(&Overrides::default(), &environment(&[]), &file(""));
            let settings = Settings { engine, ..settings.expect("settings") };
            assert_eq!(settings.engine_host().as_deref(), Some(host));
        }
    }

    #[test]
    fn misspelt_variables_are_warned_about() {
        let warnings = |name: &str| misspelt_variables(&environment(&[(name, "x")]));
        let warning = "unknown environment variable QWENCTL_MODLE; did you mean `QWENCTL_MODEL`?";
        assert_eq!(warnings("QWENCTL_MODLE"), [warning]);
        for fine in ["QWENCTL_MODEL", "QWENCTL_URL", "QWENCTL_TEST_STORE", "QWEN_MODLE"] {
            assert!(warnings(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let in_file = file("api_url = \"https://file.test/\"\nidle_timeout = 7");
        let in_environment =
            environment(&[("QWEN_API_URL", "https://env.test"), ("QWENCTL_IDLE_TIMEOUT", "8s")]);
        let flags = Overrides {
            api_url: Some("https://flag.test/api/".into()),
            idle_timeout: Some("9s".into()),
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
    fn every_default_resolves_and_every_row_is_in_the_list() {
        let settings = resolve(&Overrides::default(), &Environment::default(), &file(""))
            .expect("the defaults");
        let elsewhere = ["config", "token", "refresh_token"];
        let listed = SETTINGS.iter().filter(|spec| !elsewhere.contains(&spec.name));
        let listed: Vec<_> = listed.map(|spec| spec.name).collect();
        let rows: Vec<_> = settings.rows().iter().map(|row| row.key).collect();
        assert_eq!(rows, listed);
        assert!(settings.rows().iter().all(|row| row.origin == Origin::Default));
        assert_eq!(settings.max_time.value, None);
        assert!(settings.warnings().is_empty());
    }

    /// A value of each setting.
    fn sample(spec: &SettingSpec) -> &'static str {
        match spec.name {
            "api_url" | "auth_url" | "proxy" | "engine" => "http://127.0.0.1:1",
            "engine_context" | "prompt_warning" | "prompt_limit" => "4096",
            "engine_key" => "a-made-up-key",
            "connect_timeout" | "idle_timeout" | "max_time" | "trash_keep" | "delete_grace"
            | "archive_keep" | "sync_every" => "77s",
            "archive" => "on",
            "cookie" => "a=b",
            "headers" => "X-A: b",
            "secret_key" => "a made-up one of 32 characters...",
            "log" => "debug",
            "quick" => "new",
            "carrier" => "both",
            "long_as_file" => "never",
            "highlight" | "archive_thinking" | "private_urls" => "false",
            "account" => "work",
            "rate_limit" | "rate_limit_send" | "sync_rate" => "7 per hour",
            _ => "/some-thing",
        }
    }

    #[test]
    fn every_variable_of_the_list_applies() {
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
    fn every_key_of_the_list_applies() {
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
    fn an_invalid_value_is_reported_with_its_origin() {
        for (error, place) in [
            (refused(&[("QWEN_API_URL", "chat.qwen.ai")], ""), "QWEN_API_URL must start with"),
            (refused(&[("QWENCTL_MAX_TIME", "soon")], ""), "QWENCTL_MAX_TIME must be a duration"),
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
        let flags = Overrides { proxy: Some("proxy:1".into()), ..Overrides::default() };
        let error = resolve(&flags, &Environment::default(), &file("")).expect_err("no scheme");
        assert!(error.message().starts_with("--proxy must start with http://"), "{error}");
    }

    #[test]
    fn the_time_limit_can_be_disabled() {
        for text in ["max_time = 0", "max_time = \"off\"", "max_time = \"0s\""] {
            let settings = resolve(&Overrides::default(), &Environment::default(), &file(text));
            assert_eq!(settings.expect(text).max_time.value, None);
        }
        let flags = Overrides { max_time: Some("off".into()), ..Overrides::default() };
        let settings = resolve(&flags, &Environment::default(), &file("max_time = 5"));
        assert_eq!(settings.expect("settings").max_time.value, None);
    }

    #[test]
    fn paths_of_the_config_file_are_relative_to_it_or_to_home() {
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
    fn an_unencrypted_api_url_is_warned_about() {
        let risky = environment(&[("QWEN_API_URL", "http://example.org/api")]);
        let settings = resolve(&Overrides::default(), &risky, &file("")).expect("settings");
        let warnings = settings.warnings();
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].contains("http://example.org/api") && warnings[0].contains("QWEN_API_URL")
        );
    }

    #[test]
    fn an_unencrypted_engine_with_a_key_is_warned_about() {
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
        let flags = Overrides { proxy: Some(secret.clone().into()), ..Overrides::default() };
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
            let flags = Overrides { engine: Some(text.into()), ..Overrides::default() };
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
    fn the_dashscope_variable_applies_to_dashscope_only() {
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

    #[test]
    fn the_ca_file_is_read_or_refused_by_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ca.pem");
        let flags = Overrides { ca_file: Some(path.clone().into()), ..Overrides::default() };
        let settings = resolve(&flags, &Environment::default(), &ConfigFile::default());
        let settings = settings.expect("settings");
        let fault = settings.extra_ca_pem().expect_err("there is no file");
        assert!(fault.message().contains("ca.pem (named by --ca-file) cannot be read"), "{fault}");
        std::fs::write(&path, "DER").expect("a file");
        assert!(settings.extra_ca_pem().expect_err("no PEM").message().contains("no certificate"));
        let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, pem).expect("a file");
        assert_eq!(settings.extra_ca_pem().expect("a file"), Some(pem.into()));
    }
}
