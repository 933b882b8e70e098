//! How often who did what.
//!
//! A limit counts in windows that begin with the first use. So exactly as many uses as a limit says
//! go through in each window, and it is known to the second when the next one begins; a smoothed rate
//! (GCRA, the "leaky bucket") would let more through in the first window than the limit says.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use crate::domain::{RateLimit, Result};

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The holder of an API key, by the id of the key.
    Key(String),
    /// An account whose token the upstream has accepted.
    Account(String),
    /// A network address: of IPv6 the first 64 bits, which is what a subscriber has for himself.
    Address(IpAddr),
}

/// What is counted; each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Tally {
    /// All requests.
    Requests,
    /// Prompts.
    Prompts,
    /// Attempts to log in.
    Logins,
    /// Keys and session tokens that are not good.
    WrongKeys,
}

/// How a subject stands after a use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether the use was allowed, and counted.
    pub allowed: bool,
    /// One for each limit, in their order.
    pub windows: Vec<Window>,
}

/// How a subject stands with one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The limit.
    pub limit: RateLimit,
    /// Uses that are left.
    pub remaining: u32,
    /// Until there are as many as the limit says again.
    pub resets_in: Duration,
}

/// Counts uses.
pub(crate) trait Counters: Send + Sync {
    /// Counts one use against all of `limits`, or, if one of them is used up, against none.
    ///
    /// # Errors
    /// If what is shared cannot be asked.
    fn take<'a>(
        &'a self,
        who: &'a Subject,
        what: Tally,
        limits: &'a [RateLimit],
        now: Instant,
    ) -> BoxFuture<'a, Result<Standing>>;
}
