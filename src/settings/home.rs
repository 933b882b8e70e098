//! What is said where there is no home directory.

use crate::domain::Error;

/// There is no place for a file.
pub(super) fn no_home(what: &str, variable: &str) -> Error {
    Error::invalid(format!("there is no home directory, so there is no place for the {what}"))
        .with_hint(format!("set HOME, or set {variable} to an absolute path"))
}
