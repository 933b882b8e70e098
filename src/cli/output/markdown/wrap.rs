//! Styled text, broken into lines.

use console::strip_ansi_codes;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::cli::output::style::Roles;

/// A character and its roles.
pub(super) type Letter = (char, Roles);

/// Punctuation of Chinese and Japanese that no line may begin with, and closing marks beside it.
const NOT_FIRST: &str = "、。，．：；！？）］｝〕」』】〉》〗”’…—～・ー々,.:;!?)]}%";
/// Punctuation that no line may end with.
const NOT_LAST: &str = "（［｛〔「『【〈《〖“‘([{";

/// Breaks `letters` into lines of at most `width` columns: at spaces, beside wide characters unless
/// punctuation forbids it, or else anywhere.
pub(super) fn wrap(letters: &[Letter], width: usize) -> Vec<Vec<Letter>> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line: Vec<Letter> = Vec::new();
    let mut used = 0;
    let mut may_break = 0;
    for &(c, roles) in letters {
        if c == '\n' {
            lines.push(std::mem::take(&mut line));
            (used, may_break) = (0, 0);
            continue;
        }
        let needed = columns(c);
        if line.last().is_some_and(|(last, _)| breaks_between(*last, c)) {
            may_break = line.len();
        }
        if used + needed > width && !line.is_empty() {
            if c == ' ' {
                lines.push(std::mem::take(&mut line));
                (used, may_break) = (0, 0);
                continue;
            }
            let rest = if may_break == 0 { Vec::new() } else { line.split_off(may_break) };
            lines.push(std::mem::replace(&mut line, rest));
            used = line.iter().map(|(c, _)| columns(*c)).sum();
            may_break = 0;
        }
        line.push((c, roles));
        used += needed;
    }
    lines.push(line);
    lines
}

fn breaks_between(last: char, next: char) -> bool {
    last == ' '
        || (columns(last) == 2 || columns(next) == 2)
            && !NOT_FIRST.contains(next)
            && !NOT_LAST.contains(last)
            && next != ' '
}

fn columns(c: char) -> usize {
    match c {
        '\t' => 4,
        // It makes a wide picture of a narrow character.
        '\u{fe0f}' => 1,
        c => c.width().unwrap_or(0),
    }
}

/// A line for the terminal, without trailing spaces. Links of the roles are those among `links`.
pub(super) fn paint_line(line: &[Letter], color: bool, links: &[String]) -> String {
    let len = line.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
    let runs = line[..len].chunk_by(|(_, a), (_, b)| a == b);
    runs.map(|run| {
        let text: String = run.iter().map(|(c, _)| *c).collect();
        let painted = run[0].1.paint(&text, color);
        match run[0].1.link().and_then(|link| links.get(link)) {
            Some(url) => format!("{LINK}{url}{END}{painted}{LINK}{END}"),
            None => painted,
        }
    })
    .collect()
}

/// What begins a link, before its URL (OSC 8).
const LINK: &str = "\u{1b}]8;;";
/// What ends the URL.
const END: &str = "\u{1b}\\";

/// Whether a terminal can be given this URL in a link.
pub(super) fn is_linkable(url: &str) -> bool {
    const LONGEST: usize = 2000;
    let has_scheme =
        ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    has_scheme && url.len() <= LONGEST && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How many columns a painted line takes.
pub(super) fn painted_width(line: &str) -> usize {
    let mut parts = line.split(LINK);
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(END).map_or(part, |(_, text)| text));
    strip_ansi_codes(&std::iter::once(first).chain(rest).collect::<String>()).width()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize) -> Vec<String> {
        let letters: Vec<Letter> = text.chars().map(|c| (c, Roles::default())).collect();
        wrap(&letters, width).iter().map(|line| paint_line(line, false, &[])).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_beside_wide_characters() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("你好世界", 5), ["你好", "世界"]);
        assert_eq!(lines("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("a\nb", 9), ["a", "b"]);
        assert_eq!(lines("", 9), [""]);
        assert_eq!(lines("你", 1), ["你"]);
        assert_eq!(lines("ab你好", 4), ["ab你", "好"]);
    }

    #[test]
    fn links_take_no_columns() {
        let urls = ["https://a.example/b".to_owned()];
        let linked = Roles::default().linked(Some(0));
        let letters: Vec<Letter> = "ab 你".chars().map(|c| (c, linked)).collect();
        let line = paint_line(&letters, false, &urls);
        assert_eq!(line, "\u{1b}]8;;https://a.example/b\u{1b}\\ab 你\u{1b}]8;;\u{1b}\\");
        assert_eq!(painted_width(&line), 5);
        for bad in ["javascript:x", "https://a\u{1b}b", "https://a b", "https://é", "ftp://a"] {
            assert!(!is_linkable(bad), "{bad}");
        }
    }

    #[test]
    fn punctuation_is_not_parted_from_its_text() {
        assert_eq!(lines("你好，世界。", 4), ["你", "好，", "世", "界。"]);
        assert_eq!(lines("你好（世界）", 6), ["你好", "（世", "界）"]);
        assert_eq!(lines("你好「世」。", 8), ["你好", "「世」。"]);
        assert_eq!(lines("你好,世界", 4), ["你", "好,", "世界"]);
        assert_eq!(lines("。。。。", 4), ["。。", "。。"]);
    }
}
