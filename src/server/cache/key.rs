//! Names of entries.

use sha2::{Digest as _, Sha256};

use crate::domain::AccessToken;
use crate::server::shared::EntryKey;

/// The name of what is found with `token` and `parts`, in a generation of its account.
pub(super) fn key(kind: &str, token: &AccessToken, generation: u64, parts: &[&str]) -> EntryKey {
    let mut hash = Sha256::new();
    for part in [kind, token.expose()].iter().chain(parts) {
        // With its length, so that no two lists of parts look the same.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(generation.to_le_bytes());
    EntryKey(hash.finalize().into())
}
