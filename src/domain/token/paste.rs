//! Credentials from pasted text: the state that the page keeps in its local storage, cookie lines, cookie
//! jars, header blocks, copied requests, bare tokens (protocol 2.2, update 2.1).
//!
//! Each form yields names and values, which [`Collected`] sorts; what is left is searched for a token. The
//! result is the same however the parts are arranged. Errors never repeat a value.

use serde_json::{Map, Value};

use super::bare::{self, strip};
use super::forms::{self, json_prefix};
use super::{AccessToken, Cookies, RefreshToken, check};
use crate::domain::{Error, ErrorKind, Result};

/// Maximum size in bytes: a token has a few hundred bytes, the export of a whole browser a few hundred
/// thousand.
pub(super) const MAX_PASTE: usize = 1 << 20;

/// The key under which the page stores its token.
const STATE: &str = "qwen_access_token_state";

/// The only known version of the state.
const STATE_VERSION: u64 = 1;

/// Levels of JSON within text within JSON.
const MAX_DEPTH: u8 = 4;

/// Where the credentials are, in the words of today's browsers.
pub(crate) const WHERE_TO_FIND: &str = "sign in at https://chat.qwen.ai, press F12, select Network, \
     reload the page, right-click a request, choose Copy > Copy as cURL, and paste it into `qwenctl token \
     set`; for 15 minutes, the value of `qwen_access_token_state` under Application > Local storage works \
     as well";

/// What a pasted text holds: an access token, a refresh token, or both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pasted {
    /// The access token.
    pub access: Option<AccessToken>,
    /// The refresh token, which gets further access tokens.
    pub refresh: Option<RefreshToken>,
    /// The other cookies of the same browser session.
    pub cookies: Cookies,
}

impl Pasted {
    /// Extracts the credentials from pasted text.
    ///
    /// # Errors
    /// [`ErrorKind::TokenInvalid`] with what is wrong and where to find the right value, never with the value
    /// itself.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text, None)
    }

    /// The same for the text of `place`, which the error names.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_from(text: &str, place: &str) -> Result<Self> {
        Self::read(text, Some(place))
    }

    pub(super) fn read(text: &str, place: Option<&str>) -> Result<Self> {
        if text.len() > MAX_PASTE {
            let fault = format!("has {} bytes, and {MAX_PASTE} are the limit", text.len());
            return Err(Fault::Text(fault, None).into_error(place));
        }
        let mut found = Collected::default();
        found.text(text, 0);
        found.resolve(text).map_err(|fault| fault.into_error(place))
    }
}

