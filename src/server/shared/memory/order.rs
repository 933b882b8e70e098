//! One prompt at a time per chat, first come first served.
//!
//! The upstream refuses a prompt while it answers another one in the same chat (protocol F34). Here
//! callers stand in line instead, for a bounded time. A line exists only while somebody stands in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::lock;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::shared::{ChatKey, ChatOrder, Turn};

/// The lines before all chats.
#[derive(Default)]
pub(crate) struct Lines(Arc<Mutex<HashMap<ChatKey, Line>>>);

/// The line before a chat: who may go on, and how many stand in it or have gone on.
struct Line {
    turn: Arc<Semaphore>,
    people: usize,
}

impl ChatOrder for Lines {
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>> {
        let place = self.stand(chat);
        async move {
            let turn = Arc::clone(&place.turn);
            match timeout(patience, turn.acquire_owned()).await {
                Ok(Ok(permit)) => Ok(Turn::new(First { _permit: permit, _place: place })),
                _ => Err(still_busy(patience)),
            }
        }
        .boxed()
    }

    fn waiting(&self) -> BoxFuture<'_, Result<usize>> {
        let waiting = lock(&self.0).values().map(|line| line.people.saturating_sub(1)).sum();
        async move { Ok(waiting) }.boxed()
    }
}

impl Lines {
    fn stand(&self, key: ChatKey) -> Place {
        let mut lines = lock(&self.0);
        let line = lines
            .entry(key.clone())
            .or_insert_with(|| Line { turn: Arc::new(Semaphore::new(1)), people: 0 });
        line.people += 1;
        Place { turn: Arc::clone(&line.turn), key, lines: Arc::clone(&self.0) }
    }

    #[cfg(test)]
    fn lines(&self) -> usize {
        lock(&self.0).len()
    }
}

/// Who is first in line.
struct First {
    // In this order: the next one's turn comes before the line may be taken away.
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// Somebody in a line.
struct Place {
    turn: Arc<Semaphore>,
    key: ChatKey,
    lines: Arc<Mutex<HashMap<ChatKey, Line>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        if let Some(line) = lines.get_mut(&self.key) {
            line.people -= 1;
            if line.people == 0 {
                lines.remove(&self.key);
            }
        }
    }
}

fn still_busy(waited: Duration) -> Error {
    let message = format!(
        "the chat is still answering earlier prompts, after a wait of {} s",
        waited.as_secs_f64()
    );
    Error::new(ErrorKind::ChatInProgress, message)
        .with_hint("send the prompt again later, or to another chat")
        .with_retry_after(Some(Duration::from_secs(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    fn key(chat: &str) -> ChatKey {
        ChatKey { account: "a".to_owned(), chat: chat.parse().expect("an id") }
    }

    #[tokio::test]
    async fn callers_go_on_in_the_order_in_which_they_came() {
        let queue = Arc::new(Lines::default());
        let first = queue.enter(key("c1"), LONG).await.expect("at once");
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 0..20 {
            let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let _turn = queue.enter(key("c1"), LONG).await.expect("a turn");
                lock(&order).push(number);
            }));
            tokio::task::yield_now().await;
        }
        assert!(lock(&order).is_empty());
        assert_eq!(queue.waiting().await.expect("a number"), 20);
        drop(first);
        for task in waiting {
            task.await.expect("no panic");
        }
        assert_eq!(*lock(&order), (0..20).collect::<Vec<_>>());
        assert_eq!(queue.lines(), 0);
    }

    #[tokio::test]
    async fn a_wait_is_bounded_and_leaves_nothing_behind() {
        let queue = Lines::default();
        let turn = queue.enter(key("c1"), LONG).await.expect("at once");
        let error = queue.enter(key("c1"), Duration::ZERO).await.err().expect("no turn");
        assert_eq!(error.kind(), ErrorKind::ChatInProgress);
        assert!(error.retry_after().is_some());
        assert_eq!(queue.lines(), 1);
        assert_eq!(queue.waiting().await.expect("a number"), 0);
        drop(turn);
        assert_eq!(queue.lines(), 0);
    }

    #[tokio::test]
    async fn chats_and_accounts_do_not_wait_for_each_other() {
        let queue = Lines::default();
        let _one = queue.enter(key("c1"), LONG).await.expect("at once");
        let _two = queue.enter(key("d1"), Duration::ZERO).await.expect("at once");
        let other = ChatKey { account: "b".to_owned(), ..key("c1") };
        let _three = queue.enter(other, Duration::ZERO).await.expect("at once");
    }

    #[tokio::test]
    async fn who_leaves_the_line_does_not_hold_it_up() {
        let queue = Lines::default();
        let first = queue.enter(key("c1"), LONG).await.expect("at once");
        {
            let left = queue.enter(key("c1"), LONG);
            assert!(futures_util::FutureExt::now_or_never(left).is_none());
        }
        drop(first);
        let _next = queue.enter(key("c1"), Duration::ZERO).await.expect("at once");
    }
}
