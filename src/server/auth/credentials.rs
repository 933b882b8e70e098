//! The credentials of a request: an API key or session token of this server, and a Qwen token for the
//! upstream. The two are distinguished by their form and never confused.

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::session;
use crate::domain::KEY_PREFIX;
use crate::server::shared::TokenHash;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const X_QWEN_TOKEN: HeaderName = HeaderName::from_static("x-qwen-token");

/// The credentials of a request.
pub(crate) struct Credentials {
    /// An API key or session token.
    pub key: Key,
    /// A Qwen token.
    pub token: Token,
}

/// An API key or session token.
pub(crate) enum Key {
    /// None was sent.
    None,
    /// An API key, valid or not.
    Text(SecretString),
    /// A session token, valid or not.
    Session(SecretString),
    /// Several that differ, or one that is not text.
    Unusable,
}

/// The client's own Qwen token.
pub(crate) enum Token {
    /// None was sent.
    None,
    /// As sent.
    One(SecretString),
    /// Several, or one that is not text.
    Unusable,
}

/// A header that may occur once.
enum Header<'a> {
    None,
    One(&'a str),
    Unusable,
}

impl Credentials {
    /// Reads keys from `Authorization` or `x-api-key`, and Qwen tokens from `Authorization` or, beside a
    /// key in there, from `x-qwen-token`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let authorization = Header::of(headers, &AUTHORIZATION);
        let (bearer, rest) = match authorization {
            Header::One(value) if is_ours(bare(value)) => (Header::One(bare(value)), Header::None),
            other => (Header::None, other),
        };
        let key = match (bearer, Header::of(headers, &X_API_KEY)) {
            (Header::One(one), Header::None) | (Header::None, Header::One(one)) => {
                Key::of(bare(one))
            }
            (Header::One(one), Header::One(other)) if one == bare(other) => Key::of(one),
            (Header::None, Header::None) => Key::None,
            _ => Key::Unusable,
        };
        let token = match (rest, Header::of(headers, &X_QWEN_TOKEN)) {
            (Header::One(value), Header::None) | (Header::None, Header::One(value)) => {
                Token::One(value.into())
            }
            (Header::None, Header::None) => Token::None,
            _ => Token::Unusable,
        };
        Self { key, token }
    }

    /// The same for SDKs, which have to send some key: one that is neither an API key nor a Qwen token
    /// is ignored, and a Qwen token may be in `x-api-key`.
    pub(crate) fn of_an_sdk(self) -> Self {
        let token = match self.token {
            Token::One(value) if !is_token(value.expose_secret()) => Token::None,
            token => token,
        };
        match (self.key, token) {
            (Key::Text(value), token) if !is_ours(value.expose_secret()) => {
                let is_qwen = matches!(token, Token::None) && is_token(value.expose_secret());
                Self { key: Key::None, token: if is_qwen { Token::One(value) } else { token } }
            }
            (key, token) => Self { key, token },
        }
    }
}

impl Key {
    fn of(text: &str) -> Self {
        if session::is_session(text) { Self::Session(text.into()) } else { Self::Text(text.into()) }
    }
}

impl<'a> Header<'a> {
    fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => value.to_str().map_or(Self::Unusable, Self::One),
            (Some(_), Some(_)) => Self::Unusable,
        }
    }
}

/// Whether this may be a Qwen token, which has three parts (protocol 2.1).
fn is_token(text: &str) -> bool {
    text.split('.').count() >= 3
}

fn is_ours(text: &str) -> bool {
    text.starts_with(KEY_PREFIX) || session::is_session(text)
}

/// The value without `Bearer` before it.
fn bare(value: &str) -> &str {
    const SCHEME: &str = "bearer ";
    let value = value.trim();
    match value.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => value[SCHEME.len()..].trim(),
        _ => value,
    }
}

/// The hash that stands for a token.
pub(crate) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `key/token`, each by its text, `-` or `!`.
    fn shown(headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let Credentials { key, token } = Credentials::of(&map);
        let key = match &key {
            Key::None => "-",
            Key::Text(key) => key.expose_secret(),
            Key::Session(_) => "session",
            Key::Unusable => "!",
        };
        let token = match &token {
            Token::None => "-",
            Token::One(token) => token.expose_secret(),
            Token::Unusable => "!",
        };
        format!("{key}/{token}")
    }

    #[test]
    fn keys_and_tokens_are_distinguished() {
        let session = format!("Bearer {}.e30.x", session::head());
        for (headers, expected) in [
            (&[][..], "-/-"),
            (&[("authorization", "Bearer a.b.c")], "-/Bearer a.b.c"),
            (&[("authorization", "bearer  qk-1")], "qk-1/-"),
            (&[("authorization", "qk-1")], "qk-1/-"),
            (&[("authorization", &session)], "session/-"),
            (&[("x-api-key", "qk-1")], "qk-1/-"),
            (&[("x-api-key", "else")], "else/-"),
            (&[("x-api-key", "qk-1"), ("authorization", "Bearer a.b.c")], "qk-1/Bearer a.b.c"),
            (&[("authorization", "Bearer qk-1"), ("x-qwen-token", "a.b.c")], "qk-1/a.b.c"),
            (&[("authorization", "Bearer qk-1"), ("x-api-key", "qk-1")], "qk-1/-"),
            (&[("authorization", "Bearer qk-1"), ("x-api-key", "qk-2")], "!/-"),
            (&[("x-api-key", "qk-1"), ("x-api-key", "qk-1")], "!/-"),
            (&[("authorization", "a.b.c"), ("x-qwen-token", "a.b.c")], "-/!"),
            (&[("authorization", "qk-1"), ("authorization", "qk-1")], "-/!"),
        ] {
            assert_eq!(shown(headers), expected, "{headers:?}");
        }
    }
}
