//! A turn: `POST /api/v2/chat/completions` and its stop call (protocol 6 to 8).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt, future, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::attached::{Attached, images, usable};
use super::{Call, attached, models};
use crate::engine::{Exchange, Question, Thinking};
use crate::local::clock;
use crate::local::faults::{CHAT_DELETED, Fault, refuse_files};
use crate::local::markers::Markers;
use crate::local::reply::{Body, Reply};
use crate::local::store::StoreError;
use crate::local::store::turns::{self, Begun, Context, NewTurn, Refused};
use crate::local::stream::body::{ChunkedBody, QUEUE};
use crate::local::stream::frames::Dialect;
use crate::local::stream::runner::{Generation, Outcome, Readers};
use crate::local::stream::writer::{Ids, Writer, tokens};
use crate::local::stream::{Plan, Resume};

/// The tokens of a request besides the prompt.
const OVERHEAD: u64 = 19;
/// The delay of a title at a model's pace.
const TITLE_DELAY: Duration = Duration::from_secs(2);
/// The longest history for an engine, in bytes: more than any context window.
const MAX_HISTORY: usize = 8 << 20;

const EVENTS: &str = "text/event-stream; charset=utf-8";
/// The delay of an empty response, and of a browser check for a body that is too large.
const DROP_DELAY: Duration = Duration::from_millis(200);
const CHECK_DELAY: Duration = Duration::from_millis(50);

