//! The generations of accounts, in memory.

use std::collections::HashMap;
use std::sync::Mutex;

use futures_util::future::{BoxFuture, FutureExt as _, ready};

use super::lock;
use crate::domain::Result;
use crate::server::shared::{AccountHash, Generation, Generations};

/// Accounts whose generations are known at a time. Beyond that all are forgotten, and with them what
/// is kept: that costs questions and is never wrong.
const MOST: usize = 10_000;

/// The generations of all accounts.
#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    accounts: HashMap<AccountHash, Generation>,
    next: u64,
}

impl Pages {
    /// The generation now. Numbers are never used twice, not even for different accounts.
    fn of(&mut self, account: AccountHash) -> Generation {
        if let Some(known) = self.accounts.get(&account) {
            return *known;
        }
        if self.accounts.len() >= MOST {
            self.accounts.clear();
        }
        self.next += 1;
        let new = Generation { lists: self.next, answers: self.next };
        self.accounts.insert(account, new);
        new
    }

    fn begin(&mut self, account: AccountHash, answers_too: bool) {
        let old = self.of(account);
        self.next += 1;
        let lists = self.next;
        let answers = if answers_too { lists } else { old.answers };
        self.accounts.insert(account, Generation { lists, answers });
    }
}

impl Generations for Book {
    fn current(&self, account: AccountHash) -> BoxFuture<'_, Result<Generation>> {
        ready(Ok(lock(&self.0).of(account))).boxed()
    }

    fn begin(&self, account: AccountHash, answers_too: bool) -> BoxFuture<'_, ()> {
        lock(&self.0).begin(account, answers_too);
        ready(()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn a_generation_never_comes_back() {
        let mut book = Pages::default();
        let account =
            |number: usize| -> AccountHash { Sha256::digest(number.to_le_bytes()).into() };
        let first = book.of(account(0));
        assert_eq!(book.of(account(0)).lists, first.lists);
        for number in 0..=MOST {
            book.of(account(number));
        }
        assert!(book.accounts.len() <= MOST);
        assert!(book.of(account(0)).lists > first.lists);
    }
}
