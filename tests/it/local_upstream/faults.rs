//! A sample of each family of faults, over the wire.

use std::io::ErrorKind;
use std::time::Duration;

use qwenctl::local::{LocalOptions, fault_names};
use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Peer, answer_text, events, quick, raw, turn_body};

async fn asked(prompt: &str) -> (Peer, String, String) {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let body = peer.ask(&chat, None, prompt).await;
    (peer, chat, body)
}

fn json_of(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_fault_can_be_armed_in_four_ways() {
    let options = LocalOptions { faults: vec!["F1*1".parse().expect("a fault")], ..quick() };
    let peer = Peer::with(options).await;
    let page = "/api/v2/chats/?page=1";
    assert_eq!(peer.get(page).await["data"]["code"], "unauthorized");
    assert_eq!(peer.get(page).await["success"], true);

    peer.post("/__local/faults", json!({"fault": "F3:403", "times": 1})).await;
    assert_eq!(peer.request(Method::GET, page).send().await.expect("a response").status(), 403);
    assert_eq!(peer.get(page).await["success"], true);

    let by_header = peer
        .request(Method::GET, page)
        .header("x-local-fault", "F4")
        .send()
        .await
        .expect("a response");
    assert_eq!(by_header.headers()["x-actual-status-code"], "401");

    let chat = peer.new_chat().await;
    let refused = json_of(&peer.ask(&chat, None, "[[fault:F32]] hi").await);
    assert_eq!(
        (&refused["data"]["code"], &refused["data"]["num"]),
        (&json!("RateLimited"), &json!(3))
    );
}

#[tokio::test]
async fn an_unknown_fault_is_refused_with_the_known_ones() {
    let peer = Peer::quick().await;
    let refused = peer.post("/__local/faults", json!({"fault": "F999"})).await;
    assert!(refused["error"].as_str().is_some_and(|error| error.contains("F33")), "{refused}");
    let page = peer.request(Method::GET, "/api/v2/chats/?page=1");
    let refused = page.header("x-local-fault", "F999").send().await.expect("a response");
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn f33_is_json_under_an_event_stream_type() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let response = peer.begin(&chat, "[[fault:F33]]").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let body = response.text().await.expect("whole");
    assert!(body.starts_with('{') && !body.ends_with('\n'));
}

#[tokio::test]
async fn f34_and_f36_pass_after_their_times_and_start_again() {
    for (fault, times) in [("F34", 2), ("F36", 1)] {
        let peer = Peer::quick().await;
        let chat = peer.new_chat().await;
        let prompt = format!("[[fault:{fault}]] [[deltas:a]]");
        for _ in 0..times {
            assert_eq!(json_of(&peer.ask(&chat, None, &prompt).await)["success"], false);
        }
        assert_eq!(answer_text(&peer.ask(&chat, None, &prompt).await), "a");
        assert_eq!(json_of(&peer.ask(&chat, None, &prompt).await)["success"], false);
    }
}

#[tokio::test]
async fn f8_refuses_only_the_call_after_the_stream() {
    let (peer, chat, body) = asked("[[fault:F8]] [[deltas:a]]").await;
    assert_eq!(answer_text(&body), "a");
    let path = format!("/api/v2/chats/{chat}");
    assert_eq!(peer.get(&path).await["data"]["code"], "unauthorized");
    assert_eq!(peer.get(&path).await["success"], true);
}

#[tokio::test]
async fn f12_and_f17_change_the_shape_only() {
    let peer = Peer::quick().await;
    let models =
        peer.request(Method::GET, "/api/models").header("x-local-fault", "F12:models").send().await;
    let models: Value = models.expect("a response").json().await.expect("JSON");
    assert!(models["data"]["models"].is_array());
    let chat = peer.new_chat().await;
    peer.ask(&chat, None, "[[deltas:a]]").await;
    let path = format!("/api/v2/chats/{chat}");
    let detail = peer
        .request(Method::GET, &path)
        .header("x-local-fault", "F17")
        .send()
        .await
        .expect("a response");
    let detail: Value = detail.json().await.expect("JSON");
    assert_eq!(detail["x_new"], json!({"a": [1]}));
    let tree = detail["data"]["chat"]["history"]["messages"].as_object().expect("a tree");
    assert!(
        tree.len() == 2 && tree.values().all(|message| message["x_new"].is_object()),
        "{tree:?}"
    );
}

#[tokio::test]
async fn f18_to_f20_page_as_described() {
    let peer = Peer::quick().await;
    for (fault, sizes) in
        [("F18", [60, 59, 13, 0]), ("F19", [60, 60, 60, 60]), ("F20", [60, 41, 0, 0])]
    {
        for (page, size) in (1..).zip(sizes) {
            let path = format!("/api/v2/chats/?page={page}");
            let rows = peer.request(Method::GET, &path).header("x-local-fault", fault).send().await;
            let rows: Value = rows.expect("a response").json().await.expect("JSON");
            assert_eq!(rows["data"].as_array().map(Vec::len), Some(size), "{fault} page {page}");
        }
    }
}

#[tokio::test]
async fn f24_shows_the_regenerated_answer() {
    let (peer, chat, _) = asked("[[fault:F24]] [[deltas:a]]").await;
    let detail = peer.detail(&chat).await;
    let current = detail["currentId"].as_str().expect("an id");
    assert!(current.ends_with("-again"));
    let tree = &detail["chat"]["history"]["messages"];
    let question = tree[current]["parentId"].as_str().expect("a question");
    assert_eq!(tree[question]["childrenIds"].as_array().map(Vec::len), Some(2));
    assert!(
        peer.detail(&chat).await["currentId"].as_str().is_some_and(|id| !id.ends_with("-again"))
    );
}

#[tokio::test]
async fn f27_is_in_progress_once() {
    let (peer, chat, _) = asked("[[fault:F27]] [[deltas:a]]").await;
    assert_eq!(peer.answer(&chat).await["done"], false);
    assert_eq!(peer.answer(&chat).await["done"], true);
}

#[tokio::test]
async fn f15_in_a_prompt_meets_the_next_list() {
    let (peer, _, _) = asked("[[fault:F15]] [[deltas:a]]").await;
    let page = "/api/v2/chats/?page=1";
    assert!(peer.get(page).await["data"][0]["updated_at"].is_string());
    assert!(peer.get(page).await["data"][0]["updated_at"].is_i64());
}

#[tokio::test]
async fn f39_to_f46_answer_with_something_else() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    for (fault, status, kind, part) in [
        ("F39", 200, "application/json", "FAIL_SYS_USER_VALIDATE"),
        ("F40", 200, "text/html; charset=utf-8", "rgv587_flag"),
        ("F41:405", 405, "text/html", "<!doctypehtml>"),
        ("F43:sse", 200, "text/event-stream; charset=utf-8", ""),
        ("F44:502", 502, "text/html", "502 Bad Gateway"),
        ("F45:bare", 200, "application/json", "\"choices\""),
        ("F46", 302, "text/html", ""),
    ] {
        let response = peer.begin(&chat, &format!("[[fault:{fault}]]")).await;
        assert_eq!(response.status(), status, "{fault}");
        assert_eq!(response.headers()["content-type"], kind, "{fault}");
        let body = response.text().await.expect("whole");
        assert!(body.contains(part) && (!part.is_empty() || body.is_empty()), "{fault}: {body}");
    }
}

