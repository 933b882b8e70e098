//! Colours for code, line by line. The table of languages is that of the page: no language is known well,
//! and the text is cut into pieces and never changed. The time for a line is bounded.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::cli::output::style::Role;

/// A longer line has no colours.
const LONGEST: usize = 4 << 10;

/// The table, as the page imports it.
const TABLE: &str = include_str!("../../../server/page/assets/languages.js");

/// Languages with the same marks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Family {
    /// The family whose words and comments apply as well.
    like: String,
    names: String,
    words: String,
    /// What begins a comment up to the end of the line.
    line: Vec<String>,
    /// What begins and ends a comment.
    block: Vec<(String, String)>,
    /// The quotation marks of strings that end in their line.
    quotes: String,
    /// Those of strings that may have several lines.
    long: Vec<String>,
    /// Whether `'` quotes a single character.
    chars: bool,
    /// Whether a comment does not begin within a word.
    apart: bool,
    any_case: bool,
    #[serde(skip)]
    known: HashSet<String>,
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| families(TABLE).unwrap_or_default());
static LANGUAGES: LazyLock<HashMap<&str, &Family>> = LazyLock::new(|| {
    let names = |family: &'static Family| family.names.split(' ').map(move |name| (name, family));
    FAMILIES.iter().flat_map(names).collect()
});

fn families(table: &str) -> Option<Vec<Family>> {
    let (_, table) = table.split_once("FAMILIES =")?;
    let table: HashMap<String, Family> =
        serde_json::from_str(table.trim().strip_suffix(';')?).ok()?;
    let whole = |family: &Family| {
        let mut family = family.clone();
        if let Some(like) = table.get(&family.like) {
            family.words.clone_from(&like.words);
            family.line.clone_from(&like.line);
            family.block.clone_from(&like.block);
            if family.quotes.is_empty() {
                family.quotes.clone_from(&like.quotes);
            }
        }
        family.known = family.words.split(' ').map(str::to_owned).collect();
        family
    };
    Some(table.values().map(whole).collect())
}

/// What continues on the next line: its role, and what ends it.
type Open = (Role, &'static str);

/// Colours the lines of one block of code.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Highlighter {
    language: Language,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Language {
    #[default]
    Unknown,
    /// Lines that were added and removed.
    Diff,
    Of(&'static Family),
}

impl Highlighter {
    /// For a block whose fence is followed by `info`.
    pub(super) fn new(info: &str) -> Self {
        let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | ':');
        let name = info.trim().split(is_end).next().unwrap_or_default().to_ascii_lowercase();
        let language = match LANGUAGES.get(name.as_str()) {
            Some(family) => Language::Of(family),
            None if matches!(name.as_str(), "diff" | "patch") => Language::Diff,
            None => Language::Unknown,
        };
        Self { language, open: None }
    }

    /// The pieces of the next line with their roles, together exactly the line.
    pub(super) fn line<'a>(&mut self, line: &'a str) -> Vec<(&'a str, Option<Role>)> {
        match self.language {
            _ if line.len() > LONGEST => vec![(line, Some(Role::Code))],
            Language::Unknown => vec![(line, Some(Role::Code))],
            Language::Diff => vec![(line, role_in_diff(line))],
            Language::Of(family) => self.pieces(line, family),
        }
    }

    fn pieces<'a>(
        &mut self,
        line: &'a str,
        family: &'static Family,
    ) -> Vec<(&'a str, Option<Role>)> {
        let mut pieces = Vec::new();
        let (mut at, mut plain) = (0, 0);
        if let Some((role, end)) = self.open {
            at = end_of(line, 0, end, role);
            if at <= line.len() {
                self.open = None;
            }
            at = at.min(line.len());
            pieces.push((&line[..at], Some(role)));
            plain = at;
        }
        while at < line.len() {
            let (length, role) = self.piece(line, at, family);
            if role.is_some() {
                pieces.push((&line[plain..at], None));
                pieces.push((&line[at..at + length], role));
                plain = at + length;
            }
            at += length;
        }
        pieces.push((&line[plain..], None));
        pieces.retain(|(piece, _)| !piece.is_empty());
        pieces
    }

    /// The length and the role of the piece at `at`.
    fn piece(&mut self, line: &str, at: usize, family: &'static Family) -> (usize, Option<Role>) {
        let rest = &line[at..];
        let before = line[..at].chars().next_back();
        let spanned = |begin: &str, end: &'static str, role, open: &mut Option<Open>| {
            let stop = end_of(line, at + begin.len(), end, role);
            *open = (stop > line.len()).then_some((role, end));
            (stop.min(line.len()) - at, Some(role))
        };
        for (begin, end) in &family.block {
            if rest.starts_with(begin.as_str()) {
                return spanned(begin, end, Role::Comment, &mut self.open);
            }
        }
        let may_be_comment =
            !family.apart || before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '('));
        if may_be_comment && family.line.iter().any(|mark| rest.starts_with(mark.as_str())) {
            return (rest.len(), Some(Role::Comment));
        }
        for mark in &family.long {
            if rest.starts_with(mark.as_str()) {
                return spanned(mark, mark, Role::Text, &mut self.open);
            }
        }
        let Some(first) = rest.chars().next() else { return (0, None) };
        if family.quotes.contains(first)
            && let Some(length) = quoted(rest, first)
        {
            return (length, Some(Role::Text));
        }
        if family.chars
            && first == '\''
            && let Some(length) = quoted(rest, first)
            && is_char(&rest[1..length - 1])
        {
            return (length, Some(Role::Text));
        }
        if first.is_ascii_digit() {
            return (number(rest), Some(Role::Number));
        }
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        if !is_word(first) {
            return (first.len_utf8(), None);
        }
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let is_keyword = if family.any_case {
            family.known.contains(&word.to_ascii_lowercase())
        } else {
            family.known.contains(word)
        };
        let is_call = rest[length..].starts_with('(');
        let role = match () {
            () if is_keyword => Some(Role::Keyword),
            () if is_call => Some(Role::Call),
            () => None,
        };
        (length, role)
    }
}

