//! A part of a chat, small enough for the window of a model, with a cursor to the next part.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::chats::ChatRef;
use crate::domain::{Chat, Citation, Error, Message, MessageState, Result};

/// More pages than any list has.
pub(super) const MAX_PAGE: u32 = 5_000;
/// How many characters of text a part has.
const USUAL: usize = 20_000;
const LEAST: usize = 500;
const MOST: usize = 200_000;
/// What the names and numbers of a message take.
const OVERHEAD: usize = 100;
/// A message is only cut if so much of it fits.
const WORTH_CUTTING: usize = 500;
/// The most sources or images of a message.
const MAX_LINKS: usize = 50;
const MAX_TITLE: usize = 300;

/// The most files that are named.
const MAX_FILES: usize = 50;
const MAX_ADDRESS: usize = 2_000;

/// The wanted part of a chat.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The chat.
    pub(super) chat: ChatRef,
    start: Start,
    most: usize,
    thinking: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Start {
    /// The message with this number, from 0; a negative one is counted from the end.
    Number(i64),
    /// The message with this id, on whatever branch.
    Message(String),
    /// A character of a message of the branch that ends with the last id.
    Place { number: usize, character: usize, branch: Option<String> },
}

impl Wanted {
    /// The usual part, from the beginning or a cursor.
    ///
    /// # Errors
    /// If the cursor is none.
    pub(super) fn resource(chat: ChatRef, cursor: Option<String>) -> Result<Self> {
        Self::new(chat, (None, None, cursor), None, false)
    }

    /// The part that begins at the number, the message or the cursor: at most one of them.
    ///
    /// # Errors
    /// If several are given, or one of the values cannot be.
    pub(super) fn new(
        chat: ChatRef,
        start: (Option<i64>, Option<String>, Option<String>),
        most: Option<usize>,
        thinking: bool,
    ) -> Result<Self> {
        let start = match start {
            (None, None, None) => Start::Number(0),
            (Some(number), None, None) => Start::Number(number),
            (None, Some(id), None) => Start::Message(id),
            (None, None, Some(cursor)) => place(&cursor)?,
            _ => {
                let message = "only one of `start`, `message_id` and `cursor` can be given";
                return Err(Error::invalid(message));
            }
        };
        let most = most.unwrap_or(USUAL);
        if !(LEAST..=MOST).contains(&most) {
            let message = format!("`max_characters` must be from {LEAST} to {MOST}");
            return Err(Error::invalid(message));
        }
        Ok(Self { chat, start, most, thinking })
    }

    /// Whether it continues an earlier part.
    pub(super) fn is_next(&self) -> bool {
        matches!(self.start, Start::Place { .. })
    }

    /// The messages of `chat` whose texts [`page`] needs; `lengths` are those of all texts, in characters.
    pub(super) fn needed(&self, chat: &Chat, lengths: &HashMap<String, usize>) -> HashSet<String> {
        let mut needed = HashSet::new();
        let Ok((branch, _)) = branch(chat, &self.start) else { return needed };
        let Ok((first, mut skipped)) = first(&branch, &self.start) else { return needed };
        let mut left = self.most;
        for message in branch.iter().skip(first) {
            let length = lengths.get(&message.id).copied().unwrap_or_default();
            let rest = length.saturating_sub(std::mem::take(&mut skipped));
            needed.insert(message.id.clone());
            // One that has a text and does not fit ends the part.
            if left == 0 && rest > 0 {
                break;
            }
            left = left.saturating_sub(rest.saturating_add(OVERHEAD));
        }
        needed
    }
}

fn place(cursor: &str) -> Result<Start> {
    let mut parts = cursor.splitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse().ok());
    let (Some(number), Some(character)) = (number(), number()) else {
        return Err(Error::invalid("`cursor` must be that of an earlier result"));
    };
    Ok(Start::Place { number, character, branch: parts.next().map(str::to_owned) })
}

