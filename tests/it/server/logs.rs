//! The log: its lines, levels and destinations, and the secrets that it must not hold.

use std::time::{Duration, Instant};

use qwenctl::client::{Client, Notice, NoticeSink};
use qwenctl::domain::LogLevel;
use qwenctl::server::{LogFormat, LogOptions};
use serde_json::{Value, json};

use super::world::{PATIENCE, Served, with_empty_chat};
use crate::support::bodies::{C1, gateway_page, json as body, quota};
use crate::support::cmd::Home;
use crate::support::frames::whole;
use crate::support::http::client;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, WHOAMI};

const DEBUG_JSON: LogOptions =
    LogOptions { level: LogLevel::Debug, format: LogFormat::Json, bodies: false };

async fn served(upstream: &Upstream, log: LogOptions) -> Served {
    Served::configured(upstream, |options| options.log = options.log.clone().with(log)).await
}

#[tokio::test]
async fn one_request_and_its_calls_have_one_id() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("one"));
    let served = served(&upstream, DEBUG_JSON).await;
    let members = json!({"chat_id": C1, "message": "m"});
    let answer = served.post("/api/chat/send", members).await;
    let id = answer.header("x-request-id");

    let lines: Vec<Value> = served.log.json();
    let [read, sent, request] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(lines.iter().all(|line| line["request_id"] == id), "{lines:?}");
    assert_eq!((&read["path"], &read["call"]), (&json!("v2/chats/{id}"), &json!(1)));
    assert_eq!((&sent["path"], &sent["call"]), (&json!("v2/chat/completions"), &json!(2)));
    assert_eq!((&sent["status"], &sent["result"]), (&json!(200), &json!("ok")));
    assert_eq!((&request["event"], &request["upstream_calls"]), (&json!("request"), &json!(2)));
    assert_eq!((&request["route"], &request["status"]), (&json!("/api/chat/send"), &json!(200)));
    assert_eq!(request["bytes"], answer.text.len());
    let ms = |name: &str| request[name].as_f64().expect("a time");
    assert!(ms("first_byte_ms") <= ms("total_ms"), "{request}");
    let who = request["who"].as_str().expect("an account");
    assert!(who.starts_with("account:") && who.len() == 16, "{who}");
    for call in [CHAT, COMPLETIONS] {
        assert_eq!(upstream.request(call).header("x-request-id"), Some(id), "{call}");
    }
}

#[tokio::test]
async fn only_a_uuid_goes_upstream_as_the_id() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || crate::support::bodies::envelope(json!([])));
    let served = Served::new(&upstream).await;
    let request = served.http.get(served.url("/api/chats")).header("x-request-id", "mine-1");
    assert_eq!(served.ask(request).await.header("x-request-id"), "mine-1");
    let sent = upstream.request(CHATS);
    let id = sent.header("x-request-id").expect("an id");
    assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{id}");
}

#[tokio::test]
async fn the_level_selects_the_lines() {
    for (level, count) in
        [(LogLevel::Error, 1), (LogLevel::Warn, 1), (LogLevel::Info, 2), (LogLevel::Debug, 3)]
    {
        let upstream = Upstream::start().await;
        upstream.on(CHATS, body("<html>not JSON</html>"));
        let served = served(&upstream, LogOptions { level, ..LogOptions::default() }).await;
        assert_eq!(served.get("/health").await.status, 200);
        assert_eq!(served.get("/api/chats").await.status, 502);
        assert_eq!(served.log.lines().len(), count, "{level:?}: {:?}", served.log.lines());
    }
}

/// Requests that fail, with secrets in every place where a client can put them.
async fn misuse(served: &Served, canary: &str, key: &str, prompt: &str) {
    let members = json!({"chat_id": C1, "message": prompt, "stream": false});
    served.post("/api/chat/send", members.clone()).await;
    served.post("/api/chat/send", json!({"chat_id": C1, "message": prompt, "stream": true})).await;
    served.post("/api/chat/send", members.clone()).await;
    served.post("/api/chat/send", json!({"chat_id": prompt, "message": [prompt]})).await;
    served.post("/api/chat/send", json!({"chat_id": C1, "message": prompt, "model": 1})).await;
    for path in ["/api/chats", "/api/models", "/api/stats", "/api/token/info"] {
        let get = || served.http.get(served.url(path));
        served.ask(get().bearer_auth(canary)).await;
        served.ask(get().bearer_auth(format!("{canary}garbage"))).await;
        served.ask(get().bearer_auth(key).header("x-api-key", key)).await;
        served.ask(served.http.get(served.url(&format!("{path}?token={canary}&q={key}")))).await;
    }
    served.get(&format!("/api/chats/{key}%20x")).await;
    served.get(&format!("/nothing/{canary}")).await;
}

