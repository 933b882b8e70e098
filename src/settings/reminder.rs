//! Reminds of a token that expires soon, once a day.

use std::fs;
use std::path::Path;

use crate::domain::{AccessToken, TokenState};

const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;
const STAMP: &str = "expiry-reminder";

/// A token expires within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Seconds left.
    pub seconds_left: i64,
}

/// Whether to warn at `now` (seconds since 1970) that `token` expires within a day; at most once a
/// day, for which a stamp is kept in `data_dir`. Where it cannot be kept the warning comes again.
///
/// Tokens that were issued for an hour or less never warn: they are refreshed as a matter of course
/// (protocol 2.1). A token that does not say when it was issued is of the older kind that lives for
/// days, so it warns.
pub fn warn_once_a_day(now: i64, token: &AccessToken, data_dir: Option<&Path>) -> Option<Expiry> {
    let TokenState::Valid { seconds_left: Some(seconds_left) } = token.state(now) else {
        return None;
    };
    let short_lived = token.lifetime().is_some_and(|lifetime| lifetime <= HOUR);
    if seconds_left >= DAY || short_lived || reminded_today(now, data_dir) {
        return None;
    }
    remember(now, data_dir);
    Some(Expiry { seconds_left })
}

/// A stamp from the future, left by a wrong clock, does not count.
fn reminded_today(now: i64, data_dir: Option<&Path>) -> bool {
    let stamp = data_dir.and_then(|directory| fs::read_to_string(directory.join(STAMP)).ok());
    let last: Option<i64> = stamp.and_then(|text| text.trim().parse().ok());
    last.is_some_and(|last| (0..DAY).contains(&now.saturating_sub(last)))
}

fn remember(now: i64, data_dir: Option<&Path>) {
    let Some(directory) = data_dir else { return };
    // A stamp that cannot be written is no reason to fail or to say more.
    let _ = fs::create_dir_all(directory)
        .and_then(|()| fs::write(directory.join(STAMP), format!("{now}\n")));
}
