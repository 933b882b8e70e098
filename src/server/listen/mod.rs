//! The socket: connections, their bounds, and the end.
//!
//! warp makes the routes; this drives them with hyper. warp's own `run` panics on a busy port, waits
//! for ever for open streams when it is to end, has no bound for slow clients, and no TLS.

mod connection;
mod lookout;
mod timeouts;
pub(crate) mod tls;
mod watch;

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
use crate::server::limits::places::Places;
use crate::server::listen::tls::Tls;
use crate::server::shutdown::Phase;

/// How long what still runs at the very end gets to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long what is cleared away after answers may take at the very end.
const CLEARING_AWAY: Duration = Duration::from_secs(5);

/// Begins to listen.
///
/// # Errors
/// [`ErrorKind::Internal`] naming the address, if it cannot be had.
pub async fn bind(ip: IpAddr, port: u16) -> Result<TcpListener> {
    TcpListener::bind((ip, port)).await.map_err(|fault| {
        let address = SocketAddr::new(ip, port);
        let (message, hint) = match fault.kind() {
            io::ErrorKind::AddrInUse => (
                format!("the port {port} of {ip} is in use"),
                "choose another one with `--port`; `--port 0` takes a free one",
            ),
            _ => (
                format!("cannot listen on {address}: {fault}"),
                "choose another address with `--host`, or another port with `--port`",
            ),
        };
        Error::new(ErrorKind::Internal, message).with_hint(hint).caused_by(fault)
    })
}

/// Serves until `end` is over; then drains as [`super::Limits::drain`] allows, or until `now` is over.
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
        places: Places::new(options.limits.connections),
        tls: options.tls.clone(),
        state: Arc::new(State::new(options, address)),
    };
    server.sweep();
    tokio::select! {
        () = end => {}
        () = server.accept(&listener) => {}
        () = watch::certificate(server.tls.as_ref(), &server.state.log) => {}
    }
    server.state.shutdown.enter(Phase::Draining);
    drop(listener);
    server.drain(now).await;
    Ok(())
}

struct Server {
    state: Arc<State>,
    /// Requests that are not over.
    work: TaskTracker,
    connections: TaskTracker,
    places: Arc<Places>,
    tls: Option<Arc<Tls>>,
}

impl Server {
    /// Deletes what an earlier server left behind, beside the work.
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
        let routes = routes();
        loop {
            let Some(permit) = self.places.free().await else { return };
            let Ok((stream, peer)) = listener.accept().await else {
                // Out of file descriptors, most likely: some time for others to end.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Who holds their share already is not worth an answer.
            let Some(place) = self.places.give(permit, peer.ip()) else { continue };
            let (state, work) = (Arc::clone(&self.state), self.work.clone());
            let connection = Connection { state, work, peer };
            let (tls, routes) = (self.tls.clone(), routes.clone());
            self.connections.spawn(async move {
                connection.serve(stream, tls.as_deref(), warp::service(routes)).await;
                drop(place);
            });
        }
    }

    /// Waits until nothing runs any more. What lasts longer than its request begins before that ends,
    /// so there is no gap between the two.
    async fn no_work(&self) {
        self.work.wait().await;
        self.state.lasting.wait().await;
    }

    /// Lets running requests go on for a while, tells those that are left, and closes.
    async fn drain(&self, now: impl Future<Output = ()>) {
        let shutdown = &self.state.shutdown;
        self.work.close();
        self.state.lasting.close();
        tokio::select! {
            () = self.no_work() => {}
            () = sleep(self.state.limits.drain) => {}
            () = now => {}
        }
        shutdown.enter(Phase::Ending);
        let _ = timeout(LAST_WORDS, self.no_work()).await;
        shutdown.enter(Phase::Closing);
        self.connections.close();
        let _ = timeout(LAST_WORDS, self.connections.wait()).await;
        self.state.chores.close();
        let _ = timeout(CLEARING_AWAY, self.state.chores.wait()).await;
        self.state.client.settle().await;
    }
}
