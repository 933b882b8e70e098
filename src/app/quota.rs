//! Used-up quotas: a prompt that the service would refuse is refused here, before any request.

use std::sync::Arc;
use std::time::Duration;

use super::ephemeral::account_hash;
use crate::client::Session;
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::settings::{QuotaStore, SpentQuota};

use super::token::in_words;

/// The kind of the quota of prompts.
const PROMPT: &str = "prompt";

/// The used-up quotas of all accounts of one upstream.
#[derive(Clone)]
pub struct Quotas {
    store: QuotaStore,
    /// The name of the upstream; part of the hash of an account.
    upstream: String,
    /// What to do about a refusal.
    advice: &'static str,
    /// Receives faults of the store, which stop no prompt.
    report: Arc<dyn Fn(&Error) + Send + Sync>,
}

impl Quotas {
    /// The quotas in `store`, of the upstream that is known as `upstream`.
    pub fn new(
        store: QuotaStore,
        upstream: &str,
        advice: &'static str,
        report: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Self {
        Self { store, upstream: upstream.to_owned(), advice, report: Arc::new(report) }
    }

    /// What is used up of the account of `session`.
    pub(crate) fn list(&self, session: &Session) -> Vec<SpentQuota> {
        let account = account_hash(&self.upstream, session);
        let mut quotas = self.or_report(self.store.list(now())).unwrap_or_default();
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
                    None => target.is_some_and(|target| {
                        quota.targets.iter().any(|known| known.starts_with(target))
                    }),
                }
        };
        let found = self.list(session).into_iter().find(applies);
        let left = found.as_ref().and_then(|quota| quota.seconds_left(now()));
        let (Some(quota), Some(left)) = (found, left) else { return Ok(()) };
        let words = in_words(left);
        let message = format!("{} (`{}`; {words} left)", quota.message, quota.model);
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
        self.change(move |store| store.add(quota, now)).await;
    }

    /// Forgets a refusal: `model` answers again.
    pub(crate) async fn clear(&self, session: &Session, model: &str) {
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
        result.inspect_err(|error| (self.report)(error)).ok()
    }
}
