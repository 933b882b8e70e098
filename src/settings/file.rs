//! The config file: TOML, one key for each setting (see [`super::SETTINGS`]), no tokens. Reading
//! it never creates it. Errors name path, line and column, and never repeat a value.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::schema::{Form, SETTINGS, SettingSpec, spec};
use crate::domain::{AccessToken, Error, Result};
use crate::files::others_may_write;

/// Maximum size of the file.
const MAX_BYTES: u64 = 1 << 20;

/// Keys that look like tokens.
const TOKEN_KEYS: [&str; 7] = [
    "token",
    "access_token",
    "refresh_token",
    "qwen_token",
    "qwen_refresh_token",
    "authorization",
    "bearer",
];

/// The content of the config file; values are checked by [`super::resolve()`].
#[derive(Debug, Clone, Default)]
pub struct ConfigFile {
    path: PathBuf,
    texts: BTreeMap<&'static str, SecretString>,
    headers: Vec<(String, SecretString)>,
}

impl ConfigFile {
    /// Reads the file; a missing one is empty. The second value holds warnings: unknown keys, and
    /// secrets that other users can read.
    ///
    /// # Errors
    /// If it cannot be read, can be written by other users, is not TOML, has a value of the wrong type, or
    /// contains a token.
    pub fn read(path: &Path) -> Result<(Self, Vec<String>)> {
        let Some(bytes) = read_bounded(path)? else {
            return Ok((Self { path: path.to_owned(), ..Self::default() }, Vec::new()));
        };
        let text = String::from_utf8(bytes).map_err(|fault| {
            let at = fault.utf8_error().valid_up_to();
            let position = Position::of(fault.as_bytes(), at);
            broken(path, position, "it is not valid UTF-8")
        })?;
        let (file, mut warnings) = Self::parse(path, &text)?;
        warnings.extend(file.warning_about_mode());
        Ok((file, warnings))
    }

    /// Parses `text` as the content of the file at `path`.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub fn parse(path: &Path, text: &str) -> Result<(Self, Vec<String>)> {
        let table = DeTable::parse(text).map_err(|fault| {
            let at = fault.span().map_or(0, |span| span.start);
            broken(path, Position::of(text.as_bytes(), at), fault.message())
        })?;
        let mut reader = Reader {
            text,
            file: Self { path: path.to_owned(), ..Self::default() },
            warnings: Vec::new(),
        };
        for (key, value) in table.get_ref() {
            reader.entry(key.get_ref(), key.span().start, value)?;
        }
        Ok((reader.file, reader.warnings))
    }

    /// The path of the file, which need not exist.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The value of a key with a text or a number.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(ExposeSecret::expose_secret)
    }

    /// The table `headers`.
    pub(super) fn headers(&self) -> &[(String, SecretString)] {
        &self.headers
    }

    fn holds_secrets(&self) -> bool {
        let password = self.text(spec::proxy.name).is_some_and(|proxy| proxy.contains('@'));
        password || self.text(spec::cookie.name).is_some() || !self.headers.is_empty()
    }

    #[cfg(unix)]
    fn warning_about_mode(&self) -> Option<String> {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(&self.path).ok()?;
        let wide = metadata.is_file() && metadata.mode() & 0o077 != 0;
        (wide && self.holds_secrets()).then(|| {
            let path = self.path.display();
            format!("{path} contains a cookie, headers or a password and is readable by other users: run `chmod 600 '{path}'`")
        })
    }

    #[cfg(not(unix))]
    fn warning_about_mode(&self) -> Option<String> {
        None
    }
}

/// The file's bytes, or `None` if there is no such file.
fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let read = match opened {
        Ok((metadata, file)) => {
            check_writers(path, &metadata)?;
            file.take(MAX_BYTES + 1).read_to_end(&mut bytes)
        }
        Err(fault) => Err(fault),
    };
    match read {
        Ok(_) if bytes.len() as u64 > MAX_BYTES => {
            Err(Error::invalid(format!("the config file {} is larger than 1 MiB", path.display())))
        }
        Ok(_) => Ok(Some(bytes)),
        Err(fault)
            if matches!(fault.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(fault) => {
            Err(Error::invalid(format!("cannot read the config file {}: {fault}", path.display()))
                .with_hint("check its permissions, or name another one with `--config FILE`")
                .caused_by(fault))
        }
    }
}

/// Refuses a file that another user may have written: it decides where the token goes.
#[cfg(unix)]
fn check_writers(path: &Path, metadata: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let shown = path.display();
    let (user, owner) = (rustix::process::geteuid().as_raw(), metadata.uid());
    let (fault, hint) = if !metadata.is_file() {
        return Ok(());
    } else if owner != user && owner != 0 {
        let fault = format!("belongs to another user (uid {owner}, you are uid {user})");
        (fault, format!("check its content, then run `sudo chown {user} '{shown}'`"))
    } else if others_may_write(metadata) {
        let mode = metadata.mode() & 0o7777;
        let fault = format!("can be written by other users (mode {mode:04o})");
        (fault, format!("check its content, then run `chmod go-w '{shown}'`"))
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("the config file {shown} {fault}")).with_hint(hint))
}

