//! The log of `serve`, written on a thread of its own: a blocked standard error or a slow disk must not
//! delay the server. Lines that do not fit into a bounded queue are dropped and counted.
//!
//! A log file is readable by its owner only. It is reopened on request and within a second of being
//! moved away or removed, as logrotate does.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::cli::output::Output;
use crate::domain::{Error, Result};
use crate::server::{LogFormat, LogHealth, LogOptions, LogSink, note_line};
use crate::settings::open_private;

/// The length of the queue, in lines.
const QUEUE: usize = 4096;
/// Timeout for the last lines.
const LAST_LINES: Duration = Duration::from_millis(500);
/// How often to check that the file is still at its path.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The thread that writes.
pub(super) struct LogWriter {
    sender: Option<SyncSender<String>>,
    options: LogOptions,
    health: Arc<LogHealth>,
    /// Set to reopen the log file; `None` for standard error.
    reopen: Option<Arc<AtomicBool>>,
    done: oneshot::Receiver<()>,
}

/// The destination of the lines.
enum Target {
    Stderr(Output),
    File(LogFile),
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
        let (target, reopen) = match path {
            None => (Target::Stderr(output.clone()), None),
            Some(path) => {
                let reopen = Arc::<AtomicBool>::default();
                let file = LogFile::open(&path, Arc::clone(&reopen)).map_err(|fault| {
                    Error::invalid(format!("cannot write the log file {}: {fault}", path.display()))
                        .with_hint("choose another path with `--log-file`")
                })?;
                (Target::File(file), Some(reopen))
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
        Ok(Self { sender, options, health, reopen, done })
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

    /// Reopens the log file with the next line; `None` if there is no file.
    pub(super) fn reopener(&self) -> Option<impl Fn() -> Result<String> + Send + Sync + 'static> {
        let reopen = Arc::clone(self.reopen.as_ref()?);
        Some(move || {
            reopen.store(true, Ordering::Relaxed);
            Ok("reopened".to_owned())
        })
    }

    /// Waits a moment for the last lines. All sinks must be gone.
    pub(super) async fn finish(mut self) {
        self.sender = None;
        let _ = tokio::time::timeout(LAST_LINES, self.done).await;
    }
}

fn write(mut target: Target, lines: &Receiver<String>, health: &LogHealth, format: LogFormat) {
    let mut reported = 0;
    for line in lines {
        let written = target.write(&line);
        health.wrote(written);
        if !written {
            // A full disk, say: the loss is logged once there is room again.
            health.lose();
            continue;
        }
        let lost = health.lost();
        if lost > reported {
            let note = format!("{} lines of the log were lost", lost - reported);
            if target.write(&note_line(&note, format)) {
                reported = lost;
            }
        }
    }
}

impl Target {
    /// Writes a line; returns whether it was written.
    fn write(&mut self, line: &str) -> bool {
        match self {
            Self::Stderr(output) => {
                output.complaint(&format!("{line}\n"));
                true
            }
            Self::File(file) => file.write(line).is_ok(),
        }
    }
}

/// A log file.
struct LogFile {
    path: PathBuf,
    reopen: Arc<AtomicBool>,
    /// `None` after a failure, until the next line.
    open: Option<Open>,
    /// Whether the last line in the file is incomplete.
    is_torn: bool,
}

struct Open {
    file: File,
    size: u64,
    checked: Instant,
}

impl LogFile {
    /// Opens the file for appending.
    fn open(path: &Path, reopen: Arc<AtomicBool>) -> io::Result<Self> {
        let mut file = Self { path: path.to_owned(), reopen, open: None, is_torn: false };
        file.reopen()?;
        Ok(file)
    }

    /// Writes a line. After a failure the next line is a new attempt.
    fn write(&mut self, line: &str) -> io::Result<()> {
        let begin = if self.is_torn { "\n" } else { "" };
        let written = self.try_write(format!("{begin}{line}\n").as_bytes());
        if written.is_err() {
            // A full disk may take part of a line; the next line must not continue it.
            self.is_torn |= self.open.take().is_some_and(|open| open.has_grown());
        } else {
            self.is_torn = false;
        }
        written
    }

    fn try_write(&mut self, line: &[u8]) -> io::Result<()> {
        let asked = self.reopen.swap(false, Ordering::Relaxed);
        if asked || self.open.as_mut().is_none_or(|open| open.was_moved(&self.path)) {
            self.reopen()?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.file.write_all(line)?;
        open.size += line.len() as u64;
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        let file = open_private(OpenOptions::new().append(true).create(true), &self.path)?;
        let size = file.metadata()?.len();
        self.open = Some(Open { file, size, checked: Instant::now() });
        Ok(())
    }
}

impl Open {
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
        LogFile::open(&directory.path().join("log"), Arc::default()).expect("a log file")
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
        if let Some(open) = &mut file.open {
            open.checked = Instant::now().checked_sub(CHECK_INTERVAL).expect("an earlier time");
        }
        file.write("two").expect("written");
        assert_eq!(read(&directory, "log.1").as_deref(), Some("one\n"));
        assert_eq!(read(&directory, "log").as_deref(), Some("two\n"));
        // On request it is reopened at once.
        rename("log.2");
        file.reopen.store(true, Ordering::Relaxed);
        file.write("three").expect("written");
        assert_eq!(read(&directory, "log.2").as_deref(), Some("two\n"));
        assert_eq!(read(&directory, "log").as_deref(), Some("three\n"));
    }

    #[test]
    fn a_line_after_an_incomplete_one_starts_a_new_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut file = log(&directory);
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
        let file = LogFile::open(Path::new("/dev/full"), Arc::default()).expect("a device");
        let (sender, receiver) = sync_channel(3);
        for line in ["one", "two", "three"] {
            sender.send(line.to_owned()).expect("room");
        }
        drop(sender);
        let health = LogHealth::default();
        write(Target::File(file), &receiver, &health, LogFormat::Json);
        assert_eq!((health.lost(), health.is_failing()), (3, true));
    }
}
