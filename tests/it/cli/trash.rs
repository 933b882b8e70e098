//! Deletion with a copy: the trash, its recovery after `kill -9`, and the deletion of many chats.

use std::path::PathBuf;
use std::time::Duration;

use qwenctl::client::{Client, ClientConfig};
use qwenctl::local::LocalUpstream;
use serde_json::{Value, json};

use super::archive::{List, chat, detail_call, has, id, sync};
use super::terminal::{ends, terminal};
use super::{chat_with_a_turn, local};
use crate::support::bodies::{envelope, gateway_page, gone};
use crate::support::cmd::{Home, Triple, binary};
use crate::support::response::Response;
use crate::support::upstream::Upstream;

fn delete_call(n: usize) -> String {
    format!("DELETE /api/v2/chats/{}", id(n))
}

fn delete(home: &Home, arguments: &[&str]) -> Triple {
    home.triple(&[&["chats", "delete"], arguments].concat())
}

fn trash(home: &Home) -> Vec<Value> {
    let listed = home.triple(&["chats", "trash", "list", "--json"]);
    listed.json()["data"].as_array().expect("rows").clone()
}

fn states(home: &Home) -> Vec<String> {
    trash(home).iter().map(|row| row["state"].as_str().expect("a state").to_owned()).collect()
}

fn archive(home: &Home) -> PathBuf {
    home.path().join(".local/share/qwenctl/archive.db")
}

/// Makes what is to be tried later due now, and ends the leases of dead processes.
fn let_time_pass(home: &Home) {
    let archive = rusqlite::Connection::open(archive(home)).expect("opened");
    archive.busy_timeout(Duration::from_secs(5)).expect("set");
    let sql = "UPDATE trash SET next_at = 0, lease_until = 0, due_at = min(due_at, unixepoch())";
    archive.execute(sql, []).expect("changed");
}

/// A scripted upstream with the chats `numbers`, which are archived.
async fn synced(numbers: &[usize]) -> (Upstream, Home) {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, numbers);
    has(&upstream, numbers.iter().copied());
    assert_eq!(sync(&home, &[]).1.status, 0);
    (upstream, home)
}

