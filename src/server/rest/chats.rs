//! Chats: list, show, make, rename, delete, stop.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::chats::{self, ListRequest, Pages};
use crate::app::documents::{
    ChatData, ChatsDocument, DataDocument, DoneDocument, NewChatData, StoppedDocument,
};
use crate::domain::{Error, Result};
use crate::server::body::Members;
use crate::server::cache::{Document, Kind};
use crate::server::http::response::{ErrorResponse, Outcome, json};
use crate::server::page::render::markdown_with;
use crate::server::request::{RequestContext, chat_id};
use crate::server::rest::{documents, texts};
use crate::server::shared::ChatKey;

/// `GET /api/chats?page=N|all=true`: newest first.
#[utoipa::path(get, path = "/api/chats", tag = "chats",
    params(
        ("page" = Option<u32>, Query, description = "From 1; 60 chats a page", minimum = 1, maximum = 1_000_000),
        ("all" = Option<bool>, Query, description = "All pages"),
    ),
    responses((status = 200, description = "Newest first", body = documents::Chats)))]
pub(crate) async fn list(call: Arc<RequestContext>) -> Outcome {
    let pages = pages(&call.query())?;
    let (session, _) = call.session()?;
    let request = ListRequest { pages, limit: None, since: None };
    let page = match pages {
        Pages::One(page) => Some(page),
        Pages::All => None,
    };
    let name = format!("list {page:?}");
    let found = call.state.cache.document((Kind::Lists, &name), &session, async move |session| {
        let rows = chats::list(&session, request, |_| ()).await?;
        Document::new(&ChatsDocument::new(&rows, page))
    });
    Ok(call.cached(found.await?))
}

fn pages(query: &HashMap<String, String>) -> Result<Pages> {
    let all = query.get("all").map(|value| switch("all", value)).transpose()?;
    let page = query.get("page").map_or(Ok(1), |page| number(page))?;
    Ok(if all == Some(true) { Pages::All } else { Pages::One(page) })
}

fn number(page: &str) -> Result<u32> {
    let number = page.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page));
    number.ok_or_else(|| {
        Error::invalid(format!("`page` has to be a whole number from 1 to {MAX_PAGE}"))
            .with_hint("leave it out for the first page; `all=true` gives all pages")
    })
}

/// No account has this many pages of 60 chats.
const MAX_PAGE: u32 = 1_000_000;

fn switch(name: &str, value: &str) -> Result<bool> {
    match value {
        "true" | "1" | "" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Error::invalid(format!("`{name}` has to be true or false"))),
    }
}

/// `POST /api/chats`: an empty chat.
#[utoipa::path(post, path = "/api/chats", tag = "chats",
    request_body = documents::NewChatRequest,
    responses((status = 200, description = "An empty chat", body = documents::NewChat)))]
pub(crate) async fn new(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let model = members.optional_text("model")?.or(call.state.model.as_deref());
    let title = members.optional_text("title")?.map(chats::usable_title).transpose()?;
    let (session, _) = call.session()?;
    let _change = call.state.cache.change(&session).await;
    let id = chats::new(&session, model, title.as_deref()).await?;
    json(&DataDocument::new(NewChatData { id: &id }))
}

/// `POST /api/chats/<id>/stop`: stops the answer to whoever asked for it in this chat through this
/// server, on behalf of the same account.
#[utoipa::path(post, path = "/api/chats/{id}/stop", tag = "chats", params(("id" = String, Path, description = "The id of the chat")),
    responses((status = 200, description = "Nothing runs in this chat any more", body = documents::Stopped)))]
pub(crate) async fn stop(
    id: String,
    call: Arc<RequestContext>,
    body: Result<(), ErrorResponse>,
) -> Outcome {
    body?;
    let id = chat_id(&id)?;
    let (session, _) = call.session()?;
    let stopped = call.state.running.stop(&ChatKey::new(&session, id), &session).await?;
    json(&StoppedDocument::new(stopped))
}

/// `GET /api/chats/<id>`: the messages of the branch that is shown, or with `?tree=true` of all
/// branches; with `?render=html` what the model wrote comes as HTML, too.
#[utoipa::path(get, path = "/api/chats/{id}", tag = "chats",
    params(
        ("id" = inline(texts::ChatId), Path, description = "The id of the chat"),
        ("render" = Option<String>, Query, description = "`html` adds sanitised HTML to each message"),
        ("tree" = Option<bool>, Query, description = "Whether to give all branches; `current_id` ends the one that is shown"),
    ),
    responses((status = 200, description = "The chat with the branch that is shown, or with all", body = documents::ChatAnswer)))]
pub(crate) async fn show(id: String, call: Arc<RequestContext>) -> Outcome {
    let id = chat_id(&id)?;
    let query = call.query();
    let renders = query.get("render").is_some_and(|format| format == "html");
    let is_tree = query.get("tree").map(|value| switch("tree", value)).transpose()?;
    let (session, _) = call.session()?;
    let name = format!("chat {id} {renders} {is_tree:?}");
    let found = call.state.cache.document((Kind::Lists, &name), &session, async move |session| {
        let chat = chats::show(&session, &id).await?;
        let data = match is_tree {
            Some(true) => ChatData::new(&chat, &chat.messages),
            _ => ChatData::branch(&chat),
        };
        let data = if renders { data.rendered(markdown_with) } else { data };
        Document::new(&DataDocument::new(data))
    });
    Ok(call.cached(found.await?))
}

/// `PATCH /api/chats/<id>`: another title.
#[utoipa::path(patch, path = "/api/chats/{id}", tag = "chats", params(("id" = inline(texts::ChatId), Path, description = "The id of the chat")),
    request_body = documents::RenameRequest,
    responses((status = 200, description = "It was renamed", body = documents::Done)))]
pub(crate) async fn rename(
    id: String,
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let id = chat_id(&id)?;
    let title = chats::usable_title(members.text("title")?)?;
    let (session, _) = call.session()?;
    let _change = call.state.cache.change(&session).await;
    chats::rename(&session, &id, &title).await?;
    json(&DoneDocument::chat_renamed())
}

/// `DELETE /api/chats/<id>`.
#[utoipa::path(delete, path = "/api/chats/{id}", tag = "chats", params(("id" = inline(texts::ChatId), Path, description = "The id of the chat")),
    responses((status = 200, description = "It was deleted", body = documents::Done)))]
pub(crate) async fn delete(id: String, call: Arc<RequestContext>) -> Outcome {
    let id = chat_id(&id)?;
    let (session, _) = call.session()?;
    let _deletion = call.state.cache.deletion(&session).await;
    session.delete_chat(&id).await?;
    json(&DoneDocument::chat_deleted())
}
