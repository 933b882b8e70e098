//! Classifies a response: stream, JSON document or failure (protocol 14.1, in its order).

use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, SET_COOKIE};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::body::{Body, Collected, Patience, begins_an_event, first_byte};
use super::failure::{Cause, Failure, cause_of_status};
use super::wire::envelope::{Summary, Verdict};
use crate::net::{http, json};

/// Bytes of an error body that are read.
const ERROR_CAP: usize = 64 << 10;
/// Size in bytes above which a document is parsed as it arrives, by callers that expect one so large.
const WHOLE_CAP: usize = 4 << 20;
/// Bytes of a body that are searched for the marks of a browser check.
const MARKS_IN: usize = 8 << 10;

/// Marks of a browser check in a page (protocol 8.4). Lower case.
const PAGE_MARKS: [&str; 8] = [
    "fail_sys_user_validate",
    "rgv587",
    "_____tmd_____",
    "x5secdata",
    "aliyun_waf_",
    "aliyuncaptcha",
    "purecaptcha",
    "punish",
];

/// A successful response.
pub(super) enum ResponseBody {
    /// A stream of events.
    Stream(Body),
    /// A JSON document.
    Json(JsonBody),
}

/// A JSON document that is not a refusal.
pub(super) struct JsonBody {
    content: Content,
    request_id: Option<String>,
    headers: HeaderMap,
}

enum Content {
    Whole(Bytes),
    /// Too large for a refusal, and to hold in memory.
    Large(Box<Body>),
}

impl JsonBody {
    /// The document as a `T`. Borrows from it.
    ///
    /// # Errors
    /// [`Cause::Shape`] for another shape; `what` names the expected document.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self, what: &str) -> Result<T, Failure> {
        let Content::Whole(bytes) = &self.content else {
            return Err(self.failure(format!("{what} of more than {} MiB", WHOLE_CAP >> 20)));
        };
        json::strict(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            self.failure(format!("{what} of an unknown shape (line {line}, column {column})"))
        })
    }

    /// The document as a `T`, up to `cap` bytes.
    ///
    /// # Errors
    /// As for [`JsonBody::parse`].
    pub(super) async fn read<T>(self, what: &str, cap: usize) -> Result<T, Failure>
    where
        T: DeserializeOwned + Send + 'static,
    {
        match self.content {
            Content::Whole(_) => self.parse(what),
            Content::Large(body) => {
                body.json(cap).await.map_err(|failure| failure.with_request_id(self.request_id))
            }
        }
    }

    /// The document as a `T`, and as it was received; up to `cap` bytes.
    ///
    /// # Errors
    /// As for [`JsonBody::parse`].
    pub(super) async fn read_kept<T>(self, what: &str, cap: usize) -> Result<(T, Bytes), Failure>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let Self { content, request_id, .. } = self;
        let named = |failure: Failure| failure.with_request_id(request_id.clone());
        let too_large = || Failure::shape(format!("{what} of more than {} MiB", cap >> 20));
        let bytes = match content {
            Content::Whole(bytes) => bytes,
            Content::Large(body) => match body.collect(cap).await.map_err(named)? {
                Collected::All(bytes) => bytes,
                Collected::TooLarge(_) => return Err(named(too_large())),
            },
        };
        let kept = bytes.clone();
        let parse = move || {
            json::strict(&bytes).or_else(|_| json::read(json::repair(&bytes).plain().as_bytes()))
        };
        // A document of this size takes a while.
        let parsed = tokio::task::spawn_blocking(parse).await.ok().and_then(Result::ok);
        let unknown = || named(Failure::shape(format!("{what} of an unknown shape")));
        parsed.map(|document| (document, kept)).ok_or_else(unknown)
    }

    /// A failure with the request id of this response.
    pub(super) fn failure(&self, what: impl Into<String>) -> Failure {
        self.named(Failure::shape(what))
    }

    /// Adds the request id of this response to `failure`.
    pub(super) fn named(&self, failure: Failure) -> Failure {
        failure.with_request_id(self.request_id.clone())
    }

    /// The cookies that the response sets, in order. The value of a deleted one is empty (RFC 6265, 5.2).
    pub(super) fn set_cookies(&self, now: i64) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines.filter_map(move |line| set_cookie(line, now))
    }
}