/// What is wrong with a pasted text.
enum Fault {
    /// With the access token.
    Token(&'static str),
    /// With the text as a whole, and what to do.
    Text(String, Option<&'static str>),
}

impl Fault {
    fn into_error(self, place: Option<&str>) -> Error {
        let (message, hint) = match (self, place) {
            (Self::Token(fault), None) => (format!("the access token {fault}"), None),
            (Self::Token(fault), Some(place)) => {
                (format!("{place} is not an access token: it {fault}"), None)
            }
            (Self::Text(fault, hint), place) => {
                (format!("{} {fault}", place.unwrap_or("the pasted text")), hint)
            }
        };
        Error::new(ErrorKind::TokenInvalid, message).with_hint(hint.unwrap_or(WHERE_TO_FIND))
    }
}

/// The names and values of a text, sorted by use. Tokens are unchecked.
#[derive(Default)]
struct Collected {
    /// Of the page's state: always the current one.
    states: Vec<String>,
    /// Under the name of an access token.
    tokens: Vec<String>,
    /// Without a name.
    bare: Vec<String>,
    refresh: Vec<String>,
    cookies: Cookies,
    cookie_count: usize,
    /// Another site to which cookies or a request belong.
    foreign: Option<String>,
    /// What is wrong with the state.
    state_fault: Option<Fault>,
}

impl Collected {
    fn text(&mut self, text: &str, depth: u8) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut rest = forms::trim(text);
        while rest.starts_with(['{', '[', '"']) {
            let Some((value, after)) = json_prefix(rest) else { break };
            // A quoted word, not a text of its own.
            if value.is_string() && !forms::trim(after).is_empty() {
                break;
            }
            self.json(&value, depth + 1);
            rest = forms::trim(after);
        }
        let rest = self.lines_of_json(rest, depth);
        let rest = self.state_in(&rest, depth);
        let rest = forms::unescaped(&rest);
        if let Some(host) = forms::requested_host(&rest).filter(|host| !is_ours(host)) {
            self.foreign.get_or_insert(host);
            return;
        }
        let rest = self.labelled(&rest);
        let rest = self.rows(&rest, depth);
        let rest = self.pairs(&rest);
        let has_access = !(self.states.is_empty() && self.tokens.is_empty());
        bare::search(&rest, has_access, &mut self.bare, &mut self.refresh);
    }

    /// Takes JSON on lines of its own out of `text`.
    fn lines_of_json(&mut self, text: &str, depth: u8) -> String {
        let (mut rest, mut kept) = (text, String::new());
        while let Some((line, _)) =
            rest.split_once('\n').or(Some((rest, ""))).filter(|_| !rest.is_empty())
        {
            let start = line.trim_start();
            let found =
                start.starts_with('{').then(|| json_prefix(&rest[line.len() - start.len()..]));
            if let Some(Some((value, after))) = found {
                self.json(&value, depth + 1);
                rest = after;
                continue;
            }
            let end = (line.len() + 1).min(rest.len());
            kept.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        kept
    }

    /// Takes the state after its name out of `text`.
    fn state_in(&mut self, text: &str, depth: u8) -> String {
        let Some(at) = text.find(STATE) else { return text.to_owned() };
        let after = &text[at + STATE.len()..];
        let Some(open) = after.find('{').filter(|open| *open <= 16) else {
            return text.to_owned();
        };
        let Some((value, rest)) = json_prefix(&after[open..]) else {
            return text.to_owned();
        };
        self.json(&value, depth + 1);
        format!("{}{}", &text[..at], rest.trim_start_matches(['"', '\'']))
    }

    fn json(&mut self, value: &Value, depth: u8) {
        match value {
            Value::String(text) => self.text(text, depth),
            Value::Array(values) => values.iter().for_each(|value| self.json(value, depth)),
            Value::Object(object) => self.object(object, depth),
            _ => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: u8) {
        let text = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key)?.as_str());
        if object.contains_key("token")
            && ["stateId", "expiresAt", "version"].iter().any(|key| object.contains_key(*key))
        {
            return self.state(object);
        }
        if let (Some(name), Some(value)) =
            (text(&["name", "key", "Name"]), text(&["value", "Value"]))
        {
            let domain = text(&["domain", "host", "Domain", "Host"]);
            let is_cookie = domain.is_some()
                || ["path", "httpOnly", "secure", "expirationDate"]
                    .iter()
                    .any(|key| object.contains_key(*key));
            return if is_cookie {
                self.cookie(name, value, domain);
            } else {
                self.named(name, value, depth);
            };
        }
        // The state comes first: an old `token` may be beside it.
        if let Some(state) = object.get(STATE) {
            self.json(state, depth + 1);
        }
        for (name, value) in object.iter().filter(|(name, _)| *name != STATE) {
            match value {
                Value::String(value) => {
                    self.named(name, value, depth);
                }
                value => self.json(value, depth),
            }
        }
    }

    /// `qwen_access_token_state` (update 2.1). `expiresAt` is ignored: the token says when it expires.
    fn state(&mut self, state: &Map<String, Value>) {
        let version = state.get("version").and_then(Value::as_u64);
        if state.contains_key("version") && version != Some(STATE_VERSION) {
            let fault = format!(
                "has a `{STATE}` of version {}, and only version {STATE_VERSION} is known",
                version.map_or_else(|| "?".to_owned(), |version| version.to_string())
            );
            let hint = "the page has changed: look for a newer qwenctl, or copy a request to \
                 chat.qwen.ai as cURL (developer tools > Network), which has the cookies";
            self.state_fault = Some(Fault::Text(fault, Some(hint)));
            return;
        }
        match state.get("token").and_then(Value::as_str).map(strip) {
            Some(token) if !token.is_empty() => self.states.push(token),
            _ => {
                let fault = format!("has a `{STATE}` without a token: the page is signed out");
                let hint =
                    "sign in at https://chat.qwen.ai, reload the page, and copy the value again";
                self.state_fault = Some(Fault::Text(fault, Some(hint)));
            }
        }
    }

    /// A value under its name, outside a jar. Returns whether the name is known.
    fn named(&mut self, name: &str, value: &str, depth: u8) -> bool {
        let name = strip(name).to_ascii_lowercase();
        match name.strip_prefix("qwen_").unwrap_or(&name) {
            "access_token_state" => self.text(value, depth + 1),
            "token" | "access_token" | "accesstoken" => {
                self.tokens.push(bare::without_labels(&strip(value)));
            }
            "authorization" => self.tokens.push(bare::without_labels(&strip(value))),
            "refresh_token" | "refreshtoken" => self.refresh.push(strip(value)),
            "cookie" | "cookies" => self.cookie_line(value),
            _ => return false,
        }
        true
    }

    /// A cookie of a jar.
    fn cookie(&mut self, name: &str, value: &str, domain: Option<&str>) {
        if let Some(domain) = domain.filter(|domain| !is_ours(domain)) {
            self.foreign.get_or_insert_with(|| domain.trim_start_matches('.').to_owned());
            return;
        }
        let value = value.trim().trim_matches('"');
        if value.is_empty() {
            return;
        }
        self.cookie_count += 1;
        match strip(name).to_ascii_lowercase().as_str() {
            "token" => self.tokens.push(strip(value)),
            "refresh_token" => self.refresh.push(strip(value)),
            _ => self.cookies.set(name.trim(), value),
        }
    }

    fn cookie_line(&mut self, line: &str) {
        for (name, value) in cookie_pairs(line) {
            self.cookie(name, value, None);
        }
    }

    /// Takes labelled values out of `text`: headers, arguments of curl, cookies of PowerShell.
    fn labelled(&mut self, text: &str) -> String {
        let mut rest = forms::take_powershell_cookies(text, |name, value, domain| {
            self.cookie(name, value, Some(domain));
        });
        for label in ["set-cookie", "cookie", "authorization", "refresh_token", "access_token"] {
            rest = forms::take_labelled(&rest, label, |value| {
                if label == "set-cookie" {
                    self.cookie_line(value.split(';').next().unwrap_or_default());
                } else {
                    self.named(label, value, MAX_DEPTH);
                }
            });
        }
        for flag in ["-b", "--cookie"] {
            rest = forms::take_argument(&rest, flag, |line| self.cookie_line(line));
        }
        rest
    }

    /// Takes the rows of a table out of `text`: a jar of Netscape, or rows of the developer tools.
    fn rows(&mut self, text: &str, depth: u8) -> String {
        let mut rest = String::new();
        for line in text.split_inclusive('\n') {
            let is_row = match forms::row(line) {
                Some(forms::Row::Comment) => true,
                Some(forms::Row::Cookie { name, value, domain }) => {
                    self.cookie(name, value, Some(domain));
                    true
                }
                Some(forms::Row::Pair { name, value }) => self.named(name, value, depth),
                None => false,
            };
            if !is_row {
                rest.push_str(line);
            }
        }
        rest
    }

    /// Takes the pairs of cookie lines without a label out of `text`, if a token is among them.
    fn pairs(&mut self, text: &str) -> String {
        let parts = forms::parts(text);
        let is_token = |name: &str| {
            let name = strip(name).to_ascii_lowercase();
            ["token", "refresh_token", "access_token"]
                .contains(&name.strip_prefix("qwen_").unwrap_or(&name))
        };
        let pair = |part: &str| {
            part.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
        };
        if !parts.iter().filter_map(|part| pair(part)).any(|(name, _)| is_token(&name)) {
            return text.to_owned();
        }
        let mut rest = String::new();
        for part in &parts {
            match pair(part) {
                Some((name, value)) if is_token(&name) => {
                    self.named(&name, &value, MAX_DEPTH);
                }
                Some((name, value)) => self.cookie(&name, &value, None),
                None => rest = rest + part + "\n",
            }
        }
        rest
    }

    /// The credentials, if they are unambiguous and belong together.
    fn resolve(mut self, text: &str) -> Result<Pasted, Fault> {
        let (states, tokens, bare) =
            (checked(&self.states), checked(&self.tokens), checked(&self.bare));
        let ranks = [&states, &tokens, &bare];
        let chosen = ranks.into_iter().find(|rank| !rank.is_empty());
        let access = chosen.and_then(|rank| rank.first()).cloned();
        if let (Some(rank), Some(access)) = (chosen, &access) {
            let other = ranks.into_iter().flatten().find(|other| are_strangers(other, access));
            if let Some(other) = other {
                return Err(strangers(access, other));
            }
            if let [one, two, ..] = rank.as_slice() {
                let (one, two) = (one.masked(), two.masked());
                let fault = format!("has two different access tokens ({one} and {two})");
                let hint =
                    "copy the newer one from https://chat.qwen.ai again, and paste only that";
                return Err(Fault::Text(fault, Some(hint)));
            }
        } else if let Some(fault) = self.state_fault.take() {
            return Err(fault);
        }
        let refresh = self.refresh_token(access.as_ref())?;
        if access.is_none() && refresh.is_none() {
            return Err(self.missing(text));
        }
        Ok(Pasted { access, refresh, cookies: self.cookies })
    }

    fn refresh_token(
        &mut self,
        access: Option<&AccessToken>,
    ) -> Result<Option<RefreshToken>, Fault> {
        let access_text = access.map(AccessToken::expose);
        self.refresh.retain(|text| Some(text.as_str()) != access_text);
        self.refresh.sort_unstable();
        self.refresh.dedup();
        let mut usable = self.refresh.iter().filter_map(|text| RefreshToken::parse(text).ok());
        let refresh = usable.next();
        if usable.next().is_some() {
            let hint = "copy the newer one from https://chat.qwen.ai again, and paste only that";
            return Err(Fault::Text("has two different refresh tokens".to_owned(), Some(hint)));
        }
        // It may be a JWT, too.
        let claims = refresh.as_ref().and_then(|token| AccessToken::checked(token.expose()));
        match (access, claims) {
            (Some(access), Some(other)) if are_strangers(access, &other) => {
                Err(strangers(access, &other))
            }
            _ => Ok(refresh),
        }
    }

    /// Why there is no token.
    fn missing(self, text: &str) -> Fault {
        let mut broken = self.states.iter().chain(&self.tokens).chain(&self.bare);
        let fault = broken.find_map(|token| check(token).err());
        match (fault, self.foreign, self.cookie_count) {
            (Some(fault), _, _) => Fault::Token(fault),
            (None, Some(site), _) => {
                let site = if forms::is_domain(&site) { &site } else { "another site" };
                Fault::Text(format!("belongs to {site}, not to chat.qwen.ai"), None)
            }
            (None, None, 1..) => {
                let fault = "has cookies, but neither `token` nor `refresh_token`".to_owned();
                let hint = "copy the cookies of https://chat.qwen.ai while you are signed in there: \
                     developer tools > Network > a request to chat.qwen.ai > Copy > Copy as cURL";
                Fault::Text(fault, Some(hint))
            }
            (None, None, 0) if forms::trim(text).starts_with(['{', '[']) => {
                let fault = match json_prefix(forms::trim(text)) {
                    Some(_) => "has no token",
                    None => "is JSON that was cut when it was copied",
                };
                Fault::Text(fault.to_owned(), None)
            }
            (None, None, 0) => {
                let token = bare::without_labels(&strip(text));
                Fault::Token(check(&token).err().unwrap_or("was not recognised"))
            }
        }
    }
}

/// The distinct valid tokens.
fn checked(texts: &[String]) -> Vec<AccessToken> {
    let mut tokens: Vec<AccessToken> = Vec::new();
    for token in texts.iter().filter_map(|text| AccessToken::checked(text)) {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens
}

/// Whether the tokens name different accounts.
fn are_strangers(one: &AccessToken, other: &AccessToken) -> bool {
    let ids = one.claims().account_id.as_ref().zip(other.claims().account_id.as_ref());
    ids.is_some_and(|(one, other)| one != other)
}

fn strangers(one: &AccessToken, other: &AccessToken) -> Fault {
    let (one, other) = (one.masked(), other.masked());
    let fault = format!("has tokens of different accounts ({one} and {other})");
    let hint =
        "copy the token and the cookies of https://chat.qwen.ai from the same browser window";
    Fault::Text(fault, Some(hint))
}

/// Whether cookies of `host` reach chat.qwen.ai. This machine stands in for it in tests.
fn is_ours(host: &str) -> bool {
    let host = host.trim().trim_start_matches('.').to_ascii_lowercase();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, port)| {
        if port.chars().all(|c| c.is_ascii_digit()) { name } else { host.as_str() }
    });
    name == "qwen.ai"
        || name.ends_with(".qwen.ai")
        || name == "localhost"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The value of cookie `name`, if `text` holds one.
pub(super) fn cookie_value(text: &str, name: &str) -> Option<String> {
    cookie_pairs(text)
        .find(|(key, _)| strip(key).eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
}

/// The pairs of a cookie line, with or without its label.
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

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const REFRESH: &str = "rt-0123456789abcdef";

    fn token_with(payload: &str, signature: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{signature}", part(r#"{"alg":"HS256"}"#), part(payload))
    }

    /// A token of account `id`, with a signature of the right length.
    fn token(id: &str) -> String {
        token_with(
            &format!(r#"{{"id":"{id}","type":"access_token","exp":1790000900}}"#),
            &"s".repeat(43),
        )
    }

    fn state(token: &str) -> String {
        format!(
            r#"{{"version":1,"stateId":"s1","token":"{token}","expiresAt":1790000900000,"updatedAt":1790000000000,"sourceId":"x"}}"#
        )
    }

    fn parsed(text: &str) -> (Option<String>, Option<String>, String) {
        let pasted = Pasted::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (
            pasted.access.map(|token| token.expose().to_owned()),
            pasted.refresh.map(|token| token.expose().to_owned()),
            pasted.cookies.expose_line(),
        )
    }

    fn refusal(text: &str) -> String {
        let error = Pasted::parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::TokenInvalid);
        assert!(error.hint().is_some(), "{error}");
        error.message().to_owned()
    }

    #[test]
    fn f89_state_of_the_page_is_read_in_every_form() {
        let good = token("u");
        let state = state(&good);
        let quoted = serde_json::to_string(&state).expect("JSON");
        let inner = quoted.trim_matches('"');
        let old = token_with(r#"{"id":"u","exp":1700000000}"#, "old");
        let (head, tail) = state.split_at(90);
        for text in [
            state.clone(),
            format!("\u{feff}  {state}\r\n"),
            quoted.clone(),
            inner.to_owned(),
            format!("qwen_access_token_state\t{state}"),
            format!("qwen_access_token_state: {quoted}\n"),
            format!("qwen_access_token_state:{quoted}"),
            format!("theme\tdark\nqwen_access_token_state\t{state}\ntoken\t{old}\n"),
            format!(r#"{{"theme":"dark","token":"{old}","qwen_access_token_state":{quoted}}}"#),
            format!(r#"{{"qwen_access_token_state":{state}}}"#),
            format!(r#"[{{"key":"qwen_access_token_state","value":{quoted}}}]"#),
            format!("{head}\n{tail}"),
            format!("'{state}'"),
        ] {
            assert_eq!(parsed(&text), (Some(good.clone()), None, String::new()), "{text}");
        }
        let (access, refresh, _) = parsed(&format!("{state}\n{REFRESH}\n"));
        assert_eq!((access, refresh), (Some(good.clone()), Some(REFRESH.to_owned())));
        let reversed = format!("Cookie: refresh_token={REFRESH}\n{state}");
        assert_eq!(parsed(&reversed).1, Some(REFRESH.to_owned()));
        let both = format!("{state}\nCookie: cna=x; refresh_token={REFRESH}");
        assert_eq!(parsed(&both), (Some(good), Some(REFRESH.to_owned()), "cna=x".to_owned()));
    }

    #[test]
    fn f89_unusable_states_are_refused_with_the_reason() {
        let good = token("u");
        let version = state(&good).replace("\"version\":1", "\"version\":2");
        assert!(refusal(&version).contains("version 2"));
        assert!(refusal(&state("")).contains("without a token"));
        assert!(refusal(&state(&good[..40])).contains("three parts"));
        assert!(refusal(&state(&good)[..70]).contains("cut when it was copied"));
        assert!(refusal("{}").contains("no token"));
        let named = Pasted::parse_from(&version, "`QWEN_TOKEN`").expect_err("a version");
        assert!(named.message().starts_with("`QWEN_TOKEN` has a"), "{named}");
    }

    #[test]
    fn cookies_are_read_in_every_form() {
        let good = token("u");
        let line = format!("cna=x; token={good}; refresh_token={REFRESH}; isg=y");
        let netscape = format!(
            "# Netscape HTTP Cookie File\n\n.qwen.ai\tTRUE\t/\tTRUE\t1793000000\tcna\tx\n\
             #HttpOnly_.qwen.ai\tTRUE\t/\tTRUE\t1793000000\trefresh_token\t{REFRESH}\n\
             chat.qwen.ai\tFALSE\t/\tTRUE\t0\ttoken\t{good}\n\
             .example.com\tTRUE\t/\tFALSE\t0\ttoken\telsewhere\n\
             .qwen.ai\tTRUE\t/\tFALSE\t0\tisg\ty\n"
        );
        let export = format!(
            r#"[{{"name":"cna","value":"x","domain":".qwen.ai"}},{{"name":"token","value":"{good}","domain":"chat.qwen.ai","path":"/"}},
            {{"name":"refresh_token","value":"{REFRESH}","domain":".qwen.ai","httpOnly":true}},{{"name":"isg","value":"y","domain":".qwen.ai"}},
            {{"name":"token","value":"z","domain":"example.com"}}]"#
        );
        let table = format!(
            "cna\tx\t.qwen.ai\t/\t2027-01-01T00:00:00.000Z\t27\t\t✓\t\tMedium\n\
             refresh_token\t{REFRESH}\t.qwen.ai\t/\tSession\t40\t✓\t✓\n\
             token\t{good}\tchat.qwen.ai\t/\tSession\t300\nisg\ty\t.qwen.ai\t/\tSession\t4\n"
        );
        for text in [
            line.clone(),
            format!("Cookie: {line}"),
            format!("cookie: {line}\r\n"),
            format!("Cookie\n{line}\nUser-Agent\nx"),
            format!(
                "curl 'https://chat.qwen.ai/api/v2/chats/' \\\n  -H 'accept: */*' \\\n  -b '{line}' \\\n  -H 'x: y'"
            ),
            format!(
                "curl 'https://chat.qwen.ai/api' -H 'Cookie: {line}' -H 'Authorization: Bearer {good}' --compressed"
            ),
            format!("curl $'https://chat.qwen.ai/api' -b $'{line}'"),
            format!("curl --request GET --cookie \"{line}\" https://auth.qwen.ai/x"),
            format!(
                "curl ^\"https://chat.qwen.ai/api^\" ^\n  -H ^\"accept: */*^\" ^\n  -b ^\"{line}^\""
            )
            .replace('&', "^&"),
            format!(
                "fetch(\"https://chat.qwen.ai/api\", {{\n  \"headers\": {{\n    \"accept\": \"*/*\",\n    \"cookie\": \"{line}\"\n  }} }});"
            ),
            format!(
                "GET /api/v2/chats/ HTTP/2\r\nHost: chat.qwen.ai\r\nCookie: {line}\r\nAccept: */*\r\n"
            ),
            netscape.clone(),
            netscape.replace('\t', "  "),
            export.clone(),
            format!(
                r#"{{"cookies":{export},"origins":[{{"origin":"https://chat.qwen.ai","localStorage":[{{"name":"theme","value":"dark"}}]}}]}}"#
            ),
            table,
        ] {
            let expected =
                (Some(good.clone()), Some(REFRESH.to_owned()), "cna=x; isg=y".to_owned());
            assert_eq!(parsed(&text), expected, "{text}");
        }
        let powershell = format!(
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n\
             $session.Cookies.Add((New-Object System.Net.Cookie(\"cna\", \"x\", \"/\", \".qwen.ai\")))\n\
             $session.Cookies.Add((New-Object System.Net.Cookie(\"token\", \"{good}\", \"/\", \"chat.qwen.ai\")))\n\
             Invoke-WebRequest -UseBasicParsing -Uri \"https://chat.qwen.ai/api\" -Headers @{{ \"accept\"=\"*/*\" }}"
        );
        assert_eq!(parsed(&powershell), (Some(good), None, "cna=x".to_owned()));
    }

    #[test]
    fn long_cookie_line_is_read() {
        let good = token("u");
        let line = format!("cna={}; token={good}; refresh_token={REFRESH}", "x".repeat(8000));
        let (access, refresh, cookies) = parsed(&line);
        assert_eq!((access, refresh), (Some(good), Some(REFRESH.to_owned())));
        assert_eq!(cookies.len(), 8004);
    }

    #[test]
    fn token_and_refresh_token_are_read_without_names() {
        let good = token("u");
        for text in [
            format!("{good}\n{REFRESH}"),
            format!("Bearer {good}\r\n\r\n  {REFRESH}\n"),
            format!("token={good}\nrefresh_token={REFRESH}"),
            format!("access_token: {good}\nrefresh_token: {REFRESH}"),
            format!(
                r#"{{"success":true,"data":{{"access_token":"{good}","refresh_token":"{REFRESH}"}}}}"#
            ),
            format!("QWEN_TOKEN={good}\nQWEN_REFRESH_TOKEN={REFRESH}"),
        ] {
            let (access, refresh, _) = parsed(&text);
            assert_eq!((access, refresh), (Some(good.clone()), Some(REFRESH.to_owned())), "{text}");
        }
        // A line break within the signature.
        let (head, tail) = good.split_at(good.len() - 20);
        assert_eq!(parsed(&format!("{head}\n{tail}")).0, Some(good.clone()));
        assert_eq!(parsed(&format!("My token is {good} thanks")).0, Some(good));
    }

    #[test]
    fn refresh_cookie_alone_is_read() {
        for text in [
            format!("refresh_token={REFRESH}"),
            format!("Cookie: cna=x; refresh_token={REFRESH}"),
            format!("refresh_token\t{REFRESH}\t.qwen.ai\t/"),
        ] {
            let (access, refresh, _) = parsed(&text);
            assert_eq!((access, refresh), (None, Some(REFRESH.to_owned())), "{text}");
            let error = AccessToken::parse(&text).expect_err("no access token");
            assert!(error.message().contains("no access token"), "{error}");
        }
    }

    #[test]
    fn ambiguous_credentials_are_refused_with_both_masked() {
        let (one, two) = (token("u"), token_with(r#"{"id":"u","exp":1790000901}"#, "two1"));
        for text in [
            format!("{one}\n{two}"),
            format!("Cookie: token={one}\nAuthorization: Bearer {two}"),
            format!("token={one}; token={two}"),
        ] {
            let message = refusal(&text);
            assert!(message.contains("two different access tokens"), "{message}");
            assert!(message.contains("…ssss") && message.contains("…two1"), "{message}");
        }
        assert_eq!(parsed(&format!("{one}\n{one}\n")).0, Some(one.clone()));
        // The state of the page is newer than its cookies.
        assert_eq!(parsed(&format!("{}\ntoken={two}; a=b", state(&one))).0, Some(one.clone()));
        let message = refusal(&format!("token={one}; refresh_token=r1\nrefresh_token=r2"));
        assert!(message.contains("two different refresh tokens"), "{message}");
    }

    #[test]
    fn f95_tokens_of_different_accounts_are_refused() {
        let (one, other) = (token("u"), token("v"));
        for text in [
            format!("{one}\n{other}"),
            format!("{}\nCookie: token={other}; refresh_token={REFRESH}", state(&one)),
            format!("Cookie: token={other}; refresh_token={REFRESH}\n{}", state(&one)),
            format!("Cookie: token={other}\n\n  {}\n{REFRESH}", state(&one)),
            format!("{other}\n{}", state(&one)),
            format!(
                "curl https://chat.qwen.ai/x -H 'authorization: Bearer {one}' -b 'token={other}'"
            ),
            format!("token={one}; refresh_token={other}"),
        ] {
            let message = refusal(&text);
            assert!(message.contains("tokens of different accounts"), "{message}");
        }
    }

    #[test]
    fn credentials_of_another_site_are_refused() {
        let good = token("u");
        for text in [
            format!(".example.com\tTRUE\t/\tTRUE\t0\ttoken\t{good}\n"),
            format!(r#"[{{"name":"token","value":"{good}","domain":".example.com"}}]"#),
            format!("token\t{good}\texample.com\t/\tSession"),
            format!("curl 'https://example.com/api' -H 'Authorization: Bearer {good}'"),
            format!("GET / HTTP/1.1\nHost: example.com\nCookie: token={good}"),
        ] {
            assert!(refusal(&text).contains("belongs to example.com"), "{text}");
        }
        for host in ["notqwen.ai", "qwen.ai.example.com", "127.example.com"] {
            let text = format!("curl https://{host}/ -b 'token=x'");
            assert!(refusal(&text).contains(&format!("belongs to {host}")), "{text}");
        }
        assert!(refusal("Cookie: a=b; c=d").contains("neither `token` nor `refresh_token`"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_or_is_repeated(text in "(\\PC|[{}\\[\\]\"'\\\\\t\n;=:^$]|qwen_access_token_state|cookie:|-b |token=|refresh_token=|System.Net.Cookie\\(){0,60}") {
            if let Err(error) = Pasted::parse(&text) {
                proptest::prop_assert!(text.len() < 24 || !error.message().contains(&text));
            }
        }

        #[test]
        fn order_and_separators_of_cookies_do_not_matter(
            names in proptest::collection::btree_set("[a-su-z][a-z0-9_-]{0,9}", 0..6),
            at in 0..7_usize,
            refresh_at in 0..7_usize,
            separator in "(; |;|\n)",
            label in "(|Cookie: |cookie:)",
        ) {
            let good = token("u");
            let mut pairs: Vec<String> = names.iter().map(|name| format!("{name}=v-{name}")).collect();
            pairs.insert(at.min(pairs.len()), format!("token={good}"));
            pairs.insert(refresh_at.min(pairs.len()), format!("refresh_token={REFRESH}"));
            let separator = if label.is_empty() { separator.as_str() } else { "; " };
            let (access, refresh, cookies) = parsed(&format!("{label}{}", pairs.join(separator)));
            proptest::prop_assert_eq!(access, Some(good));
            proptest::prop_assert_eq!(refresh, Some(REFRESH.to_owned()));
            proptest::prop_assert_eq!(cookies.split("; ").filter(|pair| !pair.is_empty()).count(), names.len());
        }
    }
}
