//! The archive: a local copy of the account's chats that can be searched without a network.
//!
//! It is one `SQLite` file that only its owner can read; it is not encrypted. The upstream's own JSON
//! of each chat is kept, and everything else can be made from it again. All calls block.

pub mod export;
pub mod fold;
pub mod import;
mod index;
pub mod query;
pub mod queue;
mod raw;
pub mod read;
pub mod record;
#[cfg(test)]
mod samples;
mod schema;
pub mod search;
pub mod stats;
pub mod store;
pub mod trash;
pub mod upkeep;
mod write;
