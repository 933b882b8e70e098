//! Deletions with a grace time, and the trash, over REST.

use std::path::Path;
use std::time::Duration;

use qwenctl::local::LocalUpstream;
use qwenctl::server::{ServerOptions, Trash};
use qwenctl::settings::ArchiveMode;
use serde_json::{Value, json};

use super::world::{Answer, Served};

/// A trash that is in use.
fn trash(directory: &Path) -> Trash {
    Trash {
        path: directory.join("archive.db"),
        upstream: "local".to_owned(),
        mode: ArchiveMode::On,
        keep: Some(Duration::from_hours(24)),
        grace: Duration::from_secs(10),
        rate: None,
    }
}

async fn served(directory: &Path) -> (Served, LocalUpstream) {
    let trash = trash(directory);
    Served::local(|options: &mut ServerOptions| options.trash = Some(trash)).await
}

/// A chat with an answer.
async fn chat(served: &Served, message: &str) -> String {
    let new = served.post("/api/chats", json!({})).await.json();
    let id = new["data"]["id"].as_str().expect("an id").to_owned();
    served.post("/api/chat/send", json!({"chat_id": id, "message": message})).await;
    id
}

async fn delete(served: &Served, path: &str) -> Answer {
    served.ask(served.http.delete(served.url(path))).await
}

async fn rows(served: &Served) -> Value {
    served.get("/api/trash").await.json()["data"].clone()
}

/// How many requests with this method and path the upstream has had.
async fn count(local: &LocalUpstream, request: &str) -> u64 {
    let url = format!("{}/__local/requests", local.api_url().trim_end_matches("/api"));
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let text = http.get(url).send().await.expect("an answer").text().await.expect("a text");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    document["counts"][request].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn deletion_within_its_grace_time_is_undone_without_a_request() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = served(directory.path()).await;
    let id = chat(&served, "Hello").await;
    let deleted = delete(&served, &format!("/api/chats/{id}?grace=30s")).await;
    let document = deleted.json();
    assert_eq!((deleted.status, &document["data"]["state"]), (200, &json!("pending")));
    let due = document["data"]["due_at"].as_i64().zip(document["data"]["asked_at"].as_i64());
    assert!(due.is_some_and(|(due, asked)| (30..33).contains(&(due - asked))), "{document}");
    let trash = served.get("/api/trash").await.json();
    assert_eq!(
        (&trash["on"], &trash["grace"], &trash["keep"]),
        (&json!(true), &json!(10), &json!(86_400))
    );
    assert_eq!((&trash["data"][0]["id"], &trash["data"][0]["messages"]), (&json!(id), &json!(2)));
    let restored = served.post(&format!("/api/trash/{id}/restore"), json!({})).await;
    assert_eq!(restored.json()["data"], json!({"id": id, "state": "cancelled"}));
    assert_eq!(rows(&served).await, json!([]));
    assert_eq!(served.get(&format!("/api/chats/{id}")).await.status, 200);
    assert_eq!(count(&local, &format!("DELETE /api/v2/chats/{id}")).await, 0);
    served.post(&format!("/api/trash/{id}/restore"), json!({})).await.failure(404, "not_found");
}

#[tokio::test]
async fn due_deletion_is_made_by_the_server_and_kept_until_it_is_purged() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = served(directory.path()).await;
    let id = chat(&served, "Remember xylophone").await;
    delete(&served, &format!("/api/chats/{id}?grace=1")).await;
    assert_eq!(rows(&served).await[0]["state"], "pending");
    let deadline = tokio::time::Instant::now() + super::world::PATIENCE;
    while rows(&served).await[0]["state"] != "deleted" {
        assert!(tokio::time::Instant::now() < deadline, "{}", rows(&served).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count(&local, &format!("DELETE /api/v2/chats/{id}")).await, 1);
    served.get(&format!("/api/chats/{id}")).await.failure(404, "not_found");
    let row = rows(&served).await[0].clone();
    let kept = row["keep_until"].as_i64().zip(row["deleted_at"].as_i64());
    assert!(kept.is_some_and(|(until, at)| until - at == 86_400), "{row}");
    let words = |word: &str| {
        let files = std::fs::read_dir(directory.path()).expect("listed");
        let has = |bytes: Vec<u8>| memchr::memmem::find(&bytes, word.as_bytes()).is_some();
        files.flatten().any(|file| has(std::fs::read(file.path()).expect("read")))
    };
    assert!(words("xylophone"));
    let purged = delete(&served, &format!("/api/trash/{id}")).await;
    assert_eq!(purged.status, 200, "{purged:?}");
    assert!(!words("xylophone"));
    assert_eq!(rows(&served).await, json!([]));
    delete(&served, &format!("/api/trash/{id}")).await.failure(404, "not_found");
}

