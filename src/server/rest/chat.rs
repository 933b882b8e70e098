//! Prompts and their answers, whole or streamed.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::chats::chat_id_schema;
use crate::app::answer::{Question, Target};
use crate::app::documents::{DataDocument, QuickDocument, ReplyData};
use crate::server::answer::{Kind, OnDisconnect, Prompt, whole};
use crate::server::body::{self, Members};
use crate::server::cache::Found;
use crate::server::http::response::{Outcome, json};
use crate::server::request::RequestContext;
use crate::server::stream;

/// A prompt for the most recent chat, or a new one if there is none.
#[derive(Deserialize, ToSchema)]
#[schema(as = QuickRequest, example = json!({"message": "Hello", "parent_id": "root"}))]
pub(crate) struct PromptRequest {
    #[serde(deserialize_with = "body::filled")]
    #[schema(schema_with = prompt_schema)]
    message: String,
    /// The chat's own model, if it is left out.
    #[serde(default, deserialize_with = "body::optional")]
    model: Option<String>,
    /// Answer with server-sent events, as with `Accept: text/event-stream`.
    stream: Option<bool>,
    /// `html` adds `render` events to a stream; anything else is ignored.
    render: Option<String>,
    #[serde(default, deserialize_with = "body::optional")]
    system_prompt: Option<String>,
    thinking_enabled: Option<bool>,
    search_enabled: Option<bool>,
    /// The message to follow, if not the current one. `root` begins another branch of the chat,
    /// before its first message.
    #[serde(default, deserialize_with = "body::optional")]
    parent_id: Option<String>,
    /// What happens to the answer if the client disconnects before its end; `stop` if it is left out.
    #[serde(default, deserialize_with = "body::choice")]
    on_disconnect: Option<OnDisconnect>,
}

/// The chat of a prompt.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "chat_id": "6f0b2f5e-3c1d-4a53-9d6b-0a4f6f1f7a11",
    "message": "Hello",
    "thinking_enabled": false,
}))]
pub(crate) struct PromptTarget {
    #[serde(deserialize_with = "body::filled")]
    #[schema(schema_with = chat_id_schema)]
    chat_id: String,
}

fn prompt_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    text.pattern(Some(r"[^\s\x85]")).description(Some("Not only white space")).into()
}

/// `POST /api/chat/send`: the next prompt of a chat.
pub(crate) async fn send(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let PromptTarget { chat_id } = members.parse()?;
    answer(call, members.parse()?, Target::Chat(chat_id.parse()?), Kind::Send).await
}

/// `POST /api/chat/quick`: a prompt in the most recent chat.
pub(crate) async fn quick(call: &Arc<RequestContext>, members: Members) -> Outcome {
    answer(call, members.parse()?, Target::Recent, Kind::Quick).await
}

async fn answer(
    call: &Arc<RequestContext>,
    body: PromptRequest,
    target: Target,
    kind: Kind,
) -> Outcome {
    let streams = body.stream == Some(true) || call.accepts_events;
    let renders = body.render.as_deref() == Some("html");
    let on_disconnect = body.on_disconnect.unwrap_or_default();
    let mut question = Question::new(target, body.message)?;
    question.system = body.system_prompt;
    question.model = body.model.or_else(|| call.state.model.clone());
    question.parent = body.parent_id;
    question.thinking = body.thinking_enabled == Some(true);
    question.search = body.search_enabled == Some(true);
    let (session, _) = call.session()?;
    let log = &call.trace.log;
    log.body(&call.request_id, "prompt", question.message());
    let key = call.state.cache.answer_key(&session, &question).await?;
    let kept = match key {
        Some(key) => call.state.cache.kept_answer(key).await,
        None => None,
    };
    let found = key.map(|_| if kept.is_some() { Found::Hit } else { Found::Miss });
    let prompt = Prompt { session, question, kind, on_disconnect, key };
    let response = match kept {
        Some(reply) if streams => {
            log.body(&call.request_id, "answer", &reply.content);
            stream::of_reply(&reply, kind, renders)
        }
        None if streams => stream::respond(call, prompt, renders).await?,
        kept => {
            let reply = match kept {
                Some(reply) => reply,
                None => whole(call, prompt).await?,
            };
            log.body(&call.request_id, "answer", &reply.content);
            match kind {
                Kind::Send => json(&DataDocument::new(ReplyData::from(&reply))),
                Kind::Quick => json(&QuickDocument::from(&reply)),
            }?
        }
    };
    Ok(call.marked(response, found))
}
