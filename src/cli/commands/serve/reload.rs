//! SIGHUP: reads again what can change.

use std::sync::Arc;

use crate::cli::commands::serve::signals::Supervisor;
#[cfg(unix)]
use crate::cli::output::stderr_is_terminal;
use crate::server::{LogSink, Reload};

/// Reads again at each SIGHUP, and tells of it in the log. Returns when SIGHUP means what it says:
/// the terminal that the server belongs to is gone.
pub(super) async fn on(
    mut hangups: Hangups,
    reload: Arc<Reload>,
    log: LogSink,
    supervisor: &Supervisor,
) {
    loop {
        hangups.next().await;
        if hangups.terminal_is_gone() {
            return;
        }
        supervisor.reloading();
        let reload = Arc::clone(&reload);
        let told = tokio::task::spawn_blocking(move || reload.run()).await;
        for line in told.unwrap_or_default() {
            log.note(&format!("reload: {line}"));
        }
        supervisor.ready();
    }
}

/// The signals.
#[cfg(unix)]
pub(super) struct Hangups {
    signals: Option<tokio::signal::unix::Signal>,
    had_terminal: bool,
}

#[cfg(unix)]
impl Hangups {
    /// Catches them from now on.
    pub(super) fn catch() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // Without it the signal keeps its usual effect.
        Self { signals: signal(SignalKind::hangup()).ok(), had_terminal: stderr_is_terminal() }
    }

    async fn next(&mut self) {
        if let Some(signals) = &mut self.signals
            && signals.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }

    fn terminal_is_gone(&self) -> bool {
        self.had_terminal && !stderr_is_terminal()
    }
}

/// There are none here.
#[cfg(not(unix))]
pub struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub fn catch() -> Self {
        Self
    }

    async fn next(&mut self) {
        std::future::pending().await
    }

    fn terminal_is_gone(&self) -> bool {
        false
    }
}