/// The wanted part of `chat`.
///
/// # Errors
/// If the chat has no such message.
pub(super) fn page(chat: &Chat, wanted: &Wanted) -> Result<Value> {
    let (branch, end) = branch(chat, &wanted.start)?;
    let (first, mut skipped) = first(&branch, &wanted.start)?;
    let mut left = wanted.most;
    let mut messages = Vec::new();
    let mut next = None;
    for (number, message) in branch.iter().enumerate().skip(first) {
        let length = message.content.chars().count();
        let rest = length.saturating_sub(skipped);
        let fits = left.saturating_sub(OVERHEAD);
        if !messages.is_empty() && fits < rest.min(WORTH_CUTTING) {
            next = Some((number, skipped));
            break;
        }
        let taken = rest.min(fits.max(1));
        let mut part = shown(number, message, skipped);
        part["content"] = part_of(&message.content, skipped, taken).into();
        left = fits.saturating_sub(taken);
        if wanted.thinking
            && skipped == 0
            && let Some(thinking) = &message.thinking
        {
            let thinking = part_of(thinking, 0, left);
            left -= thinking.chars().count();
            part["thinking"] = thinking.into();
        }
        if taken < rest {
            part["is_cut"] = true.into();
            messages.push(part);
            next = Some((number, skipped + taken));
            break;
        }
        for (name, links) in [("sources", sources(message)), ("images", images(message))] {
            if !links.is_empty() {
                left = left.saturating_sub(links.iter().map(|link| link.to_string().len()).sum());
                part[name] = links.into();
            }
        }
        messages.push(part);
        skipped = 0;
    }
    let mut document = json!({
        "chat_id": chat.id,
        "title": chat.title.as_deref().map(|title| part_of(title, 0, MAX_TITLE)),
        "messages_total": branch.len(),
        "messages": messages,
    });
    for (name, at) in [("created_at", chat.created_at), ("updated_at", chat.updated_at)] {
        if let Some(at) = time(at) {
            document[name] = at.into();
        }
    }
    if chat.incomplete {
        document["is_incomplete"] = true.into();
    }
    if let Some((number, character)) = next {
        let branch = end.map(|id| format!(":{id}")).unwrap_or_default();
        document["cursor"] = format!("{number}:{character}{branch}").into();
    }
    Ok(document)
}

/// The messages of the current branch, or of the one that the start names; then also the id of its message.
fn branch<'a>(chat: &'a Chat, start: &'a Start) -> Result<(Vec<&'a Message>, Option<&'a str>)> {
    let current = chat.branch();
    let id = match start {
        Start::Message(id) | Start::Place { branch: Some(id), .. } => id,
        Start::Number(_) | Start::Place { branch: None, .. } => return Ok((current, None)),
    };
    if current.iter().any(|message| message.id == *id) {
        return Ok((current, None));
    }
    let known: HashMap<&str, &Message> = chat.messages.iter().map(|m| (m.id.as_str(), m)).collect();
    let named = known.get(id.as_str()).copied().ok_or_else(|| {
        Error::invalid("the chat has no message with this id")
            .with_hint("`search_chats` and `read_chat` return the ids of messages")
    })?;
    let mut seen = HashSet::new();
    let mut branch: Vec<&Message> = std::iter::successors(Some(named), |message| {
        known.get(message.parent_id.as_deref()?).copied()
    })
    .take_while(|message| seen.insert(message.id.as_str()))
    .collect();
    branch.reverse();
    // Of several followers the last one is the newest.
    let followers: HashMap<&str, &Message> =
        chat.messages.iter().filter_map(|m| Some((m.parent_id.as_deref()?, m))).collect();
    let mut last = named;
    while let Some(next) = followers.get(last.id.as_str()).filter(|next| seen.insert(&next.id)) {
        branch.push(next);
        last = next;
    }
    Ok((branch, Some(id)))
}

/// The number of the first message, and how many characters of it are skipped.
fn first(branch: &[&Message], start: &Start) -> Result<(usize, usize)> {
    let total = branch.len();
    let (number, character) = match start {
        Start::Number(number) if *number < 0 => {
            let back = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
            (total.saturating_sub(back), 0)
        }
        Start::Number(number) => (usize::try_from(*number).unwrap_or(usize::MAX), 0),
        Start::Message(id) => {
            (branch.iter().position(|message| message.id == *id).unwrap_or_default(), 0)
        }
        Start::Place { number, character, .. } => (*number, *character),
    };
    if number >= total && number > 0 {
        let message = format!("the chat has no message {number}; it has {total}");
        return Err(Error::invalid(message).with_hint("the first one has the number 0"));
    }
    Ok((number, character))
}

