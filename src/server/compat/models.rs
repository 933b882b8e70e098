//! The models, and the one that a request names. The models of the account come from the same cache as
//! those of `GET /api/models`, so that not every prompt requests them.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::app::Session;
use crate::domain::{Error, ErrorKind, Model};
use crate::server::body::member_error;
use crate::server::cache::Kind;
use crate::server::http::error_format::{Detail, Shape};
use crate::server::http::response::{ErrorResponse, Outcome, json};
use crate::server::request::RequestContext;
use crate::server::state::State;

/// Some programs sort by this; the upstream does not give the date of a model.
const CREATED: i64 = 1_735_689_600;
const CREATED_AT: &str = "2025-01-01T00:00:00Z";
/// The most models of one page.
const MAX_PAGE: usize = 1000;

/// The model of a request.
pub(crate) struct Chosen {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it reads images; `None` if that is unknown.
    pub sees: Option<bool>,
}

/// The model with the `requested` name: an alias, a model of the account, or with `--any-model` the
/// default one for any other name.
///
/// # Errors
/// 404 if there is no such model; those of the client.
pub(crate) async fn choose(
    state: &State,
    session: &Session,
    requested: Option<&str>,
) -> Result<Chosen, ErrorResponse> {
    let alias = requested.and_then(|requested| state.openai.aliases.get(requested));
    let (models, _) = state.cache.models(Kind::Models, session).await?;
    if let Some(id) = alias {
        return Ok(chosen(id, &models));
    }
    let Some(requested) = requested.filter(|requested| !requested.is_empty()) else {
        return default(state, &models);
    };
    if is_known(requested, &models) {
        return Ok(chosen(requested, &models));
    }
    if state.openai.any_model {
        return default(state, &models);
    }
    let (models, _) = state.cache.models(Kind::NewModels, session).await?;
    if is_known(requested, &models) {
        Ok(chosen(requested, &models))
    } else {
        Err(unknown(requested, &models))
    }
}

fn is_known(id: &str, models: &[Model]) -> bool {
    models.iter().any(|model| model.id == id)
}

fn chosen(id: &str, models: &[Model]) -> Chosen {
    let known = models.iter().find(|model| model.id == id);
    Chosen {
        id: id.to_owned(),
        name: known.map_or(id, |model| &model.name).to_owned(),
        sees: known.map(|model| model.abilities.vision),
    }
}

fn default(state: &State, models: &[Model]) -> Result<Chosen, ErrorResponse> {
    let first = || models.first().map(|model| model.id.as_str());
    let id = state.model.as_deref().or_else(first);
    id.map(|id| chosen(id, models)).ok_or_else(|| {
        Error::new(ErrorKind::UpstreamProtocol, "the upstream offers no model at all").into()
    })
}

fn unknown(requested: &str, models: &[Model]) -> ErrorResponse {
    let shown: String = requested.chars().filter(|c| !c.is_control()).take(100).collect();
    let known: Vec<_> = models.iter().take(8).map(|model| format!("`{}`", model.id)).collect();
    let error = Error::new(ErrorKind::NotFound, format!("there is no model `{shown}`")).with_hint(
        format!(
            "choose one of {}, or start the server with `--model-alias NAME=MODEL` or `--any-model`",
            known.join(", ")
        ),
    );
    let (param, code) = (Some("model".to_owned()), Some("model_not_found"));
    ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
}

/// A model in the list: its id and its name for people.
type Row = (String, String);

/// A model as the API of the client describes it.
fn row((id, name): &Row, shape: Option<Shape>) -> Value {
    match shape {
        Some(Shape::Anthropic) => {
            json!({"type": "model", "id": id, "display_name": name, "created_at": CREATED_AT})
        }
        _ => json!({"id": id, "object": "model", "created": CREATED, "owned_by": "qwen"}),
    }
}

/// `GET /v1/models`: the models of the account, then the aliases.
pub(crate) async fn list(call: Arc<RequestContext>) -> Outcome {
    let (session, _) = call.session()?;
    let (models, found) = call.state.cache.models(Kind::Models, &session).await?;
    let aliases = call.state.openai.aliases.keys().filter(|alias| !is_known(alias, &models));
    let aliases: Vec<Row> = aliases.map(|alias| (alias.clone(), alias.clone())).collect();
    let rows: Vec<Row> =
        models.into_iter().map(|model| (model.id, model.name)).chain(aliases).collect();
    let document = match call.shape {
        Some(Shape::Anthropic) => page(&call, &rows)?,
        shape => {
            let rows: Vec<_> = rows.iter().map(|r| row(r, shape)).collect();
            json!({"object": "list", "data": rows})
        }
    };
    Ok(RequestContext::marked(json(&document)?, found))
}

/// A page of the list as Anthropic has it, with `limit`, `after_id` and `before_id`.
fn page(call: &RequestContext, rows: &[Row]) -> Result<Value, ErrorResponse> {
    let query = call.query();
    let limit = match query.get("limit").map(|limit| limit.parse::<usize>()) {
        None => MAX_PAGE,
        Some(Ok(limit @ 1..=MAX_PAGE)) => limit,
        Some(_) => {
            return Err(member_error("limit", &format!("must be a number from 1 to {MAX_PAGE}")));
        }
    };
    let place = |name: &str| {
        let id = query.get(name)?;
        rows.iter().position(|(known, _)| known == id)
    };
    let (data, has_more) = if let Some(end) = place("before_id") {
        let begin = end.saturating_sub(limit);
        (&rows[begin..end], begin > 0)
    } else {
        let begin = place("after_id").map_or(0, |at| at + 1);
        let end = (begin + limit).min(rows.len());
        (&rows[begin..end], end < rows.len())
    };
    let id = |row: Option<&Row>| row.map(|(id, _)| id.clone());
    Ok(json!({
        "data": data.iter().map(|r| row(r, call.shape)).collect::<Vec<_>>(),
        "has_more": has_more,
        "first_id": id(data.first()),
        "last_id": id(data.last()),
    }))
}

/// `GET /v1/models/{id}`: one of them, under the requested name.
pub(crate) async fn show(segment: String, call: Arc<RequestContext>) -> Outcome {
    let requested = percent_decode_str(&segment).decode_utf8_lossy().into_owned();
    let (session, _) = call.session()?;
    let Chosen { name, .. } = choose(&call.state, &session, Some(&requested)).await?;
    json(&row(&(requested, name), call.shape))
}
