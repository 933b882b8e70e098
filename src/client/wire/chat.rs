//! Chats, messages, models and the account as the upstream stores them (protocol 2.3, 2.4, 4, 5).

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::envelope::StoredFault;
use super::frame::{ImageLink, Phase, SearchHit, number, steps};
use super::lenient::{Entries, Flag, Int, List, Object, OneOrMany, Owned, Text};
use crate::domain::{
    Chat, ChatId, ChatSummary, Citation, FileKind, FoundChat, Message, MessageError, MessageFile,
    MessageState, Model, ModelAbilities, Project, Role, User,
};

/// A kind of chat that answers in text (protocol 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// Plain text.
    Text,
    /// Text based on a web search.
    Search,
}

impl ChatKind {
    /// The kind for a prompt with or without a web search.
    pub fn for_prompt(search: bool) -> Self {
        if search { Self::Search } else { Self::Text }
    }

    /// The kind of `chat`; `None` for one that makes images, videos or the like. Old chats have no kind and
    /// hold text.
    pub fn of(chat: &ChatSummary) -> Option<Self> {
        match chat.chat_type.as_deref() {
            None | Some("" | "t2t") => Some(Self::Text),
            Some("search") => Some(Self::Search),
            Some(_) => None,
        }
    }

    /// The upstream's name of the kind.
    pub(crate) fn chat_type(self) -> &'static str {
        match self {
            Self::Text => "t2t",
            Self::Search => "search",
        }
    }
}

/// A row of a list (protocol 5.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChatRow<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    created_at: Int,
    updated_at: Int,
    pinned: Flag,
    archived: Flag,
    #[serde(borrow)]
    chat_type: Text<'a>,
    #[serde(borrow)]
    project_id: Text<'a>,
    /// Only of a search (protocol 5.3).
    #[serde(borrow)]
    content: Text<'a>,
    /// The same.
    #[serde(borrow)]
    message_id: Text<'a>,
}

impl ChatRow<'_> {
    /// The row as the result of a search; the beginning of its id if that is unusable.
    pub(crate) fn found(self) -> Result<FoundChat, String> {
        let id = self.id.non_empty().unwrap_or_default();
        let id = id.parse().map_err(|_| id.chars().take(ChatId::MAX_LEN).collect::<String>())?;
        let chat = ChatSummary {
            id,
            title: self.title.owned(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            pinned: self.pinned.0 == Some(true),
            archived: self.archived.0 == Some(true),
            chat_type: self.chat_type.owned(),
            project_id: self.project_id.owned(),
        };
        let (content, message_id) = (self.content.owned(), self.message_id.owned());
        Ok(FoundChat { chat, message_id, content })
    }
}

/// A row of the list of projects (protocol 5.10).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ProjectRow {
    id: Owned,
    name: Owned,
}

impl ProjectRow {
    /// The project, unless its id is missing.
    pub(crate) fn project(self) -> Option<Project> {
        let id = self.id.non_empty()?;
        Some(Project { name: self.name.non_empty().unwrap_or_else(|| id.clone()), id })
    }
}

/// `data` of a new chat (protocol 5.4).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewChat {
    /// Its id.
    pub id: Owned,
}

/// The response to a change (protocol 5.6, 5.7).
#[derive(Debug)]
pub(crate) enum Confirmation {
    /// `"success":true`, also without `data`; or bare `{"status":true}` or the chat.
    Yes,
    /// `{"status":false}`, bare or as `data`; or `false` as `data`.
    No,
    /// Anything else.
    Unclear,
}

impl<'de> Deserialize<'de> for Confirmation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Value::deserialize(deserializer)?;
        let status = |data: &Value| data.get("status").unwrap_or(data).clone();
        let (status, is_proof) = match body.get("success") {
            Some(success) => (status(&body["data"]), success == true),
            None => (status(&body), status(&body) == true || is_bare_chat(&body)),
        };
        let says_no = match &status {
            Value::Bool(yes) => !yes,
            Value::String(text) => ["false", "failed", "error"].contains(&text.as_str()),
            _ => false,
        };
        Ok(match (says_no, is_proof) {
            (true, _) => Self::No,
            (false, true) => Self::Yes,
            (false, false) => Self::Unclear,
        })
    }
}