/// What belongs to a message whatever part of it is shown.
fn shown(number: usize, message: &Message, skipped: usize) -> Value {
    let mut shown = json!({"number": number, "id": message.id, "role": message.role});
    if skipped > 0 {
        shown["from_character"] = skipped.into();
    }
    if let Some(model) = &message.model {
        shown["model"] = model.as_str().into();
    }
    if let Some(at) = time(message.timestamp) {
        shown["time"] = at.into();
    }
    if message.state != MessageState::Done {
        shown["state"] = json!(message.state);
    }
    if !message.files.is_empty() {
        let names = message.files.iter().take(MAX_FILES);
        shown["files"] =
            names.map(|file| part_of(&file.to_string(), 0, MAX_TITLE).to_string()).collect();
    }
    shown
}

fn sources(message: &Message) -> Vec<Value> {
    let source = |Citation { number, url, title, .. }: &Citation| {
        json!({
            "number": number,
            "title": part_of(title, 0, MAX_TITLE),
            "url": part_of(url, 0, MAX_ADDRESS),
        })
    };
    message.citations.iter().take(MAX_LINKS).map(source).collect()
}

fn images(message: &Message) -> Vec<Value> {
    let images = message.images.iter().take(MAX_LINKS);
    images.map(|image| part_of(image, 0, MAX_ADDRESS).into()).collect()
}

/// `count` characters of `text` from the character `from` on.
pub(super) fn part_of(text: &str, from: usize, count: usize) -> &str {
    let place = |text: &str, character: usize| {
        text.char_indices().nth(character).map_or(text.len(), |(place, _)| place)
    };
    let rest = &text[place(text, from)..];
    &rest[..place(rest, count)]
}

