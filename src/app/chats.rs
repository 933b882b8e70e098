//! Chats: list, show, create, rename, delete; the models that they may use, and numbers about them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::client::{Batch, ChatKind, Session};
use crate::domain::{
    Chat, ChatId, ChatList, ChatSummary, Error, ErrorKind, Project, Result, Stats,
};

/// How many pages are requested ahead of the current one.
const LOOK_AHEAD: usize = 3;

/// Rows of a full page (protocol 5.1).
const FULL_PAGE: usize = 60;

/// More chats, and more pages, than any account has; a longer list is an error.
const MAX_CHATS: usize = 50_000;
const MAX_PAGES: u32 = 5_000;

/// How often all pages are read at most, if the list changes meanwhile.
const MAX_PASSES: usize = 3;

/// Which chats to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListRequest {
    /// The list that they are on.
    pub list: ChatList,
    /// One page or all of them.
    pub pages: Pages,
    /// The most chats to return.
    pub limit: Option<usize>,
    /// Only chats that changed at or after this moment (seconds since 1970).
    pub since: Option<i64>,
}

impl ListRequest {
    /// All chats outside of projects that are not archived.
    pub(crate) fn all() -> Self {
        Self { list: ChatList::Main, pages: Pages::All, limit: None, since: None }
    }
}

/// Which pages of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Pages {
    /// This one, counted from 1; at most 60 chats.
    One(u32),
    /// All of them.
    All,
}

/// The requested chats, newest first, each once. `progress` receives the number of chats read so far.
///
/// # Errors
/// Those of the client; nothing is returned if one page fails.
pub(crate) async fn list(
    session: &Session,
    request: ListRequest,
    mut progress: impl FnMut(usize),
) -> Result<Vec<ChatSummary>> {
    let mut collected = Collected::new(request);
    let request = collected.request.clone();
    match request.pages {
        // The other lists come whole.
        Pages::One(2..) if !request.list.has_pages() => {}
        Pages::One(page) => {
            collected.add(session.listed(&request.list, page).await?);
        }
        Pages::All if !request.list.has_pages() => {
            collected.add(session.listed(&request.list, 1).await?);
        }
        Pages::All => read_all(session, &mut collected, &mut progress).await?,
    }
    Ok(collected.finish())
}

/// Reads the pages until the list has not changed meanwhile: a chat that moves to the front, or the
/// deletion of one, moves others to a page that was read before (protocol F20).
async fn read_all(
    session: &Session,
    collected: &mut Collected,
    progress: &mut impl FnMut(usize),
) -> Result<()> {
    let list = collected.request.list.clone();
    let mut first = session.listed(&list, 1).await?;
    let mut known_pages = 1;
    for _ in 0..MAX_PASSES {
        let front: Vec<_> = first.iter().map(|row| row.id.clone()).collect();
        known_pages = read_pages(session, first, known_pages, collected, progress).await?;
        // Most accounts have one page, which is short.
        if known_pages == 1 && (front.len() < FULL_PAGE || collected.is_full()) {
            break;
        }
        first = session.listed(&list, 1).await?;
        if first.iter().map(|row| &row.id).eq(&front) {
            break;
        }
    }
    Ok(())
}

/// Reads at least the `known` pages, and on while they hold requested chats. Returns the number of
/// pages that hold any.
async fn read_pages(
    session: &Session,
    first: Vec<ChatSummary>,
    known: u32,
    collected: &mut Collected,
    progress: &mut impl FnMut(usize),
) -> Result<u32> {
    // The first page alone: most accounts have no more.
    if !collected.add(first) && known == 1 {
        return Ok(1);
    }
    progress(collected.rows.len());
    let list = collected.request.list.clone();
    let numbered = async |page| (page, session.listed(&list, page).await);
    let mut pages = stream::iter(2..=MAX_PAGES).map(numbered).buffered(LOOK_AHEAD);
    while let Some((number, page)) = pages.next().await {
        if !collected.add(page?) && number >= known {
            return Ok(number - 1);
        }
        if collected.rows.len() > MAX_CHATS {
            break;
        }
        progress(collected.rows.len());
    }
    Err(Error::new(ErrorKind::UpstreamProtocol, "the list of chats does not end")
        .with_hint("list single pages instead"))
}

