//! Conventions 1.16 to 1.19: tokens come in, and never out.

use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::support::bodies::{self, C1};
use crate::support::cmd::{Home, Triple};
use crate::support::frames;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{AUTHS, CHAT, CHATS, COMPLETIONS, REFRESH, WHOAMI};

#[test]
fn line_16_a_pasted_token_is_cleaned_stored_and_shown_masked() {
    let home = Home::new();
    let value = token("pasted", 7 * 86_400);
    for pasted in
        [value.clone(), format!("\u{200b}\"Bearer {value}\"\n"), format!("a=b; token={value}; c=d")]
    {
        let run = home.run(&["token", "set", "--json"]).stdin(pasted).triple();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
        let info = home.triple(&["token", "info", "--json"]);
        let document: Value = serde_json::from_str(&info.stdout).expect("a document");
        assert_eq!((&document["source"], info.status), (&json!("stored"), 0));
    }
    let file = home.path().join(".config/qwenctl/credentials.toml");
    assert!(std::fs::read_to_string(&file).expect("a file").contains(&value));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .expect("a mode");
    let refused = home.triple(&["chats", "list"]);
    assert_eq!(refused.status, 4);
    assert!(refused.stderr.contains("chmod"), "{}", refused.stderr);
}

#[test]
fn line_16_an_invalid_token_is_refused() {
    let home = Home::new();
    let run = home.run(&["token", "set"]).stdin("not a token").triple();
    assert_eq!(run.status, 4);
    assert!(
        run.stderr.contains("three parts") && run.stderr.contains("chat.qwen.ai"),
        "{}",
        run.stderr
    );
    let expired = home.run(&["token", "set"]).stdin(token("old", -60)).triple();
    assert_eq!(expired.status, 4);
    assert!(!home.path().join(".config").exists(), "something was stored");
}

#[test]
fn two_lines_set_both_tokens() {
    let home = Home::new();
    let both = format!("{}\nrefresh-{}\n", token("both", 900), "value");
    let run = home.run(&["token", "set", "--with-refresh", "--json"]).stdin(both).triple();
    let document: Value = serde_json::from_str(&run.stdout).expect("a document");
    assert_eq!((run.status, &document["refreshable"]), (0, &json!(true)));
    let alone = home.run(&["token", "set", "--with-refresh"]).stdin(token("one", 900)).triple();
    assert_eq!(alone.status, 2);
}

