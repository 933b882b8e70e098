//! `POST /v1/responses`.
//!
//! A response is kept only if the caller says `"store": true`: then its chat stays in the account, and
//! the response's id names the chat and the message, so that `previous_response_id` needs no memory
//! of ours.

mod dialect;
mod document;
mod id;

use std::sync::Arc;

use serde_json::Value;

use self::dialect::{Echo, ResponsesDialect};
use super::ask::{Asked, Place};
use super::failure::bad;
use super::history::{Message, Speaker};
use super::input::{self, Object};
use super::{params, work};
use crate::domain::{Error, ErrorKind};
use crate::server::body::Members;
use crate::server::compat::chat_completions::is_effort;
use crate::server::http::error_format::Detail;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::request::RequestContext;

/// `POST /v1/responses`: the answer to an input.
pub(crate) async fn respond(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let body = members.all();
    let asked = read(&call, body)?;
    work::answer(call, asked, ResponsesDialect::new(Echo::of(body))).await
}

fn read(call: &RequestContext, body: &Object) -> Result<Asked, ErrorResponse> {
    let ignored = params::ignored(params::RESPONSES, body, call.state.openai.strict)?;
    let mut messages = Vec::new();
    if let Some(text) = input::text(body, "instructions")? {
        let text = text.to_owned();
        messages.push(Message { speaker: Speaker::System, text, images: Vec::new() });
    }
    messages.extend(said(body)?);
    let tools = input::member(body, "tools").and_then(Value::as_array);
    Ok(Asked {
        model: input::text(body, "model")?.map(str::to_owned),
        messages,
        field: "input",
        place: place(call, body)?,
        thinking: thinks(body)?,
        search: tools.is_some_and(|tools| tools.iter().any(params::searches)),
        stop: Vec::new(),
        max_tokens: input::count(body, "max_output_tokens")?,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

fn said(body: &Object) -> Result<Vec<Message>, ErrorResponse> {
    match input::member(body, "input") {
        Some(Value::String(text)) => {
            let text = text.clone();
            Ok(vec![Message { speaker: Speaker::User, text, images: Vec::new() }])
        }
        _ => input::messages(body, "input"),
    }
}

fn thinks(body: &Object) -> Result<bool, ErrorResponse> {
    match input::member(body, "reasoning") {
        None => Ok(false),
        Some(Value::Object(reasoning)) => {
            Ok(input::text(reasoning, "effort")?.is_some_and(is_effort))
        }
        Some(_) => Err(bad("reasoning", "has to be an object")),
    }
}

/// The chat of the response that this one follows, else what the caller names, else a new one.
fn place(call: &RequestContext, body: &Object) -> Result<Place, ErrorResponse> {
    if let Some(previous) = input::text(body, "previous_response_id")? {
        let (chat, message) = id::parse(previous).ok_or_else(|| not_kept(previous))?;
        return Ok(Place::Chat(chat, Some(message)));
    }
    let named = Place::named(call, input::chat_of_metadata(body)?)?;
    let stores = input::flag(body, "store")?.unwrap_or(false);
    Ok(if named == Place::Ephemeral && stores { Place::New } else { named })
}

fn not_kept(id: &str) -> ErrorResponse {
    let id: String = id.chars().filter(|c| !c.is_control()).take(100).collect();
    let error = Error::new(ErrorKind::NotFound, format!("the response `{id}` was not kept"))
        .with_hint("ask for a response with `\"store\": true` to go on from it");
    ErrorResponse::from(error).with_detail(Detail {
        param: Some("previous_response_id".to_owned()),
        code: Some("previous_response_not_found"),
        ..Detail::default()
    })
}
