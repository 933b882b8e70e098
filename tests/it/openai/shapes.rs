//! The shapes of answers, whole and streamed, with ids and times replaced.

use serde_json::{Value, json};

use super::{MODEL, Question, ROUTES, answers, ask, chat, served, upstream, with};
use crate::server::world::Served;
use crate::support::frames::{
    created, d, delta, end, event, finished, search_call, search_result, sse, thoughts,
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

/// Compares `text` with an inline snapshot (`@r"..."`), or with the file of that name where it does
/// not fit a screen.
macro_rules! assert_shape {
    ($name:literal, $text:expr) => {
        let text = $text;
        insta::with_settings!({ filters => filters(), omit_expression => true }, {
            insta::assert_snapshot!($name, text);
        });
    };
    ($text:expr, @$snapshot:literal) => {
        let text = $text;
        insta::with_settings!({ filters => filters(), omit_expression => true }, {
            insta::assert_snapshot!(text, @$snapshot);
        });
    };
}

/// Ids and times, which differ in every run.
fn filters() -> [(&'static str, &'static str); 2] {
    [
        (r"(chatcmpl-|resp_|msg_|rs_)[0-9a-f]{32}", "$1[ID]"),
        (r#""(created|created_at)":\d+"#, "\"$1\":[TIME]"),
    ]
}

async fn shape(path: &str, answer: Response, body: Value) -> String {
    let upstream = upstream().await;
    answers(&upstream, answer);
    let served = served(&upstream, |_| {}).await;
    let answer = ask(&served, &upstream, path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text
}

/// The answer of a route to a request without `stream`.
async fn whole((path, question): (&str, Question), answer: Response) -> String {
    shape(path, answer, question("Hi")).await
}

/// The events of a route.
async fn streamed((path, question): (&str, Question), answer: Response) -> String {
    shape(path, answer, with(question("Hi"), &json!({"stream": true}))).await
}

/// The thoughts and the text of a whole answer of any of the routes.
pub(crate) fn of_whole(text: &str) -> (String, String) {
    let answer: Value = serde_json::from_str(text).expect("JSON");
    let message = &answer["choices"][0]["message"];
    let mut both = (String::new(), String::new());
    let mut add = |thought: &Value, text: &Value| {
        both.0.push_str(thought.as_str().unwrap_or_default());
        both.1.push_str(text.as_str().unwrap_or_default());
    };
    add(&message["reasoning_content"], &message["content"]);
    for item in answer["output"].as_array().into_iter().flatten() {
        add(&item["summary"][0]["text"], &item["content"][0]["text"]);
    }
    for block in answer["content"].as_array().into_iter().flatten() {
        add(&block["thinking"], &block["text"]);
    }
    both
}

/// What the events of a stream of any of the routes add up to.
pub(crate) fn of_stream(text: &str) -> (String, String) {
    let mut both = (String::new(), String::new());
    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
        let Ok(event) = serde_json::from_str::<Value>(data) else { continue };
        assert!(event["error"].is_null() && event["type"] != "response.failed", "{text}");
        let delta = &event["choices"][0]["delta"];
        let (thought, said) = match event["type"].as_str() {
            None => (&delta["reasoning_content"], &delta["content"]),
            Some("response.reasoning_summary_text.delta") => (&event["delta"], &Value::Null),
            Some("response.output_text.delta") => (&Value::Null, &event["delta"]),
            Some("content_block_delta") => (&event["delta"]["thinking"], &event["delta"]["text"]),
            Some(_) => continue,
        };
        both.0.push_str(thought.as_str().unwrap_or_default());
        both.1.push_str(said.as_str().unwrap_or_default());
    }
    both
}

#[tokio::test]
async fn streams_add_up_to_whole_answers() {
    let info = |action: &str| event(json!({"response.info": {"action": action}}));
    let think = |text: &str| delta(text, "think", "typing");
    for (events, expected) in [
        // Titles and thoughts grow, and a title changes.
        (
            vec![
                thoughts(&["Plan"], &["The user"]),
                thoughts(&["Plan"], &["The user writes"]),
                thoughts(&["Plan it"], &["The user writes: hi"]),
                thoughts(&["Plan it", "Answer"], &["The user writes: hi"]),
                thoughts(&["Plan it", "Reply"], &["The user writes: hi", "Politely."]),
                finished("thinking_summary"),
                d("Hello"),
            ],
            ("Plan it\nThe user writes: hi\n\nReply\nPolitely.", "Hello"),
        ),
        // Text that turns out to be thoughts.
        (
            vec![
                info("provisional"),
                d("Let me "),
                d("think."),
                info("recast"),
                think(" Two."),
                d("Four"),
                d("."),
            ],
            ("Let me think. Two.", "Four."),
        ),
        // Longer than the text before it: what arrived together must not be taken for its beginning.
        (
            vec![
                info("provisional"),
                d("Let me "),
                d("think."),
                info("recast"),
                d("Four and "),
                d("a half."),
            ],
            ("Let me think.", "Four and a half."),
        ),
        (
            vec![info("provisional"), d("Hel"), d("lo"), info("settled"), d(" you")],
            ("", "Hello you"),
        ),
        (vec![info("provisional"), d("Hel"), d("lo")], ("", "Hello")),
        (vec![think("\n"), think(" "), d("Hello")], ("", "Hello")),
        (vec![think("a"), think("b"), d("c"), d("d")], ("ab", "cd")),
        (vec![think("a"), d("c"), think("b"), d("d")], ("ab", "c\n\nd")),
        (vec![d("c"), think("b"), d("d")], ("b", "c\n\nd")),
    ] {
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        for route in ROUTES {
            for pause in [None, Some(0), Some(20)] {
                let answer = || {
                    // Without pauses in one piece.
                    let Some(pause) = pause.map(std::time::Duration::from_millis) else {
                        return Response::stream([created() + &events.concat() + &end()]);
                    };
                    let piece = |response: Response, event: &String| {
                        response.then(event.clone()).pause(pause)
                    };
                    events.iter().fold(Response::stream([created()]), piece).then(end())
                };
                assert_eq!(of_whole(&whole(route, answer()).await), expected, "{}", route.0);
                let streamed = streamed(route, answer()).await;
                assert_eq!(of_stream(&streamed), expected, "{}", route.0);
                let thought = expected.0.get(..3).and_then(|thought| streamed.find(thought));
                let text = streamed.find(expected.1.get(..3).unwrap_or(&expected.1));
                assert!(thought <= text, "thoughts come first: {streamed}");
            }
        }
    }
}

#[tokio::test]
async fn chat_completions_have_the_shapes_of_openai() {
    let [route, _, _] = ROUTES;
    assert_shape!(whole(route, plain()).await, @r#"
    {"id":"chatcmpl-[ID]","object":"chat.completion","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"message":{"role":"assistant","content":"Xin chào","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":1,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}
    "#);
    assert_shape!(streamed(route, plain()).await, @r#"
    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"content":"Xin "},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"content":"chào"},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

    data: [DONE]
    "#);
    assert_shape!(whole(route, rich()).await, @r#"
    {"id":"chatcmpl-[ID]","object":"chat.completion","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"message":{"role":"assistant","content":"Trời mưa 🙂 [[7]].","refusal":null,"reasoning_content":"Plan\nLook it up.","annotations":[{"type":"url_citation","url_citation":{"start_index":11,"end_index":16,"title":"Page 7","url":"https://pages.example/7"}}]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":1,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}
    "#);
    assert_shape!(streamed(route, rich()).await, @r#"
    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"reasoning_content":"Plan\nLook it up."},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"content":"Trời "},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"content":"mưa 🙂 [[7]]."},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"start_index":11,"end_index":16,"title":"Page 7","url":"https://pages.example/7"}}]},"logprobs":null,"finish_reason":null}]}

    data: {"id":"chatcmpl-[ID]","object":"chat.completion.chunk","created":[TIME],"model":"qwen-example-max","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

    data: [DONE]
    "#);
}

