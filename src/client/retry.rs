//! How often, and after how long, a request is made again.
//!
//! Only requests that change nothing, or the same thing each time, pass here; prompts have rules of
//! their own (protocol 14.2). Three attempts, the waits doubling with jitter; a wait that the
//! upstream names is kept if it is short.

use std::time::Duration;

use super::failure::Failure;

/// Attempts in all.
pub(super) const ATTEMPTS: u32 = 3;
/// The longest wait that is worth it.
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait before attempt `made + 1`; `None` if there shall be none.
pub(super) fn delay(failure: &Failure, made: u32, backoff: Duration) -> Option<Duration> {
    if made >= ATTEMPTS || !failure.is_transient() {
        return None;
    }
    match failure.retry_after {
        Some(wait) if wait > LONGEST => None,
        Some(wait) => Some(wait),
        None => Some(jittered(backoff * 2_u32.pow(made.saturating_sub(1)))),
    }
}

/// Between three quarters and five quarters of `delay`, so that many callers do not march in step.
pub(super) fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(0.75 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::failure::Cause;

    #[test]
    fn waits_grow_and_end() {
        let backoff = Duration::from_secs(4);
        let failure = Failure::new(Cause::Gateway);
        let waits: Vec<_> = (1..=ATTEMPTS).map(|made| delay(&failure, made, backoff)).collect();
        assert!(
            matches!(waits[..], [Some(first), Some(second), None] if first < second),
            "{waits:?}"
        );
        assert_eq!(delay(&Failure::new(Cause::Quota), 1, backoff), None);
        assert_eq!(delay(&Failure::new(Cause::BrowserCheck), 1, backoff), None);
    }

    #[test]
    fn a_wait_that_the_upstream_names_is_kept_if_it_is_short() {
        let named = |seconds| Failure {
            retry_after: Some(Duration::from_secs(seconds)),
            ..Failure::new(Cause::Throttled)
        };
        assert_eq!(delay(&named(2), 1, Duration::ZERO), Some(Duration::from_secs(2)));
        assert_eq!(delay(&named(3600), 1, Duration::ZERO), None);
    }
}
