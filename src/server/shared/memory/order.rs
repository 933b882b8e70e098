//! One prompt at a time per chat, first come first served.
//!
//! The upstream refuses a prompt while it answers another one in the same chat (protocol F34). Here
//! prompts wait in a queue instead, for a bounded time. A queue exists only while a prompt is in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::domain::{Error, ErrorKind, Result};
use crate::server::shared::{ChatKey, ChatOrder, Turn};

/// The queues before all chats.
#[derive(Default)]
pub(crate) struct MemoryQueues(Arc<Mutex<HashMap<ChatKey, Queue>>>);

/// The queue before a chat.
struct Queue {
    turn: Arc<Semaphore>,
    /// Prompts that wait or have the turn.
    members: usize,
}

impl ChatOrder for MemoryQueues {
    fn enter(&self, chat: ChatKey, patience: Duration) -> BoxFuture<'_, Result<Turn>> {
        let member = self.join(chat);
        async move {
            let turn = Arc::clone(&member.turn);
            match timeout(patience, turn.acquire_owned()).await {
                Ok(Ok(permit)) => Ok(Turn::new(Head { _permit: permit, _member: member })),
                _ => Err(still_busy(patience)),
            }
        }
        .boxed()
    }

    fn waiting(&self) -> BoxFuture<'_, Result<usize>> {
        let waiting = self.0.lock().values().map(|queue| queue.members.saturating_sub(1)).sum();
        async move { Ok(waiting) }.boxed()
    }
}

impl MemoryQueues {
    fn join(&self, key: ChatKey) -> Member {
        let mut queues = self.0.lock();
        let queue = queues
            .entry(key.clone())
            .or_insert_with(|| Queue { turn: Arc::new(Semaphore::new(1)), members: 0 });
        queue.members += 1;
        Member { turn: Arc::clone(&queue.turn), key, queues: Arc::clone(&self.0) }
    }

    #[cfg(test)]
    fn queues(&self) -> usize {
        self.0.lock().len()
    }
}

/// The head of a queue.
struct Head {
    // In this order: the turn passes on before the queue may be removed.
    _permit: OwnedSemaphorePermit,
    _member: Member,
}

/// A member of a queue.
struct Member {
    turn: Arc<Semaphore>,
    key: ChatKey,
    queues: Arc<Mutex<HashMap<ChatKey, Queue>>>,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut queues = self.queues.lock();
        if let Some(queue) = queues.get_mut(&self.key) {
            queue.members -= 1;
            if queue.members == 0 {
                queues.remove(&self.key);
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
    async fn prompts_proceed_in_order_of_arrival() {
        let queue = Arc::new(MemoryQueues::default());
        let first = queue.enter(key("c1"), LONG).await.expect("at once");
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for number in 0..20 {
            let (queue, order) = (Arc::clone(&queue), Arc::clone(&order));
            waiting.push(tokio::spawn(async move {
                let _turn = queue.enter(key("c1"), LONG).await.expect("a turn");
                order.lock().push(number);
            }));
            tokio::task::yield_now().await;
        }
        assert!(order.lock().is_empty());
        assert_eq!(queue.waiting().await.expect("a number"), 20);
        drop(first);
        for task in waiting {
            task.await.expect("no panic");
        }
        assert_eq!(*order.lock(), (0..20).collect::<Vec<_>>());
        assert_eq!(queue.queues(), 0);
    }

    #[tokio::test]
    async fn a_wait_is_bounded_and_leaves_no_queue() {
        let queue = MemoryQueues::default();
        let turn = queue.enter(key("c1"), LONG).await.expect("at once");
        let error = queue.enter(key("c1"), Duration::ZERO).await.err().expect("no turn");
        assert_eq!(error.kind(), ErrorKind::ChatInProgress);
        assert!(error.retry_after().is_some());
        assert_eq!(queue.queues(), 1);
        assert_eq!(queue.waiting().await.expect("a number"), 0);
        drop(turn);
        assert_eq!(queue.queues(), 0);
    }

    #[tokio::test]
    async fn chats_and_accounts_do_not_wait_for_each_other() {
        let queue = MemoryQueues::default();
        let _one = queue.enter(key("c1"), LONG).await.expect("at once");
        let _two = queue.enter(key("d1"), Duration::ZERO).await.expect("at once");
        let other = ChatKey { account: "b".to_owned(), ..key("c1") };
        let _three = queue.enter(other, Duration::ZERO).await.expect("at once");
    }

    #[tokio::test]
    async fn a_prompt_that_leaves_the_queue_does_not_block_it() {
        let queue = MemoryQueues::default();
        let first = queue.enter(key("c1"), LONG).await.expect("at once");
        {
            let left = queue.enter(key("c1"), LONG);
            assert!(futures_util::FutureExt::now_or_never(left).is_none());
        }
        drop(first);
        let _next = queue.enter(key("c1"), Duration::ZERO).await.expect("at once");
    }
}