/// The rows so far. A chat that is touched while the list is read shows up again; the newer row
/// stays. A page without a new id is the end, like an empty one (protocol 5.1).
struct Collected {
    request: ListRequest,
    rows: HashMap<ChatId, ChatSummary>,
}

impl Collected {
    fn new(request: ListRequest) -> Self {
        Self { request, rows: HashMap::new() }
    }

    /// Takes a page; returns whether the next one can hold requested chats.
    fn add(&mut self, page: Vec<ChatSummary>) -> bool {
        let mut any_wanted = false;
        for row in page {
            let is_wanted = self.is_wanted(&row);
            let is_new = self.rows.insert(row.id.clone(), row).is_none();
            any_wanted |= is_new && is_wanted;
        }
        any_wanted && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.request.limit.is_some_and(|limit| self.wanted().count() >= limit)
    }

    fn is_wanted(&self, row: &ChatSummary) -> bool {
        let changed = row.updated_at.or(row.created_at);
        self.request.since.is_none_or(|since| changed.is_none_or(|at| at >= since))
    }

    fn wanted(&self) -> impl Iterator<Item = &ChatSummary> {
        self.rows.values().filter(|row| self.is_wanted(row))
    }

    fn finish(mut self) -> Vec<ChatSummary> {
        let rows = std::mem::take(&mut self.rows);
        let mut rows: Vec<_> = rows.into_values().filter(|row| self.is_wanted(row)).collect();
        rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.id.cmp(&b.id)));
        rows.truncate(self.request.limit.unwrap_or(usize::MAX));
        rows
    }
}

/// A chat as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatRef {
    /// Its id.
    Id(ChatId),
    /// The beginning of its id.
    Prefix(String),
    /// Its row in the list of chats, from 1.
    Row(usize),
}

impl ChatRef {
    /// The shortest beginning of an id.
    pub(crate) const SHORTEST: usize = 4;
    /// A beginning of this length is looked for on the first page of the list first.
    const UNIQUE: usize = ChatId::SHORT;
    /// The length of the ids of the upstream.
    const WHOLE: usize = 36;

    /// The beginning of its id, if known.
    pub(crate) fn beginning(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id.as_str()),
            Self::Prefix(prefix) => Some(prefix),
            Self::Row(_) => None,
        }
    }
}

impl FromStr for ChatRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let row = match text.strip_prefix('@') {
            None if text == "last" => Some("1"),
            number => number,
        };
        if let Some(row) = row {
            let row = row.parse().ok().filter(|row| *row > 0);
            return row.map(Self::Row).ok_or_else(|| {
                Error::invalid(format!("`{text}` is not a row of `qwenctl chats list`"))
                    .with_hint("`@1` is the first one; `last` is the same")
            });
        }
        // The ids of the upstream are in lower case.
        let lower = text.to_ascii_lowercase();
        match text.len() {
            _ if !text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') => {
                text.parse().map(Self::Id)
            }
            1..Self::WHOLE => Ok(Self::Prefix(lower)),
            _ => lower.parse().map(Self::Id),
        }
    }
}

