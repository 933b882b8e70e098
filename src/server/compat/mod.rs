//! The compatible APIs (`/v1`): what programs for OpenAI and Anthropic speak, over a Qwen account.
//!
//! Each API is a module that reads its request ([`chat_completions`], [`responses`], [`messages`]) into
//! one [`CompletionRequest`], and a [`Dialect`] that writes the answer. Between them, [`answer`] turns the
//! history into one prompt, runs the driver, and cuts the text to its limits.
//!
//! The run is a task of its own, which outlives its client: a chat that was created for one answer is
//! deleted whether the client waits, disconnects or the code panics.
//!
//! What this module keeps true: what the upstream cannot do is done here, named in the header
//! `x-qwenctl-warning`, or refused ([`params`] decides which), never silently wrong; an answer cut short
//! by a failure ends in an error; no text of a message passes for another message ([`history`]).

pub(super) mod chat_completions;
pub(super) mod citations;
pub(super) mod cutter;
pub(super) mod history;
pub(super) mod input;
pub(super) mod messages;
pub(super) mod models;
pub(super) mod params;
pub(super) mod responses;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper::header::{HeaderMap, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use warp::reply::Response;

use self::cutter::{Cut, Irreparable, Transcript, estimate};
use self::history::{Message, Prompt};
use self::input::{bad, unsupported};
use crate::app::Session;
use crate::app::answer::{Answering, Question, Target, Unfinished};
use crate::domain::{ChatId, Error, ErrorKind, FinishReason, Reply, ReplyEvent, Result, Usage};
use crate::server::answer::{Answer, end_of};
use crate::server::http::error_format::Detail;
use crate::server::http::response::{ErrorResponse, Outcome, internal};
use crate::server::log::Ending;
use crate::server::request::RequestContext;
use crate::server::stream::{AHEAD, Sent, of_events};

/// As a chat: a new one that is kept.
const NEW: &str = "new";

/// A request in the terms that all three APIs have in common.
#[derive(Debug)]
pub(crate) struct CompletionRequest {
    /// The model, as the client calls it.
    pub model: Option<String>,
    /// The whole history.
    pub messages: Vec<Message>,
    /// The parameter that holds it, for errors.
    pub field: &'static str,
    /// The chat.
    pub target: Target,
    /// The message that the prompt follows, if not the current one.
    pub parent: Option<String>,
    /// Whether the model thinks before it answers.
    pub thinking: bool,
    /// Whether the model searches the web.
    pub search: bool,
    /// Sequences that end the answer.
    pub stop: Vec<String>,
    /// How long the answer may be, in tokens.
    pub max_tokens: Option<u64>,
    /// Whether the answer is streamed.
    pub streams: bool,
    /// Parameters that are ignored.
    pub ignored: Vec<String>,
}

/// The chat that the header `X-Qwen-Chat-Id` or `metadata.chat_id` names; the header takes precedence.
/// Without a name the chat is ephemeral.
///
/// # Errors
/// If the name is not a chat id.
pub(crate) fn target_of(call: &RequestContext, metadata: Option<&str>) -> Result<Target> {
    Ok(match call.chat.as_deref().or(metadata) {
        None => Target::New { ephemeral: true },
        Some(NEW) => Target::New { ephemeral: false },
        Some(id) => Target::Chat(id.parse()?),
    })
}

/// The prompt for `request`, and an estimate of its length in tokens.
///
/// # Errors
/// If there is no such model, if it cannot read the images, or if there is nothing to send.
async fn question(
    call: &RequestContext,
    session: &Session,
    request: &mut CompletionRequest,
) -> Result<(Question, u64), ErrorResponse> {
    let messages = std::mem::take(&mut request.messages);
    let Prompt { system, text, images, conversation } = match request.target {
        Target::Chat(_) => history::news(messages),
        _ => history::whole(&messages),
    };
    let prompt_tokens = estimate(&text) + system.as_deref().map_or(0, estimate);
    let mut question = Question::new(request.target.clone(), text)
        .map_err(|error| bad(request.field, error.message()))?;
    let model = models::choose(&call.state, session, request.model.as_deref()).await?;
    if !images.is_empty() && model.sees == Some(false) {
        let why = format!("hold an image, and the model `{}` reads none", model.id);
        return Err(unsupported(request.field, &why));
    }
    question.system = system;
    question.images = images;
    question.conversation = conversation;
    question.model = Some(model.id);
    question.parent = request.parent.take();
    question.thinking = request.thinking;
    question.search = request.search;
    Ok((question, prompt_tokens))
}

/// Answers `request` in `dialect`.
pub(crate) async fn answer(
    call: Arc<RequestContext>,
    mut request: CompletionRequest,
    dialect: impl Dialect,
) -> Outcome {
    let (session, _) = call.session()?;
    let (question, prompt_tokens) = question(&call, &session, &mut request).await?;
    call.trace.log.body(&call.request_id, "prompt", question.message());
    let (head, has_head) = oneshot::channel();
    let (sender, receiver) = mpsc::channel(AHEAD);
    let (ending, sent) = (Ending::default(), Sent::default());
    let end = end_of(&call, Some(sender.clone()));
    let client = Client {
        head: Some(head),
        sender,
        streams: false,
        headers: warning(&request.ignored),
        ending: ending.clone(),
        sent: sent.clone(),
        patience: call.state.limits.reader,
    };
    let run = Run {
        prompt_tokens,
        transcript: Transcript::new(request.stop, request.max_tokens),
        streams: request.streams,
        call: Arc::clone(&call),
        dialect,
        client,
    };
    call.state.chores.spawn(async move {
        let answer = Answer::new(&run.call.state, session, question, None, end).await;
        run.run(answer).await;
    });
    let Head { whole, headers } = has_head.await.unwrap_or_else(|_| Err(internal().into()))?;
    let mut response = whole.unwrap_or_else(|| of_events(receiver, sent, ending));
    response.headers_mut().extend(headers);
    Ok(response)
}

fn warning(ignored: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !ignored.is_empty()
        && let Ok(warning) = HeaderValue::from_str(&format!("ignored: {}", ignored.join(", ")))
    {
        headers.insert("x-qwenctl-warning", warning);
    }
    headers
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
    sender: mpsc::Sender<Bytes>,
    /// Whether it reads events.
    streams: bool,
    headers: HeaderMap,
    ending: Ending,
    sent: Sent,
    /// How long it may read nothing before it counts as disconnected.
    patience: Duration,
}

impl Client {
    /// Sends the head, and with it the whole response unless it is streamed.
    fn send_head(&mut self, whole: Result<Option<Response>, ErrorResponse>) {
        if let Some(head) = self.head.take() {
            let headers = std::mem::take(&mut self.headers);
            // The receiver is gone if the client has disconnected.
            let _ = head.send(whole.map(|whole| Head { whole, headers }));
        }
    }

