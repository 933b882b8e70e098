//! Why a request failed, in the terms that decide what to do next; [`Failure::into_error`] turns it
//! into what the user is told.

use std::error::Error as StdError;
use std::time::Duration;

use super::wire::envelope::Refusal;
use crate::domain::redact::{redact, without};
use crate::domain::{Error, ErrorKind};

const CHECK_HINT: &str = "open https://chat.qwen.ai in your browser, complete the check, then copy the fresh token \
     with `qwenctl token set` (and the cookie into `QWEN_COOKIE`)";
/// How to get a new token.
pub(super) const TOKEN_HINT: &str =
    "sign in at https://chat.qwen.ai again and store the new token with `qwenctl token set`";

/// How long a daily quota takes to come back where the upstream does not say it (protocol 8.3).
const QUOTA_WAIT: Duration = Duration::from_hours(24);

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// No connection: the request was not sent.
    Connect,
    /// No connection within the time for it.
    ConnectTimeout,
    /// The connection broke after the request was sent.
    Cut,
    /// Nothing came for too long.
    Idle,
    /// The time for the whole action is over.
    Total,
    /// A gateway page, or a bare 5xx.
    Gateway,
    /// An answer without a body.
    Empty,
    /// Not signed in.
    Auth,
    /// A quota is used up.
    Quota,
    /// Too many requests at once.
    Throttled,
    /// The chat is still answering.
    InProgress,
    /// The parent of the prompt does not exist (any more).
    StaleParent,
    /// The upstream says that it failed, before it began to answer.
    Internal,
    /// The chat does not exist (any more).
    NotFound,
    /// The input is too long.
    TooLong,
    /// The content filter refuses.
    Refused,
    /// The upstream says that the request is wrong.
    BadRequest,
    /// A person has to act in a browser.
    BrowserCheck,
    /// A refusal in words that we do not know.
    Unknown,
    /// There is nothing at this address.
    NoSuchAddress,
    /// An answer of an unexpected shape.
    Shape,
}

/// A failed request.
#[derive(Debug)]
pub(super) struct Failure {
    /// What kind of failure it was.
    pub cause: Cause,
    /// The upstream's words, or ours.
    pub details: Option<String>,
    /// The upstream's name of the request.
    pub request_id: Option<String>,
    /// How long to wait, where the upstream says it.
    pub retry_after: Option<Duration>,
    /// The error below it, for the log.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// A failure of this kind.
    pub(super) fn new(cause: Cause) -> Self {
        Self { cause, details: None, request_id: None, retry_after: None, source: None }
    }

    /// An answer of an unexpected shape.
    pub(super) fn shape(what: impl Into<String>) -> Self {
        Self::new(Cause::Shape).with_details(what)
    }

    /// Adds the upstream's words, or ours.
    #[must_use]
    pub(super) fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Takes out of the upstream's words what we sent in confidence.
    #[must_use]
    pub(super) fn without(mut self, secrets: &[&str]) -> Self {
        if let Some(details) = &mut self.details {
            *details = without(details, secrets);
        }
        self
    }

