//! Bodies of requests: read and decoded within bounds, and parsed so that an error names the member.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use bytes::{Buf, BytesMut};
use encoding_rs::Encoding;
use futures_util::{Stream, StreamExt as _};
use secrecy::SecretString;
use serde::de::value::MapDeserializer;
use serde::de::{Error as _, IntoDeserializer as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::domain::{Error, ErrorKind, Result};
use crate::net::json;
use crate::server::http::error_format::Detail;
use crate::server::http::response::ErrorResponse;
use crate::server::request::RequestContext;

/// How long the rest of a body that is too long is read and discarded, so that its sender reads why
/// it was refused.
const DISCARD_FOR: Duration = Duration::from_secs(2);

/// The members of a JSON object. Without `Debug`: one may be an API key.
pub(super) struct Members {
    read: Map<String, Value>,
    /// The text that they come from.
    text: String,
}

/// Reads the JSON object that the body of `call` must be.
///
/// # Errors
/// 415, 413, 408, or [`crate::domain::ErrorKind::InvalidRequest`].
pub(super) async fn members<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<Members, ErrorResponse> {
    let text = text(call, body).await?;
    Ok(Members { read: object(&text)?, text })
}

/// Reads the text of a body that is declared as JSON.
///
/// # Errors
/// As [`members`].
pub(super) async fn text<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<String, ErrorResponse> {
    if call.content_type.as_deref() != Some("application/json") {
        return Err(ErrorResponse::not_json());
    }
    let charset = charset(call.charset.as_deref())?;
    let codings = codings(call.content_encoding.as_deref())?;
    let mut bytes = whole(call, body).await?.to_vec();
    for coding in codings {
        bytes = decode(coding, &bytes, call.state.limits.body).await?;
    }
    let (text, used, has_faults) = charset.decode(&bytes);
    if has_faults {
        return Err(Error::invalid(format!("the body is not {}", used.name())).into());
    }
    Ok(text.into_owned())
}

/// The same for a route that needs no body.
///
/// # Errors
/// Those of [`members`].
pub(super) async fn members_or_none<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<Members, ErrorResponse> {
    if call.content_type.is_some() {
        return members(call, body).await;
    }
    nothing(call, body).await?;
    Ok(Members { read: Map::new(), text: String::new() })
}

/// The character set with this name; UTF-8 without one.
fn charset(name: Option<&str>) -> Result<&'static Encoding, ErrorResponse> {
    match name {
        None | Some("ascii" | "us-ascii") => Ok(encoding_rs::UTF_8),
        Some(name) => Encoding::for_label(name.as_bytes()).ok_or_else(|| {
            ErrorResponse::unsupported_media("the character set of the body is not known", None)
        }),
    }
}

/// The content codings that are decoded.
const CODINGS: &str = "gzip, deflate, br, zstd";
/// The most codings of one body.
const MAX_CODINGS: usize = 2;
/// The window of zstd, as a power of two: 8 MiB, the most that HTTP allows (RFC 9659).
const ZSTD_WINDOW: u32 = 23;

#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings to undo, in order.
fn codings(header: Option<&str>) -> Result<Vec<Coding>, ErrorResponse> {
    let names = header.unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
    let names = names.filter(|name| !name.is_empty() && name != "identity").rev();
    let coding = |name: String| match name.as_str() {
        "gzip" | "x-gzip" => Some(Coding::Gzip),
        "deflate" => Some(Coding::Deflate),
        "br" => Some(Coding::Brotli),
        "zstd" => Some(Coding::Zstd),
        _ => None,
    };
    let codings: Option<Vec<_>> = names.map(coding).collect();
    codings.filter(|codings| codings.len() <= MAX_CODINGS).ok_or_else(|| {
        let message = format!("the content encoding of the body is none of {CODINGS}");
        ErrorResponse::unsupported_media(message, Some(CODINGS))
    })
}

/// Undoes a coding; the result is at most `limit` bytes long.
async fn decode(coding: Coding, bytes: &[u8], limit: usize) -> Result<Vec<u8>, ErrorResponse> {
    // RFC 9110 means the zlib format; some clients send the bare one.
    let is_zlib = bytes.len() > 1
        && bytes[0] & 0x0f == 8
        && (u16::from(bytes[0]) << 8 | u16::from(bytes[1])) % 31 == 0;
    match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(bytes);
            decoder.multiple_members(true);
            read_within(decoder, GzipDecoder::into_inner, limit).await
        }
        Coding::Deflate if is_zlib => {
            read_within(ZlibDecoder::new(bytes), ZlibDecoder::into_inner, limit).await
        }
        Coding::Deflate => {
            read_within(DeflateDecoder::new(bytes), DeflateDecoder::into_inner, limit).await
        }
        Coding::Brotli => {
            read_within(BrotliDecoder::new(bytes), BrotliDecoder::into_inner, limit).await
        }
        Coding::Zstd => {
            let window = [DParameter::window_log_max(ZSTD_WINDOW)];
            let mut decoder = ZstdDecoder::with_params(bytes, &window);
            decoder.multiple_members(true);
            read_within(decoder, ZstdDecoder::into_inner, limit).await
        }
    }
}