fn is_bare_chat(body: &Value) -> bool {
    let has_id = body["id"].as_str().is_some_and(|id| !id.is_empty());
    has_id && (body["title"].is_string() || body["chat"].is_object())
}

/// `data` of a chat (protocol 5.5).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    id: Owned,
    title: Owned,
    chat: Object<Inner>,
    created_at: Int,
    updated_at: Int,
    pinned: Flag,
    #[serde(rename = "currentId")]
    current_id: Owned,
    #[serde(rename = "currentResponseIds")]
    current_response_ids: List<Owned>,
    archived: Flag,
    project_id: Owned,
    /// In place of `chat.history`, in some answers (protocol F113).
    messages: List<Stored>,
    pagination: Object<Pagination>,
}

/// `messages` repeats `history`; it is used only where `history` is empty.
#[derive(Debug, Default)]
struct Inner {
    history: History,
    models: List<Owned>,
    messages: List<Stored>,
    /// The ids in `messages`, where only their order is needed.
    order: Vec<String>,
}

/// The id of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Owned,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct History {
    messages: Entries<Stored>,
    #[serde(rename = "currentId")]
    current_id: Owned,
    #[serde(rename = "currentResponseIds")]
    current_response_ids: List<Owned>,
    pagination: Object<Pagination>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    oldest_id: Owned,
    has_more_older: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    id: Owned,
    #[serde(rename = "parentId")]
    parent: Owned,
    parent_id: Owned,
    #[serde(rename = "childrenIds")]
    children: List<Owned>,
    role: Owned,
    content: Owned,
    reasoning_content: Owned,
    content_list: List<Object<Part>>,
    files: List<Object<WireFile>>,
    model: Owned,
    timestamp: Int,
    done: Flag,
    is_stop: Flag,
    status: Owned,
    error: StoredFault,
    info: Object<SearchInfo>,
}

/// A file of a message (protocol 10.4).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireFile {
    #[serde(rename = "type")]
    kind: Owned,
    name: Owned,
    size: Int,
    file_type: Owned,
    #[serde(rename = "isQuote")]
    is_quote: Flag,
}

/// The files that the person sent with a message.
fn message_files(files: List<Object<WireFile>>) -> Vec<MessageFile> {
    let files = files.0.into_iter().filter_map(|file| file.0);
    let own = files.filter(|file| file.is_quote.0 != Some(true));
    let file = |file: WireFile| {
        let kind = match file.kind.as_deref() {
            Some("image") => Some(FileKind::Image),
            Some("file") => Some(FileKind::Document),
            Some("audio") => Some(FileKind::Audio),
            Some("video") => Some(FileKind::Video),
            _ => None,
        };
        Some(MessageFile {
            name: file.name.non_empty()?,
            media_type: file.file_type.non_empty(),
            size: file.size.unsigned().filter(|size| *size > 0),
            kind,
        })
    };
    own.filter_map(file).collect()
}

/// A message, converted while it is parsed: a chat may hold very many.
#[derive(Debug)]
struct Stored {
    message: Option<Message>,
    /// Its followers in order of creation, if there are several.
    children: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part {
    content: Owned,
    phase: Owned,
    status: Owned,
    extra: Object<PartExtra>,
}

impl Part {
    fn kind(&self) -> Phase<'_> {
        Phase::named(self.phase.as_deref())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PartExtra {
    summary_title: Object<StoredSnapshot>,
    summary_thought: Object<StoredSnapshot>,
    web_search_info: List<Object<SearchHit>>,
    image_list: List<Object<ImageLink>>,
    tool_result: ToolResult,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StoredSnapshot {
    content: List<Owned>,
}

/// The result of a tool: an object for a search, a list for a drawing (protocol 7.7, 7.9).
#[derive(Debug, Default)]
struct ToolResult {
    used_id: Int,
    images: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FoundOrDrawn {
    used_id: Int,
    file_path: Owned,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchInfo {
    web_search_info: List<Object<SearchHit>>,
}

impl<'de> Deserialize<'de> for ToolResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let result: OneOrMany<FoundOrDrawn, Object<ImageLink>> =
            OneOrMany::deserialize(deserializer)?;
        Ok(match result {
            OneOrMany::One(one) => Self {
                used_id: one.used_id,
                images: one.file_path.non_empty().into_iter().collect(),
            },
            OneOrMany::Many(many) => {
                let images = many.into_iter().filter_map(|image| image.0?.image.non_empty());
                Self { images: images.collect(), ..Self::default() }
            }
            OneOrMany::Neither => Self::default(),
        })
    }
}

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = Object::<WireMessage>::deserialize(deserializer)?;
        let Some(mut message) = message.0 else {
            return Ok(Self { message: None, children: Vec::new() });
        };
        let mut children = std::mem::take(&mut message.children.0);
        if children.len() < 2 {
            children.clear();
        }
        let children = children.into_iter().filter_map(Owned::non_empty).collect();
        Ok(Self { message: message.message(), children })
    }
}

struct InnerVisitor;

impl<'de> Visitor<'de> for InnerVisitor {
    type Value = Inner;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Inner, A::Error> {
        let mut inner = Inner::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "history" => inner.history = map.next_value::<Object<_>>()?.0.unwrap_or_default(),
                "models" => inner.models = map.next_value()?,
                "messages" if inner.history.messages.0.is_empty() => {
                    inner.messages = map.next_value()?;
                }
                // No message names the first ones, which have no parent.
                "messages" if inner.history.first_messages() > 1 => {
                    let named: List<Object<Named>> = map.next_value()?;
                    let named = named.0.into_iter().filter_map(|named| named.0?.id.non_empty());
                    inner.order = named.collect();
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(inner)
    }
}

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InnerVisitor)
    }
}

