//! The content of the credentials file.
//!
//! Version 2 holds named accounts, one of which is the default one. Version 1 held one account, which is
//! read as `default`. Each `[[refreshed]]` holds tokens that were refreshed from given ones, which are
//! recognised by their SHA-256.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{
    AccessToken, Carrier, Cookies, Error, ErrorKind, RefreshToken, Result, Tokens, hex,
};
use crate::settings::nearest;

const VERSION: u32 = 2;
const HEADER: &str = "# Written by qwenctl. Anyone who can read this file can use the accounts.\n";

/// Maximum number of `[[refreshed]]`; the least recently used one is dropped first.
const MAX_REFRESHED: usize = 16;

/// The name of an account on this machine, such as `work`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

impl AccountName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The account of a user who names none.
impl Default for AccountName {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for AccountName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        const LONGEST: usize = 40;
        let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if name.len() > LONGEST || !begins || !name.chars().all(is_usual) {
            return Err(format!(
                "must have 1 to {LONGEST} letters, digits, `-`, `_` and `.`, and begin with a letter or digit"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for AccountName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What recognises given tokens later: the SHA-256 of each, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
}

impl Seed {
    pub(super) fn of(access: Option<&AccessToken>, refresh: Option<&RefreshToken>) -> Self {
        Self {
            access: access.map(|token| sha256_hex(token.expose())),
            refresh: refresh.map(|token| sha256_hex(token.expose())),
        }
    }
}

fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    version: u32,
    default: Option<AccountName>,
    /// Of version 1.
    account: Option<Pair>,
    #[serde(default)]
    accounts: BTreeMap<AccountName, Entry>,
    #[serde(default)]
    refreshed: Vec<Refreshed>,
}

/// The credentials of an account. Without an access token they are in the keyring of the desktop.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keyring: bool,
    /// Whether the service refused the refresh token, which is gone since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refresh_refused: bool,
    access_token: Option<String>,
    refresh_token: Option<String>,
    /// The other cookies, as one line.
    cookies: Option<String>,
    /// How the token is carried, if not as configured.
    carrier: Option<String>,
}

/// The credentials of version 1, which has no account without an access token.
#[derive(Serialize, Deserialize)]
struct Pair {
    access_token: String,
    refresh_token: Option<String>,
    cookies: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Refreshed {
    seed_access_sha256: Option<String>,
    seed_refresh_sha256: Option<String>,
    access_token: String,
    refresh_token: Option<String>,
    cookies: Option<String>,
    /// How the token is carried, if not as configured.
    carrier: Option<String>,
}

impl Document {
    /// Reads and checks the content of `path`.
    ///
    /// Errors repeat neither the text nor the messages of serde or TOML, which contain tokens.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self> {
        let broken_at = |fault: &toml::de::Error| {
            let at = fault.span().map_or(0, |span| span.start).min(text.len());
            let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
            unusable(path, &format!("is broken at line {line}"))
        };
        let deserializer = toml::Deserializer::parse(text).map_err(|fault| broken_at(&fault))?;
        let mut unknown = None;
        let mut document: Self = serde_ignored::deserialize(deserializer, |key| {
            // serde_ignored writes an `Option` as `?`.
            unknown.get_or_insert_with(|| key.to_string().replace(".?", ""));
        })
        .map_err(|fault| broken_at(&fault))?;
        if document.version > VERSION {
            return Err(unusable(path, "was written by a newer qwenctl")
                .with_hint("update qwenctl, or name another config file with QWENCTL_CONFIG"));
        }
        if let Some(key) = unknown {
            return Err(unusable(path, &format!("has an unknown key{}", shown_key(&key))));
        }
        if let Some(Pair { access_token, refresh_token, cookies }) = document.account.take() {
            let access_token = Some(access_token);
            let entry = Entry { access_token, refresh_token, cookies, ..Entry::default() };
            document.accounts.entry(AccountName::default()).or_insert(entry);
        }
        Ok(document)
    }

    /// Whether the next write changes the format.
    pub(super) fn is_old(&self) -> bool {
        self.version < VERSION && !(self.accounts.is_empty() && self.refreshed.is_empty())
    }

    /// The accounts by name.
    pub(super) fn accounts(&self) -> &BTreeMap<AccountName, Entry> {
        &self.accounts
    }

    /// The default account.
    pub(super) fn default_account(&self) -> Option<AccountName> {
        let known = |name: &AccountName| self.accounts.contains_key(name);
        let named = self.default.clone().filter(known);
        named.or_else(|| Some(AccountName::default()).filter(known))
    }

    /// The account that applies if `named` is given; `None` if nothing is stored.
    ///
    /// # Errors
    /// If there is no such account; if there is no default one.
    pub(super) fn chosen(&self, named: Option<&AccountName>) -> Result<Option<AccountName>> {
        match named {
            _ if self.accounts.is_empty() => Ok(None),
            Some(name) if self.accounts.contains_key(name) => Ok(Some(name.clone())),
            Some(name) => Err(self.unknown(name)),
            None => self.default_account().map(Some).ok_or_else(|| {
                Error::invalid(format!("there is no default account among {}", self.names()))
                    .with_hint(
                        "choose one with `qwenctl account use NAME`, or name one with `--account`",
                    )
            }),
        }
    }

    /// The error for an unknown account.
    pub(super) fn unknown(&self, name: &AccountName) -> Error {
        let known = self.accounts.keys().map(AccountName::as_str);
        let near = nearest(name.as_str(), known);
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        let error = Error::invalid(format!("there is no account `{name}`"));
        error.with_hint(if self.accounts.is_empty() {
            format!("no account is stored; `qwenctl token set --account {name}` stores one")
        } else {
            let names = self.names();
            format!("{near}stored: {names}; `qwenctl token set --account {name}` adds one")
        })
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.accounts.keys().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    }

