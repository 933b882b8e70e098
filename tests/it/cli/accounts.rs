//! Several accounts on one machine, and what `token set` takes and refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::local;
use crate::support::cmd::{Home, Triple};
use crate::support::tokens::{now, token_of, token_with};

/// A token of the current kind.
fn access(account: &str, mark: &str, seconds: i64) -> String {
    let end = now() + seconds;
    token_with(&json!({"id": account, "type": "access_token", "iat": end - 900, "exp": end}), mark)
}

fn state(token: &str) -> String {
    json!({"version": 1, "stateId": "s1", "token": token, "expiresAt": (now() + 900) * 1000,
        "updatedAt": now() * 1000, "sourceId": "x"})
    .to_string()
}

#[track_caller]
fn set(home: &Home, arguments: &[&str], pasted: &str) -> Triple {
    let arguments = [&["token", "set"], arguments].concat();
    let run = home.run(&arguments).stdin(pasted.to_owned()).triple();
    assert_eq!(run.status, 0, "{run:?}");
    run
}

#[track_caller]
fn refused(home: &Home, pasted: &str) -> String {
    let run = home.run(&["token", "set"]).stdin(pasted.to_owned()).triple();
    assert_eq!(run.status, 4, "{run:?}");
    assert!(!home.path().join(".config").exists(), "something was stored");
    run.stderr
}

fn names(home: &Home) -> Vec<(String, bool)> {
    let list = home.triple(&["account", "list", "--json"]).json();
    let accounts = list["data"].as_array().expect("a list").iter();
    let name = |account: &Value| account["name"].as_str().expect("a name").to_owned();
    accounts.map(|account| (name(account), account["default"] == true)).collect()
}

/// The account id of the token in use.
fn owner(run: &Triple) -> String {
    let document = run.json();
    document["user"]["id"].as_str().unwrap_or_else(|| panic!("{run:?}")).to_owned()
}

#[test]
fn accounts_are_stored_chosen_and_removed_by_name() {
    let mut home = Home::new();
    assert_eq!(home.triple(&["account", "list", "--json"]).json()["data"], json!([]));
    set(&home, &[], &token_of("u1", "one", 7 * 86_400));
    set(&home, &["--account", "work"], &token_of("u2", "two", 7 * 86_400));
    assert_eq!(names(&home), [("default".to_owned(), true), ("work".to_owned(), false)]);
    let info = ["token", "info", "--json"];
    assert_eq!(owner(&home.triple(&info)), "u1");
    let named = home.triple(&["--account", "work", "token", "info", "--json"]);
    assert_eq!(named.json()["account"], "work");
    assert_eq!(owner(&named), "u2");
    assert_eq!(owner(&home.run(&info).env("QWENCTL_ACCOUNT", "work").triple()), "u2");

    let table = home.triple(&["account", "list"]);
    let rows: Vec<Vec<&str>> =
        table.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[1][..3], ["work", "no", "valid"], "{table:?}");

    home.run(&["account", "use", "work"]).stdout("the default account is `work`\n").check();
    assert_eq!(owner(&home.triple(&info)), "u2");
    fs::write(home.config_file(), "account = \"default\"\n").expect("a config file");
    assert_eq!(owner(&home.triple(&info)), "u1");
    fs::remove_file(home.config_file()).expect("a config file");

    // A named account comes before a token of the environment, which comes before the default one.
    home.set("QWEN_TOKEN", &token_of("u3", "three", 7 * 86_400));
    assert_eq!(owner(&home.triple(&info)), "u3");
    assert_eq!(owner(&home.triple(&["--account", "work", "token", "info", "--json"])), "u2");
    home.set("QWEN_TOKEN", "");

    let removed = home.triple(&["token", "remove"]);
    assert_eq!(removed.status, 0, "{removed:?}");
    assert!(
        removed.stdout.contains("`work`") && removed.stdout.contains("browser stays signed in")
    );
    // No other account takes its place unless it is called so.
    assert_eq!(owner(&home.triple(&info)), "u1");
    set(&home, &["--account", "third"], &token_of("u4", "four", 7 * 86_400));
    assert_eq!(home.triple(&["account", "remove", "default"]).status, 0);
    let undecided = home.triple(&info);
    assert_eq!(undecided.status, 2);
    assert_eq!(undecided.json()["error"], "there is no default account among `third`");
    assert_eq!(home.triple(&["account", "remove", "third"]).status, 0);
    assert_eq!(home.triple(&info).status, 4);
    home.run(&["token", "remove"]).stdout("no credentials are stored\n").check();
}

