//! Runs one generation: sends the engine's steps to the client at the right pace, stores the answer
//! as it grows and renews the lease of the chat. It continues without its client (protocol 7.13)
//! until it is done or stopped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};

use super::body::Chunk;
use super::{Cut, Ending, Plan, Resume};
use crate::engine::{Answer, Refusal, Step};
use crate::local::clock;
use crate::local::store::Store;
use crate::local::store::turns::{self, Begun};
use crate::local::stream::writer::{Emission, Writer};

/// How often a running answer is stored.
const SAVE_EVERY: Duration = Duration::from_millis(300);
/// How often the lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How long a reader may leave our queue full before we treat it as gone.
const STALLED: Duration = Duration::from_secs(30);
/// How long a stop call waits for the runner to store its answer.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// How many bytes are kept for a resume call.
const MAX_KEPT: usize = 4 << 20;
/// How many resume calls may wait for one generation.
const MAX_READERS: usize = 4;

/// The generations that run in this process, by response id.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<String, Handle>>);

#[derive(Debug, Clone)]
struct Handle {
    chat_id: String,
    cancel: watch::Sender<bool>,
    /// Closes when the generation has stored its answer.
    over: watch::Receiver<()>,
    resume: Resume,
    readers: mpsc::Sender<mpsc::Sender<Chunk>>,
}

impl Running {
    /// Stops a chat's generation (any, or only the given one) and waits until its answer is stored.
    /// Returns whether it was running here.
    pub(crate) async fn stop(&self, chat_id: &str, response_id: Option<&str>) -> bool {
        let handle = {
            let running = self.lock();
            let mut found = running.iter();
            found
                .find(|(id, handle)| {
                    handle.chat_id == chat_id && response_id.is_none_or(|wanted| wanted == *id)
                })
                .map(|(_, handle)| handle.clone())
        };
        match handle {
            Some(handle) => handle.stop().await,
            None => false,
        }
    }

    /// Attaches `out` to the generation of this answer; `None` if it does not run here, or takes no
    /// further reader.
    pub(crate) fn resume(
        &self,
        chat_id: &str,
        response_id: &str,
        out: mpsc::Sender<Chunk>,
    ) -> Option<Resume> {
        let running = self.lock();
        let handle = running.get(response_id).filter(|handle| handle.chat_id == chat_id)?;
        if matches!(handle.resume, Resume::Rest | Resume::Whole) {
            handle.readers.try_send(out).ok()?;
        }
        Some(handle.resume)
    }

    /// Stops everything.
    pub(crate) async fn stop_all(&self) {
        let handles: Vec<_> = self.lock().values().cloned().collect();
        for handle in handles {
            handle.stop().await;
        }
    }

    /// How many are running.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Handle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handle {
    async fn stop(mut self) -> bool {
        if self.cancel.send(true).is_err() {
            return false;
        }
        // An error means that the runner has dropped its end, as expected.
        let _ = timeout(STOP_PATIENCE, self.over.changed()).await;
        true
    }
}

/// All that a generation needs.
pub(crate) struct Generation {
    pub store: Store,
    pub running: Arc<Running>,
    pub begun: Begun,
    pub writer: Writer,
    /// The engine's work on the question.
    pub opening: BoxFuture<'static, Result<Answer, Refusal>>,
    pub plan: Plan,
    /// The unit of the engine's silences.
    pub pace: Duration,
    /// The pause between two deltas.
    pub delta_pause: Duration,
    /// The destination of the events; `None` without a reader (`stream: false`).
    pub out: Option<mpsc::Sender<Chunk>>,
    /// The title for a chat that has none yet, and its delay.
    pub title: (String, Duration),
    /// The readers that a resume call brings.
    pub readers: Readers,
}

/// The readers that resume calls attach to a generation, and what they have missed.
#[derive(Debug)]
pub(crate) struct Readers {
    sender: mpsc::Sender<mpsc::Sender<Chunk>>,
    receiver: mpsc::Receiver<mpsc::Sender<Chunk>>,
    /// Events for the next reader.
    kept: Vec<String>,
    bytes: usize,
    /// Whether an event did not fit. Later ones are not kept either: the next reader gets a beginning.
    is_full: bool,
}

impl Default for Readers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(MAX_READERS);
        Self { sender, receiver, kept: Vec::new(), bytes: 0, is_full: false }
    }
}

impl Readers {
    fn keep(&mut self, event: &str) {
        self.is_full |= self.bytes + event.len() > MAX_KEPT;
        if !self.is_full {
            self.bytes += event.len();
            self.kept.push(event.to_owned());
        }
    }
}

