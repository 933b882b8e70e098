//! The bucket that files are uploaded to (protocol 10.2). At the service it is another host.
//!
//! An upload passes only with a V4 signature by credentials that have not expired, for the one key that
//! they were issued for. Neither the bearer token nor the account's cookies belong here.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::Method;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use ring::{digest, hmac};
use uuid::Uuid;

use super::State;
use super::reply::{Body, Reply};
use super::request::Request;
use super::routes::{BUCKET_PATH, Kind};
use super::store::uploads::{self, Upload};

/// The name of the bucket.
pub(super) const NAME: &str = "qwen-webui-prod";
/// The region as the credentials name it.
pub(super) const REGION: &str = "oss-ap-southeast-1";
/// Why a digest of the content is refused.
pub(super) const UNSIGNED_ONLY: &str = "x-oss-content-sha256 only supports UNSIGNED-PAYLOAD";
/// What fault F81 adds to a key.
pub(super) const ODD_ENDING: &str = "_ü #%41+&.png";
/// Seconds that a presigned address stays valid.
const LINK_LIFETIME: i64 = 300;

/// The largest file, in bytes.
const MAX_FILE: usize = 128 << 20;
/// The size of the pieces that are stored.
const PIECE: usize = 256 << 10;
/// Seconds by which the clocks may differ.
const MAX_SKEW: i64 = 900;

/// A refusal in the XML of the object store.
pub(super) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let id = Uuid::new_v4().simple().to_string().to_uppercase();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>{}</RequestId></Error>",
        &id[..24]
    );
    Reply::text("application/xml", xml).with_status(status)
}

/// Answers a request for the object with this key.
pub(super) async fn answer(
    state: &Arc<State>,
    request: &Request,
    key: &str,
    body: Incoming,
) -> Reply {
    let faults = match state.faults.meet(Kind::Bucket, "", request) {
        Ok(faults) => faults,
        Err(error) => return refusal(400, "InvalidArgument", &error),
    };
    if let Some(reply) = faults.iter().find_map(|fault| fault.instead(request, Kind::Bucket)) {
        // As a gateway does, so that the client has sent its request to the end.
        drain(body).await;
        return reply;
    }
    let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
    let outcome = if request.method == Method::PUT {
        put(state, request, key, body).await
    } else {
        get(state, request, key).await
    };
    outcome.unwrap_or_else(|reply| reply)
}

async fn drain(mut body: Incoming) {
    let mut size = 0;
    while let Some(Ok(frame)) = body.frame().await {
        size += frame.data_ref().map_or(0, Bytes::len);
        if size > MAX_FILE {
            return;
        }
    }
}

fn broken(error: impl std::fmt::Display) -> Reply {
    refusal(500, "InternalError", &error.to_string())
}

async fn put(
    state: &Arc<State>,
    request: &Request,
    key: String,
    body: Incoming,
) -> Result<Reply, Reply> {
    let upload = match admitted(state, request, &key).await {
        Ok(upload) => upload,
        Err(reply) => {
            drain(body).await;
            return Err(reply);
        }
    };
    let media_type = request.header("content-type").unwrap_or_default().to_owned();
    let (mut body, mut piece) = (body, BytesMut::new());
    let (mut number, mut size) = (0_i64, 0_usize);
    loop {
        let frame = body.frame().await;
        let is_last = frame.is_none();
        if let Some(frame) = frame {
            let frame = frame.map_err(|_| refusal(400, "IncompleteBody", "The body is cut."))?;
            if let Some(data) = frame.data_ref() {
                piece.extend_from_slice(data);
                size += data.len();
            }
        }
        if size > MAX_FILE {
            return Err(refusal(400, "EntityTooLarge", "The object is too large."));
        }
        if piece.len() >= PIECE || (is_last && !piece.is_empty()) {
            let (id, bytes) = (upload.id.clone(), std::mem::take(&mut piece));
            let write = move |connection: &rusqlite::Connection| {
                uploads::write(connection, &id, number, &bytes)
            };
            state.store.call(write).await.map_err(broken)?;
            number += 1;
        }
        if is_last {
            break;
        }
    }
    let (id, size) = (upload.id, i64::try_from(size).unwrap_or(i64::MAX));
    let finish = move |connection: &rusqlite::Connection| {
        uploads::finish(connection, &id, number, size, &media_type)
    };
    state.store.call(finish).await.map_err(broken)?;
    let etag = format!("\"{}\"", Uuid::new_v4().simple().to_string().to_uppercase());
    Ok(Reply::text("text/plain", "").with_header("etag", etag))
}

