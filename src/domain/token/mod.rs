//! Access and refresh tokens: extracted from pasted text, validated, never shown; and the interface to their
//! store.

mod bare;
mod forms;
mod paste;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use self::bare::{is_sound, strip};
pub use self::paste::Pasted;
pub(crate) use self::paste::WHERE_TO_FIND;
use self::paste::{MAX_PASTE, cookie_pairs, cookie_value};
use super::{Error, ErrorKind, Result};

/// Longer than the lifetime of the current kind, in seconds.
const SHORT: i64 = 3600;

/// Maximum number of further cookies, and of their bytes.
const MAX_COOKIES: usize = 64;
const MAX_COOKIE_BYTES: usize = 16 << 10;

/// A JWT that authenticates requests (protocol 2.1). Its claims are read, its signature is not verified.
#[derive(Clone)]
pub struct AccessToken {
    secret: SecretString,
    claims: Claims,
}

/// The claims of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The account.
    pub account_id: Option<String>,
    /// When the token expires, in seconds since 1970; a token without this claim is accepted.
    pub expires_at: Option<i64>,
    /// When it was issued, in seconds since 1970.
    pub issued_at: Option<i64>,
    /// Its type, such as `access_token`; the older kinds have none.
    pub kind: Option<String>,
}

/// The kind of an access token, which decides whether the service accepts it (update 2.1b).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The current kind, valid for 15 minutes.
    Access,
    /// Valid for days, and refused by most calls.
    Session,
    /// The kind of the years before: it does not say when it was issued.
    Legacy,
}

impl TokenKind {
    /// One word for JSON: `access`, `session` or `legacy`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Session => "session",
            Self::Legacy => "legacy",
        }
    }

    /// What it is, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Access => "15-minute access token",
            Self::Session => "long session token",
            Self::Legacy => "token of the kind before October 2026",
        }
    }
}

/// The state of a token at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Valid for this many more seconds (`None`: no expiry).
    Valid {
        /// Seconds left.
        seconds_left: Option<i64>,
    },
    /// Expired this many seconds ago.
    Expired {
        /// Seconds since expiry.
        seconds_ago: i64,
    },
}

impl AccessToken {
    /// Extracts and validates a token from pasted text (protocol 2.2).
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`] with what is wrong and where to find the right value, never with the value
    /// itself.
    pub fn parse(pasted: &str) -> Result<Self> {
        Self::parse_in(pasted, None)
    }

    /// The same for the text of `place`, which the error names.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_from(pasted: &str, place: &str) -> Result<Self> {
        Self::parse_in(pasted, Some(place))
    }

    fn parse_in(pasted: &str, place: Option<&str>) -> Result<Self> {
        let plain = pasted.trim();
        if plain.len() <= MAX_PASTE
            && is_sound(plain)
            && let Some(token) = Self::checked(plain)
        {
            return Ok(token);
        }
        Pasted::read(pasted, place)?.access.ok_or_else(|| only_refresh_token(place))
    }

    /// The token that is exactly `text`.
    pub(super) fn checked(text: &str) -> Option<Self> {
        let claims = check(text).ok()?;
        Some(Self { secret: text.into(), claims })
    }

    /// The token itself, only for a request header or the credentials file.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// The claims of the token.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The state of the token at `now` (seconds since 1970).
    pub fn state(&self, now: i64) -> TokenState {
        match self.claims.expires_at {
            Some(exp) if exp <= now => TokenState::Expired { seconds_ago: now.saturating_sub(exp) },
            exp => TokenState::Valid { seconds_left: exp.map(|exp| exp.saturating_sub(now)) },
        }
    }

    /// Whether fewer than `margin` seconds are left at `now`; false for a token without expiry.
    pub fn expires_within(&self, margin: i64, now: i64) -> bool {
        self.claims.expires_at.is_some_and(|exp| exp.saturating_sub(now) < margin)
    }

    /// Lifetime of the token from issue to expiry, in seconds.
    pub fn lifetime(&self) -> Option<i64> {
        Some(self.claims.expires_at?.saturating_sub(self.claims.issued_at?))
    }

    /// Its kind. The oldest kind says neither its type nor when it was issued.
    pub fn kind(&self) -> TokenKind {
        match (&self.claims.kind, self.lifetime()) {
            (Some(_), _) => TokenKind::Access,
            (None, Some(lifetime)) if lifetime <= SHORT => TokenKind::Access,
            (None, Some(_)) => TokenKind::Session,
            (None, None) => TokenKind::Legacy,
        }
    }

    /// The end of the token: enough to recognise it, too little to use it.
    pub fn masked(&self) -> String {
        let token = self.expose();
        let tail = token.len().saturating_sub(4);
        format!("…{}", token.get(tail..).unwrap_or_default())
    }
}

impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccessToken").field(&self.masked()).finish()
    }
}

/// An opaque value that gets a new access token (protocol 2.4). It may work only once.
#[derive(Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Extracts the value from pasted text: `refresh_token=…`, a cookie line, quotes, white space.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`] if nothing is left, or if it cannot go into a header.
    pub fn parse(pasted: &str) -> Result<Self> {
        Self::parse_from(pasted, "this")
    }

    /// The same for the text of `place`, which the error names.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_from(pasted: &str, place: &str) -> Result<Self> {
        let value =
            strip(&cookie_value(pasted, "refresh_token").unwrap_or_else(|| pasted.to_owned()));
        let usable = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '"' | '\\');
        if pasted.len() > MAX_PASTE || value.is_empty() || !value.chars().all(usable) {
            let message = format!("{place} is not a refresh token");
            return Err(Error::new(ErrorKind::TokenInvalid, message)
                .with_hint("copy the value of the cookie `refresh_token` of auth.qwen.ai"));
        }
        Ok(Self(value.into()))
    }

    /// The value itself, only for the refresh request or the credentials file.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for RefreshToken {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// The other cookies of the browser session that the tokens stem from, such as `cna`. Never contains `token`
