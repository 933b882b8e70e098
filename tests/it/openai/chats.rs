//! The chats of prompts: deleted, kept, or continued.

use qwenctl::app::ephemeral::Journal;
use qwenctl::client::Client;
use serde_json::{Value, json};

use super::{DELETE, NEW, ROUTES, answers, ask, chat, sent_text, served, upstream, with};
use crate::server::world::{PATIENCE, Served, post, read_until};
use crate::support::bodies::{C1, R1, answer, empty_chat, envelope, one_turn};
use crate::support::frames::whole;
use crate::support::response::{Gate, Response};
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, config};

const PATH: &str = "/v1/chat/completions";

#[tokio::test]
async fn an_ephemeral_chat_is_created_used_and_deleted() {
    for (path, question) in ROUTES {
        for stream in [false, true] {
            let upstream = upstream().await;
            answers(&upstream, whole("Hello"));
            let served = served(&upstream, |_| {}).await;
            let body = with(question("Hi"), &json!({"stream": stream}));
            let answer = ask(&served, &upstream, path, body).await;
            assert!(answer.text.contains("Hello"), "{answer:?}");
            assert_eq!(answer.header("x-qwen-chat-id"), "");
            assert_eq!(sent_text(&upstream), "Hi");
        }
    }
}

#[tokio::test]
async fn a_refused_prompt_leaves_no_chat() {
    let upstream = upstream().await;
    answers(&upstream, crate::support::bodies::refusal("Bad_Request", "No."));
    let served = served(&upstream, |_| {}).await;
    let answer = ask(&served, &upstream, PATH, chat("Hi")).await;
    assert_ne!(answer.status, 200);
}

#[tokio::test]
async fn a_chat_that_was_not_created_is_not_deleted() {
    let upstream = upstream().await;
    upstream.on(NEW, crate::support::bodies::json(crate::support::bodies::quota()));
    let served = served(&upstream, |_| {}).await;
    assert_eq!(served.post(PATH, chat("Hi")).await.status, 429);
    assert_eq!(upstream.count(DELETE), 0);
}

/// A history whose last message is `last`.
fn history(last: &str) -> Value {
    json!({"model": super::MODEL, "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "One."},
        {"role": "user", "content": last},
    ]})
}

#[tokio::test]
async fn a_named_chat_gets_only_the_new_messages() {
    for by_header in [true, false] {
        let upstream = upstream().await;
        upstream.on(CHAT, one_turn(&answer(R1, crate::support::bodies::U1, "One.")));
        upstream.on(COMPLETIONS, whole("Two."));
        let served = served(&upstream, |_| {}).await;
        let mut request = served.http.post(served.url(PATH));
        request = if by_header {
            request.json(&history("Two?")).header("X-Qwen-Chat-Id", C1)
        } else {
            request.json(&with(history("Two?"), &json!({"metadata": {"chat_id": C1}})))
        };
        let answer = served.ask(request).await;
        assert_eq!(answer.header("x-qwen-chat-id"), C1);
        assert_eq!(sent_text(&upstream), "Two?");
        assert_eq!(upstream.request(COMPLETIONS).json()["parent_id"], R1);
    }
}

#[tokio::test]
async fn a_new_chat_can_be_kept() {
    let upstream = upstream().await;
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, whole("Hello"));
    let served = served(&upstream, |_| {}).await;
    let request =
        served.http.post(served.url(PATH)).json(&chat("Hi")).header("x-qwen-chat-id", "new");
    assert_eq!(served.ask(request).await.header("x-qwen-chat-id"), C1);
    assert_eq!(upstream.request(NEW).json()["title"], "New Chat");
}

#[tokio::test]
async fn a_stored_response_can_be_followed() {
    let upstream = upstream().await;
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, whole("One."));
    let served = served(&upstream, |_| {}).await;
    let first = json!({"model": super::MODEL, "input": "One?", "store": true});
    let first = served.post("/v1/responses", first).await.json();
    assert_eq!(first["store"], true);

    upstream.on(CHAT, one_turn(&answer(R1, crate::support::bodies::U1, "One.")));
    upstream.on(COMPLETIONS, whole("Two."));
    let second =
        json!({"model": super::MODEL, "input": "Two?", "previous_response_id": first["id"]});
    let second = served.post("/v1/responses", second).await.json();
    assert_eq!(second["output"][0]["content"][0]["text"], "Two.");
    assert_eq!(second["previous_response_id"], first["id"]);
    let asked = upstream.requests(COMPLETIONS)[1].json();
    assert_eq!((&asked["parent_id"], &asked["chat_id"]), (&json!(R1), &json!(C1)));
}

