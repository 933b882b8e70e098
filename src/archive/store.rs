//! The archive as it is open for writing, and the accounts in it.
//!
//! What this module keeps true: what is written is written in one transaction, wholly or not at all;
//! the accounts are apart.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::fold::FOLD;
use super::schema;
use crate::domain::{Error, Result};

/// Names an account without saying whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountHash([u8; 32]);

impl AccountHash {
    /// The hash of an account of an upstream.
    pub fn new(upstream: &str, account: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(upstream.as_bytes());
        hash.update([0]);
        hash.update(account.as_bytes());
        Self(hash.finalize().into())
    }

    /// The name of the upstream of [`AccountHash::unassigned`].
    pub const UNASSIGNED: &str = "imported";

    /// The account of chats that were imported before there was another one.
    pub fn unassigned() -> Self {
        Self::new(Self::UNASSIGNED, "")
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The archive, open for writing.
pub struct Archive {
    path: PathBuf,
    connection: Connection,
}

/// An account in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub(super) n: i64,
    /// When all of its chats were last listed, in seconds since 1970.
    pub full_walk_at: Option<i64>,
    /// The newest change that the last list had.
    pub newest_at: Option<i64>,
    /// The upstream must not be asked before.
    pub not_before: Option<i64>,
}

impl Archive {
    /// Opens the archive; creates it if it does not exist.
    ///
    /// # Errors
    /// If it cannot be used: another program's, of a newer version, damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = schema::open(path)?;
        let mut archive = Self { path: path.to_owned(), connection };
        archive.change(|change| {
            change.execute("INSERT OR IGNORE INTO meta VALUES ('fold', ?1)", [FOLD])
        })?;
        Ok(archive)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn change<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let run = || {
            let change =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&change)?;
            change.commit().map(|()| result)
        };
        run().map_err(|fault| schema::fault_of(&self.path, &fault))
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        work(&self.connection).map_err(|fault| schema::fault_of(&self.path, &fault))
    }

    /// The accounts in the archive: all of them, or the one with this hash.
    ///
    /// # Errors
    /// Those of the file.
    pub fn accounts(&self, hash: Option<&AccountHash>) -> Result<Vec<Account>> {
        self.read(|connection| {
            let mut find =
                connection.prepare(&format!("{ACCOUNT} WHERE ?1 IS NULL OR hash = ?1"))?;
            find.query_map([hash.map(AccountHash::bytes)], account_of)?.collect()
        })
    }

    /// The account, which is added if the archive does not have it.
    ///
    /// # Errors
    /// Those of the file.
    pub fn account(&mut self, hash: &AccountHash, upstream: &str, now: i64) -> Result<Account> {
        self.change(|change| {
            let added = change.execute(
                "INSERT OR IGNORE INTO accounts (hash, upstream, made_at) VALUES (?1, ?2, ?3)",
                params![hash.bytes(), upstream, now],
            )?;
            if added > 0 {
                adopt(change, change.last_insert_rowid())?;
            }
            change.query_row(&format!("{ACCOUNT} WHERE hash = ?1"), [hash.bytes()], account_of)
        })
    }

    /// The only account; `None` if there is none.
    ///
    /// # Errors
    /// Those of the file; [`crate::domain::ErrorKind::InvalidRequest`] if there are several.
    pub fn only_account(&self) -> Result<Option<Account>> {
        let mut found = self.accounts(None)?;
        let only = found.pop();
        if found.is_empty() {
            return Ok(only);
        }
        let count = found.len() + 1;
        let message = format!("the archive has {count} accounts, and no token names one");
        Err(Error::invalid(message).with_hint("name one with `--account`"))
    }
}

/// Gives the chats that were imported before there was an account to the first one.
fn adopt(change: &Transaction<'_>, account: i64) -> rusqlite::Result<()> {
    let unassigned = AccountHash::unassigned();
    let sql = "UPDATE chats SET account = ?1
        WHERE account IN (SELECT n FROM accounts WHERE hash = ?2 AND n <> ?1)";
    change.execute(sql, params![account, unassigned.bytes()])?;
    let sql = "DELETE FROM accounts WHERE hash = ?2 AND n <> ?1";
    change.execute(sql, params![account, unassigned.bytes()])?;
    Ok(())
}

/// The number of the account that restricts the rows of a query; `None` if its rows are all there are.
pub(super) fn restricting_account(
    connection: &Connection,
    hash: Option<&AccountHash>,
) -> rusqlite::Result<Option<i64>> {
    let Some(hash) = hash else { return Ok(None) };
    let others = "SELECT count(*) FROM accounts WHERE hash <> ?1";
    if connection.query_row(others, [hash.bytes()], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(None);
    }
    let sql = "SELECT n FROM accounts WHERE hash = ?1";
    let found = connection.query_row(sql, [hash.bytes()], |row| row.get(0)).optional()?;
    // An account that is not here has nothing.
    Ok(found.or(Some(-1)))
}

const ACCOUNT: &str = "SELECT n, full_walk_at, newest_at, not_before FROM accounts";

fn account_of(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        n: row.get(0)?,
        full_walk_at: row.get(1)?,
        newest_at: row.get(2)?,
        not_before: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::samples::{chat, id, new};
    use super::*;

    #[test]
    fn accounts_and_upstreams_are_apart() {
        let (_directory, mut archive, mine) = new();
        let other = AccountHash::new("https://chat.qwen.ai", "me");
        let other = archive.account(&other, "https://chat.qwen.ai", 1).expect("added");
        archive.store(mine, &chat("c1", "t", &[]), b"1", 7).expect("stored");
        assert!(archive.chat(other, &id("c1")).expect("readable").is_none());
        assert_eq!(archive.unseen(other, &HashSet::new()).expect("read"), (Vec::new(), 0));
        assert_ne!(AccountHash::new("a", "bc"), AccountHash::new("ab", "c"));
    }
}
