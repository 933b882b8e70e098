//! The socket: connections, their bounds, and the end.
//!
//! warp makes the routes; this drives them with hyper. warp's own `run` panics on a busy port, waits
//! for ever for open streams when it is to end, and has no bound for slow clients.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use super::ServerOptions;
use super::gate;
use super::life::Phase;
use super::routes::routes;
use super::state::State;
use crate::app::ephemeral::Swept;
use crate::domain::{Error, ErrorKind, Result};

/// How many connections may be open at a time; more wait.
const MAX_CONNECTIONS: usize = 8192;
/// How much of a request's head hyper takes in before it gives up with a bare 431.
const MAX_BUFFER: usize = 256 << 10;
/// Headers of one request.
const MAX_HEADERS: usize = 256;
/// How long what still runs at the very end gets to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long what is cleared away after answers may take at the very end.
const CLEARING_AWAY: Duration = Duration::from_secs(5);
/// How often an HTTP/2 peer is asked whether it still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

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
        state: Arc::new(State::new(options, address)),
        work: TaskTracker::new(),
        connections: TaskTracker::new(),
        places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
    };
    server.sweep();
    tokio::select! {
        () = end => {}
        () = server.accept(&listener) => {}
    }
    server.state.life.enter(Phase::Draining);
    drop(listener);
    server.drain(now).await;
    Ok(())
}

struct Server {
    state: Arc<State>,
    /// Requests that are not over.
    work: TaskTracker,
    connections: TaskTracker,
    places: Arc<Semaphore>,
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
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            let Ok((stream, peer)) = listener.accept().await else {
                // Out of file descriptors, most likely: some time for others to end.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let connection = Connection {
                state: Arc::clone(&self.state),
                work: self.work.clone(),
                peer,
                begun: AtomicBool::new(false),
            };
            let routes = routes.clone();
            self.connections.spawn(async move {
                connection.serve(stream, warp::service(routes)).await;
                drop(place);
            });
        }
    }

    /// Lets running requests go on for a while, tells those that are left, and closes.
    async fn drain(&self, now: impl Future<Output = ()>) {
        let life = &self.state.life;
        self.work.close();
        tokio::select! {
            () = self.work.wait() => {}
            () = sleep(self.state.limits.drain) => {}
            () = now => {}
        }
        life.enter(Phase::Ending);
        let _ = timeout(LAST_WORDS, self.work.wait()).await;
        life.enter(Phase::Closing);
        self.connections.close();
        let _ = timeout(LAST_WORDS, self.connections.wait()).await;
        self.state.chores.close();
        let _ = timeout(CLEARING_AWAY, self.state.chores.wait()).await;
        self.state.client.settle().await;
    }
}

struct Connection {
    state: Arc<State>,
    work: TaskTracker,
    peer: SocketAddr,
    /// Whether a first request has come.
    begun: AtomicBool,
}

impl Connection {
    async fn serve<S>(&self, stream: TcpStream, routes: S)
    where
        S: Clone
            + Send
            + tower_service::Service<
                hyper::Request<hyper::body::Incoming>,
                Response = warp::reply::Response,
                Error = std::convert::Infallible,
                Future: Send,
            > + 'static,
    {
        let _ = stream.set_nodelay(true);
        let patience = self.state.limits.patience;
        let service = service_fn(|request| {
            self.begun.store(true, Ordering::Relaxed);
            let (state, work) = (Arc::clone(&self.state), self.work.clone());
            gate::respond(state, work, self.peer, routes.clone(), request)
        });
        let builder = builder(patience);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let mut closing = false;
        let mut first_request_is_due = std::pin::pin!(sleep(patience));
        let mut watched = true;
        loop {
            tokio::select! {
                // An error here is a client that went away, or one that does not speak HTTP.
                _ = connection.as_mut() => return,
                () = self.state.life.reached(Phase::Closing), if !closing => {
                    if !self.begun.load(Ordering::Relaxed) {
                        return;
                    }
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                // hyper's own timer begins only when it knows which HTTP this is.
                () = first_request_is_due.as_mut(), if watched => {
                    watched = false;
                    if !self.begun.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        }
    }
}

fn builder(patience: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(MAX_BUFFER)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .max_concurrent_streams(256)
        .max_header_list_size(64 << 10);
    builder
}
