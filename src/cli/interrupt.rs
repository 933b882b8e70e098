//! Ctrl-C and SIGTERM.
//!
//! The first one asks the command to end: it stops the model, keeps what came and says so. The second
//! one ends the process at once, and so does a command that does not manage to end. Signals are caught
//! on a thread of their own, so that they count even while the command is stuck in a write that nobody
//! reads.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::sync::watch;

use super::failure::{Failure, Outcome};
use crate::domain::ErrorKind;

/// How long a last call to the upstream may take after the first signal.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Longer than two last calls (the making and the deletion of a chat), or a stop call (5 s) and one.
const LONGEST_FAREWELL: Duration = Duration::from_secs(15);

/// Whether the user has asked to end.
#[derive(Clone)]
pub(super) struct Interrupt {
    /// How often they have asked.
    asked: Option<watch::Receiver<u32>>,
    patient: Arc<AtomicBool>,
}

impl Interrupt {
    /// Catches the signals of this process from now on.
    pub(super) fn catch() -> Self {
        let (sender, receiver) = watch::channel(0);
        let patient = Arc::new(AtomicBool::new(false));
        let is_patient = Arc::clone(&patient);
        let (ready, is_ready) = mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name("signals".to_owned());
        let spawned = thread.spawn(move || {
            // Without a runtime the signals keep their usual effect, which is right as well.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(watch_signals(&sender, &is_patient, ready));
            }
        });
        // The other end is dropped as soon as the signals are caught, or never will be.
        let _ = is_ready.recv();
        Self { asked: spawned.is_ok().then_some(receiver), patient }
    }

    /// Nobody interrupts.
    pub(super) fn never() -> Self {
        Self { asked: None, patient: Arc::default() }
    }

    /// The command has a way to end of its own, however long it takes: the second signal only hurries
    /// it, and the third one ends the process.
    pub(super) fn be_patient(&self) {
        self.patient.store(true, Ordering::Relaxed);
    }

    /// Waits for the first signal.
    pub(super) async fn wait(&self) {
        self.wait_for(1).await;
    }

    /// Waits for the second signal, of which only a patient command gets to know.
    pub(super) async fn wait_again(&self) {
        self.wait_for(2).await;
    }

    async fn wait_for(&self, count: u32) {
        if let Some(mut receiver) = self.asked.clone()
            && receiver.wait_for(|asked| *asked >= count).await.is_ok()
        {
            return;
        }
        pending::<()>().await;
    }

    /// Does `work` unless the user interrupts, in which case it is dropped.
    ///
    /// # Errors
    /// Those of `work`; [`Failure::interrupted`].
    pub(super) async fn or<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Outcome<T>
    where
        Failure: From<E>,
    {
        tokio::select! {
            biased;
            () = self.wait() => Err(Failure::interrupted()),
            result = work => Ok(result?),
        }
    }

    /// Does `work` also if the user interrupts, but then not for much longer, and `tell` them why
    /// nothing seems to happen. `None` if it took longer and was dropped.
    pub(super) async fn bounded<T>(
        &self,
        work: impl Future<Output = T>,
        tell: impl FnOnce(),
    ) -> Option<T> {
        let too_long = async {
            self.wait().await;
            tell();
            tokio::time::sleep(LAST_CALL).await;
        };
        tokio::select! {
            biased;
            result = work => Some(result),
            () = too_long => None,
        }
    }
}

async fn watch_signals(
    asked: &watch::Sender<u32>,
    is_patient: &AtomicBool,
    ready: mpsc::Sender<()>,
) {
    let Ok(mut signals) = Signals::new() else { return };
    drop(ready);
    signals.next().await;
    asked.send_replace(1);
    if is_patient.load(Ordering::Relaxed) {
        signals.next().await;
        asked.send_replace(2);
    }
    let _ = tokio::time::timeout(LONGEST_FAREWELL, signals.next()).await;
    exit_now();
}

#[allow(clippy::exit, reason = "the user asked twice; nothing may hold the process any longer")]
fn exit_now() -> ! {
    std::process::exit(i32::from(ErrorKind::Interrupted.exit_code()))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    }
}
