//! Chats in the formats of other programs, and in ours, as records.
//!
//! What this module keeps true: a format is recognised by its shape; what may be missing is not needed; no
//! message is left out silently: what a message has no place for is kept beside it, and the whole document
//! as it was given; messages that follow each other in a circle end it.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::export::fenced;
use super::read::{role_of, state_of};
use super::record::{Note, Record, SCHEMA};
use crate::domain::{Chat, ChatId, Citation, Message, MessageError, MessageState, Role};

/// A format to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own, one chat a line.
    Ndjson,
    /// The document of the REST API.
    Json,
    /// As the site exports chats.
    Qwen,
    /// Open `WebUI`, and services that are made with it.
    OpenWebUi,
    /// `ChatGPT`.
    ChatGpt,
    /// Claude.
    Claude,
}

impl Format {
    /// Every format, with its name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("ndjson", Self::Ndjson),
        ("json", Self::Json),
        ("qwen", Self::Qwen),
        ("openwebui", Self::OpenWebUi),
        ("chatgpt", Self::ChatGpt),
        ("claude", Self::Claude),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// The format of a document; `None` if it is not a chat.
    pub fn of(document: &Value) -> Option<Self> {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let history = |path: &str| document.pointer(path).is_some_and(Value::is_object);
        let list = |path: &str| document.pointer(path).is_some_and(Value::is_array);
        if text("schema").is_some_and(|schema| schema.starts_with("qwenctl.chat/")) {
            return Some(Self::Ndjson);
        }
        if history("/mapping") {
            return Some(Self::ChatGpt);
        }
        if list("/chat_messages") {
            return Some(Self::Claude);
        }
        if history("/chat/history/messages")
            || list("/chat/messages")
            || history("/history/messages")
        {
            return Some(if is_qwen(document) { Self::Qwen } else { Self::OpenWebUi });
        }
        let is_ours = list("/messages") && text("id").is_some();
        (is_ours && document.get("current_id").is_some()).then_some(Self::Json)
    }
}

/// Both have the shape of Open `WebUI`.
fn is_qwen(document: &Value) -> bool {
    let marks = ["chat_type", "currentResponseIds", "content_list", "sub_chat_type"];
    let has_mark = |value: &Value| marks.iter().any(|mark| value.get(mark).is_some());
    let messages = document.pointer("/chat/history/messages").and_then(Value::as_object);
    has_mark(document) || messages.is_some_and(|messages| messages.values().any(has_mark))
}

/// Reads a chat as the upstream stores it, without its envelope.
pub type ReadDetail = fn(&[u8], &ChatId) -> Option<Chat>;

/// Reads a document.
///
/// # Errors
/// Why it cannot be read, in a few words.
pub fn record(
    document: &Value,
    format: Format,
    given: &[u8],
    read_detail: ReadDetail,
) -> Result<Record, String> {
    if format == Format::Ndjson {
        if document["schema"] != SCHEMA {
            return Err("it has a newer version of our format".to_owned());
        }
        let record = Record::parse(document);
        return record.map_err(|fault| format!("a member is missing or wrong: {fault}"));
    }
    let names: &[&str] = match format {
        Format::ChatGpt => &["conversation_id", "id"],
        Format::Claude => &["uuid"],
        _ => &["id"],
    };
    let own = names.iter().find_map(|name| {
        let id = document.get(name).or_else(|| document.get("chat")?.get(name))?;
        id.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    });
    let id = import_id(format, own.as_deref().map_or(given, str::as_bytes))?;
    let mut record = match format {
        Format::ChatGpt => chatgpt(document, id),
        Format::Claude => claude(document, id),
        Format::OpenWebUi => openwebui(document, id),
        Format::Json => rest(document, &id)?,
        _ => {
            let chat = read_detail(given, &id).ok_or("it is not a chat of Qwen")?;
            Record::new(Chat { id, ..chat }, None)
        }
    };
    record.source = Some(format.name().to_owned());
    record.source_id = own;
    complete(&mut record.chat);
    Ok(record)
}

/// The same for the same chat of the same format.
fn import_id(format: Format, source: &[u8]) -> Result<ChatId, String> {
    let hash = Sha256::new().chain_update(format.name()).chain_update([0]).chain_update(source);
    let mut id = "imp-".to_owned();
    for byte in hash.finalize().iter().take(12) {
        let _ = write!(id, "{byte:02x}");
    }
    // An id has a digit.
    if !id.bytes().any(|byte| byte.is_ascii_digit()) {
        id.push('0');
    }
    id.parse().map_err(|_| "it has no usable id".to_owned())
}

/// Fills in times, gives each message an id of its own, and ends what nothing continues.
fn complete(chat: &mut Chat) {
    let mut seen = HashSet::new();
    for (at, message) in chat.messages.iter_mut().enumerate() {
        if message.id.is_empty() || !seen.insert(message.id.clone()) {
            message.id = format!("{}-{at}", message.id);
            seen.insert(message.id.clone());
        }
        if message.state == MessageState::InProgress {
            message.state = MessageState::Stopped;
        }
    }
    let times = || chat.messages.iter().filter_map(|message| message.timestamp);
    let (first, last) = (times().min(), times().max());
    chat.created_at = chat.created_at.or(chat.updated_at).or(first);
    chat.updated_at = chat.updated_at.or(last).or(chat.created_at);
    chat.title = chat.title.take().filter(|title| !title.trim().is_empty());
    if chat.model.is_none() {
        chat.model = chat.messages.iter().rev().find_map(|message| message.model.clone());
    }
}

