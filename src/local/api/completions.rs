//! A turn: `POST /api/v2/chat/completions` and its stop call (protocol 6 to 8).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Call, models};
use crate::local::clock;
use crate::local::engine::markers::Markers;
use crate::local::engine::{Question, Thinking};
use crate::local::faults::Fault;
use crate::local::reply::{Body, Reply};
use crate::local::store::StoreError;
use crate::local::store::turns::{self, Begun, NewTurn, Refused};
use crate::local::stream::Plan;
use crate::local::stream::body::{Feed, QUEUE};
use crate::local::stream::runner::Generation;
use crate::local::stream::scribe::{Ids, Scribe, tokens};

/// What a model is told besides the prompt, in tokens.
const OVERHEAD: u64 = 19;
/// How long the title takes at a model's pace.
const TITLE_DELAY: Duration = Duration::from_secs(2);

/// The text of the prompt in a request body: a string, or a list of parts (protocol 6.1).
pub(super) fn prompt(body: &Value) -> String {
    match &body["messages"][0]["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

pub(super) async fn answer(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    let body = call.request.json();
    let chat_id = match checked_chat_id(call, &body) {
        Ok(id) => id,
        Err(refusal) => return Ok(refusal),
    };
    if call.state.hangs.load(Ordering::Relaxed) && has_odd_thinking_mode(&body) {
        return Ok(call.success(&Value::Null).after(Duration::MAX));
    }
    let mut plan = Plan::default();
    plan.dialect.phases = body["messages"][0]["feature_config"]["output_schema"].is_string();
    plan.dialect.cumulative = body["incremental_output"] == false;
    for fault in faults {
        fault.plan(&mut plan, call.request);
    }
    let turn = new_turn(call, &body, &chat_id, plan.hidden);
    let question = question(&turn.prompt, &body);
    match call.state.store.call(move |connection| turns::begin(connection, &turn)).await? {
        Err(refused) => Ok(refusal(call, refused, &body)),
        Ok(begun) => {
            for fault in std::mem::take(&mut plan.arm_next) {
                let _ = call.state.armory.arm(fault);
            }
            Ok(begin(call, &body, chat_id, begun, &question, plan).await)
        }
    }
}

/// `POST /api/v2/chat/completions/stop` (protocol 8.6).
pub(super) async fn stop(call: &Call<'_>) -> Result<Reply, StoreError> {
    let body = call.request.json();
    let chat_id =
        body["chat_id"].as_str().map(str::to_owned).or_else(|| call.request.query("chat_id"));
    let chat_id = chat_id.unwrap_or_default();
    let response_id = body["response_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let mut stopped = call.state.running.stop(&chat_id, response_id.as_deref()).await;
    if !stopped {
        // Perhaps another process on the same database is answering; it notices that its lease is
        // gone.
        let (chat, response) = (chat_id.clone(), response_id.clone());
        let stop = move |connection: &rusqlite::Connection| {
            turns::stop(connection, &chat, response.as_deref())
        };
        stopped = call.state.store.call(stop).await?;
    }
    call.state.journal.stop(&chat_id, response_id.as_deref().unwrap_or_default(), stopped);
    Ok(if stopped {
        call.success(&json!({"status": true}))
    } else {
        call.success(&json!({"status": false, "details": "The request is ended!"}))
    })
}

/// The chat id, if query and body name the same one and the rest of the body makes sense.
fn checked_chat_id(call: &Call, body: &Value) -> Result<String, Reply> {
    let bad = |details: &str| call.failure("Bad_Request", details).effectively(400);
    let Some(chat_id) = call.request.query("chat_id").filter(|id| !id.is_empty()) else {
        return Err(bad("Missing query parameter chat_id."));
    };
    if body["chat_id"].as_str().is_some_and(|id| id != chat_id) {
        return Err(bad("chat_id of query and body differ."));
    }
    let messages = body["messages"].as_array().map_or(0, Vec::len);
    if messages != 1 || body["messages"][0]["role"] != "user" {
        return Err(bad("messages must be one message of role user."));
    }
    let model = body["model"].as_str().unwrap_or_default();
    if models::name(model).is_none() {
        return Err(call.failure("Bad_Request", &format!("Model {model} is not available.")));
    }
    // A model counts about four bytes a token.
    let prompt = call.request.prompt.as_deref().unwrap_or_default();
    if prompt.len() as u64 / 4 > models::MAX_CONTEXT {
        return Err(call.failure("ContextLengthExceeded", "The input token limit is exceeded"));
    }
    Ok(chat_id)
}

fn has_odd_thinking_mode(body: &Value) -> bool {
    let mode = &body["messages"][0]["feature_config"]["thinking_mode"];
    !mode.is_null() && !matches!(mode.as_str(), Some("Auto" | "Thinking" | "Fast"))
}

fn new_turn(call: &Call, body: &Value, chat_id: &str, hidden: Duration) -> NewTurn {
    let message = &body["messages"][0];
    let model = body["model"].as_str().unwrap_or_default();
    NewTurn {
        chat_id: chat_id.to_owned(),
        parent_id: body["parent_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned),
        regenerate: message["user_action"]
            .as_str()
            .is_some_and(|action| action.starts_with("regenerate")),
        prompt: call.request.prompt.clone().unwrap_or_default(),
        message: message.clone(),
        model: model.to_owned(),
        model_name: models::name(model).unwrap_or(model).to_owned(),
        chat_type: message["chat_type"].as_str().unwrap_or("t2t").to_owned(),
        visible_at: if hidden.is_zero() { 0 } else { clock::millis() + clock::as_millis(hidden) },
    }
}

fn refusal(call: &Call, refused: Refused, body: &Value) -> Reply {
    match refused {
        Refused::NoSuchChat => Reply::no_such_chat(&call.request.id),
        Refused::InProgress => call.failure("CHAT_IN_PROGRESS", "The chat is in progress!"),
        Refused::StaleParent => {
            let parent = body["parent_id"].as_str().unwrap_or_default();
            call.failure(
                "Bad_Request",
                &format!("Invalid input chat parent_id {parent} is not exist."),
            )
        }
    }
}

/// What the engine is asked: the request's settings (protocol 6.2), and what the prompt's markers
/// add.
fn question(prompt: &str, body: &Value) -> Question {
    let markers = Markers::find(prompt);
    let message = &body["messages"][0];
    let config = &message["feature_config"];
    let asked = config["thinking_enabled"] == true && config["auto_thinking"] != true;
    // Before 2026 there was neither a format nor a mode, only text.
    let old = asked && config["thinking_mode"].is_null() && config["thinking_format"].is_null();
    let detailed = old || config["thinking_format"] == "detail";
    let form = if detailed { Thinking::Detail } else { Thinking::Summary };
    Question {
        prompt: prompt.to_owned(),
        thinking: (asked || markers.think).then_some(form),
        search: markers.search || message["chat_type"] == "search",
        image: markers.image || message["chat_type"] == "t2i",
        markers,
    }
}

async fn begin(
    call: &Call<'_>,
    body: &Value,
    chat_id: String,
    begun: Begun,
    question: &Question,
    plan: Plan,
) -> Reply {
    let state = call.state;
    let ids = Ids {
        chat: chat_id.clone(),
        user: begun.user_id.clone(),
        response: begun.response_id.clone(),
    };
    let title_delay = if state.pace.is_zero() { Duration::ZERO } else { TITLE_DELAY };
    let title_delay = plan.title_delay.unwrap_or(title_delay);
    let (out, packets) = mpsc::channel(QUEUE);
    let streams = body["stream"] != false;
    let number = state.journal.stream(&chat_id, &begun.response_id);
    let chunking = plan.chunking.unwrap_or(state.chunking);
    let feed =
        Feed::new(packets, chunking, plan.coding, state.seed, Arc::clone(&state.journal), number);
    let generation = Generation {
        store: state.store.clone(),
        running: Arc::clone(&state.running),
        chat_id,
        response_id: begun.response_id.clone(),
        scribe: Scribe::new(ids, plan.dialect, OVERHEAD + tokens(&question.prompt)),
        answer: state.engine.answer(question),
        plan,
        pace: state.pace,
        delta_pause: question.markers.pace.unwrap_or(state.pace),
        out: streams.then_some(out),
        title: (title(&question.prompt), title_delay),
    };
    let task = generation.spawn();
    if streams {
        let reply = Reply::text("text/event-stream; charset=utf-8", "");
        return Reply { body: Body::Events(feed), ..reply }
            .with_header("cache-control", "no-cache");
    }
    let text = task.await.unwrap_or_default();
    call.success(
        &json!({"chat_id": "", "parent_id": begun.user_id, "message_id": begun.response_id,
        "messages": null, "choices": [{"message": {"role": "assistant", "content": text}}]}),
    )
}

/// The title a chat gets after its first answer: the first words of the prompt, without markers.
fn title(prompt: &str) -> String {
    const LENGTH: usize = 40;
    let mut plain = String::new();
    let mut rest = prompt;
    while let Some((before, marker)) = rest.split_once("[[") {
        plain.push_str(before);
        rest = marker.split_once("]]").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let words = plain.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    let title: String = words.chars().take(LENGTH).collect();
    if title.is_empty() { "Local chat".to_owned() } else { title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_the_first_words() {
        assert_eq!(
            title("[[think]] one two [[slow:1]]three four five six seven"),
            "one two three four five six"
        );
        assert_eq!(title("[[lorem:3]]"), "Local chat");
    }

    #[test]
    fn a_prompt_may_be_a_list_of_parts() {
        let body =
            json!({"messages": [{"content": [{"type": "text", "text": "a"}, {"type": "image"}]}]});
        assert_eq!(prompt(&body), "a");
    }
}
