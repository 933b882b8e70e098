//! The life of a chat, and of the token, through every route.

use serde_json::json;

use super::cache::MODELS;
use super::world::Served;
use crate::support::bodies::{C1, R1, U1, account, answer, envelope, gone, one_turn, row};
use crate::support::frames::whole;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{AUTHS, CHAT, CHATS, COMPLETIONS, REFRESH, WHOAMI};

#[tokio::test]
async fn chat_is_created_used_renamed_and_deleted() {
    let (served, _local) = Served::local(|_| {}).await;
    let made = served.post("/api/chats/", json!({"title": "Huế", "unknown": 1})).await.json();
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/chats/{id}");

    let body = json!({
        "chat_id": id, "message": "Xin chào 🙂", "system_prompt": "", "model": "",
        "thinking_enabled": true, "search_enabled": null, "parent_id": "", "extra": {"a": [1]}
    });
    let sent = served.post("/api/chat/send/", body).await.json();
    assert!(sent["data"]["thinking"].is_string(), "{sent}");
    assert!(sent["data"]["usage"]["output_tokens"].is_u64());
    let message_id = &sent["data"]["message_id"];

    let shown = served.get(&path).await.json();
    let messages = shown["data"]["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 2);
    assert_eq!(
        (&messages[0]["role"], &messages[0]["content"]),
        (&json!("user"), &json!("Xin chào 🙂"))
    );
    assert_eq!((&messages[1]["role"], &messages[1]["id"]), (&json!("assistant"), message_id));
    assert_eq!(messages[1]["parent_id"], messages[0]["id"]);
    assert_eq!(shown["data"]["title"], "Huế");

    let renamed =
        served.ask(served.http.patch(served.url(&path)).json(&json!({"title": "Hà Nội"}))).await;
    assert_eq!(renamed.json(), json!({"success": true, "message": "Chat renamed successfully"}));
    for query in ["", "?page=1", "/", "/?page=1&page=2", "?all=true", "?all=false&x=y"] {
        let list = served.get(&format!("/api/chats{query}")).await.json();
        assert_eq!((&list["total"], &list["data"][0]["title"]), (&json!(1), &json!("Hà Nội")));
        assert_eq!(list["page"], if query == "?all=true" { json!(null) } else { json!(1) });
    }
    assert_eq!(served.get("/api/chats?page=2").await.json()["data"], json!([]));

    let deleted = served.ask(served.http.delete(served.url(&path))).await;
    assert_eq!(deleted.json(), json!({"success": true, "message": "Chat deleted successfully"}));
    served.ask(served.http.delete(served.url(&path))).await.failure(404, "not_found");
    served.get(&path).await.failure(404, "not_found");
    let body = json!({"chat_id": id, "message": "m"});
    served.post("/api/chat/send", body).await.failure(404, "not_found");
}

#[tokio::test]
async fn tree_parameter_returns_all_branches() {
    let (served, _local) = Served::local(|_| {}).await;
    let made = served.post("/api/chats", json!({})).await.json();
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    let messages = ["one", "two", "three", "four", "another one"];
    for message in messages {
        let body = json!({"chat_id": id, "message": message, "parent_id": "root"});
        assert_eq!(served.post("/api/chat/send", body).await.status, 200);
    }
    let prompts = async |query: &str| {
        let shown = served.get(&format!("/api/chats/{id}{query}")).await.json();
        let messages = shown["data"]["messages"].as_array().expect("messages").clone();
        assert!(messages.iter().any(|message| message["id"] == shown["data"]["current_id"]));
        let prompts = messages.iter().filter(|message| message["role"] == "user");
        let prompts = prompts.filter_map(|prompt| prompt["content"].as_str().map(str::to_owned));
        prompts.collect::<Vec<_>>()
    };
    assert_eq!(prompts("").await, ["another one"]);
    assert_eq!(prompts("?tree=false").await, ["another one"]);
    assert_eq!(prompts("?tree=true").await, messages, "in the order in which they were made");
    served.get(&format!("/api/chats/{id}?tree=oak")).await.failure(400, "invalid_request");
}

#[tokio::test]
async fn temporary_chat_knows_its_history_and_is_kept_nowhere() {
    let (served, _local) = Served::local(|_| {}).await;
    let chats = async || served.get("/api/chats").await.json()["data"].clone();
    let before = chats().await;
    let body = json!({"message": "And now?", "system_prompt": "Be brief", "history": [
        {"role": "user", "content": "My number is 4711"},
        {"role": "assistant", "content": "I see"},
    ]});
    let answer = served.post("/api/chat/temporary", body).await.json();
    let content = answer["data"]["content"].as_str().expect("an answer");
    for part in ["Be brief", "My number is 4711", "I see", "And now?"] {
        assert!(content.contains(part), "{part} in {content}");
    }
    let body = json!({"message": "Alone", "stream": true, "render": "html"});
    let stream = served.post("/api/chat/temporary", body).await.text;
    assert!(stream.contains("event: render") && stream.contains("event: done"), "{stream}");
    assert_eq!(chats().await, before);
    for (history, fault) in [
        (json!([{"role": "tool", "content": "x"}]), "role"),
        (json!([{"role": "user"}]), "content"),
        (json!("x"), "history"),
    ] {
        let body = json!({"message": "m", "history": history});
        let refused =
            served.post("/api/chat/temporary", body).await.failure(400, "invalid_request");
        assert!(refused.to_string().contains(fault), "{refused}");
    }
    let body = json!({"message": "m", "parent_id": "root"});
    served.post("/api/chat/temporary", body).await.failure(400, "invalid_request");
}

#[tokio::test]
async fn unknown_model_is_refused_and_models_are_listed() {
    let (served, _local) = Served::local(|_| {}).await;
    let body = json!({"message": "m", "model": "no-such-model [[fault:F36]]"});
    let answer = served.post("/api/chat/quick", body).await;
    if answer.status != 200 {
        answer.failure(400, "invalid_request");
    }
    let models = served.get("/api/models").await.json();
    assert!(models["data"].as_array().is_some_and(|models| !models.is_empty()));
    assert_eq!(served.get("/api/user/status").await.json(), json!({"success": true, "data": true}));
    assert_eq!(served.get("/readyz").await.json()["upstream"], "local");
    assert_eq!(served.get("/api/stats").await.json()["stats"]["upstream"], "local");
}

#[tokio::test]
async fn renewed_token_is_masked_unless_the_client_sent_its_own() {
    let upstream = Upstream::start().await;
    let new = token("new", 7 * 86_400);
    let answer = new.clone();
    upstream.always(REFRESH, crate::support::bodies::unauthorized);
    upstream.always(AUTHS, move || account(&answer));
    upstream.always(WHOAMI, || account(""));
    let served = Served::new(&upstream).await;

    let theirs =
        served.http.post(served.url("/api/token/refresh")).bearer_auth(token("old", 86_400));
    assert_eq!(served.ask(theirs).await.json()["token"], new.as_str());

    let ours = served.ask(served.http.post(served.url("/api/token/refresh"))).await;
    let masked = ours.json()["token"].as_str().expect("a token").to_owned();
    assert!(!ours.text.contains(&new) && masked.starts_with('…'), "{ours:?}");
    let info = served.get("/api/token/info").await;
    assert_eq!(info.json()["source"], "server");
    assert!(!info.text.contains(&new));
}

#[tokio::test]
async fn expired_token_returns_401() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let expired = token("expired", -3600);
    for path in ["/api/token/info", "/api/chats", "/api/stats"] {
        let request = served.http.get(served.url(path)).bearer_auth(&expired);
        let answer = served.ask(request).await;
        let body = answer.failure(401, "token_expired");
        assert!(body["hint"].is_string());
        if path == "/api/token/info" {
            assert_eq!(body["source"], "header");
            assert!(body["expires_in"].as_i64().is_some_and(|left| left < -3500), "{body}");
        }
    }
    let request = served.http.get(served.url("/api/user/status")).bearer_auth(&expired);
    assert_eq!(served.ask(request).await.json(), json!({"success": true, "data": false}));
}

