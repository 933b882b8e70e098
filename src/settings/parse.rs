//! Parsers of single values. Each returns the value or the end of a sentence ("must be …"), which the
//! caller completes with the origin. No error repeats a value: a URL or a header may hold a password.

use std::time::Duration;

use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;
use reqwest::Url;
use secrecy::SecretString;

use super::nearest;
use crate::domain::{Carrier, LogLevel, ModelMap, RateLimit};
use crate::net::address;

/// A value, or the end of a sentence about what is wrong with it.
pub(super) type Checked<T> = Result<T, String>;

/// Headers that qwenctl sets itself or that would break the connection.
const RESERVED_HEADERS: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// An `http` or `https` URL without user name, query and trailing slash.
pub(super) fn base_url(text: &str) -> Checked<String> {
    let url = parsed_url(text, &["http", "https"])?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a query (`?…`) or a fragment (`#…`)".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The URL of a proxy, possibly with user name and password.
pub(super) fn proxy_url(text: &str) -> Checked<SecretString> {
    let url = parsed_url(text, &["http", "https", "socks4", "socks4a", "socks5", "socks5h"])?;
    Ok(SecretString::from(url.as_str().trim_end_matches('/')))
}

fn parsed_url(text: &str, schemes: &[&str]) -> Checked<Url> {
    let text = text.trim();
    let known = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !known.is_some_and(|scheme| schemes.contains(&scheme.as_str())) {
        let schemes: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
        return Err(format!("must start with {}", schemes.join(", ")));
    }
    let url = Url::parse(text).map_err(|fault| format!("is not a URL: {fault}"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("must name a host".to_owned());
    }
    Ok(url)
}

/// Whether a request to the URL crosses a network without encryption.
pub(super) fn is_clear_text(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| address::is_clear_text(&url))
}

/// The URL without user name and password.
pub(super) fn shown_url(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "(hidden)".to_owned() };
    let secret = !url.username().is_empty() || url.password().is_some();
    if secret && (url.set_password(None).is_err() || url.set_username("***").is_err()) {
        return "(hidden)".to_owned();
    }
    url.as_str().trim_end_matches('/').to_owned()
}

/// The value of a header: visible ASCII, not empty.
pub(super) fn header_value(text: &str) -> Checked<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if !text.chars().all(|c| c.is_ascii_graphic() || matches!(c, ' ' | '\t')) {
        return Err("must be one line of ASCII characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A cookie line, with or without a leading `Cookie:`.
pub(super) fn cookie(text: &str) -> Checked<SecretString> {
    let text = text.trim();
    let line = match text.get(..7) {
        Some(label) if label.eq_ignore_ascii_case("cookie:") => &text[7..],
        _ => text,
    };
    let line = header_value(line)?;
    if !line.contains('=') {
        return Err("must be a cookie line such as `name=value; name2=value2`".to_owned());
    }
    Ok(line.into())
}

/// A secret that is long enough.
pub(super) fn secret_key(text: &str) -> Checked<SecretString> {
    const SHORTEST: usize = 32;
    if text.trim().len() < SHORTEST {
        return Err(format!(
            "must have at least {SHORTEST} characters; `openssl rand -hex 32` generates one"
        ));
    }
    Ok(text.trim().into())
}

/// The name of a model: one line, not empty, at most 128 bytes.
pub(super) fn model(text: &str) -> Checked<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
        return Err("must be the name of a model, such as `qwen3-max`".to_owned());
    }
    Ok(text.to_owned())
}

/// The chat that `quick` uses by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuickChat {
    /// The most recent one.
    Recent,
    /// A new one.
    New,
}

/// The chat of `quick`.
pub(super) fn quick_chat(text: &str) -> Checked<QuickChat> {
    match text.trim() {
        "recent" => Ok(QuickChat::Recent),
        "new" => Ok(QuickChat::New),
        _ => Err("must be `recent` or `new`".to_owned()),
    }
}

/// When a long message goes as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongTexts {
    /// If it is larger than the limit of a prompt.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// When a long message goes as a file.
pub(super) fn long_texts(text: &str) -> Checked<LongTexts> {
    match text.trim() {
        "auto" => Ok(LongTexts::Auto),
        "always" => Ok(LongTexts::Always),
        "never" => Ok(LongTexts::Never),
        _ => Err("must be `auto`, `always` or `never`".to_owned()),
    }
}

/// Whether a copy of the chats is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveMode {
    /// Once `chats sync` has run.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// The use of the archive.
pub(super) fn archive_mode(text: &str) -> Checked<ArchiveMode> {
    match text.trim() {
        "auto" => Ok(ArchiveMode::Auto),
        "on" => Ok(ArchiveMode::On),
        "off" => Ok(ArchiveMode::Off),
        _ => Err("must be `auto`, `on` or `off`".to_owned()),
    }
}

/// True or false.
pub(super) fn flag(text: &str) -> Checked<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err("must be `true` or `false`".to_owned()),
    }
}

/// How requests carry the access token.
pub(super) fn carrier(text: &str) -> Checked<Carrier> {
    Carrier::named(text.trim()).ok_or_else(|| "must be `cookie`, `bearer` or `both`".to_owned())
}

