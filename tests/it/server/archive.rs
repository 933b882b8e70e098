//! `/api/archive`: the state of the archive, its synchronization, and statistics.

use qwenctl::server::{ArchivePlace, ServerOptions};
use serde_json::json;

use super::world::{Served, events};

fn with_archive(directory: &std::path::Path) -> impl FnOnce(&mut ServerOptions) {
    let path = directory.join("archive.db");
    move |options| {
        options.archive = Some(ArchivePlace {
            path,
            upstream: "local".to_owned(),
            rate: None,
            no_thinking: false,
            keep: None,
        });
    }
}

#[tokio::test]
async fn archive_is_synchronized_counted_and_searched() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, local) = Served::local(with_archive(directory.path())).await;
    let before = served.get("/api/archive").await.json();
    assert_eq!((&before["data"]["enabled"], &before["data"]["chats"]), (&json!(true), &json!(0)));
    served.get("/api/archive/stats").await.failure(404, "not_found");
    served.post("/api/chat/quick", json!({"message": "Where is the Needle?"})).await;
    let stream = served.post("/api/archive/sync", json!({"stream": true})).await;
    assert_eq!(stream.header("content-type"), "text/event-stream; charset=utf-8");
    let events = events(&stream.text);
    let (name, last) = events.last().expect("an event");
    assert_eq!(
        (name.as_str(), &last["success"], &last["data"]["fetched"]),
        ("done", &json!(true), &json!(1))
    );
    assert!(events.iter().any(|(name, data)| name == "progress" && data["listed"] == 1));
    let found = served.post("/api/chat/search", json!({"query": "needle role:user"})).await.json();
    assert_eq!((&found["source"], &found["total"]), (&json!("archive"), &json!(1)));
    let begun = served.post("/api/archive/sync", json!({})).await;
    assert_eq!(begun.status, 202);
    let state = loop {
        let state = served.get("/api/archive").await.json();
        if state["data"]["sync"]["running"] == false {
            break state;
        }
    };
    let data = &state["data"];
    assert_eq!(
        (&data["chats"], &data["messages"], &data["sync"]["error"]),
        (&json!(1), &json!(2), &json!(null))
    );
    for by in ["month", "model", "weekday", "chat"] {
        let numbers = served.get(&format!("/api/archive/stats?by={by}")).await.json();
        assert_eq!((&numbers["data"]["messages"], &numbers["data"]["by"]), (&json!(2), &json!(by)));
        assert_eq!(numbers["data"]["groups"].as_array().map(Vec::len), Some(1), "{numbers}");
    }
    served.get("/api/archive/stats?by=year").await.failure(400, "invalid_request");
    served.get("/api/archive/stats?since=soon").await.failure(400, "invalid_request");
    let unknown = served.post("/api/archive/sync", json!({"fuul": true})).await;
    unknown.failure(400, "invalid_request");
    // The client's own token has nothing to do with this archive.
    for request in [
        served.http.get(served.url("/api/archive")),
        served.http.get(served.url("/api/archive/stats")),
        served.http.post(served.url("/api/archive/sync")).json(&json!({})),
    ] {
        served.ask(request.bearer_auth(local.token())).await.failure(403, "forbidden");
    }
}

#[tokio::test]
async fn server_without_an_archive_says_so() {
    let (served, _local) = Served::local(|_| {}).await;
    assert_eq!(served.get("/api/archive").await.json()["data"]["enabled"], json!(false));
    served.get("/api/archive/stats").await.failure(404, "not_found");
    served.post("/api/archive/sync", json!({})).await.failure(404, "not_found");
}

#[tokio::test]
async fn second_sync_at_a_time_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let (served, _local) = Served::local(with_archive(directory.path())).await;
    let lock = std::fs::File::create(directory.path().join("archive.lock")).expect("created");
    lock.lock().expect("locked");
    let stream = served.post("/api/archive/sync", json!({"stream": true})).await;
    let events = events(&stream.text);
    let (name, last) = events.last().expect("an event");
    assert_eq!((name.as_str(), &last["code"]), ("error", &json!("sync_in_progress")));
    let state = served.get("/api/archive").await.json();
    assert_eq!(state["data"]["sync"]["code"], json!("sync_in_progress"));
}
