//! The use cases that the command line and the server share.
//!
//! What this module keeps true: a use case acts through the [`crate::client::Session`] that it gets, so
//! that a server can call it with another account for each request; it does not print, prompt or know
//! of a terminal; its results can be printed or put into the one set of `documents`.

pub(crate) mod answer;
pub(crate) mod archive;
pub(crate) mod attach;
pub(crate) mod branches;
pub(crate) mod chats;
pub(crate) mod code;
pub mod deletion;
pub mod direct;
pub(crate) mod doctor;
pub(crate) mod documents;
pub mod ephemeral;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod import;
pub mod keys;
pub mod quota;
pub(crate) mod token;

use crate::client::{ClientConfig, NoticeSink, RequestLimits, Timeouts, Timing};
use crate::domain::{Error, ErrorKind, Result, UploadStore, WHERE_TO_FIND};
use crate::settings::{FoundTokens, Settings};

/// The client, for callers that only pass it on or observe it.
pub use crate::client::{
    CallEnding, CallReport, Client, FileSource, Hold, MAX_FILE_BYTES, Mark, Observer, Session,
};

/// The client that `settings` ask for. Reads the CA file, makes no connection.
///
/// # Errors
/// If the CA file cannot be read, or the client does not accept a setting.
pub(crate) fn client(settings: &Settings, notices: NoticeSink) -> Result<Client> {
    let extra_ca_pem = settings.extra_ca_pem()?;
    Client::new(ClientConfig { extra_ca_pem, ..client_config(settings, notices) })
}

/// The same, which remembers uploads in `uploads` across runs.
///
/// # Errors
/// As with [`client`].
pub(crate) fn remembering_client(
    settings: &Settings,
    notices: NoticeSink,
    uploads: Option<Box<dyn UploadStore>>,
) -> Result<Client> {
    let (extra_ca_pem, uploads) = (settings.extra_ca_pem()?, uploads.map(Into::into));
    Client::new(ClientConfig { extra_ca_pem, uploads, ..client_config(settings, notices) })
}

/// A client for tests that make no request.
#[cfg(test)]
#[allow(clippy::missing_panics_doc, reason = "only for tests")]
pub(crate) fn idle_client() -> Client {
    let config = ClientConfig { ignore_environment_proxy: true, ..ClientConfig::default() };
    Client::new(config).expect("a client")
}

/// The configuration of the client from `settings`, without the contents of files: the CA certificates.
pub(crate) fn client_config(settings: &Settings, notices: NoticeSink) -> ClientConfig {
    ClientConfig {
        api_url: settings.api_url.value.clone(),
        auth_url: settings.auth_url.value.clone(),
        web_version: settings.web_version.value.clone(),
        user_agent: settings.user_agent.value.clone(),
        cookie: settings.cookie.value.clone(),
        carrier: settings.carrier.value,
        extra_headers: settings.extra_headers.value.clone(),
        private_header: None,
        proxy: settings.proxy.value.clone(),
        ignore_environment_proxy: false,
        extra_ca_pem: None,
        takes_roles: false,
        uploads: None,
        request_limits: Some(RequestLimits {
            warn: limit(settings.prompt_warning.value),
            most: limit(settings.prompt_limit.value),
        }),
        timeouts: Timeouts {
            connect: settings.connect_timeout.value,
            idle: settings.idle_timeout.value,
            total: settings.max_time.value,
        },
        timing: Timing::default(),
        notices,
    }
}

/// A size in bytes, where 0 is no limit.
fn limit(bytes: u64) -> usize {
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(usize::MAX)
}

/// A session with `found`; refreshed tokens go to where they belong.
///
/// # Errors
/// [`ErrorKind::TokenMissing`] if there are no tokens.
pub(crate) fn session(client: &Client, found: Option<FoundTokens>) -> Result<Session> {
    let found = found.ok_or_else(token_missing)?;
    Ok(client.session(found.tokens, Some(found.store)))
}

/// The error for a user who has not signed in yet.
pub(crate) fn token_missing() -> Error {
    Error::new(ErrorKind::TokenMissing, "there is no access token").with_hint(format!(
        "{WHERE_TO_FIND} (or set QWEN_TOKEN); to try qwenctl without an account, add `--local`"
    ))
}
