//! One connection: TLS if configured, HTTP/1.1 or HTTP/2, timeouts and its graceful end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::server::listen::timeouts::{Activity, Farewell, Monitored, Patience, Verdict};
use crate::server::middleware;
use crate::server::state::Phase;
use crate::server::state::State;
use crate::server::tls::Tls;

/// The read buffer for a request's head; hyper refuses a longer head with a bare 431.
const MAX_BUFFER: usize = 256 << 10;
/// Headers of one request.
const MAX_HEADERS: usize = 256;
/// The interval between pings of an HTTP/2 peer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Concurrent requests of one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;
/// Streams that an HTTP/2 peer may reset before the server has accepted them; more of them close the
/// connection ("rapid reset", CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 20;
/// Streams that an HTTP/2 peer may make the server reset before the connection is closed.
const MAX_LOCAL_RESETS: usize = 64;
/// The first byte of a TLS connection (RFC 8446, 5.1: a handshake record).
const HANDSHAKE: u8 = 22;
/// The beginning of HTTP/2 (RFC 9113, 3.4); no HTTP/1 request begins with it.
const PREFACE: [u8; 3] = *b"PRI";
/// Checks of a connection in one timeout.
const CHECKS: u32 = 4;
/// The shortest interval between two checks; more frequent ones cost more than they gain.
const SHORTEST_CHECK: Duration = Duration::from_millis(10);

/// The response to plain HTTP on a port with TLS.
const TLS_REQUIRED: &str = "{\"success\":false,\"error\":\"this port speaks HTTPS, not HTTP\",\
\"code\":\"invalid_request\",\"hint\":\"write `https://` in the address\"}";

/// One connection.
pub(super) struct Connection<S> {
    /// What all requests share.
    pub state: Arc<State>,
    /// Running requests.
    pub work: TaskTracker,
    /// The address at the other end.
    pub peer: SocketAddr,
    /// The routes as warp's service.
    pub routes: S,
}

impl<S> Connection<S>
where
    S: Service<Request<Incoming>, Response = warp::reply::Response, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    /// Serves the connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream, tls: Option<&Tls>) {
        let _ = stream.set_nodelay(true);
        let activity = Activity::new();
        let Some(tls) = tls else {
            let Some(may_be_http2) = self.in_time(may_be_http2(&stream)).await else { return };
            let stream = Monitored::new(stream, Arc::clone(&activity));
            return self.run(stream, may_be_http2, activity).await;
        };
        if let Some(stream) = self.in_time(handshake(stream, tls, &activity)).await {
            let may_be_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            self.run(stream, may_be_http2, activity).await;
        }
    }

    /// The result of `beginning`; `None` if it takes too long or the server ends.
    async fn in_time<T>(&self, beginning: impl Future<Output = Option<T>>) -> Option<T> {
        tokio::select! {
            begun = timeout(self.state.limits.patience, beginning) => begun.ok().flatten(),
            () = self.state.shutdown.reached(Phase::Closing) => None,
        }
    }

    async fn run<T>(&self, stream: T, may_be_http2: bool, activity: Arc<Activity>)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = service_fn(|request| {
            let running = activity.request();
            let (state, work) = (Arc::clone(&self.state), self.work.clone());
            let response =
                middleware::respond(state, work, self.peer, self.routes.clone(), request);
            // hyper keeps room for this future as long as the connection lives, streams included.
            Box::pin(async {
                response.await.map(|response: Response<_>| response.map(|body| running.body(body)))
            })
        });
        let patience = self.patience();
        let builder = builder(patience.idle, may_be_http2);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        // Boxed, because HTTP/2 makes it large.
        let mut connection = Box::pin(connection);
        let mut checks =
            interval((patience.idle.min(patience.reader) / CHECKS).max(SHORTEST_CHECK));
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut farewell: Option<Farewell> = None;
        loop {
            tokio::select! {
                biased;
                // An error is a client that went away, or one that does not speak HTTP.
                _ = connection.as_mut() => return,
                () = self.state.shutdown.reached(Phase::Closing), if farewell.is_none() => {}
                _ = checks.tick() => match activity.verdict(patience) {
                    Verdict::Stuck => return,
                    Verdict::Idle if farewell.is_none() => {}
                    Verdict::Idle | Verdict::Alive => {
                        if farewell.as_mut().is_some_and(|end| end.is_over(&activity, patience)) {
                            return;
                        }
                        continue;
                    }
                }
            }
            // Before the first request hyper may not know which version of HTTP to end.
            if !activity.has_begun() {
                return;
            }
            farewell = Some(Farewell::new(&activity));
            connection.as_mut().graceful_shutdown();
        }
    }

    /// A reader's timeout is longer than the interval between the heartbeats of a stream.
    fn patience(&self) -> Patience {
        let limits = &self.state.limits;
        Patience { idle: limits.patience, reader: limits.reader.max(limits.heartbeat * 2) }
    }
}

/// Peeks at the first bytes of a connection; `None` if it ends before them. Without this, hyper would
/// look for the version itself, with a buffer of twice the size for each connection.
async fn may_be_http2(stream: &TcpStream) -> Option<bool> {
    let mut bytes = [0; PREFACE.len()];
    let length = stream.peek(&mut bytes).await.ok().filter(|length| *length > 0)?;
    Some(PREFACE.starts_with(&bytes[..length]))
}

type TlsStream = tokio_rustls::server::TlsStream<Monitored<TcpStream>>;

async fn handshake(
    mut stream: TcpStream,
    tls: &Tls,
    activity: &Arc<Activity>,
) -> Option<TlsStream> {
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first[0] != HANDSHAKE {
        // Boxed, because its buffer is larger than all the rest.
        Box::pin(refuse_plain(&mut stream)).await;
        return None;
    }
    let stream = Monitored::new(stream, Arc::clone(activity));
    // A failure is a client that rejects the certificate, or has an old protocol.
    tls.acceptor().accept(stream).await.ok()
}

async fn refuse_plain(stream: &mut TcpStream) {
    let response = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{TLS_REQUIRED}",
        TLS_REQUIRED.len()
    );
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    // Closing with unread bytes would reset the connection before the response is read.
    let mut rest = [0; 4096];
    let mut left = MAX_BUFFER / rest.len();
    while left > 0 && matches!(stream.read(&mut rest).await, Ok(1..)) {
        left -= 1;
    }
}

fn builder(head_timeout: Duration, may_be_http2: bool) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(MAX_BUFFER)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_LOCAL_RESETS)
        .max_header_list_size(64 << 10);
    if may_be_http2 { builder } else { builder.http1_only() }
}
