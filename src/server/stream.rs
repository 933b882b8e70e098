//! The run of one request for an answer: whole, or as a stream of server-sent events, in the [`Dialect`] of
//! its API.
//!
//! A task of its own runs the answer and hands over whole events through a short channel. It outlives its
//! client: when that disconnects, the task stops the answer, or reads on unseen if that was requested, and a
//! chat that was created for one answer is deleted whether the client waits, disconnects or the code panics.
//! The headers are held back until the upstream's first event, so that a prompt that fails early has its HTTP
//! status, but not for long: a client that hears nothing gives up. After that a failure is an event.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use warp::reply::{Reply as _, Response};

use super::answer::{Answer, OnDisconnect, end_of};
use super::cache::AnswerKey;
use super::log::Ending;
use crate::app::Session;
use crate::app::answer::{Answering, Question, Unfinished};
use crate::domain::{Error, FinishReason, Reply, ReplyEvent, Result};
use crate::server::http::response::{ErrorResponse, Outcome, internal};
use crate::server::limits::concurrency::RequestSlot;
use crate::server::request::RequestContext;

/// Events that may wait for a client that reads more slowly than the model writes.
const AHEAD: usize = 16;

/// A sign of life that every client ignores.
const COMMENT: &[u8] = b": still here\n\n";

/// One request of an API: its prompt, and the format of its answer.
pub(super) trait Dialect: Send + 'static {
    /// The prompt; called once, before all else.
    ///
    /// # Errors
    /// If it cannot be sent.
    fn question(
        &mut self,
        call: &RequestContext,
        session: &Session,
    ) -> impl Future<Output = Result<Question, ErrorResponse>> + Send;

    /// The client's name for the prompt, so that it can stop this one alone.
    fn prompt_id(&self) -> Option<String> {
        None
    }

    /// The refusal of a prompt that failed with `error`.
    fn refuse(&self, error: Error) -> ErrorResponse {
        error.into()
    }

    /// Headers of the response; `answer` is there once it has begun.
    fn headers(&self, _answer: Option<&Answering>) -> HeaderMap {
        HeaderMap::new()
    }

    /// How long the first events wait for the first word; `None` for as long as it takes.
    fn hold(&self) -> Option<Duration> {
        None
    }

    /// Writes the events at the beginning.
    fn begin(&mut self, _out: &mut Vec<u8>, _answer: &Answering) {}

    /// Takes an event, and writes it if the answer is streamed; returns whether the answer is cut with it.
    ///
    /// # Errors
    /// If the answer cannot go on.
    fn event(&mut self, out: &mut Vec<u8>, event: &ReplyEvent, answer: &Answering) -> Result<bool>;

    /// Takes the end of an answer, before all others; returns a further prompt for the same chat, if its
    /// answer belongs to this one.
    fn again(
        &mut self,
        _call: &RequestContext,
        _out: &mut Vec<u8>,
        _reply: &Reply,
    ) -> Option<String> {
        None
    }

    /// Whether what came so far is an answer, although the rest may be missing.
    fn is_settled(&self) -> bool {
        false
    }

    /// Whether an answer that the limit of tokens cut off is sent as one that ends there.
    fn takes_truncated(&self) -> bool {
        false
    }

    /// Whether an answer that is not streamed needs the pieces of its text.
    fn needs_pieces(&self) -> bool {
        false
    }

    /// Writes the events at the end.
    ///
    /// # Errors
    /// If the answer turns out to be wrong.
    fn end(&mut self, out: &mut Vec<u8>, answer: &Answering, reply: &Reply) -> Result<()>;

    /// The answer as a whole.
    ///
    /// # Errors
    /// As with [`Dialect::end`].
    fn whole(&mut self, answer: &Answering, reply: &Reply) -> Result<Response>;

    /// Writes the event for a failure, the last one; `reply` is what arrived before.
    fn fail(&mut self, out: &mut Vec<u8>, error: &Error, reply: Option<&Reply>);

    /// The text that is sent of `reply`.
    fn text<'a>(&'a self, reply: &'a Reply) -> &'a str {
        &reply.content
    }

    /// When [`Dialect::render`] is due.
    fn render_at(&self) -> Option<Instant> {
        None
    }

    /// Writes what is due.
    fn render(&mut self, _out: &mut Vec<u8>, _reply: &Reply) {}

    /// A sign of life after the first event.
    fn heartbeat(&self) -> &'static [u8] {
        COMMENT
    }
}

/// How an answer reaches its client.
pub(super) struct Delivery {
    /// Whether it is streamed.
    pub streams: bool,
    /// What happens to it when the client disconnects.
    pub on_disconnect: OnDisconnect,
    /// Where the cache keeps it.
    pub key: Option<AnswerKey>,
}