/// or `refresh_token`. Limited in number and size.
#[derive(Clone, Default)]
pub struct Cookies(Vec<(String, SecretString)>);

impl Cookies {
    /// The pairs of a cookie line, with or without `Cookie:`. Skips the tokens and pairs that cannot go into a
    /// header.
    pub fn parse(line: &str) -> Self {
        let mut cookies = Self::default();
        for pair in cookie_pairs(line) {
            cookies.set(pair.0, pair.1);
        }
        cookies
    }

    /// Sets a cookie; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        let is_token = matches!(name, "token" | "refresh_token");
        let usable = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',');
        let is_name = |c: char| usable(c) && c != '=';
        if is_token || name.is_empty() || !name.chars().all(is_name) {
            return;
        }
        let at = self.0.iter().position(|(known, _)| known == name);
        // A browser also sends a space or a comma within a value.
        if value.is_empty() || !value.chars().all(|c| usable(c) || matches!(c, ' ' | ',')) {
            if let Some(at) = at
                && value.is_empty()
            {
                self.0.remove(at);
            }
            return;
        }
        let others = self.0.iter().filter(|(known, _)| known != name);
        let size: usize =
            others.map(|(name, value)| name.len() + value.expose_secret().len()).sum();
        if size + name.len() + value.len() > MAX_COOKIE_BYTES {
            return;
        }
        match at {
            Some(at) => self.0[at].1 = value.into(),
            None if self.0.len() < MAX_COOKIES => self.0.push((name.to_owned(), value.into())),
            None => {}
        }
    }

    /// Names and values, only for a request header or the credentials file.
    pub fn expose(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose_secret()))
    }

    /// The cookie line, only for a request header or the credentials file.
    pub fn expose_line(&self) -> String {
        let pairs: Vec<_> = self.expose().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Cookies {
    fn eq(&self, other: &Self) -> bool {
        self.expose().eq(other.expose())
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_tuple("Cookies").field(&names.collect::<Vec<_>>()).finish()
    }
}

/// How requests carry the access token (protocol 2.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Carrier {
    /// As the cookie `token`.
    #[default]
    Cookie,
    /// As the cookie and in `Authorization`.
    Both,
    /// In `Authorization` only.
    Bearer,
}

impl Carrier {
    const ALL: [Self; 3] = [Self::Cookie, Self::Both, Self::Bearer];

    /// Its name in settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Both => "both",
            Self::Bearer => "bearer",
        }
    }

    /// What it is, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Cookie => "a cookie",
            Self::Both => "a cookie and in `Authorization`",
            Self::Bearer => "`Authorization` only",
        }
    }

    /// The carrier with this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.word() == word)
    }
}

/// The credentials of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Tokens {
    /// Authenticates requests.
    pub access: AccessToken,
    /// Gets a new access token, where the account has one (protocol 2.4).
    pub refresh: Option<RefreshToken>,
    /// The other cookies of the same browser session.
    pub cookies: Cookies,
    /// How the upstream accepts the token, if not as configured.
    pub carrier: Option<Carrier>,
}

impl From<AccessToken> for Tokens {
    fn from(access: AccessToken) -> Self {
        Self { access, refresh: None, cookies: Cookies::default(), carrier: None }
    }
}

/// Where the tokens of an account are kept between runs.
pub trait TokenStore: Send + Sync {
    /// Waits until no other process refreshes these tokens. May block.
    ///
    /// # Errors
    /// If the store cannot be locked.
    fn lock(&self) -> Result<Box<dyn StoreLock>>;
}

