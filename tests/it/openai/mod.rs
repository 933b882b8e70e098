//! The compatible APIs, over sockets: their shapes, their failures, what becomes of the chats.

mod async_openai;
mod chats;
mod command;
mod driver;
mod errors;
mod gone;
mod killed;
mod limits;
mod prompts;
pub(crate) mod shapes;
mod tools;

use qwenctl::server::ServerOptions;
use serde_json::{Value, json};

use crate::server::world::{Answer, Served};
use crate::support::bodies::{C1, envelope};
use crate::support::response::Response;
use crate::support::upstream::Upstream;
use crate::support::world::COMPLETIONS;

const NEW: &str = "POST /api/v2/chats/new";
const DELETE: &str = "DELETE /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
const MODELS: &str = "GET /api/v2/models/";

/// Makes a question of a text.
type Question = fn(&str) -> Value;

/// The three routes that answer prompts, each with a way to ask.
const ROUTES: [(&str, Question); 3] = [
    ("/v1/chat/completions", chat),
    ("/v1/responses", |text| json!({"model": MODEL, "input": text})),
    (
        "/v1/messages",
        |text| json!({"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": text}]}),
    ),
];

const MODEL: &str = "qwen-example-max";

/// A question for `/v1/chat/completions`.
fn chat(text: &str) -> Value {
    json!({"model": MODEL, "messages": [{"role": "user", "content": text}]})
}

/// `value` with these members besides.
fn with(mut value: Value, more: &Value) -> Value {
    for (name, member) in more.as_object().expect("an object") {
        value[name] = member.clone();
    }
    value
}

/// An upstream that has two models: one that sees, and `qwen-example-blind`.
async fn upstream() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.always(MODELS, || {
        let model = |id: &str, sees: bool| {
            json!({"id": id, "name": id, "info": {"meta": {"capabilities": {"vision": sees}}}})
        };
        envelope(json!({"data": [model(MODEL, true), model("qwen-example-blind", false)]}))
    });
    upstream
}

/// It makes a chat, answers so, and deletes it.
fn answers(upstream: &Upstream, answer: Response) {
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, answer);
    upstream.on(DELETE, envelope(json!({"status": true})));
}

/// A server in front of `upstream`, after a change to its options.
async fn served(upstream: &Upstream, change: impl FnOnce(&mut ServerOptions)) -> Served {
    Served::configured(upstream, change).await
}

/// Asks, and waits until the chat of the answer has been deleted.
async fn ask(served: &Served, upstream: &Upstream, path: &str, body: Value) -> Answer {
    let answer = served.post(path, body).await;
    upstream.until(DELETE, 1).await;
    answer
}

/// The text of the prompt that the upstream got.
fn sent_text(upstream: &Upstream) -> String {
    let body = upstream.request(COMPLETIONS).json();
    body["messages"][0]["content"].as_str().expect("a text").to_owned()
}
