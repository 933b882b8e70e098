//! Counters of the rate limits, in memory.
//!
//! Their number is bounded. A client with very many addresses can fill the table, so the one to remove is,
//! of a few counters picked at random, the one with the smallest share used: an expired one, or one of a
//! client seen once. A used-up limit stays used up, unless as many other subjects have used up theirs.
//! Keys and accounts have a table of their own, which a flood of addresses cannot fill.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use indexmap::IndexMap;
use parking_lot::Mutex;

use crate::domain::{RateLimit, Result};
use crate::server::shared::{Counters, Standing, Subject, Tally, Window};

/// The most counters in a table: about 10 MiB.
const MAX_COUNTERS: usize = 1 << 16;
/// How many counters are compared to find one to remove.
const SAMPLES: usize = 8;

/// The counters by address, and by key or account.
#[derive(Default)]
pub(crate) struct MemoryCounters {
    addresses: Mutex<Table>,
    known: Mutex<Table>,
}

#[derive(Default)]
struct Table(IndexMap<(Subject, Tally), Vec<Counter>>);

/// The use of a limit in one window.
#[derive(Debug, Clone, Copy)]
struct Counter {
    limit: RateLimit,
    used: u32,
    began: Instant,
}

impl Counters for MemoryCounters {
    fn take<'a>(
        &'a self,
        who: &'a Subject,
        what: Tally,
        limits: &'a [RateLimit],
        now: Instant,
    ) -> BoxFuture<'a, Result<Standing>> {
        let table = match who {
            Subject::Address(_) => &self.addresses,
            Subject::Key(_) | Subject::Account(_) => &self.known,
        };
        let standing = table.lock().take((who.clone(), what), limits, now);
        ready(Ok(standing)).boxed()
    }
}

impl Table {
    fn take(&mut self, key: (Subject, Tally), limits: &[RateLimit], now: Instant) -> Standing {
        if self.0.len() >= MAX_COUNTERS && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let counters = self.0.entry(key).or_default();
        renew(counters, limits, now);
        let allowed = counters.iter().all(|counter| counter.used < counter.limit.count());
        for counter in counters.iter_mut().filter(|_| allowed) {
            counter.used += 1;
        }
        Standing { allowed, windows: counters.iter().map(|counter| counter.window(now)).collect() }
    }

    fn make_room(&mut self, now: Instant) {
        let share = |at: usize| {
            let counters = self.0.get_index(at).map(|(_, counters)| counters.iter());
            counters.into_iter().flatten().map(|counter| counter.share(now)).fold(0.0, f64::max)
        };
        let picked = (0..SAMPLES).map(|_| fastrand::usize(..self.0.len()));
        let least = picked
            .map(|at| (share(at), at))
            .min_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal));
        if let Some((_, at)) = least {
            self.0.swap_remove_index(at);
        }
    }
}

/// One counter for each limit: the existing one, unless its window has ended.
fn renew(counters: &mut Vec<Counter>, limits: &[RateLimit], now: Instant) {
    let fresh = |limit: &RateLimit| {
        let running = counters.iter().find(|old| old.limit == *limit && !old.left(now).is_zero());
        running.copied().unwrap_or(Counter { limit: *limit, used: 0, began: now })
    };
    *counters = limits.iter().map(fresh).collect();
}

impl Counter {
    fn left(&self, now: Instant) -> Duration {
        self.limit.window().saturating_sub(now.saturating_duration_since(self.began))
    }

    /// The used share of the limit, from 0 to 1.
    fn share(&self, now: Instant) -> f64 {
        if self.left(now).is_zero() {
            return 0.0;
        }
        f64::from(self.used) / f64::from(self.limit.count())
    }

