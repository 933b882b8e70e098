//! Why a request failed, in the terms that decide what to do next: whether to retry, and after which
//! delay. [`Failure::into_error`] makes it the error that the user sees, without secrets.

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

/// Time until a daily quota renews, where the upstream does not name it (protocol 8.3).
const QUOTA_WAIT: Duration = Duration::from_hours(24);

/// Size of a request in bytes above which a refusal may be due to it (protocol 6.1b).
const SUSPICIOUS_SIZE: usize = 150 << 10;

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// No connection: the request was not sent.
    Connect,
    /// No connection within the connect timeout.
    ConnectTimeout,
    /// The connection broke after the request was sent.
    Cut,
    /// No byte within the idle timeout.
    Idle,
    /// The total timeout ended.
    Total,
    /// A gateway page, or a bare 5xx.
    Gateway,
    /// A response without a body.
    Empty,
    /// An answer without any text.
    EmptyAnswer,
    /// Not signed in.
    Auth,
    /// A quota is used up.
    Quota,
    /// The service is busy, or a quota is used up: the code stands for both (protocol 8.3).
    Limited,
    /// Too many uploads within a minute or two; no quota of prompts.
    UploadBudget,
    /// Too many requests at once.
    Throttled,
    /// The chat is still answering.
    InProgress,
    /// The parent of the prompt does not exist, or no longer.
    StaleParent,
    /// The upstream failed before it began to answer.
    Internal,
    /// The chat does not exist, or no longer.
    NotFound,
    /// The input is too long.
    TooLong,
    /// The request is larger than our limit, and was not sent.
    TooLarge,
    /// Empty responses, and the chat does not show the prompt (protocol F103).
    Dropped,
    /// The model's limit of tokens cut the answer off.
    Truncated,
    /// The upstream gave up waiting.
    TimedOut,
    /// The content filter refuses.
    Refused,
    /// The upstream rejects the request as wrong.
    BadRequest,
    /// The upstream rejects the form of the request, which is ours.
    Malformed,
    /// The upstream refuses every request from this network (protocol F105).
    NetworkRefused,
    /// The upstream requires a browser check.
    BrowserCheck,
    /// A refusal with an unknown code.
    Unknown,
    /// The address does not exist.
    NoSuchAddress,
    /// The user's cookies belong to another account than the access token.
    OtherAccount,
    /// A response of an unexpected shape.
    Shape,
}

/// The error for a refusal in the terms of the upstream that comes from elsewhere: from an engine that
/// is asked directly.
pub(crate) fn refused(code: &str, details: String, retry_after: Option<Duration>) -> Error {
    let refusal =
        Refusal { code: Some(code.to_owned()), details: Some(details), ..Refusal::default() };
    let failure = Failure::refusal(refusal, 200);
    Failure { retry_after: retry_after.or(failure.retry_after), ..failure }.into_error()
}

/// A failed request.
#[derive(Debug)]
pub(super) struct Failure {
    /// The kind of the failure.
    pub cause: Cause,
    /// The description, the upstream's or ours.
    pub details: Option<String>,
    /// The code of the refusal, as the upstream spells it.
    pub code: Option<String>,
    /// The effective status of a response.
    pub status: Option<u16>,
    /// The upstream's request id.
    pub request_id: Option<String>,
    /// The delay that the upstream names.
    pub retry_after: Option<Duration>,
    /// The underlying error, for the log.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// A failure of this kind.
    pub(super) fn new(cause: Cause) -> Self {
        Self {
            cause,
            details: None,
            code: None,
            status: None,
            request_id: None,
            retry_after: None,
            source: None,
        }
    }

    /// A response of an unexpected shape.
    pub(super) fn shape(what: impl Into<String>) -> Self {
        Self::new(Cause::Shape).with_details(what)
    }

    /// Adds a description.
    #[must_use]
    pub(super) fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Names the size of the request if that may be the reason (protocol 6.1b).
    #[must_use]
    pub(super) fn sized(self, bytes: usize) -> Self {
        if bytes <= SUSPICIOUS_SIZE {
            return self;
        }
        self.with_details(format!(
            "the request has {bytes} bytes, and the service answers requests of more than about \
             190,000 bytes like this; send the text in parts"
        ))
    }

