//! The compatible APIs (`/v1`): what programs for OpenAI and Anthropic speak, over a Qwen account.
//!
//! Each API is a module that reads its request ([`chat_completions`], [`responses`], [`messages`]) into
//! one [`CompletionRequest`], and a [`Format`] that writes the answer. Between them, [`Completion`] turns the
//! history into one prompt, and cuts the text to its limits.
//!
//! What this module keeps true: what the upstream cannot do is done here, named in the header
//! `x-qwenctl-warning`, or refused ([`params`] decides which), never silently wrong; an answer cut short
//! by a failure ends in an error; no text of a message passes for another message ([`crate::app::history`]).

pub(super) mod chat_completions;
pub(super) mod cutter;
pub(super) mod input;
pub(super) mod messages;
pub(super) mod models;
pub(super) mod offer;
pub(super) mod params;
pub(super) mod responses;
mod text_tools;

use std::collections::HashSet;
use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use warp::reply::Response;

use self::cutter::{Cut, Irreparable, Transcript, estimate};
use self::input::{Reader, unsupported};
use self::offer::Offered;
use self::text_tools::{Piece, TextTools};
use crate::app::answer::{Answering, Question, Target};
use crate::app::direct::{self, DirectEngine, DirectRequest};
use crate::app::history::{self, Message, Prompt};
use crate::app::{Hold, Session};
use crate::domain::{
    Call, ChatId, Citation, Error, ErrorKind, FinishReason, Reply, ReplyEvent, Result, Usage,
};
use crate::server::answer::OnDisconnect;
use crate::server::body::{Members, member_error};
use crate::server::http::error_format::Detail;
use crate::server::http::object;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::options::ToolsMode;
use crate::server::request::RequestContext;
use crate::server::stream::{self, Delivery, Dialect};
use crate::tools::json::Repairs;
use crate::tools::prompt::{MAX_COST, TooLong};
use crate::tools::{self, Offer, ToolChoice, structured};

/// As a chat: a new one that is kept.
const NEW: &str = "new";

/// A request in the terms that all three APIs have in common.
#[derive(Debug)]
pub(crate) struct CompletionRequest {
    /// The model, as the client calls it.
    pub model: Option<String>,
    /// The whole history.
    pub messages: Vec<Message>,
    /// The parameter that holds it, for errors.
    pub field: &'static str,
    /// The chat.
    pub target: Target,
    /// The message that the prompt follows, if not the current one.
    pub parent: Option<String>,
    /// Whether the model thinks before it answers.
    pub thinking: Option<bool>,
    /// Whether the model searches the web.
    pub search: bool,
    /// Sequences that end the answer.
    pub stop: Vec<String>,
    /// How long the answer may be, in tokens.
    pub max_tokens: Option<u64>,
    /// The tools of the client, and how the model may use them.
    pub offer: Offer,
    /// The form that the answer has to have.
    pub form: Option<tools::Format>,
    /// The engine that gets the request as it is, if one does.
    pub engine: Option<DirectEngine>,
    /// What it gets besides.
    pub parameters: Map<String, Value>,
    /// Whether the answer is streamed.
    pub streams: bool,
    /// Parameters that are ignored.
    pub ignored: Vec<String>,
}

/// The parameters that all three APIs have.
#[derive(Deserialize)]
struct CommonRequest {
    model: Option<String>,
    stream: Option<bool>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    chat_id: Option<String>,
}

