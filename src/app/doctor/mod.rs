//! Named checks of the installation, each with one line of findings and a hint if something is wrong.
//!
//! What this module keeps true: every check reports something, even if an earlier one failed; nothing is
//! changed; all checks end within [`LONGEST`], whatever the network does.

mod network;
mod offline;

use std::time::Duration;

use serde::Serialize;

use crate::domain::{Error, ErrorKind};

pub(crate) use self::network::{Upstream, engine, reach};
pub(crate) use self::offline::{
    BEHIND_PROXY, certificates, config, credentials, data_dir, is_proxied, proxy, refresh, serve,
    token, version,
};

/// The longest wait for the upstream.
pub(crate) const LONGEST: Duration = Duration::from_secs(20);

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// All is well.
    Ok,
    /// It works with a caveat, or is unknown.
    Warn,
    /// It does not work, for this reason.
    Fail(ErrorKind),
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// Its name; stable.
    pub name: &'static str,
    /// `ok`, `warn` or `fail`.
    pub status: Status,
    /// What was found, in one line.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The facts behind the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// The code of the failure, as in [`crate::domain::ErrorKind::code`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl Status {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail(_) => "fail",
        }
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl Check {
    fn new(name: &'static str, status: Status, message: impl Into<String>) -> Self {
        let code = match status {
            Status::Fail(kind) => Some(kind.code()),
            Status::Ok | Status::Warn => None,
        };
        Self { name, status, message: message.into(), hint: None, details: None, code }
    }

    /// All is well.
    pub(crate) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Ok, message)
    }

    /// It works with a caveat.
    pub(crate) fn warn(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, Status::Warn, message)
    }

    /// It does not work.
    pub(crate) fn fail(name: &'static str, error: &Error) -> Self {
        let check = Self::new(name, Status::Fail(error.kind()), error.message());
        Self { hint: error.hint().map(str::to_owned), ..check }
    }

    /// It is unknown.
    pub(crate) fn unknown(name: &'static str, why: &str) -> Self {
        Self::warn(name, format!("not checked: {why}"))
    }

    #[must_use]
    fn with_details(self, details: serde_json::Value) -> Self {
        Self { details: Some(details), ..self }
    }

    #[must_use]
    fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// The failure with the highest exit code, if there is one.
pub(crate) fn worst(checks: &[Check]) -> Option<ErrorKind> {
    let failures = checks.iter().filter_map(|check| match check.status {
        Status::Fail(kind) => Some(kind),
        Status::Ok | Status::Warn => None,
    });
    failures.max_by_key(|kind| kind.exit_code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_failure_has_the_highest_exit_code() {
        let fail = |kind| Check::fail("x", &Error::new(kind, "no"));
        let checks = [
            Check::ok("a", ""),
            fail(ErrorKind::UpstreamUnreachable),
            fail(ErrorKind::InvalidRequest),
            Check::warn("b", ""),
        ];
        assert_eq!(worst(&checks), Some(ErrorKind::UpstreamUnreachable));
        assert_eq!(worst(&checks[..1]), None);
    }

    #[test]
    fn a_check_in_json_has_a_word_and_a_code() {
        let error = Error::invalid("broken").with_hint("mend it");
        let json = serde_json::to_value(Check::fail("config", &error)).expect("JSON");
        let expected = serde_json::json!({"name": "config", "status": "fail", "message": "broken",
            "hint": "mend it", "code": "invalid_request"});
        assert_eq!(json, expected);
    }
}
