//! The calls of chat.qwen.ai that the local upstream answers, and its admin API.
//!
//! A request passes the fault hooks, the token check and its handler, in this order; a fault that
//! replaces the answer comes before the token check, as the real gateway's refusals do.

mod account;
mod admin;
mod attached;
mod chats;
mod completions;
mod files;
mod models;

use serde_json::json;

use super::State;
use super::reply::{Body, Reply};
use super::request::Request;
use super::routes::{self, Kind, Target};
use super::store::StoreError;
use super::store::account::{self as accounts, Claims};
use crate::engine::Refusal;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A request on its way to its handler.
struct Call<'a> {
    state: &'a Arc<State>,
    request: &'a Request,
    kind: Kind,
    /// The id in the path.
    id: String,
}

impl Call<'_> {
    fn success(&self, data: &serde_json::Value) -> Reply {
        Reply::success(&self.request.id, data)
    }

    fn failure(&self, code: &str, details: &str) -> Reply {
        Reply::failure(&self.request.id, code, details)
    }

    /// The engine's refusal in the form of the gateway.
    fn refused(&self, refusal: &Refusal) -> Reply {
        let reply = self.failure(refusal.code, &refusal.details);
        match refusal.retry_after {
            Some(seconds) => reply.effectively(429).with_header("retry-after", seconds.to_string()),
            None => reply,
        }
    }

    fn page(&self) -> i64 {
        self.request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1)
    }

    fn claims(&self) -> Option<Claims> {
        let account = &self.state.account;
        let claims =
            accounts::verify(&account.secret, self.request.token()?, self.state.clock.seconds())
                .ok()?;
        (claims.id == account.id).then_some(claims)
    }
}

/// Answers a request.
pub(super) async fn answer(state: &Arc<State>, mut request: Request) -> (Request, Reply) {
    let target = match routes::find(&request.method, &request.path) {
        Target::Admin(_) if !state.guard.has_admin() => Target::Nothing,
        target => target,
    };
    if !matches!(target, Target::Admin(_)) {
        state.journal.request(&request);
    }
    let reply = match target {
        Target::Admin(path) => admin::answer(state, &request, &path).await,
        Target::Nothing => Reply::json(json!({"detail": "Not Found"})).with_status(404),
        Target::WrongMethod => {
            Reply::json(json!({"detail": "Method Not Allowed"})).with_status(405)
        }
        Target::Call(kind, id) => {
            if kind == Kind::Completions {
                request.prompt = Some(completions::prompt(&request.json()));
                request.has_markers = state.engine.url().is_none();
            }
            let call = Call { state, request: &request, kind, id };
            answer_call(&call).await
        }
    };
    (request, reply)
}

async fn answer_call(call: &Call<'_>) -> Reply {
    let Call { state, request, kind, id } = call;
    let chat =
        if id.is_empty() { request.query("chat_id").unwrap_or_default() } else { id.clone() };
    let faults = match state.faults.meet(*kind, &chat, request) {
        Ok(faults) => faults,
        Err(error) => return Reply::json(json!({"error": error})).with_status(400),
    };
    if let Some(reply) = faults.iter().find_map(|fault| fault.instead(request, *kind)) {
        return reply;
    }
    let claims = call.claims();
    if kind.needs_token() && claims.is_none() {
        return Reply::unauthorized(&request.id);
    }
    if state.is_strict.load(Ordering::Relaxed)
        && let Some(reply) = refused_form(call)
    {
        return reply;
    }
    let outcome = match kind {
        Kind::Config
        | Kind::Auths
        | Kind::Identity
        | Kind::SignIn
        | Kind::Refresh
        | Kind::RefreshOld
        | Kind::Status
        | Kind::Settings => account::answer(call, claims.as_ref(), &faults).await,
        Kind::Models | Kind::ModelsV2 => Ok(models::answer(call).await),
        Kind::Completions => completions::answer(call, &faults).await,
        Kind::Stop => completions::stop(call).await,
        Kind::Sts | Kind::StsOld | Kind::Parse | Kind::ParseStatus | Kind::FileLink => {
            files::answer(call, &faults).await
        }
        _ => chats::answer(call).await,
    };
    let mut reply = outcome.unwrap_or_else(|error| broken(call, &error));
    if let Body::Json(value) = &mut reply.body {
        for fault in &faults {
            fault.rewrite(value, request, *kind);
        }
    }
    reply
}

/// The answer to a request that lacks what the service requires since October 2026 (protocol update, 1.2,
/// 2.4 and 2.7).
fn refused_form(call: &Call<'_>) -> Option<Reply> {
    let request = call.request;
    if call.kind == Kind::Refresh {
        let plain = ["origin", "referer", "source", "version", "x-request-id", "timezone"];
        return if request.header("x-request-origin").is_none() {
            Some(call.failure("Bad_Request", "Missing origin"))
        } else if plain.iter().any(|name| request.header(name).is_none()) {
            Some(call.failure("Bad_Request", "Invalid request header"))
        } else {
            None
        };
    }
    if !call.kind.needs_token() {
        return None;
    }
    let cookie = request.cookie("token");
    let is_mixed = match (request.bearer(), cookie) {
        (Some(bearer), Some(cookie)) => accounts::id_in(bearer) != accounts::id_in(cookie),
        _ => request.cookies("token").count() > 1,
    };
    let is_completion = call.kind == Kind::Completions;
    if is_mixed || (is_completion && cookie.is_none()) {
        return Some(Reply::browser_check());
    }
    if is_completion && request.header("version").is_none() {
        return Some(call.failure("Bad_Request", "Internal error, please try again"));
    }
    None
}

fn broken(call: &Call, error: &StoreError) -> Reply {
    call.failure("Internal_Server_Error", &format!("the local upstream's database failed: {error}"))
        .with_status(500)
}
