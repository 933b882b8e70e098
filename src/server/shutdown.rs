//! The phases of a shutdown. The phase only ever advances.

use tokio::sync::watch;

/// A phase of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Requests are accepted.
    Serving,
    /// The signal to end has come: no new connections and no new work; running requests continue.
    Draining,
    /// The drain time is over: running requests are ended.
    Ending,
    /// Connections are closed.
    Closing,
}

/// The current phase; any number of tasks can wait for a later one.
#[derive(Debug)]
pub(super) struct Shutdown(watch::Sender<Phase>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Shutdown {
    /// Advances to `phase`.
    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let is_later = phase > *now;
            *now = phase.max(*now);
            is_later
        });
    }

    /// Whether `phase` has begun.
    pub(super) fn has_reached(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    /// Waits until `phase` has begun.
    pub(super) async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|now| *now >= phase).await;
    }
}
