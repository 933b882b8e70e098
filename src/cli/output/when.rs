//! Moments as people and as scripts read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Now, in seconds since 1970.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// A moment, in seconds since 1970, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(pub Option<i64>);

impl Moment {
    /// For a terminal: the local time to the minute.
    pub(crate) fn local(self) -> String {
        self.timestamp()
            .map(|at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string())
            .unwrap_or_default()
    }

    /// For a pipe: RFC 3339 in UTC.
    pub(crate) fn rfc3339(self) -> String {
        self.timestamp().map(|at| at.to_string()).unwrap_or_default()
    }

    /// For either of them.
    pub(crate) fn show(self, is_terminal: bool) -> String {
        if is_terminal { self.local() } else { self.rfc3339() }
    }

    fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_second(self.0?).ok()
    }
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
}
