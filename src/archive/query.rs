//! The query language of the search.
//!
//! Words are all required; `"a phrase"`; `-word` excludes; `OR` between two words requires one of them;
//! `role:user model:NAME chat:ID after:2026-01 before:2026-06-01 in:title` restrict the search. Another
//! colon is text (`std::sync`, `12:30`). The last word may be the beginning of one. A word with
//! punctuation (`C++`, `x->y`, `--no-input`) is looked up by its letters, and then has to stand in the
//! text as it is written.
//!
//! What this module keeps true: no text of the user reaches FTS5 unfolded or unquoted; a word without
//! a letter, a digit or an emoji is an error, never ignored; a query is bounded.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::fold::{Folded, TokenKind, fold, tokens};
use crate::domain::{Error, Result};

/// The longest query in characters.
const MAX_QUERY: usize = 1000;
/// The most words and phrases in a query.
const MAX_TERMS: usize = 32;
/// The shortest word that may begin in the middle of an identifier, in letters.
const SHORTEST_PART: usize = 4;
/// The shortest beginning of a word, in letters.
const SHORTEST_PREFIX: usize = 2;

/// The roles of messages.
pub const ROLES: [&str; 3] = ["user", "assistant", "system"];

/// The parts of a chat that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The titles of chats.
    pub titles: bool,
    /// The texts of messages.
    pub messages: bool,
    /// What the models thought.
    pub thinking: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self { titles: true, messages: true, thinking: false }
    }
}

impl Scope {
    /// The parts with these names, as in `titles,thinking`.
    ///
    /// # Errors
    /// If one of them is unknown.
    pub fn parse(names: &str) -> Result<Self> {
        let mut scope = Self { titles: false, messages: false, thinking: false };
        for name in names.split(',') {
            match name.trim() {
                "title" | "titles" => scope.titles = true,
                "message" | "messages" => scope.messages = true,
                "thinking" => scope.thinking = true,
                other => {
                    return Err(Error::invalid(format!("`{other}` cannot be searched")).with_hint(
                        "search in `titles`, `messages` or `thinking`, or in several, with commas",
                    ));
                }
            }
        }
        Ok(scope)
    }
}

/// What restricts a search besides its words. Titles have no role and no model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Who wrote the message.
    pub role: Option<String>,
    /// The model that wrote it.
    pub model: Option<String>,
    /// The id of the chat, or its beginning.
    pub chat: Option<String>,
    /// The earliest time, in seconds since 1970.
    pub after: Option<i64>,
    /// The time before which it was written, in seconds since 1970.
    pub before: Option<i64>,
    /// The parts to search.
    pub scope: Option<Scope>,
}

/// A word or a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    tokens: Vec<String>,
    /// Whether the last token may be the beginning of one.
    is_prefix: bool,
    /// Whether it may be found inside of an identifier.
    is_part: bool,
    /// What the folded text has to contain.
    literal: Option<String>,
}

/// A query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// All of them are required, and of each one term.
    required: Vec<Vec<Term>>,
    excluded: Vec<Term>,
}

/// The columns of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    Title,
    Text,
    Thoughts,
    TextAndThoughts,
}

/// A piece of a query as it was typed.
struct Piece<'a> {
    text: &'a str,
    is_phrase: bool,
    is_excluded: bool,
}

/// Refuses a query of any kind that is too long.
pub(super) fn check_length(text: &str) -> Result<()> {
    if text.chars().count() > MAX_QUERY {
        return Err(Error::invalid(format!("the query is longer than {MAX_QUERY} characters")));
    }
    Ok(())
}

