//! Ctrl-C, SIGTERM, SIGHUP and SIGQUIT, and the blocking work that they interrupt.
//!
//! The first signal asks the command to end: it stops the model, keeps the partial answer and reports
//! it. The second one ends the process at once, as does a command that takes too long to end. Signals
//! are caught on a thread of their own: they work even while the command is stuck in a write.
//!
//! In a conversation Ctrl-C ends only what runs ([`Interrupt::key`]); three of them that nothing takes
//! end the command.

use std::future::{Future, pending};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, oneshot, watch};

use super::output::{Failure, Outcome};
use crate::domain::{Error, ErrorKind};

/// Timeout of a last call to the upstream after the first signal.
const LAST_CALL: Duration = Duration::from_secs(5);

/// Longer than two last calls (creation and deletion of a chat), or a stop call (5 s) and one.
const MAX_SHUTDOWN: Duration = Duration::from_secs(15);

/// As many Ctrl-C that nothing takes end a conversation.
const MOST_KEYS: u32 = 3;

/// The signals received so far.
#[derive(Clone)]
pub(super) struct Interrupt {
    /// Their number.
    received: Option<watch::Receiver<u32>>,
    mode: Arc<Mode>,
}

/// What the command does about signals.
#[derive(Default)]
struct Mode {
    is_patient: AtomicBool,
    ignores_hangups: AtomicBool,
    is_conversation: AtomicBool,
    /// How many Ctrl-C of a conversation nothing has taken.
    keys: AtomicU32,
    key: Notify,
}

impl Mode {
    /// Passes a Ctrl-C to the conversation. Returns whether it is one that takes them.
    fn note_key(&self) -> bool {
        let is_taken = self.is_conversation.load(Ordering::Relaxed)
            && self.keys.fetch_add(1, Ordering::Relaxed) + 1 < MOST_KEYS;
        if is_taken {
            self.key.notify_one();
        }
        is_taken
    }
}

impl Interrupt {
    /// Catches the signals of this process from now on.
    pub(super) fn catch() -> Self {
        let (sender, receiver) = watch::channel(0);
        let mode = Arc::new(Mode::default());
        let watched = Arc::clone(&mode);
        let (ready, is_ready) = mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name("signals".to_owned());
        let spawned = thread.spawn(move || {
            // Without a runtime the signals keep their default effect.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(watch_signals(&sender, &watched, ready));
            }
        });
        // The sender is dropped once the signals are caught, or if they cannot be.
        let _ = is_ready.recv();
        Self { received: spawned.is_ok().then_some(receiver), mode }
    }

    /// No signals.
    pub(super) fn never() -> Self {
        Self { received: None, mode: Arc::default() }
    }

    /// For a command that ends gracefully, however long it takes: the second signal only hurries it,
    /// the third one ends the process.
    pub(super) fn be_patient(&self) {
        self.mode.is_patient.store(true, Ordering::Relaxed);
    }

    /// For a command that gives SIGHUP another meaning.
    pub(super) fn ignore_hangups(&self) {
        self.mode.ignores_hangups.store(true, Ordering::Relaxed);
    }

    /// For a conversation: Ctrl-C only wakes [`Interrupt::key`], and other signals leave it the time to
    /// end.
    pub(super) fn converse(&self) {
        self.mode.is_conversation.store(true, Ordering::Relaxed);
        self.be_patient();
    }

    /// Waits for a Ctrl-C in a conversation.
    pub(super) async fn key(&self) {
        self.mode.key.notified().await;
        self.mode.keys.store(0, Ordering::Relaxed);
    }

    /// Forgets a Ctrl-C that came too late for what it should have ended.
    pub(super) fn forget_keys(&self) {
        let _ = self.key().now_or_never();
    }

    /// Waits for the first signal.
    pub(super) async fn wait(&self) {
        self.wait_for(1).await;
    }

    /// Waits for the second signal, which only a patient command receives.
    pub(super) async fn wait_again(&self) {
        self.wait_for(2).await;
    }

    async fn wait_for(&self, count: u32) {
        if let Some(mut receiver) = self.received.clone()
            && receiver.wait_for(|received| *received >= count).await.is_ok()
        {
            return;
        }
        pending::<()>().await;
    }

    /// Does `work`, or drops it at the first signal.
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

    /// Does `work`, after the first signal only for a bounded time. Then calls `notify`, which says why
    /// the command has not ended yet. `None` if it took longer and was dropped.
    pub(super) async fn bounded<T>(
        &self,
        work: impl Future<Output = T>,
        notify: impl FnOnce(),
    ) -> Option<T> {
        let too_long = async {
            self.wait().await;
            notify();
            tokio::time::sleep(LAST_CALL).await;
        };
        tokio::select! {
            biased;
            result = work => Some(result),
            () = too_long => None,
        }
    }
}

async fn watch_signals(received: &watch::Sender<u32>, mode: &Mode, ready: mpsc::Sender<()>) {
    let Ok(mut signals) = Signals::new() else { return };
    drop(ready);
    signals.next(mode).await;
    received.send_replace(1);
    if mode.is_patient.load(Ordering::Relaxed) {
        signals.next(mode).await;
        received.send_replace(2);
    }
    let _ = tokio::time::timeout(MAX_SHUTDOWN, signals.next(mode)).await;
    exit_now();
}

#[allow(clippy::exit, reason = "the second signal must end the process")]
fn exit_now() -> ! {
    super::output::restore();
    std::process::exit(i32::from(ErrorKind::Interrupted.exit_code()))
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    /// `None` under `nohup`.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            hangup: if hangups_are_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    async fn next(&mut self, mode: &Mode) {
        loop {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => if !mode.note_key() { return },
                _ = self.terminate.recv() => return,
                _ = self.quit.recv() => return,
                _ = hangup => if !mode.ignores_hangups.load(Ordering::Relaxed) { return },
            }
        }
    }
}

/// Whether the process was started to outlive its terminal, as by `nohup`.
#[cfg(target_os = "linux")]
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 != 0)
}

/// The same where the system does not tell: `nohup` redirects standard error.
#[cfg(all(unix, not(target_os = "linux")))]
fn hangups_are_ignored() -> bool {
    !super::output::io::stderr_is_terminal()
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self, mode: &Mode) {
        loop {
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
            if !mode.note_key() {
                return;
            }
        }
    }
}

/// Runs blocking `work` on a thread of its own, from now on. Unlike with the runtime's blocking threads,
/// the end of the program does not wait for it: a read from a terminal or a silent pipe may never
/// return.
///
/// # Errors
/// If the thread cannot be started, or panicked.
pub(super) fn beside<T, F>(work: F) -> impl Future<Output = Outcome<T>> + Send + use<T, F>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        let _ = sender.send(work());
    });
    async move {
        thread.map_err(|fault| {
            Error::new(ErrorKind::Internal, "cannot start a thread").caused_by(fault)
        })?;
        let ended_early = |_| Error::new(ErrorKind::Internal, "a thread ended early");
        receiver.await.map_err(ended_early).map_err(Failure::from)
    }
}
