//! Every command, when it succeeds: exit code, standard output and standard error, for people and in
//! JSON.

use serde_json::json;

use super::{chat_with_a_turn, local};
use crate::support::bodies::{R1, U1, answer, envelope, gone, one_turn, row};
use crate::support::cmd::Home;
use crate::support::filters::assert_run;
use crate::support::frames::whole;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

#[tokio::test(flavor = "multi_thread")]
async fn chats() {
    let (_upstream, home) = local().await;
    assert_run!("chats_list_empty", home.run(&["chats", "list"]));
    assert_run!("chats_list_empty_json", home.run(&["chats", "list", "--json"]));
    let id = chat_with_a_turn(&home);
    assert_run!("chats_rename", home.run(&["chats", "rename", &id, "Trip to Huế"]));
    assert_run!("chats_rename_json", home.run(&["chats", "rename", &id, "Trip to Huế", "--json"]));
    assert_run!("chats_list", home.run(&["chats", "list"]));
    assert_run!("chats_list_json", home.run(&["chats", "list", "--json"]));
    assert_run!("chats_list_all_json", home.run(&["chats", "list", "--all", "--json"]));
    assert_run!("chats_show", home.run(&["chats", "show", &id]));
    assert_run!("chats_show_json", home.run(&["chats", "show", &id, "--json"]));
    assert_run!("chats_show_tree", home.run(&["chats", "show", &id, "--tree"]));
    assert_run!("chats_delete_dry_run", home.run(&["chats", "delete", &id, "--dry-run"]));
    assert_run!(
        "chats_delete_dry_run_json",
        home.run(&["chats", "delete", &id, "--dry-run", "--json"])
    );
    assert_run!("chats_delete", home.run(&["chats", "delete", &id, "--yes"]));
    let id = chat_with_a_turn(&home);
    assert_run!("chats_delete_json", home.run(&["chats", "delete", &id, "-y", "--json"]));
    assert_run!("chats_new", home.run(&["chats", "new"]));
    assert_run!("chats_new_json", home.run(&["chats", "new", "--title", "T", "--json"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_chats_are_deleted_with_a_result_for_each() {
    let (_upstream, home) = local().await;
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    let unknown = "c0000000-0000-4000-8000-0000000000ff";
    assert_run!("delete_partly", home.run(&["chats", "delete", "--yes", &one, unknown, &two]));
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    assert_run!(
        "delete_partly_json",
        home.run(&["chats", "delete", "--yes", "--json", &one, unknown, &two])
    );
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    assert_run!(
        "delete_all_json",
        home.run(&["chats", "delete", "--yes", "--json", &one, &two, &one])
    );
    home.run(&["chats", "list", "--json"])
        .stdout("{\"success\":true,\"data\":[],\"total\":0,\"page\":1}\n")
        .check();
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts() {
    let (_upstream, home) = local().await;
    let id = home.triple(&["chats", "new"]).stdout.trim().to_owned();
    let prompt = "[[deltas:Xin chào |你好 |🙂]]";
    assert_run!("send", home.run(&["send", &id, prompt]));
    assert_run!("send_json", home.run(&["send", &id, prompt, "--json"]));
    assert_run!("send_ndjson", home.run(&["send", &id, prompt, "-o", "ndjson"]));
    assert_run!(
        "send_ndjson_whole",
        home.run(&["send", &id, prompt, "-o", "ndjson", "--no-stream"])
    );
    assert_run!("send_think_search", home.run(&["send", &id, prompt, "--think", "--search"]));
    assert_run!(
        "send_think_search_whole",
        home.run(&["send", &id, prompt, "--think", "--search", "--no-stream"])
    );
    assert_run!("send_quiet", home.run(&["-q", "send", &id, prompt, "--think", "--search"]));
    assert_run!("quick", home.run(&["quick", prompt]));
    assert_run!("quick_json", home.run(&["quick", prompt, "--json"]));
    assert_run!("quick_new", home.run(&["quick", "--new", prompt]));
    assert_run!("quick_ephemeral", home.run(&["quick", "--ephemeral", prompt]));
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_makes_a_chat_if_there_is_none_and_finds_the_most_recent_one() {
    let (_upstream, home) = local().await;
    let count = || home.triple(&["chats", "list"]).stdout.lines().count();
    let chat_of = |arguments: &[&str]| {
        let told = home.triple(arguments).stderr;
        told.strip_prefix("chat: ").map(|id| id.trim().to_owned()).expect("a chat")
    };
    let first = chat_of(&["quick", "one"]);
    assert_eq!(count(), 1);
    assert_eq!(chat_of(&["quick", "two"]), first);
    assert_ne!(chat_of(&["quick", "--new", "three"]), first);
    assert_eq!(count(), 2);
    home.triple(&["quick", "--ephemeral", "four"]);
    assert_eq!(home.triple(&["quick", "--ephemeral", "[[fault:F33]] five"]).status, 6);
    assert_eq!(count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_passes_over_chats_that_are_listed_but_gone() {
    for arguments in [vec!["quick", "Hello"], vec!["quick", "--model", "m", "Hello"]] {
        let upstream = Upstream::start().await;
        let home = Home::at(&upstream.origin(), &token("t", 90_000));
        upstream.always(CHATS, || envelope(json!([row(1), row(2), row(0xc1)])));
        for ghost in [1, 2] {
            upstream.on(&format!("GET /api/v2/chats/c0000000-0000-4000-8000-{ghost:012x}"), gone());
        }
        upstream.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
        upstream.on(COMPLETIONS, whole("Hello again"));

        let done = home.triple(&arguments);

        assert_eq!((done.status, done.stdout.as_str()), (0, "Hello again\n"), "{}", done.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_does_not_pass_over_every_chat() {
    let upstream = Upstream::start().await;
    let home = Home::at(&upstream.origin(), &token("t", 90_000));
    upstream.always(CHATS, || envelope((1..=60).map(row).collect()));
    for ghost in 1..=4 {
        upstream.on(&format!("GET /api/v2/chats/c0000000-0000-4000-8000-{ghost:012x}"), gone());
    }

    assert_eq!(home.triple(&["quick", "Hello"]).status, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn account() {
    let (_upstream, home) = local().await;
    assert_run!("models", home.run(&["models"]));
    assert_run!("models_json", home.run(&["models", "--json"]));
    assert_run!("status", home.run(&["status"]));
    assert_run!("status_json", home.run(&["status", "--json"]));
    assert_run!("stats", home.run(&["stats"]));
    assert_run!("stats_json", home.run(&["stats", "--json"]));
    assert_run!("token_info", home.run(&["token", "info"]));
    assert_run!("token_info_json", home.run(&["token", "info", "--json"]));
    assert_run!("token_info_check_json", home.run(&["token", "info", "--check", "--json"]));
    assert_run!("token_refresh", home.run(&["token", "refresh"]));
    assert_run!("token_refresh_json", home.run(&["token", "refresh", "--json"]));
}

#[test]
fn without_a_token_nobody_is_signed_in() {
    let home = Home::new();
    assert_run!("status_signed_out", home.run(&["status"]));
    assert_run!("status_signed_out_json", home.run(&["status", "--json"]));
}

#[test]
fn config() {
    let home = Home::new();
    assert_run!("config_path", home.run(&["config", "path"]));
    assert_run!("config_path_json", home.run(&["config", "path", "--json"]));
    let run =
        |arguments| home.run(arguments).env("QWENCTL_MODEL", "qwen3-max").env("QWEN_COOKIE", "a=b");
    assert_run!("config_show", run(&["config", "show"]));
    assert_run!("config_show_origin", run(&["config", "show", "--origin", "--idle-timeout", "90"]));
    assert_run!("config_show_json", run(&["config", "show", "--origin", "--json"]));
    assert!(!home.config_file().exists(), "reading made a config file");
}

#[test]
fn the_local_upstream_lives_in_the_data_directory_and_needs_no_token() {
    let home = Home::new();
    let prompt = "[[deltas:Xin chào 你好 🙂]]";
    assert_run!("local_quick", home.run(&["--local", "quick", prompt]));
    assert_run!("local_quick_json", home.run(&["--local", "quick", prompt, "--json"]));
    assert_run!("local_stats_json", home.run(&["--local", "stats", "--json"]));
    assert_run!("local_token_set", home.run(&["--local", "token", "set"]));
    assert_run!("local_token_info", home.run(&["--local", "token", "info"]));
    assert!(home.path().join(".local/share/qwenctl/local.sqlite3").exists());
    assert!(!home.path().join(".config").exists(), "the local upstream's token was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_upstream_runs_alone_until_it_is_interrupted() {
    let home = Home::new();
    let mut alone = home.start(&["local", "--write-token", "token"]);
    let lines = [alone.line(), alone.line(), alone.line()];
    let origin = lines[1].strip_prefix("QWEN_AUTH_URL=").expect("an origin");
    assert_eq!(lines[0], format!("QWEN_API_URL={origin}/api"));
    assert_eq!(lines[2], "QWENCTL_TOKEN_FILE='token'");
    let list = home
        .run(&["chats", "list", "--json"])
        .env("QWEN_API_URL", &format!("{origin}/api"))
        .env("QWENCTL_TOKEN_FILE", "token")
        .triple();
    assert_eq!((list.status, list.stderr.as_str()), (0, ""));
    let mode = std::fs::metadata(home.path().join("token")).expect("the token");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    alone.signal("INT");
    assert_eq!(alone.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_local_upstream_is_printed_on_request_only() {
    let home = Home::new();
    let mut silent = home.start(&["local", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&silent.line()).expect("a document");
    assert!(document["data"]["api_url"].is_string() && document["data"]["token"].is_null());
    silent.signal("TERM");
    assert_eq!(silent.end().status, 0);
    let mut open = home.start(&["local", "--json", "--print-token"]);
    let document: serde_json::Value = serde_json::from_str(&open.line()).expect("a document");
    assert!(document["data"]["token"].as_str().is_some_and(|token| token.split('.').count() == 3));
    open.signal("TERM");
    assert_eq!(open.end().status, 0);
}

#[test]
fn the_manual_page_is_made_from_the_same_tree() {
    let home = Home::new();
    let page = home.triple(&["man"]);
    assert_eq!((page.status, page.stderr.as_str()), (0, ""));
    for part in [".TH qwenctl 1", "\\-\\-idle\\-timeout", "qwenctl\\-chats", "browser_check"] {
        assert!(page.stdout.contains(part), "{part}");
    }
    assert_eq!(home.triple(&["man", "--all", "."]).status, 0);
    assert!(home.path().join("qwenctl-chats-list.1").exists());
    assert_eq!(home.triple(&["man", "--all", "nowhere"]).status, 2);
}
