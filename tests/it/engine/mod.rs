//! The local upstream with an engine behind it: a scripted server with the `OpenAI` API.

mod command;
mod direct;
mod failures;
mod links;
mod requests;
mod roles;
mod shapes;
mod streams;

use qwenctl::engine::{self, EngineOptions};
use qwenctl::local::{Access, LocalOptions};
use serde_json::{Value, json};

use crate::local_upstream::peer::Peer;
use crate::support::response::Response;
use crate::support::upstream::Upstream;

const ASK: &str = "POST /v1/chat/completions";
const MODELS: &str = "GET /v1/models";

/// A local upstream in front of a scripted engine.
struct World {
    engine: Upstream,
    peer: Peer,
}

impl World {
    /// With an engine that has two models.
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// As [`Self::new`], after a change to the options.
    async fn with(change: impl FnOnce(&mut EngineOptions)) -> Self {
        let world = Self::bare(change).await;
        world.engine.always(MODELS, || models(&["small", "large:latest"]));
        world
    }

    /// With an engine without scripted answers.
    async fn bare(change: impl FnOnce(&mut EngineOptions)) -> Self {
        let engine = Upstream::start().await;
        let mut options =
            EngineOptions { url: format!("{}/v1", engine.origin()), ..EngineOptions::default() };
        change(&mut options);
        let opened = engine::open(options).expect("an engine");
        let options = LocalOptions {
            engine: Some(opened),
            access: Access::Programs,
            ..LocalOptions::default()
        };
        Self { engine, peer: Peer::with(options).await }
    }

    /// Scripts the engine's response to the next request.
    fn on(&self, response: Response) -> &Self {
        self.engine.on(ASK, response);
        self
    }

    /// Sends `body` to its chat and returns the whole answer.
    async fn turn(&self, body: &Value) -> String {
        let chat = body["chat_id"].as_str().expect("a chat").to_owned();
        let sent = self.peer.turn(&chat, body).send().await.expect("a response");
        sent.text().await.expect("a whole body")
    }

    /// The bodies of the requests to the engine.
    fn asked(&self) -> Vec<Value> {
        self.engine.requests(ASK).iter().map(crate::support::http::Request::json).collect()
    }
}

/// A list of models.
fn models(ids: &[&str]) -> Response {
    let models: Vec<_> = ids.iter().map(|id| json!({"id": id, "object": "model"})).collect();
    Response::new("application/json", json!({"object": "list", "data": models}).to_string())
}

/// An event with this delta.
fn delta(delta: &Value) -> String {
    format!(
        "data: {}\n\n",
        json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
    )
}

/// An event with a piece of text.
fn text(piece: &str) -> String {
    delta(&json!({"content": piece}))
}

/// The event with the reason for the end of the answer.
fn finish(reason: &str) -> String {
    format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    )
}

const DONE: &str = "data: [DONE]\n\n";

/// A whole answer.
fn says(words: &str) -> Response {
    Response::stream([text(words), finish("stop"), DONE.to_owned()])
}

/// An error in the form of such servers.
fn error(status: u16, error: &Value) -> Response {
    Response::new("application/json", json!({"error": error}).to_string()).status(status)
}