impl CompletionRequest {
    /// What all three APIs have in common in a request with these parameters; `reader` has read the
    /// messages, above all those in the parameter `field`, for this `engine`.
    ///
    /// # Errors
    /// If a parameter cannot be used.
    fn new(
        call: &RequestContext,
        members: &Members,
        table: params::Table,
        (field, reader): (&'static str, Result<Reader, ErrorResponse>),
        engine: Option<DirectEngine>,
    ) -> Result<(Self, Offered), ErrorResponse> {
        let strict = call.state.openai.strict;
        let has_engine = engine.is_some();
        let mut ignored = params::ignored(table, members.all(), strict, has_engine)?;
        let CommonRequest { model, stream, metadata } = members.parse()?;
        let mut offered = offer::read(members, strict)?;
        ignored.append(&mut offered.ignored);
        let form = offer::read_format(members)?;
        let mode = tools_mode(call)?;
        if offered.offer.is_open() && mode == ToolsMode::Off {
            let why = "are switched off: start the server with `--tools text`, or send `\"tool_choice\": \"none\"`";
            return Err(unsupported("tools", why));
        }
        let parameters = has_engine.then(|| params::for_engine(table, members.all()));
        let request = Self {
            model,
            messages: reader?.finish(strict, &mut ignored)?,
            field,
            target: target(call, metadata.and_then(|metadata| metadata.chat_id).as_deref())?,
            parent: None,
            thinking: None,
            search: offered.searches,
            stop: Vec::new(),
            max_tokens: None,
            offer: offered.offer.clone(),
            form,
            engine,
            parameters: parameters.unwrap_or_default(),
            streams: stream.unwrap_or(false),
            ignored,
        };
        Ok((request, offered))
    }
}

/// How the request has tools offered to the model of an account.
fn tools_mode(call: &RequestContext) -> Result<ToolsMode, ErrorResponse> {
    let Some(mode) = &call.tools else { return Ok(call.state.openai.tools) };
    mode.parse().map_err(|why: &str| Error::invalid(format!("`X-Qwen-Tools`: {why}")).into())
}

/// The engine that gets a request as it is: one that names no chat, and keeps none.
fn engine_for(call: &RequestContext, members: &Members) -> Option<DirectEngine> {
    let names_chat = members.get("metadata").is_some_and(|data| !data["chat_id"].is_null());
    let keeps = members.get("previous_response_id").is_some()
        || (call.path.ends_with("/responses") && members.get("store").is_some_and(|s| s == true));
    call.state.direct.clone().filter(|_| call.chat.is_none() && !names_chat && !keeps)
}

/// The chat that the header `X-Qwen-Chat-Id` or `metadata.chat_id` names; the header takes precedence.
/// Without a name the chat is ephemeral.
fn target(call: &RequestContext, metadata: Option<&str>) -> Result<Target> {
    Ok(match call.chat.as_deref().or(metadata) {
        None => Target::New { ephemeral: true },
        Some(NEW) => Target::New { ephemeral: false },
        Some(id) => Target::Chat(id.parse()?),
    })
}

/// Answers `request` in `format`.
pub(crate) async fn answer(
    call: Arc<RequestContext>,
    request: CompletionRequest,
    format: impl Format,
) -> Outcome {
    let (session, _) = call.session()?;
    let delivery =
        Delivery { streams: request.streams, on_disconnect: OnDisconnect::Stop, key: None };
    // An engine counts by itself.
    let most = request.max_tokens.filter(|_| request.engine.is_none());
    let dialect = Completion {
        transcript: Transcript::new(request.stop.clone(), most),
        request,
        prompt_tokens: 0,
        cut: None,
        has_text: false,
        calls: Vec::new(),
        tools: None,
        earlier: None,
        format,
    };
    stream::respond(&call, session, dialect, delivery).await
}

/// A request while it is answered.
struct Completion<F> {
    request: CompletionRequest,
    /// An estimate of the length of the prompt.
    prompt_tokens: u64,
    transcript: Transcript,
    /// Why the text was cut, if it was.
    cut: Option<Cut>,
    /// Whether the format has got text.
    has_text: bool,
    /// The calls of the answer.
    calls: Vec<Call>,
    /// Reads calls in the text of an account's answer.
    tools: Option<TextTools>,
    /// The tokens of a first answer that a second one follows.
    earlier: Option<Usage>,
    format: F,
}

impl<F: Format> Completion<F> {
    fn begun<'a>(&self, answer: &'a Answering) -> Begun<'a> {
        Begun {
            model: answer.model(),
            chat: answer.kept_chat(),
            message_id: answer.reply().and_then(|reply| reply.message_id.as_deref()),
            prompt_tokens: self.prompt_tokens,
        }
    }

    /// Takes the rest of an answer that the model has ended; returns the text to send.
    fn complete(&mut self, reply: &Reply) -> Result<String> {
        let is_held = self.request.form.is_some();
        if self.cut.is_some() {
            let held = Some(self.transcript.text()).filter(|_| is_held);
            return Ok(held.unwrap_or_default().to_owned());
        }
        if !self.request.streams && !self.needs_pieces() {
            self.transcript.rewrite(&reply.content, true).map_err(|Irreparable| irreparable())?;
        }
        let (mut rest, cut) = self.transcript.finish();
        if cut.is_none() {
            rest.push_str(&self.transcript.add_images(&reply.images));
        }
        self.cut = cut;
        if self.cut.is_none() {
            self.take_calls(&reply.calls)?;
        }
        if !is_held {
            return Ok(rest);
        }
        if self.cut.is_none() && reply.finish_reason != Some(FinishReason::Length) {
            self.take_form()?;
        }
        // Nothing of it has been sent yet, unless before a call.
        Ok(if self.has_text { String::new() } else { self.transcript.text().to_owned() })
    }

    /// Gives the text the form that the request demands. Calls come before an answer that needs it.
    fn take_form(&mut self) -> Result<()> {
        let Some(form) = self.request.form.as_ref().filter(|_| self.calls.is_empty()) else {
            return Ok(());
        };
        match structured::value(self.transcript.text(), form) {
            Ok(value) => {
                let value = value.into_owned();
                self.transcript.replace(value);
                Ok(())
            }
            Err(faults) if matches!(form, tools::Format::Schema { strict: true, .. }) => {
                let message = format!("the answer does not fit the schema: {}", faults.join("; "));
                Err(Error::new(ErrorKind::UpstreamProtocol, message)
                    .with_hint("ask again, or without `strict`"))
            }
            // The best that there is.
            Err(_) => {
                self.request.ignored.push("the schema, which the answer does not fit".to_owned());
                Ok(())
            }
        }
    }

    /// The request for the account, with tools that the model is told of in the prompt.
    async fn with_tools(
        &mut self,
        call: &RequestContext,
        session: &Session,
    ) -> Result<Question, ErrorResponse> {
        let messages = std::mem::take(&mut self.request.messages);
        let field = self.request.field;
        if messages.iter().all(Message::is_empty) {
            return Err(member_error(field, "holds no message with text"));
        }
        let answered =
            || messages.iter().rposition(|message| message.speaker == tools::Speaker::Assistant);
        // A chat that goes on knows its own answers.
        let from = match self.request.target {
            Target::Chat(_) => answered().map_or(0, |last| last + 1),
            _ => 0,
        };
        let images: Vec<_> = messages[from..].iter().flat_map(Message::images).cloned().collect();
        let model = self.choose(call, session, !images.is_empty()).await?;
        let request = &mut self.request;
        let (tools, written) = TextTools::new(&messages, &request.offer, from)
            .map_err(|long| too_long(field, long))?;
        self.prompt_tokens = cutter::request_tokens(&messages, &request.offer);
        self.tools = Some(tools);
        request.ignored.extend(written.notes);
        let mut text = written.text;
        if let Some(form) = &request.form {
            text.push_str("\n\nWithout a block: ");
            text.push_str(&structured::instruction(form));
        }
        let mut question = Question::new(request.target.clone(), text)
            .map_err(|error| member_error(field, error.message()))?;
        question.images = images;
        question.model = Some(model);
        question.parent = request.parent.take();
        question.thinking = request.thinking.unwrap_or(false);
        question.force = call.forces;
        question.hold = Hold::Everything;
        Ok(question)
    }

    /// Takes pieces of an answer with tools; returns whether it is cut.
    fn take_pieces(&mut self, out: &mut Vec<u8>, pieces: Vec<Piece>) -> bool {
        for piece in pieces {
            let (text, cut) = match &piece {
                Piece::Text(text) => self.transcript.push(text),
                // No stop sequence reaches over a call.
                Piece::Call(_) => {
                    let (rest, cut) = self.transcript.finish();
                    (rest.into(), cut)
                }
            };
            let is_held = self.request.form.is_some() && !self.has_text;
            if !text.is_empty() && !is_held && (self.request.streams || !self.has_text) {
                self.format.text(out, &text);
                self.has_text = true;
            }
            self.cut = cut;
            if self.cut.is_some() {
                return true;
            }
            if let Piece::Call(call) = piece {
                // Text before a call is no answer that needs the form.
                if is_held && !self.transcript.text().is_empty() {
                    self.format.text(out, self.transcript.text());
                    self.has_text = true;
                }
                let call = Call { id: new_id(self.format.call_prefix()), ..call };
                if self.request.streams {
                    self.format.call(out, &call);
                }
                self.calls.push(call);
            }
        }
        false
    }

    /// Takes the end of an answer with tools; returns the reply as it may be shown.
    fn finish_tools(&mut self, out: &mut Vec<u8>, reply: &Reply) -> Result<Option<Reply>> {
        let Some(tools) = self.tools.as_mut() else { return Ok(None) };
        let mut shown = tools.shown(reply);
        if let Some((usage, earlier)) = shown.usage.as_mut().zip(self.earlier) {
            usage.input_tokens += earlier.input_tokens;
            usage.output_tokens += earlier.output_tokens;
            usage.total_tokens += earlier.total_tokens;
            usage.reasoning_tokens = sum(usage.reasoning_tokens, earlier.reasoning_tokens);
            usage.cached_tokens = sum(usage.cached_tokens, earlier.cached_tokens);
        }
        if self.cut.is_none() && reply.finish_reason != Some(FinishReason::Length) {
            let pieces = tools.rest()?;
            if tools.shows_calls() {
                let note = "a call that cannot be read, which is in the text";
                self.request.ignored.push(note.to_owned());
            }
            let has_text = pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
            let replaces = tools.replaces();
            if has_text {
                self.begin_second_text(out, replaces);
            }
            self.take_pieces(out, pieces);
        }
        Ok(Some(shown))
    }

    /// Keeps the text of a second answer apart from what was sent of the first, or drops that
    /// if nothing was.
    fn begin_second_text(&mut self, out: &mut Vec<u8>, replaces: bool) {
        let is_unsent = !self.request.streams || self.request.form.is_some();
        if is_unsent && replaces {
            self.transcript = Transcript::new(self.request.stop.clone(), self.request.max_tokens);
        } else if self.has_text {
            self.take_pieces(out, vec![Piece::Text("\n\n".to_owned())]);
        }
    }

    /// Takes an event of an answer with tools; returns whether it is cut.
    fn tool_event(
        &mut self,
        out: &mut Vec<u8>,
        event: &ReplyEvent,
        reply: Option<&Reply>,
    ) -> Result<bool> {
        let Some(tools) = &mut self.tools else { return Ok(false) };
        let pieces = match event {
            ReplyEvent::Thinking(piece) => {
                let shown = tools.thinking(piece);
                if !shown.is_empty() {
                    self.format.thinking(out, &shown);
                }
                return Ok(false);
            }
            ReplyEvent::Delta(piece) => tools.delta(piece, reply),
            ReplyEvent::Rewrite(whole) => tools.rewrite(whole, reply).ok_or_else(irreparable)?,
            _ => return Ok(false),
        };
        let is_done = tools.is_done() || tools.is_past_calls(reply);
        Ok(self.take_pieces(out, pieces) || is_done)
    }

    /// Takes the calls of the whole answer. Their ids are ours: those of an engine may occur twice.
    fn take_calls(&mut self, calls: &[Call]) -> Result<()> {
        let prefix = self.format.call_prefix();
        let named = |call: &Call| Call { id: new_id(prefix), ..call.clone() };
        self.calls.extend(calls.iter().map(named));
        let lacks = match &self.request.offer.choice {
            _ if self.request.engine.is_none() => false,
            ToolChoice::Required => self.calls.is_empty(),
            ToolChoice::Named(name) => !self.calls.iter().any(|call| call.name == *name),
            ToolChoice::None | ToolChoice::Auto => false,
        };
        if lacks {
            let message = "the model did not call the tool that the request demands";
            return Err(Error::new(ErrorKind::UpstreamProtocol, message)
                .with_hint("ask again, or let the model choose: `\"tool_choice\": \"auto\"`"));
        }
        Ok(())
    }

    /// The id of the model, which has to read images if there is one.
    async fn choose(
        &mut self,
        call: &RequestContext,
        session: &Session,
        has_image: bool,
    ) -> Result<String, ErrorResponse> {
        let model = models::choose(&call.state, session, self.request.model.as_deref()).await?;
        if has_image && model.sees == Some(false) {
            let why = format!("hold an image, and the model `{}` reads none", model.id);
            return Err(unsupported(self.request.field, &why));
        }
        self.request.model = Some(model.id.clone());
        Ok(model.id)
    }

    /// The request for the engine.
    async fn direct(
        &mut self,
        call: &RequestContext,
        session: &Session,
        engine: DirectEngine,
    ) -> Result<Question, ErrorResponse> {
        let messages = std::mem::take(&mut self.request.messages);
        if messages.iter().all(Message::is_empty) {
            return Err(member_error(self.request.field, "holds no message with text"));
        }
        let has_image = messages.iter().any(|message| message.images().next().is_some());
        let id = self.choose(call, session, has_image).await?;
        let request = &mut self.request;
        self.prompt_tokens = cutter::request_tokens(&messages, &request.offer);
        let texts: Vec<_> = messages.iter().map(Message::text).collect();
        let mut parameters = std::mem::take(&mut request.parameters);
        if let Some(most) = request.max_tokens {
            parameters.insert("max_tokens".to_owned(), most.into());
        }
        if !request.stop.is_empty() {
            parameters.insert("stop".to_owned(), request.stop.clone().into());
        }
        let asked = DirectRequest {
            engine,
            request: direct::Request {
                model: id,
                messages,
                offer: request.offer.clone(),
                parameters,
                format: request.form.clone(),
                thinking: request.thinking,
                search: request.search,
            },
        };
        Question::direct(asked, texts.join("\n\n"))
            .map_err(|error| member_error(self.request.field, error.message()))
    }
}

