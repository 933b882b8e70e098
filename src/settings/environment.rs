//! The environment variables, read once. Nothing else reads the process's environment for settings:
//! every rule can be tested with made-up values.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::domain::{Error, Result};

/// Environment variables and the user's home directory.
///
/// A variable with only white space is unset, as in `QWEN_TOKEN= qwenctl …`. White space around a value
/// is removed.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    config_file: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process. The path of the config file comes from confy.
    pub fn from_process() -> Self {
        let absolute = |path: &PathBuf| path.is_absolute();
        Self {
            variables: std::env::vars_os().collect(),
            home: std::env::home_dir().filter(absolute),
            config_file: confy::get_configuration_file_path("qwenctl", "config")
                .ok()
                .filter(absolute),
        }
    }

    /// An environment with only these variables. `HOME` and `XDG_CONFIG_HOME` locate the config file
    /// as in a process.
    pub fn from_pairs<K: Into<OsString>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables =
            pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let mut environment = Self { variables, home: None, config_file: None };
        environment.home = environment.absolute_path("HOME");
        environment.config_file = environment
            .absolute_path("XDG_CONFIG_HOME")
            .or_else(|| Some(environment.home.as_ref()?.join(".config")))
            .map(|directory| directory.join("qwenctl").join("config.toml"));
        environment
    }

    /// The names of all variables, if they are UTF-8.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().filter_map(|name| name.to_str())
    }

    /// The value of a variable; `None` if it is unset or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.text(name).ok().flatten()
    }

    /// The value of a variable; `None` if it is unset.
    ///
    /// # Errors
    /// If it is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        let Some(value) = self.variables.get(std::ffi::OsStr::new(name)) else {
            return Ok(None);
        };
        let value = value.to_str().ok_or_else(|| {
            Error::invalid(format!("the environment variable {name} is not valid UTF-8"))
                .with_hint(format!("correct {name}, or remove it with `unset {name}`"))
        })?;
        Ok(Some(value.trim()).filter(|value| !value.is_empty()))
    }

    /// The value of a variable with a path, which need not be UTF-8.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variables.get(std::ffi::OsStr::new(name))?;
        let blank = value.to_str().is_some_and(|text| text.trim().is_empty());
        (!blank).then(|| PathBuf::from(value))
    }

    /// The user's home directory, if any.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The default path of the config file, if there is a home directory.
    pub fn default_config_file(&self) -> Option<&Path> {
        self.config_file.as_deref()
    }

    /// `$XDG_DATA_HOME/qwenctl`, or the same under the home directory.
    pub fn default_data_dir(&self) -> Option<PathBuf> {
        self.absolute_path("XDG_DATA_HOME")
            .or_else(|| Some(self.home.as_ref()?.join(".local").join("share")))
            .map(|directory| directory.join("qwenctl"))
    }

    /// The XDG specification ignores relative paths in its variables.
    fn absolute_path(&self, name: &str) -> Option<PathBuf> {
        self.path(name).filter(|path| path.is_absolute())
    }
}

impl fmt::Debug for Environment {
    /// The names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("home", &self.home)
            .field("config_file", &self.config_file)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_is_unset() {
        let environment = Environment::from_pairs([("A", " \n"), ("B", " x ")]);
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.path("A"), None);
        assert_eq!(environment.get("B"), Some("x"));
        assert_eq!(environment.get("C"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf8_is_an_error_or_a_path() {
        use std::os::unix::ffi::OsStringExt;
        let odd = OsString::from_vec(vec![b'/', 0xff]);
        let environment = Environment::from_pairs([("QWEN_TOKEN", odd.clone())]);
        let error = environment.text("QWEN_TOKEN").expect_err("not UTF-8");
        assert!(error.message().contains("QWEN_TOKEN"));
        assert_eq!(environment.get("QWEN_TOKEN"), None);
        assert_eq!(environment.path("QWEN_TOKEN"), Some(PathBuf::from(odd)));
    }

    #[test]
    fn relative_xdg_directories_are_ignored() {
        let environment = Environment::from_pairs([
            ("HOME", "/home/u"),
            ("XDG_CONFIG_HOME", "conf"),
            ("XDG_DATA_HOME", "data"),
        ]);
        let config = Path::new("/home/u/.config/qwenctl/config.toml");
        assert_eq!(environment.default_config_file(), Some(config));
        assert_eq!(environment.default_data_dir(), Some("/home/u/.local/share/qwenctl".into()));
    }

    #[test]
    fn without_a_home_there_are_no_default_paths() {
        for environment in [Environment::default(), Environment::from_pairs([("HOME", "here")])] {
            assert_eq!(environment.home(), None);
            assert_eq!(environment.default_config_file(), None);
            assert_eq!(environment.default_data_dir(), None);
        }
    }

    #[test]
    fn the_config_file_is_located_as_by_confy() {
        let process = Environment::from_process();
        let again = Environment::from_pairs(process.variables.clone());
        if process.path("HOME").is_some() {
            assert_eq!(again.config_file, process.config_file);
        }
    }

    #[test]
    fn debug_shows_no_values() {
        let secret = ["can", "ary"].concat();
        let shown = format!("{:?}", Environment::from_pairs([("QWEN_TOKEN", secret.clone())]));
        assert!(shown.contains("QWEN_TOKEN") && !shown.contains(&secret));
    }
}
