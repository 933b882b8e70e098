//! What the shells complete with values of the account.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{chat_with_a_turn, local};
use crate::support::cmd::Home;

fn complete(home: &Home, words: &[&str]) -> String {
    let run = home.triple(&[&["__complete", "--"], words].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_completed_with_their_titles() {
    let (upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "Trip to Huế"]);
    let found = complete(&home, &["send", &id[..4]]);
    assert_eq!(found, format!("{id}\tTrip to Huế\n"));
    assert!(complete(&home, &["chats", "delete", id.as_str(), "la"]).starts_with("last\t"));
    assert_eq!(complete(&home, &["quick", "-m", "local-echo-pl"]), "local-echo-plus\n");
    assert_eq!(complete(&home, &["send", "zzz"]), "");
    // Without the upstream the ids of the cache are offered, and soon.
    upstream.shutdown().await;
    let begun = Instant::now();
    assert_eq!(complete(&home, &["send", &id[..4]]), found);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let cache = home.path().join(".local/share/qwenctl/completion/chats.json");
    assert_eq!(fs::metadata(cache).expect("a cache").permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_an_account_completion_is_silent() {
    let home = Home::new();
    for words in [&["send", ""][..], &["quick", "-m", ""], &["--config", "/nowhere/x", "send", ""]]
    {
        let values = complete(&home, words);
        assert!(values.is_empty() || values.starts_with("last"), "{values}");
    }
    assert_eq!(complete(&home, &["config", "set", "idl"]).split('\t').next(), Some("idle_timeout"));
    assert_eq!(complete(&home, &["chats", ""]), "");
    assert_eq!(complete(&home, &[]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_complete_values_by_their_scripts() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "Trip: to Hue"]);
    for (shell, file) in [("bash", "c.bash"), ("fish", "c.fish")] {
        let script = home.triple(&["completions", shell]).stdout;
        fs::write(home.path().join(file), script).expect("a script");
    }
    let line = format!(
        "source ./c.bash; COMP_WORDS=(qwenctl send {}); COMP_CWORD=2; COMP_TYPE=9; \
         _qwenctl_values qwenctl; printf '%s.' \"${{COMPREPLY[@]}}\"; \
         COMP_WORDS=(qwenctl sen); COMP_CWORD=1; _qwenctl_values qwenctl sen qwenctl; \
         printf '%s.' \"${{COMPREPLY[@]}}\"",
        &id[..4]
    );
    fs::write(home.path().join("run.bash"), line).expect("a script");
    let run = home.shell("bash run.bash").output().expect("bash");
    let shown = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(shown, format!("{id}.send."), "{}", String::from_utf8_lossy(&run.stderr));
    if Command::new("fish").arg("--version").output().is_err() {
        return;
    }
    let line = format!("source ./c.fish; complete -C 'qwenctl send {}'", &id[..4]);
    fs::write(home.path().join("run.fish"), line).expect("a script");
    let run = home.shell("fish run.fish").output().expect("fish");
    let shown = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(shown.contains(&format!("{id}\tTrip: to Hue\n")), "{shown}");
}
