//! One block of Markdown, rendered for a terminal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, presets};
use pulldown_cmark::{Alignment, Event, Tag, TagEnd};
use unicode_width::UnicodeWidthStr as _;

use super::wrap::{Letter, is_linkable, paint_line, wrap};
use crate::cli::output::style::{Role, Roles};
use crate::domain::markdown::Markdown;

/// What limits the rendering of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Canvas {
    pub width: usize,
    pub color: bool,
    /// Whether code has colours by its language.
    pub highlights: bool,
    /// Whether the terminal understands links.
    pub links: bool,
}

const BULLET: &str = "• ";

/// Deeply nested lists leave some of the line for their text.
const MAX_INDENT: usize = 24;

/// A line of code, indented by two columns and never wrapped.
pub(super) fn code_line(code: &[(&str, Option<Role>)], indent: usize, canvas: Canvas) -> String {
    let letters = code.iter().flat_map(|(piece, role)| {
        let roles = role.map_or_else(Roles::default, |role| Roles::default().with(role));
        piece.chars().map(move |c| (c, roles))
    });
    let letters: Vec<Letter> = letters.collect();
    let indent = " ".repeat(indent.min(MAX_INDENT) + 2);
    format!("{indent}{}\n", paint_line(&letters, canvas.color, &[]))
}

/// A line of a formula, as it is.
pub(super) fn formula_line(line: &str, canvas: Canvas) -> String {
    let letters: Vec<Letter> = line.chars().map(|c| (c, Roles::default())).collect();
    paint_line(&letters, canvas.color, &[]) + "\n"
}

/// Renders `block`, indented by `indent` columns; citations are of these `sources`.
pub(super) fn render(block: &str, indent: usize, canvas: Canvas, sources: &Sources) -> String {
    let block = without_definitions(block);
    let markdown = Markdown::new(&block);
    let mut renderer = Renderer::new(canvas, sources);
    renderer.first_prefix = " ".repeat(indent.min(MAX_INDENT));
    renderer.prefix.clone_from(&renderer.first_prefix);
    for event in markdown.events() {
        renderer.event(event);
    }
    renderer.end_paragraph();
    renderer.text
}

/// The URLs of sources, by the numbers by which a text cites them.
pub(super) type Sources = HashMap<String, String>;

struct Renderer<'a> {
    canvas: Canvas,
    sources: &'a Sources,
    /// The URLs of the links of the letters.
    urls: Vec<String>,
    text: String,
    letters: Vec<Letter>,
    roles: Roles,
    /// Whether a line of the source has ended within the paragraph.
    has_soft_break: bool,
    /// The prefix of the first line of the next paragraph.
    first_prefix: String,
    /// The prefix of its other lines.
    prefix: String,
    /// The next number of each open list; none for bullets.
    lists: Vec<Option<u64>>,
    /// The open items and quotations, from outside.
    outer: Vec<Container>,
    /// The URL of each open link or image, and the start of its text.
    links: Vec<(String, usize)>,
    table: Option<comfy_table::Table>,
    alignments: Vec<Alignment>,
    cells: Vec<String>,
}

/// An open item or quotation.
struct Container {
    /// The prefix outside of it.
    prefix: String,
    /// Whether blank lines separate its parts: not in an item.
    separates: bool,
    /// Whether it has a part.
    has_begun: bool,
}