impl History {
    fn first_messages(&self) -> usize {
        let messages = self.messages.0.iter().filter_map(|(_, stored)| stored.message.as_ref());
        messages.filter(|message| message.parent_id.is_none()).count()
    }
}

/// Puts the members of each family in order; other messages stay where they are. A JSON object has no order,
/// and timestamps are whole seconds.
fn order_siblings(messages: Vec<Message>, families: &[Vec<String>]) -> Vec<Message> {
    if families.is_empty() {
        return messages;
    }
    let at: HashMap<&str, usize> =
        messages.iter().enumerate().map(|(at, message)| (message.id.as_str(), at)).collect();
    let mut places: Vec<usize> = (0..messages.len()).collect();
    for family in families {
        let wanted: Vec<usize> =
            family.iter().filter_map(|id| at.get(id.as_str()).copied()).collect();
        let mut free = wanted.clone();
        free.sort_unstable();
        for (from, to) in wanted.into_iter().zip(free) {
            places[from] = to;
        }
    }
    let mut ordered: Vec<_> = places.into_iter().zip(messages).collect();
    ordered.sort_by_key(|(place, _)| *place);
    ordered.into_iter().map(|(_, message)| message).collect()
}

/// The first messages of all branches by their time; within one second in the order of `named`.
fn first_messages(messages: &[Message], named: &[String]) -> Vec<String> {
    let times: HashMap<&str, Option<i64>> = messages
        .iter()
        .filter(|message| message.parent_id.is_none())
        .map(|message| (message.id.as_str(), message.timestamp))
        .collect();
    let mut first: Vec<&String> =
        named.iter().filter(|id| times.contains_key(id.as_str())).collect();
    first.sort_by_key(|id| times[id.as_str()]);
    first.into_iter().cloned().collect()
}

impl Detail {
    /// Whether it is a chat at all, even an empty one (protocol F23).
    pub(crate) fn is_chat(&self) -> bool {
        let has_id = self.id.as_deref().is_some_and(|id| !id.is_empty());
        has_id || self.chat.0.is_some() || !self.messages.0.is_empty()
    }

