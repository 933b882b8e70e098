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
    assert_eq!(
        site[0]["chat"]["history"]["messages"].as_object().map(serde_json::Map::len),
        Some(2)
    );
    let site = document(&export("openwebui"));
    assert_eq!(site[0]["chat"]["messages"][0]["content"], "Hello");
    let site = document(&export("chatgpt"));
    assert_eq!(site[0]["mapping"].as_object().map(serde_json::Map::len), Some(3));
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

/// A directory with files for an import.
fn given(home: &Home, files: &[(&str, &str)]) -> Vec<String> {
    let write = |(name, content): &(&str, &str)| {
        let path = home.path().join(name);
        fs::write(&path, content).expect("written");
        text(&path)
    };
    files.iter().map(write).collect()
}

fn counts(report: &Value) -> [i64; 5] {
    ["read", "made", "changed", "unchanged", "skipped"]
        .map(|name| report["data"][name].as_i64().expect(name))
}

const CLAUDE: &str = r#"[{"uuid":"u1","name":"Thơ","created_at":"2026-01-02T03:04:05.6Z","updated_at":null,
    "chat_messages":[
      {"uuid":"a","sender":"human","text":"","content":[{"type":"text","text":"Why?"}],
       "attachments":[{"file_name":"n.txt","extracted_content":"pasted"}]},
      {"uuid":"b","sender":"assistant","text":"old",
       "content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"So."},
                  {"type":"tool_use","name":"x","input":{"q":1}}]}]},
    {"uuid":"u2","name":"","chat_messages":[]}, null, 7, {"title":"no chat"}]"#;

