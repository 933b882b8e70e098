//! A file with secrets: its permissions, its atomic replacement, and its lock.
//!
//! It is readable by its owner only; one that others can read is refused. It is replaced atomically
//! (temporary file, fsync, rename, fsync of the directory), under a lock on a file beside it: after a
//! rename, a lock on the file itself would be a lock on an old file.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind as IoErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::show_duration;
use crate::domain::{Error, ErrorKind, Result};
use crate::files::{create_private_directory, open_private, sync_directory, temporary_in};

/// Maximum size, far above sixteen accounts with long tokens.
const MAX_BYTES: u64 = 1 << 20;

/// The content of a private file, for messages.
#[derive(Debug)]
pub(super) struct Contents {
    /// Its name: "the … file".
    pub name: &'static str,
    /// What it stores.
    pub things: &'static str,
    /// The command that writes it.
    pub writer: &'static str,
    /// How to work without it.
    pub instead: &'static str,
    /// The kind of failure if it is unusable.
    pub kind: ErrorKind,
    /// Whether a file that is open to others is closed, because it holds no secret; otherwise it is refused.
    pub is_mended: bool,
}

/// A private file; it need not exist.
#[derive(Debug, Clone)]
pub(super) struct PrivateFile {
    path: PathBuf,
    contents: &'static Contents,
}

impl PrivateFile {
    /// The file at `path`.
    pub(super) fn new(path: impl Into<PathBuf>, contents: &'static Contents) -> Self {
        Self { path: path.into(), contents }
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its content; `None` if it does not exist.
    ///
    /// # Errors
    /// If it cannot be read, belongs to another user, or is readable by others.
    pub(super) fn read(&self) -> Result<Option<String>> {
        let Some(file) = self.open()? else { return Ok(None) };
        let mut text = String::new();
        match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
            Ok(_) if text.len() as u64 > MAX_BYTES => {
                Err(self.refused("is larger than 1 MiB").with_hint(format!(
                    "check `{}`: it was not written by qwenctl",
                    self.path.display()
                )))
            }
            Ok(_) => Ok(Some(text)),
            Err(fault) => Err(self.unreadable(&fault)),
        }
    }

    /// Locks it for a change, waiting at most `wait`. Creates its directory if necessary.
    ///
    /// # Errors
    /// If it cannot be locked.
    pub(super) fn lock(&self, wait: Duration) -> Result<FileLock> {
        FileLock::take(self, wait)
    }

    fn temporary_prefix(&self) -> String {
        format!(".{}-", self.contents.name)
    }

