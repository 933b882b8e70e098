//! Every route of the server, in two lists that a test holds together: what there is
//! ([`endpoints`], which the banner, `Allow` and the log go by), and who answers it ([`routes`]).

use std::convert::Infallible;
use std::sync::Arc;

use hyper::header::HeaderMap;
use warp::reply::Response;
use warp::{Filter, delete, get, patch, path, post};

use super::access;
use super::body::{self, Members};
use super::call::Call;
use super::cors;
use super::openai;
use super::openapi;
use super::page;
use super::reply::{Outcome, Recipient, Refusal};
use super::rest::{chat, chats, health, login, metrics, models, session, stats, token, user};

/// A route: a method and a path, where `{…}` stands for one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// A few words for the banner.
    pub about: &'static str,
}

const fn on(method: &'static str, path: &'static str, about: &'static str) -> Endpoint {
    Endpoint { method, path, about }
}

const ENDPOINTS: &[Endpoint] = &[
    on("GET", "/health", "Health check"),
    on("GET", "/readyz", "Whether it can do its work"),
    on("GET", "/metrics", "Numbers for Prometheus"),
    on("POST", "/api/login", "API key to session token"),
    on("GET", "/api/session", "What a page may do without a token"),
    on("GET", "/api/user/status", "User status"),
    on("POST", "/api/token/refresh", "Refresh token"),
    on("GET", "/api/token/info", "Token info"),
    on("GET", "/api/chats", "List chats"),
    on("POST", "/api/chats", "New chat"),
    on("GET", "/api/chats/{id}", "Get chat history"),
    on("PATCH", "/api/chats/{id}", "Rename chat"),
    on("DELETE", "/api/chats/{id}", "Delete chat"),
    on("POST", "/api/chats/{id}/stop", "Stop the answer of a chat"),
    on("POST", "/api/chat/send", "Send message"),
    on("POST", "/api/chat/quick", "Quick chat"),
    on("GET", "/api/stats", "Get statistics"),
    on("GET", "/api/models", "List models"),
    on("GET", "/openapi.json", "Description of this API"),
];

/// What other people's programs know, in their shapes and not in the envelope.
const COMPATIBLE: &[Endpoint] = &[
    on("GET", "/v1/models", "List models (OpenAI)"),
    on("GET", "/v1/models/{id}", "Get model (OpenAI)"),
    on("POST", "/v1/chat/completions", "Chat completion (OpenAI)"),
    on("POST", "/v1/responses", "Response (OpenAI)"),
    on("POST", "/v1/messages", "Message (Anthropic)"),
];

/// The chat page, for people and not for programs.
const PAGE: &[Endpoint] =
    &[on("GET", "/", "Chat page"), on("GET", "/assets/{version}/{file}", "Files of the chat page")];

/// Every route of the API.
pub fn endpoints() -> &'static [Endpoint] {
    ENDPOINTS
}

/// Every route of the compatible APIs.
pub fn compatible_endpoints() -> &'static [Endpoint] {
    COMPATIBLE
}

/// Who answers what. `HEAD` comes here as `GET`, and a final slash makes no difference.
pub fn routes() -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync {
    let health = path!("health").and(get()).and(call()).then(health::health);
    let describe = path!("openapi.json").and(get()).and(call()).then(openapi::describe);
    let ready = path!("readyz").and(get()).and(call()).then(health::ready);

    let measured = path!("metrics").and(get()).and(call()).then(metrics::show);
    let login = path!("api" / "login").and(post()).and(call()).and(members()).then(login::login);
    let session = path!("api" / "session").and(get()).and(call()).then(session::show);
    let status = path!("api" / "user" / "status").and(get()).and(call()).then(user::status);
    let token_info = path!("api" / "token" / "info").and(get()).and(call()).then(token::info);
    let refresh = path!("api" / "token" / "refresh")
        .and(post())
        .and(call())
        .and(nothing())
        .then(token::refresh);

    let list = path!("api" / "chats").and(get()).and(call()).then(chats::list);
    let new = path!("api" / "chats").and(post()).and(call()).and(members()).then(chats::new);
    let show = path!("api" / "chats" / String).and(get()).and(call()).then(chats::show);
    let rename =
        path!("api" / "chats" / String).and(patch()).and(call()).and(members()).then(chats::rename);
    let remove = path!("api" / "chats" / String).and(delete()).and(call()).then(chats::delete);
    let stop = path!("api" / "chats" / String / "stop")
        .and(post())
        .and(call())
        .and(nothing())
        .then(chats::stop);

    let send =
        path!("api" / "chat" / "send").and(post()).and(call()).and(members()).then(chat::send);
    let quick =
        path!("api" / "chat" / "quick").and(post()).and(call()).and(members()).then(chat::quick);

    let numbers = path!("api" / "stats").and(get()).and(call()).then(stats::show);
    let models = path!("api" / "models").and(get()).and(call()).then(models::list);

    let chats = list
        .or(new)
        .unify()
        .or(show)
        .unify()
        .or(rename)
        .unify()
        .or(remove)
        .unify()
        .or(stop)
        .unify();
    let chat = send.or(quick).unify();
    let compatible = compatible();
    let page = page::routes().map(Ok);
    let account = status.or(token_info).unify().or(refresh).unify().or(numbers).unify();
    let about = session
        .or(login)
        .unify()
        .or(models)
        .unify()
        .or(measured)
        .unify()
        .or(health)
        .unify()
        .or(ready)
        .unify()
        .or(describe)
        .unify();

    chats
        .or(chat)
        .unify()
        .or(account)
        .unify()
        .or(about)
        .unify()
        .or(compatible)
        .unify()
        .or(page)
        .unify()
        .or(call().map(|call: Arc<Call>| Err(unmatched(&call))))
        .unify()
        .and(call())
        .then(finish)
        .recover(async |_| Ok::<_, Infallible>(Response::default()))
        .unify()
}

