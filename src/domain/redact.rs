//! Removes secrets from text of other origin: tokens, API keys, the values of parameters that sign a
//! link, and the credentials in a URL. An error may end up in a log or a bug report (protocol 14.3).

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Parameters whose values are secrets.
const PARAMETERS: [&str; 4] = ["token=", "key=", "secdata=", "signature="];
/// The beginning of our API keys.
const API_KEY: &str = "qk-";
/// Replaces a secret.
const INSTEAD: char = '…';
/// A run with two dots and at least this length is treated as a token.
const TOKEN_LENGTH: usize = 60;
/// The shortest secret. Anything shorter is a word, such as `none`.
const SECRET_LENGTH: usize = 8;
/// The shortest part of a token. Anything shorter may be part of a name, such as that of a host.
const PART_LENGTH: usize = 16;

/// `text` without these secrets, and without the parts of those that are tokens. A secret is also found
/// in other letter case, cut short, with its characters escaped as in a URL, and in base64.
pub(crate) fn without(text: &str, secrets: &[&str]) -> String {
    let whole = secrets.iter().copied().filter(|secret| secret.len() >= SECRET_LENGTH);
    let tokens = secrets.iter().filter(|secret| secret.matches('.').count() == 2);
    let parts = tokens.flat_map(|token| token.split('.')).filter(|part| part.len() >= PART_LENGTH);
    let secrets = whole.chain(parts);
    secrets.flat_map(forms).fold(text.to_owned(), |text, form| without_form(&text, &form))
}

/// The secret as it is, and in the codings that other programs quote it in.
fn forms(secret: &str) -> Vec<String> {
    let escaped = secret.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02x}");
        }
        escaped
    });
    // What stands before a secret shifts its base64; the characters at both ends depend on its neighbours.
    let encoded = (0..3).flat_map(|shift: usize| {
        let shifted = [&vec![0; shift], secret.as_bytes()].concat();
        [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)]
            .map(|text| text[(shift * 8).div_ceil(6)..text.len() - 1].to_owned())
    });
    let mut forms: Vec<String> = [secret.to_owned(), escaped].into_iter().chain(encoded).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

/// `text` without `form`, in any letter case, whole or cut short: a part of it is a secret, too.
fn without_form(text: &str, form: &str) -> String {
    let least = SECRET_LENGTH.max(form.len() / 2).min(form.len());
    let (text_bytes, form) = (text.as_bytes(), form.as_bytes());
    let (mut out, mut from, mut at) = (String::new(), 0, 0);
    while at + least <= text_bytes.len() {
        let same = text_bytes[at..].iter().zip(form).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
        let length = same.count();
        if length >= least {
            // The end of a match may be within a character: it is removed as a whole. What goes on in
            // another way may be another secret with the same beginning, such as an earlier token.
            let mut end = text.ceil_char_boundary(at + length);
            if length < form.len() {
                let rest = &text[end..];
                end += rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
            }
            out.push_str(&text[from..text.floor_char_boundary(at).max(from)]);
            out.push(INSTEAD);
            (from, at) = (end, end);
        } else {
            at += 1;
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Returns `text` without its secrets.
pub(crate) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        if !run.is_empty() && (is_value(&out) || is_token(run)) {
            out.push(INSTEAD);
        } else {
            out.push_str(run);
        }
        let mut tail = tail.chars();
        let separator = tail.next();
        if separator == Some('@') {
            drop_user_info(&mut out);
        }
        out.extend(separator);
        rest = tail.as_str();
    }
    out
}

/// Replaces what stands between `://` and the end of `out`, if that is one run without a slash.
fn drop_user_info(out: &mut String) {
    let Some(at) = out.rfind("://").map(|at| at + 3) else { return };
    if !out[at..].contains(|c: char| c == '/' || c.is_whitespace()) {
        out.truncate(at);
        out.push(INSTEAD);
    }
}

/// Whether the text after `before` is the value of a secret parameter.
fn is_value(before: &str) -> bool {
    let before = before.trim_end_matches('"');
    PARAMETERS.iter().any(|name| ends_with_ignoring_case(before, name))
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '%' | '+' | '~')
}

