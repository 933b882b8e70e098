//! The paths of the program's files. A missing home directory is an error only once a path is needed.

use std::path::{Path, PathBuf};

use super::Environment;
use super::private_file::no_home;
use super::schema::spec;
use crate::domain::Result;

/// The paths of the program's files, as far as known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    config_file: Option<PathBuf>,
    data_dir: Option<PathBuf>,
}

impl Paths {
    /// The config file is `named`, else that of `QWENCTL_CONFIG`, else confy's. The data directory is
    /// that of `QWENCTL_DATA_DIR`, else `$XDG_DATA_HOME/qwenctl`. Does not access the disk.
    pub fn find(environment: &Environment, named: Option<&Path>) -> Self {
        Self {
            config_file: named
                .map(Path::to_owned)
                .or_else(|| environment.path(spec::CONFIG_FILE.variable))
                .or_else(|| environment.default_config_file().map(Path::to_owned)),
            data_dir: environment
                .path(spec::data_dir.variable)
                .or_else(|| environment.default_data_dir()),
        }
    }

    /// The same with another data directory, such as that of the config file.
    #[must_use]
    pub fn with_data_dir(self, data_dir: Option<PathBuf>) -> Self {
        Self { data_dir: data_dir.or(self.data_dir), ..self }
    }

    /// The config file; it need not exist.
    ///
    /// # Errors
    /// Without a home directory and a named file.
    pub fn config_file(&self) -> Result<&Path> {
        self.config_file.as_deref().ok_or_else(|| no_home("config file", "QWENCTL_CONFIG"))
    }

    /// The credentials file, beside the config file; it need not exist.
    ///
    /// # Errors
    /// As [`Paths::config_file`].
    pub fn credentials_file(&self) -> Result<PathBuf> {
        match &self.config_file {
            Some(config) => Ok(config.with_file_name("credentials.toml")),
            None => Err(no_home("credentials file", "QWENCTL_CONFIG")),
        }
    }

    /// The data directory; it need not exist.
    ///
    /// # Errors
    /// Without a home directory and a named directory.
    pub fn data_dir(&self) -> Result<&Path> {
        self.data_dir.as_deref().ok_or_else(|| no_home("data directory", "QWENCTL_DATA_DIR"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    #[test]
    fn a_named_file_takes_precedence_over_variable_and_home() {
        let environment =
            Environment::from_pairs([("HOME", "/home/u"), ("QWENCTL_CONFIG", "/etc/q/c.toml")]);
        let named = Paths::find(&environment, Some(Path::new("mine/c.toml")));
        assert_eq!(named.config_file().ok(), Some(Path::new("mine/c.toml")));
        assert_eq!(named.credentials_file().ok(), Some("mine/credentials.toml".into()));
        let from_variable = Paths::find(&environment, None);
        assert_eq!(from_variable.credentials_file().ok(), Some("/etc/q/credentials.toml".into()));
        assert_eq!(from_variable.data_dir().ok(), Some(Path::new("/home/u/.local/share/qwenctl")));
    }

    #[test]
    fn a_missing_home_is_an_error_once_a_path_is_needed() {
        let paths = Paths::find(&Environment::default(), None);
        for error in [
            paths.config_file().expect_err("no home"),
            paths.credentials_file().expect_err("no home"),
            paths.data_dir().expect_err("no home"),
            paths.credentials().path().map(drop).expect_err("no home"),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.message().contains("no home directory"), "{error}");
            assert!(error.hint().is_some_and(|hint| hint.contains("HOME")));
        }
        assert!(paths.credentials().load().is_ok_and(|tokens| tokens.is_none()));
    }
}
