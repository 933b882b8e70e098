//! Errors in the formats that SDKs expect.

use std::borrow::Cow;

use hyper::StatusCode;
use hyper::header::HeaderMap;
use serde::Serialize;

use crate::domain::{Error, ErrorKind, RetryAdvice};

/// SDKs wait at most this long, in seconds, and then retry all the same, so a longer wait has to forbid
/// the retry.
const LONGEST_WAIT: u64 = 60;

/// The type and code of OpenAI for a limit that waiting does not help.
const QUOTA: &str = "insufficient_quota";

/// The format of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"error":{"message","type","param","code"}}`
    OpenAi,
    /// `{"type":"error","error":{"type","message"},"request_id"}`
    Anthropic,
}

/// Details of an error for the compatible APIs.
#[derive(Debug, Default)]
pub(crate) struct Detail {
    /// The invalid parameter.
    pub param: Option<String>,
    /// The code, where these APIs have a more specific one than the error table.
    pub code: Option<&'static str>,
    /// The prompt may have been accepted: a retry would send it twice.
    pub may_be_accepted: bool,
    /// No work on the request has started: a retry is safe.
    pub is_untouched: bool,
}

#[derive(Serialize)]
struct OpenAiDocument<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'a str>,
    code: &'a str,
}

#[derive(Serialize)]
struct AnthropicDocument<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: AnthropicError<'a>,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<AnthropicDetails>,
}

/// What makes Anthropic's SDK send the whole history in place of a thread that the server would keep.
#[derive(Serialize)]
struct AnthropicDetails {
    error_code: &'static str,
    unsupported: [&'static str; 1],
}

/// The code of a request for a thread.
pub(crate) const NO_THREADS: &str = "thread_unsupported_request";

impl Shape {
    /// The format for a request; `None` for the envelope. Both SDKs ask for models under the same path.
    pub(crate) fn of_request(path: &str, headers: &HeaderMap) -> Option<Self> {
        let path = tidy(path);
        let is_shared = path == "/v1/models" || path.starts_with("/v1/models/");
        if is_shared && headers.contains_key("anthropic-version") {
            return Some(Self::Anthropic);
        }
        Self::of(&path)
    }

    /// The format for `path`; `None` for the envelope.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v1")?;
        if rest == "/messages" || rest.starts_with("/messages/") {
            return Some(Self::Anthropic);
        }
        (rest.is_empty() || rest.starts_with('/')).then_some(Self::OpenAi)
    }

    /// The JSON of an error response.
    pub(crate) fn body(self, status: StatusCode, error: &Error, detail: &Detail) -> Vec<u8> {
        let message = message(error);
        let document = match self {
            Self::OpenAi => serde_json::to_vec(&openai(status, error, &message, detail)),
            Self::Anthropic => serde_json::to_vec(&anthropic(status, error, &message, detail)),
        };
        document.unwrap_or_else(|_| b"{}".to_vec())
    }

    /// The JSON of an error within a stream.
    pub(crate) fn document(self, error: &Error) -> Vec<u8> {
        let status = StatusCode::from_u16(error.kind().http_status());
        self.body(status.unwrap_or(StatusCode::BAD_GATEWAY), error, &Detail::default())
    }
}

/// `path` without repeated slashes and with one `/v1`: a wrong base URL repeats or lacks it.
pub(crate) fn tidy(path: &str) -> Cow<'_, str> {
    const BARE: [&str; 5] =
        ["/chat/completions", "/messages", "/messages/count_tokens", "/models", "/responses"];
    if BARE.contains(&path) {
        return format!("/v1{path}").into();
    }
    if !path.contains("//") && !path.starts_with("/v1/v1") {
        return path.into();
    }
    let mut tidy = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if tidy != "/v1" || segment != "v1" {
            tidy.push('/');
            tidy.push_str(segment);
        }
    }
    tidy.into()
}

/// These APIs have one text for message and hint.
fn message(error: &Error) -> String {
    match error.hint() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

fn openai<'a>(
    status: StatusCode,
    error: &Error,
    message: &'a str,
    detail: &'a Detail,
) -> OpenAiDocument<'a> {
    let (kind, _) = types(status, error.kind());
    let kind = if is_quota(error) { QUOTA } else { kind };
    let code = detail.code.unwrap_or_else(|| code(error));
    OpenAiDocument { error: OpenAiError { message, kind, param: detail.param.as_deref(), code } }
}

