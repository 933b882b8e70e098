//! The search in the archive.
//!
//! What this module keeps true: a search reads only, on a connection of its own; it ends at its
//! deadline and when its caller leaves; it holds a bounded number of hits, and counts up to a bound.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use memchr::memchr;
use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, params};

use super::fold::tokens;
use super::index::is_outdated;
use super::query::{self, Columns, Filters, Query, Scope};
use super::read::State;
use super::schema;
use super::store::{AccountHash, restricting_account};
use crate::domain::{ChatId, Error, ErrorKind, Result};

/// Hits are counted up to this number.
pub const MAX_COUNT: usize = 10_000;
/// The most hits of one chat that are shown.
const SHOWN_IN_CHAT: usize = 3;
/// How many of the newest hits are ranked.
const RANKED: usize = 2000;
/// The same for a short beginning of a word, whose list in the index is long.
const RANKED_FIRST: usize = 100;
/// How many of the newest messages are searched for one character before the index is.
const SCANNED_FIRST: i64 = 5000;
/// The same for the letters that a word begins with: each text has to be folded.
const SCANNED_FOR_LETTERS: i64 = 2000;
/// The score of a title; that of a message is higher, which is worse.
const TITLE_SCORE: f64 = -5.0;
/// The most pieces that are highlighted in one excerpt.
const MAX_MARKS: usize = 16;
/// The length of an excerpt in characters: before its first mark, and in all.
const EXCERPT: (usize, usize) = (60, 240);
/// The longest part of a line that a regular expression sees at once, in bytes: between two parts the
/// deadline is checked.
const PART: usize = 16 * 1024;
/// How many steps of the database lie between two looks at the clock.
const STEPS: i32 = 2000;

/// What to search for.
pub enum Pattern {
    /// Words, folded.
    Words(Query),
    /// This text, exactly as it is.
    Literal(String),
    /// A regular expression, for each line.
    Regex(Regex),
}

/// How a query is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// As words, phrases and filters.
    #[default]
    Words,
    /// As the text itself.
    Literal,
    /// As a regular expression.
    Regex,
}

impl Pattern {
    /// Reads a query, with the filters in it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if it is empty or has an invalid form.
    pub fn parse(query: &str, mode: Mode) -> Result<(Self, Filters)> {
        if query.is_empty() {
            return Err(Error::invalid("the query is empty"));
        }
        query::check_length(query)?;
        match mode {
            Mode::Words => {
                let (query, filters) = query::parse(query)?;
                Ok((Self::Words(query), filters))
            }
            Mode::Literal => Ok((Self::Literal(query.to_owned()), Filters::default())),
            Mode::Regex => {
                let regex = RegexBuilder::new(query).size_limit(1 << 18).build();
                let regex = regex.map_err(|fault| {
                    let fault = fault.to_string();
                    let reason = fault.lines().last().unwrap_or_default().trim();
                    Error::invalid(format!("the regular expression is invalid: {reason}"))
                        .with_hint("search for the text as it is with a literal search")
                })?;
                Ok((Self::Regex(regex), Filters::default()))
            }
        }
    }

    /// A part of `text` with what matches, in pieces. It begins and ends with `…` where it is cut. What
    /// is not found until `is_over` is not marked.
    pub fn excerpt(&self, text: &str, is_over: impl Fn() -> bool) -> Vec<Piece> {
        excerpt(text, self.highlights(text, is_over))
    }

    fn highlights(&self, text: &str, is_over: impl Fn() -> bool) -> Vec<Range<usize>> {
        match self {
            Self::Words(query) => query.highlights(text),
            Self::Literal(literal) => {
                let places = text.match_indices(literal.as_str()).take(MAX_MARKS);
                places.map(|(at, part)| at..at + part.len()).collect()
            }
            Self::Regex(regex) => parts(text)
                .take_while(|_| !is_over())
                .flat_map(|(at, part)| {
                    regex.find_iter(part).map(move |m| at + m.start()..at + m.end())
                })
                .take(MAX_MARKS)
                .collect(),
        }
    }
}

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// By the last activity of their chat.
    #[default]
    Newest,
    /// By how well they fit.
    Best,
}

/// Whose chats are searched.
#[derive(Clone, Copy)]
pub enum Owner {
    /// All accounts.
    All,
    /// This account.
    Account(AccountHash),
    /// The only account of the archive, where nothing names one. Refused if there are several.
    Only,
}

/// A search.
pub struct SearchRequest {
    /// What to search for.
    pub pattern: Pattern,
    /// What restricts it.
    pub filters: Filters,
    /// The order of the hits.
    pub order: Order,
    /// How many hits to leave out at the beginning.
    pub offset: usize,
    /// The most hits to return.
    pub limit: usize,
    /// Whose chats.
    pub owner: Owner,
    /// How long it may take.
    pub time: Duration,
    /// Set when the caller has left.
    pub cancelled: Arc<AtomicBool>,
}

/// A piece of an excerpt.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Whether it matches.
    pub is_match: bool,
}

/// A message or a title that matches.
#[derive(Clone, PartialEq, Eq)]
pub struct Hit {
    /// The chat.
    pub chat_id: ChatId,
    /// Its title.
    pub title: Option<String>,
    /// Where the chat is besides.
    pub state: State,
    /// The message; `None` for a title.
    pub message: Option<HitMessage>,
    /// When the message was written, or the chat last changed, in seconds since 1970.
    pub timestamp: Option<i64>,
    /// The text around the matches.
    pub snippet: Vec<Piece>,
    /// How many more hits there are in this chat; only with its last one.
    pub more_in_chat: usize,
}