    /// Opens the file if it belongs to the user and is closed to others.
    fn open(&self) -> Result<Option<File>> {
        // The type is checked before opening: opening a FIFO waits for its writer.
        let named = match fs::symlink_metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(fault) if is_absent(&fault) => return Ok(None),
            Err(fault) => return Err(self.unreadable(&fault)),
        };
        self.check_type(&named)?;
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(fault) if is_absent(&fault) => return Ok(None),
            Err(fault) => return Err(self.unreadable(&fault)),
        };
        let opened = file.metadata().map_err(|fault| self.unreadable(&fault))?;
        self.check_owner(&opened)?;
        self.check_mode(&file, &opened)?;
        Ok(Some(file))
    }

    fn check_type(&self, metadata: &Metadata) -> Result<()> {
        let shown = self.path.display();
        if metadata.is_symlink() {
            return Err(self.refused("is a symbolic link").with_hint(format!(
                "replace `{shown}` by the file that it points to: a link cannot be locked and replaced safely"
            )));
        }
        if metadata.is_dir() {
            return Err(self
                .refused("is a directory")
                .with_hint(format!("move it away with `mv '{shown}' '{shown}.old'`")));
        }
        if !metadata.is_file() {
            return Err(self
                .refused("is not a regular file")
                .with_hint(format!("remove `{shown}`, then run `{}`", self.contents.writer)));
        }
        Ok(())
    }

    #[cfg(unix)]
    fn check_mode(&self, file: &File, metadata: &Metadata) -> Result<()> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let mode = metadata.mode() & 0o7777;
        let others = mode & 0o077;
        if others == 0 {
            return Ok(());
        }
        let is_mended = self.contents.is_mended
            && file.set_permissions(fs::Permissions::from_mode(0o600)).is_ok();
        if is_mended {
            return Ok(());
        }
        let shown = self.path.display();
        Err(self
            .refused(&format!("is open to other users (mode {mode:04o})"))
            .with_hint(format!("run `chmod 600 '{shown}'`")))
    }

    #[cfg(unix)]
    fn check_owner(&self, metadata: &Metadata) -> Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let user = rustix::process::geteuid().as_raw();
        let owner = metadata.uid();
        if owner == user {
            return Ok(());
        }
        let shown = self.path.display();
        Err(self
            .refused(&format!("belongs to another user (uid {owner}, you are uid {user})"))
            .with_hint(format!("run qwenctl as that user, or run `sudo chown {user} '{shown}'`")))
    }

    #[cfg(not(unix))]
    fn check_mode(&self, _: &File, _: &Metadata) -> Result<()> {
        Ok(())
    }

    #[cfg(not(unix))]
    fn check_owner(&self, _: &Metadata) -> Result<()> {
        Ok(())
    }

    /// Makes room on the disk for a new content of up to `bytes` bytes, so that a full disk shows before
    /// there is something to lose. The caller holds the lock.
    ///
    /// # Errors
    /// If there is no room, or the file cannot be replaced.
    pub(super) fn reserve(&self, bytes: usize) -> Result<Reserved> {
        let directory = directory_of(&self.path);
        self.remove_leftovers(directory);
        let reserve = || {
            let file = self.temporary_in(directory)?;
            file.as_file().write_all(&vec![b'\n'; bytes])?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        let file = reserve().map_err(|fault| self.unwritable(&fault))?;
        Ok(Reserved { private: self.clone(), file })
    }

    /// A temporary file, created with mode 0600.
    fn temporary_in(&self, directory: &Path) -> io::Result<tempfile::NamedTempFile> {
        temporary_in(directory, &self.temporary_prefix(), 0o600)
    }

    /// Removes temporary files of processes that were killed before the rename.
    fn remove_leftovers(&self, directory: &Path) {
        let prefix = self.temporary_prefix();
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // The next write tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Creates the directory of the file, closed to others, if it does not exist.
    pub(super) fn create_directory(&self) -> Result<()> {
        let directory = directory_of(&self.path);
        create_private_directory(directory).map_err(|fault| self.unwritable(&fault))
    }

    fn refused(&self, fault: &str) -> Error {
        let Contents { name, kind, .. } = self.contents;
        Error::new(*kind, format!("the {name} file {} {fault}", self.path.display())).of_a_file()
    }

    fn unreadable(&self, fault: &io::Error) -> Error {
        let shown = self.path.display();
        match fault.kind() {
            IoErrorKind::PermissionDenied => self.refused("is not readable by you").with_hint(
                format!("check `ls -l '{shown}'`: it must belong to you and have mode 600"),
            ),
            IoErrorKind::InvalidData => self.refused("is not text").with_hint(format!(
                "remove it with `rm '{shown}'`, then run `{}`",
                self.contents.writer
            )),
            _ => self.refused(&format!("cannot be read: {fault}")).with_hint(self.contents.instead),
        }
    }

    /// The error for a failed write.
    pub(super) fn unwritable(&self, fault: &io::Error) -> Error {
        let directory = directory_of(&self.path).display();
        let (what, hint) = match fault.kind() {
            IoErrorKind::PermissionDenied => (
                format!("the directory {directory} is not writable by you"),
                format!("check `ls -ld '{directory}'`, or choose another path with QWENCTL_CONFIG"),
            ),
            IoErrorKind::ReadOnlyFilesystem => (
                format!("the directory {directory} is on a read-only file system"),
                "choose a writable path with QWENCTL_CONFIG".to_owned(),
            ),
            IoErrorKind::NotADirectory | IoErrorKind::AlreadyExists => (
                format!("{directory} is not a directory"),
                format!("move `{directory}` away, or choose another path with QWENCTL_CONFIG"),
            ),
            IoErrorKind::StorageFull | IoErrorKind::QuotaExceeded => (
                format!("no space left for {}", self.path.display()),
                "free some space; the old file is unchanged".to_owned(),
            ),
            _ => (
                format!("it cannot be written to {}: {fault}", self.path.display()),
                "choose another path with QWENCTL_CONFIG".to_owned(),
            ),
        };
        Error::invalid(format!("cannot store the {}: {what}", self.contents.things))
            .with_hint(hint)
            .of_a_file()
    }
}

/// The future content of a private file, with room on the disk.
pub(super) struct Reserved {
    private: PrivateFile,
    file: tempfile::NamedTempFile,
}

impl Reserved {
    /// Replaces the content of the file atomically: after a crash it is either the old or the new one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn replace(self, content: &str) -> Result<()> {
        let Self { private, file } = self;
        let replace = || {
            let mut opened = file.as_file();
            opened.rewind()?;
            opened.write_all(content.as_bytes())?;
            opened.set_len(content.len() as u64)?;
            opened.sync_all()?;
            file.persist(&private.path).map_err(|fault| fault.error)?;
            sync_directory(directory_of(&private.path))
        };
        replace().map_err(|fault| private.unwritable(&fault))
    }
}