fn is_token(run: &str) -> bool {
    run.contains("eyJ")
        || run.starts_with(API_KEY)
        || (run.len() >= TOKEN_LENGTH && run.matches('.').count() == 2)
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    let tail = text.len().checked_sub(end.len()).and_then(|at| text.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_are_removed_unless_they_are_words() {
        let secret = ["can", "ary-key"].concat();
        assert_eq!(without(&format!("no key {secret}!"), &["none", &secret]), "no key …!");
        assert_eq!(without("none of it", &["none"]), "none of it");
        let parts = ["header-of-a-token", "payload-of-a-token", "signature-of-a-token"];
        for part in parts {
            assert_eq!(without(&format!("sent {part}!"), &[&parts.join(".")]), "sent …!");
        }
        assert_eq!(without("the host chat", &["chat.host.example"]), "the host chat");
    }

    #[test]
    fn known_secrets_are_removed_in_every_form() {
        let secret = ["sk-can", "ary/Key+12345"].concat();
        let url =
            STANDARD_NO_PAD.encode(format!("user:{secret}")).replace('+', "-").replace('/', "_");
        for form in [
            secret.to_ascii_uppercase(),
            secret.to_ascii_lowercase(),
            secret[..secret.len() - 3].to_owned(),
            secret.replace('/', "%2F").replace('+', "%2b").replace('-', "%2D"),
            url,
            STANDARD_NO_PAD.encode(&secret),
            STANDARD_NO_PAD.encode(format!("x{secret}y")),
            STANDARD_NO_PAD.encode(format!("xy{secret}")),
        ] {
            let shown = without(&format!("bad key <é{form}é>"), &[&secret]);
            let kept = shown.replace("bad key", "").matches(char::is_alphanumeric).count();
            assert!(shown.contains('…') && kept <= 12, "{form}: {shown}");
        }
        assert_eq!(without("sk-canape", &[&secret]), "sk-canape");
        // An earlier token begins like the present one.
        let beginning = format!("{}.{}", "h".repeat(40), "p".repeat(40));
        let token = |end: &str| format!("{beginning}{end}.{}", end.repeat(20));
        let shown = without(&format!("sent {}!", token("x")), &[&token("y")]);
        assert_eq!(shown, "sent …!");
    }

    #[test]
    fn secrets_are_removed_and_the_rest_stays() {
        let token = format!("{}.{}.{}", "a".repeat(30), "b".repeat(30), "c".repeat(30));
        for (text, shown) in [
            (format!("bad token {token}!"), "bad token …!"),
            (format!("Bearer {}X.y", "eyJ"), "Bearer …"),
            (
                "see https://cdn.example/1.png?a=1&Key=EX.AM%2FPLE&x=1".into(),
                "see https://cdn.example/1.png?a=1&Key=…&x=1",
            ),
            ("x5secdata=EXAMPLE; refresh_token=\"q\"".into(), "x5secdata=…; refresh_token=\"…\""),
            (
                "Invalid input chat parent_id b0000000-0000-4000-8000-0000000000ff is not exist."
                    .into(),
                "Invalid input chat parent_id b0000000-0000-4000-8000-0000000000ff is not exist.",
            ),
            (
                "größe 你好 www.a.very.long.name.of.a.host.that.has.more.than.two.dots.example"
                    .into(),
                "größe 你好 www.a.very.long.name.of.a.host.that.has.more.than.two.dots.example",
            ),
            ("http://me:p-w@proxy.example:1 refused".into(), "http://…@proxy.example:1 refused"),
            (
                "mail a@b.example or http://b.example/@c".into(),
                "mail a@b.example or http://b.example/@c",
            ),
            (format!("the key {API_KEY}abc"), "the key …"),
            (String::new(), ""),
        ] {
            assert_eq!(redact(&text), shown);
        }
    }
}
