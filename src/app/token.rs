//! Information about the access token, and new tokens.

use crate::client::Session;
use crate::domain::{
    AccessToken, Error, ErrorKind, Pasted, RefreshToken, Result, TokenState, Tokens, User,
};
use crate::settings::CredentialStore;

/// The claims of a token, read offline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenInfo {
    /// The token, masked.
    pub masked: String,
    /// The account.
    pub account_id: Option<String>,
    /// When it expires, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// Seconds until then; negative if it has expired.
    pub expires_in: Option<i64>,
    /// Whether it can be refreshed without signing in again.
    pub refreshable: bool,
    /// Whether it has expired.
    pub expired: bool,
}

/// Information about `tokens` at `now` (seconds since 1970), read offline.
pub(crate) fn info(tokens: &Tokens, now: i64) -> TokenInfo {
    let claims = tokens.access.claims();
    TokenInfo {
        masked: tokens.access.masked(),
        account_id: claims.account_id.clone(),
        expires_at: claims.expires_at,
        expires_in: claims.expires_at.map(|exp| exp.saturating_sub(now)),
        refreshable: tokens.refresh.is_some(),
        expired: matches!(tokens.access.state(now), TokenState::Expired { .. }),
    }
}

/// The error for a token that has expired.
pub(crate) fn expired(seconds_ago: i64) -> Error {
    let message = format!("the access token expired {} ago", in_words(seconds_ago));
    Error::new(ErrorKind::TokenExpired, message).with_hint(
        "run `qwenctl token refresh`; if that fails, sign in at https://chat.qwen.ai again and run \
         `qwenctl token set`",
    )
}

/// A length of time in its largest unit: `3 days`, `1 hour`.
pub(crate) fn in_words(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let seconds = seconds.max(0);
    let (count, unit) = units
        .into_iter()
        .find(|(size, _)| seconds >= *size)
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Requests the account of the token from the upstream.
///
/// # Errors
/// Those of the client.
pub(crate) async fn check(session: &Session) -> Result<User> {
    session.user().await
}

/// Gets a new token and stores it where the old one was.
///
/// # Errors
/// Those of the client.
pub(crate) async fn refresh(session: &Session) -> Result<(AccessToken, User)> {
    session.refresh().await
}

/// The tokens in pasted text.
///
/// # Errors
/// [`ErrorKind::TokenInvalid`] if there are none; [`ErrorKind::TokenExpired`] for a token that has expired
/// and comes without a refresh token.
pub(crate) fn read_pasted(pasted: &str, now: i64) -> Result<Tokens> {
    let Pasted { access, refresh, cookies } = Pasted::parse(pasted)?;
    let access = match access {
        Some(access) => access,
        None => AccessToken::parse(pasted)?,
    };
    match (access.state(now), &refresh) {
        (TokenState::Expired { seconds_ago }, None) => Err(expired(seconds_ago)
            .with_hint("sign in at https://chat.qwen.ai again and copy the new token")),
        _ => Ok(Tokens { access, refresh, cookies }),
    }
}

/// Stores pasted tokens as those of the user.
///
/// # Errors
/// [`ErrorKind::TokenInvalid`] if it cannot be cleaned; [`ErrorKind::TokenExpired`] for a token that
/// has expired and comes without a refresh token; those of the store.
pub(crate) fn set(
    store: &CredentialStore,
    pasted: &str,
    refresh: Option<RefreshToken>,
    now: i64,
) -> Result<Tokens> {
    let access = AccessToken::parse(pasted)?;
    let refresh = refresh.or_else(|| RefreshToken::find(pasted));
    let tokens = Tokens { refresh, ..access.into() };
    if let (TokenState::Expired { seconds_ago }, None) = (tokens.access.state(now), &tokens.refresh)
    {
        return Err(expired(seconds_ago)
            .with_hint("sign in at https://chat.qwen.ai again and copy the new token"));
    }
    store.save(&tokens)?;
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_their_largest_unit() {
        for (seconds, words) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (86_400 * 3, "3 days"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
