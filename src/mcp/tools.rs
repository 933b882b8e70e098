//! The tools. Their descriptions and schemas are in `tools.json`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::chat_page::{MAX_PAGE, Wanted, page, part_of, time};
use super::message::Fault;
use super::{Host, Notify};
use crate::app::Session;
use crate::app::answer::{Question, Target};
use crate::app::archive::{self, AccountHash, Filters, Found, Hit, Mode, Order, Owner, Search};
use crate::app::chats::{self, ChatRef, ListRequest, Pages};
use crate::domain::{ChatId, ChatList, ChatSummary, Completeness, Error, ErrorKind, Reply, Result};

/// The descriptions, which clients pass on to models.
static TOOLS: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("tools.json")).unwrap_or_default());

/// How long a search may take.
const SEARCH_TIME: Duration = Duration::from_secs(5);
const MAX_HITS: usize = 50;
const MAX_ROWS: usize = 100;
/// The most hits that a cursor can leave behind.
const MAX_OFFSET: usize = 10_000;
/// The longest title in a list, in characters.
const MAX_TITLE: usize = 300;
/// The longest answer that is returned, in characters. The chat has all of it.
const MAX_ANSWER: usize = 100_000;
/// The shortest time between two notifications of progress.
const PACE: Duration = Duration::from_millis(250);
/// Where a model finds ids.
const IDS: &str = "`list_chats` and `search_chats` return the ids of chats";

/// The tools that the client may call.
pub(super) fn list(host: &dyn Host) -> Vec<Value> {
    let may_ask = host.ask_refusal().is_none();
    TOOLS.iter().filter(|tool| may_ask || tool["name"] != "ask").cloned().collect()
}

/// Calls the tool that `params` name.
///
/// # Errors
/// If there is no such tool, or the parameters are not those of a call.
pub(super) async fn call(
    host: &dyn Host,
    params: &Map<String, Value>,
    notify: &Notify,
) -> Result<Value, Fault> {
    let invalid = |message: &str| Fault::new(Fault::INVALID_PARAMS, message);
    let name = params.get("name").and_then(Value::as_str);
    let name = name.ok_or_else(|| invalid("`name` must be a string"))?;
    let arguments = match params.get("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(_) => return Err(invalid("`arguments` must be an object")),
    };
    let outcome = match name {
        "search_chats" => search(host, arguments).await,
        "list_chats" => list_chats(host, arguments).await,
        "read_chat" => read_chat(host, arguments).await,
        "ask" => {
            let token = params.get("_meta").and_then(|meta| meta.get("progressToken"));
            let token = token.filter(|token| token.is_string() || token.is_number());
            // Boxed, because it is large.
            Box::pin(ask(host, arguments, Progress::new(notify, token))).await
        }
        other => return Err(invalid(&format!("Unknown tool: {}", part_of(other, 0, 100)))),
    };
    Ok(match outcome {
        Ok(document) => success(&document),
        Err(error) => {
            host.note(&error);
            failure(&error)
        }
    })
}

fn success(document: &Value) -> Value {
    let text = document.to_string();
    json!({
        "content": [{"type": "text", "text": text}],
        "structuredContent": document,
        "isError": false,
    })
}

/// A failure in words: the model or its user can do something about it.
fn failure(error: &Error) -> Value {
    let mut content = vec![json!({"type": "text", "text": in_words(error)})];
    if let Some(partial) = error.partial().filter(|partial| partial.has_substance()) {
        let text = json!({"partial_answer": answered(partial)}).to_string();
        content.push(json!({"type": "text", "text": text}));
    }
    json!({"content": content, "isError": true})
}

fn in_words(error: &Error) -> String {
    let code = error.kind().code();
    let mut text = format!("{} ({code})", error.message());
    if let Some(hint) = error.hint() {
        text = format!("{text}\nHint: {hint}");
    }
    if let Some(delay) = error.retry_after() {
        text = format!("{text}\nRetry after {} seconds.", delay.as_secs().max(1));
    }
    text
}

/// The same as an error of the protocol, for requests that call no tool.
pub(super) fn fault(code: i32, error: &Error) -> Fault {
    Fault::new(code, in_words(error)).with_data(json!({"code": error.kind().code()}))
}