/// The message of a hit.
#[derive(Clone, PartialEq, Eq)]
pub struct HitMessage {
    /// Its id.
    pub id: String,
    /// Who wrote it, if that is known.
    pub role: Option<String>,
    /// The model that wrote it.
    pub model: Option<String>,
}

/// The result of a search.
pub struct Found {
    /// The hits, those of one chat together.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
    /// Whether there may be more than that.
    pub total_is_exact: bool,
    /// The offset of the next hits, if there are more.
    pub next: Option<usize>,
    /// When the account was last synchronized, in seconds since 1970.
    pub synced_at: Option<i64>,
}

/// Searches the archive at `path`.
///
/// # Errors
/// [`ErrorKind::NotFound`] if there is none; [`ErrorKind::Timeout`] at the deadline;
/// [`ErrorKind::Interrupted`] if the caller has left.
pub fn search(path: &Path, request: &SearchRequest) -> Result<Found> {
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is not general enough"
    )]
    with_limits(path, request, |search| search.run())
}

/// The numbers of the chats in which something is found; order, offset and limit do not apply.
///
/// # Errors
/// As for [`search`].
pub(super) fn chats_with(path: &Path, request: &SearchRequest) -> Result<HashSet<i64>> {
    with_limits(path, request, |search| search.within(search.chats()))
}

/// Does `work` on a connection that ends at the deadline and when the caller leaves.
fn with_limits<T>(
    path: &Path,
    request: &SearchRequest,
    work: impl FnOnce(&Search<'_>) -> Result<T>,
) -> Result<T> {
    let mut connection = schema::open_to_read(path)?.ok_or_else(no_archive)?;
    if is_outdated(&connection).map_err(|fault| schema::fault_of(path, &fault))? {
        let message = "the index of the archive was made by another version of qwenctl";
        return Err(Error::new(ErrorKind::Internal, message)
            .with_hint("run `qwenctl archive rebuild`; it fetches nothing"));
    }
    let deadline = Instant::now() + request.time;
    let cancelled = Arc::clone(&request.cancelled);
    let is_over = move || cancelled.load(Ordering::Relaxed) || Instant::now() >= deadline;
    let watched = connection.progress_handler(STEPS, Some(is_over));
    watched.map_err(|fault| schema::fault_of(path, &fault))?;
    let mut search =
        Search { path: path.to_owned(), connection: &connection, request, deadline, account: None };
    search.account = search.restricting_account()?;
    work(&search)
}

/// The error for an archive that does not exist yet.
pub fn no_archive() -> Error {
    Error::new(ErrorKind::NotFound, "there is no archive yet")
        .with_hint("run `qwenctl chats sync` to make one")
}

struct Search<'a> {
    path: PathBuf,
    connection: &'a Connection,
    request: &'a SearchRequest,
    deadline: Instant,
    /// The number of the account, if there are several.
    account: Option<i64>,
}

/// A hit before it is read: there may be thousands, of which a few are returned.
#[derive(Clone)]
struct Candidate {
    chat: i64,
    /// When the chat last changed.
    chat_at: Option<i64>,
    score: f64,
    /// The place of the message; `None` for a title.
    place: Option<i64>,
}

/// The hits of a chat.
#[derive(Clone)]
struct Group {
    chat_at: Option<i64>,
    score: f64,
    shown: Vec<Candidate>,
    more: usize,
}

/// The hits by chat, as they are found.
#[derive(Clone, Default)]
struct Groups {
    /// The place of each chat in `all`.
    places: HashMap<i64, usize>,
    all: Vec<Group>,
    /// Hits in all.
    total: usize,
    is_exact: bool,
    /// Hits that are shown.
    shown: usize,
    /// The most of them in one chat.
    in_chat: usize,
}

impl Groups {
    fn add(&mut self, candidate: Candidate) {
        self.total += 1;
        let next = self.all.len();
        let place = *self.places.entry(candidate.chat).or_insert(next);
        if place == next {
            let (chat_at, score) = (candidate.chat_at, candidate.score);
            self.all.push(Group { chat_at, score, shown: Vec::new(), more: 0 });
        }
        let group = &mut self.all[place];
        group.score = group.score.min(candidate.score);
        if group.shown.len() < self.in_chat {
            group.shown.push(candidate);
            self.shown += 1;
        } else {
            group.more += 1;
        }
    }

    fn has(&self, chat: i64) -> bool {
        self.places.contains_key(&chat)
    }
}

/// What makes a message a candidate.
const CANDIDATE: &str = "SELECT c.n, c.last_message_at, m.w, m.role
    FROM messages m JOIN chats c ON c.n = m.chat";

/// The same with the texts.
const CANDIDATE_WITH_TEXTS: &str = "SELECT c.n, c.last_message_at, m.w, m.role, t.text, t.thinking
    FROM messages m JOIN chats c ON c.n = m.chat JOIN texts t ON t.message = m.n";

/// The filters, with ?2 to ?7. A length is compared so that no character of a pattern has a meaning.
const RESTRICTED: &str = "(?2 IS NULL OR c.account = ?2) AND (?3 IS NULL OR m.role = ?3)
    AND (?4 IS NULL OR m.model = ?4) AND (?5 IS NULL OR substr(c.id, 1, length(?5)) = ?5)
    AND (?6 IS NULL OR m.at >= ?6) AND (?7 IS NULL OR m.at < ?7) AND c.state <> 'trash'";

