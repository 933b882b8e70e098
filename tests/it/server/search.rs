//! `POST /api/chat/search`: in the archive of the server's own account, or by the upstream.

use std::path::Path;

use qwenctl::archive::store::{AccountHash, Archive};
use qwenctl::domain::{AccessToken, Chat, ChatId, Message, MessageState, Role};
use qwenctl::server::{ArchivePlace, ServerOptions};
use serde_json::{Value, json};

use super::world::Served;

const SEARCH: &str = "/api/chat/search";

pub(super) fn chat(n: i64, text: &str) -> Chat {
    let id = format!("c0000000-0000-4000-8000-{n:012}");
    let message = Message {
        id: format!("m{n}"),
        parent_id: None,
        role: Role::User,
        content: text.to_owned(),
        thinking: None,
        citations: Vec::new(),
        images: Vec::new(),
        files: Vec::new(),
        model: None,
        timestamp: Some(1_790_000_000 + n),
        state: MessageState::Done,
        error: None,
    };
    Chat {
        id: id.parse::<ChatId>().expect("an id"),
        title: Some("A title".to_owned()),
        model: None,
        created_at: None,
        updated_at: None,
        pinned: false,
        archived: false,
        project_id: None,
        current_id: None,
        current_reply_ids: Vec::new(),
        messages: vec![message],
        incomplete: false,
    }
}

/// An archive with three chats of the account of `token`.
fn archive(directory: &Path, token: &AccessToken) -> ArchivePlace {
    let place = ArchivePlace {
        path: directory.join("archive.db"),
        upstream: "local".to_owned(),
        rate: None,
        no_thinking: false,
        keep: None,
    };
    let id = token.claims().account_id.as_deref().expect("an account");
    let hash = AccountHash::new("local", id);
    let mut archive = Archive::open(&place.path).expect("opened");
    let account = archive.account(&hash, "local", 1).expect("added");
    for (n, text) in [(3, "Tìm đường về"), (2, "duong (C++)"), (1, "đường C")] {
        archive.store(account, &chat(n, text), b"{}", 1).expect("stored");
    }
    place
}

#[tokio::test]
async fn search_without_an_archive_is_the_upstreams_own() {
    let (served, _local) = Served::local(|_| {}).await;
    served.post("/api/chat/quick", json!({"message": "Where is the Needle?"})).await;
    let found = served.post(SEARCH, json!({"query": "needle"})).await.json();
    assert_eq!((&found["success"], &found["source"]), (&json!(true), &json!("upstream")));
    let hit = &found["results"][0];
    assert!(hit["chat_id"].is_string() && hit["message_id"].is_string(), "{found}");
    let marked: Vec<_> = hit["snippet"]
        .as_array()
        .expect("pieces")
        .iter()
        .filter(|piece| piece["match"] == true)
        .collect();
    assert_eq!(marked, [&json!({"text": "Needle", "match": true})]);
    let next = json!({"query": "needle", "cursor": found["cursor"]});
    let last = served.post(SEARCH, next).await.json();
    assert_eq!((&last["results"], &last["cursor"]), (&json!([]), &Value::Null));
    let refused = served.post(SEARCH, json!({"query": "needle", "role": "user"})).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (400, json!("invalid_request")));
}

