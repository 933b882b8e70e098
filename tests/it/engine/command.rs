//! The command line and `serve` with an engine.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ASK, MODELS, delta, error, finish, models, says, text};
use crate::support::cmd::{Home, Triple};
use crate::support::http::client;
use crate::support::response::{Ending, Response};
use crate::support::upstream::Upstream;

/// An engine with one model, and a home whose commands use it with `--local`.
pub(super) async fn world() -> (Upstream, Home) {
    let engine = Upstream::start().await;
    engine.always(MODELS, || models(&["small"]));
    let mut home = Home::new();
    home.set("QWENCTL_ENGINE", &format!("{}/v1", engine.origin()));
    (engine, home)
}

pub(super) fn local(home: &Home, arguments: &[&str]) -> Triple {
    home.triple(&[&["--local", "--json"], arguments].concat())
}

/// The document of a run that succeeded.
#[track_caller]
pub(super) fn data(run: &Triple) -> Value {
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let document: Value = serde_json::from_str(&run.stdout).expect("a document");
    document["data"].clone()
}

fn failure(run: &Triple) -> Value {
    serde_json::from_str(&run.stdout).expect("a document")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_of_three_turns_is_stored_and_shown() {
    let (engine, home) = world().await;
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 4}});
    let thinking = Response::stream([
        delta(&json!({"reasoning_content": "A name."})),
        text("Chào "),
        text("Linh"),
        finish("stop"),
        format!("data: {usage}\n\ndata: [DONE]\n\n"),
    ]);
    engine.on(ASK, thinking);
    let first = data(&local(&home, &["quick", "--new", "--think", "Tôi là Linh"]));
    assert_eq!((&first["content"], &first["thinking"]), (&json!("Chào Linh"), &json!("A name.")));
    assert_eq!((&first["model"], &first["usage"]["input_tokens"]), (&json!("small"), &json!(30)));
    let chat = first["chat_id"].as_str().expect("an id");
    engine.on(ASK, says("7, 好"));
    data(&local(&home, &["send", chat, "Nhớ số 7"]));
    engine.on(ASK, says("Linh 🙂 7"));
    let reply = local(&home, &["quick", "--system", "Be brief.", "Who am I, and what number?"]);
    assert_eq!(data(&reply)["content"], "Linh 🙂 7");
    let asked = engine.requests(ASK);
    let contents: Vec<_> = asked[2].json()["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| message["content"].as_str().expect("a text").to_owned())
        .collect();
    let expected = ["Tôi là Linh", "Chào Linh", "Nhớ số 7", "7, 好", "Who am I, and what number?"];
    assert_eq!(
        (contents[0].as_str(), &contents[1..]),
        ("Be brief.", &expected.map(String::from)[..])
    );
    let shown = data(&local(&home, &["chats", "show", chat]));
    let shown: Vec<_> = shown["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|m| m["content"].clone())
        .collect();
    assert_eq!(
        shown.iter().map(|text| text.as_str().expect("a text")).collect::<Vec<_>>()[..5],
        expected
    );
    assert_eq!(shown[5], "Linh 🙂 7");
    // Stored by the local upstream, so it can be read without the engine.
    let shown =
        home.run(&["--local", "chats", "show", chat]).env("QWENCTL_ENGINE", "echo").triple();
    assert!(shown.status == 0 && shown.stdout.contains("Linh 🙂 7"), "{shown:?}");
    let stats = home.run(&["--local", "--json", "stats"]).triple();
    assert!(stats.stdout.contains(r#""upstream":"local""#), "{}", stats.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flag_alone_means_the_local_upstream() {
    let (engine, home) = world().await;
    let url = format!("{}/v1", engine.origin());
    engine.on(ASK, says("Hello"));
    let run = home.run(&["--engine", &url, "quick", "Hi"]).without("QWENCTL_ENGINE").triple();
    assert_eq!((run.status, run.stdout.as_str()), (0, "Hello\n"), "{}", run.stderr);
    let note = format!("local upstream: answers come from {url}; chats stay on this machine\n");
    assert!(run.stderr.starts_with(&note), "{}", run.stderr);
    // The variable alone does not: it selects the engine, not `--local`.
    let run = home.run(&["models"]).triple();
    assert_eq!(run.status, 4, "{}", run.stderr);
    for flag in [["--engine-model", "m"], ["--engine-context", "9"]] {
        let run = home.triple(&[&flag[..], &["models"]].concat());
        assert_eq!(run.status, 2);
        assert!(
            run.stderr.contains(&format!("`{}` only works with `--local`", flag[0])),
            "{}",
            run.stderr
        );
    }
    for flag in [["--engine-model", "m"], ["--engine-context", "9"]] {
        for command in
            [&["--local", "quick", "Hi"][..], &["local"], &["--engine", "echo", "models"]]
        {
            let run = home.run(&[&flag[..], command].concat()).without("QWENCTL_ENGINE").triple();
            let words = format!("`{}` only works with an engine", flag[0]);
            assert!(run.status == 2 && run.stderr.contains(&words), "{}", run.stderr);
        }
    }
    let run = home.triple(&["--engine", "ollama", "--api-url", "http://127.0.0.1:1/api", "models"]);
    assert_eq!(run.status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_come_from_the_engine_and_names_are_mapped() {
    let (engine, home) = world().await;
    let run = data(&local(&home, &["models"]));
    assert_eq!((&run[0]["id"], &run[0]["abilities"]["search"]), (&json!("small"), &json!(false)));
    engine.on(ASK, says("Hello"));
    let map = [
        "--engine-model",
        "qwen3-max=large",
        "--engine-model",
        "other",
        "quick",
        "--model",
        "qwen3-max",
        "Hi",
    ];
    assert_eq!(data(&local(&home, &map))["content"], "Hello");
    assert_eq!(engine.request(ASK).json()["model"], "large");
    let reply = failure(&local(&home, &["quick", "--new", "--model", "unknown", "Hi"]));
    assert_eq!(reply["code"], "invalid_request");
    assert!(reply["error"].as_str().expect("a sentence").contains("unknown"), "{reply}");
    let reply = failure(&local(&home, &["quick", "--new", "--search", "Hi"]));
    assert_eq!(reply["code"], "invalid_request", "{reply}");
    assert!(reply["error"].as_str().expect("a sentence").contains("search"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thoughts_in_the_middle_of_a_word_do_not_split_it() {
    let (engine, home) = world().await;
    for (first, thoughts) in [("a", "abc"), ("", "bc")] {
        let deltas = [
            json!({"reasoning_content": first}),
            json!({"content": "Hel"}),
            json!({"reasoning_content": "b", "content": "lo"}),
            json!({"reasoning_content": "c"}),
        ];
        let events =
            deltas.map(|delta| format!("data: {}\n\n", json!({"choices": [{"delta": delta}]})));
        let mut body = events.concat();
        body.push_str(
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        );
        engine.on(ASK, Response::stream([body]));
        let answer = data(&local(&home, &["quick", "--new", "Hi"]));
        assert_eq!((&answer["content"], &answer["thinking"]), (&json!("Hello"), &json!(thoughts)));
        let chat = answer["chat_id"].as_str().expect("an id");
        let stored = data(&local(&home, &["chats", "show", chat])).to_string();
        assert!(stored.contains("\"Hello\""), "{stored}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_has_its_kind_and_names_the_engine() {
    let message = |text: &str| json!({"message": text});
    for (answers, status, code, words) in [
        (vec![error(401, &message("no"))], 2, "invalid_request", "QWENCTL_ENGINE_KEY"),
        (
            vec![error(404, &message("model 'small' does not exist"))],
            2,
            "invalid_request",
            "has no model",
        ),
        (
            // The engine may have done the work, so the request is not repeated.
            vec![error(500, &message("boom"))],
            7,
            "upstream_unreachable",
            "boom",
        ),
        (vec![Response::stream([""]).ending(Ending::Reset)], 8, "upstream_protocol", "before"),
        (vec![error(503, &message("loading")), says("Hello")], 0, "", ""),
        (vec![error(429, &message("slow")).header("Retry-After", "90")], 6, "rate_limited", "slow"),
        // No time to wait is invented, and digits in the message are not read as a status.
        (
            vec![error(429, &json!({"code": "insufficient_quota", "message": "401 unauthorized"}))],
            6,
            "rate_limited",
            "reports that its quota is used up",
        ),
        (
            vec![error(400, &json!({"type": "exceed_context_size_error"}))],
            3,
            "context_too_long",
            "--engine-context",
        ),
        (
            vec![error(400, &json!({"code": "data_inspection_failed"}))],
            3,
            "content_refused",
            "filter",
        ),
        (
            vec![Response::stream([text("Hal")]).ending(Ending::Reset)],
            8,
            "upstream_protocol",
            "before the end",
        ),
        (
            vec![Response::stream([text("Hal"), finish("length")])],
            8,
            "upstream_protocol",
            "limit of tokens",
        ),
    ] {
        let (engine, home) = world().await;
        let asked = answers.len();
        for answer in answers {
            engine.on(ASK, answer);
        }
        let run = local(&home, &["quick", "--new", "Hi"]);
        let reply = failure(&run);
        assert_eq!(engine.count(ASK), asked, "{reply}");
        if status == 0 {
            assert_eq!((run.status, &reply["data"]["content"]), (0, &json!("Hello")), "{reply}");
            continue;
        }
        assert_eq!((run.status, reply["code"].as_str()), (status, Some(code)), "{reply}");
        let sentence = reply["error"].as_str().expect("a sentence");
        assert!(sentence.contains(words) && sentence.contains(&engine.origin()), "{sentence}");
        assert_eq!(reply["retry_after"].as_u64(), (words == "slow").then_some(90));
        let cut = words == "before the end" || words == "limit of tokens";
        assert_eq!(reply["partial"]["content"].as_str(), cut.then_some("Hal"), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_of_an_unreachable_engine_names_it() {
    let (_port, address) = crate::support::http::closed_port();
    let url = format!("http://{address}/v1");
    let home = Home::new();
    for command in [&["models"][..], &["quick", "Hi"]] {
        let run = home.triple(&[&["--json", "-q", "--engine", &url], command].concat());
        let reply = failure(&run);
        assert_eq!(
            (run.status, reply["code"].as_str()),
            (7, Some("upstream_unreachable")),
            "{reply}"
        );
        assert!(reply["error"].as_str().expect("a sentence").contains(&url), "{reply}");
    }
    let run = home.triple(&["--json", "--engine", &url, "doctor"]);
    assert_eq!(run.status, 7);
    let checks = failure(&run)["data"].clone();
    let check = checks
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["name"] == "engine")
        .expect("a check");
    assert_eq!(check["status"], "fail");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_checks_the_engine() {
    let (_engine, home) = world().await;
    let checks = data(&local(&home, &["doctor"]));
    let check = checks
        .as_array()
        .expect("checks")
        .iter()
        .find(|check| check["name"] == "engine")
        .expect("a check");
    assert!(
        check["status"] == "ok" && check["message"].as_str().expect("words").contains("small"),
        "{check}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_stops_the_engine_and_keeps_the_partial_answer() {
    let (engine, home) = world().await;
    engine.on(ASK, Response::stream([text("Hal")]).ending(Ending::Hang));
    let mut run = home.start(&["--local", "quick", "Hi"]);
    run.reads("Hal");
    let begin = Instant::now();
    run.signal("INT");
    engine.until_left(1).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert_eq!(run.end().status, 130);
    let chats = data(&local(&home, &["chats", "list"]));
    let chat = chats[0]["id"].as_str().expect("an id").to_owned();
    let shown = data(&local(&home, &["chats", "show", &chat]));
    assert_eq!(shown["messages"][1]["content"], "Hal");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_before_the_first_piece_stops_the_engine() {
    let (engine, home) = world().await;
    engine.on(ASK, Response::silence());
    let run = home.start(&["--local", "quick", "Hi"]);
    engine.until(ASK, 1).await;
    run.signal("INT");
    engine.until_left(1).await;
    assert_eq!(run.end().status, 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_sent_only_to_the_engine() {
    let (engine, mut home) = world().await;
    let key = ["sk-", "canary"].concat();
    home.set("QWENCTL_ENGINE_KEY", &key);
    engine.on(ASK, error(401, &json!({"message": format!("wrong key {key}")})));
    let run = home.triple(&["--local", "-v", "quick", "Hi"]);
    assert_eq!(engine.request(ASK).header("authorization"), Some(format!("Bearer {key}").as_str()));
    let shown = home.triple(&["config", "show", "--origin"]);
    assert!(shown.stdout.contains("engine_key\t(hidden)\tQWENCTL_ENGINE_KEY"), "{}", shown.stdout);
    let all = format!("{run:?}{shown:?}");
    assert!(run.status == 2 && !all.contains("canary"), "{all}");
}

#[test]
fn a_key_in_clear_text_causes_a_warning_where_it_is_used() {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let run = home.run(arguments).env("QWENCTL_ENGINE", "http://engine.invalid/v1");
        run.env("QWENCTL_ENGINE_KEY", "sk-made-up").triple().stderr
    };
    let reply = run(&["--local", "chats", "list"]);
    assert!(reply.contains("the engine's key would be sent in clear text"), "{reply}");
    let reply = run(&["models"]);
    assert!(!reply.contains("in clear"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_relays_the_engines_answers_and_a_disconnect_stops_the_engine() {
    let (engine, home) = world().await;
    let mut run = home.start(&["--local", "--json", "-q", "serve", "--port", "0"]);
    let announced: Value = serde_json::from_str(&run.line()).expect("a document");
    let url = announced["url"].as_str().expect("an address").to_owned();
    let http = client().build().expect("a client");
    let ready: Value = http
        .get(format!("{url}/readyz"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(ready["upstream"], "local", "{ready}");
    engine.on(ASK, says("Xin chào"));
    let body = json!({"model": "small", "messages": [{"role": "user", "content": "Hi"}]});
    let asked = http.post(format!("{url}/v1/chat/completions")).json(&body);
    let reply: Value = asked.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(reply["choices"][0]["message"]["content"], "Xin chào");
    engine.on(ASK, error(429, &json!({"message": "slow"})).header("Retry-After", "90"));
    let limited = http.post(format!("{url}/api/chat/quick")).json(&json!({"message": "Hi"}));
    let limited = limited.send().await.expect("an answer");
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"90".parse().expect("a value"))
    );
    engine.on(ASK, Response::stream([text("Hal")]).ending(Ending::Hang));
    let body = json!({"message": "Hi", "stream": true});
    let mut streamed =
        http.post(format!("{url}/api/chat/quick")).json(&body).send().await.expect("an answer");
    let mut read = String::new();
    while !read.contains("Hal") {
        read.push_str(&String::from_utf8_lossy(
            &streamed.chunk().await.expect("a stream").expect("a piece"),
        ));
    }
    let begin = Instant::now();
    drop((streamed, http));
    engine.until_left(1).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    run.signal("INT");
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn thoughts_that_began_as_text_are_told_apart() {
    let (engine, home) = world().await;
    let answer = || {
        let pause = Duration::from_millis(30);
        let first = Response::stream([text("Let me think. ")]).pause(pause);
        first.then(text("Two.\n</thi")).pause(pause).then(text("nk>\n\nFour.")).then(finish("stop"))
    };
    engine.on(ASK, answer());
    let shown = data(&local(&home, &["quick", "--new", "Hi"]));
    let expected = (&json!("Four."), &json!("Let me think. Two.\n"));
    assert_eq!((&shown["content"], &shown["thinking"]), expected);
    let chat = shown["chat_id"].as_str().expect("an id");
    let stored = data(&local(&home, &["chats", "show", chat]));
    let stored = &stored["messages"][1];
    assert_eq!((&stored["content"], &stored["thinking"]), expected);
    // A pipe gets the answer alone.
    engine.on(ASK, answer());
    let run = home.triple(&["--local", "quick", "--new", "Hi"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "Four.\n"), "{}", run.stderr);
    assert!(run.stderr.contains("Let me think. Two.\n"), "{}", run.stderr);
    // Events replace what they have said.
    engine.on(ASK, answer());
    let run = home.triple(&["--local", "quick", "--new", "Hi", "-o", "ndjson"]);
    let (mut content, mut thinking) = (String::new(), String::new());
    for line in run.stdout.lines() {
        let event: Value = serde_json::from_str(line).expect("an event");
        let piece = event["content"].as_str().unwrap_or_default();
        match event["event"].as_str() {
            Some("delta") => content.push_str(piece),
            Some("rewrite") => piece.clone_into(&mut content),
            Some("thinking") => thinking.push_str(piece),
            Some("rewrite_thinking") => piece.clone_into(&mut thinking),
            _ => {}
        }
    }
    assert_eq!((&json!(content), &json!(thinking)), expected, "{}", run.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_serve_names_the_engine() {
    let home = Home::new();
    let run = home.triple(&[
        "--engine",
        "ollama",
        "--engine-model",
        "qwen3-max=llama3.2",
        "serve",
        "--print-unit",
    ]);
    assert!(
        run.stdout.contains(" --engine ollama --engine-model qwen3-max=llama3.2"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_command_uses_the_engine() {
    let (engine, home) = world().await;
    let mut run = home.start(&["--json", "local", "--print-token"]);
    let reply: Value = serde_json::from_str(&run.line()).expect("a document");
    let url = reply["data"]["api_url"].as_str().expect("an address");
    let list: Value = client()
        .build()
        .expect("a client")
        .get(format!("{url}/models"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(list["data"][0]["id"], "small");
    assert_eq!(engine.count(MODELS), 1);
    run.signal("INT");
    run.end();
}
