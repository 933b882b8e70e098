//! `/mcp`: the Model Context Protocol over HTTP.
//!
//! What this module keeps true: a page of another origin is refused whatever it sends; everyone else needs
//! what the other routes need; no state outlives a request but a chat whose next part may be requested, for
//! two minutes and with the same token. The id of a session, which older clients get,
//! is only a name under which they cancel their running requests. A client that disconnects stops its
//! requests, and with them the model.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Buf;
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt as _, Stream};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderValue};
use serde_json::Value;
use tokio::sync::mpsc;
use warp::reply::{Reply as _, Response};

use super::answer::{Answer, end_of};
use super::log::Ending;
use super::stream::of_channel;
use crate::app::Session;
use crate::app::answer::Question;
use crate::app::archive::Owner;
use crate::app::deletion::Hidden;
use crate::domain::{Error, ErrorKind, Reply, Result, Scope};
use crate::mcp::{Fault, Host, Id, Incoming, KeptChats, Message, Notify, Request, Version};
use crate::mcp::{answer, parse, response, revision};
use crate::server::body;
use crate::server::http::response::{Outcome, internal, json_with};
use crate::server::request::{RequestContext, Source};

const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";
/// The longest id of a session.
const MAX_SESSION: usize = 128;
/// How many notifications wait for a client that reads slowly.
const QUEUE: usize = 16;

