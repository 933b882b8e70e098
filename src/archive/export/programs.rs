//! Chats in the formats of other programs.
//!
//! What this module keeps true: the formats that know branches get all of them, with their times and
//! thoughts; what a format has no place for stands in a member of our own, from which an import reads it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::turns;
use crate::archive::read::state_name;
use crate::archive::record::Record;
use crate::domain::{Chat, Message, MessageState, Role};

/// Marks what this program wrote. The name is the first one of its object.
const EXPORTER: &str = "qwenctl";

/// The followers of each message, in order.
fn followers(chat: &Chat) -> HashMap<&str, Vec<&str>> {
    let mut followers: HashMap<&str, Vec<&str>> = HashMap::new();
    for message in &chat.messages {
        if let Some(parent) = message.parent_id.as_deref() {
            followers.entry(parent).or_default().push(&message.id);
        }
    }
    followers
}

/// What another format has no place for; `None` if there is nothing.
fn rest(message: &Message) -> Option<Value> {
    let mut rest = Map::new();
    if message.state != MessageState::Done {
        rest.insert("state".to_owned(), state_name(message.state).into());
    }
    if let Some(error) = &message.error {
        rest.insert("error".to_owned(), json!({"code": error.code, "details": error.details}));
    }
    if !message.citations.is_empty() {
        rest.insert("citations".to_owned(), json!(message.citations));
    }
    if !message.images.is_empty() {
        rest.insert("images".to_owned(), json!(message.images));
    }
    (!rest.is_empty()).then(|| rest.into())
}

/// The chat as the site exports it: what the upstream sent, or the same shape.
///
/// # Errors
/// Does not fail for a record.
pub fn qwen(record: &Record) -> serde_json::Result<Vec<u8>> {
    match sent(record) {
        Some(detail) => Ok(detail),
        None => serde_json::to_vec(&detail(record)),
    }
}

/// A page of a chat as the upstream sends it, in its envelope or without.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    chat: Option<&'a RawValue>,
}

/// What the upstream sent for a chat, without envelopes. Older pages go into the first one.
fn sent(record: &Record) -> Option<Vec<u8>> {
    let is_detail = record.source.as_deref().is_none_or(|source| source == "qwen");
    let raw = record.raw.as_deref().filter(|_| is_detail)?;
    let mut details = Vec::new();
    for page in serde_json::Deserializer::from_slice(raw).into_iter::<&RawValue>() {
        let page = page.ok()?.get();
        let parts: Page<'_> = serde_json::from_str(page).ok()?;
        details.push(if parts.chat.is_some() { page } else { parts.data?.get() });
    }
    let (first, older) = details.split_first()?;
    if older.is_empty() {
        return Some(first.as_bytes().to_vec());
    }
    let mut whole: Value = serde_json::from_str(first).ok()?;
    let history = whole.pointer_mut("/chat/history")?.as_object_mut()?;
    history.remove("pagination");
    let messages = history.get_mut("messages")?.as_object_mut()?;
    for page in older {
        let page: Value = serde_json::from_str(page).ok()?;
        for (id, message) in page.pointer("/chat/history/messages")?.as_object()? {
            messages.entry(id.clone()).or_insert_with(|| message.clone());
        }
    }
    serde_json::to_vec(&whole).ok()
}