/// The right to refresh, until it is dropped.
pub trait StoreLock: Send {
    /// The tokens as they are now: another process may have refreshed them meanwhile.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self) -> Result<Option<Tokens>>;

    /// Replaces the tokens, all or nothing.
    ///
    /// # Errors
    /// If they cannot be written.
    fn write(&mut self, tokens: &Tokens) -> Result<()>;
}

fn only_refresh_token(place: Option<&str>) -> Error {
    let place = place.unwrap_or("the pasted text");
    let message = format!("{place} has a refresh token, but no access token");
    Error::new(ErrorKind::TokenInvalid, message).with_hint(WHERE_TO_FIND)
}

/// Checks the three parts and reads the payload; the error says what is wrong.
pub(super) fn check(token: &str) -> Result<Claims, &'static str> {
    if token.is_empty() {
        return Err("is empty");
    }
    if token.contains('…') || token.ends_with("...") {
        return Err("was cut when it was copied (it ends in `…`)");
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = parts[..] else {
        return Err("does not have three parts separated by dots");
    };
    let base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !parts.iter().all(|part| !part.is_empty() && part.chars().all(base64url)) {
        return Err("has a part that is empty or has characters that do not belong there");
    }
    let payload = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| "has a middle part that is not base64url; it may be cut or mistyped")?;
    // A map, not a struct: serde also reads a struct from an array.
    let payload: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&payload)
        .map_err(|_| "has a middle part that is not a JSON object; it may be cut or mistyped")?;
    let text = |claim: &str| payload.get(claim)?.as_str().map(str::to_owned);
    Ok(Claims {
        account_id: text("id"),
        kind: text("type"),
        expires_at: seconds(payload.get("exp")),
        issued_at: seconds(payload.get("iat")),
    })
}

