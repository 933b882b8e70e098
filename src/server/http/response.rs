//! Responses: JSON in one envelope, and errors, under `/v1` in the formats that SDKs expect
//! (`error_format`).
//!
//! Constructors are named after their meaning. The causes of an error go to the log and are never sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde::Serialize;
use warp::reply::Response;

use crate::app::documents::ErrorDocument;
use crate::domain::{Error, ErrorKind, RetryAdvice};
use crate::server::http::error_format::{Detail, Shape, may_retry};
use crate::server::log::Ending;

/// The result of a handler.
pub(crate) type Outcome = Result<Response, ErrorResponse>;

/// An error as a response.
#[derive(Debug)]
pub(crate) struct ErrorResponse {
    /// The error.
    pub error: Error,
    /// The status, where HTTP has a more specific one than the error table.
    status: Option<StatusCode>,
    /// A header that says what is supported.
    supported: Option<(HeaderName, String)>,
    /// Details for the compatible APIs.
    detail: Detail,
}

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        let error = error.for_clients();
        Self { error, status: None, supported: None, detail: Detail::default() }
    }
}

/// What an error response needs of its request.
pub(crate) struct Recipient {
    /// The id of the request.
    pub request_id: String,
    /// The format of errors under its path; `None` is the envelope.
    shape: Option<Shape>,
}

impl Recipient {
    /// The request with this id, whose client expects errors in this `shape`.
    pub(crate) fn new(request_id: &str, shape: Option<Shape>) -> Self {
        Self { request_id: request_id.to_owned(), shape }
    }

    /// Adds the request id to the headers of a response.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        let Ok(id) = HeaderValue::from_str(&self.request_id) else { return };
        if self.shape == Some(Shape::Anthropic) {
            headers.insert("request-id", id.clone());
        }
        headers.insert("x-request-id", id);
    }
}

impl ErrorResponse {
    fn with_status(status: StatusCode, error: Error) -> Self {
        Self { status: Some(status), ..error.into() }
    }

    /// Adds details for the compatible APIs.
    pub(crate) fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// Marks an error after the prompt was sent: the upstream may have accepted it.
    pub(crate) fn after_sending(mut self) -> Self {
        self.detail.may_be_accepted = true;
        self
    }

    /// The path is unknown.
    pub(crate) fn no_such_route() -> Self {
        Error::new(ErrorKind::NotFound, "there is no such route")
            .with_hint("`GET /openapi.json` describes all routes")
            .into()
    }

    /// A wrong base URL leads to another path than is `meant`.
    pub(crate) fn wrong_base(meant: &str) -> Self {
        Error::new(
            ErrorKind::NotFound,
            "there is no such route: the path repeats `/` or `/v1`, or lacks `/v1`",
        )
        .with_hint(format!(
            "the path is `{meant}`; the base URL ends with `/v1` for OpenAI SDKs, and without it \
                 for Anthropic SDKs"
        ))
        .into()
    }

    /// The path does not support this method.
    pub(crate) fn wrong_method(method: &str, allow: String) -> Self {
        let error = Error::invalid(format!("this route does not support the method {method}"))
            .with_hint(format!("use one of {allow}"));
        let refusal = Self::with_status(StatusCode::METHOD_NOT_ALLOWED, error);
        Self { supported: Some((ALLOW, allow)), ..refusal }
    }

    /// The content type is not JSON.
    pub(crate) fn not_json() -> Self {
        let error =
            Error::invalid("the body must be JSON, sent as `Content-Type: application/json`");
        Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
    }

    /// The body has a form that cannot be read; these `codings` can.
    pub(crate) fn unsupported_media(message: impl Into<String>, codings: Option<&str>) -> Self {
        let error = Error::invalid(message);
        Self {
            supported: codings.map(|codings| (ACCEPT_ENCODING, codings.to_owned())),
            ..Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
        }
    }

    /// The body is longer than `limit` bytes.
    pub(crate) fn body_too_long(limit: usize) -> Self {
        let error = Error::invalid(format!("the body is longer than {limit} bytes"))
            .with_hint("start the server with a larger `--max-body`");
        Self::with_status(StatusCode::PAYLOAD_TOO_LARGE, error)
    }