/// Where what ends with `end` ends in `line`; beyond its end if it goes on.
fn end_of(line: &str, from: usize, end: &str, role: Role) -> usize {
    let mut at = from;
    while let Some(found) = line.get(at..).and_then(|rest| rest.find(end)) {
        let stop = at + found;
        let escapes = line[from..stop].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if role == Role::Comment || escapes % 2 == 0 {
            return stop + end.len();
        }
        at = stop + end.len();
    }
    line.len() + 1
}

/// The length of the string at the beginning, which ends in its line.
fn quoted(text: &str, mark: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == mark => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// Whether this is a single character, or an escape.
fn is_char(text: &str) -> bool {
    text.chars().count() == 1 || (text.starts_with('\\') && text.len() <= 11)
}

/// The length of the number at the beginning.
fn number(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let is_part = c.is_ascii_alphanumeric()
            || c == '_'
            || (c == '.' && next.is_some_and(|next| next.is_ascii_digit()));
        if !is_part {
            return at;
        }
    }
    text.len()
}

fn role_in_diff(line: &str) -> Option<Role> {
    let heads = ["diff ", "index ", "+++ ", "--- "];
    match line.bytes().next() {
        _ if heads.iter().any(|head| line.starts_with(head)) => Some(Role::Strong),
        Some(b'+') => Some(Role::Success),
        Some(b'-') => Some(Role::Removed),
        Some(b'@') => Some(Role::Keyword),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// The coloured pieces of these lines, by the first letter of their role.
    fn pieces(language: &str, code: &str) -> String {
        let mut highlighter = Highlighter::new(language);
        let lines = code.lines().map(|line| {
            let pieces = highlighter.line(line).into_iter();
            let marked = pieces.map(|(piece, role)| match role {
                Some(role) => format!("{}<{piece}>", &format!("{role:?}")[..1]),
                None => piece.to_owned(),
            });
            marked.collect::<String>() + "\n"
        });
        lines.collect()
    }

    #[test]
    fn every_language_of_the_table_is_known() {
        let names = "rust python js ts javascript typescript json bash html css sql go java c cpp c++ yaml toml \
                     diff tsx jsx sh rs py yml xml";
        for name in names.split(' ') {
            let language = Highlighter::new(name).language;
            assert!(!matches!(language, Language::Unknown), "{name}");
        }
        assert!(matches!(Highlighter::new("Rust,ignore").language, Language::Of(_)));
        assert!(matches!(Highlighter::new("").language, Language::Unknown));
    }

    #[test]
    fn code_is_cut_at_its_marks() {
        for (language, code, expected) in [
            (
                "rust",
                "fn f<'a>(x: &'a str) { g('x', \"s\\\"\", 0x1F, 1..2) } // c\n/* a\nb */ let",
                "K<fn> f<'a>(x: &'a K<str>) { C<g>(T<'x'>, T<\"s\\\"\">, N<0x1F>, N<1>..N<2>) } C<// c>\n\
                 C</* a>\nC<b */> K<let>\n",
            ),
            ("js", "`a\n${b}\\``; f", "T<`a>\nT<${b}\\``>; f\n"),
            ("python", "x = \"\"\"a\nb\"\"\" # c\n'it", "x = T<\"\"\"a>\nT<b\"\"\"> C<# c>\n'it\n"),
            (
                "bash",
                "if [ $# -gt 1 ]; then echo 'a # b'; fi # c",
                "K<if> [ $# -gt N<1> ]; K<then> echo T<'a # b'>; K<fi> C<# c>\n",
            ),
            ("sql", "SELECT a FROM t -- x", "K<SELECT> a K<FROM> t C<-- x>\n"),
            (
                "html",
                "<a href=\"x\"><!-- y\nz --></a>",
                "<a href=T<\"x\">>C<<!-- y>\nC<z -->></a>\n",
            ),
            ("yaml", "a: true # c", "a: K<true> C<# c>\n"),
            ("diff", "+++ b\n@@ 1\n+a\n-b\n c", "S<+++ b>\nK<@@ 1>\nS<+a>\nR<-b>\n c\n"),
            ("unheard-of", "fn", "C<fn>\n"),
        ] {
            assert_eq!(pieces(language, code), expected, "{language}");
        }
    }

    #[test]
    fn hostile_lines_take_bounded_time() {
        let began = Instant::now();
        for piece in
            ["\"", "'", "`", "/*", "\\", "<!--", "#", "1.", "a(", "\"\\", "é", "\"\"\"", "'\\"]
        {
            for language in ["rust", "js", "python", "bash", "sql", "html", "css"] {
                for length in [LONGEST, 1 << 20] {
                    let line = piece.repeat(length / piece.len());
                    Highlighter::new(language).line(&line);
                }
            }
        }
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn text_stays_the_same(
            language in "(rust|js|python|bash|sql|html|yaml|css|diff|none)",
            lines in proptest::collection::vec("[a-z0-9\"'`#/*<!\\-> \\\\(é你;.]{0,40}", 0..6),
        ) {
            let mut highlighter = Highlighter::new(&language);
            for line in lines {
                let pieces = highlighter.line(&line);
                let text: String = pieces.iter().map(|(piece, _)| *piece).collect();
                proptest::prop_assert_eq!(text, line);
            }
        }
    }
}