    /// Removes `secrets` that we sent from the description.
    #[must_use]
    pub(super) fn without(mut self, secrets: &[&str]) -> Self {
        if let Some(details) = &mut self.details {
            *details = without(details, secrets);
        }
        self.request_id = self.request_id.filter(|id| without(id, secrets) == *id);
        self
    }

    /// Adds the upstream's request id, unless it may be something else.
    #[must_use]
    pub(super) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.request_id = self.request_id.or(id.filter(|id| is_request_id(id)));
        self
    }

    /// From a transport error. Its own text may hold the URL with its query, so it is not shown.
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

    /// From a refusal under an effective status (protocol 8.3).
    pub(super) fn refusal(refusal: Refusal, status: u16) -> Self {
        let cause = match cause_of(&refusal, status) {
            // A bare 5xx does not tell whether the request took effect.
            Cause::Internal if status >= 500 => Cause::Gateway,
            cause => cause,
        };
        let hours = refusal.hours.filter(|_| cause == Cause::Quota);
        Self {
            cause,
            details: refusal.details.or_else(|| refusal.code.clone()),
            code: refusal.code,
            status: Some(status),
            request_id: None,
            retry_after: hours.and_then(|hours| hours.0).map(Duration::from_secs),
            source: None,
        }
    }

    /// Whether a request that changes nothing can be repeated at once.
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

    /// Whether a timeout ended.
    pub(super) fn is_out_of_time(&self) -> bool {
        matches!(self.cause, Cause::Idle | Cause::Total)
    }

    /// Whether the upstream may have accepted the prompt.
    pub(super) fn may_have_been_accepted(&self) -> bool {
        matches!(self.cause, Cause::Cut | Cause::Gateway | Cause::Empty)
    }

    /// The delay before attempt `made + 1`; `None` for no further attempt. For requests that change
    /// nothing or are idempotent; prompts have their own rules (protocol 14.2).
    pub(super) fn retry_delay(&self, made: u32, backoff: Duration) -> Option<Duration> {
        if made >= ATTEMPTS || !self.is_transient() {
            return None;
        }
        match self.retry_after {
            Some(wait) if wait > LONGEST_WAIT => None,
            Some(wait) => Some(wait),
            None => Some(jittered(backoff * 2_u32.pow(made.saturating_sub(1)))),
        }
    }

    /// A short description for a notice.
    pub(super) fn reason(&self) -> String {
        self.sentence()
    }

    /// The error that the user sees.
    pub(super) fn into_error(self) -> Error {
        let quota_wait = (self.cause == Cause::Quota).then_some(QUOTA_WAIT);
        let mut error = Error::new(self.kind(), self.sentence())
            .with_request_id(self.request_id)
            .with_retry_after(self.retry_after.or(quota_wait));
        if let Some(hint) = hint(self.cause) {
            error = error.with_hint(hint);
        }
        if self.cause == Cause::Quota {
            error = error.of_quota();
        }
        match self.source {
            Some(source) => error.caused_by(source),
            None => error,
        }
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self.cause {
            Cause::Connect
            | Cause::Cut
            | Cause::Gateway
            | Cause::Internal
            | Cause::NetworkRefused => ErrorKind::UpstreamUnreachable,
            Cause::ConnectTimeout | Cause::Idle | Cause::Total | Cause::TimedOut => {
                ErrorKind::Timeout
            }
            Cause::Auth if self.mentions("expired") => ErrorKind::TokenExpired,
            Cause::Auth | Cause::OtherAccount => ErrorKind::TokenInvalid,
            Cause::Quota | Cause::Limited | Cause::UploadBudget | Cause::Throttled => {
                ErrorKind::RateLimited
            }
            Cause::Malformed => ErrorKind::Internal,
            Cause::InProgress => ErrorKind::ChatInProgress,
            Cause::TooLong | Cause::TooLarge => ErrorKind::ContextTooLong,
            Cause::Refused => ErrorKind::ContentRefused,
            Cause::StaleParent | Cause::BadRequest => ErrorKind::InvalidRequest,
            Cause::BrowserCheck => ErrorKind::BrowserCheck,
            Cause::NotFound | Cause::NoSuchAddress => ErrorKind::NotFound,
            Cause::Empty
            | Cause::EmptyAnswer
            | Cause::Dropped
            | Cause::Truncated
            | Cause::Unknown
            | Cause::Shape => ErrorKind::UpstreamProtocol,
        }
    }

    fn mentions(&self, word: &str) -> bool {
        self.details.as_deref().is_some_and(|details| details.to_ascii_lowercase().contains(word))
    }

    fn sentence(&self) -> String {
        let what = match self.cause {
            Cause::Connect => "could not connect to the upstream",
            Cause::ConnectTimeout => "connecting to the upstream timed out",
            Cause::Cut => "the connection to the upstream broke",
            Cause::Idle => "the upstream sent no data within the idle timeout",
            Cause::Total => "the total timeout was reached",
            Cause::Gateway => "a gateway answered instead of the upstream",
            Cause::Empty => "the upstream sent an empty response",
            Cause::EmptyAnswer => "the upstream ended the answer without any text",
            Cause::Auth if self.mentions("expired") => "the access token has expired",
            Cause::Auth => "the upstream rejected the access token",
            Cause::Quota => "the quota of the account is used up",
            Cause::Limited => "the service is busy or the quota is used up, try again later",
            Cause::UploadBudget => "too many uploads in a short time",
            Cause::Throttled => "the upstream is throttling requests",
            Cause::InProgress => "the chat is still answering an earlier prompt",
            Cause::StaleParent => "the message to follow does not exist in this chat",
            Cause::Internal => "the upstream failed",
            Cause::NotFound => "chat not found (it may have been deleted)",
            Cause::TooLong => "the prompt is too long for the model",
            Cause::TooLarge => "the prompt is too long",
            Cause::Truncated => "the answer was cut off at the limit of tokens",
            Cause::TimedOut => "the upstream timed out",
            Cause::Dropped => {
                "the service dropped the request: it answered with nothing, and the chat does not \
                 show the prompt"
            }
            Cause::Refused => "the upstream's content filter refused",
            Cause::BadRequest => "the upstream refused the request",
            Cause::Malformed => "internal error: the upstream rejects the form of the request",
            Cause::NetworkRefused => "the service refuses this network",
            Cause::BrowserCheck => "the upstream requires a browser check",
            Cause::Unknown => "the upstream refused with an unknown error",
            Cause::NoSuchAddress => "the upstream has no such address",
            Cause::OtherAccount => {
                "the additional cookies belong to another account than the access token"
            }
            Cause::Shape => "unexpected response from the upstream",
        };
        match self.details.as_deref().map(shortened) {
            Some(details) if !details.is_empty() && self.cause != Cause::NotFound => {
                format!("{what}: {details}")
            }
            _ => what.to_owned(),
        }
    }
}