/// The file whose credentials sign the request.
async fn admitted(state: &Arc<State>, request: &Request, key: &str) -> Result<Upload, Reply> {
    if request.header("authorization").is_some_and(|value| value.starts_with("Bearer "))
        || request.header("cookie").is_some()
    {
        return Err(refusal(
            400,
            "InvalidArgument",
            "Credentials of the account do not belong here.",
        ));
    }
    let mismatch = || refusal(403, "SignatureDoesNotMatch", "The signature does not match.");
    let Some(signed) = request.header("authorization").and_then(Signed::parse) else {
        return Err(mismatch());
    };
    let id = signed.key_id.to_owned();
    let find = move |connection: &rusqlite::Connection| uploads::by_key(connection, &id);
    let found = state.store.call(find).await.map_err(broken)?;
    let Some(upload) = found else {
        return Err(refusal(403, "InvalidAccessKeyId", "The access key id does not exist."));
    };
    if request.header("x-oss-content-sha256") != Some("UNSIGNED-PAYLOAD") {
        return Err(refusal(400, "InvalidArgument", UNSIGNED_ONLY));
    }
    if signed.region != REGION.trim_start_matches("oss-") {
        return Err(refusal(400, "InvalidArgument", "Invalid signing region"));
    }
    let date = request.header("x-oss-date").unwrap_or_default();
    let now = state.clock.seconds();
    if seconds(date).is_none_or(|at| (at - now).abs() > MAX_SKEW) {
        let text = "The difference between the request time and the current time is too large.";
        return Err(refusal(403, "RequestTimeTooSkewed", text));
    }
    if !date.starts_with(signed.day)
        || signature(request, &upload.secret, &signed, date) != signed.signature
    {
        return Err(mismatch());
    }
    if request.header("x-oss-security-token") != Some(&upload.security_token) {
        return Err(refusal(403, "InvalidAccessKeyId", "The security token does not exist."));
    }
    if upload.expires_at <= now {
        return Err(refusal(403, "SecurityTokenExpired", "The security token has expired."));
    }
    let key = key.strip_suffix(ODD_ENDING).unwrap_or(key);
    if upload.path != key {
        return Err(refusal(403, "AccessDenied", "Access denied by authorizer's policy."));
    }
    Ok(upload)
}

/// The parts of a V4 `Authorization`.
struct Signed<'a> {
    key_id: &'a str,
    day: &'a str,
    region: &'a str,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let rest = header.strip_prefix("OSS4-HMAC-SHA256 Credential=")?;
        let (credential, signature) = rest.split_once(",Signature=")?;
        let mut parts = credential.split('/');
        let (key_id, day, region) = (parts.next()?, parts.next()?, parts.next()?);
        let is_v4 = parts.eq(["oss", "aliyun_v4_request"]);
        is_v4.then_some(Self { key_id, day, region, signature })
    }
}

/// The V4 signature of a request (protocol 10.2), over the path as it was sent.
fn signature(request: &Request, secret: &str, signed: &Signed, date: &str) -> String {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| *name == "content-type" || name.as_str().starts_with("x-oss-"))
        .map(|(name, value)| format!("{name}:{}\n", value.to_str().unwrap_or_default().trim()))
        .collect();
    headers.sort();
    let canonical =
        format!("{}\n{}\n\n{}\n\nUNSIGNED-PAYLOAD", request.method, request.path, headers.concat());
    let scope = format!("{}/{}/oss/aliyun_v4_request", signed.day, signed.region);
    let hash = digest::digest(&digest::SHA256, canonical.as_bytes());
    let text = format!("OSS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(hash.as_ref()));
    let first = hmac_of(format!("aliyun_v4{secret}").as_bytes(), signed.day);
    let key = [signed.region, "oss", "aliyun_v4_request"]
        .iter()
        .fold(first, |key, part| hmac_of(key.as_ref(), part));
    hex(hmac_of(key.as_ref(), &text).as_ref())
}

fn hmac_of(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A date such as `20260926T000000Z`, in seconds since the epoch.
fn seconds(date: &str) -> Option<i64> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(time.timestamp().as_second())
}

fn compact(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// An address from which anyone can read the object for a few minutes.
pub(super) fn link(state: &State, path: &str) -> String {
    let date = compact(state.clock.seconds());
    let path: String = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
    let signature = link_signature(state, &path, &date);
    format!(
        "http://{}{BUCKET_PATH}{path}?x-oss-credential=EXAMPLE&x-oss-date={date}&x-oss-expires={LINK_LIFETIME}\
         &x-oss-signature={signature}&x-oss-signature-version=OSS4-HMAC-SHA256",
        state.address
    )
}

fn encoded(segment: &str) -> String {
    const ODD: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(segment, ODD).to_string()
}

fn link_signature(state: &State, path: &str, date: &str) -> String {
    let text = format!("{path}\n{date}\n{LINK_LIFETIME}");
    hex(hmac_of(&state.account.secret, &text).as_ref())
}

async fn get(state: &Arc<State>, request: &Request, key: String) -> Result<Reply, Reply> {
    let date = request.query("x-oss-date").unwrap_or_default();
    let sent = request.path.strip_prefix(BUCKET_PATH).unwrap_or_default();
    let is_right = request
        .query("x-oss-signature")
        .is_some_and(|given| given == link_signature(state, sent, &date));
    if !is_right {
        return Err(refusal(403, "SignatureDoesNotMatch", "The signature does not match."));
    }
    if seconds(&date).is_none_or(|at| at + LINK_LIFETIME < state.clock.seconds()) {
        return Err(refusal(403, "AccessDenied", "Request has expired."));
    }
    let find = move |connection: &rusqlite::Connection| uploads::by_path(connection, &key);
    match state.store.call(find).await.map_err(broken)?.filter(|upload| upload.size.is_some()) {
        Some(upload) => {
            let body = Body::Object { id: upload.id, store: state.store.clone() };
            Ok(Reply { body, ..Reply::text("application/octet-stream", "") })
        }
        None => Err(refusal(404, "NoSuchKey", "The specified key does not exist.")),
    }
}
