//! Where a run reads and writes: the standard streams of the process, or buffers in a test.

use std::io::{self, IsTerminal as _, Read, Write};

use crate::settings::Environment;

/// What a run uses of its process.
pub struct Io {
    /// Standard input.
    pub stdin: Stdin,
    /// Standard output.
    pub stdout: Sink,
    /// Standard error.
    pub stderr: Sink,
    /// The environment variables.
    pub environment: Environment,
    /// Whether to catch signals, which belong to the process and not to one run.
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

/// Whether standard error is an open terminal.
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// The terminal for prompts.
pub(crate) fn prompt_terminal() -> console::Term {
    console::Term::stderr()
}

/// Discards the input of the terminal that nothing has read.
pub(crate) fn discard_input() {
    #[cfg(unix)]
    {
        use rustix::termios::{QueueSelector, tcflush};
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

/// The rows of the terminal on standard output.
pub(super) fn terminal_rows() -> usize {
    console::Term::stdout().size_checked().map_or(usize::MAX, |(rows, _)| usize::from(rows))
}

/// The columns of a terminal.
pub(super) fn columns(term: &console::Term) -> usize {
    Terminal::new(term.size_checked()).width
}

/// Replaces this process with `pager`, which reads `text`. Returns if that is not possible.
#[cfg(unix)]
pub(super) fn become_pager(pager: &str, text: &str) {
    use std::io::Seek as _;
    use std::os::unix::process::CommandExt as _;

    let file = tempfile::tempfile().and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.rewind()?;
        Ok(file)
    });
    let Ok(file) = file else { return };
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("exec {pager}")]).stdin(file);
    // As with git: show colours, and nothing else than the text if it fits.
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let _ = command.exec();
}

#[cfg(not(unix))]
pub(super) fn become_pager(_: &str, _: &str) {}

/// A terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Its columns.
    pub width: usize,
}

impl Terminal {
    /// The width is 80 columns if the terminal does not know it.
    fn new(size: Option<(u16, u16)>) -> Self {
        let width = size.map_or(0, |(_rows, columns)| usize::from(columns));
        Self { width: if width == 0 { 80 } else { width } }
    }
}

/// Standard output or standard error.
pub struct Sink {
    /// The destination.
    pub writer: Box<dyn Write + Send>,
    /// The terminal behind it.
    pub terminal: Option<Terminal>,
    /// Whether it is the systemd journal, which expects a priority before each line.
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
    /// What it is connected to.
    pub kind: StdinKind,
    /// The source. May block.
    pub reader: Box<dyn Read + Send>,
}

/// What standard input is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StdinKind {
    /// A terminal.
    Terminal,
    /// A pipe or a regular file, given on purpose.
    PipeOrFile,
    /// `/dev/null`, a socket of a job runner, or nothing.
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

/// The priority of a line, as in syslog. The journal reads it from `<N>` at the start of a line
/// (`sd-daemon(3)`), so that `journalctl -p warning` works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// A failure.
    Error = 3,
    /// A possible failure later.
    Warning = 4,
    /// A note.
    Info = 6,
    /// A detail.
    Debug = 7,
}

/// `text` with the level at the start of each line.
pub(super) fn marked(text: &str, level: Level) -> String {
    let mark = level as u8;
    let mark = format!("<{mark}>");
    text.split_inclusive('\n').flat_map(|line| [mark.as_str(), line]).collect()
}

/// Whether `stream` is the one of `JOURNAL_STREAM` (`DEVICE:INODE`). The variable alone is not enough:
/// standard error may have been redirected.
#[cfg(unix)]
fn is_journal(stream: impl std::os::fd::AsFd, environment: &Environment) -> bool {
    let Some(named) = environment.get("JOURNAL_STREAM") else { return false };
    let found = rustix::fs::fstat(stream).map(|stat| format!("{}:{}", stat.st_dev, stat.st_ino));
    found.is_ok_and(|found| found == named)
}

#[cfg(not(unix))]
fn is_journal<T>(_: T, _: &Environment) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_gets_its_priority() {
        assert_eq!(marked("a\nb\n", Level::Info), "<6>a\n<6>b\n");
        assert_eq!(marked("a", Level::Error), "<3>a");
    }

    #[cfg(unix)]
    #[test]
    fn the_journal_is_recognized_by_its_inode() {
        use std::os::unix::fs::MetadataExt as _;
        let file = tempfile::tempfile().expect("a file");
        let found = file.metadata().expect("its metadata");
        let environment = |text: String| Environment::from_pairs([("JOURNAL_STREAM", text)]);
        assert!(is_journal(&file, &environment(format!("{}:{}", found.dev(), found.ino()))));
        assert!(!is_journal(&file, &environment(format!("{}:{}", found.dev(), found.ino() + 1))));
        assert!(!is_journal(&file, &Environment::default()));
    }
}
