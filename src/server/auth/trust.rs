//! Whose token a request is answered with.
//!
//! A request's own token wins. The server's own token is for trusted callers: programs on this
//! machine, and the server's own page. Neither another machine nor a page of another site may spend
//! it, so a trusted request comes from a loopback address, names this server in `Host` (a foreign
//! name that was made to point here, "DNS rebinding", does not) and has no foreign `Origin`.
//!
//! Two signs more are heeded because they can only take trust away: a request
//! that a proxy passed on for somebody else, and one that a browser marks as caused by another site
//! (plain `GET`s of a page carry no `Origin`).

use std::net::SocketAddr;

use hyper::Uri;
use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::uri::Authority;

use crate::domain::{Error, ErrorKind};
use crate::net::address::is_loopback;

/// What this server is called.
#[derive(Debug, Clone)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The names of a server that listens at `address`, with `more` of the user's.
    pub(crate) fn new(address: SocketAddr, more: &[String]) -> Self {
        let mut names = vec!["localhost".to_owned()];
        if !address.ip().is_unspecified() {
            names.push(address.ip().to_string());
        }
        names.extend(more.iter().map(|name| bare_name(name)));
        Self(names)
    }

    fn contain(&self, authority: &Authority) -> bool {
        let name = bare_name(authority.host());
        let loopback = name.parse().is_ok_and(is_loopback);
        loopback || self.0.contains(&name)
    }
}

/// A host name as it is compared: in lower case, without brackets and final dot.
fn bare_name(name: &str) -> String {
    let name = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    name.to_ascii_lowercase()
}

/// Why a caller may not use the server's own token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// They are on another machine.
    Far,
    /// They call this server by a name that is not its own.
    Host(String),
    /// A page of another origin makes them ask.
    Foreign,
}

/// Decides whether the caller at `peer` may use the server's own token.
///
/// # Errors
/// Why not.
pub(crate) fn trust(
    names: &Names,
    peer: SocketAddr,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Distrust> {
    if !is_loopback(peer.ip()) || was_forwarded(headers) {
        return Err(Distrust::Far);
    }
    let host = host(uri, headers)?;
    if !names.contain(&host) {
        return Err(Distrust::Host(shown(host.as_str())));
    }
    if is_foreign_origin(headers, &host) || is_cross_site(headers) {
        return Err(Distrust::Foreign);
    }
    Ok(())
}

/// A proxy on this machine speaks for callers who may be anywhere.
fn was_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name))
}

/// The one name by which this server is called.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<Authority, Distrust> {
    let unusable = |text: &str| Distrust::Host(shown(text));
    let mut written = headers.get_all(HOST).iter();
    let header = match (written.next(), written.next()) {
        (Some(one), None) => {
            let text = one.to_str().map_err(|_| unusable("?"))?;
            Some(text.parse::<Authority>().map_err(|_| unusable(text))?)
        }
        (None, _) => None,
        (Some(_), Some(_)) => return Err(unusable("(several)")),
    };
    match (uri.authority(), header) {
        (Some(target), Some(header)) if *target != header => Err(unusable(header.as_str())),
        (Some(target), _) => Ok(target.clone()),
        (None, Some(header)) => Ok(header),
        (None, None) => Err(unusable("(none)")),
    }
}

/// Ours is the origin of the page that this server itself serves under the name in `Host`.
fn is_foreign_origin(headers: &HeaderMap, host: &Authority) -> bool {
    headers.get_all(ORIGIN).iter().any(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        !rest.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
    })
}

/// Browsers say whose page caused a request, also where they send no `Origin`.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let sites = headers.get_all("sec-fetch-site");
    sites.iter().any(|site| site == "cross-site" || site == "same-site")
}

/// A name that came from outside, short enough for a message.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

impl Distrust {
    /// The answer to a caller who wants to see how the server works.
    pub(crate) fn into_operating_error(self) -> Error {
        let whose = match self {
            Self::Host(name) => format!("under its own name, not `{name}`"),
            Self::Far => "from its own machine, and not passed on by a proxy".to_owned(),
            Self::Foreign => "not for pages of other origins".to_owned(),
        };
        let message = format!("how this server works is only told to those who ask {whose}");
        Error::new(ErrorKind::Forbidden, message)
            .with_hint("ask from the machine on which it runs, by the name `localhost`")
    }