fn anthropic<'a>(
    status: StatusCode,
    error: &'a Error,
    message: &'a str,
    detail: &Detail,
) -> AnthropicDocument<'a> {
    let (_, kind) = types(status, error.kind());
    let request_id = error.request_id();
    let details = (detail.code == Some(NO_THREADS))
        .then_some(AnthropicDetails { error_code: NO_THREADS, unsupported: ["thread"] });
    AnthropicDocument {
        kind: "error",
        error: AnthropicError { kind, message, details },
        request_id,
    }
}

/// The code of OpenAI if there is one, otherwise that of the error table.
pub(crate) fn code(error: &Error) -> &'static str {
    match error.kind() {
        _ if is_quota(error) => QUOTA,
        ErrorKind::TokenMissing | ErrorKind::TokenInvalid | ErrorKind::TokenExpired => {
            "invalid_api_key"
        }
        ErrorKind::ContextTooLong => "context_length_exceeded",
        ErrorKind::ContentRefused => "content_filter",
        ErrorKind::RateLimited => "rate_limit_exceeded",
        kind => kind.code(),
    }
}

/// The type of an error: of OpenAI, and of Anthropic.
fn types(status: StatusCode, kind: ErrorKind) -> (&'static str, &'static str) {
    match (kind, status.as_u16()) {
        (_, 401) => ("authentication_error", "authentication_error"),
        (ErrorKind::RateLimited, _) => ("rate_limit_error", "rate_limit_error"),
        (_, 403) => ("permission_error", "permission_error"),
        (_, 404) => ("invalid_request_error", "not_found_error"),
        (_, 413) => ("invalid_request_error", "request_too_large"),
        (ErrorKind::Timeout, _) => ("server_error", "timeout_error"),
        (_, 503) => ("server_error", "overloaded_error"),
        (_, 400..=499) => ("invalid_request_error", "invalid_request_error"),
        _ => ("server_error", "api_error"),
    }
}

/// Whether a program should not wait. Some ignore `x-should-retry` and would sleep for hours without
/// an exhausted quota as the reason.
fn is_quota(error: &Error) -> bool {
    error.kind() == ErrorKind::RateLimited && !is_soon(error)
}

fn is_soon(error: &Error) -> bool {
    error.retry_after().is_none_or(|delay| delay.as_secs() <= LONGEST_WAIT)
}

/// Whether a program may retry the request.
pub(crate) fn may_retry(error: &Error, detail: &Detail) -> bool {
    let soon = is_soon(error);
    match error.kind().retry() {
        // Running work was stopped on request, or may continue upstream.
        _ if error.kind() == ErrorKind::Interrupted => detail.is_untouched,
        RetryAdvice::Never => false,
        RetryAdvice::Later => soon,
        RetryAdvice::UnlessAccepted => soon && !detail.may_be_accepted,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_path_decides_the_format() {
        for path in ["/v1", "/v1/", "/v1/models", "/v1/nothing", "/v1/messagesx"] {
            assert_eq!(Shape::of(path), Some(Shape::OpenAi), "{path}");
        }
        for path in ["/v1/messages", "/v1/messages/", "/v1/messages/x"] {
            assert_eq!(Shape::of(path), Some(Shape::Anthropic), "{path}");
        }
        for path in ["/", "/api/chats", "/v10", "/v1x/models", "/api/v1"] {
            assert_eq!(Shape::of(path), None, "{path}");
        }
    }

    #[test]
    fn a_retry_is_advised_only_where_it_is_safe_and_soon() {
        let of = |kind| Error::new(kind, "x");
        let sent = Detail { may_be_accepted: true, ..Detail::default() };
        let unsent = Detail::default();
        let late = of(ErrorKind::RateLimited).with_retry_after(Some(Duration::from_hours(3)));
        assert!(!may_retry(&late, &unsent));
        assert!(may_retry(&of(ErrorKind::RateLimited), &unsent));
        assert!(may_retry(&of(ErrorKind::ChatInProgress), &sent));
        assert!(may_retry(&of(ErrorKind::Timeout), &unsent));
        assert!(!may_retry(&of(ErrorKind::Timeout), &sent));
        let untouched = Detail { is_untouched: true, ..Detail::default() };
        assert!(may_retry(&of(ErrorKind::Interrupted), &untouched));
        assert!(!may_retry(&of(ErrorKind::Interrupted), &unsent));
        assert!(!may_retry(&of(ErrorKind::Interrupted), &sent));
        assert!(!may_retry(&of(ErrorKind::BrowserCheck), &unsent));
        assert!(!may_retry(&of(ErrorKind::Internal), &unsent));
    }
}
