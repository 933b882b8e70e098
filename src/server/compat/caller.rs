//! Who waits for an answer: for all of it, or for its pieces.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use warp::reply::Response;

use crate::domain::{ChatId, Error};
use crate::server::http::response::Outcome;
use crate::server::log::Ending;
use crate::server::stream::{AHEAD, Told, of_events};

/// Who waits. Once they are known to have gone away, nothing more is told.
pub(crate) struct Caller {
    way: Way,
    /// What the answer's head says besides.
    headers: HeaderMap,
    ending: Ending,
    told: Told,
    /// How long they may take no piece at all before they count as gone.
    patience: Duration,
}

enum Way {
    /// They wait for the head of the answer, and all of it unless it is streamed.
    Waiting(Option<oneshot::Sender<Outcome>>),
    /// They read pieces.
    Reading(mpsc::Sender<Bytes>),
}

/// The caller has gone away.
pub(crate) struct Gone;

impl Caller {
    /// Somebody who waits at the other end of `tell`; `ignored` is what they are warned of.
    pub(crate) fn new(
        tell: oneshot::Sender<Outcome>,
        ignored: &[String],
        patience: Duration,
    ) -> Self {
        let mut headers = HeaderMap::new();
        if !ignored.is_empty()
            && let Ok(warning) = HeaderValue::from_str(&format!("ignored: {}", ignored.join(", ")))
        {
            headers.insert("x-qwenctl-warning", warning);
        }
        Self {
            way: Way::Waiting(Some(tell)),
            headers,
            ending: Ending::default(),
            told: Told::default(),
            patience,
        }
    }

    /// The head of the answer names this chat.
    pub(crate) fn name_chat(&mut self, id: &ChatId) {
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            self.headers.insert("x-qwen-chat-id", id);
        }
    }

    /// From now on they read pieces.
    pub(crate) fn begin(&mut self) {
        let (sender, receiver) = mpsc::channel(AHEAD);
        self.answer(Ok(of_events(receiver, self.told.clone(), self.ending.clone())));
        self.way = Way::Reading(sender);
    }

    /// They have been told all there is.
    pub(crate) fn has_all(&self) {
        self.told.set();
    }

    /// Whether they read pieces.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.way, Way::Reading(_))
    }

    /// Gives all of the answer, or its head.
    pub(crate) fn answer(&mut self, mut outcome: Outcome) {
        if let Ok(response) = &mut outcome {
            self.adorn(response);
        }
        if let Way::Waiting(tell) = &mut self.way
            && let Some(tell) = tell.take()
        {
            // Who has gone away needs not be told.
            let _ = tell.send(outcome);
        }
    }

    fn adorn(&self, response: &mut Response) {
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
    }

    /// Records in the log that the answer failed with `error`.
    pub(crate) fn note_ending(&self, error: &Error) {
        self.ending.fail(error);
    }

    /// Sends what `write` writes to somebody who reads pieces; to others nothing.
    ///
    /// # Errors
    /// If they have gone away, or take nothing for a long time.
    pub(crate) async fn send(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Gone> {
        let Way::Reading(sender) = &self.way else { return Ok(()) };
        let mut out = Vec::with_capacity(256);
        write(&mut out);
        if out.is_empty() {
            return Ok(());
        }
        sender.send_timeout(out.into(), self.patience).await.map_err(|_| Gone)
    }

    /// Waits until they have gone away.
    pub(crate) async fn gone(&mut self) {
        match &mut self.way {
            Way::Waiting(Some(tell)) => tell.closed().await,
            Way::Waiting(None) => {}
            Way::Reading(sender) => sender.closed().await,
        }
    }

    /// Does `work`, unless they go away meanwhile.
    ///
    /// # Errors
    /// If they do.
    pub(crate) async fn unless_gone<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, Gone> {
        tokio::select! {
            biased;
            () = self.gone() => Err(Gone),
            done = work => Ok(done),
        }
    }
}