/// Answers a request on behalf of `session`.
///
/// # Errors
/// If the prompt fails before its first event.
pub(super) async fn respond(
    call: &Arc<RequestContext>,
    session: Session,
    dialect: impl Dialect,
    delivery: Delivery,
) -> Outcome {
    let Delivery { streams, on_disconnect, key } = delivery;
    let continues = on_disconnect == OnDisconnect::Continue;
    let (head, mut has_head) = oneshot::channel();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let mut events = Events {
        receiver,
        sent: Sent::default(),
        pace: call.state.limits.heartbeat,
        heartbeats: (COMMENT, dialect.heartbeat()),
        is_due: false,
    };
    let run = Run {
        call: Arc::clone(call),
        client: Client {
            head: Some(head),
            held: Vec::new(),
            sender,
            patience: call.state.limits.reader,
        },
        ending: Ending::default(),
        sent: events.sent.clone(),
        dialect,
        streams,
        continues,
        slot: call.slot.upgrade(),
    };
    let (ending, early) = (run.ending.clone(), run.dialect.headers(None));
    let tasks = if continues { &call.state.lasting } else { &call.state.chores };
    tasks.spawn(run.run(session, key));
    let head = tokio::select! {
        biased;
        head = &mut has_head => head.unwrap_or_else(|_| Err(internal().into())),
        () = sleep_until(call.arrived + call.state.limits.stream_wait), if streams => {
            // From here on a failure is an event: the task finds the receiver of the head closed.
            has_head.close();
            // It may have been sent meanwhile.
            has_head.try_recv().unwrap_or_else(|_| {
                events.is_due = true;
                Ok(Head { whole: None, headers: early })
            })
        }
    };
    let Head { whole, headers } = head?;
    let mut response = whole.unwrap_or_else(|| events.into_response(ending));
    response.headers_mut().extend(headers);
    Ok(response)
}

/// A stream that is known from the start.
pub(super) fn of_events(events: Vec<u8>) -> Response {
    mark_events(Response::new(events.into()))
}

/// The events that `write` makes of what `receiver` gets, until its other end is gone, with a sign of life
/// in each `pace`.
pub(super) fn of_channel<T: Send + 'static>(
    receiver: mpsc::Receiver<T>,
    write: fn(T) -> Bytes,
    pace: Duration,
) -> Response {
    let events = stream::unfold(receiver, move |mut receiver| async move {
        let event = match timeout(pace, receiver.recv()).await {
            Ok(event) => write(event?),
            Err(_) => Bytes::from_static(COMMENT),
        };
        Some((Ok::<_, Infallible>(event), receiver))
    });
    mark_events(warp::reply::stream(events).into_response())
}

/// Marks a response as a stream of events.
fn mark_events(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(CONTENT_TYPE, events);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// Whether an answer was sent to its end, be that a failure.
#[derive(Debug, Clone, Default)]
struct Sent(Arc<AtomicBool>);

impl Sent {
    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// An answer that was not sent to its end.
#[derive(Debug)]
struct CutShort;

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was not sent to its end")
    }
}

impl std::error::Error for CutShort {}

/// The events of a stream, with signs of life between them.
struct Events {
    receiver: mpsc::Receiver<Bytes>,
    sent: Sent,
    /// The longest silence.
    pace: Duration,
    /// A sign of life, now and after the next event.
    heartbeats: (&'static [u8], &'static [u8]),
    /// Whether one is due: the client has waited for the head.
    is_due: bool,
}

impl Events {
    /// A response; `ending` says how it ends.
    fn into_response(self, ending: Ending) -> Response {
        let events = stream::unfold(Some(self), async |events| events?.next().await);
        let mut response = mark_events(warp::reply::stream(events).into_response());
        response.extensions_mut().insert(ending);
        response
    }

    /// The next event, and the rest. If the events end before the answer was sent to its end, the
    /// connection breaks: a clean end would pass for the end of a whole answer.
    async fn next(mut self) -> Option<(Result<Bytes, CutShort>, Option<Self>)> {
        let pace = if std::mem::take(&mut self.is_due) { Duration::ZERO } else { self.pace };
        match timeout(pace, self.receiver.recv()).await {
            Err(_) => Some((Ok(Bytes::from_static(self.heartbeats.0)), Some(self))),
            Ok(Some(event)) => {
                self.heartbeats.0 = self.heartbeats.1;
                Some((Ok(event), Some(self)))
            }
            Ok(None) if self.sent.0.load(Ordering::Acquire) => None,
            Ok(None) => Some((Err(CutShort), None)),
        }
    }
}

/// The head of a response.
struct Head {
    /// The whole response, unless it is streamed.
    whole: Option<Response>,
    headers: HeaderMap,
}