#[test]
fn unknown_and_invalid_names_are_refused() {
    let home = Home::new();
    let fresh = home.triple(&["--account", "work", "token", "info", "--json"]);
    assert_eq!(fresh.json()["code"], "token_missing");
    set(&home, &[], &token_of("u1", "one", 7 * 86_400));
    set(&home, &["--account", "work"], &token_of("u2", "two", 7 * 86_400));
    for arguments in [
        &["--account", "wrk", "token", "info"][..],
        &["--account", "wrk", "chats", "list"],
        &["account", "use", "wrk"],
        &["account", "remove", "wrk"],
        &["--account", "wrk", "token", "remove"],
    ] {
        let run = home.triple(arguments);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains("there is no account `wrk`"), "{run:?}");
        assert!(run.stderr.contains("did you mean `work`?"), "{run:?}");
        assert!(run.stderr.contains("`default`, `work`"), "{run:?}");
    }
    for name in ["", "../x", "a b", "é"] {
        for arguments in [&["account", "use", name][..], &["--account", name, "status"]] {
            let run = home.triple(arguments);
            assert_eq!(run.status, 2, "{run:?}");
            assert!(run.stderr.contains("letters, digits"), "{run:?}");
        }
    }
    let both = home.triple(&["--account", "work", "--token-file", "x", "status"]);
    assert_eq!(both.status, 2, "{both:?}");
    assert_eq!(home.triple(&["--local", "account", "list"]).status, 2);
}

#[test]
fn another_owner_under_the_same_name_is_reported() {
    let home = Home::new();
    set(&home, &[], &token_of("u1", "one", 7 * 86_400));
    assert_eq!(set(&home, &[], &token_of("u1", "again", 7 * 86_400)).stderr, "");
    let other = set(&home, &[], &token_of("u2", "two", 7 * 86_400));
    assert!(other.stderr.contains("`default` was another account before"), "{other:?}");
}

#[test]
fn f89_pasted_state_is_stored() {
    let home = Home::new();
    let run = set(&home, &["--json"], &state(&access("u1", "now", 800)));
    let document = run.json();
    assert_eq!((&document["kind"], &document["refreshable"]), (&json!("access"), &json!(false)));
    assert!(run.stderr.contains("to stay signed in, copy a request"), "{run:?}");
    let left = document["expires_in"].as_i64().expect("seconds");
    assert!((700..=800).contains(&left), "{left}");
}

#[test]
fn f89_unusable_state_is_refused_with_the_reason() {
    let home = Home::new();
    let old = refused(&home, &state(&access("u1", "old", -600)));
    assert!(old.contains("copied more than 15 minutes ago"), "{old}");
    assert!(old.contains("expired 10 minutes ago"), "{old}");
    assert!(refused(&home, &state("")).contains("without a token"));
    let newer = state(&access("u1", "v2", 800)).replace("\"version\":1", "\"version\":2");
    assert!(refused(&home, &newer).contains("version 2"));
}

#[test]
fn f90_long_session_token_is_stored_with_a_warning() {
    let home = Home::new();
    let payload = json!({"id": "u1", "iat": now(), "exp": now() + 14 * 86_400});
    let run = set(&home, &["--json"], &token_with(&payload, "session"));
    assert_eq!(run.json()["kind"], "session");
    assert!(run.stderr.contains("`qwen_access_token_state`"), "{run:?}");
}

