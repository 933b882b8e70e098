//! What the client tells while it works, so that a wait is never a riddle.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something worth a line on stderr or in the log. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A request failed and will be made again.
    Retrying {
        /// What went wrong.
        reason: String,
        /// How long until then.
        delay: Duration,
    },
    /// The chat is still answering an earlier prompt.
    ChatBusy {
        /// How long until the next attempt.
        delay: Duration,
    },
    /// The stream was cut; the answer is being read from the chat.
    Recovering,
    /// Something went wrong that the user will meet again.
    Warning(String),
    /// Something was odd about the answer, but it goes on.
    Odd(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying { reason, delay } => {
                write!(f, "{reason}; trying again in {:.1} s", delay.as_secs_f64())
            }
            Self::ChatBusy { delay } => {
                write!(
                    f,
                    "the chat is still answering; trying again in {:.1} s",
                    delay.as_secs_f64()
                )
            }
            Self::Recovering => f.write_str("the stream was cut; reading the answer from the chat"),
            Self::Warning(what) | Self::Odd(what) => f.write_str(what),
        }
    }
}

/// Receives the notices of a client.
#[derive(Clone)]
pub struct NoticeSink(Arc<dyn Fn(Notice) + Send + Sync>);

impl NoticeSink {
    /// Calls `receive` for each notice; it must not block.
    pub fn new(receive: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    pub(crate) fn send(&self, notice: Notice) {
        (self.0)(notice);
    }
}

impl Default for NoticeSink {
    fn default() -> Self {
        Self::new(drop)
    }
}
