//! Prompts and their answers, whole or streamed.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use warp::reply::Response;

use super::chats::chat_id_schema;
use super::files;
use crate::app::Session;
use crate::app::answer::{Answering, LongAsFile, Question, Target};
use crate::app::documents::{
    DataDocument, ErrorDocument, EventDocument, QuickDocument, RenderData, ReplyData,
};
use crate::app::history::{self, Speaker};
use crate::domain::html::markdown_with;
use crate::domain::{Error, Reply, ReplyEvent, Result};
use crate::server::answer::OnDisconnect;
use crate::server::body::{self, Members};
use crate::server::cache::{Found, replay};
use crate::server::http::response::{ErrorResponse, Outcome, internal, json_with};
use crate::server::request::RequestContext;
use crate::server::stream::{self, Delivery, Dialect, put_event};
use crate::settings::LongTexts;

/// How long the first events wait for the first word.
const HOLD: Duration = Duration::from_millis(300);
/// The shortest time between two `render` events.
const RENDER_PACE: Duration = Duration::from_millis(150);

/// A long answer takes longer to render; at most this part of the time goes into it.
const RENDER_SHARE: u32 = 10;

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
    /// Send the prompt although the quota is known to be used up.
    force: Option<bool>,
    /// The message to follow, if not the current one. `root` begins another branch of the chat,
    /// before its first message.
    #[serde(default, deserialize_with = "body::optional")]
    parent_id: Option<String>,
    /// A name for the prompt, with which it can be stopped: `POST /api/chats/{id}/stop?prompt_id=…`.
    #[serde(default, deserialize_with = "body::optional")]
    #[schema(max_length = 64)]
    prompt_id: Option<String>,
    /// Ids of files that were uploaded with `POST /api/files`.
    files: Option<Vec<String>>,
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

/// What a temporary chat holds before the prompt.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({
    "message": "And in winter?",
    "history": [
        {"role": "user", "content": "How warm is the sea?"},
        {"role": "assistant", "content": "About 20 degrees in summer."},
    ],
}))]
pub(crate) struct PromptHistory {
    /// The earlier messages, oldest first. The server keeps none of them.
    #[serde(default)]
    history: Vec<EarlierMessage>,
}

/// An earlier message of a temporary chat.
#[derive(Deserialize, ToSchema)]
pub(crate) struct EarlierMessage {
    role: EarlierRole,
    content: String,
}

/// The author of an earlier message.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EarlierRole {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl From<EarlierMessage> for history::Message {
    fn from(EarlierMessage { role, content }: EarlierMessage) -> Self {
        let speaker = match role {
            EarlierRole::User => Speaker::User,
            EarlierRole::Assistant => Speaker::Assistant,
        };
        Self::new(speaker, content)
    }
}

pub(super) fn prompt_schema() -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    text.pattern(Some(r"[^\s\x85]")).description(Some("Not only white space")).into()
}

/// `POST /api/chat/send`: the next prompt of a chat.
pub(crate) async fn send(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let PromptTarget { chat_id } = members.parse()?;
    answer(call, members.parse()?, Target::Chat(chat_id.parse()?), Vec::new()).await
}

/// `POST /api/chat/quick`: a prompt in the most recent chat.
pub(crate) async fn quick(call: &Arc<RequestContext>, members: Members) -> Outcome {
    answer(call, members.parse()?, Target::Recent, Vec::new()).await
}

/// `POST /api/chat/temporary`: a prompt in a chat that is deleted after the answer. The client keeps the
/// conversation, and sends it each time.
pub(crate) async fn temporary(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let PromptHistory { history } = members.parse()?;
    let body: PromptRequest = members.parse()?;
    if body.parent_id.is_some() {
        return Err(Error::invalid("a temporary chat has no `parent_id`").into());
    }
    let earlier = history.into_iter().map(history::Message::from).collect();
    answer(call, body, Target::New { ephemeral: true }, earlier).await
}

/// A question about `message` after the `earlier` messages.
fn question(
    target: Target,
    message: String,
    system: Option<String>,
    earlier: Vec<history::Message>,
) -> Result<Question> {
    if earlier.is_empty() {
        let mut question = Question::new(target, message)?;
        question.system = system;
        return Ok(question);
    }
    let system = system.map(|text| history::Message::new(Speaker::System, text));
    let last = history::Message::new(Speaker::User, message);
    let messages: Vec<_> = system.into_iter().chain(earlier).chain([last]).collect();
    let prompt = history::whole(&messages);
    let mut question = Question::new(target, prompt.text)?;
    question.system = prompt.system;
    question.conversation = prompt.conversation;
    Ok(question)
}

