//! The request of a prompt (protocol 6), and an answer without a stream (protocol 7.12).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::chat::ChatKind;
use super::frame::finish_reason;
use super::upload;
use crate::client::wire::lenient::{List, Object, Owned, Text};
use crate::domain::{Conversation, Exchange, FinishReason, Turn};

/// The ids that we choose for a prompt. Made once: a retry sends the same prompt (protocol 14.2).
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// Our id of the prompt; the upstream makes one of its own.
    fid: String,
    /// Our id of the answer.
    child: String,
    /// When the prompt was created, in seconds since 1970.
    at: i64,
}

impl Names {
    /// For a prompt created at `now`.
    pub(crate) fn new(now: i64) -> Self {
        let id = || uuid::Uuid::new_v4().to_string();
        Self { fid: id(), child: id(), at: now }
    }
}

/// The body of a completion as the web page sends it.
///
/// `thinking_mode` takes only the documented values: any other makes the upstream hang (protocol 6.2).
pub(crate) fn request(turn: &Turn, words: &Words, parent: Option<&str>, names: &Names) -> Value {
    let chat_type = ChatKind::for_prompt(turn.search).chat_type();
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
    let mut body = json!({
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
            "content": words.text,
            "user_action": "chat",
            "files": files(turn, &words.images, names.at),
            "timestamp": names.at,
            "models": [turn.model],
            "model": "",
            "chat_type": chat_type,
            "sub_chat_type": chat_type,
            "feature_config": features,
            "extra": {"meta": {"subChatType": chat_type}},
        }],
        "timestamp": names.at,
    });
    if let Some(roles) = &words.roles {
        body[OWN] = roles.clone();
    }
    body
}

/// Asks our own local upstream to refuse the prompt if its parent is no longer the current message.
pub(crate) fn expect_current(body: &mut Value) {
    body[OWN]["follows_current"] = json!(true);
}

/// The files of a prompt, and its images with all members that the page fills in for an uploaded file: an
/// entry with fewer has given an empty answer (protocol 10.4).
fn files(turn: &Turn, images: &[String], at: i64) -> Vec<Value> {
    let millis = at.saturating_mul(1000);
    let entry = |url: &String| {
        let name = file_name(url);
        let kind = image_type(name);
        let id = uuid::Uuid::new_v4().to_string();
        json!({
            "type": "image",
            "file": {
                "created_at": millis, "data": {}, "filename": name, "hash": null, "id": id,
                "meta": {"name": name, "size": 0, "content_type": kind}, "update_at": millis,
            },
            "id": id, "url": url, "name": name, "collection_name": "", "progress": 0,
            "status": "uploaded", "greenNet": "success", "size": 0, "error": "",
            "itemId": uuid::Uuid::new_v4().to_string(), "file_type": kind, "showType": "image",
            "file_class": "vision", "uploadTaskId": uuid::Uuid::new_v4().to_string(),
        })
    };
    turn.files.iter().map(upload::entry).chain(images.iter().map(entry)).collect()
}

/// The last segment of the path of `url`.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let name = path.split_once('/').and_then(|(_, path)| path.rsplit('/').next());
    name.filter(|name| !name.is_empty()).unwrap_or("image")
}

/// The media type of an image by its file extension.
fn image_type(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref() {
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("bmp") => "image/bmp",
        _ => "image/jpeg",
    }
}

/// The member of a completion that only our own local upstream reads.
const OWN: &str = "qwenctl";

/// The words of a prompt in the form that an upstream takes.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// The content of the user's message.
    pub text: String,
    images: Vec<String>,
    /// The value of [`OWN`].
    roles: Option<Value>,
}

impl Words {
    /// One text with the instructions in front (protocol 6.4), or, for an upstream that `takes_roles`,
    /// the system prompt and earlier messages apart from the text.
    pub(crate) fn of(turn: &Turn, takes_roles: bool) -> Self {
        let Turn { prompt, images, system, conversation, .. } = turn;
        let system = system.as_deref().filter(|system| !system.trim().is_empty());
        let (text, images, roles) = match (takes_roles, conversation, system) {
            (true, Some(Conversation { system, earlier, prompt, images }), _) => {
                let earlier: Vec<_> = earlier
                    .iter()
                    .map(|Exchange { prompt, images, answer }| {
                        json!({"prompt": prompt, "images": images, "answer": answer})
                    })
                    .collect();
                // An absent member leaves what the chat has.
                let mut roles = Map::new();
                if let Some(system) = system {
                    roles.insert("system".to_owned(), json!(system));
                }
                if !earlier.is_empty() {
                    roles.insert("earlier".to_owned(), json!(earlier));
                }
                let roles = (!roles.is_empty()).then_some(Value::Object(roles));
                (prompt.clone(), images, roles)
            }
            (true, None, Some(system)) => (prompt.clone(), images, Some(json!({"system": system}))),
            (false, _, Some(system)) => (format!("{system}\n\n{prompt}"), images, None),
            (_, _, None) => (prompt.clone(), images, None),
        };
        Self { text, images: images.clone(), roles }
    }
}

