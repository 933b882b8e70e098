//! Engines: model servers that write the answers.
//!
//! An `Engine` turns a `Question` into a stream of `Step`s and lists its `Model`s. It does
//! not depend on the client, on chats or on storage. Some steps (`Raw`, `Failure`) and the codes of
//! `Refusal` follow chat.qwen.ai, for the local upstream. `openai` speaks to servers
//! with the `OpenAI` API; the local upstream has a second engine, which makes its answers up.

mod chunk;
mod direct;
mod event;
mod failure;
mod history;
mod http;
mod models;
mod openai;
mod options;
mod reader;
mod request;
mod think_tags;

pub(crate) use self::direct::Request;
pub(crate) use self::failure::CUT_OFF;
pub use self::openai::open;
pub use self::options::EngineOptions;
pub use crate::domain::ModelMap;

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::Value;

pub(crate) use crate::domain::Exchange;
use crate::tools::Call;

/// A model that many examples name. No engine lists it, and every engine answers for it.
pub const EXAMPLE_MODEL: &str = "qwen3-max";

/// The prefix of the ids of made-up models. Every engine answers for them, too, so that a chat with
/// one of them can continue with an engine. The names are invented: no echo passes for a model.
pub(crate) const MADE_UP: &str = "local-echo-";

/// The form of thinking (protocol 7.5, 7.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// Phase `thinking_summary`: titles and thoughts as cumulative snapshots.
    Summary,
    /// Phase `think`: text.
    Detail,
}

/// A prompt with everything that an engine needs to answer it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The id of the model.
    pub model: String,
    /// The system prompt.
    pub system: Option<String>,
    /// The prompt, as the user sent it.
    pub prompt: String,
    /// Addresses of the pictures that belong to it.
    pub images: Vec<String>,
    /// The earlier exchanges of the branch, oldest first. Empty for an engine that makes its answers up.
    pub history: Vec<Exchange>,
    /// How to think, if at all.
    pub thinking: Option<Thinking>,
    /// Whether the model decides by itself to think.
    pub thinks_freely: bool,
    /// Whether to search the web.
    pub search: bool,
    /// Whether to make a picture.
    pub image: bool,
}

/// A model on offer (protocol 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Model {
    /// Its id.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// The values of `chat_type` that it takes.
    pub chat_types: &'static [&'static str],
    /// Whether it can think.
    pub thinks: bool,
    /// Whether it takes pictures.
    pub sees: bool,
    /// Its context window, in tokens.
    pub context: u64,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
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
    /// Whether the text that follows may still turn out to be thinking.
    Provisional(bool),
    /// All text so far was thinking.
    Recast,
    /// The engine works, but has nothing to say yet.
    Alive,
    /// The answer fails; nothing comes after.
    Failed(Refusal),
    /// Raw stream bytes of a failure, and how the stored message shows it; nothing comes after.
    Failure { bytes: String, stored: Value },
    /// Nothing for this many milliseconds, whatever the pace.
    Silence(u64),
    /// A new round of the model begins with these token counts.
    Round { input: u64, output: u64 },
    /// The token counts so far, in place of our own estimate.
    Usage { input: u64, output: u64, reasoning: Option<u64>, cached: Option<u64> },
    /// A call of a tool of the [`Request`], whole.
    Call(Call),
}

/// Why there is no answer, or no more of it, in the terms of protocol 8.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The upstream's code for it.
    pub code: &'static str,
    /// What went wrong, and the next step, in words.
    pub details: String,
    /// Seconds to wait before another try.
    pub retry_after: Option<u64>,
}

/// A page that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub url: String,
    pub title: String,
    pub snippet: String,
    pub date: String,
}

/// The steps of one answer, in order.
pub(crate) type Answer = BoxStream<'static, Step>;

/// Writes answers.
pub(crate) trait Engine: fmt::Debug + Send + Sync {
    /// Its name on the admin API.
    fn name(&self) -> &'static str;

    /// The address of the server behind it. An engine without one makes its answers up: markers in
    /// prompts steer it, and the local upstream sets its pace.
    fn url(&self) -> Option<&str>;

    /// The models on offer, the default first; never empty.
    ///
    /// # Errors
    /// If the engine does not answer.
    fn models(&self) -> BoxFuture<'_, Result<Vec<Model>, Refusal>>;

    /// The display name of the model that it takes for this id; `None` if there is none.
    ///
    /// # Errors
    /// If the engine does not answer.
    fn model_name<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Refusal>>;

    /// Begins an answer. Dropping the future or the answer ends the work on it.
    ///
    /// # Errors
    /// If it refuses before the first step.
    fn answer(&self, question: Question) -> BoxFuture<'static, Result<Answer, Refusal>>;

    /// Begins the answer to a request of a compatible API. Only an engine with an address takes one.
    ///
    /// # Errors
    /// As for [`Engine::answer`].
    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Answer, Refusal>> {
        let refusal = failure::no_such_model(self.name(), &request.model);
        futures_util::future::ready(Err(refusal)).boxed()
    }
}

/// An engine to start a local upstream with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct EngineHandle(pub(crate) Arc<dyn Engine>);

impl EngineHandle {
    /// The address of the server behind it, if there is one.
    pub fn url(&self) -> Option<&str> {
        self.0.url()
    }

    /// As [`Engine::complete`].
    ///
    /// # Errors
    /// If it refuses before the first step.
    pub(crate) async fn complete(&self, request: Request) -> Result<Answer, Refusal> {
        self.0.complete(request).await
    }
}