impl<F: Format> Dialect for Completion<F> {
    /// Refuses unknown models, and images that the model cannot read.
    async fn question(
        &mut self,
        call: &RequestContext,
        session: &Session,
    ) -> Result<Question, ErrorResponse> {
        if let Some(engine) = self.request.engine.clone() {
            return self.direct(call, session, engine).await;
        }
        if self.request.offer.is_open() {
            return self.with_tools(call, session).await;
        }
        let request = &mut self.request;
        let messages = std::mem::take(&mut request.messages);
        let prompt = match request.target {
            Target::Chat(_) => history::news(messages),
            _ => history::whole(&messages),
        };
        self.prompt_tokens = cutter::prompt_tokens(&prompt);
        let Prompt { system, mut text, images, mut conversation } = prompt;
        if let Some(form) = &request.form {
            let told = structured::instruction(form);
            if let Some(conversation) = &mut conversation {
                conversation.prompt.push_str("\n\n");
                conversation.prompt.push_str(&told);
            }
            text.push_str("\n\n");
            text.push_str(&told);
        }
        let mut question = Question::new(request.target.clone(), text)
            .map_err(|error| member_error(request.field, error.message()))?;
        let model = self.choose(call, session, !images.is_empty()).await?;
        let request = &mut self.request;
        question.system = system;
        question.images = images;
        question.conversation = conversation;
        question.model = Some(model);
        question.parent = request.parent.take();
        question.thinking = request.thinking.unwrap_or(false);
        question.search = request.search;
        question.force = call.forces;
        // What was streamed cannot be taken back.
        question.hold = Hold::Everything;
        Ok(question)
    }

