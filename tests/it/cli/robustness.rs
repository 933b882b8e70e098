//! Conventions 1.21: strange surroundings make no panic.

use super::local;
use crate::support::cmd::Home;

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