#[allow(clippy::cast_possible_truncation, reason = "a claim with a fraction of a second")]
fn seconds(claim: Option<&serde_json::Value>) -> Option<i64> {
    let claim = claim?;
    claim.as_i64().or_else(|| claim.as_f64().map(|value| value as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(payload), part("signature"))
    }

    #[test]
    fn f9_dirty_pasted_tokens_are_cleaned() {
        let good = token(r#"{"id":"u","exp":1760000000}"#);
        let (head, tail) = good.split_at(20);
        for dirty in [
            format!("\u{200b}\"Bearer {good}\"\n"),
            format!("  {good}\u{feff}\r\n"),
            format!("{head}\n  {tail}"),
            format!("token={good}"),
            format!("Cookie: a=b; token={good}; c=d"),
            format!("cna=x; Token={good}"),
            format!("GET /api HTTP/1.1\nHost: x\nAuthorization: Bearer {good}\nAccept: y"),
            format!("\u{201c}{good}\u{201d}"),
            format!("bearer {good}"),
            format!("\u{a0}'{good}'"),
            format!("Bearer\u{a0}{good}"),
            format!("Authorization\nBearer {good}\nAccept\n*/*"),
            format!("authorization:\n  Bearer {good}\naccept: */*"),
            format!("token\t{good}"),
            format!("{{\"token\":\"{good}\",\"lang\":\"vi\"}}"),
            format!("curl 'https://chat.qwen.ai/api' -H 'Authorization: Bearer {good}' -H 'a: b'"),
            format!(
                "curl https://chat.qwen.ai -b 'cna=x; token={good}; refresh_token=r' -H 'a: b'"
            ),
            format!("Host: chat.qwen.ai\r\nCookie: cna=x; token={good}; isg=y\r\nAccept: z\r\n"),
        ] {
            let parsed = AccessToken::parse(&dirty).expect(&dirty);
            assert_eq!(parsed.expose(), good, "{dirty:?}");
            assert_eq!(parsed.claims().expires_at, Some(1_760_000_000));
        }
    }

    #[test]
    fn invalid_token_is_refused_without_repeating_it() {
        let good = token(r#"{"id":"u"}"#);
        for (bad, why) in [
            (String::new(), "is empty"),
            ("\u{200b} \n".to_owned(), "is empty"),
            (format!("{}…", &good[..30]), "cut"),
            ("onlyonepart".to_owned(), "three parts"),
            ("a..c".to_owned(), "empty"),
            ("a.b!.c".to_owned(), "characters"),
            (format!("{}...", &good[..30]), "cut"),
            (token("[1]"), "JSON object"),
            (token(r#"["a",1,2]"#), "JSON object"),
            (token("null"), "JSON object"),
            ("x".repeat(MAX_PASTE + 1), "1048577 bytes"),
            (format!("{good} {}", token(r#"{"id":"u","exp":9}"#)), "two different access tokens"),
            (format!("{good} {}", token(r#"{"id":"other"}"#)), "different accounts"),
            (format!("refresh_token={good}"), "a refresh token, but no access token"),
            ("aa.bm90IGpzb24.cc".to_owned(), "JSON object"),
        ] {
            let error = AccessToken::parse(&bad).expect_err(&bad);
            assert_eq!(error.kind(), ErrorKind::TokenInvalid);
            assert!(error.message().contains(why), "{bad:?}: {error}");
            assert!(error.hint().is_some_and(|hint| hint.contains("chat.qwen.ai")));
        }
    }

    #[test]
    fn token_is_never_shown() {
        let raw = token(r#"{"id":"u"}"#);
        let parsed = AccessToken::parse(&raw).expect("a token");
        let shown = format!("{parsed:?} {}", parsed.masked());
        assert!(!shown.contains(&raw[..12]) && !shown.contains(&raw[raw.len() - 8..]));
    }

    proptest::proptest! {
        #[test]
        fn pasted_text_never_panics_and_is_not_repeated(pasted in "\\PC{8,300}") {
            if let Err(error) = AccessToken::parse(&pasted) {
                let shown = format!("{error} {error:?} {:?}", error.hint());
                proptest::prop_assert!(!shown.contains(&pasted));
            }
            let _ = RefreshToken::parse(&pasted);
        }

        #[test]
        fn token_is_found_among_invisible_characters(
            cuts in proptest::collection::vec(0..40_usize, 0..6),
            noise in "[\u{200b}\u{feff}\u{a0}\u{2060} \t\r\n\"'`]{1,3}",
        ) {
            let good = token(r#"{"id":"u","exp":1760000000}"#);
            let mut dirty = good.clone();
            for cut in cuts {
                let at = dirty.char_indices().nth(cut).map_or(0, |(at, _)| at);
                dirty.insert_str(at, &noise);
            }
            let parsed = AccessToken::parse(&dirty).expect("a token");
            proptest::prop_assert_eq!(parsed.expose(), good);
        }
    }

    #[test]
    fn token_in_pieces_is_no_row_of_cookies() {
        let good = token(r#"{"id":"u","exp":1760000000}"#);
        let dirty = format!("{}\t{}\t{}\t{}", &good[..1], &good[1..19], &good[19..22], &good[22..]);
        assert_eq!(AccessToken::parse(&dirty).expect("a token").expose(), good);
    }

    #[test]
    fn expiry_depends_on_the_given_time() {
        let parsed = AccessToken::parse(&token(r#"{"exp":1000,"iat":100}"#)).expect("a token");
        assert_eq!(parsed.state(900), TokenState::Valid { seconds_left: Some(100) });
        assert_eq!(parsed.state(1000), TokenState::Expired { seconds_ago: 0 });
        assert!(parsed.expires_within(101, 900) && !parsed.expires_within(100, 900));
        assert_eq!(parsed.lifetime(), Some(900));
        let odd = format!(r#"{{"exp":{},"iat":{}}}"#, i64::MAX, i64::MIN);
        let odd = AccessToken::parse(&token(&odd)).expect("a token");
        assert_eq!(odd.lifetime(), Some(i64::MAX));
        assert_eq!(odd.state(-1), TokenState::Valid { seconds_left: Some(i64::MAX) });
        let endless = AccessToken::parse(&token("{}")).expect("a token");
        assert_eq!(endless.state(i64::MAX), TokenState::Valid { seconds_left: None });
    }

    #[test]
    fn other_cookies_of_a_line_are_kept_without_the_tokens() {
        let line =
            "Cookie: cna=A; token=T; refresh_token=R; x-ap=a=b; cna=B; broken; =y; bad\u{e9}=z";
        let mut cookies = Cookies::parse(line);
        assert_eq!(cookies.expose_line(), "cna=B; x-ap=a=b");
        cookies.set("cna", "");
        cookies.set("acw_tc", "NEW");
        cookies.set("token", "T");
        assert_eq!(cookies.expose_line(), "x-ap=a=b; acw_tc=NEW");
        assert_eq!(format!("{cookies:?}"), r#"Cookies(["x-ap", "acw_tc"])"#);
        let many: Vec<_> = (0..100).map(|at| format!("c{at}={}", "x".repeat(400))).collect();
        assert!(Cookies::parse(&many.join("; ")).expose_line().len() <= 20_000);
    }

    #[test]
    fn refresh_tokens_are_extracted_from_cookie_lines() {
        for pasted in
            ["abc123", " \"abc123\"\n", "refresh_token=abc123", "a=b; refresh_token=abc123; c=d"]
        {
            assert_eq!(RefreshToken::parse(pasted).expect(pasted).expose(), "abc123");
        }
        assert!(RefreshToken::parse(&"x".repeat(MAX_PASTE + 1)).is_err());
        assert!(RefreshToken::parse(" \n").is_err());
        assert!(RefreshToken::parse("a\u{e9}b").is_err());
    }
}
