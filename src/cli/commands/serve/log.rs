//! Writes the access log on a thread of its own: a standard error that nobody reads must not hold up
//! the server. What does not fit into a short queue is dropped, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::cli::output::Output;
use crate::server::LogSink;

/// Lines that may wait for the terminal, the file or the pipe behind standard error.
const WAITING: usize = 4096;
/// How long the last lines may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// The thread that writes.
pub struct LogWriter {
    sender: Option<SyncSender<String>>,
    dropped: Arc<AtomicU64>,
    done: oneshot::Receiver<()>,
}

impl LogWriter {
    /// Writes to `output`, if that wants to hear of it at all.
    pub fn start(output: &Output) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let (finished, done) = oneshot::channel();
        let quiet = output.policy().quiet;
        let (output, lost) = (output.clone(), Arc::clone(&dropped));
        let thread = std::thread::Builder::new().name("log".to_owned());
        // Without such a thread nothing is logged, which is no reason not to serve.
        let started = !quiet
            && thread
                .spawn(move || {
                    write(&output, &receiver, &lost);
                    let _ = finished.send(());
                })
                .is_ok();
        Self { sender: started.then_some(sender), dropped, done }
    }

    /// Where the server's lines go.
    pub fn sink(&self) -> LogSink {
        let Some(sender) = self.sender.clone() else { return LogSink::new(drop) };
        let dropped = Arc::clone(&self.dropped);
        LogSink::new(move |line| {
            if sender.try_send(line).is_err() {
                dropped.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// Waits a moment for the last lines. The sinks are gone by then.
    pub async fn finish(mut self) {
        self.sender = None;
        let _ = tokio::time::timeout(FAREWELL, self.done).await;
    }
}

fn write(output: &Output, lines: &Receiver<String>, dropped: &AtomicU64) {
    for line in lines {
        output.note(&line);
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            output.note(&format!("({lost} lines of the log were dropped)"));
        }
    }
}
