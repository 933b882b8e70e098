//! Formulas as `MathML`. What cannot be read stays as it is written, in a code face.
//!
//! What this module keeps true: a formula cannot define macros, which could grow without end; its length, and
//! the depth of what it becomes, are bounded, and so is the length of all formulas of a text.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Event, Parser, Storage, push_mathml};

use super::sanitize::shield;

/// Longer formulas are shown as they are written, in bytes.
const MAX_FORMULA: usize = 4_096;
/// The formulas of a text that are read, in bytes; further ones are shown as they are written.
const MAX_TOTAL: usize = 96 * 1024;
/// The events of a formula.
const MAX_EVENTS: usize = 8_192;
/// How deep braces and commands that open something may nest.
const MAX_DEPTH: usize = 40;
/// How deep elements may nest.
const MAX_ELEMENTS: usize = 120;
/// Stand for the boxes of a formula in text: characters of a private area.
const FIRST_BOX: u32 = 0xe000;
const MAX_BOXES: usize = 32;

/// The formulas of one text.
pub(super) struct Formulas {
    left: usize,
}

impl Formulas {
    pub(super) fn new() -> Self {
        Self { left: MAX_TOTAL }
    }

    /// The HTML of `source`, which may have delimiters.
    pub(super) fn html(&mut self, source: &str) -> String {
        let (tex, is_display) = parts(source.trim());
        let is_short = tex.len() <= MAX_FORMULA.min(self.left);
        // One that cannot be read takes as long.
        self.left -= if is_short { tex.len() } else { 0 };
        let math = is_short.then(|| mathml(tex, is_display)).flatten();
        math.unwrap_or_else(|| format!("<code class=\"tex\">{}</code>", shield(source)))
    }
}

/// A formula without its delimiters, and whether it stands alone.
fn parts(source: &str) -> (&str, bool) {
    for (open, close, is_display) in
        [("$$", "$$", true), ("\\[", "\\]", true), ("\\(", "\\)", false), ("$", "$", false)]
    {
        if let Some(tex) = source.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return (tex.trim(), is_display);
        }
    }
    (source, true)
}

fn mathml(tex: &str, is_display: bool) -> Option<String> {
    // Line breaks stand in environments only, but models write them everywhere.
    let lines = || {
        let name = if tex.contains('&') { "aligned" } else { "gathered" };
        let lines = format!("\\begin{{{name}}}{tex}\\end{{{name}}}");
        tex.contains("\\\\").then(|| elements(&lines, 0)).flatten()
    };
    let inner = elements(tex, 0).or_else(lines)?;
    if depth(&inner) > MAX_ELEMENTS {
        return None;
    }
    let source = tex.split_whitespace().collect::<Vec<_>>().join(" ");
    let alttext = if source.contains('"') {
        String::new()
    } else {
        format!(" alttext=\"{}\"", shield(&source))
    };
    let display = if is_display { " display=\"block\"" } else { "" };
    Some(format!("<math{display}{alttext}>{inner}</math>"))
}

/// What stands in the `math` element of `tex`, which stands in `boxes` boxes.
fn elements(tex: &str, boxes: usize) -> Option<String> {
    // These characters have a meaning here.
    if tex.contains(|c| ('\u{e000}'..='\u{f8ff}').contains(&c)) {
        return None;
    }
    let rewritten = rewrite(tex, 0)?;
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(&rewritten.tex, &storage) {
        if events.len() == MAX_EVENTS {
            return None;
        }
        events.push(event.ok()?);
    }
    let mut page = String::new();
    let config = RenderConfig { display_mode: DisplayMode::Block, ..RenderConfig::default() };
    let events = events.into_iter().map(Ok::<Event<'_>, std::convert::Infallible>);
    push_mathml(&mut page, events, config).ok()?;
    let from = page.find('>')? + 1;
    let mut page = page[from..].strip_suffix("</math>")?.to_owned();
    // The sanitizer is slow with references.
    for (reference, stands) in [
        ("&nbsp;", "\u{a0}".to_owned()),
        ("&lt;", shield("<")),
        ("&gt;", shield(">")),
        ("&amp;", shield("&")),
    ] {
        page = page.replace(reference, &stands);
    }
    page = page.replace("<mo><</mo>", &format!("<mo>{}</mo>", shield("<")));
    page = page.replace("\"minsize", "\" minsize");
    for (index, boxed) in rewritten.boxes.iter().enumerate() {
        let inner = if boxes < MAX_DEPTH / 4 { elements(boxed, boxes + 1)? } else { return None };
        page = page.replacen(
            &format!("<mtext>{}</mtext>", stand_in(index)?),
            &format!("<mrow class=\"boxed\">{inner}</mrow>"),
            1,
        );
    }
    Some(page)
}

/// TeX that the parser understands, and the contents of its boxes.
struct Rewritten<'a> {
    tex: String,
    boxes: Vec<&'a str>,
}

