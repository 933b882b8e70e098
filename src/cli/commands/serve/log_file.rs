//! A log file that does not grow without end: `NAME` is moved to `NAME.1`, that to `NAME.2`, and so on.
//!
//! Only its owner can read it. A file that somebody else moved away or removed (logrotate, say) is
//! noticed within a second of writing, and begun again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cli::commands::serve::log::FilePlan;

/// How often to look whether the file is still where it was.
const LOOK: Duration = Duration::from_secs(1);

/// A log file.
pub(crate) struct LogFile {
    plan: FilePlan,
    /// `None` after a failure, until the next line.
    open: Option<Open>,
    /// Whether the last line in the file has no end.
    is_torn: bool,
}

struct Open {
    file: File,
    size: u64,
    looked: Instant,
}

impl LogFile {
    /// Opens it, to go on at its end.
    ///
    /// # Errors
    /// If that is not possible.
    pub(crate) fn open(plan: FilePlan) -> io::Result<Self> {
        let mut file = Self { plan, open: None, is_torn: false };
        file.reopen()?;
        Ok(file)
    }

    /// Writes a line.
    ///
    /// # Errors
    /// If it cannot be written; the next line is a new attempt.
    pub(crate) fn write(&mut self, line: &str) -> io::Result<()> {
        let begin = if self.is_torn { "\n" } else { "" };
        let written = self.try_write(format!("{begin}{line}\n").as_bytes());
        if written.is_err() {
            // A disk that gets full takes a part of a line; the next one must not go on in it.
            self.is_torn |= self.open.take().is_some_and(|open| open.has_grown());
        } else {
            self.is_torn = false;
        }
        written
    }

    fn try_write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.open.as_mut().is_none_or(|open| open.was_moved(&self.plan)) {
            self.reopen()?;
        }
        let size = self.open.as_ref().map_or(0, |open| open.size);
        let FilePlan { max_size, .. } = self.plan;
        if max_size > 0 && size > 0 && size + line.len() as u64 > max_size {
            self.rotate()?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.file.write_all(line)?;
        open.size += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        let path = |number| numbered(&self.plan.path, number);
        for number in (1..self.plan.keep).rev() {
            // There are fewer of them at first.
            let _ = fs::rename(path(number), path(number + 1));
        }
        if self.plan.keep == 0 {
            fs::remove_file(&self.plan.path)?;
        } else {
            fs::rename(&self.plan.path, path(1))?;
        }
        self.reopen()
    }

    fn reopen(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.plan.path)?;
        let size = file.metadata()?.len();
        self.open = Some(Open { file, size, looked: Instant::now() });
        Ok(())
    }
}

impl Open {
    /// Whether there is more in it than whole lines.
    fn has_grown(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() > self.size)
    }

    /// Whether the name stands for another file by now; looks once in a while.
    fn was_moved(&mut self, plan: &FilePlan) -> bool {
        if self.looked.elapsed() < LOOK {
            return false;
        }
        self.looked = Instant::now();
        !is_same(&self.file, plan)
    }
}

#[cfg(unix)]
fn is_same(file: &File, plan: &FilePlan) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(&plan.path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(_: &File, plan: &FilePlan) -> bool {
    plan.path.exists()
}

fn numbered(path: &std::path::Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(directory: &tempfile::TempDir, max_size: u64, keep: u32) -> LogFile {
        let path = directory.path().join("log");
        LogFile::open(FilePlan { path, max_size, keep }).expect("a log file")
    }

    fn read(directory: &tempfile::TempDir, name: &str) -> Option<String> {
        fs::read_to_string(directory.path().join(name)).ok()
    }

    #[test]
    fn old_files_move_on_and_the_oldest_goes() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory, 10, 2);
        for line in ["one", "two", "three", "four", "longer than all of it", "six"] {
            file.write(line).expect("written");
        }
        assert_eq!(read(&directory, "log").as_deref(), Some("six\n"));
        assert_eq!(read(&directory, "log.1").as_deref(), Some("longer than all of it\n"));
        assert_eq!(read(&directory, "log.2").as_deref(), Some("four\n"));
        assert_eq!(read(&directory, "log.3"), None);
    }

    #[test]
    fn it_goes_on_at_the_end_and_keeps_nothing_old_if_so_told() {
        let directory = tempfile::tempdir().expect("a directory");
        log(&directory, 8, 0).write("one").expect("written");
        let mut file = log(&directory, 8, 0);
        file.write("two").expect("written");
        assert_eq!(read(&directory, "log").as_deref(), Some("one\ntwo\n"));
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log").as_deref(), Some("three\n"));
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 1);
    }

    #[test]
    fn a_file_that_was_moved_away_is_begun_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory, 0, 1);
        file.write("one").expect("written");
        fs::rename(directory.path().join("log"), directory.path().join("old")).expect("moved");
        if let Some(open) = &mut file.open {
            open.looked = Instant::now().checked_sub(LOOK).expect("an earlier time");
        }
        file.write("two").expect("written");
        assert_eq!(read(&directory, "old").as_deref(), Some("one\n"));
        assert_eq!(read(&directory, "log").as_deref(), Some("two\n"));
    }

    #[test]
    fn a_line_after_one_that_was_cut_stands_on_its_own() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory, 0, 1);
        file.write("one").expect("written");
        let mut other = OpenOptions::new().append(true).open(directory.path().join("log"));
        other.as_mut().expect("a file").write_all(b"ha").expect("written");
        file.is_torn = file.open.as_ref().is_some_and(Open::has_grown);
        file.write("two").expect("written");
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log").as_deref(), Some("one\nha\ntwo\nthree\n"));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory, 4, 1);
        file.write("one").expect("written");
        file.write("two").expect("written");
        for name in ["log", "log.1"] {
            let metadata = fs::metadata(directory.path().join(name)).expect("a file");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
    }
}