#[tokio::test]
async fn concurrent_requests_refresh_the_server_token_once() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let new = token("new", 7 * 86_400);
    let answer = new.clone();
    upstream.on(REFRESH, envelope(json!({"access_token": answer})));
    let served = Served::configured(&upstream, |options| {
        let short = crate::support::tokens::tokens(&token("short", 30), Some("R1"));
        let session = options.client.session(short, None);
        let account = qwenctl::server::OwnAccount::new(session);
        options.account = Some(std::sync::Arc::new(account));
    })
    .await;
    let asked = (0..20).map(|_| served.get("/api/chats"));
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(upstream.count(REFRESH), 1, "refreshed once, for all");
    let cookie = format!("token={new}");
    let requests = upstream.requests(CHATS);
    assert!(requests.iter().all(|request| request.header("cookie") == Some(&cookie)));
}

#[tokio::test]
async fn quick_skips_a_listed_chat_that_no_longer_exists() {
    for stream in [false, true] {
        let upstream = Upstream::start().await;
        upstream.always(CHATS, || envelope(json!([row(1), row(0xc1)])));
        upstream.always(MODELS, || envelope(json!({"data": [{"id": "qwen-example-max"}]})));
        upstream.on("GET /api/v2/chats/c0000000-0000-4000-8000-000000000001", gone());
        upstream.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
        upstream.on(COMPLETIONS, whole("Hello again"));
        let served = Served::new(&upstream).await;

        let asked = json!({"message": "Hello", "stream": stream});
        let answer = served.post("/api/chat/quick", asked).await;

        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("Hello again") && answer.text.contains(C1), "{}", answer.text);
    }
}
