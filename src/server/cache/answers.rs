//! Finished answers of models, for clients that ask the same soon after.
//!
//! Only a question whose place in the account's chats does not matter, or is given exactly, is looked
//! up here (see [`parts`]): the same words in a chat with newer messages are another question. An answer
//! from here is not a turn of the conversation: no chat gets a new message. An answer that is still being
//! written is not shared.

use std::time::Duration;

use super::{Cache, Found, key, time_left};
use crate::app::Session;
use crate::app::answer::{Question, Target};
use crate::domain::{Completeness, Reply, ReplyEvent, Result};
use crate::server::shared::EntryKey;

/// Where an answer is kept, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct AnswerKey {
    key: EntryKey,
    time: Duration,
}

impl Cache {
    /// Where the answer to `question` is kept; `None` if it is not.
    ///
    /// # Errors
    /// If the current generation of entries is unknown.
    pub(crate) async fn answer_key(
        &self,
        session: &Session,
        question: &Question,
    ) -> Result<Option<AnswerKey>> {
        let token = session.access_token();
        let wanted = self.options.answers.filter(|time| self.options.size > 0 && !time.is_zero());
        let time = wanted.and_then(|time| time_left(time, &token));
        let (Some(time), Some(parts)) = (time, parts(question)) else { return Ok(None) };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let generation = self.generation(&token).await?.answers;
        Ok(Some(AnswerKey { key: key("answer", &token, generation, &parts), time }))
    }

    /// The answer that is kept under `key`.
    pub(crate) async fn kept_answer(&self, key: AnswerKey) -> Option<Reply> {
        let kept = self.entries.get(key.key).await;
        let reply = kept.and_then(|body| serde_json::from_slice(&body).ok());
        let found = if reply.is_some() { Found::Hit } else { Found::Miss };
        self.metrics.cache_asked("answers", found.word());
        reply
    }

    /// Keeps `reply` unless a part of it is in doubt. Links to images expire soon.
    pub(crate) async fn keep_answer(&self, key: AnswerKey, reply: &Reply) {
        if reply.completeness == Completeness::Complete
            && reply.images.is_empty()
            && let Ok(body) = serde_json::to_vec(reply)
        {
            self.entries.put(key.key, body.into(), key.time).await;
        }
    }
}

/// What distinguishes one question from another; `None` if even the same one has to be asked again. A
/// prompt for a chat without a parent follows whatever message is the last by then.
fn parts(question: &Question) -> Option<Vec<String>> {
    let place = match (&question.target, &question.parent) {
        (Target::Recent, None) => "recent".to_owned(),
        (Target::New { ephemeral }, None) => format!("new {ephemeral}"),
        (Target::Chat(id), Some(parent)) => format!("chat {id} {parent}"),
        _ => return None,
    };
    let optional = |text: &Option<String>| text.as_ref().map_or("-".into(), |t| format!("+{t}"));
    Some(vec![
        place,
        optional(&question.model),
        optional(&question.system),
        format!("{} {}", question.thinking, question.search),
        question.message().to_owned(),
    ])
}

/// The events by which `reply` might have arrived.
pub(crate) fn replay(reply: &Reply) -> Vec<ReplyEvent> {
    let mut events = vec![ReplyEvent::Start {
        chat_id: reply.chat_id.clone(),
        message_id: reply.message_id.clone(),
        prompt_id: reply.prompt_id.clone(),
    }];
    events.extend(reply.thinking.clone().map(ReplyEvent::Thinking));
    if !reply.citations.is_empty() {
        let citations = reply.citations.clone();
        events.push(ReplyEvent::Search { queries: Vec::new(), citations });
    }
    events.push(ReplyEvent::Delta(reply.content.clone()));
    events
}
