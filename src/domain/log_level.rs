//! Log levels.

use std::str::FromStr;

use super::{Error, Result};

/// A log level; each one includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Failures of the server or the upstream.
    Error,
    /// Also conditions that need attention.
    Warn,
    /// Also one line per request.
    #[default]
    Info,
    /// Also one line per request to the upstream.
    Debug,
}

impl LogLevel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// Its name in settings and log lines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

impl FromStr for LogLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|level| level.word().eq_ignore_ascii_case(text));
        found.ok_or_else(|| Error::invalid("invalid log level: use error, warn, info or debug"))
    }
}
