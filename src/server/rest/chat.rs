//! Prompts and their answers, whole or streamed.

use std::sync::Arc;

use crate::app::documents::{DataDocument, QuickDocument, ReplyData};
use crate::app::send::{SendRequest, Target, check_prompt};
use crate::domain::Result;
use crate::server::answer::{Kind, OnDisconnect, Question, whole};
use crate::server::body::Members;
use crate::server::http::response::{ErrorResponse, Outcome, json};
use crate::server::request::RequestContext;
use crate::server::rest::{documents, events};
use crate::server::stream;

/// `POST /api/chat/send`: the next prompt of a chat.
#[utoipa::path(post, path = "/api/chat/send", tag = "chat",
    request_body = documents::SendRequest,
    responses((status = 200, description = "The answer: whole, or as server-sent events",
        content((documents::Sent = "application/json"), (events::SendEvent = "text/event-stream")))))]
pub(crate) async fn send(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    let members = members?;
    let chat_id = members.text("chat_id")?.parse()?;
    answer(call, &members, Target::Chat(chat_id), Kind::Send).await
}

/// `POST /api/chat/quick`: a prompt in the most recent chat.
#[utoipa::path(post, path = "/api/chat/quick", tag = "chat",
    request_body = documents::QuickRequest,
    responses((status = 200, description = "The answer: whole, or as server-sent events",
        content((documents::Quick = "application/json"), (events::QuickEvent = "text/event-stream")))))]
pub(crate) async fn quick(
    call: Arc<RequestContext>,
    members: Result<Members, ErrorResponse>,
) -> Outcome {
    answer(call, &members?, Target::Recent, Kind::Quick).await
}

async fn answer(
    call: Arc<RequestContext>,
    members: &Members,
    target: Target,
    kind: Kind,
) -> Outcome {
    let request = request(&call, members, target)?;
    let streams = members.flag("stream")? || call.accepts_events;
    let on_disconnect = on_disconnect(members)?;
    let renders = members.optional_text("render")? == Some("html");
    let (session, _) = call.session()?;
    let log = &call.trace.log;
    log.body(&call.request_id, "prompt", &request.prompt);
    let question = Question { session, request, kind, on_disconnect };
    if streams {
        return stream::respond(&call, question, renders).await;
    }
    let (reply, found) = whole(&call, question).await?;
    log.body(&call.request_id, "answer", &reply.content);
    let mut response = match kind {
        Kind::Send => json(&DataDocument::new(ReplyData::from(&reply))),
        Kind::Quick => json(&QuickDocument::from(&reply)),
    }?;
    found.inspect(|found| found.mark(&mut response));
    Ok(response)
}

/// What becomes of the answer when the caller goes away.
fn on_disconnect(members: &Members) -> Result<OnDisconnect> {
    Ok(match members.choice("on_disconnect", &["stop", "continue"])? {
        Some("continue") => OnDisconnect::Continue,
        _ => OnDisconnect::Stop,
    })
}

fn request(call: &RequestContext, members: &Members, target: Target) -> Result<SendRequest> {
    let text = |name| members.optional_text(name).map(|text| text.map(str::to_owned));
    let prompt = members.text("message")?.to_owned();
    check_prompt(&prompt)?;
    Ok(SendRequest {
        target,
        prompt,
        system: text("system_prompt")?,
        images: Vec::new(),
        model: text("model")?.or_else(|| call.state.model.clone()),
        parent: text("parent_id")?,
        thinking: members.flag("thinking_enabled")?,
        search: members.flag("search_enabled")?,
    })
}