/// The same for a title.
const RESTRICTED_TITLE: &str = "(?2 IS NULL OR c.account = ?2)
    AND (?5 IS NULL OR substr(c.id, 1, length(?5)) = ?5)
    AND (?6 IS NULL OR c.last_message_at >= ?6) AND (?7 IS NULL OR c.last_message_at < ?7)
    AND c.state <> 'trash'";

impl Search<'_> {
    fn run(&self) -> Result<Found> {
        let filters = &self.request.filters;
        let scope = filters.scope.unwrap_or_default();
        // A search in one chat shows all of its hits.
        let in_chat = match &self.request.filters.chat {
            Some(_) => self.request.offset.saturating_add(self.request.limit).saturating_add(1),
            None => SHOWN_IN_CHAT,
        };
        let mut groups = Groups { is_exact: true, in_chat, ..Groups::default() };
        if scope.titles && filters.role.is_none() && filters.model.is_none() {
            self.within(self.titles(&mut groups))?;
        }
        if scope.messages || scope.thinking {
            self.within(match &self.request.pattern {
                Pattern::Words(query) => self.words(query, scope, &mut groups),
                Pattern::Literal(literal) => {
                    let finder = Finder::new(literal);
                    let fits = |text: &str| Ok(finder.find(text.as_bytes()).map(|_| 0.0));
                    self.scan(scope, i64::MAX, fits, &mut groups)
                }
                Pattern::Regex(regex) => {
                    let fits = |text: &str| Ok(self.has_line(regex, text)?.then_some(0.0));
                    self.scan(scope, i64::MAX, fits, &mut groups)
                }
            })?;
        }
        self.finish(groups)
    }

    /// Turns an interrupted statement into the error that says why.
    fn within<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|fault| match fault.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) if self.is_cancelled() => {
                Error::new(ErrorKind::Interrupted, "the search was interrupted")
            }
            Some(ErrorCode::OperationInterrupted) => {
                let seconds = self.request.time.as_secs_f32();
                Error::new(
                    ErrorKind::Timeout,
                    format!("the search took longer than {seconds} seconds"),
                )
                .with_hint("add a word, or restrict the search with `after:2026-01` or `chat:ID`")
            }
            _ => schema::fault_of(&self.path, &fault),
        })
    }

    fn is_cancelled(&self) -> bool {
        self.request.cancelled.load(Ordering::Relaxed)
    }

    /// Ends the work of this module as the database ends its own.
    fn check(&self) -> rusqlite::Result<()> {
        if self.is_cancelled() || Instant::now() >= self.deadline {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT);
            return Err(rusqlite::Error::SqliteFailure(code, None));
        }
        Ok(())
    }

    /// Whether a line of `text` matches.
    fn has_line(&self, regex: &Regex, text: &str) -> rusqlite::Result<bool> {
        for (_, part) in parts(text) {
            self.check()?;
            if regex.is_match(part) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the pattern is in a text that the index has, if it is one of words.
    fn fits(&self, text: &str) -> rusqlite::Result<bool> {
        match &self.request.pattern {
            Pattern::Words(query) => Ok(!query.needs_check() || query.is_in(text)),
            Pattern::Literal(literal) => Ok(text.contains(literal.as_str())),
            Pattern::Regex(regex) => self.has_line(regex, text),
        }
    }

    /// Whether enough hits have been found to stop at the next chat.
    fn is_full(&self, groups: &Groups) -> bool {
        groups.shown > self.request.offset + self.request.limit
    }

    fn titles(&self, groups: &mut Groups) -> rusqlite::Result<()> {
        let source = "SELECT c.n, c.last_message_at, c.title FROM chats c";
        let order = "ORDER BY c.last_message_at DESC, c.n";
        let (sql, expression) = match &self.request.pattern {
            Pattern::Words(query) => {
                let found = "c.n IN (SELECT rowid FROM chat_words WHERE chat_words MATCH ?1)";
                let sql = format!("{source} WHERE {found} AND {RESTRICTED_TITLE} {order}");
                (sql, query.expression(Columns::Title))
            }
            _ => (format!("{source} WHERE ?1 = '' AND {RESTRICTED_TITLE} {order}"), String::new()),
        };
        let mut find = self.connection.prepare(&sql)?;
        let Filters { chat, after, before, .. } = &self.request.filters;
        let nothing: Option<&str> = None;
        let mut rows =
            find.query(params![expression, self.account, nothing, nothing, chat, after, before])?;
        while let Some(row) = rows.next()? {
            self.check()?;
            let title = row.get_ref(2)?.as_str_or_null()?.unwrap_or_default();
            if self.fits(title)? {
                let (chat, chat_at) = (row.get(0)?, row.get(1)?);
                groups.add(Candidate { chat, chat_at, score: TITLE_SCORE, place: None });
            }
            if groups.total > MAX_COUNT {
                break;
            }
        }
        Ok(())
    }

    fn words(&self, query: &Query, scope: Scope, groups: &mut Groups) -> rusqlite::Result<()> {
        // The list of all words with this beginning is long if they are frequent; then it is not needed.
        if let Some(beginning) = query.short_prefix()
            && self.is_unrestricted()
        {
            let is_letters = beginning.is_ascii();
            let finder = Finder::new(beginning);
            let fits = |text: &str| {
                let mut count = 0_u16;
                if is_letters {
                    tokens(text, |token, _, _| {
                        count = count.saturating_add(u16::from(token.starts_with(beginning)));
                    });
                } else {
                    count = finder.find_iter(text.as_bytes()).take(MAX_MARKS).fold(0, |n, _| n + 1);
                }
                let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
                let count = f64::from(count);
                Ok((count > 0.0).then(|| -count / (count + 0.5 + length / 1000.0)))
            };
            let most = if is_letters { SCANNED_FOR_LETTERS } else { SCANNED_FIRST };
            let mut newest = groups.clone();
            self.scan(scope, most, fits, &mut newest)?;
            let is_enough = match self.request.order {
                Order::Newest => self.is_full(&newest),
                Order::Best => newest.shown > RANKED_FIRST,
            };
            if is_enough {
                *groups = Groups { is_exact: false, ..newest };
                return Ok(());
            }
        }
        self.indexed(query, scope, groups)
    }

    /// The hits of the index.
    fn indexed(&self, query: &Query, scope: Scope, groups: &mut Groups) -> rusqlite::Result<()> {
        let (rank, limit) = match self.request.order {
            Order::Newest => ("0.0", MAX_COUNT),
            Order::Best => ("bm25(message_words, 1.0, 0.5, 0.5)", RANKED),
        };
        let (first, last) = self.range()?;
        let sql = format!(
            "SELECT rowid, {rank} FROM message_words
             WHERE message_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC"
        );
        let mut find = self.connection.prepare(&sql)?;
        let mut places = find.query(params![query.expression(columns(scope)), first, last])?;
        let needs_check = query.needs_check();
        // A hit that no filter can take away is counted without a look at its message.
        let is_certain = !needs_check && self.is_unrestricted();
        let source = if needs_check { CANDIDATE_WITH_TEXTS } else { CANDIDATE };
        let sql = format!("{source} WHERE m.w = ?1 AND {RESTRICTED}");
        let mut message = self.connection.prepare(&sql)?;
        let Filters { role, model, chat, after, before, .. } = &self.request.filters;
        let hidden = hidden_places(self.connection)?;
        let mut found = 0;
        while let Some(row) = places.next()? {
            if found >= limit {
                groups.is_exact = false;
                break;
            }
            let (place, rank): (i64, f64) = (row.get(0)?, row.get(1)?);
            if hidden.contains(&place) {
                continue;
            }
            if is_certain && self.request.order == Order::Newest && self.is_full(groups) {
                groups.total += 1;
                found += 1;
                continue;
            }
            self.check()?;
            let values = params![place, self.account, role, model, chat, after, before];
            let mut rows = message.query(values)?;
            let Some(row) = rows.next()? else { continue };
            if needs_check && !texts(row, 4, scope)?.into_iter().flatten().any(|t| query.is_in(t)) {
                continue;
            }
            groups.add(candidate(row, rank)?);
            found += 1;
        }
        Ok(())
    }

    /// The places where messages can be that fit the filters: those of a chat are together.
    fn range(&self) -> rusqlite::Result<(i64, i64)> {
        let Some(chat) = &self.request.filters.chat else { return Ok((i64::MIN, i64::MAX)) };
        let sql = "SELECT min(w), max(w) FROM messages WHERE chat IN
            (SELECT n FROM chats WHERE substr(id, 1, length(?1)) = ?1)";
        let ends = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (first, last): (Option<i64>, Option<i64>) =
            self.connection.query_row(sql, [chat], ends)?;
        Ok((first.unwrap_or(0), last.unwrap_or(-1)))
    }

    fn is_unrestricted(&self) -> bool {
        let Filters { role, model, chat, after, before, .. } = &self.request.filters;
        let texts = [role, model, chat].into_iter().all(Option::is_none);
        texts && after.is_none() && before.is_none() && self.account.is_none()
    }

    /// Reads the newest `most` texts until enough fit. `fits` returns the score of one that does.
    fn scan(
        &self,
        scope: Scope,
        most: i64,
        fits: impl Fn(&str) -> rusqlite::Result<Option<f64>>,
        groups: &mut Groups,
    ) -> rusqlite::Result<()> {
        let sql = format!(
            "{CANDIDATE_WITH_TEXTS} WHERE m.w BETWEEN ?1 AND ?8 AND {RESTRICTED}
             ORDER BY m.w DESC LIMIT ?9"
        );
        let mut find = self.connection.prepare(&sql)?;
        let Filters { role, model, chat, after, before, .. } = &self.request.filters;
        let (first, last) = self.range()?;
        let account = self.account;
        let mut rows =
            find.query(params![first, account, role, model, chat, after, before, last, most])?;
        let is_newest = self.request.order == Order::Newest;
        while let Some(row) = rows.next()? {
            self.check()?;
            let mut rank = None;
            for text in texts(row, 4, scope)?.into_iter().flatten() {
                rank = fits(text)?;
                if rank.is_some() {
                    break;
                }
            }
            let Some(rank) = rank else { continue };
            let is_full = is_newest && self.is_full(groups) && !groups.has(row.get(0)?);
            if is_full || groups.total >= MAX_COUNT {
                groups.is_exact = false;
                break;
            }
            groups.add(candidate(row, rank)?);
        }
        Ok(())
    }

    /// The numbers of the chats that have a hit.
    fn chats(&self) -> rusqlite::Result<HashSet<i64>> {
        let Filters { role, model, chat, after, before, .. } = &self.request.filters;
        let scope = self.request.filters.scope.unwrap_or_default();
        let indexed = |place: &str, index: &str, columns| match &self.request.pattern {
            Pattern::Words(query) => (
                format!("{place} IN (SELECT rowid FROM {index} WHERE {index} MATCH ?1)"),
                query.expression(columns),
            ),
            _ => ("?1 = ''".to_owned(), String::new()),
        };
        let nothing: Option<&str> = None;
        let mut found = HashSet::new();
        if scope.titles && role.is_none() && model.is_none() {
            let (here, expression) = indexed("c.n", "chat_words", Columns::Title);
            let sql =
                format!("SELECT c.n, c.title FROM chats c WHERE {here} AND {RESTRICTED_TITLE}");
            let mut find = self.connection.prepare(&sql)?;
            let values = params![expression, self.account, nothing, nothing, chat, after, before];
            let mut rows = find.query(values)?;
            while let Some(row) = rows.next()? {
                self.check()?;
                if self.fits(row.get_ref(1)?.as_str_or_null()?.unwrap_or_default())? {
                    found.insert(row.get(0)?);
                }
            }
        }
        if scope.messages || scope.thinking {
            let (here, expression) = indexed("m.w", "message_words", columns(scope));
            let sql = format!("{CANDIDATE_WITH_TEXTS} WHERE {here} AND {RESTRICTED}");
            let mut find = self.connection.prepare(&sql)?;
            let values = params![expression, self.account, role, model, chat, after, before];
            let mut rows = find.query(values)?;
            while let Some(row) = rows.next()? {
                self.check()?;
                let n = row.get(0)?;
                if found.contains(&n) {
                    continue;
                }
                for text in texts(row, 4, scope)?.into_iter().flatten() {
                    if self.fits(text)? {
                        found.insert(n);
                        break;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Orders the hits, cuts out those that were requested and makes their excerpts.
    fn finish(&self, groups: Groups) -> Result<Found> {
        let Groups { all: mut groups, total, is_exact, .. } = groups;
        match self.request.order {
            Order::Newest => groups.sort_by_key(|group| std::cmp::Reverse(group.chat_at)),
            Order::Best => {
                groups.sort_by(|one, other| one.score.total_cmp(&other.score));
                for group in &mut groups {
                    group.shown.sort_by(|one, other| one.score.total_cmp(&other.score));
                }
            }
        }
        let end = self.request.offset.saturating_add(self.request.limit);
        let mut candidates = groups.into_iter().flat_map(|Group { shown, more, .. }| {
            let last = shown.len().saturating_sub(1);
            let more_of = move |at| if at == last { more } else { 0 };
            shown.into_iter().enumerate().map(move |(at, candidate)| (candidate, more_of(at)))
        });
        let wanted: Vec<_> =
            candidates.by_ref().skip(self.request.offset).take(self.request.limit).collect();
        let next = candidates.next().map(|_| end).filter(|end| *end <= MAX_COUNT);
        let mut hits = Vec::with_capacity(wanted.len());
        for (candidate, more_in_chat) in wanted {
            hits.extend(self.within(self.hit(&candidate, more_in_chat))?);
        }
        let synced_at = self.within(self.synced_at())?;
        let total_is_exact = is_exact && total <= MAX_COUNT;
        Ok(Found { hits, total: total.min(MAX_COUNT), total_is_exact, next, synced_at })
    }

    /// Reads a hit. `None` for a chat without a usable id.
    fn hit(&self, candidate: &Candidate, more_in_chat: usize) -> rusqlite::Result<Option<Hit>> {
        let read = |row: &Row<'_>| {
            let (title, state): (Option<String>, String) = (row.get(1)?, row.get(2)?);
            let id: Option<String> = row.get(4)?;
            let texts = match &id {
                Some(_) => texts(row, 8, self.request.filters.scope.unwrap_or_default())?,
                None => [title.as_deref(), None],
            };
            let is_over = || self.check().is_err();
            let marks = |text| self.request.pattern.highlights(text, is_over);
            // A word may be in the text and another one in the thoughts.
            let marked = texts.into_iter().flatten().map(|text| (text, marks(text)));
            let found = marked.into_iter().find(|(_, marks)| !marks.is_empty());
            let first = || (texts.into_iter().flatten().next().unwrap_or_default(), Vec::new());
            let (text, marks) = found.unwrap_or_else(first);
            let snippet = excerpt(text, marks);
            let message = match id {
                Some(id) => Some(HitMessage { id, role: row.get(5)?, model: row.get(6)? }),
                None => None,
            };
            let timestamp = row.get(if message.is_some() { 7 } else { 3 })?;
            Ok(row.get_ref(0)?.as_str()?.parse().ok().map(|chat_id| Hit {
                chat_id,
                title,
                state: State::of(&state),
                message,
                timestamp,
                snippet,
                more_in_chat,
            }))
        };
        let sql = "SELECT c.id, c.title, c.state, c.last_message_at, m.id, m.role, m.model, m.at,
                 t.text, t.thinking
             FROM chats c LEFT JOIN messages m ON m.w = ?2 AND m.chat = c.n
                 LEFT JOIN texts t ON t.message = m.n WHERE c.n = ?1";
        let mut find = self.connection.prepare(sql)?;
        find.query_row(params![candidate.chat, candidate.place], read)
            .optional()
            .map(Option::flatten)
    }

    /// The account of the request, unless it is the only one: its chats need no look at whose they are.
    fn restricting_account(&self) -> Result<Option<i64>> {
        let account = owner_hash(&self.path, self.connection, self.request.owner)?;
        self.within(restricting_account(self.connection, account.as_ref()))
    }

    fn synced_at(&self) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT max(ended) FROM sync_runs WHERE ?1 IS NULL OR account = ?1";
        let found = self.connection.query_row(sql, [self.account], |row| row.get(0)).optional();
        found.map(Option::flatten)
    }
}

/// The places in the index that are in the trash.
fn hidden_places(connection: &Connection) -> rusqlite::Result<HashSet<i64>> {
    let mut find = connection.prepare(
        "SELECT m.w FROM trash t JOIN chats c ON c.account = t.account AND c.id = t.chat_id
         JOIN messages m ON m.chat = c.n WHERE t.state = 'deleted'",
    )?;
    find.query_map([], |row| row.get(0))?.collect()
}

/// The account of `owner`; `None` for all accounts and for the only one.
///
/// # Errors
/// Those of the file; [`ErrorKind::InvalidRequest`] if nothing names one of several accounts.
pub(super) fn owner_hash(
    path: &Path,
    connection: &Connection,
    owner: Owner,
) -> Result<Option<AccountHash>> {
    match owner {
        Owner::All => return Ok(None),
        Owner::Account(account) => return Ok(Some(account)),
        Owner::Only => {}
    }
    let count = connection.query_row("SELECT count(*) FROM accounts", [], |row| row.get(0));
    let count: i64 = count.map_err(|fault| schema::fault_of(path, &fault))?;
    if count > 1 {
        let message = format!("the archive has {count} accounts, and no token names one");
        return Err(Error::invalid(message)
            .with_hint("name one with `--account`, or search all with `--all-accounts`"));
    }
    Ok(None)
}

/// The columns of the index that are searched.
fn columns(scope: Scope) -> Columns {
    match (scope.messages, scope.thinking) {
        (true, true) => Columns::TextAndThoughts,
        (false, true) => Columns::Thoughts,
        _ => Columns::Text,
    }
}

/// The texts that are searched, in a row from column `at` on.
fn texts<'r>(row: &'r Row<'_>, at: usize, scope: Scope) -> rusqlite::Result<[Option<&'r str>; 2]> {
    let text = row.get_ref(at)?.as_str_or_null()?;
    let thinking = row.get_ref(at + 1)?.as_str_or_null()?;
    Ok([text.filter(|_| scope.messages), thinking.filter(|_| scope.thinking)])
}

/// The message in a row of [`CANDIDATE`].
fn candidate(row: &Row<'_>, rank: f64) -> rusqlite::Result<Candidate> {
    // The words of the person say more than those of the model.
    let is_person = row.get_ref(3)?.as_str()? == "user";
    let score = if is_person { rank * 2.0 } else { rank };
    Ok(Candidate { chat: row.get(0)?, chat_at: row.get(1)?, score, place: Some(row.get(2)?) })
}

/// The lines of a text with their places; a line of more than [`PART`] bytes in several parts.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        // No further than a part: the rest of a long line is not searched once for each of its parts.
        let near = rest.as_bytes().get(..=PART).unwrap_or(rest.as_bytes());
        let start = at;
        if let Some(line) = memchr(b'\n', near).or((near.len() <= PART).then_some(near.len())) {
            at += line + 1;
            return Some((start, &rest[..line]));
        }
        let end = rest.floor_char_boundary(PART);
        at += end;
        Some((start, &rest[..end]))
    })
}

