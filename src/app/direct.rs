//! The answer of an engine to a request that is handed on to it: no chat, nothing kept.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::Fuse;
use tokio::time::{Instant, timeout_at};

use crate::client::refused;
use crate::domain::{
    Completeness, Error, ErrorKind, FinishReason, Reply, ReplyEvent, Result, Usage,
};
pub(crate) use crate::engine::Request;
use crate::engine::{Answer, CUT_OFF, EngineHandle, Refusal, Step};

/// As the chat of a reply that belongs to none.
const NO_CHAT: &str = "no-chat-0";

/// An engine that takes requests as they are.
#[derive(Debug, Clone)]
pub struct DirectEngine {
    /// The engine.
    pub engine: EngineHandle,
    /// How long an answer may take in total.
    pub total: Option<Duration>,
}

/// A request to an engine.
#[derive(Debug, Clone)]
pub(crate) struct DirectRequest {
    /// The engine.
    pub engine: DirectEngine,
    /// What it gets.
    pub request: Request,
}

/// An answer while it grows. Dropping it ends the work of the engine.
pub(crate) struct DirectAnswer {
    steps: Fuse<Answer>,
    reply: Reply,
    /// Text that may still turn out to be thoughts.
    provisional: Option<String>,
    /// Why the answer ends early, once the text before it is passed on.
    failure: Option<Error>,
    deadline: Option<Instant>,
}

impl DirectAnswer {
    /// Sends the request; returns when the engine begins to answer.
    ///
    /// # Errors
    /// Those of the engine, in the terms of the client.
    pub(crate) async fn begin(asked: DirectRequest) -> Result<Self> {
        let DirectRequest { engine: DirectEngine { engine, total }, request } = asked;
        let deadline = total.map(|total| Instant::now() + total);
        let reply = Reply::empty(NO_CHAT.parse()?, request.model.clone());
        let steps = within(deadline, engine.complete(request)).await?.map_err(failed)?;
        Ok(Self { steps: steps.fuse(), reply, provisional: None, failure: None, deadline })
    }

    /// The next event; `None` at the end of a whole answer.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub(crate) async fn next(&mut self) -> Result<Option<ReplyEvent>> {
        loop {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            let Some(step) = within(self.deadline, self.steps.next()).await? else {
                let rest = self.provisional.take().and_then(|text| self.say(text));
                if rest.is_none() {
                    self.reply.completeness = Completeness::Complete;
                }
                return Ok(rest);
            };
            let event = match step {
                Step::Text(text) => match &mut self.provisional {
                    Some(held) => {
                        held.push_str(&text);
                        None
                    }
                    None => self.say(text),
                },
                Step::Think(text) => Some(self.think(text)),
                Step::Provisional(true) => {
                    self.provisional.get_or_insert_default();
                    None
                }
                Step::Provisional(false) => self.provisional.take().and_then(|text| self.say(text)),
                Step::Recast => self.provisional.take().map(|text| self.think(text)),
                Step::Usage { input, output, reasoning, cached } => {
                    self.reply.usage = Some(Usage {
                        input_tokens: input,
                        output_tokens: output,
                        total_tokens: input + output,
                        reasoning_tokens: reasoning,
                        cached_tokens: cached,
                    });
                    None
                }
                Step::Call(call) => {
                    self.reply.calls.push(call);
                    self.reply.finish_reason = Some(FinishReason::ToolCalls);
                    None
                }
                Step::Failed(refusal) => {
                    if refusal.code == CUT_OFF {
                        self.reply.finish_reason = Some(FinishReason::Length);
                    }
                    self.failure = Some(failed(refusal));
                    // What was said before belongs to the answer.
                    self.provisional.take().and_then(|text| self.say(text))
                }
                // The rest is for the local upstream.
                _ => None,
            };
            if let Some(event) = event {
                return Ok(Some(event));
            }
        }
    }

    /// The reply so far.
    pub(crate) fn reply(&self) -> &Reply {
        &self.reply
    }

    fn say(&mut self, text: String) -> Option<ReplyEvent> {
        self.reply.content.push_str(&text);
        (!text.is_empty()).then_some(ReplyEvent::Delta(text))
    }

    fn think(&mut self, text: String) -> ReplyEvent {
        self.reply.thinking.get_or_insert_default().push_str(&text);
        ReplyEvent::Thinking(text)
    }
}

fn failed(refusal: Refusal) -> Error {
    let Refusal { code, details, retry_after } = refusal;
    refused(code, details, retry_after.map(Duration::from_secs))
}

/// The result of `work`, unless the total timeout ends before.
async fn within<T>(deadline: Option<Instant>, work: impl Future<Output = T>) -> Result<T> {
    let Some(deadline) = deadline else { return Ok(work.await) };
    let over = |_| Error::new(ErrorKind::Timeout, "the total timeout was reached");
    timeout_at(deadline, work).await.map_err(over)
}
