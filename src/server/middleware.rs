//! What holds for every request, whatever its route: an id, a bound on its head, the shutdown, a
//! panic that stays its own, the headers of every answer, and the line in the log.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};
use hyper::http::request;
use hyper::{Method, Request, Response, Version};
use tokio_util::task::task_tracker::{TaskTracker, TaskTrackerToken};
use tower_service::Service;

use crate::server::admission::{Admission, admit};
use crate::server::auth::Place;
use crate::server::http::cors;
use crate::server::http::response::{ErrorResponse, Recipient, internal, shutting_down};
use crate::server::log::Ending;
use crate::server::log::request::LogLine;
use crate::server::request::RequestContext;
use crate::server::routes;
use crate::server::shutdown::Phase;
use crate::server::state::State;
use crate::server::table::RequestKind;

/// The longest head of a request that is looked at, in bytes. What is much longer is refused before
/// it gets here, with a bare 431.
const MAX_HEAD: usize = 64 << 10;

/// The methods that nobody is promised anything else for.
const OPTIONS: Method = Method::OPTIONS;

/// Answers `request` by `service`, the routes.
pub(super) async fn respond<S, B>(
    state: Arc<State>,
    work: TaskTracker,
    peer: SocketAddr,
    service: S,
    request: Request<B>,
) -> Result<Response<Answered>, Infallible>
where
    S: Service<Request<B>, Response = warp::reply::Response, Error = Infallible>,
{
    let working = work.token();
    let (mut head, body) = request.into_parts();
    let call = RequestContext::new(Arc::clone(&state), peer, &head);
    let recipient = call.recipient();
    let mut line = LogLine::begin(&head.method, call.route.path, Arc::clone(&call.trace));
    let is_head = std::mem::replace(&mut head.method, call.method.clone()) == Method::HEAD;
    let version = head.version;
    let mut admission = Admission::default();
    let response = match refusal(&call, &head) {
        Some(refusal) => refusal.into_response(&recipient),
        None if head.method == OPTIONS => routes::options(&call, &head.headers),
        None => {
            let request = Request::from_parts(head, body);
            let answer = answer(call, service, request, &mut admission);
            // Boxed, because it is large, and would lie in two futures at once.
            guarded(&state, &recipient, Box::pin(answer)).await
        }
    };
    let (mut head, body) = response.into_parts();
    cors::mark(&mut head.headers);
    head.headers.extend(admission.headers);
    recipient.mark(&mut head.headers);
    if state.shutdown.has_reached(Phase::Draining) && version < Version::HTTP_2 {
        head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if let (true, Some(length)) = (is_head, body.size_hint().exact()) {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    line.status = Some(head.status.as_u16());
    if let Some(ending) = head.extensions.remove::<Ending>() {
        line.ending = ending;
    }
    line.whole = is_head || body.is_end_stream();
    let body = (!is_head).then_some(body);
    Ok(Response::from_parts(
        head,
        Answered { body, line, _working: working, _place: admission.place },
    ))
}

/// What is refused before any route is looked at.
fn refusal(call: &RequestContext, head: &request::Parts) -> Option<ErrorResponse> {
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if fields.sum::<usize>() + head.uri.path().len() > MAX_HEAD {
        return Some(ErrorResponse::head_too_long(MAX_HEAD));
    }
    let refuses_work =
        call.state.shutdown.has_reached(Phase::Draining) && call.route.kind != RequestKind::Probe;
    refuses_work.then(ErrorResponse::shutting_down)
}

/// Lets the request in, if it may come in, and has it answered by its handler.
async fn answer<S, B>(
    mut call: RequestContext,
    mut service: S,
    request: Request<B>,
    admission: &mut Admission,
) -> warp::reply::Response
where
    S: Service<Request<B>, Response = warp::reply::Response, Error = Infallible>,
{
    let (mut head, body) = request.into_parts();
    if let Err(refusal) = admit(&mut call, &head, admission).await {
        return refusal.into_response(&call.recipient());
    }
    if let Some(key) = &call.holder {
        call.trace.set_who(format!("key:{}", key.name));
    }
    let call = Arc::new(call);
    head.extensions.insert(Arc::clone(&call));
    tokio::select! {
        biased;
        Ok(response) = service.call(Request::from_parts(head, body)) => response,
        error = call.state.access.lost(call.holder.as_ref()) => {
            ErrorResponse::from(error).into_response(&call.recipient())
        }
    }
}

/// Waits for the answer, until it comes, panics, or the server's patience at its end is over.
async fn guarded(
    state: &State,
    recipient: &Recipient,
    answer: impl Future<Output = warp::reply::Response>,
) -> warp::reply::Response {
    tokio::select! {
        biased;
        answer = AssertUnwindSafe(answer).catch_unwind() => answer.unwrap_or_else(|_| {
            state.log.fault(&recipient.request_id, "a handler panicked");
            ErrorResponse::from(internal()).into_response(recipient)
        }),
        () = state.shutdown.reached(Phase::Ending) => {
            ErrorResponse::from(shutting_down()).into_response(recipient)
        }
    }
}

/// The body of an answer. It counts what is sent; when it is dropped, the request is over.
pub(super) struct Answered {
    /// `None` for `HEAD`.
    body: Option<<warp::reply::Response as Parts>::Body>,
    line: LogLine,
    _working: TaskTrackerToken,
    _place: Option<Place>,
}

/// Names the type of warp's bodies, which has no public name.
pub(super) trait Parts {
    /// The body.
    type Body;
}

impl<B> Parts for Response<B> {
    type Body = B;
}

impl Body for Answered {
    type Data = Bytes;
    type Error = warp::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, warp::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = std::task::ready!(Pin::new(&mut *body).poll_frame(context));
        let ended = frame.is_none() || body.is_end_stream();
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.line.handed_out(data.len());
        }
        self.line.whole |= ended;
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

#[cfg(test)]
mod tests {
    //! Panics, wherever they may come from.

    use std::future::poll_fn;
    use std::sync::Mutex;
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use hyper::body::Incoming;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use serde_json::Value;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::timeout;
    use warp::reply::Reply as _;

    use super::*;
    use crate::server::{AccessOptions, Limits, LogSink, ServerOptions};

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(20);
    const PEER: &str = "127.0.0.1:9";
    const SECRET: &str = "what only the log may know";

    #[derive(Clone, Copy)]
    enum Routes {
        PanicAtOnce,
        PanicLater,
        PanicInTheBody,
        Answer,
    }

    impl<B: Send + 'static> Service<Request<B>> for Routes {
        type Response = warp::reply::Response;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<B>) -> Self::Future {
            match self {
                Self::PanicAtOnce => panic!("{SECRET}"),
                Self::PanicLater => Box::pin(async {
                    tokio::task::yield_now().await;
                    panic!("{SECRET}")
                }),
                Self::PanicInTheBody => Box::pin(async { Ok(broken_body()) }),
                Self::Answer => Box::pin(async { Ok("fine".into_response()) }),
            }
        }
    }

    /// Begins well.
    fn broken_body() -> warp::reply::Response {
        let pieces = futures_util::stream::iter([0, 1]).map(|number| match number {
            0 => Ok::<_, Infallible>(Bytes::from_static(b"begun")),
            _ => panic!("{SECRET}"),
        });
        warp::reply::stream(pieces).into_response()
    }

    type Lines = Arc<Mutex<Vec<String>>>;

    fn state() -> (Arc<State>, Lines) {
        let lines = Lines::default();
        let kept = Arc::clone(&lines);
        let options = ServerOptions {
            client: crate::app::connect::idle_client(),
            account: None,
            model: None,
            is_local: true,
            allowed_hosts: Vec::new(),
            limits: Limits::default(),
            access: AccessOptions::default(),
            openai: crate::server::OpenAiOptions::default(),
            cache: crate::server::CacheOptions::default(),
            tls: None,
            log: LogSink::new(move |line| kept.lock().expect("no panic").push(line)),
        };
        (Arc::new(State::new(options, PEER.parse().expect("an address"))), lines)
    }

    /// The head and the body of the answer to a request.
    async fn ask(state: &Arc<State>, routes: Routes) -> (hyper::http::response::Parts, Vec<u8>) {
        let request = Request::get("/api/chats").body(()).expect("a request");
        let peer = PEER.parse().expect("an address");
        let work = TaskTracker::new();
        let response = respond(Arc::clone(state), work, peer, routes, request).await;
        let (head, body) = response.expect("an answer").into_parts();
        let mut body = std::pin::pin!(body);
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            bytes.extend_from_slice(&frame.expect("a frame").into_data().expect("data"));
        }
        (head, bytes)
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_in_the_envelope_and_the_server_lives_on() {
        let (state, lines) = state();
        for routes in [Routes::PanicAtOnce, Routes::PanicLater] {
            let (head, body) = ask(&state, routes).await;
            assert_eq!(head.status, 500);
            let id = head.headers["x-request-id"].to_str().expect("a text");
            assert_eq!(head.headers["content-type"], "application/json");
            assert_eq!(head.headers["access-control-allow-origin"], "*");
            let text = String::from_utf8(body).expect("a text");
            assert!(!text.contains(SECRET), "{text}");
            let body: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!((&body["success"], &body["code"]), (&false.into(), &"internal".into()));
            assert_eq!(body["request_id"], id);
            let said: Vec<_> = lines.lock().expect("no panic").drain(..).collect();
            let [.., note, line] = said.as_slice() else { panic!("two lines: {said:?}") };
            assert!(note.contains("a handler panicked") && note.contains(id), "{note}");
            assert!(line.contains(" error GET /api/chats 500 "), "{line}");
            assert!(line.ends_with(&format!("id={id} internal")), "{line}");

            let (head, body) = ask(&state, Routes::Answer).await;
            assert_eq!((head.status.as_u16(), body.as_slice()), (200, &b"fine"[..]));
        }
    }

    /// The connection ends without the end of the body, so that nobody takes what came for all of it.
    #[tokio::test]
    async fn a_panic_in_a_body_ends_the_connection_and_nothing_is_left_of_the_request() {
        let (state, lines) = state();
        let work = TaskTracker::new();
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let tracker = work.clone();
        let connection = tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let peer = PEER.parse().expect("an address");
                respond(Arc::clone(&state), tracker.clone(), peer, Routes::PanicInTheBody, request)
            });
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(server), service)
                .await
        });
        let request = b"GET /api/chats HTTP/1.1\r\nHost: localhost\r\n\r\n";
        client.write_all(request).await.expect("written");
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, client.read_to_end(&mut answer)).await;
        read.expect("the connection ends").expect("read");

        let answer = String::from_utf8(answer).expect("a text");
        assert!(!answer.contains("\r\n0\r\n\r\n") && !answer.contains(SECRET), "{answer}");
        assert!(connection.await.is_err_and(|end| end.is_panic()));
        work.close();
        timeout(PATIENCE, work.wait()).await.expect("no work is left");
        let lines = lines.lock().expect("no panic");
        assert!(lines[0].ends_with(" internal"), "{lines:?}");
    }
}