fn empty_chat(id: ChatId) -> Chat {
    Chat {
        id,
        title: None,
        model: None,
        created_at: None,
        updated_at: None,
        pinned: false,
        archived: false,
        project_id: None,
        current_id: None,
        current_reply_ids: Vec::new(),
        messages: Vec::new(),
        incomplete: false,
    }
}

fn empty_message(id: &str, role: Role) -> Message {
    Message {
        id: id.to_owned(),
        parent_id: None,
        role,
        content: String::new(),
        thinking: None,
        citations: Vec::new(),
        images: Vec::new(),
        files: Vec::new(),
        model: None,
        timestamp: None,
        state: MessageState::Done,
        error: None,
    }
}

/// A text that is not empty.
fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

/// A time in seconds since 1970: given so, in milli-, micro- or nanoseconds, or in words.
#[allow(clippy::cast_possible_truncation, reason = "a time fits")]
fn time(value: Option<&Value>) -> Option<i64> {
    let number = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => number,
            Err(_) => return text.parse::<Timestamp>().ok().map(Timestamp::as_second),
        },
        _ => return None,
    };
    let seconds = match number {
        1e17.. => number / 1e9,
        1e14.. => number / 1e6,
        1e11.. => number / 1e3,
        _ => number,
    };
    (seconds.is_finite() && seconds > 0.0 && seconds < 253_402_300_800.0).then_some(seconds as i64)
}

/// A longer id of a message is replaced, as each follower repeats it.
const LONGEST_ID: usize = 256;
/// How much may be repeated of thoughts that several answers follow, in bytes. The first answer has them.
const MAX_SHARED: usize = 4 << 20;

