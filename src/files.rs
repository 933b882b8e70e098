//! Files and directories that only their owner may use.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::SystemTime;

use tempfile::NamedTempFile;

/// Opens a file that, if it is created, has mode 0600.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// Creates a directory, and those above it, with mode 0700. An existing one stays as it is.
pub(crate) fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The same, and closes an existing directory of the user in which others may write.
pub(crate) fn secure_private_directory(path: &Path) -> io::Result<()> {
    create_private_directory(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let metadata = fs::metadata(path)?;
        let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
        // In a directory with the sticky bit, such as /tmp, others cannot replace what is ours.
        if is_ours && metadata.mode() & 0o1000 == 0 && others_may_write(&metadata) {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// The space in bytes that is left for the user where `place` is; `None` if that is not known.
#[cfg(unix)]
pub(crate) fn free_space(place: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(place).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
pub(crate) fn free_space(_: &Path) -> Option<u64> {
    None
}

/// Whether two directories share their space.
pub(crate) fn is_one_device(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let device = |place: &Path| fs::metadata(place).ok().map(|found| found.dev());
        device(one).is_some() && device(one) == device(other)
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        true
    }
}

/// Whether other users may write to a file or directory of the user. The user's private group, which
/// has the same number, has no other members.
#[cfg(unix)]
pub(crate) fn others_may_write(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let is_group_private = metadata.gid() == metadata.uid();
    metadata.mode() & 0o002 != 0 || (metadata.mode() & 0o020 != 0 && !is_group_private)
}

/// What changes when a file is written or replaced: cheap to read, for files that are read again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    place: (u64, u64),
}

impl Stamp {
    /// That of the file at `path`; `None` if there is none, or none that can be read.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            #[cfg(unix)]
            place: {
                use std::os::unix::fs::MetadataExt as _;
                (metadata.dev(), metadata.ino())
            },
        })
    }
}

/// A temporary file in `directory`, with `mode` as far as the umask allows. Unlike those of the crate, the
/// errors do not show its name.
pub(crate) fn temporary_in(directory: &Path, prefix: &str, mode: u32) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).make_in(directory, |path| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        options.open(path)
    })
}

/// Writes a file of the user as a whole, or not at all; an existing one only with `overwrite`. What is no
/// regular file, such as a pipe, is written to.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], overwrite: bool) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    // A link stays one.
    let path = if overwrite { fs::canonicalize(path) } else { Err(io::ErrorKind::NotFound.into()) }
        .unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let file = temporary_in(directory.unwrap_or(Path::new(".")), ".tmp", 0o666)?;
    file.as_file().write_all(bytes)?;
    file.as_file().sync_all()?;
    if let (true, Ok(metadata)) = (overwrite, fs::metadata(&path)) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    let written = if overwrite { file.persist(&path) } else { file.persist_noclobber(&path) };
    written.map(drop).map_err(|fault| fault.error)
}

/// Whether other users may read or write a file.
#[cfg(unix)]
pub(crate) fn others_may_use(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

/// Elsewhere the directory of the user is closed to others.
#[cfg(not(unix))]
pub(crate) fn others_may_use(_: &Metadata) -> bool {
    false
}

/// Writes the entries of a directory to disk.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn whole_file_replaces_another_only_on_request() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("answer");
        write_whole(&path, b"one", false).expect("written");
        let fault = write_whole(&path, b"two", false).expect_err("refused");
        assert_eq!(fault.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("there"), b"one");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        write_whole(&link, b"two", true).expect("replaced");
        assert_eq!(fs::read(&path).expect("there"), b"two");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(write_whole(directory.path(), b"x", true).is_err());
        let fault = write_whole(&path.join("no").join("file"), b"x", false).expect_err("refused");
        assert!(!fault.to_string().contains(".tmp"), "{fault}");
        assert_eq!(fs::read_dir(&directory).expect("there").count(), 2, "nothing else is left");
    }

    #[test]
    fn data_directory_is_closed_if_others_may_write() {
        let parent = tempfile::tempdir().expect("a directory");
        for (before, after) in
            [(None, 0o700), (Some(0o777), 0o700), (Some(0o1777), 0o1777), (Some(0o755), 0o755)]
        {
            let path = parent.path().join(format!("{before:?}"));
            if let Some(mode) = before {
                fs::create_dir(&path).expect("created");
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            }
            secure_private_directory(&path).expect("usable");
            let mode = fs::metadata(&path).expect("there").permissions().mode() & 0o7777;
            assert_eq!(mode, after, "{before:?}");
        }
    }
}