#[tokio::test]
async fn deletion_without_grace_goes_to_the_trash_and_back_to_the_archive() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = served(directory.path()).await;
    let id = chat(&served, "Hello").await;
    let deleted = delete(&served, &format!("/api/chats/{id}")).await.json();
    assert_eq!((&deleted["success"], &deleted["data"]["state"]), (&json!(true), &json!("deleted")));
    delete(&served, "/api/chats/c0000000-0000-4000-8000-0000000000ff")
        .await
        .failure(404, "not_found");
    // What is not there any more is deleted.
    assert_eq!(delete(&served, &format!("/api/chats/{id}")).await.status, 200);
    assert_eq!(count(&local, &format!("DELETE /api/v2/chats/{id}")).await, 1);
    let restored = served.post(&format!("/api/trash/{id}/restore"), json!({})).await;
    assert_eq!(restored.json()["data"]["state"], "archived");
    let plain = chat(&served, "Hello").await;
    let path = format!("/api/chats/{plain}?archive=false");
    assert_eq!(delete(&served, &path).await.json()["data"], Value::Null);
    assert_eq!(rows(&served).await, json!([]));
}

#[tokio::test]
async fn only_the_servers_own_account_has_a_trash() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = served(directory.path()).await;
    let id = chat(&served, "Hello").await;
    let own = |request: reqwest::RequestBuilder| request.bearer_auth(local.token());
    let trash = served.ask(own(served.http.get(served.url("/api/trash")))).await.json();
    assert_eq!((&trash["on"], &trash["data"]), (&json!(false), &json!([])));
    let path = served.url(&format!("/api/chats/{id}"));
    let refused = served.ask(own(served.http.delete(format!("{path}?grace=10")))).await;
    refused.failure(400, "invalid_request");
    let wrong = served.ask(served.http.delete(format!("{path}?grace=soon"))).await;
    wrong.failure(400, "invalid_request");
    let deleted = served.ask(own(served.http.delete(path))).await;
    assert_eq!((deleted.status, &deleted.json()["data"]), (200, &Value::Null));
    assert_eq!(rows(&served).await, json!([]));
}

/// The ids in the list of chats.
async fn listed(served: &Served) -> Vec<String> {
    let list = served.get("/api/chats").await.json();
    let rows = list["data"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn chat_whose_deletion_can_be_undone_is_in_no_list() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = trash(directory.path());
    let (served, _local) = Served::local(|options: &mut ServerOptions| {
        options.trash = Some(place);
        // A cached list does not bring it back.
        options.cache.lists = Some(Duration::from_mins(5));
    })
    .await;
    let (kept, id) = (chat(&served, "Stay").await, chat(&served, "Go").await);
    let both = |mut ids: Vec<String>| {
        ids.sort();
        let mut expected = [kept.clone(), id.clone()].to_vec();
        expected.sort();
        ids == expected
    };
    assert!(both(listed(&served).await));
    delete(&served, &format!("/api/chats/{id}?grace=30s")).await;
    assert_eq!(listed(&served).await, [kept.as_str()]);
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "list_chats", "arguments": {}}});
    let tool = served.post("/mcp", call).await.json();
    let chats = &tool["result"]["structuredContent"]["chats"];
    assert_eq!((chats.as_array().map(Vec::len), &chats[0]["chat_id"]), (Some(1), &json!(kept)));
    // Another process cancels it: the next list has it again.
    let archive = rusqlite::Connection::open(directory.path().join("archive.db")).expect("opened");
    archive.execute("UPDATE trash SET state = 'restored'", []).expect("changed");
    assert!(both(listed(&served).await));
    archive.execute("UPDATE trash SET state = 'pending'", []).expect("changed");
    assert_eq!(listed(&served).await, [kept.as_str()]);
    served.post(&format!("/api/trash/{id}/restore"), json!({})).await;
    assert!(both(listed(&served).await));
    // The last chats of a page do not end the list.
    delete(&served, &format!("/api/chats/{id}?grace=30s")).await;
    delete(&served, &format!("/api/chats/{kept}?grace=30s")).await;
    assert_eq!(listed(&served).await, [""; 0]);
}

