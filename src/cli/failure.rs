//! How a command fails.

use std::io;

use crate::domain::{Error, ErrorKind};

/// The result of a command.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// A failure that is still to be reported.
    Error(Error),
    /// A failure that has been reported; only the exit code is left.
    Reported(ErrorKind),
    /// Standard output has been closed (`| head -1`): a quiet end.
    Unread,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// The failure for a failed write to standard output.
    pub(super) fn unwritable(fault: io::Error) -> Self {
        if fault.kind() == io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        let message = format!("cannot write to standard output: {fault}");
        Self::Error(Error::new(ErrorKind::Internal, message).caused_by(fault))
    }

    /// Ctrl-C or SIGTERM.
    pub(super) fn interrupted() -> Self {
        Self::Error(interrupted())
    }

    /// The exit code of the process.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Error(error) => error.kind().exit_code(),
            Self::Reported(kind) => kind.exit_code(),
            Self::Unread => 0,
        }
    }
}

/// The error for Ctrl-C and SIGTERM.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}
