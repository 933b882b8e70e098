//! The bytes of a stream.

use async_compression::tokio::write::GzipDecoder;
use qwenctl::local::{Chunking, LocalOptions};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::peer::{Peer, answer_text, events, quick, raw, turn_body};

const PLAIN: &str = include_str!("../../fixtures/protocol/plain_stream.txt");

/// Inserts the ids and times of the fixtures.
fn with_fixture_ids(body: &str) -> String {
    let created = &events(body)[0]["response.created"];
    let mut text = body.to_owned();
    for (key, name) in [("chat_id", "C1"), ("parent_id", "U1"), ("response_id", "R1")] {
        text = text.replace(created[key].as_str().expect("an id"), name);
    }
    for event in events(body) {
        if let Some(time) = event["timestamp"].as_i64() {
            text = text.replace(&format!("\"timestamp\": {time}"), "\"timestamp\": 1790000002");
        }
    }
    text
}

#[tokio::test]
async fn a_plain_answer_is_the_documented_one_byte_for_byte() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut body = turn_body(&chat, None, "[[deltas:Hello|, wörld]]");
    // One token of prompt, as in the example.
    body["messages"][0]["content"] = json!([{"type": "text", "text": "[[deltas:Hello|, wörld]]"}]);
    let text =
        peer.turn(&chat, &body).send().await.expect("a response").text().await.expect("whole");
    let input = events(&text)[1]["usage"]["input_tokens"].as_u64().expect("a count");
    let expected = PLAIN
        .replace("\"input_tokens\": 20", &format!("\"input_tokens\": {input}"))
        .replace("\"total_tokens\": 21", &format!("\"total_tokens\": {}", input + 1))
        .replace("\"total_tokens\": 23", &format!("\"total_tokens\": {}", input + 3));
    assert_eq!(with_fixture_ids(&text), expected);
}

#[tokio::test]
async fn every_way_of_cutting_gives_the_same_bytes() {
    let prompt = "Xin chào 你好 🙂 [[think]] [[search]]";
    let mut bodies = Vec::new();
    for chunking in
        [Chunking::Event, Chunking::Byte, Chunking::Random, Chunking::Utf8, Chunking::Many]
    {
        let peer = Peer::with(LocalOptions { chunking, ..quick() }).await;
        let chat = peer.new_chat().await;
        let text = peer.ask(&chat, None, prompt).await;
        assert!(answer_text(&text).contains(prompt), "{chunking}");
        let calls = events(&text).iter().find_map(|event| {
            event["choices"][0]["delta"]["extra"]["function_id"].as_str().map(str::to_owned)
        });
        bodies.push(with_fixture_ids(&text).replace(&calls.expect("a search"), "call_1"));
    }
    for body in &bodies[1..] {
        assert_eq!(body, &bodies[0]);
    }
}

#[tokio::test]
async fn bytes_arrive_one_by_one_when_asked() {
    let peer = Peer::with(LocalOptions { chunking: Chunking::Byte, ..quick() }).await;
    let chat = peer.new_chat().await;
    let mut response = peer.begin(&chat, "[[deltas:Hi]]").await;
    let mut longest = 0;
    while let Some(piece) = response.chunk().await.expect("a piece") {
        longest = longest.max(piece.len());
    }
    assert_eq!(longest, 1);
}

#[tokio::test]
async fn compressed_events_are_flushed_one_by_one() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let body = turn_body(&chat, None, "[[slow:10000]] [[deltas:first|second]]");
    let request = peer.turn(&chat, &body).header("accept-encoding", "br, gzip");
    let mut response = request.send().await.expect("a response");
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut decoder = GzipDecoder::new(Vec::new());
    let text = |decoder: &GzipDecoder<Vec<u8>>| {
        std::str::from_utf8(decoder.get_ref()).expect("UTF-8").to_owned()
    };
    while !text(&decoder).contains("\"content\": \"first\"") {
        let piece = response.chunk().await.expect("readable").expect("more to come");
        decoder.write_all(&piece).await.expect("well coded");
        decoder.flush().await.expect("well coded");
    }
    assert!(text(&decoder).ends_with("}\n\n"), "a whole event: {}", text(&decoder));
    peer.upstream.shutdown().await;
}

#[tokio::test]
async fn without_a_schema_deltas_have_no_phase() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut body = turn_body(&chat, None, "[[deltas:a|b]]");
    body["messages"][0]["feature_config"] = json!({"thinking_enabled": false});
    let text =
        peer.turn(&chat, &body).send().await.expect("a response").text().await.expect("whole");
    assert!(
        text.contains("\"content\": \"a\"") && !text.contains("phase") && !text.contains("status")
    );
}

#[tokio::test]
async fn without_incremental_output_each_delta_repeats_the_text() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut body = turn_body(&chat, None, "[[deltas:H|e|l]]");
    body["incremental_output"] = json!(false);
    let text =
        peer.turn(&chat, &body).send().await.expect("a response").text().await.expect("whole");
    let contents: Vec<Value> = events(&text)[1..4]
        .iter()
        .map(|event| event["choices"][0]["delta"]["content"].clone())
        .collect();
    assert_eq!(contents, ["H", "He", "Hel"]);
}

#[tokio::test]
async fn a_search_comes_in_the_documented_order() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let text = peer.ask(&chat, None, "[[search]] [[deltas:It rains.]]").await;
    let order: Vec<String> = events(&text)[1..]
        .iter()
        .map(|event| {
            let delta = &event["choices"][0]["delta"];
            let word = |key: &str| delta[key].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", word("role"), word("phase"), word("status"))
        })
        .collect();
    let call = "assistant web_search typing";
    let expected = [
        "assistant answer typing",
        "assistant answer finished",
        call,
        call,
        call,
        call,
        "function web_search finished",
        "assistant answer typing",
        "assistant answer typing",
        "assistant answer typing",
        "assistant answer finished",
    ];
    assert_eq!(order, expected);
    let answer = peer.answer(&chat).await;
    let phases: Vec<_> = answer["content_list"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|part| part["phase"].clone())
        .collect();
    assert_eq!(phases, ["answer", "web_search", "answer"]);
}

#[tokio::test]
async fn the_body_on_the_wire_is_chunked_and_ends_properly() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let body = turn_body(&chat, None, "[[deltas:a]]").to_string();
    let path = format!("/api/v2/chat/completions?chat_id={chat}");
    let (bytes, ended) =
        raw(&peer, "POST", &path, "content-type: application/json\r\n", &body).await;
    ended.expect("a FIN");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains("content-type: text/event-stream; charset=utf-8\r\n"), "{text}");
    assert!(
        text.contains("transfer-encoding: chunked\r\n") && text.ends_with("\r\n0\r\n\r\n"),
        "{text}"
    );
}
