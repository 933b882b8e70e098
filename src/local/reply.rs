//! A response before it becomes HTTP: status, headers and a body that may be a stream.

use std::time::Duration;

use serde_json::{Value, json};

use super::store::Store;
use super::stream::body::ChunkedBody;

/// A response.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status on the wire.
    pub status: u16,
    /// The value of `x-actual-status-code` where it differs from the wire (protocol 1.4).
    pub effective: Option<u16>,
    /// The content type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// The delay of the response; `Duration::MAX` sends none.
    pub delay: Duration,
}

/// The body of a response.
#[derive(Debug)]
pub(super) enum Body {
    /// A JSON document.
    Json(Value),
    /// Bytes as they are; empty means `Content-Length: 0`.
    Text(String),
    /// A stream of events.
    Events(ChunkedBody),
    /// The bytes of an uploaded file.
    Object { id: String, store: Store },
}

impl Reply {
    /// A bare JSON document (the old endpoints, protocol 1.1).
    pub(super) fn json(value: Value) -> Self {
        Self {
            status: 200,
            effective: None,
            content_type: "application/json",
            headers: Vec::new(),
            body: Body::Json(value),
            delay: Duration::ZERO,
        }
    }

    /// A body that is not (necessarily) JSON.
    pub(super) fn text(content_type: &'static str, text: impl Into<String>) -> Self {
        Self { content_type, body: Body::Text(text.into()), ..Self::json(Value::Null) }
    }

    /// The success envelope (protocol 1.3).
    pub(super) fn success(request_id: &str, data: &Value) -> Self {
        Self::json(json!({"success": true, "request_id": request_id, "data": data}))
    }

    /// The failure envelope (protocol 1.3), status 200 as the gateway sends it.
    pub(super) fn failure(request_id: &str, code: &str, details: &str) -> Self {
        let data = json!({"code": code, "details": details});
        Self::json(json!({"success": false, "request_id": request_id, "data": data}))
    }

    /// A missing, rejected or expired token (protocol 15).
    pub(super) fn unauthorized(request_id: &str) -> Self {
        Self::failure(request_id, "unauthorized", "Token has expired, please log in again.")
            .effectively(401)
    }

    /// A browser check as JSON (protocol 8.4).
    pub(super) fn browser_check() -> Self {
        Self::json(json!({"ret": ["FAIL_SYS_USER_VALIDATE", "RGV587_ERROR::SM::busy"],
            "data": {"url": "https://chat.qwen.ai/api/v2/chat/completions/_____tmd_____/punish?x5secdata=EXAMPLE&x5step=2&action=captcha&pureCaptcha="}}))
    }

    /// An unknown, deleted or foreign chat (protocol 5.5).
    pub(super) fn no_such_chat(request_id: &str) -> Self {
        Self::failure(
            request_id,
            "Not_Found",
            "This conversation has been deleted or does not exist.",
        )
    }

    /// With another status on the wire.
    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a status that only `x-actual-status-code` shows.
    pub(super) fn effectively(mut self, status: u16) -> Self {
        self.effective = Some(status);
        self
    }

    /// With one more header.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Delayed.
    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}