/// A log level.
pub(super) fn log_level(text: &str) -> Checked<LogLevel> {
    let level = text.trim().parse();
    level.map_err(|_| "must be one of error, warn, info, debug".to_owned())
}

/// One rate limit.
pub(super) fn rate_limit(text: &str) -> Checked<RateLimit> {
    text.parse().map_err(|_| "must be a limit such as `3 per second`".to_owned())
}

/// Rate limits, separated by `;` or `,`. An empty text is no limit.
pub(super) fn rate_limits(text: &str) -> Checked<Vec<RateLimit>> {
    let parts = text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty());
    let limits: Result<Vec<_>, _> = parts.map(str::parse).collect();
    limits.map_err(|_| "must be limits such as `100 per day; 10 per minute`".to_owned())
}

/// Headers from the environment variable: one `Name: value` per line, or a JSON object.
pub(super) fn headers(text: &str) -> Checked<Vec<(String, SecretString)>> {
    const FORM: &str = "must be one `Name: value` per line, or a JSON object of texts";
    if text.trim_start().starts_with('{') {
        let object: std::collections::BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|_| FORM.to_owned())?;
        return object.iter().map(|(name, value)| header(name, value)).collect();
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').ok_or_else(|| FORM.to_owned())?;
            header(name, value)
        })
        .collect()
}

/// An additional header.
pub(super) fn header(name: &str, value: &str) -> Checked<(String, SecretString)> {
    let name = name.trim();
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err("must have header names of letters, digits and `-`".to_owned());
    }
    if name.eq_ignore_ascii_case("authorization") {
        return Err("must not contain `Authorization`: run `qwenctl token set` instead".to_owned());
    }
    if RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(format!("must not contain `{name}`: qwenctl sets that header itself"));
    }
    let value = header_value(value).map_err(|fault| format!("has a `{name}` that {fault}"))?;
    Ok((name.to_owned(), value.into()))
}

/// A duration as a limit; zero is none.
pub(super) fn time_limit(text: &str) -> Checked<Option<Duration>> {
    Ok(Some(parse_duration_or_off(text)?).filter(|limit| !limit.is_zero()))
}

const EXAMPLES: &str = "for example `10s`, `1500ms`, `3m` or `1m30s`; a plain number is seconds";
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Parses a duration: `10s`, `1500ms`, `3m`, `1h`, `1m30s`; a plain number is seconds.
///
/// # Errors
/// The end of a sentence with examples (`must be …`); also for an empty text, zero and more than a
/// year.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration_or_off(text)?;
    if duration.is_zero() {
        return Err(format!("must be longer than zero, {EXAMPLES}"));
    }
    Ok(duration)
}

/// As [`parse_duration`], but `0` and `off` are [`Duration::ZERO`], which means no limit.
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
        Err(_) => SpanParser::new().parse_unsigned_duration(text).ok().or_else(|| days(text)),
    };
    let duration = duration.ok_or_else(|| format!("must be a duration, {EXAMPLES}"))?;
    if !duration.is_zero() && duration < Duration::from_millis(1) {
        return Err(format!("must not be shorter than a millisecond, {EXAMPLES}"));
    }
    if duration > LONGEST {
        return Err("must not be longer than a year (365 days)".to_owned());
    }
    Ok(duration)
}

/// A duration with days of 24 hours or weeks.
fn days(text: &str) -> Option<Duration> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

/// Formats a duration so that [`parse_duration_or_off`] parses it.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0 => "off".to_owned(),
        _ if millis.is_multiple_of(86_400_000) => format!("{}d", millis / 86_400_000),
        _ if millis.is_multiple_of(60_000) => format!("{}m", millis / 60_000),
        _ if millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        _ => format!("{millis}ms"),
    }
}

/// Names for the addresses of widespread engines.
const ENGINES: [(&str, &str); 4] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("lmstudio", "http://127.0.0.1:1234/v1"),
    ("dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    ("dashscope-intl", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
];

/// The names for engines that the setting takes in place of a URL.
pub fn engine_names() -> impl Iterator<Item = &'static str> {
    ENGINES.iter().map(|(name, _)| *name).chain(["echo"])
}

/// The address of an engine, or a name for one; `echo` means no engine.
pub(super) fn engine_url(text: &str) -> Checked<Option<String>> {
    let name = text.trim().to_ascii_lowercase();
    if name == "echo" {
        return Ok(None);
    }
    if let Some((_, url)) = ENGINES.iter().find(|(preset, _)| *preset == name) {
        return Ok(Some((*url).to_owned()));
    }
    if !name.contains("://") {
        let names: Vec<_> = ENGINES.iter().map(|(preset, _)| *preset).collect();
        let guess = nearest(&name, names.iter().copied());
        let guess = guess.map(|guess| format!("; did you mean `{guess}`?")).unwrap_or_default();
        return Err(format!(
            "must be a URL such as http://127.0.0.1:8080/v1, or one of {}, echo{guess}",
            names.join(", ")
        ));
    }
    base_url(text).map(Some)
}

