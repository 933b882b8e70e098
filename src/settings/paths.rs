//! Where the files lie. Not having a home directory is no error until a path is really needed.

use std::path::{Path, PathBuf};

use super::home::no_home;
use super::table::spec;
use super::{CredentialStore, Environment, KeyStore};
use crate::domain::Result;

/// The places of the program's files, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    config_file: Option<PathBuf>,
    data_dir: Option<PathBuf>,
}

impl Paths {
    /// The config file is `named`, or the one in `QWENCTL_CONFIG`, or confy's; the data directory is
    /// that of `QWENCTL_DATA_DIR`, or `$XDG_DATA_HOME/qwenctl`. Looks nothing up on disk.
    pub fn find(environment: &Environment, named: Option<&Path>) -> Self {
        Self {
            config_file: named
                .map(Path::to_owned)
                .or_else(|| environment.path(spec::CONFIG_FILE.variable))
                .or_else(|| environment.default_config_file().map(Path::to_owned)),
            data_dir: environment
                .path(spec::DATA_DIR.variable)
                .or_else(|| environment.default_data_dir()),
        }
    }

    /// The same with another data directory, such as the one that the config file names.
    #[must_use]
    pub fn with_data_dir(self, data_dir: Option<PathBuf>) -> Self {
        Self { data_dir: data_dir.or(self.data_dir), ..self }
    }

    /// The config file; it need not exist.
    ///
    /// # Errors
    /// If there is no home directory and nobody names the file.
    pub fn config_file(&self) -> Result<&Path> {
        self.config_file.as_deref().ok_or_else(|| no_home("config file", "QWENCTL_CONFIG"))
    }

    /// The credentials file, which lies beside the config file; it need not exist.
    ///
    /// # Errors
    /// As [`Paths::config_file`].
    pub fn credentials_file(&self) -> Result<PathBuf> {
        match &self.config_file {
            Some(config) => Ok(config.with_file_name("credentials.toml")),
            None => Err(no_home("credentials file", "QWENCTL_CONFIG")),
        }
    }

    /// The directory for data; it need not exist.
    ///
    /// # Errors
    /// If there is no home directory and nobody names the directory.
    pub fn data_dir(&self) -> Result<&Path> {
        self.data_dir.as_deref().ok_or_else(|| no_home("data directory", "QWENCTL_DATA_DIR"))
    }

    /// The store of the tokens. Without a home directory it is empty and cannot be written.
    pub fn credentials(&self) -> CredentialStore {
        match self.credentials_file() {
            Ok(path) => CredentialStore::at(path),
            Err(_) => CredentialStore::nowhere(),
        }
    }

    /// The store of the API keys, which lies beside the config file. Without a home directory it is
    /// empty and cannot be written.
    pub fn keys(&self) -> KeyStore {
        match &self.config_file {
            Some(config) => KeyStore::at(config.with_file_name("keys.toml")),
            None => KeyStore::nowhere(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    #[test]
    fn a_named_file_wins_over_the_variable_and_the_home() {
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
    fn without_a_home_the_error_comes_when_a_path_is_needed() {
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
