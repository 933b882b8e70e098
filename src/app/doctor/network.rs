//! Checks that need the network. All requests are concurrent.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::Uri;
use tokio::time::timeout;

use super::{Check, LONGEST};
use crate::client::{Client, Contact, Session};
use crate::domain::{Error, ErrorKind, Result};

/// A clock that differs by more than this, in seconds, misjudges when tokens expire.
const SKEW: i64 = 60;

/// The upstream to check.
pub(crate) struct Upstream<'a> {
    /// Base of the API.
    pub api_url: &'a str,
    /// Whether a proxy resolves names.
    pub has_proxy: bool,
    /// The client.
    pub client: &'a Client,
    /// Acts for the account, if there is one.
    pub session: Option<Session>,
}

/// Resolves the upstream's name, connects, and checks the account. The checks are in this order: name,
/// connection, network, clock, browser check, account, carrier.
pub(crate) async fn reach(upstream: Upstream<'_>) -> Vec<Check> {
    let Upstream { api_url, has_proxy, client, session } = upstream;
    let (dns, contact, account) = tokio::join!(
        dns(api_url, has_proxy),
        within(client.contact()),
        ask_account(session.as_ref()),
    );
    let browser_check = browser_check(&contact, account.as_ref());
    let carrier = carrier(session.as_ref());
    let account = match (&contact, account) {
        // The same failure is reported once.
        (Err(_), Some(Err(_))) => Check::unknown("account", "the upstream could not be reached"),
        (Ok(Contact { refuses_network: true, .. }), Some(Err(_))) => {
            Check::unknown("account", "the service refuses this network; the token is unaffected")
        }
        (Ok(Contact { verdict: Err(first), .. }), Some(Err(error)))
            if is_gateway(first) && is_gateway(&error) =>
        {
            Check::unknown("account", "the upstream did not answer itself")
        }
        (_, account) => judge_account(account),
    };
    let (connection, network) = (connection(&contact), network(&contact));
    let mut checks = vec![dns, connection, network, clock(&contact, now()), browser_check, account];
    checks.extend(carrier);
    checks
}

/// Requests the models of the engine through the local upstream.
pub(crate) async fn engine(url: &str, session: &Session) -> Check {
    const NAME: &str = "engine";
    match within(session.models()).await {
        Ok(models) => {
            let names: Vec<_> = models.iter().take(3).map(|model| model.id.as_str()).collect();
            let count = models.len();
            Check::ok(NAME, format!("{url} has {count} models: {}", names.join(", ")))
        }
        Err(error) => Check::fail(NAME, &error),
    }
}

/// The result of `work`, or a timeout after [`LONGEST`].
async fn within<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(LONGEST, work).await.unwrap_or_else(|_| {
        let message = format!("no answer within {} s", LONGEST.as_secs());
        Err(Error::new(ErrorKind::Timeout, message).with_hint(
            "the network, a proxy or a firewall swallows the request: try `curl -v` with the same URL",
        ))
    })
}

async fn dns(api_url: &str, has_proxy: bool) -> Check {
    const NAME: &str = "dns";
    let uri = api_url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if has_proxy {
        return Check::ok(NAME, format!("the proxy resolves {bare}"));
    }
    if bare.parse::<IpAddr>().is_ok() {
        return Check::ok(NAME, format!("{bare} is an IP address"));
    }
    let looked_up = timeout(LONGEST, tokio::net::lookup_host((bare, 443))).await;
    let addresses: Vec<IpAddr> = match looked_up {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        _ => Vec::new(),
    };
    match addresses.as_slice() {
        [] => {
            let message = format!("cannot resolve `{bare}`");
            let error = Error::new(ErrorKind::UpstreamUnreachable, message).with_hint(
                "check the network connection, the name server, and QWEN_API_URL if you set it",
            );
            Check::fail(NAME, &error)
        }
        [only] => Check::ok(NAME, format!("{bare} is {only}")),
        [first, more @ ..] => {
            Check::ok(NAME, format!("{bare} is {first} (and {} more)", more.len()))
        }
    }
}

fn connection(contact: &Result<Contact>) -> Check {
    const NAME: &str = "connection";
    match contact {
        Err(error) => {
            let check = Check::fail(NAME, error);
            let hint =
                "check proxy, firewall and `--ca-file`; `curl -v` with the same URL shows more";
            if check.hint.is_some() { check } else { check.with_hint(hint) }
        }
        Ok(Contact { took, verdict: Err(error), refuses_network: false, .. })
            if is_gateway(error) =>
        {
            Check::fail(NAME, error).with_hint(format!(
                "a gateway answered after {} instead of the upstream; try again later",
                milliseconds(*took)
            ))
        }
        Ok(contact) => Check::ok(NAME, format!("answered after {}", milliseconds(contact.took))),
    }
}

