//! The answers of many servers, all the way through REST and the three compatible APIs: each door
//! gives the same words, whole and streamed, or fails.

use std::sync::{Arc, Mutex};

use qwenctl::app::direct::DirectEngine;
use qwenctl::engine::{self, EngineOptions};
use qwenctl::local::{Access, LocalOptions};
use serde_json::{Value, json};

use super::{ASK, MODELS, models};
use crate::openai::shapes::{of_stream, of_whole};
use crate::server::world::{Answer, Served, events};
use crate::support::response::Response;
use crate::support::upstream::Upstream;

/// One answer of a server, and what becomes of it.
struct Shape {
    name: String,
    status: u16,
    body: Vec<u8>,
    expected: Outcome,
}

#[derive(Default)]
struct Outcome {
    content: &'static str,
    thinking: &'static str,
    /// The code of the failure.
    failure: Option<&'static str>,
}

fn shape(server: &str, name: &str, body: impl AsRef<[u8]>, expected: Outcome) -> Shape {
    let name = format!("{server}: {name}");
    Shape { name, status: 200, body: body.as_ref().to_vec(), expected }
}

impl Shape {
    fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

fn says(content: &'static str) -> Outcome {
    Outcome { content, ..Outcome::default() }
}

fn fails(code: &'static str, _: &str) -> Outcome {
    Outcome { failure: Some(code), ..Outcome::default() }
}

impl Outcome {
    fn thinks(self, thinking: &'static str) -> Self {
        Self { thinking, ..self }
    }

    fn having_thought(self, thinking: &'static str) -> Self {
        Self { thinking, ..self }
    }

    fn keeps(self, content: &'static str) -> Self {
        Self { content, ..self }
    }

    fn counts(self, _: u64, _: u64) -> Self {
        self
    }
}

fn shapes() -> Vec<Shape> {
    include!("../../fixtures/engine/shapes.rs")
}

/// What a stream of the REST API adds up to; it has to be what its last event says.
fn of_events(text: &str) -> (String, String) {
    let mut both = (String::new(), String::new());
    for (name, data) in events(text) {
        let piece = || data["content"].as_str().unwrap_or_default();
        match name.as_str() {
            "thinking" => both.0.push_str(piece()),
            "delta" => both.1.push_str(piece()),
            "rewrite_thinking" => piece().clone_into(&mut both.0),
            "rewrite" => piece().clone_into(&mut both.1),
            "done" => assert_eq!(both, of_document(&data), "{text}"),
            _ => {}
        }
    }
    both
}

/// What a document of the REST API says.
fn of_document(document: &Value) -> (String, String) {
    let text = |name: &str| document["data"][name].as_str().unwrap_or_default().to_owned();
    (text("thinking"), text("content"))
}

/// Whether a response reports a failure: by its status, or as an event.
fn is_failure(answer: &Answer) -> bool {
    let marks = ["event: error\n", "data: {\"error\"", "\"type\":\"response.failed\""];
    answer.status >= 400 || marks.iter().any(|mark| answer.text.contains(mark))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_gives_the_same_answer() {
    let engine = Upstream::start().await;
    engine.always(MODELS, || models(&["small"]));
    let current: Arc<Mutex<(u16, Vec<u8>)>> = Arc::default();
    let scripted = Arc::clone(&current);
    engine.always(ASK, move || {
        let (status, body) = scripted.lock().expect("no panic").clone();
        Response::stream([body]).status(status)
    });
    let url = format!("{}/v1", engine.origin());
    let opened =
        engine::open(EngineOptions { url, ..EngineOptions::default() }).expect("an engine");
    let direct = Some(DirectEngine { engine: opened.clone(), total: None });
    let options =
        LocalOptions { engine: Some(opened), access: Access::Programs, ..LocalOptions::default() };
    let (served, _upstream) = Served::local_with(options, |served| served.direct = direct).await;
    let prompt = json!([{"role": "user", "content": "Hi"}]);
    let doors = [
        ("/api/chat/send", json!({"message": "Hi", "parent_id": "root"})),
        // A chat that is kept, and then requests that the engine gets as they are.
        ("/v1/chat/completions", json!({"messages": prompt, "metadata": {"chat_id": "new"}})),
        ("/v1/chat/completions", json!({"messages": prompt})),
        ("/v1/responses", json!({"input": "Hi"})),
        ("/v1/messages", json!({"max_tokens": 1000, "messages": prompt})),
    ];
    let mut chats = Vec::new();
    for _ in 0..2 {
        let chat = served.post("/api/chats", json!({})).await.json();
        chats.push(chat["data"]["id"].as_str().expect("an id").to_owned());
    }
    let shapes = shapes();
    assert!(shapes.len() >= 60, "{}", shapes.len());
    for shape in shapes {
        // These are sent again after a wait.
        if matches!(shape.expected.failure, Some("Too_Many_Requests" | "Server_Busy")) {
            continue;
        }
        *current.lock().expect("no panic") = (shape.status, shape.body);
        // At once, because failures are tried again after a wait.
        let asks = doors.iter().flat_map(|door| [(door, false), (door, true)]);
        let asks = asks.map(async |((path, body), streams)| {
            let mut body = body.clone();
            body["stream"] = json!(streams);
            if path.starts_with("/api/") {
                body["chat_id"] = json!(chats[usize::from(streams)]);
            }
            (*path, streams, served.post(path, body).await)
        });
        for (path, streams, answer) in futures_util::future::join_all(asks).await {
            let what = format!("{}, {path}, stream {streams}: {answer:?}", shape.name);
            // The APIs have a finish reason for an answer that the limit of tokens cut off.
            let is_cut_off = path.starts_with("/v1/")
                && shape.expected.failure == Some("Output_Limit_Reached")
                && (!shape.expected.content.is_empty() || !shape.expected.thinking.is_empty());
            let fails = shape.expected.failure.is_some() && !is_cut_off;
            assert_eq!(is_failure(&answer), fails, "{what}");
            if fails {
                continue;
            }
            let ends = [
                r#""finish_reason":"length""#,
                r#""stop_reason":"max_tokens""#,
                r#""reason":"max_output_tokens""#,
            ];
            let says_so = ends.iter().any(|end| answer.text.contains(end));
            assert_eq!(says_so, is_cut_off, "{what}");
            let both = match (path.starts_with("/v1/"), streams) {
                (false, false) => of_document(&answer.json()),
                (false, true) => of_events(&answer.text),
                (true, false) => of_whole(&answer.text),
                (true, true) => of_stream(&answer.text),
            };
            let expected = (shape.expected.thinking, shape.expected.content);
            assert_eq!((both.0.as_str(), both.1.as_str()), expected, "{what}");
        }
    }
}
