//! How entries are forgotten: each belongs to a generation of its account, and a change begins a new
//! one. An answer that was on its way when something changed is kept under the old generation, where
//! nobody looks any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::domain::AccessToken;

type AccountHash = [u8; 32];

/// Accounts whose generations are known at a time. Beyond that all are forgotten, and with them what
/// is kept: that costs questions and is never wrong.
const MOST: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Generation {
    lists: u64,
    answers: u64,
}

#[derive(Debug, Default)]
struct Book {
    accounts: HashMap<AccountHash, Generation>,
    next: u64,
}

/// The generations of all accounts.
#[derive(Debug, Default)]
pub struct Generations(Mutex<Book>);

impl Generations {
    /// The generation of lists for the account of `token`.
    pub fn of_lists(&self, token: &AccessToken) -> u64 {
        self.book().of(account(token)).lists
    }

    /// The generation of answers for the account of `token`.
    pub fn of_answers(&self, token: &AccessToken) -> u64 {
        self.book().of(account(token)).answers
    }

    /// Begins a new generation of lists now, and another one when the change is over; of answers,
    /// too, if chats go away.
    pub fn change(this: &Arc<Self>, token: &AccessToken, answers_too: bool) -> Change {
        let change = Change { generations: Arc::clone(this), account: account(token), answers_too };
        change.happen();
        change
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
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
}

/// A change that happens; it is over when this is dropped, however that comes.
#[derive(Debug)]
pub struct Change {
    generations: Arc<Generations>,
    account: AccountHash,
    answers_too: bool,
}

impl Change {
    fn happen(&self) {
        let mut book = self.generations.book();
        let old = book.of(self.account);
        book.next += 1;
        let lists = book.next;
        let answers = if self.answers_too { lists } else { old.answers };
        book.accounts.insert(self.account, Generation { lists, answers });
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.happen();
    }
}

/// Tokens of one account share its generations. That is only a claim of the token, and all that a
/// false one can do here is to make this server forget. Hashed, because a claim may be long.
fn account(token: &AccessToken) -> AccountHash {
    let account = token.claims().account_id.as_deref().unwrap_or_else(|| token.expose());
    Sha256::digest(account).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_never_comes_back() {
        let mut book = Book::default();
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