/// A generation that has started.
pub(crate) struct Started {
    /// Whether the engine has begun to answer. Dropping it before that stops the generation.
    pub opened: oneshot::Receiver<Result<(), Refusal>>,
    /// The end of it.
    pub whole: tokio::task::JoinHandle<Outcome>,
}

/// The result of a generation.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The text of the answer.
    pub text: String,
    /// Why it failed; null if it did not.
    pub error: Value,
}

/// How the steps came to an end.
enum Played {
    Out,
    Failed,
}

impl Generation {
    /// Runs in the background.
    pub(crate) fn spawn(self) -> Started {
        let (cancel, cancelled) = watch::channel(false);
        let (over_sender, over) = watch::channel(());
        let (opened, when_opened) = oneshot::channel();
        let handle = Handle {
            chat_id: self.begun.chat_id.clone(),
            cancel: cancel.clone(),
            over,
            resume: self.plan.resume,
            readers: self.readers.sender.clone(),
        };
        self.running.lock().insert(self.begun.response_id.clone(), handle);
        let lease = Lease::keep(&self, cancel);
        let whole = tokio::spawn(self.run(cancelled, lease, over_sender, opened));
        Started { opened: when_opened, whole }
    }

    async fn run(
        mut self,
        mut cancelled: watch::Receiver<bool>,
        lease: Lease,
        over: watch::Sender<()>,
        mut opened: oneshot::Sender<Result<(), Refusal>>,
    ) -> Outcome {
        let opening = std::mem::replace(&mut self.opening, Box::pin(std::future::pending()));
        let answer = tokio::select! {
            answer = opening => Some(answer),
            _ = cancelled.wait_for(|cancelled| *cancelled) => None,
            () = opened.closed() => None,
        };
        let played = match answer {
            Some(Err(refusal)) => {
                self.take_back().await;
                self.running.lock().remove(&self.begun.response_id);
                drop((lease, over));
                let _ = opened.send(Err(refusal));
                return Outcome::default();
            }
            Some(Ok(answer)) => {
                let _ = opened.send(Ok(()));
                tokio::select! {
                    played = self.play(answer) => Some(played),
                    _ = cancelled.wait_for(|cancelled| *cancelled) => None,
                }
            }
            None => {
                let _ = opened.send(Ok(()));
                self.send(self.writer.created()).await;
                None
            }
        };
        let ending = std::mem::take(&mut self.plan.ending);
        let stopped = played.is_none() || ending == Ending::Stopped;
        // The answer is stored before the client learns of the end, so that its next request finds the
        // chat free.
        let last = if stopped {
            vec![self.writer.stopped()]
        } else {
            self.last_events(&ending, played.as_ref())
        };
        self.finish(stopped).await;
        self.running.lock().remove(&self.begun.response_id);
        drop((lease, over));
        for bytes in last {
            self.send(bytes).await;
        }
        if let (Ending::TerminalThenSilence(silence), Some(out)) = (&ending, &self.out) {
            let out = out.clone();
            tokio::select! { () = sleep(*silence) => {} () = out.closed() => {} }
        }
        Outcome { text: self.writer.text(), error: self.writer.error().clone() }
    }

    fn last_events(&mut self, ending: &Ending, played: Option<&Played>) -> Vec<String> {
        if matches!(played, Some(Played::Failed)) {
            return Vec::new();
        }
        match ending {
            Ending::Bare | Ending::Stopped | Ending::Cut { .. } => Vec::new(),
            Ending::Terminal | Ending::TerminalThenSilence(_) => self.writer.terminal(),
            Ending::TerminalAnd(more) => {
                let mut events = self.writer.terminal();
                events.push((*more).to_owned());
                events
            }
        }
    }

    async fn play(&mut self, answer: Answer) -> Played {
        self.send(self.writer.created()).await;
        let before = std::mem::take(&mut self.plan.before);
        let answer = match self.plan.instead.take() {
            Some(steps) => stream::iter(steps).boxed(),
            None => answer,
        };
        let mut steps = stream::iter(before).chain(answer);
        let mut texts = 0_usize;
        let mut saved = Instant::now();
        self.cut_if_due(texts).await;
        while let Some(step) = steps.next().await {
            let text = matches!(step, Step::Text(_));
            self.perform(step).await;
            if self.writer.failed() {
                return Played::Failed;
            }
            if text {
                texts += 1;
                if texts == 1 {
                    for step in std::mem::take(&mut self.plan.amid) {
                        self.perform(step).await;
                    }
                    if self.writer.failed() {
                        return Played::Failed;
                    }
                }
                self.cut_if_due(texts).await;
            }
            if saved.elapsed() >= SAVE_EVERY {
                self.save().await;
                saved = Instant::now();
            }
        }
        Played::Out
    }

