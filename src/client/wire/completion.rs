//! What is sent for a prompt (protocol 6), and the answer that is no stream (protocol 7.12).

use serde::Deserialize;
use serde_json::{Value, json};

use super::lax::{List, Object, Owned, Text};
use crate::client::Turn;

/// What we name in a completion. Made once for a prompt: when it is sent again, it is the same prompt
/// (protocol 14.2).
#[derive(Debug, Clone)]
pub struct Names {
    /// Our id of the prompt; the upstream makes one of its own.
    fid: String,
    /// The same of the answer.
    child: String,
    /// When the prompt was made, in seconds since 1970.
    at: i64,
}

impl Names {
    /// For a prompt that is made at `now`.
    pub fn new(now: i64) -> Self {
        let id = || uuid::Uuid::new_v4().to_string();
        Self { fid: id(), child: id(), at: now }
    }
}

/// The body of a completion as the web page sends it.
///
/// `thinking_mode` has only the documented values: any other makes the upstream hang (protocol 6.2).
pub fn request(turn: &Turn, parent: Option<&str>, names: &Names) -> Value {
    let chat_type = chat_type(turn.search);
    let mut features = json!({
        "thinking_enabled": turn.thinking,
        "output_schema": "phase",
        "research_mode": "normal",
        "auto_thinking": false,
        "thinking_mode": if turn.thinking { "Thinking" } else { "Fast" },
        "auto_search": false,
    });
    if turn.thinking {
        features["thinking_format"] = json!("summary");
    }
    json!({
        "stream": true,
        "version": "2.1",
        "incremental_output": true,
        "chatId": turn.chat_id,
        "parentId": parent.unwrap_or_default(),
        "chat_id": turn.chat_id,
        "chat_mode": "normal",
        "model": turn.model,
        "parent_id": parent,
        "messages": [{
            "id": null,
            "fid": names.fid,
            "parentId": parent,
            "parent_id": parent,
            "childrenIds": [names.child],
            "role": "user",
            "content": text(turn),
            "user_action": "chat",
            "files": [],
            "timestamp": names.at,
            "models": [turn.model],
            "model": "",
            "chat_type": chat_type,
            "sub_chat_type": chat_type,
            "feature_config": features,
            "extra": {"meta": {"subChatType": chat_type}},
        }],
        "timestamp": names.at,
    })
}

/// The prompt as it is sent: with the instructions in front (protocol 6.4).
pub fn text(turn: &Turn) -> String {
    match turn.system.as_deref().filter(|system| !system.trim().is_empty()) {
        Some(system) => format!("{system}\n\n{}", turn.prompt),
        None => turn.prompt.clone(),
    }
}

/// The kind of chat for a prompt (protocol 6.3).
pub fn chat_type(search: bool) -> &'static str {
    if search { "search" } else { "t2t" }
}

/// An answer in one JSON document, bare or in an envelope.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Whole<'a> {
    #[serde(borrow)]
    data: Object<Box<Whole<'a>>>,
    #[serde(borrow)]
    choices: List<Object<WholeChoice<'a>>>,
    #[serde(borrow)]
    content: Text<'a>,
    parent_id: Owned,
    message_id: Owned,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WholeChoice<'a> {
    #[serde(borrow)]
    message: Object<WholeMessage<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WholeMessage<'a> {
    #[serde(borrow)]
    content: Text<'a>,
    #[serde(borrow)]
    reasoning_content: Text<'a>,
}

/// What a [`Whole`] holds.
#[derive(Debug, PartialEq, Eq)]
pub struct WholeAnswer {
    /// The text.
    pub content: String,
    /// What the model thought.
    pub thinking: Option<String>,
    /// The id of the answer.
    pub message_id: Option<String>,
    /// The id of the prompt.
    pub prompt_id: Option<String>,
}

impl Whole<'_> {
    /// The answer, if there is one.
    pub fn answer(self) -> Option<WholeAnswer> {
        let inner = self.data.0.map_or(Whole { data: Object(None), ..self }, |data| *data);
        let message = inner.choices.0.into_iter().find_map(|choice| choice.0?.message.0);
        let (content, thinking) = match message {
            Some(message) => (message.content, message.reasoning_content.owned()),
            None => (inner.content, None),
        };
        Some(WholeAnswer {
            content: content.owned()?,
            thinking,
            message_id: inner.message_id.non_empty(),
            prompt_id: inner.parent_id.non_empty(),
        })
    }
}
