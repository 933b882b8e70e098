//! Standard error that is the journal of systemd: each line begins with how grave it is
//! (`sd-daemon(3)`), so that `journalctl -p warning` finds what it should.

use crate::settings::Environment;

/// How grave a line is, as syslog counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Something failed.
    Error = 3,
    /// Something may fail later.
    Warning = 4,
    /// Good to know.
    Info = 6,
    /// Only for those who look for something.
    Debug = 7,
}

/// `text` with the level before each of its lines.
pub(super) fn marked(text: &str, level: Level) -> String {
    let mark = level as u8;
    let mark = format!("<{mark}>");
    text.split_inclusive('\n').flat_map(|line| [mark.as_str(), line]).collect()
}

/// Whether `stream` is what `JOURNAL_STREAM` names: `DEVICE:INODE`. The variable alone does not say
/// so: standard error may have been redirected since.
#[cfg(unix)]
pub(super) fn is_journal(stream: impl std::os::fd::AsFd, environment: &Environment) -> bool {
    let Some(named) = environment.get("JOURNAL_STREAM") else { return false };
    let found = rustix::fs::fstat(stream).map(|stat| format!("{}:{}", stat.st_dev, stat.st_ino));
    found.is_ok_and(|found| found == named)
}

/// There is no journal here.
#[cfg(not(unix))]
pub fn is_journal<T>(_: T, _: &Environment) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_marked() {
        assert_eq!(marked("a\nb\n", Level::Info), "<6>a\n<6>b\n");
        assert_eq!(marked("a", Level::Error), "<3>a");
    }

    #[cfg(unix)]
    #[test]
    fn the_journal_is_known_by_its_inode() {
        use std::os::unix::fs::MetadataExt as _;
        let file = tempfile::tempfile().expect("a file");
        let found = file.metadata().expect("its metadata");
        let environment = |text: String| Environment::from_pairs([("JOURNAL_STREAM", text)]);
        assert!(is_journal(&file, &environment(format!("{}:{}", found.dev(), found.ino()))));
        assert!(!is_journal(&file, &environment(format!("{}:{}", found.dev(), found.ino() + 1))));
        assert!(!is_journal(&file, &Environment::default()));
    }
}
