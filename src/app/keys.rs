//! API keys: create, list, revoke.

use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::{ApiKey, Error, ErrorKind, KEY_PREFIX, KeyHash, RateLimit, Result, Scope};
use crate::settings::KeyStore;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters after the prefix: 190 bits.
const LENGTH: usize = 32;
/// Long enough for "the old laptop in the kitchen".
const LONGEST_NAME: usize = 64;

/// A key to create.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name.
    pub name: String,
    /// Its scope.
    pub scope: Scope,
    /// Its rate limits.
    pub limits: Vec<RateLimit>,
    /// When it expires, in seconds since 1970.
    pub expires_at: Option<i64>,
}

/// Creates a key at `now` (seconds since 1970) and stores its hash. The key itself is returned, and is
/// stored nowhere.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for a name that is taken or unusable, or an expiry in the past; the
/// errors of the store.
pub fn create(store: &KeyStore, new: NewKey, now: i64) -> Result<(ApiKey, SecretString)> {
    let name = usable_name(&new.name)?;
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::invalid("the expiry date is in the past"));
    }
    let secret = SecretString::from(format!("{KEY_PREFIX}{}", random_text()?));
    let key = ApiKey {
        id: uuid::Uuid::new_v4().simple().to_string()[..12].to_owned(),
        name,
        scope: new.scope,
        limits: new.limits,
        created_at: now,
        expires_at: new.expires_at,
        last4: secret.expose_secret()[KEY_PREFIX.len() + LENGTH - 4..].to_owned(),
        hash: hash(secret.expose_secret()),
    };
    store.add(&key)?;
    Ok((key, secret))
}

/// Every key, the oldest first.
///
/// # Errors
/// The errors of the store.
pub fn list(store: &KeyStore) -> Result<Vec<ApiKey>> {
    store.list()
}

/// Removes the key with this id or name. It is refused from now on.
///
/// # Errors
/// [`ErrorKind::NotFound`]; those of the store.
pub fn revoke(store: &KeyStore, id_or_name: &str) -> Result<ApiKey> {
    store.remove(id_or_name)
}

/// The hash that identifies a key.
pub fn hash(key: &str) -> KeyHash {
    Sha256::digest(key).into()
}

fn usable_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(is_unreadable) {
        let message =
            format!("the name of a key has 1 to {LONGEST_NAME} readable characters on one line");
        return Err(Error::invalid(message));
    }
    if name.starts_with(KEY_PREFIX) {
        return Err(Error::invalid("that looks like a key and not like the name of one"));
    }
    Ok(name.to_owned())
}

/// Characters that are usually invisible, or change how the rest of a line looks. Letters that look alike
/// are allowed: names are for people, and ids identify keys.
fn is_unreadable(c: char) -> bool {
    let is_hidden = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || is_hidden
}

/// Letters and digits with equal probability: bytes that would favour some are skipped.
fn random_text() -> Result<String> {
    const FAIR: u8 = 248; // 4 * 62
    let random = SystemRandom::new();
    let mut text = String::with_capacity(LENGTH);
    let mut bytes = [0; LENGTH];
    while text.len() < LENGTH {
        random.fill(&mut bytes).map_err(|_| {
            Error::new(ErrorKind::Internal, "the system has no random numbers to make a key of")
        })?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR);
        let letters = fair.map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(letters.take(LENGTH - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str) -> NewKey {
        NewKey { name: name.to_owned(), scope: Scope::Read, limits: Vec::new(), expires_at: None }
    }

    fn store() -> (tempfile::TempDir, KeyStore) {
        let directory = tempfile::tempdir().expect("a directory");
        let store = KeyStore::at(directory.path().join("keys.toml"));
        (directory, store)
    }

    #[test]
    fn a_key_is_random_and_only_its_hash_is_kept() {
        let (_directory, store) = store();
        let mut seen = std::collections::HashSet::new();
        for number in 0..50 {
            let (key, secret) = create(&store, new(&format!("n{number}")), 1).expect("a key");
            let secret = secret.expose_secret();
            assert_eq!(secret.len(), KEY_PREFIX.len() + LENGTH);
            assert!(secret[3..].bytes().all(|letter| ALPHABET.contains(&letter)));
            assert!(secret.ends_with(&key.last4) && key.hash == hash(secret));
            let file = std::fs::read_to_string(store.path().expect("a path")).expect("a file");
            assert!(!file.contains(secret));
            assert!(seen.insert(secret.to_owned()) && seen.insert(key.id));
        }
    }

    #[test]
    fn names_and_ends_of_no_use_are_refused() {
        let (_directory, store) = store();
        let long = "x".repeat(LONGEST_NAME + 1);
        for name in
            ["", "  ", "a\nb", &long, "qk-abc", "ab\u{202e}cd", "a\u{200b}", "\u{2028}a\u{2028}b"]
        {
            assert!(create(&store, new(name), 1).is_err(), "{name:?}");
        }
        for hidden in
            "\u{34f}\u{61c}\u{115f}\u{1160}\u{180e}\u{200d}\u{200f}\u{2066}\u{3164}\u{fe0f}\
                       \u{feff}\u{e0041}"
                .chars()
        {
            assert!(create(&store, new(&format!("a{hidden}b")), 1).is_err(), "{hidden:?}");
        }
        for name in ["Phöne 📱", "điện thoại", "👩💻", "-x"] {
            assert!(create(&store, new(name), 1).is_ok(), "{name:?}");
        }
        let past = NewKey { expires_at: Some(9), ..new("n") };
        assert!(create(&store, past.clone(), 9).is_err());
        assert!(create(&store, past, 8).is_ok());
    }
}