    /// The page of the chat; `asked` is the requested id.
    fn page(self, asked: &ChatId) -> Page {
        let inner = self.chat.0.unwrap_or_default();
        let history = inner.history;
        let mut families = Vec::new();
        let keyed = history.messages.0.into_iter().filter_map(|(key, stored)| {
            if !stored.children.is_empty() {
                families.push(stored.children);
            }
            let message = stored.message?;
            Some(Message { id: if message.id.is_empty() { key } else { message.id }, ..message })
        });
        let mut messages: Vec<Message> = keyed.filter(|message| !message.id.is_empty()).collect();
        let mut links = Links::Given;
        if messages.is_empty() {
            let is_bare = inner.messages.0.is_empty();
            let listed = if is_bare { self.messages } else { inner.messages };
            messages = in_order(listed.0.into_iter().filter_map(|stored| stored.message).collect());
            if are_unlinked(&messages) {
                links = if is_bare { Links::MissingInPage } else { Links::Missing };
            }
        }
        if !inner.order.is_empty() {
            families.push(first_messages(&messages, &inner.order));
        }
        let pagination = history.pagination.0.or(self.pagination.0);
        let has_older = pagination.as_ref().and_then(|page| page.has_more_older.0);
        let replies = [history.current_response_ids, self.current_response_ids];
        let chat = Chat {
            id: self.id.non_empty().and_then(|id| id.parse().ok()).unwrap_or_else(|| asked.clone()),
            title: self.title.non_empty(),
            model: inner.models.0.into_iter().rev().find_map(Owned::non_empty),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            pinned: self.pinned.0 == Some(true),
            archived: self.archived.0 == Some(true),
            project_id: self.project_id.non_empty(),
            current_id: history.current_id.non_empty().or(self.current_id.non_empty()),
            current_reply_ids: replies
                .into_iter()
                .map(|ids| ids.0.into_iter().filter_map(Owned::non_empty).collect::<Vec<_>>())
                .find(|ids| !ids.is_empty())
                .unwrap_or_default(),
            messages,
            incomplete: has_older == Some(true),
        };
        Page {
            chat,
            families,
            links,
            oldest: pagination.and_then(|page| page.oldest_id.non_empty()),
            has_older,
        }
    }
}

/// One answer with messages of a chat: all of them, the newest ones, or some older ones.
struct Page {
    chat: Chat,
    families: Vec<Vec<String>>,
    links: Links,
    /// The oldest message on it, as the upstream names it.
    oldest: Option<String>,
    /// Whether there are older messages, as far as the upstream says so.
    has_older: Option<bool>,
}

/// Whether the messages of a page name their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    /// They do.
    Given,
    /// They do not: each follows the one before.
    Missing,
    /// The same, and nothing shows whether there are older messages.
    MissingInPage,
}

/// A flat list, oldest first, as trees are.
fn in_order(mut messages: Vec<Message>) -> Vec<Message> {
    messages.retain(|message| !message.id.is_empty());
    let [first, second, ..] = messages.as_slice() else { return messages };
    let last = messages.last().and_then(|last| last.timestamp);
    let is_newest_first = match first.timestamp.cmp(&last) {
        std::cmp::Ordering::Equal => first.parent_id.as_ref() == Some(&second.id),
        order => order.is_gt(),
    };
    if is_newest_first {
        messages.reverse();
    }
    messages
}

/// A reply always follows something, so a list with replies and no parents names no parents at all.
fn are_unlinked(messages: &[Message]) -> bool {
    messages.iter().any(|message| message.role == Role::Assistant)
        && messages.iter().all(|message| message.parent_id.is_none())
}

/// The newest message of a page that no other one on it follows.
fn last_reply(page: &[Message]) -> Option<String> {
    let followed: HashSet<_> =
        page.iter().filter_map(|message| message.parent_id.as_deref()).collect();
    let ends = page.iter().filter(|message| !followed.contains(message.id.as_str()));
    ends.max_by_key(|message| message.timestamp).map(|message| message.id.clone())
}

/// A chat that is read page by page, from the newest messages to older ones (protocol F113).
pub(crate) struct PagedChat {
    /// What the newest page says about the chat; its messages are in `pages`.
    chat: Chat,
    /// Newest first.
    pages: Vec<(Links, Vec<Message>)>,
    families: Vec<Vec<String>>,
    /// The parents of the messages so far.
    parents: HashMap<String, Option<String>>,
    /// The messages of the current branch so far, and the oldest of them.
    branch: HashSet<String>,
    root: Option<String>,
    /// The oldest message of the last page.
    oldest: Option<String>,
    has_older: Option<bool>,
    /// Each cursor is used once, so a cursor that repeats its page ends the walk.
    used: HashSet<String>,
    size: usize,
}

/// The longest id that becomes a cursor.
const MAX_CURSOR: usize = 256;
/// More messages than any chat has; the size is in bytes of text.
const MAX_PAGES: usize = 10_000;
const MAX_SIZE: usize = 512 << 20;