#[tokio::test]
async fn f53_stores_two_answers_around_the_search() {
    let (peer, chat, body) = asked("[[fault:F53]]").await;
    assert_eq!(answer_text(&body), "Let me look.It rains.");
    let parts = peer.answer(&chat).await["content_list"].take();
    let parts: Vec<_> =
        parts.as_array().expect("parts").iter().map(|part| part["content"].clone()).collect();
    assert_eq!(parts, ["Let me look.", "", "It rains."]);
}

#[tokio::test]
async fn f64_breaks_off_with_an_error_and_stores_it() {
    let (peer, chat, body) = asked("[[fault:F64]] [[deltas:Hal|lo]]").await;
    assert_eq!(answer_text(&body), "Hal");
    assert_eq!(events(&body).last().expect("an event")["error"]["code"], "Internal_Server_Error");
    let answer = peer.answer(&chat).await;
    assert!(answer["error"].is_object() && answer["done"] == true);
}

#[tokio::test]
async fn f66_cuts_and_recovers() {
    for (how, clean, reset) in [("eof", true, false), ("fin", false, false), ("rst", false, true)] {
        let peer = Peer::quick().await;
        let chat = peer.new_chat().await;
        let body = turn_body(&chat, None, &format!("[[fault:F66:{how}:50]] [[deltas:H|a|l|lo]]"))
            .to_string();
        let path = format!("/api/v2/chat/completions?chat_id={chat}");
        let (bytes, ended) =
            raw(&peer, "POST", &path, "content-type: application/json\r\n", &body).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(text.ends_with("0\r\n\r\n"), clean, "{how}: {text}");
        assert_eq!(
            ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
            reset,
            "{how}"
        );
        assert!(
            text.contains("\"content\": \"a\"") && !text.contains("\"content\": \"l\""),
            "{how}"
        );
        let mut answer = peer.answer(&chat).await;
        while answer["done"] != true {
            answer = peer.answer(&chat).await;
        }
        assert_eq!(answer["content_list"][0]["content"], "Hallo", "{how}");
    }
}

