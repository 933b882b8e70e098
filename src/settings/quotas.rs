//! Used-up quotas, remembered across runs in a file of the data directory.
//!
//! What this module keeps true: the file is private and replaced atomically under a lock (see
//! `private_file`); it holds hashes of accounts, never a token or a prompt; it is small, because entries
//! expire and their number and length are limited; a damaged file is reported and replaced, and never
//! stops a prompt.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::paths::Paths;
use super::private_file::{Contents, PrivateFile, no_home};
use crate::domain::{Error, ErrorKind, Result};
use crate::files::Stamp;

const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Maximum number of entries, and of targets of one.
const MAX_ENTRIES: usize = 64;
const MAX_TARGETS: usize = 16;
/// Maximum number of characters of a model and of a message.
const MAX_MODEL: usize = 200;
const MAX_MESSAGE: usize = 400;
/// A day, in seconds.
const DAY: i64 = 24 * 3600;
/// The longest wait, in seconds: no quota renews later.
const MAX_WAIT: i64 = 31 * DAY;
/// How far the clock may be behind that of the refusal, in seconds.
const MAX_SKEW: i64 = 3600;

static CONTENTS: Contents = Contents {
    name: "quotas",
    things: "quotas",
    writer: "qwenctl quick",
    instead: "name another place with QWENCTL_DATA_DIR",
    kind: ErrorKind::InvalidRequest,
    is_mended: true,
};

/// A quota that the service has reported as used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpentQuota {
    /// A hash of the account and its upstream.
    pub account: String,
    /// The model.
    pub model: String,
    /// What it limits: `prompt`.
    pub kind: String,
    /// When the service refused, in seconds since 1970.
    pub at: i64,
    /// How long from then on, in seconds.
    pub wait: i64,
    /// The targets of the refused prompts without a model of their own.
    #[serde(default)]
    pub targets: Vec<String>,
    /// The message of the refusal.
    pub message: String,
}

impl SpentQuota {
    /// Seconds until it renews at `now`; `None` if it has. A clock that was set back far is not trusted.
    pub fn seconds_left(&self, now: i64) -> Option<i64> {
        let elapsed = now.saturating_sub(self.at);
        let left = self.wait.min(MAX_WAIT).saturating_sub(elapsed.max(0));
        (elapsed > -MAX_SKEW && left > 0).then_some(left)
    }

    /// Whether the end is a guess: the service names no time for a quota of a day.
    pub fn is_estimate(&self) -> bool {
        self.wait == DAY
    }

    fn is_same(&self, other: &Self) -> bool {
        (&self.account, &self.model, &self.kind) == (&other.account, &other.model, &other.kind)
    }

    fn shortened(mut self) -> Self {
        for (text, most) in [(&mut self.model, MAX_MODEL), (&mut self.message, MAX_MESSAGE)] {
            if let Some((end, _)) = text.char_indices().nth(most) {
                text.truncate(end);
            }
        }
        self
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    quotas: Vec<SpentQuota>,
}

/// The file of used-up quotas.
#[derive(Debug, Clone)]
pub struct QuotaStore {
    file: Option<PrivateFile>,
    /// What was read last, and from which file.
    known: Arc<Mutex<Option<Known>>>,
}

type Known = (Option<Stamp>, Vec<SpentQuota>);

impl Paths {
    /// The store of used-up quotas, in the data directory.
    pub fn quotas(&self) -> QuotaStore {
        let path = self.data_dir().ok().map(|data| data.join("quotas.json"));
        let file = path.map(|path| PrivateFile::new(path, &CONTENTS));
        QuotaStore { file, known: Arc::default() }
    }
}

impl QuotaStore {
    /// What is used up at `now`.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub fn list(&self, now: i64) -> Result<Vec<SpentQuota>> {
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let stamp = Stamp::of(file.path());
        let mut known = self.known.lock();
        let quotas = match &*known {
            Some((seen, quotas)) if *seen == stamp => quotas,
            _ => {
                *known = None;
                &known.insert((stamp, read(file)?)).1
            }
        };
        let mut quotas = quotas.clone();
        quotas.retain(|quota| quota.seconds_left(now).is_some());
        quotas.truncate(MAX_ENTRIES);
        Ok(quotas)
    }

    /// Adds `quota` at `now`, or extends the entry for the same account, model and kind.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&self, quota: SpentQuota, now: i64) -> Result<()> {
        let mut quota = quota.shortened();
        self.change(now, |quotas| {
            if let Some(at) = quotas.iter().position(|known| known.is_same(&quota)) {
                let known = quotas.remove(at);
                quota.targets.extend(known.targets);
                quota.targets.sort();
                quota.targets.dedup();
                quota.targets.truncate(MAX_TARGETS);
            }
            if quotas.len() >= MAX_ENTRIES {
                quotas.remove(0);
            }
            quotas.push(quota);
        })
    }

    /// Removes the entry for this account, model and kind.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn remove(&self, account: &str, model: &str, kind: &str, now: i64) -> Result<()> {
        self.change(now, |quotas| {
            quotas.retain(|quota| {
                (quota.account.as_str(), quota.model.as_str(), quota.kind.as_str())
                    != (account, model, kind)
            });
        })
    }

    fn change(&self, now: i64, change: impl FnOnce(&mut Vec<SpentQuota>)) -> Result<()> {
        let file = self.file.as_ref().ok_or_else(|| no_home("quotas file", "QWENCTL_DATA_DIR"))?;
        let _lock = file.lock(LOCK_WAIT)?;
        // A damaged file is replaced.
        let mut quotas = self.list(now).unwrap_or_default();
        change(&mut quotas);
        let text = serde_json::to_string(&Document { version: 1, quotas }).unwrap_or_default();
        file.reserve(0)?.replace(&text)
    }
}

