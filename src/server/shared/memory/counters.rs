//! Counters in memory.
//!
//! Their number is bounded. Somebody with very many addresses can fill the table, so what goes to make
//! room is, of a few counters picked at random, the one with the least in it: one that has ended, or of
//! somebody who was seen once. Who has used up a limit keeps it used up, unless as many others have
//! used up theirs. Keys and accounts have a table of their own, which no flood of addresses can reach.

use std::cmp::Ordering;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use indexmap::IndexMap;

use super::lock;
use crate::domain::{RateLimit, Result};
use crate::server::shared::{Counters, Standing, Subject, Tally, Window};

/// The most counters in a table: about 10 MiB.
const MOST: usize = 1 << 16;
/// How many counters are looked at to find one that can go.
const LOOKED_AT: usize = 8;

/// How often who did what, by address and by key or account.
#[derive(Default)]
pub(crate) struct Counts {
    addresses: Mutex<Table>,
    known: Mutex<Table>,
}

#[derive(Default)]
struct Table(IndexMap<(Subject, Tally), Vec<Counter>>);

/// What was used of a limit since a moment.
#[derive(Debug, Clone, Copy)]
struct Counter {
    limit: RateLimit,
    used: u32,
    began: Instant,
}

impl Counters for Counts {
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
        let standing = lock(table).take((who.clone(), what), limits, now);
        ready(Ok(standing)).boxed()
    }
}

impl Table {
    fn take(&mut self, key: (Subject, Tally), limits: &[RateLimit], now: Instant) -> Standing {
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
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
        let picked = (0..LOOKED_AT).map(|_| fastrand::usize(..self.0.len()));
        let least = picked
            .map(|at| (share(at), at))
            .min_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal));
        if let Some((_, at)) = least {
            self.0.swap_remove_index(at);
        }
    }
}

/// One counter for each limit: what there was of them, if it has not ended.
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

    /// How much of the limit is used up, from 0 to 1.
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

    fn take(counts: &Counts, who: &Subject, limits: &[RateLimit], now: Instant) -> Standing {
        let taken = counts.take(who, Tally::Requests, limits, now);
        taken.now_or_never().expect("at once").expect("an answer")
    }

    #[test]
    fn exactly_as_many_as_the_limit_says_go_through_in_each_window() {
        let (counts, start) = (Counts::default(), Instant::now());
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
    fn it_is_told_how_long_to_wait() {
        let (counts, start) = (Counts::default(), Instant::now());
        let limits = limits(&["1 per minute"]);
        assert!(take(&counts, &address(1), &limits, start).allowed);
        let refused = take(&counts, &address(1), &limits, start + Duration::from_secs(13));
        let window = refused.windows[0];
        assert!(!refused.allowed);
        assert_eq!((window.remaining, window.resets_in), (0, Duration::from_secs(47)));
        let then = start + Duration::from_secs(13) + window.resets_in;
        assert!(take(&counts, &address(1), &limits, then).allowed, "what was told is true");
    }

    #[test]
    fn what_one_limit_refuses_is_not_counted_by_the_others() {
        let (counts, start) = (Counts::default(), Instant::now());
        let limits = limits(&["3 per minute", "5 per day"]);
        let allowed =
            |now| (0..50).filter(|_| take(&counts, &address(1), &limits, now).allowed).count();
        assert_eq!(allowed(start), 3);
        assert_eq!(allowed(start + Duration::from_mins(1)), 2);
        assert_eq!(allowed(start + Duration::from_mins(2)), 0);
        assert_eq!(allowed(start + Duration::from_hours(24)), 3);
    }

    #[test]
    fn people_and_tallies_are_counted_on_their_own() {
        let (counts, now) = (Counts::default(), Instant::now());
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
    fn a_flood_of_addresses_neither_fill_the_memory_nor_wash_out_who_used_up_a_limit() {
        let (counts, now) = (Counts::default(), Instant::now());
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
        assert_eq!(lock(&counts.addresses).0.len(), MOST);
        assert_eq!(lock(&counts.known).0.len(), 1);
        for who in abusers.iter().chain([&key]) {
            assert!(!take(&counts, who, &limits, now).allowed, "{who:?} is still refused");
        }
    }
}