fn detail(record: &Record) -> Value {
    let chat = &record.chat;
    let followers = followers(chat);
    let models: Vec<&str> = chat.model.as_deref().into_iter().collect();
    let message = |message: &Message| {
        let error = message.error.as_ref();
        let mut stored = json!({
            "id": message.id,
            "role": message.role,
            "parentId": message.parent_id,
            "childrenIds": followers.get(message.id.as_str()).cloned().unwrap_or_default(),
            "timestamp": message.timestamp,
            "chat_type": "t2t",
            "files": [],
            "error": error.map(|error| json!({"code": error.code, "details": error.details})),
        });
        if message.role != Role::Assistant {
            stored["content"] = message.content.as_str().into();
            stored["models"] = json!(models);
            return stored;
        }
        let mut parts = Vec::new();
        let part = |phase: &str, content: &str, extra: Value| {
            json!({"phase": phase, "content": content, "status": "finished", "extra": extra,
                "role": "assistant", "timestamp": message.timestamp})
        };
        if let Some(thinking) = &message.thinking {
            parts.push(part("think", thinking, Value::Null));
        }
        if !message.citations.is_empty() {
            let found: Vec<_> = message
                .citations
                .iter()
                .map(|source| {
                    json!({"url": source.url, "title": source.title, "snippet": source.snippet,
                        "date": source.date})
                })
                .collect();
            parts.push(part("web_search", "", json!({"web_search_info": found})));
        }
        if !message.images.is_empty() {
            let images: Vec<_> =
                message.images.iter().map(|image| json!({"image": image})).collect();
            parts.push(part("image_gen", "", json!({"image_list": images})));
        }
        parts.push(part("answer", &message.content, Value::Null));
        stored["content"] = "".into();
        stored["content_list"] = parts.into();
        stored["model"] = json!(message.model);
        stored["modelName"] = json!(message.model);
        stored["done"] = (message.state != MessageState::InProgress).into();
        stored["is_stop"] = (message.state == MessageState::Stopped).into();
        if message.state == MessageState::Failed && error.is_none() {
            stored["status"] = "error".into();
        }
        stored
    };
    let messages: Vec<Value> = chat.messages.iter().map(message).collect();
    let by_id: Map<String, Value> = chat
        .messages
        .iter()
        .map(|message| message.id.clone())
        .zip(messages.iter().cloned())
        .collect();
    let replies: Vec<&str> = chat.current_id.as_deref().into_iter().collect();
    json!({
        "id": chat.id,
        "title": chat.title,
        "chat": {
            "history": {"messages": by_id, "currentId": chat.current_id, "currentResponseIds": replies},
            "models": models,
            "messages": messages,
        },
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
        "share_id": null,
        "archived": chat.archived,
        "pinned": chat.pinned,
        "meta": {"timestamp": chat.created_at.map(|at| at.saturating_mul(1000)), "tags": []},
        "folder_id": null,
        "currentId": chat.current_id,
        "currentResponseIds": replies,
        "chat_type": record.chat_type.as_deref().unwrap_or("t2t"),
        "models": null,
        "project_id": chat.project_id,
    })
}

/// The chat for Open `WebUI`.
pub fn openwebui(record: &Record) -> Value {
    let chat = &record.chat;
    let followers = followers(chat);
    let models: Vec<&str> = chat.model.as_deref().into_iter().collect();
    let message = |message: &Message| {
        let mut stored = json!({
            "id": message.id,
            "parentId": message.parent_id,
            "childrenIds": followers.get(message.id.as_str()).cloned().unwrap_or_default(),
            "role": message.role,
            "content": match &message.thinking {
                Some(thinking) => reasoning(thinking) + &message.content,
                None => message.content.clone(),
            },
        });
        if let Some(at) = message.timestamp {
            stored["timestamp"] = at.into();
        }
        if message.role == Role::Assistant {
            let model = message.model.as_deref().or(chat.model.as_deref()).unwrap_or_default();
            stored["model"] = model.into();
            stored["modelName"] = model.into();
            stored["modelIdx"] = 0.into();
            stored["done"] = true.into();
        } else {
            stored["models"] = json!(models);
        }
        if let Some(error) = &message.error {
            stored["error"] = json!({"content": error.to_string()});
        }
        if !message.images.is_empty() {
            let files = message.images.iter().map(|url| json!({"type": "image", "url": url}));
            stored["files"] = files.collect();
        }
        if !message.citations.is_empty() {
            let sources = message.citations.iter().map(|source| {
                json!({
                    "source": {"name": source.title, "url": source.url},
                    "document": [source.snippet.as_deref().unwrap_or_default()],
                    "metadata": [{"source": source.url, "name": source.title}],
                })
            });
            stored["sources"] = sources.collect();
        }
        if let Some(rest) = rest(message) {
            stored["qwenctl"] = rest;
        }
        stored
    };
    let messages: Map<String, Value> =
        chat.messages.iter().map(|said| (said.id.clone(), message(said))).collect();
    let branch: Vec<_> = chat.branch();
    let current = branch.last().map(|message| message.id.as_str());
    let created = chat.created_at.or_else(|| branch.iter().find_map(|message| message.timestamp));
    let branch: Vec<_> = branch.iter().filter_map(|said| messages.get(&said.id)).collect();
    let title = chat.title.as_deref().unwrap_or("Untitled");
    json!({
        "id": chat.id,
        "_exported_by": EXPORTER,
        "user_id": "",
        "title": title,
        "chat": {
            "id": chat.id,
            "title": title,
            "models": models,
            "params": {},
            "history": {"messages": messages, "currentId": current},
            "messages": branch,
            "tags": [],
            "timestamp": created.map(|at| at.saturating_mul(1000)),
            "files": [],
        },
        "created_at": created,
        "updated_at": chat.updated_at.or(created),
        "share_id": null,
        "archived": chat.archived,
        "pinned": chat.pinned,
        "meta": {"tags": []},
        "folder_id": null,
    })
}

