//! Uploaded files, remembered across runs in a file of the data directory.
//!
//! What this module keeps true: the file is private, small and replaced atomically under a lock; its keys
//! are hashes; a fault of it costs another upload, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::paths::Paths;
use super::private_file::{Contents, PrivateFile};
use crate::domain::{ErrorKind, Result, UploadStore, UploadedFile};

const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Maximum number of files.
const MAX_FILES: usize = 200;
/// How long a file is remembered, in seconds (protocol 10.6).
const REUSE: i64 = 6 * 3600;

static CONTENTS: Contents = Contents {
    name: "uploads",
    things: "uploads",
    writer: "qwenctl quick",
    instead: "name another place with QWENCTL_DATA_DIR",
    kind: ErrorKind::InvalidRequest,
    is_mended: true,
};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    uploads: BTreeMap<String, UploadedFile>,
}

/// The file of uploads.
#[derive(Debug)]
struct UploadFile(PrivateFile);

impl Paths {
    /// The store of uploaded files, in the data directory; `None` without one.
    pub fn uploads(&self) -> Option<Box<dyn UploadStore>> {
        let path = self.data_dir().ok()?.join("uploads.json");
        Some(Box::new(UploadFile(PrivateFile::new(path, &CONTENTS))))
    }
}

impl UploadFile {
    fn read(&self) -> BTreeMap<String, UploadedFile> {
        let text = self.0.read().ok().flatten().unwrap_or_default();
        serde_json::from_str::<Document>(&text).unwrap_or_default().uploads
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, UploadedFile>)) -> Result<()> {
        let _lock = self.0.lock(LOCK_WAIT)?;
        let mut uploads = self.read();
        change(&mut uploads);
        let text = serde_json::to_string(&Document { version: 1, uploads }).unwrap_or_default();
        self.0.reserve(0)?.replace(&text)
    }
}

fn is_fresh(file: &UploadedFile, now: i64) -> bool {
    (-60..REUSE).contains(&now.saturating_sub(file.uploaded_at))
}

impl UploadStore for UploadFile {
    fn get(&self, key: &str, now: i64) -> Option<UploadedFile> {
        self.read().remove(key).filter(|file| is_fresh(file, now))
    }

    fn put(&self, key: &str, file: &UploadedFile, now: i64) {
        // Without it the file is uploaded again.
        let _ = self.change(|uploads| {
            uploads.retain(|_, known| is_fresh(known, now));
            while uploads.len() >= MAX_FILES {
                let oldest = uploads.iter().min_by_key(|(_, known)| known.uploaded_at);
                let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
                uploads.remove(&oldest);
            }
            uploads.insert(key.to_owned(), file.clone());
        });
    }

    fn remove(&self, key: &str) {
        let _ = self.change(|uploads| drop(uploads.remove(key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FileKind;

    #[test]
    fn uploads_are_remembered_for_some_hours() {
        let directory = tempfile::tempdir().expect("a directory");
        let paths = Paths::default().with_data_dir(Some(directory.path().to_owned()));
        let store = paths.uploads().expect("a store");
        let now = 1_800_000_000;
        let file = UploadedFile {
            id: "F1".to_owned(),
            url: "https://x".to_owned(),
            owner: "u".to_owned(),
            name: "a.png".to_owned(),
            media_type: "image/png".to_owned(),
            size: 1,
            kind: FileKind::Image,
            is_pasted: false,
            uploaded_at: now,
            is_reused: false,
        };
        store.put("k", &file, now);
        let again = paths.uploads().expect("a store");
        assert_eq!(again.get("k", now + REUSE - 1), Some(file));
        assert_eq!(again.get("k", now + REUSE), None);
        assert_eq!(again.get("other", now), None);
        again.remove("k");
        assert_eq!(store.get("k", now), None);
        std::fs::write(directory.path().join("uploads.json"), "damaged").expect("written");
        assert_eq!(store.get("k", now), None);
    }
}
