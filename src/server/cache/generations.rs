//! Changes of an account's chats, and that what is kept of them is forgotten then.

use std::sync::Arc;

use futures_util::future::FutureExt as _;
use sha2::{Digest as _, Sha256};

use crate::domain::AccessToken;
use crate::server::shared::{AccountHash, Generations};

/// A change that happens; it is over when this is dropped, however that comes.
pub(crate) struct Change {
    generations: Arc<dyn Generations>,
    account: AccountHash,
    answers_too: bool,
}

impl Change {
    /// Begins a new generation of lists now, and another one when the change is over; of answers,
    /// too, if chats go away.
    pub(crate) async fn begin(
        generations: &Arc<dyn Generations>,
        token: &AccessToken,
        answers_too: bool,
    ) -> Self {
        let change =
            Self { generations: Arc::clone(generations), account: account(token), answers_too };
        change.generations.begin(change.account, answers_too).await;
        change
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let (generations, account) = (Arc::clone(&self.generations), self.account);
        let answers_too = self.answers_too;
        let mut end = async move { generations.begin(account, answers_too).await }.boxed();
        // In memory it is done at once; elsewhere it takes a while that nobody here can wait for.
        if (&mut end).now_or_never().is_none() {
            tokio::spawn(end);
        }
    }
}

/// Tokens of one account share its generations. That is only a claim of the token, and all that a
/// false one can do here is to make this server forget. Hashed, because a claim may be long.
pub(super) fn account(token: &AccessToken) -> AccountHash {
    let account = token.claims().account_id.as_deref().unwrap_or_else(|| token.expose());
    Sha256::digest(account).into()
}
