//! Moments as people write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

/// Where a length of time leads from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// So long ago.
    Back,
    /// In so long.
    Ahead,
}

/// A date, a moment, or how long from `now` on that `side`; in seconds since 1970. A date is its
/// beginning here.
pub(super) fn moment(text: &str, now: i64, side: Side) -> Option<i64> {
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
