//! How a command ends that does not end well.

use std::io;

use crate::domain::{Error, ErrorKind};

/// The result of a command.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command ended.
#[derive(Debug)]
pub(super) enum Failure {
    /// For a reason that the user should read.
    Error(Error),
    /// For a reason that the user has read already; only the exit code is left.
    Told(ErrorKind),
    /// Nobody reads standard output any more (`| head -1`): all is said.
    Unread,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// What a failed write to standard output means.
    pub(super) fn unwritable(fault: io::Error) -> Self {
        if fault.kind() == io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        let message = format!("cannot write to standard output: {fault}");
        Self::Error(Error::new(ErrorKind::Internal, message).caused_by(fault))
    }

    /// The user pressed Ctrl-C, or the process was told to end.
    pub(super) fn interrupted() -> Self {
        Self::Error(Error::new(ErrorKind::Interrupted, "interrupted"))
    }

    /// The exit code of the process.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Error(error) => error.kind().exit_code(),
            Self::Told(kind) => kind.exit_code(),
            Self::Unread => 0,
        }
    }
}