#[tokio::test]
async fn only_a_stored_response_can_be_followed() {
    let upstream = Upstream::start().await;
    let served = served(&upstream, |_| {}).await;
    let body = json!({"input": "Two?", "previous_response_id": "resp_0123"});
    let answer = served.post("/v1/responses", body).await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status, &error["code"]), (404, &json!("previous_response_not_found")));
    assert_eq!(error["param"], "previous_response_id");
}

#[tokio::test]
async fn the_most_recent_chat_is_never_an_ephemeral_one() {
    let upstream = upstream().await;
    // The upstream gives an ephemeral chat a title of its own after the first answer.
    let data = tempfile::tempdir().expect("a directory");
    let session = Client::new(config(&upstream)).expect("a client");
    let session = session.session(tokens(&token("server", 7 * 86_400), None), None);
    let own = Journal::open(data.path(), "scripted").await.expect("a journal");
    let other = Journal::open(data.path(), "scripted").await.expect("a journal");
    let record = async |journal: &Journal, id: &str| {
        let entry = journal.begin(&session).await.expect("an entry");
        entry.made(&id.parse().expect("an id")).await.expect("recorded");
        entry
    };
    let _of_another_process = record(&other, "another-1").await;
    // The list may have been read before the deletion.
    record(&own, "another-2").await.done().await;
    let row = |id: &str, title: &str, at: i64| json!({"id": id, "title": title, "updated_at": at, "created_at": at, "chat_type": "t2t"});
    let mark = "qwenctl-ephemeral-0a1b2c3d-0000-4000-8000-000000000000";
    upstream.on(
        "GET /api/v2/chats/",
        envelope(json!([
            row("another-1", "Greeting", 1_790_000_004),
            row("another-2", "Greeting", 1_790_000_003),
            row("marked", mark, 1_790_000_002),
            row(C1, "Mine", 1_790_000_001)
        ])),
    );
    upstream.on(CHAT, empty_chat());
    upstream.on(COMPLETIONS, whole("Hello"));
    let served = served(&upstream, |options| options.openai.journal = Some(own)).await;
    let answer = served.post("/api/chat/quick", json!({"message": "Hi"})).await.json();
    assert_eq!(answer["chat_id"], C1);
}

#[tokio::test]
async fn a_stream_ends_before_its_chat_is_deleted() {
    let upstream = upstream().await;
    let gate = Gate::default();
    upstream.on(NEW, envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, whole("Hallo"));
    let deleted = Response::stream(Vec::<String>::new()).header("content-type", "application/json");
    let deleted = deleted.gate(&gate).then(r#"{"success":true,"data":{"status":true}}"#);
    upstream.on(DELETE, deleted);
    let mut served = served(&upstream, |_| {}).await;
    let request = post("/v1/chat/completions", &with(chat("Hi"), &json!({"stream": true})));
    let mut stream = served.raw(request).await;
    read_until(&mut stream, "[DONE]\n\n\r\n0\r\n\r\n").await;
    upstream.until(DELETE, 1).await;
    gate.open();
    served.signal();
    served.ended().await;
}

#[tokio::test]
async fn chat_of_an_answer_is_in_no_list() {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path(), "local").await.expect("a journal");
    let (served, local) = Served::local(|options| options.openai.journal = Some(journal)).await;
    let new = served.post("/api/chats", json!({})).await.json();
    let kept = new["data"]["id"].as_str().expect("an id").to_owned();
    let asking = tokio::spawn({
        let request = served.http.post(served.url("/v1/chat/completions"));
        let question = json!({"stream": true, "messages": [{"role": "user", "content": "[[slow:200]] one two three four five six"}]});
        async move {
            let mut response = request.json(&question).send().await.expect("an answer");
            while response.chunk().await.expect("a part").is_some() {}
        }
    });
    // The upstream has both chats.
    let raw = format!("{}/v2/chats/?page=1", local.api_url());
    let count = async || {
        let request = served.http.get(&raw).header("cookie", format!("token={}", local.token()));
        served.ask(request).await.json()["data"].as_array().map_or(0, Vec::len)
    };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while count().await < 2 {
        assert!(tokio::time::Instant::now() < deadline && !asking.is_finished());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for list in ["/api/chats", "/api/chats?all=true"] {
        let listed = served.get(list).await.json();
        let rows = listed["data"].as_array().expect("rows");
        assert_eq!((rows.len(), &rows[0]["id"]), (1, &json!(kept)), "{list} {listed}");
    }
    assert_eq!(count().await, 2);
    asking.await.expect("no panic");
}
