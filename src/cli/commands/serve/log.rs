//! Writes the log on a thread of its own: a standard error that nobody reads, or a slow disk, must not
//! hold up the server. What does not fit into a short queue is dropped, and counted.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cli::commands::serve::log_file::LogFile;
use crate::cli::output::Output;
use crate::domain::{Error, Result};
use crate::server::{LogFormat, LogHealth, LogOptions, LogSink, note_line};

/// Lines that may wait for the terminal, the file or the pipe behind standard error.
const WAITING: usize = 4096;
/// How long the last lines may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// Where lines go.
enum Target {
    Stderr(Output),
    File(LogFile),
}

/// A log file, as the flags describe it.
pub(crate) struct FilePlan {
    /// Where it is.
    pub path: PathBuf,
    /// From how many bytes on a new one is begun; 0 is never.
    pub max_size: u64,
    /// How many old ones are kept.
    pub keep: u32,
}

/// The thread that writes.
pub(super) struct LogWriter {
    sender: Option<SyncSender<String>>,
    options: LogOptions,
    health: Arc<LogHealth>,
    done: oneshot::Receiver<()>,
}

impl LogWriter {
    /// Writes to a file if there is a `plan` for one, and to `output` otherwise.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn start(
        output: &Output,
        plan: Option<FilePlan>,
        options: LogOptions,
    ) -> Result<Self> {
        let target = match plan {
            None => Target::Stderr(output.clone()),
            Some(plan) => {
                let path = plan.path.clone();
                Target::File(LogFile::open(plan).map_err(|fault| {
                    Error::invalid(format!("cannot write the log {}: {fault}", path.display()))
                        .with_hint("choose another place with `--log-file`")
                })?)
            }
        };
        let (sender, receiver) = sync_channel(WAITING);
        let health = Arc::<LogHealth>::default();
        let (finished, done) = oneshot::channel();
        let watched = Arc::clone(&health);
        let thread = std::thread::Builder::new().name("log".to_owned());
        // Without such a thread nothing is logged, which is no reason not to serve.
        let started = thread.spawn(move || {
            write(target, &receiver, &watched, options.format);
            let _ = finished.send(());
        });
        Ok(Self { sender: started.is_ok().then_some(sender), options, health, done })
    }

    /// Where the server's lines go.
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

    /// Waits a moment for the last lines. The sinks are gone by then.
    pub(super) async fn finish(mut self) {
        self.sender = None;
        let _ = tokio::time::timeout(FAREWELL, self.done).await;
    }
}

fn write(mut target: Target, lines: &Receiver<String>, health: &LogHealth, format: LogFormat) {
    let mut told = 0;
    for line in lines {
        let written = target.write(&line);
        health.wrote(written);
        if !written {
            // A full disk, say: once there is room again, somebody has to be told what is missing.
            health.lose();
            continue;
        }
        let lost = health.lost();
        if lost > told {
            let note = format!("{} lines of the log were lost", lost - told);
            if target.write(&note_line(&note, format)) {
                told = lost;
            }
        }
    }
}

impl Target {
    /// Writes a line; tells whether that worked.
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn lines_for_which_there_is_no_room_are_counted() {
        let plan = FilePlan { path: "/dev/full".into(), max_size: 0, keep: 0 };
        let target = Target::File(LogFile::open(plan).expect("a device"));
        let (sender, receiver) = sync_channel(3);
        for line in ["one", "two", "three"] {
            sender.send(line.to_owned()).expect("room");
        }
        drop(sender);
        let health = LogHealth::default();
        write(target, &receiver, &health, LogFormat::Json);
        assert_eq!((health.lost(), health.is_failing()), (3, true));
    }
}
