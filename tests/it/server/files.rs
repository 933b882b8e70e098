//! `POST /api/files`, and prompts that name what was uploaded.

use qwenctl::server::FileOptions;
use qwenctl::settings::LongTexts;
use serde_json::{Value, json};

use super::world::{Answer, Served};
use crate::local_upstream::files::png;

/// A request with a form of these parts: their heads and contents.
fn form(served: &Served, parts: &[(String, Vec<u8>)]) -> reqwest::RequestBuilder {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--xx\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let request = served.http.post(served.url("/api/files")).body(body);
    request.header("content-type", "multipart/form-data; boundary=xx")
}

fn part(name: &str, bytes: Vec<u8>) -> (String, Vec<u8>) {
    (format!("name=\"file\"; filename=\"{name}\""), bytes)
}

async fn upload(served: &Served, name: &str, bytes: Vec<u8>) -> Answer {
    served.ask(form(served, &[part(name, bytes)])).await
}

async fn id_of(served: &Served, name: &str, bytes: Vec<u8>) -> String {
    upload(served, name, bytes).await.json()["data"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn files_go_with_prompts_and_are_shown_in_the_chat() {
    let (served, _local) = Served::local(|_| {}).await;
    let uploaded = upload(&served, "a.png", png()).await;
    assert_eq!(uploaded.status, 200);
    let data = uploaded.json()["data"].take();
    let id = data["id"].as_str().expect("an id").to_owned();
    assert_eq!((&data["name"], &data["type"]), (&json!("a.png"), &json!("image/png")));
    assert_eq!((&data["size"], &data["kind"]), (&json!(200), &json!("image")));
    let shown = served.get(&format!("/api/files/{id}")).await.json();
    assert_eq!(shown["data"]["name"], "a.png");
    let text = id_of(&served, "b.txt", b"one two".to_vec()).await;
    let body = json!({"message": "What is this?", "files": [id, text]});
    let answer = served.post("/api/chat/quick", body).await.json();
    let response = answer["data"]["content"].as_str().expect("an answer");
    assert!(response.contains("640 × 480") && response.contains("begins: one two"), "{response}");
    let chat = answer["chat_id"].as_str().expect("an id").to_owned();
    let sent = json!({"chat_id": chat, "message": "Again", "files": [text]});
    let again = served.post("/api/chat/send", sent).await.json();
    assert!(
        again["data"]["content"].as_str().is_some_and(|text| text.contains("one two")),
        "{again}"
    );
    let messages =
        served.get(&format!("/api/chats/{chat}")).await.json()["data"]["messages"].take();
    assert_eq!(
        messages[0]["files"][1],
        json!({"name": "b.txt", "type": "text/plain", "size": 7, "kind": "document"})
    );
    assert!(messages[1].get("files").is_none());
}

#[tokio::test]
async fn unusable_files_and_forms_are_refused() {
    let (served, _local) = Served::local(|_| {}).await;
    for (name, bytes) in [
        ("a.png", Vec::new()),
        ("a.png", b"<html>".to_vec()),
        ("../a.png", png()),
        ("..", png()),
        ("a.exe", b"MZ\0\0".to_vec()),
        ("a.png", [png(), vec![0; 21_000_000]].concat()),
    ] {
        upload(&served, name, bytes).await.failure(400, "invalid_request");
    }
    let long = format!("{}.png", "a".repeat(300));
    upload(&served, &long, png()).await.failure(400, "invalid_request");
    let two = form(&served, &[part("a.png", png()), part("b.png", png())]);
    served.ask(two).await.failure(400, "invalid_request");
    let none = form(&served, &[("name=\"a\"".to_owned(), b"b".to_vec())]);
    served.ask(none).await.failure(400, "invalid_request");
    served.post("/api/files", json!({})).await.failure(415, "invalid_request");
    served.get("/api/files/file-none").await.failure(404, "not_found");
    let body = json!({"message": "Hi", "files": ["file-none"]});
    served.post("/api/chat/quick", body).await.failure(404, "not_found");
    let body = json!({"message": "Hi", "files": "file-none"});
    served.post("/api/chat/quick", body).await.failure(400, "invalid_request");
    let six = futures_util::future::join_all((0..6).map(|n| {
        let (served, name) = (&served, format!("{n}.png"));
        async move { id_of(served, &name, png()).await }
    }));
    let body = json!({"message": "Hi", "files": six.await});
    served.post("/api/chat/quick", body).await.failure(400, "invalid_request");
}

#[tokio::test]
async fn pages_of_other_origins_upload_nothing() {
    let (served, _local) = Served::local(|_| {}).await;
    let request = form(&served, &[part("a.png", png())]).header("origin", "http://evil.example");
    let refused: Value = served.ask(request).await.failure(401, "token_missing");
    assert_eq!(refused["success"], false);
}

#[tokio::test]
async fn a_long_message_goes_as_a_file_where_that_is_set() {
    let (served, _local) = Served::local(|options| {
        options.files = FileOptions { long_texts: LongTexts::Always, private_urls: false };
    })
    .await;
    let answer = served.post("/api/chat/quick", json!({"message": "six seven"})).await.json();
    let response = answer["data"]["content"].as_str().expect("an answer");
    assert!(
        response.contains("Pasted_Text_") && response.contains("begins: six seven"),
        "{response}"
    );
}
