//! An engine behind the `OpenAI` API: Ollama, LM Studio, llama.cpp, vLLM, a gateway, or the official
//! paid API of Qwen.
//!
//! What it keeps true: the key goes to the engine's address only, whatever the engine answers; a
//! truncated answer never passes for a whole one; everything from the engine is bounded and is only
//! text; dropping an answer closes the connection, which stops such a server.
//!
//! ```text
//! Question ─▶ request (history cut to the context) ─▶ POST …/chat/completions
//! Step ◀─ reader (pieces, thinking, usage, end) ◀─ events ◀─ bytes
//! ```

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use reqwest::Response;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::failure::{Cause, Failure};
use super::http::Connection;
use super::models::{Catalog, Found};
use super::options::EngineOptions;
use super::reader::Reader;
use super::request::Dialect;
use super::think_tags::Habits;
use super::{Answer, Engine, EngineHandle, Model, Question, Refusal, Request, Step};
use super::{direct, failure, history, request};
use crate::domain;

/// How often a history that is still too long is cut again, each time to half of what was sent.
const SHORTER: usize = 6;
/// How many models that refuse optional parameters are remembered.
const MAX_PLAIN: usize = 64;

/// The engine. Cheap to clone.
#[derive(Debug, Clone)]
struct OpenAi(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connection: Connection,
    catalog: Catalog,
    dialect: Dialect,
    context: Option<u64>,
    /// The models that refuse optional parameters.
    plain: Mutex<HashSet<String>>,
    habits: Habits,
}

/// An engine with these options. Opens no connection yet.
///
/// # Errors
/// If the address, the key, the proxy or a certificate cannot be used.
pub fn open(options: EngineOptions) -> domain::Result<EngineHandle> {
    let connection = Connection::new(&options)?;
    let dialect = Dialect::of(connection.url());
    let catalog = Catalog::new(options.models, options.context, dialect);
    let shared = Shared {
        connection,
        catalog,
        dialect,
        context: options.context,
        plain: Mutex::default(),
        habits: Habits::default(),
    };
    Ok(EngineHandle(Arc::new(OpenAi(Arc::new(shared)))))
}

impl Engine for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn url(&self) -> Option<&str> {
        Some(self.0.connection.url().as_str().trim_end_matches('/'))
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<Model>, Refusal>> {
        self.0.catalog.models(&self.0.connection).boxed()
    }

    fn model_name<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        async move {
            let found = self.0.catalog.find(&self.0.connection, id).await?;
            Ok(found.map(|found| found.id))
        }
        .boxed()
    }

    fn answer(&self, question: Question) -> BoxFuture<'static, Result<Answer, Refusal>> {
        let shared = Arc::clone(&self.0);
        async move { shared.answer(&question).await }.boxed()
    }

    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Answer, Refusal>> {
        let shared = Arc::clone(&self.0);
        async move { shared.complete(&request).await }.boxed()
    }
}

impl Shared {
    async fn answer(&self, question: &Question) -> Result<Answer, Refusal> {
        self.dialect.check(question, self.connection.place())?;
        let Some(model) = self.catalog.find(&self.connection, &question.model).await? else {
            return Err(failure::no_such_model(self.connection.place(), &question.model));
        };
        self.begun(&model, self.cut_to_fit(&model, question)).await
    }

    /// Answers a request as it is: too long a history is for its client to cut.
    async fn complete(&self, request: &Request) -> Result<Answer, Refusal> {
        self.dialect.check_search(request.search, self.connection.place())?;
        let Some(model) = self.catalog.find(&self.connection, &request.model).await? else {
            return Err(failure::no_such_model(self.connection.place(), &request.model));
        };
        let messages = direct::messages(&request.messages);
        let answer = async {
            let body = |plain| request.body(&model.id, &messages, self.dialect, plain);
            let response = self.open(&model.id, body).await?;
            let habit = self.habits.of(&model.id, request.thinking == Some(true));
            let reader = Reader::new(response, &self.connection, habit);
            first(reader.offering(&request.offer)).await
        };
        self.begun(&model, answer).await
    }

    /// Waits for the first step of an answer.
    async fn begun(
        &self,
        model: &Found,
        answer: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<Answer, Refusal> {
        let patience = self.connection.idle();
        let answer = timeout(patience, answer).await;
        match answer.unwrap_or_else(|_| Err(failure::stalled(self.connection.place(), patience))) {
            Ok(answer) => Ok(answer),
            Err(failed) if failed.cause == Cause::Model => {
                Err(failure::no_such_model(self.connection.place(), &model.id))
            }
            Err(failed) => answer_or_refusal(failed),
        }
    }

    /// Asks again with less of the history if it is too long: we estimate tokens, the engine counts.
    async fn cut_to_fit(&self, model: &Found, question: &Question) -> Result<Answer, Failure> {
        let mut context = self.context.unwrap_or(model.context);
        let (mut messages, mut size) = history::messages(question, context);
        let mut answer = self.begin(&model.id, &messages, question).await;
        let least = 1 + usize::from(question.system.is_some());
        for _ in 0..SHORTER {
            let too_long = matches!(&answer, Err(failed) if failed.cause == Cause::TooLong);
            if !too_long || messages.len() <= least {
                break;
            }
            context = context.min(size) / 2;
            (messages, size) = history::messages(question, context);
            answer = self.begin(&model.id, &messages, question).await;
        }
        answer
    }

    /// Sends the request and waits for the first step. A failure before it is a refusal.
    async fn begin(
        &self,
        model: &str,
        messages: &[Value],
        question: &Question,
    ) -> Result<Answer, Failure> {
        let body = |plain| request::body(model, messages, question, self.dialect, plain);
        let response = self.open(model, body).await?;
        let habit = self.habits.of(model, question.thinking.is_some());
        first(Reader::new(response, &self.connection, habit)).await
    }

    /// Sends the request, and once more without optional parameters if they may explain a refusal.
    async fn open<B: Serialize>(
        &self,
        model: &str,
        body: impl Fn(bool) -> B,
    ) -> Result<Response, Failure> {
        let plain = self.plain().contains(model);
        let opened = self.connection.ask(&body(plain)).await;
        if plain || !matches!(&opened, Err(failed) if failed.cause == Cause::Parameters) {
            return opened;
        }
        let opened = self.connection.ask(&body(true)).await;
        if opened.is_ok() {
            let mut known = self.plain();
            if known.len() < MAX_PLAIN {
                known.insert(model.to_owned());
            }
        }
        opened
    }

    fn plain(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steps of an answer, once there is one.
async fn first(mut reader: Reader) -> Result<Answer, Failure> {
    let Some(first) = reader.next().await.transpose()? else {
        return Ok(stream::empty().boxed());
    };
    let rest = stream::unfold(reader, |mut reader| async move {
        let step = match reader.next().await? {
            Ok(step) => step,
            Err(failed) => Step::Failed(failed.refusal),
        };
        Some((step, reader))
    });
    Ok(stream::once(async { first }).chain(rest).boxed())
}

/// A refusal invites another try. Where an immediate retry is wrong, it becomes a failed answer.
fn answer_or_refusal(failed: Failure) -> Result<Answer, Refusal> {
    match failed.cause {
        Cause::Final => {
            let step = Step::Failed(failed.refusal);
            Ok(stream::once(async { step }).boxed())
        }
        _ => Err(failed.refusal),
    }
}