    /// Adds the upstream's name of the request.
    #[must_use]
    pub(super) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.request_id = self.request_id.or(id);
        self
    }

    /// From a transport error. Its text is not shown: it may hold the address with its query.
    pub(super) fn transport(error: reqwest::Error) -> Self {
        let cause = if error.is_connect() && error.is_timeout() {
            Cause::ConnectTimeout
        } else if error.is_connect() {
            Cause::Connect
        } else if error.is_timeout() {
            Cause::Idle
        } else if error.is_builder() {
            Cause::BadRequest
        } else {
            Cause::Cut
        };
        let error = error.without_url();
        let details = root_cause(&error).to_string();
        Self { details: Some(details), source: Some(error.into()), ..Self::new(cause) }
    }

    /// From what the upstream says, under an effective status (protocol 8.3).
    pub(super) fn refusal(refusal: Refusal, status: u16) -> Self {
        let cause = match cause_of(&refusal, status) {
            // A bare 5xx says nothing about what happened before it.
            Cause::Internal if status >= 500 => Cause::Gateway,
            cause => cause,
        };
        let hours = refusal.hours.filter(|_| cause == Cause::Quota);
        Self {
            cause,
            details: refusal.details.or(refusal.code),
            request_id: None,
            retry_after: hours.map(|hours| Duration::from_secs(hours.saturating_mul(3600))),
            source: None,
        }
    }

    /// Whether the same request may be made again at once without harm, if it changes nothing.
    pub(super) fn is_transient(&self) -> bool {
        matches!(
            self.cause,
            Cause::Connect
                | Cause::ConnectTimeout
                | Cause::Cut
                | Cause::Gateway
                | Cause::Empty
                | Cause::Internal
                | Cause::Throttled
        )
    }

    /// Whether the request certainly did not reach the upstream.
    pub(super) fn was_never_sent(&self) -> bool {
        matches!(self.cause, Cause::Connect | Cause::ConnectTimeout)
    }

    /// Whether the upstream kept silent for longer than we wait.
    pub(super) fn is_out_of_time(&self) -> bool {
        matches!(self.cause, Cause::Idle | Cause::Total)
    }

    /// Whether the upstream may have accepted a prompt all the same.
    pub(super) fn may_have_been_accepted(&self) -> bool {
        matches!(self.cause, Cause::Cut | Cause::Gateway | Cause::Empty)
    }

    /// A few words for a notice.
    pub(super) fn reason(&self) -> String {
        self.sentence()
    }

    /// What the user is told.
    pub(super) fn into_error(self) -> Error {
        let quota_wait = (self.cause == Cause::Quota).then_some(QUOTA_WAIT);
        let mut error = Error::new(self.kind(), self.sentence())
            .with_request_id(self.request_id)
            .with_retry_after(self.retry_after.or(quota_wait));
        if let Some(hint) = hint(self.cause) {
            error = error.with_hint(hint);
        }
        match self.source {
            Some(source) => error.caused_by(source),
            None => error,
        }
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self.cause {
            Cause::Connect | Cause::Cut | Cause::Gateway | Cause::Internal => {
                ErrorKind::UpstreamUnreachable
            }
            Cause::ConnectTimeout | Cause::Idle | Cause::Total => ErrorKind::Timeout,
            Cause::Auth if self.mentions("expired") => ErrorKind::TokenExpired,
            Cause::Auth => ErrorKind::TokenInvalid,
            Cause::Quota | Cause::Throttled => ErrorKind::RateLimited,
            Cause::InProgress => ErrorKind::ChatInProgress,
            Cause::TooLong => ErrorKind::ContextTooLong,
            Cause::Refused => ErrorKind::ContentRefused,
            Cause::StaleParent | Cause::BadRequest => ErrorKind::InvalidRequest,
            Cause::BrowserCheck => ErrorKind::BrowserCheck,
            Cause::NotFound | Cause::NoSuchAddress => ErrorKind::NotFound,
            Cause::Empty | Cause::Unknown | Cause::Shape => ErrorKind::UpstreamProtocol,
        }
    }

    fn mentions(&self, word: &str) -> bool {
        self.details.as_deref().is_some_and(|details| details.to_ascii_lowercase().contains(word))
    }

    fn sentence(&self) -> String {
        let what = match self.cause {
            Cause::Connect => "could not connect to the upstream",
            Cause::ConnectTimeout => "no connection to the upstream in time",
            Cause::Cut => "the connection to the upstream broke",
            Cause::Idle => "the upstream sent nothing for too long",
            Cause::Total => "the time for the whole action is over",
            Cause::Gateway => "a gateway in front of the upstream answered instead of it",
            Cause::Empty => "the upstream answered nothing at all",
            Cause::Auth if self.mentions("expired") => "the access token has expired",
            Cause::Auth => "the upstream does not accept the access token",
            Cause::Quota => "the quota of the account is used up",
            Cause::Throttled => "the upstream asks to slow down",
            Cause::InProgress => "the chat is still answering an earlier prompt",
            Cause::StaleParent => "the message to follow does not exist in this chat",
            Cause::Internal => "the upstream failed",
            Cause::NotFound => "there is no such chat (it may have been deleted)",
            Cause::TooLong => "the input is too long for the model",
            Cause::Refused => "the upstream's content filter refused",
            Cause::BadRequest => "the upstream refused the request",
            Cause::BrowserCheck => "the upstream asks for a browser check",
            Cause::Unknown => "the upstream refused for a reason that qwenctl does not know",
            Cause::NoSuchAddress => "the upstream has nothing at this address",
            Cause::Shape => "the upstream answered something unexpected",
        };
        match self.details.as_deref().map(shortened) {
            Some(details) if !details.is_empty() && self.cause != Cause::NotFound => {
                format!("{what}: {details}")
            }
            _ => what.to_owned(),
        }
    }
}

fn hint(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::Connect => {
            "check the network, the proxy settings and `--api-url`; for a private certificate authority use `--ca-file`"
        }
        Cause::ConnectTimeout => {
            "`--connect-timeout` (`QWENCTL_CONNECT_TIMEOUT`) sets how long to wait for a connection"
        }
        Cause::Auth => TOKEN_HINT,
        Cause::BrowserCheck => CHECK_HINT,
        Cause::Idle => {
            "the upstream may be waiting for a browser check: open https://chat.qwen.ai and look; \
             `--idle-timeout` (`QWENCTL_IDLE_TIMEOUT`) sets how long to wait"
        }
        Cause::Total => "`--max-time` (`QWENCTL_MAX_TIME`) sets how long the whole action may take",
        Cause::InProgress => "wait until the answer is there, or stop it",
        Cause::TooLong => {
            "shorten the message, or use a model with a larger context (`qwenctl models`)"
        }
        Cause::StaleParent => "`qwenctl chats show ID --tree` shows the messages of the chat",
        Cause::NoSuchAddress => {
            "`--api-url` (`QWEN_API_URL`) has to end where `/v2/chats/` begins, as in https://chat.qwen.ai/api"
        }
        Cause::NotFound => "`qwenctl chats list` shows the ids of your chats",
        _ => return None,
    })
}

