//! The admin API under `/__local/`: tests read the state of the local upstream and control it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::local::State;
use crate::local::faults::{self, Fault};
use crate::local::journal::Milestone;
use crate::local::reply::Reply;
use crate::local::request::Request;
use crate::local::store::account::{self, Form};

/// The maximum time that `wait` takes.
const MAX_WAIT: u64 = 60_000;

pub(super) async fn answer(state: &Arc<State>, request: &Request, path: &str) -> Reply {
    match (&request.method, path) {
        (&Method::GET, "") => about(state),
        (&Method::GET, "requests") => Reply::json(state.journal.requests_json()),
        (&Method::GET, "stops") => Reply::json(state.journal.stops_json()),
        (&Method::GET, "streams") => {
            let mut streams = state.journal.streams_json();
            streams["generating"] = json!(state.running.count());
            Reply::json(streams)
        }
        (&Method::GET, "wait") => wait(state, request).await,
        (&Method::GET, "faults") => fault_list(state),
        (&Method::POST, "faults") => arm(state, request),
        (&Method::DELETE, "faults") => {
            state.faults.clear();
            fault_list(state)
        }
        (&Method::POST, "tokens") => tokens(state, request).await,
        (&Method::POST, "options") => options(state, request),
        (&Method::POST, "clock") => clock(state, request),
        _ => Reply::json(json!({"error": "no such part of the admin API"})).with_status(404),
    }
}

fn about(state: &State) -> Reply {
    Reply::json(
        json!({"upstream": "local", "version": env!("CARGO_PKG_VERSION"), "engine": state.engine.name(),
        "address": state.address.to_string(), "chunking": state.chunking.to_string(),
        "pace_ms": u64::try_from(state.pace.as_millis()).unwrap_or(u64::MAX), "seed": state.seed,
        "parts": ["requests", "stops", "streams", "wait", "faults", "tokens", "clock", "options"]}),
    )
}

fn refused(error: &str) -> Reply {
    Reply::json(json!({"error": error})).with_status(400)
}

async fn wait(state: &State, request: &Request) -> Reply {
    let name = request.query("for").unwrap_or_default();
    let Some(milestone) = Milestone::named(&name) else {
        return refused("`for` must be requests, stops, client_gone or ended");
    };
    let number = |name: &str, default| {
        request.query(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let limit = Duration::from_millis(number("timeout_ms", 5_000).min(MAX_WAIT));
    let reached = tokio::time::timeout(limit, state.journal.reached(milestone, number("count", 1)))
        .await
        .is_ok();
    Reply::json(json!({"reached": reached, "count": state.journal.count(milestone)}))
}

fn fault_list(state: &State) -> Reply {
    let known: Vec<_> =
        faults::names().map(|(name, what)| json!({"fault": name, "what": what})).collect();
    Reply::json(json!({"armed": state.faults.json(), "known": known}))
}

fn arm(state: &State, request: &Request) -> Reply {
    let body = request.json();
    let fault = body["fault"].as_str().unwrap_or_default().parse::<Fault>();
    let times = body["times"].as_u64().and_then(|times| u32::try_from(times).ok());
    let armed = fault.and_then(|fault| {
        state.faults.arm(match times {
            Some(times) => fault.limited_to(times),
            None => fault,
        })
    });
    match armed {
        Ok(()) => fault_list(state),
        Err(error) => refused(&error),
    }
}

async fn tokens(state: &State, request: &Request) -> Reply {
    let body = request.json();
    let form = match body["form"].as_str() {
        None | Some("legacy") => Form::Legacy,
        Some("short") => Form::Short,
        Some(_) => return refused("`form` must be legacy or short"),
    };
    let seconds = body["expires_in"].as_i64().unwrap_or(form.lifetime());
    let (token, expires) = state.token_for(form, seconds);
    let now = state.clock.seconds();
    match state.store.call(move |connection| account::new_refresh_token(connection, now)).await {
        Ok(refresh) => {
            Reply::json(json!({"token": token, "expires_at": expires, "refresh_token": refresh}))
        }
        Err(error) => refused(&error.to_string()).with_status(500),
    }
}

fn options(state: &State, request: &Request) -> Reply {
    let options = request.json();
    let flag = |name: &str| options.get(name).and_then(Value::as_bool);
    let delay = options.get("refresh_delay_ms").and_then(Value::as_u64);
    let (hangs, strict) = (flag("hang_on_odd_thinking_mode"), flag("strict"));
    if hangs.is_none() && strict.is_none() && delay.is_none() {
        return refused(
            "known options: hang_on_odd_thinking_mode and strict (true or false), refresh_delay_ms",
        );
    }
    hangs.inspect(|hangs| state.hangs.store(*hangs, Ordering::Relaxed));
    strict.inspect(|strict| state.is_strict.store(*strict, Ordering::Relaxed));
    delay.inspect(|delay| state.refresh_delay.store((*delay).min(MAX_WAIT), Ordering::Relaxed));
    Reply::json(options)
}

fn clock(state: &State, request: &Request) -> Reply {
    match request.json()["advance"].as_i64() {
        Some(seconds) => {
            state.clock.advance(seconds);
            Reply::json(json!({"time": state.clock.seconds()}))
        }
        None => refused("`advance` must be a number of seconds"),
    }
}
