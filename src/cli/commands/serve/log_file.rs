//! The log of `serve`, written on a thread of its own: a blocked standard error or a slow disk must not
//! delay the server. Lines that do not fit into a bounded queue are dropped and counted.
//!
//! A log file is readable by its owner only. It is reopened on request and within a second of being
//! moved away or removed, as logrotate does. A file that cannot be reopened stays in use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
#[cfg(unix)]
use rustix::fs::OFlags;
use tokio::sync::oneshot;

use crate::cli::output::Output;
use crate::domain::{Error, Result};
use crate::files::open_private;
use crate::server::{LogFormat, LogHealth, LogOptions, LogSink, note_line};

/// The length of the queue, in lines.
const QUEUE: usize = 4096;
/// Timeout for the last lines.
pub(super) const LAST_LINES: Duration = Duration::from_millis(500);
/// How often to check that the file is still at its path.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The thread that writes.
pub(super) struct LogWriter {
    sender: Option<SyncSender<String>>,
    options: LogOptions,
    health: Arc<LogHealth>,
    /// The place of the log file; `None` for standard error.
    place: Option<Arc<Place>>,
    done: oneshot::Receiver<()>,
}

/// The destination of the lines.
enum Target {
    Stderr(Output),
    /// With the place for a warning if the file cannot be written.
    File(LogFile, Box<dyn Fn(&str) + Send>),
}

impl LogWriter {
    /// Starts to write to the file at `path`, or else to `output`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn start(
        output: &Output,
        path: Option<PathBuf>,
        options: LogOptions,
    ) -> Result<Self> {
        let (target, place) = match path {
            None => (Target::Stderr(output.clone()), None),
            Some(path) => {
                let file = LogFile::open(&path).map_err(|fault| unwritable(&path, &fault))?;
                let place = Arc::clone(&file.place);
                let output = output.clone();
                (Target::File(file, Box::new(move |warning| output.warn(warning))), Some(place))
            }
        };
        let (sender, receiver) = sync_channel(QUEUE);
        let health = Arc::<LogHealth>::default();
        let (finished, done) = oneshot::channel();
        let watched = Arc::clone(&health);
        let thread = std::thread::Builder::new().name("log".to_owned());
        // Without the thread nothing is logged; the server works anyway.
        let started = thread.spawn(move || {
            write(target, &receiver, &watched, options.format);
            let _ = finished.send(());
        });
        let sender = started.is_ok().then_some(sender);
        Ok(Self { sender, options, health, place, done })
    }

    /// The sink for the server's lines.
    pub(super) fn sink(&self) -> LogSink {
        let Some(sender) = self.sender.clone() else { return LogSink::new(drop) };
        let health = Arc::clone(&self.health);
        let sink = LogSink::new(move |line| {
            if sender.try_send(line).is_err() {
                health.lose();
            }
        });
        sink.with(self.options).watching(Arc::clone(&self.health))
    }

    /// Reopens the log file for the next line; `None` if there is no file.
    pub(super) fn reopener(&self) -> Option<impl Fn() -> Result<String> + Send + Sync + 'static> {
        let place = Arc::clone(self.place.as_ref()?);
        Some(move || {
            place.reopen().map_err(|fault| unwritable(&place.path, &fault))?;
            Ok("reopened".to_owned())
        })
    }

    /// Waits a moment for the last lines. All sinks must be gone.
    pub(super) async fn finish(mut self) {
        self.sender = None;
        let _ = tokio::time::timeout(LAST_LINES, self.done).await;
    }
}

fn unwritable(path: &Path, fault: &io::Error) -> Error {
    Error::invalid(format!("cannot write the log file {}: {fault}", path.display()))
        .with_hint("choose another path with `--log-file`")
}

fn write(mut target: Target, lines: &Receiver<String>, health: &LogHealth, format: LogFormat) {
    let mut reported = 0;
    let mut is_good = true;
    for line in lines {
        let written = target.write(&line);
        health.wrote(written.is_ok());
        if let Err(fault) = written {
            // A full disk, say: the loss is logged once there is room again.
            health.lose();
            if std::mem::replace(&mut is_good, false) {
                target.warn(&fault);
            }
            continue;
        }
        is_good = true;
        let lost = health.lost();
        if lost > reported {
            let note = format!("{} lines of the log were lost", lost - reported);
            if target.write(&note_line(&note, format)).is_ok() {
                reported = lost;
            }
        }
    }
}

impl Target {
    fn write(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::Stderr(output) => {
                output.complaint_now(&format!("{line}\n"));
                Ok(())
            }
            Self::File(file, _) => file.write(line),
        }
    }

    /// Warns on standard error that the file cannot be written.
    fn warn(&self, fault: &io::Error) {
        if let Self::File(file, warn) = self {
            warn(&format!("{}; lines are lost", unwritable(&file.place.path, fault)));
        }
    }
}

/// Where the log file is.
struct Place {
    path: PathBuf,
    /// The file as a reload has opened it; used from the next line on.
    reopened: Mutex<Option<Open>>,
}

impl Place {
    /// Opens the file anew for the next line.
    fn reopen(&self) -> io::Result<()> {
        let open = Open::at(&self.path)?;
        *self.reopened.lock() = Some(open);
        Ok(())
    }
}

/// A log file.
struct LogFile {
    place: Arc<Place>,
    open: Open,
    /// Whether the last line in the file is incomplete.
    is_torn: bool,
}

struct Open {
    file: File,
    size: u64,
    checked: Instant,
    /// Whether the last line could not be written.
    has_failed: bool,
}

