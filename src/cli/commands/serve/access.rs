//! `serve`: who may come in, and whether that is safe to begin with.

use std::net::IpAddr;
use std::sync::Arc;

use crate::cli::args::{AccessArgs, Proxy};
use crate::cli::failure::Outcome;
use crate::cli::output::now;
use crate::cli::threads::beside;
use crate::domain::{ApiKey, Error, RateLimit, Result};
use crate::net::address::is_loopback;
use crate::server::{AccessOptions, CurrentRates, Rates};
use crate::settings::{Environment, KeyStore, Loaded, Overrides, Settings, load};

/// What the flags and the settings say about who may come in.
pub(super) fn access(args: &AccessArgs, loaded: &Loaded) -> AccessOptions {
    AccessOptions {
        keys: Some(Arc::new(loaded.paths.keys())),
        require_key: args.require_key,
        session_secret: loaded.settings.secret_key.value.clone(),
        session_time: args.session_time,
        rates: Arc::new(CurrentRates::new(rates(&loaded.settings))),
        trusted_proxies: args.trust_proxy.iter().flat_map(Proxy::networks).collect(),
        max_inflight: args.max_inflight,
        max_queue: args.max_queue,
    }
}

fn rates(settings: &Settings) -> Rates {
    Rates {
        requests: settings.rate_limit.value.clone(),
        prompts: settings.rate_limit_send.value.clone(),
    }
}

/// The way to find the limits again. Those of the flags stay what they are.
pub(super) fn reload(
    current: Arc<CurrentRates>,
    flags: Overrides,
    environment: Environment,
) -> impl Fn() -> Result<String> + Send + Sync + 'static {
    move || {
        let new = rates(&load(&flags, &environment)?.settings);
        if *current.get() == new {
            return Ok("the same as before".to_owned());
        }
        let shown = |limits: &[RateLimit]| match RateLimit::list(limits) {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        };
        let words = format!("{}, for prompts {}", shown(&new.requests), shown(&new.prompts));
        current.replace(new);
        Ok(words)
    }
}

/// Whether it makes sense to begin, as [`check`] says. A keys file that cannot be read is told now,
/// and not with the first request.
///
/// # Errors
/// Those of [`check`].
pub(super) async fn guarded(
    store: &KeyStore,
    args: &AccessArgs,
    own_token_at: Option<IpAddr>,
) -> Outcome {
    let (store, require_key) = (store.clone(), args.require_key);
    Ok(beside(move || check(&store, require_key, own_token_at)).await??)
}

/// Whether somebody can come in, and nobody who should not: a key has to exist if one is asked for,
/// or if other machines may use the server's own token. `own_token_at` is the address of a server
/// that has one.
///
/// # Errors
/// If there is no key; if the keys cannot be read.
pub(super) fn check(
    store: &KeyStore,
    require_key: bool,
    own_token_at: Option<IpAddr>,
) -> Result<()> {
    let exposed = own_token_at.filter(|ip| !is_loopback(*ip));
    let (keys, now) = (store.list()?, now());
    let has_key = keys.iter().any(|key: &ApiKey| !key.has_expired(now));
    match exposed {
        _ if has_key => Ok(()),
        Some(ip) => Err(unguarded(ip)),
        None if require_key => Err(keyless()),
        None => Ok(()),
    }
}

fn unguarded(ip: IpAddr) -> Error {
    let message = format!(
        "at {ip} other machines could reach the server's own access token, and there is no API key yet"
    );
    Error::invalid(message).with_hint(
        "make a key with `qwenctl keys create NAME`, or add `--no-server-token`, so that every caller \
         brings a token, or listen at a loopback address (`--host 127.0.0.1`)",
    )
}

fn keyless() -> Error {
    Error::invalid("with `--require-key` nobody could come in: there is no API key that is good")
        .with_hint("make one with `qwenctl keys create NAME`")
}
