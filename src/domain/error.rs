//! The error table. Exit code, JSON code, HTTP status and retry advice of every failure come from
//! [`ErrorKind`] and from nowhere else.

use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::redact::redact;
use super::{ChatId, Reply};

/// The length of [`Error::causes`] in bytes.
const MAX_CAUSES: usize = 1000;

/// The result of everything that can fail for a reason to show to the user.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of a failure, as far as a caller can react to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A fault of the program.
    Internal,
    /// An invalid flag, body, chat id or message.
    InvalidRequest,
    /// The upstream's content filter refused the prompt or the answer.
    ContentRefused,
    /// The input is too long for the model.
    ContextTooLong,
    /// There is no access token.
    TokenMissing,
    /// The access token is malformed or rejected.
    TokenInvalid,
    /// The access token has expired and could not be refreshed.
    TokenExpired,
    /// Our own server refuses the client.
    Forbidden,
    /// The chat, model or route does not exist.
    NotFound,
    /// A quota or a limit is exceeded.
    RateLimited,
    /// The upstream cannot be reached, or only a gateway in front of it answers.
    UpstreamUnreachable,
    /// A timeout ended.
    Timeout,
    /// An unexpected or incomplete response of the upstream.
    UpstreamProtocol,
    /// The upstream requires a browser check.
    BrowserCheck,
    /// The chat is still answering an earlier prompt.
    ChatInProgress,
    /// Another synchronization of the archive is running.
    SyncInProgress,
    /// The user or the client interrupted the action.
    Interrupted,
}

/// Whether a retry can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAdvice {
    /// The same request will fail again.
    Never,
    /// The same request may succeed, after `retry_after` if that is known.
    Later,
    /// The same request may succeed, but a prompt may already have been accepted: look at the chat first.
    UnlessAccepted,
}

struct Row {
    code: &'static str,
    exit_code: u8,
    http_status: u16,
    retry: RetryAdvice,
    when: &'static str,
}

const fn row(
    code: &'static str,
    exit_code: u8,
    http_status: u16,
    retry: RetryAdvice,
    when: &'static str,
) -> Row {
    Row { code, exit_code, http_status, retry, when }
}

impl ErrorKind {
    /// Every kind, in the order of the table in README.
    pub const ALL: [Self; 17] = [
        Self::Internal,
        Self::InvalidRequest,
        Self::ContentRefused,
        Self::ContextTooLong,
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::TokenExpired,
        Self::Forbidden,
        Self::NotFound,
        Self::RateLimited,
        Self::UpstreamUnreachable,
        Self::Timeout,
        Self::UpstreamProtocol,
        Self::BrowserCheck,
        Self::ChatInProgress,
        Self::SyncInProgress,
        Self::Interrupted,
    ];

    const fn row(self) -> Row {
        use RetryAdvice::{Later, Never, UnlessAccepted};
        match self {
            Self::Internal => row("internal", 1, 500, Never, "internal error of qwenctl"),
            Self::InvalidRequest => {
                row("invalid_request", 2, 400, Never, "bad flag, message, chat id or model")
            }
            Self::ContentRefused => {
                row("content_refused", 3, 400, Never, "refused by the upstream's content filter")
            }
            Self::ContextTooLong => {
                row("context_too_long", 3, 400, Never, "the input is too long for the model")
            }
            Self::TokenMissing => row("token_missing", 4, 401, Never, "no access token"),
            Self::TokenInvalid => {
                row("token_invalid", 4, 401, Never, "access token malformed or rejected")
            }
            Self::TokenExpired => {
                row("token_expired", 4, 401, Never, "access token expired and not refreshable")
            }
            Self::Forbidden => row("forbidden", 4, 403, Never, "refused by our own server"),
            Self::NotFound => row("not_found", 5, 404, Never, "unknown chat, model or route"),
            Self::RateLimited => {
                row("rate_limited", 6, 429, Later, "quota used up, or too many requests")
            }
            Self::UpstreamUnreachable => row(
                "upstream_unreachable",
                7,
                502,
                UnlessAccepted,
                "connect, DNS or TLS failure, 5xx, gateway page",
            ),
            Self::Timeout => row("timeout", 7, 504, UnlessAccepted, "a timeout was reached"),
            Self::UpstreamProtocol => row(
                "upstream_protocol",
                8,
                502,
                Never,
                "unexpected response, or a cut answer that could not be recovered",
            ),
            Self::BrowserCheck => {
                row("browser_check", 9, 503, Never, "the upstream requires a browser check")
            }
            Self::ChatInProgress => {
                row("chat_in_progress", 10, 409, Later, "the chat is still answering")
            }
            Self::SyncInProgress => {
                row("sync_in_progress", 10, 409, Later, "the archive is being synchronized")
            }
            Self::Interrupted => {
                row("interrupted", 130, 503, Never, "Ctrl-C, or the client disconnected")
            }
        }
    }

    /// The stable code in JSON, logs and metrics.
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The exit code of the process.
    pub const fn exit_code(self) -> u8 {
        self.row().exit_code
    }

    /// The status of an HTTP response.
    pub const fn http_status(self) -> u16 {
        self.row().http_status
    }

    /// Whether a retry can help.
    pub const fn retry(self) -> RetryAdvice {
        self.row().retry
    }