fn script(upstream: &Upstream, answer: &str) {
    with_empty_chat(upstream);
    upstream.on(COMPLETIONS, whole(answer));
    upstream.on(COMPLETIONS, whole(answer));
    upstream.on(COMPLETIONS, body(quota()));
    for call in [CHATS, WHOAMI, "GET /api/v2/models/"] {
        upstream.always(call, || gateway_page(502));
    }
}

#[tokio::test]
async fn no_secret_and_no_prompt_is_logged_at_any_level() {
    let canary = token("canary", 86_400);
    let key = ["qk", "canary", "0123456789abcdef"].join("-");
    let (prompt, answer) = ("the prompt of a canary", "the answer to a canary");
    for format in [LogFormat::Text, LogFormat::Json] {
        for level in LogLevel::ALL {
            let upstream = Upstream::start().await;
            script(&upstream, answer);
            let served = served(&upstream, LogOptions { level, format, bodies: false }).await;
            misuse(&served, &canary, &key, prompt).await;
            let all = served.log.lines().join("\n");
            assert!(level < LogLevel::Info || all.contains("/api/chat/send"), "{all}");
            let own = token("server", 7 * 86_400);
            let signature = |token: &str| token.rsplit('.').next().unwrap_or_default().to_owned();
            for secret in
                [canary.as_str(), &signature(&canary), &key, prompt, answer, "canary", &own, C1]
            {
                assert!(!all.contains(secret), "{secret}: {all}");
            }
        }
    }
}

#[tokio::test]
async fn bodies_are_logged_only_on_request() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("the answer"));
    upstream.on(COMPLETIONS, whole("the answer"));
    let served = served(&upstream, LogOptions { bodies: true, ..DEBUG_JSON }).await;
    for streams in [false, true] {
        let members = json!({"chat_id": C1, "message": "the prompt", "stream": streams});
        served.post("/api/chat/send", members).await;
    }
    let lines: Vec<Value> = served.log.json();
    let bodies = lines.iter().filter(|line| line["event"] == "body");
    let texts: Vec<_> = bodies.map(|line| (&line["what"], &line["text"])).collect();
    let turn = [(json!("prompt"), json!("the prompt")), (json!("answer"), json!("the answer"))];
    let turns: Vec<_> = turn.iter().chain(&turn).map(|(what, text)| (what, text)).collect();
    assert_eq!(texts, turns);
}

#[tokio::test]
async fn the_causes_of_an_error_are_logged_and_not_sent() {
    let upstream = Upstream::start().await;
    let served = served(&upstream, DEBUG_JSON).await;
    drop(upstream);
    let answer = served.get("/api/chats").await;
    assert_eq!(answer.status, 502, "{answer:?}");
    let lines: Vec<Value> = served.log.json();
    let cause = lines.last().and_then(|line| line["cause"].as_str()).expect("a cause");
    assert!(cause.contains("onnect"), "{cause}");
    assert!(!answer.text.contains(cause), "{answer:?}");
}