    async fn perform(&mut self, step: Step) {
        let paced = matches!(step, Step::Text(_) | Step::Think(_) | Step::Summary { .. });
        for emission in self.writer.write(step) {
            match emission {
                Emission::Bytes(bytes) => self.send(bytes).await,
                Emission::Pause(times) => self.pause(self.pace.saturating_mul(times)).await,
                Emission::Silence(millis) => self.pause(Duration::from_millis(millis)).await,
            }
        }
        if paced {
            self.pause(self.delta_pause).await;
        }
    }

    async fn pause(&mut self, length: Duration) {
        if length.is_zero() {
            tokio::task::yield_now().await;
        } else {
            sleep(length).await;
        }
    }

    /// Cuts the client off where the plan says so. The rest of the answer follows later, at once.
    async fn cut_if_due(&mut self, texts: usize) {
        let Ending::Cut { deltas, how, recovered } = self.plan.ending else { return };
        if deltas != texts {
            return;
        }
        self.save().await;
        if let Some(out) = self.out.take() {
            let _ = out.send(Chunk::Cut(how)).await;
        }
        // For a reader that resumes the stream.
        self.plan.ending = Ending::Terminal;
        let recovered = sleep(recovered);
        tokio::pin!(recovered);
        loop {
            tokio::select! {
                () = &mut recovered => break,
                Some(out) = self.readers.receiver.recv() => self.attach(out).await,
            }
        }
        self.pace = Duration::ZERO;
        self.delta_pause = Duration::ZERO;
    }

    async fn send(&mut self, bytes: String) {
        while let Ok(out) = self.readers.receiver.try_recv() {
            self.attach(out).await;
        }
        let sends_all = self.plan.resume == Resume::Whole;
        if let Some(out) = &self.out
            && let Ok(Ok(room)) = timeout(STALLED, out.reserve()).await
        {
            if sends_all {
                self.readers.keep(&bytes);
            }
            room.send(Chunk::Bytes(bytes));
        } else {
            self.out = None;
            self.readers.keep(&bytes);
        }
    }

    /// Sends to a new reader what it has missed, and from now on the rest.
    async fn attach(&mut self, out: mpsc::Sender<Chunk>) {
        let sends_all = self.plan.resume == Resume::Whole;
        let kept = std::mem::take(&mut self.readers.kept);
        let first = (!sends_all).then(|| self.writer.created());
        for event in first.iter().chain(&kept) {
            let sent = timeout(STALLED, out.send(Chunk::Bytes(event.clone()))).await;
            if !matches!(sent, Ok(Ok(()))) {
                self.readers.kept = kept;
                return;
            }
        }
        if sends_all {
            self.readers.kept = kept;
        } else {
            self.readers.bytes = 0;
        }
        self.out = Some(out);
    }

    async fn save(&mut self) {
        let progress = self.writer.progress(false, false);
        // A failing disk shows up in the next request; the stream continues.
        let _ = self.store.call(move |connection| turns::save(connection, &progress)).await;
    }

    async fn take_back(&mut self) {
        let begun = self.begun.clone();
        let take_back =
            move |connection: &rusqlite::Connection| turns::take_back(connection, &begun);
        let _ = self.store.call(take_back).await;
    }

    async fn finish(&mut self, stopped: bool) {
        let mut progress = self.writer.progress(true, stopped);
        let (title, delay) = &self.title;
        progress.title = Some((title.clone(), clock::millis() + clock::as_millis(*delay)));
        let _ = self.store.call(move |connection| turns::save(connection, &progress)).await;
    }
}

/// Renews the lease of the chat. Cancels the generation if the lease is lost.
struct Lease(tokio::task::AbortHandle);

impl Lease {
    fn keep(generation: &Generation, cancel: watch::Sender<bool>) -> Self {
        let store = generation.store.clone();
        let Begun { chat_id: chat, response_id: response, .. } = generation.begun.clone();
        let task = tokio::spawn(async move {
            loop {
                sleep(RENEW_EVERY).await;
                let (chat, response) = (chat.clone(), response.clone());
                let renewed =
                    store.call(move |connection| turns::renew(connection, &chat, &response)).await;
                if matches!(renewed, Ok(false)) {
                    let _ = cancel.send(true);
                    return;
                }
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Cut {
    /// The cut with this name in a fault's argument.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "eof" => Some(Self::EndOfBody),
            "fin" => Some(Self::Close),
            "rst" => Some(Self::Reset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_for_the_next_reader_have_no_gap() {
        let mut readers = Readers::default();
        for length in [10, MAX_KEPT, 10] {
            readers.keep(&"x".repeat(length));
        }
        assert_eq!(readers.kept.len(), 1);
    }
}
