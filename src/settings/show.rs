//! Values of settings with their origin, and how they are shown: secrets are hidden.

#![allow(
    clippy::ptr_arg,
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "each setting is shown by a function of a reference to its field"
)]

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::parse::{self, ArchiveMode, LongTexts, QuickChat, show_duration};
use crate::domain::{Carrier, Error, LogLevel, RateLimit};

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, such as `--api-url`.
    Flag(&'static str),
    /// An environment variable, such as `QWEN_API_URL`.
    Environment(&'static str),
    /// The config file.
    File {
        /// Its path; empty for a value that is not in the file yet.
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
            Self::File { path, key } if path.as_os_str().is_empty() => format!("`{key}` {fault}"),
            Self::File { path, key } => format!("`{key}` in {} {fault}", path.display()),
            origin => format!("{origin} {fault}"),
        });
        match self {
            Self::File { path, .. } if !path.as_os_str().is_empty() => {
                error.with_hint(format!("edit {}", path.display()))
            }
            Self::Environment(name) => {
                error.with_hint(format!("correct {name}, or remove it with `unset {name}`"))
            }
            Self::File { .. } | Self::Flag(_) | Self::Default => error,
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

pub(super) fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

pub(super) fn hidden(value: &Option<SecretString>) -> String {
    value.as_ref().map(|_| "(hidden)".to_owned()).unwrap_or_default()
}

pub(super) fn proxy(value: &Option<SecretString>) -> String {
    value.as_ref().map(|url| parse::shown_url(url.expose_secret())).unwrap_or_default()
}

pub(super) fn path(value: &Option<PathBuf>) -> String {
    value.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
}

pub(super) fn duration(value: &Duration) -> String {
    show_duration(*value)
}

pub(super) fn time_limit(value: &Option<Duration>) -> String {
    show_duration(value.unwrap_or_default())
}

pub(super) fn header_names(value: &Vec<(String, SecretString)>) -> String {
    value.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn quick_chat(value: &QuickChat) -> String {
    match value {
        QuickChat::Recent => "recent",
        QuickChat::New => "new",
    }
    .to_owned()
}

pub(super) fn long_texts(value: &LongTexts) -> String {
    match value {
        LongTexts::Auto => "auto",
        LongTexts::Always => "always",
        LongTexts::Never => "never",
    }
    .to_owned()
}

pub(super) fn archive_mode(value: &ArchiveMode) -> String {
    match value {
        ArchiveMode::Auto => "auto",
        ArchiveMode::On => "on",
        ArchiveMode::Off => "off",
    }
    .to_owned()
}

pub(super) fn carrier(value: &Carrier) -> String {
    value.word().to_owned()
}

pub(super) fn log_level(value: &Option<LogLevel>) -> String {
    value.unwrap_or_default().word().to_owned()
}

pub(super) fn limits(value: &Vec<RateLimit>) -> String {
    RateLimit::list(value)
}

pub(super) fn engine_or_echo(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "echo".to_owned())
}

pub(super) fn displayed<T: fmt::Display>(value: &Option<T>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}
