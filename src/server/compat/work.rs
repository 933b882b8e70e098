//! One answer, from the chat to the last word, and the clearing away.
//!
//! The work is a task of its own, which outlives its caller: a chat that was made for one answer is
//! deleted whether the caller waits, goes away or the code panics, and while it is being made nobody
//! may stop listening for its id. When the caller goes away, the upstream is stopped first.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::ask::{Asked, Plan};
use super::caller::{Caller, Gone};
use super::dialect::{Begun, Dialect, Finished};
use super::made::Made;
use super::transcript::Irreparable;
use crate::app::Session;
use crate::app::send::{Opened, ReplyStream, SendRequest, Target, prepare, stopped, verdict};
use crate::domain::{Error, ErrorKind, Reply, ReplyEvent, Result};
use crate::server::answer::enter;
use crate::server::compat::cutter::Cut;
use crate::server::http::error_format::Detail;
use crate::server::http::response::{ErrorResponse, Outcome, internal};
use crate::server::metrics::{AnswerMeter, Loss};
use crate::server::request::RequestContext;
use crate::server::shared::ChatKey;

/// Answers what was asked, in `dialect`.
pub(crate) async fn answer(
    call: Arc<RequestContext>,
    asked: Asked,
    dialect: impl Dialect,
) -> Outcome {
    let asked_at = std::time::Instant::now();
    let (session, _) = call.session()?;
    let plan = asked.plan(&call, &session).await?;
    let (tell, told) = oneshot::channel();
    let chores = call.state.chores.clone();
    let caller = Caller::new(tell, &plan.ignored, call.state.limits.reader);
    chores.spawn(Work { call, session, plan, dialect, caller, asked_at }.run());
    told.await.unwrap_or_else(|_| Err(internal().into()))
}

struct Work<D> {
    call: Arc<RequestContext>,
    session: Session,
    plan: Plan,
    dialect: D,
    caller: Caller,
    asked_at: std::time::Instant,
}

