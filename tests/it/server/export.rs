//! Downloads over REST.

use qwenctl::archive::store::{AccountHash, Archive};
use qwenctl::server::{ArchivePlace, ServerOptions};
use serde_json::{Value, json};

use super::search::chat;
use super::world::Served;

/// Gives the server an archive of its own account with two chats.
fn with_archive(options: &mut ServerOptions, directory: &std::path::Path) {
    let session = options.account.as_ref().and_then(|account| account.session());
    let token = session.expect("a session").access_token();
    let id = token.claims().account_id.as_deref().expect("an account").to_owned();
    let place = ArchivePlace {
        path: directory.join("archive.db"),
        upstream: "local".to_owned(),
        rate: None,
        no_thinking: false,
        keep: None,
    };
    let mut archive = Archive::open(&place.path).expect("opened");
    let account = archive.account(&AccountHash::new("local", &id), "local", 1).expect("added");
    for (n, text) in [(2, "Tìm đường"), (1, "nothing")] {
        archive.store(account, &chat(n, text), b"{}", 1).expect("stored");
    }
    options.archive = Some(place);
}

#[tokio::test]
async fn chat_is_downloaded_with_a_safe_name() {
    let (served, _local) = Served::local(|_| {}).await;
    let made = served.post("/api/chats", json!({"title": "Tìm \"đường\"\\..搜索"})).await.json();
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    served.post("/api/chat/send", json!({"chat_id": id, "message": "<b>Hi</b>"})).await;
    let get = async |query: &str| served.get(&format!("/api/chats/{id}/export{query}")).await;
    for (query, kind, start) in [
        ("", "text/markdown; charset=utf-8", "---\nid: "),
        ("?format=html", "text/html; charset=utf-8", "<!doctype html>"),
        ("?format=json", "application/json", "{\"success\":true,\"data\":{\"id\":"),
        ("?format=chatgpt", "application/json", "[\n{"),
        ("?format=ndjson", "application/x-ndjson", "{\"schema\":"),
    ] {
        let file = get(query).await;
        assert_eq!((file.status, file.header("content-type")), (200, kind), "{query}");
        assert!(file.text.starts_with(start), "{query} {}", file.text);
        let name = file.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"20"), "{name}");
        assert!(name.contains("filename*=UTF-8''20") && name.contains("t%C3%ACm-%C4%91"), "{name}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").starts_with("sandbox"), "{query}");
    }
    assert!(!get("?format=html").await.text.contains("<b>Hi"));
    for wrong in
        ["?format=pdf", "?branches=some", "?thinking=maybe", "?format=ndjson&branches=current"]
    {
        get(wrong).await.failure(400, "invalid_request");
    }
    let missing = "/api/chats/c0000000-0000-4000-8000-0000000000c9/export";
    served.get(missing).await.failure(404, "not_found");
    served.get("/api/archive/export").await.failure(404, "not_found");
}

#[tokio::test]
async fn archive_is_downloaded_by_its_owner_only() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = Served::local(|options| with_archive(options, directory.path())).await;
    let all = served.get("/api/archive/export").await;
    assert_eq!((all.status, all.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!(all.header("content-disposition"), "attachment; filename=\"chats.ndjson\"");
    let lines: Vec<Value> =
        all.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["messages"][0]["content"]), (2, &json!("Tìm đường")));
    let found = served.get("/api/archive/export?format=json&match=duong").await.json();
    assert_eq!((&found["total"], &found["data"][0]["id"]), (&json!(1), &lines[0]["id"]));
    let none = served.get("/api/archive/export?format=chatgpt&until=5").await.json();
    assert_eq!(none, json!([]));
    for wrong in ["format=md", "since=soon", "match=%2B%2B"] {
        served.get(&format!("/api/archive/export?{wrong}")).await.failure(400, "invalid_request");
    }
    // The upstream no longer has this chat.
    let id = lines[0]["id"].as_str().expect("an id");
    let gone = served.get(&format!("/api/chats/{id}/export?format=json")).await;
    assert_eq!((gone.status, &gone.json()["data"]["id"]), (200, &json!(id)));
    let request = served.http.get(served.url("/api/archive/export"));
    let other = served.ask(request.bearer_auth(local.token())).await;
    other.failure(404, "not_found");
}

#[tokio::test]
async fn chats_are_imported_over_http() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = Served::local(|options| with_archive(options, directory.path())).await;
    let chat = |id: &str| json!([{"uuid": id, "name": id, "chat_messages": [{"sender": "human", "text": "imported"}]}]);
    let send = async |query: &str, kind: &str, body: String| {
        let url = served.url(&format!("/api/archive/import{query}"));
        served.ask(served.http.post(url).header("content-type", kind).body(body)).await
    };
    let counts = |report: &Value| {
        ["read", "made", "unchanged"].map(|name| report["data"][name].as_i64().expect(name))
    };
    let trial = send("?dry_run=true", "application/json", chat("one").to_string()).await;
    assert_eq!((trial.status, counts(&trial.json())), (200, [1, 1, 0]));
    let first = send("", "application/x-ndjson; charset=utf-8", chat("one").to_string()).await;
    assert_eq!((first.status, counts(&first.json())), (200, [1, 1, 0]));
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.json\"\r\n\r\n{}\r\n--b\r\n\
         Content-Disposition: form-data; name=\"f\"; filename=\"b.json\"\r\n\r\n{}\r\n--b--\r\n",
        chat("one"),
        chat("two")
    );
    let both = send("", "multipart/form-data; boundary=\"b\"", form).await;
    assert_eq!((both.status, counts(&both.json())), (200, [2, 1, 1]));
    let found = served.post("/api/chat/search", json!({"query": "imported"})).await.json();
    let hit = &found["results"][0];
    assert_eq!((&found["total"], &hit["state"]), (&json!(2), &json!("imported")));
    let id = hit["chat_id"].as_str().expect("an id");
    let shown = served.get(&format!("/api/chats/{id}")).await.json();
    assert_eq!(
        (&shown["data"]["state"], &shown["data"]["source"]),
        (&json!("imported"), &json!("archive"))
    );
    let file = served.get(&format!("/api/chats/{id}/export?format=html")).await;
    assert_eq!(file.status, 200);
    let listed = served.get("/api/chats?all=true").await.json();
    assert!(!listed.to_string().contains("imp-"), "{listed}");
    send("", "application/json", "[]".to_owned()).await.failure(400, "invalid_request");
    send("", "multipart/form-data", String::new()).await.failure(400, "invalid_request");
    send("", "multipart/form-data; boundary=b", "x".to_owned())
        .await
        .failure(400, "invalid_request");
    send("?format=pdf", "application/json", "[]".to_owned()).await.failure(400, "invalid_request");
    send("", "text/plain", "[]".to_owned()).await.failure(415, "invalid_request");
    let request = served.http.post(served.url("/api/archive/import")).json(&chat("one"));
    served.ask(request.bearer_auth(local.token())).await.failure(404, "not_found");
    let left = std::fs::read_dir(directory.path()).expect("a directory").flatten();
    assert!(
        left.into_iter().all(|entry| entry.file_name().to_string_lossy().starts_with("archive.db"))
    );
}