/// The upstream's words on one line of bounded length.
fn shortened(details: &str) -> String {
    const MAX: usize = 300;
    const LOOKED_AT: usize = 4000;
    let end = details.char_indices().nth(LOOKED_AT).map_or(details.len(), |(end, _)| end);
    let details = redact(&details[..end]);
    let line = details.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', '。']);
    match line.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn root_cause<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

/// Codes are compared by their letters and digits, without case (`Invalid token`, `INVALID_TOKEN`);
/// texts only decide where the code does not (protocol 8.3).
fn cause_of(refusal: &Refusal, status: u16) -> Cause {
    let code = refusal.code.iter().flat_map(|code| code.chars());
    let code: String = code.filter(|c| c.is_alphanumeric()).collect();
    let code = code.to_ascii_lowercase();
    let details = refusal.details.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = |words: &str| details.contains(words);
    if is_browser_check(refusal) {
        return Cause::BrowserCheck;
    }
    match code.as_str() {
        "ratelimited" if says("401") || says("unauthorized") => Cause::Auth,
        "ratelimited" | "quotalimit" => Cause::Quota,
        "toomanyrequests" | "parallellimited" | "quotalimited" => Cause::Throttled,
        "chatinprogress" => Cause::InProgress,
        "notfound" => Cause::NotFound,
        "unauthorized" | "invalidtoken" | "tokenexpired" | "tokeninvalid" | "forbidden" => {
            Cause::Auth
        }
        "internalservererror" | "serverbusy" | "busy" => Cause::Internal,
        _ if is_too_long(&code) || says("input token limit") => Cause::TooLong,
        _ if code.contains("datainspection") || says("inappropriate content") => Cause::Refused,
        _ if says("in progress") => Cause::InProgress,
        _ if says("parent_id") => Cause::StaleParent,
        _ if says("internal error") => Cause::Internal,
        _ if says("not exist") => Cause::NotFound,
        "badrequest" => Cause::BadRequest,
        code => cause_of_status(code.parse().ok().filter(|code| *code >= 400).unwrap_or(status)),
    }
}

fn is_browser_check(refusal: &Refusal) -> bool {
    let texts = [&refusal.code, &refusal.details];
    texts
        .into_iter()
        .flatten()
        .any(|text| text.to_ascii_uppercase().contains("FAIL_SYS_USER_VALIDATE"))
}

fn is_too_long(code: &str) -> bool {
    ["context", "maxinput", "toolong", "tokenlimit"].iter().any(|part| code.contains(part))
}

/// What an effective status alone says.
pub(super) fn cause_of_status(status: u16) -> Cause {
    match status {
        401 | 403 => Cause::Auth,
        404 | 410 => Cause::NotFound,
        409 => Cause::InProgress,
        413 => Cause::TooLong,
        429 => Cause::Throttled,
        // 408: a proxy gave up, perhaps a connection that was kept, just as the request came.
        408 | 500..=599 => Cause::Gateway,
        400..=499 => Cause::BadRequest,
        _ => Cause::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(code: &str, details: &str) -> Cause {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        cause_of(&Refusal { code: text(code), details: text(details), hours: None }, 200)
    }

    #[test]
    fn codes_mean_what_the_table_says() {
        for (code, details, expected) in [
            ("RateLimited", "You've reached the upper limit for today's usage.", Cause::Quota),
            ("RateLimited", "request failed: 401 Unauthorized", Cause::Auth),
            ("Too_Many_Requests", "please slow down", Cause::Throttled),
            ("ParallelLimited", "", Cause::Throttled),
            ("quotaLimited", "", Cause::Throttled),
            ("CHAT_IN_PROGRESS", "", Cause::InProgress),
            ("Bad_Request", "The chat is in progress!", Cause::InProgress),
            ("Bad_Request", "Invalid input chat parent_id x is not exist.", Cause::StaleParent),
            ("Bad_Request", "internal error, please try again", Cause::Internal),
            ("Bad_Request", "model is wrong", Cause::BadRequest),
            ("Not_Found", "This conversation has been deleted.", Cause::NotFound),
            ("X", "chat does not exist", Cause::NotFound),
            ("unauthorized", "Token has expired, please log in again.", Cause::Auth),
            ("Invalid token", "", Cause::Auth),
            ("InternalError.Algo.DataInspectionFailed", "", Cause::Refused),
            ("server_busy", "", Cause::Internal),
            ("ContextLengthExceeded", "", Cause::TooLong),
            ("X", "The input token limit is exceeded", Cause::TooLong),
            ("data_inspection_failed", "", Cause::Refused),
            ("DataInspectionFailed", "", Cause::Refused),
            ("403", "", Cause::Auth),
            ("Whatever", "", Cause::Unknown),
            ("", "", Cause::Unknown),
        ] {
            assert_eq!(cause(code, details), expected, "{code}: {details}");
        }
    }

    #[test]
    fn the_upstreams_words_stay_on_one_short_line() {
        let refusal = Refusal { code: None, details: Some("a\nb ".repeat(1000)), hours: None };
        let error = Failure::refusal(refusal, 500).into_error();
        assert!(error.message().len() < 500 && !error.message().contains('\n'));
    }
}