    /// The upstream refused the prompt, perhaps because it does not know the model.
    fn refuse(&self, error: Error) -> ErrorResponse {
        let named = self.request.model.as_deref().unwrap_or_default();
        let is_model = error.kind() == ErrorKind::InvalidRequest
            && error.message().contains(&format!("no model `{named}`"));
        let code = is_model.then_some("model_not_found");
        let param = is_model.then(|| "model".to_owned());
        ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
    }

    fn headers(&self, answer: Option<&Answering>) -> HeaderMap {
        let mut headers = warning(&self.request.ignored);
        let named = match &self.request.target {
            Target::Chat(id) => Some(id),
            _ => None,
        };
        if let Some(id) = answer.and_then(Answering::kept_chat).or(named)
            && let Ok(id) = HeaderValue::from_str(id.as_str())
        {
            headers.insert("x-qwen-chat-id", id);
        }
        headers
    }

    /// A client acts on calls whatever becomes of the rest.
    fn is_settled(&self) -> bool {
        self.tools.as_ref().is_some_and(TextTools::is_settled)
    }

    /// The APIs have a finish reason for it.
    fn takes_truncated(&self) -> bool {
        true
    }

    fn begin(&mut self, out: &mut Vec<u8>, answer: &Answering) {
        let begun = self.begun(answer);
        self.format.begin(out, &begun);
    }

