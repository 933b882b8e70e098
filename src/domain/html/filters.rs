//! The filters between the Markdown parser and the HTML writer.

use std::collections::{HashMap, VecDeque};

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd,
};

use crate::domain::Citation;

/// Deeper nesting is flattened: it is unreadable, and slow in browsers.
const MAX_DEPTH: usize = 32;
/// URLs longer than this many bytes are not linked.
const MAX_URL: usize = 4_096;
/// Link titles longer than this many bytes are left out.
const MAX_TITLE: usize = 512;
/// The longest name of a language that is kept, in bytes.
const MAX_LANGUAGE: usize = 32;

/// Reduces the events of the parser to those that the page can show. Every tag that it opens, it closes.
pub(super) struct Shaped<'a, I> {
    events: I,
    /// For each open tag, the event that closes it; `None` if the tag was left out.
    open: Vec<Option<Event<'a>>>,
    /// The alignments of the columns of the table that is open, and the next column.
    columns: (Vec<Alignment>, usize),
    in_head: bool,
    ready: VecDeque<Event<'a>>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Shaped<'a, I> {
    pub(super) fn new(events: I) -> Self {
        Self {
            events,
            open: Vec::new(),
            columns: (Vec::new(), 0),
            in_head: false,
            ready: VecDeque::new(),
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        if self.open.len() >= MAX_DEPTH && !is_part_of_another(&tag) {
            self.open.push(None);
            return;
        }
        match tag {
            Tag::Link { link_type, ref dest_url, .. }
            | Tag::Image { link_type, ref dest_url, .. }
                if dest_url.len() > MAX_URL
                    || link_type != LinkType::Email && !is_safe(dest_url) =>
            {
                self.open.push(None);
            }
            Tag::Link { link_type, dest_url, title, id } => {
                self.keep(Tag::Link { link_type, dest_url, title: short(title), id });
            }
            Tag::Image { dest_url, title, id, .. } => {
                let link_type = LinkType::Inline;
                self.keep(Tag::Link { link_type, dest_url, title: short(title), id });
                self.ready.push_back(Event::Text("\u{1f5bc} ".into()));
            }
            Tag::CodeBlock(kind) => {
                self.keep(Tag::CodeBlock(CodeBlockKind::Fenced(language(&kind))));
            }
            Tag::HtmlBlock => self.keep(Tag::Paragraph),
            Tag::Heading { level, .. } => {
                let level = below_page_headings(level);
                self.keep(Tag::Heading { level, id: None, classes: vec![], attrs: vec![] });
            }
            Tag::Table(alignments) => {
                let bare = vec![Alignment::None; alignments.len()];
                self.columns = (alignments, 0);
                self.ready.push_back(markup("<div class=\"table\">"));
                self.keep(Tag::Table(bare));
            }
            Tag::TableHead | Tag::TableRow => {
                self.columns.1 = 0;
                self.in_head = tag == Tag::TableHead;
                self.keep(tag);
            }
            Tag::TableCell => self.start_cell(),
            tag => self.keep(tag),
        }
    }

    fn keep(&mut self, tag: Tag<'a>) {
        self.open.push(Some(Event::End(tag.to_end())));
        self.ready.push_back(Event::Start(tag));
    }

    /// The writer aligns with inline styles, which the page's policy forbids.
    fn start_cell(&mut self) {
        let alignment = match self.columns.0.get(self.columns.1) {
            Some(Alignment::Left) => " align=\"left\"",
            Some(Alignment::Center) => " align=\"center\"",
            Some(Alignment::Right) => " align=\"right\"",
            Some(Alignment::None) | None => "",
        };
        self.columns.1 += 1;
        let name = if self.in_head { "th" } else { "td" };
        self.ready.push_back(markup(&format!("<{name}{alignment}>")));
        self.open.push(Some(markup(&format!("</{name}>"))));
    }

    fn end(&mut self, tag: TagEnd) {
        let Some(Some(end)) = self.open.pop() else { return };
        self.ready.push_back(end);
        if tag == TagEnd::Table {
            self.ready.push_back(markup("</div>"));
        }
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Shaped<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.events.next()? {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                Event::Html(text) | Event::InlineHtml(text) => return Some(Event::Text(text)),
                Event::TaskListMarker(done) => {
                    let mark: CowStr<'_> = if done { "☑ " } else { "☐ " }.into();
                    return Some(Event::Text(mark));
                }
                event => return Some(event),
            }
        }
    }
}

