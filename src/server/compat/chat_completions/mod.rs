//! `POST /v1/chat/completions`.

mod dialect;

use std::sync::Arc;

use serde_json::Value;

use self::dialect::ChatDialect;
use super::ask::{Asked, Place};
use super::failure::bad;
use super::input::{self, Object};
use super::{params, work};
use crate::server::body::Members;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::request::RequestContext;

/// `POST /v1/chat/completions`: the answer to a history of messages.
pub(crate) async fn complete(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let body = members.all();
    let asked = read(&call, body)?;
    let dialect = ChatDialect::new(includes_usage(body)?);
    work::answer(call, asked, dialect).await
}

fn read(call: &RequestContext, body: &Object) -> Result<Asked, ErrorResponse> {
    let ignored = params::ignored(params::CHAT, body, call.state.openai.strict)?;
    let max_tokens = input::count(body, "max_tokens")?;
    let max_tokens = input::count(body, "max_completion_tokens")?.or(max_tokens);
    Ok(Asked {
        model: input::text(body, "model")?.map(str::to_owned),
        messages: input::messages(body, "messages")?,
        field: "messages",
        place: Place::named(call, input::chat_of_metadata(body)?)?,
        thinking: thinks(body)?,
        search: searches(body)?,
        stop: input::texts(body, "stop")?,
        max_tokens,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

/// Programs say it in many ways; the first one counts.
fn thinks(body: &Object) -> Result<bool, ErrorResponse> {
    let thinking = input::member(body, "thinking").map(|thinking| {
        is_enabled(thinking).ok_or_else(|| bad("thinking", "has to be true or false"))
    });
    let enabled = input::flag(body, "enable_thinking")?;
    let effort = input::text(body, "reasoning_effort")?.map(is_effort);
    Ok(thinking.transpose()?.or(enabled).or(effort).unwrap_or(false))
}

/// Whether this effort is one at all.
pub(crate) fn is_effort(effort: &str) -> bool {
    !matches!(effort, "none" | "minimal")
}

/// `true`, or an object that says so; `None` if it says neither.
pub(crate) fn is_enabled(thinking: &Value) -> Option<bool> {
    match thinking {
        Value::Bool(enabled) => Some(*enabled),
        thinking => match thinking["type"].as_str()? {
            "enabled" | "adaptive" | "auto" => Some(true),
            "disabled" => Some(false),
            _ => None,
        },
    }
}

fn searches(body: &Object) -> Result<bool, ErrorResponse> {
    let enabled = input::flag(body, "enable_search")?.unwrap_or(false);
    Ok(enabled || input::member(body, "web_search_options").is_some())
}

fn includes_usage(body: &Object) -> Result<bool, ErrorResponse> {
    match input::member(body, "stream_options") {
        None => Ok(false),
        Some(Value::Object(options)) => Ok(input::flag(options, "include_usage")?.unwrap_or(false)),
        Some(_) => Err(bad("stream_options", "has to be an object")),
    }
}
