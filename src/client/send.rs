//! Sends a prompt (protocol 14.2), with a limited number of retries.
//!
//! After a refusal the prompt was not accepted, so it is sent again where that can help. After any other
//! failure it may have been accepted: the client reads the chat first and sends the prompt again, once,
//! only if the chat does not show it. From then on the chat is read before every further attempt, also
//! after a refusal, because the first prompt may appear late.
//!
//! No attempt relies on what was read before a wait: another client may have continued the chat, or
//! deleted it, so the chat is read again after each wait.

use std::collections::HashSet;

use tokio::time::sleep;

use super::classify::ResponseBody;
use super::failure::{Cause, Failure};
use super::form::Remedies;
use super::observer::Notice;
use super::reply_stream::{Parts, ReplyStream};
use super::session::Session;
use super::stopper::Stopper;
use super::stopper::{Sent, Trace, trace};
use super::transport::Call;
use super::wire::completion::{self, Names, Words};
use crate::domain::time::now;
use crate::domain::{AccessToken, Error, ErrorKind, Result};
use crate::domain::{Parent, Turn};

/// Maximum number of retries while the chat is still answering (protocol F34).
const BUSY_LIMIT: u32 = 3;
/// Number of reads of the chat after an empty response, before the prompt is sent again (protocol F103).
const LOOKS_AFTER_DROP: u32 = 2;
/// Maximum number of retries after throttling (protocol F78).
const THROTTLE_LIMIT: u32 = 2;
/// Maximum number of retries with another parent. Our own upstream refuses a parent that is no longer
/// the current message, as often as another process is faster.
const OWN_PARENT_LIMIT: u32 = 10;

impl Session {
    /// Refuses a prompt of `length` bytes of text whose request is too large (protocol 6.1b). Sends
    /// nothing.
    ///
    /// # Errors
    /// [`ErrorKind::ContextTooLong`].
    pub fn check_size(&self, length: usize, turn: impl FnOnce() -> Turn) -> Result<()> {
        /// Of one byte in JSON, and of all that surrounds the text.
        const LONGEST: (usize, usize) = (6, 8 << 10);
        let limits = self.config().request_limits;
        let longest = length.saturating_mul(LONGEST.0).saturating_add(LONGEST.1);
        let Some(limits) = limits.filter(|limits| longest > limits.most) else { return Ok(()) };
        let turn = turn();
        let words = Words::of(&turn, self.config().takes_roles);
        let body = completion::request(&turn, &words, None, &Names::new(now()));
        limits.check(body.to_string().len()).map_err(Failure::into_error)
    }

    /// Sends a prompt; returns with the upstream's first event.
    ///
    /// Dropping the future, or the stream before its end, stops the upstream in the background:
    /// see [`super::Client::settle`].
    ///
    /// # Errors
    /// The upstream's refusal, or why the outcome is unknown.
    pub async fn send(&self, turn: Turn) -> Result<ReplyStream> {
        let mut sending = Sending::new(self, turn);
        sending.prepare().await?;
        sending.run().await
    }
}

struct Sending {
    session: Session,
    turn: Turn,
    names: Names,
    words: Words,
    sent: Sent,
    stopper: Stopper,
    tried: Tried,
}

/// The attempts made so far.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is one attempt that is made once")]
struct Tried {
    connects: u32,
    busy: u32,
    throttled: u32,
    limited: bool,
    warned: bool,
    remedies: Remedies,
    parent: u32,
    internal: bool,
    unsure: bool,
    dropped: bool,
}

impl Sending {
    fn new(session: &Session, turn: Turn) -> Self {
        let now = now();
        let words = Words::of(&turn, session.config().takes_roles);
        let sent = Sent { text: words.text.clone(), ..Sent::default() };
        Self {
            words,
            names: Names::new(now),
            stopper: Stopper::new(session.clone(), turn.chat_id.clone()),
            session: session.clone(),
            turn,
            sent,
            tried: Tried::default(),
        }
    }

    /// Prepares the first attempt. A due refresh of the token comes first, because it may take a while.
    async fn prepare(&mut self) -> Result<()> {
        if self.session.refresh_if_due().await? {
            return self.read_chat().await;
        }
        match self.turn.parent.clone() {
            Parent::Seen { id, followers } => self.follow(id, followers),
            Parent::Nothing => self.follow(None, HashSet::new()),
            Parent::Current | Parent::Root | Parent::Message(_) => self.read_chat().await?,
        }
        Ok(())
    }

    /// Reads from the chat what the next attempt needs: the message to follow, its followers (to
    /// recognise the prompt later), and the chat's model if that is to answer.
    async fn read_chat(&mut self) -> Result<()> {
        let chat = self.session.chat(&self.turn.chat_id).await?;
        let parent = match &self.turn.parent {
            Parent::Root => None,
            Parent::Message(id) => Some(id.as_str()),
            Parent::Current | Parent::Seen { .. } | Parent::Nothing => chat.current(),
        };
        let followers = chat.children(parent).map(|message| message.id.clone()).collect();
        let parent = parent.map(str::to_owned);
        if self.turn.has_chat_model
            && let Some(model) = chat.model
        {
            self.turn.model = model;
        }
        self.follow(parent, followers);
        Ok(())
    }

