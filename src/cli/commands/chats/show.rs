//! `chats show`

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::app::chats;
use crate::app::documents::{ChatData, DataDocument};
use crate::cli::args::ShowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{Moment, View, clean, one_line};
use crate::domain::{Chat, Message, MessageState};

/// Shows the messages of a chat.
pub(crate) async fn run(context: &Context, args: &ShowArgs) -> Outcome {
    let session = context.session(None).await?;
    let spinner = context.output.spinner("reading the chat");
    let chat = chats::show(&session, &args.id).await?;
    drop(spinner);
    if chat.incomplete {
        context.output.warn("the upstream holds older messages of this chat that it did not send");
    }
    if args.tree {
        let document = DataDocument::new(ChatData::new(&chat, &chat.messages));
        return context.output.result(&document, |view| tree(&chat, view));
    }
    let document = DataDocument::new(ChatData::branch(&chat));
    context.output.result(&document, |view| branch(&chat, view))
}

fn title(chat: &Chat, view: &View) -> String {
    let title = one_line(chat.title.as_deref().unwrap_or("(no title)"));
    let details = [
        Some(chat.id.to_string()),
        chat.model.as_deref().map(one_line),
        chat.updated_at.map(|at| Moment(Some(at)).show(view.width.is_some())),
    ];
    let details: Vec<_> = details.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    format!("{}\n{}\n", view.strong(&title), view.faint(&details.join(" · ")))
}

fn branch(chat: &Chat, view: &View) -> String {
    let mut text = title(chat, view);
    for message in chat.branch() {
        text += &message_text(message, view);
    }
    text
}

fn message_text(message: &Message, view: &View) -> String {
    let mut text = format!("\n{}\n", heading(message, view));
    if let Some(thinking) = &message.thinking {
        for line in clean(thinking).lines() {
            text += &view.faint(&format!("| {line}"));
            text.push('\n');
        }
    }
    text += &view.markdown(&clean(&message.content));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for image in &message.images {
        let _ = writeln!(text, "{}", one_line(image));
    }
    for source in &message.citations {
        let (title, url) = (one_line(&source.title), one_line(&source.url));
        let _ = writeln!(text, "[{}] {title} <{url}>", source.number);
    }
    text
}

fn heading(message: &Message, view: &View) -> String {
    let mut heading = view.strong(&format!("{}:", one_line(message.role.as_str())));
    let when = Moment(message.timestamp).show(view.width.is_some());
    let remark = match message.state {
        MessageState::Done => "",
        MessageState::InProgress => "still being written",
        MessageState::Stopped => "stopped",
        MessageState::Failed => "failed",
    };
    let error =
        message.error.as_ref().map(|error| one_line(&error.to_string())).unwrap_or_default();
    for detail in [when.as_str(), remark, &error] {
        if !detail.is_empty() {
            heading += &view.faint(&format!(" {detail}"));
        }
    }
    heading
}

/// One line a message; every branch is set in from where it leaves its parent. `*` marks the branch
/// that is shown.
fn tree(chat: &Chat, view: &View) -> String {
    let shown: HashSet<&str> = chat.branch().into_iter().map(|m| m.id.as_str()).collect();
    let mut text = title(chat, view);
    for (depth, message) in in_tree_order(chat) {
        let mark = if shown.contains(message.id.as_str()) { '*' } else { ' ' };
        let indent = "  ".repeat(depth.min(40));
        let (id, role) = (one_line(&message.id), one_line(message.role.as_str()));
        let line = format!("{mark} {indent}{id} {role}: {}", one_line(&first_line(message)));
        text += &view.cut(&line);
        text.push('\n');
    }
    text
}

fn first_line(message: &Message) -> String {
    const ENOUGH: usize = 200;
    message.content.trim().lines().next().unwrap_or_default().chars().take(ENOUGH).collect()
}

/// Every message once, parents before children. Follows no pointers recursively: a chat may be tens
/// of thousands of messages deep, and a broken one may hold a cycle (protocol F25).
fn in_tree_order(chat: &Chat) -> Vec<(usize, &Message)> {
    let known: HashMap<&str, &Message> = chat.messages.iter().map(|m| (m.id.as_str(), m)).collect();
    let mut children: HashMap<Option<&str>, Vec<&Message>> = HashMap::new();
    for message in &chat.messages {
        let parent = message.parent_id.as_deref().filter(|id| known.contains_key(id));
        children.entry(parent).or_default().push(message);
    }
    let mut order = Vec::with_capacity(chat.messages.len());
    let mut open: Vec<(usize, &Message)> = Vec::new();
    let mut next = children.remove(&None);
    let mut depth = 0;
    loop {
        let siblings = next.take().unwrap_or_default();
        let depth_of_siblings = depth + usize::from(siblings.len() > 1);
        open.extend(siblings.into_iter().rev().map(|message| (depth_of_siblings, message)));
        let Some((at, message)) = open.pop() else { break };
        order.push((at, message));
        depth = at;
        next = children.remove(&Some(message.id.as_str()));
    }
    // Messages in a cycle hang from nothing; they are shown all the same.
    for message in &chat.messages {
        if let Some(lost) = children.remove(&Some(message.id.as_str())) {
            order.extend(lost.into_iter().map(|message| (0, message)));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    fn message(id: &str, parent: Option<&str>) -> Message {
        Message {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            role: Role::User,
            content: format!("text of {id}\nmore"),
            thinking: None,
            citations: Vec::new(),
            images: Vec::new(),
            model: None,
            timestamp: None,
            state: MessageState::Done,
            error: None,
        }
    }

    fn chat(messages: Vec<Message>, current: &str) -> Chat {
        Chat {
            id: "c1".parse().expect("an id"),
            title: Some("T\u{1b}[31m".to_owned()),
            model: None,
            created_at: None,
            updated_at: None,
            pinned: false,
            current_id: Some(current.to_owned()),
            current_reply_ids: Vec::new(),
            messages,
            incomplete: false,
        }
    }

    fn plain() -> View {
        View { width: None, color: false, markdown: false }
    }

    #[test]
    fn branches_are_set_in_and_the_shown_one_is_marked() {
        let messages = vec![
            message("u1", None),
            message("r1", Some("u1")),
            message("r1b", Some("u1")),
            message("u2", Some("r1b")),
            message("u1b", None),
        ];
        let text = tree(&chat(messages, "u2"), &plain());
        assert_eq!(
            text,
            "T\nc1\n*   u1 user: text of u1\n      r1 user: text of r1\n*     r1b user: text of r1b\n\
             *     u2 user: text of u2\n    u1b user: text of u1b\n"
        );
    }

    #[test]
    fn f25_broken_and_very_deep_trees_are_shown() {
        let cycle = vec![message("a", Some("b")), message("b", Some("a")), message("c", Some("x"))];
        assert_eq!(in_tree_order(&chat(cycle, "a")).len(), 3);
        let deep: Vec<_> = (0..50_000)
            .map(|n: u32| {
                message(&n.to_string(), n.checked_sub(1).map(|p| p.to_string()).as_deref())
            })
            .collect();
        let deep = chat(deep, "49999");
        let order = in_tree_order(&deep);
        assert_eq!(order.len(), 50_000);
        assert!(order.iter().all(|(depth, _)| *depth == 0));
    }
}
