//! The credentials file on disk: who may read it, and how it is replaced.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, ErrorKind as IoErrorKind, Read as _, Write as _};
use std::path::Path;

use crate::domain::{Error, ErrorKind, Result};

/// Sixteen accounts with long tokens stay far below this.
const MAX_BYTES: u64 = 1 << 20;
const TEMPORARY_PREFIX: &str = ".credentials-";

/// The content of the file, or `None` if there is none.
pub fn read(path: &Path) -> Result<Option<String>> {
    let Some(file) = open(path)? else { return Ok(None) };
    let mut text = String::new();
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > MAX_BYTES => Err(refused(path, "is over 1 MiB")
            .with_hint(format!("look at `{}`: qwenctl did not write that", path.display()))),
        Ok(_) => Ok(Some(text)),
        Err(fault) => Err(unreadable(path, &fault)),
    }
}

/// Opens the file if it is the user's own and closed to others.
fn open(path: &Path) -> Result<Option<File>> {
    // The type is looked at before opening, because opening a FIFO waits for its writer.
    let named = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(fault) if is_absent(&fault) => return Ok(None),
        Err(fault) => return Err(unreadable(path, &fault)),
    };
    check_type(path, &named)?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(fault) if is_absent(&fault) => return Ok(None),
        Err(fault) => return Err(unreadable(path, &fault)),
    };
    let opened = file.metadata().map_err(|fault| unreadable(path, &fault))?;
    check_owner(path, &opened)?;
    check_mode(path, &opened)?;
    Ok(Some(file))
}

fn is_absent(fault: &io::Error) -> bool {
    matches!(fault.kind(), IoErrorKind::NotFound | IoErrorKind::NotADirectory)
}

fn check_type(path: &Path, metadata: &Metadata) -> Result<()> {
    let shown = path.display();
    if metadata.is_symlink() {
        return Err(refused(path, "is a symbolic link").with_hint(format!(
            "replace `{shown}` by the file that it points to, so that it can be locked and replaced safely"
        )));
    }
    if metadata.is_dir() {
        return Err(refused(path, "is a directory")
            .with_hint(format!("move it away with `mv '{shown}' '{shown}.old'`")));
    }
    if !metadata.is_file() {
        return Err(refused(path, "is not a regular file")
            .with_hint(format!("remove `{shown}`, then run `qwenctl token set`")));
    }
    Ok(())
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = metadata.mode() & 0o7777;
    let others = mode & 0o077;
    if others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(refused(path, &format!("is open to other users (mode {mode:04o})"))
        .with_hint(format!("run `chmod 600 '{shown}'`")))
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let Some(user) = effective_user() else { return Ok(()) };
    let owner = metadata.uid();
    if owner == user {
        return Ok(());
    }
    let shown = path.display();
    Err(refused(path, &format!("belongs to another user (uid {owner}, you are uid {user})"))
        .with_hint(format!("run qwenctl as that user, or run `sudo chown {user} '{shown}'`")))
}

/// The effective user id, as `/proc` tells it. Where there is no `/proc`, the mode alone is checked:
/// a file that is closed to others and can be read is one's own, but for root.
#[cfg(unix)]
fn effective_user() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}

/// Whether the file could be replaced now. The caller holds the lock.
pub fn check_writable(path: &Path) -> Result<()> {
    let directory = directory_of(path);
    remove_leftovers(directory);
    temporary_in(directory).map(drop).map_err(|fault| unwritable(path, &fault))
}

/// Replaces the content of the file, all or nothing: after a crash either the old or the new content
/// is there. The caller holds the lock.
pub fn replace(path: &Path, content: &str) -> Result<()> {
    let directory = directory_of(path);
    write_and_rename(directory, path, content).map_err(|fault| unwritable(path, &fault))
}

fn write_and_rename(directory: &Path, path: &Path, content: &str) -> io::Result<()> {
    let mut file = temporary_in(directory)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| fault.error)?;
    sync_directory(directory)
}

/// A temporary file, created with mode 0600, so that its content is never open to others.
fn temporary_in(directory: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(directory)
}

/// A process that was killed between writing and renaming leaves a temporary file with tokens in it.
fn remove_leftovers(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX) {
            // It holds nothing that is needed, and the next write tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Creates the directory of the file, closed to others, if it is not there.
pub fn create_directory(path: &Path) -> Result<()> {
    let directory = directory_of(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|fault| unwritable(path, &fault))
}

/// The directory of a file; of a bare name, the current one.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn refused(path: &Path, fault: &str) -> Error {
    Error::new(ErrorKind::TokenInvalid, format!("the credentials file {} {fault}", path.display()))
}

fn unreadable(path: &Path, fault: &io::Error) -> Error {
    let shown = path.display();
    match fault.kind() {
        IoErrorKind::PermissionDenied => refused(path, "may not be read by you")
            .with_hint(format!("look at `ls -l '{shown}'`: it must be yours, with mode 600")),
        IoErrorKind::InvalidData => refused(path, "is not text")
            .with_hint(format!("remove it with `rm '{shown}'`, then run `qwenctl token set`")),
        _ => refused(path, &format!("cannot be read: {fault}"))
            .with_hint("set QWEN_TOKEN to go on without it"),
    }
}

/// Why nothing could be written at `path`, by the system's answer.
pub fn unwritable(path: &Path, fault: &io::Error) -> Error {
    let directory = directory_of(path).display();
    let (what, hint) = match fault.kind() {
        IoErrorKind::PermissionDenied => (
            format!("the directory {directory} may not be written by you"),
            format!("look at `ls -ld '{directory}'`, or name another place with QWENCTL_CONFIG"),
        ),
        IoErrorKind::ReadOnlyFilesystem => (
            format!("the directory {directory} is on a read-only file system"),
            "name a writable place with QWENCTL_CONFIG, or give the token in QWEN_TOKEN".to_owned(),
        ),
        IoErrorKind::NotADirectory | IoErrorKind::AlreadyExists => (
            format!("{directory} is not a directory"),
            format!("move `{directory}` away, or name another place with QWENCTL_CONFIG"),
        ),
        IoErrorKind::StorageFull | IoErrorKind::QuotaExceeded => (
            format!("there is no space left for {}", path.display()),
            "make some room; the old file is unchanged".to_owned(),
        ),
        _ => (
            format!("the credentials cannot be written to {}: {fault}", path.display()),
            "name another place with QWENCTL_CONFIG".to_owned(),
        ),
    };
    Error::invalid(format!("cannot store the tokens: {what}")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let error = unwritable(Path::new("/home/u/q/credentials.toml"), &kind.into());
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
            let error = unreadable(Path::new("/q/credentials.toml"), &kind.into());
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
