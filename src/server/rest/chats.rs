//! Chats: list, create, show, rename, delete, stop.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

use super::trash;
use crate::app::archive::{self, AccountHash, State};
use crate::app::chats::{self, ListRequest, MAX_TITLE, Pages};
use crate::app::documents::{
    ChatData, ChatsDocument, DataDocument, DeletedDocument, DoneDocument, NewChatData,
    StoppedDocument,
};
use crate::app::{Mark, Session};
use crate::domain::html::markdown_with;
use crate::domain::{Chat, ChatId, ChatList, Error, ErrorKind, Result};
use crate::server::body::{self, Members};
use crate::server::cache::{Document, Kind};
use crate::server::http::response::{Outcome, json};
use crate::server::request::{RequestContext, Source, chat_id, switch};
use crate::server::shared::ChatKey;
use crate::server::state::StopTarget;
use crate::settings::parse_duration_or_off;

/// The largest number of a page. No account has this many pages of 60 chats.
pub(crate) const MAX_PAGE: u32 = 1_000_000;

/// `GET /api/chats?page=N|all=true`: the chats, newest first; with `pinned`, `archived` or `project_id`
/// those of another list. While the upstream cannot be reached, the archived ones of the server's own account.
pub(crate) async fn list(call: &Arc<RequestContext>) -> Outcome {
    let query = call.query();
    let (pages, list) = (pages(&query)?, list_of(&query)?);
    let (session, source) = call.session()?;
    let hidden = call.state.hidden(&session, source == Source::Server).await;
    // A deletion that another process has planned changes the list at once.
    let leaving: BTreeSet<&ChatId> = hidden.leaving.iter().collect();
    let name = format!("list {list:?} {pages:?} {leaving:?}");
    let request = ListRequest { list, pages, ..ListRequest::all() };
    let page = match pages {
        Pages::One(page) => Some(page),
        Pages::All => None,
    };
    let listed = request.list.clone();
    let shown = hidden.clone();
    let found = call.state.cache.document((Kind::Lists, &name), &session, async move |session| {
        let rows = shown.list(&session, request, |_| ()).await?;
        Document::new(&ChatsDocument::new(&rows, page))
    });
    match found.await {
        Ok(found) => Ok(RequestContext::cached(found)),
        Err(error) => {
            let Some((path, account)) = archive_for(call, &session, source, &error).await else {
                return Err(error.into());
            };
            let Ok(mut rows) = archive::listed(path, Some(account), listed).await else {
                return Err(error.into());
            };
            hidden.leave_out(&mut rows).await;
            let skipped = page.map_or(0, |page| PER_PAGE.saturating_mul(page as usize - 1));
            let rows: Vec<_> = rows
                .into_iter()
                .skip(skipped)
                .take(page.map_or(usize::MAX, |_| PER_PAGE))
                .collect();
            json(&ChatsDocument::new(&rows, page).of_archive())
        }
    }
}

/// The chats on a page of the archive.
const PER_PAGE: usize = 60;

/// The archive and the account in it, if `error` means that the upstream cannot be read and this account is
/// archived.
async fn archive_for(
    call: &RequestContext,
    session: &Session,
    source: Source,
    error: &Error,
) -> Option<(PathBuf, AccountHash)> {
    let is_away = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::UpstreamUnreachable);
    let place = call.state.archive.as_ref().filter(|_| matches!(source, Source::Server))?;
    if !is_away && error.kind() != ErrorKind::NotFound {
        return None;
    }
    let account = call.state.archive_monitor.account_hash(session, &place.upstream).await.ok()?;
    Some((place.path.clone(), account))
}

fn list_of(query: &HashMap<String, String>) -> Result<ChatList> {
    let is_on = |name| query.get(name).map_or(Ok(false), |value| switch(name, value));
    let project = query.get("project_id").filter(|id| !id.is_empty());
    match (is_on("pinned")?, is_on("archived")?, project) {
        (false, false, None) => Ok(ChatList::Main),
        (true, false, None) => Ok(ChatList::Pinned),
        (false, true, None) => Ok(ChatList::Archived),
        (false, false, Some(id)) => Ok(ChatList::Project(id.clone())),
        _ => Err(Error::invalid("set only one of `pinned`, `archived` and `project_id`")),
    }
}

