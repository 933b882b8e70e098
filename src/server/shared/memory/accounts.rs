//! Tokens that the upstream has accepted, in memory.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use indexmap::IndexMap;

use super::lock;
use crate::domain::Result;
use crate::server::shared::{AcceptedTokens, TokenHash};

/// More tokens than a team has; of more than that, some are asked about again.
const MOST: usize = 10_000;
/// How long a token is believed.
const BELIEVED_FOR: Duration = Duration::from_hours(1);

/// Tokens that the upstream has accepted.
#[derive(Default)]
pub(crate) struct Accepted(Mutex<IndexMap<TokenHash, (String, Instant)>>);

impl AcceptedTokens for Accepted {
    fn remember(&self, token: TokenHash, account: String, now: Instant) -> BoxFuture<'_, ()> {
        let mut known = lock(&self.0);
        if known.len() >= MOST && !known.contains_key(&token) {
            let any = fastrand::usize(..known.len());
            known.swap_remove_index(any);
        }
        known.insert(token, (account, now));
        ready(()).boxed()
    }

    fn account(&self, token: TokenHash, now: Instant) -> BoxFuture<'_, Result<Option<String>>> {
        let known = lock(&self.0);
        let fresh = known.get(&token).filter(|(_, at)| now.duration_since(*at) < BELIEVED_FOR);
        ready(Ok(fresh.map(|(account, _)| account.clone()))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(accepted: &Accepted, token: u8, now: Instant) -> Option<String> {
        accepted.account([token; 32], now).now_or_never().expect("at once").expect("an answer")
    }

    #[test]
    fn a_token_is_believed_for_a_while() {
        let (accepted, now) = (Accepted::default(), Instant::now());
        assert_eq!(account(&accepted, 1, now), None);
        accepted.remember([1; 32], "a".to_owned(), now).now_or_never().expect("at once");
        assert_eq!(account(&accepted, 1, now).as_deref(), Some("a"));
        assert_eq!(account(&accepted, 2, now), None);
        assert_eq!(account(&accepted, 1, now + BELIEVED_FOR), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (accepted, now) = (Accepted::default(), Instant::now());
        for number in 0..3 * MOST as u64 {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_be_bytes());
            accepted.remember(token, String::new(), now).now_or_never().expect("at once");
        }
        assert_eq!(lock(&accepted.0).len(), MOST);
    }
}
