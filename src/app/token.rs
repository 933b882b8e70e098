//! Information about the access token, and new tokens.

use crate::client::{Client, Session};
use crate::domain::{
    AccessToken, Error, ErrorKind, Pasted, RefreshToken, Result, TokenKind, TokenState, Tokens,
    User, WHERE_TO_FIND,
};

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
    /// Its kind.
    pub kind: TokenKind,
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
        kind: tokens.access.kind(),
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

/// The credentials in pasted text, with `refresh` if it was given apart. They may be a refresh token
/// alone.
///
/// # Errors
/// [`ErrorKind::TokenInvalid`] if the text cannot be read; [`ErrorKind::TokenExpired`] for a token that
/// has expired and comes without a refresh token.
pub(crate) fn read_pasted(text: &str, refresh: Option<RefreshToken>, now: i64) -> Result<Pasted> {
    let pasted = Pasted::parse(text)?;
    let pasted = Pasted { refresh: refresh.or(pasted.refresh), ..pasted };
    let state = pasted.access.as_ref().map(|access| access.state(now));
    if let (Some(TokenState::Expired { seconds_ago }), None) = (state, &pasted.refresh) {
        let is_short = pasted.access.is_some_and(|access| access.kind() == TokenKind::Access);
        let ago = in_words(seconds_ago);
        return Err(if is_short {
            let message = format!(
                "this was copied more than 15 minutes ago: the access token expired {ago} ago"
            );
            Error::new(ErrorKind::TokenExpired, message).with_hint(
                "reload https://chat.qwen.ai, copy the value again and paste it at once; a copied \
                 request also has the refresh token, and lasts (`qwenctl token set --help`)",
            )
        } else {
            expired(seconds_ago).with_hint(WHERE_TO_FIND)
        });
    }
    Ok(pasted)
}

/// The tokens of pasted credentials. A refresh token alone gets an access token from the upstream.
///
/// # Errors
/// Those of the client.
pub(crate) async fn sign_in(client: &Client, pasted: Pasted) -> Result<Tokens> {
    let Pasted { access, refresh, cookies } = pasted;
    if let Some(access) = access {
        return Ok(Tokens { access, refresh, cookies, carrier: None });
    }
    let refresh = refresh.ok_or_else(crate::app::token_missing)?;
    client.sign_in(&refresh, &cookies).await.map_err(|error| match error.kind() {
        ErrorKind::TokenExpired => {
            let message = "the service refuses the refresh token";
            Error::new(ErrorKind::TokenInvalid, message).with_hint(WHERE_TO_FIND).caused_by(error)
        }
        _ => error,
    })
}

/// What the user should know about new credentials: notes and, second, warnings.
pub(crate) fn advice(tokens: &Tokens, now: i64) -> (Option<String>, Option<&'static str>) {
    let kind = tokens.access.kind();
    let warning = (kind == TokenKind::Session).then_some(
        "this is a long session token, which the service refuses since October 2026; if requests are \
         refused, copy a request or the value of `qwen_access_token_state` (`qwenctl token set --help`)",
    );
    let left = tokens.access.claims().expires_at.map(|end| in_words(end.saturating_sub(now)));
    let note = match (&tokens.refresh, kind, left) {
        (Some(_), _, _) => Some(
            "close the browser window without logging out: two holders of one refresh token can log \
             each other out"
                .to_owned(),
        ),
        (None, TokenKind::Access, Some(left)) => Some(format!(
            "without a refresh token this lasts for {left}; to stay signed in, copy a request \
             (`qwenctl token set --help`)"
        )),
        _ => None,
    };
    (note, warning)
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