    /// Sends what `write` writes to a client that reads events; to others nothing.
    ///
    /// # Errors
    /// If the client has disconnected, or reads nothing for too long.
    async fn send(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Failure> {
        if !self.streams {
            return Ok(());
        }
        let mut out = Vec::with_capacity(256);
        write(&mut out);
        if out.is_empty() {
            return Ok(());
        }
        self.sender.send_timeout(out.into(), self.patience).await.map_err(|_| Failure::Gone)
    }
}

/// Why a run ends without an answer.
enum Failure {
    /// The client has disconnected.
    Gone,
    /// This is reported.
    Refused(Box<ErrorResponse>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(Box::new(error.into()))
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
    prompt_tokens: u64,
    transcript: Transcript,
    streams: bool,
    dialect: D,
    client: Client,
}

impl<D: Dialect> Run<D> {
    async fn run(mut self, mut answer: Answer) {
        let work = AssertUnwindSafe(self.work(&mut answer)).catch_unwind().await;
        match work.unwrap_or_else(|_| Err(internal().into())) {
            Ok(()) => self.client.sent.set(),
            Err(Failure::Gone) => {}
            Err(Failure::Refused(refusal)) => {
                let is_sent = answer.driver().is_sent();
                self.fail(if is_sent { refusal.after_sending() } else { *refusal }).await;
            }
        }
        let Self { call, client, .. } = self;
        // The client has everything: it does not wait for the chat to be deleted.
        drop(client);
        if let Err(error) = answer.finish().await {
            call.state.log.note(&format!("an ephemeral chat could not be deleted: {error}"));
        }
    }

