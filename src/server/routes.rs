//! Binds every row of `table` to the function that answers it.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Buf;
use futures_util::Stream;
use hyper::header::HeaderMap;
use warp::Filter;
use warp::reply::Response;

use super::mcp;
use super::openapi;
use super::page;
use super::rest::{account, archive, chat, chats, deletions, export, files, health, search, trash};
use super::table::{Handler, methods, parameters};
use crate::server::body;
use crate::server::compat;
use crate::server::http::cors;
use crate::server::http::error_format::tidy;
use crate::server::http::response::{ErrorResponse, Outcome};
use crate::server::log::{Ending, shown_method};
use crate::server::request::RequestContext;

/// Answers every admitted request, which is an `Arc<RequestContext>` among the extensions. warp takes the
/// request apart; the table has decided by then what answers it.
pub(super) fn routes()
-> impl Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync {
    warp::ext::get::<Arc<RequestContext>>()
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(async |call: Arc<RequestContext>, headers, body| {
            let outcome = answer(&call, &headers, body).await;
            finish(outcome, &call).await
        })
        .recover(async |_| Ok::<_, Infallible>(Response::default()))
        .unify()
}

async fn answer<B: Buf>(
    call: &Arc<RequestContext>,
    headers: &HeaderMap,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Outcome {
    let mut parameters = parameters(call.route.path, &call.path);
    let mut parameter = || parameters.next().unwrap_or_default();
    match call.route.handler {
        Handler::Health => health::health(),
        Handler::Ready => health::ready(call).await,
        Handler::Metrics => health::metrics(call),
        Handler::LogIn => account::log_in(call, body::members(call, body).await?).await,
        Handler::ShowSession => account::session(call),
        Handler::ShowUserStatus => account::status(call).await,
        Handler::RefreshToken => {
            body::nothing(call, body).await?;
            account::refresh_token(call).await
        }
        Handler::ShowToken => account::token(call).await,
        Handler::StoreToken => account::store_token(call, body::pasted(call, body).await?).await,
        Handler::RemoveToken => account::remove_token(call).await,
        Handler::ListChats => chats::list(call).await,
        Handler::ListProjects => chats::projects(call).await,
        Handler::NewChat => chats::new(call, body::members(call, body).await?).await,
        Handler::ShowChat => chats::show(call, parameter()).await,
        Handler::RenameChat => {
            chats::change(call, parameter(), body::members(call, body).await?).await
        }
        Handler::DeleteChat => chats::delete(call, parameter()).await,
        Handler::ExportChat => export::chat(call, parameter()).await,
        Handler::ImportArchive => export::import(call, headers, body).await,
        Handler::ExportArchive => export::archive(call).await,
        Handler::StopChat => {
            body::nothing(call, body).await?;
            chats::stop(call, parameter()).await
        }
        Handler::SendPrompt => chat::send(call, body::members(call, body).await?).await,
        Handler::QuickPrompt => chat::quick(call, body::members(call, body).await?).await,
        Handler::TemporaryPrompt => chat::temporary(call, body::members(call, body).await?).await,
        Handler::UploadFile => files::upload(call, headers, body).await,
        Handler::ShowFile => files::show(call, parameter()),
        Handler::SearchChats => search::search(call, body::members(call, body).await?).await,
        Handler::PlanDeletion => deletions::plan(call, body::members(call, body).await?).await,
        Handler::ExecutePlan => {
            body::nothing(call, body).await?;
            deletions::execute(call, parameter()).await
        }
        Handler::ShowPlan => deletions::show(call, parameter()).await,
        Handler::CancelPlan => deletions::cancel(call, parameter()).await,
        Handler::ListTrash => trash::list(call).await,
        Handler::RestoreChat => {
            body::nothing(call, body).await?;
            trash::restore(call, parameter()).await
        }
        Handler::PurgeChat => trash::purge(call, parameter()).await,
        Handler::ShowArchive => archive::state(call).await,
        Handler::SyncArchive => archive::sync(call, &body::members_or_none(call, body).await?),
        Handler::ShowArchiveStats => archive::stats(call).await,
        Handler::ShowStats => account::stats(call).await,
        Handler::ListModels => account::models(call).await,
        Handler::DescribeApi => Ok(openapi::describe(headers)),
        Handler::ListOpenAiModels => compat::models::list(Arc::clone(call)).await,
        Handler::ShowOpenAiModel => {
            compat::models::show(parameter().to_owned(), Arc::clone(call)).await
        }
        Handler::ChatCompletion => {
            let members = body::members(call, body).await;
            compat::chat_completions::complete(Arc::clone(call), members).await
        }
        Handler::Response => {
            let members = body::members(call, body).await;
            compat::responses::respond(Arc::clone(call), members).await
        }
        Handler::Message => {
            let members = body::members(call, body).await;
            compat::messages::message(Arc::clone(call), members).await
        }
        Handler::CountTokens => {
            compat::messages::count_tokens(call, &body::members(call, body).await?)
        }
        Handler::Mcp => mcp::receive(call, headers, body).await,
        Handler::EndMcp => mcp::end(call, headers),
        Handler::Page => Ok(page::page(headers)),
        Handler::PageFile => {
            let file = page::file(headers, parameter(), parameter());
            file.ok_or_else(ErrorResponse::no_such_route)
        }
        Handler::WrongMethod => {
            let allow = methods(&call.path).unwrap_or_default();
            Err(ErrorResponse::wrong_method(shown_method(&call.method), allow))
        }
        Handler::NoRoute => Err(match tidy(&call.path) {
            meant if meant != call.path && methods(&meant).is_some() => {
                ErrorResponse::wrong_base(&meant)
            }
            _ => ErrorResponse::no_such_route(),
        }),
    }
}

/// Turns the outcome into a response, and takes note of what it says about the token and the upstream.
async fn finish(outcome: Outcome, call: &RequestContext) -> Response {
    let succeeds = outcome.as_ref().is_ok_and(|response| response.status().is_success());
    if succeeds && call.shows_acceptance() {
        call.confirm_account().await;
    }
    // A success may be about a failure, of which its handler has taken note.
    let ending = outcome.as_ref().ok().and_then(|response| response.extensions().get::<Ending>());
    let is_noted = ending.is_some_and(|ending| ending.failure().is_some());
    if call.asked_upstream() && !is_noted {
        call.state.note_result(outcome.as_ref().map(|_| ()).map_err(|refusal| &refusal.error));
    }
    outcome.unwrap_or_else(|refusal| refusal.into_response(&call.recipient()))
}

/// The response to `OPTIONS`.
pub(super) fn options(call: &RequestContext, headers: &HeaderMap) -> Response {
    match methods(&call.path) {
        Some(methods) => cors::options(&methods, headers),
        None => ErrorResponse::no_such_route().into_response(&call.recipient()),
    }
}
