//! Times as people and scripts read and write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

use crate::domain::time::now;
use crate::domain::{Error, Result};

/// A time in seconds since 1970, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub Option<i64>);

impl Moment {
    /// Local time to the minute, for a terminal.
    pub(crate) fn local(self) -> String {
        self.timestamp()
            .map(|at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default()
    }

    /// RFC 3339 in UTC, for a pipe.
    pub(crate) fn rfc3339(self) -> String {
        self.timestamp().map(|at| at.to_string()).unwrap_or_default()
    }

    /// One of the two.
    pub(crate) fn show(self, is_terminal: bool) -> String {
        if is_terminal { self.local() } else { self.rfc3339() }
    }

    fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_second(self.0?).ok()
    }
}

/// The direction of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Before now.
    Back,
    /// After now.
    Ahead,
}

/// The moment in the past that `flag` names.
///
/// # Errors
/// If it is neither a date nor a time nor an age.
pub(crate) fn past(flag: &str, text: &str) -> Result<i64> {
    moment(text, now(), Side::Back).ok_or_else(|| {
        Error::invalid(format!("`{flag}` must be a date, a time or an age"))
            .with_hint("for example `2026-09-01`, `2026-09-01T08:00:00Z`, `3d` or `12h`")
    })
}

/// Parses a date (its start in local time), a time, or a duration from `now` on that `side`. Returns
/// seconds since 1970.
pub(crate) fn moment(text: &str, now: i64, side: Side) -> Option<i64> {
    let distant = || {
        let span: Span = text.parse().ok()?;
        let length = span.abs().to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.as_secs();
        Some(match side {
            Side::Back => now.saturating_sub(length),
            Side::Ahead => now.saturating_add(length),
        })
    };
    let instant = || text.parse().ok().map(Timestamp::as_second);
    let local = || {
        let time: DateTime = text.parse().ok()?;
        Some(time.to_zoned(TimeZone::system()).ok()?.timestamp().as_second())
    };
    instant().or_else(local).or_else(distant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_absolute_times() {
        assert_eq!(Moment(Some(1_759_795_200)).rfc3339(), "2025-10-07T00:00:00Z");
        assert_eq!(Moment(None).rfc3339(), "");
        assert_eq!(Moment(Some(i64::MAX)).rfc3339(), "");
    }

    #[test]
    fn dates_moments_and_lengths_of_time_are_read() {
        let now = 1_000_000;
        for side in [Side::Back, Side::Ahead] {
            assert_eq!(moment("1970-01-02T00:00:00Z", now, side), Some(86_400));
            assert!(moment("2026-09-01", now, side).is_some());
            for bad in ["", "yesterday", "12", "1 potato", "2026-13-01"] {
                assert_eq!(moment(bad, now, side), None, "{bad}");
            }
        }
        assert_eq!(moment("3d", now, Side::Back), Some(now - 3 * 86_400));
        assert_eq!(moment("12h", now, Side::Back), Some(now - 43_200));
        assert_eq!(moment("1w 1d", now, Side::Ahead), Some(now + 8 * 86_400));
    }
}
