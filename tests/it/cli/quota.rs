//! A used-up quota is remembered across runs.

use std::fs;

use serde_json::{Value, json};

use crate::support::bodies::{C1, empty_chat, envelope, json as body, quota, refusal};
use crate::support::cmd::{Home, Triple};
use crate::support::frames::whole;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS};

const NEW: &str = "POST /api/v2/chats/new";
const STATUS: &str = "GET /api/v2/users/user/settings";
const OLD_STATUS: &str = "GET /api/v2/users/status";

/// An upstream with an empty chat.
async fn upstream() -> (Upstream, Home) {
    let upstream = Upstream::start().await;
    upstream.always(CHAT, empty_chat);
    upstream.always(NEW, || envelope(json!({"id": C1})));
    upstream.always("DELETE /api/v2/chats/c0000000-0000-4000-8000-0000000000c1", || {
        envelope(json!({"status": true}))
    });
    for status in [STATUS, OLD_STATUS] {
        upstream.always(status, || envelope(json!(true)));
    }
    let home = Home::with(&upstream);
    (upstream, home)
}

/// A prompt to a new chat, as JSON.
fn ask(home: &Home, more: &[&str]) -> Triple {
    home.triple(&[&["quick", "--new", "Hello", "--json"], more].concat())
}

#[track_caller]
fn is_refused(run: &Triple) -> Value {
    assert_eq!(run.status, 6, "{run:?}");
    let document = run.json();
    assert_eq!(document["code"], "rate_limited", "{document}");
    let left = document["retry_after"].as_i64().expect("seconds");
    assert!((10_700..=10_800).contains(&left), "{document}");
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn used_up_quota_is_refused_without_a_request_until_a_success() {
    let (upstream, home) = upstream().await;
    upstream.on(COMPLETIONS, body(quota()));
    is_refused(&ask(&home, &["-m", "qwen-a"]));
    let connections = upstream.connections();

    for _ in 0..2 {
        let document = is_refused(&ask(&home, &["-m", "qwen-a"]));
        let error = document["error"].as_str().expect("text");
        assert!(error.contains("upper limit") && error.contains("`qwen-a`"), "{error}");
        assert!(document["hint"].as_str().is_some_and(|hint| hint.contains("--force")));
        is_refused(&home.triple(&["send", C1, "Hello", "--json", "-m", "qwen-a"]));
    }
    assert_eq!(upstream.connections(), connections);

    let status = home.triple(&["status", "--json"]).json();
    let quota = &status["quotas"][0];
    assert_eq!((&quota["model"], &quota["kind"]), (&json!("qwen-a"), &json!("prompt")), "{status}");
    assert!(quota["until"].as_i64() > quota["retry_after"].as_i64(), "{status}");
    let shown = home.triple(&["status"]).stdout;
    assert!(shown.contains("\nquota\tqwen-a used up until "), "{shown}");

    // Another model, and another account.
    for _ in 0..2 {
        upstream.on(COMPLETIONS, whole("Hi"));
    }
    assert_eq!(ask(&home, &["-m", "qwen-b"]).status, 0);
    let other = home.run(&["quick", "--new", "Hello", "-m", "qwen-a", "--json"]);
    assert_eq!(other.env("QWEN_TOKEN", &token_of_another()).triple().status, 0);
    is_refused(&ask(&home, &["-m", "qwen-a"]));

    upstream.on(COMPLETIONS, whole("Hi"));
    assert_eq!(ask(&home, &["-m", "qwen-a", "--force"]).status, 0);
    assert_eq!(home.triple(&["status", "--json"]).json().get("quotas"), None);
    upstream.on(COMPLETIONS, whole("Hi"));
    assert_eq!(ask(&home, &["-m", "qwen-a"]).status, 0);
}

/// A token of another account.
fn token_of_another() -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let own = token("other", 7 * 86_400);
    let mut parts = own.split('.');
    let (head, claims, end) = (parts.next(), parts.next(), parts.next());
    let claims = URL_SAFE_NO_PAD.decode(claims.expect("claims")).expect("Base64");
    let mut claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["id"] = json!("22222222-2222-4222-8222-222222222222");
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{claims}.{}", head.expect("a head"), end.expect("an end"))
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_without_a_model_are_refused_by_their_target() {
    let (upstream, home) = upstream().await;
    upstream.on(COMPLETIONS, body(quota()));
    is_refused(&home.triple(&["send", C1, "Hello", "--json"]));
    let connections = upstream.connections();

    is_refused(&home.triple(&["send", C1, "Hello", "--json"]));
    is_refused(&home.triple(&["send", &C1[..8], "Hello", "--json"]));
    is_refused(&home.triple(&["quick", "Hello", "--json"]));

    assert_eq!(upstream.connections(), connections);
    upstream.on(COMPLETIONS, whole("Hi"));
    assert_eq!(ask(&home, &["-m", "qwen-b"]).status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_seconds_are_not_remembered() {
    let (upstream, home) = upstream().await;
    upstream.on(COMPLETIONS, refusal("RateLimited", "服务繁忙，请稍后再试"));
    upstream.on(COMPLETIONS, refusal("RateLimited", "服务繁忙，请稍后再试"));
    assert_eq!(ask(&home, &["-m", "qwen-a"]).status, 6);
    upstream.on(COMPLETIONS, whole("Hi"));
    assert_eq!(ask(&home, &["-m", "qwen-a"]).status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_file_is_ignored_with_a_warning() {
    let (upstream, home) = upstream().await;
    upstream.on(COMPLETIONS, body(quota()));
    is_refused(&ask(&home, &["-m", "qwen-a"]));
    let file = home.path().join(".local/share/qwenctl/quotas.json");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    fs::write(&file, "{").expect("written");
    upstream.on(COMPLETIONS, whole("Hi"));

    let run = ask(&home, &["-m", "qwen-a"]);

    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.stderr.matches("quotas.json is damaged").count(), 1, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_over_the_size_limit_make_no_chat() {
    let (upstream, home) = upstream().await;
    let prompt = "x".repeat(190 << 10);

    let run = home
        .run(&["quick", "--new", "--long-as-file", "never", "-", "--json"])
        .stdin(prompt)
        .triple();

    assert_eq!((run.status, &run.json()["code"]), (3, &json!("context_too_long")), "{run:?}");
    let error = run.json()["error"].as_str().expect("text").to_owned();
    assert!(error.contains("prompt is too long") && error.contains("184320"), "{error}");
    assert_eq!(upstream.connections(), 0);

    upstream.on(COMPLETIONS, whole("Hi"));
    let prompt = "x".repeat(110 << 10);
    let run = home.run(&["send", C1, "-", "-m", "m", "--json"]).stdin(prompt).triple();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("bytes"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn end_without_a_named_time_is_a_guess() {
    let (upstream, home) = upstream().await;
    upstream.on(COMPLETIONS, refusal("quota_exhausted", "no more for today"));
    assert_eq!(ask(&home, &["-m", "qwen-a"]).status, 6);
    let status = home.triple(&["status", "--json"]).json();
    assert_eq!(status["quotas"][0]["is_estimate"], true, "{status}");
    let shown = home.triple(&["status"]).stdout;
    assert!(shown.contains("\nquota\tqwen-a used up until about "), "{shown}");
    assert!(shown.contains("(in about 1 day): "), "{shown}");
}