    /// The answer to a caller without a token of their own.
    pub(crate) fn into_error(self) -> Error {
        let bring = "send your own token, or an API key, as `Authorization: Bearer …`";
        match self {
            Self::Host(name) => Error::new(
                ErrorKind::Forbidden,
                format!("this server is not called `{name}`, so its own token is not used"),
            )
            .with_hint(format!(
                "start it with `--allow-host {}` if it is, or {bring}",
                if name.starts_with('(') { "NAME" } else { &name }
            )),
            Self::Far => Error::new(
                ErrorKind::TokenMissing,
                "there is no access token, and the server's own is only for callers on its machine",
            )
            .with_hint(bring),
            Self::Foreign => Error::new(
                ErrorKind::TokenMissing,
                "there is no access token, and the server's own is not for pages of other origins",
            )
            .with_hint(bring),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(peer: &str, headers: &[(&'static str, &str)]) -> Result<(), Distrust> {
        let names =
            Names::new("127.0.0.1:5001".parse().expect("an address"), &["Chat.Example".to_owned()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        trust(&names, peer.parse().expect("an address"), &Uri::from_static("/"), &map)
    }

    const NEAR: &str = "127.0.0.1:1";

    #[test]
    fn loopback_names_and_allowed_ones_are_ours() {
        for host in [
            "localhost",
            "LOCALHOST:5001",
            "localhost.",
            "127.0.0.1:9",
            "127.8.8.8",
            "[::1]",
            "[::1]:5001",
            "[::ffff:127.0.0.1]",
            "chat.example",
            "CHAT.example:443",
        ] {
            assert_eq!(verdict(NEAR, &[("host", host)]), Ok(()), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "", "a b", "0.0.0.0"] {
            let distrust = verdict(NEAR, &[("host", host)]).expect_err(host);
            assert!(matches!(distrust, Distrust::Host(_)), "{host}");
        }
        assert!(verdict(NEAR, &[]).is_err());
        assert!(verdict(NEAR, &[("host", "localhost"), ("host", "localhost")]).is_err());
    }

    #[test]
    fn only_our_own_origin_is_ours() {
        let with = |origin: &str| verdict(NEAR, &[("host", "localhost:5001"), ("origin", origin)]);
        assert_eq!(with("http://localhost:5001"), Ok(()));
        assert_eq!(with("https://LOCALHOST:5001"), Ok(()));
        for foreign in [
            "http://localhost:8000",
            "http://localhost",
            "http://127.0.0.1:5001",
            "null",
            "",
            "https://evil.example",
            "file://",
            "http://localhost:5001.evil.example",
        ] {
            assert_eq!(with(foreign), Err(Distrust::Foreign), "{foreign}");
        }
    }

    #[test]
    fn far_and_forwarded_callers_are_not_trusted() {
        let host = ("host", "localhost");
        for peer in ["192.0.2.7:1", "[2001:db8::1]:1", "0.0.0.0:1"] {
            assert_eq!(verdict(peer, &[host]), Err(Distrust::Far), "{peer}");
        }
        assert_eq!(verdict("[::1]:1", &[host]), Ok(()));
        assert_eq!(verdict("[::ffff:127.0.0.1]:1", &[host]), Ok(()));
        for header in ["forwarded", "x-forwarded-for", "x-real-ip"] {
            assert_eq!(verdict(NEAR, &[host, (header, "127.0.0.1")]), Err(Distrust::Far));
        }
    }

    #[test]
    fn a_plain_get_that_another_site_caused_is_not_trusted() {
        let with = |site| verdict(NEAR, &[("host", "localhost"), ("sec-fetch-site", site)]);
        assert_eq!(with("none"), Ok(()));
        assert_eq!(with("same-origin"), Ok(()));
        assert_eq!(with("cross-site"), Err(Distrust::Foreign));
        assert_eq!(with("same-site"), Err(Distrust::Foreign));
    }
}
