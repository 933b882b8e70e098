//! Requests: headers of protocol 1.2 and bodies of 5.4, 5.7, 6.1 and 8.6.

use std::collections::HashSet;

use qwenctl::client::ChatKind;
use qwenctl::domain::{Parent, Turn};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::bodies::{C1, R1, account, empty_chat, envelope, json as body};
use crate::support::frames::whole;
use crate::support::http::Request;
use crate::support::tokens::{now, token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{
    CHAT, CHATS, COMPLETIONS, REFRESH, WHOAMI, World, chat_id, drain, turn,
};

const NEW: &str = "POST /api/v2/chats/new";
const RENAME: &str = "POST /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
const DAY: i64 = 86_400;

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok()
}

/// `Sat Sep 26 2026 00:12:28 GMT+0700`, and nothing after it.
fn is_js_date(text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            '-' => '+',
            other => other,
        })
        .collect();
    form == "Aaa Aaa 99 9999 99:99:99 AAA+9999"
}

#[tokio::test]
async fn every_request_carries_the_headers_of_the_page() {
    let access = token("first", DAY);
    let world = World::with(tokens(&access, None), None, |config| {
        config.web_version = "9.9.9".to_owned();
        config.user_agent = "a browser".to_owned();
    })
    .await;
    world.on(CHATS, envelope(json!([]))).on(CHAT, empty_chat()).on(COMPLETIONS, whole("Hi"));
    world.on(NEW, envelope(json!({"id": C1})));

    world.session.chats(1).await.expect("chats");
    world.session.chat(&chat_id()).await.expect("a chat");
    world.session.create_chat("m", ChatKind::Text, None).await.expect("a chat");
    world.ask().await;

    let all: Vec<Request> = [CHATS, CHAT, NEW, COMPLETIONS]
        .iter()
        .map(|request| world.upstream.request(request))
        .collect();
    for request in &all {
        let header = |name: &str| request.header(name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(request.header("authorization"), None);
        assert_eq!(header("cookie"), format!("token={access}"));
        assert_eq!((header("source"), header("version")), ("web", "9.9.9"));
        assert_eq!(header("user-agent"), "a browser");
        assert_eq!(header("origin"), world.upstream.origin());
        assert!(header("referer").starts_with(&world.upstream.origin()));
        assert!(is_uuid(header("x-request-id")), "{}", header("x-request-id"));
        assert!(is_js_date(header("timezone")), "{}", header("timezone"));
        assert!(!header("accept").is_empty());
        assert_eq!(header("accept-language"), "en-US,en;q=0.9");
        assert!(header("accept-encoding").contains("gzip"));
    }
    let ids: HashSet<_> = all.iter().map(|request| request.header("x-request-id")).collect();
    assert_eq!(ids.len(), all.len(), "each request has an id of its own");
    assert!(all[1].header("referer").is_some_and(|page| page.ends_with(&format!("/c/{C1}"))));
    assert!(all[3].header("referer").is_some_and(|page| page.ends_with(&format!("/c/{C1}"))));
    assert_eq!(all[3].header("content-type"), Some("application/json"));
    assert_eq!(all[3].header("connection"), Some("keep-alive"));
    assert_eq!(all[3].header("x-accel-buffering"), Some("no"));
    assert_eq!(all[3].query, format!("chat_id={C1}"));
}

#[tokio::test]
async fn own_cookies_and_headers_are_sent_in_one_cookie_header() {
    let access = token("first", DAY);
    let world = World::with(tokens(&access, None), None, |config| {
        config.cookie = Some(SecretString::from("cna=EXAMPLE; token=STALE; acw_tc=X"));
        config.extra_headers =
            vec![("bx-v".to_owned(), "2.5.37".into()), ("bx-ua".to_owned(), "OPAQUE".into())];
    })
    .await;
    world.on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats");

    let request = world.upstream.request(CHATS);
    let cookie = request.header("cookie").expect("one cookie header");
    let pairs: HashSet<_> = cookie.split("; ").collect();
    let token = format!("token={access}");
    assert_eq!(pairs, HashSet::from([token.as_str(), "cna=EXAMPLE", "acw_tc=X"]));
    assert_eq!(request.header("bx-v"), Some("2.5.37"));
    assert_eq!(request.header("bx-ua"), Some("OPAQUE"));
}

#[tokio::test]
async fn no_browser_header_is_forged() {
    let world = World::new().await;
    world.on(COMPLETIONS, whole("Hi"));

    world.ask().await;

    let request = world.upstream.request(COMPLETIONS);
    let forged = |name: &&(String, String)| name.0.starts_with("bx-") || name.0.starts_with("sec-");
    assert_eq!(request.headers.iter().find(forged), None, "no fingerprint of a browser");
    assert!(!request.header("cookie").unwrap_or_default().contains("ssxmod"));
}

#[tokio::test]
async fn account_service_gets_no_access_token() {
    let service = Upstream::start().await;
    let (first, second) = (token("first", DAY), token("second", DAY));
    let world = World::with(tokens(&first, Some("REFRESH1")), None, |config| {
        config.auth_url = service.origin();
        config.cookie = Some(SecretString::from("cna=EXAMPLE"));
    })
    .await;
    service.on(REFRESH, envelope(json!({"access_token": second})));
    service.on(WHOAMI, account(""));

    world.session.refresh().await.expect("tokens");

    let request = service.request(REFRESH);
    assert_eq!(request.header("authorization"), None);
    let cookie = request.header("cookie").expect("a cookie");
    assert!(cookie.contains("refresh_token=REFRESH1"), "{cookie}");
    assert!(!request.headers.iter().any(|(_, value)| value.contains(&first)));
    assert_eq!(request.header("source"), Some("web"));
    assert_eq!(request.header("x-request-origin"), request.header("origin"));
    assert!(is_uuid(request.header("x-request-id").unwrap_or_default()));
    assert!(request.header("referer").is_some() && request.header("version").is_some());
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn body_of_a_new_chat() {
    let world = World::new().await;
    world.on(NEW, envelope(json!({"id": C1})));

    let made = world
        .session
        .create_chat("qwen-example-max", ChatKind::Search, None)
        .await
        .expect("a chat");

    assert_eq!(made.as_str(), C1);
    let body = world.upstream.request(NEW).json();
    assert_eq!(body["models"], json!(["qwen-example-max"]));
    assert_eq!((&body["chat_type"], &body["chat_mode"]), (&json!("search"), &json!("normal")));
    let at = body["timestamp"].as_i64().expect("a number");
    assert!((at / 1000 - now()).abs() < 60, "milliseconds: {at}");
}

#[tokio::test]
async fn body_of_a_rename() {
    let world = World::new().await;
    world.on(RENAME, body(r#"{"success":true,"request_id":"Q1"}"#));

    world.session.rename_chat(&chat_id(), "Ein \"Titel\" 你好").await.expect("renamed");

    assert_eq!(world.upstream.request(RENAME).json(), json!({"title": "Ein \"Titel\" 你好"}));
}

async fn sent(turn: Turn) -> Value {
    let world = World::new().await;
    world.upstream.always(CHAT, empty_chat);
    world.on(COMPLETIONS, whole("Hi"));
    let stream = world.session.send(turn).await.expect("a stream");
    drain(stream).await;
    world.upstream.request(COMPLETIONS).json()
}

#[tokio::test]
async fn body_of_a_prompt() {
    let parent = Parent::Message(R1.to_owned());
    let body = sent(Turn { parent, ..turn() }).await;

    let message = &body["messages"][0];
    let (fid, child) = (message["fid"].clone(), message["childrenIds"][0].clone());
    assert!(
        is_uuid(fid.as_str().unwrap_or_default()) && is_uuid(child.as_str().unwrap_or_default())
    );
    let at = body["timestamp"].as_i64().expect("a number");
    assert!((at - now()).abs() < 60, "seconds: {at}");
    let features = message["feature_config"].clone();
    assert_eq!(
        body,
        json!({"stream": true, "version": "2.1", "incremental_output": true, "chatId": C1,
            "parentId": R1, "chat_id": C1, "chat_mode": "normal", "model": "qwen-example-max",
            "parent_id": R1, "timestamp": at, "messages": [{"id": null, "fid": fid,
                "parentId": R1, "parent_id": R1, "childrenIds": [child], "role": "user",
                "content": "Hello", "user_action": "chat", "files": [], "timestamp": at,
                "models": ["qwen-example-max"], "model": "", "chat_type": "t2t",
                "sub_chat_type": "t2t", "extra": {"meta": {"subChatType": "t2t"}},
                "feature_config": features}]})
    );
}

#[tokio::test]
async fn kinds_of_prompts() {
    let features = |body: &Value, key: &str| body["messages"][0]["feature_config"][key].clone();

    let fast = sent(turn()).await;
    assert_eq!(features(&fast, "thinking_mode"), "Fast");
    assert_eq!(features(&fast, "thinking_format"), json!(null));

    let thinking = sent(Turn { thinking: true, ..turn() }).await;
    assert_eq!(features(&thinking, "thinking_mode"), "Thinking");
    assert_eq!(features(&thinking, "thinking_format"), "summary");

    let search = sent(Turn { search: true, ..turn() }).await;
    let message = &search["messages"][0];
    for kind in [&message["chat_type"], &message["sub_chat_type"]] {
        assert_eq!(kind, "search");
    }
    assert_eq!(message["extra"]["meta"]["subChatType"], "search");

    let system = sent(Turn { system: Some("Be brief.".to_owned()), ..turn() }).await;
    assert_eq!(system["messages"][0]["content"], "Be brief.\n\nHello");
    assert_eq!(system["messages"].as_array().map(Vec::len), Some(1), "no role `system`");
}

#[tokio::test]
async fn prompt_is_sent_verbatim() {
    let prompt = "tab\t \"quotes\" \\ ünïcödé 你好 🙂\n\nend ";
    let body = sent(Turn { prompt: prompt.to_owned(), ..turn() }).await;

    assert_eq!(body["messages"][0]["content"], prompt);
}

#[tokio::test]
async fn prompt_of_ten_mebibytes_is_sent_whole() {
    let prompt = "x".repeat(10 << 20);
    let body = sent(Turn { prompt: prompt.clone(), ..turn() }).await;

    assert!(body["messages"][0]["content"] == prompt);
}
