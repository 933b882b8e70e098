//! JSON that breaks the rules in ways that harm nobody (protocol F61): raw control characters inside
//! strings, halves of surrogate pairs, bytes that are not UTF-8. Only used when strict parsing failed.

use std::fmt::Write as _;

/// Rewrites `json` so that a strict parser takes it, unless it is broken in other ways.
pub fn repair(json: &[u8]) -> String {
    let text = String::from_utf8_lossy(json);
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_ref();
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let width = if in_string && c == '\\' { copy_escape(rest, &mut out) } else { c.len_utf8() };
        match c {
            '\\' if in_string => {}
            c if in_string && c.is_ascii_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
        in_string ^= c == '"';
        rest = &rest[width..];
    }
    out
}

/// Copies the escape sequence at the start of `text` and returns its length in bytes.
fn copy_escape(text: &str, out: &mut String) -> usize {
    match unit(text) {
        Some(0xd800..=0xdbff) if matches!(text.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => {
            out.push_str(&text[..12]);
            12
        }
        Some(0xd800..=0xdfff) => {
            out.push_str("\\ufffd");
            6
        }
        Some(_) => {
            out.push_str(&text[..6]);
            6
        }
        None => {
            let width = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&text[..width]);
            width
        }
    }
}

/// The UTF-16 unit of a `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &[u8]) -> serde_json::Value {
        serde_json::from_str(&repair(json)).expect("repaired")
    }

    #[test]
    fn mends_what_breaks_no_meaning() {
        assert_eq!(value(b"[\"a\tb\nc\"]"), serde_json::json!(["a\tb\nc"]));
        assert_eq!(value(br#"["x\ud83dy"]"#), serde_json::json!(["x\u{fffd}y"]));
        assert_eq!(value(br#"["\ud83d\ude42\"\\"]"#), serde_json::json!(["🙂\"\\"]));
        assert_eq!(value(br#"["\ude42\ud83d"]"#), serde_json::json!(["\u{fffd}\u{fffd}"]));
        assert_eq!(value(b"[\"\xff\"]"), serde_json::json!(["\u{fffd}"]));
    }

    #[test]
    fn leaves_broken_json_broken_and_never_panics() {
        for broken in ["{\"a\": \"x", "\"\\", "\"\\u12", "\"\\u\u{e9}\u{e9}\u{e9}", "\\"] {
            assert!(serde_json::from_str::<serde_json::Value>(&repair(broken.as_bytes())).is_err());
        }
    }
}
