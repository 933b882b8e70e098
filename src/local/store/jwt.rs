//! Access tokens in both forms of protocol 2.1: composed, signed with HS256 and verified.
//!
//! The signature is computed here, over `sha2`, because it is twenty lines and the crate has no
//! other use for an HMAC.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Seven days: the lifetime of a token of the legacy form, in seconds.
pub(crate) const LEGACY_LIFETIME: i64 = 7 * 24 * 3600;
/// Fifteen minutes: the lifetime of a token of the form used since September 2026, in seconds.
pub(crate) const SHORT_LIFETIME: i64 = 900;

/// Which of the two forms a token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `{"id","last_password_change","exp"}`.
    Legacy,
    /// With `kid` in the header and `type` and `iat` in the payload.
    Short,
}

impl Form {
    /// How long a fresh token of this form is valid, in seconds.
    pub(crate) fn lifetime(self) -> i64 {
        match self {
            Self::Legacy => LEGACY_LIFETIME,
            Self::Short => SHORT_LIFETIME,
        }
    }
}

/// Why a presented token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    /// Not a token of ours at all.
    Invalid,
    /// Ours, but past its time.
    Expired,
}

/// What a valid token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The account.
    pub id: String,
    /// The form it was issued in.
    pub form: Form,
}

/// Composes and signs a token for `account` that is valid until `expires` (seconds since the
/// epoch).
pub(crate) fn issue(secret: &[u8], account: &str, form: Form, now: i64, expires: i64) -> String {
    let mut header = json!({"alg": "HS256", "typ": "JWT"});
    let mut payload = json!({"id": account, "last_password_change": 1_750_000_000, "exp": expires});
    if form == Form::Short {
        header["kid"] = json!("legacy");
        payload["type"] = json!("access_token");
        payload["iat"] = json!(now);
    }
    let signed = format!("{}.{}", encode(&header.to_string()), encode(&payload.to_string()));
    let signature = hmac_sha256(secret, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Checks signature and expiry.
pub(crate) fn verify(secret: &[u8], token: &str, now: i64) -> Result<Claims, Rejected> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Rejected::Invalid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Rejected::Invalid)?;
    if signature != hmac_sha256(secret, signed.as_bytes()) {
        return Err(Rejected::Invalid);
    }
    let payload = signed.split_once('.').map(|(_, payload)| payload).ok_or(Rejected::Invalid)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Rejected::Invalid)?;
    let payload: Value = serde_json::from_slice(&payload).map_err(|_| Rejected::Invalid)?;
    if payload["exp"].as_i64().is_none_or(|expires| expires <= now) {
        return Err(Rejected::Expired);
    }
    let id = payload["id"].as_str().ok_or(Rejected::Invalid)?.to_owned();
    let form = if payload["type"] == "access_token" { Form::Short } else { Form::Legacy };
    Ok(Claims { id, form })
}

fn encode(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message);
    let outer =
        Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_agrees_with_rfc_4231_case_2() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95,
            0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
            0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(mac, expected);
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let token = issue(b"secret", "user", Form::Legacy, 100, 200);
        assert_eq!(verify(b"secret", &token, 199).map(|claims| claims.id), Ok("user".to_owned()));
        assert_eq!(verify(b"secret", &token, 200), Err(Rejected::Expired));
    }

    #[test]
    fn a_foreign_signature_is_invalid() {
        let token = issue(b"other", "user", Form::Short, 100, 200);
        assert_eq!(verify(b"secret", &token, 150), Err(Rejected::Invalid));
        assert_eq!(verify(b"secret", "no token", 150), Err(Rejected::Invalid));
    }

    #[test]
    fn the_short_form_names_its_kind_and_issue_time() {
        let token = issue(b"secret", "user", Form::Short, 100, 1000);
        assert_eq!(verify(b"secret", &token, 150).map(|claims| claims.form), Ok(Form::Short));
    }
}