#[test]
fn line_18_the_origin_of_the_token_is_shown() {
    let home = Home::new();
    let value = token("source", 7 * 86_400);
    std::fs::write(home.path().join("token"), &value).expect("a file");
    let source = |run: Triple| -> Value {
        let document: Value = serde_json::from_str(&run.stdout).expect("a document");
        document["source"].clone()
    };
    let info = ["token", "info", "--json"];
    assert_eq!(source(home.run(&info).env("QWEN_TOKEN", &value).triple()), "environment");
    assert_eq!(source(home.triple(&["token", "info", "--json", "--token-file", "token"])), "flag");
    let piped = home.run(&["token", "info", "--json", "--token-file", "-"]).stdin(value.clone());
    assert_eq!(source(piped.triple()), "flag");
    assert_eq!(home.run(&["token", "set"]).stdin(value).triple().status, 0);
    assert_eq!(source(home.triple(&info)), "stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_18_a_token_that_expires_soon_warns_once_a_day() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || bodies::envelope(json!([])));
    let home = Home::at(&upstream.origin(), &token("soon", 5 * 3_600 + 60));
    let first = home.triple(&["chats", "list"]).stderr;
    assert!(first.contains("warning: the access token expires in 5 hours"), "{first}");
    assert_eq!(home.triple(&["chats", "list"]).stderr, "no chats\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_19_a_token_is_never_printed() {
    let (upstream, home) = local().await;
    let value = upstream.token();
    let id = chat_with_a_turn(&home);
    let mut seen = String::new();
    let commands: [&[&str]; 14] = [
        &["-v", "chats", "list"],
        &["-v", "send", &id, "hi", "--think", "--search"],
        &["-v", "quick", "[[fault:F39]]"],
        &["-v", "quick", "[[fault:F1]]"],
        &["-v", "token", "info", "--check"],
        &["-v", "token", "refresh", "--json"],
        &["config", "show", "--origin"],
        &["stats", "--json"],
        &["token", "set", &value],
        &["token", "set", &value, "--json"],
        &["--token", &value, "status"],
        &[&format!("--token={value}"), "status"],
        &["--api-url", "http://127.0.0.1:9", "-v", "--connect-timeout", "50ms", "status"],
        &["quick", "--model", "m", "--token-file", &value, "hi"],
    ];
    for arguments in commands {
        let Triple { stdout, stderr, .. } = home.triple(arguments);
        seen += &(stdout + &stderr);
    }
    assert!(seen.len() > 1_000, "the commands said next to nothing");
    let payload = value.split('.').nth(1).expect("a payload");
    for part in [value.as_str(), payload, &value[value.len() - 12..]] {
        assert!(!seen.contains(part), "{}", seen.replace(part, "<<<THE TOKEN>>>"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refreshed_token_is_stored_and_printed_masked() {
    let upstream = Upstream::start().await;
    let (old, new) = (token("old", 7 * 86_400), token("new", 8 * 86_400));
    let mut home = Home::new();
    home.set("QWEN_API_URL", &format!("{}/api", upstream.origin()));
    home.set("QWEN_AUTH_URL", &upstream.origin());
    assert_eq!(home.run(&["token", "set"]).stdin(old).triple().status, 0);
    upstream.on(REFRESH, bodies::unauthorized());
    upstream.on(AUTHS, bodies::account(&new));
    let run = home.triple(&["token", "refresh", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("a document");
    assert_eq!((run.status, &document["user"]["id"]), (0, &json!(bodies::USER)));
    assert!(!run.stdout.contains(&new));
    let file = home.path().join(".config/qwenctl/credentials.toml");
    assert!(std::fs::read_to_string(file).expect("a file").contains(&new));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_chat_is_deleted_with_a_refreshed_token() {
    let upstream = Upstream::start().await;
    let mut home = Home::at(&upstream.origin(), &token("old", 900));
    home.set("QWEN_REFRESH_TOKEN", "r1");
    let new = token("new", 900);
    let delete = format!("DELETE /api/v2/chats/{C1}");
    upstream.on("POST /api/v2/chats/new", bodies::envelope(json!({"id": C1})));
    upstream.on(COMPLETIONS, frames::whole("ok"));
    // In both forms.
    upstream.on(&delete, bodies::unauthorized());
    upstream.on(&delete, bodies::unauthorized());
    upstream.on(REFRESH, bodies::envelope(json!({"access_token": new, "refresh_token": "r2"})));
    upstream.on(&delete, bodies::envelope(json!({"status": true})));
    let arguments = ["-q", "quick", "--ephemeral", "hi", "--model", "m"];
    home.run(&arguments).stdout("ok\n").check();
    let cookie = format!("token={new}");
    assert_eq!(upstream.requests(&delete)[2].header("cookie"), Some(cookie.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_on_standard_input_is_not_the_message() {
    let upstream = Upstream::start().await;
    let mut home = Home::at(&upstream.origin(), "");
    let value = token("piped", 7 * 86_400);
    upstream.on(WHOAMI, bodies::account(""));
    let check = ["token", "info", "--check", "--token-file", "-"];
    let run = home.run(&check).without("QWEN_TOKEN").stdin(value.clone()).triple();
    assert_eq!(run.status, 0, "{}", run.stderr);
    upstream.on(REFRESH, bodies::unauthorized());
    upstream.on(AUTHS, bodies::account(&value));
    home.set("QWENCTL_TOKEN_FILE", "-");
    let refresh = home.run(&["token", "refresh"]).without("QWEN_TOKEN").stdin(value.clone());
    let run = refresh.triple();
    assert_eq!(run.status, 0, "{}", run.stderr);

    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, frames::whole("ok"));
    let send = ["-q", "send", C1, "hi", "--model", "m"];
    home.run(&send).without("QWEN_TOKEN").stdin(value.clone()).stdout("ok\n").check();
    let prompt = upstream.request(COMPLETIONS).json();
    assert_eq!(prompt["messages"][0]["content"], "hi");
    let dash = home.run(&["send", C1, "-"]).without("QWEN_TOKEN").stdin(value.clone()).triple();
    assert_eq!(dash.status, 2);
    assert!(dash.stderr.contains("standard input holds the access token"), "{}", dash.stderr);
    let set = home.run(&["token", "set"]).without("QWEN_TOKEN").stdin(value).triple();
    assert_eq!(set.status, 0, "{}", set.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_shows_before_the_refresh_token_is_used() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let both = format!("{}\nrefresh-value\n", token("full", 900));
    assert_eq!(home.run(&["token", "set", "--with-refresh"]).stdin(both).triple().status, 0);
    // Files of at most 512 bytes: the lock and an empty file fit. The upstream expects no request.
    let line = "ulimit -f 1; trap '' XFSZ; unset QWEN_TOKEN; qwenctl token refresh";
    let end = home.shell(line).output().expect("a shell");
    let stderr = String::from_utf8_lossy(&end.stderr);
    assert!(!end.status.success() && stderr.contains("cannot store the tokens"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echoed_token_is_shown_nowhere() {
    let value = token("echoed", 7 * 86_400);
    let signature = value.rsplit('.').next().expect("a part").to_owned();
    for echoed in [&value, &signature] {
        let upstream = Upstream::start().await;
        let home = Home::at(&upstream.origin(), &value);
        let data = json!({"code": "Bad_Request", "details": format!("no {echoed}!")});
        let body = json!({"success": false, "request_id": echoed, "data": data}).to_string();
        upstream.on(CHATS, bodies::json(body).header("X-Request-Id", echoed));
        let run = home.triple(&["chats", "list", "--json", "-v"]);
        assert!(run.status != 0 && run.stdout.contains("no …!"), "{run:?}");
        assert!(!format!("{run:?}").contains(signature.as_str()), "{run:?}");
    }
}
