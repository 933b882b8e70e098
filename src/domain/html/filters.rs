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
    /// The elements of HTML that are open in this block, and how many `details` are open.
    elements: Vec<&'static str>,
    details: usize,
    /// The HTML of the block that is open, and the text of a formula in a code block.
    html: Option<String>,
    formula: Option<String>,
    ready: VecDeque<Event<'a>>,
}

/// Elements of HTML that models write, and what they become. They have no attributes.
const ELEMENTS: [(&str, &str); 11] = [
    ("b", "strong"),
    ("del", "del"),
    ("em", "em"),
    ("i", "em"),
    ("kbd", "kbd"),
    ("s", "s"),
    ("strong", "strong"),
    ("sub", "sub"),
    ("summary", "summary"),
    ("sup", "sup"),
    ("u", "u"),
];

impl<'a, I: Iterator<Item = Event<'a>>> Shaped<'a, I> {
    pub(super) fn new(events: I) -> Self {
        Self {
            events,
            open: Vec::new(),
            columns: (Vec::new(), 0),
            in_head: false,
            elements: Vec::new(),
            details: 0,
            html: None,
            formula: None,
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
            Tag::CodeBlock(kind) if &*language(&kind) == "math" => {
                self.formula = Some(String::new());
                self.keep(Tag::Paragraph);
            }
            Tag::CodeBlock(kind) => {
                self.keep(Tag::CodeBlock(CodeBlockKind::Fenced(language(&kind))));
            }
            Tag::HtmlBlock => {
                self.html = Some(String::new());
                self.open.push(None);
            }
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
        let end = self.open.pop().flatten();
        if let Some(html) = self.html.take() {
            return self.html_block(html);
        }
        if let Some(formula) = self.formula.take() {
            self.ready.push_back(Event::DisplayMath(formula.trim().to_owned().into()));
        }
        // What is open in a block ends with it.
        if matches!(tag, TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableCell | TagEnd::Item)
        {
            self.close_elements();
        }
        let Some(end) = end else { return };
        self.ready.push_back(end);
        if tag == TagEnd::Table {
            self.ready.push_back(markup("</div>"));
        }
    }
}

