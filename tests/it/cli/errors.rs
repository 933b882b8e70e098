//! Each error class that a command can end with: exit code, JSON code, and what a person reads.

use qwenctl::domain::ErrorKind;
use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::support::bodies::{self, C1};
use crate::support::cmd::{Home, Triple};
use crate::support::filters::assert_run;
use crate::support::frames;
use crate::support::http::closed_port;
use crate::support::response::{Ending, Response};
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

/// In JSON there is one document with the code of `kind`, and the exit code fits.
#[track_caller]
fn is_failure(run: &Triple, kind: ErrorKind) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    assert_eq!(document["code"], kind.code(), "{run:?}");
    assert_eq!(run.status, i32::from(kind.exit_code()), "{run:?}");
    assert_eq!(document["success"], false);
    document
}

#[test]
fn no_token() {
    let home = Home::new();
    is_failure(&home.triple(&["chats", "list", "--json"]), ErrorKind::TokenMissing);
    assert_run!(home.run(&["chats", "list"]), @r"
    exit: 4
    --- stdout
    --- stderr
    error: there is no access token
    hint: sign in at https://chat.qwen.ai, press F12, select Network, reload the page, right-click a request, choose Copy > Copy as cURL, and paste it into `qwenctl token set`; for 15 minutes, the value of `qwen_access_token_state` under Application > Local storage works as well (or set QWEN_TOKEN); to try qwenctl without an account, add `--local`
    ");
    assert_run!(home.run(&["token", "info", "--json"]), @r#"
    exit: 4
    --- stdout
    {"success":false,"error":"there is no access token","code":"token_missing","hint":"sign in at https://chat.qwen.ai, press F12, select Network, reload the page, right-click a request, choose Copy > Copy as cURL, and paste it into `qwenctl token set`; for 15 minutes, the value of `qwen_access_token_state` under Application > Local storage works as well (or set QWEN_TOKEN); to try qwenctl without an account, add `--local`"}
    --- stderr
    "#);
}

#[test]
fn an_unusable_or_expired_token() {
    let home = Home::new();
    let garbage = home.run(&["chats", "list", "--json"]).env("QWEN_TOKEN", "garbage").triple();
    is_failure(&garbage, ErrorKind::TokenInvalid);
    let old = token("old", -7_200);
    let info = home.run(&["token", "info", "--json"]).env("QWEN_TOKEN", &old).triple();
    let document = is_failure(&info, ErrorKind::TokenExpired);
    assert_eq!(document["source"], "environment");
    assert_run!(home.run(&["token", "info"]).env("QWEN_TOKEN", &old), @r"
    exit: 4
    --- stdout
    source	QWEN_TOKEN
    token	…[TAIL]
    account	[ID]
    kind	token of the kind before October 2026
    expired	[TIME] (2 hours ago)
    refresh token	none
    --- stderr
    error: the access token expired 2 hours ago
    hint: run `qwenctl token refresh`; if that fails, sign in at https://chat.qwen.ai again and run `qwenctl token set`
    ");
}

#[test]
fn an_unreachable_upstream_is_retried_and_reported() {
    let (_port, closed) = closed_port();
    let home = Home::at(&format!("http://{closed}"), &token("t", 90_000));
    let run = home.triple(&["chats", "list", "--json"]);
    is_failure(&run, ErrorKind::UpstreamUnreachable);
    assert_eq!(run.stderr.matches("retrying").count(), 2, "{}", run.stderr);
}

#[test]
fn causes_are_printed_with_verbose_only() {
    let (_port, closed) = closed_port();
    let home = Home::at(&format!("http://{closed}"), &token("t", 90_000));
    let verbose = home.triple(&["chats", "list", "-v"]);
    assert!(verbose.stderr.contains("\ncaused by: "), "{}", verbose.stderr);
    assert!(!home.triple(&["chats", "list"]).stderr.contains("caused by"));
    let json = home.triple(&["chats", "list", "-v", "--json"]);
    let document = is_failure(&json, ErrorKind::UpstreamUnreachable);
    assert!(document.get("causes").is_none() && !json.stdout.contains("caused by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_upstream_error_has_its_code() {
    let (_upstream, home) = local().await;
    for (fault, kind) in [
        ("F33", ErrorKind::RateLimited),
        ("F37", ErrorKind::ContextTooLong),
        ("F38", ErrorKind::ContentRefused),
        ("F39", ErrorKind::BrowserCheck),
        ("F22", ErrorKind::NotFound),
    ] {
        let prompt = format!("[[fault:{fault}]] hi");
        let quick = ["quick", "--new", "--force", &prompt];
        is_failure(&home.triple(&[&quick[..], &["--json"]].concat()), kind);
        let events = home.triple(&[&quick[..], &["-o", "ndjson"]].concat());
        let last = is_failure(&Triple { stdout: last_line(&events), ..events.clone() }, kind);
        assert_eq!(last["event"], "error", "{events:?}");
    }
    assert_run!(home.run(&["quick", "--new", "--force", "[[fault:F33]] hi"]), @r"
    exit: 6
    --- stdout
    --- stderr
    error: the quota of the account is used up: You've reached the upper limit for today's usage
    hint: try again in [TIME]
    ");
    assert_run!(home.run(&["quick", "--new", "--force", "[[fault:F33]] hi", "--json"]), @r#"
    exit: 6
    --- stdout
    {"success":false,"error":"the quota of the account is used up: You've reached the upper limit for today's usage","code":"rate_limited","request_id":"[ID]","retry_after":10800}
    --- stderr
    "#);
    assert_run!(home.run(&["quick", "--new", "--force", "[[fault:F39]] hi"]), @r"
    exit: 9
    --- stdout
    --- stderr
    error: the upstream requires a browser check
    hint: open https://chat.qwen.ai in your browser, complete the check, then copy the fresh token with `qwenctl token set` (and the cookie into `QWEN_COOKIE`)
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_prompt_leaves_no_new_chat() {
    let (_upstream, home) = local().await;
    let kept = chat_with_a_turn(&home);
    let chats = || home.triple(&["chats", "list"]).stdout;
    for prompt in ["F1", "F32", "F33", "F38", "F39", "F106", "F107"]
        .map(|fault| format!("[[fault:{fault}]] hi"))
    {
        let quick = ["quick", "--new", "--force", &prompt];
        for new in [&quick[..], &[&quick[..], &["--json"]].concat()] {
            let run = home.triple(new);
            assert_ne!(run.status, 0, "{prompt}: {run:?}");
            let chats = chats();
            assert_eq!((chats.lines().count(), &chats[..kept.len()]), (1, kept.as_str()));
        }
    }
    let wrong = home.triple(&["quick", "--new", "--force", "--model", "no-such-model", "hi"]);
    assert_eq!((wrong.status, chats().lines().count()), (2, 1), "{wrong:?}");
    // A chat that existed before stays, also if the prompt is refused.
    assert_eq!(home.triple(&["quick", "[[fault:F33]] hi"]).status, 6);
    assert_eq!(chats().lines().count(), 1);
    // Without any chat, `quick` makes one.
    assert_eq!(home.triple(&["chats", "delete", &kept, "--yes"]).status, 0);
    assert_eq!(home.triple(&["quick", "-m", "no-such-model", "hi"]).status, 2);
    assert_eq!(chats(), "");
    assert_eq!(home.triple(&["quick", "--force", "hi"]).status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_chat_that_others_use_meanwhile_is_not_deleted() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on("POST /api/v2/chats/new", bodies::envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, bodies::refusal("RateLimited", "upper limit"));
    let theirs = bodies::answer(bodies::R1, bodies::U1, "Hi");
    upstream.on(CHAT, bodies::one_turn(&theirs));

    let run = home.triple(&["quick", "--new", "hi", "--model", "m"]);

    assert_eq!(run.status, 6, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_chat_stays_after_an_unclear_failure() {
    // The prompt may appear late. An unexpected DELETE fails the test.
    let page = || Response::new("text/html", "<h1>504</h1>").status(504);
    for is_empty in [true, false] {
        let upstream = Upstream::start().await;
        let home = Home::with(&upstream);
        upstream.on("POST /api/v2/chats/new", bodies::envelope(json!({"id": C1})));
        upstream.always(COMPLETIONS, page);
        upstream.always(CHAT, move || if is_empty { bodies::empty_chat() } else { page() });
        let run = home.triple(&["quick", "--new", "hi", "--model", "m"]);
        assert_eq!(run.status, 7, "{run:?}");
        assert!(run.stderr.contains("chat: "), "{run:?}");
    }
    // Neither does a refusal of the second attempt say anything of the first one.
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on("POST /api/v2/chats/new", bodies::envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, page());
    upstream.on(COMPLETIONS, bodies::refusal("data_inspection_failed", "no"));
    upstream.always(CHAT, bodies::empty_chat);
    let run = home.triple(&["quick", "--new", "hi", "--model", "m"]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stderr.contains("may have been accepted"), "{run:?}");
}

fn last_line(run: &Triple) -> String {
    run.stdout.lines().last().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_chat() {
    let (_upstream, home) = local().await;
    for arguments in [
        &["chats", "show", C1, "--json"][..],
        &["chats", "delete", C1, "--yes", "--json"],
        &["chats", "rename", C1, "T", "--json"],
        &["send", C1, "hi", "--json"],
    ] {
        is_failure(&home.triple(arguments), ErrorKind::NotFound);
    }
    assert_run!(home.run(&["chats", "show", C1]), @r"
    exit: 5
    --- stdout
    --- stderr
    error: chat not found (it may have been deleted)
    hint: `qwenctl chats list` shows the ids of your chats
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, bodies::refusal("Bad_Request", "model not found"));
    let models = json!({"data": [{"id": "qwen-example-max", "name": "Q"}]}).to_string();
    upstream.always("GET /api/v2/models/", move || bodies::json(models.clone()));
    let run = home.triple(&["send", C1, "hi", "--model", "qwen-exmple-max", "--json"]);
    let document = is_failure(&run, ErrorKind::InvalidRequest);
    assert!(document["hint"].as_str().is_some_and(|hint| hint.contains("`qwen-example-max`")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unexpected_shape_is_an_error() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on(CHATS, bodies::json(r#"{"success":true,"request_id":"Q1"}"#));
    let document =
        is_failure(&home.triple(&["chats", "list", "--json"]), ErrorKind::UpstreamProtocol);
    assert_eq!(document["request_id"], "Q1");
    upstream.on(CHATS, bodies::json(r#"{"success":true,"request_id":"Q1"}"#));
    let verbose = home.triple(&["chats", "list", "-v"]);
    assert!(verbose.stderr.contains("request id: Q1"), "{}", verbose.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_upstream_times_out_and_names_the_flag() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.always(CHATS, Response::silence);
    let run = home.triple(&["chats", "list", "--json", "--idle-timeout", "100ms"]);
    let document = is_failure(&run, ErrorKind::Timeout);
    let hint = document["hint"].as_str().expect("a hint");
    assert!(hint.contains("--idle-timeout") && hint.contains("QWENCTL_IDLE_TIMEOUT"), "{hint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_answer_is_printed_and_fails() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let broken = || {
        frames::sse([
            frames::created().as_str(),
            &frames::d("Hal"),
            &frames::event(
                json!({"error": {"code": "Internal_Server_Error", "details": "x"}, "response_id": bodies::R1}),
            ),
        ])
    };
    upstream.always(CHAT, bodies::empty_chat);
    upstream.always(COMPLETIONS, broken);
    let run = home.triple(&["send", C1, "hi", "--model", "m", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    assert_eq!(document["partial"]["content"], "Hal");
    assert_ne!(run.status, 0);
    let run = home.triple(&["send", C1, "hi", "--model", "m"]);
    assert_eq!(run.stdout, "Hal\n");
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert_ne!(run.status, 0);
    let run = home.triple(&["send", C1, "hi", "--model", "m", "--no-stream"]);
    assert_eq!(run.stdout, "Hal\n");
    let run = home.triple(&["send", C1, "hi", "--model", "m", "-o", "ndjson"]);
    let events: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<_> =
        events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!(names, ["start", "delta", "error"]);
    assert_eq!(events[2]["partial"]["content"], "Hal");
}

#[tokio::test(flavor = "multi_thread")]
async fn f66_a_truncated_answer_is_recovered() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let cut = frames::sse([frames::created().as_str(), &frames::d("Hal")]).ending(Ending::Reset);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, cut);
    upstream.always(CHAT, || bodies::one_turn(&bodies::answer(bodies::R1, bodies::U1, "Hallo")));
    let run = home.triple(&["send", C1, "hi", "--model", "m"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "Hallo\n"), "{}", run.stderr);
}

#[test]
fn an_unusable_ca_file_is_named_and_ignored_by_the_local_upstream() {
    let mut home = Home::new();
    home.set("QWEN_TOKEN", &token("ca", 7 * 86_400));
    let run = home.triple(&["chats", "list", "--json", "--ca-file", "/nope"]);
    let document = is_failure(&run, ErrorKind::InvalidRequest);
    let error = document["error"].as_str().expect("a sentence");
    assert!(error.contains("/nope (named by --ca-file)"), "{error}");
    assert_eq!(home.triple(&["--local", "--ca-file", "/nope", "chats", "list"]).status, 0);
}

#[test]
fn fault_flags_are_refused_without_the_local_upstream() {
    let mut home = Home::new();
    home.set("QWEN_TOKEN", &token("fault", 7 * 86_400));
    for command in [&["chats", "list"][..], &["token", "info"], &["config", "path"], &["serve"]] {
        for flag in [["--fault", "F66"], ["--chunking", "byte"]] {
            let run = home.triple(&[command, &flag[..], &["--json"]].concat());
            let document = is_failure(&run, ErrorKind::InvalidRequest);
            let error = document["error"].as_str().expect("a sentence");
            assert_eq!(error, format!("`{}` only works with `--local`", flag[0]), "{command:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_title_is_reported() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.on("POST /api/v2/chats/new", bodies::envelope(json!({"id": C1})));
    upstream.on(&format!("POST /api/v2/chats/{C1}"), bodies::refusal("Bad_Request", "no"));
    let run = home.triple(&["chats", "new", "--title", "T", "--model", "m", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("one document");
    let hint = document["hint"].as_str().expect("a hint");
    assert!(hint.contains(&format!("the chat {C1} has been made")), "{hint}");
    assert_ne!(run.status, 0);
}

#[test]
fn an_expired_token_leaves_nothing_behind() {
    let mut home = Home::new();
    home.set("QWEN_TOKEN", &token("old", -7_200));
    let run = home.triple(&["chats", "list", "--json"]);
    is_failure(&run, ErrorKind::TokenExpired);
    let files = std::fs::read_dir(home.path()).expect("a directory").count();
    assert_eq!(files, 0, "something was written");
}
