//! An answer as a stream of server-sent events.
//!
//! The headers are held back until the upstream's first event, so that a prompt that fails early has
//! its HTTP status. After that a failure is an `error` event. A task of its own begins and reads the
//! answer, and hands over whole events through a short channel: when nobody takes them any more, it
//! ends, or reads on unseen if that was asked for.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use warp::reply::{Reply as _, Response};

use super::answer::{Answer, Kind, OnDisconnect, Question};
use super::cache::Found;
use super::log::Ending;
use super::painter::Painter;
use crate::app::documents::{DataDocument, ErrorDocument, EventDocument, QuickDocument, ReplyData};
use crate::app::send::verdict;
use crate::domain::{Error, Reply, Result};
use crate::server::http::response::{Outcome, internal};
use crate::server::request::RequestContext;

/// Events that may wait for a reader who is slower than the model.
pub(super) const AHEAD: usize = 16;

/// Answers `question` with a stream.
pub(super) async fn respond(
    call: &Arc<RequestContext>,
    question: Question,
    renders: bool,
) -> Outcome {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let (begun, has_begun) = oneshot::channel();
    let ending = Ending::default();
    let telling = Telling {
        kind: question.kind,
        lasts: question.on_disconnect == OnDisconnect::Continue,
        sender,
        ending: ending.clone(),
        told: Told::default(),
        call: Arc::clone(call),
    };
    let told = telling.told.clone();
    let lasting = telling.lasts.then(|| call.state.lasting.token());
    tokio::spawn(async move {
        telling.run(question, begun, Painter::new(renders)).await;
        drop(lasting);
    });
    let found = has_begun.await.unwrap_or_else(|_| Err(internal()))?;
    let mut response = of_events(receiver, told, ending);
    found.inspect(|found| found.mark(&mut response));
    Ok(response)
}

/// Whether an answer was told to its end, be that a failure.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<AtomicBool>);

impl Told {
    /// It was.
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// An answer that was not told to its end.
#[derive(Debug)]
struct CutShort;

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer was not told to its end")
    }
}

impl std::error::Error for CutShort {}

/// A response of the events that come through `receiver`; how it ends is told by `ending`. Where they
/// end before the answer was `told`, the connection breaks: an end like any other would be taken for
/// that of a whole answer.
pub(super) fn of_events(receiver: mpsc::Receiver<Bytes>, told: Told, ending: Ending) -> Response {
    let events = stream::unfold(Some(receiver), move |receiver| {
        let told = told.clone();
        async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(event) => Some((Ok(event), Some(receiver))),
                None if told.0.load(Ordering::Acquire) => None,
                None => Some((Err(CutShort), None)),
            }
        }
    });
    let mut response = warp::reply::stream(events).into_response();
    response.extensions_mut().insert(ending);
    let headers = response.headers_mut();
    let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(CONTENT_TYPE, events);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// The reader has gone away.
struct Gone;

/// Tells an answer to one reader.
struct Telling {
    call: Arc<RequestContext>,
    kind: Kind,
    /// Whether the answer goes on when the reader goes away.
    lasts: bool,
    sender: mpsc::Sender<Bytes>,
    ending: Ending,
    told: Told,
}

impl Telling {
    async fn run(
        self,
        question: Question,
        begun: oneshot::Sender<Result<Option<Found>>>,
        painter: Painter,
    ) {
        // A panic must not look like the end of an answer.
        let told = AssertUnwindSafe(self.answer(question, begun, painter)).catch_unwind().await;
        if told.is_err() {
            let _ = self.fail(internal()).await;
        }
    }

    async fn answer(
        &self,
        question: Question,
        mut begun: oneshot::Sender<Result<Option<Found>>>,
        painter: Painter,
    ) {
        let answer = tokio::select! {
            biased;
            () = begun.closed(), if !self.lasts => return,
            // What ends with its caller is refused where the caller waits.
            error = self.call.must_end(), if self.lasts => Err(error),
            answer = Answer::begin(&self.call.state, question) => answer,
        };
        match answer {
            Ok(answer) => {
                let _ = begun.send(Ok(answer.found));
                self.tell_on(answer, painter).await;
            }
            Err(error) => {
                let _ = begun.send(Err(error));
            }
        }
    }