/// Adds a paragraph.
fn add(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

/// A node of a tree of messages, as several formats have it.
struct Node {
    key: String,
    parent: Option<String>,
    children: Vec<String>,
    /// `None` for a node that says nothing.
    message: Option<Message>,
    /// Thoughts that belong to the next answer.
    thoughts: Option<String>,
}

/// The messages, each after the one that it follows, and the one that `current` stands for.
fn linked(nodes: Vec<Node>, current: Option<&str>) -> (Vec<Message>, Option<String>) {
    let places: HashMap<String, usize> =
        nodes.iter().enumerate().map(|(at, node)| (node.key.clone(), at)).collect();
    let place = |key: &String| places.get(key).copied();
    let mut parents: Vec<Option<usize>> =
        nodes.iter().map(|node| node.parent.as_ref().and_then(place)).collect();
    for (at, node) in nodes.iter().enumerate() {
        for child in node.children.iter().filter_map(place) {
            let parent = &mut parents[child];
            *parent = parent.or(Some(at).filter(|at| *at != child));
        }
    }
    end_circles(&mut parents);
    // The followers in the order of their parent, then those that it does not name.
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut is_placed = vec![false; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for child in node.children.iter().filter_map(place) {
            if parents[child] == Some(at) && !std::mem::replace(&mut is_placed[child], true) {
                followers[at].push(child);
            }
        }
    }
    for (child, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent.filter(|_| !is_placed[child]) {
            followers[parent].push(child);
        }
    }
    let mut open: Vec<(usize, Option<String>, String)> = (0..nodes.len())
        .rev()
        .filter(|at| parents[*at].is_none())
        .map(|at| (at, None, String::new()))
        .collect();
    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    let mut messages = Vec::new();
    let mut shown = None;
    let mut shared = MAX_SHARED;
    while let Some((at, above, mut thoughts)) = open.pop() {
        let Some(node) = nodes[at].take() else { continue };
        let is_current = current == Some(node.key.as_str());
        let below = match node.message {
            Some(mut message) => {
                message.parent_id = above;
                if message.id.len() > LONGEST_ID {
                    message.id = format!("message-{at}");
                }
                if message.role == Role::Assistant && !thoughts.is_empty() {
                    add(&mut thoughts, message.thinking.as_deref().unwrap_or_default());
                    message.thinking = Some(std::mem::take(&mut thoughts));
                }
                let id = message.id.clone();
                messages.push(message);
                Some(id)
            }
            None => above,
        };
        add(&mut thoughts, node.thoughts.as_deref().unwrap_or_default());
        if is_current {
            shown.clone_from(&below);
        }
        for (place, child) in followers[at].iter().enumerate().rev() {
            let own = match shared.checked_sub(thoughts.len()) {
                _ if place == 0 => std::mem::take(&mut thoughts),
                Some(left) => {
                    shared = left;
                    thoughts.clone()
                }
                None => String::new(),
            };
            open.push((*child, below.clone(), own));
        }
    }
    (messages, shown)
}

/// Cuts each circle at one place.
fn end_circles(parents: &mut [Option<usize>]) {
    let mut done = vec![false; parents.len()];
    for start in 0..parents.len() {
        let mut path = Vec::new();
        let mut on_path = HashSet::new();
        let mut at = start;
        while !done[at] && on_path.insert(at) {
            path.push(at);
            match parents[at] {
                Some(parent) if on_path.contains(&parent) => parents[at] = None,
                Some(parent) => at = parent,
                None => break,
            }
        }
        for at in path {
            done[at] = true;
        }
    }
}

fn chatgpt(document: &Value, id: ChatId) -> Record {
    let mut extras = HashMap::new();
    let mapping = document["mapping"].as_object().into_iter().flatten();
    let nodes: Vec<Node> =
        mapping.map(|(key, node)| chatgpt_node(key, node, &mut extras)).collect();
    let current = document["current_node"].as_str();
    let (messages, current_id) = linked(nodes, current);
    let chat = Chat {
        title: text(document.get("title")),
        model: text(document.get("default_model_slug")),
        created_at: time(document.get("create_time")),
        updated_at: time(document.get("update_time")),
        pinned: flag(document.get("is_starred")),
        archived: flag(document.get("is_archived")),
        current_id,
        messages,
        ..empty_chat(id)
    };
    Record { notes: extras, ..Record::new(chat, None) }
}

fn chatgpt_node(key: &str, node: &Value, extras: &mut HashMap<String, Note>) -> Node {
    let children = node["children"].as_array().into_iter().flatten();
    let mut made = Node {
        key: key.to_owned(),
        parent: text(node.get("parent")),
        children: children.filter_map(|child| child.as_str().map(str::to_owned)).collect(),
        message: None,
        thoughts: None,
    };
    let Some(message) = node.get("message").filter(|message| message.is_object()) else {
        return made;
    };
    let role = message.pointer("/author/role").and_then(Value::as_str).unwrap_or("assistant");
    let content = &message["content"];
    let metadata = &message["metadata"];
    let kind = content["content_type"].as_str().unwrap_or("text");
    if kind == "thoughts" && !made.children.is_empty() {
        made.thoughts = Some(thoughts_of(content));
        return made;
    }
    let mut read = ChatGptContent::default();
    read.take(kind, content);
    let is_hidden = flag(metadata.get("is_visually_hidden_from_conversation"))
        || matches!(kind, "user_editable_context" | "model_editable_context");
    if role == "system" && (is_hidden || read.text.is_empty()) || kind == "user_editable_context" {
        return made;
    }
    let own = &metadata["qwenctl"];
    let cut = metadata.pointer("/finish_details/type").is_some_and(|kind| kind == "interrupted");
    let state = match (own["state"].as_str(), message["status"].as_str()) {
        (Some(state), _) => state_of(state),
        (None, Some("in_progress" | "finished_partial_completion")) => MessageState::Stopped,
        _ if cut => MessageState::Stopped,
        _ => MessageState::Done,
    };
    let attachments = metadata.get("attachments").filter(|list| !list.is_null());
    if read.rest.is_some() || attachments.is_some() {
        let mut other = Map::new();
        other.extend(read.rest.map(|rest| ("content".to_owned(), rest)));
        other.extend(attachments.map(|list| ("attachments".to_owned(), list.clone())));
        extras.insert(key.to_owned(), Note { other: Some(other.into()), ..Note::default() });
    }
    let mut images: Vec<String> = list(&own["images"]);
    images.extend(read.images);
    made.message = Some(Message {
        content: read.text,
        thinking: Some(read.thoughts).filter(|thoughts| !thoughts.is_empty()),
        citations: list(&own["citations"]),
        images,
        model: text(metadata.get("model_slug")),
        timestamp: time(message.get("create_time")).or_else(|| time(message.get("update_time"))),
        state,
        error: own_error(&own["error"]),
        ..empty_message(key, role_of(role))
    });
    made
}

/// The items of a list that can be read.
fn list<T: serde::de::DeserializeOwned>(value: &Value) -> Vec<T> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| T::deserialize(item).ok()).collect()
}

/// An error that we have written.
fn own_error(error: &Value) -> Option<MessageError> {
    let words = |name: &str| error[name].as_str().map(str::to_owned);
    error.is_object().then(|| MessageError { code: words("code"), details: words("details") })
}

fn error_of(error: &Value) -> Option<MessageError> {
    match error {
        Value::Object(_) => {
            let details = ["details", "content", "detail", "message"];
            let details = details.iter().find_map(|name| text(error.get(name)));
            Some(MessageError { code: text(error.get("code")), details })
        }
        Value::String(words) => Some(MessageError { code: None, details: Some(words.clone()) }),
        _ => None,
    }
}

/// The content of a message of `ChatGPT`.
#[derive(Default)]
struct ChatGptContent {
    text: String,
    thoughts: String,
    images: Vec<String>,
    /// What has no other place.
    rest: Option<Value>,
}

impl ChatGptContent {
    fn take(&mut self, kind: &str, content: &Value) {
        let words = |name: &str| content[name].as_str().unwrap_or_default();
        match kind {
            "text" | "multimodal_text" => {
                for part in content["parts"].as_array().into_iter().flatten() {
                    self.part(part);
                }
                add(&mut self.text, words("text"));
            }
            "code" => {
                let language = words("language");
                let language = if language == "unknown" { "" } else { language };
                let code = fenced(words("text"));
                let at = code.find('\n').unwrap_or(0);
                self.text = format!("{}{language}{}", &code[..at], &code[at..]);
            }
            "execution_output" => self.text = fenced(words("text")),
            "thoughts" => self.thoughts = thoughts_of(content),
            _ => {
                self.text = ["text", "result", "content"]
                    .iter()
                    .find_map(|name| text(content.get(name)))
                    .unwrap_or_default();
                for part in content["parts"].as_array().into_iter().flatten() {
                    self.part(part);
                }
                self.rest = Some(content.clone());
            }
        }
    }

