//! Chats and messages as the upstream stores them (protocol 5).

use std::borrow::Cow;

use serde::Deserialize;

use super::lax::{Entries, Flag, Int, List, Object, Owned, Text};
use crate::client::stream::{Document, number, render_steps};
use crate::domain::{Chat, ChatId, ChatSummary, Citation, Message, MessageState, Role};

/// A row of a list (protocol 5.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    id: Owned,
    title: Owned,
    created_at: Int,
    updated_at: Int,
    pinned: Flag,
    chat_type: Owned,
    project_id: Owned,
}

impl Row {
    /// The row, if its id can be used.
    pub fn summary(self) -> Option<ChatSummary> {
        Some(ChatSummary {
            id: self.id.non_empty()?.parse().ok()?,
            title: self.title.non_empty(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            pinned: self.pinned.0 == Some(true),
            chat_type: self.chat_type.non_empty(),
            project_id: self.project_id.non_empty(),
        })
    }
}

/// `data` of a new chat (protocol 5.4).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Created {
    /// Its id.
    pub id: Owned,
}

/// `data` of a chat (protocol 5.5).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Detail<'a> {
    id: Owned,
    title: Owned,
    #[serde(borrow)]
    chat: Object<Inner<'a>>,
    created_at: Int,
    updated_at: Int,
    pinned: Flag,
    #[serde(rename = "currentId")]
    current_id: Owned,
    #[serde(rename = "currentResponseIds")]
    current_response_ids: List<Owned>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inner<'a> {
    #[serde(borrow)]
    history: Object<History<'a>>,
    models: List<Owned>,
    #[serde(borrow)]
    messages: List<Object<WireMessage<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct History<'a> {
    #[serde(borrow)]
    messages: Entries<Object<WireMessage<'a>>>,
    #[serde(rename = "currentId")]
    current_id: Owned,
    #[serde(rename = "currentResponseIds")]
    current_response_ids: List<Owned>,
    pagination: Object<Pagination>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    has_more_older: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMessage<'a> {
    id: Owned,
    #[serde(rename = "parentId", alias = "parent_id")]
    parent_id: Owned,
    #[serde(borrow)]
    role: Text<'a>,
    #[serde(borrow)]
    content: Text<'a>,
    #[serde(borrow)]
    reasoning_content: Text<'a>,
    #[serde(borrow)]
    content_list: List<Object<Part<'a>>>,
    model: Owned,
    timestamp: Int,
    done: Flag,
    is_stop: Flag,
    #[serde(borrow)]
    error: super::envelope::Fault<'a>,
    info: Object<SearchInfo>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow)]
    content: Text<'a>,
    #[serde(borrow)]
    phase: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    extra: Object<PartExtra<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PartExtra<'a> {
    #[serde(borrow)]
    summary_title: Object<Snapshot<'a>>,
    #[serde(borrow)]
    summary_thought: Object<Snapshot<'a>>,
    web_search_info: List<Object<Document>>,
    tool_result: Object<SearchResult>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Snapshot<'a> {
    #[serde(borrow)]
    content: List<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchResult {
    used_id: Int,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchInfo {
    web_search_info: List<Object<Document>>,
}

impl Detail<'_> {
    /// The chat; `asked` is the id that it was asked for by.
    pub fn chat(self, asked: &ChatId) -> Chat {
        let inner = self.chat.0.unwrap_or_default();
        let history = inner.history.0.unwrap_or_default();
        let mut messages: Vec<Message> = history
            .messages
            .0
            .into_iter()
            .filter_map(|(key, message)| message.0?.message(Some(key)))
            .collect();
        if messages.is_empty() {
            messages = inner
                .messages
                .0
                .into_iter()
                .filter_map(|message| message.0?.message(None))
                .collect();
        }
        let replies = [history.current_response_ids, self.current_response_ids];
        Chat {
            id: self.id.non_empty().and_then(|id| id.parse().ok()).unwrap_or_else(|| asked.clone()),
            title: self.title.non_empty(),
            model: inner.models.0.into_iter().rev().find_map(Owned::non_empty),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            pinned: self.pinned.0 == Some(true),
            current_id: history.current_id.non_empty().or(self.current_id.non_empty()),
            current_reply_ids: replies
                .into_iter()
                .map(|ids| ids.0.into_iter().filter_map(Owned::non_empty).collect::<Vec<_>>())
                .find(|ids| !ids.is_empty())
                .unwrap_or_default(),
            messages,
            incomplete: history
                .pagination
                .0
                .is_some_and(|page| page.has_more_older.0 == Some(true)),
        }
    }
}

