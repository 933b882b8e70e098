//! Rate limits as people write them: `20 per minute`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Error, Result};

const EXAMPLES: &str = "such as `20 per minute`, `100 per day` or `5/second`";

/// A number of requests per time window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

impl RateLimit {
    /// A limit per minute.
    pub const fn per_minute(count: u32) -> Self {
        Self { count, unit: Unit::Minute }
    }

    /// Several limits as in a setting: `100 per day; 10 per minute`.
    pub fn list(limits: &[Self]) -> String {
        limits.iter().map(Self::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Number of requests in a window.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Length of a window.
    pub fn window(self) -> Duration {
        match self.unit {
            Unit::Second => Duration::from_secs(1),
            Unit::Minute => Duration::from_mins(1),
            Unit::Hour => Duration::from_hours(1),
            Unit::Day => Duration::from_hours(24),
        }
    }

    /// The unit of the window: `second`, `minute`, `hour` or `day`.
    pub fn unit(self) -> &'static str {
        match self.unit {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
        }
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    /// Reads `20 per minute` or `20/minute`; the unit may be in the plural.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid(format!("invalid rate limit: use a form {EXAMPLES}"));
        let lower = text.trim().to_ascii_lowercase();
        let (count, unit) =
            lower.split_once('/').or_else(|| lower.split_once(" per ")).ok_or_else(wrong)?;
        let unit = match unit.trim() {
            "s" => "second",
            unit => unit.trim_end_matches('s'),
        };
        let unit = match unit {
            "second" | "sec" => Unit::Second,
            "minute" | "min" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            _ => return Err(wrong()),
        };
        let count = count.trim().parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
        Ok(Self { count, unit })
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_parsed() {
        for (text, canonical, seconds) in [
            ("20 per minute", "20 per minute", 60),
            ("100 per day", "100 per day", 86_400),
            ("5/second", "5 per second", 1),
            (" 7 Per HOURS ", "7 per hour", 3600),
            ("3 / min", "3 per minute", 60),
        ] {
            let limit: RateLimit = text.parse().expect(text);
            assert_eq!(
                (limit.to_string().as_str(), limit.window().as_secs()),
                (canonical, seconds)
            );
            assert_eq!(canonical.parse::<RateLimit>().ok(), Some(limit));
        }
    }

    #[test]
    fn invalid_limits_are_refused_with_examples() {
        for text in [
            "",
            "20",
            "per minute",
            "0 per day",
            "-1 per day",
            "1.5/s",
            "20 per moon",
            "9999999999/day",
        ] {
            let error = text.parse::<RateLimit>().expect_err(text);
            assert!(error.message().contains("20 per minute"), "{error}");
        }
    }
}
