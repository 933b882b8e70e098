//! The service manager, if one started us (systemd, or what speaks as it does): it may have opened
//! the socket already (`sd_listen_fds(3)`), and wants to know how we are (`sd_notify(3)`).

use tokio::net::TcpListener;

use crate::domain::{Error, Result};
use crate::settings::Environment;

/// The service manager.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// It wants to hear of us.
    listens: bool,
    /// It has opened sockets for us.
    gives_sockets: bool,
}

impl Supervisor {
    /// As the environment has it.
    pub(super) fn of(environment: &Environment) -> Self {
        Self {
            listens: cfg!(unix) && environment.get("NOTIFY_SOCKET").is_some(),
            gives_sockets: cfg!(unix) && environment.get("LISTEN_FDS").is_some(),
        }
    }

    /// The first socket that it has opened for us, if there is one.
    ///
    /// # Errors
    /// If that is not one that listens to TCP.
    #[cfg(unix)]
    pub(super) fn listener(&self) -> Result<Option<TcpListener>> {
        if !self.gives_sockets {
            return Ok(None);
        }
        let socket = listenfd::ListenFd::from_env().take_tcp_listener(0).map_err(unusable)?;
        let Some(socket) = socket else { return Ok(None) };
        socket.set_nonblocking(true).map_err(unusable)?;
        TcpListener::from_std(socket).map(Some).map_err(unusable)
    }

    #[cfg(not(unix))]
    pub fn listener(&self) -> Result<Option<TcpListener>> {
        debug_assert!(!self.gives_sockets);
        Ok(None)
    }

    /// We serve; also at the end of a reload.
    pub(super) fn ready(&self) {
        self.tell(State::Ready);
    }

    /// We read our files again.
    pub(super) fn reloading(&self) {
        self.tell(State::Reloading);
    }

    /// We end.
    pub(super) fn stopping(&self) {
        self.tell(State::Stopping);
    }

    /// Tells again and again that we live, as often as the manager wants to hear it. Never ends.
    #[cfg(unix)]
    pub(super) async fn keep_watchdog_quiet(&self) {
        let Some(within) = sd_notify::watchdog_enabled().filter(|_| self.listens) else {
            return std::future::pending().await;
        };
        // Half of it, says `sd_watchdog_enabled(3)`.
        let mut beats = tokio::time::interval((within / 2).max(SHORTEST_BEAT));
        loop {
            beats.tick().await;
            self.tell(State::Alive);
        }
    }

    #[cfg(not(unix))]
    pub async fn keep_watchdog_quiet(&self) {
        std::future::pending().await
    }

    /// Whether the manager hears it is its own affair.
    #[cfg(unix)]
    fn tell(&self, state: State) {
        use sd_notify::{NotifyState, notify};
        if !self.listens {
            return;
        }
        let _ = match state {
            State::Ready => notify(&[NotifyState::Ready]),
            State::Reloading => NotifyState::monotonic_usec_now()
                .and_then(|now| notify(&[NotifyState::Reloading, now])),
            State::Stopping => notify(&[NotifyState::Stopping]),
            State::Alive => notify(&[NotifyState::Watchdog]),
        };
    }

    #[cfg(not(unix))]
    fn tell(&self, _: State) {
        debug_assert!(!self.listens);
    }
}

#[cfg(unix)]
const SHORTEST_BEAT: std::time::Duration = std::time::Duration::from_millis(10);

#[derive(Debug, Clone, Copy)]
enum State {
    Ready,
    Reloading,
    Stopping,
    #[cfg(unix)]
    Alive,
}

#[cfg(unix)]
fn unusable(fault: std::io::Error) -> Error {
    Error::invalid(format!("the socket that the service manager passed cannot be used: {fault}"))
        .with_hint("it has to be a stream socket: `ListenStream=127.0.0.1:5001` in the socket unit")
        .caused_by(fault)
}