    /// Tells the answer, and reads it on if it is to last without a reader.
    async fn tell_on(&self, mut answer: Answer, painter: Painter) {
        let told = self.tell(&mut answer, painter).await;
        if self.lasts && told.is_err() {
            self.read_on(answer).await;
        }
    }

    /// Reads the rest of an answer that nobody sees here.
    async fn read_on(&self, answer: Answer) {
        tokio::select! {
            biased;
            _ = self.call.must_end() => {}
            _ = answer.whole() => {}
        }
    }

    async fn tell(&self, answer: &mut Answer, mut painter: Painter) -> Result<(), Gone> {
        let mut heartbeat = interval(self.call.state.limits.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut must_end = std::pin::pin!(self.call.must_end());
        loop {
            let step = tokio::select! {
                biased;
                () = self.sender.closed() => return Err(Gone),
                error = &mut must_end => {
                    return self.fail(error.with_partial(answer.reply().clone())).await;
                }
                () = painter.due() => {
                    self.send(event("render", &painter.paint(answer.reply()))).await?;
                    continue;
                }
                step = answer.next() => step,
                _ = heartbeat.tick() => {
                    self.send(Bytes::from_static(b": still here\n\n")).await?;
                    continue;
                }
            };
            heartbeat.reset();
            match step {
                Some(Ok(event)) => {
                    painter.note(&event);
                    let step = EventDocument::step(&event, &answer.model);
                    self.send(self::event(step.event, &step.data)).await?;
                }
                Some(Err(error)) => {
                    self.paint_last(painter, answer.reply()).await?;
                    return self.fail(error).await;
                }
                None => {
                    self.paint_last(painter, answer.reply()).await?;
                    return self.end(answer.reply()).await;
                }
            }
        }
    }

    async fn paint_last(&self, mut painter: Painter, reply: &Reply) -> Result<(), Gone> {
        if painter.is_behind() {
            self.send(event("render", &painter.paint(reply))).await?;
        }
        Ok(())
    }

    async fn end(&self, reply: &Reply) -> Result<(), Gone> {
        if let Err(error) = verdict(reply) {
            return self.fail(error).await;
        }
        self.call.trace.log.body(&self.call.request_id, "answer", &reply.content);
        let done = match self.kind {
            Kind::Send => event("done", &DataDocument::new(ReplyData::from(reply))),
            Kind::Quick => event("done", &QuickDocument::from(reply)),
        };
        self.send(done).await.inspect(|()| self.told.set())
    }

    async fn fail(&self, error: Error) -> Result<(), Gone> {
        let error = error.with_request_id(Some(self.call.request_id.clone()));
        self.ending.fail(&error);
        self.call.state.note_result(Err(&error));
        let error = event("error", &ErrorDocument::from(&error));
        self.send(error).await.inspect(|()| self.told.set())
    }

    async fn send(&self, event: Bytes) -> Result<(), Gone> {
        let patience = self.call.state.limits.reader;
        self.sender.send_timeout(event, patience).await.map_err(|_| Gone)
    }
}

/// A whole event.
fn event(name: &str, data: &impl Serialize) -> Bytes {
    let mut text = Vec::with_capacity(128);
    put_event(&mut text, name, data);
    text.into()
}

/// Writes an event with a name. JSON has no line breaks outside of strings, and none inside of them
/// either.
pub(super) fn put_event(out: &mut Vec<u8>, name: &str, data: &impl Serialize) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    put(out, data);
    out.extend_from_slice(b"\n\n");
}

/// Writes a value as JSON. What we write always can be.
pub(super) fn put(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let length = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(length);
        out.extend_from_slice(b"null");
    }
}