    fn follow(&mut self, parent: Option<String>, followers: HashSet<String>) {
        self.sent.parent = parent;
        self.sent.before = followers;
    }

    /// Whether the upstream is the local one of this process.
    fn is_own_upstream(&self) -> bool {
        self.session.config().private_header.is_some()
    }

    /// Whether the prompt follows the message that is current when it is sent.
    fn follows_current(&self) -> bool {
        !matches!(self.turn.parent, Parent::Root | Parent::Message(_))
    }

    async fn run(mut self) -> Result<ReplyStream> {
        loop {
            match self.step().await {
                Ok(None) => {}
                Ok(Some(stream)) => return Ok(stream),
                // A refusal of the last attempt does not cover earlier ones.
                Err(error) if self.tried.unsure => return Err(self.unsure(error)),
                Err(error) => return Err(error),
            }
        }
    }

    /// One attempt; `None` if another one can help.
    async fn step(&mut self) -> Result<Option<ReplyStream>> {
        let token = self.session.access_token();
        let failure = match self.attempt(&token).await {
            Ok(stream) => return Ok(Some(stream)),
            Err(failure) if failure.cause == Cause::BrowserCheck => failure.sized(self.sent.bytes),
            Err(failure) => failure,
        };
        let is_refused = !failure.is_out_of_time() && !failure.may_have_been_accepted();
        if is_refused && !self.tried.unsure {
            self.stopper.disarm();
        }
        self.react(failure, &token).await
    }

    /// Sends the prompt once.
    async fn attempt(&mut self, token: &AccessToken) -> Result<ReplyStream, Failure> {
        let parent = self.sent.parent.as_deref();
        let mut body = completion::request(&self.turn, &self.words, parent, &self.names);
        if self.follows_current() && self.is_own_upstream() {
            completion::expect_current(&mut body);
        }
        let chat_id = &self.turn.chat_id;
        let mut call = Call::post(&["v2", "chat", "completions"], body)
            .query("chat_id", chat_id.as_str())
            .about(chat_id);
        self.check_size(call.length())?;
        if self.tried.unsure {
            call = call.afresh();
        }
        self.stopper.arm(&self.sent);
        match self.session.open(&call, token, &self.tried.remedies).await? {
            ResponseBody::Stream(body) => ReplyStream::streaming(self.parts(), body).await,
            ResponseBody::Json(body) => ReplyStream::whole(self.parts(), &body),
        }
    }

    /// Refuses a request that is too large, and warns of a large one.
    fn check_size(&mut self, bytes: usize) -> Result<(), Failure> {
        self.sent.bytes = bytes;
        let Some(limits) = self.session.config().request_limits else { return Ok(()) };
        limits.check(self.sent.bytes)?;
        if let Some(warning) = limits.warning(self.sent.bytes)
            && !std::mem::replace(&mut self.tried.warned, true)
        {
            self.session.notify(Notice::Warning(warning));
        }
        Ok(())
    }

    /// What a stream needs to continue alone, including the stopper.
    fn parts(&mut self) -> Parts {
        let empty = Stopper::new(self.session.clone(), self.turn.chat_id.clone());
        Parts {
            session: self.session.clone(),
            stopper: std::mem::replace(&mut self.stopper, empty),
            sent: self.sent.clone(),
            turn: self.turn.clone(),
        }
    }

    /// Prepares another attempt, or finds the answer of an accepted prompt.
    async fn react(
        &mut self,
        failure: Failure,
        token: &AccessToken,
    ) -> Result<Option<ReplyStream>> {
        let timing = self.session.config().timing;
        if self.tried.unsure && failure.cause == Cause::InProgress {
            // Most likely busy with the prompt of the uncertain attempt.
            return self.look(failure).await;
        }
        let is_stale = failure.cause == Cause::StaleParent;
        let parent_limit = match (self.follows_current(), self.is_own_upstream()) {
            (true, true) => OWN_PARENT_LIMIT,
            (true, false) => 1,
            (false, _) => 0,
        };
        if self.session.is_rejected(token, &self.tried.remedies, &failure) {
            let remedies = &mut self.tried.remedies;
            let remedy = self.session.remedy(remedies, false, token, failure);
            let failure = Box::pin(remedy).await?;
            // The same token is sent in another form at once.
            if !self.tried.unsure && self.session.access_token() == *token {
                return Ok(None);
            }
            return self.read_again(failure, false).await;
        }
        let tried = &mut self.tried;
        let failure = match failure.cause {
            Cause::InProgress if tried.busy < BUSY_LIMIT => {
                tried.busy += 1;
                let delay = timing.in_progress.mul_f64(1.0 + fastrand::f64());
                self.session.notify(Notice::ChatBusy { delay });
                self.session.wait(failure, delay).await?
            }
            Cause::StaleParent if tried.parent < parent_limit => {
                tried.parent += 1;
                failure
            }
            Cause::Internal if !tried.internal => {
                tried.internal = true;
                self.wait_to_retry(failure, timing.recheck).await?
            }
            Cause::Throttled if tried.throttled < THROTTLE_LIMIT => {
                tried.throttled += 1;
                match failure.retry_delay(tried.throttled, timing.backoff) {
                    Some(delay) => self.wait_to_retry(failure, delay).await?,
                    None => return Err(failure.into_error()),
                }
            }
            Cause::Limited if !std::mem::replace(&mut tried.limited, true) => {
                self.wait_to_retry(failure, timing.in_progress).await?
            }
            Cause::Connect | Cause::ConnectTimeout => {
                tried.connects += 1;
                match failure.retry_delay(tried.connects, timing.backoff) {
                    Some(delay) => self.wait_to_retry(failure, delay).await?,
                    None => return Err(failure.into_error()),
                }
            }
            Cause::Cut | Cause::Gateway | Cause::Empty => return self.look(failure).await,
            _ => return Err(failure.into_error()),
        };
        self.read_again(failure, is_stale).await
    }

