//! What holds for every request, whatever its route: an id, a bound on its head, the shutdown, a
//! panic that stays its own, the headers of every answer, and the line in the log.

mod line;

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

use self::line::LogLine;
use super::access::Place;
use super::admission::{Admission, admit};
use super::call::Call;
use super::cors;
use super::life::Phase;
use super::log::Ending;
use super::reply::{Recipient, Refusal, internal, shutting_down};
use super::routes;
use super::state::State;
use super::table::is_probe;

/// The longest head of a request that is looked at, in bytes. What is much longer is refused before
/// it gets here, with a bare 431.
const MAX_HEAD: usize = 64 << 10;

/// The methods that nobody is promised anything else for.
const OPTIONS: Method = Method::OPTIONS;

/// Answers `request` by `service`, the routes.
pub async fn respond<S, B>(
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
    let call = Call::new(Arc::clone(&state), peer, &head);
    let recipient = call.recipient();
    let mut line = LogLine::begin(&head.method, call.route, Arc::clone(&call.trace));
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
    if state.life.has_reached(Phase::Draining) && version < Version::HTTP_2 {
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
fn refusal(call: &Call, head: &request::Parts) -> Option<Refusal> {
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    if fields.sum::<usize>() + head.uri.path().len() > MAX_HEAD {
        return Some(Refusal::head_too_long(MAX_HEAD));
    }
    let refuses_work = call.state.life.has_reached(Phase::Draining) && !is_probe(call.route);
    refuses_work.then(Refusal::shutting_down)
}

/// Lets the request in, if it may come in, and has it answered by its handler.
async fn answer<S, B>(
    mut call: Call,
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
            Refusal::from(error).into_response(&call.recipient())
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
            Refusal::from(internal()).into_response(recipient)
        }),
        () = state.life.reached(Phase::Ending) => {
            Refusal::from(shutting_down()).into_response(recipient)
        }
    }
}

/// The body of an answer. It counts what is sent; when it is dropped, the request is over.
pub struct Answered {
    /// `None` for `HEAD`.
    body: Option<<warp::reply::Response as Parts>::Body>,
    line: LogLine,
    _working: TaskTrackerToken,
    _place: Option<Place>,
}

/// Names the type of warp's bodies, which has no public name.
pub trait Parts {
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
mod tests;