/// Thoughts in the way of Open `WebUI`.
fn reasoning(thinking: &str) -> String {
    let quoted: Vec<String> =
        thinking.split('\n').map(|line| format!("> {}", escape(line))).collect();
    format!(
        "<details type=\"reasoning\" done=\"true\" duration=\"0\">\n<summary>Thought for 0 seconds\
         </summary>\n{}\n</details>\n",
        quoted.join("\n")
    )
}

/// A text that cannot end the block around it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The chat as `ChatGPT` exports it.
#[allow(clippy::cast_precision_loss, reason = "a time fits")]
pub fn chatgpt(record: &Record) -> Value {
    let chat = &record.chat;
    let followers = followers(chat);
    let time = |at: Option<i64>| at.map(|at| at as f64);
    let root = format!("{}-root", chat.id);
    let thoughts_of =
        |message: &Message| message.thinking.as_ref().map(|_| format!("{}-thoughts", message.id));
    // The node that stands for a message among the followers of another.
    let first: HashMap<&str, String> = chat
        .messages
        .iter()
        .map(|said| (said.id.as_str(), thoughts_of(said).unwrap_or_else(|| said.id.clone())))
        .collect();
    let children = |id: &str| -> Vec<&String> {
        followers.get(id).into_iter().flatten().filter_map(|child| first.get(child)).collect()
    };
    let mut mapping = Map::new();
    let mut begins = Vec::new();
    for message in &chat.messages {
        let parent = message.parent_id.as_deref().filter(|parent| first.contains_key(parent));
        if parent.is_none() {
            begins.push(first[message.id.as_str()].clone());
        }
        let mut above = parent.unwrap_or(&root).to_owned();
        let mut node =
            |id: &str, parent: &str, children: Value, content: Value, metadata: Value| {
                let status = match message.state {
                    MessageState::Done => "finished_successfully",
                    MessageState::InProgress => "in_progress",
                    MessageState::Stopped | MessageState::Failed => "finished_partial_completion",
                };
                let node = json!({
                    "id": id,
                    "parent": parent,
                    "children": children,
                    "message": {
                        "id": id,
                        "author": {"role": message.role, "name": null, "metadata": {}},
                        "create_time": time(message.timestamp),
                        "update_time": null,
                        "content": content,
                        "status": status,
                        "end_turn": (message.role == Role::Assistant).then_some(true),
                        "weight": 1.0,
                        "metadata": metadata,
                        "recipient": "all",
                        "channel": null,
                    },
                });
                mapping.insert(id.to_owned(), node);
            };
        let mut metadata = Map::new();
        if let Some(model) = &message.model {
            metadata.insert("model_slug".to_owned(), model.as_str().into());
        }
        if let (Some(id), Some(thinking)) = (thoughts_of(message), &message.thinking) {
            let thoughts = json!({
                "content_type": "thoughts",
                "thoughts": [{"summary": "", "content": thinking}],
                "source_analysis_msg_id": message.id,
            });
            node(&id, &above, json!([message.id]), thoughts, metadata.clone().into());
            above = id;
        }
        if let Some(rest) = rest(message) {
            metadata.insert("qwenctl".to_owned(), rest);
        }
        let content = json!({"content_type": "text", "parts": [message.content]});
        node(&message.id, &above, json!(children(&message.id)), content, metadata.into());
    }
    mapping.insert(
        root.clone(),
        json!({"id": root, "message": null, "parent": null, "children": begins}),
    );
    let current = chat.branch().last().map_or(root.as_str(), |message| message.id.as_str());
    let times = || chat.messages.iter().filter_map(|message| message.timestamp);
    let created = chat.created_at.or_else(|| times().min());
    json!({
        "id": chat.id,
        "conversation_id": chat.id,
        "title": chat.title.as_deref().unwrap_or("Untitled"),
        "create_time": time(created),
        "update_time": time(chat.updated_at.or_else(|| times().max()).or(created)),
        "mapping": mapping,
        "moderation_results": [],
        "current_node": current,
        "_exported_by": EXPORTER,
        "default_model_slug": chat.model,
        "is_archived": chat.archived,
        "is_starred": chat.pinned,
    })
}

