//! The lock on a private file: a file of its own, because replacing the private file by a rename would leave two processes holding locks on different files.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::PrivateFile;
use crate::domain::{Error, ErrorKind, Result};

/// The system can wait for a lock, but not for a limited time.
const POLL: Duration = Duration::from_millis(20);

/// The right to change the file; dropping it, or the end of the process, gives it back.
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock of `private`, at most `wait`.
    pub(super) fn take(private: &PrivateFile, wait: Duration) -> Result<Self> {
        private.create_directory()?;
        let lock_path = beside(private.path());
        let file = open(&lock_path).map_err(|fault| private.unwritable(&fault))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < wait => thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(still_held(private, &lock_path, wait)),
                Err(TryLockError::Error(fault)) => return Err(private.unwritable(&fault)),
            }
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn still_held(private: &PrivateFile, lock_path: &Path, wait: Duration) -> Error {
    let message = format!(
        "another qwenctl has been changing the {} for more than {} ({} is locked)",
        private.contents.name,
        super::super::show_duration(wait),
        lock_path.display(),
    );
    Error::new(ErrorKind::Timeout, message)
        .with_hint("wait for it or end it, then try again; the lock goes away with the process")
}