/// Whether the text is short and plain, as the ids of requests are. A part of a token is longer.
fn is_request_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    (1..=40).contains(&text.len()) && text.chars().all(is_plain) && redact(text) == text
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
        Cause::OtherAccount => {
            "remove `token` from the setting `cookie` (`QWEN_COOKIE`), or take cookies and token from one \
             browser session"
        }
        Cause::BrowserCheck => CHECK_HINT,
        Cause::Idle => {
            "the upstream may be waiting for a browser check: open https://chat.qwen.ai and look; \
             `--idle-timeout` (`QWENCTL_IDLE_TIMEOUT`) sets how long to wait"
        }
        Cause::NetworkRefused => {
            "the token is unaffected; use another network or leave the VPN or proxy, and check that \
             `--api-url` is right"
        }
        Cause::UploadBudget => "wait a minute or two, then upload again",
        Cause::Total => "`--max-time` (`QWENCTL_MAX_TIME`) sets how long the whole action may take",
        Cause::InProgress => {
            "stop that answer (on https://chat.qwen.ai, or with `POST /api/chats/ID/stop` of \
             `qwenctl serve`), wait until it is there, or begin a new chat"
        }
        Cause::TooLarge => "send the text in parts",
        Cause::Dropped => {
            "possible causes: a token or cookies of another session, a request far above the size \
             limit, missing headers of the page, many sign-ins, or a refused network (`qwenctl \
             doctor` checks it)"
        }
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