/// The chat that `named` stands for. An id is not looked up.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; [`ErrorKind::InvalidRequest`] if several ids begin alike.
pub(crate) async fn find(session: &Session, named: &ChatRef) -> Result<ChatId> {
    match named {
        ChatRef::Id(id) => Ok(id.clone()),
        ChatRef::Row(row) => {
            let pages = if *row <= FULL_PAGE { Pages::One(1) } else { Pages::All };
            let request = ListRequest { pages, limit: Some(*row), ..ListRequest::all() };
            let mut rows = list(session, request, |_| ()).await?;
            let is_there = rows.len() == *row;
            rows.pop().filter(|_| is_there).map(|found| found.id).ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!("there is no chat in row {row} of the list"),
                )
            })
        }
        ChatRef::Prefix(prefix) if prefix.len() < ChatRef::SHORTEST => {
            let least = ChatRef::SHORTEST;
            let message = format!("`{prefix}` is too short for the beginning of an id");
            Err(Error::invalid(message).with_hint(format!(
                "give at least {least} characters; `qwenctl chats list` shows the ids"
            )))
        }
        ChatRef::Prefix(prefix) => {
            let mut found = with_prefix(session, prefix).await?;
            match (found.pop(), found.is_empty()) {
                (Some(id), true) => Ok(id),
                (None, _) => {
                    let message = format!("no id of a chat begins with `{prefix}`");
                    Err(Error::new(ErrorKind::NotFound, message)
                        .with_hint("`qwenctl chats list` shows the ids"))
                }
                (Some(one), false) => {
                    let all = found.iter().chain([&one]).map(ChatId::as_str);
                    let all = all.collect::<Vec<_>>().join(", ");
                    Err(Error::invalid(format!("several ids of chats begin with `{prefix}`"))
                        .with_hint(format!("choose one of {all}")))
                }
            }
        }
    }
}

/// The chat that a person means with `text`: as with [`find`], or by its title, or a part of that.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; [`ErrorKind::InvalidRequest`] if several titles fit.
pub(crate) async fn find_by_title(session: &Session, text: &str) -> Result<ChatId> {
    let text = text.trim();
    if let Ok(named) = text.parse::<ChatRef>() {
        match find(session, &named).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if matches!(&named, ChatRef::Prefix(p) if p.len() < ChatRef::SHORTEST) => {
                drop(error);
            }
            found => return found,
        }
    }
    let rows = list(session, ListRequest::all(), |_| ()).await?;
    let wanted = text.to_lowercase();
    let title = |row: &ChatSummary| row.title.as_deref().unwrap_or_default().trim().to_lowercase();
    let fits: [&dyn Fn(&str) -> bool; 3] = [
        &|title: &str| title == wanted,
        &|title: &str| title.starts_with(&wanted),
        &|title: &str| title.contains(&wanted),
    ];
    for fits in fits {
        let mut found = rows.iter().filter(|row| fits(&title(row)));
        match (found.next(), found.next()) {
            (None, _) => {}
            (Some(row), None) => return Ok(row.id.clone()),
            (Some(first), Some(second)) => {
                let named = [first, second].into_iter().chain(found).take(MOST_NAMED);
                let named: Vec<String> = named.map(|row| row.id.to_string()).collect();
                return Err(Error::invalid(format!("several titles of chats fit `{text}`"))
                    .with_hint(format!("choose one of {}", named.join(", "))));
            }
        }
    }
    Err(Error::new(ErrorKind::NotFound, format!("no chat has the id or the title `{text}`")))
}

/// How many chats an error names.
const MOST_NAMED: usize = 8;

