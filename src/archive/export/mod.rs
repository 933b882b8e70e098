//! Chats in the formats of people and of other programs.
//!
//! What this module keeps true: each function writes one chat and holds no more than that; the same chat
//! gives the same bytes.

mod pages;
mod programs;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

pub(super) use pages::fenced;
pub use pages::{file_name, html, markdown};
pub use programs::{chatgpt, openai, openwebui, qwen, sharegpt};

use super::record::Record;
use crate::domain::{Chat, Message, MessageState, Role};

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own: everything, one chat a line.
    Ndjson,
    /// The document of the REST API.
    Json,
    /// Markdown, one file a chat.
    Markdown,
    /// HTML, one file a chat.
    Html,
    /// As the site exports chats.
    Qwen,
    /// Open `WebUI`.
    OpenWebUi,
    /// The `conversations.json` of an export from `ChatGPT`.
    ChatGpt,
    /// Training data in the format of `ShareGPT`.
    ShareGpt,
    /// Training data in the format of `OpenAI`, one chat a line.
    OpenAiJsonl,
}

impl Format {
    /// Every format, with its name.
    pub const ALL: [(&'static str, Self); 9] = [
        ("ndjson", Self::Ndjson),
        ("json", Self::Json),
        ("md", Self::Markdown),
        ("html", Self::Html),
        ("qwen", Self::Qwen),
        ("openwebui", Self::OpenWebUi),
        ("chatgpt", Self::ChatGpt),
        ("sharegpt", Self::ShareGpt),
        ("openai-jsonl", Self::OpenAiJsonl),
    ];

    /// Whether a directory gets one file for each chat.
    pub fn has_files(self) -> bool {
        matches!(self, Self::Json | Self::Markdown | Self::Html)
    }

    /// The end of a file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::OpenAiJsonl => "jsonl",
            Self::Json | Self::Qwen | Self::OpenWebUi | Self::ChatGpt | Self::ShareGpt => "json",
        }
    }

    /// The type of its content.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson | Self::OpenAiJsonl => "application/x-ndjson",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            _ => "application/json",
        }
    }

    /// The name of the file that has all chats.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Ndjson => "chats.ndjson",
            Self::Qwen => "qwen-chats.json",
            Self::OpenWebUi => "openwebui-chats.json",
            Self::ChatGpt => "conversations.json",
            Self::ShareGpt => "sharegpt.json",
            Self::OpenAiJsonl => "openai.jsonl",
            Self::Json | Self::Markdown | Self::Html => "chats.json",
        }
    }
}

/// Which messages to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branches {
    /// Those of the shown branch.
    Current,
    /// All.
    All,
}

/// How to write.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which messages.
    pub branches: Branches,
    /// Whether thoughts are written where the format has no place of its own for them.
    pub thinking: bool,
}

/// A message on its way out.
struct Shown<'a> {
    message: &'a Message,
    /// Which of how many siblings it is, if there are several.
    sibling: Option<(usize, usize)>,
}

/// The messages to show, each after the one that it follows.
fn shown(chat: &Chat, branches: Branches) -> Vec<Shown<'_>> {
    match branches {
        Branches::Current => {
            let branch = chat.branch().into_iter();
            branch.map(|message| Shown { message, sibling: None }).collect()
        }
        Branches::All => tree(chat),
    }
}

fn tree(chat: &Chat) -> Vec<Shown<'_>> {
    let ids: HashSet<&str> = chat.messages.iter().map(|message| message.id.as_str()).collect();
    let mut children: HashMap<Option<&str>, Vec<&Message>> = HashMap::new();
    for message in &chat.messages {
        let parent = message.parent_id.as_deref().filter(|parent| ids.contains(parent));
        children.entry(parent).or_default().push(message);
    }
    let mut shown = Vec::with_capacity(chat.messages.len());
    let mut seen = HashSet::new();
    let mut open: Vec<Shown<'_>> = siblings(&children, None);
    while let Some(next) = open.pop() {
        if seen.insert(next.message.id.as_str()) {
            open.extend(siblings(&children, Some(&next.message.id)));
            shown.push(next);
        }
    }
    // Messages may follow each other in a circle.
    for message in &chat.messages {
        if seen.insert(message.id.as_str()) {
            shown.push(Shown { message, sibling: None });
        }
    }
    shown
}

/// The followers of `parent`, the last one first.
fn siblings<'a>(
    children: &HashMap<Option<&'a str>, Vec<&'a Message>>,
    parent: Option<&'a str>,
) -> Vec<Shown<'a>> {
    let found = children.get(&parent).map(Vec::as_slice).unwrap_or_default();
    let count = found.len();
    let numbered = found.iter().enumerate().rev();
    let shown = numbered
        .map(|(at, message)| Shown { message, sibling: (count > 1).then_some((at + 1, count)) });
    shown.collect()
}

/// A time as it is written for people and programs.
fn rfc3339(at: i64) -> String {
    Timestamp::from_second(at).map(|at| at.to_string()).unwrap_or_default()
}

/// The prompts and whole answers of the shown branch, with the system prompts before them.
fn turns(record: &Record, thinking: bool) -> Option<Vec<(&'static str, String)>> {
    let mut turns = Vec::new();
    let mut prompt: Option<&str> = None;
    for message in record.chat.branch() {
        let text = message.content.trim();
        match &message.role {
            Role::Other(role) if role == "system" && turns.is_empty() && !text.is_empty() => {
                turns.push(("system", text.to_owned()));
            }
            Role::User => prompt = Some(text).filter(|text| !text.is_empty()),
            Role::Assistant if message.state == MessageState::Done && !text.is_empty() => {
                // An answer without its prompt teaches nothing.
                let Some(prompt) = prompt.take() else { continue };
                turns.push(("user", prompt.to_owned()));
                let thoughts = message.thinking.as_deref().filter(|_| thinking);
                let answer = match thoughts {
                    Some(thoughts) => format!("<think>\n{}\n</think>\n\n{text}", thoughts.trim()),
                    None => text.to_owned(),
                };
                turns.push(("assistant", answer));
            }
            Role::Assistant | Role::Other(_) => {}
        }
    }
    turns.iter().any(|(role, _)| *role == "assistant").then_some(turns)
}
