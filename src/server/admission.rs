//! What every request passes before its handler sees it: who asks, how often they have, whether they
//! may, and a place among the requests that are worked on. `access` decides each of these.

use std::sync::Arc;
use std::time::Instant;

use hyper::header::HeaderMap;
use hyper::http::request;
use secrecy::ExposeSecret as _;

use crate::domain::time;
use crate::domain::{ErrorKind, Result};
use crate::server::auth::{
    Place, Rates, Token, WrongKey, count, count_wrong_key, limits_for, network_of, token_hash,
};
use crate::server::http::response::ErrorResponse;
use crate::server::request::RequestContext;
use crate::server::shared::Subject;
use crate::server::table::{Need, RequestKind};

/// What goes with a request that was let in, or with the refusal.
#[derive(Default)]
pub(super) struct Admission {
    /// How the caller stands with the limits, for the head of the answer.
    pub headers: HeaderMap,
    /// The place among the requests that are worked on, until the answer is sent.
    pub place: Option<Place>,
}

/// Lets the request `call` in, or not. `admission` holds what is known by then in either case.
///
/// # Errors
/// 401 without a good key where one is needed, 403 if it does not allow this, 429 past a limit, 503 if
/// there is no place.
pub(super) async fn admit(
    call: &mut RequestContext,
    head: &request::Parts,
    admission: &mut Admission,
) -> Result<(), ErrorResponse> {
    let state = Arc::clone(&call.state);
    let access = &state.access;
    call.address = access.client(call.peer, &head.headers);
    let need = call.route.need;
    if need == Need::Nothing {
        return Ok(());
    }
    let (identified, now) = (identify(call).await, Instant::now());
    let subject = subject(call, now).await?;
    if call.route.is_counted() {
        let rates = access.rates();
        let is_prompt = call.route.kind == RequestKind::Prompt;
        let limits = limits_for(&rates, call.holder.as_ref(), is_prompt);
        count(&state.shared, &subject, limits, now, &mut admission.headers).await?;
    }
    match identified {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::RateLimited => return Err(error.into()),
        Err(_) if need == Need::NoKey => {}
        Err(error) => return Err(error.into()),
    }
    if let Need::Scope(scope) = need {
        access.check(call.holder.as_ref(), scope)?;
    }
    if call.route.is_counted() {
        admission.place = access.place().await?;
    }
    Ok(())
}

/// Finds out whose the key of the request is.
async fn identify(call: &mut RequestContext) -> Result<()> {
    let state = Arc::clone(&call.state);
    match state.access.holder(&call.credentials, time::now()).await {
        Ok(holder) => call.holder = holder,
        Err(WrongKey::Unreadable(error)) => return Err(error),
        Err(WrongKey::Refused(error)) => {
            count_wrong_key(&state.shared, call.address).await?;
            return Err(error);
        }
    }
    Ok(())
}

/// Who is counted: the holder of a key, an account that is known to be the caller's, or an address.
async fn subject(call: &mut RequestContext, now: Instant) -> Result<Subject> {
    if let Some(key) = &call.holder {
        return Ok(Subject::Key(key.id.clone()));
    }
    let has_limits = *call.state.access.rates() != Rates::default();
    if let (Token::One(token), true) = (&call.credentials.token, has_limits) {
        let hash = token_hash(token.expose_secret());
        match call.state.shared.accepted.account(hash, now).await? {
            Some(account) => return Ok(Subject::Account(account)),
            None => call.unproven = Some(hash),
        }
    }
    Ok(Subject::Address(network_of(call.address)))
}

/// The upstream has accepted the token that the caller brought: from now on it says whose it is.
pub(super) async fn accepted(call: &RequestContext) {
    if let (Some(hash), Some(account)) = (call.unproven, call.own_account()) {
        call.state.shared.accepted.remember(hash, account, Instant::now()).await;
    }
}
