//! Who answers the routes that stand in `table`; a test holds the two together.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::header::HeaderMap;
use warp::reply::Response;
use warp::{Filter, delete, get, patch, path, post};

use super::openapi;
use super::page;
use super::rest::{chat, chats, health, login, metrics, models, session, stats, token, user};
use super::table::methods;
use crate::server::admission::accepted;
use crate::server::body;
use crate::server::body::Members;
use crate::server::compat;
use crate::server::http::cors;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::request::RequestContext;

/// Who answers what. `HEAD` comes here as `GET`, and a final slash makes no difference.
pub(super) fn routes()
-> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync {
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
        .or(call().map(|call: Arc<RequestContext>| Err(unmatched(&call))))
        .unify()
        .and(call())
        .then(finish)
        .recover(async |_| Ok::<_, Infallible>(Response::default()))
        .unify()
}

fn compatible() -> impl Filter<Extract = (Outcome,), Error = warp::Rejection> + Clone + Send + Sync
{
    let models = path!("v1" / "models").and(get()).and(call()).then(compat::models::list);
    let model = path!("v1" / "models" / String).and(get()).and(call()).then(compat::models::show);
    let completions = path!("v1" / "chat" / "completions")
        .and(post())
        .and(call())
        .and(members())
        .then(compat::chat_completions::complete);
    let responses = path!("v1" / "responses")
        .and(post())
        .and(call())
        .and(members())
        .then(compat::responses::respond);
    let messages = path!("v1" / "messages")
        .and(post())
        .and(call())
        .and(members())
        .then(compat::messages::message);
    completions.or(responses).unify().or(messages).unify().or(models).unify().or(model).unify()
}

/// The request.
fn call() -> impl Filter<Extract = (Arc<RequestContext>,), Error = warp::Rejection> + Copy {
    warp::ext::get::<Arc<RequestContext>>()
}

/// The JSON object in the body. What is wrong with it is the handler's first line, not a rejection,
/// which would make warp look for another route.
fn members()
-> impl Filter<Extract = (Result<Members, ErrorResponse>,), Error = warp::Rejection> + Copy {
    call()
        .and(warp::body::stream())
        .then(async |call: Arc<RequestContext>, stream| body::members(&call, stream).await)
}

/// A body that says nothing.
fn nothing() -> impl Filter<Extract = (Result<(), ErrorResponse>,), Error = warp::Rejection> + Copy
{
    call()
        .and(warp::body::stream())
        .then(async |call: Arc<RequestContext>, stream| body::nothing(&call, stream).await)
}

async fn finish(outcome: Outcome, call: Arc<RequestContext>) -> Response {
    let succeeds = outcome.as_ref().is_ok_and(|response| response.status().is_success());
    if succeeds && call.shows_acceptance() {
        accepted(&call).await;
    }
    if call.asked_upstream() {
        call.state.note_result(outcome.as_ref().map(|_| ()).map_err(|refusal| &refusal.error));
    }
    outcome.unwrap_or_else(|refusal| refusal.into_response(&call.recipient()))
}

fn unmatched(call: &RequestContext) -> ErrorResponse {
    match methods(&call.path) {
        Some(allow) => ErrorResponse::wrong_method(call.method.as_str(), allow),
        None => ErrorResponse::no_such_route(),
    }
}

/// The answer to `OPTIONS`.
pub(super) fn options(call: &RequestContext, headers: &HeaderMap) -> Response {
    match methods(&call.path) {
        Some(methods) => cors::options(&methods, headers),
        None => ErrorResponse::no_such_route().into_response(&call.recipient()),
    }
}