/// Reads a query and the filters in it.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] for an empty query, for one that is too long, for a word
/// without letters, and for a filter with a value that does not fit.
pub fn parse(text: &str) -> Result<(Query, Filters)> {
    check_length(text)?;
    let mut query = Query { required: Vec::new(), excluded: Vec::new() };
    let mut filters = Filters::default();
    let pieces = pieces(text);
    let mut is_alternative = false;
    for (at, piece) in pieces.iter().enumerate() {
        let is_word = !piece.is_phrase && !piece.is_excluded;
        if is_word && piece.text == "OR" && !query.required.is_empty() && at + 1 < pieces.len() {
            is_alternative = true;
            continue;
        }
        if is_word && filters.take(piece.text)? {
            continue;
        }
        let term = Term::new(piece, at + 1 == pieces.len())?;
        match query.required.last_mut() {
            _ if piece.is_excluded => query.excluded.push(term),
            Some(group) if is_alternative => group.push(term),
            _ => query.required.push(vec![term]),
        }
        is_alternative = false;
    }
    let count = query.required.iter().map(Vec::len).sum::<usize>() + query.excluded.len();
    if count > MAX_TERMS {
        return Err(Error::invalid(format!("the query has more than {MAX_TERMS} words")));
    }
    if query.required.is_empty() {
        return Err(Error::invalid("the query has no word to search for")
            .with_hint("filters and `-word` restrict a search; add a word"));
    }
    Ok((query, filters))
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let after = rest.strip_prefix('-').filter(|after| {
            after.starts_with(|c: char| c == '"' || c.is_alphanumeric() || !c.is_ascii())
        });
        let is_excluded = after.is_some();
        let from = after.unwrap_or(rest);
        let (piece, is_phrase, next) = if let Some(inside) = from.strip_prefix('"') {
            let end = inside.find('"').unwrap_or(inside.len());
            (&inside[..end], true, inside.get(end + 1..).unwrap_or_default())
        } else {
            let end = from.find(char::is_whitespace).unwrap_or(from.len());
            (&from[..end], false, &from[end..])
        };
        pieces.push(Piece { text: piece, is_phrase, is_excluded });
        rest = next.trim_start();
    }
    pieces
}

impl Filters {
    /// Takes a word that is a filter; returns whether it is one.
    fn take(&mut self, word: &str) -> Result<bool> {
        let Some((name, value)) = word.split_once(':') else { return Ok(false) };
        let slot = match name {
            "role" => &mut self.role,
            "model" => &mut self.model,
            "chat" => &mut self.chat,
            "after" | "before" => {
                let at = start_of(value).ok_or_else(|| unfit(word, "a date such as `2026-01`"))?;
                *(if name == "after" { &mut self.after } else { &mut self.before }) = Some(at);
                return Ok(true);
            }
            "in" => {
                self.scope = Some(Scope::parse(value)?);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        if value.is_empty() {
            return Err(unfit(word, "a value"));
        }
        if name == "role" && !ROLES.contains(&value) {
            return Err(unfit(word, "`user`, `assistant` or `system`"));
        }
        *slot = Some(value.to_owned());
        Ok(true)
    }

    /// Adds `others`, which win.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self {
            role: others.role.or(self.role),
            model: others.model.or(self.model),
            chat: others.chat.or(self.chat),
            after: others.after.or(self.after),
            before: others.before.or(self.before),
            scope: others.scope.or(self.scope),
        }
    }
}

fn unfit(word: &str, expected: &str) -> Error {
    Error::invalid(format!("the filter `{word}` needs {expected}"))
        .with_hint("to search for it as text, put it in quotes")
}

/// The first second of a year, a month or a day, in the time zone of the system.
fn start_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = parts.next().map_or(Some(1), |month| month.parse().ok())?;
    let day = parts.next().map_or(Some(1), |day| day.parse().ok())?;
    let date = Date::new(year, month, day).ok().filter(|_| parts.next().is_none())?;
    Some(date.to_zoned(TimeZone::system()).ok()?.timestamp().as_second())
}

