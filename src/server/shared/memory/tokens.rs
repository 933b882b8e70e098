//! Access tokens that the upstream has accepted, in memory.

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use indexmap::IndexMap;
use parking_lot::Mutex;

use crate::domain::Result;
use crate::server::shared::{AcceptedTokens, TokenHash};

/// More tokens than a team has; beyond that, some are confirmed again.
const MAX_TOKENS: usize = 10_000;
/// How long a confirmation is valid.
const VALID_FOR: Duration = Duration::from_hours(1);

/// Accepted tokens with their accounts.
#[derive(Default)]
pub(crate) struct MemoryTokens(Mutex<IndexMap<TokenHash, (String, Instant)>>);

impl AcceptedTokens for MemoryTokens {
    fn remember(&self, token: TokenHash, account: String, now: Instant) -> BoxFuture<'_, ()> {
        let mut known = self.0.lock();
        if known.len() >= MAX_TOKENS && !known.contains_key(&token) {
            let any = fastrand::usize(..known.len());
            known.swap_remove_index(any);
        }
        known.insert(token, (account, now));
        ready(()).boxed()
    }

    fn account(&self, token: TokenHash, now: Instant) -> BoxFuture<'_, Result<Option<String>>> {
        let known = self.0.lock();
        let fresh = known.get(&token).filter(|(_, at)| now.duration_since(*at) < VALID_FOR);
        ready(Ok(fresh.map(|(account, _)| account.clone()))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(accepted: &MemoryTokens, token: u8, now: Instant) -> Option<String> {
        accepted.account([token; 32], now).now_or_never().expect("at once").expect("an answer")
    }

    #[test]
    fn a_confirmation_is_valid_for_its_time() {
        let (accepted, now) = (MemoryTokens::default(), Instant::now());
        assert_eq!(account(&accepted, 1, now), None);
        accepted.remember([1; 32], "a".to_owned(), now).now_or_never().expect("at once");
        assert_eq!(account(&accepted, 1, now).as_deref(), Some("a"));
        assert_eq!(account(&accepted, 2, now), None);
        assert_eq!(account(&accepted, 1, now + VALID_FOR), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (accepted, now) = (MemoryTokens::default(), Instant::now());
        for number in 0..3 * MAX_TOKENS as u64 {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_be_bytes());
            accepted.remember(token, String::new(), now).now_or_never().expect("at once");
        }
        assert_eq!(accepted.0.lock().len(), MAX_TOKENS);
    }
}
