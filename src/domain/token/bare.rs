//! Tokens without a name in a text, among other words, line breaks and invisible characters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::check;

/// Labels before a token, in any order and number.
const LABELS: [&str; 6] = ["authorization:", "bearer", "token=", "token:", "cookie:", "token"];

/// The shortest text that is taken for a refresh token.
const SHORTEST_REFRESH: usize = 4;

/// Searches `text` for access tokens and, on a line of its own beside one, a refresh token. `has_access`
/// says whether an access token was found before.
pub(super) fn search(
    text: &str,
    has_access: bool,
    access: &mut Vec<String>,
    refresh: &mut Vec<String>,
) {
    let lines: Vec<String> = text.lines().map(visible).collect();
    let mut pieces: Vec<&str> = lines
        .iter()
        .flat_map(|line| line.split(|c: char| !is_token_character(c)))
        .map(|piece| piece.trim_end_matches('.'))
        .filter(|piece| is_sound(piece))
        .collect();
    pieces.sort_unstable();
    pieces.dedup();
    let whole = without_labels(&strip(text));
    match pieces[..] {
        // Line breaks within a token.
        [] if check(&whole).is_ok() => access.push(whole),
        [] if has_access => refresh.extend(only_refresh_token(lines.iter().map(String::as_str))),
        [piece] if !is_whole(piece) && is_whole(&whole) => access.push(whole),
        [piece] => {
            access.push(piece.to_owned());
            refresh.extend(refresh_token(&lines, piece));
        }
        _ => {
            for piece in pieces {
                let is_refresh =
                    claim(piece, 1, "type").is_some_and(|kind| kind.contains("refresh"));
                if is_refresh { &mut *refresh } else { &mut *access }.push(piece.to_owned());
            }
        }
    }
}

/// The only line beside that of the access token, if it can be a refresh token.
fn refresh_token(lines: &[String], access: &str) -> Option<String> {
    let is_access = |line: &&str| without_labels(&strip(line)) == access;
    let others = lines.iter().map(String::as_str).filter(|line| !is_access(line));
    only_refresh_token(others)
}

/// The only line with text, if it can be a refresh token.
fn only_refresh_token<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next().filter(|_| lines.next().is_none())?;
    let usable = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '"' | '\\' | ':' | '=');
    (line.len() >= SHORTEST_REFRESH && line.chars().all(usable)).then(|| line.to_owned())
}

/// Whether `token` is valid and has a header: a piece of one has none.
pub(super) fn is_sound(token: &str) -> bool {
    check(token).is_ok() && part(token, 0).is_some()
}

/// Whether the signature of a sound token has the length of its algorithm.
fn is_whole(token: &str) -> bool {
    let signature = token.rsplit('.').next().map_or(0, str::len);
    let expected = match claim(token, 0, "alg").as_deref() {
        Some("HS256") => 43,
        Some("HS384") => 64,
        Some("HS512" | "ES256" | "EdDSA") => 86,
        Some("RS256" | "PS256") => 342,
        _ => return false,
    };
    is_sound(token) && signature == expected
}

fn claim(token: &str, index: usize, name: &str) -> Option<String> {
    part(token, index)?.get(name)?.as_str().map(str::to_owned)
}

fn part(token: &str, index: usize) -> Option<Map<String, Value>> {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
    serde_json::from_slice(&part).ok()
}

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Strips labels. A token begins with `eyJ` (`{"` in base64), so no label can be part of it.
pub(super) fn without_labels(text: &str) -> String {
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
    visible(text).chars().filter(|c| !c.is_whitespace() && !is_quote(*c)).collect()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
}

/// Removes invisible characters.
fn visible(text: &str) -> String {
    let invisible = |c: char| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    };
    text.chars().filter(|c| !invisible(*c)).collect()
}
