//! Markdown on a terminal, rendered while it arrives.
//!
//! [`Markdown`] splits the growing text into blocks at line ends (a paragraph, a heading, a list item,
//! a table, a line of code) and renders each block once it is complete: what it has returned as final is
//! never taken back. The final lines of a long paragraph are printed before its end. On a terminal that
//! can redraw, the incomplete block is shown below that, as far as it has arrived. `block` renders one block
//! with pulldown-cmark.

mod block;
mod highlight;
mod wrap;

use std::borrow::Cow;

use super::View;
use super::style::Role;
use block::{Canvas, Sources, code_line, formula_line, render};
use highlight::Highlighter;
use wrap::painted_width;

use crate::domain::Citation;

/// Markdown that arrives in pieces.
pub(super) struct Markdown {
    canvas: Canvas,
    sources: Sources,
    /// The incomplete line.
    line: String,
    /// The lines of the incomplete block.
    block: String,
    /// The open code fence.
    fence: Option<Fence>,
    /// What ends the open formula of several lines.
    formula: Option<&'static str>,
    /// Whether indented lines belong to a list item.
    in_list: bool,
    /// Whether an empty line precedes the next block.
    gap: bool,
    /// Whether anything has been rendered.
    started: bool,
    /// What is on the screen of the incomplete block, in whole lines.
    shown: String,
    /// Its length in bytes when it was last rendered.
    looked_at: usize,
    /// What was shown last of the incomplete block, and its length in bytes at that time.
    tail: (String, usize),
    /// The most rows of it.
    max_tail: usize,
}

/// A longer paragraph is only printed at its end: rendering it repeatedly would take too long.
const LONGEST_PREVIEW: usize = 16 << 10;
/// A longer block is not rendered for each word.
const SHORT_PREVIEW: usize = 2 << 10;

struct Fence {
    marker: char,
    len: usize,
    indent: usize,
    highlighter: Highlighter,
}

impl Markdown {
    /// An empty text.
    pub(super) fn new(view: &View) -> Self {
        Self {
            canvas: Canvas {
                width: view.width.unwrap_or(80),
                color: view.color,
                highlights: view.color && view.highlights,
                links: view.links,
            },
            sources: Sources::new(),
            line: String::new(),
            block: String::new(),
            fence: None,
            formula: None,
            in_list: false,
            gap: false,
            started: false,
            shown: String::new(),
            looked_at: 0,
            tail: Default::default(),
            max_tail: view.redraws,
        }
    }

    /// Renders a whole text that cites these sources.
    pub(super) fn cited(text: &str, sources: &[Citation], view: &View) -> String {
        let mut markdown = Self::new(view);
        markdown.cite(sources);
        markdown.push(text) + &markdown.finish()
    }

    /// Renders a whole text.
    #[cfg(test)]
    pub(super) fn render(text: &str, view: &View) -> String {
        Self::cited(text, &[], view)
    }

    /// Takes the sources that the text cites.
    pub(super) fn cite(&mut self, citations: &[Citation]) {
        let url = |source: &Citation| (source.number.to_string(), source.url.clone());
        self.sources.extend(citations.iter().map(url));
    }

    /// Takes the next piece; returns what can be printed now, in whole lines.
    pub(super) fn push(&mut self, text: &str) -> String {
        self.whole_lines(text) + &self.settled_lines()
    }

    /// As [`Markdown::push`] for a terminal that can redraw; returns also the rows of the incomplete block
    /// that follow it. They have no final line break, and replace those of the last call.
    pub(super) fn push_live(&mut self, text: &str) -> (String, String) {
        let mut done = self.whole_lines(text);
        let mut tail = self.incomplete();
        if tail.lines().count() > self.max_tail {
            done += &self.settled_lines();
            tail = self.incomplete();
        }
        let skipped = tail.lines().count().saturating_sub(self.max_tail);
        let tail = tail.lines().skip(skipped).collect::<Vec<_>>().join("\n");
        // What the terminal wraps by itself cannot be redrawn.
        let fits = |row: &str| !row.contains('\t') && painted_width(row) <= self.canvas.width;
        (done, if tail.lines().all(fits) { tail } else { String::new() })
    }