/// An answer in one JSON document, bare or in an envelope.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Whole<'a> {
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
    #[serde(borrow)]
    finish_reason: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WholeMessage<'a> {
    #[serde(borrow)]
    content: Text<'a>,
    #[serde(borrow)]
    reasoning_content: Text<'a>,
}

/// The content of a [`Whole`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WholeReply {
    /// The text.
    pub content: String,
    /// The model's thoughts.
    pub thinking: Option<String>,
    /// Why the model stopped.
    pub finish_reason: Option<FinishReason>,
    /// The id of the answer.
    pub message_id: Option<String>,
    /// The id of the prompt.
    pub prompt_id: Option<String>,
}

impl Whole<'_> {
    /// The answer, if the document holds one.
    pub(crate) fn answer(self) -> Option<WholeReply> {
        let inner = self.data.0.map_or(Whole { data: Object(None), ..self }, |data| *data);
        let message = inner.choices.0.into_iter().find_map(|choice| {
            let choice = choice.0?;
            Some((choice.message.0?, finish_reason(&choice.finish_reason)))
        });
        let (content, thinking, finish_reason) = match message {
            Some((message, reason)) => {
                let thinking = message.reasoning_content.owned();
                (message.content, thinking.filter(|text| !text.trim().is_empty()), reason)
            }
            None => (inner.content, None, None),
        };
        Some(WholeReply {
            content: content.owned()?,
            thinking,
            finish_reason,
            message_id: inner.message_id.non_empty(),
            prompt_id: inner.parent_id.non_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Parent;

    #[test]
    fn images_have_all_members_of_the_page() {
        let turn = Turn {
            chat_id: "c1".parse().expect("an id"),
            prompt: "What is this?".to_owned(),
            system: None,
            images: vec!["https://pages.example/a/photo.PNG?x=/1".to_owned()],
            files: Vec::new(),
            conversation: None,
            model: "m".to_owned(),
            has_chat_model: false,
            parent: Parent::Nothing,
            thinking: false,
            search: false,
        };
        let body = request(&turn, &Words::of(&turn, false), None, &Names::new(1_790_000_001));
        let file = &body["messages"][0]["files"][0];
        assert_eq!(file["url"], turn.images[0].as_str());
        assert_eq!((&file["type"], &file["showType"]), (&json!("image"), &json!("image")));
        assert_eq!((&file["name"], &file["file_type"]), (&json!("photo.PNG"), &json!("image/png")));
        assert_eq!(file["file"]["created_at"], 1_790_000_001_000_i64);
        assert_eq!(file["file"]["id"], file["id"]);
    }

    #[test]
    fn only_an_upstream_that_takes_roles_gets_them() {
        let conversation = Conversation {
            system: Some("Be brief.".to_owned()),
            earlier: vec![Exchange {
                prompt: "1".to_owned(),
                images: Vec::new(),
                answer: "2".to_owned(),
            }],
            prompt: "3".to_owned(),
            images: vec!["https://pages.example/b.png".to_owned()],
        };
        let turn = Turn {
            chat_id: "c1".parse().expect("an id"),
            prompt: "prose".to_owned(),
            system: None,
            images: vec!["https://pages.example/a.png".to_owned()],
            files: Vec::new(),
            conversation: Some(conversation.clone()),
            model: "m".to_owned(),
            has_chat_model: false,
            parent: Parent::Nothing,
            thinking: false,
            search: false,
        };
        let plain = Turn {
            conversation: None,
            system: Some("Be brief.".to_owned()),
            prompt: "Hi".to_owned(),
            ..turn.clone()
        };
        let unanswered = Turn {
            conversation: Some(Conversation {
                system: None,
                earlier: Vec::new(),
                ..conversation.clone()
            }),
            ..turn.clone()
        };
        let earlier = json!([{"prompt": "1", "images": [], "answer": "2"}]);
        for (turn, takes_roles, text, roles) in [
            (&turn, false, "prose", Value::Null),
            (&turn, true, "3", json!({"system": "Be brief.", "earlier": earlier})),
            (&unanswered, true, "3", Value::Null),
            (&plain, false, "Be brief.\n\nHi", Value::Null),
            (&plain, true, "Hi", json!({"system": "Be brief."})),
        ] {
            let words = Words::of(turn, takes_roles);
            let body = request(turn, &words, None, &Names::new(1));
            assert_eq!((&body["messages"][0]["content"], &body[OWN]), (&json!(text), &roles));
            let file = if text == "3" { "b.png" } else { "a.png" };
            assert_eq!(body["messages"][0]["files"][0]["name"], file);
        }
    }

    #[test]
    fn file_name_is_the_end_of_the_path() {
        for (url, name) in [
            ("https://pages.example", "image"),
            ("https://pages.example/", "image"),
            ("https://pages.example/b.webp#c", "b.webp"),
        ] {
            assert_eq!(file_name(url), name);
        }
        assert_eq!(image_type("b.webp"), "image/webp");
        assert_eq!(image_type("image"), "image/jpeg");
    }
}
