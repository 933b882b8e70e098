//! How far the server's life has come. It only ever goes forward.

use tokio::sync::watch;

/// A part of the server's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// All is well.
    Serving,
    /// The signal to end has come: no new connections and no new work, but what runs may go on.
    Draining,
    /// The time for that is over: what still runs is told so, and ends.
    Ending,
    /// Connections are closed.
    Closing,
}

/// The phase, for many to watch.
#[derive(Debug)]
pub(super) struct Life(watch::Sender<Phase>);

impl Default for Life {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Serving))
    }
}

impl Life {
    /// Goes on to `phase`.
    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let later = phase > *now;
            *now = phase.max(*now);
            later
        });
    }

    /// Whether `phase` has begun.
    pub(super) fn has_reached(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    /// Waits until `phase` has begun.
    pub(super) async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so there is no other way out of this wait.
        let _ = self.0.subscribe().wait_for(|now| *now >= phase).await;
    }
}