#[tokio::test]
async fn archive_answers_only_for_the_servers_own_account() {
    let directory = tempfile::tempdir().expect("a directory");
    let with_archive = |options: &mut ServerOptions| {
        let session = options.account.as_ref().and_then(|account| account.session());
        let token = session.expect("a session").access_token();
        options.archive = Some(archive(directory.path(), &token));
    };
    let (served, local) = Served::local(with_archive).await;
    let ids = |found: &Value| -> Vec<String> {
        let results = found["results"].as_array().expect("results");
        results.iter().map(|hit| hit["message_id"].as_str().unwrap_or("title").to_owned()).collect()
    };
    let search = async |body: Value| served.post(SEARCH, body).await.json();
    let all = search(json!({"query": "duong"})).await;
    assert_eq!(
        (&all["source"], ids(&all)),
        (&json!("archive"), vec!["m3".into(), "m2".into(), "m1".into()])
    );
    assert_eq!(all["results"][0]["snippet"][1], json!({"text": "đường", "match": true}));
    let first = search(json!({"query": "duong", "limit": 2})).await;
    let rest = search(json!({"query": "duong", "limit": 2, "cursor": first["cursor"]})).await;
    assert_eq!(
        (ids(&first).len(), ids(&rest), &rest["cursor"]),
        (2, vec!["m1".to_owned()], &Value::Null)
    );
    for (body, expected) in [
        (json!({"query": "c++"}), &["m2"][..]),
        (json!({"query": "đường C", "mode": "literal"}), &["m1"]),
        (json!({"query": "^T.m", "mode": "regex", "in": "messages"}), &["m3"]),
        (
            json!({"query": "title", "in": "titles", "sort": "best", "chat_id": "c0000000-0000-4000-8000-000000000002"}),
            &["title"],
        ),
        (json!({"query": "duong", "role": "assistant"}), &[]),
        (json!({"query": "duong", "since": 1_790_000_003}), &["m3"]),
    ] {
        assert_eq!(ids(&search(body.clone()).await), expected, "{body}");
    }
    for body in [
        json!({}),
        json!({"query": " "}),
        json!({"query": "++"}),
        json!({"query": "x", "limit": 0}),
        json!({"query": "x", "limit": 101}),
        json!({"query": "x", "sort": "oldest"}),
        json!({"query": "x", "mode": "fuzzy"}),
        json!({"query": "(", "mode": "regex"}),
        json!({"query": "x", "in": "images"}),
        json!({"query": "x", "role": "model"}),
        json!({"query": "x", "rolle": "user"}),
        json!({"query": "x", "offset": 5}),
        json!({"query": "x", "cursor": "x"}),
        json!({"query": "x", "cursor": "-1"}),
    ] {
        let refused = served.post(SEARCH, body.clone()).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!("invalid_request")),
            "{body}"
        );
    }
    // The same account, but as the client's own token.
    let asked = served.http.post(served.url(SEARCH)).bearer_auth(local.token());
    let own = served.ask(asked.json(&json!({"query": "duong"}))).await.json();
    assert_eq!((&own["source"], ids(&own).len()), (&json!("upstream"), 0));
}

#[tokio::test]
async fn archived_chats_are_readable_while_the_upstream_is_away() {
    let directory = tempfile::tempdir().expect("a directory");
    let with_archive = |options: &mut ServerOptions| {
        let session = options.account.as_ref().and_then(|account| account.session());
        let token = session.expect("a session").access_token();
        options.archive = Some(archive(directory.path(), &token));
    };
    let (served, local) = Served::local(with_archive).await;
    let path = "/api/chats/c0000000-0000-4000-8000-000000000003?tree=true";
    // The upstream does not have this chat.
    let gone = served.get(path).await.json();
    assert_eq!(
        (&gone["data"]["source"], &gone["data"]["state"], &gone["data"]["messages"][0]["content"]),
        (&json!("archive"), &json!("gone"), &json!("Tìm đường về"))
    );
    served.get("/api/chats/c0000000-0000-4000-8000-000000000009").await.failure(404, "not_found");
    let token = local.token();
    local.shutdown().await;
    let away = served.get(path).await.json();
    assert_eq!(
        (&away["data"]["state"], &away["data"]["synced_at"]),
        (&json!("live"), &json!(1)),
        "{away}"
    );
    let list = served.get("/api/chats?page=1").await.json();
    assert_eq!((&list["source"], &list["total"]), (&json!("archive"), &json!(3)), "{list}");
    let second = served.get("/api/chats?page=2").await.json();
    assert_eq!(second["data"], json!([]));
    // The same account, but as the client's own token.
    let asked = served.http.get(served.url("/api/chats")).bearer_auth(token);
    assert_eq!(served.ask(asked).await.json()["code"], "upstream_unreachable");
}
