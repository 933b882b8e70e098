//! Conventions 1, lines 1 to 3 and 6 to 8: what goes where, and in which form.

use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::support::bodies::{C1, envelope, row};
use crate::support::cmd::Home;
use crate::support::response::{Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::CHATS;

#[tokio::test(flavor = "multi_thread")]
async fn line_1_json_is_exactly_one_document_on_success_and_failure() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let signed_out = Home::new();
    let commands: [&[&str]; 18] = [
        &["chats", "list"],
        &["chats", "list", "--all"],
        &["chats", "show", &id],
        &["chats", "show", C1],
        &["chats", "show", "a/b"],
        &["chats", "delete", C1],
        &["chats", "delete", C1, &id, "--dry-run"],
        &["send", &id, "hi"],
        &["send", &id, "[[fault:F33]]"],
        &["quick"],
        &["models"],
        &["status"],
        &["stats"],
        &["token", "info"],
        &["config", "show"],
        &["completions", "bash"],
        &["nonsense"],
        &["--version"],
    ];
    for arguments in commands {
        for home in [&home, &signed_out] {
            let arguments = [arguments, &["--json"]].concat();
            let run = home.triple(&arguments);
            let document: Value = serde_json::from_str(&run.stdout)
                .unwrap_or_else(|fault| panic!("{arguments:?}: {fault}: {run:?}"));
            let is_success = document["success"].as_bool().expect("`success`");
            let may_differ = arguments[0] == "status";
            assert!(is_success == (run.status == 0) || may_differ, "{arguments:?}: {run:?}");
            assert!(run.stdout.ends_with('\n') && !run.stdout.ends_with("\n\n"), "{arguments:?}");
            assert!(!(run.stdout.clone() + &run.stderr).contains('\u{1b}'), "{arguments:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_1_ndjson_is_one_document_a_line() {
    let (_upstream, home) = local().await;
    let run = home.triple(&["quick", "--think", "--search", "hi", "-o", "ndjson"]);
    let events: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    let names: Vec<_> =
        events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("start", "done"));
    for name in ["thinking", "search", "delta"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let text: String = events
        .iter()
        .filter(|event| event["event"] == "delta")
        .map(|event| event["content"].as_str().expect("text"))
        .collect();
    assert_eq!(Value::from(text), events[events.len() - 1]["content"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_2_everything_but_the_result_is_on_standard_error() {
    let (_upstream, home) = local().await;
    let run = home.triple(&["quick", "--think", "[[deltas:the answer]]"]);
    assert!(run.stdout.ends_with("the answer\n") && !run.stdout.contains("Understand"), "{run:?}");
    assert!(run.stderr.contains("chat: ") && run.stderr.contains("Understand"), "{run:?}");
    let quiet = home.triple(&["-q", "quick", "--think", "[[deltas:the answer]]"]);
    assert_eq!(quiet.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_3_a_pipe_gets_no_escape_sequence_unless_color_is_forced() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    for arguments in [&["chats", "list"][..], &["chats", "show", &id], &["send", &id, "**b**"]] {
        assert!(!home.triple(arguments).stdout.contains('\u{1b}'), "{arguments:?}");
    }
    let show = ["chats", "show", id.as_str()];
    let forced = home.run(&show).env("CLICOLOR_FORCE", "1").triple();
    assert!(forced.stdout.contains('\u{1b}'));
    let always = home.run(&["--color", "always", "chats", "show", &id]).env("NO_COLOR", "1");
    assert!(always.triple().stdout.contains('\u{1b}'));
    let both = home.run(&show).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!both.triple().stdout.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_6_lists_are_whole_in_pipes_and_their_order_is_fixed() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let long = "long ".repeat(40);
    let mut rows = [row(1), row(2), row(3)];
    rows[1]["title"] = json!(format!("{long}\ttab"));
    for row in &mut rows {
        row["updated_at"] = json!(1_790_000_000);
    }
    let shuffled = json!([rows[2], rows[0], rows[1]]);
    upstream.on(CHATS, envelope(shuffled));
    let times = "2026-05-28T20:26:40Z\t2026-09-21T14:13:20Z";
    home.run(&["chats", "list"])
        .stdout(&format!(
            "c0000000-0000-4000-8000-000000000001\tChat 1\t{times}\n\
             c0000000-0000-4000-8000-000000000002\t{long} tab\t{times}\n\
             c0000000-0000-4000-8000-000000000003\tChat 3\t{times}\n"
        ))
        .check();
    upstream.on(CHATS, envelope(json!([])));
    home.run(&["chats", "list"]).stderr("no chats\n").check();
    upstream.on(CHATS, envelope(json!([])));
    let empty = "{\"success\":true,\"data\":[],\"total\":0,\"page\":1}\n";
    home.run(&["chats", "list", "--json"]).stdout(empty).check();
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_all_reads_every_page() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let page =
        |range: std::ops::Range<usize>| envelope(Value::from(range.map(row).collect::<Vec<_>>()));
    for _ in 0..2 {
        // Again at the end, in case that a chat has moved there.
        upstream.on("GET /api/v2/chats/?page=1", page(0..60));
    }
    upstream.on("GET /api/v2/chats/?page=2", page(60..119));
    upstream.on("GET /api/v2/chats/?page=3", page(118..132));
    for beyond in 4..8 {
        upstream.always(&format!("GET /api/v2/chats/?page={beyond}"), || envelope(json!([])));
    }
    let run = home.triple(&["chats", "list", "--all"]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 132), "{}", run.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_7_a_closed_pipe_ends_quietly() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let gate = Gate::default();
    let page = json!({"success": true, "data": [row(1)]}).to_string();
    let late = Response::stream::<&str>([]).header("Content-Type", "application/json");
    upstream.on(CHATS, late.gate(&gate).then(page));
    let mut run = home.start(&["chats", "list"]);
    upstream.until(CHATS, 1).await;
    run.hang_up();
    gate.open();
    let end = run.0.wait_with_output().expect("the end");
    assert_eq!((end.status.code(), end.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn line_7_a_full_disk_is_an_error() {
    let home = Home::new();
    let run = home.shell("qwenctl config path > /dev/full").output().expect("a shell");
    assert_eq!(run.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(stderr.starts_with("error: cannot write to standard output"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_8_control_characters_from_the_upstream_are_removed() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let mut evil = row(1);
    evil["title"] = json!("a\u{1b}]0;pwned\u{7}b\u{1b}[31mc\u{9b}2Jd\u{202e}e\rf");
    let list = move || envelope(json!([evil]));
    upstream.always(CHATS, list);
    let pretty = home.run(&["chats", "list"]).env("CLICOLOR_FORCE", "1").triple().stdout;
    assert_eq!(pretty.split('\t').nth(1), Some("abcd<U+202E>ef"));
    let json = home.triple(&["chats", "list", "--json"]).stdout;
    assert!(!json.contains('\u{1b}'));
    let document: Value = serde_json::from_str(&json).expect("a document");
    assert!(
        document["data"][0]["title"].as_str().is_some_and(|title| title.contains("\u{1b}[31m"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn colour_on_request_also_renders_markdown_in_a_pipe() {
    let (_upstream, home) = local().await;
    let prompt = "[[deltas:# Title\n\n- **one**\n]]";
    let shown = home.triple(&["-q", "quick", prompt, "--color", "always"]).stdout;
    assert!(shown.contains("\u{1b}[1m# Title\u{1b}[0m") && shown.contains("• "), "{shown:?}");
    let raw = home.triple(&["-q", "quick", prompt, "--color", "always", "--raw"]).stdout;
    assert_eq!(raw, "# Title\n\n- **one**\n");
}