/// The upstream's description on one line of limited length, without secrets.
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

/// Compares codes by letters and digits, ignoring case (`Invalid token`, `INVALID_TOKEN`); texts only
/// decide where the code does not (protocol 8.3).
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
        _ if is_too_long(&code) => Cause::TooLong,
        _ if says("allocated quota exceeded") || says("token-limit") => Cause::Throttled,
        "ratelimited" | "quotalimit" if refusal.hours.is_some() => Cause::Quota,
        "ratelimited" | "quotalimit" => quota_or_busy(&details),
        "quotaexhausted" | "exceedlimit" => Cause::Quota,
        "toomanyrequests" | "parallellimited" | "quotalimited" => Cause::Throttled,
        "chatinprogress" => Cause::InProgress,
        "parentnotfound" => Cause::StaleParent,
        "notfound" | "chatnotfound" => Cause::NotFound,
        "unauthorized" | "invalidtoken" | "tokenexpired" | "tokeninvalid" | "forbidden" => {
            Cause::Auth
        }
        "internalservererror" | "internalerror" | "serverbusy" | "busy" => Cause::Internal,
        "outputlimitreached" => Cause::Truncated,
        "timedout" => Cause::TimedOut,
        "unexpectedresponse" => Cause::Shape,
        "requestvalidationerror" => Cause::Malformed,
        "invalidinput" => Cause::BadRequest,
        _ if says("input token limit") => Cause::TooLong,
        _ if code.contains("datainspection") || says("inappropriate content") => Cause::Refused,
        _ if says("in progress") => Cause::InProgress,
        _ if says("parent_id") => Cause::StaleParent,
        _ if says("internal error") => Cause::Internal,
        _ if says("not exist") => Cause::NotFound,
        "badrequest" if says("too many messages") => Cause::Malformed,
        "badrequest" => Cause::BadRequest,
        code => cause_of_status(code.parse().ok().filter(|code| *code >= 400).unwrap_or(status)),
    }
}

/// Words of a used-up quota, in lower case, in the languages that have been seen.
const QUOTA_WORDS: [&str; 18] = [
    "today",
    "daily",
    "per day",
    "tomorrow",
    "upper limit",
    "quota",
    "今日",
    "今天",
    "每日",
    "明天",
    "额度",
    "上限",
    "сегодня",
    "суточн",
    "дневн",
    "cuota",
    "diari",
    "mañana",
];
/// Words of a busy service.
const BUSY_WORDS: [&str; 10] = [
    "busy",
    "try again later",
    "try later",
    "繁忙",
    "稍后",
    "перегружен",
    "позже",
    "занят",
    "ocupado",
    "más tarde",
];