/// Name and value of a `Set-Cookie` line. The attribute `Domain` is ignored: cookies go to two hosts only.
fn set_cookie(line: &str, now: i64) -> Option<(&str, &str)> {
    let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim().trim_matches('"'));
    let attribute = |wanted: &str| {
        let pairs = attributes.split(';').filter_map(|pair| pair.split_once('='));
        let named = |(key, value): (&str, &'_ str)| {
            key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        };
        pairs.filter_map(named).next_back()
    };
    let expires = || jiff::fmt::rfc2822::parse(&attribute("expires")?).ok();
    let is_deleted = match attribute("max-age").and_then(|age| age.parse::<i64>().ok()) {
        Some(age) => age <= 0,
        None => expires().is_some_and(|time| time.timestamp().as_second() <= now),
    };
    (!name.is_empty()).then_some((name, if is_deleted { "" } else { value }))
}

/// Reads as much of `response` as it takes to classify it.
///
/// # Errors
/// The failure that the upstream, or a gateway before it, reports.
pub(super) async fn classify(
    mut response: Response,
    patience: Patience,
    want_stream: bool,
) -> Result<ResponseBody, Failure> {
    let head = Head::of(&mut response);
    if head.is_redirect() {
        return Err(head.redirect());
    }
    let mut body = Body::new(response, patience);
    let start =
        body.peek().await.map_err(|failure| failure.with_request_id(head.request_id.clone()))?;
    if want_stream && head.status < 400 && looks_like_events(&head, &start) {
        return Ok(ResponseBody::Stream(body));
    }
    if head.status >= 400 {
        return judge(&body.beginning(ERROR_CAP).await, head).map(ResponseBody::Json);
    }
    let whole = body.collect(WHOLE_CAP).await;
    match whole.map_err(|failure| failure.with_request_id(head.request_id.clone()))? {
        Collected::All(bytes) => judge(&bytes, head).map(ResponseBody::Json),
        Collected::TooLarge(_) if first_byte(&start) == Some(b'<') => {
            Err(Failure::shape("a web page instead of data").with_request_id(head.request_id))
        }
        Collected::TooLarge(body) => Ok(ResponseBody::Json(JsonBody {
            content: Content::Large(Box::new(body)),
            request_id: head.request_id,
            headers: head.headers,
        })),
    }
}

struct Head {
    /// The effective status (protocol 1.4).
    status: u16,
    is_event_stream: bool,
    request_id: Option<String>,
    headers: HeaderMap,
}