    /// The incomplete block, as far as it is not final.
    fn incomplete(&mut self) -> String {
        if let Some(fence) = &self.fence {
            let code = without_indent(&self.line, fence.indent);
            let may_close = code.trim().chars().all(|c| c == fence.marker);
            return match code {
                _ if may_close => String::new(),
                code => {
                    let mut highlighter = fence.highlighter;
                    code_line(&highlighter.line(code), fence.indent, self.canvas)
                }
            };
        }
        if self.formula.is_some() {
            return formula_line(&self.line, self.canvas);
        }
        // The beginning of a line that may become anything.
        let is_mark = |c: char| c.is_whitespace() || "`~#-*+=|>_:".contains(c);
        let line = if self.line.chars().all(is_mark) { "" } else { self.line.as_str() };
        let is_code = indent_of(&self.block) >= 4 && !self.in_list;
        let text = format!("{}{line}", self.block);
        if text.trim().is_empty() || is_code || text.len() > LONGEST_PREVIEW {
            return String::new();
        }
        let grown = text.len().abs_diff(self.tail.1);
        if text.len() > SHORT_PREVIEW && grown < self.canvas.width / 2 && !self.tail.0.is_empty() {
            return self.tail.0.clone();
        }
        let rendered = self.rendered(&with_ends(&text));
        let rest = rendered.strip_prefix(self.shown.as_str()).map_or_else(
            || rendered.lines().skip(self.shown.lines().count()).collect::<Vec<_>>().join("\n"),
            str::to_owned,
        );
        let gap = if self.gap { "\n" } else { "" };
        self.tail = (format!("{gap}{rest}"), text.len());
        self.tail.0.clone()
    }

    /// Takes the next piece; returns the blocks that it completes.
    fn whole_lines(&mut self, text: &str) -> String {
        let mut shown = String::new();
        for piece in text.split_inclusive('\n') {
            self.line += piece;
            if piece.ends_with('\n') {
                let line = std::mem::take(&mut self.line);
                shown += &self.whole_line(line.trim_end_matches('\n'));
            }
        }
        shown
    }

    /// The lines of the block that are final and not on the screen yet: all but the last one, if no
    /// markup is open.
    fn settled_lines(&mut self) -> String {
        let goes_on = !self.starts_block(&self.line)
            && Fence::opened_by(&self.line).is_none()
            && formula_opened_by(&self.line).is_none();
        let line = if goes_on { self.line.as_str() } else { "" };
        let len = self.block.len() + line.len();
        let too_early = len < self.looked_at + self.canvas.width / 4;
        let is_verbatim = self.fence.is_some() || self.formula.is_some();
        let is_code = is_verbatim || indent_of(&self.block) >= 4 && !self.in_list;
        let text = format!("{}{line}", self.block);
        // The first line may become the header of a table.
        let may_be_table = text.lines().next().is_some_and(|first| first.contains('|'));
        if too_early || len > LONGEST_PREVIEW || is_code || may_be_table {
            return String::new();
        }
        self.looked_at = len;
        let Some(end) = text.rfind(char::is_whitespace).filter(|end| is_settled(&text[..*end]))
        else {
            return String::new();
        };
        let rendered = self.rendered(&text[..end]);
        let last = rendered.trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        let Some(new) = rendered[..last].strip_prefix(self.shown.as_str()) else {
            return String::new();
        };
        if new.is_empty() {
            return String::new();
        }
        let new = new.to_owned();
        self.shown += &new;
        self.take_gap() + &new
    }

    /// Ends the text; returns the rest.
    pub(super) fn finish(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let last = if line.is_empty() { String::new() } else { self.whole_line(&line) };
        last + &self.end_block()
    }

    fn whole_line(&mut self, line: &str) -> String {
        if let Some(fence) = &mut self.fence {
            if fence.is_closed_by(line) {
                self.fence = None;
                return String::new();
            }
            let code = without_indent(line, fence.indent);
            return code_line(&fence.highlighter.line(code), fence.indent, self.canvas);
        }
        let text = line.trim_start();
        if text.is_empty() {
            let ended = self.end_block();
            self.gap = self.started;
            self.formula = None;
            return ended;
        }
        if let Some(end) = self.formula {
            if text.contains(end) {
                self.formula = None;
            }
            return formula_line(line, self.canvas);
        }
        if let Some(end) = formula_opened_by(line) {
            let ended = self.end_block();
            self.formula = Some(end);
            return ended + &self.take_gap() + &formula_line(line, self.canvas);
        }
        if let Some(mut fence) = Fence::opened_by(line) {
            let ended = self.end_block();
            if self.canvas.highlights {
                fence.highlighter = Highlighter::new(&line.trim_start()[fence.len..]);
            }
            self.fence = Some(fence);
            return ended + &self.take_gap();
        }
        if self.is_underlined_by(line) {
            self.block += line;
            return self.end_block();
        }
        let mut ended = if self.starts_block(line) { self.end_block() } else { String::new() };
        self.block += line;
        self.block.push('\n');
        if is_heading(text) || is_rule(text) {
            ended += &self.end_block();
        }
        ended
    }

