//! What a run notes for later ones, as stamps in the data directory: that the user was warned about a token
//! that expires soon, and that a proxy forwarded requests to `serve`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::domain::{AccessToken, TokenState, hex};
use crate::files::{open_private, secure_private_directory};

const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;
const STAMP: &str = "expiry-reminder";

/// The expiry of a token within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Seconds left.
    pub seconds_left: i64,
}

/// Whether to warn at `now` (seconds since 1970) that `token` expires within a day: at most once a day for
/// each account, by a stamp in `data_dir`. If the stamp cannot be written, the warning is repeated.
///
/// Tokens with a lifetime of an hour or less never warn, as they are refreshed regularly (protocol
/// 2.1). A token without a time of issue is of the older kind that is valid for days.
pub fn warn_once_a_day(now: i64, token: &AccessToken, data_dir: Option<&Path>) -> Option<Expiry> {
    let TokenState::Valid { seconds_left: Some(seconds_left) } = token.state(now) else {
        return None;
    };
    let short_lived = token.lifetime().is_some_and(|lifetime| lifetime <= HOUR);
    let stamp = stamp(token);
    if seconds_left >= DAY || short_lived || is_recent(now, data_dir, &stamp, DAY) {
        return None;
    }
    remember(now, data_dir, &stamp);
    Some(Expiry { seconds_left })
}

const PROXIED: &str = "serve-proxied";
/// How long the next starts warn of a proxy.
const PROXY_MEMORY: i64 = 30 * DAY;

/// Notes at `now` that a proxy forwards requests to `serve`, which does not require API keys.
pub fn note_proxied(now: i64, data_dir: Option<&Path>) {
    remember(now, data_dir, PROXIED);
}

/// Whether that was noted within the last weeks.
pub fn was_proxied(now: i64, data_dir: Option<&Path>) -> bool {
    is_recent(now, data_dir, PROXIED, PROXY_MEMORY)
}

/// The name of the stamp. It does not say whose it is.
fn stamp(token: &AccessToken) -> String {
    token
        .claims()
        .account_id
        .as_ref()
        .map_or_else(|| STAMP.to_owned(), |id| format!("{STAMP}-{}", hex(&Sha256::digest(id)[..4])))
}

/// A stamp from the future, left by a wrong clock, is ignored.
fn is_recent(now: i64, data_dir: Option<&Path>, stamp: &str, age: i64) -> bool {
    let stamp = data_dir.and_then(|directory| fs::read_to_string(directory.join(stamp)).ok());
    let last: Option<i64> = stamp.and_then(|text| text.trim().parse().ok());
    last.is_some_and(|last| (0..age).contains(&now.saturating_sub(last)))
}

fn remember(now: i64, data_dir: Option<&Path>, stamp: &str) {
    let Some(directory) = data_dir else { return };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Failures are ignored: the warning is repeated.
    let _ = secure_private_directory(directory)
        .and_then(|()| open_private(&mut options, &directory.join(stamp)))
        .and_then(|mut file| writeln!(file, "{now}"));
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
    fn the_warning_is_shown_once_a_day() {
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
    fn each_account_has_its_own_warning() {
        let directory = tempfile::tempdir().expect("a directory");
        for id in ["one", "two"] {
            let soon = token(&format!(r#"{{"id":"{id}","exp":{}}}"#, NOW + 100));
            assert!(warn_once_a_day(NOW, &soon, Some(directory.path())).is_some(), "{id}");
            assert_eq!(warn_once_a_day(NOW, &soon, Some(directory.path())), None, "{id}");
        }
    }

    #[test]
    fn an_invalid_stamp_does_not_suppress_the_warning() {
        let directory = tempfile::tempdir().expect("a directory");
        let soon = expiring_in(100);
        for stamp in [(NOW + 1).to_string(), "x".to_owned(), String::new(), i64::MIN.to_string()] {
            fs::write(directory.path().join(STAMP), stamp).expect("a stamp");
            assert!(warn_once_a_day(NOW, &soon, Some(directory.path())).is_some());
        }
    }

    #[test]
    fn without_a_stamp_the_warning_is_repeated() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for data in [None, Some(file.path())] {
            assert!(warn_once_a_day(NOW, &expiring_in(100), data).is_some());
        }
    }

    #[test]
    fn expired_and_short_lived_tokens_do_not_warn() {
        let short = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 100, NOW + 800);
        for quiet in [expiring_in(DAY), expiring_in(0), token("{}"), token(&short)] {
            assert_eq!(warn_once_a_day(NOW, &quiet, None), None, "{quiet:?}");
        }
        let week = format!(r#"{{"iat":{},"exp":{}}}"#, NOW - 6 * DAY - 10, NOW + DAY - 10);
        assert!(warn_once_a_day(NOW, &token(&week), None).is_some());
    }
}