#[tokio::test]
async fn f67_hides_the_answer_for_a_while() {
    let (peer, chat, body) = asked("[[fault:F67:1500]] [[deltas:a]]").await;
    assert_eq!(events(&body).len(), 1);
    let first = peer.detail(&chat).await;
    assert_eq!(first["chat"]["messages"].as_array().map(Vec::len), Some(1));
    loop {
        let detail = peer.detail(&chat).await;
        let messages = detail["chat"]["messages"].as_array().expect("messages");
        if messages.len() == 2 && messages[1]["done"] == true {
            break;
        }
    }
}

#[tokio::test]
async fn f70_keeps_the_connection_open_after_the_end() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut response = peer.begin(&chat, "[[fault:F70]] [[deltas:a]]").await;
    let mut text = String::new();
    while !text.ends_with("\n\n\n") {
        text += std::str::from_utf8(&response.chunk().await.expect("readable").expect("more"))
            .expect("UTF-8");
    }
    let waited = tokio::time::timeout(Duration::from_millis(100), response.chunk()).await;
    assert!(waited.is_err(), "the body must not end");
    // The turn has ended nevertheless.
    assert_eq!(peer.answer(&chat).await["done"], true);
    peer.upstream.shutdown().await;
}

#[tokio::test]
async fn f76_is_one_long_line() {
    let (_, _, body) = asked("[[fault:F76:300000]] [[deltas:a]]").await;
    assert!(body.lines().any(|line| line.len() > 300_000));
}

