//! `token …`

pub(super) mod info;
pub(super) mod refresh;
pub(super) mod set;

use crate::app::token::{TokenInfo, in_words};
use crate::cli::output::{Moment, View};
use crate::domain::User;

/// What is known about a token, for people.
fn rows(info: &TokenInfo, user: Option<&User>, place: &str, view: &View) -> String {
    let mut rows = vec![("source", place.to_owned()), ("token", info.masked.clone())];
    if let Some(account) = &info.account_id {
        rows.push(("account", account.clone()));
    }
    if let Some(user) = user {
        rows.push(("name", user.name.clone()));
        rows.push(("email", user.email.clone()));
    }
    let expires = Moment(info.expires_at).show(view.width.is_some());
    rows.push(match info.expires_in {
        None => ("expires", "it does not say".to_owned()),
        Some(seconds) if info.expired => {
            ("expired", format!("{expires} ({} ago)", in_words(-seconds)))
        }
        Some(seconds) => ("expires", format!("{expires} (in {})", in_words(seconds))),
    });
    rows.push(("refresh token", if info.refreshable { "yes" } else { "none" }.to_owned()));
    view.pairs(rows)
}