    /// Asks once more for a call that is missing, or cannot be read.
    fn again(&mut self, call: &RequestContext, out: &mut Vec<u8>, reply: &Reply) -> Option<String> {
        let tools = self.tools.as_mut().filter(|_| self.cut.is_none())?;
        let is_cut = reply.finish_reason == Some(FinishReason::Length);
        let pieces = tools.finish(is_cut, reply);
        for repair in tools.take_repairs().into_iter().flat_map(Repairs::iter) {
            call.state.metrics.repaired(repair.name());
        }
        let question = tools.again();
        if self.take_pieces(out, pieces) {
            return None;
        }
        let question = question?;
        self.prompt_tokens += estimate(&question);
        self.earlier = reply.usage;
        Some(question)
    }

    fn event(&mut self, out: &mut Vec<u8>, event: &ReplyEvent, answer: &Answering) -> Result<bool> {
        if self.tools.is_some() {
            return self.tool_event(out, event, answer.reply());
        }
        let (piece, cut) = match event {
            // Thoughts are held back until they are final.
            ReplyEvent::Start { .. }
            | ReplyEvent::Search { .. }
            | ReplyEvent::RewriteThinking(_) => return Ok(false),
            ReplyEvent::Thinking(piece) => {
                self.format.thinking(out, piece);
                return Ok(false);
            }
            ReplyEvent::Delta(piece) => self.transcript.push(piece),
            ReplyEvent::Rewrite(whole) => {
                let rest = self.transcript.rewrite(whole, !self.request.streams);
                rest.map_err(|Irreparable| irreparable())?
            }
        };
        // The pieces of an answer that is not streamed are sent at once, at its end; the first one tells the
        // format that the thoughts are over.
        // JSON is sent once it is known to fit.
        let is_held = self.request.form.is_some();
        if !piece.is_empty() && !is_held && (self.request.streams || !self.has_text) {
            self.format.text(out, &piece);
            self.has_text = true;
        }
        self.cut = cut;
        Ok(self.cut.is_some())
    }