impl<'a> Renderer<'a> {
    fn new(canvas: Canvas, sources: &'a Sources) -> Self {
        Self {
            canvas,
            sources,
            urls: Vec::new(),
            text: String::new(),
            letters: Vec::new(),
            roles: Roles::default(),
            has_soft_break: false,
            first_prefix: String::new(),
            prefix: String::new(),
            lists: Vec::new(),
            outer: Vec::new(),
            links: Vec::new(),
            table: None,
            alignments: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::InlineHtml(html) if is_line_break(&html) => self.push("\n"),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push(&text),
            Event::Code(code) => self.push_as(&code, Role::Code),
            Event::SoftBreak => self.has_soft_break = true,
            Event::HardBreak => self.push("\n"),
            Event::Rule => {
                let width = self.canvas.width.saturating_sub(self.prefix.width()).min(40);
                self.push_as(&"─".repeat(width), Role::Muted);
                self.end_paragraph();
            }
            Event::InlineMath(formula) | Event::DisplayMath(formula) => self.push(&formula),
            Event::FootnoteReference(name) => self.push(&format!("[^{name}]")),
            Event::TaskListMarker(done) => {
                let mark = if done { "☑ " } else { "☐ " };
                match self.first_prefix.strip_suffix(BULLET) {
                    Some(before) => self.first_prefix = format!("{before}{mark}"),
                    None => self.push(mark),
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if matches!(
            tag,
            Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::BlockQuote(_)
                | Tag::List(_)
                | Tag::CodeBlock(_)
                | Tag::Table(_)
        ) {
            self.separate();
        }
        match tag {
            Tag::Heading { level, .. } => {
                self.roles = self.roles.with(Role::Heading);
                self.push(&format!("{} ", "#".repeat(level as usize)));
            }
            Tag::BlockQuote(kind) => {
                self.indent_by("│ ", "│ ", true);
                if let Some(kind) = kind {
                    self.separate();
                    self.push_as(&format!("{kind:?}"), Role::Strong);
                }
            }
            Tag::FootnoteDefinition(name) => {
                self.separate();
                self.push(&format!("[^{name}]: "));
            }
            Tag::List(first) => self.lists.push(first),
            Tag::Item => self.start_item(),
            Tag::CodeBlock(_) => self.roles = self.roles.with(Role::Code),
            Tag::Emphasis => self.roles = self.roles.with(Role::Emphasis),
            Tag::Strong => self.roles = self.roles.with(Role::Strong),
            Tag::Strikethrough => self.roles = self.roles.with(Role::Deleted),
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.push("[image: ");
                self.start_link(&dest_url);
            }
            Tag::Table(alignments) => {
                self.table = Some(comfy_table::Table::new());
                self.alignments = alignments;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_paragraph(),
            TagEnd::Heading(_) => {
                self.end_paragraph();
                self.roles = self.roles.without(Role::Heading);
            }
            TagEnd::CodeBlock => {
                self.end_paragraph();
                self.roles = self.roles.without(Role::Code);
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.end_paragraph();
                self.prefix = self.outer.pop().map(|outer| outer.prefix).unwrap_or_default();
                self.first_prefix.clone_from(&self.prefix);
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Emphasis => self.roles = self.roles.without(Role::Emphasis),
            TagEnd::Strong => self.roles = self.roles.without(Role::Strong),
            TagEnd::Strikethrough => self.roles = self.roles.without(Role::Deleted),
            TagEnd::Link => self.end_link(""),
            TagEnd::Image => self.end_link("]"),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.letters);
                self.cells.push(cell.into_iter().map(|(c, _)| c).collect());
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(tag),
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn start_item(&mut self) {
        self.end_paragraph();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => BULLET.to_owned(),
        };
        let hanging = " ".repeat(mark.width());
        self.indent_by(&mark, &hanging, false);
    }

    /// A blank line between two parts of a quotation.
    fn separate(&mut self) {
        self.end_paragraph();
        let Some(container) = self.outer.last_mut() else { return };
        if std::mem::replace(&mut container.has_begun, true) && container.separates {
            let _ = writeln!(self.text, "{}", self.prefix.trim_end());
        }
    }

    fn indent_by(&mut self, first: &str, rest: &str, separates: bool) {
        let prefix = self.prefix.clone();
        self.outer.push(Container { prefix, separates, has_begun: false });
        self.first_prefix += first;
        self.prefix += rest;
    }

    fn start_link(&mut self, url: &str) {
        self.links.push((url.to_owned(), self.letters.len()));
        let link = self.link(url);
        self.roles = self.roles.with(Role::Link).linked(link);
    }

    /// The number of a link to `url`, if the terminal can have it.
    fn link(&mut self, url: &str) -> Option<usize> {
        let is_possible = self.canvas.links && is_linkable(url);
        is_possible.then(|| {
            self.urls.push(url.to_owned());
            self.urls.len() - 1
        })
    }

    /// Prints the URL beside the text, unless it is the text.
    fn end_link(&mut self, close: &str) {
        let link = self.roles.link();
        self.roles = self.roles.without(Role::Link).linked(None);
        let Some((url, begin)) = self.links.pop() else { return };
        self.push(close);
        let text: String = self.letters.iter().skip(begin).map(|(c, _)| *c).collect();
        if text != url && text != url.trim_start_matches("mailto:") {
            self.push(" (");
            self.roles = self.roles.linked(link);
            self.push_as(&url, Role::Muted);
            self.roles = self.roles.linked(None);
            self.push(")");
        }
    }

    fn end_row(&mut self, tag: TagEnd) {
        let cells = std::mem::take(&mut self.cells);
        let Some(table) = &mut self.table else { return };
        if tag == TagEnd::TableHead {
            table.set_header(cells);
        } else {
            table.add_row(cells);
        }
    }

    fn end_table(&mut self) {
        let Some(mut table) = self.table.take() else { return };
        let width = self.canvas.width.saturating_sub(self.prefix.width()).max(1);
        table
            .load_style(presets::UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
        for (column, alignment) in table.column_iter_mut().zip(&self.alignments) {
            column.set_cell_alignment(match alignment {
                Alignment::None | Alignment::Left => CellAlignment::Left,
                Alignment::Center => CellAlignment::Center,
                Alignment::Right => CellAlignment::Right,
            });
        }
        for line in table.lines() {
            let _ = writeln!(self.text, "{}{}", self.prefix, line.trim_end());
        }
    }

    fn push(&mut self, text: &str) {
        let Some(first) = text.chars().next() else { return };
        if std::mem::take(&mut self.has_soft_break) {
            let last = self.letters.last().map(|(last, _)| *last);
            let is_joined = first == '\n' || last.is_some_and(is_joined) && is_joined(first);
            self.letters.extend((!is_joined).then_some((' ', Roles::default())));
        }
        self.letters.extend(text.chars().map(|c| (c, self.roles)));
    }

    fn push_as(&mut self, text: &str, role: Role) {
        let before = self.roles;
        self.roles = before.with(role);
        self.push(text);
        self.roles = before;
    }

    /// Citations of sources as links: `[[1,2]]` becomes `[1][2]`. Code stays as it is.
    fn with_citations(&mut self, letters: &[Letter]) -> Vec<Letter> {
        let code = Roles::default().with(Role::Code);
        let mut shown = Vec::with_capacity(letters.len());
        let mut rest = letters;
        while let Some((letter, after)) = rest.split_first() {
            let Some((numbers, len)) = citation(rest).filter(|_| letter.1 != code) else {
                shown.push(*letter);
                rest = after;
                continue;
            };
            for number in numbers.split(',').map(str::trim) {
                let url = self.sources.get(number).cloned();
                let link = url.and_then(|url| self.link(&url));
                let roles = letter.1.with(Role::Link).linked(link);
                shown.extend(format!("[{number}]").chars().map(|c| (c, roles)));
            }
            rest = &rest[len..];
        }
        shown
    }

    fn end_paragraph(&mut self) {
        self.has_soft_break = false;
        let mut letters = std::mem::take(&mut self.letters);
        while letters.last().is_some_and(|(c, _)| *c == '\n') {
            letters.pop();
        }
        if letters.is_empty() {
            return;
        }
        let letters = self.with_citations(&letters);
        let width = self.canvas.width.saturating_sub(self.prefix.width());
        for line in wrap(&letters, width) {
            let prefix = std::mem::replace(&mut self.first_prefix, self.prefix.clone());
            let line = format!("{prefix}{}", paint_line(&line, self.canvas.color, &self.urls));
            self.text += line.trim_end_matches(' ');
            self.text.push('\n');
        }
    }
}

/// Definitions of links (`[1]: https://…`), which the parser would drop, as text: the text that they
/// belong to is in another block.
fn without_definitions(block: &str) -> Cow<'_, str> {
    if !block.contains("]:") {
        return Cow::Borrowed(block);
    }
    let lines = block.lines().map(|line| {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        let is_definition = text.starts_with('[') && text.contains("]:");
        // Each on a line of its own.
        if is_definition { format!("{indent}&#91;{}  \n", &text[1..]) } else { format!("{line}\n") }
    });
    Cow::Owned(lines.collect())
}

/// Whether lines that end and begin with such characters are joined without a space.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}' | '“' | '”' | '…')
}

fn is_line_break(html: &str) -> bool {
    let tag = html.trim_start_matches('<').trim_end_matches(['/', '>', ' ']);
    tag.eq_ignore_ascii_case("br")
}

/// The numbers of the citation at the beginning, and its length in letters.
fn citation(letters: &[Letter]) -> Option<(String, usize)> {
    const LONGEST: usize = 40;
    let text: String = letters.iter().take(LONGEST).map(|(c, _)| *c).collect();
    let (numbers, _) = text.strip_prefix("[[")?.split_once("]]")?;
    let is_number = |part: &str| {
        let part = part.trim();
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    numbers.split(',').all(is_number).then(|| (numbers.to_owned(), numbers.chars().count() + 4))
}
