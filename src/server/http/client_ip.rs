//! The address of the client, also behind trusted proxies.
//!
//! Each proxy appends the address of its client to `X-Forwarded-For` or `Forwarded` (RFC 7239); earlier
//! entries may be forged. So the client is the last entry that is not a trusted proxy. A proxy writes one of
//! the two headers and may pass on a forged one of the other: if they disagree, both are ignored.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client. `proxies` are trusted.
pub(crate) fn client(peer: SocketAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = peer.ip().to_canonical();
    let is_proxy = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_proxy(&peer) {
        return peer;
    }
    let old = headers
        .contains_key(X_FORWARDED_FOR)
        .then(|| last_untrusted(list(headers, &X_FORWARDED_FOR).map(address), is_proxy));
    let new = headers
        .contains_key(FORWARDED)
        .then(|| last_untrusted(list(headers, &FORWARDED).map(forwarded_for), is_proxy));
    match (old, new) {
        (Some(one), Some(other)) if one != other => peer,
        (one, other) => one.or(other).flatten().unwrap_or(peer),
    }
}

/// The last entry that is not a trusted proxy; `None` if it is not an address.
fn last_untrusted(
    hops: impl DoubleEndedIterator<Item = Option<IpAddr>>,
    is_proxy: impl Fn(&IpAddr) -> bool,
) -> Option<IpAddr> {
    hops.rev().find(|hop| !hop.as_ref().is_some_and(&is_proxy)).flatten()
}

/// The members of a list in one or more headers.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = &'a str> {
    let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    let values: Vec<&str> = values.collect();
    values.into_iter().flat_map(|value| value.split(','))
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let whole = text.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    whole.or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

/// `for="[2001:db8::1]:80";proto=https`
fn forwarded_for(member: &str) -> Option<IpAddr> {
    let mut pairs = member.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let proxies = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"];
        let proxies = proxies.map(|network| network.parse().expect("a network"));
        let peer = SocketAddr::new(peer.parse().expect("an address"), 1);
        client(peer, &map, &proxies).to_string()
    }

    const XFF: &str = "x-forwarded-for";

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("192.0.2.9", &[(XFF, "203.0.113.1")]), "192.0.2.9");
        assert_eq!(seen("127.0.0.1", &[(XFF, "203.0.113.1")]), "203.0.113.1");
        assert_eq!(seen("::ffff:127.0.0.1", &[(XFF, "203.0.113.1")]), "203.0.113.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn the_last_hop_that_is_not_a_proxy_counts_and_not_what_a_client_made_up() {
        for (value, expected) in [
            ("6.6.6.6, 203.0.113.1", "203.0.113.1"),
            ("6.6.6.6, 203.0.113.1, 10.1.2.3", "203.0.113.1"),
            ("10.0.0.1, 10.0.0.2", "127.0.0.1"),
            ("203.0.113.1, nonsense", "127.0.0.1"),
            ("203.0.113.1,", "127.0.0.1"),
            ("", "127.0.0.1"),
            ("203.0.113.1:4711", "203.0.113.1"),
            ("[2001:db8::7]:1", "2001:db8::7"),
            ("::ffff:203.0.113.1", "203.0.113.1"),
        ] {
            assert_eq!(seen("127.0.0.1", &[(XFF, value)]), expected, "{value}");
        }
        assert_eq!(seen("127.0.0.1", &[(XFF, "6.6.6.6"), (XFF, "203.0.113.1")]), "203.0.113.1");
    }

    #[test]
    fn forwarded_is_read_too() {
        for (value, expected) in [
            ("for=203.0.113.1", "203.0.113.1"),
            ("for=6.6.6.6, For=\"[2001:db8::7]:80\";proto=https;by=10.0.0.1", "2001:db8::7"),
            ("proto=https;for=203.0.113.1, for=10.0.0.9", "203.0.113.1"),
            ("for=unknown", "127.0.0.1"),
            ("for=_hidden", "127.0.0.1"),
        ] {
            assert_eq!(seen("127.0.0.1", &[("forwarded", value)]), expected, "{value}");
        }
    }

    #[test]
    fn headers_that_disagree_are_ignored() {
        let forged = ("forwarded", "for=6.6.6.6");
        assert_eq!(seen("127.0.0.1", &[(XFF, "203.0.113.1"), forged]), "127.0.0.1");
        let same = ("forwarded", "for=203.0.113.1");
        assert_eq!(seen("127.0.0.1", &[(XFF, "203.0.113.1"), same]), "203.0.113.1");
    }
}
