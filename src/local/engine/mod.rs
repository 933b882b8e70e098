//! What writes the answers.
//!
//! An engine turns a [`Question`] into a stream of [`Step`]s; it knows nothing of the wire, of
//! chats or of storage, so another engine (an OpenAI-compatible server, say) is one more
//! implementation of [`Engine`] and one line where the local upstream is put together.

pub mod echo;
pub mod markers;

use std::fmt;

use futures_util::stream::BoxStream;
use serde_json::Value;

use self::markers::Markers;

/// In which form thinking is shown (protocol 7.5, 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking {
    /// Phase `thinking_summary`: titles and thoughts as cumulative snapshots.
    Summary,
    /// Phase `think`: text.
    Detail,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The prompt, as the user sent it.
    pub prompt: String,
    /// What the prompt's markers ask for.
    pub markers: Markers,
    /// How to think, if at all.
    pub thinking: Option<Thinking>,
    /// Whether to search the web.
    pub search: bool,
    /// Whether an image is wanted.
    pub image: bool,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Nothing for this many times the pace.
    Pause(u32),
    /// A piece of the answer's text.
    Text(String),
    /// A piece of thinking text ([`Thinking::Detail`]).
    Think(String),
    /// All titles and thoughts so far ([`Thinking::Summary`]).
    Summary { titles: Vec<String>, thoughts: Vec<String> },
    /// A web search.
    Search { queries: Vec<String>, documents: Vec<Document> },
    /// A picture at this URL.
    Image(String),
    /// Stream bytes as they are, outside any phase; `{C1}`, `{U1}`, `{R1}` and `{T}` stand for the
    /// ids and the time.
    Raw(String),
    /// Raw stream bytes that tell of a failure, and how the stored message shows it; nothing comes
    /// after.
    Failure { bytes: String, stored: Value },
    /// Nothing for this many milliseconds, whatever the pace.
    Silence(u64),
    /// A new round of the model begins with these counts (input, output).
    Round { input: u64, output: u64 },
}

/// A page that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub url: String,
    pub title: String,
    pub snippet: String,
    pub date: String,
}

/// The steps of one answer, in order.
pub type Answer = BoxStream<'static, Step>;

/// Something that answers questions.
pub trait Engine: fmt::Debug + Send + Sync {
    /// How the admin face calls it.
    fn name(&self) -> &'static str;
    /// Begins an answer.
    fn answer(&self, question: &Question) -> Answer;
}
