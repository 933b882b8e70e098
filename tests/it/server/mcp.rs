//! `/mcp`: the Model Context Protocol over HTTP.

use qwenctl::domain::Scope;
use qwenctl::server::ServerOptions;
use serde_json::{Value, json};

use super::keys::Keys;
use super::world::{Answer, Served, post, rates, read_until};
use crate::support::bodies::envelope;
use crate::support::frames::{created, d, sse};
use crate::support::response::{Ending, Gate};
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS, STOP};

const ID: &str = "c0000000-0000-4000-8000-000000000001";

fn may_ask(options: &mut ServerOptions) {
    options.mcp_may_ask = true;
    options.model = Some("m".to_owned());
}

fn message(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

async fn send(served: &Served, headers: &[(&str, &str)], body: &Value) -> Answer {
    let request = served.http.post(served.url("/mcp")).json(body);
    let accept = ("accept", "application/json, text/event-stream");
    let headers = [&[accept], headers].concat();
    served.ask(headers.iter().fold(request, |all, (name, value)| all.header(*name, *value))).await
}

/// A tool call of a client that has shaken hands.
async fn call(served: &Served, headers: &[(&str, &str)], tool: &str, arguments: Value) -> Answer {
    let body = message("tools/call", &json!({"name": tool, "arguments": arguments}));
    send(served, &[&[("mcp-protocol-version", "2025-06-18")], headers].concat(), &body).await
}

fn code(answer: &Answer) -> i64 {
    answer.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {answer:?}"))
}

/// The response at the end of a stream of events.
fn last_event(answer: &Answer) -> Value {
    assert!(answer.header("content-type").starts_with("text/event-stream"), "{answer:?}");
    let data = answer.text.lines().rfind(|line| line.starts_with("data: ")).expect("an event");
    serde_json::from_str(&data["data: ".len()..]).expect("JSON")
}

#[tokio::test]
async fn client_initializes_lists_and_reads() {
    let (served, _local) = Served::local(|_| {}).await;
    let chat = served.post("/api/chat/quick", json!({"message": "Needle"})).await.json();
    let chat = chat["chat_id"].as_str().expect("a chat").to_owned();
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}});
    let hello = send(&served, &[], &message("initialize", &params)).await;
    assert_eq!(hello.json()["result"]["protocolVersion"], "2025-11-25");
    let session = hello.header("mcp-session-id").to_owned();
    assert_eq!(session.len(), 36);
    let headers = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", "2025-11-25")];
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let accepted = send(&served, &headers, &note).await;
    assert_eq!((accepted.status, accepted.text.as_str()), (202, ""));
    let tools = send(&served, &headers, &message("tools/list", &json!({}))).await.json();
    assert_eq!(tools["result"]["tools"].as_array().expect("tools").len(), 3);
    let found =
        call(&served, &headers[..1], "search_chats", json!({"query": "needle"})).await.json();
    assert_eq!(found["result"]["structuredContent"]["results"][0]["chat_id"], chat);
    let read = call(&served, &headers[..1], "read_chat", json!({"chat_id": chat})).await.json();
    assert_eq!(read["result"]["structuredContent"]["messages"][0]["content"], "Needle");
    for (method, status) in [("GET", 405), ("PUT", 405), ("DELETE", 204)] {
        let request = served.http.request(method.parse().expect("a method"), served.url("/mcp"));
        assert_eq!(served.ask(request).await.status, status, "{method}");
    }
}