/// Whether the service accepts requests from this network (update 1.4).
fn network(contact: &Result<Contact>) -> Check {
    const NAME: &str = "network";
    match contact {
        Err(_) => Check::unknown(NAME, "the upstream could not be reached"),
        Ok(Contact { refuses_network: true, .. }) => {
            let error =
                Error::new(ErrorKind::UpstreamUnreachable, "the service refuses this network");
            Check::fail(
                NAME,
                &error.with_hint("the token is unaffected; use another network, VPN or proxy"),
            )
        }
        Ok(_) => Check::ok(NAME, "not refused"),
    }
}

/// How requests carry the token.
fn carrier(session: Option<&Session>) -> Option<Check> {
    Some(Check::ok("carrier", format!("the token is sent as {}", session?.carrier().about())))
}

fn is_gateway(error: &Error) -> bool {
    error.kind() == ErrorKind::UpstreamUnreachable
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

fn clock(contact: &Result<Contact>, now: i64) -> Check {
    const NAME: &str = "clock";
    let Ok(contact) = contact else {
        return Check::unknown(NAME, "the upstream could not be reached");
    };
    let Some(theirs) = contact.time else {
        return Check::unknown(NAME, "the upstream sends no date");
    };
    match now.saturating_sub(theirs) {
        ahead if ahead.abs() <= SKEW => Check::ok(NAME, "in sync with the upstream"),
        ahead => {
            let direction = if ahead > 0 { "ahead of" } else { "behind" };
            let message = format!("{} s {direction} the upstream", ahead.abs());
            Check::warn(NAME, message).with_hint(
                "set the clock (`timedatectl set-ntp true`): tokens seem to expire too early or too late",
            )
        }
    }
}

fn browser_check(contact: &Result<Contact>, account: Option<&Result<bool>>) -> Check {
    const NAME: &str = "browser_check";
    let asked = [
        contact.as_ref().ok().and_then(|contact| contact.verdict.as_ref().err()),
        account.and_then(|answer| answer.as_ref().err()),
    ];
    let asked = asked.into_iter().flatten().find(|error| error.kind() == ErrorKind::BrowserCheck);
    match (asked, contact) {
        (Some(error), _) => Check::fail(NAME, error),
        (None, Ok(_)) => Check::ok(NAME, "not required"),
        (None, Err(_)) => Check::unknown(NAME, "the upstream could not be reached"),
    }
}

async fn ask_account(session: Option<&Session>) -> Option<Result<bool>> {
    Some(within(session?.is_signed_in()).await)
}

fn judge_account(answer: Option<Result<bool>>) -> Check {
    const NAME: &str = "account";
    match answer {
        None => Check::unknown(NAME, "there is no valid token"),
        Some(Ok(true)) => Check::ok(NAME, "signed in"),
        Some(Ok(false)) => {
            let error = Error::new(ErrorKind::TokenInvalid, "the upstream does not accept the token")
                .with_hint(
                    "sign in at https://chat.qwen.ai again and store the new token with `qwenctl token set`",
                );
            Check::fail(NAME, &error)
        }
        Some(Err(error)) if error.kind() == ErrorKind::BrowserCheck => {
            Check::unknown(NAME, "the upstream requires a browser check")
        }
        Some(Err(error)) => Check::fail(NAME, &error),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn clock_of(time: Option<i64>, now: i64) -> Check {
        let took = Duration::from_millis(5);
        clock(&Ok(Contact { took, time, verdict: Ok(()), refuses_network: false }), now)
    }

    #[test]
    fn a_clock_may_differ_by_a_minute() {
        for (now, status) in [
            (1000, Status::Ok),
            (1060, Status::Ok),
            (940, Status::Ok),
            (1061, Status::Warn),
            (0, Status::Warn),
        ] {
            assert_eq!(clock_of(Some(1000), now).status, status, "{now}");
        }
        assert!(clock_of(Some(1000), 1500).message.starts_with("500 s ahead"));
        assert!(clock_of(Some(1000), 500).message.starts_with("500 s behind"));
        assert_eq!(clock_of(None, 0).status, Status::Warn);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_upstream_times_out() {
        let error = within(std::future::pending::<Result<()>>()).await.expect_err("no answer");
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }
}
