//! An answer as a stream of server-sent events.
//!
//! The headers are held back until the upstream's first event, so that a prompt that fails early has
//! its HTTP status. After that a failure is an `error` event. A task of its own begins and reads the
//! answer, and hands over whole events through a short channel: when the client disconnects, it ends, or
//! reads on unseen if that was requested.

use std::fmt;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use warp::reply::{Reply as _, Response};

use super::answer::{Answer, Kind, OnDisconnect, Prompt, end_of};
use super::cache::replay;
use super::log::Ending;
use super::page::render::markdown_with;
use crate::app::answer::Unfinished;
use crate::app::documents::{
    DataDocument, ErrorDocument, EventDocument, QuickDocument, RenderData, ReplyData,
};
use crate::domain::{Error, Reply, ReplyEvent, Result};
use crate::server::http::response::{Outcome, internal};
use crate::server::request::RequestContext;

/// Events that may wait for a client that reads more slowly than the model writes.
pub(super) const AHEAD: usize = 16;

/// The shortest time between two `render` events.
const RENDER_PACE: Duration = Duration::from_millis(150);

/// A long answer takes longer to render; at most this part of the time goes into it.
const RENDER_SHARE: u32 = 10;

/// Answers `prompt` with a stream.
pub(super) async fn respond(call: &Arc<RequestContext>, prompt: Prompt, renders: bool) -> Outcome {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let (begun, has_begun) = oneshot::channel();
    let ending = Ending::default();
    let writer = EventWriter {
        kind: prompt.kind,
        continues: prompt.on_disconnect == OnDisconnect::Continue,
        sender,
        ending: ending.clone(),
        sent: Sent::default(),
        call: Arc::clone(call),
    };
    let sent = writer.sent.clone();
    let lasting = writer.continues.then(|| call.state.lasting.token());
    tokio::spawn(async move {
        writer.run(prompt, begun, HtmlRenderer::new(renders)).await;
        drop(lasting);
    });
    has_begun.await.unwrap_or_else(|_| Err(internal()))?;
    Ok(of_events(receiver, sent, ending))
}

/// A stream of an answer that was kept.
pub(super) fn of_reply(reply: &Reply, kind: Kind, renders: bool) -> Response {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let mut events: Vec<_> =
        replay(reply).iter().map(|event| step_event(event, &reply.model)).collect();
    if renders {
        events.push(event("render", &HtmlRenderer::new(true).render(reply)));
    }
    events.push(done_event(reply, kind));
    for event in events {
        // There are fewer than fit into the channel.
        let _ = sender.try_send(event);
    }
    let sent = Sent::default();
    sent.set();
    of_events(receiver, sent, Ending::default())
}

/// Whether an answer was sent to its end, be that a failure.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent(Arc<AtomicBool>);

