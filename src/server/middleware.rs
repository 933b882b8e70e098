//! The path of every request, whatever its route: trust, identify, count, authorise, queue, run, record.
//!
//! What this module keeps true: every response has a request id, CORS headers and a line in the log; a
//! panic ends its own request only; during shutdown no new work starts; `auth` and `limits` decide
//! before a handler or the body is looked at.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderValue};
use hyper::http::request;
use hyper::{Method, Request, Response, Version};
use secrecy::ExposeSecret as _;
use tokio_util::task::task_tracker::{TaskTracker, TaskTrackerToken};
use tower_service::Service;

use crate::domain::time;
use crate::domain::{ErrorKind, Result};
use crate::server::auth::{KeyError, Token, token_hash};
use crate::server::http::cors;
use crate::server::http::response::{ErrorResponse, Recipient, internal, shutting_down};
use crate::server::limits::concurrency::RequestSlot;
use crate::server::limits::rate::{Rates, count, count_wrong_key, limits_for};
use crate::server::log::Ending;
use crate::server::log::LogLine;
use crate::server::request::RequestContext;
use crate::server::routes;
use crate::server::shared::Subject;
use crate::server::state::Phase;
use crate::server::state::State;
use crate::server::table::{Need, RequestKind};

/// The longest head of a request in bytes. A much longer one is refused by hyper, with a bare 431.
const MAX_HEAD: usize = 64 << 10;

const OPTIONS: Method = Method::OPTIONS;

/// What admission adds to a response, also to an error.
#[derive(Default)]
struct Admission {
    /// The state of the rate limits.
    headers: HeaderMap,
    /// The slot among the concurrent requests, held until the response is sent.
    slot: Option<Arc<RequestSlot>>,
}