#[tokio::test]
async fn responses_have_the_shapes_of_openai() {
    let [_, route, _] = ROUTES;
    assert_shape!(whole(route, plain()).await, @r#"
    {"id":"resp_[ID]","object":"response","created_at":[TIME],"status":"completed","error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"metadata":{},"model":"qwen-example-max","output":[{"type":"message","id":"msg_[ID]","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Xin chào","annotations":[],"logprobs":[]}]}],"parallel_tool_calls":false,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled","usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":21}}
    "#);
    assert_shape!("responses_plain_stream", streamed(route, plain()).await);
    assert_shape!(whole(route, rich()).await, @r#"
    {"id":"resp_[ID]","object":"response","created_at":[TIME],"status":"completed","error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"metadata":{},"model":"qwen-example-max","output":[{"type":"reasoning","id":"rs_[ID]","summary":[{"type":"summary_text","text":"Plan\nLook it up."}],"status":"completed"},{"type":"message","id":"msg_[ID]","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Trời mưa 🙂 [[7]].","annotations":[{"type":"url_citation","start_index":11,"end_index":16,"url":"https://pages.example/7","title":"Page 7"}],"logprobs":[]}]}],"parallel_tool_calls":false,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled","usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":21}}
    "#);
    assert_shape!("responses_rich_stream", streamed(route, rich()).await);
}

#[tokio::test]
async fn messages_have_the_shapes_of_anthropic() {
    let [_, _, route] = ROUTES;
    assert_shape!(whole(route, plain()).await, @r#"
    {"id":"msg_[ID]","type":"message","role":"assistant","model":"qwen-example-max","content":[{"type":"text","text":"Xin chào"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}
    "#);
    assert_shape!(streamed(route, plain()).await, @r#"
    event: message_start
    data: {"type":"message_start","message":{"id":"msg_[ID]","type":"message","role":"assistant","model":"qwen-example-max","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

    event: ping
    data: {"type":"ping"}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Xin "}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"chào"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":20,"output_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}

    event: message_stop
    data: {"type":"message_stop"}
    "#);
    assert_shape!(whole(route, rich()).await, @r#"
    {"id":"msg_[ID]","type":"message","role":"assistant","model":"qwen-example-max","content":[{"type":"thinking","thinking":"Plan\nLook it up.","signature":""},{"type":"text","text":"Trời mưa 🙂 [[7]].","citations":[{"type":"web_search_result_location","url":"https://pages.example/7","title":"Page 7","cited_text":"Rain, 8 C","encrypted_index":""}]}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":1,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}
    "#);
    assert_shape!("messages_rich_stream", streamed(route, rich()).await);
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

#[tokio::test]
async fn models_have_the_shape_of_the_client() {
    let upstream = upstream().await;
    let served = served(&upstream, |options| {
        options.openai.aliases.insert("team/max".to_owned(), MODEL.to_owned());
    })
    .await;
    let get = async |path: &str| {
        let request = served.http.get(served.url(path)).header("anthropic-version", "2023-06-01");
        served.ask(request).await
    };
    let all = get("/v1/models?limit=1000").await.json();
    assert_eq!((&all["has_more"], &all["first_id"]), (&json!(false), &json!(MODEL)));
    assert_eq!(all["last_id"], "team/max");
    let first = &all["data"][0];
    assert_eq!((&first["type"], &first["id"]), (&json!("model"), &json!(MODEL)));
    assert!(first["display_name"].is_string() && first["created_at"].is_string(), "{first}");
    let page = get("/v1/models?limit=1").await.json();
    assert_eq!((&page["has_more"], &page["last_id"]), (&json!(true), &json!(MODEL)));
    let next = get(&format!("/v1/models?limit=1&after_id={MODEL}")).await.json();
    assert_eq!(next["first_id"], "qwen-example-blind");
    let before = get("/v1/models?limit=1&before_id=team/max").await.json();
    assert_eq!(
        (&before["last_id"], &before["has_more"]),
        (&json!("qwen-example-blind"), &json!(true))
    );
    for path in ["/v1/models/team/max", "/v1/models/team%2Fmax"] {
        assert_eq!(get(path).await.json()["type"], "model");
        assert_eq!(served.get(path).await.json()["object"], "model");
    }
    let missing = get("/v1/models/nothing").await;
    assert_eq!(missing.json()["error"]["type"], "not_found_error", "{missing:?}");
    assert_eq!(get("/v1/models?limit=0").await.status, 400);
}

#[tokio::test]
async fn tokens_of_a_prompt_are_estimated() {
    let upstream = upstream().await;
    let served = served(&upstream, |_| {}).await;
    let body = with(chat("Hello there, how are you?"), &json!({"system": "Be short."}));
    let answer = served.post("/v1/messages/count_tokens", body).await.json();
    assert_eq!(answer, json!({"input_tokens": 10}));
    assert_eq!(served.post("/v1/messages/count_tokens", json!({})).await.status, 400);
}