/// `POST /mcp`.
pub(super) async fn receive<B: Buf>(
    call: &Arc<RequestContext>,
    headers: &HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Outcome {
    let session = call.mcp_session()?;
    let name = session_name(headers)?;
    let text = body::text(call, body).await?;
    let host = Arc::new(Account { call: Arc::clone(call), session, ending: Ending::default() });
    let version = match headers.get(VERSION).map(|named| named.to_str().unwrap_or("?")) {
        None => Version::WITH_BATCHES,
        Some(named) => match Version::named(named) {
            Some(version) => version,
            None => return Ok(refuse(None, Fault::unsupported_version(named))),
        },
    };
    let connection = Connection { host, version, name };
    match parse(&text) {
        Err(fault) => Ok(refuse(None, fault)),
        Ok(Incoming::One(message)) => connection.one(message, headers).await,
        Ok(Incoming::Batch(_)) if version != Version::WITH_BATCHES => {
            let fault = Fault::invalid("this revision of the protocol has no batches");
            Ok(refuse(None, fault))
        }
        Ok(Incoming::Batch(batch)) => Ok(connection.several(batch).await),
    }
}

/// `DELETE /mcp`: the end of a session. Its running requests are cancelled.
pub(super) fn end(call: &RequestContext, headers: &HeaderMap) -> Outcome {
    let _ = call.mcp_session()?;
    if let Some(name) = session_name(headers)? {
        call.state.mcp.end(&name);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The name of the session, which older clients send.
fn session_name(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(name) = headers.get(SESSION) else { return Ok(None) };
    let name = name.to_str().ok().filter(|name| name.len() <= MAX_SESSION);
    let name = name.ok_or_else(|| Error::invalid("`mcp-session-id` is none of this server"))?;
    Ok(Some(name.to_owned()))
}

/// A message that gets no result.
fn refuse(id: Option<&Id>, fault: Fault) -> Response {
    json_with(StatusCode::BAD_REQUEST, &response(id, Err(fault)))
}

/// The client of one HTTP request.
struct Connection {
    host: Arc<Account>,
    version: Version,
    name: Option<String>,
}

impl Connection {
    async fn one(self, message: Message, headers: &HeaderMap) -> Outcome {
        let request = match message {
            Message::Request(request) => request,
            Message::Invalid(id, fault) => return Ok(refuse(id.as_ref(), fault)),
            Message::Response | Message::Notification { .. } => {
                self.take_note(&message);
                return Ok(StatusCode::ACCEPTED.into_response());
            }
        };
        let checked = revision(self.version, &request.params);
        let checked = checked.and_then(|version| {
            check_headers(&request, headers, version, self.version).map(|()| version)
        });
        let version = match checked {
            Ok(version) => version,
            Err(fault) => return Ok(refuse(Some(&request.id), fault)),
        };
        let is_ask =
            request.method == "tools/call" && request.params.get("name") == Some(&"ask".into());
        if is_ask && self.host.call.accepts_events {
            return Ok(self.stream(request));
        }
        let is_handshake = request.method == "initialize" && !version.is_stateless();
        let (notify, _) = mpsc::channel(1);
        let result = self.run(&request, &notify).await;
        let status = match &result {
            Some(Err(fault)) if version.is_stateless() && fault.code == Fault::NO_METHOD => {
                StatusCode::NOT_FOUND
            }
            Some(_) => StatusCode::OK,
            // It was cancelled, so its response is not read.
            None => return Ok(StatusCode::NO_CONTENT.into_response()),
        };
        let result = result.unwrap_or_else(|| Err(Fault::new(Fault::INTERNAL, "cancelled")));
        let mut answer = json_with(status, &response(Some(&request.id), result));
        if is_handshake && let Ok(name) = uuid::Uuid::new_v4().to_string().parse() {
            answer.headers_mut().insert(SESSION, name);
        }
        answer.extensions_mut().insert(self.host.ending.clone());
        Ok(answer)
    }

    async fn several(self, batch: Vec<Message>) -> Response {
        let (notify, _) = mpsc::channel(1);
        let work = batch.iter().map(async |message| match message {
            Message::Request(request) => {
                let result = self.run(request, &notify).await?;
                Some(response(Some(&request.id), result))
            }
            Message::Invalid(id, fault) => Some(response(id.as_ref(), Err(fault.clone()))),
            Message::Response | Message::Notification { .. } => {
                self.take_note(message);
                None
            }
        });
        let responses: Vec<_> = join_all(work).await.into_iter().flatten().collect();
        if responses.is_empty() {
            return StatusCode::ACCEPTED.into_response();
        }
        let mut answer = json_with(StatusCode::OK, &responses);
        answer.extensions_mut().insert(self.host.ending.clone());
        answer
    }

    fn take_note(&self, message: &Message) {
        if let Some(session) = &self.name {
            self.host.call.state.mcp.take_note(session, message);
        }
    }

    /// The result of a request; `None` if it was cancelled.
    async fn run(&self, request: &Request, notify: &Notify) -> Option<Result<Value, Fault>> {
        let work = answer(&*self.host, self.version, request, notify);
        let Some(session) = &self.name else { return Some(work.await) };
        match self.host.call.state.mcp.begin(session, &request.id) {
            Some(running) => running.or(work).await,
            None => Some(Err(Fault::still_running())),
        }
    }

    /// The notifications about a request and its response as events. A client that disconnects ends the
    /// work.
    fn stream(self, request: Request) -> Response {
        let (call, ending) = (Arc::clone(&self.host.call), self.host.ending.clone());
        let heartbeat = call.state.limits.heartbeat;
        let (notify, notes) = mpsc::channel::<String>(QUEUE);
        let slot = call.slot.upgrade();
        call.state.chores.spawn(async move {
            let work = AssertUnwindSafe(self.run(&request, &notify)).catch_unwind();
            let result = tokio::select! {
                biased;
                () = notify.closed() => return,
                result = work => result,
            };
            drop(slot);
            let broken = |_| Some(Err(Fault::new(Fault::INTERNAL, internal().message())));
            if let Some(result) = result.unwrap_or_else(broken) {
                let _ = notify.send(response(Some(&request.id), result).to_string()).await;
            }
        });
        let event = |message| format!("event: message\ndata: {message}\n\n").into();
        let mut answer = of_channel(notes, event, heartbeat);
        answer.extensions_mut().insert(ending);
        answer
    }
}

/// Compares the headers with the request where the revision demands them, so that a proxy and this server
/// see the same request.
fn check_headers(
    request: &Request,
    headers: &HeaderMap,
    version: Version,
    in_header: Version,
) -> Result<(), Fault> {
    if !version.is_stateless() && !in_header.is_stateless() {
        return Ok(());
    }
    let mismatch = |name: &str| {
        let message = format!("the header `{name}` is missing or not that of the request");
        Fault::new(Fault::HEADER_MISMATCH, message)
    };
    if version != in_header {
        return Err(mismatch(VERSION));
    }
    let named = match request.method.as_str() {
        "tools/call" | "prompts/get" => request.params.get("name"),
        "resources/read" => request.params.get("uri"),
        _ => None,
    };
    let expected = [
        ("mcp-method", Some(request.method.as_str())),
        ("mcp-name", named.and_then(Value::as_str)),
    ];
    for (name, value) in expected {
        let given = headers.get(name).and_then(decoded);
        if value.is_some() && given.as_deref() != value {
            return Err(mismatch(name));
        }
    }
    Ok(())
}

/// The value of a header, in which text beyond ASCII is encoded.
fn decoded(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let encoded = text.strip_prefix("=?base64?").and_then(|text| text.strip_suffix("?="));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(text.to_owned()),
    }
}

/// The account of an HTTP request.
struct Account {
    call: Arc<RequestContext>,
    session: Result<(Session, Source)>,
    /// Whether a tool has failed, for the log.
    ending: Ending,
}

impl Host for Account {
    fn session(&self) -> BoxFuture<'_, Result<Session>> {
        let session = self.session.as_ref().map(|(session, _)| session.clone());
        std::future::ready(session.map_err(Clone::clone)).boxed()
    }

    fn archive(&self) -> BoxFuture<'_, Result<Option<(PathBuf, Owner)>>> {
        async {
            // It has the chats of the server's own account.
            let (Ok((session, Source::Server)), Some(place)) =
                (&self.session, &self.call.state.archive)
            else {
                return Ok(None);
            };
            let monitor = &self.call.state.archive_monitor;
            let account = monitor.account_hash(session, &place.upstream).await?;
            Ok(Some((place.path.clone(), Owner::Account(account))))
        }
        .boxed()
    }

    fn hidden(&self) -> BoxFuture<'_, Hidden> {
        async {
            let Ok((session, source)) = &self.session else { return Hidden::default() };
            self.call.state.hidden(session, *source == Source::Server).await
        }
        .boxed()
    }

    fn kept(&self) -> &KeptChats {
        &self.call.state.mcp_chats
    }

    fn ask_refusal(&self) -> Option<Error> {
        let state = &self.call.state;
        if !state.mcp_may_ask {
            let error = Error::new(ErrorKind::Forbidden, "this server only reads chats here");
            return Some(error.with_hint("its user can start it with `--mcp-allow-ask`"));
        }
        state.access.check(self.call.holder.as_ref(), Scope::Send).err()
    }

    fn model(&self) -> Option<String> {
        self.call.state.model.clone()
    }

    fn ask<'a>(
        &'a self,
        session: Session,
        question: Question,
        progress: &'a mut (dyn FnMut(usize) + Send),
    ) -> BoxFuture<'a, Result<Reply>> {
        let call = &self.call;
        async move {
            call.count_prompt().await?;
            call.trace.log.body(&call.request_id, "prompt", question.message());
            let end = end_of(call, None);
            let mut answer = Answer::new(&call.state, session, question, None, None, end).await;
            answer.begin().await?;
            while answer.next().await?.is_some() {
                progress(answer.driver().reply().map_or(0, Reply::text_length));
            }
            let reply = answer.driver().reply().cloned().ok_or_else(internal)?;
            call.trace.log.body(&call.request_id, "answer", &reply.content);
            answer.finish().await?;
            Ok(reply)
        }
        .boxed()
    }

    fn note(&self, failure: &Error) {
        self.ending.fail(failure);
        if self.call.asked_upstream() {
            self.call.state.note_result(Err(failure));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_beyond_ascii_are_decoded() {
        let value = |text: &str| decoded(&HeaderValue::from_str(text).expect("a header"));
        assert_eq!(value("read_chat").as_deref(), Some("read_chat"));
        assert_eq!(value("=?base64?SGVsbG8sIOS4lueVjA==?=").as_deref(), Some("Hello, 世界"));
        assert_eq!(
            value("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=").as_deref(),
            Some("=?base64?literal?=")
        );
        for bad in ["=?base64?*?=", "=?base64?/w==?="] {
            assert_eq!(value(bad), None, "{bad}");
        }
    }
}
