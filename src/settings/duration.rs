//! Lengths of time as people write them, the same on the command line, in the environment and in
//! the config file.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;

const EXAMPLES: &str = "such as `10s`, `1500ms`, `3m` or `1m30s`; a plain number is seconds";
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Reads a length of time: `10s`, `1500ms`, `3m`, `1h`, `1m30s`; a plain number is seconds.
///
/// # Errors
/// Half a sentence with examples (`must be …`); also for nothing, for zero and for more than a year.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration_or_off(text)?;
    if duration.is_zero() {
        return Err(format!("must be longer than zero, {EXAMPLES}"));
    }
    Ok(duration)
}

/// As [`parse_duration`], and `0` and `off` are [`Duration::ZERO`], which stands for no limit.
///
/// # Errors
/// As [`parse_duration`].
pub fn parse_duration_or_off(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("off") {
        return Ok(Duration::ZERO);
    }
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => SpanParser::new().parse_unsigned_duration(text).ok(),
    };
    let duration = duration.ok_or_else(|| format!("must be a length of time, {EXAMPLES}"))?;
    if !duration.is_zero() && duration < Duration::from_millis(1) {
        return Err(format!("must not be shorter than a millisecond, {EXAMPLES}"));
    }
    if duration > LONGEST {
        return Err("must not be longer than a year (365 days)".to_owned());
    }
    Ok(duration)
}

/// Writes a length of time so that [`parse_duration_or_off`] reads it back.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "off".to_owned(),
        _ if millis.is_multiple_of(60_000) => format!("{}m", millis / 60_000),
        _ if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        _ => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        for (text, millis) in [
            ("10s", 10_000),
            ("10", 10_000),
            ("0.5", 500),
            ("1500ms", 1500),
            ("3m", 180_000),
            ("1h", 3_600_000),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            (" 2 minutes ", 120_000),
            ("1.5s", 1500),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused_with_examples() {
        for text in
            ["", "soon", "-1", "-1s", "10x", "NaN", "inf", "1e300", "99999d", "5s ago", "s", "1us"]
        {
            let refusal = parse_duration(text).expect_err(text);
            assert!(refusal.contains("10s") || refusal.contains("a year"), "{text}: {refusal}");
        }
    }

    #[test]
    fn off_and_zero_stand_for_no_limit_where_that_is_allowed() {
        for text in ["0", "off", "OFF", "0s", "0ms"] {
            assert_eq!(parse_duration_or_off(text), Ok(Duration::ZERO), "{text}");
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        for millis in [0, 1, 999, 1000, 1500, 60_000, 90_000, 3_600_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration_or_off(&show_duration(duration)), Ok(duration));
        }
    }
}