    fn needs_pieces(&self) -> bool {
        !self.transcript.is_unlimited() || self.tools.is_some()
    }

    fn end(&mut self, out: &mut Vec<u8>, answer: &Answering, reply: &Reply) -> Result<()> {
        let shown = self.finish_tools(out, reply)?;
        let reply = shown.as_ref().unwrap_or(reply);
        let rest = self.complete(reply)?;
        if !rest.is_empty() {
            self.format.text(out, &rest);
        }
        // Those in the text were sent as they came.
        for call in self.calls.iter().filter(|_| self.tools.is_none()) {
            self.format.call(out, call);
        }
        let begun = self.begun(answer);
        let (text, cut) = (self.transcript.text(), self.cut.as_ref());
        let (calls, max_tokens) = (self.calls.as_slice(), self.request.max_tokens);
        let finished = Finished { begun, reply, text, cut, calls, max_tokens };
        self.format.end(out, &finished);
        Ok(())
    }

    fn whole(&mut self, answer: &Answering, reply: &Reply) -> Result<Response> {
        let shown = self.finish_tools(&mut Vec::new(), reply)?;
        let reply = shown.as_ref().unwrap_or(reply);
        self.complete(reply)?;
        let begun = self.begun(answer);
        let (text, cut) = (self.transcript.text(), self.cut.as_ref());
        let (calls, max_tokens) = (self.calls.as_slice(), self.request.max_tokens);
        Ok(self.format.whole(&Finished { begun, reply, text, cut, calls, max_tokens }))
    }

    fn fail(&mut self, out: &mut Vec<u8>, error: &Error, _: Option<&Reply>) {
        self.format.fail(out, error);
    }

    fn text<'a>(&'a self, _: &'a Reply) -> &'a str {
        self.transcript.text()
    }

    fn heartbeat(&self) -> &'static [u8] {
        self.format.heartbeat()
    }
}

/// The sum of the counts that there are.
fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.map(|count| count + other.unwrap_or(0)).or(other)
}

