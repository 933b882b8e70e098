//! Tokens made at run time (nothing in the tree looks like one), and a store that remembers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use qwenctl::domain::{AccessToken, RefreshToken, Result, StoreLock, TokenStore, Tokens};
use serde_json::{Value, json};

use super::bodies::USER;

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(since.as_secs()).expect("a clock before the end of time")
}

/// A token of the old kind (protocol 2.1) that expires `seconds` from now; `mark` makes it unique.
pub fn token(mark: &str, seconds: i64) -> String {
    token_of(USER, mark, seconds)
}

/// The same for this account.
pub fn token_of(account: &str, mark: &str, seconds: i64) -> String {
    compose(
        &json!({"alg": "HS256", "typ": "JWT"}),
        &json!({"id": account, "last_password_change": 1_750_000_000, "exp": now() + seconds}),
        mark,
    )
}

/// A token that does not say when it expires.
pub fn token_without_expiry() -> String {
    compose(&json!({"alg": "HS256", "typ": "JWT"}), &json!({"id": USER}), "endless")
}

/// A token with these claims.
pub fn token_with(payload: &Value, mark: &str) -> String {
    compose(&json!({"alg": "HS256", "typ": "JWT"}), payload, mark)
}

fn compose(header: &Value, payload: &Value, mark: &str) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signature = part(format!("not a signature: {mark}"));
    format!("{}.{}.{signature}", part(header.to_string()), part(payload.to_string()))
}

/// Tokens for a session.
pub fn tokens(access: &str, refresh: Option<&str>) -> Tokens {
    Tokens {
        refresh: refresh.map(|value| RefreshToken::parse(value).expect("a refresh token")),
        ..AccessToken::parse(access).expect("an access token").into()
    }
}

/// A store in memory.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    tokens: Option<Tokens>,
    writes: usize,
}

impl MemoryStore {
    /// A store that holds `tokens`.
    pub fn holding(tokens: Tokens) -> Self {
        Self(Arc::new(Mutex::new(Kept { tokens: Some(tokens), writes: 0 })))
    }

    /// Forgets the tokens.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tokens = None;
    }

    /// What it holds.
    pub fn tokens(&self) -> Option<Tokens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tokens.clone()
    }

    /// How often it was written.
    pub fn writes(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).writes
    }
}

impl TokenStore for MemoryStore {
    fn lock(&self) -> Result<Box<dyn StoreLock>> {
        Ok(Box::new(self.clone()))
    }
}

impl StoreLock for MemoryStore {
    fn read(&self) -> Result<Option<Tokens>> {
        Ok(self.tokens())
    }

    fn write(&mut self, tokens: &Tokens) -> Result<()> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.tokens = Some(tokens.clone());
        kept.writes += 1;
        Ok(())
    }
}