    /// Stores the credentials of an account. The first account becomes the default one.
    pub(super) fn set_account(&mut self, name: &AccountName, entry: Entry) {
        if self.accounts.is_empty() {
            self.default = Some(name.clone());
        }
        self.accounts.insert(name.clone(), entry);
    }

    /// Makes an account the default one.
    pub(super) fn set_default(&mut self, name: &AccountName) {
        self.default = Some(name.clone());
    }

    /// Removes an account, and what was refreshed from given tokens of its owner.
    pub(super) fn remove(&mut self, name: &AccountName, tokens: Option<&Tokens>) {
        self.accounts.remove(name);
        self.default = self.default.take().filter(|default| default != name);
        let owner = tokens.and_then(|tokens| tokens.access.claims().account_id.as_ref());
        self.refreshed.retain(|entry| {
            let tokens = entry.tokens().ok();
            let id = tokens.as_ref().and_then(|tokens| tokens.access.claims().account_id.as_ref());
            owner.is_none() || id != owner
        });
    }

    /// The tokens refreshed from `seed`, if any.
    pub(super) fn descendant(&self, seed: &Seed) -> Result<Option<Tokens>> {
        let entry = self.refreshed.iter().find(|entry| entry.descends_from(seed));
        entry.map(Refreshed::tokens).transpose()
    }

    /// Stores `tokens` as refreshed from `seed`.
    pub(super) fn set_descendant(&mut self, seed: &Seed, tokens: &Tokens) {
        self.refreshed.retain(|entry| !entry.descends_from(seed));
        self.refreshed.insert(
            0,
            Refreshed {
                seed_access_sha256: seed.access.clone(),
                seed_refresh_sha256: seed.refresh.clone(),
                access_token: tokens.access.expose().to_owned(),
                refresh_token: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
                cookies: cookie_line(tokens),
                carrier: tokens.carrier.map(|carrier| carrier.word().to_owned()),
            },
        );
        self.refreshed.truncate(MAX_REFRESHED);
    }

    pub(super) fn render(&mut self) -> Result<String> {
        self.version = VERSION;
        let body = toml::to_string(self)
            .map_err(|_| Error::new(ErrorKind::Internal, "cannot write the credentials as TOML"))?;
        Ok(format!("{HEADER}{body}"))
    }
}

impl Entry {
    /// The mark of an account whose credentials are in the keyring.
    pub(super) fn in_keyring() -> Self {
        Self { keyring: true, ..Self::default() }
    }

    /// The credentials in the text of a keyring. Errors do not repeat it.
    pub(super) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|_| {
            Error::new(ErrorKind::TokenInvalid, "the credentials in the keyring are broken")
                .with_hint("store them again with `qwenctl token set --keyring`")
        })
    }

    /// The text for a keyring.
    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|_| Error::new(ErrorKind::Internal, "cannot write the credentials as JSON"))
    }

    /// The credentials.
    pub(super) fn tokens(&self) -> Result<Tokens> {
        let access = self.access_token.as_deref().unwrap_or_default();
        let refresh = self.refresh_token.as_deref();
        tokens(access, refresh, self.cookies.as_deref(), self.carrier.as_deref())
    }
}

impl From<&Tokens> for Entry {
    fn from(tokens: &Tokens) -> Self {
        Self {
            keyring: false,
            refresh_refused: false,
            access_token: Some(tokens.access.expose().to_owned()),
            refresh_token: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
            cookies: cookie_line(tokens),
            carrier: tokens.carrier.map(|carrier| carrier.word().to_owned()),
        }
    }
}

impl Refreshed {
    fn tokens(&self) -> Result<Tokens> {
        let refresh = self.refresh_token.as_deref();
        tokens(&self.access_token, refresh, self.cookies.as_deref(), self.carrier.as_deref())
    }

    /// The refresh token decides, as it may be valid for one use only; without one the access token
    /// decides.
    fn descends_from(&self, seed: &Seed) -> bool {
        match &seed.refresh {
            Some(refresh) => self.seed_refresh_sha256.as_ref() == Some(refresh),
            None => seed.access.is_some() && self.seed_access_sha256 == seed.access,
        }
    }
}

fn cookie_line(tokens: &Tokens) -> Option<String> {
    (!tokens.cookies.is_empty()).then(|| tokens.cookies.expose_line())
}

fn tokens(
    access: &str,
    refresh: Option<&str>,
    cookies: Option<&str>,
    carrier: Option<&str>,
) -> Result<Tokens> {
    Ok(Tokens {
        access: AccessToken::parse(access)?,
        refresh: refresh.map(RefreshToken::parse).transpose()?,
        cookies: cookies.map(Cookies::parse).unwrap_or_default(),
        carrier: carrier.and_then(Carrier::named),
    })
}

fn unusable(path: &Path, fault: &str) -> Error {
    let path = path.display();
    Error::new(ErrorKind::TokenInvalid, format!("the credentials file {path} {fault}"))
        .of_a_file()
        .with_hint(format!("remove it with `rm '{path}'`, then run `qwenctl token set`"))
}

/// A key is shown only if it cannot be a misplaced token.
fn shown_key(key: &str) -> String {
    let plain = key.len() <= 40 && key.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
    if plain { format!(" `{key}`") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts_are_short_and_plain() {
        for good in ["work", "a", "Me.2", "x-y_z", "9"] {
            assert!(good.parse::<AccountName>().is_ok(), "{good}");
        }
        for bad in ["", "-x", ".x", "a b", "a/b", "é", "a\n", &"x".repeat(41)] {
            assert!(bad.parse::<AccountName>().is_err(), "{bad}");
        }
    }
}
