//! Extracts a token from pasted text (protocol 2.2): quotes, `Bearer`, cookie lines, header blocks, curl
//! commands, line breaks, invisible characters.

/// Maximum size in bytes: a token has a few hundred bytes, a header block a few thousand.
pub(super) const MAX_PASTE: usize = 64 * 1024;

/// Labels before a token, in any order and number.
const LABELS: [&str; 6] = ["authorization:", "bearer", "token=", "token:", "cookie:", "token"];

/// The most likely access token in `pasted`. `looks_right` judges a candidate.
pub(super) fn access_token(pasted: &str, looks_right: impl Fn(&str) -> bool) -> String {
    let whole = without_labels(&strip(
        &cookie_value(pasted, "token")
            .or_else(|| after_ignoring_case(pasted, "authorization:").map(|text| first_line(&text)))
            .unwrap_or_else(|| pasted.to_owned()),
    ));
    if looks_right(&whole) {
        return whole;
    }
    only_candidate(pasted, looks_right).unwrap_or(whole)
}

/// The part of a longer text that looks like a token, if there is exactly one.
fn only_candidate(pasted: &str, looks_right: impl Fn(&str) -> bool) -> Option<String> {
    let refresh = cookie_value(pasted, "refresh_token").map(|value| strip(&value));
    let between = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let mut found: Vec<&str> = pasted
        .split(between)
        .filter(|piece| refresh.as_deref() != Some(*piece) && looks_right(piece))
        .collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [token] => Some(token.to_owned()),
        _ => None,
    }
}

/// The value of cookie `name`, if `text` holds one.
pub(super) fn cookie_value(text: &str, name: &str) -> Option<String> {
    text.split(['\n', ';', '\r']).find_map(|part| {
        let (key, value) = strip_cookie_label(part).split_once('=')?;
        (strip(key).eq_ignore_ascii_case(name)).then(|| value.to_owned())
    })
}

/// The pairs of a cookie line.
pub(super) fn cookie_pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = line.split([';', '\n', '\r']).map(|part| strip_cookie_label(part).trim());
    pairs.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.trim(), value.trim()))
}

fn strip_cookie_label(part: &str) -> &str {
    let part = part.trim_start();
    match part.get(..7) {
        Some(label) if label.eq_ignore_ascii_case("cookie:") => &part[7..],
        _ => part,
    }
}

fn after_ignoring_case(text: &str, label: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find(label)?;
    text.get(at + label.len()..).map(str::to_owned)
}

fn first_line(text: &str) -> String {
    text.trim_start().lines().next().unwrap_or_default().to_owned()
}

/// Strips labels. A token begins with `eyJ` (`{"` in base64), so no label can be part of it.
fn without_labels(text: &str) -> String {
    let mut rest = text;
    while let Some(label) = LABELS.iter().find(|label| {
        rest.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label))
    }) {
        rest = &rest[label.len()..];
    }
    rest.to_owned()
}

/// Removes quotes, white space and invisible characters.
pub(super) fn strip(text: &str) -> String {
    let unwanted = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    };
    text.chars().filter(|c| !unwanted(*c)).collect()
}