/// The text around the first of `marks`.
fn excerpt(text: &str, marks: Vec<Range<usize>>) -> Vec<Piece> {
    let (before, length) = EXCERPT;
    let first = marks.first().map_or(0, |mark| mark.start);
    let start = text[..first].char_indices().rev().take(before).last().map_or(first, |(at, _)| at);
    let end = text[start..].char_indices().nth(length).map_or(text.len(), |(at, _)| start + at);
    let mut pieces = Vec::new();
    let mut push = |text: &str, is_match| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), is_match });
        }
    };
    if start > 0 {
        push("…", false);
    }
    let mut at = start;
    for mark in marks.into_iter().take(MAX_MARKS).filter(|mark| mark.start < end) {
        let mark = mark.start..mark.end.min(end);
        push(&text[at..mark.start], false);
        push(&text[mark.clone()], true);
        at = mark.end;
    }
    push(&text[at..end], false);
    if end < text.len() {
        push("…", false);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::samples;
    use crate::archive::samples::{account, chat, hash, message};
    use crate::archive::store::Archive;
    use crate::domain::Chat;

    fn archive(chats: &[Chat]) -> (tempfile::TempDir, PathBuf) {
        let (directory, path) = samples::place();
        let mut archive = Archive::open(&path).expect("opened");
        let account = account(&mut archive);
        for chat in chats {
            archive.store(account, chat, b"{}", 1).expect("stored");
        }
        (directory, path)
    }

    fn request(text: &str, mode: Mode) -> SearchRequest {
        let (pattern, filters) = Pattern::parse(text, mode).expect("a query");
        SearchRequest {
            pattern,
            filters,
            order: Order::Newest,
            offset: 0,
            limit: 20,
            owner: Owner::Account(hash()),
            time: Duration::from_secs(30),
            cancelled: Arc::default(),
        }
    }

    fn find(path: &Path, text: &str, mode: Mode) -> Found {
        search(path, &request(text, mode)).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn ids(found: &Found) -> Vec<String> {
        let name = |hit: &Hit| hit.message.as_ref().map(|message| message.id.clone());
        found.hits.iter().map(|hit| name(hit).unwrap_or_else(|| hit.chat_id.to_string())).collect()
    }

    fn marked(hit: &Hit) -> String {
        let piece = |piece: &Piece| {
            if piece.is_match { format!("[{}]", piece.text) } else { piece.text.clone() }
        };
        hit.snippet.iter().map(piece).collect()
    }

    fn three() -> (tempfile::TempDir, PathBuf) {
        let mut old = chat("c1", "Tìm quán", &[message("m1", "user", "Tìm kiếm trên đường", 10)]);
        old.messages.push(message("m2", "assistant", "搜索引擎 with C++ and c", 20));
        old.messages[1].thinking = Some("a secret thought".to_owned());
        let middle = chat("c2", "Code", &[message("m3", "user", "a RwLockReadGuard, c only", 30)]);
        let new = chat("c3", "Other", &[message("m4", "assistant", "đường (a+b) again", 40)]);
        archive(&[new, middle, old])
    }

    #[test]
    fn newest_hits_come_first_with_titles_and_marked_excerpts() {
        let (_directory, path) = three();
        let found = find(&path, "duong", Mode::Words);
        assert_eq!(ids(&found), ["m4", "m1"]);
        assert_eq!((found.total, found.total_is_exact, found.next), (2, true, None));
        assert_eq!(marked(&found.hits[1]), "Tìm kiếm trên [đường]");
        let titled = find(&path, "tim", Mode::Words);
        assert_eq!(ids(&titled), ["c1", "m1"]);
        assert_eq!(marked(&titled.hits[0]), "[Tìm] quán");
        assert_eq!(ids(&find(&path, "in:title tim", Mode::Words)), ["c1"]);
        for (text, expected) in [
            ("搜索", &["m2"][..]),
            ("擎", &["m2"]),
            ("LockRead", &["m3"]),
            ("C++", &["m2"]),
            ("c", &["m3", "m2"]),
            ("secret", &[]),
            ("in:thinking secret", &["m2"]),
            ("in:thinking,messages 引擎", &["m2"]),
            ("role:user c", &["m3"]),
            ("model:other c", &[]),
            ("chat:c1 c", &["m2"]),
            ("chat:c% c", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(ids(&find(&path, text, Mode::Words)), expected, "{text}");
        }
    }

    #[test]
    fn literal_and_regular_expression_are_not_folded() {
        let (_directory, path) = three();
        for (text, mode, expected) in [
            ("(a+b)", Mode::Literal, &["m4"][..]),
            ("duong", Mode::Literal, &[]),
            ("TÌM", Mode::Literal, &[]),
            ("Tìm", Mode::Literal, &["c1", "m1"]),
            (r"Rw\w+Guard", Mode::Regex, &["m3"]),
            (r"(?i)^tìm", Mode::Regex, &["c1", "m1"]),
        ] {
            assert_eq!(ids(&find(&path, text, mode)), expected, "{text}");
        }
        let error = Pattern::parse("(", Mode::Regex).err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(Pattern::parse(&"a{1000}".repeat(1000), Mode::Regex).is_err());
    }

    #[test]
    fn best_hits_are_short_frequent_and_the_persons_own() {
        let long = format!("needle {}", "other words ".repeat(200));
        let (_directory, path) = archive(&[
            chat("c1", "x", &[message("m1", "assistant", &long, 50)]),
            chat("c2", "x", &[message("m2", "assistant", "needle needle", 40)]),
            chat("c3", "x", &[message("m3", "user", "needle needle", 30)]),
            chat("c4", "x", &[message("m4", "user", "something else", 20)]),
            chat("c5", "needle", &[message("m5", "user", "nothing like it", 10)]),
        ]);
        let found =
            search(&path, &SearchRequest { order: Order::Best, ..request("needle", Mode::Words) });
        assert_eq!(ids(&found.expect("found")), ["c5", "m3", "m2", "m1"]);
    }

    #[test]
    fn hits_of_one_chat_are_limited_and_pages_follow_each_other() {
        let many: Vec<_> =
            (0..10).map(|n| message(&format!("m{n}"), "user", "the word", n)).collect();
        let mut chats = vec![chat("c0", "x", &many)];
        chats.extend(
            (1..6).map(|n| chat(&format!("c{n}"), "x", &[message("m", "user", "word", -n)])),
        );
        let (_directory, path) = archive(&chats);
        let all = find(&path, "word", Mode::Words);
        assert_eq!(ids(&all), ["m9", "m8", "m7", "m", "m", "m", "m", "m"]);
        assert_eq!(
            all.hits.iter().map(|hit| hit.more_in_chat).collect::<Vec<_>>()[..4],
            [0, 0, 7, 0]
        );
        assert_eq!((all.total, all.next), (15, None));
        let in_one = Filters { chat: Some("c0".to_owned()), ..Filters::default() };
        let in_one = SearchRequest { filters: in_one, ..request("word", Mode::Words) };
        assert_eq!(ids(&search(&path, &in_one).expect("found")).len(), 10);
        for mode in [Mode::Words, Mode::Literal] {
            let mut paged = Vec::new();
            let mut offset = Some(0);
            while let Some(from) = offset {
                let page = SearchRequest { offset: from, limit: 2, ..request("word", mode) };
                let page = search(&path, &page).expect("a page");
                assert!(page.hits.len() <= 2);
                paged.extend(page.hits);
                offset = page.next;
            }
            assert!(paged == all.hits, "{mode:?}");
        }
    }

    #[test]
    fn short_beginnings_of_frequent_words_are_found_newest_first() {
        let chats: Vec<_> = (0..30)
            .map(|n| {
                let said = message(&format!("m{n}"), "user", "an index 搜索引擎", 100 - n);
                chat(&format!("c{n}"), "x", &[said])
            })
            .collect();
        let (_directory, path) = archive(&chats);
        for typed in ["in", "搜", "擎"] {
            let first = find(&path, typed, Mode::Words);
            assert_eq!((ids(&first)[..2].join(" ").as_str(), first.next), ("m0 m1", Some(20)));
            assert!(!first.total_is_exact, "{typed}");
            let rest = SearchRequest { offset: 20, ..request(typed, Mode::Words) };
            let rest = search(&path, &rest).expect("found");
            assert_eq!(
                (ids(&rest)[9].as_str(), rest.total, rest.total_is_exact),
                ("m29", 30, true)
            );
            let best = SearchRequest { order: Order::Best, ..request(typed, Mode::Words) };
            assert_eq!(search(&path, &best).expect("found").hits.len(), 20, "{typed}");
            let none = find(&path, &format!("{typed} role:assistant"), Mode::Words);
            assert!(none.hits.is_empty() && none.total_is_exact, "{typed}");
        }
    }

    #[test]
    fn other_accounts_are_searched_only_on_request() {
        let (_directory, path) = three();
        let mut archive = Archive::open(&path).expect("opened");
        let other = AccountHash::new("local", "other");
        let account = archive.account(&other, "local", 1).expect("added");
        let chat = chat("c1", "Other", &[message("m9", "user", "duong", 5)]);
        archive.store(account, &chat, b"{}", 1).expect("stored");
        assert_eq!(ids(&find(&path, "duong", Mode::Words)), ["m4", "m1"]);
        let of = |owner| search(&path, &SearchRequest { owner, ..request("duong", Mode::Words) });
        assert_eq!(ids(&of(Owner::Account(other)).expect("found")), ["m9"]);
        assert_eq!(ids(&of(Owner::All).expect("found")), ["m4", "m1", "m9"]);
        let error = of(Owner::Only).err().expect("a choice");
        assert!(error.message().contains("2 accounts"), "{error}");
    }

    #[test]
    fn search_ends_at_its_deadline_and_with_its_caller() {
        let (_directory, path) = three();
        for mode in [Mode::Words, Mode::Literal, Mode::Regex] {
            let late = SearchRequest { time: Duration::ZERO, ..request("duong", mode) };
            assert_eq!(search(&path, &late).err().map(|e| e.kind()), Some(ErrorKind::Timeout));
            assert_eq!(chats_with(&path, &late).err().map(|e| e.kind()), Some(ErrorKind::Timeout));
            let left = request("duong", mode);
            left.cancelled.store(true, Ordering::Relaxed);
            let error = chats_with(&path, &left).err();
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Interrupted));
            assert_eq!(search(&path, &left).err().map(|e| e.kind()), Some(ErrorKind::Interrupted));
        }
        let none = search(&path.with_extension("none"), &request("x", Mode::Words));
        assert_eq!(none.err().map(|error| error.kind()), Some(ErrorKind::NotFound));
    }

    #[test]
    fn chats_with_a_hit_are_found_in_titles_messages_and_thoughts() {
        let (_directory, path) = three();
        for (text, mode, expected) in [
            ("tim", Mode::Words, 1),
            ("duong", Mode::Words, 2),
            ("in:title duong", Mode::Words, 0),
            ("in:thinking secret", Mode::Words, 1),
            ("role:user c", Mode::Words, 1),
            ("Tìm", Mode::Literal, 1),
            ("^a", Mode::Regex, 1),
        ] {
            let found = chats_with(&path, &request(text, mode)).expect("searched");
            assert_eq!(found.len(), expected, "{text}");
        }
        let owner = Owner::Account(AccountHash::new("local", "other"));
        let others = SearchRequest { owner, ..request("duong", Mode::Words) };
        assert!(chats_with(&path, &others).expect("searched").is_empty());
    }

    #[test]
    fn excerpt_is_short_and_begins_before_its_first_mark() {
        let text = format!("{}đường{}", "ề ".repeat(500), " x".repeat(500));
        let at = text.find("đường").expect("there");
        let pieces = excerpt(&text, std::iter::once(at..at + "đường".len()).collect());
        let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert!(whole.starts_with('…') && whole.ends_with('…'));
        assert_eq!(whole.chars().count(), EXCERPT.1 + 2);
        assert_eq!(pieces.iter().filter(|piece| piece.is_match).count(), 1);
        assert!(excerpt("", Vec::new()).is_empty());
    }

    #[test]
    fn a_regular_expression_sees_one_line_at_a_time() {
        let text = format!("first\nsecond 12\n\n{}\n", "é".repeat(PART));
        let seen: Vec<(usize, &str)> = parts(&text).collect();
        assert_eq!(seen[..3], [(0, "first"), (6, "second 12"), (16, "")]);
        assert!(seen.iter().all(|(at, part)| part.len() <= PART && text[*at..].starts_with(part)));
        assert_eq!(seen.iter().map(|(_, part)| part.len()).sum::<usize>() + 4, text.len());
        let (pattern, _) = Pattern::parse("^s.*[0-9]$", Mode::Regex).expect("a query");
        assert_eq!(pattern.highlights(&text, || false).first(), Some(&(6..15)));
        assert!(pattern.highlights(&text, || true).is_empty());
    }
}