    /// A short description for the tables in `--help` and README.
    pub const fn when(self) -> &'static str {
        self.row().when
    }
}

/// A failure: its kind, one sentence, and what to do next.
///
/// The sentence and the hint are for the user and hold no secret. The cause is for the log and only
/// reachable through [`StdError::source`].
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    may_be_accepted: bool,
    is_quota: bool,
    is_of_a_file: bool,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    partial: Option<Reply>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of `kind`, with one sentence without a final full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            may_be_accepted: false,
            is_quota: false,
            is_of_a_file: false,
            request_id: None,
            retry_after: None,
            partial: None,
            source: None,
        }))
    }

    /// A failure of [`ErrorKind::InvalidRequest`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    /// Adds the next step for the user.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Marks the error of a prompt that the upstream may have accepted all the same.
    #[must_use]
    pub fn though_maybe_accepted(mut self) -> Self {
        self.0.may_be_accepted = true;
        self
    }

    /// Marks the error of a quota that is used up until [`Error::retry_after`], not of a limit of seconds.
    #[must_use]
    pub fn of_quota(mut self) -> Self {
        self.0.is_quota = true;
        self
    }

    /// Marks the error of a file of this machine, which clients of a server need not know.
    #[must_use]
    pub fn of_a_file(mut self) -> Self {
        self.0.is_of_a_file = true;
        self
    }

    /// Whether this is the error of a file of this machine.
    pub fn is_of_a_file(&self) -> bool {
        self.0.is_of_a_file
    }

    /// The same error for the clients of a server. That of a file is an internal one without the path, with
    /// this one as its cause.
    #[must_use]
    pub fn for_clients(self) -> Self {
        if !self.0.is_of_a_file {
            return self;
        }
        let kind = match self.kind() {
            ErrorKind::Timeout => ErrorKind::Timeout,
            _ => ErrorKind::Internal,
        };
        Self::new(kind, "the server cannot use one of its own files")
            .with_hint("see the server's log for this request id")
            .caused_by(self)
    }

    /// Whether the quota of the account is used up.
    pub fn is_quota(&self) -> bool {
        self.0.is_quota
    }

    /// Whether the upstream has surely not accepted the prompt, and will not do so later.
    pub fn is_refusal(&self) -> bool {
        use ErrorKind::{Internal, Interrupted, Timeout, UpstreamProtocol, UpstreamUnreachable};
        let is_unclear = matches!(
            self.kind(),
            Internal | Interrupted | Timeout | UpstreamProtocol | UpstreamUnreachable
        );
        !is_unclear && !self.0.may_be_accepted
    }

    /// Adds the upstream's (or our) request id.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id.or(self.0.request_id);
        self
    }

    /// Adds the delay before a retry.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay.or(self.0.retry_after);
        self
    }

    /// Adds the partial answer, unless it is empty.
    #[must_use]
    pub fn with_partial(mut self, reply: Reply) -> Self {
        if reply.has_substance() {
            self.0.partial = Some(reply);
        }
        self
    }

    /// Adds the cause, for the log (see [`Error::causes`]).
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence for the user.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next step for the user.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The request id.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The delay before a retry.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The causes, outermost first and joined by `: `, without secrets and at most 1000
    /// bytes long; `None` without a cause.
    pub fn causes(&self) -> Option<String> {
        let mut causes = String::new();
        let mut last = String::new();
        let mut next = self.source();
        while let Some(cause) = next.filter(|_| causes.len() < MAX_CAUSES) {
            let text = redact(&cause.to_string());
            // Some errors repeat the sentence of their cause.
            if !text.is_empty() && text != last {
                let separator = if causes.is_empty() { "" } else { ": " };
                causes.extend([separator, &text]);
                last = text;
            }
            next = cause.source();
        }
        causes.truncate(causes.floor_char_boundary(MAX_CAUSES));
        (!causes.is_empty()).then_some(causes)
    }

    /// The partial answer.
    pub fn partial(&self) -> Option<&Reply> {
        self.0.partial.as_ref()
    }
}

/// Here and not beside the type, so that the type does not import the error that may hold a reply.
impl FromStr for ChatId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self> {
        Self::checked(id).map_err(|fault| {
            Error::invalid(fault).with_hint("`qwenctl chats list` shows the ids of your chats")
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("request_id", &self.0.request_id)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_joined_without_repetition_and_without_secrets() {
        let token = format!("{}.{}.{}", "a".repeat(30), "b".repeat(30), "c".repeat(30));
        let inner = Error::new(ErrorKind::Internal, format!("http://me:pw@proxy/ with {token}"));
        let middle = Error::new(ErrorKind::Internal, "refused").caused_by(inner);
        let same = Error::new(ErrorKind::Internal, "refused").caused_by(middle);
        let outer = Error::new(ErrorKind::UpstreamUnreachable, "no connection").caused_by(same);
        assert_eq!(outer.causes().as_deref(), Some("refused: http://…@proxy/ with …"));
        assert_eq!(Error::invalid("x").causes(), None);
    }

    #[test]
    fn causes_are_bounded() {
        let error = Error::invalid("x").caused_by("ü".repeat(MAX_CAUSES));
        assert_eq!(error.causes().map(|causes| causes.len()), Some(MAX_CAUSES));
    }
}