#[tokio::test]
async fn deleted_chat_is_purged_when_its_time_is_over() {
    let directory = tempfile::tempdir().expect("a directory");
    let place = Trash { keep: Some(Duration::from_secs(1)), ..trash(directory.path()) };
    let (served, _local) =
        Served::local(|options: &mut ServerOptions| options.trash = Some(place)).await;
    let id = chat(&served, "Remember xylophone").await;
    delete(&served, &format!("/api/chats/{id}")).await;
    let deadline = tokio::time::Instant::now() + super::world::PATIENCE;
    while rows(&served).await != json!([]) {
        assert!(tokio::time::Instant::now() < deadline, "{}", rows(&served).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for file in std::fs::read_dir(directory.path()).expect("listed").flatten() {
        let bytes = std::fs::read(file.path()).expect("read");
        assert!(memchr::memmem::find(&bytes, b"xylophone").is_none(), "{:?}", file.path());
    }
}

#[tokio::test]
async fn deleted_chat_is_restored_as_a_new_one_on_request() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = served(directory.path()).await;
    let id = chat(&served, "Remember xylophone").await;
    let path = format!("/api/trash/{id}/restore");
    served.post(&format!("{path}?as_new=true"), json!({})).await.failure(404, "not_found");
    delete(&served, &format!("/api/chats/{id}?grace=30s")).await;
    // It is still in the account.
    served.post(&format!("{path}?as_new=true"), json!({})).await.failure(400, "invalid_request");
    served.post(&format!("{path}?model=m"), json!({})).await.failure(400, "invalid_request");
    served.post(&path, json!({})).await;
    delete(&served, &format!("/api/chats/{id}")).await;
    let before = count(&local, "POST /api/v2/chats/new").await;
    served.post(&format!("{path}?as_new=maybe"), json!({})).await.failure(400, "invalid_request");
    assert_eq!(count(&local, "POST /api/v2/chats/new").await, before);
    let restored = served.post(&format!("{path}?as_new=true"), json!({})).await.json();
    let data = &restored["data"];
    assert_eq!((&data["id"], &data["state"]), (&json!(id), &json!("archived")), "{restored}");
    let new = data["new_id"].as_str().expect("an id");
    assert_eq!(listed(&served).await, [new]);
    let shown = served.get(&format!("/api/chats/{new}")).await;
    assert!(shown.text.contains("xylophone"), "{shown:?}");
    assert_eq!(rows(&served).await, json!([]));
}

const PLANS: &str = "/api/chats/deletions";

#[tokio::test]
async fn many_chats_are_deleted_by_a_plan() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, _local) = served(directory.path()).await;
    let first = chat(&served, "Weather in Hanoi").await;
    let second = chat(&served, "Something else").await;
    for refused in [
        json!({}),
        json!({"pinned": true}),
        json!({"empty": false}),
        json!({"older": "1d", "empty": true}),
    ] {
        served.post(PLANS, refused).await.failure(400, "invalid_request");
    }
    let dry = served.post(PLANS, json!({"match": "weather", "dry_run": true})).await.json();
    assert_eq!((&dry["data"]["plan"], &dry["data"]["count"]), (&Value::Null, &json!(1)));
    let lock = std::fs::File::create(directory.path().join("archive.lock")).expect("created");
    lock.lock().expect("locked");
    let plan = served.post(PLANS, json!({"match": "weather"})).await.json()["data"].clone();
    drop(lock);
    assert_eq!((&plan["sample"][0]["id"], &plan["state"]), (&json!(first), &json!("planned")));
    let path = format!("{PLANS}/{}", plan["plan"].as_str().expect("an id"));
    assert_eq!(served.get(&path).await.json()["data"]["state"], "planned");
    let nothing = || served.http.post(served.url(&path));
    assert_eq!(served.ask(nothing()).await.status, 200);
    let deadline = tokio::time::Instant::now() + super::world::PATIENCE;
    while served.get(&path).await.json()["data"]["state"] != "done" {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let done = served.get(&path).await.json()["data"].clone();
    assert_eq!((&done["deleted"], &done["failed"]), (&json!(1), &json!([])));
    served.get(&format!("/api/chats/{first}")).await.failure(404, "not_found");
    assert_eq!(served.get(&format!("/api/chats/{second}")).await.status, 200);
    let other = served.post(PLANS, json!({"match": "something"})).await.json()["data"].clone();
    let path = format!("{PLANS}/{}", other["plan"].as_str().expect("an id"));
    assert_eq!((delete(&served, &path).await.status, &other["count"]), (200, &json!(1)));
    served.get(&path).await.failure(404, "not_found");
}