/// `GET /api/projects`: the projects of the account.
pub(crate) async fn projects(call: &Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let found = call.state.cache.document((Kind::Lists, "projects"), &session, async |session| {
        Document::new(&DataDocument::new(session.projects().await?))
    });
    Ok(RequestContext::cached(found.await?))
}

fn pages(query: &HashMap<String, String>) -> Result<Pages> {
    let all = query.get("all").map(|value| switch("all", value)).transpose()?;
    let page = query.get("page").map_or(Ok(1), |page| number(page))?;
    Ok(if all == Some(true) { Pages::All } else { Pages::One(page) })
}

fn number(page: &str) -> Result<u32> {
    let number = page.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page));
    number.ok_or_else(|| {
        Error::invalid(format!("`page` must be an integer from 1 to {MAX_PAGE}"))
            .with_hint("leave it out for the first page, or set `all=true` for all pages")
    })
}

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"title": "Holidays"}))]
pub(crate) struct NewChatRequest {
    /// The first model that the upstream offers, if it is left out.
    #[serde(default, deserialize_with = "body::optional")]
    model: Option<String>,
    #[serde(default, deserialize_with = "body::optional")]
    #[schema(schema_with = optional_title_schema)]
    title: Option<String>,
}

/// `POST /api/chats`: a new, empty chat.
pub(crate) async fn new(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let request: NewChatRequest = members.parse()?;
    let model = request.model.as_deref().or(call.state.model.as_deref());
    let title = request.title.as_deref().map(chats::usable_title).transpose()?;
    let (session, _) = call.session()?;
    let _change = call.state.cache.change(&session).await;
    let id = chats::new(&session, model, title.as_deref()).await?;
    json(&DataDocument::new(NewChatData { id: &id }))
}

/// `POST /api/chats/<id>/stop`: stops the answers that this server is writing into the chat, for any
/// client of the same account; with `?prompt_id=` only the one to this prompt, with `?waiting=false` no
/// prompt that is still in the queue.
pub(crate) async fn stop(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    let mut query = call.query();
    let waiting = query.get("waiting").map(|value| switch("waiting", value)).transpose()?;
    let which = match query.remove("prompt_id") {
        Some(id) => StopTarget::Prompt(id),
        None if waiting == Some(false) => StopTarget::Running,
        None => StopTarget::All,
    };
    let (session, _) = call.session()?;
    let key = ChatKey::new(&session, id);
    let stopped = call.state.running.stop(&key, &session, &which).await?;
    json(&StoppedDocument::new(stopped))
}

/// `GET /api/chats/<id>`: the messages of the current branch, or of all branches with `?tree=true`;
/// with `?render=html` the model's messages also as HTML. A chat of the server's own account that the upstream
/// does not send comes from the archive.
pub(crate) async fn show(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    let query = call.query();
    let renders = query.get("render").is_some_and(|format| format == "html");
    let is_tree = query.get("tree").map(|value| switch("tree", value)).transpose()?;
    let (session, source) = call.session()?;
    let name = format!("chat {id} {renders} {is_tree:?}");
    let wanted = id.clone();
    let found = call.state.cache.document((Kind::Lists, &name), &session, async move |session| {
        let chat = chats::show(&session, &wanted).await?;
        Document::new(&DataDocument::new(data_of(&chat, is_tree, renders)))
    });
    match found.await {
        Ok(found) => Ok(RequestContext::cached(found)),
        Err(error) => {
            let Some((path, account)) = archive_for(call, &session, source, &error).await else {
                return Err(error.into());
            };
            // The failure of the upstream says more than one of the archive.
            let stored = archive::find(path, Some(account), id.to_string()).await.ok().flatten();
            let Some(stored) = stored else { return Err(error.into()) };
            let state = match (stored.state, error.kind()) {
                (State::Live, ErrorKind::NotFound) => State::Gone,
                (state, _) => state,
            };
            let data = data_of(&stored.chat, is_tree, renders);
            json(&DataDocument::new(data.stored(state, stored.synced_at)))
        }
    }
}

/// All branches, or the current one; with HTML if it `renders`.
fn data_of(chat: &Chat, is_tree: Option<bool>, renders: bool) -> ChatData<'_> {
    let data = match is_tree {
        Some(true) => ChatData::new(chat, &chat.messages),
        _ => ChatData::branch(chat),
    };
    if renders { data.rendered(markdown_with) } else { data }
}