impl PagedChat {
    /// Begins with the newest page, or the whole chat; `asked` is the requested id.
    pub(crate) fn new(newest: Detail, asked: &ChatId) -> Self {
        let mut page = newest.page(asked);
        let branch: Vec<String> =
            page.chat.branch().into_iter().map(|message| message.id.clone()).collect();
        let messages = std::mem::take(&mut page.chat.messages);
        let mut paged = Self {
            root: branch.first().cloned(),
            branch: branch.into_iter().collect(),
            chat: page.chat,
            pages: Vec::new(),
            families: Vec::new(),
            parents: HashMap::new(),
            oldest: None,
            has_older: None,
            used: HashSet::new(),
            size: 0,
        };
        paged.take(page.families, page.links, messages);
        paged.oldest = page.oldest;
        paged.has_older = page.has_older;
        paged
    }

    /// The cursor of the next older page; `None` if there is none, or no way to it.
    pub(crate) fn cursor(&mut self) -> Option<String> {
        let may_have_older = self.has_older.unwrap_or_else(|| self.seems_cut());
        if !may_have_older || self.pages.len() >= MAX_PAGES || self.size > MAX_SIZE {
            return None;
        }
        let (links, page) = self.pages.last()?;
        let first = match links {
            Links::Given => self.root.as_ref(),
            Links::Missing | Links::MissingInPage => page.first().map(|first| &first.id),
        };
        let candidates = [self.oldest.as_ref(), first];
        let usable = |id: &&String| id.len() <= MAX_CURSOR && !self.used.contains(*id);
        let cursor = candidates.into_iter().flatten().find(usable)?.clone();
        self.used.insert(cursor.clone());
        Some(cursor)
    }

    /// Adds an older page. Returns whether it holds any message that is new.
    pub(crate) fn add(&mut self, older: Detail) -> bool {
        let page = older.page(&self.chat.id);
        let is_new = self.take(page.families, page.links, page.chat.messages);
        // A page that repeats another says nothing about what is older than that.
        if is_new {
            self.oldest = page.oldest;
            self.has_older = page.has_older;
        }
        is_new
    }

    fn take(
        &mut self,
        families: Vec<Vec<String>>,
        links: Links,
        mut messages: Vec<Message>,
    ) -> bool {
        messages.retain(|message| !self.parents.contains_key(&message.id));
        for message in &messages {
            self.size += message.content.len() + message.thinking.as_ref().map_or(0, String::len);
            self.parents.insert(message.id.clone(), message.parent_id.clone());
        }
        while let Some(Some(parent)) = self.root.as_ref().and_then(|root| self.parents.get(root))
            && self.parents.contains_key(parent)
            && self.branch.insert(parent.clone())
        {
            self.root = Some(parent.clone());
        }
        self.families.extend(families);
        let is_new = !messages.is_empty();
        if is_new {
            self.pages.push((links, messages));
        }
        is_new
    }

    /// Whether the shown branch begins in the middle, or nothing shows where it begins.
    fn seems_cut(&self) -> bool {
        self.lacks_parent() || matches!(self.pages.last(), Some((Links::MissingInPage, _)))
    }

    fn lacks_parent(&self) -> bool {
        let parent = self.root.as_ref().and_then(|root| self.parents.get(root)?.as_ref());
        parent.is_some_and(|parent| !self.parents.contains_key(parent))
    }

    /// The chat with all messages that were read.
    pub(crate) fn finish(mut self) -> Chat {
        self.chat.incomplete = self.has_older.unwrap_or_else(|| self.lacks_parent());
        let mut messages: Vec<Message> = Vec::with_capacity(self.parents.len());
        let mut before: Option<String> = None;
        for (links, mut page) in self.pages.into_iter().rev() {
            if links == Links::Given {
                before = last_reply(&page).or(before);
            } else {
                for message in &mut page {
                    message.parent_id = before.replace(message.id.clone());
                }
            }
            messages.extend(page);
        }
        Chat { messages: order_siblings(messages, &self.families), ..self.chat }
    }
}

