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

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn token(payload: &str) -> AccessToken {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        AccessToken::parse(&format!("{}.{}.{}", part("{}"), part(payload), part("x")))
            .expect("a token")
    }

    fn expiring_in(seconds: i64) -> AccessToken {
        token(&format!(r#"{{"exp":{}}}"#, NOW + seconds))
    }

    #[test]
    fn a_warning_comes_once_a_day() {
        let directory = tempfile::tempdir().expect("a directory");
        let data = Some(directory.path());
        let soon = expiring_in(DAY - 1);
        assert_eq!(warn_once_a_day(NOW, &soon, data), Some(Expiry { seconds_left: DAY - 1 }));
        assert_eq!(warn_once_a_day(NOW + 1, &soon, data), None);
        let later = expiring_in(2 * DAY - 1);
        assert_eq!(warn_once_a_day(NOW + DAY - 1, &later, data), None);
        assert!(warn_once_a_day(NOW + DAY, &later, data).is_some());
    }

    #[test]
    fn a_stamp_from_the_future_or_of_nonsense_does_not_silence() {
        let directory = tempfile::tempdir().expect("a directory");
        let soon = expiring_in(100);
        for stamp in [(NOW + 1).to_string(), "x".to_owned(), String::new(), i64::MIN.to_string()] {
            fs::write(directory.path().join(STAMP), stamp).expect("a stamp");
            assert!(warn_once_a_day(NOW, &soon, Some(directory.path())).is_some());
        }
    }

    #[test]
    fn where_no_stamp_can_be_kept_the_warning_still_comes() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for data in [None, Some(file.path())] {
            assert!(warn_once_a_day(NOW, &expiring_in(100), data).is_some());
        }
    }

    #[test]
    fn tokens_with_more_time_none_left_or_short_lives_do_not_warn() {
        let short = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 100, NOW + 800);
        for quiet in [expiring_in(DAY), expiring_in(0), token("{}"), token(&short)] {
            assert_eq!(warn_once_a_day(NOW, &quiet, None), None, "{quiet:?}");
        }
        let week = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 6 * DAY - 10, NOW + DAY - 10);
        assert!(warn_once_a_day(NOW, &token(&week), None).is_some());
    }
}
