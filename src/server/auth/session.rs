//! Session tokens: JSON Web Tokens (RFC 7519) signed with HS256, each for one API key.
//!
//! There is one header, which is compared and not interpreted, so a token cannot choose another
//! algorithm. (The `jsonwebtoken` crate would need a second crypto library, or a process-wide provider
//! around these two calls of *ring*.) A token names its key, allows what the key allows at the time of
//! use, and ends with it.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::domain::{ApiKey, Error, ErrorKind, Result};

/// Distinguishes session tokens from Qwen tokens.
const HEADER: &str = r#"{"alg":"HS256","kid":"qwenctl","typ":"JWT"}"#;
const ISSUER: &str = "qwenctl";

static HEAD: LazyLock<String> = LazyLock::new(|| URL_SAFE_NO_PAD.encode(HEADER));

/// Signs and verifies session tokens.
pub(super) struct Sessions {
    /// `None` if the system gave no random numbers: then there are no sessions.
    key: Option<hmac::Key>,
    lasts: i64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    /// The id of the key.
    sub: String,
    iat: i64,
    exp: i64,
}

/// Why a session token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionError {
    /// It was not signed with this secret.
    Unknown,
    /// It has expired.
    Expired,
}

/// Whether `text` has the form of a session token, valid or not.
pub(crate) fn is_session(text: &str) -> bool {
    text.strip_prefix(HEAD.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

/// The header of session tokens.
#[cfg(test)]
pub(super) fn head() -> &'static str {
    &HEAD
}

impl Sessions {
    /// Signs with `secret`, or with a random one.
    pub(super) fn new(secret: Option<&SecretString>, lasts: Duration) -> Self {
        let key = match secret {
            Some(secret) => {
                Some(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
            }
            None => random_key(),
        };
        Self { key, lasts: i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX) }
    }

    /// A token for the holder of `key` from `now` on, and its end; not later than the end of the key.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] without a secret.
    pub(super) fn begin(&self, key: &ApiKey, now: i64) -> Result<(String, i64)> {
        let internal = || Error::new(ErrorKind::Internal, "session tokens cannot be signed");
        let secret = self.key.as_ref().ok_or_else(internal)?;
        let end = now.saturating_add(self.lasts);
        let exp = key.expires_at.map_or(end, |expires| expires.min(end));
        let claims = Claims { iss: ISSUER.to_owned(), sub: key.id.clone(), iat: now, exp };
        let claims = serde_json::to_vec(&claims).map_err(|_| internal())?;
        let signed = format!("{}.{}", *HEAD, URL_SAFE_NO_PAD.encode(claims));
        let signature = hmac::sign(secret, signed.as_bytes());
        Ok((format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)), exp))
    }

    /// The id of the key of `token`, if it is valid at `now`.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) fn check(&self, token: &str, now: i64) -> Result<String, SessionError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(SessionError::Unknown)?;
        let (head, claims) = signed.split_once('.').ok_or(SessionError::Unknown)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SessionError::Unknown)?;
        let key = self.key.as_ref().ok_or(SessionError::Unknown)?;
        // Compares in constant time.
        hmac::verify(key, signed.as_bytes(), &signature).map_err(|_| SessionError::Unknown)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| SessionError::Unknown)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| SessionError::Unknown)?;
        if head != HEAD.as_str() || claims.iss != ISSUER {
            return Err(SessionError::Unknown);
        }
        if claims.exp <= now { Err(SessionError::Expired) } else { Ok(claims.sub) }
    }
}

/// The error for a session token that is not valid.
pub(super) fn unknown() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the session token is no longer valid").with_hint(LOG_IN)
}

/// The error for a session past its end.
pub(super) fn expired() -> Error {
    Error::new(ErrorKind::TokenExpired, "the session has expired").with_hint(LOG_IN)
}

const LOG_IN: &str = "log in again: `POST /api/login` with an API key";

fn random_key() -> Option<hmac::Key> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scope;

    fn key(expires_at: Option<i64>) -> ApiKey {
        ApiKey {
            id: "k1".to_owned(),
            name: "n".to_owned(),
            scope: Scope::Read,
            limits: Vec::new(),
            created_at: 0,
            expires_at,
            last4: "1234".to_owned(),
            hash: [0; 32],
        }
    }

    fn sessions() -> Sessions {
        Sessions::new(Some(&"a secret".into()), Duration::from_secs(100))
    }

    #[test]
    fn a_session_lasts_its_time_but_not_longer_than_its_key() {
        let (token, end) = sessions().begin(&key(None), 1000).expect("a token");
        assert_eq!(end, 1100);
        assert!(is_session(&token));
        assert_eq!(sessions().check(&token, 1099), Ok("k1".to_owned()));
        assert_eq!(sessions().check(&token, 1100), Err(SessionError::Expired));
        assert_eq!(sessions().begin(&key(Some(1005)), 1000).expect("a token").1, 1005);
    }

    #[test]
    fn a_token_with_another_signature_is_unknown() {
        let (token, _) = sessions().begin(&key(None), 1000).expect("a token");
        let parts: Vec<&str> = token.split('.').collect();
        let (head, claims, signature) = (parts[0], parts[1], parts[2]);
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"qwenctl"}"#);
        for forged in [
            format!("{head}.{claims}."),
            format!("{head}.{claims}"),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode("{}")),
            format!("{head}.{claims}.{}", &signature[1..]),
            format!("{head}..{signature}"),
            String::new(),
        ] {
            assert_eq!(sessions().check(&forged, 1000), Err(SessionError::Unknown), "{forged}");
        }
        let others = Sessions::new(None, Duration::from_secs(100));
        assert_eq!(others.check(&token, 1000), Err(SessionError::Unknown));
    }

    #[test]
    fn the_signature_matches_rfc_7515() {
        // Appendix A.1.
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = URL_SAFE_NO_PAD.decode(secret).expect("base64");
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
        assert_eq!(
            URL_SAFE_NO_PAD.encode(signature),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }
}
