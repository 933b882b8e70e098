//! One connection: TLS if there is any, HTTP/1.1 or HTTP/2, and its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::TaskTracker;

use super::lookout::{self, Lookout};
use crate::server::listen::timeouts::{Activity, Farewell, Patience, Verdict, Watched};
use crate::server::listen::tls::Tls;
use crate::server::middleware;
use crate::server::shutdown::Phase;
use crate::server::state::State;

/// How much of a request's head hyper takes in before it gives up with a bare 431.
const MAX_BUFFER: usize = 256 << 10;
/// Headers of one request.
const MAX_HEADERS: usize = 256;
/// How often an HTTP/2 peer is asked whether it still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Requests of one HTTP/2 connection at a time.
const MAX_STREAMS: u32 = 256;
/// How many requests an HTTP/2 peer may take back before they were looked at, until the connection is
/// closed: who does it more often means harm ("rapid reset", CVE-2023-44487).
const MAX_TAKEN_BACK: usize = 20;
/// How many faults an HTTP/2 peer may make us reset streams for, until the connection is closed.
const MAX_FAULTS: usize = 64;
/// The first byte of a TLS connection (RFC 8446, 5.1: a handshake record).
const HANDSHAKE: u8 = 22;
/// How HTTP/2 begins, and no other (RFC 9113, 3.4).
const PREFACE: [u8; 3] = *b"PRI";
/// How often, in one period of patience, somebody looks whether a connection gets anywhere.
const LOOKS: u32 = 4;

/// What somebody is told who speaks HTTP without TLS to a port with it.
const SPEAK_TLS: &str = "{\"success\":false,\"error\":\"this port speaks HTTPS, not HTTP\",\
\"code\":\"invalid_request\",\"hint\":\"write `https://` in the address\"}";

/// A service that answers requests, as warp makes it.
pub(super) trait Routes:
    Clone
    + Send
    + tower_service::Service<
        Request<Incoming>,
        Response = warp::reply::Response,
        Error = Infallible,
        Future: Send,
    > + 'static
{
}

impl<S> Routes for S where
    S: Clone
        + Send
        + tower_service::Service<
            Request<Incoming>,
            Response = warp::reply::Response,
            Error = Infallible,
            Future: Send,
        > + 'static
{
}

/// One connection.
pub(super) struct Connection {
    /// What all requests share.
    pub state: Arc<State>,
    /// Requests that are not over.
    pub work: TaskTracker,
    /// Who is at the other end.
    pub peer: SocketAddr,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve(&self, stream: TcpStream, tls: Option<&Tls>, routes: impl Routes) {
        let _ = stream.set_nodelay(true);
        let activity = Activity::new();
        let Some(tls) = tls else {
            let Some(speaks) = self.in_time(first_words(&stream)).await else { return };
            let (stream, lookout) = lookout::watch(stream);
            let stream = Watched::new(stream, Arc::clone(&activity));
            return self.run(stream, speaks, lookout, activity, routes).await;
        };
        let shaken = self.in_time(handshake(stream, tls, &activity)).await;
        if let Some((stream, lookout)) = shaken {
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let speaks = if is_http2 { Speaks::Any } else { Speaks::Http1 };
            self.run(stream, speaks, lookout, activity, routes).await;
        }
    }

    /// What `beginning` gives, unless it takes too long or the server ends.
    async fn in_time<T>(&self, beginning: impl Future<Output = Option<T>>) -> Option<T> {
        tokio::select! {
            begun = timeout(self.state.limits.patience, beginning) => begun.ok().flatten(),
            () = self.state.shutdown.reached(Phase::Closing) => None,
        }
    }