/// The system cannot wait for a lock with a timeout.
const POLL: Duration = Duration::from_millis(20);

/// The lock; released when dropped or at the end of the process.
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock of `private`, at most `wait`.
    fn take(private: &PrivateFile, wait: Duration) -> Result<Self> {
        private.create_directory()?;
        let path = lock_path(private.path());
        let file = open_private(
            OpenOptions::new().read(true).write(true).create(true).truncate(false),
            &path,
        )
        .map_err(|fault| private.unwritable(&fault))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < wait => thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(still_held(private, &path, wait)),
                Err(TryLockError::Error(fault)) => return Err(private.unwritable(&fault)),
            }
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn still_held(private: &PrivateFile, lock_path: &Path, wait: Duration) -> Error {
    let message = format!(
        "another qwenctl process has locked the {} for more than {} ({})",
        private.contents.name,
        show_duration(wait),
        lock_path.display(),
    );
    Error::new(ErrorKind::Timeout, message)
        .of_a_file()
        .with_hint("wait for it or end it, then try again; the lock is released at its end")
}

fn is_absent(fault: &io::Error) -> bool {
    matches!(fault.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory)
}

/// The directory of a file; for a bare name the current one.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The error for a file without a home directory.
pub(super) fn no_home(what: &str, variable: &str) -> Error {
    Error::invalid(format!("no home directory, and therefore no path for the {what}"))
        .with_hint(format!("set HOME, or set {variable} to an absolute path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOMETHING: Contents = Contents {
        name: "credentials",
        things: "tokens",
        writer: "qwenctl token set",
        instead: "work without it",
        kind: ErrorKind::TokenInvalid,
        is_mended: false,
    };

    fn file(path: &str) -> PrivateFile {
        PrivateFile::new(path, &SOMETHING)
    }

    #[test]
    fn each_reason_for_not_writing_has_its_own_message_and_hint() {
        let mut seen = Vec::new();
        for (kind, words) in [
            (IoErrorKind::PermissionDenied, "is not writable by you"),
            (IoErrorKind::ReadOnlyFilesystem, "read-only file system"),
            (IoErrorKind::NotADirectory, "is not a directory"),
            (IoErrorKind::StorageFull, "no space left"),
            (IoErrorKind::Other, "cannot be written to"),
        ] {
            let error = file("/home/u/q/credentials.toml").unwritable(&kind.into());
            assert!(error.message().contains(words), "{error}");
            assert!(error.message().contains("/home/u/q"), "{error}");
            assert!(error.hint().is_some(), "{error}");
            seen.push(error.message().to_owned());
        }
        seen.dedup();
        assert_eq!(seen.len(), 5);
    }

    #[test]
    fn each_reason_for_not_reading_has_its_own_message_and_hint() {
        for (kind, words) in [
            (IoErrorKind::PermissionDenied, "is not readable by you"),
            (IoErrorKind::InvalidData, "is not text"),
            (IoErrorKind::Other, "cannot be read"),
        ] {
            let error = file("/q/credentials.toml").unreadable(&kind.into());
            assert!(error.message().contains(words), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn a_bare_name_is_in_the_current_directory() {
        assert_eq!(directory_of(Path::new("credentials.toml")), Path::new("."));
        assert_eq!(directory_of(Path::new("/a/b")), Path::new("/a"));
    }
}