impl<I> Shaped<'_, I> {
    /// An element of HTML inside of a block; `false` if it is only text.
    fn element(&mut self, tag: &str) -> bool {
        let Some(name) = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) else {
            return false;
        };
        let name = name.trim_end().to_ascii_lowercase();
        if matches!(name.as_str(), "br" | "br/" | "br /") {
            self.ready.push_back(Event::HardBreak);
            return true;
        }
        let (name, closes) = match name.strip_prefix('/') {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        let Some((_, element)) = ELEMENTS.iter().find(|(known, _)| *known == name) else {
            return false;
        };
        if closes {
            if self.elements.last() != Some(element) {
                return false;
            }
            self.elements.pop();
            self.ready.push_back(markup(&format!("</{element}>")));
        } else {
            if self.elements.len() >= MAX_DEPTH {
                return false;
            }
            self.elements.push(element);
            self.ready.push_back(markup(&format!("<{element}>")));
        }
        true
    }

    fn close_elements(&mut self) {
        while let Some(element) = self.elements.pop() {
            self.ready.push_back(markup(&format!("</{element}>")));
        }
    }

    /// A block of HTML: known elements, or a paragraph that shows it.
    fn html_block(&mut self, html: String) {
        let before = self.ready.len();
        let details = self.details;
        if self.known_html(&html) {
            return;
        }
        self.ready.truncate(before);
        self.details = details;
        self.elements.clear();
        self.ready.push_back(Event::Start(Tag::Paragraph));
        self.ready.push_back(Event::Text(html.into()));
        self.ready.push_back(Event::End(TagEnd::Paragraph));
    }

    fn known_html(&mut self, html: &str) -> bool {
        let mut rest = html;
        while !rest.is_empty() {
            let Some(after) = rest.strip_prefix('<') else {
                let length = rest.find('<').unwrap_or(rest.len());
                let text = &rest[..length];
                // A text of its own would be outside of any block.
                if self.elements.is_empty() && !text.trim().is_empty() {
                    return false;
                }
                let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                self.ready.push_back(Event::Text(text.into()));
                rest = &rest[length..];
                continue;
            };
            let Some(end) = after.find('>') else { return false };
            let tag = &rest[..end + 2];
            rest = &after[end + 1..];
            match tag.to_ascii_lowercase().as_str() {
                "<details>" | "<details open>" if self.details < MAX_DEPTH => {
                    self.details += 1;
                    self.ready.push_back(markup("<details>"));
                }
                "</details>" if self.details > 0 && self.elements.is_empty() => {
                    self.details -= 1;
                    self.ready.push_back(markup("</details>"));
                }
                _ if self.element(tag) => {}
                _ => return false,
            }
        }
        let is_whole = self.elements.is_empty();
        self.close_elements();
        is_whole
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Shaped<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let Some(event) = self.events.next() else {
                self.details = self.details.checked_sub(1)?;
                return Some(markup("</details>"));
            };
            match event {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                Event::Html(text) | Event::Text(text) if self.html.is_some() => {
                    self.html.get_or_insert_default().push_str(&text);
                }
                Event::Text(text) if self.formula.is_some() => {
                    self.formula.get_or_insert_default().push_str(&text);
                }
                Event::InlineHtml(text) if self.element(&text) => {}
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

/// Numbers footnotes by their first mention, and puts them at the end.
pub(super) struct Noted<'a, I> {
    events: I,
    /// The names that are mentioned, in their order, and the number of each.
    names: Vec<CowStr<'a>>,
    numbers: HashMap<CowStr<'a>, usize>,
    notes: HashMap<CowStr<'a>, Vec<Event<'a>>>,
    /// The note that is being read.
    open: Option<(CowStr<'a>, Vec<Event<'a>>)>,
    rest: Option<std::vec::IntoIter<Event<'a>>>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Noted<'a, I> {
    pub(super) fn new(events: I) -> Self {
        Self {
            events,
            names: Vec::new(),
            numbers: HashMap::new(),
            notes: HashMap::new(),
            open: None,
            rest: None,
        }
    }

    fn mention(&mut self, name: CowStr<'a>) -> Event<'a> {
        let number = *self.numbers.entry(name.clone()).or_insert_with(|| {
            self.names.push(name);
            self.names.len()
        });
        markup(&format!("<sup class=\"note\">{number}</sup>"))
    }

    /// The notes that are mentioned, as a list.
    fn list(&mut self) -> Vec<Event<'a>> {
        let mut list = Vec::new();
        for name in std::mem::take(&mut self.names) {
            list.push(markup("<li>\n"));
            list.extend(self.notes.remove(&name).unwrap_or_default());
            list.push(markup("</li>\n"));
        }
        if !list.is_empty() {
            list.insert(0, markup("<ol class=\"notes\">\n"));
            list.push(markup("</ol>\n"));
        }
        list
    }
}

impl<'a, I: Iterator<Item = Event<'a>>> Iterator for Noted<'a, I> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(rest) = &mut self.rest {
            return rest.next();
        }
        loop {
            let Some(event) = self.events.next() else {
                let list = self.list();
                return self.rest.insert(list.into_iter()).next();
            };
            let event = match event {
                Event::FootnoteReference(name) => self.mention(name),
                Event::Start(Tag::FootnoteDefinition(name)) => {
                    self.open = Some((name, Vec::new()));
                    continue;
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    if let Some((name, note)) = self.open.take() {
                        self.notes.entry(name).or_insert(note);
                    }
                    continue;
                }
                event => event,
            };
            match &mut self.open {
                Some((_, note)) => note.push(event),
                None => return Some(event),
            }
        }
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
