//! Bodies of requests: read within bounds, and taken apart so that an error names the member.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::domain::{Error, Result};
use crate::server::http::response::ErrorResponse;
use crate::server::request::RequestContext;

/// How long the rest of a body that is too long is read and thrown away, so that its sender gets to
/// read why it was refused.
const DISCARD_FOR: Duration = Duration::from_secs(2);

/// The members of a JSON object.
#[derive(Debug, Default)]
pub(super) struct Members(Map<String, Value>);

/// Reads the JSON object that the body of `call` has to be.
///
/// # Errors
/// 415, 413, 408, or [`crate::domain::ErrorKind::InvalidRequest`].
pub(super) async fn members<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<Members, ErrorResponse> {
    if call.content_type.as_deref() != Some("application/json") {
        return Err(ErrorResponse::not_json());
    }
    let bytes = whole(call, body).await?;
    Ok(Members(object(&bytes)?))
}

/// Reads the body of a route that needs none; what there is must be declared to be JSON all the same,
/// so that a form on a foreign page cannot send it.
///
/// # Errors
/// 415, 413 or 408.
pub(super) async fn nothing<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<(), ErrorResponse> {
    let declared = call.content_type.as_deref();
    let is_json = declared.is_none_or(|kind| kind == "application/json");
    let is_empty = whole(call, body).await?.is_empty();
    let fits = is_json && (is_empty || declared.is_some());
    if fits { Ok(()) } else { Err(ErrorResponse::not_json()) }
}

async fn whole<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<BytesMut, ErrorResponse> {
    let limits = &call.state.limits;
    let end = Instant::now() + limits.upload;
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::new();
    loop {
        let next = end.min(Instant::now() + limits.patience);
        let piece = timeout_at(next, body.next()).await;
        let mut piece = match piece.map_err(|_| ErrorResponse::body_too_slow())? {
            None => return Ok(bytes),
            Some(Err(_)) => return Err(Error::invalid("the body broke off").into()),
            Some(Ok(piece)) => piece,
        };
        if bytes.len() + piece.remaining() > limits.body {
            let rest = body.take_while(|piece| std::future::ready(piece.is_ok()));
            let _ = tokio::time::timeout(DISCARD_FOR, rest.for_each(async |_| ())).await;
            return Err(ErrorResponse::body_too_long(limits.body));
        }
        while piece.has_remaining() {
            let chunk = piece.chunk();
            bytes.extend_from_slice(chunk);
            let length = chunk.len();
            piece.advance(length);
        }
    }
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::invalid("the body has to be a JSON object")
            .with_hint(r#"such as {"message":"Hello"}"#)),
        Err(_) if bytes.is_empty() => Err(Error::invalid("the body is empty")
            .with_hint(r#"send a JSON object, such as {"message":"Hello"}"#)),
        Err(_) if std::str::from_utf8(bytes).is_err() => {
            Err(Error::invalid("the body is not UTF-8"))
        }
        Err(fault) => Err(Error::invalid(format!("the body is not JSON: {fault}"))),
    }
}

impl Members {
    /// All of them.
    pub(super) fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A text that has to be there.
    ///
    /// # Errors
    /// If it is missing, empty or not a text.
    pub(super) fn text(&self, name: &str) -> Result<&str> {
        match self.0.get(name) {
            None | Some(Value::Null) => Err(Error::invalid(format!("`{name}` is missing"))),
            Some(Value::String(text)) if text.is_empty() => {
                Err(Error::invalid(format!("`{name}` is empty")))
            }
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(wrong_type(name, "a string", other)),
        }
    }

    /// A text that may be missing; an empty one counts as missing.
    ///
    /// # Errors
    /// If it is not a text.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(other) => Err(wrong_type(name, "a string", other)),
        }
    }

    /// One of several words, if it is there.
    ///
    /// # Errors
    /// If it is anything else.
    pub(super) fn choice(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match words.iter().find(|word| value.as_str() == Some(word)) {
                Some(word) => Ok(Some(word)),
                None => Err(Error::invalid(format!("`{name}` has to be {}", either(words)))),
            },
        }
    }

    /// A switch; off without it.
    ///
    /// # Errors
    /// If it is not `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong_type(name, "true or false", other)),
        }
    }
}

fn either(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(" or ")
}

fn wrong_type(name: &str, expected: &str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Error::invalid(format!("`{name}` has to be {expected}, and is {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Members {
        Members(object(text.as_bytes()).expect("an object"))
    }

    #[test]
    fn an_error_names_the_member() {
        let members = parse(r#"{"a":"x","b":"","c":1,"d":null,"e":true,"f":[]}"#);
        assert_eq!(members.text("a").ok(), Some("x"));
        for (name, words) in [
            ("b", "`b` is empty"),
            ("c", "`c` has to be a string, and is a number"),
            ("d", "`d` is missing"),
            ("g", "`g` is missing"),
        ] {
            assert_eq!(members.text(name).expect_err(name).message(), words);
        }
        assert_eq!(members.optional_text("b").ok(), Some(None));
        assert!(members.optional_text("f").is_err());
        assert_eq!(members.flag("e").ok(), Some(true));
        assert_eq!(members.flag("d").ok(), Some(false));
        assert!(members.flag("a").is_err());
        assert_eq!(members.choice("a", &["x", "y"]).ok(), Some(Some("x")));
        assert_eq!(members.choice("d", &["x"]).ok(), Some(None));
        for other in ["b", "c", "e"] {
            let error = members.choice(other, &["x", "y"]).expect_err(other);
            assert_eq!(error.message(), format!("`{other}` has to be `x` or `y`"));
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        let deep = "[".repeat(10_000);
        for bad in ["", "{", "[]", "\"x\"", "1", "{\"a\":}", "\u{feff}{}", &deep] {
            assert!(object(bad.as_bytes()).is_err(), "{bad}");
        }
        let error = object(b"{\"a\":\"\xff\"}").expect_err("refused");
        assert!(error.message().contains("UTF-8"));
    }
}
