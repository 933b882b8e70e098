//! Cleaning and cutting of text from the upstream.
//!
//! What this module keeps true: cleaned text cannot control a terminal (escape sequences, control
//! characters) or reorder its characters (bidirectional overrides).

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The maximum length of a control sequence: text after an unterminated one must not be lost.
const MAX_SEQUENCE: usize = 256;

/// Removes escape sequences and control characters from text that arrives in pieces. Keeps line breaks
/// and tabs.
#[derive(Debug, Default)]
pub(super) struct Cleaner {
    state: State,
    swallowed: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In `ESC [ …`, until a final letter.
    Control,
    /// In `ESC ] …` and similar, until BEL or `ESC \`.
    Command,
    /// After an ESC in a command.
    CommandEscape,
}

impl Cleaner {
    /// Cleans the next piece. A sequence may span pieces.
    pub(super) fn piece(&mut self, text: &str) -> String {
        text.chars().filter(|c| self.keeps(*c)).collect()
    }

    #[allow(clippy::match_same_arms, reason = "one arm a transition")]
    fn keeps(&mut self, c: char) -> bool {
        if self.state != State::Text {
            self.swallowed += 1;
            // A sequence ends at a line break and has a maximum length.
            if c == '\n' || self.swallowed > MAX_SEQUENCE {
                self.enter(State::Text);
            }
        }
        match (self.state, c) {
            (State::Text, '\u{1b}') => self.enter(State::Escape),
            (State::Text, '\u{9b}') => self.enter(State::Control),
            (State::Text, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}') => {
                self.enter(State::Command);
            }
            (State::Text, _) => return is_harmless(c),
            (State::Escape, '[') => self.enter(State::Control),
            (State::Escape, ']' | 'P' | 'X' | '^' | '_') => self.enter(State::Command),
            (State::Escape, ' '..='/') => {}
            (State::Escape, '0'..='~') => self.enter(State::Text),
            (State::Control, ' '..='?') => {}
            (State::Control, '@'..='~') => self.enter(State::Text),
            (State::Command, '\u{7}' | '\u{9c}') => self.enter(State::Text),
            (State::Command, '\u{1b}') => self.state = State::CommandEscape,
            (State::Command, _) => {}
            (State::CommandEscape, '\\') => self.enter(State::Text),
            // A character that does not belong to the sequence ends it and is text.
            (State::Escape | State::Control | State::CommandEscape, _) => {
                self.enter(State::Text);
                return self.keeps(c);
            }
        }
        false
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.swallowed = 0;
    }
}

fn is_harmless(c: char) -> bool {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    matches!(c, '\n' | '\t') || !(c.is_control() || reorders)
}

/// Cleans a whole text.
pub(crate) fn clean(text: &str) -> String {
    Cleaner::default().piece(text)
}

/// Cleans a whole text and joins its lines. Characters that are invisible and move others, or break a
/// line unseen, are shown by their number.
pub(crate) fn one_line(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                let _ = write!(visible, "<U+{:04X}>", u32::from(c));
            }
            c => visible.push(c),
        }
    }
    clean(&visible).replace(['\n', '\t'], " ").trim().to_owned()
}

/// Breaks `text` at spaces into lines of at most `width` columns; the first one has `used` columns
/// before it. A longer word stays whole.
pub(crate) fn wrap(text: &str, used: usize, width: usize) -> String {
    let mut lines = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let mut column = if at == 0 { used } else { 0 };
        let mut shown = String::new();
        for (at, word) in line.split(' ').enumerate() {
            if at > 0 && column + 1 + word.width() > width && column > 0 {
                lines.push(std::mem::take(&mut shown));
                column = 0;
            } else if at > 0 {
                shown.push(' ');
                column += 1;
            }
            shown += word;
            column += word.width();
        }
        lines.push(shown);
    }
    lines.join("\n")
}

/// Truncates a line to `width` columns, with an ellipsis. Wide characters take two columns.
pub(crate) fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut shown: String = line
        .chars()
        .take_while(|c| {
            let needed = c.width().unwrap_or(0);
            let fits = needed <= room;
            room = room.saturating_sub(needed);
            fits
        })
        .collect();
    if width > 0 {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_control_characters_are_removed() {
        for (dirty, clean_text) in [
            ("a\u{1b}[31mb\u{1b}[0mc", "abc"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb"),
            ("a\u{9b}2Jb", "ab"),
            ("a\u{1b}cb\u{1b}(Bc", "abc"),
            ("a\u{0}\u{8}\u{7f}\u{85}b\rc\r\n", "abc\n"),
            ("a\u{202e}b\u{2066}c", "abc"),
            ("tab\tand\nline 你好 🙂 e\u{301}", "tab\tand\nline 你好 🙂 e\u{301}"),
            ("\u{1b}", ""),
            ("\u{1b}\u{1b}[1mx", "x"),
        ] {
            assert_eq!(clean(dirty), clean_text, "{dirty:?}");
        }
    }

    #[test]
    fn invisible_characters_of_a_line_are_shown() {
        assert_eq!(one_line("a\u{202e}b\u{2028}c\nd"), "a<U+202E>b<U+2028>c d");
        assert_eq!(one_line("עברית 你好"), "עברית 你好");
    }

    #[test]
    fn a_sequence_may_span_pieces() {
        let dirty = "one\u{1b}[1;31mtwo\u{1b}]0;x\u{1b}\\three\u{9b}0m";
        for at in dirty.char_indices().map(|(at, _)| at) {
            let mut cleaner = Cleaner::default();
            let both = cleaner.piece(&dirty[..at]) + &cleaner.piece(&dirty[at..]);
            assert_eq!(both, "onetwothree", "cut at {at}");
        }
    }

    #[test]
    fn an_unterminated_sequence_hides_no_text() {
        assert_eq!(clean("a\u{1b}]0;never ends\nnext line"), "a\nnext line");
        let long = format!("\u{1b}]{}", "x".repeat(1000));
        assert!(clean(&long).len() > 700);
    }

    #[test]
    fn notes_are_wrapped_at_spaces() {
        assert_eq!(wrap("run `qwenctl token set` now", 7, 20), "run `qwenctl\ntoken set` now");
        assert_eq!(wrap("a longestwordofall b", 0, 5), "a\nlongestwordofall\nb");
        assert_eq!(wrap("  indented\nnext", 0, 80), "  indented\nnext");
        assert_eq!(wrap("", 3, 2), "");
    }

    #[test]
    fn lines_are_truncated_by_columns() {
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello!", 5), "hell…");
        assert_eq!(cut("你好吗", 6), "你好吗");
        assert_eq!(cut("你好吗", 5), "你好…");
        assert_eq!(cut("你好吗", 4), "你…");
        assert_eq!(cut("hello", 1), "…");
        assert_eq!(cut("hello", 0), "");
    }
}