#[tokio::test]
async fn revision_of_the_header_is_checked() {
    let (served, _local) = Served::local(|_| {}).await;
    let ping = message("ping", &json!({}));
    for (version, status) in [
        (None, 200),
        (Some("2024-11-05"), 200),
        (Some("2025-11-25"), 200),
        (Some("1"), 400),
        (Some(""), 400),
    ] {
        let headers: Vec<_> =
            version.map(|name| ("mcp-protocol-version", name)).into_iter().collect();
        let answer = send(&served, &headers, &ping).await;
        assert_eq!(answer.status, status, "{version:?}");
        if status == 400 {
            assert_eq!(code(&answer), -32022);
        }
    }
    let batch = json!([ping, message("nothing", &json!({}))]);
    let both = send(&served, &[], &batch).await.json();
    assert_eq!((&both[0]["result"], &both[1]["error"]["code"]), (&json!({}), &json!(-32601)));
    let refused = send(&served, &[("mcp-protocol-version", "2025-06-18")], &batch).await;
    assert_eq!((refused.status, code(&refused)), (400, -32600));
}

#[tokio::test]
async fn newest_revision_compares_headers_and_body() {
    let (served, _local) = Served::local(|_| {}).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let list = message("tools/call", &json!({"_meta": meta, "name": "list_chats"}));
    let version = ("mcp-protocol-version", "2026-07-28");
    let (method, name) = (("mcp-method", "tools/call"), ("mcp-name", "list_chats"));
    let encoded = ("mcp-name", "=?base64?bGlzdF9jaGF0cw==?=");
    for headers in [[version, method, name], [version, method, encoded]] {
        let answer = send(&served, &headers, &list).await;
        assert_eq!(
            (answer.status, &answer.json()["result"]["resultType"]),
            (200, &json!("complete"))
        );
        assert_eq!(answer.header("mcp-session-id"), "");
    }
    let other = [("mcp-protocol-version", "2025-11-25"), method, name];
    for headers in [
        &[version, method][..],
        &[version, name],
        &[method, name],
        &other,
        &[version, ("mcp-method", "tools/list"), name],
        &[version, method, ("mcp-name", "ask")],
        &[version, method, ("mcp-name", "=?base64?*?=")],
    ] {
        let answer = send(&served, headers, &list).await;
        assert_eq!((answer.status, code(&answer)), (400, -32020), "{headers:?}");
    }
    let discover = message("server/discover", &json!({"_meta": meta}));
    let found = send(&served, &[version, ("mcp-method", "server/discover")], &discover).await;
    assert_eq!(found.json()["result"]["supportedVersions"][4], "2026-07-28");
    let ping = message("ping", &json!({"_meta": meta}));
    let gone = send(&served, &[version, ("mcp-method", "ping")], &ping).await;
    assert_eq!((gone.status, code(&gone)), (404, -32601));
    let bare =
        send(&served, &[version, ("mcp-method", "ping")], &message("ping", &json!({}))).await;
    assert_eq!((bare.status, code(&bare)), (400, -32602));
    let unknown = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}});
    let unknown = send(&served, &[], &message("tools/list", &unknown)).await;
    assert_eq!((unknown.status, code(&unknown)), (400, -32022));
}

#[tokio::test]
async fn page_of_another_origin_is_refused_whatever_it_sends() {
    let upstream = Upstream::start().await;
    let keys = Keys::new();
    let key = keys.make("page", Scope::Admin);
    let served = Served::configured(&upstream, |options| keys.in_options(options)).await;
    let own = token("page", 86_400);
    let list = message("tools/list", &json!({}));
    for credential in [None, Some(&key), Some(&own)] {
        let bearer = credential.map(|secret| format!("Bearer {secret}"));
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://localhost:1"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let headers: Vec<_> = bearer
                .iter()
                .map(|value| ("authorization", value.as_str()))
                .chain([foreign])
                .collect();
            send(&served, &headers, &list).await.failure(403, "forbidden");
        }
    }
    // A foreign name that resolves to this machine.
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    send(&served, &rebound, &list).await.failure(403, "forbidden");
    let forwarded = [("x-forwarded-for", "192.0.2.7")];
    send(&served, &forwarded, &list).await.failure(401, "token_missing");
    let end = served.http.delete(served.url("/mcp")).header("origin", "https://evil.example");
    served.ask(end).await.failure(403, "forbidden");
    let form = served.http.post(served.url("/mcp")).header("content-type", "text/plain");
    served.ask(form.body(list.to_string())).await.failure(415, "invalid_request");
    let local = send(&served, &[("origin", &served.url(""))], &list).await;
    assert_eq!(local.status, 200);
}