impl LogFile {
    /// Opens the file for appending.
    fn open(path: &Path) -> io::Result<Self> {
        let open = Open::at(path)?;
        let place = Arc::new(Place { path: path.to_owned(), reopened: Mutex::default() });
        Ok(Self { place, open, is_torn: false })
    }

    /// Writes a line. After a failure the next line is a new attempt.
    fn write(&mut self, line: &str) -> io::Result<()> {
        let reopened = self.place.reopened.lock().take();
        if let Some(open) = reopened {
            self.open = open;
        }
        if self.open.has_failed || self.open.was_moved(&self.place.path) {
            match Open::at(&self.place.path) {
                Ok(open) => self.open = open,
                // The lines of a removed file are lost.
                Err(fault) if self.open.was_removed() => {
                    self.open.has_failed = true;
                    return Err(fault);
                }
                // The open file is still good, under its new name.
                Err(_) => {}
            }
        }
        let begin = if self.is_torn { "\n" } else { "" };
        let written = self.open.write(format!("{begin}{line}\n").as_bytes());
        // A full disk may take part of a line; the next line must not continue it.
        self.is_torn = written.is_err() && (self.is_torn || self.open.has_grown());
        written
    }
}

impl Open {
    /// Opens the file at `path` for appending.
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        // A pipe without a reader, or with a slow one, must not block.
        #[cfg(unix)]
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = open_private(&mut options, path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size, checked: Instant::now(), has_failed: false })
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(line);
        self.has_failed = written.is_err();
        if written.is_ok() {
            self.size += line.len() as u64;
        }
        written
    }

    /// Whether the file is longer than its complete lines.
    fn has_grown(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() > self.size)
    }

    /// Whether another file, or none, is at `path`; checked now and then.
    fn was_moved(&mut self, path: &Path) -> bool {
        if self.checked.elapsed() < CHECK_INTERVAL {
            return false;
        }
        self.checked = Instant::now();
        !is_same(&self.file, path)
    }

    /// Whether the file has no name any more.
    #[cfg(unix)]
    fn was_removed(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        self.file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
    }

    #[cfg(not(unix))]
    fn was_removed(&self) -> bool {
        false
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(named)) => (ours.dev(), ours.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(_: &File, path: &Path) -> bool {
    fs::exists(path).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(directory: &tempfile::TempDir) -> LogFile {
        LogFile::open(&directory.path().join("log")).expect("a log file")
    }

    /// The time of a check that is due again.
    fn due() -> Instant {
        Instant::now().checked_sub(CHECK_INTERVAL).expect("an earlier time")
    }

    fn read(directory: &tempfile::TempDir, name: &str) -> Option<String> {
        fs::read_to_string(directory.path().join(name)).ok()
    }

    #[test]
    fn an_existing_file_is_appended_to() {
        let directory = tempfile::tempdir().expect("a directory");
        for line in ["one", "two"] {
            log(&directory).write(line).expect("written");
        }
        assert_eq!(read(&directory, "log").as_deref(), Some("one\ntwo\n"));
    }

    #[test]
    fn a_file_that_was_moved_away_is_reopened() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory);
        let rename = |new: &str| {
            fs::rename(directory.path().join("log"), directory.path().join(new)).expect("moved");
        };
        file.write("one").expect("written");
        rename("log.1");
        file.open.checked = due();
        file.write("two").expect("written");
        assert_eq!(read(&directory, "log.1").as_deref(), Some("one\n"));
        assert_eq!(read(&directory, "log").as_deref(), Some("two\n"));
        // On request it is reopened at once.
        rename("log.2");
        file.place.reopen().expect("reopened");
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log.2").as_deref(), Some("two\n"));
        assert_eq!(read(&directory, "log").as_deref(), Some("three\n"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_reopened_stays_in_use() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        let mut file = log(&directory);
        fs::rename(path("log"), path("log.1")).expect("moved");
        fs::create_dir(path("log")).expect("a directory");
        assert!(file.place.reopen().is_err());
        for line in ["one", "two"] {
            file.open.checked = due();
            file.write(line).expect("written");
        }
        assert_eq!(read(&directory, "log.1").as_deref(), Some("one\ntwo\n"));
        fs::remove_dir(path("log")).expect("removed");
        file.open.checked = due();
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log").as_deref(), Some("three\n"));
        // Lines of a file without a name are lost, and reported so.
        fs::remove_file(path("log")).expect("removed");
        fs::create_dir(path("log")).expect("a directory");
        file.open.checked = due();
        for line in ["four", "five"] {
            assert!(file.write(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_line_after_an_incomplete_one_starts_a_new_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory);
        file.write("one").expect("written");
        let mut other = OpenOptions::new().append(true).open(directory.path().join("log"));
        other.as_mut().expect("a file").write_all(b"ha").expect("written");
        file.is_torn = file.open.has_grown();
        file.write("two").expect("written");
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log").as_deref(), Some("one\nha\ntwo\nthree\n"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        log(&directory).write("one").expect("written");
        let metadata = fs::metadata(directory.path().join("log")).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lines_that_cannot_be_written_are_counted() {
        let file = LogFile::open(Path::new("/dev/full")).expect("a device");
        let (sender, receiver) = sync_channel(3);
        for line in ["one", "two", "three"] {
            sender.send(line.to_owned()).expect("room");
        }
        drop(sender);
        let health = LogHealth::default();
        write(Target::File(file, Box::new(|_| ())), &receiver, &health, LogFormat::Json);
        assert_eq!((health.lost(), health.is_failing()), (3, true));
    }
}
