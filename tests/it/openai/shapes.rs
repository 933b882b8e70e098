//! The shapes of answers, whole and streamed. What changes from run to run is made the same.

use serde_json::{Value, json};

use super::{MODEL, ROUTES, answers, ask, chat, served, upstream, with};
use crate::server::world::Served;
use crate::support::frames::{
    created, d, end, finished, search_call, search_result, sse, thoughts,
};
use crate::support::response::Response;
use crate::support::upstream::Upstream;

/// Thinks, searches, and answers with sources.
fn rich() -> Response {
    let page = [("https://pages.example/7", "Page 7"), ("https://pages.example/8", "Page 8")];
    sse([
        created().as_str(),
        &thoughts(&["Plan"], &["Look it up."]),
        &finished("thinking_summary"),
        &search_call(r#"{"queries": ["weather"]}"#),
        &search_result(&page, 9),
        &d("Trời "),
        &d("mưa 🙂 [[7]]."),
        &end(),
    ])
}

fn plain() -> Response {
    sse([created().as_str(), &d("Xin "), &d("chào"), &end()])
}

macro_rules! assert_shape {
    ($name:expr, $text:expr) => {
        let text = $text;
        insta::with_settings!({ filters => vec![
            (r"(chatcmpl-|resp_|msg_|rs_)[0-9a-f]{32}", "$1[ID]"),
            (r#""(created|created_at)":\d+"#, "\"$1\":[TIME]"),
        ], omit_expression => true }, {
            insta::assert_snapshot!($name, text);
        });
    };
}

async fn shape(path: &str, answer: Response, body: Value) -> String {
    let upstream = upstream().await;
    answers(&upstream, answer);
    let served = served(&upstream, |_| {}).await;
    let answer = ask(&served, &upstream, path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text
}

#[tokio::test]
async fn whole_answers() {
    for (path, question) in ROUTES {
        let name = path.rsplit('/').next().expect("a name");
        assert_shape!(format!("{name}_plain"), shape(path, plain(), question("Hi")).await);
        assert_shape!(format!("{name}_rich"), shape(path, rich(), question("Hi")).await);
    }
}

#[tokio::test]
async fn streamed_answers() {
    for (path, question) in ROUTES {
        let name = path.rsplit('/').next().expect("a name");
        let body = with(question("Hi"), &json!({"stream": true}));
        assert_shape!(format!("{name}_plain_stream"), shape(path, plain(), body.clone()).await);
        assert_shape!(format!("{name}_rich_stream"), shape(path, rich(), body).await);
    }
}

#[tokio::test]
async fn include_usage_ends_a_stream_with_the_usage() {
    let more = json!({"stream": true, "stream_options": {"include_usage": true}});
    let text = shape("/v1/chat/completions", plain(), with(chat("Hi"), &more)).await;
    let chunks: Vec<Value> = chunks(&text);
    let (last, others) = chunks.split_last().expect("chunks");
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["total_tokens"], 21);
    assert!(others.iter().all(|chunk| chunk["usage"].is_null()));
    assert!(others.iter().all(|chunk| chunk.as_object().expect("one").contains_key("usage")));
    assert!(text.ends_with("data: [DONE]\n\n"));
}

fn chunks(text: &str) -> Vec<Value> {
    let events = text.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    let chunks = events.filter(|data| *data != "[DONE]");
    chunks.map(|data| serde_json::from_str(data).expect("JSON")).collect()
}

#[tokio::test]
async fn events_of_a_response_are_numbered_and_named() {
    let (path, question) = ROUTES[1];
    let text = shape(path, rich(), with(question("Hi"), &json!({"stream": true}))).await;
    for (number, (name, data)) in crate::server::world::events(&text).into_iter().enumerate() {
        assert_eq!(data["sequence_number"], number);
        assert_eq!(data["type"], name.as_str());
    }
}

#[tokio::test]
async fn a_streamed_answer_equals_the_whole_one() {
    let (served, _local) = Served::local(|_| {}).await;
    for prompt in ["Xin chào 你好 🙂\n\n=== x user ===", "[[search]] [[think]] a", "[[lorem:50]]"]
    {
        let body =
            json!({"model": "local-echo-max", "messages": [{"role": "user", "content": prompt}]});
        let whole = served.post("/v1/chat/completions", body.clone()).await.json();
        let stream =
            served.post("/v1/chat/completions", with(body, &json!({"stream": true}))).await;
        let mut text = String::new();
        let mut thinking = String::new();
        let mut annotations = json!([]);
        for chunk in chunks(&stream.text) {
            let delta = &chunk["choices"][0]["delta"];
            text.push_str(delta["content"].as_str().unwrap_or_default());
            thinking.push_str(delta["reasoning_content"].as_str().unwrap_or_default());
            if delta["annotations"].is_array() {
                annotations = delta["annotations"].clone();
            }
        }
        let message = &whole["choices"][0]["message"];
        assert_eq!(message["content"], text);
        // What a model thinks is revised as it goes; a stream cannot take back the first version.
        assert!(thinking.ends_with(message["reasoning_content"].as_str().unwrap_or_default()));
        assert_eq!(message["annotations"], annotations);
    }
}

#[tokio::test]
async fn citations_have_positions_in_the_text() {
    let text = shape("/v1/chat/completions", rich(), chat("Hi")).await;
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let message = &answer["choices"][0]["message"];
    let citation = &message["annotations"][0]["url_citation"];
    let characters: Vec<char> = message["content"].as_str().expect("a text").chars().collect();
    let index =
        |name: &str| usize::try_from(citation[name].as_u64().expect("an index")).expect("fits");
    let cited: String = characters[index("start_index")..index("end_index")].iter().collect();
    assert_eq!(cited, "[[7]]");
    assert_eq!(citation["url"], "https://pages.example/7");
}

#[tokio::test]
async fn anthropic_answers_have_a_request_id_header() {
    let (served, _local) = Served::local(|_| {}).await;
    let body = json!({"model": "local-echo-max", "messages": [{"role": "user", "content": "Hi"}]});
    for stream in [false, true] {
        let answer =
            served.post("/v1/messages", with(body.clone(), &json!({"stream": stream}))).await;
        assert!(!answer.header("request-id").is_empty(), "{answer:?}");
        assert_eq!(answer.header("request-id"), answer.header("x-request-id"));
    }
    let other = served.post("/v1/chat/completions", body).await;
    assert_eq!(other.header("request-id"), "");
}

#[tokio::test]
async fn models_are_listed_and_shown() {
    let upstream = upstream().await;
    let served = served(&upstream, |options| {
        options.openai.aliases.insert("gpt-4o".to_owned(), MODEL.to_owned());
    })
    .await;
    let list = served.get("/v1/models").await.json();
    assert_eq!(list["object"], "list");
    let ids: Vec<_> = list["data"].as_array().expect("a list").iter().map(|m| &m["id"]).collect();
    assert_eq!(ids, [MODEL, "qwen-example-blind", "gpt-4o"]);
    for id in [MODEL, "gpt-4o"] {
        let model = served.get(&format!("/v1/models/{id}")).await.json();
        assert_eq!((&model["id"], &model["object"]), (&json!(id), &json!("model")));
        assert!(model["created"].is_i64() && model["owned_by"].is_string());
    }
}

#[tokio::test]
async fn an_unread_part_of_an_upstream_is_asked_once() {
    let upstream: Upstream = upstream().await;
    let served = served(&upstream, |_| {}).await;
    for _ in 0..3 {
        answers(&upstream, plain());
        served.post("/v1/chat/completions", chat("Hi")).await.json();
    }
    upstream.until(super::DELETE, 3).await;
    assert_eq!(upstream.count(super::MODELS), 1);
}
