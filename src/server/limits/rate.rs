//! Rate limits: which ones apply to a client, and how they are reported, as `RateLimit-Policy` and
//! `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and past a limit as 429 with `Retry-After`.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::RwLock;

use crate::domain::{ApiKey, Error, ErrorKind, RateLimit, Result};
use crate::server::shared::{Shared, Standing, Subject, Tally};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// Wrong keys from one address. A key has 190 random bits and cannot be guessed; this limit keeps
/// attempts and broken scripts cheap.
const WRONG_KEYS: [RateLimit; 1] = [RateLimit::per_minute(10)];

/// The rate limits of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// Limits for all requests. A key may have its own instead.
    pub requests: Vec<RateLimit>,
    /// Further limits for prompts.
    pub prompts: Vec<RateLimit>,
}

/// The [`Rates`] in force. A reload may replace them; the use of a limit that stays is kept.
#[derive(Debug, Default)]
pub struct CurrentRates(RwLock<Arc<Rates>>);

impl CurrentRates {
    /// Starts with `rates`.
    pub fn new(rates: Rates) -> Self {
        Self(RwLock::new(Arc::new(rates)))
    }

    /// The limits in force.
    pub fn get(&self) -> Arc<Rates> {
        Arc::clone(&self.0.read())
    }

    /// Puts `rates` in force.
    pub fn replace(&self, rates: Rates) {
        *self.0.write() = Arc::new(rates);
    }
}

/// The network of one subscriber: the address, or the first 64 bits of an IPv6 address.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

/// The prefix of the names of limits, what they count, and the limits.
type Tallies<'a> = [(&'static str, Tally, &'a [RateLimit]); 2];

/// The limits for a request with `key`; `is_prompt` says whether it sends a prompt.
pub(crate) fn limits_for<'a>(
    rates: &'a Rates,
    key: Option<&'a ApiKey>,
    is_prompt: bool,
) -> Tallies<'a> {
    let own = key.map(|key| &key.limits).filter(|limits| !limits.is_empty());
    let for_prompts: &[RateLimit] = if is_prompt { &rates.prompts } else { &[] };
    [
        ("", Tally::Requests, own.unwrap_or(&rates.requests).as_slice()),
        ("prompts-", Tally::Prompts, for_prompts),
    ]
}

/// Counts a request of `who` and adds the state of the limits to `headers`.
///
/// # Errors
/// [`ErrorKind::RateLimited`] past a limit.
pub(crate) async fn count(
    shared: &Shared,
    who: &Subject,
    tallies: Tallies<'_>,
    now: Instant,
    headers: &mut HeaderMap,
) -> Result<()> {
    let (mut policy, mut standings) = (String::new(), String::new());
    let mut verdict = Ok(());
    for (prefix, tally, limits) in tallies {
        if limits.is_empty() || verdict.is_err() {
            continue;
        }
        let standing = shared.counters.take(who, tally, limits, now).await?;
        describe(&standing, prefix, &mut policy, &mut standings);
        verdict = too_many(&standing, "too many requests");
    }
    for (name, value) in [(POLICY, policy), (STANDING, standings)] {
        if let Some(value) = Some(value).filter(|value| !value.is_empty()) {
            headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        }
    }
    verdict
}

/// Counts a wrong key of `who`.
///
/// # Errors
/// [`ErrorKind::RateLimited`] past the limit.
pub(crate) async fn count_wrong_key(shared: &Shared, who: &Subject) -> Result<()> {
    let counters = &shared.counters;
    let standing = counters.take(who, Tally::WrongKeys, &WRONG_KEYS, Instant::now()).await?;
    too_many(&standing, "too many wrong API keys came from your address")
}

/// Refuses a use past a limit, with the time of the next one.
///
/// # Errors
/// [`ErrorKind::RateLimited`].
pub(crate) fn too_many(standing: &Standing, what: &str) -> Result<()> {
    if standing.allowed {
        return Ok(());
    }
    let used_up = standing.windows.iter().filter(|window| window.remaining == 0);
    let Some(last) = used_up.max_by_key(|window| window.resets_in) else { return Ok(()) };
    let message = format!("{what}: {} are allowed", last.limit);
    Err(Error::new(ErrorKind::RateLimited, message)
        .with_hint("wait for the time in `Retry-After`")
        .with_retry_after(Some(last.resets_in)))
}

fn describe(standing: &Standing, prefix: &str, policy: &mut String, standings: &mut String) {
    for window in &standing.windows {
        let (count, unit) = (window.limit.count(), window.limit.unit());
        let comma = if policy.is_empty() { "" } else { ", " };
        let seconds = window.limit.window().as_secs();
        let _ = write!(policy, "{comma}\"{prefix}{unit}\";q={count};w={seconds}");
        let (left, resets_in) = (window.remaining, whole_seconds(window.resets_in));
        let _ = write!(standings, "{comma}\"{prefix}{unit}\";r={left};t={resets_in}");
    }
}

/// Rounded up, because a retry before the end of the window fails.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::shared::Window;

    #[test]
    fn a_network_is_an_ipv4_address_or_64_bits_of_an_ipv6_address() {
        let network = |text: &str| network_of(text.parse().expect("an address")).to_string();
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::"), network("2001:db8:1:2:ffff::1"));
    }

    #[test]
    fn headers_and_errors_follow_the_draft() {
        let window = |text: &str, remaining, millis| Window {
            limit: text.parse().expect("a limit"),
            remaining,
            resets_in: Duration::from_millis(millis),
        };
        let windows =
            vec![window("10 per minute", 0, 26_001), window("100 per day", 3, 80_000_000)];
        let standing = Standing { allowed: false, windows };
        let (mut policy, mut standings) = (String::new(), String::new());
        describe(&standing, "", &mut policy, &mut standings);
        assert_eq!(policy, "\"minute\";q=10;w=60, \"day\";q=100;w=86400");
        assert_eq!(standings, "\"minute\";r=0;t=27, \"day\";r=3;t=80000");
        let error = too_many(&standing, "too many requests").expect_err("refused");
        assert_eq!(error.retry_after(), Some(Duration::from_millis(26_001)));
        assert!(error.message().contains("10 per minute"), "{error}");
    }
}