/// Responds to `request` with `service`, the routes.
pub(super) async fn respond<S, B>(
    state: Arc<State>,
    work: TaskTracker,
    peer: SocketAddr,
    service: S,
    request: Request<B>,
) -> Result<Response<LoggedBody>, Infallible>
where
    S: Service<Request<B>, Response = warp::reply::Response, Error = Infallible>,
{
    let running = work.token();
    let (mut head, body) = request.into_parts();
    let context = RequestContext::new(Arc::clone(&state), peer, &head);
    let recipient = context.recipient();
    let mut line = LogLine::begin(&head.method, context.route.path, Arc::clone(&context.trace));
    let is_head = std::mem::replace(&mut head.method, context.method.clone()) == Method::HEAD;
    let version = head.version;
    let mut admission = Admission::default();
    let response = match refuse(&context, &head) {
        Some(refused) => refused.into_response(&recipient),
        None if head.method == OPTIONS => routes::options(&context, &head.headers),
        None => {
            let request = Request::from_parts(head, body);
            let response = admit_and_run(context, service, request, &mut admission);
            // Boxed, because it is large and would be part of two futures.
            guarded(&state, &recipient, Box::pin(response)).await
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
    let body = (!is_head).then(|| Box::pin(body) as _);
    Ok(Response::from_parts(
        head,
        LoggedBody { body, line, _running: running, _slot: admission.slot },
    ))
}

/// Refuses requests before any route is looked at.
fn refuse(context: &RequestContext, head: &request::Parts) -> Option<ErrorResponse> {
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if fields.sum::<usize>() + head.uri.path().len() > MAX_HEAD {
        return Some(ErrorResponse::head_too_long(MAX_HEAD));
    }
    let is_draining = context.state.shutdown.has_reached(Phase::Draining);
    (is_draining && context.route.kind != RequestKind::Probe).then(ErrorResponse::shutting_down)
}

/// Admits the request and runs its handler, unless its key is revoked meanwhile.
async fn admit_and_run<S, B>(
    mut context: RequestContext,
    mut service: S,
    request: Request<B>,
    admission: &mut Admission,
) -> warp::reply::Response
where
    S: Service<Request<B>, Response = warp::reply::Response, Error = Infallible>,
{
    let (mut head, body) = request.into_parts();
    if let Err(refused) = admit(&mut context, &head, admission).await {
        return refused.into_response(&context.recipient());
    }
    if let Some(key) = &context.holder {
        context.trace.set_who(format!("key:{}", key.name));
    }
    let context = Arc::new(context);
    head.extensions.insert(Arc::clone(&context));
    tokio::select! {
        biased;
        Ok(response) = service.call(Request::from_parts(head, body)) => response,
        error = context.state.access.revoked(context.holder.as_ref()) => {
            ErrorResponse::from(error).into_response(&context.recipient())
        }
    }
}

/// Identifies the client, counts the request, authorises it, and waits for a slot.
///
/// # Errors
/// 401 without a valid key where one is required, 403 if its scope is too narrow, 429 past a limit, 503
/// without a slot.
async fn admit(
    context: &mut RequestContext,
    head: &request::Parts,
    admission: &mut Admission,
) -> Result<(), ErrorResponse> {
    let state = Arc::clone(&context.state);
    let access = &state.access;
    context.address = access.client(context.peer, &head.headers);
    let need = context.route.need;
    if need == Need::Nothing {
        return Ok(());
    }
    let (identified, now) = (identify(context).await, Instant::now());
    let subject = subject(context, now).await?;
    context.subject = Some(subject.clone());
    if context.route.is_counted() {
        let rates = access.rates();
        let is_prompt = context.route.kind == RequestKind::Prompt;
        let limits = limits_for(&rates, context.holder.as_ref(), is_prompt);
        count(&state.shared, &subject, limits, now, &mut admission.headers).await?;
    }
    match identified {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::RateLimited => return Err(error.into()),
        Err(_) if need == Need::NoKey => {}
        Err(error) => return Err(error.into()),
    }
    if let Need::Scope(scope) = need {
        access.check(context.holder.as_ref(), scope)?;
    }
    if context.route.is_counted() {
        admission.slot = access.slot().await?.map(Arc::new);
        context.slot = admission.slot.as_ref().map(Arc::downgrade).unwrap_or_default();
    }
    Ok(())
}

/// Finds the API key of the request.
async fn identify(context: &mut RequestContext) -> Result<()> {
    let state = Arc::clone(&context.state);
    match state.access.holder(&context.credentials, time::now()).await {
        Ok(holder) => context.holder = holder,
        Err(KeyError::Unreadable(error)) => return Err(error),
        Err(KeyError::Refused(error)) => {
            count_wrong_key(&state.shared, &context.network()).await?;
            return Err(error);
        }
    }
    Ok(())
}

/// The subject of the rate limits: a key, an account that the upstream has confirmed, or an address.
async fn subject(context: &mut RequestContext, now: Instant) -> Result<Subject> {
    if let Some(key) = &context.holder {
        return Ok(Subject::Key(key.id.clone()));
    }
    let has_limits = *context.state.access.rates() != Rates::default();
    if let (Token::One(token), true) = (&context.credentials.token, has_limits) {
        let hash = token_hash(token.expose_secret());
        match context.state.shared.accepted.account(hash, now).await? {
            Some(account) => return Ok(Subject::Account(account)),
            None => context.unproven = Some(hash),
        }
    }
    Ok(context.network())
}

/// Waits for the response, unless the handler panics or the drain time ends.
async fn guarded(
    state: &State,
    recipient: &Recipient,
    response: impl Future<Output = warp::reply::Response>,
) -> warp::reply::Response {
    tokio::select! {
        biased;
        response = AssertUnwindSafe(response).catch_unwind() => response.unwrap_or_else(|_| {
            state.log.fault(&recipient.request_id, "a handler panicked");
            ErrorResponse::from(internal()).into_response(recipient)
        }),
        () = state.shutdown.reached(Phase::Ending) => {
            ErrorResponse::from(shutting_down()).into_response(recipient)
        }
    }
}

/// The body of a response. It counts the bytes; dropping it ends the request.
pub(super) struct LoggedBody {
    /// `None` for `HEAD`. Boxed, because the type of warp's bodies has no public name.
    body: Option<Pin<Box<dyn Body<Data = Bytes, Error = warp::Error> + Send>>>,
    line: LogLine,
    _running: TaskTrackerToken,
    _slot: Option<Arc<RequestSlot>>,
}

impl Body for LoggedBody {
    type Data = Bytes;
    type Error = warp::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, warp::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = std::task::ready!(body.as_mut().poll_frame(context));
        let ended = frame.is_none() || body.is_end_stream();
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.line.sent(data.len());
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
    //! Panics, at every stage of a request.

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

    /// Longer than any step here.
    const TIMEOUT: Duration = Duration::from_secs(20);
    const PEER: &str = "127.0.0.1:9";
    const SECRET: &str = "for the log alone";

    #[derive(Clone, Copy)]
    enum Routes {
        PanicAtOnce,
        PanicLater,
        PanicInBody,
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
                Self::PanicInBody => Box::pin(async { Ok(broken_body()) }),
                Self::Answer => Box::pin(async { Ok("fine".into_response()) }),
            }
        }
    }

    /// A body that fails after its first chunk.
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
            quotas: None,
            client: crate::app::idle_client(),
            account: None,
            model: None,
            archive: None,
            trash: None,
            is_local: true,
            engine: None,
            direct: None,
            allowed_hosts: Vec::new(),
            limits: Limits::default(),
            access: AccessOptions::default(),
            openai: crate::server::OpenAiOptions::default(),
            mcp_may_ask: false,
            files: crate::server::FileOptions::default(),
            cache: crate::server::CacheOptions::default(),
            tls: None,
            log: LogSink::new(move |line| kept.lock().expect("no panic").push(line)),
        };
        (Arc::new(State::new(options, PEER.parse().expect("an address"))), lines)
    }

    /// The head and the body of a response.
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
    async fn a_panic_is_an_error_in_the_envelope_and_the_server_continues() {
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

    /// The connection ends without the end of the body, so that a client cannot take it for complete.
    #[tokio::test]
    async fn a_panic_in_a_body_ends_the_connection_and_leaves_no_work() {
        let (state, lines) = state();
        let work = TaskTracker::new();
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let tracker = work.clone();
        let connection = tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let peer = PEER.parse().expect("an address");
                respond(Arc::clone(&state), tracker.clone(), peer, Routes::PanicInBody, request)
            });
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(server), service)
                .await
        });
        let request = b"GET /api/chats HTTP/1.1\r\nHost: localhost\r\n\r\n";
        client.write_all(request).await.expect("written");
        let mut answer = Vec::new();
        let read = timeout(TIMEOUT, client.read_to_end(&mut answer)).await;
        read.expect("the connection ends").expect("read");

        let answer = String::from_utf8(answer).expect("a text");
        assert!(!answer.contains("\r\n0\r\n\r\n") && !answer.contains(SECRET), "{answer}");
        assert!(connection.await.is_err_and(|end| end.is_panic()));
        work.close();
        timeout(TIMEOUT, work.wait()).await.expect("no work is left");
        let lines = lines.lock().expect("no panic");
        assert!(lines[0].ends_with(" internal"), "{lines:?}");
    }
}
