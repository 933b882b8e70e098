//! Chats that are made for one answer and deleted after it, also if the process is killed meanwhile.
//!
//! Each of them stands in a journal on disk from before it is made until after it is deleted, and has
//! a title by which it can be found even if its id never reached us. What a dead process left in its
//! journal is deleted by [`Journal::sweep`] at the next start. The journal holds no prompts, no
//! answers and no tokens: only a hash of the account, a time and an id.

mod journal;
mod sweep;

pub(crate) use journal::{Entry, Journal};
pub(crate) use sweep::Swept;

/// The beginning of the titles of such chats.
const MARK: &str = "qwenctl-ephemeral-";

/// Whether a chat with this title is one that is about to be deleted.
pub(crate) fn is_mark(title: &str) -> bool {
    title.strip_prefix(MARK).is_some_and(|rest| uuid::Uuid::try_parse(rest).is_ok())
}

/// A title that no other chat has.
fn new_mark() -> String {
    format!("{MARK}{}", uuid::Uuid::new_v4())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_name_so_is_a_mark() {
        assert!(is_mark(&new_mark()));
        for title in ["", "New Chat", MARK, "qwenctl-ephemeral-notes", &new_mark()[1..]] {
            assert!(!is_mark(title), "{title}");
        }
    }
}