/// The ids that begin like this. A long beginning on the first page is taken for the only one.
async fn with_prefix(session: &Session, prefix: &str) -> Result<Vec<ChatId>> {
    let fitting = |rows: Vec<ChatSummary>| -> Vec<ChatId> {
        let fits = |id: &ChatId| id.as_str().to_ascii_lowercase().starts_with(prefix);
        rows.into_iter().map(|row| row.id).filter(fits).collect()
    };
    let mut found = fitting(session.chats(1).await?);
    if prefix.len() < ChatRef::UNIQUE || found.is_empty() {
        found = fitting(list(session, ListRequest::all(), |_| ()).await?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// A chat with its messages.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none with this id.
pub(crate) async fn show(session: &Session, id: &ChatId) -> Result<Chat> {
    session.whole_chat(id).await
}

/// Creates an empty chat for `model`, or for the first model that the upstream offers.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for a title as with [`rename`]; those of the client. If the chat is
/// created but cannot get its title, the hint names it.
pub(crate) async fn new(
    session: &Session,
    model: Option<&str>,
    title: Option<&str>,
) -> Result<ChatId> {
    let title = title.map(usable_title).transpose()?;
    let model = choose_model(session, [model]).await?;
    let id = session.create_chat(&model, ChatKind::Text, None).await?;
    if let Some(title) = title {
        let renamed = session.rename_chat(&id, &title).await;
        renamed.map_err(|error| without_its_title(error, &id))?;
    }
    Ok(id)
}

/// The error of a rename, which must not hide that there is a new chat.
fn without_its_title(error: Error, id: &ChatId) -> Error {
    let made = format!("the chat {id} has been made, but without its title");
    let hint = match error.hint() {
        Some(hint) => format!("{made}; {hint}"),
        None => made,
    };
    error.with_hint(hint)
}

/// Renames a chat.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for a title that is empty, too long or has control characters.
pub(crate) async fn rename(session: &Session, id: &ChatId, title: &str) -> Result<()> {
    session.rename_chat(id, &usable_title(title)?).await
}

/// The longest title, in characters.
pub(crate) const MAX_TITLE: usize = 512;

/// Checks a title before any request is made.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] saying what is wrong with it.
pub(crate) fn usable_title(title: &str) -> Result<String> {
    let title = title.trim();
    let fault = if title.is_empty() {
        "is empty"
    } else if title.chars().count() > MAX_TITLE {
        "is longer than 512 characters"
    } else if title.chars().any(char::is_control) {
        "contains a control character"
    } else {
        return Ok(title.to_owned());
    };
    Err(Error::invalid(format!("the title {fault}")))
}

/// The result of one deletion.
#[derive(Debug)]
pub(crate) struct Deletion {
    /// The chat.
    pub id: ChatId,
    /// Whether it is gone, or will be.
    pub result: Result<()>,
    /// When it will be deleted, in seconds since 1970, if that can still be undone.
    pub due_at: Option<i64>,
}

impl Deletion {
    /// The result of a deletion that has been made.
    pub(crate) fn new(id: ChatId, result: Result<()>) -> Self {
        Self { id, result, due_at: None }
    }
}

/// Fewer chats are deleted one by one: several at once need a look at the list.
const LEAST_BATCH: usize = 4;
const MOST_BATCH: usize = 50;

/// Deletes chats and reports each to `done`: those on the list with a few requests, if the upstream can do
/// that, and the others one after another. A failure that every chat would meet (the account, the network)
/// ends the work; the rest is reported as not tried.
///
/// Right before a request, `ready` gets its chats and returns those that can be deleted; it reports the
/// others itself. Its failure ends the work, too.
pub(crate) async fn delete<R: Future<Output = Result<Vec<ChatId>>>>(
    session: &Session,
    ids: &[ChatId],
    ready: impl Fn(Vec<ChatId>) -> R,
    mut done: impl FnMut(Deletion),
) {
    let listed = if ids.len() < LEAST_BATCH { Vec::new() } else { on_the_list(session, ids).await };
    let mut settled: HashSet<ChatId> = HashSet::new();
    let mut unsure: HashSet<ChatId> = HashSet::new();
    let mut common: Option<(ErrorKind, String)> = None;
    for batch in listed.chunks(MOST_BATCH) {
        let named: Vec<ChatId> = batch.iter().copied().cloned().collect();
        let able = match ready(named.clone()).await {
            Ok(able) => able,
            Err(error) => {
                common = Some((error.kind(), error.message().to_owned()));
                break;
            }
        };
        settled.extend(named.into_iter().filter(|id| !able.contains(id)));
        if able.is_empty() {
            continue;
        }
        match session.delete_chats(&able).await {
            Ok(Batch::Gone) => {
                for id in able {
                    settled.insert(id.clone());
                    done(Deletion::new(id, Ok(())));
                }
            }
            Ok(Batch::Unsure) => {
                unsure.extend(able);
                break;
            }
            // One that fails for another reason shows that again with a single chat.
            Ok(Batch::Refused) | Err(_) => break,
        }
    }
    for id in ids.iter().filter(|id| !settled.contains(id)) {
        let mut is_last = false;
        let result = match &common {
            Some((kind, message)) => Err(Error::new(*kind, format!("not tried: {message}"))),
            None => match ready(vec![id.clone()]).await {
                Ok(able) if able.is_empty() => continue,
                Ok(_) => match session.delete_chat(id).await {
                    Err(error) if error.kind() == ErrorKind::NotFound && unsure.contains(id) => {
                        Ok(())
                    }
                    result => result,
                },
                Err(error) => {
                    is_last = true;
                    Err(error)
                }
            },
        };
        if let (None, Err(error)) = (&common, &result)
            && (is_last || is_common(error.kind()))
        {
            common = Some((error.kind(), error.message().to_owned()));
        }
        done(Deletion::new(id.clone(), result));
    }
}

/// Those of `ids` that are on the first pages of the list. A request for several chats does not say which
/// of them exist. Reads no more pages than it saves requests.
async fn on_the_list<'i>(session: &Session, ids: &'i [ChatId]) -> Vec<&'i ChatId> {
    let mut missing: HashSet<&ChatId> = ids.iter().collect();
    for page in (1..).take(ids.len() / 2) {
        let Ok(rows) = session.chats(page).await else { break };
        for row in &rows {
            missing.remove(&row.id);
        }
        if missing.is_empty() || rows.len() < FULL_PAGE {
            break;
        }
    }
    ids.iter().filter(|id| !missing.contains(id)).collect()
}

/// The project with this id or, if there is only one of that name, this name.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; those of the client.
pub(crate) async fn find_project(session: &Session, named: &str) -> Result<Project> {
    let projects = session.projects().await?;
    let mut of_name = projects.iter().filter(|project| project.name == named);
    let found = match (projects.iter().find(|project| project.id == named), of_name.next()) {
        (Some(project), _) => Some(project),
        (None, one) => one.filter(|_| of_name.next().is_none()),
    };
    found.cloned().ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("there is no single project `{named}`"))
            .with_hint("`qwenctl chats projects` lists them")
    })
}

