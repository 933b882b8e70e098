//! Chats: lists, search, creating, reading, changing, deleting (protocol 5).

use serde_json::{Value, json};

use super::{Call, models};
use crate::local::clock;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::store::StoreError;
use crate::local::store::chats::{self, Listing, NewChat, Toggle};

pub(super) async fn answer(call: &Call<'_>) -> Result<Reply, StoreError> {
    let id = call.id.clone();
    let store = &call.state.store;
    Ok(match call.kind {
        Kind::Pinned => list(call, Listing::Pinned).await?,
        Kind::Archived => list(call, Listing::Archived).await?,
        Kind::Search => search(call).await?,
        Kind::New => create(call).await?,
        Kind::Detail => match store.call(move |connection| chats::detail(connection, &id)).await? {
            Some(detail) => call.success(&detail),
            None => Reply::no_such_chat(&call.request.id),
        },
        Kind::Update => {
            let change = call.request.json();
            let found =
                store.call(move |connection| chats::update(connection, &id, &change)).await?;
            done(call, found, &json!({"status": true}))
        }
        Kind::Archive => toggle(call, id, Toggle::Archived).await?,
        Kind::Pin => toggle(call, id, Toggle::Pinned).await?,
        Kind::Delete => {
            call.state.running.stop(&id, None).await;
            let found = store.call(move |connection| chats::delete(connection, &id)).await?;
            done(call, found, &json!({"status": true}))
        }
        Kind::BatchDelete => {
            let Some(ids) = ids(call, "ids") else {
                return Ok(call.failure("Bad_Request", "Field 'ids': list of ids required"));
            };
            for id in &ids {
                call.state.running.stop(id, None).await;
            }
            store.call(move |connection| chats::delete_these(connection, &ids)).await?;
            call.success(&json!({"status": true}))
        }
        Kind::Projects | Kind::Project => {
            let of = Some(id).filter(|_| call.kind == Kind::Project);
            let mut found =
                store.call(move |connection| chats::projects(connection, of.as_deref())).await?;
            match call.kind {
                Kind::Projects => call.success(&Value::Array(found)),
                _ => found.pop().map_or_else(|| no_such_project(call), |one| call.success(&one)),
            }
        }
        Kind::NewProject | Kind::ChangeProject => {
            let (of, body) =
                (Some(id).filter(|_| call.kind == Kind::ChangeProject), call.request.json());
            let put = store.call(move |c| chats::put_project(c, of.as_deref(), &body)).await?;
            match (put, call.kind) {
                (None, _) => no_such_project(call),
                (Some(id), Kind::NewProject) => call.success(&json!({"id": id})),
                (Some(_), _) => call.success(&json!({"status": true})),
            }
        }
        Kind::DeleteProject => {
            let found =
                store.call(move |connection| chats::delete_project(connection, &id)).await?;
            if found { call.success(&json!({"status": true})) } else { no_such_project(call) }
        }
        Kind::ProjectFiles => call.success(&json!([])),
        Kind::AddToProject => {
            let project = call.request.json()["project_id"].as_str().unwrap_or_default().to_owned();
            let Some(ids) = ids(call, "chat_ids") else {
                return Ok(call.failure("Bad_Request", "Field 'chat_ids': list of ids required"));
            };
            let found = store.call(move |c| chats::add_to_project(c, &ids, &project)).await?;
            if found { call.success(&json!({"status": true})) } else { no_such_project(call) }
        }
        Kind::DeleteAll => {
            call.state.running.stop_all().await;
            store.call(chats::delete_all).await?;
            call.success(&json!({"status": true}))
        }
        _ => {
            let project = call.request.query("project_id").filter(|project| !project.is_empty());
            list(call, Listing::Page { page: call.page().max(1), project }).await?
        }
    })
}

/// The ids in the body; none is an error, for an empty list must not mean all.
fn ids(call: &Call, member: &str) -> Option<Vec<String>> {
    let body = call.request.json();
    let ids = body[member].as_array()?.iter();
    let ids: Vec<String> = ids.map(|id| id.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    (!ids.is_empty() && ids.iter().all(|id| !id.is_empty())).then_some(ids)
}

fn no_such_project(call: &Call) -> Reply {
    call.failure("Not_Found", "This project or chat does not exist.")
}

fn done(call: &Call, found: bool, data: &Value) -> Reply {
    if found { call.success(data) } else { Reply::no_such_chat(&call.request.id) }
}

async fn list(call: &Call<'_>, listing: Listing) -> Result<Reply, StoreError> {
    let rows = call.state.store.call(move |connection| chats::list(connection, &listing)).await?;
    Ok(call.success(&Value::Array(rows)))
}

async fn search(call: &Call<'_>) -> Result<Reply, StoreError> {
    let (text, page) = (call.request.query("text").unwrap_or_default(), call.page());
    if text.is_empty() {
        return Ok(call.success(&json!([])));
    }
    let rows =
        call.state.store.call(move |connection| chats::search(connection, &text, page)).await?;
    Ok(call.success(&Value::Array(rows)))
}

async fn toggle(call: &Call<'_>, id: String, toggle: Toggle) -> Result<Reply, StoreError> {
    let found =
        call.state.store.call(move |connection| chats::toggle(connection, &id, toggle)).await?;
    Ok(done(call, found, &json!(true)))
}

async fn create(call: &Call<'_>) -> Result<Reply, StoreError> {
    let body = call.request.json();
    let text = |key: &str, default: &str| {
        let given = body[key].as_str().filter(|text| !text.is_empty());
        given.unwrap_or(default).to_owned()
    };
    let chat = NewChat {
        title: text("title", "New chat"),
        chat_type: text("chat_type", "t2t"),
        chat_mode: text("chat_mode", "normal"),
        project_id: body["project_id"]
            .as_str()
            .filter(|project| !project.is_empty())
            .map(str::to_owned),
        models: match &body["models"] {
            Value::Array(models) if !models.is_empty() => json!(models),
            _ => json!(Vec::from_iter(models::default_id(call).await)),
        },
        timestamp: match &body["timestamp"] {
            Value::Null => json!(clock::millis()),
            timestamp => timestamp.clone(),
        },
    };
    let id = call.state.store.call(move |connection| chats::create(connection, &chat)).await?;
    Ok(call.success(&json!({"id": id})))
}
