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
use crate::server::call::Call;
use crate::server::reply::{Outcome, Refusal};

/// `POST /v1/chat/completions`: the answer to a history of messages.
pub async fn complete(call: Arc<Call>, members: Result<Members, Refusal>) -> Outcome {
    let members = members?;
    let body = members.all();
    let asked = read(&call, body)?;
    let dialect = ChatDialect::new(includes_usage(body)?);
    work::answer(call, asked, dialect).await
}

fn read(call: &Call, body: &Object) -> Result<Asked, Refusal> {
    let ignored = params::ignored(params::CHAT, body, call.state.openai.strict)?;
    let max_tokens = match input::count(body, "max_completion_tokens")? {
        None => input::count(body, "max_tokens")?,
        count => count,
    };
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
fn thinks(body: &Object) -> Result<bool, Refusal> {
    if let Some(thinking) = input::member(body, "thinking") {
        return is_enabled(thinking).ok_or_else(|| bad("thinking", "has to be true or false"));
    }
    if let Some(thinking) = input::flag(body, "enable_thinking")? {
        return Ok(thinking);
    }
    Ok(input::text(body, "reasoning_effort")?.is_some_and(is_effort))
}

/// Whether this effort is one at all.
pub fn is_effort(effort: &str) -> bool {
    !matches!(effort, "none" | "minimal")
}

/// `true`, or an object that says so; `None` if it says neither.
pub fn is_enabled(thinking: &Value) -> Option<bool> {
    match thinking {
        Value::Bool(enabled) => Some(*enabled),
        thinking => match thinking["type"].as_str()? {
            "enabled" | "adaptive" | "auto" => Some(true),
            "disabled" => Some(false),
            _ => None,
        },
    }
}

fn searches(body: &Object) -> Result<bool, Refusal> {
    let asked = input::member(body, "web_search_options").is_some();
    Ok(asked || input::flag(body, "enable_search")?.unwrap_or(false))
}

fn includes_usage(body: &Object) -> Result<bool, Refusal> {
    match input::member(body, "stream_options") {
        None => Ok(false),
        Some(Value::Object(options)) => Ok(input::flag(options, "include_usage")?.unwrap_or(false)),
        Some(_) => Err(bad("stream_options", "has to be an object")),
    }
}