fn warning(ignored: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !ignored.is_empty()
        && let Ok(warning) = HeaderValue::from_str(&format!("ignored: {}", ignored.join(", ")))
    {
        headers.insert("x-qwenctl-warning", warning);
    }
    headers
}

fn too_long(field: &str, TooLong(cost): TooLong) -> ErrorResponse {
    let (tokens, most) = (cost.div_ceil(4), MAX_COST / 4);
    let message = format!("prompt is too long: {tokens} tokens > {most} maximum");
    let code = Some("context_length_exceeded");
    let detail = Detail { param: Some(field.to_owned()), code, ..Detail::default() };
    ErrorResponse::from(Error::invalid(message)).with_detail(detail)
}

fn irreparable() -> Error {
    let message = "a piece of the answer was wrong when it was streamed, and cannot be taken back";
    Error::new(ErrorKind::UpstreamProtocol, message)
        .with_hint("ask again, without `stream` if it happens often")
}

/// An answer that has begun.
pub(crate) struct Begun<'a> {
    /// The model that answers.
    pub model: &'a str,
    /// The chat, if it is kept.
    pub chat: Option<&'a ChatId>,
    /// The upstream's id of the answer.
    pub message_id: Option<&'a str>,
    /// An estimate of the length of the prompt, in tokens.
    pub prompt_tokens: u64,
}

/// An answer at its end.
pub(crate) struct Finished<'a> {
    /// What was known at its beginning.
    pub begun: Begun<'a>,
    /// The reply. Its text may be longer than what is sent.
    pub reply: &'a Reply,
    /// The text that is sent.
    pub text: &'a str,
    /// Why it was cut, if it was.
    pub cut: Option<&'a Cut>,
    /// The calls in it.
    pub calls: &'a [Call],
    /// How long the text may be, in tokens.
    pub max_tokens: Option<u64>,
}

/// Why the text of an answer ends where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextEnd<'a> {
    /// The model has said all.
    Natural,
    /// A limit of the request or of the model.
    Length,
    /// A content filter of the upstream.
    ContentFilter,
    /// This stop sequence of the request.
    Sequence(&'a str),
    /// The model waits for the results of its calls.
    Calls,
}

impl<'a> Finished<'a> {
    /// Counts of tokens that agree with each other: the upstream's own if it has any, else an estimate. The
    /// text of an answer that was cut is shorter than what the upstream counts, and no answer has more text
    /// than the request allows.
    pub(crate) fn usage(&self) -> Usage {
        let counted = self.reply.usage.filter(|usage| usage.total_tokens > 0);
        let reported = counted.and_then(|usage| usage.reasoning_tokens);
        let (text, reasoning) = if let (Some(usage), None) = (counted, self.cut) {
            let reasoning = reported.unwrap_or(0).min(usage.output_tokens);
            (usage.output_tokens - reasoning, reasoning)
        } else {
            let thinking = self.reply.thinking.as_deref().map_or(0, estimate);
            (estimate(self.text), reported.unwrap_or(thinking))
        };
        let text = text.min(self.max_tokens.unwrap_or(u64::MAX));
        let output_tokens = text + reasoning;
        let input_tokens = counted.map_or(self.begun.prompt_tokens, |usage| usage.input_tokens);
        Usage {
            input_tokens,
            output_tokens,
            total_tokens: input_tokens + output_tokens,
            reasoning_tokens: Some(reasoning),
            cached_tokens: counted
                .and_then(|usage| usage.cached_tokens)
                .map(|n| n.min(input_tokens)),
        }
    }

    /// The marks in the text that cite its sources.
    pub(crate) fn citations(&self) -> Vec<CitationMark<'a>> {
        marks(self.reply, self.text)
    }

    /// What the model thought; `None` if nothing.
    pub(crate) fn thinking(&self) -> Option<&str> {
        self.reply.thinking.as_deref().filter(|text| !text.is_empty())
    }

    /// Why the text ends: because it was cut here, or for the upstream's reason.
    pub(crate) fn text_end(&self) -> TextEnd<'a> {
        match (self.cut, &self.reply.finish_reason) {
            (Some(Cut::Stop(sequence)), _) => TextEnd::Sequence(sequence),
            (Some(Cut::Length), _) | (None, Some(FinishReason::Length)) => TextEnd::Length,
            (None, Some(FinishReason::ContentFilter)) => TextEnd::ContentFilter,
            _ if !self.calls.is_empty() => TextEnd::Calls,
            // Tools are the upstream's own here, and an unknown reason says nothing to a client.
            (None, _) => TextEnd::Natural,
        }
    }
}

