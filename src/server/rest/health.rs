//! How the server is: for load balancers and for people who wonder.

use std::sync::Arc;

use hyper::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::token;
use crate::domain::ErrorKind;
use crate::domain::time::now;
use crate::server::http::response::{Outcome, json, json_with};
use crate::server::request::RequestContext;
use crate::server::shutdown::Phase;
use crate::server::state::State;

#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
    service: &'static str,
    timestamp: i64,
}

/// `GET /health`: the server lives. Asks nobody.
#[utoipa::path(get, path = "/health", tag = "server", security(()),
    responses((status = 200, description = "It lives", body = Health)))]
pub(crate) async fn health(_: Arc<RequestContext>) -> Outcome {
    json(&Health { status: "ok", service: "qwen-api-server", timestamp: now() })
}

#[derive(Serialize, ToSchema)]
struct Readiness {
    ready: bool,
    status: &'static str,
    upstream: &'static str,
    server_token: TokenState,
    /// Prompts that wait for an earlier one to the same chat.
    waiting_prompts: usize,
    last_upstream_result: Option<LastResult>,
    checks: Checks,
}

/// What makes a server ready, each by its name.
#[derive(Serialize, ToSchema)]
struct Checks {
    /// It takes new work.
    serving: Check,
    /// Its own access token, if it has one, is good or can be renewed.
    token: Check,
    /// The last call to the upstream went well. A failure there does not make the server unready:
    /// nobody would ask any more, and it could not be seen to pass.
    upstream: Check,
    /// Lines of the log can be written.
    log: Check,
}

#[derive(Serialize, ToSchema)]
struct Check {
    ok: bool,
    /// Whether the server is not ready without it.
    required: bool,
    detail: String,
}

impl Check {
    fn new(ok: bool, required: bool, detail: impl Into<String>) -> Self {
        Self { ok, required, detail: detail.into() }
    }
}

impl Checks {
    fn of(state: &State, token: &TokenState) -> Self {
        let draining = state.shutdown.has_reached(Phase::Draining);
        let failure = state.last_result().map(|last| last.failure);
        let health = state.log.health();
        Self {
            serving: Check::new(!draining, true, if draining { "draining" } else { "accepting" }),
            token: Check::new(token.state != "expired", true, token.state),
            upstream: match failure {
                None => Check::new(true, false, "not asked yet"),
                Some(None) => Check::new(true, false, "answers"),
                Some(Some(kind)) => Check::new(!is_upstreams(kind), false, kind.code()),
            },
            log: match (health.is_failing(), health.lost()) {
                (true, _) => Check::new(false, false, "the last line could not be written"),
                (false, 0) => Check::new(true, false, "all lines written"),
                (false, lost) => Check::new(true, false, format!("{lost} lines lost")),
            },
        }
    }

    fn pass(&self) -> bool {
        let all = [&self.serving, &self.token, &self.upstream, &self.log];
        all.into_iter().all(|check| check.ok || !check.required)
    }
}

/// Whether a failure of this kind is the upstream's, and not a caller's.
fn is_upstreams(kind: ErrorKind) -> bool {
    use ErrorKind::{BrowserCheck, Timeout, UpstreamProtocol, UpstreamUnreachable};
    matches!(kind, BrowserCheck | Timeout | UpstreamProtocol | UpstreamUnreachable)
}

#[derive(Serialize, ToSchema)]
struct TokenState {
    /// `valid`, `expired`, `refreshable` (expired, but it can be renewed) or `none`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct LastResult {
    ok: bool,
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<&'static str>,
}

/// `GET /readyz`: whether new work is welcome, and what is known about the token and the upstream
/// without asking them.
#[utoipa::path(get, path = "/readyz", tag = "server", security(()),
    responses(
        (status = 200, description = "New work is welcome", body = Readiness),
        (status = 503, description = "It is not", body = Readiness),
    ))]
pub(crate) async fn ready(call: Arc<RequestContext>) -> Outcome {
    let state = &call.state;
    let server_token = token_state(state);
    let status = if state.shutdown.has_reached(Phase::Draining) {
        "draining"
    } else if server_token.state == "expired" {
        "token_expired"
    } else {
        "ready"
    };
    let last = state.last_result();
    let checks = Checks::of(state, &server_token);
    let document = Readiness {
        ready: checks.pass(),
        checks,
        status,
        upstream: state.upstream_name(),
        server_token,
        waiting_prompts: state.shared.order.waiting().await?,
        last_upstream_result: last.map(|last| LastResult {
            ok: last.failure.is_none(),
            at: last.at,
            code: last.failure.map(ErrorKind::code),
        }),
    };
    let code = if document.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(json_with(code, &document))
}

fn token_state(state: &State) -> TokenState {
    let Some(session) = state.own_session() else {
        return TokenState { state: "none", expires_at: None };
    };
    let info = token::info(&session.tokens(), now());
    let word = match (info.expired, info.refreshable) {
        (false, _) => "valid",
        (true, true) => "refreshable",
        (true, false) => "expired",
    };
    TokenState { state: word, expires_at: info.expires_at }
}