impl Sent {
    /// It was.
    pub(super) fn set(&self) {
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

/// A response of the events from `receiver`; `ending` says how it ends. If they end before the answer was
/// `sent` to its end, the connection breaks: a clean end would pass for the end of a whole answer.
pub(super) fn of_events(receiver: mpsc::Receiver<Bytes>, sent: Sent, ending: Ending) -> Response {
    let events = stream::unfold(Some(receiver), move |receiver| {
        let sent = sent.clone();
        async move {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(event) => Some((Ok(event), Some(receiver))),
                None if sent.0.load(Ordering::Acquire) => None,
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

/// The client has disconnected.
struct Gone;

/// Writes an answer as events for one client.
struct EventWriter {
    call: Arc<RequestContext>,
    kind: Kind,
    /// Whether the answer continues when the client disconnects.
    continues: bool,
    sender: mpsc::Sender<Bytes>,
    ending: Ending,
    sent: Sent,
}

impl EventWriter {
    async fn run(self, prompt: Prompt, begun: oneshot::Sender<Result<()>>, renderer: HtmlRenderer) {
        // A panic must not look like the end of an answer.
        let run = AssertUnwindSafe(self.answer(prompt, begun, renderer)).catch_unwind().await;
        if run.is_err() {
            let _ = self.fail(internal()).await;
        }
    }

    async fn answer(
        &self,
        prompt: Prompt,
        begun: oneshot::Sender<Result<()>>,
        renderer: HtmlRenderer,
    ) {
        let client = (!self.continues).then(|| self.sender.clone());
        let Prompt { session, question, key, .. } = prompt;
        let end = end_of(&self.call, client);
        let mut answer = Answer::new(&self.call.state, session, question, key, end).await;
        let outcome = answer.begin().await;
        let has_begun = outcome.is_ok();
        let _ = begun.send(outcome.map_err(Error::from));
        if has_begun && self.write(&mut answer, renderer).await.is_err() && self.continues {
            // Nothing of it is sent any more.
            let _ = answer.read().await;
        }
    }

    async fn write(&self, answer: &mut Answer, mut renderer: HtmlRenderer) -> Result<(), Gone> {
        let mut heartbeat = interval(self.call.state.limits.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let ended = loop {
            let next = tokio::select! {
                biased;
                () = renderer.due() => {
                    self.render(&mut renderer, answer.reply()).await?;
                    continue;
                }
                next = answer.next() => next,
                _ = heartbeat.tick() => {
                    self.send(Bytes::from_static(b": still here\n\n")).await?;
                    continue;
                }
            };
            heartbeat.reset();
            match next {
                Ok(Some(event)) => {
                    renderer.note(&event);
                    self.send(step_event(&event, answer.model())).await?;
                }
                Ok(None) => break Ok(()),
                Err(Unfinished::Gone) => return Err(Gone),
                Err(Unfinished::Stopped(error) | Unfinished::Failed(error)) => break Err(error),
            }
        };
        if renderer.is_behind() {
            self.render(&mut renderer, answer.reply()).await?;
        }
        match (ended, answer.reply()) {
            (Ok(()), Some(reply)) => self.done(reply).await,
            (Ok(()), None) => self.fail(internal()).await,
            (Err(error), _) => self.fail(error).await,
        }
    }

    async fn render(&self, renderer: &mut HtmlRenderer, reply: Option<&Reply>) -> Result<(), Gone> {
        match reply {
            Some(reply) => self.send(event("render", &renderer.render(reply))).await,
            None => Ok(()),
        }
    }

    async fn done(&self, reply: &Reply) -> Result<(), Gone> {
        self.call.trace.log.body(&self.call.request_id, "answer", &reply.content);
        self.send(done_event(reply, self.kind)).await.inspect(|()| self.sent.set())
    }

    async fn fail(&self, error: Error) -> Result<(), Gone> {
        let error = error.with_request_id(Some(self.call.request_id.clone()));
        self.ending.fail(&error);
        self.call.state.note_result(Err(&error));
        let error = event("error", &ErrorDocument::from(&error));
        self.send(error).await.inspect(|()| self.sent.set())
    }

    async fn send(&self, event: Bytes) -> Result<(), Gone> {
        let patience = self.call.state.limits.reader;
        self.sender.send_timeout(event, patience).await.map_err(|_| Gone)
    }
}

/// Renders an answer as HTML while it grows: not with each word, but often enough to look alive.
#[derive(Debug)]
struct HtmlRenderer {
    wanted: bool,
    behind: bool,
    next: Instant,
}

impl HtmlRenderer {
    /// Renders only if it is `wanted`; otherwise it is never due.
    fn new(wanted: bool) -> Self {
        Self { wanted, behind: false, next: Instant::now() }
    }

    /// Takes note of an event of the answer.
    fn note(&mut self, event: &ReplyEvent) {
        self.behind |= self.wanted
            && matches!(
                event,
                ReplyEvent::Delta(_) | ReplyEvent::Rewrite(_) | ReplyEvent::Search { .. }
            );
    }

    /// Whether the last HTML does not show all of the answer.
    fn is_behind(&self) -> bool {
        self.behind
    }

    /// Waits until it is time to render. May be dropped and called again.
    async fn due(&self) {
        if self.behind { sleep_until(self.next).await } else { pending().await }
    }

    /// The answer as HTML.
    fn render(&mut self, reply: &Reply) -> RenderData {
        let began = Instant::now();
        let html = markdown_with(&reply.content, &reply.citations);
        let now = Instant::now();
        self.next = now + RENDER_PACE.max((now - began) * RENDER_SHARE);
        self.behind = false;
        RenderData { html }
    }
}

fn step_event(step: &ReplyEvent, model: &str) -> Bytes {
    let step = EventDocument::step(step, model);
    event(step.event, &step.data)
}

fn done_event(reply: &Reply, kind: Kind) -> Bytes {
    match kind {
        Kind::Send => event("done", &DataDocument::new(ReplyData::from(reply))),
        Kind::Quick => event("done", &QuickDocument::from(reply)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn html_is_rendered_at_once_and_then_at_a_fixed_pace() {
        let mut renderer = HtmlRenderer::new(true);
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.content = "*a*".to_owned();
        renderer.note(&ReplyEvent::Delta("*a*".to_owned()));
        let began = Instant::now();
        renderer.due().await;
        assert_eq!(renderer.render(&reply).html, "<p><em>a</em></p>\n");
        assert!(!renderer.is_behind() && began.elapsed() < RENDER_PACE);
        renderer.note(&ReplyEvent::Thinking("b".to_owned()));
        assert!(!renderer.is_behind());
        renderer.note(&ReplyEvent::Delta("b".to_owned()));
        renderer.due().await;
        assert!(began.elapsed() >= RENDER_PACE);
    }

    #[tokio::test]
    async fn html_is_never_rendered_unless_wanted() {
        let mut renderer = HtmlRenderer::new(false);
        renderer.note(&ReplyEvent::Delta("b".to_owned()));
        assert!(!renderer.is_behind());
    }
}
