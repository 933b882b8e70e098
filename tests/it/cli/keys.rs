//! `keys`: made, listed, revoked; and what `serve` makes of them.

use std::os::unix::fs::MetadataExt as _;

use serde_json::{Value, json};

use crate::support::cmd::Home;

fn json_of(home: &Home, arguments: &[&str], status: i32) -> Value {
    let run = home.triple(&[arguments, &["--json"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (status, ""), "{arguments:?}: {run:?}");
    serde_json::from_str(&run.stdout).expect("a document")
}

#[test]
fn a_key_is_shown_once_and_kept_as_a_hash() {
    let home = Home::new();
    let made = home.triple(&["keys", "create", "laptop", "--scope", "read", "--expires", "90d"]);
    assert_eq!(made.status, 0, "{made:?}");
    let key = made.stdout.trim();
    assert!(key.starts_with("qk-") && key.len() == 35, "{key}");
    assert!(made.stderr.contains("only this once") && !made.stderr.contains(key));

    let file = home.path().join(".config/qwenctl/keys.toml");
    let metadata = std::fs::metadata(&file).expect("a file");
    assert_eq!(metadata.mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(&file).expect("a text").contains(key));
    let list = home.triple(&["keys", "list"]);
    let columns: Vec<&str> = list.stdout.trim_end().split('\t').collect();
    assert_eq!(columns[1..4], ["laptop", &format!("qk-…{}", &key[31..]), "read"], "{list:?}");
    assert!(!list.stdout.contains(key));

    let listed = json_of(&home, &["keys", "list"], 0);
    let row = &listed["data"][0];
    assert_eq!(
        (&listed["total"], &row["name"], &row["limits"]),
        (&json!(1), &json!("laptop"), &json!([]))
    );
    let lasts =
        row["expires_at"].as_i64().expect("a time") - row["created_at"].as_i64().expect("a time");
    assert_eq!(lasts, 90 * 86_400);

    let id = row["id"].as_str().expect("an id").to_owned();
    home.run(&["keys", "revoke", &id]).stdout(&format!("revoked laptop ({id})\n")).check();
    assert_eq!(json_of(&home, &["keys", "list"], 0)["data"], json!([]));
    assert_eq!(json_of(&home, &["keys", "revoke", &id], 5)["code"], "not_found");
}

#[test]
fn limits_and_scopes_are_kept() {
    let home = Home::new();
    let arguments = [
        "keys",
        "create",
        "ci",
        "--limit",
        "20/minute",
        "--limit",
        "100 per day",
        "--scope",
        "admin",
    ];
    let made = json_of(&home, &arguments, 0);
    let data = &made["data"];
    assert_eq!(data["limits"], json!(["20 per minute", "100 per day"]));
    assert_eq!((&data["scope"], &data["expires_at"]), (&json!("admin"), &json!(null)));
    assert!(data["key"].as_str().is_some_and(|key| key.starts_with("qk-")));
    assert_eq!(json_of(&home, &["keys", "create", "ci"], 2)["code"], "invalid_request");
}

#[test]
fn invalid_arguments_are_refused() {
    let home = Home::new();
    for (bad, words) in [
        (&["--limit", "often"][..], "20 per minute"),
        (&["--scope", "root"], "admin"),
        (&["--expires", "soon"], "90d"),
        (&["--expires", "2001-01-01"], "in the past"),
    ] {
        let run = home.triple(&[&["keys", "create", "n"], bad].concat());
        assert_eq!(run.status, 2, "{bad:?}: {run:?}");
        assert!(run.stderr.contains(words), "{bad:?}: {}", run.stderr);
    }
    for name in ["", "a\nb"] {
        assert_eq!(home.triple(&["keys", "create", name]).status, 2, "{name:?}");
    }
    assert!(!home.path().join(".config").exists(), "nothing was written");
}

async fn status(url: &str, key: Option<&str>) -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.get(format!("{url}/api/chats"));
    let request = match key {
        Some(key) => request.bearer_auth(key),
        None => request,
    };
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_needs_a_key_on_the_network_and_rejects_a_revoked_one() {
    let home = Home::new();
    let open = ["serve", "--local", "--port", "0", "--json", "--host", "0.0.0.0"];
    for arguments in [&open[..], &["serve", "--local", "--port", "0", "--require-key", "--json"]] {
        let refused: Value =
            serde_json::from_str(&home.triple(arguments).stdout).expect("a document");
        assert_eq!(refused["code"], "invalid_request");
        let hint = refused["hint"].as_str().expect("a hint");
        assert!(hint.contains("qwenctl keys create"), "{hint}");
    }
    let key = home.triple(&["keys", "create", "phone"]).stdout.trim().to_owned();
    let mut run = home.start(&[&open[..], &["--require-key"]].concat());
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address").replace("0.0.0.0", "127.0.0.1");
    assert_eq!(status(&url, None).await, 401);
    assert_eq!(status(&url, Some(&key)).await, 200);
    assert_eq!(home.triple(&["keys", "revoke", "phone"]).status, 0);
    assert_eq!(status(&url, Some(&key)).await, 401);
    let other = home.triple(&["keys", "create", "phone"]).stdout.trim().to_owned();
    assert_eq!(status(&url, Some(&other)).await, 200, "a new one is known at once, too");
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0);
    assert!(!end.stderr.contains(&key) && !end.stderr.contains(&other), "{}", end.stderr);
}

#[test]
fn a_short_session_secret_is_refused() {
    let home = Home::new();
    let run =
        home.run(&["serve", "--local", "--port", "0"]).env("SECRET_KEY", "your-secret-key-here");
    let end = run.triple();
    assert_eq!(end.status, 2);
    assert!(
        end.stderr.contains("SECRET_KEY") && end.stderr.contains("openssl rand"),
        "{}",
        end.stderr
    );
    assert!(!end.stderr.contains("your-secret"), "{}", end.stderr);
}
