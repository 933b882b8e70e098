//! What writes the answers.
//!
//! An engine turns a [`Question`] into a stream of [`Step`]s and says which [`Model`]s it has; it
//! knows nothing of the wire, of chats or of storage. There are two: [`echo`], which makes its
//! answers up, and [`openai`], which asks a server that speaks the `OpenAI` API.

pub(crate) mod chunk;
pub(crate) mod failure;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod models;
pub(super) mod openai;
pub(crate) mod options;
pub(crate) mod reader;
pub(crate) mod request;
pub(crate) mod think_tags;

use std::fmt;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::Value;

/// A model that many examples name. No engine lists it, and every engine answers for it.
pub const EXAMPLE_MODEL: &str = "qwen3-max";

/// The prefix of the ids of made-up models. Every engine answers for them, too, so that a chat with
/// one of them can continue with an engine. The names are invented: no echo passes for a model.
pub(crate) const MADE_UP: &str = "local-echo-";

/// In which form thinking is shown (protocol 7.5, 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Phase `thinking_summary`: titles and thoughts as cumulative snapshots.
    Summary,
    /// Phase `think`: text.
    Detail,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The id of the model.
    pub model: String,
    /// The prompt, as the user sent it.
    pub prompt: String,
    /// Addresses of the pictures that belong to it.
    pub images: Vec<String>,
    /// What was said before, oldest first. Only for an engine that remembers nothing itself.
    pub history: Vec<Exchange>,
    /// How to think, if at all.
    pub thinking: Option<Thinking>,
    /// Whether it is left to the model to think.
    pub thinks_freely: bool,
    /// Whether to search the web.
    pub search: bool,
    /// Whether an image is wanted.
    pub image: bool,
}

/// An earlier question, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchange {
    /// The prompt.
    pub prompt: String,
    /// Addresses of the pictures that belong to it.
    pub images: Vec<String>,
    /// The answer's text.
    pub answer: String,
}

/// A model on offer (protocol 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Model {
    /// Its id.
    pub id: String,
    /// How it is shown.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// The values of `chat_type` that it takes.
    pub chat_types: &'static [&'static str],
    /// Whether it can think.
    pub thinks: bool,
    /// Whether it may be shown pictures.
    pub sees: bool,
    /// How many tokens it can look at.
    pub context: u64,
}
/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
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
    /// The engine works, but has nothing to say yet.
    Alive,
    /// The answer fails; nothing comes after.
    Failed(Refusal),
    /// Raw stream bytes of a failure, and how the stored message shows it; nothing comes after.
    Failure { bytes: String, stored: Value },
    /// Nothing for this many milliseconds, whatever the pace.
    Silence(u64),
    /// A new round of the model begins with these counts (input, output).
    Round { input: u64, output: u64 },
    /// What the answer has cost so far (input, output), instead of our own estimate.
    Usage { input: u64, output: u64 },
}

/// Why there is no answer, or no more of it, in the terms of protocol 8.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The upstream's code for it.
    pub code: &'static str,
    /// What went wrong, and what to do, in words.
    pub details: String,
    /// How many seconds to wait before another try.
    pub retry_after: Option<u64>,
}

/// A page that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub url: String,
    pub title: String,
    pub snippet: String,
    pub date: String,
}

/// The steps of one answer, in order.
pub(super) type Answer = BoxStream<'static, Step>;

/// Something that answers questions.
pub(super) trait Engine: fmt::Debug + Send + Sync {
    /// How the admin face calls it.
    fn name(&self) -> &'static str;

    /// Whether it makes its answers up: then markers in prompts steer it, and it has to be told how
    /// fast a model is. What a real model is asked is nobody's to change.
    fn is_made_up(&self) -> bool;

    /// What it offers, the default first; never empty.
    ///
    /// # Errors
    /// If it cannot be asked.
    fn models(&self) -> BoxFuture<'_, Result<Vec<Model>, Refusal>>;

    /// The display name of the model that it would take for this id; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be asked.
    fn model_name<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Refusal>>;

    /// Begins an answer. Dropping the future or the answer ends the work on it.
    ///
    /// # Errors
    /// If it refuses before it has said anything.
    fn answer(&self, question: Question) -> BoxFuture<'static, Result<Answer, Refusal>>;
}