impl WireMessage {
    /// The message; its id may be missing here and be the key of the entry.
    fn message(self) -> Option<Message> {
        let role = match self.role.non_empty()?.as_str() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            other => Role::Other(other.to_owned()),
        };
        let parts: Vec<Part> = self.content_list.0.into_iter().filter_map(|part| part.0).collect();
        let failed = self.error.0.is_some() || self.status.as_deref() == Some("error");
        let state = state(self.done, self.is_stop, failed, &parts);
        Some(Message {
            id: self.id.non_empty().unwrap_or_default(),
            parent_id: self.parent.non_empty().or(self.parent_id.non_empty()),
            role,
            content: content(&parts, self.content),
            thinking: thinking(&parts).or(self.reasoning_content.non_blank()),
            citations: citations(&parts, self.info.0),
            images: images(&parts),
            files: message_files(self.files),
            model: self.model.non_empty(),
            timestamp: self.timestamp.0,
            state,
            error: self
                .error
                .0
                .map(|refusal| MessageError { code: refusal.code, details: refusal.details }),
        })
    }
}

/// The state of a message (protocol 5.5). A message without any sign is done, as user messages and old ones
/// are.
fn state(done: Flag, stopped: Flag, failed: bool, parts: &[Part]) -> MessageState {
    let any = |wanted: &[&str]| {
        parts
            .iter()
            .any(|part| part.status.as_deref().is_some_and(|status| wanted.contains(&status)))
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

/// The answer parts joined with blank lines; without any, the old member `content`.
fn content(parts: &[Part], fallback: Owned) -> String {
    let answers: Vec<&str> = parts
        .iter()
        .filter(|part| part.kind() == Phase::Answer)
        .filter_map(|part| part.content.as_deref())
        .collect();
    if answers.is_empty() { fallback.0.unwrap_or_default() } else { answers.join("\n\n") }
}

fn thinking(parts: &[Part]) -> Option<String> {
    let thoughts: Vec<String> = parts
        .iter()
        .filter(|part| part.kind() == Phase::Thinking)
        .filter_map(|part| {
            let list = |snapshot: &Object<StoredSnapshot>| -> Vec<String> {
                let items = snapshot.0.iter().flat_map(|snapshot| &snapshot.content.0);
                items.map(|item| item.0.as_deref().unwrap_or_default().to_owned()).collect()
            };
            let summary = part.extra.0.as_ref().map(|extra| {
                steps(&list(&extra.summary_title), &list(&extra.summary_thought)).join("\n\n")
            });
            summary.filter(|text| !text.is_empty()).or_else(|| part.content.clone().non_empty())
        })
        .filter(|thought| !thought.trim().is_empty())
        .collect();
    (!thoughts.is_empty()).then(|| thoughts.join("\n\n"))
}

fn citations(parts: &[Part], info: Option<SearchInfo>) -> Vec<Citation> {
    let mut found: Vec<Citation> = Vec::new();
    for extra in parts.iter().filter_map(|part| part.extra.0.as_ref()) {
        let used_id = extra.tool_result.used_id.unsigned();
        let new = number(extra.web_search_info.0.clone(), used_id, found.len());
        found.extend(new);
    }
    if found.is_empty() {
        found = number(info.map(|info| info.web_search_info.0).unwrap_or_default(), None, 0);
    }
    found
}

/// As in a stream: the text of an image phase is its address, and tools list their results.
fn images(parts: &[Part]) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| part.kind() == Phase::Image) {
        let text = part.content.as_deref().filter(|url| url.starts_with("http"));
        let extra = part.extra.0.as_ref();
        let drawn = extra.into_iter().flat_map(|extra| &extra.tool_result.images);
        let listed = extra.into_iter().flat_map(|extra| &extra.image_list.0);
        let listed = listed.filter_map(|image| image.0.as_ref()?.image.as_deref());
        for url in text.into_iter().chain(drawn.map(String::as_str)).chain(listed) {
            if !url.is_empty() && !images.iter().any(|known| known == url) {
                images.push(url.to_owned());
            }
        }
    }
    images
}

/// `GET /api/v1/auths/`, bare or in an envelope.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireAccount {
    id: Owned,
    user_id: Owned,
    email: Owned,
    name: Owned,
    token: Owned,
    data: Object<Box<WireAccount>>,
}

impl WireAccount {
    /// The account itself, without its envelope.
    pub(crate) fn unwrapped(self) -> Self {
        match self.data.0 {
            Some(inner) => *inner,
            None => self,
        }
    }

    /// The new token, if the response has one.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone().non_empty()
    }

    /// The user; `None` if the token is not signed in (protocol F5).
    pub(crate) fn user(self) -> Option<User> {
        Some(User {
            id: self.id.non_empty().or(self.user_id.non_empty())?,
            email: self.email.non_empty().unwrap_or_default(),
            name: self.name.non_empty().unwrap_or_default(),
        })
    }
}