    fn starts_block(&self, line: &str) -> bool {
        let text = line.trim_start();
        let changes_table = !self.block.is_empty() && is_table(text) != is_table(&self.block);
        is_item(text) || is_heading(text) || is_rule(text) || changes_table
    }

    /// Whether `line` makes a heading of the paragraph before it.
    fn is_underlined_by(&self, line: &str) -> bool {
        let text = self.block.trim_start();
        let is_paragraph = !text.is_empty()
            && indent_of(&self.block) < 4
            && !text.starts_with('>')
            && !is_item(text)
            && !is_table(text);
        is_paragraph && indent_of(line) < 4 && is_underline(line)
    }

    /// Renders the rest of the collected block.
    fn end_block(&mut self) -> String {
        let block = std::mem::take(&mut self.block);
        let indent = indent_of(&block);
        if is_item(block.trim_start()) {
            self.in_list = true;
        } else if !block.is_empty() && indent == 0 {
            self.in_list = false;
        }
        if block.is_empty() {
            return String::new();
        }
        let gap = self.take_gap();
        if indent >= 4 && !self.in_list {
            let code = block.lines().map(|line| {
                code_line(&[(without_indent(line, 4), Some(Role::Code))], 0, self.canvas)
            });
            return gap + &code.collect::<String>();
        }
        let mut rendered = self.rendered(&block);
        self.looked_at = 0;
        self.tail = Default::default();
        let shown = std::mem::take(&mut self.shown);
        // The beginning of a heading is on the screen as that of a paragraph.
        if !rendered.starts_with(&shown)
            && let Some((paragraph, last)) = block.trim_end().rsplit_once('\n')
            && is_underline(last)
        {
            rendered = self.rendered(paragraph);
        }
        // If its beginning has changed after all, print it twice rather than not at all.
        gap + rendered.strip_prefix(shown.as_str()).unwrap_or(&rendered)
    }

    fn rendered(&self, block: &str) -> String {
        let indent = indent_of(block);
        let lines = block.lines().map(|line| without_indent(line, indent).to_owned() + "\n");
        render(&lines.collect::<String>(), indent, self.canvas, &self.sources)
    }

    fn take_gap(&mut self) -> String {
        self.started = true;
        if std::mem::take(&mut self.gap) { "\n".to_owned() } else { String::new() }
    }
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let text = line.trim_start();
        let marker = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let len = text.chars().take_while(|c| *c == marker).count();
        let is_code_span = marker == '`' && text[len..].contains('`');
        let highlighter = Highlighter::default();
        (len >= 3 && !is_code_span).then(|| Self {
            marker,
            len,
            indent: indent_of(line),
            highlighter,
        })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        text.chars().count() >= self.len && text.chars().all(|c| c == self.marker)
    }
}

/// The end of the formula of several lines that begins with `line`.
fn formula_opened_by(line: &str) -> Option<&'static str> {
    let ends = [("\\[", "\\]"), ("$$", "$$")];
    ends.into_iter().find_map(|(begin, end)| {
        let formula = line.trim_start().strip_prefix(begin)?;
        (!formula.contains(end)).then_some(end)
    })
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The line without up to `indent` leading spaces.
fn without_indent(line: &str, indent: usize) -> &str {
    &line[indent_of(line).min(indent)..]
}

