//! An engine that asks a server which speaks the `OpenAI` API: Ollama, LM Studio, llama.cpp, vLLM, a
//! gateway, or the official paid API of Qwen.
//!
//! What it keeps true: the key goes to the engine's address alone, whatever the engine answers; no
//! answer that was cut short passes for a whole one; everything that the engine sends is bounded and
//! is no more than text; dropping an answer closes the connection, which is how such servers are told
//! to stop.
//!
//! ```text
//! Question ─▶ request (history cut to the context) ─▶ POST …/chat/completions
//! Step ◀─ reader (pieces, thinking, usage, end) ◀─ events ◀─ bytes
//! ```

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

use super::{Answer, Engine, Model, Question, Refusal, Step};

use crate::engine::failure::{Nature, Trouble};
use crate::engine::http::Link;
use crate::engine::models::{Catalog, Found};
use crate::engine::reader::Reader;
use crate::engine::request::Manner;

pub use crate::engine::options::{EngineOptions, ModelMap};

/// How often a history that is too long after all is cut again, to half of what was sent each time.
const SHORTER: usize = 6;
/// How many models that do not take optional parameters are remembered.
const MAX_PLAIN: usize = 64;

/// The engine. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct OpenAi(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    link: Link,
    catalog: Catalog,
    manner: Manner,
    context: Option<u64>,
    /// The models with which the engine refuses optional parameters.
    plain: Mutex<HashSet<String>>,
}

impl OpenAi {
    /// Makes no connection yet.
    ///
    /// # Errors
    /// If the address, the key, the proxy or a certificate cannot be used.
    pub(crate) fn new(options: EngineOptions) -> io::Result<Self> {
        let link = Link::new(&options)?;
        let manner = Manner::of(link.url());
        let catalog = Catalog::new(options.models, options.context, manner);
        Ok(Self(Arc::new(Shared {
            link,
            catalog,
            manner,
            context: options.context,
            plain: Mutex::default(),
        })))
    }
}

impl Engine for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn is_made_up(&self) -> bool {
        false
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<Model>, Refusal>> {
        self.0.catalog.models(&self.0.link).boxed()
    }

    fn model_name<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        async move {
            let found = self.0.catalog.find(&self.0.link, id).await?;
            Ok(found.map(|found| found.id))
        }
        .boxed()
    }

    fn answer(&self, question: Question) -> BoxFuture<'static, Result<Answer, Refusal>> {
        let shared = Arc::clone(&self.0);
        async move { shared.answer(&question).await }.boxed()
    }
}

impl Shared {
    async fn answer(&self, question: &Question) -> Result<Answer, Refusal> {
        self.manner.check(question, self.link.place())?;
        let Some(model) = self.catalog.find(&self.link, &question.model).await? else {
            return Err(crate::engine::failure::no_such_model(self.link.place(), &question.model));
        };
        let patience = self.link.idle();
        let answer = timeout(patience, self.cut_to_fit(&model, question)).await;
        match answer
            .unwrap_or_else(|_| Err(crate::engine::failure::stalled(self.link.place(), patience)))
        {
            Ok(answer) => Ok(answer),
            Err(trouble) if trouble.nature == Nature::Model => {
                Err(crate::engine::failure::no_such_model(self.link.place(), &model.id))
            }
            Err(trouble) => failed(trouble),
        }
    }

    /// Asks again with less of the history if it is too long after all: tokens were estimated, and
    /// the engine has counted them.
    async fn cut_to_fit(&self, model: &Found, question: &Question) -> Result<Answer, Trouble> {
        let mut context = self.context.unwrap_or(model.context);
        let (mut messages, mut size) = crate::engine::history::messages(question, context);
        let mut answer = self.begin(&model.id, &messages, question).await;
        for _ in 0..SHORTER {
            let too_long = matches!(&answer, Err(trouble) if trouble.nature == Nature::TooLong);
            if !too_long || messages.len() == 1 {
                break;
            }
            context = context.min(size) / 2;
            (messages, size) = crate::engine::history::messages(question, context);
            answer = self.begin(&model.id, &messages, question).await;
        }
        answer
    }

    /// Asks the engine, and waits for the first step: one that fails before it has refused.
    async fn begin(
        &self,
        model: &str,
        messages: &[Value],
        question: &Question,
    ) -> Result<Answer, Trouble> {
        let mut reader = Reader::new(self.open(model, messages, question).await?, &self.link);
        let Some(first) = reader.next().await.transpose()? else {
            return Ok(stream::empty().boxed());
        };
        let rest = stream::unfold(reader, |mut reader| async move {
            let step = match reader.next().await? {
                Ok(step) => step,
                Err(trouble) => Step::Failed(trouble.refusal),
            };
            Some((step, reader))
        });
        Ok(stream::once(async { first }).chain(rest).boxed())
    }

    /// Asks the engine, once more without optional parameters if it may be about them.
    async fn open(
        &self,
        model: &str,
        messages: &[Value],
        question: &Question,
    ) -> Result<Response, Trouble> {
        let body =
            |plain| crate::engine::request::body(model, messages, question, self.manner, plain);
        let plain = self.plain().contains(model);
        let opened = self.link.ask(&body(plain)).await;
        if plain || !matches!(&opened, Err(trouble) if trouble.nature == Nature::Parameters) {
            return opened;
        }
        let opened = self.link.ask(&body(true)).await;
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

/// A refusal invites another try. Where nobody shall try again at once, that is an answer that has
/// failed.
fn failed(trouble: Trouble) -> Result<Answer, Refusal> {
    match trouble.nature {
        Nature::Final => {
            let step = Step::Failed(trouble.refusal);
            Ok(stream::once(async { step }).boxed())
        }
        _ => Err(trouble.refusal),
    }
}
