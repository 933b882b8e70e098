//! The `qwenctl` binary, run in a home directory of its own. A [`Cmd`] compares exit code, standard
//! output and standard error at once: what a test does not name must be empty (or 0).

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::tokens::token;
use super::upstream::Upstream;

/// A temporary home directory, and the variables of every run in it.
pub struct Home {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    /// An empty one: no token, no config file.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self { directory, variables: Vec::new() }
    }

    /// One whose commands talk to `upstream`, with a token that is good for a week.
    pub fn with(upstream: &Upstream) -> Self {
        Self::at(&upstream.origin(), &token("cli", 7 * 86_400))
    }

    /// One whose commands talk to the upstream at `origin`, with `token`.
    pub fn at(origin: &str, token: &str) -> Self {
        let mut home = Self::new();
        home.set("QWEN_API_URL", &format!("{origin}/api"));
        home.set("QWEN_AUTH_URL", origin);
        home.set("QWEN_TOKEN", token);
        home
    }

    /// Sets a variable for every run.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable from every run.
    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the config file belongs.
    pub fn config_file(&self) -> PathBuf {
        self.path().join(".config/qwenctl/config.toml")
    }

    /// A run with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Cmd<'_> {
        Cmd {
            home: self,
            command: self.command(binary(), arguments),
            stdin: None,
            expected: Triple::default(),
        }
    }

    /// The exit code and output of a run, without a comparison.
    pub fn triple(&self, arguments: &[&str]) -> Triple {
        self.run(arguments).triple()
    }

    /// A line for `sh`, in which `qwenctl` is the binary.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = self.command("sh", &["-c", line]);
        let directory = binary().parent().expect("a directory").to_owned();
        let others = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{others}", directory.display()));
        command
    }

    /// `program` in this home, with only `PATH` of the test's own environment.
    pub fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path());
        command
    }

    /// Starts a run with piped standard output and error.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(binary(), arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().expect("the binary starts"))
    }

    /// The same with an open standard input.
    pub fn start_with_stdin(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(binary(), arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.spawn().expect("the binary starts"))
    }
}

/// The binary under test.
pub fn binary() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("qwenctl").to_owned()
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triple {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Triple {
    /// Standard output as a JSON document.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The three parts as one text, without the path of the home directory.
    pub fn text(&self, home: &Path) -> String {
        let Self { status, stdout, stderr } = self;
        let text = format!("exit: {status}\n--- stdout\n{stdout}--- stderr\n{stderr}");
        text.replace(&home.display().to_string(), "[HOME]")
    }
}

/// A run that has not started yet, and its expected result.
#[must_use = "nothing is run before `check` or `triple`"]
pub struct Cmd<'a> {
    home: &'a Home,
    command: Command,
    stdin: Option<Vec<u8>>,
    expected: Triple,
}

impl Cmd<'_> {
    /// Content of standard input; otherwise it is `/dev/null`.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable of the environment.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// All of standard output.
    pub fn stdout(mut self, text: &str) -> Self {
        text.clone_into(&mut self.expected.stdout);
        self
    }

    /// All of standard error.
    pub fn stderr(mut self, text: &str) -> Self {
        text.clone_into(&mut self.expected.stderr);
        self
    }

    /// Runs it, which must succeed, and compares all three parts.
    #[track_caller]
    pub fn check(self) {
        let expected = self.expected.clone();
        assert_eq!(self.triple(), expected);
    }

    /// Runs it.
    pub fn triple(mut self) -> Triple {
        let stdin = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("the binary starts");
        if let (Some(bytes), Some(mut stdin)) = (self.stdin, child.stdin.take()) {
            // The binary may end without reading all of it.
            std::thread::spawn(move || stdin.write_all(&bytes));
        }
        finished(child)
    }

    /// Runs it; its parts as a text for a snapshot.
    pub fn snapshot(self) -> String {
        let home = self.home.path().to_owned();
        self.triple().text(&home)
    }
}

/// Reads a line and not a byte more.
fn next_line(pipe: &mut impl std::io::Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while pipe.read(&mut byte).expect("a byte") == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("UTF-8")
}

fn finished(child: Child) -> Triple {
    use std::os::unix::process::ExitStatusExt as _;
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let signal = output.status.signal().map(|signal| -signal);
    Triple {
        status: output.status.code().or(signal).expect("a status"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A running process.
pub struct Running(pub Child);

impl Running {
    /// Reads exactly as much as `expected` from standard output, and compares. Blocks until it is
    /// there, so it proves that it was written before what the test holds back.
    #[track_caller]
    pub fn reads(&mut self, expected: &str) {
        let mut bytes = vec![0; expected.len()];
        let stdout = self.0.stdout.as_mut().expect("a pipe");
        stdout.read_exact(&mut bytes).expect("as many bytes");
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }

    /// The next line of standard output.
    pub fn line(&mut self) -> String {
        next_line(self.0.stdout.as_mut().expect("a pipe"))
    }

    /// The next line of standard error.
    pub fn error_line(&mut self) -> String {
        next_line(self.0.stderr.as_mut().expect("a pipe"))
    }

    /// Whether the process ends in time, with nobody reading what it writes.
    pub fn ends_unread(&mut self, patience: std::time::Duration) -> bool {
        let begun = std::time::Instant::now();
        while begun.elapsed() < patience {
            if self.0.try_wait().expect("a state").is_some() {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        false
    }

    /// Sends it a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &id]).status();
        assert!(sent.expect("kill").success());
    }

    /// Closes the reading end of its standard output.
    pub fn hang_up(&mut self) {
        drop(self.0.stdout.take());
    }

    /// Waits for its end; returns the output that has not been read yet.
    pub fn end(self) -> Triple {
        finished(self.0)
    }
}
