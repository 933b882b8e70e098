//! The listener: connections, their bounds, and the graceful shutdown.
//!
//! warp builds the routes, hyper serves them. warp's own `run` panics on a busy port, waits for open
//! streams without a limit at shutdown, has no timeouts for slow clients, and no TLS.

mod connection;
mod timeouts;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use self::connection::Connection;
use super::ServerOptions;
use super::routes::routes;
use super::state::State;
use crate::app::ephemeral::Swept;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::limits::concurrency::ConnectionLimit;
use crate::server::state::Phase;
use crate::server::tls::Tls;

/// The time that requests have to end after the drain.
const END_TIMEOUT: Duration = Duration::from_secs(1);
/// The time for deleting ephemeral chats at the end.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Binds the listener.
///
/// # Errors
/// [`ErrorKind::Internal`] naming the address, if it is not available.
pub async fn bind(ip: IpAddr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((ip, port)).await.map_err(|fault| {
        let address = SocketAddr::new(ip, port);
        let (message, hint) = match fault.kind() {
            io::ErrorKind::AddrInUse => (
                format!("the port {port} of {ip} is in use"),
                "choose another one with `--port`; `--port 0` uses a free one",
            ),
            _ => (
                format!("cannot listen on {address}: {fault}"),
                "choose another address with `--host`, or another port with `--port`",
            ),
        };
        Error::new(ErrorKind::Internal, message).with_hint(hint).caused_by(fault)
    })
}

/// Serves until `end` completes, then drains for [`super::Limits::drain`] or until `now` completes.
/// `now` is polled only if work is running.
///
/// # Errors
/// If the listener has no address.
pub async fn serve(
    listener: TcpListener,
    options: ServerOptions,
    end: impl Future<Output = ()>,
    now: impl Future<Output = ()>,
) -> Result<()> {
    let address = listener.local_addr().map_err(|fault| {
        Error::new(ErrorKind::Internal, "the listener has no address").caused_by(fault)
    })?;
    let server = Server {
        work: TaskTracker::new(),
        connections: TaskTracker::new(),
        slots: ConnectionLimit::new(options.limits.connections),
        tls: options.tls.clone(),
        state: Arc::new(State::new(options, address)),
    };
    server.sweep();
    tokio::select! {
        () = end => {}
        () = server.accept(&listener) => {}
        () = crate::server::tls::watch(server.tls.as_ref(), &server.state.log) => {}
        () = crate::server::rest::trash::finish_due(&server.state) => {}
    }
    server.state.shutdown.enter(Phase::Draining);
    drop(listener);
    server.drain(now).await;
    Ok(())
}

struct Server {
    state: Arc<State>,
    /// Running requests.
    work: TaskTracker,
    connections: TaskTracker,
    slots: Arc<ConnectionLimit>,
    tls: Option<Arc<Tls>>,
}

impl Server {
    /// Deletes the ephemeral chats of an earlier run in the background.
    fn sweep(&self) {
        let (journal, session) = (self.state.openai.journal.clone(), self.state.own_session());
        let (Some(journal), Some(session)) = (journal, session) else { return };
        let log = self.state.log.clone();
        self.state.chores.spawn(async move {
            match journal.sweep(&session).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(Swept { deleted, left }) => log.note(&format!(
                    "ephemeral chats of an earlier run: {deleted} deleted, {left} left"
                )),
                Err(error) => log.note(&format!("ephemeral chats of an earlier run: {error}")),
            }
        });
    }

    async fn accept(&self, listener: &TcpListener) {
        let routes = warp::service(routes());
        loop {
            let Some(permit) = self.slots.free().await else { return };
            let Ok((stream, peer)) = listener.accept().await else {
                // Most likely out of file descriptors; wait for a connection to end.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            // An address with its full share gets no response.
            let Some(slot) = self.slots.assign(permit, peer.ip()) else { continue };
            let (state, work) = (Arc::clone(&self.state), self.work.clone());
            let connection = Connection { state, work, peer, routes: routes.clone() };
            let tls = self.tls.clone();
            self.connections.spawn(async move {
                connection.serve(stream, tls.as_deref()).await;
                drop(slot);
            });
        }
    }

    /// Waits for all work. Work that outlives its request starts before the request ends, so there is
    /// no gap between the two.
    async fn no_work(&self) {
        self.work.wait().await;
        self.state.lasting.wait().await;
    }

    /// Waits for running requests, ends those that are left, and closes the connections.
    async fn drain(&self, now: impl Future<Output = ()>) {
        let shutdown = &self.state.shutdown;
        self.work.close();
        self.state.lasting.close();
        tokio::select! {
            // Without work `now` is never polled.
            biased;
            () = self.no_work() => {}
            () = sleep(self.state.limits.drain) => {}
            () = now => {}
        }
        shutdown.enter(Phase::Ending);
        let _ = timeout(END_TIMEOUT, self.no_work()).await;
        shutdown.enter(Phase::Closing);
        self.connections.close();
        let _ = timeout(END_TIMEOUT, self.connections.wait()).await;
        self.state.chores.close();
        let _ = timeout(CLEANUP_TIMEOUT, self.state.chores.wait()).await;
        self.state.client.settle().await;
    }
}
