//! Turns `[[7]]` and `[[1,2]]` into links to sources (protocol 7.7).

use std::collections::{HashMap, VecDeque};

use pulldown_cmark::{Event, Tag, TagEnd};

use super::shape::{is_safe, markup};
use crate::domain::Citation;

/// The filter. Leaves code and links alone.
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
            self.text(before);
            self.cite(numbers);
            rest = after;
        }
        self.text(rest);
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.ready.push_back(Event::Text(text.to_owned().into()));
        }
    }

    /// Links the numbers that have a source; the others keep their brackets.
    fn cite(&mut self, numbers: &str) {
        let mut unknown = Vec::new();
        for number in numbers.split(',') {
            match number.trim().parse().ok().and_then(|number| self.sources.get(&number)) {
                Some(source) => self.ready.push_back(link(source)),
                None => unknown.push(number),
            }
        }
        if !unknown.is_empty() {
            self.text(&format!("[[{}]]", unknown.join(",")));
        }
    }
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
                Event::Text(text) if self.inside == 0 && !self.sources.is_empty() => {
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