/// `tex`, which stands in `open` other things, with the commands that the parser does not have in terms of
/// those that it has. `None` if it is too deep, or defines macros.
fn rewrite(tex: &str, mut open: usize) -> Option<Rewritten<'_>> {
    let mut found = Rewritten { tex: String::with_capacity(tex.len() + 16), boxes: Vec::new() };
    let (mut rest, mut chain) = (tex, 0_usize);
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            let name = &rest[1..];
            let name = &name[..name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len())];
            let after = &rest[1 + name.len()..];
            chain += 1;
            rest = found.command(name, after, open + chain)?;
            if matches!(name, "left" | "begin") {
                open += 1;
            } else if matches!(name, "right" | "end") {
                open = open.saturating_sub(1);
            }
        } else {
            open = match c {
                '{' => open + 1,
                '}' => open.saturating_sub(1),
                _ => open,
            };
            // A chain of commands without braces nests as deep as it is long.
            chain = if c.is_whitespace() || c == '{' { chain } else { 0 };
            found.tex.push(c);
            rest = &rest[c.len_utf8()..];
        }
        if open + chain > MAX_DEPTH {
            return None;
        }
    }
    Some(found)
}

impl<'a> Rewritten<'a> {
    /// Writes the command `name` before `after`, which stands in `open` others; what remains.
    fn command(&mut self, name: &str, after: &'a str, depth: usize) -> Option<&'a str> {
        let alias = match name {
            "def" | "edef" | "gdef" | "xdef" | "let" | "futurelet" | "newcommand"
            | "renewcommand" | "providecommand" => return None,
            "bm" | "pmb" => "\\boldsymbol",
            "mathscr" => "\\mathcal",
            "mod" => "\\quad\\operatorname{mod}\\;",
            "nonumber" | "notag" => "",
            "label" => {
                let (_, rest) = argument(after)?;
                return Some(rest);
            }
            "tag" => {
                let (text, rest) = argument(after.trim_start_matches('*'))?;
                self.tex.extend(["\\qquad\\text{(", text, ")}"]);
                return Some(rest);
            }
            "ket" | "bra" | "braket" => {
                let (text, rest) = argument(after)?;
                let (open, close) = match name {
                    "ket" => ("|", "\\rangle "),
                    "bra" => ("\\langle ", "|"),
                    _ => ("\\langle ", "\\rangle "),
                };
                let Self { tex, boxes } = rewrite(text, depth)?;
                if depth > MAX_DEPTH || !boxes.is_empty() {
                    return None;
                }
                self.tex.extend([open, &tex, close]);
                return Some(rest);
            }
            "boxed" | "fbox" => {
                let (inner, rest) = argument(after)?;
                self.tex.push_str("{\\text{");
                self.tex.push(stand_in(self.boxes.len())?);
                self.tex.push_str("}}");
                self.boxes.push(inner);
                return Some(rest);
            }
            _ => {
                self.tex.push('\\');
                self.tex.push_str(name);
                if !name.is_empty() {
                    return Some(after);
                }
                // `\,`, `\{`, `\\`.
                let c = after.chars().next()?;
                self.tex.push(c);
                return Some(&after[c.len_utf8()..]);
            }
        };
        self.tex.push_str(alias);
        if alias.is_empty() {
            self.tex.push(' ');
        }
        Some(after)
    }
}

/// The text in the braces at the start of `text`, and what follows them.
fn argument(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start().strip_prefix('{')?;
    let (mut open, mut is_escaped) = (1, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

fn stand_in(index: usize) -> Option<char> {
    let index = u32::try_from(index).ok().filter(|_| index < MAX_BOXES)?;
    char::from_u32(FIRST_BOX + index)
}

/// How deep the elements of `page` nest.
fn depth(page: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for tag in page.split('<').skip(1) {
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if !tag.split('>').next().is_some_and(|tag| tag.ends_with('/')) {
            open += 1;
        }
        most = most.max(open);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(source: &str) -> String {
        Formulas::new().html(source)
    }

    #[test]
    fn nearly_all_formulas_of_models_are_set() {
        let corpus: Vec<_> = include_str!("../../../tests/fixtures/formulas.txt").lines().collect();
        assert!(corpus.len() >= 300);
        let failed: Vec<_> =
            corpus.iter().filter(|tex| !html(&format!("$${tex}$$")).starts_with("<math")).collect();
        assert!(
            failed.len() * 50 <= corpus.len(),
            "{} of {}: {failed:#?}",
            failed.len(),
            corpus.len()
        );
    }

    #[test]
    fn delimiters_say_whether_a_formula_stands_alone() {
        for source in ["$$x$$", "\\[x\\]", "\\begin{align}x\\end{align}", "x"] {
            assert!(html(source).starts_with("<math display=\"block\""), "{source}");
        }
        for source in ["$x$", "\\(x\\)"] {
            assert_eq!(html(source), "<math alttext=\"x\"><mi>x</mi></math>");
        }
    }

    #[test]
    fn boxes_tags_and_missing_commands_are_set() {
        assert_eq!(
            html("$\\boxed{x = \\boxed{2}}$"),
            "<math alttext=\"\\boxed{x = \\boxed{2}}\"><mrow><mrow class=\"boxed\"><mi>x</mi><mo>=</mo>\
             <mrow><mrow class=\"boxed\"><mn>2</mn></mrow></mrow></mrow></mrow></math>"
        );
        assert!(html("$$a \\tag{1}$$").contains("<mtext>(1)</mtext>"));
        assert!(html("$\\bm{x} \\in \\mathscr{F} \\nonumber$").starts_with("<math"));
    }

    #[test]
    fn what_cannot_be_read_stays_as_written() {
        for source in [
            "$\\unknown{x}$",
            "$$\\frac{1}$$",
            "\\(a <b> & \"c\"",
            "$\\def\\a{\\a\\a}\\a$",
            "$\\newcommand{\\a}{b}$",
            "$\\href{javascript:alert(1)}{x}$",
            "$\u{e000}$",
        ] {
            let html = html(source);
            assert!(html.starts_with("<code class=\"tex\">"), "{source}: {html}");
        }
        assert_eq!(
            html("$\\oops{a<b}$"),
            format!("<code class=\"tex\">{}</code>", shield("$\\oops{a<b}$"))
        );
    }

    #[test]
    fn excessive_formulas_stay_as_written() {
        for tex in [
            "x".repeat(MAX_FORMULA + 1),
            "{".repeat(2_000),
            "\\sqrt".repeat(800),
            "\\frac".repeat(800),
            format!("{}x{}", "\\sqrt{".repeat(300), "}".repeat(300)),
            format!("x{}x{}", "^{x".repeat(900), "}".repeat(900)),
            format!("{}x{}", "\\left(".repeat(200), "\\right)".repeat(200)),
            format!("{}x{}", "\\boxed{".repeat(400), "}".repeat(400)),
            format!("{}x{}", "\\begin{matrix}".repeat(90), "\\end{matrix}".repeat(90)),
            "\\hat ".repeat(800) + "x",
            format!("{}x{}", "\\ket{".repeat(500), "}".repeat(500)),
            format!("{}x{}", "{{{{\\ket{".repeat(200), "}".repeat(1_000)),
        ] {
            let start: String = tex.chars().take(20).collect();
            assert!(html(&format!("$${tex}$$")).starts_with("<code"), "{start}");
        }
        let mut formulas = Formulas::new();
        let formula = format!("${}$", "x".repeat(4_000));
        let set = (0..100).filter(|_| formulas.html(&formula).starts_with("<math")).count();
        assert_eq!(set, MAX_TOTAL / 4_000);
        // Those that cannot be read are read as well.
        let mut formulas = Formulas::new();
        let unread = format!("$\\oops{}$", "x".repeat(3_995));
        (0..100).for_each(|_| assert!(formulas.html(&unread).starts_with("<code")));
        assert!(formulas.html(&formula).starts_with("<code"));
    }
}