/// Reads the arguments of a call.
fn parse<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|fault| {
        let path = fault.path().to_string();
        let place = match path.as_str() {
            "." => String::new(),
            path => format!(" `{}`", part_of(path, 0, 100)),
        };
        let fault = fault.inner().to_string();
        Error::invalid(format!("wrong argument{place}: {}", part_of(&fault, 0, 300)))
            .with_hint("the input schema of the tool lists its arguments")
    })
}

fn within(name: &str, given: Option<usize>, usual: usize, most: usize) -> Result<usize> {
    let value = given.unwrap_or(usual);
    if (1..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::invalid(format!("`{name}` must be from 1 to {most}")))
}

fn bad_cursor() -> Error {
    Error::invalid("`cursor` must be that of an earlier result")
}

fn position(cursor: Option<&str>, first: usize) -> Result<usize> {
    let Some(cursor) = cursor else { return Ok(first) };
    let position = cursor.parse().ok();
    position.filter(|position| (first..=MAX_OFFSET).contains(position)).ok_or_else(bad_cursor)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchArguments {
    query: String,
    limit: Option<usize>,
    cursor: Option<String>,
    order: Option<SearchOrder>,
    mode: Option<SearchMode>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum SearchOrder {
    Newest,
    Best,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum SearchMode {
    Words,
    Literal,
    Regex,
}

async fn search(host: &dyn Host, arguments: Map<String, Value>) -> Result<Value> {
    let SearchArguments { query, limit, cursor, order, mode } = parse(arguments)?;
    let limit = within("limit", limit, 10, MAX_HITS)?;
    if query.trim().is_empty() {
        return Err(Error::invalid("`query` must not be empty"));
    }
    if let Some((path, owner)) = host.archive().await? {
        let search = Search {
            query: query.clone(),
            mode: match mode {
                None | Some(SearchMode::Words) => Mode::Words,
                Some(SearchMode::Literal) => Mode::Literal,
                Some(SearchMode::Regex) => Mode::Regex,
            },
            filters: Filters::default(),
            order: match order {
                None | Some(SearchOrder::Newest) => Order::Newest,
                Some(SearchOrder::Best) => Order::Best,
            },
            offset: position(cursor.as_deref(), 0)?,
            limit,
            time: SEARCH_TIME,
        };
        match search.run(path, owner).await {
            Ok(found) => return Ok(hits(&found, "archive")),
            // It is not synchronized yet.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    if order == Some(SearchOrder::Best) || mode.is_some_and(|mode| mode != SearchMode::Words) {
        let message = "there is no archive, and the account's own search only finds words";
        return Err(Error::invalid(message)
            .with_hint("leave out `order` and `mode`; `qwenctl chats sync` makes an archive"));
    }
    let page = u32::try_from(position(cursor.as_deref(), 1)?).unwrap_or(u32::MAX);
    let found = archive::search_upstream(&host.session().await?, &query, page).await?;
    Ok(hits(&found, "account"))
}

fn hits(found: &Found, source: &str) -> Value {
    let mut document = json!({
        "source": source,
        "results": found.hits.iter().map(|found| hit(found, source)).collect::<Vec<_>>(),
        "total": found.total,
        "total_is_exact": found.total_is_exact,
    });
    if let Some(next) = found.next {
        document["cursor"] = next.to_string().into();
    }
    if let Some(at) = time(found.synced_at) {
        document["synced_at"] = at.into();
    }
    document
}

fn hit(hit: &Hit, source: &str) -> Value {
    let snippet: String = hit.snippet.iter().map(|piece| piece.text.as_str()).collect();
    let mut shown = json!({
        "chat_id": hit.chat_id,
        "title": hit.title.as_deref().map(|title| part_of(title, 0, MAX_TITLE)),
        "snippet": snippet,
    });
    if let Some(message) = &hit.message {
        shown["message_id"] = message.id.as_str().into();
        if let Some(role) = &message.role {
            shown["role"] = role.as_str().into();
        }
    }
    if let Some(at) = time(hit.timestamp) {
        shown["time"] = at.into();
    }
    if hit.more_in_chat > 0 {
        shown["more_in_chat"] = hit.more_in_chat.into();
    }
    if source == "archive" {
        shown["state"] = hit.state.word().into();
    }
    shown
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListArguments {
    limit: Option<usize>,
    cursor: Option<String>,
    list: Option<ListName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListName {
    Main,
    Pinned,
    Archived,
}

/// The chats of the account. A cursor is a page of the upstream and a row of it.
async fn list_chats(host: &dyn Host, arguments: Map<String, Value>) -> Result<Value> {
    let ListArguments { limit, cursor, list } = parse(arguments)?;
    let limit = within("limit", limit, 20, MAX_ROWS)?;
    let list = match list {
        None | Some(ListName::Main) => ChatList::Main,
        Some(ListName::Pinned) => ChatList::Pinned,
        Some(ListName::Archived) => ChatList::Archived,
    };
    let place = match cursor.as_deref().map(|cursor| cursor.split_once(':')) {
        None => (1, 0),
        Some(Some(("archive", row))) => {
            let row = row.parse().map_err(|_| bad_cursor())?;
            let error = Error::new(ErrorKind::UpstreamUnreachable, "there is no archive any more");
            return Ok(archived_page(&archived(host, list, error).await?, row, limit));
        }
        Some(place) => {
            let place = place.and_then(|(page, row)| Some((page.parse().ok()?, row.parse().ok()?)));
            place.filter(|(page, _)| (1..=MAX_PAGE).contains(page)).ok_or_else(bad_cursor)?
        }
    };
    match live_page(host, &list, place, limit).await {
        // A later page of the archive might begin elsewhere.
        Err(error) if place == (1, 0) => {
            Ok(archived_page(&archived(host, list, error).await?, 0, limit))
        }
        result => result,
    }
}

/// Chats of the account from a row of a page on.
async fn live_page(
    host: &dyn Host,
    list: &ChatList,
    (first, mut row): (u32, usize),
    limit: usize,
) -> Result<Value> {
    let session = host.session().await?;
    let hidden = host.hidden().await;
    let mut shown = Vec::new();
    let mut next = None;
    // A short page is not the end, but an empty one is.
    'pages: for page in first..=MAX_PAGE {
        let request =
            ListRequest { list: list.clone(), pages: Pages::One(page), ..ListRequest::all() };
        let rows = chats::list(&session, request, |_| ()).await?;
        if rows.is_empty() {
            break;
        }
        let mut visible = rows.clone();
        hidden.leave_out(&mut visible).await;
        let visible: HashSet<&ChatId> = visible.iter().map(|row| &row.id).collect();
        for (at, found) in rows.iter().enumerate().skip(std::mem::take(&mut row)) {
            if shown.len() == limit {
                next = Some((page, at));
                break 'pages;
            }
            if visible.contains(&found.id) {
                shown.push(summary(found));
            }
        }
        if !list.has_pages() {
            break;
        }
        if shown.len() == limit {
            next = Some((page + 1, 0));
            break;
        }
    }
    let mut document = json!({"chats": shown, "source": "account"});
    if let Some((page, row)) = next {
        document["cursor"] = format!("{page}:{row}").into();
    }
    Ok(document)
}

/// Archived chats from a row on.
fn archived_page(rows: &[ChatSummary], row: usize, limit: usize) -> Value {
    let shown: Vec<_> = rows.iter().skip(row).take(limit).map(summary).collect();
    let next = row.saturating_add(shown.len());
    let mut document = json!({"chats": shown, "source": "archive"});
    if next < rows.len() {
        document["cursor"] = format!("archive:{next}").into();
    }
    document
}

fn summary(row: &ChatSummary) -> Value {
    let mut shown = json!({
        "chat_id": row.id,
        "title": row.title.as_deref().map(|title| part_of(title, 0, MAX_TITLE)),
    });
    for (name, at) in [("created_at", row.created_at), ("updated_at", row.updated_at)] {
        if let Some(at) = time(at) {
            shown[name] = at.into();
        }
    }
    if row.pinned {
        shown["is_pinned"] = true.into();
    }
    shown
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadArguments {
    chat_id: String,
    start: Option<i64>,
    message_id: Option<String>,
    cursor: Option<String>,
    max_characters: Option<usize>,
    thinking: Option<bool>,
}

async fn read_chat(host: &dyn Host, arguments: Map<String, Value>) -> Result<Value> {
    let ReadArguments { chat_id, start, message_id, cursor, max_characters, thinking } =
        parse(arguments)?;
    let start = (start, message_id, cursor);
    let thinking = thinking == Some(true);
    read_page(host, &Wanted::new(named(&chat_id)?, start, max_characters, thinking)?).await
}

/// The wanted part of a chat: of the account, or from the archive if the account cannot be read.
///
/// # Errors
/// If neither has the chat.
pub(super) async fn read_page(host: &dyn Host, wanted: &Wanted) -> Result<Value> {
    let live = async {
        let session = host.session().await?;
        let known = wanted.chat.beginning().filter(|_| wanted.is_next());
        if let Some(chat) = known.and_then(|id| host.kept().get(&session, id)) {
            return Ok(chat);
        }
        let id = find(&session, &wanted.chat).await?;
        let chat = Arc::new(chats::show(&session, &id).await?);
        host.kept().put(&session, &chat);
        Ok(chat)
    };
    let error = match live.await {
        Ok(chat) => {
            let mut document = page(&chat, wanted)?;
            document["source"] = "account".into();
            return Ok(document);
        }
        Err(error) => error,
    };
    let Some(stored) = stored(host, wanted, &error).await else {
        let is_unknown = error.kind() == ErrorKind::NotFound;
        return Err(if is_unknown { error.with_hint(IDS) } else { error });
    };
    let mut document = page(&stored.chat, wanted)?;
    document["source"] = "archive".into();
    document["state"] = stored.state.word().into();
    if let Some(at) = time(stored.synced_at) {
        document["synced_at"] = at.into();
    }
    Ok(document)
}

/// The archived copy of a chat that could not be read because of `error`, with the wanted texts.
async fn stored(host: &dyn Host, wanted: &Wanted, error: &Error) -> Option<archive::Stored> {
    if !is_away(error) && error.kind() != ErrorKind::NotFound {
        return None;
    }
    let id = wanted.chat.beginning()?.to_owned();
    // The failure of the account says more than one of the archive.
    let (path, account) = archive_of(host).await?;
    let wanted = wanted.clone();
    let needed = move |chat: &_, lengths: &_| wanted.needed(chat, lengths);
    archive::find_part(path, account, id, needed).await.ok().flatten()
}

/// The archive and the account in it; `None` is the only one.
async fn archive_of(host: &dyn Host) -> Option<(PathBuf, Option<AccountHash>)> {
    let (path, owner) = host.archive().await.ok().flatten()?;
    let account = match owner {
        Owner::Account(account) => Some(account),
        _ => None,
    };
    Some((path, account))
}

/// Whether the account cannot be read at all.
fn is_away(error: &Error) -> bool {
    use ErrorKind::{
        BrowserCheck, RateLimited, Timeout, TokenExpired, TokenInvalid, TokenMissing,
        UpstreamUnreachable,
    };
    matches!(
        error.kind(),
        BrowserCheck
            | RateLimited
            | Timeout
            | TokenExpired
            | TokenInvalid
            | TokenMissing
            | UpstreamUnreachable
    )
}

/// The archived chats of `list` in place of those of the account, which cannot be read because of `error`.
///
/// # Errors
/// `error` if there is no archive.
pub(super) async fn archived(
    host: &dyn Host,
    list: ChatList,
    error: Error,
) -> Result<Vec<ChatSummary>> {
    let rows = async {
        let (path, account) = archive_of(host).await.filter(|_| is_away(&error))?;
        archive::listed(path, account, list).await.ok()
    };
    let mut rows = rows.await.ok_or(error)?;
    host.hidden().await.leave_out(&mut rows).await;
    Ok(rows)
}

/// The chat that a model names.
///
/// # Errors
/// If it cannot be one.
pub(super) fn named(chat: &str) -> Result<ChatRef> {
    chat.parse().map_err(|error: Error| error.with_hint(IDS))
}

async fn find(session: &Session, chat: &ChatRef) -> Result<ChatId> {
    chats::find(session, chat).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskArguments {
    message: String,
    chat_id: Option<String>,
    model: Option<String>,
    system: Option<String>,
    thinking: Option<bool>,
    search: Option<bool>,
}

async fn ask(
    host: &dyn Host,
    arguments: Map<String, Value>,
    mut progress: Progress<'_>,
) -> Result<Value> {
    if let Some(refusal) = host.ask_refusal() {
        return Err(refusal);
    }
    let AskArguments { message, chat_id, model, system, thinking, search } = parse(arguments)?;
    let chat = chat_id.filter(|id| !id.is_empty()).map(|id| named(&id)).transpose()?;
    let mut question = Question::new(Target::New { ephemeral: false }, message)?;
    question.model = model.filter(|model| !model.is_empty()).or_else(|| host.model());
    question.system = system.filter(|system| !system.is_empty());
    question.thinking = thinking == Some(true);
    question.search = search == Some(true);
    let session = host.session().await?;
    if let Some(chat) = chat {
        let unknown = |error: Error| match error.kind() {
            ErrorKind::NotFound => error.with_hint(IDS),
            _ => error,
        };
        question.target = Target::Chat(find(&session, &chat).await.map_err(unknown)?);
    }
    let reply = host.ask(session, question, &mut |count| progress.report(count)).await?;
    Ok(answered(&reply))
}

fn answered(reply: &Reply) -> Value {
    let content = part_of(&reply.content, 0, MAX_ANSWER);
    let mut document = json!({
        "chat_id": reply.chat_id,
        "message_id": reply.message_id,
        "model": reply.model,
        "content": content,
    });
    if content.len() < reply.content.len() {
        document["is_cut"] = true.into();
    }
    if reply.completeness == Completeness::Doubtful {
        document["is_doubtful"] = true.into();
    }
    let sources = reply.cited().into_iter().take(MAX_HITS).map(|source| {
        json!({"number": source.number, "title": part_of(&source.title, 0, MAX_TITLE), "url": source.url})
    });
    let sources: Vec<_> = sources.collect();
    if !sources.is_empty() {
        document["sources"] = sources.into();
    }
    if !reply.images.is_empty() {
        document["images"] = reply.images.iter().take(MAX_HITS).map(String::as_str).collect();
    }
    document
}

/// Reports how long the answer is so far, if the client has asked for that.
struct Progress<'a> {
    notify: &'a Notify,
    token: Option<&'a Value>,
    last: Option<(Instant, usize)>,
}

impl<'a> Progress<'a> {
    fn new(notify: &'a Notify, token: Option<&'a Value>) -> Self {
        Self { notify, token, last: None }
    }

    fn report(&mut self, count: usize) {
        let Some(token) = self.token else { return };
        if self.last.is_some_and(|(at, before)| at.elapsed() < PACE || count <= before) {
            return;
        }
        self.last = Some((Instant::now(), count));
        let notification = json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {
                "progressToken": token,
                "progress": count,
                "message": format!("{count} bytes"),
            },
        });
        // One that finds no room is left out.
        let _ = self.notify.try_send(notification.to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn properties(tool: &str) -> BTreeSet<String> {
        let tool = TOOLS.iter().find(|found| found["name"] == tool).expect("a tool");
        let properties = tool["inputSchema"]["properties"].as_object().expect("properties");
        properties.keys().cloned().collect()
    }

    /// The arguments that `T` knows, as its error for another one lists them.
    fn known<T: DeserializeOwned>() -> BTreeSet<String> {
        let one = Map::from_iter([("-".to_owned(), Value::Null)]);
        let error = parse::<T>(one).err().expect("an unknown argument");
        let list = error.message().rsplit_once("expected ").expect("a list").1;
        list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn schemas_list_the_arguments_that_are_read() {
        assert_eq!(properties("search_chats"), known::<SearchArguments>());
        assert_eq!(properties("list_chats"), known::<ListArguments>());
        assert_eq!(properties("read_chat"), known::<ReadArguments>());
        assert_eq!(properties("ask"), known::<AskArguments>());
    }

    #[test]
    fn every_tool_says_what_it_does() {
        assert_eq!(TOOLS.len(), 4);
        for tool in TOOLS.iter() {
            let name = tool["name"].as_str().expect("a name");
            let annotations = &tool["annotations"];
            assert_eq!(annotations["readOnlyHint"], name != "ask", "{name}");
            assert_eq!(annotations["destructiveHint"], false, "{name}");
            assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
            let properties = tool["inputSchema"]["properties"].as_object().expect("properties");
            for (property, schema) in properties {
                assert!(schema["description"].is_string(), "{name} {property}");
            }
        }
    }

    #[test]
    fn wrong_arguments_are_named() {
        let wrong = |value: Value| {
            let Value::Object(arguments) = value else { panic!("an object") };
            parse::<SearchArguments>(arguments).err().expect("wrong").message().to_owned()
        };
        assert!(wrong(json!({})).contains("`query`"));
        assert!(wrong(json!({"query": "a", "limit": "5"})).contains("`limit`"));
        assert!(wrong(json!({"query": "a", "mode": "fuzzy"})).contains("`literal`"));
        let long = wrong(json!({"query": "a", "x".repeat(10_000): 1}));
        assert!(long.len() < 450, "{}", long.len());
    }
}
