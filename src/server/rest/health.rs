//! The state of the server, for load balancers, monitoring and people.

use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;
use warp::reply::Response;

use crate::domain::time::now;
use crate::domain::{ErrorKind, Result};
use crate::server::auth::KeyError;
use crate::server::http::response::{Outcome, json, json_with};
use crate::server::limits::rate::count_wrong_key;
use crate::server::request::RequestContext;
use crate::server::state::Phase;
use crate::server::state::State;

#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
    service: &'static str,
    timestamp: i64,
}

/// `GET /health`: the server is up.
pub(crate) fn health() -> Outcome {
    json(&Health { status: "ok", service: "qwen-api-server", timestamp: now() })
}

/// What strangers read of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadinessState {
    ready: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    status: &'static str,
    upstream: &'static str,
    server_token: TokenState,
    /// Prompts queued behind an earlier one to the same chat.
    waiting_prompts: usize,
    last_upstream_result: Option<LastResult>,
    checks: Checks,
}

/// The checks, by name.
#[derive(Serialize, ToSchema)]
struct Checks {
    /// The server accepts new requests.
    serving: Check,
    /// Its own access token, if it has one, is valid or can be renewed.
    token: Check,
    /// The last request to the upstream succeeded. Not required: without requests the server could
    /// never find out that the upstream has recovered.
    upstream: Check,
    /// The log can be written.
    log: Check,
}

#[derive(Serialize, ToSchema)]
struct Check {
    ok: bool,
    /// Whether the server is ready only if it passes.
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
            token: if state.account.as_ref().is_some_and(|account| account.is_removed()) {
                Check::new(false, true, "removed")
            } else {
                Check::new(token.state != "expired", true, token.state)
            },
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

/// Whether a failure of this kind is the upstream's, and not a client's.
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

/// `GET /readyz`: whether the server accepts new requests. API keys and trusted clients read besides what it
/// knows about its token and the upstream without sending them a request.
pub(crate) async fn ready(call: &RequestContext) -> Outcome {
    let state = &call.state;
    let (word, expires_at) = state.token_state();
    let server_token = TokenState { state: word, expires_at };
    let status = if state.shutdown.has_reached(Phase::Draining) {
        "draining"
    } else if server_token.state == "expired" {
        "token_expired"
    } else if state.account.as_ref().is_some_and(|account| account.is_removed()) {
        "token_removed"
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
    Ok(if call.may_operate().is_ok() || has_key(call).await? {
        json_with(code, &document)
    } else {
        json_with(code, &ReadinessState { ready: document.ready })
    })
}

/// Whether the client has a valid key: probes are answered before their clients are identified. A wrong key
/// is counted as it is elsewhere, so that it cannot be guessed here.
async fn has_key(call: &RequestContext) -> Result<bool> {
    match call.state.access.holder(&call.credentials, now()).await {
        Ok(holder) => Ok(holder.is_some()),
        Err(KeyError::Unreadable(_)) => Ok(false),
        Err(KeyError::Refused(_)) => {
            count_wrong_key(&call.state.shared, &call.network()).await?;
            Ok(false)
        }
    }
}

/// `GET /metrics`: metrics for Prometheus, for API keys and trusted clients.
pub(crate) fn metrics(call: &RequestContext) -> Outcome {
    call.may_operate()?;
    let state = &call.state;
    state.metrics.refresh(state.token_state(), state.log.health().lost());
    let (kind, text) = state.metrics.text(&call.accept);
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
