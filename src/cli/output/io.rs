//! Where a run reads and writes: the three streams of the process, or buffers in a test.

use std::io::{self, IsTerminal as _, Read, Write};

use super::journal::is_journal;
use crate::settings::Environment;

/// Everything that a run of the program touches of its process.
pub struct Io {
    /// Standard input.
    pub stdin: Stdin,
    /// Standard output.
    pub stdout: Sink,
    /// Standard error.
    pub stderr: Sink,
    /// The environment variables.
    pub environment: Environment,
    /// Whether signals are caught: they belong to the process, not to one run in it.
    pub signals: bool,
}

impl Io {
    /// The streams, the environment and the signals of this process.
    pub fn process() -> Self {
        let term = |is_terminal: bool, term: fn() -> console::Term| {
            is_terminal.then(|| Terminal::new(term().size_checked()))
        };
        let stdout = io::stdout();
        let stderr = io::stderr();
        let environment = Environment::from_process();
        Self {
            stdout: Sink {
                terminal: term(stdout.is_terminal(), console::Term::stdout),
                journal: false,
                writer: Box::new(stdout),
            },
            stderr: Sink {
                terminal: term(stderr.is_terminal(), console::Term::stderr),
                journal: is_journal(&stderr, &environment),
                writer: Box::new(stderr),
            },
            stdin: Stdin { kind: stdin_kind(), reader: Box::new(io::stdin()) },
            environment,
            signals: true,
        }
    }
}

/// Whether standard error is a terminal now: one that was closed is none any more.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// A terminal that somebody looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Its columns.
    pub width: usize,
}

impl Terminal {
    /// A terminal that does not know its size counts as one of 80 columns.
    fn new(size: Option<(u16, u16)>) -> Self {
        let width = size.map_or(0, |(_rows, columns)| usize::from(columns));
        Self { width: if width == 0 { 80 } else { width } }
    }
}

/// Standard output or standard error.
pub struct Sink {
    /// Where the bytes go.
    pub writer: Box<dyn Write + Send>,
    /// The terminal behind it.
    pub terminal: Option<Terminal>,
    /// Whether it is the journal of systemd, which wants to know how grave each line is.
    pub journal: bool,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Standard input.
pub struct Stdin {
    /// What stands behind it.
    pub kind: StdinKind,
    /// Where the bytes come from. May block.
    pub reader: Box<dyn Read + Send>,
}

/// What stands behind standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinKind {
    /// A person.
    Terminal,
    /// A pipe or a regular file: somebody put it there on purpose.
    PipeOrFile,
    /// `/dev/null`, a socket of a job runner, nothing at all.
    Other,
}

#[cfg(unix)]
fn stdin_kind() -> StdinKind {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;

    let stdin = io::stdin();
    if stdin.is_terminal() {
        return StdinKind::Terminal;
    }
    let metadata = stdin
        .as_fd()
        .try_clone_to_owned()
        .and_then(|descriptor| std::fs::File::from(descriptor).metadata());
    match metadata.map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_fifo() || kind.is_file() => StdinKind::PipeOrFile,
        _ => StdinKind::Other,
    }
}

#[cfg(not(unix))]
fn stdin_kind() -> StdinKind {
    if io::stdin().is_terminal() { StdinKind::Terminal } else { StdinKind::PipeOrFile }
}
