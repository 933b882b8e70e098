//! Chats that were read a moment ago, for the requests of their next parts.
//!
//! What this module keeps true: a chat is found only with the access token that it was read with; few chats
//! are kept, and for a short time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::app::Session;
use crate::domain::{AccessToken, Chat};

/// The most chats.
const MOST: usize = 4;
/// How long a chat is kept after it was read.
const TIME: Duration = Duration::from_mins(2);
/// A longer chat is read again for each part, in bytes of its texts.
const LONGEST: usize = 8 << 20;

/// The chats, the last one at the end.
#[derive(Default)]
pub(crate) struct KeptChats(Mutex<Vec<Kept>>);

struct Kept {
    token: AccessToken,
    at: Instant,
    chat: Arc<Chat>,
}

impl KeptChats {
    /// Keeps a chat that was read with the token of `session`.
    pub(super) fn put(&self, session: &Session, chat: &Arc<Chat>) {
        let length = chat.messages.iter().map(|message| {
            message.content.len() + message.thinking.as_ref().map_or(0, String::len)
        });
        if length.sum::<usize>() > LONGEST {
            return;
        }
        let mut all = self.0.lock();
        all.retain(|kept| kept.at.elapsed() < TIME && kept.chat.id != chat.id);
        if all.len() == MOST {
            all.remove(0);
        }
        let (token, chat) = (session.access_token(), Arc::clone(chat));
        all.push(Kept { token, at: Instant::now(), chat });
    }

    /// The chat of `session` whose id begins with `id`.
    pub(super) fn get(&self, session: &Session, id: &str) -> Option<Arc<Chat>> {
        let token = session.access_token();
        let mut all = self.0.lock();
        all.retain(|kept| kept.at.elapsed() < TIME);
        let found = |kept: &&Kept| kept.token == token && kept.chat.id.as_str().starts_with(id);
        all.iter().find(found).map(|kept| Arc::clone(&kept.chat))
    }
}
