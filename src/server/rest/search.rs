//! The search: in the archive of the server's own account, else with the upstream's own search.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use utoipa::ToSchema;

use super::chat::prompt_schema;
use crate::app::archive::{self, Filters, Found, Mode, Order, Owner, ROLES, Scope, Search};
use crate::app::documents::SearchDocument;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::body::{self, Members};
use crate::server::http::response::{Outcome, json};
use crate::server::request::{RequestContext, Source};

/// How long a search may take.
const TIME: Duration = Duration::from_secs(2);
/// The most results of a response.
const MAX_LIMIT: usize = 100;
/// The most results that a cursor can leave behind.
const MAX_OFFSET: usize = 10_000;
/// The members of a search. Another one is refused: a misspelt filter would find too much.
const MEMBERS: [&str; 11] = [
    "query", "limit", "cursor", "in", "role", "model", "since", "until", "chat_id", "sort", "mode",
];

#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"query": "tim kiem"}))]
pub(crate) struct SearchQuery {
    /// Words, `"phrases"`, `-excluded` words, `OR`, and filters such as `role:user` or `after:2026-01`.
    #[serde(deserialize_with = "body::filled")]
    #[schema(schema_with = prompt_schema)]
    query: String,
    /// The most results; 20 if it is left out.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// The `cursor` of the results before.
    #[serde(default, deserialize_with = "body::optional")]
    cursor: Option<String>,
    /// `titles`, `messages`, `thinking`, or several with commas.
    #[serde(default, rename = "in", deserialize_with = "body::optional")]
    scope: Option<String>,
    /// Who wrote the message: `user` or `assistant`.
    #[serde(default, deserialize_with = "body::optional")]
    role: Option<String>,
    /// The model that wrote the message.
    #[serde(default, deserialize_with = "body::optional")]
    model: Option<String>,
    /// The earliest time, in seconds since 1970.
    since: Option<i64>,
    /// The time before which it was written, in seconds since 1970.
    until: Option<i64>,
    /// The chat, or the beginning of its id.
    #[serde(default, deserialize_with = "body::optional")]
    chat_id: Option<String>,
    #[serde(default, deserialize_with = "body::choice")]
    sort: Option<SearchSort>,
    #[serde(default, deserialize_with = "body::choice")]
    mode: Option<SearchMode>,
}

/// By the last activity of the chat, or by relevance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SearchSort {
    Newest,
    Best,
}

/// How the query is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SearchMode {
    Words,
    Literal,
    Regex,
}

/// `POST /api/chat/search`
pub(crate) async fn search(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let started = Instant::now();
    members.only(&MEMBERS)?;
    let query: SearchQuery = members.parse()?;
    query.check()?;
    let (session, source) = call.session()?;
    // The archive has the chats of the server's own account; those of others are never stored.
    if let (Some(place), Source::Server) = (&call.state.archive, source) {
        let search = query.in_archive()?;
        let monitor = &call.state.archive_monitor;
        let account = monitor.account_hash(&session, &place.upstream).await?;
        let found = search.run(place.path.clone(), Owner::Account(account)).await;
        match found.map_err(in_words_of_the_api) {
            Ok(found) => return json(&SearchDocument::new(&found, "archive", started.elapsed())),
            // It is not synchronized yet.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let page = query.for_upstream()?;
    let found: Found = archive::search_upstream(&session, &query.query, page).await?;
    json(&SearchDocument::new(&found, "upstream", started.elapsed()))
}

/// The hints of a query name flags of the command line.
fn in_words_of_the_api(error: Error) -> Error {
    match (error.kind(), error.hint()) {
        (ErrorKind::InvalidRequest, Some(hint)) if hint.contains("`-F`") => {
            error.with_hint("search for it as it is with `\"mode\":\"literal\"`, or leave it out")
        }
        _ => error,
    }
}

fn scope(names: &str) -> Result<Scope> {
    Scope::parse(names).map_err(|_| {
        Error::invalid("`in` must be `titles`, `messages`, `thinking`, or several with commas")
    })
}

impl SearchQuery {
    /// What holds with an archive and without one.
    fn check(&self) -> Result<()> {
        if self.query.trim().is_empty() {
            return Err(Error::invalid("`query` must not be empty"));
        }
        if self.role.as_deref().is_some_and(|role| !ROLES.contains(&role)) {
            return Err(Error::invalid("`role` must be `user`, `assistant` or `system`"));
        }
        if self.limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            let message = format!("`limit` must be an integer from 1 to {MAX_LIMIT}");
            return Err(Error::invalid(message));
        }
        Ok(())
    }

    fn in_archive(&self) -> Result<Search> {
        Ok(Search {
            query: self.query.clone(),
            mode: match self.mode {
                None | Some(SearchMode::Words) => Mode::Words,
                Some(SearchMode::Literal) => Mode::Literal,
                Some(SearchMode::Regex) => Mode::Regex,
            },
            filters: Filters {
                role: self.role.clone(),
                model: self.model.clone(),
                chat: self.chat_id.clone(),
                after: self.since,
                before: self.until,
                scope: self.scope.as_deref().map(scope).transpose()?,
            },
            order: match self.sort {
                None | Some(SearchSort::Newest) => Order::Newest,
                Some(SearchSort::Best) => Order::Best,
            },
            offset: self.position(0, MAX_OFFSET)?,
            limit: self.limit.unwrap_or(20),
            time: TIME,
        })
    }

    /// The page of the upstream's own search, which knows nothing but words.
    fn for_upstream(&self) -> Result<u32> {
        let filters = [
            ("in", self.scope.is_some()),
            ("role", self.role.is_some()),
            ("model", self.model.is_some()),
            ("since", self.since.is_some()),
            ("until", self.until.is_some()),
            ("chat_id", self.chat_id.is_some()),
            ("sort", self.sort == Some(SearchSort::Best)),
            ("mode", self.mode.is_some_and(|mode| mode != SearchMode::Words)),
        ];
        if let Some((name, _)) = filters.iter().find(|(_, is_given)| *is_given) {
            let message =
                format!("`{name}` needs an archive: the upstream only searches for a text");
            return Err(Error::invalid(message)
                .with_hint("leave it out, or search with a server that has an archive"));
        }
        self.position(1, MAX_OFFSET).map(|page| u32::try_from(page).unwrap_or(u32::MAX))
    }

    fn position(&self, first: usize, last: usize) -> Result<usize> {
        let Some(cursor) = &self.cursor else { return Ok(first) };
        let position = cursor.parse().ok().filter(|position| (first..=last).contains(position));
        position.ok_or_else(|| Error::invalid("`cursor` must be that of an earlier response"))
    }
}
