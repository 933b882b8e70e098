//! HTTP/1.1 on a loopback port.
//!
//! hyper, driven by an accept loop of our own, rather than warp: faults must close a connection in
//! mid-body, with a FIN or a reset, and trailing slashes matter, and warp exposes neither the
//! socket nor the difference.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::State;
use super::api;
use super::bucket;
use super::guard::Refusal;
use super::reply::{Body, Reply};
use super::request::Request;
use super::routes::{self, Kind, Target};
use super::store::uploads;
use super::stream::body::gzipped;

/// The largest request body.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// How many connections may be open at a time; more wait.
const MAX_CONNECTIONS: usize = 4096;
/// JSON from this size on is compressed for those who accept it (protocol 1.6).
const COMPRESS_FROM: usize = 1024;
/// How long a client may take for its request head.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

type HttpBody = UnsyncBoxBody<Bytes, io::Error>;

/// Accepts connections until it is dropped; its connections end with it.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some time for others to end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let state = Arc::clone(&state);
        connections.spawn(async move {
            connection(stream, state).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: Arc::clone(&reset) };
    let service = service_fn(|request| respond(&state, request, Arc::clone(&reset)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(socket), service);
    // An error here is a client that went away or a cut on purpose.
    let _ = served.await;
}

async fn respond(
    state: &Arc<State>,
    request: hyper::Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<HttpBody>, Infallible> {
    let (mut head, body) = request.into_parts();
    if let Err(refusal) = state.guard.admit(&mut head) {
        return Ok(refused(refusal));
    }
    if let Target::Call(Kind::Bucket, key) = routes::find(&head.method, head.uri.path()) {
        // An object may be large, so its body is not collected.
        let request = Request::new(head.method, &head.uri, head.headers, Bytes::new());
        state.journal.request(&request);
        let reply = bucket::answer(state, &request, &key, body).await;
        return Ok(response(&request, reply, reset).await);
    }
    let collected = Limited::new(body, MAX_BODY).collect().await;
    let bytes = collected.as_ref().map(|_| ()).map_err(ToString::to_string);
    let body = collected.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let request = Request::new(head.method, &head.uri, head.headers, body);
    let (request, reply) = match bytes {
        Ok(()) => api::answer(state, request).await,
        Err(error) => (request, Reply::json(json!({"detail": error})).with_status(413)),
    };
    if reply.delay == Duration::MAX {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(reply.delay).await;
    let mut response = response(&request, reply, reset).await;
    if let Ok(date) = HeaderValue::from_str(&state.clock.date()) {
        response.headers_mut().insert(DATE, date);
    }
    Ok(response)
}

/// Answers a request whose body is not read, and closes the connection.
fn refused((status, why): Refusal) -> Response<HttpBody> {
    let mut response = Response::new(whole(json!({"detail": why}).to_string().into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn response(request: &Request, reply: Reply, reset: Arc<AtomicBool>) -> Response<HttpBody> {
    let mut coding = None;
    let body = match reply.body {
        Body::Events(body) => {
            coding = body.content_coding(request);
            let frames = body.into_pieces(coding, reset).map_ok(Frame::data);
            StreamBody::new(frames.boxed()).boxed_unsync()
        }
        Body::Object { id, store } => {
            let pieces = stream::try_unfold((id, store, 0), |(id, store, number)| async move {
                let key = id.clone();
                let read = move |connection: &rusqlite::Connection| {
                    uploads::piece(connection, &key, number)
                };
                let piece = store.call(read).await.map_err(io::Error::other)?;
                Ok::<_, io::Error>(
                    piece.map(|piece| (Frame::data(piece.into()), (id, store, number + 1))),
                )
            });
            StreamBody::new(pieces.boxed()).boxed_unsync()
        }
        Body::Text(text) if text.is_empty() => {
            Empty::new().map_err(|never| match never {}).boxed_unsync()
        }
        Body::Text(text) => whole(text.into()),
        Body::Json(value) => {
            let text = value.to_string();
            let packed = if text.len() >= COMPRESS_FROM && request.accepts("gzip") {
                gzipped(&text).await.ok()
            } else {
                None
            };
            coding = packed.as_ref().map(|_| "gzip");
            whole(packed.map_or_else(|| text.into(), Bytes::from))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let effective = reply.effective.unwrap_or(reply.status).to_string();
    let fixed = [
        ("x-robots-tag", "noindex"),
        ("x-request-id", &request.id),
        ("ga-ap", "ap-southeast-1"),
        ("x-actual-status-code", &effective),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-origin", "https://chat.qwen.ai"),
        ("content-type", reply.content_type),
        ("vary", "Accept-Encoding, Origin, Origin"),
        ("x-frame-options", "SAMEORIGIN"),
    ];
    let more = reply.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let coding = coding.map(|coding| ("content-encoding", coding));
    for (name, value) in fixed.into_iter().chain(more).chain(coding) {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A body of known bytes, sent chunked as the gateway does.
fn whole(bytes: Bytes) -> HttpBody {
    let frames = stream::once(async move { Ok::<_, io::Error>(Frame::data(bytes)) });
    StreamBody::new(frames.boxed()).boxed_unsync()
}

/// A socket that can be closed with a reset.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        buffer: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Binds the address.
pub(super) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot listen on {address} for the local upstream: {error}"),
        )
    })
}