async fn answer(
    call: &Arc<RequestContext>,
    body: PromptRequest,
    target: Target,
    earlier: Vec<history::Message>,
) -> Outcome {
    let streams = body.stream == Some(true) || call.accepts_events;
    let on_disconnect = body.on_disconnect.unwrap_or_default();
    let length = body.prompt_id.as_ref().map(|id| id.chars().count());
    if length.is_some_and(|length| length == 0 || length > MAX_PROMPT_ID) {
        let fault = format!("`prompt_id` must be 1 to {MAX_PROMPT_ID} characters long");
        return Err(Error::invalid(fault).into());
    }
    let mut dialect = RestDialect {
        prompt_id: body.prompt_id,
        is_quick: target == Target::Recent,
        question: None,
        streams,
        renderer: HtmlRenderer::new(body.render.as_deref() == Some("html")),
    };
    let is_temporary = target == Target::New { ephemeral: true };
    let mut question = question(target, body.message, body.system_prompt, earlier)?;
    question.model = body.model.or_else(|| call.state.model.clone());
    question.parent = body.parent_id;
    question.thinking = body.thinking_enabled == Some(true);
    question.search = body.search_enabled == Some(true);
    question.force = body.force == Some(true);
    question.long_as_file = match call.state.file_options.long_texts {
        LongTexts::Auto => LongAsFile::Auto(0),
        LongTexts::Always => LongAsFile::Always(0),
        LongTexts::Never => LongAsFile::Never,
    };
    files::add(call, &body.files.unwrap_or_default(), &mut question)?;
    let (session, _) = call.session()?;
    let key =
        if is_temporary { None } else { call.state.cache.answer_key(&session, &question).await? };
    let kept = match key {
        Some(key) => call.state.cache.kept_answer(key).await,
        None => None,
    };
    let found = key.map(|_| if kept.is_some() { Found::Hit } else { Found::Miss });
    let response = if let Some(reply) = kept {
        let log = &call.trace.log;
        log.body(&call.request_id, "prompt", question.message());
        log.body(&call.request_id, "answer", &reply.content);
        if streams { dialect.replay(&reply) } else { dialect.document(&reply) }
    } else {
        dialect.question = Some(question);
        stream::respond(call, session, dialect, Delivery { streams, on_disconnect, key }).await?
    };
    Ok(RequestContext::marked(response, found))
}

/// The longest name of a prompt, in characters.
const MAX_PROMPT_ID: usize = 64;

/// The answer as a document, or as events of the stream.
struct RestDialect {
    prompt_id: Option<String>,
    question: Option<Question>,
    is_quick: bool,
    streams: bool,
    renderer: HtmlRenderer,
}

impl RestDialect {
    fn document(&self, reply: &Reply) -> Response {
        if self.is_quick {
            json_with(StatusCode::OK, &QuickDocument::from(reply))
        } else {
            json_with(StatusCode::OK, &DataDocument::new(ReplyData::from(reply)))
        }
    }

    fn done(&mut self, out: &mut Vec<u8>, reply: &Reply) {
        self.catch_up(out, reply);
        if self.is_quick {
            put_event(out, "done", &QuickDocument::from(reply));
        } else {
            put_event(out, "done", &DataDocument::new(ReplyData::from(reply)));
        }
    }

    fn catch_up(&mut self, out: &mut Vec<u8>, reply: &Reply) {
        if self.renderer.is_behind() {
            self.render(out, reply);
        }
    }

    fn step(&mut self, out: &mut Vec<u8>, event: &ReplyEvent, model: &str) {
        self.renderer.note(event);
        let step = EventDocument::step(event, model);
        put_event(out, step.event, &step.data);
    }

    /// A stream of an answer that was kept.
    fn replay(mut self, reply: &Reply) -> Response {
        let mut out = Vec::new();
        for event in replay(reply) {
            self.step(&mut out, &event, &reply.model);
        }
        self.done(&mut out, reply);
        stream::of_events(out)
    }
}

impl Dialect for RestDialect {
    async fn question(
        &mut self,
        _: &RequestContext,
        _: &Session,
    ) -> Result<Question, ErrorResponse> {
        self.question.take().ok_or_else(|| internal().into())
    }

    fn prompt_id(&self) -> Option<String> {
        self.prompt_id.clone()
    }

