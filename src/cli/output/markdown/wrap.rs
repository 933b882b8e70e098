//! Styled text, broken into lines.

use unicode_width::UnicodeWidthChar as _;

use crate::cli::output::style::Roles;

/// A character and its roles.
pub(super) type Letter = (char, Roles);

/// Breaks `letters` into lines of at most `width` columns: at spaces, beside wide characters, or
/// else anywhere.
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

/// A line for the terminal, without trailing spaces.
pub(super) fn paint_line(line: &[Letter], color: bool) -> String {
    let len = line.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
    let runs = line[..len].chunk_by(|(_, a), (_, b)| a == b);
    runs.map(|run| {
        let text: String = run.iter().map(|(c, _)| *c).collect();
        run[0].1.paint(&text, color)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize) -> Vec<String> {
        let letters: Vec<Letter> = text.chars().map(|c| (c, Roles::default())).collect();
        wrap(&letters, width).iter().map(|line| paint_line(line, false)).collect()
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
    }
}
