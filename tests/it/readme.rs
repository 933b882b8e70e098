//! README is held against the code: its tables are made from it, and its examples are run.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::CommandFactory;
use qwenctl::cli::args::Args;
use qwenctl::domain::{ErrorKind, Scope};
use qwenctl::settings::SETTINGS;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(path()).expect("README.md")
}

/// The text with the block between the marks of `name` replaced.
fn with_block(text: &str, name: &str, block: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (head, rest) = text.split_once(&start).expect(name);
    let (_, tail) = rest.split_once(&end).expect(name);
    format!("{head}{start}{block}{end}{tail}")
}

fn exit_codes() -> String {
    let mut table = "| exit | code | when |\n|---:|---|---|\n| 0 | | it worked |\n".to_owned();
    for kind in ErrorKind::ALL {
        let _ = writeln!(table, "| {} | `{}` | {} |", kind.exit_code(), kind.code(), kind.when());
    }
    table
}

fn settings() -> String {
    let code = |text: Option<&str>| text.map(|text| format!("`{text}`")).unwrap_or_default();
    let mut table =
        "| key | variable | flag | default | what it is |\n|---|---|---|---|---|\n".to_owned();
    for spec in SETTINGS {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            code(spec.key()),
            code(Some(spec.variable)),
            code(spec.flag),
            spec.default,
            spec.doc
        );
    }
    table
}

fn scopes() -> String {
    let mut table = "| scope | allows to |\n|---|---|\n".to_owned();
    for scope in Scope::ALL {
        let _ = writeln!(table, "| `{scope}` | {} |", scope.about());
    }
    table
}

/// What becomes of the parameters of the compatible APIs.
fn parameters() -> String {
    let mut text = String::new();
    for (route, params) in qwenctl::server::parameters() {
        let _ = writeln!(
            text,
            "\n`POST {route}`\n\n| parameter | what becomes of it | |\n|---|---|---|"
        );
        for param in params.iter().copied().flatten() {
            let _ =
                writeln!(text, "| `{}` | {} | {} |", param.name, param.fate.word(), param.about);
        }
    }
    text
}

fn commands() -> String {
    let mut table = "| command | does |\n|---|---|\n".to_owned();
    list(&Args::command(), "", &mut table);
    table
}

fn list(command: &clap::Command, above: &str, table: &mut String) {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{above}{}", command.get_name());
        if command.has_subcommands() {
            list(command, &format!("{name} "), table);
            continue;
        }
        let mut usage = name;
        for argument in command.get_positionals() {
            let value = argument.to_string();
            let _ = write!(usage, " {}", value.replace(['<', '>'], ""));
        }
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(table, "| `{usage}` | {about} |");
    }
}

/// The flags of `serve` that limit something or have a default.
fn serve_flags() -> String {
    let tree = Args::command();
    let serve = tree.find_subcommand("serve").expect("serve");
    let mut table = "| flag | default | what it is |\n|---|---|---|\n".to_owned();
    for argument in serve.get_arguments().filter(|argument| !argument.is_global_set()) {
        let Some(default) = argument.get_default_values().first() else { continue };
        let flag = argument.get_long().expect("a long flag");
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let default = default.to_str().expect("UTF-8");
        let _ = writeln!(table, "| `--{flag}` | {default} | {help} |");
    }
    table
}

#[test]
fn the_tables_say_what_the_code_says() {
    let text = readme();
    let mut made = text.clone();
    for (name, block) in [
        ("commands", commands()),
        ("scopes", scopes()),
        ("exit codes", exit_codes()),
        ("parameters", parameters()),
        ("settings", settings()),
        ("serve flags", serve_flags()),
    ] {
        made = with_block(&made, name, &block);
    }
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path(), &made).expect("README.md is writable");
        return;
    }
    assert!(text == made, "README.md is stale: run `UPDATE_README=1 cargo test readme`");
}

/// The commands of a block, each with the output that stands below it.
fn examples(block: &str) -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => examples.push((command.to_owned(), String::new())),
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => panic!("output without a command: {line}"),
        }
    }
    examples
}

/// Whether `line` is `pattern`, in which `…` stands for anything.
fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Runs the commands of a block in one shell, and cuts its output at a mark after each.
fn run(commands: &[&str], home: &std::path::Path) -> Vec<String> {
    const MARK: &str = "--- end of an example ---";
    let binaries = assert_cmd::cargo::cargo_bin("qwenctl");
    let directory = binaries.parent().expect("the binary is in a directory");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(directory.to_owned()).chain(std::env::split_paths(&path));
    let script: String =
        commands.iter().flat_map(|command| [command, "\necho '", MARK, "'\n"]).collect();
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .env_clear()
        .env("PATH", std::env::join_paths(path).expect("a path"))
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut outputs: Vec<String> = text.split(&format!("{MARK}\n")).map(str::to_owned).collect();
    outputs.pop();
    outputs
}

#[test]
#[ignore = "needs bash and jq: .ci/run installs them and runs it"]
fn the_examples_do_what_they_show() {
    let text = readme();
    let blocks: Vec<&str> =
        text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 2, "README has examples");
    for block in blocks {
        let home = tempfile::tempdir().expect("a directory");
        let examples = examples(block);
        let commands: Vec<&str> = examples.iter().map(|(command, _)| command.as_str()).collect();
        let outputs = run(&commands, home.path());
        assert_eq!(outputs.len(), examples.len(), "{outputs:#?}");
        for ((command, expected), output) in examples.iter().zip(outputs) {
            let banner = "local upstream: made-up answers, no account, no network";
            let shown: Vec<&str> = output
                .lines()
                .filter(|line| *line != banner && !line.starts_with("chat: "))
                .collect();
            let expected: Vec<&str> = expected.lines().collect();
            let alike = shown.len() == expected.len()
                && expected.iter().zip(&shown).all(|(pattern, line)| matches(pattern, line));
            assert!(alike, "$ {command}\nexpected {expected:#?}\ngot {shown:#?}");
        }
    }
}

#[test]
fn patterns_match_what_they_should() {
    assert!(
        matches("a", "a")
            && matches("…", "")
            && matches("a…c", "abc")
            && matches("…\tb\t…", "x\tb\ty")
    );
    assert!(!matches("a", "ab") && !matches("a…c", "ab") && !matches("…b…c", "ac"));
}
