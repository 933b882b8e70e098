//! The account: its token, its models, its numbers.

use serde::Serialize;

use super::{DataDocument, ErrorDocument};
use crate::app::token::TokenInfo;
use crate::domain::{Error, Model, Stats, User};

/// What is known about the access token. For an expired one `success` is false, and the members of a
/// failure are there too.
#[derive(Debug, Serialize)]
pub(crate) struct TokenDocument<'a> {
    #[serde(flatten)]
    outcome: TokenOutcome<'a>,
    user: TokenUser<'a>,
    expires_at: Option<i64>,
    expires_in: Option<i64>,
    refreshable: bool,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_name: Option<String>,
    token: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "there is one of it, for a moment")]
enum TokenOutcome<'a> {
    Good { success: bool },
    Bad(ErrorDocument<'a>),
}

#[derive(Debug, Serialize)]
struct TokenUser<'a> {
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl<'a> TokenDocument<'a> {
    /// The document about `info`. `source` is one word; `source_name` says exactly which variable or
    /// file. `user` is there if the upstream was asked, `failure` if the token is no good.
    pub(crate) fn new(
        info: &'a TokenInfo,
        (source, source_name): (&'a str, Option<String>),
        user: Option<&'a User>,
        failure: Option<&'a Error>,
    ) -> Self {
        Self {
            outcome: match failure {
                None => TokenOutcome::Good { success: true },
                Some(error) => TokenOutcome::Bad(error.into()),
            },
            user: TokenUser {
                id: user.map(|user| user.id.as_str()).or(info.account_id.as_deref()),
                email: user.map(|user| user.email.as_str()),
                name: user.map(|user| user.name.as_str()),
            },
            expires_at: info.expires_at,
            expires_in: info.expires_in,
            refreshable: info.refreshable,
            source,
            source_name,
            token: &info.masked,
        }
    }
}

/// New tokens. `token` is masked unless the caller is the one whose own token it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefreshDocument<'a> {
    success: bool,
    token: &'a str,
    expires_at: Option<i64>,
    user: &'a User,
}

impl<'a> RefreshDocument<'a> {
    /// The document for `token` (whole or masked) of `user`.
    pub(crate) fn new(token: &'a str, expires_at: Option<i64>, user: &'a User) -> Self {
        Self { success: true, token, expires_at, user }
    }
}

/// The seed's statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StatsDocument<'a> {
    success: bool,
    stats: StatsData<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StatsData<'a> {
    total_chats: usize,
    user: StatsUser<'a>,
    token_expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<&'a str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StatsUser<'a> {
    name: &'a str,
    email: &'a str,
}

impl<'a> StatsDocument<'a> {
    /// The document for `stats`; says so if they are about the local upstream.
    pub(crate) fn new(stats: &'a Stats, is_local: bool) -> Self {
        let user = StatsUser { name: &stats.user.name, email: &stats.user.email };
        Self {
            success: true,
            stats: StatsData {
                total_chats: stats.total_chats,
                user,
                token_expires_at: stats.token_expires_at,
                upstream: is_local.then_some("local"),
            },
        }
    }
}

/// The models.
pub(crate) type ModelsDocument<'a> = DataDocument<&'a [Model]>;