/// The client that waits for the response, or reads its events.
struct Client {
    head: Option<oneshot::Sender<Result<Head, ErrorResponse>>>,
    /// The first events, which wait for the first word.
    held: Vec<u8>,
    sender: mpsc::Sender<Bytes>,
    /// How long it may read nothing before it counts as disconnected.
    patience: Duration,
}

impl Client {
    /// Sends the head of the response. Its receiver is gone if the client has disconnected, or has the
    /// head already.
    fn send_head(&mut self, head: Head) {
        if let Some(sender) = self.head.take() {
            let _ = sender.send(Ok(head));
        }
    }

    /// Refuses the request, if there is no head yet.
    ///
    /// # Errors
    /// The same refusal.
    fn refuse(&mut self, refusal: ErrorResponse) -> Result<(), ErrorResponse> {
        match self.head.take() {
            None => Err(refusal),
            Some(sender) => match sender.send(Err(refusal)) {
                Err(Err(refusal)) => Err(refusal),
                _ => Ok(()),
            },
        }
    }

    /// Sends events.
    ///
    /// # Errors
    /// If the client has disconnected, or reads nothing for too long.
    async fn send(&self, events: Vec<u8>) -> Result<(), Failure> {
        if events.is_empty() {
            return Ok(());
        }
        self.sender.send_timeout(events.into(), self.patience).await.map_err(|_| Failure::Gone)
    }
}

/// Why a run ends without an answer.
enum Failure {
    /// The client has disconnected.
    Gone,
    /// This is reported.
    Refused(Box<ErrorResponse>),
}

impl From<ErrorResponse> for Failure {
    fn from(refusal: ErrorResponse) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        ErrorResponse::from(error).into()
    }
}

impl From<Unfinished> for Failure {
    fn from(unfinished: Unfinished) -> Self {
        match unfinished {
            Unfinished::Gone => Self::Gone,
            Unfinished::Stopped(error) | Unfinished::Failed(error) => error.into(),
        }
    }
}

/// One request while it is answered.
struct Run<D> {
    call: Arc<RequestContext>,
    client: Client,
    ending: Ending,
    sent: Sent,
    dialect: D,
    streams: bool,
    /// Whether the answer continues when the client disconnects.
    continues: bool,
    /// The slot among the concurrent requests, as long as the upstream works.
    slot: Option<Arc<RequestSlot>>,
}

impl<D: Dialect> Run<D> {
    async fn run(mut self, session: Session, key: Option<AnswerKey>) {
        let question = match self.dialect.question(&self.call, &session).await {
            Ok(question) => question,
            Err(refusal) => return self.fail(refusal, None).await,
        };
        self.call.trace.log.body(&self.call.request_id, "prompt", question.message());
        let client = (!self.continues).then(|| self.client.sender.clone());
        let end = end_of(&self.call, client);
        let prompt_id = self.dialect.prompt_id();
        let state = &self.call.state;
        let mut answer = Answer::new(state, session, question, key, prompt_id, end).await;
        // A panic must not look like the end of an answer.
        let work = AssertUnwindSafe(self.work(&mut answer)).catch_unwind().await;
        match work.unwrap_or_else(|_| Err(internal().into())) {
            Ok(()) => self.sent.set(),
            // Nothing of it is sent any more.
            Err(Failure::Gone) if self.continues => while let Ok(Some(_)) = answer.next().await {},
            Err(Failure::Gone) => {}
            Err(Failure::Refused(refusal)) => {
                let is_sent = answer.driver().is_sent();
                let refusal = if is_sent { refusal.after_sending() } else { *refusal };
                self.fail(refusal, answer.driver().reply()).await;
            }
        }
        let Self { call, client, slot, .. } = self;
        // The client has everything: neither it nor the next one waits for the chat to be deleted.
        drop((client, slot));
        if let Err(error) = answer.finish().await {
            call.state.log.note(&format!("an ephemeral chat could not be deleted: {error}"));
        }
    }

    async fn work(&mut self, answer: &mut Answer) -> Result<(), Failure> {
        match answer.begin().await {
            Ok(()) => {}
            Err(Unfinished::Gone) => return Err(Failure::Gone),
            Err(Unfinished::Stopped(error) | Unfinished::Failed(error)) => {
                return Err(self.dialect.refuse(error).into());
            }
        }
        if self.streams {
            self.dialect.begin(&mut self.client.held, answer.driver());
        }
        self.events(answer).await?;
        while let Some(reply) = answer.driver().reply() {
            let again = self.dialect.again(&self.call, &mut self.client.held, reply);
            let Some(prompt) = again else { break };
            self.begin(answer).await?;
            answer.again(prompt).await?;
            self.events(answer).await?;
        }
        self.begin(answer).await?;
        let driver = answer.driver();
        let Some(reply) = driver.reply() else { return Err(internal().into()) };
        let mut out = Vec::new();
        if self.streams {
            self.dialect.end(&mut out, driver, reply)?;
        } else {
            let whole = Some(self.dialect.whole(driver, reply)?);
            let headers = self.headers(driver);
            self.client.send_head(Head { whole, headers });
        }
        let text = self.dialect.text(reply);
        self.call.trace.log.body(&self.call.request_id, "answer", text);
        self.client.send(out).await
    }