/// The text of the prompt in a request body: a string, or a list of parts (protocol 6.1).
pub(super) fn prompt(body: &Value) -> String {
    match &body["messages"][0]["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

pub(super) async fn answer(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    let limit = call.state.body_limit;
    if call.request.has_markers && limit > 0 && call.request.body.len() > limit {
        return Ok(Reply::browser_check().after(CHECK_DELAY));
    }
    if let Some(id) = call.request.query("response_id").filter(|id| !id.is_empty()) {
        return resume(call, id).await;
    }
    let body = call.request.json();
    let chat_id = match checked_chat_id(call, &body) {
        Ok(id) => id,
        Err(refusal) => return Ok(refusal),
    };
    let model = body["model"].as_str().unwrap_or_default();
    let model_name = match call.state.engine.model_name(model).await {
        Ok(Some(name)) => name,
        Ok(None) => {
            return Ok(call.failure("Bad_Request", &format!("Model {model} is not available.")));
        }
        Err(refusal) => return Ok(call.refused(&refusal)),
    };
    if call.state.hangs.load(Ordering::Relaxed) && has_odd_thinking_mode(&body) {
        return Ok(call.success(&Value::Null).after(Duration::MAX));
    }
    let mut plan = Plan::default();
    plan.dialect.phases = body["messages"][0]["feature_config"]["output_schema"].is_string();
    plan.dialect.cumulative = body["incremental_output"] == false;
    let next: Vec<Fault> =
        faults.iter().filter_map(|fault| fault.plan(&mut plan, call.request)).collect();
    let turn = new_turn(call, &body, &chat_id, model_name, plan.hidden);
    let markers =
        if call.request.has_markers { Markers::find(&turn.prompt) } else { Markers::default() };
    if attached::are_mixed(&turn.message) {
        refuse_files(&mut plan);
    }
    let attached = match Attached::read(call, &turn.message).await? {
        Ok(attached) => attached,
        Err(refusal) => return Ok(refusal),
    };
    let mut question = question(&turn.prompt, &body, &markers);
    let title = title(&question.prompt, call.request.has_markers);
    attached.add_to(&mut question);
    let delta_pause = markers.pace.unwrap_or(call.state.pace);
    let remembered = if call.state.engine.url().is_none() { 0 } else { MAX_HISTORY };
    let begin_turn = move |connection: &rusqlite::Connection| {
        let begun = turns::begin(connection, &turn)?;
        let parent = turn.parent_id.as_deref().filter(|_| begun.is_ok() && remembered > 0);
        let branch = turns::branch(connection, &turn.chat_id, parent, remembered)?;
        let branch: Vec<_> = branch
            .into_iter()
            .map(|stored| attached::exchange(connection, stored))
            .collect::<Result<_, _>>()?;
        let context = turns::context(connection, &turn.chat_id)?;
        Ok(begun.map(|begun| (begun, branch, context)))
    };
    match call.state.store.call(begin_turn).await? {
        Err(refused) => Ok(refusal(call, refused, &body, plan.old_codes)),
        Ok((begun, branch, context)) => {
            for fault in next {
                let _ = call.state.faults.arm(fault);
            }
            if remembered > 0 {
                question.system = context.system;
                question.history = earlier(&context.earlier);
            }
            question.history.extend(branch.into_iter().rev());
            Ok(begin(call, &body, begun, (question, title), plan, delta_pause).await)
        }
    }
}

/// The resume call (protocol 7): the rest of an answer that is being written, else nothing but the first
/// event.
async fn resume(call: &Call<'_>, response_id: String) -> Result<Reply, StoreError> {
    let state = call.state;
    let chat_id = call.request.query("chat_id").unwrap_or_default();
    let (out, chunks) = mpsc::channel(QUEUE);
    match state.running.resume(&chat_id, &response_id, out) {
        Some(Resume::Rest | Resume::Whole) => {
            let number = state.journal.stream(&chat_id, &response_id);
            let journal = Arc::clone(&state.journal);
            let feed = ChunkedBody::new(chunks, state.chunking, None, state.seed, journal, number);
            return Ok(events(feed));
        }
        Some(Resume::Refused(code, details)) => return Ok(call.failure(code, details)),
        Some(Resume::Empty) | None => {}
    }
    let (chat, response) = (chat_id.clone(), response_id.clone());
    let find =
        move |connection: &rusqlite::Connection| turns::question_of(connection, &chat, &response);
    Ok(match state.store.call(find).await? {
        Some(question) => {
            Reply::text(EVENTS, Dialect::default().created_event(&chat_id, &question, &response_id))
        }
        None => call.failure("PARENT_NOT_FOUND", "There is no such answer in this chat."),
    })
}

fn events(feed: ChunkedBody) -> Reply {
    Reply { body: Body::Events(feed), ..Reply::text(EVENTS, "") }
        .with_header("cache-control", "no-cache")
}

/// The members that only our own client sends for an engine: system prompt and earlier exchanges.
/// chat.qwen.ai has no such member.
fn context(body: &Value) -> Option<Context> {
    let apart = body.get("qwenctl")?;
    let system = apart["system"].as_str().map(str::to_owned);
    Some(Context { system, earlier: apart["earlier"].clone() })
}

fn earlier(stored: &Value) -> Vec<Exchange> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let exchange = |stored: &Value| Exchange {
        prompt: text(&stored["prompt"]),
        images: usable(stored["images"].as_array().into_iter().flatten().cloned()),
        answer: text(&stored["answer"]),
    };
    stored.as_array().into_iter().flatten().map(exchange).collect()
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
        // Another process on the same database may be answering; it notices the loss of its lease.
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

/// The chat id, if query and body name the same one and the rest of the body is valid.
fn checked_chat_id(call: &Call, body: &Value) -> Result<String, Reply> {
    let bad = |details: &str| call.failure("Bad_Request", details).effectively(400);
    let Some(chat_id) = call.request.query("chat_id").filter(|id| !id.is_empty()) else {
        return Err(bad("Missing query parameter chat_id."));
    };
    let missing = |member: &str| {
        let details = format!("Field '{member}': Field required");
        call.failure("RequestValidationError", &details).effectively(400)
    };
    match body["chat_id"].as_str() {
        None => return Err(missing("chat_id")),
        Some(id) if id != chat_id => return Err(bad("chat_id of query and body differ.")),
        Some(_) => {}
    }
    match body["messages"].as_array().map_or(0, Vec::len) {
        0 => return Err(missing("messages")),
        1 => {}
        _ => return Err(call.failure("Bad_Request", "Invalid input too many messages.")),
    }
    if body["messages"][0]["role"] != "user" {
        return Err(bad("messages must be one message of role user."));
    }
    // A token is about four bytes.
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

fn new_turn(
    call: &Call,
    body: &Value,
    chat_id: &str,
    model_name: String,
    hidden: Duration,
) -> NewTurn {
    let message = &body["messages"][0];
    let model = body["model"].as_str().unwrap_or_default();
    NewTurn {
        chat_id: chat_id.to_owned(),
        parent_id: body["parent_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned),
        follows_current: body["qwenctl"]["follows_current"] == true,
        regenerate: message["user_action"]
            .as_str()
            .is_some_and(|action| action.starts_with("regenerate")),
        prompt: call.request.prompt.clone().unwrap_or_default(),
        message: message.clone(),
        model: model.to_owned(),
        model_name,
        chat_type: message["chat_type"].as_str().unwrap_or("t2t").to_owned(),
        context: call.state.engine.url().and_then(|_| context(body)),
        visible_at: if hidden.is_zero() { 0 } else { clock::millis() + clock::as_millis(hidden) },
    }
}

fn refusal(call: &Call, refused: Refused, body: &Value, old_codes: bool) -> Reply {
    match refused {
        Refused::NoSuchChat if old_codes => Reply::no_such_chat(&call.request.id),
        Refused::NoSuchChat => call.failure("CHAT_NOT_FOUND", CHAT_DELETED),
        Refused::InProgress => call.failure("CHAT_IN_PROGRESS", "The chat is in progress!"),
        Refused::StaleParent => {
            let parent = body["parent_id"].as_str().unwrap_or_default();
            let code = if old_codes { "Bad_Request" } else { "PARENT_NOT_FOUND" };
            call.failure(code, &format!("Invalid input chat parent_id {parent} is not exist."))
        }
    }
}

/// The question for the engine: the settings of the request (protocol 6.2), and the effects of the
/// markers in the prompt.
fn question(prompt: &str, body: &Value, markers: &Markers) -> Question {
    let message = &body["messages"][0];
    let config = &message["feature_config"];
    let thinks = config["thinking_enabled"] == true && config["auto_thinking"] != true;
    // Before 2026 there was neither a format nor a mode, only text.
    let old = thinks && config["thinking_mode"].is_null() && config["thinking_format"].is_null();
    let detailed = old || config["thinking_format"] == "detail";
    let form = if detailed { Thinking::Detail } else { Thinking::Summary };
    Question {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        system: None,
        prompt: prompt.to_owned(),
        images: images(message),
        history: Vec::new(),
        thinks_freely: config["auto_thinking"] == true,
        thinking: (thinks || markers.think).then_some(form),
        search: markers.search || message["chat_type"] == "search",
        image: markers.image || message["chat_type"] == "t2i",
    }
}

async fn begin(
    call: &Call<'_>,
    body: &Value,
    begun: Begun,
    (question, title): (Question, String),
    plan: Plan,
    delta_pause: Duration,
) -> Reply {
    let state = call.state;
    let made_up = state.engine.url().is_none();
    let ids = Ids {
        chat: begun.chat_id.clone(),
        user: begun.user_id.clone(),
        response: begun.response_id.clone(),
    };
    let prompt_tokens = made_up.then(|| OVERHEAD + tokens(&question.prompt));
    let opening = if plan.instead.is_some() {
        // The plan replaces the answer of the engine.
        future::ready(Ok(stream::empty().boxed())).boxed()
    } else {
        state.engine.answer(question)
    };
    let title_delay = if state.pace.is_zero() { Duration::ZERO } else { TITLE_DELAY };
    let title_delay = plan.title_delay.unwrap_or(title_delay);
    let silent = plan.silent;
    let (out, chunks) = mpsc::channel(QUEUE);
    let streams = body["stream"] != false;
    let number = state.journal.stream(&begun.chat_id, &begun.response_id);
    let chunking = plan.chunking.unwrap_or(state.chunking);
    let feed = ChunkedBody::new(
        chunks,
        chunking,
        plan.coding,
        state.seed,
        Arc::clone(&state.journal),
        number,
    );
    let generation = Generation {
        store: state.store.clone(),
        running: Arc::clone(&state.running),
        begun: begun.clone(),
        writer: Writer::new(ids, plan.dialect, prompt_tokens),
        plan,
        pace: state.pace,
        delta_pause,
        out: streams.then_some(out),
        title: (title, title_delay),
        opening,
        readers: Readers::default(),
    };
    let started = generation.spawn();
    if let Ok(Err(refusal)) = started.opened.await {
        return call.refused(&refusal);
    }
    if silent {
        return Reply::text("application/json", "").after(DROP_DELAY);
    }
    if streams {
        return events(feed);
    }
    let Outcome { text, error } = started.whole.await.unwrap_or_default();
    if let Some(code) = error["code"].as_str() {
        return call.failure(code, error["details"].as_str().unwrap_or_default());
    }
    call.success(
        &json!({"chat_id": "", "parent_id": begun.user_id, "message_id": begun.response_id,
        "messages": null, "choices": [{"message": {"role": "assistant", "content": text}}]}),
    )
}

/// The title of a chat after its first answer: the first words of the prompt, without markers if they
/// have an effect.
fn title(prompt: &str, has_markers: bool) -> String {
    const LENGTH: usize = 40;
    let mut plain = String::new();
    let mut rest = prompt;
    while has_markers && let Some((before, marker)) = rest.split_once("[[") {
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
            title("[[think]] one two [[slow:1]]three four five six seven", true),
            "one two three four five six"
        );
        assert_eq!(title("[[lorem:3]]", true), "Local chat");
        assert_eq!(title("[[lorem:3]]", false), "[[lorem:3]]");
    }

    #[test]
    fn a_prompt_may_be_a_list_of_parts() {
        let body =
            json!({"messages": [{"content": [{"type": "text", "text": "a"}, {"type": "image"}]}]});
        assert_eq!(prompt(&body), "a");
    }
}
