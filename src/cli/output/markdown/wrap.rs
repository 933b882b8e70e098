//! Styled text, broken into lines.

use owo_colors::OwoColorize as _;
use unicode_width::UnicodeWidthChar as _;

/// How a letter looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent attributes of a letter")]
pub(super) struct Style {
    pub bold: bool,
    pub italic: bool,
    pub underlined: bool,
    pub struck: bool,
    pub code: bool,
    pub dim: bool,
}

impl Style {
    fn paint(self, text: &str) -> String {
        let mut style = owo_colors::Style::new();
        for (on, add) in self.attributes() {
            style = if on { add(style) } else { style };
        }
        text.style(style).to_string()
    }
}

type Attribute = fn(owo_colors::Style) -> owo_colors::Style;

impl Style {
    fn attributes(self) -> [(bool, Attribute); 6] {
        [
            (self.bold, owo_colors::Style::bold),
            (self.dim, owo_colors::Style::dimmed),
            (self.italic, owo_colors::Style::italic),
            (self.underlined, owo_colors::Style::underline),
            (self.struck, owo_colors::Style::strikethrough),
            (self.code, owo_colors::Style::cyan),
        ]
    }
}

/// A letter and how it looks.
pub(super) type Letter = (char, Style);

/// Breaks `letters` into lines of at most `width` columns: at spaces, beside wide letters, and where
/// there is neither, anywhere.
pub(super) fn wrap(letters: &[Letter], width: usize) -> Vec<Vec<Letter>> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line: Vec<Letter> = Vec::new();
    let mut used = 0;
    let mut may_break = 0;
    for &(c, style) in letters {
        if c == '\n' {
            lines.push(std::mem::take(&mut line));
            (used, may_break) = (0, 0);
            continue;
        }
        let needed = columns(c);
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
        line.push((c, style));
        used += needed;
        if c == ' ' || needed == 2 {
            may_break = line.len();
        }
    }
    lines.push(line);
    lines
}

fn columns(c: char) -> usize {
    if c == '\t' { 4 } else { c.width().unwrap_or(0) }
}

/// One line as it goes to the terminal, without trailing spaces.
pub(super) fn paint_line(line: &[Letter], color: bool) -> String {
    let len = line.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
    let runs = line[..len].chunk_by(|(_, a), (_, b)| a == b);
    runs.map(|run| {
        let text: String = run.iter().map(|(c, _)| *c).collect();
        let style = run[0].1;
        if color && style != Style::default() { style.paint(&text) } else { text }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize) -> Vec<String> {
        let letters: Vec<Letter> = text.chars().map(|c| (c, Style::default())).collect();
        wrap(&letters, width).iter().map(|line| paint_line(line, false)).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_beside_wide_letters() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("你好世界", 5), ["你好", "世界"]);
        assert_eq!(lines("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("a\nb", 9), ["a", "b"]);
        assert_eq!(lines("", 9), [""]);
        assert_eq!(lines("你", 1), ["你"]);
    }
}
