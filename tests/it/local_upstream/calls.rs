//! Lists, changes, deleting, refreshing, and the admin API.

use reqwest::Method;
use serde_json::{Value, json};

use super::peer::Peer;

#[tokio::test]
async fn a_page_has_sixty_rows_newest_first() {
    let peer = Peer::quick().await;
    let mut made = Vec::new();
    for _ in 0..61 {
        made.push(peer.new_chat().await);
    }
    made.reverse();
    let mut listed = Vec::new();
    for (page, rows) in [(1, 60), (2, 1), (3, 0)] {
        let found = peer.get(&format!("/api/v2/chats/?page={page}")).await;
        let found = found["data"].as_array().expect("rows").clone();
        assert_eq!(found.len(), rows, "page {page}");
        listed.extend(found.into_iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
    }
    assert_eq!(listed, made);
}

#[tokio::test]
async fn hidden_chats_are_not_listed() {
    let peer = Peer::quick().await;
    peer.post("/api/v2/chats/new", json!({"chat_mode": "local"})).await;
    peer.post("/api/v2/chats/new", json!({"project_id": "P1"})).await;
    let archived = peer.new_chat().await;
    assert_eq!(
        peer.post(&format!("/api/v2/chats/{archived}/archive"), json!({})).await["data"],
        true
    );
    assert_eq!(peer.get("/api/v2/chats/?page=1").await["data"], json!([]));
    assert_eq!(
        peer.get("/api/v2/chats/?page=1&project_id=P1").await["data"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(peer.get("/api/v2/chats/archived").await["data"][0]["id"], json!(archived));
    let pinned = peer.new_chat().await;
    peer.post(&format!("/api/v2/chats/{pinned}/pin"), json!({})).await;
    assert_eq!(peer.get("/api/v2/chats/pinned").await["data"][0]["id"], json!(pinned));
    assert_eq!(peer.get("/api/v2/chats/?page=1").await["data"][0]["pinned"], true);
}

#[tokio::test]
async fn a_renamed_chat_keeps_its_name() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let path = format!("/api/v2/chats/{chat}");
    assert_eq!(peer.post(&path, json!({"title": "Mine", "tags": ["a"]})).await["success"], true);
    peer.ask(&chat, None, "Hello").await;
    let detail = peer.detail(&chat).await;
    assert_eq!((&detail["title"], &detail["meta"]["tags"]), (&json!("Mine"), &json!(["a"])));
    assert_eq!(
        peer.post("/api/v2/chats/none", json!({"title": "x"})).await["data"]["code"],
        "Not_Found"
    );
}

#[tokio::test]
async fn a_search_shows_where_it_found_the_words() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    peer.ask(&chat, None, "Where is the Needle, 你好?").await;
    peer.new_chat().await;
    let found =
        peer.get("/api/v2/chats/search?text=needle%2C+%E4%BD%A0&page=1").await["data"].take();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&found[0]["id"], &found[0]["highlight_indexes"]),
        (&json!(chat), &json!([[13, 22]]))
    );
    assert!(found[0]["content"].as_str().is_some_and(|content| content.contains("Needle, 你")));
}

#[tokio::test]
async fn deleting_without_an_id_wipes_the_account_and_is_counted() {
    let peer = Peer::quick().await;
    peer.new_chat().await;
    assert_eq!(peer.delete("/api/v2/chats/").await["data"]["status"], true);
    assert_eq!(peer.get("/api/v2/chats/?page=1").await["data"], json!([]));
    assert_eq!(peer.get("/__local/requests").await["counts"]["DELETE /api/v2/chats/"], 1);
}

#[tokio::test]
async fn requests_are_refused_for_what_they_lack() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let url = |path: &str| format!("{}{path}", peer.upstream.auth_url());
    let cookie = format!("token={}", peer.upstream.token());
    let completion = url(&format!("/api/v2/chat/completions?chat_id={chat}"));
    let body = super::peer::turn_body(&chat, None, "Hello");
    let text = async |request: reqwest::RequestBuilder| {
        request.send().await.expect("a response").text().await.expect("a text")
    };
    let bare = || peer.http.post(&completion).json(&body);
    let without_version = text(bare().header("cookie", &cookie)).await;
    assert!(without_version.contains("Internal error"), "{without_version}");
    let bearer = bare().bearer_auth(peer.upstream.token()).header("version", "1");
    let bearer = text(bearer).await;
    assert!(bearer.contains("FAIL_SYS_USER_VALIDATE"), "{bearer}");
    let refresh = url("/api/v2/auths/refresh");
    let refresh = peer.http.get(refresh).header("cookie", "refresh_token=R");
    assert!(text(refresh).await.contains("Missing origin"));
    let refresh = peer.http.get(url("/api/v2/auths/refresh")).header("x-request-origin", "x");
    assert!(text(refresh).await.contains("Invalid request header"));
    // F97
    let sign_in = peer.http.post(url("/api/v2/auths/signin")).json(&json!({"email": "a"}));
    let wall = text(sign_in).await;
    assert!(wall.contains("aliyun_waf"), "{wall}");

    peer.post("/__local/options", json!({"strict": false})).await;
    assert!(text(bare().bearer_auth(peer.upstream.token())).await.contains("response.created"));
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let peer = Peer::quick().await;
    let refresh = |token: String| peer.refresh(&token).send();
    let first = refresh(peer.upstream.refresh_token()).await.expect("a response");
    let cookies: Vec<_> = first.headers().get_all("set-cookie").iter().cloned().collect();
    assert_eq!(cookies.len(), 2);
    let first: Value = first.json().await.expect("JSON");
    let access = first["data"]["access_token"].as_str().expect("a token");
    let next = first["data"]["refresh_token"].as_str().expect("a token").to_owned();
    let user: Value = peer
        .http
        .get(format!("{}/v1/auths/", peer.upstream.api_url()))
        .header("cookie", format!("token={access}"))
        .send()
        .await
        .expect("a response")
        .json()
        .await
        .expect("JSON");
    assert_eq!(user["role"], "user");
    assert!(user.get("token").is_none(), "a short token is not renewed here");

    let again = refresh(peer.upstream.refresh_token()).await.expect("a response");
    assert_eq!(again.status(), 401);
    assert_eq!(again.json::<Value>().await.expect("JSON")["data"]["code"], "Unauthorized");
    assert_eq!(refresh(next).await.expect("a response").status(), 200);
}

#[tokio::test]
async fn the_older_refresh_takes_the_token_in_the_body() {
    let peer = Peer::quick().await;
    let body = json!({"refresh_token": peer.upstream.refresh_token()});
    let first = peer.post("/api/v2/auths/refresh", body.clone()).await;
    assert!(first["data"]["token"].is_string() && first["data"]["refresh_token"].is_string());
    let again = peer
        .request(Method::POST, "/api/v2/auths/refresh")
        .json(&body)
        .send()
        .await
        .expect("a response");
    assert_eq!(again.status(), 401);
}

#[tokio::test]
async fn credentials_are_not_logged() {
    let peer = Peer::quick().await;
    peer.get("/api/v2/chats/?page=1").await;
    let log = peer.get("/__local/requests").await.to_string();
    assert!(log.contains("(present)") && !log.contains(&peer.upstream.token()));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let peer = Peer::quick().await;
    let large = "x".repeat(17 * 1024 * 1024);
    let request = peer.request(Method::POST, "/api/v2/chats/new");
    let sent = request.header("content-type", "application/json").body(large).send().await;
    // The response may arrive before the body is sent; the connection is then closed during the upload.
    if let Ok(response) = sent {
        assert_eq!(response.status(), 413);
    }
    peer.new_chat().await;
}