#[test]
fn f95_credentials_that_do_not_belong_together_are_refused() {
    let home = Home::new();
    let (one, other) = (access("u1", "one", 800), access("u2", "two", 800));
    let mixed =
        refused(&home, &format!("{}\nCookie: token={other}; refresh_token=r1", state(&one)));
    assert!(mixed.contains("tokens of different accounts"), "{mixed}");
    let two = refused(&home, &format!("{one}\n{}", access("u1", "again", 700)));
    assert!(two.contains("two different access tokens"), "{two}");
    let foreign = format!("example.com\tFALSE\t/\tTRUE\t0\ttoken\t{one}\n");
    assert!(refused(&home, &foreign).contains("belongs to example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_cookie_alone_signs_in() {
    let (upstream, home) = local().await;
    let cookie = format!("refresh_token={}", upstream.refresh_token());
    let run = home.run(&["token", "set", "--json"]).without("QWEN_TOKEN").stdin(cookie).triple();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.json()["refreshable"], true);
    assert!(run.stderr.contains("close the browser window"), "{run:?}");
    let status = home.run(&["status"]).without("QWEN_TOKEN").triple();
    assert!(status.stdout.starts_with("signed in\naccount\tdefault\nkind\t"), "{status:?}");

    let dead = home.run(&["token", "set", "--account", "other"]).without("QWEN_TOKEN");
    let run = dead.stdin("refresh_token=made-up-value").triple();
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the service refuses the refresh token"), "{run:?}");
    assert_eq!(names(&home).len(), 1);
}

#[test]
fn token_files_of_any_kind_are_read_or_refused_with_the_reason() {
    let home = Home::new();
    let value = token_of("u1", "file", 7 * 86_400);
    let path = |name: &str| home.path().join(name);
    fs::create_dir(path("directory")).expect("a directory");
    fs::write(path("large"), "x".repeat(10 << 20)).expect("a file");
    fs::write(path("binary"), [0xff, 0xfe, 0x00]).expect("a file");
    fs::write(path("empty"), "").expect("a file");
    for (name, words) in [
        ("directory", "it is a directory"),
        ("large", "it is larger than 1 MiB"),
        ("binary", "it is not text"),
        ("empty", "is empty"),
        ("missing", "cannot read the token"),
    ] {
        let run = home.triple(&["--token-file", name, "token", "info"]);
        assert_eq!(run.status, 4, "{name}: {run:?}");
        assert!(run.stderr.contains(words), "{name}: {run:?}");
    }
    let large = home.run(&["token", "set"]).stdin("x".repeat(10 << 20)).triple();
    assert!(large.status != 0 && large.stderr.len() < 1000, "{}", large.stderr.len());

    let line = format!(
        "mkfifo pipe; (printf 'Cookie: cna=x; token=%s; refresh_token=r1' {value} > pipe &) ; \
         qwenctl --token-file pipe token info --json"
    );
    let end = home.shell(&line).output().expect("a shell");
    let document: Value = serde_json::from_slice(&end.stdout).expect("a document");
    assert_eq!((&document["source"], &document["refreshable"]), (&json!("flag"), &json!(true)));
}

#[test]
fn credentials_of_the_old_format_are_migrated_with_a_copy() {
    let home = Home::new();
    let (value, newer) = (token_of("u1", "old", 7 * 86_400), token_of("u1", "new", 8 * 86_400));
    let file = home.config_file().with_file_name("credentials.toml");
    let copy = home.config_file().with_file_name("credentials.toml.v1");
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    let old =
        format!("version = 1\n\n[account]\naccess_token = \"{value}\"\nrefresh_token = \"r1\"\n");
    fs::write(&file, &old).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let info = home.triple(&["token", "info", "--json"]).json();
    assert_eq!((&info["account"], &info["refreshable"]), (&json!("default"), &json!(true)));
    assert_eq!(fs::read_to_string(&file).expect("a file"), old, "reading changes nothing");

    set(&home, &["--account", "work"], &newer);
    assert_eq!(names(&home), [("default".to_owned(), true), ("work".to_owned(), false)]);
    assert_eq!(fs::read_to_string(&copy).expect("a copy"), old);
    let mode = fs::metadata(&copy).expect("a copy").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).expect("a file");
    assert!(
        text.contains("version = 2") && text.contains(&value) && text.contains("r1"),
        "migrated"
    );
    assert_eq!(home.triple(&["token", "remove"]).status, 0);
    assert!(!copy.exists(), "the copy has the removed credentials");
    assert!(!fs::read_to_string(&file).expect("a file").contains(&value));
}