    /// Reads what another attempt after `failure` needs, or finds the answer of an accepted prompt.
    async fn read_again(
        &mut self,
        failure: Failure,
        is_stale: bool,
    ) -> Result<Option<ReplyStream>> {
        // The prompt of an uncertain attempt may appear late.
        if self.tried.unsure
            && let Some(stream) = self.find(failure, true).await?
        {
            return Ok(Some(stream));
        }
        // Otherwise the chat was just read, and nothing new follows the parent.
        if is_stale || !self.tried.unsure {
            self.read_chat().await?;
        }
        Ok(None)
    }

    /// Reads the chat after a short delay, to learn whether the prompt was accepted.
    async fn look(&mut self, failure: Failure) -> Result<Option<ReplyStream>> {
        let again = !std::mem::replace(&mut self.tried.unsure, true);
        self.stopper.arm(&self.sent);
        let delay = self.session.config().timing.recheck;
        self.session.notify(Notice::Retrying { reason: failure.reason(), delay });
        if self.session.patience().ends_within(delay) {
            return Err(failure.into_error());
        }
        sleep(delay).await;
        self.find(failure, again).await
    }

    /// The answer to a prompt that was accepted after all. If the chat shows nothing of the prompt, it is
    /// sent `again`, or the failure stands.
    async fn find(&mut self, failure: Failure, again: bool) -> Result<Option<ReplyStream>> {
        self.stopper.arm(&self.sent);
        let mut looks = if failure.cause == Cause::Empty { LOOKS_AFTER_DROP } else { 1 };
        loop {
            let Ok(chat) = self.session.chat(&self.turn.chat_id).await else {
                return Err(failure.into_error());
            };
            looks -= 1;
            match trace(&chat, &self.sent, None, None) {
                Trace::Nothing if looks > 0 => {
                    let delay = self.session.config().timing.recheck;
                    if self.session.patience().ends_within(delay) {
                        return Err(failure.into_error());
                    }
                    sleep(delay).await;
                }
                Trace::Nothing if again => return Ok(None),
                Trace::Nothing if failure.cause == Cause::Empty => {
                    self.tried.dropped = true;
                    let dropped = Failure { cause: Cause::Dropped, ..failure };
                    return Err(dropped.sized(self.sent.bytes).into_error());
                }
                Trace::Nothing | Trace::Unclear => return Err(failure.into_error()),
                Trace::Prompt | Trace::Reply(_) => {
                    return Ok(Some(ReplyStream::recovering(self.parts())));
                }
            }
        }
    }

    /// The error of a prompt with an unknown outcome. Its kind is not one that programs retry automatically.
    fn unsure(&mut self, error: Error) -> Error {
        self.stopper.disarm();
        if self.tried.dropped {
            return error.though_maybe_accepted();
        }
        let hint = format!(
            "the prompt may have been accepted all the same: look at `qwenctl chats show {}` before you send it again",
            self.turn.chat_id
        );
        let error = match error.kind() {
            ErrorKind::ChatInProgress | ErrorKind::RateLimited => {
                let message = format!(
                    "the answer to the first attempt was lost, and then {}",
                    error.message()
                );
                Error::new(ErrorKind::UpstreamUnreachable, message)
                    .with_request_id(error.request_id().map(str::to_owned))
                    .caused_by(error)
            }
            _ => error,
        };
        error.with_hint(hint).though_maybe_accepted()
    }

    async fn wait_to_retry(&self, failure: Failure, delay: std::time::Duration) -> Result<Failure> {
        self.session.notify(Notice::Retrying { reason: failure.reason(), delay });
        self.session.wait(failure, delay).await
    }
}
