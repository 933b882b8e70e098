//! `chats export` and `chats import`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::support::cmd::Home;
use crate::support::filters::assert_run;

/// A home with an archive of two chats, `Đường đi: Huế?` and `Second`; returns their ids.
fn archived(home: &Home) -> [String; 2] {
    let ids = [chat_with_a_turn(home), chat_with_a_turn(home)];
    home.triple(&["chats", "rename", &ids[0], "Đường đi: Huế?"]);
    home.triple(&["chats", "rename", &ids[1], "Second"]);
    let synced = home.triple(&["chats", "sync"]);
    assert_eq!(synced.status, 0, "{synced:?}");
    ids
}

/// The files below a directory, in order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_is_exported() {
    let (_upstream, home) = local().await;
    let [first, second] = archived(&home);
    let export = |format: &str| {
        let run = home.triple(&["chats", "export", "--all", "--format", format]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{format}");
        run.stdout
    };
    let lines = export("ndjson");
    let lines: Vec<Value> = lines.lines().map(document).collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines.iter().all(|line| line["schema"] == "qwenctl.chat/1" && line.get("raw").is_none())
    );
    let raw = home.triple(&["chats", "export", &first, "--format", "ndjson", "--raw"]).stdout;
    let raw = document(document(&raw)["raw"].as_str().expect("a text"));
    assert_eq!(raw["data"]["id"], json!(first));
    let list = document(&export("json"));
    assert_eq!((&list["success"], &list["total"]), (&json!(true), &json!(2)));
    let one = document(&home.triple(&["chats", "export", &first, "--format", "json"]).stdout);
    let shown = home.triple(&["chats", "show", &first, "--json"]).json();
    assert_eq!(one["data"]["messages"], shown["data"]["messages"]);
    let site = document(&export("qwen"));
    assert_eq!(site[0]["chat"]["history"]["messages"].as_object().map(|all| all.len()), Some(2));
    let site = document(&export("openwebui"));
    assert_eq!(site[0]["chat"]["messages"][0]["content"], "Hello");
    let site = document(&export("chatgpt"));
    assert_eq!(site[0]["mapping"].as_object().map(|all| all.len()), Some(3));
    let training = document(&export("sharegpt"));
    assert_eq!(training[0]["conversations"][0], json!({"from": "human", "value": "Hello"}));
    let training = document(export("openai-jsonl").lines().next().expect("a line"));
    assert_eq!(training["messages"][0], json!({"role": "user", "content": "Hello"}));
    let page = home.triple(&["chats", "export", &second[..8], "--format", "html"]).stdout;
    assert!(page.contains("<title>Second</title>") && !page.contains("<script"), "{page}");
    let text = home.triple(&["chats", "export", &second, "--format", "md"]).stdout;
    assert!(text.starts_with("---\nid: ") && text.contains("\n## User\n\nHello\n"), "{text}");
    let found = home.triple(&["chats", "export", "--match", "duong", "--format", "ndjson"]).stdout;
    assert!(found.lines().count() == 1 && found.contains(&first), "{found}");
    let none = home.triple(&["chats", "export", "--until", "2020-01-01", "--format", "chatgpt"]);
    assert_eq!((none.status, none.stdout.as_str()), (0, "[]\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_exports_are_refused() {
    let home = Home::new();
    assert_run!(home.run(&["chats", "export", "--all", "--format", "ndjson"]), @r"
    exit: 5
    --- stdout
    --- stderr
    error: there is no archive yet
    hint: run `qwenctl chats sync` to make one
    ");
    for wrong in [
        &["--format", "md"][..],
        &["--all", "--format", "md"],
        &["--all", "--format", "html", "-o", "-"],
        &["--all"],
        &["--all", "--format", "pdf"],
        &["--all", "c0000000", "--format", "md"],
        &["--all", "--format", "sharegpt", "--branches", "all"],
        &["--all", "--format", "ndjson", "--branches", "current"],
        &["--all", "--format", "json", "--raw"],
        &["--all", "--format", "json", "--update"],
        &["--all", "--format", "ndjson", "--since", "soon"],
        &["--all", "--format", "ndjson", "-o", ""],
    ] {
        let run = home.triple(&[&["chats", "export"], wrong].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{wrong:?} {run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn single_chat_is_exported_without_an_archive() {
    let (_upstream, home) = local().await;
    let chat = chat_with_a_turn(&home);
    for id in [chat.as_str(), &chat[..8], "last", "@1"] {
        let run = home.triple(&["chats", "export", id, "--format", "md"]);
        assert_eq!(run.status, 0, "{id} {run:?}");
        assert!(run.stdout.contains(&format!("id: \"{chat}\"")), "{id} {run:?}");
    }
    assert!(!home.path().join(".local/share/qwenctl/archive.db").exists());
    let missing =
        home.triple(&["chats", "export", "c0000000-0000-4000-8000-0000000000c9", "--format", "md"]);
    assert_eq!((missing.status, missing.stdout.as_str()), (5, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_chats_are_exported_offline() {
    let (upstream, mut home) = local().await;
    let [first, second] = archived(&home);
    home.triple(&["chats", "delete", &first, "--yes"]);
    upstream.shutdown().await;
    for id in [first.as_str(), &second[..10], "last"] {
        let run = home.triple(&["chats", "export", id, "--format", "json"]);
        assert_eq!(run.status, 0, "{id} {run:?}");
    }
    home.unset("QWEN_TOKEN");
    let run = home.triple(&["chats", "export", "--all", "--format", "ndjson"]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 2), "{run:?}");
    let other =
        home.triple(&["chats", "export", "c0000000-0000-4000-8000-0000000000c9", "--format", "md"]);
    assert_eq!(other.status, 4, "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_has_one_file_a_chat_and_is_updated() {
    let (_upstream, home) = local().await;
    let [first, second] = archived(&home);
    let notes = home.path().join("notes");
    let place = text(&notes);
    let export = |more: &[&str]| {
        let arguments = ["chats", "export", "--all", "--format", "md", "-o", &place, "--json"];
        let run = home.triple(&[&arguments[..], more].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
        let report = run.json();
        (report["data"]["written"].clone(), report["data"]["unchanged"].clone())
    };
    assert_eq!(export(&[]), (json!(2), json!(0)));
    let before = files(&notes);
    let names: Vec<_> = before.iter().map(|path| text(path)).collect();
    assert!(
        names.iter().any(|name| name.ends_with(&format!(" đường-đi-huế [{}].md", &first[..8])))
    );
    assert!(names.iter().any(|name| name.ends_with(&format!(" second [{}].md", &second[..8]))));
    assert_eq!(export(&["--update"]), (json!(0), json!(2)));
    // Another title is another name; other files stay.
    home.triple(&["chats", "rename", &second, "Third"]);
    home.triple(&["chats", "sync"]);
    fs::write(notes.join("mine [00000000].md"), "my own").expect("written");
    assert_eq!(export(&["--update"]), (json!(1), json!(1)));
    let after = files(&notes);
    assert_eq!(after.len(), 3);
    assert!(
        after.iter().any(|path| text(path).ends_with(&format!(" third [{}].md", &second[..8])))
    );
    assert_eq!(after.iter().filter(|path| before.contains(path)).count(), 1);
    // A file that is not an export of this chat is not replaced.
    let theirs = after.iter().find(|path| text(path).contains("third")).expect("a file");
    fs::write(theirs, "my notes").expect("written");
    let run = home.triple(&["chats", "export", "--all", "--format", "md", "-o", &place]);
    assert_eq!(run.status, 2, "{run:?}");
    assert_eq!(fs::read_to_string(theirs).expect("there"), "my notes");
    fs::remove_file(theirs).expect("removed");
    assert_eq!(export(&["--layout", "year/month"]), (json!(2), json!(0)));
    let depth = |path: &PathBuf| path.strip_prefix(&notes).map(|path| path.components().count());
    assert_eq!(files(&notes).iter().filter(|path| depth(path) == Ok(3)).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn file_is_written_whole_and_others_are_not_replaced() {
    let (_upstream, home) = local().await;
    archived(&home);
    let path = |name: &str| text(&home.path().join(name));
    let export = |format: &str, name: &str| {
        home.triple(&["chats", "export", "--all", "--format", format, "-o", &path(name)]).status
    };
    for (format, name) in
        [("ndjson", "a.ndjson"), ("chatgpt", "b.json"), ("openwebui", "c.json"), ("json", "d.json")]
    {
        assert_eq!((export(format, name), export(format, name)), (0, 0), "{format}");
        fs::write(path(name), "[{\"mapping\":{}}]").expect("written");
        assert_eq!(export(format, name), 2, "{format}");
        assert_eq!(fs::read_to_string(path(name)).expect("there"), "[{\"mapping\":{}}]");
    }
    // A file without a mark is as it was.
    assert_eq!((export("qwen", "e.json"), export("qwen", "e.json")), (0, 2));
    fs::create_dir(path("folder")).expect("made");
    assert_eq!(export("chatgpt", "folder"), 0);
    assert!(Path::new(&path("folder/conversations.json")).exists());
    assert_eq!((export("md", "a.ndjson"), export("ndjson", "a.ndjson/b/c")), (2, 2));
    let is_left = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tmp"))
    };
    assert_eq!(files(home.path()).iter().filter(|path| is_left(path)).count(), 0);
    if Path::new("/dev/full").exists() {
        let full =
            home.triple(&["chats", "export", "--all", "--format", "ndjson", "-o", "/dev/full"]);
        assert_eq!(full.status, 2, "{full:?}");
        assert!(Path::new("/dev/full").exists());
        let full = home.shell("qwenctl chats export --all --format ndjson > /dev/full").output();
        assert_eq!(full.expect("run").status.code(), Some(1));
    }
    let closed = home.shell("qwenctl chats export --all --format ndjson -o - | head -c 5").output();
    assert_eq!(closed.expect("run").stdout, b"{\"sch");
}
