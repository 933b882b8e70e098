//! Bodies of requests: read within bounds, and parsed so that an error names the member.

use std::cell::Cell;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures_util::{Stream, StreamExt as _};
use serde::de::value::MapDeserializer;
use serde::de::{Error as _, IntoDeserializer as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::domain::{Error, Result};
use crate::server::http::response::ErrorResponse;
use crate::server::request::RequestContext;

/// How long the rest of a body that is too long is read and discarded, so that its sender reads why
/// it was refused.
const DISCARD_FOR: Duration = Duration::from_secs(2);

/// The members of a JSON object. Without `Debug`: one may be an API key.
pub(super) struct Members(Map<String, Value>);

/// Reads the JSON object that the body of `call` must be.
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

/// Reads the body of a route that needs none. A body must still be declared as JSON, so that a form
/// on another site's page cannot send it.
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
            Some(Err(_)) => return Err(Error::invalid("the body is incomplete").into()),
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
        Ok(_) => Err(Error::invalid("the body must be a JSON object")
            .with_hint(r#"for example {"message":"Hello"}"#)),
        Err(_) if bytes.is_empty() => Err(Error::invalid("the body is empty")
            .with_hint(r#"send a JSON object, for example {"message":"Hello"}"#)),
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

    /// The members that `T` knows; others are ignored.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`]; it names the member, and does not repeat its value.
    pub(super) fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T> {
        let current = Cell::new("");
        let members = self.0.iter().map(|(name, value)| {
            current.set(name);
            (name.as_str(), value)
        });
        T::deserialize(MapDeserializer::new(members))
            .map_err(|fault: serde_json::Error| invalid(current.get(), &fault.to_string()))
    }
}

/// The error for what serde says about the member `name`. Its sentence may hold the value, which may
/// be long or secret: only the expectation at its end is repeated.
fn invalid(name: &str, fault: &str) -> Error {
    let missing = fault.strip_prefix("missing field ");
    let expected = fault.rsplit_once("expected ").map_or("valid", |(_, expected)| expected);
    Error::invalid(match missing {
        Some(name) => format!("{name} is missing"),
        None => format!("`{name}` must be {expected}"),
    })
}

/// Reads a text that is not empty, for `deserialize_with`.
pub(super) fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(D::Error::invalid_value(Unexpected::Str(""), &"a non-empty string"));
    }
    Ok(text)
}

/// Reads an optional text, for `deserialize_with` together with `default`; an empty one is none.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// Reads an optional word that `T` knows, for `deserialize_with` together with `default`.
pub(super) fn choice<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let word = Option::<Value>::deserialize(deserializer)?;
    let known = |word: Value| T::deserialize(word.as_str().unwrap_or_default().into_deserializer());
    word.map(known).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Request {
        #[serde(deserialize_with = "filled")]
        a: String,
        #[serde(default, deserialize_with = "optional")]
        b: Option<String>,
        c: Option<bool>,
        #[serde(default, deserialize_with = "choice")]
        d: Option<Choice>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Left,
        Right,
    }

    fn parse(text: &str) -> Result<Request> {
        Members(object(text.as_bytes()).expect("an object")).parse()
    }

    #[test]
    fn error_names_the_member() {
        for (text, words) in [
            ("{}", "`a` is missing"),
            (r#"{"a":null}"#, "`a` must be a string"),
            (r#"{"a":""}"#, "`a` must be a non-empty string"),
            (r#"{"a":1,"z":2}"#, "`a` must be a string"),
            (r#"{"a":"x","b":[]}"#, "`b` must be a string"),
            (r#"{"a":"x","c":"expected yes"}"#, "`c` must be a boolean"),
            (r#"{"a":"x","d":"up"}"#, "`d` must be `left` or `right`"),
            (r#"{"a":"x","d":7}"#, "`d` must be `left` or `right`"),
            (r#"{"z":1,"c":0,"a":"x"}"#, "`c` must be a boolean"),
        ] {
            assert_eq!(parse(text).expect_err(text).message(), words, "{text}");
        }
    }

    #[test]
    fn optional_members_may_be_null_or_left_out() {
        for text in
            [r#"{"a":"x"}"#, r#"{"a":"x","b":null,"c":null,"d":null}"#, r#"{"a":"x","b":""}"#]
        {
            let request = parse(text).expect(text);
            assert!(request.b.is_none() && request.c.is_none() && request.d.is_none(), "{text}");
        }
        let request = parse(r#"{"a":"x","b":"y","c":true,"d":"right","z":{}}"#).expect("a request");
        assert_eq!((request.a.as_str(), request.b.as_deref()), ("x", Some("y")));
        assert!(request.c == Some(true) && matches!(request.d, Some(Choice::Right)));
        assert!(matches!(
            parse(r#"{"a":"x","d":"left"}"#).expect("a request").d,
            Some(Choice::Left)
        ));
    }

    #[test]
    fn body_must_be_an_object() {
        let deep = "[".repeat(10_000);
        for bad in ["", "{", "[]", "\"x\"", "1", "{\"a\":}", "\u{feff}{}", &deep] {
            assert!(object(bad.as_bytes()).is_err(), "{bad}");
        }
        let error = object(b"{\"a\":\"\xff\"}").expect_err("refused");
        assert!(error.message().contains("UTF-8"));
    }
}
