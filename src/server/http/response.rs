//! The one envelope: every answer that is not a stream or a page is made here, also failures in the
//! shapes that SDKs expect instead of the envelope (`error_format`).
//!
//! Constructors are named by their meaning. A failure's cause stays in the log's reach and is never
//! sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde::Serialize;
use warp::reply::Response;

use crate::app::documents::ErrorDocument;
use crate::domain::{Error, ErrorKind, RetryAdvice};
use crate::server::http::error_format::{Detail, Shape};
use crate::server::log::Ending;

/// What a handler gives.
pub(crate) type Outcome = Result<Response, ErrorResponse>;

/// A failure on its way to the caller.
#[derive(Debug)]
pub(crate) struct ErrorResponse {
    /// What went wrong.
    pub error: Error,
    /// The status, where HTTP has a finer one than the error table.
    status: Option<StatusCode>,
    /// The methods to put into `Allow`.
    allow: Option<String>,
    /// What only the compatible APIs tell.
    detail: Detail,
}

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        Self { error, status: None, allow: None, detail: Detail::default() }
    }
}

/// What a refusal has to know of its request.
pub(crate) struct Recipient {
    /// The id of the request.
    pub request_id: String,
    /// The shape that callers of its path expect; none is the envelope.
    shape: Option<Shape>,
}

impl Recipient {
    /// Of the request with this id, for `path`.
    pub(crate) fn new(request_id: &str, path: &str) -> Self {
        Self { request_id: request_id.to_owned(), shape: Shape::of(path) }
    }

    /// Puts the id of the request into the headers of its answer.
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

    /// Adds what only the compatible APIs tell.
    pub(crate) fn with_detail(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// It came after the prompt was sent, which the upstream may have accepted.
    pub(crate) fn after_sending(mut self) -> Self {
        self.detail.may_be_accepted = true;
        self
    }

    /// There is nothing at this path.
    pub(crate) fn no_such_route() -> Self {
        Error::new(ErrorKind::NotFound, "there is no such route")
            .with_hint("`GET /openapi.json` describes all routes")
            .into()
    }

    /// The path is known, but not with this method.
    pub(crate) fn wrong_method(method: &str, allow: String) -> Self {
        let error = Error::invalid(format!("this route does not know the method {method}"))
            .with_hint(format!("use one of {allow}"));
        Self { allow: Some(allow), ..Self::with_status(StatusCode::METHOD_NOT_ALLOWED, error) }
    }

    /// The body is not declared to be JSON.
    pub(crate) fn not_json() -> Self {
        let error = Error::invalid("the body has to be JSON, and to be declared so")
            .with_hint("send `Content-Type: application/json`");
        Self::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
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

    /// The body did not come.
    pub(crate) fn body_too_slow() -> Self {
        let error = Error::invalid("the rest of the body did not come in time");
        Self::with_status(StatusCode::REQUEST_TIMEOUT, error)
    }

    /// The server is about to end, and begins no work on the request.
    pub(crate) fn shutting_down() -> Self {
        let detail = Detail { is_untouched: true, ..Detail::default() };
        Self::from(shutting_down()).with_detail(detail)
    }

    /// More is asked of the server than it takes on at a time.
    pub(crate) fn overloaded() -> Self {
        let error =
            Error::new(ErrorKind::RateLimited, "the server has too much to do at the moment")
                .with_hint("ask again in a moment")
                .with_retry_after(Some(Duration::from_secs(2)));
        Self::with_status(StatusCode::SERVICE_UNAVAILABLE, error)
    }

    /// The answer to what was asked, in the shape that callers of its path expect.
    pub(crate) fn into_response(self, recipient: &Recipient) -> Response {
        let Self { error, status, allow, detail } = self;
        let error = error.with_request_id(Some(recipient.request_id.clone()));
        let status = status.unwrap_or_else(|| status_of(error.kind()));
        let mut response = match recipient.shape {
            None => refused(status, &error, &ErrorDocument::from(&error)),
            Some(shape) => shape.refused(status, &error, &detail),
        };
        if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

/// A failure in a document that says more than the envelope.
pub(crate) fn refused_with(error: &Error, document: &impl Serialize) -> Response {
    refused(status_of(error.kind()), error, document)
}

/// A failure in a document and with a status of its own.
pub(crate) fn refused(status: StatusCode, error: &Error, document: &impl Serialize) -> Response {
    let mut response = json_with(status, document);
    advise(response.headers_mut(), error, status);
    response.extensions_mut().insert(Ending::failed(error));
    response
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// The server is about to end.
pub(crate) fn shutting_down() -> Error {
    Error::new(ErrorKind::Interrupted, "the server is shutting down")
        .with_hint("ask again when it is back")
}

/// Our own fault. The details stay here.
pub(crate) fn internal() -> Error {
    Error::new(ErrorKind::Internal, "something went wrong in the server")
        .with_hint("see the server's log for this request id")
}

/// The status of the error table.
pub(crate) fn status_of(kind: ErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.http_status()).unwrap_or(StatusCode::BAD_GATEWAY)
}

/// When and whether to ask again, and how to sign in.
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

/// A document that says that all went well.
#[allow(clippy::unnecessary_wraps, reason = "it is the last line of handlers")]
pub(crate) fn json(document: &impl Serialize) -> Outcome {
    Ok(json_with(StatusCode::OK, document))
}

/// A document with a status of its own.
pub(crate) fn json_with(status: StatusCode, document: &impl Serialize) -> Response {
    // Answers of models are longer than the 128 bytes that `to_vec` begins with.
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

/// A document that is written already, with a status of its own.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
