//! The command `serve`: how it begins, what it refuses, and how it ends.

use serde_json::{Value, json};

use super::world::PATIENCE;
use crate::support::bodies::envelope;
use crate::support::cmd::{Home, Running};
use crate::support::http::client;
use crate::support::tokens::token_of;
use crate::support::upstream::Upstream;
use crate::support::world::CHATS;

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

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_and_removal_by_another_process_are_followed() {
    let upstream = Upstream::start().await;
    let mut home = Home::with(&upstream);
    home.unset("QWEN_TOKEN");
    let store = |user: &str| {
        let pasted = token_of(user, user, 7 * 86_400);
        let set = home.run(&["token", "set"]).stdin(pasted.clone()).triple();
        assert_eq!(set.status, 0, "{set:?}");
        pasted
    };
    let first = store("u1");
    let typo = home.triple(&["serve", "--account", "defualt", "--port", "0"]);
    assert_eq!(typo.status, 2, "{typo:?}");
    assert!(typo.stderr.contains("did you mean `default`?"), "{typo:?}");
    let mut run = home.start(&["serve", "--port", "0", "--json"]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address").to_owned();
    let (chats, ready) = (format!("{url}/api/chats"), format!("{url}/readyz"));
    upstream.always(CHATS, || envelope(json!([])));
    let last = || {
        let cookie = upstream
            .requests(CHATS)
            .pop()
            .and_then(|sent| sent.header("cookie").map(str::to_owned));
        cookie.unwrap_or_default()
    };

    get(chats.clone()).await;
    assert!(last().contains(&first));
    let second = store("u2");
    until(async || {
        get(chats.clone()).await;
        last().contains(&second)
    })
    .await;

    assert_eq!(home.triple(&["token", "remove"]).status, 0);
    until(async || get(ready.clone()).await["status"] == "token_removed").await;
    let client = client().build().expect("a client");
    assert_eq!(client.get(&ready).send().await.expect("an answer").status(), 503);
    assert_eq!(get(chats.clone()).await["code"], "token_missing");

    store("u1");
    until(async || get(ready.clone()).await["ready"] == true).await;
    assert_eq!(get(chats).await["success"], true);
    run.signal("TERM");
    let end = run.end();
    assert!(end.stderr.contains("another user has signed in"), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_in_front_is_reported_at_the_next_start_and_by_doctor() {
    let home = Home::new();
    let serve = || {
        let mut run =
            home.start(&["serve", "--port", "0", "--json", "--api-url", "http://127.0.0.1:9/api"]);
        let line: Value = serde_json::from_str(&run.line()).expect("JSON");
        (run, line["address"].as_str().expect("an address").to_owned())
    };
    let warns = |run: Running| {
        run.signal("TERM");
        run.end().stderr.contains("a proxy forwarded requests before")
    };
    let doctor = || {
        let run = home.triple(&["doctor", "--json", "--api-url", "http://127.0.0.1:9/api"]);
        let document = run.json();
        let checks = document["data"].as_array().expect("checks").clone();
        checks.into_iter().find(|check| check["name"] == "serve")
    };
    let (run, address) = serve();
    assert_eq!(doctor(), None);
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let request = "GET /api/chats HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("sent");
    until(async || doctor().is_some()).await;
    assert!(!warns(run));

    let (run, _) = serve();
    assert!(warns(run));
    let check = doctor().expect("a check");
    assert_eq!(check["status"], "warn");
    assert!(check["hint"].as_str().is_some_and(|hint| hint.contains("--require-key")), "{check}");
}

/// Waits for a condition.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "still not");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
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
