//! The outer forms of pasted text: JSON within text, labels and arguments, rows of tables.

use std::borrow::Cow;

use serde_json::{Deserializer, Value};

/// Invisible characters at the ends of copied text.
const INVISIBLE: [char; 4] = ['\u{feff}', '\u{200b}', '\u{2060}', '\u{200e}'];

/// Without white space and invisible characters at both ends.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c))
}

/// The JSON value at the beginning of `text`, also if it is escaped or was wrapped, and the text after it.
pub(super) fn json_prefix(text: &str) -> Option<(Value, &str)> {
    if let Some((value, end)) = first_value(text) {
        return Some((value, &text[end..]));
    }
    if text.contains("\\\"") {
        let line = text.lines().next().unwrap_or_default();
        let plain = line.replace("\\\"", "\"").replace("\\\\", "\\");
        return first_value(&plain).map(|(value, _)| (value, &text[line.len()..]));
    }
    let joined = text.replace(['\n', '\r'], "");
    let (value, end) = first_value(&joined).filter(|_| joined.len() < text.len())?;
    (joined[end..].trim().is_empty()).then_some((value, ""))
}

fn first_value(text: &str) -> Option<(Value, usize)> {
    let mut values = Deserializer::from_str(text).into_iter();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// Without the escapes of a Windows command line and of Bash.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if text.contains("^\"") {
        let mut plain = String::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            plain.extend(if c == '^' { characters.next() } else { Some(c) });
        }
        return plain.replace("\\\"", "").into();
    }
    if text.contains("$'") {
        return text.replace("$'", "'").replace("\\u0021", "!").into();
    }
    text.into()
}

/// The host to which a copied request goes.
pub(super) fn requested_host(text: &str) -> Option<String> {
    let start = trim(text).get(..64).unwrap_or(trim(text)).to_ascii_lowercase();
    let is_request = ["curl", "fetch(", "await fetch", "$session", "invoke-webrequest"];
    if is_request.iter().any(|word| start.starts_with(word)) {
        let at = text.find("://")? + 3;
        let host = text[at..].split(['/', '\'', '"', '?', ' ', '\n', '#']).next()?;
        let host = host.rsplit('@').next().unwrap_or(host);
        return Some(host.to_ascii_lowercase());
    }
    let mut host = None;
    for label in [":authority", "host"] {
        take_labelled(text, label, |value| {
            let value = value.trim().split(':').next().unwrap_or_default();
            if is_domain(value) {
                host.get_or_insert_with(|| value.to_owned());
            }
        });
    }
    host
}

/// Calls `found` with each value after `label`: a header of a request block, of a command or of a script.
/// Returns the text without them.
pub(super) fn take_labelled(text: &str, label: &str, found: impl FnMut(&str)) -> String {
    fn value_after(before: Option<char>, after: &str) -> Option<(&str, Vec<char>)> {
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$')) {
            return None;
        }
        let quote = before.filter(|c| is_quote(*c));
        let closed = quote.and_then(|quote| after.strip_prefix(quote));
        let after = closed.unwrap_or(after).trim_start_matches([' ', '\t']);
        let value = match after.strip_prefix(':') {
            Some(value) => value.trim_start(),
            None if after.starts_with(['\r', '\n']) => after.trim_start(),
            None => return None,
        };
        let opened = value.chars().next().filter(|c| is_quote(*c));
        match (quote.filter(|_| closed.is_none()), opened) {
            (Some(quote), _) => Some((value, vec![quote])),
            (None, Some(quote)) => Some((&value[1..], vec![quote])),
            (None, None) => Some((value, vec!['\n', '\r'])),
        }
    }
    take(text, label, value_after, found)
}

