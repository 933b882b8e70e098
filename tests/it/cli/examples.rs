//! Conventions 1.23: every example in `--help` runs against the local upstream.

use super::{chat_with_a_turn, local};

/// The commands whose help is read.
const COMMANDS: [&str; 24] = [
    "",
    "chats",
    "chats list",
    "chats show",
    "chats delete",
    "chats new",
    "chats rename",
    "send",
    "quick",
    "chat",
    "token",
    "token set",
    "token info",
    "token refresh",
    "models",
    "status",
    "stats",
    "keys",
    "keys create",
    "local",
    "config",
    "config show",
    "completions",
    "man",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_example_in_the_help_runs() {
    let (_upstream, home) = local().await;
    let mut examples = 0;
    for command in COMMANDS {
        let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = home.triple(&words).stdout;
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
            let mut line = line.to_owned();
            if line.contains("CHAT_ID") {
                line = line.replace("CHAT_ID", &chat_with_a_turn(&home));
            }
            // A model that the local upstream does not have is only an example of a name.
            let line = line.replace("qwen3-max", "local-echo-max");
            let run =
                home.shell(&line).stdin(std::process::Stdio::null()).output().expect("a shell");
            let stderr = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.success(), "{command}: {line}\n{stderr}");
            examples += 1;
        }
    }
    assert!(examples > 30, "only {examples} examples were found");
}