/// Reads all that `decoder` decodes; `rest` returns what follows it.
async fn read_within<'a, D: AsyncRead + Unpin>(
    mut decoder: D,
    rest: impl FnOnce(D) -> &'a [u8],
    limit: usize,
) -> Result<Vec<u8>, ErrorResponse> {
    let mut body = Vec::new();
    loop {
        body.reserve(DECODED_CHUNK);
        let read = decoder.read_buf(&mut body).await;
        match read {
            Ok(0) => break,
            Ok(_) if body.len() > limit => return Err(ErrorResponse::body_too_long(limit)),
            // Decoding takes a while, and waits for nothing.
            Ok(_) => tokio::task::consume_budget().await,
            Err(_) => {
                return Err(Error::invalid("the body does not have its content encoding").into());
            }
        }
    }
    if rest(decoder).is_empty() {
        return Ok(body);
    }
    Err(Error::invalid("more data follows the end of the encoded body").into())
}

/// Reads pasted text: a plain body, the member `pasted` of a JSON object, or the object itself.
///
/// # Errors
/// As [`members`].
pub(super) async fn pasted<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
) -> Result<SecretString, ErrorResponse> {
    if call.content_type.as_deref() == Some("text/plain") {
        let bytes = whole(call, body).await?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Error::invalid("the body is not UTF-8"))?;
        return bounded(text.to_owned());
    }
    let members = members(call, body).await?;
    let text = match members.get("pasted") {
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(member_error("pasted", "must be a string")),
        None => Value::Object(members.read).to_string(),
    };
    bounded(text)
}

/// The longest pasted text, in bytes: more than a copied request. Reading a longer one takes a while.
const MAX_PASTE: usize = 64 << 10;

fn bounded(text: String) -> Result<SecretString, ErrorResponse> {
    if text.len() > MAX_PASTE {
        Err(ErrorResponse::body_too_long(MAX_PASTE))
    } else {
        Ok(text.into())
    }
}

/// How much is decoded at a time.
const DECODED_CHUNK: usize = 16 << 10;

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

