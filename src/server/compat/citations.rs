//! The marks in an answer that cite its sources.

use std::collections::HashSet;

use crate::domain::{Citation, Reply};

/// A mark in an answer that cites a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CitationMark<'a> {
    /// The source.
    pub source: &'a Citation,
    /// The start of the mark (`[[1]]`), in characters.
    pub start: usize,
    /// Its end, in characters.
    pub end: usize,
}

/// The marks in `text`, the part of `reply` that is sent. Without any mark all sources are cited at its
/// end.
pub(crate) fn marks<'a>(reply: &'a Reply, text: &str) -> Vec<CitationMark<'a>> {
    let mut marks = Vec::new();
    let (mut at, mut rest) = (0, text);
    while let Some((before, opened)) = rest.split_once("[[") {
        let start = at + before.chars().count();
        let Some((numbers, after)) = opened.split_once("]]") else { break };
        if numbers.contains("[[") {
            (at, rest) = (start + 2, opened);
            continue;
        }
        let end = start + 4 + numbers.chars().count();
        for number in numbers.split(',').filter_map(|number| number.trim().parse::<u32>().ok()) {
            let source = reply.citations.iter().find(|source| source.number == number);
            marks.extend(source.map(|source| CitationMark { source, start, end }));
        }
        (at, rest) = (end, after);
    }
    if marks.is_empty() {
        let end = text.chars().count();
        marks.extend(reply.citations.iter().map(|source| CitationMark { source, start: end, end }));
    }
    // The upstream numbers a page twice if it finds it twice.
    let mut seen = HashSet::new();
    marks.retain(|mark| seen.insert((mark.start, mark.source.url.as_str())));
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_by_characters() {
        let source = |number: u32| Citation {
            number,
            url: format!("https://pages.example/{number}"),
            title: String::new(),
            snippet: None,
            date: None,
        };
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.citations = vec![source(1), source(2)];
        let found = |text| {
            let marks = marks(&reply, text);
            marks.iter().map(|p| (p.source.number, p.start, p.end)).collect::<Vec<_>>()
        };
        assert_eq!(found("你好 [[1]] and [[2, 1]]."), [(1, 3, 8), (2, 13, 21), (1, 13, 21)]);
        assert_eq!(found("a [[ b [[2]] [[x]] [[9]]"), [(2, 7, 12)]);
        assert_eq!(found("none"), [(1, 4, 4), (2, 4, 4)]);
        reply.citations.push(Citation { number: 3, ..source(1) });
        let found = marks(&reply, "none");
        assert_eq!(found.iter().map(|mark| mark.source.number).collect::<Vec<_>>(), [1, 2]);
    }
}
