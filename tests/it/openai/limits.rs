//! `stop` and `max_tokens`: the answer is cut, and the upstream is stopped.

use serde_json::{Value, json};

use super::{DELETE, ROUTES, answers, ask, chat, served, upstream, with};
use crate::support::bodies::{R1, envelope};
use crate::support::frames::{created, d, event, sse};
use crate::support::response::Ending;
use crate::support::world::STOP;

/// The answer to `body`, which the upstream never ends.
async fn cut(path: &str, body: Value) -> String {
    let upstream = upstream().await;
    let pieces = [created(), d("Eins zw"), d("ei E"), d("ND drei")];
    let endless = sse(pieces.iter().map(String::as_str)).ending(Ending::Hang);
    answers(&upstream, endless);
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    let answer = served.post(path, body).await;
    upstream.until(DELETE, 1).await;
    assert_eq!(upstream.request(STOP).json()["response_id"], R1);
    answer.text
}

#[tokio::test]
async fn a_stop_sequence_ends_the_answer_and_the_upstream() {
    for stop in [json!("END"), json!(["nothing", "END"])] {
        let text = cut("/v1/chat/completions", with(chat("Hi"), &json!({"stop": stop}))).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["choices"][0]["message"]["content"], "Eins zwei ");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    }
    let body = with(chat("Hi"), &json!({"stop_sequences": ["END"], "max_tokens": 100}));
    let answer: Value = serde_json::from_str(&cut("/v1/messages", body).await).expect("JSON");
    assert_eq!(
        (&answer["stop_reason"], &answer["stop_sequence"]),
        (&json!("stop_sequence"), &json!("END"))
    );
}

#[tokio::test]
async fn a_token_limit_ends_the_answer_and_the_upstream() {
    for (path, question) in ROUTES {
        let more = match path {
            "/v1/responses" => json!({"max_output_tokens": 1}),
            _ => json!({"max_tokens": 1}),
        };
        let text = cut(path, with(question("Hi"), &more)).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        match path {
            "/v1/chat/completions" => {
                assert_eq!(answer["choices"][0]["message"]["content"], "Eins");
                assert_eq!(answer["choices"][0]["finish_reason"], "length");
            }
            "/v1/responses" => {
                assert_eq!(answer["output"][0]["content"][0]["text"], "Eins");
                assert_eq!(answer["status"], "incomplete");
                assert_eq!(answer["incomplete_details"]["reason"], "max_output_tokens");
            }
            _ => {
                assert_eq!(answer["content"][0]["text"], "Eins");
                assert_eq!(answer["stop_reason"], "max_tokens");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_is_cut_at_the_same_place() {
    let more = json!({"stream": true, "stop": "END"});
    let text = cut("/v1/chat/completions", with(chat("Hi"), &more)).await;
    assert!(
        text.contains(r#""content":"Eins zw""#) && text.contains(r#""content":"ei ""#),
        "{text}"
    );
    assert!(!text.contains("ND") && text.contains(r#""finish_reason":"stop""#), "{text}");
    assert!(text.ends_with("data: [DONE]\n\n"));
}

/// What each API says of an answer that the upstream ended with `reason`: its own members, whole and
/// streamed.
async fn finish(path: &str, question: Value, reason: &str) -> Vec<Value> {
    let mut said = Vec::new();
    for stream in [false, true] {
        let upstream = upstream().await;
        let last = event(json!({"choices": [{"delta": {"role": "assistant", "content": "Eins"},
            "finish_reason": reason}], "response_id": R1}));
        answers(&upstream, sse([created().as_str(), &last]));
        let served = served(&upstream, |_| {}).await;
        let body = with(question.clone(), &json!({"stream": stream}));
        let text = ask(&served, &upstream, path, body).await.text;
        let documents: Vec<Value> = if stream {
            let data = text.lines().filter_map(|line| line.strip_prefix("data: {"));
            data.map(|data| serde_json::from_str(&format!("{{{data}")).expect("JSON")).collect()
        } else {
            vec![serde_json::from_str(&text).expect("JSON")]
        };
        let found = documents.iter().rev().find_map(|document| {
            let members = match path {
                "/v1/chat/completions" => &document["choices"][0]["finish_reason"],
                "/v1/responses" if stream => &document["response"]["incomplete_details"]["reason"],
                "/v1/responses" => &document["incomplete_details"]["reason"],
                _ if stream => &document["delta"]["stop_reason"],
                _ => &document["stop_reason"],
            };
            Some(members.clone()).filter(|member| !member.is_null())
        });
        said.push(found.unwrap_or_default());
    }
    said
}

#[tokio::test]
async fn each_api_reports_the_finish_reason_of_the_upstream() {
    for (reason, expected) in [
        ("stop", [json!("stop"), json!(null), json!("end_turn")]),
        ("length", [json!("length"), json!("max_output_tokens"), json!("max_tokens")]),
        ("content_filter", [json!("content_filter"), json!("content_filter"), json!("refusal")]),
        ("another", [json!("stop"), json!(null), json!("end_turn")]),
    ] {
        for ((path, question), expected) in ROUTES.into_iter().zip(expected) {
            let said = finish(path, question("Hi"), reason).await;
            assert_eq!(said, [expected.clone(), expected], "{reason} at {path}");
        }
    }
}

/// Counts of an answer to `question` in the first API.
async fn counts(question: Value, usage: Value) -> Value {
    let upstream = upstream().await;
    let frame = json!({"choices": [{"delta": {"role": "assistant", "content": "Eins zwei drei vier",
        "phase": "answer", "status": "typing"}}], "response_id": R1, "usage": usage});
    answers(
        &upstream,
        sse([created(), event(frame), crate::support::frames::end()].iter().map(String::as_str)),
    );
    upstream.always(STOP, || envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    ask(&served, &upstream, "/v1/chat/completions", question).await.json()["usage"].clone()
}

#[tokio::test]
async fn counts_of_tokens_agree_with_each_other_and_with_the_limit() {
    let usage = json!({"input_tokens": 20, "output_tokens": 107, "total_tokens": 300,
        "output_tokens_details": {"reasoning_tokens": 7}});
    for (limit, text) in [(json!(null), 100), (json!(-1), 100), (json!(50), 50), (json!(2), 2)] {
        let counted = counts(with(chat("Hi"), &json!({"max_tokens": limit})), usage.clone()).await;
        let number = |name: &str| counted[name].as_u64().expect("a number");
        let reasoning =
            counted["completion_tokens_details"]["reasoning_tokens"].as_u64().expect("a number");
        assert_eq!(number("completion_tokens"), text + reasoning, "{limit} {counted}");
        assert_eq!(number("total_tokens"), 20 + text + reasoning, "{limit} {counted}");
    }
}