#[cfg(not(unix))]
fn check_writers(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}

/// A position in the file, counted from one.
#[derive(Clone, Copy)]
struct Position {
    line: usize,
    column: usize,
}

impl Position {
    fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Self {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
        }
    }
}

fn broken(path: &Path, Position { line, column }: Position, fault: &str) -> Error {
    let path = path.display();
    let fault = fault.lines().next().unwrap_or_default();
    Error::invalid(format!(
        "the config file {path} is broken at line {line}, column {column}: {fault}"
    ))
    .with_hint(format!("correct line {line} of {path}, or name another file with `--config FILE`"))
}

fn is_token(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().as_str().is_some_and(|text| AccessToken::parse(text).is_ok())
}

struct Reader<'a> {
    text: &'a str,
    file: ConfigFile,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn entry(&mut self, key: &str, at: usize, value: &Spanned<DeValue<'_>>) -> Result<()> {
        if TOKEN_KEYS.iter().any(|token| key.eq_ignore_ascii_case(token)) {
            return Err(self.token_refused(key, at));
        }
        match SETTINGS.iter().find(|spec| spec.key() == Some(key)) {
            Some(spec) if spec.form == Form::Headers => self.headers(spec, value),
            Some(spec) => {
                let text = self.plain_text(spec, value)?;
                self.file.texts.insert(spec.name, text.into());
                Ok(())
            }
            // Under any name: it would be unprotected and unused.
            None if is_token(value) => Err(self.token_refused(key, at)),
            None => {
                self.unknown(key, at);
                Ok(())
            }
        }
    }

    fn plain_text(&self, spec: &SettingSpec, value: &Spanned<DeValue<'_>>) -> Result<String> {
        match (value.get_ref(), spec.form) {
            (DeValue::String(text), _) => Ok(text.to_string()),
            (DeValue::Array(items), Form::Limits | Form::Models) => {
                let texts = items.iter().map(|item| {
                    let text = item.get_ref().as_str();
                    text.ok_or_else(|| self.wrong_type(spec.name, spec.form.expected(), item))
                });
                Ok(texts.collect::<Result<Vec<_>>>()?.join("; "))
            }
            (DeValue::Integer(number), Form::Duration | Form::Number) => Ok(number.to_string()),
            (DeValue::Boolean(flag), Form::Flag) => Ok(flag.to_string()),
            (DeValue::Float(number), Form::Duration) => Ok(number.to_string()),
            _ => Err(self.wrong_type(spec.name, spec.form.expected(), value)),
        }
    }

    fn headers(&mut self, spec: &SettingSpec, value: &Spanned<DeValue<'_>>) -> Result<()> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type(spec.name, spec.form.expected(), value));
        };
        for (name, value) in table {
            if TOKEN_KEYS.iter().any(|token| name.get_ref().eq_ignore_ascii_case(token)) {
                return Err(self.token_refused(name.get_ref(), name.span().start));
            }
            let Some(text) = value.get_ref().as_str() else {
                let key = format!("{}.{}", spec.name, name.get_ref());
                return Err(self.wrong_type(&key, Form::Text.expected(), value));
            };
            self.file.headers.push((name.get_ref().to_string(), text.into()));
        }
        Ok(())
    }

    fn position(&self, offset: usize) -> Position {
        Position::of(self.text.as_bytes(), offset)
    }

    fn wrong_type(&self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) -> Error {
        let found = value.get_ref().type_str();
        let fault = format!("`{key}` must be {expected}, not a TOML {found}");
        broken(&self.file.path, self.position(value.span().start), &fault)
    }

    fn token_refused(&self, key: &str, at: usize) -> Error {
        let Position { line, column } = self.position(at);
        let path = self.file.path.display();
        Error::invalid(format!(
            "the config file {path} contains a token (`{key}`, line {line}, column {column}), which is not allowed"
        ))
        .with_hint("remove that line and run `qwenctl token set`, which stores it in a file that only you can read")
    }

    fn unknown(&mut self, key: &str, at: usize) {
        let Position { line, .. } = self.position(at);
        let path = self.file.path.display();
        let known = SETTINGS.iter().filter_map(SettingSpec::key);
        let elsewhere = SETTINGS.iter().find(|spec| spec.name == key);
        let advice = match (elsewhere, nearest(key, known)) {
            (Some(spec), _) => format!("; set {} instead", spec.variable),
            (None, Some(nearest)) => format!("; did you mean `{nearest}`?"),
            (None, None) => String::new(),
        };
        let key: String = key.chars().filter(|c| !c.is_control()).take(60).collect();
        self.warnings
            .push(format!("unknown key `{key}` in {path}, line {line}, is ignored{advice}"));
    }
}

