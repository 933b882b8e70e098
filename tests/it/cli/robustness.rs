//! Conventions 1.21: strange surroundings make no panic.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::local;
use crate::support::bodies::{envelope, row};
use crate::support::cmd::Home;
use crate::support::response::Response;
use crate::support::upstream::Upstream;
use crate::support::world::CHATS;

#[track_caller]
fn is_calm(stderr: &str) {
    assert!(!stderr.contains("panicked") && !stderr.contains("RUST_BACKTRACE"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_without_a_home_directory() {
    let (_upstream, home) = local().await;
    let list = home.run(&["chats", "list", "--json"]).without("HOME").env("LANG", "C").triple();
    assert_eq!(list.status, 0, "{}", list.stderr);
    let nowhere = Home::new();
    let command =
        |arguments: &[&str]| nowhere.run(arguments).env("HOME", "/dev/null/home").triple();
    for arguments in [
        &["chats", "list"][..],
        &["--local", "quick", "hi"],
        &["config", "path"],
        &["config", "show"],
        &["token", "info"],
        &["token", "refresh"],
    ] {
        let run = command(arguments);
        is_calm(&run.stderr);
        assert!([0, 1, 2, 4].contains(&run.status), "{arguments:?}: {run:?}");
    }
    let local = command(&["--local", "quick", "hi"]);
    assert!(local.status != 0 && local.stderr.contains("QWENCTL_DATA_DIR"), "{}", local.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_streams_cause_no_panic() {
    let (_upstream, home) = local().await;
    for (line, status) in [
        ("qwenctl quick --think hi 2>&-", 0),
        ("qwenctl quick --think hi >&-", 0),
        ("qwenctl chats list <&-", 0),
        ("qwenctl quick hi <&- >/dev/null", 0),
        ("qwenctl nonsense 2>&-", 2),
        ("qwenctl --help >&-", 0),
        ("qwenctl --help | true", 0),
    ] {
        let run = home.shell(line).output().expect("a shell");
        assert_eq!(
            run.status.code(),
            Some(status),
            "{line}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
        is_calm(&String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn a_broken_config_file_is_named_with_line_and_column() {
    let home = Home::new();
    std::fs::create_dir_all(home.config_file().parent().expect("a directory"))
        .expect("a directory");
    std::fs::write(home.config_file(), "model = \"m\"\napi_url = http\n").expect("a file");
    let run = home.triple(&["config", "show"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("config.toml") && run.stderr.contains("line 2"), "{}", run.stderr);
    assert_eq!(home.triple(&["config", "path"]).status, 0);
    std::fs::write(home.config_file(), "modle = \"m\"\n").expect("a file");
    let run = home.triple(&["config", "show"]);
    assert_eq!(run.status, 0);
    assert!(run.stderr.contains("warning: ") && run.stderr.contains("`model`"), "{}", run.stderr);
}

#[test]
fn arguments_that_are_not_utf8_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = Home::new();
    let mut command = home.command(crate::support::cmd::binary(), &["quick"]);
    let run = command.arg(std::ffi::OsStr::from_bytes(b"\xff")).output().expect("a run");
    assert_eq!(run.status.code(), Some(2));
    is_calm(&String::from_utf8_lossy(&run.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_moves_while_the_pages_are_read_is_listed() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let page = |rows: Vec<usize>| -> Response { envelope(rows.into_iter().map(row).collect()) };
    let moved: Vec<usize> = std::iter::once(125).chain(0..125).chain(126..133).collect();
    // The first page was read before the move, the others after it.
    upstream.on(CHATS, page((0..60).collect()));
    for _ in 0..2 {
        upstream.on(CHATS, page(moved[..60].to_vec()));
    }
    for number in 2..=6 {
        let rows: Vec<usize> = moved.iter().copied().skip((number - 1) * 60).take(60).collect();
        upstream.always(&format!("GET /api/v2/chats/?page={number}"), move || page(rows.clone()));
    }

    let list = home.triple(&["chats", "list", "--all", "--json"]).json();

    assert_eq!(list["data"].as_array().map(Vec::len), Some(133));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_an_end_is_an_error() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let next = AtomicUsize::new(0);
    upstream.always("GET /api/v2/chats/", move || {
        let first = next.fetch_add(60, Ordering::Relaxed);
        envelope((first..first + 60).map(row).collect())
    });

    let run = home.triple(&["chats", "list", "--all"]);

    assert!(run.status != 0 && run.stderr.contains("does not end"), "{run:?}");
    assert!(upstream.count("GET /api/v2/chats/") < 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_output_has_no_control_characters() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let mut chat = row(1);
    chat["title"] = json!("a\u{7f}\u{9b}2J\u{9d}b 你好");
    upstream.always(CHATS, move || envelope(json!([chat])));
    for format in ["json", "ndjson"] {
        let run = home.triple(&["chats", "list", "-o", format]);
        assert!(run.stdout.contains("a\\u007f\\u009b2J\\u009db 你好"), "{run:?}");
        assert!(!run.stdout.trim_end().contains(char::is_control), "{run:?}");
    }
}

#[test]
fn a_config_file_that_others_may_write_is_refused() {
    let home = Home::new();
    let file = home.config_file();
    fs::create_dir_all(file.parent().expect("a directory")).expect("created");
    fs::write(&file, "model = \"m\"\n").expect("written");
    for (mode, status) in [(0o666, 2), (0o602, 2), (0o644, 0), (0o600, 0)] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("set");
        let run = home.triple(&["config", "show"]);
        assert_eq!(run.status, status, "{mode:o}: {run:?}");
        assert_eq!(run.stderr.contains("can be written by other users"), status != 0, "{run:?}");
    }
}

#[test]
fn the_data_directory_is_private_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let home = Home::new();
        let line = format!("umask {umask}; qwenctl --local -q quick hi");
        let end = home.shell(&line).output().expect("a shell");
        assert!(end.status.success(), "{end:?}");
        let data = home.path().join(".local/share/qwenctl");
        assert_eq!(fs::metadata(&data).expect("there").mode() & 0o777, 0o700, "{umask}");
        for entry in fs::read_dir(&data).expect("readable") {
            let metadata = entry.expect("an entry").metadata().expect("there");
            assert_eq!(metadata.mode() & 0o077, 0, "{umask}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_standard_output_cannot_take_is_reported_on_standard_error() {
    let (_upstream, home) = local().await;
    for command in ["models", "quick hi", "chats list"] {
        for format in ["pretty", "json", "ndjson"] {
            let line = format!("qwenctl -o {format} {command} > /dev/full");
            let end = home.shell(&line).output().expect("a shell");
            let stderr = String::from_utf8_lossy(&end.stderr);
            let fault = "error: cannot write to standard output: No space left on device";
            assert_eq!(stderr.matches(fault).count(), 1, "{line}: {stderr}");
            assert_eq!(end.status.code(), Some(1), "{line}");
        }
    }
    let end = home.shell("qwenctl --json chats show nothing > /dev/full").output();
    let stderr = String::from_utf8(end.expect("a shell").stderr).expect("UTF-8");
    assert!(stderr.contains("`nothing` is not a chat id"), "{stderr}");
    assert!(stderr.contains("cannot write to standard output"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_no_proxy_are_reached_directly() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.always(CHATS, || envelope(json!([])));
    let host = upstream.origin().replace("http://", "");
    for list in ["*", "127.0.0.1", "127.0.0.0/8", &host] {
        for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "QWENCTL_PROXY"] {
            // Nothing listens there.
            let run = home.run(&["-q", "chats", "list"]).env(proxy, "http://127.0.0.1:9");
            let run = run.env("NO_PROXY", list).triple();
            assert_eq!(run.status, 0, "{list} {proxy}: {run:?}");
        }
    }
    let run = home.run(&["-q", "--max-time", "1", "chats", "list"]);
    let run = run.env("QWENCTL_PROXY", "http://127.0.0.1:9").env("NO_PROXY", "other.example");
    assert_ne!(run.triple().status, 0);
}