/// The payload of a refresh.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Refreshed {
    /// The new access token.
    pub access_token: Owned,
    /// Its name in the older variant.
    pub token: Owned,
    /// The next refresh token, if it was rotated.
    #[serde(alias = "refreshToken")]
    pub refresh_token: Owned,
}

/// `[…]`, `{data:[…]}`, `{data:{data:[…]}}` or `{data:{models:[…]}}`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum ModelList {
    /// The list itself.
    Bare(Vec<Object<WireModel>>),
    /// The list in a wrapper.
    Wrapped {
        /// The content of the wrapper.
        #[serde(alias = "models")]
        data: Box<ModelList>,
    },
}

impl ModelList {
    /// The usable models, in the upstream's order.
    pub(crate) fn models(self) -> Vec<Model> {
        match self {
            Self::Bare(items) => {
                items.into_iter().filter_map(|item| item.0.and_then(WireModel::model)).collect()
            }
            Self::Wrapped { data } => data.models(),
        }
    }
}

/// One model (protocol 4.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireModel {
    id: Owned,
    name: Owned,
    info: Object<Info>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    meta: Object<Meta>,
    is_active: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    description: Owned,
    short_description: Owned,
    capabilities: Object<Capabilities>,
    max_context_length: Int,
    max_generation_length: Int,
    chat_type: List<Owned>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    vision: Flag,
    document: Flag,
    video: Flag,
    audio: Flag,
    thinking: Flag,
    search: Flag,
}

impl WireModel {
    fn model(self) -> Option<Model> {
        let id = self.id.non_empty()?;
        let info = self.info.0.unwrap_or_default();
        if info.is_active.0 == Some(false) {
            return None;
        }
        let meta = info.meta.0.unwrap_or_default();
        let can = meta.capabilities.0.unwrap_or_default();
        let on = |flag: Flag| flag.0 == Some(true);
        let chat_types: Vec<String> =
            meta.chat_type.0.into_iter().filter_map(Owned::non_empty).collect();
        Some(Model {
            name: self.name.non_empty().unwrap_or_else(|| id.clone()),
            id,
            description: meta.short_description.non_empty().or(meta.description.non_empty()),
            max_context_length: meta.max_context_length.unsigned(),
            max_generation_length: meta.max_generation_length.unsigned(),
            abilities: ModelAbilities {
                thinking: on(can.thinking),
                search: on(can.search) || chat_types.iter().any(|kind| kind == "search"),
                vision: on(can.vision),
                document: on(can.document),
                video: on(can.video),
                audio: on(can.audio),
            },
            chat_types,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    #[test]
    fn reading_a_chat_of_many_pages_takes_linear_time() {
        const PAGE: usize = 10;
        let read = |messages: usize| {
            let page = |number: usize| -> Detail {
                let last = messages - number * PAGE;
                let ids = last - PAGE..last;
                let all: serde_json::Map<_, _> = ids
                    .clone()
                    .map(|n| {
                        let parent = n.checked_sub(1).map(|parent| format!("m{parent}"));
                        let role = if n % 2 == 0 { "user" } else { "assistant" };
                        (format!("m{n}"), json!({"role": role, "parentId": parent, "content": "x"}))
                    })
                    .collect();
                let history = json!({"messages": all, "currentId": format!("m{}", last - 1),
                    "pagination": {"oldest_id": format!("m{}", ids.start), "has_more_older": ids.start > 0}});
                serde_json::from_value(json!({"chat": {"history": history}})).expect("a page")
            };
            let pages: Vec<_> = (0..messages / PAGE).map(page).collect();
            let began = Instant::now();
            let mut pages = pages.into_iter();
            let id = "c1".parse().expect("an id");
            let mut chat = PagedChat::new(pages.next().expect("a page"), &id);
            while chat.cursor().is_some() {
                assert!(chat.add(pages.next().expect("no more pages than there are")));
            }
            let chat = chat.finish();
            assert_eq!((chat.branch().len(), chat.incomplete), (messages, false));
            began.elapsed()
        };
        let (short, long) = (read(3_000), read(30_000));
        assert!(long < short * 40 + Duration::from_millis(500), "{short:?} {long:?}");
    }
}
