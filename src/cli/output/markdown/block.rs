//! One block of Markdown, rendered for a terminal.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, presets};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr as _;

use super::wrap::{Letter, Style, paint_line, wrap};

/// Where a block is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub width: usize,
    pub color: bool,
}

/// However deep a list is nested, some of the line is left for its text.
const MAX_INDENT: usize = 24;

/// A line of code, set in by two columns and never broken.
pub(super) fn code_line(code: &str, indent: usize, place: Place) -> String {
    let style = Style { code: true, ..Style::default() };
    let letters: Vec<Letter> = code.chars().map(|c| (c, style)).collect();
    format!("{}{}\n", " ".repeat(indent.min(MAX_INDENT) + 2), paint_line(&letters, place.color))
}

/// Renders `block`, set in by `indent` columns.
pub(super) fn render(block: &str, indent: usize, place: Place) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let mut renderer = Renderer::new(place);
    renderer.first_prefix = " ".repeat(indent.min(MAX_INDENT));
    renderer.prefix.clone_from(&renderer.first_prefix);
    for event in Parser::new_ext(block, options) {
        renderer.event(event);
    }
    renderer.end_paragraph();
    renderer.text
}

struct Renderer {
    place: Place,
    text: String,
    letters: Vec<Letter>,
    style: Style,
    /// What stands before the first line of the next paragraph, and before its other lines.
    first_prefix: String,
    prefix: String,
    /// The number of the next item of each list that we are in; none for bullets.
    lists: Vec<Option<u64>>,
    /// The prefixes to go back to at the end of an item or a quotation.
    outer: Vec<String>,
    /// Where the link or image that we are in leads to, and where its text begins.
    links: Vec<(String, usize)>,
    table: Option<comfy_table::Table>,
    cells: Vec<String>,
}

impl Renderer {
    fn new(place: Place) -> Self {
        Self {
            place,
            text: String::new(),
            letters: Vec::new(),
            style: Style::default(),
            first_prefix: String::new(),
            prefix: String::new(),
            lists: Vec::new(),
            outer: Vec::new(),
            links: Vec::new(),
            table: None,
            cells: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push(&text),
            Event::Code(code) => self.push_as(&code, |style| style.code = true),
            Event::InlineMath(math) => self.push(&format!("${math}$")),
            Event::DisplayMath(math) => self.push(&format!("$${math}$$")),
            Event::FootnoteReference(name) => self.push(&format!("[^{name}]")),
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.push("\n"),
            Event::Rule => {
                let width = self.place.width.saturating_sub(self.prefix.width()).min(40);
                self.push_as(&"─".repeat(width), |style| style.dim = true);
                self.end_paragraph();
            }
            Event::TaskListMarker(done) => self.push(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.style.bold = true;
                self.push(&format!("{} ", "#".repeat(level as usize)));
            }
            Tag::BlockQuote(_) => self.set_in("│ ", "│ "),
            Tag::List(first) => self.lists.push(first),
            Tag::Item => self.start_item(),
            Tag::CodeBlock(_) => self.style.code = true,
            Tag::Emphasis => self.style.italic = true,
            Tag::Strong => self.style.bold = true,
            Tag::Strikethrough => self.style.struck = true,
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            Tag::Image { dest_url, .. } => {
                self.push("[image: ");
                self.start_link(&dest_url);
            }
            Tag::Table(_) => self.table = Some(comfy_table::Table::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_paragraph(),
            TagEnd::Heading(_) => {
                self.end_paragraph();
                self.style.bold = false;
            }
            TagEnd::CodeBlock => {
                self.end_paragraph();
                self.style.code = false;
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.end_paragraph();
                self.prefix = self.outer.pop().unwrap_or_default();
                self.first_prefix.clone_from(&self.prefix);
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Emphasis => self.style.italic = false,
            TagEnd::Strong => self.style.bold = false,
            TagEnd::Strikethrough => self.style.struck = false,
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
            _ => "• ".to_owned(),
        };
        let hanging = " ".repeat(mark.width());
        self.set_in(&mark, &hanging);
    }

    fn set_in(&mut self, first: &str, rest: &str) {
        self.outer.push(self.prefix.clone());
        self.first_prefix += first;
        self.prefix += rest;
    }

    fn start_link(&mut self, url: &str) {
        self.links.push((url.to_owned(), self.letters.len()));
        self.style.underlined = true;
    }

    /// The address is shown beside the text, unless it is the text.
    fn end_link(&mut self, close: &str) {
        self.style.underlined = false;
        let Some((url, begin)) = self.links.pop() else { return };
        self.push(close);
        let text: String = self.letters.iter().skip(begin).map(|(c, _)| *c).collect();
        if text != url && text != url.trim_start_matches("mailto:") {
            self.push_as(&format!(" ({url})"), |style| style.dim = true);
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
        let width = self.place.width.saturating_sub(self.prefix.width()).max(1);
        table
            .load_style(presets::UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
        for line in table.lines() {
            let _ = writeln!(self.text, "{}{}", self.prefix, line.trim_end());
        }
    }

    fn push(&mut self, text: &str) {
        self.letters.extend(text.chars().map(|c| (c, self.style)));
    }

    fn push_as(&mut self, text: &str, change: impl FnOnce(&mut Style)) {
        let before = self.style;
        change(&mut self.style);
        self.push(text);
        self.style = before;
    }

    fn end_paragraph(&mut self) {
        let mut letters = std::mem::take(&mut self.letters);
        while letters.last().is_some_and(|(c, _)| *c == '\n') {
            letters.pop();
        }
        if letters.is_empty() {
            return;
        }
        let width = self.place.width.saturating_sub(self.prefix.width());
        for line in wrap(&letters, width) {
            let prefix = std::mem::replace(&mut self.first_prefix, self.prefix.clone());
            let line = format!("{prefix}{}", paint_line(&line, self.place.color));
            self.text += line.trim_end_matches(' ');
            self.text.push('\n');
        }
    }
}