    fn part(&mut self, part: &Value) {
        match part {
            Value::String(text) => add(&mut self.text, text),
            Value::Object(members) => {
                let said =
                    ["text", "transcription"].iter().find_map(|name| text(members.get(*name)));
                if let Some(image) = text(members.get("asset_pointer")) {
                    self.images.push(image);
                }
                let is_image = members.contains_key("asset_pointer");
                match said {
                    Some(said) => add(&mut self.text, &said),
                    None if is_image => {}
                    None => self.keep(part),
                }
            }
            Value::Null => {}
            other => self.keep(other),
        }
    }

    fn keep(&mut self, part: &Value) {
        match &mut self.rest {
            Some(Value::Array(rest)) => rest.push(part.clone()),
            Some(_) => {}
            rest @ None => *rest = Some(Value::Array(vec![part.clone()])),
        }
    }
}

fn thoughts_of(content: &Value) -> String {
    let mut all = String::new();
    for thought in content["thoughts"].as_array().into_iter().flatten() {
        if let Some(summary) = text(thought.get("summary")) {
            add(&mut all, &format!("**{summary}**"));
        }
        add(&mut all, thought["content"].as_str().unwrap_or_default());
    }
    all
}

fn claude(document: &Value, id: ChatId) -> Record {
    let mut extras = HashMap::new();
    let given = document["chat_messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let known: HashSet<&str> =
        given.iter().filter_map(|message| message["uuid"].as_str()).collect();
    let mut nodes: Vec<Node> = Vec::with_capacity(given.len());
    for (at, message) in given.iter().enumerate().filter(|(_, message)| message.is_object()) {
        let mut key = text(message.get("uuid")).unwrap_or_else(|| format!("m{at}"));
        if nodes.iter().rev().take(1).any(|node| node.key == key) {
            key = format!("{key}-{at}");
        }
        let parent = text(message.get("parent_message_uuid"));
        let before = nodes.last().map(|node| node.key.clone());
        // The first messages name a parent that does not exist.
        let is_root = parent.as_deref().is_some_and(|id| id.starts_with("00000000-"));
        let parent = parent.filter(|parent| known.contains(parent.as_str()));
        let parent = if is_root { None } else { parent.or(before) };
        let (message, other) = claude_message(&key, message);
        if let Some(other) = other {
            extras.insert(key.clone(), Note { other: Some(other), ..Note::default() });
        }
        let children = Vec::new();
        nodes.push(Node { key, parent, children, message: Some(message), thoughts: None });
    }
    let current = text(document.get("current_leaf_message_uuid"))
        .filter(|current| known.contains(current.as_str()))
        .or_else(|| nodes.last().map(|node| node.key.clone()));
    let (messages, current_id) = linked(nodes, current.as_deref());
    let chat = Chat {
        title: text(document.get("name")),
        model: text(document.get("model")),
        created_at: time(document.get("created_at")),
        updated_at: time(document.get("updated_at")),
        pinned: flag(document.get("is_starred")),
        current_id,
        messages,
        ..empty_chat(id)
    };
    Record { notes: extras, ..Record::new(chat, None) }
}

/// A message, and what it has no place for.
fn claude_message(key: &str, given: &Value) -> (Message, Option<Value>) {
    let role = match given["sender"].as_str().unwrap_or("assistant") {
        "human" => Role::User,
        other => role_of(other),
    };
    let (mut said, mut thoughts, mut rest) = (String::new(), String::new(), Vec::new());
    for block in given["content"].as_array().into_iter().flatten() {
        match block["type"].as_str() {
            Some("text") => add(&mut said, block["text"].as_str().unwrap_or_default()),
            Some("thinking") => {
                let thought = text(block.get("thinking")).or_else(|| text(block.get("text")));
                add(&mut thoughts, &thought.unwrap_or_default());
            }
            _ => {
                // A document that it wrote with a tool is part of the answer.
                if let Some(document) = block.pointer("/input/content").and_then(Value::as_str) {
                    add(&mut said, &fenced(document));
                }
                rest.push(block.clone());
            }
        }
    }
    if said.is_empty() {
        given["text"].as_str().unwrap_or_default().clone_into(&mut said);
    }
    for attachment in given["attachments"].as_array().into_iter().flatten() {
        let name = attachment["file_name"].as_str().unwrap_or_default();
        if !name.is_empty() {
            add(&mut said, &format!("[{name}]"));
        }
        if let Some(pasted) = text(attachment.get("extracted_content")) {
            add(&mut said, &fenced(&pasted));
        }
    }
    let files = given["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    for file in files {
        if let Some(name) = text(file.get("file_name")) {
            add(&mut said, &format!("[{name}]"));
        }
    }
    let mut other = Map::new();
    if !rest.is_empty() {
        other.insert("content".to_owned(), rest.into());
    }
    if !files.is_empty() {
        other.insert("files".to_owned(), files.to_vec().into());
    }
    let message = Message {
        content: said,
        thinking: Some(thoughts).filter(|thoughts| !thoughts.is_empty()),
        timestamp: time(given.get("created_at")).or_else(|| time(given.get("updated_at"))),
        ..empty_message(key, role)
    };
    (message, (!other.is_empty()).then(|| other.into()))
}

fn openwebui(document: &Value, id: ChatId) -> Record {
    let chat = document.get("chat").filter(|chat| chat.is_object()).unwrap_or(document);
    let mut extras = HashMap::new();
    let history = chat.pointer("/history/messages").and_then(Value::as_object);
    let mut nodes: Vec<Node> = Vec::new();
    if let Some(messages) = history.filter(|messages| !messages.is_empty()) {
        let given = messages.iter().filter(|(_, message)| message.is_object());
        nodes.extend(given.map(|(key, message)| openwebui_node(key, message, &mut extras)));
    } else {
        let given = chat["messages"].as_array().into_iter().flatten();
        for (at, message) in given.enumerate().filter(|(_, message)| message.is_object()) {
            let key = text(message.get("id")).unwrap_or_else(|| format!("m{at}"));
            let mut node = openwebui_node(&key, message, &mut extras);
            node.parent = node.parent.or_else(|| nodes.last().map(|node| node.key.clone()));
            nodes.push(node);
        }
    }
    let last = nodes.last().map(|node| node.key.clone());
    let current = chat.pointer("/history/currentId").and_then(Value::as_str);
    let (messages, current_id) = linked(nodes, current.or(last.as_deref()));
    let models: Vec<String> = list(&chat["models"]);
    let own = |name: &str| document.get(name).or_else(|| chat.get(name));
    let chat = Chat {
        title: text(document.get("title")).or_else(|| text(chat.get("title"))),
        model: models.into_iter().find(|model| !model.is_empty()),
        created_at: time(own("created_at")).or_else(|| time(chat.get("timestamp"))),
        updated_at: time(own("updated_at")),
        pinned: flag(document.get("pinned")),
        archived: flag(document.get("archived")),
        current_id,
        messages,
        ..empty_chat(id)
    };
    Record { notes: extras, ..Record::new(chat, None) }
}

fn openwebui_node(key: &str, given: &Value, extras: &mut HashMap<String, Note>) -> Node {
    let children = given["childrenIds"].as_array().into_iter().flatten();
    let role = given["role"].as_str().unwrap_or("assistant");
    let mut content = String::new();
    let mut rest = Vec::new();
    match &given["content"] {
        Value::String(text) => content.clone_from(text),
        Value::Array(parts) => {
            for part in parts {
                match part["text"].as_str() {
                    Some(text) => add(&mut content, text),
                    None => rest.push(part.clone()),
                }
            }
        }
        _ => {}
    }
    let (thoughts, content) = without_reasoning(&content);
    let thoughts = Some(thoughts).filter(|thoughts| !thoughts.is_empty());
    let own = &given["qwenctl"];
    let mut images: Vec<String> = list(&own["images"]);
    let mut files = Vec::new();
    for file in given["files"].as_array().into_iter().flatten() {
        match text(file.get("url")).filter(|_| file["type"] == "image") {
            Some(url) if images.contains(&url) => {}
            Some(url) => images.push(url),
            None => files.push(file.clone()),
        }
    }
    let mut citations: Vec<Citation> = list(&own["citations"]);
    if citations.is_empty() {
        let sources = given["sources"].as_array().into_iter().flatten();
        citations =
            (1..).zip(sources).filter_map(|(number, source)| citation(number, source)).collect();
    }
    let mut other = Map::new();
    for (name, values) in [("content", rest), ("files", files)] {
        if !values.is_empty() {
            other.insert(name.to_owned(), values.into());
        }
    }
    for name in ["statusHistory", "code_executions", "annotation"] {
        if let Some(value) = given.get(name).filter(|value| !value.is_null()) {
            other.insert(name.to_owned(), value.clone());
        }
    }
    if !other.is_empty() {
        extras.insert(key.to_owned(), Note { other: Some(other.into()), ..Note::default() });
    }
    let error = own_error(&own["error"]).or_else(|| error_of(&given["error"]));
    let is_cut = given["done"] == false && role == "assistant";
    let state = match own["state"].as_str() {
        Some(state) => state_of(state),
        None if own.is_object() => MessageState::Done,
        None if error.is_some() => MessageState::Failed,
        None if is_cut => MessageState::Stopped,
        None => MessageState::Done,
    };
    Node {
        key: key.to_owned(),
        parent: text(given.get("parentId")),
        children: children.filter_map(|child| child.as_str().map(str::to_owned)).collect(),
        message: Some(Message {
            content,
            thinking: thoughts.or_else(|| text(given.get("reasoning_content"))),
            citations,
            images,
            model: text(given.get("model")),
            timestamp: time(given.get("timestamp")),
            state,
            error,
            ..empty_message(key, role_of(role))
        }),
        thoughts: None,
    }
}

fn citation(number: u32, source: &Value) -> Option<Citation> {
    let about = &source["source"];
    let url = text(about.get("url"))
        .or_else(|| text(source.pointer("/metadata/0/source")))
        .or_else(|| text(about.get("id")))?;
    Some(Citation {
        number,
        title: text(about.get("name")).unwrap_or_else(|| url.clone()),
        url,
        snippet: text(source.pointer("/document/0")),
        date: None,
    })
}

/// The thoughts at the beginning of an answer of Open `WebUI`, and the rest of it.
fn without_reasoning(content: &str) -> (String, String) {
    const START: &str = "<details type=\"reasoning\"";
    const END: &str = "</details>";
    let mut thoughts = String::new();
    let mut rest = content;
    loop {
        let begin = rest.trim_start();
        if !begin.starts_with(START) {
            break;
        }
        let Some((block, after)) = begin.split_once(END) else { break };
        let block = block.split_once("</summary>").map_or("", |(_, text)| text);
        let block = block.strip_prefix('\n').unwrap_or(block);
        let block = block.strip_suffix('\n').unwrap_or(block);
        let lines = block.split('\n').map(|line| {
            let line = unescape(line);
            let bare = line.strip_prefix("> ").or_else(|| line.strip_prefix('>'));
            bare.unwrap_or(&line).to_owned()
        });
        add(&mut thoughts, &lines.collect::<Vec<_>>().join("\n"));
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    (thoughts, rest.to_owned())
}

/// Undoes Python's `html.escape`.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// A document of the REST API has what a line of ours has, and less.
fn rest(document: &Value, id: &ChatId) -> Result<Record, String> {
    let mut line = document.clone();
    line["schema"] = SCHEMA.into();
    line["id"] = id.as_str().into();
    let record = Record::parse(&line);
    let mut record = record.map_err(|fault| format!("a member is missing or wrong: {fault}"))?;
    (record.gone_at, record.synced_at, record.raw) = (None, None, None);
    Ok(record)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::export;
    use super::super::samples::{chat, message};
    use super::*;

    fn read(document: &Value) -> Record {
        let format = Format::of(document).expect("a format");
        record(document, format, document.to_string().as_bytes(), |_, _| None).expect("a chat")
    }

    fn said(record: &Record) -> Vec<(&str, Option<&str>, &str)> {
        let messages = record.chat.messages.iter();
        let said = messages.map(|m| (m.id.as_str(), m.parent_id.as_deref(), m.content.as_str()));
        said.collect()
    }

    #[allow(clippy::needless_pass_by_value, reason = "it is built for the call")]
    fn node(parent: Option<&str>, message: Value) -> Value {
        json!({"parent": parent, "children": [], "message": message})
    }

    fn says(role: &str, text: &str) -> Value {
        json!({"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}})
    }

    #[test]
    fn formats_are_recognised_by_their_shape() {
        for (document, format) in [
            (json!({"schema": SCHEMA}), Some(Format::Ndjson)),
            (json!({"mapping": {}}), Some(Format::ChatGpt)),
            (json!({"uuid": "1", "chat_messages": []}), Some(Format::Claude)),
            (json!({"chat": {"history": {"messages": {}}}}), Some(Format::OpenWebUi)),
            (json!({"history": {"messages": {}}}), Some(Format::OpenWebUi)),
            (
                json!({"chat": {"history": {"messages": {}}}, "chat_type": "t2t"}),
                Some(Format::Qwen),
            ),
            (
                json!({"chat": {"history": {"messages": {"a": {"content_list": []}}}}}),
                Some(Format::Qwen),
            ),
            (json!({"id": "1", "current_id": null, "messages": []}), Some(Format::Json)),
            (json!({"messages": []}), None),
            (json!({"mapping": 1}), None),
            (json!([]), None),
            (json!(null), None),
        ] {
            assert_eq!(Format::of(&document), format, "{document}");
        }
    }

    #[test]
    fn chat_of_chatgpt_needs_nothing_but_its_mapping() {
        let record = read(&json!({"mapping": {}}));
        assert!(record.chat.id.as_str().starts_with("imp-") && record.chat.messages.is_empty());
        assert_eq!(record.source.as_deref(), Some("chatgpt"));
        let document = json!({"title": null, "id": "x", "create_time": null, "mapping": {
            "root": node(None, Value::Null),
            "sys": node(Some("root"), says("system", "")),
            "a": node(Some("sys"), says("user", "Why?")),
            "t": {"parent": "a", "children": ["b"], "message": {"author": {"role": "assistant"},
                "content": {"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "hm"}]}}},
            "b": node(Some("t"), json!({"author": {"role": "assistant"}, "create_time": 1_790_000_000.7,
                "status": "in_progress", "metadata": {"model_slug": "gpt-x"},
                "content": {"content_type": "multimodal_text",
                    "parts": ["So", {"asset_pointer": "file://1"}, {"x": 1}, null]}})),
            "c": node(Some("b"), json!({"author": {"role": "tool"},
                "content": {"content_type": "execution_output", "text": "```"}})),
            "d": node(Some("c"), json!({"content": {"content_type": "new_kind", "text": "kept", "q": 1}})),
            "lost": node(Some("nowhere"), says("user", "lost")),
            "null": Value::Null,
            "odd": {"message": 7},
        }, "current_node": "null"});
        let record = read(&document);
        assert_eq!(
            said(&record),
            [
                ("lost", None, "lost"),
                ("a", None, "Why?"),
                ("b", Some("a"), "So"),
                ("c", Some("b"), "````\n```\n````"),
                ("d", Some("c"), "kept"),
            ]
        );
        let reply = &record.chat.messages[2];
        assert_eq!(reply.thinking.as_deref(), Some("**S**\n\nhm"));
        assert_eq!((reply.timestamp, reply.state), (Some(1_790_000_000), MessageState::Stopped));
        assert_eq!(reply.images, ["file://1"]);
        assert_eq!(record.notes["b"].other, Some(json!({"content": [{"x": 1}]})));
        let kept = json!({"content": {"content_type": "new_kind", "text": "kept", "q": 1}});
        assert_eq!(record.notes["d"].other, Some(kept));
        let Chat { title, model, created_at, current_id, .. } = &record.chat;
        assert_eq!(
            (title, model.as_deref(), created_at),
            (&None, Some("gpt-x"), &Some(1_790_000_000))
        );
        assert_eq!(current_id, &None);
        assert_eq!(read(&document).chat.id, record.chat.id);
    }

    #[test]
    fn circles_end_and_lose_no_message() {
        let mapping = json!({
            "a": node(Some("c"), says("user", "a")),
            "b": node(Some("a"), says("user", "b")),
            "c": node(Some("b"), says("user", "c")),
            "d": node(Some("d"), says("user", "d")),
            "e": {"children": ["e", "f"], "message": says("user", "e")},
            "f": {"children": ["e"], "message": says("user", "f")},
        });
        let record = read(&json!({"mapping": mapping, "current_node": "c"}));
        let mut texts: Vec<_> = said(&record).into_iter().map(|(_, _, text)| text).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(record.chat.branch().len(), 2);
        let long: Map<String, Value> = (0..20_000)
            .map(|n: usize| {
                let parent = format!("{}", (n + 1) % 20_000);
                (n.to_string(), node(Some(&parent), says("user", "x")))
            })
            .collect();
        let record = read(&json!({"mapping": long}));
        assert_eq!(record.chat.messages.len(), 20_000);
    }

    #[test]
    fn what_many_answers_follow_is_not_repeated_without_bound() {
        let thoughts = "t".repeat(1 << 20);
        let key = "k".repeat(1 << 20);
        let mut mapping: Map<String, Value> = (0..1000)
            .map(|n: usize| (format!("{n:04}"), node(None, says("assistant", "x"))))
            .collect();
        let children: Vec<String> = mapping.keys().cloned().collect();
        let thinking = json!({"content_type": "thoughts", "thoughts": [{"content": thoughts}]});
        mapping.insert(
            "a".into(),
            json!({"children": children, "parent": key, "message":
            {"author": {"role": "assistant"}, "content": thinking}}),
        );
        mapping.insert(key, node(None, says("user", "q")));
        let messages = read(&json!({"mapping": mapping})).chat.messages;
        assert_eq!(messages.len(), 1001);
        assert!(messages.iter().all(|m| m.id.len() < 300));
        assert!(messages[1].thinking.as_ref().is_some_and(|text| text.contains("ttt")));
        let thoughts = messages.iter().filter_map(|m| m.thinking.as_ref());
        assert!(thoughts.map(String::len).sum::<usize>() < 8 << 20);
        let followers = messages.iter().filter(|m| m.parent_id.as_ref() == Some(&messages[0].id));
        assert_eq!(followers.count(), 1000);
    }

    #[test]
    fn times_may_be_numbers_and_words() {
        for (value, seconds) in [
            (json!(1_790_000_000), Some(1_790_000_000)),
            (json!(1_790_000_000.9), Some(1_790_000_000)),
            (json!(1_790_000_000_123_i64), Some(1_790_000_000)),
            (json!(1_790_000_000_123_456_i64), Some(1_790_000_000)),
            (json!(1_790_000_000_123_456_789_i64), Some(1_790_000_000)),
            (json!("1790000000"), Some(1_790_000_000)),
            (json!("2026-09-21T14:13:20.5+00:00"), Some(1_790_000_000)),
            (json!("yesterday"), None),
            (json!(0), None),
            (json!(-5), None),
            (json!(1e300), None),
            (json!(null), None),
            (json!([1]), None),
        ] {
            assert_eq!(time(Some(&value)), seconds, "{value}");
        }
    }

    #[test]
    fn chat_of_claude_keeps_pasted_text_branches_and_unknown_blocks() {
        let record = read(&json!({"uuid": "u", "chat_messages": [
            {"uuid": "a", "sender": "human", "text": "Why?", "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
             "attachments": [{"file_name": "a.txt", "extracted_content": "pasted"}], "files": [{"file_name": "b.png"}]},
            {"uuid": "b", "sender": "assistant", "text": "one", "parent_message_uuid": "a"},
            {"uuid": "c", "sender": "assistant", "parent_message_uuid": "a",
             "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "two"},
                         {"type": "tool_use", "input": {"content": "let x;"}}]},
            {"sender": "human", "text": "no id"},
            "odd",
        ], "current_leaf_message_uuid": "b"}));
        assert_eq!(
            said(&record),
            [
                ("a", None, "Why?\n\n[a.txt]\n\n```\npasted\n```\n\n[b.png]"),
                ("b", Some("a"), "one"),
                ("c", Some("a"), "two\n\n```\nlet x;\n```"),
                ("m3", Some("c"), "no id"),
            ]
        );
        assert_eq!(record.chat.messages[2].thinking.as_deref(), Some("hm"));
        assert_eq!(record.chat.current_id.as_deref(), Some("b"));
        assert!(record.notes["c"].other.is_some() && record.notes["a"].other.is_some());
    }

    #[test]
    fn thoughts_of_open_webui_are_taken_out_of_the_answer() {
        let block = |text: &str| {
            format!(
                "<details type=\"reasoning\" done=\"true\" duration=\"3\">\n<summary>x</summary>\n{text}\n</details>\n"
            )
        };
        for (given, thoughts, answer) in [
            (block("> a\n> > b\n>\n> c"), "a\n> b\n\nc", "So"),
            (block("&gt; a &amp;lt; &lt;b&gt;"), "a &lt; <b>", "So"),
            (block("> a") + &block("> b"), "a\n\nb", "So"),
            (String::new(), "", "So"),
        ] {
            assert_eq!(
                without_reasoning(&format!("{given}So")),
                (thoughts.into(), answer.to_owned())
            );
        }
        let open = "<details type=\"reasoning\">\n<summary>x</summary>\nno end";
        assert_eq!(without_reasoning(open), (String::new(), open.to_owned()));
    }

    mod fuzz {
        use proptest::prelude::*;

        use super::*;
        use crate::domain::Citation;

        fn any_chat() -> impl Strategy<Value = Chat> {
            let text = "[a-z <>&\"'`\\n>]{0,12}|\\PC{0,8}";
            let one = (text, proptest::option::of(text), any::<(u8, u8, u8, bool)>());
            prop::collection::vec(one, 0..8).prop_map(|given| {
                let mut messages: Vec<Message> = Vec::new();
                for (at, (text, thinking, (parent, state, extra, is_user))) in
                    given.into_iter().enumerate()
                {
                    let role = if is_user { "user" } else { "assistant" };
                    let at_time = 1_790_000_000 + i64::try_from(at).unwrap_or(0);
                    let mut said = message(&format!("m{at}"), role, &text, at_time);
                    said.parent_id = (at > 0 && parent % 5 > 0)
                        .then(|| format!("m{}", usize::from(parent) % at));
                    said.thinking = thinking.filter(|text| !is_user && !text.is_empty());
                    said.model = said.model.filter(|_| !is_user);
                    said.state = match state % 4 {
                        1 => MessageState::Stopped,
                        2 => MessageState::Failed,
                        _ => MessageState::Done,
                    };
                    if extra % 3 == 0 {
                        said.images = vec![format!("https://a.example/{extra}")];
                        said.error =
                            Some(MessageError { code: Some("E".into()), details: Some(text) });
                        said.citations = vec![Citation {
                            number: u32::from(extra) + 1,
                            url: "https://b.example".into(),
                            title: "T".into(),
                            snippet: None,
                            date: Some("now".into()),
                        }];
                    }
                    messages.push(said);
                }
                chat("c1", "A title", &messages)
            })
        }

        /// The messages in the order of their ids.
        fn sorted(chat: &Chat) -> Vec<Message> {
            let mut messages = chat.messages.clone();
            messages.sort_by_key(|message| message.id.clone());
            messages
        }

        proptest! {
            #[test]
            fn every_message_comes_back_from_other_formats(chat in any_chat()) {
                let given = Record::new(chat.clone(), None);
                for document in [export::chatgpt(&given), export::openwebui(&given)] {
                    if chat.messages.is_empty() {
                        continue;
                    }
                    let back = read(&document);
                    prop_assert_eq!(sorted(&back.chat), sorted(&chat), "{}", document);
                    let Chat { title, model, created_at, updated_at, current_id, .. } = back.chat;
                    prop_assert_eq!((title, model), (chat.title.clone(), chat.model.clone()));
                    prop_assert_eq!((created_at, updated_at), (chat.created_at, chat.updated_at));
                    prop_assert_eq!(&current_id, &chat.current_id);
                }
                let line = given.line().expect("written");
                let value: Value = serde_json::from_slice(&line).expect("JSON");
                prop_assert!(Record::parse(&value).expect("a record") == given);
            }

            #[test]
            fn any_document_is_read_or_refused(
                mapping in prop::collection::hash_map("[a-d]", ("[a-d]|", any::<u8>()), 0..5),
            ) {
                let nodes: Map<String, Value> = mapping
                    .into_iter()
                    .map(|(key, (parent, kind))| {
                        let message = match kind % 6 {
                            0 => Value::Null,
                            1 => says("system", ""),
                            2 => json!({"content": kind}),
                            3 => json!({"content": {"content_type": "thoughts", "thoughts": kind}}),
                            _ => says("user", "x"),
                        };
                        let children = json!([parent, kind, "b"]);
                        (key, json!({"parent": parent, "children": children, "message": message}))
                    })
                    .collect();
                let record = read(&json!({"mapping": nodes, "current_node": "a"}));
                prop_assert!(record.chat.branch().len() <= record.chat.messages.len());
            }
        }
    }
}
