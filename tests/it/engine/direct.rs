//! Requests of the compatible APIs that the engine gets as they are: roles, tools, parameters, and the
//! calls in its answers, whole and streamed.

use std::time::Duration;

use qwenctl::app::direct::DirectEngine;
use qwenctl::engine::{self, EngineOptions};
use qwenctl::local::{Access, LocalOptions, LocalUpstream};
use serde_json::{Value, json};

use super::{ASK, DONE, MODELS, delta, finish, models, says, text};
use crate::server::world::{Answer, Served, events};
use crate::support::response::Response;
use crate::support::upstream::Upstream;

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const MESSAGES: &str = "/v1/messages";

/// A server whose engine is scripted.
struct Direct {
    engine: Upstream,
    served: Served,
    _local: LocalUpstream,
}

impl Direct {
    async fn new() -> Self {
        Self::with_total(None).await
    }

    async fn with_total(total: Option<Duration>) -> Self {
        let engine = Upstream::start().await;
        engine.always(MODELS, || models(&["small"]));
        let url = format!("{}/v1", engine.origin());
        let opened = engine::open(EngineOptions { url, ..EngineOptions::default() });
        let opened = opened.expect("an engine");
        let direct = Some(DirectEngine { engine: opened.clone(), total });
        let options = LocalOptions {
            engine: Some(opened),
            access: Access::Programs,
            ..LocalOptions::default()
        };
        let (served, local) = Served::local_with(options, |options| options.direct = direct).await;
        Self { engine, served, _local: local }
    }

    /// The answer to `body` when the engine sends `response`.
    async fn ask(&self, path: &str, body: &Value, response: Response) -> Answer {
        self.engine.on(ASK, response);
        self.served.post(path, body.clone()).await
    }

    /// The last request to the engine.
    fn asked(&self) -> Value {
        self.engine.requests(ASK).pop().expect("a request").json()
    }
}

/// A piece of a call.
fn piece(call: &Value) -> String {
    delta(&json!({"tool_calls": [call]}))
}