impl Term {
    fn new(piece: &Piece<'_>, is_last: bool) -> Result<Self> {
        let mut found = Vec::new();
        tokens(piece.text, |token, _, kind| found.push((token.to_owned(), kind)));
        let end = found.last().map(|(_, kind)| *kind);
        if end == Some(TokenKind::Last { alone: false }) {
            // In a text the run may go on.
            found.pop();
        }
        let Some((last, _)) = found.last() else {
            let shown = piece.text;
            return Err(Error::invalid(format!(
                "`{shown}` has no letter, digit or emoji to search for"
            ))
            .with_hint("search for it as it is with `-F`, or leave it out"));
        };
        let letters = last.chars().count();
        let is_plain = !piece.is_phrase && !piece.is_excluded;
        let is_word = end == Some(TokenKind::Word);
        let is_prefix = match end {
            Some(TokenKind::Last { alone: true }) => true,
            _ => is_word && is_plain && is_last && letters >= SHORTEST_PREFIX,
        };
        let is_part = is_word && is_plain && found.len() == 1 && letters >= SHORTEST_PART;
        let is_loose = |c: char| ".,;:!?。，；：！？、…".contains(c);
        let tight =
            if is_plain || piece.is_excluded { piece.text.trim_end_matches(is_loose) } else { "" };
        let tight = if piece.is_phrase { "" } else { tight };
        let literal = fold(tight);
        let has_marks = literal.chars().any(|c| !c.is_alphanumeric() && !is_joined(c));
        Ok(Self {
            tokens: found.into_iter().map(|(token, _)| token).collect(),
            is_prefix,
            is_part,
            literal: has_marks.then_some(literal),
        })
    }

    /// The expression of FTS5: quoted tokens, and operators of our own.
    fn expression(&self, columns: Columns) -> String {
        let mut phrase = format!("\"{}\"", self.tokens.join(" ").replace('"', ""));
        if self.is_prefix {
            phrase.push('*');
        }
        match columns {
            Columns::Title => phrase,
            Columns::Text | Columns::TextAndThoughts if self.is_part => {
                let word = phrase.trim_end_matches('*');
                format!("({}:{phrase} OR parts:{word}*)", columns.name())
            }
            _ => format!("{}:{phrase}", columns.name()),
        }
    }

    fn is_in(&self, text: &Folded, index: &[Placed]) -> bool {
        !self.places(text, index).is_empty()
    }

    /// Where the term stands in a text, in the original.
    fn places(&self, text: &Folded, index: &[Placed]) -> Vec<Range<usize>> {
        if let Some(literal) = &self.literal {
            let found = text.text.match_indices(literal.as_str());
            return found.map(|(at, part)| text.place(at..at + part.len())).collect();
        }
        let length = self.tokens.len();
        let fits = |window: &&[Placed]| {
            let mut pairs = window.iter().zip(&self.tokens).enumerate();
            pairs.all(|(at, (found, wanted))| {
                if at + 1 == length && self.is_prefix {
                    found.token.starts_with(wanted.as_str())
                } else {
                    found.token == *wanted
                }
            })
        };
        let place = |window: &[Placed]| window[0].place.start..window[length - 1].place.end;
        let mut places: Vec<_> = index.windows(length).filter(fits).map(place).collect();
        if let (true, true, [token]) = (places.is_empty(), self.is_part, self.tokens.as_slice()) {
            let inside = text.text.match_indices(token.as_str());
            places.extend(inside.map(|(at, part)| text.place(at..at + part.len())));
        }
        places
    }
}

/// Characters of a word that are no letters, but no punctuation either: marks and emoji.
fn is_joined(c: char) -> bool {
    let mut is_token = false;
    tokens(&format!("a{c}"), |token, _, _| is_token |= token.contains(c));
    is_token
}

impl Columns {
    fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Thoughts => "thoughts",
            Self::TextAndThoughts => "{text thoughts}",
        }
    }
}

/// A token of a text and its place.
struct Placed {
    token: String,
    place: Range<usize>,
}

fn placed(text: &str) -> Vec<Placed> {
    let mut index = Vec::new();
    tokens(text, |token, place, _| index.push(Placed { token: token.to_owned(), place }));
    index
}