/// What `RateLimited` and `quota_limit` without hours mean: only their words tell, and only in some
/// languages.
fn quota_or_busy(details: &str) -> Cause {
    let details = details.to_lowercase();
    let says_any = |words: &[&str]| words.iter().any(|word| details.contains(word));
    if says_any(&QUOTA_WORDS) && !says_any(&BUSY_WORDS) { Cause::Quota } else { Cause::Limited }
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

/// The cause behind an effective status without a code.
pub(super) fn cause_of_status(status: u16) -> Cause {
    match status {
        401 | 403 => Cause::Auth,
        404 | 410 => Cause::NotFound,
        405 => Cause::NetworkRefused,
        409 => Cause::InProgress,
        413 => Cause::TooLong,
        429 => Cause::Throttled,
        // 408: a proxy closed a pooled connection just as the request came.
        408 | 500..=599 => Cause::Gateway,
        400..=499 => Cause::BadRequest,
        _ => Cause::Unknown,
    }
}

/// Maximum number of attempts of a request.
const ATTEMPTS: u32 = 3;
/// Longest delay named by the upstream that is honoured.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// `delay` with jitter between -25 % and +25 %, so that clients do not retry in step.
fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(0.75 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(code: &str, details: &str) -> Cause {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        cause_of(&Refusal { code: text(code), details: text(details), hours: None }, 200)
    }

    #[test]
    fn codes_map_to_causes() {
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
            ("RateLimited", "服务繁忙，请稍后再试", Cause::Limited),
            ("RateLimited", "Слишком много запросов", Cause::Limited),
            ("RateLimited", "Límite diario alcanzado", Cause::Quota),
            ("quota_limit", "今日额度已用完", Cause::Quota),
            ("quota_limit", "Service busy, try again later", Cause::Limited),
            ("quota_limit", "", Cause::Limited),
            ("quota_exhausted", "", Cause::Quota),
            ("ExceedLimit", "x", Cause::Quota),
            ("Throttling", "Allocated quota exceeded, please increase", Cause::Throttled),
            ("quota_limit", "token-limit", Cause::Throttled),
            ("CHAT_IN_PROGRESS", "对话正在进行中", Cause::InProgress),
            ("PARENT_NOT_FOUND", "Родитель не найден", Cause::StaleParent),
            ("CHAT_NOT_FOUND", "此对话已被删除", Cause::NotFound),
            ("RequestValidationError", "Field 'chat_id': Field required", Cause::Malformed),
            ("Bad_Request", "Invalid input too many messages.", Cause::Malformed),
            ("invalid_input", "x", Cause::BadRequest),
            ("internal_error", "", Cause::Internal),
            ("", "Internal error!", Cause::Internal),
            ("403", "", Cause::Auth),
            ("405", "", Cause::NetworkRefused),
            ("Whatever", "", Cause::Unknown),
            ("", "", Cause::Unknown),
        ] {
            assert_eq!(cause(code, details), expected, "{code}: {details}");
        }
    }

    #[test]
    fn details_are_shortened_to_one_line() {
        let refusal = Refusal { code: None, details: Some("a\nb ".repeat(1000)), hours: None };
        let error = Failure::refusal(refusal, 500).into_error();
        assert!(error.message().len() < 500 && !error.message().contains('\n'));
    }

    #[test]
    fn request_id_is_short_and_holds_no_secret() {
        let id = |text: &str| {
            let failure = Failure::new(Cause::Cut).with_request_id(Some(text.to_owned()));
            failure.without(&["secret-value"]).into_error().request_id().map(str::to_owned)
        };
        for good in ["Q1", "213e1b3417-0a1b2c3d", "b0000000-0000-4000-8000-0000000000ff"] {
            assert_eq!(id(good).as_deref(), Some(good));
        }
        let (long, token) = ("x".repeat(43), ["ey", "Jhb.x"].concat());
        for bad in ["", "a b", "line\nbreak", "secret-value", &long, &token] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }

    #[test]
    fn delays_grow_and_end() {
        let backoff = Duration::from_secs(4);
        let failure = Failure::new(Cause::Gateway);
        let waits: Vec<_> = (1..=ATTEMPTS).map(|made| failure.retry_delay(made, backoff)).collect();
        assert!(
            matches!(waits[..], [Some(first), Some(second), None] if first < second),
            "{waits:?}"
        );
        assert_eq!(Failure::new(Cause::Quota).retry_delay(1, backoff), None);
        assert_eq!(Failure::new(Cause::BrowserCheck).retry_delay(1, backoff), None);
    }

    #[test]
    fn short_retry_after_is_honoured() {
        let named = |seconds| Failure {
            retry_after: Some(Duration::from_secs(seconds)),
            ..Failure::new(Cause::Throttled)
        };
        assert_eq!(named(2).retry_delay(1, Duration::ZERO), Some(Duration::from_secs(2)));
        assert_eq!(named(3600).retry_delay(1, Duration::ZERO), None);
    }
}