/// Two calls in pieces, after a text.
fn two_calls() -> Response {
    Response::stream([
        text("I look."),
        piece(
            &json!({"index": 0, "id": "x", "type": "function", "function": {"name": "read", "arguments": ""}}),
        ),
        piece(&json!({"index": 0, "function": {"arguments": "{\"path\": \"a"}})),
        piece(&json!({"index": 0, "function": {"arguments": ".md\"}"}})),
        piece(
            &json!({"index": 1, "id": "y", "type": "function", "function": {"name": "now", "arguments": "{}"}}),
        ),
        finish("tool_calls"),
        format!(
            "data: {}\n\n",
            json!({"choices": [], "usage": {"prompt_tokens": 50, "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 10}}})
        ),
        DONE.to_owned(),
    ])
}

fn tools_of(path: &str) -> Value {
    let schema = json!({"type": "object", "properties": {"path": {"type": "string"}}});
    match path {
        CHAT => {
            json!([{"type": "function", "function": {"name": "read", "description": "Reads.", "parameters": schema}},
            {"type": "function", "function": {"name": "now"}}])
        }
        RESPONSES => {
            json!([{"type": "function", "name": "read", "description": "Reads.", "parameters": schema},
            {"type": "function", "name": "now"}])
        }
        _ => {
            json!([{"name": "read", "description": "Reads.", "input_schema": schema}, {"name": "now"}])
        }
    }
}

fn body_of(path: &str, streams: bool) -> Value {
    let said = json!([{"role": "user", "content": "Hi"}]);
    let mut body = json!({"model": "small", "tools": tools_of(path), "stream": streams});
    match path {
        RESPONSES => body["input"] = said,
        _ => body["messages"] = said,
    }
    body["max_tokens"] = json!(500);
    if path == RESPONSES {
        body["max_output_tokens"] = body["max_tokens"].take();
    }
    body
}

/// The events of a stream: the data of each.
fn data(answer: &Answer) -> Vec<Value> {
    let lines = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
    lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_the_engine_are_calls_of_chat_completions() {
    let world = Direct::new().await;
    let answer = world.ask(CHAT, &body_of(CHAT, false), two_calls()).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls", "{answer}");
    assert_eq!(choice["message"]["content"], "I look.");
    let calls = choice["message"]["tool_calls"].as_array().expect("calls");
    let functions: Vec<_> = calls.iter().map(|call| call["function"].clone()).collect();
    assert_eq!(
        functions,
        [
            json!({"name": "read", "arguments": "{\"path\": \"a.md\"}"}),
            json!({"name": "now", "arguments": "{}"})
        ]
    );
    assert_eq!(answer["usage"]["prompt_tokens"], 50);
    assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 10);
    let asked = world.asked();
    assert_eq!(
        asked["tools"],
        tools_of(CHAT)
            .as_array()
            .map(|tools| {
                let mut tools = tools.clone();
                tools[1]["function"]["parameters"] = json!({"type": "object", "properties": {}});
                Value::from(tools)
            })
            .expect("tools")
    );
    assert_eq!((&asked["max_tokens"], &asked["stream"]), (&json!(500), &json!(true)));

    let streamed = data(&world.ask(CHAT, &body_of(CHAT, true), two_calls()).await);
    let deltas: Vec<_> =
        streamed.iter().map(|event| &event["choices"][0]["delta"]["tool_calls"][0]).collect();
    let deltas: Vec<_> = deltas.into_iter().filter(|delta| !delta.is_null()).collect();
    assert_eq!(deltas.len(), 4, "{streamed:?}");
    for (index, pair) in deltas.chunks(2).enumerate() {
        let id = pair[0]["id"].as_str().expect("an id");
        assert!(id.starts_with("call_") && id.len() <= 64, "{id}");
        assert_eq!((&pair[0]["index"], &pair[0]["type"]), (&json!(index), &json!("function")));
        assert_eq!(pair[0]["function"], json!({"name": functions[index]["name"], "arguments": ""}));
        let rest =
            json!({"index": index, "function": {"arguments": functions[index]["arguments"]}});
        assert_eq!(*pair[1], rest);
    }
    let finishes: Vec<_> =
        streamed.iter().filter_map(|event| event["choices"][0]["finish_reason"].as_str()).collect();
    assert_eq!(finishes, ["tool_calls"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_the_engine_are_blocks_of_messages() {
    let world = Direct::new().await;
    let answer = world.ask(MESSAGES, &body_of(MESSAGES, false), two_calls()).await.json();
    assert_eq!(answer["stop_reason"], "tool_use", "{answer}");
    let kinds: Vec<_> =
        answer["content"].as_array().expect("blocks").iter().map(|b| b["type"].clone()).collect();
    assert_eq!(kinds, ["text", "tool_use", "tool_use"]);
    assert_eq!(answer["content"][1]["input"], json!({"path": "a.md"}));
    assert_eq!(answer["content"][2]["input"], json!({}));
    assert!(answer["content"][1]["id"].as_str().expect("an id").starts_with("toolu_"));

    let streamed = world.ask(MESSAGES, &body_of(MESSAGES, true), two_calls()).await;
    let streamed = events(&streamed.text);
    let (mut open, mut blocks) = (None, Vec::new());
    for (name, event) in &streamed {
        assert_eq!(event["type"], json!(name));
        match name.as_str() {
            "message_start" => assert_ne!(event["message"]["usage"]["input_tokens"], json!(0)),
            "content_block_start" => {
                assert_eq!((open, &event["index"]), (None, &json!(blocks.len())));
                open = Some(blocks.len());
                let mut block = event["content_block"].clone();
                block["read"] = json!("");
                blocks.push(block);
            }
            "content_block_delta" => {
                let block = &mut blocks[open.expect("a block")];
                let piece = [&event["delta"]["text"], &event["delta"]["partial_json"]];
                let piece = piece.into_iter().find_map(Value::as_str).expect("a piece");
                block["read"] = json!(format!("{}{piece}", block["read"].as_str().unwrap_or("")));
            }
            "content_block_stop" => assert!(open.take().is_some()),
            "message_delta" => assert_eq!(event["delta"]["stop_reason"], "tool_use"),
            _ => {}
        }
    }
    let read: Vec<_> = blocks.iter().map(|block| block["read"].as_str().unwrap_or("")).collect();
    assert_eq!(read, ["I look.", "{\"path\": \"a.md\"}", "{}"]);
    assert_eq!((&blocks[1]["name"], &blocks[1]["input"]), (&json!("read"), &json!({})));
    assert_eq!(streamed.last().expect("an event").0, "message_stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_the_engine_are_items_of_responses() {
    let world = Direct::new().await;
    let answer = world.ask(RESPONSES, &body_of(RESPONSES, false), two_calls()).await.json();
    assert_eq!(answer["status"], "completed", "{answer}");
    let kinds: Vec<_> =
        answer["output"].as_array().expect("items").iter().map(|i| i["type"].clone()).collect();
    assert_eq!(kinds, ["message", "function_call", "function_call"]);
    assert_eq!(answer["output"][1]["arguments"], "{\"path\": \"a.md\"}");

    let streamed = world.ask(RESPONSES, &body_of(RESPONSES, true), two_calls()).await;
    let streamed = events(&streamed.text);
    for (at, (name, event)) in streamed.iter().enumerate() {
        assert_eq!((&event["type"], &event["sequence_number"]), (&json!(name), &json!(at)));
    }
    let (_, last) = streamed.last().expect("an event");
    let output = last["response"]["output"].as_array().expect("items");
    let done: Vec<_> =
        streamed.iter().filter(|(name, _)| name == "response.output_item.done").collect();
    assert_eq!(done.len(), output.len());
    for (at, (_, event)) in done.iter().enumerate() {
        assert_eq!((&event["item"], &event["output_index"]), (&output[at], &json!(at)));
    }
    let added = streamed.iter().filter(|(name, _)| name == "response.output_item.added");
    let ids: Vec<_> = added.map(|(_, event)| event["item"]["call_id"].clone()).collect();
    assert_eq!(ids, [json!(null), output[1]["call_id"].clone(), output[2]["call_id"].clone()]);
    let arguments =
        streamed.iter().filter(|(name, _)| name == "response.function_call_arguments.done");
    let arguments: Vec<_> = arguments.map(|(_, event)| event["arguments"].clone()).collect();
    assert_eq!(arguments, ["{\"path\": \"a.md\"}", "{}"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_and_namespaced_tools_keep_their_form_in_responses() {
    let world = Direct::new().await;
    let tools = json!([
        {"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark", "definition": "start: /x/"}},
        {"type": "namespace", "name": "mcp__fs", "tools": [{"type": "function", "name": "list", "parameters": {}}]},
        {"type": "local_shell"},
    ]);
    let body = json!({"model": "small", "input": "Hi", "tools": tools, "stream": true});
    let call = |index: u64, name: &str, arguments: &Value| {
        piece(
            &json!({"index": index, "id": "", "function": {"name": name, "arguments": arguments.to_string()}}),
        )
    };
    let answer = Response::stream([
        call(0, "apply_patch", &json!({"input": "*** Begin\n\"q\"\n"})),
        call(1, "mcp__fs__list", &json!({"at": 1})),
        call(2, "local_shell", &json!({"command": ["ls"]})),
        finish("tool_calls"),
    ]);
    let streamed = world.ask(RESPONSES, &body, answer).await;
    let streamed = events(&streamed.text);
    let (_, last) = streamed.last().expect("an event");
    let output = last["response"]["output"].as_array().unwrap_or_else(|| panic!("items: {last}"));
    assert_eq!(output.len(), 3, "{output:?}");
    assert_eq!(
        (&output[0]["type"], &output[0]["input"]),
        (&json!("custom_tool_call"), &json!("*** Begin\n\"q\"\n"))
    );
    assert_eq!(
        (&output[1]["name"], &output[1]["namespace"], &output[1]["arguments"]),
        (&json!("list"), &json!("mcp__fs"), &json!("{\"at\":1}"))
    );
    assert_eq!(output[2]["type"], "local_shell_call");
    assert_eq!(output[2]["action"], json!({"type": "exec", "command": ["ls"], "env": {}}));
    assert!(streamed.iter().any(|(name, _)| name == "response.custom_tool_call_input.done"));
    // The next request brings all of it back.
    let mut input = output.clone();
    for (item, kind) in output.iter().zip([
        "custom_tool_call_output",
        "function_call_output",
        "local_shell_call_output",
    ]) {
        input.push(
            json!({"type": kind, "call_id": item["call_id"], "output": format!("of {kind}")}),
        );
    }
    let body = json!({"model": "small", "input": input, "tools": tools});
    world.ask(RESPONSES, &body, says("Done")).await;
    let messages = world.asked()["messages"].clone();
    let calls = messages[0]["tool_calls"].as_array().unwrap_or_else(|| panic!("calls: {messages}"));
    let names: Vec<_> = calls.iter().map(|call| call["function"]["name"].clone()).collect();
    assert_eq!(names, ["apply_patch", "mcp__fs__list", "local_shell"]);
    assert_eq!(calls[0]["function"]["arguments"], "{\"input\":\"*** Begin\\n\\\"q\\\"\\n\"}");
    for (at, call) in calls.iter().enumerate() {
        assert_eq!(messages[at + 1]["tool_call_id"], call["id"]);
    }
    assert_eq!(messages[1]["content"], "of custom_tool_call_output");
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_of_all_three_apis_reach_the_engine_alike() {
    let world = Direct::new().await;
    let chat = json!({"model": "small", "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Read a"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{\"path\":\"a\"}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {"role": "user", "content": "Well?"}]});
    let messages = json!({"model": "small", "max_tokens": 9, "system": [{"type": "text", "text": "Be brief."}], "messages": [
        {"role": "user", "content": "Read a"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "…", "signature": ""},
            {"type": "tool_use", "id": "c1", "name": "read", "input": {"path": "a"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "one"}]},
            {"type": "text", "text": "Well?"}]}]});
    let responses = json!({"model": "small", "instructions": "Be brief.", "input": [
        {"role": "user", "content": "Read a"},
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "c1", "name": "read", "arguments": "{\"path\":\"a\"}"},
        {"type": "function_call_output", "call_id": "c1", "output": "one"},
        {"role": "user", "content": [{"type": "input_text", "text": "Well?"}]}]});
    let mut seen = Vec::new();
    for (path, body) in [(CHAT, chat), (MESSAGES, messages), (RESPONSES, responses)] {
        let answer = world.ask(path, &body, says("Yes")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        seen.push(world.asked()["messages"].clone());
    }
    let expected = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Read a"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{\"path\":\"a\"}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "one"},
        {"role": "user", "content": "Well?"}]);
    assert_eq!(seen, [expected.clone(), expected.clone(), expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_images_and_formats_are_handed_on() {
    let world = Direct::new().await;
    let schema =
        json!({"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}}});
    let body = json!({"model": "small", "temperature": 0.2, "top_p": 0.9, "seed": 7, "stop": ["END"], "max_completion_tokens": 50,
        "presence_penalty": 0.1, "n": 2, "tool_choice": {"type": "function", "function": {"name": "read"}},
        "parallel_tool_calls": false, "tools": tools_of(CHAT),
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": true}},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]});
    let call = Response::stream([
        piece(&json!({"index": 0, "function": {"name": "read", "arguments": "{}"}})),
        piece(&json!({"index": 1, "function": {"name": "read", "arguments": "{}"}})),
        finish("stop"),
    ]);
    let answer = world.ask(CHAT, &body, call).await;
    assert_eq!(answer.headers["x-qwenctl-warning"], "ignored: n");
    // One call only is allowed.
    assert_eq!(
        answer.json()["choices"][0]["message"]["tool_calls"].as_array().map(Vec::len),
        Some(1)
    );
    let asked = world.asked();
    for (name, value) in [
        ("temperature", json!(0.2)),
        ("top_p", json!(0.9)),
        ("seed", json!(7)),
        ("stop", json!(["END"])),
        ("max_tokens", json!(50)),
        ("presence_penalty", json!(0.1)),
        ("parallel_tool_calls", json!(false)),
        ("tool_choice", json!({"type": "function", "function": {"name": "read"}})),
        ("response_format", body["response_format"].clone()),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    assert_eq!(asked["messages"], body["messages"]);
    assert_eq!((asked.get("n"), asked.get("max_completion_tokens")), (None, None));
    // Schemas keep the order in which the client wrote them.
    let (sorted, written) =
        (schema.to_string(), r#"{"z":{"type":"string"},"a":{"type":"string"}}"#);
    let text = body.to_string().replace(&sorted, written);
    world.engine.on(ASK, says("Yes"));
    let request = world.served.http.post(world.served.url(CHAT)).body(text);
    world.served.ask(request.header("content-type", "application/json")).await;
    let sent = world.engine.requests(ASK).pop().expect("a request").body;
    let sent = String::from_utf8_lossy(&sent).into_owned();
    assert!(sent.contains(&format!("\"schema\":{written}")), "{sent}");
    // Anthropic's names.
    let body = json!({"model": "small", "max_tokens": 9, "stop_sequences": ["X"], "top_k": 4, "tools": tools_of(MESSAGES),
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
        "messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}]}]});
    let call = Response::stream([
        piece(&json!({"index": 0, "function": {"name": "now", "arguments": ""}})),
        DONE.to_owned(),
    ]);
    let answer = world.ask(MESSAGES, &body, call).await.json();
    assert_eq!(answer["content"][0]["input"], json!({}), "{answer}");
    let asked = world.asked();
    assert_eq!(
        (&asked["top_k"], &asked["stop"], &asked["tool_choice"]),
        (&json!(4), &json!(["X"]), &json!("required"))
    );
    assert_eq!(asked["response_format"]["json_schema"]["strict"], true);
    assert_eq!(
        asked["messages"][0]["content"][0]["image_url"]["url"],
        "data:image/png;base64,AAAA"
    );
}

#[allow(clippy::too_many_lines, reason = "one row for each form")]
#[tokio::test(flavor = "multi_thread")]
async fn calls_are_read_in_the_forms_of_many_servers() {
    let world = Direct::new().await;
    let whole = |message: &Value| {
        json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
            .to_string()
    };
    let function = |name: &str, arguments: &Value| json!({"name": name, "arguments": arguments});
    for (what, body) in [
        (
            "all calls numbered 0",
            [
                piece(
                    &json!({"index": 0, "id": "a", "function": function("read", &json!("{\"n\":1}"))}),
                ),
                piece(
                    &json!({"index": 0, "id": "b", "function": function("read", &json!("{\"n\":2}"))}),
                ),
                finish("tool_calls"),
            ].concat(),
        ),
        (
            "no numbers, and objects",
            [
                piece(&json!({"id": "a", "function": function("read", &json!({"n": 1}))})),
                piece(&json!({"id": "b", "function": function("read", &json!({"n": 2}))})),
                DONE.to_owned(),
            ].concat(),
        ),
        (
            "the name in each piece",
            [
                piece(
                    &json!({"index": 0, "id": "a", "function": function("read", &json!("{\"n\""))}),
                ),
                piece(&json!({"index": 0, "id": "a", "function": function("read", &json!(":1}"))})),
                piece(
                    &json!({"index": 1, "id": "b", "function": function("read", &json!("{\"n\":2}"))}),
                ),
                finish("stop"),
            ].concat(),
        ),
        (
            "a document",
            whole(&json!({"content": "", "tool_calls": [
            {"id": "a", "function": function("read", &json!("{\"n\":1}"))}, {"id": "b", "function": function("read", &json!("{\"n\":2}"))}]})),
        ),
        (
            "pieces, and then the message",
            [
                piece(
                    &json!({"index": 0, "id": "a", "function": function("read", &json!("{\"n\":1}"))}),
                ),
                piece(
                    &json!({"index": 1, "id": "b", "function": function("read", &json!("{\"n\":2}"))}),
                ),
                format!(
                    "data: {}\n\n",
                    json!({"choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"tool_calls": [
                {"id": "a", "function": function("read", &json!("{\"n\":1}"))}, {"id": "b", "function": function("read", &json!("{\"n\":2}"))}]}}]})
                ),
            ].concat(),
        ),
    ] {
        for streams in [false, true] {
            world.engine.on(ASK, Response::stream([body.clone()]));
            let answer = world.served.post(CHAT, body_of(CHAT, streams)).await;
            let calls: Vec<Value> = if streams {
                data(&answer)
                    .iter()
                    .filter_map(|event| {
                        event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"]
                            .as_str()
                            .map(str::to_owned)
                    })
                    .filter(|text| !text.is_empty())
                    .map(Value::from)
                    .collect()
            } else {
                answer.json()["choices"][0]["message"]["tool_calls"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|call| call["function"]["arguments"].clone())
                    .collect()
            };
            assert_eq!(calls, ["{\"n\":1}", "{\"n\":2}"], "{what}, {streams}: {answer:?}");
        }
    }
    // The form that OpenAI had first, both ways.
    let mut body = body_of(CHAT, false);
    body["functions"] = json!([{"name": "read", "parameters": {}}]);
    body.as_object_mut().expect("an object").remove("tools");
    let answer = Response::stream([
        delta(&json!({"function_call": {"name": "read", "arguments": ""}})),
        delta(&json!({"function_call": {"arguments": "{}"}})),
        finish("function_call"),
    ]);
    let answer = world.ask(CHAT, &body, answer).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "function_call", "{answer}");
    assert_eq!(
        answer["choices"][0]["message"]["function_call"],
        json!({"name": "read", "arguments": "{}"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_sent_only_of_a_whole_answer() {
    let world = Direct::new().await;
    let begun = || {
        piece(
            &json!({"index": 0, "id": "a", "function": {"name": "read", "arguments": "{\"path\": \"a"}}),
        )
    };
    let whole = |name: &str| {
        piece(&json!({"index": 0, "id": "a", "function": {"name": name, "arguments": "{}"}}))
    };
    let fail = |path: &str, answer: &Answer| {
        let marks = ["event: error\n", "data: {\"error\"", "\"type\":\"response.failed\""];
        assert!(
            answer.status >= 400 || marks.iter().any(|mark| answer.text.contains(mark)),
            "{path}: {answer:?}"
        );
        for mark in ["tool_calls\":[", "tool_use\",\"id", "function_call\",\"id"] {
            assert!(!answer.text.contains(mark), "{path}: {answer:?}");
        }
    };
    for path in [CHAT, RESPONSES, MESSAGES] {
        for streams in [false, true] {
            let body = body_of(path, streams);
            // It is cut off, fails, or names a tool that is not on offer.
            fail(path, &world.ask(path, &body, Response::stream([begun()])).await);
            let error = format!("data: {}\n\n", json!({"error": {"message": "boom"}}));
            fail(path, &world.ask(path, &body, Response::stream([begun(), error])).await);
            let unknown = Response::stream([whole("format_disk"), finish("tool_calls")]);
            fail(path, &world.ask(path, &body, unknown).await);
            // Without tools on offer, or with none allowed, there are no calls.
            let mut bare = body.clone();
            bare.as_object_mut().expect("an object").remove("tools");
            fail(
                path,
                &world
                    .ask(path, &bare, Response::stream([whole("read"), finish("tool_calls")]))
                    .await,
            );
            assert_eq!(world.asked().get("tools"), None);
            // The limit of tokens ends it: text and no call.
            let cut = Response::stream([text("I look."), begun(), finish("length")]);
            let answer = world.ask(path, &body, cut).await;
            let ends = [
                r#""finish_reason":"length""#,
                r#""stop_reason":"max_tokens""#,
                r#""reason":"max_output_tokens""#,
            ];
            assert!(ends.iter().any(|end| answer.text.contains(end)), "{path}: {answer:?}");
            assert!(!answer.text.contains("a.md") && answer.text.contains("I look."), "{answer:?}");
            // A demanded tool is not called.
            let mut forced = body.clone();
            forced["tool_choice"] =
                if path == MESSAGES { json!({"type": "any"}) } else { json!("required") };
            fail(path, &world.ask(path, &forced, says("No.")).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_is_too_long_is_named_so_that_agents_compact() {
    let world = Direct::new().await;
    let refusal = json!({"error": {"message": "the request exceeds the available context size", "type": "exceed_context_size_error"}});
    let refusal = || Response::new("application/json", refusal.to_string()).status(400);
    let answer = world.ask(CHAT, &body_of(CHAT, true), refusal()).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (400, &json!("context_length_exceeded"))
    );
    let answer = world.ask(MESSAGES, &body_of(MESSAGES, true), refusal()).await.json();
    assert_eq!(answer["error"]["type"], "invalid_request_error");
    assert!(
        answer["error"]["message"].as_str().expect("words").contains("prompt is too long"),
        "{answer}"
    );
    assert_eq!(world.engine.count(ASK), 2, "the history is not cut here");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_gets_the_form_that_the_request_demands() {
    let world = Direct::new().await;
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": true}});
    for streams in [false, true] {
        let mut body = json!({"model": "small", "stream": streams, "response_format": format,
            "messages": [{"role": "user", "content": "Hi"}]});
        let answer = world.ask(CHAT, &body, says("Here:\n```json\n{\"n\": \"7\",}\n```")).await;
        assert!(answer.text.contains("\"content\":\"{\\\"n\\\":7}\""), "{answer:?}");
        let answer = world.ask(CHAT, &body, says("I do not know.")).await;
        assert!(answer.text.contains("does not fit the schema"), "{answer:?}");
        assert!(!answer.text.contains("I do not know"), "{answer:?}");
        // Calls come before an answer that needs the form.
        body["tools"] = tools_of(CHAT);
        assert!(world.ask(CHAT, &body, two_calls()).await.text.contains("tool_calls"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_the_server_would_keep_is_refused() {
    let world = Direct::new().await;
    let mut body = body_of(MESSAGES, false);
    body["thread"] = json!({"type": "create"});
    let refusal = world.served.post(MESSAGES, body).await.json();
    assert_eq!(refusal["error"]["details"]["error_code"], "thread_unsupported_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_counted_as_the_stream_begins() {
    let world = Direct::new().await;
    let body = body_of(MESSAGES, true);
    let counted = world.served.post("/v1/messages/count_tokens", body.clone()).await.json();
    let streamed = world.ask(MESSAGES, &body, two_calls()).await;
    let (_, start) = &events(&streamed.text)[0];
    assert_eq!(counted["input_tokens"], start["message"]["usage"]["input_tokens"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_kept_goes_through_the_local_upstream() {
    let world = Direct::new().await;
    let body = json!({"model": "small", "messages": [{"role": "user", "content": "Hi"}], "metadata": {"chat_id": "new"}});
    let answer = world.ask(CHAT, &body, says("Hello")).await;
    let chat = answer.headers["x-qwen-chat-id"].to_str().expect("an id").to_owned();
    let body = json!({"model": "small", "messages": [{"role": "user", "content": "Hi"}]});
    let answer = world.ask(CHAT, &body, says("Hello")).await;
    assert_eq!(answer.headers.get("x-qwen-chat-id"), None);
    let listed = world.served.get("/api/chats").await.text;
    assert!(listed.contains(&chat) && listed.matches("\"id\":").count() == 1, "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_total_timeout_ends_an_answer() {
    let world = Direct::with_total(Some(Duration::from_millis(300))).await;
    let endless = Response::stream([text("a")]).endless(b": wait\n\n".to_vec());
    let answer = world.ask(CHAT, &body_of(CHAT, false), endless).await;
    assert_eq!(answer.status, 504, "{answer:?}");
}