impl Head {
    /// Takes the headers out of `response`.
    fn of(response: &mut Response) -> Self {
        let headers = std::mem::take(response.headers_mut());
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let actual = text("x-actual-status-code").and_then(|status| status.trim().parse().ok());
        let content_type = text(CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
        Self {
            status: actual
                .filter(|status| (100..600).contains(status))
                .unwrap_or_else(|| response.status().as_u16()),
            is_event_stream: content_type.trim_start().starts_with("text/event-stream"),
            request_id: text("x-request-id").map(str::to_owned),
            headers,
        }
    }

    fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// Redirects are not followed: the token must not go to another host (protocol F46).
    fn redirect(self) -> Failure {
        let target = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target = target.unwrap_or_default().to_ascii_lowercase();
        let failure = if has_marks(&target) {
            Failure::new(Cause::BrowserCheck)
        } else {
            Failure::new(Cause::Auth).with_details("redirected to another page")
        };
        failure.with_request_id(self.request_id)
    }

    fn by_status(&self) -> Failure {
        let mut failure = Failure::new(cause_of_status(self.status));
        failure.retry_after = self.retry_after();
        failure.status = Some(self.status);
        failure.details = Some(format!("status {}", self.status));
        failure
    }

    fn retry_after(&self) -> Option<Duration> {
        http::retry_after(&self.headers)
    }
}

/// Decides by the first bytes, not by the content type alone (protocol F33).
fn looks_like_events(head: &Head, start: &[u8]) -> bool {
    match first_byte(start) {
        None | Some(b'{' | b'[' | b'<') => false,
        Some(_) => head.is_event_stream || begins_an_event(start),
    }
}

fn judge(bytes: &Bytes, head: Head) -> Result<JsonBody, Failure> {
    let request_id = head.request_id.clone();
    document(bytes, &head)
        .map(|(bytes, id)| JsonBody {
            content: Content::Whole(bytes),
            request_id: id.or_else(|| request_id.clone()),
            headers: head.headers,
        })
        .map_err(|failure| failure.with_request_id(request_id))
}

/// The document and its request id, unless it is a refusal.
fn document(bytes: &Bytes, head: &Head) -> Result<(Bytes, Option<String>), Failure> {
    let Some(first) = first_byte(bytes) else {
        return Err(if head.status >= 400 { head.by_status() } else { Failure::new(Cause::Empty) });
    };
    // Computed only on errors: most documents are fine, and some are large.
    let start =
        || String::from_utf8_lossy(&bytes[..bytes.len().min(MARKS_IN)]).to_ascii_lowercase();
    if first == b'<' {
        return Err(page(&start(), head));
    }
    let stripped = strip_event(bytes);
    let (bytes, verdict) = match json::strict::<Verdict<'_>>(&stripped) {
        Ok(verdict) => (stripped.clone(), verdict.summary()),
        Err(_) if is_list(&stripped) => (stripped, Summary::default()),
        Err(_) => {
            let repaired = Bytes::from(json::repair(&stripped).plain());
            if is_list(&repaired) {
                return Ok((repaired, None));
            }
            match json::strict::<Verdict<'_>>(&repaired).map(|verdict| verdict.summary()) {
                Ok(summary) => (repaired, summary),
                Err(_) => return Err(page(&start(), head)),
            }
        }
    };
    let named = |failure: Failure| failure.with_request_id(verdict.request_id.clone());
    if verdict.is_browser_check || (!verdict.is_success && has_strong_marks(&start())) {
        return Err(named(Failure::new(Cause::BrowserCheck)));
    }
    if let Some(refusal) = verdict.refusal {
        let mut failure = Failure::refusal(refusal, head.status);
        failure.retry_after = failure.retry_after.or_else(|| head.retry_after());
        return Err(failure.with_request_id(verdict.request_id));
    }
    if head.status >= 400 {
        let mut failure = head.by_status();
        failure.details = verdict.words.or(failure.details);
        return Err(failure.with_request_id(verdict.request_id));
    }
    Ok((bytes, verdict.request_id))
}

/// Whether a body is a list, which is never a refusal.
fn is_list(bytes: &[u8]) -> bool {
    first_byte(bytes) == Some(b'[') && json::strict::<IgnoredAny>(bytes).is_ok()
}

/// The JSON inside `data: …`, for an error sent as an event where a document was expected.
fn strip_event(bytes: &Bytes) -> Bytes {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    match bytes[start..].strip_prefix(b"data:") {
        Some(rest) => bytes.slice_ref(rest.split(|byte| *byte == b'\n').next().unwrap_or(rest)),
        None => bytes.slice_ref(json::without_mark(bytes)),
    }
}

/// A body that is not JSON.
fn page(start: &str, head: &Head) -> Failure {
    if has_marks(start) || (start.contains("window._config_") && start.contains("captcha")) {
        return Failure::new(Cause::BrowserCheck);
    }
    if head.status >= 400 {
        return head.by_status();
    }
    Failure::shape(if start.trim_start().starts_with('<') {
        "a web page instead of data"
    } else {
        "no JSON"
    })
}