    fn headers(&self, answer: &Answering) -> HeaderMap {
        let mut headers = self.dialect.headers(Some(answer));
        let warning = answer.size_warning().and_then(|warning| HeaderValue::from_str(warning).ok());
        if let Some(warning) = warning {
            headers.append("x-qwenctl-warning", warning);
        }
        headers
    }

    /// Sends the head of a stream, and the events that waited for the first word.
    async fn begin(&mut self, answer: &mut Answer) -> Result<(), Failure> {
        if !self.streams {
            return Ok(());
        }
        if self.client.head.is_some() {
            let headers = self.headers(answer.driver());
            self.client.send_head(Head { whole: None, headers });
        }
        let held = std::mem::take(&mut self.client.held);
        self.client.send(held).await
    }

    /// Passes on the events of the answer as they arrive. The first ones wait for the first word, for a
    /// while: an answer that fails before has the status of its failure.
    async fn events(&mut self, answer: &mut Answer) -> Result<(), Failure> {
        let needs_pieces = self.streams || self.dialect.needs_pieces();
        let mut begin_at = self.dialect.hold().map(|hold| Instant::now() + hold);
        let mut has_begun = !self.streams;
        loop {
            let mut out = Vec::with_capacity(if self.streams { 256 } else { 0 });
            let render_at = self.dialect.render_at();
            let next = tokio::select! {
                biased;
                () = at(render_at) => {
                    if let Some(reply) = answer.driver().reply() {
                        self.dialect.render(&mut out, reply);
                    }
                    self.client.send(out).await?;
                    continue;
                }
                next = answer.next() => next,
                () = at(begin_at), if !has_begun => {
                    begin_at = None;
                    has_begun = true;
                    self.begin(answer).await?;
                    continue;
                }
            };
            let event = match next {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(()),
                Err(Unfinished::Failed(_))
                    if self.dialect.takes_truncated() && is_truncated(answer.driver().reply()) =>
                {
                    return Ok(());
                }
                Err(Unfinished::Failed(_)) if self.dialect.is_settled() => return Ok(()),
                Err(Unfinished::Failed(error)) if !has_begun => {
                    return Err(self.dialect.refuse(error).into());
                }
                Err(unfinished) => return Err(unfinished.into()),
            };
            has_begun |= !matches!(event, ReplyEvent::Start { .. });
            if !needs_pieces && matches!(event, ReplyEvent::Delta(_)) {
                answer.hush();
            }
            let is_cut = self.dialect.event(&mut out, &event, answer.driver())?;
            if self.streams && has_begun {
                self.begin(answer).await?;
                self.client.send(out).await?;
            } else {
                self.client.held.append(&mut out);
            }
            if is_cut {
                answer.note_success();
                return Ok(());
            }
        }
    }

    /// Reports a failure: as the response, or as an event after its head.
    async fn fail(&mut self, refusal: ErrorResponse, reply: Option<&Reply>) {
        let Err(refusal) = self.client.refuse(refusal) else { return };
        let error = refusal.error.with_request_id(Some(self.call.request_id.clone()));
        self.ending.fail(&error);
        self.call.state.note_result(Err(&error));
        // A client with an early head has not received these.
        let mut out = std::mem::take(&mut self.client.held);
        self.dialect.fail(&mut out, &error, reply);
        if self.client.send(out).await.is_ok() {
            self.sent.set();
        }
    }
}

/// Whether the limit of tokens cut the answer off after its first words.
fn is_truncated(reply: Option<&Reply>) -> bool {
    reply.is_some_and(|reply| {
        reply.finish_reason == Some(FinishReason::Length) && reply.has_substance()
    })
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// Writes an event with a name. JSON has no line breaks outside of strings, and none inside of them
/// either.
pub(super) fn put_event(out: &mut Vec<u8>, name: &str, data: &impl Serialize) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    put_data(out, data);
}

/// Writes an event without a name.
pub(super) fn put_data(out: &mut Vec<u8>, data: &impl Serialize) {
    out.extend_from_slice(b"data: ");
    put(out, data);
    out.extend_from_slice(b"\n\n");
}

/// Writes a value as JSON. Our own documents always can be written.
fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let length = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(length);
        out.extend_from_slice(b"null");
    }
}