impl Query {
    /// The expression for `MATCH`.
    pub(super) fn expression(&self, columns: Columns) -> String {
        let any = |terms: &[Term]| {
            let all: Vec<_> = terms.iter().map(|term| term.expression(columns)).collect();
            format!("({})", all.join(" OR "))
        };
        let all: Vec<_> = self.required.iter().map(|group| any(group)).collect();
        let all = all.join(" AND ");
        // One with punctuation would exclude too much by its letters.
        let excluded: Vec<_> =
            self.excluded.iter().filter(|term| term.literal.is_none()).cloned().collect();
        if excluded.is_empty() { all } else { format!("({all}) NOT {}", any(&excluded)) }
    }

    /// The only word of the query, if it is a short beginning of one: one character of a script without
    /// spaces, or two or three letters.
    pub(super) fn short_prefix(&self) -> Option<&str> {
        let ([group], true) = (self.required.as_slice(), self.excluded.is_empty()) else {
            return None;
        };
        let [Term { tokens, is_prefix: true, literal: None, .. }] = group.as_slice() else {
            return None;
        };
        let [token] = tokens.as_slice() else { return None };
        let most = if token.is_ascii() { 3 } else { 1 };
        (token.chars().count() <= most).then_some(token)
    }

    /// Whether a hit of the index has to be checked with [`Query::is_in`].
    pub(super) fn needs_check(&self) -> bool {
        let mut terms = self.required.iter().flatten().chain(&self.excluded);
        terms.any(|term| term.literal.is_some())
    }