fn compatible() -> impl Filter<Extract = (Outcome,), Error = warp::Rejection> + Clone + Send + Sync
{
    let models = path!("v1" / "models").and(get()).and(call()).then(openai::models::list);
    let model = path!("v1" / "models" / String).and(get()).and(call()).then(openai::models::show);
    let completions = path!("v1" / "chat" / "completions")
        .and(post())
        .and(call())
        .and(members())
        .then(openai::chat::complete);
    let responses = path!("v1" / "responses")
        .and(post())
        .and(call())
        .and(members())
        .then(openai::responses::respond);
    let messages = path!("v1" / "messages")
        .and(post())
        .and(call())
        .and(members())
        .then(openai::messages::message);
    completions.or(responses).unify().or(messages).unify().or(models).unify().or(model).unify()
}

/// The request.
fn call() -> impl Filter<Extract = (Arc<Call>,), Error = warp::Rejection> + Copy {
    warp::ext::get::<Arc<Call>>()
}

/// The JSON object in the body. What is wrong with it is the handler's first line, not a rejection,
/// which would make warp look for another route.
fn members() -> impl Filter<Extract = (Result<Members, Refusal>,), Error = warp::Rejection> + Copy {
    call()
        .and(warp::body::stream())
        .then(async |call: Arc<Call>, stream| body::members(&call, stream).await)
}

/// A body that says nothing.
fn nothing() -> impl Filter<Extract = (Result<(), Refusal>,), Error = warp::Rejection> + Copy {
    call()
        .and(warp::body::stream())
        .then(async |call: Arc<Call>, stream| body::nothing(&call, stream).await)
}

async fn finish(outcome: Outcome, call: Arc<Call>) -> Response {
    let succeeds = outcome.as_ref().is_ok_and(|response| response.status().is_success());
    if succeeds && call.shows_acceptance() {
        access::accepted(&call).await;
    }
    if call.asked_upstream() {
        call.state.note_result(outcome.as_ref().map(|_| ()).map_err(|refusal| &refusal.error));
    }
    outcome.unwrap_or_else(|refusal| refusal.into_response(&Recipient::by(&call)))
}

fn unmatched(call: &Call) -> Refusal {
    match methods(&call.path) {
        Some(allow) => Refusal::wrong_method(call.method.as_str(), allow),
        None => Refusal::no_such_route(),
    }
}

/// The answer to `OPTIONS`.
pub fn options(call: &Call, headers: &HeaderMap) -> Response {
    match methods(&call.path) {
        Some(methods) => cors::options(&methods, headers),
        None => Refusal::no_such_route().into_response(&Recipient::by(call)),
    }
}

/// Whether this asks only how the server is.
pub fn is_probe(call: &Call) -> bool {
    matches!(call.route, "/health" | "/readyz" | "/metrics")
}

/// The route at `path` as it stands in the table.
pub fn template(path: &str) -> &'static str {
    fitting(path).next().map_or("(none)", |endpoint| endpoint.path)
}

/// The methods that `path` knows, as in `Allow`; `None` if there is no such path.
fn methods(path: &str) -> Option<String> {
    let mut methods: Vec<_> = fitting(path).map(|endpoint| endpoint.method).collect();
    if methods.is_empty() {
        return None;
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    Some(methods.join(", "))
}

fn fitting(path: &str) -> impl Iterator<Item = &'static Endpoint> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    ENDPOINTS.iter().chain(COMPATIBLE).chain(PAGE).filter(move |endpoint| fits(endpoint.path, path))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_by_its_template() {
        assert_eq!(template("/api/chats"), "/api/chats");
        assert_eq!(template("/api/chats/"), "/api/chats");
        assert_eq!(template("/api/chats/abc/"), "/api/chats/{id}");
        for nothing in ["", "/api", "/api/chats//", "/api/chats/a/b", "api/chats", "//health"] {
            assert_eq!(template(nothing), "(none)", "{nothing}");
        }
        assert_eq!(methods("/api/chats").as_deref(), Some("GET, POST, HEAD, OPTIONS"));
        assert_eq!(methods("/api/chat/send").as_deref(), Some("POST, OPTIONS"));
        assert_eq!(methods("/nothing"), None);
    }
}