    /// The head of the request is longer than `limit` bytes.
    pub(crate) fn head_too_long(limit: usize) -> Self {
        let error = Error::invalid(format!("the headers are longer than {limit} bytes together"));
        Self::with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, error)
    }

    /// The body took too long.
    pub(crate) fn body_too_slow() -> Self {
        let error = Error::invalid("the rest of the body did not arrive in time");
        Self::with_status(StatusCode::REQUEST_TIMEOUT, error)
    }

    /// The server is shutting down and has not started to work on the request.
    pub(crate) fn shutting_down() -> Self {
        let detail = Detail { is_untouched: true, ..Detail::default() };
        Self::from(shutting_down()).with_detail(detail)
    }

    /// The queue for concurrent requests is full, or the wait took too long.
    pub(crate) fn overloaded() -> Self {
        let error = Error::new(ErrorKind::RateLimited, "the server is overloaded")
            .with_hint("try again in a moment")
            .with_retry_after(Some(Duration::from_secs(2)));
        Self::with_status(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    /// The response, in the format of errors under the path of the request.
    pub(crate) fn into_response(self, recipient: &Recipient) -> Response {
        let Self { error, status, supported, detail } = self;
        let error = error.with_request_id(Some(recipient.request_id.clone()));
        let status = status.unwrap_or_else(|| status_of(error.kind()));
        let mut response = match recipient.shape {
            None => refused(status, &error, &ErrorDocument::from(&error)),
            Some(shape) => {
                let body = shape.body(status, &error, &detail);
                let mut response = failed(json_bytes(status, body.into()), status, &error);
                let retry = if may_retry(&error, &detail) { "true" } else { "false" };
                let retry = HeaderValue::from_static(retry);
                response.headers_mut().insert("x-should-retry", retry);
                response
            }
        };
        if let Some((name, value)) = supported
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// An error in a document with more than the envelope.
pub(crate) fn refused_with(error: &Error, document: &impl Serialize) -> Response {
    refused(status_of(error.kind()), error, document)
}

/// An error in a document and with a status of its own.
fn refused(status: StatusCode, error: &Error, document: &impl Serialize) -> Response {
    failed(json_with(status, document), status, error)
}

/// Adds the headers and the log entry of an error to its response.
fn failed(mut response: Response, status: StatusCode, error: &Error) -> Response {
    advise(response.headers_mut(), error, status);
    response.extensions_mut().insert(Ending::failed(error));
    response
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// The server is shutting down.
pub(crate) fn shutting_down() -> Error {
    Error::new(ErrorKind::Interrupted, "the server is shutting down")
        .with_hint("try again when it is back")
}

/// An internal fault, without details.
pub(crate) fn internal() -> Error {
    Error::new(ErrorKind::Internal, "something went wrong in the server")
        .with_hint("see the server's log for this request id")
}

/// The status of the error table.
pub(crate) fn status_of(kind: ErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.http_status()).unwrap_or(StatusCode::BAD_GATEWAY)
}

/// Adds when to retry, whether to retry, and how to authenticate.
fn advise(headers: &mut HeaderMap, error: &Error, status: StatusCode) {
    if let Some(delay) = error.retry_after() {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, seconds.into());
        if let Ok(millis) = u64::try_from(delay.as_millis()) {
            headers.insert("retry-after-ms", millis.into());
        }
    } else if status == StatusCode::SERVICE_UNAVAILABLE && error.kind() == ErrorKind::Interrupted {
        headers.insert(RETRY_AFTER, 5.into());
    }
    if error.kind().retry() == RetryAdvice::Never && status.is_server_error() {
        headers.insert("x-should-retry", HeaderValue::from_static("false"));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
}

/// A successful document.
#[allow(clippy::unnecessary_wraps, reason = "the last expression of handlers")]
pub(crate) fn json(document: &impl Serialize) -> Outcome {
    Ok(json_with(StatusCode::OK, document))
}

/// A document with a status of its own.
pub(crate) fn json_with(status: StatusCode, document: &impl Serialize) -> Response {
    // Answers of models are longer than the 128 bytes that `to_vec` starts with.
    let mut body = Vec::with_capacity(4 << 10);
    match serde_json::to_writer(&mut body, document) {
        Ok(()) => json_bytes(status, body.into()),
        Err(_) => json_bytes(
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"success":false,"error":"something went wrong in the server","code":"internal"}"#
                .into(),
        ),
    }
}

/// A serialized document with a status of its own.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