/// The shown branch for training; `None` if it has no whole answer.
pub fn sharegpt(record: &Record, thinking: bool) -> Option<Value> {
    let turns = turns(record, thinking)?.into_iter().map(|(role, text)| {
        let from = match role {
            "user" => "human",
            "assistant" => "gpt",
            role => role,
        };
        json!({"from": from, "value": text})
    });
    Some(json!({"id": record.chat.id, "conversations": turns.collect::<Vec<_>>()}))
}

/// The same for `OpenAI`.
pub fn openai(record: &Record, thinking: bool) -> Option<Value> {
    let turns = turns(record, thinking)?.into_iter();
    let turns = turns.map(|(role, text)| json!({"role": role, "content": text}));
    Some(json!({"messages": turns.collect::<Vec<_>>()}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::samples::{chat, message};

    fn record() -> Record {
        let mut messages = vec![
            message("m1", "user", "Why?", 10),
            message("m2", "assistant", "Because", 11),
            message("m3", "assistant", "Cut", 12),
            message("m4", "user", "And?", 13),
            message("m5", "assistant", "So", 14),
        ];
        for (at, parent) in [(1, "m1"), (2, "m1"), (3, "m2"), (4, "m3")] {
            messages[at].parent_id = Some(parent.to_owned());
        }
        messages[4].parent_id = Some("m4".to_owned());
        messages[1].thinking = Some("hm".to_owned());
        messages[2].state = MessageState::Stopped;
        Record::new(chat("c1", "t", &messages), None)
    }

    #[test]
    fn training_data_has_pairs_of_whole_answers_only() {
        let mut record = record();
        let lines = openai(&record, true).expect("turns");
        assert_eq!(
            lines["messages"],
            json!([
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": "<think>\nhm\n</think>\n\nBecause"},
                {"role": "user", "content": "And?"},
                {"role": "assistant", "content": "So"},
            ])
        );
        let lines = sharegpt(&record, false).expect("turns");
        assert_eq!(lines["conversations"][1], json!({"from": "gpt", "value": "Because"}));
        record.chat.messages[1].state = MessageState::Failed;
        let lines = sharegpt(&record, false).expect("turns");
        assert_eq!(lines["conversations"][0], json!({"from": "human", "value": "And?"}));
        record.chat.messages[4].content = String::new();
        assert!(sharegpt(&record, false).is_none() && openai(&record, false).is_none());
    }

    #[test]
    fn upstreams_own_document_is_exported_as_it_was_sent() {
        let mut record = record();
        record.raw =
            Some(br#"{"success":true, "data": {"id":"c1","chat":{"x" : 1.50}} }"#.to_vec());
        assert_eq!(qwen(&record).expect("written"), br#"{"id":"c1","chat":{"x" : 1.50}}"#);
        record.raw = Some(br#"{"id":"c1","chat":{}}"#.to_vec());
        assert_eq!(qwen(&record).expect("written"), br#"{"id":"c1","chat":{}}"#);
        let page = |id: &str, more: bool| json!({"data": {"chat": {"history": {"messages": {id: {"id": id}}, "pagination": {"has_more_older": more}}}}});
        record.raw = Some(format!("{}\n{}", page("m2", true), page("m1", false)).into_bytes());
        let whole: Value = serde_json::from_slice(&qwen(&record).expect("written")).expect("JSON");
        assert_eq!(
            whole["chat"]["history"],
            json!({"messages": {"m1": {"id": "m1"}, "m2": {"id": "m2"}}})
        );
        record.source = Some("chatgpt".to_owned());
        let made: Value = serde_json::from_slice(&qwen(&record).expect("written")).expect("JSON");
        assert_eq!(made["chat"]["history"]["messages"]["m2"]["childrenIds"], json!(["m4"]));
    }

    #[test]
    fn mapping_has_a_root_and_every_branch() {
        let made = chatgpt(&record());
        let mapping = &made["mapping"];
        assert_eq!(mapping["c1-root"]["children"], json!(["m1"]));
        assert_eq!(mapping["c1-root"]["message"], Value::Null);
        assert_eq!(mapping["m1"]["children"], json!(["m2-thoughts", "m3"]));
        assert_eq!(mapping["m2"]["parent"], "m2-thoughts");
        assert_eq!(mapping["m3"]["message"]["status"], "finished_partial_completion");
        assert_eq!((&made["current_node"], &made["create_time"]), (&json!("m5"), &json!(1.0)));
    }
}