#[test]
fn an_absent_keyring_is_an_error_and_stores_nothing() {
    let mut home = Home::new();
    let value = token_of("u1", "keyring", 7 * 86_400);
    let place = home.path().join("nowhere").display().to_string();
    for (bus, words) in [("", "there is no D-Bus session"), (&place, "cannot be reached")] {
        if !bus.is_empty() {
            home.set("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={bus}"));
        }
        let run = home.run(&["token", "set", "--keyring", "--json"]).stdin(value.clone()).triple();
        assert_eq!(run.status, 4, "{run:?}");
        let document = run.json();
        assert!(document["error"].as_str().is_some_and(|text| text.contains(words)), "{document}");
        assert!(document["hint"].as_str().is_some_and(|text| text.contains("--keyring")));
    }
    assert_eq!(names(&home), []);
    // An account that is there is not looked for elsewhere.
    let file = home.config_file().with_file_name("credentials.toml");
    fs::write(&file, "version = 2\n[accounts.default]\nkeyring = true\n").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let info = home.triple(&["token", "info"]);
    assert_eq!(info.status, 4, "{info:?}");
    let list = home.triple(&["account", "list", "--json"]).json();
    assert_eq!(list["data"][0]["storage"], "keyring");
    assert!(list["data"][0]["error"].is_string(), "{list}");
    let removed = home.triple(&["token", "remove"]);
    assert_eq!(removed.status, 0, "{removed:?}");
    assert!(removed.stderr.contains("the keyring cannot be reached"), "{removed:?}");
    set(&home, &[], &value);
}

#[test]
fn a_silent_keyring_times_out() {
    let mut home = Home::new();
    let path = home.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    home.set("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", path.display()));
    let began = std::time::Instant::now();
    let value = token_of("u1", "silent", 7 * 86_400);
    let run = home.run(&["token", "set", "--keyring"]).stdin(value).triple();
    assert!(run.status == 4 && run.stderr.contains("does not answer"), "{run:?}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert_eq!(names(&home), []);
}

#[test]
#[ignore = "needs a Secret Service on the session bus; .ci/run starts one"]
fn credentials_are_kept_in_the_keyring() {
    let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").expect("a session bus");
    let (mut home, mut other) = (Home::new(), Home::new());
    home.set("DBUS_SESSION_BUS_ADDRESS", &bus);
    other.set("DBUS_SESSION_BUS_ADDRESS", &bus);
    let file = home.config_file().with_file_name("credentials.toml");
    let (first, second) =
        (token_of("u1", "first", 7 * 86_400), token_of("u1", "second", 7 * 86_400));
    set(&home, &[], &first);
    let line = format!("cna=x; token={first}; refresh_token=r1");
    set(&home, &["--keyring"], &line);
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.contains("keyring = true") && !text.contains(&first), "only a mark");
    let info = home.triple(&["token", "info", "--json"]).json();
    assert_eq!((&info["user"]["id"], &info["refreshable"]), (&json!("u1"), &json!(true)));

    // It stays there, and apart from that of another file and another name.
    set(&home, &[], &second);
    assert!(!fs::read_to_string(&file).expect("a file").contains(&second));
    set(&other, &["--keyring"], &token_of("u2", "other", 7 * 86_400));
    set(&home, &["--account", "work", "--keyring"], &token_of("u3", "work", 7 * 86_400));
    assert_eq!(owner(&home.triple(&["token", "info", "--json"])), "u1");
    assert_eq!(owner(&home.triple(&["--account", "work", "token", "info", "--json"])), "u3");
    assert_eq!(owner(&other.triple(&["token", "info", "--json"])), "u2");

    assert_eq!(home.triple(&["token", "remove"]).status, 0);
    fs::write(&file, "version = 2\n[accounts.default]\nkeyring = true\n").expect("a file");
    let gone = home.triple(&["token", "info"]);
    assert!(gone.stderr.contains("the keyring has no credentials of `default`"), "{gone:?}");

    let lock = "dbus-send --session --print-reply --dest=org.freedesktop.secrets \
                /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock \
                array:objpath:/org/freedesktop/secrets/collection/login";
    let end = other.shell(lock).output().expect("dbus-send");
    assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
    for arguments in [&["token", "info"][..], &["token", "remove"]] {
        let run = other.triple(arguments);
        assert_eq!(run.status, 4, "{run:?}");
        assert!(run.stderr.contains("the keyring is locked"), "{run:?}");
    }
    let run = other.run(&["token", "set", "--keyring"]).stdin(second).triple();
    assert!(run.status == 4 && run.stderr.contains("the keyring is locked"), "{run:?}");
}