/// The known name that `name` most likely means, if any is close.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let most = name.chars().count() / 3 + 1;
    let near = known.into_iter().map(|known| (strsim::levenshtein(&name, known), known));
    near.filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(ConfigFile, Vec<String>)> {
        ConfigFile::parse(Path::new("/etc/q/config.toml"), text)
    }

    #[test]
    fn unknown_keys_are_warned_about_with_the_nearest_name() {
        let (file, warnings) =
            parse("model = \"m\"\napi-url = \"x\"\n[colours]\na = 1\n").expect("a config file");
        assert_eq!(file.text("model"), Some("m"));
        assert_eq!(warnings.len(), 2);
        let api = warnings.iter().find(|text| text.contains("api-url")).expect("a warning");
        assert!(api.contains("line 2") && api.contains("did you mean `api_url`?"), "{api}");
        let colours = warnings.iter().find(|text| text.contains("colours")).expect("a warning");
        assert!(colours.contains("line 3") && !colours.contains("did you mean"), "{colours}");
    }

    #[test]
    fn a_key_with_a_variable_only_names_the_variable() {
        let (_, warnings) = parse("engine_key = \"sk-x\"").expect("a config file");
        assert!(warnings[0].contains("set QWENCTL_ENGINE_KEY instead"), "{warnings:?}");
        assert!(!warnings[0].contains("sk-x"));
    }

    #[test]
    fn a_broken_file_names_path_line_and_column() {
        for (text, place) in [
            ("a = 1\nb = = 2\n", "line 2, column 5"),
            ("model = \"x", "line 1"),
            ("model = \"a\"\nmodel = \"b\"", "line 2, column 1"),
            ("\u{e9}\u{e9} = 1", "line 1, column 1"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.message().contains("/etc/q/config.toml"), "{error}");
            assert!(error.message().contains(place), "{text:?}: {error}");
            assert!(!error.message().contains('\n') && error.hint().is_some());
        }
    }

    #[test]
    fn a_wrong_type_names_the_key_and_the_expected_type() {
        for (text, key, expected) in [
            ("api_url = 1", "`api_url`", "a quoted URL"),
            ("\nidle_timeout = true", "`idle_timeout`", "a duration"),
            ("headers = \"X: y\"", "`headers`", "a table"),
            ("[headers]\nX-A = 1", "`headers.X-A`", "a quoted text"),
            ("model = [\"a\"]", "`model`", "a quoted text"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.message().contains(key) && error.message().contains(expected), "{error}");
            assert!(error.message().contains("line ") && error.message().contains("column "));
        }
    }

    #[test]
    fn tokens_are_refused_without_being_repeated() {
        let secret = ["can", "ary"].concat();
        for text in [
            format!("token = \"{secret}\""),
            format!("QWEN_TOKEN = \"{secret}\""),
            format!("login = \"{secret}.e30.{secret}\""),
            format!("\n  refresh_token = \"{secret}\""),
            format!("headers = {{ Authorization = \"Bearer {secret}\" }}"),
        ] {
            let error = parse(&text).expect_err(&text);
            let hint = error.hint().unwrap_or_default();
            assert!(hint.contains("qwenctl token set"), "{error}");
            assert!(!format!("{error} {error:?} {hint}").contains(&secret));
        }
    }

    #[test]
    fn broken_values_are_not_repeated() {
        let secret = ["can", "ary"].concat();
        for text in [
            format!("cookie = {secret}"),
            format!("cookie = \"{secret}\" {secret}"),
            format!("cookie = \"{secret}\n"),
            format!("cookie = [\"{secret}\"]"),
            format!("cookie = '{secret}\"\nproxy = {secret}=="),
        ] {
            let error = parse(&text).expect_err(&text);
            assert!(!format!("{error} {error:?} {:?}", error.hint()).contains(&secret), "{error}");
        }
    }

    #[test]
    fn a_byte_order_mark_and_an_empty_file_are_accepted() {
        let (file, warnings) = parse("\u{feff}model = \"m\"\r\n").expect("a config file");
        assert_eq!((file.text("model"), warnings.len()), (Some("m"), 0));
        assert!(parse("").is_ok_and(|(_, warnings)| warnings.is_empty()));
    }

    #[test]
    fn misspelled_names_are_matched() {
        let known = ["api_url", "auth_url", "idle_timeout"];
        for (name, meant) in [
            ("api-url", Some("api_url")),
            ("API_URL", Some("api_url")),
            ("apiurl", Some("api_url")),
            ("idel_timeout", Some("idle_timeout")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }
}