/// Calls `found` with each quoted argument after `flag`. Returns the text without them.
pub(super) fn take_argument(text: &str, flag: &str, found: impl FnMut(&str)) -> String {
    fn value_after(before: Option<char>, after: &str) -> Option<(&str, Vec<char>)> {
        let is_flag = before.is_none_or(char::is_whitespace) && after.starts_with([' ', '\t', '=']);
        let value = after.trim_start_matches([' ', '\t', '=']);
        let quote = value.chars().next().filter(|c| is_flag && is_quote(*c))?;
        Some((&value[1..], vec![quote]))
    }
    take(text, flag, value_after, found)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

/// Removes the value behind each `word`. `value_after` gets the character before the word and the text after
/// it; it returns the text from the value on, and the characters that end the value.
fn take(
    text: &str,
    word: &str,
    value_after: impl for<'a> Fn(Option<char>, &'a str) -> Option<(&'a str, Vec<char>)>,
    mut found: impl FnMut(&str),
) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut rest, mut kept, mut from) = (String::new(), 0, 0);
    while let Some(at) = lower[from..].find(word).map(|at| at + from) {
        from = at + word.len();
        let before = text[..at].chars().next_back();
        let Some((value, ends)) = value_after(before, &text[from..]) else { continue };
        let length = value.find(&ends[..]).unwrap_or(value.len());
        found(&value[..length]);
        rest.push_str(&text[kept..at]);
        rest.push('\n');
        from = text.len() - value.len() + length;
        kept = from;
    }
    rest.push_str(&text[kept..]);
    rest
}

/// Whether `text` can be the domain of a cookie, or a host. A piece of a token is none: it has capitals.
pub(super) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let name = text.strip_prefix('.').unwrap_or(text);
    text.len() <= 100 && name.contains('.') && name.split('.').all(is_label)
}

/// Calls `found` with name, value and domain of each `New-Object System.Net.Cookie(…)`.
pub(super) fn take_powershell_cookies(
    text: &str,
    mut found: impl FnMut(&str, &str, &str),
) -> String {
    let mut pieces = text.split("System.Net.Cookie(");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut quoted = piece.split('"').skip(1).step_by(2);
        if let (Some(name), Some(value), Some(_), Some(domain)) =
            (quoted.next(), quoted.next(), quoted.next(), quoted.next())
        {
            found(name, value, domain);
            rest.push_str(piece.split_once("))").map_or("", |(_, rest)| rest));
        }
    }
    rest
}

/// A line of a table.
pub(super) enum Row<'a> {
    /// Without a value.
    Comment,
    /// A cookie.
    Cookie {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
        /// Its domain.
        domain: &'a str,
    },
    /// A name and a value.
    Pair {
        /// The name.
        name: &'a str,
        /// The value.
        value: &'a str,
    },
}

/// A line of a jar of Netscape (seven fields), or a row of the developer tools.
pub(super) fn row(line: &str) -> Option<Row<'_>> {
    let line = line.trim_end_matches(['\r', '\n']);
    let jar = line.strip_prefix("#HttpOnly_").unwrap_or(line);
    if jar.starts_with('#') {
        return Some(Row::Comment);
    }
    let fields: Vec<&str> = jar.split_whitespace().take(8).collect();
    let is_flag = |text: &str| text == "TRUE" || text == "FALSE";
    match fields[..] {
        [domain, flag, _, secure, _, name, value] if is_flag(flag) && is_flag(secure) => {
            return Some(Row::Cookie { name, value, domain });
        }
        [_, flag, _, secure, _, _] if is_flag(flag) && is_flag(secure) => {
            return Some(Row::Comment);
        }
        _ => {}
    }
    let mut fields = line.trim_start().split('\t').map(str::trim);
    let (name, value) = (fields.next()?, fields.next()?);
    let is_name = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | '=' | ',' | ':');
    if name.is_empty() || !name.trim_matches('"').chars().all(is_name) {
        return None;
    }
    // The path tells a domain from a piece of a token that has tabs in it.
    match (fields.next(), fields.next()) {
        (Some(domain), Some(path)) if is_domain(domain) && path.starts_with('/') => {
            Some(Row::Cookie { name, value, domain })
        }
        _ => Some(Row::Pair { name, value }),
    }
}

/// The parts of cookie lines without a label. A line without `=` continues the value of the line before.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in text.lines() {
        for (at, part) in line.split(';').enumerate() {
            let continues = at == 0 && !part.contains('=') && !part.trim().is_empty();
            match parts.last_mut().filter(|last| continues && last.contains('=')) {
                Some(last) => last.push_str(part.trim()),
                None => parts.push(part.to_owned()),
            }
        }
    }
    parts
}