/// Markup of our own.
fn markup<'a>(text: &str) -> Event<'a> {
    Event::InlineHtml(text.to_owned().into())
}

/// Whether the tag only makes sense inside the one around it, and goes where that one went.
fn is_part_of_another(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::TableHead | Tag::TableRow | Tag::TableCell)
}

/// Whether a link to `url` may be followed. Relative ones lead nowhere: the text is not from here.
fn is_safe(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
}

fn short(title: CowStr<'_>) -> CowStr<'_> {
    if title.len() > MAX_TITLE { "".into() } else { title }
}

/// The name of the language of a code block, as it can stand in a class; empty if there is none.
fn language<'a>(kind: &CodeBlockKind<'_>) -> CowStr<'a> {
    let CodeBlockKind::Fenced(info) = kind else { return "".into() };
    let name = info.split([' ', ',', '{']).next().unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    let is_name = name.len() <= MAX_LANGUAGE && name.chars().all(is_part);
    if is_name { name.to_owned().into() } else { "".into() }
}

/// The page itself has the first two levels.
fn below_page_headings(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

/// Turns `[[7]]` and `[[1,2]]` into links to sources (protocol 7.7), except in code and links, and leaves
/// out the numbers that have none.
pub(super) struct Linked<'a, I> {
    events: I,
    sources: HashMap<u32, &'a Citation>,
    /// How many links and code blocks are open.
    inside: usize,
    ready: VecDeque<Event<'a>>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Linked<'a, I> {
    pub(super) fn new(events: I, sources: &'a [Citation]) -> Self {
        let usable = sources.iter().filter(|source| is_safe(&source.url));
        let sources = usable.map(|source| (source.number, source)).collect();
        Self { events, sources, inside: 0, ready: VecDeque::new() }
    }

    fn split(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, opened)) = rest.split_once("[[") {
            let Some((numbers, after)) = opened.split_once("]]") else { break };
            match known(numbers) {
                Some(numbers) if numbers.iter().any(|number| self.sources.contains_key(number)) => {
                    self.text(before);
                    let sources: Vec<_> =
                        numbers.iter().filter_map(|number| self.sources.get(number)).collect();
                    self.ready.extend(sources.into_iter().map(|source| link(source)));
                }
                // Numbers of sources that did not come say nothing to a reader.
                Some(_) if is_mark(before, after) => self.text(before.trim_end()),
                _ => self.text(&format!("{before}[[{numbers}]]")),
            }
            rest = after;
        }
        self.text(rest);
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.ready.push_back(Event::Text(text.to_owned().into()));
        }
    }
}

/// The numbers of a mark; `None` if it holds anything else.
fn known(numbers: &str) -> Option<Vec<u32>> {
    numbers.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// Whether `[[1]]` between these texts follows a statement, and is not a matrix in a formula or a call.
fn is_mark(before: &str, after: &str) -> bool {
    let follows = before.trim_end().chars().next_back();
    let precedes = after.chars().next();
    follows.is_some_and(|c| c.is_alphanumeric() || ".!?。！？”\"".contains(c))
        && precedes.is_none_or(|c| c.is_whitespace() || is_stop(c) || !c.is_ascii())
}

fn is_stop(c: char) -> bool {
    ".,;:!?[".contains(c)
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Linked<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let event = self.events.next()?;
            match &event {
                Event::Start(Tag::CodeBlock(_) | Tag::Link { .. }) => self.inside += 1,
                Event::End(TagEnd::CodeBlock | TagEnd::Link) => self.inside -= 1,
                Event::Text(text) if self.inside == 0 && text.contains("[[") => {
                    self.split(text);
                    continue;
                }
                _ => {}
            }
            return Some(event);
        }
    }
}

fn link<'a>(source: &Citation) -> Event<'a> {
    markup(&format!(
        "<a class=\"cite\" href=\"{}\" title=\"{}\">{}</a>",
        ammonia::clean_text(&source.url),
        ammonia::clean_text(&source.title),
        source.number
    ))
}