/// Writes one answer: whole, or as events. One value is used for one answer only.
pub(crate) trait Format: Send + 'static {
    /// The whole answer.
    fn whole(&self, finished: &Finished) -> Response;

    /// The events at the beginning.
    fn begin(&mut self, out: &mut Vec<u8>, begun: &Begun);

    /// More of what the model thinks.
    fn thinking(&mut self, out: &mut Vec<u8>, piece: &str);

    /// More of the answer.
    fn text(&mut self, out: &mut Vec<u8>, piece: &str);

    /// A call, whole.
    fn call(&mut self, out: &mut Vec<u8>, call: &Call);

    /// How the ids of calls begin.
    fn call_prefix(&self) -> &'static str {
        "call_"
    }

    /// The events at the end.
    fn end(&mut self, out: &mut Vec<u8>, finished: &Finished);

    /// The event for a failure; the last one.
    fn fail(&mut self, out: &mut Vec<u8>, error: &Error);

    /// A sign of life.
    fn heartbeat(&self) -> &'static [u8] {
        b": still here\n\n"
    }
}

/// The member that names a chat that is kept. The head of a stream may precede the chat.
fn metadata(begun: &Begun) -> Option<impl Serialize + use<>> {
    let chat = begun.chat?.clone();
    Some(object! { metadata: object! { chat_id: chat } })
}

/// An id as these APIs make them.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::new_v4().simple())
}

/// A mark in an answer that cites a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CitationMark<'a> {
    /// The source.
    pub source: &'a Citation,
    /// The start of the mark (`[[1]]`), in characters.
    pub start: usize,
    /// Its end, in characters.
    pub end: usize,
}

/// The marks in `text`, the part of `reply` that is sent. Without any mark all sources are cited at its
/// end.
fn marks<'a>(reply: &'a Reply, text: &str) -> Vec<CitationMark<'a>> {
    let mut marks = Vec::new();
    let (mut at, mut rest) = (0, text);
    while let Some((before, opened)) = rest.split_once("[[") {
        let start = at + before.chars().count();
        let Some((numbers, after)) = opened.split_once("]]") else { break };
        if numbers.contains("[[") {
            (at, rest) = (start + 2, opened);
            continue;
        }
        let end = start + 4 + numbers.chars().count();
        for number in numbers.split(',').filter_map(|number| number.trim().parse::<u32>().ok()) {
            let source = reply.citations.iter().find(|source| source.number == number);
            marks.extend(source.map(|source| CitationMark { source, start, end }));
        }
        (at, rest) = (end, after);
    }
    if marks.is_empty() {
        let end = text.chars().count();
        marks.extend(reply.citations.iter().map(|source| CitationMark { source, start: end, end }));
    }
    // The upstream numbers a page twice if it finds it twice.
    let mut seen = HashSet::new();
    marks.retain(|mark| seen.insert((mark.start, mark.source.url.as_str())));
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_by_characters() {
        let source = |number: u32| Citation {
            number,
            url: format!("https://pages.example/{number}"),
            title: String::new(),
            snippet: None,
            date: None,
        };
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.citations = vec![source(1), source(2)];
        let found = |text| {
            let marks = marks(&reply, text);
            marks.iter().map(|p| (p.source.number, p.start, p.end)).collect::<Vec<_>>()
        };
        assert_eq!(found("你好 [[1]] and [[2, 1]]."), [(1, 3, 8), (2, 13, 21), (1, 13, 21)]);
        assert_eq!(found("a [[ b [[2]] [[x]] [[9]]"), [(2, 7, 12)]);
        assert_eq!(found("none"), [(1, 4, 4), (2, 4, 4)]);
        reply.citations.push(Citation { number: 3, ..source(1) });
        let found = marks(&reply, "none");
        assert_eq!(found.iter().map(|mark| mark.source.number).collect::<Vec<_>>(), [1, 2]);
    }
}