/// Whether no markup is open at the end of `text`, so that its rendering is final. Errs on the side
/// of no: then the text is printed a little later.
fn is_settled(text: &str) -> bool {
    let text = text.trim_start();
    let text = if is_item(text) { &text[1..] } else { text };
    let count = |mark: char| text.matches(mark).count();
    // `**` opens or closes once, like `*`: runs are counted. One between blanks, or an underscore
    // within a word, does neither.
    let runs = |mark: char| {
        let marks = text.match_indices(mark).filter(|(at, _)| !text[..*at].ends_with(mark));
        let is_idle = |at: usize| {
            let before = text[..at].chars().next_back();
            let after = text[at..].trim_start_matches(mark).chars().next();
            let both = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
            both(char::is_whitespace) || mark == '_' && both(char::is_alphanumeric)
        };
        marks.filter(|(at, _)| mark == '`' || !is_idle(*at)).count()
    };
    let even = ['*', '_', '`', '~', '$'].into_iter().all(|mark| runs(mark) % 2 == 0);
    let closed = [('[', ']'), ('(', ')'), ('<', '>')];
    let is_formula_open = text.matches("\\begin{").count() > text.matches("\\end{").count();
    even && !is_formula_open
        && closed.into_iter().all(|(open, close)| count(open) == count(close))
        && !text.ends_with('\\')
}

fn is_heading(text: &str) -> bool {
    let level = text.chars().take_while(|c| *c == '#').count();
    (1..=6).contains(&level) && text[level..].starts_with([' ', '\t'])
}

fn is_item(text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let after = match digits {
        0 => text.strip_prefix(['-', '*', '+']),
        1..=9 => text[digits..].strip_prefix(['.', ')']),
        _ => None,
    };
    after.is_some_and(|rest| rest.starts_with([' ', '\t'])) && !is_rule(text)
}

/// Whether a line is an underline, which makes a heading of the paragraph before it.
fn is_underline(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && ['-', '='].iter().any(|mark| line.chars().all(|c| c == *mark))
}

/// `text` with the ends of markup that is open at its end, or without its beginning.
fn with_ends(text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    for mark in ["`", "**"] {
        if text.matches(mark).count() % 2 == 1 {
            return match text.strip_suffix(mark) {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(format!("{text}{mark}")),
            };
        }
    }
    Cow::Borrowed(text)
}

fn is_rule(text: &str) -> bool {
    let mut marks = text.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next() else { return false };
    let mut len = 1;
    let same = marks.inspect(|_| len += 1).all(|c| c == first);
    same && len >= 3 && matches!(first, '-' | '*' | '_')
}