    async fn work(&mut self, answer: &mut Answer) -> Result<(), Failure> {
        if let Err(unfinished) = answer.begin().await {
            return Err(refused(unfinished, answer.driver().question()));
        }
        if let Some(id) = answer.driver().kept_chat()
            && let Ok(id) = HeaderValue::from_str(id.as_str())
        {
            self.client.headers.insert("x-qwen-chat-id", id);
        }
        if self.streams {
            self.client.send_head(Ok(None));
            self.client.streams = true;
        }
        let begun = begun(self.prompt_tokens, answer.driver());
        self.client.send(|out| self.dialect.begin(out, &begun)).await?;
        let cut = self.events(answer).await?;
        let driver = answer.driver();
        let Some(reply) = driver.reply() else { return Err(internal().into()) };
        let text = self.transcript.text();
        self.call.trace.log.body(&self.call.request_id, "answer", text);
        let finished =
            Finished { begun: self::begun(self.prompt_tokens, driver), reply, text, cut };
        if self.streams {
            self.client.send(|out| self.dialect.end(out, &finished)).await?;
        } else {
            let whole = self.dialect.whole(&finished);
            self.client.send_head(Ok(Some(whole)));
        }
        Ok(())
    }

    /// Writes the answer as it arrives; returns why it was cut, if it was.
    async fn events(&mut self, answer: &mut Answer) -> Result<Option<Cut>, Failure> {
        let pace = self.call.state.limits.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + pace, pace);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The pieces of a whole answer are not needed if none of them can cut it.
        let is_whole = !self.streams && self.transcript.is_unlimited();
        loop {
            let next = tokio::select! {
                biased;
                next = answer.next() => next?,
                _ = heartbeat.tick(), if self.streams => {
                    self.client.send(|out| out.extend_from_slice(self.dialect.heartbeat())).await?;
                    continue;
                }
            };
            if self.streams {
                heartbeat.reset();
            }
            let Some(event) = next else { break };
            if is_whole && matches!(event, ReplyEvent::Delta(_)) {
                answer.driver().hush();
            }
            if let Some(cut) = self.event(event).await? {
                answer.note_success();
                return Ok(Some(cut));
            }
        }
        let Some(reply) = answer.reply() else { return Ok(None) };
        if is_whole {
            self.transcript.rewrite(&reply.content, true).map_err(|Irreparable| irreparable())?;
        }
        let (mut rest, cut) = self.transcript.finish();
        if cut.is_none() {
            rest.push_str(&self.transcript.add_images(&reply.images));
        }
        if !rest.is_empty() {
            self.client.send(|out| self.dialect.text(out, &rest)).await?;
        }
        Ok(cut)
    }

    /// Writes one event; returns why the answer ends with it, if it does.
    async fn event(&mut self, event: ReplyEvent) -> Result<Option<Cut>, Failure> {
        let (piece, cut) = match &event {
            ReplyEvent::Start { .. } | ReplyEvent::Search { .. } => return Ok(None),
            ReplyEvent::Thinking(piece) => {
                self.client.send(|out| self.dialect.thinking(out, piece)).await?;
                return Ok(None);
            }
            ReplyEvent::Delta(piece) => self.transcript.push(piece),
            ReplyEvent::Rewrite(whole) => {
                let rest = self.transcript.rewrite(whole, !self.streams);
                rest.map_err(|Irreparable| irreparable())?
            }
        };
        if !piece.is_empty() {
            self.client.send(|out| self.dialect.text(out, &piece)).await?;
        }
        Ok(cut)
    }

