//! A file with secrets in it on disk: who may read it, and how it is replaced.
//!
//! It is readable by its owner alone: one that others can read is refused. It is replaced whole
//! (temporary file, fsync, rename, fsync of the directory), and whoever changes it holds a lock on a
//! file beside it, which no rename can lose.

mod lock;

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, ErrorKind as IoErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::{Error, ErrorKind, Result};

pub(super) use self::lock::FileLock;

/// Sixteen accounts with long tokens stay far below this.
const MAX_BYTES: u64 = 1 << 20;

/// What a private file holds, for messages about it.
#[derive(Debug)]
pub(super) struct Contents {
    /// What it is called: "the … file".
    pub name: &'static str,
    /// What is stored in it.
    pub things: &'static str,
    /// The command that writes it.
    pub writer: &'static str,
    /// How to do without it, if that is possible.
    pub instead: &'static str,
    /// What kind of failure it is if it cannot be used.
    pub kind: ErrorKind,
}

/// A file that is its owner's alone; it need not exist.
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

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its content, or `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read, is not the user's own, or is open to others.
    pub(super) fn read(&self) -> Result<Option<String>> {
        let Some(file) = self.open()? else { return Ok(None) };
        let mut text = String::new();
        match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
            Ok(_) if text.len() as u64 > MAX_BYTES => Err(self.refused("is over 1 MiB").with_hint(
                format!("look at `{}`: qwenctl did not write that", self.path.display()),
            )),
            Ok(_) => Ok(Some(text)),
            Err(fault) => Err(self.unreadable(&fault)),
        }
    }

    /// Waits for the right to change it, at most for `wait`; creates its directory if need be.
    ///
    /// # Errors
    /// If it is not to be had.
    pub(super) fn lock(&self, wait: Duration) -> Result<FileLock> {
        FileLock::take(self, wait)
    }

    fn temporary_prefix(&self) -> String {
        format!(".{}-", self.contents.name)
    }

    /// Opens the file if it is the user's own and closed to others.
    fn open(&self) -> Result<Option<File>> {
        // The type is looked at before opening, because opening a FIFO waits for its writer.
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
        self.check_mode(&opened)?;
        Ok(Some(file))
    }

    fn check_type(&self, metadata: &Metadata) -> Result<()> {
        let shown = self.path.display();
        if metadata.is_symlink() {
            return Err(self.refused("is a symbolic link").with_hint(format!(
                "replace `{shown}` by the file that it points to, so that it can be locked and replaced safely"
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
    fn check_mode(&self, metadata: &Metadata) -> Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let mode = metadata.mode() & 0o7777;
        let others = mode & 0o077;
        if others == 0 {
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
        let Some(user) = effective_user() else { return Ok(()) };
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
    fn check_mode(&self, _: &Metadata) -> Result<()> {
        Ok(())
    }

    #[cfg(not(unix))]
    fn check_owner(&self, _: &Metadata) -> Result<()> {
        Ok(())
    }

    /// Whether the file could be replaced now. The caller holds the lock.
    pub(super) fn check_writable(&self) -> Result<()> {
        let directory = directory_of(&self.path);
        self.remove_leftovers(directory);
        self.temporary_in(directory).map(drop).map_err(|fault| self.unwritable(&fault))
    }

    /// Replaces the content of the file, all or nothing: after a crash either the old or the new content
    /// is there. The caller holds the lock.
    pub(super) fn replace(&self, content: &str) -> Result<()> {
        let directory = directory_of(&self.path);
        self.write_and_rename(directory, content).map_err(|fault| self.unwritable(&fault))
    }

    fn write_and_rename(&self, directory: &Path, content: &str) -> io::Result<()> {
        let mut file = self.temporary_in(directory)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|fault| fault.error)?;
        sync_directory(directory)
    }

    /// A temporary file, created with mode 0600, so that its content is never open to others.
    fn temporary_in(&self, directory: &Path) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new().prefix(&self.temporary_prefix()).tempfile_in(directory)
    }

    /// A process that was killed between writing and renaming leaves a temporary file with tokens in it.
    fn remove_leftovers(&self, directory: &Path) {
        let prefix = self.temporary_prefix();
        let Ok(entries) = fs::read_dir(directory) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // It holds nothing that is needed, and the next write tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Creates the directory of the file, closed to others, if it is not there.
    pub(super) fn create_directory(&self) -> Result<()> {
        let directory = directory_of(&self.path);
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory).map_err(|fault| self.unwritable(&fault))
    }

    fn refused(&self, fault: &str) -> Error {
        let Contents { name, kind, .. } = self.contents;
        Error::new(*kind, format!("the {name} file {} {fault}", self.path.display()))
    }

    fn unreadable(&self, fault: &io::Error) -> Error {
        let shown = self.path.display();
        match fault.kind() {
            IoErrorKind::PermissionDenied => self
                .refused("may not be read by you")
                .with_hint(format!("look at `ls -l '{shown}'`: it must be yours, with mode 600")),
            IoErrorKind::InvalidData => self.refused("is not text").with_hint(format!(
                "remove it with `rm '{shown}'`, then run `{}`",
                self.contents.writer
            )),
            _ => self.refused(&format!("cannot be read: {fault}")).with_hint(self.contents.instead),
        }
    }

    /// Why nothing could be written at `path`, by the system's answer.
    pub(super) fn unwritable(&self, fault: &io::Error) -> Error {
        let directory = directory_of(&self.path).display();
        let (what, hint) = match fault.kind() {
            IoErrorKind::PermissionDenied => (
                format!("the directory {directory} may not be written by you"),
                format!(
                    "look at `ls -ld '{directory}'`, or name another place with QWENCTL_CONFIG"
                ),
            ),
            IoErrorKind::ReadOnlyFilesystem => (
                format!("the directory {directory} is on a read-only file system"),
                "name a writable place with QWENCTL_CONFIG".to_owned(),
            ),
            IoErrorKind::NotADirectory | IoErrorKind::AlreadyExists => (
                format!("{directory} is not a directory"),
                format!("move `{directory}` away, or name another place with QWENCTL_CONFIG"),
            ),
            IoErrorKind::StorageFull | IoErrorKind::QuotaExceeded => (
                format!("there is no space left for {}", self.path.display()),
                "make some room; the old file is unchanged".to_owned(),
            ),
            _ => (
                format!("it cannot be written to {}: {fault}", self.path.display()),
                "name another place with QWENCTL_CONFIG".to_owned(),
            ),
        };
        Error::invalid(format!("cannot store the {}: {what}", self.contents.things)).with_hint(hint)
    }
}

fn is_absent(fault: &io::Error) -> bool {
    matches!(fault.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory)
}

/// The effective user id, as `/proc` tells it. Where there is no `/proc`, the mode alone is checked:
/// a file that is closed to others and can be read is one's own, but for root.
#[cfg(unix)]
fn effective_user() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The directory of a file; of a bare name, the current one.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SOMETHING: Contents = Contents {
        name: "credentials",
        things: "tokens",
        writer: "qwenctl token set",
        instead: "go on without it",
        kind: ErrorKind::TokenInvalid,
    };

    fn file(path: &str) -> PrivateFile {
        PrivateFile::new(path, &SOMETHING)
    }

    #[test]
    fn each_reason_for_not_writing_has_its_own_message_and_hint() {
        let mut seen = Vec::new();
        for (kind, words) in [
            (IoErrorKind::PermissionDenied, "may not be written by you"),
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
            (IoErrorKind::PermissionDenied, "may not be read by you"),
            (IoErrorKind::InvalidData, "is not text"),
            (IoErrorKind::Other, "cannot be read"),
        ] {
            let error = file("/q/credentials.toml").unreadable(&kind.into());
            assert!(error.message().contains(words), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn a_bare_name_lies_in_the_current_directory() {
        assert_eq!(directory_of(Path::new("credentials.toml")), Path::new("."));
        assert_eq!(directory_of(Path::new("/a/b")), Path::new("/a"));
    }
}
