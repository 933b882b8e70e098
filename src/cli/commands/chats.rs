//! `chats …`

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::archive;
use crate::app::archive as app_archive;
use crate::app::chats::{self, ChatRef, ListRequest, Pages};
use crate::app::documents::{ChatData, ChatsDocument, DataDocument, DoneDocument, NewChatData};
use crate::cli::args::{Format, ListArgs};
use crate::cli::context::Context;
use crate::cli::output::{
    Failure, Moment, Outcome, Role, Table, View, clean, one_line, past, source_lines,
};
use crate::client::Mark;
use crate::domain::{
    self, Chat, ChatId, ChatList, ChatSummary, Error, ErrorKind, Message, MessageState,
};

/// How the ids of imported chats begin.
const IMPORTED: &str = "imp-";

/// `chats list`
pub(super) async fn list(context: &Context, args: &ListArgs) -> Outcome {
    let since = args.since.as_deref().map(|text| past("--since", text)).transpose()?;
    if args.archived_locally {
        return archived(context, args, since).await;
    }
    let page = (!args.all).then_some(args.page);
    let pages = page.map_or(Pages::All, Pages::One);
    let session = context.session().await?;
    let list = match (args.pinned, args.archived, &args.project) {
        (true, ..) => ChatList::Pinned,
        (_, true, _) => ChatList::Archived,
        (.., Some(named)) => ChatList::Project(chats::find_project(&session, named).await?.id),
        (.., None) => ChatList::Main,
    };
    let limit = args.limit.map(|limit| limit as usize);
    let request = ListRequest { list, pages, limit, since };
    let progress = page.is_none().then(|| context.output.counter("chats read:"));
    let hidden = archive::hidden(context, archive::account(context).await?).await;
    let rows = hidden
        .list(&session, request.clone(), |count| {
            if let Some(progress) = &progress {
                progress.set(count);
            }
        })
        .await?;
    drop(progress);
    if rows.is_empty() && !context.output.policy().is_json() {
        context.output.note("no chats");
    }
    let total_all = match (request, context.output.policy().format) {
        // A limit hides the length of the list.
        (ListRequest { limit: Some(_), list, .. }, Format::Json) => {
            let all = ListRequest { list, ..ListRequest::all() };
            Some(hidden.list(&session, all, |_| ()).await?.len())
        }
        _ => None,
    };
    let document = ChatsDocument::new(&rows, page).of_all(total_all);
    context.output.list(&document, &rows, |view| table(&rows, view))
}

/// `chats list --archived-locally`
async fn archived(context: &Context, args: &ListArgs, since: Option<i64>) -> Outcome {
    let loaded = context.settings().await?;
    let path = app_archive::path(loaded.paths.data_dir()?);
    let mut rows = app_archive::rows(path, archive::account(context).await?, since).await?;
    rows.truncate(args.limit.map_or(usize::MAX, |limit| limit as usize));
    if rows.is_empty() && !context.output.policy().is_json() {
        context.output.note("no chats");
    }
    let document = ChatsDocument::new(&rows, None);
    context.output.list(&document, &rows, |view| table(&rows, view))
}

fn table(rows: &[ChatSummary], view: &View) -> String {
    let is_terminal = view.width.is_some();
    let mut table = Table::new(&["ID", "TITLE", "CREATED", "UPDATED"], 1).spare(2);
    let length = if is_terminal { unique_length(rows) } else { usize::MAX };
    for row in rows {
        table.row([
            row.id.as_str().chars().take(length).collect(),
            match row.title.as_deref().unwrap_or_default() {
                title if is_terminal && row.pinned => format!("* {title}"),
                title => title.to_owned(),
            },
            Moment(row.created_at).show(is_terminal),
            Moment(row.updated_at).show(is_terminal),
        ]);
    }
    table.render(view)
}

/// The length at which the beginnings of the ids differ.
fn unique_length(rows: &[ChatSummary]) -> usize {
    let differ = |length: &usize| {
        let mut seen = HashSet::new();
        rows.iter().all(|row| seen.insert(row.id.as_str().get(..*length)))
    };
    (ChatId::SHORT..ChatId::MAX_LEN).find(differ).unwrap_or(ChatId::MAX_LEN)
}

/// `chats new`
pub(super) async fn new(context: &Context, title: Option<&str>) -> Outcome {
    let title = title.map(chats::usable_title).transpose()?;
    let loaded = context.settings().await?;
    let session = context.session().await?;
    let model = loaded.settings.model.value.as_deref();
    let id = chats::new(&session, model, title.as_deref()).await?;
    context.output.result(&DataDocument::new(NewChatData { id: &id }), |_| format!("{id}\n"))
}

/// `chats rename`
pub(super) async fn rename(context: &Context, chat: &ChatRef, title: &str) -> Outcome {
    let title = chats::usable_title(title)?;
    let session = context.session().await?;
    let id = chats::find(&session, chat).await?;
    chats::rename(&session, &id, &title).await?;
    context.output.result(&DoneDocument::chat_renamed(), |_| format!("renamed {id}\n"))
}

/// `chats pin`, `chats archive` and their opposites.
pub(super) async fn mark(context: &Context, chat: &ChatRef, mark: Mark, on: bool) -> Outcome {
    let session = context.session().await?;
    let id = chats::find(&session, chat).await?;
    session.mark_chat(&id, mark, on).await?;
    let done = match (mark, on) {
        (Mark::Pinned, true) => "pinned",
        (Mark::Pinned, false) => "unpinned",
        (Mark::Archived, true) => "archived",
        (Mark::Archived, false) => "unarchived",
    };
    context.output.result(&DoneDocument::chat_changed(), |_| format!("{done} {id}\n"))
}