/// A time as models read it.
pub(super) fn time(seconds: Option<i64>) -> Option<String> {
    Timestamp::from_second(seconds?).ok().map(|at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    fn message(id: &str, parent: Option<&str>, content: &str) -> Message {
        Message {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            role: Role::User,
            content: content.to_owned(),
            thinking: Some("hm ".repeat(300)),
            citations: Vec::new(),
            images: Vec::new(),
            files: Vec::new(),
            model: None,
            timestamp: Some(0),
            state: MessageState::Done,
            error: None,
        }
    }

    fn chat(messages: Vec<Message>, current: &str) -> Chat {
        Chat {
            id: "c1".parse().expect("an id"),
            title: Some("T".to_owned()),
            model: None,
            created_at: None,
            updated_at: Some(i64::MAX),
            pinned: false,
            archived: false,
            project_id: None,
            current_id: Some(current.to_owned()),
            current_reply_ids: Vec::new(),
            messages,
            incomplete: false,
        }
    }

    /// A chat of `count` messages of `length` characters.
    fn long(count: usize, length: usize) -> Chat {
        let messages = (0..count).map(|number| {
            let parent = number.checked_sub(1).map(|before| format!("m{before}"));
            message(&format!("m{number}"), parent.as_deref(), &"ế".repeat(length))
        });
        chat(messages.collect(), &format!("m{}", count - 1))
    }

    fn wanted(start: (Option<i64>, Option<&str>, Option<&str>), most: usize) -> Wanted {
        let (number, message, cursor) = start;
        let start = (number, message.map(str::to_owned), cursor.map(str::to_owned));
        Wanted::new("c1".parse().expect("a chat"), start, Some(most), false).expect("a part")
    }

    fn numbers(page: &Value) -> Vec<u64> {
        let messages = page["messages"].as_array().expect("messages").iter();
        messages.filter_map(|message| message["number"].as_u64()).collect()
    }

    /// All parts of a chat, and how often it was read.
    fn whole(chat: &Chat, most: usize) -> (Vec<String>, usize) {
        let mut texts: Vec<String> = Vec::new();
        let mut cursor: Option<String> = None;
        for read in 1..10_000 {
            let page = page(chat, &wanted((None, None, cursor.as_deref()), most)).expect("a part");
            assert!(page.to_string().chars().count() < most * 2 + 1_000, "{most}");
            for message in page["messages"].as_array().expect("messages") {
                let content = message["content"].as_str().expect("a text");
                if message.get("from_character").is_some() {
                    texts.last_mut().expect("the beginning").push_str(content);
                } else {
                    texts.push(content.to_owned());
                }
            }
            match page.get("cursor").and_then(Value::as_str) {
                Some(next) => cursor = Some(next.to_owned()),
                None => return (texts, read),
            }
        }
        panic!("the parts do not end");
    }

    #[test]
    fn parts_together_are_the_whole_chat() {
        for (count, length, most) in
            [(1, 0, 500), (7, 450, 500), (30, 90, 1_000), (3, 5_000, 700), (2, 10, 200_000)]
        {
            let chat = long(count, length);
            let (texts, _) = whole(&chat, most);
            let expected: Vec<_> = chat.messages.iter().map(|m| m.content.clone()).collect();
            assert_eq!(texts, expected, "{count} {length} {most}");
        }
    }

    #[test]
    fn part_of_a_huge_chat_is_small() {
        let chat = long(50_000, 100);
        let page = page(&chat, &wanted((Some(-3), None, None), 20_000)).expect("a part");
        assert_eq!(numbers(&page), [49_997, 49_998, 49_999]);
        assert_eq!(page["messages_total"], 50_000);
        assert!(page.get("cursor").is_none());
    }

    #[test]
    fn start_may_be_a_number_a_message_or_a_cursor() {
        let chat = long(10, 10);
        let at = |start| page(&chat, &wanted(start, 500)).map(|page| numbers(&page)[0]);
        assert_eq!(at((Some(0), None, None)).ok(), Some(0));
        assert_eq!(at((Some(4), None, None)).ok(), Some(4));
        assert_eq!(at((Some(-100), None, None)).ok(), Some(0));
        assert_eq!(at((None, Some("m7"), None)).ok(), Some(7));
        assert_eq!(at((None, None, Some("9:0"))).ok(), Some(9));
        for bad in [
            (Some(10), None, None),
            (Some(i64::MAX), None, None),
            (None, Some("x"), None),
            (None, None, Some("10:0")),
            (None, None, Some("18446744073709551615:1")),
        ] {
            assert!(at(bad).is_err(), "{bad:?}");
        }
        assert_eq!(at((Some(i64::MIN), None, None)).ok(), Some(0));
        for bad in ["", "x", "1", "-1:0", "1:x"] {
            assert!(place(bad).is_err(), "{bad}");
        }
        let empty = page(&self::chat(Vec::new(), "x"), &wanted((Some(0), None, None), 500));
        assert_eq!(empty.expect("an empty chat")["messages"], json!([]));
    }

    #[test]
    fn message_of_another_branch_is_read_with_its_branch() {
        let messages = vec![
            message("u1", None, "a"),
            message("r1", Some("u1"), "b"),
            message("r2", Some("u1"), "c"),
            message("u2", Some("r1"), &"d".repeat(900)),
            message("u3", Some("u2"), "e"),
        ];
        let chat = chat(messages, "r2");
        let ids = |page: &Value| -> Vec<String> {
            let messages = page["messages"].as_array().expect("messages").iter();
            messages.filter_map(|message| message["id"].as_str().map(str::to_owned)).collect()
        };
        let first = page(&chat, &wanted((None, Some("r1"), None), 800)).expect("a part");
        assert_eq!(ids(&first), ["r1", "u2"]);
        let cursor = first["cursor"].as_str().expect("more");
        let second = page(&chat, &wanted((None, None, Some(cursor)), 900)).expect("the rest");
        assert_eq!(ids(&second), ["u2", "u3"]);
        assert_eq!(second["messages_total"], 4);
    }

    #[test]
    fn thinking_is_shown_on_request_within_the_limit() {
        let chat = long(3, 10);
        let all = |thinking| {
            let start = (None, None, None);
            let wanted = Wanted::new("c1".parse().expect("a chat"), start, Some(600), thinking);
            page(&chat, &wanted.expect("a part")).expect("a part")
        };
        assert!(all(false)["messages"][0].get("thinking").is_none());
        let thinking = all(true);
        let shown = thinking["messages"][0]["thinking"].as_str().expect("thoughts");
        assert!(shown.len() <= 500, "{}", shown.len());
    }

    #[test]
    fn cycles_end() {
        let messages = vec![
            message("a", Some("b"), "1"),
            message("b", Some("a"), "2"),
            message("c", None, "3"),
        ];
        let chat = chat(messages, "c");
        let page = page(&chat, &wanted((None, Some("a"), None), 500)).expect("a part");
        assert_eq!(page["messages_total"], 2);
    }
}
