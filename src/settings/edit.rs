//! Changes of the config file as a text: everything else in it, comments included, stays as it is.

use std::fs;
use std::path::Path;

use toml::de::DeTable;

use super::schema::{Form, SETTINGS, SettingSpec};
use super::{ConfigFile, Environment, Overrides, nearest, resolve};
use crate::domain::{Error, Result};
use crate::files;

/// The setting called `key`.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] with the nearest name.
pub fn setting(key: &str) -> Result<&'static SettingSpec> {
    let name = key.replace('-', "_");
    SETTINGS.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let error = Error::invalid(format!("there is no setting `{key}`"));
        match nearest(key, SETTINGS.iter().map(|spec| spec.name)) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("`qwenctl config show` lists the settings"),
        }
    })
}

/// The setting called `key`, which the config file may hold as one value.
fn in_file(key: &str) -> Result<&'static SettingSpec> {
    let spec = setting(key)?;
    if !spec.in_file {
        let message = format!("the config file cannot hold `{key}`");
        return Err(Error::invalid(message).with_hint(format!("set {} instead", spec.variable)));
    }
    if spec.form == Form::Headers {
        let message = format!("`{key}` is a table");
        return Err(Error::invalid(message).with_hint("use `qwenctl config edit`"));
    }
    Ok(spec)
}

/// The content of a config file with another value of `key`; without `value` the key is removed.
///
/// # Errors
/// If there is no such setting, the value does not fit it, or the file is broken.
pub fn changed(path: &Path, text: &str, key: &str, value: Option<&str>) -> Result<String> {
    let spec = in_file(key)?;
    // Reports what is wrong with the file as it is.
    check(path, text)?;
    let table = DeTable::parse(text).map_err(|fault| Error::invalid(fault.message().to_owned()))?;
    let found = table.get_ref().iter().find(|(key, _)| key.get_ref() == spec.name);
    let found = found.map(|(key, value)| (key.span(), value.span()));
    let changed = match (found, value) {
        (Some((_, old)), Some(value)) => {
            format!("{}{}{}", &text[..old.start], written(spec, value)?, &text[old.end..])
        }
        (Some((name, old)), None) => {
            let start = text[..name.start].rfind('\n').map_or(0, |at| at + 1);
            let end = text[old.end..].find('\n').map_or(text.len(), |at| old.end + at + 1);
            format!("{}{}", &text[..start], &text[end..])
        }
        (None, Some(value)) => {
            let (before, after) = text.split_at(end_of_keys(text, table.get_ref()));
            let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
            format!("{before}{gap}{} = {}\n{after}", spec.name, written(spec, value)?)
        }
        (None, None) => text.to_owned(),
    };
    // Only the given value can be wrong now, and it is in no file yet.
    check(Path::new(""), &changed)?;
    Ok(changed)
}

/// Where another key can be added: before the first table, with the comments in front of it.
fn end_of_keys(text: &str, table: &DeTable<'_>) -> usize {
    let values: Vec<_> = table.iter().map(|(_, value)| value.span()).collect();
    let mut at = 0;
    let mut comments = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let start = at + line.len() - trimmed.len();
        let is_inside = values.iter().any(|span| span.start < start && start < span.end);
        if !is_inside && trimmed.starts_with('[') {
            return comments.unwrap_or(at);
        }
        comments = if trimmed.starts_with('#') { comments.or(Some(at)) } else { None };
        at += line.len();
    }
    text.len()
}

/// A value as TOML.
fn written(spec: &SettingSpec, value: &str) -> Result<String> {
    Ok(match spec.form {
        Form::Number => {
            let number = value.trim().parse::<u64>().map_err(|_| {
                Error::invalid(format!("`{}` must be {}", spec.name, spec.form.expected()))
            })?;
            number.to_string()
        }
        Form::Limits | Form::Models => {
            let items = value.split(';').map(str::trim).filter(|item| !item.is_empty());
            toml::Value::from(items.collect::<Vec<_>>()).to_string()
        }
        _ => toml::Value::from(value).to_string(),
    })
}

/// Checks the content of a config file, also its values.
///
/// # Errors
/// As with [`ConfigFile::parse`] and [`resolve()`].
pub fn check(path: &Path, text: &str) -> Result<()> {
    let (file, _) = ConfigFile::parse(path, text)?;
    resolve(&Overrides::default(), &Environment::default(), &file).map(drop)
}

/// The content of the config file; empty if there is none.
///
/// # Errors
/// If it cannot be read, or others can write it.
pub fn text(path: &Path) -> Result<String> {
    ConfigFile::read(path)?;
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(fault) => Err(Error::invalid(format!("cannot read {}: {fault}", path.display()))),
    }
}

/// Replaces the config file as a whole. A new one is private.
///
/// # Errors
/// If it cannot be written.
pub fn store(path: &Path, text: &str) -> Result<()> {
    let unwritable = |fault: std::io::Error| {
        Error::invalid(format!("cannot write the config file {}: {fault}", path.display()))
            .with_hint("choose another one with `--config` or QWENCTL_CONFIG")
    };
    if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        files::create_private_directory(directory).map_err(unwritable)?;
    }
    // The mode of the file stays.
    files::open_private(fs::OpenOptions::new().create(true).append(true), path)
        .map_err(unwritable)?;
    files::write_whole(path, text.as_bytes(), true).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str, key: &str, value: Option<&str>) -> Result<String> {
        changed(Path::new("/c.toml"), text, key, value)
    }

    #[test]
    fn a_change_keeps_comments_and_order() {
        let text =
            "# mine\nmodel = \"a\" # why\n\nproxy = 'http://p:1'\n# more\n[headers]\nX = \"y\"\n";
        assert_eq!(
            change(text, "model", Some("b \"c\"")).expect("changed"),
            text.replace("\"a\"", "'b \"c\"'")
        );
        let unset = change(text, "model", None).expect("changed");
        assert_eq!(unset, text.replace("model = \"a\" # why\n", ""));
        let added = change(text, "quick", Some("new")).expect("changed");
        assert_eq!(added, text.replace("# more", "quick = \"new\"\n# more"));
        assert_eq!(change("", "quick", Some("new")).ok().as_deref(), Some("quick = \"new\"\n"));
        assert_eq!(change("a = 1", "quick", None).ok().as_deref(), Some("a = 1"));
    }

    #[test]
    fn values_are_written_by_their_form() {
        let list = "rate_limit = [\n  '1 per day', # few\n]\n";
        let changed = change(list, "rate-limit", Some("2 per day; 1 per minute")).expect("changed");
        assert_eq!(changed, "rate_limit = [\"2 per day\", \"1 per minute\"]\n");
        assert_eq!(change(list, "rate_limit", None).ok().as_deref(), Some(""));
        let added = change(list, "prompt_limit", Some("5")).expect("changed");
        assert_eq!(added, format!("{list}prompt_limit = 5\n"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (key, value) in [
            ("modle", "m"),
            ("connect_timeout", "soon"),
            ("prompt_limit", "many"),
            ("quick", "often"),
            ("headers", "a"),
            ("token_file", "/x"),
            ("api_url", "ftp://x"),
        ] {
            let error = change("", key, Some(value)).expect_err(key);
            assert!(error.message().contains(key), "{error}");
            assert!(!error.message().contains("/c.toml"), "{error}");
            assert!(error.hint().is_none_or(|hint| !hint.contains("/c.toml")), "{error}");
        }
        assert!(change("model = 1", "quick", Some("new")).is_err(), "a broken file stays as it is");
    }
}