    async fn fail(&mut self, refusal: ErrorResponse) {
        if !self.client.streams {
            return self.client.send_head(Err(refusal));
        }
        let error = refusal.error.with_request_id(Some(self.call.request_id.clone()));
        self.client.ending.fail(&error);
        self.call.state.note_result(Err(&error));
        if self.client.send(|out| self.dialect.fail(out, &error)).await.is_ok() {
            self.client.sent.set();
        }
    }
}

fn begun(prompt_tokens: u64, answering: &Answering) -> Begun<'_> {
    Begun {
        model: answering.model(),
        chat: answering.kept_chat(),
        message_id: answering.reply().and_then(|reply| reply.message_id.as_deref()),
        prompt_tokens,
    }
}

/// The upstream refused the prompt, perhaps because it does not know the model.
fn refused(unfinished: Unfinished, question: &Question) -> Failure {
    let error = match unfinished {
        Unfinished::Gone => return Failure::Gone,
        Unfinished::Stopped(error) | Unfinished::Failed(error) => error,
    };
    let named = question.model.as_deref().unwrap_or_default();
    let is_model = error.kind() == ErrorKind::InvalidRequest
        && error.message().contains(&format!("no model `{named}`"));
    let code = is_model.then_some("model_not_found");
    let param = is_model.then(|| "model".to_owned());
    let detail = Detail { param, code, ..Detail::default() };
    Failure::Refused(Box::new(ErrorResponse::from(error).with_detail(detail)))
}

fn irreparable() -> Error {
    let message = "a piece of the answer was wrong when it was streamed, and cannot be taken back";
    Error::new(ErrorKind::UpstreamProtocol, message)
        .with_hint("ask again, without `stream` if it happens often")
}

/// An answer that has begun.
pub(crate) struct Begun<'a> {
    /// The model that answers.
    pub model: &'a str,
    /// The chat, if it is kept.
    pub chat: Option<&'a ChatId>,
    /// The upstream's id of the answer.
    pub message_id: Option<&'a str>,
    /// An estimate of the length of the prompt, in tokens.
    pub prompt_tokens: u64,
}

/// An answer at its end.
pub(crate) struct Finished<'a> {
    /// What was known at its beginning.
    pub begun: Begun<'a>,
    /// The reply. Its text may be longer than what is sent.
    pub reply: &'a Reply,
    /// The text that is sent.
    pub text: &'a str,
    /// Why it was cut, if it was.
    pub cut: Option<Cut>,
}

/// Why the text of an answer ends where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEnd<'a> {
    /// The model has said all.
    Natural,
    /// A limit of the request or of the model.
    Length,
    /// A content filter of the upstream.
    ContentFilter,
    /// This stop sequence of the request.
    Sequence(&'a str),
}

impl Finished<'_> {
    /// Counts of tokens: the upstream's own if it has any, else an estimate.
    pub(crate) fn usage(&self) -> Usage {
        let counted = self.reply.usage.filter(|usage| usage.total_tokens > 0);
        counted.unwrap_or_else(|| {
            let thinking = self.reply.thinking.as_deref().map_or(0, estimate);
            let output_tokens = estimate(self.text) + thinking;
            Usage {
                input_tokens: self.begun.prompt_tokens,
                output_tokens,
                total_tokens: self.begun.prompt_tokens + output_tokens,
                ..Usage::default()
            }
        })
    }

    /// What the model thought; `None` if nothing.
    pub(crate) fn thinking(&self) -> Option<&str> {
        self.reply.thinking.as_deref().filter(|text| !text.is_empty())
    }

    /// Why the text ends: because it was cut here, or for the upstream's reason.
    pub(crate) fn text_end(&self) -> TextEnd<'_> {
        match (&self.cut, &self.reply.finish_reason) {
            (Some(Cut::Stop(sequence)), _) => TextEnd::Sequence(sequence),
            (Some(Cut::Length), _) | (None, Some(FinishReason::Length)) => TextEnd::Length,
            (None, Some(FinishReason::ContentFilter)) => TextEnd::ContentFilter,
            // Tools are the upstream's own here, and an unknown reason says nothing to a client.
            (None, _) => TextEnd::Natural,
        }
    }
}

/// Writes one answer: whole, or as events. One value is used for one answer only.
pub(crate) trait Dialect: Send + Sync + 'static {
    /// The whole answer.
    fn whole(&self, finished: &Finished) -> Response;

    /// The events at the beginning.
    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun);

    /// More of what the model thinks.
    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str);

    /// More of the answer.
    fn text(&mut self, out: &mut Vec<u8>, piece: &str);

    /// The events at the end.
    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished);

    /// The event for a failure; the last one.
    fn fail(&mut self, out: &mut Vec<u8>, error: &Error);

    /// A sign of life.
    fn heartbeat(&self) -> &'static [u8] {
        b": still here\n\n"
    }
}

/// An id as these APIs make them.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::new_v4().simple())
}
