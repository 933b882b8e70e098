//! Used-up quotas: a prompt that the service would refuse is refused here, before any request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::ephemeral::account_hash;
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::settings::{QuotaStore, SpentQuota};

use super::chats::ChatRef;
use super::token::in_words;

/// The kind of the quota of prompts.
const PROMPT: &str = "prompt";
/// The target of a prompt to the most recent chat.
pub(crate) const RECENT: &str = "recent";
const DAY: i64 = 24 * 3600;

/// The used-up quotas of all accounts of one upstream.
#[derive(Clone)]
pub struct Quotas {
    store: QuotaStore,
    /// The name of the upstream; part of the hash of an account.
    upstream: String,
    /// What to do about a refusal.
    advice: &'static str,
    /// Receives the first fault of the store, which stops no prompt.
    report: Arc<dyn Fn(&Error) + Send + Sync>,
    has_reported: Arc<AtomicBool>,
    /// Whether there may be entries of any account.
    may_have_any: Arc<AtomicBool>,
}

impl Quotas {
    /// The quotas in `store`, of the upstream that is known as `upstream`.
    pub fn new(
        store: QuotaStore,
        upstream: &str,
        advice: &'static str,
        report: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Self {
        let may_have_any = Arc::new(AtomicBool::new(true));
        Self {
            store,
            upstream: upstream.to_owned(),
            advice,
            report: Arc::new(report),
            has_reported: Arc::default(),
            may_have_any,
        }
    }

    /// What is used up of the account of `session`.
    pub(crate) fn list(&self, session: &Session) -> Vec<SpentQuota> {
        let account = account_hash(&self.upstream, session);
        let mut quotas = self.or_report(self.store.list(now())).unwrap_or_default();
        self.may_have_any.store(!quotas.is_empty(), Ordering::Relaxed);
        quotas.retain(|quota| quota.account == account);
        quotas
    }

    /// The refusal of a prompt by `model`, or, without one, of a prompt to `target`.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] with the time that is left.
    pub(crate) fn check(
        &self,
        session: &Session,
        model: Option<&str>,
        target: Option<&str>,
    ) -> Result<()> {
        let applies = |quota: &SpentQuota| {
            quota.kind == PROMPT
                && match model {
                    Some(model) => quota.model == model,
                    None => target.is_some_and(|target| is_target(quota, target)),
                }
        };
        let found = self.list(session).into_iter().find(applies);
        let left = found.as_ref().and_then(|quota| quota.seconds_left(now()));
        let (Some(quota), Some(left)) = (found, left) else { return Ok(()) };
        let about = if quota.is_estimate() { "about " } else { "" };
        let words = in_words(rounded_up(left));
        let message = format!("{} (`{}`; {about}{words} left)", quota.message, quota.model);
        let left = Duration::from_secs(left.unsigned_abs());
        Err(Error::new(ErrorKind::RateLimited, message)
            .with_retry_after(Some(left))
            .with_hint(self.advice))
    }

    /// Remembers the refusal `error` of a prompt by `model`; `target` if the prompt named no model.
    pub(crate) async fn note(
        &self,
        session: &Session,
        model: &str,
        target: Option<String>,
        error: &Error,
    ) {
        let Some(wait) = error.retry_after().filter(|_| error.is_quota()) else { return };
        let now = now();
        let quota = SpentQuota {
            account: account_hash(&self.upstream, session),
            model: model.to_owned(),
            kind: PROMPT.to_owned(),
            at: now,
            wait: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            targets: target.into_iter().collect(),
            message: error.message().to_owned(),
        };
        self.may_have_any.store(true, Ordering::Relaxed);
        self.change(move |store| store.add(quota, now)).await;
    }

    /// Forgets a refusal: `model` answers again.
    pub(crate) async fn clear(&self, session: &Session, model: &str) {
        // The check before the prompt has read the file.
        if !self.may_have_any.load(Ordering::Relaxed) {
            return;
        }
        if !self.list(session).iter().any(|quota| quota.model == model && quota.kind == PROMPT) {
            return;
        }
        let account = account_hash(&self.upstream, session);
        let model = model.to_owned();
        self.change(move |store| store.remove(&account, &model, PROMPT, now())).await;
    }

    async fn change(&self, change: impl FnOnce(&QuotaStore) -> Result<()> + Send + 'static) {
        let store = self.store.clone();
        let changed = tokio::task::spawn_blocking(move || change(&store)).await;
        if let Ok(result) = changed {
            self.or_report(result);
        }
    }

    fn or_report<T>(&self, result: Result<T>) -> Option<T> {
        let report = |error: &Error| {
            if !self.has_reported.swap(true, Ordering::Relaxed) {
                (self.report)(error);
            }
        };
        result.inspect_err(report).ok()
    }
}

/// Whether a prompt to `target` without a model of its own most likely has this quota. Which chat is the
/// most recent one is not known without a request: most likely it is one that was refused.
fn is_target(quota: &SpentQuota, target: &str) -> bool {
    let is_recent = target == RECENT && !quota.targets.is_empty();
    let is_beginning = |known: &String| {
        known == target
            || (target.len() >= ChatRef::SHORTEST && known != RECENT && known.starts_with(target))
    };
    is_recent || quota.targets.iter().any(is_beginning)
}

/// At least as long, in whole units of [`in_words`].
pub(crate) fn rounded_up(seconds: i64) -> i64 {
    let unit = [DAY, 3_600, 60].into_iter().find(|unit| seconds >= *unit).unwrap_or(1);
    seconds.saturating_add(unit - 1) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_rounded_up() {
        for (seconds, words) in [
            (10_799, "3 hours"),
            (10_800, "3 hours"),
            (3_599, "1 hour"),
            (59, "59 seconds"),
            (61, "2 minutes"),
            (86_399, "1 day"),
        ] {
            assert_eq!(in_words(rounded_up(seconds)), words, "{seconds}");
        }
    }

    #[test]
    fn prompt_without_a_model_has_the_quota_of_its_target() {
        let quota = |targets: &[&str]| SpentQuota {
            account: String::new(),
            model: "m".to_owned(),
            kind: PROMPT.to_owned(),
            at: 0,
            wait: DAY,
            targets: targets.iter().map(ToString::to_string).collect(),
            message: String::new(),
        };
        for (targets, target, is) in [
            (&["new"][..], RECENT, true),
            (&["c0ffee-1"], RECENT, true),
            (&["c0ffee-1"], "c0ffee", true),
            (&["c0ffee-1"], "c0ffee-2", false),
            (&[RECENT], "new", false),
            (&[], RECENT, false),
        ] {
            assert_eq!(is_target(&quota(targets), target), is, "{targets:?} {target}");
        }
    }
}
