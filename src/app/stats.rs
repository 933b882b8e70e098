//! A few numbers about the account, as the seed's server had them.

use super::chats::{ListRequest, Pages, list};
use crate::client::Session;
use crate::domain::{Result, Stats};

/// Counts all chats, over all pages. `progress` hears how many have been counted so far.
///
/// # Errors
/// Those of the client.
pub(crate) async fn stats(session: &Session, progress: impl FnMut(usize)) -> Result<Stats> {
    let user = session.user().await?;
    let request = ListRequest { pages: Pages::All, limit: None, since: None };
    let total_chats = list(session, request, progress).await?.len();
    let token_expires_at = session.access_token().claims().expires_at;
    Ok(Stats { total_chats, user, token_expires_at })
}
