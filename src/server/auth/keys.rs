//! Whose a key is, and what it allows.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::credentials::Key;
use super::session::{Bad, Sessions};
use super::unreadable;
use crate::app::keys::hash;
use crate::domain::time::now;
use crate::domain::{ApiKey, Error, ErrorKind, Keyring, Result, Scope};

/// Why there is no holder though there is a key.
pub(crate) enum WrongKey {
    /// It is not good.
    Refused(Error),
    /// Nobody knows.
    Unreadable(Error),
}

impl From<Error> for WrongKey {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Internal => Self::Unreadable(error),
            _ => Self::Refused(error),
        }
    }
}

/// The key that a request was made with; `None` if it brought none.
///
/// # Errors
/// If it is not good at `now` (seconds since 1970), or that cannot be known.
pub(super) async fn find(
    presented: &Key,
    keys: Option<&Arc<dyn Keyring>>,
    sessions: &Sessions,
    now: i64,
) -> Result<Option<ApiKey>, WrongKey> {
    match presented {
        Key::None => Ok(None),
        Key::Unusable => Err(WrongKey::Refused(several())),
        Key::Text(text) => Ok(Some(by_key(keys, text.expose_secret(), now).await?)),
        Key::Session(token) => {
            let id = sessions.check(token.expose_secret(), now).map_err(|bad| match bad {
                Bad::Unknown => unknown_session(),
                Bad::Ended => ended_session(),
            })?;
            let key = ask(keys, move |keys| keys.by_id(&id)).await?.ok_or_else(unknown_session)?;
            Ok(Some(alive(key, now)?))
        }
    }
}

/// The key with this text.
///
/// # Errors
/// As [`find`].
pub(super) async fn by_key(
    keys: Option<&Arc<dyn Keyring>>,
    text: &str,
    now: i64,
) -> Result<ApiKey> {
    let hash = hash(text);
    let key = ask(keys, move |keys| keys.by_hash(&hash)).await?;
    alive(key.ok_or_else(unknown_key)?, now)
}

/// Why the holder of `key` may not go on, if that is so; without a key it was revoked.
pub(super) fn lost(key: Option<&ApiKey>) -> Option<Error> {
    match key {
        None => Some(revoked()),
        Some(key) if key.has_expired(now()) => Some(expired()),
        Some(_) => None,
    }
}

/// Keys lie in a file, so they are asked for beside the threads that serve.
async fn ask(
    keys: Option<&Arc<dyn Keyring>>,
    question: impl FnOnce(&dyn Keyring) -> Result<Option<ApiKey>> + Send + 'static,
) -> Result<Option<ApiKey>> {
    let Some(keys) = keys.cloned() else { return Ok(None) };
    let answer = tokio::task::spawn_blocking(move || question(&*keys)).await;
    answer.unwrap_or_else(|_| Err(crate::server::http::response::internal())).map_err(unreadable)
}

fn alive(key: ApiKey, now: i64) -> Result<ApiKey> {
    if key.has_expired(now) {
        return Err(expired());
    }
    Ok(key)
}

/// Whether `holder` may do what needs `scope`. Without a key it is up to the handler whose token is
/// used, unless keys are required.
///
/// # Errors
/// [`ErrorKind::TokenMissing`], [`ErrorKind::Forbidden`].
pub(super) fn check(holder: Option<&ApiKey>, scope: Scope, is_required: bool) -> Result<()> {
    match holder {
        Some(key) if key.scope >= scope => Ok(()),
        Some(key) => {
            let message = format!("this API key may only {}", key.scope.about());
            let hint = format!("use a key with the scope `{scope}`");
            Err(Error::new(ErrorKind::Forbidden, message).with_hint(hint))
        }
        None if is_required => {
            Err(Error::new(ErrorKind::TokenMissing, "this server asks for an API key")
                .with_hint("send one as `Authorization: Bearer qk-…` or `x-api-key: qk-…`"))
        }
        None => Ok(()),
    }
}

fn unknown_key() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key is not known to this server")
        .with_hint("it may have been revoked; `qwenctl keys list` shows those that are good")
}

fn expired() -> Error {
    Error::new(ErrorKind::TokenExpired, "the API key has expired")
        .with_hint("ask whoever runs this server for a new one (`qwenctl keys create`)")
}

fn revoked() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key of this request was revoked meanwhile")
        .with_hint("ask whoever runs this server for a new one (`qwenctl keys create`)")
}

fn unknown_session() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the session token is not good any more")
        .with_hint("log in again: `POST /api/login` with an API key")
}

fn ended_session() -> Error {
    Error::new(ErrorKind::TokenExpired, "the session has ended")
        .with_hint("log in again: `POST /api/login` with an API key")
}

fn several() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the API key cannot be used")
        .with_hint("send one, once: as `Authorization: Bearer qk-…` or `x-api-key: qk-…`")
}