impl WireMessage<'_> {
    fn message(self, key: Option<String>) -> Option<Message> {
        let role = match self.role.non_empty()? {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            other => Role::Other(other.to_owned()),
        };
        let parts: Vec<Part<'_>> =
            self.content_list.0.into_iter().filter_map(|part| part.0).collect();
        let state = state(self.done, self.is_stop, self.error.0.is_some(), &parts);
        Some(Message {
            id: self.id.non_empty().or(key).filter(|id| !id.is_empty())?,
            parent_id: self.parent_id.non_empty(),
            role,
            content: content(&parts, self.content),
            thinking: thinking(&parts).or_else(|| self.reasoning_content.owned()),
            citations: citations(parts.iter(), self.info.0),
            images: images(&parts),
            model: self.model.non_empty(),
            timestamp: self.timestamp.0,
            state,
            error: self.error.0.map(|error| {
                let refusal = error.refusal();
                refusal.details.or(refusal.code).unwrap_or_else(|| "unknown".to_owned())
            }),
        })
    }
}

/// How far a message has come (protocol 5.5). A message without any sign is done: user messages and
/// old ones have none.
fn state(done: Flag, stopped: Flag, failed: bool, parts: &[Part<'_>]) -> MessageState {
    let any = |wanted: &[&str]| {
        parts
            .iter()
            .any(|part| part.status.non_empty().is_some_and(|status| wanted.contains(&status)))
    };
    if failed || any(&["error"]) {
        MessageState::Failed
    } else if stopped.0 == Some(true) {
        MessageState::Stopped
    } else if done.0 == Some(true)
        || (done.0.is_none() && !any(&["typing", "streaming", "running"]))
    {
        MessageState::Done
    } else {
        MessageState::InProgress
    }
}

/// Answer parts joined with a blank line; without any, the old member `content`.
fn content(parts: &[Part<'_>], fallback: Text<'_>) -> String {
    let answers: Vec<&str> = parts
        .iter()
        .filter(|part| {
            matches!(
                part.phase.non_empty(),
                None | Some("answer" | "ReportGeneration" | "deep_research_answer")
            )
        })
        .filter_map(|part| part.content.non_empty())
        .collect();
    if answers.is_empty() {
        fallback.0.map(Cow::into_owned).unwrap_or_default()
    } else {
        answers.join("\n\n")
    }
}

fn thinking(parts: &[Part<'_>]) -> Option<String> {
    let thoughts: Vec<String> = parts
        .iter()
        .filter(|part| {
            matches!(part.phase.non_empty(), Some("think" | "thinking" | "thinking_summary"))
        })
        .filter_map(|part| {
            let list = |snapshot: &Object<Snapshot<'_>>| -> Vec<String> {
                let items = snapshot.0.iter().flat_map(|snapshot| &snapshot.content.0);
                items.map(|item| item.0.as_deref().unwrap_or_default().to_owned()).collect()
            };
            let summary = part.extra.0.as_ref().map(|extra| {
                render_steps(&list(&extra.summary_title), &list(&extra.summary_thought))
            });
            summary.filter(|text| !text.is_empty()).or_else(|| part.content.owned())
        })
        .collect();
    (!thoughts.is_empty()).then(|| thoughts.join("\n\n"))
}

fn citations<'a>(
    parts: impl Iterator<Item = &'a Part<'a>>,
    info: Option<SearchInfo>,
) -> Vec<Citation> {
    let mut found: Vec<Citation> = Vec::new();
    for extra in parts.filter_map(|part| part.extra.0.as_ref()) {
        let used_id = extra.tool_result.0.as_ref().and_then(|result| result.used_id.unsigned());
        let new = number(extra.web_search_info.0.clone(), used_id, found.len());
        found.extend(new);
    }
    if found.is_empty() {
        found = number(info.map(|info| info.web_search_info.0).unwrap_or_default(), None, 0);
    }
    found
}

fn images(parts: &[Part<'_>]) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for part in
        parts.iter().filter(|part| part.phase.non_empty().is_some_and(|p| p.contains("image")))
    {
        let url = part.content.non_empty().filter(|url| url.starts_with("http"));
        images
            .extend(url.filter(|url| !images.iter().any(|known| known == url)).map(str::to_owned));
    }
    images
}