    /// The page learns the ids of a new chat before the first word.
    fn hold(&self) -> Option<Duration> {
        Some(HOLD)
    }

    fn event(&mut self, out: &mut Vec<u8>, event: &ReplyEvent, answer: &Answering) -> Result<bool> {
        if self.streams {
            self.step(out, event, answer.model());
        }
        Ok(false)
    }

    fn end(&mut self, out: &mut Vec<u8>, _: &Answering, reply: &Reply) -> Result<()> {
        self.done(out, reply);
        Ok(())
    }

    fn whole(&mut self, _: &Answering, reply: &Reply) -> Result<Response> {
        Ok(self.document(reply))
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error, reply: Option<&Reply>) {
        if let Some(reply) = reply {
            self.catch_up(out, reply);
        }
        put_event(out, "error", &ErrorDocument::from(error));
    }

    fn render_at(&self) -> Option<Instant> {
        self.renderer.is_behind().then_some(self.renderer.next)
    }

    fn render(&mut self, out: &mut Vec<u8>, reply: &Reply) {
        put_event(out, "render", &self.renderer.render(reply));
    }
}

/// Renders an answer as HTML while it grows: not with each word, but often enough to look alive.
#[derive(Debug)]
struct HtmlRenderer {
    /// Otherwise it never renders.
    wanted: bool,
    /// Whether the last HTML does not show all of the answer.
    behind: bool,
    /// Whether the last HTML does not show all of the thoughts.
    behind_thinking: bool,
    next: Instant,
}

impl HtmlRenderer {
    fn new(wanted: bool) -> Self {
        Self { wanted, behind: false, behind_thinking: false, next: Instant::now() }
    }

    fn is_behind(&self) -> bool {
        self.behind || self.behind_thinking
    }

    /// Takes note of an event of the answer.
    fn note(&mut self, event: &ReplyEvent) {
        match event {
            ReplyEvent::Delta(_) | ReplyEvent::Rewrite(_) | ReplyEvent::Search { .. } => {
                self.behind |= self.wanted;
            }
            ReplyEvent::Thinking(_) | ReplyEvent::RewriteThinking(_) => {
                self.behind_thinking |= self.wanted;
            }
            ReplyEvent::Start { .. } => {}
        }
    }

    /// The answer as HTML, and the thoughts if they have changed.
    fn render(&mut self, reply: &Reply) -> RenderData {
        let began = Instant::now();
        let html = markdown_with(&reply.content, &reply.citations);
        let thinking = reply.thinking.as_deref().filter(|_| self.behind_thinking);
        let thinking_html = thinking.map(|thinking| markdown_with(thinking, &[]));
        let now = Instant::now();
        self.next = now + RENDER_PACE.max((now - began) * RENDER_SHARE);
        (self.behind, self.behind_thinking) = (false, false);
        RenderData { html, thinking_html }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn html_is_rendered_at_once_and_then_at_a_fixed_pace() {
        let mut renderer = HtmlRenderer::new(true);
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.content = "*a*".to_owned();
        renderer.note(&ReplyEvent::Delta("*a*".to_owned()));
        let began = Instant::now();
        tokio::time::sleep_until(renderer.next).await;
        assert_eq!(renderer.render(&reply).html, "<p><em>a</em></p>\n");
        assert!(!renderer.is_behind() && began.elapsed() < RENDER_PACE);
        renderer.note(&ReplyEvent::Delta("b".to_owned()));
        tokio::time::sleep_until(renderer.next).await;
        assert!(began.elapsed() >= RENDER_PACE);
        assert!(renderer.render(&reply).thinking_html.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn thoughts_are_rendered_when_they_change() {
        let mut renderer = HtmlRenderer::new(true);
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.thinking = Some("**a**".to_owned());
        renderer.note(&ReplyEvent::Thinking("**a**".to_owned()));
        assert!(renderer.is_behind());
        let thoughts = renderer.render(&reply).thinking_html;
        assert_eq!(thoughts.as_deref(), Some("<p><strong>a</strong></p>\n"));
        renderer.note(&ReplyEvent::Delta("b".to_owned()));
        assert!(renderer.render(&reply).thinking_html.is_none());
    }

    #[tokio::test]
    async fn html_is_never_rendered_unless_wanted() {
        let mut renderer = HtmlRenderer::new(false);
        renderer.note(&ReplyEvent::Delta("b".to_owned()));
        renderer.note(&ReplyEvent::Thinking("b".to_owned()));
        assert!(!renderer.is_behind());
    }
}
