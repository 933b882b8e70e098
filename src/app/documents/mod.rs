//! The JSON documents of the product: what `--json` prints and what the server sends are the same
//! structs. Times are seconds since 1970. Members that have no value are left out where not every
//! answer has them (thinking, citations, usage); they are `null` elsewhere.

mod account;
mod chats;
mod keys;
mod reply;

use std::time::Duration;

use serde::Serialize;

pub(crate) use account::{ModelsDocument, RefreshDocument, StatsDocument, TokenDocument};
pub(crate) use chats::{ChatData, ChatsDocument, DeletionsDocument, DryRunDocument, NewChatData};
pub(crate) use keys::{KeyData, KeysDocument, LoginDocument, NewKeyData};
pub(crate) use reply::{EventDocument, QuickDocument, ReplyData};

use crate::domain::Error;

/// `{"success":true,"data":…}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DataDocument<T> {
    success: bool,
    data: T,
}

impl<T> DataDocument<T> {
    /// The document that says that all went well, and holds `data`.
    pub(crate) fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// `{"success":true,"message":"…"}`: something was done, and there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DoneDocument {
    success: bool,
    message: String,
}

impl DoneDocument {
    /// The document that says what was done.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { success: true, message: message.into() }
    }

    /// A chat was deleted.
    pub(crate) fn chat_deleted() -> Self {
        Self::new("Chat deleted successfully")
    }

    /// A chat was renamed.
    pub(crate) fn chat_renamed() -> Self {
        Self::new("Chat renamed successfully")
    }
}

/// `{"success":true,"stopped":…}`: what came of the wish to stop an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StoppedDocument {
    success: bool,
    stopped: bool,
}

impl StoppedDocument {
    /// The document that says whether there was anything to stop.
    pub(crate) fn new(stopped: bool) -> Self {
        Self { success: true, stopped }
    }
}

/// A failure: `code` is one of [`crate::domain::ErrorKind`].
#[derive(Debug, Serialize)]
pub(crate) struct ErrorDocument<'a> {
    success: bool,
    error: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<ReplyData<'a>>,
}

impl<'a> From<&'a Error> for ErrorDocument<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            success: false,
            error: error.message(),
            code: error.kind().code(),
            hint: error.hint(),
            request_id: error.request_id(),
            retry_after: error.retry_after().map(whole_seconds),
            partial: error.partial().map(ReplyData::from),
        }
    }
}

/// A part of a second is rounded up: to ask again earlier would be too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}