/// The changes to a chat; at least one.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"title": "Holidays"}), min_properties = 1)]
pub(crate) struct ChangeRequest {
    #[serde(default, deserialize_with = "body::optional")]
    #[schema(schema_with = title_schema)]
    title: Option<String>,
    /// Whether it is pinned.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// Whether it is archived.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    archived: Option<bool>,
    /// The project that it belongs to; an empty text is none.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    project_id: Option<String>,
}

/// `PATCH /api/chats/<id>`: another title, another mark, or another project.
pub(crate) async fn change(call: &Arc<RequestContext>, id: &str, members: Members) -> Outcome {
    let id = chat_id(id)?;
    let ChangeRequest { title, pinned, archived, project_id } = members.parse()?;
    if pinned.is_none() && archived.is_none() && project_id.is_none() && title.is_none() {
        return Err(Error::invalid(
            "at least one of `title`, `pinned`, `archived` and `project_id` must be set",
        )
        .into());
    }
    let title = title.as_deref().map(chats::usable_title).transpose()?;
    let (session, _) = call.session()?;
    let _change = call.state.cache.change(&session).await;
    if let Some(title) = &title {
        chats::rename(&session, &id, title).await?;
    }
    for (mark, on) in [(Mark::Pinned, pinned), (Mark::Archived, archived)] {
        if let Some(on) = on {
            session.mark_chat(&id, mark, on).await?;
        }
    }
    if let Some(project) = project_id {
        session.move_chat(&id, Some(project.as_str()).filter(|id| !id.is_empty())).await?;
    }
    json(&if title.is_some() { DoneDocument::chat_renamed() } else { DoneDocument::chat_changed() })
}

/// `DELETE /api/chats/<id>?grace=10&archive=false`: with a copy in the trash while the archive is in use.
pub(crate) async fn delete(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let id = chat_id(id)?;
    let query = call.query();
    let grace = query.get("grace").map(|text| grace(text)).transpose()?.unwrap_or_default();
    let has_copy = query.get("archive").map(|value| switch("archive", value)).transpose()?;
    let (session, source) = call.session()?;
    let trash = match has_copy {
        Some(false) => None,
        _ => trash::open(call, &session, source).await?,
    };
    let Some(trash) = trash else {
        if !grace.is_zero() {
            return Err(Error::invalid("`grace` needs an archive, which keeps a copy of the chat")
                .with_hint("run `qwenctl chats sync` once, or leave `grace` out")
                .into());
        }
        let _deletion = call.state.cache.deletion(&session).await;
        session.delete_chat(&id).await?;
        return json(&DeletedDocument::new(None));
    };
    let row = {
        let _deletion = call.state.cache.deletion(&session).await;
        let mut result = Ok(());
        let chats = vec![(id.clone(), None)];
        trash.delete(chats, grace, |deletion| result = deletion.result).await?;
        result?;
        trash.list(None).await?.into_iter().find(|row| row.id == id)
    };
    call.state.trash_changed.notify_one();
    json(&DeletedDocument::new(row.as_ref()))
}

fn grace(text: &str) -> Result<Duration> {
    const LONGEST: Duration = Duration::from_hours(24);
    let grace = parse_duration_or_off(text).ok().filter(|grace| *grace <= LONGEST);
    grace
        .ok_or_else(|| Error::invalid("`grace` must be a duration of at most a day, such as `10s`"))
}

/// An id as [`ChatId`] accepts it.
pub(crate) fn chat_id_schema() -> RefOr<Schema> {
    let text = text(r"^[A-Za-z_-]*[0-9][0-9A-Za-z_-]*$", "The id of a chat");
    text.min_length(Some(1)).max_length(Some(ChatId::MAX_LEN)).into()
}

fn title_schema() -> RefOr<Schema> {
    const PLAIN: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
    text(PLAIN, ONE_LINE).min_length(Some(1)).max_length(Some(MAX_TITLE)).into()
}

fn optional_title_schema() -> RefOr<Schema> {
    const PLAIN: &str = r"^([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*)?$";
    let text = text(PLAIN, ONE_LINE).max_length(Some(MAX_TITLE));
    text.schema_type(SchemaType::from_iter([Type::String, Type::Null])).into()
}

const ONE_LINE: &str = "Without control characters, and not only white space";

fn text(pattern: &str, about: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).description(Some(about))
}