/// Whether an engine is the official paid API.
pub(super) fn is_dashscope(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| address::is_dashscope(&url))
}

/// The models of an engine, separated by `;` or `,`: pairs of names, and at most one model for all
/// other names.
pub(super) fn engine_models(text: &str) -> Checked<ModelMap> {
    const FORM: &str = "must be models such as `qwen3-max=llama3.2; llama3.2`, each name once";
    let mut models = ModelMap::default();
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None if models.default.is_none() => models.default = Some(checked_model(part, FORM)?),
            None => return Err(FORM.to_owned()),
            Some((name, wanted)) => {
                let name = checked_model(name, FORM)?;
                if models.pairs.iter().any(|(known, _)| *known == name) {
                    return Err(FORM.to_owned());
                }
                models.pairs.push((name, checked_model(wanted, FORM)?));
            }
        }
    }
    Ok(models)
}

fn checked_model(text: &str, form: &str) -> Checked<String> {
    model(text).map_err(|_| form.to_owned())
}

/// A key that a header can carry.
pub(super) fn engine_key(text: &str) -> Checked<SecretString> {
    header_value(text).map(SecretString::from)
}

/// A number of bytes.
pub(super) fn bytes(text: &str) -> Checked<u64> {
    text.trim().parse().map_err(|_| "must be a number of bytes, such as 184320".to_owned())
}

/// A number of tokens.
pub(super) fn engine_context(text: &str) -> Checked<u64> {
    let number = text.trim().parse().ok().filter(|number| (1..=100_000_000).contains(number));
    number.ok_or_else(|| "must be a number of tokens, such as 8192".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn base_urls_are_normalized() {
        for (text, url) in [
            ("https://chat.qwen.ai/api/", "https://chat.qwen.ai/api"),
            (" https://Chat.Qwen.AI/api// ", "https://chat.qwen.ai/api"),
            ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
            ("HTTP://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(base_url(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn refused_urls_are_not_repeated() {
        let secret = ["can", "ary"].concat();
        for (text, why) in [
            ("chat.qwen.ai/api".to_owned(), "https://"),
            ("localhost:8080".to_owned(), "https://"),
            ("ftp://x".to_owned(), "https://"),
            ("https://".to_owned(), "not a URL"),
            (format!("https://u:{secret}@h/api"), "password"),
            (format!("https://{secret}@h/api"), "user name"),
            (format!("https://h/?key={secret}"), "query"),
            (format!("https://h:{secret}/"), "not a URL"),
        ] {
            let refusal = base_url(&text).expect_err(&text);
            assert!(refusal.contains(why) && !refusal.contains(&secret), "{text}: {refusal}");
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_not_shown() {
        let secret = ["can", "ary"].concat();
        let proxy = proxy_url(&format!("socks5h://{secret}:{secret}@proxy:1080")).expect("a proxy");
        assert!(proxy.expose_secret().contains(&secret));
        assert_eq!(shown_url(proxy.expose_secret()), "socks5h://***@proxy:1080");
    }

    #[test]
    fn headers_are_read_in_both_forms() {
        for text in ["X-A: 1:2\n\n x-b : two \r\n", r#"{"X-A":"1:2","x-b":"two"}"#] {
            let found = headers(text).expect(text);
            let found: Vec<_> =
                found.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
            assert_eq!(found, [("X-A", "1:2"), ("x-b", "two")]);
        }
    }

    #[test]
    fn invalid_headers_are_refused() {
        for (text, why) in [
            ("no colon", "one `Name: value` per line"),
            ("{\"a\":1}", "JSON object"),
            ("a b: c", "letters"),
            ("X: \u{e9}", "ASCII"),
            ("X:", "empty"),
            ("authorization: Bearer x", "qwenctl token set"),
            ("HOST: x", "itself"),
        ] {
            let refusal = headers(text).expect_err(text);
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }

    #[test]
    fn the_label_of_a_cookie_line_is_removed() {
        assert_eq!(cookie("Cookie: a=b; c=d").expect("a line").expose_secret(), "a=b; c=d");
        assert!(cookie("nothing").is_err() && cookie("a=b\nc=d").is_err());
    }

    #[test]
    fn durations_are_parsed_with_and_without_units() {
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
            ("30d", 30 * 86_400_000),
            ("1w 1d 2h", (8 * 24 + 2) * 3_600_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn invalid_durations_are_refused_with_examples() {
        for text in
            ["", "soon", "-1", "-1s", "10x", "NaN", "inf", "1e300", "99999d", "5s ago", "s", "1us"]
        {
            let refusal = parse_duration(text).expect_err(text);
            assert!(refusal.contains("10s") || refusal.contains("a year"), "{text}: {refusal}");
        }
    }

    #[test]
    fn off_and_zero_mean_no_limit_where_allowed() {
        for text in ["0", "off", "OFF", "0s", "0ms"] {
            assert_eq!(parse_duration_or_off(text), Ok(Duration::ZERO), "{text}");
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formatted_durations_can_be_parsed() {
        for millis in [0, 1, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 86_400_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration_or_off(&show_duration(duration)), Ok(duration));
        }
    }
}
