//! The stream of a completion (protocol 7): its content, its events and the bytes on the wire.
//!
//! ```text
//! engine ── steps ──▶ runner ── steps ──▶ writer ── events ──▶ runner ── chunks ──▶ body (encoding, cuts) ──▶ client
//!                       └── progress ──▶ store
//! ```

pub(super) mod body;
pub(super) mod chunking;
pub(super) mod frames;
pub(super) mod runner;
pub(super) mod writer;

use std::time::Duration;

use crate::engine::Step;
use chunking::Chunking;
use frames::Dialect;

/// How one stream differs from an ordinary one. Faults change it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The format of events.
    pub dialect: Dialect,
    /// How the bytes are cut, if not as configured.
    pub chunking: Option<Chunking>,
    /// A content coding that misbehaves.
    pub coding: Option<OddCoding>,
    /// Steps before the engine's first.
    pub before: Vec<Step>,
    /// Steps after the engine's first piece of text.
    pub amid: Vec<Step>,
    /// Steps in place of the engine's.
    pub instead: Option<Vec<Step>>,
    /// How the stream ends.
    pub ending: Ending,
    /// How long the stored answer stays invisible to readers.
    pub hidden: Duration,
    /// The delay of the title, if not the usual one.
    pub title_delay: Option<Duration>,
    /// What a resume call gets (F109).
    pub resume: Resume,
    /// Whether the response is empty although the prompt is accepted (F103).
    pub silent: bool,
    /// Whether refusals have the codes of before the autumn of 2026 (F100).
    pub old_codes: bool,
}

/// What a resume call gets while the answer is being written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Resume {
    /// What has not been sent yet.
    #[default]
    Rest,
    /// All from the beginning.
    Whole,
    /// Nothing after the first event.
    Empty,
    /// A refusal with this code and these details.
    Refused(&'static str, &'static str),
}

/// How a stream ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Ending {
    /// Two empty typing events, the terminal event, end of body.
    #[default]
    Terminal,
    /// As [`Self::Terminal`], then these bytes.
    TerminalAnd(&'static str),
    /// As [`Self::Terminal`], then nothing for so long.
    TerminalThenSilence(Duration),
    /// The end of the body, with no terminal event.
    Bare,
    /// As after a stop call: `response.stopped`, end of body.
    Stopped,
    /// Cut off after `deltas` pieces of text. The answer continues unseen and is complete after
    /// `recovered`.
    Cut { deltas: usize, how: Cut, recovered: Duration },
}

/// How a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The body ends properly, but too early.
    EndOfBody,
    /// The connection is closed in mid-body.
    Close,
    /// The connection is reset in mid-body.
    Reset,
}

/// A content coding that misbehaves (F71). It is used only if the client accepts a coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OddCoding {
    /// Gzip, flushed per event: the ordinary coding, on request.
    Gzip,
    /// Nothing is flushed until the end.
    Held,
    /// Gzip without its trailer and last block.
    Truncated,
}