    fn window(&self, now: Instant) -> Window {
        Window {
            limit: self.limit,
            remaining: self.limit.count().saturating_sub(self.used),
            resets_in: self.left(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn limits(texts: &[&str]) -> Vec<RateLimit> {
        texts.iter().map(|text| text.parse().expect("a limit")).collect()
    }

    fn address(number: u32) -> Subject {
        Subject::Address(IpAddr::V4(Ipv4Addr::from(number)))
    }

    fn take(
        counts: &MemoryCounters,
        who: &Subject,
        limits: &[RateLimit],
        now: Instant,
    ) -> Standing {
        let taken = counts.take(who, Tally::Requests, limits, now);
        taken.now_or_never().expect("at once").expect("an answer")
    }

    #[test]
    fn exactly_the_limit_is_allowed_in_each_window() {
        let (counts, start) = (MemoryCounters::default(), Instant::now());
        let limits = limits(&["10 per minute"]);
        for window in 0..3 {
            let allowed = (0..60)
                .filter(|second| {
                    let now = start + Duration::from_secs(window * 60 + second);
                    take(&counts, &address(1), &limits, now).allowed
                })
                .count();
            assert_eq!(allowed, 10, "window {window}");
        }
    }

    #[test]
    fn a_refusal_reports_the_time_to_wait() {
        let (counts, start) = (MemoryCounters::default(), Instant::now());
        let limits = limits(&["1 per minute"]);
        assert!(take(&counts, &address(1), &limits, start).allowed);
        let refused = take(&counts, &address(1), &limits, start + Duration::from_secs(13));
        let window = refused.windows[0];
        assert!(!refused.allowed);
        assert_eq!((window.remaining, window.resets_in), (0, Duration::from_secs(47)));
        let then = start + Duration::from_secs(13) + window.resets_in;
        assert!(take(&counts, &address(1), &limits, then).allowed, "the reported time is right");
    }

    #[test]
    fn a_refused_use_is_not_counted_by_other_limits() {
        let (counts, start) = (MemoryCounters::default(), Instant::now());
        let limits = limits(&["3 per minute", "5 per day"]);
        let allowed =
            |now| (0..50).filter(|_| take(&counts, &address(1), &limits, now).allowed).count();
        assert_eq!(allowed(start), 3);
        assert_eq!(allowed(start + Duration::from_mins(1)), 2);
        assert_eq!(allowed(start + Duration::from_mins(2)), 0);
        assert_eq!(allowed(start + Duration::from_hours(24)), 3);
    }

    #[test]
    fn subjects_and_tallies_are_counted_separately() {
        let (counts, now) = (MemoryCounters::default(), Instant::now());
        let limits = limits(&["1 per day"]);
        for who in
            [address(1), address(2), Subject::Key("1".to_owned()), Subject::Account("1".to_owned())]
        {
            for what in [Tally::Requests, Tally::Prompts, Tally::Logins, Tally::WrongKeys] {
                let take = || counts.take(&who, what, &limits, now).now_or_never();
                let allowed = || take().expect("at once").expect("an answer").allowed;
                assert_eq!((allowed(), allowed()), (true, false), "{who:?} {what:?}");
            }
        }
    }

    #[test]
    fn a_flood_of_addresses_neither_fills_the_memory_nor_resets_a_used_up_limit() {
        let (counts, now) = (MemoryCounters::default(), Instant::now());
        let limits = limits(&["20 per day"]);
        let abusers: Vec<Subject> = (0..100).map(address).collect();
        let key = Subject::Key("k".to_owned());
        for who in abusers.iter().chain([&key]) {
            for _ in 0..20 {
                assert!(take(&counts, who, &limits, now).allowed);
            }
        }
        for number in 0..1_000_000 {
            assert!(take(&counts, &address(1 << 24 | number), &limits, now).allowed);
        }
        assert_eq!(counts.addresses.lock().0.len(), MAX_COUNTERS);
        assert_eq!(counts.known.lock().0.len(), 1);
        for who in abusers.iter().chain([&key]) {
            assert!(!take(&counts, who, &limits, now).allowed, "{who:?} is still refused");
        }
    }
}