/// Whether a failure with one chat would be the same with the next.
pub(super) fn is_common(kind: ErrorKind) -> bool {
    use ErrorKind::{
        BrowserCheck, RateLimited, Timeout, TokenExpired, TokenInvalid, TokenMissing,
        UpstreamUnreachable,
    };
    matches!(
        kind,
        TokenMissing
            | TokenInvalid
            | TokenExpired
            | RateLimited
            | UpstreamUnreachable
            | Timeout
            | BrowserCheck
    )
}

/// The first of `requested` that is set, else the first model that the upstream offers.
///
/// # Errors
/// Those of the client.
pub(crate) async fn choose_model<'a>(
    session: &Session,
    requested: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<String> {
    if let Some(model) = requested.into_iter().flatten().next() {
        return Ok(model.to_owned());
    }
    let models = session.models().await?;
    let first = models.into_iter().next().ok_or_else(|| {
        Error::new(ErrorKind::UpstreamProtocol, "the upstream offers no model at all")
    })?;
    Ok(first.id)
}

/// Counts all chats, over all pages. `progress` receives the count so far.
///
/// # Errors
/// Those of the client.
pub(crate) async fn stats(session: &Session, progress: impl FnMut(usize)) -> Result<Stats> {
    let user = session.user().await?;
    let chats = list(session, ListRequest::all(), progress).await?;
    let mut months = BTreeMap::new();
    for at in chats.iter().filter_map(|row| Timestamp::from_second(row.created_at?).ok()) {
        *months.entry(at.strftime("%Y-%m").to_string()).or_insert(0) += 1;
    }
    let token_expires_at = session.access_token().claims().expires_at;
    let (total_chats, months) = (chats.len(), months.into_iter().collect());
    Ok(Stats { total_chats, months, user, token_expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, updated_at: i64) -> ChatSummary {
        ChatSummary {
            id: id.parse().expect("an id"),
            title: None,
            created_at: None,
            updated_at: Some(updated_at),
            pinned: false,
            archived: false,
            chat_type: None,
            project_id: None,
        }
    }

    fn all(limit: Option<usize>, since: Option<i64>) -> Collected {
        Collected::new(ListRequest { limit, since, ..ListRequest::all() })
    }

    fn ids(collected: Collected) -> Vec<String> {
        collected.finish().into_iter().map(|row| row.id.to_string()).collect()
    }

    #[test]
    fn f18_a_short_page_is_not_the_end_but_an_empty_one_is() {
        let mut collected = all(None, None);
        assert!(collected.add(vec![row("a1", 3)]));
        assert!(collected.add(vec![row("b1", 2)]));
        assert!(!collected.add(vec![]));
        assert_eq!(ids(collected), ["a1", "b1"]);
    }

    #[test]
    fn f19_a_page_without_a_new_id_is_the_end() {
        let mut collected = all(None, None);
        assert!(collected.add(vec![row("a1", 3), row("b1", 2)]));
        assert!(!collected.add(vec![row("b1", 2), row("a1", 3)]));
    }

    #[test]
    fn f20_a_chat_that_shows_up_twice_is_listed_once() {
        let mut collected = all(None, None);
        assert!(collected.add(vec![row("a1", 3), row("b1", 2)]));
        assert!(collected.add(vec![row("b1", 2), row("c1", 1)]));
        assert_eq!(ids(collected), ["a1", "b1", "c1"]);
    }

    #[test]
    fn a_limit_and_a_moment_end_the_walk_early() {
        let mut limited = all(Some(2), None);
        assert!(!limited.add(vec![row("a1", 3), row("b1", 2), row("c1", 1)]));
        assert_eq!(ids(limited), ["a1", "b1"]);
        let mut since = all(None, Some(10));
        assert!(since.add(vec![row("a1", 11), row("b1", 9)]));
        assert!(!since.add(vec![row("c1", 8)]));
        assert_eq!(ids(since), ["a1"]);
    }

    #[test]
    fn chats_of_the_same_moment_come_in_the_order_of_their_ids() {
        let mut collected = all(None, None);
        collected.add(vec![row("b1", 1), row("c1", 2), row("a1", 1)]);
        assert_eq!(ids(collected), ["c1", "a1", "b1"]);
    }

    #[test]
    fn a_chat_is_named_by_its_id_its_beginning_or_its_row() {
        let id = "c0000000-0000-4000-8000-0000000000c1";
        let parse = |text: &str| text.parse::<ChatRef>();
        assert_eq!(parse(id).ok(), id.parse().ok().map(ChatRef::Id));
        assert_eq!(parse("chat-1").ok(), "chat-1".parse().ok().map(ChatRef::Id));
        assert_eq!(parse("C000").ok(), Some(ChatRef::Prefix("c000".to_owned())));
        assert_eq!(parse("last").ok(), Some(ChatRef::Row(1)));
        assert_eq!(parse("@12").ok(), Some(ChatRef::Row(12)));
        for bad in ["", "@", "@0", "@x", "new", "a/b", "delete", "batch_delete"] {
            let error = parse(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad}");
        }
    }

    #[test]
    fn titles_are_checked_before_anything_is_sent() {
        assert_eq!(usable_title(" Trip ").ok().as_deref(), Some("Trip"));
        for bad in ["", "  ", "a\u{1b}[31mb", &"x".repeat(513)] {
            let error = usable_title(bad).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }
}