fn http() -> reqwest::Client {
    // Installs the provider of cryptography.
    let config = ClientConfig { ignore_environment_proxy: true, ..ClientConfig::default() };
    Client::new(config).expect("a client");
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// How many requests of this kind a local upstream has had.
async fn count(local: &LocalUpstream, request: &str) -> u64 {
    let url = format!("{}/__local/requests", local.auth_url());
    let text = http().get(url).send().await.expect("an answer").text().await.expect("a text");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    document["counts"][request].as_u64().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_deletion_loses_nothing_at_any_step() {
    let (upstream, home) = synced(&[1]).await;
    // While the copy is made: nothing is deleted, then or later.
    upstream.on(&detail_call(1), Response::silence());
    let running = home.start(&["chats", "delete", &id(1), "--yes"]);
    upstream.until(&detail_call(1), 2).await;
    running.signal("KILL");
    running.end();
    let_time_pass(&home);
    assert_eq!((trash(&home).len(), upstream.count(&delete_call(1))), (0, 0));
    // While it is deleted: the copy is there, and the next command finishes the deletion.
    has(&upstream, [1]);
    upstream.on(&delete_call(1), Response::silence());
    let running = home.start(&["chats", "delete", &id(1), "--yes"]);
    upstream.until(&delete_call(1), 1).await;
    running.signal("KILL");
    running.end();
    assert_eq!(states(&home), ["deleting"]);
    let kept = home.triple(&["chats", "trash", "show", &id(1)[..30]]);
    assert!(kept.stdout.contains("question 1"), "{kept:?}");
    let refused = home.triple(&["chats", "trash", "restore", &id(1), "--json"]);
    assert_eq!(refused.status, 10, "{refused:?}");
    let_time_pass(&home);
    // The request of the dead process has been answered after all.
    upstream.always(&detail_call(1), gone);
    upstream.always(&delete_call(1), gone);
    assert_eq!(states(&home), ["deleted"]);
    let kept = home.triple(&["chats", "trash", "show", &id(1)]);
    assert!(kept.stdout.contains("question 1"), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_within_its_grace_time_survives_kill_and_is_undone() {
    let (local, home) = local().await;
    let id = chat_with_a_turn(&home);
    assert_eq!(sync(&home, &[]).1.status, 0);
    let mut server = home.start(&["serve", "--port", "0", "--json"]);
    let line: Value = serde_json::from_str(&server.line()).expect("JSON");
    let url = format!("{}/api/chats/{id}?grace=60", line["url"].as_str().expect("a URL"));
    assert_eq!(http().delete(url).send().await.expect("an answer").status(), 200);
    server.signal("KILL");
    server.end();
    assert_eq!(states(&home), ["pending"]);
    let restored = home.triple(&["chats", "trash", "restore", &id[..8]]);
    assert_eq!(restored.stdout, format!("{id} is not deleted\n"));
    assert_eq!(count(&local, &format!("DELETE /api/v2/chats/{id}")).await, 0);
    assert_eq!(home.triple(&["chats", "show", &id]).status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn due_deletion_is_made_once_by_several_processes() {
    let (local, home) = local().await;
    let id = chat_with_a_turn(&home);
    sync(&home, &[]);
    let planned = delete(&home, &[&id, "--yes", "--grace", "1h", "--json"]).json();
    assert_eq!((&planned["success"], &planned["data"]["state"]), (&json!(true), &json!("pending")));
    let_time_pass(&home);
    let archive = rusqlite::Connection::open(archive(&home)).expect("opened");
    archive.execute("UPDATE trash SET due_at = 1", []).expect("due");
    let runs: Vec<_> = (0..3).map(|_| home.start(&["chats", "trash", "list"])).collect();
    for run in runs {
        assert_eq!(run.end().status, 0);
    }
    assert_eq!(states(&home), ["deleted"]);
    assert_eq!(count(&local, &format!("DELETE /api/v2/chats/{id}")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_without_a_whole_copy() {
    let (upstream, home) = synced(&[1]).await;
    upstream.on(&detail_call(1), Response::new("text/html", "<html>hello</html>"));
    let broken = delete(&home, &[&id(1), "--yes"]);
    assert_eq!(broken.status, 8, "{broken:?}");
    assert!(broken.stderr.contains("no copy could be made"), "{broken:?}");
    assert!(broken.stderr.contains("--no-archive"), "{broken:?}");
    // A copy that cannot be written.
    let (mut large, _) = chat(1);
    large["chat"]["history"]["messages"]["a1"]["content"] = json!("words ".repeat(200_000));
    upstream.on(&detail_call(1), envelope(large));
    let line = format!("trap '' XFSZ; ulimit -f 400; qwenctl chats delete {} --yes", id(1));
    let full = home.shell(&line).output().expect("a shell");
    assert_eq!(full.status.code(), Some(1), "{full:?}");
    let_time_pass(&home);
    assert_eq!((trash(&home).len(), upstream.count(&delete_call(1))), (0, 0));
    upstream.on(&delete_call(1), envelope(json!({"status": true})));
    let without = delete(&home, &[&id(1), "--yes", "--no-archive"]);
    assert_eq!((without.status, trash(&home).len()), (0, 0), "{without:?}");
    drop(upstream);
    let offline = delete(&home, &[&id(1), "--yes"]);
    assert_eq!((offline.status, trash(&home).len()), (7, 0), "{offline:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_deletion_is_reported_and_tried_again() {
    let (upstream, home) = synced(&[1]).await;
    has(&upstream, [1]);
    upstream.on(&delete_call(1), envelope(json!({"status": false})));
    let failed = delete(&home, &[&id(1), "--yes"]);
    assert_eq!(failed.status, 8, "{failed:?}");
    assert!(failed.stderr.contains("try it again"), "{failed:?}");
    let row = trash(&home)[0].clone();
    assert_eq!(
        (&row["state"], &row["error"]["code"]),
        (&json!("pending"), &json!("upstream_protocol"))
    );
    let_time_pass(&home);
    upstream.always(&detail_call(1), || envelope(chat(1).0));
    upstream.always(&delete_call(1), || gateway_page(502));
    assert_eq!(states(&home), ["pending"]);
    assert_eq!(trash(&home)[0]["error"]["code"], "upstream_unreachable");
    // It is still there, so the deletion can be cancelled.
    let restored = home.triple(&["chats", "trash", "restore", &id(1), "--json"]).json();
    assert_eq!(restored["data"]["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_chats_go_to_the_trash_with_few_requests_and_are_purged() {
    let (local, home) = local().await;
    let ids: Vec<String> = (0..5).map(|_| chat_with_a_turn(&home)).collect();
    sync(&home, &[]);
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let deleted = delete(&home, &[&all[..], &["--yes", "--json"]].concat());
    let document = deleted.json();
    assert_eq!((deleted.status, &document["total"]), (0, &json!(5)), "{deleted:?}");
    assert_eq!(count(&local, "POST /api/v2/chats/batch_delete").await, 1);
    assert_eq!(states(&home), ["deleted"; 5]);
    // What is in the trash is not found, and what has left it is.
    let found =
        || home.triple(&["chats", "search", "hello role:user", "--json"]).json()["total"].clone();
    assert_eq!(found(), 0);
    let restored = home.triple(&["chats", "trash", "restore", all[0]]);
    assert!(restored.stderr.contains("cannot go back into the account"), "{restored:?}");
    assert_eq!(found(), 1);
    let unconfirmed = home.triple(&["chats", "trash", "purge", "--all"]);
    assert_eq!(unconfirmed.status, 2);
    let purged = home.triple(&["chats", "trash", "purge", "--all", "--yes"]);
    assert_eq!(purged.stdout, "purged 4 chats\n");
    assert_eq!(found(), 1);
    assert_eq!(home.triple(&["archive", "check"]).status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_chat_is_restored_as_a_new_one() {
    let (_local, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "Trip to Huế"]);
    sync(&home, &[]);
    delete(&home, &[&id, "--yes"]);
    let asked = home.triple(&["chats", "trash", "restore", &id, "--as-new"]);
    assert_eq!(asked.status, 2);
    assert!(asked.stderr.contains("costs one answer"), "{asked:?}");
    let restored = home.triple(&["chats", "trash", "restore", &id, "--as-new", "--yes", "--json"]);
    let new = restored.json()["data"]["new_id"].as_str().expect("an id").to_owned();
    let shown = home.triple(&["chats", "show", &new]);
    assert!(shown.stdout.contains("Hello") && shown.stdout.contains("Trip to Huế"), "{shown:?}");
    assert_eq!(trash(&home).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_select_what_is_deleted() {
    let (_local, home) = local().await;
    let ids: Vec<String> = (0..3).map(|_| chat_with_a_turn(&home)).collect();
    let empty = home.triple(&["chats", "new", "--title", "Nothing"]).stdout.trim().to_owned();
    home.triple(&["chats", "rename", &ids[0], "Weather in Huế"]);
    home.triple(&["chats", "pin", &ids[1]]);
    let select = |arguments: &[&str]| {
        let run = delete(&home, &[arguments, &["--dry-run", "--json"]].concat());
        let mut ids: Vec<String> = run.json()["data"]
            .as_array()
            .unwrap_or_else(|| panic!("{run:?}"))
            .iter()
            .map(|chat| chat["id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    };
    let sorted = |ids: &[&String]| {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(delete(&home, &["--empty", "--yes"]).status, 2);
    sync(&home, &[]);
    assert_eq!(delete(&home, &["--yes"]).status, 2);
    assert_eq!(delete(&home, &["--pinned", "--yes"]).status, 2);
    assert_eq!(delete(&home, &["--empty", &ids[0], "--yes"]).status, 2);
    assert_eq!(select(&["--match", "hello"]), sorted(&[&ids[0], &ids[2]]));
    assert_eq!(select(&["--match", "hello", "--pinned"]), sorted(&[&ids[0], &ids[1], &ids[2]]));
    assert_eq!(select(&["--match", "thoi tiet"]), [""; 0]);
    // Times are whole seconds.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(select(&["--match", "weather", "--older-than", "0d"]).len(), 1);
    assert_eq!(select(&["--match", "weather", "--older-than", "1d"]), [""; 0]);
    assert_eq!(select(&["--empty", "--no-sync"]), std::slice::from_ref(&empty));
    assert_eq!(select(&["--match", "hello", "--model", "another"]), [""; 0]);
    let many = delete(&home, &["--match", "hello", "--yes", "--max", "1"]);
    assert_eq!(many.status, 2, "{many:?}");
    assert!(many.stderr.contains("2 chats are selected"), "{many:?}");
    let deleted = delete(&home, &["--match", "hello", "--yes", "--json"]).json();
    assert_eq!((&deleted["total"], trash(&home).len()), (&json!(2), 2));
    let left = home.triple(&["chats", "list", "--json"]).json();
    assert_eq!(left["total"], 2);
    assert_eq!(delete(&home, &["--match", "hello", "--yes", "--json"]).json()["total"], 0);
}

/// A chat with a later message than the archive has.
fn changed(n: usize) -> Response {
    let (mut changed, _) = chat(n);
    changed["chat"]["history"]["messages"][format!("a{n}")]["timestamp"] = json!(1_799_999_999);
    envelope(changed)
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_with_a_new_message_is_left_out() {
    let (upstream, home) = synced(&[1]).await;
    upstream.on(&detail_call(1), changed(1));
    let selected = ["--match", "question", "--no-sync", "--yes"];
    let skipped = delete(&home, &selected);
    assert_eq!(skipped.status, 2, "{skipped:?}");
    assert!(skipped.stdout.contains("new message"), "{skipped:?}");
    // Without a copy nothing would notice it.
    let stale = delete(&home, &[&selected[..], &["--no-archive"]].concat());
    assert_eq!(stale.status, 2, "{stale:?}");
    assert!(stale.stderr.contains("cannot be used with"), "{stale:?}");
    // One that is written within the grace time.
    has(&upstream, [1]);
    let planned = delete(&home, &[&selected[..], &["--grace", "1h"]].concat());
    assert_eq!((planned.status, states(&home)), (0, vec!["pending".to_owned()]), "{planned:?}");
    upstream.on(&detail_call(1), changed(1));
    let archive = rusqlite::Connection::open(archive(&home)).expect("opened");
    archive.execute("UPDATE trash SET due_at = 1, copied_at = 1", []).expect("due");
    assert_eq!(states(&home), ["failed"]);
    assert_eq!(upstream.count(&delete_call(1)), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_copy_is_made_again_before_the_deletion() {
    let (upstream, home) = synced(&[1, 2]).await;
    has(&upstream, [1]);
    let slow = envelope(chat(2).0).slow_start(Duration::from_secs(7));
    upstream.on(&detail_call(2), slow);
    upstream.on(&detail_call(1), changed(1));
    upstream.on(&delete_call(2), envelope(json!({"status": true})));
    let run = delete(&home, &["--match", "question", "--no-sync", "--yes"]);
    assert!(run.stdout.contains(&format!("failed {}: not deleted", id(1))), "{run:?}");
    assert!(run.stdout.contains(&format!("deleted {}\n", id(2))), "{run:?}");
    assert_eq!((upstream.count(&delete_call(1)), upstream.count(&delete_call(2))), (0, 1));
    assert_eq!(states(&home), ["deleted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_stays_in_the_trash_when_it_cannot_be_deleted_again() {
    let (upstream, home) = synced(&[1]).await;
    has(&upstream, [1]);
    upstream.on(&delete_call(1), envelope(json!({"status": true})));
    assert_eq!(delete(&home, &[&id(1), "--yes"]).status, 0);
    upstream.on(&detail_call(1), Response::new("text/html", "<html>hello</html>"));
    let failed = delete(&home, &[&id(1), "--yes"]);
    assert_eq!((failed.status, states(&home)), (8, vec!["deleted".to_owned()]), "{failed:?}");
    // It is in the account again.
    has(&upstream, [1]);
    upstream.on(&delete_call(1), envelope(json!({"status": true})));
    assert_eq!(delete(&home, &[&id(1), "--yes"]).status, 0);
    assert_eq!((upstream.count(&delete_call(1)), states(&home)), (2, vec!["deleted".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn number_of_many_chats_is_typed_on_a_terminal() {
    let (_local, home) = local().await;
    for _ in 0..21 {
        assert_eq!(home.triple(&["chats", "new"]).status, 0);
    }
    sync(&home, &[]);
    let left = || {
        let list = home.triple(&["chats", "list", "--all", "--json"]).json();
        list["data"].as_array().expect("rows").len()
    };
    for (typed, expected) in [("y", 21), ("20", 21), ("", 21), ("21", 0)] {
        let mut session = terminal(home.command(binary(), &["chats", "delete", "--empty"]));
        session.exp_string("Type their number to delete them").expect("a question");
        session.send_line(typed).expect("an answer");
        let (shown, status) = ends(session);
        assert_eq!((status, left()), (0, expected), "{typed} {shown}");
    }
}