/// Writes the body to a file without a name in `directory`, up to `limit` bytes and for as long as `time`.
///
/// # Errors
/// 413, 408, or those of the file.
pub(super) async fn spooled<B: Buf>(
    call: &RequestContext,
    body: impl Stream<Item = Result<B, warp::Error>> + Send,
    directory: &Path,
    (limit, time): (u64, Duration),
) -> Result<File, ErrorResponse> {
    let unusable = |fault: std::io::Error| {
        Error::new(ErrorKind::Internal, "the body cannot be stored").caused_by(fault)
    };
    let mut file = tempfile::tempfile_in(directory).map_err(unusable)?;
    let (sender, mut pieces) = mpsc::channel::<Vec<u8>>(4);
    let written = tokio::task::spawn_blocking(move || {
        while let Some(piece) = pieces.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.rewind()?;
        Ok(file)
    });
    let end = Instant::now() + time;
    let mut body = std::pin::pin!(body);
    let mut length = 0;
    loop {
        let next = end.min(Instant::now() + call.state.limits.patience);
        let piece = timeout_at(next, body.next()).await;
        let mut piece = match piece.map_err(|_| ErrorResponse::body_too_slow())? {
            None => break,
            Some(Err(_)) => return Err(Error::invalid("the body is incomplete").into()),
            Some(Ok(piece)) => piece,
        };
        length += piece.remaining() as u64;
        if length > limit {
            return Err(ErrorResponse::body_too_long(usize::try_from(limit).unwrap_or(usize::MAX)));
        }
        let mut bytes = vec![0; piece.remaining()];
        piece.copy_to_slice(&mut bytes);
        // The writer is gone if it has failed, which shows below.
        if sender.send(bytes).await.is_err() {
            break;
        }
    }
    drop(sender);
    let written = written.await.map_err(std::io::Error::other).map_err(unusable)?;
    Ok(written.map_err(unusable)?)
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

fn object(text: &str) -> Result<Map<String, Value>> {
    match serde_json::from_str(text).or_else(|fault| with_halves(text, fault)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Error::invalid("the body must be a JSON object")
            .with_hint(r#"for example {"message":"Hello"}"#)),
        Err(_) if text.is_empty() => Err(Error::invalid("the body is empty")
            .with_hint(r#"send a JSON object, for example {"message":"Hello"}"#)),
        Err(fault) => Err(Error::invalid(format!("the body is not JSON: {fault}"))),
    }
}

/// Reads JSON with halves of characters, which clients make that cut a text in a pair of surrogates. Each
/// half becomes U+FFFD; everything else has to be valid.
fn with_halves(text: &str, fault: serde_json::Error) -> serde_json::Result<Value> {
    let reason = fault.to_string();
    let is_half = ["lone leading surrogate", "unexpected end of hex escape"];
    if is_half.iter().any(|start| reason.starts_with(start)) {
        return serde_json::from_str(&json::without_halves(text));
    }
    Err(fault)
}

impl Members {
    #[cfg(test)]
    pub(super) fn of(object: Value) -> Self {
        let text = object.to_string();
        let Value::Object(read) = object else { panic!("not an object") };
        Self { read, text }
    }

    /// All of them.
    pub(super) fn all(&self) -> &Map<String, Value> {
        &self.read
    }

    /// The member with this name; `null` is the same as none.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.read.get(name).filter(|value| !value.is_null())
    }

    /// The text of the member with this name, as the client wrote it: members keep their order.
    pub(super) fn raw(&self, name: &str) -> Option<Box<RawValue>> {
        let value = self.get(name)?;
        // The last one counts if there are two.
        let raw = serde_json::from_str::<BTreeMap<String, &RawValue>>(&self.text).ok();
        let raw = raw.and_then(|raw| raw.get(name).map(|raw| (*raw).to_owned()));
        // A text with halves of characters is valid only after its repair.
        let raw = raw.filter(|raw| serde_json::from_str::<Value>(raw.get()).is_ok());
        raw.or_else(|| to_raw_value(value).ok())
    }

    /// Refuses members with other names than these.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`]; it names the first one.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), ErrorResponse> {
        match self.read.keys().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(member_error(name, "is not known here")),
            None => Ok(()),
        }
    }

    /// The members that `T` knows; others are ignored.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`]; it names the member by its path, and does not repeat
    /// its value.
    pub(super) fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ErrorResponse> {
        let members =
            MapDeserializer::new(self.read.iter().map(|(name, value)| (name.as_str(), value)));
        serde_path_to_error::deserialize(members)
            .map_err(|fault| invalid(&fault.path().to_string(), fault.inner()))
    }
}

/// The error for what serde says about the member at `path`. Its sentence may hold the value, which may
/// be long or secret: only the expectation at its end is repeated.
fn invalid(path: &str, fault: &serde_json::Error) -> ErrorResponse {
    let fault = fault.to_string();
    let missing = fault.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    let expected = fault.rsplit_once("expected ").map_or("valid", |(_, expected)| expected);
    let expected = if expected.starts_with("struct ") { "an object" } else { expected };
    match missing {
        Some((name, _)) => member_error(name, "is missing"),
        None => member_error(path, &format!("must be {expected}")),
    }
}

/// The error for the member at `path`.
pub(super) fn member_error(path: &str, fault: &str) -> ErrorResponse {
    let error = Error::invalid(format!("`{path}` {fault}"));
    let param = Some(path.to_owned());
    ErrorResponse::from(error).with_detail(Detail { param, ..Detail::default() })
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

/// Reads a member that may be missing but not null, for `deserialize_with` together with `default`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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

    fn parse(text: &str) -> Result<Request, ErrorResponse> {
        Members { read: object(text).expect("an object"), text: text.to_owned() }.parse()
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
            assert_eq!(parse(text).expect_err(text).error.message(), words, "{text}");
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
        for bad in ["", "{", "[]", "\"x\"", "1", "{\"a\":}", "{\"a\":\"\n\"}", &deep] {
            assert!(object(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn halves_of_characters_are_replaced() {
        for (text, read) in [
            (r#"{"a":"x\ud83d"}"#, "x\u{fffd}"),
            (r#"{"a":"\ude42 x"}"#, "\u{fffd} x"),
            (r#"{"a":"\ud83d\ude42"}"#, "\u{1f642}"),
            (r#"{"a":"\ud83d\u0041"}"#, "\u{fffd}A"),
        ] {
            assert_eq!(object(text).expect(text)["a"], read, "{text}");
        }
    }
}