#[tokio::test(flavor = "multi_thread")]
async fn chats_of_other_programs_are_imported_once() {
    let (_upstream, home) = local().await;
    let files = given(&home, &[("claude.txt", CLAUDE)]);
    let import = |more: &[&str]| {
        let run = home.triple(&[&["chats", "import", &files[0], "--json"], more].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
        run.json()
    };
    let trial = import(&["--dry-run"]);
    assert_eq!((counts(&trial), &trial["data"]["dry_run"]), ([2, 2, 0, 0, 3], &json!(true)));
    assert!(!home.path().join(".local/share/qwenctl/archive.db").exists());
    let first = import(&[]);
    assert_eq!(counts(&first), [2, 2, 0, 0, 3]);
    let reasons = first["data"]["reasons"].as_array().expect("reasons");
    let numbers: Vec<_> = reasons.iter().map(|reason| reason["number"].clone()).collect();
    assert_eq!(
        (numbers, &reasons[2]["title"]),
        (vec![json!(3), json!(4), json!(5)], &json!("no chat"))
    );
    assert_eq!(counts(&import(&[])), [2, 0, 0, 2, 3]);
    assert_eq!(counts(&import(&["--format", "claude"])), [2, 0, 0, 2, 3]);
    // It is searched, shown and exported as others are.
    let found = home.triple(&["chats", "search", "pasted", "--json"]).json();
    let hit = &found["results"][0];
    assert_eq!(
        (&found["total"], &hit["state"], &hit["title"]),
        (&json!(1), &json!("imported"), &json!("Thơ"))
    );
    let id = hit["chat_id"].as_str().expect("an id");
    assert!(id.starts_with("imp-"), "{id}");
    let shown = home.triple(&["chats", "show", &id[..12], "--json"]).json();
    assert_eq!(shown["data"]["messages"][1]["thinking"], "hm");
    assert_eq!(shown["data"]["created_at"], 1_767_323_045);
    let line = document(&home.triple(&["chats", "export", id, "--format", "ndjson"]).stdout);
    assert_eq!((&line["source"], &line["source_id"]), (&json!("claude"), &json!("u1")));
    assert_eq!(line["messages"][1]["other"]["content"][0]["name"], "x");
    // A sync leaves it alone.
    chat_with_a_turn(&home);
    let synced = home.triple(&["chats", "sync", "--full", "--json"]).json();
    assert_eq!((&synced["data"]["gone"], &synced["data"]["fetched"]), (&json!(0), &json!(1)));
    let again = home.triple(&["chats", "search", "pasted", "--json"]).json();
    assert_eq!(again["results"][0]["state"], "imported");
    assert_eq!(home.triple(&["archive", "status", "--json"]).json()["data"]["chats"], 3);
    assert_eq!(home.triple(&["archive", "check"]).status, 0);
    let listed = home.triple(&["chats", "list", "--all", "--json"]).json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn own_format_is_imported_as_it_was() {
    let (_upstream, home) = local().await;
    let [first, _] = archived(&home);
    home.triple(&["chats", "delete", &first, "--yes"]);
    home.triple(&["chats", "sync", "--full"]);
    let files = given(&home, &[("claude.json", CLAUDE)]);
    home.triple(&["chats", "import", &files[0]]);
    let export = |home: &Home, more: &[&str]| {
        let arguments = ["chats", "export", "--all", "--format", "ndjson"];
        let run = home.triple(&[&arguments[..], more].concat());
        assert_eq!(run.status, 0, "{run:?}");
        run.stdout
    };
    for more in [&["--raw"][..], &[]] {
        let exported = export(&home, more);
        let other = Home::new();
        let file = given(&other, &[("a", &exported)]);
        let report = other.triple(&["chats", "import", &file[0], "--json"]).json();
        assert_eq!(counts(&report), [4, 4, 0, 0, 0], "{report}");
        // Chats of the same second may change places.
        let sorted = |lines: &str| {
            let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&export(&other, more)), sorted(&exported));
        let report = other.triple(&["chats", "import", &file[0], "--json"]).json();
        assert_eq!(counts(&report), [4, 0, 0, 4, 0], "{report}");
        // What came from the account is not replaced by its copy.
        let report = home.triple(&["chats", "import", &file[0], "--json"]).json();
        assert_eq!(counts(&report), [4, 0, 0, 4, 0], "{report}");
    }
    let changed = export(&home, &[]).replace("Hello", "Howdy").replace("Thơ", "Other");
    let file = given(&home, &[("changed", &changed)]);
    let report = home.triple(&["chats", "import", &file[0], "--json"]).json();
    // The changed text of a chat of the account becomes an earlier one; its own stays.
    assert_eq!(counts(&report), [4, 0, 3, 1, 0], "{report}");
    let report = home.triple(&["chats", "import", &file[0], "--json"]).json();
    assert_eq!(counts(&report), [4, 0, 0, 4, 0], "{report}");
    let exported = export(&home, &[]);
    for text in ["Hello", "Howdy", "Other"] {
        assert!(exported.contains(text), "{text} {exported}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_copies_are_one_with_the_chats_that_are_synchronized_later() {
    let (upstream, home) = local().await;
    archived(&home);
    let export = |format: &str| {
        let run = home.triple(&["chats", "export", "--all", "--format", format]);
        assert_eq!(run.status, 0, "{run:?}");
        run.stdout
    };
    let exported = ["qwen", "json", "openwebui", "chatgpt", "ndjson"].map(export);
    let token = upstream.token();
    for first in 0..exported.len() {
        let other = Home::at(&upstream.auth_url(), &token);
        let files = given(&other, &[("a", &exported[first]), ("b", &exported[(first + 1) % 5])]);
        for (file, expected) in [(0, [2, 2, 0, 0, 0]), (1, [2, 0, 0, 2, 0])] {
            let report = other.triple(&["chats", "import", &files[file], "--json"]).json();
            if file == 0 {
                assert_eq!(counts(&report), expected, "{first} {report}");
            } else {
                assert_eq!(counts(&report)[1], 0, "{first} {report}");
            }
        }
        assert_eq!(other.triple(&["chats", "sync"]).status, 0);
        let listed = other.triple(&["chats", "list", "--archived-locally", "--json"]).json();
        let ids = listed["data"].as_array().expect("rows").iter();
        let ids: Vec<_> = ids.map(|row| row["id"].as_str().expect("an id")).collect();
        assert!(ids.len() == 2 && ids.iter().all(|id| !id.starts_with("imp-")), "{first} {ids:?}");
        for file in &files {
            let report = other.triple(&["chats", "import", file, "--json"]).json();
            assert_eq!(counts(&report), [2, 0, 0, 2, 0], "{first} {report}");
        }
        let check = other.triple(&["archive", "check"]);
        assert_eq!(check.status, 0, "{check:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_formats_come_back_with_every_message() {
    let (_upstream, home) = local().await;
    let [first, _] = archived(&home);
    let sent = home.triple(&["-q", "send", &first, "[[think]] More"]);
    assert_eq!(sent.status, 0, "{sent:?}");
    home.triple(&["chats", "sync"]);
    let messages = |home: &Home, title: &str| {
        let found =
            home.triple(&["chats", "search", "-F", title, "--in", "titles", "--json"]).json();
        let id = found["results"][0]["chat_id"].as_str().expect("an id").to_owned();
        let one = home.triple(&["chats", "export", &id, "--format", "json", "--branches", "all"]);
        document(&one.stdout)["data"]["messages"].clone()
    };
    let expected = messages(&home, "Huế");
    assert!(expected[3]["thinking"].is_string(), "{expected}");
    for format in ["chatgpt", "openwebui", "qwen", "json"] {
        let branches: &[&str] = if format == "json" { &["--branches", "all"] } else { &[] };
        let exported =
            home.triple(&[&["chats", "export", "--all", "--format", format], branches].concat());
        let other = Home::new();
        let file = given(&other, &[("export", &exported.stdout)]);
        let report = other.triple(&["chats", "import", &file[0], "--json"]).json();
        assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{format} {report}");
        assert_eq!(messages(&other, "Huế"), expected, "{format}");
        let report = other.triple(&["chats", "import", &file[0], "--json"]).json();
        assert_eq!(counts(&report), [2, 0, 0, 2, 0], "{format} {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_files_are_reported_and_lose_nothing() {
    let home = Home::new();
    let chat = |id: &str| {
        format!(r#"{{"uuid":"{id}","chat_messages":[{{"sender":"human","text":"x"}}]}}"#)
    };
    let deep = format!(
        r#"[{{"uuid":"d","chat_messages":{}1{}}},{}]"#,
        "[".repeat(5000),
        "]".repeat(5000),
        chat("ok")
    );
    let half = r#"[{"uuid":"h","chat_messages":[{"sender":"human","text":"a\ud83d b"}]}]"#;
    let cut = format!("[{},{{\"uuid\":\"c", chat("before"));
    let files = given(
        &home,
        &[
            ("empty", ""),
            ("space", "  \n"),
            ("text", "Dear Sir"),
            ("list", "[]"),
            ("other", r#"[{"a":1}]"#),
            ("deep", &deep),
            ("half", half),
            ("cut", &cut),
            ("bom", &format!("\u{feff}{}", chat("bom"))),
        ],
    );
    let import = |name: &str| {
        let path = files.iter().find(|path| path.ends_with(name)).cloned();
        let path = path.unwrap_or_else(|| text(&home.path().join(name)));
        let run = home.triple(&["chats", "import", &path, "--json"]);
        (run.status, run.json())
    };
    for nothing in ["empty", "space", "text", "list", "other"] {
        let (status, report) = import(nothing);
        assert_eq!((status, &report["code"]), (2, &json!("invalid_request")), "{nothing} {report}");
        assert!(report["error"].as_str().is_some_and(|text| !text.is_empty()), "{report}");
    }
    let (status, report) = import("deep");
    assert_eq!((status, counts(&report)), (0, [1, 1, 0, 0, 1]), "{report}");
    let (status, report) = import("half");
    assert_eq!((status, counts(&report)), (0, [1, 1, 0, 0, 0]), "{report}");
    let (status, report) = import("cut");
    assert_eq!((status, counts(&report)), (2, [1, 1, 0, 0, 0]), "{report}");
    assert!(
        report["data"]["failed"][0]["error"]
            .as_str()
            .is_some_and(|text| text.contains("ends in the middle"))
    );
    let (status, report) = import("bom");
    assert_eq!((status, counts(&report)), (0, [1, 1, 0, 0, 0]), "{report}");
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(chat("wide").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(home.path().join("wide"), wide).expect("written");
    assert_eq!(counts(&import("wide").1), [1, 1, 0, 0, 0]);
    assert_eq!((import(".").0, import("nothing").0), (2, 2));
    let status = std::process::Command::new("mkfifo").arg(home.path().join("pipe")).status();
    if status.is_ok_and(|status| status.success()) {
        assert_eq!(import("pipe").0, 2);
    }
    let piped = home.run(&["chats", "import", "-", "--json"]).stdin(chat("piped")).triple();
    assert_eq!((piped.status, counts(&piped.json())), (0, [1, 1, 0, 0, 0]));
    // One broken file does not stop the others.
    let both = home.triple(&["chats", "import", &files[2], &files[8], "--json"]);
    assert_eq!((both.status, counts(&both.json())), (2, [1, 0, 0, 1, 0]));
    let people = home.triple(&["chats", "import", &files[0], &files[5]]);
    assert_eq!(people.status, 2);
    assert!(
        people.stdout.contains("chats read: 1") && people.stdout.contains("skipped"),
        "{people:?}"
    );
    assert!(people.stderr.contains("error: ") && people.stderr.contains("hint: "), "{people:?}");
    // The first account gets what was imported before it.
    let (_upstream, signed_in) = local().await;
    let database = home.path().join(".local/share/qwenctl/archive.db");
    fs::create_dir_all(signed_in.path().join(".local/share/qwenctl")).expect("made");
    fs::copy(database, signed_in.path().join(".local/share/qwenctl/archive.db")).expect("copied");
    chat_with_a_turn(&signed_in);
    assert_eq!(signed_in.triple(&["chats", "sync"]).status, 0);
    let found = signed_in.triple(&["chats", "search", "x role:user", "--json"]).json();
    assert_eq!(found["total"], 5, "{found}");
    assert_eq!(signed_in.triple(&["archive", "status", "--json"]).json()["data"]["accounts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn zip_archives_are_read_without_a_path() {
    let home = Home::new();
    let chat = |id: &str| {
        format!(r#"[{{"uuid":"{id}","chat_messages":[{{"sender":"human","text":"x"}}]}}]"#)
    };
    let path = home.path().join("export.zip");
    let (first, second) = (chat("one"), chat("two"));
    let entries = [
        ("../../conversations-000.json", first.as_bytes()),
        ("a/conversations-001.JSON", second.as_bytes()),
        ("user.json", br#"{"name":"me"}"#),
        ("/etc/chat.html", b"<html>"),
    ];
    fs::write(&path, zip(&entries, true)).expect("written");
    let import = || {
        let run = home.triple(&["chats", "import", &text(&path), "--json"]);
        (run.status, run.json())
    };
    let (status, report) = import();
    assert_eq!((status, counts(&report)), (0, [2, 2, 0, 0, 0]), "{report}");
    assert_eq!(report["data"]["ignored"], json!(["user.json"]));
    fs::write(&path, zip(&entries, false)).expect("written");
    assert_eq!(counts(&import().1), [2, 0, 0, 2, 0]);
    let bomb = [
        b"[{\"uuid\":\"b\",\"chat_messages\":[], \"x\":\"".as_slice(),
        &vec![b' '; 100 << 20],
        b"\"}]",
    ]
    .concat();
    fs::write(&path, zip(&[("conversations.json", &bomb)], true)).expect("written");
    let (status, report) = import();
    assert_eq!(status, 2, "{report}");
    for broken in [&b"PK\x03\x04"[..], &zip(&entries, true)[..60]] {
        fs::write(&path, broken).expect("written");
        assert_eq!(import().0, 2);
    }
    let whole = zip(&entries, true);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, first.as_bytes()).expect("written");
    fs::write(&path, gzip.finish().expect("written")).expect("written");
    assert_eq!(counts(&import().1), [1, 0, 0, 1, 0]);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        if at % 37 == 0 {
            fs::write(&path, damaged).expect("written");
            assert!([0, 2].contains(&import().0), "{at}");
        }
    }
}

/// A ZIP archive of these files.
fn zip(files: &[(&str, &[u8])], deflates: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let packed = if deflates {
            let mut packed =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut packed, content).expect("written");
            packed.finish().expect("written")
        } else {
            content.to_vec()
        };
        let number = |value: usize| u32::try_from(value).expect("a size").to_le_bytes();
        let short = |value: usize| u16::try_from(value).expect("a size").to_le_bytes();
        let method = if deflates { [8, 0] } else { [0, 0] };
        let common = [
            &[0, 0][..],
            &method,
            &[0; 4],
            &[0; 4],
            &number(packed.len()),
            &number(content.len()),
            &short(name.len()),
            &[0, 0],
        ]
        .concat();
        directory.extend(
            [
                &b"PK\x01\x02\x14\0\x14\0"[..],
                &common,
                &[0; 10],
                &number(out.len()),
                name.as_bytes(),
            ]
            .concat(),
        );
        out.extend([&b"PK\x03\x04\x14\0"[..], &common, name.as_bytes(), &packed].concat());
    }
    let number = |value: usize| u32::try_from(value).expect("a size").to_le_bytes();
    let count = u16::try_from(files.len()).expect("a count").to_le_bytes();
    let end = [
        &b"PK\x05\x06\0\0\0\0"[..],
        &count,
        &count,
        &number(directory.len()),
        &number(out.len()),
        &[0, 0],
    ]
    .concat();
    [out, directory, end].concat()
}