/// The text that the stream of each fault must contain (protocol 16), and the text that it must not.
const IN_STREAM: &[(&str, &str, &str)] = &[
    ("F38:output", r#"data: {"error": {"code": "data_inspection_failed""#, "finished"),
    ("F48", r#""response_id":"#, "response_index"),
    ("F48:tidy", "data: {\"response.created\": {\"chat_id\"", "}} \n\n"),
    ("F50", "\n\n\ndata: [DONE]\n\n", "data:{"),
    ("F51", "data:{\"choices\"", "data: "),
    ("F51:crlf", "\r\n\r\n", "}\n"),
    ("F51:bom", "\u{feff}data: {\"response.created\"", "event:"),
    ("F51:event", "event: message\ndata: {", "id:"),
    (
        "F52",
        ": keepalive\n\ndata: \n\ndata: {\"response.info\": {\"action\": \"keep_alive\"",
        "DONE",
    ),
    ("F54", "SECRET TOOL TEXT", "DONE"),
    ("F55", r#""summary_thought": {"content": ["Plan more", "Check"]}"#, "DONE"),
    ("F56", r#""extra": "x", "status": "typing""#, "DONE"),
    ("F57", r#""content": "aa""#, "You wrote"),
    ("F58", r#"{"role": "assistant", "content": ""#, "phase"),
    ("F59", "data: null\n\ndata: \"text\"\n\ndata: [1]\n\n", "DONE"),
    ("F60", "data: {\"choices\": [{\"delta\": {\"content\": \"x\n\n", "DONE"),
    ("F61", "raw\ttab \"", "DONE"),
    ("F61", r"half \ud83d ", "DONE"),
    ("F62", r#""content": "OLD""#, "DONE"),
    ("F63", r#"{"code": "Too_Many_Requests", "details": "please slow down"}"#, "choices"),
    ("F65:top", "data: {\"code\": \"RateLimited\", \"detail\": \"x\"}\n\n", "finished"),
    ("F65:null", r#"{"error": null"#, "DONE"),
    ("F69", "data: {\"response.stopped\": {\"response_id\": ", "finished"),
    ("F72", r#""content": "113]] end""#, "You wrote"),
    ("F73", r#""arguments": {"code": "print(1)"}"#, "DONE"),
    ("F74", "/1.png?key=EXAMPLE", "\"phase\": \"answer\""),
    ("F74:tool", r#""image_list": [{"image": "https://cdn.qwenlm.ai/output/USER/t2i/"#, "DONE"),
    ("F75", "\"content\": \"```\"", "You wrote"),
    (
        "F77",
        r#""usage": {"input_tokens": 900, "output_tokens": 5, "total_tokens": 905"#,
        "You wrote",
    ),
];

#[tokio::test]
async fn streams_hold_what_the_catalogue_says() {
    let peer = Peer::quick().await;
    for (fault, there, absent) in IN_STREAM {
        let chat = peer.new_chat().await;
        let sent = peer
            .turn(&chat, &turn_body(&chat, None, "Hello"))
            .header("x-local-fault", *fault)
            .send()
            .await;
        // Not `text()`: it removes the byte order mark.
        let bytes = sent.expect("a response").bytes().await.expect("whole");
        let body = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        assert!(body.contains(there), "{fault}: {there} is not in {body}");
        assert!(!body.contains(absent), "{fault}: {absent} is in {body}");
    }
}

#[tokio::test]
async fn every_fault_of_a_turn_leaves_the_upstream_in_order() {
    let peer = Peer::quick().await;
    for (name, _) in fault_names() {
        // These wait for a long time by design.
        let fault = match name {
            "F42" | "F68" | "F70" | "F111" => format!("{name}:0"),
            "F66" => "F66:eof:0".to_owned(),
            "F67" => "F67:0".to_owned(),
            _ => name.to_owned(),
        };
        let chat = peer.new_chat().await;
        peer.ask(&chat, None, &format!("[[fault:{fault}]] Hello")).await;
        peer.http
            .delete(format!("{}/__local/faults", peer.upstream.auth_url()))
            .send()
            .await
            .expect("disarmed");
        let mut detail = peer.detail(&chat).await;
        while detail["chat"]["messages"][1]["done"] == false {
            // Cut off, but still being written.
            detail = peer.detail(&chat).await;
        }
        let parent = detail["currentId"].as_str().map(str::to_owned);
        let next = peer.ask(&chat, parent.as_deref(), "[[deltas:fine]]").await;
        assert_eq!(answer_text(&next), "fine", "after {name}: {next}");
    }
}