#[tokio::test]
async fn a_panic_is_logged_without_its_message() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || gateway_page(502));
    let served = Served::configured(&upstream, |options| {
        let notices = NoticeSink::new(|_: Notice| panic!("the words of a canary"));
        let config = crate::support::world::config(&upstream);
        options.client =
            Client::new(qwenctl::client::ClientConfig { notices, ..config }).expect("a client");
    })
    .await;
    let request = served.http.get(served.url("/api/chats")).bearer_auth(token("mine", 86_400));
    let answer = served.ask(request).await;
    answer.failure(500, "internal");
    let lines = served.log.lines();
    let id = answer.header("x-request-id");
    assert!(lines.iter().any(|line| line.contains("panicked") && line.contains(id)), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("canary")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_file_is_reopened_on_sighup_and_holds_no_secrets() {
    let canary = token("canary", 86_400);
    let (prompt, answer) = ("the prompt of a canary", "the answer to a canary");
    let upstream = Upstream::start().await;
    script(&upstream, answer);
    let mut home = Home::at(&upstream.origin(), &canary);
    home.set("QWENCTL_LOG", "debug");
    let flags = ["--log-file", "serve.log", "--log-format", "json"];
    let mut run = home.start(&[&["serve", "--port", "0", "--json"][..], &flags].concat());
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address");
    let http = client().build().expect("a client");
    for _ in 0..3 {
        let members = json!({"chat_id": C1, "message": prompt});
        http.post(format!("{url}/api/chat/send")).json(&members).send().await.expect("an answer");
    }
    // As logrotate does.
    let log = |name: &str| home.path().join(name);
    std::fs::rename(log("serve.log"), log("serve.log.1")).expect("renamed");
    run.signal("HUP");
    while !log("serve.log").exists() {
        http.get(format!("{url}/health")).send().await.expect("an answer");
    }
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0, "{end:?}");
    let mut all = end.stdout + &end.stderr;
    for name in ["serve.log", "serve.log.1"] {
        let text = std::fs::read_to_string(log(name)).expect("a log");
        assert!(!text.is_empty(), "{name}");
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            assert!(line["time"].is_string() && line["level"].is_string(), "{line}");
        }
        all += &text;
    }
    assert!(all.contains("log file: reopened"), "{all}");
    for secret in [canary.as_str(), prompt, answer, C1] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[test]
fn a_log_file_that_cannot_be_reopened_stays_in_use() {
    let home = Home::new();
    let flags = ["--log-file", "serve.log"];
    let mut run =
        home.start(&[&["serve", "--local", "--port", "0", "--json"][..], &flags].concat());
    run.line();
    let path = |name: &str| home.path().join(name);
    let wait_for = |name: &str, words: &str| {
        let begun = Instant::now();
        loop {
            let log = std::fs::read_to_string(path(name)).unwrap_or_default();
            if log.contains(words) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "`{words}` is not in {name}: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    std::fs::rename(path("serve.log"), path("serve.log.1")).expect("renamed");
    std::fs::create_dir(path("serve.log")).expect("a directory");
    run.signal("HUP");
    wait_for("serve.log.1", "log file: not reloaded, keeping the current one: ");
    std::fs::remove_dir(path("serve.log")).expect("removed");
    run.signal("HUP");
    wait_for("serve.log", "log file: reopened");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn removed_rotation_flags_are_refused_with_their_replacement() {
    for flags in [["--log-max-size", "1000"], ["--log-keep", "2"]] {
        let end = Home::new().triple(&[&["serve", "--local"][..], &flags].concat());
        assert_eq!((end.status, end.stdout.as_str()), (2, ""));
        assert!(
            end.stderr.contains(flags[0]) && end.stderr.contains("logrotate"),
            "{}",
            end.stderr
        );
    }
    assert!(!Home::new().triple(&["serve", "--help"]).stdout.contains("--log-keep"));
}

#[test]
fn an_unknown_level_or_an_unwritable_file_is_refused() {
    let mut home = Home::new();
    let refused = home.triple(&["serve", "--local", "--port", "0", "--log-file", "/no/such/place"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.stderr.contains("--log-file"), "{}", refused.stderr);
    home.set("QWENCTL_LOG", "loud");
    let refused = home.triple(&["serve", "--local", "--port", "0"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.stderr.contains("QWENCTL_LOG"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_standard_error_stops_neither_the_work_nor_the_end() {
    let home = Home::new();
    let mut run = home.start(&["serve", "--local", "--port", "0", "--json"]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address");
    let http = client().timeout(PATIENCE).build().expect("a client");
    // More than a pipe holds.
    for _ in 0..1500 {
        let answer = http.get(format!("{url}/health")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    run.signal("TERM");
    assert!(run.ends_unread(PATIENCE), "the server does not end");
}

#[test]
fn a_log_pipe_without_a_reader_does_not_block() {
    let home = Home::new();
    let pipe = home.path().join("serve.log");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let refused = home.triple(&["serve", "--local", "--port", "0", "--log-file", "serve.log"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.stderr.contains("cannot write the log file"), "{}", refused.stderr);
}