    async fn run<T>(
        &self,
        stream: T,
        speaks: Speaks,
        lookout: Lookout,
        activity: Arc<Activity>,
        routes: impl Routes,
    ) where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = service_fn(|request| {
            let underway = activity.request();
            let (state, work) = (Arc::clone(&self.state), self.work.clone());
            let answer = middleware::respond(state, work, self.peer, routes.clone(), request);
            // hyper keeps room for this future as long as the connection lives, streams included.
            Box::pin(async {
                answer.await.map(|answer: Response<_>| answer.map(|body| underway.answered(body)))
            })
        });
        let (stream, patience) = (TokioIo::new(stream), self.patience());
        // What serves HTTP/2 is large, and should not lie in the future of those who do not speak it.
        match speaks {
            Speaks::Http1 => {
                let connection = http1(patience.idle).serve_connection(stream, service);
                let end = http1::Connection::graceful_shutdown;
                Box::pin(self.watch(connection, end, lookout, &activity, patience)).await;
            }
            Speaks::Any => {
                let builder = any(patience.idle);
                let connection = builder.serve_connection(stream, service);
                let end = auto::Connection::graceful_shutdown;
                Box::pin(self.watch(connection, end, lookout, &activity, patience)).await;
            }
        }
    }

    /// Waits for the end of `connection`; asks it to `end` when it is time for that.
    async fn watch<C: Future>(
        &self,
        connection: C,
        end: fn(Pin<&mut C>),
        lookout: Lookout,
        activity: &Activity,
        patience: Patience,
    ) {
        let mut connection = std::pin::pin!(connection);
        let mut gone = std::pin::pin!(lookout.gone());
        let mut looks = interval((patience.idle.min(patience.reader) / LOOKS).max(SHORTEST_LOOK));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut farewell: Option<Farewell> = None;
        loop {
            tokio::select! {
                biased;
                // An error here is a client that went away, or one that does not speak HTTP.
                _ = connection.as_mut() => return,
                () = gone.as_mut() => return,
                () = self.state.shutdown.reached(Phase::Closing), if farewell.is_none() => {}
                _ = looks.tick() => match activity.verdict(patience) {
                    Verdict::Stuck => return,
                    Verdict::Idle if farewell.is_none() => {}
                    Verdict::Idle | Verdict::Alive => {
                        if farewell.as_mut().is_some_and(|end| end.is_over(activity, patience)) {
                            return;
                        }
                        continue;
                    }
                }
            }
            // hyper has nothing to say good-bye to before it knows which HTTP this is.
            if !activity.has_begun() {
                return;
            }
            farewell = Some(Farewell::new(activity));
            end(connection.as_mut());
        }
    }

    /// The signs of life in a stream must not be rarer than they are waited for.
    fn patience(&self) -> Patience {
        let limits = &self.state.limits;
        Patience { idle: limits.patience, reader: limits.reader.max(limits.heartbeat * 2) }
    }
}

/// Looking more often than this costs more than it is good for.
const SHORTEST_LOOK: Duration = Duration::from_millis(10);

/// Which HTTP a peer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// HTTP/1.1 or older. Looking for more would cost a buffer of twice the size for each connection.
    Http1,
    /// Perhaps HTTP/2: its first words will tell.
    Any,
}

/// Looks at the first words of a peer, who goes on with them. `None` if there are none.
async fn first_words(stream: &TcpStream) -> Option<Speaks> {
    let mut words = [0; PREFACE.len()];
    let length = stream.peek(&mut words).await.ok().filter(|length| *length > 0)?;
    Some(if PREFACE.starts_with(&words[..length]) { Speaks::Any } else { Speaks::Http1 })
}

type OverTls = tokio_rustls::server::TlsStream<Watched<lookout::Watched>>;

async fn handshake(
    mut stream: TcpStream,
    tls: &Tls,
    activity: &Arc<Activity>,
) -> Option<(OverTls, Lookout)> {
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first[0] != HANDSHAKE {
        // Boxed, because its buffer is larger than all the rest.
        Box::pin(refuse_plain(&mut stream)).await;
        return None;
    }
    let (stream, lookout) = lookout::watch(stream);
    let stream = Watched::new(stream, Arc::clone(activity));
    // A failure here is a client who does not like the certificate, or has an old protocol.
    Some((tls.acceptor().accept(stream).await.ok()?, lookout))
}

async fn refuse_plain(stream: &mut TcpStream) {
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{SPEAK_TLS}",
        SPEAK_TLS.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    // Closing with a request unread would reset the connection before the answer is read.
    let mut rest = [0; 4096];
    let mut left = MAX_BUFFER / rest.len();
    while left > 0 && matches!(tokio::io::AsyncReadExt::read(stream, &mut rest).await, Ok(1..)) {
        left -= 1;
    }
}

fn http1(patience: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(MAX_BUFFER)
        .max_headers(MAX_HEADERS);
    builder
}

fn any(patience: Duration) -> auto::Builder<TokioExecutor> {
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
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_TAKEN_BACK)
        .max_local_error_reset_streams(MAX_FAULTS)
        .max_header_list_size(64 << 10);
    builder
}
