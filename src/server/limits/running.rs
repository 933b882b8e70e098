//! The answers that run on this server, so that other requests can stop them.
//!
//! An answer is listed from before its prompt joins the queue until its stream is closed. A request that
//! stops an answer has to be of the same account, and accounts are identified by tokens that are not
//! verified here: see [`Running::stop`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::app::Session;
use crate::app::answer::stopped;
use crate::domain::Result;
use crate::server::shared::ChatKey;

/// How long a stop request waits for the end of the answer. The call to the upstream is shorter.
const LONGEST: Duration = Duration::from_secs(10);

type Entries = HashMap<ChatKey, Vec<Arc<Entry>>>;

/// All answers that run or wait in a queue, by chat.
#[derive(Default)]
pub(crate) struct Running(Arc<Mutex<Entries>>);

struct Entry {
    /// The account.
    session: Session,
    /// Cancelled when a request stops it.
    stop: CancellationToken,
    /// Cancelled when it has ended.
    ended: CancellationToken,
}

impl Running {
    /// Adds an answer on behalf of `session`.
    pub(crate) fn enter(&self, key: ChatKey, session: Session) -> Run {
        let (stop, ended) = (CancellationToken::new(), CancellationToken::new());
        let entry = Arc::new(Entry { session, stop, ended });
        self.0.lock().entry(key.clone()).or_default().push(Arc::clone(&entry));
        Run { entry, key, all: Arc::clone(&self.0) }
    }

    /// Stops all answers that run or wait in a chat on behalf of `caller`, and waits for their end;
    /// returns whether there were any.
    ///
    /// # Errors
    /// If the caller has another token than the one of the prompt, and cannot read the chat with it:
    /// anyone who knows the id of an account can put it into a self-made token.
    pub(crate) async fn stop(&self, key: &ChatKey, caller: &Session) -> Result<bool> {
        let entries = self.0.lock().get(key).cloned().unwrap_or_default();
        if entries.is_empty() {
            return Ok(false);
        }
        let token = caller.access_token();
        if entries.iter().any(|entry| entry.session.access_token() != token) {
            caller.chat(&key.chat).await?;
        }
        for entry in &entries {
            entry.stop.cancel();
        }
        let ends = entries.iter().map(|entry| entry.ended.cancelled());
        let _ = timeout(LONGEST, futures_util::future::join_all(ends)).await;
        Ok(true)
    }

    #[cfg(test)]
    fn chats(&self) -> usize {
        self.0.lock().len()
    }
}

/// An answer that runs, until this is dropped.
pub(crate) struct Run {
    entry: Arc<Entry>,
    key: ChatKey,
    all: Arc<Mutex<Entries>>,
}

impl Run {
    /// The chat.
    pub(crate) fn key(&self) -> &ChatKey {
        &self.key
    }

    /// Cancelled when a request stops the answer.
    pub(crate) fn stop_token(&self) -> CancellationToken {
        self.entry.stop.clone()
    }

    /// The result of `work`, unless a request stops the answer before; then `work` is dropped.
    ///
    /// # Errors
    /// Those of `work`, and [`stopped`].
    pub(crate) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            () = self.entry.stop.cancelled() => Err(stopped()),
            result = work => result,
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(entries) = all.get_mut(&self.key) {
            entries.retain(|entry| !Arc::ptr_eq(entry, &self.entry));
            if entries.is_empty() {
                all.remove(&self.key);
            }
        }
        drop(all);
        self.entry.ended.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::app::Client;
    use crate::domain::{AccessToken, ErrorKind, Tokens};

    /// A session that makes no request.
    #[allow(clippy::default_trait_access, reason = "the type is not for this layer to import")]
    fn session() -> Session {
        let client = Client::new(Default::default()).expect("a client");
        let access =
            AccessToken::parse("eyJhbGciOiJub25lIn0.eyJpZCI6ImEifQ.c2ln").expect("a token");
        client.session(Tokens { access, refresh: None }, None)
    }

    fn key(chat: &str) -> ChatKey {
        ChatKey { account: "a".to_owned(), chat: chat.parse().expect("an id") }
    }

    #[tokio::test]
    async fn stop_ends_all_answers_of_the_chat_and_no_others() {
        let (running, session) = (Running::default(), session());
        let other = running.enter(key("d1"), session.clone());
        let runs = [(); 2].map(|()| running.enter(key("c1"), session.clone()));
        let tasks = runs.map(|run| {
            tokio::spawn(async move { run.unless_stopped(pending::<Result<()>>()).await })
        });
        assert_eq!(running.stop(&key("c1"), &session).await.ok(), Some(true));
        for task in tasks {
            let error = task.await.expect("no panic").expect_err("stopped");
            assert_eq!(error.kind(), ErrorKind::Interrupted);
        }
        assert_eq!(running.chats(), 1);
        assert!(!other.stop_token().is_cancelled());
        drop(other);
        assert_eq!(running.chats(), 0);
    }

    #[tokio::test]
    async fn stop_reports_that_no_answer_runs() {
        let (running, session) = (Running::default(), session());
        drop(running.enter(key("c1"), session.clone()));
        let _foreign =
            running.enter(ChatKey { account: "b".to_owned(), ..key("c1") }, session.clone());
        assert_eq!(running.stop(&key("c1"), &session).await.ok(), Some(false));
    }
}