#[tokio::test]
async fn tools_need_the_scopes_of_their_routes() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    upstream.always("GET /api/v2/chats/?page=2", || envelope(json!([])));
    let keys = Keys::new();
    let served = Served::configured(&upstream, |options| {
        keys.in_options(options);
        options.access.require_key = true;
        may_ask(options);
    })
    .await;
    let list = message("tools/list", &json!({}));
    send(&served, &[], &list).await.failure(401, "token_missing");
    for (scope, tools) in [(Scope::Read, 3), (Scope::Send, 4)] {
        let bearer = format!("Bearer {}", keys.make(scope.name(), scope));
        let headers = [("authorization", bearer.as_str())];
        let listed = send(&served, &headers, &list).await.json();
        assert_eq!(listed["result"]["tools"].as_array().expect("tools").len(), tools);
        let chats = call(&served, &headers, "list_chats", json!({})).await.json();
        assert_eq!(chats["result"]["structuredContent"], json!({"chats": [], "source": "account"}));
        if scope == Scope::Read {
            let refused =
                last_event(&call(&served, &headers, "ask", json!({"message": "m"})).await);
            let text = refused["result"]["content"][0]["text"].as_str().expect("a text");
            assert!(text.contains("forbidden") && text.contains("`send`"), "{text}");
        }
    }
    assert_eq!(upstream.count(COMPLETIONS), 0);
}

#[tokio::test]
async fn ask_streams_progress_and_its_response() {
    let (served, _local) = Served::local(|options| options.mcp_may_ask = true).await;
    let ask = json!({
        "name": "ask",
        "arguments": {"message": "[[slow:2]] [[lorem:300]]"},
        "_meta": {"progressToken": 7},
    });
    let streamed = send(&served, &[], &message("tools/call", &ask)).await;
    assert!(streamed.text.matches("notifications/progress").count() > 1, "{streamed:?}");
    let last = last_event(&streamed);
    assert_eq!((&last["id"], &last["result"]["isError"]), (&json!(1), &json!(false)));
    let request = served.http.post(served.url("/mcp")).header("accept", "application/json");
    let ask = json!({"name": "ask", "arguments": {"message": "hi"}});
    let whole = served.ask(request.json(&message("tools/call", &ask))).await.json();
    let content = &whole["result"]["structuredContent"]["content"];
    assert!(content.as_str().is_some_and(|text| text.contains("hi")), "{whole}");
    let refusing = Served::local(|_| {}).await.0;
    let refused = last_event(&call(&refusing, &[], "ask", json!({"message": "hi"})).await);
    assert!(refused.to_string().contains("--mcp-allow-ask"), "{refused}");
}

#[tokio::test]
async fn prompts_count_towards_their_limit() {
    let (served, _local) = Served::local(|options| {
        options.mcp_may_ask = true;
        options.access.rates = rates(&[], &["1 per hour"]);
    })
    .await;
    for is_error in [false, true] {
        let answer = last_event(&call(&served, &[], "ask", json!({"message": "hi"})).await);
        assert_eq!(answer["result"]["isError"], is_error, "{answer}");
    }
    served.post("/api/chat/quick", json!({"message": "hi"})).await.failure(429, "rate_limited");
    assert_eq!(call(&served, &[], "list_chats", json!({})).await.status, 200);
    let log = served.log.lines().join("\n");
    assert!(log.contains(" POST /mcp 200 ") && log.contains("rate_limited"), "{log}");
}

/// A server whose upstream begins an answer in a new chat and never ends it.
async fn hanging(read: &Gate) -> (Upstream, Served) {
    let upstream = Upstream::start().await;
    upstream.always("POST /api/v2/chats/new", || envelope(json!({"id": ID})));
    let begun = sse([created().as_str(), &d("Hal")]).when_read(read);
    upstream.on(COMPLETIONS, begun.ending(Ending::Hang));
    upstream.always(STOP, || envelope(json!({"status": true})));
    let served = Served::configured(&upstream, may_ask).await;
    (upstream, served)
}

