//! The files under `completions/` are what `qwenctl completions SHELL` prints.

use std::path::Path;

use qwenctl::cli::args::{completion_files, completion_script};

/// Set to rewrite the files.
const UPDATE: &str = "UPDATE_COMPLETIONS";

#[test]
fn completions_are_up_to_date() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let update = std::env::var_os(UPDATE).is_some();
    let mut expected = Vec::new();
    for (shell, name) in completion_files() {
        let (path, script) = (directory.join(&name), completion_script(shell));
        if update {
            std::fs::create_dir_all(&directory).expect("completions/");
            std::fs::write(&path, &script).expect("a completion file");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == script,
            "completions/{name} is stale: run `{UPDATE}=1 cargo test --test it completions`"
        );
        expected.push(name);
    }
    let files = std::fs::read_dir(&directory).expect("completions/");
    for file in files {
        let name = file.expect("a file").file_name().into_string().expect("UTF-8");
        assert!(expected.contains(&name), "completions/{name} belongs to no shell");
    }
}

#[test]
fn the_command_prints_the_same_script() {
    let home = crate::support::cmd::Home::new();
    for (shell, _) in completion_files() {
        let shell = shell.to_string();
        let run = home.triple(&["completions", &shell]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let script = completion_script(shell.parse().expect("a shell"));
        assert!(run.stdout == script, "{shell}");
    }
}

#[test]
fn shells_offer_values_and_no_lone_dash() {
    let bash = completion_script(clap_complete::Shell::Bash);
    let (_, quick) = bash.split_once("qwenctl__subcmd__quick)\n").expect("quick");
    let quick = quick.split_once("\n            ;;\n        ").map_or(quick, |(block, _)| block);
    assert!(quick.contains("if [[ ${cur} == -* ]] ; then"), "{quick}");
    assert!(quick.contains("ollama lmstudio dashscope") && quick.contains("F1 F2 F3"), "{quick}");
    let (_, model) = quick.split_once("--model)\n").expect("--model");
    assert!(!model.lines().next().is_some_and(|line| line.contains("compgen -f")), "{model}");
    // A command with subcommands still offers them.
    let (_, chats) = bash.split_once("qwenctl__subcmd__chats)\n").expect("chats");
    assert!(chats.lines().nth(1).is_some_and(|line| line.contains("|| ${COMP_CWORD}")), "{chats}");
}