    /// Whether the punctuation of the query is in `text`, too.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let (folded, index) = (Folded::new(text), placed(text));
        let fits = |term: &Term| term.literal.is_none() || term.is_in(&folded, &index);
        let has_one = |group: &Vec<Term>| match group.as_slice() {
            [term] => fits(term),
            group => group.iter().any(|term| term.is_in(&folded, &index)),
        };
        let mut excluded = self.excluded.iter().filter(|term| term.literal.is_some());
        self.required.iter().all(has_one) && !excluded.any(|term| term.is_in(&folded, &index))
    }

    /// The places in `text` to highlight, in order and apart.
    pub(super) fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        let (folded, index) = (Folded::new(text), placed(text));
        let terms = self.required.iter().flatten();
        let mut places: Vec<_> = terms.flat_map(|term| term.places(&folded, &index)).collect();
        places.sort_by_key(|place| (place.start, place.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(places.len());
        for place in places {
            match apart.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => apart.push(place),
            }
        }
        apart
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;
    use crate::archive::fold::{index_parts, index_text};
    use crate::domain::ErrorKind;

    fn query(text: &str) -> Query {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).0
    }

    fn index() -> Connection {
        let index = Connection::open_in_memory().expect("memory");
        index
            .execute_batch(
                "CREATE VIRTUAL TABLE words USING fts5(text, parts, thoughts, content='',
                 contentless_delete=1, tokenize='ascii')",
            )
            .expect("FTS5");
        index
    }

    /// Whether the search finds `text`.
    fn finds(text: &str, typed: &str) -> bool {
        let index = index();
        let words = (index_text(text), index_parts(text));
        index
            .execute("INSERT INTO words (rowid, text, parts) VALUES (1, ?1, ?2)", words)
            .expect("made");
        let query = query(typed);
        let expression = query.expression(Columns::Text);
        let sql = "SELECT count(*) FROM words WHERE words MATCH ?1";
        let count: i64 = index.query_row(sql, [&expression], |row| row.get(0)).expect(&expression);
        count == 1 && (!query.needs_check() || query.is_in(text))
    }

    /// One text for each language and kind, and what has to find it.
    const FOUND: [(&str, &[&str]); 14] = [
        (
            "Tôi muốn tìm kiếm một quán cà phê trên đường Nguyễn Huệ ở Đà Nẵng",
            &[
                "tim kiem",
                "tìm kiếm",
                "duong",
                "đường",
                "da nang",
                "\"Đà Nẵng\"",
                "nguyen hue",
                "ca phe",
                "QUAN",
                "muô\u{301}n",
                "DUONG NGUYEN",
            ],
        ),
        (
            "我们需要一个搜索引擎，跑gen-itgc后，第3章再说",
            &[
                "搜索",
                "引擎",
                "搜索引擎",
                "需要",
                "搜",
                "擎",
                "第3章",
                "跑gen-itgc后",
                "itgc",
                "\"需要一个\"",
            ],
        ),
        ("午後に検索してデータを部署へ送る。ﾃﾞｰﾀ", &["検索", "午後", "部署", "データ", "送る"]),
        ("역사 자료를 검색하고 정리한다", &["검색", "역사", "정리한다"]),
        ("อยากไปเที่ยวเชียงใหม่", &["เที่ยว", "เชียงใหม่"]),
        (
            "let g: RwLockReadGuard<'_, T> = lock.read(); parseHTTPServer(get_user_name())",
            &[
                "RwLockReadGuard",
                "rwlockreadguard",
                "LockRead",
                "lockread",
                "readguard",
                "username",
                "get_user_name",
                "httpserver",
                "lock.read",
                "getusername",
                "rwlock",
            ],
        ),
        (
            "Use C++ or C#, or .NET with `std::sync::Arc` and --no-input at 12:30",
            &[
                "C++",
                "C#",
                ".NET",
                "std::sync",
                "--no-input",
                "12:30",
                "no-input",
                "Arc",
                "sync::Ar",
            ],
        ),
        ("if x->y != node.next { i++; }", &["x->y", "node.next", "i++"]),
        (
            "Gute Straße, Ørsted, Łódź, naïve café",
            &["strasse", "STRASSE", "orsted", "lodz", "cafe", "naive"],
        ),
        ("ＡＢＣ１２３ full width", &["abc123", "ABC"]),
        ("nice👍🏽 work ❤️ 🇻🇳", &["👍", "❤", "❤️", "👍🏽", "🇻🇳", "nice👍"]),
        (
            "ok, this is quick",
            &["quick ok", "ok", "\"is quick\"", "this -slow", "nothing OR quick", "qui"],
        ),
        ("don’t panic", &["don't", "don’t panic"]),
        ("नमस्ते दुनिया и ещё Привет", &["नमस्ते", "еще", "привет"]),
    ];

    #[test]
    fn queries_in_many_languages_find_their_text() {
        let mut count = 0;
        for (text, queries) in FOUND {
            for typed in queries {
                assert!(finds(text, typed), "{typed} in {text}");
                count += 1;
            }
        }
        assert!(count >= 60, "{count}");
    }

    #[test]
    fn queries_that_only_resemble_a_text_do_not_find_it() {
        let misses = [
            ("水が好き", "か"),
            ("ハハ", "パパ"),
            ("the letter c and c", "C++"),
            ("c sharp", "C#"),
            ("net profit", ".NET"),
            ("it is quick", "quick ok"),
            ("no input", "--no-input"),
            ("x y", "x->y"),
            ("std sync", "std::sync"),
            ("12 30", "12:30"),
            ("搜 索", "搜索"),
            ("索搜", "搜索"),
            ("검사 색", "검색"),
            ("duong pho", "đuờngs"),
            ("second word first", "\"first word\""),
            ("quick but slow", "quick -slow"),
            ("quick and C++", "quick -C++"),
            ("quickly", "\"quick\""),
            ("quickly done", "quick done"),
            ("user names", "username"),
            ("ReadLock", "lockread"),
            ("one", "two OR three"),
            ("👎", "👍"),
            ("concatenate", "cat"),
            ("ขาว", "ข้าว"),
        ];
        assert!(misses.len() >= 20);
        for (text, typed) in misses {
            assert!(!finds(text, typed), "{typed} in {text}");
        }
    }

    #[test]
    fn filters_are_taken_out_of_the_words() {
        let (words, filters) =
            parse("role:user lock model:qwen3-max chat:c1 in:title std::sync 12:30")
                .expect("a query");
        assert_eq!(words, query("lock std::sync 12:30"));
        assert_eq!(filters.role.as_deref(), Some("user"));
        assert_eq!(filters.model.as_deref(), Some("qwen3-max"));
        assert_eq!(filters.chat.as_deref(), Some("c1"));
        assert_eq!(filters.scope, Scope::parse("titles").ok());
        let (_, dated) = parse("x after:2026-01 before:2026-02-01").expect("a query");
        let seconds = dated.before.zip(dated.after).map(|(before, after)| before - after);
        assert!(
            seconds.is_some_and(|seconds| (seconds - 31 * 86_400).abs() <= 7200),
            "{seconds:?}"
        );
    }

    #[test]
    fn unusable_queries_are_refused() {
        let long = "x".repeat(1001);
        let many = "x ".repeat(40);
        for (typed, words) in [
            ("", "no word"),
            ("  ", "no word"),
            ("role:user -x", "no word"),
            ("ok ++", "`++` has no letter"),
            ("a - b", "`-` has no letter"),
            ("\"\"", "has no letter"),
            ("x after:yesterday", "needs a date"),
            ("x before:2026-13", "needs a date"),
            ("x role:", "needs a value"),
            ("x in:images", "cannot be searched"),
            (&long, "longer than"),
            (&many, "more than 32 words"),
        ] {
            let error = parse(typed).expect_err(typed);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.message().contains(words), "{typed}: {error}");
        }
    }

    #[test]
    fn highlights_are_the_words_of_the_original() {
        for (text, typed, expected) in [
            ("Đi tìm kiếm nhé", "tim kiem", &["tìm", "kiếm"][..]),
            ("一个搜索引擎", "搜索引擎", &["搜索引擎"]),
            ("a RwLockReadGuard b", "lockread", &["LockRead"]),
            ("Straße", "strasse", &["Straße"]),
            ("x 👍🏽 y", "👍", &["👍🏽"]),
            ("searching", "sea", &["searching"]),
            ("c and C++ here", "c++", &["C++"]),
            ("nothing", "other", &[]),
        ] {
            let marked: Vec<_> =
                query(typed).highlights(text).into_iter().map(|place| &text[place]).collect();
            assert_eq!(marked, expected, "{typed} in {text}");
        }
    }

    proptest! {
        #[test]
        fn hostile_queries_are_an_error_or_a_valid_expression(
            typed in r#"(NEAR\(|"|\*|\^|-|OR|AND|NOT|\(|\)|:|\{|\}|\+|text|parts|[ a-cđ搜]|\x00|[^a-z]){0,12}"#,
            any in any::<String>(),
        ) {
            let index = index();
            for typed in [typed, any] {
                match parse(&typed) {
                    Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidRequest),
                    Ok((query, _)) => {
                        for columns in
                            [Columns::Text, Columns::Thoughts, Columns::TextAndThoughts]
                        {
                            let expression = query.expression(columns);
                            let sql = "SELECT count(*) FROM words WHERE words MATCH ?1";
                            let found = index.query_row(sql, [&expression], |row| row.get::<_, i64>(0));
                            prop_assert_eq!(found.map_err(|e| e.to_string()), Ok(0), "{}", expression);
                        }
                        query.is_in(&typed);
                        for place in query.highlights(&typed) {
                            prop_assert!(typed.get(place).is_some());
                        }
                    }
                }
            }
        }

        #[test]
        fn every_part_of_a_chinese_text_finds_it(
            chars in proptest::collection::vec(proptest::char::range('一', '龥'), 2..10),
            start in 0_usize..8,
            length in 2_usize..6,
        ) {
            let start = start.min(chars.len() - 2);
            let end = (start + length).min(chars.len());
            let text: String = chars.iter().collect();
            let part: String = chars[start..end].iter().collect();
            prop_assert!(finds(&format!("a{text}b。"), &part), "{} in {}", part, text);
        }
    }
}
