//! Names of entries.

use sha2::{Digest as _, Sha256};

use crate::domain::AccessToken;

/// The name of an entry: a hash, so that neither tokens nor prompts lie about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The name of what is found with `token` and `parts`, in a generation of its account.
    pub fn new(kind: &str, token: &AccessToken, generation: u64, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in [kind, token.expose()].iter().chain(parts) {
            // With its length, so that no two lists of parts look the same.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(generation.to_le_bytes());
        Self(hash.finalize().into())
    }
}