#[tokio::test]
async fn client_that_disconnects_stops_the_model() {
    for accept in ["application/json", "application/json, text/event-stream"] {
        let read = Gate::default();
        let (upstream, served) = hanging(&read).await;
        let body = message("tools/call", &json!({"name": "ask", "arguments": {"message": "m"}}));
        let request =
            post("/mcp", &body).replace("\r\n\r\n", &format!("\r\nAccept: {accept}\r\n\r\n"));
        let mut stream = served.raw(request).await;
        read.opened().await;
        if accept.contains("event") {
            read_until(&mut stream, "text/event-stream").await;
        }
        drop(stream);
        upstream.until(STOP, 1).await;
    }
}

#[tokio::test]
async fn request_is_cancelled_by_the_session_that_sent_it() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let ask = message("tools/call", &json!({"name": "ask", "arguments": {"message": "m"}}));
    let running = send(&served, &[("mcp-session-id", "mine")], &ask);
    let cancelling = async {
        read.opened().await;
        let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": {"requestId": 1}});
        for (session, id) in [("other", 1), ("mine", 2)] {
            let mut cancel = cancel.clone();
            cancel["params"]["requestId"] = id.into();
            let headers = [("mcp-session-id", session)];
            assert_eq!(send(&served, &headers, &cancel).await.status, 202);
        }
        assert_eq!(send(&served, &[], &cancel).await.status, 202);
        assert_eq!(upstream.count(STOP), 0);
        let headers = [("mcp-session-id", "mine")];
        assert_eq!(send(&served, &headers, &cancel).await.status, 202);
    };
    let (answer, ()) = tokio::join!(running, cancelling);
    assert!(!answer.text.contains("data: "), "{answer:?}");
    upstream.until(STOP, 1).await;
}

#[tokio::test]
async fn end_of_a_session_cancels_its_requests() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let ask = message("tools/call", &json!({"name": "ask", "arguments": {"message": "m"}}));
    let running = send(&served, &[("mcp-session-id", "mine")], &ask);
    let ending = async {
        read.opened().await;
        let end = served.http.delete(served.url("/mcp")).header("mcp-session-id", "mine");
        assert_eq!(served.ask(end).await.status, 204);
    };
    tokio::join!(running, ending);
    upstream.until(STOP, 1).await;
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let (served, _local) = Served::local(|_| {}).await;
    let raw = async |body: String| {
        let request =
            served.http.post(served.url("/mcp")).header("content-type", "application/json");
        served.ask(request.body(body)).await
    };
    for (body, expected) in [
        (String::new(), -32700),
        ("{".to_owned(), -32700),
        ("[".repeat(100_000), -32700),
        ("7".to_owned(), -32600),
        ("[]".to_owned(), -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.to_owned(), -32600),
    ] {
        let answer = raw(body.clone()).await;
        assert_eq!((answer.status, code(&answer)), (400, expected), "{body:.40}");
    }
    raw("x".repeat(2 << 20)).await.failure(413, "invalid_request");
    let long = "x".repeat(129);
    let answer = send(&served, &[("mcp-session-id", &long)], &message("ping", &json!({}))).await;
    answer.failure(400, "invalid_request");
}

#[tokio::test]
async fn failing_upstream_is_a_failure_of_the_tool_and_noted() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, crate::support::bodies::unauthorized);
    let served = Served::new(&upstream).await;
    let answer = call(&served, &[], "list_chats", json!({})).await;
    assert_eq!((answer.status, &answer.json()["result"]["isError"]), (200, &json!(true)));
    let state = served.get("/readyz").await.json();
    assert!(state.to_string().contains("token_"), "{state}");
    assert!(!answer.text.contains("Bearer"), "{answer:?}");
}
