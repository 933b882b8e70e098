//! Checks README: its tables are generated from the code, its examples are run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use qwenctl::cli::{TOPICS, Topic};
use qwenctl::domain::ErrorKind;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    std::fs::read_to_string(path()).expect("README.md")
}

/// `text` with the block between the comments of `name` replaced.
fn with_block(text: &str, name: &str, block: &str) -> String {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (head, rest) = text.split_once(&start).expect(name);
    let (_, tail) = rest.split_once(&end).expect(name);
    format!("{head}{start}{block}{end}{tail}")
}

/// One row for each exit code.
fn exit_codes() -> String {
    let mut codes = BTreeMap::<u8, Vec<String>>::new();
    for kind in ErrorKind::ALL {
        codes.entry(kind.exit_code()).or_default().push(format!("`{}`", kind.code()));
    }
    let mut table = "| exit code | error code |\n|---:|---|\n| 0 | success |\n".to_owned();
    for (exit_code, codes) in codes {
        let _ = writeln!(table, "| {exit_code} | {} |", codes.join(", "));
    }
    table
}

fn topics() -> String {
    let mut table = "| command | content |\n|---|---|\n".to_owned();
    for Topic { name, about, .. } in TOPICS {
        let _ = writeln!(table, "| `qwenctl help {name}` | {about} |");
    }
    table
}

#[test]
fn the_tables_match_the_code() {
    let text = readme();
    let mut made = text.clone();
    for (name, block) in [("exit codes", exit_codes()), ("topics", topics())] {
        made = with_block(&made, name, &block);
    }
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path(), &made).expect("README.md is writable");
        return;
    }
    assert!(text == made, "README.md is stale: run `UPDATE_README=1 cargo test readme`");
}

/// The commands of a block, each with the output below it.
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

/// Whether `line` matches `pattern`, in which `…` matches any text.
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

/// Runs the commands of a block in one shell; the output of each.
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
#[ignore = "needs bash and jq; .ci/run installs both"]
fn the_examples_print_what_they_show() {
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
fn an_ellipsis_matches_any_text() {
    assert!(
        matches("a", "a")
            && matches("…", "")
            && matches("a…c", "abc")
            && matches("…\tb\t…", "x\tb\ty")
    );
    assert!(!matches("a", "ab") && !matches("a…c", "ab") && !matches("…b…c", "ac"));
}
