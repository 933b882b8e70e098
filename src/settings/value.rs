//! Checks of single values. Each function takes what somebody wrote and returns the value or half a
//! sentence ("must …") that the caller completes with where it was written; no value is ever repeated
//! in a refusal, because a URL or a header may carry a password.

use reqwest::Url;
use secrecy::SecretString;

use crate::domain::{LogLevel, RateLimit};
use crate::net::address;

/// A value, or half a sentence about what is wrong with it.
pub(super) type Checked<T> = Result<T, String>;

/// Headers that qwenctl sets itself, or that would break the connection.
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

/// An `http` or `https` address without user name, query and trailing slash.
pub(super) fn base_url(text: &str) -> Checked<String> {
    let url = parsed_url(text, &["http", "https"])?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a query (`?…`) or a fragment (`#…`)".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The address of a proxy, perhaps with user name and password.
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

/// The URL without the user name and password it may hold.
pub(super) fn shown_url(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "(hidden)".to_owned() };
    let secret = !url.username().is_empty() || url.password().is_some();
    if secret && (url.set_password(None).is_err() || url.set_username("***").is_err()) {
        return "(hidden)".to_owned();
    }
    url.as_str().trim_end_matches('/').to_owned()
}

/// A text for a header: not blank, visible ASCII.
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

/// A cookie line, with or without `Cookie:` before it.
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

/// A secret that is too long to be guessed.
pub(super) fn secret_key(text: &str) -> Checked<SecretString> {
    const SHORTEST: usize = 32;
    if text.trim().len() < SHORTEST {
        return Err(format!(
            "must have at least {SHORTEST} characters; `openssl rand -hex 32` makes one"
        ));
    }
    Ok(text.trim().into())
}

/// The name of a model: one line, not blank, at most 128 bytes.
pub(super) fn model(text: &str) -> Checked<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
        return Err("must be the name of a model, such as `qwen3-max`".to_owned());
    }
    Ok(text.to_owned())
}

/// The level of a log.
pub(super) fn log_level(text: &str) -> Checked<LogLevel> {
    let level = text.trim().parse();
    level.map_err(|_| "must be one of error, warn, info, debug".to_owned())
}

/// Limits with `;` or `,` between them. An empty text is no limit.
pub(super) fn rate_limits(text: &str) -> Checked<Vec<RateLimit>> {
    let parts = text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty());
    let limits: Result<Vec<_>, _> = parts.map(str::parse).collect();
    limits.map_err(|_| "must be limits such as `100 per day; 10 per minute`".to_owned())
}

/// Headers as the environment variable holds them: one `Name: value` a line, or a JSON object.
pub(super) fn headers(text: &str) -> Checked<Vec<(String, SecretString)>> {
    const FORM: &str = "must be one `Name: value` a line, or a JSON object of texts";
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

/// One header of the user's own.
pub(super) fn header(name: &str, value: &str) -> Checked<(String, SecretString)> {
    let name = name.trim();
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err("must have header names of letters, digits and `-`".to_owned());
    }
    if name.eq_ignore_ascii_case("authorization") {
        return Err("must not hold `Authorization`: run `qwenctl token set` instead".to_owned());
    }
    if RESERVED_HEADERS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(format!("must not hold `{name}`: qwenctl sets that header itself"));
    }
    let value = header_value(value).map_err(|fault| format!("has a `{name}` that {fault}"))?;
    Ok((name.to_owned(), value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn addresses_are_normalised() {
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
    fn refused_addresses_are_not_repeated() {
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
    fn headers_that_cannot_be_are_refused() {
        for (text, why) in [
            ("no colon", "one `Name: value` a line"),
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
    fn a_cookie_line_loses_its_label() {
        assert_eq!(cookie("Cookie: a=b; c=d").expect("a line").expose_secret(), "a=b; c=d");
        assert!(cookie("nothing").is_err() && cookie("a=b\nc=d").is_err());
    }
}