fn read(file: &PrivateFile) -> Result<Vec<SpentQuota>> {
    let Some(text) = file.read()? else { return Ok(Vec::new()) };
    let document: Document = serde_json::from_str(&text).map_err(|fault| {
        let shown = file.path().display();
        Error::invalid(format!("the quotas file {shown} is damaged: {fault}"))
    })?;
    Ok(document.quotas)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn store(directory: &Path) -> QuotaStore {
        Paths::default().with_data_dir(Some(directory.to_owned())).quotas()
    }

    fn quota(model: &str, wait: i64) -> SpentQuota {
        SpentQuota {
            account: "a".to_owned(),
            model: model.to_owned(),
            kind: "prompt".to_owned(),
            at: NOW,
            wait,
            targets: vec!["recent".to_owned()],
            message: "used up".to_owned(),
        }
    }

    #[test]
    fn time_left_is_bounded_whatever_the_clock_shows() {
        let quota = quota("m", 3600);
        for (now, left) in [
            (NOW, Some(3600)),
            (NOW + 3599, Some(1)),
            (NOW + 3600, None),
            (i64::MAX, None),
            (NOW - 60, Some(3600)),
            (NOW - 2 * 3600, None),
            (i64::MIN, None),
        ] {
            assert_eq!(quota.seconds_left(now), left, "{now}");
        }
        let endless = SpentQuota { wait: i64::MAX, ..quota };
        assert_eq!(endless.seconds_left(NOW), Some(MAX_WAIT));
    }

    #[test]
    fn entries_are_replaced_removed_and_expire() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(directory.path());
        assert_eq!(store.list(NOW).expect("no file"), []);
        store.add(quota("m", 100), NOW).expect("added");
        store
            .add(SpentQuota { targets: vec!["new".to_owned()], ..quota("m", 200) }, NOW)
            .expect("added");
        store.add(quota("n", 300), NOW).expect("added");
        let models = |now| {
            let quotas = store.list(now).expect("a list");
            quotas.into_iter().map(|quota| (quota.model, quota.targets)).collect::<Vec<_>>()
        };
        let both = vec!["new".to_owned(), "recent".to_owned()];
        let one = vec!["recent".to_owned()];
        assert_eq!(models(NOW), [("m".to_owned(), both), ("n".to_owned(), one.clone())]);
        assert_eq!(models(NOW + 250), [("n".to_owned(), one)]);
        store.remove("a", "n", "prompt", NOW).expect("removed");
        assert_eq!(models(NOW).len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn file_is_private_and_small() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(&directory.path().join("new"));
        for number in 0..200 {
            let message = "x".repeat(10_000);
            let model = format!("{number}{}", "m".repeat(10_000));
            store.add(SpentQuota { message, ..quota(&model, 100) }, NOW).expect("added");
        }
        let metadata = std::fs::metadata(directory.path().join("new/quotas.json")).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert!(metadata.len() < 100_000, "{}", metadata.len());
        assert_eq!(store.list(NOW).expect("a list").len(), MAX_ENTRIES);
    }

    #[cfg(unix)]
    #[test]
    fn file_that_others_can_read_is_mended() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("quotas.json");
        store(directory.path()).add(quota("m", 100), NOW).expect("added");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("set");
        assert_eq!(store(directory.path()).list(NOW).expect("a list").len(), 1);
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn list_is_read_again_only_after_a_change() {
        let directory = tempfile::tempdir().expect("a directory");
        let (one, other) = (store(directory.path()), store(directory.path()));
        other.add(quota("m", 100), NOW).expect("added");
        for _ in 0..2 {
            assert_eq!(one.list(NOW).expect("a list").len(), 1);
        }
        let known = one.known.lock().clone().expect("kept");
        assert_eq!(known.0, Stamp::of(&directory.path().join("quotas.json")));
        other.add(quota("n", 100), NOW).expect("added");
        assert_eq!(one.list(NOW).expect("a list").len(), 2);
        std::fs::remove_file(directory.path().join("quotas.json")).expect("removed");
        assert_eq!(one.list(NOW).expect("a list"), []);
    }

    #[test]
    fn damaged_file_is_an_error_and_is_replaced() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(directory.path());
        store.add(quota("m", 100), NOW).expect("added");
        for damage in ["", "{", "[]", r#"{"version":1,"quotas":[{"account":1}]}"#] {
            std::fs::write(directory.path().join("quotas.json"), damage).expect("written");
            assert!(store.list(NOW).is_err(), "{damage}");
        }
        store.add(quota("n", 100), NOW).expect("added");
        assert_eq!(store.list(NOW).expect("a list").len(), 1);
    }
}
