//! Trust: which requests without a token may use the server's own.
//!
//! The request's own token takes precedence. The server's own token is for trusted clients: programs on
//! this machine, and the server's own page. Neither another machine nor a page of another site may use
//! it, so a trusted request comes from a loopback address, names this server in `Host` (a foreign name
//! that resolves to this machine, "DNS rebinding", does not) and has no foreign `Origin`.
//!
//! Two further signs can only remove trust: a request that a proxy has forwarded, and one that a browser
//! marks as caused by another site (plain `GET`s of a page carry no `Origin`).

use std::net::SocketAddr;

use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Uri, Version};

use crate::domain::{Error, ErrorKind};
use crate::net::address::{host_name, is_cross_site, is_loopback};

/// The names of this server.
#[derive(Debug, Clone)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The names of a server at `address`, with `more` from the user.
    pub(crate) fn new(address: SocketAddr, more: &[String]) -> Self {
        let mut names = vec!["localhost".to_owned()];
        if !address.ip().is_unspecified() {
            names.push(address.ip().to_string());
        }
        names.extend(more.iter().map(|name| bare_name(name)));
        Self(names)
    }

    fn contain(&self, authority: &Authority) -> bool {
        let Some(name) = host_name(authority) else { return false };
        let loopback = name.parse().is_ok_and(is_loopback);
        loopback || self.0.contains(&name)
    }
}

/// A host name from the user for comparison: in lower case, without brackets and final dot.
fn bare_name(name: &str) -> String {
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Why a client may not use the server's own token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// It is on another machine.
    Far,
    /// It speaks HTTP/1.0, as a proxy on this machine does that does not reveal its clients.
    OldHttp,
    /// It addresses this server by a foreign name.
    Host(String),
    /// It is a page of another origin.
    Foreign,
}

/// Decides whether the client at `peer` may use the server's own token.
///
/// # Errors
/// Why it may not.
pub(crate) fn trust(names: &Names, peer: SocketAddr, head: &Parts) -> Result<(), Distrust> {
    let headers = &head.headers;
    if !is_loopback(peer.ip()) || was_forwarded(&head.headers) {
        return Err(Distrust::Far);
    }
    // By default nginx sends HTTP/1.0 without a mark; current clients do not send HTTP/1.0.
    if head.version < Version::HTTP_11 {
        return Err(Distrust::OldHttp);
    }
    let host = host(&head.uri, headers)?;
    if !names.contain(&host) {
        return Err(Distrust::Host(shown(host.as_str())));
    }
    if is_foreign_origin(headers, &host) || is_cross_site(headers) {
        return Err(Distrust::Foreign);
    }
    Ok(())
}

/// Whether a page of another origin has sent the request, whatever the credentials that it sends.
pub(crate) fn is_foreign(head: &Parts) -> bool {
    let headers = &head.headers;
    let own = host(&head.uri, headers);
    let is_foreign =
        own.map_or(headers.contains_key(ORIGIN), |own| is_foreign_origin(headers, &own));
    is_foreign || is_cross_site(headers)
}

/// Whether a request bears any mark of a proxy: one on this machine forwards requests of any client.
fn was_forwarded(headers: &HeaderMap) -> bool {
    const MARKS: [&str; 9] = [
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "true-client-ip",
        "cf-connecting-ip",
        "x-envoy-external-address",
    ];
    let is_mark = |name: &str| name.starts_with("x-forwarded") || MARKS.contains(&name);
    headers.keys().any(|name| is_mark(name.as_str()))
}

/// The one name that the request uses for this server.
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

/// The own origin is that of the page under the name in `Host`.
fn is_foreign_origin(headers: &HeaderMap, host: &Authority) -> bool {
    headers.get_all(ORIGIN).iter().any(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        !rest.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
    })
}

/// A name from the request, short enough for a message.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

impl Distrust {
    /// The error for a client that may not use what this server `only does` for others: a phrase such as
    /// `only reports on its operation`.
    pub(crate) fn into_operating_error(self, only_does: &str) -> Error {
        let whose = match self {
            Self::Host(name) => format!("under its own name, not under `{name}`"),
            Self::Far => "for clients on its own machine, not through a proxy".to_owned(),
            Self::OldHttp => "over HTTP/1.1 or later, as a proxy may send HTTP/1.0".to_owned(),
            Self::Foreign => "for its own pages, not for other origins".to_owned(),
        };
        let message = format!("this server {only_does} {whose}");
        Error::new(ErrorKind::Forbidden, message)
            .with_hint("send the request from its machine, to the name `localhost`")
    }

    /// The error for a client without a token.
    pub(crate) fn into_error(self) -> Error {
        let bring = "send your own token, or an API key, as `Authorization: Bearer …`";
        match self {
            Self::Host(name) => Error::new(
                ErrorKind::Forbidden,
                format!("`{name}` is not a known name of this server, so its own token is not used"),
            )
            .with_hint(format!(
                "if it should be, start the server with `--allow-host {}`, or {bring}",
                if name.starts_with('(') { "NAME" } else { &name }
            )),
            Self::Far => Error::new(
                ErrorKind::TokenMissing,
                "no access token was sent, and only clients on this machine can use the server's own",
            )
            .with_hint(bring),
            Self::OldHttp => Error::new(
                ErrorKind::TokenMissing,
                "no access token was sent, and a request over HTTP/1.0, which may come through a proxy, \
                 cannot use the server's own",
            )
            .with_hint(format!("on this machine, send the request over HTTP/1.1; or {bring}")),
            Self::Foreign => Error::new(
                ErrorKind::TokenMissing,
                "no access token was sent, and pages from other origins cannot use the server's own",
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
        let mut request = hyper::Request::get("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        trust(&names, peer.parse().expect("an address"), &head)
    }

    const NEAR: &str = "127.0.0.1:1";

    #[test]
    fn loopback_and_allowed_names_are_trusted() {
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
        for host in [
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "",
            "a b",
            "0.0.0.0",
            "localhost..",
            "localhost:abc",
            "localhost:",
            "localhost:99999",
            "[127.0.0.1]",
            "[localhost]",
            "evil@localhost",
        ] {
            let distrust = verdict(NEAR, &[("host", host)]).expect_err(host);
            assert!(matches!(distrust, Distrust::Host(_)), "{host}");
        }
        assert!(verdict(NEAR, &[]).is_err());
        assert!(verdict(NEAR, &[("host", "localhost"), ("host", "localhost")]).is_err());
    }

    #[test]
    fn only_the_own_origin_is_trusted() {
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
    fn remote_and_forwarded_clients_are_not_trusted() {
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
    fn a_plain_get_of_another_site_is_not_trusted() {
        let with = |site| verdict(NEAR, &[("host", "localhost"), ("sec-fetch-site", site)]);
        assert_eq!(with("none"), Ok(()));
        assert_eq!(with("same-origin"), Ok(()));
        assert_eq!(with("cross-site"), Err(Distrust::Foreign));
        assert_eq!(with("same-site"), Err(Distrust::Foreign));
    }
}
