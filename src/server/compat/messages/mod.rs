//! `POST /v1/messages`, as Anthropic has it.

mod dialect;

use std::sync::Arc;

use serde_json::Value;

use self::dialect::MessagesDialect;
use super::ask::{Asked, Place};
use super::failure::bad;
use super::history::{Message, Speaker};
use super::input::{self, Object};
use super::{params, work};
use crate::server::body::Members;
use crate::server::compat::chat_completions::is_enabled;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::request::RequestContext;

/// `POST /v1/messages`: the answer to a history of messages.
pub(crate) async fn message(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let asked = read(&call, members.all())?;
    work::answer(call, asked, MessagesDialect::new()).await
}

fn read(call: &RequestContext, body: &Object) -> Result<Asked, ErrorResponse> {
    let ignored = params::ignored(params::MESSAGES, body, call.state.openai.strict)?;
    let mut messages = system(body)?;
    messages.extend(input::messages(body, "messages")?);
    let thinking = input::member(body, "thinking").map(|thinking| {
        is_enabled(thinking).ok_or_else(|| bad("thinking.type", "has to be enabled or disabled"))
    });
    let tools = input::member(body, "tools").and_then(Value::as_array);
    Ok(Asked {
        model: input::text(body, "model")?.map(str::to_owned),
        messages,
        field: "messages",
        place: Place::named(call, input::chat_of_metadata(body)?)?,
        thinking: thinking.transpose()?.unwrap_or(false),
        search: tools.is_some_and(|tools| tools.iter().any(params::searches)),
        stop: input::texts(body, "stop_sequences")?,
        max_tokens: input::count(body, "max_tokens")?,
        streams: input::flag(body, "stream")?.unwrap_or(false),
        ignored,
    })
}

/// The instructions: a text, or a list of parts.
fn system(body: &Object) -> Result<Vec<Message>, ErrorResponse> {
    input::member(body, "system").map_or(Ok(Vec::new()), |content| {
        input::one_message(Speaker::System, content, "system").map(|message| vec![message])
    })
}