/// What ends the work early.
enum End {
    /// The caller has gone away.
    Gone,
    /// This has to be told.
    Failed(ErrorResponse),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<ErrorResponse> for End {
    fn from(refusal: ErrorResponse) -> Self {
        Self::Failed(refusal)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl<D: Dialect> Work<D> {
    async fn run(mut self) {
        let mut made = Made::default();
        let change = self.call.state.cache.change(&self.session).await;
        let work = AssertUnwindSafe(self.work(&mut made)).catch_unwind().await;
        let end = work.unwrap_or_else(|_| Err(internal().into()));
        match end {
            Ok(()) => self.caller.has_all(),
            Err(End::Gone) => {}
            Err(End::Failed(refusal)) => {
                let was_sent = made.is_sending || made.stream.is_some();
                self.fail(if was_sent { refusal.after_sending() } else { refusal }).await;
            }
        }
        let Self { call, session, caller, .. } = self;
        // Whoever reads has all there is: clearing away is not for them to wait for.
        drop(caller);
        made.clear_away(&call.state, &session).await;
        drop(change);
    }

    async fn work(&mut self, made: &mut Made) -> Result<(), End> {
        let opened = self.open(made).await?;
        let request = &self.plan.request;
        self.call.trace.log.body(&self.call.request_id, "prompt", &request.prompt);
        made.is_sending = true;
        let stop_wished = made.stop_wished();
        // Boxed, because it is large.
        let sending = unless(stop_wished, Box::pin(opened.send(&self.session, request)));
        let sent = self.caller.unless_gone(sending).await?;
        let stop_wished = made.stop_wished();
        let stream = made.stream.insert(sent.map_err(|error| refused(error, request))?);
        if !opened.is_ephemeral() {
            self.caller.name_chat(&opened.chat_id);
        }
        if self.plan.streams {
            self.caller.begin();
        }
        self.tell(&opened, stream, stop_wished).await
    }

    /// The chat. An ephemeral one is waited for also when the caller has gone: only who knows its id
    /// can delete it.
    async fn open(&mut self, made: &mut Made) -> Result<Opened, End> {
        let (call, session, request) = (&self.call, &self.session, &self.plan.request);
        let state = &call.state;
        if let Target::Chat(id) = &request.target {
            made.run =
                Some(state.running.enter(ChatKey::new(session, id.clone()), session.clone()));
            let entering = unless(made.stop_wished(), Box::pin(enter(state, session, id)));
            made.turn = Some(self.caller.unless_gone(entering).await??);
        }
        let mut prepared = self.caller.unless_gone(Box::pin(prepare(session, request))).await??;
        if !prepared.is_ephemeral() {
            return Ok(self.caller.unless_gone(Box::pin(prepared.open(session))).await??);
        }
        if let Some(journal) = &state.openai.journal {
            prepared.set_title(made.entry.insert(journal.begin(session).await?).title());
        }
        made.is_opening = true;
        let opened = prepared.open(session).await?;
        made.opened = Some(opened.clone());
        if let Some(entry) = &made.entry {
            entry.made(&opened.chat_id).await?;
        }
        Ok(opened)
    }

    /// Tells the answer as it comes.
    async fn tell(
        &mut self,
        opened: &Opened,
        stream: &mut ReplyStream,
        stop_wished: impl Future<Output = ()>,
    ) -> Result<(), End> {
        let call = Arc::clone(&self.call);
        let pace = call.state.limits.heartbeat;
        let mut heartbeat = interval_at(Instant::now() + pace, pace);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stop_wished = std::pin::pin!(stop_wished);
        let mut must_end = std::pin::pin!(call.must_end());
        let mut has_begun = false;
        let mut meter = AnswerMeter::new(Arc::clone(&call.state.metrics), self.asked_at);
        // Nobody wants the pieces of what is told as a whole and cannot be cut.
        let is_whole = !self.caller.reads() && self.plan.transcript.is_unlimited();
        loop {
            let step = tokio::select! {
                biased;
                () = self.caller.gone() => return Err(End::Gone),
                error = &mut must_end => {
                    return Err(error.with_partial(stream.reply().clone()).into());
                }
                () = &mut stop_wished => {
                    // An upstream that cannot be told changes nothing for those who wait here.
                    let _ = Box::pin(stream.stop()).await;
                    return Err(stopped().with_partial(stream.reply().clone()).into());
                }
                step = stream.next() => step,
                _ = heartbeat.tick(), if self.caller.reads() => {
                    self.caller.send(|out| out.extend_from_slice(self.dialect.heartbeat())).await?;
                    continue;
                }
            };
            if self.caller.reads() {
                heartbeat.reset();
            }
            if !std::mem::replace(&mut has_begun, true) {
                let reply = stream.reply();
                let begun = begun(self.plan.prompt_tokens, opened, reply);
                self.caller.send(|out| self.dialect.begin(out, &begun)).await?;
            }
            let Some(step) = step else { break };
            let step = step.inspect_err(|_| meter.lost(Loss::Upstream))?;
            meter.note(&step, &opened.model);
            if is_whole && matches!(step, ReplyEvent::Delta(_)) {
                stream.hush();
            }
            if let Some(cut) = self.take(step).await? {
                meter.done(stream.reply());
                return self.finish(opened, stream.reply(), Some(cut)).await;
            }
        }
        verdict(stream.reply()).inspect_err(|_| meter.lost(Loss::Upstream))?;
        meter.done(stream.reply());
        if is_whole {
            let all = self.plan.transcript.rewrite(&stream.reply().content, true);
            all.map_err(|Irreparable| irreparable())?;
        }
        let (mut rest, cut) = self.plan.transcript.finish();
        if cut.is_none() {
            rest.push_str(&self.plan.transcript.add_images(&stream.reply().images));
        }
        if !rest.is_empty() {
            self.caller.send(|out| self.dialect.text(out, &rest)).await?;
        }
        self.finish(opened, stream.reply(), cut).await
    }

    /// Takes a step of the answer; tells whether that is its end.
    async fn take(&mut self, step: ReplyEvent) -> Result<Option<Cut>, End> {
        let (piece, cut) = match &step {
            ReplyEvent::Start { .. } | ReplyEvent::Search { .. } => return Ok(None),
            ReplyEvent::Thinking(piece) => {
                self.caller.send(|out| self.dialect.thinking(out, piece)).await?;
                return Ok(None);
            }
            ReplyEvent::Delta(piece) => self.plan.transcript.push(piece),
            ReplyEvent::Rewrite(whole) => {
                let unread = !self.caller.reads();
                let rest = self.plan.transcript.rewrite(whole, unread);
                rest.map_err(|Irreparable| irreparable())?
            }
        };
        if !piece.is_empty() {
            self.caller.send(|out| self.dialect.text(out, &piece)).await?;
        }
        Ok(cut)
    }

    async fn finish(
        &mut self,
        opened: &Opened,
        reply: &Reply,
        cut: Option<Cut>,
    ) -> Result<(), End> {
        let begun = begun(self.plan.prompt_tokens, opened, reply);
        let text = self.plan.transcript.text();
        self.call.trace.log.body(&self.call.request_id, "answer", text);
        let finished = Finished { begun, reply, text, cut };
        if self.caller.reads() {
            self.caller.send(|out| self.dialect.end(out, &finished)).await?;
        } else {
            self.caller.answer(Ok(self.dialect.whole(&finished)));
        }
        Ok(())
    }

    async fn fail(&mut self, refusal: ErrorResponse) {
        if !self.caller.reads() {
            return self.caller.answer(Err(refusal));
        }
        let error = refusal.error.with_request_id(Some(self.call.request_id.clone()));
        self.caller.note_ending(&error);
        self.call.state.note_result(Err(&error));
        // Who has gone away needs not be told.
        if self.caller.send(|out| self.dialect.fail(out, &error)).await.is_ok() {
            self.caller.has_all();
        }
    }
}

/// What `work` gives, unless somebody wants it to stop before; then it is dropped.
async fn unless<T>(
    stop_wished: impl Future<Output = ()>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::select! {
        biased;
        () = stop_wished => Err(stopped()),
        result = work => result,
    }
}

fn begun<'a>(prompt_tokens: u64, opened: &'a Opened, reply: &'a Reply) -> Begun<'a> {
    Begun {
        model: &opened.model,
        chat: (!opened.is_ephemeral()).then_some(&opened.chat_id),
        message_id: reply.message_id.as_deref(),
        prompt_tokens,
    }
}

/// The upstream refused the prompt, perhaps because it does not know the model.
fn refused(error: Error, request: &SendRequest) -> ErrorResponse {
    let named = request.model.as_deref().unwrap_or_default();
    let is_model = error.kind() == ErrorKind::InvalidRequest
        && error.message().contains(&format!("no model `{named}`"));
    let code = is_model.then_some("model_not_found");
    let param = is_model.then(|| "model".to_owned());
    ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
}

fn irreparable() -> Error {
    let message = "a piece of the answer was wrong when it was streamed, and cannot be taken back";
    Error::new(ErrorKind::UpstreamProtocol, message)
        .with_hint("ask again, without `stream` if it happens often")
}