/// `chats move`
pub(super) async fn move_chat(context: &Context, chat: &ChatRef, project: Option<&str>) -> Outcome {
    let session = context.session().await?;
    let id = chats::find(&session, chat).await?;
    let project = match project {
        Some(named) => Some(chats::find_project(&session, named).await?),
        None => None,
    };
    session.move_chat(&id, project.as_ref().map(|project| project.id.as_str())).await?;
    context.output.result(&DoneDocument::chat_changed(), |_| match &project {
        Some(project) => format!("moved {id} to {}\n", one_line(&project.name)),
        None => format!("moved {id} out of its project\n"),
    })
}

/// `chats projects`
pub(super) async fn projects(context: &Context) -> Outcome {
    let session = context.session().await?;
    let projects = session.projects().await?;
    if projects.is_empty() && !context.output.policy().is_json() {
        context.output.note("no projects");
    }
    context.output.list(&DataDocument::new(&projects), &projects, |view| {
        let mut table = Table::new(&["ID", "NAME"], 1);
        for project in &projects {
            table.row([project.id.clone(), project.name.clone()]);
        }
        table.render(view)
    })
}

/// `chats show`
pub(super) async fn show(context: &Context, chat: &ChatRef, as_tree: bool) -> Outcome {
    let spinner = context.output.spinner("reading the chat");
    let read = async {
        // The account has never had an imported one.
        if chat.beginning().is_some_and(|id| id.starts_with(IMPORTED)) {
            let message =
                format!("no id of a chat begins with `{}`", chat.beginning().unwrap_or_default());
            return Err(Error::new(ErrorKind::NotFound, message).into());
        }
        let session = context.session().await?;
        Ok::<_, Failure>(chats::show(&session, &chats::find(&session, chat).await?).await?)
    };
    let read = read.await;
    drop(spinner);
    let is_copy = read.is_err();
    let chat = match read {
        Ok(chat) => chat,
        Err(Failure::Error(error)) => archive::stored(context, chat, error).await?,
        Err(failure) => return Err(failure),
    };
    if chat.incomplete {
        context.output.warn("the upstream did not send the older messages of this chat");
    }
    print_chat(context, &chat, as_tree, is_copy)
}

/// Prints a chat: its current branch, or all of them. `is_copy` if it is from the archive.
pub(super) fn print_chat(context: &Context, chat: &Chat, as_tree: bool, is_copy: bool) -> Outcome {
    if as_tree {
        let document =
            DataDocument::new(ChatData::new(chat, &chat.messages).archived_copy(is_copy));
        return context.output.paged(&document, |view| tree(chat, view));
    }
    let document = DataDocument::new(ChatData::branch(chat).archived_copy(is_copy));
    context.output.paged(&document, |view| branch(chat, view))
}

fn title(chat: &Chat, view: &View) -> String {
    let title = one_line(chat.title.as_deref().unwrap_or("(no title)"));
    let details = [
        Some(chat.id.to_string()),
        chat.model.as_deref().map(one_line),
        chat.updated_at.map(|at| Moment(Some(at)).show(view.width.is_some())),
    ];
    let details: Vec<_> = details.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    format!(
        "{}\n{}\n",
        view.paint(Role::Heading, &title),
        view.paint(Role::Muted, &details.join(" · "))
    )
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
            text += &view.paint(Role::Muted, &format!("| {line}"));
            text.push('\n');
        }
    }
    text += &view.markdown(&clean(&message.content), &message.citations);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for image in &message.images {
        let _ = writeln!(text, "{}", one_line(image));
    }
    for file in &message.files {
        let attached = format!("Attached: {}", one_line(&file.to_string()));
        let _ = writeln!(text, "{}", view.paint(Role::Muted, &attached));
    }
    if !message.citations.is_empty() {
        text += "\nSources:\n";
    }
    for line in source_lines(&message.citations) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

fn heading(message: &Message, view: &View) -> String {
    let role = one_line(message.role.as_str());
    let (role, separator) = match (view.width, &message.role) {
        (None, _) => (format!("{role}:"), " "),
        (Some(_), domain::Role::User) => ("You".to_owned(), " · "),
        (Some(_), _) => (message.model.as_deref().map_or(role, one_line), " · "),
    };
    let mut heading = view.paint(Role::Heading, &role);
    let when = Moment(message.timestamp).show(view.width.is_some());
    let remark = match message.state {
        MessageState::Done => "",
        MessageState::InProgress => "in progress",
        MessageState::Stopped => "stopped",
        MessageState::Failed => "failed",
    };
    let error =
        message.error.as_ref().map(|error| one_line(&error.to_string())).unwrap_or_default();
    for detail in [when.as_str(), remark, &error] {
        if !detail.is_empty() {
            heading += &view.paint(Role::Muted, &format!("{separator}{detail}"));
        }
    }
    heading
}

/// One line a message. A branch is indented from where it leaves its parent; `*` marks the current
/// branch.
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

/// Every message once, parents before children. Not recursive: a chat may be tens of thousands of
/// messages deep, and a broken one may hold a cycle (protocol F25).
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
    // Messages in a cycle have no root; they are appended.
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
            files: Vec::new(),
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
            archived: false,
            project_id: None,
            incomplete: false,
        }
    }

    fn plain() -> View {
        View::default()
    }

    #[test]
    fn branches_are_indented_and_the_current_one_is_marked() {
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
    fn f25_cycles_and_very_deep_trees_are_shown() {
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
