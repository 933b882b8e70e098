//! The command `serve`: how it begins, what it refuses, and how it ends.

use serde_json::{Value, json};

use crate::support::cmd::{Home, Running};
use crate::support::http::client;

/// A server of its own with a local upstream; the address that it announces.
fn start(home: &Home, more: &[&str]) -> (Running, String) {
    let mut run = home.start(&[&["serve", "--local", "--port", "0", "--json"], more].concat());
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    assert_eq!(line["success"], true);
    let url = line["url"].as_str().expect("an address").to_owned();
    assert_eq!(url, format!("http://{}", line["address"].as_str().expect("an address")));
    (run, url)
}

async fn get(url: String) -> Value {
    let client = client().build().expect("a client");
    client.get(url).send().await.expect("an answer").json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_its_address_serves_and_ends_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let home = Home::new();
        let (run, url) = start(&home, &[]);
        assert_eq!(get(format!("{url}/health")).await["status"], "ok");
        assert_eq!(get(format!("{url}/api/chats")).await["total"], 0);
        run.signal(signal);
        let end = run.end();
        assert_eq!((end.status, end.stdout.as_str()), (0, ""), "{signal}: {}", end.stderr);
        for line in ["Z info GET /health 200 ", "Z info GET /api/chats 200 "] {
            assert!(end.stderr.contains(line), "{}", end.stderr);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_of_the_examples_is_answered_for_by_the_local_upstream() {
    let home = Home::new();
    let (run, url) = start(&home, &[]);
    let body = json!({"model": "qwen3-max", "messages": [{"role": "user", "content": "Xin chào"}]});
    let client = client().build().expect("a client");
    let sent = client.post(format!("{url}/v1/chat/completions")).json(&body).send().await;
    let answer: Value = sent.expect("an answer").json().await.expect("JSON");
    let content = answer["choices"][0]["message"]["content"].as_str().expect("a text");
    assert!(content.contains("Xin chào"), "{answer}");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    let (run, url) = start(&home, &["--model-alias", "qwen3-max=local-echo-flash"]);
    let sent = client.post(format!("{url}/v1/chat/completions")).json(&body).send().await;
    let answer: Value = sent.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["model"], "local-echo-flash");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_is_synced_and_searched() {
    let home = Home::new();
    assert_eq!(home.triple(&["--local", "quick", "Tìm đường"]).status, 0);
    let (run, url) = start(&home, &["--sync-every", "1h"]);
    let client = client().build().expect("a client");
    let body = json!({"query": "duong role:user"});
    let found = loop {
        let sent = client.post(format!("{url}/api/chat/search")).json(&body).send().await;
        let found: Value = sent.expect("an answer").json().await.expect("JSON");
        // Before the first sync the upstream's own search answers, which knows no filters.
        if found["source"] == "archive" && found["total"] == 1 {
            break found;
        }
    };
    assert_eq!(found["results"][0]["role"], "user");
    assert_eq!(found["results"][0]["snippet"][1], json!({"text": "đường", "match": true}));
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_means_no_log() {
    let home = Home::new();
    let (run, url) = start(&home, &["-q"]);
    get(format!("{url}/health")).await;
    run.signal("TERM");
    let end = run.end();
    assert_eq!((end.status, end.stderr.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let end = home.triple(&["serve", "--local", "--port", &port]);
    assert_eq!((end.status, end.stdout.as_str()), (1, ""));
    assert!(end.stderr.contains(&format!("error: the port {port} ")), "{}", end.stderr);
    assert!(end.stderr.contains("--port 0"), "{}", end.stderr);
    let json = home.triple(&["serve", "--local", "--port", &port, "--json"]);
    let document: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.status, &document["code"]), (1, &Value::from("internal")));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_do_not_get_the_servers_token() {
    let home = Home::new();
    for host in ["0.0.0.0", "::", "192.0.2.1", "[::]"] {
        let end = home.triple(&["serve", "--local", "--port", "0", "--host", host]);
        assert_eq!(end.status, 2, "{host}: {}", end.stderr);
        assert!(end.stderr.contains("--no-server-token"), "{}", end.stderr);
    }
    let (run, url) = start(&home, &["--host", "0.0.0.0", "--no-server-token"]);
    let url = url.replace("0.0.0.0", "127.0.0.1");
    assert_eq!(get(format!("{url}/api/chats")).await["code"], "token_missing");
    assert_eq!(get(format!("{url}/api/session")).await["data"]["server_token"], false);
    run.signal("INT");
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_token_callers_bring_theirs() {
    let home = Home::new();
    let mut run =
        home.start(&["serve", "--port", "0", "--json", "--api-url", "http://127.0.0.1:9/api"]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address");
    assert_eq!(get(format!("{url}/api/chats")).await["code"], "token_missing");
    assert_eq!(get(format!("{url}/readyz")).await["server_token"]["state"], "none");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn the_banner_has_three_lines() {
    let home = Home::new();
    let mut run = home.start(&["serve", "--local", "--port", "0"]);
    let lines: Vec<_> = (0..4).map(|_| run.error_line()).collect();
    assert!(lines[0].starts_with("local upstream: "), "{lines:?}");
    assert!(lines[1].starts_with("Chat page: http://127.0.0.1:"), "{lines:?}");
    assert!(lines[2].starts_with("Token: the server's own for local clients"), "{lines:?}");
    assert_eq!(lines[3], "Press Ctrl-C to stop the server.");
    run.signal("TERM");
    let end = run.end();
    assert_eq!((end.status, end.stdout.as_str()), (0, ""));
    assert_eq!(end.stderr, "shutting down\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drain_time_is_announced_while_a_request_runs() {
    let home = Home::new();
    let (mut run, url) = start(&home, &[]);
    let body = json!({"message": "[[slow:100]] [[lorem:2000]]", "stream": true});
    let client = client().build().expect("a client");
    let sent = client.post(format!("{url}/api/chat/quick")).json(&body).send().await;
    let answer = sent.expect("the head of an answer");
    run.signal("TERM");
    let note = "running requests get up to 30 s; press Ctrl-C again to end them now";
    assert!((0..20).any(|_| run.error_line() == note));
    run.signal("TERM");
    assert!(answer.text().await.expect("a text").contains("\"code\":\"interrupted\""));
    assert_eq!(run.end().status, 0);
}

#[test]
fn the_banner_lists_every_route_with_verbose() {
    let home = Home::new();
    let mut run = home.start(&["serve", "--local", "--port", "0", "-v"]);
    for endpoint in qwenctl::server::endpoints() {
        let route = format!("  {:<6} {} ", endpoint.method, endpoint.path);
        while !run.error_line().starts_with(&route) {}
    }
    assert_eq!(run.error_line(), "Press Ctrl-C to stop the server.");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn invalid_flag_values_are_refused() {
    let home = Home::new();
    for bad in [
        &["--max-body", "0"][..],
        &["--max-body", "x"],
        &["--port", "70000"],
        &["--drain", "soon"],
        &["--host", ""],
        &["--host", "no.such.host.invalid"],
    ] {
        let end = home.triple(&[&["serve", "--local"], bad].concat());
        assert_eq!(end.status, 2, "{bad:?}: {}", end.stderr);
    }
}