fn has_marks(text: &str) -> bool {
    PAGE_MARKS.iter().any(|mark| text.contains(mark))
}

/// Marks that never occur in ordinary text: a refusal may quote a prompt about punishment.
fn has_strong_marks(text: &str) -> bool {
    ["fail_sys_user_validate", "_____tmd_____", "x5secdata="].iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Result<JsonBody, Cause> {
        let head = Head {
            status,
            is_event_stream: false,
            request_id: Some("Q1".into()),
            headers: HeaderMap::new(),
        };
        judge(&Bytes::copy_from_slice(body.as_bytes()), head).map_err(|failure| {
            assert!(failure.request_id.is_some(), "{body}");
            failure.cause
        })
    }

    #[test]
    fn bodies_are_classified() {
        let check =
            r#"{"ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM::busy"],"data":{"url":"x"}}"#;
        for (status, body, expected) in [
            (200, "", Cause::Empty),
            (200, " \n", Cause::Empty),
            (401, "", Cause::Auth),
            (504, "", Cause::Gateway),
            (200, "<html>hello</html>", Cause::Shape),
            (502, "<html>502 Bad Gateway</html>", Cause::Gateway),
            (200, "<!doctypehtml><meta name=\"aliyun_waf_aa\">", Cause::BrowserCheck),
            (405, "<div id=\"aliyunCaptcha\">", Cause::BrowserCheck),
            (200, "<!--rgv587_flag:sm-->", Cause::BrowserCheck),
            (200, check, Cause::BrowserCheck),
            (
                200,
                r#"{"success":false,"data":{"code":"x","details":"fail_sys_user_validate"}}"#,
                Cause::BrowserCheck,
            ),
            (401, "{}", Cause::Auth),
            (401, r#"{"detail":"401 Unauthorized"}"#, Cause::Auth),
            (200, r#"{"success":false,"data":{"code":"Not_Found"}}"#, Cause::NotFound),
            (
                200,
                "data: {\"success\":false,\"data\":{\"code\":\"Not_Found\"}}\n\n",
                Cause::NotFound,
            ),
            (200, "not json", Cause::Shape),
            (200, "{\"success\":true", Cause::Shape),
        ] {
            assert_eq!(judged(status, body).err(), Some(expected), "{status} {body}");
        }
    }

    #[test]
    fn set_cookie_lines_are_read() {
        for (line, pair) in [
            ("token=T; Path=/; Secure", Some(("token", "T"))),
            ("refresh_token=a=b; Domain=.qwen.ai; HttpOnly", Some(("refresh_token", "a=b"))),
            ("cna=\"X\"; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(("cna", "X"))),
            ("cna=X; expires=Thu, 01 Jan 1970 00:00:00 GMT", Some(("cna", ""))),
            ("cna=X; max-age=0", Some(("cna", ""))),
            ("cna=X; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", Some(("cna", "X"))),
            ("cna=X; Expires=soon", Some(("cna", "X"))),
            ("cna=", Some(("cna", ""))),
            ("nothing", None),
            ("=x", None),
        ] {
            assert_eq!(set_cookie(line, 1_790_000_000), pair, "{line}");
        }
    }

    #[test]
    fn a_chat_about_punishment_is_not_a_browser_check() {
        for body in [
            r#"{"success":true,"data":[{"id":"a","title":"punish, rgv587, x5secdata="}]}"#,
            "[{\"id\":\"punish\"}]",
            "\u{feff}{\"success\":true}",
            "{\"success\":true,\"data\":\"raw\ttab\"}",
        ] {
            assert!(judged(200, body).is_ok(), "{body}");
        }
        let refusal =
            r#"{"success":false,"data":{"code":"Bad_Request","details":"no punishment"}}"#;
        assert_eq!(judged(200, refusal).err(), Some(Cause::BadRequest));
    }
}