fn is_table(text: &str) -> bool {
    text.trim_start().starts_with('|')
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;
    use crate::cli::output::progress::transition;

    const SAMPLE: &str = "# Title\nIntro with **bold** and `code`.\n\n- one\n- two\n  more\n\n    \
        deeper\n\n1. first\n2. second\n\n```rust\nfn main() {}\n  # not a title\n```\n\nEnd 你好\n\n\
        | a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n---\nlast";

    fn view(width: usize, color: bool) -> View {
        let (highlights, links) = (true, false);
        View { width: Some(width), color, markdown: true, redraws: 10, highlights, links }
    }

    #[test]
    fn answers_as_models_write_them() {
        let answers = include_str!("../../../../tests/fixtures/answers.md").split("\n===\n");
        let shown: Vec<_> =
            answers.map(|answer| Markdown::render(answer, &view(60, false))).collect();
        insta::assert_snapshot!("answers", shown.join("\n=====\n"));
    }

    #[test]
    fn blocks_are_rendered() {
        insta::assert_snapshot!(Markdown::render(SAMPLE, &view(40, false)), @r"
        # Title
        Intro with bold and code.

        • one
        • two more

            deeper

        1. first
        2. second

          fn main() {}
            # not a title

        End 你好

        ┌───┬───┐
        │ a ┆ b │
        ╞═══╪═══╡
        │ 1 ┆ 2 │
        └───┴───┘

        │ quoted

        ────────────────────────────────────────
        last
        ");
    }

    #[test]
    fn pieces_of_any_size_render_alike() {
        let view = view(30, true);
        let whole = Markdown::render(SAMPLE, &view);
        let mut markdown = Markdown::new(&view);
        let letters: String = SAMPLE.chars().map(|c| markdown.push(&c.to_string())).collect();
        assert_eq!(letters + &markdown.finish(), whole);
    }

    #[test]
    fn a_block_is_printed_as_soon_as_it_is_complete() {
        let mut markdown = Markdown::new(&view(40, false));
        assert_eq!(markdown.push("# T\n"), "# T\n");
        assert_eq!(markdown.push("one\n"), "");
        assert_eq!(markdown.push("\n"), "one\n");
        assert_eq!(markdown.push("```\nlet"), "\n");
        assert_eq!(markdown.push(" a;\n"), "  let a;\n");
        assert_eq!(markdown.push("```\n- a\n- b"), "");
        assert_eq!(markdown.push("\n- c\n"), "• a\n• b\n");
        assert_eq!(markdown.finish(), "• c\n");
    }

    #[test]
    fn a_long_paragraph_is_printed_line_by_line() {
        let mut markdown = Markdown::new(&view(20, false));
        let words = "one two **three four** five six seven eight nine ten";
        let mut shown = String::new();
        for word in words.split_inclusive(' ') {
            shown += &markdown.push(word);
        }
        assert_eq!(shown, "one two three four\nfive six seven eight\n");
        assert_eq!(markdown.finish(), "nine ten\n");
    }

    /// A terminal that knows what the printer uses.
    struct Screen {
        rows: Vec<String>,
        row: usize,
        width: usize,
    }

    impl Screen {
        fn print(&mut self, text: &str) {
            let mut rest = text;
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                match c {
                    '\u{1b}' => {
                        let end = rest.find(char::is_alphabetic).expect("a sequence");
                        let (sequence, after) = rest.split_at(end + 1);
                        match sequence {
                            "[A" => self.row -= 1,
                            "[K" => self.rows[self.row].clear(),
                            other => panic!("{other:?}"),
                        }
                        rest = after;
                    }
                    // Only before an erasure.
                    '\r' => {}
                    '\n' => {
                        self.row += 1;
                        if self.row == self.rows.len() {
                            self.rows.push(String::new());
                        }
                    }
                    c => self.rows[self.row].push(c),
                }
                assert!(measure_text_width(&self.rows[self.row]) <= self.width, "{:?}", self.rows);
            }
        }

        fn text(&self) -> String {
            let rows: Vec<_> = self.rows.iter().map(|row| row.trim_end()).collect();
            rows.join("\n").trim_end().to_owned()
        }
    }

    const LIVE: &str = "A title that is longer than a row of it\nin two lines\n---\n\nText with `code` and \
        **strong words**, 5 * 3, snake_case, one * star and one ` tick.\n\n- an item with several words\n\
        - 你好，世界。你好，世界。\n\n> a quotation with some more words\n> in two lines\n\n\
        | a | b |\n|---|---|\n| 1 | 2 |\n\n```\nlet a = 1;\n```\nA last title\n===\n";

    #[test]
    fn what_is_redrawn_adds_up_to_the_whole_text() {
        let long = "one two * three ".repeat(40);
        for text in [SAMPLE, LIVE, &long, &format!("{long}\n===\n\nend")] {
            for (width, size) in [(20, 1), (20, 7), (36, 3), (80, 1), (80, 50)] {
                let view = view(width, false);
                let mut markdown = Markdown::new(&view);
                let mut screen = Screen { rows: vec![String::new()], row: 0, width };
                let mut tail = String::new();
                let letters: Vec<char> = text.chars().collect();
                for piece in letters.chunks(size) {
                    let (done, next) = markdown.push_live(&piece.iter().collect::<String>());
                    screen.print(&transition(&tail, &format!("{done}{next}")));
                    tail = next;
                    assert!(tail.lines().count() <= view.redraws, "{tail}");
                }
                screen.print(&transition(&tail, &markdown.finish()));
                let mut whole = Markdown::render(text, &view).trim_end().to_owned();
                if text.ends_with("end") && width < 80 {
                    // Its beginning was on the screen before it became a heading.
                    whole =
                        Markdown::render(&text.replace("===\n", ""), &view).trim_end().to_owned();
                }
                assert_eq!(screen.text(), whole, "{width} {size}");
            }
        }
    }

    #[test]
    fn words_are_shown_as_they_arrive() {
        let mut markdown = Markdown::new(&view(40, false));
        for (piece, shown) in [
            ("One", "One"),
            (" two **th", "One two th"),
            ("ree**", "One two three"),
            (" 5 * 3 and `co", "One two three 5 * 3 and co"),
        ] {
            assert_eq!(markdown.push_live(piece), (String::new(), shown.to_owned()));
        }
        let (done, tail) = markdown.push_live("de`\n\n- an it");
        assert_eq!(done, "One two three 5 * 3 and code\n");
        assert_eq!(tail, "\n• an it");
        assert_eq!(markdown.push_live("em\n"), (String::new(), "\n• an item".to_owned()));
        let (done, tail) = markdown.push_live("\n> quo");
        assert_eq!((done.as_str(), tail.as_str()), ("\n• an item\n", "\n│ quo"));
    }

    #[test]
    fn an_underlined_paragraph_is_one_heading() {
        for text in ["Two\nlines\n---\nend\n", "Two\nlines\n===\nend\n"] {
            let level = if text.contains('=') { "#" } else { "##" };
            let whole = Markdown::render(text, &view(20, false));
            assert_eq!(whole, format!("{level} Two lines\nend\n"));
        }
        let text = "- one\n---\n> two\n\n---\n";
        let whole = Markdown::render(text, &view(20, false));
        assert_eq!(whole.matches("────").count() / 5, 2, "{whole}");
        // Once the beginning is on the screen, nothing of it is printed twice.
        let mut markdown = Markdown::new(&view(20, false));
        let text = "one two three four five six seven eight\n===\nend";
        let shown: String = text.chars().map(|c| markdown.push(&c.to_string())).collect();
        let shown = shown + &markdown.finish();
        assert_eq!(shown, "one two three four\nfive six seven eight\nend\n");
    }

    #[test]
    fn lines_of_chinese_are_joined_without_a_space() {
        let text = "你好，\n世界\nand you\n你好 **注**\n“意”\n";
        assert_eq!(Markdown::render(text, &view(60, false)), "你好，世界 and you 你好 注“意”\n");
    }

    #[test]
    fn a_table_leaves_nothing_of_its_source_on_the_screen() {
        for table in [
            "| A rather long header | and another one |\n|---|---:|\n| 1 | 2 |\n\nend",
            "A rather long header | and another one\n---|---:\n1 | 2\n\nend",
        ] {
            let view = view(24, false);
            let mut markdown = Markdown::new(&view);
            let shown: String = table.chars().map(|c| markdown.push(&c.to_string())).collect();
            let shown = shown + &markdown.finish();
            assert!(!shown.contains('|') && !shown.contains("---"), "{shown}");
            assert!(shown.starts_with('┌') && shown.ends_with("end\n"), "{shown}");
        }
    }

    #[test]
    fn columns_are_aligned_as_the_table_says() {
        let table = "| left | right | centre |\n|---|---:|:-:|\n| a | 1 | x<br>yyyy |\n";
        insta::assert_snapshot!(Markdown::render(table, &view(40, false)), @r"
        ┌──────┬───────┬────────┐
        │ left ┆ right ┆ centre │
        ╞══════╪═══════╪════════╡
        │ a    ┆     1 ┆    x   │
        │      ┆       ┆  yyyy  │
        └──────┴───────┴────────┘
        ");
    }

    #[test]
    fn tasks_breaks_quotes_and_citations_are_rendered() {
        let text = "- [x] done\n- [ ] open\n\none<br>two `<br>`\n\n> outer\n>\n> second\n> > inner\n\n\
                    Two pages [[1,2]][[3]] and `[[4]]`.\n";
        insta::assert_snapshot!(Markdown::render(text, &view(40, false)), @r"
        ☑ done
        ☐ open

        one
        two <br>

        │ outer
        │
        │ second
        │
        │ │ inner

        Two pages [1][2][3] and [[4]].
        ");
    }

    #[test]
    fn links_and_citations_are_marked_for_terminals_that_understand_them() {
        let source = |number: u32, url: &str| Citation {
            number,
            url: url.to_owned(),
            ..Citation::default()
        };
        let sources = [source(1, "https://a.example/1"), source(2, "javascript:x")];
        let text = "So [[1,2,3]], [word](https://b.example/w), https://c.example and `[x](y)`.\n";
        let linked = View { links: true, ..view(120, false) };
        let shown = Markdown::cited(text, &sources, &linked);
        let link =
            |url: &str, text: &str| format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\");
        let (word, url) = (
            link("https://b.example/w", "word"),
            link("https://b.example/w", "https://b.example/w"),
        );
        let (one, bare) =
            (link("https://a.example/1", "[1]"), link("https://c.example", "https://c.example"));
        assert_eq!(shown, format!("So {one}[2][3], {word} ({url}), {bare} and [x](y).\n"));
        // The text is the same without.
        let plain = Markdown::cited(text, &sources, &view(120, false));
        assert_eq!(
            plain,
            "So [1][2][3], word (https://b.example/w), https://c.example and [x](y).\n"
        );
        for size in [1, 7] {
            let mut markdown = Markdown::new(&linked);
            markdown.cite(&sources);
            let letters: Vec<char> = text.chars().collect();
            let pieces = letters.chunks(size).map(|piece| piece.iter().collect::<String>());
            let cut: String = pieces.map(|piece| markdown.push(&piece)).collect();
            assert_eq!(cut + &markdown.finish(), shown, "{size}");
        }
    }

    #[test]
    fn code_has_colours_by_its_language_unless_that_is_off() {
        let code = "```rust\nlet a = \"b\"; // c\n```\n";
        let shown = Markdown::render(code, &view(40, true));
        assert!(shown.contains("\u{1b}[35mlet\u{1b}"), "{shown:?}");
        assert_eq!(console::strip_ansi_codes(&shown), "  let a = \"b\"; // c\n");
        let off = View { highlights: false, ..view(40, true) };
        assert_eq!(Markdown::render(code, &off).matches("\u{1b}[36m").count(), 1);
        assert_eq!(Markdown::render(code, &view(40, false)), "  let a = \"b\"; // c\n");
        let mut markdown = Markdown::new(&view(40, true));
        let cut: String = code.chars().map(|c| markdown.push(&c.to_string())).collect();
        assert_eq!(cut + &markdown.finish(), shown);
    }

    #[test]
    fn definitions_of_links_are_shown() {
        let text =
            "Two [1][2].\n\nSources:\n\n[1]: https://a.example/b\n[2]: https://b.example \"T\"\n";
        insta::assert_snapshot!(Markdown::render(text, &view(60, false)), @r#"
        Two [1][2].

        Sources:

        [1]: https://a.example/b
        [2]: https://b.example "T"
        "#);
    }

    #[test]
    fn formulas_and_emphasis_of_models_are_understood() {
        let text = "**注意：**看 \\[a \\\\ b\\]，$x*y*z$。\n\n\\[\nx^* \\\\\n- y_1 \\, z^*\n\\]\n\n\
                    See https://a.example/b_c. f[0](x)\n";
        let view = view(60, false);
        let whole = Markdown::render(text, &view);
        insta::assert_snapshot!(whole, @r"
        注意：看 \[a \\ b\]，$x*y*z$。

        \[
        x^* \\
        - y_1 \, z^*
        \]

        See https://a.example/b_c. f[0](x)
        ");
        let mut markdown = Markdown::new(&view);
        let letters: String = text.chars().map(|c| markdown.push(&c.to_string())).collect();
        assert_eq!(letters + &markdown.finish(), whole);
    }

    #[test]
    fn open_markup_delays_a_line() {
        let mut markdown = Markdown::new(&view(10, false));
        assert_eq!(markdown.push("one **two three four five six seven eight "), "");
        assert_eq!(
            markdown.push("nine** ten "),
            "one two\nthree four\nfive six\nseven\neight nine\n"
        );
        assert_eq!(markdown.finish(), "ten\n");
    }

    proptest::proptest! {
        #[test]
        fn no_letter_is_lost_at_any_cut(text in "[ab *_`#|\\[\\]()<>1.~\\\\\n-]{0,200}", width in 1..30_usize) {
            let view = view(width, true);
            let kept = |text: &str| text.matches(['a', 'b']).count();
            let mut markdown = Markdown::new(&view);
            let shown: String = text.chars().map(|c| markdown.push(&c.to_string())).collect();
            let whole = Markdown::render(&text, &view);
            proptest::prop_assert!(kept(&(shown + &markdown.finish())) >= kept(&whole));
        }
    }

    #[test]
    fn no_width_and_no_text_panics() {
        for width in 1..12 {
            for end in SAMPLE.char_indices().map(|(at, _)| at) {
                Markdown::render(&SAMPLE[..end], &view(width, true));
            }
        }
    }

    #[test]
    fn html_from_a_model_is_text() {
        let text = Markdown::render("a <b>c</b>\n\n<script>x</script>\n", &view(60, false));
        assert_eq!(text, "a <b>c</b>\n\n<script>x</script>\n");
    }
}
