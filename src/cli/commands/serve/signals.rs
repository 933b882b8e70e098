//! The signals of a service: SIGHUP, and the protocol of the service manager. systemd or a compatible
//! one may pass an open socket (`sd_listen_fds(3)`) and expects the state of the server
//! (`sd_notify(3)`).

#[cfg(unix)]
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;

#[cfg(unix)]
use sd_notify::NotifyState;
use tokio::net::TcpListener;

use crate::cli::interrupt::Interrupt;
use crate::cli::output::{Output, stderr_is_terminal};
#[cfg(unix)]
use crate::domain::{Error, Result};
use crate::server::{LogSink, Reload};
use crate::settings::Environment;

/// The service manager.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// The socket on which it expects notifications.
    #[cfg(unix)]
    notify: Option<SocketAddr>,
    /// Whether it passed open sockets.
    passes_sockets: bool,
}

impl Supervisor {
    /// The service manager of the environment. A socket that cannot be used is only a warning.
    pub(super) fn of(environment: &Environment, output: &Output) -> Self {
        #[cfg(unix)]
        let notify = environment.get("NOTIFY_SOCKET").map(notify_socket);
        #[cfg(unix)]
        let notify = notify.and_then(|socket| socket.inspect_err(|fault| output.warn(fault)).ok());
        #[cfg(not(unix))]
        let _ = output;
        Self {
            #[cfg(unix)]
            notify,
            passes_sockets: cfg!(unix) && environment.get("LISTEN_FDS").is_some(),
        }
    }

    /// The first passed socket, if any.
    ///
    /// # Errors
    /// If it is not a listening TCP socket.
    #[cfg(unix)]
    pub(super) fn listener(&self) -> Result<Option<TcpListener>> {
        if !self.passes_sockets {
            return Ok(None);
        }
        let socket = listenfd::ListenFd::from_env().take_tcp_listener(0).map_err(unusable)?;
        let Some(socket) = socket else { return Ok(None) };
        socket.set_nonblocking(true).map_err(unusable)?;
        TcpListener::from_std(socket).map(Some).map_err(unusable)
    }

    #[cfg(not(unix))]
    pub(super) fn listener(&self) -> Result<Option<TcpListener>> {
        debug_assert!(!self.passes_sockets);
        Ok(None)
    }

    /// The server is ready, or has been reloaded.
    pub(super) fn ready(&self) {
        self.notify(State::Ready);
    }

    /// The server is reloading.
    pub(super) fn reloading(&self) {
        self.notify(State::Reloading);
    }

    /// The server is stopping.
    pub(super) fn stopping(&self) {
        self.notify(State::Stopping);
    }

    /// Notifies the watchdog as often as it expects. Never returns.
    #[cfg(unix)]
    pub(super) async fn send_heartbeats(&self) {
        let Some(within) = sd_notify::watchdog_enabled().filter(|_| self.notify.is_some()) else {
            return std::future::pending().await;
        };
        // Half of it, says `sd_watchdog_enabled(3)`.
        let mut beats = tokio::time::interval((within / 2).max(SHORTEST_BEAT));
        loop {
            beats.tick().await;
            self.notify(State::Alive);
        }
    }

    #[cfg(not(unix))]
    pub(super) async fn send_heartbeats(&self) {
        std::future::pending().await
    }

    /// Failures are ignored: the server works without notifications.
    #[cfg(unix)]
    fn notify(&self, state: State) {
        let Some(address) = &self.notify else { return };
        let text = match state {
            State::Ready => "READY=1\n".to_owned(),
            State::Reloading => match NotifyState::monotonic_usec_now() {
                Ok(now) => format!("RELOADING=1\n{now}\n"),
                Err(_) => return,
            },
            State::Stopping => "STOPPING=1\n".to_owned(),
            State::Alive => "WATCHDOG=1\n".to_owned(),
        };
        let sent = UnixDatagram::unbound();
        let _ = sent.and_then(|socket| socket.send_to_addr(text.as_bytes(), address));
    }

    #[cfg(not(unix))]
    #[allow(clippy::unused_self, reason = "there is no service manager")]
    fn notify(&self, _: State) {}
}

/// The address in `NOTIFY_SOCKET`: a path, or on Linux the name of an abstract socket after `@`.
#[cfg(unix)]
fn notify_socket(value: &str) -> std::result::Result<SocketAddr, String> {
    let unusable = |why: &str| {
        format!("the service manager cannot be notified: NOTIFY_SOCKET is `{value}`, {why}")
    };
    let address = match value.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(value),
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt as _;
            SocketAddr::from_abstract_name(name)
        }
        _ => return Err(unusable("and only Unix sockets are supported")),
    };
    address.map_err(|fault| unusable(&fault.to_string()))
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
    Error::invalid(format!("the socket passed by the service manager cannot be used: {fault}"))
        .with_hint("it must be a stream socket: `ListenStream=127.0.0.1:5001` in the socket unit")
        .caused_by(fault)
}

/// Reloads at each SIGHUP and logs the results. Returns if the SIGHUP means that the terminal of the
/// server has been closed.
pub(super) async fn reload_on_hangup(
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
        let results = tokio::task::spawn_blocking(move || reload.run()).await;
        for line in results.unwrap_or_default() {
            log.note(&format!("reload: {line}"));
        }
        supervisor.ready();
    }
}

/// The SIGHUP signals.
#[cfg(unix)]
pub(super) struct Hangups {
    signals: Option<tokio::signal::unix::Signal>,
    had_terminal: bool,
}

#[cfg(unix)]
impl Hangups {
    /// Catches the signal from now on: it does not end the server.
    pub(super) fn catch(interrupt: &Interrupt) -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        interrupt.ignore_hangups();
        // On failure the signal keeps its default effect.
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

/// The SIGHUP signals, which do not exist here.
#[cfg(not(unix))]
pub(super) struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub(super) fn catch(_: &Interrupt) -> Self {
        Self
    }

    async fn next(&mut self) {
        std::future::pending().await
    }

    fn terminal_is_gone(&self) -> bool {
        false
    }
}
