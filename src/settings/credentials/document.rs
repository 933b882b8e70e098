//! What stands in the credentials file.
//!
//! `[account]` holds the tokens that `qwenctl token set` stored. Each `[[refreshed]]` holds tokens
//! that descend from ones given in the environment or a file, recognised by the SHA-256 of those.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::private_file::PrivateFile;
use super::find::Seed;
use crate::domain::{AccessToken, Error, ErrorKind, RefreshToken, Result, Tokens};

const VERSION: u32 = 1;
const HEADER: &str = "# Written by qwenctl. Whoever can read this file can use the account.\n";

/// A person has few accounts; what was not used for longest is forgotten first.
const MAX_REFRESHED: usize = 16;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    version: u32,
    account: Option<Pair>,
    #[serde(default)]
    refreshed: Vec<Refreshed>,
}

#[derive(Serialize, Deserialize)]
struct Pair {
    access_token: String,
    refresh_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Refreshed {
    seed_access_sha256: Option<String>,
    seed_refresh_sha256: Option<String>,
    access_token: String,
    refresh_token: Option<String>,
}

impl Document {
    /// Reads and checks the file; one that does not exist is empty.
    pub(super) fn read(file: &PrivateFile) -> Result<Self> {
        match file.read()? {
            Some(text) => Self::parse(file.path(), &text),
            None => Ok(Self::default()),
        }
    }

    /// Neither the text nor serde's or TOML's own words about it are repeated: they hold tokens.
    fn parse(path: &Path, text: &str) -> Result<Self> {
        let broken_at = |fault: &toml::de::Error| {
            let at = fault.span().map_or(0, |span| span.start).min(text.len());
            let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
            unusable(path, &format!("is broken at line {line}"))
        };
        let deserializer = toml::Deserializer::parse(text).map_err(|fault| broken_at(&fault))?;
        let mut unknown = None;
        let document: Self = serde_ignored::deserialize(deserializer, |key| {
            // serde_ignored writes the way through an `Option` as `?`.
            unknown.get_or_insert_with(|| key.to_string().replace(".?", ""));
        })
        .map_err(|fault| broken_at(&fault))?;
        if document.version > VERSION {
            return Err(unusable(path, "was written by a newer qwenctl"));
        }
        if let Some(key) = unknown {
            return Err(unusable(path, &format!("has an unknown key{}", shown_key(&key))));
        }
        document.check(path)?;
        Ok(document)
    }

    fn check(&self, path: &Path) -> Result<()> {
        let refreshed = self.refreshed.iter().map(Refreshed::tokens);
        let account = self
            .account
            .iter()
            .map(|pair| tokens(&pair.access_token, pair.refresh_token.as_deref()));
        for found in account.chain(refreshed) {
            found.map_err(|fault| unusable(path, &format!("is broken: {fault}")))?;
        }
        Ok(())
    }

    pub(super) fn account(&self) -> Result<Option<Tokens>> {
        let pair = self.account.as_ref();
        pair.map(|pair| tokens(&pair.access_token, pair.refresh_token.as_deref())).transpose()
    }

    pub(super) fn set_account(&mut self, tokens: &Tokens) {
        self.account = Some(Pair {
            access_token: tokens.access.expose().to_owned(),
            refresh_token: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
        });
    }

    /// The account's own tokens, or those that descend from `seed`.
    pub(super) fn tokens(&self, seed: Option<&Seed>) -> Result<Option<Tokens>> {
        seed.map_or_else(|| self.account(), |seed| self.descendant(seed))
    }

    /// The tokens that descend from `seed`, if any do.
    pub(super) fn descendant(&self, seed: &Seed) -> Result<Option<Tokens>> {
        let entry = self.refreshed.iter().find(|entry| entry.descends_from(seed));
        entry.map(Refreshed::tokens).transpose()
    }

    /// Remembers `tokens` as what became of `seed`.
    pub(super) fn set_descendant(&mut self, seed: &Seed, tokens: &Tokens) {
        self.refreshed.retain(|entry| !entry.descends_from(seed));
        self.refreshed.insert(
            0,
            Refreshed {
                seed_access_sha256: seed.access.clone(),
                seed_refresh_sha256: seed.refresh.clone(),
                access_token: tokens.access.expose().to_owned(),
                refresh_token: tokens.refresh.as_ref().map(|token| token.expose().to_owned()),
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

impl Refreshed {
    fn tokens(&self) -> Result<Tokens> {
        tokens(&self.access_token, self.refresh_token.as_deref())
    }

    /// A refresh token may be good for one use only, so it decides where there is one; an access
    /// token decides if it came alone.
    fn descends_from(&self, seed: &Seed) -> bool {
        match &seed.refresh {
            Some(refresh) => self.seed_refresh_sha256.as_ref() == Some(refresh),
            None => seed.access.is_some() && self.seed_access_sha256 == seed.access,
        }
    }
}

fn tokens(access: &str, refresh: Option<&str>) -> Result<Tokens> {
    Ok(Tokens {
        access: AccessToken::parse(access)?,
        refresh: refresh.map(RefreshToken::parse).transpose()?,
    })
}

fn unusable(path: &Path, fault: &str) -> Error {
    let path = path.display();
    Error::new(ErrorKind::TokenInvalid, format!("the credentials file {path} {fault}"))
        .with_hint(format!("remove it with `rm '{path}'`, then run `qwenctl token set`"))
}

/// A key is shown only if it can not be a token put in the wrong place.
fn shown_key(key: &str) -> String {
    let plain = key.len() <= 40 && key.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
    if plain { format!(" `{key}`") } else { String::new() }
}
