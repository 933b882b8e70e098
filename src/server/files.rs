//! Files that clients have uploaded here and not sent yet.
//!
//! What this module keeps true: a file belongs to the account and the API key that uploaded it; one that
//! no prompt uses is dropped after an hour; their number and their size are limited. They have no names
//! on this machine, so that nothing is left of them whatever happens.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::app::FileSource;
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};

/// How long a file is kept since it was last used.
pub(super) const KEPT: Duration = Duration::from_hours(1);
/// How many files are kept, and how many bytes.
const MAX_FILES: usize = 500;
const MAX_BYTES: u64 = 2 << 30;
/// How many files of one owner.
const MAX_OWN: usize = 100;

/// The kept files, by their ids.
#[derive(Default)]
pub(super) struct Files(Mutex<HashMap<String, Kept>>);

/// A kept file.
#[derive(Clone)]
pub(super) struct Kept {
    /// The file.
    pub file: FileSource,
    /// When it is dropped, in seconds since 1970.
    pub expires_at: i64,
    owner: String,
    until: Instant,
}

impl Files {
    /// Keeps a file and returns its id.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] if there are too many.
    pub(super) fn keep(&self, owner: String, file: FileSource) -> Result<(String, Kept)> {
        let mut files = self.0.lock();
        drop_expired(&mut files);
        let bytes: u64 = files.values().map(|kept| kept.file.size).sum();
        let own = files.values().filter(|kept| kept.owner == owner).count();
        if files.len() >= MAX_FILES || own >= MAX_OWN || bytes + file.size > MAX_BYTES {
            return Err(Error::new(ErrorKind::RateLimited, "too many files wait to be sent")
                .with_hint("send or delete some of them; those that are not used are dropped after an hour")
                .with_retry_after(Some(KEPT)));
        }
        let id = format!("file-{}", uuid::Uuid::new_v4().simple());
        let until = Instant::now() + KEPT;
        let kept = Kept { file, expires_at: expiry(), owner, until };
        files.insert(id.clone(), kept.clone());
        Ok((id, kept))
    }

    /// The file with this id. It is kept for another hour.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub(super) fn get(&self, owner: &str, id: &str) -> Result<Kept> {
        let mut files = self.0.lock();
        drop_expired(&mut files);
        let found = files.get_mut(id).filter(|kept| kept.owner == owner);
        let kept = found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no such file")
                .with_hint("upload it again; files that are not used are dropped after an hour")
        })?;
        (kept.until, kept.expires_at) = (Instant::now() + KEPT, expiry());
        Ok(kept.clone())
    }

    /// Drops what has expired.
    pub(super) fn expire(&self) {
        drop_expired(&mut self.0.lock());
    }
}

fn expiry() -> i64 {
    now().saturating_add(i64::try_from(KEPT.as_secs()).unwrap_or(i64::MAX))
}

fn drop_expired(files: &mut HashMap<String, Kept>) {
    let now = Instant::now();
    files.retain(|_, kept| kept.until > now);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> FileSource {
        FileSource::of_bytes(name, "text".into()).expect("a text")
    }

    #[tokio::test(start_paused = true)]
    async fn unused_files_are_dropped_after_an_hour() {
        let files = Files::default();
        let (used, _) = files.keep("a".to_owned(), file("a.txt")).expect("kept");
        let (unused, _) = files.keep("a".to_owned(), file("b.txt")).expect("kept");
        tokio::time::advance(KEPT / 2).await;
        assert_eq!(files.get("a", &used).expect("there").file.name, "a.txt");
        tokio::time::advance(KEPT / 2).await;
        assert!(files.get("a", &used).is_ok());
        assert_eq!(
            files.get("a", &unused).err().map(|error| error.kind()),
            Some(ErrorKind::NotFound)
        );
    }

    #[tokio::test]
    async fn files_belong_to_their_owner_and_are_limited() {
        let files = Files::default();
        let (id, _) = files.keep("a".to_owned(), file("a.txt")).expect("kept");
        assert!(files.get("a", &id).is_ok() && files.get("b", &id).is_err());
        for _ in 1..MAX_OWN {
            files.keep("a".to_owned(), file("a.txt")).expect("kept");
        }
        let error = files.keep("a".to_owned(), file("a.txt")).err().expect("too many");
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert!(files.keep("b".to_owned(), file("a.txt")).is_ok());
    }
}
